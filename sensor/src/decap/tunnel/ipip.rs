//! IP in IP, all four ways.

use super::super::frame::Frame;
use super::super::walk::{Context, Next, Step};
use super::super::{LayerKind, Outcome, Reason};
use super::{On, Tunnel};

pub(super) const TUNNEL: Tunnel = Tunnel { on: &[On::Protocol(4), On::Protocol(41)], open };

/// Source: [RFC 2003](https://www.rfc-editor.org/rfc/rfc2003), RFC 4213, RFC 2473.
fn open<'a>(frame: Frame<'a>, cx: &mut Context) -> Step<'a> {
    cx.layer(LayerKind::IpInIp, 0)?;
    match frame.u8(0)? >> 4 {
        4 | 6 => Ok((Next::Ip, frame)),
        _ => Err(Outcome::Malformed(Reason::Tunnel)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{Seen, expected, ipv4, ipv6, one, tcp};
    use super::*;
    use crate::capture::LinkType;

    /// 4in4, 6in4, 4in6, 6in6.
    #[test]
    fn all_four_ways_are_opened() {
        let (four, six) = (ipv4(6, &tcp(b"data")), ipv6(6, &tcp(b"data")));
        let layers = [(LayerKind::IpInIp, 0)];
        for packet in [ipv4(4, &four), ipv6(4, &four), ipv4(41, &six), ipv6(41, &six)] {
            let seen = one(LinkType::RAW, &packet).unwrap();
            assert_eq!((seen.layers, seen.payload), (layers.to_vec(), b"data".to_vec()));
        }
        assert_eq!(
            one(LinkType::RAW, &ipv6(4, &four)),
            Ok(Seen { mac: None, ..expected(b"data", &layers) })
        );
        assert_eq!(one(LinkType::RAW, &ipv4(4, &[0; 40])), Err(Outcome::Malformed(Reason::Tunnel)));
    }
}
