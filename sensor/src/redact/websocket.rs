//! WebSocket messages and server-sent events: what the handshake asked for, who asked, and the payload read as a body.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Weak};
use std::time::Duration;

use apitap_proto::v1::api::Style;
use apitap_proto::v1::{Protocol, ValueType};

use super::auth::{self, Credentials};
use super::body::{self, Source, Visit, json};
use super::class::Class;
use super::entities::{Outcome, Trail};
use super::found::{Place, Span};
use super::judge::Judge;
use super::message::{self, Room};
use super::style::safe_name;
use super::styles::Facts as StyleFacts;
use super::styles::graphql_ws::{self, Said};
use super::{Parts, forwarded, schema, server_event, wire};
use crate::call::{CallFacts, Handshake, SocketMessage};
use crate::http::websocket::{Facts, Totals, opcode};
use crate::http::{Completeness, Role};
use crate::time::Timestamp;

/// Handshakes remembered.
const SOCKETS_MAX: usize = 256;
/// How long a handshake's tokens are used.
const FRESH: Duration = Duration::from_secs(3600);
/// Payload in which the name of a message is looked for, in bytes.
const NAME_LOOK_MAX: usize = 4096;
/// Members that name a message, the likeliest first.
const NAMES: [&[u8]; 8] =
    [b"type", b"event", b"op", b"action", b"method", b"command", b"cmd", b"topic"];

/// Members that say what a message is about.
const CHANNELS: [&[u8]; 3] = [b"channel", b"topic", b"stream"];

/// What is known of the sockets that spoke last: their handshakes are judged once, not for every message.
#[derive(Default)]
pub(super) struct Sockets {
    known: Vec<Known>,
    /// The one that was replaced last.
    oldest: usize,
}

/// What may leave of a handshake.
#[derive(Default)]
struct Known {
    /// Names the handshake; what it held is gone with the socket.
    of: Weak<Handshake>,
    request: Vec<u8>,
    host: Span,
    path_template: Span,
    template: String,
    /// Fields `entities` of a record, and where in it the actor is.
    entities: Vec<u8>,
    actor: Span,
    /// What the handshake is linked by, as far as it was asked for.
    trail: Trail,
    /// The real client, by proxies that are trusted.
    client: Option<SocketAddr>,
    subprotocol: String,
    /// Key and tenant of its tokens, and when they were made.
    key_id: String,
    tenant: String,
    at: Timestamp,
}

impl Sockets {
    /// Takes a message to what may leave of it.
    pub(super) fn redact<'a>(
        &'a mut self,
        judge: &'a mut Judge,
        room: &'a mut Room,
        facts: &'a CallFacts,
        socket: &'a SocketMessage,
    ) -> Parts<'a> {
        let at = socket.facts.start_time;
        let request = socket.handshake.as_ref().and_then(|handshake| handshake.request.as_ref());
        message::turn(judge, facts, at, || request.map(message::authority).unwrap_or_default());
        let known = match &socket.handshake {
            Some(handshake) => {
                self.known(judge, handshake, facts.client.ip, at, message::implied_scheme(facts))
            }
            None => None,
        };
        judge.begin(at);
        if let (Some(known), Some(request)) = (known, request) {
            let host = std::str::from_utf8(known.host.of(&known.request)).unwrap_or_default();
            judge.rules.call(host, message::target(request).path);
        }
        let Room { request: asked, rest, trail, .. } = room;
        asked.clear();
        rest.clear();
        *trail = Trail::default();
        let (mark, written) = match &socket.event {
            Some(event) => ("SSE ", server_event::write(judge, rest, socket, event)),
            None => ("WS ", payload(judge, rest, socket, known)),
        };
        let template = known.map_or("", |known| known.template.as_str());
        let operation = operation(rest, (mark, template), &written, socket);
        let mut actor = known.map(|known| known.take(asked, rest, trail)).unwrap_or_default();
        let credentials = written.init.then(|| introduced(judge, socket));
        let Judge { entities, values, policy, .. } = judge;
        let inside = entities.write(values, Outcome::default(), policy.entities_max, rest);
        if let Some(credentials) = credentials {
            credentials.write((None, false), entities.credential(), values, rest);
        }
        inside.trail.shown.iter().for_each(|text| trail.show(rest, Some(text)));
        written.facts.write(rest);
        if actor.end == 0 {
            actor = inside.actor;
        }
        judge.finds.write(rest);
        judge.counts.cut += judge.finds.findings_cut();
        wire::text(rest, schema::record::TENANT, judge.tokens.tenant());
        let client = known.and_then(|known| known.client);
        let real_client = client.map(|client| forwarded::write_client(rest, client));
        Parts {
            facts,
            request: known.filter(|known| !known.request.is_empty()).map(|_| asked.as_slice()),
            response: None,
            request_facts: None,
            response_facts: None,
            rest,
            host: known.map(|known| known.host).unwrap_or_default(),
            path_template: known.map(|known| known.path_template).unwrap_or_default(),
            operation,
            actor,
            session: None,
            socket: Some(socket),
            // Messages that show nothing are linked to nothing.
            trail: Some(&*trail).filter(|trail| !trail.shown.is_empty()),
            real_client,
            protocol: Some(match &socket.event {
                Some(event) => server_event::protocol(event),
                None => Protocol::Websocket,
            }),
            key_id: judge.tokens.kid(),
            path_trail: None,
            explained: judge.explained.as_ref().map_or(&[], |explained| &explained.rows),
        }
    }

    /// What may leave of a handshake, judged when it is met first.
    fn known(
        &mut self,
        judge: &mut Judge,
        handshake: &Arc<Handshake>,
        sender: IpAddr,
        now: Timestamp,
        implied: &'static str,
    ) -> Option<&Known> {
        let same = |known: &Known| known.of.as_ptr() == Arc::as_ptr(handshake);
        let at = match self.known.iter().position(same) {
            Some(at) => {
                if let Some(known) = self.known.get_mut(at)
                    && !known.is_of(judge, now)
                {
                    *known = judged(judge, handshake, sender, now, implied);
                }
                at
            }
            None if self.known.len() < SOCKETS_MAX => {
                self.known.push(judged(judge, handshake, sender, now, implied));
                self.known.len().saturating_sub(1)
            }
            None => {
                self.oldest = self.oldest.saturating_add(1) % SOCKETS_MAX;
                if let Some(slot) = self.known.get_mut(self.oldest) {
                    *slot = judged(judge, handshake, sender, now, implied);
                }
                self.oldest
            }
        };
        self.known.get(at)
    }
}

impl Known {
    /// Writes who asked for what, and what that is linked by; gives back where the actor is.
    fn take(&self, asked: &mut Vec<u8>, rest: &mut Vec<u8>, trail: &mut Trail) -> Span {
        let at = rest.len();
        rest.extend_from_slice(&self.entities);
        asked.extend_from_slice(&self.request);
        *trail = self.trail;
        trail.move_behind(at);
        if self.actor.end > 0 { self.actor.behind(at) } else { Span::default() }
    }

    /// Whether its tokens are of the keys in force. Those of the key before come and go with time.
    fn is_of(&self, judge: &Judge, now: Timestamp) -> bool {
        self.key_id == judge.tokens.kid()
            && self.tenant == judge.tokens.tenant()
            && now.since(self.at) < FRESH
    }
}

/// Judges a handshake. What was found in it is told in its own record.
fn judged(
    judge: &mut Judge,
    handshake: &Arc<Handshake>,
    sender: IpAddr,
    now: Timestamp,
    implied: &'static str,
) -> Known {
    let counts = judge.counts.clone();
    judge.finds.clear();
    judge.entities.clear();
    judge.values.clear();
    let mut known = Known {
        of: Arc::downgrade(handshake),
        key_id: judge.tokens.kid().to_owned(),
        tenant: judge.tokens.tenant().to_owned(),
        at: now,
        ..Known::default()
    };
    if let Some(request) = &handshake.request {
        let summary = message::summary(judge, &mut known.request, request, implied);
        (known.host, known.path_template) = (summary.host, summary.path_template);
        known.template = summary.template;
        known.client = forwarded::of_handshake(judge, sender, request);
        let Judge { entities, values, policy, .. } = &mut *judge;
        // The handshake was accepted, or there would be no message.
        let outcome = Outcome { status: Some(101), ..Outcome::default() };
        let written = entities.write(values, outcome, policy.entities_max, &mut known.entities);
        known.actor = written.actor;
        known.trail = written.trail;
    }
    known.subprotocol = safe_name(handshake.subprotocol()).unwrap_or_default();
    judge.counts = counts;
    known
}

/// What a payload told.
pub(super) struct Told {
    pub(super) name: Option<String>,
    /// What the message is about, where it says so.
    pub(super) channel: String,
    pub(super) style: Style,
    /// What an operation of GraphQL over WebSocket is.
    pub(super) facts: StyleFacts,
    /// Whether the client introduced itself.
    pub(super) init: bool,
}

/// Writes what style the message is of, and what it does: its mark, the path it came by, its name, and more.
fn operation(
    out: &mut Vec<u8>,
    (mark, template): (&str, &str),
    written: &Told,
    socket: &SocketMessage,
) -> Span {
    let name = written.name.as_deref().unwrap_or_else(|| kind(&socket.facts));
    let more = written.facts.operation().map(|(_, more)| more).unwrap_or_default();
    wire::enumeration(out, schema::record::API_STYLE, written.style);
    let space = if template.is_empty() { "" } else { " " };
    let behind = if more.is_empty() { "" } else { " " };
    let operation = [mark, template, space, name, behind, &more].concat();
    message::written(out, schema::record::OPERATION, &operation)
}

/// Who a client of GraphQL over WebSocket says it is.
fn introduced(judge: &mut Judge, socket: &SocketMessage) -> Credentials {
    let mut credentials = Credentials::default();
    let Some(Said::Init(Some(payload))) = graphql_ws::read(socket.payload(), true, "") else {
        return credentials;
    };
    let place = Place { part: "request.message:", path: "$.payload" };
    let now_seconds = socket.facts.start_time.nanos() / 1_000_000_000;
    for (name, text) in graphql_ws::credentials(payload) {
        if name.eq_ignore_ascii_case(b"authorization") {
            auth::authorization(judge, &mut credentials, place, &text, now_seconds);
        } else if auth::names_key(name) {
            let made = judge.token_value(place, Class::Credential, &text);
            credentials.api_key(judge, place, made);
        }
    }
    credentials
}

/// Writes the message `WebSocketMessage`.
fn payload(
    judge: &mut Judge,
    out: &mut Vec<u8>,
    socket: &SocketMessage,
    known: Option<&Known>,
) -> Told {
    use schema::websocket as field;
    let facts = &socket.facts;
    let message = wire::open(out, schema::record::WEBSOCKET_MESSAGE);
    let time = wire::open(out, field::TIME);
    write_time(out, facts.start_time);
    wire::close(out, time);
    wire::flag(out, field::FROM_CLIENT, facts.role == Role::Request);
    wire::number(out, field::OPCODE, facts.opcode.into());
    let subprotocol = known.map_or("", |known| known.subprotocol.as_str());
    let mut told = read(judge, out, socket, subprotocol);
    wire::number(out, field::SEQUENCE, facts.sequence);
    if let Some(code) = facts.close_code {
        wire::present(out, field::CLOSE_CODE, code.into());
    }
    wire::flag(out, field::COMPRESSED, facts.compressed);
    wire::number(out, field::FRAMES, facts.frames.into());
    wire::text(out, field::SUBPROTOCOL, subprotocol);
    for name in facts.flags.names() {
        wire::text(out, field::FLAGS, name);
    }
    wire::number(out, field::MESSAGES_SKIPPED, facts.skipped.messages);
    wire::number(out, field::BYTES_SKIPPED, facts.skipped.bytes);
    if let Some(totals) = &facts.totals {
        write_totals(out, totals);
    }
    wire::text(out, field::NAME, told.name.as_deref().unwrap_or_default());
    wire::text(out, field::CHANNEL, &std::mem::take(&mut told.channel));
    // The handshake's id is left to `record`.
    wire::close(out, message);
    told
}

/// Writes the payload as a body.
fn read(judge: &mut Judge, out: &mut Vec<u8>, socket: &SocketMessage, subprotocol: &str) -> Told {
    let octets = inner(socket.payload());
    let part = match socket.facts.role {
        Role::Request => "request.message:",
        Role::Response => "response.message:",
    };
    let told = read_as(judge, out, schema::websocket::BODY, socket, (octets, part));
    let Content { name, channel, style } = told;
    let style = style.unwrap_or(Style::Unspecified);
    let told = Told { name, channel, style, facts: StyleFacts::Plain, init: false };
    let whole = socket.facts.completeness == Completeness::Complete;
    let from_client = socket.facts.role == Role::Request;
    let said = graphql_ws::read(octets, from_client, subprotocol).filter(|_| whole);
    let style = if said.is_some() { Style::Graphql } else { style };
    match said {
        Some(Said::Operation(facts)) => Told { facts, style, ..told },
        Some(Said::Init(_)) => Told { init: true, style, ..told },
        Some(Said::Other) | None => Told { style, ..told },
    }
}

/// What a body told.
pub(super) struct Content {
    pub(super) name: Option<String>,
    pub(super) channel: String,
    pub(super) style: Option<Style>,
}

/// Writes a payload, or what of it is read, as the body `field`; findings are of `part`.
pub(super) fn read_as(
    judge: &mut Judge,
    out: &mut Vec<u8>,
    body_field: u32,
    socket: &SocketMessage,
    (octets, part): (&[u8], &'static str),
) -> Content {
    use schema::body as field;
    let facts = &socket.facts;
    let mut told = Content { name: None, channel: String::new(), style: None };
    if facts.payload_bytes == 0 && octets.is_empty() {
        return told;
    }
    let content_type = content_type(facts, octets);
    judge.broken = facts.completeness == Completeness::Gap;
    let written = wire::open(out, body_field);
    let source = Source { cut: facts.cut, ..Source::whole(content_type, octets) };
    let read = body::read(judge, out, part, source);
    judge.broken = false;
    wire::number(out, field::BYTES, facts.payload_bytes);
    wire::number(out, field::DECODED_BYTES, facts.decoded_bytes);
    wire::number(out, field::FIELDS_TOTAL, read.fields_total.into());
    wire::text(out, field::FORMAT, read.format);
    wire::flag(out, field::CUT, facts.cut);
    wire::flag(out, field::MALFORMED, read.malformed);
    read.shape.write(out);
    wire::close(out, written);
    if matches!(read.format, "json" | "ndjson") {
        let framed = octets.len() < socket.payload().len();
        (told.name, told.channel) = name(octets, framed);
    }
    if read.hints.jsonrpc {
        told.style = Some(Style::Jsonrpc);
        told.name = read.hints.method.or(told.name);
    } else if read.hints.graphql.is_some() {
        told.style = Some(Style::Graphql);
    }
    told
}

/// The payload without what Socket.IO and Engine.IO put before their JSON: `42/admin,7["event",…]`.
fn inner(payload: &[u8]) -> &[u8] {
    let digits = |text: &[u8]| text.iter().take_while(|b| b.is_ascii_digit()).count();
    let mut rest = payload.get(digits(payload).min(4)..).unwrap_or_default();
    if rest.len() == payload.len() {
        return payload;
    }
    if rest.first() == Some(&b'/') {
        let end = memchr::memchr(b',', rest.get(..64).unwrap_or(rest));
        rest = end.and_then(|end| rest.get(end.saturating_add(1)..)).unwrap_or(rest);
    }
    rest = rest.get(digits(rest).min(10)..).unwrap_or_default();
    if matches!(rest.first(), Some(b'[' | b'{')) { rest } else { payload }
}

/// How a payload is read: there is no media type.
fn content_type(facts: &Facts, payload: &[u8]) -> &'static [u8] {
    let json = matches!(payload.trim_ascii_start().first(), Some(b'{' | b'['));
    match facts.opcode {
        _ if json => b"application/json",
        opcode::TEXT | opcode::CLOSE => b"text/plain",
        _ => b"application/octet-stream",
    }
}

/// What a message is called when nothing in it says so.
const fn kind(facts: &Facts) -> &'static str {
    match facts.opcode {
        opcode::CLOSE => "close",
        opcode::PING => "ping",
        opcode::PONG => "pong",
        _ => "message",
    }
}

/// The name a JSON message gives itself: a member of its object or, in Socket.IO's frames, the first item of its array.
/// And what it is about: its member `channel`, `topic` or `stream`.
fn name(octets: &[u8], framed: bool) -> (Option<String>, String) {
    let cut = octets.len() > NAME_LOOK_MAX;
    let look = octets.get(..NAME_LOOK_MAX).unwrap_or(octets);
    let mut names = Names { framed, ..Names::default() };
    json::read(look, cut, &mut names);
    (names.best.map(|(_, name)| name), names.channel)
}

/// Looks for the name of a message.
#[derive(Default)]
struct Names {
    framed: bool,
    depth: usize,
    /// Which of [`NAMES`] the member at hand is.
    rank: Option<usize>,
    best: Option<(usize, String)>,
    /// Whether the member at hand says what the message is about, and what that is.
    about: bool,
    channel: String,
    leaves: usize,
}

impl Visit for Names {
    fn enter(&mut self, key: &[u8]) {
        self.depth = self.depth.saturating_add(1);
        if self.depth == 1 {
            self.rank = NAMES.iter().position(|name| *name == key);
            self.about = CHANNELS.contains(&key);
        }
    }

    fn item(&mut self) {
        self.depth = self.depth.saturating_add(1);
        // Of any other array the first item may be anything.
        let first = self.framed && self.depth == 1 && self.leaves == 0;
        self.rank = first.then_some(NAMES.len());
    }

    fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        if self.depth == 0 {
            (self.rank, self.about) = (None, false);
        }
    }

    fn leaf(&mut self, kind: ValueType, text: &[u8]) {
        let first = self.leaves == 0;
        self.leaves = self.leaves.saturating_add(1);
        let plain = self.depth == 1 && kind == ValueType::String;
        if self.about && plain && self.channel.is_empty() {
            self.channel = safe_name(text).unwrap_or_default();
        }
        let Some(rank) = self.rank.filter(|_| plain) else {
            return;
        };
        let better = self.best.as_ref().is_none_or(|(best, _)| rank < *best);
        if better && (first || rank < NAMES.len()) {
            self.best = safe_name(text).map(|name| (rank, name)).or(self.best.take());
        }
    }

    fn cut(&mut self, _kind: ValueType) {}
}

fn write_totals(out: &mut Vec<u8>, totals: &Totals) {
    use schema::websocket_totals as field;
    let open = wire::open(out, schema::websocket::TOTALS);
    wire::number(out, field::MESSAGES, totals.messages.messages);
    wire::number(out, field::BYTES, totals.messages.bytes);
    wire::number(out, field::MESSAGES_SKIPPED, totals.skipped);
    wire::number(out, field::PINGS, totals.pings);
    wire::number(out, field::PONGS, totals.pongs);
    wire::number(out, field::LOSSES, totals.losses);
    wire::close(out, open);
}

/// Writes the fields of a `google.protobuf.Timestamp`.
pub(super) fn write_time(out: &mut Vec<u8>, time: Timestamp) {
    wire::number(out, 1, time.nanos() / 1_000_000_000);
    wire::number(out, 2, time.nanos() % 1_000_000_000);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_themselves() {
        for (text, framed, named) in [
            (r#"{"id":7,"type":"subscribe"}"#, false, Some("subscribe")),
            (r#"{"method":"say","op":"send"}"#, false, Some("send")),
            (r#"{"type":"kim.minsu@example.com","event":"joined"}"#, false, Some("joined")),
            (r#"{"data":{"type":"inner"}}"#, false, None),
            (r#"["chat",{"type":"inner"}]"#, true, Some("chat")),
            (r#"["alice","bob"]"#, false, None),
            (r#"{"type":4}"#, false, None),
            (r#"{"type":"cut of"#, false, None),
        ] {
            assert_eq!(name(text.as_bytes(), framed).0.as_deref(), named, "{text}");
        }
    }

    #[test]
    fn frames_of_socket_io_are_taken_off() {
        assert_eq!(inner(b"42[\"chat\",1]"), b"[\"chat\",1]");
        assert_eq!(inner(b"42/admin,7[\"chat\"]"), b"[\"chat\"]");
        assert_eq!(inner(b"0{\"sid\":1}"), b"{\"sid\":1}");
        for whole in [&b"42"[..], b"4111111111111111", b"{}", b"", b"12 monkeys"] {
            assert_eq!(inner(whole), whole);
        }
    }
}
