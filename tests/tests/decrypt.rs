//! Decryption with keys: calls inside TLS are told as in clear, whatever is lost, and as key logs grow.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use apitap_tests::daemon::Home;
use apitap_tests::netns::{self, Namespace, Running};
use apitap_tests::pcap::Capture;
use apitap_tests::records::{self, header, identity};
use apitap_tests::run::{self, installed};
use apitap_tests::simulate::Damaged;
use apitap_tests::{input, path, skip, update};
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

/// CONNECT, SOCKS 4a and 5, PROXY headers of both versions: what is inside is told, decrypted or in clear as it was.
#[test]
fn calls_inside_tunnels_are_told() {
    let all = read(&input(&path("fixtures/tls-tunnels")).unwrap(), None);
    let (mut calls, mut sessions) = (BTreeMap::new(), BTreeMap::new());
    for record in &all {
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let security = word(&record["network"]["transport_security"]);
        let session = &record["encrypted_session"];
        if session.is_null() {
            let method = word(&record["request"]["method"]);
            assert_eq!(record["response"]["status"], 200);
            assert_eq!(record["completeness"]["response"], "COMPLETE");
            *calls.entry((method, security)).or_insert(0) += 1;
        } else {
            assert_eq!(session["server_name"], "api.shop.example");
            let decryption = &session["decryption"];
            assert!(decryption["unread_records"].is_null());
            let said = (word(&decryption["result"]), word(&decryption["reason"]));
            *sessions.entry(said).or_insert(0) += 1;
        }
    }
    let told = |method: &str, security: &str| calls.get(&(method.into(), security.into())).copied();
    assert_eq!(told("GET", "DECRYPTED"), Some(8), "{calls:?}");
    assert_eq!(told("GET", "CLEARTEXT"), Some(4), "{calls:?}");
    assert_eq!(told("CONNECT", "CLEARTEXT"), Some(7), "{calls:?}");
    let result = |result: &str, reason: &str| {
        sessions.get(&(format!("DECRYPTION_RESULT_{result}"), reason.to_owned())).copied()
    };
    assert_eq!(result("WHOLE", ""), Some(8), "{sessions:?}");
    assert_eq!(result("NONE", "cipher"), Some(1), "{sessions:?}");
    assert_eq!(result("NONE", "no_keys"), Some(1), "{sessions:?}");
    let mut ids: Vec<_> = all.iter().map(|record| record["id"].to_string()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all.len(), "calls inside and outside a tunnel have ids of their own");
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

/// A key log of more sessions than are kept, those of the capture first: why they are not read is said.
#[test]
fn secrets_without_room_are_said() {
    let folder = tempfile::tempdir().unwrap();
    let (log, config) = (folder.path().join("keys.log"), folder.path().join("apitap.toml"));
    let mut lines = fs::read_to_string(path("fixtures/tls-loss/keys.log")).unwrap();
    for n in 0..20 {
        let (random, secret) = (format!("{n:02x}").repeat(32), "7f".repeat(48));
        writeln!(lines, "CLIENT_RANDOM {random} {secret}").unwrap();
    }
    fs::write(&log, lines).unwrap();
    fs::write(&config, "[tls]\nkey_sessions_max = 20\n").unwrap();
    for (more, said) in [(None, true), (Some("--quiet"), false)] {
        let mut command = run::apitap();
        command.args(["read", "--output", "jsonl", "--key"]).arg(run::key()).args(more);
        command.arg("--config").arg(&config).arg("--tls-keys").arg(&log);
        command.arg(path("fixtures/tls-loss/input.pcap.zst"));
        let told = run::finish(command, LIMIT).ok("read").stderr;
        assert_eq!(told.contains("those of the first 4 were dropped"), said, "{told}");
    }
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

/// The sensor follows a key log that is not there when it starts, and grows later than the traffic.
#[test]
fn a_running_sensor_follows_a_growing_key_log() {
    if !netns::available("following a key log") {
        return;
    }
    if !["openssl", "curl"].into_iter().all(installed) {
        return skip("following a key log", "openssl and curl are needed");
    }
    let namespace = Namespace::new("keys");
    let home = Home::new();
    home.configure(
        "capture.interfaces = ['lo']\ntls.key_log_files = ['{home}/keys.log']\noutput.file.path = '{home}/calls.jsonl'\n\
         tls.sessions = 'all'\n",
    );
    let folder = tempfile::tempdir().unwrap();
    let mut command = namespace.command("openssl");
    command.args(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout s.key -out s.crt -days 30 -subj /CN=api.example"
            .split(' '),
    );
    assert!(command.current_dir(folder.path()).stderr(Stdio::null()).status().unwrap().success());
    let mut command = namespace.command("openssl");
    command.args("s_server -accept 4430 -cert s.crt -key s.key -www -quiet".split(' '));
    command.current_dir(folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
    let _server = Running::start(&mut command);
    let daemon = home.start(&namespace);
    let (own, followed) = (folder.path().join("own.log"), home.file("keys.log"));
    let calls = || {
        let text = fs::read(home.file("calls.jsonl")).unwrap_or_default();
        let end = text.iter().rposition(|octet| *octet == b'\n').map_or(0, |at| at + 1);
        let all = records::lines(&text[..end]);
        all.into_iter().filter(|record| is_call(&record)).collect::<Vec<_>>()
    };
    for round in 1..=3 {
        let ask = || {
            let mut curl = namespace.command("curl");
            curl.args(["-sk", "--max-time", "5", "--http1.1", "https://127.0.0.1:4430/"]);
            curl.env("SSLKEYLOGFILE", &own).stdout(Stdio::null());
            curl.status().is_ok_and(|status| status.success())
        };
        until("an answer", ask);
        // The traffic is over when its secrets come.
        thread::sleep(Duration::from_millis(300));
        if round == 3 {
            // Rotated.
            fs::rename(&followed, home.file("keys.log.1")).unwrap();
        }
        fs::copy(&own, &followed).unwrap();
        if round == 2 {
            let file = fs::OpenOptions::new().append(true).open(&followed);
            writeln!(file.unwrap(), "CLIENT_RANDOM cut off").unwrap();
        }
        until("a call", || calls().len() >= round);
    }
    let calls = calls();
    assert!(calls.iter().all(|call| call["network"]["transport_security"] == "DECRYPTED"));
    let mut page = String::new();
    // Counts are put out from time to time.
    until("the count of sessions", || {
        page = daemon.get("/metrics").expect("metrics");
        page.lines().any(|line| line == "apitap_tls_decrypted_sessions_total 3")
    });
    tells_of_key_logs(&page);
    let secret = fs::read_to_string(&own).unwrap();
    let secrets: Vec<&str> = secret.lines().filter_map(|line| line.split(' ').nth(2)).collect();
    let told =
        format!("{}{page}{}", home.log(), fs::read_to_string(home.file("calls.jsonl")).unwrap());
    assert!(secrets.len() >= 12 && !secrets.iter().any(|secret| told.contains(secret)));
    assert_eq!(daemon.end(), Some(0));
}

/// One file, three sessions, and one line that is none of a key log.
fn tells_of_key_logs(page: &str) {
    for line in [
        "apitap_tls_key_log_files{state=\"followed\"} 1",
        "apitap_tls_key_log_files{state=\"failing\"} 0",
        "apitap_tls_key_log_lines_total{kind=\"bad\"} 1",
        "apitap_tls_key_log_sessions 3",
    ] {
        let told = page.lines().filter(|told| told.starts_with("apitap_tls_key_log"));
        assert!(page.lines().any(|told| told == line), "{line}: {:?}", told.collect::<Vec<_>>());
    }
}

fn until(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < LIMIT, "waited too long for {what}");
        thread::sleep(Duration::from_millis(100));
    }
}
