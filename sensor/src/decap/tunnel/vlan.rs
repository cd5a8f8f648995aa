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
