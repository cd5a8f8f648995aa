//! Limits of reassembly.

use serde::{Deserialize, Serialize};

use crate::bounded::within;

/// Limits of one [`Reassembler`](super::Reassembler).
///
/// They hold for one worker: whoever starts several divides `connections_max` and `memory_bytes_max` among
/// them. Times are capture time. Values out of range are refused when they are read; of those made in code the nearest end counts.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Connections followed at once, half-open and just closed ones included, 1 to 16,000,000. The one that
    /// would time out first makes room.
    #[serde(deserialize_with = "within::<1, 16_000_000, _, _>")]
    pub connections_max: u32,
    /// Bytes held for one direction behind a hole, from 0 (no reordering) to 1 GiB. Beyond, the oldest
    /// hole is given up. Bookkeeping counts as bytes.
    #[serde(deserialize_with = "within::<0, 0x4000_0000, _, _>")]
    pub direction_bytes_max: u64,
    /// Bytes held for both directions of one connection, from 0 to 2 GiB.
    #[serde(deserialize_with = "within::<0, 0x8000_0000, _, _>")]
    pub connection_bytes_max: u64,
    /// Bytes held for all connections, from 0.
    pub memory_bytes_max: u64,
    /// Silence after which a connection is closed, in seconds, 1 to 86,400.
    #[serde(deserialize_with = "within::<1, 86_400, _, _>")]
    pub idle_seconds_max: u32,
    /// Silence after which a handshake without an answer, or a side that ended while the other was never
    /// seen, is forgotten, in seconds, 1 to 86,400.
    #[serde(deserialize_with = "within::<1, 86_400, _, _>")]
    pub opening_seconds_max: u32,
    /// Time that a closed connection is remembered to swallow late copies, in seconds, 0 to 3,600. Twelve
    /// times that while one end still sends them.
    #[serde(deserialize_with = "within::<0, 3_600, _, _>")]
    pub closed_seconds_max: u32,
    /// Age at which a hole is given up that no acknowledgement covers, in seconds, 1 to 3,600.
    #[serde(deserialize_with = "within::<1, 3_600, _, _>")]
    pub hole_seconds_max: u32,
    /// The same where only one direction of the connection is seen, in milliseconds, 1 to 3,600,000.
    #[serde(deserialize_with = "within::<1, 3_600_000, _, _>")]
    pub oneway_hole_millis_max: u32,
    /// Segments of the connection, after the one whose acknowledgement covers a hole, that may still fill
    /// it, 0 to 1,000. Not applied to a connection with several views, or from several interfaces, as the two cables
    /// of a TAP: their clocks differ, only time counts.
    #[serde(deserialize_with = "within::<0, 1_000, _, _>")]
    pub grace_segments_max: u32,
    /// Time after the acknowledgement that covers a hole in which it may still be filled, and in which data
    /// may still follow a reset, in milliseconds, 0 to 60,000. Whichever of the two comes first ends it.
    #[serde(deserialize_with = "within::<0, 60_000, _, _>")]
    pub grace_millis_max: u32,
    /// Copies of one packet come less than this apart, in milliseconds, 0 to 10,000.
    #[serde(deserialize_with = "within::<0, 10_000, _, _>")]
    pub duplicate_millis_max: u32,
}

impl Config {
    /// The share of one of `workers`: limits of the whole process are divided.
    #[must_use]
    pub fn share(&self, workers: usize) -> Self {
        let workers = u32::try_from(workers.max(1)).unwrap_or(u32::MAX);
        Self {
            connections_max: (self.connections_max / workers).max(1),
            memory_bytes_max: self.memory_bytes_max / u64::from(workers),
            ..self.clone()
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            connections_max: 1_000_000,
            direction_bytes_max: 1 << 20,
            connection_bytes_max: 3 << 19,
            memory_bytes_max: 256 << 20,
            idle_seconds_max: 300,
            opening_seconds_max: 30,
            closed_seconds_max: 5,
            hole_seconds_max: 10,
            oneway_hole_millis_max: 1000,
            grace_segments_max: 64,
            grace_millis_max: 250,
            duplicate_millis_max: 50,
        }
    }
}

/// [`Config`] in the units the stage works in: nanoseconds, every value in range.
#[derive(Clone)]
pub(super) struct Limits {
    pub(super) connections: usize,
    pub(super) direction: u64,
    pub(super) connection: u64,
    pub(super) memory: u64,
    pub(super) idle: u64,
    pub(super) opening: u64,
    pub(super) closed: u64,
    pub(super) hole: u64,
    pub(super) oneway_hole: u64,
    pub(super) grace_segments: u32,
    pub(super) grace: u64,
    pub(super) duplicate: u64,
}

impl From<&Config> for Limits {
    fn from(config: &Config) -> Self {
        let seconds =
            |value: u32, least, most| millis(value.clamp(least, most)).saturating_mul(1000);
        Self {
            connections: usize::try_from(config.connections_max.clamp(1, 16_000_000)).unwrap_or(1),
            direction: config.direction_bytes_max.min(1 << 30),
            connection: config.connection_bytes_max.min(2 << 30),
            memory: config.memory_bytes_max,
            idle: seconds(config.idle_seconds_max, 1, 86_400),
            opening: seconds(config.opening_seconds_max, 1, 86_400),
            closed: seconds(config.closed_seconds_max, 0, 3_600),
            hole: seconds(config.hole_seconds_max, 1, 3_600),
            oneway_hole: millis(config.oneway_hole_millis_max.clamp(1, 3_600_000)),
            grace_segments: config.grace_segments_max.min(1_000),
            grace: millis(config.grace_millis_max.min(60_000)),
            duplicate: millis(config.duplicate_millis_max.min(10_000)),
        }
    }
}

fn millis(value: u32) -> u64 {
    u64::from(value).saturating_mul(1_000_000)
}
