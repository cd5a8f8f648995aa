//! Records of WebSocket messages and server-sent events: what differs from those of calls.

use apitap_proto::v1;

use super::identity::{CALL_ID, call_id, event_id, message_id};
use super::{fill, schema, wire};
use crate::call::{CallFacts, SocketMessage};
use crate::http::Role;

/// The record's id.
pub(super) fn id(facts: &CallFacts, socket: &SocketMessage) -> [u8; CALL_ID] {
    match &socket.event {
        Some(_) => event_id(facts, socket),
        None => message_id(facts, socket),
    }
}

/// Status of the handshake; 0 when it was not seen.
pub(super) fn status(socket: &SocketMessage) -> u16 {
    socket.handshake.as_ref().map_or(0, |handshake| handshake.response.status)
}

/// Appends the id of the handshake's record.
pub(super) fn handshake(out: &mut Vec<u8>, facts: &CallFacts, socket: &SocketMessage) {
    let Some(handshake) = &socket.handshake else { return };
    let id = call_id(facts, handshake.asked.as_ref(), Some(&handshake.response));
    let (message, field) = match &socket.event {
        Some(_) => (schema::record::SERVER_EVENT, schema::server_event::CALL_ID),
        None => (schema::record::WEBSOCKET_MESSAGE, schema::websocket::HANDSHAKE_ID),
    };
    // Readers merge the parts of a message that comes twice (Protocol Buffers, "Last One Wins").
    let message = wire::open(out, message);
    wire::octets(out, field, &id);
    wire::close(out, message);
}

/// What was seen of the message and what was not.
pub(super) fn completeness(facts: &CallFacts, socket: &SocketMessage) -> v1::Completeness {
    let state = fill::known(socket.facts.completeness).into();
    let missing = socket.facts.missing_bytes;
    let seen = v1::Completeness {
        mid_connection: !facts.connection.handshake,
        rung: socket.rung.number().into(),
        ..v1::Completeness::default()
    };
    match socket.facts.role {
        Role::Request => {
            v1::Completeness { request: state, request_bytes_missing: missing, ..seen }
        }
        Role::Response => {
            v1::Completeness { response: state, response_bytes_missing: missing, ..seen }
        }
    }
}
