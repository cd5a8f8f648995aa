//! No planted secret leaves, wherever it stands and however it is written: random calls through the line.
//!
//! `APITAP_LEAK_CASES` says how many (default 2000), `APITAP_LEAK_SEED` which one alone.

use apitap_tests::plant::{Choices, Line, run};

/// Cases without being told.
const CASES: u64 = 2000;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

#[test]
fn nothing_planted_leaves() {
    let seeds = match number("APITAP_LEAK_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("APITAP_LEAK_CASES").unwrap_or(CASES),
    };
    let mut line = Line::default();
    let (mut records, mut planted, mut findings) = (0, 0, 0);
    let mut leaks = Vec::new();
    for seed in seeds.clone() {
        let outcome = run(&mut line, &mut Choices::seeded(seed));
        records += u64::from(outcome.records > 0);
        planted += u64::from(outcome.planted);
        findings += u64::from(outcome.findings > 0);
        leaks.extend(outcome.leak.map(|leak| format!("APITAP_LEAK_SEED={seed}\n{leak}")));
    }
    let cases = seeds.end - seeds.start;
    assert!(
        leaks.is_empty(),
        "{} of {cases} cases leak; the first:\n{}",
        leaks.len(),
        leaks
            .iter()
            .take(number("APITAP_LEAK_SHOWN").map_or(2, |n| n.try_into().expect("a number")))
            .cloned()
            .collect::<Vec<_>>()
            .join("\n\n")
    );
    println!(
        "{cases} cases: {planted} with secrets as they are looked for, {records} made records, {findings} findings"
    );
    if cases > 100 {
        // What never reaches a record proves nothing.
        assert!(records * 10 > cases * 8 && planted * 10 > cases * 9 && findings * 2 > cases);
    }
}
