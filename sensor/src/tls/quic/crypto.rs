//! The handshake of one side: pieces in any order, put together up to a limit.

use std::ops::Range;

use crate::tls::handshake::MESSAGE_BYTES_MAX;

/// Most stretches with holes between.
const STRETCHES_MAX: usize = 64;

/// Pieces of a handshake message.
#[derive(Default)]
pub(super) struct Pieces {
    octets: Vec<u8>,
    /// What is there, in order, with holes between.
    have: Vec<Range<usize>>,
}

impl Pieces {
    /// Adds a piece; of what comes twice the first copy counts. What does not fit is left out.
    pub(super) fn add(&mut self, offset: u64, piece: &[u8]) {
        let Ok(start) = usize::try_from(offset) else { return };
        let end = start.saturating_add(piece.len());
        if end > MESSAGE_BYTES_MAX || piece.is_empty() || self.have.len() >= STRETCHES_MAX {
            return;
        }
        if self.octets.len() < end {
            self.octets.resize(end, 0);
        }
        for (at, octet) in (start..end).zip(piece) {
            let there = self.have.iter().any(|have| have.contains(&at));
            if let Some(slot) = self.octets.get_mut(at).filter(|_| !there) {
                *slot = *octet;
            }
        }
        self.have.push(start..end);
        self.have.sort_by_key(|have| have.start);
        let mut joined: Vec<Range<usize>> = Vec::with_capacity(self.have.len());
        for have in self.have.drain(..) {
            match joined.last_mut() {
                Some(last) if have.start <= last.end => last.end = last.end.max(have.end),
                _ => joined.push(have),
            }
        }
        self.have = joined;
    }

    /// The first message, once it is whole: type and body.
    pub(super) fn message(&self) -> Option<(u8, &[u8])> {
        let whole = self.have.first().filter(|have| have.start == 0)?;
        let octets = self.octets.get(whole.clone())?;
        let (&[kind, a, b, c], body) = octets.split_first_chunk()?;
        let len = usize::try_from(u32::from_be_bytes([0, a, b, c])).ok()?;
        Some((kind, body.get(..len)?))
    }

    /// Octets held.
    pub(super) const fn held(&self) -> usize {
        self.octets.capacity()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever the order, the overlaps and the repetitions.
        #[test]
        fn order_does_not_matter(
            body in prop::collection::vec(any::<u8>(), 1..250),
            cuts in prop::collection::vec((any::<prop::sample::Index>(), 1..60_usize), 0..40),
        ) {
            let len = u8::try_from(body.len()).unwrap();
            let message = [&[1, 0, 0, len][..], &body].concat();
            let mut pieces = Pieces::default();
            for (at, len) in cuts {
                let at = at.index(message.len());
                pieces.add(at as u64, &message[at..message.len().min(at + len)]);
            }
            for (n, chunk) in message.chunks(10).enumerate().collect::<Vec<_>>().into_iter().rev() {
                pieces.add(n as u64 * 10, chunk);
            }
            prop_assert_eq!(pieces.message(), Some((1, body.as_slice())));
        }

        #[test]
        fn limits_hold(said in prop::collection::vec((any::<u64>(), prop::collection::vec(any::<u8>(), 0..40)), 0..200)) {
            let mut pieces = Pieces::default();
            for (offset, piece) in said {
                pieces.add(offset % 40_000, &piece);
            }
            prop_assert!(pieces.held() <= 2 * MESSAGE_BYTES_MAX && pieces.have.len() <= STRETCHES_MAX);
        }
    }
}
