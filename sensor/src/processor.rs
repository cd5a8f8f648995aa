//! Binding threads to processors.

use std::io;

use rustix::thread::{CpuSet, sched_setaffinity};

/// Binds the calling thread to `processor`, counted from 0.
///
/// # Errors
///
/// When there is no such processor, or the system refuses.
pub fn bind(processor: usize) -> io::Result<()> {
    if processor >= CpuSet::MAX_CPU {
        return Err(io::Error::other("there are not that many processors"));
    }
    let mut set = CpuSet::new();
    set.set(processor);
    Ok(sched_setaffinity(None, &set)?)
}

#[cfg(test)]
mod tests {
    use rustix::thread::sched_getaffinity;

    use super::*;

    #[test]
    fn a_thread_is_bound_or_told_why_not() {
        std::thread::spawn(|| {
            let before = sched_getaffinity(None).unwrap();
            let some = (0..CpuSet::MAX_CPU).find(|number| before.is_set(*number)).unwrap();
            bind(some).unwrap();
            let now = sched_getaffinity(None).unwrap();
            assert!(now.count() == 1 && now.is_set(some));
            assert!(bind(CpuSet::MAX_CPU).is_err());
            // The last one that can be named is not in this machine.
            assert!(bind(CpuSet::MAX_CPU - 1).is_err());
        })
        .join()
        .unwrap();
    }
}
