//! MPLS label stacks. What is under them is announced nowhere and must be guessed.

use super::super::ethernet::{self, IPV4, IPV6};
use super::super::frame::Frame;
use super::super::walk::{Context, Next, Step};
use super::super::{LayerKind, Outcome};
use super::{On, Tunnel};

pub(super) const TUNNEL: Tunnel = Tunnel {
    on: &[
        On::EtherType(0x8847),
        On::EtherType(0x8848),
        On::Protocol(137),
        On::Port(|config| &config.mpls_ports),
    ],
    open,
};

/// First label that is not reserved (RFC 7274 §3).
const LABEL_MIN: u32 = 16;
/// The next label is an entropy label (RFC 6790): it names no network, and differs by flow.
const ENTROPY_INDICATOR: u32 = 7;

/// Pops the stack: label 20 bits, class 3, bottom of stack 1, TTL 8.
///
/// Source: [RFC 3032 §2.1](https://www.rfc-editor.org/rfc/rfc3032#section-2.1).
fn open<'a>(frame: Frame<'a>, cx: &mut Context) -> Step<'a> {
    let mut rest = frame;
    let mut entropy = false;
    loop {
        let entry = rest.u32(0)?;
        let label = entry >> 12;
        rest = rest.skip(4)?;
        if label >= LABEL_MIN && !entropy {
            cx.layer(LayerKind::Mpls, label)?;
        } else {
            cx.deeper()?;
        }
        entropy = label == ENTROPY_INDICATOR;
        if entry & 0x100 != 0 {
            return guess(rest);
        }
    }
}

/// Tells IP from pseudowires by the first nibble, as routers do (RFC 4385 §3, RFC 4928 §3); but an Ethernet
/// address may begin with any nibble, so what is guessed must look like it.
fn guess(frame: Frame<'_>) -> Step<'_> {
    match frame.u8(0)? >> 4 {
        4 if ipv4(frame) => Ok((Next::EtherType(IPV4), frame)),
        6 if ipv6(frame) => Ok((Next::EtherType(IPV6), frame)),
        // In this order: four octets into a tagged frame, the type behind the tag is plausible, too.
        _ if ethernet::plausible(frame) => Ok((Next::Ethernet, frame)),
        // A control word, then Ethernet.
        0 if frame.skip(4).is_ok_and(ethernet::plausible) => Ok((Next::Ethernet, frame.skip(4)?)),
        4 => Ok((Next::EtherType(IPV4), frame)),
        6 => Ok((Next::EtherType(IPV6), frame)),
        // An associated channel, or a pseudowire of something else.
        _ => Err(Outcome::NotIp),
    }
}

fn ipv4(frame: Frame<'_>) -> bool {
    let Ok(&[first, _, l0, l1, ..]) = frame.array::<20>(0) else { return false };
    let len = usize::from(u16::from_be_bytes([l0, l1]));
    let fits = first & 0x0f >= 5 && (len == 0 || len >= 20) && len <= frame.wire();
    fits && (!ethernet::plausible(frame) || checksum(frame))
}

fn ipv6(frame: Frame<'_>) -> bool {
    let Ok(len) = frame.u16(4) else { return false };
    let len = usize::from(len).saturating_add(40);
    len <= frame.wire() && (!ethernet::plausible(frame) || len == frame.wire())
}

/// Whether the checksum of an IPv4 header (without its options, if it has them) is right.
fn checksum(frame: Frame<'_>) -> bool {
    let header = frame.data.get(..20).unwrap_or_default();
    let sum = header.chunks_exact(2).fold(0_u32, |sum, pair| match *pair {
        [high, low] => sum.wrapping_add(u16::from_be_bytes([high, low]).into()),
        _ => sum,
    });
    (sum & 0xffff).wrapping_add(sum >> 16) == 0xffff
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{self, Seen, cat, expected, ipv4, ipv6, one, tcp, udp};
    use super::*;
    use crate::capture::LinkType;

    fn packet(labels: &[u32], inner: &[u8]) -> Result<Seen, Outcome> {
        one(LinkType::ETHERNET, &testing::ethernet(0x8847, &testing::mpls(labels, inner)))
    }

    #[test]
    fn ip_is_told_by_its_nibble() {
        let layers = [(LayerKind::Mpls, 100), (LayerKind::Mpls, 1_048_575)];
        let ip = ipv4(6, &tcp(b"data"));
        assert_eq!(packet(&[100, 1_048_575], &ip), Ok(expected(b"data", &layers)));
        assert_eq!(packet(&[100, 1_048_575], &ipv6(6, &tcp(b"data"))).unwrap().layers, layers);
        let raw = testing::mpls(&[100], &ip);
        for carrier in [ipv4(137, &raw), ipv4(17, &udp(1, 6635, &raw))] {
            assert_eq!(one(LinkType::RAW, &carrier).unwrap().layers, [(LayerKind::Mpls, 100)]);
        }
    }

    /// RFC 6790 §4.2: indicator 7, then a label that hashes the flow; RFC 3032 §2.1: 0 is explicit null.
    #[test]
    fn labels_without_meaning_are_left_out() {
        let ip = ipv4(6, &tcp(b"data"));
        assert_eq!(
            packet(&[100, 7, 99_999, 0], &ip),
            Ok(expected(b"data", &[(LayerKind::Mpls, 100)]))
        );
    }

    /// Ethernet under the labels, with or without control word, whatever its first nibble.
    #[test]
    fn pseudowires_are_guessed() {
        let ip = ipv4(6, &tcp(b"data"));
        for nibble in 0..16 {
            let mut frame = testing::ethernet(0x0800, &ip);
            frame[0] = nibble << 4;
            for control in [&[][..], &[0; 4]] {
                let mut seen = packet(&[50], &cat(&[control, &frame])).unwrap();
                assert_eq!(seen.mac.unwrap()[1][0], nibble << 4);
                seen.mac = None;
                assert_eq!(
                    seen,
                    Seen { mac: None, ..expected(b"data", &[(LayerKind::Mpls, 50)]) },
                    "{nibble}"
                );
            }
        }
        assert_eq!(packet(&[50], &[0x10, 0, 0, 0x21]), Err(Outcome::NotIp));
    }
}
