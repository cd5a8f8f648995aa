//! Signals of real traffic: every planted weakness of the demonstration API is told, and the mended one is clean.

use std::fs;

use apitap_tests::{path, records, run};
use serde_json::Value;

/// The records of a fixture, in order.
fn read(case: &str) -> Vec<Value> {
    let mut command = run::apitap();
    command.args(["read", "--output", "jsonl", "--threads", "1", "--key"]).arg(run::key());
    command.arg(path(&format!("fixtures/{case}/input.pcap")));
    records::lines(&run::finish(command, std::time::Duration::from_secs(60)).ok(case).stdout)
}

/// Ids of a record's signals.
fn raised(record: &Value) -> Vec<&str> {
    let signals = record["signals"].as_array().map(Vec::as_slice).unwrap_or_default();
    signals.iter().map(|signal| signal["id"].as_str().unwrap()).collect()
}

#[test]
fn every_planted_weakness_is_signalled() {
    let planted = fs::read_to_string(path("fixtures/vulnerable/planted.json")).unwrap();
    let planted: Vec<Vec<String>> = serde_json::from_str(&planted).unwrap();
    let records = read("vulnerable");
    assert_eq!(planted.len(), records.len());
    let mut missing = Vec::new();
    for (nth, (wanted, record)) in planted.iter().zip(&records).enumerate() {
        let raised = raised(record);
        let lacks = wanted.iter().filter(|id| !raised.contains(&id.as_str()));
        missing.extend(lacks.map(|id| format!("call {}: {id}", nth + 1)));
    }
    assert!(missing.is_empty(), "not signalled: {missing:?}");
    assert!(planted.iter().flatten().count() >= 37);
}

#[test]
fn the_mended_api_raises_nothing() {
    let records = read("hardened");
    assert_eq!(records.len(), 16);
    for record in &records {
        assert!(raised(record).is_empty(), "{}: {:?}", record["operation"], raised(record));
    }
}
