//! What was seen below a place of a path, in a few numbers: the smallest hashes of a set (bottom-k sketch).
//!
//! Source: E. Cohen, H. Kaplan, "Summarizing Data using Bottom-k Sketches", PODC 2007.

use serde::{Deserialize, Serialize};

/// Hashes kept of a set.
const KEPT: usize = 128;

/// A set, by its smallest hashes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<u32>", into = "Vec<u32>")]
pub(super) struct Sketch {
    /// Ascending.
    hashes: Vec<u32>,
}

impl From<Vec<u32>> for Sketch {
    fn from(hashes: Vec<u32>) -> Self {
        let mut made = Self::default();
        hashes.into_iter().for_each(|hash| made.insert(hash));
        made
    }
}

impl From<Sketch> for Vec<u32> {
    fn from(sketch: Sketch) -> Self {
        sketch.hashes
    }
}

impl Sketch {
    pub(super) const fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// Adds an element.
    pub(super) fn insert(&mut self, hash: u32) {
        if self.is_full() && self.hashes.last().is_some_and(|last| hash >= *last) {
            return;
        }
        if let Err(at) = self.hashes.binary_search(&hash) {
            self.hashes.insert(at, hash);
            self.hashes.truncate(KEPT);
        }
    }

    /// Adds all of another set.
    pub(super) fn extend(&mut self, other: &Self) {
        other.hashes.iter().for_each(|hash| self.insert(*hash));
    }

    const fn is_full(&self) -> bool {
        self.hashes.len() >= KEPT
    }

    /// How many elements of the smaller of two sets could be compared, and how many of them are in the other.
    pub(super) fn shared(&self, other: &Self) -> (usize, usize) {
        let (small, large) =
            if self.hashes.len() <= other.hashes.len() { (self, other) } else { (other, self) };
        // Of a set that was cut, nothing is known beyond its last.
        let end = if large.is_full() { large.hashes.last().copied() } else { None };
        let (mut compared, mut both) = (0_usize, 0_usize);
        let mut others = large.hashes.iter().copied().peekable();
        for hash in small.hashes.iter().copied() {
            if end.is_some_and(|end| hash > end) {
                break;
            }
            compared = compared.saturating_add(1);
            while others.next_if(|other| *other < hash).is_some() {}
            both = both.saturating_add(usize::from(others.peek() == Some(&hash)));
        }
        (compared, both)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(hashes: impl IntoIterator<Item = u32>) -> Sketch {
        let mut made = Sketch::default();
        hashes.into_iter().for_each(|hash| made.insert(hash));
        made
    }

    #[test]
    fn sets_are_compared_by_their_smallest() {
        let one = of([1, 2, 3, 4]);
        assert_eq!(one.shared(&of([2, 3])), (2, 2));
        assert_eq!(one.shared(&of([7, 8])), (2, 0));
        assert_eq!(Sketch::default().shared(&one), (0, 0));
        let many = of(0..1000);
        assert_eq!((many.hashes.len(), many.hashes.last()), (KEPT, Some(&127)));
        assert_eq!(many.shared(&of([5, 500])), (1, 1), "500 is beyond what is known");
    }

    proptest! {
        #[test]
        fn the_order_of_elements_changes_nothing(mut hashes in proptest::collection::vec(any::<u32>(), 0..100)) {
            let one = of(hashes.iter().copied());
            hashes.reverse();
            let mut other = of(hashes.iter().copied().skip(30));
            other.extend(&of(hashes.iter().copied().take(30)));
            prop_assert_eq!(one, other);
        }
    }
}
