#![no_main]
//! Frames of both ends of a socket, in any segments, with gaps; some of them compressed.

use apitap::reassembly::Side;

mod line;
mod script;

const ASKED: &[u8] = b"GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n";
const AGREED: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n";

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    line::check(&[(Side::A, ASKED), (Side::B, AGREED)], 1, input);
});
