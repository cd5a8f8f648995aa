//! Live capture.

use crate::capture::Packet;
use crate::time::Timestamp;

/// What a look at an interface brought.
pub enum Event<'a> {
    /// A packet.
    Packet(Packet<'a>),
    /// Nothing for a while; wall-clock time.
    Idle(Timestamp),
}
