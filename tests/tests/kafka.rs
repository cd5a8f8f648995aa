//! Delivery to a real broker, read back by a client that is not apitap's (`kcat`).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use apitap_proto::v1::CallRecord;
use apitap_tests::kafka::{Broker, PASSWORD, Secured, oidc, reach};
use apitap_tests::lab::Lab;
use apitap_tests::mirror::Through;
use apitap_tests::run::{self, Run};
use apitap_tests::{input, path, records, skip};
use prost::Message as _;
use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(120);

/// The broker, or a word on why there is none; with `APITAP_KAFKA=required` there must be one.
fn broker() -> Option<&'static Broker> {
    match Broker::shared() {
        Ok(broker) if run::installed("kcat") => Some(broker),
        Ok(_) => none("kcat is missing: install kcat"),
        Err(why) => none(&why),
    }
}

fn none(why: &str) -> Option<&'static Broker> {
    assert!(std::env::var("APITAP_KAFKA").as_deref() != Ok("required"), "no Kafka broker: {why}");
    skip("Kafka", why);
    None
}

fn capture() -> Option<PathBuf> {
    let capture = input(&path("fixtures/shop"));
    if capture.is_none() {
        skip("delivery to Kafka", "fixtures/shop is not there");
    }
    capture
}

fn read(arguments: &[&str], capture: &PathBuf) -> Run {
    let mut command = run::apitap();
    command.args(["read", "--threads", "1", "--key"]).arg(run::key()).args(arguments).arg(capture);
    run::finish(command, LIMIT)
}

#[test]
fn the_harness_reads_back_what_another_client_wrote() {
    let Some(broker) = broker() else { return };
    broker.create_topic("harness", 2, &[]).unwrap();
    assert!(broker.consume("harness").unwrap().is_empty());
    let mut producer = Command::new("kcat")
        .args([
            "-P",
            "-b",
            &broker.address,
            "-t",
            "harness",
            "-k",
            "who",
            "-H",
            "kind=test",
            "-D",
            "|",
        ])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut producer.stdin.take().unwrap(), b"one\n|\0two").unwrap();
    assert!(producer.wait().unwrap().success());
    let messages = broker.consume("harness").unwrap();
    let mut values: Vec<&[u8]> = messages.iter().map(|m| &m.value[..]).collect();
    values.sort_unstable();
    assert_eq!(values, [&b"\0two"[..], b"one\n"]);
    assert!(messages.iter().all(|m| m.key == b"who" && m.headers == "kind=test"));
}

#[test]
fn every_record_arrives_and_says_what_json_says() {
    let (Some(broker), Some(capture)) = (broker(), capture()) else { return };
    broker.create_topic("delivery", 3, &[]).unwrap();
    let sent =
        read(&["--sink", "kafka", "--brokers", &broker.address, "--topic", "delivery"], &capture);
    let sent = sent.ok("apitap read --sink kafka");
    let want = read(&["--output", "jsonl"], &capture).ok("apitap read --output jsonl");
    let want = by_id(records::lines(&want.stdout));
    assert!(!want.is_empty());

    let messages = broker.consume("delivery").unwrap();
    println!("{} messages delivered, {} records in JSON", messages.len(), want.len());
    assert!(messages.iter().all(|message| !message.key.is_empty()), "every message has a key");
    let typed = |m: &apitap_tests::kafka::Message| {
        m.headers.contains("content-type=application/x-protobuf")
    };
    assert!(messages.iter().all(typed), "every message says what it holds");
    let decoded = messages.iter().map(|message| {
        let record = CallRecord::decode(&message.value[..]).expect("a message holds one record");
        serde_json::to_value(record).expect("a record has a JSON form")
    });
    let got = by_id(decoded.collect());
    assert_eq!(messages.len(), got.len(), "no record comes twice");
    assert_eq!(got, want);

    let said = sent.stderr.lines().any(|line| {
        line.contains("delivered")
            && line.split(|c: char| !c.is_ascii_digit()).any(|n| n == messages.len().to_string())
    });
    assert!(said, "the summary says how many were delivered:\n{}", sent.stderr);
}

/// Records by their id, less what tells runs apart.
fn by_id(all: Vec<Value>) -> BTreeMap<String, Value> {
    all.into_iter()
        .map(|mut record| {
            if let Some(sensor) = record.get_mut("sensor").and_then(Value::as_object_mut) {
                // The sink is part of the settings, so their hash differs.
                sensor.remove("config_id");
            }
            (record["id"].as_str().expect("a record has an id").to_owned(), record)
        })
        .collect()
}

#[test]
fn a_missing_topic_is_said_in_one_line() {
    let (Some(broker), Some(capture)) = (broker(), capture()) else { return };
    let run = read(
        &["--sink", "kafka", "--brokers", &broker.address, "--topic", "no-such-topic"],
        &capture,
    );
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert_eq!(run.errors().len(), 1, "{}", run.stderr);
    assert!(run.errors()[0].contains("no-such-topic"), "{}", run.stderr);
}

#[test]
fn messages_too_large_for_the_topic_are_not_lost_in_silence() {
    let (Some(broker), Some(capture)) = (broker(), capture()) else { return };
    broker.create_topic("small", 1, &[("max.message.bytes", "600")]).unwrap();
    let run =
        read(&["--sink", "kafka", "--brokers", &broker.address, "--topic", "small"], &capture);
    let arrived = broker.consume("small").unwrap().len();
    let made = read(&["--output", "jsonl"], &capture).text().lines().count();
    assert!(!run.crashed() && !run.timed_out, "{}", run.stderr);
    if arrived < made {
        assert_eq!(
            run.code,
            Some(1),
            "{arrived} of {made} arrived, and exit code 0:\n{}",
            run.stderr
        );
        assert_eq!(run.errors().len(), 1, "{}", run.stderr);
    }
}

#[test]
fn a_topic_reads_back_as_json() {
    let (Some(broker), Some(capture)) = (broker(), capture()) else { return };
    broker.create_topic("back", 2, &[]).unwrap();
    let sent =
        read(&["--sink", "kafka", "--brokers", &broker.address, "--topic", "back"], &capture);
    let _ = sent.ok("apitap read --sink kafka");
    let mut command = run::apitap();
    command.args(["records", "--brokers", &broker.address, "--topic", "back", "--output", "jsonl"]);
    let back = run::finish(command, LIMIT).ok("apitap records");
    let want = read(&["--output", "jsonl"], &capture);
    assert_eq!(by_id(records::lines(&back.stdout)), by_id(records::lines(&want.stdout)));
}

/// The broker with TLS and logins; its topics are those of the test.
fn secured() -> Option<&'static Secured> {
    static SECURED: OnceLock<Result<Secured, String>> = OnceLock::new();
    match SECURED.get_or_init(Secured::start) {
        Ok(secured) if run::installed("kcat") => Some(secured),
        Ok(_) => none("kcat is missing: install kcat").and(None),
        Err(why) => none(why).and(None),
    }
}

/// A run that sends the capture to `topic` at `brokers`, with these lines in `[output.kafka]`.
fn send(brokers: &str, topic: &str, settings: &str, capture: &PathBuf) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("apitap.toml");
    fs::write(
        &config,
        format!("[output.kafka]\nbrokers = {brokers:?}\ntopic = {topic:?}\n{settings}"),
    )
    .unwrap();
    read(&["--config", config.to_str().unwrap()], capture)
}

fn login(secured: &Secured, password: &Path) -> String {
    format!(
        "tls = true\nca_file = {:?}\nsasl_mechanism = \"SCRAM-SHA-512\"\nsasl_user = \"apitap\"\n\
         sasl_password_file = {password:?}\n",
        secured.file("ca.pem")
    )
}

/// A run that must fail with exit code 1 and one error line; that line.
fn refused(run: &Run) -> &str {
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(!run.stderr.contains(PASSWORD), "{}", run.stderr);
    let errors = run.errors();
    assert_eq!(errors.len(), 1, "{}", run.stderr);
    println!("{}", errors[0]);
    errors[0]
}

#[test]
fn records_go_by_scram_over_tls_and_by_client_certificate() {
    let (Some(secured), Some(capture)) = (secured(), capture()) else { return };
    let made = read(&["--output", "jsonl"], &capture).text().lines().count();
    let folder = tempfile::tempdir().unwrap();
    let password = folder.path().join("password");
    fs::write(&password, format!("{PASSWORD}\n")).unwrap();
    let certificate = format!(
        "tls = true\nca_file = {:?}\ncertificate_file = {:?}\nkey_file = {:?}\n",
        secured.file("ca.pem"),
        secured.file("client.pem"),
        secured.file("client.key")
    );
    for (topic, principal, brokers, settings) in [
        ("scram", "User:apitap", &secured.login, login(secured, &password)),
        ("mtls", "User:CN=apitap", &secured.mtls, certificate),
    ] {
        secured.broker.create_topic(topic, 2, &[]).unwrap();
        secured.allow(principal, topic).unwrap();
        let sent = send(brokers, topic, &settings, &capture);
        let _ = sent.ok(topic);
        assert_eq!(secured.broker.consume(topic).unwrap().len(), made, "{topic}");
    }
}

/// Settings for a login by a token that `url` hands out.
fn by_token(ca: &Path, secret: &Path, url: &str) -> String {
    format!(
        "tls = true\nca_file = {ca:?}\nsasl_mechanism = \"OAUTHBEARER\"\n\
         [output.kafka.properties]\n\"sasl.oauthbearer.method\" = \"oidc\"\n\
         \"sasl.oauthbearer.client.id\" = {:?}\n\"sasl.oauthbearer.token.endpoint.url\" = {url:?}\n\
         [output.kafka.property_files]\n\"sasl.oauthbearer.client.secret\" = {secret:?}\n",
        oidc::CLIENT,
    )
}

/// A sensor that has given its rights away still gets tokens.
#[test]
fn a_confined_sensor_logs_in_by_token() {
    let test = "a_confined_sensor_logs_in_by_token";
    let Some(lab) = Lab::new(test, Through::Wire) else { return };
    let Some(secured) = secured() else { return };
    for address in [&secured.token, secured.provider.address()] {
        reach(address, &lab.mirror.sensor);
    }
    secured.broker.create_topic("confined", 1, &[]).unwrap();
    secured.allow(&format!("User:{}", oidc::SUBJECT), "confined").unwrap();
    let (ca, secret) = (lab.home.file("ca.pem"), lab.home.file("secret"));
    fs::copy(secured.file("ca.pem"), &ca).unwrap();
    fs::write(&secret, oidc::SECRET).unwrap();
    lab.home.configure(&format!(
        "[output.kafka]\nbrokers = '{}'\ntopic = 'confined'\nspool.directory = '{{home}}/spool'\n\
         spool.disk_free_bytes_min = 0\n{}",
        secured.token,
        by_token(&ca, &secret, &secured.provider.url)
    ));
    let sensor = lab.start();
    let status = sensor.status();
    println!("{}", status["privileges"]);
    lab.calls(0..100);
    sensor.until("all is delivered", |status| status["sinks"][0]["delivered"] == 100);
    assert_eq!(sensor.end(), Some(0), "{}", lab.home.log());
    assert!(!lab.home.log().contains(oidc::SECRET), "{}", lab.home.log());
}

/// The whole way of OAUTHBEARER: the client fetches a token, the broker checks it.
#[test]
fn records_go_by_a_token_of_an_identity_provider() {
    let (Some(secured), Some(capture)) = (secured(), capture()) else { return };
    let made = read(&["--output", "jsonl"], &capture).text().lines().count();
    let folder = tempfile::tempdir().unwrap();
    let [right, wrong] = [("right", oidc::SECRET), ("wrong", "guess")].map(|(name, text)| {
        let path = folder.path().join(name);
        fs::write(&path, format!("{text}\n")).unwrap();
        path
    });
    let settings = |secret: &Path, url: &str| by_token(&secured.file("ca.pem"), secret, url);
    let url = &secured.provider.url;
    secured.broker.create_topic("oidc", 2, &[]).unwrap();
    secured.allow(&format!("User:{}", oidc::SUBJECT), "oidc").unwrap();
    let sent = send(&secured.token, "oidc", &settings(&right, url), &capture);
    let _ = sent.ok("by a token");
    assert_eq!(secured.broker.consume("oidc").unwrap().len(), made);
    let given = secured.provider.given();
    assert!(given > 0, "nobody asked for a token");

    let run = send(&secured.token, "oidc", &settings(&wrong, url), &capture);
    let said = refused(&run);
    assert!(said.contains("Kafka refuses the login") && said.contains("token endpoint"), "{said}");
    let run = send(&secured.token, "oidc", &settings(&right, "http://127.0.0.1:1/token"), &capture);
    let said = refused(&run);
    assert!(said.contains("token"), "{said}");
    for secret in [oidc::SECRET, "guess"] {
        assert!(!run.stderr.contains(secret), "{}", run.stderr);
    }
    assert_eq!(secured.provider.given(), given);
    assert_eq!(secured.broker.consume("oidc").unwrap().len(), made);
}

#[test]
fn refusals_say_what_to_do() {
    let (Some(secured), Some(capture)) = (secured(), capture()) else { return };
    let folder = tempfile::tempdir().unwrap();
    let (right, wrong) = (folder.path().join("right"), folder.path().join("wrong"));
    fs::write(&right, PASSWORD).unwrap();
    fs::write(&wrong, "guess").unwrap();
    secured.broker.create_topic("closed", 1, &[]).unwrap();

    let run = send(&secured.login, "closed", &login(secured, &wrong), &capture);
    assert!(refused(&run).contains("Kafka refuses the login"), "{}", run.stderr);
    let run = send(&secured.login, "closed", &login(secured, &right), &capture);
    let said = refused(&run);
    assert!(said.contains("topic \"closed\"") && said.contains("ACL"), "{said}");
    let other = format!("tls = true\nca_file = {:?}\n", secured.file("other.pem"));
    let run = send(&secured.mtls, "closed", &other, &capture);
    assert!(refused(&run).contains("TLS with Kafka fails"), "{}", run.stderr);
    // A plain client at a TLS port.
    let run = send(&secured.mtls, "closed", "", &capture);
    assert!(refused(&run).contains("`tls`"), "{}", run.stderr);
    assert!(secured.broker.consume("closed").unwrap().is_empty());
}
