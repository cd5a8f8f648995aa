//! The stage: one slot per connection, probed until a protocol is recognised or given up.

use std::borrow::Cow;
use std::sync::Arc;

use super::protocol::{Before, Context, Decode, Join, Next, PROTOCOLS, Verdict};
use super::{Config, Counts, HttpEvent, HttpEventKind, Span, coding, h1, h2};
use crate::proxy::{self, Prelude, Read};
use crate::reassembly::{CloseReason, Security, Side, StreamEvent, StreamEventKind};
use crate::rung::Rung;
use crate::time::Timestamp;
use zeroize::Zeroizing;

/// Most bytes of one side held while a probe wants more: one start line, as most servers limit it.
const HELD_BYTES_MAX: usize = 16 << 10;

/// Follows the HTTP of every connection of a worker.
pub struct Http {
    /// As configured.
    full: Config,
    /// On the rung that is in force.
    config: Config,
    limits: coding::Limits,
    counts: Counts,
    slots: Vec<Slot>,
    head_bytes: usize,
    table_bytes: usize,
    socket_bytes: usize,
    decoders: coding::Pool,
    ranges: Vec<(Span, Span)>,
    decoded: h2::Decoded,
    order: h1::Order,
}

#[derive(Default)]
struct Slot {
    state: State,
    message: u64,
    client: Option<Side>,
    /// What a load balancer said first, and on which side.
    prelude: Option<(Side, Arc<Prelude>)>,
    /// Whether any event was emitted for the connection, so that its close must be.
    spoke: bool,
    /// Whether what comes is plaintext of TLS.
    decrypted: bool,
}

#[derive(Default)]
enum State {
    #[default]
    Free,
    Probing(Probing),
    Following(Box<dyn Decode + Send>),
    Opaque,
}

/// A connection whose protocol is not known.
struct Probing {
    sides: [Opening; 2],
    /// Bytes seen, both sides.
    bytes: u64,
    /// Whether the connection is followed from its start, without loss.
    whole: bool,
    /// Whether it was seen to be encrypted.
    encrypted: bool,
    /// Whether a PROXY header may come: one, before anything else.
    prelude: Prelusive,
}

/// Whether a PROXY header may come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Prelusive {
    /// It tells who the client is: this is where the connection begins.
    Told,
    /// It is passed over: inside a tunnel, it is the client's own word.
    PassedOver,
    /// No more.
    No,
}

/// How far one side of such a connection is.
enum Opening {
    /// Nothing was seen of it yet.
    Unseen,
    /// Its first bytes may be a protocol's: held until it is told.
    Held(Box<Held>),
    /// Bytes went by: only starts of segments are looked at.
    Midway(Before),
}

struct Held {
    bytes: Zeroizing<Vec<u8>>,
    offset: u64,
    acked: Option<u64>,
    segment_start: bool,
    time: Timestamp,
    ordinal: u64,
}

impl Http {
    /// Room for header blocks of HTTP/2.
    #[cfg(test)]
    pub(super) const fn decoded(&self) -> &h2::Decoded {
        &self.decoded
    }

    /// A stage with no connections.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self {
            limits: config.coding(),
            config: config.clone().clamped(),
            full: config.clone().clamped(),
            counts: Counts::default(),
            slots: Vec::new(),
            head_bytes: 0,
            table_bytes: 0,
            socket_bytes: 0,
            decoders: coding::Pool::default(),
            ranges: Vec::new(),
            decoded: h2::Decoded::default(),
            order: h1::Order::default(),
        }
    }

    /// What was done since the stage was made.
    #[must_use]
    pub const fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Follows the overload ladder: bodies that begin from now on are read as far as `rung` says.
    pub fn set_rung(&mut self, rung: Rung) {
        self.config = self.full.at(rung);
        self.limits = self.config.coding();
    }

    /// Bytes of unfinished heads held now, all connections together.
    #[must_use]
    pub const fn held_head_bytes(&self) -> usize {
        self.head_bytes
    }

    /// Bytes of HPACK tables held now, all connections together.
    #[must_use]
    pub const fn held_table_bytes(&self) -> usize {
        self.table_bytes
    }

    /// Bytes of unfinished WebSocket messages and of their decompression held now, all connections together.
    #[must_use]
    pub const fn held_socket_bytes(&self) -> usize {
        self.socket_bytes
    }

    /// Bodies that are being decoded now, all connections together.
    #[must_use]
    pub fn held_decoders(&self) -> usize {
        self.decoders.live()
    }

    /// Takes one event of a connection and emits what it tells, in stream order.
    pub fn push(&mut self, event: &StreamEvent<'_>, emit: &mut impl FnMut(HttpEvent<'_>)) {
        let index = usize::try_from(event.id.slot).unwrap_or(usize::MAX);
        if index >= self.slots.len() {
            if matches!(event.kind, StreamEventKind::Close { .. }) {
                return;
            }
            self.slots.resize_with(index.saturating_add(1), Slot::default);
        }
        let Some(slot) = self.slots.get_mut(index) else { return };
        let turns = event.connection.security == Security::Decrypted && !slot.decrypted;
        slot.decrypted |= turns;
        if matches!(slot.state, State::Opaque)
            && !turns
            && !matches!(event.kind, StreamEventKind::Close { .. })
        {
            return;
        }
        let mut cx = Context {
            config: &self.config,
            limits: &self.limits,
            counts: &mut self.counts,
            head_bytes: &mut self.head_bytes,
            table_bytes: &mut self.table_bytes,
            socket_bytes: &mut self.socket_bytes,
            decoders: &mut self.decoders,
            ranges: &mut self.ranges,
            decoded: &mut self.decoded,
            order: &mut self.order,
            message: &mut slot.message,
            client: &mut slot.client,
            prelude: &mut slot.prelude,
            id: event.id,
            connection: event.connection,
            time: event.time,
            ordinal: event.ordinal,
            emit,
        };
        if turns && !matches!(slot.state, State::Free) {
            slot.spoke |= slot.state.begin_anew(&mut cx);
        }
        if let StreamEventKind::Close { reason } = event.kind {
            if let State::Following(decoder) = &mut slot.state {
                decoder.event(&mut cx, &event.kind);
                slot.spoke = true;
            }
            if slot.spoke {
                cx.emit(HttpEventKind::Close { reason });
            }
            *slot = Slot::default();
            return;
        }
        if matches!(slot.state, State::Free) {
            slot.state = State::Probing(Probing::new(event.connection.handshake, Prelusive::Told));
        }
        slot.spoke |= slot.state.event(&mut cx, &event.kind);
    }
}

impl State {
    /// What came so far was about a tunnel, in which TLS is read from now on. Tells whether a decoder was ended.
    fn begin_anew(&mut self, cx: &mut Context<'_>) -> bool {
        let inside = Self::Probing(Probing::new(true, Prelusive::PassedOver));
        match std::mem::replace(self, inside) {
            Self::Following(mut decoder) => {
                let reason = CloseReason::Reused;
                decoder.event(cx, &StreamEventKind::Close { reason });
                true
            }
            Self::Free | Self::Probing(_) | Self::Opaque => false,
        }
    }

    /// Takes an event; tells whether a decoder saw it.
    fn event(&mut self, cx: &mut Context<'_>, kind: &StreamEventKind<'_>) -> bool {
        let mut followed = false;
        let mut kind = *kind;
        // A tunnel leads to a fresh stream; each turn takes at least the bytes of one message.
        loop {
            let next = match self {
                Self::Free | Self::Opaque => return followed,
                Self::Following(decoder) => {
                    followed = true;
                    decoder.event(cx, &kind)
                }
                Self::Probing(probing) => match probing.event(cx, &kind) {
                    Found::Nothing => return followed,
                    Found::GivenUp => {
                        cx.counts.connections_opaque += 1;
                        *self = Self::Opaque;
                        return followed;
                    }
                    Found::Protocol(decoder, next) => {
                        cx.counts.connections_followed += 1;
                        *self = Self::Following(decoder);
                        followed = true;
                        next
                    }
                },
            };
            match next {
                Next::Stay => return followed,
                Next::Opaque => {
                    cx.counts.connections_upgraded += 1;
                    *self = Self::Opaque;
                    return followed;
                }
                Next::Upgrade { left } => {
                    cx.counts.connections_upgraded += 1;
                    let successor = match self {
                        Self::Following(decoder) => decoder.upgrade(cx),
                        Self::Free | Self::Probing(_) | Self::Opaque => None,
                    };
                    *self = successor.map_or(Self::Opaque, Self::Following);
                    let Some(rest) = tail(&kind, left) else { return followed };
                    kind = rest;
                }
                Next::Reprobe { left } => {
                    cx.counts.connections_upgraded += 1;
                    *self = Self::Probing(Probing::new(true, Prelusive::PassedOver));
                    let Some(rest) = tail(&kind, left) else { return followed };
                    kind = rest;
                }
            }
        }
    }
}

/// The last `left` bytes of a data event, unless there are none.
fn tail<'a>(kind: &StreamEventKind<'a>, left: usize) -> Option<StreamEventKind<'a>> {
    let StreamEventKind::Data { side, offset, acked, segment_start, bytes } = *kind else {
        return None;
    };
    let taken = bytes.len().checked_sub(left)?;
    let bytes = bytes.get(taken..)?;
    let offset = offset.saturating_add(u64::try_from(taken).unwrap_or(u64::MAX));
    (!bytes.is_empty()).then_some(StreamEventKind::Data {
        side,
        offset,
        acked,
        segment_start: segment_start && taken == 0,
        bytes,
    })
}

/// What a probed event told.
enum Found {
    Nothing,
    Protocol(Box<dyn Decode + Send>, Next),
    GivenUp,
}

impl Probing {
    fn new(whole: bool, prelude: Prelusive) -> Self {
        let side = || if whole { Opening::Unseen } else { Opening::Midway(Before::Unknown) };
        Self { sides: [side(), side()], bytes: 0, whole, encrypted: false, prelude }
    }

    fn side(&mut self, side: Side) -> &mut Opening {
        let [a, b] = &mut self.sides;
        if side == Side::A { a } else { b }
    }

    fn event(&mut self, cx: &mut Context<'_>, kind: &StreamEventKind<'_>) -> Found {
        match *kind {
            StreamEventKind::Data { side, bytes, segment_start, .. } => {
                match self.proxied(cx, side, bytes) {
                    Proxied::No => {}
                    Proxied::Waits => {
                        self.hold(cx, kind);
                        return Found::Nothing;
                    }
                    // The stream begins behind it.
                    Proxied::Behind { left } => {
                        return tail(kind, left)
                            .map_or(Found::Nothing, |kind| self.event(cx, &kind));
                    }
                }
                // Servers pass over any number of empty lines (RFC 9112 §2.2).
                if matches!(self.side(side), Opening::Unseen) && h1::skip_blank(bytes).is_empty() {
                    return Found::Nothing;
                }
                self.bytes =
                    self.bytes.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
                if !self.encrypted && segment_start && is_encrypted(bytes) {
                    self.encrypted = true;
                    cx.counts.connections_encrypted += 1;
                }
                match self.judge(cx, side, bytes, segment_start) {
                    Judged::Decoder(decoder) => self.hand_over(cx, decoder, kind),
                    Judged::Hold => {
                        self.hold(cx, kind);
                        Found::Nothing
                    }
                    Judged::No if self.whole && self.bytes > cx.config.probe_bytes_max => {
                        Found::GivenUp
                    }
                    Judged::No => Found::Nothing,
                }
            }
            StreamEventKind::Gap { side, .. } => {
                let before = match self.side(side) {
                    Opening::Unseen | Opening::Held(_) => Before::Lost,
                    Opening::Midway(before) => *before,
                };
                *self.side(side) = Opening::Midway(before);
                self.whole = false;
                Found::Nothing
            }
            StreamEventKind::Fin { .. } | StreamEventKind::Close { .. } => Found::Nothing,
        }
    }

    /// Takes a PROXY header, where one may come.
    fn proxied(&mut self, cx: &mut Context<'_>, side: Side, bytes: &[u8]) -> Proxied {
        if self.prelude == Prelusive::No {
            return Proxied::No;
        }
        let all = match self.side(side) {
            Opening::Midway(_) => return Proxied::No,
            Opening::Unseen => Cow::Borrowed(bytes),
            Opening::Held(held) => Cow::Owned([held.bytes.as_slice(), bytes].concat()),
        };
        match proxy::read(&all) {
            Read::No => Proxied::No,
            Read::More => Proxied::Waits,
            Read::Whole(len, prelude) => {
                if self.prelude == Prelusive::Told {
                    cx.counts.proxy_headers += 1;
                    *cx.prelude = Some((side, Arc::new(prelude)));
                }
                self.prelude = Prelusive::No;
                *self.side(side) = Opening::Unseen;
                // What was held is all of the header: it was not whole before.
                Proxied::Behind { left: all.len().saturating_sub(len) }
            }
        }
    }

    fn judge(
        &mut self,
        cx: &mut Context<'_>,
        side: Side,
        bytes: &[u8],
        segment_start: bool,
    ) -> Judged {
        let before = self.sides.each_ref().map(|side| match side {
            Opening::Unseen | Opening::Held(_) => Before::Nothing,
            Opening::Midway(before) => *before,
        });
        let opening = self.side(side);
        let verdict = match opening {
            Opening::Midway(_) if segment_start => probe(bytes, true),
            Opening::Midway(_) => (Verdict::No, None),
            Opening::Unseen => probe(bytes, false),
            Opening::Held(held) => {
                let all = [held.bytes.as_slice(), bytes].concat();
                // Of a start line longer than this, what is there must tell by itself, as midway.
                probe(&all, all.len() > HELD_BYTES_MAX)
            }
        };
        match (verdict, &opening) {
            ((Verdict::Yes, Some(open)), _) => {
                Judged::Decoder(open(Join { before, whole: cx.connection.handshake }))
            }
            ((Verdict::More, _), Opening::Unseen | Opening::Held(_)) => Judged::Hold,
            _ => {
                if !matches!(opening, Opening::Midway(_)) {
                    *opening = Opening::Midway(Before::Unknown);
                }
                Judged::No
            }
        }
    }

    fn hold(&mut self, cx: &Context<'_>, kind: &StreamEventKind<'_>) {
        let StreamEventKind::Data { side, offset, acked, segment_start, bytes } = *kind else {
            return;
        };
        match self.side(side) {
            Opening::Held(held) => held.bytes.extend_from_slice(bytes),
            opening => {
                let bytes = Zeroizing::new(bytes.to_vec());
                let (time, ordinal) = (cx.time, cx.ordinal);
                *opening = Opening::Held(Box::new(Held {
                    bytes,
                    offset,
                    acked,
                    segment_start,
                    time,
                    ordinal,
                }));
            }
        }
    }

    /// Gives the decoder what was held of both sides, then the event that told.
    fn hand_over(
        &mut self,
        cx: &mut Context<'_>,
        mut decoder: Box<dyn Decode + Send>,
        kind: &StreamEventKind<'_>,
    ) -> Found {
        let (time, ordinal) = (cx.time, cx.ordinal);
        for side in [Side::A, Side::B] {
            if let Opening::Held(held) =
                std::mem::replace(self.side(side), Opening::Midway(Before::Unknown))
            {
                (cx.time, cx.ordinal) = (held.time, held.ordinal);
                let Held { offset, acked, segment_start, ref bytes, .. } = *held;
                // A line that is not whole ends no message, so the decoder stays.
                decoder.event(
                    cx,
                    &StreamEventKind::Data { side, offset, acked, segment_start, bytes },
                );
            }
        }
        (cx.time, cx.ordinal) = (time, ordinal);
        let next = decoder.event(cx, kind);
        Found::Protocol(decoder, next)
    }
}

/// What of an event belongs to a PROXY header.
enum Proxied {
    /// Nothing.
    No,
    /// All, and more is to come.
    Waits,
    /// All but the last `left` bytes.
    Behind { left: usize },
}

enum Judged {
    No,
    Hold,
    Decoder(Box<dyn Decode + Send>),
}

/// Whether a segment begins with an SSH identification (RFC 4253 §4.2).
fn is_encrypted(bytes: &[u8]) -> bool {
    bytes.starts_with(b"SSH-")
}

type Open = fn(Join) -> Box<dyn Decode + Send>;

/// The first protocol that says yes, else the first that wants more.
fn probe(bytes: &[u8], midway: bool) -> (Verdict, Option<Open>) {
    let mut best = (Verdict::No, None);
    for protocol in PROTOCOLS {
        match (protocol.probe)(bytes, midway) {
            Verdict::Yes => return (Verdict::Yes, Some(protocol.open)),
            Verdict::More if best.0 == Verdict::No => best = (Verdict::More, Some(protocol.open)),
            Verdict::More | Verdict::No => {}
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::decap::{Endpoint, Envelope};
    use crate::reassembly::{Connection, ConnectionId};

    /// Counts after the client's segments, of a connection joined midway or not.
    fn counts(handshake: bool, segments: &[&[u8]]) -> Counts {
        let end = |port| Endpoint { ip: Ipv4Addr::LOCALHOST.into(), port };
        let connection = Connection {
            ends: [end(40_000), end(443)],
            macs: [None, None],
            envelope: Envelope::EMPTY,
            interface: 0,
            start: Timestamp::ZERO,
            handshake,
            base_seq: [None, None],
            transport: Default::default(),
            security: Default::default(),
        };
        let mut http = Http::new(&Config::default());
        let mut offset = 0;
        for bytes in segments {
            let side = Side::A;
            let kind =
                StreamEventKind::Data { side, offset, acked: None, segment_start: true, bytes };
            let event = StreamEvent {
                id: ConnectionId { slot: 0 },
                connection: &connection,
                time: Timestamp::ZERO,
                ordinal: 0,
                kind,
            };
            http.push(&event, &mut |_| {});
            offset += u64::try_from(bytes.len()).unwrap();
        }
        http.counts().clone()
    }

    #[test]
    fn encrypted_connections_are_counted_once() {
        let hello = b"SSH-2.0-OpenSSH_9.2\r\n";
        assert_eq!(counts(true, &[hello, hello]).connections_encrypted, 1);
        for bytes in [b"GET / HTTP/1.1\r\n".as_slice(), b"*1\r\n"] {
            assert_eq!(counts(true, &[bytes]).connections_encrypted, 0, "{bytes:?}");
        }
    }
}
