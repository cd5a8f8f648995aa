//! LISP data packets.

use super::super::frame::Frame;
use super::super::walk::{Context, Next, Step};
use super::super::{LayerKind, Outcome, Reason};
use super::{On, Tunnel};

pub(super) const TUNNEL: Tunnel = Tunnel { on: &[On::Port(|config| &config.lisp_ports)], open };

/// Reads flags 1 (instance id present 08), nonce or version 3, instance id 3, locator status 1.
///
/// Source: [RFC 9300 §5.3](https://www.rfc-editor.org/rfc/rfc9300#section-5.3).
fn open<'a>(frame: Frame<'a>, cx: &mut Context) -> Step<'a> {
    let &[flags, _, _, _, i0, i1, i2, _] = frame.array(0)?;
    let inner = frame.skip(8)?;
    if !matches!(inner.u8(0)? >> 4, 4 | 6) {
        return Err(Outcome::Malformed(Reason::Tunnel));
    }
    let id = if flags & 0x08 == 0 { 0 } else { u32::from_be_bytes([0, i0, i1, i2]) };
    cx.layer(LayerKind::Lisp, id)?;
    Ok((Next::Ip, inner))
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{Seen, cat, expected, ipv4, one, tcp, udp};
    use super::*;
    use crate::capture::LinkType;

    /// RFC 9300 §5.3: flag I says whether there is an instance id.
    #[test]
    fn the_inner_packet_is_found() {
        let inner = ipv4(6, &tcp(b"data"));
        for (flags, id) in [(0x80, 0), (0x88, 0x01_0203)] {
            let packet = ipv4(17, &udp(1, 4341, &cat(&[&[flags, 9, 9, 9, 1, 2, 3, 0], &inner])));
            let want = Seen { mac: None, ..expected(b"data", &[(LayerKind::Lisp, id)]) };
            assert_eq!(one(LinkType::RAW, &packet), Ok(want));
        }
        let other = ipv4(17, &udp(1, 4341, &[0x80; 40]));
        assert_eq!(one(LinkType::RAW, &other), Err(Outcome::Udp));
    }
}
