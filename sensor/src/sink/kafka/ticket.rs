//! One record, several messages: it has arrived when all of them have.

use std::collections::BTreeMap;

/// Bits of a ticket for the outlet: there are at most sixteen.
const OUTLET_BITS: u32 = 4;

/// A message in flight: of which record, to which outlet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ticket {
    /// The record's number.
    pub(super) seq: u64,
    /// The outlet's place in the list.
    pub(super) outlet: u8,
}

impl Ticket {
    /// As the client carries it.
    pub(super) fn opaque(self) -> usize {
        let number = self.seq.wrapping_shl(OUTLET_BITS) | u64::from(self.outlet & 0xf);
        usize::try_from(number).unwrap_or(usize::MAX)
    }

    /// As the client gave it back.
    pub(super) fn of(opaque: usize) -> Self {
        let number = u64::try_from(opaque).unwrap_or(u64::MAX);
        let outlet = u8::try_from(number & 0xf).unwrap_or(0);
        Self { seq: number.wrapping_shr(OUTLET_BITS), outlet }
    }
}

/// Records with messages in flight. No `Debug`: it may hold records.
pub(super) struct Open<T> {
    records: BTreeMap<u64, Entry<T>>,
}

struct Entry<T> {
    /// Messages of which nothing is known yet.
    left: u8,
    /// Whether one was given up.
    lost: bool,
    held: T,
}

impl<T> Default for Open<T> {
    fn default() -> Self {
        Self { records: BTreeMap::new() }
    }
}

impl<T> Open<T> {
    /// Takes note of a record that goes out as `messages` messages.
    pub(super) fn insert(&mut self, seq: u64, messages: u8, held: T) {
        self.records.insert(seq, Entry { left: messages, lost: false, held });
    }

    /// What is held for a record.
    pub(super) fn get(&self, seq: u64) -> Option<&T> {
        self.records.get(&seq).map(|entry| &entry.held)
    }

    /// Takes note of what became of one message; whether the whole record arrived, once that is known. A record that
    /// is not here has one message.
    pub(super) fn settle(&mut self, seq: u64, arrived: bool) -> Option<bool> {
        let Some(entry) = self.records.get_mut(&seq) else { return Some(arrived) };
        entry.lost |= !arrived;
        entry.left = entry.left.saturating_sub(1);
        if entry.left > 0 {
            return None;
        }
        let lost = entry.lost;
        self.records.remove(&seq);
        Some(!lost)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn tickets_come_back(seq in 0_u64..1 << 60, outlet in 0_u8..16) {
            let ticket = Ticket { seq, outlet };
            prop_assert_eq!(Ticket::of(ticket.opaque()), ticket);
        }
    }

    #[test]
    fn a_record_has_arrived_when_all_its_messages_have() {
        let mut open = Open::default();
        open.insert(7, 3, "held");
        assert_eq!(open.settle(7, true), None);
        assert_eq!(open.get(7), Some(&"held"));
        assert_eq!(open.settle(7, false), None);
        assert_eq!(open.settle(7, true), Some(false), "one was given up");
        assert_eq!(open.get(7), None);
        assert_eq!((open.settle(8, true), open.settle(8, false)), (Some(true), Some(false)));
    }
}
