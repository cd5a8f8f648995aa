//! No secret of `fixtures/leak` leaves in any form: not in a record, not in a log, not in a file.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use apitap_tests::kafka::Broker;
use apitap_tests::run::{self, Run};
use apitap_tests::{input, path, records, skip};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// A planted secret with the forms in which it must not appear.
struct Secret {
    class: String,
    text: String,
    forms: Vec<Vec<u8>>,
}

/// A capture with secrets planted in it.
struct Case {
    name: String,
    capture: PathBuf,
    /// Whether most secrets stand in the capture as they are. Where chunks cut them or TLS seals them, they do not.
    whole: bool,
    secrets: Vec<Secret>,
}

/// Every case of `fixtures/` that lists its secrets.
fn cases() -> Vec<Case> {
    let Ok(folders) = fs::read_dir(path("fixtures")) else { return Vec::new() };
    let folders = folders.map(|entry| entry.unwrap().path());
    let cases: Vec<Case> = folders
        .filter_map(|case| {
            let list = fs::read_to_string(case.join("secrets.txt")).ok()?;
            let lines = list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
            let pairs = lines.map(|line| line.split_once('\t').expect("class, tab, secret"));
            Some(Case {
                name: case.file_name()?.to_string_lossy().into_owned(),
                capture: input(&case).expect("a case has a capture"),
                whole: !list.starts_with("# cut"),
                secrets: pairs.map(|(class, text)| secret(class, text)).collect(),
            })
        })
        .collect();
    if cases.is_empty() {
        skip("the leak test", "no case of fixtures/ lists secrets");
    }
    cases
}

/// Short secrets (`#short` behind the class) are looked for only as whole JSON strings: their digits stand in
/// every number.
fn secret(class: &str, text: &str) -> Secret {
    let text = text.trim();
    if class.ends_with("#short") {
        return Secret {
            class: class.to_owned(),
            text: text.to_owned(),
            forms: vec![format!("\"{text}\"").into_bytes()],
        };
    }
    let mut forms =
        vec![text.as_bytes().to_vec(), percent(text, false), percent(text, true), escaped(text)];
    for case in [text.to_lowercase(), text.to_uppercase()] {
        forms.push(case.into_bytes());
    }
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).collect();
    if digits.len() >= 8 {
        forms.push(digits);
    }
    for shift in 0..3 {
        forms.push(base64(text, shift, false));
        forms.push(base64(text, shift, true));
    }
    forms.push(text.bytes().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect());
    forms.retain(|form| form.len() >= 8);
    forms.sort();
    forms.dedup();
    Secret { class: class.to_owned(), text: text.to_owned(), forms }
}

fn percent(text: &str, all: bool) -> Vec<u8> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .flat_map(|byte| {
            if plain(byte) && !all { vec![byte] } else { format!("%{byte:02X}").into_bytes() }
        })
        .collect()
}

/// As JSON escapes everything outside ASCII.
fn escaped(text: &str) -> Vec<u8> {
    let unit = |unit: u16| match char::from_u32(unit.into()) {
        Some(c) if c.is_ascii() => c.to_string(),
        _ => format!("\\u{unit:04x}"),
    };
    text.encode_utf16().map(unit).collect::<String>().into_bytes()
}

/// The characters of base64 that the text alone decides, when `shift` bytes stand before it.
fn base64(text: &str, shift: usize, url: bool) -> Vec<u8> {
    let padded = [&[0; 2][..shift], text.as_bytes()].concat();
    let whole = padded.len() / 3 * 3;
    let engine = if url { URL_SAFE_NO_PAD } else { STANDARD_NO_PAD };
    let encoded = engine.encode(&padded[..whole]);
    encoded.into_bytes().split_off([0, 2, 3][shift])
}

/// Which secrets are in the bytes, by class and form; never the secret itself.
fn found(secrets: &[Secret], bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for secret in secrets {
        for form in &secret.forms {
            if let Some(at) = position(bytes, form) {
                let context =
                    &bytes[at.saturating_sub(60)..(at + form.len() + 20).min(bytes.len())];
                found.push(format!(
                    "{} ({}): …{}…",
                    secret.class,
                    secret.text,
                    String::from_utf8_lossy(context)
                ));
                break;
            }
        }
    }
    found
}

fn position(bytes: &[u8], word: &[u8]) -> Option<usize> {
    let first = *word.first()?;
    let mut from = 0;
    while let Some(next) = bytes.get(from..)?.iter().position(|&byte| byte == first) {
        if bytes[from + next..].starts_with(word) {
            return Some(from + next);
        }
        from += next + 1;
    }
    None
}

fn read(folder: &Path, case: &Case, arguments: &[&str]) -> Run {
    let mut command = run::apitap();
    command.current_dir(folder).env("RUST_LOG", "trace").env("APITAP_LOG_LEVEL", "trace");
    command.args(["read", "--threads", "1"]).args(arguments).arg("--key").arg(run::key());
    command.arg(&case.capture);
    run::finish(command, Duration::from_secs(60)).ok(&case.name)
}

/// Classes of which every value may leave as it is where a rule says so.
const RAW: [&str; 8] = ["pan", "email", "phone", "name", "address", "ip", "account", "kr_rrn"];

/// A policy that lets out whatever one may let out.
fn everything_raw() -> String {
    let rules = RAW.iter().map(|class| {
        format!("[[privacy.rules]]\nclass = '{class}'\naction = 'keep'\ni_accept_raw = true\n")
    });
    let all = "[[privacy.rules]]\nfield = '*e*'\naction = 'keep'\ni_accept_raw = true\n";
    rules.chain([all.to_owned()]).collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn report(leaks: &[String]) {
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
}

#[test]
fn no_secret_leaves() {
    let mut leaks = Vec::new();
    for case in cases() {
        let Case { name, secrets, .. } = &case;
        assert!(secrets.len() >= 20, "{name}: only {} secrets", secrets.len());
        let there = found(secrets, &records::read(&case.capture)).len();
        assert!(
            !case.whole || there * 2 > secrets.len(),
            "{name}: the search finds secrets where they are"
        );

        let folder = tempfile::tempdir().unwrap();
        let mut look = |place: String, bytes: &[u8]| {
            leaks.extend(found(secrets, bytes).into_iter().map(|leak| format!("{place}: {leak}")));
        };
        for format in ["table", "jsonl", "protobuf", "ocsf", "ocsf-api", "ecs"] {
            let run = read(folder.path(), &case, &["--output", format]);
            assert!(!run.stdout.is_empty(), "{name}, {format}: no output");
            look(format!("{name}, {format}"), &run.stdout);
            look(format!("{name}, {format}, standard error"), run.stderr.as_bytes());
            let out = format!("out.{format}");
            let run = read(folder.path(), &case, &["--output", format, "--out", &out]);
            look(format!("{name}, {format} to a file, standard error"), run.stderr.as_bytes());
        }
        fs::write(folder.path().join("raw.toml"), everything_raw()).unwrap();
        for format in ["table", "jsonl"] {
            for policy in [&[][..], &["--config", "raw.toml"]] {
                let arguments = [&["--explain", "--output", format], policy].concat();
                let run = read(folder.path(), &case, &arguments);
                // Of a whole value, or of what stands inside a longer one.
                let told = ["detector:", "contains:sensitive"];
                let told = told.iter().any(|rule| run.text().contains(rule));
                assert!(told || !policy.is_empty(), "{name}");
                look(format!("{name}, explained by {format}"), &run.stdout);
                look(format!("{name}, explained, standard error"), run.stderr.as_bytes());
            }
        }
        for format in ["table", "json", "html", "openapi"] {
            let mut command = run::apitap();
            command.args(["inventory", "--format", format, "--key"]).arg(run::key());
            let run = run::finish(
                {
                    command.arg(&case.capture);
                    command
                },
                Duration::from_secs(60),
            );
            assert!(run.code == Some(0) && !run.stdout.is_empty(), "{name}, inventory {format}");
            look(format!("{name}, inventory {format}"), &run.stdout);
            look(format!("{name}, inventory {format}, standard error"), run.stderr.as_bytes());
        }
        // What a running sensor tells of its inventory, and what it keeps of it.
        let file = fs::File::open(folder.path().join("out.protobuf")).unwrap();
        let mut inventory = apitap::inventory::Inventory::default();
        for record in apitap::sink::read::Records::new(std::io::BufReader::new(file)) {
            for change in inventory.learn(&record.unwrap()) {
                let event = serde_json::to_vec(change.message()).unwrap();
                look(format!("{name}, changes of the inventory"), &event);
            }
        }
        let state = serde_json::to_vec(&inventory).unwrap();
        look(format!("{name}, the inventory's state"), &state);
        let files = files(folder.path());
        assert!(files.len() >= 3, "--out writes files");
        for file in files {
            look(format!("{name}, {}", file.display()), &fs::read(&file).unwrap());
        }
    }
    report(&leaks);
}

/// Rules may let much out, and the test sees that they do; not what must never be stored.
#[test]
fn no_rule_lets_out_what_must_never_be_stored() {
    let never = ["cvv", "pin", "password", "otp", "track", "private_key", "tls_key"];
    for case in cases() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("raw.toml"), everything_raw()).unwrap();
        let run = read(folder.path(), &case, &["--output", "jsonl", "--config", "raw.toml"]);
        assert!(run.stderr.contains("warning: privacy rule rule-1 lets"), "{}", run.stderr);
        let (never, others): (Vec<Secret>, Vec<Secret>) = case
            .secrets
            .into_iter()
            .partition(|secret| never.contains(&secret.class.trim_end_matches("#short")));
        assert!(never.len() > 3, "{}", case.name);
        assert!(!found(&others, &run.stdout).is_empty(), "{}: the rules do nothing", case.name);
        report(&found(&never, &run.stdout));
    }
}

#[test]
fn no_secret_reaches_kafka() {
    let cases = cases();
    if cases.is_empty() {
        return;
    }
    let broker = match Broker::shared() {
        Ok(broker) => broker,
        Err(why) => return skip("the leak test with Kafka", &why),
    };
    let mut leaks = Vec::new();
    for case in cases {
        broker.create_topic(&case.name, 1, &[]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let sink = ["--sink", "kafka", "--brokers", &broker.address, "--topic", &case.name];
        let run = read(folder.path(), &case, &sink);
        let messages = broker.consume(&case.name).unwrap();
        assert!(!messages.is_empty(), "no message arrived; standard error:\n{}", run.stderr);
        leaks.extend(found(&case.secrets, run.stderr.as_bytes()));
        for message in &messages {
            for bytes in [&message.key[..], message.headers.as_bytes(), &message.value] {
                leaks.extend(found(&case.secrets, bytes));
            }
        }
    }
    report(&leaks);
}

#[test]
fn the_search_sees_every_form() {
    let secrets = [
        secret("pan", "4111-1111-1111-1111"),
        secret("pin#short", "1234"),
        secret("name", "홍길동 씨 댁"),
    ];
    for leak in [
        "x4111-1111-1111-1111",
        "\"4111111111111111\"",
        "%34%31%31%31%2D%31%31%31%31%2D%31%31%31%31%2D%31%31%31%31",
        &STANDARD_NO_PAD.encode("a4111-1111-1111-1111 b"),
        &URL_SAFE_NO_PAD.encode("user:4111-1111-1111-1111"),
    ] {
        assert_eq!(found(&secrets, leak.as_bytes()).len(), 1, "{leak}");
    }
    for leak in [
        "{\"pin\":\"1234\"}",
        "%ED%99%8D%EA%B8%B8%EB%8F%99%20%EC%94%A8%20%EB%8C%81",
        "\\ud64d\\uae38\\ub3d9 \\uc528 \\ub301",
    ] {
        assert_eq!(found(&secrets, leak.as_bytes()).len(), 1, "{leak}");
    }
    assert!(found(&secrets, b"1234 4111 1111").is_empty());
}
