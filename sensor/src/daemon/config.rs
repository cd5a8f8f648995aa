//! Settings of the daemon itself.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::bounded::{Within, within, zero_or};

/// Threads, and how the daemon ends.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Worker threads, 1 to 256; 0: one less than there are processors, at least one.
    #[serde(deserialize_with = "within::<0, 256, _, _>")]
    pub workers: usize,
    /// Processors that the workers are bound to, by number, in turn. Empty: none.
    pub processors: Vec<Within<0, 1023>>,
    /// Segments waiting for one worker, in MiB, 1 to 1024. Default: 32.
    #[serde(deserialize_with = "within::<1, 1024, _, _>")]
    pub queue_mebibytes_max: usize,
    /// Records waiting for the sink, 64 to 1,048,576. Default: 8192.
    #[serde(deserialize_with = "within::<64, 1_048_576, _, _>")]
    pub queue_records_max: usize,
    /// How long the end waits until what was captured is delivered or spooled, in seconds,
    /// 0 to 86,400. Default: 20.
    #[serde(deserialize_with = "within::<0, 86_400, _, _>")]
    pub drain_seconds_max: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            workers: 0,
            processors: Vec::new(),
            queue_mebibytes_max: 32,
            queue_records_max: 8192,
            drain_seconds_max: 20,
        }
    }
}

impl Config {
    /// Worker threads to start.
    #[must_use]
    pub fn workers(&self) -> usize {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        match self.workers {
            0 => processors.saturating_sub(1).max(1),
            workers => workers.min(256),
        }
    }
}

/// When less is inspected.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Overload {
    /// Whether the ladder is climbed at all. Without it what queues cannot take is lost. Default: true.
    pub ladder: bool,
    /// Pressure must last this long before the next rung, in milliseconds, 100 to 3,600,000. Default: 500.
    #[serde(deserialize_with = "within::<100, 3_600_000, _, _>")]
    pub climb_milliseconds: u64,
    /// It must be absent this long before the rung below, in seconds, 1 to 86,400. Default: 10.
    #[serde(deserialize_with = "within::<1, 86_400, _, _>")]
    pub descend_seconds: u64,
    /// Memory of the process, in MiB, 64 to 16,777,216, besides the kernel's capture buffers. Tables, buffers and queues are sized
    /// to it, and nine tenths of it are pressure. 0: nine tenths of the control group's limit; without one, only
    /// the limits of each stage hold.
    #[serde(deserialize_with = "zero_or::<64, 0x100_0000, _, _>")]
    pub memory_mebibytes_max: u64,
}

impl Default for Overload {
    fn default() -> Self {
        Self { ladder: true, climb_milliseconds: 500, descend_seconds: 10, memory_mebibytes_max: 0 }
    }
}

impl Overload {
    /// How long pressure lasts before the next rung.
    #[must_use]
    pub fn climb_after(&self) -> Duration {
        Duration::from_millis(self.climb_milliseconds.max(100))
    }

    /// How long it is absent before the rung below.
    #[must_use]
    pub fn descend_after(&self) -> Duration {
        Duration::from_secs(self.descend_seconds.max(1))
    }
}
