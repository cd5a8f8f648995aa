//! What packets turned out to be, and how often.

use super::{Envelope, LayerKind};

/// What a packet turned out to be: every packet is exactly one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// A TCP segment was emitted.
    Segment,
    /// A TCP segment that the inner filter kept out.
    Filtered,
    /// A datagram of QUIC was emitted.
    Quic,
    /// UDP that is neither QUIC nor a tunnel (or whose tunnel headers are not plausible).
    Udp,
    /// ICMP or ICMPv6.
    Icmp,
    /// Another IP protocol, ESP included.
    OtherIp,
    /// An IP fragment: held until its datagram is whole, or a duplicate of one already seen.
    Fragment,
    /// No IP inside: ARP, spanning tree, 802.11 management and the like.
    NotIp,
    /// The capture cut the packet inside its headers.
    Truncated,
    /// More headers around the flow than are followed.
    TooDeep,
    /// A link type, or a framing of it, that is not understood.
    UnknownLink,
    /// Encrypted on the link: protected 802.11 frames, `MACsec`.
    Encrypted,
    /// Against its own standard.
    Malformed(Reason),
}

/// Why a packet is malformed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// It ends inside a header, though the capture has all of it.
    Short,
    /// The link header contradicts itself.
    Link,
    /// The receiving radio flagged a bad frame check sequence.
    Fcs,
    /// The IP version does not fit.
    IpVersion,
    /// An IP length is smaller than the header it counts.
    IpLength,
    /// A fragment overflows its datagram, or is of impossible length.
    Fragment,
    /// The TCP data offset is below 5 or behind the segment's end.
    TcpOffset,
    /// A tunnel header contradicts its standard.
    Tunnel,
}

impl Outcome {
    /// A metric label: one fixed word per outcome.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Segment => "segment",
            Self::Filtered => "filtered",
            Self::Quic => "quic",
            Self::Udp => "udp",
            Self::Icmp => "icmp",
            Self::OtherIp => "other_ip",
            Self::Fragment => "fragment",
            Self::NotIp => "not_ip",
            Self::Truncated => "truncated",
            Self::TooDeep => "too_deep",
            Self::UnknownLink => "unknown_link",
            Self::Encrypted => "encrypted",
            Self::Malformed(Reason::Short) => "malformed_short",
            Self::Malformed(Reason::Link) => "malformed_link",
            Self::Malformed(Reason::Fcs) => "malformed_fcs",
            Self::Malformed(Reason::IpVersion) => "malformed_ip_version",
            Self::Malformed(Reason::IpLength) => "malformed_ip_length",
            Self::Malformed(Reason::Fragment) => "malformed_fragment",
            Self::Malformed(Reason::TcpOffset) => "malformed_tcp_offset",
            Self::Malformed(Reason::Tunnel) => "malformed_tunnel",
        }
    }
}

macro_rules! counts {
    (
        outcomes { $($(#[$outcome_doc:meta])* $outcome:ident = $pattern:pat,)+ }
        layers { $($(#[$layer_doc:meta])* $layer:ident = $kind:ident,)+ }
        extras { $($(#[$extra_doc:meta])* $extra:ident,)+ }
    ) => {
        /// What decapsulation did with its packets.
        #[derive(Debug, Default, Clone, PartialEq, Eq)]
        pub struct Counts {
            $($(#[$outcome_doc])* pub $outcome: u64,)+
            $($(#[$layer_doc])* pub $layer: u64,)+
            $($(#[$extra_doc])* pub $extra: u64,)+
        }

        impl Counts {
            /// Adds the counts of another worker.
            pub fn add(&mut self, other: &Self) {
                $(self.$outcome = self.$outcome.saturating_add(other.$outcome);)+
                $(self.$layer = self.$layer.saturating_add(other.$layer);)+
                $(self.$extra = self.$extra.saturating_add(other.$extra);)+
            }

            /// Packets counted: the sum of all outcomes.
            #[must_use]
            pub fn packets(&self) -> u64 {
                [$(self.$outcome),+].into_iter().fold(0, u64::saturating_add)
            }

            /// Every outcome's counter by name; together they are [`packets`](Self::packets).
            pub fn outcomes(&self) -> impl Iterator<Item = (&'static str, u64)> {
                [$((stringify!($outcome), self.$outcome)),+].into_iter()
            }

            /// The counters of headers opened, by name.
            pub fn layers_opened(&self) -> impl Iterator<Item = (&'static str, u64)> {
                [$((stringify!($layer), self.$layer)),+].into_iter()
            }

            /// Every other counter by name.
            pub fn extras(&self) -> impl Iterator<Item = (&'static str, u64)> {
                [$((stringify!($layer), self.$layer),)+ $((stringify!($extra), self.$extra)),+].into_iter()
            }

            pub(crate) fn outcome(&mut self, outcome: Outcome) {
                let counter = match outcome {
                    $($pattern => &mut self.$outcome,)+
                };
                *counter = counter.wrapping_add(1);
            }

            pub(crate) fn layers(&mut self, envelope: &Envelope) {
                for layer in envelope.layers() {
                    let counter = match layer.kind {
                        $(LayerKind::$kind => &mut self.$layer,)+
                    };
                    *counter = counter.wrapping_add(1);
                }
            }
        }
    };
}

counts! {
    outcomes {
        /// Packets that gave a TCP segment.
        segment = Outcome::Segment,
        /// TCP segments kept out by the inner filter.
        filtered = Outcome::Filtered,
        /// Packets that gave a datagram of QUIC.
        quic = Outcome::Quic,
        /// UDP packets that are neither QUIC nor a tunnel.
        udp = Outcome::Udp,
        /// ICMP and ICMPv6 packets.
        icmp = Outcome::Icmp,
        /// Packets of other IP protocols.
        other_ip = Outcome::OtherIp,
        /// IP fragments held, or dropped as duplicates.
        fragment = Outcome::Fragment,
        /// Packets without IP.
        not_ip = Outcome::NotIp,
        /// Packets cut by the capture inside their headers.
        truncated = Outcome::Truncated,
        /// Packets with more headers than are followed.
        too_deep = Outcome::TooDeep,
        /// Packets of link types not understood.
        unknown_link = Outcome::UnknownLink,
        /// Packets encrypted on the link.
        encrypted = Outcome::Encrypted,
        /// Packets that end inside a header.
        malformed_short = Outcome::Malformed(Reason::Short),
        /// Packets whose link header contradicts itself.
        malformed_link = Outcome::Malformed(Reason::Link),
        /// Packets the receiving radio flagged as damaged.
        malformed_fcs = Outcome::Malformed(Reason::Fcs),
        /// Packets whose IP version does not fit.
        malformed_ip_version = Outcome::Malformed(Reason::IpVersion),
        /// Packets whose IP length is smaller than their header.
        malformed_ip_length = Outcome::Malformed(Reason::IpLength),
        /// Impossible IP fragments.
        malformed_fragment = Outcome::Malformed(Reason::Fragment),
        /// TCP segments whose data offset is impossible.
        malformed_tcp_offset = Outcome::Malformed(Reason::TcpOffset),
        /// Packets with a tunnel header against its standard.
        malformed_tunnel = Outcome::Malformed(Reason::Tunnel),
    }
    layers {
        /// VLAN tags opened.
        vlan = Vlan,
        /// MPLS labels popped.
        mpls = Mpls,
        /// `PPPoE` sessions opened.
        pppoe = Pppoe,
        /// VXLAN headers opened.
        vxlan = Vxlan,
        /// VXLAN-GPE headers opened.
        vxlan_gpe = VxlanGpe,
        /// GENEVE headers opened.
        geneve = Geneve,
        /// GRE headers opened.
        gre = Gre,
        /// ERSPAN headers opened.
        erspan = Erspan,
        /// IP-in-IP headers opened.
        ip_in_ip = IpInIp,
        /// Network service headers opened.
        nsh = Nsh,
        /// GTP-U headers opened.
        gtp = Gtp,
        /// Teredo headers opened.
        teredo = Teredo,
        /// LISP headers opened.
        lisp = Lisp,
        /// TZSP headers opened.
        tzsp = Tzsp,
    }
    extras {
        /// UDP packets on a tunnel port with something else inside (counted as `udp`).
        tunnels_refused,
        /// IP packets longer than 65,535 bytes (segmentation offload).
        super_frames,
        /// IP packets whose length field says more than was on the wire: cut before the capture.
        longer_than_wire,
        /// Segments with payload bytes that were not captured.
        segments_cut,
        /// Payload bytes that were not captured.
        segments_cut_bytes,
        /// IP fragments read, whatever became of them.
        ip_fragments,
        /// Datagrams joined from fragments.
        datagrams_joined,
        /// Datagrams given up: time passed before all fragments came.
        datagrams_timed_out,
        /// Datagrams given up: a limit made room for newer ones.
        datagrams_evicted,
        /// Datagrams given up: fragments overlapped (IPv6) or there were too many.
        datagrams_refused,
        /// Fragments that overlapped others without being the same.
        fragments_overlapping,
        /// Fragments seen before, byte for byte.
        fragments_duplicate,
        /// TCP checksums looked at: of every 64th segment or so that was captured whole.
        checksums,
        /// Of those, not filled in yet: captured on the sending host, whose card does it.
        checksums_offloaded,
        /// Of those, wrong.
        checksums_bad,
    }
}
