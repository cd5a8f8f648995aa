//! A connection for tests: what two ends say, cut into segments, some of them lost.

use super::{Config, Session, Tls, TlsEvent};
use crate::decap::{Endpoint, Envelope};
use crate::reassembly::{
    CloseReason, Connection, ConnectionId, Side, StreamEvent, StreamEventKind,
};
use crate::time::Timestamp;

/// An extension: number and content.
pub(super) type Extension = (u16, Vec<u8>);

fn vec8(bytes: &[u8]) -> Vec<u8> {
    [&[u8::try_from(bytes.len()).unwrap()], bytes].concat()
}

fn vec16(bytes: &[u8]) -> Vec<u8> {
    [&u16::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}

fn vec24(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap().to_be_bytes()[1..], bytes].concat()
}

pub(super) fn server_name(name: &str) -> Extension {
    (0, vec16(&[&[0][..], &vec16(name.as_bytes())].concat()))
}

pub(super) fn alpn(names: &[&str]) -> Extension {
    let names: Vec<u8> = names.iter().flat_map(|name| vec8(name.as_bytes())).collect();
    (16, vec16(&names))
}

/// A handshake message.
pub(super) fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &vec24(body)].concat()
}

/// A record.
pub(super) fn record(kind: u8, fragment: &[u8]) -> Vec<u8> {
    [&[kind, 3, 3][..], &vec16(fragment)].concat()
}

fn extensions(list: &[Extension]) -> Vec<u8> {
    let list: Vec<u8> = list
        .iter()
        .flat_map(|(kind, content)| [&kind.to_be_bytes()[..], &vec16(content)].concat())
        .collect();
    vec16(&list)
}

/// A `ClientHello` message.
pub(super) fn client_hello(session_id: &[u8], list: &[Extension]) -> Vec<u8> {
    let ciphers = vec16(&[0x0a, 0x0a, 0x13, 0x01, 0xc0, 0x2f]);
    let parts = [&[3, 3][..], &[7; 32], &vec8(session_id), &ciphers, &[1, 0], &extensions(list)];
    message(1, &parts.concat())
}

/// A `ServerHello` message.
pub(super) fn server_hello(cipher: u16, session_id: &[u8], list: &[Extension]) -> Vec<u8> {
    let cipher = cipher.to_be_bytes();
    let parts = [&[3, 3][..], &[8; 32], &vec8(session_id), &cipher, &[0], &extensions(list)];
    message(2, &parts.concat())
}

/// A `Certificate` message.
pub(super) fn certificates(list: &[&[u8]]) -> Vec<u8> {
    let list: Vec<u8> = list.iter().flat_map(|der| vec24(der)).collect();
    message(11, &vec24(&list))
}

/// What the stage made of a connection.
#[derive(Default)]
pub(super) struct Run {
    pub(super) tls: Option<Tls>,
    pub(super) sessions: Vec<Session>,
    /// Bytes of each side that went on to `http`.
    pub(super) clear: [Vec<u8>; 2],
    pub(super) closes: usize,
    pub(super) offsets: [u64; 2],
    pub(super) time: u64,
    pub(super) midway: bool,
}

impl Run {
    pub(super) fn new() -> Self {
        Self { tls: Some(Tls::new(&Config { ja4s: true, ..Config::default() })), ..Self::default() }
    }

    fn event(&mut self, kind: StreamEventKind<'_>) {
        self.time += 1;
        let end = |port| Endpoint { ip: [10, 0, 0, 1].into(), port };
        let connection = Connection {
            ends: [end(40_000), end(443)],
            macs: [None, None],
            envelope: Envelope::EMPTY,
            interface: 0,
            start: Timestamp::ZERO,
            handshake: !self.midway,
            base_seq: [Some(1), Some(1)],
            transport: Default::default(),
            security: Default::default(),
        };
        let event = StreamEvent {
            id: ConnectionId { slot: 0 },
            connection: &connection,
            time: Timestamp::new(self.time, 0),
            ordinal: self.time,
            kind,
        };
        let mut tls = self.tls.take().unwrap();
        tls.push(&event, &mut |event| match event {
            TlsEvent::Session(session) => self.sessions.push(*session),
            TlsEvent::Clear(event) => match event.kind {
                StreamEventKind::Data { side, bytes, .. } => {
                    self.clear[side.index()].extend_from_slice(bytes)
                }
                StreamEventKind::Close { .. } => self.closes += 1,
                StreamEventKind::Gap { .. } | StreamEventKind::Fin { .. } => {}
            },
        });
        self.tls = Some(tls);
    }

    /// One side says something, in one segment.
    pub(super) fn say(&mut self, side: Side, bytes: &[u8]) -> &mut Self {
        let offset = self.offsets[side.index()];
        self.offsets[side.index()] += bytes.len() as u64;
        self.event(StreamEventKind::Data { side, offset, acked: None, segment_start: true, bytes });
        self
    }

    pub(super) fn lose(&mut self, side: Side, len: u64) -> &mut Self {
        let offset = self.offsets[side.index()];
        self.offsets[side.index()] += len;
        self.event(StreamEventKind::Gap { side, offset, len });
        self
    }

    /// Lets time pass, and ends the connection.
    pub(super) fn close(mut self) -> Self {
        self.event(StreamEventKind::Close { reason: CloseReason::Fin });
        assert_eq!((self.closes, self.tls.as_ref().unwrap().held_bytes()), (1, 0));
        self
    }

    pub(super) fn expire(&mut self, seconds: u64) {
        self.time = seconds;
        let mut tls = self.tls.take().unwrap();
        tls.expire(Timestamp::new(seconds, 0), 0, &mut |event| match event {
            TlsEvent::Session(session) => self.sessions.push(*session),
            TlsEvent::Clear(_) => {}
        });
        self.tls = Some(tls);
    }
}
