//! IPv4 and IPv6, with what may stand between an IP header and its content.

use std::net::{IpAddr, Ipv6Addr};

use etherparse::err::{ipv4, ipv6};
use etherparse::{Ipv4HeaderSlice, Ipv6HeaderSlice};

use super::frame::Frame;
use super::walk::{Context, Next, Part, Step};
use super::{Outcome, Reason};

/// Follows the version in the first nibble.
pub(crate) fn either<'a>(frame: Frame<'a>, cx: &mut Context) -> Step<'a> {
    match frame.u8(0)? >> 4 {
        4 => v4(frame, cx),
        6 => v6(frame, cx),
        _ => Err(Outcome::Malformed(Reason::IpVersion)),
    }
}

/// Reads an IPv4 header.
///
/// Source: [RFC 791 §3.1](https://www.rfc-editor.org/rfc/rfc791#section-3.1).
#[inline]
pub(crate) fn v4<'a>(frame: Frame<'a>, cx: &mut Context) -> Step<'a> {
    let header = Ipv4HeaderSlice::from_slice(frame.data).map_err(|error| match error {
        ipv4::HeaderSliceError::Len(_) => frame.short(),
        ipv4::HeaderSliceError::Content(ipv4::HeaderError::UnexpectedVersion { .. }) => {
            Outcome::Malformed(Reason::IpVersion)
        }
        ipv4::HeaderSliceError::Content(ipv4::HeaderError::HeaderLengthSmallerThanHeader {
            ..
        }) => Outcome::Malformed(Reason::IpLength),
    })?;
    let header_len = header.slice().len();
    let packet = match usize::from(header.total_len()) {
        // Segmentation offload: the length did not fit, the frame's own counts.
        0 => frame,
        len if len < header_len => return Err(Outcome::Malformed(Reason::IpLength)),
        len => bound(frame, len, cx),
    };
    cx.super_frame |= packet.wire() > usize::from(u16::MAX);
    cx.ends = Some((header.source_addr().into(), header.destination_addr().into()));
    let payload = packet.skip(header_len)?;
    let protocol = header.protocol().0;
    if header.is_fragmenting_payload() {
        let part = Part {
            id: header.identification().into(),
            offset: header.fragments_offset().value() << 3,
            more: header.more_fragments(),
            protocol,
        };
        return Ok((Next::Fragment(part), payload));
    }
    Ok((Next::Protocol(protocol), payload))
}

/// Reads an IPv6 header.
///
/// Source: [RFC 8200 §3](https://www.rfc-editor.org/rfc/rfc8200#section-3), RFC 2675 for jumbograms.
pub(crate) fn v6<'a>(frame: Frame<'a>, cx: &mut Context) -> Step<'a> {
    let header = Ipv6HeaderSlice::from_slice(frame.data).map_err(|error| match error {
        ipv6::HeaderSliceError::Len(_) => frame.short(),
        ipv6::HeaderSliceError::Content(_) => Outcome::Malformed(Reason::IpVersion),
    })?;
    let next = header.next_header().0;
    let payload = frame.skip(40)?;
    let payload = match usize::from(header.payload_length()) {
        // A jumbogram, or segmentation offload: the frame's own length counts.
        0 => match jumbo(next, payload) {
            Some(len) => bound(payload, len, cx),
            None => payload,
        },
        len => bound(payload, len, cx),
    };
    cx.super_frame |= payload.wire() > usize::from(u16::MAX);
    cx.ends = Some((header.source_addr().into(), header.destination_addr().into()));
    Ok((Next::Protocol(next), payload))
}

/// Follows an IP protocol number that is neither TCP, UDP nor one of the tunnels.
///
/// Source: [RFC 8200 §4](https://www.rfc-editor.org/rfc/rfc8200#section-4), RFC 4302 §2 for AH, RFC 6275 for mobility.
pub(crate) fn protocol<'a>(number: u8, frame: Frame<'a>, cx: &mut Context) -> Step<'a> {
    /// Authentication header.
    const AH: u8 = 51;
    /// Routing header.
    const ROUTING: u8 = 43;
    let v6 = cx.ends.is_some_and(|(src, _)| src.is_ipv6());
    match number {
        1 | 58 => Err(Outcome::Icmp),
        AH => {
            let &[next, len] = frame.array(0)?;
            Ok((Next::Protocol(next), frame.skip(usize::from(len).saturating_add(2) << 2)?))
        }
        0 | ROUTING | 60 | 135 | 139 | 140 if v6 => {
            let &[next, len] = frame.array(0)?;
            let len = usize::from(len).saturating_add(1) << 3;
            if number == ROUTING {
                route(frame.trim(len), cx)?;
            }
            Ok((Next::Protocol(next), frame.skip(len)?))
        }
        44 if v6 => fragment(frame),
        _ => Err(Outcome::OtherIp),
    }
}

/// Bounds a frame by a length in its IP header.
#[inline]
fn bound<'a>(frame: Frame<'a>, len: usize, cx: &mut Context) -> Frame<'a> {
    cx.longer_than_wire |= len > frame.wire();
    frame.bound(len)
}

/// Reads a fragment header. One that says it is all there is ("atomic", RFC 6946) is just skipped.
///
/// Source: [RFC 8200 §4.5](https://www.rfc-editor.org/rfc/rfc8200#section-4.5).
fn fragment(frame: Frame<'_>) -> Step<'_> {
    let &[protocol, _, o0, o1, i0, i1, i2, i3] = frame.array(0)?;
    let position = u16::from_be_bytes([o0, o1]);
    let payload = frame.skip(8)?;
    let part = Part {
        id: u32::from_be_bytes([i0, i1, i2, i3]),
        offset: position & !7,
        more: position & 1 == 1,
        protocol,
    };
    let atomic = part.offset == 0 && !part.more;
    Ok((if atomic { Next::Protocol(protocol) } else { Next::Fragment(part) }, payload))
}

/// Takes the final destination from a routing header that still has way to go: TCP's ends are the hosts,
/// not the stops between them (RFC 8200 §8.1).
fn route(header: Frame<'_>, cx: &mut Context) -> Result<(), Outcome> {
    let &[_, len, kind, left] = header.array(0)?;
    let last = match (kind, left) {
        (_, 0) => return Ok(()),
        // Type 0 (RFC 2460 §4.4): the last address.
        (0, _) => usize::from(len >> 1).checked_sub(1),
        // Type 2 (RFC 6275 §6.4) has one; segment routing (RFC 8754 §2) has them in reverse order.
        (2 | 4, _) => Some(0),
        _ => None,
    };
    if let (Some(last), Some((_, dst))) = (last, cx.ends.as_mut()) {
        let at = (last << 4).saturating_add(8);
        *dst = IpAddr::V6(Ipv6Addr::from(*header.array::<16>(at)?));
    }
    Ok(())
}

/// The payload length in a jumbo payload option: the frame length of "BIG TCP".
fn jumbo(next: u8, payload: Frame<'_>) -> Option<usize> {
    let &[_, len] = payload.array(0).ok().filter(|_| next == 0)?;
    let options = payload.trim(usize::from(len).saturating_add(1) << 3);
    let mut at = 2;
    loop {
        match *options.data.get(at..)? {
            [0, ..] => at = at.saturating_add(1),
            [0xc2, 4, a, b, c, d, ..] => {
                return usize::try_from(u32::from_be_bytes([a, b, c, d])).ok();
            }
            [_, len, ..] => at = at.saturating_add(2).saturating_add(len.into()),
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{
        self, Bench, DST6, SRC6, Seen, cat, expected, flow, ipv4, one, tcp,
    };
    use super::super::{Config, Reason};
    use super::*;
    use crate::capture::LinkType;

    fn raw4() -> Seen {
        Seen { mac: None, ..expected(b"data", &[]) }
    }

    fn raw6() -> Seen {
        Seen { flow: flow(SRC6.into(), DST6.into()), ..raw4() }
    }

    #[test]
    fn the_version_is_in_the_first_nibble() {
        assert_eq!(one(LinkType::RAW, &ipv4(6, &tcp(b"data"))), Ok(raw4()));
        assert_eq!(one(LinkType::RAW, &testing::ipv6(6, &tcp(b"data"))), Ok(raw6()));
        assert_eq!(one(LinkType::RAW, &[0x50; 40]), Err(Outcome::Malformed(Reason::IpVersion)));
        assert_eq!(
            one(LinkType::IPV6, &ipv4(6, &tcp(b""))),
            Err(Outcome::Malformed(Reason::IpVersion))
        );
        assert_eq!(
            one(LinkType::IPV4, &testing::ipv6(6, b"")),
            Err(Outcome::Malformed(Reason::IpVersion))
        );
    }

    /// The same packets as another implementation writes them.
    #[test]
    fn foreign_packets_are_read() {
        let build = etherparse::PacketBuilder::ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64)
            .tcp(40_000, 80, 1000, 1024)
            .psh()
            .ack(2000);
        let mut packet = Vec::new();
        build.write(&mut packet, b"data").unwrap();
        assert_eq!(one(LinkType::RAW, &packet), Ok(raw4()));
    }

    /// RFC 791 §3.1: the header is at least 5 words long, options included, and the total counts it.
    #[test]
    fn lengths_must_fit_the_header() {
        let mut short = ipv4(6, &tcp(b"data"));
        short[0] = 0x44;
        assert_eq!(one(LinkType::RAW, &short), Err(Outcome::Malformed(Reason::IpLength)));
        let mut small = ipv4(6, &tcp(b"data"));
        small[3] = 19;
        assert_eq!(one(LinkType::RAW, &small), Err(Outcome::Malformed(Reason::IpLength)));
        let options = cat(&[&[0x46], &ipv4(6, &tcp(b"data"))[1..20], &[1; 4], &tcp(b"data")]);
        let mut options = options;
        options[3] += 4;
        assert_eq!(one(LinkType::RAW, &options), Ok(raw4()));
    }

    /// A bad checksum is what offloading network cards leave.
    #[test]
    fn checksums_do_not_count() {
        let mut packet = ipv4(6, &tcp(b"data"));
        packet[10] ^= 0xff;
        assert_eq!(one(LinkType::RAW, &packet), Ok(raw4()));
    }

    /// Length 0: segmentation offload made the packet longer than the field can tell.
    #[test]
    fn length_zero_takes_the_frames_own() {
        let tcp = tcp(&[b'x'; 70_000]);
        for packet in [ipv4(6, &tcp), testing::ipv6(6, &tcp)] {
            let mut bench = Bench::new(&Config::default());
            assert_eq!(bench.push(LinkType::RAW, 0, packet.len(), &packet), Outcome::Segment);
            assert_eq!((bench.seen[0].payload.len(), bench.seen[0].missing), (70_000, 0));
            assert_eq!(
                bench.push(LinkType::RAW, 0, packet.len(), &packet[..1000]),
                Outcome::Segment
            );
            let cut = u32::try_from(packet.len() - 1000).unwrap();
            assert_eq!(
                (bench.seen[1].payload.len(), bench.seen[1].missing),
                (70_000 + 1000 - packet.len(), cut)
            );
            assert_eq!(bench.counts().super_frames, 2);
        }
    }

    /// RFC 2675 §2: the jumbo payload option counts what follows the IPv6 header; padding is still dropped.
    #[test]
    fn jumbo_payload_option_bounds_the_payload() {
        let inner = tcp(&vec![b'x'; 66_000]);
        let option =
            cat(&[&[6, 0, 0xc2, 4], &u32::try_from(inner.len() + 8).unwrap().to_be_bytes()]);
        let mut packet = testing::ipv6(0, &cat(&[&option, &inner, b"padding"]));
        packet[4..6].fill(0);
        assert_eq!(one(LinkType::RAW, &packet).unwrap().payload.len(), 66_000);
    }

    /// More than was on the wire: what a mirror cut off before the capture.
    #[test]
    fn a_length_beyond_the_wire_is_missing_bytes() {
        let whole = ipv4(6, &tcp(&[b'x'; 100]));
        let mut bench = Bench::new(&Config::default());
        assert_eq!(bench.push(LinkType::RAW, 0, 92, &whole[..92]), Outcome::Segment);
        assert_eq!((bench.seen[0].payload.len(), bench.seen[0].missing), (40, 60));
        assert_eq!(bench.counts().longer_than_wire, 1);
    }

    /// RFC 8200 §4: headers may stand between, in any order; atomic fragments (RFC 6946) are whole.
    #[test]
    fn extension_headers_are_skipped() {
        let atomic = [6, 0, 0, 0, 1, 2, 3, 4];
        let ah = cat(&[&[44, 4, 0, 0], &[0; 20], &atomic]);
        let destination = cat(&[&[51, 0, 1, 4, 0, 0, 0, 0], &ah]);
        let hops = cat(&[&[60, 1], &[0; 14], &destination, &tcp(b"data")]);
        assert_eq!(one(LinkType::RAW, &testing::ipv6(0, &hops)), Ok(raw6()));
        assert_eq!(one(LinkType::RAW, &testing::ipv6(59, b"")), Err(Outcome::OtherIp));
        assert_eq!(
            one(LinkType::RAW, &testing::ipv6(60, &[6, 9, 0, 0])),
            Err(Outcome::Malformed(Reason::Short))
        );
        // In IPv4 these numbers announce nothing.
        assert_eq!(one(LinkType::RAW, &ipv4(60, &hops)), Err(Outcome::OtherIp));
    }

    /// RFC 8200 §8.1: the destination that TCP means is the last one.
    #[test]
    fn routing_headers_tell_the_destination() {
        let far: Ipv6Addr = "fd00::99".parse().unwrap();
        let via: Ipv6Addr = "fd00::77".parse().unwrap();
        let header = |kind, left, first: Ipv6Addr, second: Ipv6Addr| {
            let addresses = cat(&[&first.octets(), &second.octets()]);
            testing::ipv6(43, &cat(&[&[6, 4, kind, left, 0, 0, 0, 0], &addresses, &tcp(b"data")]))
        };
        let to = |ip: Ipv6Addr| Ok(Seen { flow: flow(SRC6.into(), ip.into()), ..raw6() });
        assert_eq!(one(LinkType::RAW, &header(4, 1, far, via)), to(far));
        assert_eq!(one(LinkType::RAW, &header(0, 1, via, far)), to(far));
        assert_eq!(one(LinkType::RAW, &header(4, 0, far, via)), to(DST6));
        assert_eq!(one(LinkType::RAW, &header(3, 1, far, via)), to(DST6));
    }

    #[test]
    fn other_protocols_are_named() {
        assert_eq!(one(LinkType::RAW, &ipv4(1, &[0; 8])), Err(Outcome::Icmp));
        assert_eq!(one(LinkType::RAW, &testing::ipv6(58, &[0; 8])), Err(Outcome::Icmp));
        assert_eq!(one(LinkType::RAW, &ipv4(17, &[0; 8])), Err(Outcome::Udp));
        assert_eq!(one(LinkType::RAW, &ipv4(50, &[0; 8])), Err(Outcome::OtherIp));
        assert_eq!(one(LinkType::RAW, &ipv4(132, &[0; 8])), Err(Outcome::OtherIp));
    }
}
