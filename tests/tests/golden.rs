//! Every capture in `fixtures/`: the records expected, whatever the number of threads, and what the programs that
//! made the traffic logged themselves.
//!
//! `UPDATE=1` rewrites `expected.jsonl`.

use std::fs;
use std::path::{Path, PathBuf};

use apitap_tests::corpus::{self, Content};
use apitap_tests::run::Run;
use apitap_tests::{input, path, records, run, skip, update};
use serde_json::Value;

/// Cases in which apitap rightly tells other calls than the programs logged, and why.
const DIFFERS: &[(&str, &str)] = &[];

fn cases() -> Vec<(PathBuf, PathBuf)> {
    let Ok(folder) = fs::read_dir(path("fixtures")) else { return Vec::new() };
    let cases = folder.filter_map(|entry| Some(entry.ok()?.path()));
    let mut cases: Vec<_> = cases.filter_map(|case| Some((case.clone(), input(&case)?))).collect();
    cases.sort();
    cases
}

fn read(input: &Path, threads: u32) -> Run {
    let key = run::key();
    let mut command = run::apitap();
    // From the root, with a relative path: names of inputs may stand in records.
    command.current_dir(path(""));
    command
        .args(["read", "--output", "jsonl", "--threads", &threads.to_string(), "--key"])
        .arg(key);
    command.arg(input.strip_prefix(path("")).unwrap());
    run::finish(command, std::time::Duration::from_secs(60)).ok(&input.display().to_string())
}

#[test]
fn fixtures_give_the_records_expected() {
    let cases = cases();
    if cases.is_empty() {
        skip("golden captures", "fixtures/ holds none");
        return;
    }
    let mut problems = Vec::new();
    for (case, input) in &cases {
        let name = case.file_name().unwrap().to_string_lossy();
        let got = read(input, 1);
        let expected = case.join(if got.stdout.len() > 300_000 {
            "expected.jsonl.zst"
        } else {
            "expected.jsonl"
        });
        let differs = || {
            let (mut want, mut got) =
                (records::lines(&records::read(&expected)), records::lines(&got.stdout));
            // The configuration's fingerprint changes with every key that apitap learns.
            for record in want.iter_mut().chain(&mut got) {
                record["sensor"]["config_id"] = Value::Null;
            }
            first_difference(&want, &got)
        };
        if update() && (!expected.exists() || differs().is_some()) {
            let bytes = if expected.extension().is_some_and(|e| e == "zst") {
                zstd::encode_all(&got.stdout[..], 19).unwrap()
            } else {
                got.stdout.clone()
            };
            fs::write(&expected, bytes).unwrap();
        }
        if !expected.exists() {
            problems.push(format!(
                "{name}: has no expected.jsonl: run with UPDATE=1 and read what it holds"
            ));
            continue;
        }
        if let Some((i, difference)) = differs() {
            problems.push(format!("{name}: record {}: {difference}", i + 1));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_number_of_threads_changes_nothing() {
    for (_, input) in cases() {
        let one = read(&input, 1);
        for threads in [2, 4] {
            let more = read(&input, threads);
            assert!(one.stdout == more.stdout, "{}: {threads} threads", input.display());
        }
    }
}

#[test]
fn records_agree_with_what_the_programs_logged() {
    let mut problems = Vec::new();
    for (case, input) in cases() {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let log = ["truth.jsonl", "truth.jsonl.zst"]
            .map(|name| case.join(name))
            .into_iter()
            .find(|f| f.exists());
        let Some(log) = log else { continue };
        let truth = logged(&records::lines(&records::read(&log)));
        let mut all = records::lines(&read(&input, 1).stdout);
        // A call, not a message on its WebSocket, an event in its answer or a session that cannot be read.
        all.retain(|record| {
            let others = ["websocket_message", "server_event", "encrypted_session"];
            others.iter().all(|other| record[*other].is_null())
        });
        let mut told = corpus::content(&all);
        told.statuses.remove("1xx");
        let mut found = Vec::new();
        for (what, want, got) in [
            ("requests", &truth.methods, &told.methods),
            ("responses", &truth.statuses, &told.statuses),
        ] {
            let difference = corpus::difference(want, got);
            if !difference.is_empty() {
                found.push(format!("{name}: {what} told less logged: {difference}"));
            }
        }
        let wrong = corpus::invented(&truth.pairs, &told.pairs);
        if !wrong.is_empty() {
            found.push(format!("{name}: pairs that were not: {wrong}"));
        }
        let hosts = corpus::invented(&truth.hosts, &told.hosts);
        if !hosts.is_empty() {
            found.push(format!("{name}: hosts that were not: {hosts}"));
        }
        match DIFFERS.iter().find(|(case, _)| *case == name) {
            Some(_) if found.is_empty() => {
                problems.push(format!("{name}: listed, but differs no more"))
            }
            Some((_, reason)) => println!("{name} differs: {reason}"),
            None => problems.extend(found),
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// What can be seen of the calls logged: `seen` says where the capture has not both sides, and the status is
/// `null` where no answer came. Interim responses are not logged.
fn logged(calls: &[Value]) -> Content {
    let mut content = Content::default();
    for call in calls {
        let seen = call["seen"].as_str().unwrap_or("both");
        let method = corpus::method(call["method"].as_str().unwrap_or_default());
        let asked = matches!(seen, "both" | "gap" | "request");
        let status =
            call["status"].as_u64().filter(|_| matches!(seen, "both" | "gap" | "response"));
        if asked {
            *content.methods.entry(method.to_owned()).or_default() += 1;
            let host = corpus::plain(call["host"].as_str().unwrap_or_default());
            *content.hosts.entry(host).or_default() += 1;
        }
        if let Some(status) = status {
            *content.statuses.entry(status.to_string()).or_default() += 1;
        }
        if let (true, Some(status)) = (asked, status) {
            *content.pairs.entry(format!("{method} {status}")).or_default() += 1;
        }
    }
    content
}

/// Where two lists of records differ first, and how: the path of the field, what is wanted, what is there.
fn first_difference(want: &[Value], got: &[Value]) -> Option<(usize, String)> {
    let pairs = want.iter().zip(got).enumerate();
    let differing = pairs.filter_map(|(i, (want, got))| {
        Some((i, field("$", &version_free(want), &version_free(got))?))
    });
    let lengths = || {
        (want.len() != got.len()).then(|| {
            (want.len().min(got.len()), format!("{} records, want {}", got.len(), want.len()))
        })
    };
    differing.into_iter().next().or_else(lengths)
}

/// A record without the sensor's version, which changes with every release.
fn version_free(record: &Value) -> Value {
    let mut record = record.clone();
    if let Some(sensor) = record.get_mut("sensor").and_then(Value::as_object_mut) {
        sensor.remove("version");
    }
    record
}

fn field(at: &str, want: &Value, got: &Value) -> Option<String> {
    match (want, got) {
        (Value::Object(a), Value::Object(b)) => {
            let names: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            names.into_iter().find_map(|name| {
                field(
                    &format!("{at}.{name}"),
                    a.get(name).unwrap_or(&Value::Null),
                    b.get(name).unwrap_or(&Value::Null),
                )
            })
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().find_map(|(i, (a, b))| field(&format!("{at}[{i}]"), a, b))
        }
        _ => (want != got).then(|| format!("{at}: want {want}, got {got}")),
    }
}
