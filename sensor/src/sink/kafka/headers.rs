//! Headers of messages.
//!
//! Source: CloudEvents 1.0, Kafka protocol binding, binary content mode: attributes are headers with the prefix `ce_`,
//! `datacontenttype` is `content-type`.

use rdkafka::message::{Header, OwnedHeaders};

use super::schema::Frame;

/// The content type of protobuf.
pub(super) const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";

/// Headers as they come together.
pub(super) struct Headers(OwnedHeaders);

/// The attributes of an event.
pub(super) struct Event<'a> {
    /// Tells events of one source apart.
    pub(super) id: &'a str,
    /// `apitap.v1.CallRecord`.
    pub(super) kind: &'a str,
    /// The sensor's name.
    pub(super) sensor: &'a str,
    /// When it happened, in nanoseconds since 1970.
    pub(super) time_ns: Option<u64>,
    /// The message's key.
    pub(super) key: &'a [u8],
}

impl Headers {
    /// What every message has.
    pub(super) fn new(json: bool, schema: &str) -> Self {
        let mut headers = Self(OwnedHeaders::new_with_capacity(9));
        headers.add("content-type", if json { JSON } else { PROTOBUF }.as_bytes());
        headers.add("apitap-schema", schema.as_bytes());
        headers
    }

    /// The schema's GUID, if it stands in a header.
    pub(super) fn frame(&mut self, frame: Option<&Frame>) {
        if let Some(Frame::Header(value)) = frame {
            self.add("__value_schema_id", value);
        }
    }

    /// Those of CloudEvents.
    pub(super) fn event(&mut self, event: &Event<'_>) {
        self.add("ce_specversion", b"1.0");
        self.add("ce_id", event.id.as_bytes());
        self.add("ce_source", source(event.sensor).as_bytes());
        self.add("ce_type", event.kind.as_bytes());
        let time = event.time_ns.and_then(|ns| jiff::Timestamp::from_nanosecond(ns.into()).ok());
        if let Some(time) = time {
            self.add("ce_time", time.to_string().as_bytes());
        }
        // The extension by which other bindings find the partition; keys are text.
        if !event.key.is_empty() {
            self.add("ce_partitionkey", event.key);
        }
    }

    pub(super) fn done(self) -> OwnedHeaders {
        self.0
    }

    fn add(&mut self, key: &str, value: &[u8]) {
        let headers = std::mem::replace(&mut self.0, OwnedHeaders::new_with_capacity(0));
        self.0 = headers.insert(Header { key, value: Some(value) });
    }
}

/// A URI reference: `/apitap/sensors/` and the name, escaped.
fn source(sensor: &str) -> String {
    ["/apitap/sensors/", &super::registry::escaped(sensor)].concat()
}

#[cfg(test)]
mod tests {
    use rdkafka::message::Headers as _;

    use super::*;

    #[test]
    fn attributes_are_headers() {
        let mut headers = Headers::new(true, "ecs/9.4.0");
        headers.event(&Event {
            id: "a1",
            kind: "apitap.v1.CallRecord",
            sensor: "dc 1/é",
            time_ns: Some(1_767_225_600_123_456_789),
            key: b"tok",
        });
        let headers = headers.done();
        let all: Vec<(String, String)> = headers
            .iter()
            .map(|header| {
                let value = String::from_utf8(header.value.unwrap().to_vec()).unwrap();
                (header.key.to_owned(), value)
            })
            .collect();
        let want = [
            ("content-type", "application/json"),
            ("apitap-schema", "ecs/9.4.0"),
            ("ce_specversion", "1.0"),
            ("ce_id", "a1"),
            ("ce_source", "/apitap/sensors/dc%201%2F%C3%A9"),
            ("ce_type", "apitap.v1.CallRecord"),
            ("ce_time", "2026-01-01T00:00:00.123456789Z"),
            ("ce_partitionkey", "tok"),
        ];
        let want: Vec<_> = want.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        assert_eq!(all, want);
    }
}
