//! The inventory of a running sensor: what is new is in Kafka within seconds, once, whatever happens to the sensor.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use apitap_proto::v1::InventoryEvent;
use apitap_tests::kafka::Broker;
use apitap_tests::lab::{Lab, broker, nothing_lost, to_kafka};
use apitap_tests::mirror::{SERVER, Through};
use apitap_tests::run;
use prost::Message as _;
use serde_json::Value;

/// Asks the server once, with these header fields.
fn ask(lab: &Lab, path: &str, fields: &str) {
    let request =
        format!("GET {path} HTTP/1.1\r\nhost: shop.example\r\n{fields}connection: close\r\n\r\n");
    lab.mirror.client.within(move || {
        let mut stream = TcpStream::connect((SERVER, 80)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 "), "{answer}");
    });
}

/// The changes in a topic: kind, path, and what the event says besides.
fn changes(broker: &Broker, topic: &str) -> Vec<InventoryEvent> {
    let messages = broker.consume(topic).unwrap();
    let event = |message: &apitap_tests::kafka::Message| {
        assert!(message.headers.contains("apitap-schema=apitap.v1.InventoryEvent"));
        InventoryEvent::decode(&message.value[..]).unwrap()
    };
    messages.iter().map(event).collect()
}

fn kinds(all: &[InventoryEvent]) -> Vec<(&'static str, &str)> {
    all.iter().map(|e| (e.kind().as_str_name(), e.path_template.as_str())).collect()
}

#[test]
fn what_is_new_is_told_once_and_within_seconds() {
    let test = "what_is_new_is_told_once_and_within_seconds";
    let Some(lab) = Lab::new(test, Through::Wire) else { return };
    let Some(broker) = broker(test) else { return };
    for topic in ["inventoried", "changes"] {
        broker.create_topic(topic, 1, &[]).unwrap();
    }
    broker.reach_from(&lab.mirror.sensor);
    let settings = to_kafka(broker, "inventoried");
    lab.home.configure(&format!(
        "{settings}output.kafka.inventory.topic = 'changes'\ninventory.enabled = true\n\
         inventory.directory = '{{home}}/inventory'\ninventory.save_seconds = 1\n"
    ));
    let sensor = lab.start();
    ask(&lab, "/nowhere", "");
    let begun = Instant::now();
    ask(&lab, "/calls", "");
    sensor.until("the endpoint is known", |status| status["inventory"]["changes"] == 1);
    sensor.until("the change has arrived", |status| status["sinks"][0]["delivered"] == 3);
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    let found = changes(broker, "changes");
    assert_eq!(kinds(&found), [("NEW_ENDPOINT", "/calls")]);
    assert_eq!(
        (found[0].host.as_str(), found[0].status, found[0].id.len()),
        ("shop.example", 200, 32)
    );

    ask(&lab, "/calls?of=7", "");
    ask(&lab, "/calls?of=8", "");
    let status = sensor.until("the field is known", |status| status["inventory"]["changes"] == 2);
    assert_eq!(status["inventory"]["endpoints"], 2, "one of them is unproven");
    assert_eq!(status["inventory"]["unproven"], 1);
    // The state may know of a change only once it is spooled, so a crash announces again, or not at all.
    sensor.until("it is saved", |status| status["inventory"]["saves"].as_u64() > Some(1));
    sensor.until("all is delivered", |status| status["sinks"][0]["delivered"] == 6);
    sensor.kill();

    let sensor = lab.start();
    ask(&lab, "/calls?of=9", "");
    ask(&lab, "/once", "");
    ask(&lab, "/calls?debug=1", "");
    let status =
        sensor.until("it goes on", |status| status["inventory"]["calls"].as_u64() >= Some(7));
    nothing_lost(&status);
    assert_eq!(status["inventory"]["skipped"], 0);
    assert_eq!(sensor.end(), Some(0), "{}", lab.home.log());
    let mut found = changes(broker, "changes");
    found.dedup_by(|one, other| one.id == other.id);
    let want = [("NEW_ENDPOINT", "/calls"), ("NEW_FIELD", "/calls"), ("NEW_FIELD", "/calls")];
    assert_eq!(kinds(&found), want);
    assert_eq!(found[1].fields[0].location, "request.query:of");
    assert_eq!(found[2].fields[0].location, "request.query:debug");

    // The state is an inventory like any other.
    let mut command = run::apitap();
    command.args(["inventory", "--quiet", "--format", "json"]);
    command.arg(lab.home.file("inventory/state"));
    let report = run::finish(command, Duration::from_secs(60)).ok("inventory of the state");
    let report: Value = serde_json::from_slice(&report.stdout).unwrap();
    assert_eq!(report["calls"], 7);
    let endpoints = report["endpoints"].as_array().unwrap();
    let calls = endpoints.iter().find(|endpoint| endpoint["path"] == "/calls").unwrap();
    assert_eq!(calls["statuses"], serde_json::json!({"200": 5}));
    let secret = fs::read(lab.home.file("inventory/state")).unwrap();
    assert!(secret.starts_with(b"apitap-inventory 1\n"));
}

#[test]
fn a_topic_without_an_inventory_is_refused() {
    let test = "a_topic_without_an_inventory_is_refused";
    let Some(lab) = Lab::new(test, Through::Wire) else { return };
    lab.home.configure("output.kafka.inventory.topic = 'changes'\n");
    let mut command = lab.home.command(&lab.mirror.sensor, "+net_raw");
    command.stdout(std::process::Stdio::null());
    let run = run::finish(command, Duration::from_secs(60));
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    assert!(run.stderr.contains("set enabled = true in [inventory]"), "{}", run.stderr);
}
