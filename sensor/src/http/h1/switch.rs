//! Upgrades and tunnels whose answer was lost: that the server agreed is told by what its client says next.
//!
//! Else a connection would be passed over to its end, for one lost segment. And what a client says in HTTP/2 or WebSocket
//! before the server agrees to it, which servers read, or before that is captured: held until then.

use zeroize::Zeroizing;

use super::super::protocol::{Before, Context, Decode, Join, Next, Verdict};
use super::super::websocket::{Agreed, Socket};
use super::super::{Role, h2};
use super::framing::{Framing, Method};
use super::line::{Look, look};
use super::{H1, Mark, Phase, Piece, length, tell};
use crate::reassembly::{Side, StreamEventKind};

/// What the last request asked for, as far as no answer was seen.
#[derive(Clone, Copy, Default)]
pub(super) struct Asks {
    /// HTTP/2, or a tunnel in which it may be spoken.
    http2: bool,
    /// WebSocket, with these extensions.
    socket: Option<Agreed>,
}

impl Asks {
    pub(super) fn of(method: Method, framing: &Framing<'_>) -> Self {
        let socket = framing.websocket.then_some(framing.agreed);
        Self { http2: framing.h2c || method == Method::Connect, socket }
    }

    const fn is_nothing(self) -> bool {
        !self.http2 && self.socket.is_none()
    }
}

/// What a client said in another protocol behind a request for it, no answer being there yet. No `Debug`: it holds raw traffic.
pub(super) struct Early {
    side: Side,
    mark: Mark,
    bytes: Zeroizing<Vec<u8>>,
    /// Octets behind these that the limits left out.
    left_out: u64,
}

impl Early {
    /// Hands it to the decoder of what was agreed to.
    fn tell(&self, cx: &mut Context<'_>, decoder: &mut dyn Decode) {
        let Self { side, mark, bytes, left_out } = self;
        let (side, offset) = (*side, mark.offset);
        let data =
            StreamEventKind::Data { side, offset, acked: mark.acked, segment_start: true, bytes };
        decoder.event(cx, &data);
        if *left_out > 0 {
            let offset = offset.saturating_add(length(bytes));
            decoder.event(cx, &StreamEventKind::Gap { side, offset, len: *left_out });
        }
    }
}

impl H1 {
    /// Whether the client speaks another protocol from here on.
    pub(super) fn switched(&mut self, cx: &mut Context<'_>, piece: &Piece<'_>) -> Option<Next> {
        let client = self.stream(piece.side);
        let between = matches!(client.phase, Phase::Start | Phase::Seek);
        if self.asks.is_nothing() || !piece.segment_start || !between {
            return None;
        }
        let server = self.stream(piece.side.other());
        // What the client had when it said so is lost. An answer that is captured later is none that is lost.
        let lost = server.phase == Phase::Seek && piece.acked <= Some(server.offset);
        if self.role(cx, piece.side) != Some(Role::Request) || !lost || piece.acked.is_none() {
            return None;
        }
        let Asks { http2, socket } = self.asks;
        let socket = socket.filter(|offered| offered.fits(piece.bytes));
        self.successor = match socket {
            Some(offered) => Some(Box::new(Socket::unanswered(offered))),
            None if http2 && (h2::ENTRY.probe)(piece.bytes, true) == Verdict::Yes => {
                Some((h2::ENTRY.open)(Join { before: [Before::Unknown; 2], whole: false }))
            }
            None => return None,
        };
        for side in [Side::A, Side::B] {
            self.fin(cx, side, false);
        }
        self.queue.close(&mut |verdict| tell(cx, verdict));
        Some(Next::Upgrade { left: piece.bytes.len() })
    }

    /// Whether `side` is a client that asked for another protocol, no answer being there yet.
    pub(super) fn awaits_switch(&self, cx: &Context<'_>, side: Side) -> bool {
        !self.asks.is_nothing() && self.role(cx, side) == Some(Role::Request)
    }

    /// Whether the client, between two messages, speaks what it asked for without waiting for an answer.
    pub(super) fn is_early(&self, cx: &Context<'_>, piece: &Piece<'_>) -> bool {
        let begins = || (h2::ENTRY.probe)(piece.bytes, true) == Verdict::Yes;
        let http2 = || self.h2c.is_some() && piece.bytes.starts_with(b"PRI") && begins();
        // No frame begins as a request does (RFC 6455 §5.2).
        let socket = || self.asks.socket.is_some() && look(piece.bytes) == Look::No;
        self.awaits_switch(cx, piece.side) && (self.early.is_some() || http2() || socket())
    }

    /// Holds what the client says in another protocol, up to the limits.
    pub(super) fn hold_early(&mut self, cx: &mut Context<'_>, piece: &mut Piece<'_>) {
        let mark = Mark { offset: piece.offset, acked: piece.acked, time: cx.time };
        let bytes = piece.take(piece.bytes.len());
        let early = self.early.get_or_insert_with(|| Early {
            side: piece.side,
            mark,
            bytes: Zeroizing::default(),
            left_out: 0,
        });
        let room = cx.config.head_bytes_max.saturating_sub(early.bytes.len());
        let free = cx.config.head_bytes_total_max.saturating_sub(*cx.head_bytes);
        let len = if early.left_out > 0 { 0 } else { bytes.len().min(room).min(free) };
        let (kept, rest) = bytes.split_at_checked(len).unwrap_or_default();
        early.bytes.extend_from_slice(kept);
        early.left_out = early.left_out.saturating_add(length(rest));
        *cx.head_bytes = cx.head_bytes.saturating_add(len);
    }

    /// Drops what was held, if it is of `side`.
    pub(super) fn release_early(&mut self, cx: &mut Context<'_>, side: Side) {
        if let Some(early) = self.early.take_if(|early| early.side == side) {
            *cx.head_bytes = cx.head_bytes.saturating_sub(early.bytes.len());
            cx.counts.bytes_discarded += length(&early.bytes).saturating_add(early.left_out);
        }
    }

    /// The server agrees: the decoder of what to, with what the client said already.
    pub(super) fn open_next(&mut self, cx: &mut Context<'_>) -> Option<Box<dyn Decode + Send>> {
        let mut decoder = match self.successor.take() {
            Some(successor) => successor,
            None => self.h2c.take()?.open(cx),
        };
        if let Some(early) = self.early.take() {
            *cx.head_bytes = cx.head_bytes.saturating_sub(early.bytes.len());
            early.tell(cx, &mut *decoder);
        }
        Some(decoder)
    }
}
