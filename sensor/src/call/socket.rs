//! WebSocket messages and server-sent events: each is a call of its own, which carries the handshake it belongs to.

use std::sync::Arc;

use super::assemble::{Lane, Open, Shared};
use super::{Call, CallFacts, Message, MessageFacts, Pairing};
use crate::http::event_stream::Event;
use crate::http::websocket::Facts;
use crate::http::{Flags, HttpEvent, Role};
use crate::reassembly::Connection;
use crate::rung::Rung;
use zeroize::Zeroizing;

/// A WebSocket message, or a server-sent event, raw.
///
/// No `Debug`, no `Serialize`, no `Clone`.
pub struct SocketMessage {
    /// What is told of it.
    pub facts: Facts,
    /// TCP sequence number of its first byte; over HTTP/2 of the frame that began it. Of an event that of the response.
    pub start_seq: u32,
    /// Rung of the overload ladder on which it was read.
    pub rung: Rung,
    /// The handshake, of an event the call; `None` when it was not seen, or is not certain yet.
    pub handshake: Option<Arc<Handshake>>,
    /// What an event says of itself; `None` for WebSocket.
    pub event: Option<ServerEvent>,
    pub(crate) payload: Zeroizing<Vec<u8>>,
}

/// What a server-sent event says of itself, raw.
///
/// No `Debug`, no `Serialize`, no `Clone`.
pub struct ServerEvent {
    /// Version of HTTP.
    pub version: (u8, u8),
    /// Time after which a client is to connect again, in milliseconds.
    pub retry_ms: Option<u64>,
    /// Comments since the last event that was told.
    pub comments: u64,
    pub(crate) name: Option<Zeroizing<Vec<u8>>>,
    pub(crate) id: Option<Zeroizing<Vec<u8>>>,
}

impl ServerEvent {
    /// Its name; empty when it has none, `None` when it is too long for one.
    #[must_use]
    pub fn name(&self) -> Option<&[u8]> {
        self.name.as_ref().map(|name| name.as_slice())
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> Option<&[u8]> {
        self.id.as_ref().map(|id| id.as_slice())
    }
}

impl SocketMessage {
    /// The payload, up to the inspection limit; of a close frame the reason.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }
}

/// The handshake of a socket, or the call that events belong to, without bodies.
///
/// No `Debug`, no `Serialize`, no `Clone`.
pub struct Handshake {
    /// The request, unless it was not seen, or not proven to be the one, or there was no room to hold it.
    pub request: Option<Message>,
    /// Facts of the request, unless it was not seen or not proven to be the one.
    pub asked: Option<MessageFacts>,
    /// Facts of the response.
    pub response: MessageFacts,
    pub(crate) subprotocol: Vec<u8>,
}

impl Handshake {
    /// The subprotocol agreed on; empty when there is none.
    #[must_use]
    pub fn subprotocol(&self) -> &[u8] {
        &self.subprotocol
    }

    fn held_bytes(&self) -> usize {
        let request = self.request.as_ref().map_or(0, |message| message.held_bytes());
        request.saturating_add(self.subprotocol.len())
    }
}

/// A socket that is open.
pub(super) struct Socket {
    id: u64,
    handshake: Arc<Handshake>,
}

impl Lane {
    /// The response numbered `id` opened a socket.
    pub(super) fn open_socket(&mut self, shared: &mut Shared, id: u64) {
        let Some(response) = self.has(id) else { return };
        let (facts, asked) = (response.message.facts, response.partner());
        let subprotocol = response.message.field("sec-websocket-protocol").unwrap_or_default();
        let subprotocol = subprotocol.to_vec();
        let request = asked.and_then(|id| self.has(id));
        let asked = request.map(|open| open.message.facts);
        let request = request.filter(|_| shared.room() > 0).map(|open| open.message.copy_head());
        let handshake = Arc::new(Handshake { request, asked, response: facts, subprotocol });
        shared.hold(handshake.held_bytes());
        self.sockets.push(Socket { id, handshake });
    }

    /// The call that events of the response numbered `id` belong to, once that is certain.
    fn event_call(&mut self, shared: &mut Shared, id: u64) -> Option<Arc<Handshake>> {
        if self.sockets.iter().all(|socket| socket.id != id)
            && self.has(id).is_some_and(Open::is_settled)
        {
            self.open_socket(shared, id);
        }
        let socket = self.sockets.iter().find(|socket| socket.id == id);
        socket.map(|socket| Arc::clone(&socket.handshake))
    }

    /// The call that a server-sent event is.
    pub(super) fn server_event(
        &mut self,
        shared: &mut Shared,
        event: &HttpEvent<'_>,
        facts: Facts,
        said: &Event<'_>,
        bytes: &[u8],
    ) -> Call {
        let handshake = self.event_call(shared, facts.socket);
        let response = handshake.as_ref().map(|handshake| handshake.response);
        let response = response.or_else(|| self.has(facts.socket).map(|open| open.message.facts));
        let mut payload = shared.pool.payload();
        payload.extend_from_slice(bytes);
        shared.counts.server_events += 1;
        let owned = |text: &[u8]| Zeroizing::new(text.to_vec());
        let socket = SocketMessage {
            facts,
            start_seq: response.map_or(0, |facts| facts.start_seq),
            rung: shared.pool.rung,
            handshake,
            event: Some(ServerEvent {
                version: response.map_or((0, 0), |facts| facts.version),
                retry_ms: said.retry_ms,
                comments: said.comments,
                name: said.name.map(owned),
                id: said.id.map(owned),
            }),
            payload,
        };
        told(event, socket)
    }

    /// Nothing more comes of a socket.
    pub(super) fn end_socket(&mut self, shared: &mut Shared, id: u64) {
        let ended = self.sockets.extract_if(.., |socket| socket.id == id);
        for socket in ended {
            shared.release_bytes(socket.handshake.held_bytes());
        }
    }

    /// Nothing more comes of any.
    pub(super) fn end_sockets(&mut self, shared: &mut Shared) {
        for socket in self.sockets.drain(..) {
            shared.release_bytes(socket.handshake.held_bytes());
        }
    }

    /// The call that a message is.
    pub(super) fn socket_message(
        &mut self,
        shared: &mut Shared,
        event: &HttpEvent<'_>,
        facts: Facts,
        bytes: &[u8],
    ) -> Call {
        let socket = self.sockets.iter().find(|socket| socket.id == facts.socket);
        let mut payload = shared.pool.payload();
        payload.extend_from_slice(bytes);
        shared.counts.websocket_messages += 1;
        let socket = SocketMessage {
            facts,
            start_seq: sequence(event, facts.role, facts.start_offset),
            rung: shared.pool.rung,
            handshake: socket.map(|socket| Arc::clone(&socket.handshake)),
            event: None,
            payload,
        };
        told(event, socket)
    }
}

/// A message as a call.
fn told(event: &HttpEvent<'_>, socket: SocketMessage) -> Call {
    let facts = call_facts(event.connection, event.client, Pairing::OneSided);
    let facts = CallFacts { ordinal: event.ordinal, stream: socket.facts.stream, ..facts };
    Call { facts, request: None, response: None, session: None, socket: Some(Box::new(socket)) }
}

/// TCP sequence number at a stream offset.
pub(super) fn sequence(event: &HttpEvent<'_>, role: Role, offset: u64) -> u32 {
    let side = match role {
        Role::Request => event.client,
        Role::Response => 1_usize.wrapping_sub(event.client),
    };
    let base = event.connection.base_seq.get(side).copied().flatten().unwrap_or(0);
    // Sequence numbers are offsets modulo 2^32.
    let offset = u32::try_from(offset & u64::from(u32::MAX)).unwrap_or(0);
    base.wrapping_add(offset)
}

/// Who talks with whom, where `client` is the index of the client's end.
pub(super) fn call_facts(connection: &Connection, client: usize, pairing: Pairing) -> CallFacts {
    let ([a, b], [mac_a, mac_b]) = (connection.ends, connection.macs);
    let (client, server, client_mac, server_mac) =
        if client == 0 { (a, b, mac_a, mac_b) } else { (b, a, mac_b, mac_a) };
    CallFacts {
        connection: *connection,
        client,
        server,
        client_mac,
        server_mac,
        pairing,
        ordinal: 0,
        stream: 0,
        unanswered: Flags::default(),
    }
}
