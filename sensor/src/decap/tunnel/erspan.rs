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
