//! Plays a connection to the HTTP stage, and holds what it tells against what was sent.

use std::collections::BTreeMap;

use apitap::decap::{Endpoint, Envelope};
use apitap::http::{
    Completeness, Config, Field, Flags, Head, Http, HttpEvent, HttpEventKind, MessageEnd, Role,
};
use apitap::reassembly::{
    CloseReason, Connection, ConnectionId, Side, StreamEvent, StreamEventKind,
};
use apitap::time::Timestamp;
use apitap_tests::simulate::Random;

use crate::talk::{self, Talk};

/// From where on a connection is seen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    Whole,
    /// From behind so many octets of both sides.
    Midway(u64),
}

/// How much was told.
#[derive(Default)]
pub(crate) struct Told {
    /// Messages of which every field is told.
    pub(crate) whole: usize,
    /// Messages that say that fields are missing.
    pub(crate) partial: usize,
    pub(crate) pairs: usize,
}

/// A message that is being told.
#[derive(Default)]
struct Message {
    stream: u64,
    role: Option<Role>,
    body: Vec<u8>,
}

struct Check<'t> {
    talk: &'t Talk,
    whole: bool,
    told: Told,
    messages: BTreeMap<u64, Message>,
}

/// Plays it in pieces of random sizes.
pub(crate) fn play(talk: &Talk, seed: u64, start: Start) -> Told {
    let config = Config {
        fields_max: 10_000,
        head_bytes_max: 4 << 20,
        http2_block_bytes_max: 4 << 20,
        ..Config::default()
    };
    let mut http = Http::new(&config);
    let mut random = Random::new(seed ^ 0x5eed);
    let whole = start == Start::Whole;
    let connection = connection(whole);
    let mut check = Check { talk, whole, told: Told::default(), messages: BTreeMap::new() };
    let (mut offsets, mut ordinal, mut skip) = (
        [0_u64; 2],
        0,
        match start {
            Start::Whole => 0,
            Start::Midway(skip) => skip,
        },
    );
    let mut push = |http: &mut Http, ordinal: u64, kind: StreamEventKind<'_>| {
        let (id, time) = (ConnectionId { slot: 0 }, Timestamp::from_nanos(ordinal));
        let event = StreamEvent { id, connection: &connection, time, ordinal, kind };
        http.push(&event, &mut |event| check.event(&event));
    };
    for (side, write) in &talk.writes {
        let mut rest = write.as_slice();
        while !rest.is_empty() {
            let size = usize::try_from(1 + random.below(1400)).unwrap().min(rest.len());
            let (mut bytes, after) = rest.split_at(size);
            rest = after;
            let mut offset = offsets[side.index()];
            offsets[side.index()] += bytes.len() as u64;
            // In the middle of a segment: captures begin with whole ones, but frames end anywhere.
            let skipped = skip.min(bytes.len() as u64);
            skip -= skipped;
            bytes = &bytes[usize::try_from(skipped).unwrap()..];
            offset += skipped;
            if bytes.is_empty() {
                continue;
            }
            ordinal += 1;
            let acked = Some(offsets[side.other().index()]);
            let segment_start = true;
            let side = *side;
            push(
                &mut http,
                ordinal,
                StreamEventKind::Data { side, offset, acked, segment_start, bytes },
            );
        }
    }
    push(&mut http, ordinal, StreamEventKind::Close { reason: CloseReason::Fin });
    assert_eq!((http.held_head_bytes(), http.held_table_bytes()), (0, 0));
    if whole {
        let counts = http.counts();
        let bad = (counts.hpack_unknown, counts.hpack_blocks_lost, counts.frames_bad, counts.lost);
        assert_eq!(bad, (0, 0, 0, 0));
    }
    check.told
}

fn connection(handshake: bool) -> Connection {
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

impl Check<'_> {
    fn event(&mut self, event: &HttpEvent<'_>) {
        match event.kind {
            HttpEventKind::Head(head) => {
                assert_eq!(event.client, Side::A.index());
                self.head(head);
            }
            HttpEventKind::Body { message, role, bytes } => {
                let told = self.messages.get_mut(&message).expect("a head came first");
                told.body.extend_from_slice(bytes);
                let sent = &self.talk.calls[&told.stream][index(role)];
                assert!(sent.body.starts_with(&told.body), "a body that was not sent");
            }
            HttpEventKind::End { message, role, end } => self.end(message, role, end),
            HttpEventKind::Pair { request, response, .. } => {
                let stream = |message| self.messages[&message].stream;
                assert_eq!(stream(request), stream(response), "a wrong pair");
                self.told.pairs += 1;
            }
            HttpEventKind::Alone { .. } => assert!(!self.whole, "a message is alone"),
            HttpEventKind::Lost { .. } => assert!(!self.whole, "something is lost"),
            HttpEventKind::Settled { .. }
            | HttpEventKind::Trailing { .. }
            | HttpEventKind::SocketOpen { .. }
            | HttpEventKind::Socket { .. }
            | HttpEventKind::SocketEnd { .. }
            | HttpEventKind::Event { .. }
            | HttpEventKind::Progress { .. }
            | HttpEventKind::Close { .. } => {}
        }
    }

    fn head(&mut self, head: &Head<'_>) {
        let sent = &self.talk.calls[&head.stream][index(head.role)];
        let status = head.status.to_string();
        let pseudo = [
            (":status", if head.status == 0 { &b""[..] } else { status.as_bytes() }),
            (":method", head.method),
            (":scheme", head.scheme),
            (":path", head.target),
            (":authority", head.authority),
        ];
        let mut missing = false;
        for (name, value) in pseudo {
            match sent.pseudo.get(name) {
                Some(sent) if value.is_empty() => missing |= !sent.is_empty(),
                Some(sent) => assert!(sent == value, "a wrong {name}"),
                None => assert!(value.is_empty(), "{name} was not sent"),
            }
        }
        // Without a status nobody can tell that a response is an interim one.
        let early = head.role == Role::Response && head.status == 0;
        let early = early && head.fields.iter().any(|field| field.name == talk::EARLY.0.as_bytes());
        let told: Vec<_> = head.fields.iter().collect();
        missing |= early || self.fields(&told, &sent.fields);
        self.count(missing, head.flags);
        let twice = self
            .messages
            .values()
            .any(|told| told.stream == head.stream && told.role == Some(head.role));
        assert!(!twice, "stream {} is told twice", head.stream);
        let (stream, role) = (head.stream, Some(head.role));
        self.messages.insert(head.message, Message { stream, role, ..Message::default() });
    }

    fn end(&mut self, message: u64, role: Role, end: &MessageEnd<'_>) {
        let told = &self.messages[&message];
        let sent = &self.talk.calls[&told.stream][index(role)];
        let missing = self.fields(end.trailers, &sent.trailers);
        let complete = end.completeness == Completeness::Complete;
        assert!(complete || !self.whole, "a message is not complete");
        if complete {
            assert!(told.body == sent.body || end.body_cut, "a body in part");
            assert!(!missing || end.flags.contains(Flags::HPACK_PARTIAL), "trailers are missing");
        }
    }

    /// That the fields told were sent, in this order; whether any is missing.
    fn fields(&self, told: &[Field<'_>], sent: &[talk::Field]) -> bool {
        let mut rest = sent.iter();
        for field in told {
            let same = |(name, value): &talk::Field| field.name == name && field.value == value;
            let name = field.name.escape_ascii();
            assert!(
                rest.any(same),
                "a field that was not sent: {name}: {}",
                field.value.escape_ascii()
            );
        }
        told.len() < sent.len()
    }

    /// Counts a head. What is missing must be said.
    fn count(&mut self, missing: bool, flags: Flags) {
        let partial = flags.contains(Flags::HPACK_PARTIAL);
        assert!(partial || !missing, "fields are missing, and nothing says so");
        match partial {
            true => self.told.partial += 1,
            false => self.told.whole += 1,
        }
    }
}

fn index(role: Role) -> usize {
    usize::from(role == Role::Response)
}
