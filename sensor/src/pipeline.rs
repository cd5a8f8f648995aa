//! The line itself: the only file that names every stage.
//!
//! Offline reading blocks when a queue is full (nothing is lost). Its result does not depend on the number
//! of workers: time moves in *epochs* that the reading side cuts, every worker expires at the start of each
//! epoch, and the records of an epoch are put in order before they reach the sink.

mod configured;
mod epochs;
mod hints;
mod interfaces;
mod learning;
pub mod live;

use std::sync::Arc;
use std::thread;

use arc_swap::ArcSwap;
use crossbeam_channel::{Receiver, Sender, bounded};
use zeroize::Zeroizing;

pub use self::configured::{links, redactor, sensor_info};
use self::epochs::Epochs;
pub use self::hints::{HintsError, hints};
use self::interfaces::{Interfaces, named};
use self::learning::Learning;
use crate::call::{Call, Calls};
use crate::capture::Packet;
use crate::decap::batch::Batch;
use crate::decap::{Decap, Segment, Transport, owner};
use crate::endpoints::{Learner, Rules};
use crate::http::Http;
use crate::link::{self, Links};
use crate::reassembly::{Reassembler, StreamEvent};
use crate::record::{Builder, Record, SensorInfo};
use crate::redact::Redactor;
use crate::rung::Rung;
use crate::time::Timestamp;
use crate::tls::{Tls, TlsEvent};
use crate::{call, capture, decap, endpoints, http, reassembly, record, redact, tls};

/// Batches on their way to one worker.
const QUEUE_BATCHES: usize = 4;

/// What the stages counted.
#[derive(Debug, Default, Clone)]
pub struct Counts {
    /// Packets of the capture.
    pub packets: u64,
    /// Bytes captured.
    pub packet_bytes: u64,
    /// What packets turned out to be.
    pub decap: decap::Counts,
    /// Streams.
    pub reassembly: reassembly::Counts,
    /// Sessions that could not be read.
    pub tls: tls::Counts,
    /// Messages.
    pub http: http::Counts,
    /// Calls.
    pub call: call::Counts,
    /// Redaction.
    pub redact: redact::Counts,
    /// Links between calls.
    pub links: link::Counts,
    /// Records handed to the sink.
    pub records: u64,
    /// Paths learned.
    pub endpoints: endpoints::Counts,
}

impl Counts {
    /// Adds what another thread counted; destructuring makes a forgotten field an error.
    pub fn add(&mut self, other: &Self) {
        let Self {
            packets,
            packet_bytes,
            decap,
            reassembly,
            tls,
            http,
            call,
            redact,
            // Counted where records meet, which is one place.
            links: _,
            records,
            endpoints,
        } = other;
        self.endpoints.add(endpoints);
        self.packets = self.packets.saturating_add(*packets);
        self.packet_bytes = self.packet_bytes.saturating_add(*packet_bytes);
        self.decap.add(decap);
        self.reassembly.add(reassembly);
        self.tls.add(tls);
        self.http.add(http);
        self.call.add(call);
        self.redact.add(redact);
        self.records = self.records.saturating_add(*records);
    }

    /// Takes up what linking calls counted, its signals among the others.
    pub fn add_links(&mut self, links: &Links) {
        self.links = links.counts();
        self.redact.signals.add(links.signals());
    }
}

/// The stages behind the capture thread, for the flows of one worker.
pub struct Worker {
    /// Links the records of all workers, if this is the first of them and no one else does.
    links: Links,
    reassembler: Reassembler,
    behind: Behind,
    /// Where what is learned of paths is told.
    endpoints: Option<Arc<ArcSwap<Rules>>>,
}

/// The stages behind reassembly.
struct Behind {
    tls: Tls,
    rest: Rest,
}

/// The stages that read.
struct Rest {
    http: Http,
    calls: Calls,
    redactor: Redactor,
    /// What redactors counted that were replaced.
    redacted: redact::Counts,
    builder: Builder,
    /// Calls used up, on their way back for their buffers.
    spent: Vec<Call>,
}

/// Records of one epoch and one worker: those that time brought out, and those that packets did.
#[derive(Default)]
struct EpochRecords {
    expired: Vec<Record>,
    /// With the ordinal of the packet that brought each out.
    pushed: Vec<(u64, Record)>,
}

impl Worker {
    /// A worker with its own tables.
    #[must_use]
    pub fn new(
        reassembler: Reassembler,
        http: Http,
        calls: Calls,
        redactor: Redactor,
        builder: Builder,
    ) -> Self {
        Self {
            links: Links::default(),
            reassembler,
            behind: Behind {
                tls: Tls::new(&tls::Config::default()),
                rest: Rest {
                    http,
                    calls,
                    redactor,
                    redacted: redact::Counts::default(),
                    builder,
                    spent: Vec::new(),
                },
            },
            endpoints: None,
        }
    }

    /// Decrypts sessions whose secrets are in `ring`.
    pub fn set_tls_keys(&mut self, ring: Arc<tls::KeyRing>) {
        self.behind.tls.set_keys(ring);
    }

    /// Decryption secrets may come with the capture, behind the packets of their sessions too.
    pub const fn expect_secrets(&mut self) {
        self.behind.tls.expect_secrets();
    }

    /// Takes up decryption secrets that came with the capture.
    fn learn(&mut self, secrets: &[Arc<capture::Secrets>]) {
        secrets.iter().for_each(|key_log| self.behind.tls.learn(key_log.bytes()));
    }

    /// The same, with this stage for TLS in place of one with the defaults.
    #[must_use]
    pub fn with_tls(mut self, tls: Tls) -> Self {
        self.behind.tls = tls;
        self
    }

    /// Takes one segment through every stage.
    pub fn push(&mut self, segment: &Segment<'_>, emit: &mut impl FnMut(Record)) {
        let Self { reassembler, behind, .. } = self;
        match segment.meta.transport {
            Transport::Tcp => reassembler.push(segment, &mut |event| behind.push(&event, emit)),
            Transport::Udp => behind.tls.datagram(segment),
        }
    }

    /// Lets `now` pass: holes, idle connections and unanswered requests time out.
    pub fn expire(&mut self, now: Timestamp, ordinal: u64, emit: &mut impl FnMut(Record)) {
        let Self { reassembler, behind, endpoints, .. } = self;
        if let Some(rules) = endpoints {
            behind.rest.redactor.set_endpoints(rules.load_full());
        }
        reassembler.expire(now, ordinal, &mut |event| behind.push(&event, emit));
        behind.expire(now, ordinal, emit);
    }

    /// Ends the capture: everything open is closed and emitted.
    pub fn finish(&mut self, ordinal: u64, emit: &mut impl FnMut(Record)) {
        let Self { reassembler, behind, .. } = self;
        reassembler.finish(ordinal, &mut |event| behind.push(&event, emit));
        behind.finish(ordinal, emit);
    }

    /// Follows the overload ladder.
    pub fn set_rung(&mut self, rung: Rung) {
        self.reassembler.set_rung(rung);
        self.behind.tls.set_rung(rung);
        self.behind.rest.http.set_rung(rung);
        self.behind.rest.calls.set_rung(rung);
    }

    /// Names the interfaces that segments come from, by index.
    pub fn set_interfaces(&mut self, interfaces: Vec<record::Interface>) {
        self.behind.rest.builder.set_interfaces(interfaces);
    }

    /// Makes templates by whatever these rules are, each time that time passes.
    pub fn follow_endpoints(&mut self, rules: Arc<ArcSwap<Rules>>) {
        self.endpoints = Some(rules);
    }

    /// Makes templates by these rules from now on.
    pub fn set_endpoints(&mut self, rules: Arc<Rules>) {
        self.behind.rest.redactor.set_endpoints(rules);
    }

    /// Lets tenants be told by Kubernetes namespaces.
    pub fn set_namespaces(&mut self, namespaces: Arc<dyn redact::Namespaces>) {
        self.behind.rest.redactor.set_namespaces(Some(namespaces));
    }

    /// The same, reading protobuf messages as these describe them.
    #[must_use]
    pub fn describing(mut self, descriptors: Arc<redact::Descriptors>) -> Self {
        self.behind.rest.redactor.describe(descriptors);
        self
    }

    /// Goes on with other keys or privacy rules, and with what names them in records.
    pub fn set_privacy(&mut self, redactor: Redactor, sensor: SensorInfo) {
        let Rest { redactor: old, builder, redacted, .. } = &mut self.behind.rest;
        redacted.add(old.counts());
        let mut redactor = redactor.within(old.namespaces());
        redactor.set_endpoints(old.endpoints());
        *old = redactor;
        builder.set_sensor(sensor);
    }

    /// Puts the ends of calls in these zones from now on.
    pub fn set_zones(&mut self, zones: &crate::network::Zones) {
        self.behind.rest.builder.set_zones(zones);
    }

    fn add_counts(&self, counts: &mut Counts) {
        counts.reassembly.add(self.reassembler.counts());
        let Behind { tls, rest } = &self.behind;
        counts.tls.add(tls.counts());
        counts.http.add(rest.http.counts());
        counts.call.add(rest.calls.counts());
        counts.redact.add(&rest.redacted);
        counts.redact.add(rest.redactor.counts());
    }
}

impl Behind {
    fn push(&mut self, event: &StreamEvent<'_>, emit: &mut impl FnMut(Record)) {
        let Self { tls, rest } = self;
        tls.push(event, &mut |read| rest.push(read, event.ordinal, emit));
    }

    fn expire(&mut self, now: Timestamp, ordinal: u64, emit: &mut impl FnMut(Record)) {
        let Self { tls, rest } = self;
        tls.expire(now, ordinal, &mut |event| rest.push(event, ordinal, emit));
        let Rest { calls, redactor, builder, .. } = rest;
        calls.expire(now, ordinal, &mut |call| emit(builder.build(redactor.redact(&call))));
    }

    fn finish(&mut self, ordinal: u64, emit: &mut impl FnMut(Record)) {
        let Self { tls, rest } = self;
        tls.finish(&mut |event| rest.push(event, ordinal, emit));
        let Rest { calls, redactor, builder, .. } = rest;
        calls.finish(ordinal, &mut |call| emit(builder.build(redactor.redact(&call))));
    }
}

impl Rest {
    fn push(&mut self, event: TlsEvent<'_>, ordinal: u64, emit: &mut impl FnMut(Record)) {
        let Self { http, calls, redactor, builder, spent, .. } = self;
        match event {
            TlsEvent::Clear(event) => {
                http.push(&event, &mut |event| {
                    calls.push(&event, &mut |call| {
                        emit(builder.build(redactor.redact(&call)));
                        spent.push(call);
                    });
                    while let Some(call) = spent.pop() {
                        calls.recycle(call);
                    }
                });
            }
            TlsEvent::Session(session) => {
                let call = Call::of_session(session, ordinal);
                emit(builder.build(redactor.redact(&call)));
            }
        }
    }
}

/// Where packets come from: lends one at a time.
pub trait Source {
    /// Why no packet could be had.
    type Error;

    /// The next packet, or `None` at the end.
    ///
    /// # Errors
    ///
    /// When the source fails; what was read before stays valid.
    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, Self::Error>;

    /// Interfaces met so far, by [`Packet::interface`]; grows as the source is read.
    fn interfaces(&self) -> &[capture::file::Interface];

    /// TLS key logs as they are found in the capture.
    fn secrets(&self) -> capture::SecretsFeed {
        capture::SecretsFeed::default()
    }
}

/// How a run of the line ended: what was counted, and what went wrong on either end.
pub struct Run<S, W> {
    /// What the stages counted.
    pub counts: Counts,
    /// The source's error, if it ended by one.
    pub source_error: Option<S>,
    /// The sink's error, if it ended by one.
    pub sink_error: Option<W>,
}

/// Reads `source` to its end through `workers` and hands every record, numbered from 1, to `write`.
///
/// `learner` learns the paths of the records; templates follow what it learned a few epochs before. One worker runs
/// in the calling thread; several run in their own, with `write` in the calling thread and the reading in another.
pub fn read<S, W>(
    source: &mut S,
    decap: Decap,
    mut workers: Vec<Worker>,
    learner: Learner,
    mut write: impl FnMut(&Record) -> Result<(), W>,
) -> Run<S::Error, W>
where
    S: Source + Send,
    S::Error: Send,
{
    let mut sequence = 0_u64;
    let mut links = workers.first_mut().map(|w| std::mem::take(&mut w.links)).unwrap_or_default();
    let learning = Learning::new(learner);
    workers.iter_mut().for_each(|worker| worker.set_endpoints(learning.rules()));
    let mut write = |record: &mut Record| {
        learning.learn(record);
        links.link(record);
        sequence = sequence.saturating_add(1);
        record.stamp(sequence);
        write(record)
    };
    let mut run = match workers.as_mut_slice() {
        [worker] => read_inline(source, decap, worker, &learning, &mut write),
        workers => read_threaded(source, decap, workers, &learning, &mut write),
    };
    for worker in &workers {
        worker.add_counts(&mut run.counts);
    }
    run.counts.records = sequence;
    run.counts.add_links(&links);
    run.counts.endpoints = learning.counts();
    run
}

fn read_inline<S: Source, W>(
    source: &mut S,
    mut decap: Decap,
    worker: &mut Worker,
    learning: &Learning,
    write: &mut impl FnMut(&mut Record) -> Result<(), W>,
) -> Run<S::Error, W> {
    let mut run = Run { counts: Counts::default(), source_error: None, sink_error: None };
    let mut epochs = Epochs::default();
    let mut interfaces = Interfaces::default();
    let secrets = source.secrets();
    let mut records = Vec::new();
    let mut ordinal = 0_u64;
    let mut lag = learning::Lag::default();
    worker.behind.rest.builder.set_interfaces(interfaces.grown(source).unwrap_or_default());
    while run.sink_error.is_none() {
        match source.next_packet() {
            Ok(Some(packet)) => {
                let held;
                let packet = if interfaces.knows(&packet) {
                    packet
                } else {
                    // What the first packet of an interface ends has the interface's name, too.
                    let Packet { time, link, interface, original_len, data } = packet;
                    held = Zeroizing::new(data.to_vec());
                    if let Some(met) = interfaces.grown(source) {
                        worker.behind.rest.builder.set_interfaces(met);
                    }
                    Packet { time, link, interface, original_len, data: &held }
                };
                if epochs.turns(packet.time) {
                    worker.learn(&secrets.take());
                    worker.set_endpoints(lag.turn(learning));
                    worker.expire(epochs.start, ordinal, &mut |record| records.push(record));
                    run.sink_error = write_sorted(&mut records, write).err();
                }
                count(&mut run.counts, &packet);
                decap.push(&packet, ordinal, &mut |segment| {
                    worker.push(&segment, &mut |record| records.push(record));
                });
                ordinal = ordinal.saturating_add(1);
                if run.sink_error.is_none() && !records.is_empty() {
                    let builder = &mut worker.behind.rest.builder;
                    let mut written = records.drain(..).map(|mut record| {
                        let written = write(&mut record);
                        builder.reuse(record);
                        written
                    });
                    run.sink_error = written.find_map(Result::err);
                }
            }
            Ok(None) => break,
            Err(error) => {
                run.source_error = Some(error);
                break;
            }
        }
    }
    if run.sink_error.is_none() {
        worker.learn(&secrets.take());
        worker.set_endpoints(lag.turn(learning));
        worker.finish(ordinal, &mut |record| records.push(record));
        run.sink_error = write_sorted(&mut records, write).err();
    }
    decap.finish();
    run.counts.decap = decap.counts().clone();
    run
}

/// An order that depends on the calls alone: time of the first message, then id.
fn order(record: &Record) -> (Timestamp, String) {
    (record.start(), record.id().to_owned())
}

/// Writes records that no packet order puts in line, in an order of their own.
fn write_sorted<W>(
    records: &mut Vec<Record>,
    write: &mut impl FnMut(&mut Record) -> Result<(), W>,
) -> Result<(), W> {
    records.sort_by_cached_key(order);
    records.drain(..).try_for_each(|mut record| write(&mut record))
}

fn count(counts: &mut Counts, packet: &Packet<'_>) {
    counts.packets = counts.packets.saturating_add(1);
    counts.packet_bytes =
        counts.packet_bytes.saturating_add(u64::try_from(packet.data.len()).unwrap_or(u64::MAX));
}

/// One worker's share of an epoch.
struct Share {
    batch: Batch,
    interfaces: Option<Vec<record::Interface>>,
    /// Found before it began.
    secrets: Vec<Arc<capture::Secrets>>,
    epoch: Epoch,
}

/// When an epoch begins, and whether it is the end.
#[derive(Clone, Copy)]
struct Epoch {
    now: Timestamp,
    ordinal: u64,
    last: bool,
}

fn read_threaded<S, W>(
    source: &mut S,
    decap: Decap,
    workers: &mut [Worker],
    learning: &Learning,
    write: &mut impl FnMut(&mut Record) -> Result<(), W>,
) -> Run<S::Error, W>
where
    S: Source + Send,
    S::Error: Send,
{
    let mut to_workers = Vec::new();
    let mut from_workers = Vec::new();
    let mut rules_to = Vec::new();
    let (recycle, recycled) = bounded(QUEUE_BATCHES.saturating_mul(workers.len()));
    thread::scope(|scope| {
        for worker in workers.iter_mut() {
            let (to, shares) = bounded::<Share>(QUEUE_BATCHES);
            let (records, from) = bounded::<EpochRecords>(QUEUE_BATCHES);
            let (rules_sender, rules) = bounded(learning::QUEUE_EPOCHS);
            let recycle = recycle.clone();
            scope.spawn(move || work(worker, &shares, &rules, &records, &recycle));
            rules_to.push(rules_sender);
            to_workers.push(to);
            from_workers.push(from);
        }
        let reader = scope.spawn(move || distribute(source, decap, &to_workers, &recycled));
        let told = |rules: Arc<Rules>| {
            // A worker that is gone has ended by itself.
            rules_to.iter().for_each(|worker| drop(worker.try_send(Arc::clone(&rules))));
        };
        let sink_error = collect(&from_workers, learning, &told, write).err();
        drop((from_workers, rules_to));
        let (counts, source_error) =
            reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Run { counts, source_error, sink_error }
    })
}

/// The reading thread: decapsulates, and steers segments to the worker that owns their flow.
fn distribute<S: Source>(
    source: &mut S,
    mut decap: Decap,
    workers: &[Sender<Share>],
    recycled: &Receiver<Batch>,
) -> (Counts, Option<S::Error>) {
    let mut counts = Counts::default();
    let mut source_error = None;
    let mut epochs = Epochs::default();
    let mut shares = Shares::new(workers, recycled);
    let secrets = source.secrets();
    let mut epoch = Epoch { now: Timestamp::ZERO, ordinal: 0, last: false };
    let mut ordinal = 0_u64;
    loop {
        let packet = match source.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => break,
            Err(error) => {
                source_error = Some(error);
                break;
            }
        };
        if epochs.turns(packet.time) {
            if ordinal > 0 && !shares.send(epoch) {
                break;
            }
            epoch = Epoch { now: epochs.start, ordinal, last: false };
            shares.secrets = secrets.take();
        }
        count(&mut counts, &packet);
        decap.push(&packet, ordinal, &mut |segment| shares.push(&segment));
        ordinal = ordinal.saturating_add(1);
        shares.name(source);
    }
    // A worker that is gone has lost its sink: the sink's error is what will be told.
    let sent = shares.send(epoch);
    shares.secrets = secrets.take();
    let _gone = sent && shares.send(Epoch { ordinal, last: true, ..epoch });
    decap.finish();
    counts.decap = decap.counts().clone();
    (counts, source_error)
}

/// The shares of the epoch that is being read.
struct Shares<'a> {
    workers: &'a [Sender<Share>],
    recycled: &'a Receiver<Batch>,
    batches: Vec<Batch>,
    interfaces: Interfaces,
    /// Interfaces that the workers have not been told of.
    news: Option<Vec<record::Interface>>,
    /// Secrets found before the epoch that is being read.
    secrets: Vec<Arc<capture::Secrets>>,
}

impl<'a> Shares<'a> {
    fn new(workers: &'a [Sender<Share>], recycled: &'a Receiver<Batch>) -> Self {
        let batches = workers.iter().map(|_| Batch::default()).collect();
        Self {
            workers,
            recycled,
            batches,
            interfaces: Interfaces::default(),
            news: None,
            secrets: Vec::new(),
        }
    }

    fn push(&mut self, segment: &Segment<'_>) {
        let owner = owner(&segment.meta.flow, self.batches.len());
        if let Some(batch) = self.batches.get_mut(owner) {
            batch.push(segment);
        }
    }

    fn name<S: Source>(&mut self, source: &S) {
        if let Some(met) = self.interfaces.grown(source) {
            self.news = Some(met);
        }
    }

    /// Sends every worker its share; `false` when one is gone.
    fn send(&mut self, epoch: Epoch) -> bool {
        let news = self.news.take();
        let secrets = std::mem::take(&mut self.secrets);
        self.workers.iter().zip(&mut self.batches).all(|(worker, batch)| {
            let fresh = self.recycled.try_recv().unwrap_or_default();
            let batch = std::mem::replace(batch, fresh);
            let (interfaces, secrets) = (news.clone(), secrets.clone());
            worker.send(Share { batch, interfaces, secrets, epoch }).is_ok()
        })
    }
}

fn work(
    worker: &mut Worker,
    shares: &Receiver<Share>,
    rules: &Receiver<Arc<Rules>>,
    records: &Sender<EpochRecords>,
    recycle: &Sender<Batch>,
) {
    for (epoch, mut share) in shares.iter().enumerate() {
        let mut out = EpochRecords::default();
        if epoch >= learning::LAG_EPOCHS {
            let Ok(rules) = rules.recv() else { return };
            worker.set_endpoints(rules);
        }
        let Epoch { now, ordinal, last } = share.epoch;
        if let Some(interfaces) = share.interfaces {
            worker.behind.rest.builder.set_interfaces(interfaces);
        }
        worker.learn(&share.secrets);
        if last {
            worker.finish(ordinal, &mut |record| out.expired.push(record));
        } else {
            worker.expire(now, ordinal, &mut |record| out.expired.push(record));
            for segment in share.batch.iter() {
                let ordinal = segment.meta.ordinal;
                worker.push(&segment, &mut |record| out.pushed.push((ordinal, record)));
            }
        }
        if records.send(out).is_err() {
            return;
        }
        share.batch.clear();
        // Full: enough batches are on their way already.
        let _spare = recycle.try_send(share.batch);
    }
}

/// The sink's thread: puts the records of each epoch in order.
fn collect<W>(
    workers: &[Receiver<EpochRecords>],
    learning: &Learning,
    told: &impl Fn(Arc<Rules>),
    write: &mut impl FnMut(&mut Record) -> Result<(), W>,
) -> Result<(), W> {
    loop {
        let mut epoch = EpochRecords::default();
        let mut open = 0_usize;
        for worker in workers {
            if let Ok(mut records) = worker.recv() {
                open = open.saturating_add(1);
                epoch.expired.append(&mut records.expired);
                epoch.pushed.append(&mut records.pushed);
            }
        }
        if open == 0 {
            return Ok(());
        }
        write_sorted(&mut epoch.expired, write)?;
        // Stable: what one packet brought out stays in its order.
        epoch.pushed.sort_by_key(|(ordinal, _)| *ordinal);
        epoch.pushed.drain(..).try_for_each(|(_, mut record)| write(&mut record))?;
        told(learning.rules());
    }
}
