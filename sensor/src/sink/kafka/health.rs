//! What is wrong between us and the brokers, in words: one line when it changes.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rdkafka::error::RDKafkaErrorCode;

use super::Config;
use super::client::lock;
use crate::sink::clock::now;

/// Trouble that lasts is told again after this time.
const REMIND: Duration = Duration::from_secs(600);
/// Trouble that comes and goes is told at most this often.
const AGAIN: Duration = Duration::from_secs(60);

/// Kinds of trouble, by what is to be done about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// No broker answers.
    Unreachable,
    /// The brokers refuse who we are.
    Login,
    /// No agreement on TLS.
    Tls,
    /// There is no such topic.
    TopicMissing,
    /// We may not write to the topic.
    TopicRefused,
    /// We may not write idempotently.
    ClusterRefused,
    /// Too few replicas are in sync.
    Replicas,
    /// Messages are larger than the topic takes.
    TooLarge,
    /// The broker takes the message for none.
    Invalid,
    /// Its clock and ours differ.
    Clock,
    /// The schema of a topic cannot be looked up.
    Schema,
    /// Nothing is acknowledged, and nobody says why.
    Stalled,
    /// Anything else.
    Other,
}

impl Trouble {
    /// The kind of an error.
    pub(super) const fn of(code: RDKafkaErrorCode) -> Self {
        use RDKafkaErrorCode as Code;
        match code {
            Code::BrokerTransportFailure
            | Code::Resolve
            | Code::AllBrokersDown
            | Code::MessageTimedOut
            | Code::OperationTimedOut => Self::Unreachable,
            Code::Authentication
            | Code::SaslAuthenticationFailed
            | Code::UnsupportedSASLMechanism
            | Code::IllegalSASLState => Self::Login,
            Code::SSL => Self::Tls,
            Code::UnknownTopic | Code::UnknownTopicOrPartition | Code::UnknownPartition => {
                Self::TopicMissing
            }
            Code::TopicAuthorizationFailed => Self::TopicRefused,
            Code::ClusterAuthorizationFailed => Self::ClusterRefused,
            Code::NotEnoughReplicas | Code::NotEnoughReplicasAfterAppend => Self::Replicas,
            Code::MessageSizeTooLarge | Code::MessageBatchTooLarge => Self::TooLarge,
            Code::InvalidTimestamp => Self::Clock,
            Code::InvalidRecord
            | Code::InvalidMessage
            | Code::InvalidMessageSize
            | Code::PolicyViolation => Self::Invalid,
            _ => Self::Other,
        }
    }

    /// What it is and what to do, in one line; `reason` is what the client said.
    fn text(self, topic: &str, brokers: &str, reason: &str) -> String {
        match self {
            Self::Unreachable => format!(
                "no Kafka broker at {brokers} can be reached ({reason}); check that they run, that their ports are open \
                 from here, and `tls` and `sasl_mechanism` if they want TLS or a login"
            ),
            Self::Login if reason.contains("OAUTHBEARER") => format!(
                "Kafka refuses the login ({reason}); check the sasl.oauthbearer properties, that the token endpoint \
                 answers, and what the brokers expect of a token"
            ),
            Self::Login => format!(
                "Kafka refuses the login ({reason}); check sasl_mechanism, sasl_user and sasl_password_file"
            ),
            Self::Tls => format!(
                "TLS with Kafka fails ({reason}); check tls, ca_file, the names and the end of validity in the \
                 broker's certificate, and certificate_file if brokers ask for one"
            ),
            Self::TopicMissing => format!(
                "topic {topic:?} does not exist at {brokers}; create it, or name another with `topic`"
            ),
            Self::TopicRefused => format!(
                "Kafka refuses to let this user write topic {topic:?}; grant it the ACL operations Write and Describe \
                 on the topic"
            ),
            Self::ClusterRefused => {
                "Kafka refuses idempotent writes to this user; grant it the ACL operation \
                 IdempotentWrite on the cluster"
                    .to_owned()
            }
            Self::Replicas => format!(
                "topic {topic:?} has fewer replicas in sync than its min.insync.replicas ({reason}); check the brokers"
            ),
            Self::TooLarge => format!(
                "topic {topic:?} refuses messages of this size; set message_bytes_max to at most the topic's \
                 max.message.bytes, or raise that"
            ),
            Self::Invalid => format!(
                "the broker takes a message for topic {topic:?} for invalid ({reason}); check the topic's settings, \
                 such as cleanup.policy, and this host's clock"
            ),
            Self::Clock => format!(
                "the brokers refuse the time of messages for topic {topic:?} ({reason}); check this host's clock, and the \
                 topic's message.timestamp settings"
            ),
            Self::Schema => reason.to_owned(),
            Self::Stalled => format!(
                "no record was acknowledged by Kafka for some seconds ({reason}); check the brokers at {brokers}"
            ),
            Self::Other => format!("Kafka does not take records ({reason})"),
        }
    }
}

/// Whether all is well, and what was said of it.
pub(super) struct Health {
    topic: String,
    brokers: String,
    state: Mutex<State>,
    /// Whether there is trouble, for a quick look.
    troubled: AtomicBool,
    /// Whether somebody else tells of trouble.
    quiet: AtomicBool,
}

#[derive(Default)]
struct State {
    trouble: Option<(Trouble, Instant)>,
    told: Vec<(Trouble, Instant)>,
    text: Option<String>,
}

impl Health {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            topic: config.topic.clone(),
            brokers: config.brokers.clone(),
            state: Mutex::default(),
            troubled: AtomicBool::new(false),
            quiet: AtomicBool::new(false),
        }
    }

    /// Whether to say nothing: an error will.
    pub(super) fn set_quiet(&self, quiet: bool) {
        self.quiet.store(quiet, Ordering::Relaxed);
    }

    /// Takes note of trouble, and says so if it is news.
    pub(super) fn note(&self, trouble: Trouble, reason: &str) {
        self.note_about(&self.topic, trouble, reason);
    }

    /// The same, of one of several topics.
    pub(super) fn note_about(&self, topic: &str, trouble: Trouble, reason: &str) {
        let mut state = lock(&self.state);
        let changed = state.trouble.is_none_or(|(known, _)| known != trouble);
        if changed {
            let since = state.trouble.map_or_else(now, |(_, since)| since);
            state.trouble = Some((trouble, since));
        }
        self.troubled.store(true, Ordering::Relaxed);
        let pause = if changed { AGAIN } else { REMIND };
        let told = state.told.iter_mut().find(|(known, _)| *known == trouble);
        let due = match told {
            None => {
                state.told.push((trouble, now()));
                true
            }
            Some((_, last)) => {
                let due = last.elapsed() >= pause;
                if due {
                    *last = now();
                }
                due
            }
        };
        let text = trouble.text(topic, &self.brokers, reason);
        if due && !self.quiet.load(Ordering::Relaxed) {
            tracing::error!("{text}");
        }
        state.text = Some(text);
    }

    /// Takes note that a record was acknowledged.
    pub(super) fn well(&self) {
        if !self.troubled.load(Ordering::Relaxed) || !self.troubled.swap(false, Ordering::Relaxed) {
            return;
        }
        let mut state = lock(&self.state);
        let Some((_, since)) = state.trouble.take() else { return };
        state.text = None;
        let seconds = since.elapsed().as_secs();
        tracing::info!(seconds, "Kafka takes records again");
    }

    /// Whether this is what is wrong now.
    pub(super) fn is(&self, trouble: Trouble) -> bool {
        lock(&self.state).trouble.is_some_and(|(known, _)| known == trouble)
    }

    /// What is wrong now.
    pub(super) fn text(&self) -> Option<String> {
        lock(&self.state).text.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_says_what_to_do() {
        let health = Health::new(&Config {
            topic: "calls".into(),
            brokers: "b:1".into(),
            ..Config::default()
        });
        for (code, said) in [
            (RDKafkaErrorCode::UnknownTopic, "topic \"calls\" does not exist at b:1; create it"),
            (RDKafkaErrorCode::TopicAuthorizationFailed, "grant it the ACL operations Write"),
            (RDKafkaErrorCode::ClusterAuthorizationFailed, "IdempotentWrite on the cluster"),
            (RDKafkaErrorCode::Authentication, "refuses the login (why); check sasl_mechanism"),
            (RDKafkaErrorCode::AllBrokersDown, "no Kafka broker at b:1 can be reached (why)"),
            (RDKafkaErrorCode::MessageSizeTooLarge, "set message_bytes_max"),
            (RDKafkaErrorCode::InvalidTimestamp, "check this host's clock"),
        ] {
            health.note(Trouble::of(code), "why");
            let text = health.text().unwrap();
            assert!(text.contains(said) && !text.contains('\n'), "{text}");
        }
        health.well();
        assert_eq!(health.text(), None);
    }

    #[test]
    fn trouble_is_told_once() {
        let health = Health::new(&Config::default());
        for _ in 0..100 {
            health.note(Trouble::Unreachable, "refused");
            health.note(Trouble::TopicMissing, "");
            health.well();
        }
        assert_eq!(lock(&health.state).told.len(), 2);
    }
}
