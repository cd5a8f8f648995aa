//! Ethernet straight in IP, as segment routing over IPv6 carries it.

use super::super::LayerKind;
use super::super::frame::Frame;
use super::super::walk::{Context, Next, Step};
use super::{On, Tunnel};

pub(super) const TUNNEL: Tunnel = Tunnel { on: &[On::Protocol(143)], open };

/// Source: [RFC 8986 §4.9](https://www.rfc-editor.org/rfc/rfc8986#section-4.9).
fn open<'a>(frame: Frame<'a>, cx: &mut Context) -> Step<'a> {
    cx.layer(LayerKind::IpInIp, 0)?;
    Ok((Next::Ethernet, frame))
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{ethernet, expected, ipv4, ipv6, one, tcp};
    use super::*;
    use crate::capture::LinkType;

    #[test]
    fn the_frame_is_opened() {
        let packet = ipv6(143, &ethernet(0x0800, &ipv4(6, &tcp(b"data"))));
        assert_eq!(one(LinkType::RAW, &packet), Ok(expected(b"data", &[(LayerKind::IpInIp, 0)])));
    }
}
