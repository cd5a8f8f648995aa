//! The shape of a body: a hash of its paths and types, and how long its arrays are.
//!
//! The hash is the same for bodies that have the same paths with the same types, in any order and with any number of
//! items. A member left out or empty gives another one, as nobody sees here that it is optional. Integers and other
//! numbers are one type, null beside another type is none; where the format has no types (forms, XML), only paths count.
//! It is no secret and no proof: it tells shapes apart, of any sensor and version, not forgeries.

use apitap_proto::v1::ValueType;

use crate::redact::{schema, wire};

/// Most arrays told.
const ARRAYS_MAX: usize = 8;

/// What is known of a path once and for all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    hash: u64,
    /// Length of its beginning up to the items of its innermost array; 0 without one.
    pub(super) array: u16,
    /// A number that only paths with the same such beginning have; 0 when it has none.
    pub(super) number: u32,
}

impl Marks {
    /// Of a path.
    pub(crate) fn of(path: &str) -> Self {
        let end = memchr::memmem::rfind(path.as_bytes(), b"[]");
        let array = end.and_then(|at| u16::try_from(at.saturating_add(2)).ok());
        Self { hash: hash(path.as_bytes()), array: array.unwrap_or(0), number: 0 }
    }
}

/// FNV-1a.
fn hash(octets: &[u8]) -> u64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    octets.iter().fold(OFFSET, |hash, b| (hash ^ u64::from(*b)).wrapping_mul(PRIME))
}

/// Spreads every bit over all others (SplitMix64).
const fn mix(n: u64) -> u64 {
    let n = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

/// Types as one number.
fn types_of(types: &[u8]) -> u64 {
    const NULL: u8 = 5;
    const INTEGER: u8 = 2;
    const NUMBER: u8 = 3;
    if let [kind] = types {
        // Nearly always.
        return 1_u64.wrapping_shl(if *kind == INTEGER { NUMBER } else { *kind }.into());
    }
    let others = types.iter().any(|t| *t != NULL);
    types.iter().filter(|t| **t != NULL || !others).fold(0, |all, kind| {
        let kind = if *kind == INTEGER { NUMBER } else { *kind };
        all | 1_u64.wrapping_shl(kind.into())
    })
}

/// What a field adds to the shape of its body. `typed`: the format has types.
#[inline]
pub(super) fn part(marks: Marks, types: &[u8], typed: bool) -> u64 {
    let types_hash = if typed { types_of(types) } else { 0 };
    // Types are nine bits, in the half of the hash that short paths leave alike.
    mix(marks.hash ^ types_hash.rotate_left(48))
}

/// Sixteen digits.
fn hex(hash: u64) -> [u8; 16] {
    let mut digits = [0; 16];
    for (pair, octet) in digits.chunks_exact_mut(2).zip(hash.to_be_bytes()) {
        for (slot, digit) in pair.iter_mut().zip([octet >> 4, octet & 0xf]) {
            *slot = digit.wrapping_add(if digit < 10 { b'0' } else { b'a' - 10 });
        }
    }
    digits
}

/// The shape of one body.
#[derive(Default)]
pub(crate) struct Shape<'p> {
    sum: u64,
    fields: u64,
    arrays: [(&'p str, u32); ARRAYS_MAX],
    arrays_count: usize,
    /// Number of the last of them.
    number: u32,
}

/// What is told of a shape beside its arrays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Shaped {
    /// Absent when there is nothing to tell shapes apart by.
    pub(crate) hash: Option<u64>,
    /// Items of the main array.
    pub(crate) records: u32,
}

impl Shaped {
    /// Writes it into a message `Body`.
    pub(crate) fn write(self, out: &mut Vec<u8>) {
        if let Some(hash) = self.hash {
            wire::octets(out, schema::body::SHAPE_HASH, &hex(hash));
        }
        wire::number(out, schema::body::RECORDS, self.records.into());
    }
}

impl<'p> Shape<'p> {
    /// Of so many fields that add up to this.
    pub(crate) fn of(sum: u64, fields: u64) -> Self {
        Self { sum, fields, ..Self::default() }
    }

    /// Adds a field.
    #[cfg(test)]
    fn add(&mut self, path: &'p str, marks: Marks, types: &[u8], count: u32, typed: bool) {
        self.sum = self.sum.wrapping_add(part(marks, types, typed));
        self.fields = self.fields.wrapping_add(1);
        self.array(path, marks, types, count);
    }

    /// Takes up the array that a field is in, or is itself.
    pub(crate) fn array(&mut self, path: &'p str, marks: Marks, types: &[u8], count: u32) {
        if marks.array == 0 {
            // An empty array stands for itself.
            let array = u8::try_from(i32::from(ValueType::Array)).unwrap_or(0);
            if types == [array] && count == 1 {
                self.items(path, 0, 0);
            }
            return;
        }
        let array = path.get(..marks.array.into()).unwrap_or_default();
        self.items(array, marks.number, count);
    }

    fn items(&mut self, array: &'p str, number: u32, count: u32) {
        // Fields of one array mostly follow one another.
        let last = self.arrays_count.checked_sub(1).and_then(|last| self.arrays.get_mut(last));
        if let Some((_, items)) = last
            && number != 0
            && number == self.number
        {
            *items = (*items).max(count);
            return;
        }
        self.number = 0;
        let met = self.arrays.get_mut(..self.arrays_count).unwrap_or_default();
        if let Some((_, items)) = met.iter_mut().rev().find(|(path, _)| *path == array) {
            *items = (*items).max(count);
        } else if let Some(slot) = self.arrays.get_mut(self.arrays_count) {
            *slot = (array, count);
            self.number = number;
            self.arrays_count = self.arrays_count.saturating_add(1);
        }
    }

    /// Writes the arrays; gives back the rest.
    pub(crate) fn write(self, out: &mut Vec<u8>) -> Shaped {
        use schema::array as field;
        let arrays = self.arrays.get(..self.arrays_count).unwrap_or_default();
        for (path, items) in arrays {
            let open = wire::open(out, schema::body::ARRAYS);
            wire::text(out, field::PATH, path.strip_suffix("[]").unwrap_or(path));
            wire::number(out, field::ITEMS, (*items).into());
            wire::close(out, open);
        }
        let flat = |path: &str| path.matches("[]").count() <= 1;
        let main = arrays.iter().filter(|(path, _)| flat(path)).map(|(_, items)| *items).max();
        let hash = (self.fields > 0).then(|| mix(self.sum ^ self.fields));
        Shaped { hash, records: main.unwrap_or(0) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shaped(fields: &[(&str, &[u8], u32)], typed: bool) -> Shaped {
        let mut shape = Shape::default();
        for (path, types, count) in fields {
            shape.add(path, Marks::of(path), types, *count, typed);
        }
        shape.write(&mut Vec::new())
    }

    #[test]
    fn it_changes_when_the_schema_does_and_only_then() {
        let base = shaped(&[("$.id", &[2], 1), ("$.items[].name", &[1], 3)], true);
        let same = shaped(&[("$.items[].name", &[1, 5], 70), ("$.id", &[3], 1)], true);
        assert_eq!(base.hash, same.hash);
        for other in [
            shaped(&[("$.id", &[1], 1), ("$.items[].name", &[1], 3)], true),
            shaped(&[("$.id", &[5], 1), ("$.items[].name", &[1], 3)], true),
            shaped(&[("$.id", &[2], 1), ("$.items[].title", &[1], 3)], true),
            shaped(&[("$.id", &[2], 1)], true),
            shaped(&[("$.id", &[2], 1), ("$.items[].name", &[1], 3), ("$.x", &[4], 1)], true),
        ] {
            assert_ne!(base.hash, other.hash);
        }
        let form = |kind| shaped(&[("$.code", &[kind], 1)], false).hash;
        assert_eq!(form(1), form(2));
        assert_eq!(shaped(&[], true), Shaped::default());
    }

    // Sensors and versions must agree: this number is part of the contract.
    #[test]
    fn it_is_the_same_for_ever() {
        let hash = shaped(&[("$.id", &[2], 1), ("$.items[].name", &[1], 3)], true).hash;
        assert_eq!(hash.map(|hash| format!("{hash:016x}")).as_deref(), Some("6590b9d38fa4333d"));
    }

    #[test]
    fn the_main_array_is_the_longest_at_the_top() {
        let fields: [(&str, &[u8], u32); 5] = [
            ("$.items[].id", &[2], 3),
            ("$.items[].note", &[1], 1),
            ("$.items[].tags[]", &[1], 40),
            ("$.errors", &[7], 1),
            ("$.pages[]", &[2], 2),
        ];
        assert_eq!(shaped(&fields, true).records, 3);
    }

    proptest! {
        #[test]
        fn order_is_nothing(mut fields in prop::collection::vec(("[a-c]{1,3}", 1..5_u8), 0..8), turn in 0..8_usize) {
            let hash = |fields: &[(String, u8)]| {
                let mut shape = Shape::default();
                fields.iter().for_each(|(path, kind)| shape.add(path, Marks::of(path), &[*kind], 1, true));
                shape.write(&mut Vec::new()).hash
            };
            let before = hash(&fields);
            let turn = turn % fields.len().max(1);
            fields.rotate_left(turn);
            prop_assert_eq!(before, hash(&fields));
        }
    }
}
