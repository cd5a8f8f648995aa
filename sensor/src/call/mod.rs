//! Calls: messages in, requests paired with their responses out.
//!
//! Pure. A wrong pair is worse than a missing one: see [`Pairing`].

mod assemble;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod loss;
mod message;
mod session;
mod socket;
mod streaming;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use assemble::{Calls, Config, Counts};
pub use socket::{Handshake, ServerEvent, SocketMessage};
pub use streaming::Streaming;

use crate::decap::{Endpoint, LayerKind};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use zeroize::Zeroizing;

pub use crate::http::Span;
use crate::http::grpc::Messages;
use crate::http::{Completeness, Flags, name_bit};
use crate::proxy::Prelude;
use crate::reassembly::Connection;
use crate::rung::Rung;
use crate::time::Timestamp;
use crate::tls::Session;

/// Name of the field that is asked for most.
const MEDIA_TYPE: &[u8] = b"content-type";

/// A request with its response, raw.
///
/// No `Debug`, no `Serialize`, no `Clone`: the only way on is `redact`.
pub struct Call {
    /// Facts that are no secret: who, when, how much.
    pub facts: CallFacts,
    /// The request, unless only the response was seen.
    pub request: Option<Message>,
    /// The response, unless only the request was seen.
    pub response: Option<Message>,
    /// A connection that could not be read; then there is neither.
    pub session: Option<Box<Session>>,
    /// A WebSocket message, or a server-sent event. Then there is no request and no response: see [`SocketMessage::handshake`].
    pub socket: Option<Box<SocketMessage>>,
}

/// What a call is, apart from what was said in it.
#[derive(Debug, Clone, Copy)]
pub struct CallFacts {
    /// The connection.
    pub connection: Connection,
    /// Who sent the request.
    pub client: Endpoint,
    /// Who answered.
    pub server: Endpoint,
    /// Client's MAC address.
    pub client_mac: Option<[u8; 6]>,
    /// Server's MAC address.
    pub server_mac: Option<[u8; 6]>,
    /// How sure the pair is.
    pub pairing: Pairing,
    /// Ordinal of the packet that completed the call: the order of records.
    pub ordinal: u64,
    /// Stream of a multiplexed connection; 0 for HTTP/1.
    pub stream: u64,
    /// Why the request has no response, where that is known.
    pub unanswered: Flags,
}

impl CallFacts {
    /// VLAN ids around the connection, outermost first.
    pub fn vlans(&self) -> impl Iterator<Item = u32> {
        self.layers(|kind| kind == LayerKind::Vlan)
    }

    /// Ids of the virtual networks (VXLAN, GENEVE) around it, outermost first.
    pub fn vnis(&self) -> impl Iterator<Item = u32> {
        use LayerKind::{Geneve, Vxlan, VxlanGpe};
        self.layers(|kind| matches!(kind, Vxlan | VxlanGpe | Geneve))
    }

    fn layers(&self, are: impl Fn(LayerKind) -> bool) -> impl Iterator<Item = u32> {
        let layers = self.connection.envelope.layers().iter();
        layers.filter(move |layer| are(layer.kind)).map(|layer| layer.id)
    }
}

/// Why request and response belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pairing {
    /// In order on a connection followed without loss between them (RFC 9112 §9.3.2).
    Order,
    /// By acknowledgement: the request acknowledged exactly the bytes before the response, so no other
    /// response can lie between them, whatever was lost elsewhere.
    Acknowledged,
    /// On one stream of a multiplexed connection (RFC 9113 §8.1).
    Stream,
    /// Only one side was seen, or the pair could not be proven.
    OneSided,
}

/// One message, raw: one pointer, as it is handed on many times.
///
/// No `Debug`, no `Serialize`, no `Clone`.
pub struct Message(Box<Contents>);

/// What a message holds.
///
/// No `Debug`, no `Serialize`, no `Clone`.
pub struct Contents {
    /// Head bytes, copied once; the ranges below point into it.
    pub(crate) text: Zeroizing<Vec<u8>>,
    /// Octets that the ranges below have together.
    pub(crate) said: usize,
    pub(crate) method: Span,
    pub(crate) target: Span,
    pub(crate) scheme: Span,
    pub(crate) authority: Span,
    pub(crate) fields: Vec<(Span, Span)>,
    /// The [`name_bit`]s of all names: most fields that are asked for are missing.
    pub(crate) names: u64,
    /// The first Content-Type, which is asked for most.
    pub(crate) media_type: Option<Span>,
    pub(crate) trailers: Vec<(Span, Span)>,
    /// Body after framing and content coding, up to the inspection limit.
    pub(crate) body: Zeroizing<Vec<u8>>,
    /// Of a request: what a load balancer said of the client when the connection began.
    pub(crate) prelude: Option<Arc<Prelude>>,
    /// Facts that are no secret.
    pub facts: MessageFacts,
}

/// Fields of a message, raw: ranges of a text. No `Debug`.
#[derive(Clone, Copy)]
pub(crate) struct Lines<'a> {
    pub(crate) text: &'a [u8],
    /// Name and value.
    pub(crate) fields: &'a [(Span, Span)],
}

/// Sizes, times and status of a message.
#[derive(Debug, Clone, Copy)]
pub struct MessageFacts {
    /// Protocol version.
    pub version: (u8, u8),
    /// Status code; 0 for requests.
    pub status: u16,
    /// Interim (1xx) responses seen before this one.
    pub interim_count: u16,
    /// First byte.
    pub start_time: Timestamp,
    /// Last byte seen.
    pub end_time: Timestamp,
    /// TCP sequence number of the first byte.
    pub start_seq: u32,
    /// How much was seen.
    pub completeness: Completeness,
    /// Bytes on the wire.
    pub wire_bytes: u64,
    /// Body bytes before content decoding.
    pub body_bytes: u64,
    /// Body bytes after content decoding, as far as decoded.
    pub decoded_bytes: u64,
    /// Bytes known to be missing.
    pub missing_bytes: u64,
    /// Whether the body was longer than what was inspected.
    pub body_cut: bool,
    /// Messages inside the body (gRPC, gRPC-Web, Connect).
    pub messages: Messages,
    /// Of a response that is a stream: how far it is told.
    pub streaming: Streaming,
    /// Oddities.
    pub flags: Flags,
    /// Rung of the overload ladder on which its head was read.
    pub rung: Rung,
}

impl Message {
    /// A message that holds this.
    pub(crate) fn new(contents: Contents) -> Self {
        let mut message = Self(Box::new(contents));
        message.note_names();
        message
    }
}

impl Deref for Message {
    type Target = Contents;

    fn deref(&self) -> &Contents {
        &self.0
    }
}

impl DerefMut for Message {
    fn deref_mut(&mut self) -> &mut Contents {
        &mut self.0
    }
}

impl Contents {
    /// Notes which names its fields have.
    fn note_names(&mut self) {
        let names = self.fields.iter().map(|(name, _)| name_bit(self.slice(*name)));
        self.names = names.fold(0, |bits, bit| bits | bit);
        let is = |name: Span| self.slice(name).eq_ignore_ascii_case(MEDIA_TYPE);
        let media_type = self.fields.iter().find(|(name, _)| is(*name));
        self.media_type = media_type.map(|(_, value)| *value);
    }

    fn slice(&self, span: Span) -> &[u8] {
        span.of(&self.text)
    }

    /// Request method; empty for responses.
    #[must_use]
    pub fn method(&self) -> &[u8] {
        self.slice(self.method)
    }

    /// Request target; empty for responses.
    #[must_use]
    pub fn target(&self) -> &[u8] {
        self.slice(self.target)
    }

    /// `:scheme` of an HTTP/2 request; empty where there is none.
    #[must_use]
    pub fn scheme(&self) -> &[u8] {
        self.slice(self.scheme)
    }

    /// `:authority` of an HTTP/2 request; empty where there is none.
    #[must_use]
    pub fn authority(&self) -> &[u8] {
        self.slice(self.authority)
    }

    /// Header fields in order: name, value.
    pub fn fields(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.fields.iter().map(|&(name, value)| (self.slice(name), self.slice(value)))
    }

    /// Header fields whose names have one of these lengths, below 64, in order. Most names are told apart by that.
    pub fn fields_of(&self, lens: &[u32]) -> impl Iterator<Item = (&[u8], &[u8])> {
        let lens = lens.iter().fold(0_u64, |lens, len| lens | 1_u64.unbounded_shl(*len));
        let wanted = move |name: Span| lens & 1_u64.unbounded_shl(name.len) != 0;
        let fields = self.fields.iter().filter(move |(name, _)| wanted(*name));
        fields.map(|&(name, value)| (self.slice(name), self.slice(value)))
    }

    /// Trailer fields in order: name, value.
    pub fn trailers(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.trailers.iter().map(|&(name, value)| (self.slice(name), self.slice(value)))
    }

    /// Header fields in order, as ranges.
    pub(crate) fn lines(&self) -> Lines<'_> {
        Lines { text: &self.text, fields: &self.fields }
    }

    /// Trailer fields in order, as ranges.
    pub(crate) fn trailer_lines(&self) -> Lines<'_> {
        Lines { text: &self.text, fields: &self.trailers }
    }

    /// First value of the field called `name` (ASCII case ignored).
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&[u8]> {
        let name = name.as_bytes();
        if name == MEDIA_TYPE {
            return self.media_type.map(|value| self.slice(value));
        }
        if self.names & name_bit(name) == 0 {
            return None;
        }
        // Lengths are compared first, as most names are told apart by that.
        let len = u32::try_from(name.len()).ok()?;
        let mut fields = self.fields.iter().filter(|(n, _)| n.len == len);
        let field = fields.find(|(n, _)| self.slice(*n).eq_ignore_ascii_case(name));
        field.map(|(_, value)| self.slice(*value))
    }

    /// Body after framing and content coding, up to the inspection limit.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}
