#![no_main]
//! Arbitrary bytes of both sides in arbitrary segments, with gaps: nothing is held at the end, and what does not belong
//! to a session goes on.

use apitap::decap::{Endpoint, Envelope};
use apitap::reassembly::{
    CloseReason, Connection, ConnectionId, Side, StreamEvent, StreamEventKind,
};
use apitap::time::Timestamp;
use apitap::tls::{Config, Tls, TlsEvent};

libfuzzer_sys::fuzz_target!(|input: (bool, Vec<(bool, u8, Vec<u8>)>)| {
    let mut tls = Tls::new(&Config { ja4s: true, ..Config::default() });
    let (end, handshake) = (Endpoint { ip: [192, 0, 2, 1].into(), port: 443 }, input.0);
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
    let (mut passed, mut told, mut sent) = (0_u64, 0_u64, 0_u64);
    let mut push = |ordinal, kind| {
        let (id, time) = (ConnectionId { slot: 0 }, Timestamp::from_nanos(ordinal));
        let event = StreamEvent { id, connection: &connection, time, ordinal, kind };
        tls.push(&event, &mut |event| match event {
            TlsEvent::Clear(event) => {
                if let StreamEventKind::Data { bytes, .. } = event.kind {
                    passed += bytes.len() as u64;
                }
            }
            TlsEvent::Session(session) => told += session.bytes.iter().sum::<u64>(),
        });
    };
    let mut offsets = [0; 2];
    for (ordinal, (a, gap, bytes)) in (0..).zip(&input.1) {
        let side = if *a { Side::A } else { Side::B };
        let offset = &mut offsets[side.index()];
        if *gap > 200 {
            let len = u64::from(gap - 200);
            push(ordinal, StreamEventKind::Gap { side, offset: *offset, len });
            *offset += len;
            sent += len;
        }
        let (acked, segment_start) = (None, gap % 4 != 0);
        push(ordinal, StreamEventKind::Data { side, offset: *offset, acked, segment_start, bytes });
        *offset += bytes.len() as u64;
        sent += bytes.len() as u64;
    }
    push(u64::MAX, StreamEventKind::Close { reason: CloseReason::Fin });
    assert_eq!(tls.held_bytes(), 0);
    assert!(passed <= sent && told <= sent);
});
