//! What was seen below a place of a path, in a few numbers: the smallest hashes of a set (bottom-k sketch).
//!
//! Source: E. Cohen, H. Kaplan, "Summarizing Data using Bottom-k Sketches", PODC 2007.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::trail::mix;

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

    /// Compares answers, of sketches that hold [`answer`]s: what is answered to the same method, the same number of segments
    /// further on.
    pub(super) fn answers(&self, other: &Self) -> Answers {
        let mut found = Answers::default();
        let (mut ones, mut others) = (self.ends(), other.ends());
        let (mut one, mut two) = (ones.next(), others.next());
        while let (Some(a), Some(b)) = (one, two) {
            match end(a).cmp(&end(b)) {
                Ordering::Less => one = ones.next(),
                Ordering::Greater => two = others.next(),
                Ordering::Equal => {
                    found.add(a, b);
                    (one, two) = (ones.next(), others.next());
                }
            }
        }
        found
    }

    /// Runs of elements that have the same end.
    fn ends(&self) -> impl Iterator<Item = &[u32]> {
        self.hashes.chunk_by(|one, other| one >> 16 == other >> 16)
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

fn end(run: &[u32]) -> u32 {
    run.first().map_or(0, |hash| hash >> 16)
}

/// Fields that are told of an answer, where a path ends, and of those that end further on.
pub(super) const FIELDS_HERE: usize = 8;
pub(super) const FIELDS_ABOVE: usize = 2;

/// An element that stands for a field of an answer, or for there being one (`None`); `left`: segments until the end.
pub(super) const fn answer(method: u32, left: usize, field: Option<u32>) -> u32 {
    let [a, b, c, d, ..] = left.to_le_bytes();
    let end = mix(u32::from_le_bytes([a, b, c, d]) as u64, method as u64).to_le_bytes();
    // Whether fields of an answer here, or further on: of those fewer are told.
    let first = if left == 0 { end[0] & 0xfe } else { end[0] | 1 };
    // The larger half keeps the order of fields.
    let [.., high, higher] = match field {
        Some(field) => field.to_le_bytes(),
        None => [0; 4],
    };
    u32::from_le_bytes([high, higher, first, end[1]])
}

/// What a comparison of answers found.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answers {
    /// What both answer.
    pub(super) both: usize,
    /// What only the one answers, and only the other.
    pub(super) only: [usize; 2],
}

impl Answers {
    fn add(&mut self, one: &[u32], other: &[u32]) {
        let here = end(one) & 1 == 0;
        // Each call told its smallest fields; beyond so many of all, chance decides which were told.
        let most = if here { FIELDS_HERE } else { FIELDS_ABOVE }.saturating_add(1);
        let (mut ones, mut others) = (one.iter().peekable(), other.iter().peekable());
        for _ in 0..most {
            let order = match (ones.peek(), others.peek()) {
                (None, None) => return,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(one), Some(other)) => one.cmp(other),
            };
            let [one, other] = &mut self.only;
            let seen = match order {
                Ordering::Equal => &mut self.both,
                Ordering::Less => one,
                Ordering::Greater => other,
            };
            *seen = seen.saturating_add(1);
            if order != Ordering::Greater {
                ones.next();
            }
            if order != Ordering::Less {
                others.next();
            }
        }
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

    /// Answers to one method: fields by number, as told of one call that ends `left` segments further on.
    fn answered(calls: &[&[u32]], left: usize) -> Sketch {
        let field = |n: &u32| Some(n << 20);
        let elements = |fields: &&[u32]| {
            let mut told: Vec<u32> = fields.iter().map(|n| answer(7, left, field(n))).collect();
            told.push(answer(7, left, None));
            told
        };
        of(calls.iter().flat_map(elements))
    }

    #[test]
    fn answers_differ_by_what_each_alone_has() {
        let answers = |one: &[&[u32]], other: &[&[u32]]| {
            let Answers { both, only } = answered(one, 0).answers(&answered(other, 0));
            (both, only)
        };
        assert_eq!(answers(&[&[1, 2, 3]], &[&[1, 2, 3]]), (4, [0, 0]));
        assert_eq!(answers(&[&[1, 2]], &[&[1, 2, 3]]), (3, [0, 1]));
        assert_eq!(answers(&[&[1, 2, 4]], &[&[1, 2, 3]]), (3, [1, 1]));
        // Of many fields each call tells the smallest: the others count for nothing.
        let many: &[u32] = &[1, 2, 3, 4, 5, 6, 7, 8];
        assert_eq!(answers(&[many], &[many, &[1, 3, 4, 5, 6, 7, 8, 9]]), (9, [0, 0]));
        // Other methods, and answers further on, are not compared with these.
        let (here, further) = (answered(&[&[1, 2]], 0), answered(&[&[1, 2]], 1));
        assert_eq!(here.answers(&further), Answers::default());
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
