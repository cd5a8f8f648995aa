//! Server-sent events and GraphQL over WebSocket against what the ends logged, through the binary.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Duration;

use apitap_tests::{input, path, records, run};
use serde_json::Value;

/// Records of a fixture, with so many events a second.
fn read(case: &str, rate: u32, threads: u32) -> Vec<Value> {
    reported(case, rate, threads, 60)
}

/// The same, with responses told after so many seconds.
fn reported(case: &str, rate: u32, threads: u32, seconds: u32) -> Vec<Value> {
    let mut command = run::apitap();
    command.args(["read", "--output", "jsonl", "--threads", &threads.to_string(), "--key"]);
    command.arg(run::key()).arg(input(&path("fixtures").join(case)).unwrap());
    command.env("APITAP_HTTP__EVENT_STREAM__EVENTS_PER_SECOND_MAX", rate.to_string());
    command.env("APITAP_CALL__STREAMING_REPORT_SECONDS", seconds.to_string());
    let done = run::finish(command, Duration::from_secs(60)).ok(case);
    records::lines(&done.stdout)
}

fn number(value: &Value) -> u64 {
    value.as_u64().or_else(|| value.as_str()?.parse().ok()).unwrap_or(0)
}

fn events(all: &[Value]) -> Vec<&Value> {
    all.iter().filter(|record| !record["server_event"].is_null()).collect()
}

/// The record of the call an event belongs to.
fn call<'a>(all: &'a [Value], event: &Value) -> &'a Value {
    all.iter().find(|record| record["id"] == event["server_event"]["call_id"]).expect("its call")
}

fn logged(case: &str, file: &str) -> Vec<Value> {
    records::lines(&fs::read(path("fixtures").join(case).join(file)).unwrap())
}

fn template(record: &Value) -> String {
    // Templates of the paths are the paths here.
    record["request"]["path_template"].as_str().unwrap().to_owned()
}

#[test]
fn events_are_those_that_were_sent() {
    for case in ["events", "long-streams"] {
        let all = read(case, 100_000, 1);
        let mut told: BTreeMap<(String, u64), i64> = BTreeMap::new();
        for line in logged(case, "events.jsonl") {
            let path = line["path"].as_str().unwrap().to_owned();
            *told.entry((path, number(&line["bytes"]))).or_default() += 1;
        }
        for record in events(&all) {
            let bytes = number(&record["server_event"]["body"]["bytes"]);
            *told.entry((template(record), bytes)).or_default() -= 1;
            assert_eq!(record["completeness"]["response"], "COMPLETE");
            let call = call(&all, record);
            assert_eq!(call["request"]["path_template"], record["request"]["path_template"]);
        }
        told.retain(|_, count| *count != 0);
        assert!(told.is_empty(), "{case}: logged less told, by path and bytes: {told:?}");
        assert!(all.iter().all(|record| record["completeness"]["response"] != "TRUNCATED"));
    }
}

/// Server-sent events and NDJSON over HTTP/2, also of one connection, and over HTTP/1.1, told each second.
#[test]
fn long_responses_are_told_as_they_run() {
    let all = reported("long-streams", 100_000, 1, 1);
    assert_eq!(all, reported("long-streams", 100_000, 3, 1));
    let calls: Vec<&Value> = all.iter().filter(|r| r["server_event"].is_null()).collect();
    let ids: BTreeSet<&str> = all.iter().map(|record| record["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), all.len(), "no record is told twice");
    for sent in logged("long-streams", "bodies.jsonl") {
        let path = sent["path"].as_str().unwrap();
        let parts: Vec<_> = calls.iter().filter(|record| template(record) == path).collect();
        assert!(parts.len() > 2, "{path}: {} records", parts.len());
        let last = parts.last().unwrap();
        let mut bytes = 0;
        for (at, part) in parts.iter().enumerate() {
            let streaming = &part["streaming"];
            assert_eq!(number(&streaming["part"]), at as u64, "{path}");
            assert_eq!(streaming["call_id"], last["id"], "{path}");
            let goes_on = at + 1 < parts.len();
            assert_eq!(streaming["goes_on"] == true, goes_on, "{path}: part {at}");
            let told = if goes_on { "IN_PROGRESS" } else { "COMPLETE" };
            assert_eq!(part["completeness"]["response"], told, "{path}: part {at}");
            let now = number(&part["response"]["body"]["bytes"]);
            assert!(now > bytes, "{path}: part {at} tells more than the one before");
            bytes = now;
        }
        assert_eq!(bytes, number(&sent["bytes"]), "{path}: all of it");
        let fields = last["response"]["body"]["fields"].as_array();
        let seq = fields.into_iter().flatten().find(|field| field["path"] == "$.seq");
        assert_eq!(seq.map_or(0, |seq| number(&seq["count"])), number(&sent["items"]), "{path}");
    }
    // A short one on the connection of long ones is told once, and all others are when nothing is told in parts.
    let once = |all: &[Value], path: &str| {
        all.iter().filter(|r| r["server_event"].is_null() && template(r) == path).count()
    };
    assert_eq!(once(&all, "/v1/mux/status"), 1);
    let whole = reported("long-streams", 100_000, 1, 0);
    for sent in logged("long-streams", "bodies.jsonl") {
        assert_eq!(once(&whole, sent["path"].as_str().unwrap()), 1);
    }
}

#[test]
fn events_say_what_they_are() {
    let all = read("events", 100_000, 1);
    let mut operations: BTreeMap<String, u32> = BTreeMap::new();
    for record in events(&all) {
        *operations.entry(record["operation"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    for (operation, count) in [
        ("SSE /v1/chat/completions message", 5),
        ("SSE /v1/chat/completions done", 1),
        ("SSE /v1/messages content_block_delta", 5),
        ("SSE /v1/messages message_stop", 1),
        ("SSE /mcp notifications/progress", 2),
        ("SSE /v1/prices price", 6),
        ("SSE /v1/coded price", 6),
        ("SSE /v1/cr price", 6),
    ] {
        assert_eq!(operations.get(operation), Some(&count), "{operation} of {operations:?}");
    }
    let first = events(&all)
        .into_iter()
        .find(|record| record["operation"] == "SSE /v1/prices price")
        .expect("a price");
    let event = &first["server_event"];
    assert_eq!((&event["name"], &event["channel"]), (&"price".into(), &"trades".into()));
    assert_eq!((number(&event["retry_ms"]), number(&event["comments"])), (2500, 1));
    assert!(event["id"]["token"]["text"].is_string());
    assert_eq!(number(&call(&all, first)["streaming"]["events"]["comments"]), 7);
}

#[test]
fn the_rate_and_the_workers_change_no_total() {
    let totals = |all: &[Value]| {
        let mut totals = Vec::new();
        for record in all {
            let events = &record["streaming"]["events"];
            if !events.is_null() {
                totals.push((
                    record["id"].clone(),
                    number(&events["events"]),
                    number(&events["bytes"]),
                ));
            }
        }
        totals
    };
    let (full, none) = (read("events", 100_000, 1), read("events", 0, 1));
    assert_eq!(totals(&full), totals(&none));
    assert!(events(&none).is_empty());
    let some = read("events", 5, 1);
    let skipped =
        some.iter().map(|record| number(&record["streaming"]["events"]["events_skipped"]));
    let skipped: u64 = skipped.sum();
    assert!(skipped > 100);
    assert_eq!(events(&some).len() as u64 + skipped, events(&full).len() as u64);
    assert_eq!(some, read("events", 5, 3));
}

#[test]
fn graphql_over_websocket_is_graphql() {
    let all = read("graphql-ws", 10, 1);
    let find = |operation: &str| {
        let told = all.iter().filter(|record| record["operation"] == operation);
        let told: Vec<_> = told.collect();
        assert_eq!(
            told.len(),
            2 - usize::from(operation.contains("subscribe") || operation.contains("start ")),
            "{operation}"
        );
        told[0]
    };
    for start in ["subscribe", "start"] {
        let asked = find(&format!("WS /graphql {start} subscription OnOrder"));
        let operation = &asked["graphql"]["operations"][0];
        assert_eq!(
            (&operation["type"], &operation["name"]),
            (&"subscription".into(), &"OnOrder".into())
        );
        assert_eq!((number(&operation["depth"]), number(&operation["variables"])), (3, 1));
        let paid = find(&format!("WS /graphql {start} mutation Pay"));
        let fields = paid["websocket_message"]["body"]["fields"].to_string();
        assert!(fields.contains("$.payload.query(graphql).card"), "{fields}");
    }
    let init = find("WS /graphql connection_init");
    assert_eq!(
        (&init["api_style"], &init["auth"]["scheme"]),
        (&"GRAPHQL".into(), &"bearer".into())
    );
    let kinds: Vec<&Value> =
        init["entities"].as_array().unwrap().iter().map(|entity| &entity["kind"]).collect();
    assert!(kinds.contains(&&"API_TOKEN".into()), "{kinds:?}");
    let errors: u64 = all.iter().map(|record| number(&record["graphql"]["errors"])).sum();
    let codes: Vec<&Value> = all
        .iter()
        .filter_map(|record| record["graphql"]["operations"][0]["error_codes"].get(0))
        .collect();
    assert_eq!(errors, 8, "{codes:?}");
    assert!(codes.contains(&&"PAYMENT_REFUSED".into()) && codes.contains(&&"NOT_FOUND".into()));
}
