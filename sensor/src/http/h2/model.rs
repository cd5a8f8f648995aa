//! Loss, cuts and late starts on connections of an independent encoder: never a wrong field, body, status or pair.

use std::collections::BTreeMap;

use httlib_hpack::Encoder;
use proptest::prelude::*;

use super::super::{Completeness, Config, Counts, Http, HttpEvent, HttpEventKind, Role};
use super::frame::PREFACE;
use super::testing::{connection, data, frame, headers, settings};
use crate::reassembly::{CloseReason, ConnectionId, Side, StreamEvent, StreamEventKind};
use crate::time::Timestamp;

type Fields = Vec<(String, String)>;

/// A message as it was sent.
#[derive(Debug, Default, Clone)]
struct Sent {
    fields: Fields,
    trailers: Fields,
    body: Vec<u8>,
}

/// A connection: what is written, in which order, and what it means.
struct Script {
    writes: Vec<(Side, Vec<u8>)>,
    /// By stream: request and response.
    calls: BTreeMap<u64, [Sent; 2]>,
}

/// A small generator (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, below: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32;
        usize::try_from(number).unwrap() % below
    }
}

struct Writer {
    encoders: [Encoder<'static>; 2],
    random: Random,
}

impl Writer {
    fn block(&mut self, side: usize, fields: &Fields) -> Vec<u8> {
        let mut block = Vec::new();
        if self.random.below(20) == 0 {
            let size = [0, 200, 4096][self.random.below(3)];
            self.encoders[side].update_max_dynamic_size(size, &mut block).unwrap();
        }
        for (name, value) in fields {
            let field = (name.clone().into_bytes(), value.clone().into_bytes(), 0x17);
            self.encoders[side].encode(field, &mut block).unwrap();
        }
        block
    }

    /// HEADERS, perhaps with padding and CONTINUATION.
    fn head(&mut self, side: usize, stream: u32, end: bool, fields: &Fields) -> Vec<u8> {
        let block = self.block(side, fields);
        match self.random.below(6) {
            0 if block.len() > 2 => {
                let (first, rest) = block.split_at(block.len() / 2);
                [frame(1, u8::from(end), stream, first), frame(9, 4, stream, rest)].concat()
            }
            1 => {
                let padded = [&[3][..], &block, &[0; 3]].concat();
                frame(1, 4 | 8 | u8::from(end), stream, &padded)
            }
            _ => headers(stream, end, &block),
        }
    }

    /// The frames of a message, each a write of its own.
    fn message(&mut self, side: usize, stream: u32, sent: &Sent) -> Vec<Vec<u8>> {
        let (bodiless, trailers) = (sent.body.is_empty(), !sent.trailers.is_empty());
        let mut writes = vec![self.head(side, stream, bodiless && !trailers, &sent.fields)];
        let size = 1 + self.random.below(200);
        let pieces = sent.body.chunks(size).count();
        for (nth, piece) in sent.body.chunks(size).enumerate() {
            writes.push(data(stream, !trailers && nth + 1 == pieces, piece));
            if self.random.below(8) == 0 {
                writes.push(frame(8, 0, 0, &[0, 0, 1, 0]));
            }
        }
        if trailers {
            writes.push(self.head(side, stream, true, &sent.trailers));
        }
        writes
    }
}

fn text(name: &str, value: impl ToString) -> (String, String) {
    (name.to_owned(), value.to_string())
}

/// `count` calls, some at the same time.
fn script(count: u32, seed: u64) -> Script {
    let mut writer = Writer {
        encoders: [Encoder::with_dynamic_size(4096), Encoder::with_dynamic_size(4096)],
        random: Random(seed | 1),
    };
    let mut script = Script {
        writes: vec![(Side::A, [&PREFACE[..], &settings()].concat()), (Side::B, settings())],
        calls: BTreeMap::new(),
    };
    // Responses under way: what is left of each.
    let mut open: Vec<(u32, Vec<Vec<u8>>)> = Vec::new();
    for n in 0..count {
        let stream = 2 * n + 1;
        let [request, response] = call(&mut writer.random, n);
        for write in writer.message(0, stream, &request) {
            script.writes.push((Side::A, write));
        }
        // The table of the server changes in the order in which blocks are written: one response after the other,
        // unless it has no trailers.
        if response.trailers.is_empty() {
            let mut writes = writer.message(1, stream, &response);
            script.writes.push((Side::B, writes.remove(0)));
            open.push((stream, writes));
        } else {
            for write in writer.message(1, stream, &response) {
                script.writes.push((Side::B, write));
            }
        }
        script.calls.insert(stream.into(), [request, response]);
        while !open.is_empty() && (writer.random.below(4) > 0 || n + 1 == count) {
            let at = writer.random.below(open.len());
            if open[at].1.is_empty() {
                open.remove(at);
            } else {
                let write = open[at].1.remove(0);
                script.writes.push((Side::B, write));
            }
        }
    }
    script
}

fn call(random: &mut Random, n: u32) -> [Sent; 2] {
    let body = |random: &mut Random| {
        let len = if random.below(2) == 0 { 0 } else { random.below(900) };
        format!("{n}:").repeat(len / 2).into_bytes()
    };
    let mut request = Sent { body: body(random), ..Sent::default() };
    let method = if request.body.is_empty() { "GET" } else { "POST" };
    request.fields = vec![
        text(":method", method),
        text(":scheme", "http"),
        text(":path", format!("/call/{n}")),
        text(":authority", "shop.example"),
        text("x-call-id", n),
        text("user-agent", format!("agent {}", random.below(4))),
    ];
    let mut response = Sent { body: body(random), ..Sent::default() };
    response.fields = vec![text(":status", 200 + n), text("x-call-id", n), text("server", "nginx")];
    if random.below(2) == 0 {
        response.fields.push(text("content-length", response.body.len()));
    } else if random.below(2) == 0 {
        response.trailers = vec![text("grpc-status", n), text("x-sum", random.below(3))];
    }
    [request, response]
}

/// What was told of one message.
#[derive(Debug, Default)]
struct Told {
    stream: u64,
    role: Option<Role>,
    body: Vec<u8>,
    /// How it ended, and whether its body was handed on in part only.
    end: Option<(Completeness, bool)>,
    partner: Option<u64>,
}

/// Plays the segments that are left and checks all that is told; streams whose calls were told, and the counts.
fn play(
    script: &Script,
    size: usize,
    left: impl Fn(usize) -> bool,
    handshake: bool,
) -> (Vec<u64>, Counts) {
    let mut http = Http::new(&Config::default());
    let connection = connection(handshake);
    let mut told: BTreeMap<u64, Told> = BTreeMap::new();
    let mut push = |http: &mut Http, ordinal: u64, kind: StreamEventKind<'_>| {
        let (id, time) = (ConnectionId { slot: 0 }, Timestamp::from_nanos(ordinal));
        let event = StreamEvent { id, connection: &connection, time, ordinal, kind };
        http.push(&event, &mut |event| check(script, &mut told, &event));
    };
    let (mut sent, mut next, mut ordinal, mut nth) = ([0_u64; 2], [None; 2], 0, 0);
    for (side, write) in &script.writes {
        for bytes in write.chunks(size) {
            let at = side.index();
            let offset = sent[at];
            sent[at] += bytes.len() as u64;
            ordinal += 1;
            nth += 1;
            if !left(nth - 1) {
                continue;
            }
            let expected = *next[at].get_or_insert(if handshake { 0 } else { offset });
            if offset > expected {
                let gap =
                    StreamEventKind::Gap { side: *side, offset: expected, len: offset - expected };
                push(&mut http, ordinal, gap);
            }
            next[at] = Some(sent[at]);
            let acked = Some(sent[1 - at]);
            let kind =
                StreamEventKind::Data { side: *side, offset, acked, segment_start: true, bytes };
            push(&mut http, ordinal, kind);
        }
    }
    push(&mut http, ordinal, StreamEventKind::Close { reason: CloseReason::Fin });
    assert_eq!((http.held_head_bytes(), http.held_table_bytes()), (0, 0));
    let mut streams = Vec::new();
    for message in told.values() {
        let (completeness, cut) = message.end.expect("every message has an end");
        let sent =
            &script.calls[&message.stream][usize::from(message.role == Some(Role::Response))];
        // What follows a loss is not handed on, even if nothing of this body was lost.
        if completeness == Completeness::Complete && !cut {
            assert_eq!(message.body, sent.body, "stream {}", message.stream);
        }
        if let (Some(Role::Request), Some(partner)) = (message.role, message.partner) {
            assert_eq!(told[&partner].stream, message.stream, "a wrong pair");
            streams.push(message.stream);
        }
    }
    (streams, http.counts().clone())
}

/// That what an event tells was sent.
fn check(script: &Script, told: &mut BTreeMap<u64, Told>, event: &HttpEvent<'_>) {
    let owned = |fields: &[super::super::Field<'_>]| -> Fields {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        fields.iter().map(|f| (text(f.name), text(f.value))).collect()
    };
    let part = |told: Fields, sent: &Fields| {
        let mut rest = sent.iter();
        for field in &told {
            assert!(rest.any(|other| other == field), "{told:?} is no part of {sent:?}");
        }
    };
    match event.kind {
        HttpEventKind::Head(head) => {
            assert_eq!(event.client, 0);
            let twice = told.values().any(|t| t.stream == head.stream && t.role == Some(head.role));
            assert!(!twice, "stream {} is told twice", head.stream);
            let sent = &script.calls[&head.stream][usize::from(head.role == Role::Response)];
            let mut fields = Vec::new();
            let status = head.status.to_string();
            let pseudo = [
                (":status", if head.status == 0 { &b""[..] } else { status.as_bytes() }),
                (":method", head.method),
                (":scheme", head.scheme),
                (":path", head.target),
                (":authority", head.authority),
            ];
            for (name, value) in pseudo.into_iter().filter(|(_, value)| !value.is_empty()) {
                fields.push(text(name, String::from_utf8_lossy(value)));
            }
            fields.extend(owned(&head.fields.iter().collect::<Vec<_>>()));
            part(fields, &sent.fields);
            let (stream, role) = (head.stream, Some(head.role));
            told.insert(head.message, Told { stream, role, ..Told::default() });
        }
        HttpEventKind::Body { message, role, bytes } => {
            let told = told.get_mut(&message).unwrap();
            told.body.extend_from_slice(bytes);
            let sent = &script.calls[&told.stream][usize::from(role == Role::Response)];
            assert!(sent.body.starts_with(&told.body), "a body that was not sent");
        }
        HttpEventKind::End { message, role, end } => {
            let told = told.get_mut(&message).unwrap();
            assert!(told.end.is_none());
            told.end = Some((end.completeness, end.body_cut));
            let sent = &script.calls[&told.stream][usize::from(role == Role::Response)];
            part(owned(end.trailers), &sent.trailers);
        }
        HttpEventKind::Pair { request, response, .. } => {
            told.get_mut(&request).unwrap().partner = Some(response);
            told.get_mut(&response).unwrap().partner = Some(request);
        }
        HttpEventKind::Alone { message, .. } => {
            assert!(told[&message].partner.is_none(), "alone and paired");
        }
        HttpEventKind::Settled { .. }
        | HttpEventKind::Trailing { .. }
        | HttpEventKind::Lost { .. }
        | HttpEventKind::SocketOpen { .. }
        | HttpEventKind::Socket { .. }
        | HttpEventKind::Event { .. }
        | HttpEventKind::Progress { .. }
        | HttpEventKind::SocketEnd { .. }
        | HttpEventKind::Close { .. } => {}
    }
}

#[test]
fn one_lost_segment_costs_its_call_and_the_next() {
    let script = script(12, 7);
    let segments = script.writes.iter().map(|(_, write)| write.chunks(300).count()).sum::<usize>();
    for lost in 0..segments {
        let (streams, _) = play(&script, 300, |n| n != lost, true);
        assert!(streams.len() >= 10, "{} of 12 calls without segment {lost}", streams.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn whole_connections_are_told_whole(count in 1..20_u32, seed: u64, size in 1..400_usize) {
        let script = script(count, seed);
        let (streams, counts) = play(&script, size, |_| true, true);
        prop_assert_eq!(streams.len(), count as usize);
        prop_assert_eq!(counts.messages_complete, 2 * u64::from(count));
        prop_assert_eq!(counts.hpack_unknown + counts.frames_bad + counts.lost, 0);
    }

    #[test]
    fn loss_and_late_starts_tell_nothing_wrong(
        count in 1..30_u32,
        seed: u64,
        size in 10..400_usize,
        lost in prop::collection::vec(0..10_u8, 1000),
        start in 0..60_usize,
    ) {
        let script = script(count, seed);
        play(&script, size, |n| n >= start && lost.get(n).is_none_or(|&lost| lost > 0), start == 0);
        play(&script, size, |n| n >= start, start == 0);
    }
}
