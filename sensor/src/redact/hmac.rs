//! HMAC-SHA-256 (RFC 2104, FIPS 180-4) with the two key blocks hashed beforehand.
//!
//! Nearly all values fit one block: a token then costs two runs of the compression function, and nothing else.

use zeroize::Zeroizing;

pub(crate) use crate::sha256::BLOCK;
use crate::sha256::{START, compress};

/// Longest message of one block: behind it are an end mark and its length.
pub(crate) const SHORT_MAX: usize = BLOCK - 9;

/// A key. Overwritten when dropped; no `Debug`.
pub(crate) struct Key {
    inner: Zeroizing<[u32; 8]>,
    outer: Zeroizing<[u32; 8]>,
}

impl Key {
    /// The key of these octets.
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        let state = |pad: u8| {
            let mut block = Zeroizing::new([pad; BLOCK]);
            for (octet, k) in block.iter_mut().zip(key) {
                *octet ^= k;
            }
            let mut state = Zeroizing::new(START);
            compress(&mut state, block.as_slice());
            state
        };
        Self { inner: state(0x36), outer: state(0x5c) }
    }

    /// The first 128 bits of the tag of `message`, which is padded on the way.
    pub(crate) fn tag(&self, message: &mut Vec<u8>) -> u128 {
        pad(message);
        self.padded(message)
    }

    /// The first 128 bits of the tag of the message in a block, which was [ended](end).
    #[inline]
    pub(crate) fn tag_block(&self, block: &[u8; BLOCK]) -> u128 {
        self.padded(block)
    }

    #[inline]
    fn padded(&self, blocks: &[u8]) -> u128 {
        // Key material only until the first block is taken in.
        let mut state = *self.inner;
        compress(&mut state, blocks);
        let mut block = TAIL;
        let (words, _) = block.as_chunks_mut::<4>();
        for (octets, word) in words.iter_mut().zip(state) {
            *octets = word.to_be_bytes();
        }
        state = *self.outer;
        compress(&mut state, &block);
        let [a, b, c, d, ..] = state;
        let pair = |high: u32, low: u32| (u64::from(high) << 32) | u64::from(low);
        (u128::from(pair(a, b)) << 64) | u128::from(pair(c, d))
    }
}

/// The block of the outer hash: what follows the 32 octets of the inner one is the end mark, and the length in bits
/// with the key block's.
const TAIL: [u8; BLOCK] = {
    let mut block = [0; BLOCK];
    block[32] = 0x80;
    block[62] = 0x03;
    block
};

/// Appends the padding of a message that follows one block (FIPS 180-4 §5.1.1).
fn pad(message: &mut Vec<u8>) {
    let bits = u64::try_from(message.len().saturating_add(BLOCK)).unwrap_or(u64::MAX) << 3;
    message.push(0x80);
    let blocks = message.len().saturating_add(8).div_ceil(BLOCK);
    message.resize(blocks.saturating_mul(BLOCK), 0);
    if let Some(length) = message.last_chunk_mut() {
        *length = bits.to_be_bytes();
    }
}

/// Pads a message of so many octets, [`SHORT_MAX`] at most, that stands in a block of zeros.
#[inline]
pub(crate) fn end(block: &mut [u8; BLOCK], len: usize) {
    if let Some(mark) = block.get_mut(len.min(SHORT_MAX)) {
        *mark = 0x80;
    }
    // Fewer than 128 octets: 1,024 bits.
    let [.., high, low] = (len.wrapping_add(BLOCK) << 3).to_be_bytes();
    if let Some(length) = block.last_chunk_mut() {
        *length = [high, low];
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ring::hmac;

    use super::*;

    proptest! {
        // Another implementation says the same, for messages of one block and of several.
        #[test]
        fn tags_are_those_of_ring(key: [u8; 32], message in prop::collection::vec(any::<u8>(), 0..300)) {
            let theirs = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), &message);
            let ours = Key::new(&key).tag(&mut message.clone()).to_be_bytes();
            prop_assert_eq!(ours.as_slice(), &theirs.as_ref()[..16]);
        }

        #[test]
        fn messages_of_one_block_need_no_buffer(key: [u8; 32], message in prop::collection::vec(any::<u8>(), 0..=SHORT_MAX)) {
            let key = Key::new(&key);
            let mut block = [0; BLOCK];
            block[..message.len()].copy_from_slice(&message);
            end(&mut block, message.len());
            prop_assert_eq!(key.tag_block(&block), key.tag(&mut message.clone()));
        }
    }

    #[test]
    fn every_length_is_padded_right() {
        for len in 0..200 {
            let message = vec![7; len];
            let theirs = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &[9; 32]), &message);
            let ours = Key::new(&[9; 32]).tag(&mut message.clone()).to_be_bytes();
            assert_eq!(ours.as_slice(), &theirs.as_ref()[..16], "{len}");
        }
    }

    // RFC 4231, section 4. Test case 5 is the one of truncation to 128 bits, which is what tokens are.
    #[test]
    fn tags_are_those_of_rfc4231() {
        let count: Vec<u8> = (1..=25).collect();
        let long = [0xaa; 131];
        let cases: [(&[u8], &[u8], u128); 7] = [
            (&[0x0b; 20], b"Hi There", 0xb034_4c61_d8db_3853_5ca8_afce_af0b_f12b),
            (b"Jefe", b"what do ya want for nothing?", 0x5bdc_c146_bf60_754e_6a04_2426_0895_75c7),
            (&[0xaa; 20], &[0xdd; 50], 0x773e_a91e_3680_0e46_854d_b8eb_d091_81a7),
            (&count, &[0xcd; 50], 0x8255_8a38_9a44_3c0e_a4cc_8198_99f2_083a),
            (&[0x0c; 20], b"Test With Truncation", 0xa3b6_1674_7310_0ee0_6e0c_796c_2955_552b),
            (
                &long,
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                0x60e4_3159_1ee0_b67f_0d8a_26aa_cbf5_b77f,
            ),
            (
                &long,
                b"This is a test using a larger than block-size key and a larger than block-size data. \
                  The key needs to be hashed before being used by the HMAC algorithm.",
                0x9b09_ffa7_1b94_2fcb_2763_5fbc_d5b0_e944,
            ),
        ];
        for (key, message, tag) in cases {
            // As RFC 2104 has it: shorter keys are filled up with zeros, longer ones are hashed.
            let mut octets = [0; 32];
            match octets.get_mut(..key.len()) {
                Some(room) => room.copy_from_slice(key),
                None => octets
                    .copy_from_slice(ring::digest::digest(&ring::digest::SHA256, key).as_ref()),
            }
            assert_eq!(Key::new(&octets).tag(&mut message.to_vec()), tag);
        }
    }
}
