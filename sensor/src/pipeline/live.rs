//! The line on live interfaces: capture threads, worker threads, and a queue of records for the sink's thread.
//!
//! Capture never waits: what a full queue cannot take is dropped and counted. Both directions of a
//! connection meet in one worker, whichever capture thread saw them. Order among workers is not kept: a
//! record's number is given where they meet.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};

use super::{Counts, Worker, count};
use crate::capture::file::Interface;
use crate::capture::live::Event;
use crate::decap::batch::Batch;
use crate::decap::{Decap, Segment, steering_hash};
use crate::record::{self, Record};
use crate::rung::Rung;
use crate::time::Timestamp;

/// Segments after which a batch is sent.
const BATCH_SEGMENTS: usize = 256;
/// Payload bytes after which a batch is sent.
const BATCH_BYTES: usize = 64 << 10;
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
}

/// Segments for one worker.
struct Share {
    batch: Batch,
    /// Up to when the sender has seen packets.
    now: Timestamp,
    /// A capture thread's interfaces, when they changed: its number, and the latest.
    news: Option<(usize, record::Interface)>,
}

/// Where records go, in chunks.
pub type Records = Receiver<Vec<Record>>;

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
        let (to_sink, records) = bounded(sizes.queue_records.div_ceil(CHUNK_RECORDS).max(1));
        let mut line = Self {
            shared: Arc::clone(&shared),
            captures: Vec::new(),
            workers: Vec::new(),
            queues: Vec::new(),
            updates: Vec::new(),
        };
        let (recycle, recycled) = bounded(sizes.queue_batches);
        let mut to_workers = Vec::new();
        for number in 0..sizes.workers {
            let (to, shares) = bounded(sizes.queue_batches);
            let (update, updates) = bounded(8);
            let thread = Thread {
                number: sources.len().saturating_add(number),
                shared: Arc::clone(&shared),
            };
            let make = Arc::clone(make);
            let (spare, records) = (recycle.clone(), to_sink.clone());
            let (interfaces, queue) = (sources.len(), shares.clone());
            let bound = turn(&sizes.processors, number);
            let spawned =
                thread::Builder::new().name(format!("worker-{number}")).spawn(move || {
                    bind(bound);
                    Work::new(thread, &make, updates, records, interfaces).run(&queue, &spare);
                })?;
            line.workers.push(spawned);
            line.queues.push(shares);
            line.updates.push(update);
            to_workers.push(to);
        }
        for (number, (source, decap)) in sources.into_iter().enumerate() {
            let thread = Thread { number, shared: Arc::clone(&shared) };
            let batches = to_workers.iter().map(|_| Batch::default()).collect();
            let steer = Steer {
                thread,
                workers: to_workers.clone(),
                recycled: recycled.clone(),
                batches,
                interfaces: 0,
            };
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
#[must_use]
pub fn fill<T>(queue: &Receiver<T>) -> f64 {
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
    let mut set = rustix::thread::CpuSet::new();
    if processor < rustix::thread::CpuSet::MAX_CPU {
        set.set(processor);
        if rustix::thread::sched_setaffinity(None, &set).is_ok() {
            return;
        }
    }
    tracing::warn!(processor, "cannot bind a worker to this processor: it runs on any");
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

/// A capture thread's batches.
struct Steer {
    thread: Thread,
    workers: Vec<Sender<Share>>,
    recycled: Receiver<Batch>,
    batches: Vec<Batch>,
    /// Interfaces that the workers have been told of.
    interfaces: usize,
}

impl Steer {
    fn run(mut self, mut source: impl Source, mut decap: Decap) {
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
        let news = news.map(|interface| (self.thread.number, interface));
        let unsent = match worker.try_send(Share { batch, now, news }) {
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

/// A worker thread.
struct Work {
    thread: Thread,
    make: MakeWorker,
    updates: Receiver<Update>,
    worker: Worker,
    /// What workers that were given up had counted.
    before: Counts,
    /// The last change, for a worker begun anew.
    change: Option<Update>,
    rung: Rung,
    interfaces: Vec<record::Interface>,
    now: Timestamp,
    out: Out,
}

impl Work {
    fn new(
        thread: Thread,
        make: &MakeWorker,
        updates: Receiver<Update>,
        records: Sender<Vec<Record>>,
        interfaces: usize,
    ) -> Self {
        let out = Out { records, shared: Arc::clone(&thread.shared), chunk: Vec::new(), made: 0 };
        Self {
            thread,
            make: Arc::clone(make),
            updates,
            worker: make(),
            before: Counts::default(),
            change: None,
            rung: Rung::Full,
            interfaces: vec![record::Interface::default(); interfaces],
            now: Timestamp::ZERO,
            out,
        }
    }

    fn run(mut self, shares: &Receiver<Share>, recycle: &Sender<Batch>) {
        let mut told = Instant::now();
        loop {
            let received = shares.recv_timeout(LOOK);
            self.thread.shared.beat(self.thread.number);
            self.follow_orders();
            match received {
                Ok(share) => {
                    let mut batch = self.take(share);
                    batch.clear();
                    // Full: enough batches are on their way already.
                    let _spare = recycle.try_send(batch);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if told.elapsed() >= TELL {
                told = Instant::now();
                self.tell();
            }
        }
        let Self { worker, out, .. } = &mut self;
        // A defect here loses what was open, nothing else.
        let finished = catch_unwind(AssertUnwindSafe(|| {
            worker.finish(u64::MAX, &mut |record| out.chunk.push(record));
        }));
        if finished.is_err() {
            self.thread.shared.panics.fetch_add(1, Ordering::Relaxed);
        }
        self.out.hand_on_patiently();
        self.tell();
    }

    /// Changes and rungs.
    fn follow_orders(&mut self) {
        while let Ok(change) = self.updates.try_recv() {
            change(&mut self.worker);
            self.change = Some(change);
        }
        let wanted = Rung::of(self.thread.shared.rung.load(Ordering::Relaxed));
        if wanted != self.rung {
            self.rung = wanted;
            self.worker.set_rung(wanted);
        }
    }

    /// Takes a share through the stages; gives its batch back.
    fn take(&mut self, share: Share) -> Batch {
        let Share { batch, now, news } = share;
        if let Some((at, news)) = news
            && let Some(slot) = self.interfaces.get_mut(at)
        {
            *slot = news;
            self.worker.behind.builder.set_interfaces(self.interfaces.clone());
        }
        // Time goes with the capture thread that is ahead, and back when the clock was set.
        let set_back = self.now.since(now) > super::EPOCH_BACK;
        self.now = if set_back { now } else { self.now.max(now) };
        let Self { worker, out, now, .. } = self;
        let taken = catch_unwind(AssertUnwindSafe(|| {
            worker.expire(*now, 0, &mut |record| out.push(record));
            for segment in batch.iter() {
                worker.push(&segment, &mut |record| out.push(record));
            }
        }));
        if taken.is_err() {
            self.begin_anew();
        }
        self.out.hand_on();
        batch
    }

    /// After a defect of ours: the flows of this worker are joined midway, all else goes on.
    fn begin_anew(&mut self) {
        self.thread.shared.panics.fetch_add(1, Ordering::Relaxed);
        tracing::error!(
            "a worker met a defect of apitap and begins anew: its connections are joined midway; please report the \
             location logged above"
        );
        self.worker.add_counts(&mut self.before);
        self.worker = (self.make)();
        if let Some(change) = &self.change {
            change(&mut self.worker);
        }
        self.worker.set_rung(self.rung);
        self.worker.behind.builder.set_interfaces(self.interfaces.clone());
    }

    fn tell(&self) {
        let mut counts = self.before.clone();
        self.worker.add_counts(&mut counts);
        counts.records = self.out.made;
        self.thread.shared.tell(self.thread.number, counts);
    }
}

/// Records on their way to the sink.
struct Out {
    records: Sender<Vec<Record>>,
    shared: Arc<Shared>,
    chunk: Vec<Record>,
    /// Records so far, dropped ones included.
    made: u64,
}

impl Out {
    fn push(&mut self, record: Record) {
        self.chunk.push(record);
        if self.chunk.len() >= CHUNK_RECORDS {
            self.hand_on();
        }
    }

    /// Hands on what there is, or drops it and counts.
    fn hand_on(&mut self) {
        let chunk = std::mem::take(&mut self.chunk);
        let records = number(chunk.len());
        self.made = self.made.saturating_add(records);
        if records > 0 && self.records.try_send(chunk).is_err() {
            self.shared.records_dropped.fetch_add(records, Ordering::Relaxed);
        }
    }

    /// The same at the end, when nothing is captured that waiting could harm.
    fn hand_on_patiently(&mut self) {
        self.made = self.made.saturating_add(number(self.chunk.len()));
        let mut left = std::mem::take(&mut self.chunk).into_iter();
        loop {
            let chunk: Vec<Record> = left.by_ref().take(CHUNK_RECORDS).collect();
            let records = number(chunk.len());
            if records == 0 {
                return;
            }
            if self.records.send(chunk).is_err() {
                self.shared.records_dropped.fetch_add(records, Ordering::Relaxed);
            }
        }
    }
}

fn number(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
