//! Values of header fields that were judged before and are kept, as they were written then: the same come with every
//! call.

use std::hash::BuildHasher as _;

use zeroize::Zeroizing;

/// Values remembered, one for each hash; a power of two.
const SLOTS: u64 = 1024;
/// Longest value remembered, in octets.
const RAW_MAX: usize = 512;

/// A value that is kept whenever it comes in its field. Holds it as it came, so that is overwritten when dropped.
pub(crate) struct Value {
    /// Number of its field.
    field: usize,
    raw: Zeroizing<Vec<u8>>,
    /// The `Parameter`, as an element of its list.
    pub(crate) written: Vec<u8>,
    /// How many values were judged for it.
    pub(crate) values: u64,
}

impl Value {
    fn is(&self, field: usize, value: &[u8]) -> bool {
        self.field == field && *self.raw == value
    }
}

/// Values judged before, of the fields of one list. Nothing of which something was found is in here.
#[derive(Default)]
pub(crate) struct Settled {
    slots: Vec<Option<Value>>,
    hasher: foldhash::fast::RandomState,
}

impl Settled {
    /// The value of a field and its place, if it was judged before. `guess`: where it may be.
    pub(crate) fn find(&self, field: usize, value: &[u8], guess: usize) -> Option<(usize, &Value)> {
        let at = |at: usize| self.slots.get(at)?.as_ref().filter(|known| known.is(field, value));
        if let Some(known) = at(guess) {
            return Some((guess, known));
        }
        if self.slots.is_empty() {
            return None;
        }
        let slot = self.slot(field, value);
        at(slot).map(|known| (slot, known))
    }

    /// Remembers a value.
    pub(crate) fn put(&mut self, field: usize, value: &[u8], written: &[u8], values: u64) {
        if value.len() > RAW_MAX {
            return;
        }
        if self.slots.is_empty() {
            self.slots.resize_with(usize::try_from(SLOTS).unwrap_or(0), || None);
        }
        let at = self.slot(field, value);
        if let Some(slot) = self.slots.get_mut(at) {
            let (raw, written) = (Zeroizing::new(value.to_vec()), written.to_vec());
            *slot = Some(Value { field, raw, written, values });
        }
    }

    fn slot(&self, field: usize, value: &[u8]) -> usize {
        usize::try_from(self.hasher.hash_one((field, value)) % SLOTS).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_and_value_must_be_the_same() {
        let mut settled = Settled::default();
        assert!(settled.find(12, b"*/*", 0).is_none());
        settled.put(12, b"*/*", b"written", 1);
        let (at, known) = settled.find(12, b"*/*", usize::MAX).unwrap();
        assert_eq!(known.written, b"written");
        for guess in [0, at, usize::MAX] {
            assert_eq!(settled.find(12, b"*/*", guess).unwrap().0, at);
            for (field, value) in [(4, b"*/*".as_slice()), (12, b"*/"), (12, b"*/*x"), (12, b"")] {
                assert!(settled.find(field, value, guess).is_none());
            }
        }
    }

    #[test]
    fn there_is_an_end_of_it() {
        let mut settled = Settled::default();
        for n in 0..5000 {
            settled.put(12, format!("{n}").as_bytes(), b"", 1);
        }
        settled.put(12, &[b'a'; 600], b"", 1);
        assert!(settled.find(12, &[b'a'; 600], 0).is_none());
        assert_eq!(settled.slots.len(), 1024);
    }
}
