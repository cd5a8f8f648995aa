//! The queue of records between the workers and the sink, bounded in records.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};

use crate::record::Record;

/// How full the queue is.
#[derive(Clone)]
pub(super) struct Gauge {
    queued: Arc<AtomicUsize>,
    max: usize,
}

impl Gauge {
    /// 0 to 1, or more while the end is being handed on.
    pub(super) fn fill(&self) -> f64 {
        let float = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
        float(self.queued()) / float(self.max)
    }

    /// Records that wait.
    pub(super) fn queued(&self) -> usize {
        self.queued.load(Ordering::Relaxed)
    }
}

/// A worker's end.
#[derive(Clone)]
pub(super) struct Outlet {
    sender: Sender<Vec<Record>>,
    gauge: Gauge,
}

/// The sink's end. Disconnected when every worker has ended.
pub struct Records {
    receiver: Receiver<Vec<Record>>,
    gauge: Gauge,
}

/// A queue of `max` records, at least 1.
pub(super) fn queue(max: usize) -> (Outlet, Records, Gauge) {
    let (sender, receiver) = unbounded();
    let gauge = Gauge { queued: Arc::default(), max: max.max(1) };
    (Outlet { sender, gauge: gauge.clone() }, Records { receiver, gauge: gauge.clone() }, gauge)
}

impl Outlet {
    /// Hands records on; `false` when the queue is full or nobody takes them: they are gone. `whatever`: though
    /// the queue is full, as at the end, when no more will come.
    pub(super) fn push(&self, records: Vec<Record>, whatever: bool) -> bool {
        let (count, gauge) = (records.len(), &self.gauge);
        if !whatever && gauge.queued.load(Ordering::Relaxed).saturating_add(count) > gauge.max {
            return false;
        }
        gauge.queued.fetch_add(count, Ordering::Relaxed);
        self.sender.send(records).is_ok()
    }
}

impl Records {
    /// The next records, or why there are none after `limit`.
    ///
    /// # Errors
    ///
    /// [`RecvTimeoutError::Disconnected`] when no more will come.
    pub fn next(&self, limit: Duration) -> Result<Vec<Record>, RecvTimeoutError> {
        let records = self.receiver.recv_timeout(limit)?;
        self.gauge.queued.fetch_sub(records.len(), Ordering::Relaxed);
        Ok(records)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::sample;

    #[test]
    fn it_is_bounded_in_records() {
        let (outlet, records, gauge) = queue(3);
        let some = |n: usize| (0..n).map(|_| sample::record()).collect::<Vec<_>>();
        assert!(outlet.push(some(2), false) && !outlet.push(some(2), false));
        assert!(outlet.push(some(1), false) && (gauge.fill() - 1.0).abs() < 1e-9);
        assert!(outlet.push(some(4), true), "the end is not dropped");
        drop(outlet);
        let mut taken = Vec::new();
        while let Ok(chunk) = records.next(Duration::ZERO) {
            taken.push(chunk.len());
        }
        assert_eq!((taken, gauge.fill()), (vec![2, 1, 4], 0.0));
        assert_eq!(records.next(Duration::ZERO).err(), Some(RecvTimeoutError::Disconnected));
    }
}
