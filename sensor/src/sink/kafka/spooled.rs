//! The Kafka sink of a live run: records into the spool, and from there to the brokers by a thread of its own.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use prost::Message as _;

use super::super::spool::{self, Reader, Writer};
use super::super::{Delivered, Sink, SinkError, Statistics};
use super::Config;
use super::client::Report;
use super::encode::{Encoder, HEADERS, Limit, message_bytes_max};
use super::forward::{Forwarder, Stop};
use super::message;
use crate::inventory::Change;
use crate::record::Record;

/// Longest wait for acknowledgements at the end, in seconds: what is left is in the spool.
const FINISH_SECONDS_MAX: u32 = 5;
/// Messages of the largest size that a spool must hold at least.
const MESSAGES_MIN: u64 = 8;

/// A Kafka topic to write to by way of a spool.
pub struct Spooled {
    config: Config,
    encoder: Encoder,
    payload: Vec<u8>,
    /// `None` after the end.
    writer: Option<Writer>,
    forwarding: Option<JoinHandle<()>>,
    stop: Arc<Stop>,
    report: Arc<Report>,
    /// What the spool held when it was closed.
    last: spool::Status,
    /// Records it never got.
    refused: u64,
    refusal: Option<String>,
}

impl Spooled {
    /// Opens the spool and begins to forward what is in it. Waits for no broker.
    ///
    /// # Errors
    ///
    /// [`SinkError::KafkaSetting`] or [`SinkError::Spool`].
    pub fn open(
        config: &Config,
        spool: &spool::Config,
        keys: &spool::Keys,
    ) -> Result<Self, SinkError> {
        check(config, spool)?;
        let limit = Limit::new(config);
        let report = Arc::new(Report::new(config));
        let stop = Arc::<Stop>::default();
        // First, so that a bad setting is told before the spool is touched.
        let forwarder =
            Forwarder::new(config, Arc::clone(&report), Arc::clone(&limit), Arc::clone(&stop))?;
        let (writer, reader) = spool::open(spool, keys)?;
        let resumed = writer.status().resumed;
        if resumed > 0 {
            tracing::info!(
                records = resumed,
                "records of an earlier run are in the spool and go first"
            );
        }
        let forwarding = start(forwarder, reader)?;
        Ok(Self {
            config: config.clone(),
            encoder: Encoder::new(limit),
            payload: Vec::new(),
            writer: Some(writer),
            forwarding: Some(forwarding),
            stop,
            report,
            last: spool::Status::default(),
            refused: 0,
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

    /// Ends forwarding within `limit`, then closes the spool.
    fn end(&mut self, limit: Duration) {
        self.stop.within(limit);
        if let Some(thread) = self.forwarding.take()
            && thread.join().is_err()
        {
            tracing::error!(
                "forwarding to Kafka ended early; what was not acknowledged is in the spool"
            );
        }
        if let Some(writer) = self.writer.take() {
            self.last = writer.close();
        }
    }
}

/// Whether the spool's settings are in range.
///
/// # Errors
///
/// [`SinkError::KafkaSetting`] or [`SinkError::Spool`].
pub(super) fn check(config: &Config, spool: &spool::Config) -> Result<(), SinkError> {
    let least = u64::from(message_bytes_max(config)).saturating_mul(MESSAGES_MIN);
    if spool.bytes_max < least {
        let reason = format!(
            "spool.bytes_max must be at least {MESSAGES_MIN} times message_bytes_max: {least}"
        );
        return Err(SinkError::KafkaSetting { reason });
    }
    Ok(spool.check()?)
}

fn start(forwarder: Forwarder, reader: Reader) -> Result<JoinHandle<()>, SinkError> {
    let thread = thread::Builder::new().name("kafka".into());
    let started = thread.spawn(move || forwarder.run(reader));
    started.map_err(|error| SinkError::Kafka { reason: format!("no thread for it: {error}") })
}

impl Sink for Spooled {
    fn write(&mut self, record: &Record) -> Result<(), SinkError> {
        let Some(writer) = &mut self.writer else {
            self.refuse("the sink has ended".to_owned());
            return Ok(());
        };
        let key = self.config.key.of(record);
        let written = self.encoder.value(record).is_some_and(|value| {
            message::write(
                message::Kind::Record,
                &HEADERS,
                key.as_bytes(),
                value,
                &mut self.payload,
            )
        });
        if written {
            writer.append(&self.payload);
        } else {
            let bytes = self.encoder.limit.bytes();
            self.refuse(format!("a record exceeds {bytes} bytes however cut"));
        }
        Ok(())
    }

    fn change(&mut self, change: &Change) -> Result<(), SinkError> {
        if self.config.inventory.is_none() {
            return Ok(());
        }
        let Some(writer) = &mut self.writer else {
            self.refuse("the sink has ended".to_owned());
            return Ok(());
        };
        let (key, value) = (change.key(), change.message().encode_to_vec());
        let kind = message::Kind::Change;
        match message::write(kind, &[], key.as_bytes(), &value, &mut self.payload) {
            true => writer.append(&self.payload),
            false => self.refuse("a change of the inventory has too long a key".to_owned()),
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        if let Some(writer) = &mut self.writer {
            writer.idle();
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<Delivered, SinkError> {
        let seconds = self.config.finish_seconds_max.min(FINISH_SECONDS_MAX);
        self.end(Duration::from_secs(seconds.into()));
        Ok(self.delivered())
    }

    fn delivered(&self) -> Delivered {
        let status = self.spool().unwrap_or_default();
        let lost = status.dropped.saturating_add(status.corrupt);
        let trouble = || (status.records > 0).then(|| self.report.health.text()).flatten();
        Delivered {
            delivered: status.acknowledged,
            failed: lost.saturating_add(self.refused),
            undelivered: 0,
            spooled: status.records,
            cut: self.encoder.limit.cut.load(Ordering::Relaxed),
            last_error: self.refusal.clone().or_else(trouble).or(status.last_error),
        }
    }

    fn spool(&self) -> Option<spool::Status> {
        Some(self.writer.as_ref().map_or_else(|| self.last.clone(), Writer::status))
    }

    fn statistics(&self) -> Option<Statistics> {
        self.report.statistics()
    }
}

impl Drop for Spooled {
    fn drop(&mut self) {
        self.end(Duration::ZERO);
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rdkafka::mocking::MockCluster;
    use rdkafka::producer::DefaultProducerContext;
    use zeroize::Zeroizing;

    use super::super::{Form, Topic, TopicConfig};
    use super::*;
    use crate::record::sample;
    use crate::sink::clock::now;

    const TOPIC: &str = "calls";

    fn cluster() -> MockCluster<'static, DefaultProducerContext> {
        let cluster = MockCluster::new(1).unwrap();
        cluster.create_topic(TOPIC, 3, 1).unwrap();
        cluster.create_topic("events", 1, 1).unwrap();
        cluster
    }

    fn config(brokers: String) -> Config {
        Config { brokers, topic: TOPIC.into(), ..Config::default() }
    }

    fn opened(config: &Config, directory: &Path) -> Spooled {
        let spool = spool::Config {
            directory: directory.join("spool"),
            segment_bytes_max: 16 * 1024,
            disk_free_bytes_min: 0,
            ..spool::Config::default()
        };
        let keys = spool::Keys::new([("k1".to_owned(), Zeroizing::new([7; 32]))]);
        Spooled::open(config, &spool, &keys).unwrap()
    }

    fn write(sink: &mut Spooled, sequences: impl IntoIterator<Item = u64>) {
        for sequence in sequences {
            let mut record = sample::record();
            record.stamp(sequence);
            sink.write(&record).unwrap();
        }
    }

    fn wait(sink: &Spooled, acknowledged: u64) {
        let start = now();
        while sink.delivered().delivered < acknowledged {
            assert!(start.elapsed() < Duration::from_secs(60), "{:?}", sink.delivered());
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn read(config: &Config) -> Vec<u64> {
        let records = Topic::open(config).unwrap().map(Result::unwrap);
        records.map(|record| record.sensor.unwrap().sequence).collect()
    }

    #[test]
    fn records_go_through_the_spool_in_order() {
        let directory = tempfile::tempdir().unwrap();
        let cluster = cluster();
        let config = config(cluster.bootstrap_servers());
        let mut sink = opened(&config, directory.path());
        write(&mut sink, 1..=500);
        let delivered = sink.finish().unwrap();
        assert_eq!(delivered, Delivered { delivered: 500, ..Delivered::default() });
        assert_eq!(sink.spool().unwrap().records, 0);
        // One actor, one partition.
        assert_eq!(read(&config), (1..=500).collect::<Vec<_>>());
    }

    #[test]
    fn what_no_broker_took_is_sent_by_the_next_run() {
        let directory = tempfile::tempdir().unwrap();
        let mut sink = opened(&config("127.0.0.1:1".into()), directory.path());
        write(&mut sink, 1..=100);
        let delivered = sink.finish().unwrap();
        assert_eq!((delivered.spooled, delivered.failed, delivered.undelivered), (100, 0, 0));
        assert!(delivered.is_complete());
        let reason = delivered.last_error.unwrap();
        assert!(reason.contains("no Kafka broker at 127.0.0.1:1 can be reached"), "{reason}");
        drop(sink);

        let cluster = cluster();
        let config = config(cluster.bootstrap_servers());
        let mut sink = opened(&config, directory.path());
        assert_eq!(sink.spool().unwrap().resumed, 100);
        write(&mut sink, 101..=150);
        wait(&sink, 150);
        assert_eq!(sink.finish().unwrap().spooled, 0);
        assert_eq!(read(&config), (1..=150).collect::<Vec<_>>());
    }

    #[test]
    fn an_outage_in_between_loses_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let cluster = cluster();
        let config = config(cluster.bootstrap_servers());
        let mut sink = opened(&config, directory.path());
        write(&mut sink, 1..=50);
        wait(&sink, 50);
        cluster.broker_down(1).unwrap();
        write(&mut sink, 51..=300);
        thread::sleep(Duration::from_millis(300));
        assert_eq!(sink.delivered().delivered, 50);
        cluster.broker_up(1).unwrap();
        write(&mut sink, 301..=310);
        wait(&sink, 310);
        let mut read = read(&config);
        read.dedup();
        assert_eq!(read, (1..=310).collect::<Vec<_>>());
    }

    #[test]
    fn messages_refused_for_now_are_sent_again() {
        let directory = tempfile::tempdir().unwrap();
        let cluster = cluster();
        let config = config(cluster.bootstrap_servers());
        let refusals =
            [rdkafka::types::RDKafkaRespErr::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED; 3];
        cluster.request_errors(rdkafka::types::RDKafkaApiKey::Produce, &refusals);
        let mut sink = opened(&config, directory.path());
        write(&mut sink, 1..=20);
        wait(&sink, 20);
        let mut read = read(&config);
        read.dedup();
        assert_eq!(read, (1..=20).collect::<Vec<_>>());
        assert_eq!(sink.finish().unwrap().failed, 0);
    }

    // The sink was told to send larger messages than the topic takes.
    #[test]
    fn messages_too_large_are_cut_until_they_fit() {
        let directory = tempfile::tempdir().unwrap();
        let cluster = cluster();
        let config = Config { message_bytes_max: 64_000, ..config(cluster.bootstrap_servers()) };
        let refusals = [rdkafka::types::RDKafkaRespErr::RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE; 3];
        cluster.request_errors(rdkafka::types::RDKafkaApiKey::Produce, &refusals);
        let mut parts = sample::parts();
        let body = parts.request.as_mut().unwrap().body.as_mut().unwrap();
        body.fields = vec![body.fields[0].clone(); 400];
        let mut sink = opened(&config, directory.path());
        sink.write(&sample::record_of(parts)).unwrap();
        wait(&sink, 1);
        let delivered = sink.finish().unwrap();
        assert_eq!((delivered.delivered, delivered.failed), (1, 0));
        assert!(delivered.cut > 0);
        let record = Topic::open(&config).unwrap().next().unwrap().unwrap();
        let body = record.request.unwrap().body.unwrap();
        assert!(body.cut && body.fields_total == 400 && body.fields.len() < 400);
    }

    #[test]
    fn a_record_the_broker_takes_for_invalid_holds_up_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let cluster = cluster();
        let config = config(cluster.bootstrap_servers());
        cluster.request_errors(
            rdkafka::types::RDKafkaApiKey::Produce,
            // Once more when it is sent alone.
            &[rdkafka::types::RDKafkaRespErr::RD_KAFKA_RESP_ERR_INVALID_RECORD; 2],
        );
        let mut sink = opened(&config, directory.path());
        write(&mut sink, [1]);
        let start = now();
        while sink.delivered().failed == 0 && start.elapsed() < Duration::from_secs(30) {
            thread::sleep(Duration::from_millis(10));
        }
        write(&mut sink, [2]);
        wait(&sink, 1);
        let delivered = sink.finish().unwrap();
        assert_eq!((delivered.delivered, delivered.failed, delivered.spooled), (1, 1, 0));
        assert_eq!(read(&config), [2]);
    }

    // A clock that is fast: of a batch brokers say that its records are invalid, of one record that its time is.
    #[test]
    fn records_whose_time_is_refused_wait_for_the_clock() {
        use rdkafka::types::RDKafkaRespErr::{
            RD_KAFKA_RESP_ERR_INVALID_RECORD, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP,
        };
        let directory = tempfile::tempdir().unwrap();
        let cluster = cluster();
        let config = config(cluster.bootstrap_servers());
        let refusals = [
            RD_KAFKA_RESP_ERR_INVALID_RECORD,
            RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP,
            RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP,
        ];
        cluster.request_errors(rdkafka::types::RDKafkaApiKey::Produce, &refusals);
        let mut sink = opened(&config, directory.path());
        write(&mut sink, 1..=50);
        let start = now();
        let reason = loop {
            if let Some(reason) = sink.delivered().last_error {
                break reason;
            }
            assert!(start.elapsed() < Duration::from_secs(20), "nothing is said");
            thread::sleep(Duration::from_millis(10));
        };
        assert!(reason.contains("check this host's clock"), "{reason}");
        assert_eq!(sink.delivered().spooled, 50);
        write(&mut sink, 51..=100);
        wait(&sink, 100);
        assert_eq!(sink.finish().unwrap().failed, 0);
        let mut read = read(&config);
        read.sort_unstable();
        read.dedup();
        assert_eq!(read, (1..=100).collect::<Vec<_>>());
    }

    // A fatal error ends a producer for good.
    #[test]
    fn a_producer_that_ended_is_made_anew() {
        let directory = tempfile::tempdir().unwrap();
        let cluster = cluster();
        let config = config(cluster.bootstrap_servers());
        cluster.request_errors(
            rdkafka::types::RDKafkaApiKey::Produce,
            &[rdkafka::types::RDKafkaRespErr::RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER],
        );
        let mut sink = opened(&config, directory.path());
        write(&mut sink, 1..=20);
        wait(&sink, 20);
        let mut read = read(&config);
        read.dedup();
        assert_eq!(read, (1..=20).collect::<Vec<_>>());
    }

    // The client itself would say so after half a minute.
    #[test]
    fn a_topic_that_is_deleted_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let cluster = cluster();
        let config = config(cluster.bootstrap_servers());
        let mut sink = opened(&config, directory.path());
        write(&mut sink, 1..=5);
        wait(&sink, 5);
        let gone = rdkafka::types::RDKafkaRespErr::RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
        cluster.topic_error(&config.topic, gone).unwrap();
        cluster.request_errors(rdkafka::types::RDKafkaApiKey::Produce, &[gone; 1000]);
        let start = now();
        write(&mut sink, 6..=10);
        let reason = loop {
            if let Some(reason) = sink.delivered().last_error {
                break reason;
            }
            assert!(start.elapsed() < Duration::from_secs(20), "nothing is said");
            thread::sleep(Duration::from_millis(50));
        };
        assert!(reason.contains("does not exist"), "{reason}");
    }

    // What ended it lasts: rights that are missing. Brokers and logs are not to be flooded with attempts.
    #[test]
    fn a_producer_that_ends_again_and_again_is_made_anew_ever_more_rarely() {
        let directory = tempfile::tempdir().unwrap();
        let cluster = cluster();
        let config = config(cluster.bootstrap_servers());
        let refusals =
            [rdkafka::types::RDKafkaRespErr::RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED; 3];
        cluster.request_errors(rdkafka::types::RDKafkaApiKey::InitProducerId, &refusals);
        let start = now();
        let mut sink = opened(&config, directory.path());
        write(&mut sink, 1..=5);
        wait(&sink, 5);
        // At once, after one second, after two.
        assert!(start.elapsed() > Duration::from_millis(2800), "{:?}", start.elapsed());
        assert_eq!(read(&config), (1..=5).collect::<Vec<_>>());
    }

    /// A topic and the values of its messages.
    fn values(brokers: &str, topic: &str) -> Vec<Vec<u8>> {
        use rdkafka::consumer::{BaseConsumer, Consumer as _};
        use rdkafka::message::Message as _;

        let mut client = rdkafka::ClientConfig::new();
        client.set("bootstrap.servers", brokers).set("group.id", "test");
        client.set("auto.offset.reset", "earliest").set("enable.partition.eof", "true");
        let consumer: BaseConsumer = client.create().unwrap();
        let mut partitions = rdkafka::TopicPartitionList::new();
        partitions
            .add_partition_offset(topic, 0, rdkafka::topic_partition_list::Offset::Beginning)
            .unwrap();
        consumer.assign(&partitions).unwrap();
        let mut found = Vec::new();
        while let Some(Ok(message)) = consumer.poll(Duration::from_secs(10)) {
            found.push(message.payload().unwrap_or_default().to_vec());
        }
        found
    }

    /// With a further topic of OCSF.
    fn forked(brokers: String) -> Config {
        let further = TopicConfig {
            topic: "events".into(),
            format: Form::Ocsf,
            cloud_events: true,
            ..TopicConfig::default()
        };
        Config { topics: vec![further], ..config(brokers) }
    }

    fn ids(values: &[Vec<u8>]) -> Vec<u64> {
        let event = |value: &Vec<u8>| serde_json::from_slice::<serde_json::Value>(value).unwrap();
        let sequence = |value| event(value)["metadata"]["sequence"].as_u64().unwrap();
        values.iter().map(sequence).collect()
    }

    #[test]
    fn a_record_leaves_the_spool_when_every_topic_has_it() {
        let directory = tempfile::tempdir().unwrap();
        let cluster = cluster();
        let config = forked(cluster.bootstrap_servers());
        let mut sink = opened(&config, directory.path());
        write(&mut sink, 1..=20);
        cluster.request_errors(
            rdkafka::types::RDKafkaApiKey::Produce,
            &[rdkafka::types::RDKafkaRespErr::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED; 2],
        );
        write(&mut sink, 21..=40);
        wait(&sink, 40);
        let delivered = sink.finish().unwrap();
        assert_eq!((delivered.delivered, delivered.failed, delivered.spooled), (40, 0, 0));
        let mut records = read(&config);
        records.dedup();
        assert_eq!(records, (1..=40).collect::<Vec<_>>());
        let mut events = ids(&values(&config.brokers, "events"));
        events.sort_unstable();
        events.dedup();
        assert_eq!(events, (1..=40).collect::<Vec<_>>());
    }

    #[test]
    fn changes_of_the_inventory_go_to_their_topic() {
        let directory = tempfile::tempdir().unwrap();
        let cluster = cluster();
        let topic =
            TopicConfig { topic: "events".into(), format: Form::Json, ..TopicConfig::default() };
        let config = Config { inventory: Some(topic), ..config(cluster.bootstrap_servers()) };
        let changes = crate::inventory::Inventory::default().learn(sample::record().message());
        let mut sink = opened(&config, directory.path());
        write(&mut sink, 1..=3);
        sink.change(&changes[0]).unwrap();
        wait(&sink, 4);
        assert_eq!(sink.finish().unwrap().failed, 0);
        assert_eq!(read(&config), [1, 2, 3]);
        let found = values(&config.brokers, "events");
        let event: serde_json::Value = serde_json::from_slice(&found[0]).unwrap();
        assert_eq!((found.len(), &event["kind"]), (1, &serde_json::json!("NEW_ENDPOINT")));
        assert_eq!(event["path_template"], "/v1/orders/{id}");
        // Without a topic there is nothing to send.
        let config = Config { inventory: None, ..config };
        let mut sink = opened(&config, &directory.path().join("other"));
        sink.change(&changes[0]).unwrap();
        assert_eq!(sink.spool().unwrap().written, 0);
    }

    #[test]
    fn a_topic_that_is_not_there_holds_records_back() {
        let directory = tempfile::tempdir().unwrap();
        let cluster = cluster();
        cluster
            .topic_error(
                "events",
                rdkafka::types::RDKafkaRespErr::RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
            )
            .unwrap();
        let config = forked(cluster.bootstrap_servers());
        let mut sink = opened(&config, directory.path());
        write(&mut sink, 1..=5);
        let delivered = sink.finish().unwrap();
        assert_eq!((delivered.delivered, delivered.spooled), (0, 5));
        let reason = delivered.last_error.unwrap();
        assert!(reason.contains("topic \"events\" does not exist"), "{reason}");
        drop(sink);
        // A configuration without it sends them on.
        let config = Config { topics: Vec::new(), ..config };
        let mut sink = opened(&config, directory.path());
        wait(&sink, 5);
        assert_eq!(sink.finish().unwrap().spooled, 0);
        assert_eq!(read(&config), (1..=5).collect::<Vec<_>>());
    }

    #[test]
    fn events_too_large_are_cut_until_they_fit() {
        let directory = tempfile::tempdir().unwrap();
        let cluster = cluster();
        let config = Config { message_bytes_max: 10_000, ..forked(cluster.bootstrap_servers()) };
        let config = Config { format: Form::Json, ..config };
        let mut parts = sample::parts();
        let body = parts.request.as_mut().unwrap().body.as_mut().unwrap();
        body.fields = vec![body.fields[0].clone(); 100];
        let mut sink = opened(&config, directory.path());
        sink.write(&sample::record_of(parts)).unwrap();
        wait(&sink, 1);
        assert!(sink.finish().unwrap().cut > 0);
        let found = values(&config.brokers, "events");
        assert_eq!(found.len(), 1);
        assert!(found.iter().all(|value| value.len() < 10_000));
    }

    #[test]
    fn a_spool_too_small_for_its_messages_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let spool = spool::Config {
            directory: directory.path().into(),
            bytes_max: 1_000_000,
            ..spool::Config::default()
        };
        let error = Spooled::open(&Config::default(), &spool, &spool::Keys::new([])).err().unwrap();
        assert!(error.to_string().contains("spool.bytes_max must be at least 8 times"), "{error}");
    }
}
