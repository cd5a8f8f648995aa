//! The live line on captures: the same records as offline reading, and books that close when it is overrun.

#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test waits by the clock, and stops by panicking"
)]

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use apitap::capture::Packet;
use apitap::capture::file::{self, Files, Interface};
use apitap::capture::live::Event;
use apitap::config::Config;
use apitap::decap::Decap;
use apitap::pipeline::live::{Line, MakeWorker, Sizes, Source, Update};
use apitap::pipeline::{self, Worker};
use apitap::record::{Builder, SensorInfo};
use apitap::redact::Keys;
use apitap::rung::Rung;
use apitap::time::Timestamp;

/// A capture that goes on in silence after its end.
struct Tap {
    files: Files,
    now: Timestamp,
    ordinal: usize,
    /// Which of several taps this is: each gets every so manieth packet, and none runs ahead of the others.
    place: usize,
    others: Arc<Vec<AtomicU64>>,
}

impl Tap {
    fn open(name: &str) -> Self {
        Self::several(name, 1).remove(0)
    }

    fn several(name: &str, taps: usize) -> Vec<Self> {
        let fixture = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures").join(name);
        let inputs = ["input.pcap", "input.pcap.zst", "input.pcapng", "input.pcap.gz"];
        let path = inputs.iter().map(|input| fixture.join(input)).find(|path| path.exists());
        let path = path.unwrap().display().to_string();
        let others: Arc<Vec<_>> = Arc::new((0..taps).map(|_| AtomicU64::new(0)).collect());
        let tap = |place| Self {
            files: file::open(std::slice::from_ref(&path)).unwrap(),
            now: Timestamp::ZERO,
            ordinal: 0,
            place,
            others: Arc::clone(&others),
        };
        (0..taps).map(tap).collect()
    }

    /// Waits until no other tap is more than a few milliseconds behind.
    fn keep_pace(&self) {
        self.others[self.place].store(self.now.nanos(), Ordering::Relaxed);
        let behind = |tap: &AtomicU64| tap.load(Ordering::Relaxed) + 5_000_000 < self.now.nanos();
        while self.others.iter().any(behind) {
            std::thread::yield_now();
        }
    }
}

impl Source for Tap {
    fn next(&mut self) -> Event<'_> {
        match self.files.next().unwrap() {
            Some(packet) => {
                let mine = self.ordinal % self.others.len() == self.place;
                self.ordinal += 1;
                self.now = packet.time;
                if mine { Event::Packet(packet) } else { Event::Idle(self.now) }
            }
            None => {
                std::thread::sleep(Duration::from_millis(5));
                self.now = self.now.plus(Duration::from_millis(30));
                Event::Idle(self.now)
            }
        }
    }

    fn interfaces(&self) -> &[Interface] {
        self.files.interfaces()
    }
}

/// Paces several taps.
struct Paced(Tap);

impl Source for Paced {
    fn next(&mut self) -> Event<'_> {
        self.0.keep_pace();
        self.0.next()
    }

    fn interfaces(&self) -> &[Interface] {
        self.0.interfaces()
    }
}

/// Compares without printing thousands of ids.
fn assert_same(found: &[String], wanted: &[String], what: &str) {
    let missing = wanted.iter().filter(|id| !found.contains(id)).count();
    let more = found.iter().filter(|id| !wanted.contains(id)).count();
    assert_eq!(
        (missing, more, found.len()),
        (0, 0, wanted.len()),
        "{what}: (missing, more, found)"
    );
}

fn maker(keys: &Arc<Keys>) -> MakeWorker {
    let (config, keys) = (Config::default(), Arc::clone(keys));
    Arc::new(move || {
        Worker::configured(&config, 1, &keys, Builder::new(SensorInfo::default(), Vec::new()))
    })
}

fn sizes(workers: usize, queue_batches: usize) -> Sizes {
    Sizes { workers, queue_batches, queue_records: 1024, processors: vec![] }
}

/// Ids of the records of an offline run, in order.
fn offline(name: &str, keys: &Arc<Keys>) -> Vec<String> {
    struct Whole(Tap);
    impl pipeline::Source for Whole {
        type Error = apitap::capture::CaptureError;
        fn next_packet(&mut self) -> Result<Option<Packet<'_>>, Self::Error> {
            self.0.files.next()
        }
        fn interfaces(&self) -> &[Interface] {
            self.0.files.interfaces()
        }
    }
    let mut ids = Vec::new();
    let decap = Decap::new(&Config::default().decap);
    pipeline::read(
        &mut Whole(Tap::open(name)),
        decap,
        vec![maker(keys)()],
        apitap::endpoints::Learner::new(&Default::default(), Default::default()),
        |record| {
            ids.push(record.message().id.clone());
            Ok::<(), ()>(())
        },
    );
    ids.sort();
    ids
}

/// Runs a line until `until` says so or ten seconds have passed, stops it, and gives the ids of its records.
fn live(
    line: Line,
    records: &pipeline::live::Records,
    mut until: impl FnMut(&Line) -> bool,
) -> Vec<String> {
    let mut ids = Vec::new();
    for _ in 0..6000 {
        if until(&line) {
            break;
        }
        let tick = std::time::Instant::now();
        while let Some(left) = Duration::from_millis(10).checked_sub(tick.elapsed()) {
            ids.extend(records.next(left).into_iter().flatten());
        }
    }
    line.stop();
    while let Ok(chunk) = records.next(Duration::from_secs(10)) {
        ids.extend(chunk);
    }
    // Its threads may still be wiping what they held: on a busy machine that takes a while.
    let over = (0..100).any(|_| {
        line.is_over() || {
            std::thread::sleep(Duration::from_millis(100));
            false
        }
    });
    assert!(over, "threads of the line go on");
    let mut ids: Vec<_> = ids.into_iter().map(|record| record.message().id.clone()).collect();
    ids.sort();
    ids
}

/// Whether a line has seen no packet for a while: the capture has ended.
fn ended() -> impl FnMut(&Line) -> bool {
    let (mut last, mut still) = (0, 0);
    move |line| {
        let now = line.shared().counts().packets;
        still = if now == last && now > 0 { still + 1 } else { 0 };
        last = now;
        still > 60
    }
}

#[test]
fn records_are_those_of_offline_reading() {
    let keys = Arc::new(Keys::ephemeral().unwrap());
    let decap = || Decap::new(&Config::default().decap);
    for name in ["keepalive", "shop", "vxlan", "lossy"] {
        let wanted = offline(name, &keys);
        assert!(!wanted.is_empty());
        for workers in [1, 3] {
            let sources = vec![(Tap::open(name), decap())];
            let (line, records) =
                Line::start(sources, &maker(&keys), &sizes(workers, 4096)).unwrap();
            let found = live(line, &records, ended());
            assert_same(&found, &wanted, &format!("{name}, {workers} workers"));
        }
    }
}

#[test]
fn several_capture_threads_meet_in_the_workers() {
    let keys = Arc::new(Keys::ephemeral().unwrap());
    let wanted = offline("keepalive", &keys);
    let decap = || Decap::new(&Config::default().decap);
    let sources = Tap::several("keepalive", 3).into_iter().map(|tap| (Paced(tap), decap()));
    let (line, records) = Line::start(sources.collect(), &maker(&keys), &sizes(2, 4096)).unwrap();
    let found = live(line, &records, ended());
    assert_same(&found, &wanted, "three capture threads, packets dealt in turn");
}

#[test]
fn a_full_queue_drops_and_the_books_close() {
    let keys = Arc::new(Keys::ephemeral().unwrap());
    let sources = vec![(Tap::open("keepalive"), Decap::new(&Config::default().decap))];
    let (line, records) = Line::start(sources, &maker(&keys), &sizes(1, 1)).unwrap();
    // The worker dozes at its first look.
    let doze: Update = Arc::new(|_| std::thread::sleep(Duration::from_millis(800)));
    assert!(line.update(&doze));
    let shared = Arc::clone(line.shared());
    let mut looks = 0;
    let found = live(line, &records, |_| {
        looks += 1;
        looks > 200
    });
    assert!(shared.segments_dropped() > 0, "one batch is the queue");
    let counts = shared.counts();
    let segments = counts.decap.segment;
    assert_eq!(counts.decap.packets(), counts.packets);
    assert_eq!(counts.reassembly.segments + shared.segments_dropped(), segments);
    assert!(found.len() < offline("keepalive", &keys).len());
}

#[test]
fn the_last_rung_stops_new_connections() {
    let keys = Arc::new(Keys::ephemeral().unwrap());
    let sources = vec![(Tap::open("keepalive"), Decap::new(&Config::default().decap))];
    let (line, records) = Line::start(sources, &maker(&keys), &sizes(1, 4096)).unwrap();
    line.set_rung(Rung::NoConnections);
    let shared = Arc::clone(line.shared());
    let mut looks = 0;
    live(line, &records, |_| {
        looks += 1;
        looks > 100
    });
    assert!(shared.counts().reassembly.ignored_segments > 0);
}
