//! From a record to the messages of each topic: value in the topic's form, headers.

use std::sync::atomic::Ordering;

use apitap_proto::v1;
use prost::Message as _;
use rdkafka::message::OwnedHeaders;

use super::super::siem::facts;
use super::super::{SinkError, ecs, ocsf};
use super::Config;
use super::encode::Limit;
use super::form::{self, CALL, CHANGE, Form, TopicConfig};
use super::headers::{Event, Headers};
use super::health::Trouble;
use super::message;
use super::registry;
use super::schema::{self, Frame};
use crate::record::shrink::shrink;

/// Tries to make a value in another form fit.
const CUTS_MAX: u32 = 6;

/// A topic, and the form that records have there.
pub(super) struct Outlet {
    pub(super) topic: String,
    /// The message type of what it takes.
    kind: &'static str,
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

/// What a message is made of. No `Debug`: it holds a record.
pub(super) enum Content {
    /// A record.
    Record(Box<v1::CallRecord>),
    /// A change of the inventory.
    Change(Box<v1::InventoryEvent>),
}

impl Content {
    /// That of a message in the spool.
    pub(super) fn read(message: &message::Message<'_>) -> Option<Self> {
        Some(match message.kind {
            message::Kind::Record => {
                Self::Record(Box::new(v1::CallRecord::decode(message.value).ok()?))
            }
            message::Kind::Change => {
                Self::Change(Box::new(v1::InventoryEvent::decode(message.value).ok()?))
            }
        })
    }
}

/// The outlets of a configuration: that of its own topic first, that of changes last.
pub(super) struct Outlets {
    /// Those of records, then that of changes.
    pub(super) all: Vec<Outlet>,
    records: usize,
}

impl Outlets {
    /// The outlet that is meant.
    pub(super) fn get(&self, place: u8) -> Option<&Outlet> {
        self.all.get(usize::from(place))
    }

    /// Those that take messages of this kind, by their places.
    pub(super) fn of(&self, kind: message::Kind) -> std::ops::Range<u8> {
        let place = |place: usize| u8::try_from(place).unwrap_or(u8::MAX);
        match kind {
            message::Kind::Record => 0..place(self.records),
            message::Kind::Change => place(self.records)..place(self.all.len()),
        }
    }

    /// Whether records have one message each, as they are.
    pub(super) fn is_plain(&self) -> bool {
        self.records == 1 && self.get(0).is_some_and(Outlet::is_plain)
    }
}

/// The outlets of a configuration.
///
/// # Errors
///
/// [`SinkError::KafkaSetting`].
pub(super) fn outlets(config: &Config) -> Result<Outlets, SinkError> {
    form::check(config)?;
    let main = TopicConfig {
        topic: config.topic.clone(),
        format: config.format,
        cloud_events: config.cloud_events,
        schema: config.schema.clone(),
    };
    let mut all: Vec<Outlet> =
        [main].iter().chain(&config.topics).map(|topic| Outlet::new(topic, CALL)).collect();
    let records = all.len();
    all.extend(config.inventory.iter().map(|topic| Outlet::new(topic, CHANGE)));
    Ok(Outlets { all, records })
}

impl Outlet {
    fn new(config: &TopicConfig, kind: &'static str) -> Self {
        let frame =
            config.schema.as_ref().and_then(|schema| schema.frame(!config.format.is_json()));
        Self {
            topic: config.topic.clone(),
            kind,
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
            let message = self.kind.rsplit('.').next().filter(|_| !self.form.is_json());
            let frame = registry::look_up(schema, &self.topic, message);
            self.frame = Some(frame.map_err(|reason| (Trouble::Schema, reason))?);
        }
        Ok(())
    }

    /// The message of what it takes; `None` when it does not fit however cut, or has no form here.
    pub(super) fn make(&self, content: &Content, key: &[u8], limit: &Limit) -> Option<Projected> {
        match content {
            Content::Record(record) => self.message(record, key, limit),
            Content::Change(change) => self.change(change, key, limit),
        }
    }

    /// The message of a change of the inventory.
    pub(super) fn change(
        &self,
        change: &v1::InventoryEvent,
        key: &[u8],
        limit: &Limit,
    ) -> Option<Projected> {
        let mut value = self.prefix();
        match self.form.is_json() {
            true => serde_json::to_writer(&mut value, change).ok()?,
            false => change.encode(&mut value).ok()?,
        }
        let mut headers = Headers::new(self.form.is_json(), CHANGE);
        headers.frame(self.frame.as_ref());
        if self.cloud_events {
            headers.event(&Event {
                id: &change.id,
                kind: CHANGE,
                sensor: change.sensor.as_ref().map_or("", |sensor| sensor.id.as_str()),
                time_ns: facts::nanos(change.time.as_ref()),
                key,
            });
        }
        let fits = value.len() <= limit.bytes();
        fits.then(|| Projected { headers: headers.done(), value })
    }

    fn prefix(&self) -> Vec<u8> {
        match &self.frame {
            Some(Frame::Prefix(prefix)) => prefix.clone(),
            _ => Vec::new(),
        }
    }

    /// The message of a record; `None` when it does not fit however cut, or has no form here.
    pub(super) fn message(
        &self,
        record: &v1::CallRecord,
        key: &[u8],
        limit: &Limit,
    ) -> Option<Projected> {
        let mut value = self.prefix();
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
