//! The line on live interfaces: capture threads, worker threads, and a queue of records for the sink's thread.
//!
//! Capture never waits: what a full queue cannot take is dropped and counted. Both directions of a
//! connection meet in one worker, whichever capture thread saw them. Order among workers is not kept: a
//! record's number is given where they meet.

#![allow(
    clippy::disallowed_methods,
    reason = "threads tell their counts by the clock; the time of traffic comes with packets"
)]

mod lanes;
mod outlet;
mod steer;
mod work;

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};

use self::outlet::Gauge;
pub use self::outlet::Records;
use self::steer::Steer;
use self::work::Work;
use super::{Counts, Worker};
use crate::capture::file::Interface;
use crate::capture::live::{Event, Live};
use crate::decap::Decap;
use crate::decap::batch::Batch;
use crate::filter::Filter;
use crate::record;
use crate::rung::Rung;
use crate::time::Timestamp;

/// Segments after which a batch is sent.
const BATCH_SEGMENTS: usize = 256;
/// Payload bytes after which a batch is sent.
const BATCH_BYTES: usize = 64 << 10;
/// Used batches kept for each capture thread and worker. Few: after a burst the others are freed, and those in use stay
/// in the processor's cache.
const SPARE_BATCHES: usize = 8;
/// Capture time after which all batches are sent, so that no segment waits for others and time passes
/// everywhere.
const BATCH_TIME: Duration = Duration::from_millis(20);
/// Records handed on at once, at most.
const CHUNK_RECORDS: usize = 64;
/// How long a thread waits for work before it looks at what else it was told.
const LOOK: Duration = Duration::from_millis(100);
/// How often threads tell what they counted.
const TELL: Duration = Duration::from_millis(250);

/// A live source of packets.
pub trait Source: Send {
    /// The next packet, or that there is none: within about 100 ms.
    fn next(&mut self) -> Event<'_>;

    /// Interfaces met so far, by [`Packet::interface`](crate::capture::Packet::interface).
    fn interfaces(&self) -> &[Interface];
}

impl Source for Live {
    fn next(&mut self) -> Event<'_> {
        Self::next(self)
    }

    fn interfaces(&self) -> &[Interface] {
        Self::interfaces(self)
    }
}

/// Makes a worker: called in its thread, at the start and after a panic.
pub type MakeWorker = Arc<dyn Fn() -> Worker + Send + Sync>;

/// A change that every worker makes to itself.
pub type Update = Arc<dyn Fn(&mut Worker) + Send + Sync>;

/// Sizes of a line.
#[derive(Debug, Clone)]
pub struct Sizes {
    /// Worker threads, from 1.
    pub workers: usize,
    /// Batches on their way to one worker.
    pub queue_batches: usize,
    /// Records on their way to the sink.
    pub queue_records: usize,
    /// Processors that workers are bound to, in turn; empty: none.
    pub processors: Vec<usize>,
}

/// What the threads of a line share with those who watch and steer it.
pub struct Shared {
    stop: AtomicBool,
    rung: AtomicU8,
    counts: Vec<Mutex<Counts>>,
    beats: Vec<AtomicU64>,
    start: Instant,
    segments_dropped: AtomicU64,
    records_dropped: AtomicU64,
    panics: AtomicU64,
    filter: Mutex<Filter>,
    filters: AtomicU64,
}

impl Shared {
    fn new(threads: usize) -> Self {
        Self {
            stop: AtomicBool::new(false),
            rung: AtomicU8::new(Rung::Full.number()),
            counts: (0..threads).map(|_| Mutex::default()).collect(),
            beats: (0..threads).map(|_| AtomicU64::new(0)).collect(),
            start: Instant::now(),
            segments_dropped: AtomicU64::new(0),
            records_dropped: AtomicU64::new(0),
            panics: AtomicU64::new(0),
            filter: Mutex::default(),
            filters: AtomicU64::new(0),
        }
    }

    /// What all threads counted, at most a quarter of a second old.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut sum = Counts::default();
        for counts in &self.counts {
            sum.add(&counts.lock().unwrap_or_else(PoisonError::into_inner));
        }
        sum
    }

    /// Segments that a full queue before a worker could not take.
    #[must_use]
    pub fn segments_dropped(&self) -> u64 {
        self.segments_dropped.load(Ordering::Relaxed)
    }

    /// Records that a full queue before the sink could not take.
    #[must_use]
    pub fn records_dropped(&self) -> u64 {
        self.records_dropped.load(Ordering::Relaxed)
    }

    /// Times that a worker met a defect of ours and began anew, without its connections.
    #[must_use]
    pub fn panics(&self) -> u64 {
        self.panics.load(Ordering::Relaxed)
    }

    /// Has every capture thread go on with another filter on inner flows.
    pub fn set_filter(&self, filter: Filter) {
        *self.filter.lock().unwrap_or_else(PoisonError::into_inner) = filter;
        self.filters.fetch_add(1, Ordering::Relaxed);
    }

    /// The filter, if it was changed since `followed`.
    fn changed_filter(&self, followed: &mut u64) -> Option<Filter> {
        let filters = self.filters.load(Ordering::Relaxed);
        (std::mem::replace(followed, filters) != filters)
            .then(|| self.filter.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// How long ago the thread that was silent longest was heard of.
    #[must_use]
    pub fn silence(&self) -> Duration {
        let now = self.millis();
        let oldest = self.beats.iter().map(|beat| beat.load(Ordering::Relaxed)).min();
        Duration::from_millis(oldest.map_or(0, |beat| now.saturating_sub(beat)))
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn beat(&self, thread: usize) {
        if let Some(beat) = self.beats.get(thread) {
            beat.store(self.millis(), Ordering::Relaxed);
        }
    }

    /// A thread that has ended is silent for a reason.
    fn gone(&self, thread: usize) {
        if let Some(beat) = self.beats.get(thread) {
            beat.store(u64::MAX, Ordering::Relaxed);
        }
    }

    fn tell(&self, thread: usize, counts: Counts) {
        if let Some(slot) = self.counts.get(thread) {
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = counts;
        }
    }
}

/// A running line.
pub struct Line {
    shared: Arc<Shared>,
    captures: Vec<JoinHandle<()>>,
    workers: Vec<JoinHandle<()>>,
    /// For their fill only.
    queues: Vec<Receiver<Share>>,
    updates: Vec<Sender<Update>>,
    gauge: Gauge,
}

/// Segments for one worker.
struct Share {
    /// Number of the capture thread.
    thread: usize,
    batch: Batch,
    /// Up to when the thread has seen packets.
    now: Timestamp,
    /// All interfaces, when more were met.
    news: Option<Vec<record::Interface>>,
}

impl Line {
    /// Starts the threads. Records arrive at the receiver; when all are through, it is disconnected.
    ///
    /// # Errors
    ///
    /// When the system starts no more threads.
    pub fn start<S: Source + 'static>(
        sources: Vec<(S, Decap)>,
        make: &MakeWorker,
        sizes: &Sizes,
    ) -> std::io::Result<(Self, Records)> {
        let shared = Arc::new(Shared::new(sources.len().saturating_add(sizes.workers)));
        let (outlet, records, gauge) = outlet::queue(sizes.queue_records);
        let mut line = Self {
            shared: Arc::clone(&shared),
            captures: Vec::new(),
            workers: Vec::new(),
            queues: Vec::new(),
            updates: Vec::new(),
            gauge,
        };
        let pairs = sources.len().saturating_mul(sizes.workers);
        let spare = pairs.saturating_mul(SPARE_BATCHES).clamp(1, sizes.queue_batches.max(1));
        let (recycle, recycled) = bounded(spare);
        let mut to_workers = Vec::new();
        for number in 0..sizes.workers {
            let (to, shares) = bounded(sizes.queue_batches);
            let (update, updates) = bounded(8);
            let thread = Thread {
                number: sources.len().saturating_add(number),
                shared: Arc::clone(&shared),
            };
            let make = Arc::clone(make);
            let (spare, outlet) = (recycle.clone(), outlet.clone());
            let (threads, queue) = (sources.len(), shares.clone());
            let bound = turn(&sizes.processors, number);
            let spawned =
                thread::Builder::new().name(format!("worker-{number}")).spawn(move || {
                    bind(bound);
                    Work::new(thread, &make, updates, outlet, spare, threads).run(&queue);
                })?;
            line.workers.push(spawned);
            line.queues.push(shares);
            line.updates.push(update);
            to_workers.push(to);
        }
        for (number, (source, decap)) in sources.into_iter().enumerate() {
            let thread = Thread { number, shared: Arc::clone(&shared) };
            let steer = Steer::new(thread, to_workers.clone(), recycled.clone());
            let name = format!("capture-{number}");
            line.captures
                .push(thread::Builder::new().name(name).spawn(move || steer.run(source, decap))?);
        }
        Ok((line, records))
    }

    /// What the threads share.
    #[must_use]
    pub const fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// How full the fullest queue before a worker is, 0 to 1.
    #[must_use]
    pub fn fill(&self) -> f64 {
        self.queues.iter().map(fill).fold(0.0, f64::max)
    }

    /// How full the queue of records is, 0 to 1.
    #[must_use]
    pub fn records_fill(&self) -> f64 {
        self.gauge.fill()
    }

    /// Records that wait for the sink.
    #[must_use]
    pub fn records_queued(&self) -> u64 {
        number(self.gauge.queued())
    }

    /// Puts every worker on a rung of the overload ladder.
    pub fn set_rung(&self, rung: Rung) {
        self.shared.rung.store(rung.number(), Ordering::Relaxed);
    }

    /// Has every worker make a change, between two batches. `false` when one has too many waiting.
    #[must_use]
    pub fn update(&self, update: &Update) -> bool {
        self.updates.iter().all(|worker| worker.try_send(Arc::clone(update)).is_ok())
    }

    /// Stops capturing. Workers finish what they have, hand on every open call, and end; the record queue is
    /// then disconnected.
    pub fn stop(&self) {
        self.shared.stop.store(true, Ordering::Relaxed);
    }

    /// Whether all threads have ended.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.captures.iter().chain(&self.workers).all(JoinHandle::is_finished)
    }
}

/// How full a queue is, 0 to 1.
fn fill<T>(queue: &Receiver<T>) -> f64 {
    let float = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    queue.capacity().map_or(0.0, |capacity| float(queue.len()) / float(capacity.max(1)))
}

/// The processor of the `number`th thread.
fn turn(processors: &[usize], number: usize) -> Option<usize> {
    processors.get(number.checked_rem(processors.len())?).copied()
}

/// Binds this thread to a processor, where that is possible.
fn bind(processor: Option<usize>) {
    let Some(processor) = processor else { return };
    if let Err(error) = crate::processor::bind(processor) {
        tracing::warn!(
            "cannot bind a worker to processor {processor}: {error}; see daemon.processors"
        );
    }
}

/// A thread's place in [`Shared`].
struct Thread {
    number: usize,
    shared: Arc<Shared>,
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.shared.gone(self.number);
    }
}

fn number(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
