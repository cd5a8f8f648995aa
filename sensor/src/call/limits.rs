//! Time and memory limits, and bytes that mean nothing.

use proptest::prelude::*;

use super::testing::{Run, Seen, Segment};
use super::{Calls, Config};
use crate::http::Http;
use crate::reassembly::{ConnectionId, Side, StreamEvent, StreamEventKind};
use crate::time::Timestamp;

/// Sends pieces of connection `slot`, one second apart, and then lets time pass.
fn seen(config: &Config, said: &[(Side, &[u8])], slots: u32, seconds: u64) -> (Vec<Seen>, Calls) {
    let (mut http, mut calls) = (Http::new(&Default::default()), Calls::new(config));
    let (mut seen, connection) = (Vec::new(), Run::default().connection());
    for slot in 0..slots {
        let (mut offsets, id) = ([0; 2], ConnectionId { slot });
        for (n, &(side, bytes)) in (1..).zip(said) {
            let (offset, acked) = (offsets[side.index()], Some(offsets[side.other().index()]));
            let kind = StreamEventKind::Data { side, offset, acked, segment_start: true, bytes };
            let event = StreamEvent {
                id,
                connection: &connection,
                time: Timestamp::new(n, 0),
                ordinal: n,
                kind,
            };
            http.push(&event, &mut |event| {
                calls.push(&event, &mut |call| seen.push(Seen::of(&call)))
            });
            offsets[side.index()] += bytes.len() as u64;
        }
    }
    for second in 1..=seconds {
        calls.expire(Timestamp::new(second, 0), 99, &mut |call| seen.push(Seen::of(&call)));
    }
    (seen, calls)
}

const GET: &[u8] = b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n";

#[test]
fn requests_wait_for_a_time() {
    let config = Config { response_timeout_seconds: 100, ..Config::default() };
    assert!(seen(&config, &[(Side::A, GET)], 1, 100).0.is_empty());
    let (seen, calls) = seen(&config, &[(Side::A, GET)], 1, 110);
    assert_eq!(seen.iter().map(Seen::short).collect::<Vec<_>>(), ["GET /a > - OneSided"]);
    assert_eq!((calls.held_bytes(), calls.counts().timeouts), (0, 1));
}

#[test]
fn streams_are_told_as_far_as_they_went() {
    let config = Config { stream_report_seconds_max: 500, ..Config::default() };
    let config = Config { streaming_report_seconds: 0, ..config };
    let stream = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\ndata: 1\n\n";
    let said = [(Side::A, GET), (Side::B, &stream[..])];
    assert!(seen(&config, &said, 1, 500).0.is_empty());
    let (seen, calls) = seen(&config, &said, 1, 600);
    assert_eq!(seen.iter().map(Seen::short).collect::<Vec<_>>(), ["GET /a > 200 Order"]);
    let response = seen[0].response.as_ref().unwrap();
    assert!(response.facts.starts_with("Truncated ") && response.body.starts_with("data: 1"));
    assert_eq!(calls.held_bytes(), 0);
}

#[test]
fn memory_is_bounded_and_what_is_cut_is_said() {
    let config = Config { body_bytes_total_max: 1 << 20, ..Config::default() };
    let body = [
        b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 99999\r\n\r\n".to_vec(),
        vec![b'x'; 60_000],
    ]
    .concat();
    let (_, calls) = seen(&config, &[(Side::A, &body)], 100, 0);
    assert!(calls.held_bytes() <= (1 << 20) + 100 * 99, "{}", calls.held_bytes());
    assert!(calls.counts().bodies_cut > 50);
    let (seen, calls) = seen(&config, &[(Side::A, &body)], 100, 1000);
    assert_eq!((seen.len(), calls.held_bytes()), (100, 0));
}

#[test]
fn targets_are_cut_where_there_is_no_room() {
    let config = Config { body_bytes_total_max: 1 << 20, ..Config::default() };
    let request = format!("GET /a?{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(9_000));
    let said = [(Side::A, request.as_bytes())];
    let (_, calls) = seen(&config, &said, 400, 0);
    assert!(calls.held_bytes() <= (1 << 20) + 400 * 300, "{}", calls.held_bytes());
    assert!(calls.counts().heads_cut > 250);
    let (seen, calls) = seen(&config, &said, 400, 1000);
    assert_eq!((seen.len(), calls.held_bytes()), (400, 0));
    let flagged = |seen: &&Seen| seen.request.as_ref().unwrap().flags == ["head_limit"];
    assert!(seen.iter().filter(flagged).count() > 250);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes_end_in_order(
        said in prop::collection::vec(
            (any::<bool>(), 0..400_u64, any::<bool>(), prop::sample::select(PIECES), prop::collection::vec(any::<u8>(), 0..8)),
            0..40,
        ),
        handshake: bool,
    ) {
        let mut offsets = [0; 2];
        let mut segments = Vec::new();
        for (a, acked, lost, piece, noise) in said {
            let side = if a { Side::A } else { Side::B };
            let offset = offsets[side.index()];
            let bytes = [piece, &noise[..noise.len() / 2]].concat();
            offsets[side.index()] += bytes.len() as u64;
            if !bytes.is_empty() {
                segments.push(Segment { side, offset, acked, bytes, time: 1, lost: lost && acked > 200 });
            }
        }
        // That nothing is held at the end is asserted inside.
        Run { handshake, ..Run::default() }.play(&segments);
    }
}

/// Pieces of messages, whole and broken.
const PIECES: &[&[u8]] = &[
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHel",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 101 X\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n\r\n",
    b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"5\r\nHello\r\n",
    b"0\r\nX: y\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"HEAD / HTTP/1.1\r\nHost: a\r\n",
    b"\r\n",
    b" folded\r\n",
    b"GET /old\r\n",
    b"lo",
    b"",
];
