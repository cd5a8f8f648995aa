//! TCP checksums, of some segments: how many are wrong tells of a mirror that damages what it copies.
//!
//! A wrong checksum is no reason to drop a segment: offload makes them as a matter of course.

use std::net::IpAddr;

use super::tcp::PROTOCOL;

/// What a checksum says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It fits.
    Good,
    /// It is what a host leaves to its network card to finish: the sum of the pseudo-header, or nothing.
    Offloaded,
    /// It does not fit.
    Bad,
}

/// Whether the segment of packet `ordinal` is looked at: every 64th, spread so that no pattern of the
/// traffic, such as question and answer by turns, hides half of it.
#[inline]
pub(crate) const fn is_sampled(ordinal: u64) -> bool {
    ordinal.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58 == 0
}

/// Judges a whole TCP segment by its header's checksum.
///
/// Source: [RFC 9293 §3.1](https://www.rfc-editor.org/rfc/rfc9293#section-3.1), RFC 8200 §8.1.
pub(crate) fn judge((src, dst): (IpAddr, IpAddr), segment: &[u8]) -> Verdict {
    let Some(&[high, low]) = segment.get(16..).and_then(|rest| rest.first_chunk()) else {
        return Verdict::Bad;
    };
    let written = u16::from_be_bytes([high, low]);
    let length = u64::try_from(segment.len()).unwrap_or(u64::MAX);
    let addresses = address(src).wrapping_add(address(dst)).wrapping_add(PROTOCOL.into());
    let pseudo = addresses.wrapping_add(length);
    if fold(pseudo.wrapping_add(words(segment))) == u16::MAX {
        Verdict::Good
    } else if written == 0 || written == fold(pseudo) || written == fold(addresses) {
        Verdict::Offloaded
    } else {
        Verdict::Bad
    }
}

fn address(ip: IpAddr) -> u64 {
    match ip {
        IpAddr::V4(ip) => words(&ip.octets()),
        IpAddr::V6(ip) => words(&ip.octets()),
    }
}

/// The sum of the 16-bit words; no packet is long enough for it to overflow.
fn words(bytes: &[u8]) -> u64 {
    let (words, last) = bytes.as_chunks::<2>();
    let whole = words.iter().map(|word| u64::from(u16::from_be_bytes(*word))).sum::<u64>();
    whole.wrapping_add(last.first().map_or(0, |&octet| u64::from(octet) << 8))
}

/// The one's complement sum.
fn fold(mut sum: u64) -> u16 {
    while let Some(carry) = Some(sum >> 16).filter(|carry| *carry > 0) {
        sum = (sum & 0xffff).wrapping_add(carry);
    }
    u16::try_from(sum).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use etherparse::{Ipv4Header, Ipv6Header, TcpHeader};
    use proptest::prelude::*;

    use super::*;

    /// A segment with the checksum that another implementation gives it.
    fn segment(v6: bool, ends: [[u8; 16]; 2], payload: &[u8]) -> ((IpAddr, IpAddr), Vec<u8>) {
        let mut header = TcpHeader::new(443, 51_000, 7, 1024);
        let [src, dst] = ends;
        let (ends, sum) = if v6 {
            let ip = Ipv6Header { source: src, destination: dst, ..Ipv6Header::default() };
            let sum = header.calc_checksum_ipv6(&ip, payload).unwrap();
            ((IpAddr::from(src), IpAddr::from(dst)), sum)
        } else {
            let short = |ip: [u8; 16]| <[u8; 4]>::try_from(&ip[..4]).unwrap();
            let ip =
                Ipv4Header { source: short(src), destination: short(dst), ..Ipv4Header::default() };
            let sum = header.calc_checksum_ipv4(&ip, payload).unwrap();
            ((IpAddr::from(short(src)), IpAddr::from(short(dst))), sum)
        };
        header.checksum = sum;
        let mut bytes = header.to_bytes().to_vec();
        bytes.extend_from_slice(payload);
        (ends, bytes)
    }

    proptest! {
        #[test]
        fn what_others_compute_is_good(
            v6: bool,
            ends: [[u8; 16]; 2],
            payload in prop::collection::vec(any::<u8>(), 0..200),
            at: prop::sample::Index,
            flip in 1_u8..,
        ) {
            let (ends, mut bytes) = segment(v6, ends, &payload);
            prop_assert_eq!(judge(ends, &bytes), Verdict::Good);
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
            prop_assert_ne!(judge(ends, &bytes), Verdict::Good);
        }

        #[test]
        fn no_bytes_break_it(ends: [[u8; 16]; 2], bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let [src, dst] = ends;
            judge((src.into(), dst.into()), &bytes);
        }
    }

    #[test]
    fn unfinished_checksums_are_offloaded() {
        let (ends, mut bytes) = segment(false, [[10; 16], [11; 16]], b"hello");
        bytes[16..18].copy_from_slice(&[0, 0]);
        assert_eq!(judge(ends, &bytes), Verdict::Offloaded);
        // 10.10.10.10, 11.11.11.11, protocol 6, 25 bytes: as Linux leaves it to the card.
        let sum = 2 * 0x0a0a + 2 * 0x0b0b + 6 + 25_u16;
        bytes[16..18].copy_from_slice(&sum.to_be_bytes());
        assert_eq!(judge(ends, &bytes), Verdict::Offloaded);
        bytes[16] ^= 0x40;
        assert_eq!(judge(ends, &bytes), Verdict::Bad);
    }

    #[test]
    fn one_in_64_is_sampled_whatever_the_pattern() {
        for step in [1, 2, 3, 64, 4096] {
            let sampled = (0..64_000).filter(|n| is_sampled(n * step)).count();
            assert!((800..1200).contains(&sampled), "step {step}: {sampled} of 64000");
        }
    }
}
