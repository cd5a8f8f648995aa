//! What the table says of a call, cell by cell.

use apitap_proto::{Timestamp, v1};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use v1::completeness::State;
use v1::signal::Severity;

use super::text::{bytes, clean, duration};

/// Unknown, for want of a request.
const UNKNOWN: &str = "?";
/// Not there, for want of a response.
const NONE: &str = "–";
/// Classes of findings named one by one.
const CLASSES_MAX: usize = 16;

/// Why a cell stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Dim,
    Bold,
    Good,
    Warning,
    Bad,
    Sensitive,
}

impl Tone {
    /// SGR parameters.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Dim => "2",
            Self::Bold => "1",
            Self::Good => "32",
            Self::Warning => "33",
            Self::Bad => "31",
            Self::Sensitive => "35",
        }
    }

    /// This tone, or `other` when this is plain.
    pub(super) fn or(self, other: Self) -> Self {
        if self == Self::Plain { other } else { self }
    }
}

/// Something said in the last column.
pub(super) struct Note {
    pub(super) text: String,
    pub(super) tone: Tone,
}

/// The cells of one line.
pub(super) struct Cells {
    pub(super) day: Option<Date>,
    /// Zone of the time, as it was that day.
    pub(super) zone: String,
    pub(super) time: String,
    pub(super) client: String,
    pub(super) server: String,
    pub(super) method: String,
    pub(super) call: String,
    pub(super) status: String,
    pub(super) status_tone: Tone,
    pub(super) size: String,
    pub(super) latency: String,
    pub(super) notes: Vec<Note>,
    /// Tone of cells that have none of their own.
    pub(super) tone: Tone,
}

impl Cells {
    /// The names of the columns.
    pub(super) fn header() -> Self {
        Self {
            day: None,
            zone: String::new(),
            time: "TIME".into(),
            client: "CLIENT".into(),
            server: "SERVER".into(),
            method: "METHOD".into(),
            call: "CALL".into(),
            status: "ST".into(),
            status_tone: Tone::Bold,
            size: "BYTES".into(),
            latency: "TOOK".into(),
            notes: vec![Note { text: "FOUND".into(), tone: Tone::Bold }],
            tone: Tone::Bold,
        }
    }

    /// What the table says of `record`.
    pub(super) fn of(record: &v1::CallRecord, zone: &TimeZone) -> Self {
        let (request, response) = (record.request.as_ref(), record.response.as_ref());
        let session = record.encrypted_session.as_ref();
        let message = record.websocket_message.as_ref();
        let event = record.server_event.as_ref();
        let start = message.and_then(|message| message.time);
        let start = start.or_else(|| event.and_then(|event| event.time));
        let start = start.or_else(|| request.and_then(|request| request.start_time));
        let start = start.or_else(|| response.and_then(|response| response.start_time));
        let start = start.or_else(|| session.and_then(|session| session.start_time));
        let when = start.and_then(|time| local(time, zone));
        let status = response.map_or(0, |response| response.status);
        Self {
            day: when.as_ref().map(jiff::Zoned::date),
            zone: when.as_ref().map(zone_name).unwrap_or_default(),
            time: when
                .map_or_else(|| UNKNOWN.into(), |when| when.strftime("%H:%M:%S%.3f").to_string()),
            client: end(record.client.as_ref()),
            server: end(record.server.as_ref()),
            method: match (message, session, request) {
                _ if event.is_some() => "SSE ←".into(),
                (Some(message), ..) if message.from_client => "WS →".into(),
                (Some(_), ..) => "WS ←".into(),
                (_, Some(_), _) => protocol(record).into(),
                (.., Some(request)) => clean(&request.method),
                (.., None) => UNKNOWN.into(),
            },
            call: call(record),
            status: match (response, message.and_then(|message| message.close_code)) {
                (Some(response), _) => response.status.to_string(),
                (None, Some(code)) => code.to_string(),
                (None, None) => NONE.into(),
            },
            status_tone: match status {
                0 if message.is_some() || event.is_some() => Tone::Plain,
                0..=99 => Tone::Warning,
                100..=399 => Tone::Good,
                400..=499 => Tone::Warning,
                _ => Tone::Bad,
            },
            size: match (response, session) {
                (Some(response), _) => bytes(response.bytes),
                (None, Some(session)) => {
                    bytes(session.client_bytes.saturating_add(session.server_bytes))
                }
                (None, None) => payload(record),
            },
            latency: response
                .and_then(|response| response.latency_ns)
                .map_or_else(|| NONE.into(), duration),
            notes: notes(record),
            tone: Tone::Plain,
        }
    }
}

/// Bytes of a WebSocket message or a server-sent event.
fn payload(record: &v1::CallRecord) -> String {
    let size = |body: &Option<v1::Body>| bytes(body.as_ref().map_or(0, |body| body.bytes));
    match (&record.websocket_message, &record.server_event) {
        (Some(message), _) => size(&message.body),
        (None, Some(event)) => size(&event.body),
        (None, None) => NONE.into(),
    }
}

fn local(time: Timestamp, zone: &TimeZone) -> Option<jiff::Zoned> {
    Some(jiff::Timestamp::new(time.seconds, time.nanos).ok()?.to_zoned(zone.clone()))
}

fn zone_name(when: &jiff::Zoned) -> String {
    when.strftime("%Z").to_string()
}

fn end(end: Option<&v1::Endpoint>) -> String {
    match end {
        None => UNKNOWN.into(),
        Some(end) if end.ip.contains(':') => format!("[{}]:{}", clean(&end.ip), end.port),
        Some(end) => format!("{}:{}", clean(&end.ip), end.port),
    }
}

/// Of a session that could not be read.
fn protocol(record: &v1::CallRecord) -> &'static str {
    if record.protocol() == v1::Protocol::Quic { "QUIC" } else { "TLS" }
}

/// What is known of a session that could not be read.
fn session_notes(session: &v1::EncryptedSession, notes: &mut Vec<Note>) {
    let alpn =
        if session.alpn.is_empty() { session.alpn_offered.first() } else { Some(&session.alpn) };
    for text in [Some(&session.tls_version), alpn].into_iter().flatten().filter(|t| !t.is_empty()) {
        notes.push(Note { text: clean(text), tone: Tone::Dim });
    }
    if session.client_certificate == Some(true) {
        notes.push(Note { text: "mTLS".into(), tone: Tone::Good });
    }
    for alert in session.alerts.iter().filter(|alert| alert.fatal) {
        notes.push(Note { text: format!("!{}", clean(&alert.name)), tone: Tone::Warning });
    }
}

/// Host and path template, or whatever else says which operation it is.
fn call(record: &v1::CallRecord) -> String {
    if let Some(session) = &record.encrypted_session {
        return clean(&session.server_name);
    }
    let operation = record.operation.as_str();
    let host = record.request.as_ref().map_or("", |request| request.host.as_str());
    let method = match (&record.request, &record.websocket_message, &record.server_event) {
        (_, Some(_), _) => "WS",
        (_, None, Some(_)) => "SSE",
        (Some(request), None, None) => request.method.as_str(),
        (None, None, None) => return UNKNOWN.into(),
    };
    // The method has a column of its own.
    let operation = operation.strip_prefix(method).map_or(operation, str::trim_start);
    let template = record.request.as_ref().map_or("", |request| request.path_template.as_str());
    let rest = if operation.is_empty() { template } else { operation };
    let between = if rest.starts_with('/') || host.is_empty() { "" } else { " " };
    clean(&format!("{host}{between}{rest}"))
}

/// What is missing, what is risky, what is sensitive: in this order, since the end may be cut off.
fn notes(record: &v1::CallRecord) -> Vec<Note> {
    let mut notes = Vec::new();
    let message = record.websocket_message.as_ref().map(|m| (&m.flags, m.messages_skipped));
    let event = record.server_event.as_ref().map(|event| (&event.flags, event.events_skipped));
    if let Some((flags, skipped)) = message.or(event) {
        let flags = flags.iter();
        notes.extend(flags.map(|flag| Note { text: clean(flag), tone: Tone::Warning }));
        if skipped > 0 {
            notes.push(Note { text: format!("skipped×{skipped}"), tone: Tone::Dim });
        }
    }
    if let Some(seen) = &record.completeness {
        missing("req", seen.request(), seen.request_bytes_missing, &mut notes);
        missing("resp", seen.response(), seen.response_bytes_missing, &mut notes);
    }
    if let Some(session) = &record.encrypted_session {
        session_notes(session, &mut notes);
    }
    // What nearly every call shows is left to the record.
    let grave = record.signals.iter().filter(|signal| signal.severity() >= Severity::Medium);
    notes.extend(grave.map(|signal| Note {
        text: format!("!{}", clean(&signal.id)),
        tone: if signal.severity() >= Severity::High { Tone::Bad } else { Tone::Warning },
    }));
    let mut classes: Vec<(&str, u64)> = Vec::new();
    for finding in &record.findings {
        let count = u64::from(finding.count.max(1));
        if let Some((_, sum)) = classes.iter_mut().find(|(class, _)| *class == finding.class) {
            *sum = sum.saturating_add(count);
        } else if classes.len() < CLASSES_MAX {
            classes.push((&finding.class, count));
        }
    }
    notes.extend(classes.into_iter().map(|(class, count)| {
        let class = clean(class);
        let text = if count == 1 { class } else { format!("{class}×{count}") };
        Note { text, tone: Tone::Sensitive }
    }));
    notes
}

fn missing(side: &str, state: State, bytes_missing: u64, notes: &mut Vec<Note>) {
    let word = match state {
        State::Gap => "gap",
        State::Truncated => "cut",
        State::InProgress => "running",
        State::Unspecified | State::Complete | State::Unseen => return,
    };
    let amount =
        if bytes_missing == 0 { String::new() } else { format!("({})", bytes(bytes_missing)) };
    notes.push(Note { text: format!("{side}:{word}{amount}"), tone: Tone::Warning });
}
