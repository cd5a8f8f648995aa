//! IEEE 802.11 data frames, with or without radiotap before them.

use super::frame::Frame;
use super::walk::{Context, Next, Step};
use super::{Outcome, Reason};

/// Reads an 802.11 header, up to the LLC header of an unencrypted data frame.
///
/// Source: IEEE 802.11-2020 §9.2 and §9.3.2.
pub(crate) fn open<'a>(frame: Frame<'a>, cx: &mut Context) -> Step<'a> {
    data(frame, false, cx)
}

/// Reads a radiotap header: version 1, pad 1, length 2, presence words of 4, then fields; all little endian.
///
/// Source: <https://www.radiotap.org>.
pub(crate) fn radiotap<'a>(frame: Frame<'a>, cx: &mut Context) -> Step<'a> {
    /// The radio's clock, 8 octets, the first field.
    const TSFT: u32 = 1;
    /// Flags, 1 octet, the second field.
    const FLAGS: u32 = 1 << 1;
    /// Another presence word follows.
    const MORE: u32 = 1 << 31;
    /// Flag: the header is padded to a multiple of four octets.
    const PADDED: u8 = 0x20;
    /// Flag: the frame check sequence did not match.
    const BAD_FCS: u8 = 0x40;

    let &[version, _, l0, l1] = frame.array(0)?;
    if version != 0 {
        return Err(Outcome::UnknownLink);
    }
    let present = u32::from_le_bytes(*frame.array(4)?);
    let mut at = 8_usize;
    let mut word = present;
    while word & MORE != 0 {
        word = u32::from_le_bytes(*frame.array(at)?);
        at = at.saturating_add(4);
    }
    if present & TSFT != 0 {
        at = at.next_multiple_of(8).saturating_add(8);
    }
    let flags = if present & FLAGS != 0 { frame.u8(at)? } else { 0 };
    if flags & BAD_FCS != 0 {
        return Err(Outcome::Malformed(Reason::Fcs));
    }
    data(frame.skip(u16::from_le_bytes([l0, l1]).into())?, flags & PADDED != 0, cx)
}

fn data<'a>(frame: Frame<'a>, padded: bool, cx: &mut Context) -> Step<'a> {
    let &[control, flags] = frame.array(0)?;
    let (to_ds, from_ds) = (flags & 1 != 0, flags & 2 != 0);
    // Version 0, type data, not one of the subtypes without a body.
    if control & 0x0f != 0x08 || control & 0x40 != 0 {
        return Err(Outcome::NotIp);
    }
    let mut header = if to_ds && from_ds { 30_usize } else { 24 };
    if control & 0x80 != 0 {
        let aggregated = frame.u8(header)? & 0x80 != 0;
        header = header.saturating_add(if flags & 0x80 != 0 { 6 } else { 2 });
        if aggregated {
            return Err(Outcome::UnknownLink);
        }
    }
    if flags & 0x40 != 0 {
        return Err(Outcome::Encrypted);
    }
    // Behind the first fragment of an 802.11 frame there is no header.
    if frame.u8(22)? & 0x0f != 0 {
        return Err(Outcome::NotIp);
    }
    let (dst, src) = match (to_ds, from_ds) {
        (false, false) => (4, 10),
        (true, false) => (16, 10),
        (false, true) => (4, 16),
        (true, true) => (16, 24),
    };
    cx.mac = Some([*frame.array(src)?, *frame.array(dst)?]);
    let header = if padded { header.next_multiple_of(4) } else { header };
    Ok((Next::Llc, frame.skip(header)?))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{MACS, Seen, cat, expected, ipv4, one, tcp};
    use super::*;
    use crate::capture::LinkType;

    const SNAP: [u8; 8] = [0xaa, 0xaa, 3, 0, 0, 0, 8, 0];
    const BSS: [u8; 6] = [9; 6];

    fn frame(control: u8, flags: u8, addresses: [[u8; 6]; 3], behind: &[u8]) -> Vec<u8> {
        let [a, b, c] = addresses;
        cat(&[
            &[control, flags, 0, 0],
            &a,
            &b,
            &c,
            &[0x10, 0],
            behind,
            &SNAP,
            &ipv4(6, &tcp(b"data")),
        ])
    }

    /// IEEE 802.11-2020 table 9-30: which address is which depends on the direction.
    #[test]
    fn addresses_follow_the_direction() {
        let [src, dst] = MACS;
        let want = Ok(expected(b"data", &[]));
        for (flags, addresses, behind) in [
            (0, [dst, src, BSS], &[][..]),
            (1, [BSS, src, dst], &[]),
            (2, [dst, BSS, src], &[]),
            (3, [BSS, BSS, dst], &src),
        ] {
            assert_eq!(
                one(LinkType::IEEE802_11, &frame(0x08, flags, addresses, behind)),
                want,
                "{flags}"
            );
            let quality = cat(&[behind, &[0, 0]]);
            assert_eq!(
                one(LinkType::IEEE802_11, &frame(0x88, flags, addresses, &quality)),
                want,
                "{flags}"
            );
            let throughput = cat(&[behind, &[0, 0, 1, 2, 3, 4]]);
            assert_eq!(
                one(LinkType::IEEE802_11, &frame(0x88, flags | 0x80, addresses, &throughput)),
                want
            );
        }
    }

    #[test]
    fn what_is_no_clear_data_is_said() {
        let one = |control, flags, behind: &[u8]| {
            one(LinkType::IEEE802_11, &frame(control, flags, [BSS; 3], behind))
        };
        assert_eq!(one(0x08, 0x40, &[0; 8]), Err(Outcome::Encrypted));
        assert_eq!(one(0x80, 0, &[]), Err(Outcome::NotIp));
        assert_eq!(one(0x48, 0, &[]), Err(Outcome::NotIp));
        assert_eq!(one(0x88, 0, &[0x80, 0]), Err(Outcome::UnknownLink));
    }

    #[test]
    fn radiotap_is_skipped() {
        let [src, dst] = MACS;
        let data = frame(0x88, 0, [dst, src, BSS], &[0, 0]);
        let padded = cat(&[&data[..26], &[0; 2], &data[26..]]);
        // Length 26: two presence words, the clock at 16, flags at 24.
        let header = |flags| {
            cat(&[&[0, 0, 26, 0, 3, 0, 0, 0x80, 0, 0, 0, 0], &[0; 4], &[7; 8], &[flags, 0]])
        };
        let tap =
            |flags, data: &[u8]| one(LinkType::IEEE802_11_RADIOTAP, &cat(&[&header(flags), data]));
        let want: Result<Seen, _> = Ok(expected(b"data", &[]));
        assert_eq!(tap(0x10, &data), want);
        assert_eq!(tap(0x20, &padded), want);
        assert_eq!(tap(0x40, &data), Err(Outcome::Malformed(Reason::Fcs)));
        assert_eq!(one(LinkType::IEEE802_11_RADIOTAP, &[1; 30]), Err(Outcome::UnknownLink));
    }
}
