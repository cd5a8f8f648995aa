//! Live capture.

/// What became of an interface's packets, kernel side included.
#[derive(Debug, Clone, Default)]
pub struct Status {
    /// Its name: `eth0`.
    pub interface: String,
    /// Whether packets are captured from it now.
    pub up: bool,
    /// Threads that capture from it.
    pub threads: u32,
    /// Packets handed to us.
    pub received: u64,
    /// Bytes of those packets.
    pub received_bytes: u64,
    /// Packets dropped by the kernel because our ring was full.
    pub kernel_dropped: u64,
    /// Packets dropped by the network card or its driver.
    pub interface_dropped: u64,
    /// Packets left out by `inner_filter`.
    pub filtered: u64,
    /// Packets cut by the snap length.
    pub truncated: u64,
    /// Packets longer than a jumbo frame: joined by offload.
    pub super_frames: u64,
    /// Times the interface went away.
    pub lost: u64,
    /// Why nothing is captured now.
    pub error: Option<String>,
}

use crate::capture::Packet;
use crate::time::Timestamp;

/// What a look at an interface brought.
pub enum Event<'a> {
    /// A packet.
    Packet(Packet<'a>),
    /// Nothing for a while; wall-clock time.
    Idle(Timestamp),
}
