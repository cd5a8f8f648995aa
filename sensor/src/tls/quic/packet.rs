//! Packets of a datagram, and of Initial ones header, protection, frames.
//!
//! Source: [RFC 9000 §17.2.2](https://www.rfc-editor.org/rfc/rfc9000#section-17.2.2), [RFC 9001 §5.4](https://www.rfc-editor.org/rfc/rfc9001#section-5.4), RFC 9000 §19.

use std::ops::Range;

use super::keys::Keys;
use crate::decap::quic::{Kind, long_header};
use crate::tls::reader::Reader;

/// Longest connection id (RFC 9000 §17.2).
const ID_MAX: usize = 20;

/// An Initial packet as it came.
#[derive(Clone, Copy)]
pub(super) struct Initial<'a> {
    pub(super) version: u32,
    /// Destination id.
    pub(super) id: &'a [u8],
    /// Header up to the packet number.
    head: usize,
    /// The whole packet.
    octets: &'a [u8],
}

/// A packet of a datagram.
pub(super) enum Packet<'a> {
    /// Opens a connection.
    Initial(Initial<'a>),
    /// Of the handshake, or early data: its keys are secret.
    Handshake,
    /// The server wants the client to try again.
    Retry,
    /// Only the other end can read it: the handshake is over. It fills the datagram.
    Short,
}

/// Takes the next packet off a datagram.
pub(super) fn next<'a>(datagram: &mut &'a [u8]) -> Option<Packet<'a>> {
    if datagram.first()? & 0xc0 == 0x40 {
        *datagram = &[];
        return Some(Packet::Short);
    }
    let (kind, version) = long_header(datagram)?;
    if kind == Kind::Retry {
        *datagram = &[];
        return Some(Packet::Retry);
    }
    let mut rest = Reader(datagram.get(5..)?);
    let id = rest.vec8().filter(|id| id.len() <= ID_MAX)?;
    let _source = rest.vec8().filter(|id| id.len() <= ID_MAX)?;
    if kind == Kind::Initial {
        let token = varint(&mut rest)?;
        let _token = rest.take(usize::try_from(token).ok()?)?;
    }
    let len = usize::try_from(varint(&mut rest)?).ok()?;
    let head = datagram.len().checked_sub(rest.0.len())?;
    let (octets, after) = datagram.split_at_checked(head.checked_add(len)?)?;
    *datagram = after;
    Some(match kind {
        Kind::Initial => Packet::Initial(Initial { version, id, head, octets }),
        _ => Packet::Handshake,
    })
}

impl Initial<'_> {
    /// Takes its frames out of their protection, and gives their place in `room`; `None` when the keys do not fit.
    pub(super) fn open(&self, keys: &Keys, room: &mut Vec<u8>) -> Option<Range<usize>> {
        let at = self.head;
        let sample = self.octets.get(at.checked_add(4)?..at.checked_add(20)?)?;
        let [mask, masks @ ..] = keys.mask(sample)?;
        room.clear();
        room.extend_from_slice(self.octets);
        let first = room.first_mut()?;
        *first ^= mask & 0x0f;
        let len = usize::from(*first & 3).saturating_add(1);
        let mut number = 0_u64;
        for (octet, mask) in room.get_mut(at..)?.iter_mut().take(len).zip(masks) {
            *octet ^= mask;
            number = number << 8 | u64::from(*octet);
        }
        let start = at.checked_add(len)?;
        let (header, payload) = room.split_at_mut_checked(start)?;
        Some(start..start.checked_add(keys.open(number, header, payload)?)?)
    }
}

/// A number of 1, 2, 4 or 8 octets (RFC 9000 §16).
fn varint(from: &mut Reader<'_>) -> Option<u64> {
    let first = from.u8()?;
    let mut number = u64::from(first & 0x3f);
    for octet in from.take((1_usize << (first >> 6)).saturating_sub(1))? {
        number = number << 8 | u64::from(*octet);
    }
    Some(number)
}

/// Gives the pieces of the handshake in the frames of an Initial packet, with their offsets.
pub(super) fn crypto<'a>(frames: &'a [u8], emit: &mut impl FnMut(u64, &'a [u8])) {
    let mut rest = Reader(frames);
    while let Some(kind) = rest.u8() {
        let read = match kind {
            // PADDING, PING.
            0 | 1 => Some(()),
            // ACK, with counts of ECN or not.
            2 | 3 => ack(&mut rest, kind == 3),
            6 => crypto_frame(&mut rest, emit),
            // CONNECTION_CLOSE, or what has no place here.
            _ => None,
        };
        if read.is_none() {
            return;
        }
    }
}

fn crypto_frame<'a>(rest: &mut Reader<'a>, emit: &mut impl FnMut(u64, &'a [u8])) -> Option<()> {
    let offset = varint(rest)?;
    let len = usize::try_from(varint(rest)?).ok()?;
    emit(offset, rest.take(len)?);
    Some(())
}

fn ack(rest: &mut Reader<'_>, ecn: bool) -> Option<()> {
    let (_largest, _delay, ranges, _first) =
        (varint(rest)?, varint(rest)?, varint(rest)?, varint(rest)?);
    for _ in 0..ranges {
        let (_gap, _len) = (varint(rest)?, varint(rest)?);
    }
    if ecn {
        let _counts = (varint(rest)?, varint(rest)?, varint(rest)?);
    }
    Some(())
}
