//! A script through the line, from the HTTP parser to records: however it is cut, and whatever was read before, the
//! records are the same, and nothing is held at the end.

use std::cell::RefCell;

use apitap::call::Calls;
use apitap::http::{Counts, Http};
use apitap::reassembly::{ConnectionId, Side, StreamEvent};
use apitap::record::{Builder, Record, SensorInfo};
use apitap::redact::{Config, Keys, Redactor};
use apitap::sink::{FORMATS, Style};
use apitap::time::Timestamp;

use super::script::{self, Script};

thread_local! {
    /// Keys, and a redactor that goes on from script to script.
    static MEMORY: RefCell<(Keys, Redactor)> = RefCell::new({
        let keys = Keys::ephemeral().expect("the system has random numbers");
        let redactor = Redactor::new(&keys, &Config::default());
        (keys, redactor)
    });
}

/// Reads `input`, and checks all that must hold. `first`: what is told at once of each segment, as some is only told by how
/// a segment begins; the rest comes octet by octet.
pub fn check(opening: &[(Side, &[u8])], first: usize, input: &[u8]) {
    let seal = &mut script::clear;
    let script = Script::read(opening, input, seal);
    MEMORY.with_borrow_mut(|(keys, redactor)| {
        // One of its own costs more than most scripts.
        let mut fresh =
            input.len().is_multiple_of(4).then(|| Redactor::new(keys, &Config::default()));
        let (whole, whole_counts) = records(&script, (usize::MAX, 1), redactor);
        let (octets, octet_counts) =
            records(&script, (first, 1), fresh.as_mut().unwrap_or(redactor));
        let same = whole.len() == octets.len()
            && whole.iter().zip(&octets).all(|(one, other)| one.encoded() == other.encoded());
        let compares = script.is_whole()
            && whole_counts.resyncs == 0
            && !(seeks(&whole_counts) && seeks(&octet_counts));
        let told = || format!("whole:\n{}\noctet by octet:\n{}", told(&whole), told(&octets));
        assert!(same || !compares, "{}", told());
    });
}

/// Whether a message had to be looked for, or was one of HTTP/0.9: both are only found in what a segment has.
fn seeks(counts: &Counts) -> bool {
    counts.lost > 0 || counts.http09_requests > 0
}

/// The records of a script in pieces of these sizes.
fn records(
    script: &Script<'_>,
    sizes: (usize, usize),
    redactor: &mut Redactor,
) -> (Vec<Record>, Counts) {
    let sensor = SensorInfo { id: "s".into(), version: "1".into(), config_id: "c".into() };
    let (mut http, mut calls) = (Http::new(&Default::default()), Calls::new(&Default::default()));
    let (mut builder, mut records) = (Builder::new(sensor, Vec::new()), Vec::new());
    let connection = script.connection();
    script.play(sizes, &mut |ordinal, kind| {
        let time = Timestamp::from_nanos(1_700_000_000_000_000_000 + ordinal);
        let id = ConnectionId { slot: 0 };
        let event = StreamEvent { id, connection: &connection, time, ordinal, kind };
        http.push(&event, &mut |event| {
            calls.push(&event, &mut |call| records.push(builder.build(redactor.redact(&call))));
        });
    });
    let held = (http.held_head_bytes(), http.held_table_bytes(), http.held_socket_bytes());
    assert_eq!((held, calls.held_bytes()), ((0, 0, 0), 0));
    (records, http.counts().clone())
}

/// Records in the first form there is for people.
fn told(records: &[Record]) -> String {
    let json = FORMATS.iter().find(|format| format.name == "jsonl").expect("there is one");
    let mut encoder = (json.encoder)(&Style::plain());
    let mut out = Vec::new();
    for record in records {
        encoder.encode_record(record, &mut out).expect("every record has every form");
    }
    String::from_utf8_lossy(&out).into_owned()
}
