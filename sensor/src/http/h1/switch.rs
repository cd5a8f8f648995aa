//! Upgrades and tunnels whose answer was lost: that the server agreed is told by what its client says next.
//!
//! Else a connection would be passed over to its end, for one lost segment.

use super::super::protocol::{Before, Context, Join, Next, Verdict};
use super::super::websocket::{Agreed, Socket};
use super::super::{Role, h2};
use super::framing::{Framing, Method};
use super::{H1, Phase, Piece, tell};
use crate::reassembly::Side;

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

    pub(super) const fn is_nothing(self) -> bool {
        !self.http2 && self.socket.is_none()
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
}
