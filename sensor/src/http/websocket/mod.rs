//! WebSocket: what follows the handshake, both directions.
//!
//! Source: [RFC 6455](https://www.rfc-editor.org/rfc/rfc6455), [RFC 7692](https://www.rfc-editor.org/rfc/rfc7692)
//! (permessage-deflate), [RFC 8441](https://www.rfc-editor.org/rfc/rfc8441) (over HTTP/2).
//!
//! ```text
//!   ┌─────────── length 0 ──────────┐
//!   ▼                               │
//! Header ──2 to 14 octets──▶ ● ──▶ Payload ──close frame──▶ Closed
//!   ▲                        │      │
//!   │                 no frame      └─lost beyond its end─┐
//!   │                        ▼                            │
//!   └─a segment of frames── Seek ◀────────────────────────┘
//! ```
//!
//! Invariants:
//! - Cutting the streams into other segments changes no message, unless bytes are lost.
//! - A loss inside a payload costs the rest of that message: the next frame begins where the length says. A loss over
//!   a frame header is followed by a search (see `sync`).
//! - A message is told once it is over, with as much of it as the limits allow, and nothing from behind a loss. What a
//!   message compressed says is exactly what was sent, or nothing (see `inflate`).
//! - Messages above the rate, pings and pongs are counted in what is told next of their direction.

mod config;
mod decode;
mod direction;
mod extension;
mod frame;
mod inflate;
mod message;
mod rate;
mod sync;
#[cfg(test)]
mod tests;

pub use config::Config;

pub(super) use decode::{ENTRY, Socket, opened};
pub(super) use extension::{Agreed, is_websocket};
pub(super) use rate::Rate;

use self::direction::Direction;
use self::sync::Look;
use super::piece::Piece;
use super::protocol::Context;
use super::{Completeness, HttpEventKind, Role};
use crate::time::Timestamp;

/// Opcode of messages and frames (RFC 6455 §11.8), as in records.
pub mod opcode {
    /// A message of which only a later fragment was seen.
    pub const CONTINUATION: u8 = 0;
    /// A text.
    pub const TEXT: u8 = 1;
    /// Octets.
    pub const BINARY: u8 = 2;
    /// The end of a direction.
    pub const CLOSE: u8 = 8;
    /// Ping.
    pub const PING: u8 = 9;
    /// Pong.
    pub const PONG: u8 = 10;
}

/// What is told of a message, or of the end of a direction. No part of it is peer text.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// The socket, by the number of the response that opened it; of a connection joined midway, 0.
    pub socket: u64,
    /// Stream of a multiplexed connection; 0 for HTTP/1.
    pub stream: u64,
    /// Whose message: the client's is a request, so to say.
    pub role: Role,
    /// See [`opcode`].
    pub opcode: u8,
    /// Position among the messages of its direction that were seen, from 0, control frames left out; of the end: how
    /// many there were.
    pub sequence: u64,
    /// Stream offset of its first byte.
    pub start_offset: u64,
    /// Capture time of the first byte.
    pub start_time: Timestamp,
    /// Capture time of the last byte.
    pub end_time: Timestamp,
    /// How much was seen.
    pub completeness: Completeness,
    /// Bytes on the wire, frame headers included, gaps too.
    pub wire_bytes: u64,
    /// Bytes of payload on the wire.
    pub payload_bytes: u64,
    /// Bytes after decompression, as far as decoded.
    pub decoded_bytes: u64,
    /// Bytes known to be missing.
    pub missing_bytes: u64,
    /// Whether there was more than was handed on.
    pub cut: bool,
    /// Whether it was compressed.
    pub compressed: bool,
    /// Frames it came in, as far as seen.
    pub frames: u32,
    /// Status code of a close frame (§7.4).
    pub close_code: Option<u16>,
    /// What was odd.
    pub flags: Flags,
    /// Messages of the direction that were seen before, since the last that was told, and not told.
    pub skipped: Tally,
    /// At the end of a direction: all of it.
    pub totals: Option<Totals>,
}

/// So many messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many.
    pub messages: u64,
    /// Their payload, in bytes.
    pub bytes: u64,
}

impl Tally {
    pub(super) fn add(&mut self, bytes: u64) {
        self.messages = self.messages.saturating_add(1);
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

/// All that one direction said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Texts and binary messages.
    pub messages: Tally,
    /// Those of them without a record of their own.
    pub skipped: u64,
    /// Pings.
    pub pings: u64,
    /// Pongs.
    pub pongs: u64,
    /// Times bytes were lost.
    pub losses: u64,
}

/// What was odd about a message or its frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Flags(u16);

macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident = $bit:literal $label:literal),+ $(,)?) => {
        impl Flags {
            $($(#[$doc])* pub const $name: Self = Self(1 << $bit);)+

            /// Every flag with its name in records.
            pub const ALL: &'static [(Self, &'static str)] = &[$((Self::$name, $label)),+];
        }
    };
}

flags! {
    /// A client's frame without a mask, or a server's with one (§5.1).
    MASK_BAD = 0 "mask_bad",
    /// Reserved bits without an extension that gives them a meaning (§5.2).
    RESERVED_BITS = 1 "reserved_bits",
    /// A length in more octets than it needs (§5.2).
    LENGTH_BAD = 2 "length_bad",
    /// A control frame that is too long, or in fragments (§5.5).
    CONTROL_BAD = 3 "control_bad",
    /// A continuation of nothing, or a message inside another (§5.4).
    FRAGMENT_BAD = 4 "fragment_bad",
    /// A text that is not UTF-8 (§8.1).
    UTF8_BAD = 5 "utf8_bad",
    /// A close frame with one octet, or a code that must not be sent (§7.4).
    CLOSE_BAD = 6 "close_bad",
    /// Compressed, and could not be decoded: damaged, or it refers to what the sensor did not see.
    UNDECODED = 7 "undecoded",
    /// Decompression stopped at the ratio limit.
    RATIO = 8 "ratio",
    /// The first after the place in the stream was lost, found by its form.
    RESYNCHRONISED = 9 "resynchronised",
}

impl Flags {
    pub(super) fn insert(&mut self, other: Self) {
        self.0 |= other.0;
    }

    pub(super) fn set(&mut self, other: Self, set: bool) {
        if set {
            self.insert(other);
        }
    }

    /// Whether all flags of `other` are set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Names of the flags set.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().filter(move |(flag, _)| self.contains(*flag)).map(|(_, name)| *name)
    }
}

/// Both directions of one socket.
pub(super) struct Session {
    socket: u64,
    stream: u64,
    /// What was agreed on; unknown where the handshake was not seen.
    agreed: Option<Agreed>,
    /// The client's, the server's.
    directions: [Direction; 2],
    rate: Rate,
}

impl Session {
    /// A socket opened by the response numbered `socket`, on `stream`, that begins with what follows.
    pub(super) fn new(socket: u64, stream: u64, agreed: Agreed) -> Self {
        let directions = [Direction::new(true), Direction::new(true)];
        Self { socket, stream, agreed: Some(agreed), directions, rate: Rate::FULL }
    }

    /// A socket whose opening was lost; where the client speaks, a frame begins.
    fn unanswered(offered: Agreed) -> Self {
        let mut session = Self::new(0, 0, Agreed { fresh: [false; 2], ..offered });
        session.directions = [Direction::hopeful(), Direction::new(false)];
        session
    }

    /// A socket joined midway.
    pub(super) fn midway() -> Self {
        let directions = [Direction::new(false), Direction::new(false)];
        Self { socket: 0, stream: 0, agreed: None, directions, rate: Rate::FULL }
    }

    /// Frames of `role` are to be looked for.
    pub(super) fn seek(&mut self, role: Role) {
        *self.direction(role) = Direction::new(false);
    }

    fn direction(&mut self, role: Role) -> &mut Direction {
        let [client, server] = &mut self.directions;
        if role == Role::Request { client } else { server }
    }

    /// Takes all of `piece`.
    pub(super) fn data(&mut self, cx: &mut Context<'_>, role: Role, piece: &mut Piece<'_>) {
        let way = self.way(role);
        let [client, server] = &mut self.directions;
        let direction = if role == Role::Request { client } else { server };
        direction.data(cx, way, &mut self.rate, piece);
    }

    /// `len` bytes are missing.
    pub(super) fn gap(&mut self, cx: &mut Context<'_>, role: Role, len: u64) {
        let way = self.way(role);
        self.direction(role).gap(cx, way, len);
    }

    /// Nobody knows how many bytes are missing.
    pub(super) fn lost(&mut self, cx: &mut Context<'_>, role: Role) {
        let way = self.way(role);
        self.direction(role).lose(cx, way);
    }

    /// One side says no more; nothing is held of it any longer.
    pub(super) fn fin(&mut self, cx: &mut Context<'_>, role: Role, offset: u64) {
        let way = self.way(role);
        self.direction(role).fin(cx, way, offset);
    }

    /// Both sides say no more.
    pub(super) fn close(&mut self, cx: &mut Context<'_>, offsets: [u64; 2]) {
        let [client, server] = offsets;
        self.fin(cx, Role::Request, client);
        self.fin(cx, Role::Response, server);
        cx.emit(HttpEventKind::SocketEnd { socket: self.socket });
    }

    const fn way(&self, role: Role) -> Way {
        Way { role, socket: self.socket, stream: self.stream, agreed: self.agreed }
    }
}

/// What a direction must know of its socket.
#[derive(Clone, Copy)]
struct Way {
    role: Role,
    socket: u64,
    stream: u64,
    agreed: Option<Agreed>,
}

impl Way {
    /// Whether frames of this direction are masked (§5.1).
    fn masked(self) -> bool {
        self.role == Role::Request
    }

    /// Whether the first reserved bit says that a message is compressed. Where the handshake was not seen it must be.
    fn deflates(self) -> bool {
        self.agreed.is_none_or(|agreed| agreed.deflate && !agreed.unknown)
    }

    /// What frames of this direction look like, when they must be found.
    fn look(self) -> Look {
        Look { masked: self.masked(), deflates: self.agreed.is_some() && self.deflates() }
    }

    /// Whether each message is compressed alone.
    fn is_fresh(self) -> bool {
        self.agreed.is_some_and(|agreed| {
            let [client, server] = agreed.fresh;
            if self.role == Role::Request { client } else { server }
        })
    }
}
