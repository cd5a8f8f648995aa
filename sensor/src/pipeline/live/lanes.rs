//! Several capture threads' segments, brought into the order of their capture times.
//!
//! The two directions of a connection may come through two threads, whose batches arrive one after the
//! other. Taken as they arrive, acknowledgements would overtake what they acknowledge.

use std::collections::VecDeque;
use std::time::Duration;

use crate::decap::Segment;
use crate::decap::batch::Batch;
use crate::time::Timestamp;

/// A capture thread that is this far behind the others is not waited for.
const BEHIND_MAX: Duration = Duration::from_millis(300);
/// A thread whose time goes back further than this had its clock set.
const SET_BACK: Duration = Duration::from_secs(1);
/// Nor is any while this many batches wait.
const WAITING_MAX: usize = 64;

/// One lane for each capture thread.
pub(super) struct Lanes {
    lanes: Vec<Lane>,
}

#[derive(Default)]
struct Lane {
    batches: VecDeque<Batch>,
    /// Segments of the first batch already taken.
    taken: usize,
    /// Up to when the thread has seen packets.
    seen: Timestamp,
}

impl Lane {
    fn next(&self) -> Option<Segment<'_>> {
        self.batches.front()?.get(self.taken)
    }
}

impl Lanes {
    pub(super) fn new(threads: usize) -> Self {
        Self { lanes: (0..threads).map(|_| Lane::default()).collect() }
    }

    /// Puts a thread's batch behind those before it. `seen`: up to when the thread has seen packets.
    pub(super) fn push(&mut self, thread: usize, batch: Batch, seen: Timestamp) {
        let Some(lane) = self.lanes.get_mut(thread) else { return };
        let set_back = lane.seen.since(seen) > SET_BACK;
        lane.seen = if set_back { seen } else { seen.max(lane.seen) };
        if !batch.is_empty() {
            lane.batches.push_back(batch);
        }
    }

    /// Up to when every thread has seen packets that is not too far behind.
    pub(super) fn now(&self) -> Timestamp {
        let newest = self.lanes.iter().map(|lane| lane.seen).max().unwrap_or_default();
        let near = self.lanes.iter().filter(|lane| newest.since(lane.seen) <= BEHIND_MAX);
        near.map(|lane| lane.seen).min().unwrap_or(newest)
    }

    /// Takes segments in order, as far as no earlier one can still come; with `all`, all of them. Batches that
    /// are used up are given back.
    pub(super) fn take(
        &mut self,
        all: bool,
        segment: &mut impl FnMut(&Segment<'_>),
        spent: &mut impl FnMut(Batch),
    ) {
        let now = self.now();
        let mut waiting: usize = self.lanes.iter().map(|lane| lane.batches.len()).sum();
        loop {
            let first = self.lanes.iter_mut().filter(|lane| lane.next().is_some());
            let Some(lane) = first.min_by_key(|lane| lane.next().map(|next| next.meta.time)) else {
                return;
            };
            let Some(next) = lane.next() else { return };
            if !all && waiting <= WAITING_MAX && next.meta.time > now {
                return;
            }
            segment(&next);
            lane.taken = lane.taken.saturating_add(1);
            if lane.next().is_none() {
                lane.taken = 0;
                waiting = waiting.saturating_sub(1);
                lane.batches.pop_front().into_iter().for_each(&mut *spent);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::decap::testing;

    const MILLI: u64 = 1_000_000;

    fn batch(times: &[u64]) -> Batch {
        let mut batch = Batch::default();
        for time in times {
            let meta = testing::meta(Timestamp::from_nanos(time * MILLI));
            batch.push(&Segment { meta, payload: b"x" });
        }
        batch
    }

    fn take(lanes: &mut Lanes, all: bool) -> Vec<u64> {
        let mut times = Vec::new();
        lanes.take(all, &mut |segment| times.push(segment.meta.time.nanos() / MILLI), &mut drop);
        times
    }

    fn at(milli: u64) -> Timestamp {
        Timestamp::from_nanos(milli * MILLI)
    }

    #[test]
    fn segments_wait_for_threads_that_may_have_earlier_ones() {
        let mut lanes = Lanes::new(2);
        lanes.push(0, Batch::default(), at(100));
        lanes.push(1, batch(&[101, 105, 120]), at(120));
        assert_eq!(take(&mut lanes, false), [0_u64; 0]);
        lanes.push(0, batch(&[103, 104]), at(110));
        assert_eq!(take(&mut lanes, false), [101, 103, 104, 105]);
        assert_eq!(lanes.now(), at(110));
        assert_eq!(take(&mut lanes, true), [120]);
    }

    #[test]
    fn a_thread_far_behind_is_not_waited_for() {
        let mut lanes = Lanes::new(2);
        lanes.push(0, Batch::default(), at(100));
        lanes.push(1, batch(&[300, 399]), at(399));
        assert_eq!(take(&mut lanes, false), [0_u64; 0]);
        lanes.push(1, batch(&[401]), at(401));
        assert_eq!(take(&mut lanes, false), [300, 399, 401]);
    }

    #[test]
    fn waiting_is_bounded() {
        let mut lanes = Lanes::new(2);
        lanes.push(0, Batch::default(), at(100));
        for time in 101..101 + 70 {
            lanes.push(1, batch(&[time]), at(time));
        }
        assert_eq!(take(&mut lanes, false).len(), 70 - WAITING_MAX);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_order_is_kept(
            gaps in prop::collection::vec((0..3_usize, 0_u64..20, 1..5_usize), 0..60),
        ) {
            let mut lanes = Lanes::new(3);
            let mut now = [1000_u64; 3];
            (0..3).for_each(|thread| lanes.push(thread, Batch::default(), at(999)));
            let (mut pushed, mut out) = (0, Vec::new());
            for (thread, gap, n) in gaps {
                let times: Vec<u64> = (0..n as u64).map(|i| now[thread] + gap + i).collect();
                now[thread] += gap + n as u64;
                pushed += n;
                lanes.push(thread, batch(&times), at(now[thread] - 1));
                out.extend(take(&mut lanes, false));
            }
            let ordered = now.iter().max().unwrap() - now.iter().min().unwrap() < 290;
            out.extend(take(&mut lanes, true));
            prop_assert_eq!(out.len(), pushed);
            prop_assert!(!ordered || out.is_sorted());
        }
    }
}
