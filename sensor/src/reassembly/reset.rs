//! Resets and ends that came to nothing.
//!
//! Whoever looks on cannot know whether a reset was believed: its number may not be the very next (RFC 5961 §3.2), or it
//! never reached the receiver. Who believed it, or sent it, acknowledges nothing any more. So a connection goes
//! on when one end acknowledges what the other sent behind the reset.

use super::Side;
use super::connection::{Conn, Jump, Work};
use super::hole::length;
use super::sequence::{WINDOW, at, position};
use crate::decap::{Segment, SegmentMeta, TcpFlags};

/// A reset that was seen, and may hold.
pub(super) struct Reset {
    /// Clock of the first.
    pub(super) clock: u64,
    /// How far either side had come by then.
    come: [u64; 2],
    /// Who sent the last, and with what numbers.
    side: Side,
    meta: SegmentMeta,
}

impl Conn {
    /// Takes note of a reset. What its numbers say of the streams counts once it holds.
    pub(super) fn note_reset(&mut self, side: Side, meta: &SegmentMeta, clock: u64) {
        let come = self.halves.each_ref().map(|half| half.next.max(half.acked));
        let first = self.reset.take();
        let (clock, come) = first.map_or((clock, come), |first| (first.clock, first.come));
        self.reset = Some(Box::new(Reset { clock, come, side, meta: *meta }));
    }

    /// The connection ends: a reset that was seen is one.
    pub(super) fn believe_reset(&mut self, work: &mut Work<'_>) {
        let Some((side, meta)) = self.reset.as_ref().map(|reset| (reset.side, reset.meta)) else {
            return;
        };
        self.acknowledge(side, &meta, work);
        self.bare(side, &meta, work);
    }

    /// Forgets a reset when `side` acknowledges up to `acked` what the other side sent behind it.
    pub(super) fn outlive(&mut self, side: Side, acked: Option<u64>) {
        let (Some(reset), Some(acked)) = (&self.reset, acked) else { return };
        if acked > reset.come_of(side.other()) && acked <= self.half(side.other()).next {
            self.reset = None;
        }
    }

    /// Takes note of data behind a reset that closed the connection.
    pub(super) fn note_late(&mut self, side: Side, segment: &Segment<'_>, work: &mut Work<'_>) {
        if self.reset.is_some() {
            self.keep_late(side, segment, work);
            let len = length(segment.payload).saturating_add(u64::from(segment.meta.missing));
            self.half_mut(side).jump = Some(Jump { seq: at(segment.meta.seq, len), segments: 0 });
        }
    }

    /// Whether a segment from `side` acknowledges data behind a reset that closed the connection.
    pub(super) fn outlived(&self, side: Side, meta: &SegmentMeta) -> bool {
        let other = side.other();
        let half = self.half(other);
        let (Some(reset), Some(base), Some(late)) = (&self.reset, self.base(other), half.jump)
        else {
            return false;
        };
        let come = reset.come_of(other);
        meta.flags.has(TcpFlags::ACK)
            && meta.ack == late.seq
            && position(base, come, meta.ack).is_some_and(|acked| acked > come)
    }
}

impl Conn {
    /// Whether a segment from `side` acknowledges data behind the end of the other side: its FIN never reached the
    /// receiver, or was another's. Its stream was told to be over, so the connection is joined midway (see [`super::late`]).
    pub(super) fn outlived_end(&self, side: Side, meta: &SegmentMeta) -> bool {
        let other = side.other();
        let half = self.half(other);
        let (Some(fin), Some(base)) = (half.fin(), self.base(other)) else { return false };
        // The FIN itself takes one number.
        let behind = fin.saturating_add(1);
        meta.flags.has(TcpFlags::ACK)
            && position(base, fin, meta.ack)
                .is_some_and(|acked| acked > behind && acked.saturating_sub(fin) <= WINDOW)
    }
}

impl Reset {
    /// How far `side` had come by then.
    pub(super) fn come_of(&self, side: Side) -> u64 {
        let [a, b] = self.come;
        match side {
            Side::A => a,
            Side::B => b,
        }
    }
}
