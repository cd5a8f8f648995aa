#![no_main]
//! A session whose secrets are known, with anything for records, loss anywhere, and any key log.

use apitap::decap::{Endpoint, Envelope};
use apitap::reassembly::{
    CloseReason, Connection, ConnectionId, Side, StreamEvent, StreamEventKind,
};
use apitap::time::Timestamp;
use apitap::tls::{Config, Tls, TlsEvent};

/// Hellos of TLS 1.3 and 1.2 alike: random numbers of sevens and eights.
fn hello(kind: u8, cipher: u16, modern: bool) -> Vec<u8> {
    let random = [if kind == 1 { 7 } else { 8 }; 32];
    let cipher = cipher.to_be_bytes();
    let ciphers = if kind == 1 {
        vec![0, 2, cipher[0], cipher[1], 1, 0]
    } else {
        vec![cipher[0], cipher[1], 0]
    };
    let versions: &[u8] = match (kind, modern) {
        (1, true) => &[0, 7, 0, 43, 0, 3, 2, 3, 4],
        (_, true) => &[0, 6, 0, 43, 0, 2, 3, 4],
        (_, false) => &[0, 0],
    };
    let body = [&[3, 3][..], &random, &[0], &ciphers, versions].concat();
    let len = body.len() as u8;
    [&[22, 3, 3, 0, len + 4, kind, 0, 0, len][..], &body].concat()
}

libfuzzer_sys::fuzz_target!(|input: (u8, Vec<u8>, Vec<(u8, Vec<u8>)>)| {
    let (suite, key_log, parts) = input;
    let (cipher, modern) =
        [(0x1301, true), (0x1302, true), (0x1303, true), (0xc02f, false), (0xcca8, false)]
            [usize::from(suite) % 5];
    let mut tls = Tls::new(&Config { decrypt_bytes_total_max: 1 << 20, ..Config::default() });
    tls.learn(&key_log);
    let random = "07".repeat(32);
    let (short, long) = ("11".repeat(if cipher == 0x1302 { 48 } else { 32 }), "22".repeat(48));
    tls.learn(
        format!(
            "CLIENT_RANDOM {random} {long}\nCLIENT_TRAFFIC_SECRET_0 {random} {short}\nSERVER_TRAFFIC_SECRET_0 {random} {short}\n\
             SERVER_HANDSHAKE_TRAFFIC_SECRET {random} {short}\n"
        )
        .as_bytes(),
    );
    let end = |port| Endpoint { ip: [192, 0, 2, 1].into(), port };
    let connection = Connection {
        ends: [end(40_000), end(443)],
        macs: [None, None],
        envelope: Envelope::EMPTY,
        interface: 0,
        start: Timestamp::ZERO,
        handshake: true,
        base_seq: [Some(1), Some(1)],
        transport: Default::default(),
        security: Default::default(),
    };
    let (mut offsets, mut read) = ([0_u64; 2], [0_u64; 2]);
    let mut push = |tls: &mut Tls, second: u64, kind: StreamEventKind<'_>| {
        let time = Timestamp::new(second, 0);
        let id = ConnectionId { slot: 0 };
        let event = StreamEvent { id, connection: &connection, time, ordinal: second, kind };
        tls.push(&event, &mut |event| {
            let TlsEvent::Clear(event) = event else { return };
            if !event.connection.is_decrypted() {
                return;
            }
            match event.kind {
                StreamEventKind::Data { side, offset, bytes, .. } => {
                    assert_eq!(offset, read[side.index()]);
                    read[side.index()] += bytes.len() as u64;
                }
                StreamEventKind::Gap { side, offset, len } => {
                    assert_eq!(offset, read[side.index()]);
                    read[side.index()] += len;
                }
                StreamEventKind::Fin { .. } | StreamEventKind::Close { .. } => {}
            }
        });
    };
    for (side, bytes) in [(Side::A, hello(1, cipher, modern)), (Side::B, hello(2, cipher, modern))]
    {
        let offset = offsets[side.index()];
        offsets[side.index()] += bytes.len() as u64;
        push(
            &mut tls,
            1,
            StreamEventKind::Data { side, offset, acked: None, segment_start: true, bytes: &bytes },
        );
    }
    for (second, (head, bytes)) in (2..).zip(&parts) {
        let side = if head & 1 == 0 { Side::A } else { Side::B };
        let offset = offsets[side.index()];
        let len = bytes.len() as u64;
        let kind = match head & 6 {
            0 if len > 0 => StreamEventKind::Gap { side, offset, len },
            2 => StreamEventKind::Fin { side },
            _ if len > 0 => {
                let acked = Some(u64::from(*head) * 9);
                StreamEventKind::Data { side, offset, acked, segment_start: head & 8 == 0, bytes }
            }
            _ => continue,
        };
        if !matches!(kind, StreamEventKind::Fin { .. }) {
            offsets[side.index()] += len;
        }
        push(&mut tls, second, kind);
        assert!(tls.held_bytes() < 2 << 20);
    }
    push(&mut tls, u64::MAX >> 32, StreamEventKind::Close { reason: CloseReason::Fin });
    assert_eq!(tls.held_bytes(), 0);
});
