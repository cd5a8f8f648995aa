use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::*;
use crate::http::h2::testing::connection;
use crate::http::{Config as HttpConfig, Http, HttpEventKind};
use crate::reassembly::{
    CloseReason, Connection, ConnectionId, Side, StreamEvent, StreamEventKind,
};

/// What was told of an event.
#[derive(Debug, PartialEq, Eq, Clone)]
struct Told {
    name: Option<String>,
    id: Option<String>,
    data: String,
    retry: Option<u64>,
    comments: u64,
    completeness: Completeness,
    flags: Vec<&'static str>,
    skipped: u64,
    place: (u64, u64),
}

/// A piece of the response, or a hole of so many bytes.
enum Piece {
    Bytes(Vec<u8>),
    Hole(u64),
}

struct Heard {
    events: Vec<Told>,
    totals: Option<Totals>,
    held: usize,
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A stage that is sent one call, whose response has these fields and comes in these pieces.
fn heard(config: &HttpConfig, fields: &str, pieces: &[Piece]) -> Heard {
    let (mut http, connection) = (Http::new(config), connection(true));
    let mut heard = Heard { events: Vec::new(), totals: None, held: 0 };
    let mut send = |http: &mut Http, kind: StreamEventKind<'_>, connection: &Connection| {
        let id = ConnectionId { slot: 0 };
        let event = StreamEvent { id, connection, time: Timestamp::new(9, 0), ordinal: 1, kind };
        http.push(&event, &mut |event| match event.kind {
            HttpEventKind::Event { facts, event, bytes } => heard.events.push(Told {
                name: event.name.map(text),
                id: event.id.map(text),
                data: text(bytes),
                retry: event.retry_ms,
                comments: event.comments,
                completeness: facts.completeness,
                flags: facts.flags.names().collect(),
                skipped: facts.skipped.messages,
                place: (facts.start_offset, facts.sequence),
            }),
            HttpEventKind::End { role: Role::Response, end, .. } => heard.totals = end.events,
            _ => {}
        });
    };
    let data = |side, offset, acked, bytes| StreamEventKind::Data {
        side,
        offset,
        acked: Some(acked),
        segment_start: true,
        bytes,
    };
    let asked: &[u8] = b"GET /events HTTP/1.1\r\nHost: a\r\n\r\n";
    send(&mut http, data(Side::A, 0, 0, asked), &connection);
    let head = format!("HTTP/1.1 200 OK\r\n{fields}\r\n\r\n");
    send(&mut http, data(Side::B, 0, length(asked), head.as_bytes()), &connection);
    let mut offset = length(head.as_bytes());
    for piece in pieces {
        match piece {
            Piece::Bytes(bytes) if bytes.is_empty() => {}
            Piece::Bytes(bytes) => {
                send(&mut http, data(Side::B, offset, length(asked), bytes), &connection);
                offset += length(bytes);
            }
            Piece::Hole(len) => {
                let kind = StreamEventKind::Gap { side: Side::B, offset, len: *len };
                send(&mut http, kind, &connection);
                offset += len;
            }
        }
    }
    send(&mut http, StreamEventKind::Close { reason: CloseReason::EndOfCapture }, &connection);
    heard.held = http.held_socket_bytes();
    heard
}

const PLAIN: &str = "Content-Type: text/event-stream; charset=utf-8";

fn told(body: &str) -> Vec<Told> {
    let config = HttpConfig::default();
    heard(&config, PLAIN, &[Piece::Bytes(body.as_bytes().to_vec())]).events
}

fn datas(body: &str) -> Vec<String> {
    told(body).into_iter().map(|told| told.data).collect()
}

// The examples of §9.2.6.
#[test]
fn the_standards_examples() {
    assert_eq!(datas("data: YHOO\ndata: +2\ndata: 10\n\n"), ["YHOO\n+2\n10"]);
    let body = ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n";
    let events = told(body);
    let seen: Vec<_> = events.iter().map(|e| (e.data.as_str(), e.id.as_deref())).collect();
    assert_eq!(
        seen,
        [("first event", Some("1")), ("second event", Some("")), (" third event", None)]
    );
    assert_eq!((events[0].comments, events[1].comments), (1, 0));
    assert_eq!(datas("data\n\ndata\ndata\n\ndata:"), ["", "\n", ""]);
    assert_eq!(datas("data:test\n\ndata: test\n\n"), ["test", "test"]);
}

#[test]
fn names_retry_and_what_is_no_event() {
    let events = told(
        "\u{feff}event: price\nretry: 3000\ndata: 1\n\nevent: lost\nid: 7\n\nretry: x1\ndata: 2\nother: y\n\n",
    );
    let seen: Vec<_> =
        events.iter().map(|e| (e.name.as_deref(), e.retry, e.id.as_deref())).collect();
    assert_eq!(seen, [(Some("price"), Some(3000), None), (Some(""), None, None)]);
    // An id with a NUL is none; a name longer than any is not held.
    let long = format!("id: a\0b\nevent: {}\ndata: 1\n\n", "e".repeat(200));
    assert_eq!((told(&long)[0].id.as_deref(), told(&long)[0].name.as_deref()), (None, None));
}

#[test]
fn lines_end_in_three_ways() {
    for end in ["\n", "\r\n", "\r"] {
        let body = ["data: a", "data: b", "", "data: c", "", ""].join(end);
        assert_eq!(datas(&body), ["a\nb", "c"], "{end:?}");
    }
    assert_eq!(datas("data: a\r\n\r\ndata: b\r\rdata: c\n\n"), ["a", "b", "c"]);
}

#[test]
fn an_event_without_its_end_is_told_as_cut() {
    let events = told("data: whole\n\ndata: half");
    assert_eq!(events[0].completeness, Completeness::Complete);
    assert_eq!(
        (events[1].completeness, events[1].data.as_str()),
        (Completeness::Truncated, "half")
    );
}

fn bytes(text: &str) -> Piece {
    Piece::Bytes(text.as_bytes().to_vec())
}

#[test]
fn a_loss_tears_one_event_and_nothing_is_joined_over_it() {
    let pieces = [
        bytes("data: one\n\ndata: 4111 1111 "),
        Piece::Hole(20),
        bytes("1111 1111\n\ndata: three\n\ndata: four\n\n"),
    ];
    let heard = heard(&HttpConfig::default(), PLAIN, &pieces);
    let seen: Vec<_> = heard.events.iter().map(|e| (e.data.as_str(), e.completeness)).collect();
    let whole = Completeness::Complete;
    assert_eq!(
        seen,
        [("one", whole), ("4111 1111 ", Completeness::Gap), ("three", whole), ("four", whole)]
    );
    assert_eq!(heard.events[2].flags, ["resynchronised"]);
    let totals = heard.totals.unwrap();
    assert_eq!((totals.losses, totals.events.messages), (1, 4));
    assert_eq!(heard.held, 0);
}

fn chunk(data: &str) -> Piece {
    bytes(&format!("{:x}\r\n{data}\r\n", data.len()))
}

#[test]
fn chunks_are_found_again() {
    let events = ["one", "two", "three", "four", "five"].map(|n| format!("data: {n}\n\n"));
    let mut pieces: Vec<Piece> = events.iter().map(|event| chunk(event)).collect();
    pieces.push(bytes("0\r\n\r\n"));
    let Piece::Bytes(lost) = &pieces[1] else { panic!("bytes") };
    pieces[1] = Piece::Hole(length(lost));
    let fields = format!("{PLAIN}\r\nTransfer-Encoding: chunked");
    let heard = heard(&HttpConfig::default(), &fields, &pieces);
    let seen: Vec<_> = heard.events.iter().map(|e| e.data.as_str()).collect();
    // The one behind the loss may have begun in it.
    assert_eq!(seen, ["one", "four", "five"]);
    assert_eq!(heard.totals.unwrap().losses, 1);
}

#[test]
fn a_request_behind_a_loss_ends_the_stream() {
    let (mut http, connection) = (Http::new(&HttpConfig::default()), connection(true));
    let mut told = Vec::new();
    let asked: &[u8] = b"GET /events HTTP/1.1\r\nHost: a\r\n\r\n";
    let head = format!("HTTP/1.1 200 OK\r\n{PLAIN}\r\nTransfer-Encoding: chunked\r\n\r\n");
    let event = b"9\r\ndata: 1\n\n\r\n";
    let data = |side, offset, acked, bytes| {
        let (acked, segment_start) = (Some(acked), true);
        StreamEventKind::Data { side, offset, acked, segment_start, bytes }
    };
    let (first, second) = (length(asked), length(head.as_bytes()) + 14);
    let gap = StreamEventKind::Gap { side: Side::B, offset: second, len: 500 };
    let other = b"5\r\ndata:\r\n";
    for kind in [
        data(Side::A, 0, 0, asked),
        data(Side::B, 0, first, head.as_bytes()),
        data(Side::B, second - 14, first, event),
        gap,
        data(Side::A, first, second, asked),
        // Of another response, whose head was lost.
        data(Side::B, second + 500, 2 * first, b"9\r\ndata: 4\n\n\r\n"),
        data(Side::B, second + 514, 2 * first, other),
    ] {
        let id = ConnectionId { slot: 0 };
        let time = Timestamp::new(9, 0);
        let event = StreamEvent { id, connection: &connection, time, ordinal: 1, kind };
        http.push(&event, &mut |event| match event.kind {
            HttpEventKind::Event { bytes, .. } => told.push(text(bytes)),
            HttpEventKind::End { role: Role::Response, end, .. } => {
                told.push(format!("end {:?}", end.completeness));
            }
            _ => {}
        });
    }
    assert_eq!(told, ["1", "end Gap"]);
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut coder = GzEncoder::new(Vec::new(), Compression::default());
    coder.write_all(body).unwrap();
    coder.finish().unwrap()
}

#[test]
fn coded_streams_are_followed_beyond_the_inspection_limit() {
    let config = HttpConfig { body_inspect_bytes_max: 4096, ..HttpConfig::default() };
    let config = HttpConfig { event_stream: Config { events_per_second_max: 1000 }, ..config };
    let body: String = (0..500).map(|n| format!("data: {{\"n\":{n}}}\n\n")).collect();
    let fields = format!("{PLAIN}\r\nContent-Encoding: gzip");
    let coded = gzip(body.as_bytes());
    let heard = heard(&config, &fields, &[Piece::Bytes(coded.clone())]);
    assert_eq!((heard.events.len(), heard.totals.unwrap().events.messages), (500, 500));
    assert_eq!(heard.events[499].data, "{\"n\":499}");
    // Behind a loss nothing can be decoded.
    let (front, back) = coded.split_at(coded.len() / 2);
    let pieces = [Piece::Bytes(front.to_vec()), Piece::Hole(9), Piece::Bytes(back[9..].to_vec())];
    let cut = self::heard(&config, &fields, &pieces);
    assert!(!cut.events.is_empty() && cut.events.len() < 500);
    let last = cut.events.len() - 1;
    assert!(cut.events[..last].iter().zip(&heard.events).all(|(a, b)| a == b));
    assert!(heard.events[last].data.starts_with(&cut.events[last].data));
}

#[test]
fn events_above_the_rate_are_counted() {
    let config = Config { events_per_second_max: 2 };
    let config = HttpConfig { event_stream: config, ..HttpConfig::default() };
    let heard = heard(&config, PLAIN, &[bytes(&"data: x\n\n".repeat(7))]);
    assert_eq!(heard.events.len(), 2);
    let totals = heard.totals.unwrap();
    assert_eq!((totals.events.messages, totals.events.bytes, totals.skipped), (7, 7, 5));
}

#[test]
fn one_event_is_held_up_to_the_limit() {
    let config = HttpConfig { body_inspect_bytes_max: 100, ..HttpConfig::default() };
    let heard =
        heard(&config, PLAIN, &[bytes(&format!("data: {}\n\ndata: y\n\n", "x".repeat(500)))]);
    assert_eq!((heard.events[0].data.len(), heard.events[1].data.as_str()), (100, "y"));
    assert_eq!((heard.held, heard.totals.unwrap().events.bytes), (0, 501));
}

#[test]
fn other_bodies_are_no_streams() {
    assert!(is_one(b"Text/Event-Stream;x=y") && !is_one(b"text/event") && !is_one(b""));
    let heard = heard(&HttpConfig::default(), "Content-Type: text/plain", &[bytes("data: x\n\n")]);
    assert!(heard.events.is_empty() && heard.totals.is_none());
}

fn pieces_of(body: &str) -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0..=body.len(), 0..12)
}

const BODY: &str = "\u{feff}:hi\r\nevent: a\r\ndata: 1\r\n\r\ndata: {\"x\":\rdata: 2}\r\rid: 5\nretry: 40\ndata\n\nevent\ndata: z\n";

proptest! {
    #[test]
    fn cuts_change_no_event(mut at in pieces_of(BODY)) {
        at.sort_unstable();
        let mut pieces = Vec::new();
        let mut start = 0;
        for end in at.into_iter().chain([BODY.len()]) {
            pieces.push(Piece::Bytes(BODY.as_bytes()[start..end].to_vec()));
            start = end;
        }
        let cut = heard(&HttpConfig::default(), PLAIN, &pieces);
        prop_assert_eq!(cut.events, told(BODY));
    }

    #[test]
    fn any_bytes_are_taken(
        body in prop::collection::vec(prop::sample::select(&b"data:event id\n\r retry:1\0x"[..]), 0..80),
        hole in 0..40_u64,
        at in 0..80_usize,
    ) {
        let (front, back) = body.split_at(at.min(body.len()));
        let pieces = [Piece::Bytes(front.to_vec()), Piece::Hole(hole + 1), Piece::Bytes(back.to_vec())];
        let heard = heard(&HttpConfig::default(), PLAIN, &pieces);
        prop_assert_eq!(heard.held, 0);
        // Nothing told from behind the loss stood in front of it, nor the other way round.
        for event in &heard.events {
            for line in event.data.split('\n') {
                let line = line.as_bytes();
                let inside = |part: &[u8]| line.is_empty() || part.windows(line.len()).any(|w| w == line);
                prop_assert!(inside(front) || inside(back));
            }
        }
    }
}
