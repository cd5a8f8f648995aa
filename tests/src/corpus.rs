//! Captures made by others, with what others count in them: `../shared/corpus`, or `$APITAP_CORPUS`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::records;

/// The folder of the corpus, if it is there.
#[must_use]
pub fn folder() -> Option<PathBuf> {
    let folder = match std::env::var_os("APITAP_CORPUS") {
        Some(folder) => PathBuf::from(folder),
        None => crate::path("../shared/corpus"),
    };
    folder.join("manifest.tsv").is_file().then_some(folder)
}

/// How sure a count is (column `confidence`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// Four ways of counting agree: demand equality.
    Firm,
    /// Told by reading the capture.
    Judged,
    /// Tools differ: stay inside their range.
    Disputed,
    /// No HTTP/1 in it.
    Empty,
}

/// A capture of the corpus.
pub struct Entry {
    /// Path from the corpus folder.
    pub path: String,
    /// How sure the counts are.
    pub confidence: Confidence,
    /// Fewest and most HTTP/1 requests.
    pub requests: (u64, u64),
    /// Fewest and most HTTP/1 responses, interim ones included.
    pub responses: (u64, u64),
}

/// All captures the manifest lists.
///
/// # Panics
///
/// If the manifest is not what its README says.
#[must_use]
pub fn manifest(folder: &Path) -> Vec<Entry> {
    let text = fs::read_to_string(folder.join("manifest.tsv")).expect("the manifest can be read");
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().expect("a header line").split('\t').collect();
    lines
        .map(|line| {
            let row: BTreeMap<&str, &str> = names.iter().copied().zip(line.split('\t')).collect();
            entry(&row).unwrap_or_else(|| panic!("manifest: {}", row["path"]))
        })
        .collect()
}

fn entry(row: &BTreeMap<&str, &str>) -> Option<Entry> {
    let count = |column: &str| row.get(column)?.parse::<u64>().ok().map(|n| (n, n));
    let range = |column: &str| {
        let (low, high) = row.get(column)?.split_once('-')?;
        Some((low.parse().ok()?, high.parse().ok()?))
    };
    let (confidence, requests, responses) = match *row.get("confidence")? {
        "firm" => (Confidence::Firm, count("http_req")?, count("http_resp")?),
        "judged" => {
            let (requests, responses) = row.get("judged_req_resp")?.split_once('/')?;
            let (requests, responses) = (requests.parse().ok()?, responses.parse().ok()?);
            (Confidence::Judged, (requests, requests), (responses, responses))
        }
        "disputed" => (Confidence::Disputed, range("req_range")?, range("resp_range")?),
        "" => (Confidence::Empty, (0, 0), (0, 0)),
        _ => return None,
    };
    Some(Entry { path: (*row.get("path")?).to_owned(), confidence, requests, responses })
}

/// How often each thing occurs.
pub type Bag = BTreeMap<String, i64>;

/// What a capture holds, as far as it is compared: one bag for each name.
#[derive(Default)]
pub struct Content {
    /// Methods of requests.
    pub methods: Bag,
    /// Status codes of final responses, and 100s for interim ones.
    pub statuses: Bag,
    /// Method and status of what belongs together.
    pub pairs: Bag,
    /// Hosts that requests name; `{}` where the record has no plain one.
    pub hosts: Bag,
}

fn add(bag: &mut Bag, key: impl Into<String>) {
    *bag.entry(key.into()).or_default() += 1;
}

/// Methods that records name; others are `OTHER` there.
const METHODS: [&str; 9] =
    ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];

/// What tshark saw, if the corpus has it (`truth/`).
///
/// # Panics
///
/// If it does not parse.
#[must_use]
pub fn truth(folder: &Path, path: &str) -> Option<Content> {
    let file = folder.join("truth").join(format!("{}.jsonl", path.replace('/', "__")));
    let messages = records::lines(&fs::read(file).ok()?);
    let mut content = Content::default();
    for message in &messages {
        if message["kind"] == "request" {
            let method = method(message["method"].as_str().unwrap_or_default());
            add(&mut content.methods, method);
            let authority = message["uri"].as_str().and_then(|uri| authority(method, uri));
            if let Some(host) = authority.or(message["host"].as_str()) {
                add(&mut content.hosts, plain(host));
            }
            let answer = messages.iter().find(|m| {
                m["kind"] == "response"
                    && m["frame"] == message["response_in"]
                    && !message["response_in"].is_null()
            });
            if let Some(status) = answer.and_then(|m| m["status"].as_u64()) {
                add(&mut content.pairs, format!("{method} {status}"));
            }
        } else {
            add(&mut content.statuses, class(message["status"].as_u64().unwrap_or(0)));
        }
    }
    Some(content)
}

/// The header blocks of HTTP/2 that tshark saw, if the corpus has them. A method and a status on one stream are a pair.
///
/// # Panics
///
/// If they do not parse.
#[must_use]
pub fn truth_http2(folder: &Path, path: &str) -> Option<Content> {
    let file = folder.join("truth").join(format!("{}.h2.jsonl", path.replace('/', "__")));
    let blocks = records::lines(&fs::read(file).ok()?);
    let mut content = Content::default();
    for block in &blocks {
        if let Some(method) = block[":method"].as_str() {
            add(&mut content.methods, self::method(method));
            if let Some(host) = block[":authority"].as_str() {
                add(&mut content.hosts, plain(host.rsplit('@').next().unwrap_or(host)));
            }
        }
        let Some(status) = block[":status"].as_str().and_then(|status| status.parse().ok()) else {
            continue;
        };
        add(&mut content.statuses, class(status));
        let asked = blocks.iter().find(|other| {
            let same = |key: &str| other[key] == block[key];
            same("tcp_stream") && same("stream_id") && other[":method"].is_string()
        });
        if let Some(method) = asked.and_then(|block| block[":method"].as_str()) {
            add(&mut content.pairs, format!("{} {status}", self::method(method)));
        }
    }
    Some(content)
}

/// What records of HTTP/2 say; without the requests that were never sent with it (pushed, or before an upgrade).
#[must_use]
pub fn content_http2(all: &[Value]) -> Content {
    let told = all.iter().filter(|record| records::http2(record)).map(|record| {
        let mut record = record.clone();
        let flags = record["completeness"]["request_flags"].to_string();
        if flags.contains("pushed") || flags.contains("h2c_upgrade") {
            record["request"] = Value::Null;
        }
        record
    });
    content(&told.collect::<Vec<_>>())
}

/// What records say.
#[must_use]
pub fn content<'a>(all: impl IntoIterator<Item = &'a Value>) -> Content {
    let mut content = Content::default();
    for record in all {
        // The call is told again as a whole; an event in its answer is none.
        if record["streaming"]["goes_on"] == true || !record["server_event"].is_null() {
            continue;
        }
        let asked = records::method(record).map(method);
        if let Some(method) = asked {
            add(&mut content.methods, method);
        }
        if let Some(host) = record["request"]["host"].as_str().filter(|host| !host.is_empty()) {
            add(
                &mut content.hosts,
                if host.contains(['{', '}']) { "{}".to_owned() } else { plain(host) },
            );
        }
        let Some(status) = records::status(record) else { continue };
        add(&mut content.statuses, class(status));
        for _ in 1..records::responses(record) {
            add(&mut content.statuses, "1xx");
        }
        if let Some(method) = asked {
            add(&mut content.pairs, format!("{method} {status}"));
        }
    }
    content
}

/// Records count interim responses without their status; 101 is final.
fn class(status: u64) -> String {
    if status != 101 && (100..200).contains(&status) {
        "1xx".to_owned()
    } else {
        status.to_string()
    }
}

/// A method as records name it.
#[must_use]
pub fn method(name: &str) -> &str {
    if METHODS.contains(&name) { name } else { "OTHER" }
}

/// The host in a request target of absolute or authority form; it overrides Host (RFC 9112 §3.2.2).
fn authority<'a>(method: &str, target: &'a str) -> Option<&'a str> {
    if method == "CONNECT" {
        return Some(target);
    }
    let (scheme, rest) = target.split_once("://")?;
    if !scheme.bytes().all(|b| b.is_ascii_alphabetic()) {
        return None;
    }
    let authority = rest.split(['/', '?', '#']).next()?;
    Some(authority.rsplit('@').next().unwrap_or(authority))
}

/// A host without port and brackets, in lower case.
#[must_use]
pub fn plain(host: &str) -> String {
    let host = host.trim();
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !name.ends_with(':') => {
            name
        }
        _ => host,
    };
    host.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase()
}

/// Hosts in `got` that are not in `want`; `{}` stands for any.
#[must_use]
pub fn invented(want: &Bag, got: &Bag) -> String {
    let mut got = got.clone();
    got.remove("{}");
    let more = got.iter().filter(|(host, count)| *want.get(*host).unwrap_or(&0) < **count);
    more.map(|(host, count)| format!("{count} of {host}")).collect::<Vec<_>>().join(", ")
}

/// What `got` has too little and too much; empty if the bags are equal.
#[must_use]
pub fn difference(want: &Bag, got: &Bag) -> String {
    let keys: std::collections::BTreeSet<&String> = want.keys().chain(got.keys()).collect();
    let parts = keys.into_iter().filter_map(|key| {
        let by = got.get(key).unwrap_or(&0) - want.get(key).unwrap_or(&0);
        (by != 0).then(|| format!("{by:+} {key}"))
    });
    parts.collect::<Vec<_>>().join(", ")
}

/// What is known to differ, and why: `tests/corpus-differences.toml`.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// Captures whose HTTP/1 cannot be seen yet: they must only not crash.
    #[serde(default)]
    pub excluded: Vec<Excluded>,
    /// Counts that differ.
    #[serde(default)]
    pub difference: Vec<Difference>,
}

/// A capture that is run but not scored.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Excluded {
    /// Path from the corpus folder.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// A difference that is known.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// Path from the corpus folder.
    pub path: String,
    /// Which count: `requests`, `responses`, `methods`, `statuses`, `pairs`, `hosts`.
    pub what: String,
    /// What apitap gets: a number, or what is missing and added.
    pub got: String,
    /// Why apitap is right, or what is missing.
    pub reason: String,
}

impl Known {
    /// Reads the list.
    ///
    /// # Panics
    ///
    /// If it does not parse, or an entry has no reason.
    #[must_use]
    pub fn read() -> Self {
        let path = crate::path("tests/corpus-differences.toml");
        let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let known: Self =
            toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let reasons = known
            .difference
            .iter()
            .map(|d| &d.reason)
            .chain(known.excluded.iter().map(|e| &e.reason));
        assert!(
            reasons.into_iter().all(|r| r.len() > 10),
            "{}: every entry says why",
            path.display()
        );
        known
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn interim_responses_count_and_foreign_methods_are_other() {
        let all = [
            json!({"request": {"method": "POST"}, "response": {"status": 404, "interim_responses": 1}}),
            json!({"request": {"method": "OTHER"}}),
            json!({"response": {"status": 200}}),
        ];
        let content = content(&all);
        assert_eq!(content.methods, Bag::from([("POST".into(), 1), ("OTHER".into(), 1)]));
        assert_eq!(
            content.statuses,
            Bag::from([("404".into(), 1), ("1xx".into(), 1), ("200".into(), 1)])
        );
        assert_eq!(content.pairs, Bag::from([("POST 404".into(), 1)]));
        assert_eq!(all.iter().map(records::responses).sum::<u64>(), 3);
    }

    #[test]
    fn differences_name_what_is_missing_and_what_is_added() {
        let want = Bag::from([("GET".into(), 2), ("PUT".into(), 1)]);
        let got = Bag::from([("GET".into(), 1), ("PUT".into(), 1), ("HEAD".into(), 1)]);
        assert_eq!(difference(&want, &got), "-1 GET, +1 HEAD");
        assert_eq!(difference(&want, &want), "");
    }

    #[test]
    fn hosts_compare_without_port_and_in_absolute_form() {
        assert_eq!(plain("Shop.Example:8080"), "shop.example");
        assert_eq!(plain("[2001:DB8::1]:80"), "2001:db8::1");
        assert_eq!(plain("2001:db8::1"), "2001:db8::1");
        assert_eq!(authority("GET", "http://u@a.example:1/x?y=http://b"), Some("a.example:1"));
        assert_eq!(authority("GET", "/?u=http://b"), None);
        let want = Bag::from([("a".into(), 1)]);
        assert_eq!(invented(&want, &Bag::from([("a".into(), 1), ("{}".into(), 3)])), "");
        assert_eq!(invented(&want, &Bag::from([("a".into(), 2)])), "2 of a");
    }
}
