//! Signals: risks that one call shows by itself. Each has an id, a severity and a place, never a value.
//!
//! ```text
//! query, leaves of the request ─▶ markers, fields ─┐
//! heads ─▶ web, exposed, framing ──────────────────┼─▶ Signals ─▶ record.signals
//! credentials, findings ─▶ access ─────────────────┤
//! body of the response ─▶ errors ──────────────────┘
//! ```
//!
//! Everything is judged on raw content, inside redaction. What leaves of it is text of this program: ids,
//! kinds and places that are safe to keep. One signal of an id per call, with a count.

mod access;
mod config;
mod echo;
mod errors;
mod exposed;
mod fields;
mod framing;
mod later;
mod list;
mod markers;
mod target;
#[cfg(test)]
mod tests;
mod web;

pub use config::{Config, Level, SignalId};
pub(crate) use later::{Later, LaterSignal};

use apitap_proto::v1::signal::Severity;

use super::auth::Credentials;
use super::found::{Finds, Place, Span};
use super::path::{self, Target};

use crate::call::{Call, Message};
use list::{COUNT, Id, LIST};

/// How often each signal was raised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally([u64; COUNT]);

impl Default for Tally {
    fn default() -> Self {
        Self([0; COUNT])
    }
}

impl Tally {
    /// How many ids there are.
    pub const IDS: usize = COUNT;

    /// Of these numbers, in the order of ids.
    #[must_use]
    pub const fn of(counts: [u64; COUNT]) -> Self {
        Self(counts)
    }

    /// Ids with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        LIST.iter().map(|kind| kind.id).zip(self.0)
    }

    /// Adds what another worker counted.
    pub fn add(&mut self, other: &Self) {
        for (own, other) in self.0.iter_mut().zip(other.0) {
            *own = own.saturating_add(other);
        }
    }
}

/// A signal raised in the call at hand.
struct Hit {
    id: Id,
    severity: Severity,
    kind: &'static str,
    /// In [`Signals::places`].
    location: Span,
    count: u32,
}

/// What a call is judged by, beside its content.
pub(super) struct Seen<'a> {
    pub(super) call: &'a Call,
    /// As the API means it: that of gRPC where there is one.
    pub(super) status: Option<u16>,
    pub(super) credentials: Option<&'a Credentials>,
    pub(super) method: &'static str,
    /// Whether the request reads one object by its id.
    pub(super) one_object: bool,
    pub(super) finds: &'a Finds,
    /// Request and response as they were written.
    pub(super) written: (&'a [u8], &'a [u8]),
    /// How much the request asks for at once.
    pub(super) size: Size,
}

/// How much a request asks for at once.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Size {
    /// Items of the main array of its body.
    pub(super) items: u32,
    /// Operations of a GraphQL batch.
    pub(super) operations: u32,
    /// Calls of a JSON-RPC batch.
    pub(super) calls: u32,
    /// Deepest nesting of a GraphQL document that asks for data.
    pub(super) depth: u32,
    /// Most aliases of a GraphQL operation.
    pub(super) aliases: u32,
}

impl Seen<'_> {
    /// Whether the server did what it was asked for, as far as its answer says.
    fn accepted(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// Signals of one call, and what is configured of them. Its room is used again for the next call.
#[derive(Default)]
pub(super) struct Signals {
    hits: Vec<Hit>,
    /// Texts of places.
    places: String,
    /// Configured severities; [`Severity::Unspecified`] of what is not raised.
    levels: Vec<(Id, Severity)>,
    /// Signals as they were written last, by id.
    written: Vec<later::Written>,
    /// Whether values that are read now are a request's.
    asked: bool,
    /// Whether that request writes.
    writes: bool,
    /// Whether it asks for a list, and what would then be the size of a page: the first place of one, and how many.
    lists: bool,
    pages: (Span, u32),
}

impl Signals {
    /// With this configuration.
    pub(super) fn configure(&mut self, config: &Config) {
        self.levels = config.levels();
    }

    /// Forgets the call before.
    pub(super) fn clear(&mut self) {
        self.hits.clear();
        self.places.clear();
        (self.asked, self.lists, self.pages) = (false, false, Default::default());
    }

    /// Values that follow are those of a request with this method.
    pub(super) fn begin_request(&mut self, method: &str) {
        self.asked = true;
        self.writes = matches!(method, "POST" | "PUT" | "PATCH");
    }

    /// Values that follow are not a request's.
    pub(super) const fn end_request(&mut self) {
        self.asked = false;
    }

    /// Whether values are looked at.
    pub(super) const fn minds_values(&self) -> bool {
        self.asked
    }

    /// Looks at a value of a request where one is read.
    #[inline]
    pub(super) fn value(&mut self, place: Place<'_>, text: &[u8]) {
        if self.asked {
            self.asked_value(place, text);
        }
    }

    fn asked_value(&mut self, place: Place<'_>, text: &[u8]) {
        markers::value(self, place, text);
        fields::value(self, place, text);
    }

    /// Takes note of what is the size of a page if the request asks for a list.
    fn page(&mut self, at: Place<'_>) {
        let Self { places, pages: (first, count), .. } = self;
        if *count == 0 {
            let start = places.len();
            places.push_str(at.part);
            places.push_str(at.path);
            *first = Span { start, end: places.len() };
        }
        *count = count.saturating_add(1);
    }

    /// Raises a signal with the severity of its id.
    fn raise(&mut self, id: Id, location: Place<'_>) {
        self.raise_as(id, id.kind().severity, "", location);
    }

    /// Raises a signal, more or less grave than its id is as a rule. `kind` is what exactly, from a fixed list.
    fn raise_as(&mut self, id: Id, severity: Severity, kind: &'static str, at: Place<'_>) {
        let Self { hits, places, .. } = self;
        let mut place = || {
            let start = places.len();
            places.push_str(at.part);
            places.push_str(at.path);
            Span { start, end: places.len() }
        };
        if let Some(hit) = hits.iter_mut().find(|hit| hit.id == id) {
            hit.count = hit.count.saturating_add(1);
            if severity > hit.severity {
                (hit.severity, hit.kind, hit.location) = (severity, kind, place());
            }
            return;
        }
        hits.push(Hit { id, severity, kind, location: place(), count: 1 });
    }

    /// Whether a signal was raised.
    fn raised(&self, id: Id) -> bool {
        self.hits.iter().any(|hit| hit.id == id)
    }

    /// Looks at the call as a whole, once it is read.
    pub(super) fn judge(&mut self, seen: &Seen<'_>) {
        self.end_request();
        let (page, pages) = self.pages;
        if self.lists && pages > 0 {
            let place = page.text(&self.places).to_owned();
            (0..pages)
                .for_each(|_| self.raise(list::REQUEST_PAGE, Place { part: "", path: &place }));
        }
        framing::judge(self, seen.call);
        let mut target = Target::default();
        if let Some(request) = &seen.call.request {
            target = path::split(b"", request.target());
            web::request(self, seen, request);
            target::judge(self, request, &target);
            target::size(self, &seen.size);
            markers::body(self, request);
        }
        if let Some(response) = &seen.call.response {
            web::response(self, seen, response);
            errors::judge(self, response);
            exposed::response(self, response);
        }
        if seen.call.request.is_some() && seen.accepted() {
            exposed::path(self, target.path);
        }
        access::judge(self, seen);
        self.outcome(seen.status);
    }

    /// What the answer says of attempts: refused ones matter less, failures and database errors more.
    fn outcome(&mut self, status: Option<u16>) {
        let database = self.raised(list::ERROR_SQL);
        for hit in &mut self.hits {
            let attempt = (list::REQUEST_SSRF..=list::REQUEST_PRIVILEGE).contains(&hit.id)
                || (list::INJECT_SQL..=list::INJECT_SCRIPT).contains(&hit.id);
            if !attempt {
                continue;
            }
            hit.severity = match status {
                _ if database && hit.id == list::INJECT_SQL => Severity::Critical,
                Some(400..=499) => hit.severity.min(Severity::Low),
                Some(500..=599) if hit.id != list::REQUEST_PRIVILEGE => {
                    hit.severity.max(Severity::High)
                }
                _ => hit.severity,
            };
        }
    }

    /// Writes the signals, gravest first, and counts them.
    pub(super) fn write(&mut self, tally: &mut Tally, out: &mut Vec<u8>) {
        if self.hits.is_empty() {
            return;
        }
        for (id, severity) in &self.levels {
            if let Some(hit) = self.hits.iter_mut().find(|hit| hit.id == *id) {
                hit.severity = *severity;
            }
        }
        self.hits.retain(|hit| hit.severity != Severity::Unspecified);
        self.hits.sort_by_key(|hit| (std::cmp::Reverse(hit.severity), hit.id));
        for Hit { id, severity, kind, location, count } in &self.hits {
            if let Some(total) = tally.0.get_mut(id.index()) {
                *total = total.saturating_add(1);
            }
            let location = location.text(&self.places);
            let signal =
                LaterSignal { id: *id, severity: *severity, kind, location, count: *count };
            if self.written.is_empty() {
                self.written.resize_with(COUNT, later::Written::default);
            }
            match self.written.get_mut(id.index()) {
                Some(written) => written.write(&signal, out),
                None => signal.encode(out),
            }
        }
    }
}

/// A place that has no name inside its part.
const fn at(part: &'static str) -> Place<'static> {
    Place { part, path: "" }
}

/// A header field by a name of ours.
const fn header(part: &'static str, path: &'static str) -> Place<'static> {
    Place { part, path }
}

/// Whether `text` contains `part`; ASCII case is told apart. To be asked where a look at single octets says that it may.
fn has(text: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(text, part).is_some()
}

/// Whether the message's media type is JSON.
fn json(message: &Message) -> bool {
    let media = message.field("content-type").unwrap_or_default();
    let media = media.get(..48).unwrap_or(media).to_ascii_lowercase();
    has(&media, b"json")
}
