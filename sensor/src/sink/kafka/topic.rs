//! Reading a topic back: from its beginning to where it ends now.

use std::sync::Arc;
use std::time::Duration;

use apitap_proto::v1;
use prost::Message as _;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message as _;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::super::SinkError;
use super::super::read::ReadError;
use super::Config;
use super::client::{Context, Report, connect};
use super::settings::{add, refused};
use crate::sink::clock::now;

/// Longest time without a message before reading is given up.
const STALLED: Duration = Duration::from_secs(30);
const ATTEMPT: Duration = Duration::from_millis(500);
const WATERMARKS: Duration = Duration::from_secs(10);

/// The records of a topic, partition by partition in order, those of different partitions mixed.
///
/// No group is joined and nothing is committed.
pub struct Topic {
    consumer: BaseConsumer<Context>,
    /// Partitions not yet read to their end, and those ends.
    open: Vec<(i32, i64)>,
}

impl Topic {
    /// Opens `config.topic` for reading.
    ///
    /// # Errors
    ///
    /// As [`Kafka::connect`](super::Kafka::connect).
    pub fn open(config: &Config) -> Result<Self, SinkError> {
        let mut client = ClientConfig::new();
        client
            .set("bootstrap.servers", &config.brokers)
            .set("client.id", "apitap-records")
            // librdkafka hands out messages only with a group; it is neither joined nor written to.
            .set("group.id", "apitap-records")
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("enable.partition.eof", "true")
            .set("auto.offset.reset", "earliest")
            // A reader must not hold the topic in memory.
            .set("queued.max.messages.kbytes", "16384");
        add(&mut client, config)?;
        let context = Context::new(Arc::new(Report::new(config)));
        let consumer: BaseConsumer<Context> =
            client.create_with_context(context).map_err(|error| refused(&error))?;
        let metadata = connect(consumer.client(), config, || drop(consumer.poll(Duration::ZERO)))?;
        let stopped = |error: KafkaError| SinkError::Kafka { reason: error.to_string() };
        let mut open = Vec::new();
        let mut assignment = TopicPartitionList::new();
        let partitions = metadata.topics().iter().filter(|topic| topic.name() == config.topic);
        for partition in partitions.flat_map(|topic| topic.partitions()) {
            let (low, high) = consumer
                .fetch_watermarks(&config.topic, partition.id(), WATERMARKS)
                .map_err(stopped)?;
            if low < high {
                open.push((partition.id(), high));
                assignment
                    .add_partition_offset(&config.topic, partition.id(), Offset::Offset(low))
                    .map_err(stopped)?;
            }
        }
        consumer.assign(&assignment).map_err(stopped)?;
        Ok(Self { consumer, open })
    }

    /// Notes that `partition` was read up to before `next`.
    fn advance(&mut self, partition: i32, next: i64) {
        self.open.retain(|&(open, end)| open != partition || next < end);
    }
}

impl Iterator for Topic {
    type Item = Result<v1::CallRecord, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = now();
        while !self.open.is_empty() {
            match self.consumer.poll(ATTEMPT) {
                None => {}
                Some(Err(KafkaError::PartitionEOF(partition))) => self.advance(partition, i64::MAX),
                // Groups are not for us: that they may not be used is no trouble.
                Some(Err(KafkaError::MessageConsumption(
                    RDKafkaErrorCode::GroupAuthorizationFailed,
                ))) => {}
                Some(Err(error)) if is_final(&error) => {
                    self.open.clear();
                    return Some(Err(SinkError::Kafka { reason: error.to_string() }.into()));
                }
                // librdkafka goes on trying.
                Some(Err(_)) => {}
                Some(Ok(message)) => {
                    let (partition, offset) = (message.partition(), message.offset());
                    let end =
                        self.open.iter().find(|(open, _)| *open == partition).map(|(_, end)| *end);
                    let wanted = end.is_some_and(|end| offset < end);
                    let record = message.payload().map(record);
                    drop(message);
                    self.advance(partition, offset.saturating_add(1));
                    match record {
                        // A tombstone, or written since the start.
                        None => {}
                        Some(_) if !wanted => {}
                        Some(Some(record)) => return Some(Ok(record)),
                        Some(None) => return Some(Err(ReadError::Message { partition, offset })),
                    }
                }
            }
            if start.elapsed() >= STALLED {
                self.open.clear();
                let reason = self.consumer.client().context().report.trouble();
                let reason = reason.unwrap_or_else(|| "no message for 30 seconds".into());
                return Some(Err(SinkError::Kafka { reason }.into()));
            }
        }
        None
    }
}

/// The record of a value: protobuf, with or without a schema's number before it, or JSON.
fn record(value: &[u8]) -> Option<v1::CallRecord> {
    match value {
        // No field has the number 0, so that no record begins so. The indexes are those of the first message.
        [0, _, _, _, _, 0, record @ ..] => v1::CallRecord::decode(record).ok(),
        [b'{', ..] => serde_json::from_slice(value).ok(),
        record => v1::CallRecord::decode(record).ok(),
    }
}

fn is_final(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(
            RDKafkaErrorCode::TopicAuthorizationFailed
                | RDKafkaErrorCode::UnknownTopicOrPartition
                | RDKafkaErrorCode::UnknownTopic
                | RDKafkaErrorCode::Fatal
        )
    )
}

#[cfg(test)]
mod tests {
    use rdkafka::mocking::MockCluster;
    use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};

    use super::*;
    use crate::record::sample;

    #[test]
    fn strange_messages_are_told_and_the_rest_is_read() {
        let cluster = MockCluster::new(1).unwrap();
        cluster.create_topic("calls", 1, 1).unwrap();
        let brokers = cluster.bootstrap_servers();
        let producer: BaseProducer =
            ClientConfig::new().set("bootstrap.servers", &brokers).create().unwrap();
        let record = sample::record().message().encode_to_vec();
        let framed = [&[0, 0, 0, 0, 7, 0][..], &record].concat();
        let json = serde_json::to_vec(sample::record().message()).unwrap();
        for value in [&record[..], b"no record", &record[..], &framed, &json, b"{}x"] {
            producer.send(BaseRecord::<(), [u8]>::to("calls").payload(value)).ok().unwrap();
        }
        // A tombstone, as compaction knows it.
        producer.send(BaseRecord::<str, ()>::to("calls").key("k")).ok().unwrap();
        producer.flush(Duration::from_secs(5)).unwrap();

        let config = Config { brokers, topic: "calls".into(), ..Config::default() };
        let read: Vec<_> = Topic::open(&config).unwrap().collect();
        let strange: Vec<_> = read.iter().filter_map(|item| item.as_ref().err()).collect();
        assert_eq!((read.len(), strange.len()), (6, 2));
        let records: Vec<_> = read.iter().flatten().collect();
        assert!(records.iter().all(|found| *found == sample::record().message()));
        assert_eq!(strange[0].to_string(), "the message at offset 1 of partition 0 is no record");
    }

    #[test]
    fn an_empty_topic_ends_at_once() {
        let cluster = MockCluster::new(1).unwrap();
        cluster.create_topic("calls", 2, 1).unwrap();
        let brokers = cluster.bootstrap_servers();
        let config = Config { brokers, topic: "calls".into(), ..Config::default() };
        assert_eq!(Topic::open(&config).unwrap().count(), 0);
    }
}
