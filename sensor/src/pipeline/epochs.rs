//! Epochs: the time of a capture, cut into pieces that all workers share.

use crate::time::Timestamp;

/// Packets after which an epoch ends.
const EPOCH_PACKETS: u64 = 4096;
/// Capture time after which an epoch ends, in nanoseconds: short beside the shortest grace of a stage, as nothing times out
/// in between.
const EPOCH_TIME: u64 = 20_000_000;
/// A packet this far behind, in nanoseconds, is of another capture: time goes on from there.
const EPOCH_BACK: u64 = 60_000_000_000;

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
        let is_back = self.start.nanos().saturating_sub(time.nanos()) > EPOCH_BACK;
        let turns = !self.begun
            || self.packets >= EPOCH_PACKETS
            || time.nanos().saturating_sub(self.start.nanos()) >= EPOCH_TIME
            || is_back;
        if turns {
            let start = if is_back { time } else { time.max(self.start) };
            *self = Self { start, packets: 0, begun: true };
        }
        self.packets = self.packets.saturating_add(1);
        turns
    }
}
