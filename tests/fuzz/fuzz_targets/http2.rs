#![no_main]
//! Arbitrary frames of both sides, cut anywhere, with gaps: what is told stays in order and nothing is held at the end.

use apitap::call::Calls;
use apitap::http::Http;
use apitap::reassembly::{CloseReason, ConnectionId, Side, StreamEvent, StreamEventKind};
use apitap::time::Timestamp;

mod both_ends;

/// Side, kind, flags, stream, payload, and how many octets of the frame are lost.
type Frame = (bool, u8, u8, u8, Vec<u8>, u8);

libfuzzer_sys::fuzz_target!(|input: (bool, u8, Vec<Frame>)| {
    let (mut http, mut calls) = (Http::new(&Default::default()), Calls::new(&Default::default()));
    let (handshake, size, frames) = input;
    let connection = both_ends::connection(handshake);
    let mut ordinal = 0;
    let push = |kind: StreamEventKind<'_>| {
        ordinal += 1;
        let (id, time) = (ConnectionId { slot: 0 }, Timestamp::from_nanos(ordinal));
        let event = StreamEvent { id, connection: &connection, time, ordinal, kind };
        http.push(&event, &mut |event| calls.push(&event, &mut |_| {}));
    };
    let mut ends = both_ends::Speaker { size, offsets: [0; 2], push };
    if handshake {
        ends.say(Side::A, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0);
    }
    for (a, kind, flags, stream, payload, lost) in frames {
        let side = if a { Side::A } else { Side::B };
        let len = u32::try_from(payload.len()).unwrap_or(0).to_be_bytes();
        let header = [len[1], len[2], len[3], kind % 11, flags, 0, 0, 0, stream];
        ends.say(side, &[&header[..], &payload].concat(), lost);
    }
    (ends.push)(StreamEventKind::Close { reason: CloseReason::Fin });
    let held = (http.held_head_bytes(), http.held_table_bytes(), calls.held_bytes());
    assert_eq!(held, (0, 0, 0));
});
