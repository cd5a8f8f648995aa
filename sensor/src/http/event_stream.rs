//! Server-sent events: a decoded body in, events out.
//!
//! Source: [HTML standard §9.2.5 and §9.2.6](https://html.spec.whatwg.org/multipage/server-sent-events.html).
//!
//! Invariants:
//! - Cutting the body anywhere changes no event.
//! - Behind a loss nothing is told until a blank line was seen: what two ends would spell together was never sent.
//! - What is held of one event is bounded by the inspection limit, of all by the limit on WebSocket messages.
//! - Events above the rate are counted in what is told next.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::piece::length;
use super::protocol::Context;
use super::websocket::{Facts, Flags, Rate, Tally, opcode};
use super::{Completeness, HttpEventKind, Role};
use crate::time::Timestamp;
use crate::wipe::wipe;

/// Longest name of an event that is held, in bytes.
const NAME_MAX: usize = 128;
/// Longest id of an event that is held, in bytes.
const ID_MAX: usize = 1024;
/// Longest name of a field that has a meaning, with a byte order mark before it.
const FIELD_MAX: usize = 8;
/// Largest buffer that is kept for the next event, in bytes.
const KEPT_BYTES_MAX: usize = 16 << 10;

/// What following server-sent events may cost.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Events of one response that get a record of their own each second; the others are counted in the next of its
    /// records. 0 records none: they are counted in the record of the call. Any number.
    pub events_per_second_max: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self { events_per_second_max: 10 }
    }
}

/// What was seen. The stage adds; the worker publishes.
#[derive(Debug, Default, Clone)]
pub struct Counts {
    /// Events.
    pub events: u64,
    /// Events above the rate, which have no record of their own.
    pub skipped: u64,
    /// Times bytes of a stream were lost: events may be missing.
    pub losses: u64,
}

impl Counts {
    /// Adds what another worker counted; destructuring makes a forgotten field an error.
    pub(super) fn add(&mut self, other: &Self) {
        let Self { events, skipped, losses } = other;
        self.events += events;
        self.skipped += skipped;
        self.losses += losses;
    }
}

/// What an event says of itself, besides its data. No `Debug`: it holds raw traffic.
#[derive(Clone, Copy)]
pub struct Event<'a> {
    /// Its name; empty when it has none, `None` when it is longer than any name.
    pub name: Option<&'a [u8]>,
    /// Its id, if it sets one.
    pub id: Option<&'a [u8]>,
    /// Time after which a client is to connect again, in milliseconds, where this was said since the last record.
    pub retry_ms: Option<u64>,
    /// Comments since the last record: most are heartbeats.
    pub comments: u64,
}

/// All that was said in events so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Events, and bytes of their data.
    pub events: Tally,
    /// Those of them without a record of their own.
    pub skipped: u64,
    /// Comments: most are heartbeats.
    pub comments: u64,
    /// Times bytes were lost: events may be missing.
    pub losses: u64,
}

/// Whether a body of this media type is a stream of events.
#[must_use]
pub fn is_one(media_type: &[u8]) -> bool {
    let essence = media_type.split(|&b| b == b';').next().unwrap_or_default().trim_ascii();
    essence.eq_ignore_ascii_case(b"text/event-stream")
}

/// Where in the stream the parser is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Read,
    /// Behind a loss. The flag: nothing but the end of a line was seen since the last one.
    Seek {
        blank: bool,
    },
    Closed,
}

/// Where in a line the parser is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Start,
    /// In the name of a field; how much of it there is.
    Name(usize),
    /// In a value. The flag: a space that comes now is none of it.
    Value(Field, bool),
}

/// Fields that have a meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Data,
    Event,
    Id,
    Retry,
    Comment,
    /// Passed over, as clients do.
    Other,
}

/// The event being read.
#[derive(Default)]
struct Pending {
    name: Zeroizing<Vec<u8>>,
    name_long: bool,
    id: Zeroizing<Vec<u8>>,
    has_id: bool,
    id_bad: bool,
    data: Zeroizing<Vec<u8>>,
    bytes: u64,
    lines: u32,
    /// Whether it gets a record.
    told: bool,
    cut: bool,
    start: Option<(u64, Timestamp)>,
    time: Timestamp,
}

/// Takes one body apart.
pub(super) struct EventStream {
    message: u64,
    stream: u64,
    state: State,
    line: Line,
    field: [u8; FIELD_MAX],
    after_cr: bool,
    first_line: bool,
    /// Bytes of the body so far, and where the line began.
    offset: u64,
    line_at: u64,
    event: Pending,
    retry: Option<u64>,
    retry_told: Option<u64>,
    comments: u64,
    skipped: Tally,
    /// Whether the next event is the first after a loss.
    found: bool,
    rate: Rate,
    totals: Totals,
}

impl EventStream {
    /// For the body of the response numbered `message`.
    pub(super) fn new(message: u64, stream: u64) -> Self {
        Self {
            message,
            stream,
            state: State::Read,
            line: Line::Start,
            field: [0; FIELD_MAX],
            after_cr: false,
            first_line: true,
            offset: 0,
            line_at: 0,
            event: Pending::default(),
            retry: None,
            retry_told: None,
            comments: 0,
            skipped: Tally::default(),
            found: false,
            rate: Rate::FULL,
            totals: Totals::default(),
        }
    }

    /// Whether nothing more is read.
    pub(super) fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    /// What was said so far.
    pub(super) const fn totals(&self) -> Totals {
        self.totals
    }

    /// Takes the next bytes of the body.
    pub(super) fn push(&mut self, cx: &mut Context<'_>, bytes: &[u8]) {
        if self.is_closed() {
            return;
        }
        let mut rest = bytes;
        while let Some((&octet, after)) = rest.split_first() {
            if std::mem::take(&mut self.after_cr) && octet == b'\n' {
                rest = after;
                self.offset = self.offset.saturating_add(1);
                continue;
            }
            let end = memchr::memchr2(b'\n', b'\r', rest);
            let (part, behind) =
                rest.split_at_checked(end.unwrap_or(rest.len())).unwrap_or((rest, b""));
            self.part(cx, part);
            self.offset = self.offset.saturating_add(length(part));
            rest = behind;
            if let Some((&ends, after)) = behind.split_first() {
                self.after_cr = ends == b'\r';
                self.end_line(cx);
                self.offset = self.offset.saturating_add(1);
                rest = after;
            }
        }
    }

    /// Takes a part of a line.
    fn part(&mut self, cx: &mut Context<'_>, mut part: &[u8]) {
        if part.is_empty() {
            return;
        }
        if let State::Seek { blank } = &mut self.state {
            *blank = false;
            return;
        }
        if self.line == Line::Start {
            self.line_at = self.offset;
        }
        if let Line::Start | Line::Name(_) = self.line {
            let Some(behind) = self.name(part) else { return };
            part = behind;
            let field = self.named();
            self.begin(cx, field);
            self.line = Line::Value(field, true);
        }
        if let Line::Value(field, space) = self.line {
            if space && !part.is_empty() {
                part = part.strip_prefix(b" ").unwrap_or(part);
                self.line = Line::Value(field, false);
            }
            self.value(cx, field, part);
        }
    }

    /// Takes the name of a field; gives back what follows its colon, once that is there.
    fn name<'a>(&mut self, part: &'a [u8]) -> Option<&'a [u8]> {
        let colon = memchr::memchr(b':', part);
        let have = if let Line::Name(have) = self.line { have } else { 0 };
        let name = part.get(..colon.unwrap_or(part.len())).unwrap_or_default();
        for (slot, octet) in self.field.iter_mut().skip(have).zip(name) {
            *slot = *octet;
        }
        // One more than fits is a name that has no meaning.
        let have = have.saturating_add(name.len()).min(FIELD_MAX.saturating_add(1));
        self.line = Line::Name(have);
        part.get(colon?.saturating_add(1)..)
    }

    /// The field that was named.
    fn named(&mut self) -> Field {
        let Line::Name(have) = self.line else { return Field::Other };
        let name = self.field.get(..have).unwrap_or(b"?");
        let bare = if self.first_line { name.strip_prefix(b"\xef\xbb\xbf") } else { None };
        match bare.unwrap_or(name) {
            b"" => Field::Comment,
            b"data" => Field::Data,
            b"event" => Field::Event,
            b"id" => Field::Id,
            b"retry" => Field::Retry,
            _ => Field::Other,
        }
    }

    /// A field begins.
    fn begin(&mut self, cx: &mut Context<'_>, field: Field) {
        let event = &mut self.event;
        if matches!(field, Field::Data | Field::Event | Field::Id) && event.start.is_none() {
            event.start = Some((self.line_at, cx.time));
        }
        match field {
            Field::Data => {
                if event.lines == 0 {
                    let most = cx.config.event_stream.events_per_second_max;
                    event.told = self.rate.take(cx.time, most);
                } else {
                    self.value(cx, Field::Data, b"\n");
                }
                self.event.lines = self.event.lines.saturating_add(1);
            }
            Field::Event => {
                wipe(&mut event.name);
                event.name_long = false;
            }
            Field::Id => {
                wipe(&mut event.id);
                (event.has_id, event.id_bad) = (true, false);
            }
            Field::Retry => self.retry = Some(0),
            Field::Comment | Field::Other => {}
        }
    }

    /// Takes a part of a value.
    fn value(&mut self, cx: &mut Context<'_>, field: Field, part: &[u8]) {
        let event = &mut self.event;
        event.time = cx.time;
        match field {
            Field::Data => {
                event.bytes = event.bytes.saturating_add(length(part));
                event.hold(cx, part);
            }
            Field::Event => {
                let room = NAME_MAX.saturating_sub(event.name.len());
                event.name_long |= part.len() > room;
                event.name.extend_from_slice(part.get(..room).unwrap_or(part));
            }
            Field::Id => {
                let room = ID_MAX.saturating_sub(event.id.len());
                event.id_bad |= part.len() > room || memchr::memchr(0, part).is_some();
                event.id.extend_from_slice(part.get(..room).unwrap_or(part));
            }
            Field::Retry => {
                let digit = |time: u64, octet: &u8| {
                    let digit = octet.is_ascii_digit().then(|| octet.wrapping_sub(b'0'))?;
                    time.checked_mul(10)?.checked_add(digit.into())
                };
                self.retry = self.retry.and_then(|time| part.iter().try_fold(time, digit));
            }
            Field::Comment | Field::Other => {}
        }
    }

    /// A line is over.
    fn end_line(&mut self, cx: &mut Context<'_>) {
        if let State::Seek { blank } = self.state {
            self.state = if blank { State::Read } else { State::Seek { blank: true } };
            self.found = blank;
            return;
        }
        let line = std::mem::replace(&mut self.line, Line::Start);
        let field = match line {
            Line::Start => {
                // Blank lines may be most of a stream that was compressed: behind the first there is nothing to tell.
                if self.event.start.is_some() {
                    self.dispatch(cx, Completeness::Complete);
                }
                None
            }
            Line::Name(_) => {
                // The whole line is the name of a field without a value.
                self.line = line;
                let field = self.named();
                self.line = Line::Start;
                self.begin(cx, field);
                Some(field)
            }
            Line::Value(field, _) => Some(field),
        };
        self.first_line = false;
        match field {
            Some(Field::Comment) if matches!(line, Line::Value(..)) => {
                self.comments = self.comments.saturating_add(1);
                self.totals.comments = self.totals.comments.saturating_add(1);
            }
            Some(Field::Retry) => self.retry_told = self.retry.or(self.retry_told),
            _ => {}
        }
    }

    /// An event is over, if it has data: else it is none.
    fn dispatch(&mut self, cx: &mut Context<'_>, completeness: Completeness) {
        let mut event = std::mem::take(&mut self.event);
        if event.lines > 0 {
            cx.counts.server_events.events += 1;
            let sequence = self.totals.events.messages;
            self.totals.events.add(event.bytes);
            if event.told {
                self.tell(cx, &event, sequence, completeness);
            } else {
                cx.counts.server_events.skipped += 1;
                self.totals.skipped = self.totals.skipped.saturating_add(1);
                self.skipped.add(event.bytes);
            }
        }
        *cx.socket_bytes = cx.socket_bytes.saturating_sub(event.data.len());
        wipe(&mut event.data);
        if event.data.capacity() <= KEPT_BYTES_MAX {
            self.event.data = event.data;
        }
    }

    fn tell(
        &mut self,
        cx: &mut Context<'_>,
        event: &Pending,
        sequence: u64,
        completeness: Completeness,
    ) {
        let cut = event.cut || completeness != Completeness::Complete;
        let mut flags = Flags::default();
        flags.set(Flags::RESYNCHRONISED, std::mem::take(&mut self.found));
        flags.set(Flags::UTF8_BAD, !cut && std::str::from_utf8(&event.data).is_err());
        let (start_offset, start_time) = event.start.unwrap_or((self.offset, cx.time));
        let facts = Facts {
            socket: self.message,
            stream: self.stream,
            role: Role::Response,
            opcode: opcode::TEXT,
            sequence,
            start_offset,
            start_time,
            end_time: event.time,
            completeness,
            wire_bytes: self.offset.saturating_sub(start_offset),
            payload_bytes: event.bytes,
            decoded_bytes: event.bytes,
            missing_bytes: 0,
            cut,
            compressed: false,
            frames: event.lines,
            close_code: None,
            flags,
            skipped: std::mem::take(&mut self.skipped),
            totals: None,
        };
        let said = Event {
            name: (!event.name_long).then_some(&event.name),
            id: (event.has_id && !event.id_bad).then_some(&event.id),
            retry_ms: self.retry_told.take(),
            comments: std::mem::take(&mut self.comments),
        };
        cx.emit(HttpEventKind::Event { facts: &facts, event: &said, bytes: &event.data });
    }

    /// Bytes are missing: the event is told up to here, and the next begins behind a blank line.
    pub(super) fn gap(&mut self, cx: &mut Context<'_>) {
        if self.is_closed() {
            return;
        }
        cx.counts.server_events.losses += 1;
        self.totals.losses = self.totals.losses.saturating_add(1);
        self.dispatch(cx, Completeness::Gap);
        (self.line, self.after_cr, self.first_line) = (Line::Start, false, false);
        self.state = State::Seek { blank: false };
    }

    /// Nothing more comes.
    pub(super) fn close(&mut self, cx: &mut Context<'_>) {
        if self.is_closed() {
            return;
        }
        // Clients drop an event that no blank line ends; it was sent all the same.
        self.dispatch(cx, Completeness::Truncated);
        self.event = Pending::default();
        self.state = State::Closed;
    }
}

impl Pending {
    /// Holds bytes of the data, as far as the limits allow.
    fn hold(&mut self, cx: &mut Context<'_>, bytes: &[u8]) {
        if !self.told || self.cut {
            return;
        }
        let most = usize::try_from(cx.config.body_inspect_bytes_max).unwrap_or(usize::MAX);
        let room = most.saturating_sub(self.data.len());
        let room = room.min(cx.config.websocket.bytes_total_max.saturating_sub(*cx.socket_bytes));
        let now = bytes.get(..room).unwrap_or(bytes);
        self.cut = now.len() < bytes.len();
        self.data.extend_from_slice(now);
        *cx.socket_bytes = cx.socket_bytes.saturating_add(now.len());
    }
}
