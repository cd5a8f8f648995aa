//! A signal while captures are read: the command ends in order, and then by that signal, as shells expect. A second
//! signal ends it at once.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::capture::stop;

/// The signal that came, if any.
pub(super) struct Interrupt(Arc<AtomicUsize>);

impl Interrupt {
    /// Catches TERM, INT and HUP from now on, but for those that whoever started us had us ignore (`nohup`).
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub(super) fn catch() -> io::Result<Self> {
        let came = Arc::<AtomicUsize>::default();
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        for signal in [SIGTERM, SIGINT, SIGHUP] {
            if is_ignored(&status, signal) {
                continue;
            }
            let number = usize::try_from(signal).unwrap_or_default();
            // The first sets the flag that arms this one.
            signal_hook::flag::register_conditional_default(signal, stop::flag())?;
            signal_hook::flag::register_usize(signal, Arc::clone(&came), number)?;
            signal_hook::flag::register(signal, stop::flag())?;
        }
        Ok(Self(came))
    }

    /// Ends the process by the signal that came, having said so.
    pub(super) fn end(&self) {
        let signal = self.0.load(Ordering::Relaxed);
        let Some(signal) = i32::try_from(signal).ok().filter(|&signal| signal != 0) else { return };
        let name = signal_hook::low_level::signal_name(signal).unwrap_or("a signal");
        // Nobody is left to tell when standard error is gone too.
        let _unheard = writeln!(
            io::stderr(),
            "apitap: stopped by {name} before the end: what was not written by then is left out"
        );
        // It does not return, but for a signal that ends nothing.
        let _survived = signal_hook::low_level::emulate_default_handler(signal);
    }
}

/// Whether the process ignores a signal, by its `/proc/self/status`.
fn is_ignored(status: &str, signal: i32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    let bit = u32::try_from(signal).ok().and_then(|signal| signal.checked_sub(1));
    bit.and_then(|bit| mask.checked_shr(bit)).is_some_and(|rest| rest & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignored_signals_are_told_by_the_mask() {
        // What `nohup` leaves, and a shell's background job.
        let status = "Name:\tapitap\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000001\n";
        assert!(is_ignored(status, SIGHUP) && !is_ignored(status, SIGINT));
        let status = "SigIgn:\t0000000000000006\n";
        assert!(is_ignored(status, SIGINT) && !is_ignored(status, SIGTERM));
        assert!(!is_ignored("", SIGINT) && !is_ignored("SigIgn:\tx", SIGINT));
    }
}
