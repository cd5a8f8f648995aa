//! The way through a packet's headers: one step takes one header off and says what the next one is.

use std::net::IpAddr;

use super::fragment::{Fragments, Joined, Key, Piece};
use super::frame::Frame;
use super::tunnel::{On, Open, TUNNELS};
use super::{
    Config, Counts, Envelope, LayerKind, Outcome, Reason, Segment, ethernet, ip, link, ppp, tcp,
    tunnel,
};
use crate::capture::Packet;
use crate::time::Timestamp;

/// What the bytes of a [`Frame`] begin with.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Next {
    /// An Ethernet header.
    Ethernet,
    /// What this `EtherType` announces.
    EtherType(u16),
    /// An IEEE 802.2 LLC header.
    Llc,
    /// A PPP protocol field.
    Ppp,
    /// IPv4 or IPv6, as the first nibble tells.
    Ip,
    /// What this IP protocol number announces.
    Protocol(u8),
    /// Part of an IP datagram.
    Fragment(Part),
}

/// Which part of a datagram a fragment is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    /// The datagram's identification.
    pub(crate) id: u32,
    /// Position of the part, in bytes.
    pub(crate) offset: usize,
    /// Whether more follows behind it.
    pub(crate) more: bool,
    /// IP protocol number of the datagram's content, as this fragment has it.
    pub(crate) protocol: u8,
}

/// The header behind the one taken off; or what the packet is, when there is nothing to follow.
pub(crate) type Step<'a> = Result<(Next, Frame<'a>), Outcome>;

/// What was learned on the way, outermost header first.
pub(crate) struct Context {
    pub(crate) time: Timestamp,
    pub(crate) ordinal: u64,
    pub(crate) interface: u32,
    pub(crate) envelope: Envelope,
    pub(crate) mac: Option<[[u8; 6]; 2]>,
    /// Source and destination of the IP header read last.
    pub(crate) ends: Option<(IpAddr, IpAddr)>,
    /// Headers that may still be opened.
    depth_left: u8,
    /// A UDP tunnel was opened, on no more evidence than its port and a plausible header.
    in_udp: bool,
    pub(crate) super_frame: bool,
    pub(crate) longer_than_wire: bool,
}

impl Context {
    fn new(packet: &Packet<'_>, ordinal: u64, depth_max: u8) -> Self {
        Self {
            time: packet.time,
            ordinal,
            interface: packet.interface,
            envelope: Envelope::EMPTY,
            mac: None,
            ends: None,
            depth_left: depth_max,
            in_udp: false,
            super_frame: false,
            longer_than_wire: false,
        }
    }

    /// Notes a header that names a network around the flow.
    pub(crate) fn layer(&mut self, kind: LayerKind, id: u32) -> Result<(), Outcome> {
        self.deeper()?;
        if self.envelope.push(kind, id) { Ok(()) } else { Err(Outcome::TooDeep) }
    }

    /// Notes a header that names no network.
    pub(crate) fn deeper(&mut self) -> Result<(), Outcome> {
        self.depth_left = self.depth_left.checked_sub(1).ok_or(Outcome::TooDeep)?;
        Ok(())
    }
}

/// Decapsulation of one capture thread's packets.
pub struct Decap {
    depth_max: u8,
    by_ether_type: Vec<(u16, Open)>,
    by_protocol: Vec<(u8, Open)>,
    by_port: Vec<(u16, Open)>,
    fragments: Fragments,
    counts: Counts,
}

impl Decap {
    /// Decapsulation within the limits of `config`.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let mut decap = Self {
            depth_max: u8::try_from(config.depth_max.get()).unwrap_or(u8::MAX),
            by_ether_type: Vec::new(),
            by_protocol: Vec::new(),
            by_port: Vec::new(),
            fragments: Fragments::new(config),
            counts: Counts::default(),
        };
        for tunnel in TUNNELS {
            for on in tunnel.on {
                match *on {
                    On::EtherType(number) => decap.by_ether_type.push((number, tunnel.open)),
                    On::Protocol(number) => decap.by_protocol.push((number, tunnel.open)),
                    On::Port(ports) => {
                        decap.by_port.extend(ports(config).iter().map(|&port| (port, tunnel.open)))
                    }
                }
            }
        }
        decap
    }

    /// Takes a packet's headers off and emits the TCP segment inside, if there is one.
    ///
    /// `ordinal` is the packet's number in the capture. A packet emits at most one segment.
    pub fn push(
        &mut self,
        packet: &Packet<'_>,
        ordinal: u64,
        emit: &mut impl FnMut(Segment<'_>),
    ) -> Outcome {
        let mut cx = Context::new(packet, ordinal, self.depth_max);
        let wire = usize::try_from(packet.original_len).unwrap_or(usize::MAX);
        let frame = Frame { data: packet.data, cut: wire.saturating_sub(packet.data.len()) };
        let outcome = match link::open(packet.link, frame, &mut cx) {
            Ok((next, frame)) => self.walk(next, frame, &mut cx, emit),
            Err(outcome) => outcome,
        };
        self.settle(outcome, &cx)
    }

    /// What was done so far.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Gives up all fragments held, as timed out: the capture ended.
    pub fn finish(&mut self) {
        self.fragments.finish(&mut self.counts);
    }

    /// Bytes of fragments held.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.fragments.bytes()
    }

    /// Counts a packet as what it is.
    fn settle(&mut self, outcome: Outcome, cx: &Context) -> Outcome {
        let refused = cx.in_udp && matches!(outcome, Outcome::Malformed(_) | Outcome::UnknownLink);
        let outcome = if refused { Outcome::Udp } else { outcome };
        self.counts.outcome(outcome);
        if refused {
            self.counts.tunnels_refused = self.counts.tunnels_refused.wrapping_add(1);
        } else {
            self.counts.layers(&cx.envelope);
        }
        self.counts.super_frames = self.counts.super_frames.wrapping_add(cx.super_frame.into());
        self.counts.longer_than_wire =
            self.counts.longer_than_wire.wrapping_add(cx.longer_than_wire.into());
        outcome
    }

    fn walk<E>(
        &mut self,
        mut next: Next,
        mut frame: Frame<'_>,
        cx: &mut Context,
        emit: &mut E,
    ) -> Outcome
    where
        E: FnMut(Segment<'_>),
    {
        loop {
            let step = match next {
                Next::Ethernet => ethernet::open(frame, cx),
                Next::EtherType(ethernet::IPV4) => ip::v4(frame, cx),
                Next::EtherType(ethernet::IPV6) => ip::v6(frame, cx),
                Next::EtherType(number) => self.ether_type(number, frame, cx),
                Next::Llc => ethernet::llc(frame),
                Next::Ppp => ppp::open(frame),
                Next::Ip => ip::either(frame, cx),
                Next::Protocol(tcp::PROTOCOL) => return self.tcp(frame, cx, emit),
                Next::Protocol(tunnel::UDP) => self.udp(frame, cx),
                Next::Protocol(number) => self.protocol(number, frame, cx),
                Next::Fragment(part) => return self.fragment(part, frame, cx, emit),
            };
            match step {
                Ok(step) => (next, frame) = step,
                Err(outcome) => return outcome,
            }
        }
    }

    fn ether_type<'a>(&self, number: u16, frame: Frame<'a>, cx: &mut Context) -> Step<'a> {
        match find(&self.by_ether_type, number) {
            Some(open) => open(frame, cx),
            None => ethernet::other(number, frame),
        }
    }

    fn protocol<'a>(&self, number: u8, frame: Frame<'a>, cx: &mut Context) -> Step<'a> {
        match find(&self.by_protocol, number) {
            Some(open) => open(frame, cx),
            None => ip::protocol(number, frame, cx),
        }
    }

    /// Opens the tunnel on a UDP port. Source: [RFC 768](https://www.rfc-editor.org/rfc/rfc768).
    fn udp<'a>(&self, frame: Frame<'a>, cx: &mut Context) -> Step<'a> {
        let &[s0, s1, d0, d1, l0, l1, _, _] = frame.array(0)?;
        let [src, dst, len] = [[s0, s1], [d0, d1], [l0, l1]].map(u16::from_be_bytes);
        let open =
            find(&self.by_port, dst).or_else(|| find(&self.by_port, src)).ok_or(Outcome::Udp)?;
        cx.in_udp = true;
        // A length of 0 means a datagram put together by offload.
        let frame = if len == 0 { frame } else { frame.trim(len.into()) };
        open(frame.skip(8)?, cx)
    }

    fn tcp<E>(&mut self, frame: Frame<'_>, cx: &Context, emit: &mut E) -> Outcome
    where
        E: FnMut(Segment<'_>),
    {
        match tcp::open(frame, cx) {
            Ok(segment) => {
                if segment.meta.missing > 0 {
                    self.counts.segments_cut = self.counts.segments_cut.wrapping_add(1);
                    let bytes = segment.meta.missing.into();
                    self.counts.segments_cut_bytes =
                        self.counts.segments_cut_bytes.wrapping_add(bytes);
                }
                emit(segment);
                Outcome::Segment
            }
            Err(outcome) => outcome,
        }
    }

    fn fragment<E>(
        &mut self,
        part: Part,
        frame: Frame<'_>,
        cx: &mut Context,
        emit: &mut E,
    ) -> Outcome
    where
        E: FnMut(Segment<'_>),
    {
        self.counts.ip_fragments = self.counts.ip_fragments.wrapping_add(1);
        let Some((src, dst)) = cx.ends else { return Outcome::OtherIp };
        if frame.cut > 0 {
            return Outcome::Truncated;
        }
        // IPv6 does not need the fragments of a datagram to agree on the protocol (RFC 8200 §4.5).
        let protocol = if src.is_ipv4() { part.protocol } else { 0 };
        let key = Key { envelope: cx.envelope, src, dst, protocol, id: part.id };
        let piece = Piece { part, data: frame.data };
        match self.fragments.push(&key, &piece, cx.time, &mut self.counts) {
            Joined::Held => Outcome::Fragment,
            Joined::Impossible => Outcome::Malformed(Reason::Fragment),
            Joined::Whole { protocol, bytes } => match cx.deeper() {
                // Inside may be fragments of another layer: the depth bounds the recursion.
                Ok(()) => {
                    self.walk(Next::Protocol(protocol), Frame { data: &bytes, cut: 0 }, cx, emit)
                }
                Err(outcome) => outcome,
            },
        }
    }
}

fn find<K: Copy + PartialEq>(list: &[(K, Open)], key: K) -> Option<Open> {
    list.iter().find(|(candidate, _)| *candidate == key).map(|&(_, open)| open)
}
