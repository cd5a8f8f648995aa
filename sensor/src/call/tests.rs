//! Whole connections, read by the rules of RFC 9112 and RFC 9110.

use super::testing::{Run, Script, Seen, calls, short};
use crate::reassembly::{CloseReason, Side};
use crate::rung::Rung;

const GET: &[u8] = b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHello";

/// Short forms of what a run saw.
fn run(run: &Run, script: &Script) -> Vec<String> {
    run.play(&script.segments).0.iter().map(Seen::short).collect()
}

#[test]
fn a_call() {
    let seen = calls(&[(GET, OK)]);
    assert_eq!(seen.iter().map(Seen::short).collect::<Vec<_>>(), ["GET /a > 200 Order"]);
    let (request, response) = (seen[0].request.clone().unwrap(), seen[0].response.clone().unwrap());
    assert_eq!(request.fields, [("Host".to_owned(), "a".to_owned())]);
    assert_eq!(response.body, "Hello");
    assert_eq!(
        response.facts,
        "Complete wire 43 body 5 decoded 5 missing 0 cut false interim 0 seq 5000"
    );
}

#[test]
fn rfc9112_2_2_blank_lines_before_a_message() {
    let turns: [(&[u8], &[u8]); 2] =
        [(b"\r\n\r\nGET /a HTTP/1.0\r\n\r\n\r\n", OK), (b"\nGET /b HTTP/1.0\r\n\r\n", OK)];
    let seen = calls(&turns);
    assert_eq!(
        seen.iter().map(Seen::short).collect::<Vec<_>>(),
        ["GET /a > 200 Order", "GET /b > 200 Order"]
    );
    assert_eq!(seen[0].request.as_ref().unwrap().flags, [""; 0]);
}

#[test]
fn rfc9112_3_2_target_forms() {
    for target in ["/a?b", "http://a/x", "*", "a"] {
        let request = format!("OPTIONS {target} HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!(short(&[(request.as_bytes(), OK)]), [format!("OPTIONS {target} > 200 Order")]);
    }
}

#[test]
fn rfc9112_3_1_unknown_and_lower_case_methods() {
    let turns: [(&[u8], &[u8]); 2] =
        [(b"frob /a HTTP/1.1\r\nHost: a\r\n\r\n", OK), (b"X-Y /b HTTP/1.1\r\nHost: a\r\n\r\n", OK)];
    assert_eq!(short(&turns), ["frob /a > 200 Order", "X-Y /b > 200 Order"]);
}

#[test]
fn rfc9112_6_3_rule_1_responses_without_a_body() {
    let turns: [(&[u8], &[u8]); 4] = [
        (b"HEAD /h HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"),
        (GET, b"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n"),
        (GET, b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n"),
        (GET, OK),
    ];
    assert_eq!(
        short(&turns),
        ["HEAD /h > 200 Order", "GET /a > 304 Order", "GET /a > 204 Order", "GET /a > 200 Order"]
    );
}

#[test]
fn rfc9112_6_3_rule_2_connect_tunnels_plain_http() {
    let turns: [(&[u8], &[u8]); 2] = [
        (
            b"CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
        ),
        (GET, OK),
    ];
    let seen = calls(&turns);
    assert_eq!(
        seen.iter().map(Seen::short).collect::<Vec<_>>(),
        ["CONNECT a:80 > 200 Order", "GET /a > 200 Order"]
    );
    assert_eq!(seen[0].response.as_ref().unwrap().flags, ["tunnel"]);
    let refused: [(&[u8], &[u8]); 2] = [
        (b"CONNECT a:80 HTTP/1.0\r\n\r\n", b"HTTP/1.1 407 No\r\nContent-Length: 1\r\n\r\nx"),
        (GET, OK),
    ];
    assert_eq!(short(&refused), ["CONNECT a:80 > 407 Order", "GET /a > 200 Order"]);
}

#[test]
fn a_tunnel_of_anything_else_is_left_alone() {
    let mut script = Script::turns(&[(
        b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
    )]);
    for _ in 0..4 {
        script.client(&[0x16; 1000], 1000).server(&[0x17; 1000], 1000);
    }
    script.client(GET, 1000);
    let (seen, counts) = Run::default().play(&script.segments);
    assert_eq!((seen.len(), counts.connections_opaque), (1, 1));
}

#[test]
fn rfc9112_6_3_rule_3_both_lengths() {
    let request = b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n";
    let seen = calls(&[(request, OK), (GET, OK)]);
    assert_eq!(seen.len(), 2);
    let request = seen[0].request.as_ref().unwrap();
    assert_eq!((request.body.as_str(), request.flags.as_slice()), ("abcd", &["cl_te"][..]));
}

#[test]
fn rfc9112_6_3_rule_8_body_to_close() {
    let response = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nHello";
    let facts = |close, fin: Vec<Side>| {
        let run = Run { close, fin, ..Run::default() };
        run.play(&Script::turns(&[(GET, response)]).segments).0[0].response.clone().unwrap().facts
    };
    assert!(facts(CloseReason::Fin, vec![Side::B]).starts_with("Complete wire 43 body 5 "));
    assert!(facts(CloseReason::Reset, vec![]).starts_with("Truncated wire 43 body 5 "));
    assert!(facts(CloseReason::EndOfCapture, vec![]).starts_with("Truncated wire 43 body 5 "));
}

#[test]
fn rfc9112_7_1_chunks_with_extensions_and_trailers() {
    let response = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nHello\r\n0\r\nX-Sum: 9\r\nY: z\r\n\r\n";
    let seen = calls(&[(GET, response), (GET, OK)]);
    assert_eq!(seen.len(), 2);
    let response = seen[0].response.as_ref().unwrap();
    assert_eq!((response.body.as_str(), response.flags.as_slice()), ("Hello", &["chunk_ext"][..]));
    let trailers = [("X-Sum", "9"), ("Y", "z")].map(|(n, v)| (n.to_owned(), v.to_owned()));
    assert_eq!(response.trailers, trailers);
}

#[test]
fn rfc9112_7_1_bad_chunks_lose_one_direction_only() {
    let request = b"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nGET /evil HTTP/1.1\r\nHost: a\r\n\r\n";
    let seen = calls(&[(request, OK), (GET, OK), (GET, OK)]);
    let short = seen.iter().map(Seen::short).collect::<Vec<_>>();
    assert_eq!(short, ["POST /a > 200 Order", "GET /a > 200 Acknowledged", "GET /a > 200 Order"]);
    assert_eq!(seen[0].request.as_ref().unwrap().flags, ["chunk_bad"]);
}

#[test]
fn rfc9112_8_incomplete_messages() {
    let seen = calls(&[(GET, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nHello")]);
    assert!(seen[0].response.as_ref().unwrap().facts.starts_with("Truncated wire 43 body 5 "));
    // A request that never became whole was not made; a response cut short is told by its whole lines.
    let timeout = b"HTTP/1.0 408 Timeout\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(short(&[(b"GET /a HTTP/1.1\r\nHost: a\r\n", timeout)]), ["- > 408 OneSided"]);
    let seen = calls(&[(GET, b"HTTP/1.1 200 OK\r\nX: y\r\nDate: Mon")]);
    assert_eq!(seen[0].short(), "GET /a > 200 Order");
    let response = seen[0].response.as_ref().unwrap();
    assert_eq!(response.fields, [("X".to_owned(), "y".to_owned())]);
    assert!(response.facts.starts_with("Truncated "), "{}", response.facts);
}

#[test]
fn heads_cut_by_a_gap_are_told_by_what_is_there() {
    let midway = Run { handshake: false, fin: vec![], ..Run::default() };
    let mut script = Script::default();
    script
        .server(b"HTTP/1.1 200 OK\r\nDate: Thu, 10", 999)
        .server(b" Mar\r\n\r\n", 999)
        .server(b"x", 999);
    script.segments[1].lost = true;
    let (seen, _) = midway.play(&script.segments);
    assert_eq!(seen.iter().map(Seen::short).collect::<Vec<_>>(), ["- > 200 OneSided"]);
    assert!(seen[0].response.as_ref().unwrap().facts.starts_with("Gap "));
}

#[test]
fn an_interim_response_that_nothing_follows_is_the_answer() {
    let interim = b"HTTP/1.1 100 ok\r\nContent-Type: a/b\r\n\r\n";
    assert_eq!(short(&[(GET, interim)]), ["GET /a > 100 Order"]);
    let seen = calls(&[(GET, &[&interim[..], b"@not a head\r\n"].concat())]);
    assert_eq!(seen.iter().map(Seen::short).collect::<Vec<_>>(), ["GET /a > 100 Order"]);
}

#[test]
fn odd_heads_are_still_read() {
    for (request, response, expected) in [
        (GET, &b"HTTP/1.1 0200 ok\r\nContent-Length: 0\r\n\r\n"[..], "GET /a > 200 Order"),
        (GET, b"HTTP/1.1 200 ok\r\nContent-Length: 0\n\r\r\n", "GET /a > 200 Order"),
        (b"GET HTTP/1.1\r\nHost: a\r\n\r\n", OK, "GET  > 200 Order"),
        (b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", OK, "GET /a b > 200 Order"),
        (b"GET /old\r\n\r\n", b"<html>", "GET /old > - OneSided"),
    ] {
        assert_eq!(short(&[(request, response)]), [expected]);
    }
    let midway = Run { handshake: false, ..Run::default() };
    let script = Script::turns(&[(b"GET /a?b c HTTP/1.1\r\nHost: a\r\n\r\n", OK)]);
    assert_eq!(run(&midway, &script), ["GET /a?b c > 200 Acknowledged"]);
}

#[test]
fn rfc9112_9_3_2_pipelining() {
    let requests = b"GET /a HTTP/1.1\r\nHost: a\r\n\r\nHEAD /b HTTP/1.1\r\nHost: a\r\n\r\nGET /c HTTP/1.1\r\nHost: a\r\n\r\n";
    let head = b"HTTP/1.1 201 Created\r\nContent-Length: 7\r\n\r\n";
    let responses = [OK, head, OK].concat();
    assert_eq!(
        short(&[(requests, &responses)]),
        ["GET /a > 200 Order", "HEAD /b > 201 Order", "GET /c > 200 Order"]
    );
}

#[test]
fn rfc9110_15_2_interim_responses() {
    let mut script = Script::default();
    script.client(
        b"POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
        999,
    );
    script.server(b"HTTP/1.1 100 Continue\r\n\r\n", 999).client(b"Hello", 999);
    script.server(
        b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        999,
    );
    script.client(GET, 999).server(OK, 999);
    let (seen, counts) = Run::default().play(&script.segments);
    assert_eq!(
        seen.iter().map(Seen::short).collect::<Vec<_>>(),
        ["POST /a > 200 Order", "GET /a > 200 Order"]
    );
    assert!(seen[0].response.as_ref().unwrap().facts.contains("interim 2 "));
    assert_eq!(counts.interim_responses, 2);
}

#[test]
fn rfc9110_15_2_2_switching_protocols() {
    let request =
        b"GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n";
    let response = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x05HelloGET / HTTP/1.1\r\n";
    let seen = calls(&[(request, response), (GET, OK)]);
    assert_eq!(
        seen.iter().map(Seen::short).collect::<Vec<_>>(),
        [
            "GET /ws > 101 Order",
            "/ws < 1 Hello Complete",
            "/ws > 8  Truncated",
            "/ws < 8  Truncated"
        ]
    );
    assert_eq!(seen[0].response.as_ref().unwrap().flags, ["tunnel"]);
}

#[test]
fn early_responses_belong_to_the_request_in_progress() {
    let mut script = Script::default();
    script.client(b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234", 999);
    script.server(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n", 999);
    script.client(b"56789", 999).client(GET, 999).server(OK, 999);
    assert_eq!(run(&Run::default(), &script), ["POST /a > 413 Order", "GET /a > 200 Order"]);
}

#[test]
fn an_unsolicited_response_takes_no_request() {
    // The server gave up waiting while the next request was under way: it had received nothing of it.
    let mut script = Script::turns(&[(GET, OK)]);
    script.client(b"GET /late HTTP/1.1\r\nHost: a\r\n\r\n", 999);
    script.server(b"HTTP/1.1 408 Timeout\r\nContent-Length: 0\r\n\r\n", 999);
    script.segments[3].acked = GET.len() as u64;
    assert_eq!(
        run(&Run::default(), &script),
        ["GET /a > 200 Order", "- > 408 OneSided", "GET /late > - OneSided"]
    );
    // The same on a new connection, opened ahead of its first request.
    script.segments.drain(..2);
    for segment in &mut script.segments {
        (segment.offset, segment.acked) = (0, 0);
    }
    assert_eq!(run(&Run::default(), &script), ["- > 408 OneSided", "GET /late > - OneSided"]);
}

/// Two requests are under way at any time. The server goes on behind what the client had when it began the third, and
/// has received nothing of that: so acknowledgements are no proof here.
#[test]
fn a_client_with_a_window_betrays_itself() {
    let request = |n: u32| format!("GET /{n} HTTP/1.1\r\nHost: a\r\n\r\n");
    let response = |n: u32| format!("HTTP/1.1 20{n} OK\r\nContent-Length: 0\r\n\r\n");
    let mut script = Script::default();
    script.client(request(1).as_bytes(), 999).client(request(2).as_bytes(), 999);
    script.server(response(1).as_bytes(), 999).client(request(3).as_bytes(), 999);
    script.server(response(2).as_bytes(), 999).client(request(4).as_bytes(), 999);
    script.server(response(3).as_bytes(), 999).server(response(4).as_bytes(), 999);
    script.segments[4].acked = script.segments[2].acked;
    script.segments[1].lost = true;
    for late in [false, true] {
        if late {
            // What waits behind a hole is delivered once that is given up.
            script.segments.swap(3, 4);
        }
        let seen = run(&Run::default(), &script);
        assert_eq!(seen.len(), 6, "{seen:?}");
        assert_eq!(seen.iter().filter(|call| !call.ends_with(" OneSided")).count(), 1, "{seen:?}");
    }
}

#[test]
fn a_response_captured_before_its_request_still_finds_it() {
    let mut script = Script::turns(&[(GET, OK), (b"GET /b HTTP/1.1\r\nHost: a\r\n\r\n", OK)]);
    script.segments.swap(0, 1);
    script.segments.swap(2, 3);
    assert_eq!(run(&Run::default(), &script), ["GET /a > 200 Order", "GET /b > 200 Order"]);
}

/// A body that begins like a response, of which only the request would have told that it is one: order proves nothing
/// behind it.
#[test]
fn a_body_like_a_response_captured_before_its_request_makes_no_wrong_pair() {
    let ask = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
    let answer = |status: u16, body: &str| {
        format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    };
    // The head in the body goes on into the next response, and takes its head away.
    let first = answer(200, "HTTP/1.1 299 X\r\nContent-Length: 0\r\nx-cut: ");
    let [second, third, fourth] = [201, 202, 203].map(|status| answer(status, ""));
    let mut script = Script::default();
    script.client(ask("/a").as_bytes(), 999).server(first.as_bytes(), 999);
    script.client([ask("/b"), ask("/c")].concat().as_bytes(), 999);
    script.server(second.as_bytes(), 999).server(third.as_bytes(), 999);
    script.client(ask("/d").as_bytes(), 999).server(fourth.as_bytes(), 999);
    script.segments.swap(0, 1);
    assert_eq!(
        run(&Run::default(), &script),
        [
            "GET /a > 200 Order",
            "- > 299 OneSided",
            "- > 202 OneSided",
            "GET /b > - OneSided",
            "GET /c > - OneSided",
            "GET /d > 203 Acknowledged"
        ]
    );
}

/// The first segment of a message was lost on its way and sent again: captured after the others.
#[test]
fn a_message_does_not_end_before_it_begins() {
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    let headers = b"\0\0\x05\x01\x05\0\0\0\x01\x82\x84\x86\x41\0";
    let h2 = [preface.as_slice(), headers].concat();
    for request in [GET, h2.as_slice()] {
        let mut script = Script::default();
        script.client(request, request.len() - 8);
        script.segments[0].time = 5000;
        // Times are looked at in [`Said::of`](super::testing::Said::of).
        assert_eq!(Run::default().play(&script.segments).0.len(), 1);
    }
}

/// The server answers HEAD and what follows in one segment. Where the HEAD was lost, or is captured later, its answer
/// still has no body: what follows is the next response.
#[test]
fn a_response_right_behind_one_to_head_is_no_body() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n";
    let both = [head, OK].concat();
    let mut script = Script::turns(&[(b"HEAD /h HTTP/1.1\r\nHost: a\r\n\r\n", b"")]);
    script.client(GET, 999).server(&both, 999).client(GET, 999).server(OK, 999);
    script.segments[0].lost = true;
    assert_eq!(
        run(&Run::default(), &script),
        [
            "- > 200 OneSided",
            "- > 200 OneSided",
            "GET /a > - OneSided",
            "GET /a > 200 Acknowledged"
        ]
    );
    script.segments[0].lost = false;
    let answer = script.segments.remove(2);
    script.segments.insert(0, answer);
    let seen = Run::default().play(&script.segments).0;
    let short: Vec<_> = seen.iter().map(Seen::short).collect();
    assert_eq!(short, ["HEAD /h > 200 Order", "GET /a > 200 Order", "GET /a > 200 Order"]);
    assert_eq!(seen[0].response.as_ref().unwrap().body, "");
    assert_eq!(seen[1].response.as_ref().unwrap().body, "Hello");
}

#[test]
fn joined_midway() {
    let midway = Run { handshake: false, ..Run::default() };
    let mut script =
        Script::turns(&[(GET, OK), (b"GET /b HTTP/1.1\r\nHost: a\r\n\r\n", OK), (GET, OK)]);
    script.segments[0].lost = true;
    let expected = ["- > 200 OneSided", "GET /b > 200 Acknowledged", "GET /a > 200 Order"];
    assert_eq!(run(&midway, &script), expected);
    // In the middle of a response.
    script.segments[1].lost = true;
    assert_eq!(run(&midway, &script), expected[1..]);
}

#[test]
fn asymmetric_captures() {
    let mut script = Script::turns(&[(GET, OK), (GET, OK), (GET, OK)]);
    for segment in &mut script.segments {
        segment.lost = segment.side == Side::B;
    }
    for eager in [false, true] {
        let run_ = Run { eager, ..Run::default() };
        assert_eq!(run(&run_, &script), ["GET /a > - OneSided"; 3]);
    }
    for segment in &mut script.segments {
        segment.lost = segment.side == Side::A;
    }
    for eager in [false, true] {
        let run_ = Run { eager, ..Run::default() };
        assert_eq!(run(&run_, &script), ["- > 200 OneSided"; 3]);
    }
}

#[test]
fn acknowledgements_that_say_nothing_are_no_proof_against_order() {
    let mut script = Script::turns(&[(GET, OK), (GET, OK)]);
    for segment in &mut script.segments {
        segment.acked = 0;
    }
    assert_eq!(run(&Run::default(), &script), ["GET /a > 200 Order"; 2]);
}

#[test]
fn heads_beyond_the_limit_are_cut_and_said() {
    let mut script = Script::default();
    let long = format!("GET /a HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: yyyyyyyy\r\n".repeat(400));
    script
        .client(long.as_bytes(), 100)
        .server(OK, 999)
        .client(GET, 999)
        .server(OK, 999)
        .client(GET, 999)
        .server(OK, 999);
    let run = Run {
        http: crate::http::Config { head_bytes_max: 1024, ..Default::default() },
        ..Run::default()
    };
    let (seen, _) = run.play(&script.segments);
    let short = seen.iter().map(Seen::short).collect::<Vec<_>>();
    assert_eq!(short, ["GET /a > 200 Order", "GET /a > 200 Acknowledged", "GET /a > 200 Order"]);
    assert_eq!(seen[0].request.as_ref().unwrap().flags, ["head_limit"]);
}

#[test]
fn bodies_beyond_the_limit_are_counted() {
    let response = format!("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{}", "x".repeat(1000));
    let run = Run {
        http: crate::http::Config { body_inspect_bytes_max: 10, ..Default::default() },
        ..Run::default()
    };
    let (seen, counts) =
        run.play(&Script::turns(&[(GET, response.as_bytes()), (GET, OK)]).segments);
    assert_eq!((seen.len(), counts.body_bytes_skipped), (2, 990));
    let response = seen[0].response.as_ref().unwrap();
    assert_eq!(response.body, "x".repeat(10));
    assert!(response.facts.contains("body 1000 ") && response.facts.contains("cut true"));
}

#[test]
fn an_overloaded_sensor_reads_less_of_bodies() {
    let response = format!("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{}", "x".repeat(1000));
    let script = Script::turns(&[(GET, response.as_bytes()), (GET, OK)]);
    for (rung, read, skipped) in [
        (Rung::Full, 1000, 0),
        (Rung::LargeBodies, 100, 900),
        (Rung::NoBodies, 0, 1005),
        (Rung::NoConnections, 0, 1005),
    ] {
        let http = crate::http::Config { body_overload_bytes_max: 100, ..Default::default() };
        let (seen, counts) = Run { http, rung, ..Run::default() }.play(&script.segments);
        assert_eq!(seen.len(), 2, "pairing is the same on every rung");
        assert_eq!(counts.body_bytes_skipped, skipped, "{rung:?}");
        let response = seen[0].response.as_ref().unwrap();
        assert!(response.facts.contains("body 1000 "), "sizes are told on every rung");
        assert_eq!((response.body.len() as u64, response.rung), (read, rung));
    }
}

#[test]
fn rfc9110_8_4_content_codings() {
    let gzip = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xf3\x48\xcd\xc9\xc9\x07\x00\x82\x89\xd1\xf7\x05\x00\x00\x00";
    let head = |coding: &str| {
        format!(
            "HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {}\r\n\r\n",
            gzip.len()
        )
    };
    let read = |coding| {
        calls(&[(GET, &[head(coding).as_bytes(), gzip].concat())])[0].response.clone().unwrap()
    };
    assert_eq!((read("gzip").body.as_str(), read("gzip").flags.len()), ("Hello", 0));
    assert_eq!((read("lzma").body.as_str(), read("lzma").flags), ("", vec!["coding_unknown"]));
    assert_eq!(read("zstd").flags, ["coding_bad"]);
}

#[test]
fn trailing_bytes_and_missing_ends() {
    let extra = [OK, b"junk\r\n"].concat();
    let seen = calls(&[(GET, &extra), (GET, OK)]);
    assert_eq!(seen[0].response.as_ref().unwrap().flags, ["trailing_bytes"]);
    assert_eq!(seen[1].short(), "GET /a > 200 Acknowledged");
    // What could have been the beginning of a line hides no message behind it.
    let extra = [OK, b"junk"].concat();
    assert_eq!(
        short(&[(GET, &extra), (GET, OK)]),
        ["GET /a > 200 Order", "GET /a > 200 Acknowledged"]
    );
    // A body to the end of the connection, and the connection goes on.
    let endless = b"HTTP/1.0 200 OK\r\n\r\nHello";
    assert_eq!(short(&[(GET, endless), (GET, OK)]), ["GET /a > 200 Order"; 2]);
}

// The sender chooses the segments; what is told of it must not depend on them.
#[test]
fn trailing_bytes_are_told_however_they_are_cut() {
    let post = b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi";
    let junk = b"\0\x01junk, and more of it\r\n";
    for size in [1, 2, 7, 1000] {
        let mut script = Script::default();
        script.client(&[&post[..], junk].concat(), size).server(OK, size);
        script.client(GET, size).server(OK, size);
        let (seen, counts) = Run::default().play(&script.segments);
        assert_eq!(seen[0].request.as_ref().unwrap().flags, ["trailing_bytes"], "{size}");
        assert_eq!(counts.flags[16], 1, "{size}");
        // A response whose request is not over is not told yet.
        let mut script = Script::default();
        script.client(&post[..post.len() - 1], size).server(&[OK, junk].concat(), size);
        script.client(b"i", 1);
        let (seen, _) = Run::default().play(&script.segments);
        assert_eq!(seen[0].response.as_ref().unwrap().flags, ["trailing_bytes"], "{size}");
    }
    // What a client says in a tunnel or an upgrade that it does not wait for.
    for ask in [
        &b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n"[..],
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: a\r\n\r\n",
    ] {
        let together = [ask, junk].concat();
        for said in [&[ask, junk][..], &[&together]] {
            let mut script = Script::default();
            for bytes in said {
                script.client(bytes, 999);
            }
            script.server(b"HTTP/1.1 200 OK\r\n\r\n", 999).client(junk, 999).server(junk, 999);
            let (seen, _) = Run::default().play(&script.segments);
            assert!(!seen[0].request.as_ref().unwrap().flags.contains(&"trailing_bytes"));
        }
    }
    // What no response begins with, without an end of line too.
    for junk in [&b"junk"[..], b"GET /b HTTP/1.1\r\nHost: a\r\n\r\n"] {
        let seen = calls(&[(GET, &[OK, junk].concat())]);
        assert_eq!(seen[0].response.as_ref().unwrap().flags, ["trailing_bytes"]);
    }
}

#[test]
fn other_protocols_are_given_up() {
    let mut script = Script::default();
    script.server(b"220 mail ESMTP\r\n", 99).client(b"EHLO a\r\n", 99);
    for _ in 0..4 {
        script.server(&[b'x'; 600], 600);
    }
    let (seen, counts) = Run::default().play(&script.segments);
    assert_eq!((seen.len(), counts.connections_opaque, counts.connections_followed), (0, 1, 0));
}

#[test]
fn a_prelude_before_http_is_passed_over() {
    let mut script = Script::default();
    script
        .client(b"\x05\x01\x00", 99)
        .server(b"\x05\x00", 99)
        .client(b"\x05\x01\x00\x01\x01\x02\x03\x04\x00\x50", 99);
    script.server(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00", 99);
    script.client(GET, 99).server(OK, 99).client(GET, 99).server(OK, 99);
    assert_eq!(run(&Run::default(), &script), ["GET /a > 200 Acknowledged", "GET /a > 200 Order"]);
}

#[test]
fn a_proxy_header_hides_no_request() {
    let v2 = [&b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c"[..], &[9; 12]].concat();
    for header in [&b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n"[..], &v2] {
        assert_eq!(short(&[(&[header, GET].concat(), OK), (GET, OK)]), ["GET /a > 200 Order"; 2]);
        let mut script = Script::default();
        script.client(header, 999).client(GET, 999).server(OK, 999);
        assert_eq!(run(&Run::default(), &script), ["GET /a > 200 Order"]);
        // In parts.
        for cut in 1..header.len() {
            let mut script = Script::default();
            script.client(&header[..cut], 999).client(&[&header[cut..], GET].concat(), 999);
            script.server(OK, 999);
            assert_eq!(run(&Run::default(), &script), ["GET /a > 200 Order"], "{cut}");
        }
    }
}

#[test]
fn acknowledged_pairs_survive_pipelining_in_batches() {
    let ask = |n: u32| format!("GET /{n} HTTP/1.1\r\nHost: a\r\n\r\n");
    let tell = |n: u32| format!("HTTP/1.1 {n} X\r\nContent-Length: 5\r\n\r\nHello");
    let mut script = Script::default();
    for batch in [200, 300, 400] {
        script.client((ask(batch) + &ask(batch + 1)).as_bytes(), 999);
        script.server(tell(batch).as_bytes(), 999).server(tell(batch + 1).as_bytes(), 999);
    }
    // The first response of the first batch is lost: its batch is not told apart, the next ones are.
    script.segments[1].lost = true;
    let pairs = run(&Run::default(), &script);
    let expected = ["GET /300 > 300 Acknowledged", "GET /301 > 301 Order", "GET /400 > 400 Order"];
    assert!(expected.iter().all(|pair| pairs.contains(&(*pair).to_owned())), "{pairs:?}");
    assert!(pairs.contains(&"GET /200 > - OneSided".to_owned()), "{pairs:?}");
}

/// The rest of a batch is written when the first answer, which is lost, has come: the next one answers the request whose
/// end went with the third, not the third.
#[test]
fn a_batch_written_bit_by_bit_makes_no_wrong_pair() {
    let mut script = Script::default();
    script.client(b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\nbody", 999);
    script.server(b"HTTP/1.1 201 X\r\nContent-Length: 0\r\n\r\n", 999);
    script.client(b"bodyGET /3 HTTP/1.1\r\nHost: a\r\n\r\n", 999);
    for status in [202, 203] {
        let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n");
        script.server(answer.as_bytes(), 999);
    }
    let pairs = ["GET /1 > 201 Order", "POST /2 > 202 Order", "GET /3 > 203 Order"];
    assert_eq!(run(&Run::default(), &script), pairs);
    script.segments[1].lost = true;
    let seen = run(&Run::default(), &script);
    assert_eq!(seen.iter().filter(|call| call.ends_with(" OneSided")).count(), 5, "{seen:?}");
}

#[test]
fn a_request_without_a_response_says_whether_one_was_lost() {
    let told = |run: &Run, script: &Script| {
        let seen = run.play(&script.segments).0;
        let told = |call: &Seen| format!("{} {}", call.short(), call.unanswered.join(" "));
        seen.iter().map(told).collect::<Vec<_>>()
    };
    let asked = || Script::turns(&[(GET, OK), (GET, b""), (GET, b"")]);
    let unanswered = "GET /a > - OneSided unanswered";
    let whole = ["GET /a > 200 Order ", unanswered, unanswered];
    assert_eq!(told(&Run::default(), &asked()), whole);
    // The client resets what the server has ended.
    let run = Run { close: CloseReason::Reset, fin: vec![Side::B], ..Run::default() };
    assert_eq!(told(&run, &asked()), whole);

    let unknown = "GET /a > - OneSided ";
    for run in [
        Run { close: CloseReason::Reset, fin: vec![Side::A], ..Run::default() },
        Run { close: CloseReason::Idle, fin: vec![], ..Run::default() },
        Run { close: CloseReason::EndOfCapture, fin: vec![], ..Run::default() },
    ] {
        assert_eq!(told(&run, &asked())[1..], [unknown, unknown]);
    }
    // The last response is lost.
    let mut script = Script::turns(&[(GET, OK), (GET, OK)]);
    script.segments[3].lost = true;
    assert_eq!(told(&Run::default(), &script)[1..], [unknown]);
    // What the server said is no HTTP, or the beginning of a head.
    for said in [&b"220 mail.example ESMTP\r\n"[..], b"HTTP/1.1 20"] {
        let seen = told(&Run::default(), &Script::turns(&[(GET, OK), (GET, said)]));
        assert!(seen.iter().all(|call| !call.contains("unanswered")), "{seen:?}");
    }
    // Joined midway, with a response before it that answers nothing known.
    let mut script = Script::turns(&[(GET, OK), (GET, OK), (GET, b"")]);
    script.segments[2].lost = true;
    let run = Run { handshake: false, ..Run::default() };
    let seen = told(&run, &script);
    assert!(seen.iter().all(|call| !call.contains("unanswered")), "{seen:?}");
}
