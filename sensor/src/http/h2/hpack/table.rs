//! The dynamic table of one direction, as far as it is known.
//!
//! A decoder that joins late, or misses a header block, does not know what the table holds. But entries are only
//! ever added at the front and taken away at the back, and the encoder only refers to what is there. So of the
//! entries added since, the newest `n` are the first `n` of the table, *whatever* its size and whatever was
//! taken away: those resolve exactly, and everything behind them is unknown. The table is known whole again once
//! an entry of ours was pushed out of it: what was there before went first.
//!
//! Source: [RFC 7541 §2.3.2, §4](https://www.rfc-editor.org/rfc/rfc7541#section-4).

use std::collections::VecDeque;

/// Size limit that every connection begins with, in bytes (RFC 9113 §6.5.2).
const LIMIT_FIRST: usize = 4096;
/// Size of an entry beyond its text, in bytes (RFC 7541 §4.1).
const OVERHEAD: usize = 32;
/// Bytes of one table that are kept, whatever the encoder may use.
const KEPT_MAX: usize = 64 << 10;
/// Entries of one table that are kept.
const ENTRIES_MAX: usize = KEPT_MAX / OVERHEAD;

/// What the tables of all connections may hold together.
pub(in crate::http) struct Budget<'a> {
    /// Bytes held.
    pub(in crate::http) held: &'a mut usize,
    /// Most bytes.
    pub(in crate::http) max: usize,
}

/// A dynamic table.
///
/// No `Debug`: it holds raw traffic.
pub(super) struct Table {
    /// Newest first.
    entries: VecDeque<Entry>,
    /// Sizes of the entries, with 0 for what is not known of them.
    size: usize,
    /// Bytes of text kept.
    held: usize,
    /// Size limit in force, where it is known.
    limit: Option<usize>,
    /// Whether nothing can be in the table but `entries`.
    whole: bool,
}

/// An entry: name and value in one piece. What is not known is `None`.
struct Entry {
    text: Box<[u8]>,
    name: Option<usize>,
    known: bool,
}

/// What an index refers to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// This entry; `None` for what is not known of it.
    Entry { name: Option<&'a [u8]>, value: Option<&'a [u8]> },
    /// Nothing: the encoder broke the rules.
    Nothing,
}

impl Entry {
    fn size(&self) -> usize {
        self.text.len().saturating_add(OVERHEAD)
    }
}

impl Table {
    /// An empty table; `whole` when the connection is followed from its start.
    pub(super) fn new(whole: bool) -> Self {
        let limit = whole.then_some(LIMIT_FIRST);
        Self { entries: VecDeque::new(), size: 0, held: 0, limit, whole }
    }

    /// The entry at `index`, 0 for the newest.
    pub(super) fn get(&self, index: usize) -> Found<'_> {
        match self.entries.get(index) {
            Some(entry) if entry.known => {
                let (name, value) =
                    entry.text.split_at_checked(entry.name.unwrap_or(0)).unwrap_or_default();
                Found::Entry { name: entry.name.map(|_| name), value: Some(value) }
            }
            None if self.whole => Found::Nothing,
            Some(_) | None => Found::Entry { name: None, value: None },
        }
    }

    /// Adds an entry; `name` is `None` when it refers to an entry that is not known.
    pub(super) fn insert(
        &mut self,
        name: Option<&[u8]>,
        value: Option<&[u8]>,
        budget: &mut Budget<'_>,
    ) {
        let (text, known) = match (name, value) {
            (name, Some(value)) => ([name.unwrap_or_default(), value].concat(), true),
            (_, None) => (Vec::new(), false),
        };
        let mut entry = Entry { text: text.into(), name: name.map(<[u8]>::len), known };
        let size = entry.size();
        if self.limit.is_some_and(|limit| size > limit) {
            // It empties the table and is not added (§4.4).
            self.clear(budget);
            self.whole = true;
            return;
        }
        let room = self.limit.map(|limit| limit.saturating_sub(size));
        self.evict(room, budget);
        let full = entry.text.len() > budget.max.saturating_sub(*budget.held);
        if full || size > KEPT_MAX {
            entry = Entry { text: Box::default(), name: None, known: false };
        }
        self.trim(KEPT_MAX.saturating_sub(entry.size()), ENTRIES_MAX.saturating_sub(1), budget);
        self.size = self.size.saturating_add(entry.size());
        self.held = self.held.saturating_add(entry.text.len());
        *budget.held = budget.held.saturating_add(entry.text.len());
        self.entries.push_front(entry);
    }

    /// The encoder sets a size limit (§6.3).
    pub(super) fn resize(&mut self, limit: usize, budget: &mut Budget<'_>) {
        self.limit = Some(limit);
        self.evict(Some(limit), budget);
        if limit < OVERHEAD {
            self.clear(budget);
            self.whole = true;
        }
    }

    /// Insertions were missed: from here on nothing that was there can be referred to.
    pub(super) fn lose(&mut self, budget: &mut Budget<'_>) {
        self.clear(budget);
        self.whole = false;
        self.limit = None;
    }

    /// Drops all entries.
    pub(super) fn clear(&mut self, budget: &mut Budget<'_>) {
        *budget.held = budget.held.saturating_sub(self.held);
        (self.size, self.held) = (0, 0);
        self.entries = VecDeque::new();
    }

    /// Takes away what the encoder has taken away. Sizes not known count as 0, so nothing goes that is there still.
    fn evict(&mut self, room: Option<usize>, budget: &mut Budget<'_>) {
        let Some(room) = room else { return };
        while self.size > room && self.pop(budget) {
            self.whole = true;
        }
    }

    /// Drops the oldest entries to save memory; should the encoder refer to them, they are unknown.
    fn trim(&mut self, room: usize, entries: usize, budget: &mut Budget<'_>) {
        while (self.size > room || self.entries.len() > entries) && self.pop(budget) {
            self.whole = false;
        }
    }

    fn pop(&mut self, budget: &mut Budget<'_>) -> bool {
        let Some(entry) = self.entries.pop_back() else { return false };
        self.size = self.size.saturating_sub(entry.size());
        self.held = self.held.saturating_sub(entry.text.len());
        *budget.held = budget.held.saturating_sub(entry.text.len());
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name_at(table: &Table, index: usize) -> Option<&[u8]> {
        match table.get(index) {
            Found::Entry { name, .. } => name,
            Found::Nothing => Some(b"nothing"),
        }
    }

    fn insert(table: &mut Table, name: &str, len: usize) {
        let mut held = 0;
        let value = vec![b'v'; len];
        table.insert(
            Some(name.as_bytes()),
            Some(&value),
            &mut Budget { held: &mut held, max: usize::MAX },
        );
    }

    fn with<T>(work: impl FnOnce(&mut Budget<'_>) -> T) -> T {
        work(&mut Budget { held: &mut 0, max: usize::MAX })
    }

    // RFC 7541 §4.4: eviction before insertion; an entry above the limit empties the table.
    #[test]
    fn eviction_follows_the_standard() {
        let mut table = Table::new(true);
        insert(&mut table, "a", 2000);
        insert(&mut table, "b", 2000);
        assert_eq!(name_at(&table, 1), Some(&b"a"[..]));
        insert(&mut table, "c", 100);
        assert_eq!((name_at(&table, 0), name_at(&table, 1)), (Some(&b"c"[..]), Some(&b"b"[..])));
        assert_eq!(name_at(&table, 2), Some(&b"nothing"[..]));
        insert(&mut table, "d", 4064);
        assert_eq!(name_at(&table, 0), Some(&b"nothing"[..]));
        insert(&mut table, "e", 4063);
        assert_eq!(name_at(&table, 0), Some(&b"e"[..]));
    }

    #[test]
    fn what_was_there_before_the_join_is_unknown_until_it_must_be_gone() {
        let mut table = Table::new(false);
        insert(&mut table, "a", 10);
        assert_eq!((name_at(&table, 0), name_at(&table, 1)), (Some(&b"a"[..]), None));
        // The limit is not known, so nothing is gone.
        insert(&mut table, "b", 5000);
        assert_eq!((name_at(&table, 1), name_at(&table, 2)), (Some(&b"a"[..]), None));
        with(|budget| table.resize(5100, budget));
        assert_eq!(name_at(&table, 2), None);
        insert(&mut table, "c", 10);
        // `a` was pushed out, and with it all before.
        assert_eq!(
            (name_at(&table, 1), name_at(&table, 2)),
            (Some(&b"b"[..]), Some(&b"nothing"[..]))
        );
    }

    #[test]
    fn a_limit_of_nothing_empties_the_table_for_sure() {
        let mut table = Table::new(false);
        with(|budget| table.resize(0, budget));
        assert_eq!(name_at(&table, 0), Some(&b"nothing"[..]));
        with(|budget| table.resize(4096, budget));
        insert(&mut table, "a", 1);
        assert_eq!(
            (name_at(&table, 0), name_at(&table, 1)),
            (Some(&b"a"[..]), Some(&b"nothing"[..]))
        );
        with(|budget| table.lose(budget));
        assert_eq!(name_at(&table, 0), None);
    }

    #[test]
    fn memory_is_bounded_and_what_is_dropped_is_unknown() {
        let mut table = Table::new(true);
        with(|budget| table.resize(1 << 27, budget));
        for _ in 0..100 {
            insert(&mut table, "a", 2000);
        }
        assert!(table.held <= KEPT_MAX);
        assert_eq!((name_at(&table, 0), name_at(&table, 99)), (Some(&b"a"[..]), None));
        insert(&mut table, "b", KEPT_MAX);
        insert(&mut table, "c", 1);
        assert_eq!((name_at(&table, 0), name_at(&table, 1)), (Some(&b"c"[..]), None));
        // Beyond what all may hold together, places are kept, texts are not.
        let mut held = 90;
        let mut budget = Budget { held: &mut held, max: 100 };
        table.insert(Some(b"full"), Some(&[0; 7]), &mut budget);
        assert_eq!((name_at(&table, 0), name_at(&table, 1)), (None, Some(&b"c"[..])));
        for _ in 0..5000 {
            insert(&mut table, "", 0);
        }
        assert!(table.entries.len() <= ENTRIES_MAX);
    }
}
