//! The truth about a capture of keep-alive calls: which packets hold which parts of which call.
//!
//! Reads complete captures only (no loss, no reordering), and only the HTTP/1.1 that `fixtures/keepalive` holds.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::pcap::{Capture, Segment};
use crate::simulate::Needed;

/// A call with what must be left of the capture for it to be told.
pub struct Call {
    /// Its number, as in `x-call-id`.
    pub number: u64,
    /// Client address and port.
    pub client: (Vec<u8>, u16),
    /// Method of the request.
    pub method: String,
    /// Final status of the response.
    pub status: u64,
    /// What must be left for the request to be told: its head, and what tells where that begins.
    pub request: Needed,
    /// The same for the final response.
    pub response: Needed,
    /// What must be left besides both for the pair to be told by order alone.
    pub context: Needed,
}

/// One direction of a connection.
#[derive(Default)]
struct Stream {
    bytes: Vec<u8>,
    /// The packet that opened it.
    syn: Option<usize>,
    /// Where each packet's payload lies: stream offsets, packet, payload's place in the packet.
    pieces: Vec<(Range<usize>, usize, usize)>,
}

struct Message {
    head: Range<usize>,
    whole: Range<usize>,
    start_line: String,
    number: Option<u64>,
    chunked: bool,
}

/// All calls of the capture, by connection, in order.
///
/// # Panics
///
/// If the capture is not what this reads.
#[must_use]
pub fn calls(capture: &Capture) -> Vec<Call> {
    connections(capture)
        .iter()
        .flat_map(|(client, [requests, responses])| connection(client, requests, responses))
        .collect()
}

type Connection = (Segment, [Stream; 2]);

fn connections(capture: &Capture) -> Vec<Connection> {
    let mut open: BTreeMap<(Vec<u8>, u16, Vec<u8>, u16), usize> = BTreeMap::new();
    let mut all: Vec<(Connection, [Option<u32>; 2])> = Vec::new();
    for (i, packet) in capture.packets.iter().enumerate() {
        let Some(segment) = packet.segment(capture.link) else { continue };
        let key = |a: &(Vec<u8>, u16), b: &(Vec<u8>, u16)| (a.0.clone(), a.1, b.0.clone(), b.1);
        let (there, back) = (key(&segment.from, &segment.to), key(&segment.to, &segment.from));
        let (at, side) = match (open.get(&there), open.get(&back)) {
            (_, Some(&at)) => (at, 1),
            (Some(&at), _) if !segment.syn => (at, 0),
            _ => {
                assert!(segment.syn, "packet {i}: the capture begins within a connection");
                all.push(((segment.clone(), Default::default()), [None, None]));
                open.insert(there, all.len() - 1);
                (all.len() - 1, 0)
            }
        };
        let ((_, streams), bases) = &mut all[at];
        if segment.syn {
            bases[side] = Some(segment.seq);
            streams[side].syn = Some(i);
            continue;
        }
        let base = bases[side].expect("a SYN came first");
        let offset = usize::try_from(segment.seq.wrapping_sub(base)).expect("32 bits fit");
        let payload = &packet.data[segment.payload.clone()];
        let stream = &mut streams[side];
        if payload.is_empty() {
            continue;
        }
        assert_eq!(offset, stream.bytes.len(), "packet {i}: out of order, lost or repeated");
        stream.pieces.push((offset..offset + payload.len(), i, segment.payload.start));
        stream.bytes.extend(payload);
    }
    all.into_iter().map(|(connection, _)| connection).collect()
}

fn connection(client: &Segment, requests: &Stream, responses: &Stream) -> Vec<Call> {
    let mut asked = Vec::new();
    let mut at = 0;
    while let Some(message) = message(&requests.bytes, at, "") {
        at = message.whole.end;
        asked.push(message);
    }
    let mut answered = Vec::new();
    let mut interim = Vec::new();
    at = 0;
    for request in &asked {
        let method = request.start_line.split(' ').next().expect("a method");
        let mut before = Vec::new();
        loop {
            let message =
                message(&responses.bytes, at, method).expect("every request has a response");
            at = message.whole.end;
            if status(&message) >= 200 {
                answered.push(message);
                break;
            }
            before.push(message);
        }
        interim.push(before);
    }
    assert_eq!(at, responses.bytes.len(), "bytes behind the last response");

    let sent: Vec<_> = asked
        .iter()
        .map(|m| Framed { message: m, framing: requests.needed(&m.framing()) })
        .collect();
    let sent = findable(requests, &sent);
    let mut received = Vec::new();
    for (i, last) in answered.iter().enumerate() {
        for message in interim[i].iter().chain([last]) {
            let mut framing = responses.needed(&message.framing());
            if asked[i].start_line.starts_with("HEAD ") {
                // Only the request tells that no body follows.
                framing.extend(&sent[i]);
            }
            received.push(Framed { message, framing });
        }
    }
    let needed = findable(responses, &received).into_iter().zip(&received);
    let received: Vec<_> = needed
        .filter(|(_, framed)| status(framed.message) >= 200)
        .map(|(needed, _)| needed)
        .collect();
    (0..asked.len())
        .map(|i| {
            let number = asked[i].number.expect("x-call-id in every request");
            assert_eq!(answered[i].number, Some(number), "x-call-id in every response");
            Call {
                number,
                client: client.from.clone(),
                method: asked[i].start_line.split(' ').next().unwrap_or_default().to_owned(),
                status: status(&answered[i]),
                request: sent[i].clone(),
                response: received[i].clone(),
                context: ordered((requests, &asked), (responses, &answered, &interim), i),
            }
        })
        .collect()
}

/// A message of one direction, with what tells where it ends.
struct Framed<'a> {
    message: &'a Message,
    framing: Needed,
}

/// What must be left for each message of a direction to be found: its head, and, where no segment begins with
/// that, the framing of the messages before it that tell where it begins.
fn findable(stream: &Stream, all: &[Framed<'_>]) -> Vec<Needed> {
    let begins = |at: usize| {
        stream.pieces.iter().any(|(piece, ..)| piece.start == all[at].message.head.start)
    };
    let needed = |i: usize| {
        let mut needed = stream.needed(&all[i].message.head);
        let mut at = i;
        while at > 0 && !begins(at) {
            at -= 1;
            needed.extend(&all[at].framing);
        }
        needed
    };
    (0..all.len()).map(needed).collect()
}

impl Message {
    /// What tells where the message ends: the head, or all of it when it is chunked.
    fn framing(&self) -> Range<usize> {
        if self.chunked { self.whole.clone() } else { self.head.clone() }
    }
}

/// What must be left for call `i` to be a pair by order alone: the handshake, the framing of everything before it, in both
/// directions, and the interim responses it waited for.
///
/// Behind a hole that may hide messages, acknowledgements can still prove most pairs, but not those of a client
/// that pipelines; and a hole may hide that it does.
fn ordered(
    (requests, asked): (&Stream, &[Message]),
    (responses, answered, interim): (&Stream, &[Message], &[Vec<Message>]),
    i: usize,
) -> Needed {
    let mut needed: Needed =
        [requests.syn, responses.syn].into_iter().flatten().map(|i| (i, 0)).collect();
    for j in 0..i {
        needed.extend(requests.needed(&asked[j].framing()));
        needed.extend(responses.needed(&answered[j].framing()));
    }
    for message in interim.iter().take(i + 1).flatten() {
        needed.extend(responses.needed(&message.whole));
    }
    needed
}

impl Stream {
    fn needed(&self, range: &Range<usize>) -> Needed {
        let overlapping =
            self.pieces.iter().filter(|(at, ..)| at.start < range.end && range.start < at.end);
        overlapping
            .map(|(at, packet, payload)| (*packet, payload + range.end.min(at.end) - at.start))
            .collect()
    }
}

fn status(message: &Message) -> u64 {
    message.start_line.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a status line")
}

/// The message at `at`; `method` is that of the request answered, empty for requests.
fn message(bytes: &[u8], at: usize, method: &str) -> Option<Message> {
    let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
    let head_len = find(rest, b"\r\n\r\n").expect("a whole head") + 4;
    let head = std::str::from_utf8(&rest[..head_len]).expect("a head in ASCII");
    let start_line = head.lines().next().expect("a start line").to_owned();
    let field = |name: &str| {
        let mut fields = head.lines().skip(1).filter_map(|line| line.split_once(':'));
        fields.find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    };
    let code = if method.is_empty() { "" } else { start_line.split(' ').nth(1).expect("a status") };
    let no_body = method == "HEAD" || code.starts_with('1') || code == "204" || code == "304";
    let chunked = !no_body && field("transfer-encoding").is_some();
    let body = match field("content-length") {
        _ if no_body => 0,
        _ if chunked => chunks(&rest[head_len..]),
        Some(length) => length.parse().expect("a length"),
        None => {
            assert!(method.is_empty(), "a response that only the connection ends");
            0
        }
    };
    Some(Message {
        head: at..at + head_len,
        whole: at..at + head_len + body,
        number: field("x-call-id").map(|value| value.parse().expect("a number")),
        start_line,
        chunked,
    })
}

/// Length of a chunked body, without trailers.
fn chunks(body: &[u8]) -> usize {
    let mut at = 0;
    loop {
        let line = find(&body[at..], b"\r\n").expect("a chunk's size");
        let text = std::str::from_utf8(&body[at..at + line]).expect("hexadecimal digits");
        let size = usize::from_str_radix(text.split(';').next().unwrap_or_default().trim(), 16)
            .expect("a size");
        at += line + 2 + size + 2;
        if size == 0 {
            return at;
        }
    }
}

fn find(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes.windows(word.len()).position(|window| window == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(parts: &[(&str, usize)]) -> Stream {
        let mut stream = Stream::default();
        for &(text, packet) in parts {
            let start = stream.bytes.len();
            stream.bytes.extend(text.as_bytes());
            stream.pieces.push((start..start + text.len(), packet, 54));
        }
        stream
    }

    fn client() -> Segment {
        Segment {
            from: (vec![1], 9),
            to: (vec![2], 80),
            seq: 0,
            syn: true,
            fin: false,
            payload: 0..0,
        }
    }

    const ASK: [&str; 2] =
        ["GET /1 HTTP/1.1\r\nx-call-id: 1\r\n\r\n", "HEAD /2 HTTP/1.1\r\nx-call-id: 2\r\n\r\n"];
    const ANSWER: [&str; 2] = [
        "HTTP/1.1 200 OK\r\nX-Call-Id: 1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "HTTP/1.1 404 No\r\nX-Call-Id: 2\r\nContent-Length: 9\r\n\r\n",
    ];

    #[test]
    fn order_needs_all_that_came_before() {
        let calls = connection(
            &client(),
            &stream(&[(ASK[0], 0), (ASK[1], 3)]),
            &stream(&[(&ANSWER[0][..70], 1), (&ANSWER[0][70..], 2), (ANSWER[1], 4)]),
        );
        assert_eq!(
            calls.iter().map(|c| (c.number, c.status)).collect::<Vec<_>>(),
            [(1, 200), (2, 404)]
        );
        assert_eq!(calls[1].request, Needed::from([(3, 54 + ASK[1].len())]));
        assert!(calls[0].context.is_empty());
        // The first response is chunked: all of it tells where the second begins.
        assert_eq!(calls[1].context.iter().map(|n| n.0).collect::<Vec<_>>(), [0, 1, 2]);
    }

    #[test]
    fn heads_within_a_segment_need_what_comes_before() {
        let both = ASK.concat();
        let calls = connection(
            &client(),
            &stream(&[(&both[..20], 0), (&both[20..], 1)]),
            &stream(&[(ANSWER[0], 2), (ANSWER[1], 3)]),
        );
        assert_eq!(calls[1].request.iter().map(|n| n.0).collect::<Vec<_>>(), [0, 1, 1]);
        assert_eq!(calls[1].response.iter().map(|n| n.0).collect::<Vec<_>>(), [3]);
    }
}
