//! A worker thread: the stages behind the capture threads, for the flows that are steered to it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::lanes::Lanes;
use super::outlet::Outlet;
use super::{CHUNK_RECORDS, LOOK, MakeWorker, Share, Shared, TELL, Thread, Update, number};
use crate::decap::batch::Batch;
use crate::pipeline::{Counts, Worker};
use crate::record::{self, Record};
use crate::rung::Rung;

/// A worker thread.
pub(super) struct Work {
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
    lanes: Lanes,
    /// Takes back batches that are used up.
    recycle: Sender<Batch>,
    out: Out,
}

impl Work {
    pub(super) fn new(
        thread: Thread,
        make: &MakeWorker,
        updates: Receiver<Update>,
        outlet: Outlet,
        recycle: Sender<Batch>,
        threads: usize,
    ) -> Self {
        let out = Out { outlet, shared: Arc::clone(&thread.shared), chunk: Vec::new(), made: 0 };
        Self {
            thread,
            make: Arc::clone(make),
            updates,
            worker: make(),
            before: Counts::default(),
            change: None,
            rung: Rung::Full,
            interfaces: Vec::new(),
            lanes: Lanes::new(threads),
            recycle,
            out,
        }
    }

    pub(super) fn run(mut self, shares: &Receiver<Share>) {
        let mut told = Instant::now();
        loop {
            let received = shares.recv_timeout(LOOK);
            self.thread.shared.beat(self.thread.number);
            self.follow_orders();
            match received {
                Ok(share) => self.take(share),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if told.elapsed() >= TELL {
                told = Instant::now();
                self.tell();
            }
        }
        self.advance(true);
        let Self { worker, out, .. } = &mut self;
        // A defect here loses what was open, nothing else.
        let finished = catch_unwind(AssertUnwindSafe(|| {
            worker.finish(u64::MAX, &mut |record| out.chunk.push(record));
        }));
        if finished.is_err() {
            self.thread.shared.panics.fetch_add(1, Ordering::Relaxed);
        }
        self.out.hand_on(true);
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

    /// Takes a share through the stages, as far as its turn has come.
    fn take(&mut self, share: Share) {
        let Share { thread, batch, now, news } = share;
        // All capture threads share one list: the longest is the newest.
        if let Some(news) = news.filter(|news| news.len() > self.interfaces.len()) {
            self.worker.set_interfaces(news.clone());
            self.interfaces = news;
        }
        self.lanes.push(thread, batch, now);
        self.advance(false);
    }

    /// Takes what is in order through the stages; with `all`, all there is.
    fn advance(&mut self, all: bool) {
        let Self { worker, out, lanes, recycle, .. } = self;
        let taken = catch_unwind(AssertUnwindSafe(|| {
            lanes.take(
                all,
                &mut |segment| worker.push(segment, &mut |record| out.push(record)),
                &mut |mut batch| {
                    batch.clear();
                    // Full: enough batches are on their way already.
                    let _spare = recycle.try_send(batch);
                },
            );
            worker.expire(lanes.now(), 0, &mut |record| out.push(record));
        }));
        if taken.is_err() {
            self.begin_anew();
        }
        self.out.hand_on(false);
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
        self.worker.set_interfaces(self.interfaces.clone());
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
    outlet: Outlet,
    shared: Arc<Shared>,
    chunk: Vec<Record>,
    /// Records so far, dropped ones included.
    made: u64,
}

impl Out {
    fn push(&mut self, record: Record) {
        self.chunk.push(record);
        if self.chunk.len() >= CHUNK_RECORDS {
            self.hand_on(false);
        }
    }

    /// Hands on what there is, or drops it and counts. `whatever`: though the queue is full.
    fn hand_on(&mut self, whatever: bool) {
        let chunk = std::mem::take(&mut self.chunk);
        let records = number(chunk.len());
        self.made = self.made.saturating_add(records);
        if records > 0 && !self.outlet.push(chunk, whatever) {
            self.shared.records_dropped.fetch_add(records, Ordering::Relaxed);
        }
    }
}
