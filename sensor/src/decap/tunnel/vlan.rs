//! IEEE 802.1Q and 802.1ad VLAN tags, any number of them.

use super::super::LayerKind;
use super::super::ethernet;
use super::super::frame::Frame;
use super::super::walk::{Context, Step};
use super::{On, Tunnel};

pub(super) const TUNNEL: Tunnel = Tunnel {
    on: &[
        On::EtherType(0x8100),
        On::EtherType(0x88a8),
        // Used for outer tags before 802.1ad.
        On::EtherType(0x9100),
        On::EtherType(0x9200),
        On::EtherType(0x9300),
    ],
    open,
};

/// Reads the tag behind its `EtherType`: priority 3 bits, drop eligible 1, VLAN id 12.
///
/// Source: IEEE 802.1Q-2022 §9.6.
fn open<'a>(frame: Frame<'a>, cx: &mut Context) -> Step<'a> {
    match frame.u16(0)? & 0x0fff {
        // A priority tag: it names no VLAN.
        0 => cx.deeper()?,
        id => cx.layer(LayerKind::Vlan, id.into())?,
    }
    ethernet::typed(frame.u16(2)?, frame.skip(4)?)
}

#[cfg(test)]
mod tests {
    use super::super::super::Outcome;
    use super::super::super::testing::{ethernet, expected, ipv4, one, tagged, tcp, vlan};
    use super::*;
    use crate::capture::LinkType;

    /// IEEE 802.1Q-2022 §9.6: tags stack, outermost first; id 0 is no VLAN.
    #[test]
    fn tags_stack() {
        let frame = ethernet(0x0800, &ipv4(6, &tcp(b"data")));
        for outer in [0x8100, 0x88a8, 0x9100, 0x9200, 0x9300] {
            let packet = tagged(outer, &0x6064_u16.to_be_bytes(), &vlan(0, &vlan(4095, &frame)));
            let want = expected(b"data", &[(LayerKind::Vlan, 100), (LayerKind::Vlan, 4095)]);
            assert_eq!(one(LinkType::ETHERNET, &packet), Ok(want), "{outer:#x}");
        }
    }

    #[test]
    fn tags_are_counted_against_the_depth() {
        let mut packet = ethernet(0x0800, &ipv4(6, &tcp(b"data")));
        for id in 1..=8 {
            packet = vlan(id, &packet);
        }
        assert_eq!(one(LinkType::ETHERNET, &packet).unwrap().layers.len(), 8);
        assert_eq!(one(LinkType::ETHERNET, &vlan(0, &packet)), Err(Outcome::TooDeep));
        assert_eq!(one(LinkType::ETHERNET, &vlan(9, &packet)), Err(Outcome::TooDeep));
    }
}
