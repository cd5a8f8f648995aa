//! WebSocket messages: each is a call of its own, which carries the handshake it belongs to.

use std::sync::Arc;

use super::assemble::{Lane, Shared};
use super::{Call, CallFacts, Message, MessageFacts, Pairing};
use crate::http::websocket::Facts;
use crate::http::{HttpEvent, Role};
use crate::reassembly::Connection;
use crate::rung::Rung;
use zeroize::Zeroizing;

/// A WebSocket message, raw.
///
/// No `Debug`, no `Serialize`, no `Clone`.
pub struct SocketMessage {
    /// What is told of it.
    pub facts: Facts,
    /// TCP sequence number of its first byte; over HTTP/2 of the frame that began it.
    pub start_seq: u32,
    /// Rung of the overload ladder on which it was read.
    pub rung: Rung,
    /// The handshake; `None` when it was not seen.
    pub handshake: Option<Arc<Handshake>>,
    pub(crate) payload: Zeroizing<Vec<u8>>,
}

impl SocketMessage {
    /// The payload, up to the inspection limit; of a close frame the reason.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }
}

/// The handshake of a socket, without bodies.
///
/// No `Debug`, no `Serialize`, no `Clone`.
pub struct Handshake {
    /// The request, unless it was not seen, or not proven to be the one.
    pub request: Option<Message>,
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
        let request = self.request.as_ref().map_or(0, Message::held_bytes);
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
        let request = request.filter(|_| shared.room() > 0).map(|open| open.message.copy_head());
        let handshake = Arc::new(Handshake { request, response: facts, subprotocol });
        shared.hold(handshake.held_bytes());
        self.sockets.push(Socket { id, handshake });
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
            payload,
        };
        let facts = call_facts(event.connection, event.client, Pairing::OneSided);
        let facts = CallFacts { ordinal: event.ordinal, stream: socket.facts.stream, ..facts };
        Call { facts, request: None, response: None, session: None, socket: Some(Box::new(socket)) }
    }
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
    let connection = *connection;
    CallFacts { connection, client, server, client_mac, server_mac, pairing, ordinal: 0, stream: 0 }
}
