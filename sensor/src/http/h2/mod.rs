//! HTTP/2: one connection, both directions.
//!
//! Source: [RFC 9113](https://www.rfc-editor.org/rfc/rfc9113).
//!
//! ```text
//!  Start ──preface, if client──▶ Header ◀───────────┐
//!                                  │ 9 octets       │ `length` octets
//!                                  ▼                │
//!             Seek ◀──not a frame─ ● ──────▶ Payload
//!              │                                    │
//!              └──a chain of frames──▶ Header       └─lost beyond its end──▶ Seek
//! ```
//!
//! Invariants:
//! - Cutting the streams into other segments changes no message, unless bytes are lost.
//! - A loss inside a payload costs what the frame carried; the next frame begins where its length says. A loss over
//!   a frame header is followed by a search (see [`sync`]).
//! - A lost header block, or an unknown number of them, makes the table of that direction unknown. No field is told
//!   unless it is exactly what was sent (see [`hpack`]).
//! - A request and a response pair by their stream alone: the numbers only rise, so none is ever used again.
//!   After a search nothing is made of a block before one whose pseudo-header fields say that it is one, and after a
//!   loss nothing is paired before another segment began with a frame: content may hold what looks like frames.

mod direction;
mod frame;
mod head;
mod headers;
mod hpack;
mod socket;
mod stream;
mod sync;
mod upgrade;

pub(super) use self::upgrade::{Asked, is_h2c};

use zeroize::Zeroizing;

use self::direction::{Direction, State};
use self::frame::{Frame, Kind};
use self::hpack::Fields;
use self::stream::Streams;
use super::piece::{Piece, length};
use super::protocol::{Before, Context, Decode, Join, Next, Protocol, Verdict};
use super::{HttpEventKind, Role};
use crate::reassembly::{Side, StreamEventKind};
use crate::time::Timestamp;
use crate::wipe::wipe;

/// The protocol's line in the registry.
pub(super) const ENTRY: Protocol = Protocol { probe, open };

/// Streams that a number may be ahead of the last one known, when frames are looked for.
const AHEAD_MAX: u32 = 1 << 16;

fn probe(bytes: &[u8], midway: bool) -> Verdict {
    match bytes {
        [b'P', ..] => {
            let len = bytes.len().min(frame::PREFACE.len());
            match frame::PREFACE.get(..len) == bytes.get(..len) {
                true if len == frame::PREFACE.len() => Verdict::Yes,
                true if !midway && len > 3 => Verdict::More,
                _ => Verdict::No,
            }
        }
        // A server may speak first: SETTINGS (§3.4).
        [0, ..] if !midway => match frame::at(bytes) {
            Some(frame) if is_server_preface(frame, bytes) => Verdict::Yes,
            Some(_) => Verdict::No,
            None if bytes.get(3).is_none_or(|&kind| kind == 4) => Verdict::More,
            None => Verdict::No,
        },
        [0, ..] if sync::is_chain(bytes, |_| true) => Verdict::Yes,
        _ => Verdict::No,
    }
}

fn is_server_preface(frame: Frame, bytes: &[u8]) -> bool {
    let length = usize::try_from(frame.length).unwrap_or(usize::MAX);
    let payload = bytes.get(frame::HEADER_LEN..).unwrap_or_default();
    let payload = payload.get(..length).unwrap_or(payload);
    let whole = payload.len() - payload.len() % 6;
    frame.kind == Kind::Settings
        && frame.is_usual()
        && frame.flags == 0
        && frame.length <= 240
        && sync::frame_settings(payload.get(..whole).unwrap_or_default())
}

fn open(join: Join) -> Box<dyn Decode + Send> {
    Box::new(H2::new(join))
}

/// The decoder.
pub(super) struct H2 {
    directions: [Direction; 2],
    streams: Streams,
    /// Whether every byte of both directions was seen so far.
    exact: bool,
    /// Whether a stream carries what may look like frames (CONNECT): then none are looked for.
    tunnels: bool,
}

/// Room for a header block that is decoded, used by one connection after the other: empty in between.
#[derive(Default)]
pub(super) struct Decoded {
    fields: Fields,
    cookies: Zeroizing<Vec<u8>>,
}

impl Decoded {
    /// Overwrites what it holds; of what a large block took, nothing stays.
    fn clear(&mut self) {
        self.fields.clear();
        if self.cookies.capacity() > hpack::KEPT_MAX {
            self.cookies = Zeroizing::default();
        }
        wipe(&mut self.cookies);
    }

    /// Octets that it holds, and that it has room for.
    #[cfg(test)]
    fn held(&self) -> [usize; 2] {
        let Self { fields, cookies } = self;
        let [len, room] = fields.held();
        [len.saturating_add(cookies.len()), room.saturating_add(cookies.capacity())]
    }
}

/// The first byte of something.
#[derive(Clone, Copy, Default)]
struct Mark {
    offset: u64,
    acked: Option<u64>,
    time: Timestamp,
}

impl Mark {
    const NONE: Self = Self { offset: 0, acked: None, time: Timestamp::ZERO };
}

impl Decode for H2 {
    fn event(&mut self, cx: &mut Context<'_>, kind: &StreamEventKind<'_>) -> Next {
        match *kind {
            StreamEventKind::Data { side, offset, acked, segment_start, bytes } => {
                let mut piece = Piece { side, offset, acked, segment_start, bytes };
                return self.data(cx, &mut piece);
            }
            StreamEventKind::Gap { side, len, .. } => self.gap(cx, side, len),
            StreamEventKind::Fin { side } => {
                let direction = self.direction(side);
                let read = direction.is_between().then_some(direction.losses);
                self.fin(cx, side);
                if let (Some(losses), Some(Role::Response), true) =
                    (read, Self::role(cx, side), self.exact)
                {
                    self.streams.unanswered(cx, losses);
                }
            }
            StreamEventKind::Close { .. } => self.close(cx),
        }
        Next::Stay
    }

    fn upgrade(&mut self, cx: &mut Context<'_>) -> Option<Box<dyn Decode + Send>> {
        self.streams.finish_all(cx);
        self.close(cx);
        let before = [Side::A, Side::B].map(|side| match Self::role(cx, side) {
            Some(Role::Request) => Before::Nothing,
            _ => Before::Unknown,
        });
        Some(Box::new(Self::new(Join { before, whole: false })))
    }
}

impl H2 {
    fn new(join: Join) -> Self {
        Self {
            directions: join.before.map(Direction::new),
            streams: Streams::default(),
            exact: join.before == [Before::Nothing; 2] && join.whole,
            tunnels: false,
        }
    }

    fn direction(&mut self, side: Side) -> &mut Direction {
        let [a, b] = &mut self.directions;
        if side == Side::A { a } else { b }
    }

    /// What `side` sends, once that is told.
    fn role(cx: &Context<'_>, side: Side) -> Option<Role> {
        cx.client.map(|client| if client == side { Role::Request } else { Role::Response })
    }

    fn data(&mut self, cx: &mut Context<'_>, piece: &mut Piece<'_>) -> Next {
        if piece.segment_start {
            self.segment(piece.side);
        }
        while !piece.bytes.is_empty() {
            let state = self.direction(piece.side).state;
            match state {
                State::Start { seen } => self.start(cx, piece, seen),
                State::Header => self.header(cx, piece),
                State::Payload => self.payload(cx, piece),
                State::Seek if self.is_another(cx, piece) => {
                    return Next::Upgrade { left: piece.bytes.len() };
                }
                State::Seek => self.seek(cx, piece),
                State::Closed => {
                    piece.take(piece.bytes.len());
                }
            }
        }
        Next::Stay
    }

    /// Whether the client begins another connection, on the ports of this one: its streams are numbered anew.
    fn is_another(&self, cx: &Context<'_>, piece: &Piece<'_>) -> bool {
        piece.segment_start
            && !self.tunnels
            && self.streams.last() > 0
            && Self::role(cx, piece.side) == Some(Role::Request)
            && piece.bytes.starts_with(frame::PREFACE)
    }

    /// Nothing more comes.
    fn close(&mut self, cx: &mut Context<'_>) {
        for side in [Side::A, Side::B] {
            self.fin(cx, side);
            let mut budget = headers::budget(cx);
            self.direction(side).hpack.release(&mut budget);
        }
    }

    /// The first bytes of a direction: the preface if it is the client's, else frames.
    fn start(&mut self, cx: &mut Context<'_>, piece: &mut Piece<'_>, seen: usize) {
        let expected = frame::PREFACE.get(seen..).unwrap_or_default();
        let len = expected.len().min(piece.bytes.len());
        if expected.get(..len) == piece.bytes.get(..len) {
            piece.take(len);
            let seen = seen.saturating_add(len);
            let over = seen == frame::PREFACE.len();
            self.direction(piece.side).state =
                if over { State::Header } else { State::Start { seen } };
            if over {
                self.client(cx, piece.side);
            }
        } else if seen == 0 {
            self.direction(piece.side).state = State::Header;
        } else {
            self.lost(cx, piece.side);
        }
    }

    /// `side` is the client, for it said the preface: nothing was sent before that refers to a table.
    fn client(&mut self, cx: &mut Context<'_>, side: Side) {
        cx.client.get_or_insert(side);
        for side in [side, side.other()] {
            let direction = self.direction(side);
            if !direction.used {
                direction.hpack = hpack::Decoder::new(true);
            }
        }
    }

    /// Looks for frames where a segment begins.
    fn seek(&mut self, cx: &mut Context<'_>, piece: &mut Piece<'_>) {
        if piece.segment_start && !self.tunnels {
            if piece.bytes.starts_with(frame::PREFACE)
                && Self::role(cx, piece.side) != Some(Role::Response)
            {
                self.direction(piece.side).state = State::Start { seen: 0 };
                return;
            }
            let role = Self::role(cx, piece.side);
            if sync::is_chain(piece.bytes, |frame| self.fits(role, frame)) {
                cx.counts.resyncs += 1;
                let direction = self.direction(piece.side);
                direction.state = State::Header;
                direction.sure = false;
                // Heads of responses whose requests were seen meanwhile may have passed unread.
                direction.losses = direction.losses.saturating_add(1);
                return;
            }
        }
        cx.counts.bytes_discarded += length(piece.bytes);
        piece.take(piece.bytes.len());
    }

    /// Whether a frame of this stream may be sent by `role` now.
    fn fits(&self, role: Option<Role>, frame: Frame) -> bool {
        let Frame { stream, kind, .. } = frame;
        let last = self.streams.last();
        let (known, odd) = (self.streams.has(stream), stream % 2 == 1);
        let near = last == 0 || stream <= last.saturating_add(AHEAD_MAX);
        match (role, kind) {
            (None, _) => true,
            _ if stream == 0 || known => true,
            (Some(Role::Request), Kind::Headers) => odd && stream > last && near,
            (Some(Role::Request), Kind::PushPromise) => false,
            (Some(_), _) => near,
        }
    }

    /// The place in a direction is lost.
    fn lost(&mut self, cx: &mut Context<'_>, side: Side) {
        cx.counts.lost += 1;
        self.exact = false;
        self.blocks_lost(cx, side);
        self.release(cx, side);
        let direction = self.direction(side);
        direction.state = State::Seek;
        direction.aligned = false;
        direction.losses = direction.losses.saturating_add(1);
        if let Some(role) = Self::role(cx, side) {
            self.streams.lost(cx, role);
            cx.emit(HttpEventKind::Lost { role });
        }
    }

    /// Header blocks of a direction were lost.
    fn blocks_lost(&mut self, cx: &mut Context<'_>, side: Side) {
        let mut budget = headers::budget(cx);
        let direction = self.direction(side);
        direction.used = true;
        direction.hpack.lose(&mut budget);
    }

    /// One side sends no more.
    fn fin(&mut self, cx: &mut Context<'_>, side: Side) {
        self.release(cx, side);
        let direction = self.direction(side);
        direction.state = State::Closed;
        if let Some(role) = Self::role(cx, side) {
            self.streams.fin(cx, role);
        }
    }
}

#[cfg(test)]
mod floods;
#[cfg(test)]
mod model;
#[cfg(test)]
mod rules;
#[cfg(test)]
pub(super) mod testing;
#[cfg(test)]
mod tests;
