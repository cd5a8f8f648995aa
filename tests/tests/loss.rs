//! What loss, reordering and late starts do to calls: how many are still told, and that no pair is wrong.
//!
//! Every call of `fixtures/keepalive` carries its number in `x-call-id` of request and response, and its status
//! follows from it. The result is `docs/loss.md`; `UPDATE=1` rewrites it. `KEEP=folder` keeps the damaged captures.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::net::IpAddr;

use apitap_tests::oracle::{self, Call};
use apitap_tests::pcap::Capture;
use apitap_tests::records::{self, header, identity};
use apitap_tests::simulate::{Damaged, read_back};
use apitap_tests::{path, skip, update};
use serde_json::Value;

const CAPTURE: &str = "fixtures/keepalive/input.pcap.zst";
const SEEDS: [u64; 3] = [1, 2, 3];

/// Of the pairs whose heads are both left, what must be told at least, in per cent; those that order proves, all.
const PAIRS_TOLD_MIN: usize = 94;
/// The same where every fifth packet is lost.
const PAIRS_TOLD_MIN_AT_20: usize = 85;
/// Of the responses whose heads are left. Behind a hole a response may be one to HEAD, and then has no body.
const RESPONSES_TOLD_MIN: usize = 97;

/// The capture with what is in it.
struct Original {
    capture: Capture,
    calls: BTreeMap<u64, Call>,
    /// Number of a call by what its `x-call-id` became in records.
    numbers: BTreeMap<String, u64>,
}

/// What a run told of the calls, by their numbers.
#[derive(Default)]
struct Told {
    requests: BTreeSet<u64>,
    responses: BTreeSet<u64>,
    pairs: BTreeSet<u64>,
    wrong: Vec<String>,
}

/// The calls of which enough is left, by their numbers.
#[derive(Default)]
struct Left {
    requests: BTreeSet<u64>,
    responses: BTreeSet<u64>,
    /// Both heads.
    pairs: BTreeSet<u64>,
    /// Both heads, and all before them on the connection that tells where messages end.
    ordered: BTreeSet<u64>,
}

/// One kind of damage.
struct Scenario {
    name: &'static str,
    damage: fn(&Original, u64) -> Damaged,
}

const SCENARIOS: &[Scenario] = &[
    Scenario { name: "none", damage: |o, _| whole(o) },
    Scenario {
        name: "0.1 % of packets lost",
        damage: |o, seed| Damaged::drop(&o.capture, 1, seed),
    },
    Scenario { name: "1 % lost", damage: |o, seed| Damaged::drop(&o.capture, 10, seed) },
    Scenario { name: "5 % lost", damage: |o, seed| Damaged::drop(&o.capture, 50, seed) },
    Scenario { name: "20 % lost", damage: |o, seed| Damaged::drop(&o.capture, 200, seed) },
    Scenario {
        name: "1 % lost in bursts of 2 to 9",
        damage: |o, seed| Damaged::bursts(&o.capture, 2, seed),
    },
    Scenario { name: "5 % reordered", damage: |o, seed| whole(o).reorder(50, seed) },
    Scenario { name: "5 % repeated", damage: |o, seed| whole(o).duplicate(50, seed) },
    Scenario {
        name: "1 % lost, 2 % reordered, 2 % repeated",
        damage: |o, seed| {
            Damaged::drop(&o.capture, 10, seed).reorder(20, seed + 10).duplicate(20, seed + 20)
        },
    },
    Scenario { name: "packets cut to 400 bytes", damage: |o, _| Damaged::cut(&o.capture, 400) },
    Scenario { name: "started within the connections", damage: late },
    Scenario { name: "client's side only", damage: |o, _| side(o, true) },
    Scenario { name: "server's side only", damage: |o, _| side(o, false) },
];

fn whole(original: &Original) -> Damaged {
    Damaged::keep(&original.capture, |_, _| true)
}

/// Begins at a third, half and two thirds of the capture.
fn late(original: &Original, seed: u64) -> Damaged {
    let packets = original.capture.packets.len();
    let start = match seed {
        1 => packets / 3,
        2 => packets / 2,
        _ => packets * 2 / 3,
    };
    Damaged::keep(&original.capture, |i, _| i >= start)
}

fn side(original: &Original, client: bool) -> Damaged {
    let clients: BTreeSet<_> = original.calls.values().map(|call| call.client.clone()).collect();
    let link = original.capture.link;
    Damaged::keep(&original.capture, |_, packet| {
        packet.segment(link).is_none_or(|segment| clients.contains(&segment.from) == client)
    })
}

#[test]
fn lost_packets_cost_calls_and_never_make_wrong_pairs() {
    if !path(CAPTURE).exists() {
        skip("the loss simulation", "fixtures/keepalive is not there");
        return;
    }
    let original = original();
    let mut rows = String::new();
    let mut problems = Vec::new();
    for scenario in SCENARIOS {
        let mut sums = [0; 6];
        for seed in SEEDS {
            let damaged = (scenario.damage)(&original, seed);
            let told = told(&original, &read_back(&damaged.capture));
            let name = format!("{}, seed {seed}", scenario.name);
            if let Some(folder) = std::env::var_os("KEEP") {
                damaged
                    .capture
                    .write(&std::path::PathBuf::from(folder).join(format!("{name}.pcap")));
            }
            problems.extend(told.wrong.iter().map(|wrong| format!("{name}: {wrong}")));
            let left = left(&original, &damaged);
            problems.extend(
                missing(scenario, &left, &told).map(|missing| format!("{name}: {missing}")),
            );
            let counts = [
                damaged.lost(),
                left.pairs.len(),
                told.pairs.len(),
                told.requests.len(),
                told.responses.len(),
                told.wrong.len(),
            ];
            sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
        let [lost, both, pairs, requests, responses, wrong] = sums;
        let share = |part: usize, of: usize| 100.0 * part as f64 / of.max(1) as f64;
        let calls = original.calls.len() * SEEDS.len();
        let packets = original.capture.packets.len() * SEEDS.len();
        writeln!(
            rows,
            "| {} | {:.2} % | {:.2} % | {:.2} % | {:.2} % | {:.2} % | {wrong} |",
            scenario.name,
            share(lost, packets),
            share(both, calls),
            share(pairs, calls),
            share(requests, calls),
            share(responses, calls),
        )
        .unwrap();
    }
    let page = page(&original, &rows);
    println!("{page}");
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
    keep(&page);
}

#[test]
fn the_oracle_agrees_with_what_the_programs_logged() {
    if !path(CAPTURE).exists() {
        skip("the oracle's own test", "fixtures/keepalive is not there");
        return;
    }
    let log = records::lines(&records::read(&path("fixtures/keepalive/truth.jsonl.zst")));
    let logged: BTreeSet<_> = log
        .iter()
        .map(|call| {
            let number =
                call["path"].as_str().unwrap().rsplit('/').next().unwrap().parse::<u64>().unwrap();
            (number, call["method"].as_str().unwrap().to_owned(), call["status"].as_u64().unwrap())
        })
        .collect();
    let capture = Capture::read(&path(CAPTURE));
    let calls = oracle::calls(&capture);
    assert_eq!(
        calls.iter().map(|c| (c.number, c.method.clone(), c.status)).collect::<BTreeSet<_>>(),
        logged
    );

    let whole = Damaged::keep(&capture, |_, _| true);
    assert!(
        calls
            .iter()
            .all(|c| whole.has(&c.request) && whole.has(&c.response) && whole.has(&c.context))
    );
    // At 5 % loss about a tenth of the calls lose a head.
    let damaged = Damaged::drop(&capture, 50, 1);
    let left = calls.iter().filter(|c| damaged.has(&c.request) && damaged.has(&c.response)).count();
    assert!(
        (calls.len() * 80 / 100..calls.len() * 95 / 100).contains(&left),
        "{left} of {}",
        calls.len()
    );
}

/// What is left and yet not told, beyond what may be.
fn missing<'a>(
    scenario: &Scenario,
    left: &'a Left,
    told: &'a Told,
) -> impl Iterator<Item = String> + use<'a> {
    let pairs_min =
        if scenario.name.starts_with("20 %") { PAIRS_TOLD_MIN_AT_20 } else { PAIRS_TOLD_MIN };
    let demands = [
        ("requests", &left.requests, &told.requests, 100),
        ("responses", &left.responses, &told.responses, RESPONSES_TOLD_MIN),
        ("ordered pairs", &left.ordered, &told.pairs, 100),
        ("pairs", &left.pairs, &told.pairs, pairs_min),
    ];
    demands.into_iter().filter_map(|(what, left, told, min)| {
        let missing: Vec<_> = left.difference(told).collect();
        let some = &missing[..missing.len().min(5)];
        let of = left.len();
        (missing.len() * 100 > of * (100 - min))
            .then(|| format!("{} of {of} {what} are not told, e.g. {some:?}", missing.len()))
    })
}

fn page(original: &Original, rows: &str) -> String {
    format!(
        "# Loss\n\n\
         What apitap still tells when packets are missing. `tests/tests/loss.rs` damages `{CAPTURE}`\n\
         ({} packets, {} keep-alive calls, some pipelined, chunked or with `100 Continue`) with {} seeds each, reads it,\n\
         and compares with the number that each request and response carries. `UPDATE=1` rewrites this page.\n\n\
         *Both heads left* are the calls whose request and response heads are still in the capture (and begin a segment,\n\
         or can be counted to). Behind a hole that may hide messages, a pair is told only when acknowledgements prove it:\n\
         a missing pair is better than a wrong one. Then request and response are told apart, as one-sided records.\n\
         Acknowledgements prove nothing of a client that always keeps several requests under way (a window, as apt has). So they are\n\
         believed of a client that was seen to wait, with nothing missing, or that was idle for long. Of others, near the start of a\n\
         connection or joined midway, what they prove is held back until the client waited 32 times or the connection ends, and is not\n\
         paired when a window shows by then. A wrong pair is possible where a hole hides that too, where the server takes longer than the\n\
         next request does to come more than 32 times in a row, or where the capture ends before the client has all that it asked for.\n\
         The test demands that no pair is wrong, that every request is told whose head is left, every pair that nothing is\n\
         missing before, at least {PAIRS_TOLD_MIN} % of the pairs with both heads left ({PAIRS_TOLD_MIN_AT_20} % where every fifth packet is lost), and\n\
         {RESPONSES_TOLD_MIN} % of the responses whose head is left.\n\n\
         | Damage | Packets gone | Both heads left | Pairs told | Requests told | Responses told | Wrong pairs |\n\
         |-|-|-|-|-|-|-|\n{rows}",
        original.capture.packets.len(),
        original.calls.len(),
        SEEDS.len(),
    )
}

fn keep(page: &str) {
    let file = path("docs/loss.md");
    if update() {
        std::fs::create_dir_all(path("docs")).unwrap();
        std::fs::write(&file, page).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == page, "docs/loss.md tells other numbers: run this test with UPDATE=1");
}

/// What is left of the calls.
fn left(original: &Original, damaged: &Damaged) -> Left {
    let mut left = Left::default();
    for call in original.calls.values() {
        let (request, response) = (damaged.has(&call.request), damaged.has(&call.response));
        if request {
            left.requests.insert(call.number);
        }
        if response {
            left.responses.insert(call.number);
        }
        if request && response {
            left.pairs.insert(call.number);
            if damaged.has(&call.context) {
                left.ordered.insert(call.number);
            }
        }
    }
    left
}

/// Reads the whole capture, and learns what each number becomes in records.
fn original() -> Original {
    let capture = Capture::read(&path(CAPTURE));
    let calls = oracle::calls(&capture);
    let mut by_client: BTreeMap<(IpAddr, u64), Vec<Value>> = BTreeMap::new();
    for record in read_back(&capture) {
        let client = &record["client"];
        let ip = client["ip"].as_str().expect("a client's address").parse().expect("an address");
        by_client.entry((ip, client["port"].as_u64().expect("a port"))).or_default().push(record);
    }
    let mut seen = BTreeMap::new();
    for call in calls {
        let client = (address(&call.client.0), u64::from(call.client.1));
        seen.entry(client).or_insert_with(Vec::new).push(call);
    }

    let mut numbers = BTreeMap::new();
    for (client, calls) in &seen {
        let records = by_client.get(client).unwrap_or_else(|| panic!("no records of {client:?}"));
        assert_eq!(records.len(), calls.len(), "calls of {client:?}");
        for (record, call) in records.iter().zip(calls) {
            assert_eq!(records::method(record), Some(call.method.as_str()), "call {}", call.number);
            assert_eq!(records::status(record), Some(call.status), "call {}", call.number);
            let [asked, answered] = ["request", "response"].map(|message| {
                let value = header(record, message, "x-call-id").expect("x-call-id in the record");
                identity(value)
                    .unwrap_or_else(|| panic!("x-call-id leaves as a shape: {value}"))
                    .to_owned()
            });
            assert_eq!(
                asked, answered,
                "call {}: equal numbers must have equal tokens",
                call.number
            );
            assert!(numbers.insert(asked, call.number).is_none(), "two numbers with one token");
        }
    }
    let calls = seen.into_values().flatten().map(|call| (call.number, call)).collect();
    Original { capture, calls, numbers }
}

fn address(bytes: &[u8]) -> IpAddr {
    match bytes {
        [a, b, c, d] => IpAddr::from([*a, *b, *c, *d]),
        _ => IpAddr::from(<[u8; 16]>::try_from(bytes).expect("an IPv6 address")),
    }
}

fn told(original: &Original, all: &[Value]) -> Told {
    let mut told = Told::default();
    for record in all {
        let number = |message| {
            let value = header(record, message, "x-call-id")?;
            let number = identity(value).and_then(|id| original.numbers.get(id)).copied();
            Some(number.unwrap_or(0))
        };
        let (asked, answered) = (number("request"), number("response"));
        for (number, set) in [(asked, &mut told.requests), (answered, &mut told.responses)] {
            // A call may be told twice only by its halves, and nothing may be made up.
            if let Some(number) = number
                && (number == 0 || !set.insert(number))
            {
                told.wrong.push(format!("call {number} is told twice, or was never made"));
            }
        }
        let (Some(asked), Some(status)) = (asked, records::status(record)) else { continue };
        let wanted = original.calls.get(&asked).map(|call| call.status);
        if answered.is_some_and(|answered| answered != asked) || wanted != Some(status) {
            told.wrong.push(format!(
                "request {asked} is paired with response {answered:?}, status {status}"
            ));
        } else {
            told.pairs.insert(asked);
        }
    }
    told
}
