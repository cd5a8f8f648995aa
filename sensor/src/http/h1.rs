//! HTTP/1: one connection, both directions.
//!
//! Source: [RFC 9112](https://www.rfc-editor.org/rfc/rfc9112), [RFC 9110](https://www.rfc-editor.org/rfc/rfc9110).
//!
//! ```text
//!          blank lines          partial head
//!             ┌──┐            ┌─────────────┐
//!             ▼  │            ▼             │
//!  ┌────────▶ Start ────────▶ Head ─────────┘
//!  │            │ head         │ head
//!  │            ▼              ▼
//!  └───────── Body ◀───────────┘          Fin ──▶ Closed
//!   end         │
//!               │ lost, or not understood (from Start and Head too)
//!               ▼
//!             Seek ────▶ Candidate ────▶ (as a head, if plausible)
//! ```
//!
//! Invariants:
//! - Cutting the streams into other segments changes no message, unless bytes are lost.
//! - A head inside one event is read in place; only heads split over events are held.
//! - After a loss no message is made from bytes that may be a body's: see [`seek`].

mod chunk;
mod framing;
mod head;
mod line;
mod message;
mod name;
mod pairing;
mod partial;
mod quick;
mod read;
mod seek;
mod switch;
mod usual;

pub(super) use self::line::skip_blank;
use self::message::Message;
use self::pairing::{Asked, Queue, Told, Upto, Verdict};
use self::seek::Floor;
use self::switch::{Asks, Early};
pub(super) use self::usual::Order;
use super::piece::{Piece, length};
use super::protocol::{Before, Context, Decode, Join, Next, Protocol, Verdict as Probe};
use super::websocket::Agreed;
use super::{Completeness, Flags, HttpEventKind, Proof, Role, h2};
use crate::reassembly::{CloseReason, Side, StreamEventKind};
use crate::time::Timestamp;
use crate::wipe::wipe;
use zeroize::Zeroizing;

/// The protocol's line in the registry.
pub(super) const ENTRY: Protocol = Protocol { probe, open };

/// An acknowledgement this far ahead of what was delivered is not believed.
const ACKED_AHEAD_MAX: u64 = 1 << 30;

fn probe(bytes: &[u8], midway: bool) -> Probe {
    // What HTTP/2 begins with reads as a request (RFC 9113 §3.4). With fields behind its line it is one.
    if (h2::ENTRY.probe)(bytes, false) != Probe::No {
        return Probe::No;
    }
    match line::look(bytes) {
        line::Look::No if !midway && line::http09(bytes).is_some() => Probe::Yes,
        line::Look::Line(_) => Probe::Yes,
        line::Look::More if midway && line::is_plain_start(bytes) => Probe::Yes,
        line::Look::More if !midway => Probe::More,
        line::Look::More | line::Look::No => Probe::No,
    }
}

fn open(join: Join) -> Box<dyn Decode + Send> {
    Box::new(H1 {
        before: join.before,
        streams: join.before.map(Stream::new),
        queue: Queue::new(join.whole),
        answers_over: false,
        h2c: None,
        agreed: None,
        to_h2: false,
        asks: Asks::default(),
        early: None,
        successor: None,
    })
}

/// The decoder.
struct H1 {
    /// By side: what was missed before the client was told.
    before: [Before; 2],
    streams: [Stream; 2],
    queue: Queue,
    /// Whether the server sends no more, and all it sent was read.
    answers_over: bool,
    /// The request that asked for an upgrade to HTTP/2 last.
    h2c: Option<Box<h2::Asked>>,
    /// What the response at hand agrees to, if to WebSocket.
    agreed: Option<Agreed>,
    /// Whether it agrees to HTTP/2.
    to_h2: bool,
    asks: Asks,
    /// What the client said in another protocol before it was told that the server agrees.
    early: Option<Early>,
    /// The decoder of what it opened.
    successor: Option<Box<dyn Decode + Send>>,
}

/// One direction.
struct Stream {
    phase: Phase,
    /// Offset behind the last byte or gap taken.
    offset: u64,
    /// What the last data acknowledged, and when it came.
    acked: Option<u64>,
    time: Timestamp,
    /// Held bytes of a head split over events, or of a trailer section.
    held: Zeroizing<Vec<u8>>,
    /// How many of them were searched for the end.
    scanned: usize,
    /// Where the head begins that is held or read.
    mark: Mark,
    floor: Floor,
    message: Option<Message>,
    /// The message that ended where the next one is to begin.
    behind: Option<u64>,
    /// Responses: the interim responses before the next final one.
    group: Option<Group>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Start,
    Head,
    Body,
    Seek,
    Candidate,
    Closed,
}

/// The first byte of something.
#[derive(Clone, Copy, Default)]
struct Mark {
    offset: u64,
    acked: Option<u64>,
    time: Timestamp,
}

/// Interim responses whose final response has not come.
struct Group {
    /// Offset of the first.
    start: u64,
    count: u16,
    /// The last one, in case nothing follows it.
    last: Mark,
    head: Zeroizing<Vec<u8>>,
}

impl Stream {
    fn new(before: Before) -> Self {
        Self {
            phase: if before == Before::Nothing { Phase::Start } else { Phase::Seek },
            offset: 0,
            acked: None,
            time: Timestamp::ZERO,
            held: Zeroizing::default(),
            scanned: 0,
            mark: Mark::default(),
            floor: Floor::Joined,
            message: None,
            behind: None,
            group: None,
        }
    }

    /// Offset before which no message still to come begins.
    fn upto(&self) -> u64 {
        match self.phase {
            Phase::Head | Phase::Candidate => self.mark.offset,
            Phase::Closed => u64::MAX,
            Phase::Start | Phase::Body | Phase::Seek => self.offset,
        }
    }
}

impl Decode for H1 {
    fn event(&mut self, cx: &mut Context<'_>, kind: &StreamEventKind<'_>) -> Next {
        match *kind {
            StreamEventKind::Data { side, offset, acked, segment_start, bytes } => {
                let ahead = self.stream(side.other()).offset.saturating_add(ACKED_AHEAD_MAX);
                let acked = acked.filter(|&acked| acked <= ahead);
                let known = cx.client.is_some();
                if known && self.role(cx, side) == Some(Role::Response) {
                    self.queue.heard(offset, acked);
                }
                let mut piece = Piece { side, offset, acked, segment_start, bytes };
                let next = self.data(cx, &mut piece);
                self.stream(side).offset = piece.offset;
                if !known && self.role(cx, side) == Some(Role::Response) {
                    self.queue.heard(offset, acked);
                }
                if self.queue.waits() {
                    self.settle(cx);
                }
                next
            }
            StreamEventKind::Gap { side, offset, len } => {
                self.gap(cx, side, offset, len);
                self.settle(cx);
                Next::Stay
            }
            StreamEventKind::Fin { side } => {
                let between = matches!(self.stream(side).phase, Phase::Start | Phase::Body);
                self.fin(cx, side, true);
                if self.role(cx, side) == Some(Role::Response) {
                    self.answers_over = between;
                    let Self { queue, .. } = self;
                    queue.confirm(&mut |verdict| tell(cx, verdict));
                }
                self.settle(cx);
                Next::Stay
            }
            StreamEventKind::Close { reason } => {
                for side in [Side::A, Side::B] {
                    self.fin(cx, side, reason == CloseReason::Fin);
                }
                self.settle(cx);
                let none = self.answers_over && self.queue.is_all_told();
                let why = if none { Flags::UNANSWERED } else { Flags::default() };
                self.queue.close(&mut |verdict| match verdict {
                    Verdict::Alone(message) => alone(cx, message, why),
                    verdict => tell(cx, verdict),
                });
                Next::Stay
            }
        }
    }

    fn upgrade(&mut self, cx: &mut Context<'_>) -> Option<Box<dyn Decode + Send>> {
        self.open_next(cx)
    }
}

impl H1 {
    fn stream(&mut self, side: Side) -> &mut Stream {
        let [a, b] = &mut self.streams;
        if side == Side::A { a } else { b }
    }

    /// What `side` sends, once that is told.
    fn role(&self, cx: &Context<'_>, side: Side) -> Option<Role> {
        cx.client.map(|client| if client == side { Role::Request } else { Role::Response })
    }

    /// Tells the roles by the first head.
    fn set_role(&mut self, cx: &mut Context<'_>, side: Side, role: Role) {
        let client = if role == Role::Request { side } else { side.other() };
        *cx.client = Some(client);
        for (side, role) in [(client, Role::Request), (client.other(), Role::Response)] {
            let [a, b] = self.before;
            let before = if side == Side::A { a } else { b };
            if before != Before::Nothing {
                self.queue.lost(role, before == Before::Lost, &mut |verdict| tell(cx, verdict));
            }
        }
    }

    fn data(&mut self, cx: &mut Context<'_>, piece: &mut Piece<'_>) -> Next {
        let stream = self.stream(piece.side);
        (stream.acked, stream.time) = (piece.acked, cx.time);
        if let Some(next) = self.switched(cx, piece) {
            return next;
        }
        while !piece.bytes.is_empty() {
            let phase = self.stream(piece.side).phase;
            let next = match phase {
                Phase::Start if self.is_early(cx, piece) => {
                    self.hold_early(cx, piece);
                    Next::Stay
                }
                Phase::Start => {
                    let blank = piece.bytes.len().saturating_sub(skip_blank(piece.bytes).len());
                    let start = piece.segment_start;
                    piece.take(blank);
                    piece.segment_start = start;
                    if piece.bytes.is_empty() { Next::Stay } else { self.head(cx, piece, false) }
                }
                Phase::Head => self.head(cx, piece, false),
                Phase::Seek => self.seek(cx, piece),
                Phase::Candidate => self.candidate(cx, piece),
                Phase::Body => {
                    self.body(cx, piece);
                    Next::Stay
                }
                Phase::Closed => {
                    piece.take(piece.bytes.len());
                    Next::Stay
                }
            };
            if next != Next::Stay {
                return next;
            }
        }
        Next::Stay
    }

    /// The place in this direction is lost: looks for a start line from here on.
    /// `hides`: a message is among what was lost.
    fn lost(&mut self, cx: &mut Context<'_>, side: Side, floor: Floor, hides: bool) {
        self.release(cx, side);
        let stream = self.stream(side);
        stream.phase = Phase::Seek;
        stream.floor = floor;
        stream.group = None;
        stream.behind = None;
        cx.counts.lost += 1;
        match self.role(cx, side) {
            Some(role) => {
                cx.emit(HttpEventKind::Lost { role });
                self.queue.lost(role, hides, &mut |verdict| tell(cx, verdict));
            }
            None => {
                if let Some(before @ Before::Nothing) = self.before.get_mut(side.index()) {
                    *before = if hides { Before::Lost } else { Before::Unknown };
                }
            }
        }
    }

    fn gap(&mut self, cx: &mut Context<'_>, side: Side, offset: u64, len: u64) {
        let end = offset.saturating_add(len);
        let acked = self.stream(side).acked;
        match self.stream(side).phase {
            Phase::Start => self.lost(cx, side, Floor::Open, true),
            Phase::Head | Phase::Candidate => {
                let told = self.head_cut(cx, side, Completeness::Gap);
                self.lost(cx, side, Floor::Open, !told);
            }
            Phase::Body => self.body_gap(cx, side, offset, len, acked),
            Phase::Seek => {
                let stream = self.stream(side);
                if stream.floor == Floor::Joined {
                    stream.floor = Floor::Open;
                }
                if let Some(role) = self.role(cx, side) {
                    self.queue.lost(role, false, &mut |verdict| tell(cx, verdict));
                }
            }
            Phase::Closed => {}
        }
        self.stream(side).offset = end;
    }

    /// One side sends no more; `whole` says that it ended on its own account.
    fn fin(&mut self, cx: &mut Context<'_>, side: Side, whole: bool) {
        match self.stream(side).phase {
            Phase::Head | Phase::Candidate => {
                self.head_cut(cx, side, Completeness::Truncated);
            }
            Phase::Body => self.body_fin(cx, side, whole),
            Phase::Start | Phase::Seek | Phase::Closed => {}
        }
        self.release(cx, side);
        self.interim_last(cx, side);
        self.stream(side).phase = Phase::Closed;
    }

    /// Drops what is held of a head or a trailer section.
    fn release(&mut self, cx: &mut Context<'_>, side: Side) {
        self.release_early(cx, side);
        let stream = self.stream(side);
        *cx.head_bytes = cx.head_bytes.saturating_sub(stream.held.len());
        stream.scanned = 0;
        if stream.held.capacity() > 4096 {
            stream.held = Zeroizing::default();
        } else {
            wipe(&mut stream.held);
        }
    }

    /// Decides which messages belong together; the method of the request when `response` found one.
    fn settle(&mut self, cx: &mut Context<'_>) {
        self.settle_for(cx, None);
    }

    fn settle_for(
        &mut self,
        cx: &mut Context<'_>,
        response: Option<u64>,
    ) -> Option<framing::Method> {
        let client = (*cx.client)?;
        let upto = Upto {
            requests: self.stream(client).upto(),
            responses: self.stream(client.other()).upto(),
        };
        let mut found = None;
        let current = self.stream(client.other()).message.as_ref().map(|message| message.id);
        let mut late = None;
        self.queue.settle(upto, &mut |verdict| {
            if let Verdict::Pair { response: paired, method, .. } = verdict {
                if Some(paired) == response {
                    found = Some(method);
                } else if Some(paired) == current {
                    late = Some(method);
                }
            }
            tell(cx, verdict);
        });
        if let Some(method) = late {
            self.paired_late(cx, client.other(), method);
        }
        found
    }
}

/// Emits and counts a verdict.
fn tell(cx: &mut Context<'_>, verdict: Verdict) {
    match verdict {
        Verdict::Pair { request, response, proof, firm, .. } => {
            match proof {
                Proof::Order => cx.counts.pairs_order += 1,
                Proof::Acknowledged => cx.counts.pairs_acknowledged += 1,
                Proof::Stream => cx.counts.pairs_stream += 1,
            }
            cx.emit(HttpEventKind::Pair { request, response, proof, firm });
        }
        Verdict::Settled { request, holds } => {
            cx.counts.pairs_refuted += u64::from(!holds);
            cx.emit(HttpEventKind::Settled { request, holds });
        }
        Verdict::Alone(message) => alone(cx, message, Flags::default()),
    }
}

fn alone(cx: &mut Context<'_>, message: u64, why: Flags) {
    cx.counts.alone += 1;
    cx.emit(HttpEventKind::Alone { message, why });
}
