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

#[cfg(test)]
mod tests {
    use super::super::super::LayerKind;
    use super::super::super::testing::{ethernet, expected, ipv4, one, tagged, tcp, vlan};
    use crate::capture::LinkType;

    #[test]
    fn the_tag_is_skipped() {
        let frame = vlan(7, &ethernet(0x0800, &ipv4(6, &tcp(b"data"))));
        let want = expected(b"data", &[(LayerKind::Vlan, 7)]);
        assert_eq!(one(LinkType::ETHERNET, &tagged(0x8926, &[0x80, 1, 0, 2], &frame)), Ok(want));
    }
}
