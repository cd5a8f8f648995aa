//! A message whose head was read: its body, up to its end.

use super::super::content::Content;
use super::super::protocol::Context;
use super::super::{Completeness, Field, Flags, HttpEventKind, MessageEnd, Role};
use super::chunk::{Chunk, Step, begins_event};
use super::framing::Method;
use super::line::{Look, look, skip_blank};
use super::pairing::Question;
use super::seek::Floor;
use super::{H1, Mark, Phase, Piece, head, length, tell};
use crate::reassembly::Side;
use crate::time::Timestamp;

/// Longest trailer section, in bytes.
const TRAILER_MAX: usize = 16 << 10;

/// A message in progress.
pub(super) struct Message {
    pub(super) id: u64,
    pub(super) role: Role,
    pub(super) start: Mark,
    pub(super) body: Body,
    pub(super) content: Content,
    pub(super) flags: Flags,
    pub(super) body_bytes: u64,
    pub(super) missing: u64,
    /// Responses: whether the request was known when the body's length was decided.
    pub(super) paired: bool,
}

impl Message {
    /// What is told of it, if it ends so.
    fn so_far<'a>(&self, time: Timestamp, ending: &Ending<'a>) -> MessageEnd<'a> {
        MessageEnd {
            completeness: ending.completeness,
            wire_bytes: ending.offset.saturating_sub(self.start.offset),
            body_bytes: self.body_bytes,
            decoded_bytes: self.content.decoded_bytes(),
            missing_bytes: self.missing,
            body_cut: self.content.is_cut(),
            messages: self.content.messages(),
            events: self.content.events(),
            // Its first byte may have been sent again, and come last.
            time: time.max(self.start.time),
            end_offset: ending.offset,
            acked: ending.acked,
            trailers: ending.trailers,
            flags: self.flags,
        }
    }
}

/// How the body is delimited, and how much of it is left.
#[derive(Debug, Clone, Copy)]
pub(super) enum Body {
    Known(u64),
    Chunked(Chunk),
    ToClose,
}

/// How a message ends.
#[derive(Clone, Copy)]
pub(super) struct Ending<'a> {
    pub(super) completeness: Completeness,
    /// Offset behind the last byte.
    pub(super) offset: u64,
    pub(super) acked: Option<u64>,
    /// Whether the end is known, so that the next message begins there.
    pub(super) framed: bool,
    /// What follows in the same event.
    pub(super) rest: &'a [u8],
    pub(super) trailers: &'a [Field<'a>],
}

impl Ending<'_> {
    /// Cut short at `offset`.
    pub(super) const fn cut(completeness: Completeness, offset: u64) -> Self {
        Self { completeness, offset, acked: None, framed: false, rest: &[], trailers: &[] }
    }
}

impl<'a> Ending<'a> {
    /// Ended where `piece` now stands.
    pub(super) const fn whole(piece: &Piece<'a>) -> Self {
        let Piece { offset, acked, bytes, .. } = *piece;
        Self {
            completeness: Completeness::Complete,
            offset,
            acked,
            framed: true,
            rest: bytes,
            trailers: &[],
        }
    }
}

/// Whether `bytes` may be a message of `role`, or the beginning of one, or nothing.
fn may_begin(role: Role, bytes: &[u8]) -> bool {
    let bytes = skip_blank(bytes);
    match look(bytes) {
        Look::No => bytes.is_empty(),
        Look::Line(other) => other == role,
        Look::More => {
            role == Role::Request || b"HTTP/".starts_with(bytes.get(..5).unwrap_or(bytes))
        }
    }
}

impl H1 {
    /// Emits the end of the message of `side`; what follows is a message.
    pub(super) fn end(&mut self, cx: &mut Context<'_>, side: Side, ending: Ending<'_>) {
        let switches = self.awaits_switch(cx, side);
        let stream = self.stream(side);
        stream.phase = Phase::Start;
        let Some(mut message) = stream.message.take() else { return };
        // Said with the end where it is known: a response is told then, and what follows it later is too late.
        if !switches && !may_begin(message.role, ending.rest) {
            message.flags.insert(Flags::TRAILING_BYTES);
        } else if ending.framed && !message.flags.contains(Flags::TUNNEL) {
            stream.behind = Some(message.id);
        }
        let completeness =
            if message.missing > 0 { Completeness::Gap } else { ending.completeness };
        message.content.over(cx);
        if completeness == Completeness::Complete {
            message.content.whole(cx, &mut message.flags);
        }
        match completeness {
            Completeness::Complete => cx.counts.messages_complete += 1,
            Completeness::Gap => cx.counts.messages_gap += 1,
            Completeness::Truncated => cx.counts.messages_truncated += 1,
        }
        cx.counts.flags(message.flags);
        let end = message.so_far(stream.time, &Ending { completeness, ..ending });
        cx.emit(HttpEventKind::End { message: message.id, role: message.role, end: &end });
        match message.role {
            Role::Request => {
                self.queue.request_end(
                    message.id,
                    ending.framed.then_some(ending.offset),
                    ending.acked,
                );
            }
            Role::Response if ending.framed => {
                self.queue.response_end(message.id, ending.offset, cx.time, &mut |verdict| {
                    tell(cx, verdict)
                });
            }
            Role::Response => {}
        }
    }

    /// What follows the last message of `side` is none.
    pub(super) fn trailing(&mut self, cx: &mut Context<'_>, side: Side) {
        let Some(message) = self.stream(side).behind.take() else { return };
        if self.awaits_switch(cx, side) {
            return;
        }
        cx.counts.flags(Flags::TRAILING_BYTES);
        cx.emit(HttpEventKind::Trailing { message });
    }

    /// Takes body bytes.
    pub(super) fn body(&mut self, cx: &mut Context<'_>, piece: &mut Piece<'_>) {
        if piece.bytes.starts_with(b"HTTP/") && self.is_next_response(cx, piece) {
            let ending =
                Ending { acked: self.stream(piece.side).acked, rest: &[], ..Ending::whole(piece) };
            self.end(cx, piece.side, ending);
            return;
        }
        let stream = self.stream(piece.side);
        let Some(message) = &mut stream.message else {
            stream.phase = Phase::Start;
            return;
        };
        let len = match &mut message.body {
            Body::ToClose => piece.bytes.len(),
            Body::Known(left) => {
                let len = usize::try_from(*left).unwrap_or(usize::MAX).min(piece.bytes.len());
                *left = left.saturating_sub(u64::try_from(len).unwrap_or(u64::MAX));
                len
            }
            Body::Chunked(_) => {
                self.chunks(cx, piece);
                return self.progress(cx, piece.side);
            }
        };
        let bytes = piece.take(len);
        message.body_bytes = message.body_bytes.saturating_add(length(bytes));
        message.content.push(cx, bytes, &mut message.flags);
        if matches!(message.body, Body::Known(0)) {
            return self.end(cx, piece.side, Ending::whole(piece));
        }
        self.progress(cx, piece.side);
    }

    /// Tells how far a message is that runs long.
    fn progress(&mut self, cx: &mut Context<'_>, side: Side) {
        let stream = self.stream(side);
        let (offset, time) = (stream.offset, stream.time);
        let Some(message) = &mut stream.message else { return };
        if message.content.advances(cx.time) {
            let end = message.so_far(time, &Ending::cut(Completeness::Truncated, offset));
            cx.emit(HttpEventKind::Progress { message: message.id, end: &end });
        }
    }

    fn chunks(&mut self, cx: &mut Context<'_>, piece: &mut Piece<'_>) {
        while !piece.bytes.is_empty() {
            let asking = self.queue.is_asking();
            let stream = self.stream(piece.side);
            let Some(message) = &mut stream.message else { return };
            let Body::Chunked(chunk) = &mut message.body else { return };
            if *chunk == Chunk::Lost {
                let begins = piece.segment_start && begins_event(piece.bytes);
                if asking || piece.acked > message.start.acked || !begins {
                    return self.pass_over(cx, piece);
                }
                *chunk = Chunk::START;
                cx.counts.resyncs += 1;
            }
            let (used, step) = chunk.step(piece.bytes, &mut message.flags);
            piece.take(used);
            match step {
                Step::More => return,
                Step::Data(len) => {
                    let bytes = piece.take(len);
                    chunk.take(length(bytes));
                    message.body_bytes = message.body_bytes.saturating_add(length(bytes));
                    message.content.push(cx, bytes, &mut message.flags);
                }
                Step::Trailer => return self.trailer(cx, piece),
                Step::Bad => return self.bad_chunk(cx, piece),
            }
        }
    }

    /// Passes over bytes in which no chunk begins. A stream of events ends where its client has something else to ask.
    fn pass_over(&mut self, cx: &mut Context<'_>, piece: &mut Piece<'_>) {
        let asking = self.queue.is_asking();
        let Some(message) = &mut self.stream(piece.side).message else { return };
        let start = message.start.acked;
        if asking || piece.acked > start || look(piece.bytes) == Look::Line(Role::Response) {
            self.end(cx, piece.side, Ending::cut(Completeness::Gap, piece.offset));
            return self.lost(cx, piece.side, Floor::Above(start), false);
        }
        cx.counts.bytes_discarded += length(piece.bytes);
        message.body_bytes = message.body_bytes.saturating_add(length(piece.bytes));
        piece.take(piece.bytes.len());
    }

    /// Reads the trailer section (RFC 9112 §7.1.2).
    fn trailer(&mut self, cx: &mut Context<'_>, piece: &mut Piece<'_>) {
        if piece.bytes.is_empty() {
            return;
        }
        let stream = self.stream(piece.side);
        if stream.held.is_empty() {
            let empty = match piece.bytes {
                [b'\r', b'\n', ..] => 2,
                [b'\n', ..] => 1,
                _ => 0,
            };
            if empty > 0 {
                piece.take(empty);
                return self.end(cx, piece.side, Ending::whole(piece));
            }
            // The size line ended in LF: an empty section ends at once.
            stream.held.push(b'\n');
            *cx.head_bytes = cx.head_bytes.saturating_add(1);
        }
        let before = stream.held.len();
        stream.held.extend_from_slice(piece.bytes);
        let mut scanned = stream.scanned;
        let found = head::end(&stream.held, &mut scanned);
        stream.scanned = scanned;
        *cx.head_bytes = cx.head_bytes.saturating_add(piece.bytes.len());
        let Some(end) = found else {
            piece.take(piece.bytes.len());
            if self.stream(piece.side).held.len() > TRAILER_MAX
                || *cx.head_bytes > cx.config.head_bytes_total_max
            {
                self.flag(piece.side, Flags::HEAD_LIMIT);
                self.bad_chunk(cx, piece);
            }
            return;
        };
        piece.take(end.saturating_sub(before));
        let held = std::mem::take(&mut self.stream(piece.side).held);
        *cx.head_bytes = cx.head_bytes.saturating_sub(held.len());
        let mut scratch = Vec::new();
        let (trailers, flags) =
            head::trailers(held.get(..end).unwrap_or_default(), cx.config.fields_max, &mut scratch);
        self.flag(piece.side, flags);
        self.end(cx, piece.side, Ending { trailers: &trailers, ..Ending::whole(piece) });
        self.release(cx, piece.side);
    }

    fn flag(&mut self, side: Side, flags: Flags) {
        if let Some(message) = &mut self.stream(side).message {
            message.flags.insert(flags);
        }
    }

    /// The framing cannot be followed any further.
    fn bad_chunk(&mut self, cx: &mut Context<'_>, piece: &mut Piece<'_>) {
        self.flag(piece.side, Flags::CHUNK_BAD);
        self.end(cx, piece.side, Ending::cut(Completeness::Truncated, piece.offset));
        self.lost(cx, piece.side, Floor::Above(piece.acked), false);
        self.discard(cx, piece);
    }

    /// The request of the response in progress was told after its head.
    pub(super) fn paired_late(&mut self, cx: &mut Context<'_>, side: Side, method: Method) {
        let stream = self.stream(side);
        let (offset, acked) = (stream.offset, stream.acked);
        let Some(message) = &mut stream.message else { return };
        message.paired = true;
        if method == Method::Head && message.body_bytes == 0 && stream.phase == Phase::Body {
            let ending = Ending::cut(Completeness::Complete, offset);
            self.end(cx, side, Ending { acked, framed: true, ..ending });
        }
    }

    /// Whether a response begins where a body was expected: the response was to a HEAD that was not seen, or
    /// had no end and the connection went on all the same.
    fn is_next_response(&mut self, cx: &mut Context<'_>, piece: &Piece<'_>) -> bool {
        let batched = self.queue.is_batched();
        let Some(message) = &self.stream(piece.side).message else { return false };
        let begun = matches!(message.body, Body::Chunked(chunk) if chunk != Chunk::START);
        let first = message.body_bytes == 0 && !begun;
        let (id, later) = (message.id, piece.acked > message.start.acked);
        if message.role == Role::Request || look(piece.bytes) != Look::Line(Role::Response) {
            return false;
        }
        let endless = matches!(message.body, Body::ToClose) && later;
        let together = batched && piece.acked == message.start.acked;
        // Right behind the head it may stand in the same segment.
        let same = !piece.segment_start;
        let mut bodiless = first && (later || together || same) && !message.paired;
        if first && self.queue.doubts(id) {
            self.queue.question(id, Question::Bodiless, &mut |verdict| tell(cx, verdict));
            bodiless = true;
        }
        bodiless || piece.segment_start && endless && self.queue.expects(piece.offset, piece.acked)
    }

    /// Bytes of the body, and perhaps of what follows, are missing.
    pub(super) fn body_gap(
        &mut self,
        cx: &mut Context<'_>,
        side: Side,
        offset: u64,
        len: u64,
        acked: Option<u64>,
    ) {
        let asking = self.queue.is_asking();
        let stream = self.stream(side);
        let Some(message) = &mut stream.message else { return };
        if message.role == Role::Response && !message.paired && message.body_bytes == 0 {
            // It may have answered HEAD: then this was the next response.
            message.missing = len;
            self.end(cx, side, Ending::cut(Completeness::Gap, offset));
            return self.lost(cx, side, Floor::Above(acked), false);
        }
        // Once part of the body was seen, it is one.
        let bodiless = message.body_bytes == 0;
        message.content.gap(cx, &mut message.flags);
        let (inside, over) = match &mut message.body {
            Body::ToClose => (len, false),
            Body::Known(left) => {
                let inside = len.min(*left);
                *left = left.saturating_sub(len);
                (inside, len > inside)
            }
            Body::Chunked(chunk) => {
                let mut over = !chunk.take(len);
                // While its client asks for nothing more, what follows can only be of this response.
                if over && message.content.follows() && !asking && acked == message.start.acked {
                    (*chunk, over) = (Chunk::Lost, false);
                }
                (len, over)
            }
        };
        message.missing = message.missing.saturating_add(inside);
        message.body_bytes = message.body_bytes.saturating_add(inside);
        let known = matches!(message.body, Body::Known(0));
        let id = message.id;
        if bodiless {
            self.queue.question(id, Question::Gap, &mut |verdict| tell(cx, verdict));
        }
        if known {
            let end = offset.saturating_add(inside);
            self.end(cx, side, Ending { framed: true, ..Ending::cut(Completeness::Gap, end) });
        } else if over {
            self.end(cx, side, Ending::cut(Completeness::Gap, offset.saturating_add(len)));
        }
        if over {
            // Behind a known end there is no more of this body.
            let floor = if known { Floor::Open } else { Floor::Above(acked) };
            self.lost(cx, side, floor, known);
        }
    }

    /// The direction ends inside a body. `whole`: by a FIN.
    pub(super) fn body_fin(&mut self, cx: &mut Context<'_>, side: Side, whole: bool) {
        let stream = self.stream(side);
        let (offset, acked) = (stream.offset, stream.acked);
        let Some(message) = &stream.message else { return };
        let complete = whole && matches!(message.body, Body::ToClose);
        let completeness = if complete { Completeness::Complete } else { Completeness::Truncated };
        self.end(cx, side, Ending { acked, framed: complete, ..Ending::cut(completeness, offset) });
    }
}
