//! Link types: where the walk begins.
//!
//! Source: <https://www.tcpdump.org/linktypes.html>.

use super::ethernet::{self, IPV4, IPV6};
use super::frame::Frame;
use super::walk::{Context, Next, Step};
use super::{Outcome, wlan};
use crate::capture::LinkType;

/// Takes off what comes before the first header that packets of several link types share.
#[inline]
pub(crate) fn open<'a>(link: LinkType, frame: Frame<'a>, cx: &mut Context) -> Step<'a> {
    match link {
        LinkType::ETHERNET => Ok((Next::Ethernet, frame)),
        LinkType::RAW | LinkType::RAW_BSD | LinkType::RAW_OPENBSD => Ok((Next::Ip, frame)),
        LinkType::IPV4 => Ok((Next::EtherType(IPV4), frame)),
        LinkType::IPV6 => Ok((Next::EtherType(IPV6), frame)),
        LinkType::NULL | LinkType::LOOP => loopback(frame),
        LinkType::LINUX_SLL => sll(frame),
        LinkType::LINUX_SLL2 => sll2(frame),
        LinkType::PPP | LinkType::PPP_HDLC | LinkType::CISCO_HDLC => hdlc(frame),
        // PPPoE without the Ethernet header around it.
        LinkType::PPP_ETHER => Ok((Next::EtherType(0x8864), frame)),
        LinkType::IEEE802_11 => wlan::open(frame, cx),
        LinkType::IEEE802_11_RADIOTAP => wlan::radiotap(frame, cx),
        LinkType::NFLOG => nflog(frame),
        LinkType::ARCNET_LINUX => arcnet(frame),
        _ => Err(Outcome::UnknownLink),
    }
}

/// BSD loopback: an address family, in the byte order of the capturing machine (NULL) or the network's
/// (LOOP); nobody keeps to it. IPv6 is 10, 23, 24, 28 or 30, by system.
fn loopback(frame: Frame<'_>) -> Step<'_> {
    let family = frame.array(0)?;
    let payload = frame.skip(4)?;
    match u32::from_le_bytes(*family).min(u32::from_be_bytes(*family)) {
        2 => Ok((Next::EtherType(IPV4), payload)),
        10 | 23 | 24 | 28 | 30 => Ok((Next::EtherType(IPV6), payload)),
        _ if family.starts_with(&[0xff, 0x03]) => Ok((Next::Ppp, frame)),
        _ => Err(Outcome::NotIp),
    }
}

/// Linux cooked capture v1: type 2, ARPHRD 2, address length 2, address 8, protocol 2.
fn sll(frame: Frame<'_>) -> Step<'_> {
    let (hardware, protocol) = (frame.u16(2)?, frame.u16(14)?);
    cooked(hardware, protocol, frame.skip(16)?)
}

/// Linux cooked capture v2: protocol 2, reserved 2, interface 4, ARPHRD 2, type 1, address length 1, address 8.
fn sll2(frame: Frame<'_>) -> Step<'_> {
    let (protocol, hardware) = (frame.u16(0)?, frame.u16(8)?);
    cooked(hardware, protocol, frame.skip(20)?)
}

fn cooked(hardware: u16, protocol: u16, payload: Frame<'_>) -> Step<'_> {
    /// ARPHRD values whose protocol field is no `EtherType`: 802.11, netlink.
    const FOREIGN: [u16; 4] = [801, 802, 803, 824];
    match protocol {
        _ if FOREIGN.contains(&hardware) => Err(Outcome::NotIp),
        0x0004 => Ok((Next::Llc, payload)),
        0x0600.. => Ok((Next::EtherType(protocol), payload)),
        _ => Err(Outcome::NotIp),
    }
}

/// PPP, or Cisco HDLC in its place: address 0f or 8f, control 00, `EtherType`.
fn hdlc(frame: Frame<'_>) -> Step<'_> {
    match frame.array(0)? {
        [0x0f | 0x8f, 0x00] => ethernet::typed(frame.u16(2)?, frame.skip(4)?),
        _ => Ok((Next::Ppp, frame)),
    }
}

/// ARCnet as Linux captures it: source, destination, two octets, protocol; RFC 1201 adds a split flag and a
/// two-octet sequence, RFC 1051 nothing. Packets split over frames are not joined.
fn arcnet(frame: Frame<'_>) -> Step<'_> {
    match frame.u8(4)? {
        0xd4 if frame.u8(5)? == 0 => Ok((Next::EtherType(IPV4), frame.skip(8)?)),
        0xc4 if frame.u8(5)? == 0 => Ok((Next::EtherType(IPV6), frame.skip(8)?)),
        0xf0 => Ok((Next::EtherType(IPV4), frame.skip(5)?)),
        _ => Err(Outcome::NotIp),
    }
}

/// Linux netfilter log: family 1, version 1, resource 2; then attributes of length 2 (itself included),
/// type 2, value, padded to four octets, in the byte order of the capturing machine.
fn nflog(frame: Frame<'_>) -> Step<'_> {
    /// `NFULA_PAYLOAD`: the packet.
    const PAYLOAD: u16 = 9;
    let mut rest = frame.skip(4)?;
    // Types are small: the octet that is 0 is the high one.
    let little = matches!(rest.array(2)?, [_, 0]);
    loop {
        let &[l0, l1, t0, t1] = rest.array(0)?;
        let [len, kind] = [[l0, l1], [t0, t1]]
            .map(|n| if little { u16::from_le_bytes(n) } else { u16::from_be_bytes(n) });
        let len = usize::from(len);
        if len < 4 {
            return Err(ethernet::BAD_LINK);
        }
        if kind & 0x7fff == PAYLOAD {
            return Ok((Next::Ip, rest.trim(len).skip(4)?));
        }
        rest = rest.skip(len.next_multiple_of(4))?;
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{DST6, SRC6, Seen, cat, expected, flow, ipv4, ipv6, one, tcp};
    use super::super::{LayerKind, Reason};
    use super::*;

    fn raw4() -> Result<Seen, Outcome> {
        Ok(Seen { mac: None, ..expected(b"data", &[]) })
    }

    fn raw6() -> Result<Seen, Outcome> {
        raw4().map(|seen| Seen { flow: flow(SRC6.into(), DST6.into()), ..seen })
    }

    fn v4() -> Vec<u8> {
        ipv4(6, &tcp(b"data"))
    }

    fn v6() -> Vec<u8> {
        ipv6(6, &tcp(b"data"))
    }

    #[test]
    fn arcnet_has_two_headers() {
        let arcnet =
            |header: &[u8], inner: &[u8]| one(LinkType(129), &cat(&[&[1, 2, 0, 0], header, inner]));
        assert_eq!(arcnet(&[0xd4, 0, 0, 1], &v4()), raw4());
        assert_eq!(arcnet(&[0xc4, 0, 0, 1], &v6()), raw6());
        assert_eq!(arcnet(&[0xf0], &v4()), raw4());
        assert_eq!(arcnet(&[0xd4, 1, 0, 1], &v4()), Err(Outcome::NotIp));
        assert_eq!(arcnet(&[0xd5, 0, 0, 1], &v4()), Err(Outcome::NotIp));
    }

    #[test]
    fn raw_links_are_ip() {
        for link in [12, 14, 101, 228] {
            assert_eq!(one(LinkType(link), &v4()), raw4(), "{link}");
        }
        for link in [12, 14, 101, 229] {
            assert_eq!(one(LinkType(link), &v6()), raw6(), "{link}");
        }
        assert_eq!(one(LinkType(147), &v4()), Err(Outcome::UnknownLink));
    }

    #[test]
    fn loopback_families_come_in_both_orders() {
        for link in [LinkType::NULL, LinkType::LOOP] {
            for (family, ip, want) in [
                (2_u32, v4(), raw4()),
                (10, v6(), raw6()),
                (24, v6(), raw6()),
                (28, v6(), raw6()),
                (30, v6(), raw6()),
            ] {
                assert_eq!(one(link, &cat(&[&family.to_le_bytes(), &ip])), want, "{family}");
                assert_eq!(one(link, &cat(&[&family.to_be_bytes(), &ip])), want, "{family}");
            }
            assert_eq!(one(link, &cat(&[&7_u32.to_le_bytes(), &v4()])), Err(Outcome::NotIp));
        }
    }

    #[test]
    fn cooked_captures_are_read() {
        let sll = |hardware: u16, protocol: u16, inner: &[u8]| {
            let fields =
                cat(&[&[0, 4], &hardware.to_be_bytes(), &[0, 6], &[2; 8], &protocol.to_be_bytes()]);
            one(LinkType::LINUX_SLL, &cat(&[&fields, inner]))
        };
        let sll2 = |hardware: u16, protocol: u16, inner: &[u8]| {
            let fields =
                cat(&[&protocol.to_be_bytes(), &[0; 6], &hardware.to_be_bytes(), &[4, 6], &[2; 8]]);
            one(LinkType::LINUX_SLL2, &cat(&[&fields, inner]))
        };
        let vlan = cat(&[&[0, 5, 8, 0], &v4()]);
        let tagged = raw4().map(|seen| Seen { layers: vec![(LayerKind::Vlan, 5)], ..seen });
        for cooked in [&sll as &dyn Fn(u16, u16, &[u8]) -> Result<Seen, Outcome>, &sll2] {
            assert_eq!(cooked(1, IPV4, &v4()), raw4());
            assert_eq!(cooked(512, IPV6, &v6()), raw6());
            assert_eq!(cooked(1, 0x8100, &vlan), tagged);
            assert_eq!(cooked(1, 4, &[0x42, 0x42, 3, 0]), Err(Outcome::NotIp));
            assert_eq!(cooked(824, IPV4, &v4()), Err(Outcome::NotIp));
        }
    }

    #[test]
    fn netfilter_logs_hold_the_packet_in_an_attribute() {
        let log = |order: fn(u16) -> [u8; 2], len: u16| {
            let header = cat(&[
                &[2, 0, 0, 0],
                &order(8),
                &order(1),
                &[8, 0, 3, 0],
                &order(5),
                &order(10),
                b"p\0\0\0",
            ]);
            cat(&[&header, &order(len), &order(9), &v4()])
        };
        let len = u16::try_from(v4().len() + 4).unwrap();
        assert_eq!(one(LinkType::NFLOG, &log(u16::to_le_bytes, len)), raw4());
        assert_eq!(one(LinkType::NFLOG, &log(u16::to_be_bytes, len)), raw4());
        assert_eq!(
            one(LinkType::NFLOG, &log(u16::to_le_bytes, 3)),
            Err(Outcome::Malformed(Reason::Link))
        );
        assert_eq!(
            one(LinkType::NFLOG, &log(u16::to_le_bytes, len)[..20]),
            Err(Outcome::Malformed(Reason::Short))
        );
    }
}
