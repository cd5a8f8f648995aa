//! Where the ends of a call are: zones by address, and which way the call crosses the border of one's own network.
//!
//! The longest configured block that holds an address decides. Without one, addresses that are not routed on the
//! Internet are internal, and all others external.

use std::net::IpAddr;
use std::sync::Arc;

use apitap_proto::v1::{self, Direction};
use v1::endpoint::Zone;

use crate::network::{self, ZoneKind};
use crate::redact::Cidr;

/// Zones by address. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Zones {
    /// Longest block first; of equal ones, as configured.
    blocks: Arc<[(Cidr, ZoneKind, Box<str>)]>,
}

/// Where an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place<'z> {
    pub(super) zone: Zone,
    /// Name of the configured network; empty without one.
    pub(super) name: &'z str,
    /// How it was told.
    pub(super) basis: Basis,
}

/// How the zone of an address was told; what says more comes later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Basis {
    /// By built-in blocks.
    Cidr,
    /// By Kubernetes, which knows the address.
    Kubernetes,
    /// By configured blocks.
    Config,
    /// By an address that a trusted proxy told.
    RealClient,
}

impl Basis {
    /// As records say it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Cidr => "cidr",
            Self::Kubernetes => "kubernetes",
            Self::Config => "config",
            Self::RealClient => "real_client",
        }
    }
}

impl Zones {
    /// As configured.
    pub(super) fn new(zones: &network::Zones) -> Self {
        let blocks = zones.iter().flat_map(|zone| {
            zone.cidrs.iter().map(|cidr| (*cidr, zone.kind, zone.name.as_str().into()))
        });
        let mut blocks: Vec<_> = blocks.collect();
        blocks.sort_by_key(|(cidr, ..)| std::cmp::Reverse(cidr.prefix()));
        Self { blocks: blocks.into() }
    }

    /// Where an address is. `known`: Kubernetes has a name for it.
    pub(super) fn place(&self, ip: IpAddr, known: bool) -> Place<'_> {
        if let Some((_, kind, name)) = self.blocks.iter().find(|(cidr, ..)| cidr.has(ip)) {
            let zone = match kind {
                ZoneKind::Internal => Zone::Internal,
                ZoneKind::Partner => Zone::Partner,
                ZoneKind::External => Zone::External,
            };
            return Place { zone, name, basis: Basis::Config };
        }
        match private(ip) {
            true => Place { zone: Zone::Internal, name: "", basis: Basis::Cidr },
            false if known => Place { zone: Zone::Internal, name: "", basis: Basis::Kubernetes },
            false => Place { zone: Zone::External, name: "", basis: Basis::Cidr },
        }
    }
}

/// Which way a call goes, and how that was told; not between two ends outside.
pub(super) fn direction(client: &Place<'_>, server: &Place<'_>) -> Option<(Direction, Basis)> {
    let direction = match (client.zone, server.zone) {
        (Zone::Internal, Zone::Internal) => Direction::EastWest,
        (_, Zone::Internal) => Direction::NorthSouthIn,
        (Zone::Internal, _) => Direction::NorthSouthOut,
        _ => return None,
    };
    Some((direction, client.basis.max(server.basis)))
}

/// Whether an address is not routed on the Internet: RFC 1918, RFC 6598, loopback, link-local, RFC 4193.
fn private(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            let shared = a == 100 && (64..128).contains(&b);
            ip.is_private() || ip.is_loopback() || ip.is_link_local() || shared
        }
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zones() -> Zones {
        let config: network::Config = toml::from_str(
            "zones = [{name = 'dc', kind = 'internal', cidrs = ['198.51.100.0/24', '10.0.0.0/8']}, \
             {name = 'bank', kind = 'partner', cidrs = ['10.9.0.0/16', '2001:db8::/48']}, \
             {name = 'guests', kind = 'external', cidrs = ['10.9.7.0/24']}]",
        )
        .unwrap();
        Zones::new(&config.zones)
    }

    #[test]
    fn the_longest_block_decides() {
        let zones = zones();
        for (ip, zone, name) in [
            ("10.1.2.3", Zone::Internal, "dc"),
            ("10.9.2.3", Zone::Partner, "bank"),
            ("10.9.7.3", Zone::External, "guests"),
            ("::ffff:10.9.7.3", Zone::External, "guests"),
            ("198.51.100.9", Zone::Internal, "dc"),
            ("2001:db8::7", Zone::Partner, "bank"),
            ("192.168.1.1", Zone::Internal, ""),
            ("8.8.8.8", Zone::External, ""),
        ] {
            let place = zones.place(ip.parse().unwrap(), false);
            assert_eq!((place.zone, place.name), (zone, name), "{ip}");
        }
    }

    #[test]
    fn private_addresses_are_internal() {
        for ip in
            ["10.0.0.1", "172.31.0.1", "192.168.0.1", "100.64.0.1", "127.0.0.1", "169.254.1.1"]
                .into_iter()
                .chain(["::1", "fd00::1", "fe80::1", "::ffff:10.0.0.1"])
        {
            assert!(private(ip.parse().unwrap()), "{ip}");
        }
        for ip in
            ["9.255.255.255", "172.32.0.1", "100.63.0.1", "100.128.0.1", "2001:db8::1", "192.0.2.1"]
        {
            assert!(!private(ip.parse().unwrap()), "{ip}");
        }
    }

    #[test]
    fn directions_and_how_they_were_told() {
        let zones = zones();
        let told = |client: &str, server: &str| {
            let place = |ip: &str| zones.place(ip.parse().unwrap(), ip == "203.0.113.1");
            direction(&place(client), &place(server))
        };
        assert_eq!(told("192.168.0.1", "192.168.0.2"), Some((Direction::EastWest, Basis::Cidr)));
        assert_eq!(told("8.8.8.8", "10.1.0.1"), Some((Direction::NorthSouthIn, Basis::Config)));
        assert_eq!(told("10.9.0.1", "192.168.0.1"), Some((Direction::NorthSouthIn, Basis::Config)));
        assert_eq!(told("10.1.0.1", "10.9.0.1"), Some((Direction::NorthSouthOut, Basis::Config)));
        assert_eq!(
            told("203.0.113.1", "8.8.8.8"),
            Some((Direction::NorthSouthOut, Basis::Kubernetes))
        );
        assert_eq!(told("8.8.8.8", "9.9.9.9"), None);
    }
}
