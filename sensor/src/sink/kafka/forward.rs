//! From the spool to the brokers: in order, bounded in flight, and acknowledged only when it is persisted there.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseRecord, Producer as _, PurgeConfig, ThreadedProducer};

use super::super::SinkError;
use super::super::spool::Reader;
use super::Config;
use super::client::{Context, Outcome, Report, Returned, lock, look};
use super::encode::{Limit, message_bytes_max, refit};
use super::health::Trouble;
use super::message;
use super::settings::{self, Use, refused};
use crate::sink::clock::now;

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
    /// Messages to send again, by sequence.
    again: BTreeMap<u64, Box<Returned>>,
    /// Messages the client has, and their bytes.
    in_flight: usize,
    in_flight_bytes: usize,
    in_flight_bytes_max: usize,
    /// The last acknowledgement, or the last time nothing was in flight.
    progress: Instant,
    /// Whether the topic was seen to be there, and when it was looked for last.
    topic_seen: bool,
    looked: Option<Instant>,
    backoff: Duration,
    paused_until: Option<Instant>,
    /// Size of batches, lowered when the topic refuses them.
    batch_bytes: u32,
    batch_refused: bool,
    made: Instant,
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
            again: BTreeMap::new(),
            in_flight: 0,
            in_flight_bytes: 0,
            in_flight_bytes_max: queue.saturating_mul(1024).min(IN_FLIGHT_BYTES_MAX),
            progress: now(),
            topic_seen: false,
            looked: None,
            backoff: Duration::ZERO,
            paused_until: None,
            batch_bytes,
            batch_refused: false,
            made: now(),
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
            if let Some((seq, message)) = self.again.pop_first() {
                self.send_again(seq, *message, &mut reader);
                continue;
            }
            // Not longer: acknowledgements wait meanwhile.
            let Some(entry) = reader.next(PAUSE) else { continue };
            match message::read(&entry.payload) {
                Some(message) => {
                    let headers = message.headers.iter().fold(
                        OwnedHeaders::new_with_capacity(message.headers.len()),
                        |headers, (key, value)| headers.insert(Header { key, value: Some(*value) }),
                    );
                    self.send(entry.seq, message.key, Some(headers), message.value, &mut reader);
                }
                // Of a later version of this program.
                None => {
                    self.give_up(entry.seq, "it is not in a form this version knows", &mut reader)
                }
            }
        }
        self.purge(&mut reader);
    }

    /// What became of messages since the last look.
    fn take_outcomes(&mut self, reader: &mut Reader) {
        let outcomes = std::mem::take(&mut *lock(&self.outcomes));
        for outcome in outcomes {
            match outcome {
                Outcome::Persisted { seq, bytes } => {
                    self.landed(bytes);
                    self.progress = now();
                    self.backoff = Duration::ZERO;
                    reader.acknowledge(seq);
                }
                Outcome::Failed { seq, code, message } => {
                    self.landed(message.value.len());
                    self.failed(seq, code, message, reader);
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
        seq: u64,
        code: Option<RDKafkaErrorCode>,
        message: Box<Returned>,
        reader: &mut Reader,
    ) {
        use RDKafkaErrorCode as Code;
        match code {
            // Our own doing.
            Some(Code::PurgeQueue | Code::PurgeInflight) => {}
            // The producer has ended; see `mend`.
            Some(Code::Fatal) => {}
            Some(Code::MessageSizeTooLarge | Code::MessageBatchTooLarge) => {
                if self.batch_bytes <= BATCH_BYTES_MIN {
                    self.report.fail(code);
                    return self.give_up(seq, "the topic refuses it however cut", reader);
                }
                self.batch_refused = true;
            }
            // To send it again would be of no use, and would hold up the rest.
            Some(Code::InvalidRecord | Code::InvalidTimestamp | Code::PolicyViolation) => {
                self.report.fail(code);
                return self.give_up(seq, "the broker takes it for invalid", reader);
            }
            other => {
                self.report.fail(other);
                if matches!(
                    other.map(Trouble::of),
                    Some(Trouble::TopicMissing | Trouble::TopicRefused)
                ) {
                    self.topic_seen = false;
                }
                self.pause();
            }
        }
        self.again.insert(seq, message);
    }

    fn pause(&mut self) {
        let [least, most] = BACKOFF;
        if self.paused_until.is_none_or(|until| now() >= until) {
            self.backoff = self.backoff.saturating_mul(2).clamp(least, most);
            self.paused_until = now().checked_add(self.backoff);
        }
    }

    fn give_up(&mut self, seq: u64, why: &str, reader: &mut Reader) {
        tracing::error!(why, "a record is not delivered to Kafka");
        reader.give_up(seq);
    }

    /// Makes the producer anew when it has ended, when batches must be smaller, or when its login was refused.
    fn mend(&mut self, reader: &mut Reader) {
        if self.paused_until.is_some_and(|until| now() < until) {
            return;
        }
        let fatal = self.producer.client().fatal_error();
        if let Some((code, _)) = &fatal {
            tracing::error!(%code, "Kafka producer ended; a new one is made");
        }
        let locked_out =
            self.report.health.is(Trouble::Login) && self.made.elapsed() >= LOGIN_PAUSE;
        if fatal.is_none() && !self.batch_refused && !locked_out {
            return;
        }
        self.purge(reader);
        if std::mem::take(&mut self.batch_refused) {
            self.shrink();
        }
        self.made = now();
        match create(&self.config, self.batch_bytes, &self.report, &self.outcomes) {
            Ok(producer) => self.producer = producer,
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
        self.report.fail(Some(RDKafkaErrorCode::MessageSizeTooLarge));
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
                None => health.note(Trouble::Stalled, "no answer"),
            }
        }
    }

    /// Whether another message may go to the client.
    fn may_send(&mut self) -> bool {
        if self.in_flight >= IN_FLIGHT_MAX || self.in_flight_bytes >= self.in_flight_bytes_max {
            return false;
        }
        if self.paused_until.is_some_and(|until| now() < until) {
            return false;
        }
        self.topic_seen || self.find_topic()
    }

    /// Asks the brokers for the topic; says what is wrong with it.
    fn find_topic(&mut self) -> bool {
        if self.looked.is_some_and(|looked| looked.elapsed() < LOOK_PAUSE) {
            return false;
        }
        let found = look(self.producer.client(), &self.config.topic);
        self.looked = Some(now());
        match found {
            Ok(None) => self.topic_seen = true,
            Ok(Some(RDKafkaErrorCode::LeaderNotAvailable)) => {}
            Ok(Some(code)) => self.report.health.note(Trouble::of(code), &code.to_string()),
            // The client says by itself who cannot be reached; if it does not, nobody answers.
            Err(_) if self.report.health.text().is_some() => {}
            Err(error) => {
                let reason = self.report.trouble().unwrap_or_else(|| error.to_string());
                self.report.health.note(Trouble::Unreachable, &reason);
            }
        }
        self.topic_seen
    }

    fn send_again(&mut self, seq: u64, message: Returned, reader: &mut Reader) {
        let limit = Arc::clone(&self.limit);
        match refit(&message.value, &limit) {
            Some(value) => self.send(seq, &message.key, message.headers, &value, reader),
            None => self.give_up(seq, "it exceeds what the topic takes however cut", reader),
        }
    }

    /// Hands a message to the client.
    fn send(
        &mut self,
        seq: u64,
        key: &[u8],
        headers: Option<OwnedHeaders>,
        value: &[u8],
        reader: &mut Reader,
    ) {
        let opaque = usize::try_from(seq).unwrap_or(usize::MAX);
        let mut record = BaseRecord::with_opaque_to(&self.config.topic, opaque).payload(value);
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
                self.again.insert(seq, message);
                thread::sleep(PAUSE);
            }
            error => self.failed(seq, error.rdkafka_error_code(), message, reader),
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
