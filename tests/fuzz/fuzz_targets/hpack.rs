#![no_main]
//! Arbitrary header blocks, one after the other on one connection, some of them missed.

use apitap::decap::{Endpoint, Envelope};
use apitap::http::{Http, HttpEventKind};
use apitap::reassembly::{
    CloseReason, Connection, ConnectionId, Side, StreamEvent, StreamEventKind,
};
use apitap::time::Timestamp;

libfuzzer_sys::fuzz_target!(|blocks: Vec<(bool, Vec<u8>)>| {
    let mut http = Http::new(&Default::default());
    let end = Endpoint { ip: [192, 0, 2, 1].into(), port: 80 };
    let connection = Connection {
        ends: [end; 2],
        macs: [None; 2],
        envelope: Envelope::EMPTY,
        interface: 0,
        start: Timestamp::ZERO,
        handshake: true,
        base_seq: [None; 2],
        transport: Default::default(),
        security: Default::default(),
    };
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
    for (stream, (lost, block)) in (1_u32..).step_by(2).zip(&blocks) {
        let (len, stream) = ((block.len() as u32).to_be_bytes(), stream.to_be_bytes());
        let header = [len[1], len[2], len[3], 1, 5, stream[0], stream[1], stream[2], stream[3]];
        say(&header, false);
        if !block.is_empty() {
            say(block, *lost);
        }
    }
    push(StreamEventKind::Close { reason: CloseReason::Fin });
    assert_eq!((http.held_head_bytes(), http.held_table_bytes()), (0, 0));
});
