//! A capture thread: decapsulates, and steers segments to the worker that owns their flow.

use std::sync::atomic::Ordering;
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, TrySendError};

use super::{BATCH_BYTES, BATCH_SEGMENTS, BATCH_TIME, Share, Source, TELL, Thread, number};
use crate::capture::live::Event;
use crate::decap::batch::Batch;
use crate::decap::{Decap, Segment, steering_hash};
use crate::pipeline::{Counts, count};
use crate::record;
use crate::time::Timestamp;

/// A capture thread's batches.
pub(super) struct Steer {
    thread: Thread,
    workers: Vec<Sender<Share>>,
    recycled: Receiver<Batch>,
    batches: Vec<Batch>,
    /// Interfaces that the workers have been told of.
    interfaces: usize,
}

impl Steer {
    pub(super) fn new(
        thread: Thread,
        workers: Vec<Sender<Share>>,
        recycled: Receiver<Batch>,
    ) -> Self {
        let batches = workers.iter().map(|_| Batch::default()).collect();
        Self { thread, workers, recycled, batches, interfaces: 0 }
    }

    pub(super) fn run(mut self, mut source: impl Source, mut decap: Decap) {
        let mut counts = Counts::default();
        let mut told = Instant::now();
        let mut sent = Timestamp::ZERO;
        let mut ordinal = 0_u64;
        let interface = u32::try_from(self.thread.number).unwrap_or(u32::MAX);
        while !self.thread.shared.stop.load(Ordering::Relaxed) {
            let now = match source.next() {
                Event::Packet(mut packet) => {
                    packet.interface = interface;
                    count(&mut counts, &packet);
                    decap.push(&packet, ordinal, &mut |segment| self.push(&segment));
                    ordinal = ordinal.wrapping_add(1);
                    packet.time
                }
                Event::Idle(now) => now,
            };
            // A clock that was set back is followed at once.
            if now.since(sent) >= BATCH_TIME || now < sent {
                sent = now;
                self.send_all(now, &source);
                self.thread.shared.beat(self.thread.number);
                if told.elapsed() >= TELL {
                    told = Instant::now();
                    counts.decap = decap.counts().clone();
                    self.thread.shared.tell(self.thread.number, counts.clone());
                }
            }
        }
        self.send_all(sent, &source);
        decap.finish();
        counts.decap = decap.counts().clone();
        self.thread.shared.tell(self.thread.number, counts);
    }

    fn push(&mut self, segment: &Segment<'_>) {
        let workers = u64::try_from(self.batches.len()).unwrap_or(1);
        let index = steering_hash(&segment.meta.flow).checked_rem(workers).unwrap_or(0);
        let Ok(index) = usize::try_from(index) else { return };
        let Some(batch) = self.batches.get_mut(index) else { return };
        batch.push(segment);
        if batch.len() >= BATCH_SEGMENTS || batch.bytes() >= BATCH_BYTES {
            let now = batch.now;
            self.send(index, now, None);
        }
    }

    fn send_all(&mut self, now: Timestamp, source: &impl Source) {
        let met = source.interfaces();
        let news = (met.len() > self.interfaces).then(|| met.last()).flatten();
        self.interfaces = met.len();
        let news = news.map(|interface| record::Interface {
            name: interface.name.clone(),
            link: interface.link.name().to_owned(),
        });
        for index in 0..self.batches.len() {
            self.send(index, now, news.clone());
        }
    }

    /// Sends a worker its batch, or drops it and counts.
    fn send(&mut self, index: usize, now: Timestamp, news: Option<record::Interface>) {
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
        // The name of an interface must arrive: it goes with a later batch.
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
