#![no_main]
//! A session whose secrets are known, by the first octet its suite: records that are sealed as they should be and others,
//! in any segments, with gaps. What is read follows on, and cuts change nothing of it.

use apitap::reassembly::{ConnectionId, Side, StreamEvent, StreamEventKind};
use apitap::time::Timestamp;
use apitap::tls::{Config, Tls, TlsEvent};

#[allow(dead_code, reason = "records are sealed here")]
mod script;
mod seal;

use script::Script;
use seal::Sealer;

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

/// What was read of both sides, octet by octet; lost ones are `None`. And how often a record had to be looked for.
type Read = ([Vec<Option<u8>>; 2], u64);

fn read(script: &Script<'_>, key_log: &str, size: usize) -> Read {
    let mut tls = Tls::new(&Config { decrypt_bytes_total_max: 1 << 20, ..Config::default() });
    tls.learn(key_log.as_bytes());
    let connection = script.connection();
    let mut read = [Vec::new(), Vec::new()];
    script.play((size, size), &mut |ordinal, kind| {
        let (id, time) = (ConnectionId { slot: 0 }, Timestamp::new(ordinal, 0));
        let event = StreamEvent { id, connection: &connection, time, ordinal, kind };
        tls.push(&event, &mut |event| {
            let TlsEvent::Clear(event) = event else { return };
            if !event.connection.is_decrypted() {
                return;
            }
            match event.kind {
                StreamEventKind::Data { side, offset, bytes, .. } => {
                    let read = &mut read[side.index()];
                    assert_eq!(offset, read.len() as u64);
                    read.extend(bytes.iter().copied().map(Some));
                }
                StreamEventKind::Gap { side, offset, len } => {
                    let read = &mut read[side.index()];
                    assert_eq!(offset, read.len() as u64);
                    read.resize(read.len() + len as usize, None);
                }
                StreamEventKind::Fin { .. } | StreamEventKind::Close { .. } => {}
            }
        });
        assert!(tls.held_bytes() < 2 << 20);
    });
    assert_eq!(tls.held_bytes(), 0);
    (read, tls.counts().decrypt.places_lost)
}

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let [suite, input @ ..] = input else { return };
    let (cipher, modern) =
        [(0x1301, true), (0x1302, true), (0x1303, true), (0xc02f, false), (0xcca8, false)]
            [usize::from(suite & 0x7f) % 5];
    let random = "07".repeat(32);
    let secret = |octet: &str| octet.repeat(if cipher == 0x1302 { 48 } else { 32 });
    let key_log = format!(
        "CLIENT_RANDOM {random} {}\nCLIENT_TRAFFIC_SECRET_0 {random} {}\nSERVER_TRAFFIC_SECRET_0 {random} {}\n\
         SERVER_HANDSHAKE_TRAFFIC_SECRET {random} {}\nCLIENT_HANDSHAKE_TRAFFIC_SECRET {random} {}\n",
        "22".repeat(48),
        secret("11"),
        secret("33"),
        secret("44"),
        secret("55"),
    );
    let mut sealer = Sealer::new(cipher, modern);
    // What a handshake ends with, or anything at once.
    let mut opening =
        vec![(Side::A, hello(1, cipher, modern)), (Side::B, hello(2, cipher, modern))];
    if suite & 0x80 == 0 {
        let finished = [20, 0, 0, 2, 1, 2];
        for side in [Side::B, Side::A] {
            opening.push((side, vec![20, 3, 3, 0, 1, 1]));
            opening.push((side, sealer.seal(side, 22, &finished)));
            sealer.turn(side);
        }
    }
    let opening: Vec<_> = opening.iter().map(|(side, said)| (*side, said.as_slice())).collect();
    let seal = &mut |side, kind, content: &[u8]| sealer.seal(side, kind, content);
    let script = Script::read(&opening, input, seal);
    let (whole, cut) = (read(&script, &key_log, usize::MAX), read(&script, &key_log, 1));
    // What is looked for is only found in what has come.
    let compares = script.is_whole() && (whole.1, cut.1) == (0, 0);
    assert!(!compares || whole.0 == cut.0, "{whole:?} {cut:?}");
});
