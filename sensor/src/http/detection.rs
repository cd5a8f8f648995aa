//! Tests: which protocol a connection speaks is told by content, on any port, from either end, and more than once.

use proptest::collection::vec;
use proptest::prelude::*;

use super::h2::testing::{Run, data, get, headers, settings};
use super::{Config, Counts};
use crate::reassembly::Side;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const ASK: &[u8] = b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

/// First lines of the requests told, and the number of pairs.
fn told(log: &[String]) -> (Vec<&str>, usize) {
    let heads = log.iter().filter(|line| line.contains("://"));
    let pairs = log.iter().filter(|line| line.starts_with("pair")).count();
    (heads.map(String::as_str).collect(), pairs)
}

/// A connection on which nothing is told.
fn silent(handshake: bool, said: &[(Side, &[u8])]) -> Counts {
    let mut run = Run::new(handshake);
    for (side, bytes) in said {
        run.say(*side, bytes, true);
    }
    let (log, counts) = run.close();
    assert!(log.is_empty(), "{log:?}");
    counts
}

/// Databases, mail, queues, shells: protocols that begin with letters, or with what frames of HTTP/2 begin with.
#[test]
fn other_protocols_are_no_calls() {
    use Side::{A, B};
    let mysql = b"\x4a\0\0\0\x0a8.0.36\0\x08\0\0\0abcdefgh\0\xff\xff\xff\x02\0\xff\xdf\x15\0\0\0\0";
    let postgres = b"\0\0\0\x54\0\x03\0\0user\0app\0database\0shop\0\0";
    let query = b"Q\0\0\0\x1bSELECT GET / HTTP/1.1;\0";
    let kafka = b"\0\0\0\x1f\0\x12\0\x03\0\0\0\x01\0\x08producer\0\0\0\0\0\0\0\0\0\0";
    let mongo =
        b"\x3a\0\0\0\x01\0\0\0\0\0\0\0\xdd\x07\0\0\0\0\0\0\0\x25\0\0\0\x10hello\0\x01\0\0\0";
    let dns = b"\0\x1d\xab\xcd\x01\0\0\x01\0\0\0\0\0\0\x03www\x07example\0\0\x01\0\x01";
    for said in [
        &[(B, &mysql[..]), (A, b"\x21\0\0\x01\x8d\xa2\x0b\0 root\0shop\0")][..],
        &[(A, postgres), (B, b"R\0\0\0\x08\0\0\0\0"), (A, query), (B, b"T\0\0\0\x07\0\x01x")],
        &[(A, kafka), (B, b"\0\0\0\x0a\0\0\0\x01\0\0\0\0\0\0")],
        &[(A, mongo), (B, mongo)],
        &[(A, dns), (B, dns)],
        &[(B, b"220 mail.example ESMTP\r\n"), (A, b"EHLO a\r\n"), (B, b"250 OK\r\n")],
        &[(B, b"220 FTP\r\n"), (A, b"USER anonymous\r\n"), (B, b"331 go on\r\n")],
        &[(A, b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n"), (B, b"$2\r\nhi\r\n")],
        &[(A, b"GET k\r\n"), (B, b"+OK\r\n")],
        &[(A, b"get k\r\n"), (B, b"VALUE k 0 2\r\nhi\r\nEND\r\n")],
        &[(B, b"SSH-2.0-OpenSSH_9.2\r\n"), (A, b"SSH-2.0-x\r\n")],
        &[
            (A, b"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP a\r\n\r\n"),
            (B, b"SIP/2.0 200 OK\r\n\r\n"),
        ],
        &[(A, b"OPTIONS rtsp://a/b RTSP/1.0\r\nCSeq: 1\r\n\r\n"), (B, b"RTSP/1.0 200 OK\r\n\r\n")],
        &[(A, b"ICY 200 OK\r\n"), (B, b"\x80\x02\x01")],
        &[(A, b"INFO {\"a\":1}\r\n"), (B, b"CONNECT {\"verbose\":false}\r\nPING\r\n")],
        &[(A, b"GIOP\x01\x02\0\0\0\0\0\x04"), (B, b"AMQP\0\0\x09\x01")],
    ] {
        for handshake in [true, false] {
            assert_eq!(silent(handshake, said).connections_followed, 0, "{:?}", said[0].1);
        }
    }
}

/// Of a connection followed from its start, so many octets are looked at and no more; then it is told why.
#[test]
fn bulk_is_given_up_early() {
    let bulk: Vec<u8> =
        (0..60_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    let limit = Config::default().probe_bytes_max;
    for size in [1, 100, 1460, 65_000] {
        let mut run = Run::new(true);
        let mut said = 0;
        for chunk in bulk.chunks(size) {
            run.client(chunk);
            said += chunk.len() as u64;
            let opaque = run.http.counts().connections_opaque;
            assert_eq!(opaque, u64::from(said > limit), "{size}: {said}");
        }
        // What would be a call goes by.
        run.client(ASK);
        run.server(ANSWER);
        let (log, counts) = run.close();
        assert!(log.is_empty(), "{log:?}");
        assert_eq!((counts.connections_opaque, counts.connections_followed), (1, 0));
    }
    // A line without an end is waited for, though not for ever.
    let mut run = Run::new(true);
    run.client(b"GIT \\");
    for _ in 0..40 {
        run.client(&[b'x'; 1000]);
    }
    assert_eq!(run.close().1.connections_opaque, 1);
}

/// RFC 9112 §2.2: what comes before a request line and is none does not hide it, however long.
#[test]
fn empty_lines_hide_no_calls() {
    for (pieces, size) in [(200, 1448), (3000, 2), (3000, 1)] {
        let mut run = Run::new(true);
        for _ in 0..pieces {
            run.client(&b"\r\n".repeat(724)[..size]);
        }
        run.client(&[b"\r\n", ASK].concat());
        run.server(ANSWER);
        let (log, counts) = run.close();
        assert_eq!((told(&log).0.len(), told(&log).1), (1, 1), "{log:?}");
        assert_eq!(counts.connections_opaque, 0);
    }
}

/// RFC 1945 §4.1: a request without a version, however it is cut.
#[test]
fn old_requests_are_told_in_pieces() {
    let line = b"GET /a\r\n";
    for cut in 1..line.len() {
        let mut run = Run::new(true);
        run.client(&line[..cut]);
        run.client(&line[cut..]);
        run.server(b"hello");
        let (log, counts) = run.close();
        assert_eq!(counts.http09_requests, 1, "{cut}: {log:?}");
    }
}

/// Servers differ in how long a request line may be: some take a megabyte. What is as long hides neither itself nor others.
#[test]
fn long_request_lines_hide_no_calls() {
    for (method, first) in [("GET", true), ("GET", false), ("FETCH", true), ("FETCH", false)] {
        for len in [17_000, 70_000, 300_000_usize] {
            let mut run = Run::new(true);
            if !first {
                run.client(ASK);
                run.server(ANSWER);
            }
            let line = format!("{method} /long?q={} HTTP/1.1\r\n", "x".repeat(len));
            line.as_bytes().chunks(1448).for_each(|piece| run.client(piece));
            run.client(b"Host: a\r\n\r\n");
            run.server(ANSWER);
            run.client(ASK);
            run.server(ANSWER);
            let (log, _) = run.close();
            let heads = told(&log).0;
            assert_eq!(heads.len(), if first { 2 } else { 3 }, "{first} {len} {heads:?}");
            let long = heads.iter().find(|head| head.contains("/long")).unwrap();
            let limit = Config::default().head_bytes_max;
            assert_eq!(long.contains("!head_limit"), len > limit, "{first} {len}");
            assert!(long.len() > len.min(limit), "{first} {len}");
        }
    }
}

/// RFC 9113 §3.4: the line that HTTP/2 begins with, with fields behind it, is a request that servers answer.
#[test]
fn a_preface_with_fields_hides_no_calls() {
    let odd = b"PRI * HTTP/2.0\r\nHost: a\r\n\r\n";
    for pieces in [&[10, 16, odd.len()][..], &[odd.len()]] {
        for first in [true, false] {
            let mut run = Run::new(true);
            if !first {
                run.client(ASK);
                run.server(ANSWER);
            }
            let mut from = 0;
            for &to in pieces {
                run.client(&odd[from..to]);
                from = to;
            }
            run.client(ASK);
            run.server(&[ANSWER, ANSWER].concat());
            let log = run.log();
            let calls = if first { 2 } else { 3 };
            assert_eq!((told(&log).0.len(), told(&log).1), (calls, calls), "{log:?}");
        }
    }
}

/// The end that opened the connection is the server: told by what it says.
#[test]
fn calls_may_go_either_way() {
    for handshake in [true, false] {
        let mut run = Run::new(handshake);
        run.server(ASK);
        run.client(ANSWER);
        run.server(ASK);
        run.client(ANSWER);
        let log = run.log();
        let (heads, pairs) = told(&log);
        assert_eq!((heads.len(), pairs), (2, 2), "{log:?}");
        let mut run = Run::new(handshake);
        run.server(&[PREFACE, &settings(), &headers(1, true, &get("/a"))].concat());
        run.client(&[settings(), headers(1, false, &[0x88]), data(1, true, b"hi")].concat());
        let log = run.log();
        assert_eq!((told(&log).0.len(), told(&log).1), (1, 1), "{log:?}");
    }
    // Joined midway, the answer is the first that is seen.
    let mut run = Run::new(false);
    run.client(ANSWER);
    run.server(ASK);
    run.client(ANSWER);
    let log = run.log();
    assert_eq!((told(&log).0.len(), told(&log).1), (1, 1), "{log:?}");
}

/// Behind CONNECT anything may come: HTTP/1, HTTP/2, or what is none of both and given up.
#[test]
fn tunnels_are_looked_into() {
    let open = |run: &mut Run| {
        run.client(b"CONNECT b:1 HTTP/1.1\r\nHost: b:1\r\n\r\n");
        run.server(b"HTTP/1.1 200 OK\r\n\r\n");
    };
    let mut run = Run::new(true);
    open(&mut run);
    run.client(ASK);
    run.server(ANSWER);
    let log = run.log();
    assert_eq!((told(&log).0.len(), told(&log).1), (2, 2), "{log:?}");
    let mut run = Run::new(true);
    open(&mut run);
    run.client(&[PREFACE, &settings(), &headers(1, true, &get("/a"))].concat());
    run.server(&[settings(), headers(1, true, &[0x88])].concat());
    let log = run.log();
    assert_eq!((told(&log).0.len(), told(&log).1), (2, 2), "{log:?}");
    // A tunnel in a tunnel.
    let mut run = Run::new(true);
    open(&mut run);
    open(&mut run);
    run.client(ASK);
    run.server(ANSWER);
    let log = run.log();
    assert_eq!((told(&log).0.len(), told(&log).1), (3, 3), "{log:?}");
    let mut run = Run::new(true);
    open(&mut run);
    for _ in 0..9 {
        run.client(&[7; 1000]);
        run.server(&[8; 1000]);
    }
    run.client(ASK);
    let (log, counts) = run.close();
    assert_eq!((told(&log).0.len(), told(&log).1), (1, 1), "{log:?}");
    assert_eq!((counts.connections_opaque, counts.connections_upgraded), (1, 1));
}

/// SOCKS is passed over, as what is none of the protocols; what is inside begins with a segment.
#[test]
fn socks_is_passed_over() {
    let asked: [&[(Side, &[u8])]; 2] = [
        &[
            (Side::A, b"\x05\x01\0"),
            (Side::B, b"\x05\0"),
            (Side::A, b"\x05\x01\0\x03\x01b\0\x50"),
            (Side::B, b"\x05\0\0\x01\x7f\0\0\x01\0\0"),
        ],
        &[(Side::A, b"\x04\x01\0\x50\0\0\0\x01u\0b\0"), (Side::B, b"\0\x5a\0\0\0\0\0\0")],
    ];
    for asked in asked {
        let mut run = Run::new(true);
        for (side, bytes) in asked {
            run.say(*side, bytes, true);
        }
        for _ in 0..2 {
            run.client(ASK);
            run.server(ANSWER);
        }
        let log = run.log();
        assert_eq!((told(&log).0.len(), told(&log).1), (2, 2), "{log:?}");
    }
}

/// A stream of octets that are none of the protocols.
fn noise(most: usize) -> impl Strategy<Value = Vec<u8>> {
    // Without an H no version, and so no start line, comes about by chance.
    let octet = any::<u8>().prop_filter("no start line", |octet| *octet != b'H');
    vec(octet, 1..most)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Random octets before a call, behind it, or instead: no call is told that is not there, and none twice.
    #[test]
    fn noise_makes_no_calls(
        before in vec((any::<bool>(), noise(300)), 0..6),
        calls in 0..3_usize,
        after in vec((any::<bool>(), noise(300)), 0..6),
        handshake: bool,
        http2: bool,
    ) {
        let mut run = Run::new(handshake);
        let side = |server: bool| if server { Side::B } else { Side::A };
        for (server, bytes) in &before {
            run.say(side(*server), bytes, true);
        }
        for call in 0..calls {
            if http2 {
                let id = u32::try_from(call).unwrap() * 2 + 1;
                let opening = if call == 0 { [PREFACE, &settings()].concat() } else { Vec::new() };
                run.client(&[opening, headers(id, true, &get("/a"))].concat());
                let opening = if call == 0 { settings() } else { Vec::new() };
                run.server(&[opening, headers(id, true, &[0x88])].concat());
            } else {
                run.client(ASK);
                run.server(ANSWER);
            }
        }
        for (server, bytes) in &after {
            run.say(side(*server), bytes, true);
        }
        let log = run.log();
        let (heads, pairs) = told(&log);
        // What follows a proper call may be a malformed one, without a version; noise before it, HTTP/0.9.
        let real = heads.iter().filter(|head| head.contains("/a")).count();
        prop_assert!(real <= calls && pairs <= calls, "{:?}", log);
        if before.is_empty() {
            prop_assert_eq!((real, pairs), (calls, calls), "{:?}", log);
        }
        if calls == 0 {
            prop_assert!(heads.is_empty(), "{:?}", log);
        }
    }
}
