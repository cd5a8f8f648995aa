//! A connection for tests: who says what, cut into segments, some of them lost.

use super::{Config, Http, HttpEvent};
use crate::call::{Call, Calls, Message, Pairing};
use crate::decap::{Endpoint, Envelope};
use crate::reassembly::{
    CloseReason, Connection, ConnectionId, Side, StreamEvent, StreamEventKind,
};
use crate::time::Timestamp;

/// One segment, as a capture would hold it.
#[derive(Clone)]
pub(crate) struct Segment {
    pub(crate) side: Side,
    pub(crate) offset: u64,
    pub(crate) acked: u64,
    pub(crate) bytes: Vec<u8>,
    pub(crate) time: u64,
    pub(crate) lost: bool,
}

/// What two ends say to each other, in turns.
#[derive(Default)]
pub(crate) struct Script {
    pub(crate) segments: Vec<Segment>,
    sent: [u64; 2],
    time: u64,
}

impl Script {
    /// The client (side A) says something, in segments of at most `size` bytes.
    pub(crate) fn client(&mut self, bytes: &[u8], size: usize) -> &mut Self {
        self.say(Side::A, bytes, size)
    }

    /// The server (side B) says something.
    pub(crate) fn server(&mut self, bytes: &[u8], size: usize) -> &mut Self {
        self.say(Side::B, bytes, size)
    }

    fn say(&mut self, side: Side, bytes: &[u8], size: usize) -> &mut Self {
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
    pub(crate) fn turns(turns: &[(&[u8], &[u8])]) -> Self {
        let mut script = Self::default();
        for (request, response) in turns {
            script.client(request, 1 << 20).server(response, 1 << 20);
        }
        script
    }
}

/// A call, as tests compare it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) request: Option<Said>,
    pub(crate) response: Option<Said>,
    pub(crate) pairing: Pairing,
}

/// A message, as tests compare it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) line: String,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) trailers: Vec<(String, String)>,
    pub(crate) body: String,
    pub(crate) facts: String,
    pub(crate) flags: Vec<&'static str>,
}

impl Seen {
    fn of(call: &Call) -> Self {
        let said = |message: &Option<Message>| message.as_ref().map(Said::of);
        Self {
            request: said(&call.request),
            response: said(&call.response),
            pairing: call.facts.pairing,
        }
    }

    /// "GET /a -> 200 Order", for short comparisons.
    pub(crate) fn short(&self) -> String {
        let line =
            |said: &Option<Said>| said.as_ref().map_or("-".to_owned(), |said| said.line.clone());
        format!("{} > {} {:?}", line(&self.request), line(&self.response), self.pairing)
    }
}

impl Said {
    fn of(message: &Message) -> Self {
        let text = |bytes: &[u8]| bytes.escape_ascii().to_string();
        let facts = &message.facts;
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
        }
    }
}

/// How a script is run.
pub(crate) struct Run {
    pub(crate) http: Config,
    pub(crate) handshake: bool,
    pub(crate) close: CloseReason,
    /// Sides that send a FIN before the close.
    pub(crate) fin: Vec<Side>,
}

impl Default for Run {
    fn default() -> Self {
        Self {
            http: Config::default(),
            handshake: true,
            close: CloseReason::Fin,
            fin: vec![Side::A, Side::B],
        }
    }
}

impl Run {
    /// Plays segments in their order; lost ones become gaps when their side goes on, as reassembly would tell.
    pub(crate) fn play(&self, segments: &[Segment]) -> (Vec<Seen>, super::Counts) {
        let (mut http, mut calls) =
            (Http::new(&self.http), Calls::new(&crate::call::Config::default()));
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
            let at = side.index();
            time = segment.time;
            if segment.offset < next[at] {
                continue;
            }
            if segment.offset > next[at] {
                let (offset, len) = (next[at] - base[at], segment.offset - next[at]);
                push(StreamEventKind::Gap { side, offset, len }, time);
            }
            let offset = segment.offset - base[at];
            let acked = Some(segment.acked.saturating_sub(base[side.other().index()]));
            push(
                StreamEventKind::Data {
                    side,
                    offset,
                    acked,
                    segment_start: true,
                    bytes: &segment.bytes,
                },
                time,
            );
            next[at] = segment.offset + segment.bytes.len() as u64;
        }
        for &side in &self.fin {
            push(StreamEventKind::Fin { side }, time);
        }
        push(StreamEventKind::Close { reason: self.close }, time);
        assert_eq!(calls.held_bytes(), 0);
        assert_eq!(http.held_head_bytes(), 0);
        (seen, http.counts().clone())
    }

    fn connection(&self) -> Connection {
        let end = |last, port| Endpoint { ip: [192, 0, 2, last].into(), port };
        Connection {
            ends: [end(1, 40_000), end(2, 80)],
            macs: [None, None],
            envelope: Envelope::EMPTY,
            interface: 0,
            start: Timestamp::ZERO,
            handshake: self.handshake,
            base_seq: [Some(1000), Some(5000)],
        }
    }
}

/// Short forms of the calls of turns on a whole connection.
pub(crate) fn short(turns: &[(&[u8], &[u8])]) -> Vec<String> {
    Run::default().play(&Script::turns(turns).segments).0.iter().map(Seen::short).collect()
}

/// The calls of turns on a whole connection.
pub(crate) fn calls(turns: &[(&[u8], &[u8])]) -> Vec<Seen> {
    Run::default().play(&Script::turns(turns).segments).0
}
