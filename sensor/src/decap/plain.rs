//! The usual packet: TCP in IPv4 in Ethernet, captured whole, with nothing in between. It takes one look instead of a walk.

use std::net::IpAddr;

use super::ethernet::IPV4;
use super::tcp::PROTOCOL;
use super::{Endpoint, Envelope, Flow, Segment, SegmentMeta, TcpFlags, Transport};
use crate::capture::{LinkType, Packet};

/// Octets of an IPv4 header without options, and of a TCP header without options.
const IP: usize = 20;
const TCP: usize = 20;
/// Version 4, and a header without options.
const PLAIN: u8 = 0x45;
/// In the field with the flags: more fragments follow, or this one is not the first.
const FRAGMENT: u16 = 0x3fff;

/// The segment of such a packet, and its octets from the TCP header on. `None`: it is to be walked through.
#[inline]
pub(super) fn open<'a>(packet: &Packet<'a>, ordinal: u64) -> Option<(Segment<'a>, &'a [u8])> {
    if packet.link != LinkType::ETHERNET {
        return None;
    }
    let (ethernet, rest) = packet.data.split_first_chunk::<14>()?;
    let &[d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, t0, t1] = ethernet;
    let &[first, _, l0, l1, _, _, f0, f1, _, protocol, _, _, a0, a1, a2, a3, b0, b1, b2, b3] =
        rest.first_chunk::<IP>()?;
    let plain = u16::from_be_bytes([t0, t1]) == IPV4
        && (first, protocol) == (PLAIN, PROTOCOL)
        && u16::from_be_bytes([f0, f1]) & FRAGMENT == 0;
    if !plain {
        return None;
    }
    let octets = rest.get(IP..usize::from(u16::from_be_bytes([l0, l1])))?;
    let &[p0, p1, q0, q1, n0, n1, n2, n3, k0, k1, k2, k3, offset, flags, ..] =
        octets.first_chunk::<TCP>()?;
    let header = usize::from(offset >> 4) << 2;
    if header < TCP {
        return None;
    }
    let payload = octets.get(header..)?;
    let meta = SegmentMeta {
        time: packet.time,
        ordinal,
        flow: Flow {
            src: Endpoint {
                ip: IpAddr::from([a0, a1, a2, a3]),
                port: u16::from_be_bytes([p0, p1]),
            },
            dst: Endpoint {
                ip: IpAddr::from([b0, b1, b2, b3]),
                port: u16::from_be_bytes([q0, q1]),
            },
        },
        envelope: Envelope::EMPTY,
        mac: Some([[s0, s1, s2, s3, s4, s5], [d0, d1, d2, d3, d4, d5]]),
        interface: packet.interface,
        seq: u32::from_be_bytes([n0, n1, n2, n3]),
        ack: u32::from_be_bytes([k0, k1, k2, k3]),
        flags: TcpFlags(flags),
        missing: 0,
        transport: Transport::Tcp,
    };
    Some((Segment { meta, payload }, octets))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::{ethernet, ipv4, tcp};
    use super::super::{Config, Decap};
    use super::*;
    use crate::time::Timestamp;

    /// A segment, to be compared.
    fn seen(Segment { meta, payload }: Segment<'_>) -> impl std::fmt::Debug + PartialEq + use<> {
        let SegmentMeta { time, ordinal, flow, envelope, mac, .. } = meta;
        let numbers = (meta.seq, meta.ack, meta.flags, meta.missing, meta.interface);
        (time, ordinal, flow, envelope, mac, numbers, meta.transport, payload.to_vec())
    }

    proptest! {
        // The usual packet, damaged here and there, is what a walk makes of it, whole or cut.
        #[test]
        fn one_look_tells_what_a_walk_does(
            payload in prop::collection::vec(any::<u8>(), 0..90), options in 0..11_u8, flags: u8,
            padding in 0..9_usize, snap in 0..220_usize, original in 0..300_u32,
            changes in prop::collection::vec((0..80_usize, any::<u8>()), 0..3),
            link in prop_oneof![9 => Just(1_u16), 1 => Just(101)],
        ) {
            let mut segment = tcp(&payload);
            (segment[12], segment[13]) = ((5 + options) << 4, flags);
            let mut data = ethernet(0x0800, &ipv4(6, &segment));
            data.extend(vec![0; padding]);
            for (at, octet) in changes {
                if let Some(place) = data.get_mut(at) {
                    *place = octet;
                }
            }
            data.truncate(snap.max(20));
            let time = Timestamp::from_nanos(7);
            let original_len = original.max(u32::try_from(data.len()).unwrap());
            let packet = Packet { time, link: LinkType(link), interface: 3, original_len, data: &data };
            let [mut one, mut other] = [0, 1].map(|_| Decap::new(&Config::default()));
            for ordinal in [5, 6, 64, 65, 100] {
                let [mut mine, mut theirs] = [Vec::new(), Vec::new()];
                let told = one.push(&packet, ordinal, &mut |segment| mine.push(seen(segment)));
                let want =
                    other.walk_through(&packet, ordinal, &mut |segment| theirs.push(seen(segment)));
                prop_assert_eq!((told, mine), (want, theirs));
            }
            prop_assert_eq!(one.counts(), other.counts());
        }
    }
}
