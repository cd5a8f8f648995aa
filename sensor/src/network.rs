//! The network that is watched: whom to believe, and whose addresses are whose.

use serde::{Deserialize, Serialize};

use crate::redact::Cidr;

/// Most zones.
const ZONES_MAX: usize = 256;
/// Most address blocks of one zone.
const CIDRS_MAX: usize = 4096;

/// The network that is watched.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Proxies and load balancers whose word on the real client is taken: address blocks such as `10.0.0.0/8`, or
    /// single addresses. None by default: then nobody's is.
    pub trusted_proxies: Vec<Cidr>,
    /// Networks by name and kind; the longest block that an address is in decides. None by default: private addresses
    /// are then internal, all others external.
    pub zones: Zones,
}

/// Zones as configured. None by default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "Vec<Zone>", into = "Vec<Zone>")]
pub struct Zones(Vec<Zone>);

/// A network that has a name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Zone {
    /// Name in records, up to 64 octets: `bank-partners`. Several entries may have one name.
    #[serde(default)]
    pub name: String,
    /// Whose it is.
    pub kind: ZoneKind,
    /// Address blocks such as `10.1.0.0/16`, or single addresses: 1 to 4096.
    pub cidrs: Vec<Cidr>,
}

/// Whose a network is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ZoneKind {
    /// One's own.
    Internal,
    /// Of someone one works with.
    Partner,
    /// Anybody's.
    External,
}

/// Zones that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ZoneError {
    /// Too many.
    #[error("there may be {ZONES_MAX} network zones at most")]
    Many,
    /// A name is too long.
    #[error("network zone {place}: the name may have 64 octets at most")]
    Name {
        /// Which one, from 1.
        place: usize,
    },
    /// No address blocks, or too many.
    #[error("network zone {place}: it needs 1 to {CIDRS_MAX} address blocks in cidrs")]
    Cidrs {
        /// Which one, from 1.
        place: usize,
    },
}

impl Zones {
    /// The zones, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &Zone> {
        self.0.iter()
    }
}

impl TryFrom<Vec<Zone>> for Zones {
    type Error = ZoneError;

    fn try_from(zones: Vec<Zone>) -> Result<Self, ZoneError> {
        if zones.len() > ZONES_MAX {
            return Err(ZoneError::Many);
        }
        for (zone, place) in zones.iter().zip(1..) {
            if zone.name.len() > 64 {
                return Err(ZoneError::Name { place });
            }
            if !(1..=CIDRS_MAX).contains(&zone.cidrs.len()) {
                return Err(ZoneError::Cidrs { place });
            }
        }
        Ok(Self(zones))
    }
}

impl From<Zones> for Vec<Zone> {
    fn from(zones: Zones) -> Self {
        zones.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_that_cannot_be_used_are_refused() {
        let load = |text: &str| toml::from_str::<Config>(text);
        let zones = "[[zones]]\nname = 'dc'\nkind = 'internal'\ncidrs = ['198.51.100.0/24']\n\
                     [[zones]]\nkind = 'partner'\ncidrs = ['10.9.0.0/16', '2001:db8::1']\n";
        let config = load(zones).unwrap();
        assert_eq!(config.zones.iter().count(), 2);
        assert_eq!(load(&toml::to_string(&config).unwrap()).unwrap(), config);
        for (wrong, said) in [
            ("[[zones]]\nkind = 'ours'\ncidrs = ['10.0.0.0/8']", "unknown variant"),
            ("[[zones]]\nkind = 'internal'\ncidrs = []", "network zone 1: it needs 1 to"),
            ("[[zones]]\nkind = 'internal'\ncidrs = ['10.0.0.1/8']", "is no address block"),
            ("[[zones]]\nkind = 'internal'\ncidr = ['10.0.0.0/8']", "unknown field"),
            ("[[zones]]\ncidrs = ['10.0.0.0/8']", "missing field `kind`"),
        ] {
            let error = load(wrong).unwrap_err().to_string();
            assert!(error.contains(said), "{wrong}: {error}");
        }
        let long =
            format!("[[zones]]\nname = '{}'\nkind = 'internal'\ncidrs = ['::1']", "x".repeat(65));
        assert!(load(&long).is_err());
    }
}
