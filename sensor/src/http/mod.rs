//! HTTP: ordered streams in, protocol-neutral messages out.
//!
//! Pure. One [`Http`] per worker. Which end is the client, and which protocol is spoken, is told by content.
//!
//! A protocol is one file with an `ENTRY`, and one line in `protocol::PROTOCOLS`. Its decoder also decides which
//! messages belong together ([`HttpEventKind::Pair`], [`HttpEventKind::Alone`]): it needs to know for framing,
//! and so it is decided once, in one place.

pub mod coding;
mod config;
mod content;
mod counts;
#[cfg(test)]
mod detection;
pub mod event_stream;
pub mod grpc;
mod h1;
mod h2;
mod piece;
mod protocol;
mod stage;
pub mod websocket;

pub use config::Config;
pub use counts::Counts;
pub use stage::Http;

use std::sync::Arc;

use crate::proxy::Prelude;
use crate::reassembly::{CloseReason, Connection, ConnectionId};
use crate::time::Timestamp;

/// Something a message parser saw. Protocol-neutral: HTTP/2 streams emit the same shapes.
///
/// No `Debug`: it holds raw traffic.
#[derive(Clone, Copy)]
pub struct HttpEvent<'a> {
    /// The connection.
    pub id: ConnectionId,
    /// What is known of it.
    pub connection: &'a Connection,
    /// Which end of the connection is the client: index into [`Connection::ends`].
    pub client: usize,
    /// Capture time of the bytes that caused the event.
    pub time: Timestamp,
    /// Ordinal of the packet that caused the event.
    pub ordinal: u64,
    /// What a load balancer said of the client before the client said anything.
    pub prelude: Option<&'a Arc<Prelude>>,
    /// What happened.
    pub kind: HttpEventKind<'a>,
}

/// Whether a message asks or answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Sent by the client.
    Request,
    /// Sent by the server.
    Response,
}

/// Kinds of HTTP event.
#[derive(Clone, Copy)]
pub enum HttpEventKind<'a> {
    /// A message head was read.
    Head(&'a Head<'a>),
    /// Body bytes: framing (chunks) and content coding removed, up to the inspection limit. Nothing is handed on
    /// from behind a gap: what a body's two ends would spell together was never sent.
    Body {
        /// The message, by [`Head::message`].
        message: u64,
        /// Whose body.
        role: Role,
        /// The bytes.
        bytes: &'a [u8],
    },
    /// A message is over.
    End {
        /// The message, by [`Head::message`].
        message: u64,
        /// Whose.
        role: Role,
        /// How it ended.
        end: &'a MessageEnd<'a>,
    },
    /// A message goes on: told from time to time, of those that run long.
    Progress {
        /// The message, by [`Head::message`].
        message: u64,
        /// What would be told if it ended here.
        end: &'a MessageEnd<'a>,
    },
    /// Bytes that are none of a message's follow one that is over.
    Trailing {
        /// The message, by [`Head::message`].
        message: u64,
    },
    /// Bytes of one direction were lost (or not understood) in a place that may have hidden whole messages:
    /// what is outstanding on that side can no longer be matched by counting.
    Lost {
        /// The direction.
        role: Role,
    },
    /// Two messages belong together. Comes after both heads, before or after their ends.
    Pair {
        /// The request, by [`Head::message`].
        request: u64,
        /// The response, by [`Head::message`].
        response: u64,
        /// Why they belong together.
        proof: Proof,
        /// Whether this stands. If not, [`HttpEventKind::Settled`] follows (or the close, which settles that it does).
        firm: bool,
    },
    /// A pair that was not firm now is, or was none.
    Settled {
        /// The request, by [`Head::message`].
        request: u64,
        /// Whether the pair stands; if not, both of its messages are alone.
        holds: bool,
    },
    /// A message has no partner that could be proven, and will have none.
    Alone {
        /// The message, by [`Head::message`].
        message: u64,
        /// Of a request: why there is no response, where that is known.
        why: Flags,
    },
    /// A response opened a socket: it agreed to WebSocket. Comes after both heads, before the response's end.
    SocketOpen {
        /// The socket: the response, by [`Head::message`].
        socket: u64,
    },
    /// A WebSocket message is over, or a direction of a socket is.
    Socket {
        /// What is told of it.
        facts: &'a websocket::Facts,
        /// The payload, mask and compression taken off, up to the inspection limit; of a close frame the reason.
        bytes: &'a [u8],
    },
    /// Nothing more comes of a socket.
    SocketEnd {
        /// As in [`HttpEventKind::SocketOpen`].
        socket: u64,
    },
    /// A server-sent event is over.
    Event {
        /// What is told of it: its socket is the response, by [`Head::message`], its payload the data.
        facts: &'a websocket::Facts,
        /// What it says of itself.
        event: &'a event_stream::Event<'a>,
        /// Its data, up to the inspection limit.
        bytes: &'a [u8],
    },
    /// The connection is over; nothing more comes for it. Messages still without a partner have none.
    Close {
        /// Why.
        reason: CloseReason,
    },
}

/// Why two messages belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Proof {
    /// In order, nothing lost on either side since a point where it was certain what was outstanding.
    Order,
    /// By what each side had received when it spoke, whatever was lost before.
    Acknowledged,
    /// On one stream of a multiplexed connection, which carries one request and its response (RFC 9113 §8.1).
    Stream,
}

/// A message head.
#[derive(Clone, Copy)]
pub struct Head<'a> {
    /// Names the message among those of its connection.
    pub message: u64,
    /// Request or response.
    pub role: Role,
    /// Stream of a multiplexed connection (HTTP/2); 0 for HTTP/1.
    pub stream: u64,
    /// Protocol version, e.g. `HTTP/1.1` as (1, 1).
    pub version: (u8, u8),
    /// Response: interim (1xx) responses before this one. Request: 0.
    pub interim: u16,
    /// Request: method. Response: empty.
    pub method: &'a [u8],
    /// Request: target as sent (HTTP/2: the path; of CONNECT the authority). Response: empty.
    pub target: &'a [u8],
    /// Request: `:scheme` of HTTP/2. Empty when unknown, and in HTTP/1.
    pub scheme: &'a [u8],
    /// Request: `:authority` of HTTP/2. Empty when unknown, and in HTTP/1.
    pub authority: &'a [u8],
    /// Response: status code. Request: 0.
    pub status: u16,
    /// Field lines in order, values trimmed of surrounding whitespace, obs-fold replaced by spaces.
    pub fields: Fields<'a>,
    /// Stream offset of the first byte of the head.
    pub start_offset: u64,
    /// Offset of the other side's stream acknowledged by the segment in which the head began.
    pub acked: Option<u64>,
    /// Capture time of the first byte of the head.
    pub start_time: Timestamp,
    /// What was odd about the head (see [`Flags`]).
    pub flags: Flags,
}

/// The field lines of a head.
#[derive(Clone, Copy)]
pub enum Fields<'a> {
    /// One by one.
    Listed(&'a [Field<'a>]),
    /// As ranges of the head's text.
    Ranged(Text<'a>),
}

/// A head as it was sent, and where in it things are. No `Debug`: it holds raw traffic.
#[derive(Clone, Copy)]
pub struct Text<'a> {
    /// All of it.
    pub octets: &'a [u8],
    /// The method; empty in responses.
    pub method: Span,
    /// The target; empty in responses.
    pub target: Span,
    /// Names and values of fields.
    pub fields: &'a [(Span, Span)],
    /// Octets of method, target, names and values together.
    pub said: usize,
    /// The [`name_bit`]s of all names.
    pub names: u64,
    /// The first Content-Type.
    pub media_type: Option<Span>,
}

/// One of 64 bits for the name of a field, the same in whatever case its letters are.
#[must_use]
#[inline]
pub const fn name_bit(name: &[u8]) -> u64 {
    let Some(&first) = name.first() else { return 0 };
    let [len, ..] = name.len().to_le_bytes();
    1 << ((first.to_ascii_lowercase() ^ len.wrapping_mul(5)) & 63)
}

/// A range of a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    /// Offset of its first octet.
    pub start: u32,
    /// How many there are.
    pub len: u32,
}

impl Span {
    /// What of `text` is meant; nothing, when it has not so many octets.
    #[must_use]
    pub fn of(self, text: &[u8]) -> &[u8] {
        let start = usize::try_from(self.start).unwrap_or(usize::MAX);
        let len = usize::try_from(self.len).unwrap_or(0);
        text.get(start..start.saturating_add(len)).unwrap_or_default()
    }
}

impl<'a> Fields<'a> {
    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self {
            Self::Listed(fields) => fields.len(),
            Self::Ranged(text) => text.fields.len(),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Each of them, in order.
    pub fn iter(self) -> impl Iterator<Item = Field<'a>> {
        let (listed, ranged, text) = match self {
            Self::Listed(fields) => (fields, &[][..], &[][..]),
            Self::Ranged(Text { octets, fields, .. }) => (&[][..], fields, octets),
        };
        let of = move |&(name, value): &(Span, Span)| Field {
            name: name.of(text),
            value: value.of(text),
        };
        listed.iter().copied().chain(ranged.iter().map(of))
    }
}

/// One header field.
#[derive(Clone, Copy)]
pub struct Field<'a> {
    /// Name as sent.
    pub name: &'a [u8],
    /// Value, trimmed.
    pub value: &'a [u8],
}

/// How a message ended, with its sizes.
#[derive(Clone, Copy)]
pub struct MessageEnd<'a> {
    /// Whether all of it was seen.
    pub completeness: Completeness,
    /// Bytes on the wire, head and framing included, gaps included.
    pub wire_bytes: u64,
    /// Body bytes after transfer coding (what Content-Length counts), gaps included.
    pub body_bytes: u64,
    /// Body bytes after content coding, as far as decoded, and up to the inspection limit.
    pub decoded_bytes: u64,
    /// Bytes of the message known to be missing.
    pub missing_bytes: u64,
    /// Whether more body followed than was handed on (the inspection limit, or a coding that could not be read).
    pub body_cut: bool,
    /// Capture time of the last byte.
    pub time: Timestamp,
    /// Stream offset behind the last byte.
    pub end_offset: u64,
    /// Offset of the other side's stream acknowledged by the segment that carried the last byte.
    pub acked: Option<u64>,
    /// Messages inside the body (gRPC, gRPC-Web, Connect); all 0 for other bodies.
    pub messages: grpc::Messages,
    /// What was said in server-sent events; `None` for other bodies.
    pub events: Option<event_stream::Totals>,
    /// Trailer fields.
    pub trailers: &'a [Field<'a>],
    /// What was odd, head and body together.
    pub flags: Flags,
}

/// How much of a message was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Completeness {
    /// Every byte, to a proper end.
    Complete,
    /// The connection, the capture or a limit ended it early.
    Truncated,
    /// Bytes inside it were lost.
    Gap,
}

/// Framing oddities: evidence of request smuggling, broken peers, or codings that could not be read.
///
/// Sections are of RFC 9112 unless said otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Flags(pub u32);

macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident = $bit:literal $label:literal),+ $(,)?) => {
        impl Flags {
            $($(#[$doc])* pub const $name: Self = Self(1 << $bit);)+

            /// How many flags there are.
            pub const COUNT: usize = [$($label),+].len();

            /// Every flag with its name in records and metrics.
            pub const ALL: &'static [(Self, &'static str)] = &[$((Self::$name, $label)),+];
        }
    };
}

flags! {
    /// A line ended in LF alone (§2.2).
    BARE_LF = 0 "bare_lf",
    /// A CR without LF inside the head (§2.2).
    BARE_CR = 1 "bare_cr",
    /// Whitespace between start line and first field (§2.2).
    WS_START = 2 "ws_start",
    /// Odd whitespace in the start line (§3).
    LINE_WS = 3 "line_ws",
    /// Host missing, repeated or malformed in HTTP/1.1 (§3.2).
    HOST_BAD = 4 "host_bad",
    /// Whitespace before a field's colon (§5.1).
    WS_COLON = 5 "ws_colon",
    /// A folded field line (§5.2).
    OBS_FOLD = 6 "obs_fold",
    /// Both Transfer-Encoding and Content-Length (§6.3 rule 3).
    CL_TE = 7 "cl_te",
    /// Transfer-Encoding obfuscated, repeated, in HTTP/1.0, or chunked not final (§6.1, §6.3 rule 4).
    TE_BAD = 8 "te_bad",
    /// Content-Length invalid, or several that differ (§6.3 rule 5).
    CL_BAD = 9 "cl_bad",
    /// A chunk size or its framing is invalid (§7.1).
    CHUNK_BAD = 10 "chunk_bad",
    /// Chunk extensions were used (§7.1.1).
    CHUNK_EXT = 11 "chunk_ext",
    /// A content coding is not known (RFC 9110 §8.4).
    CODING_UNKNOWN = 12 "coding_unknown",
    /// A content coding could not be decoded.
    CODING_BAD = 13 "coding_bad",
    /// Decoding stopped at the ratio limit.
    CODING_RATIO = 14 "coding_ratio",
    /// More than the limit of header fields, or a head above the size limit.
    HEAD_LIMIT = 15 "head_limit",
    /// Bytes that belong to no message follow this one. Of a message that was told before they came, it is not said.
    TRAILING_BYTES = 16 "trailing_bytes",
    /// Control or non-ASCII bytes where the grammar has none.
    BAD_BYTES = 17 "bad_bytes",
    /// A body on a method that has no use for one (GET, HEAD, DELETE); HTTP/2: content of a response that has none.
    BODY_UNEXPECTED = 18 "body_unexpected",
    /// The stream became a tunnel (CONNECT) or another protocol (101).
    TUNNEL = 19 "tunnel",
    /// HTTP/2: a pseudo-header field is missing, repeated, unknown or out of place (RFC 9113 §8.3).
    PSEUDO_BAD = 20 "pseudo_bad",
    /// HTTP/2: a field name with upper case (RFC 9113 §8.2.1).
    NAME_CASE = 21 "name_case",
    /// HTTP/2: a field of the connection, or status 101, which have no place here (RFC 9113 §8.2.2, §8.6).
    CONNECTION_FIELD = 22 "connection_field",
    /// HTTP/2: Content-Length is not the length of the content (RFC 9113 §8.1.1).
    LENGTH_MISMATCH = 23 "length_mismatch",
    /// HTTP/2: header fields refer to what was said before the sensor joined, or to what was lost: they are left out.
    HPACK_PARTIAL = 24 "hpack_partial",
    /// HTTP/2: the stream was reset, or refused (RFC 9113 §6.4, §6.8).
    STREAM_RESET = 25 "stream_reset",
    /// HTTP/2: the server pushed; the request was never sent (RFC 9113 §8.4).
    PUSHED = 26 "pushed",
    /// The request was sent as HTTP/1.1 with an upgrade to HTTP/2, whose first stream answers it (RFC 7540 §3.2).
    H2C_UPGRADE = 27 "h2c_upgrade",
    /// HTTP/2: frames of a message in another order than head, content, trailers; an interim response that ends its
    /// stream (RFC 9113 §8.1).
    FRAME_ORDER = 28 "frame_order",
    /// HTTP/2: a value that begins or ends with whitespace (RFC 9113 §8.2.1).
    VALUE_WS = 29 "value_ws",
    /// A request that got no response: the server's direction was followed to its end, and holds none.
    UNANSWERED = 30 "unanswered",
}

impl Flags {
    /// Adds the flags of `other`.
    pub fn insert(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Whether all flags of `other` are set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Names of the flags set.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().filter(move |(flag, _)| self.contains(*flag)).map(|(_, name)| *name)
    }
}
