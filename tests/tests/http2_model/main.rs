//! HTTP/2 as h2 writes it, the library under hyper: every field, body and pair that is told is one that was sent.
//!
//! Random header lists, with table sizes changed while the connection runs, through both of h2's HPACK encoders; then
//! the same connections joined midway. `APITAP_MODEL_CASES=2000` runs more.

mod play;
mod talk;

use apitap_tests::simulate::Random;
use play::Start;

/// Connections in a usual run.
const CASES: u64 = 60;

fn cases() -> u64 {
    std::env::var("APITAP_MODEL_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(CASES)
}

#[test]
fn what_h2_sends_is_told_exactly() {
    let mut seen = talk::Seen::default();
    for seed in 0..cases() {
        let talk = talk::talk(seed);
        let told = play::play(&talk, seed, Start::Whole);
        assert_eq!(told.pairs, talk.calls.len(), "seed {seed}: pairs");
        assert_eq!((told.whole, told.partial), (2 * talk.calls.len(), 0), "seed {seed}");
        seen.add(&talk.seen);
    }
    // That the cases are what they are meant to be.
    let talk::Seen { continuations, resizes, large, calls } = seen;
    assert!(calls > cases() * 8, "{calls} calls");
    assert!(
        continuations > cases() && large > cases() / 4,
        "{continuations} CONTINUATION, {large} large"
    );
    assert!(resizes > cases(), "{resizes} changes of table sizes");
}

#[test]
fn midway_nothing_wrong_is_told() {
    let (mut whole, mut partial, mut pairs) = (0, 0, 0);
    for seed in 0..cases() {
        let talk = talk::talk(seed);
        let mut random = Random::new(seed);
        for _ in 0..4 {
            let start = random.below(talk.bytes());
            eprintln!("seed {seed}, from octet {start}");
            let told = play::play(&talk, seed, Start::Midway(start));
            whole += told.whole;
            partial += told.partial;
            pairs += told.pairs;
        }
    }
    // The joins are where something is unknown, and something is known all the same.
    assert!(partial > 0 && whole > partial && pairs > 0, "{whole} {partial} {pairs}");
}
