//! What the decoders of one pool hold, against limits that they share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What the decoders of one pool may be and hold at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolLimits {
    /// Decoders.
    pub decoders_max: usize,
    /// Bytes, as estimated from what was put out.
    pub bytes_max: u64,
}

impl PoolLimits {
    /// No limits.
    pub const NONE: Self = Self { decoders_max: usize::MAX, bytes_max: u64::MAX };
}

/// What all decoders of a pool hold.
#[derive(Default)]
pub(super) struct Held(Arc<AtomicU64>);

impl Held {
    /// How many decoders there are.
    pub(super) fn decoders(&self) -> usize {
        Arc::strong_count(&self.0).saturating_sub(1)
    }

    /// A charge of nothing for one more decoder, if there may be one.
    pub(super) fn charge(&self, limits: PoolLimits) -> Option<Charge> {
        let fits = self.decoders() < limits.decoders_max;
        fits.then(|| Charge { all: Arc::clone(&self.0), own: 0, max: limits.bytes_max })
    }
}

/// What one decoder holds; given back when it goes.
pub(super) struct Charge {
    all: Arc<AtomicU64>,
    own: u64,
    max: u64,
}

impl Charge {
    /// The decoder holds so many bytes now, unless that is more than fits: then `false`.
    #[inline]
    pub(super) fn grow(&mut self, bytes: u64) -> bool {
        let more = bytes.saturating_sub(self.own);
        if more == 0 {
            return true;
        }
        let all = self.all.load(Ordering::Relaxed).saturating_add(more);
        if all <= self.max {
            self.own = bytes;
            self.all.store(all, Ordering::Relaxed);
        }
        all <= self.max
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.all.fetch_sub(self.own, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_charge_is_taken_while_it_fits_and_given_back() {
        let (held, limits) = (Held::default(), PoolLimits { decoders_max: 2, bytes_max: 100 });
        let mut one = held.charge(limits).unwrap();
        let mut other = held.charge(limits).unwrap();
        assert!(held.charge(limits).is_none());
        assert!(one.grow(60) && one.grow(50) && other.grow(40));
        assert!(!other.grow(41) && !one.grow(61));
        drop(one);
        assert_eq!(held.decoders(), 1);
        assert!(other.grow(100) && !other.grow(101));
    }
}
