//! PPP over Ethernet.

use super::super::frame::Frame;
use super::super::walk::{Context, Next, Step};
use super::super::{LayerKind, Outcome, Reason};
use super::{On, Tunnel};

pub(super) const TUNNEL: Tunnel = Tunnel { on: &[On::EtherType(0x8864)], open };

/// Reads version and type 1, code 1, session 2, length 2.
///
/// Source: [RFC 2516 §4](https://www.rfc-editor.org/rfc/rfc2516#section-4).
fn open<'a>(frame: Frame<'a>, cx: &mut Context) -> Step<'a> {
    let &[version, code, s0, s1, l0, l1] = frame.array(0)?;
    if version != 0x11 {
        return Err(Outcome::Malformed(Reason::Tunnel));
    }
    // Other codes are of the discovery stage.
    if code != 0 {
        return Err(Outcome::NotIp);
    }
    cx.layer(LayerKind::Pppoe, u16::from_be_bytes([s0, s1]).into())?;
    Ok((Next::Ppp, frame.skip(6)?.trim(u16::from_be_bytes([l0, l1]).into())))
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{self, Seen, cat, ethernet, expected, ipv4, one, tcp};
    use super::*;
    use crate::capture::LinkType;

    #[test]
    fn sessions_are_opened() {
        let session = testing::pppoe(0x0102, &ipv4(6, &tcp(b"data")));
        let want = expected(b"data", &[(LayerKind::Pppoe, 0x0102)]);
        assert_eq!(one(LinkType::ETHERNET, &ethernet(0x8864, &session)), Ok(want.clone()));
        assert_eq!(
            one(LinkType::PPP_ETHER, &cat(&[&session, b"padding"])),
            Ok(Seen { mac: None, ..want })
        );
        assert_eq!(one(LinkType::PPP_ETHER, &[0x11, 0xa7, 0, 0, 0, 0]), Err(Outcome::NotIp));
        assert_eq!(one(LinkType::PPP_ETHER, &[0x21; 6]), Err(Outcome::Malformed(Reason::Tunnel)));
        assert_eq!(one(LinkType::ETHERNET, &ethernet(0x8863, &session)), Err(Outcome::NotIp));
    }
}
