//! What waits behind a hole, and what is known of the hole.

use std::collections::{BTreeMap, VecDeque};

use super::config::Limits;
use crate::time::Timestamp;
use crate::wipe::wipe;
use zeroize::Zeroizing;

/// Charged for each held chunk besides its buffer: map node, vector, facts.
const CHUNK_COST: u64 = 128;

/// Chunks looked at to hold what overlaps them, after which a hole is given up: some milliseconds. Segments as they are sent
/// and sent again look at one or two each; only many small ones that are covered again and again come to this.
pub(super) const WALKED_MAX: u32 = 1 << 16;

/// One side's bytes that cannot be delivered yet.
#[derive(Default)]
pub(super) struct Hole {
    /// By position; they do not overlap.
    chunks: BTreeMap<u64, Chunk>,
    /// Bytes charged for `chunks`.
    pub(super) cost: u64,
    /// Chunks looked at since there were none.
    pub(super) walked: u32,
    /// Acknowledgements beyond what was seen, in order of arrival and value, still in their grace.
    marks: VecDeque<Mark>,
    /// The receiver has everything below this, and a reordered capture would have shown it by now.
    pub(super) sure: u64,
    /// What is missing below this was on the wire, by the length its segment claimed, but was not captured.
    pub(super) cut: u64,
    /// Clock when bytes were last delivered in order while others were held.
    pub(super) progress: u64,
}

/// Bytes held, with the facts of the segment that carried them.
pub(super) struct Chunk {
    pub(super) start: u64,
    /// Empty: nothing but the knowledge that the sender had come to `start`.
    pub(super) bytes: Zeroizing<Vec<u8>>,
    pub(super) facts: Facts,
}

/// Facts of a carrying segment.
#[derive(Clone, Copy)]
pub(super) struct Facts {
    /// Capture time.
    pub(super) time: Timestamp,
    /// The stage's clock on arrival.
    pub(super) clock: u64,
    /// What it acknowledged of the other side.
    pub(super) acked: Option<u64>,
    /// Whether a segment began at the first byte.
    pub(super) segment_start: bool,
    /// Whether an empty chunk is known of only by the length that a segment claimed.
    pub(super) claimed: bool,
    /// Bytes behind the last that were on the wire but not captured.
    pub(super) missing: u32,
}

#[derive(Clone, Copy)]
struct Mark {
    acked: u64,
    clock: u64,
    segments: u32,
}

/// What came of holding a segment.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Held {
    /// Whether it brought anything new.
    pub(super) new: bool,
    /// Whether it differed from bytes held before.
    pub(super) conflict: bool,
}

impl Chunk {
    pub(super) fn end(&self) -> u64 {
        self.start.saturating_add(length(&self.bytes))
    }

    fn cost(&self) -> u64 {
        CHUNK_COST.saturating_add(u64::try_from(self.bytes.capacity()).unwrap_or(u64::MAX))
    }
}

impl Hole {
    /// Holds the parts of `bytes` at `start` that are not held yet: the first copy wins.
    ///
    /// Without bytes it holds the knowledge that the sender had come to `start`.
    pub(super) fn hold(&mut self, start: u64, bytes: &[u8], facts: Facts, pool: &mut Pool) -> Held {
        let end = start.saturating_add(length(bytes));
        let mut lost_to = end.saturating_add(u64::from(facts.missing));
        let mut held = Held { new: lost_to > self.end(), conflict: false };
        let plain =
            |at| Facts { segment_start: facts.segment_start && at == start, missing: 0, ..facts };
        let mut at = start;
        while at < end {
            self.walked = self.walked.saturating_add(1);
            let (from, to) = self.next_chunk(at, end).unwrap_or((end, end));
            if from > at {
                self.add(at, part(bytes, start, at, from), plain(at), pool);
                held.new = true;
                at = from;
            } else if from == to {
                // Bytes take the place of mere knowledge.
                if let Some(marker) = self.take(from) {
                    lost_to = lost_to.max(from.saturating_add(u64::from(marker.facts.missing)));
                }
            } else {
                let high = to.min(end);
                let old = self
                    .chunks
                    .get(&from)
                    .map_or(&[][..], |chunk| part(&chunk.bytes, from, at, high));
                held.conflict |= old != part(bytes, start, at, high);
                at = to;
            }
        }
        if start == end && self.chunk_at(start).is_none() {
            self.add(start, &[], plain(start), pool);
        }
        self.lose(end, lost_to);
        held
    }

    /// Takes the chunk that comes first.
    pub(super) fn pop(&mut self) -> Option<Chunk> {
        let (_, chunk) = self.chunks.pop_first()?;
        self.cost = self.cost.saturating_sub(chunk.cost());
        if self.chunks.is_empty() {
            self.walked = 0;
        }
        Some(chunk)
    }

    /// The chunk that comes first.
    pub(super) fn first(&self) -> Option<&Chunk> {
        self.chunks.first_key_value().map(|(_, chunk)| chunk)
    }

    /// Position behind the last byte known of.
    pub(super) fn end(&self) -> u64 {
        self.chunks
            .last_key_value()
            .map_or(0, |(_, chunk)| chunk.end().saturating_add(u64::from(chunk.facts.missing)))
    }

    /// Position behind the last byte held, or that the sender is known to have come to otherwise than by
    /// the length that a segment claimed.
    pub(super) fn certain_end(&self) -> u64 {
        let certain = |chunk: &&Chunk| !chunk.bytes.is_empty() || !chunk.facts.claimed;
        self.chunks.values().rev().find(certain).map_or(0, Chunk::end)
    }

    /// Forgets what was claimed beyond `end`, where the stream ends.
    pub(super) fn end_at(&mut self, end: u64) {
        self.cut = self.cut.min(end);
        while let Some(entry) = self.chunks.last_entry() {
            let chunk = entry.get();
            if !chunk.bytes.is_empty() || chunk.start <= end {
                break;
            }
            let start = chunk.start;
            self.take(start);
        }
        if let Some(mut entry) = self.chunks.last_entry() {
            let room = end.saturating_sub(entry.get().end());
            let missing = &mut entry.get_mut().facts.missing;
            *missing = (*missing).min(u32::try_from(room).unwrap_or(u32::MAX));
        }
    }

    /// Takes note that the other side acknowledged everything below `acked`.
    pub(super) fn acknowledge(&mut self, acked: u64, clock: u64, segments: u32, limits: &Limits) {
        let mark = Mark { acked, clock, segments };
        let most = usize::try_from(limits.grace_segments).unwrap_or(usize::MAX).max(1);
        let full = self.marks.len() > most;
        match self.marks.back_mut() {
            Some(last) if last.acked >= acked => {}
            // Joining two marks takes the later time: never too early.
            Some(last) if full => *last = mark,
            _ => self.marks.push_back(mark),
        }
    }

    /// Moves acknowledgements whose grace is over to `sure`. `segments`: of the connection so far, where
    /// they count as grace.
    pub(super) fn ripen(&mut self, clock: u64, segments: Option<u32>, limits: &Limits) {
        while let Some(&mark) = self.marks.front() {
            let late = clock.saturating_sub(mark.clock) >= limits.grace;
            let passed = segments
                .is_some_and(|now| now.wrapping_sub(mark.segments) >= limits.grace_segments);
            if !late && !passed {
                break;
            }
            self.sure = self.sure.max(mark.acked);
            self.marks.pop_front();
        }
    }

    /// Clock at which something here is due: a grace, or the age of the first chunk.
    pub(super) fn due(&self, age: u64, limits: &Limits) -> u64 {
        let grace =
            self.marks.front().map_or(u64::MAX, |mark| mark.clock.saturating_add(limits.grace));
        let age = self.first().map_or(u64::MAX, |chunk| chunk.facts.clock.saturating_add(age));
        grace.min(age)
    }

    /// Whether nothing waits that lies beyond `next`, on a side that ends at `end`.
    pub(super) fn is_over(&self, next: u64, end: u64) -> bool {
        let known = self.marks.back().map_or(self.sure, |mark| mark.acked.max(self.sure));
        self.chunks.is_empty() && known.min(end) <= next
    }

    /// The first chunk that reaches into or begins in `at..end`.
    fn next_chunk(&self, at: u64, end: u64) -> Option<(u64, u64)> {
        let before = self
            .chunks
            .range(..at)
            .next_back()
            .map(|(_, chunk)| chunk)
            .filter(|chunk| chunk.end() > at);
        let chunk = before.or_else(|| self.chunks.range(at..end).next().map(|(_, chunk)| chunk))?;
        Some((chunk.start, chunk.end()))
    }

    /// The chunk that holds or begins at `position`.
    fn chunk_at(&self, position: u64) -> Option<u64> {
        let (&start, chunk) = self.chunks.range(..=position).next_back()?;
        (start == position || chunk.end() > position).then_some(start)
    }

    fn add(&mut self, start: u64, bytes: &[u8], facts: Facts, pool: &mut Pool) {
        let chunk = Chunk { start, bytes: pool.fill(bytes), facts };
        self.cost = self.cost.saturating_add(chunk.cost());
        self.chunks.insert(start, chunk);
    }

    fn take(&mut self, start: u64) -> Option<Chunk> {
        let chunk = self.chunks.remove(&start)?;
        self.cost = self.cost.saturating_sub(chunk.cost());
        Some(chunk)
    }

    /// Notes that what follows `end` was on the wire up to `lost_to`, but cut off by the snap length.
    fn lose(&mut self, end: u64, lost_to: u64) {
        if lost_to <= end {
            return;
        }
        if let Some((_, chunk)) = self.chunks.range_mut(..=end).next_back() {
            let missing = u32::try_from(lost_to.saturating_sub(chunk.end())).unwrap_or(u32::MAX);
            chunk.facts.missing = chunk.facts.missing.max(missing);
        }
    }
}

/// Buffers and holes to be used again.
#[derive(Default)]
pub(super) struct Pool {
    free: Vec<Zeroizing<Vec<u8>>>,
    #[allow(clippy::vec_box, reason = "a hole moves in and out of a connection as one pointer")]
    holes: Vec<Box<Hole>>,
}

impl Pool {
    /// Buffers kept for use again: 256 of at most 2 KiB.
    const BUFFERS: usize = 256;
    const CAPACITY: usize = 2048;

    fn fill(&mut self, bytes: &[u8]) -> Zeroizing<Vec<u8>> {
        if bytes.is_empty() || bytes.len() > Self::CAPACITY {
            return Zeroizing::new(bytes.to_vec());
        }
        let mut buffer = self.free.pop().unwrap_or_default();
        buffer.extend_from_slice(bytes);
        buffer
    }

    pub(super) fn give(&mut self, mut buffer: Zeroizing<Vec<u8>>) {
        if self.free.len() < Self::BUFFERS && (1..=Self::CAPACITY).contains(&buffer.capacity()) {
            wipe(&mut buffer);
            self.free.push(buffer);
        }
    }

    pub(super) fn hole(&mut self) -> Box<Hole> {
        self.holes.pop().unwrap_or_default()
    }

    pub(super) fn give_hole(&mut self, mut hole: Box<Hole>) {
        while let Some(chunk) = hole.pop() {
            self.give(chunk.bytes);
        }
        if self.holes.len() < Self::BUFFERS {
            hole.marks.clear();
            *hole = Hole { marks: std::mem::take(&mut hole.marks), ..Hole::default() };
            self.holes.push(hole);
        }
    }
}

/// `bytes` begin at `start`: those from position `from` to position `to`.
fn part(bytes: &[u8], start: u64, from: u64, to: u64) -> &[u8] {
    let index =
        |position: u64| usize::try_from(position.saturating_sub(start)).unwrap_or(usize::MAX);
    bytes.get(index(from)..index(to).min(bytes.len())).unwrap_or_default()
}

pub(super) fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
