//! Paths learned while running: templates are the same after a restart, and the inventory has them.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use apitap_tests::lab::{Lab, nothing_lost};
use apitap_tests::mirror::{SERVER, Through};
use apitap_tests::run;
use serde_json::Value;

const CATALOG: &str = r#"location /catalog/ { default_type application/json;
    return 200 '{"id":1,"title":"a","state":"b","stock":2,"labels":"c"}'; }"#;

fn ask(lab: &Lab, path: &str) {
    let request = format!("GET {path} HTTP/1.1\r\nhost: shop.example\r\nconnection: close\r\n\r\n");
    lab.mirror.client.within(move || {
        let mut stream = TcpStream::connect((SERVER, 80)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 "), "{answer}");
    });
}

/// Template, source and version of each record.
fn templates(lab: &Lab) -> Vec<(String, String, u64)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let of = |record: &Value| {
        let request = &record["request"];
        let version = request["template_version"].as_u64().unwrap_or_default();
        (text(&request["path_template"]), text(&request["template_source"]), version)
    };
    lab.records().iter().map(of).collect()
}

#[test]
fn templates_are_the_same_after_a_restart() {
    let test = "templates_are_the_same_after_a_restart";
    let Some(lab) = Lab::with(test, Through::Wire, CATALOG) else { return };
    lab.home.configure(
        "output.file.path = '{home}/records.jsonl'\nendpoints.directory = '{home}/endpoints'\ninventory.enabled = true\n\
         inventory.directory = '{home}/inventory'\n",
    );
    let sensor = lab.start();
    for _ in 0..4 {
        for slug in ["summer-sale", "lazy-fox", "silver-stone"] {
            ask(&lab, &format!("/catalog/{slug}"));
        }
        ask(&lab, "/nowhere");
    }
    let learned = |status: &Value| status["metrics"]["endpoints"]["endpoint_changes"] == 1;
    let status = sensor.until("paths are learned", learned);
    let calls = &status["metrics"]["endpoints"]["endpoint_calls"];
    assert_eq!((&calls["learned"], &calls["unanswered"]), (&12.into(), &4.into()), "{calls}");
    ask(&lab, "/catalog/red-mango");
    let written = |status: &Value| status["sinks"][0]["delivered"] == 17;
    nothing_lost(&sensor.until("all is written", written));
    assert_eq!(sensor.end(), Some(0), "{}", lab.home.log());
    let before = templates(&lab);
    assert_eq!(before[0], ("/catalog/summer-sale".into(), "TYPED".into(), 0));
    let wanted = ("/catalog/{id}".into(), "LEARNED".into(), 1);
    assert_eq!(before.last(), Some(&wanted));

    let state = fs::read(lab.home.file("endpoints/state")).unwrap();
    assert!(state.starts_with(b"apitap-sealed 1\n"));
    let sensor = lab.start();
    ask(&lab, "/catalog/north-river");
    sensor.until("it is written", |status| status["sinks"][0]["delivered"] == 1);
    assert_eq!(sensor.end(), Some(0), "{}", lab.home.log());
    assert_eq!(templates(&lab).last(), Some(&wanted));

    let mut command = run::apitap();
    command.args(["inventory", "--quiet", "--format", "openapi"]);
    command.arg(lab.home.file("inventory/state"));
    let described = run::finish(command, Duration::from_secs(60)).ok("the inventory as OpenAPI");
    let described: Value = serde_json::from_slice(&described.stdout).unwrap();
    let parameters = &described["paths"]["/catalog/{id}"]["get"]["parameters"];
    assert_eq!((&parameters[0]["name"], &parameters[0]["in"]), (&"id".into(), &"path".into()));
}
