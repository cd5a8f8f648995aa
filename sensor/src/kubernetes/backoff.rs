//! Pauses between attempts: doubling, with jitter.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

const FIRST: Duration = Duration::from_millis(500);

/// The next pause.
pub(super) struct Backoff {
    next: Duration,
    max: Duration,
}

impl Backoff {
    /// Pauses of at most `max`.
    pub(super) fn new(max: Duration) -> Self {
        Self { next: FIRST.min(max), max }
    }

    /// The pause now: between half and all of its time.
    pub(super) fn next(&mut self) -> Duration {
        let pause = self.next;
        self.next = pause.saturating_mul(2).min(self.max);
        jittered(pause)
    }

    /// The pause now, and no shorter than was asked for, up to the longest.
    pub(super) fn at_least(&mut self, asked: Duration) -> Duration {
        self.next().max(asked.min(self.max))
    }

    /// Begins anew.
    pub(super) fn reset(&mut self) {
        self.next = FIRST.min(self.max);
    }
}

fn jittered(pause: Duration) -> Duration {
    let half = pause / 2;
    let span = u64::try_from(half.as_millis()).unwrap_or(u64::MAX).saturating_add(1);
    half.saturating_add(Duration::from_millis(random().checked_rem(span).unwrap_or(0)))
}

/// A number that differs from call to call and from sensor to sensor. Not for secrets.
pub(super) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let mut backoff = Backoff::new(Duration::from_secs(3));
        for want in [500, 1000, 2000, 3000, 3000] {
            let pause = backoff.next().as_millis();
            assert!((want / 2..=want).contains(&pause), "{pause} of {want}");
        }
        backoff.reset();
        assert!(backoff.next() <= FIRST);
        assert_eq!(backoff.at_least(Duration::from_secs(2)), Duration::from_secs(2));
        assert!(backoff.at_least(Duration::from_secs(99)) <= Duration::from_secs(3));
    }

    #[test]
    fn sensors_do_not_come_back_together() {
        let pauses: std::collections::BTreeSet<_> =
            (0..50).map(|_| Backoff::new(Duration::from_secs(60)).next()).collect();
        assert!(pauses.len() > 5);
    }
}
