//! Bounded counting.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::news::News;

/// Room that all tables of an inventory share: one cell for each thing they remember.
///
/// Tables have limits of their own besides; this one bounds the sum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    left: u64,
    /// Things not remembered for want of room.
    pub refused: u64,
    /// What tables take in that they did not know, while somebody wants to hear of it.
    #[serde(skip)]
    pub(super) news: Option<News>,
}

impl Budget {
    /// Room for `cells` things.
    #[must_use]
    pub const fn new(cells: u64) -> Self {
        Self { left: cells, refused: 0, news: None }
    }

    /// Takes `cells` cells, or none and `false`.
    pub(super) const fn take(&mut self, cells: u64) -> bool {
        match self.left.checked_sub(cells) {
            Some(left) => {
                self.left = left;
                true
            }
            None => {
                self.refused = self.refused.saturating_add(1);
                false
            }
        }
    }

    /// Cells left.
    #[must_use]
    pub const fn left(&self) -> u64 {
        self.left
    }
}

/// How often things were seen; the first ones by name, the others as a sum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally<K: Ord> {
    /// By name.
    pub counts: BTreeMap<K, u64>,
    /// Those without a place of their own.
    pub other: u64,
}

impl<K: Ord> Default for Tally<K> {
    fn default() -> Self {
        Self { counts: BTreeMap::new(), other: 0 }
    }
}

impl<K: Ord> Tally<K> {
    /// Counts `key` `times` times; at most `max` keys are remembered.
    pub(super) fn add<Q>(&mut self, key: &Q, times: u64, max: usize, budget: &mut Budget)
    where
        K: std::borrow::Borrow<Q>,
        Q: Ord + ToOwned<Owned = K> + ?Sized,
    {
        if let Some(count) = self.counts.get_mut(key) {
            *count = count.saturating_add(times);
        } else if self.counts.len() < max && budget.take(1) {
            self.counts.insert(key.to_owned(), times);
        } else {
            self.other = self.other.saturating_add(times);
        }
    }

    /// Adds what `from` counted.
    pub(super) fn merge(&mut self, from: &Self, max: usize, budget: &mut Budget)
    where
        K: Clone,
    {
        for (key, times) in &from.counts {
            self.add(key, *times, max, budget);
        }
        self.other = self.other.saturating_add(from.other);
    }

    /// All counts together.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.values().fold(self.other, |sum, count| sum.saturating_add(*count))
    }

    /// How often `key` was seen, as far as remembered.
    #[must_use]
    pub fn of<Q>(&self, key: &Q) -> u64
    where
        K: std::borrow::Borrow<Q>,
        Q: Ord + ?Sized,
    {
        self.counts.get(key).copied().unwrap_or(0)
    }

    /// The key seen most; the first of several.
    #[must_use]
    pub fn most(&self) -> Option<&K> {
        let mut best: Option<(&K, u64)> = None;
        for (key, count) in &self.counts {
            if best.is_none_or(|(_, most)| *count > most) {
                best = Some((key, *count));
            }
        }
        best.map(|(key, _)| key)
    }

    /// Whether nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty() && self.other == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_place_is_still_counted() {
        let mut budget = Budget::new(3);
        let mut tally = Tally::<String>::default();
        for key in ["a", "b", "c", "a"] {
            tally.add(key, 1, 2, &mut budget);
        }
        assert_eq!((tally.of("a"), tally.of("c"), tally.other, tally.total()), (2, 0, 1, 4));
        assert_eq!(budget, Budget { left: 1, refused: 0, news: None });
        let mut second = Tally::<String>::default();
        second.merge(&tally, 9, &mut budget);
        assert_eq!((second.of("a"), second.other, second.total()), (2, 2, 4));
        assert_eq!(budget.refused, 1);
        assert_eq!(second.most().map(String::as_str), Some("a"));
    }
}
