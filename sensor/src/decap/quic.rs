//! Datagrams of QUIC: told by their long headers, and from then on by their flow.
//!
//! ```text
//! | 1 | 1 | type: 2 bits | 4 bits | version: 4 octets | length: 1 octet | destination id | length: 1 octet | source id | …
//! | 0 | 1 | 6 bits | destination id | …
//! ```
//!
//! Source: [RFC 9000 §17](https://www.rfc-editor.org/rfc/rfc9000#section-17), [RFC 9369](https://www.rfc-editor.org/rfc/rfc9369).

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;

use super::frame::Frame;
use super::steering::steering_hash;
use super::walk::Context;
use super::{Endpoint, Flow, Segment, SegmentMeta, TcpFlags, Transport};

/// Places for flows; one that comes to a place in use takes it over.
const FLOWS: usize = 1 << 14;
/// Octets of a packet that is not an Initial that go on: enough to tell what it is.
const HEAD: usize = 6;

/// Octets that tell a datagram from others: its headers, and some of what is encrypted.
const PRINTED: usize = 64;

/// Version 1.
pub(crate) const VERSION_1: u32 = 1;
/// Version 2 (RFC 9369).
pub(crate) const VERSION_2: u32 = 0x6b33_43cf;
/// The drafts that came out as version 1.
pub(crate) const DRAFTS: std::ops::RangeInclusive<u32> = 0xff00_001d..=0xff00_0022;

/// What a packet of QUIC is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Opens a connection; its keys are public.
    Initial,
    /// Another packet of the handshake, or early data.
    Handshake,
    /// The server wants the client to try again.
    Retry,
}

/// Which kind of long header a packet begins with, and its version; `None` when it has none that is known.
pub(crate) fn long_header(packet: &[u8]) -> Option<(Kind, u32)> {
    let &[first, a, b, c, d, ..] = packet.first_chunk::<5>()?;
    let version = u32::from_be_bytes([a, b, c, d]);
    let known = matches!(version, VERSION_1 | VERSION_2) || DRAFTS.contains(&version);
    // Of version 2 each kind has the number behind that of version 1.
    let number = (first >> 4).wrapping_sub(u8::from(version == VERSION_2)) & 3;
    let kind = match number {
        0 => Kind::Initial,
        3 => Kind::Retry,
        _ => Kind::Handshake,
    };
    (known && first & 0xc0 == 0xc0).then_some((kind, version))
}

/// Flows that are known to be QUIC.
#[derive(Default)]
pub(crate) struct Quic {
    /// Their hashes, each in its place; empty until the first.
    flows: Vec<u64>,
}

impl Quic {
    /// Reads a UDP header and what follows; `None` when it is not of QUIC.
    ///
    /// Packets of which only the length matters go on without their payload.
    pub(crate) fn open<'a>(&mut self, frame: Frame<'a>, cx: &Context) -> Option<Segment<'a>> {
        let &[s0, s1, d0, d1, l0, l1, _, _] = frame.array(0).ok()?;
        let frame = match u16::from_be_bytes([l0, l1]) {
            0 => frame,
            len => frame.trim(len.into()),
        };
        let packet = frame.data.get(8..)?;
        let first = *packet.first()?;
        if first & 0x40 == 0 || first & 0x80 == 0 && self.flows.is_empty() {
            return None;
        }
        let (src, dst) = cx.ends?;
        let flow = Flow {
            src: Endpoint { ip: src, port: u16::from_be_bytes([s0, s1]) },
            dst: Endpoint { ip: dst, port: u16::from_be_bytes([d0, d1]) },
        };
        let payload = if first & 0x80 == 0 {
            if !self.knows(&flow) {
                return None;
            }
            &[]
        } else {
            let (kind, _) = long_header(packet)?;
            self.learn(&flow);
            match kind {
                Kind::Initial => packet,
                Kind::Handshake | Kind::Retry => packet.get(..HEAD).unwrap_or(packet),
            }
        };
        let missing = frame.wire().saturating_sub(8).saturating_sub(payload.len());
        let (seq, ack) = print(packet);
        let meta = SegmentMeta {
            time: cx.time,
            ordinal: cx.ordinal,
            flow,
            envelope: cx.envelope,
            mac: cx.mac,
            interface: cx.interface,
            seq,
            ack,
            flags: TcpFlags::default(),
            missing: u32::try_from(missing).unwrap_or(u32::MAX),
            transport: Transport::Udp,
        };
        Some(Segment { meta, payload })
    }

    fn place(hash: u64) -> usize {
        usize::try_from(hash >> 32).unwrap_or(0) % FLOWS
    }

    fn knows(&self, flow: &Flow) -> bool {
        let hash = steering_hash(flow);
        self.flows.get(Self::place(hash)) == Some(&hash)
    }

    fn learn(&mut self, flow: &Flow) {
        if self.flows.is_empty() {
            self.flows.resize(FLOWS, 0);
        }
        let hash = steering_hash(flow);
        if let Some(place) = self.flows.get_mut(Self::place(hash)) {
            *place = hash;
        }
    }
}

/// What tells a datagram from others: none is sent twice, as each packet has a number and is encrypted with it. Never zero.
fn print(packet: &[u8]) -> (u32, u32) {
    let mut hasher = FixedState::with_seed(0x51).build_hasher();
    hasher.write(packet.get(..PRINTED).unwrap_or(packet));
    let [a, b, c, d, rest @ ..] = hasher.finish().to_be_bytes();
    (u32::from_be_bytes([a, b, c, d]) | 1, u32::from_be_bytes(rest))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Bench, cat, ipv4};
    use super::super::{Config, Outcome};
    use super::*;
    use crate::capture::LinkType;

    fn udp(port: u16, payload: &[u8]) -> Vec<u8> {
        let len = u16::try_from(payload.len() + 8).unwrap().to_be_bytes();
        ipv4(17, &cat(&[&port.to_be_bytes(), &[1, 187], &len, &[0, 0], payload]))
    }

    fn long(first: u8, version: u32) -> Vec<u8> {
        cat(&[&[first], &version.to_be_bytes(), &[8; 9], &[9; 100]])
    }

    #[test]
    fn datagrams_are_told_by_long_headers_and_then_by_flow() {
        let mut bench = Bench::new(&Config::default());
        let mut push = |port, payload: &[u8]| {
            let packet = udp(port, payload);
            let outcome = bench.push(LinkType::RAW, 0, packet.len(), &packet);
            let seen = bench.seen.pop().map(|seen| (seen.payload.len(), seen.missing));
            (outcome, seen)
        };
        let short = [0x4f; 700];
        assert_eq!(push(9, &short), (Outcome::Udp, None), "before the long header");
        assert_eq!(push(9, &long(0xc3, 1)), (Outcome::Quic, Some((114, 0))));
        assert_eq!(push(9, &long(0xe3, 1)), (Outcome::Quic, Some((6, 108))), "no Initial");
        assert_eq!(push(9, &short), (Outcome::Quic, Some((0, 700))));
        assert_eq!(push(8, &short), (Outcome::Udp, None), "another flow");
        assert_eq!(push(7, &long(0xd3, VERSION_2)), (Outcome::Quic, Some((114, 0))));
        assert_eq!(push(6, &long(0xc3, 2)), (Outcome::Udp, None), "no version");
        assert_eq!(push(6, &long(0x83, 1)), (Outcome::Udp, None), "no fixed bit");
        assert_eq!(push(6, &[]), (Outcome::Udp, None));
    }

    #[test]
    fn only_copies_are_alike() {
        let packet = [0x4f; 700];
        let mut other = packet;
        other[30] = 0;
        assert_eq!(print(&packet), print(&packet));
        assert_ne!(print(&packet), print(&other));
        assert_ne!(print(&[]).0, 0);
    }
}
