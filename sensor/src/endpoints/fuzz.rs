//! For fuzzing: any octets as calls of a few hosts, and as a state.

use super::{Config, Hints, Learner, Look, Step, Trail, Verdict, Walk, Word, field, hash};
use crate::bounded::Within;

/// Learns from `octets` and checks what must hold: limits, rules that only hide, and a restart that changes nothing.
///
/// # Panics
///
/// When something of it does not hold.
#[doc(hidden)]
pub fn learn(octets: &[u8]) {
    let config = Config { hosts_max: Within(2), nodes_max: Within(256), ..Config::default() };
    let mut learner = Learner::new(&config, Hints::default());
    let mut again = Learner::new(&config, Hints::default());
    let calls = octets.chunks(12);
    let half = calls.len() / 2;
    for (n, call) in calls.clone().enumerate() {
        let (host, trail, status) = read(call);
        learner.learn(host, &trail, status);
        let counts = learner.counts();
        assert!(counts.hosts <= 2 && counts.nodes <= 256, "{counts:?}");
        if n == half {
            let restored = again.restore(&learner.save());
            assert_eq!(restored, Ok(()));
            // Places put together are counted anew when rules are told: never too few.
            assert!(again.counts().nodes <= counts.nodes);
        }
    }
    for call in calls {
        let (host, trail, _) = read(call);
        let rules = learner.rules().host(host).cloned();
        let mut walk = Walk::new(rules.as_deref());
        for step in trail.steps() {
            match step {
                Step::Value => walk.value(),
                Step::Word(word) => match walk.word(*word) {
                    Verdict::Stays => assert!(word.kept, "a hidden word is shown"),
                    Verdict::Fixed => assert!(!word.kept),
                    Verdict::Value => {}
                },
            }
        }
    }
    let _refused = again.restore(octets);
}

/// One call of up to twelve octets: host, status and fields in the first two, then a segment each.
fn read(call: &[u8]) -> (&'static str, Trail, u16) {
    const LOOKS: [Look; 5] = [Look::Firm, Look::Plain, Look::Odd, Look::Joined, Look::Loose];
    const STATUS: [u16; 4] = [200, 201, 404, 422];
    let (head, segments) = call.split_at_checked(2).unwrap_or((call, &[]));
    let at = |n: usize| usize::from(head.get(n).copied().unwrap_or(0));
    let mut trail = Trail::default();
    trail.set_method(if at(0) & 1 == 0 { "GET" } else { "POST" });
    for &segment in segments {
        let look = LOOKS.get(usize::from(segment >> 2) % LOOKS.len()).copied();
        trail.push(match segment & 3 {
            0 => Step::Value,
            kind => Step::Word(Word {
                hash: hash(&[segment]),
                kept: kind != 1,
                look: look.unwrap_or_default(),
            }),
        });
    }
    for n in 0..at(1) % 12 {
        trail.field(field(&format!("$.f{}", (at(1) >> 4).wrapping_add(n))));
    }
    let host = ["a", "b", "c"].get(at(0) >> 1 & 3).copied().unwrap_or("d");
    (host, trail, STATUS.get(at(0) >> 6).copied().unwrap_or(200))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whatever_comes_is_learned_within_limits(octets in prop::collection::vec(0..=255_u8, 0..3000)) {
            super::learn(&octets);
        }

        // Few different octets: the same words in the same places, again and again.
        #[test]
        fn whatever_comes_again_is_learned_within_limits(octets in prop::collection::vec(0..=15_u8, 0..3000)) {
            super::learn(&octets);
        }
    }
}
