//! Owned segments: what capture threads send to workers.

use std::ops::Range;

use super::{Segment, SegmentMeta};
use crate::time::Timestamp;
use crate::wipe::wipe;
use zeroize::Zeroizing;

/// Segments with their payloads, in two allocations that are kept when the batch is cleared.
///
/// No `Debug`: it holds raw traffic.
#[derive(Default)]
pub struct Batch {
    /// Capture time up to which the sender has seen packets, so that workers can expire idle connections
    /// even when nothing came for them.
    pub now: Timestamp,
    segments: Vec<(SegmentMeta, Range<usize>)>,
    arena: Zeroizing<Vec<u8>>,
}

impl Batch {
    /// A batch with room for `segments` segments and `bytes` payload bytes in all.
    #[must_use]
    pub fn with_capacity(segments: usize, bytes: usize) -> Self {
        Self {
            now: Timestamp::ZERO,
            segments: Vec::with_capacity(segments),
            arena: Zeroizing::new(Vec::with_capacity(bytes)),
        }
    }

    /// Copies a segment in, behind those already there.
    pub fn push(&mut self, segment: &Segment<'_>) {
        let start = self.arena.len();
        self.arena.extend_from_slice(segment.payload);
        self.segments.push((segment.meta, start..self.arena.len()));
        self.now = self.now.max(segment.meta.time);
    }

    /// The segments, in the order they were pushed.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Segment<'_>> {
        self.segments.iter().map(|(meta, range)| Segment {
            meta: *meta,
            payload: self.arena.get(range.clone()).unwrap_or_default(),
        })
    }

    /// The segment at `index`, counted from 0.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Segment<'_>> {
        let (meta, range) = self.segments.get(index)?;
        Some(Segment { meta: *meta, payload: self.arena.get(range.clone()).unwrap_or_default() })
    }

    /// Number of segments.
    #[must_use]
    pub fn len(&self) -> usize {
        self.segments.len()
    }

    /// Whether there is no segment.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// Payload bytes held.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.arena.len()
    }

    /// Memory held, in bytes, used or not.
    #[must_use]
    pub fn capacity_bytes(&self) -> usize {
        let segment = size_of::<(SegmentMeta, Range<usize>)>();
        self.segments.capacity().saturating_mul(segment).saturating_add(self.arena.capacity())
    }

    /// Forgets the segments, overwrites their payloads, and keeps the memory.
    pub fn clear(&mut self) {
        self.segments.clear();
        wipe(&mut self.arena);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    #[test]
    fn segments_come_back_in_order() {
        let mut batch = Batch::with_capacity(2, 8);
        for round in 0..2 {
            for (n, payload) in [&b"one"[..], b"", b"three"].into_iter().enumerate() {
                let meta = testing::meta(Timestamp::new(10 - u64::try_from(n).unwrap(), 0));
                batch.push(&Segment { meta, payload });
            }
            let payloads: Vec<_> = batch.iter().map(|segment| segment.payload.to_vec()).collect();
            assert_eq!(payloads, [&b"one"[..], b"", b"three"], "round {round}");
            assert_eq!((batch.len(), batch.bytes(), batch.now), (3, 8, Timestamp::new(10, 0)));
            batch.clear();
            assert!(batch.is_empty());
        }
    }
}
