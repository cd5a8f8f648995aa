//! OCSF and ECS: the events of every fixture, and of a record that holds everything, follow the schemas.
//!
//! Two judges: tables drawn from the published schemas (`tests/siem/*.tsv`), always; and the published OCSF JSON
//! Schema itself, where the Python packages `ocsf-json-schema` and `jsonschema` are installed (`APITAP_PYTHON`
//! names an interpreter that has them).

#[path = "siem/queries.rs"]
mod queries;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::net::IpAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use apitap_proto::{Timestamp, v1};
use apitap_tests::{input, path, records, run, skip};
use prost::Message;
use serde_json::Value;

const MINUTE: std::time::Duration = std::time::Duration::from_secs(60);

fn fixtures() -> Vec<PathBuf> {
    let folder = fs::read_dir(path("fixtures")).expect("fixtures/ is there");
    let mut found: Vec<_> = folder.filter_map(|entry| input(&entry.ok()?.path())).collect();
    found.sort();
    found
}

/// The events of all fixtures, and of the records that hold everything.
fn events(format: &'static str) -> Arc<Vec<Value>> {
    static MADE: Mutex<BTreeMap<&str, Arc<Vec<Value>>>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(made.entry(format).or_insert_with(|| Arc::new(make(format))))
}

fn make(format: &str) -> Vec<Value> {
    let mut lines = Vec::new();
    for capture in fixtures() {
        let mut command = run::apitap();
        command
            .args(["read", "--quiet", "--output", format, "--key"])
            .arg(run::key())
            .arg(&capture);
        let run = run::finish(command, MINUTE).ok(&capture.display().to_string());
        lines.extend(run.stdout);
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("everything.pb");
    let bytes: Vec<u8> =
        everything().iter().flat_map(Message::encode_length_delimited_to_vec).collect();
    fs::write(&file, bytes).unwrap();
    let mut command = run::apitap();
    command.args(["records", "--output", format]).arg(&file);
    lines.extend(run::finish(command, MINUTE).ok("records").stdout);
    // For tests/siem/tables.py.
    let kept = path("target/siem");
    fs::create_dir_all(&kept).unwrap();
    fs::write(kept.join(format!("{format}.jsonl")), &lines).unwrap();
    let events = records::lines(&lines);
    assert!(events.len() > 1000, "{format}: only {} events", events.len());
    events
}

fn table(name: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(path("tests/siem").join(name)).unwrap();
    text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

/// What a schema says of an attribute.
#[derive(Clone)]
struct Attribute {
    kind: String,
    list: bool,
    required: bool,
    values: Option<BTreeSet<String>>,
}

impl Attribute {
    fn of(row: &[String]) -> Self {
        let [kind, list, required, values] = row else { panic!("a row of four: {row:?}") };
        let values = (values != "-").then(|| values.split(',').map(str::to_owned).collect());
        Self { kind: kind.clone(), list: list == "list", required: required == "required", values }
    }

    fn check(&self, value: &Value, at: &str, problems: &mut BTreeSet<String>) {
        let items: Vec<&Value> = match value {
            Value::Array(items) if self.list => items.iter().collect(),
            value => vec![value],
        };
        if items.is_empty() || (self.list && !value.is_array()) {
            problems.insert(format!("{at}: no list of values"));
        }
        for item in items {
            let right = match self.kind.as_str() {
                "integer" | "long" => item.is_i64() || item.is_u64(),
                "boolean" => item.is_boolean(),
                "json" => !item.is_null(),
                "ip" => item.as_str().is_some_and(|ip| ip.parse::<IpAddr>().is_ok()),
                "date" => records::nanos(item).is_some(),
                "string" | "keyword" | "wildcard" | "match_only_text" | "constant_keyword" => {
                    item.as_str().is_some_and(|text| !text.is_empty())
                }
                other => panic!("{at}: type {other}"),
            };
            if !right {
                problems.insert(format!("{at}: {item} is no {}", self.kind));
            }
            let text = item.as_str().map_or_else(|| item.to_string(), str::to_owned);
            if self.values.as_ref().is_some_and(|values| !values.contains(&text)) {
                problems.insert(format!("{at}: {text} is none of the values allowed"));
            }
        }
    }
}

struct Ocsf(BTreeMap<String, BTreeMap<String, Attribute>>);

impl Ocsf {
    fn load() -> Self {
        let mut objects: BTreeMap<String, BTreeMap<String, Attribute>> = BTreeMap::new();
        for row in table("ocsf.tsv") {
            let attribute = Attribute::of(&row[2..]);
            objects.entry(row[0].clone()).or_default().insert(row[1].clone(), attribute);
        }
        Self(objects)
    }

    fn check(&self, object: &str, value: &Value, at: &str, problems: &mut BTreeSet<String>) {
        if object == "object" {
            return;
        }
        let Some(attributes) = self.0.get(object) else {
            problems.insert(format!("{at}: {object} is not in ocsf.tsv"));
            return;
        };
        let Some(members) = value.as_object() else {
            problems.insert(format!("{at}: no object"));
            return;
        };
        for (name, attribute) in attributes {
            if attribute.required && !members.contains_key(name) {
                problems.insert(format!("{at}.{name}: missing"));
            }
        }
        for (name, inner) in members {
            let at = format!("{at}.{name}");
            let Some(attribute) = attributes.get(name) else {
                problems.insert(format!("{at}: no attribute of {object}"));
                continue;
            };
            if self.0.contains_key(&attribute.kind) || attribute.kind == "object" {
                let items = match inner {
                    Value::Array(items) if attribute.list => items.iter().collect(),
                    inner => vec![inner],
                };
                for item in items {
                    self.check(&attribute.kind, item, &at, problems);
                }
            } else {
                attribute.check(inner, &at, problems);
            }
        }
    }

    fn event(&self, event: &Value, problems: &mut BTreeSet<String>) {
        let (class, category) = match event["class_uid"].as_u64() {
            Some(4001) => ("network_activity", 4),
            Some(4002) => ("http_activity", 4),
            Some(6003) => ("api_activity", 6),
            other => panic!("class {other:?}"),
        };
        self.check(class, event, class, problems);
        let type_uid =
            event["class_uid"].as_u64().unwrap() * 100 + event["activity_id"].as_u64().unwrap();
        assert_eq!(event["type_uid"], type_uid);
        assert_eq!(event["category_uid"], category);
        // Constraints of the class that are no types.
        if class == "http_activity" {
            assert!(event.get("http_request").or(event.get("http_response")).is_some());
        }
        assert!(event.get("src_endpoint").or(event.get("dst_endpoint")).is_some());
        assert!(event["time"].as_u64().unwrap() <= event["end_time"].as_u64().unwrap());
    }
}

fn report(problems: &BTreeSet<String>) {
    let shown: Vec<_> = problems.iter().take(30).cloned().collect();
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), shown.join("\n"));
}

#[test]
fn ocsf_events_follow_the_table() {
    let schema = Ocsf::load();
    let mut problems = BTreeSet::new();
    let mut classes = BTreeSet::new();
    for format in ["ocsf", "ocsf-api"] {
        for event in events(format).iter() {
            schema.event(event, &mut problems);
            classes.insert(event["class_uid"].as_u64());
        }
    }
    report(&problems);
    assert_eq!(classes, BTreeSet::from([Some(4001), Some(4002), Some(6003)]));
}

#[test]
fn the_table_refuses_what_the_schema_does() {
    let schema = Ocsf::load();
    let event = events("ocsf")[0].clone();
    let spoiled: [fn(&mut Value); 6] = [
        |event| event["invented"] = 1.into(),
        |event| event["time"] = "now".into(),
        |event| event["severity_id"] = 7.into(),
        |event| event["metadata"]["product"] = "apitap".into(),
        |event| drop(event.as_object_mut().unwrap().remove("metadata")),
        |event| drop(event["http_response"].as_object_mut().unwrap().remove("code")),
    ];
    for (i, spoil) in spoiled.iter().enumerate() {
        let mut event = event.clone();
        spoil(&mut event);
        let mut problems = BTreeSet::new();
        schema.check("http_activity", &event, "event", &mut problems);
        assert!(!problems.is_empty(), "case {i}");
    }
}

#[test]
fn ocsf_events_follow_the_published_schema() {
    let python = std::env::var_os("APITAP_PYTHON").unwrap_or_else(|| "python3".into());
    for format in ["ocsf", "ocsf-api"] {
        let mut command = Command::new(&python);
        command.arg(path("tests/siem/validate.py")).stdin(Stdio::piped()).stdout(Stdio::piped());
        let Ok(mut judge) = command.spawn() else {
            return skip("the OCSF JSON Schema", "there is no Python");
        };
        let events = events(format);
        // A thorough judge and a slow one: of the large fixtures, a part.
        let some = events.iter().rev().step_by(events.len() / 1500 + 1);
        let lines: Vec<String> = some.map(|event| format!("{event}\n")).collect();
        // It may be gone already, having found its packages missing.
        let _gone = judge.stdin.take().unwrap().write_all(lines.concat().as_bytes());
        let output = judge.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.code() == Some(3) {
            return skip("the OCSF JSON Schema", said.trim());
        }
        assert!(output.status.success(), "{format}: {said}");
        assert_eq!(said.trim(), format!("{} events are valid", lines.len()));
    }
}

#[test]
fn ecs_events_follow_the_table() {
    let table = table("ecs.tsv").into_iter().map(|row| {
        let [name, kind, list, values] = &row[..] else { panic!("a row of four: {row:?}") };
        let row = [kind.clone(), list.clone(), "optional".to_owned(), values.clone()];
        (name.clone(), Attribute::of(&row))
    });
    let table: BTreeMap<String, Attribute> = table.collect();
    let mut problems = BTreeSet::new();
    let mut met = BTreeSet::new();
    for event in events("ecs").iter() {
        for required in ["@timestamp", "ecs", "event", "source", "destination"] {
            assert!(event.get(required).is_some(), "{required} is missing");
        }
        assert_eq!(event["ecs"]["version"], "9.4.0");
        let mut open = vec![(String::new(), event)];
        while let Some((at, value)) = open.pop() {
            if at == "apitap" {
                continue;
            }
            match value {
                Value::Object(members) => {
                    let prefix = if at.is_empty() { String::new() } else { format!("{at}.") };
                    open.extend(
                        members.iter().map(|(name, inner)| (format!("{prefix}{name}"), inner)),
                    );
                }
                value => {
                    match table.get(&at) {
                        Some(attribute) => attribute.check(value, &at, &mut problems),
                        None => drop(problems.insert(format!("{at}: no field of ECS"))),
                    }
                    met.insert(at);
                }
            }
        }
    }
    report(&problems);
    assert!(met.len() > 60, "{} fields", met.len());
}

/// Records with everything that captures of fixtures do not bring: places, Kubernetes, gRPC, WebSocket, an
/// unreadable connection, odd methods, and text that needs escaping.
#[allow(clippy::too_many_lines, reason = "one value after the other, nothing to follow")]
fn everything() -> Vec<v1::CallRecord> {
    let time = |nanos| Some(Timestamp { seconds: 1_767_225_600, nanos });
    let token = |class: &str| v1::Value {
        form: Some(v1::value::Form::Token(v1::Token {
            class: class.into(),
            key_id: "k1".into(),
            text: format!("tok_{class}_k1_mfrggzdfmztwq2lknnwg23tpoa"),
            previous: Vec::new(),
        })),
    };
    let kept = |text: &str| v1::Value { form: Some(v1::value::Form::Kept(text.into())) };
    let parameter = |name: &str, value| v1::Parameter { name: name.into(), value: Some(value) };
    let end = |ip: &str, zone: v1::endpoint::Zone| v1::Endpoint {
        ip: ip.into(),
        port: 443,
        mac: "02:00:00:00:00:aa".into(),
        kubernetes: Some(v1::Kubernetes {
            namespace: "shop".into(),
            pod: "orders-1".into(),
            workload: "Deployment/orders".into(),
            service: "orders".into(),
            node: "node-1".into(),
        }),
        zone: zone.into(),
        zone_name: "dmz".into(),
    };
    let kinds = (1..=15).map(|kind| v1::Entity {
        kind,
        value: Some(token("id")),
        location: "request.header:x".into(),
        ..v1::Entity::default()
    });
    let call = v1::CallRecord {
        id: "0123456789abcdef0123456789abcdef".into(),
        protocol: v1::Protocol::Grpc.into(),
        api_style: v1::api::Style::Grpc.into(),
        client: Some(end("2001:db8::7", v1::endpoint::Zone::Partner)),
        server: Some(end("2001:db8::80", v1::endpoint::Zone::Internal)),
        direction: v1::Direction::NorthSouthIn.into(),
        network: Some(v1::Network {
            interface: "eth0".into(),
            vlans: vec![42, 7],
            tunnels: vec![v1::Tunnel { kind: "vxlan".into(), id: 5001 }],
            community_id: "1:wCb3OG7yAFWelaUydu0D+125CLM=".into(),
            transport_security: v1::TransportSecurity::Decrypted.into(),
            ..v1::Network::default()
        }),
        request: Some(v1::Request {
            start_time: time(1),
            end_time: time(2_000_000),
            method: "QUERY".into(),
            host: "shop.example\u{1}\"\\".into(),
            port: 8443,
            path_template: "/shop.Orders/Get".into(),
            query: vec![parameter("page", kept("1")), parameter("mail", token("email"))],
            headers: vec![
                parameter("x-forwarded-for", kept("198.51.100.7, unknown")),
                parameter("Referer", kept("/")),
                parameter("", kept("nameless")),
            ],
            cookies: vec![parameter("session", token("session"))],
            body: Some(v1::Body {
                media_type: "application/grpc".into(),
                bytes: 9,
                ..v1::Body::default()
            }),
            bytes: 300,
            http_version: "2".into(),
            ..v1::Request::default()
        }),
        response: Some(v1::Response {
            start_time: time(3_000_000),
            end_time: time(4_000_000),
            status: 200,
            latency_ns: Some(1_000_000),
            grpc_status: Some(5),
            ..v1::Response::default()
        }),
        operation: "shop.Orders/Get".into(),
        entities: kinds.collect(),
        auth: Some(v1::Auth {
            scheme: "bearer".into(),
            jwt: Some(v1::Jwt {
                algorithm: "RS256".into(),
                issuer: Some(kept("https://issuer.example")),
                subject: Some(token("user")),
                expired: Some(true),
                scopes: vec!["read".into()],
                ..v1::Jwt::default()
            }),
            result: v1::auth::Result::Accepted.into(),
            ..v1::Auth::default()
        }),
        signals: vec![v1::Signal {
            id: "auth.expired_accepted".into(),
            severity: v1::signal::Severity::Critical.into(),
            owasp: vec!["API2:2023".into()],
            location: "request.header:authorization".into(),
            ..v1::Signal::default()
        }],
        completeness: Some(v1::Completeness {
            request: v1::completeness::State::Gap.into(),
            request_bytes_missing: 7,
            rung: 1,
            ..v1::Completeness::default()
        }),
        sensor: Some(v1::Sensor {
            id: "tap-1".into(),
            version: "0.1.0".into(),
            sequence: 1,
            ..v1::Sensor::default()
        }),
        sample_weight: 10,
        grpc: Some(v1::Grpc {
            service: "shop.Orders".into(),
            method: "Get".into(),
            ..v1::Grpc::default()
        }),
        ..v1::CallRecord::default()
    };
    let websocket = v1::CallRecord {
        protocol: v1::Protocol::Websocket.into(),
        websocket_message: Some(v1::WebSocketMessage {
            time: time(9),
            opcode: 8,
            close_code: Some(1000),
            ..v1::WebSocketMessage::default()
        }),
        response: None,
        ..call.clone()
    };
    let unread = v1::CallRecord {
        protocol: v1::Protocol::Tls.into(),
        encrypted_session: Some(v1::EncryptedSession {
            start_time: time(5),
            end_time: time(6),
            server_name: "api.example".into(),
            alpn: "h2".into(),
            cipher: "TLS_AES_128_GCM_SHA256".into(),
            ja4: "t13d1516h2_8daaf6152771_e5627efa2ab1".into(),
            ja4s: "t120300_c030_52d195ce1d92".into(),
            client_bytes: 1000,
            server_bytes: 2000,
            ech: true,
            client_certificate: Some(true),
            ..v1::EncryptedSession::default()
        }),
        request: None,
        response: None,
        grpc: None,
        operation: String::new(),
        ..call.clone()
    };
    vec![call, websocket, unread]
}
