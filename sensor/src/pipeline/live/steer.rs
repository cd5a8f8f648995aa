//! A capture thread: decapsulates, and steers segments to the worker that owns their flow.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TrySendError};

use super::{BATCH_BYTES, BATCH_SEGMENTS, BATCH_TIME, Share, Source, TELL, Thread, number};
use crate::capture::live::Event;
use crate::decap::batch::Batch;
use crate::decap::{Decap, Segment, owner};
use crate::pipeline::{Counts, count, named};
use crate::record;
use crate::time::Timestamp;

/// While no packets wait, batches are sent this often at most: sparse traffic does not make a batch of each packet.
const IDLE_TIME: Duration = Duration::from_millis(5);
/// Packets that are older than those before by more than this: the clock was set back.
const SET_BACK: Duration = Duration::from_secs(1);

/// A capture thread's batches.
pub(super) struct Steer {
    thread: Thread,
    workers: Vec<Sender<Share>>,
    recycled: Receiver<Batch>,
    batches: Vec<Batch>,
    /// Interfaces that the workers have been told of.
    interfaces: usize,
    /// Up to when packets have been seen, as last told.
    seen: Timestamp,
    flushed: Instant,
    /// Changes of the inner filter that were followed.
    filters: u64,
}

impl Steer {
    pub(super) fn new(
        thread: Thread,
        workers: Vec<Sender<Share>>,
        recycled: Receiver<Batch>,
    ) -> Self {
        let batches = workers.iter().map(|_| Batch::default()).collect();
        Self {
            thread,
            workers,
            recycled,
            batches,
            interfaces: 0,
            seen: Timestamp::ZERO,
            flushed: Instant::now(),
            filters: 0,
        }
    }

    pub(super) fn run(mut self, mut source: impl Source, mut decap: Decap) {
        let mut counts = Counts::default();
        let mut told = Instant::now();
        let mut ordinal = 0_u64;
        while !self.thread.shared.stop.load(Ordering::Relaxed) {
            match source.next() {
                Event::Packet(packet) => {
                    count(&mut counts, &packet);
                    decap.push(&packet, ordinal, &mut |segment| self.push(&segment));
                    ordinal = ordinal.wrapping_add(1);
                    if packet.time.since(self.seen) < BATCH_TIME && !self.set_back(packet.time) {
                        continue;
                    }
                    self.seen = packet.time;
                }
                Event::Idle(now) => {
                    if self.flushed.elapsed() < IDLE_TIME {
                        continue;
                    }
                    self.seen = if self.set_back(now) { now } else { now.max(self.seen) };
                }
            }
            self.send_all(&source);
            self.thread.shared.beat(self.thread.number);
            if told.elapsed() >= TELL {
                told = Instant::now();
                if let Some(filter) = self.thread.shared.changed_filter(&mut self.filters) {
                    decap.set_filter(filter);
                }
                counts.decap = decap.counts().clone();
                self.thread.shared.tell(self.thread.number, counts.clone());
            }
        }
        self.send_all(&source);
        decap.finish();
        counts.decap = decap.counts().clone();
        self.thread.shared.tell(self.thread.number, counts);
    }

    /// Whether the clock was set back: times before it mean nothing any more.
    fn set_back(&self, now: Timestamp) -> bool {
        self.seen.since(now) > SET_BACK
    }

    fn push(&mut self, segment: &Segment<'_>) {
        let index = owner(&segment.meta.flow, self.batches.len());
        let Some(batch) = self.batches.get_mut(index) else { return };
        batch.push(segment);
        if batch.len() >= BATCH_SEGMENTS || batch.bytes() >= BATCH_BYTES {
            let now = batch.now;
            self.send(index, now, None);
        }
    }

    fn send_all(&mut self, source: &impl Source) {
        self.flushed = Instant::now();
        let met = source.interfaces();
        let news = (met.len() > self.interfaces).then(|| named(met));
        self.interfaces = met.len();
        for index in 0..self.batches.len() {
            self.send(index, self.seen, news.clone());
        }
    }

    /// Sends a worker its batch, or drops it and counts.
    fn send(&mut self, index: usize, now: Timestamp, news: Option<Vec<record::Interface>>) {
        let (Some(worker), Some(batch)) = (self.workers.get(index), self.batches.get_mut(index))
        else {
            return;
        };
        let fresh = self.recycled.try_recv().unwrap_or_default();
        let batch = std::mem::replace(batch, fresh);
        let thread = self.thread.number;
        let unsent = match worker.try_send(Share { thread, batch, now, news }) {
            Ok(()) => return,
            Err(TrySendError::Full(share) | TrySendError::Disconnected(share)) => share,
        };
        // The names of interfaces must arrive: they go with a later batch.
        if unsent.news.is_some() {
            self.interfaces = 0;
        }
        self.thread
            .shared
            .segments_dropped
            .fetch_add(number(unsent.batch.len()), Ordering::Relaxed);
        if let Some(batch) = self.batches.get_mut(index) {
            *batch = unsent.batch;
            batch.clear();
        }
    }
}
