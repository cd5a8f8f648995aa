//! A message in progress, and the decompression of its direction.

use zeroize::Zeroizing;

use super::super::piece::length;
use super::super::protocol::Context;
use super::super::{Completeness, HttpEventKind};
use super::inflate::{self, Failure, Inflate};
use super::{Facts, Flags, Tally, Totals, Way, opcode};
use crate::time::Timestamp;
use crate::wipe::wipe;

/// Largest buffer kept between messages, in bytes.
const KEPT_BYTES_MAX: usize = 4096;

/// The first byte of a message.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    pub(super) offset: u64,
    pub(super) time: Timestamp,
}

/// A data message, or a close frame, of which not all was seen yet. No `Debug`: it holds raw traffic.
pub(super) struct Message {
    pub(super) opcode: u8,
    pub(super) start: Mark,
    pub(super) time: Timestamp,
    /// What is handed on.
    pub(super) held: Zeroizing<Vec<u8>>,
    pub(super) frames: u32,
    pub(super) wire: u64,
    pub(super) payload: u64,
    pub(super) decoded: u64,
    pub(super) missing: u64,
    pub(super) compressed: bool,
    pub(super) flags: Flags,
    pub(super) cut: bool,
    /// Whether nothing more is read of it: bytes are missing, or it could not be decoded.
    pub(super) torn: bool,
    /// Whether a part of it, nobody knows how long, was not seen.
    pub(super) partial: bool,
    /// Whether it is told.
    pub(super) told: bool,
}

impl Message {
    pub(super) const fn new(opcode: u8, start: Mark, held: Zeroizing<Vec<u8>>) -> Self {
        Self {
            opcode,
            start,
            time: start.time,
            held,
            frames: 0,
            wire: 0,
            payload: 0,
            decoded: 0,
            missing: 0,
            compressed: false,
            flags: Flags(0),
            cut: false,
            torn: false,
            partial: false,
            told: true,
        }
    }

    /// Holds bytes of the message, as far as the limits allow.
    pub(super) fn hold(&mut self, cx: &mut Context<'_>, bytes: &[u8]) {
        self.decoded = self.decoded.saturating_add(length(bytes));
        if !self.told || self.cut {
            return;
        }
        let most = usize::try_from(cx.config.body_inspect_bytes_max).unwrap_or(usize::MAX);
        let room = most.saturating_sub(self.held.len());
        let room = room.min(cx.config.websocket.bytes_total_max.saturating_sub(*cx.socket_bytes));
        let now = bytes.get(..room).unwrap_or(bytes);
        self.cut = now.len() < bytes.len();
        cx.counts.body_bytes_skipped +=
            u64::try_from(bytes.len().saturating_sub(now.len())).unwrap_or(0);
        self.held.extend_from_slice(now);
        *cx.socket_bytes = cx.socket_bytes.saturating_add(now.len());
    }

    /// `len` bytes of it are missing: what follows is only counted.
    pub(super) fn gap(&mut self, len: u64) {
        self.missing = self.missing.saturating_add(len);
        self.payload = self.payload.saturating_add(len);
        self.wire = self.wire.saturating_add(len);
        self.torn = true;
    }

    /// What is told of it. `whole`: by its own account.
    pub(super) fn facts(&self, way: Way, sequence: u64, whole: bool) -> Facts {
        let completeness = match whole {
            _ if self.missing > 0 || self.partial => Completeness::Gap,
            true => Completeness::Complete,
            false => Completeness::Truncated,
        };
        Facts {
            socket: way.socket,
            stream: way.stream,
            role: way.role,
            opcode: self.opcode,
            sequence,
            start_offset: self.start.offset,
            start_time: self.start.time,
            end_time: self.time,
            completeness,
            wire_bytes: self.wire,
            payload_bytes: self.payload,
            decoded_bytes: self.decoded,
            missing_bytes: self.missing,
            cut: self.cut || self.torn || completeness != Completeness::Complete,
            compressed: self.compressed,
            frames: self.frames,
            close_code: None,
            flags: self.flags,
            skipped: Tally::default(),
            totals: None,
        }
    }

    /// Its buffer, for the next.
    pub(super) fn spend(self, cx: &mut Context<'_>) -> Zeroizing<Vec<u8>> {
        let Self { mut held, .. } = self;
        *cx.socket_bytes = cx.socket_bytes.saturating_sub(held.len());
        if held.capacity() > KEPT_BYTES_MAX {
            return Zeroizing::default();
        }
        wipe(&mut held);
        held
    }
}

/// Decompression of a direction, which is made when a message first needs it.
#[derive(Default)]
pub(super) struct Decoder(Option<Box<Inflate>>);

impl Decoder {
    /// A compressed message begins.
    pub(super) fn begin(&mut self, cx: &mut Context<'_>, way: Way, message: &mut Message) {
        let room = cx.config.websocket.bytes_total_max.saturating_sub(*cx.socket_bytes);
        if self.0.is_none() && room >= inflate::COST && cx.config.body_inspect_bytes_max > 0 {
            *cx.socket_bytes = cx.socket_bytes.saturating_add(inflate::COST);
            let ratio_max = cx.config.coding_ratio_max;
            let inflate = Inflate::new(way.is_fresh(), ratio_max);
            self.0 = Some(Box::new(inflate));
        }
        match &mut self.0 {
            Some(inflate) if cx.config.body_inspect_bytes_max > 0 => inflate.begin(),
            other => {
                // What is not read now is missing later.
                if let Some(inflate) = other {
                    inflate.lose();
                }
                message.flags.insert(Flags::UNDECODED);
                message.torn = true;
            }
        }
    }

    /// Takes bytes of the message; `None` at its end.
    pub(super) fn push(
        &mut self,
        cx: &mut Context<'_>,
        message: &mut Message,
        bytes: Option<&[u8]>,
    ) {
        let Some(inflate) = self.0.as_mut().filter(|_| !message.torn) else { return };
        let mut hold = |bytes: &[u8]| message.hold(cx, bytes);
        let result = match bytes {
            Some(bytes) => inflate.push(bytes, &mut hold),
            None => inflate.end(&mut hold),
        };
        if let Err(failure) = result {
            message.flags.insert(match failure {
                Failure::Bad => Flags::UNDECODED,
                Failure::Ratio => Flags::RATIO,
            });
            message.torn = true;
        }
    }

    /// Bytes of the direction are missing.
    pub(super) fn lose(&mut self) {
        if let Some(inflate) = &mut self.0 {
            inflate.lose();
        }
    }

    /// Nothing more comes.
    pub(super) fn release(&mut self, cx: &mut Context<'_>) {
        if self.0.take().is_some() {
            *cx.socket_bytes = cx.socket_bytes.saturating_sub(inflate::COST);
        }
    }
}

/// What a direction said so far.
#[derive(Default)]
pub(super) struct Said {
    pub(super) totals: Totals,
    skipped: Tally,
    /// Whether its end was told.
    pub(super) ended: bool,
}

impl Said {
    /// Whether nothing was seen of the direction.
    pub(super) fn is_nothing(&self) -> bool {
        self.totals == Totals::default()
    }

    /// A data message is over.
    pub(super) fn message(&mut self, cx: &mut Context<'_>, message: &Message, facts: Facts) {
        self.totals.messages.add(facts.payload_bytes);
        cx.counts.websocket_messages += 1;
        cx.counts.websocket_undecoded += u64::from(facts.flags.contains(Flags::UNDECODED));
        if message.told {
            self.tell(cx, facts, &message.held);
        } else {
            cx.counts.websocket_messages_skipped += 1;
            self.totals.skipped = self.totals.skipped.saturating_add(1);
            self.skipped.add(facts.payload_bytes);
        }
    }

    /// The direction ends: by a close frame, whose payload is given, or without.
    pub(super) fn end(&mut self, cx: &mut Context<'_>, facts: Facts, payload: &[u8]) {
        self.ended = true;
        let mut facts = Facts { totals: Some(self.totals), ..facts };
        let mut reason = payload;
        if let Some((code, rest)) = payload.split_first_chunk() {
            let code = u16::from_be_bytes(*code);
            facts.close_code = Some(code);
            let sent = matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999);
            facts.flags.set(Flags::CLOSE_BAD, !sent);
            reason = rest;
        } else {
            facts.flags.set(Flags::CLOSE_BAD, !payload.is_empty());
        }
        facts.flags.set(Flags::UTF8_BAD, std::str::from_utf8(reason).is_err() && !facts.cut);
        self.tell(cx, facts, reason);
    }

    /// Tells a message or an end, with what was passed over before it.
    pub(super) fn tell(&mut self, cx: &mut Context<'_>, facts: Facts, bytes: &[u8]) {
        let facts = Facts { skipped: std::mem::take(&mut self.skipped), ..facts };
        cx.emit(HttpEventKind::Socket { facts: &facts, bytes });
    }
}

/// What is told of a direction that ended at `mark` without saying so.
pub(super) fn silence(way: Way, mark: Mark, sequence: u64) -> Facts {
    let facts = Message::new(opcode::CLOSE, mark, Zeroizing::default()).facts(way, sequence, false);
    Facts { cut: false, ..facts }
}
