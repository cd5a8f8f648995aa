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

#[cfg(test)]
mod tests {
    use super::super::super::Config;
    use super::super::super::testing::{self, Bench, cat, ethernet, expected, ipv4, one, tcp, udp};
    use super::*;
    use crate::capture::LinkType;

    fn inner() -> Vec<u8> {
        ethernet(0x0800, &ipv4(6, &tcp(b"data")))
    }

    #[test]
    fn the_inner_frame_is_found() {
        let want = Ok(expected(b"data", &[(LayerKind::Vxlan, 0x12_3456)]));
        assert_eq!(one(LinkType::RAW, &ipv4(17, &testing::vxlan(0x12_3456, &inner()))), want);
        let policy = cat(&[&[0x88, 0, 0, 9, 0x12, 0x34, 0x56, 0], &inner()]);
        assert_eq!(one(LinkType::RAW, &ipv4(17, &udp(1, 8472, &policy))), want);
    }

    /// What only looks like VXLAN is UDP: no header bits, no frame inside, a frame that is none.
    #[test]
    fn anything_else_on_the_port_is_udp() {
        let header = [8, 0, 0, 0, 0, 0, 1, 0];
        for content in [
            cat(&[&[0, 0, 0, 0, 0, 0, 1, 0], &inner()]),
            cat(&[&[8, 0, 1, 0, 0, 0, 1, 0], &inner()]),
            header.to_vec(),
            cat(&[&header, &ethernet(0x0800, &[0; 40])]),
            cat(&[&header, &ethernet(0x0800, &ipv4(6, &[0; 20]))]),
        ] {
            let mut bench = Bench::new(&Config::default());
            let packet = ipv4(17, &udp(1, 4789, &content));
            assert_eq!(bench.push(LinkType::RAW, 0, packet.len(), &packet), Outcome::Udp);
            assert_eq!((bench.counts().tunnels_refused, bench.counts().vxlan), (1, 0));
        }
        let other = ipv4(17, &udp(1, 4788, &cat(&[&header, &inner()])));
        assert_eq!(one(LinkType::RAW, &other), Err(Outcome::Udp));
    }

    #[test]
    fn ports_are_configured() {
        let mut bench = Bench::new(&Config { vxlan_ports: vec![7777], ..Config::default() });
        let on = |port| ipv4(17, &udp(1, port, &cat(&[&[8, 0, 0, 0, 0, 0, 1, 0], &inner()])));
        assert_eq!(bench.push(LinkType::RAW, 0, on(4789).len(), &on(4789)), Outcome::Udp);
        assert_eq!(bench.push(LinkType::RAW, 0, on(7777).len(), &on(7777)), Outcome::Segment);
    }
}
