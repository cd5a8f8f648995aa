//! Whole connections.

use proptest::prelude::*;

use super::testing::{
    Extension, Run, alpn, certificates, client_hello, message, record, server_hello, server_name,
};
use super::{Alert, Session};
use crate::reassembly::Side::{self, A, B};

const DATA: u8 = 23;
const HANDSHAKE: u8 = 22;
const CCS: [u8; 6] = [20, 3, 3, 0, 1, 1];

fn versions(list: &[u8]) -> Extension {
    (43, [&[u8::try_from(list.len()).unwrap()], list].concat())
}

fn hello() -> Vec<u8> {
    let list =
        [server_name("api.shop.example"), alpn(&["h2", "http/1.1"]), versions(&[3, 4, 3, 3])];
    record(HANDSHAKE, &client_hello(&[5; 32], &list))
}

/// TLS 1.3: both sides of a whole session.
fn modern() -> [Vec<u8>; 2] {
    let answer = server_hello(0x1301, &[5; 32], &[(43, vec![3, 4]), (51, vec![0, 29, 0, 1, 9])]);
    let (encrypted, bulk) = (record(DATA, &[1; 600]), record(DATA, &[2; 9000]));
    [
        [hello(), CCS.to_vec(), encrypted.clone(), bulk.clone()].concat(),
        [record(HANDSHAKE, &answer), CCS.to_vec(), encrypted, bulk].concat(),
    ]
}

/// TLS 1.2 with a certificate request, all in one record.
fn classic(resumed: bool) -> [Vec<u8>; 2] {
    let id: &[u8] = if resumed { &[5; 32] } else { &[6; 32] };
    let mut flight = server_hello(0xc02f, id, &[alpn(&["h2"])]);
    let mut reply = Vec::new();
    if !resumed {
        flight.extend(certificates(&[b"no certificate"]));
        flight.extend(message(12, &[3, 0, 23, 65]));
        flight.extend(message(13, &[1, 64]));
        flight.extend(message(14, &[]));
        reply.extend(record(HANDSHAKE, &[certificates(&[b"one"]), message(16, &[1, 2])].concat()));
    }
    let finished = record(HANDSHAKE, &[9; 40]);
    let bulk = record(DATA, &[2; 900]);
    [
        [hello(), reply, CCS.to_vec(), finished.clone(), bulk.clone()].concat(),
        [record(HANDSHAKE, &flight), CCS.to_vec(), finished, bulk].concat(),
    ]
}

/// What tests compare.
fn facts(session: &Session) -> String {
    let hello = session.hello.as_ref();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let alpn = hello.map(|h| h.alpn.iter().map(|name| text(name)).collect::<Vec<_>>().join(","));
    let answer = session.answer.as_ref();
    format!(
        "{} {} {} {:04x} {} {:?} {:?} {:?} {}{}{}{}",
        hello.map(|h| text(&h.server_name)).unwrap_or_default(),
        alpn.unwrap_or_default(),
        session.version(),
        answer.map_or(0, |a| a.cipher),
        answer.and_then(|a| a.alpn.as_deref()).map(text).unwrap_or_default(),
        session.group,
        session.certificate_requested,
        session.client_certificate,
        u8::from(session.resumed),
        u8::from(session.agreed),
        u8::from(session.midway),
        u8::from(session.broken),
    )
}

/// A session cut into segments of `size` bytes, in turns.
fn play(sides: &[Vec<u8>; 2], size: usize) -> Run {
    let mut run = Run::new();
    let [mut a, mut b] = sides.each_ref().map(|bytes| bytes.as_slice());
    // The client speaks first; then whoever has more to say.
    let first = a.len().min(hello().len());
    let (now, rest) = a.split_at(first);
    for chunk in now.chunks(size) {
        run.say(A, chunk);
    }
    a = rest;
    while !a.is_empty() || !b.is_empty() {
        for (side, bytes) in [(B, &mut b), (A, &mut a)] {
            let (now, rest) = bytes.split_at(bytes.len().min(size));
            if !now.is_empty() {
                run.say(side, now);
            }
            *bytes = rest;
        }
    }
    run.close()
}

#[test]
fn a_session_of_tls_1_3() {
    let sides = modern();
    let run = play(&sides, 1400);
    let [session] = run.sessions.as_slice() else { panic!("{}", run.sessions.len()) };
    assert_eq!(facts(session), "api.shop.example h2,http/1.1 1.3 1301  Some(29) None None 0100");
    assert_eq!(session.bytes, sides.each_ref().map(|side| side.len() as u64));
    assert!(run.clear.iter().all(Vec::is_empty));
    assert_eq!(session.answer.as_ref().unwrap().ja4s.get(..13), Some("t130200_1301_"));
    let counts = run.tls.as_ref().unwrap().counts();
    assert_eq!(
        (counts.sessions, counts.versions[4], counts.bytes),
        (1, 1, session.bytes.iter().sum())
    );
}

/// A hello of any length, in any pieces, is one.
#[test]
fn long_hellos_in_small_pieces_are_read() {
    for (padding, size) in [(400, 1), (3000, 3), (17_000, 100), (30_000, 1400), (60_000, 7)] {
        let list = [server_name("api.shop.example"), versions(&[3, 4]), (21, vec![0; padding])];
        let records = client_hello(&[5; 32], &list);
        let records: Vec<_> = records.chunks(16_000).map(|part| record(HANDSHAKE, part)).collect();
        let [a, b] = modern();
        let sides = [[&records.concat(), &a[hello().len()..]].concat(), b];
        let mut run = Run::new();
        for chunk in sides[0].chunks(size) {
            run.say(A, chunk);
        }
        for chunk in sides[1].chunks(size) {
            run.say(B, chunk);
        }
        let run = run.close();
        let [session] = run.sessions.as_slice() else { panic!("{padding} {size}") };
        assert!(facts(session).starts_with("api.shop.example "), "{padding} {size}");
        assert!(run.clear.iter().all(Vec::is_empty));
        assert_eq!(run.tls.as_ref().unwrap().held_bytes(), 0);
    }
}

#[test]
fn a_session_of_tls_1_2_shows_more() {
    let run = play(&classic(false), 500);
    assert_eq!(
        facts(&run.sessions[0]),
        "api.shop.example h2,http/1.1 1.2 c02f h2 Some(23) Some(true) Some(true) 0101"
    );
    let run = play(&classic(true), 500);
    assert_eq!(
        facts(&run.sessions[0]),
        "api.shop.example h2,http/1.1 1.2 c02f h2 None Some(false) Some(false) 1100"
    );
}

#[test]
fn what_is_no_tls_goes_on_whole() {
    for (bytes, midway) in [
        (&b"GET / HTTP/1.1\r\n\r\n"[..], false),
        (b"\x16\x03\x01\x00\x05hello world", false),
        (b"\x16\x03", false),
        (b"\x80\x2e\x01\x03\x01 but no hello", false),
        (b"\x17\x03\x03\x00\x05 joined midway", true),
        (b"rest of something", true),
    ] {
        let mut run = Run { midway, ..Run::new() };
        for chunk in bytes.chunks(7) {
            run.say(A, chunk);
        }
        run.say(B, b"HTTP/1.1 400 Bad Request\r\n\r\n");
        let run = run.close();
        assert!(run.sessions.is_empty());
        assert_eq!((run.clear[0].as_slice(), run.clear[1].len()), (bytes, 28));
    }
}

#[test]
fn an_answer_in_clear_goes_on() {
    let mut run = Run::new();
    run.say(A, &hello()).say(B, b"HTTP/1.1 400 Bad Request\r\n\r\n");
    let run = run.close();
    assert!(run.sessions.is_empty() && run.clear[1].starts_with(b"HTTP/1.1 400"));
}

#[test]
fn sessions_are_found_in_tunnels() {
    let sides = modern();
    for (asked, answered) in [
        (&b"CONNECT api.shop.example:443 HTTP/1.1\r\n\r\n"[..], &b"HTTP/1.1 200 OK\r\n\r\n"[..]),
        (b"\x05\x01\x00", b"\x05\x00"),
    ] {
        let mut run = Run::new();
        run.say(A, asked)
            .say(B, answered)
            .say(A, &sides[0])
            .say(B, &sides[1])
            .say(A, &record(DATA, &[1; 9]));
        let run = run.close();
        assert!(facts(&run.sessions[0]).starts_with("api.shop.example"));
        // Until both spoke TLS, `http` saw it too.
        assert!(
            run.clear[0].starts_with(asked) && run.clear[0].len() == asked.len() + sides[0].len()
        );
    }
    let proxy = [b"PROXY TCP4 192.0.2.1 192.0.2.2 5 443\r\n", sides[0].as_slice()].concat();
    let mut run = Run::new();
    run.say(A, &proxy).say(B, &sides[1]);
    let session = &run.close().sessions[0];
    assert!(facts(session).starts_with("api.shop.example"));
    assert_eq!(session.source(), "192.0.2.1:5".parse().ok());
    // In a segment of its own; from the server it says nothing.
    for (who, source) in [(A, "192.0.2.1:5".parse().ok()), (B, None)] {
        let mut run = Run::new();
        run.say(who, b"PROXY TCP4 192.0.2.1 192.0.2.2 5 443\r\n");
        run.say(A, &sides[0]).say(B, &sides[1]).say(A, &record(DATA, &[1; 9]));
        let run = run.close();
        assert_eq!(run.sessions[0].source(), source);
    }
}

/// PROXY headers of both versions, cut anywhere: the session behind is told, and of whom.
#[test]
fn sessions_are_found_behind_headers_in_parts() {
    let sides = modern();
    let v2 = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x01\xc0\0\x02\x02\0\x05\x01\xbb";
    for header in [&b"PROXY TCP4 192.0.2.1 192.0.2.2 5 443\r\n"[..], v2] {
        for cut in 1..header.len() {
            for apart in [true, false] {
                let (first, rest) = header.split_at(cut);
                let mut run = Run::new();
                run.say(A, first);
                if apart {
                    run.say(A, rest).say(A, &sides[0]);
                } else {
                    run.say(A, &[rest, &sides[0]].concat());
                }
                run.say(B, &sides[1]).say(A, &record(DATA, &[1; 9]));
                let run = run.close();
                let session = &run.sessions[0];
                assert!(facts(session).starts_with("api.shop.example"), "{cut} {apart}");
                assert_eq!(session.source(), "192.0.2.1:5".parse().ok());
            }
        }
    }
    // A word that only begins like one.
    let mut run = Run::new();
    run.say(A, b"P").say(A, b"OST / HTTP/1.1\r\n\r\n").say(B, b"HTTP/1.1 200 OK\r\n\r\n");
    let run = run.close();
    assert!(run.sessions.is_empty() && run.clear[0] == b"POST / HTTP/1.1\r\n\r\n");
}

/// Its hello was cut where nobody looks: the session inside a tunnel is told by what follows.
#[test]
fn sessions_in_tunnels_are_found_behind_their_hello() {
    let sides = modern();
    let mut run = Run::new();
    run.say(A, b"CONNECT a:1 HTTP/1.1\r\n\r\n").say(B, b"HTTP/1.1 200 OK\r\n\r\n");
    run.say(A, &sides[0][..3]).say(A, &hello()[3..]);
    run.say(B, &sides[1]).say(A, &record(DATA, &[1; 90])).say(B, &record(DATA, &[1; 90]));
    run.say(A, &record(DATA, &[1; 90]));
    let run = run.close();
    assert_eq!(facts(&run.sessions[0]).split(' ').nth(2), Some("1.3"));
}

/// What is agreed to first may have been CONNECT, which was lost.
#[test]
fn sessions_are_found_in_tunnels_that_were_not_asked_for() {
    let sides = modern();
    let mut run = Run::new();
    run.say(B, b"HTTP/1.1 200 OK\r\n\r\n").say(A, &sides[0]).say(B, &sides[1]);
    run.say(A, &record(DATA, &[1; 9]));
    let run = run.close();
    assert!(facts(&run.sessions[0]).starts_with("api.shop.example"));
    let mut run = Run::new();
    run.say(B, b"HTTP/1.1 200 OK\r\n\r\n").say(A, b"GET / HTTP/1.1\r\n\r\n");
    let run = run.close();
    assert!(run.sessions.is_empty() && run.clear[0].starts_with(b"GET "));
}

/// A request that carries a hello does not blind the sensor.
#[test]
fn a_hello_inside_a_tunnel_needs_an_answer() {
    let mut run = Run::new();
    run.say(A, b"CONNECT a:1 HTTP/1.1\r\n\r\n").say(B, b"HTTP/1.1 405 No\r\n\r\n");
    run.say(A, &hello()).say(A, b"GET / HTTP/1.1\r\n\r\n").say(B, b"HTTP/1.1 200 OK\r\n\r\n");
    let run = run.close();
    assert!(run.sessions.is_empty() && run.clear[0].ends_with(b"GET / HTTP/1.1\r\n\r\n"));
}

#[test]
fn sessions_are_joined_midway() {
    let mut run = Run { midway: true, ..Run::new() };
    let data = record(DATA, &[1; 900]);
    run.say(B, &[7; 300]).say(B, &data).say(A, &data).say(B, &data).say(A, &[7; 100]);
    let run = run.close();
    assert_eq!(facts(&run.sessions[0]), "   0000  None None None 0010");
    assert_eq!(run.clear[0].len(), data.len(), "nothing goes on once it is certain");
    // One direction alone must show more.
    let mut run = Run { midway: true, ..Run::new() };
    for _ in 0..20 {
        run.say(B, &data);
    }
    assert_eq!(run.close().sessions.len(), 1);
}

/// Of short connections that were joined midway, and of tunnels that nobody answered in, what there is is told.
#[test]
fn short_sessions_are_told_when_they_end() {
    let data = record(DATA, &[1; 90]);
    let both: &[(Side, &[u8])] = &[(A, &data), (B, &data)];
    let one = &[(A, &data[..]), (A, &data)][..];
    let mixed = &[(A, &data[..]), (B, b"HTTP/1.1 200 OK\r\n\r\n")][..];
    for (said, told) in [(both, 1), (one, 1), (&both[..1], 0), (mixed, 0)] {
        let mut run = Run { midway: true, ..Run::new() };
        for (side, bytes) in said {
            run.say(*side, bytes);
        }
        let run = run.close();
        assert_eq!(run.sessions.len(), told);
        assert!(run.sessions.iter().all(|session| session.midway && session.hello.is_none()));
        // `http` has seen all of it.
        assert_eq!(
            run.clear[0].len() + run.clear[1].len(),
            said.iter().map(|s| s.1.len()).sum::<usize>()
        );
    }
    let mut run = Run::new();
    run.say(A, b"CONNECT a:1 HTTP/1.1\r\n\r\n").say(B, b"HTTP/1.1 200 OK\r\n\r\n");
    run.say(A, &hello());
    let run = run.close();
    let session = &run.sessions[0];
    assert!(!session.agreed && facts(session).starts_with("api.shop.example"));
}

#[test]
fn loss_is_said() {
    // Part of the hello: the name was in what came.
    let (hello, [_, answer]) = (hello(), modern());
    let mut run = Run::new();
    run.say(A, &hello[..120]).lose(A, 20).say(B, &answer);
    let run = run.close();
    assert_eq!(facts(&run.sessions[0]).split(' ').next(), Some("api.shop.example"));
    let session = &run.sessions[0];
    assert!(
        session.broken
            && session.missing == [20, 0]
            && session.hello.as_ref().unwrap().ja4.is_empty()
    );
    // All of the hello: the server's is found.
    let mut run = Run::new();
    run.lose(A, 200).say(B, &answer).say(A, &record(DATA, &[1; 9])).say(A, &record(DATA, &[1; 9]));
    assert_eq!(facts(&run.close().sessions[0]).split(' ').nth(2), Some("1.3"));
}

#[test]
fn alerts_and_retries_are_told() {
    let retry = [
        0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8,
        0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8,
        0x33, 0x9c,
    ];
    let mut again = server_hello(0x1301, &[5; 32], &[(43, vec![3, 4])]);
    again[6..38].copy_from_slice(&retry);
    let mut run = Run::new();
    run.say(A, &hello()).say(B, &record(HANDSHAKE, &again)).say(A, &hello());
    run.say(B, &record(21, &[2, 40]));
    let run = run.close();
    let session = &run.sessions[0];
    assert!(session.retried && !session.agreed);
    assert_eq!(
        session.alerts,
        [Alert { from_client: false, fatal: true, name: "handshake_failure" }]
    );
}

/// A hello of SSL 2 form that offers TLS (RFC 5246 appendix E.2).
#[test]
fn old_hellos_are_read() {
    let hello =
        [&[0x80, 31, 1, 3, 1, 0, 6, 0, 0, 0, 16, 0, 0, 47, 1, 0, 128][..], &[9; 16]].concat();
    let mut run = Run::new();
    run.say(A, &hello).say(B, &record(HANDSHAKE, &server_hello(47, &[], &[])));
    let run = run.close();
    let hello = run.sessions[0].hello.as_ref().unwrap();
    assert!(hello.ssl2 && hello.ja4.starts_with("t10i0100"), "{}", hello.ja4);
}

#[test]
fn long_sessions_are_told_twice() {
    let sides = modern();
    let mut run = Run::new();
    run.say(A, &sides[0]).say(B, &sides[1]);
    run.expire(500);
    assert!(run.sessions.is_empty());
    run.expire(700);
    run.expire(9000);
    run.say(B, &[1; 50]);
    let run = run.close();
    let told: Vec<_> = run.sessions.iter().map(|s| (s.part, s.open, s.bytes[1])).collect();
    assert_eq!(told, [(0, true, sides[1].len() as u64), (1, false, 50)]);
    assert_eq!(facts(&run.sessions[0]), facts(&run.sessions[1]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn cutting_changes_nothing(size in 1..3000_usize, kind in 0..3) {
        let sides = match kind { 0 => modern(), 1 => classic(false), _ => classic(true) };
        let (whole, cut) = (play(&sides, 1 << 20), play(&sides, size));
        prop_assert_eq!(facts(&whole.sessions[0]), facts(&cut.sessions[0]));
        prop_assert_eq!(whole.sessions[0].bytes, cut.sessions[0].bytes);
        prop_assert!(cut.clear.iter().all(Vec::is_empty));
    }

    /// No bytes end the stage; all of them go on, or belong to a session.
    #[test]
    fn any_bytes_are_read(
        said in prop::collection::vec((any::<bool>(), 0..6_usize, any::<prop::sample::Index>(), any::<u8>(), 0..40_u64), 0..30),
        midway: bool,
    ) {
        let (modern, classic) = (modern(), classic(false));
        let mut run = Run { midway, ..Run::new() };
        let mut sent = 0;
        for (a, what, at, octet, lost) in said {
            let mut bytes = match what {
                0 => modern[0].clone(),
                1 => modern[1].clone(),
                2 => classic[0].clone(),
                3 => classic[1].clone(),
                4 => record(HANDSHAKE, &[octet; 60]),
                _ => vec![octet; 30],
            };
            let at = at.index(bytes.len());
            bytes[at] = octet;
            bytes.truncate(1000);
            sent += bytes.len() as u64;
            let side = if a { A } else { B };
            run.say(side, &bytes);
            if lost > 30 {
                run.lose(side, lost);
                sent += lost;
            }
        }
        let run = run.close();
        let told: u64 = run.sessions.iter().flat_map(|session| session.bytes).sum();
        prop_assert!(told <= sent);
    }
}
