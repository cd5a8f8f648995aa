//! Descriptor sets: fields of protobuf messages have names and types, and what names tell is found.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use apitap_tests::lab::Lab;
use apitap_tests::mirror::{SERVER, Through};
use apitap_tests::{path, records, run};
use rustix::process::Signal;
use serde_json::Value;

/// The call that the fixture makes with one request of each kind.
fn read(config: Option<&str>) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let mut args: Vec<String> =
        ["read", "--output", "jsonl", "--key"].map(str::to_owned).into_iter().collect();
    args.push(run::key().display().to_string());
    if let Some(config) = config {
        let file = folder.path().join("apitap.toml");
        fs::write(&file, config).unwrap();
        args.extend(["--config".to_owned(), file.display().to_string()]);
    }
    args.push(path("fixtures/grpc/input.pcap").display().to_string());
    records::lines(&run::run(args).ok("read").stdout)
}

fn sets(set: &Path) -> String {
    format!("grpc.descriptor_sets = [{:?}]\n", set.display().to_string())
}

fn pay() -> String {
    sets(&path("fixtures/grpc/pay.binpb"))
}

fn of<'a>(all: &'a [Value], method: &str) -> &'a Value {
    all.iter().find(|record| record["grpc"]["method"] == method).expect("a call of this method")
}

/// Paths of fields, and what left of them.
fn fields(record: &Value, message: &str) -> Vec<(String, String)> {
    let fields = record[message]["body"]["fields"].as_array().unwrap();
    let left = |value: &Value| {
        if let Some(kept) = value["kept"].as_str() {
            return kept.to_owned();
        }
        let class = value["token"]["class"].as_str().map(|class| format!("token {class}"));
        class.unwrap_or_else(|| "shape".to_owned())
    };
    let path = |field: &Value| field["path"].as_str().unwrap().to_owned();
    fields.iter().map(|field| (path(field), left(&field["value"]))).collect()
}

fn found(record: &Value, class: &str) -> Vec<String> {
    let findings = record["findings"].as_array().into_iter().flatten();
    let of_class = findings.filter(|finding| finding["class"] == class);
    of_class.map(|finding| finding["location"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn fields_have_the_names_of_a_descriptor_set() {
    let (plain, named) = (read(None), read(Some(&pay())));
    assert_eq!(plain.len(), named.len());
    let charge = of(&named, "Charge");
    let told: Vec<_> = fields(charge, "request");
    let told: Vec<_> = told.iter().map(|(path, left)| (path.as_str(), left.as_str())).collect();
    let expected = [
        ("$.card.card_number", "token pan"),
        ("$.card.expiry", "shape"),
        ("$.card.holder_name", "token name"),
        ("$.amount", "shape"),
        ("$.email", "token email"),
        ("$.currency", "KRW"),
        ("$.channel", "KIOSK"),
    ];
    assert_eq!(told, expected);
    assert_eq!(fields(of(&named, "Packed"), "response")[1].0, "$.receipts[].state");
    assert_eq!(fields(of(&named, "Upload"), "response"), [("$.uploaded".into(), "6".into())]);
    // Names tell what no form does.
    for class in ["name", "card_expiry"] {
        assert!(found(of(&plain, "Charge"), class).is_empty(), "{class} without names");
        assert_eq!(found(charge, class).len(), 1, "{class} with names");
    }
    // And nothing that is found by its form is lost by it.
    for record in &plain {
        let method = record["grpc"]["method"].as_str().unwrap();
        for class in ["pan", "email", "phone"] {
            let before = found(record, class).len();
            assert!(found(of(&named, method), class).len() >= before, "{method}: {class}");
        }
    }
}

#[test]
fn messages_that_do_not_fit_are_read_by_number_and_said() {
    let named = read(Some(&pay()));
    // Among the requests of `Talk` is one of another kind.
    let talk = of(&named, "Talk");
    let counts = (&talk["grpc"]["messages_described"], &talk["grpc"]["messages_misfit"]);
    assert_eq!(counts, (&Value::from(4), &Value::from(2)));
    let paths: Vec<String> = fields(talk, "request").into_iter().map(|(path, _)| path).collect();
    for path in ["$.card.card_number", "$.1", "$.2.3"] {
        assert!(paths.iter().any(|told| told == path), "{path}: {paths:?}");
    }
    assert_eq!(of(&read(None), "Talk")["grpc"].get("messages_misfit"), None);
}

#[test]
fn no_secret_leaves_under_a_name() {
    let told = serde_json::to_string(&read(Some(&pay()))).unwrap();
    let secrets = fs::read_to_string(path("fixtures/grpc/secrets.txt")).unwrap();
    let secrets: Vec<&str> = secrets
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .filter(|(class, text)| !class.ends_with("#short") && text.len() >= 8)
        .map(|(_, text)| text.trim())
        .collect();
    assert!(secrets.len() > 20, "secrets are planted");
    let left = secrets.iter().filter(|secret| told.contains(**secret)).count();
    assert_eq!(left, 0, "secrets in the records");
}

#[test]
fn check_tells_what_the_sets_describe() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("apitap.toml");
    let check = |text: &str| {
        fs::write(&config, text).unwrap();
        run::run(["check".as_ref(), "--config".as_ref(), config.as_os_str()])
    };
    let told = check(&pay()).ok("check").text();
    let method =
        "acme.pay.v1.Payments/Charge (acme.pay.v1.ChargeRequest) returns (acme.pay.v1.Receipt)";
    assert!(told.contains("1 files, 7 messages, 2 enumerations, 7 methods"), "{told}");
    assert!(told.contains(method), "{told}");
    let broken = folder.path().join("broken.binpb");
    fs::write(&broken, "syntax = \"proto3\";").unwrap();
    for (set, said) in [
        (broken, "broken.binpb: this is no descriptor set; make one with `protoc"),
        (folder.path().join("none.binpb"), "none.binpb: No such file or directory"),
    ] {
        let run = check(&sets(&set));
        assert_eq!(run.code, Some(2), "{}", run.stderr);
        assert!(run.errors().len() == 1 && run.errors()[0].contains(said), "{}", run.stderr);
    }
}

/// A `ChargeRequest` with a card in it.
const CHARGE: &[u8] = b"\x0a\x12\x0a\x104111111111111111\x28\x07";

/// Posts it to the server, as a client of the Connect protocol does.
fn charge() {
    let mut stream = TcpStream::connect((SERVER, 80)).expect("the server listens");
    let head = format!(
        "POST /acme.pay.v1.Payments/Charge HTTP/1.1\r\nhost: pay.example\r\ncontent-type: application/proto\r\n\
         connect-protocol-version: 1\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        CHARGE.len()
    );
    stream.write_all(&[head.as_bytes(), CHARGE].concat()).expect("the server reads");
    stream.read_to_end(&mut Vec::new()).expect("the server answers");
}

/// A set is read again at a reload; one that cannot be used leaves the old one in force.
#[test]
fn a_reload_reads_the_sets_again() {
    let Some(lab) = Lab::new("a_reload_reads_the_sets_again", Through::Wire) else { return };
    let set = lab.home.file("api.binpb");
    // Of one file, in which there is nothing.
    fs::write(&set, b"\x0a\x09\x0a\x07a.proto").unwrap();
    lab.home.configure(&format!("output.file.path = '{{home}}/records.jsonl'\n{}", sets(&set)));
    let sensor = lab.start();
    let mut made = 0;
    let mut call = || {
        lab.mirror.client.within(charge);
        made += 1;
        sensor.until("the call is told", |status| status["records"].as_u64() >= Some(made));
    };
    call();
    fs::copy(path("fixtures/grpc/pay.binpb"), &set).unwrap();
    sensor.signal(Signal::HUP);
    sensor.until("it reloaded", |status| status["reloads"]["succeeded"] == 1);
    call();
    fs::write(&set, "no set").unwrap();
    sensor.signal(Signal::HUP);
    let status = sensor.until("it refused", |status| status["reloads"]["failed"] == 1);
    let error = status["reloads"]["last_error"].as_str().unwrap();
    assert!(error.contains("api.binpb: this is no descriptor set"), "{error}");
    call();
    assert_eq!(sensor.end(), Some(0));
    let paths: Vec<_> =
        lab.records().iter().map(|record| fields(record, "request")[0].0.clone()).collect();
    assert_eq!(paths, ["$.1.1", "$.card.card_number", "$.card.card_number"]);
}
