//! Capture: packets from files and interfaces. The only stage that reads from outside.

pub mod file;
pub mod live;
pub mod pcap;
pub mod pcapng;

mod error;
mod link;
mod secrets;
mod source;
pub mod stop;
mod window;

pub use error::{CaptureError, ReadError};
pub use secrets::{Secrets, SecretsFeed};

use crate::time::Timestamp;

/// One captured packet, as lent by a source until the next one is read.
///
/// No `Debug`: it holds raw traffic.
#[derive(Clone, Copy)]
pub struct Packet<'a> {
    /// When it was captured.
    pub time: Timestamp,
    /// What the first byte of `data` belongs to.
    pub link: LinkType,
    /// Which interface of the source captured it (index into the source's interface names).
    pub interface: u32,
    /// Length on the wire, in bytes. Larger than `data.len()` when the capture cut the packet, never smaller.
    pub original_len: u32,
    /// The bytes captured.
    pub data: &'a [u8],
}

/// A link-layer header type, by its number in pcap files.
///
/// Source: <https://www.tcpdump.org/linktypes.html>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LinkType(pub u16);

impl LinkType {
    /// BSD loopback: 4-octet address family, in the byte order of the capturing machine.
    pub const NULL: Self = Self(0);
    /// Ethernet II / IEEE 802.3.
    pub const ETHERNET: Self = Self(1);
    /// PPP, possibly with HDLC-like framing.
    pub const PPP: Self = Self(9);
    /// Raw IP, as numbered by some systems.
    pub const RAW_BSD: Self = Self(12);
    /// Raw IP, as numbered by OpenBSD.
    pub const RAW_OPENBSD: Self = Self(14);
    /// PPP in HDLC-like framing.
    pub const PPP_HDLC: Self = Self(50);
    /// PPPoE session frames.
    pub const PPP_ETHER: Self = Self(51);
    /// Raw IP: version told by the first nibble.
    pub const RAW: Self = Self(101);
    /// Cisco HDLC.
    pub const CISCO_HDLC: Self = Self(104);
    /// IEEE 802.11 without radio information.
    pub const IEEE802_11: Self = Self(105);
    /// OpenBSD loopback: 4-octet address family, in network byte order.
    pub const LOOP: Self = Self(108);
    /// Linux cooked capture v1.
    pub const LINUX_SLL: Self = Self(113);
    /// IEEE 802.11 behind a radiotap header.
    pub const IEEE802_11_RADIOTAP: Self = Self(127);
    /// `ARCnet` as Linux captures it.
    pub const ARCNET_LINUX: Self = Self(129);
    /// Raw IPv4.
    pub const IPV4: Self = Self(228);
    /// Raw IPv6.
    pub const IPV6: Self = Self(229);
    /// Linux netfilter log: TLVs, the packet in one of them.
    pub const NFLOG: Self = Self(239);
    /// Linux cooked capture v2.
    pub const LINUX_SLL2: Self = Self(276);
}

#[cfg(test)]
mod tests;
