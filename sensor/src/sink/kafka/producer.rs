//! Sending from memory: a bounded queue in librdkafka, and a count of what became of each record.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseRecord, Producer as _, PurgeConfig, ThreadedProducer};

use super::super::{Delivered, Sink, SinkError, Statistics};
use super::Config;
use super::client::{Context, Report, connect};
use super::encode::{Encoder, HEADERS, Limit, message_bytes_max};
use super::message::Kind;
use super::project::{Outlet, Outlets, Projected, outlets};
use super::remake::{Clock, Remake, end_aside, tell_set_back};
use super::settings::{self, Use, refused};
use super::ticket::Ticket;
use crate::inventory::Change;
use crate::record::Record;

/// Pause before a full queue is tried again.
const FULL_PAUSE: Duration = Duration::from_millis(10);

/// How long what is under way may still arrive once captures are read no further.
const STUCK_PAUSE: Duration = Duration::from_secs(2);

/// Kafka topics to write to.
pub struct Kafka {
    line: Line,
    encoder: Encoder,
    outlets: Outlets,
    /// Number of the last record, where they have several messages.
    seq: u64,
    /// Records librdkafka took.
    queued: u64,
    /// Records it never got.
    refused: u64,
    refusal: Option<String>,
}

/// The producer and what it takes to make it anew.
struct Line {
    config: Config,
    purpose: Use,
    producer: ThreadedProducer<Context>,
    remake: Remake,
    clock: Clock,
    report: Arc<Report>,
    headers: OwnedHeaders,
}

impl Kafka {
    /// Connects, and makes sure that the topic is there.
    ///
    /// # Errors
    ///
    /// [`SinkError::KafkaSetting`], [`SinkError::Unreachable`], [`SinkError::TopicMissing`] or
    /// [`SinkError::Topic`], within `config.connect_seconds_max`.
    pub fn connect(config: &Config) -> Result<Self, SinkError> {
        let mut kafka = Self::new(config, Use::Offline)?;
        let client = kafka.line.producer.client();
        connect(client, config, || {})?;
        for further in &config.topics {
            let config = Config { topic: further.topic.clone(), ..config.clone() };
            connect(client, &config, || {})?;
        }
        // Captures have no inventory that changes.
        for outlet in kafka.outlets.all.iter_mut().take(config.topics.len().saturating_add(1)) {
            outlet.prepare().map_err(|(_, reason)| SinkError::Refused { reason })?;
        }
        Ok(kafka)
    }

    /// For a live run without a spool: waits for no broker, neither now nor later. What is not delivered in time, or
    /// finds the queue full, is dropped and counted.
    ///
    /// # Errors
    ///
    /// [`SinkError::KafkaSetting`].
    pub fn live(config: &Config) -> Result<Self, SinkError> {
        let kafka = Self::new(config, Use::Live)?;
        if !kafka.outlets.all.iter().all(Outlet::is_ready) {
            let reason = "schema.registry_url without a spool: records could not wait for its answer; add \
                          [output.kafka.spool], or set the schema's id or guid";
            return Err(SinkError::KafkaSetting { reason: reason.to_owned() });
        }
        Ok(kafka)
    }

    fn new(config: &Config, purpose: Use) -> Result<Self, SinkError> {
        let report = Arc::new(Report::new(config));
        let producer = create(config, purpose, &report)?;
        let headers = HEADERS.iter().fold(OwnedHeaders::new(), |headers, (key, value)| {
            headers.insert(Header { key, value: Some(*value) })
        });
        Ok(Self {
            line: Line {
                config: config.clone(),
                purpose,
                producer,
                remake: Remake::new(),
                clock: Clock::new(),
                report,
                headers,
            },
            encoder: Encoder::new(Limit::new(config)),
            outlets: outlets(config)?,
            seq: 0,
            queued: 0,
            refused: 0,
            refusal: None,
        })
    }

    /// Counts a record that is not sent, and says why if that is news.
    fn refuse(&mut self, reason: String) {
        if self.refusal.as_ref() != Some(&reason) {
            tracing::error!(%reason, "record not sent to Kafka");
        }
        self.refused = self.refused.saturating_add(1);
        self.refusal = Some(reason);
    }

    /// Sends a record in every form that is asked for.
    fn send_all(&mut self, record: &Record) -> Result<(), SinkError> {
        let key = self.line.config.key.of(record).into_owned();
        let outlets = self.outlets.of(Kind::Record);
        self.send_to(outlets, &key, |outlet, limit| {
            outlet.message(record.message(), key.as_bytes(), limit)
        })
    }

    /// Sends to each of `outlets` what `make` makes for it.
    fn send_to(
        &mut self,
        outlets: std::ops::Range<u8>,
        key: &str,
        make: impl Fn(&Outlet, &Limit) -> Option<Projected>,
    ) -> Result<(), SinkError> {
        self.seq = self.seq.saturating_add(1);
        self.queued = self.queued.saturating_add(1);
        let messages = outlets.end.saturating_sub(outlets.start);
        self.line.report.expect(self.seq, messages);
        for place in outlets {
            let Some(outlet) = self.outlets.get(place) else { continue };
            let ticket = Ticket { seq: self.seq, outlet: place };
            let message = make(outlet, &self.encoder.limit);
            let sent = message.ok_or_else(|| too_large(&self.encoder)).and_then(|message| {
                let Projected { headers, value } = message;
                let sent = self.line.send(&outlet.topic, key, &value, &headers, ticket);
                sent.map_err(|error| error.to_string())
            });
            if let Err(reason) = sent {
                if self.refusal.as_ref() != Some(&reason) {
                    tracing::error!(%reason, topic = outlet.topic, "record not sent to Kafka");
                }
                self.refusal = Some(reason);
                self.line.report.settle(ticket, false);
            }
        }
        match self.line.producer.client().fatal_error() {
            Some((_, reason)) if self.line.purpose == Use::Offline => {
                Err(SinkError::Kafka { reason })
            }
            _ => self.line.stuck().map_or(Ok(()), Err),
        }
    }
}

fn too_large(encoder: &Encoder) -> String {
    format!("a record exceeds {} bytes however cut", encoder.limit.bytes())
}

impl Line {
    /// Hands a message to the client. Waits while its queue is full, but not in a live run.
    fn send(
        &mut self,
        topic: &str,
        key: &str,
        value: &[u8],
        headers: &OwnedHeaders,
        ticket: Ticket,
    ) -> Result<(), KafkaError> {
        self.look_at_clock();
        let mut recreated = false;
        loop {
            let message = BaseRecord::with_opaque_to(topic, ticket.opaque());
            let mut message = message.payload(value).headers(headers.clone());
            if !key.is_empty() {
                message = message.key(key);
            }
            let Err((error, _)) = self.producer.send(message) else { return Ok(()) };
            match error.rdkafka_error_code() {
                Some(RDKafkaErrorCode::QueueFull)
                    if self.purpose == Use::Offline && !self.report.is_stuck() =>
                {
                    self.producer.poll(FULL_PAUSE);
                }
                Some(RDKafkaErrorCode::Fatal) if !recreated && self.recreate() => {
                    recreated = true;
                }
                _ => return Err(error),
            }
        }
    }

    /// Why captures need not be read any further: what else is in them would not arrive either.
    fn stuck(&self) -> Option<SinkError> {
        if self.purpose != Use::Offline || !self.report.is_stuck() {
            return None;
        }
        let reason = self.report.health.text().or_else(|| self.report.failure());
        let reason = reason.unwrap_or_else(|| "records are not acknowledged".to_owned());
        Some(SinkError::Stuck { reason })
    }

    /// Where brokers are being tried again as the clock is set back, a new producer does that now; what the old one held
    /// is counted as failed.
    fn look_at_clock(&mut self) {
        let Some(seconds) = self.clock.set_back() else { return };
        if self.purpose == Use::Live && self.report.health.text().is_some() {
            tell_set_back(seconds);
            if let Ok(producer) = create(&self.config, self.purpose, &self.report) {
                self.producer.purge(PurgeConfig::default().queue().inflight());
                end_aside(std::mem::replace(&mut self.producer, producer));
            }
        }
    }

    /// A fatal error ends the idempotent producer for good: what it held is counted as failed. Whether there is a new
    /// one: those of a live run are made ever more rarely while they end soon.
    fn recreate(&mut self) -> bool {
        if self.purpose == Use::Live && self.remake.waits().is_some() {
            return false;
        }
        let lived = self.remake.lived();
        if let Some((code, _)) = self.producer.client().fatal_error() {
            self.remake.ended(code);
        }
        if lived {
            self.remake.works();
        }
        let Ok(producer) = create(&self.config, self.purpose, &self.report) else { return false };
        self.producer = producer;
        self.remake.renewed();
        true
    }
}

impl Sink for Kafka {
    fn write(&mut self, record: &Record) -> Result<(), SinkError> {
        if !self.outlets.is_plain() {
            return self.send_all(record);
        }
        let Some(value) = self.encoder.value(record) else {
            self.refuse(too_large(&self.encoder));
            return Ok(());
        };
        let key = self.line.config.key.of(record);
        let (topic, headers) = (self.line.config.topic.clone(), self.line.headers.clone());
        match self.line.send(&topic, &key, value, &headers, Ticket { seq: 0, outlet: 0 }) {
            Ok(()) => self.queued = self.queued.saturating_add(1),
            Err(error @ KafkaError::MessageProduction(RDKafkaErrorCode::Fatal))
                if self.line.purpose == Use::Offline =>
            {
                self.refused = self.refused.saturating_add(1);
                return Err(SinkError::Kafka { reason: error.to_string() });
            }
            Err(_) if self.line.stuck().is_some() => self.refused = self.refused.saturating_add(1),
            Err(error) => self.refuse(error.to_string()),
        }
        self.line.stuck().map_or(Ok(()), Err)
    }

    fn change(&mut self, change: &Change) -> Result<(), SinkError> {
        let outlets = self.outlets.of(Kind::Change);
        if outlets.is_empty() {
            return Ok(());
        }
        let key = change.key();
        self.send_to(outlets, &key, |outlet, limit| {
            outlet.change(change.message(), key.as_bytes(), limit)
        })
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        self.line.look_at_clock();
        // librdkafka sends by itself, within the linger time, but tells of trouble only when it is asked.
        self.line.producer.poll(Duration::ZERO);
        Ok(())
    }

    fn finish(&mut self) -> Result<Delivered, SinkError> {
        let limit = Duration::from_secs(self.line.config.finish_seconds_max.into());
        if self.line.stuck().is_some() {
            // Said by the error that ended the reading.
            let _late = self.line.producer.flush(limit.min(STUCK_PAUSE));
            self.line.producer.purge(PurgeConfig::default().queue().inflight());
            let _purged = self.line.producer.flush(STUCK_PAUSE);
            return Ok(self.delivered());
        }
        if let Err(error) = self.line.producer.flush(limit) {
            tracing::warn!(%error, "Kafka did not acknowledge everything in time");
        }
        Ok(self.delivered())
    }

    fn delivered(&self) -> Delivered {
        let report = &self.line.report;
        let delivered = report.delivered.load(Ordering::Relaxed);
        let failed = report.failed.load(Ordering::Relaxed);
        let undelivered = self.queued.saturating_sub(delivered).saturating_sub(failed);
        let unsent = || (undelivered > 0).then(|| report.trouble()).flatten();
        Delivered {
            delivered,
            failed: failed.saturating_add(self.refused),
            undelivered,
            spooled: 0,
            cut: self.encoder.limit.cut.load(Ordering::Relaxed),
            last_error: report.failure().or_else(|| self.refusal.clone()).or_else(unsent),
        }
    }

    fn statistics(&self) -> Option<Statistics> {
        self.line.report.statistics()
    }
}

fn create(
    config: &Config,
    purpose: Use,
    report: &Arc<Report>,
) -> Result<ThreadedProducer<Context>, SinkError> {
    // librdkafka's own limit on a batch.
    const BATCH_BYTES: u32 = 1_000_000;
    let batch = message_bytes_max(config).min(BATCH_BYTES);
    let client = settings::producer(config, purpose, batch)?;
    client.create_with_context(Context::new(Arc::clone(report))).map_err(|error| refused(&error))
}

#[cfg(test)]
mod tests {
    use apitap_proto::v1;
    use rdkafka::config::ClientConfig;
    use rdkafka::consumer::{BaseConsumer, Consumer as _};
    use rdkafka::message::{Headers as _, Message as _};
    use rdkafka::mocking::MockCluster;
    use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

    use super::super::{Form, Topic, TopicConfig, schema};
    use super::*;
    use crate::record::sample;
    use crate::sink::clock::now;

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
    fn every_topic_gets_every_record_and_records_are_counted() {
        let cluster = cluster();
        cluster.create_topic("ecs", 1, 1).unwrap();
        let further =
            TopicConfig { topic: "ecs".into(), format: Form::Ecs, ..TopicConfig::default() };
        let config = Config { topics: vec![further], ..config(cluster.bootstrap_servers()) };
        let mut sink = Kafka::connect(&config).unwrap();
        for sequence in 1..=50 {
            let mut record = sample::record();
            record.stamp(sequence);
            sink.write(&record).unwrap();
        }
        let delivered = sink.finish().unwrap();
        assert_eq!(delivered, Delivered { delivered: 50, ..Delivered::default() });
        let found: Vec<_> = read(&config).into_iter().map(|r| r.sensor.unwrap().sequence).collect();
        assert_eq!(found, (1..=50).collect::<Vec<_>>());
        // Read as records: every one of the fifty is something else.
        let ecs = Config { topic: "ecs".into(), topics: Vec::new(), ..config };
        let strange = Topic::open(&ecs).unwrap().filter(Result::is_err).count();
        assert_eq!(strange, 50);
    }

    #[test]
    fn a_registry_to_ask_needs_a_spool_in_a_live_run() {
        let schema = schema::Config {
            registry_url: Some("http://127.0.0.1:1".into()),
            ..schema::Config::default()
        };
        let config = Config { schema: Some(schema), ..config("127.0.0.1:1".into()) };
        let text = Kafka::live(&config).err().unwrap().to_string();
        assert!(text.contains("without a spool"), "{text}");
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
        let start = now();
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

    // Reading on would only lose more, a timeout for each full queue.
    #[test]
    fn captures_are_read_no_further_when_the_brokers_are_gone() {
        let cluster = cluster();
        let config = Config { message_timeout_seconds: 1, ..config(cluster.bootstrap_servers()) };
        let mut sink = Kafka::connect(&config).unwrap();
        cluster.broker_down(1).unwrap();
        let start = now();
        let mut written = 0;
        let error = loop {
            written += 1;
            if let Err(error) = sink.write(&sample::record()) {
                break error.to_string();
            }
            assert!(start.elapsed() < Duration::from_secs(10), "{written} records taken");
            std::thread::sleep(Duration::from_millis(20));
        };
        assert!(error.starts_with("stopped before the end: no Kafka broker at "), "{error}");
        let delivered = sink.finish().unwrap();
        assert_eq!((delivered.failed, delivered.undelivered), (written, 0));
        assert!(delivered.last_error.unwrap().contains("timed out"));
        assert!(start.elapsed() < Duration::from_secs(10));
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

    // Rights that are missing end each producer at once: brokers and logs are not to be flooded.
    #[test]
    fn producers_of_a_live_run_that_end_are_made_ever_more_rarely() {
        let cluster = cluster();
        let refusals =
            [rdkafka::types::RDKafkaRespErr::RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED; 500];
        cluster.request_errors(rdkafka::types::RDKafkaApiKey::InitProducerId, &refusals);
        let mut sink = Kafka::live(&config(cluster.bootstrap_servers())).unwrap();
        let (mut made, mut times, start) = (sink.line.remake.made, 0, now());
        let mut written = 0;
        while start.elapsed() < Duration::from_millis(2500) {
            sink.write(&sample::record()).unwrap();
            written += 1;
            times += u32::from(std::mem::replace(&mut made, sink.line.remake.made) != made);
            std::thread::sleep(Duration::from_millis(2));
        }
        assert!((1..=3).contains(&times), "{times}");
        let delivered = sink.finish().unwrap();
        assert_eq!(delivered.failed + delivered.undelivered, written);
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
