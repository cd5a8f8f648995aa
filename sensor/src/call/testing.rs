//! A connection for tests: who says what, cut into segments, some of them lost.

use super::{Call, Calls, Message, Pairing, SocketMessage};
use crate::decap::{Endpoint, Envelope};
use crate::http::{Config, Counts, Http, HttpEvent, Role};
use crate::reassembly::{
    CloseReason, Connection, ConnectionId, Side, StreamEvent, StreamEventKind,
};
use crate::rung::Rung;
use crate::time::Timestamp;

/// One segment, as a capture would hold it.
#[derive(Clone)]
pub(super) struct Segment {
    pub(super) side: Side,
    pub(super) offset: u64,
    pub(super) acked: u64,
    pub(super) bytes: Vec<u8>,
    pub(super) time: u64,
    pub(super) lost: bool,
}

/// What two ends say to each other, in turns.
#[derive(Default)]
pub(super) struct Script {
    pub(super) segments: Vec<Segment>,
    sent: [u64; 2],
    time: u64,
}

impl Script {
    /// The client (side A) says something, in segments of at most `size` bytes.
    pub(super) fn client(&mut self, bytes: &[u8], size: usize) -> &mut Self {
        self.say(Side::A, bytes, size)
    }

    /// The server (side B) says something.
    pub(super) fn server(&mut self, bytes: &[u8], size: usize) -> &mut Self {
        self.say(Side::B, bytes, size)
    }

    pub(super) fn say(&mut self, side: Side, bytes: &[u8], size: usize) -> &mut Self {
        for bytes in bytes.chunks(size.max(1)) {
            self.time += 1000;
            let offset = self.sent[side.index()];
            let acked = self.sent[side.other().index()];
            self.segments.push(Segment {
                side,
                offset,
                acked,
                bytes: bytes.to_vec(),
                time: self.time,
                lost: false,
            });
            self.sent[side.index()] += bytes.len() as u64;
        }
        self
    }

    /// Turns of client and server, each in one segment.
    pub(super) fn turns(turns: &[(&[u8], &[u8])]) -> Self {
        let mut script = Self::default();
        for (request, response) in turns {
            script.client(request, 1 << 20).server(response, 1 << 20);
        }
        script
    }
}

/// A call, as tests compare it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) request: Option<Said>,
    pub(super) response: Option<Said>,
    pub(super) pairing: Pairing,
    /// Why there is no response.
    pub(super) unanswered: Vec<&'static str>,
    /// A WebSocket message: whose handshake, who, what.
    pub(super) socket: Option<String>,
}

/// A message, as tests compare it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) line: String,
    pub(super) fields: Vec<(String, String)>,
    pub(super) trailers: Vec<(String, String)>,
    pub(super) body: String,
    pub(super) facts: String,
    pub(super) flags: Vec<&'static str>,
    pub(super) rung: Rung,
}

impl Seen {
    pub(super) fn of(call: &Call) -> Self {
        let said = |message: &Option<Message>| message.as_ref().map(Said::of);
        Self {
            request: said(&call.request),
            response: said(&call.response),
            pairing: call.facts.pairing,
            unanswered: call.facts.unanswered.names().collect(),
            socket: call.socket.as_deref().map(socket),
        }
    }

    /// "GET /a -> 200 Order", for short comparisons.
    pub(super) fn short(&self) -> String {
        let line =
            |said: &Option<Said>| said.as_ref().map_or("-".to_owned(), |said| said.line.clone());
        if let Some(socket) = &self.socket {
            return socket.clone();
        }
        format!("{} > {} {:?}", line(&self.request), line(&self.response), self.pairing)
    }
}

fn socket(socket: &SocketMessage) -> String {
    let text = |bytes: &[u8]| bytes.escape_ascii().to_string();
    let asked = socket.handshake.as_ref().and_then(|handshake| handshake.request.as_ref());
    let asked = asked.map_or("-".to_owned(), |request| text(request.target()));
    let arrow = if socket.facts.role == Role::Request { ">" } else { "<" };
    let facts = &socket.facts;
    format!("{asked} {arrow} {} {} {:?}", facts.opcode, text(socket.payload()), facts.completeness)
}

impl Said {
    fn of(message: &Message) -> Self {
        let text = |bytes: &[u8]| bytes.escape_ascii().to_string();
        let facts = &message.facts;
        assert!(facts.start_time <= facts.end_time, "it ends before it begins");
        let line = if facts.status == 0 {
            format!("{} {}", text(message.method()), text(message.target()))
        } else {
            facts.status.to_string()
        };
        Self {
            line,
            fields: message.fields().map(|(n, v)| (text(n), text(v))).collect(),
            trailers: message.trailers().map(|(n, v)| (text(n), text(v))).collect(),
            body: text(message.body()),
            facts: format!(
                "{:?} wire {} body {} decoded {} missing {} cut {} interim {} seq {}",
                facts.completeness,
                facts.wire_bytes,
                facts.body_bytes,
                facts.decoded_bytes,
                facts.missing_bytes,
                facts.body_cut,
                facts.interim_count,
                facts.start_seq
            ),
            flags: facts.flags.names().collect(),
            rung: facts.rung,
        }
    }
}

/// How a script is run.
pub(super) struct Run {
    pub(super) http: Config,
    pub(super) handshake: bool,
    pub(super) close: CloseReason,
    /// Sides that send a FIN before the close.
    pub(super) fin: Vec<Side>,
    /// Whether a gap is told as soon as the peer acknowledges it, rather than when its side goes on.
    pub(super) eager: bool,
    /// The overload ladder throughout.
    pub(super) rung: Rung,
}

impl Default for Run {
    fn default() -> Self {
        Self {
            http: Config::default(),
            handshake: true,
            close: CloseReason::Fin,
            fin: vec![Side::A, Side::B],
            eager: false,
            rung: Rung::Full,
        }
    }
}

impl Run {
    /// Plays segments in their order; lost ones become gaps when their side goes on, as reassembly would tell.
    pub(super) fn play(&self, segments: &[Segment]) -> (Vec<Seen>, Counts) {
        let (mut http, mut calls) = (Http::new(&self.http), Calls::new(&super::Config::default()));
        http.set_rung(self.rung);
        calls.set_rung(self.rung);
        let mut seen = Vec::new();
        let connection = self.connection();
        let first =
            |side| segments.iter().find(|s| s.side == side && !s.lost).map_or(0, |s| s.offset);
        let acked = |side: Side| {
            segments.iter().find(|s| s.side == side.other() && !s.lost).map(|s| s.acked)
        };
        let base = [Side::A, Side::B].map(|side| match self.handshake {
            true => 0,
            false => acked(side).unwrap_or(u64::MAX).min(first(side)),
        });
        let mut next = base;
        let mut ordinal = 0;
        let mut time = 0;
        let mut push = |kind: StreamEventKind<'_>, time: u64| {
            ordinal += 1;
            let id = ConnectionId { slot: 3 };
            let time = Timestamp::from_nanos(time);
            http.push(
                &StreamEvent { id, connection: &connection, time, ordinal, kind },
                &mut |event: HttpEvent<'_>| {
                    calls.push(&event, &mut |call| seen.push(Seen::of(&call)));
                },
            );
        };
        for segment in segments.iter().filter(|segment| !segment.lost) {
            let side = segment.side;
            time = segment.time;
            if segment.offset < next[side.index()] {
                continue;
            }
            let mut gaps = vec![(side, segment.offset)];
            if self.eager {
                gaps.push((side.other(), segment.acked));
            }
            for (side, upto) in gaps {
                let at = side.index();
                if upto > next[at] {
                    let (offset, len) = (next[at] - base[at], upto - next[at]);
                    push(StreamEventKind::Gap { side, offset, len }, time);
                    next[at] = upto;
                }
            }
            let at = side.index();
            let offset = segment.offset - base[at];
            let acked = Some(segment.acked.saturating_sub(base[side.other().index()]));
            let bytes = segment.bytes.as_slice();
            push(StreamEventKind::Data { side, offset, acked, segment_start: true, bytes }, time);
            next[at] = segment.offset + segment.bytes.len() as u64;
        }
        for &side in &self.fin {
            // The FIN's sequence number tells of what is missing before it.
            let end = segments
                .iter()
                .filter(|s| s.side == side)
                .map(|s| s.offset + s.bytes.len() as u64)
                .max();
            let at = side.index();
            if let Some(len) = end.and_then(|end| end.checked_sub(next[at])).filter(|&len| len > 0)
            {
                push(StreamEventKind::Gap { side, offset: next[at] - base[at], len }, time);
            }
            push(StreamEventKind::Fin { side }, time);
        }
        push(StreamEventKind::Close { reason: self.close }, time);
        assert_eq!(calls.held_bytes(), 0);
        assert_eq!((http.held_head_bytes(), http.held_socket_bytes()), (0, 0));
        (seen, http.counts().clone())
    }

    pub(super) fn connection(&self) -> Connection {
        let end = |last, port| Endpoint { ip: [192, 0, 2, last].into(), port };
        Connection {
            ends: [end(1, 40_000), end(2, 80)],
            macs: [None, None],
            envelope: Envelope::EMPTY,
            interface: 0,
            start: Timestamp::ZERO,
            handshake: self.handshake,
            base_seq: [Some(1000), Some(5000)],
            transport: Default::default(),
            security: Default::default(),
        }
    }
}

/// Short forms of the calls of turns on a whole connection.
pub(super) fn short(turns: &[(&[u8], &[u8])]) -> Vec<String> {
    Run::default().play(&Script::turns(turns).segments).0.iter().map(Seen::short).collect()
}

/// The calls of turns on a whole connection.
pub(super) fn calls(turns: &[(&[u8], &[u8])]) -> Vec<Seen> {
    Run::default().play(&Script::turns(turns).segments).0
}
