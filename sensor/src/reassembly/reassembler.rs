//! Segments to connections: finding, opening, closing.

mod reopen;
mod views;

use self::reopen::reopens;
use super::clock::Clock;
use super::config::{Config, Limits};
use super::connection::{Conn, Work};
use super::counts::{Counts, Outcome, bump};
use super::hole::{Pool, length};
use super::lone::Lone;
use super::recent::{Print, Printer};
use super::sequence::at as number_at;
use super::table::{Slots, Table};
use super::wheel::{NONE, Wheel};
use super::{CloseReason, Side, StreamEvent, StreamEventKind};
use crate::decap::{Segment, SegmentMeta, TcpFlags};
use crate::rung::Rung;
use crate::time::Timestamp;

/// Connections of one flow (in different envelopes) followed at once.
const PER_FLOW: usize = 64;

/// Turns segments into ordered byte streams with explicit gaps.
pub struct Reassembler {
    limits: Limits,
    counts: Counts,
    table: Table,
    slots: Slots,
    pool: Pool,
    wheel: Wheel,
    printer: Printer,
    clock: Clock,
    held: u64,
    serial: u64,
    due: Vec<u32>,
    /// Whether segments of unknown connections open one.
    admits: bool,
    lone: Lone,
}

/// A segment on its way, with what was found out about it.
struct Arrival<'a> {
    segment: &'a Segment<'a>,
    reversed: bool,
    has_bytes: bool,
    /// `None` of bare acknowledgements: they repeat in good order, and a copy of one is no different.
    print: Option<Print>,
    /// Whether an equal segment came a moment ago.
    copy: bool,
    /// Whether its view is known to be one of the connection.
    viewed: bool,
    stamp: Stamp,
}

/// When and why something happens.
#[derive(Clone, Copy)]
struct Stamp {
    /// `None`: when the connection was last heard of, as it is not known when this became so.
    time: Option<Timestamp>,
    ordinal: u64,
    clock: u64,
}

impl Reassembler {
    /// An empty table with the limits of `config`.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let limits = Limits::from(config);
        Self {
            printer: Printer::new(limits.duplicate),
            limits,
            counts: Counts::default(),
            table: Table::new(),
            slots: Slots::default(),
            pool: Pool::default(),
            wheel: Wheel::new(),
            clock: Clock::default(),
            held: 0,
            serial: 0,
            due: Vec::new(),
            admits: true,
            lone: Lone::default(),
        }
    }

    /// Follows the overload ladder: on its last rung connections not yet known are ignored.
    pub fn set_rung(&mut self, rung: Rung) {
        self.admits = rung < Rung::NoConnections;
    }

    /// What was done so far.
    #[must_use]
    pub const fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Connections that emitted an event and are not closed.
    #[must_use]
    pub fn open(&self) -> usize {
        self.slots.used()
    }

    /// Connections in the table: open, in their handshake, or closed a moment ago.
    #[must_use]
    pub fn tracked(&self) -> usize {
        self.table.len()
    }

    /// Bytes held behind holes, bookkeeping included.
    #[must_use]
    pub const fn held_bytes(&self) -> u64 {
        self.held
    }

    /// Takes a segment and emits what becomes of it. Time only passes in [`Self::expire`].
    pub fn push(&mut self, segment: &Segment<'_>, emit: &mut impl FnMut(StreamEvent<'_>)) {
        let meta = &segment.meta;
        self.clock.start(meta.time);
        let clock = self.clock.at(meta.time);
        let stamp = Stamp { time: Some(meta.time), ordinal: meta.ordinal, clock };
        bump(&mut self.counts.segments);
        let (flow, reversed) = meta.flow.canonical();
        let hash = self.table.hash(&flow);
        let head = self.table.head(hash, &flow);
        let has_bytes = !segment.payload.is_empty() || meta.missing != 0;
        let telling = has_bytes || meta.flags.has(TcpFlags::SYN | TcpFlags::FIN | TcpFlags::RST);
        let print = telling.then(|| self.printer.print(segment, reversed));
        let copy = false;
        let mut arrival =
            Arrival { segment, reversed, has_bytes, print, copy, viewed: false, stamp };
        let outcome = match self.usual(head, meta, reversed) {
            Some(side) => {
                arrival.viewed = true;
                arrival.copy = self.is_copy(head, print);
                self.follow(head, side, meta.seq, &arrival, emit)
            }
            None => self.place(head, &mut arrival, emit),
        };
        self.counts.outcome(match outcome {
            Outcome::Retransmitted | Outcome::Control | Outcome::Late | Outcome::Stray
                if arrival.copy =>
            {
                Outcome::Duplicate
            }
            outcome => outcome,
        });
    }

    /// The sender of a segment that goes on where its flow has one connection, seen in this view before: there is
    /// nothing to be found out.
    #[inline]
    fn usual(&self, head: u32, meta: &SegmentMeta, reversed: bool) -> Option<Side> {
        let conn = self.table.get(head)?;
        let side = conn.side(reversed);
        let turns = TcpFlags::SYN | TcpFlags::FIN | TcpFlags::RST;
        let usual = !meta.flags.has(turns)
            && conn.next == NONE
            && !conn.closed
            && !conn.successor
            && conn.view(&meta.envelope, side) == Some(true)
            && !conn.outlived_end(side, meta);
        usual.then_some(side)
    }

    /// Whether an equal segment of a connection came a moment ago; it is remembered.
    #[inline]
    fn is_copy(&mut self, at: u32, print: Option<Print>) -> bool {
        match (print, self.table.get_mut(at)) {
            (Some(print), Some(conn)) => self.printer.note(print, &mut conn.trail),
            _ => false,
        }
    }

    /// Finds the connection of a segment among those of its flow, and adds it.
    fn place(
        &mut self,
        head: u32,
        arrival: &mut Arrival<'_>,
        emit: &mut impl FnMut(StreamEvent<'_>),
    ) -> Outcome {
        let at = self.locate(head, arrival);
        let at = self.merge(head, at, arrival, emit);
        arrival.copy = self.is_copy(at, arrival.print);
        match at {
            NONE => self.unknown(arrival, emit),
            at => self.known(at, arrival, emit),
        }
    }

    /// Lets time pass to `now`: what is due happens. `ordinal`: of the last packet captured.
    ///
    /// The result does not depend on how connections are spread over workers if each is told the same times
    /// between the same segments.
    pub fn expire(&mut self, now: Timestamp, ordinal: u64, emit: &mut impl FnMut(StreamEvent<'_>)) {
        let clock = self.clock.advance(now);
        if !self.wheel.is_behind(clock) {
            return;
        }
        let stamp = Stamp { time: None, ordinal, clock };
        let mut due = std::mem::take(&mut self.due);
        self.wheel.advance(clock, &mut due);
        for at in due.drain(..) {
            self.run_timer(at, stamp, emit);
        }
        self.due = due;
    }

    /// Ends the capture: emits what is held, and closes every connection in the order they were opened.
    pub fn finish(&mut self, ordinal: u64, emit: &mut impl FnMut(StreamEvent<'_>)) {
        let stamp = Stamp { time: None, ordinal, clock: self.clock.now };
        let mut all: Vec<_> = self.table.all().map(|(at, conn)| (conn.serial, at)).collect();
        all.sort_unstable();
        for (_, at) in all {
            self.close(at, CloseReason::EndOfCapture, stamp, emit);
            self.remove(at);
        }
    }

    /// A segment of a connection in the table.
    fn known(
        &mut self,
        at: u32,
        arrival: &mut Arrival<'_>,
        emit: &mut impl FnMut(StreamEvent<'_>),
    ) -> Outcome {
        let meta = &arrival.segment.meta;
        let Some(conn) = self.table.get_mut(at) else { return Outcome::Stray };
        if conn.closed && conn.due(&self.limits) <= arrival.stamp.clock {
            self.remove(at);
            return self.unknown(arrival, emit);
        }
        let side = conn.side(arrival.reversed);
        if meta.flags.has(TcpFlags::RST) {
            return self.reset(at, side, arrival, emit);
        }
        if meta.flags.has(TcpFlags::SYN) {
            return self.handshake(at, side, arrival, emit);
        }
        if conn.closed {
            if !reopens(conn, side, arrival) && !conn.outlived(side, meta) {
                if arrival.has_bytes
                    && let Some((conn, mut work)) = self.work(at, arrival.stamp)
                {
                    conn.note_late(side, arrival.segment, &mut work);
                    conn.restless = true;
                    conn.last = conn.last.max(arrival.stamp.clock);
                }
                return Outcome::Late;
            }
            return self.reopen(at, arrival, emit);
        }
        if conn.outlived_end(side, meta) {
            return self.reopen(at, arrival, emit);
        }
        if conn.successor {
            conn.successor = false;
            self.close_elders(at, arrival, emit);
        }
        self.follow(at, side, meta.seq, arrival, emit)
    }

    /// A segment of no connection in the table.
    fn unknown(
        &mut self,
        arrival: &Arrival<'_>,
        emit: &mut impl FnMut(StreamEvent<'_>),
    ) -> Outcome {
        let meta = &arrival.segment.meta;
        if meta.flags.has(TcpFlags::RST) {
            return Outcome::Stray;
        }
        if meta.flags.has(TcpFlags::SYN) {
            if !self.admits {
                return Outcome::Ignored;
            }
            return self.open_by_syn(arrival, emit);
        }
        let before = self.lone.before(arrival.segment);
        if !arrival.has_bytes || before.is_none() && self.lone.holds(arrival.segment) {
            return Outcome::Stray;
        }
        if !self.admits {
            return Outcome::Ignored;
        }
        let Some((first, octet)) = before else {
            let at = self.open_new(arrival, Side::A, emit);
            return self.follow(at, Side::A, meta.seq, arrival, emit);
        };
        let segment = &Segment { meta: first, payload: &octet };
        let stamp =
            Stamp { time: Some(first.time), ordinal: first.ordinal, clock: arrival.stamp.clock };
        let lone = Arrival { segment, print: None, copy: false, stamp, ..*arrival };
        let at = self.open_new(&lone, Side::A, emit);
        self.follow(at, Side::A, first.seq, &lone, emit);
        self.follow(at, Side::A, meta.seq, arrival, emit)
    }

    /// SYN and SYN-ACK on a known connection.
    fn handshake(
        &mut self,
        at: u32,
        side: Side,
        arrival: &Arrival<'_>,
        emit: &mut impl FnMut(StreamEvent<'_>),
    ) -> Outcome {
        let meta = &arrival.segment.meta;
        let first = meta.seq.wrapping_add(1);
        let acks = meta.flags.has(TcpFlags::ACK);
        let Some(conn) = self.table.get_mut(at) else { return Outcome::Stray };
        let same = conn.base(side) == Some(first);
        let answers = conn.is_answered_by(side, meta);
        if conn.closed {
            if same {
                return Outcome::Late;
            }
            self.remove(at);
            return self.open_by_syn(arrival, emit);
        }
        if same || conn.base(side).is_none() {
            if acks && !answers && conn.base(side.other()).is_some() {
                return Outcome::Implausible;
            }
            conn.set_base(side, first);
            let seen = std::mem::replace(&mut conn.half_mut(side).syn, true);
            if !conn.has_slot() {
                conn.about.handshake = true;
            }
            if acks && std::mem::take(&mut conn.successor) {
                self.close_elders(at, arrival, emit);
            }
            let outcome = self.follow(at, side, first, arrival, emit);
            return match outcome {
                Outcome::Control if seen => Outcome::Retransmitted,
                outcome => outcome,
            };
        }
        let split = answers && conn.half(side).syn && conn.drop_view(&meta.envelope);
        let failed = conn.is_blank() && !conn.halves.iter().all(|half| half.syn);
        if split {
            bump(&mut self.counts.views_split);
        } else if failed {
            // Another attempt: the one before came to nothing, as far as was seen.
            self.close(at, CloseReason::Reused, arrival.stamp, emit);
        }
        self.open_by_syn(arrival, emit)
    }

    /// A reset of a known connection.
    fn reset(
        &mut self,
        at: u32,
        side: Side,
        arrival: &Arrival<'_>,
        emit: &mut impl FnMut(StreamEvent<'_>),
    ) -> Outcome {
        let meta = &arrival.segment.meta;
        let Some(conn) = self.table.get(at) else { return Outcome::Stray };
        if conn.closed {
            return Outcome::Late;
        }
        if !conn.is_reset_by(side, meta) {
            return Outcome::Implausible;
        }
        if conn.is_blank() {
            let begun = conn.halves.iter().all(|half| half.syn);
            self.close(at, CloseReason::Reset, arrival.stamp, emit);
            if begun && let Some(conn) = self.table.get_mut(at) {
                conn.note_reset(side, meta, arrival.stamp.clock);
            }
            return Outcome::Control;
        }
        let Some((conn, work)) = self.work(at, arrival.stamp) else { return Outcome::Stray };
        conn.touch(side, meta.interface, work.time, work.clock);
        conn.see(&meta.envelope, side);
        // Data captured out of order may still follow.
        conn.note_reset(side, meta, work.clock);
        let due = conn.due(work.limits);
        self.wheel.set_sooner(at, due);
        Outcome::Control
    }

    /// Adds a segment to the connection it belongs to. `seq`: the number of its first payload byte.
    fn follow(
        &mut self,
        at: u32,
        side: Side,
        seq: u32,
        arrival: &Arrival<'_>,
        emit: &mut impl FnMut(StreamEvent<'_>),
    ) -> Outcome {
        let Some((conn, mut work)) = self.work(at, arrival.stamp) else { return Outcome::Stray };
        let segment = arrival.segment;
        let meta = &segment.meta;
        conn.touch(side, meta.interface, work.time, work.clock);
        let viewed = arrival.viewed || conn.view(&meta.envelope, side) == Some(true);
        if !viewed && conn.see(&meta.envelope, side) {
            bump(&mut work.counts.views_joined);
        }
        let acked = conn.acknowledge(side, meta, &mut work);
        if conn.half(side.other()).hole.is_some() {
            // What is known to be lost by now comes before what answers it.
            conn.settle(side.other(), &mut work, emit);
        }
        conn.outlive(side, acked);
        let ends = meta.flags.has(TcpFlags::FIN) && !meta.flags.has(TcpFlags::SYN);
        let mut outcome = if arrival.has_bytes {
            conn.data(side, (seq, acked), segment, &mut work, emit)
        } else if ends || meta.flags.has(TcpFlags::SYN) {
            Outcome::Control
        } else {
            conn.bare(side, meta, &mut work)
        };
        if ends {
            let length = length(segment.payload).saturating_add(u64::from(meta.missing));
            let told = conn.fin(side, number_at(seq, length), &mut work);
            if !arrival.has_bytes {
                outcome = told;
            }
        }
        if !ends && !conn.has_holes() && conn.halves.iter().all(|half| half.fin == 0) {
            return outcome;
        }
        for side in [side.other(), side] {
            if conn.half(side).hole.is_some() {
                conn.settle(side, &mut work, emit);
            }
        }
        conn.tell_fins(&mut work, emit);
        if conn.is_done() {
            self.close(at, CloseReason::Fin, arrival.stamp, emit);
        } else {
            let due = conn.due(work.limits);
            self.wheel.set_sooner(at, due);
        }
        outcome
    }

    /// Opens a connection by a SYN or SYN-ACK.
    fn open_by_syn(
        &mut self,
        arrival: &Arrival<'_>,
        emit: &mut impl FnMut(StreamEvent<'_>),
    ) -> Outcome {
        let meta = &arrival.segment.meta;
        let acks = meta.flags.has(TcpFlags::ACK);
        let side = if acks { Side::B } else { Side::A };
        let at = self.open_new(arrival, side, emit);
        let seq = meta.seq.wrapping_add(1);
        if let Some(conn) = self.table.get_mut(at) {
            conn.set_base(side, seq);
            conn.half_mut(side).syn = true;
            conn.about.handshake = true;
        }
        self.follow(at, side, seq, arrival, emit)
    }

    /// Puts a connection in the table, with the sender of the segment as `side`.
    fn open_new(
        &mut self,
        arrival: &Arrival<'_>,
        side: Side,
        emit: &mut impl FnMut(StreamEvent<'_>),
    ) -> u32 {
        let meta = &arrival.segment.meta;
        self.make_room(meta, Stamp { time: None, ..arrival.stamp }, emit);
        let (flow, flipped) = match side {
            Side::A => (meta.flow, arrival.reversed),
            Side::B => (meta.flow.reversed(), !arrival.reversed),
        };
        let mut conn = Conn::new(meta, flow, flipped, arrival.stamp.clock, self.serial);
        self.serial = self.serial.saturating_add(1);
        conn.see(&meta.envelope, side);
        if let Some(print) = arrival.print {
            self.printer.note(print, &mut conn.trail);
            let head = self.table.head(self.table.hash(&conn.flow()), &conn.flow());
            let says_else =
                |(_, other): (u32, &Conn)| self.printer.contradicts(print, &other.trail);
            conn.distinct = self.table.list(head).any(says_else);
        }
        conn.successor = self.elders(meta).next().is_some();
        let due = conn.due(&self.limits);
        let at = self.table.insert(Box::new(conn));
        self.wheel.set(at, due);
        at
    }

    /// Connections in the table that the ports of a SYN belong to already.
    fn elders(&self, meta: &SegmentMeta) -> impl Iterator<Item = u32> {
        let flow = meta.flow.canonical().0;
        let head = self.table.head(self.table.hash(&flow), &flow);
        let envelope = meta.envelope;
        let live = move |conn: &Conn| !conn.closed && conn.view(&envelope, Side::A).is_some();
        self.table.list(head).filter(move |(_, conn)| live(conn)).map(|(at, _)| at)
    }

    /// Ends the connections whose ports `at` has taken over.
    fn close_elders(
        &mut self,
        at: u32,
        arrival: &Arrival<'_>,
        emit: &mut impl FnMut(StreamEvent<'_>),
    ) {
        let elders: Vec<_> =
            self.elders(&arrival.segment.meta).filter(|&elder| elder != at).collect();
        for elder in elders {
            self.close(elder, CloseReason::Reused, arrival.stamp, emit);
        }
    }

    /// Keeps the table within its limits.
    fn make_room(
        &mut self,
        meta: &SegmentMeta,
        stamp: Stamp,
        emit: &mut impl FnMut(StreamEvent<'_>),
    ) {
        let flow = meta.flow.canonical().0;
        let head = self.table.head(self.table.hash(&flow), &flow);
        if head != NONE && self.table.list(head).count() >= PER_FLOW {
            let oldest =
                self.table.list(head).min_by_key(|(_, conn)| conn.last).map_or(NONE, |(at, _)| at);
            self.close(oldest, CloseReason::Evicted, stamp, emit);
        }
        while self.table.len() >= self.limits.connections {
            let Some(at) = self.first_due() else { return };
            self.close(at, CloseReason::Evicted, stamp, emit);
        }
    }

    /// The connection that would be the first to time out, by a few looks: the wheel's times are old ones.
    fn first_due(&mut self) -> Option<u32> {
        for _ in 0..8 {
            let at = self.wheel.first()?;
            let due = self.table.get(at)?.due(&self.limits);
            if !self.wheel.set_later(at, due) {
                return Some(at);
            }
        }
        self.wheel.first()
    }

    fn run_timer(&mut self, at: u32, stamp: Stamp, emit: &mut impl FnMut(StreamEvent<'_>)) {
        let clock = stamp.clock;
        let Some((conn, mut work)) = self.work(at, stamp) else { return };
        if conn.closed {
            let due = conn.due(work.limits);
            if due <= clock {
                self.remove(at)
            } else {
                self.wheel.set(at, due)
            }
            return;
        }
        // The time had come by an old plan; see what is due now.
        let idle = conn.due_idle(work.limits) <= clock;
        let reset = conn.due_reset(work.limits) <= clock;
        for side in [Side::A, Side::B] {
            conn.settle(side, &mut work, emit);
        }
        conn.tell_fins(&mut work, emit);
        if conn.is_done() {
            self.close(at, CloseReason::Fin, stamp, emit);
        } else if reset {
            self.close(at, CloseReason::Reset, stamp, emit);
        } else if idle {
            self.close(at, CloseReason::Idle, stamp, emit);
        } else {
            let due = conn.due(work.limits);
            self.wheel.set(at, due);
        }
    }

    /// Emits what is left of a connection and its end.
    fn close(
        &mut self,
        at: u32,
        reason: CloseReason,
        stamp: Stamp,
        emit: &mut impl FnMut(StreamEvent<'_>),
    ) {
        let Some((conn, mut work)) = self.work(at, stamp) else { return };
        if !conn.closed {
            conn.believe_reset(&mut work);
            conn.flush(&mut work, emit);
            conn.tell_fins(&mut work, emit);
            let reason = match reason {
                CloseReason::EndOfCapture | CloseReason::Idle if conn.is_done() => CloseReason::Fin,
                CloseReason::EndOfCapture | CloseReason::Idle if conn.reset.is_some() => {
                    CloseReason::Reset
                }
                reason => reason,
            };
            if conn.has_slot() {
                bump(match reason {
                    CloseReason::Fin => &mut work.counts.closed_fin,
                    CloseReason::Reset => &mut work.counts.closed_reset,
                    CloseReason::Idle => &mut work.counts.closed_idle,
                    CloseReason::Reused => &mut work.counts.closed_reused,
                    CloseReason::Evicted => &mut work.counts.closed_evicted,
                    CloseReason::EndOfCapture => &mut work.counts.closed_end,
                    CloseReason::Joined => &mut work.counts.closed_joined,
                });
                if reason != CloseReason::Joined && conn.is_one_way() {
                    bump(&mut work.counts.connections_one_way);
                }
                conn.tell(work.time, StreamEventKind::Close { reason }, &mut work, emit);
            } else {
                bump(&mut work.counts.connections_empty);
            }
            conn.release(work.slots);
            conn.closed = true;
            conn.last = stamp.clock;
            if matches!(reason, CloseReason::Fin | CloseReason::Reset) && work.limits.closed > 0 {
                let due = conn.due(work.limits);
                self.wheel.set(at, due);
                return;
            }
        }
        self.remove(at);
    }

    fn remove(&mut self, at: u32) {
        self.wheel.remove(at);
        let late = self.table.remove(at).and_then(|conn| conn.late);
        self.held = self.held.saturating_sub(late.map_or(0, |late| late.cost));
    }

    /// A connection and what is needed to work on it.
    fn work(&mut self, at: u32, stamp: Stamp) -> Option<(&mut Conn, Work<'_>)> {
        let conn = self.table.get_mut(at)?;
        let work = Work {
            limits: &self.limits,
            counts: &mut self.counts,
            slots: &mut self.slots,
            pool: &mut self.pool,
            held: &mut self.held,
            time: stamp.time.unwrap_or(conn.heard),
            ordinal: stamp.ordinal,
            clock: stamp.clock,
        };
        Some((conn, work))
    }
}
