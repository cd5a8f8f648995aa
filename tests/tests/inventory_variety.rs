//! `apitap inventory` of calls that have nothing in common: as many hosts, paths, names and callers as calls. Its memory
//! follows its limits, not the traffic.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use apitap::inventory::{Inventory, Limits, Report};
use apitap_proto::{Timestamp, v1};
use apitap_tests::run;
use prost::Message as _;
use serde_json::Value;

/// Names of 40 characters, each once.
fn name(call: u64, nth: u64) -> String {
    format!("field_of_somebody_{call:012x}_{nth:09x}")
}

fn value() -> Option<v1::Value> {
    let shape = v1::Shape { r#type: v1::ValueType::String.into(), length: 12 };
    Some(v1::Value { form: Some(v1::value::Form::Shape(shape)) })
}

fn token(class: &str, call: u64) -> Option<v1::Value> {
    let token = v1::Token {
        class: class.into(),
        key_id: "k1".into(),
        text: format!("tok_{class}_k1_{call:026}"),
        previous: Vec::new(),
    };
    Some(v1::Value { form: Some(v1::value::Form::Token(token)) })
}

fn body(call: u64, from: u64) -> Option<v1::Body> {
    let field = |nth| v1::Field {
        path: format!("$.{}", name(call, from + nth)),
        types: vec![v1::ValueType::String.into()],
        count: 1,
        value: value(),
        ..v1::Field::default()
    };
    Some(v1::Body {
        media_type: format!("application/vnd.{call}+json"),
        bytes: 900,
        decoded_bytes: 900,
        fields: (0..12).map(field).collect(),
        fields_total: 12,
        ..v1::Body::default()
    })
}

/// A call like no other; every fifth is of one endpoint, every third of one that does not exist.
fn record(call: u64) -> v1::CallRecord {
    let time = |millis: u64| {
        let nanos = call * 1_000_000 + millis * 1_000_000;
        let (seconds, nanos) = (1_790_000_000 + nanos / 1_000_000_000, nanos % 1_000_000_000);
        Some(Timestamp { seconds: seconds.try_into().unwrap(), nanos: nanos.try_into().unwrap() })
    };
    let same = call.is_multiple_of(5);
    let own = |text: String, common: &str| if same { common.to_owned() } else { text };
    let path = own(format!("/v1/{}/{{id}}", name(call, 0)), "/v1/orders/{id}");
    let parameter = |nth| v1::Parameter { name: name(call, nth), value: value() };
    let entity = |kind: v1::entity::Kind, class| v1::Entity {
        kind: kind.into(),
        value: token(class, call),
        role: v1::evidence::Role::Caller.into(),
        ..v1::Entity::default()
    };
    v1::CallRecord {
        id: format!("{call:032x}"),
        protocol: v1::Protocol::Http1.into(),
        client: Some(v1::Endpoint {
            ip: format!("10.{}.{}.{}", call >> 16 & 255, call >> 8 & 255, call & 255),
            ..v1::Endpoint::default()
        }),
        request: Some(v1::Request {
            start_time: time(0),
            end_time: time(1),
            method: "POST".into(),
            host: own(format!("h{call}.shop.example"), "shop.example"),
            path_template: path.clone(),
            query: (100..103).map(parameter).collect(),
            headers: (200..203).map(parameter).collect(),
            body: body(call, 300),
            ..v1::Request::default()
        }),
        response: Some(v1::Response {
            start_time: time(2),
            end_time: time(3),
            status: if call.is_multiple_of(3) { 404 } else { 200 },
            body: body(call, 400),
            latency_ns: Some(1000 + call),
            ..v1::Response::default()
        }),
        operation: format!("POST {path}"),
        entities: vec![
            entity(v1::entity::Kind::User, "user"),
            entity(v1::entity::Kind::Session, "session"),
        ],
        findings: vec![v1::Finding {
            class: format!("own_{call}"),
            location: format!("response.body:$.{}", name(call, 400)),
            count: 1,
            ..v1::Finding::default()
        }],
        ..v1::CallRecord::default()
    }
}

fn written(file: &Path, calls: u64) {
    let mut out = BufWriter::new(File::create(file).unwrap());
    for call in 1..=calls {
        out.write_all(&record(call).encode_length_delimited_to_vec()).unwrap();
    }
    out.flush().unwrap();
}

/// Peak memory in MiB, and the report.
fn inventory(file: &Path) -> (u64, Value) {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.json");
    let mut command = run::apitap();
    command.args(["inventory", "--quiet", "--format", "json", "--out"]).arg(&report).arg(file);
    let mut child = command.stdin(Stdio::null()).spawn().unwrap();
    let (mut peak, start) = (0_u64, Instant::now());
    loop {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        peak = peak.max(kib.unwrap_or(0) / 1024);
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{status}");
            break;
        }
        assert!(start.elapsed() < Duration::from_secs(1800), "it takes too long");
        std::thread::sleep(Duration::from_millis(10));
    }
    (peak, serde_json::from_slice(&fs::read(report).unwrap()).unwrap())
}

/// Memory of this process, in KiB.
fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Checks that every call is in the tables, or counted as left out.
fn adds_up(report: &Value, calls: u64, endpoints_max: usize) {
    assert_eq!(report["calls"], calls);
    let endpoints = report["endpoints"].as_array().unwrap();
    assert!(endpoints.len() <= endpoints_max, "{} endpoints", endpoints.len());
    let told: u64 = endpoints.iter().map(|e| e["calls"].as_u64().unwrap()).sum();
    let left_out = report["left_out"]["endpoint_calls"].as_u64().unwrap();
    assert_eq!(told + left_out, calls);
    assert!(left_out > 0 && report["not_remembered"].as_u64().unwrap() > 0);
    // What calls have in common is still told.
    assert!(endpoints.iter().any(|e| e["host"] == "shop.example" && e["calls"] == calls / 5));
}

#[test]
fn memory_follows_limits_not_traffic() {
    // Those of the daemon, with fewer endpoints: a scanner's are only a quarter of them.
    let limits = Limits { endpoints: 2000, entities: 1000, cells: 40_000 };
    let mut inventory = Inventory::new(limits);
    let before = memory();
    let mut sizes = Vec::new();
    let mut call = 0;
    for calls in [5_000, 15_000] {
        while call < calls {
            call += 1;
            inventory.push(&record(call));
        }
        let mut state = Vec::new();
        inventory.save(&mut state).unwrap();
        sizes.push((state.len(), memory().saturating_sub(before)));
        let report = serde_json::to_value(Report::new(&inventory, None)).unwrap();
        adds_up(&report, calls, 2000);
    }
    let [(less, _), (more, kib)] = sizes[..] else { panic!("two sizes") };
    assert!(more <= less + less / 8, "{less} octets, and {more} with three times the calls");
    // What is said of endpoints and things, and what a report takes besides.
    assert!(kib < 2000 * 8 + 40_000 / 2 + 60_000, "{kib} KiB");
}

#[test]
#[ignore = "writes gigabytes: measures what docs/inventory.md tells"]
fn a_million_calls() {
    let calls = std::env::var("APITAP_INVENTORY_CALLS").ok().and_then(|n| n.parse().ok());
    let calls = calls.unwrap_or(1_000_000_u64);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("calls.pb");
    written(&file, calls);
    let octets = fs::metadata(&file).unwrap().len();
    let start = Instant::now();
    let (peak, report) = inventory(&file);
    let took = start.elapsed().as_secs_f64();
    println!("{calls} calls, {octets} octets: {took:.1} s, peak {peak} MiB");
    adds_up(&report, calls, 20_000);
    assert!(peak < 1000, "{peak} MiB");
}
