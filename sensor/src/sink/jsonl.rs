//! JSON lines: proto3 JSON with the field names of the schema, one record a line.

use apitap_proto::v1;

use super::{Encode, Format, SinkError};

pub(super) const FORMAT: Format = Format {
    name: "jsonl",
    about: "one JSON object a line",
    records: super::tail::Records::Lines,
    encoder: |_| Box::new(Jsonl),
};

struct Jsonl;

impl Encode for Jsonl {
    fn encode(&mut self, record: &v1::CallRecord, out: &mut Vec<u8>) -> Result<(), SinkError> {
        serde_json::to_writer(&mut *out, record)
            .map_err(|error| SinkError::Encode { format: "JSON", reason: error.to_string() })?;
        out.push(b'\n');
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Style;
    use super::super::stream::tests::stream;
    use super::*;
    use crate::record::sample;
    use crate::sink::Sink as _;

    #[test]
    fn a_line_is_an_object_with_the_names_of_the_schema() {
        let (mut stream, written) = stream("jsonl", &Style::plain());
        stream.write(&sample::record()).unwrap();
        stream.write(&sample::record()).unwrap();
        stream.finish().unwrap();
        let text = String::from_utf8(written.take()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        let line: serde_json::Value = serde_json::from_str(lines[0]).unwrap();
        assert_eq!(line["request"]["path_template"], "/v1/orders/{id}");
        assert_eq!(line["completeness"]["request"], "COMPLETE");
        // proto3 JSON writes 64-bit integers as strings.
        assert_eq!(line["response"]["latency_ns"], "12000000");
        let back: v1::CallRecord = serde_json::from_str(lines[1]).unwrap();
        assert!(back == *sample::record().message());
    }

    // Record files come from anywhere: a date that is none must not end the program.
    #[test]
    fn a_record_without_a_json_form_is_counted_and_leaves_no_trace() {
        let (mut stream, written) = stream("jsonl", &Style::plain());
        let mut message = sample::record().message().clone();
        message.request.as_mut().unwrap().start_time.as_mut().unwrap().nanos = -1;
        stream.push(&message).unwrap();
        let delivered = stream.finish().unwrap();
        assert_eq!((delivered.delivered, delivered.failed), (0, 1));
        assert!(written.take().is_empty());
    }
}
