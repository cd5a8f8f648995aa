//! The Kafka sink: one record a message, at least once: within the message timeout, or, with a spool, however long it
//! takes. Plain protobuf, or another form, in one topic or in several; the spool holds protobuf whatever the form.
//!
//! Header `content-type` is that of the value, `apitap-schema` names the message type or schema.

#[cfg(feature = "kafka")]
mod client;
#[cfg(feature = "kafka")]
mod encode;
#[cfg_attr(not(feature = "kafka"), allow(dead_code, reason = "only Kafka frames messages"))]
pub mod form;
#[cfg(feature = "kafka")]
mod forward;
#[cfg(feature = "kafka")]
mod headers;
#[cfg(feature = "kafka")]
mod health;
mod key;
#[cfg(feature = "kafka")]
mod message;
#[cfg(feature = "kafka")]
mod producer;
#[cfg(feature = "kafka")]
mod project;
#[cfg(feature = "kafka")]
mod registry;
#[cfg(feature = "kafka")]
mod remake;
#[cfg_attr(not(feature = "kafka"), allow(dead_code, reason = "only Kafka frames messages"))]
pub mod schema;
#[cfg(feature = "kafka")]
mod settings;
#[cfg(feature = "kafka")]
mod spooled;
#[cfg(feature = "kafka")]
mod ticket;
#[cfg(feature = "kafka")]
mod topic;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use form::{Form, TopicConfig};
pub use key::Key;
#[cfg(feature = "kafka")]
pub use producer::Kafka;
#[cfg(feature = "kafka")]
pub use spooled::Spooled;
#[cfg(feature = "kafka")]
pub use topic::Topic;

use super::{Entry, Mode, Opened, SinkError, spool};
use crate::bounded::within;

pub(super) const ENTRY: Entry =
    Entry { name: "kafka", open: |config, mode| config.kafka.as_ref().map(|c| open(c, mode)) };

/// Which brokers and topic, and how records are sent.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Addresses of some brokers: `host:port`, separated by commas. Default: `localhost:9092`.
    pub brokers: String,
    /// Topic of the records; it must exist. Default: `apitap.calls.v1`.
    pub topic: String,
    /// Form of its values: `protobuf`, `json`, `ocsf`, `ocsf-api` or `ecs`. Default: `protobuf`.
    pub format: Form,
    /// Whether messages carry the headers of CloudEvents 1.0 (binary content mode). Default: false.
    pub cloud_events: bool,
    /// What decides the partition: `actor`, `client_ip`, `endpoint` or `connection`. Default: `actor`.
    pub key: Key,
    /// `zstd`, `lz4`, `snappy`, `gzip` or `none`. Default: `zstd`.
    pub compression: Compression,
    /// Whether to talk TLS. Default: false.
    pub tls: bool,
    /// Certificates to trust, PEM. Default: those of the system.
    pub ca_file: Option<PathBuf>,
    /// Certificate to show to brokers that ask for one (mTLS), PEM.
    pub certificate_file: Option<PathBuf>,
    /// Its private key, PEM.
    pub key_file: Option<PathBuf>,
    /// How to log in: `SCRAM-SHA-512`, `SCRAM-SHA-256`, `PLAIN` or `OAUTHBEARER`. Default: no login.
    pub sasl_mechanism: Option<SaslMechanism>,
    /// User name of the login.
    pub sasl_user: Option<String>,
    /// File with its password; a newline at the end is not part of it.
    pub sasl_password_file: Option<PathBuf>,
    /// How long a message waits for others to travel with, in milliseconds, 0 to 900,000. Default: 20.
    #[serde(deserialize_with = "within::<0, 900_000, _, _>")]
    pub linger_milliseconds: u32,
    /// Memory for messages not yet acknowledged, in KiB, 1024 to 2,147,483,647. A full queue makes the sink wait.
    /// Default: 65536.
    #[serde(deserialize_with = "within::<1024, 2_147_483_647, _, _>")]
    pub queue_kibibytes_max: u32,
    /// Largest message, in bytes, 10,000 to 1,000,000,000; larger records are cut. At most what the topic takes
    /// (`max.message.bytes`). Default: 1000000.
    #[serde(deserialize_with = "within::<10_000, 1_000_000_000, _, _>")]
    pub message_bytes_max: u32,
    /// How long delivery of a message is tried before it has failed, in seconds, 1 to 2,147,483. With a spool it is tried
    /// for as long as the spool holds it. Default: 60.
    #[serde(deserialize_with = "within::<1, 2_147_483, _, _>")]
    pub message_timeout_seconds: u32,
    /// How long brokers may take to answer at the start of `apitap read`, in seconds, 1 to 3600. Default: 10.
    #[serde(deserialize_with = "within::<1, 3600, _, _>")]
    pub connect_seconds_max: u32,
    /// How long the end waits for acknowledgements, in seconds, 0 to 3600; with a spool, which keeps the rest, at most 5.
    /// Default: 30.
    #[serde(deserialize_with = "within::<0, 3600, _, _>")]
    pub finish_seconds_max: u32,
    /// Further librdkafka properties; they win over the settings above. Secrets belong in `property_files`.
    pub properties: Properties,
    /// Properties whose value is read from a file, without the newline at its end: `sasl.password`.
    pub property_files: BTreeMap<String, PathBuf>,
    /// How messages name their schema. Absent: they do not.
    pub schema: Option<schema::Config>,
    /// Further topics, each with the same records in a form of its own, at most 8.
    pub topics: Vec<TopicConfig>,
    /// Topic for changes of the inventory, `protobuf` or `json`. Absent: they go nowhere.
    pub inventory: Option<TopicConfig>,
    /// Where records of a live run wait on disk. Absent: they wait in memory.
    pub spool: Option<spool::Config>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            brokers: "localhost:9092".into(),
            topic: "apitap.calls.v1".into(),
            format: Form::default(),
            cloud_events: false,
            key: Key::default(),
            compression: Compression::default(),
            tls: false,
            ca_file: None,
            certificate_file: None,
            key_file: None,
            sasl_mechanism: None,
            sasl_user: None,
            sasl_password_file: None,
            linger_milliseconds: 20,
            queue_kibibytes_max: 64 * 1024,
            message_bytes_max: 1_000_000,
            message_timeout_seconds: 60,
            connect_seconds_max: 10,
            finish_seconds_max: 30,
            properties: Properties::default(),
            property_files: BTreeMap::new(),
            schema: None,
            topics: Vec::new(),
            inventory: None,
            spool: None,
        }
    }
}

impl Config {
    /// Files that are read when a client is made: certificates, keys, passwords.
    pub fn files(&self) -> impl Iterator<Item = PathBuf> {
        let named =
            [&self.ca_file, &self.certificate_file, &self.key_file, &self.sasl_password_file];
        let named = named.into_iter().flatten().cloned();
        let secrets = self.property_files.values().cloned();
        let is_file = |name: &str| name.ends_with(".location") || name.ends_with(".file");
        let located = self.properties.0.iter().filter(move |(name, _)| is_file(name));
        let schemas =
            self.topics.iter().chain(&self.inventory).filter_map(|topic| topic.schema.as_ref());
        let registries = schemas.chain(&self.schema).flat_map(schema::Config::files);
        let located = located.map(|(_, path)| PathBuf::from(path));
        named.chain(secrets).chain(located).chain(registries)
    }
}

/// How batches are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Compression {
    /// Zstandard: smallest.
    #[default]
    Zstd,
    /// LZ4: least work.
    Lz4,
    /// Snappy.
    Snappy,
    /// gzip: for old brokers.
    Gzip,
    /// None.
    None,
}

/// How to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub enum SaslMechanism {
    /// Salted challenge and response, RFC 5802 with SHA-512.
    #[serde(rename = "SCRAM-SHA-512")]
    ScramSha512,
    /// Salted challenge and response, RFC 7677.
    #[serde(rename = "SCRAM-SHA-256")]
    ScramSha256,
    /// The password itself, RFC 4616: only with TLS.
    #[serde(rename = "PLAIN")]
    Plain,
    /// A token, RFC 7628; where it comes from is set in `properties`.
    #[serde(rename = "OAUTHBEARER")]
    OauthBearer,
}

impl SaslMechanism {
    /// Its registered name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ScramSha512 => "SCRAM-SHA-512",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::Plain => "PLAIN",
            Self::OauthBearer => "OAUTHBEARER",
        }
    }
}

/// librdkafka properties by name. Values may be secrets: they are never shown.
#[derive(Clone, Default, Deserialize)]
#[serde(from = "BTreeMap<String, Text>")]
pub struct Properties(pub BTreeMap<String, String>);

impl From<BTreeMap<String, Text>> for Properties {
    fn from(read: BTreeMap<String, Text>) -> Self {
        Self(read.into_iter().map(|(name, Text(value))| (name, value)).collect())
    }
}

/// A value that no error quotes.
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: serde::Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(source)? {
            toml::Value::String(text) => Ok(Self(text)),
            toml::Value::Table(_) => Err(serde::de::Error::custom(
                "names with dots go into quotes: \"linger.ms\" = \"5\"",
            )),
            toml::Value::Integer(_)
            | toml::Value::Float(_)
            | toml::Value::Boolean(_)
            | toml::Value::Datetime(_)
            | toml::Value::Array(_) => {
                Err(serde::de::Error::custom("values go into quotes: \"linger.ms\" = \"5\""))
            }
        }
    }
}

impl Serialize for Properties {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.keys().map(|name| (name, "(set)")))
    }
}

impl fmt::Debug for Properties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(feature = "kafka")]
fn open(config: &Config, mode: &Mode<'_>) -> Opened {
    match (mode, &config.spool) {
        (Mode::Offline, _) => Ok(Box::new(Kafka::connect(config)?)),
        (Mode::Live { .. }, None) => Ok(Box::new(Kafka::live(config)?)),
        (Mode::Live { spool_keys }, Some(spool)) => {
            Ok(Box::new(Spooled::open(config, spool, spool_keys)?))
        }
    }
}

/// What can be said without asking a broker.
#[cfg(feature = "kafka")]
pub(super) fn validate(config: &Config) -> Result<(), SinkError> {
    form::check(config)?;
    config.spool.as_ref().map_or(Ok(()), |spool| spooled::check(config, spool))?;
    let client =
        settings::producer(config, settings::Use::Live, encode::message_bytes_max(config))?;
    client.create_native_config().map(|_| ()).map_err(|error| settings::refused(&error))
}

#[cfg(not(feature = "kafka"))]
pub(super) fn validate(_: &Config) -> Result<(), SinkError> {
    Err(SinkError::NoKafka)
}

#[cfg(not(feature = "kafka"))]
fn open(_: &Config, _: &Mode<'_>) -> Opened {
    Err(SinkError::NoKafka)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn property_values_are_never_shown() {
        let config: Config =
            toml::from_str("[properties]\n\"sasl.password\" = \"hunter2\"").unwrap();
        assert_eq!(config.properties.0["sasl.password"], "hunter2");
        let shown = format!("{config:?}");
        assert!(shown.contains("sasl.password") && !shown.contains("hunter2"), "{shown}");
        for wrong in
            ["\"sasl.password\" = 7112", "sasl.password = '7112'", "\"sasl.password\" = ['7112']"]
        {
            let error = toml::from_str::<Config>(&format!("[properties]\n{wrong}")).unwrap_err();
            let said = error.message();
            assert!(said.contains("go into quotes") && !said.contains("7112"), "{said}");
        }
    }

    #[test]
    fn unknown_keys_are_refused() {
        assert!(toml::from_str::<Config>("topik = \"calls\"").is_err());
        assert!(toml::from_str::<Config>("compression = \"rar\"").is_err());
    }

    #[cfg(not(feature = "kafka"))]
    #[test]
    fn a_build_without_kafka_says_so() {
        assert!(matches!(open(&Config::default(), &Mode::Offline), Err(SinkError::NoKafka)));
    }
}
