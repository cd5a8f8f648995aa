//! Finding the next message after a loss, without taking part of a body for one.
//!
//! A start line is looked for only where a captured segment began, since peers write a message in one go. A
//! candidate is a whole head that follows the grammar, and
//!
//! - has a field that real messages have, or fills its segments to the last byte, or (a response) begins at an
//!   offset that an outstanding request acknowledged;
//! - belongs to a later turn than bytes that were passed over: it acknowledges more than they did. A peer begins
//!   no new message without having received anything since the last one, unless it pipelines; bytes inside one body
//!   acknowledge the same as the bytes around them.

use super::super::protocol::{Context, Next};
use super::super::{Flags, Role};
use super::head::Parsed;
use super::line::{Look, is_plain_start, look};
use super::read::Part;
use super::{H1, Phase, Piece};

/// What the next message of a direction must acknowledge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Floor {
    /// Nothing was passed over since the connection was joined.
    Joined,
    /// Nothing is known.
    Open,
    /// More than this: bytes of a turn that acknowledged it were passed over.
    Above(Option<u64>),
}

impl Floor {
    /// Whether a message may begin that acknowledges `acked`; `batched` when several begin in one turn here.
    fn allows(self, acked: Option<u64>, batched: bool) -> bool {
        match (self, acked) {
            (Self::Joined | Self::Open | Self::Above(None), _) | (_, None) => true,
            (Self::Above(Some(floor)), Some(acked)) => acked > floor || batched && acked == floor,
        }
    }
}

impl H1 {
    /// Looks at the start of a segment; passes over everything else.
    pub(super) fn seek(&mut self, cx: &mut Context<'_>, piece: &mut Piece<'_>) -> Next {
        let expected =
            piece.bytes.starts_with(b"HTTP/") && self.queue.expects(piece.offset, piece.acked);
        let batched = self.queue.is_batched();
        let stream = self.stream(piece.side);
        let allowed = expected || stream.floor.allows(piece.acked, batched);
        if piece.segment_start && allowed && is_plain_start(piece.bytes) {
            stream.phase = Phase::Candidate;
            return self.head(cx, piece, true);
        }
        self.discard(cx, piece);
        Next::Stay
    }

    /// Goes on with a candidate whose head is not whole yet.
    pub(super) fn candidate(&mut self, cx: &mut Context<'_>, piece: &mut Piece<'_>) -> Next {
        // No field line looks like a status line: the candidate was none.
        if piece.segment_start && look(piece.bytes) == Look::Line(Role::Response) {
            cx.counts.bytes_discarded += super::length(&self.stream(piece.side).held);
            self.release(cx, piece.side);
        }
        self.head(cx, piece, true)
    }

    /// Passes over the rest of the event.
    pub(super) fn discard(&mut self, cx: &mut Context<'_>, piece: &mut Piece<'_>) {
        cx.counts.bytes_discarded += super::length(piece.bytes);
        let stream = self.stream(piece.side);
        stream.phase = Phase::Seek;
        stream.floor = Floor::Above(piece.acked.or(stream.acked));
        piece.take(piece.bytes.len());
    }

    /// Whether a candidate is a message.
    pub(super) fn plausible(&mut self, piece: &Piece<'_>, parsed: &Parsed<'_>, part: Part) -> bool {
        let batched = self.queue.is_batched();
        let stream = self.stream(piece.side);
        let (mark, floor) = (stream.mark, stream.floor);
        let anchored = parsed.role == Role::Response && self.queue.expects(mark.offset, mark.acked);
        match part {
            Part::Limit => false,
            // Nothing was passed over, so nothing says that this is a body.
            Part::First(_) => anchored || floor == Floor::Joined && parsed.strict,
            Part::Whole if parsed.framing.known => {
                let clean = parsed.strict || !parsed.flags.contains(Flags::BAD_BYTES);
                anchored || floor.allows(mark.acked, batched) && clean
            }
            Part::Whole => {
                anchored
                    || floor.allows(mark.acked, batched) && parsed.strict && piece.bytes.is_empty()
            }
        }
    }
}
