//! How many messages get records: so many a second, and as many at once.

use crate::time::Timestamp;

/// Nanoseconds of a second.
const SECOND: u64 = 1_000_000_000;

/// A token bucket that holds what a second brings.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct Rate {
    /// What is left, in nanoseconds of messages: one costs a second divided by the rate.
    left: u64,
    filled: Timestamp,
}

impl Rate {
    pub(in crate::http) const FULL: Self = Self { left: SECOND, filled: Timestamp::ZERO };

    /// Takes one message at `now`, if `per_second` allow it.
    pub(in crate::http) fn take(&mut self, now: Timestamp, per_second: u32) -> bool {
        let cost = SECOND.checked_div(per_second.into()).unwrap_or(u64::MAX).max(1);
        let passed = u64::try_from(now.since(self.filled).as_nanos()).unwrap_or(u64::MAX);
        self.left = self.left.saturating_add(passed).min(SECOND);
        self.filled = self.filled.max(now);
        match self.left.checked_sub(cost) {
            Some(left) => self.left = left,
            None => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_a_second() {
        let mut rate = Rate::FULL;
        let took = |rate: &mut Rate, millis: u64| {
            let now = Timestamp::from_nanos(1_767_225_600 * SECOND + millis * 1_000_000);
            (0..20).filter(|_| rate.take(now, 10)).count()
        };
        assert_eq!(took(&mut rate, 0), 10);
        assert_eq!(took(&mut rate, 500), 5);
        assert_eq!(took(&mut rate, 400), 0);
        assert_eq!(took(&mut rate, 10_000), 10);
        let mut rate = Rate::FULL;
        assert!(!rate.take(Timestamp::ZERO, 0));
    }
}
