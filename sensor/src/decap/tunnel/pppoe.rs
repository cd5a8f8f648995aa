//! PPP over Ethernet.

use super::super::frame::Frame;
use super::super::walk::{Context, Next, Step};
use super::super::{LayerKind, Outcome, Reason};
use super::{On, Tunnel};

pub(super) const TUNNEL: Tunnel = Tunnel { on: &[On::EtherType(0x8864)], open };

/// Reads version and type 1, code 1, session 2, length 2.
///
/// Source: [RFC 2516 §4](https://www.rfc-editor.org/rfc/rfc2516#section-4).
fn open<'a>(frame: Frame<'a>, cx: &mut Context) -> Step<'a> {
    let &[version, code, s0, s1, l0, l1] = frame.array(0)?;
    if version != 0x11 {
        return Err(Outcome::Malformed(Reason::Tunnel));
    }
    // Other codes are of the discovery stage.
    if code != 0 {
        return Err(Outcome::NotIp);
    }
    cx.layer(LayerKind::Pppoe, u16::from_be_bytes([s0, s1]).into())?;
    Ok((Next::Ppp, frame.skip(6)?.trim(u16::from_be_bytes([l0, l1]).into())))
}
