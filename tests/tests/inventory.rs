//! `apitap inventory`: every source gives the same, its OpenAPI description accepts the traffic it came from, and a
//! specification is compared with. The page is in `page.rs`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use apitap_tests::run::{self, Run};
use apitap_tests::{input, path, skip};
use serde_json::{Value, json};

const MINUTE: Duration = Duration::from_secs(60);

fn capture(case: &str) -> PathBuf {
    input(&path("fixtures").join(case)).expect("the fixture is there")
}

fn inventory(files: &[&Path], arguments: &[&str]) -> Run {
    let mut command = run::apitap();
    command.args(["inventory", "--quiet", "--key"]).arg(run::key()).args(arguments).args(files);
    run::finish(command, MINUTE)
}

fn told(files: &[&Path], arguments: &[&str]) -> Value {
    let run = inventory(files, &[&["--format", "json"], arguments].concat()).ok("inventory");
    serde_json::from_slice(&run.stdout).unwrap()
}

#[test]
fn captures_records_and_lines_give_the_same() {
    let capture = capture("shop");
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for format in ["protobuf", "jsonl"] {
        let file = folder.path().join(format);
        let mut command = run::apitap();
        command.args(["read", "--quiet", "--output", format, "--key"]).arg(run::key());
        command.arg("--out").arg(&file).arg(&capture);
        assert_eq!(run::finish(command, MINUTE).code, Some(0));
        files.push(file);
    }
    let want = told(&[&capture], &["--threads", "1"]);
    assert_eq!(want["calls"], 39);
    assert_eq!(told(&[&capture], &["--threads", "3"]), want);
    for file in &files {
        assert_eq!(told(&[file], &[]), want, "{}", file.display());
    }
    // Two sources add up.
    let both = told(&[&files[0], &files[1]], &[]);
    let calls = |report: &Value| report["endpoints"][0]["calls"].as_u64().unwrap();
    assert_eq!((&both["calls"], calls(&both)), (&json!(78), 2 * calls(&want)));
}

#[test]
fn an_endpoint_is_told_with_its_figures() {
    let report = told(&[&capture("shop")], &[]);
    let endpoints = report["endpoints"].as_array().unwrap();
    let of = |method: &str, path: &str| {
        let found = endpoints.iter().find(|e| e["method"] == method && e["path"] == path);
        found.unwrap_or_else(|| panic!("{method} {path}"))
    };
    let users = of("GET", "/v1/users/{user_id}");
    assert_eq!(users["statuses"], json!({"200": 2, "401": 2, "403": 1}));
    assert_eq!(users["api_version"], "v1");
    assert_eq!(users["auth"]["schemes"]["counts"], json!({"bearer": 4, "none": 1}));
    assert!(users["classes"]["kr_rrn"]["calls_out"].as_u64() > Some(0));
    assert!(users["risk"]["score"].as_u64() >= Some(20));
    let points = users["risk"]["parts"].as_array().unwrap().iter();
    let sum: u64 = points.map(|part| part["points"].as_u64().unwrap()).sum();
    assert_eq!(users["risk"]["score"].as_u64(), Some(sum.min(100)));
    let payments = of("POST", "/v1/payments");
    let fields = payments["request_bodies"][0]["fields"].as_array().unwrap();
    assert!(fields.iter().any(|f| f["classes"] == json!(["pan"]) && f["required"] == true));
    let entity = &report["entities"][0];
    assert!(
        entity["moments"].as_array().unwrap().len() as u64 == entity["calls"].as_u64().unwrap()
    );
    assert_eq!(told(&[&capture("shop")], &["--host", "other.example"])["calls"], 0);
}

#[test]
fn endpoints_beyond_the_limit_are_counted() {
    let report = told(&[&capture("leak")], &["--endpoints-max", "10"]);
    let kept: u64 =
        report["endpoints"].as_array().unwrap().iter().map(|e| e["calls"].as_u64().unwrap()).sum();
    assert!(report["endpoints"].as_array().unwrap().len() <= 10);
    let left = report["left_out"]["endpoint_calls"].as_u64().unwrap();
    let unknown = report["left_out"]["unknown_calls"].as_u64().unwrap();
    assert!(left > 0);
    assert_eq!(report["calls"].as_u64().unwrap(), kept + left + unknown);
}

/// The case's capture as classic pcap, uncompressed, and its description.
fn described(case: &str, folder: &Path) -> (PathBuf, PathBuf) {
    let capture = capture(case);
    let plain = folder.join(format!("{case}.pcap"));
    fs::write(&plain, apitap_tests::records::read(&capture)).unwrap();
    let description = folder.join(format!("{case}.json"));
    let run = inventory(&[&plain], &["--format", "openapi"]).ok(case);
    fs::write(&description, run.stdout).unwrap();
    (plain, description)
}

#[test]
fn a_description_accepts_the_traffic_it_came_from() {
    let python = std::env::var_os("APITAP_PYTHON").unwrap_or_else(|| "python3".into());
    let folder = tempfile::tempdir().unwrap();
    let replay = |description: &Path, capture: &Path| {
        let mut command = Command::new(&python);
        command.arg(path("tests/openapi/replay.py")).arg(description).arg(capture);
        run::finish(command, MINUTE)
    };
    if !run::installed("python3") && std::env::var_os("APITAP_PYTHON").is_none() {
        return skip("replaying traffic", "there is no Python");
    }
    for case in ["shop", "pipelined", "codings", "xml", "multipart", "keepalive"] {
        let (capture, description) = described(case, folder.path());
        let run = replay(&description, &capture);
        if run.code == Some(3) {
            return skip("replaying traffic", run.text().trim());
        }
        assert_eq!(run.code, Some(0), "{case}: {}{}", run.text(), run.stderr);
    }
    // The judge does refuse.
    let (capture, description) = described("shop", folder.path());
    let text = fs::read_to_string(&description).unwrap();
    for (from, to) in [
        ("\"integer\"", "\"boolean\""),
        ("\"201\"", "\"299\""),
        ("\"required\": [", "\"required\": [\"nope\","),
    ] {
        let spoiled = folder.path().join("spoiled.json");
        fs::write(&spoiled, text.replace(from, to)).unwrap();
        assert_eq!(replay(&spoiled, &capture).code, Some(1), "{from} became {to}");
    }
}

#[test]
fn a_description_holds_no_values() {
    let run = inventory(&[&capture("shop")], &["--format", "openapi"]).ok("openapi");
    let text = run.text();
    for word in ["tok_", "example\":", "examples", "default\":", "홍"] {
        assert!(!text.contains(word), "{word}");
    }
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"], json!([{"url": "http://shop.example"}]));
    let get = &document["paths"]["/v1/products"]["get"];
    let names: Vec<&str> =
        get["parameters"].as_array().unwrap().iter().filter_map(|p| p["name"].as_str()).collect();
    assert!(["category", "page", "limit"].iter().all(|name| names.contains(name)), "{names:?}");
    assert_eq!(document["components"]["securitySchemes"]["bearer"]["bearerFormat"], "JWT");
}

#[test]
fn what_was_seen_does_not_differ_from_its_own_description() {
    let folder = tempfile::tempdir().unwrap();
    for case in ["shop", "keepalive", "leak", "xml", "mydata", "multipart", "codings", "streams"] {
        let description = folder.path().join("own.json");
        let run = inventory(&[&capture(case)], &["--format", "openapi"]).ok(case);
        fs::write(&description, run.stdout).unwrap();
        let spec =
            told(&[&capture(case)], &["--spec", description.to_str().unwrap()])["specification"]
                .take();
        for list in ["shadow", "zombie", "orphan", "drift"] {
            assert_eq!(spec[list], json!([]), "{case}: {list}");
        }
        assert!(spec["documented"].as_u64() > Some(0), "{case}");
    }
}

const SPEC: &str = "
openapi: 3.0.3
info: {title: Shop, version: '2'}
servers: [{url: 'https://shop.example/v1'}]
security: [{bearer: []}]
paths:
  /users/{id}:
    get:
      responses:
        200:
          description: a user
          content:
            application/json:
              schema:
                type: object
                required: [id, nickname]
                properties:
                  id: {type: string}
                  nickname: {type: string}
        default: {description: bad, content: {'*/*': {}}}
  /products:
    get:
      deprecated: true
      parameters:
        - {name: page, in: query, schema: {type: boolean}}
        - {name: currency, in: query, required: true, schema: {type: string}}
      responses: {200: {description: products, content: {application/json: {}}}}
  /never/called:
    post: {responses: {204: {description: done}}}
components:
  securitySchemes: {bearer: {type: http, scheme: bearer}}
";

#[test]
fn a_specification_is_compared_with() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("spec.yaml");
    fs::write(&file, SPEC).unwrap();
    let report = told(&[&capture("shop")], &["--spec", file.to_str().unwrap()]);
    let spec = &report["specification"];
    assert_eq!(spec["orphan"][0]["path"], "/never/called");
    let zombies = spec["zombie"].as_array().unwrap();
    assert!(zombies.iter().any(|z| z["path"] == "/v1/products" && z["why"] == "deprecated"));
    assert!(spec["shadow"].as_array().unwrap().iter().any(|s| s["path"] == "/v1/payments"));
    assert_eq!(spec["probes"], 1);
    let drift = spec["drift"].as_array().unwrap();
    for (kind, name) in [
        ("field_type", "$.id"),
        ("missing_field", "$.nickname"),
        ("undeclared_field", "$.email"),
        ("undeclared_parameter", "category"),
        ("parameter_type", "page"),
        ("missing_parameter", "currency"),
        ("missing_auth", ""),
    ] {
        assert!(
            drift.iter().any(|d| d["kind"] == kind && d["name"] == name),
            "{kind} {name}: {drift:?}"
        );
    }
    let shadow =
        report["endpoints"].as_array().unwrap().iter().find(|e| e["path"] == "/v1/payments");
    assert!(shadow.unwrap()["risk"]["parts"].to_string().contains("shadow"));
    let table =
        inventory(&[&capture("shop")], &["--spec", file.to_str().unwrap()]).ok("table").text();
    assert!(table.contains("[shadow]") && table.contains("orphan  POST /never/called"), "{table}");
}

#[test]
fn what_cannot_be_used_is_said_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let (bad, lines) = (
        file("bad.yaml", "a: [1\nb: }"),
        file("lines.jsonl", "{\"id\": \"secret-7\", \"protocol\": \"NONE\"}\n"),
    );
    let shop = capture("shop");
    for (run, word) in [
        (inventory(&[&shop], &["--spec", bad.to_str().unwrap()]), "bad.yaml"),
        (inventory(&[&shop], &["--spec", "/nowhere.json"]), "/nowhere.json"),
        (inventory(&[&lines], &[]), "line 1 is no record"),
        (inventory(&[Path::new("/nowhere.pb")], &[]), "/nowhere.pb"),
        (inventory(&[&shop], &["--out", "/nowhere/x.html"]), "/nowhere/x.html"),
    ] {
        assert_eq!(run.code, Some(1), "{word}");
        assert!(run.errors().len() == 1 && run.stderr.contains(word), "{word}: {}", run.stderr);
        assert!(!run.stderr.contains("secret-7"));
    }
}

#[test]
fn an_input_is_not_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.pcap");
    fs::copy(capture("shop"), &file).unwrap();
    let run = inventory(&[&file], &["--out", file.to_str().unwrap()]);
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    assert_eq!(fs::read(&file).unwrap(), fs::read(capture("shop")).unwrap());
}
