//! Cisco's VN-Tag: virtual interfaces of four octets, put before the real `EtherType`.

use super::super::ethernet;
use super::super::frame::Frame;
use super::super::walk::{Context, Step};
use super::{On, Tunnel};

pub(super) const TUNNEL: Tunnel = Tunnel { on: &[On::EtherType(0x8926)], open };

fn open<'a>(frame: Frame<'a>, cx: &mut Context) -> Step<'a> {
    cx.deeper()?;
    ethernet::typed(frame.u16(4)?, frame.skip(6)?)
}
