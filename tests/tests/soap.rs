//! SOAP with attachments, as JAX-WS sends and answers it.

use apitap_tests::{path, records, run};
use serde_json::{Value, json};

#[test]
fn attachments_are_told_as_parts() {
    let mut args = ["read", "--quiet", "--output", "jsonl", "--key"].map(str::to_owned).to_vec();
    args.push(run::key().display().to_string());
    args.push(path("fixtures/mtom/input.pcap").display().to_string());
    let all = records::lines(&run::run(args).ok("read").stdout);
    let calls: Vec<&Value> = all.iter().filter(|r| r["api_style"] == "SOAP").collect();
    assert_eq!(calls.len(), 8);
    let versions = [("/v1/photos", "1.1", "Server"), ("/v2/photos", "1.2", "Receiver")];
    for ((path, version, code), calls) in versions.into_iter().zip(calls.chunks(4)) {
        let told: Vec<Value> = calls
            .iter()
            .map(|record| {
                let soap = &record["soap"];
                assert_eq!(soap["version"], version);
                assert_eq!(soap["action"], soap["operation"]);
                let operation = format!("POST {path} {}", soap["operation"].as_str().unwrap());
                assert_eq!(record["operation"], operation);
                // Octets of the parts behind the envelope.
                let parts = soap["parts"].as_array().unwrap();
                assert_eq!(parts[0]["media_type"], "application/xop+xml");
                let bytes: Vec<&Value> = parts[1..].iter().map(|part| &part["bytes"]).collect();
                json!([soap["operation"], soap["parts_total"], bytes, soap["fault_code"]])
            })
            .collect();
        let expected = [
            json!(["StorePhoto", 3, ["700", "300"], null]),
            json!(["StorePhoto", 2, ["700"], null]),
            json!(["FetchPhoto", 1, [], null]),
            json!(["FetchPhoto", 1, [], code]),
        ];
        assert_eq!(told, expected, "SOAP {version}");
    }
}
