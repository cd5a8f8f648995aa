//! Doors for fuzzing: raw octets as a body, and as a whole call. Nothing panics, and nothing that was read before changes
//! what leaves.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use super::body::{self, Source};
use super::judge::Judge;
use super::look::Seen;
use super::scan::Scan;
use super::{Config, Descriptors, Keys, Redactor, detect, words};
use crate::call::{Call, CallFacts, Contents, Message, MessageFacts, Pairing, Span};
use crate::decap::{Endpoint, Envelope};
use crate::http::{Completeness, Flags};
use crate::reassembly::Connection;
use crate::rung::Rung;
use crate::time::Timestamp;

/// A redactor that goes on from input to input, as a worker's does, and the keys of others to compare it with.
pub struct Bench {
    keys: Keys,
    warm: Redactor,
}

impl Bench {
    /// One that has read nothing yet; `None` when the system has no random numbers.
    #[must_use]
    pub fn new() -> Option<Self> {
        let keys = Keys::ephemeral().ok()?;
        let warm = Redactor::new(&keys, &Config::default());
        Some(Self { keys, warm })
    }

    /// Reads `input` as a body: its first line is the media type.
    ///
    /// # Panics
    ///
    /// When what was read before changes what leaves.
    pub fn body(&mut self, input: &[u8]) {
        let line = memchr::memchr(b'\n', input).unwrap_or(input.len());
        let (content_type, rest) = input.split_at_checked(line).unwrap_or((input, b""));
        let cut = input.len() % 2 == 1;
        let source = Source { encoding: b"gzip", cut, ..Source::whole(content_type, rest) };
        let read = |judge: &mut Judge| {
            judge.begin(Timestamp::default());
            let mut out = Vec::new();
            let body::Read { fields_total, format, malformed, shape, .. } =
                body::read(judge, &mut out, "request.body:", source);
            shape.write(&mut out);
            judge.finds.write(&mut out);
            (out, fields_total, format, malformed)
        };
        let told = read(&mut self.warm.judge);
        if Self::compares(input) {
            let mut judge = Judge::new(&self.keys, &Config::default());
            assert_eq!(told, read(&mut judge), "bodies before it change what leaves");
        }
    }

    /// Redacts a call of gRPC with `body` on both sides, whose messages `set` describes, if it is a descriptor set.
    pub fn described(&self, set: &[u8], target: &[u8], body: &[u8]) {
        let Ok(descriptors) = Descriptors::read(std::iter::once(set)) else { return };
        let fields = [(&b"content-type"[..], &b"application/grpc"[..])];
        let request = message(b"POST", target, &fields, body, 0);
        let response = message(b"", b"", &fields, body, 200);
        let call = call(Some(request), Some(response));
        let redactor = Redactor::new(&self.keys, &Config::default());
        let _parts = redactor.describing(Arc::new(descriptors)).redact(&call).into_parts();
    }

    /// Reads `input` as a GraphQL request, structure and literals.
    ///
    /// # Panics
    ///
    /// When what was read before changes what leaves.
    pub fn graphql(&mut self, input: &[u8]) {
        let fields = [(&b"content-type"[..], &b"application/graphql"[..])];
        let request = message(b"POST", b"/graphql", &fields, input, 0);
        self.call(input, &call(Some(request), None));
    }

    /// Redacts a call made of `input`: target, header fields and body in lines.
    ///
    /// # Panics
    ///
    /// When what was read before changes what leaves.
    pub fn redact(&mut self, input: &[u8]) {
        let mut lines = input.split(|&b| b == b'\n');
        let target = lines.next().unwrap_or_default();
        let fields = lines.next().unwrap_or_default().split(|&b| b == b'\r');
        let fields: Vec<_> = fields
            .map(|field| body::form::split(field))
            .map(|(n, v)| (n, v.unwrap_or_default()))
            .collect();
        let body = lines.next().unwrap_or_default();
        let request = message(b"POST", target, &fields, body, 0);
        let response = message(b"", b"", &fields, body, 200);
        self.call(input, &call(Some(request), Some(response)));
    }

    fn call(&mut self, input: &[u8], call: &Call) {
        let told = |redactor: &mut Redactor| {
            let parts = redactor.redact(call).into_parts();
            [parts.request, parts.response, Some(parts.rest)].map(|part| part.map(<[u8]>::to_vec))
        };
        let warm = told(&mut self.warm);
        if Self::compares(input) {
            let mut fresh = Redactor::new(&self.keys, &Config::default());
            assert_eq!(warm, told(&mut fresh), "calls before it change what leaves");
        }
    }

    /// Whether the input is one of those that are compared: a redactor of its own costs more than most calls.
    const fn compares(input: &[u8]) -> bool {
        input.len().is_multiple_of(4)
    }
}

/// Checks that what one look tells of a value is what its octets tell one by one.
///
/// # Panics
///
/// When it is not.
pub fn look(text: &[u8]) {
    let seen = Seen::of(text);
    assert_eq!((seen.date, seen.uuid), (words::date(text), words::uuid(text)));
    assert_eq!(seen.scan, Scan::of(text));
    detect::agree(text);
}

/// A call of these messages.
pub(crate) fn call(request: Option<Message>, response: Option<Message>) -> Call {
    Call { facts: facts(), request, response, session: None, socket: None }
}

/// A message of these parts.
pub(crate) fn message(
    method: &[u8],
    target: &[u8],
    fields: &[(&[u8], &[u8])],
    body: &[u8],
    status: u16,
) -> Message {
    let mut text = Vec::new();
    let mut span = |part: &[u8]| {
        let start = u32::try_from(text.len()).unwrap_or(u32::MAX);
        text.extend_from_slice(part);
        Span { start, len: u32::try_from(part.len()).unwrap_or(0) }
    };
    let (method, target) = (span(method), span(target));
    let fields = fields.iter().map(|(name, value)| (span(name), span(value))).collect();
    let bytes = u64::try_from(body.len()).unwrap_or(u64::MAX);
    let facts = MessageFacts {
        version: (1, 1),
        status,
        interim_count: 0,
        start_time: Timestamp::new(1_700_000_000, 0),
        end_time: Timestamp::new(1_700_000_000, 1),
        start_seq: 0,
        completeness: Completeness::Complete,
        wire_bytes: bytes,
        body_bytes: bytes,
        decoded_bytes: bytes,
        missing_bytes: 0,
        body_cut: false,
        messages: Default::default(),
        streaming: Default::default(),
        flags: Flags::default(),
        rung: Rung::Full,
    };
    Message::new(Contents {
        method,
        target,
        scheme: Span::default(),
        authority: Span::default(),
        fields,
        names: 0,
        media_type: None,
        trailers: Vec::new(),
        body: body.to_vec().into(),
        prelude: None,
        facts,
        said: text.len(),
        text: text.into(),
    })
}

/// Facts of a call between two local addresses.
pub(crate) fn facts() -> CallFacts {
    let end = |last, port| Endpoint { ip: IpAddr::V4(Ipv4Addr::new(192, 0, 2, last)), port };
    let ends = [end(1, 40000), end(2, 80)];
    CallFacts {
        connection: Connection {
            ends,
            macs: [None; 2],
            envelope: Envelope::EMPTY,
            interface: 0,
            start: Timestamp::ZERO,
            handshake: true,
            base_seq: [None; 2],
            transport: Default::default(),
            security: Default::default(),
        },
        client: ends[0],
        server: ends[1],
        client_mac: None,
        server_mac: None,
        pairing: Pairing::Order,
        ordinal: 0,
        stream: 0,
        unanswered: Default::default(),
    }
}
