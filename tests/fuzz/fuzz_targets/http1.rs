#![no_main]
//! Arbitrary bytes of both sides in arbitrary segments, with gaps and acknowledgements that mean nothing.

use apitap::call::Calls;
use apitap::decap::{Endpoint, Envelope};
use apitap::http::Http;
use apitap::reassembly::{
    CloseReason, Connection, ConnectionId, Side, StreamEvent, StreamEventKind,
};
use apitap::time::Timestamp;

libfuzzer_sys::fuzz_target!(|input: (bool, Vec<(bool, u8, Option<u16>, Vec<u8>)>)| {
    let (mut http, mut calls) = (Http::new(&Default::default()), Calls::new(&Default::default()));
    let (end, handshake) = (Endpoint { ip: [192, 0, 2, 1].into(), port: 80 }, input.0);
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
    let mut push = |ordinal, kind| {
        let (id, time) = (ConnectionId { slot: 0 }, Timestamp::from_nanos(ordinal));
        let event = StreamEvent { id, connection: &connection, time, ordinal, kind };
        http.push(&event, &mut |event| calls.push(&event, &mut |_| {}));
    };
    let mut offsets = [0; 2];
    for (ordinal, (a, gap, acked, bytes)) in (0..).zip(&input.1) {
        let side = if *a { Side::A } else { Side::B };
        let offset = &mut offsets[side.index()];
        if *gap > 200 {
            let len = u64::from(gap - 200);
            push(ordinal, StreamEventKind::Gap { side, offset: *offset, len });
            *offset += len;
        }
        let (acked, segment_start) = (acked.map(u64::from), gap % 4 != 0);
        push(ordinal, StreamEventKind::Data { side, offset: *offset, acked, segment_start, bytes });
        *offset += bytes.len() as u64;
    }
    push(u64::MAX, StreamEventKind::Close { reason: CloseReason::Fin });
    assert_eq!((http.held_head_bytes(), calls.held_bytes()), (0, 0));
});
