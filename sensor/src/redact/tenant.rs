//! Tenants: whose keys make the tokens of a call.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::call::CallFacts;
use crate::time::Timestamp;

/// Most tenants: keys are derived for each.
const TENANTS_MAX: usize = 64;
/// Most entries of one list of a tenant.
const LIST_MAX: usize = 1024;

/// Knows in which Kubernetes namespace an address was.
pub trait Namespaces: Send + Sync {
    /// Whether at that time it was in one of these.
    fn is_in(&self, ip: IpAddr, at: Timestamp, namespaces: &[String]) -> bool;
}

/// One tenant, and which calls are its own: those that fit every list that is not empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tenant {
    /// Name in records, and part of every key: 1 to 64 octets. Several entries may have one name.
    pub name: String,
    /// Address blocks (`10.1.0.0/16`) of the server; of the client, where no tenant has the server.
    pub cidrs: Vec<Cidr>,
    /// VLAN ids: 0 to 4095.
    pub vlans: Vec<u16>,
    /// VXLAN and GENEVE network ids: 0 to 16777215.
    pub vnis: Vec<u32>,
    /// Hosts that requests name: `api.example.com`, or `*.example.com` for all below.
    pub hosts: Vec<String>,
    /// Kubernetes namespaces of the server; of the client, where no tenant has the server.
    pub namespaces: Vec<String>,
}

/// Tenants, in the order they are tried. None by default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "Vec<Tenant>", into = "Vec<Tenant>")]
pub struct Tenants(Vec<Tenant>);

/// Tenants that cannot be told apart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TenantError {
    /// More than 64.
    #[error("there may be {TENANTS_MAX} tenants at most")]
    Many,
    /// A name is missing or too long.
    #[error("tenant {place}: the name must have 1 to 64 octets")]
    Name {
        /// Which one, from 1.
        place: usize,
    },
    /// Nothing says which calls are the tenant's.
    #[error("tenant \"{name}\" needs at least one of cidrs, vlans, vnis, hosts, namespaces")]
    All {
        /// The tenant.
        name: String,
    },
    /// A list is too long, or something in it is none of its kind.
    #[error("tenant \"{name}\": {list} must hold {what}, {LIST_MAX} at most")]
    List {
        /// The tenant.
        name: String,
        /// The list.
        list: &'static str,
        /// What it may hold.
        what: &'static str,
    },
}

/// What a call is told by.
pub(super) struct Evidence<'a> {
    pub(super) facts: &'a CallFacts,
    /// Host and port that the request names; empty when unseen.
    pub(super) authority: &'a [u8],
    pub(super) at: Timestamp,
    pub(super) names: Option<&'a dyn Namespaces>,
}

impl Tenants {
    /// Every name, once, in the order of [`Tenants::find`].
    pub(super) fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for tenant in &self.0 {
            if !names.contains(&tenant.name.as_str()) {
                names.push(&tenant.name);
            }
        }
        names
    }

    /// Whether there are none.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Name of the first tenant that the call is of: by its server, else by its client.
    pub(super) fn find(&self, evidence: &Evidence<'_>) -> Option<&str> {
        let ends = [evidence.facts.server.ip, evidence.facts.client.ip];
        let found = ends.into_iter().find_map(|end| self.0.iter().find(|t| t.has(end, evidence)));
        found.map(|tenant| tenant.name.as_str())
    }
}

impl Tenant {
    fn has(&self, end: IpAddr, evidence: &Evidence<'_>) -> bool {
        let Evidence { facts, authority, at, names } = evidence;
        let Self { name: _, cidrs, vlans, vnis, hosts, namespaces } = self;
        (cidrs.is_empty() || cidrs.iter().any(|cidr| cidr.has(end)))
            && (vlans.is_empty()
                || facts.vlans().any(|id| vlans.iter().any(|vlan| u32::from(*vlan) == id)))
            && (vnis.is_empty() || facts.vnis().any(|id| vnis.contains(&id)))
            && (hosts.is_empty() || hosts.iter().any(|host| names_host(host, authority)))
            && (namespaces.is_empty()
                || names.is_some_and(|names| names.is_in(end, *at, namespaces)))
    }

    fn check(&self, place: usize) -> Result<(), TenantError> {
        if !(1..=64).contains(&self.name.len()) {
            return Err(TenantError::Name { place });
        }
        let lens = [
            ("cidrs", self.cidrs.len()),
            ("vlans", self.vlans.len()),
            ("vnis", self.vnis.len()),
            ("hosts", self.hosts.len()),
            ("namespaces", self.namespaces.len()),
        ];
        if lens.iter().all(|(_, len)| *len == 0) {
            return Err(TenantError::All { name: self.name.clone() });
        }
        let refuse = |list, what| Err(TenantError::List { name: self.name.clone(), list, what });
        if let Some((list, _)) = lens.iter().find(|(_, len)| *len > LIST_MAX) {
            return refuse(list, "fewer entries");
        }
        if self.vlans.iter().any(|vlan| *vlan > 4095) {
            return refuse("vlans", "ids of 0 to 4095");
        }
        if self.vnis.iter().any(|vni| *vni >= 1 << 24) {
            return refuse("vnis", "ids of 0 to 16777215");
        }
        let host = |host: &String| {
            let name = host.strip_prefix("*.").unwrap_or(host);
            !name.is_empty()
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._[]:".contains(&b))
        };
        if !self.hosts.iter().all(host) {
            return refuse("hosts", "names such as api.example.com or *.example.com");
        }
        if self.namespaces.iter().any(String::is_empty) {
            return refuse("namespaces", "names");
        }
        Ok(())
    }
}

/// Whether an authority's host is the one that a pattern names.
fn names_host(pattern: &str, authority: &[u8]) -> bool {
    let behind_user = memchr::memrchr(b'@', authority).map_or(0, |at| at.saturating_add(1));
    let host = authority.get(behind_user..).unwrap_or_default();
    let host = match memchr::memrchr(b':', host) {
        Some(at) if !host.ends_with(b"]") => host.get(..at).unwrap_or_default(),
        _ => host,
    };
    let host = host.strip_suffix(b".").unwrap_or(host);
    match pattern.strip_prefix('*') {
        // With its dot.
        Some(end) => host
            .len()
            .checked_sub(end.len())
            .and_then(|at| host.get(at..).filter(|_| at > 0))
            .is_some_and(|tail| tail.eq_ignore_ascii_case(end.as_bytes())),
        None => host.eq_ignore_ascii_case(pattern.as_bytes()),
    }
}

impl TryFrom<Vec<Tenant>> for Tenants {
    type Error = TenantError;

    fn try_from(tenants: Vec<Tenant>) -> Result<Self, TenantError> {
        if tenants.len() > TENANTS_MAX {
            return Err(TenantError::Many);
        }
        tenants.iter().zip(1..).try_for_each(|(tenant, place)| tenant.check(place))?;
        Ok(Self(tenants))
    }
}

impl From<Tenants> for Vec<Tenant> {
    fn from(tenants: Tenants) -> Self {
        tenants.0
    }
}

/// A block of addresses: `10.0.0.0/8`, `2001:db8::/32`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cidr {
    address: IpAddr,
    prefix: u8,
}

/// A text is no block of addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{text}\" is no address block: write it as 10.0.0.0/8 or 2001:db8::/32, without bits behind the prefix"
)]
pub struct CidrError {
    text: String,
}

impl Cidr {
    /// Whether an address is in the block; an IPv4 address in IPv6's clothes is the IPv4 address.
    pub(crate) fn has(self, ip: IpAddr) -> bool {
        match (self.address, ip.to_canonical()) {
            (IpAddr::V4(block), IpAddr::V4(ip)) => {
                let shift = 32_u32.saturating_sub(self.prefix.into());
                (block.to_bits() ^ ip.to_bits()).checked_shr(shift).unwrap_or(0) == 0
            }
            (IpAddr::V6(block), IpAddr::V6(ip)) => {
                let shift = 128_u32.saturating_sub(self.prefix.into());
                (block.to_bits() ^ ip.to_bits()).checked_shr(shift).unwrap_or(0) == 0
            }
            _ => false,
        }
    }

    /// Bits that addresses of the block have in common.
    pub(crate) const fn prefix(self) -> u8 {
        self.prefix
    }

    /// Whether nothing stands behind the prefix.
    fn is_whole(self) -> bool {
        match self.address {
            IpAddr::V4(block) => block.to_bits().checked_shl(self.prefix.into()).unwrap_or(0) == 0,
            IpAddr::V6(block) => block.to_bits().checked_shl(self.prefix.into()).unwrap_or(0) == 0,
        }
    }
}

impl FromStr for Cidr {
    type Err = CidrError;

    fn from_str(text: &str) -> Result<Self, CidrError> {
        let parsed = || {
            let (address, prefix) = match text.split_once('/') {
                Some((address, prefix)) => (address, Some(prefix.parse::<u8>().ok()?)),
                None => (text, None),
            };
            let address: IpAddr = address.parse().ok()?;
            let most = if address.is_ipv4() { 32 } else { 128 };
            let cidr = Self { address, prefix: prefix.unwrap_or(most) };
            (cidr.prefix <= most && cidr.is_whole()).then_some(cidr)
        };
        parsed().ok_or_else(|| CidrError { text: text.chars().take(64).collect() })
    }
}

impl TryFrom<String> for Cidr {
    type Error = CidrError;

    fn try_from(text: String) -> Result<Self, CidrError> {
        text.parse()
    }
}

impl From<Cidr> for String {
    fn from(cidr: Cidr) -> Self {
        cidr.to_string()
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::sample;

    fn tenants(text: &str) -> Result<Tenants, String> {
        #[derive(Deserialize)]
        struct File {
            tenants: Tenants,
        }
        let file = toml::from_str::<File>(text);
        file.map(|file| file.tenants).map_err(|error| error.message().to_owned())
    }

    fn block(text: &str, ip: &str) -> bool {
        text.parse::<Cidr>().unwrap().has(ip.parse().unwrap())
    }

    #[test]
    fn a_block_has_what_is_in_it() {
        for (text, ip) in [
            ("10.1.0.0/16", "10.1.255.255"),
            ("0.0.0.0/0", "203.0.113.9"),
            ("10.1.2.3", "10.1.2.3"),
            ("10.1.2.3/32", "::ffff:10.1.2.3"),
            ("2001:db8::/32", "2001:db8:ffff::1"),
            ("::/0", "2001:db8::"),
        ] {
            assert!(block(text, ip), "{text} {ip}");
        }
        for (text, ip) in
            [("10.1.0.0/16", "10.2.0.0"), ("10.1.2.3", "10.1.2.2"), ("::/0", "10.0.0.1")]
        {
            assert!(!block(text, ip), "{text} {ip}");
        }
        for text in ["10.0.0.1/8", "10.0.0.0/33", "2001:db8::1/64", "::/129", "x", "10.0.0.0/"] {
            assert!(text.parse::<Cidr>().is_err(), "{text}");
        }
    }

    #[test]
    fn hosts_are_names_or_all_below_one() {
        for (pattern, authority) in [
            ("api.example.com", "API.example.com:8080"),
            ("api.example.com", "kim:secret@api.example.com."),
            ("*.example.com", "a.b.example.com"),
            ("[2001:db8::1]", "[2001:db8::1]:80"),
        ] {
            assert!(names_host(pattern, authority.as_bytes()), "{pattern} {authority}");
        }
        for (pattern, authority) in [
            ("*.example.com", "example.com"),
            ("*.example.com", ".example.com"),
            ("*.example.com", "badexample.com"),
            ("api.example.com", "api.example.com@evil.test"),
            ("api.example.com", ""),
        ] {
            assert!(!names_host(pattern, authority.as_bytes()), "{pattern} {authority}");
        }
    }

    #[test]
    fn the_first_that_fits_has_the_call() {
        struct Shop;
        impl Namespaces for Shop {
            fn is_in(&self, ip: IpAddr, _: Timestamp, namespaces: &[String]) -> bool {
                namespaces.iter().any(|name| name == "shop") && ip.to_string() == "10.0.0.7"
            }
        }
        // From 10.0.0.7 to 192.0.2.80 on VLAN 42, in VXLAN 5001.
        let facts = sample::facts();
        let find = |text: &str| {
            let evidence = Evidence {
                facts: &facts,
                authority: b"api.example.com",
                at: Timestamp::ZERO,
                names: Some(&Shop),
            };
            tenants(text).unwrap().find(&evidence).map(str::to_owned)
        };
        let server = facts.server.ip;
        let (a, b) = (
            format!("[[tenants]]\nname = 'a'\ncidrs = ['{server}']\n"),
            "[[tenants]]\nname = 'b'\n",
        );
        assert_eq!(find(&a).as_deref(), Some("a"));
        assert_eq!(find(&format!("{b}vlans = [42]\n{a}")).as_deref(), Some("b"));
        assert_eq!(
            find(&format!("{b}vlans = [42]\nvnis = [5002]\n{a}")).as_deref(),
            Some("a"),
            "both lists"
        );
        assert_eq!(find(&format!("{b}vnis = [1, 5001]")).as_deref(), Some("b"));
        assert_eq!(find(&format!("{b}hosts = ['*.example.com']")).as_deref(), Some("b"));
        assert_eq!(
            find(&format!("{b}namespaces = ['shop']")).as_deref(),
            Some("b"),
            "the client's"
        );
        assert_eq!(
            find(&format!("{b}namespaces = ['shop']\n{a}")).as_deref(),
            Some("a"),
            "the server's first"
        );
        assert_eq!(find(&format!("{b}cidrs = ['192.0.3.0/24']")), None);
    }

    #[test]
    fn tenants_that_say_nothing_are_refused() {
        let error = |text: &str| tenants(text).unwrap_err();
        assert!(error("[[tenants]]\nname = 'a'").contains("needs at least one of"));
        assert!(error("[[tenants]]\nvlans = [1]").contains("tenant 1: the name"));
        assert!(error("[[tenants]]\nname = 'a'\nvlans = [4096]").contains("0 to 4095"));
        assert!(error("[[tenants]]\nname = 'a'\nvnis = [16777216]").contains("0 to 16777215"));
        assert!(error("[[tenants]]\nname = 'a'\nhosts = ['*']").contains("*.example.com"));
        assert!(error("[[tenants]]\nname = 'a'\ncidrs = ['10.0.0.1/8']").contains("10.0.0.1/8"));
        let many = "[[tenants]]\nname = 'a'\nvlans = [1]\n".repeat(65);
        assert!(error(&many).contains("64 tenants at most"));
        let two =
            tenants("[[tenants]]\nname = 'a'\nvlans = [1]\n[[tenants]]\nname = 'a'\nvlans = [2]");
        assert_eq!(two.unwrap().names(), ["a"]);
    }
}
