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
        // A control word, then Ethernet.
        0 if frame.skip(4).is_ok_and(ethernet::plausible) => Ok((Next::Ethernet, frame.skip(4)?)),
        _ if ethernet::plausible(frame) => Ok((Next::Ethernet, frame)),
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
    frame.data.len() >= 40
        && frame.u16(4).is_ok_and(|len| usize::from(len).saturating_add(40) <= frame.wire())
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
