//! The seam between the stage and its protocols.

use std::sync::Arc;

use super::{Config, Counts, HttpEvent, HttpEventKind, Span, coding, h1, h2, websocket};
use crate::proxy::Prelude;
use crate::reassembly::{Connection, ConnectionId, Side, StreamEventKind};
use crate::time::Timestamp;

/// Every protocol, in the order they are tried.
pub(super) static PROTOCOLS: &[Protocol] = &[h2::ENTRY, h1::ENTRY, websocket::ENTRY];

/// A protocol that can be followed.
pub(super) struct Protocol {
    /// Whether bytes are the beginning of what one end says in it. The flag: earlier bytes were missed, so that
    /// only what is unmistakable counts, and `More` is no answer.
    pub(super) probe: fn(&[u8], bool) -> Verdict,
    /// Makes a decoder.
    pub(super) open: fn(Join) -> Box<dyn Decode + Send>,
}

/// Answer of a probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is not.
    No,
    /// It may be: more bytes will tell.
    More,
    /// It is.
    Yes,
}

/// How a decoder comes to a connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Join {
    /// By [`Side::index`]: what came before.
    pub(super) before: [Before; 2],
    /// Whether offset 0 is where both streams began.
    pub(super) whole: bool,
}

/// What came before the first bytes of one side that a decoder sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    /// Nothing.
    Nothing,
    /// Bytes that were not understood or not captured, perhaps messages.
    Unknown,
    /// Bytes that were lost, beginning where a message would.
    Lost,
}

/// A decoder of one connection.
pub(super) trait Decode {
    /// Takes one event. On [`StreamEventKind::Close`] everything open is ended; the stage emits the close itself.
    fn event(&mut self, cx: &mut Context<'_>, kind: &StreamEventKind<'_>) -> Next;

    /// The decoder that goes on after [`Next::Upgrade`].
    fn upgrade(&mut self, _cx: &mut Context<'_>) -> Option<Box<dyn Decode + Send>> {
        None
    }
}

/// What becomes of a connection after an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// The decoder goes on.
    Stay,
    /// What follows is a fresh stream of any protocol (inside a tunnel). `left` bytes of the event were not taken.
    Reprobe {
        /// Bytes at the end of the event that belong to the new stream.
        left: usize,
    },
    /// What follows is read by the decoder that [`Decode::upgrade`] gives. `left` bytes of the event were not taken.
    Upgrade {
        /// Bytes at the end of the event that belong to the new protocol.
        left: usize,
    },
    /// What follows cannot be read.
    Opaque,
}

/// What a decoder works with: limits, counters, the way out, and where the event comes from.
pub(super) struct Context<'a> {
    pub(super) config: &'a Config,
    pub(super) limits: &'a coding::Limits,
    pub(super) counts: &'a mut Counts,
    /// Bytes of unfinished heads held, all connections together.
    pub(super) head_bytes: &'a mut usize,
    /// Bytes of HPACK tables held, all connections together.
    pub(super) table_bytes: &'a mut usize,
    /// Bytes of unfinished WebSocket messages and of their decompression, all connections together.
    pub(super) socket_bytes: &'a mut usize,
    /// Decoders of content codings that are free.
    pub(super) decoders: &'a mut coding::Pool,
    /// Room for where the fields of a head are.
    pub(super) ranges: &'a mut Vec<(Span, Span)>,
    /// Room for a header block of HTTP/2.
    pub(super) decoded: &'a mut h2::Decoded,
    /// In which order fields of heads come.
    pub(super) order: &'a mut h1::Order,
    /// Number of the connection's next message.
    pub(super) message: &'a mut u64,
    /// Index of the client end, once told.
    pub(super) client: &'a mut Option<Side>,
    /// What a load balancer said at the beginning of the connection, and on which side.
    pub(super) prelude: &'a mut Option<(Side, Arc<Prelude>)>,
    pub(super) id: ConnectionId,
    pub(super) connection: &'a Connection,
    pub(super) time: Timestamp,
    pub(super) ordinal: u64,
    pub(super) emit: &'a mut dyn FnMut(HttpEvent<'_>),
}

impl Context<'_> {
    /// Emits an event of this connection.
    pub(super) fn emit(&mut self, kind: HttpEventKind<'_>) {
        let client = self.client.unwrap_or(Side::A).index();
        let prelude = self.prelude.as_ref().filter(|(side, _)| side.index() == client);
        (self.emit)(HttpEvent {
            id: self.id,
            connection: self.connection,
            client,
            time: self.time,
            ordinal: self.ordinal,
            prelude: prelude.map(|(_, prelude)| prelude),
            kind,
        });
    }

    /// Numbers the next message.
    pub(super) fn number(&mut self) -> u64 {
        let message = *self.message;
        *self.message = message.wrapping_add(1);
        message
    }
}
