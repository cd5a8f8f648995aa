//! From the spool to the brokers: in order, bounded in flight, and acknowledged only when it is persisted there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseRecord, Producer as _, PurgeConfig, ThreadedProducer};

use super::super::SinkError;
use super::super::spool::{Entry, Reader};
use super::Config;
use super::client::{Context, Outcome, Report, Returned, lock, look};
use super::encode::{Limit, message_bytes_max, refit};
use super::health::Trouble;
use super::message;
use super::project::{Content, Outlets, outlets};
use super::remake::{Clock, Remake, end_aside, tell_set_back};
use super::settings::{self, Use, refused};
use super::ticket::{Open, Ticket};
use crate::sink::clock::{Pace, now};

/// Messages in flight at most: how many may come twice after a crash.
const IN_FLIGHT_MAX: usize = 10_000;
/// Bytes in flight at most; less when the client's queue is smaller.
const IN_FLIGHT_BYTES_MAX: usize = 16 << 20;
/// Pause while there is nothing to do but to wait for the brokers.
const PAUSE: Duration = Duration::from_millis(10);
/// Time without any acknowledgement after which that is trouble.
const STALLED: Duration = Duration::from_secs(5);
/// Pauses after a failure: the first, and the longest.
const BACKOFF: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(30)];
/// Pause between two questions for a topic that cannot be used.
const LOOK_PAUSE: Duration = Duration::from_secs(2);
/// Time after which a client that was refused its login is made anew: its password file may be another.
const LOGIN_PAUSE: Duration = Duration::from_secs(60);
/// librdkafka's own limit on a batch.
const BATCH_BYTES_MAX: u32 = 1_000_000;
/// No topic is taken to refuse smaller batches.
const BATCH_BYTES_MIN: u32 = 2048;
/// Room in a batch for what is not the value of its only message: 61 octets of the batch, key, headers.
const BATCH_OVERHEAD_BYTES: usize = 320;

/// When to end; set once, by another thread.
#[derive(Default)]
pub(super) struct Stop(Mutex<Option<Instant>>);

impl Stop {
    /// From now on, everything must be over within `limit`.
    pub(super) fn within(&self, limit: Duration) {
        *lock(&self.0) = now().checked_add(limit).or_else(|| Some(now()));
    }

    fn deadline(&self) -> Option<Instant> {
        *lock(&self.0)
    }
}

/// Sends what the spool holds.
pub(super) struct Forwarder {
    config: Config,
    report: Arc<Report>,
    limit: Arc<Limit>,
    stop: Arc<Stop>,
    producer: ThreadedProducer<Context>,
    outcomes: Arc<Mutex<Vec<Outcome>>>,
    outlets: Outlets,
    /// Records that go out as several messages, or in another form: what the spool held, to make a message again.
    open: Open<Vec<u8>>,
    /// Messages to send again; `None`: to make again.
    again: BTreeMap<Ticket, Option<Box<Returned>>>,
    /// Those of them that brokers took for invalid. Of several in one batch they do not say why: while there are any,
    /// messages go out one by one.
    suspects: BTreeSet<Ticket>,
    /// Records given up.
    given_up: Pace,
    /// Messages the client has, and their bytes.
    in_flight: usize,
    in_flight_bytes: usize,
    in_flight_bytes_max: usize,
    /// The last acknowledgement, or the last time nothing was in flight.
    progress: Instant,
    /// Whether the topics were seen to be there, and when they were looked for last.
    topics_seen: bool,
    looked: Option<Instant>,
    backoff: Duration,
    paused_until: Option<Instant>,
    /// Size of batches, lowered when the topic refuses them.
    batch_bytes: u32,
    batch_refused: bool,
    remake: Remake,
    clock: Clock,
}

impl Forwarder {
    /// A forwarder that has sent nothing yet.
    ///
    /// # Errors
    ///
    /// [`SinkError::KafkaSetting`].
    pub(super) fn new(
        config: &Config,
        report: Arc<Report>,
        limit: Arc<Limit>,
        stop: Arc<Stop>,
    ) -> Result<Self, SinkError> {
        let outcomes = Arc::default();
        let batch_bytes = message_bytes_max(config).min(BATCH_BYTES_MAX);
        let producer = create(config, batch_bytes, &report, &outcomes)?;
        let queue = usize::try_from(config.queue_kibibytes_max).unwrap_or(usize::MAX);
        Ok(Self {
            config: config.clone(),
            report,
            limit,
            stop,
            producer,
            outcomes,
            outlets: outlets(config)?,
            open: Open::default(),
            again: BTreeMap::new(),
            suspects: BTreeSet::new(),
            given_up: Pace::new(Duration::from_secs(60)),
            in_flight: 0,
            in_flight_bytes: 0,
            in_flight_bytes_max: queue.saturating_mul(1024).min(IN_FLIGHT_BYTES_MAX),
            progress: now(),
            topics_seen: false,
            looked: None,
            backoff: Duration::ZERO,
            paused_until: None,
            batch_bytes,
            batch_refused: false,
            remake: Remake::new(),
            clock: Clock::new(),
        })
    }

    /// Forwards until it is told to stop.
    pub(super) fn run(mut self, mut reader: Reader) {
        loop {
            self.take_outcomes(&mut reader);
            let deadline = self.stop.deadline();
            if let Some(deadline) = deadline
                && (now() >= deadline || (self.in_flight == 0 && reader.status().records == 0))
            {
                break;
            }
            self.mend(&mut reader);
            self.watch();
            if !self.may_send() {
                thread::sleep(PAUSE);
                continue;
            }
            if let Some((ticket, message)) = self.again.pop_first() {
                self.send_again(ticket, message, &mut reader);
                continue;
            }
            // Not longer: acknowledgements wait meanwhile.
            let Some(entry) = reader.next(PAUSE) else { continue };
            self.forward(entry, &mut reader);
        }
        self.purge(&mut reader);
    }

    /// Sends what the spool held, to every topic that takes it.
    fn forward(&mut self, entry: Entry, reader: &mut Reader) {
        let first = Ticket { seq: entry.seq, outlet: 0 };
        let Some(message) = message::read(&entry.payload) else {
            // Of a later version of this program.
            return self.give_up(first, "it is not in a form this version knows", reader);
        };
        if message.kind == message::Kind::Record && self.outlets.is_plain() {
            let headers = message.headers.iter().fold(
                OwnedHeaders::new_with_capacity(message.headers.len()),
                |headers, (key, value)| headers.insert(Header { key, value: Some(*value) }),
            );
            return self.send(first, message.key, Some(headers), message.value, reader);
        }
        let Some(content) = Content::read(&message) else {
            return self.give_up(first, "it is not in a form this version knows", reader);
        };
        let outlets = self.outlets.of(message.kind);
        if outlets.is_empty() {
            return self.give_up(first, "no topic is set for changes of the inventory", reader);
        }
        let key = message.key.to_vec();
        let messages = outlets.end.saturating_sub(outlets.start);
        self.open.insert(entry.seq, messages, entry.payload);
        for outlet in outlets {
            self.make(Ticket { outlet, ..first }, &content, &key, reader);
        }
    }

    /// Makes a message and sends it.
    fn make(&mut self, ticket: Ticket, content: &Content, key: &[u8], reader: &mut Reader) {
        let Some(outlet) = self.outlets.get(ticket.outlet) else { return };
        match outlet.make(content, key, &self.limit) {
            Some(made) => self.send(ticket, key, Some(made.headers), &made.value, reader),
            None => self.give_up(ticket, "it has no form that the topic takes", reader),
        }
    }

    /// Makes a message anew, from what the spool held: it may have to be smaller now.
    fn make_again(&mut self, ticket: Ticket, reader: &mut Reader) {
        let held = self.open.get(ticket.seq).and_then(|payload| message::read(payload));
        let made = held.and_then(|message| Some((message.key.to_vec(), Content::read(&message)?)));
        match made {
            Some((key, content)) => self.make(ticket, &content, &key, reader),
            None => self.give_up(ticket, "it is not in a form this version knows", reader),
        }
    }

    /// What became of messages since the last look.
    fn take_outcomes(&mut self, reader: &mut Reader) {
        let outcomes = std::mem::take(&mut *lock(&self.outcomes));
        for outcome in outcomes {
            match outcome {
                Outcome::Persisted { ticket, bytes } => {
                    self.landed(bytes);
                    self.progress = now();
                    self.backoff = Duration::ZERO;
                    self.remake.works();
                    // What was wrong with it, a clock, no longer is, with the others neither.
                    if self.suspects.contains(&ticket) {
                        self.suspects.clear();
                    }
                    self.settle(ticket, true, reader);
                }
                Outcome::Failed { ticket, code, message } => {
                    self.landed(message.value.len());
                    self.failed(ticket, code, message, reader);
                }
            }
        }
    }

    fn landed(&mut self, bytes: usize) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.in_flight_bytes = self.in_flight_bytes.saturating_sub(bytes);
    }

    /// Decides about a message that was not, or perhaps not, delivered: nearly always it is sent again.
    fn failed(
        &mut self,
        ticket: Ticket,
        code: Option<RDKafkaErrorCode>,
        message: Box<Returned>,
        reader: &mut Reader,
    ) {
        use RDKafkaErrorCode as Code;
        let topic = self.topic(ticket).to_owned();
        match code {
            // Our own doing.
            Some(Code::PurgeQueue | Code::PurgeInflight) => {}
            // The producer has ended; see `mend`.
            Some(Code::Fatal) => {}
            Some(Code::MessageSizeTooLarge | Code::MessageBatchTooLarge) => {
                if self.batch_bytes <= BATCH_BYTES_MIN {
                    self.report.fail(&topic, code);
                    return self.give_up(ticket, "the topic refuses it however cut", reader);
                }
                self.batch_refused = true;
            }
            // Not the record's fault: clocks can be set right.
            Some(Code::InvalidTimestamp) => {
                self.report.fail(&topic, code);
                self.suspects.insert(ticket);
                self.pause();
            }
            // Perhaps the same: told when it is sent alone.
            Some(Code::InvalidRecord) if self.suspects.insert(ticket) => {}
            // To send it again would be of no use, and would hold up the rest.
            Some(Code::InvalidRecord | Code::PolicyViolation) => {
                self.report.fail(&topic, code);
                return self.give_up(ticket, "the broker takes it for invalid", reader);
            }
            other => {
                self.report.fail(&topic, other);
                if matches!(
                    other.map(Trouble::of),
                    Some(Trouble::TopicMissing | Trouble::TopicRefused)
                ) {
                    self.topics_seen = false;
                }
                self.pause();
            }
        }
        self.keep(ticket, message);
    }

    /// Keeps a message to be sent again; one that is made of a record that is held is made again.
    fn keep(&mut self, ticket: Ticket, message: Box<Returned>) {
        let message = self.open.get(ticket.seq).is_none().then_some(message);
        self.again.insert(ticket, message);
    }

    fn topic(&self, ticket: Ticket) -> &str {
        let outlet = self.outlets.get(ticket.outlet);
        outlet.map_or(self.config.topic.as_str(), |outlet| outlet.topic.as_str())
    }

    /// Takes note of what became of a message: the record leaves the spool with the last of its messages.
    fn settle(&mut self, ticket: Ticket, arrived: bool, reader: &mut Reader) {
        match self.open.settle(ticket.seq, arrived) {
            None => {}
            Some(true) => reader.acknowledge(ticket.seq),
            Some(false) => reader.give_up(ticket.seq),
        }
    }

    fn pause(&mut self) {
        let [least, most] = BACKOFF;
        if self.paused_until.is_none_or(|until| now() >= until) {
            self.backoff = self.backoff.saturating_mul(2).clamp(least, most);
            self.paused_until = now().checked_add(self.backoff);
        }
    }

    fn give_up(&mut self, ticket: Ticket, why: &str, reader: &mut Reader) {
        if let Some(records) = self.given_up.add(1) {
            let topic = self.topic(ticket);
            tracing::error!(records, why, topic, "records are not delivered to Kafka");
        }
        self.suspects.remove(&ticket);
        self.settle(ticket, false, reader);
    }

    /// Makes the producer anew when it has ended, when batches must be smaller, or when its login was refused.
    fn mend(&mut self, reader: &mut Reader) {
        let set_back = self.clock.set_back();
        if let Some(seconds) = set_back {
            tell_set_back(seconds);
        } else if self.paused_until.is_some_and(|until| now() < until) {
            return;
        }
        let fatal = self.producer.client().fatal_error();
        if let Some((code, _)) = &fatal {
            self.paused_until = self.remake.waits();
            if self.paused_until.is_some() {
                return;
            }
            self.remake.ended(*code);
        }
        let locked_out = self.report.health.is(Trouble::Login) && self.remake.age() >= LOGIN_PAUSE;
        if fatal.is_none() && !self.batch_refused && !locked_out && set_back.is_none() {
            return;
        }
        self.purge(reader);
        if std::mem::take(&mut self.batch_refused) {
            self.shrink();
        }
        self.remake.renewed();
        match create(&self.config, self.batch_bytes, &self.report, &self.outcomes) {
            Ok(producer) => end_aside(std::mem::replace(&mut self.producer, producer)),
            Err(error) => {
                tracing::error!(%error, "no new Kafka producer can be made");
                self.pause();
            }
        }
    }

    /// The topic takes less than it was told to: lowers by a quarter what is sent to it.
    fn shrink(&mut self) {
        let quarter = self.batch_bytes.checked_div(4).unwrap_or_default();
        self.batch_bytes = self.batch_bytes.saturating_sub(quarter).max(BATCH_BYTES_MIN);
        let bytes = usize::try_from(self.batch_bytes).unwrap_or(usize::MAX);
        self.limit.set(bytes.saturating_sub(BATCH_OVERHEAD_BYTES).min(self.limit.bytes()));
        self.report.fail(&self.config.topic, Some(RDKafkaErrorCode::MessageSizeTooLarge));
        tracing::debug!(
            bytes = self.batch_bytes,
            "smaller batches are tried, until the next start"
        );
    }

    /// Takes everything back from the client that is not acknowledged.
    fn purge(&mut self, reader: &mut Reader) {
        const LIMIT: Duration = Duration::from_secs(5);
        self.producer.purge(PurgeConfig::default().queue().inflight());
        let start = now();
        while self.producer.in_flight_count() > 0 && start.elapsed() < LIMIT {
            thread::sleep(Duration::from_millis(1));
        }
        self.take_outcomes(reader);
    }

    /// Says so when nothing is acknowledged for long.
    fn watch(&mut self) {
        if self.in_flight == 0 {
            self.progress = now();
        } else if self.progress.elapsed() >= STALLED && self.report.health.text().is_none() {
            let health = &self.report.health;
            match self.report.recent_trouble(STALLED.saturating_mul(4)) {
                Some(reason) => health.note(Trouble::Unreachable, &reason),
                None => self.tell_stall(),
            }
        }
    }

    /// The client waits half a minute for a topic that is no more there, or whose leader is gone: the brokers know.
    fn tell_stall(&self) {
        let health = &self.report.health;
        for outlet in &self.outlets.all {
            match look(self.producer.client(), &outlet.topic) {
                Ok(None) => {}
                Ok(Some(code @ RDKafkaErrorCode::LeaderNotAvailable)) => {
                    return health.note_about(&outlet.topic, Trouble::Stalled, &code.to_string());
                }
                Ok(Some(code)) => {
                    return health.note_about(&outlet.topic, Trouble::of(code), &code.to_string());
                }
                Err(_) => break,
            }
        }
        health.note(Trouble::Stalled, "no answer");
    }

    /// Whether another message may go to the client.
    fn may_send(&mut self) -> bool {
        if self.in_flight >= IN_FLIGHT_MAX || self.in_flight_bytes >= self.in_flight_bytes_max {
            return false;
        }
        if self.in_flight > 0 && !self.suspects.is_empty() {
            return false;
        }
        if self.paused_until.is_some_and(|until| now() < until) {
            return false;
        }
        self.topics_seen || self.find_topics()
    }

    /// Asks the brokers for the topics, and a registry for schemas; says what is wrong with them.
    fn find_topics(&mut self) -> bool {
        if self.looked.is_some_and(|looked| looked.elapsed() < LOOK_PAUSE) {
            return false;
        }
        let health = &self.report.health;
        let mut found = true;
        for outlet in &mut self.outlets.all {
            if let Err((trouble, reason)) = outlet.prepare() {
                health.note(trouble, &reason);
                found = false;
                break;
            }
            match look(self.producer.client(), &outlet.topic) {
                Ok(None) => continue,
                Ok(Some(RDKafkaErrorCode::LeaderNotAvailable)) => {}
                Ok(Some(code)) => {
                    health.note_about(&outlet.topic, Trouble::of(code), &code.to_string());
                }
                // Other trouble was told, and is why.
                Err(_) if health.text().is_some() && !health.is(Trouble::Unreachable) => {}
                Err(_) => {
                    let reason = self.report.trouble().unwrap_or_else(|| "no answer".to_owned());
                    health.note(Trouble::Unreachable, &reason);
                }
            }
            // What the others lack is told when this one is there.
            found = false;
            break;
        }
        self.looked = Some(now());
        self.topics_seen = found;
        found
    }

    fn send_again(&mut self, ticket: Ticket, message: Option<Box<Returned>>, reader: &mut Reader) {
        let Some(message) = message else { return self.make_again(ticket, reader) };
        let limit = Arc::clone(&self.limit);
        match refit(&message.value, &limit) {
            Some(value) => self.send(ticket, &message.key, message.headers, &value, reader),
            None => self.give_up(ticket, "it exceeds what the topic takes however cut", reader),
        }
    }

    /// Hands a message to the client.
    fn send(
        &mut self,
        ticket: Ticket,
        key: &[u8],
        headers: Option<OwnedHeaders>,
        value: &[u8],
        reader: &mut Reader,
    ) {
        let outlet = self.outlets.get(ticket.outlet);
        let topic = outlet.map_or(self.config.topic.as_str(), |outlet| outlet.topic.as_str());
        let mut record = BaseRecord::with_opaque_to(topic, ticket.opaque()).payload(value);
        if !key.is_empty() {
            record = record.key(key);
        }
        record.headers = headers;
        let (error, record) = match self.producer.send(record) {
            Ok(()) => {
                self.in_flight = self.in_flight.saturating_add(1);
                self.in_flight_bytes = self.in_flight_bytes.saturating_add(value.len());
                return;
            }
            Err(refused) => refused,
        };
        let message = Box::new(Returned {
            key: key.to_vec(),
            headers: record.headers,
            value: value.to_vec(),
        });
        match error {
            KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull) => {
                self.keep(ticket, message);
                thread::sleep(PAUSE);
            }
            error => self.failed(ticket, error.rdkafka_error_code(), message, reader),
        }
    }
}

fn create(
    config: &Config,
    batch_bytes: u32,
    report: &Arc<Report>,
    outcomes: &Arc<Mutex<Vec<Outcome>>>,
) -> Result<ThreadedProducer<Context>, SinkError> {
    let client = settings::producer(config, Use::Spooled, batch_bytes)?;
    let context = Context::with_outcomes(Arc::clone(report), Arc::clone(outcomes));
    client.create_with_context(context).map_err(|error| refused(&error))
}
