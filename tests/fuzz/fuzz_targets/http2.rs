#![no_main]
//! Arbitrary frames of both sides, cut anywhere, with gaps: what is told stays in order and nothing is held at the end.

use apitap::call::Calls;
use apitap::decap::{Endpoint, Envelope};
use apitap::http::Http;
use apitap::reassembly::{
    CloseReason, Connection, ConnectionId, Side, StreamEvent, StreamEventKind,
};
use apitap::time::Timestamp;

/// Side, kind, flags, stream, payload, and how many octets of the frame are lost.
type Frame = (bool, u8, u8, u8, Vec<u8>, u8);

libfuzzer_sys::fuzz_target!(|input: (bool, u8, Vec<Frame>)| {
    let (mut http, mut calls) = (Http::new(&Default::default()), Calls::new(&Default::default()));
    let (handshake, size, frames) = input;
    let end = Endpoint { ip: [192, 0, 2, 1].into(), port: 80 };
    let connection = Connection {
        ends: [end; 2],
        macs: [None; 2],
        envelope: Envelope::EMPTY,
        interface: 0,
        start: Timestamp::ZERO,
        handshake,
        base_seq: [None; 2],
        transport: Default::default(),
        security: Default::default(),
    };
    let mut ordinal = 0;
    let mut push = |kind: StreamEventKind<'_>| {
        ordinal += 1;
        let (id, time) = (ConnectionId { slot: 0 }, Timestamp::from_nanos(ordinal));
        let event = StreamEvent { id, connection: &connection, time, ordinal, kind };
        http.push(&event, &mut |event| calls.push(&event, &mut |_| {}));
    };
    let mut offsets = [0; 2];
    let mut say = |side: Side, bytes: &[u8], lost: u8| {
        let offset = &mut offsets[side.index()];
        let lost = usize::from(lost.saturating_sub(200)).min(bytes.len());
        let (kept, gone) = bytes.split_at(bytes.len() - lost);
        for bytes in kept.chunks(usize::from(size) + 1) {
            let (acked, segment_start) = (Some(*offset), true);
            push(StreamEventKind::Data { side, offset: *offset, acked, segment_start, bytes });
            *offset += bytes.len() as u64;
        }
        if !gone.is_empty() {
            push(StreamEventKind::Gap { side, offset: *offset, len: gone.len() as u64 });
            *offset += gone.len() as u64;
        }
    };
    if handshake {
        say(Side::A, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0);
    }
    for (a, kind, flags, stream, payload, lost) in frames {
        let side = if a { Side::A } else { Side::B };
        let len = u32::try_from(payload.len()).unwrap_or(0).to_be_bytes();
        let header = [len[1], len[2], len[3], kind % 11, flags, 0, 0, 0, stream];
        say(side, &[&header[..], &payload].concat(), lost);
    }
    push(StreamEventKind::Close { reason: CloseReason::Fin });
    let held = (http.held_head_bytes(), http.held_table_bytes(), calls.held_bytes());
    assert_eq!(held, (0, 0, 0));
});
