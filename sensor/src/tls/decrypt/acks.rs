//! Acknowledgements: from what a peer had received of a stream to what of it that peer could read.
//!
//! A record can be read once all of it is there. So an acknowledgement stands for the plaintext of the records that
//! end before it: exactly what whoever acknowledged may have acted upon. Where that is not known it stands for
//! less, in a hole, or for more, ahead of what was captured; neither makes a pair that acknowledgements would refuse.

use std::collections::VecDeque;

/// Ends of records that are remembered.
const ENDS_MAX: usize = 1024;

/// Where records of one direction end.
#[derive(Default)]
pub(super) struct Acks {
    /// Offset of the ciphertext, and of the plaintext, in order.
    ends: VecDeque<(u64, u64)>,
    /// Plaintext before the first.
    before: u64,
}

/// How far a direction was read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach {
    /// Offset of the ciphertext behind the last whole record, and of the plaintext.
    pub(super) end: (u64, u64),
    /// Offset behind the record at hand, when it is known.
    pub(super) at_hand: Option<u64>,
    /// Octets of a record besides its content.
    pub(super) overhead: u64,
    /// Whether the place is lost.
    pub(super) lost: bool,
}

impl Acks {
    /// The plaintext up to `plain` ends with the ciphertext at `cipher`.
    pub(super) fn push(&mut self, cipher: u64, plain: u64) {
        if self.ends.len() >= ENDS_MAX
            && let Some((_, before)) = self.ends.pop_front()
        {
            self.before = before;
        }
        self.ends.push_back((cipher, plain));
    }

    /// Octets of plaintext that an acknowledgement stands for.
    pub(super) fn map(&self, acked: u64, reach: Reach) -> u64 {
        let (cipher, plain) = reach.end;
        if acked >= cipher {
            let inside = reach.at_hand.is_some_and(|end| acked < end);
            if reach.lost || inside {
                return plain;
            }
            // Not captured yet: of one record, at least.
            let ahead = acked.saturating_sub(cipher).saturating_sub(reach.overhead);
            return plain.saturating_add(ahead);
        }
        let known = self.ends.partition_point(|(end, _)| *end <= acked);
        let last = known.checked_sub(1).and_then(|at| self.ends.get(at));
        last.map_or(self.before, |(_, plain)| *plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_acknowledgement_stands_for_whole_records() {
        let mut acks = Acks::default();
        let reach = Reach { end: (200, 140), at_hand: None, overhead: 22, lost: false };
        acks.push(122, 100);
        acks.push(200, 140);
        let mapped = [0, 121, 122, 199, 200, 201, 222, 250].map(|acked| acks.map(acked, reach));
        assert_eq!(mapped, [0, 0, 100, 100, 140, 140, 140, 168]);
        let at_hand = Reach { at_hand: Some(300), ..reach };
        assert_eq!([250, 299, 300].map(|acked| acks.map(acked, at_hand)), [140, 140, 218]);
        assert_eq!(acks.map(250, Reach { lost: true, ..reach }), 140);
    }

    #[test]
    fn old_ends_are_forgotten() {
        let mut acks = Acks::default();
        (1..3000_u64).for_each(|n| acks.push(n * 100, n * 78));
        assert_eq!(acks.ends.len(), ENDS_MAX);
        let reach = Reach { end: (299_900, 2999 * 78), at_hand: None, overhead: 22, lost: false };
        assert_eq!(acks.map(299_899, reach), 2998 * 78);
        assert_eq!(acks.map(1, reach), acks.before);
    }
}
