//! Calls that can be told apart: request and response carry the same number.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use apitap_proto::v1::CallRecord;
use prost::Message as _;
use serde_json::Value;

use crate::kafka::Message;
use crate::mirror::{Mirror, SERVER};

/// nginx answers a call with the number it was asked for.
pub const LOCATIONS: &str = "keepalive_requests 1000000; location /calls { default_type application/json; \
    return 200 \"{\\\"n\\\":$arg_page,\\\"state\\\":\\\"ok\\\"}\"; }";
/// Calls on one connection.
const CALLS: usize = 50;

/// Makes the calls `numbers`, one after the other, `pause` between them, in a namespace that reaches the server.
///
/// # Panics
///
/// If the server does not answer them.
pub fn calls(numbers: impl IntoIterator<Item = u32>, pause: Duration) {
    let numbers: Vec<u32> = numbers.into_iter().collect();
    for some in numbers.chunks(CALLS) {
        let mut connection = Connection::open();
        for &number in some {
            connection.call(number);
            if !pause.is_zero() {
                thread::sleep(pause);
            }
        }
    }
}

/// Makes the calls of several ranges at once, each on connections of its own.
///
/// # Panics
///
/// If the server does not answer them.
pub fn calls_at_once(mirror: &Mirror, ranges: impl IntoIterator<Item = Range<u32>>) {
    let clients: Vec<_> = ranges
        .into_iter()
        .map(|range| mirror.client.spawn(move || calls(range, Duration::ZERO)))
        .collect();
    for client in clients {
        client.join().expect("a client");
    }
}

struct Connection {
    stream: TcpStream,
    answers: BufReader<TcpStream>,
}

impl Connection {
    fn open() -> Self {
        let stream = TcpStream::connect((SERVER, 80)).expect("the server listens");
        stream.set_nodelay(true).expect("a socket");
        let answers = BufReader::new(stream.try_clone().expect("a socket"));
        Self { stream, answers }
    }

    fn call(&mut self, number: u32) {
        let request = format!(
            "GET /calls?page={number} HTTP/1.1\r\nHost: calls.example\r\nAccept: application/json\r\n\r\n"
        );
        self.stream.write_all(request.as_bytes()).expect("the server reads");
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.answers.read_line(&mut line).expect("the server answers");
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
            if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.answers.read_exact(&mut body).expect("a whole answer");
        assert!(String::from_utf8_lossy(&body).contains(&format!("{{\"n\":{number},")));
    }
}

/// A client that goes on until it is stopped.
pub struct Client {
    stop: Arc<AtomicBool>,
    made: Arc<AtomicU32>,
    thread: JoinHandle<()>,
}

impl Client {
    /// Makes calls from number `first` on, `pause` between them.
    #[must_use]
    pub fn start(mirror: &Mirror, first: u32, pause: Duration) -> Self {
        let (stop, made) = (Arc::<AtomicBool>::default(), Arc::<AtomicU32>::default());
        let (told, count) = (Arc::clone(&stop), Arc::clone(&made));
        let thread = mirror.client.spawn(move || {
            let until_told = (first..).take_while(|_| !told.load(Ordering::Relaxed));
            let mut connection = Connection::open();
            for (done, number) in until_told.enumerate() {
                if done > 0 && done % CALLS == 0 {
                    connection = Connection::open();
                }
                connection.call(number);
                count.fetch_add(1, Ordering::Relaxed);
                thread::sleep(pause);
            }
        });
        Self { stop, made, thread }
    }

    /// Calls made so far.
    #[must_use]
    pub fn made(&self) -> u32 {
        self.made.load(Ordering::Relaxed)
    }

    /// Stops it: calls made.
    ///
    /// # Panics
    ///
    /// If a call failed.
    pub fn stop(self) -> u32 {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("every call is answered");
        self.made.load(Ordering::Relaxed)
    }
}

/// Records in messages, in their JSON form.
///
/// # Panics
///
/// If a message holds none.
#[must_use]
pub fn decoded(messages: &[Message]) -> Vec<Value> {
    let decode = |message: &Message| {
        let record = CallRecord::decode(&message.value[..]).expect("a message holds one record");
        serde_json::to_value(record).expect("a record has a JSON form")
    };
    messages.iter().map(decode).collect()
}

/// How often each numbered call is among `records`. Others are passed over.
///
/// # Panics
///
/// If request and response of a record have different numbers: a wrong pair.
#[must_use]
pub fn numbers(records: &[Value]) -> BTreeMap<u32, usize> {
    let mut found = BTreeMap::new();
    for record in records {
        let Some(number) = asked(record) else { continue };
        if let Some(answered) = answered(record) {
            assert_eq!(number, answered, "a call with another's response: {record}");
        }
        *found.entry(number).or_default() += 1;
    }
    found
}

/// The number that a record's request asks for.
#[must_use]
pub fn asked(record: &Value) -> Option<u32> {
    let query = record["request"]["query"].as_array()?;
    let page = query.iter().find(|parameter| parameter["name"] == "page")?;
    page["value"]["kept"].as_str()?.parse().ok()
}

/// The number that a record's response gives.
#[must_use]
pub fn answered(record: &Value) -> Option<u32> {
    let fields = record["response"]["body"]["fields"].as_array()?;
    let n = fields.iter().find(|field| field["path"] == "$.n")?;
    n["value"]["kept"].as_str()?.parse().ok()
}

/// Says that each number of `want` is among `records` once.
///
/// # Panics
///
/// If not.
pub fn each_once(records: &[Value], want: impl IntoIterator<Item = u32>) {
    let mut found = numbers(records);
    let want: Vec<u32> = want.into_iter().collect();
    let missing: Vec<u32> = want.iter().copied().filter(|n| !found.contains_key(n)).collect();
    let first = records.first();
    assert!(
        missing.is_empty(),
        "{} of {} calls are missing: {missing:?}; first record: {first:?}",
        missing.len(),
        want.len()
    );
    found.retain(|_, count| *count > 1);
    assert!(found.is_empty(), "calls that came several times: {found:?}");
    let whole = records.iter().filter(|record| asked(record).is_some());
    for record in whole {
        assert!(answered(record).is_some(), "a call without its response: {record}");
    }
}
