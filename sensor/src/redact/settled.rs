//! Header fields that were judged before and are kept, as they were written then: the same come with every call.

use std::hash::BuildHasher as _;

use zeroize::Zeroizing;

/// Fields remembered, one for each hash; a power of two.
const SLOTS: u64 = 1024;
/// Longest name and value remembered, together, in octets.
const RAW_MAX: usize = 512;

/// A field that is kept whenever it comes. Holds it as it came, so that is overwritten when dropped.
pub(crate) struct Field {
    list: u32,
    name_len: usize,
    /// Name and value.
    raw: Zeroizing<Vec<u8>>,
    /// The `Parameter`, as an element of its list.
    pub(crate) written: Vec<u8>,
    /// How many values were judged for it.
    pub(crate) values: u64,
}

impl Field {
    fn is(&self, list: u32, name: &[u8], value: &[u8]) -> bool {
        self.list == list
            && self.name_len == name.len()
            && self.raw.get(..self.name_len) == Some(name)
            && self.raw.get(self.name_len..) == Some(value)
    }
}

/// Fields judged before. Nothing of which something was found is in here.
#[derive(Default)]
pub(crate) struct Settled {
    slots: Vec<Option<Field>>,
    hasher: foldhash::fast::RandomState,
}

impl Settled {
    /// The field of this name and value in a list, if it was judged before.
    pub(crate) fn find(&self, list: u32, name: &[u8], value: &[u8]) -> Option<&Field> {
        let field = self.slots.get(self.slot(list, name, value))?.as_ref();
        field.filter(|field| field.is(list, name, value))
    }

    /// Remembers a field.
    pub(crate) fn put(
        &mut self,
        list: u32,
        (name, value): (&[u8], &[u8]),
        written: &[u8],
        values: u64,
    ) {
        if name.len().saturating_add(value.len()) > RAW_MAX {
            return;
        }
        if self.slots.is_empty() {
            self.slots.resize_with(usize::try_from(SLOTS).unwrap_or(0), || None);
        }
        let raw = Zeroizing::new([name, value].concat());
        let at = self.slot(list, name, value);
        if let Some(slot) = self.slots.get_mut(at) {
            let (name_len, written) = (name.len(), written.to_vec());
            *slot = Some(Field { list, name_len, raw, written, values });
        }
    }

    fn slot(&self, list: u32, name: &[u8], value: &[u8]) -> usize {
        usize::try_from(self.hasher.hash_one((list, name, value)) % SLOTS).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_name_and_value_must_be_the_same() {
        let mut settled = Settled::default();
        assert!(settled.find(12, b"accept", b"*/*").is_none());
        settled.put(12, (b"accept", b"*/*"), b"written", 1);
        assert_eq!(settled.find(12, b"accept", b"*/*").unwrap().written, b"written");
        for (list, name, value) in [
            (4, b"accept".as_slice(), b"*/*".as_slice()),
            (12, b"accep", b"t*/*"),
            (12, b"accept", b"*/"),
            (12, b"Accept", b"*/*"),
        ] {
            assert!(settled.find(list, name, value).is_none());
        }
    }

    #[test]
    fn there_is_an_end_of_it() {
        let mut settled = Settled::default();
        for n in 0..5000 {
            settled.put(12, (b"x", format!("{n}").as_bytes()), b"", 1);
        }
        settled.put(12, (b"x", &[b'a'; 600]), b"", 1);
        assert!(settled.find(12, b"x", &[b'a'; 600]).is_none());
        assert_eq!(settled.slots.len(), 1024);
    }
}
