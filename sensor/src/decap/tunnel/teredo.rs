//! Teredo: IPv6 in UDP.

use super::super::ethernet::IPV6;
use super::super::frame::Frame;
use super::super::walk::{Context, Next, Step};
use super::super::{LayerKind, Outcome, Reason};
use super::{On, Tunnel};

pub(super) const TUNNEL: Tunnel = Tunnel { on: &[On::Port(|config| &config.teredo_ports)], open };

/// Skips the authentication (0001) and origin (0000) indications before the IPv6 header.
///
/// Source: [RFC 4380 §5.1.1](https://www.rfc-editor.org/rfc/rfc4380#section-5.1.1).
fn open<'a>(frame: Frame<'a>, cx: &mut Context) -> Step<'a> {
    let mut rest = frame;
    if let &[0x00, 0x01, id, value] = rest.array(0)? {
        rest = rest.skip(usize::from(id).saturating_add(value.into()).saturating_add(13))?;
    }
    if let [0x00, 0x00] = rest.array(0)? {
        rest = rest.skip(8)?;
    }
    if rest.u8(0)? >> 4 != 6 {
        return Err(Outcome::Malformed(Reason::Tunnel));
    }
    cx.layer(LayerKind::Teredo, 0)?;
    Ok((Next::EtherType(IPV6), rest))
}
