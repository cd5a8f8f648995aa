//! The queries of `docs/siem`: every field they name is in the events that apitap writes of real calls, what they look
//! for in raw events is there, and KQL passes Microsoft's parser where that is installed.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use apitap_tests::{path, skip};
use regex::Regex;
use serde_json::Value;

use super::events;

/// Paths of all members of some events: `unmapped.objects.step`, lists left out.
fn paths(formats: &[&'static str]) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    for format in formats {
        let events = events(format);
        let mut open: Vec<(String, &Value)> = events.iter().map(|e| (String::new(), e)).collect();
        while let Some((at, value)) = open.pop() {
            match value {
                Value::Object(members) => {
                    for (name, inner) in members {
                        let at = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                        paths.insert(at.clone());
                        open.push((at, inner));
                    }
                }
                Value::Array(items) => open.extend(items.iter().map(|item| (at.clone(), item))),
                _ => {}
            }
        }
    }
    paths
}

fn page(name: &str) -> String {
    fs::read_to_string(path("docs/siem").join(name)).unwrap()
}

/// Fenced blocks of a kind.
fn blocks<'p>(page: &'p str, kind: &str) -> Vec<&'p str> {
    let fence = format!("```{kind}\n");
    page.split(fence.as_str()).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

/// Dotted names in a text without quoted strings, lists' marks left out.
fn named(text: &str) -> BTreeSet<String> {
    let quoted = Regex::new(r#""[^"\n]*""#).unwrap();
    let text = quoted.replace_all(text, "\"\"").replace("{}", "").replace("[]", "");
    let dotted = Regex::new(r"@?[a-z_][a-z_0-9]*(?:\.[a-z_0-9]+)+").unwrap();
    dotted.find_iter(&text).map(|found| found.as_str().to_owned()).collect()
}

/// What of a page's names no event has; `aliases`: what members are called once they are opened.
fn unknown(text: &str, paths: &BTreeSet<String>, aliases: &[(&str, &str)]) -> Vec<String> {
    let names = named(text);
    assert!(names.len() >= 10, "only {} names found", names.len());
    let known = |name: &String| {
        let opened = aliases.iter().find_map(|(alias, full)| {
            let rest = name.strip_prefix(alias)?;
            Some(format!("{full}{rest}"))
        });
        paths.contains(name) || opened.is_some_and(|name| paths.contains(&name))
    };
    names.into_iter().filter(|name| !known(name)).collect()
}

#[test]
fn fields_of_queries_are_in_events() {
    let ocsf = paths(&["ocsf"]);
    let ecs = paths(&["ecs"]);
    let hit = [
        ("hit.", "enrichments."),
        ("object.", "unmapped.objects."),
        ("data.", "enrichments.data."),
    ];
    let nested = [("finding.", "apitap.findings."), ("object.", "apitap.objects.")];
    for (name, kind, paths, aliases) in [
        ("splunk.md", "spl", &ocsf, &hit[..]),
        ("sentinel.md", "kusto", &ocsf, &hit[..]),
        ("elastic.md", "esql", &ecs, &nested[..]),
        ("opensearch.md", "ppl", &ecs, &nested[..]),
    ] {
        let page = page(name);
        let blocks = blocks(&page, kind);
        assert_eq!(
            blocks.concat().matches("smuggling").count(),
            1,
            "{name}: its hunts were not found"
        );
        let unknown = unknown(&blocks.concat(), paths, aliases);
        assert!(unknown.is_empty(), "{name}: no event has {unknown:?}");
    }
}

#[test]
fn the_check_of_fields_sees_what_is_not_there() {
    let ocsf = paths(&["ocsf"]);
    let page = page("splunk.md").replace("src_endpoint.ip", "src_endpoint.address");
    assert_eq!(
        unknown(
            &blocks(&page, "spl").concat(),
            &ocsf,
            &[("hit.", "enrichments."), ("data.", "enrichments.data.")]
        ),
        ["src_endpoint.address"]
    );
}

#[test]
fn properties_of_qradar_are_in_events_and_in_its_queries() {
    let ocsf = paths(&["ocsf"]);
    let page = page("qradar.md");
    let expression = Regex::new(r#"`((?:/"[a-z_]+"(?:\[0\])?)+)`"#).unwrap();
    let mut found = 0;
    for expression in expression.captures_iter(&page) {
        let path = expression[1].replace("[0]", "").replace("/\"", ".").replace('"', "");
        assert!(ocsf.contains(path.trim_start_matches('.')), "{path}");
        found += 1;
    }
    assert!(found >= 20, "{found} expressions");
    let table = page.split("## Hunts").next().unwrap();
    let aql = blocks(&page, "sql").concat();
    let payload = Regex::new(r"'[^'\n]*'").unwrap();
    let aql = payload.replace_all(&aql, "''");
    let property = Regex::new(r#""([A-Z][A-Za-z ]+)""#).unwrap();
    let used: BTreeSet<&str> =
        property.captures_iter(&aql).map(|found| found.get(1).unwrap().as_str()).collect();
    assert!(used.len() >= 10, "{used:?}");
    for name in used {
        assert!(table.contains(name), "no property {name}");
    }
}

#[test]
fn what_is_looked_for_in_raw_events_is_there() {
    // As they are written: the order of members matters here.
    let _made = events("ocsf");
    let lines = fs::read_to_string(path("target/siem/ocsf.jsonl")).unwrap();
    let matched = |pattern: &str| {
        let regex = Regex::new(pattern).unwrap();
        lines.lines().any(|line| regex.is_match(line))
    };
    let (qradar, chronicle) = (page("qradar.md"), page("chronicle.md"));
    let like = Regex::new(r"payload\) LIKE '%([^']*)%'").unwrap();
    let matches = Regex::new(r"payload\) MATCHES '([^']*)'").unwrap();
    let raw = Regex::new(r"raw = /([^/]*)/").unwrap();
    let mut patterns: Vec<String> = like
        .captures_iter(&qradar)
        .map(|found| regex::escape(&found[1]).replace('%', ".*"))
        .collect();
    patterns.extend(matches.captures_iter(&qradar).map(|found| format!("^(?:{})$", &found[1])));
    patterns.extend(raw.captures_iter(&chronicle).map(|found| found[1].to_owned()));
    assert!(patterns.len() >= 6, "{patterns:?}");
    for pattern in patterns {
        assert!(matched(&pattern), "no event has {pattern}");
    }
}

#[test]
fn fields_of_chronicles_parser_are_in_events() {
    let ocsf = paths(&["ocsf"]);
    let page = page("chronicle.md");
    let filter = page.split("filter {").nth(1).unwrap().split("## Hunts").next().unwrap();
    let used = Regex::new(r"%\{([a-z_.]+)\}|\[([a-z_\]\[]+)\] !=|rename => \{ .([a-z_.]+)|=> .((?:src|dst)_endpoint[a-z_.]+)").unwrap();
    let mut found = 0;
    for captures in used.captures_iter(filter) {
        let name = captures.iter().skip(1).flatten().next().unwrap().as_str().replace("][", ".");
        let name =
            name.strip_prefix("hit.").map_or(name.clone(), |rest| format!("enrichments.{rest}"));
        assert!(ocsf.contains(&name), "{name}");
        found += 1;
    }
    assert!(found >= 15, "{found} fields");
}

#[test]
fn samples_and_settings_are_json() {
    for (name, least) in [("splunk.md", 2), ("elastic.md", 1), ("sentinel.md", 1)] {
        let page = page(name);
        let blocks = blocks(&page, "json");
        assert!(blocks.len() >= least, "{name}");
        for block in blocks {
            let read = serde_json::from_str::<Value>(block);
            assert!(read.is_ok(), "{name}: {:?}", read.err());
        }
    }
}

#[test]
fn kql_passes_its_parser() {
    let mut command = Command::new("node");
    command.arg(path("tests/siem/kql.js")).arg(path("docs/siem/sentinel.md"));
    let Ok(output) = command.output() else { return skip("KQL", "there is no Node.js") };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.code() == Some(3) {
        return skip("KQL", said.trim());
    }
    assert!(output.status.success(), "{said}");
}
