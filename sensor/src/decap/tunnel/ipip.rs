//! IP in IP, all four ways; Ethernet straight in IP.

use super::super::frame::Frame;
use super::super::walk::{Context, Next, Step};
use super::super::{LayerKind, Outcome, Reason};
use super::{On, Tunnel};

pub(super) const TUNNEL: Tunnel = Tunnel {
    on: &[
        // IPv4 (RFC 2003) and IPv6 (RFC 4213, RFC 2473).
        On::Protocol(4),
        On::Protocol(41),
        // Ethernet (RFC 8986 §4.9).
        On::Protocol(143),
    ],
    open,
};

fn open<'a>(frame: Frame<'a>, cx: &mut Context) -> Step<'a> {
    cx.layer(LayerKind::IpInIp, 0)?;
    match frame.u8(0)? >> 4 {
        4 | 6 => Ok((Next::Ip, frame)),
        _ => Err(Outcome::Malformed(Reason::Tunnel)),
    }
}
