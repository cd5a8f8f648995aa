//! Epochs: the time of a capture, cut into pieces that all workers share.

use std::time::Duration;

use crate::time::Timestamp;

/// Packets after which an epoch ends.
const EPOCH_PACKETS: u64 = 4096;
/// Capture time after which an epoch ends: short beside the shortest grace of a stage, as nothing times out
/// in between.
const EPOCH_TIME: Duration = Duration::from_millis(20);
/// A packet this far behind is of another capture: time goes on from there.
const EPOCH_BACK: Duration = Duration::from_secs(60);

/// Cuts the capture into epochs.
#[derive(Default)]
pub(super) struct Epochs {
    pub(super) start: Timestamp,
    packets: u64,
    begun: bool,
}

impl Epochs {
    /// Whether a packet at `time` begins a new epoch.
    pub(super) fn turns(&mut self, time: Timestamp) -> bool {
        let turns = !self.begun
            || self.packets >= EPOCH_PACKETS
            || time.since(self.start) >= EPOCH_TIME
            || self.start.since(time) > EPOCH_BACK;
        if turns {
            let start =
                if self.start.since(time) > EPOCH_BACK { time } else { time.max(self.start) };
            *self = Self { start, packets: 0, begun: true };
        }
        self.packets = self.packets.saturating_add(1);
        turns
    }
}
