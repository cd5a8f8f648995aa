//! What producer and consumer share: settings, errors, and the first word with the brokers.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::client::{Client, ClientContext};
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::metadata::Metadata;
use rdkafka::producer::{DeliveryResult, ProducerContext};
use rdkafka::statistics::Statistics;

use super::super::SinkError;
use super::Config;

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
    /// Brokers that refused to talk or could not be found; `None` once the login was refused.
    refusing: Mutex<Option<BTreeSet<String>>>,
    /// Whether an error was logged since the last success.
    logged: AtomicBool,
    /// Last trouble with the brokers.
    trouble: Mutex<Option<String>>,
    /// Why the last message failed.
    failure: Mutex<Option<String>>,
}

impl Report {
    /// Last trouble with the brokers.
    pub(super) fn trouble(&self) -> Option<String> {
        lock(&self.trouble).clone()
    }

    /// Why the last message failed, or else what keeps messages from leaving.
    pub(super) fn failure(&self) -> Option<String> {
        lock(&self.failure).clone()
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

    fn fail(&self, code: Option<RDKafkaErrorCode>) {
        self.failed.fetch_add(1, Ordering::Relaxed);
        let reason = code.map_or_else(|| "unknown".to_owned(), |code| code.to_string());
        let reason = match self.trouble() {
            Some(trouble) if code == Some(RDKafkaErrorCode::MessageTimedOut) => {
                format!("{reason}: {trouble}")
            }
            _ => reason,
        };
        let changed = self.failure().as_ref() != Some(&reason);
        if changed {
            tracing::error!(%reason, "record not delivered to Kafka");
        }
        *lock(&self.failure) = Some(reason);
    }
}

impl Default for Report {
    fn default() -> Self {
        Self {
            delivered: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            refusing: Mutex::new(Some(BTreeSet::new())),
            logged: AtomicBool::new(false),
            trouble: Mutex::new(None),
            failure: Mutex::new(None),
        }
    }
}

/// A panic elsewhere leaves these values whole.
fn lock<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Receives what librdkafka reports.
#[derive(Clone, Default)]
pub(super) struct Context(pub(super) Arc<Report>);

impl ClientContext for Context {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        match level {
            RDKafkaLogLevel::Emerg | RDKafkaLogLevel::Alert | RDKafkaLogLevel::Critical => {
                tracing::error!(facility, message, "librdkafka");
            }
            // The rest comes through `error` as well, or is detail.
            _ => tracing::debug!(facility, message, "librdkafka"),
        }
    }

    fn stats(&self, _: Statistics) {}

    fn error(&self, error: KafkaError, reason: &str) {
        let code = error.rdkafka_error_code();
        self.0.refuse(code, reason);
        // "1/1 brokers are down" hides why.
        let mut trouble = lock(&self.0.trouble);
        if code != Some(RDKafkaErrorCode::AllBrokersDown) || trouble.is_none() {
            *trouble = Some(reason.to_owned());
        }
        if !self.0.logged.swap(true, Ordering::Relaxed) {
            tracing::warn!(reason, "trouble with Kafka");
        }
    }
}

impl ProducerContext for Context {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        match result {
            Ok(_) => {
                self.0.delivered.fetch_add(1, Ordering::Relaxed);
                if self.0.logged.load(Ordering::Relaxed)
                    && self.0.logged.swap(false, Ordering::Relaxed)
                {
                    tracing::info!("Kafka takes records again");
                }
            }
            Err((error, _)) => self.0.fail(error.rdkafka_error_code()),
        }
    }
}

impl ConsumerContext for Context {}

/// Adds the operator's own properties, which win.
///
/// # Errors
///
/// [`SinkError::KafkaSetting`] when a property file cannot be read.
pub(super) fn add_properties(client: &mut ClientConfig, config: &Config) -> Result<(), SinkError> {
    for (name, value) in &config.properties.0 {
        client.set(name, value);
    }
    for (name, path) in &config.property_files {
        let text = std::fs::read_to_string(path).map_err(|error| SinkError::KafkaSetting {
            reason: format!("{name} cannot be read from {}: {error}", path.display()),
        })?;
        client.set(name, text.trim_end_matches(['\r', '\n']));
    }
    Ok(())
}

/// The error of a client that could not be made; without values, which may be secret.
pub(super) fn refused(error: &KafkaError) -> SinkError {
    let reason = match error {
        KafkaError::ClientConfig(_, _, name, _) => format!("{name} is unknown or has a bad value"),
        other => other.to_string(),
    };
    SinkError::KafkaSetting { reason }
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
    let report = &client.context().0;
    let start = now();
    loop {
        let passed = start.elapsed();
        pump();
        let answer = client.fetch_metadata(Some(&config.topic), ATTEMPT.min(limit));
        pump();
        let error = match answer {
            Ok(metadata) => match topic_error(&metadata, &config.topic) {
                None => {
                    report.logged.store(false, Ordering::Relaxed);
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
                let reason = code.to_string();
                return Err(SinkError::Topic { topic: topic(), brokers: brokers(), reason });
            }
            Some(code) if passed >= limit => {
                let reason = code.to_string();
                return Err(SinkError::Topic { topic: topic(), brokers: brokers(), reason });
            }
            None if passed >= limit
                || (passed >= REFUSED_GRACE && report.all_refuse(&config.brokers)) =>
            {
                let reason = report
                    .trouble()
                    .unwrap_or_else(|| format!("no answer within {} seconds", limit.as_secs()));
                return Err(SinkError::Unreachable { brokers: brokers(), reason });
            }
            _ => thread::sleep(Duration::from_millis(200)),
        }
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

/// The clock of waiting for brokers; no record ever sees it.
#[allow(clippy::disallowed_methods, reason = "waiting for a broker is not traffic time")]
pub(super) fn now() -> Instant {
    Instant::now()
}
