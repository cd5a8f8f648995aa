//! What loss and late starts do to calls of HTTP/2: how many are still told, and that none is told wrong.
//!
//! Path and response header of every call of `fixtures/http2` carry its number, and its status follows from it. The
//! result is `docs/loss-http2.md`; `UPDATE=1` rewrites it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use apitap_tests::pcap::Capture;
use apitap_tests::records::{self, header, identity};
use apitap_tests::simulate::{Damaged, read_back};
use apitap_tests::{path, skip, update};
use serde_json::Value;

const CAPTURE: &str = "fixtures/http2/input.pcap.zst";
const SEEDS: [u64; 3] = [1, 2, 3];

/// A damage, and the share of calls that must still be told as pairs, in per cent.
struct Scenario {
    name: &'static str,
    pairs_min: usize,
    damage: fn(&Capture, u64) -> Damaged,
}

const SCENARIOS: &[Scenario] = &[
    Scenario { name: "none", pairs_min: 100, damage: |c, _| whole(c) },
    Scenario {
        name: "0.1 % of packets lost",
        pairs_min: 95,
        damage: |c, seed| Damaged::drop(c, 1, seed),
    },
    Scenario { name: "1 % lost", pairs_min: 85, damage: |c, seed| Damaged::drop(c, 10, seed) },
    Scenario { name: "5 % lost", pairs_min: 60, damage: |c, seed| Damaged::drop(c, 50, seed) },
    Scenario { name: "20 % lost", pairs_min: 15, damage: |c, seed| Damaged::drop(c, 200, seed) },
    Scenario {
        name: "1 % lost in bursts of 2 to 9",
        pairs_min: 85,
        damage: |c, seed| Damaged::bursts(c, 2, seed),
    },
    Scenario {
        name: "5 % reordered",
        pairs_min: 100,
        damage: |c, seed| whole(c).reorder(50, seed),
    },
    Scenario {
        name: "5 % repeated",
        pairs_min: 100,
        damage: |c, seed| whole(c).duplicate(50, seed),
    },
    Scenario {
        name: "packets cut to 400 bytes",
        pairs_min: 0,
        damage: |c, _| Damaged::cut(c, 400),
    },
    Scenario { name: "started within the connections", pairs_min: 20, damage: late },
];

fn whole(capture: &Capture) -> Damaged {
    Damaged::keep(capture, |_, _| true)
}

/// Begins at a tenth, a third and a half of the capture.
fn late(capture: &Capture, seed: u64) -> Damaged {
    let packets = capture.packets.len();
    let start = match seed {
        1 => packets / 10,
        2 => packets / 3,
        _ => packets / 2,
    };
    Damaged::keep(capture, |i, _| i >= start)
}

/// A call as records tell it: by what its number became in the response, and its status.
type Calls = BTreeMap<String, (String, u64)>;

/// What a run told.
#[derive(Default)]
struct Told {
    pairs: usize,
    requests: BTreeSet<String>,
    responses: usize,
    /// Messages of which fields were left out.
    partial: usize,
    wrong: Vec<String>,
}

/// The token of a request's path, if the path is known.
fn asked(record: &Value) -> Option<&str> {
    record["request"]["path_template"].as_str().filter(|template| !template.is_empty())?;
    record["request"]["path_token"]["text"].as_str()
}

fn answered(record: &Value) -> Option<&str> {
    header(record, "response", "x-call-id").and_then(identity)
}

fn original(capture: &Capture) -> Calls {
    let mut calls = Calls::new();
    for record in read_back(capture) {
        let number = answered(&record).expect("every response has its number").to_owned();
        let status = records::status(&record).expect("every call has a response");
        let path = asked(&record).expect("every call has a path").to_owned();
        assert!(calls.insert(path, (number, status)).is_none(), "a path twice");
    }
    let numbers: BTreeSet<_> = calls.values().map(|(number, _)| number).collect();
    assert_eq!(numbers.len(), calls.len(), "two numbers with one token");
    let log = records::lines(&records::read(&path("fixtures/http2/truth.jsonl")));
    assert_eq!(calls.len(), log.len(), "calls told and logged");
    calls
}

fn told(calls: &Calls, all: &[Value]) -> Told {
    let (mut told, mut numbers) = (Told::default(), BTreeSet::new());
    let known: BTreeSet<&str> = calls.values().map(|(number, _)| number.as_str()).collect();
    for record in all {
        let (path, number) = (asked(record), answered(record));
        let flags = record["completeness"].to_string();
        told.partial += usize::from(flags.contains("hpack_partial"));
        told.responses += usize::from(!record["response"].is_null());
        if let Some(path) = path
            && (!calls.contains_key(path) || !told.requests.insert(path.to_owned()))
        {
            told.wrong.push(format!("{path} is told twice, or was never asked"));
        }
        if let Some(number) = number
            && (!known.contains(number) || !numbers.insert(number.to_owned()))
        {
            told.wrong.push(format!("response {number} is told twice, or was never given"));
        }
        if record["request"].is_null() || record["response"].is_null() {
            continue;
        }
        told.pairs += 1;
        let Some((right, status)) = path.and_then(|path| calls.get(path)) else { continue };
        let told_status = records::status(record).filter(|&status| status != 0);
        if number.is_some_and(|number| number != right)
            || told_status.is_some_and(|told| told != *status)
        {
            told.wrong.push(format!("{path:?} is paired with {number:?}, status {told_status:?}"));
        }
    }
    told
}

#[test]
fn lost_packets_cost_calls_and_never_make_wrong_ones() {
    if !path(CAPTURE).exists() {
        skip("the loss simulation of HTTP/2", "fixtures/http2 is not there");
        return;
    }
    let capture = Capture::read(&path(CAPTURE));
    let calls = original(&capture);
    let (mut rows, mut problems) = (String::new(), Vec::new());
    for Scenario { name, pairs_min, damage } in SCENARIOS {
        let mut sums = [0; 5];
        for seed in SEEDS {
            let damaged = damage(&capture, seed);
            let told = told(&calls, &read_back(&damaged.capture));
            problems.extend(told.wrong.iter().map(|wrong| format!("{name}, seed {seed}: {wrong}")));
            let counts =
                [damaged.lost(), told.pairs, told.requests.len(), told.responses, told.partial];
            sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
        let [lost, pairs, requests, responses, partial] = sums;
        let all = calls.len() * SEEDS.len();
        let share = |part: usize, of: usize| 100.0 * part as f64 / of as f64;
        if pairs * 100 < all * pairs_min {
            problems
                .push(format!("{name}: only {:.2} % of the calls are pairs", share(pairs, all)));
        }
        let packets = capture.packets.len() * SEEDS.len();
        writeln!(
            rows,
            "| {name} | {:.2} % | {:.2} % | {:.2} % | {:.2} % | {:.2} % | 0 |",
            share(lost, packets),
            share(pairs, all),
            share(requests, all),
            share(responses, all),
            share(partial, all),
        )
        .unwrap();
    }
    let page = format!(
        "# Loss in HTTP/2\n\n\
         What apitap still tells of HTTP/2 when packets are missing. `tests/tests/loss_http2.rs` damages `{CAPTURE}`\n\
         ({} packets, {} calls on six connections, eight of each at a time) with {} seeds each, reads it, and compares with the\n\
         number that the path and a response header of each call carry. `UPDATE=1` rewrites this page.\n\n\
         Request and response pair by their stream. A lost packet costs the messages whose frames it carried, and may hide where\n\
         the next frame begins: then frames are looked for where segments begin. A header field that refers to a table entry from\n\
         before a loss or a late start is left out, and the message is flagged `hpack_partial`; *requests told* are those whose\n\
         path is known. What is told is exact: the test demands that nothing is told that was not sent, and no wrong pair.\n\n\
         | Damage | Packets gone | Pairs told | Requests told | Responses told | With fields left out | Told wrong |\n\
         |-|-|-|-|-|-|-|\n{rows}",
        capture.packets.len(),
        calls.len(),
        SEEDS.len(),
    );
    println!("{page}");
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
    let file = path("docs/loss-http2.md");
    if update() {
        std::fs::write(&file, &page).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == page, "docs/loss-http2.md tells other numbers: run this test with UPDATE=1");
}
