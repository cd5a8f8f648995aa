//! From a record to a message: key, headers, value within the size limit.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use apitap_proto::v1;
use prost::Message as _;

use super::Config;
use super::form::CALL;
use super::headers::PROTOBUF;
use crate::record::{Record, shrink::shrink};

/// Room in a message for what is not its value: batch and message framing, headers.
pub(super) const OVERHEAD_BYTES: usize = 1024;

/// Headers of a record as it is.
pub(super) const HEADERS: [(&str, &str); 2] = [("content-type", PROTOBUF), ("apitap-schema", CALL)];

/// How large values may be, and how many had to be cut for it; shared with who learns it from the brokers.
pub(super) struct Limit {
    bytes: AtomicUsize,
    pub(super) cut: AtomicU64,
}

impl Limit {
    pub(super) fn new(config: &Config) -> Arc<Self> {
        let bytes = usize::try_from(message_bytes_max(config)).unwrap_or(usize::MAX);
        let bytes = AtomicUsize::new(bytes.saturating_sub(OVERHEAD_BYTES));
        Arc::new(Self { bytes, cut: AtomicU64::new(0) })
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(super) fn set(&self, bytes: usize) {
        self.bytes.store(bytes, Ordering::Relaxed);
    }
}

/// The largest message in force.
pub(super) fn message_bytes_max(config: &Config) -> u32 {
    let own = config.properties.0.get("message.max.bytes").and_then(|text| text.parse().ok());
    own.unwrap_or(config.message_bytes_max)
}

/// Makes messages of records.
pub(super) struct Encoder {
    pub(super) limit: Arc<Limit>,
    value: Vec<u8>,
}

impl Encoder {
    pub(super) const fn new(limit: Arc<Limit>) -> Self {
        Self { limit, value: Vec::new() }
    }

    /// The value of `record`, cut if it must be; `None` when it fits however cut.
    pub(super) fn value<'a>(&'a mut self, record: &'a Record) -> Option<&'a [u8]> {
        self.value.clear();
        if record.encoded().len() <= self.limit.bytes() {
            return Some(record.encoded());
        }
        let fits = cut(record.message().clone(), &self.limit, &mut self.value);
        fits.then_some(self.value.as_slice())
    }
}

/// Cuts a message that is too large and encodes it into `out`; `false` when it cannot be cut so far.
fn cut(mut message: v1::CallRecord, limit: &Limit, out: &mut Vec<u8>) -> bool {
    limit.cut.fetch_add(1, Ordering::Relaxed);
    shrink(&mut message, limit.bytes()) && message.encode(out).is_ok()
}

/// A value that was encoded under a higher limit, made to fit; `None` when that cannot be.
pub(super) fn refit<'a>(value: &'a [u8], limit: &Limit) -> Option<Cow<'a, [u8]>> {
    if value.len() <= limit.bytes() {
        return Some(value.into());
    }
    let mut out = Vec::new();
    cut(v1::CallRecord::decode(value).ok()?, limit, &mut out).then_some(out.into())
}
