//! Records as other forms in further topics of a real broker, read back by a client that is not apitap's (`kcat`).

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use apitap_proto::v1::CallRecord;
use apitap_tests::kafka::{Broker, Message};
use apitap_tests::run::{self, Run};
use apitap_tests::{input, path, records, skip};
use prost::Message as _;
use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(120);
const GUID: &str = "89791762-2336-4186-9674-299b90a802e2";

fn broker() -> Option<&'static Broker> {
    let why = match Broker::shared() {
        Ok(broker) if run::installed("kcat") => return Some(broker),
        Ok(_) => "kcat is missing: install kcat".to_owned(),
        Err(why) => why,
    };
    assert!(std::env::var("APITAP_KAFKA").as_deref() != Ok("required"), "no Kafka broker: {why}");
    skip("Kafka", &why);
    None
}

fn read(arguments: &[&str]) -> Run {
    let capture = input(&path("fixtures/shop")).expect("the fixture is there");
    let mut command = run::apitap();
    command.args(["read", "--threads", "1", "--key"]).arg(run::key()).args(arguments).arg(capture);
    run::finish(command, LIMIT)
}

/// Sends the capture with these lines in `[output.kafka]`.
fn send(broker: &Broker, settings: &str) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("apitap.toml");
    let text = format!("[output.kafka]\nbrokers = {:?}\n{settings}", broker.address);
    fs::write(&config, text).unwrap();
    read(&["--config", config.to_str().unwrap()])
}

/// Values by what tells events apart, less the hash of the settings, which differ.
fn events(all: impl IntoIterator<Item = Value>, id: &str) -> BTreeMap<String, Value> {
    let all = all.into_iter().map(|mut event| {
        forget(&mut event);
        (event.pointer(id).expect("an event has an id").to_string(), event)
    });
    all.collect()
}

fn forget(event: &mut Value) {
    if let Value::Object(members) = event {
        members.remove("config_id");
        members.values_mut().for_each(forget);
    }
}

#[test]
fn every_topic_has_every_record_in_its_form() {
    let Some(broker) = broker() else { return };
    for topic in ["forms", "forms-json", "forms-ocsf", "forms-ecs"] {
        broker.create_topic(topic, 2, &[]).unwrap();
    }
    let sent = send(
        broker,
        "topic = 'forms'\ncloud_events = true\nschema = { framing = 'prefix', id = 100042 }\n\
         topics = [{ topic = 'forms-json', format = 'json' }, { topic = 'forms-ecs', format = 'ecs' }, \
         { topic = 'forms-ocsf', format = 'ocsf', cloud_events = true, schema = { guid = '89791762-2336-4186-9674-299b90a802e2' } }]\n",
    );
    let _ = sent.ok("apitap read");
    for (topic, format, id) in [
        ("forms-json", "jsonl", "/id"),
        ("forms-ocsf", "ocsf", "/metadata/uid"),
        ("forms-ecs", "ecs", "/event/id"),
    ] {
        let messages = broker.consume(topic).unwrap();
        let value = |message: &Message| serde_json::from_slice::<Value>(&message.value).unwrap();
        let got = events(messages.iter().map(value), id);
        let want = read(&["--output", format]).ok(format);
        assert_eq!(messages.len(), got.len(), "{topic}: none comes twice");
        let want = events(records::lines(&want.stdout), id);
        // Not to be printed: they are long.
        assert!(got == want, "{topic}: {} and {} events differ", got.len(), want.len());
        assert!(messages.iter().all(|m| m.headers.starts_with("content-type=application/json,")));
        let events = messages.iter().filter(|m| m.headers.contains("ce_specversion=1.0")).count();
        let named = messages.iter().filter(|m| m.headers.contains("__value_schema_id=")).count();
        let expected = if topic == "forms-ocsf" { messages.len() } else { 0 };
        assert_eq!((events, named), (expected, expected), "{topic}");
    }

    let plain = broker.consume("forms").unwrap();
    for message in &plain {
        let record = message.value.strip_prefix(b"\x00\x00\x01\x86\xca\x00").expect("the prefix");
        let record = CallRecord::decode(record).unwrap();
        for header in [
            "content-type=application/x-protobuf",
            "ce_type=apitap.v1.CallRecord",
            &format!("ce_id={}", record.id),
            &format!("ce_partitionkey={}", String::from_utf8_lossy(&message.key)),
        ] {
            assert!(message.headers.contains(header), "{header}: {}", message.headers);
        }
    }
    // Our own reader knows both.
    for topic in ["forms", "forms-json"] {
        let mut command = run::apitap();
        command.args(["inventory", "--format", "json", "--brokers", &broker.address]);
        command.args(["--topic", topic]);
        let report = run::finish(command, LIMIT).ok("inventory");
        let report: Value = serde_json::from_slice(&report.stdout).unwrap();
        assert_eq!(report["calls"], 39, "{topic}");
    }
}

/// A registry that knows one subject.
fn registry() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut asked = [0; 4096];
            let read = stream.read(&mut asked).unwrap();
            let known = asked[..read].starts_with(b"GET /subjects/looked-value/versions/latest ");
            let schema = fs::read_to_string(path("proto/apitap/v1/call.proto")).unwrap();
            let body = serde_json::json!({"id": 7, "guid": GUID, "schemaType": "PROTOBUF", "schema": schema});
            let (status, body) = if known { (200, body.to_string()) } else { (404, String::new()) };
            let head = format!(
                "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            // Whoever asked may be gone.
            let _gone = stream.write_all([head, body].concat().as_bytes());
        }
    });
    address
}

#[test]
fn a_schema_is_looked_up_and_never_registered() {
    let Some(broker) = broker() else { return };
    broker.create_topic("looked", 1, &[]).unwrap();
    broker.create_topic("unknown", 1, &[]).unwrap();
    let url = registry();
    let schema = format!("schema = {{ framing = 'prefix', registry_url = {url:?} }}\n");
    let _ = send(broker, &format!("topic = 'looked'\n{schema}")).ok("apitap read");
    let messages = broker.consume("looked").unwrap();
    assert!(!messages.is_empty());
    assert!(messages.iter().all(|message| message.value.starts_with(&[0, 0, 0, 0, 7, 0])));
    let refused = send(broker, &format!("topic = 'unknown'\n{schema}"));
    assert_eq!(refused.code, Some(1));
    assert!(refused.errors()[0].contains("has no such subject"), "{}", refused.stderr);
}
