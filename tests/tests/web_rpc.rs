//! gRPC-Web and Connect by real programs: each call under the name of its method, with its status and its messages.

use std::collections::BTreeMap;

use apitap_tests::{path, records, run};
use serde_json::Value;

fn read() -> Vec<Value> {
    let mut args = ["read", "--quiet", "--output", "jsonl", "--key"].map(str::to_owned).to_vec();
    args.push(run::key().display().to_string());
    args.push(path("fixtures/web-rpc/input.pcap").display().to_string());
    records::lines(&run::run(args).ok("read").stdout)
}

/// Protocol, method of HTTP, name of the call, HTTP's status, its own, messages of both sides.
type Line = (String, String, String, u64, Option<u64>, u64, u64);

fn line(record: &Value) -> Line {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let grpc = &record["grpc"];
    let service = grpc["service"].as_str();
    assert_eq!(service, Some("acme.pay.v1.Payments"), "{}", record["operation"]);
    let operation = text(&record["operation"]);
    assert_eq!(operation, format!("acme.pay.v1.Payments/{}", text(&grpc["method"])));
    assert_eq!(record["request"]["path_template"], format!("/{operation}"));
    assert_eq!(record["api_style"], "GRPC");
    (
        text(&record["protocol"]),
        text(&record["request"]["method"]),
        text(&grpc["method"]),
        record["response"]["status"].as_u64().unwrap_or_default(),
        grpc["status"].as_u64(),
        grpc["request_messages"].as_u64().unwrap_or_default(),
        grpc["response_messages"].as_u64().unwrap_or_default(),
    )
}

#[test]
fn each_call_has_its_method_status_and_messages() {
    let mut told: BTreeMap<Line, i64> = BTreeMap::new();
    for record in read() {
        *told.entry(line(&record)).or_default() += 1;
    }
    let mut expect =
        |count, protocol: &str, by: &str, method: &str, status, own, messages: (u64, u64)| {
            let (protocol, by, method) = (protocol.to_owned(), by.to_owned(), method.to_owned());
            let line = (protocol, by, method, status, own, messages.0, messages.1);
            *told.entry(line).or_default() -= count;
        };
    // gRPC-Web: connect-es over both versions of HTTP, and the client for browsers in base64 and in binary.
    expect(4, "GRPC_WEB", "POST", "Charge", 200, Some(0), (1, 1));
    expect(4, "GRPC_WEB", "POST", "Packed", 200, Some(0), (1, 1));
    expect(4, "GRPC_WEB", "POST", "Refuse", 200, Some(5), (1, 0));
    expect(2, "GRPC_WEB", "POST", "Missing", 404, None, (1, 0));
    expect(4, "GRPC_WEB", "POST", "Watch", 200, Some(0), (1, 5));
    expect(1, "GRPC_WEB", "POST", "Upload", 200, Some(0), (3, 1));
    expect(1, "GRPC_WEB", "POST", "Talk", 200, Some(5), (3, 3));
    // Connect: binary and JSON, each with and without GET. Only streams have frames.
    for protocol in ["HTTP1", "HTTP2"] {
        expect(4, protocol, "POST", "Charge", 200, Some(0), (0, 0));
        expect(2, protocol, "POST", "Packed", 200, Some(0), (0, 0));
        expect(2, protocol, "GET", "Packed", 200, Some(0), (0, 0));
        expect(4, protocol, "POST", "Refuse", 404, Some(5), (0, 0));
        expect(4, protocol, "POST", "Missing", 404, None, (0, 0));
        expect(4, protocol, "POST", "Watch", 200, Some(0), (1, 5));
    }
    expect(4, "HTTP2", "POST", "Upload", 200, Some(0), (3, 1));
    expect(4, "HTTP2", "POST", "Talk", 200, Some(5), (3, 3));
    told.retain(|_, count| *count != 0);
    assert!(told.is_empty(), "told less expected: {told:?}");
}

#[test]
fn what_messages_hold_is_found_in_every_form() {
    let all = read();
    for record in all.iter().filter(|record| record["grpc"]["method"] == "Charge") {
        let found = record["findings"].to_string();
        let (protocol, kind) = (&record["protocol"], &record["request"]["body"]["media_type"]);
        for class in ["\"pan\"", "\"email\""] {
            assert!(found.contains(class), "{protocol} {kind}: {class}");
        }
    }
}
