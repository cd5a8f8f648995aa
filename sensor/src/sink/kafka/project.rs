//! From a record to the messages of each topic: value in the topic's form, headers.

use std::sync::atomic::Ordering;

use apitap_proto::v1;
use prost::Message as _;
use rdkafka::message::OwnedHeaders;

use super::super::siem::facts;
use super::super::{SinkError, ecs, ocsf};
use super::Config;
use super::encode::Limit;
use super::form::{self, CALL, Form, TopicConfig};
use super::headers::{Event, Headers};
use super::health::Trouble;
use super::registry;
use super::schema::{self, Frame};
use crate::record::shrink::shrink;

/// Tries to make a value in another form fit.
const CUTS_MAX: u32 = 6;

/// A topic, and the form that records have there.
pub(super) struct Outlet {
    pub(super) topic: String,
    form: Form,
    cloud_events: bool,
    schema: Option<schema::Config>,
    /// Made of `schema`, once everything is known.
    frame: Option<Frame>,
}

/// A message of an outlet. No `Debug`: it holds a record.
pub(super) struct Projected {
    pub(super) headers: OwnedHeaders,
    pub(super) value: Vec<u8>,
}

/// The outlets of a configuration, that of its own topic first.
///
/// # Errors
///
/// [`SinkError::KafkaSetting`].
pub(super) fn outlets(config: &Config) -> Result<Vec<Outlet>, SinkError> {
    form::check(config)?;
    let main = TopicConfig {
        topic: config.topic.clone(),
        format: config.format,
        cloud_events: config.cloud_events,
        schema: config.schema.clone(),
    };
    Ok([main].iter().chain(&config.topics).map(Outlet::new).collect())
}

impl Outlet {
    fn new(config: &TopicConfig) -> Self {
        let frame =
            config.schema.as_ref().and_then(|schema| schema.frame(!config.format.is_json()));
        Self {
            topic: config.topic.clone(),
            form: config.format,
            cloud_events: config.cloud_events,
            schema: config.schema.clone(),
            frame,
        }
    }

    /// Whether its messages are the records as they are, with the headers they always have.
    pub(super) const fn is_plain(&self) -> bool {
        !self.form.is_json() && !self.cloud_events && self.schema.is_none()
    }

    /// Whether everything is known that goes into its messages.
    pub(super) const fn is_ready(&self) -> bool {
        self.schema.is_none() || self.frame.is_some()
    }

    /// Looks up what is not known yet.
    ///
    /// # Errors
    ///
    /// The kind of trouble, and what it is, in one line.
    pub(super) fn prepare(&mut self) -> Result<(), (Trouble, String)> {
        if let Some(schema) = self.schema.as_ref().filter(|_| self.frame.is_none()) {
            let message = (!self.form.is_json()).then_some("CallRecord");
            let frame = registry::look_up(schema, &self.topic, message);
            self.frame = Some(frame.map_err(|reason| (Trouble::Schema, reason))?);
        }
        Ok(())
    }

    /// The message of a record; `None` when it fits however cut, or has no form here.
    pub(super) fn message(
        &self,
        record: &v1::CallRecord,
        key: &[u8],
        limit: &Limit,
    ) -> Option<Projected> {
        let mut value = Vec::new();
        if let Some(Frame::Prefix(prefix)) = &self.frame {
            value.extend_from_slice(prefix);
        }
        self.value(record, limit, &mut value)?;
        Some(Projected { headers: self.headers(record, key), value })
    }

    /// Appends the value, cut if it must be.
    fn value(&self, record: &v1::CallRecord, limit: &Limit, out: &mut Vec<u8>) -> Option<()> {
        let start = out.len();
        self.write(record, out)?;
        let fits = |out: &Vec<u8>| out.len().saturating_sub(start) <= limit.bytes();
        if fits(out) {
            return Some(());
        }
        limit.cut.fetch_add(1, Ordering::Relaxed);
        let mut cut = record.clone();
        for _ in 0..CUTS_MAX {
            // Forms grow with what they are made of; a little less, as they have parts of their own.
            let written = out.len().saturating_sub(start).max(1);
            let share = cut.encoded_len().saturating_mul(limit.bytes()).checked_div(written)?;
            let target = share.saturating_sub(share / 16);
            let core = !shrink(&mut cut, target);
            out.truncate(start);
            self.write(&cut, out)?;
            if fits(out) {
                return Some(());
            }
            if core {
                break;
            }
        }
        None
    }

    fn write(&self, record: &v1::CallRecord, out: &mut Vec<u8>) -> Option<()> {
        match self.form {
            Form::Protobuf => record.encode(out).ok(),
            Form::Json => serde_json::to_writer(out, record).ok(),
            Form::Ocsf => ocsf::event(record, false, out).ok(),
            Form::OcsfApi => ocsf::event(record, true, out).ok(),
            Form::Ecs => ecs::event(record, out).ok(),
        }
    }

    fn headers(&self, record: &v1::CallRecord, key: &[u8]) -> OwnedHeaders {
        let mut headers = Headers::new(self.form.is_json(), self.form.schema());
        headers.frame(self.frame.as_ref());
        if self.cloud_events {
            headers.event(&Event {
                id: &record.id,
                kind: CALL,
                sensor: record.sensor.as_ref().map_or("", |sensor| sensor.id.as_str()),
                time_ns: facts::span(record).map(|span| span.start),
                key,
            });
        }
        headers.done()
    }
}
