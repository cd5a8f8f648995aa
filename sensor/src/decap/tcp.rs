//! TCP: the header that every walk hopes to end at.

use super::frame::Frame;
use super::walk::Context;
use super::{Endpoint, Flow, Outcome, Reason, Segment, SegmentMeta, TcpFlags, Transport};

/// Its IP protocol number.
pub(crate) const PROTOCOL: u8 = 6;

/// Reads a TCP header. Options are skipped; they, and the payload, may be cut.
///
/// Source: [RFC 9293 §3.1](https://www.rfc-editor.org/rfc/rfc9293#section-3.1).
#[inline]
pub(crate) fn open<'a>(frame: Frame<'a>, cx: &Context) -> Result<Segment<'a>, Outcome> {
    let &[s0, s1, d0, d1, q0, q1, q2, q3, a0, a1, a2, a3, offset, flags, ..] =
        frame.array::<20>(0)?;
    let header = usize::from(offset >> 4) << 2;
    if header < 20 || header > frame.wire() {
        return Err(Outcome::Malformed(Reason::TcpOffset));
    }
    let (src, dst) = cx.ends.ok_or(Outcome::OtherIp)?;
    let payload = frame.data.get(header..).unwrap_or_default();
    let missing = frame.wire().saturating_sub(header).saturating_sub(payload.len());
    let meta = SegmentMeta {
        time: cx.time,
        ordinal: cx.ordinal,
        flow: Flow {
            src: Endpoint { ip: src, port: u16::from_be_bytes([s0, s1]) },
            dst: Endpoint { ip: dst, port: u16::from_be_bytes([d0, d1]) },
        },
        envelope: cx.envelope,
        mac: cx.mac,
        interface: cx.interface,
        seq: u32::from_be_bytes([q0, q1, q2, q3]),
        ack: u32::from_be_bytes([a0, a1, a2, a3]),
        flags: TcpFlags(flags),
        missing: u32::try_from(missing).unwrap_or(u32::MAX),
        transport: Transport::Tcp,
    };
    Ok(Segment { meta, payload })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, Bench, Seen, cat, ethernet, expected, ipv4, one};
    use super::super::{Config, Reason};
    use super::*;
    use crate::capture::LinkType;

    #[test]
    fn a_segment_is_read() {
        let packet = ethernet(0x0800, &ipv4(PROTOCOL, &testing::tcp(b"hello")));
        assert_eq!(one(LinkType::ETHERNET, &packet), Ok(expected(b"hello", &[])));
    }

    /// RFC 9293 §3.1: the offset is at least 5 and points into the segment.
    #[test]
    fn impossible_data_offsets_are_refused() {
        for offset in [0x40, 0xf0] {
            let mut tcp = testing::tcp(b"hello");
            tcp[12] = offset;
            let seen = one(LinkType::RAW, &ipv4(PROTOCOL, &tcp));
            assert_eq!(seen, Err(Outcome::Malformed(Reason::TcpOffset)), "offset {offset:#x}");
        }
    }

    /// Padding is no payload; what the capture cut is missing, wherever the cut falls.
    #[test]
    fn every_snap_length_keeps_the_books() {
        let payload: Vec<u8> = (0..100).collect();
        let whole = cat(&[&ethernet(0x0800, &ipv4(PROTOCOL, &testing::tcp(&payload))), &[0xee; 9]]);
        for snap in 0..=whole.len() {
            let mut bench = Bench::new(&Config::default());
            let outcome = bench.push(LinkType::ETHERNET, 0, whole.len(), &whole[..snap]);
            let Some(seen) = bench.seen.pop() else {
                assert!(snap < 14 + 20 + 20, "{snap}: {outcome:?}");
                assert_eq!(outcome, Outcome::Truncated, "{snap}");
                continue;
            };
            let kept = snap.saturating_sub(14 + 20 + 32).min(100);
            let want = Seen {
                missing: u32::try_from(100 - kept).unwrap(),
                ..expected(&payload[..kept], &[])
            };
            assert_eq!(seen, want, "{snap}");
            assert_eq!(bench.counts().segments_cut_bytes, u64::from(want.missing));
        }
    }
}
