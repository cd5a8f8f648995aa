//! Values that have a harmless form and say something of a person, or are a secret: what is kept, what is found, what joins.

use std::collections::BTreeSet;

use apitap_proto::v1::{self, value::Form};
use apitap_tests::plant::Stages;

/// What is told of a request with this body.
fn asked(kind: &str, body: &[u8]) -> v1::CallRecord {
    of(&mut Stages::default(), kind, body)
}

fn of(line: &mut Stages, kind: &str, body: &[u8]) -> v1::CallRecord {
    let mut request = format!(
        "POST /x HTTP/1.1\r\nHost: shop.example\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    request.extend_from_slice(body);
    line.call(&request, b"HTTP/1.1 204 No Content\r\n\r\n").message().clone()
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
fn words_that_say_something_of_a_person_are_not_kept() {
    for body in [
        r#"{"coding": [{"system": "http://hl7.example/sex", "code": "female"}]}"#,
        r#"{"type": "male"}"#,
        r#"{"type": "Muslim", "category": "cancer", "status": "DIVORCED", "kind": "mental_illness"}"#,
        r#"{"status": "Pregnant"}"#,
        r#"{"category": "HIV"}"#,
        r#"{"role": "veteran"}"#,
        r#"{"type": "non-binary"}"#,
        r#"{"result": "HIV_POSITIVE"}"#,
        r#"{"pulse": 84, "age_group": 30, "ldl": 132, "viral_load": 400, "dosage": 50}"#,
        r#"{"plz": 8001, "apartment": 1204}"#,
        r#"{"has_cancer": true, "isMarried": true, "is_gay": false, "muslim": true, "felony": true}"#,
        r#"{"pregnancy_status": "yes", "drug_test_result": "negative", "relationship_status": "single"}"#,
        r#"{"birth_country": "KR", "employment_status": "active"}"#,
        r#"{"dong": 101, "ho": 1204}"#,
    ] {
        let record = json(body);
        assert_eq!(kept(&record), Vec::<String>::new(), "{body}");
    }
    let record = json(
        r#"{"status": "ACTIVE", "type": "child", "result": "positive", "size": 42, "disabled": true}"#,
    );
    assert_eq!(kept(&record), ["ACTIVE", "child", "positive", "42", "true"]);
}

#[test]
fn numbers_that_only_their_place_tells_are_not_kept() {
    for body in [
        r#"{"jsonrpc": "2.0", "method": "verifyPin", "params": [4711], "id": "a1"}"#,
        r#"{"arguments": [4711]}"#,
        r#"{"columns": ["user", "pin"], "rows": [[1, 4711]]}"#,
        r#"{"sql": "select 1 from u where pin = ?", "binds": [4711]}"#,
    ] {
        let kept = kept(&json(body));
        assert!(!kept.iter().any(|text| text == "4711"), "{body}: {kept:?}");
    }
    assert_eq!(kept(&json(r#"{"sizes": [41, 42]}"#)), ["41"]);
}

#[test]
fn lists_of_secrets_are_secrets_and_maps_have_pins() {
    for (body, class) in [
        (r#"{"pins": [4711, 4712]}"#, "pin"),
        (r#"{"pins": ["47113", "47114"]}"#, "pin"),
        (r#"{"digits": 4711}"#, "otp"),
    ] {
        let record = json(body);
        assert_eq!(classes(&record), BTreeSet::from([class]), "{body}");
        assert_eq!(kept(&record), Vec::<String>::new(), "{body}");
        assert_eq!(token(&record, "$.pins[]"), None, "{body}");
    }
    let record = json(r#"{"pins": [{"status": "ACTIVE", "size": 12}]}"#);
    assert_eq!((kept(&record).len(), classes(&record).len()), (2, 0));
}

#[test]
fn what_is_named_beside_it_is_a_secret_however_that_is_spelt() {
    let log = json(r#"{"path": "/reset-password", "data": {"status": "ACTIVE"}}"#);
    assert_eq!((kept(&log).len(), classes(&log).len()), (1, 0));
    for (body, class) in [
        (r#"[{"k": "password", "v": "hunter2xq9"}]"#, "password"),
        (r#"[{"k": "pin", "v": 4711}]"#, "pin"),
        (r#"{"Name": "PIN", "Value": 4711}"#, "pin"),
        (r#"{"Filters": [{"Name": "db-password", "Values": ["hunter2xq9"]}]}"#, "password"),
        (r#"[{"parameterName": "P_PIN", "parameterValue": "47113"}]"#, "pin"),
        (r#"[{"ParameterKey": "DbPassword", "ParameterValue": "hunter2xq9"}]"#, "password"),
        (r#"[{"fieldName": "cvv", "fieldValue": "737"}]"#, "cvv"),
        (r#"[{"op": "replace", "path": "/user/password", "value": "hunter2xq9"}]"#, "password"),
        (r#"[{"op": "add", "path": "/pin", "value": 4711}]"#, "pin"),
        (
            r#"{"Operations": [{"op": "replace", "path": "password", "value": "hunter2xq9"}]}"#,
            "password",
        ),
        (r#"{"type": "cvv", "value": "737"}"#, "cvv"),
        (r#"{"label": "Password", "value": "hunter2xq9"}"#, "password"),
        (r#"{"value": "hunter2xq9", "name": "password"}"#, "password"),
        (r#"{"val": "hunter2xq9", "enabled": true, "key": "db.password"}"#, "password"),
        (r#"[{"value": 4711, "type": "number", "name": "pin"}]"#, "pin"),
        (r#"{"value": "737", "type": "cvv"}"#, "cvv"),
        (r#"{"value": "a\"b2xq9", "name": "password"}"#, "password"),
        (
            r#"{"a": {"value": "x", "name": "y"}, "value": "hunter2xq9", "name": "password"}"#,
            "password",
        ),
    ] {
        let record = json(body);
        assert!(classes(&record).contains(class), "{body}: {:?}", record.findings);
        let secrets = ["$.value", "[].value", "Value", "v", "val"];
        for field in fields(&record).iter().filter(|field| {
            secrets.iter().any(|name| field.path.ends_with(name))
                || field.path.ends_with("Values[]")
        }) {
            let form = field.value.clone().and_then(|value| value.form);
            assert!(matches!(&form, Some(Form::Shape(shape)) if shape.length == 0), "{body}");
        }
    }
}

#[test]
fn people_are_no_names_of_fields() {
    for name in ["박건수", "정보라", "김상태", "이유형", "주소영"] {
        let record = json(&format!("{{\"{name}\": 3}}"));
        let text = serde_json::to_string(&record).expect("every record is JSON");
        assert!(!text.contains(name), "{name}");
    }
    for name in ["건수", "상태", "주문번호", "고객명", "전화번호", "주소명", "주문상태"]
    {
        assert_eq!(fields(&json(&format!("{{\"{name}\": 3}}")))[0].path, format!("$.{name}"));
    }
}

#[test]
fn numbers_of_other_writings_are_found_and_join() {
    let mut line = Stages::default();
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
        ("text/plain", "SEND\ndestination:/q\n\n{\"card\":\"4532015112830366\"}\0\n"),
        ("message/rfc822", "From: a\r\n\r\nMy card: 4532015112830366\r\n"),
    ] {
        let record = asked(kind, body.as_bytes());
        assert_eq!(classes(&record), BTreeSet::from(["pan"]), "{kind}");
        assert_eq!(kept(&record), Vec::<String>::new(), "{kind}");
    }
    for (kind, body) in [
        ("application/zip", b"PK\x03\x04\x14\x00 4532015112830366".as_slice()),
        ("application/pdf", b"%PDF-1.4\n4532015112830366"),
        ("application/octet-stream", b"\x00\x00\x00 4532015112830366"),
        ("text/plain", b"\x00\x00"),
        ("application/x-thing", b"\x00\x01 4532015112830366"),
    ] {
        assert_eq!(classes(&asked(kind, body)), BTreeSet::new(), "{kind}");
    }
}

#[test]
fn words_that_calls_are_understood_by_are_kept() {
    for word in [
        "succeeded",
        "insufficient_funds",
        "partially_refunded",
        "UNAUTHENTICATED",
        "INVALID_ARGUMENT",
        "CrashLoopBackOff",
        "ACSC",
        "kg",
        "critical",
        "-created_at",
        "created_at:desc",
        "완료",
        "가상계좌",
        "age",
        "height:asc",
    ] {
        assert_eq!(kept(&json(&format!("{{\"status\": \"{word}\"}}"))), [word]);
        assert_eq!(
            kept(&json(&format!("{{\"name\": \"{word}\"}}"))),
            Vec::<String>::new(),
            "{word}"
        );
    }
    for word in ["홍길동", "박완료", "완료 홍길동", "quellborn:desc", "-quellborn"] {
        assert_eq!(
            kept(&json(&format!("{{\"status\": \"{word}\"}}"))),
            Vec::<String>::new(),
            "{word}"
        );
    }
}

#[test]
fn values_in_front_of_their_names_are_told_each_time() {
    let mut line = Stages::default();
    let body = r#"[{"value": "hunter2xq9", "name": "password"}, {"value": "Jane Doe", "name": "full_name"},
        {"value": "green", "name": "color"}, {"value": 4711, "name": "pin"}]"#;
    let first = of(&mut line, "application/json", body.as_bytes());
    assert_eq!(classes(&first), BTreeSet::from(["name", "password", "pin"]));
    // What is remembered of the body before leads to the same.
    for _ in 0..3 {
        let record = of(&mut line, "application/json", body.as_bytes());
        assert_eq!((fields(&record), &record.findings), (fields(&first), &first.findings));
    }
    for body in [
        r#"[{"name": "password", "value": "hunter2xq9"}, {"value": "green", "id": "color"}]"#,
        r#"[{"name": "password"}, {"value": "green"}]"#,
    ] {
        for _ in 0..3 {
            let record = of(&mut line, "application/json", body.as_bytes());
            let found: Vec<_> = record.findings.iter().filter(|f| f.class == "password").collect();
            let all: u32 = found.iter().map(|finding| finding.count).sum();
            assert_eq!(all, u32::from(body.contains("hunter2")), "{body}");
        }
    }
    let nested = r#"{"name": "password", "meta": {"x": 1, "name": "y"}, "list": [{"a": 1}], "value": "hunter2xq9"}"#;
    for _ in 0..3 {
        assert!(
            classes(&of(&mut line, "application/json", nested.as_bytes())).contains("password")
        );
    }
    let plain = r#"[{"value": "hunter2xq9", "name": "color"}]"#;
    assert!(!classes(&of(&mut line, "application/json", plain.as_bytes())).contains("password"));
}
