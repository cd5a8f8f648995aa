//! Keys and tokens as operators use them: rotation under traffic, tenants, reversal that is written down.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Output;
use std::time::Duration;

use apitap_tests::daemon::USER;
use apitap_tests::lab::{Lab, nothing_lost};
use apitap_tests::mirror::Through;
use apitap_tests::traffic::{self, Client, each_once};
use apitap_tests::{input, path, records, run};
use rustix::process::Signal;
use serde_json::Value;

const EMAIL: &str = "ignatius.quellborn@mail.example.com";

/// Key id, text, and key ids and texts of previous tokens.
type Seen = (String, String, Vec<(String, String)>);

fn seen(token: &Value) -> Seen {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let previous = token["previous"].as_array().into_iter().flatten();
    let previous = previous.map(|token| (text(&token["key_id"]), text(&token["text"])));
    (text(&token["key_id"]), text(&token["text"]), previous.collect())
}

/// Another key, then the end of the old one, each by a reload in the middle of traffic.
#[test]
fn a_rotation_under_traffic_loses_nothing_and_joins() {
    let test = "a_rotation_under_traffic_loses_nothing_and_joins";
    let Some(lab) = Lab::new(test, Through::Wire) else { return };
    lab.home.configure("output.file.path = '{home}/records.jsonl'\n");
    let sensor = lab.start();
    let client = Client::start(&lab.mirror, 0, Duration::from_millis(1));
    let goes_on = |more: u32| {
        let until = client.made() + more;
        sensor.until("calls are made", |_| client.made() >= until);
        client.made()
    };
    let key = lab.home.file("key");
    let change = |args: &[&str], reloads: u32| {
        run::run(["key", args[0], key.to_str().unwrap()].iter().chain(&args[1..])).ok(args[0]);
        let begun = client.made();
        // What was captured before is redacted before, also by a worker that is behind.
        let redacted = u64::from(begun) + 100;
        sensor.until("calls arrive", |status| {
            status["sinks"][0]["delivered"].as_u64().is_some_and(|delivered| delivered >= redacted)
        });
        sensor.signal(Signal::HUP);
        sensor.until("it reloaded", |status| status["reloads"]["succeeded"] == reloads);
        begun
    };
    goes_on(200);
    let first = change(&["add"], 1);
    let metadata = fs::metadata(&key).unwrap();
    assert_eq!((metadata.uid(), metadata.permissions().mode() & 0o7777), (USER, 0o600));
    let added = goes_on(200);
    let second = change(&["retire", "--id", "test"], 2);
    let retired = goes_on(200);
    goes_on(100);
    let made = client.stop();
    nothing_lost(&sensor.settled());
    assert_eq!(sensor.end(), Some(0), "{}", lab.home.log());

    let records = lab.records();
    each_once(&records, 0..made);
    let tokens: BTreeMap<u32, Seen> = records
        .iter()
        .map(|record| {
            let token = seen(&record["request"]["path_token"]);
            assert_eq!(record["sensor"]["key_id"], token.0, "{record}");
            (traffic::asked(record).unwrap(), token)
        })
        .collect();
    // All calls are of one path: there are three tokens, one after the other.
    let of = |numbers: std::ops::Range<u32>| -> BTreeSet<&Seen> {
        tokens.range(numbers).map(|(_, seen)| seen).collect()
    };
    let one = |numbers: std::ops::Range<u32>| {
        let all = of(numbers.clone());
        assert_eq!(all.len(), 1, "{numbers:?}: {all:?}");
        all.into_iter().next().unwrap().clone()
    };
    let (old, both, new) = (one(0..first), one(added..second), one(retired..made));
    assert_eq!((old.0.as_str(), old.2.len()), ("test", 0));
    assert_eq!(both.0, "k1");
    assert_eq!(both.2, [(old.0.clone(), old.1.clone())], "it joins what was recorded before");
    assert_eq!(new, (both.0.clone(), both.1.clone(), vec![]));
    assert!(of(0..made).is_subset(&BTreeSet::from([&old, &both, &new])));
}

/// One 5-tuple on three VLANs: two of tenants, one of nobody.
#[test]
fn tenants_are_told_by_vlan() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("apitap.toml");
    let capture = input(&path("fixtures/three-vlans")).unwrap();
    let read = |config: Option<&Path>| {
        let mut args = vec!["read".to_owned(), "--quiet".to_owned(), "--output=jsonl".to_owned()];
        args.push(format!("--key={}", run::key().display()));
        args.extend(config.map(|config| format!("--config={}", config.display())));
        args.push(capture.display().to_string());
        records::lines(&run::run(args).ok("read").stdout)
    };
    let vlan = |record: &Value| record["network"]["vlans"][0].as_u64().unwrap();
    let vlans: BTreeSet<u64> = read(None).iter().map(vlan).collect();
    let [a, b, c] = Vec::from_iter(vlans).try_into().unwrap();
    let tenants = format!(
        "[[privacy.tenants]]\nname = 'a'\nvlans = [{a}]\n[[privacy.tenants]]\nname = 'b'\nvlans = [4000, {b}]\n"
    );
    fs::write(&config, tenants).unwrap();
    let mut tokens: BTreeMap<u64, BTreeSet<String>> = BTreeMap::new();
    for record in read(Some(&config)) {
        let tenant = record["tenant"].as_str().unwrap_or_default().to_owned();
        let of = vlan(&record);
        assert_eq!(tenant, BTreeMap::from([(a, "a"), (b, "b"), (c, "")])[&of]);
        tokens.entry(of).or_default().insert(seen(&record["request"]["path_token"]).1);
    }
    assert!(tokens[&a].is_disjoint(&tokens[&b]) && tokens[&a].is_disjoint(&tokens[&c]));
    assert!(tokens[&b].is_disjoint(&tokens[&c]));
}

fn detokenize(args: &[&str], input: Option<&Path>) -> Output {
    let mut command = run::apitap();
    command.arg("detokenize").args(args);
    if let Some(input) = input {
        command.stdin(File::open(input).unwrap());
    }
    command.output().unwrap()
}

#[test]
fn reversible_tokens_are_opened_and_it_is_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let (config, records, audit) = (file("apitap.toml"), file("records.jsonl"), file("audit"));
    let settings = format!(
        "sensor.key_file = '{}'\nsensor.audit_file = '{audit}'\n[privacy]\ntenant = 'shop'\nreversible = ['email']\n",
        run::key().display()
    );
    fs::write(&config, settings).unwrap();
    let leak = input(&path("fixtures/leak")).unwrap();
    let out = format!("--out={records}");
    let from = format!("--config={config}");
    run::run(["read", "--quiet", "--output=jsonl", &out, &from, leak.to_str().unwrap()]).ok("read");
    let text = fs::read_to_string(&records).unwrap();
    assert!(text.contains("\"siv_email_test_") && !text.contains("ignatius"), "no such token");

    // All tokens of the file, each once, with their values.
    let output = detokenize(&[&from, "--reason= case 4711 "], Some(Path::new(&records)));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{told}");
    let lines = records::lines(&output.stdout);
    let opened: BTreeMap<&str, &str> = lines
        .iter()
        .map(|line| (line["token"].as_str().unwrap(), line["value"].as_str().unwrap()))
        .collect();
    assert_eq!(opened.len(), lines.len());
    let (token, _) = opened.iter().find(|(_, value)| **value == EMAIL).expect("the address");
    let entry: Value = serde_json::from_str(&fs::read_to_string(&audit).unwrap()).unwrap();
    assert_eq!((&entry["reason"], &entry["opened"]), (&"case 4711".into(), &lines.len().into()));
    assert_eq!(entry["uid"], rustix::process::getuid().as_raw());
    assert_eq!((&entry["keys"][0], &entry["tenants"][0]), (&"test".into(), &"shop".into()));
    assert!(!entry.to_string().contains("quellborn") && !entry.to_string().contains("siv_"));
    assert_eq!(fs::metadata(&audit).unwrap().permissions().mode() & 0o777, 0o600);

    // Named ones; what cannot be opened is said, and counts.
    let wrong = token.replace("_test_", "_k9_");
    let output = detokenize(&[&from, "--reason=x", token, &wrong], None);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains(EMAIL) && text.contains("its key is not in the key file"), "{text}");
    assert_eq!(fs::read_to_string(&audit).unwrap().lines().count(), 2);
    let output = detokenize(&[&from, "--reason=x", "--tenant=bank", token], None);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains(EMAIL) && text.contains("another tenant"), "{text}");

    // Nothing without a reason, an audit file, or one that keeps what is written.
    let key = format!("--key={}", run::key().display());
    let (null, none) = ("--audit=/dev/null", "--audit=/nonexistent/audit");
    for (args, code, said) in [
        (vec![from.as_str(), token], 2, "--reason"),
        (vec![&from, "--reason= ", token], 2, "--reason must say why"),
        (vec![&key, "--tenant=shop", "--reason=x", token], 2, "needs an audit file"),
        (vec![&from, "--reason=x", null, token], 1, "no regular file"),
        (vec![&from, "--reason=x", none, token], 1, "nothing was opened"),
    ] {
        let output = detokenize(&args, None);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{said}: {told}");
        assert!(output.stdout.is_empty() && told.contains(said), "{said}: {told}");
    }
    assert_eq!(fs::read_to_string(&audit).unwrap().lines().count(), 3);
}

#[test]
fn keys_are_listed_without_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("apitap.key").display().to_string();
    let out = format!("--out={key}");
    run::run(["key", "new", &out]).ok("new");
    run::run(["key", "add", &key, "--id", "b", "--until", "2000-01-01"]).ok("add");
    run::run(["key", "add", &key]).ok("add");
    let list = run::run(["key", "list", &key]).ok("list").text();
    let states: Vec<&str> = list.lines().skip(1).map(|line| line[22..].trim()).collect();
    assert!(states[1].starts_with("previous tokens until 20"), "{list}");
    assert_eq!((states[0], states[2]), ("past", "in force"), "{list}");
    let secrets = fs::read_to_string(&key).unwrap();
    for line in secrets.lines().filter(|line| line.starts_with("key ")) {
        assert!(!list.contains(line.split(' ').nth(3).unwrap()), "a key is shown");
    }
    let again = run::run(["key", "new", &out]);
    assert!(again.code == Some(1) && again.stderr.contains("apitap key add"), "{}", again.stderr);
    let wrong = run::run(["key", "retire", &key, "--id", "k2"]);
    assert!(wrong.stderr.contains("the one in force"), "{}", wrong.stderr);
}
