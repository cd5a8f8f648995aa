//! Limits on WebSocket connections.

use serde::{Deserialize, Serialize};

use crate::bounded::within;

/// What following WebSocket may cost.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Messages of one connection, both directions, that get a record of their own each second; the others are
    /// counted in the next record of their direction. 0 records only the ends. Any number.
    pub messages_per_second_max: u32,
    /// Whether pings and pongs get records of their own; they are counted in any case.
    pub control_records: bool,
    /// Bytes of unfinished messages and of decompression (48 KiB for each direction that uses it) held at one time,
    /// all connections together; what does not fit is reported by its size. From 1 MiB.
    #[serde(deserialize_with = "within::<0x10_0000, { u64::MAX }, _, _>")]
    pub bytes_total_max: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self { messages_per_second_max: 100, control_records: false, bytes_total_max: 128 << 20 }
    }
}
