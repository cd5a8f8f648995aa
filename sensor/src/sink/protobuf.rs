//! Protobuf files: each record behind its length as a varint.
//!
//! ```text
//! | length: varint | CallRecord: `length` bytes | length | CallRecord | …
//! ```

use apitap_proto::v1;
use prost::Message as _;

use super::{Encode, Format, SinkError};
use crate::record::Record;

pub(super) const FORMAT: Format = Format {
    name: "protobuf",
    about: "length-delimited protobuf messages",
    records: super::tail::Records::Delimited,
    encoder: |_| Box::new(Protobuf),
};

struct Protobuf;

impl Encode for Protobuf {
    fn encode(&mut self, record: &v1::CallRecord, out: &mut Vec<u8>) -> Result<(), SinkError> {
        let refused = |error: prost::EncodeError| SinkError::Encode {
            format: "protobuf",
            reason: error.to_string(),
        };
        let len = record.encoded_len();
        prost::encode_length_delimiter(len, out).map_err(refused)?;
        // Into a slice of the right size: a Vec would look at its capacity for every byte.
        let start = out.len();
        out.resize(start.saturating_add(len), 0);
        let mut room = out.get_mut(start..).unwrap_or_default();
        record.encode(&mut room).map_err(refused)
    }

    fn encode_record(&mut self, record: &Record, out: &mut Vec<u8>) -> Result<(), SinkError> {
        let refused = |error: prost::EncodeError| SinkError::Encode {
            format: "protobuf",
            reason: error.to_string(),
        };
        prost::encode_length_delimiter(record.encoded().len(), out).map_err(refused)?;
        out.extend_from_slice(record.encoded());
        Ok(())
    }
}
