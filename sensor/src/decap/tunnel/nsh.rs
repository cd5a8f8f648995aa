//! Network Service Header.

use super::super::ethernet::{IPV4, IPV6};
use super::super::frame::Frame;
use super::super::walk::{Context, Next, Step};
use super::super::{LayerKind, Outcome, Reason};
use super::{On, Tunnel};

pub(super) const TUNNEL: Tunnel = Tunnel { on: &[On::EtherType(NSH)], open };

/// `EtherType` of NSH.
const NSH: u16 = 0x894f;
/// Next protocol: an Ethernet frame.
pub(super) const ETHERNET: u8 = 3;

/// Reads version 2 bits, O 1, unused 1, TTL 6, length 6 (in words of four octets), unused 4, metadata type 4,
/// next protocol 8; service path 24, index 8; metadata.
///
/// Source: [RFC 8300 §2](https://www.rfc-editor.org/rfc/rfc8300#section-2).
fn open<'a>(frame: Frame<'a>, cx: &mut Context) -> Step<'a> {
    let &[version, length, _, protocol, p0, p1, p2, _] = frame.array(0)?;
    let header = usize::from(length & 0x3f) << 2;
    if version >> 6 != 0 || header < 8 {
        return Err(Outcome::Malformed(Reason::Tunnel));
    }
    cx.layer(LayerKind::Nsh, u32::from_be_bytes([0, p0, p1, p2]))?;
    next(protocol, frame.skip(header)?)
}

/// Follows a next protocol number, which VXLAN-GPE shares.
pub(super) fn next(protocol: u8, payload: Frame<'_>) -> Step<'_> {
    match protocol {
        1 => Ok((Next::EtherType(IPV4), payload)),
        2 => Ok((Next::EtherType(IPV6), payload)),
        ETHERNET => Ok((Next::Ethernet, payload)),
        4 => Ok((Next::EtherType(NSH), payload)),
        5 => Ok((Next::EtherType(0x8847), payload)),
        _ => Err(Outcome::NotIp),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{self, Seen, cat, expected, ipv4, one, tcp};
    use super::*;
    use crate::capture::LinkType;

    /// RFC 8300 §2.2: the length counts words and is at least 2.
    #[test]
    fn both_metadata_types_are_skipped() {
        let ip = ipv4(6, &tcp(b"data"));
        let packet = |header: &[u8]| one(LinkType::ETHERNET, &testing::ethernet(NSH, header));
        let want = expected(b"data", &[(LayerKind::Nsh, 0x70)]);
        assert_eq!(packet(&testing::nsh(0x70, 3, &testing::ethernet(IPV4, &ip))), Ok(want.clone()));
        assert_eq!(packet(&testing::nsh(0x70, 1, &ip)), Ok(want.clone()));
        assert_eq!(packet(&cat(&[&[0, 2, 2, 1, 0, 0, 0x70, 0], &ip])), Ok(Seen { ..want }));
        assert_eq!(
            packet(&cat(&[&[0, 1, 2, 1, 0, 0, 0x70, 0], &ip])),
            Err(Outcome::Malformed(Reason::Tunnel))
        );
    }
}
