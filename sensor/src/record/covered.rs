//! What an id covers: a few octets hashed by SHA-256 (FIPS 180-4) at once, without a context that takes them piece by piece.

use super::identity::CALL_ID;
use super::padded::{BLOCK, Padded};
use crate::sha256::{START, compress};

/// Octets that an id covers, at most two blocks of them; no id covers more.
pub(super) struct Covered(Padded<{ 2 * BLOCK }>);

impl Covered {
    pub(super) const fn new() -> Self {
        Self(Padded::new())
    }

    /// Adds octets.
    #[inline]
    pub(super) fn add(&mut self, octets: &[u8]) {
        self.0.add(octets);
    }

    /// The first 128 bits of the hash, in hexadecimal digits.
    pub(super) fn id(mut self) -> [u8; CALL_ID] {
        let mut state = START;
        compress(&mut state, self.0.blocks());
        let mut id = [b'0'; CALL_ID];
        for (digits, word) in id.as_chunks_mut::<8>().0.iter_mut().zip(state) {
            *digits = hexadecimal(word);
        }
        id
    }
}

/// Eight hexadecimal digits, all at once.
const fn hexadecimal(word: u32) -> [u8; 8] {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let (high, low) = ((word >> 16) as u64, (word & 0xffff) as u64);
    // An octet for each four bits, the highest first in memory.
    let n = high << 32 | low;
    let n = (n | n << 8) & 0x00ff_00ff_00ff_00ff;
    let n = (n | n << 4) & (15 * ONES);
    // Of ten and more, adding six carries into the next four bits.
    let letters = (n.wrapping_add(6 * ONES) >> 4) & ONES;
    n.wrapping_add(b'0' as u64 * ONES)
        .wrapping_add(letters.wrapping_mul((b'a' - b'0' - 10) as u64))
        .to_be_bytes()
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;
    use proptest::prelude::*;
    use ring::digest;

    use super::*;

    const ROOM: usize = Padded::<{ 2 * BLOCK }>::ROOM;

    proptest! {
        // Another implementation says the same, for one block and for two.
        #[test]
        fn ids_are_those_of_ring(octets in prop::collection::vec(any::<u8>(), 0..=ROOM), cut: usize) {
            let mut covered = Covered::new();
            let (one, other) = octets.split_at(cut % (octets.len() + 1));
            covered.add(one);
            covered.add(other);
            let theirs = digest::digest(&digest::SHA256, &octets);
            let theirs = HEXLOWER.encode(&theirs.as_ref()[..CALL_ID / 2]);
            prop_assert_eq!(&covered.id()[..], theirs.as_bytes());
        }
    }

    #[test]
    fn every_length_is_padded_right() {
        for len in 0..=ROOM {
            let mut covered = Covered::new();
            covered.add(&vec![7; len]);
            let theirs = digest::digest(&digest::SHA256, &vec![7; len]);
            let theirs = HEXLOWER.encode(&theirs.as_ref()[..CALL_ID / 2]);
            assert_eq!(covered.id()[..], *theirs.as_bytes(), "{len}");
        }
    }
}
