//! Doors for fuzzing: raw octets as a body, and as a whole call. They check that nothing panics.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use super::body::{self, Source};
use super::judge::Judge;
use super::{Config, Descriptors, Keys, Redactor};
use crate::call::{Call, CallFacts, Contents, Message, MessageFacts, Pairing, Span};
use crate::decap::{Endpoint, Envelope};
use crate::http::{Completeness, Flags};
use crate::reassembly::Connection;
use crate::rung::Rung;
use crate::time::Timestamp;

/// Reads `input` as a body: its first line is the media type.
pub fn body(input: &[u8]) {
    let Ok(keys) = Keys::ephemeral() else { return };
    let mut judge = Judge::new(&keys, &Config::default());
    let line = memchr::memchr(b'\n', input).unwrap_or(input.len());
    let (content_type, rest) = input.split_at_checked(line).unwrap_or((input, b""));
    let cut = input.len() % 2 == 1;
    let mut out = Vec::new();
    let source = Source { encoding: b"gzip", cut, ..Source::whole(content_type, rest) };
    let _read = body::read(&mut judge, &mut out, "request.body:", source);
}

/// Redacts a call of gRPC with `body` on both sides, whose messages `set` describes, if it is a descriptor set.
pub fn described(set: &[u8], target: &[u8], body: &[u8]) {
    let Ok(descriptors) = Descriptors::read(std::iter::once(set)) else { return };
    let fields = [(&b"content-type"[..], &b"application/grpc"[..])];
    let request = message(b"POST", target, &fields, body, 0);
    let response = message(b"", b"", &fields, body, 200);
    let call = call(Some(request), Some(response));
    let Ok(keys) = Keys::ephemeral() else { return };
    let redactor = Redactor::new(&keys, &Config::default());
    let _parts = redactor.describing(Arc::new(descriptors)).redact(&call).into_parts();
}

/// Reads `input` as a GraphQL request, structure and literals.
pub fn graphql(input: &[u8]) {
    let request =
        message(b"POST", b"/graphql", &[(b"content-type", b"application/graphql")], input, 0);
    let call = call(Some(request), None);
    let Ok(keys) = Keys::ephemeral() else { return };
    let _parts = Redactor::new(&keys, &Config::default()).redact(&call).into_parts();
}

/// Redacts a call made of `input`: target, header fields and body in lines.
pub fn redact(input: &[u8]) {
    let Ok(keys) = Keys::ephemeral() else { return };
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
    let call = call(Some(request), Some(response));
    let _parts = Redactor::new(&keys, &Config::default()).redact(&call).into_parts();
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
    }
}
