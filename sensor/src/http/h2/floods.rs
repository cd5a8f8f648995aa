//! Floods: what is held stays inside the limits, what happens is counted, and another connection goes on.

use super::super::{Completeness, Config, Counts, Flags, Http, HttpEventKind, Role};
use super::frame::PREFACE;
use super::testing::{connection, data, frame, get, headers, literal, settings};
use crate::reassembly::{CloseReason, ConnectionId, Side, StreamEvent, StreamEventKind};
use crate::time::Timestamp;

/// The connection on which nothing is wrong.
const CALM: u32 = 0;
/// The first that floods.
const WILD: u32 = 1;

/// The stage, with the most that it held at one time.
struct Flooded {
    http: Http,
    offsets: Vec<[u64; 2]>,
    calls: u32,
    ordinal: u64,
    heads_max: usize,
    tables_max: usize,
    decoders_max: usize,
    /// Told of connections that flood: heads, of these marked as cut or partial, and the most fields of one.
    heads: u64,
    cut: u64,
    fields_max: usize,
    /// Calls told on the calm connection.
    calm: u64,
}

impl Flooded {
    fn new(config: &Config) -> Self {
        let mut flooded = Self {
            http: Http::new(config),
            offsets: Vec::new(),
            calls: 0,
            ordinal: 0,
            heads_max: 0,
            tables_max: 0,
            decoders_max: 0,
            heads: 0,
            cut: 0,
            fields_max: 0,
            calm: 0,
        };
        for slot in [CALM, WILD] {
            flooded.open(slot);
        }
        flooded
    }

    fn open(&mut self, slot: u32) {
        self.say(slot, Side::A, &[&PREFACE[..], &settings()].concat());
        self.say(slot, Side::B, &settings());
    }

    fn flood(&mut self, bytes: &[u8]) {
        self.say(WILD, Side::A, bytes);
    }

    fn say(&mut self, slot: u32, side: Side, bytes: &[u8]) {
        let at = usize::try_from(slot).unwrap();
        self.offsets.resize(self.offsets.len().max(at + 1), [0; 2]);
        let offset = self.offsets[at][side.index()];
        self.offsets[at][side.index()] += bytes.len() as u64;
        let acked = Some(self.offsets[at][side.other().index()]);
        let segment_start = true;
        self.push(slot, StreamEventKind::Data { side, offset, acked, segment_start, bytes });
    }

    fn push(&mut self, slot: u32, kind: StreamEventKind<'_>) {
        self.ordinal += 1;
        let (id, time) = (ConnectionId { slot }, Timestamp::from_nanos(self.ordinal));
        let connection = connection(true);
        let event = StreamEvent { id, connection: &connection, time, ordinal: self.ordinal, kind };
        let (heads, cut, fields_max, calm) =
            (&mut self.heads, &mut self.cut, &mut self.fields_max, &mut self.calm);
        self.http.push(&event, &mut |event| match event.kind {
            HttpEventKind::Head(head) if slot != CALM => {
                *heads += 1;
                let marks = [Flags::HEAD_LIMIT, Flags::HPACK_PARTIAL];
                *cut += u64::from(marks.iter().any(|&mark| head.flags.contains(mark)));
                *fields_max = (*fields_max).max(head.fields.len());
            }
            HttpEventKind::End { role: Role::Response, end, .. } if slot == CALM => {
                assert_eq!((end.completeness, end.body_bytes), (Completeness::Complete, 2));
                *calm += 1;
            }
            HttpEventKind::Alone { .. } | HttpEventKind::Lost { .. } => assert_ne!(slot, CALM),
            _ => {}
        });
        self.heads_max = self.heads_max.max(self.http.held_head_bytes());
        self.tables_max = self.tables_max.max(self.http.held_table_bytes());
        self.decoders_max = self.decoders_max.max(self.http.held_decoders());
    }

    /// A call on the other connection.
    fn call(&mut self) {
        let stream = 2 * self.calls + 1;
        self.calls += 1;
        self.say(CALM, Side::A, &headers(stream, true, &get("/calm")));
        self.say(
            CALM,
            Side::B,
            &[headers(stream, false, &[0x88]), data(stream, true, b"ok")].concat(),
        );
    }

    /// Closes all; every call of the calm connection was told, and nothing is held.
    fn end(mut self) -> (Self, Counts) {
        self.call();
        for slot in 0..u32::try_from(self.offsets.len()).unwrap() {
            self.push(slot, StreamEventKind::Close { reason: CloseReason::Fin });
        }
        assert_eq!(self.calm, u64::from(self.calls));
        let held = (self.http.held_head_bytes(), self.http.held_table_bytes());
        assert_eq!((held, self.http.held_decoders()), ((0, 0), 0));
        let counts = self.http.counts().clone();
        (self, counts)
    }
}

// RFC 9113 §10.5.1, CVE-2024-27316: a header block that never ends.
#[test]
fn continuation() {
    let config = Config::default();
    let mut flooded = Flooded::new(&config);
    let piece = [get("/"), literal(false, "x", "y").repeat(2000)].concat();
    flooded.flood(&frame(1, 0, 1, &piece));
    for n in 0..2000 {
        flooded.flood(&frame(9, 0, 1, &piece));
        flooded.flood(&frame(9, 0, 1, &[]));
        if n % 500 == 0 {
            flooded.call();
        }
    }
    flooded.flood(&frame(9, 4, 1, &[]));
    flooded.flood(&headers(3, true, &get("/3")));
    let (flooded, counts) = flooded.end();
    assert!(
        flooded.heads_max <= config.http2_block_bytes_max + piece.len(),
        "{}",
        flooded.heads_max
    );
    assert_eq!((flooded.heads, flooded.cut), (2, 1));
    assert_eq!((counts.hpack_blocks_lost, counts.frames_empty), (1, 2000));
    assert!(flooded.fields_max <= config.fields_max);
}

// The same on many connections, none of which ends its block.
#[test]
fn continuation_on_many_connections() {
    let config = Config { head_bytes_total_max: 1 << 20, ..Config::default() };
    let mut flooded = Flooded::new(&config);
    for slot in WILD..WILD + 200 {
        if slot > WILD {
            flooded.open(slot);
        }
        flooded.say(slot, Side::A, &frame(1, 0, 1, &get("/")));
        for _ in 0..4 {
            flooded.say(slot, Side::A, &frame(9, 0, 1, &literal(false, "x", "y").repeat(3000)));
        }
    }
    flooded.call();
    let (flooded, _) = flooded.end();
    assert!(flooded.heads_max <= config.head_bytes_total_max, "{}", flooded.heads_max);
}

// CVE-2023-44487: streams that are reset as soon as they are opened.
#[test]
fn rapid_reset() {
    let mut flooded = Flooded::new(&Config::default());
    for n in 0..10_000 {
        let stream = 2 * n + 1;
        let reset = frame(3, 0, stream, &[0, 0, 0, 8]);
        flooded.flood(&[headers(stream, true, &get("/r")), reset].concat());
        if n % 1000 == 0 {
            flooded.call();
        }
    }
    let (flooded, counts) = flooded.end();
    assert_eq!((flooded.heads, counts.streams_reset, counts.streams_evicted), (10_000, 10_000, 0));
    assert_eq!((flooded.heads_max, flooded.decoders_max), (0, 0));
}

// CVE-2019-9512, CVE-2019-9515, CVE-2019-9511, CVE-2019-9513, CVE-2019-9518.
#[test]
fn control_and_empty_frames() {
    let mut flooded = Flooded::new(&Config::default());
    flooded.flood(&headers(1, false, &get("/")));
    for n in 0..5000 {
        let frames = [
            frame(4, 0, 0, &[0, 4, 0, 0, 0xff, 0xff]),
            frame(6, 0, 0, &[7; 8]),
            frame(8, 0, 0, &[0, 0, 0, 1]),
            frame(2, 0, 2 * n + 3, &[0, 0, 0, 1, 5]),
            data(1, false, b""),
        ];
        flooded.flood(&frames.concat());
        if n % 1000 == 0 {
            flooded.call();
        }
    }
    let (flooded, counts) = flooded.end();
    // Of each connection the first SETTINGS of both ends as well.
    let settings = counts.frames_settings - 4;
    assert_eq!((settings, counts.frames_ping, counts.frames_window_update), (5000, 5000, 5000));
    assert_eq!((counts.frames_priority, counts.frames_empty, counts.frames_bad), (5000, 5000, 0));
    assert_eq!((flooded.heads, flooded.heads_max, flooded.tables_max), (1, 0, 0));
}

// RFC 9113 §6.8: each GOAWAY refuses what is open.
#[test]
fn goaway() {
    let mut flooded = Flooded::new(&Config::default());
    for n in 0..2000 {
        flooded.flood(&headers(2 * n + 1, false, &get("/")));
        flooded.say(WILD, Side::B, &frame(7, 0, 0, &[0; 8]));
    }
    let (_, counts) = flooded.end();
    assert_eq!(counts.streams_reset, 2000);
}

// RFC 7541 §7.3: a short block that refers to a long entry again and again, and tables as large as one may ask for.
#[test]
fn hpack_bomb() {
    let config = Config { http2_table_bytes_total_max: 256 << 10, ..Config::default() };
    let mut flooded = Flooded::new(&config);
    for slot in WILD..WILD + 40 {
        if slot > WILD {
            flooded.open(slot);
        }
        // A size update to 2^27, and an entry of 16,000 octets.
        let mut block = vec![0x3f, 0xe1, 0xff, 0xff, 0x3f];
        block.extend(get("/bomb"));
        block.extend([0x40, 1, b'x', 0x7f, 0x81, 0x7c]);
        block.extend([b'v'; 16_000]);
        block.extend([0xbe].repeat(30_000));
        for stream in [1, 3, 5, 7, 9, 11] {
            flooded.say(slot, Side::A, &headers(stream, true, &block));
        }
        flooded.call();
    }
    let (flooded, _) = flooded.end();
    assert_eq!((flooded.heads, flooded.cut), (240, 240));
    assert!(flooded.tables_max <= config.http2_table_bytes_total_max, "{}", flooded.tables_max);
    assert!(flooded.fields_max <= 1 + config.head_bytes_max / 16_000, "{}", flooded.fields_max);
}

// RFC 9113 §10.5: streams that are opened and never closed, each with a coded body begun.
#[test]
fn streams_never_closed() {
    let config = Config { bodies_decoded_max: 300, ..Config::default() };
    let mut flooded = Flooded::new(&config);
    let post = [get("/up"), literal(false, "content-encoding", "gzip")].concat();
    for n in 0..5000 {
        let stream = 2 * n + 1;
        let begun = data(stream, false, b"\x1f\x8b\x08\0\0\0\0\0\0\x03K");
        flooded.flood(&[headers(stream, false, &post), begun].concat());
        if n % 1000 == 0 {
            flooded.call();
        }
    }
    assert_eq!(flooded.decoders_max, 300);
    let (flooded, counts) = flooded.end();
    assert_eq!(flooded.heads, 5000);
    assert_eq!(counts.streams_evicted, 5000 - config.http2_streams_max as u64);
    assert!(counts.bodies_undecoded >= 3000, "{}", counts.bodies_undecoded);
}

// Names and values without end: RFC 9113 §10.5.1.
#[test]
fn huge_header_lists() {
    let config = Config::default();
    let mut flooded = Flooded::new(&config);
    let block =
        [get("/"), literal(false, "x-header-name", &"v".repeat(100)).repeat(10_000)].concat();
    for stream in [1, 3, 5, 7] {
        let mut pieces = block.chunks(16_384).peekable();
        let first = pieces.next().unwrap();
        flooded.flood(&frame(1, 1, stream, first));
        while let Some(piece) = pieces.next() {
            let ends = if pieces.peek().is_none() { 4 } else { 0 };
            flooded.flood(&frame(9, ends, stream, piece));
        }
        flooded.call();
    }
    let (flooded, counts) = flooded.end();
    assert_eq!((flooded.heads, flooded.cut, counts.hpack_blocks_lost), (4, 4, 4));
    assert!(flooded.heads_max <= config.http2_block_bytes_max + 16_384, "{}", flooded.heads_max);
}

#[test]
fn nothing_is_kept_of_large_blocks() {
    let mut flooded = Flooded::new(&Config::default());
    let crumbs = literal(false, "cookie", &"x".repeat(120)).repeat(200);
    for stream in [1, 3, 5] {
        flooded.flood(&headers(stream, true, &[get("/"), crumbs.clone()].concat()));
        let [held, room] = flooded.http.decoded().held();
        assert!(held == 0 && room <= 32 << 10, "{held} {room}");
    }
    assert_eq!(flooded.heads, 3);
}
