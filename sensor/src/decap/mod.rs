//! Decapsulation: packets in, TCP segments of the innermost flow out.
//!
//! Pure. Tunnels are opened, IP fragments joined; what a packet turned out to be is its [`Outcome`],
//! and the sum of all outcomes is the number of packets pushed.

pub mod batch;
mod checksum;
mod config;
mod counts;
mod ethernet;
mod filter;
mod fragment;
mod frame;
mod ip;
mod link;
mod plain;
mod ppp;
pub(crate) mod quic;
mod steering;
mod tcp;
#[cfg(test)]
pub(crate) mod testing;
mod tunnel;
mod walk;
mod wlan;

use std::net::IpAddr;

pub use self::config::Config;
pub use self::counts::{Counts, Outcome, Reason};
pub use self::steering::owner;
pub use self::walk::Decap;
pub use crate::bounded::{OutOfRange, Within};
use crate::time::Timestamp;

/// One TCP segment of an inner flow, or one datagram of QUIC.
///
/// No `Debug`: it holds raw traffic.
#[derive(Clone, Copy)]
pub struct Segment<'a> {
    /// Facts about the segment, without its bytes.
    pub meta: SegmentMeta,
    /// TCP or UDP payload as captured.
    pub payload: &'a [u8],
}

/// Everything about a segment but its payload. Small and `Copy`: batches store these beside one byte arena.
#[derive(Clone, Copy)]
pub struct SegmentMeta {
    /// Capture time of the packet (of the last fragment, if it was fragmented).
    pub time: Timestamp,
    /// Ordinal of the packet in the capture, from 0. Orders what different workers emit.
    pub ordinal: u64,
    /// Source and destination of the inner flow, in the direction of this segment.
    pub flow: Flow,
    /// VLANs and tunnels around the inner flow.
    pub envelope: Envelope,
    /// Source and destination MAC address of the innermost Ethernet header, where there is one.
    pub mac: Option<[[u8; 6]; 2]>,
    /// Index of the capturing interface.
    pub interface: u32,
    /// Sequence number of the first payload byte (of the SYN itself when `flags` has it).
    pub seq: u32,
    /// Acknowledgement number; meaningless unless `flags` has ACK.
    pub ack: u32,
    /// TCP flags.
    pub flags: TcpFlags,
    /// Payload bytes that were on the wire behind the captured ones but were not captured (snap length).
    pub missing: u32,
    /// What carries the payload. Datagrams have no flags; what would be their numbers tells copies of them, and their payload
    /// is left out (`missing`) where its length is all that matters.
    pub transport: Transport,
}

/// A protocol between IP and what is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Transport {
    /// TCP.
    #[default]
    Tcp,
    /// UDP, with QUIC inside.
    Udp,
}

/// One end of a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// IP address.
    pub ip: IpAddr,
    /// TCP port.
    pub port: u16,
}

/// Source and destination of a segment, in its direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Flow {
    /// Who sent the segment.
    pub src: Endpoint,
    /// Who it was sent to.
    pub dst: Endpoint,
}

impl Flow {
    /// The same flow for both directions, and whether this one was turned round to get it.
    #[must_use]
    pub fn canonical(self) -> (Self, bool) {
        if self.src <= self.dst { (self, false) } else { (self.reversed(), true) }
    }

    /// The other direction.
    #[must_use]
    pub const fn reversed(self) -> Self {
        Self { src: self.dst, dst: self.src }
    }
}

/// TCP control bits, as in the header's low flags octet.
///
/// Source: [RFC 9293 §3.1](https://www.rfc-editor.org/rfc/rfc9293#section-3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TcpFlags(pub u8);

impl TcpFlags {
    /// No more data from the sender.
    pub const FIN: u8 = 0x01;
    /// Synchronize sequence numbers.
    pub const SYN: u8 = 0x02;
    /// Reset the connection.
    pub const RST: u8 = 0x04;
    /// Push.
    pub const PSH: u8 = 0x08;
    /// The acknowledgement number is valid.
    pub const ACK: u8 = 0x10;

    /// Whether any of `bits` is set.
    #[must_use]
    pub const fn has(self, bits: u8) -> bool {
        self.0 & bits != 0
    }
}

/// What kind of header wrapped the inner flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LayerKind {
    /// IEEE 802.1Q / 802.1ad tag; the id is the 12-bit VLAN id.
    Vlan,
    /// MPLS label stack entry; the id is the 20-bit label.
    Mpls,
    /// PPPoE session; the id is the session id.
    Pppoe,
    /// VXLAN; the id is the 24-bit VNI.
    Vxlan,
    /// VXLAN-GPE; the id is the 24-bit VNI.
    VxlanGpe,
    /// GENEVE; the id is the 24-bit VNI.
    Geneve,
    /// GRE; the id is the key, or 0.
    Gre,
    /// ERSPAN type I, II or III; the id is the session id.
    Erspan,
    /// IP in IP (4in4, 6in4, 4in6, 6in6); the id is 0.
    IpInIp,
    /// Network Service Header; the id is the 24-bit service path.
    Nsh,
    /// GTP-U; the id is the tunnel endpoint identifier.
    Gtp,
    /// Teredo (IPv6 in UDP); the id is 0.
    Teredo,
    /// LISP; the id is the 24-bit instance id, or 0.
    Lisp,
    /// TZSP; the id is 0.
    Tzsp,
}

impl LayerKind {
    /// The kind's name in records and metrics.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Vlan => "vlan",
            Self::Mpls => "mpls",
            Self::Pppoe => "pppoe",
            Self::Vxlan => "vxlan",
            Self::VxlanGpe => "vxlan_gpe",
            Self::Geneve => "geneve",
            Self::Gre => "gre",
            Self::Erspan => "erspan",
            Self::IpInIp => "ipip",
            Self::Nsh => "nsh",
            Self::Gtp => "gtp",
            Self::Teredo => "teredo",
            Self::Lisp => "lisp",
            Self::Tzsp => "tzsp",
        }
    }

    /// Whether both directions of a connection carry the same id. The others name the receiving end
    /// (MPLS labels, GTP tunnel endpoints), the path or the mirror session, so that a connection's two
    /// directions may well differ in them.
    #[must_use]
    pub const fn same_both_ways(self) -> bool {
        match self {
            Self::Vlan | Self::Pppoe | Self::Vxlan | Self::VxlanGpe | Self::Geneve | Self::Lisp => {
                true
            }
            Self::IpInIp | Self::Teredo | Self::Tzsp => true,
            Self::Mpls | Self::Gre | Self::Erspan | Self::Nsh | Self::Gtp => false,
        }
    }
}

/// One header around the inner flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Layer {
    /// Its kind.
    pub kind: LayerKind,
    /// Its id (see [`LayerKind`]).
    pub id: u32,
}

/// The VLANs and tunnels around an inner flow, outermost first. Bounded, `Copy`, comparable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Envelope {
    layers: [Layer; Self::MAX],
    len: u8,
}

impl Envelope {
    /// Most headers recorded around a flow.
    pub const MAX: usize = 8;

    /// Nothing around the flow.
    pub const EMPTY: Self =
        Self { layers: [Layer { kind: LayerKind::Vlan, id: 0 }; Self::MAX], len: 0 };

    /// Adds a layer inside all others; `false` when the envelope is full.
    pub fn push(&mut self, kind: LayerKind, id: u32) -> bool {
        match self.layers.get_mut(usize::from(self.len)) {
            Some(slot) => {
                *slot = Layer { kind, id };
                self.len = self.len.saturating_add(1);
                true
            }
            None => false,
        }
    }

    /// The layers, outermost first.
    #[must_use]
    pub fn layers(&self) -> &[Layer] {
        self.layers.get(..usize::from(self.len)).unwrap_or_default()
    }
}
