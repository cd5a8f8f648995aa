//! For tests: connections of hand-made frames, through the whole stage.

use super::super::{Config, Counts, Flags, Http, HttpEvent, HttpEventKind, Role};
use super::frame::PREFACE;
use crate::decap::{Endpoint, Envelope};
use crate::reassembly::{
    CloseReason, Connection, ConnectionId, Side, StreamEvent, StreamEventKind,
};
use crate::time::Timestamp;

/// A frame.
pub(in crate::http) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let [_, a, b, c] = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let [d, e, f, g] = stream.to_be_bytes();
    [&[a, b, c, kind, flags, d, e, f, g], payload].concat()
}

pub(in crate::http) fn settings() -> Vec<u8> {
    frame(4, 0, 0, &[])
}

/// HEADERS with END_HEADERS; `end` for END_STREAM.
pub(in crate::http) fn headers(stream: u32, end: bool, block: &[u8]) -> Vec<u8> {
    frame(1, 4 | u8::from(end), stream, block)
}

pub(in crate::http) fn data(stream: u32, end: bool, payload: &[u8]) -> Vec<u8> {
    frame(0, u8::from(end), stream, payload)
}

/// A literal field; `add` for incremental indexing.
pub(in crate::http) fn literal(add: bool, name: &str, value: &str) -> Vec<u8> {
    let mut out = vec![if add { 0x40 } else { 0 }];
    for text in [name, value] {
        assert!(text.len() < 127);
        out.push(u8::try_from(text.len()).unwrap());
        out.extend_from_slice(text.as_bytes());
    }
    out
}

/// `GET path` over http, to host `a`.
pub(in crate::http) fn get(path: &str) -> Vec<u8> {
    [&[0x82, 0x86][..], &literal(false, ":path", path), &literal(false, ":authority", "a")].concat()
}

/// What is known of a connection under test.
pub(in crate::http) fn connection(handshake: bool) -> Connection {
    let end = |last, port| Endpoint { ip: [192, 0, 2, last].into(), port };
    Connection {
        ends: [end(1, 40_000), end(2, 80)],
        macs: [None, None],
        envelope: Envelope::EMPTY,
        interface: 0,
        start: Timestamp::ZERO,
        handshake,
        base_seq: [Some(1000), Some(5000)],
        transport: Default::default(),
        security: Default::default(),
    }
}

/// A connection under test.
pub(in crate::http) struct Run {
    pub(in crate::http) http: Http,
    pub(in crate::http) connection: Connection,
    offsets: [u64; 2],
    pub(in crate::http) log: Vec<String>,
    ordinal: u64,
}

impl Run {
    pub(in crate::http) fn new(handshake: bool) -> Self {
        Self::with(handshake, &Config::default())
    }

    pub(in crate::http) fn with(handshake: bool, config: &Config) -> Self {
        let connection = connection(handshake);
        Self { http: Http::new(config), connection, offsets: [0; 2], log: Vec::new(), ordinal: 0 }
    }

    /// A whole connection, up to the first request.
    pub(in crate::http) fn opened() -> Self {
        let mut run = Self::new(true);
        run.client(&[&PREFACE[..], &settings()].concat());
        run.server(&settings());
        run
    }

    pub(in crate::http) fn client(&mut self, bytes: &[u8]) {
        self.say(Side::A, bytes, true);
    }

    pub(in crate::http) fn server(&mut self, bytes: &[u8]) {
        self.say(Side::B, bytes, true);
    }

    pub(in crate::http) fn say(&mut self, side: Side, bytes: &[u8], segment_start: bool) {
        let (offset, acked) =
            (self.offsets[side.index()], Some(self.offsets[side.other().index()]));
        self.offsets[side.index()] += bytes.len() as u64;
        self.push(StreamEventKind::Data { side, offset, acked, segment_start, bytes });
    }

    pub(in crate::http) fn gap(&mut self, side: Side, len: u64) {
        let offset = self.offsets[side.index()];
        self.offsets[side.index()] += len;
        self.push(StreamEventKind::Gap { side, offset, len });
    }

    pub(in crate::http) fn push(&mut self, kind: StreamEventKind<'_>) {
        self.ordinal += 1;
        let (id, time) = (ConnectionId { slot: 0 }, Timestamp::from_nanos(self.ordinal));
        let event =
            StreamEvent { id, connection: &self.connection, time, ordinal: self.ordinal, kind };
        let log = &mut self.log;
        self.http.push(&event, &mut |event| log.extend(line(&event)));
    }

    pub(in crate::http) fn close(mut self) -> (Vec<String>, Counts) {
        self.push(StreamEventKind::Close { reason: CloseReason::Fin });
        assert_eq!((self.http.held_head_bytes(), self.http.held_table_bytes()), (0, 0));
        assert_eq!(self.http.held_socket_bytes(), 0);
        (self.log, self.http.counts().clone())
    }

    pub(in crate::http) fn log(self) -> Vec<String> {
        self.close().0
    }
}

fn text(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

fn names(flags: Flags) -> String {
    flags.names().map(|name| format!(" !{name}")).collect()
}

/// An event as tests compare it.
fn line(event: &HttpEvent<'_>) -> Option<String> {
    Some(match event.kind {
        HttpEventKind::Head(head) => {
            let fields: String = head
                .fields
                .iter()
                .map(|f| format!(" {}={}", text(f.name), text(f.value)))
                .collect();
            let line = match head.role {
                Role::Request => format!(
                    "{} {}://{}{}",
                    text(head.method),
                    text(head.scheme),
                    text(head.authority),
                    text(head.target)
                ),
                Role::Response => format!("{} +{}", head.status, head.interim),
            };
            format!("{} s{} {line}{fields}{}", head.message, head.stream, names(head.flags))
        }
        HttpEventKind::Body { message, bytes, .. } => format!("{message} body {}", text(bytes)),
        HttpEventKind::End { message, end, .. } => {
            let trailers: String = end
                .trailers
                .iter()
                .map(|f| format!(" {}={}", text(f.name), text(f.value)))
                .collect();
            format!(
                "{message} end {:?} {} -{}{trailers}{}",
                end.completeness,
                end.body_bytes,
                end.missing_bytes,
                names(end.flags)
            )
        }
        HttpEventKind::Progress { message, end } => format!("{message} at {}", end.body_bytes),
        HttpEventKind::Pair { request, response, .. } => format!("pair {request} {response}"),
        HttpEventKind::Settled { request, holds } => format!("settled {request} {holds}"),
        HttpEventKind::Alone { message, why } => {
            format!("alone {message}{}", names(why))
        }
        HttpEventKind::Trailing { message } => format!("trailing {message}"),
        HttpEventKind::Lost { .. } => "lost".to_owned(),
        HttpEventKind::Event { facts, bytes, .. } => {
            format!("event {} {:?} {}", facts.socket, facts.completeness, text(bytes))
        }
        HttpEventKind::SocketOpen { socket } => format!("socket {socket} open"),
        HttpEventKind::Socket { facts, bytes } => {
            let from = if facts.role == Role::Request { "client" } else { "server" };
            let whole = facts.completeness;
            format!("socket {} {from} {} {whole:?} {}", facts.socket, facts.opcode, text(bytes))
        }
        HttpEventKind::SocketEnd { socket } => format!("socket {socket} end"),
        HttpEventKind::Close { .. } => return None,
    })
}
