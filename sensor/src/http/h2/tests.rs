//! Connections of hand-made frames.

use super::super::Config;
use super::frame::PREFACE;
use super::testing::{Run, data, frame, get, headers, literal, settings};
use crate::reassembly::{Side, StreamEventKind};

#[test]
fn a_call_is_told_with_its_stream() {
    let mut run = Run::opened();
    run.client(&headers(1, true, &get("/a?b")));
    let block = [&[0x88][..], &literal(true, "x-y", "z")].concat();
    run.server(&headers(1, false, &block));
    run.server(&data(1, false, b"hel"));
    run.server(&data(1, true, b"lo"));
    assert_eq!(
        run.log(),
        [
            "0 s1 GET http://a/a?b",
            "0 end Complete 0 -0",
            "1 s1 200 +0 x-y=z",
            "pair 0 1",
            "1 body hel",
            "1 body lo",
            "1 end Complete 5 -0",
        ]
    );
}

#[test]
fn cuts_change_nothing() {
    let client = [
        &PREFACE[..],
        &settings(),
        &headers(1, true, &get("/1")),
        &headers(3, false, &get("/3")),
        &data(3, true, b"up"),
    ]
    .concat();
    // Padding, priority, CONTINUATION, an unknown frame, trailers.
    let first = [&[0x88][..], &literal(true, "long", "value")].concat();
    let padded = [&[3, 0, 0, 0, 0, 7][..], &first[..4], &[0, 0, 0]].concat();
    let server = [
        settings(),
        frame(1, 0x8 | 0x20, 3, &padded),
        frame(9, 4, 3, &first[4..]),
        frame(0xb, 0xff, 9, b"anything"),
        frame(0, 0x8, 3, b"\x02down\0\0"),
        headers(1, true, &[0x8d]),
        headers(3, true, &literal(false, "grpc-status", "0")),
    ]
    .concat();
    let play = |size: usize| {
        let mut run = Run::new(true);
        for (side, bytes) in [(Side::A, &client), (Side::B, &server)] {
            for piece in bytes.chunks(size) {
                run.say(side, piece, true);
            }
        }
        let mut joined: Vec<String> = Vec::new();
        for line in run.log() {
            match (joined.last_mut(), line.split_once(" body ")) {
                (Some(last), Some((message, more)))
                    if last.starts_with(&format!("{message} body")) =>
                {
                    last.push_str(more);
                }
                _ => joined.push(line),
            }
        }
        joined
    };
    let whole = play(1 << 20);
    assert_eq!(
        whole,
        [
            "0 s1 GET http://a/1",
            "0 end Complete 0 -0",
            "1 s3 GET http://a/3",
            "1 body up",
            "1 end Complete 2 -0",
            "2 s3 200 +0 long=value",
            "pair 1 2",
            "2 body down",
            "3 s1 404 +0",
            "pair 0 3",
            "3 end Complete 0 -0",
            "2 end Complete 4 -0 grpc-status=0",
        ]
    );
    for size in 1..60 {
        assert_eq!(play(size), whole, "segments of {size} bytes");
    }
}

// RFC 9113 §8.1: several interim responses may come before the final one.
#[test]
fn interim_responses_are_counted() {
    let mut run = Run::opened();
    run.client(&headers(1, true, &get("/")));
    let early = [&[0x08, 3][..], b"103"].concat();
    run.server(&[headers(1, false, &early), headers(1, false, &early)].concat());
    run.server(&headers(1, true, &[0x89]));
    let log = run.log();
    assert_eq!(log[2..], ["1 s1 204 +2", "pair 0 1", "1 end Complete 0 -0"]);
}

// RFC 9113 §8.2.3.
#[test]
fn cookie_crumbs_are_joined() {
    let mut run = Run::opened();
    let crumbs = ["a=1", "b=2", "c=3"].map(|crumb| literal(false, "cookie", crumb)).concat();
    run.client(&headers(1, true, &[get("/"), literal(false, "x", "y"), crumbs].concat()));
    assert_eq!(run.log()[0], "0 s1 GET http://a/ x=y cookie=a=1; b=2; c=3");
}

// RFC 9113 §8.1.1, §8.2, §8.3.
#[test]
fn malformed_messages_are_flagged() {
    for (fields, flag) in [
        (literal(false, "transfer-encoding", "chunked"), " !connection_field"),
        (literal(false, "Connection", "x"), " !name_case !connection_field"),
        (literal(false, "te", "gzip"), " !connection_field"),
        (literal(false, "te", "trailers"), ""),
        (literal(false, "X-Y", "z"), " !name_case"),
        (literal(false, "x", "a\r\nb: c"), " !bad_bytes"),
        (literal(false, "x y", "z"), " !bad_bytes"),
        (literal(false, "x-bin", "\0a\r\n"), ""),
        (literal(false, ":status", "200"), " !pseudo_bad"),
        (literal(false, ":odd", "1"), " !pseudo_bad"),
        ([literal(false, "x", "y"), literal(false, ":method", "PUT")].concat(), " !pseudo_bad"),
        (literal(false, "host", "b"), " !host_bad"),
        (literal(false, "content-length", "5x"), " !cl_bad"),
        (literal(false, "content-length", "0"), ""),
    ] {
        let mut run = Run::opened();
        run.client(&headers(1, true, &[get("/"), fields].concat()));
        let log = run.log();
        let flags = log[0].find(" !").map_or("", |at| log[0].split_at(at).1);
        assert_eq!(flags, flag, "{log:?}");
    }
    let mut run = Run::opened();
    run.client(&headers(1, true, &[0x82, 0x86]));
    assert!(run.log()[0].ends_with(" !host_bad !pseudo_bad"));

    let mut run = Run::opened();
    let post = [
        &[0x83, 0x84, 0x86][..],
        &literal(false, ":authority", "a"),
        &literal(false, "content-length", "9"),
    ]
    .concat();
    run.client(&[headers(1, false, &post), data(1, true, b"four")].concat());
    assert_eq!(run.log()[2], "0 end Complete 4 -0 !length_mismatch");
}

// RFC 9113 §6.4, §6.8.
#[test]
fn reset_and_refused_streams_have_no_response() {
    let mut run = Run::opened();
    run.client(&headers(1, true, &get("/1")));
    run.client(&headers(3, false, &get("/3")));
    run.client(&frame(3, 0, 1, &[0, 0, 0, 8]));
    // Sent before the reset arrived.
    run.server(&headers(1, true, &[0x88]));
    run.server(&frame(7, 0, 0, &[0, 0, 0, 1, 0, 0, 0, 0]));
    let (log, counts) = run.close();
    assert_eq!(
        log,
        [
            "0 s1 GET http://a/1",
            "0 end Complete 0 -0",
            "1 s3 GET http://a/3",
            "alone 0 !stream_reset",
            "alone 1 !stream_reset",
            "1 end Truncated 0 -0 !stream_reset",
        ]
    );
    assert_eq!(counts.streams_reset, 2);
}

// RFC 9113 §8.4.
#[test]
fn pushed_responses_have_their_promised_request() {
    let mut run = Run::opened();
    run.client(&headers(1, true, &get("/")));
    run.server(&frame(5, 4, 1, &[&[0, 0, 0, 2][..], &get("/style.css")].concat()));
    run.server(&[headers(1, true, &[0x88]), headers(2, true, &[0x88])].concat());
    assert_eq!(
        run.log()[2..],
        [
            "1 s2 GET http://a/style.css !pushed",
            "1 end Complete 0 -0 !pushed",
            "2 s1 200 +0",
            "pair 0 2",
            "2 end Complete 0 -0",
            "3 s2 200 +0",
            "pair 1 3",
            "3 end Complete 0 -0",
        ]
    );
}

// RFC 9113 §8.5, RFC 8441.
#[test]
fn tunnels_are_not_read() {
    let mut run = Run::opened();
    let connect =
        [literal(false, ":method", "CONNECT"), literal(false, ":authority", "b:443")].concat();
    run.client(&headers(1, false, &connect));
    run.server(&headers(1, false, &[0x88]));
    run.client(&data(1, false, b"secret"));
    let websocket = [get("/chat"), literal(false, ":protocol", "websocket")].concat();
    run.client(&headers(3, true, &websocket));
    let log = run.log();
    assert_eq!(log[0], "0 s1 CONNECT ://b:443b:443 !tunnel");
    assert_eq!(log[1], "1 s1 200 +0 !tunnel");
    assert!(log[3].starts_with("2 s3 GET http://a/chat"));
    assert!(!log.iter().any(|line| line.contains("secret")));
}

// RFC 8441 §5.1.
#[test]
fn a_stream_may_be_a_socket() {
    let mut run = Run::opened();
    let connect = [
        literal(false, ":method", "CONNECT"),
        literal(false, ":protocol", "websocket"),
        literal(false, ":path", "/chat"),
        literal(false, ":scheme", "https"),
        literal(false, ":authority", "a"),
    ];
    run.client(&headers(1, false, &connect.concat()));
    run.server(&headers(1, false, &[0x88]));
    run.client(&data(1, false, b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f"));
    run.server(&data(1, false, b"\x81\x02hi\x88\x02\x03\xe8"));
    run.client(&data(1, true, b"\x4d\x51\x58"));
    run.server(&data(1, true, b""));
    run.client(&headers(3, true, &get("/next")));
    let log = run.log();
    assert_eq!(
        log[1..],
        [
            "1 s1 200 +0 !tunnel",
            "pair 0 1",
            "socket 1 open",
            "0 end Complete 0 -0 !tunnel",
            "1 end Complete 0 -0 !tunnel",
            "socket 1 server 1 Complete hi",
            "socket 1 server 8 Complete ",
            "socket 1 client 1 Complete Hello",
            "socket 1 client 8 Truncated ",
            "socket 1 end",
            "2 s3 GET http://a/next",
            "2 end Complete 0 -0",
        ]
    );
}

#[test]
fn responses_may_be_delivered_before_their_requests() {
    let mut run = Run::opened();
    run.server(&headers(1, false, &[0x88]));
    run.server(&headers(5, true, &[0x8d]));
    run.client(&headers(1, true, &get("/1")));
    run.server(&data(1, true, b""));
    // Stream 3 came before 5, so that its response would have a request; 5's comes too.
    run.client(&headers(3, true, &get("/3")));
    run.client(&headers(5, true, &get("/5")));
    let log = run.log();
    assert!(log.contains(&"pair 2 0".into()) && log.contains(&"pair 4 1".into()), "{log:?}");
}

#[test]
fn joined_midway_what_was_said_before_is_left_out() {
    let mut run = Run::new(false);
    // 62 and 63 were added before; 62 is `new: field` from the second request on.
    let block =
        [&get("/7")[..], &[0xbe, 0xbf], &literal(true, "new", "field"), &[0xbe, 0xbf]].concat();
    run.client(&headers(7, true, &block));
    run.server(&headers(7, true, &[0x88, 0xbe]));
    run.client(&headers(9, true, &[&get("/9")[..], &[0xbe, 0xc0]].concat()));
    let (log, counts) = run.close();
    assert_eq!(
        log,
        [
            "0 s7 GET http://a/7 new=field new=field !hpack_partial",
            "0 end Complete 0 -0 !hpack_partial",
            "1 s7 200 +0 !hpack_partial",
            "pair 0 1",
            "1 end Complete 0 -0 !hpack_partial",
            "2 s9 GET http://a/9 new=field !hpack_partial",
            "2 end Complete 0 -0 !hpack_partial",
        ]
    );
    assert_eq!(counts.hpack_unknown, 5);
}

// Found by the model test against h2: while frames of the server were still looked for, the head of a response passed.
#[test]
fn trailers_of_a_head_that_passed_unread_are_no_head() {
    let mut run = Run::new(false);
    run.client(&[headers(7, true, &get("/7")), headers(9, true, &get("/9"))].concat());
    // The head of stream 7 is in here, behind the rest of a frame.
    run.say(Side::B, &[b"rest"[..].into(), headers(7, false, &[0x88])].concat(), false);
    run.server(&headers(9, true, &[0x88]));
    run.server(&headers(7, true, &[&[0xbe][..], &literal(false, "grpc-status", "0")].concat()));
    let log = run.log();
    assert!(log.iter().any(|line| line.starts_with("2 s9 200")), "{log:?}");
    assert!(!log.iter().any(|line| line.contains("grpc-status")), "{log:?}");
}

// RFC 9113 §8.1: found by the model test against h2. Whether a response is an interim one only its status tells.
#[test]
fn a_head_behind_an_unknown_status_is_no_trailers() {
    for second in [vec![0x88], vec![0xc0]] {
        let mut run = Run::new(false);
        run.client(&[headers(5, true, &get("/5")), settings()].concat());
        run.server(&headers(5, true, &[0x88]));
        run.client(&headers(7, true, &get("/7")));
        // 64, which is not known, may be `:status: 103`.
        run.server(&headers(7, false, &[&[0xc0][..], &literal(false, "link", "/a")].concat()));
        run.server(&headers(7, true, &[second, literal(false, "x", "y")].concat()));
        let log = run.log();
        assert_eq!(log[7], "3 s7 0 +0 link=/a !hpack_partial");
        assert_eq!(log[8..], ["pair 2 3", "3 end Complete 0 -0 !hpack_partial"]);
    }
}

#[test]
fn a_gap_inside_data_costs_its_bytes_only() {
    let mut run = Run::opened();
    run.client(&headers(1, true, &get("/1")));
    let body = data(1, true, b"0123456789");
    run.server(&[&headers(1, false, &[0x88])[..], &body[..12]].concat());
    run.gap(Side::B, 4);
    run.server(&body[16..]);
    run.client(&headers(3, true, &get("/3")));
    run.server(&headers(3, true, &[0x88]));
    assert_eq!(
        run.log()[2..],
        [
            "1 s1 200 +0",
            "pair 0 1",
            "1 body 012",
            "1 end Gap 10 -4",
            "2 s3 GET http://a/3",
            "2 end Complete 0 -0",
            "3 s3 200 +0",
            "pair 2 3",
            "3 end Complete 0 -0",
        ]
    );
}

#[test]
fn a_gap_over_frame_headers_is_followed_by_a_search() {
    let mut run = Run::opened();
    run.client(&[headers(1, true, &get("/1")), headers(3, true, &get("/3"))].concat());
    run.server(&headers(1, false, &[&[0x88][..], &literal(true, "x", "old")].concat()));
    // The rest of stream 1 and the head of stream 3 are gone.
    run.gap(Side::B, 100);
    run.server(b"\0\0middle of something");
    run.server(&[data(3, true, b"tail"), frame(6, 0, 0, &[0; 8])].concat());
    run.client(&headers(5, true, &get("/5")));
    run.server(&headers(5, true, &[0x88, 0xbe]));
    let (log, counts) = run.close();
    assert_eq!(
        log[4..],
        [
            "2 s1 200 +0 x=old",
            "pair 0 2",
            "lost",
            "alone 1",
            "3 s5 GET http://a/5",
            "3 end Complete 0 -0",
            "4 s5 200 +0 !hpack_partial",
            "pair 3 4",
            "4 end Complete 0 -0 !hpack_partial",
            "2 end Gap 0 -0",
        ]
    );
    assert_eq!((counts.lost, counts.resyncs), (1, 1));
}

// What looks like frames at the start of a segment may be content whose frame header was lost.
#[test]
fn frames_inside_content_make_no_pair() {
    let mut run = Run::opened();
    run.client(&headers(1, false, &get("/1")));
    run.gap(Side::A, 9);
    // Content of stream 1 that holds a request of stream 3, then the request that is really sent there.
    run.client(&[headers(3, true, &get("/forged")), data(3, true, b"")].concat());
    run.client(&headers(3, true, &get("/3")));
    run.server(&headers(3, true, &[0x88]));
    run.client(&headers(5, true, &get("/5")));
    run.server(&headers(5, true, &[0x88]));
    let pairs: Vec<_> = run.log().into_iter().filter(|line| line.starts_with("pair")).collect();
    assert_eq!(pairs, ["pair 3 4"]);
}

#[test]
fn a_torn_header_block_makes_the_table_unknown() {
    let mut run = Run::opened();
    run.client(&headers(1, true, &[get("/1"), literal(true, "x", "old")].concat()));
    let torn = headers(3, true, &[get("/3"), literal(true, "y", "lost")].concat());
    run.client(&torn[..20]);
    run.gap(Side::A, torn.len() as u64 - 20);
    run.client(&headers(5, true, &[&get("/5")[..], &[0xbe, 0xbf]].concat()));
    run.server(&headers(3, true, &[0x88]));
    let (log, counts) = run.close();
    assert_eq!(
        log[2..],
        [
            "1 s5 GET http://a/5 !hpack_partial",
            "1 end Complete 0 -0 !hpack_partial",
            "2 s3 200 +0",
            "alone 2",
            "2 end Complete 0 -0",
        ]
    );
    assert_eq!((counts.hpack_blocks_lost, counts.hpack_unknown), (1, 2));
}

// A flood of CONTINUATION frames (CVE-2024-27316 and others).
#[test]
fn endless_header_blocks_are_cut() {
    let config = Config { http2_block_bytes_max: 1 << 10, ..Config::default() };
    let mut run = Run::with(true, &config);
    run.client(&[&PREFACE[..], &settings()].concat());
    let more = literal(true, "x", &"v".repeat(100));
    run.client(&frame(1, 0, 1, &[get("/1"), more.clone()].concat()));
    for _ in 0..1000 {
        run.client(&frame(9, 0, 1, &more));
        assert!(run.http.held_head_bytes() <= 1 << 10);
    }
    run.client(&frame(9, 4, 1, &more));
    run.client(&headers(3, true, &[&get("/3")[..], &[0xbe]].concat()));
    let log = run.log();
    assert!(log[0].starts_with("0 s1 GET http://a/1 x=vvv") && log[0].contains("!head_limit"));
    assert!(log[1].starts_with("1 s3 GET http://a/3 !hpack_partial"), "{log:?}");
}

// Two cards or queues of one: the answer to an upload is captured first, and the reset that says no more of it is needed.
#[test]
fn a_reset_response_waits_for_a_request_that_is_captured_later() {
    let reset = |id| frame(3, 0, id, &[0, 0, 0, 0]);
    let mut run = Run::opened();
    run.server(&[headers(1, true, &[0x88]), reset(1)].concat());
    run.server(&[headers(3, false, &[0x88]), reset(3)].concat());
    run.client(&[headers(1, false, &get("/1")), data(1, true, b"x")].concat());
    run.client(&headers(3, true, &get("/3")));
    // The request for this one is lost.
    run.server(&[headers(5, true, &[0x88]), reset(5)].concat());
    run.client(&headers(7, true, &get("/7")));
    run.server(&headers(7, true, &[0x88]));
    let (log, counts) = run.close();
    let told = |start: &str| log.iter().filter(|line| line.starts_with(start)).count();
    assert_eq!((told("pair"), told("alone"), counts.streams_reset), (3, 1, 3), "{log:#?}");
    assert_eq!(log.iter().filter(|line| line.contains("!stream_reset")).count(), 1, "{log:#?}");
}

#[test]
fn what_a_server_leaves_unanswered_is_told_if_nothing_was_lost() {
    let told = |lost: u64, said: &[u8], fin: Option<Side>| {
        let mut run = Run::opened();
        run.client(&headers(1, true, &get("/1")));
        if lost > 0 {
            run.gap(Side::B, lost);
        }
        run.server(&headers(1, true, &[0x88]));
        run.client(&headers(3, true, &get("/3")));
        run.server(said);
        if let Some(side) = fin {
            run.push(StreamEventKind::Fin { side });
        }
        run.log().iter().filter(|line| line.contains("!unanswered")).cloned().collect::<Vec<_>>()
    };
    assert_eq!(told(0, b"", Some(Side::B)), ["alone 2 !unanswered"]);
    assert_eq!(told(0, b"", Some(Side::A)), [""; 0]);
    assert_eq!(told(0, b"", None), [""; 0]);
    assert_eq!(told(9, b"", Some(Side::B)), [""; 0]);
    // A response that is cut.
    assert_eq!(told(0, &headers(3, true, &[0x88])[..9], Some(Side::B)), [""; 0]);
    assert_eq!(told(0, &headers(3, true, &[0x88])[..4], Some(Side::B)), [""; 0]);
}

// Rapid reset (CVE-2023-44487), and streams that never end.
#[test]
fn many_streams_stay_inside_the_limit() {
    let config = Config { http2_streams_max: 10, ..Config::default() };
    let mut run = Run::with(true, &config);
    run.client(&[&PREFACE[..], &settings()].concat());
    for stream in (1..2000).step_by(2) {
        run.client(&headers(stream, false, &get("/")));
        if stream > 1000 {
            run.client(&frame(3, 0, stream, &[0; 4]));
        }
    }
    let (log, counts) = run.close();
    assert_eq!((counts.requests, counts.streams_reset), (1000, 500));
    assert_eq!(counts.streams_evicted, 491);
    // Every request has an end.
    assert_eq!(log.iter().filter(|line| line.contains(" end ")).count(), 1000);
}

#[test]
fn a_capture_of_one_direction_tells_every_message() {
    let mut run = Run::new(true);
    run.server(&settings());
    for stream in (1..2000).step_by(2) {
        run.server(&headers(stream, true, &[0x88]));
    }
    let (log, counts) = run.close();
    assert_eq!(counts.responses, 1000);
    // Of the last ones the end of the connection says it.
    assert_eq!(log.iter().filter(|line| line.starts_with("alone")).count(), 744);
    assert_eq!(counts.streams_evicted, 744);
}

// Its beginning was lost but for the preface: answers are to its own requests.
#[test]
fn another_connection_on_the_same_ports_has_streams_of_its_own() {
    let mut run = Run::opened();
    run.client(&headers(1, true, &get("/old")));
    run.gap(Side::A, 100_000);
    run.gap(Side::B, 100_000);
    run.client(&[&PREFACE[..], &settings()].concat());
    run.client(&headers(1, true, &get("/new")));
    run.server(&settings());
    run.server(&headers(1, true, &[0x88]));
    let log = run.log();
    let of = |path: &str| {
        let head = log.iter().find(|line| line.contains(path)).unwrap();
        head.split(' ').next().unwrap().to_owned()
    };
    assert!(log.contains(&format!("alone {}", of("/old"))), "{log:#?}");
    assert!(log.iter().any(|line| line.starts_with(&format!("pair {} ", of("/new")))), "{log:#?}");
}

// RFC 7540 §3.2.
#[test]
fn an_upgrade_answers_on_stream_one() {
    let mut run = Run::new(true);
    run.client(b"GET /x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nX-Y: z\r\n\r\n");
    let switch = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";
    run.server(&[&switch[..], &settings(), &headers(1, false, &[0x88])].concat());
    run.server(&data(1, true, b"hi"));
    run.client(&[&PREFACE[..], &settings(), &headers(3, true, &get("/3"))].concat());
    let (log, counts) = run.close();
    assert_eq!(
        log[4..],
        [
            "1 end Complete 0 -0 !tunnel",
            "2 s1 GET http://a/x Host=a X-Y=z !h2c_upgrade",
            "2 end Complete 0 -0 !h2c_upgrade",
            "3 s1 200 +0",
            "pair 2 3",
            "3 body hi",
            "3 end Complete 2 -0",
            "4 s3 GET http://a/3",
            "4 end Complete 0 -0",
        ]
    );
    assert_eq!(counts.connections_upgraded, 1);
}

// The server's answer or the request was lost, or another answer came between.
#[test]
fn an_upgrade_of_which_a_part_was_lost_is_followed() {
    let ask = b"GET /x HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n\r\n";
    let switch = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n";
    let preface = [&PREFACE[..], &settings(), &headers(3, true, &get("/3"))].concat();
    let answer = headers(3, true, &[0x88]);
    let ends = |run: Run| {
        let log = run.log();
        let pairs: Vec<_> = log.iter().filter(|line| line.starts_with("pair")).collect();
        assert_eq!(pairs.len(), 1, "{log:#?}");
        assert!(log.iter().any(|line| line.ends_with("s3 GET http://a/3")), "{log:#?}");
    };

    let mut run = Run::new(true);
    run.client(ask);
    run.gap(Side::B, 90);
    run.client(&preface);
    run.server(&answer);
    ends(run);

    let mut run = Run::new(true);
    run.client(b"CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n");
    run.gap(Side::B, 90);
    run.client(&preface);
    run.server(&answer);
    ends(run);

    let mut run = Run::new(true);
    run.gap(Side::A, 90);
    run.server(&[&switch[..], &settings()].concat());
    run.client(&preface);
    run.server(&answer);
    ends(run);
}

/// A client must wait for the answer. Servers read what one says that does not.
#[test]
fn an_upgrade_that_is_not_waited_for_is_followed() {
    let ask = b"GET /x HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n\r\n";
    let switch = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n";
    let own = literal(true, "x-a", "b");
    let early = [&PREFACE[..], &settings(), &headers(3, true, &[get("/3"), own].concat())].concat();
    let late = headers(5, true, &[get("/5"), vec![0xbe]].concat());
    for pieces in [
        vec![[&ask[..], &early].concat()],
        vec![ask.to_vec(), early.clone()],
        vec![[&ask[..], &early[..30]].concat(), early[30..60].to_vec(), early[60..].to_vec()],
    ] {
        let mut run = Run::new(true);
        pieces.iter().for_each(|piece| run.client(piece));
        run.server(&[&switch[..], &settings(), &headers(1, true, &[0x88])].concat());
        run.server(&headers(3, true, &[0x88]));
        run.client(&late);
        run.server(&headers(5, true, &[0x88]));
        let (log, counts) = run.close();
        let pairs = log.iter().filter(|line| line.starts_with("pair")).count();
        assert_eq!((pairs, counts.alone, counts.frames_bad), (4, 0, 0), "{log:#?}");
        assert!(log.iter().any(|line| line.ends_with("s3 GET http://a/3 x-a=b")), "{log:#?}");
        assert!(log.iter().any(|line| line.ends_with("s5 GET http://a/5 x-a=b")), "{log:#?}");
    }
    // More than is held costs what is in it.
    let config = Config { head_bytes_max: 200, ..Config::default() };
    let mut run = Run::with(true, &config);
    run.client(&[&ask[..], &early, &data(7, true, &[0; 300])].concat());
    run.client(&data(7, true, &[0; 50]));
    run.server(&[&switch[..], &settings(), &headers(1, true, &[0x88])].concat());
    run.server(&headers(3, true, &[0x88]));
    let (log, _) = run.close();
    assert_eq!(log.iter().filter(|line| line.starts_with("pair")).count(), 3, "{log:#?}");
    // The server goes on in HTTP/1, the client too.
    let mut run = Run::new(true);
    run.client(&[&ask[..], &early].concat());
    run.server(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    run.client(b"GET /y HTTP/1.1\r\nHost: a\r\n\r\n");
    run.server(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let (log, counts) = run.close();
    assert_eq!(counts.requests, 2, "{log:#?}");
}

#[test]
fn an_upgrade_behind_another_answer_is_followed() {
    let mut run = Run::new(true);
    run.client(
        b"GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n\r\n",
    );
    run.server(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    run.server(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n");
    run.client(&[&PREFACE[..], &settings(), &headers(3, true, &get("/3"))].concat());
    run.server(&[settings(), headers(3, true, &[0x88])].concat());
    let log = run.log();
    assert!(log.iter().any(|line| line.ends_with("s3 GET http://a/3")), "{log:#?}");
}

#[test]
fn other_upgrades_are_not_followed() {
    let mut run = Run::new(true);
    run.client(b"GET /x HTTP/1.1\r\nHost: a\r\nUpgrade: h2c, x-own\r\n\r\n");
    run.server(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x-own\r\n\r\n");
    run.server(&[settings(), headers(1, true, &[0x88])].concat());
    assert_eq!(run.log().len(), 5);
}
