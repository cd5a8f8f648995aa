//! Connections that go on behind what seemed to be their end.

use super::super::connection::Conn;
use super::super::counts::Outcome;
use super::super::sequence::{NEAR, at as number_at, distance};
use super::super::{CloseReason, Side, StreamEvent};
use super::{Arrival, Reassembler, Stamp};
use crate::decap::Segment;

impl Reassembler {
    /// Ends the connection `at`; one takes its place that begins with what was kept of it, and goes on with a segment.
    pub(super) fn reopen(
        &mut self,
        at: u32,
        arrival: &mut Arrival<'_>,
        emit: &mut impl FnMut(StreamEvent<'_>),
    ) -> Outcome {
        let late = self.table.get_mut(at).and_then(|conn| conn.late.take());
        self.held = self.held.saturating_sub(late.as_ref().map_or(0, |late| late.cost));
        self.close(at, CloseReason::Reused, arrival.stamp, emit);
        self.remove(at);
        let Some(late) = late else { return self.unknown(arrival, emit) };
        for (meta, bytes) in &late.segments {
            let segment = Segment { meta: *meta, payload: bytes };
            let (_, reversed) = meta.flow.canonical();
            let stamp = Stamp { time: Some(meta.time), ..arrival.stamp };
            let (segment, has_bytes, print, copy, viewed) = (&segment, true, None, false, false);
            self.again(
                &mut Arrival { segment, reversed, has_bytes, print, copy, viewed, stamp },
                emit,
            );
        }
        self.again(arrival, emit)
    }

    fn again(
        &mut self,
        arrival: &mut Arrival<'_>,
        emit: &mut impl FnMut(StreamEvent<'_>),
    ) -> Outcome {
        let flow = arrival.segment.meta.flow.canonical().0;
        let head = self.table.head(self.table.hash(&flow), &flow);
        self.place(head, arrival, emit)
    }
}

/// Whether a segment for a closed connection begins a new one on the same ports, whose SYN was not seen.
pub(super) fn reopens(conn: &Conn, side: Side, arrival: &Arrival<'_>) -> bool {
    let Some(base) = conn.base(side) else { return arrival.has_bytes };
    let ahead = distance(number_at(base, conn.half(side).next), arrival.segment.meta.seq);
    // After a reset the peer's data may be on its way still.
    let most = if conn.reset.is_none() { 0 } else { NEAR };
    let far = u64::from(ahead.unsigned_abs()) > if ahead > 0 { most } else { NEAR };
    arrival.has_bytes && far && !arrival.copy
}
