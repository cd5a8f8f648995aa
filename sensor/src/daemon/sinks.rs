//! The sink's thread: numbers records, thins them where that is asked for, and hands them to every sink.
//!
//! A sink that fails is told about once a minute, its records are counted, and it is tried again.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::RecvTimeoutError;

use super::inventory::Desk;
use super::paths;
use super::sessions::Sessions;
use super::state::{SinkState, Volume as VolumeState};
use crate::link::{self, Links};
use crate::pipeline::live::Records;
use crate::record::Record;
use crate::redact::SignalTally;
use crate::sink::{Named, SinkError};
use crate::volume::Volume;

/// How long the thread waits for records before it flushes.
const IDLE: Duration = Duration::from_millis(100);
/// How often it tells what became of records.
const TELL: Duration = Duration::from_millis(250);
/// How often a failing sink is told about.
const COMPLAIN: Duration = Duration::from_secs(60);

/// What is shared with those who watch.
#[derive(Default)]
pub struct Shared {
    /// What became of the records, by sink.
    states: Mutex<Vec<SinkState>>,
    volume: Mutex<VolumeState>,
    /// What linking calls counted, and its signals.
    links: Mutex<(link::Counts, SignalTally)>,
    /// Standard output went away.
    closed: AtomicBool,
}

impl Shared {
    /// What became of the records, by sink.
    #[must_use]
    pub fn states(&self) -> Vec<SinkState> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What volume control did.
    #[must_use]
    pub fn volume(&self) -> VolumeState {
        *self.volume.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds what linking calls counted.
    pub fn add_links(&self, counts: &mut crate::pipeline::Counts) {
        let links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        counts.links = links.0;
        counts.redact.signals.add(&links.1);
    }

    /// Whether nobody reads standard output any more.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }
}

/// The running thread.
pub struct Sinks {
    /// What it shares.
    pub shared: Arc<Shared>,
    thread: JoinHandle<()>,
}

impl Sinks {
    /// Starts the thread. It ends when `records` is disconnected and every sink has finished.
    ///
    /// # Errors
    ///
    /// When the system starts no more threads.
    pub fn start(
        records: Records,
        sinks: Vec<Named>,
        links: Links,
        volume: Volume,
        which: crate::tls::Sessions,
        desk: Option<Desk>,
        paths: paths::Desk,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let sinks =
            sinks.into_iter().map(|sink| Writing { sink, error: None, told: None, open: None });
        let mut writer = Writer {
            sinks: sinks.collect(),
            links,
            volume,
            paths,
            sessions: Sessions::new(which),
            sessions_held: 0,
            sequence: 0,
            desk,
            shared: Arc::clone(&shared),
        };
        writer.tell();
        let thread =
            thread::Builder::new().name("sink".into()).spawn(move || writer.run(&records))?;
        Ok(Self { shared, thread })
    }

    /// Whether every sink has finished.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.thread.is_finished()
    }
}

/// A sink, and what went wrong with it.
struct Writing {
    sink: Named,
    error: Option<String>,
    told: Option<Instant>,
    /// Records delivered when trouble was told that has not been told to be over.
    open: Option<u64>,
}

struct Writer {
    sinks: Vec<Writing>,
    links: Links,
    volume: Volume,
    /// Where paths are learned.
    paths: paths::Desk,
    sessions: Sessions,
    /// Sessions that others stand for, or that had no room.
    sessions_held: u64,
    sequence: u64,
    /// Where the inventory learns from records, and says what is new.
    desk: Option<Desk>,
    shared: Arc<Shared>,
}

impl Writer {
    fn run(mut self, records: &Records) {
        let mut told = Instant::now();
        loop {
            match records.next(IDLE) {
                Ok(chunk) => chunk.into_iter().for_each(|record| self.write(record)),
                Err(RecvTimeoutError::Timeout) => self.each(|sink| sink.flush()),
                Err(RecvTimeoutError::Disconnected) => break,
            }
            while let Some(change) = self.desk.as_ref().and_then(Desk::next) {
                self.each(|sink| sink.change(&change));
            }
            if told.elapsed() >= TELL {
                told = Instant::now();
                self.release(false);
                self.tell();
            }
        }
        self.release(true);
        if let Some(mut desk) = self.desk.take() {
            for change in desk.rest() {
                self.each(|sink| sink.change(&change));
            }
        }
        self.each(|sink| sink.finish().map(drop));
        self.tell();
    }

    fn write(&mut self, record: Record) {
        if record.session().is_some() {
            match self.sessions.push(record, Instant::now()) {
                Some(record) => self.put(record),
                None => self.sessions_held = self.sessions_held.saturating_add(1),
            }
            return;
        }
        let mut record = record;
        self.links.link(&mut record);
        self.paths.offer(&mut record);
        let Some(weight) = self.volume.weigh(&record) else { return };
        record.weigh(weight);
        self.put(record);
    }

    /// Writes sessions that stand for others; with `all`, all there are.
    fn release(&mut self, all: bool) {
        for record in self.sessions.due(Instant::now(), all) {
            self.sessions_held = self.sessions_held.saturating_sub(1);
            self.put(record);
        }
    }

    fn put(&mut self, mut record: Record) {
        self.sequence = self.sequence.saturating_add(1);
        record.stamp(self.sequence);
        if let Some(desk) = &self.desk {
            desk.offer(&record);
        }
        let Self { sinks, shared, .. } = self;
        for writing in sinks {
            if let Err(error) = writing.sink.1.write(&record) {
                writing.complain(error, shared);
            }
        }
    }

    fn each(&mut self, mut act: impl FnMut(&mut dyn crate::sink::Sink) -> Result<(), SinkError>) {
        let Self { sinks, shared, .. } = self;
        for writing in sinks {
            if let Err(error) = act(writing.sink.1.as_mut()) {
                writing.complain(error, shared);
            }
        }
    }

    fn tell(&mut self) {
        self.sinks.iter_mut().for_each(Writing::recover);
        let state = |writing: &Writing| {
            let mut delivered = writing.sink.1.delivered();
            if writing.error.is_some() {
                delivered.last_error.clone_from(&writing.error);
            }
            SinkState {
                name: writing.sink.0,
                delivered,
                spool: writing.sink.1.spool(),
                statistics: writing.sink.1.statistics(),
            }
        };
        let states = self.sinks.iter().map(state).collect();
        *self.shared.states.lock().unwrap_or_else(PoisonError::into_inner) = states;
        *self.shared.links.lock().unwrap_or_else(PoisonError::into_inner) =
            (self.links.counts(), self.links.signals().clone());
        let counts = self.volume.counts();
        *self.shared.volume.lock().unwrap_or_else(PoisonError::into_inner) = VolumeState {
            kept: counts.kept,
            thinned: counts.thinned.saturating_add(self.sessions_held),
        };
    }
}

impl Writing {
    fn complain(&mut self, error: SinkError, shared: &Shared) {
        if matches!(error, SinkError::BrokenPipe) {
            shared.closed.store(true, Ordering::Relaxed);
        }
        let text = error.to_string();
        if self.told.is_none_or(|told| told.elapsed() >= COMPLAIN) {
            self.told = Some(Instant::now());
            self.open = Some(self.sink.1.delivered().delivered);
            tracing::error!(
                sink = self.sink.0,
                failed = self.sink.1.delivered().failed,
                "records cannot be written, trying on: {text}"
            );
        }
        self.error = Some(text);
    }

    /// Says so when records are delivered again.
    fn recover(&mut self) {
        if self.error.is_none() {
            return;
        }
        let delivered = self.sink.1.delivered();
        if self.open.is_some_and(|before| delivered.delivered > before) {
            self.open = None;
            tracing::info!(
                sink = self.sink.0,
                failed = delivered.failed,
                "records are written again"
            );
        }
    }
}
