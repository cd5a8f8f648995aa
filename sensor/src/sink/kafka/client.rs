//! What producer and consumer share: what the client reports, and the first word with the brokers.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::client::{Client, ClientContext};
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedHeaders, BorrowedMessage, Message as _, OwnedHeaders};
use rdkafka::metadata::Metadata;
use rdkafka::producer::{DeliveryResult, ProducerContext};

use super::super::{SinkError, Statistics};
use super::Config;
use super::health::{Health, Trouble};
use super::ticket::{Open, Ticket};
use crate::sink::clock::now;

/// One attempt to get metadata.
const ATTEMPT: Duration = Duration::from_secs(1);
/// How long brokers that all refuse are tried: one of them may just be starting.
const REFUSED_GRACE: Duration = Duration::from_secs(2);
/// Brokers told apart; clusters list a few.
const BROKERS_MAX: usize = 64;
/// How long a missing topic is waited for: brokers may create it on being asked.
const CREATE_GRACE: Duration = Duration::from_secs(5);

/// What the client's threads report.
pub(super) struct Report {
    pub(super) delivered: AtomicU64,
    pub(super) failed: AtomicU64,
    /// Whether a message failed for a reason that the next ones share.
    stuck: AtomicBool,
    pub(super) health: Health,
    /// Brokers that refused to talk or could not be found; `None` once the login was refused.
    refusing: Mutex<Option<BTreeSet<String>>>,
    /// Last trouble with the brokers, as the client said it, and when.
    trouble: Mutex<Option<(String, Instant)>>,
    /// Why the last message failed.
    failure: Mutex<Option<String>>,
    statistics: Mutex<Option<Statistics>>,
    /// Records with several messages in flight.
    open: Mutex<Open<()>>,
}

impl Report {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            delivered: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            stuck: AtomicBool::new(false),
            health: Health::new(config),
            refusing: Mutex::new(Some(BTreeSet::new())),
            trouble: Mutex::new(None),
            failure: Mutex::new(None),
            statistics: Mutex::new(None),
            open: Mutex::default(),
        }
    }

    /// Takes note of a record that goes out as several messages.
    pub(super) fn expect(&self, seq: u64, messages: u8) {
        lock(&self.open).insert(seq, messages, ());
    }

    /// Takes note of what became of a message, and counts its record when that is known.
    pub(super) fn settle(&self, ticket: Ticket, arrived: bool) {
        let count = match lock(&self.open).settle(ticket.seq, arrived) {
            None => return,
            Some(true) => &self.delivered,
            Some(false) => &self.failed,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }

    /// Last trouble with the brokers.
    pub(super) fn trouble(&self) -> Option<String> {
        lock(&self.trouble).as_ref().map(|(reason, _)| reason.clone())
    }

    /// Trouble with the brokers in the time just gone.
    pub(super) fn recent_trouble(&self, within: Duration) -> Option<String> {
        let trouble = lock(&self.trouble);
        let recent = trouble.as_ref().filter(|(_, when)| when.elapsed() <= within);
        recent.map(|(reason, _)| reason.clone())
    }

    /// Why the last message failed.
    pub(super) fn failure(&self) -> Option<String> {
        lock(&self.failure).clone()
    }

    pub(super) fn statistics(&self) -> Option<Statistics> {
        lock(&self.statistics).clone()
    }

    /// Notes who refuses: `reason` begins with the broker's name.
    fn refuse(&self, code: Option<RDKafkaErrorCode>, reason: &str) {
        let mut refusing = lock(&self.refusing);
        match (code, refusing.as_mut()) {
            (Some(RDKafkaErrorCode::AllBrokersDown | RDKafkaErrorCode::Authentication), _) => {
                *refusing = None
            }
            (
                Some(RDKafkaErrorCode::BrokerTransportFailure | RDKafkaErrorCode::Resolve),
                Some(brokers),
            ) if brokers.len() < BROKERS_MAX => {
                brokers.insert(reason.split(": ").next().unwrap_or_default().to_owned());
            }
            _ => {}
        }
    }

    /// Whether all of `brokers`, separated by commas, refuse.
    fn all_refuse(&self, brokers: &str) -> bool {
        let listed = brokers.split(',').filter(|broker| !broker.trim().is_empty()).count();
        lock(&self.refusing).as_ref().is_none_or(|refusing| refusing.len() >= listed)
    }

    /// Whether a message failed although nothing is wrong with it: others will, too.
    pub(super) fn is_stuck(&self) -> bool {
        self.stuck.load(Ordering::Relaxed)
    }

    /// Takes note that a message was not delivered.
    pub(super) fn fail(&self, topic: &str, code: Option<RDKafkaErrorCode>) {
        // Taken back by us: the reason was told before.
        if let Some(RDKafkaErrorCode::PurgeQueue | RDKafkaErrorCode::PurgeInflight) = code {
            return;
        }
        let reason = code.map_or_else(|| "unknown".to_owned(), |code| code.to_string());
        let reason = match self.trouble() {
            Some(trouble) if code == Some(RDKafkaErrorCode::MessageTimedOut) => {
                format!("{reason}: {trouble}")
            }
            _ => reason,
        };
        let trouble = match code {
            // No broker complained.
            Some(RDKafkaErrorCode::MessageTimedOut) if self.trouble().is_none() => Trouble::Stalled,
            code => code.map_or(Trouble::Other, Trouble::of),
        };
        self.health.note_about(topic, trouble, &reason);
        *lock(&self.failure) = Some(reason);
        if !matches!(trouble, Trouble::TooLarge | Trouble::Invalid) {
            self.stuck.store(true, Ordering::Relaxed);
        }
    }
}

/// A panic elsewhere leaves these values whole.
pub(super) fn lock<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What became of a message that is in the spool.
pub(super) enum Outcome {
    /// Acknowledged by all replicas in sync.
    Persisted { ticket: Ticket, bytes: usize },
    /// Not, or perhaps not.
    Failed { ticket: Ticket, code: Option<RDKafkaErrorCode>, message: Box<Returned> },
}

/// A message the client gave back. No `Debug`: it holds a record.
pub(super) struct Returned {
    pub(super) key: Vec<u8>,
    pub(super) headers: Option<OwnedHeaders>,
    pub(super) value: Vec<u8>,
}

impl Returned {
    fn of(message: &BorrowedMessage<'_>) -> Box<Self> {
        Box::new(Self {
            key: message.key().unwrap_or_default().to_vec(),
            headers: message.headers().map(BorrowedHeaders::detach),
            value: message.payload().unwrap_or_default().to_vec(),
        })
    }
}

/// Receives what librdkafka reports.
#[derive(Clone)]
pub(super) struct Context {
    pub(super) report: Arc<Report>,
    /// Where the outcome of each message goes, when somebody waits for it.
    outcomes: Option<Arc<Mutex<Vec<Outcome>>>>,
}

impl Context {
    pub(super) const fn new(report: Arc<Report>) -> Self {
        Self { report, outcomes: None }
    }

    pub(super) const fn with_outcomes(
        report: Arc<Report>,
        outcomes: Arc<Mutex<Vec<Outcome>>>,
    ) -> Self {
        Self { report, outcomes: Some(outcomes) }
    }
}

impl ClientContext for Context {
    // `message` would be a second one in a line of JSON.
    fn log(&self, level: RDKafkaLogLevel, facility: &str, said: &str) {
        match level {
            // A producer that ended: comes through `error` as well, and who made it says so.
            _ if facility == "FATAL" => tracing::debug!(facility, said, "librdkafka"),
            RDKafkaLogLevel::Emerg | RDKafkaLogLevel::Alert | RDKafkaLogLevel::Critical => {
                tracing::error!(facility, said, "librdkafka");
            }
            // The rest comes through `error` as well, or is detail.
            _ => tracing::debug!(facility, said, "librdkafka"),
        }
    }

    fn stats(&self, statistics: rdkafka::statistics::Statistics) {
        let report = &self.report;
        let summary = summary(&statistics);
        // Said although no record waits: better before the first one is lost than after.
        if summary.brokers_up == 0
            && report.health.text().is_none()
            && let Some(reason) = report.trouble()
        {
            report.health.note(Trouble::Unreachable, &reason);
        }
        *lock(&report.statistics) = Some(summary);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        use RDKafkaErrorCode as Code;
        let report = &self.report;
        let code = error.rdkafka_error_code();
        report.refuse(code, reason);
        // Brokers that turn our certificate down, or the lack of one, do so when the handshake is over.
        let code = match code {
            Some(Code::BrokerTransportFailure) if reason.contains("SSL alert") => Some(Code::SSL),
            code => code,
        };
        let cause = {
            // "1/1 brokers are down" hides why.
            let mut trouble = lock(&report.trouble);
            if code != Some(Code::AllBrokersDown) || trouble.is_none() {
                *trouble = Some((reason.to_owned(), now()));
            }
            trouble.as_ref().map(|(reason, _)| reason.clone()).unwrap_or_default()
        };
        match code {
            // One connection of several, perhaps an idle one: only worth a word when no record gets through.
            None | Some(Code::BrokerTransportFailure | Code::Resolve | Code::OperationTimedOut) => {
                tracing::debug!(reason, "trouble with a Kafka broker");
            }
            // Follows what was said already.
            Some(Code::AllBrokersDown) if report.health.text().is_some() => {}
            Some(code) => report.health.note(Trouble::of(code), &cause),
        }
    }
}

impl ProducerContext for Context {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, opaque: usize) {
        let report = &self.report;
        let ticket = Ticket::of(opaque);
        let code = match result {
            Ok(_) => {
                report.health.well();
                None
            }
            Err((error, _)) => error.rdkafka_error_code(),
        };
        let Some(outcomes) = &self.outcomes else {
            if let Err((_, message)) = result {
                report.fail(message.topic(), code);
            }
            return report.settle(ticket, result.is_ok());
        };
        let outcome = match result {
            Ok(message) => Outcome::Persisted { ticket, bytes: message.payload_len() },
            Err((_, message)) => Outcome::Failed { ticket, code, message: Returned::of(message) },
        };
        lock(outcomes).push(outcome);
    }
}

impl ConsumerContext for Context {}

/// What of the client's statistics is worth a metric.
fn summary(all: &rdkafka::statistics::Statistics) -> Statistics {
    let positive = |number: i64| u64::try_from(number).unwrap_or_default();
    // Before the first answer only the addresses of the configuration are known.
    let named = all.brokers.values().any(|broker| broker.nodeid >= 0);
    let brokers =
        || all.brokers.values().filter(|b| b.source != "logical" && (b.nodeid >= 0 || !named));
    let sum = |of: fn(&rdkafka::statistics::Broker) -> u64| {
        all.brokers.values().fold(0_u64, |sum, broker| sum.saturating_add(of(broker)))
    };
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let round_trips = brokers().filter_map(|broker| Some(broker.rtt.as_ref()?.p99));
    Statistics {
        queue_messages: all.msg_cnt,
        queue_bytes: all.msg_size,
        brokers: count(brokers().count()),
        brokers_up: count(brokers().filter(|broker| broker.state == "UP").count()),
        round_trip_p99_microseconds: positive(round_trips.max().unwrap_or_default()),
        transmit_errors: sum(|broker| broker.txerrs),
        transmit_retries: sum(|broker| broker.txretries),
        request_timeouts: sum(|broker| broker.req_timeouts),
        messages_sent: positive(all.txmsgs),
        bytes_sent: positive(all.txmsg_bytes),
    }
}

/// What keeps `topic` from being used, by the brokers' word; `None` when nothing does.
///
/// # Errors
///
/// When no broker answers within a second.
pub(super) fn look(
    client: &Client<Context>,
    topic: &str,
) -> Result<Option<RDKafkaErrorCode>, KafkaError> {
    Ok(topic_error(&client.fetch_metadata(Some(topic), ATTEMPT)?, topic))
}

/// Waits until a broker answers for `config.topic`; `pump` lets the client report errors.
///
/// # Errors
///
/// [`SinkError::Unreachable`], [`SinkError::TopicMissing`] or [`SinkError::Topic`], within
/// `config.connect_seconds_max`.
pub(super) fn connect(
    client: &Client<Context>,
    config: &Config,
    pump: impl Fn(),
) -> Result<Metadata, SinkError> {
    let limit = Duration::from_secs(config.connect_seconds_max.max(1).into());
    let brokers = || config.brokers.clone();
    let topic = || config.topic.clone();
    let report = &client.context().report;
    report.health.set_quiet(true);
    let start = now();
    loop {
        let passed = start.elapsed();
        pump();
        let answer = client.fetch_metadata(Some(&config.topic), ATTEMPT.min(limit));
        pump();
        let error = match answer {
            Ok(metadata) => match topic_error(&metadata, &config.topic) {
                None => {
                    report.health.well();
                    report.health.set_quiet(false);
                    return Ok(metadata);
                }
                Some(
                    RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic,
                ) if passed >= CREATE_GRACE.min(limit) => {
                    return Err(SinkError::TopicMissing { topic: topic(), brokers: brokers() });
                }
                Some(code) => Some(code),
            },
            Err(_) => None,
        };
        match error {
            Some(
                code
                @ (RDKafkaErrorCode::TopicAuthorizationFailed | RDKafkaErrorCode::InvalidTopic),
            ) => {
                report.health.note(Trouble::of(code), &code.to_string());
                return Err(refusal(report, code, config));
            }
            Some(code) if passed >= limit => {
                let reason = code.to_string();
                return Err(SinkError::Topic { topic: topic(), brokers: brokers(), reason });
            }
            None if passed >= limit
                || (passed >= REFUSED_GRACE && report.all_refuse(&config.brokers)) =>
            {
                if report.health.is(Trouble::Login) || report.health.is(Trouble::Tls) {
                    return Err(refusal(report, RDKafkaErrorCode::Authentication, config));
                }
                let reason = report
                    .trouble()
                    .unwrap_or_else(|| format!("no answer within {} seconds", limit.as_secs()));
                return Err(SinkError::Unreachable { brokers: brokers(), reason });
            }
            _ => thread::sleep(Duration::from_millis(200)),
        }
    }
}

/// The error of brokers that answer, and refuse.
fn refusal(report: &Report, code: RDKafkaErrorCode, config: &Config) -> SinkError {
    match report.health.text() {
        Some(reason) if code != RDKafkaErrorCode::InvalidTopic => SinkError::Refused { reason },
        _ => SinkError::Topic {
            topic: config.topic.clone(),
            brokers: config.brokers.clone(),
            reason: code.to_string(),
        },
    }
}

fn topic_error(metadata: &Metadata, name: &str) -> Option<RDKafkaErrorCode> {
    let topic = metadata.topics().iter().find(|topic| topic.name() == name);
    match topic {
        None => Some(RDKafkaErrorCode::UnknownTopicOrPartition),
        Some(topic) => match topic.error() {
            Some(error) => Some(error.into()),
            None if topic.partitions().is_empty() => {
                Some(RDKafkaErrorCode::UnknownTopicOrPartition)
            }
            None => None,
        },
    }
}
