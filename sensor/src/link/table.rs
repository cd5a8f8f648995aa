//! A table that forgets what was used least lately, half of it at once.

use std::hash::Hash;

use hashbrown::HashMap;

/// At most so many entries. Whatever the keys, an operation takes a few comparisons.
pub(super) struct Table<K, V> {
    young: HashMap<K, V, foldhash::fast::RandomState>,
    old: HashMap<K, V, foldhash::fast::RandomState>,
    /// Entries of one half.
    half: usize,
    /// Entries forgotten for want of room.
    pub(super) evicted: u64,
}

impl<K: Hash + Eq, V> Table<K, V> {
    /// For `max` entries, at least 2.
    pub(super) fn new(max: usize) -> Self {
        let half = (max / 2).max(1);
        Self { young: HashMap::default(), old: HashMap::default(), half, evicted: 0 }
    }

    /// Whether it holds nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.young.is_empty() && self.old.is_empty()
    }

    /// The entry of a key, used now.
    pub(super) fn get<Q>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: std::borrow::Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        if !self.young.contains_key(key) {
            let (key, value) = self.old.remove_entry(key)?;
            self.insert(key, value);
        }
        self.young.get_mut(key)
    }

    /// Puts an entry in the place of the one before.
    pub(super) fn insert(&mut self, key: K, value: V) {
        if self.young.len() >= self.half && !self.young.contains_key(&key) {
            let gone = std::mem::replace(&mut self.old, std::mem::take(&mut self.young));
            let gone = u64::try_from(gone.len()).unwrap_or(u64::MAX);
            self.evicted = self.evicted.saturating_add(gone);
        }
        // Of an entry that came back, the old half must not hold another.
        self.old.remove(&key);
        self.young.insert(key, value);
    }

    /// Takes the entry of a key out.
    pub(super) fn remove<Q>(&mut self, key: &Q) -> Option<V>
    where
        K: std::borrow::Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.young.remove(key).or_else(|| self.old.remove(key))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_used_stays() {
        let mut table = Table::new(8);
        table.insert(0, "kept");
        for key in 1..1000 {
            table.insert(key, "other");
            assert_eq!(table.get(&0), Some(&mut "kept"), "{key}");
            assert!(table.young.len() + table.old.len() <= 8);
        }
        assert!(table.evicted > 900 && table.get(&1).is_none());
    }

    proptest! {
        // With room for all, it is a map.
        #[test]
        fn with_room_it_is_a_map(steps in prop::collection::vec((0..3_u8, 0..20_u8, 0..9_u8), 0..200)) {
            let mut table = Table::new(64);
            let mut model = std::collections::HashMap::new();
            for (act, key, value) in steps {
                match act {
                    0 => {
                        table.insert(key, value);
                        model.insert(key, value);
                    }
                    1 => prop_assert_eq!(table.get(&key).copied(), model.get(&key).copied()),
                    _ => prop_assert_eq!(table.remove(&key), model.remove(&key)),
                }
            }
            prop_assert_eq!(table.is_empty(), model.is_empty());
        }
    }
}
