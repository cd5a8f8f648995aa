//! The captures of other projects: no crash, no hang, and the counts others agree on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use apitap_tests::corpus::{self, Confidence, Content, Entry, Known};
use apitap_tests::{records, run, skip};

const LIMIT: Duration = Duration::from_secs(10);

/// What one capture gave.
struct Score {
    confidence: Confidence,
    /// Differences by what they are about: what apitap got, and what was wanted.
    differences: BTreeMap<&'static str, (String, String)>,
    /// What must never be, whatever is listed.
    fault: Option<String>,
}

#[test]
fn other_peoples_captures_come_out_right() {
    let Some(folder) = corpus::folder() else {
        skip("the corpus", "there is no ../shared/corpus, and APITAP_CORPUS names none");
        return;
    };
    let known = Known::read();
    let excluded: BTreeSet<&str> = known.excluded.iter().map(|e| e.path.as_str()).collect();
    let only = std::env::var("ONLY").unwrap_or_default();
    let mut entries = corpus::manifest(&folder);
    entries.retain(|entry| entry.path.contains(&only));

    let scores = score_all(&folder, &entries, &excluded);
    table(&entries, &scores, &excluded);
    let mut problems = Vec::new();
    for (entry, score) in entries.iter().zip(&scores) {
        problems.extend(score.fault.iter().map(|fault| format!("{}: {fault}", entry.path)));
        for (what, (got, want)) in &score.differences {
            let listed = known.difference.iter().find(|d| d.path == entry.path && d.what == *what);
            match listed {
                Some(listed) if listed.got == *got => {}
                Some(listed) => problems.push(format!(
                    "{}: {what}: listed as got {:?}, now {got:?}, want {want:?}",
                    entry.path, listed.got
                )),
                None => {
                    problems.push(format!("{}: {what}: got {got:?}, want {want:?}", entry.path))
                }
            }
        }
    }
    for listed in known.difference.iter().filter(|d| d.path.contains(&only)) {
        let still = entries.iter().zip(&scores).any(|(entry, score)| {
            entry.path == listed.path && score.differences.contains_key(listed.what.as_str())
        });
        if !still {
            problems.push(format!(
                "{}: {}: listed, but differs no more: take it out",
                listed.path, listed.what
            ));
        }
    }
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

/// Scores on every core.
fn score_all(folder: &Path, entries: &[Entry], excluded: &BTreeSet<&str>) -> Vec<Score> {
    let next = AtomicUsize::new(0);
    let scores: Mutex<BTreeMap<usize, Score>> = Mutex::default();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    run::binary();
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while let Some((i, entry)) = Some(next.fetch_add(1, Ordering::Relaxed))
                    .and_then(|i| entries.get(i).map(|entry| (i, entry)))
                {
                    let score = score(folder, entry, excluded.contains(entry.path.as_str()));
                    scores.lock().unwrap().insert(i, score);
                }
            });
        }
    });
    scores.into_inner().unwrap().into_values().collect()
}

fn score(folder: &Path, entry: &Entry, excluded: bool) -> Score {
    let mut score =
        Score { confidence: entry.confidence, differences: BTreeMap::new(), fault: None };
    let mut command = run::apitap();
    let capture = folder.join(&entry.path);
    command.args(["read", "--output", "jsonl", "--threads", "1"]);
    let keys = capture.with_extension("keys");
    if keys.exists() {
        command.arg("--tls-keys").arg(keys);
    }
    command.arg(capture);
    let run = run::finish(command, LIMIT);
    if run.timed_out {
        score.fault = Some(format!("not done in {LIMIT:?}"));
        return score;
    }
    let errors = run.errors().len();
    if run.crashed() || !matches!((run.code, errors), (Some(0), 0) | (Some(1), 1)) {
        score.fault = Some(format!(
            "exit code {:?} with {errors} error lines: {}",
            run.code,
            run.stderr.trim()
        ));
        return score;
    }
    if excluded {
        return score;
    }

    let mut all = records::lines(&run.stdout);
    // The call is told again as a whole; an event in its answer is none.
    all.retain(|record| record["streaming"]["goes_on"] != true && record["server_event"].is_null());
    if let Some(truth) = corpus::truth_http2(folder, &entry.path) {
        compare(&mut score, HTTP2, &truth, &corpus::content_http2(&all));
    }
    let all: Vec<_> = all.iter().filter(|record| records::http1(record)).collect();
    let requests = all.iter().filter(|r| records::method(r).is_some()).count() as u64;
    let responses = all.iter().map(|r| records::responses(r)).sum();
    let counts =
        [("requests", requests, entry.requests), ("responses", responses, entry.responses)];
    for (what, got, (low, high)) in counts {
        if !(low..=high).contains(&got) {
            let want = if low == high { low.to_string() } else { format!("{low} to {high}") };
            score.differences.insert(what, (got.to_string(), want));
        }
    }
    if entry.confidence == Confidence::Firm
        && let Some(truth) = corpus::truth(folder, &entry.path)
    {
        compare(&mut score, HTTP1, &truth, &corpus::content(all));
    }
    score
}

/// What differences are called.
const HTTP1: [&str; 4] = ["methods", "statuses", "pairs", "hosts"];
const HTTP2: [&str; 4] = ["h2 methods", "h2 statuses", "h2 pairs", "h2 hosts"];

fn compare(score: &mut Score, names: [&'static str; 4], truth: &Content, got: &Content) {
    let [methods, statuses, pairs, hosts] = names;
    let bags = [
        (methods, &truth.methods, &got.methods),
        (statuses, &truth.statuses, &got.statuses),
        (pairs, &truth.pairs, &got.pairs),
    ];
    for (what, want, got) in bags {
        let difference = corpus::difference(want, got);
        if !difference.is_empty() {
            score.differences.insert(what, (difference, "what tshark sees".to_owned()));
        }
    }
    let invented = corpus::invented(&truth.hosts, &got.hosts);
    if !invented.is_empty() {
        score.differences.insert(hosts, (invented, "what tshark sees".to_owned()));
    }
}

fn table(entries: &[Entry], scores: &[Score], excluded: &BTreeSet<&str>) {
    println!("| Confidence | Captures | Right | Different | Faults |\n|-|-|-|-|-|");
    for confidence in
        [Confidence::Firm, Confidence::Judged, Confidence::Disputed, Confidence::Empty]
    {
        let rows = entries.iter().zip(scores);
        let rows: Vec<&Score> = rows
            .filter(|(entry, score)| {
                score.confidence == confidence && !excluded.contains(entry.path.as_str())
            })
            .map(|(_, score)| score)
            .collect();
        let faults = rows.iter().filter(|s| s.fault.is_some()).count();
        let different = rows.iter().filter(|s| !s.differences.is_empty()).count();
        let right = rows.len() - faults - different;
        println!("| {confidence:?} | {} | {right} | {different} | {faults} |", rows.len());
    }
    println!("| Excluded | {} | | | |", excluded.len());
}
