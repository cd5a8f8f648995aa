//! SHA-1 (FIPS 180-4) of what fits in one block, which is laid out beforehand.

use sha1::compress;
use sha1::digest::generic_array::GenericArray;

use super::padded::{BLOCK, Padded};

/// Initial hash value (FIPS 180-4 §5.3.1).
const START: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];

/// Octets to be hashed, at most [`Padded::ROOM`].
pub(super) struct OneBlock(Padded<BLOCK>);

impl OneBlock {
    pub(super) const fn new() -> Self {
        Self(Padded::new())
    }

    /// Adds octets.
    #[inline]
    pub(super) fn add(&mut self, octets: &[u8]) {
        self.0.add(octets);
    }

    /// The hash.
    pub(super) fn hash(mut self) -> [u8; 20] {
        let mut state = START;
        for block in self.0.blocks().chunks_exact(BLOCK) {
            compress(&mut state, std::slice::from_ref(GenericArray::from_slice(block)));
        }
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
        fn hashes_are_those_of_ring(octets in prop::collection::vec(any::<u8>(), 0..=Padded::<BLOCK>::ROOM), cut: usize) {
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
        for len in 0..=Padded::<BLOCK>::ROOM {
            let mut block = OneBlock::new();
            block.add(&vec![7; len]);
            let theirs = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &vec![7; len]);
            assert_eq!(&block.hash()[..], theirs.as_ref(), "{len}");
        }
    }
}
