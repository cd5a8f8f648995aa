//! What comes behind an end or a reset that may have come to nothing.
//!
//! Whoever looks on cannot know whether the receiver believed it (see [`super::reset`]); only its next acknowledgement
//! tells. What was sent until then is kept, a little of each connection: else a forged end or reset in front of a request
//! would hide it. The connection that goes on is told as one joined midway, and begins with that.

use zeroize::Zeroizing;

use super::Side;
use super::connection::{Conn, Work};
use super::hole::length;
use super::sequence::{at, distance};
use crate::decap::{Segment, SegmentMeta};

/// Most segments kept of a connection, and most of their bytes.
const SEGMENTS_MAX: usize = 16;
const BYTES_MAX: u64 = 64 << 10;
/// Charged for each besides its bytes.
const SEGMENT_COST: u64 = 256;

/// What is kept of one connection.
#[derive(Default)]
pub(super) struct Late {
    pub(super) segments: Vec<(SegmentMeta, Zeroizing<Vec<u8>>)>,
    /// Bytes charged for it.
    pub(super) cost: u64,
}

impl Conn {
    /// Keeps a segment of `side` that lies behind its end, as far as there is room.
    pub(super) fn keep_late(&mut self, side: Side, segment: &Segment<'_>, work: &mut Work<'_>) {
        let Some(base) = self.base(side) else { return };
        let come = self.reset.as_ref().map_or(self.half(side).next, |reset| reset.come_of(side));
        let behind = distance(at(base, come), segment.meta.seq) >= 0;
        let cost = length(segment.payload).saturating_add(SEGMENT_COST);
        let room = work.limits.memory.saturating_sub(*work.held);
        let kept = self.late.as_ref();
        let full = kept.is_some_and(|late| {
            let repeated = |(meta, _): &(SegmentMeta, _)| meta.seq == segment.meta.seq;
            late.segments.len() >= SEGMENTS_MAX
                || late.cost.saturating_add(cost) > BYTES_MAX
                || late.segments.iter().any(repeated)
        });
        if !behind || full || cost > room.min(BYTES_MAX) {
            return;
        }
        let late = self.late.get_or_insert_default();
        late.segments.push((segment.meta, Zeroizing::new(segment.payload.to_vec())));
        late.cost = late.cost.saturating_add(cost);
        *work.held = work.held.saturating_add(cost);
    }
}
