//! A histogram of durations, in constant memory.
//!
//! Buckets are log-linear: sixteen to each power of two, so a quantile is off by at most one part in 32. Exact
//! below 16.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Buckets to each power of two, as a power of two.
const PRECISION: u32 = 4;

/// A distribution of durations in nanoseconds. At most 976 buckets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Histogram {
    buckets: BTreeMap<u16, u64>,
    count: u64,
    max: u64,
}

impl Histogram {
    /// Counts `value` `times` times.
    pub fn add(&mut self, value: u64, times: u64) {
        let count = self.buckets.entry(bucket(value)).or_default();
        *count = count.saturating_add(times);
        self.count = self.count.saturating_add(times);
        self.max = self.max.max(value);
    }

    /// Adds what `from` counted.
    pub fn merge(&mut self, from: &Self) {
        for (bucket, times) in &from.buckets {
            let count = self.buckets.entry(*bucket).or_default();
            *count = count.saturating_add(*times);
        }
        self.count = self.count.saturating_add(from.count);
        self.max = self.max.max(from.max);
    }

    /// How many values were counted.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The value that `percent` percent do not exceed; `None` without values.
    #[must_use]
    pub fn quantile(&self, percent: u64) -> Option<u64> {
        if self.count == 0 {
            return None;
        }
        let rank = (u128::from(self.count) * u128::from(percent.min(100))).div_ceil(100).max(1);
        let mut seen = 0_u128;
        for (bucket, count) in &self.buckets {
            seen = seen.saturating_add(u128::from(*count));
            if seen >= rank {
                return Some(middle(*bucket).min(self.max));
            }
        }
        Some(self.max)
    }

    /// The largest value.
    #[must_use]
    pub const fn max(&self) -> u64 {
        self.max
    }

    /// Buckets with their counts, as powers of two for charts: lower end in nanoseconds, and count.
    pub fn by_octave(&self) -> impl Iterator<Item = (u64, u64)> {
        let mut octaves: BTreeMap<u64, u64> = BTreeMap::new();
        for (bucket, count) in &self.buckets {
            let low = lower(*bucket);
            let octave = low.checked_ilog2().map_or(0, |power| 1_u64 << power);
            let sum = octaves.entry(octave).or_default();
            *sum = sum.saturating_add(*count);
        }
        octaves.into_iter()
    }
}

fn bucket(value: u64) -> u16 {
    let power = value.checked_ilog2().unwrap_or(0);
    let Some(shift) = power.checked_sub(PRECISION) else {
        return u16::try_from(value).unwrap_or(u16::MAX);
    };
    // 16 values per octave, behind the 16 exact ones.
    let inside = (value >> shift) & 15;
    let octave = u64::from(shift).saturating_add(1) << PRECISION;
    u16::try_from(octave.saturating_add(inside)).unwrap_or(u16::MAX)
}

fn lower(bucket: u16) -> u64 {
    let bucket = u64::from(bucket);
    match (bucket >> PRECISION).checked_sub(1) {
        None => bucket,
        Some(shift) => {
            let shift = u32::try_from(shift).unwrap_or(u32::MAX);
            ((bucket & 15) | 16).checked_shl(shift).unwrap_or(u64::MAX)
        }
    }
}

fn middle(bucket: u16) -> u64 {
    let low = lower(bucket);
    let width = lower(bucket.saturating_add(1)).saturating_sub(low);
    low.saturating_add(width / 2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn quantiles_are_near(mut values in proptest::collection::vec(any::<u64>().prop_map(|v| v >> (v % 60)), 1..300), percent in 1_u64..=100) {
            let mut histogram = Histogram::default();
            for value in &values {
                histogram.add(*value, 1);
            }
            values.sort_unstable();
            let rank = (values.len() * usize::try_from(percent).unwrap()).div_ceil(100).max(1);
            let exact = values[rank - 1];
            let told = histogram.quantile(percent).unwrap();
            prop_assert!(told.abs_diff(exact) <= exact / 32 + 1, "{told} for {exact}");
        }

        #[test]
        fn merging_is_counting_together(a in proptest::collection::vec(any::<u64>(), 0..50), b in proptest::collection::vec(any::<u64>(), 0..50)) {
            let of = |values: &[u64]| {
                let mut histogram = Histogram::default();
                values.iter().for_each(|value| histogram.add(*value, 1));
                histogram
            };
            let mut merged = of(&a);
            merged.merge(&of(&b));
            prop_assert_eq!(merged, of(&[a, b].concat()));
        }
    }

    #[test]
    fn an_empty_one_has_no_quantile() {
        assert_eq!(Histogram::default().quantile(50), None);
        let mut histogram = Histogram::default();
        histogram.add(u64::MAX, u64::MAX);
        assert!(histogram.quantile(100).unwrap() > u64::MAX / 2);
    }
}
