//! Protobuf files: each record behind its length as a varint.
//!
//! ```text
//! | length: varint | CallRecord: `length` bytes | length | CallRecord | …
//! ```

use apitap_proto::v1;
use prost::Message as _;

use super::{Encode, Format, SinkError};

pub(super) const FORMAT: Format = Format {
    name: "protobuf",
    about: "length-delimited protobuf messages",
    encoder: |_| Box::new(Protobuf),
};

struct Protobuf;

impl Encode for Protobuf {
    fn encode(&mut self, record: &v1::CallRecord, out: &mut Vec<u8>) -> Result<(), SinkError> {
        record
            .encode_length_delimited(out)
            .map_err(|error| SinkError::Encode { format: "protobuf", reason: error.to_string() })
    }
}
