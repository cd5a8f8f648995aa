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
