//! The clocks of live capture: here time enters the program.

#![allow(clippy::disallowed_methods, reason = "live capture is where time comes from")]

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::time::Timestamp;

/// The wall clock, as the kernel stamps packets.
pub(super) fn wall() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::new(since.as_secs(), since.subsec_nanos().into())
}

/// A clock that only goes forward.
pub(super) fn now() -> Instant {
    Instant::now()
}
