//! Values that have a harmless form and say something of a person, or are a secret: what is kept, what is found, what joins.

use std::collections::BTreeSet;

use apitap::reassembly::{CloseReason, Side, StreamEventKind};
use apitap::redact::{Config, Keys, Redactor};
use apitap_proto::v1::{self, value::Form};
use apitap_tests::plant::Stages;

/// What is told of a request with this body.
fn asked(kind: &str, body: &[u8]) -> v1::CallRecord {
    let keys = Keys::ephemeral().expect("the system has random numbers");
    of(&mut Stages::new(Redactor::new(&keys, &Config::default())), kind, body)
}

fn of(line: &mut Stages, kind: &str, body: &[u8]) -> v1::CallRecord {
    let mut request = format!(
        "POST /x HTTP/1.1\r\nHost: shop.example\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    request.extend_from_slice(body);
    let mut records = Vec::new();
    let mut push = line.reading(&mut records);
    let data = |side, acked, bytes| StreamEventKind::Data {
        side,
        offset: 0,
        acked,
        segment_start: true,
        bytes,
    };
    push(data(Side::A, None, &request));
    let acked = u64::try_from(request.len()).ok();
    push(data(Side::B, acked, b"HTTP/1.1 204 No Content\r\n\r\n"));
    push(StreamEventKind::Close { reason: CloseReason::Fin });
    drop(push);
    assert_eq!(records.len(), 1, "{}", String::from_utf8_lossy(body));
    records[0].message().clone()
}

fn json(body: &str) -> v1::CallRecord {
    asked("application/json", body.as_bytes())
}

fn fields(record: &v1::CallRecord) -> Vec<v1::Field> {
    let body = record.request.as_ref().and_then(|request| request.body.clone());
    body.map(|body| body.fields).unwrap_or_default()
}

/// All that is kept of a body.
fn kept(record: &v1::CallRecord) -> Vec<String> {
    let value = |field: v1::Field| match field.value?.form? {
        Form::Kept(text) => Some(text),
        _ => None,
    };
    fields(record).into_iter().filter_map(value).collect()
}

/// The text of the token of a field.
fn token(record: &v1::CallRecord, path: &str) -> Option<String> {
    let field = fields(record).into_iter().find(|field| field.path == path)?;
    match field.value?.form? {
        Form::Token(token) => Some(token.text),
        _ => None,
    }
}

fn classes(record: &v1::CallRecord) -> BTreeSet<&str> {
    record.findings.iter().map(|finding| finding.class.as_str()).collect()
}

#[test]
fn numbers_of_other_writings_are_found_and_join() {
    let keys = Keys::ephemeral().expect("the system has random numbers");
    let mut line = Stages::new(Redactor::new(&keys, &Config::default()));
    let mut seen = BTreeSet::new();
    for card in [
        "4532015112830366",
        "4532 0151 1283 0366",
        "４５３２０１５１１２８３０３６６",
        "4532\u{a0}0151\u{a0}1283\u{a0}0366",
        "4532\u{2011}0151\u{2011}1283\u{2011}0366",
        "4532\u{200b}0151\u{200b}1283\u{200b}0366",
        "٤٥٣٢٠١٥١١٢٨٣٠٣٦٦",
    ] {
        let body = format!("{{\"order_id\": \"{card}\", \"note\": \"pay {card}, please\"}}");
        let record = of(&mut line, "application/json", body.as_bytes());
        let places: Vec<_> =
            record.findings.iter().map(|f| (f.class.as_str(), &*f.location)).collect();
        let found = [("pan", "request.body:$.order_id"), ("pan", "request.body:$.note")];
        assert_eq!(places, found, "{card}");
        seen.insert(token(&record, "$.order_id").expect("a token"));
    }
    assert_eq!(seen.len(), 1, "{seen:?}");
}

#[test]
fn text_of_any_type_is_looked_at() {
    for (kind, body) in [
        ("application/yaml", "user:\n  name: Jane\n  card: \"4532015112830366\"\n"),
        ("application/hl7-v2+er7", "PID|||M1||Doe^J||19840307|F|||||||||||4532015112830366\r"),
        ("application/edifact", "UNB+UNOA:1+S'CC+4532015112830366'"),
        ("message/rfc822", "From: a\r\n\r\nMy card: 4532015112830366\r\n"),
    ] {
        let record = asked(kind, body.as_bytes());
        assert_eq!(classes(&record), BTreeSet::from(["pan"]), "{kind}");
        assert_eq!(kept(&record), Vec::<String>::new(), "{kind}");
    }
    for (kind, body) in [
        ("application/zip", b"PK\x03\x04\x14\x00 4532015112830366".as_slice()),
        ("application/pdf", b"%PDF-1.4\n4532015112830366"),
        ("application/x-thing", b"\x00\x01 4532015112830366"),
    ] {
        assert_eq!(classes(&asked(kind, body)), BTreeSet::new(), "{kind}");
    }
}
