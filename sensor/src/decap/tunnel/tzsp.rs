//! TZSP: how `MikroTik` routers mirror packets.

use super::super::frame::Frame;
use super::super::walk::{Context, Next, Step};
use super::super::{LayerKind, Outcome, Reason};
use super::{On, Tunnel};

pub(super) const TUNNEL: Tunnel = Tunnel { on: &[On::Port(|config| &config.tzsp_ports)], open };

/// Reads version 1, type 1, encapsulated protocol 2; tags of type 1, length 1, value; type 0 is padding
/// and type 1 the end, both without length.
fn open<'a>(frame: Frame<'a>, cx: &mut Context) -> Step<'a> {
    let &[version, kind, p0, p1] = frame.array(0)?;
    // Type 0 received, 1 to transmit; protocol 1 Ethernet.
    if version != 1 || kind > 1 || [p0, p1] != [0, 1] {
        return Err(Outcome::Malformed(Reason::Tunnel));
    }
    cx.layer(LayerKind::Tzsp, 0)?;
    let mut rest = frame.skip(4)?;
    loop {
        rest = match rest.u8(0)? {
            0 => rest.skip(1)?,
            1 => return Ok((Next::Ethernet, rest.skip(1)?)),
            _ => rest.skip(usize::from(rest.u8(1)?).saturating_add(2))?,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{cat, ethernet, expected, ipv4, one, tcp, udp};
    use super::*;
    use crate::capture::LinkType;

    #[test]
    fn tags_are_skipped() {
        let frame = ethernet(0x0800, &ipv4(6, &tcp(b"data")));
        for tags in [&[1][..], &[0, 0, 1], &[10, 1, 200, 41, 2, 1, 1, 1]] {
            let packet = ipv4(17, &udp(1, 37008, &cat(&[&[1, 0, 0, 1], tags, &frame])));
            assert_eq!(one(LinkType::RAW, &packet), Ok(expected(b"data", &[(LayerKind::Tzsp, 0)])));
        }
        let endless = ipv4(17, &udp(1, 37008, &[1, 0, 0, 1, 9, 200]));
        assert_eq!(one(LinkType::RAW, &endless), Err(Outcome::Udp));
    }
}
