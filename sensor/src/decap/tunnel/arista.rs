//! Arista's timestamp, put between the addresses and the real `EtherType`.

use super::super::ethernet;
use super::super::frame::Frame;
use super::super::walk::{Context, Step};
use super::super::{Outcome, Reason};
use super::{On, Tunnel};

pub(super) const TUNNEL: Tunnel = Tunnel { on: &[On::EtherType(0xd28b)], open };

/// Reads subtype 2, timescale 1, format 4 bits (1: 64-bit time, 2: 48-bit), hardware 4, time, `EtherType` 2.
fn open<'a>(frame: Frame<'a>, cx: &mut Context) -> Step<'a> {
    cx.deeper()?;
    let &[s0, s1, _, format] = frame.array(0)?;
    let len = match ([s0, s1], format >> 4) {
        ([0, 1], 1) => 12,
        ([0, 1], 2) => 10,
        _ => return Err(Outcome::Malformed(Reason::Tunnel)),
    };
    let payload = frame.skip(len)?;
    ethernet::typed(payload.u16(0)?, payload.skip(2)?)
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{cat, ethernet, expected, ipv4, one, tagged, tcp};
    use super::*;
    use crate::capture::LinkType;

    #[test]
    fn both_formats_are_skipped() {
        let stamped = |format: u8, time: &[u8]| {
            let tag = cat(&[&[0, 1, 0, format], time]);
            one(
                LinkType::ETHERNET,
                &tagged(0xd28b, &tag, &ethernet(0x0800, &ipv4(6, &tcp(b"data")))),
            )
        };
        assert_eq!(stamped(0x10, &[7; 8]), Ok(expected(b"data", &[])));
        assert_eq!(stamped(0x21, &[7; 6]), Ok(expected(b"data", &[])));
        assert_eq!(stamped(0x31, &[7; 6]), Err(Outcome::Malformed(Reason::Tunnel)));
    }
}
