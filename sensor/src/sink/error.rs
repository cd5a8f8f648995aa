//! What stops a sink.

use std::io;
use std::path::PathBuf;

use super::spool::SpoolError;

/// Why a sink cannot be opened or can write no more. Each is one line that says what, where and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SinkError {
    /// Who read the output is gone: end quietly.
    #[error("the reader of the output is gone")]
    BrokenPipe,
    /// An output file cannot be created.
    #[error("cannot create {}: {source}; check that the directory exists and can be written", path.display())]
    Create {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// An output cannot be written.
    #[error("cannot write to {target}: {source}")]
    Write {
        /// The file, or `standard output`.
        target: String,
        /// What the system said.
        source: io::Error,
    },
    /// A record has no form in this format.
    #[error("cannot write a record as {format}: {reason}")]
    Encode {
        /// The format.
        format: &'static str,
        /// What is wrong with it. Never traffic content.
        reason: String,
    },
    /// The configuration names no known format.
    #[error("unknown output format {name:?}; use one of: {known}")]
    Format {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// This program was built without Kafka.
    #[error("this apitap was built without Kafka; build it with `--features kafka`")]
    NoKafka,
    /// A Kafka setting is refused.
    #[error("Kafka setting refused: {reason}")]
    KafkaSetting {
        /// Which, and why. Never a value.
        reason: String,
    },
    /// A file that a Kafka setting names cannot be used.
    #[error("Kafka setting refused: {reason}")]
    KafkaFile {
        /// Which, and why. Never its content.
        reason: String,
    },
    /// The spool cannot be opened.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// No broker answers.
    #[error(
        "cannot reach any broker at {brokers}: {reason}; check the address, that the port is open from here, \
         and `tls` and `sasl_mechanism` if the brokers want TLS or a login"
    )]
    Unreachable {
        /// Addresses tried.
        brokers: String,
        /// The last thing the client said.
        reason: String,
    },
    /// Brokers answer, and let us not in.
    #[error("{reason}")]
    Refused {
        /// What they refuse, and what to do.
        reason: String,
    },
    /// The topic is not there.
    #[error("topic {topic:?} does not exist at {brokers}; create it, or name another with `topic`")]
    TopicMissing {
        /// The topic.
        topic: String,
        /// Addresses asked.
        brokers: String,
    },
    /// The topic may not be used.
    #[error("topic {topic:?} at {brokers} cannot be used: {reason}")]
    Topic {
        /// The topic.
        topic: String,
        /// Addresses asked.
        brokers: String,
        /// What the broker said.
        reason: String,
    },
    /// The brokers take no records any more, and there is nowhere to keep them.
    #[error("stopped before the end: {reason}")]
    Stuck {
        /// What is wrong, and what to do.
        reason: String,
    },
    /// The Kafka client can go no further.
    #[error("Kafka client stopped: {reason}")]
    Kafka {
        /// What it said.
        reason: String,
    },
}

impl SinkError {
    /// Whether the configuration is wrong, rather than what it names: trying again will not help.
    #[must_use]
    pub const fn is_setting(&self) -> bool {
        matches!(
            self,
            Self::Format { .. }
                | Self::NoKafka
                | Self::KafkaSetting { .. }
                | Self::Spool(SpoolError::Setting { .. })
        )
    }
}
