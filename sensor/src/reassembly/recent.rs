//! The last segments of a connection, to know their copies.
//!
//! Each connection has its own few, so that what is found out about it depends on its own segments alone. A
//! copy that comes later than so many segments is taken for a retransmission, which is as harmless.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;

use crate::decap::Segment;

/// Segments remembered for each connection.
const ENTRIES: usize = 8;

/// Payload bytes hashed at each end of a segment. Numbers, flags and length are hashed whole.
const SAMPLE: usize = 64;

/// One unit of time is 2^16 nanoseconds, 66 microseconds.
const UNIT_BITS: u32 = 16;

/// Makes prints of segments.
pub(super) struct Printer {
    hasher: FixedState,
    window: u32,
}

/// What copies of a segment have in common, and when it came.
#[derive(Clone, Copy, Default)]
pub(super) struct Print {
    /// Of flags, numbers and length; 0: none.
    head: u16,
    /// Of the payload.
    body: u16,
    time: u32,
}

/// Prints of the last segments, the oldest overwritten first.
#[derive(Default)]
pub(super) struct Trail {
    prints: [Print; ENTRIES],
    next: u8,
}

impl Printer {
    /// `window`: copies come less than this apart, in nanoseconds.
    pub(super) fn new(window: u64) -> Self {
        Self {
            hasher: FixedState::with_seed(0x51),
            window: u32::try_from(window >> UNIT_BITS).unwrap_or(u32::MAX),
        }
    }

    /// The print of a segment, whose flow was turned round (or not) to be canonical.
    pub(super) fn print(&self, segment: &Segment<'_>, reversed: bool) -> Print {
        let meta = &segment.meta;
        let payload = segment.payload;
        let mut head = self.hasher.build_hasher();
        head.write_u64(u64::from(meta.seq) << 32 | u64::from(meta.ack));
        head.write_u64(
            u64::from(meta.missing) << 32 | u64::from(meta.flags.0) << 8 | u64::from(reversed),
        );
        head.write_usize(payload.len());
        let mut body = self.hasher.build_hasher();
        match payload.split_at_checked(payload.len().saturating_sub(SAMPLE)) {
            Some((start, end)) => {
                body.write(start.get(..SAMPLE).unwrap_or(start));
                body.write(end);
            }
            None => body.write(payload),
        }
        let [.., a, b] = head.finish().to_be_bytes();
        let [.., c, d] = body.finish().to_be_bytes();
        let time = u32::try_from(meta.time.nanos() >> UNIT_BITS & u64::from(u32::MAX)).unwrap_or(0);
        Print { head: u16::from_be_bytes([a, b]) | 1, body: u16::from_be_bytes([c, d]), time }
    }

    /// Whether an equal segment came within the window.
    pub(super) fn is_copy(&self, print: Print, trail: &Trail) -> bool {
        trail
            .prints
            .iter()
            .any(|old| old.is(print) && old.body == print.body && self.near(old, print))
    }

    /// Whether a segment within the window said something else in the same place.
    pub(super) fn contradicts(&self, print: Print, trail: &Trail) -> bool {
        trail
            .prints
            .iter()
            .any(|old| old.is(print) && old.body != print.body && self.near(old, print))
    }

    fn near(&self, old: &Print, print: Print) -> bool {
        print.time.wrapping_sub(old.time).cast_signed().unsigned_abs() < self.window
    }

    /// The same; remembers the segment if it is no copy.
    pub(super) fn note(&self, print: Print, trail: &mut Trail) -> bool {
        let copy = self.is_copy(print, trail);
        if !copy {
            trail.add(print);
        }
        copy
    }
}

impl Print {
    fn is(&self, other: Self) -> bool {
        self.head == other.head
    }
}

impl Trail {
    fn add(&mut self, print: Print) {
        let next = usize::from(self.next) % ENTRIES;
        if let Some(place) = self.prints.get_mut(next) {
            *place = print;
        }
        self.next = self.next.wrapping_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_come_within_the_window_and_after_few_others() {
        let printer = Printer::new(50_000_000);
        let at = |head: u16, millis: u64| Print {
            head,
            body: 3,
            time: u32::try_from((millis * 1_000_000) >> UNIT_BITS).unwrap(),
        };
        let mut trail = Trail::default();
        assert!(!printer.note(at(7, 1000), &mut trail));
        assert!(printer.note(at(7, 1049), &mut trail) && printer.note(at(7, 951), &mut trail));
        assert!(!printer.is_copy(at(7, 1050), &trail), "the window is open at its end");
        assert!(!printer.is_copy(at(9, 1000), &trail));
        let other = Print { body: 4, ..at(7, 1000) };
        assert!(printer.contradicts(other, &trail) && !printer.is_copy(other, &trail));
        assert!(!printer.contradicts(at(7, 1000), &trail));
        for head in 0..7 {
            assert!(!printer.note(at(100 + head, 1000), &mut trail));
        }
        assert!(printer.is_copy(at(7, 1000), &trail));
        assert!(!printer.note(at(200, 1000), &mut trail));
        assert!(!printer.is_copy(at(7, 1000), &trail));
    }

    #[test]
    fn nothing_is_a_copy_without_a_window() {
        let (printer, mut trail) = (Printer::new(0), Trail::default());
        let print = Print { head: 1, body: 1, time: 5 };
        assert!(!printer.note(print, &mut trail) && !printer.is_copy(print, &trail));
    }
}
