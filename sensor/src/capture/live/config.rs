//! Settings of live capture.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::bounded::Within;
use crate::filter::Filter;

/// Where and how packets are captured.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Interfaces, by name. `run` needs one or more; at most 64. Default: none.
    pub interfaces: Vec<Interface>,
    /// Capture filter (pcap-filter(7)), run by the kernel on the packets as they are on the wire: on *outer* headers.
    /// Default: empty, every packet.
    pub filter: String,
    /// Filter on the innermost flow, behind every tunnel (see [`crate::filter`]). Default: empty, every flow.
    pub inner_filter: Filter,
    /// Most bytes kept of a packet. 64 to 262,144, default 262,144: offload makes packets of more than 64 KiB.
    pub snaplen_bytes: Within<64, 262_144>,
    /// Kernel buffer of each capture thread, in MiB. 1 to 2047, default 64.
    pub buffer_mebibytes: Within<1, 2047>,
    /// Whether packets for other machines are captured, as on a mirror port. Default true.
    pub promiscuous: bool,
    /// Which packets: `both`, `in` (received by this machine) or `out` (sent by it). Default `both`.
    pub direction: Direction,
    /// Capture threads for each interface. 1 to 64, default 1.
    pub threads: Within<1, 64>,
    /// How the kernel divides packets among several threads: `hash` (by outer flow) or `cpu` (by the processor that took
    /// the packet from the network card). Default `hash`.
    pub fanout: Fanout,
    /// Processors that capture threads are pinned to, by number, in turn; at most 1024. Default: none, not pinned.
    pub processors: Vec<Within<0, 1023>>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            interfaces: Vec::new(),
            filter: String::new(),
            inner_filter: Filter::default(),
            snaplen_bytes: Within(262_144),
            buffer_mebibytes: Within(64),
            promiscuous: true,
            direction: Direction::Both,
            threads: Within(1),
            fanout: Fanout::Hash,
            processors: Vec::new(),
        }
    }
}

/// The name of an interface: 1 to 15 octets as Linux has them, without white space and slashes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Interface(String);

impl Interface {
    /// Linux's pseudo-interface for all interfaces at once.
    pub const ANY: &str = "any";

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

/// A name that no interface can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "no interface can have this name: 1 to 15 letters, digits and signs without white space and '/'"
)]
pub struct BadName;

impl TryFrom<String> for Interface {
    type Error = BadName;

    fn try_from(name: String) -> Result<Self, BadName> {
        let bad = |c: char| c.is_whitespace() || c.is_control() || c == '/';
        let allowed = (1..16).contains(&name.len()) && !name.contains(bad);
        if allowed && name != "." && name != ".." { Ok(Self(name)) } else { Err(BadName) }
    }
}

impl From<Interface> for String {
    fn from(interface: Interface) -> Self {
        interface.0
    }
}

impl fmt::Display for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which packets of an interface are captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// All.
    Both,
    /// Those this machine receives.
    In,
    /// Those this machine sends.
    Out,
}

/// How the kernel divides an interface's packets among several capture threads (packet(7), `PACKET_FANOUT`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fanout {
    /// By the outer flow, both directions alike.
    Hash,
    /// By the processor that took the packet from the network card: the card's own division among its queues.
    Cpu,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_ranges_are_checked() {
        let text = "interfaces = ['eth0', 'any']\nthreads = 2\ndirection = 'in'\nfanout = 'cpu'";
        let config: Config = toml::from_str(text).unwrap();
        assert_eq!(config.interfaces.len(), 2);
        assert_eq!((config.threads.get(), config.direction), (2, Direction::In));
        let refused = |text: &str| toml::from_str::<Config>(text).unwrap_err().to_string();
        for (text, want) in [
            ("interfaces = ['a/b']", "no interface can have this name"),
            ("interfaces = ['a234567890123456']", "no interface can have this name"),
            ("interfaces = ['']", "no interface can have this name"),
            ("threads = 65", "65 is outside 1 to 64"),
            ("snaplen_bytes = 300000", "300000 is outside 64 to 262144"),
            ("direction = 'up'", "expected one of `both`, `in`, `out`"),
            ("processors = [5000]", "5000 is outside 0 to 1023"),
            ("inner_filter = 'host'", "column 5"),
            ("ring = 1", "unknown field"),
        ] {
            assert!(refused(text).contains(want), "{text}: {}", refused(text));
        }
    }
}
