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

#[cfg(test)]
mod tests {
    use super::super::super::testing::{self, Seen, cat, expected, ipv4, one, tcp, udp, vxlan};
    use super::*;
    use crate::capture::LinkType;

    /// RFC 8926 §3.4; bare IP is what GCP sends, VXLAN inside what AWS sends.
    #[test]
    fn ethernet_and_bare_ip_are_followed() {
        let ip = ipv4(6, &tcp(b"data"));
        let frame = testing::ethernet(0x0800, &ip);
        let packet = |number, inner: &[u8]| {
            one(LinkType::RAW, &ipv4(17, &testing::geneve(9, number, inner)))
        };
        let want = expected(b"data", &[(LayerKind::Geneve, 9)]);
        assert_eq!(packet(0x6558, &frame), Ok(want.clone()));
        assert_eq!(packet(0x0800, &ip), Ok(Seen { mac: None, ..want.clone() }));
        let layers = vec![(LayerKind::Geneve, 9), (LayerKind::Vxlan, 4)];
        assert_eq!(packet(0x0800, &ipv4(17, &vxlan(4, &frame))), Ok(Seen { layers, ..want }));
    }

    #[test]
    fn implausible_headers_are_udp() {
        let ip = ipv4(6, &tcp(b"data"));
        for header in
            [[0x40, 0, 8, 0, 0, 0, 1, 0], [0, 1, 8, 0, 0, 0, 1, 0], [0, 0, 8, 0, 0, 0, 1, 1]]
        {
            let packet = ipv4(17, &udp(1, 6081, &cat(&[&header, &ip])));
            assert_eq!(one(LinkType::RAW, &packet), Err(Outcome::Udp));
        }
    }
}
