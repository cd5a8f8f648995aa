//! What became of an interface's packets, shared by its capture threads and whoever asks.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Longer packets than any wire carries: put together by offload. Jumbo payload and Ethernet header, in bytes.
pub(super) const SUPER_FRAME_BYTES: u32 = 9216 + 14;

/// What became of an interface's packets, kernel side included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// Name of the interface.
    pub interface: String,
    /// Whether it is there, up, and has link.
    pub up: bool,
    /// Capture threads.
    pub threads: u32,
    /// Packets handed to us.
    pub received: u64,
    /// Bytes of them that were captured.
    pub received_bytes: u64,
    /// Packets the kernel dropped because the buffer was full.
    pub kernel_dropped: u64,
    /// Packets the network card or its driver dropped, as far as it tells.
    pub interface_dropped: u64,
    /// Packets cut by the snap length.
    pub truncated: u64,
    /// Packets longer than any wire carries: put together by offload.
    pub super_frames: u64,
    /// Times the interface went away or down.
    pub lost: u64,
    /// Why it is not captured on, while it is not.
    pub error: Option<String>,
}

/// Counters of one interface: written by its capture threads, read by the metrics thread.
pub struct Shared {
    interface: String,
    threads: u32,
    received: AtomicU64,
    received_bytes: AtomicU64,
    kernel_dropped: AtomicU64,
    interface_dropped: AtomicU64,
    truncated: AtomicU64,
    super_frames: AtomicU64,
    presence: Mutex<Presence>,
    /// How often the capture filter was changed.
    filters: AtomicU64,
}

/// Whether the interface is there. Changes seldom.
#[derive(Default)]
struct Presence {
    /// The index the kernel gave the interface that was opened last.
    index: u32,
    up: bool,
    /// Whether it ever was up, or was said to be missing.
    told: bool,
    lost: u64,
    error: Option<String>,
    /// The capture filter, once it was changed.
    filter: String,
}

/// What a capture thread counted since it published last.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) received: u64,
    pub(super) received_bytes: u64,
    pub(super) truncated: u64,
    pub(super) super_frames: u64,
    pub(super) kernel_dropped: u64,
    pub(super) interface_dropped: u64,
}

impl Shared {
    pub(super) fn new(interface: &str, threads: u32) -> Self {
        Self {
            interface: interface.to_owned(),
            threads,
            received: AtomicU64::new(0),
            received_bytes: AtomicU64::new(0),
            kernel_dropped: AtomicU64::new(0),
            interface_dropped: AtomicU64::new(0),
            truncated: AtomicU64::new(0),
            super_frames: AtomicU64::new(0),
            presence: Mutex::default(),
            filters: AtomicU64::new(0),
        }
    }

    /// The counters as they are now. Capture threads publish when they rest, and every 512 packets.
    #[must_use]
    pub fn status(&self) -> Status {
        let presence = self.presence();
        Status {
            interface: self.interface.clone(),
            up: presence.up,
            threads: self.threads,
            received: self.received.load(Relaxed),
            received_bytes: self.received_bytes.load(Relaxed),
            kernel_dropped: self.kernel_dropped.load(Relaxed),
            interface_dropped: self.interface_dropped.load(Relaxed),
            truncated: self.truncated.load(Relaxed),
            super_frames: self.super_frames.load(Relaxed),
            lost: presence.lost,
            error: presence.error.clone(),
        }
    }

    /// Has every thread of the interface go on with another capture filter: at its next look, within about 100 ms.
    ///
    /// The filter must have been found good ([`Config::validate_filter`](super::Config::validate_filter)).
    pub fn set_filter(&self, filter: &str) {
        filter.clone_into(&mut self.presence().filter);
        self.filters.fetch_add(1, Relaxed);
    }

    /// How often the filter was changed.
    pub(super) fn filters(&self) -> u64 {
        self.filters.load(Relaxed)
    }

    /// The filter as last changed.
    pub(super) fn filter(&self) -> String {
        self.presence().filter.clone()
    }

    pub(super) fn publish(&self, tally: &mut Tally) {
        let Tally {
            received,
            received_bytes,
            truncated,
            super_frames,
            kernel_dropped,
            interface_dropped,
        } = std::mem::take(tally);
        for (to, add) in [
            (&self.received, received),
            (&self.received_bytes, received_bytes),
            (&self.truncated, truncated),
            (&self.super_frames, super_frames),
            (&self.kernel_dropped, kernel_dropped),
            (&self.interface_dropped, interface_dropped),
        ] {
            if add > 0 {
                to.fetch_add(add, Relaxed);
            }
        }
    }

    /// Notes that a thread captures on the interface with this index.
    pub(super) fn opened(&self, index: u32) {
        let mut presence = self.presence();
        presence.index = index;
        self.is_up(&mut presence);
    }

    /// Notes that the interface with this index is gone, or cannot be opened. Said and counted once, by whichever thread
    /// sees it first; not at all when another thread already found the interface back.
    pub(super) fn gone(&self, index: u32, why: &str) {
        let mut presence = self.presence();
        if presence.index == index {
            self.is_down(&mut presence, why);
        }
    }

    /// Notes whether the interface with this index is up and has link.
    pub(super) fn link(&self, index: u32, up: bool) {
        let mut presence = self.presence();
        if presence.index == index && presence.up != up {
            if up {
                self.is_up(&mut presence);
            } else {
                self.is_down(&mut presence, "down, or without link");
            }
        }
    }

    fn is_up(&self, presence: &mut Presence) {
        presence.error = None;
        if !std::mem::replace(&mut presence.up, true) && std::mem::replace(&mut presence.told, true)
        {
            tracing::warn!(interface = self.interface, "interface is back: capturing again");
        }
    }

    fn is_down(&self, presence: &mut Presence, why: &str) {
        presence.error = Some(why.to_owned());
        let was_up = std::mem::replace(&mut presence.up, false);
        if was_up {
            presence.lost = presence.lost.saturating_add(1);
        }
        if was_up || !presence.told {
            presence.told = true;
            tracing::warn!(
                interface = self.interface,
                "interface lost: {why}; trying again until it is back"
            );
        }
    }

    fn presence(&self) -> MutexGuard<'_, Presence> {
        // Plain values: they are whole even after a panic elsewhere.
        self.presence.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interface_is_lost_once_for_all_threads() {
        let shared = Shared::new("eth0", 2);
        let is = |up, lost| {
            let status = shared.status();
            assert_eq!((status.up, status.lost, status.error.is_none()), (up, lost, up));
        };
        shared.opened(4);
        shared.opened(4);
        is(true, 0);
        shared.gone(4, "gone");
        shared.gone(4, "gone");
        is(false, 1);
        shared.opened(5);
        is(true, 1);
        // The other thread notices late.
        shared.gone(4, "gone");
        shared.link(4, false);
        is(true, 1);
        shared.link(5, false);
        shared.gone(5, "gone");
        is(false, 2);
    }

    #[test]
    fn what_was_never_there_is_not_lost() {
        let shared = Shared::new("eth0", 1);
        shared.gone(0, "no such interface");
        assert_eq!((shared.status().lost, shared.status().up), (0, false));
        shared.opened(4);
        assert_eq!((shared.status().lost, shared.status().up), (0, true));
    }

    #[test]
    fn tallies_add_up() {
        let shared = Shared::new("eth0", 1);
        for _ in 0..2 {
            let mut tally = Tally { received: 2, truncated: 1, ..Tally::default() };
            shared.publish(&mut tally);
            assert_eq!((tally.received, tally.truncated), (0, 0));
        }
        let status = shared.status();
        assert_eq!((status.received, status.truncated), (4, 2));
    }
}
