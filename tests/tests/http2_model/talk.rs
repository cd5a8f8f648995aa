//! A connection between a client and a server of h2, in memory, and what was said on it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use apitap::reassembly::Side;
use apitap_tests::simulate::Random;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, ReadHalf, WriteHalf};

/// The field of interim responses.
pub(crate) const EARLY: (&str, &str) = ("link", "</a>");

/// A header field.
pub(crate) type Field = (Vec<u8>, Vec<u8>);

/// A message as it was sent.
#[derive(Default, Clone)]
pub(crate) struct Sent {
    /// Pseudo-header fields, by name.
    pub(crate) pseudo: BTreeMap<&'static str, Vec<u8>>,
    pub(crate) fields: Vec<Field>,
    pub(crate) body: Vec<u8>,
    pub(crate) trailers: Vec<Field>,
}

/// What the wire had on it.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) calls: u64,
    pub(crate) continuations: u64,
    /// Lists of more than 16 KiB.
    pub(crate) large: u64,
    /// Table sizes that an end was told to keep to.
    pub(crate) resizes: u64,
}

impl Seen {
    pub(crate) fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.continuations += other.continuations;
        self.large += other.large;
        self.resizes += other.resizes;
    }
}

/// A connection that is over.
pub(crate) struct Talk {
    /// Frames in the order in which they went by; the client is side A.
    pub(crate) writes: Vec<(Side, Vec<u8>)>,
    /// Request and response, by stream.
    pub(crate) calls: BTreeMap<u64, [Sent; 2]>,
    pub(crate) seen: Seen,
}

impl Talk {
    /// Octets of both sides.
    pub(crate) fn bytes(&self) -> u64 {
        self.writes.iter().map(|(_, write)| write.len() as u64).sum()
    }
}

/// What both ends and the middle share.
#[derive(Default)]
struct Shared {
    writes: Vec<(Side, Vec<u8>)>,
    calls: BTreeMap<u64, [Sent; 2]>,
    seen: Seen,
    /// For each end, whether the next SETTINGS that it acknowledges was put in on the way.
    unacknowledged: [VecDeque<bool>; 2],
}

type Ledger = Arc<Mutex<Shared>>;

/// Lets two ends talk, as `seed` says.
pub(crate) fn talk(seed: u64) -> Talk {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let ledger = Ledger::default();
    runtime.block_on(run(Random::new(seed.wrapping_mul(0x9e37_79b9) | 1), ledger.clone()));
    drop(runtime);
    let shared = std::mem::take(&mut *ledger.lock().unwrap());
    let mut seen = shared.seen;
    seen.calls = shared.calls.len() as u64;
    Talk { writes: shared.writes, calls: shared.calls, seen }
}

async fn run(mut random: Random, ledger: Ledger) {
    let (client, near) = tokio::io::duplex(1 << 16);
    let (server, far) = tokio::io::duplex(1 << 16);
    let (from_client, to_client) = tokio::io::split(near);
    let (from_server, to_server) = tokio::io::split(far);
    let mut some = || Random::new(random.below(u64::MAX));
    let asked = Passing { side: Side::A, block: false, ledger: ledger.clone(), random: some() };
    let told = Passing { side: Side::B, block: false, ledger: ledger.clone(), random: some() };
    tokio::spawn(asked.pass(from_client, to_server));
    tokio::spawn(told.pass(from_server, to_client));
    tokio::spawn(serve(server, some(), ledger.clone()));
    call(client, some(), ledger).await;
}

/// What goes one way: noted, and passed on with SETTINGS put in between.
struct Passing {
    side: Side,
    /// Whether a header block is open.
    block: bool,
    ledger: Ledger,
    random: Random,
}

const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const CONTINUATION: u8 = 9;

impl Passing {
    async fn pass(mut self, mut from: ReadHalf<DuplexStream>, mut to: WriteHalf<DuplexStream>) {
        let mut preface = [0; 24];
        if self.side == Side::A {
            from.read_exact(&mut preface).await.unwrap();
            self.note(&preface);
            to.write_all(&preface).await.unwrap();
        }
        let mut head = [0; 9];
        while from.read_exact(&mut head).await.is_ok() {
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            let mut frame = head.to_vec();
            frame.resize(9 + length as usize, 0);
            if from.read_exact(&mut frame[9..]).await.is_err() {
                return;
            }
            self.note(&frame);
            if self.is_for_the_other(head[3], head[4]) && to.write_all(&frame).await.is_err() {
                return;
            }
            if !self.block && self.random.chance(90) {
                let frame = self.resize();
                self.note(&frame);
                if to.write_all(&frame).await.is_err() {
                    return;
                }
            }
        }
    }

    fn note(&self, frame: &[u8]) {
        self.ledger.lock().unwrap().writes.push((self.side, frame.to_vec()));
    }

    /// Whether a frame is to be passed on: an end must not see what answers to nothing that it sent.
    fn is_for_the_other(&mut self, kind: u8, flags: u8) -> bool {
        let mut ledger = self.ledger.lock().unwrap();
        match kind {
            SETTINGS if flags & 1 == 1 => {
                return ledger.unacknowledged[self.side.index()].pop_front() == Some(false);
            }
            SETTINGS => ledger.unacknowledged[self.side.other().index()].push_back(false),
            HEADERS => self.block = flags & 4 == 0,
            CONTINUATION => {
                self.block = flags & 4 == 0;
                ledger.seen.continuations += 1;
            }
            _ => {}
        }
        true
    }

    /// SETTINGS_HEADER_TABLE_SIZE, for the end that this way leads to.
    fn resize(&mut self) -> Vec<u8> {
        let mut ledger = self.ledger.lock().unwrap();
        ledger.unacknowledged[self.side.other().index()].push_back(true);
        ledger.seen.resizes += 1;
        let size = [0_u32, 64, 100, 300, 1000, 4096][pick(&mut self.random, 6)];
        let mut frame = vec![0, 0, 6, SETTINGS, 0, 0, 0, 0, 0, 0, 1];
        frame.extend(size.to_be_bytes());
        frame
    }
}

fn pick(random: &mut Random, below: usize) -> usize {
    usize::try_from(random.below(below as u64)).unwrap()
}

/// The client: calls of which several are under way.
async fn call(io: DuplexStream, mut random: Random, ledger: Ledger) {
    let (send, connection) =
        h2::client::Builder::new().handshake::<_, Bytes>(io).await.expect("a handshake");
    tokio::spawn(connection);
    let mut under_way = VecDeque::new();
    for _ in 0..10 + random.below(20) {
        let mut ready = send.clone().ready().await.expect("the connection is open");
        let path = format!("/{}", word(&mut random));
        let method = ["GET", "POST", "PUT", "DELETE"][pick(&mut random, 4)];
        let mut request = Request::builder()
            .method(Method::from_bytes(method.as_bytes()).unwrap())
            .uri(format!("http://api{}.example{path}", random.below(3)))
            .body(())
            .unwrap();
        *request.headers_mut() = fields(&mut random);
        let (body, trailers) = content(&mut random);
        let mut sent = Sent { body, ..Sent::default() };
        let host = request.uri().authority().unwrap().as_str().as_bytes().to_vec();
        sent.pseudo.extend([
            (":method", method.into()),
            (":scheme", b"http".to_vec()),
            (":path", path.into()),
            (":authority", host),
        ]);
        sent.fields = listed(request.headers());
        sent.trailers = trailers.as_ref().map(listed).unwrap_or_default();
        let end = sent.body.is_empty() && trailers.is_none();
        let (answer, stream) = ready.send_request(request, end).expect("a request");
        let id = u64::from(u32::from(stream.stream_id()));
        let body = sent.body.clone();
        note(&ledger, id, 0, sent);
        let task = tokio::spawn(async move {
            if !end {
                say(stream, body, trailers).await;
            }
            let answer = answer.await.expect("an answer");
            hear(answer.into_body()).await;
        });
        under_way.push_back(task);
        if under_way.len() > pick(&mut random, 6) {
            under_way.pop_front().unwrap().await.expect("a call");
        }
    }
    for task in under_way {
        task.await.expect("a call");
    }
}

/// The server.
async fn serve(io: DuplexStream, mut random: Random, ledger: Ledger) {
    let mut connection =
        h2::server::Builder::new().handshake::<_, Bytes>(io).await.expect("a handshake");
    while let Some(Ok((request, mut respond))) = connection.accept().await {
        let (ledger, mut random) = (ledger.clone(), Random::new(random.below(u64::MAX)));
        tokio::spawn(async move {
            hear(request.into_body()).await;
            if random.chance(100) {
                let early =
                    Response::builder().status(103).header(EARLY.0, EARLY.1).body(()).unwrap();
                respond.send_informational(early).expect("an interim response");
            }
            let status = [200, 201, 204, 304, 404, 500, 599][pick(&mut random, 7)];
            let mut response = Response::new(());
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            *response.headers_mut() = fields(&mut random);
            let (body, trailers) = match status {
                204 | 304 => (Vec::new(), None),
                _ => content(&mut random),
            };
            let mut sent = Sent { body, ..Sent::default() };
            sent.pseudo.insert(":status", status.to_string().into());
            sent.fields = listed(response.headers());
            sent.trailers = trailers.as_ref().map(listed).unwrap_or_default();
            let body = sent.body.clone();
            let end = body.is_empty() && trailers.is_none();
            note(&ledger, u64::from(u32::from(respond.stream_id())), 1, sent);
            let stream = respond.send_response(response, end).expect("a response");
            if !end {
                say(stream, body, trailers).await;
            }
        });
    }
}

fn note(ledger: &Ledger, stream: u64, which: usize, sent: Sent) {
    let mut ledger = ledger.lock().unwrap();
    let size: usize = sent.fields.iter().map(|(name, value)| name.len() + value.len()).sum();
    ledger.seen.large += u64::from(size > 16 << 10);
    ledger.calls.entry(stream).or_default()[which] = sent;
}

async fn say(mut stream: h2::SendStream<Bytes>, body: Vec<u8>, trailers: Option<HeaderMap>) {
    if !body.is_empty() {
        stream.send_data(body.into(), trailers.is_none()).expect("a body");
    }
    if let Some(trailers) = trailers {
        stream.send_trailers(trailers).expect("trailers");
    }
}

async fn hear(mut body: h2::RecvStream) {
    while let Some(piece) = body.data().await {
        let length = piece.expect("a piece of a body").len();
        body.flow_control().release_capacity(length).expect("room");
    }
    body.trailers().await.expect("trailers, or none");
}

/// Fields as they are written.
fn listed(map: &HeaderMap) -> Vec<Field> {
    map.iter().map(|(name, value)| (name.as_str().into(), value.as_bytes().to_vec())).collect()
}

fn content(random: &mut Random) -> (Vec<u8>, Option<HeaderMap>) {
    let body = match random.below(3) {
        0 => Vec::new(),
        _ => word(random).repeat(1 + pick(random, 60)).into_bytes(),
    };
    let trailers = random.chance(250).then(|| fields(random)).filter(|map| !map.is_empty());
    (body, trailers)
}

/// Names that clients and servers use, a few of them in the static table.
const NAMES: [&str; 20] = [
    "accept",
    "accept-language",
    "authorization",
    "cache-control",
    "etag",
    "server",
    "user-agent",
    "vary",
    "via",
    "x-a",
    "x-b",
    "x-c",
    "x-forwarded-proto",
    "x-request-id",
    "x-session-id",
    "x-tenant",
    "x-trace-id",
    "x-very-long-name-of-a-header-field-that-nobody-would-use",
    "x-y",
    "x-z",
];

/// A list: empty, of a few, of many; names come again, and so do values; some must not be indexed.
fn fields(random: &mut Random) -> HeaderMap {
    let mut map = HeaderMap::new();
    let count = match random.below(40) {
        0 => 0,
        1 => 300,
        _ => random.below(24),
    };
    for _ in 0..count {
        let name = match random.below(8) {
            0 => HeaderName::from_bytes(format!("x-{}", word(random)).as_bytes()).unwrap(),
            _ => HeaderName::from_static(NAMES[pick(random, NAMES.len())]),
        };
        let mut value = HeaderValue::from_bytes(&value(random)).unwrap();
        value.set_sensitive(random.chance(150));
        map.append(name, value);
    }
    // One alone: several are one list in the end (RFC 9113 §8.2.3).
    if random.chance(200) {
        map.insert("cookie", HeaderValue::from_str(&format!("a={}", word(random))).unwrap());
    }
    map
}

fn value(random: &mut Random) -> Vec<u8> {
    match random.below(100) {
        0..5 => Vec::new(),
        5..50 => {
            [&b"gzip"[..], b"no-cache", b"on", b"1", b"tok-7f3a", b"en, ko"][pick(random, 6)].into()
        }
        50..80 => word(random).into_bytes(),
        // Octets beyond ASCII, for which Huffman coding has long codes.
        80..90 => [b"a".to_vec(), (0x80..=0xff).take(1 + pick(random, 100)).collect()].concat(),
        90..99 => word(random).repeat(1 + pick(random, 200)).into_bytes(),
        _ => word(random).repeat(2500).into_bytes(),
    }
}

fn word(random: &mut Random) -> String {
    let letter = |random: &mut Random| char::from(b'a' + u8::try_from(random.below(26)).unwrap());
    (0..3 + random.below(9)).map(|_| letter(random)).collect()
}
