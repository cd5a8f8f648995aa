//! What learning is told of a call: the steps of its path and what came back, in hashes.

use std::hash::BuildHasher as _;

use serde::{Deserialize, Serialize};

/// Steps of a path that are looked at.
pub(super) const STEPS_MAX: usize = 16;
/// Fields of an answer that are looked at.
pub(super) const FIELDS_MAX: usize = 8;

/// One segment of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Step {
    /// A value by its form.
    #[default]
    Value,
    /// What could be a word.
    Word(Word),
}

/// A word of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// [`hash`] of its octets.
    pub hash: u64,
    /// Whether the privacy rules let it stay.
    pub kept: bool,
    /// What it looks like.
    pub look: Look,
}

/// What a word looks like: a part of an API, or a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub enum Look {
    /// A part of an API: well known, a plural, a compound as in code.
    Firm,
    /// Either.
    Plain,
    /// No word that is known: a name, or an abbreviation.
    Odd,
    /// Several words joined by hyphens: `sign-verbatim`, `lazy-tools`.
    Joined,
    /// A value: `summer-sale`.
    #[default]
    Loose,
}

/// A call, as far as templates go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trail {
    steps: [Step; STEPS_MAX],
    len: usize,
    /// Whether there were more segments than are looked at.
    long: bool,
    method: u32,
    fields: Smallest,
}

/// The smallest of some numbers, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Smallest {
    /// Ascending, then only the largest number there is.
    list: [u32; FIELDS_MAX],
    /// How many there are without the largest number there is.
    len: usize,
    /// Whether that is among them.
    largest: bool,
}

impl Default for Smallest {
    fn default() -> Self {
        Self { list: [u32::MAX; FIELDS_MAX], len: 0, largest: false }
    }
}

impl Smallest {
    #[inline]
    fn add(&mut self, number: u32) {
        let [.., last] = self.list;
        self.largest |= number == u32::MAX;
        // Most are beyond the smallest ones.
        if number < last {
            self.insert(number);
        }
    }

    /// Each number takes the place of the next larger one, until one is there already or was free.
    fn insert(&mut self, number: u32) {
        let (mut moved, mut fresh) = (number, true);
        for slot in &mut self.list {
            let (known, same) = (*slot, *slot == moved);
            *slot = known.min(moved);
            fresh &= !same | (moved == u32::MAX);
            moved = if same { u32::MAX } else { known.max(moved) };
        }
        self.len = self.len.saturating_add(usize::from(fresh)).min(FIELDS_MAX);
    }

    fn all(&self) -> &[u32] {
        let len = self.len.saturating_add(usize::from(self.largest)).min(FIELDS_MAX);
        self.list.get(..len).unwrap_or_default()
    }
}

impl Trail {
    /// Begins a call.
    pub fn clear(&mut self) {
        (self.len, self.long, self.method) = (0, false, 0);
        self.fields = Smallest::default();
    }

    /// Adds a segment.
    pub fn push(&mut self, step: Step) {
        match self.steps.get_mut(self.len) {
            Some(slot) => {
                *slot = step;
                self.len = self.len.saturating_add(1);
            }
            None => self.long = true,
        }
    }

    /// Says how the call was made.
    pub fn set_method(&mut self, method: &str) {
        self.method = low(hash(method.as_bytes()));
    }

    /// Adds a field of the answer, by a hash of its name and place.
    #[inline]
    pub fn field(&mut self, name: u64) {
        self.fields.add(low(name));
    }

    /// The segments.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        self.steps.get(..self.len).unwrap_or_default()
    }

    pub(super) fn fields(&self) -> &[u32] {
        self.fields.all()
    }

    pub(super) const fn method(&self) -> u32 {
        self.method
    }

    /// Whether there were more segments than are looked at.
    pub(super) const fn is_long(&self) -> bool {
        self.long
    }
}

/// Hash of a word (FNV-1a, mixed): the same on every sensor and after every restart.
#[must_use]
pub fn hash(octets: &[u8]) -> u64 {
    let step = |hash: u64, octet: &u8| (hash ^ u64::from(*octet)).wrapping_mul(0x0100_0000_01b3);
    mix(octets.iter().fold(0xcbf2_9ce4_8422_2325, step), 0)
}

/// What [`Trail::field`] is told of a field: a hash of its path, the same on every sensor with the same version of the
/// library that makes it.
#[must_use]
pub fn field(path: &str) -> u64 {
    foldhash::fast::FixedState::default().hash_one(path)
}

/// A hash of two.
pub(super) const fn mix(one: u64, other: u64) -> u64 {
    // Finalizer of SplitMix64.
    let z = one ^ other.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The lower half.
pub(super) const fn low(hash: u64) -> u32 {
    let [a, b, c, d, ..] = hash.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_fields_are_kept_in_any_order() {
        let mut trail = Trail::default();
        for n in (0..40_u64).rev().chain(0..40) {
            trail.field(n);
        }
        assert_eq!(trail.fields(), [0, 1, 2, 3, 4, 5, 6, 7]);
        trail.clear();
        assert!(trail.fields().is_empty());
    }

    proptest::proptest! {
        #[test]
        fn the_fields_kept_are_those_of_a_set(
            names in proptest::collection::vec(0..24_u64, 0..40), last: bool,
        ) {
            // The largest there is among them, too.
            let names: Vec<_> = names.into_iter().chain(last.then_some(u64::MAX)).collect();
            let mut trail = Trail::default();
            names.iter().for_each(|name| trail.field(*name));
            let set: std::collections::BTreeSet<_> = names.into_iter().map(low).collect();
            let smallest: Vec<_> = set.into_iter().take(FIELDS_MAX).collect();
            proptest::prop_assert_eq!(trail.fields(), smallest);
        }
    }

    #[test]
    fn long_paths_are_cut() {
        let mut trail = Trail::default();
        (0..STEPS_MAX).for_each(|_| trail.push(Step::Value));
        assert!(!trail.is_long());
        trail.push(Step::Value);
        assert!(trail.is_long() && trail.steps().len() == STEPS_MAX);
    }
}
