//! Sending: a bounded queue in librdkafka, and a count of what became of each record.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use prost::Message as _;
use rdkafka::config::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseRecord, Producer as _, ThreadedProducer};

use super::super::{Delivered, Sink, SinkError};
use super::client::{Context, Report, add_properties, connect, refused};
use super::{Compression, Config};
use crate::record::{Record, shrink::shrink};

/// Room in a message for what is not its value: batch and message framing, headers.
const OVERHEAD_BYTES: usize = 1024;
/// Pause before a full queue is tried again.
const FULL_PAUSE: Duration = Duration::from_millis(10);

/// A Kafka topic to write to.
pub struct Kafka {
    config: Config,
    producer: ThreadedProducer<Context>,
    report: Arc<Report>,
    headers: OwnedHeaders,
    /// Encoding of the current record.
    value: Vec<u8>,
    value_bytes_max: usize,
    /// Records librdkafka took.
    queued: u64,
    /// Records it never got.
    refused: u64,
    cut: u64,
    refusal: Option<String>,
}

impl Kafka {
    /// Connects, and makes sure that the topic is there.
    ///
    /// # Errors
    ///
    /// [`SinkError::KafkaSetting`], [`SinkError::Unreachable`], [`SinkError::TopicMissing`] or
    /// [`SinkError::Topic`], within `config.connect_seconds_max`.
    pub fn connect(config: &Config) -> Result<Self, SinkError> {
        let report = Arc::<Report>::default();
        let producer = create(config, &report)?;
        connect(producer.client(), config, || {})?;
        let header = |key, value| Header { key, value: Some(value) };
        let headers = OwnedHeaders::new_with_capacity(2)
            .insert(header("content-type", "application/x-protobuf"))
            .insert(header("apitap-schema", "apitap.v1.CallRecord"));
        let own = config.properties.0.get("message.max.bytes").and_then(|text| text.parse().ok());
        let message_bytes_max = own.unwrap_or(config.message_bytes_max);
        let value_bytes_max = usize::try_from(message_bytes_max).unwrap_or(usize::MAX);
        Ok(Self {
            config: config.clone(),
            producer,
            report,
            headers,
            value: Vec::new(),
            value_bytes_max: value_bytes_max.saturating_sub(OVERHEAD_BYTES),
            queued: 0,
            refused: 0,
            cut: 0,
            refusal: None,
        })
    }

    fn refuse(&mut self, reason: String) {
        if self.refusal.as_ref() != Some(&reason) {
            tracing::error!(%reason, "record not sent to Kafka");
        }
        self.refused = self.refused.saturating_add(1);
        self.refusal = Some(reason);
    }

    /// A fatal error ends the idempotent producer for good: what it held is counted as failed.
    fn recreate(&mut self) -> Result<(), SinkError> {
        if let Some((code, _)) = self.producer.client().fatal_error() {
            tracing::error!(%code, "Kafka producer ended; a new one is made");
        }
        self.producer = create(&self.config, &self.report)?;
        Ok(())
    }

    /// Encodes `record` into `self.value`, cut if it must be; `false` when it cannot be sent.
    fn encode(&mut self, record: &Record) -> bool {
        self.value.clear();
        let message = record.message();
        let len = message.encoded_len();
        let fits = if len <= self.value_bytes_max {
            message.encode(&mut self.value).is_ok()
        } else {
            let mut message = message.clone();
            self.cut = self.cut.saturating_add(1);
            shrink(&mut message, self.value_bytes_max) && message.encode(&mut self.value).is_ok()
        };
        if !fits {
            self.refuse(format!("a record exceeds {} bytes however cut", self.value_bytes_max));
        }
        fits
    }
}

impl Sink for Kafka {
    fn write(&mut self, record: &Record) -> Result<(), SinkError> {
        if !self.encode(record) {
            return Ok(());
        }
        let value = std::mem::take(&mut self.value);
        let key = self.config.key.of(record.message());
        let mut recreated = false;
        let sent = loop {
            let mut message =
                BaseRecord::to(&self.config.topic).payload(&value).headers(self.headers.clone());
            if !key.is_empty() {
                message = message.key(key.as_ref());
            }
            let Err((error, _)) = self.producer.send(message) else { break Ok(()) };
            match error.rdkafka_error_code() {
                Some(RDKafkaErrorCode::QueueFull) => self.producer.poll(FULL_PAUSE),
                Some(RDKafkaErrorCode::Fatal) if !recreated => {
                    self.recreate()?;
                    recreated = true;
                }
                _ => break Err(error),
            }
        };
        self.value = value;
        match sent {
            Ok(()) => self.queued = self.queued.saturating_add(1),
            Err(error @ KafkaError::MessageProduction(RDKafkaErrorCode::Fatal)) => {
                return Err(SinkError::Kafka { reason: error.to_string() });
            }
            Err(error) => self.refuse(error.to_string()),
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        // librdkafka sends by itself, within the linger time.
        Ok(())
    }

    fn finish(&mut self) -> Result<Delivered, SinkError> {
        let limit = Duration::from_secs(self.config.finish_seconds_max.into());
        if let Err(error) = self.producer.flush(limit) {
            tracing::warn!(%error, "Kafka did not acknowledge everything in time");
        }
        Ok(self.delivered())
    }

    fn delivered(&self) -> Delivered {
        let delivered = self.report.delivered.load(Ordering::Relaxed);
        let failed = self.report.failed.load(Ordering::Relaxed);
        let undelivered = self.queued.saturating_sub(delivered).saturating_sub(failed);
        let unsent = || (undelivered > 0).then(|| self.report.trouble()).flatten();
        Delivered {
            delivered,
            failed: failed.saturating_add(self.refused),
            undelivered,
            cut: self.cut,
            last_error: self.report.failure().or_else(|| self.refusal.clone()).or_else(unsent),
        }
    }
}

fn create(config: &Config, report: &Arc<Report>) -> Result<ThreadedProducer<Context>, SinkError> {
    let compression = match config.compression {
        Compression::Zstd => "zstd",
        Compression::Lz4 => "lz4",
        Compression::Snappy => "snappy",
        Compression::Gzip => "gzip",
        Compression::None => "none",
    };
    let mut client = ClientConfig::new();
    client
        .set("bootstrap.servers", &config.brokers)
        .set("client.id", "apitap")
        .set("acks", "all")
        .set("enable.idempotence", "true")
        .set("compression.type", compression)
        .set("linger.ms", config.linger_milliseconds.to_string())
        .set("queue.buffering.max.kbytes", config.queue_kibibytes_max.to_string())
        // The bound is memory, not their number.
        .set("queue.buffering.max.messages", "0")
        .set("message.max.bytes", config.message_bytes_max.to_string())
        .set(
            "message.timeout.ms",
            u64::from(config.message_timeout_seconds).saturating_mul(1000).to_string(),
        )
        // As Java clients do, so that joins by key find the same partition.
        .set("partitioner", "murmur2_random");
    add_properties(&mut client, config)?;
    client.create_with_context(Context(Arc::clone(report))).map_err(|error| refused(&error))
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use apitap_proto::v1;
    use rdkafka::consumer::{BaseConsumer, Consumer as _};
    use rdkafka::message::{Headers as _, Message as _};
    use rdkafka::mocking::MockCluster;
    use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

    use super::super::Topic;
    use super::super::client::now;
    use super::*;
    use crate::record::sample;

    const TOPIC: &str = "calls";

    fn cluster() -> MockCluster<'static, rdkafka::producer::DefaultProducerContext> {
        let cluster = MockCluster::new(1).unwrap();
        cluster.create_topic(TOPIC, 3, 1).unwrap();
        cluster
    }

    fn config(brokers: String) -> Config {
        Config { brokers, topic: TOPIC.into(), connect_seconds_max: 6, ..Config::default() }
    }

    fn read(config: &Config) -> Vec<v1::CallRecord> {
        Topic::open(config).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn records_arrive_and_are_acknowledged() {
        let cluster = cluster();
        let config = config(cluster.bootstrap_servers());
        let mut sink = Kafka::connect(&config).unwrap();
        for sequence in 1..=500 {
            let mut record = sample::record();
            record.stamp(sequence);
            sink.write(&record).unwrap();
        }
        let delivered = sink.finish().unwrap();
        assert_eq!(delivered, Delivered { delivered: 500, ..Delivered::default() });
        // One actor, one partition: in order.
        let found: Vec<_> = read(&config).into_iter().map(|r| r.sensor.unwrap().sequence).collect();
        assert_eq!(found, (1..=500).collect::<Vec<_>>());
    }

    #[test]
    fn messages_carry_key_and_headers() {
        let cluster = MockCluster::new(1).unwrap();
        cluster.create_topic(TOPIC, 1, 1).unwrap();
        let config = config(cluster.bootstrap_servers());
        let mut sink = Kafka::connect(&config).unwrap();
        sink.write(&sample::record()).unwrap();
        assert!(sink.finish().unwrap().is_complete());

        let mut client = ClientConfig::new();
        client.set("bootstrap.servers", &config.brokers).set("group.id", "test");
        let consumer: BaseConsumer = client.create().unwrap();
        let mut partitions = TopicPartitionList::new();
        partitions.add_partition_offset(TOPIC, 0, Offset::Beginning).unwrap();
        consumer.assign(&partitions).unwrap();
        let message = consumer.poll(Duration::from_secs(10)).unwrap().unwrap();
        let key = std::str::from_utf8(message.key().unwrap()).unwrap();
        assert!(key.starts_with("tok_user_"));
        let headers = message.headers().unwrap();
        let header = |index| {
            let header = headers.get_as::<str>(index).unwrap();
            (header.key.to_owned(), header.value.unwrap().to_owned())
        };
        assert_eq!(header(0), ("content-type".into(), "application/x-protobuf".into()));
        assert_eq!(header(1), ("apitap-schema".into(), "apitap.v1.CallRecord".into()));
    }

    #[test]
    fn a_record_too_large_is_cut_and_said_so() {
        let cluster = cluster();
        let config = Config { message_bytes_max: 10_000, ..config(cluster.bootstrap_servers()) };
        let mut parts = sample::parts();
        let body = parts.request.as_mut().unwrap().body.as_mut().unwrap();
        body.fields = vec![body.fields[0].clone(); 1000];
        let mut sink = Kafka::connect(&config).unwrap();
        sink.write(&sample::record_of(parts)).unwrap();
        let mut hopeless = sample::parts();
        hopeless.request.as_mut().unwrap().path_template = "/x".repeat(10_000);
        sink.write(&sample::record_of(hopeless)).unwrap();

        let delivered = sink.finish().unwrap();
        assert_eq!((delivered.delivered, delivered.failed, delivered.cut), (1, 1, 2));
        assert!(delivered.last_error.unwrap().contains("exceeds"));
        let records = read(&config);
        let body = records[0].request.as_ref().unwrap().body.as_ref().unwrap();
        assert!(body.cut && body.fields_total == 1000 && body.fields.len() < 1000);
    }

    #[test]
    fn an_unreachable_broker_is_named_in_time() {
        let start: Instant = now();
        let error = Kafka::connect(&config("127.0.0.1:1".into())).err().unwrap();
        assert!(start.elapsed() < Duration::from_secs(5));
        let text = error.to_string();
        assert!(text.starts_with("cannot reach any broker at 127.0.0.1:1: "), "{text}");
        assert!(text.contains("refused") && text.contains("; check "), "{text}");
    }

    #[test]
    fn a_lost_broker_fails_records_and_counts_them() {
        let cluster = cluster();
        let config = Config {
            message_timeout_seconds: 1,
            finish_seconds_max: 5,
            ..config(cluster.bootstrap_servers())
        };
        let mut sink = Kafka::connect(&config).unwrap();
        cluster.broker_down(1).unwrap();
        sink.write(&sample::record()).unwrap();
        let delivered = sink.finish().unwrap();
        assert_eq!((delivered.delivered, delivered.failed, delivered.undelivered), (0, 1, 0));
        assert!(delivered.last_error.unwrap().contains("timed out"));
    }

    #[test]
    fn what_is_unknown_at_the_end_is_called_undelivered() {
        let cluster = cluster();
        let config = Config { finish_seconds_max: 0, ..config(cluster.bootstrap_servers()) };
        let mut sink = Kafka::connect(&config).unwrap();
        cluster.broker_down(1).unwrap();
        sink.write(&sample::record()).unwrap();
        let delivered = sink.finish().unwrap();
        assert_eq!((delivered.undelivered, delivered.is_complete()), (1, false));
    }

    #[test]
    fn bad_settings_are_named_without_their_value() {
        let mut config = config("127.0.0.1:1".into());
        config.properties.0.insert("no.such.setting".into(), "hunter2".into());
        let text = Kafka::connect(&config).err().unwrap().to_string();
        assert_eq!(text, "Kafka setting refused: no.such.setting is unknown or has a bad value");
        config.properties.0.clear();
        config.property_files.insert("sasl.password".into(), "/nowhere/password".into());
        let text = Kafka::connect(&config).err().unwrap().to_string();
        assert!(text.contains("sasl.password cannot be read from /nowhere/password"), "{text}");
    }
}
