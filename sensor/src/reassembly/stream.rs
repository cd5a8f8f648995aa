//! The byte streams of a connection: what a segment adds, and when a hole is given up.

use super::connection::{Conn, Jump, Work};
use super::counts::{Outcome, bump};
use super::hole::{Facts, WALKED_MAX, length};
use super::sequence::{WINDOW, at, distance, position};
use super::{Side, StreamEvent, StreamEventKind};
use crate::decap::{Segment, SegmentMeta, TcpFlags};
use crate::time::Timestamp;

/// A stream that moved this recently (nanoseconds) is alive: what waits far ahead of it is not its own.
const MOVING: u64 = 1_000_000_000;

/// A far segment that begins at most this far behind an earlier far one follows it.
const FOLLOWS: u32 = 1 << 16;

/// The part of a segment's payload that is not yet delivered.
struct Fresh<'a> {
    start: u64,
    bytes: &'a [u8],
    missing: u64,
    whole: bool,
}

impl Conn {
    /// Takes the acknowledgement number of a segment from `side`: the other side's position, if plausible.
    pub(super) fn acknowledge(
        &mut self,
        side: Side,
        meta: &SegmentMeta,
        work: &mut Work<'_>,
    ) -> Option<u64> {
        if !meta.flags.has(TcpFlags::ACK) {
            return None;
        }
        let other = side.other();
        let Some(base) = self.base(other) else {
            // A straggler of the connection that had these ports before knows nothing of this one.
            if self.half(side).syn && self.strangeness(side, meta.seq) > FOLLOWS {
                return None;
            }
            self.set_base(other, meta.ack);
            return Some(0);
        };
        let segments = self.segments;
        let half = self.half_mut(other);
        let Some(acked) = position(base, half.next, meta.ack) else { return Some(0) };
        if acked.abs_diff(half.next) > WINDOW {
            return None;
        }
        let acked = acked.min(half.fin().unwrap_or(u64::MAX));
        if acked > half.acked {
            half.acked = acked;
            if acked > half.next {
                let hole = half.hole.get_or_insert_with(|| work.pool.hole());
                hole.acknowledge(acked, work.clock, segments, work.limits);
            }
        }
        Some(acked)
    }

    /// Takes the payload of a segment; it begins at number `seq`.
    pub(super) fn data(
        &mut self,
        side: Side,
        (seq, acked): (u32, Option<u64>),
        segment: &Segment<'_>,
        work: &mut Work<'_>,
        emit: &mut impl FnMut(StreamEvent<'_>),
    ) -> Outcome {
        let base = self.base(side).unwrap_or_else(|| {
            self.set_base(side, seq);
            seq
        });
        let half = self.half(side);
        let expected = at(base, half.next);
        if seq == expected && half.hole.is_none() && half.fin == 0 && segment.meta.missing == 0 {
            self.deliver(side, segment.payload, (work.time, acked, true), work, emit);
            return Outcome::Data;
        }
        if u64::from(distance(expected, seq).unsigned_abs()) > WINDOW {
            return self.far(side, (seq, acked), segment, work, emit);
        }
        match self.fresh(side, expected, seq, segment) {
            Ok(fresh) => {
                let outcome = self.accept(side, fresh, acked, work, emit);
                if outcome == Outcome::Implausible {
                    self.keep_late(side, segment, work);
                }
                outcome
            }
            Err(outcome) => outcome,
        }
    }

    /// Notes a segment without payload: its number tells how far the sender had come.
    pub(super) fn bare(&mut self, side: Side, meta: &SegmentMeta, work: &mut Work<'_>) -> Outcome {
        let Some(base) = self.base(side) else {
            self.set_base(side, meta.seq);
            return Outcome::Control;
        };
        let half = self.half(side);
        if meta.seq.wrapping_add(1) == at(base, half.next) && !half.is_done() {
            return Outcome::KeepAlive;
        }
        if let Some(come) = position(base, half.next, meta.seq)
            && come.abs_diff(half.next) <= WINDOW
            // One more than all data: behind a FIN that was not captured, most likely.
            && (come != half.next.saturating_add(1) || half.hole.as_ref().is_some_and(|hole| hole.first().is_some()))
        {
            self.come_to(side, come.min(half.fin().unwrap_or(u64::MAX)), false, work);
        }
        Outcome::Control
    }

    /// Takes note of a FIN at number `seq`, unless it is implausible.
    pub(super) fn fin(&mut self, side: Side, seq: u32, work: &mut Work<'_>) -> Outcome {
        let base = self.base(side).unwrap_or_else(|| {
            self.set_base(side, seq);
            seq
        });
        let half = self.half_mut(side);
        let Some(end) = position(base, half.next, seq) else { return Outcome::Early };
        if half.fin().is_some_and(|fin| fin == end) {
            return Outcome::Control;
        }
        // Bytes behind it that were sent or acknowledged already: it is not the end.
        let certain = half.hole.as_ref().map_or(0, |hole| hole.certain_end());
        let beyond = certain.max(half.acked.saturating_sub(1));
        if half.fin != 0 || end < half.next.max(beyond) || end.saturating_sub(half.next) > WINDOW {
            return Outcome::Implausible;
        }
        half.fin = end.saturating_add(1);
        half.acked = half.acked.min(end);
        if let Some(hole) = half.hole.as_deref_mut() {
            let before = hole.cost;
            hole.end_at(end);
            *work.held = work.held.saturating_sub(before.saturating_sub(hole.cost));
        }
        self.come_to(side, end, false, work);
        Outcome::Control
    }

    /// Delivers what has become deliverable, and gives up the holes that are due.
    pub(super) fn settle(
        &mut self,
        side: Side,
        work: &mut Work<'_>,
        emit: &mut impl FnMut(StreamEvent<'_>),
    ) {
        loop {
            self.drain(side, work, emit);
            let segments = self.grace_segments();
            let one_view = segments.is_some();
            let half = self.half_mut(side);
            let (next, fin) = (half.next, half.fin());
            let cap = fin.unwrap_or(u64::MAX);
            let Some(hole) = half.hole.as_deref_mut() else { return };
            hole.ripen(work.clock, segments, work.limits);
            // The receiver has what was cut off, so it will not be sent again; another view might show it.
            let cut = if one_view { hole.cut.min(half.acked) } else { 0 };
            let sure = hole.sure.max(cut).min(cap);
            let first = hole.first().map(|chunk| chunk.start);
            if hole.is_over(next, cap) {
                if let Some(hole) = half.hole.take() {
                    work.pool.give_hole(hole);
                }
                return;
            }
            let end = match first {
                Some(start) if sure > next => sure.min(start),
                None if sure > next => match fin {
                    // One byte beyond all data is most likely a FIN that was not captured.
                    None if sure == next.saturating_add(1) => return self.infer_fin(side),
                    _ => sure,
                },
                Some(start) if self.is_over_limit(side, work) => {
                    bump(&mut work.counts.gaps_by_limit);
                    start
                }
                Some(start) => match self.is_overdue(side, work) {
                    true if self.discards(side, work) => continue,
                    true => start,
                    false => return,
                },
                None => return,
            };
            self.skip(side, end, work, emit);
        }
    }

    /// Emits everything held, and as gaps everything known to be missing.
    pub(super) fn flush(&mut self, work: &mut Work<'_>, emit: &mut impl FnMut(StreamEvent<'_>)) {
        let first = |conn: &Self, side| {
            let chunk = conn.half(side).hole.as_ref()?.first()?;
            Some((chunk.facts.time, side, chunk.start))
        };
        while let Some((_, side, start)) =
            [Side::A, Side::B].into_iter().filter_map(|side| first(self, side)).min()
        {
            self.skip(side, start, work, emit);
            self.drain(side, work, emit);
        }
        for side in [Side::A, Side::B] {
            let half = self.half_mut(side);
            let end = match half.fin() {
                Some(fin) => fin,
                None if half.acked == half.next.saturating_add(1) => half.next,
                None => half.acked,
            };
            if let Some(hole) = half.hole.take() {
                work.pool.give_hole(hole);
            }
            self.skip(side, end, work, emit);
        }
    }

    /// What of a segment at number `seq`, within the window, is not delivered yet.
    fn fresh<'a>(
        &self,
        side: Side,
        expected: u32,
        seq: u32,
        segment: &Segment<'a>,
    ) -> Result<Fresh<'a>, Outcome> {
        let half = self.half(side);
        let flags = segment.meta.flags;
        let length = length(segment.payload);
        let missing = u64::from(segment.meta.missing);
        let total = length.saturating_add(missing);
        let ahead = distance(expected, seq);
        let probe = total == 1 && missing == 0 && !flags.has(TcpFlags::PSH | TcpFlags::FIN);
        if ahead >= 0 {
            let start = half.next.saturating_add(u64::from(ahead.unsigned_abs()));
            if probe && start.saturating_add(1) == half.acked {
                return Err(Outcome::KeepAlive);
            }
            return Ok(Fresh { start, bytes: segment.payload, missing, whole: true });
        }
        let behind = u64::from(ahead.unsigned_abs());
        if behind >= total {
            return Err(match () {
                () if behind == 1 && !flags.has(TcpFlags::FIN) => Outcome::KeepAlive,
                () if behind > half.next && !half.syn => Outcome::Early,
                () => Outcome::Retransmitted,
            });
        }
        let cut = usize::try_from(behind).unwrap_or(usize::MAX);
        let bytes = segment.payload.get(cut..).unwrap_or_default();
        let missing = missing.saturating_sub(behind.saturating_sub(length));
        Ok(Fresh { start: half.next, bytes, missing, whole: false })
    }

    /// Delivers or holds fresh bytes.
    fn accept(
        &mut self,
        side: Side,
        mut fresh: Fresh<'_>,
        acked: Option<u64>,
        work: &mut Work<'_>,
        emit: &mut impl FnMut(StreamEvent<'_>),
    ) -> Outcome {
        let half = self.half_mut(side);
        if let Some(fin) = half.fin() {
            let room = fin.saturating_sub(fresh.start);
            let cut = length(fresh.bytes).saturating_sub(room);
            work.counts.bytes_implausible = work.counts.bytes_implausible.saturating_add(cut);
            fresh.missing = fresh.missing.min(room.saturating_sub(length(fresh.bytes)));
            fresh.bytes = fresh
                .bytes
                .get(..usize::try_from(room).unwrap_or(usize::MAX))
                .unwrap_or(fresh.bytes);
            if fresh.bytes.is_empty() && fresh.missing == 0 {
                return Outcome::Implausible;
            }
        }
        let end = fresh.start.saturating_add(length(fresh.bytes));
        let first =
            half.hole.as_ref().and_then(|hole| hole.first()).map_or(u64::MAX, |chunk| chunk.start);
        if fresh.start == half.next && first >= end {
            if let Some(hole) = half.hole.as_deref_mut() {
                hole.progress = work.clock;
            }
            self.deliver(side, fresh.bytes, (work.time, acked, fresh.whole), work, emit);
            self.drain(side, work, emit);
            self.cut_to(side, end.saturating_add(fresh.missing), work);
            return Outcome::Data;
        }
        let facts = Facts {
            time: work.time,
            clock: work.clock,
            acked,
            segment_start: fresh.whole,
            claimed: false,
            missing: u32::try_from(fresh.missing).unwrap_or(u32::MAX),
        };
        let hole = half.hole.get_or_insert_with(|| work.pool.hole());
        let before = hole.cost;
        let held = hole.hold(fresh.start, fresh.bytes, facts, work.pool);
        *work.held = work.held.saturating_add(hole.cost).saturating_sub(before);
        if held.conflict {
            bump(&mut work.counts.overlap_conflicts);
        }
        if held.new { Outcome::Data } else { Outcome::Retransmitted }
    }

    /// Takes data too far from what is expected to be believed at once. Segments that follow one another
    /// there are: one that does if the acknowledgement is plausible, else three.
    fn far(
        &mut self,
        side: Side,
        (seq, acked): (u32, Option<u64>),
        segment: &Segment<'_>,
        work: &mut Work<'_>,
        emit: &mut impl FnMut(StreamEvent<'_>),
    ) -> Outcome {
        let missing = segment.meta.missing;
        let end = at(seq, length(segment.payload).saturating_add(u64::from(missing)));
        // The other side said where this one begins, in its SYN or behind it.
        let agreed = self.half(side.other()).syn;
        let half = self.half_mut(side);
        if half.fin != 0 {
            return Outcome::Implausible;
        }
        if half.next == 0 && half.hole.is_none() && !half.syn && !agreed {
            // The base was only taken from an acknowledgement, and of a stale or a foreign segment.
            half.acked = 0;
            self.set_base(side, seq);
        } else {
            let jump = half.jump.filter(|jump| seq.wrapping_sub(jump.seq) < FOLLOWS);
            let segments = jump.map_or(0, |jump| jump.segments).saturating_add(1);
            if segments < if acked.is_some() { 2 } else { 4 } {
                half.jump = Some(Jump { seq: end, segments });
                return Outcome::Implausible;
            }
            half.jump = None;
            while let Some(start) =
                self.half(side).hole.as_ref().and_then(|hole| hole.first()).map(|chunk| chunk.start)
            {
                self.skip(side, start, work, emit);
                self.drain(side, work, emit);
            }
            self.resume(side, seq, work, emit);
        }
        self.deliver(side, segment.payload, (work.time, acked, true), work, emit);
        let next = self.half(side).next;
        self.drain(side, work, emit);
        self.cut_to(side, next.saturating_add(u64::from(missing)), work);
        Outcome::Data
    }

    /// Goes on at number `seq`, far from what is expected.
    fn resume(
        &mut self,
        side: Side,
        seq: u32,
        work: &mut Work<'_>,
        emit: &mut impl FnMut(StreamEvent<'_>),
    ) {
        let next = self.half(side).next;
        let expected = self.base(side).map_or(seq, |base| at(base, next));
        let ahead = distance(expected, seq);
        if ahead >= 0 {
            return self.skip(
                side,
                next.saturating_add(u64::from(ahead.unsigned_abs())),
                work,
                emit,
            );
        }
        // Four gigabytes were not lost: what was believed before was wrong. Say that there is a break.
        let next = next.saturating_add(1);
        self.skip(side, next, work, emit);
        self.set_base(side, at(seq, next.wrapping_neg()));
        let half = self.half_mut(side);
        half.acked = next;
        if let Some(hole) = half.hole.take() {
            work.pool.give_hole(hole);
        }
    }

    /// Notes that the sender had come to position `come`: a hole is before it, if that is not reached.
    /// `claimed`: only by the length of a segment.
    fn come_to(&mut self, side: Side, come: u64, claimed: bool, work: &mut Work<'_>) {
        let half = self.half_mut(side);
        if come <= half.next {
            return;
        }
        let hole = half.hole.get_or_insert_with(|| work.pool.hole());
        if come > hole.end() {
            let facts = Facts {
                time: work.time,
                clock: work.clock,
                acked: None,
                segment_start: false,
                claimed,
                missing: 0,
            };
            let before = hole.cost;
            hole.hold(come, &[], facts, work.pool);
            *work.held = work.held.saturating_add(hole.cost).saturating_sub(before);
        }
    }

    /// Notes that a segment claimed bytes up to `end` that were not captured. They may yet come: from another
    /// view, or because the claim was wrong.
    fn cut_to(&mut self, side: Side, end: u64, work: &mut Work<'_>) {
        if end <= self.half(side).next {
            return;
        }
        self.come_to(side, end, true, work);
        if let Some(hole) = self.half_mut(side).hole.as_deref_mut() {
            hole.cut = hole.cut.max(end);
        }
    }

    /// Delivers held bytes that are next.
    fn drain(&mut self, side: Side, work: &mut Work<'_>, emit: &mut impl FnMut(StreamEvent<'_>)) {
        loop {
            let half = self.half_mut(side);
            let next = half.next;
            let first = half.hole.as_ref().and_then(|hole| hole.first()).map(|chunk| chunk.start);
            if first.is_none_or(|start| start > next) {
                return;
            }
            let Some(hole) = half.hole.as_deref_mut() else { return };
            let before = hole.cost;
            let Some(chunk) = hole.pop() else { return };
            hole.progress = work.clock;
            *work.held = work.held.saturating_sub(before.saturating_sub(hole.cost));
            let old = next.saturating_sub(chunk.start);
            let bytes = usize::try_from(old)
                .ok()
                .and_then(|old| chunk.bytes.get(old..))
                .unwrap_or_default();
            let facts = chunk.facts;
            work.counts.reordered_bytes = work.counts.reordered_bytes.saturating_add(length(bytes));
            self.deliver(
                side,
                bytes,
                (facts.time, facts.acked, facts.segment_start && old == 0),
                work,
                emit,
            );
            self.cut_to(side, chunk.end().saturating_add(u64::from(facts.missing)), work);
            work.pool.give(chunk.bytes);
        }
    }

    fn is_over_limit(&self, side: Side, work: &Work<'_>) -> bool {
        let cost = |side| self.half(side).hole.as_ref().map_or(0, |hole| hole.cost);
        let own = cost(side);
        let walked = self.half(side).hole.as_ref().map_or(0, |hole| hole.walked);
        walked > WALKED_MAX
            || own > work.limits.direction
            || own.saturating_add(cost(side.other())) > work.limits.connection
            || *work.held > work.limits.memory
    }

    fn is_overdue(&self, side: Side, work: &Work<'_>) -> bool {
        let first = self.half(side).hole.as_ref().and_then(|hole| hole.first());
        first.is_some_and(|chunk| {
            work.clock.saturating_sub(chunk.facts.clock) >= self.age_max(work.limits)
        })
    }

    /// Drops the first held bytes if they cannot be the stream's: it moves, its receiver has not come to
    /// them, and nobody sends so long ahead of time. Giving up the hole before them would end the stream.
    fn discards(&mut self, side: Side, work: &mut Work<'_>) -> bool {
        if !self.half(side.other()).seen {
            return false;
        }
        let half = self.half_mut(side);
        let (acked, fin) = (half.acked, half.fin());
        let Some(hole) = half.hole.as_deref_mut() else { return false };
        let moving = hole.progress > 0 && work.clock.saturating_sub(hole.progress) < MOVING;
        if !moving || fin.is_some() || hole.first().is_none_or(|chunk| chunk.start < acked) {
            return false;
        }
        let before = hole.cost;
        if let Some(chunk) = hole.pop() {
            work.counts.bytes_implausible =
                work.counts.bytes_implausible.saturating_add(length(&chunk.bytes));
            work.pool.give(chunk.bytes);
        }
        *work.held = work.held.saturating_sub(before.saturating_sub(hole.cost));
        true
    }

    /// The other side ended, and acknowledged one more than all data: the FIN was not captured.
    fn infer_fin(&mut self, side: Side) {
        if self.half(side.other()).is_done() {
            let half = self.half_mut(side);
            half.fin = half.next.saturating_add(1);
            half.acked = half.next;
        }
    }

    /// Emits `bytes` of `side`, which are the next.
    fn deliver(
        &mut self,
        side: Side,
        bytes: &[u8],
        (time, acked, segment_start): (Timestamp, Option<u64>, bool),
        work: &mut Work<'_>,
        emit: &mut impl FnMut(StreamEvent<'_>),
    ) {
        if bytes.is_empty() {
            return;
        }
        let half = self.half_mut(side);
        let offset = half.next;
        half.next = offset.saturating_add(length(bytes));
        work.counts.data_bytes = work.counts.data_bytes.saturating_add(length(bytes));
        self.tell(
            time,
            StreamEventKind::Data { side, offset, acked, segment_start, bytes },
            work,
            emit,
        );
    }

    /// Emits a gap of `side` up to `end`.
    fn skip(
        &mut self,
        side: Side,
        end: u64,
        work: &mut Work<'_>,
        emit: &mut impl FnMut(StreamEvent<'_>),
    ) {
        let half = self.half_mut(side);
        let offset = half.next;
        let len = end.saturating_sub(offset);
        if len == 0 {
            return;
        }
        half.next = end;
        bump(&mut work.counts.gaps);
        work.counts.gap_bytes = work.counts.gap_bytes.saturating_add(len);
        self.tell(work.time, StreamEventKind::Gap { side, offset, len }, work, emit);
    }
}
