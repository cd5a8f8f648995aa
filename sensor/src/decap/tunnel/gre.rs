//! GRE, with checksum, key, sequence and routing; PPTP's enhanced GRE.

use super::super::ethernet::{IPV4, PPP};
use super::super::frame::Frame;
use super::super::walk::{Context, Next, Step};
use super::super::{LayerKind, Outcome, Reason};
use super::{On, Tunnel, erspan};

pub(super) const TUNNEL: Tunnel =
    Tunnel { on: &[On::Protocol(47), On::Port(|config| &config.gre_ports)], open };

const CHECKSUM: u16 = 0x8000;
const ROUTING: u16 = 0x4000;
const KEY: u16 = 0x2000;
const SEQUENCE: u16 = 0x1000;
const ACKNOWLEDGED: u16 = 0x0080;
const VERSION: u16 = 0x0007;

/// Web Cache Communication Protocol: IPv4 behind a redirect header.
const WCCP: u16 = 0x883e;

/// First of Aruba's types: 802.11 frames between access point and controller; the type counts the queues.
const ARUBA: u16 = 0x8200;
/// Last of them.
const ARUBA_MAX: u16 = 0x8370;

/// Reads flags 2, protocol type 2, then what the flags announce.
///
/// Source: [RFC 2784 §2](https://www.rfc-editor.org/rfc/rfc2784#section-2), RFC 2890 §2 (key, sequence),
/// RFC 1701 (routing), RFC 2637 §4.1 (version 1).
fn open<'a>(frame: Frame<'a>, cx: &mut Context) -> Step<'a> {
    let (flags, number) = (frame.u16(0)?, frame.u16(2)?);
    let has = |flag| flags & flag != 0;
    match flags & VERSION {
        0 => {}
        1 if number == PPP && has(KEY) => return pptp(frame, has(SEQUENCE), has(ACKNOWLEDGED), cx),
        _ => return Err(Outcome::Malformed(Reason::Tunnel)),
    }
    let mut rest = frame.skip(4)?;
    if has(CHECKSUM) || has(ROUTING) {
        rest = rest.skip(4)?;
    }
    let mut key = 0;
    if has(KEY) {
        key = rest.u32(0)?;
        rest = rest.skip(4)?;
    }
    if has(SEQUENCE) {
        rest = rest.skip(4)?;
    }
    if has(ROUTING) {
        rest = routing(rest)?;
    }
    match number {
        erspan::TYPE_1_2 if has(SEQUENCE) => Ok((Next::EtherType(number), rest)),
        erspan::TYPE_1_2 => {
            cx.layer(LayerKind::Erspan, 0)?;
            Ok((Next::Ethernet, rest))
        }
        erspan::TYPE_3 => Ok((Next::EtherType(number), rest)),
        WCCP => {
            cx.layer(LayerKind::Gre, key)?;
            // Version 2 has a redirect header of four octets, version 1 has none.
            let ip = if rest.u8(0)? >> 4 == 4 { rest } else { rest.skip(4)? };
            Ok((Next::EtherType(IPV4), ip))
        }
        ARUBA..=ARUBA_MAX if number & 0x0f == 0 => {
            cx.layer(LayerKind::Gre, key)?;
            Ok((Next::Wlan, rest))
        }
        // Zero is a keep-alive.
        0x0600.. => {
            cx.layer(LayerKind::Gre, key)?;
            Ok((Next::EtherType(number), rest))
        }
        _ => Err(Outcome::NotIp),
    }
}

/// Skips source route entries: address family 2, offset 1, length 1, route; a zero entry ends them.
fn routing(mut rest: Frame<'_>) -> Result<Frame<'_>, Outcome> {
    loop {
        let &[f0, f1, _, len] = rest.array(0)?;
        rest = rest.skip(usize::from(len).saturating_add(4))?;
        if [f0, f1, len] == [0; 3] {
            return Ok(rest);
        }
    }
}

/// Reads the rest of a version 1 header: payload length 2, call id 2, sequence and acknowledgement if announced.
fn pptp<'a>(frame: Frame<'a>, sequence: bool, acknowledged: bool, cx: &mut Context) -> Step<'a> {
    let (len, call) = (frame.u16(4)?, frame.u16(6)?);
    let header = 8_usize
        .saturating_add(usize::from(sequence) << 2)
        .saturating_add(usize::from(acknowledged) << 2);
    if !sequence || len == 0 {
        return Err(Outcome::NotIp);
    }
    cx.layer(LayerKind::Gre, call.into())?;
    Ok((Next::Ppp, frame.skip(header)?.trim(len.into())))
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{self, Seen, cat, ethernet, expected, ipv4, one, tcp, udp};
    use super::*;
    use crate::capture::LinkType;

    fn ip() -> Vec<u8> {
        ipv4(6, &tcp(b"data"))
    }

    fn want(kind: LayerKind, id: u32) -> Result<Seen, Outcome> {
        Ok(Seen { mac: None, ..expected(b"data", &[(kind, id)]) })
    }

    /// RFC 2890 §2, RFC 1701: each flag brings its field, in this order.
    #[test]
    fn flags_bring_fields() {
        let (sum, key, sequence) = ([0xcc; 4], [0, 0, 0, 5], [0xdd; 4]);
        let route = [0, 8, 0, 4, 10, 0, 0, 1, 0, 0, 0, 0];
        for flags in 0..16_u8 {
            let fields = [&sum[..], &[], &key, &sequence];
            let mut header = vec![flags << 4, 0, 8, 0];
            for (n, field) in fields.into_iter().enumerate() {
                // Checksum and offset come with either flag.
                let asked = flags & 8 >> n != 0 || (n == 0 && flags & 4 != 0);
                header.extend_from_slice(if asked { field } else { &[] });
            }
            header.extend_from_slice(if flags & 4 != 0 { &route } else { &[] });
            let id = if flags & 2 != 0 { 5 } else { 0 };
            let packet = ipv4(47, &cat(&[&header, &ip()]));
            assert_eq!(one(LinkType::RAW, &packet), want(LayerKind::Gre, id), "{flags:#06b}");
        }
    }

    #[test]
    fn every_payload_is_followed() {
        let packet =
            |number, inner: &[u8]| one(LinkType::RAW, &ipv4(47, &testing::gre(6, number, inner)));
        let bridged = packet(0x6558, &ethernet(0x0800, &ip()));
        assert_eq!(bridged, Ok(expected(b"data", &[(LayerKind::Gre, 6)])));
        assert_eq!(packet(0x0800, &ip()), want(LayerKind::Gre, 6));
        assert_eq!(packet(WCCP, &ip()), want(LayerKind::Gre, 6));
        assert_eq!(packet(WCCP, &cat(&[&[1, 2, 3, 4], &ip()])), want(LayerKind::Gre, 6));
        assert_eq!(packet(0, &[]), Err(Outcome::NotIp));
        let labels = packet(0x8847, &testing::mpls(&[77], &ip())).unwrap().layers;
        assert_eq!(labels, [(LayerKind::Gre, 6), (LayerKind::Mpls, 77)]);
        let data = [
            &[8, 1, 0, 0][..],
            &[3; 6],
            &[2; 6],
            &[4; 6],
            &[0, 0, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0],
            &ip(),
        ];
        assert_eq!(packet(ARUBA, &cat(&data)).unwrap().mac, Some([[2; 6], [4; 6]]));
        let in_udp = ipv4(17, &udp(1, 4754, &testing::gre(6, 0x0800, &ip())));
        assert_eq!(one(LinkType::RAW, &in_udp), want(LayerKind::Gre, 6));
    }

    /// RFC 2637 §4.1.
    #[test]
    fn pptp_carries_ppp() {
        let packet = |flags: [u8; 2], numbers: &[u8], inner: &[u8]| {
            let len = u16::try_from(inner.len()).unwrap().to_be_bytes();
            let header = cat(&[&flags, &PPP.to_be_bytes(), &len, &[0, 9], numbers]);
            one(LinkType::RAW, &ipv4(47, &cat(&[&header, inner])))
        };
        let ppp = cat(&[&[0xff, 3, 0, 0x21], &ip()]);
        assert_eq!(packet([0x30, 0x01], &[0; 4], &ppp), want(LayerKind::Gre, 9));
        assert_eq!(packet([0x30, 0x81], &[0; 8], &ppp), want(LayerKind::Gre, 9));
        assert_eq!(packet([0x20, 0x81], &[0; 4], &[]), Err(Outcome::NotIp));
        assert_eq!(packet([0x20, 0x02], &[0; 4], &[]), Err(Outcome::Malformed(Reason::Tunnel)));
    }
}
