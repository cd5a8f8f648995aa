//! The way through a packet's headers: one step takes one header off and says what the next one is.

use std::net::IpAddr;

use super::fragment::{Fragments, Joined, Key, Piece};
use super::frame::Frame;
use super::quic::Quic;
use super::tunnel::{On, Open, TUNNELS};
use super::{
    Config, Counts, Envelope, Flow, LayerKind, Outcome, Reason, Segment, checksum, ethernet, ip,
    link, plain, ppp, tcp, tunnel, wlan,
};
use crate::capture::{LinkType, Packet};
use crate::filter::Filter;
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
    /// An IEEE 802.11 header.
    Wlan,
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
    pub(crate) offset: u16,
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
    #[inline]
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
    /// [`bit`]s of every port of `by_port`: most UDP needs no search.
    ports: u64,
    pub(super) fragments: Fragments,
    quic: Quic,
    filter: Filter,
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
            ports: 0,
            fragments: Fragments::new(config),
            quic: Quic::default(),
            filter: Filter::default(),
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
        decap.ports = decap.by_port.iter().fold(0, |bits, (port, _)| bits | bit(*port));
        decap
    }

    /// The same, but emits only segments of flows that `filter` lets pass.
    #[must_use]
    pub fn filtered(self, filter: Filter) -> Self {
        Self { filter, ..self }
    }

    /// Replaces the filter, from the next packet on.
    pub fn set_filter(&mut self, filter: Filter) {
        self.filter = filter;
    }

    /// Takes a packet's headers off and emits the TCP segment, or the datagram of QUIC, inside, if there is one.
    ///
    /// `ordinal` is the packet's number in the capture. A packet emits at most one segment.
    pub fn push(
        &mut self,
        packet: &Packet<'_>,
        ordinal: u64,
        emit: &mut impl FnMut(Segment<'_>),
    ) -> Outcome {
        if let Some((segment, octets)) = plain::open(packet, ordinal) {
            let outcome = self.segment(segment, (octets, false), emit);
            self.counts.outcome(outcome);
            return outcome;
        }
        self.walk_through(packet, ordinal, emit)
    }

    /// The same for any packet.
    #[doc(hidden)]
    pub fn walk_through(
        &mut self,
        packet: &Packet<'_>,
        ordinal: u64,
        emit: &mut impl FnMut(Segment<'_>),
    ) -> Outcome {
        let mut cx = Context::new(packet, ordinal, self.depth_max);
        let wire = usize::try_from(packet.original_len).unwrap_or(usize::MAX);
        let frame = Frame { data: packet.data, cut: wire.saturating_sub(packet.data.len()) };
        let step = match packet.link {
            LinkType::ETHERNET => straight(frame, &mut cx),
            link => link::open(link, frame, &mut cx),
        };
        let outcome = match step {
            Ok((Next::Protocol(tcp::PROTOCOL), frame)) => self.tcp(frame, &cx, emit),
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
    #[inline]
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
                Next::Wlan => wlan::open(frame, cx),
                Next::Ip => ip::either(frame, cx),
                Next::Protocol(tcp::PROTOCOL) => return self.tcp(frame, cx, emit),
                Next::Protocol(tunnel::UDP) => match self.udp(frame, cx) {
                    Err(Outcome::Udp) => return self.datagram(frame, cx, emit),
                    step => step,
                },
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
        if self.ports & (bit(dst) | bit(src)) == 0 {
            return Err(Outcome::Udp);
        }
        let open =
            find(&self.by_port, dst).or_else(|| find(&self.by_port, src)).ok_or(Outcome::Udp)?;
        cx.in_udp = true;
        // A length of 0 means a datagram put together by offload.
        let frame = if len == 0 { frame } else { frame.trim(len.into()) };
        open(frame.skip(8)?, cx)
    }

    /// Emits a datagram of QUIC.
    fn datagram<E>(&mut self, frame: Frame<'_>, cx: &Context, emit: &mut E) -> Outcome
    where
        E: FnMut(Segment<'_>),
    {
        match self.quic.open(frame, cx) {
            None => Outcome::Udp,
            Some(datagram) if !self.filter.passes(&datagram.meta) => Outcome::Filtered,
            Some(datagram) => {
                emit(datagram);
                Outcome::Quic
            }
        }
    }

    #[inline]
    fn tcp<E>(&mut self, frame: Frame<'_>, cx: &Context, emit: &mut E) -> Outcome
    where
        E: FnMut(Segment<'_>),
    {
        match tcp::open(frame, cx) {
            Ok(segment) => self.segment(segment, (frame.data, cx.super_frame), emit),
            Err(outcome) => outcome,
        }
    }

    /// Emits a segment, whose `octets` begin with the TCP header.
    #[inline]
    fn segment<E>(
        &mut self,
        segment: Segment<'_>,
        (octets, super_frame): (&[u8], bool),
        emit: &mut E,
    ) -> Outcome
    where
        E: FnMut(Segment<'_>),
    {
        if !self.filter.passes(&segment.meta) {
            return Outcome::Filtered;
        }
        if segment.meta.missing > 0 {
            self.counts.segments_cut = self.counts.segments_cut.wrapping_add(1);
            let bytes = segment.meta.missing.into();
            self.counts.segments_cut_bytes = self.counts.segments_cut_bytes.wrapping_add(bytes);
        } else if checksum::is_sampled(segment.meta.ordinal) && !super_frame {
            self.checksum(&segment.meta.flow, octets);
        }
        emit(segment);
        Outcome::Segment
    }

    #[cold]
    fn checksum(&mut self, flow: &Flow, octets: &[u8]) {
        use checksum::Verdict;
        self.counts.checksums = self.counts.checksums.wrapping_add(1);
        let counter = match checksum::judge((flow.src.ip, flow.dst.ip), octets) {
            Verdict::Good => return,
            Verdict::Offloaded => &mut self.counts.checksums_offloaded,
            Verdict::Bad => &mut self.counts.checksums_bad,
        };
        *counter = counter.wrapping_add(1);
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

/// The first steps of the usual packet, without going round the loop: saves a third of the time.
#[inline]
fn straight<'a>(frame: Frame<'a>, cx: &mut Context) -> Step<'a> {
    match ethernet::open(frame, cx) {
        Ok((Next::EtherType(ethernet::IPV4), frame)) => ip::v4(frame, cx),
        Ok((Next::EtherType(ethernet::IPV6), frame)) => ip::v6(frame, cx),
        step => step,
    }
}

/// One of 61 bits for a port: with that many, DNS and QUIC share theirs with no usual tunnel.
const fn bit(port: u16) -> u64 {
    1 << (port % 61)
}

fn find<K: Copy + PartialEq>(list: &[(K, Open)], key: K) -> Option<Open> {
    list.iter().find(|(candidate, _)| *candidate == key).map(|&(_, open)| open)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{
        self, Bench, Seen, cat, ether_type, expected, ipv4, ipv6, one, tcp, vlan,
    };
    use super::*;
    use crate::capture::LinkType;
    use proptest::prelude::*;

    /// A header around something, as a property test draws it.
    #[derive(Debug, Clone, Copy)]
    enum Wrap {
        Ethernet,
        Vlan(u16),
        Mpls(u32, bool),
        Pppoe(u16),
        Vxlan(u32),
        VxlanGpe(u32),
        Geneve(u32),
        Gre(u32),
        Erspan2(u16),
        Erspan3(u16),
        IpInIp(bool),
        Nsh(u32),
        Gtp(u32),
    }

    fn wrap() -> impl Strategy<Value = Wrap> {
        let id24 = 0..1_u32 << 24;
        prop_oneof![
            Just(Wrap::Ethernet),
            (1..4096_u16).prop_map(Wrap::Vlan),
            (16..1_u32 << 20, any::<bool>())
                .prop_map(|(label, control)| Wrap::Mpls(label, control)),
            any::<u16>().prop_map(Wrap::Pppoe),
            id24.clone().prop_map(Wrap::Vxlan),
            id24.clone().prop_map(Wrap::VxlanGpe),
            id24.clone().prop_map(Wrap::Geneve),
            any::<u32>().prop_map(Wrap::Gre),
            (0..1024_u16).prop_map(Wrap::Erspan2),
            (0..1024_u16).prop_map(Wrap::Erspan3),
            any::<bool>().prop_map(Wrap::IpInIp),
            id24.prop_map(Wrap::Nsh),
            any::<u32>().prop_map(Wrap::Gtp),
        ]
    }

    /// A packet under construction: an Ethernet frame, or an IP packet.
    struct Made {
        bytes: Vec<u8>,
        frame: bool,
        framed: bool,
        layers: Vec<(LayerKind, u32)>,
    }

    impl Made {
        /// Wraps what there is; what does not go there leaves it as it is.
        fn wrap(&mut self, wrap: Wrap) {
            match (wrap, self.frame) {
                (Wrap::Ethernet, false) => {
                    self.bytes = testing::ethernet(self.ether_type(), &self.bytes);
                    (self.frame, self.framed) = (true, true);
                }
                _ => {
                    let Some((kind, id, bytes)) = self.in_frame(wrap).or_else(|| self.in_ip(wrap))
                    else {
                        return;
                    };
                    self.frame = self.in_frame(wrap).is_some();
                    self.framed |= self.frame;
                    self.bytes = bytes;
                    self.layers.insert(0, (kind, id));
                }
            }
        }

        fn ether_type(&self) -> u16 {
            if self.frame { 0x6558 } else { ether_type(&self.bytes) }
        }

        /// The same for NSH and VXLAN-GPE.
        fn next(&self) -> u8 {
            [(0x0800, 1), (0x86dd, 2), (0x6558, 3)]
                .iter()
                .find(|n| n.0 == self.ether_type())
                .unwrap()
                .1
        }

        /// What gives an Ethernet frame.
        fn in_frame(&self, wrap: Wrap) -> Option<(LayerKind, u32, Vec<u8>)> {
            let bytes = &self.bytes;
            let framed = |number, bytes: Vec<u8>| testing::ethernet(number, &bytes);
            Some(match (wrap, self.frame) {
                (Wrap::Vlan(id), true) => (LayerKind::Vlan, id.into(), vlan(id, bytes)),
                (Wrap::Mpls(label, control), frame) => {
                    let word: &[u8] = if frame && control { &[0; 4] } else { &[] };
                    let stack = testing::mpls(&[label], &cat(&[word, bytes]));
                    (LayerKind::Mpls, label, framed(0x8847, stack))
                }
                (Wrap::Pppoe(id), false) => {
                    (LayerKind::Pppoe, id.into(), framed(0x8864, testing::pppoe(id, bytes)))
                }
                (Wrap::Nsh(path), _) => {
                    (LayerKind::Nsh, path, framed(0x894f, testing::nsh(path, self.next(), bytes)))
                }
                _ => return None,
            })
        }

        /// What gives an IP packet.
        fn in_ip(&self, wrap: Wrap) -> Option<(LayerKind, u32, Vec<u8>)> {
            let (bytes, number) = (&self.bytes, self.ether_type());
            let (kind, id, protocol, inner) = match (wrap, self.frame) {
                (Wrap::Vxlan(id), true) => (LayerKind::Vxlan, id, 17, testing::vxlan(id, bytes)),
                (Wrap::VxlanGpe(id), _) => {
                    (LayerKind::VxlanGpe, id, 17, testing::vxlan_gpe(id, self.next(), bytes))
                }
                (Wrap::Geneve(id), _) => {
                    (LayerKind::Geneve, id, 17, testing::geneve(id, number, bytes))
                }
                (Wrap::Gre(key), _) => (LayerKind::Gre, key, 47, testing::gre(key, number, bytes)),
                (Wrap::Erspan2(id), true) => {
                    (LayerKind::Erspan, id.into(), 47, testing::erspan2(id, bytes))
                }
                (Wrap::Erspan3(id), true) => {
                    (LayerKind::Erspan, id.into(), 47, testing::erspan3(id, bytes))
                }
                (Wrap::Gtp(id), false) => (LayerKind::Gtp, id, 17, testing::gtp(id, bytes)),
                (Wrap::IpInIp(_), false) => {
                    (LayerKind::IpInIp, 0, if number == 0x0800 { 4 } else { 41 }, bytes.clone())
                }
                _ => return None,
            };
            let six = matches!(wrap, Wrap::IpInIp(true) | Wrap::Gre(_));
            Some((kind, id, if six { ipv6(protocol, &inner) } else { ipv4(protocol, &inner) }))
        }
    }

    fn links() -> impl Strategy<Value = LinkType> {
        let known =
            [0, 1, 9, 12, 14, 50, 51, 101, 104, 105, 108, 113, 127, 228, 229, 239, 276, 147];
        proptest::sample::select(known.to_vec()).prop_map(LinkType)
    }

    /// Bytes in which headers are likely.
    fn likely() -> impl Strategy<Value = Vec<u8>> {
        let numbers = [
            0x0800_u16, 0x86dd, 0x8100, 0x8847, 0x8864, 0x6558, 0x88be, 0x22eb, 0x894f, 0x4500,
            0x6000,
        ];
        let word = prop_oneof![
            proptest::sample::select(numbers.to_vec())
                .prop_map(|number| number.to_be_bytes().to_vec()),
            proptest::sample::select(vec![0_u8, 1, 4, 6, 17, 41, 43, 44, 47, 51, 60])
                .prop_map(|n| vec![64, n]),
            any::<[u8; 2]>().prop_map(Vec::from),
            Just(vec![0, 0]),
        ];
        proptest::collection::vec(word, 0..120).prop_map(|words| words.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        /// Whatever is wrapped around a segment, it comes out the same, and its way is told in order.
        #[test]
        fn any_nesting_is_opened(wraps in proptest::collection::vec(wrap(), 0..12), six in any::<bool>()) {
            let inner = if six { ipv6(6, &tcp(b"data")) } else { ipv4(6, &tcp(b"data")) };
            let mut made = Made { bytes: inner, frame: false, framed: false, layers: Vec::new() };
            for wrap in wraps {
                if made.layers.len() < 8 {
                    made.wrap(wrap);
                }
            }
            let mut bench = Bench::new(&Config::default());
            let link = if made.frame { LinkType::ETHERNET } else { LinkType::RAW };
            prop_assert_eq!(bench.push(link, 0, made.bytes.len(), &made.bytes), Outcome::Segment);
            let flow = match six {
                true => testing::flow(testing::SRC6.into(), testing::DST6.into()),
                false => testing::flow(testing::SRC.into(), testing::DST.into()),
            };
            let want = Seen { flow, mac: made.framed.then_some(testing::MACS), ..expected(b"data", &made.layers) };
            prop_assert_eq!(&bench.seen[0], &want);
            let opened: u64 = bench.counts().layers_opened().map(|(_, n)| n).sum();
            prop_assert_eq!(opened, u64::try_from(made.layers.len()).unwrap());
        }

        /// No bytes end the stage; every packet is counted once (the bench checks), and emits at most once.
        #[test]
        fn no_bytes_panic(
            packets in proptest::collection::vec((links(), likely(), 0..2000_usize), 1..20),
        ) {
            let mut bench = Bench::new(&Config::default());
            for (link, bytes, more) in packets {
                bench.push(link, 0, bytes.len() + more.saturating_sub(1500), &bytes);
            }
        }

        /// A damaged packet is read as something, whichever octet was hit.
        #[test]
        fn damaged_packets_are_read(
            wraps in proptest::collection::vec(wrap(), 0..6),
            hits in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6),
            keep in any::<proptest::sample::Index>(),
        ) {
            let mut made =
                Made { bytes: ipv4(6, &tcp(b"data")), frame: false, framed: false, layers: Vec::new() };
            wraps.into_iter().for_each(|wrap| made.wrap(wrap));
            for (at, octet) in hits {
                let at = at.index(made.bytes.len());
                made.bytes[at] = octet;
            }
            let link = if made.frame { LinkType::ETHERNET } else { LinkType::RAW };
            let mut bench = Bench::new(&Config::default());
            bench.push(link, 0, made.bytes.len(), &made.bytes);
            bench.push(link, 0, made.bytes.len(), &made.bytes[..keep.index(made.bytes.len())]);
        }
    }

    #[test]
    fn depth_is_limited() {
        let mut packet = ipv4(6, &tcp(b"data"));
        for _ in 0..8 {
            packet = ipv4(4, &packet);
        }
        assert_eq!(one(LinkType::RAW, &packet).unwrap().layers.len(), 8);
        assert_eq!(one(LinkType::RAW, &ipv4(4, &packet)), Err(Outcome::TooDeep));
        let mut bench =
            Bench::new(&Config { depth_max: 2.try_into().unwrap(), ..Config::default() });
        assert_eq!(bench.push(LinkType::RAW, 0, packet.len(), &packet), Outcome::TooDeep);
    }

    /// Inside a tunnel, too, the inner length tells what the mirror cut.
    #[test]
    fn a_cut_inside_a_tunnel_is_missing_bytes() {
        let frame = testing::ethernet(0x0800, &ipv4(6, &tcp(&[b'x'; 500])));
        let packet = ipv4(17, &testing::vxlan(5, &frame));
        let mut bench = Bench::new(&Config::default());
        assert_eq!(bench.push(LinkType::RAW, 0, packet.len(), &packet[..200]), Outcome::Segment);
        // Cut by the mirror before it was wrapped.
        let short = ipv4(17, &testing::vxlan(5, &frame[..150]));
        assert_eq!(bench.push(LinkType::RAW, 0, short.len(), &short), Outcome::Segment);
        for seen in &bench.seen {
            assert_eq!(seen.payload.len() + usize::try_from(seen.missing).unwrap(), 500);
        }
        assert_eq!((bench.seen[0].payload.len(), bench.seen[1].payload.len()), (98, 84));
    }

    /// Of 640 equal segments without a checksum about ten are looked at; of those cut by the capture, none.
    #[test]
    fn some_checksums_are_looked_at() {
        let packet = ipv4(6, &tcp(b"data"));
        let mut bench = Bench::new(&Config::default());
        for _ in 0..640 {
            bench.push(LinkType::RAW, 0, packet.len(), &packet);
        }
        let counts = bench.counts().clone();
        assert!((5..20).contains(&counts.checksums), "{}", counts.checksums);
        assert_eq!((counts.checksums_offloaded, counts.checksums_bad), (counts.checksums, 0));
        for _ in 0..640 {
            bench.push(LinkType::RAW, 0, packet.len(), &packet[..packet.len() - 1]);
        }
        assert_eq!(bench.counts().checksums, counts.checksums);
    }

    #[test]
    fn labels_and_counters_agree() {
        let counts = Counts::default();
        let names: Vec<_> = counts.outcomes().map(|(name, _)| name).collect();
        assert!(names.contains(&Outcome::Malformed(Reason::TcpOffset).label()));
        assert_eq!(names.len(), 20);
        let mut counts =
            Counts { segment: 2, vlan: 3, super_frames: u64::MAX, ..Counts::default() };
        counts.add(&counts.clone());
        assert_eq!(
            (counts.segment, counts.vlan, counts.super_frames, counts.packets()),
            (4, 6, u64::MAX, 4)
        );
    }
}
