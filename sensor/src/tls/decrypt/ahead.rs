//! Events that acknowledge what was not delivered yet: a hole of the other direction may still be waited for, or its next
//! record looked for. Until that is settled it is not known how much plaintext they stand for.

use std::collections::VecDeque;
use std::time::Duration;

use zeroize::Zeroizing;

use super::Cipher;
use crate::reassembly::Side;
use crate::time::Timestamp;

/// Most events that wait, and most octets in them.
const EVENTS_MAX: usize = 256;
const BYTES_MAX: usize = 512 << 10;
/// Longest wait: what is not settled by then will hardly be.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// Events of one side that wait, in order.
#[derive(Default)]
pub(super) struct Ahead {
    pub(super) events: VecDeque<(Timestamp, Owned)>,
    pub(super) bytes: usize,
}

/// An event that waits.
pub(super) enum Owned {
    Data { side: Side, acked: Option<u64>, bytes: Zeroizing<Vec<u8>> },
    Gap { side: Side, len: u64 },
    Fin { side: Side },
}

impl Owned {
    pub(super) fn lend(&self) -> Cipher<'_> {
        match self {
            Self::Data { side, acked, bytes } => Cipher::Data { side: *side, acked: *acked, bytes },
            Self::Gap { side, len } => Cipher::Gap { side: *side, len: *len },
            Self::Fin { side } => Cipher::Fin { side: *side },
        }
    }

    fn size(&self) -> usize {
        let bytes = match self {
            Self::Data { bytes, .. } => bytes.len(),
            Self::Gap { .. } | Self::Fin { .. } => 0,
        };
        bytes.saturating_add(size_of::<Self>())
    }
}

impl Ahead {
    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    pub(super) fn push(&mut self, time: Timestamp, event: &Cipher<'_>) {
        let owned = match *event {
            Cipher::Data { side, acked, bytes } => {
                Owned::Data { side, acked, bytes: Zeroizing::new(bytes.to_vec()) }
            }
            Cipher::Gap { side, len } => Owned::Gap { side, len },
            Cipher::Fin { side } => Owned::Fin { side },
        };
        self.bytes = self.bytes.saturating_add(owned.size());
        self.events.push_back((time, owned));
    }

    pub(super) fn pop(&mut self) -> Option<(Timestamp, Owned)> {
        let (time, event) = self.events.pop_front()?;
        self.bytes = self.bytes.saturating_sub(event.size());
        Some((time, event))
    }

    /// Whether the first must not wait any longer.
    pub(super) fn is_overdue(&self, now: Timestamp) -> bool {
        let Some((time, _)) = self.events.front() else { return false };
        let full = self.events.len() > EVENTS_MAX || self.bytes > BYTES_MAX;
        full || now.since(*time) > WAIT_MAX
    }
}
