//! VXLAN.

use super::super::frame::Frame;
use super::super::walk::{Context, Next, Step};
use super::super::{LayerKind, Outcome, Reason};
use super::{On, Tunnel};

pub(super) const TUNNEL: Tunnel = Tunnel { on: &[On::Port(|config| &config.vxlan_ports)], open };

/// Reads flags 1, reserved 3, VNI 3, reserved 1.
///
/// Source: [RFC 7348 §5](https://www.rfc-editor.org/rfc/rfc7348#section-5); flag 80 is the group policy
/// extension, which uses the reserved octets.
fn open<'a>(frame: Frame<'a>, cx: &mut Context) -> Step<'a> {
    let &[flags, r0, r1, r2, v0, v1, v2, r3] = frame.array(0)?;
    let plausible = match flags {
        0x08 => [r0, r1, r2, r3] == [0; 4],
        _ => flags & 0x88 == 0x88,
    };
    if !plausible {
        return Err(Outcome::Malformed(Reason::Tunnel));
    }
    cx.layer(LayerKind::Vxlan, u32::from_be_bytes([0, v0, v1, v2]))?;
    Ok((Next::Ethernet, frame.skip(8)?))
}
