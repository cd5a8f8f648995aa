//! WebSocket messages against what the ends logged (`fixtures/*/websocket.jsonl`), and against the frames that
//! others see (`truth/*.ws.jsonl` of the corpus).

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use apitap_tests::{corpus, input, path, records, run, skip};
use serde_json::Value;

fn read(capture: &Path) -> Vec<Value> {
    let mut command = run::apitap();
    command.args(["read", "--output", "jsonl", "--key"]).arg(run::key()).arg(capture);
    let done = run::finish(command, Duration::from_secs(60)).ok(&capture.display().to_string());
    records::lines(&done.stdout)
}

/// The records of texts and binary messages.
fn messages(records: &[Value]) -> Vec<&Value> {
    let data =
        |record: &&Value| matches!(record["websocket_message"]["opcode"].as_u64(), Some(1 | 2));
    records.iter().filter(data).collect()
}

fn number(value: &Value) -> u64 {
    value.as_u64().or_else(|| value.as_str()?.parse().ok()).unwrap_or(0)
}

#[test]
fn messages_are_those_that_the_ends_logged() {
    let Ok(folders) = fs::read_dir(path("fixtures")) else {
        return skip("WebSocket fixtures", "fixtures/ holds none");
    };
    for case in folders.map(|entry| entry.unwrap().path()) {
        let Ok(log) = fs::read(case.join("websocket.jsonl")) else { continue };
        let name = case.display().to_string();
        let all = read(&input(&case).unwrap());
        let mut told: BTreeMap<(bool, u64, u64), i64> = BTreeMap::new();
        let log = records::lines(&log);
        // A log of single frames does not tell the lengths of messages.
        let frames = log.iter().any(|line| line["opcode"] == 0);
        let key = |client, opcode: &Value, bytes| {
            (client, number(opcode), if frames { 0 } else { bytes })
        };
        for line in log {
            // Later fragments belong to the message they end; control frames have no records.
            if matches!(line["opcode"].as_u64(), Some(1 | 2)) {
                let key = key(line["from"] == "client", &line["opcode"], number(&line["bytes"]));
                *told.entry(key).or_default() += 1;
            }
        }
        for record in messages(&all) {
            let message = &record["websocket_message"];
            let client = message["from_client"] == true;
            let bytes = number(&message["body"]["decoded_bytes"]);
            *told.entry(key(client, &message["opcode"], bytes)).or_default() -= 1;
            assert!(message["flags"].is_null(), "{name}: {}", message["flags"]);
            let state = &record["completeness"][if client { "request" } else { "response" }];
            assert_eq!(state, "COMPLETE", "{name}");
            assert_eq!(message["body"]["cut"], Value::Null, "{name}");
            let handshake = all.iter().find(|call| call["id"] == message["handshake_id"]);
            assert!(handshake.is_some_and(|call| call["response"]["status"] == 101), "{name}");
        }
        told.retain(|_, count| *count != 0);
        assert!(told.is_empty(), "{name}: logged less told, by client, opcode, bytes: {told:?}");
    }
}

#[test]
fn messages_are_those_that_others_see() {
    let Some(folder) = corpus::folder() else {
        return skip("WebSocket of the corpus", "there is no corpus");
    };
    let mut problems = Vec::new();
    for entry in corpus::manifest(&folder) {
        let truth =
            folder.join("truth").join(format!("{}.ws.jsonl", entry.path.replace('/', "__")));
        let Ok(frames) = fs::read(truth) else { continue };
        let frames = records::lines(&frames);
        let count = |wanted: &[u64]| {
            frames.iter().filter(|frame| wanted.contains(&number(&frame["opcode"]))).count()
        };
        let all = read(&folder.join(&entry.path));
        let closes = all.iter().filter(|r| {
            let message = &r["websocket_message"];
            message["opcode"] == 8 && number(&message["frames"]) > 0
        });
        let (want, got) = ((count(&[1, 2]), count(&[8])), (messages(&all).len(), closes.count()));
        if want != got {
            problems
                .push(format!("{}: messages and closes: {want:?} seen, {got:?} told", entry.path));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// The same messages in clear and inside TLS leave alike: JSON is read, and one value has one token.
#[test]
fn messages_inside_tls_leave_as_in_clear() {
    let said = |case: &str| {
        let all = read(&input(&path("fixtures").join(case)).unwrap());
        let subscribed: Vec<Value> = all
            .iter()
            .filter(|record| {
                record["operation"].as_str().is_some_and(|o| o.ends_with(" subscribe"))
            })
            .map(|record| record["websocket_message"]["body"]["fields"].clone())
            .collect();
        (all, subscribed)
    };
    let (_, clear) = said("websocket");
    let (all, inside) = said("websocket-tls");
    let card = clear[0].as_array().unwrap().iter().find(|field| field["path"] == "$.card");
    assert_eq!(card.unwrap()["value"]["token"]["class"], "pan");
    assert_eq!(inside.len(), 6, "both sides of three connections");
    assert!(inside.iter().all(|fields| *fields == clear[0]));
    for record in all.iter().filter(|record| record["encrypted_session"].is_null()) {
        assert_eq!(record["network"]["transport_security"], "DECRYPTED");
    }
}
