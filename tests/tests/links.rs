//! Links between calls, end to end: who a token is of is known from the login that handed it out, whatever the number of
//! threads, and a walk through ids is seen through its tokens.

use std::collections::BTreeMap;
use std::time::Duration;

use apitap_tests::{path, records, run};
use serde_json::Value;

/// The records of a fixture, in order.
fn read(case: &str, threads: u32, config: &str) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("apitap.toml");
    std::fs::write(&file, config).unwrap();
    let mut command = run::apitap();
    command.args(["read", "--output", "jsonl", "--threads", &threads.to_string(), "--config"]);
    command.arg(file).arg("--key").arg(run::key());
    command.arg(path(&format!("fixtures/{case}/input.pcap")));
    records::lines(&run::finish(command, Duration::from_secs(60)).ok(case).stdout)
}

fn list<'r>(record: &'r Value, name: &str) -> &'r [Value] {
    record[name].as_array().map(Vec::as_slice).unwrap_or_default()
}

#[test]
fn later_calls_know_who_logged_in() {
    for threads in [1, 4] {
        let records = read("shop", threads, "");
        let by_id: BTreeMap<&str, &Value> =
            records.iter().map(|r| (r["id"].as_str().unwrap(), r)).collect();
        let linked: Vec<(&Value, &Value)> = records
            .iter()
            .flat_map(|r| list(r, "entities").iter().map(move |entity| (r, entity)))
            .filter(|(_, entity)| entity["source"] == "LINK")
            .collect();
        assert!(!linked.is_empty());
        for (record, entity) in linked {
            let login = by_id[entity["learned_from"].as_str().unwrap()];
            assert_eq!(login["operation"], "POST /v1/login");
            assert!(
                login["request"]["start_time"].as_str() < record["request"]["start_time"].as_str()
            );
            let same = list(login, "entities")
                .iter()
                .any(|known| known["value"] == entity["value"] && known["kind"] == entity["kind"]);
            assert!(same, "{}: whoever is linked logged in", record["operation"]);
        }
    }
    let off = read("shop", 1, "[entities]\nlink_seconds_max = 0\n");
    let linked = off.iter().flat_map(|r| list(r, "entities")).any(|e| e["source"] == "LINK");
    assert!(!linked);
}

#[test]
fn walks_are_seen_through_their_tokens() {
    let records = read("proxied", 1, "");
    let steps = records.iter().flat_map(|r| list(r, "objects")).filter(|o| o["step"] == 1).count();
    assert!(steps > 10, "{steps} steps");
    let off = read("proxied", 1, "[entities]\nstep_max = 0\n");
    assert!(off.iter().flat_map(|r| list(r, "objects")).all(|o| o["step"].is_null()));
}

#[test]
fn zones_are_those_configured() {
    let config = "[[network.zones]]\nname = 'away'\nkind = 'partner'\ncidrs = ['10.0.0.0/8', '192.168.0.0/16', '172.16.0.0/12']\n";
    for record in read("shop", 1, config) {
        assert_eq!(record["client"]["zone"], "PARTNER");
        assert_eq!(record["client"]["zone_name"], "away");
        assert!(record["direction"].is_null(), "between two others");
    }
}
