//! GTP-U: the user plane of mobile networks.

use super::super::frame::Frame;
use super::super::walk::{Context, Next, Step};
use super::super::{LayerKind, Outcome, Reason};
use super::{On, Tunnel};

pub(super) const TUNNEL: Tunnel = Tunnel { on: &[On::Port(|config| &config.gtp_ports)], open };

/// Reads flags 1 (version 3 bits, protocol type 1, spare 1, E, S, PN), message type 1, length 2, endpoint 4;
/// with E, S or PN: sequence 2, N-PDU 1, next extension 1; extensions, each length 1 (in words of four
/// octets), content, next extension 1.
///
/// Source: 3GPP TS 29.281 §5.
fn open<'a>(frame: Frame<'a>, cx: &mut Context) -> Step<'a> {
    /// G-PDU: a user's packet.
    const G_PDU: u8 = 0xff;
    let &[flags, kind, l0, l1, t0, t1, t2, t3] = frame.array(0)?;
    let len = usize::from(u16::from_be_bytes([l0, l1]));
    let mut rest = frame.skip(8)?;
    if flags & 0xf0 != 0x30 || len > rest.wire() {
        return Err(Outcome::Malformed(Reason::Tunnel));
    }
    if kind != G_PDU {
        return Err(Outcome::Udp);
    }
    rest = rest.trim(len);
    if flags & 0x07 != 0 {
        let mut extension = rest.u8(3)?;
        rest = rest.skip(4)?;
        while flags & 0x04 != 0 && extension != 0 {
            let len = usize::from(rest.u8(0)?) << 2;
            let last = len.checked_sub(1).ok_or(Outcome::Malformed(Reason::Tunnel))?;
            extension = rest.u8(last)?;
            rest = rest.skip(len)?;
        }
    }
    cx.layer(LayerKind::Gtp, u32::from_be_bytes([t0, t1, t2, t3]))?;
    Ok((Next::Ip, rest))
}
