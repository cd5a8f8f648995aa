//! VXLAN with the generic protocol extension.

use super::super::frame::Frame;
use super::super::walk::{Context, Step};
use super::super::{LayerKind, Outcome, Reason};
use super::{On, Tunnel, nsh};

pub(super) const TUNNEL: Tunnel =
    Tunnel { on: &[On::Port(|config| &config.vxlan_gpe_ports)], open };

/// Reads flags 1 (version 30, instance 08, next protocol 04), reserved 2, next protocol 1, VNI 3, reserved 1.
///
/// Source: draft-ietf-nvo3-vxlan-gpe-13 §3.
fn open<'a>(frame: Frame<'a>, cx: &mut Context) -> Step<'a> {
    let &[flags, _, _, next, v0, v1, v2, _] = frame.array(0)?;
    if flags & 0xf0 != 0 || flags & 0x0c == 0 {
        return Err(Outcome::Malformed(Reason::Tunnel));
    }
    cx.layer(LayerKind::VxlanGpe, u32::from_be_bytes([0, v0, v1, v2]))?;
    let next = if flags & 0x04 == 0 { nsh::ETHERNET } else { next };
    nsh::next(next, frame.skip(8)?)
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{self, Seen, cat, ethernet, expected, ipv4, one, tcp, udp};
    use super::*;
    use crate::capture::LinkType;

    #[test]
    fn the_next_protocol_is_followed() {
        let ip = ipv4(6, &tcp(b"data"));
        let frame = ethernet(0x0800, &ip);
        let want = expected(b"data", &[(LayerKind::VxlanGpe, 5)]);
        let packet =
            |next, inner: &[u8]| one(LinkType::RAW, &ipv4(17, &testing::vxlan_gpe(5, next, inner)));
        assert_eq!(packet(3, &frame), Ok(want.clone()));
        assert_eq!(packet(1, &ip), Ok(Seen { mac: None, ..want.clone() }));
        assert_eq!(packet(77, &ip), Err(Outcome::NotIp));
        let plain = cat(&[&[8, 0, 0, 0, 0, 0, 5, 0], &frame]);
        assert_eq!(one(LinkType::RAW, &ipv4(17, &udp(1, 4790, &plain))), Ok(want));
    }
}
