//! A packet builder for tests: every function puts one header before what it is given.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{
    Config, Counts, Decap, Endpoint, Envelope, Flow, LayerKind, Outcome, Segment, SegmentMeta,
    TcpFlags,
};
use crate::capture::{LinkType, Packet};
use crate::filter::Filter;
use crate::time::Timestamp;

pub(crate) const SRC: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
pub(crate) const DST: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);
pub(crate) const SRC6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 1);
pub(crate) const DST6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 2);
pub(crate) const MACS: [[u8; 6]; 2] = [[2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2]];

/// Headers then content.
pub(crate) fn cat(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// A TCP segment from port 40000 to 80, seq 1000, ack 2000, PSH and ACK, with 12 octets of options.
pub(crate) fn tcp(payload: &[u8]) -> Vec<u8> {
    let ports = [40_000_u16.to_be_bytes(), 80_u16.to_be_bytes()].concat();
    let numbers = [1000_u32.to_be_bytes(), 2000_u32.to_be_bytes()].concat();
    cat(&[
        &ports,
        &numbers,
        &[0x80, 0x18, 1, 0, 0, 0, 0, 0],
        &[1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2],
        payload,
    ])
}

pub(crate) fn udp(src: u16, dst: u16, inner: &[u8]) -> Vec<u8> {
    let len = u16::try_from(inner.len() + 8).unwrap_or(0);
    cat(&[&src.to_be_bytes(), &dst.to_be_bytes(), &len.to_be_bytes(), &[0, 0], inner])
}

/// An IPv4 packet or fragment: `fragment` is the offset in octets, and whether more follow.
pub(crate) fn ipv4_part(protocol: u8, id: u16, fragment: (usize, bool), inner: &[u8]) -> Vec<u8> {
    let total = u16::try_from(inner.len() + 20).unwrap_or(0).to_be_bytes();
    let place =
        (u16::try_from(fragment.0 / 8).unwrap() | u16::from(fragment.1) << 13).to_be_bytes();
    let mut header = cat(&[&[0x45, 0], &total, &id.to_be_bytes(), &place, &[64, protocol, 0, 0]]);
    header.extend(SRC.octets());
    header.extend(DST.octets());
    let sum: u32 =
        header.chunks(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]]))).sum();
    let sum = (sum & 0xffff) + (sum >> 16);
    let sum = !u16::try_from((sum & 0xffff) + (sum >> 16)).unwrap();
    header[10..12].copy_from_slice(&sum.to_be_bytes());
    cat(&[&header, inner])
}

pub(crate) fn ipv4(protocol: u8, inner: &[u8]) -> Vec<u8> {
    ipv4_part(protocol, 7, (0, false), inner)
}

pub(crate) fn ipv6(next: u8, inner: &[u8]) -> Vec<u8> {
    let len = u16::try_from(inner.len()).unwrap_or(0).to_be_bytes();
    cat(&[&[0x60, 0, 0, 0], &len, &[next, 64], &SRC6.octets(), &DST6.octets(), inner])
}

/// An IPv6 fragment header: `fragment` is the offset in octets, and whether more follow.
pub(crate) fn ipv6_part(next: u8, id: u32, fragment: (usize, bool), inner: &[u8]) -> Vec<u8> {
    let place = (u16::try_from(fragment.0).unwrap() | u16::from(fragment.1)).to_be_bytes();
    ipv6(44, &cat(&[&[next, 0], &place, &id.to_be_bytes(), inner]))
}

/// The `EtherType` of an IP packet.
pub(crate) fn ether_type(ip: &[u8]) -> u16 {
    if ip[0] >> 4 == 4 { 0x0800 } else { 0x86dd }
}

pub(crate) fn ethernet(number: u16, inner: &[u8]) -> Vec<u8> {
    cat(&[&MACS[1], &MACS[0], &number.to_be_bytes(), inner])
}

/// A frame whose type field is followed by `tag`, which ends in the frame's own type.
pub(crate) fn tagged(number: u16, tag: &[u8], frame: &[u8]) -> Vec<u8> {
    cat(&[&frame[..12], &number.to_be_bytes(), tag, &frame[12..]])
}

pub(crate) fn vlan(id: u16, frame: &[u8]) -> Vec<u8> {
    tagged(0x8100, &id.to_be_bytes(), frame)
}

/// A label stack.
pub(crate) fn mpls(labels: &[u32], inner: &[u8]) -> Vec<u8> {
    let last = labels.len() - 1;
    let stack = labels
        .iter()
        .enumerate()
        .map(|(n, label)| (label << 12 | u32::from(n == last) << 8 | 64).to_be_bytes());
    cat(&[&stack.collect::<Vec<_>>().concat(), inner])
}

fn id24(id: u32) -> [u8; 4] {
    (id << 8).to_be_bytes()
}

pub(crate) fn vxlan(vni: u32, frame: &[u8]) -> Vec<u8> {
    udp(50_000, 4789, &cat(&[&[8, 0, 0, 0], &id24(vni), frame]))
}

pub(crate) fn vxlan_gpe(vni: u32, next: u8, inner: &[u8]) -> Vec<u8> {
    udp(50_000, 4790, &cat(&[&[0x0c, 0, 0, next], &id24(vni), inner]))
}

/// GENEVE with one option of 8 octets.
pub(crate) fn geneve(vni: u32, number: u16, inner: &[u8]) -> Vec<u8> {
    let option = [1, 8, 3, 1, 0xde, 0xad, 0xbe, 0xef];
    udp(50_000, 6081, &cat(&[&[2, 0], &number.to_be_bytes(), &id24(vni), &option, inner]))
}

/// GRE with key and sequence.
pub(crate) fn gre(key: u32, number: u16, inner: &[u8]) -> Vec<u8> {
    cat(&[&[0x30, 0], &number.to_be_bytes(), &key.to_be_bytes(), &[0, 0, 0, 9], inner])
}

pub(crate) fn erspan2(session: u16, frame: &[u8]) -> Vec<u8> {
    let header = cat(&[&[0x10, 5], &(0x1800 | session).to_be_bytes(), &[0; 4]]);
    cat(&[&[0x10, 0, 0x88, 0xbe, 0, 0, 0, 1], &header, frame])
}

/// Type III with its subheader, around an Ethernet frame.
pub(crate) fn erspan3(session: u16, frame: &[u8]) -> Vec<u8> {
    let header =
        cat(&[&[0x20, 5], &(0x1800 | session).to_be_bytes(), &[0; 6], &[0, 1], &[0xee; 8]]);
    cat(&[&[0x10, 0, 0x22, 0xeb, 0, 0, 0, 1], &header, frame])
}

pub(crate) fn nsh(path: u32, next: u8, inner: &[u8]) -> Vec<u8> {
    cat(&[&[0, 0x06, 1, next], &id24(path), &[0; 16], inner])
}

/// GTP-U with a sequence number and one extension header.
pub(crate) fn gtp(endpoint: u32, inner: &[u8]) -> Vec<u8> {
    let optional = [0, 1, 0, 0x85, 1, 0x10, 9, 0];
    let len = u16::try_from(inner.len() + optional.len()).unwrap().to_be_bytes();
    udp(2152, 2152, &cat(&[&[0x36, 0xff], &len, &endpoint.to_be_bytes(), &optional, inner]))
}

pub(crate) fn pppoe(session: u16, inner: &[u8]) -> Vec<u8> {
    let protocol = if inner[0] >> 4 == 4 { [0x00, 0x21] } else { [0x00, 0x57] };
    let len = u16::try_from(inner.len() + 2).unwrap().to_be_bytes();
    cat(&[&[0x11, 0], &session.to_be_bytes(), &len, &protocol, inner])
}

/// The facts of [`tcp`]'s segment in [`ipv4`], with nothing around it.
pub(crate) fn meta(time: Timestamp) -> SegmentMeta {
    SegmentMeta {
        time,
        ordinal: 0,
        flow: flow(SRC.into(), DST.into()),
        envelope: Envelope::EMPTY,
        mac: None,
        interface: 0,
        seq: 1000,
        ack: 2000,
        flags: TcpFlags(0x18),
        missing: 0,
        transport: Default::default(),
    }
}

pub(crate) fn flow(src: IpAddr, dst: IpAddr) -> Flow {
    Flow { src: Endpoint { ip: src, port: 40_000 }, dst: Endpoint { ip: dst, port: 80 } }
}

/// A segment as a test can compare it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) flow: Flow,
    pub(crate) layers: Vec<(LayerKind, u32)>,
    pub(crate) mac: Option<[[u8; 6]; 2]>,
    pub(crate) numbers: (u32, u32, u8),
    pub(crate) payload: Vec<u8>,
    pub(crate) missing: u32,
}

impl Seen {
    pub(crate) fn of(segment: &Segment<'_>) -> Self {
        let meta = &segment.meta;
        Self {
            flow: meta.flow,
            layers: meta.envelope.layers().iter().map(|layer| (layer.kind, layer.id)).collect(),
            mac: meta.mac,
            numbers: (meta.seq, meta.ack, meta.flags.0),
            payload: segment.payload.to_vec(),
            missing: meta.missing,
        }
    }
}

/// A stage under test, with what it emitted.
pub(crate) struct Bench {
    pub(crate) decap: Decap,
    pub(crate) seen: Vec<Seen>,
    pushed: u64,
}

impl Bench {
    pub(crate) fn new(config: &Config) -> Self {
        Self::filtered(config, Filter::default())
    }

    pub(crate) fn filtered(config: &Config, filter: Filter) -> Self {
        Self { decap: Decap::new(config).filtered(filter), seen: Vec::new(), pushed: 0 }
    }

    /// Pushes a packet captured at `millis`, `wire` octets long, and checks that the counts add up.
    pub(crate) fn push(
        &mut self,
        link: LinkType,
        millis: u64,
        wire: usize,
        data: &[u8],
    ) -> Outcome {
        let time = Timestamp::from_nanos(millis * 1_000_000);
        let packet =
            Packet { time, link, interface: 3, original_len: u32::try_from(wire).unwrap(), data };
        let (seen, ordinal) = (&mut self.seen, self.pushed);
        let before = seen.len();
        let outcome = self.decap.push(&packet, ordinal, &mut |segment| {
            assert_eq!(
                (segment.meta.time, segment.meta.ordinal, segment.meta.interface),
                (time, ordinal, 3)
            );
            seen.push(Seen::of(&segment));
        });
        self.pushed += 1;
        assert_eq!(
            seen.len() - before,
            usize::from(matches!(outcome, Outcome::Segment | Outcome::Quic))
        );
        assert_eq!(self.decap.counts().packets(), self.pushed);
        outcome
    }

    pub(crate) fn counts(&self) -> &Counts {
        self.decap.counts()
    }
}

/// What a single, whole packet turns out to be.
pub(crate) fn one(link: LinkType, data: &[u8]) -> Result<Seen, Outcome> {
    let mut bench = Bench::new(&Config::default());
    let outcome = bench.push(link, 0, data.len(), data);
    bench.seen.pop().ok_or(outcome)
}

/// What is seen of `tcp(payload)` in [`ipv4`] on Ethernet inside `layers`.
pub(crate) fn expected(payload: &[u8], layers: &[(LayerKind, u32)]) -> Seen {
    Seen {
        flow: flow(SRC.into(), DST.into()),
        layers: layers.to_vec(),
        mac: Some(MACS),
        numbers: (1000, 2000, 0x18),
        payload: payload.to_vec(),
        missing: 0,
    }
}
