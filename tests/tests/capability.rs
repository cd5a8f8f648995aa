//! What downstream must reach with records alone (docs/record.md), asked of real output: discovery, investigation, timelines,
//! baselines, alerts, response, partners. The answers are those of `fixtures/vulnerable`, whose calls are known.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;
use std::time::Duration;

use apitap_tests::{path, records, run, skip};
use serde_json::Value;

const MINUTE: Duration = Duration::from_secs(60);
const ORDER: &str = "GET /v1/orders/{order_id}";

fn lines(cases: &[&str], config: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("apitap.toml");
    fs::write(&file, config).unwrap();
    let mut command = run::apitap();
    command.args(["read", "--quiet", "--output", "jsonl", "--config"]).arg(file);
    command.arg("--key").arg(run::key());
    command.args(cases.iter().map(|case| path(&format!("fixtures/{case}/input.pcap"))));
    run::finish(command, MINUTE).ok("read").stdout
}

fn calls() -> Vec<Value> {
    let calls = records::lines(&lines(&["vulnerable"], ""));
    assert_eq!(calls.len(), 51);
    calls
}

fn list<'r>(record: &'r Value, name: &str) -> &'r [Value] {
    record[name].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn token(value: &Value) -> &str {
    value["value"]["token"]["text"].as_str().unwrap_or_default()
}

/// Tokens of entities by kind and role.
fn entities<'r>(record: &'r Value, kind: &str, role: &str) -> Vec<&'r str> {
    let fits = |e: &&Value| e["kind"] == kind && e["role"] == role;
    list(record, "entities").iter().filter(fits).map(token).collect()
}

fn objects(record: &Value, returned: bool) -> Vec<&str> {
    let fits =
        |o: &&Value| o["kind"] == "ORDER" && o["returned"].as_bool().unwrap_or(false) == returned;
    list(record, "objects").iter().filter(fits).map(token).collect()
}

#[test]
fn discovery_tells_what_there_is_and_how_risky() {
    let mut command = run::apitap();
    command.args(["inventory", "--quiet", "--format", "json", "--key"]).arg(run::key());
    command.arg(path("fixtures/vulnerable/input.pcap"));
    let report = run::finish(command, MINUTE).ok("inventory").stdout;
    let report: Value = serde_json::from_slice(&report).unwrap();
    let endpoints = report["endpoints"].as_array().unwrap();
    let of =
        |path: &str| endpoints.iter().find(|e| e["path"] == path && e["method"] == "GET").unwrap();
    let (user, accounts) = (of("/v1/users/{user_id}"), of("/v1/accounts"));
    assert_eq!((&user["host"], &user["api_version"]), (&"shop.example".into(), &"v1".into()));
    assert!(
        ["high", "critical"].contains(&user["risk"]["level"].as_str().unwrap()),
        "{}",
        user["risk"]
    );
    assert!(user["classes"].as_object().unwrap().contains_key("pan"));
    assert!(accounts["signals"].as_object().unwrap().contains_key("jwt.alg_none"));
    assert!(endpoints.iter().any(|e| e["path"] == "/v0/accounts" && e["api_version"] == "v0"));
    assert!(
        of("/v1/orders/{order_id}")["signals"]
            .as_object()
            .unwrap()
            .contains_key("object.sequential")
    );
}

#[test]
fn every_call_can_be_investigated() {
    let mut before = String::new();
    for (number, call) in calls().iter().enumerate() {
        let (asked, told) = (&call["request"], &call["response"]);
        let (start, end) =
            (asked["start_time"].as_str().unwrap(), told["end_time"].as_str().unwrap());
        assert!(
            records::nanos(&asked["start_time"]) < records::nanos(&told["end_time"]),
            "{start} {end}"
        );
        assert!(*before <= *start, "in order of time");
        before = start.to_owned();
        // Counts in JSON are texts, as proto3 has them.
        let sequence = call["sensor"]["sequence"].as_str().and_then(|n| n.parse().ok());
        assert_eq!(sequence, Some(number + 1), "no call is missing");
        assert_eq!(call["completeness"]["request"], "COMPLETE");
        assert_eq!(call["completeness"]["response"], "COMPLETE");
        assert!(!call["operation"].as_str().unwrap().is_empty());
        assert!(told["status"].as_u64().is_some() && call["client"]["ip"].is_string());
    }
}

#[test]
fn timelines_tell_who_touched_what_and_whether_it_was_handed_to_them() {
    let calls = calls();
    let walk: Vec<&Value> = calls.iter().filter(|call| call["operation"] == ORDER).collect();
    assert_eq!(walk.len(), 12);
    // Who touched the order that was asked for last: one user, the one whose token the first call showed.
    let target = objects(walk[11], false)[0];
    let touched: BTreeSet<&str> = calls
        .iter()
        .filter(|call| objects(call, false).contains(&target))
        .flat_map(|call| entities(call, "USER", "CALLER"))
        .collect();
    let user = entities(walk[0], "USER", "CALLER")[0];
    assert_eq!(touched, BTreeSet::from([user]));
    // Was an order handed to this user before they asked for it? The first answer listed three.
    let mut handed: BTreeSet<&str> = BTreeSet::new();
    let mut known = Vec::new();
    for call in calls.iter().filter(|call| entities(call, "USER", "CALLER").contains(&user)) {
        known.extend(objects(call, false).iter().map(|order| handed.contains(order)));
        handed.extend(objects(call, true));
    }
    let expected: Vec<bool> = (501..513).map(|order| order == 502 || order == 503).collect();
    assert_eq!(known, expected);
}

#[test]
fn baselines_have_their_numbers() {
    let calls = calls();
    let walk: Vec<&Value> = calls.iter().filter(|call| call["operation"] == ORDER).collect();
    // How many objects one actor touches, and in which steps.
    let orders: BTreeSet<&str> = walk.iter().flat_map(|call| objects(call, false)).collect();
    assert_eq!(orders.len(), 12);
    let asked =
        |call: &Value| list(call, "objects").iter().find(|o| o["returned"].is_null()).cloned();
    let steps: Vec<Value> =
        walk.iter().filter_map(|call| asked(call)).map(|o| o["step"].clone()).collect();
    assert!(steps[1..].iter().all(|step| *step == 1) && steps[0].is_null(), "{steps:?}");
    // Answers of one shape but the first, which gives more.
    let mut shapes: BTreeMap<&str, usize> = BTreeMap::new();
    for call in &walk {
        let body = &call["response"]["body"];
        *shapes.entry(body["shape_hash"].as_str().unwrap()).or_default() += 1;
        assert!(
            call["response"]["latency_ns"].is_string() && call["response"]["bytes"].is_string()
        );
    }
    assert_eq!(shapes.values().copied().collect::<BTreeSet<_>>(), BTreeSet::from([1, 11]));
    assert_eq!(walk[0]["response"]["body"]["records"], 3);
}

#[test]
fn alerts_come_with_evidence_and_never_with_a_value() {
    let calls = calls();
    let mut signals = 0;
    for signal in calls.iter().flat_map(|call| list(call, "signals")) {
        signals += 1;
        let place = signal["location"].as_str().unwrap();
        assert!(place.starts_with("request.") || place.starts_with("response."), "{place}");
        assert!(
            signal["severity"].is_string()
                && signal["owasp"][0].as_str().unwrap().starts_with("API")
        );
    }
    assert!(signals > 50, "{signals} signals");
    let text = String::from_utf8(lines(&["vulnerable"], "")).unwrap();
    for secret in [
        "winter-garden",
        "wrong-horse",
        "4111111111111111",
        "9f86d081884c7d659a2feaa0c55ad015",
        "jun.park",
        "eyJ",
    ] {
        assert!(!text.contains(secret), "{secret} left");
    }
}

#[test]
fn what_to_revoke_after_a_guessed_password_is_told() {
    let calls = calls();
    let guessed = calls
        .iter()
        .find(|call| list(call, "signals").iter().any(|s| s["id"] == "auth.success_after_refusals"))
        .unwrap();
    assert_eq!(
        (&guessed["auth"]["scheme"], &guessed["auth"]["result"]),
        (&"password".into(), &"ACCEPTED".into())
    );
    assert_eq!(guessed["auth"]["refusals_before"], 6);
    let user = entities(guessed, "USER", "CALLER")[0];
    let tried = |call: &&Value| {
        call["auth"]["result"] == "REJECTED" && entities(call, "USER", "CALLER").contains(&user)
    };
    assert_eq!(calls.iter().filter(tried).count(), 6, "the same user was tried before");
    assert_eq!(entities(guessed, "SESSION", "ISSUED").len(), 1, "the session to end");
    // The credential that a call was made with has one name wherever it is used.
    let credentials: BTreeSet<&str> = calls
        .iter()
        .filter(|call| call["operation"] == ORDER)
        .filter_map(|call| call["auth"]["credential"]["text"].as_str())
        .collect();
    assert_eq!(credentials.len(), 1);
}

#[test]
fn partners_are_told_from_others() {
    let first = &calls()[0];
    let (client, server) =
        (first["client"]["ip"].as_str().unwrap(), first["server"]["ip"].as_str().unwrap());
    let config = format!(
        "[[network.zones]]\nname = 'bank'\nkind = 'partner'\ncidrs = ['{client}/32']\n\
         [[network.zones]]\nname = 'shop'\nkind = 'internal'\ncidrs = ['{server}/32']\n"
    );
    for call in records::lines(&lines(&["vulnerable"], &config)) {
        assert_eq!(
            (&call["client"]["zone"], &call["client"]["zone_name"]),
            (&"PARTNER".into(), &"bank".into())
        );
        assert_eq!(call["server"]["zone_name"], "shop");
        assert_eq!(call["direction"], "NORTH_SOUTH_IN");
    }
}

#[test]
fn the_ten_questions_have_answers() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("calls.jsonl");
    fs::write(&file, lines(&["vulnerable", "shop"], "")).unwrap();
    let python = std::env::var_os("APITAP_PYTHON").unwrap_or_else(|| "python3".into());
    let mut command = Command::new(python);
    command.arg(path("tests/questions/duck.py")).arg(path("docs/record.md")).arg(file);
    let Ok(output) = command.output() else { return skip("DuckDB", "there is no Python") };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.code() == Some(3) {
        return skip("DuckDB", said.trim());
    }
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let rows: Vec<(u32, u32)> = said
        .lines()
        .map(|line| line.split_once(": ").unwrap())
        .map(|(number, rows)| (number.parse().unwrap(), rows.parse().unwrap()))
        .collect();
    assert_eq!(rows.len(), 10);
    for (number, rows) in rows {
        // No partner is configured here.
        assert_eq!(rows > 0, number != 7, "question {number}: {rows} rows");
    }
}
