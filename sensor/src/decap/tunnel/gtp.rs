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

#[cfg(test)]
mod tests {
    use super::super::super::testing::{self, Seen, cat, expected, ipv4, one, tcp, udp};
    use super::*;
    use crate::capture::LinkType;

    /// 3GPP TS 29.281 §5.1 and §5.2.
    #[test]
    fn user_packets_are_found() {
        let ip = ipv4(6, &tcp(b"data"));
        let want = Ok(Seen { mac: None, ..expected(b"data", &[(LayerKind::Gtp, 0x0102_0304)]) });
        assert_eq!(one(LinkType::RAW, &ipv4(17, &testing::gtp(0x0102_0304, &ip))), want);
        let len = u16::try_from(ip.len()).unwrap().to_be_bytes();
        let plain = cat(&[&[0x30, 0xff], &len, &[1, 2, 3, 4], &ip]);
        assert_eq!(one(LinkType::RAW, &ipv4(17, &udp(2152, 2152, &plain))), want);
    }

    #[test]
    fn anything_else_is_udp() {
        let ip = ipv4(6, &tcp(b"data"));
        // An echo request, version 2, a length beyond the datagram, an extension of no length.
        for header in [
            &[0x32, 1, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0][..],
            &[0x50, 0xff, 0, 76, 0, 0, 0, 1],
            &[0x30, 0xff, 9, 0, 0, 0, 0, 1],
            &[0x34, 0xff, 0, 76, 0, 0, 0, 1, 0, 0, 0, 0x85, 0],
        ] {
            let packet = ipv4(17, &udp(2152, 2152, &cat(&[header, &ip])));
            assert_eq!(one(LinkType::RAW, &packet), Err(Outcome::Udp), "{header:x?}");
        }
    }
}
