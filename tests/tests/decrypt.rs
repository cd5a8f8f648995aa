//! Decryption with keys: calls inside TLS are told as in clear, whatever is lost.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Duration;

use apitap_tests::pcap::Capture;
use apitap_tests::records::{self, header, identity};
use apitap_tests::run;
use apitap_tests::simulate::Damaged;
use apitap_tests::{input, path, update};
use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(60);
/// Of the calls of the capture without loss, what must be told as pairs where so many packets are lost, in per cent.
const TOLD_MIN: [(u64, usize); 4] = [(1, 98), (10, 85), (50, 50), (200, 15)];

fn read(capture: &Path, keys: Option<&Path>) -> Vec<Value> {
    let mut command = run::apitap();
    command.args(["read", "--quiet", "--output", "jsonl", "--key"]).arg(run::key());
    if let Some(keys) = keys {
        command.arg("--tls-keys").arg(keys);
    }
    command.arg(capture);
    records::lines(&run::finish(command, LIMIT).ok("read").stdout)
}

fn is_call(record: &&Value) -> bool {
    record["encrypted_session"].is_null()
}

/// Both versions, HTTP/1 and HTTP/2, another hello, key updates, resumed sessions, early data: secrets are in the capture.
#[test]
fn calls_inside_tls_are_told_as_in_clear() {
    let all = read(&input(&path("fixtures/tls-keys")).unwrap(), None);
    let calls: Vec<_> = all.iter().filter(is_call).collect();
    assert_eq!(calls.len(), 15);
    for call in calls {
        assert_eq!(call["network"]["transport_security"], "DECRYPTED");
        assert_eq!(call["request"]["scheme"], "https");
        assert_eq!(call["response"]["status"], 200);
        assert_eq!(call["completeness"]["request"], "COMPLETE");
        assert_eq!(call["completeness"]["response"], "COMPLETE");
        let template = call["request"]["path_template"].as_str();
        assert_eq!(template, Some("/v1/users/{user_id}"));
        let finds = call["findings"].to_string();
        assert!(finds.contains("\"pan\"") && finds.contains("\"email\""), "{finds}");
    }
    let mut results: BTreeMap<(String, String), u32> = BTreeMap::new();
    for session in all.iter().map(|record| &record["encrypted_session"]).filter(|s| !s.is_null()) {
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let decryption = &session["decryption"];
        *results.entry((word(&decryption["result"]), word(&decryption["reason"]))).or_default() +=
            1;
        assert!(decryption["unread_records"].is_null());
    }
    let result = |result: &str, reason: &str| {
        results.get(&(format!("DECRYPTION_RESULT_{result}"), reason.to_owned())).copied()
    };
    assert_eq!(result("WHOLE", ""), Some(12), "{results:?}");
    assert_eq!(result("NONE", "cipher"), Some(1), "{results:?}");
    assert_eq!(results.len(), 2);
}

/// What an inventory says of it: calls, and one blind spot.
#[test]
fn what_is_decrypted_is_no_blind_spot() {
    let mut command = run::apitap();
    command.args(["inventory", "--quiet", "--format", "json", "--key"]).arg(run::key());
    command.arg(input(&path("fixtures/tls-keys")).unwrap());
    let report: Value =
        serde_json::from_slice(&run::finish(command, LIMIT).ok("inventory").stdout).unwrap();
    assert_eq!(report["endpoints"].as_array().map(Vec::len), Some(1));
    assert_eq!(report["blind_spots"][0]["sessions"], 1);
}

#[test]
fn what_is_no_key_log_is_said() {
    let capture = path("fixtures/tls-loss/input.pcap.zst");
    for (file, code, said) in [
        ("fixtures/none", 1, "cannot read TLS key log"),
        ("fixtures", 1, "is no regular file"),
        ("fixtures/README.md", 1, "is no TLS key log"),
    ] {
        let mut command = run::apitap();
        command.args(["read", "--quiet", "--key"]).arg(run::key()).arg("--tls-keys");
        command.arg(path(file)).arg(&capture);
        let done = run::finish(command, LIMIT);
        assert_eq!(done.code, Some(code), "{file}: {}", done.stderr);
        let [error] = &done.errors()[..] else { panic!("{file}: {}", done.stderr) };
        assert!(error.contains(said), "{error}");
    }
    assert!(read(&capture, None).iter().all(|r| r["network"]["transport_security"] == "ENCRYPTED"));
}

/// What a run told of the calls, by what `x-call-id` became.
#[derive(Default)]
struct Told {
    pairs: Vec<String>,
    requests: usize,
    wrong: Vec<String>,
    /// Sessions, of which whole.
    sessions: (usize, usize),
}

fn told(capture: &Path, keys: &Path) -> Told {
    let mut told = Told::default();
    for record in read(capture, Some(keys)) {
        if let Some(result) = record["encrypted_session"]["decryption"]["result"].as_str() {
            told.sessions.0 += 1;
            told.sessions.1 += usize::from(result == "DECRYPTION_RESULT_WHOLE");
        }
        let id = |message| header(&record, message, "x-call-id").and_then(identity);
        let (asked, answered) = (id("request"), id("response"));
        told.requests += usize::from(asked.is_some());
        match (asked, answered) {
            (Some(asked), Some(answered)) if asked == answered => told.pairs.push(asked.to_owned()),
            (Some(asked), Some(answered)) => told.wrong.push(format!("{asked} with {answered}")),
            _ => {}
        }
    }
    told.pairs.sort();
    told
}

/// Packets are lost from a capture of four connections with forty calls each: no call is paired with another's answer.
#[test]
fn loss_makes_no_wrong_pair() {
    let original = Capture::read(&path("fixtures/tls-loss/input.pcap.zst"));
    let keys = path("fixtures/tls-loss/keys.log");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("input.pcap");
    original.write(&file);
    let whole = told(&file, &keys);
    assert_eq!((whole.pairs.len(), whole.requests, whole.sessions), (160, 160, (4, 4)));
    let mut table = String::from(
        "| Packets lost | Calls told with their answers | Requests told | Wrong pairs |\n|-|-|-|-|\n",
    );
    let mut problems = Vec::new();
    for (per_mille, least) in TOLD_MIN {
        let (mut pairs, mut requests, mut wrong, mut all) = (0, 0, 0, 0);
        for seed in 1..=5 {
            Damaged::drop(&original, per_mille, seed).capture.write(&file);
            let told = told(&file, &keys);
            pairs += told.pairs.iter().filter(|id| whole.pairs.binary_search(id).is_ok()).count();
            requests += told.requests;
            wrong += told.wrong.len();
            all += whole.pairs.len();
            problems.extend(told.wrong.iter().map(|what| format!("{per_mille}/{seed}: {what}")));
        }
        if pairs * 100 < least * all {
            problems.push(format!("{per_mille} of 1000 lost: {pairs} of {all} calls told"));
        }
        let share = |n: usize| format!("{:.1} %", 100.0 * n as f64 / all as f64);
        let lost = per_mille as f64 / 10.0;
        writeln!(table, "| {lost} % | {} | {} | {wrong} |", share(pairs), share(requests)).unwrap();
    }
    let page = path("docs/loss-tls.md");
    let text = format!(
        "# Loss inside TLS\n\nWhat is told of 160 calls in four decrypted connections (TLS 1.2 and 1.3, HTTP/1 and HTTP/2; \
         `fixtures/tls-loss`) when packets of the capture are\nlost, five runs each. A TLS record of which any part is lost cannot be \
         read: a body of 10 kB lies in one record, seven packets.\nMade by `tests/tests/decrypt.rs`.\n\n{table}"
    );
    if update() {
        fs::write(&page, &text).unwrap();
    }
    if fs::read_to_string(&page).unwrap_or_default() != text {
        problems.push(format!("docs/loss-tls.md is not what came out:\n{table}"));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
