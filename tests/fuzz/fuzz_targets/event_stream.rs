#![no_main]
//! Server-sent events, plain or in chunks, in any segments, with gaps.

use apitap::reassembly::Side;

mod line;
mod script;

const ASKED: &[u8] = b"GET /events HTTP/1.1\r\nHost: a\r\n\r\n";
const PLAIN: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
const CHUNKED: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let [first, input @ ..] = input else { return };
    let head = if first & 1 == 0 { PLAIN } else { CHUNKED };
    // What the server says: the script goes on with its side.
    let input = [&[0xfe, b'B'], input].concat();
    line::check(&[(Side::A, ASKED), (Side::B, head)], 64, &input);
});
