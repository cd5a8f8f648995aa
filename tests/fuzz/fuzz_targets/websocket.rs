#![no_main]
//! Arbitrary frames of both ends of a socket, cut anywhere, with gaps: nothing is held at the end.

use apitap::call::Calls;
use apitap::http::Http;
use apitap::reassembly::{CloseReason, ConnectionId, Side, StreamEvent, StreamEventKind};
use apitap::time::Timestamp;

mod both_ends;

/// Side, first octet, mask, payload, and how many octets of the frame are lost.
type Frame = (bool, u8, Option<[u8; 4]>, Vec<u8>, u8);

const ASKED: &[u8] = b"GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n";
const AGREED: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n";

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
        ends.say(Side::A, ASKED, 0);
        ends.say(Side::B, AGREED, 0);
    }
    for (a, first, mask, payload, lost) in frames {
        let side = if a { Side::A } else { Side::B };
        let len = u16::try_from(payload.len()).unwrap_or(u16::MAX);
        let bit = if mask.is_some() { 0x80 } else { 0 };
        let mut frame = vec![first & 0xcf];
        match u8::try_from(len) {
            Ok(len @ 0..126) => frame.push(bit | len),
            _ => frame.extend([&[bit | 126][..], &len.to_be_bytes()].concat()),
        }
        frame.extend(mask.unwrap_or_default().iter().take(if mask.is_some() { 4 } else { 0 }));
        frame.extend(payload);
        ends.say(side, &frame, lost);
    }
    (ends.push)(StreamEventKind::Close { reason: CloseReason::Fin });
    let held = (http.held_head_bytes(), http.held_socket_bytes(), calls.held_bytes());
    assert_eq!(held, (0, 0, 0));
});
