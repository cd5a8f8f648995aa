//! GENEVE, with Ethernet inside or bare IP.

use super::super::ethernet;
use super::super::frame::Frame;
use super::super::walk::{Context, Step};
use super::super::{LayerKind, Outcome, Reason};
use super::{On, Tunnel};

pub(super) const TUNNEL: Tunnel = Tunnel { on: &[On::Port(|config| &config.geneve_ports)], open };

/// Reads version 2 bits, option length 6 (in words of four octets), flags 8, protocol type 16, VNI 24,
/// reserved 8; then skips the options.
///
/// Source: [RFC 8926 §3.4](https://www.rfc-editor.org/rfc/rfc8926#section-3.4).
fn open<'a>(frame: Frame<'a>, cx: &mut Context) -> Step<'a> {
    let &[version, flags, t0, t1, v0, v1, v2, reserved] = frame.array(0)?;
    if version >> 6 != 0 || flags & 0x3f != 0 || reserved != 0 {
        return Err(Outcome::Malformed(Reason::Tunnel));
    }
    cx.layer(LayerKind::Geneve, u32::from_be_bytes([0, v0, v1, v2]))?;
    let options = usize::from(version & 0x3f) << 2;
    ethernet::typed(u16::from_be_bytes([t0, t1]), frame.skip(options.saturating_add(8))?)
}
