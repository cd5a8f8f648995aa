//! Loss, cuts and late starts: never a wrong pair, and every call that was seen whole is found again.

use proptest::prelude::*;

use super::Pairing;
use super::testing::{Run, Script, Seen, Segment};
use crate::reassembly::{CloseReason, Side};

/// One call of every kind of framing; request and response both name `n`.
fn exchange(script: &mut Script, kind: u32, n: usize, size: usize) {
    let host = "Host: a\r\n";
    let echo = format!("X-Echo: {n}\r\n");
    // A head cut short may have lost its fields, but never its status.
    let code = 210 + n;
    let body = format!("{{\"call\": {n}, \"text\": \"{}\"}}", "y".repeat(40 + n * 7));
    let len = body.len();
    let get = |method: &str| format!("{method} /{n} HTTP/1.1\r\n{host}\r\n");
    let post =
        |extra: &str| format!("POST /{n} HTTP/1.1\r\n{host}{extra}Content-Length: {len}\r\n\r\n");
    let ok = format!("HTTP/1.1 {code} OK\r\n{echo}Content-Length: {len}\r\n\r\n{body}");
    match kind % 7 {
        0 => script.client(get("GET").as_bytes(), size).server(ok.as_bytes(), size),
        1 => {
            let half = len / 2;
            let (a, b) = body.split_at(half);
            let rest = len - half;
            let head = format!("HTTP/1.1 {code} OK\r\n{echo}Transfer-Encoding: chunked\r\n\r\n");
            let chunks = format!("{head}{half:x}\r\n{a}\r\n{rest:x}\r\n{b}\r\n0\r\n\r\n");
            script.client(get("GET").as_bytes(), size).server(chunks.as_bytes(), size)
        }
        2 => {
            let head = format!("HTTP/1.1 {code} OK\r\n{echo}Content-Length: 999\r\n\r\n");
            script.client(get("HEAD").as_bytes(), size).server(head.as_bytes(), size)
        }
        3 => {
            let head = format!("HTTP/1.1 304 Not Modified\r\n{echo}Content-Length: 999\r\n\r\n");
            script.client(get("GET").as_bytes(), size).server(head.as_bytes(), size)
        }
        4 => script.client((post("") + &body).as_bytes(), size).server(ok.as_bytes(), size),
        5 => {
            let head = post("Expect: 100-continue\r\n");
            script.client(head.as_bytes(), size).server(b"HTTP/1.1 100 Continue\r\n\r\n", size);
            script.client(body.as_bytes(), size).server(ok.as_bytes(), size)
        }
        _ => {
            let head = format!("POST /{n} HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\n\r\n");
            let chunks = format!("{head}{len:x}\r\n{body}\r\n0\r\n\r\n");
            script.client(chunks.as_bytes(), size).server(ok.as_bytes(), size)
        }
    };
}

/// A sequence of calls, and which of its segments belong to which call.
fn sequence(kinds: &[u32], size: usize) -> (Script, Vec<usize>) {
    let (mut script, mut owner) = (Script::default(), Vec::new());
    for (n, &kind) in kinds.iter().enumerate() {
        exchange(&mut script, kind, n, size);
        owner.resize(script.segments.len(), n);
    }
    (script, owner)
}

/// Batches of calls: all requests of one at once, then all its responses. A batch of one is a plain call.
fn pipeline(batches: &[&[u32]], size: usize) -> Script {
    let (mut script, mut n) = (Script::default(), 0);
    for batch in batches {
        let mut segments = Vec::new();
        for &kind in *batch {
            let mut one = Script::default();
            // Expect waits for an answer: it cannot be pipelined.
            exchange(&mut one, if kind % 7 == 5 { 4 } else { kind }, n, usize::MAX);
            segments.extend(one.segments);
            n += 1;
        }
        for side in [Side::A, Side::B] {
            for segment in segments.iter().filter(|segment| segment.side == side) {
                script.say(side, &segment.bytes, size);
            }
        }
    }
    script
}

/// The number a response says it answers, and the number the request has.
fn numbers(seen: &Seen) -> (Option<String>, Option<String>) {
    let request =
        seen.request.as_ref().map(|said| said.line.rsplit('/').next().unwrap().to_owned());
    let response = seen.response.as_ref().and_then(|said| {
        said.fields.iter().find(|(name, _)| name == "X-Echo").map(|(_, value)| value.clone())
    });
    (request, response)
}

/// Numbers of the calls that were paired; fails on a wrong pair, a message made up, and a message told twice.
fn paired(seen: &[Seen]) -> Vec<String> {
    let mut found = Vec::new();
    let (mut asked, mut told) = (Vec::new(), Vec::new());
    for call in seen {
        assert_eq!(call.unanswered, [""; 0], "all were answered: {}", call.short());
        let (request, response) = numbers(call);
        let status = call.response.as_ref().and_then(|said| said.line.parse::<usize>().ok());
        let response = response
            .or_else(|| status.filter(|s| (210..299).contains(s)).map(|s| (s - 210).to_string()));
        let cut = call
            .response
            .as_ref()
            .is_some_and(|said| said.facts.starts_with("Gap") && said.body.is_empty());
        let interim = status == Some(100);
        if status.is_some() && !cut && !interim {
            assert!(response.is_some(), "a response that nobody sent: {}", call.short());
        }
        if let (Some(request), Some(response)) = (&request, &response) {
            assert_eq!(request, response, "wrong pair");
            assert_ne!(call.pairing, Pairing::OneSided);
            found.push(request.clone());
        }
        asked.extend(request);
        told.extend(response);
    }
    for mut said in [asked, told] {
        let all = said.len();
        said.sort();
        said.dedup();
        assert_eq!(said.len(), all, "a message told twice");
    }
    found
}

fn play(segments: &[Segment], handshake: bool, eager: bool) -> Vec<String> {
    let run = Run { handshake, eager, ..Run::default() };
    paired(&run.play(segments).0)
}

#[test]
fn whole_connections_are_paired_whole() {
    for size in [1, 7, 64, 2000] {
        let (script, _) = sequence(&[0, 1, 2, 3, 4, 5, 6, 0], size);
        for eager in [false, true] {
            assert_eq!(play(&script.segments, true, eager).len(), 8, "segments of {size} bytes");
            // A segment must hold enough of a start line to know it by.
            assert!(
                size < 7 || play(&script.segments, false, eager).len() == 8,
                "joined midway at the first byte"
            );
        }
    }
}

#[test]
fn one_lost_segment_costs_at_most_its_own_call() {
    for size in [48, 150, 2000] {
        let (script, owner) = sequence(&[0, 1, 2, 3, 4, 5, 6, 0, 2, 1, 4], size);
        for eager in [false, true] {
            for lost in 0..script.segments.len() {
                let mut segments = script.segments.clone();
                segments[lost].lost = true;
                let found = play(&segments, true, eager);
                for n in (0..11).filter(|&n| n != owner[lost]) {
                    assert!(
                        found.contains(&n.to_string()),
                        "{n} gone with {lost} of {size}, eager {eager}"
                    );
                }
            }
        }
    }
}

#[test]
fn two_lost_segments_make_no_wrong_pair() {
    let (script, _) = sequence(&[0, 1, 2, 4, 5, 6, 0], 150);
    for eager in [false, true] {
        for first in 0..script.segments.len() {
            for second in first..script.segments.len() {
                let mut segments = script.segments.clone();
                segments[first].lost = true;
                segments[second].lost = true;
                play(&segments, true, eager);
            }
        }
    }
}

#[test]
fn pipelined_calls_make_no_wrong_pair() {
    let script = pipeline(&[&[0, 4, 1, 2, 0, 3]], 150);
    assert_eq!(play(&script.segments, true, false).len(), 6);
    for eager in [false, true] {
        for first in 0..script.segments.len() {
            for second in first..script.segments.len() {
                let mut segments = script.segments.clone();
                segments[first].lost = true;
                segments[second].lost = true;
                play(&segments, true, eager);
                play(&segments, false, eager);
            }
        }
    }
}

#[test]
fn late_starts_lose_only_what_came_before() {
    let (script, owner) = sequence(&[0, 1, 2, 3, 4, 5, 6, 0, 4], 100);
    for eager in [false, true] {
        for (start, owner) in owner.iter().enumerate() {
            let segments = &script.segments[start..];
            let found = play(segments, false, eager);
            for n in owner + 1..9 {
                assert!(
                    found.contains(&n.to_string()),
                    "{n} gone when joined at {start}, eager {eager}"
                );
            }
        }
    }
}

#[test]
fn no_message_is_made_from_a_body_behind_a_loss() {
    let inner = "HTTP/1.1 200 OK\r\nX-Echo: 99\r\nServer: x\r\nContent-Length: 0\r\n\r\n";
    let ask = "GET /99 HTTP/1.1\r\nHost: evil\r\nUser-Agent: x\r\n\r\n";
    for kind in [0, 1, 4, 6] {
        // The body's segments begin with whole messages; the chunk or head around them is lost.
        for lost in [0, 1, 2] {
            let mut script = Script::default();
            exchange(&mut script, 0, 0, 2000);
            let upload = kind >= 4;
            let piece = if upload { ask } else { inner };
            let (head, foot) = match kind % 4 {
                0 => (format!("Content-Length: {}\r\n\r\n", 10 + 4 * piece.len()), String::new()),
                _ => (
                    format!("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n", 10 + 4 * piece.len()),
                    "\r\n0\r\n\r\n".into(),
                ),
            };
            let first = script.segments.len() + usize::from(!upload);
            if upload {
                script.client(format!("POST /1 HTTP/1.1\r\nHost: a\r\n{head}").as_bytes(), 2000);
                script.client(b"0123456789", 2000);
                for _ in 0..4 {
                    script.client(piece.as_bytes(), 2000);
                }
                script.client(foot.as_bytes(), 2000);
                script.server(b"HTTP/1.1 200 OK\r\nX-Echo: 1\r\nContent-Length: 0\r\n\r\n", 2000);
            } else {
                script.client(b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\n", 2000);
                script.server(format!("HTTP/1.1 200 OK\r\nX-Echo: 1\r\n{head}").as_bytes(), 2000);
                script.server(b"0123456789", 2000);
                for _ in 0..4 {
                    script.server(piece.as_bytes(), 2000);
                }
                script.server(foot.as_bytes(), 2000);
            }
            exchange(&mut script, 0, 2, 2000);
            script.segments[first + lost].lost = true;
            // With the segment before it, or head and first bytes, gone, the next may look like a message: only
            // the one segment right behind a hole that hides the whole head cannot be told from one.
            let seen = Run::default().play(&script.segments).0;
            let made_up = seen.iter().filter(|call| {
                let (request, response) = numbers(call);
                request.as_deref() == Some("99") || response.as_deref() == Some("99")
            });
            assert_eq!(made_up.count(), 0, "kind {kind}, {lost} lost");
            let last =
                seen.iter().filter(|call| numbers(call) == (Some("2".into()), Some("2".into())));
            assert_eq!(last.count(), 1, "kind {kind}, {lost} lost");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn cuts_change_no_call(kinds in prop::collection::vec(0..7_u32, 1..6), size in 1..200_usize, other in 1..200_usize) {
        let run = Run { close: CloseReason::Reset, ..Run::default() };
        let (a, b) = (run.play(&sequence(&kinds, size).0.segments).0, run.play(&sequence(&kinds, other).0.segments).0);
        prop_assert_eq!(&a, &b);
        prop_assert_eq!(a.len(), kinds.len());
    }

    #[test]
    fn loss_makes_no_wrong_pair(
        kinds in prop::collection::vec(0..7_u32, 1..12),
        size in 20..400_usize,
        lost in prop::collection::vec(0..10_u32, 200),
        start in 0..3_usize,
        eager: bool,
        batch in 1..5_usize,
    ) {
        let batches = kinds.chunks(batch).collect::<Vec<_>>();
        let mut script = if batch > 1 { pipeline(&batches, size) } else { sequence(&kinds, size).0 };
        for (segment, lost) in script.segments.iter_mut().zip(lost) {
            segment.lost = lost < 2;
        }
        // One request and one response seen of a pipelining client look like all there was.
        let start = if batch > 1 { 0 } else { start.min(script.segments.len()) };
        play(&script.segments[start..], start == 0, eager);
    }

    #[test]
    fn skew_between_the_directions_changes_no_pair(kinds in prop::collection::vec(0..7_u32, 1..6), skew in 0..40_usize) {
        let (script, _) = sequence(&kinds, 60);
        // The client's direction comes `skew` segments late.
        let mut order = script.segments.iter().enumerate().collect::<Vec<_>>();
        order.sort_by_key(|(at, segment)| at + if segment.side == Side::A { skew } else { 0 });
        let segments = order.into_iter().map(|(_, segment)| segment.clone()).collect::<Vec<_>>();
        let head = kinds.iter().any(|kind| kind % 7 == 2);
        let found = play(&segments, true, false);
        // A response to HEAD is framed by its request, which is not there yet.
        prop_assert!(head || found.len() == kinds.len());
    }
}
