//! The clocks of delivery: waiting and ages. No record ever sees them.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Now, for measuring how long something took.
#[allow(clippy::disallowed_methods, reason = "waiting for disk or broker is not traffic time")]
pub(super) fn now() -> Instant {
    Instant::now()
}

/// Wall-clock time, in seconds since 1970; 0 before that.
#[allow(clippy::disallowed_methods, reason = "the age of waiting records is not traffic time")]
pub(super) fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Lets something through once in a while, and says how much was held back.
pub(super) struct Pace {
    every: Duration,
    last: Option<Instant>,
    held: u64,
}

impl Pace {
    /// At most once `every` so often.
    pub(super) const fn new(every: Duration) -> Self {
        Self { every, last: None, held: 0 }
    }

    /// Adds `count`; the sum since the last time when it is time again.
    pub(super) fn add(&mut self, count: u64) -> Option<u64> {
        self.held = self.held.saturating_add(count);
        let due = self.last.is_none_or(|last| last.elapsed() >= self.every);
        (due && self.held > 0).then(|| {
            self.last = Some(now());
            std::mem::take(&mut self.held)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_held_back_is_said_later() {
        let mut pace = Pace::new(Duration::from_secs(3600));
        assert_eq!(pace.add(0), None);
        assert_eq!(pace.add(2), Some(2));
        assert_eq!((pace.add(3), pace.add(4)), (None, None));
        pace.every = Duration::ZERO;
        assert_eq!(pace.add(1), Some(8));
    }
}
