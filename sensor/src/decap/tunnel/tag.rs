//! Tags of six octets that switches put before the real `EtherType`, and that name no network.

use super::super::ethernet;
use super::super::frame::Frame;
use super::super::walk::{Context, Step};
use super::{On, Tunnel};

pub(super) const TUNNEL: Tunnel = Tunnel {
    on: &[
        // Cisco's timestamp ("ttag"): nanoseconds.
        On::EtherType(0x8988),
        // Cisco TrustSec's metadata: version 1, length 1, option 2, security group 2.
        On::EtherType(0x8909),
        // IEEE 802.1BR's port extender tag.
        On::EtherType(0x893f),
    ],
    open,
};

fn open<'a>(frame: Frame<'a>, cx: &mut Context) -> Step<'a> {
    cx.deeper()?;
    ethernet::typed(frame.u16(6)?, frame.skip(8)?)
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{ethernet, expected, ipv4, one, tagged, tcp};
    use crate::capture::LinkType;

    #[test]
    fn tags_are_skipped() {
        let frame = ethernet(0x0800, &ipv4(6, &tcp(b"data")));
        for number in [0x8988, 0x8909, 0x893f] {
            let packet = tagged(number, &[1, 1, 0, 1, 0, 7], &frame);
            assert_eq!(one(LinkType::ETHERNET, &packet), Ok(expected(b"data", &[])), "{number:#x}");
        }
    }
}
