//! SHA-1 (FIPS 180-4) of what fits in one block, which is laid out beforehand.

use sha1::compress;
use sha1::digest::generic_array::GenericArray;

/// Octets of a block.
const BLOCK: usize = 64;

/// Octets there is room for: end mark and length left out.
const ROOM: usize = BLOCK - 9;

/// Initial hash value (FIPS 180-4 §5.3.1).
const START: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];

/// Octets to be hashed, at most [`ROOM`].
pub(super) struct OneBlock {
    block: [u8; BLOCK],
    len: usize,
}

impl OneBlock {
    pub(super) const fn new() -> Self {
        Self { block: [0; BLOCK], len: 0 }
    }

    /// Adds octets.
    #[inline]
    pub(super) fn add(&mut self, octets: &[u8]) {
        let end = self.len.saturating_add(octets.len());
        debug_assert!(end <= ROOM, "a block for {end} octets");
        if let Some(room) = self.block.get_mut(self.len..end) {
            room.copy_from_slice(octets);
            self.len = end;
        }
    }

    /// The hash.
    pub(super) fn hash(mut self) -> [u8; 20] {
        let bits = u64::try_from(self.len).unwrap_or(0).wrapping_mul(8).to_be_bytes();
        if let Some(mark) = self.block.get_mut(self.len) {
            *mark = 0x80;
        }
        if let Some(length) = self.block.last_chunk_mut() {
            *length = bits;
        }
        let mut state = START;
        compress(&mut state, &[GenericArray::from(self.block)]);
        let mut hash = [0; 20];
        for (octets, word) in hash.as_chunks_mut::<4>().0.iter_mut().zip(state) {
            *octets = word.to_be_bytes();
        }
        hash
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ring::digest;

    use super::*;

    proptest! {
        // Another implementation says the same.
        #[test]
        fn hashes_are_those_of_ring(octets in prop::collection::vec(any::<u8>(), 0..=ROOM), cut: usize) {
            let mut block = OneBlock::new();
            let (one, other) = octets.split_at(cut % (octets.len() + 1));
            block.add(one);
            block.add(other);
            let theirs = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &octets);
            prop_assert_eq!(&block.hash()[..], theirs.as_ref());
        }
    }

    #[test]
    fn every_length_is_padded_right() {
        for len in 0..=ROOM {
            let mut block = OneBlock::new();
            block.add(&vec![7; len]);
            let theirs = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &vec![7; len]);
            assert_eq!(&block.hash()[..], theirs.as_ref(), "{len}");
        }
    }
}
