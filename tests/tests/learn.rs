//! What an analyst is told of who calls and of which endpoints there are, on traffic whose truth is known.

use std::collections::BTreeMap;
use std::time::Duration;

use apitap_tests::pcap::{Capture, Packet};
use apitap_tests::{records, run};
use serde_json::Value;

const CLIENT: ([u8; 4], u16) = ([10, 0, 0, 9], 40_000);
const SERVER: ([u8; 4], u16) = ([10, 1, 0, 1], 80);

/// Connections one behind the other, each a list of what the client and the server say.
#[derive(Default)]
struct Traffic {
    packets: Vec<Packet>,
    connections: u16,
}

impl Traffic {
    /// `true`: the client.
    fn connection(&mut self, said: &[(bool, Vec<u8>)]) {
        self.connections += 1;
        let mut next = [1000_u32, 5000];
        self.segment(true, (999, 0), 0x02, b"");
        self.segment(false, (4999, 1000), 0x12, b"");
        for (client, octets) in said {
            let own = usize::from(!client);
            self.segment(*client, (next[own], next[1 - own]), 0x18, octets);
            next[own] += u32::try_from(octets.len()).unwrap();
        }
    }

    fn segment(&mut self, client: bool, (seq, ack): (u32, u32), flags: u8, octets: &[u8]) {
        let asking = (CLIENT.0, CLIENT.1 + self.connections);
        let (from, to) = if client { (asking, SERVER) } else { (SERVER, asking) };
        let len = u16::try_from(40 + octets.len()).unwrap();
        let mut data = vec![2; 12];
        data.extend([8, 0, 0x45, 0]);
        data.extend(len.to_be_bytes());
        data.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
        data.extend(from.0);
        data.extend(to.0);
        data.extend(from.1.to_be_bytes());
        data.extend(to.1.to_be_bytes());
        data.extend(seq.to_be_bytes());
        data.extend(ack.to_be_bytes());
        data.extend([0x50, flags, 255, 255, 0, 0, 0, 0]);
        data.extend(octets);
        let nth = u64::try_from(self.packets.len()).unwrap();
        let time = 1_767_225_600_000_000_000 + nth * 1_000_000;
        let original_len = u32::try_from(data.len()).unwrap();
        self.packets.push(Packet { time, original_len, data });
    }

    /// Its records, with so many threads.
    fn records(&self, threads: u32) -> Vec<Value> {
        records::lines(&self.output(&["read", "--output", "jsonl"], threads))
    }

    /// What is made of it, with so many threads.
    fn output(&self, arguments: &[&str], threads: u32) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("input.pcap");
        Capture { link: 1, packets: self.packets.clone() }.write(&file);
        let mut command = run::apitap();
        command.args(arguments).args(["--threads", &threads.to_string(), "--key"]);
        command.arg(run::key()).arg(file);
        run::finish(command, Duration::from_secs(60)).ok("apitap").stdout
    }
}

fn asks(line: &str, fields: &str, body: &str) -> (bool, Vec<u8>) {
    let len = body.len();
    let kind = if body.is_empty() { "" } else { "Content-Type: application/json\r\n" };
    let text = format!(
        "{line} HTTP/1.1\r\nHost: api.example\r\n{fields}{kind}Content-Length: {len}\r\n\r\n{body}"
    );
    (true, text.into_bytes())
}

fn answers(status: &str, fields: &str, body: &str) -> (bool, Vec<u8>) {
    let len = body.len();
    let kind = "Content-Type: application/json\r\n";
    let text = format!("HTTP/1.1 {status}\r\n{fields}{kind}Content-Length: {len}\r\n\r\n{body}");
    (false, text.into_bytes())
}

fn login() -> [(bool, Vec<u8>); 2] {
    let body = r#"{"email":"kim@example.com","password":"hunter2"}"#;
    [
        asks("POST /v1/login", "", body),
        answers("200 OK", "Set-Cookie: sid=Ab12Cd34Ef56; HttpOnly\r\n", "{}"),
    ]
}

/// Tokens of the users who called.
fn callers(record: &Value) -> Vec<&str> {
    let entities = record["entities"].as_array().map(Vec::as_slice).unwrap_or_default();
    let users = entities.iter().filter(|e| e["kind"] == "USER" && e["role"] == "CALLER");
    users.map(|user| user["value"]["token"]["text"].as_str().unwrap()).collect()
}

#[test]
fn messages_and_events_are_of_who_opened_the_socket() {
    let mut traffic = Traffic::default();
    traffic.connection(&login());
    let cookie = "Cookie: sid=Ab12Cd34Ef56\r\n";
    let upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
    let key = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let accept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";
    let opens =
        format!("GET /ws HTTP/1.1\r\nHost: api.example\r\n{upgrade}{key}{cookie}\r\n").into_bytes();
    let opened = format!("HTTP/1.1 101 Switching Protocols\r\n{upgrade}{accept}\r\n").into_bytes();
    let payload = br#"{"type":"get"}"#;
    let asked: Vec<u8> =
        [0x81, 0x80 | 14, 0, 0, 0, 0].into_iter().chain(payload.iter().copied()).collect();
    let told: Vec<u8> = [0x81, 14].into_iter().chain(payload.iter().copied()).collect();
    traffic.connection(&[(true, opens), (false, opened), (true, asked), (false, told)]);
    let events = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";
    let event = b"event: price\ndata: {\"x\":1}\n\n".to_vec();
    traffic.connection(&[
        asks("GET /v1/events", cookie, ""),
        (false, events.into()),
        (false, event.clone()),
        (false, event),
    ]);
    for threads in [1, 4] {
        let records = traffic.records(threads);
        let login = records.iter().find(|r| r["operation"] == "POST /v1/login").unwrap();
        let known = callers(login);
        assert_eq!(known.len(), 1);
        let told = |protocol: &str| {
            records
                .iter()
                .filter(|r| r["operation"].as_str().unwrap().starts_with(protocol))
                .count()
        };
        // Of each direction of the socket its end is told, too.
        assert_eq!((told("WS "), told("SSE ")), (4, 2));
        for record in &records {
            assert_eq!(callers(record), known, "{}", record["operation"]);
        }
    }
}

#[test]
fn custom_methods_are_endpoints_of_their_own() {
    let mut traffic = Traffic::default();
    for verb in ["start", "stop"] {
        traffic.connection(&[
            asks(&format!("POST /v1/vms/7:{verb}"), "", "{}"),
            answers("200 OK", "", "{}"),
        ]);
    }
    let records = traffic.records(1);
    let operations: Vec<_> = records.iter().map(|r| r["operation"].as_str().unwrap()).collect();
    assert_eq!(operations, ["POST /v1/vms/{id}:start", "POST /v1/vms/{id}:stop"]);
    // The machine is the same.
    let machine = |record: &Value| record["request"]["path_params"][0]["value"].clone();
    assert_eq!(machine(&records[0]), machine(&records[1]));
}

#[test]
fn an_endpoint_is_one_line_of_the_inventory_from_its_first_call_on() {
    const WORDS: [&str; 12] = [
        "summer", "winter", "lazy", "brown", "fox", "river", "stone", "garden", "silver", "golden",
        "maple", "ember",
    ];
    let mut traffic = Traffic::default();
    for nth in 0..1200 {
        let slug = [WORDS[nth * 7 % 12], WORDS[(nth / 12 + nth) % 12]].join("-");
        let (path, body) = match nth % 6 {
            0 => ("/wiki/search".to_owned(), r#"{"hits":1,"page":1,"took":1,"max":1}"#),
            1 => (format!("/wiki/{slug}/history"), r#"{"edits":1,"by":1,"at":1,"old":1}"#),
            _ => (format!("/wiki/{slug}"), r#"{"title":1,"text":1,"author":1,"size":1}"#),
        };
        traffic.connection(&[asks(&format!("GET {path}"), "", ""), answers("200 OK", "", body)]);
    }
    let told = |threads| -> Value {
        let json = ["inventory", "--quiet", "--format", "json"];
        serde_json::from_slice(&traffic.output(&json, threads)).unwrap()
    };
    let report = told(1);
    let endpoints = report["endpoints"].as_array().unwrap();
    let calls: BTreeMap<_, _> =
        endpoints.iter().map(|e| (e["path"].as_str().unwrap(), e["calls"].as_u64())).collect();
    let want = [("/wiki/search", 200), ("/wiki/{id}", 800), ("/wiki/{id}/history", 200)];
    assert_eq!(calls, want.map(|(path, calls)| (path, Some(calls))).into());
    for endpoint in endpoints {
        let words = endpoint["folded"].as_array().map_or(0, Vec::len);
        assert_eq!(words > 1, endpoint["path"] != "/wiki/search", "{endpoint}");
    }
    assert_eq!(told(4), report);
    let described = traffic.output(&["inventory", "--quiet", "--format", "openapi"], 2);
    let described: Value = serde_json::from_slice(&described).unwrap();
    assert_eq!(described["paths"].as_object().unwrap().len(), 3);
}

#[test]
fn numbers_of_messages_calls_and_pages_are_no_walk_through_objects() {
    let key = |nth: usize| format!("X-Api-Key: k{nth}-0123456789abcdef\r\n");
    let rpc = r#"{"jsonrpc":"2.0","id":N,"method":"orders.list","params":{}}"#;
    let all = [
        ("GET /v1/orders/N", "", "", true),
        ("PUT /v1/orders", "", r#"{"id":N,"name":"a"}"#, true),
        ("GET /v1/orders", "X-Account-Id: N\r\n", "", true),
        ("POST /v1/messages/read", "", r#"{"message_id":N}"#, true),
        ("POST /rpc", "", rpc, false),
        (
            "POST /rpc",
            "",
            r#"{"jsonrpc":"2.0","id":7,"method":"orders.get","params":{"id":N}}"#,
            true,
        ),
        ("GET /v1/status", "X-Call-Id: N\r\nX-Sequence: N\r\n", "", false),
        ("POST /v1/reports", "", r#"{"request_id":N,"seq":N}"#, false),
        ("GET /v1/reports/77/pages/N", "", "", false),
    ];
    let mut traffic = Traffic::default();
    for (nth, (line, fields, body, _)) in all.iter().enumerate() {
        for n in 1200..1214 {
            let with = |text: &str| text.replace('N', &n.to_string());
            let fields = key(nth) + &with(fields);
            traffic.connection(&[
                asks(&with(line), &fields, &with(body)),
                answers("200 OK", "", "{}"),
            ]);
        }
    }
    let records = traffic.records(2);
    for ((line, _, body, walks), records) in all.iter().zip(records.chunks(14)) {
        let signals = records.iter().filter_map(|record| record["signals"].as_array()).flatten();
        let told = signals.into_iter().any(|signal| signal["id"] == "object.sequential");
        assert_eq!(told, *walks, "{line} {body}");
    }
}

#[test]
fn a_session_in_a_header_field_is_of_who_logged_in() {
    let mut traffic = Traffic::default();
    let body = r#"{"email":"kim@example.com","password":"hunter2"}"#;
    traffic.connection(&[
        asks("POST /v1/login", "", body),
        answers("200 OK", "", r#"{"sessionToken":"Ab12Cd34Ef56Gh78Jk90"}"#),
        asks("GET /v1/orders", "X-Session-Token: Ab12Cd34Ef56Gh78Jk90\r\n", ""),
        answers("200 OK", "", r#"{"email":"kim@example.com"}"#),
    ]);
    let records = traffic.records(1);
    let known = callers(&records[0]);
    assert_eq!((known.len(), callers(&records[1])), (1, known));
    assert_eq!(records[1]["auth"]["scheme"], "api_key");
}
