//! Arista's timestamp, put between the addresses and the real `EtherType`.

use super::super::ethernet;
use super::super::frame::Frame;
use super::super::walk::{Context, Step};
use super::super::{Outcome, Reason};
use super::{On, Tunnel};

pub(super) const TUNNEL: Tunnel = Tunnel { on: &[On::EtherType(0xd28b)], open };

/// Reads subtype 2, timescale 1, format 4 bits (1: 64-bit time, 2: 48-bit), hardware 4, time, `EtherType` 2.
fn open<'a>(frame: Frame<'a>, cx: &mut Context) -> Step<'a> {
    cx.deeper()?;
    let &[s0, s1, _, format] = frame.array(0)?;
    let len = match ([s0, s1], format >> 4) {
        ([0, 1], 1) => 12,
        ([0, 1], 2) => 10,
        _ => return Err(Outcome::Malformed(Reason::Tunnel)),
    };
    let payload = frame.skip(len)?;
    ethernet::typed(payload.u16(0)?, payload.skip(2)?)
}
