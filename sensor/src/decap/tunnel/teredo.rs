//! Teredo: IPv6 in UDP.

use super::super::ethernet::IPV6;
use super::super::frame::Frame;
use super::super::walk::{Context, Next, Step};
use super::super::{LayerKind, Outcome, Reason};
use super::{On, Tunnel};

pub(super) const TUNNEL: Tunnel = Tunnel { on: &[On::Port(|config| &config.teredo_ports)], open };

/// Skips the authentication (0001) and origin (0000) indications before the IPv6 header.
///
/// Source: [RFC 4380 §5.1.1](https://www.rfc-editor.org/rfc/rfc4380#section-5.1.1).
fn open<'a>(frame: Frame<'a>, cx: &mut Context) -> Step<'a> {
    let mut rest = frame;
    if let &[0x00, 0x01, id, value] = rest.array(0)? {
        rest = rest.skip(usize::from(id).saturating_add(value.into()).saturating_add(13))?;
    }
    if let [0x00, 0x00] = rest.array(0)? {
        rest = rest.skip(8)?;
    }
    if rest.u8(0)? >> 4 != 6 {
        return Err(Outcome::Malformed(Reason::Tunnel));
    }
    cx.layer(LayerKind::Teredo, 0)?;
    Ok((Next::EtherType(IPV6), rest))
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{cat, ipv4, ipv6, one, tcp, udp};
    use super::*;
    use crate::capture::LinkType;

    /// RFC 4380 §5.1.1: authentication, origin, both or none.
    #[test]
    fn indications_are_skipped() {
        let inner = ipv6(6, &tcp(b"data"));
        let authentication = cat(&[&[0, 1, 2, 3], &[9; 5], &[7; 8], &[0]]);
        let origin = [0, 0, 1, 2, 3, 4, 5, 6];
        for header in
            [vec![], authentication.clone(), origin.to_vec(), cat(&[&authentication, &origin])]
        {
            let packet = ipv4(17, &udp(3544, 1024, &cat(&[&header, &inner])));
            assert_eq!(one(LinkType::RAW, &packet).unwrap().layers, [(LayerKind::Teredo, 0)]);
        }
        let other = ipv4(17, &udp(3544, 1024, &ipv4(6, &tcp(b"data"))));
        assert_eq!(one(LinkType::RAW, &other), Err(Outcome::Udp));
    }
}
