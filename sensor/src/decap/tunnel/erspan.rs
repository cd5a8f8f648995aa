//! ERSPAN types II and III: mirrored frames in GRE. Type I has no header of its own: see `gre`.

use super::super::frame::Frame;
use super::super::walk::{Context, Next, Step};
use super::super::{LayerKind, Outcome, Reason};
use super::{On, Tunnel};

pub(super) const TUNNEL: Tunnel =
    Tunnel { on: &[On::EtherType(TYPE_1_2), On::EtherType(TYPE_3)], open };

/// GRE protocol type of types I (no sequence number) and II.
pub(super) const TYPE_1_2: u16 = 0x88be;
/// GRE protocol type of type III.
pub(super) const TYPE_3: u16 = 0x22eb;

/// Reads the header: version 4 bits, VLAN 12, class 3, encapsulation 2, truncated 1, session 10; then
/// type II: 4 octets of index; type III: timestamp 4, group tag 2, and in the last two octets frame type
/// (5 bits from bit 1) and whether a subheader of 8 octets follows (bit 15).
///
/// Source: draft-foschiano-erspan-03 §4.2 and §4.3.
fn open<'a>(frame: Frame<'a>, cx: &mut Context) -> Step<'a> {
    let (vlan, session) = (frame.u16(0)?, frame.u16(2)?);
    cx.layer(LayerKind::Erspan, (session & 0x03ff).into())?;
    // Encapsulation 1 and 2: the frame's tag was taken off and is only told here.
    if matches!(session >> 11 & 3, 1 | 2) && vlan & 0x0fff != 0 {
        cx.layer(LayerKind::Vlan, (vlan & 0x0fff).into())?;
    }
    match vlan >> 12 {
        1 => Ok((Next::Ethernet, frame.skip(8)?)),
        2 => {
            let kind = frame.u16(10)?;
            let inner = frame.skip(if kind & 1 == 1 { 20 } else { 12 })?;
            match kind >> 10 & 0x1f {
                0 => Ok((Next::Ethernet, inner)),
                2 => Ok((Next::Ip, inner)),
                _ => Err(Outcome::NotIp),
            }
        }
        _ => Err(Outcome::Malformed(Reason::Tunnel)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{self, Seen, cat, ethernet, expected, ipv4, one, tcp};
    use super::*;
    use crate::capture::LinkType;

    fn packet(gre: &[u8]) -> Result<Seen, Outcome> {
        one(LinkType::RAW, &ipv4(47, gre))
    }

    /// draft-foschiano-erspan-03 §4.1 to §4.3.
    #[test]
    fn all_three_types_are_read() {
        let ip = ipv4(6, &tcp(b"data"));
        let frame = ethernet(0x0800, &ip);
        let want = |id| Ok(expected(b"data", &[(LayerKind::Erspan, id)]));
        assert_eq!(packet(&cat(&[&[0, 0, 0x88, 0xbe], &frame])), want(0));
        assert_eq!(packet(&testing::erspan2(0x3ff, &frame)), want(0x3ff));
        assert_eq!(packet(&testing::erspan3(0x155, &frame)), want(0x155));
        // Type III without subheader, around bare IP.
        let header = cat(&[&[0, 0, 0x22, 0xeb, 0x20, 5, 0, 7], &[0; 6], &[0x08, 0]]);
        assert_eq!(packet(&cat(&[&header, &ip])), want(7).map(|seen| Seen { mac: None, ..seen }));
        assert_eq!(
            packet(&[0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x30, 0, 0, 0]),
            Err(Outcome::Malformed(Reason::Tunnel))
        );
    }

    /// Encapsulation 2: the mirroring switch took the tag off the frame.
    #[test]
    fn a_tag_taken_off_is_told() {
        let frame = ethernet(0x0800, &ipv4(6, &tcp(b"data")));
        let header = [0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 0x64, 0x10, 3, 0, 0, 0, 0];
        let want = expected(b"data", &[(LayerKind::Erspan, 3), (LayerKind::Vlan, 100)]);
        assert_eq!(packet(&cat(&[&header, &frame])), Ok(want));
    }
}
