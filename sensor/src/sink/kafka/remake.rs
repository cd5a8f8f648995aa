//! When a producer that ended is made anew: at once, and ever more rarely if those that follow end soon. What ended it
//! mostly lasts: rights that are missing. Neither brokers nor logs are to be flooded with attempts.

use std::thread;
use std::time::{Duration, Instant};

use rdkafka::error::RDKafkaErrorCode;

use crate::sink::clock::{now, unix_seconds};

/// How old a producer that ended must be to be made anew, but for the first time: at least, and at most.
const PAUSE: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(60)];

/// The age of a producer, and how old it must be to be made anew.
pub(super) struct Remake {
    pub(super) made: Instant,
    pause: Duration,
}

impl Remake {
    /// Of the first producer, made now.
    pub(super) fn new() -> Self {
        Self { made: now(), pause: Duration::ZERO }
    }

    /// How long ago it was made.
    pub(super) fn age(&self) -> Duration {
        self.made.elapsed()
    }

    /// Until when a producer that ended is not to be made anew, if that is to come.
    pub(super) fn waits(&self) -> Option<Instant> {
        if self.age() < self.pause { self.made.checked_add(self.pause) } else { None }
    }

    /// The producer ended. That is told once: those that follow end for the same reason.
    pub(super) fn ended(&mut self, code: RDKafkaErrorCode) {
        if self.pause.is_zero() {
            tracing::error!(%code, "Kafka producer ended; a new one is made");
        }
        let [least, most] = PAUSE;
        self.pause = self.pause.saturating_mul(2).clamp(least, most);
    }

    /// Whether the producer is older than any pause.
    pub(super) fn lived(&self) -> bool {
        let [_, most] = PAUSE;
        self.age() > most
    }

    /// A new producer was made.
    pub(super) fn renewed(&mut self) {
        self.made = now();
    }

    /// The producer works, or did for long.
    pub(super) const fn works(&mut self) {
        self.pause = Duration::ZERO;
    }
}

/// Notices when this host's clock is set back. librdkafka waits until times of that clock: a broker it was to try again
/// in a second, it would try when that second comes once more.
pub(super) struct Clock {
    looked: Instant,
    unix_seconds: u64,
}

impl Clock {
    /// How often is looked.
    const EVERY: Duration = Duration::from_secs(1);
    /// What is waited for anyway, in seconds.
    const SECONDS_MIN: u64 = 3;

    pub(super) fn new() -> Self {
        Self { looked: now(), unix_seconds: unix_seconds() }
    }

    /// How far the clock was set back since the last look, in seconds, if that is worth a word.
    pub(super) fn set_back(&mut self) -> Option<u64> {
        let passed = self.looked.elapsed();
        if passed < Self::EVERY {
            return None;
        }
        let before = std::mem::replace(self, Self::new());
        back(before.unix_seconds.saturating_add(passed.as_secs()), self.unix_seconds)
    }
}

fn back(expected: u64, found: u64) -> Option<u64> {
    Some(expected.saturating_sub(found)).filter(|seconds| *seconds >= Clock::SECONDS_MIN)
}

/// Ends a client whose threads may wait for that long, in a thread of its own.
pub(super) fn end_aside(client: impl Send + 'static) {
    let ending = thread::Builder::new().name("kafka-end".into()).spawn(move || drop(client));
    if let Err(error) = ending {
        tracing::debug!(%error, "no thread to end a Kafka client in");
    }
}

/// Says that a client is made anew for it.
pub(super) fn tell_set_back(seconds: u64) {
    tracing::warn!(
        seconds,
        "this host's clock was set back: the Kafka client, which waits by it, is made anew"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_back_is_noticed() {
        assert_eq!(back(1000, 1000), None);
        assert_eq!(back(1000, 5000), None);
        assert_eq!(back(1000, 998), None);
        assert_eq!(back(1000, 997), Some(3));
        let mut clock = Clock::new();
        assert_eq!(clock.set_back(), None);
        clock.looked = now().checked_sub(Duration::from_secs(10)).unwrap();
        assert_eq!(clock.set_back(), Some(10), "ten seconds passed, the clock did not");
        assert_eq!(clock.set_back(), None);
    }
}
