#![no_main]
//! Header blocks, one after the other on one connection, some of them missed.

use apitap::http::{Http, HttpEventKind};
use apitap::reassembly::{CloseReason, ConnectionId, Side, StreamEvent, StreamEventKind};
use apitap::time::Timestamp;

#[allow(dead_code, reason = "only the connection is needed")]
mod script;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let mut http = Http::new(&Default::default());
    let connection = script::connection(true);
    let mut push = |kind: StreamEventKind<'_>| {
        let (id, time, ordinal) = (ConnectionId { slot: 0 }, Timestamp::ZERO, 0);
        let event = StreamEvent { id, connection: &connection, time, ordinal, kind };
        http.push(&event, &mut |event| {
            // A head is at most as large as the limits allow.
            if let HttpEventKind::Head(head) = event.kind {
                assert!(head.fields.len() <= 256);
            }
        });
    };
    let mut offset = 0;
    let mut say = |bytes: &[u8], lost: bool| {
        let (side, len) = (Side::A, bytes.len() as u64);
        push(match lost {
            true => StreamEventKind::Gap { side, offset, len },
            false => {
                StreamEventKind::Data { side, offset, acked: None, segment_start: true, bytes }
            }
        });
        offset += len;
    };
    say(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", false);
    // Blocks end at an octet that text coded by Huffman rarely has; the first octet says whether one is lost.
    for (stream, block) in (1_u32..).step_by(2).zip(input.split(|octet| *octet == 0xfe)) {
        let [first, block @ ..] = block else { continue };
        let (len, stream) = ((block.len() as u32).to_be_bytes(), stream.to_be_bytes());
        let header = [len[1], len[2], len[3], 1, 5, stream[0], stream[1], stream[2], stream[3]];
        say(&header, false);
        if !block.is_empty() {
            say(block, first & 1 == 1);
        }
    }
    push(StreamEventKind::Close { reason: CloseReason::Fin });
    assert_eq!((http.held_head_bytes(), http.held_table_bytes()), (0, 0));
});
