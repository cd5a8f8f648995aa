//! When a producer that ended is made anew: at once, and ever more rarely if those that follow end soon. What ended it
//! mostly lasts: rights that are missing. Neither brokers nor logs are to be flooded with attempts.

use std::time::{Duration, Instant};

use rdkafka::error::RDKafkaErrorCode;

use crate::sink::clock::now;

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
