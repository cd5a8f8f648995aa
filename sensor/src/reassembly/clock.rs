//! Capture time as a clock.

use crate::time::Timestamp;

/// A clock that only goes forward. Only [`Reassembler::expire`](super::Reassembler::expire) moves it, so that it is the same wherever a
/// connection's segments are pushed.
#[derive(Default)]
pub(super) struct Clock {
    pub(super) now: u64,
    latest: Timestamp,
    started: bool,
}

impl Clock {
    /// A capture time this far behind, in nanoseconds, is of another capture: time goes on from there.
    const BACK: u128 = 60_000_000_000;

    /// What it will say at capture time `time`.
    pub(super) fn at(&self, time: Timestamp) -> u64 {
        self.now.saturating_add(time.nanos().saturating_sub(self.latest.nanos()))
    }

    pub(super) fn start(&mut self, time: Timestamp) {
        if !self.started {
            self.started = true;
            self.latest = time;
        }
    }

    pub(super) fn advance(&mut self, time: Timestamp) -> u64 {
        self.start(time);
        if time > self.latest || self.latest.since(time).as_nanos() > Self::BACK {
            self.now = self.at(time);
            self.latest = time;
        }
        self.now
    }
}
