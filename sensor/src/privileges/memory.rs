//! Memory that must not reach a disk: no core dumps, keys locked out of swap.

use std::ops::Range;
use std::sync::atomic::{AtomicU8, Ordering};

use rustix::process::{DumpableBehavior, Resource, Rlimit};

use super::PrivilegeError;

/// Locks asked for so far: [`NONE`], all held, or some refused.
static LOCKS: AtomicU8 = AtomicU8::new(NONE);

const NONE: u8 = 0;
const HELD: u8 = 1;
const REFUSED: u8 = 2;

/// Switches core dumps off for this process; with that, other processes of the same user cannot read its memory either.
///
/// Both are needed: `RLIMIT_CORE` is ignored where the kernel pipes dumps to a program (core(5)).
///
/// # Errors
///
/// When the system refuses.
pub fn no_core_dumps() -> Result<(), PrivilegeError> {
    let cannot =
        |error: rustix::io::Errno| PrivilegeError::system("switch core dumps off", error.into());
    rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(cannot)?;
    rustix::process::setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })
        .map_err(cannot)
}

/// Keeps the memory of keys out of swap for as long as the process lives. Call it with each range of
/// [`Keys::memory`](crate::redact::Keys::memory), for each key file that is loaded, before [`super::confine`] for the first.
///
/// The lock is not undone when the key is dropped: locks hold whole pages and do not count, so undoing one would undo
/// that of another key on the same page. The allocator uses such pages again, so they stay few.
///
/// # Errors
///
/// When the system refuses, mostly for `RLIMIT_MEMLOCK` being 0: then swap must be off, or the service kept out of it
/// (`MemorySwapMax=0`).
pub fn lock(memory: &Range<*const u8>) -> Result<(), PrivilegeError> {
    let length = memory.end.addr().saturating_sub(memory.start.addr());
    if length == 0 {
        return Ok(());
    }
    match region::lock(memory.start, length) {
        Ok(guard) => {
            std::mem::forget(guard);
            LOCKS.fetch_max(HELD, Ordering::Relaxed);
            Ok(())
        }
        Err(error) => {
            LOCKS.fetch_max(REFUSED, Ordering::Relaxed);
            Err(PrivilegeError::system(
                "lock keys in memory (raise LimitMEMLOCK= or ulimit -l, or switch swap off)",
                std::io::Error::other(error),
            ))
        }
    }
}

/// Whether at least one key was locked, and none refused.
#[must_use]
pub fn keys_locked() -> bool {
    LOCKS.load(Ordering::Relaxed) == HELD
}
