#![no_main]
//! Arbitrary streams of server-sent events, plain and in chunks, cut anywhere, with gaps: nothing is held at the end.

use apitap::call::Calls;
use apitap::http::Http;
use apitap::reassembly::{CloseReason, ConnectionId, Side, StreamEvent, StreamEventKind};
use apitap::time::Timestamp;

mod both_ends;

/// A piece of the stream, whether it is a field of a known name, and how many octets of it are lost.
type Piece = (Vec<u8>, u8, u8);

const ASKED: &[u8] = b"GET /events HTTP/1.1\r\nHost: a\r\n\r\n";
const FIELDS: [&[u8]; 7] = [b"", b"data:", b"event: ", b"id:", b"retry:", b":", b"\n\n"];

libfuzzer_sys::fuzz_target!(|input: (bool, bool, u8, Vec<Piece>)| {
    let (mut http, mut calls) = (Http::new(&Default::default()), Calls::new(&Default::default()));
    let (chunked, asks, size, pieces) = input;
    let connection = both_ends::connection(true);
    let mut ordinal = 0;
    let push = |kind: StreamEventKind<'_>| {
        ordinal += 1;
        let (id, time) = (ConnectionId { slot: 0 }, Timestamp::new(ordinal, 0));
        let event = StreamEvent { id, connection: &connection, time, ordinal, kind };
        http.push(&event, &mut |event| calls.push(&event, &mut |_| {}));
    };
    let mut ends = both_ends::Speaker { size, offsets: [0; 2], push };
    ends.say(Side::A, ASKED, 0);
    let coding: &[u8] = if chunked { b"Transfer-Encoding: chunked\r\n\r\n" } else { b"\r\n" };
    let head =
        [b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n".as_slice(), coding].concat();
    ends.say(Side::B, &head, 0);
    for (text, field, lost) in pieces {
        let field = FIELDS.get(usize::from(field)).copied().unwrap_or(b"\n");
        let data = [field, &text].concat();
        let size = format!("{:x}\r\n", data.len()).into_bytes();
        let piece = if chunked { [&size[..], &data, b"\r\n"].concat() } else { data };
        ends.say(Side::B, &piece, lost);
        if asks && lost > 7 {
            ends.say(Side::A, ASKED, 0);
        }
    }
    (ends.push)(StreamEventKind::Close { reason: CloseReason::Fin });
    let held = (http.held_head_bytes(), http.held_socket_bytes(), calls.held_bytes());
    assert_eq!(held, (0, 0, 0));
});
