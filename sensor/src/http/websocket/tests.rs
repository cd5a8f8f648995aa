//! Sockets of an independent encoder, cut, lost and joined midway: never a wrong message.

use flate2::{Compress, Compression, FlushCompress};
use proptest::prelude::*;

use super::super::h2::testing::connection;
use super::super::{
    Completeness, Config, Counts, Flags as HttpFlags, Http, HttpEvent, HttpEventKind, Role,
};
use super::{Facts, Flags, opcode};
use crate::reassembly::{
    CloseReason, Connection, ConnectionId, Side, StreamEvent, StreamEventKind,
};
use crate::time::Timestamp;

/// A message that was told.
#[derive(Clone)]
struct Told {
    facts: Facts,
    bytes: Vec<u8>,
}

impl Told {
    fn short(&self) -> String {
        let Self { facts, bytes } = self;
        let from = if facts.role == Role::Request { ">" } else { "<" };
        let flags: String = facts.flags.names().map(|name| format!(" !{name}")).collect();
        let end = match (facts.completeness, facts.cut) {
            (Completeness::Complete, false) => "",
            (Completeness::Complete, true) => " cut",
            (Completeness::Truncated, _) => " truncated",
            (Completeness::Gap, _) => " gap",
        };
        format!("{from}{} {}{end}{flags}", facts.opcode, bytes.escape_ascii())
    }
}

/// A connection under test.
struct Run {
    http: Http,
    connection: Connection,
    offsets: [u64; 2],
    told: Vec<Told>,
    ordinal: u64,
}

impl Run {
    fn with(handshake: bool, config: &Config) -> Self {
        let connection = connection(handshake);
        Self { http: Http::new(config), connection, offsets: [0; 2], told: Vec::new(), ordinal: 0 }
    }

    /// A socket that was opened, with these extensions.
    fn opened(extensions: &str) -> Self {
        Self::configured(extensions, &Config::default())
    }

    fn configured(extensions: &str, config: &Config) -> Self {
        let mut run = Self::with(true, config);
        run.client(
            b"GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        );
        let answer = format!(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Extensions: {extensions}\r\n\r\n"
        );
        run.server(answer.as_bytes());
        run
    }

    fn client(&mut self, bytes: &[u8]) {
        self.say(Side::A, bytes);
    }

    fn server(&mut self, bytes: &[u8]) {
        self.say(Side::B, bytes);
    }

    fn say(&mut self, side: Side, bytes: &[u8]) {
        let (offset, acked) =
            (self.offsets[side.index()], Some(self.offsets[side.other().index()]));
        self.offsets[side.index()] += bytes.len() as u64;
        self.push(StreamEventKind::Data { side, offset, acked, segment_start: true, bytes });
    }

    fn gap(&mut self, side: Side, len: u64) {
        let offset = self.offsets[side.index()];
        self.offsets[side.index()] += len;
        self.push(StreamEventKind::Gap { side, offset, len });
    }

    fn push(&mut self, kind: StreamEventKind<'_>) {
        self.ordinal += 1;
        // A segment each 20 ms: far below the rate.
        let time = Timestamp::from_nanos(1_767_225_600_000_000_000 + self.ordinal * 20_000_000);
        let (id, ordinal) = (ConnectionId { slot: 0 }, self.ordinal);
        let event = StreamEvent { id, connection: &self.connection, time, ordinal, kind };
        let told = &mut self.told;
        self.http.push(&event, &mut |event: HttpEvent<'_>| {
            if let HttpEventKind::Socket { facts, bytes } = event.kind {
                told.push(Told { facts: *facts, bytes: bytes.to_vec() });
            }
        });
    }

    fn close(mut self) -> (Vec<Told>, Counts) {
        self.push(StreamEventKind::Close { reason: CloseReason::Fin });
        assert_eq!((self.http.held_head_bytes(), self.http.held_socket_bytes()), (0, 0));
        (self.told, self.http.counts().clone())
    }

    fn short(self) -> Vec<String> {
        self.close().0.iter().map(Told::short).collect()
    }
}

/// A frame, masked with a key if `key` is given.
fn frame(first: u8, key: Option<[u8; 4]>, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![first];
    let mask = if key.is_some() { 0x80 } else { 0 };
    match payload.len() {
        len @ 0..126 => out.push(mask | u8::try_from(len).unwrap()),
        len @ 126..=0xffff => {
            out.push(mask | 126);
            out.extend_from_slice(&u16::try_from(len).unwrap().to_be_bytes());
        }
        len => {
            out.push(mask | 127);
            out.extend_from_slice(&(len as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(&key.unwrap_or_default()[..if key.is_some() { 4 } else { 0 }]);
    let key = key.unwrap_or_default();
    out.extend(payload.iter().enumerate().map(|(i, b)| b ^ key[i % 4]));
    out
}

const KEY: Option<[u8; 4]> = Some([0x37, 0xfa, 0x21, 0x3d]);

#[test]
fn messages_of_both_sides() {
    let mut run = Run::opened("");
    run.client(&frame(0x81, KEY, b"{\"type\":\"hello\"}"));
    run.server(&frame(0x82, None, &[0, 1, 2]));
    run.server(&frame(0x81, None, b""));
    assert_eq!(
        run.short(),
        [
            ">1 {\\\"type\\\":\\\"hello\\\"}",
            "<2 \\x00\\x01\\x02",
            "<1 ",
            ">8  truncated",
            "<8  truncated"
        ]
    );
}

// RFC 6455 §5.4: control frames may stand between fragments.
#[test]
fn fragments_with_a_ping_between() {
    let mut run = Run::opened("");
    let frames = [
        frame(0x01, KEY, b"Hel"),
        frame(0x89, KEY, b"ping"),
        frame(0x00, KEY, b"l"),
        frame(0x80, KEY, b"o"),
        frame(0x88, KEY, b"\x03\xe8bye"),
    ];
    run.client(&frames.concat());
    run.server(&frame(0x8a, None, b"ping"));
    let (told, counts) = run.close();
    let short: Vec<_> = told.iter().map(Told::short).collect();
    assert_eq!(short, [">1 Hello", ">8 bye", "<8  truncated"]);
    assert_eq!((told[0].facts.frames, told[0].facts.sequence), (3, 0));
    assert_eq!(told[1].facts.close_code, Some(1000));
    let totals = told[1].facts.totals.unwrap();
    assert_eq!((totals.messages.messages, totals.messages.bytes, totals.pings), (1, 5, 1));
    assert_eq!(told[2].facts.totals.unwrap().pongs, 1);
    assert_eq!((counts.websocket_messages, counts.websocket_control_frames), (1, 2));
    assert_eq!(counts.websocket_sockets, 1);
}

#[test]
fn broken_rules_are_flagged() {
    let mut run = Run::opened("");
    run.client(&frame(0x81, None, b"unmasked"));
    run.client(&frame(0xc1, KEY, b"reserved"));
    run.client(&frame(0x80, KEY, b"of nothing"));
    run.client(&frame(0x01, KEY, b"never ended"));
    run.client(&frame(0x81, KEY, b"\xff\xfe"));
    run.client(&frame(0x89, KEY, &[b'x'; 200]));
    run.client(&[&[0x81, 0xfe, 0, 2][..], &[0; 4], b"ok"].concat());
    run.client(&frame(0x88, KEY, b"\x03"));
    assert_eq!(
        run.short(),
        [
            ">1 unmasked !mask_bad",
            ">1  cut !reserved_bits !undecoded",
            ">0  gap !fragment_bad",
            ">1 never ended truncated !fragment_bad",
            ">1 \\xff\\xfe !fragment_bad !utf8_bad",
            ">1 ok !length_bad",
            ">8 \\x03 !close_bad",
        ]
    );
}

#[test]
fn a_loss_inside_a_payload_costs_that_message_alone() {
    let mut run = Run::opened("");
    let text = frame(0x81, None, b"a text that is torn");
    run.server(&text[..9]);
    run.gap(Side::B, 5);
    run.server(&text[14..]);
    run.server(&frame(0x81, None, b"next"));
    let (told, counts) = run.close();
    assert_eq!(
        told.iter().map(Told::short).collect::<Vec<_>>(),
        ["<1 a text  gap", "<1 next", "<8  truncated"]
    );
    assert_eq!((told[0].facts.missing_bytes, told[0].facts.payload_bytes), (5, 19));
    assert_eq!((counts.lost, told[2].facts.totals.unwrap().losses), (0, 1));
}

#[test]
fn a_loss_over_a_header_is_followed_by_a_search() {
    let mut run = Run::opened("");
    run.server(&frame(0x81, None, b"first")[..4]);
    run.gap(Side::B, 20);
    run.server(b"\x02hi not a frame");
    run.server(&frame(0x81, None, b"a text long enough"));
    run.server(&frame(0x81, None, b"next"));
    let (told, counts) = run.close();
    assert_eq!(
        told.iter().map(Told::short).collect::<Vec<_>>(),
        ["<1 fi gap", "<1 a text long enough !resynchronised", "<1 next", "<8  truncated"]
    );
    assert_eq!((counts.lost, counts.resyncs), (1, 1));
}

#[test]
fn joined_midway_a_masked_text_tells() {
    let mut run = Run::with(false, &Config::default());
    run.server(&frame(0x81, None, b"a text that comes too early"));
    run.client(&frame(0x81, KEY, b"short"));
    run.client(&frame(0x81, KEY, b"{\"op\":\"subscribe\"}"));
    run.server(&frame(0x81, None, b"a text of the server"));
    assert_eq!(
        run.short(),
        [
            ">1 {\\\"op\\\":\\\"subscribe\\\"} !resynchronised",
            "<1 a text of the server !resynchronised",
            ">8  truncated",
            "<8  truncated"
        ]
    );
}

// The client speaks frames, so the server agreed: to the extensions that were offered, if any.
#[test]
fn a_socket_whose_opening_was_lost_is_followed() {
    let ask = |extensions: &str| {
        format!(
            "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Extensions: {extensions}\r\n\r\n"
        )
    };
    let text = |n: u32| format!("a text with number {n}").into_bytes();
    let mut run = Run::with(true, &Config::default());
    run.client(ask("").as_bytes());
    run.gap(Side::B, 90);
    for n in [1, 2] {
        run.client(&frame(0x81, Some([1, 2, 3, 4]), &text(n)));
        run.server(&frame(0x81, None, &text(n + 4)));
    }
    assert_eq!(
        run.short(),
        [
            ">1 a text with number 1 !resynchronised",
            "<1 a text with number 5 !resynchronised",
            ">1 a text with number 2",
            "<1 a text with number 6",
            ">8  truncated",
            "<8  truncated"
        ]
    );
    // Compressed; and frames that are captured before the answer are no sign that it was lost.
    let mut sender = Compress::new(Compression::best(), false);
    let mut run = Run::with(true, &Config::default());
    run.client(ask("permessage-deflate").as_bytes());
    for n in 0..3 {
        if n == 1 {
            run.gap(Side::B, 90);
            // Nothing refers to what was passed over.
            sender.reset();
        }
        let mut payload = Vec::with_capacity(200);
        sender.compress_vec(&text(n), &mut payload, FlushCompress::Sync).unwrap();
        payload.truncate(payload.len() - 4);
        run.client(&frame(0xc1, Some([1, 2, 3, 4]), &payload));
    }
    assert_eq!(
        run.short(),
        [">1 a text with number 1 !resynchronised", ">1 a text with number 2", ">8  truncated"]
    );
    // An answer that is no agreement, and is lost: the client goes on with requests.
    let mut run = Run::with(true, &Config::default());
    run.client(ask("").as_bytes());
    run.gap(Side::B, 90);
    run.client(ask("").as_bytes());
    run.server(b"HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n");
    run.client(&frame(0x81, Some([1, 2, 3, 4]), &text(1)));
    assert!(run.short().is_empty());
}

// A client must wait for the answer; or the answer is captured behind what follows it, by another card.
#[test]
fn frames_before_the_answer_are_told() {
    let ask = b"GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n";
    let text = |text: &str| frame(0x81, Some([1, 2, 3, 4]), text.as_bytes());
    let (one, two, three) = (text("one"), text("two"), text("three"));
    let begin = |pieces: &[&[u8]]| {
        let mut run = Run::with(true, &Config::default());
        pieces.iter().for_each(|piece| run.client(piece));
        run
    };
    for pieces in [
        &[&ask[..], &one, &two][..],
        &[&[&ask[..], &one, &two].concat()],
        &[&[&ask[..], &one].concat(), &two[..3], &two[3..]],
    ] {
        let mut run = begin(pieces);
        run.server(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n");
        run.client(&three);
        run.server(&frame(0x81, None, b"four"));
        let expected =
            [">1 one", ">1 two", ">1 three", "<1 four", ">8  truncated", "<8  truncated"];
        assert_eq!(run.short(), expected, "{pieces:?}");
    }
    // No answer, another answer, and one to another protocol.
    assert!(begin(&[ask, &one]).short().is_empty());
    for answer in ["400 No\r\nContent-Length: 0", "101 Switching Protocols\r\nUpgrade: x-own"] {
        let mut run = begin(&[ask, &one]);
        run.server(format!("HTTP/1.1 {answer}\r\n\r\n").as_bytes());
        run.client(ask);
        assert!(run.short().is_empty(), "{answer}");
    }
}

// What a message with other reserved bits added to the context is not known: nothing that refers to it is read.
#[test]
fn a_message_of_another_extension_leaves_no_context() {
    let mut sender = Compress::new(Compression::best(), false);
    let mut run = Run::opened("permessage-deflate");
    let texts = [&b"a text that is long enough"[..], b"another text", b"another text"];
    for (first, text) in [0xc1, 0xe1, 0xc1].into_iter().zip(texts) {
        let mut payload = Vec::with_capacity(200);
        sender.compress_vec(text, &mut payload, FlushCompress::Sync).unwrap();
        payload.truncate(payload.len() - 4);
        run.client(&frame(first, Some([1, 2, 3, 4]), &payload));
    }
    let told = run.close().0;
    assert_eq!(told[0].bytes, texts[0]);
    assert!(texts[2].starts_with(&told[2].bytes), "{}", told[2].short());
    assert!(told[2].facts.flags.contains(Flags::UNDECODED));
}

#[test]
fn messages_above_the_rate_are_counted() {
    let mut config = Config::default();
    config.websocket.messages_per_second_max = 2;
    let mut run = Run::configured("", &config);
    run.client(&(0..10).map(|_| frame(0x81, KEY, b"four")).collect::<Vec<_>>().concat());
    run.server(&frame(0x81, None, b"also"));
    run.client(&frame(0x88, KEY, b"\x03\xe8"));
    let (told, counts) = run.close();
    let short: Vec<_> = told.iter().map(Told::short).collect();
    assert_eq!(short, [">1 four", ">1 four", ">8 ", "<8  truncated"]);
    assert_eq!((told[2].facts.skipped.messages, told[2].facts.skipped.bytes), (8, 32));
    assert_eq!(told[2].facts.totals.unwrap().skipped, 8);
    assert_eq!(told[3].facts.skipped.messages, 1);
    assert_eq!((counts.websocket_messages, counts.websocket_messages_skipped), (11, 9));
}

#[test]
fn control_frames_have_records_when_asked() {
    let mut config = Config::default();
    config.websocket.control_records = true;
    let mut run = Run::configured("", &config);
    run.client(&frame(0x89, KEY, b"4111111111111111"));
    assert_eq!(run.short(), [">9 4111111111111111", ">8  truncated"]);
}

#[test]
fn limits_hold() {
    let mut config = Config { body_inspect_bytes_max: 10, ..Config::default() };
    let mut run = Run::configured("", &config);
    run.client(&frame(0x81, KEY, b"0123456789abcdef"));
    let told = run.close().0;
    assert_eq!(told[0].short(), ">1 0123456789 cut");
    assert_eq!((told[0].facts.payload_bytes, told[0].facts.decoded_bytes), (16, 16));
    // No room for decompression: sizes alone.
    config.body_inspect_bytes_max = 0;
    let mut run = Run::configured("permessage-deflate", &config);
    run.client(&frame(0xc1, KEY, &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]));
    assert_eq!(run.close().0[0].short(), ">1  cut !undecoded");
}

#[test]
fn what_is_no_websocket_stays_opaque() {
    let mut run = Run::with(true, &Config::default());
    run.client(b"GET /x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x-own\r\n\r\n");
    run.server(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x-own\r\n\r\n");
    run.server(&frame(0x81, None, b"a text that is none"));
    let (told, counts) = run.close();
    assert!(told.is_empty());
    assert_eq!(counts.websocket_sockets, 0);
    assert_eq!(HttpFlags::ALL.len(), HttpFlags::COUNT);
}

/// What is to be sent.
#[derive(Debug, Clone)]
struct Sent {
    client: bool,
    text: bool,
    payload: Vec<u8>,
    /// Sizes of fragments.
    fragment: usize,
    ping: bool,
}

/// Messages with a number in each, so that none is like another.
fn messages() -> impl Strategy<Value = Vec<Sent>> {
    let one = (any::<bool>(), any::<bool>(), "[a-z ]{0,300}", 1..400_usize, any::<bool>());
    prop::collection::vec(one, 1..14).prop_map(|all| {
        let number = |(n, (client, text, said, fragment, ping)): (
            usize,
            (bool, bool, String, usize, bool),
        )| {
            let payload = format!("{{\"n\":{n},\"text\":\"{said}\"}}").into_bytes();
            Sent { client, text, payload, fragment, ping }
        };
        all.into_iter().enumerate().map(number).collect()
    })
}

/// How a sender compresses.
#[derive(Debug, Clone, Copy)]
struct Deflate {
    on: bool,
    takeover: bool,
}

impl Deflate {
    fn extensions(self) -> &'static str {
        match (self.on, self.takeover) {
            (false, _) => "",
            (true, true) => "permessage-deflate; server_max_window_bits=12",
            (true, false) => {
                "permessage-deflate; client_no_context_takeover; server_no_context_takeover"
            }
        }
    }
}

/// The messages as they are written: by whom, and the bytes.
fn written(messages: &[Sent], deflate: Deflate) -> Vec<(Side, Vec<u8>)> {
    let mut senders = [(); 2].map(|()| Compress::new(Compression::best(), false));
    let mut out = Vec::new();
    for (n, sent) in messages.iter().enumerate() {
        let side = if sent.client { Side::A } else { Side::B };
        let key = sent.client.then(|| u32::try_from(n * 2_654_435).unwrap().to_be_bytes());
        let mut payload = sent.payload.clone();
        if deflate.on {
            let sender = &mut senders[side.index()];
            if !deflate.takeover {
                sender.reset();
            }
            payload = Vec::with_capacity(2000);
            sender.compress_vec(&sent.payload, &mut payload, FlushCompress::Sync).unwrap();
            assert_eq!(payload.split_off(payload.len() - 4), [0, 0, 0xff, 0xff]);
        }
        let mut bytes = Vec::new();
        let fragments: Vec<_> = payload.chunks(sent.fragment).collect();
        for (at, fragment) in fragments.iter().enumerate() {
            let fin = if at + 1 == fragments.len() { 0x80 } else { 0 };
            let code = if sent.text { opcode::TEXT } else { opcode::BINARY };
            let first = if at == 0 { code | if deflate.on { 0x40 } else { 0 } } else { 0 };
            bytes.extend(frame(fin | first, key, fragment));
            if sent.ping {
                bytes.extend(frame(0x89, key, b"ping"));
            }
        }
        out.push((side, bytes));
    }
    out
}

/// Says what is written in segments; those for which `lost` says so are gaps.
fn play(run: &mut Run, written: &[(Side, Vec<u8>)], size: usize, mut lost: impl FnMut() -> bool) {
    for (side, bytes) in written {
        for piece in bytes.chunks(size) {
            if lost() {
                run.gap(*side, piece.len() as u64);
            } else {
                run.say(*side, piece);
            }
        }
    }
}

/// Fails when a message was told that nobody sent, or as more than was sent of it; gives back how many came whole.
fn no_wrong_message(told: &[Told], sent: &[Sent]) -> usize {
    let mut whole = 0;
    for role in [Role::Request, Role::Response] {
        let client = role == Role::Request;
        let mut rest = sent.iter().filter(|sent| sent.client == client);
        let data = |told: &&Told| told.facts.role == role && told.facts.opcode < opcode::CLOSE;
        for told in told.iter().filter(data) {
            let complete = told.facts.completeness == Completeness::Complete && !told.facts.cut;
            if complete {
                let found = rest.any(|sent| {
                    sent.payload == told.bytes && (told.facts.opcode == opcode::TEXT) == sent.text
                });
                assert!(found, "nobody sent {}", told.short());
                whole += 1;
            } else {
                let begins = |sent: &&Sent| sent.payload.starts_with(&told.bytes);
                assert!(sent.iter().any(|sent| begins(&sent)), "nobody sent {}", told.short());
            }
        }
    }
    whole
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    // Whatever the fragments, the mask, the compression and the segments: the messages are those that were sent.
    #[test]
    fn cuts_change_no_message(sent in messages(), on: bool, takeover: bool, size in 1..500_usize) {
        let deflate = Deflate { on, takeover };
        let mut run = Run::opened(deflate.extensions());
        play(&mut run, &written(&sent, deflate), size, || false);
        let (told, counts) = run.close();
        prop_assert_eq!(no_wrong_message(&told, &sent), sent.len());
        prop_assert_eq!(counts.websocket_undecoded + counts.websocket_frames_bad + counts.lost, 0);
        let clean = told.iter().all(|told| told.facts.flags == Flags::default());
        prop_assert!(clean);
    }

    #[test]
    fn loss_makes_no_wrong_message(
        sent in messages(), on: bool, takeover: bool, size in 20..500_usize,
        lost in prop::collection::vec(0..8_u32, 64), midway: bool, skip in 0..4_usize,
    ) {
        let deflate = Deflate { on, takeover };
        let mut run = if midway {
            Run::with(false, &Config::default())
        } else {
            Run::opened(deflate.extensions())
        };
        let written = written(&sent, deflate);
        let from = if midway { skip.min(written.len()) } else { 0 };
        let mut lost = lost.into_iter().cycle();
        play(&mut run, &written[from..], size, || lost.next() == Some(0));
        no_wrong_message(&run.close().0, &sent);
    }

    #[test]
    fn any_bytes_end_in_order(
        pieces in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..60), 0..9_u32), 0..30),
        on: bool, midway: bool,
    ) {
        let mut run = if midway {
            Run::with(false, &Config::default())
        } else {
            Run::opened(Deflate { on, takeover: true }.extensions())
        };
        for (client, bytes, lost) in pieces {
            let side = if client { Side::A } else { Side::B };
            if lost == 0 {
                run.gap(side, bytes.len() as u64 + 1);
            } else if !bytes.is_empty() {
                run.say(side, &bytes);
            }
        }
        // That nothing is held at the end is asserted inside.
        run.close();
    }
}
