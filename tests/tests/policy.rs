//! The privacy policy as users see it: `apitap check` and `apitap read --explain`.

use std::fs;
use std::path::Path;
use std::time::Duration;

use apitap_tests::run::{self, Run};
use apitap_tests::{input, path, records};

const POLICY: &str = "\
[privacy.classes]
pan = 'drop'

[privacy.labels]
email = ['GDPR', 'CCPA']

[[privacy.rules]]
name = 'first-names'
location = 'response.body'
field = '*name*'
action = 'mask'
mask_last = 1

[[privacy.rules]]
class = 'ip'
action = 'keep'
i_accept_raw = true
";

fn apitap(arguments: &[&str], config: &Path) -> Run {
    let mut command = run::apitap();
    command.args(arguments).arg("--config").arg(config);
    run::finish(command, Duration::from_secs(60))
}

/// A configuration file of this text.
fn file(text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("apitap.toml");
    fs::write(&path, text).unwrap();
    (folder, path)
}

/// The words of the line that begins with this one.
fn row<'t>(text: &'t str, first: &str) -> Vec<&'t str> {
    let rows = text.lines().map(|line| line.trim_start_matches('#').split_whitespace());
    let mut rows = rows.map(Iterator::collect::<Vec<_>>);
    rows.find(|row| row.first() == Some(&first)).unwrap_or_default()
}

#[test]
fn check_prints_the_policy_in_force() {
    let (_folder, config) = file(POLICY);
    let run = apitap(&["check"], &config).ok("check");
    let text = run.text();
    assert_eq!(
        row(&text, "pan"),
        ["pan", "drop", "line", "2", "PCI_DSS", "GDPR", "K_PIPA", "built-in"]
    );
    assert_eq!(row(&text, "email"), ["email", "token", "built-in", "GDPR", "CCPA", "line", "5"]);
    assert_eq!(row(&text, "cvv"), ["cvv", "drop", "always", "PCI_DSS", "built-in"]);
    assert_eq!(
        row(&text, "1"),
        ["1", "first-names", "mask", "line", "7", "location=response.body", "field=*name*"]
    );
    assert_eq!(row(&text, "2")[..5], ["2", "rule-2", "keep", "line", "14"]);
    assert!(
        text.contains("# warning: privacy rule rule-2 lets values of class ip leave"),
        "{text}"
    );
    // All of it is a configuration that says the same.
    let (_folder, again) = file(&text);
    let again = apitap(&["check"], &again).ok("check of what check printed").text();
    let id = |text: &str| row(text, "configuration").join(" ");
    assert!(!id(&text).is_empty());
    assert_eq!(id(&text), id(&again));
}

#[test]
fn a_wrong_policy_is_refused_with_its_place() {
    for (text, expected) in [
        ("[privacy.classes]\npna = 'drop'\n", "apitap.toml:2:1: unknown data class \"pna\""),
        (
            "[privacy.classes]\ncvv = 'mask'\n",
            "apitap.toml:2:1: values of class \"cvv\" must never",
        ),
        (
            "[[privacy.rules]]\nfield = 'a'\naction = 'keep'\nclass = 'pan'\n",
            "apitap.toml:3:1: values of class \"pan\" would leave as they are",
        ),
        ("[[privacy.rules]]\naction = 'hide'\n", "apitap.toml:2:10: unknown variant `hide`"),
    ] {
        let (_folder, config) = file(text);
        let run = apitap(&["check"], &config);
        assert_eq!(run.code, Some(2), "{text}");
        assert!(
            run.errors().len() == 1 && run.errors()[0].contains(expected),
            "{:?}",
            run.errors()
        );
    }
}

#[test]
fn explanations_tell_for_each_value_what_decided() {
    let (_folder, config) = file(POLICY);
    let capture = input(&path("fixtures/chunked")).unwrap();
    let capture = capture.to_str().unwrap();
    let run = apitap(&["read", "--explain", "--output", "jsonl", capture], &config).ok("explain");
    let rows = records::lines(&run.stdout);
    let mut masked = rows.iter().filter(|row| row["rule"] == "first-names");
    let first = masked.next().unwrap();
    assert_eq!((&first["action"], &first["class"]), (&"mask".into(), &"name".into()));
    assert_eq!(first["location"], "response.body:$.list[].name");
    assert!(rows.iter().any(|row| row["rule"] == "dictionary:id" && row["action"] == "token"));
    // As many calls as there are records, by their ids.
    let records = apitap(&["read", "--output", "jsonl", capture], &config).ok("read");
    let ids: std::collections::BTreeSet<String> =
        records::lines(&records.stdout).iter().map(|r| r["id"].as_str().unwrap().into()).collect();
    assert!(rows.iter().all(|row| ids.contains(row["call"].as_str().unwrap())));
    let finding = records::lines(&records.stdout).into_iter().find_map(|record| {
        let findings = record["findings"].as_array()?.clone();
        findings.into_iter().find(|finding| finding["rule"] == "first-names")
    });
    assert_eq!(finding.unwrap()["action"], "MASKED");

    let run = apitap(&["read", "--explain", "--output", "table", capture], &config).ok("table");
    assert_eq!(row(&run.text(), "RULE")[..2], ["RULE", "ACTION"]);
    assert_eq!(row(&run.text(), "first-names")[1..3], ["mask", "name"]);
    let run = apitap(&["read", "--explain", "--output", "ecs", capture], &config);
    assert_eq!(run.code, Some(2), "{}", run.stderr);
}

#[test]
fn detectors_of_ones_own_find_what_they_describe() {
    let text = "[[privacy.detectors]]\nname = 'article_no'\nregex = '^SKU-\\d{5}$'\nlabels = ['SHOP']\n\
                [[privacy.detectors]]\nname = 'tea'\nwords = ['Tea No. 4']\naction = 'drop'\n\
                [[privacy.detectors]]\nname = 'post'\nfields = ['zip']\n";
    let capture = input(&path("fixtures/shop")).unwrap();
    let capture = capture.to_str().unwrap();
    let (_folder, config) = file(text);
    let run = apitap(&["read", "--output", "jsonl", capture], &config).ok("read");
    let records = records::lines(&run.stdout);
    let findings: Vec<_> = records
        .iter()
        .flat_map(|r| r["findings"].as_array().cloned().unwrap_or_default())
        .collect();
    let of = |class: &str| findings.iter().find(|finding| finding["class"] == class);
    let article = of("article_no").expect("a finding of the pattern");
    assert_eq!((&article["action"], &article["labels"]), (&"TOKENIZED".into(), &["SHOP"].into()));
    assert_eq!(of("tea").expect("a finding of the word")["action"], "DROPPED");
    assert_eq!(of("post").expect("a finding of the name")["action"], "TOKENIZED");
    // The same article has the same token in a path and in a body.
    let tokens = |side: &str, at: &str| -> std::collections::BTreeSet<String> {
        let text: String = records.iter().map(|record| record[side][at].to_string()).collect();
        let parts = text.split('"').filter(|part| part.starts_with("tok_article_no_"));
        parts.map(str::to_owned).collect()
    };
    let (path, body) = (tokens("request", "path_params"), tokens("response", "body"));
    assert!(path.intersection(&body).next().is_some());
    assert!(!run.text().contains("SKU-0"));
}
