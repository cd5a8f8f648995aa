//! Server-sent events: what each says of itself, and its data read as a body.
//!
//! Data is judged as the body of the response is: rules for `response.body` hold for it.

use apitap_proto::v1::api::Style;
use apitap_proto::v1::{Protocol, ValueType, finding};

use super::found::Place;
use super::judge::Judge;
use super::style::safe_name;
use super::styles::Facts;
use super::websocket::{Told, read_as, write_time};
use super::{schema, wire};
use crate::call::{ServerEvent, SocketMessage};

/// Where events stand besides their data.
const PART: &str = "response.event:";
/// What ends a stream of many large language model APIs, in place of an event's data.
const DONE: &[u8] = b"[DONE]";

/// The protocol an event came by.
pub(super) const fn protocol(event: &ServerEvent) -> Protocol {
    match event.version.0 {
        0 => Protocol::Unspecified,
        2 => Protocol::Http2,
        3 => Protocol::Http3,
        _ => Protocol::Http1,
    }
}

/// Writes the message `ServerEvent`.
pub(super) fn write(
    judge: &mut Judge,
    out: &mut Vec<u8>,
    socket: &SocketMessage,
    event: &ServerEvent,
) -> Told {
    use schema::server_event as field;
    let facts = &socket.facts;
    let message = wire::open(out, schema::record::SERVER_EVENT);
    let time = wire::open(out, field::TIME);
    write_time(out, facts.start_time);
    wire::close(out, time);
    let own = name(judge, event);
    let hidden = own.is_none();
    let own = own.unwrap_or_default();
    wire::text(out, field::NAME, &own);
    if let Some(id) = event.id().filter(|id| !id.is_empty()) {
        let named = judge.names.look(b"id");
        let made = judge.value(Place { part: PART, path: "id" }, named, ValueType::String, id);
        let value = wire::open(out, field::ID);
        out.extend_from_slice(judge.values.get(made));
        wire::close(out, value);
    }
    let done = socket.payload() == DONE;
    let octets = if done { b"" } else { socket.payload() };
    let told = read_as(judge, out, field::BODY, socket, (octets, "response.body:"));
    wire::number(out, field::SEQUENCE, facts.sequence);
    if let Some(retry) = event.retry_ms {
        wire::present(out, field::RETRY_MS, retry);
    }
    wire::number(out, field::LINES, facts.frames.into());
    for name in facts.flags.names() {
        wire::text(out, field::FLAGS, name);
    }
    wire::number(out, field::EVENTS_SKIPPED, facts.skipped.messages);
    wire::number(out, field::BYTES_SKIPPED, facts.skipped.bytes);
    wire::number(out, field::COMMENTS, event.comments);
    let inner = if done { Some("done".to_owned()) } else { told.name };
    wire::text(out, field::MESSAGE_NAME, inner.as_deref().unwrap_or_default());
    // The call's id is left to `record`.
    wire::flag(out, field::NAME_HIDDEN, hidden);
    wire::text(out, field::CHANNEL, &told.channel);
    wire::close(out, message);
    // "message" is what every event is called that has no name of its own; a JSON-RPC method says more than any.
    let plain = own.is_empty() || own == "message" || told.style == Some(Style::Jsonrpc);
    let name = if plain { inner.or(Some(own).filter(|own| !own.is_empty())) } else { Some(own) };
    let style = told.style.unwrap_or(Style::Sse);
    Told { name, channel: told.channel, style, facts: Facts::Plain, init: false }
}

/// The name of an event as it may leave; empty when it has none, `None` when it may not.
fn name(judge: &mut Judge, event: &ServerEvent) -> Option<String> {
    let raw = event.name()?;
    if raw.is_empty() {
        return Some(String::new());
    }
    let kept = safe_name(raw);
    if kept.is_none() {
        judge.counts.names_hidden += 1;
        if let Some(found) = judge.names.look(raw).found {
            judge.find(Place { part: PART, path: "event" }, found, finding::Action::Shaped);
        }
    }
    kept
}
