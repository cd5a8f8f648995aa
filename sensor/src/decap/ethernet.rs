//! Ethernet II, IEEE 802.3 with LLC and SNAP.

use super::frame::Frame;
use super::walk::{Context, Next, Step};
use super::{Outcome, Reason};

/// `EtherType` of IPv4.
pub(crate) const IPV4: u16 = 0x0800;
/// `EtherType` of IPv6.
pub(crate) const IPV6: u16 = 0x86dd;
/// `EtherType` of an Ethernet frame inside a tunnel (transparent Ethernet bridging).
pub(crate) const BRIDGED: u16 = 0x6558;
/// `EtherType` of PPP inside GRE.
pub(crate) const PPP: u16 = 0x880b;
/// `EtherType` of `MACsec` (IEEE 802.1AE).
const MACSEC: u16 = 0x88e5;
/// Smallest `EtherType`; smaller values are lengths or reserved (IEEE 802.3 §3.2.6).
const ETHER_TYPE_MIN: u16 = 0x0600;

/// Reads an Ethernet header.
#[inline]
pub(crate) fn open<'a>(frame: Frame<'a>, cx: &mut Context) -> Step<'a> {
    let &[d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, t0, t1] = frame.array(0)?;
    cx.mac = Some([[s0, s1, s2, s3, s4, s5], [d0, d1, d2, d3, d4, d5]]);
    typed(u16::from_be_bytes([t0, t1]), frame.skip(14)?)
}

/// Follows a type-or-length field.
#[inline]
pub(crate) fn typed(number: u16, payload: Frame<'_>) -> Step<'_> {
    if number >= ETHER_TYPE_MIN {
        Ok((Next::EtherType(number), payload))
    } else if number <= 1500 {
        Ok((Next::Llc, payload))
    } else {
        Err(Outcome::NotIp)
    }
}

/// Follows an `EtherType` that is neither IP nor one of the tunnels.
pub(crate) fn other(number: u16, payload: Frame<'_>) -> Step<'_> {
    match number {
        BRIDGED => Ok((Next::Ethernet, payload)),
        PPP => Ok((Next::Ppp, payload)),
        MACSEC => Err(Outcome::Encrypted),
        _ => Err(Outcome::NotIp),
    }
}

/// Reads an IEEE 802.2 LLC header, and the SNAP header behind it.
///
/// Source: IEEE 802.2, [RFC 1042](https://www.rfc-editor.org/rfc/rfc1042), RFC 2684 §5.2 for bridged frames.
pub(crate) fn llc(frame: Frame<'_>) -> Step<'_> {
    match *frame.array(0)? {
        [0xaa, 0xaa, 0x03] => {
            let &[o0, o1, o2, p0, p1] = frame.array(3)?;
            let payload = frame.skip(8)?;
            match ([o0, o1, o2], u16::from_be_bytes([p0, p1])) {
                ([0, 0, 0] | [0, 0, 0xf8], number) => typed(number, payload),
                ([0, 0x80, 0xc2], 1 | 7) => Ok((Next::Ethernet, payload)),
                _ => Err(Outcome::NotIp),
            }
        }
        [0x06, 0x06, 0x03] => Ok((Next::EtherType(IPV4), frame.skip(3)?)),
        _ => Err(Outcome::NotIp),
    }
}

/// Whether a frame, of which nothing told that it is Ethernet, looks like it.
pub(crate) fn plausible(frame: Frame<'_>) -> bool {
    /// Address resolution, VLAN tags, labels, sessions, service headers, switch tags, discovery.
    const KNOWN: [u16; 15] = [
        0x0806, 0x8100, 0x88a8, 0x9100, 0x8847, 0x8848, 0x8863, 0x8864, 0x894f, 0x8926, 0x8988,
        0x8909, MACSEC, 0x88cc, 0x8902,
    ];
    let (Ok(number), Ok(first)) = (frame.u16(12), frame.u8(14)) else { return false };
    match number {
        IPV4 => first >> 4 == 4,
        IPV6 => first >> 4 == 6,
        // SNAP or spanning tree.
        0..=1500 => {
            matches!(frame.array(14), Ok([0xaa, 0xaa, 0x03] | [0x42, 0x42, 0x03]))
                && usize::from(number) <= frame.wire()
        }
        _ => KNOWN.contains(&number),
    }
}

/// For link headers that promise what they cannot keep.
pub(crate) const BAD_LINK: Outcome = Outcome::Malformed(Reason::Link);

#[cfg(test)]
mod tests {
    use super::super::testing::{cat, ethernet, expected, ipv4, one, tagged, tcp};
    use super::*;
    use crate::capture::LinkType;

    fn packet(number: u16, before: &[u8]) -> Vec<u8> {
        ethernet(number, &cat(&[before, &ipv4(6, &tcp(b"data"))]))
    }

    /// RFC 1042: IP behind LLC and SNAP, in a frame whose type field is a length.
    #[test]
    fn llc_and_snap_are_read() {
        let want = Ok(expected(b"data", &[]));
        assert_eq!(one(LinkType::ETHERNET, &packet(64, &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0])), want);
        assert_eq!(one(LinkType::ETHERNET, &packet(64, &[0xaa, 0xaa, 3, 0, 0, 0xf8, 8, 0])), want);
        assert_eq!(one(LinkType::ETHERNET, &packet(64, &[6, 6, 3])), want);
        let bridged = cat(&[&[0xaa, 0xaa, 3, 0, 0x80, 0xc2, 0, 7], &packet(IPV4, b"")]);
        assert_eq!(one(LinkType::ETHERNET, &ethernet(90, &bridged)), want);
        // Spanning tree, Novell, Cisco discovery.
        for other in [&[0x42, 0x42, 3][..], &[0xff, 0xff, 0], &[0xaa, 0xaa, 3, 0, 0, 0x0c, 0x20, 0]]
        {
            assert_eq!(one(LinkType::ETHERNET, &packet(64, other)), Err(Outcome::NotIp));
        }
    }

    #[test]
    fn what_is_no_ip_is_said() {
        assert_eq!(one(LinkType::ETHERNET, &packet(0x0806, b"")), Err(Outcome::NotIp));
        assert_eq!(one(LinkType::ETHERNET, &packet(1501, b"")), Err(Outcome::NotIp));
        assert_eq!(
            one(LinkType::ETHERNET, &tagged(MACSEC, &[0; 14], &packet(IPV4, b""))),
            Err(Outcome::Encrypted)
        );
        assert_eq!(one(LinkType::ETHERNET, &[0; 13]), Err(Outcome::Malformed(Reason::Short)));
    }
}
