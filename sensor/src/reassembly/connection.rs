//! One connection: who it is, and how far each side has come.

use super::config::Limits;
use super::counts::{Counts, bump};
use super::hole::{Chunk, Hole, Pool};
use super::late::Late;
use super::recent::Trail;
use super::reset::Reset;
use super::sequence::{NEAR, at, distance, position, within};
use super::table::Slots;
use super::wheel::NONE;
use super::{Connection, ConnectionId, Security, Side, StreamEvent, StreamEventKind};
use crate::decap::{Envelope, Flow, SegmentMeta, TcpFlags};
use crate::time::Timestamp;

/// A closed connection whose sender still repeats itself is remembered this many times longer: TCP doubles
/// the wait each time (RFC 6298 §5.5).
const RESTLESS: u64 = 12;

/// Bytes that a SYN may carry: more than any segment that no offload put together.
const SYN_BYTES_MAX: u64 = 1 << 16;

/// Views remembered besides the first.
const VIEWS: usize = 8;

pub(super) struct Conn {
    pub(super) about: Connection,
    pub(super) halves: [Half; 2],
    /// Order of creation.
    pub(super) serial: u64,
    /// Clock of the last segment; of the end, once closed.
    pub(super) last: u64,
    /// Latest capture time of its segments.
    pub(super) heard: Timestamp,
    /// The reset, if one was seen.
    pub(super) reset: Option<Box<Reset>>,
    /// What came behind an end or a reset.
    pub(super) late: Option<Box<Late>>,
    /// Its last segments.
    pub(super) trail: Trail,
    views: Option<Box<Views>>,
    /// The next older connection of the same flow.
    pub(super) next: u32,
    slot: u32,
    pub(super) segments: u32,
    /// Whether several interfaces saw its segments, as those of a TAP with a cable for each direction do.
    apart: bool,
    /// Directions (bits) seen in the first view.
    dirs: u8,
    /// Whether `ends` is the canonical flow turned round.
    flipped: bool,
    pub(super) closed: bool,
    /// Closed, but an end still sends what the other does not acknowledge.
    pub(super) restless: bool,
    /// Said something else than another connection of its flow in the same place: never the same.
    pub(super) distinct: bool,
    /// Opened by a SYN on ports in use: takes over when a segment fits it better than the old connection.
    pub(super) successor: bool,
}

/// How far one side has come.
#[derive(Default)]
pub(super) struct Half {
    /// Position of the next byte to deliver.
    pub(super) next: u64,
    /// Highest position that the other side acknowledged.
    pub(super) acked: u64,
    /// Position of the FIN, plus one; 0 while none was seen.
    pub(super) fin: u64,
    pub(super) hole: Option<Box<Hole>>,
    /// Where implausible data left off: more that follows there is believed.
    pub(super) jump: Option<Jump>,
    /// Whether any segment of this side was seen.
    pub(super) seen: bool,
    /// Whether its SYN was seen.
    pub(super) syn: bool,
    /// Whether its `Fin` was emitted.
    ended: bool,
}

/// Where implausible data left off.
#[derive(Clone, Copy)]
pub(super) struct Jump {
    /// Number expected next.
    pub(super) seq: u32,
    /// Segments that followed one another there.
    pub(super) segments: u8,
}

/// Views besides the first; boxed, as most connections have none.
#[derive(Default)]
struct Views {
    list: Vec<View>,
}

#[derive(Clone, Copy)]
struct View {
    envelope: Envelope,
    dirs: u8,
}

/// What the handling of one segment or one timer works with.
pub(super) struct Work<'a> {
    pub(super) limits: &'a Limits,
    pub(super) counts: &'a mut Counts,
    pub(super) slots: &'a mut Slots,
    pub(super) pool: &'a mut Pool,
    /// Bytes held by all connections.
    pub(super) held: &'a mut u64,
    pub(super) time: Timestamp,
    pub(super) ordinal: u64,
    pub(super) clock: u64,
}

impl Half {
    /// Position of the FIN, once seen.
    pub(super) fn fin(&self) -> Option<u64> {
        self.fin.checked_sub(1)
    }

    /// Everything of this side was delivered, its FIN included.
    pub(super) fn is_done(&self) -> bool {
        self.fin() == Some(self.next)
    }
}

impl Conn {
    /// A connection whose side A is the source of `flow`, which is canonical turned round if `flipped`.
    pub(super) fn new(
        meta: &SegmentMeta,
        flow: Flow,
        flipped: bool,
        clock: u64,
        serial: u64,
    ) -> Self {
        let same = flow == meta.flow;
        let macs = match meta.mac {
            Some([src, dst]) if same => [Some(src), Some(dst)],
            Some([src, dst]) => [Some(dst), Some(src)],
            None => [None, None],
        };
        let about = Connection {
            ends: [flow.src, flow.dst],
            macs,
            envelope: meta.envelope,
            interface: meta.interface,
            start: meta.time,
            handshake: false,
            base_seq: [None, None],
            transport: meta.transport,
            security: Security::Clear,
        };
        Self {
            about,
            halves: [Half::default(), Half::default()],
            serial,
            last: clock,
            heard: meta.time,
            trail: Trail::default(),
            reset: None,
            late: None,
            views: None,
            next: NONE,
            slot: NONE,
            segments: 0,
            apart: false,
            dirs: 0,
            flipped,
            closed: false,
            restless: false,
            distinct: false,
            successor: false,
        }
    }

    /// The canonical flow.
    pub(super) fn flow(&self) -> Flow {
        let [a, b] = self.about.ends;
        if self.flipped { Flow { src: b, dst: a } } else { Flow { src: a, dst: b } }
    }

    pub(super) fn is_of(&self, flow: &Flow) -> bool {
        let [a, b] = &self.about.ends;
        if self.flipped {
            *b == flow.src && *a == flow.dst
        } else {
            *a == flow.src && *b == flow.dst
        }
    }

    /// The sender of a segment whose flow was turned round (or not) to be canonical.
    pub(super) fn side(&self, reversed: bool) -> Side {
        if reversed == self.flipped { Side::A } else { Side::B }
    }

    /// Whether only one direction was seen.
    pub(super) fn is_one_way(&self) -> bool {
        let [a, b] = &self.halves;
        a.seen != b.seen
    }

    pub(super) fn half(&self, side: Side) -> &Half {
        let [a, b] = &self.halves;
        match side {
            Side::A => a,
            Side::B => b,
        }
    }

    pub(super) fn half_mut(&mut self, side: Side) -> &mut Half {
        let [a, b] = &mut self.halves;
        match side {
            Side::A => a,
            Side::B => b,
        }
    }

    pub(super) fn base(&self, side: Side) -> Option<u32> {
        let [a, b] = self.about.base_seq;
        match side {
            Side::A => a,
            Side::B => b,
        }
    }

    pub(super) fn set_base(&mut self, side: Side, seq: u32) {
        let [a, b] = &mut self.about.base_seq;
        match side {
            Side::A => *a = Some(seq),
            Side::B => *b = Some(seq),
        }
    }

    /// Whether segments of `side` were seen in `envelope` (`Some(true)`), or only those of the other side.
    pub(super) fn view(&self, envelope: &Envelope, side: Side) -> Option<bool> {
        let dirs = if self.about.envelope.layers() == envelope.layers() {
            self.dirs
        } else {
            let views = &self.views.as_deref()?.list;
            views.iter().find(|view| view.envelope.layers() == envelope.layers())?.dirs
        };
        Some(dirs & bit(side) != 0)
    }

    /// Takes note that segments of `side` are seen in `envelope`; `true` if the view is new.
    pub(super) fn see(&mut self, envelope: &Envelope, side: Side) -> bool {
        if self.about.envelope.layers() == envelope.layers() {
            self.dirs |= bit(side);
            return false;
        }
        let views = &mut self.views.get_or_insert_default().list;
        if let Some(view) =
            views.iter_mut().find(|view| view.envelope.layers() == envelope.layers())
        {
            view.dirs |= bit(side);
            return false;
        }
        if views.len() >= VIEWS {
            views.remove(0);
        }
        views.push(View { envelope: *envelope, dirs: bit(side) });
        true
    }

    /// Forgets a view that turned out to be of another connection; `false` if it is the first view.
    pub(super) fn drop_view(&mut self, envelope: &Envelope) -> bool {
        let Some(Views { list: views }) = self.views.as_deref_mut() else { return false };
        let before = views.len();
        views.retain(|view| view.envelope.layers() != envelope.layers());
        views.len() < before
    }

    /// The envelopes it was seen in, each with the directions, `true` for that of the canonical flow.
    pub(super) fn views(&self) -> Vec<(Envelope, bool)> {
        let first = View { envelope: self.about.envelope, dirs: self.dirs };
        let more = self.views.as_deref().map_or(&[][..], |views| &views.list);
        let sides = |view: &View| {
            let view = *view;
            let seen =
                [Side::A, Side::B].into_iter().filter(move |&side| view.dirs & bit(side) != 0);
            seen.map(move |side| (view.envelope, (side == Side::B) != self.flipped))
        };
        [first].iter().chain(more).flat_map(sides).collect()
    }

    /// Takes everything that waits behind holes, each chunk with the direction, number and acknowledgement it
    /// came with, and forgets what is missing.
    pub(super) fn take_held(
        &mut self,
        work: &mut Work<'_>,
    ) -> Vec<(bool, u32, Option<u32>, Chunk)> {
        let mut held = Vec::new();
        for side in [Side::A, Side::B] {
            let reversed = (side == Side::B) != self.flipped;
            let (base, other) = (self.base(side), self.base(side.other()));
            let half = self.half_mut(side);
            (half.acked, half.fin) = (half.next, 0);
            let Some(mut hole) = half.hole.take() else { continue };
            *work.held = work.held.saturating_sub(hole.cost);
            while let Some(chunk) = hole.pop() {
                let ack = chunk.facts.acked.zip(other).map(|(acked, base)| at(base, acked));
                if let Some(base) = base.filter(|_| !chunk.bytes.is_empty()) {
                    held.push((reversed, at(base, chunk.start), ack, chunk));
                }
            }
            work.pool.give_hole(hole);
        }
        held
    }

    /// Whether a segment from `side`, in an envelope not seen on this connection, belongs to it by its
    /// numbers. See the module's rule for views.
    pub(super) fn fits(
        &self,
        side: Side,
        meta: &SegmentMeta,
        has_bytes: bool,
        limits: &Limits,
    ) -> bool {
        if self.closed {
            return false;
        }
        let (half, other) = (self.half(side), self.half(side.other()));
        let (base, other_base) = (self.base(side), self.base(side.other()));
        let acks = meta.flags.has(TcpFlags::ACK);
        if meta.flags.has(TcpFlags::SYN) {
            let first = meta.seq.wrapping_add(1);
            if !acks {
                let apart =
                    meta.time.since(self.about.start).max(self.about.start.since(meta.time));
                return base == Some(first) && apart.as_nanos() < u128::from(limits.duplicate);
            }
            let new = !half.seen && self.is_answered_by(side, meta);
            return new && base.is_none_or(|base| base == first);
        }
        let seq_fits = base.is_some_and(|base| within(base, half.next, meta.seq, NEAR));
        let ack_fits =
            acks && other_base.is_some_and(|base| within(base, other.next, meta.ack, NEAR));
        if half.seen {
            let new = base.is_some_and(|base| distance(at(base, half.next), meta.seq) >= 0);
            has_bytes && seq_fits && ack_fits && new
        } else {
            ack_fits && (base.is_none() || seq_fits)
        }
    }

    /// How far a segment's number is from what is expected of `side`; the farthest when nothing is.
    pub(super) fn strangeness(&self, side: Side, seq: u32) -> u32 {
        self.base(side)
            .map_or(u32::MAX, |base| distance(at(base, self.half(side).next), seq).unsigned_abs())
    }

    /// Nothing but a handshake was seen.
    pub(super) fn is_blank(&self) -> bool {
        self.slot == NONE && self.halves.iter().all(|half| half.hole.is_none() && half.fin == 0)
    }

    pub(super) fn has_holes(&self) -> bool {
        self.halves.iter().any(|half| half.hole.is_some())
    }

    pub(super) fn is_done(&self) -> bool {
        self.halves.iter().all(Half::is_done)
    }

    /// Counts a segment of `side`, seen by an interface.
    pub(super) fn touch(&mut self, side: Side, interface: u32, time: Timestamp, clock: u64) {
        self.heard = self.heard.max(time);
        self.apart |= interface != self.about.interface;
        self.last = self.last.max(clock);
        self.segments = self.segments.wrapping_add(1);
        self.half_mut(side).seen = true;
    }

    /// Clock at which something is due.
    pub(super) fn due(&self, limits: &Limits) -> u64 {
        if self.closed {
            let times = if self.restless { RESTLESS } else { 1 };
            return self.last.saturating_add(limits.closed.saturating_mul(times));
        }
        let mut due = self.due_idle(limits).min(self.due_reset(limits));
        let age = self.age_max(limits);
        for half in &self.halves {
            due = due.min(half.hole.as_ref().map_or(u64::MAX, |hole| hole.due(age, limits)));
        }
        due
    }

    /// Clock at which a reset holds.
    pub(super) fn due_reset(&self, limits: &Limits) -> u64 {
        self.reset.as_ref().map_or(u64::MAX, |reset| reset.clock.saturating_add(limits.grace))
    }

    /// Clock at which the connection has been silent for too long.
    pub(super) fn due_idle(&self, limits: &Limits) -> u64 {
        let [a, b] = &self.halves;
        // One side ended and the other was never seen: nothing more will come.
        let half_seen = a.is_done() && !b.seen || b.is_done() && !a.seen;
        let unanswered = self.is_blank() && !(a.seen && b.seen);
        let idle = if half_seen || unanswered { limits.opening } else { limits.idle };
        self.last.saturating_add(idle)
    }

    /// Age at which a hole is given up that no acknowledgement covers.
    pub(super) fn age_max(&self, limits: &Limits) -> u64 {
        if self.halves.iter().all(|half| half.seen) { limits.hole } else { limits.oneway_hole }
    }

    /// Whether a segment from `side` acknowledges the other side's SYN, and no more than that may have carried.
    ///
    /// Source: [RFC 7413 §4.2](https://www.rfc-editor.org/rfc/rfc7413#section-4.2).
    pub(super) fn is_answered_by(&self, side: Side, meta: &SegmentMeta) -> bool {
        let carried = self.half(side.other()).next.min(SYN_BYTES_MAX);
        let answers = |base| u64::from(meta.ack.wrapping_sub(base)) <= carried;
        meta.flags.has(TcpFlags::ACK) && self.base(side.other()).is_some_and(answers)
    }

    /// Whether a reset from `side` would be believed by its receiver, as far as can be told.
    ///
    /// Source: [RFC 9293 §3.5.3](https://www.rfc-editor.org/rfc/rfc9293#section-3.5.3).
    pub(super) fn is_reset_by(&self, side: Side, meta: &SegmentMeta) -> bool {
        let half = self.half(side);
        let Some(base) = self.base(side) else {
            // The answer to a SYN: only the acknowledgement tells.
            return self.is_answered_by(side, meta);
        };
        let Some(come) = position(base, half.next, meta.seq) else {
            return half.next == 0 && meta.seq.wrapping_add(1) == base;
        };
        let least = if self.half(side.other()).seen {
            half.acked
        } else {
            half.next.saturating_sub(1 << 16)
        };
        come.saturating_add(1) >= least.min(half.next) && come <= half.next.saturating_add(NEAR)
    }

    /// Emits what has become of the sides' ends.
    pub(super) fn tell_fins(
        &mut self,
        work: &mut Work<'_>,
        emit: &mut impl FnMut(StreamEvent<'_>),
    ) {
        for side in [Side::A, Side::B] {
            let half = self.half(side);
            if self.slot != NONE && half.is_done() && !half.ended {
                self.half_mut(side).ended = true;
                self.tell(work.time, StreamEventKind::Fin { side }, work, emit);
            }
        }
    }

    /// Emits `kind`, with a slot from the first event on.
    pub(super) fn tell(
        &mut self,
        time: Timestamp,
        kind: StreamEventKind<'_>,
        work: &mut Work<'_>,
        emit: &mut impl FnMut(StreamEvent<'_>),
    ) {
        if self.slot == NONE {
            self.slot = work.slots.take();
            bump(&mut work.counts.connections);
            if !self.about.handshake {
                bump(&mut work.counts.connections_midway);
            }
        }
        let id = ConnectionId { slot: self.slot };
        emit(StreamEvent { id, connection: &self.about, time, ordinal: work.ordinal, kind });
    }

    /// Gives the slot back, once `Close` was emitted.
    pub(super) fn release(&mut self, slots: &mut Slots) {
        if self.slot != NONE {
            slots.give(self.slot);
            self.slot = NONE;
        }
    }

    pub(super) fn has_slot(&self) -> bool {
        self.slot != NONE
    }

    /// Segments of the connection so far, where they count as grace.
    pub(super) fn grace_segments(&self) -> Option<u32> {
        (self.views.is_none() && !self.apart).then_some(self.segments)
    }
}

fn bit(side: Side) -> u8 {
    match side {
        Side::A => 1,
        Side::B => 2,
    }
}
