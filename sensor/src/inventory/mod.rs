//! The inventory: what APIs there are, as seen in records.
//!
//! Pure: records in, tables out. Everything is bounded, by limits on each table and by one budget for their sum;
//! what has no place is counted. An endpoint is a method on a path template of a host.
//!
//! A scanner that asks for a million paths must not crowd out the API: endpoints of which no call shows that
//! they exist (answers 400, 404, 405, or none) may fill only a part of the table.

mod blind;
mod body;
mod endpoint;
mod entity;
mod field;
mod fold;
pub mod html;
mod latency;
mod news;
pub mod openapi;
mod report;
mod risk;
mod state;
pub mod table;
mod tally;

use std::collections::BTreeMap;

use apitap_proto::v1;
use serde::{Deserialize, Serialize};
use v1::value::Form;

pub use blind::Blind;
pub use body::{Body, Node};
pub use endpoint::{Auth, Class, Endpoint, Place, Signal};
pub use entity::{Entity, Moment};
pub use field::{Field, Types};
pub use latency::Histogram;
pub use news::{Change, News};
pub use report::Report;
pub use risk::{Risk, Standing};
pub use state::{MAGIC, StateError};
pub use tally::{Budget, Tally};

/// Servers that cannot be read remembered.
const BLIND_MAX: usize = 5000;
/// Entities of one call that are followed.
const ENTITIES_PER_CALL: usize = 16;

/// How much an inventory remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Endpoints; a quarter of them may be unproven.
    pub endpoints: u32,
    /// Entities with a timeline.
    pub entities: u32,
    /// Things in all tables together: parameters, fields, names. 200 to 500 bytes each.
    pub cells: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { endpoints: 20_000, entities: 5_000, cells: 1_000_000 }
    }
}

/// Calls that are not in the tables.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Calls of endpoints that had no place.
    pub endpoint_calls: u64,
    /// Calls of which no request was seen, so that their endpoint is unknown.
    pub unknown_calls: u64,
    /// Times an entity had no place.
    pub entity_calls: u64,
    /// Connections that could not be read, in the table of blind spots or not.
    pub encrypted_sessions: u64,
}

/// How large an inventory is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Endpoints.
    pub endpoints: u64,
    /// Those of which no answer shows that they exist.
    pub unproven: u64,
    /// Entities.
    pub entities: u64,
    /// Calls and things that had no place.
    pub left_out: u64,
}

/// What APIs there are.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Inventory {
    limits: Limits,
    budget: Budget,
    /// By host, method and path template, with NUL between.
    endpoints: BTreeMap<String, Endpoint>,
    unproven: u32,
    /// By server name, or by address and port.
    #[serde(default)]
    blind: BTreeMap<String, Blind>,
    entities: BTreeMap<String, Entity>,
    /// Calls taken in, sampled ones by their weight.
    calls: u64,
    left_out: LeftOut,
    /// WebSocket messages, which belong to calls.
    websocket_messages: u64,
}

impl Default for Inventory {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl Inventory {
    /// An empty inventory.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            budget: Budget::new(limits.cells),
            endpoints: BTreeMap::new(),
            unproven: 0,
            blind: BTreeMap::new(),
            entities: BTreeMap::new(),
            calls: 0,
            left_out: LeftOut::default(),
            websocket_messages: 0,
        }
    }

    /// Takes in one record.
    pub fn push(&mut self, record: &v1::CallRecord) {
        let weight = u64::from(record.sample_weight.max(1));
        if let Some(session) = &record.encrypted_session {
            let decryption = session.decryption.as_ref().map(v1::Decryption::result);
            // What was read of it is told by calls.
            if decryption != Some(v1::DecryptionResult::Whole) {
                self.blind(record, session, weight);
            }
            return;
        }
        if let Some(message) = &record.websocket_message {
            self.message(record, message, weight);
            return;
        }
        // The record of the call tells it again as a whole.
        if record.server_event.is_some() || record.streaming.as_ref().is_some_and(|s| s.goes_on) {
            return;
        }
        self.calls = self.calls.saturating_add(weight);
        let Some(request) = &record.request else {
            self.left_out.unknown_calls = self.left_out.unknown_calls.saturating_add(weight);
            return;
        };
        let time = endpoint::time(record);
        let key = key(&request.host, &request.method, &request.path_template);
        let Some(id) = self.endpoint(&key, request, record, time) else {
            self.left_out.endpoint_calls = self.left_out.endpoint_calls.saturating_add(weight);
            return;
        };
        let response = record.response.as_ref();
        let moment = Moment {
            time_ns: time,
            endpoint: id,
            status: response.map_or(0, |response| response.status),
            latency_ns: response.and_then(|response| response.latency_ns).unwrap_or(0),
        };
        self.entities(record, moment, weight);
    }

    /// Takes in one record, and says what it shows that none before did.
    pub fn learn(&mut self, record: &v1::CallRecord) -> Vec<Change> {
        let request = record.request.as_ref().filter(|_| record.encrypted_session.is_none());
        let Some(request) = request else {
            self.push(record);
            return Vec::new();
        };
        let key = key(&request.host, &request.method, &request.path_template);
        let known = self.endpoints.get(&key).is_some_and(Endpoint::exists);
        self.budget.news = Some(News::default());
        self.push(record);
        let news = self.budget.news.take().unwrap_or_default();
        match self.endpoints.get(&key).filter(|endpoint| endpoint.exists()) {
            Some(endpoint) => news.changes(record, endpoint, !known),
            None => Vec::new(),
        }
    }

    /// Counts a session that could not be read at its server, if there is room for it.
    fn blind(&mut self, record: &v1::CallRecord, session: &v1::EncryptedSession, weight: u64) {
        if session.part == 0 {
            let count = &mut self.left_out.encrypted_sessions;
            *count = count.saturating_add(weight);
        }
        let host = Blind::host(record, session);
        let room = self.blind_spot(&host);
        if let Some(known) = self.blind.get_mut(&host).filter(|_| room) {
            known.push(record, session, &mut self.budget);
        }
    }

    /// Whether a server that cannot be read has a place, made if there is room for it.
    fn blind_spot(&mut self, host: &str) -> bool {
        let known = self.blind.contains_key(host);
        if !known && self.blind.len() < BLIND_MAX && self.budget.take(8) {
            let made = Blind { host: host.to_owned(), ..Blind::default() };
            self.blind.insert(host.to_owned(), made);
            return true;
        }
        known
    }

    /// Counts WebSocket messages at the endpoint of their handshake, if that is known.
    fn message(&mut self, record: &v1::CallRecord, message: &v1::WebSocketMessage, weight: u64) {
        let told = if message.opcode < 8 { weight } else { 0 };
        let messages = told.saturating_add(message.messages_skipped.saturating_mul(weight));
        self.websocket_messages = self.websocket_messages.saturating_add(messages);
        let Some(request) = &record.request else { return };
        let key = key(&request.host, &request.method, &request.path_template);
        if let Some(endpoint) = self.endpoints.get_mut(&key) {
            endpoint.message(record, message, told, &mut self.budget);
        }
    }

    /// Counts the call at its endpoint, made if there is room; its number.
    fn endpoint(
        &mut self,
        key: &str,
        request: &v1::Request,
        record: &v1::CallRecord,
        time: u64,
    ) -> Option<u32> {
        if !self.endpoints.contains_key(key) {
            let status = record.response.as_ref().map_or(0, |response| response.status);
            let proven = !matches!(status, 0..200 | 400 | 404 | 405);
            let number = self.place(proven)?;
            let made = Endpoint {
                id: number,
                host: request.host.clone(),
                method: request.method.clone(),
                path_template: request.path_template.clone(),
                ..Endpoint::default()
            };
            self.unproven = self.unproven.saturating_add(1);
            self.endpoints.insert(key.to_owned(), made);
        }
        let endpoint = self.endpoints.get_mut(key)?;
        let (before, new) = (endpoint.exists(), endpoint.calls == 0);
        endpoint.push(record, time, &mut self.budget);
        if endpoint.exists() && (new || !before) {
            self.unproven = self.unproven.saturating_sub(1);
        }
        Some(endpoint.id)
    }

    /// The number of a new endpoint, if there is room for it.
    fn place(&mut self, proven: bool) -> Option<u32> {
        let number = u32::try_from(self.endpoints.len()).ok()?;
        let room =
            number < self.limits.endpoints && (proven || self.unproven < self.limits.endpoints / 4);
        (room && self.budget.take(8)).then_some(number)
    }

    fn entities(&mut self, record: &v1::CallRecord, moment: Moment, weight: u64) {
        let mut met: Vec<&str> = Vec::new();
        for entity in record.entities.iter().take(ENTITIES_PER_CALL) {
            let Some(Form::Token(token)) = entity.value.as_ref().and_then(|v| v.form.as_ref())
            else {
                continue;
            };
            if met.contains(&token.text.as_str()) {
                continue;
            }
            met.push(&token.text);
            if let Some(known) = self.entities.get_mut(&token.text) {
                known.push(moment, weight);
                continue;
            }
            let count = u32::try_from(self.entities.len()).unwrap_or(u32::MAX);
            if count < self.limits.entities && self.budget.take(4) {
                let kind = entity.kind().as_str_name().to_owned();
                let mut made = Entity { kind, ..Entity::default() };
                made.push(moment, weight);
                self.entities.insert(token.text.clone(), made);
            } else {
                self.left_out.entity_calls = self.left_out.entity_calls.saturating_add(weight);
            }
        }
    }

    /// Adds what `from` knows.
    pub fn merge(&mut self, from: &Self) {
        self.calls = self.calls.saturating_add(from.calls);
        self.websocket_messages = self.websocket_messages.saturating_add(from.websocket_messages);
        for (sum, more) in [
            (&mut self.left_out.endpoint_calls, from.left_out.endpoint_calls),
            (&mut self.left_out.unknown_calls, from.left_out.unknown_calls),
            (&mut self.left_out.entity_calls, from.left_out.entity_calls),
            (&mut self.left_out.encrypted_sessions, from.left_out.encrypted_sessions),
            (&mut self.budget.refused, from.budget.refused),
        ] {
            *sum = sum.saturating_add(more);
        }
        let mut numbers: BTreeMap<u32, u32> = BTreeMap::new();
        for theirs in from.sorted() {
            let key = key(&theirs.host, &theirs.method, &theirs.path_template);
            if !self.endpoints.contains_key(&key) {
                let Some(id) = self.place(theirs.exists()) else {
                    let count = &mut self.left_out.endpoint_calls;
                    *count = count.saturating_add(theirs.calls);
                    continue;
                };
                let made = Endpoint {
                    id,
                    host: theirs.host.clone(),
                    method: theirs.method.clone(),
                    path_template: theirs.path_template.clone(),
                    ..Endpoint::default()
                };
                self.unproven = self.unproven.saturating_add(1);
                self.endpoints.insert(key.clone(), made);
            }
            let Some(mine) = self.endpoints.get_mut(&key) else { continue };
            let before = mine.exists();
            mine.merge(theirs, &mut self.budget);
            numbers.insert(theirs.id, mine.id);
            if mine.exists() && !before {
                self.unproven = self.unproven.saturating_sub(1);
            }
        }
        for (host, theirs) in &from.blind {
            let room = self.blind_spot(host);
            if let Some(mine) = self.blind.get_mut(host).filter(|_| room) {
                mine.merge(theirs, &mut self.budget);
            }
        }
        self.merge_entities(from, &numbers);
    }

    fn merge_entities(&mut self, from: &Self, numbers: &BTreeMap<u32, u32>) {
        let mut tokens: Vec<(&String, &Entity)> = from.entities.iter().collect();
        tokens.sort_by_key(|(token, _)| *token);
        for (token, theirs) in tokens {
            let known = self.entities.contains_key(token);
            let count = u32::try_from(self.entities.len()).unwrap_or(u32::MAX);
            if !known && (count >= self.limits.entities || !self.budget.take(4)) {
                let calls = &mut self.left_out.entity_calls;
                *calls = calls.saturating_add(theirs.calls);
                continue;
            }
            let mut renamed = theirs.clone();
            renamed.moments.retain_mut(|moment| {
                let number = numbers.get(&moment.endpoint).copied();
                moment.endpoint = number.unwrap_or_default();
                number.is_some()
            });
            let kind = theirs.kind.clone();
            let mine = self.entities.entry(token.clone());
            mine.or_insert_with(|| Entity { kind, ..Entity::default() }).merge(&renamed);
        }
    }

    /// The endpoints by host, path and method.
    #[must_use]
    pub fn sorted(&self) -> Vec<&Endpoint> {
        let mut all: Vec<&Endpoint> = self.endpoints.values().collect();
        all.sort_by(|a, b| {
            (&a.host, &a.path_template, &a.method).cmp(&(&b.host, &b.path_template, &b.method))
        });
        all
    }

    /// Servers that cannot be read, most bytes first.
    #[must_use]
    pub fn blind_spots(&self) -> Vec<&Blind> {
        let mut all: Vec<&Blind> = self.blind.values().collect();
        let bytes = |blind: &Blind| blind.client_bytes.saturating_add(blind.server_bytes);
        all.sort_by_key(|blind| std::cmp::Reverse((bytes(blind), blind.sessions)));
        all
    }

    /// The entities by number of calls, most first: token and entity.
    #[must_use]
    pub fn busiest(&self) -> Vec<(&str, &Entity)> {
        let mut all: Vec<(&str, &Entity)> =
            self.entities.iter().map(|(token, entity)| (token.as_str(), entity)).collect();
        all.sort_by(|(a, x), (b, y)| (y.calls, a).cmp(&(x.calls, b)));
        all
    }

    /// Calls taken in, sampled ones by their weight.
    #[must_use]
    pub const fn calls(&self) -> u64 {
        self.calls
    }

    /// Calls that are not in the tables.
    #[must_use]
    pub const fn left_out(&self) -> LeftOut {
        self.left_out
    }

    /// Room left and refused.
    #[must_use]
    pub const fn budget(&self) -> &Budget {
        &self.budget
    }

    /// How large it is.
    #[must_use]
    pub fn sizes(&self) -> Sizes {
        let count = |len: usize| u64::try_from(len).unwrap_or(u64::MAX);
        let LeftOut { endpoint_calls, unknown_calls: _, entity_calls, encrypted_sessions: _ } =
            self.left_out;
        let calls = endpoint_calls.saturating_add(entity_calls);
        Sizes {
            endpoints: count(self.endpoints.len()),
            unproven: self.unproven.into(),
            entities: count(self.entities.len()),
            left_out: calls.saturating_add(self.budget.refused),
        }
    }

    /// WebSocket messages seen.
    #[must_use]
    pub const fn websocket_messages(&self) -> u64 {
        self.websocket_messages
    }
}

fn key(host: &str, method: &str, path: &str) -> String {
    [host, method, path].join("\0")
}

#[cfg(test)]
mod tests;
