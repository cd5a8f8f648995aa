//! Tokens made before, one for each slot: the same values come again within a call and from call to call.

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::hmac::BLOCK;
use super::token_text::DIGITS;

/// Tokens made before of values of up to `LEN` octets.
pub(super) struct Recents<const LEN: usize>(Vec<Recent<LEN>>);

/// A token made before. Holds the value, so it is overwritten when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
struct Recent<const LEN: usize> {
    /// Position of the maker, plus one; 0 when empty.
    maker: usize,
    len: usize,
    value: [u8; LEN],
    digits: [u8; DIGITS],
}

impl<const LEN: usize> Recents<LEN> {
    /// Room for so many, which is a power of two.
    pub(super) fn new(slots: usize) -> Self {
        Self(vec![Recent { maker: 0, len: 0, value: [0; LEN], digits: [b'a'; DIGITS] }; slots])
    }

    #[inline]
    fn slot(&self, hash: u64) -> usize {
        usize::try_from(hash).unwrap_or(0) & self.0.len().saturating_sub(1)
    }

    /// The digits that this maker made of this value, if they are remembered.
    #[inline]
    pub(super) fn get(&self, hash: u64, maker: usize, value: &[u8]) -> Option<&[u8; DIGITS]> {
        let known = self.0.get(self.slot(hash))?;
        let same = known.maker == maker.saturating_add(1)
            && known.len == value.len()
            && known.value.get(..known.len) == Some(value);
        same.then_some(&known.digits)
    }

    /// Remembers the digits that a maker made of a value, unless it is too long.
    #[inline]
    pub(super) fn put(&mut self, hash: u64, maker: usize, value: &[u8], digits: [u8; DIGITS]) {
        let at = self.slot(hash);
        let Some(recent) = self.0.get_mut(at) else { return };
        let Some(room) = recent.value.get_mut(..value.len()) else { return };
        room.copy_from_slice(value);
        (recent.maker, recent.len) = (maker.saturating_add(1), value.len());
        recent.digits = digits;
    }
}

impl Recents<BLOCK> {
    /// The digits that this maker made of the message in this block, if they are remembered.
    #[inline]
    pub(super) fn get_block(
        &self,
        hash: u64,
        maker: usize,
        block: &[u8; BLOCK],
    ) -> Option<&[u8; DIGITS]> {
        let known = self.0.get(self.slot(hash))?;
        let same =
            known.maker == maker.saturating_add(1) && known.len == BLOCK && known.value == *block;
        same.then_some(&known.digits)
    }

    /// Remembers the digits that a maker made of the message in a block.
    #[inline]
    pub(super) fn put_block(
        &mut self,
        hash: u64,
        maker: usize,
        block: &[u8; BLOCK],
        digits: [u8; DIGITS],
    ) {
        let at = self.slot(hash);
        let Some(recent) = self.0.get_mut(at) else { return };
        (recent.maker, recent.len) = (maker.saturating_add(1), BLOCK);
        recent.value = *block;
        recent.digits = digits;
    }
}

/// Where the message of one block is remembered of which this maker makes a token. What is found there is compared in full.
#[inline]
pub(super) fn mixed(block: &[u8; BLOCK], maker: usize) -> u64 {
    /// Odd numbers without a pattern.
    const KEYS: [u64; 8] = [
        0x243f_6a88_85a3_08d3,
        0x1319_8a2e_0370_7345,
        0xa409_3822_299f_31d1,
        0x082e_fa98_ec4e_6c89,
        0x4528_21e6_38d0_1377,
        0xbe54_66cf_34e9_0c6d,
        0xc0ac_29b7_c97c_50dd,
        0x3f84_d5b5_b547_0917,
    ];
    let (words, _) = block.as_chunks::<8>();
    let mut sum = u64::try_from(maker).unwrap_or(0);
    for (word, key) in words.iter().zip(KEYS) {
        sum = sum.wrapping_add(u64::from_le_bytes(*word).wrapping_mul(key));
    }
    // What the high bits say must reach the low ones.
    let [low @ .., _, _, _, _, _, _, _, _] =
        (u128::from(sum ^ (sum >> 32)).wrapping_mul(u128::from(KEYS[0])) >> 32).to_le_bytes();
    u64::from_le_bytes(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_octet_of_a_block_matters() {
        let slots = |n: u64| usize::try_from(n & 1023).unwrap();
        let mut used = [0_u32; 1024];
        for at in 0..BLOCK {
            for octet in (0..=255).filter(|octet| *octet != b'7') {
                let mut block = [b'7'; BLOCK];
                block[at] = octet;
                used[slots(mixed(&block, 1))] += 1;
            }
        }
        // 16 each on average.
        assert!(used.iter().all(|n| *n < 128), "{:?}", used.iter().max());
        assert!(used.iter().filter(|n| **n > 0).count() > 900);
        assert_ne!(mixed(&[7; BLOCK], 1), mixed(&[7; BLOCK], 2));
    }

    #[test]
    fn what_is_found_is_what_was_put() {
        let mut recents = Recents::<BLOCK>::new(2);
        let (one, other) = ([1; BLOCK], [2; BLOCK]);
        assert!(recents.get_block(0, 0, &[0; BLOCK]).is_none());
        recents.put_block(5, 3, &one, [b'b'; DIGITS]);
        assert_eq!(recents.get_block(5, 3, &one), Some(&[b'b'; DIGITS]));
        assert!(recents.get_block(5, 3, &other).is_none());
        assert!(recents.get_block(5, 2, &one).is_none());
        assert!(recents.get_block(4, 3, &one).is_none());
        assert!(recents.get(5, 3, &one[..63]).is_none());
        recents.put(5, 3, &[1; 65], [b'c'; DIGITS]);
        assert!(recents.get(5, 3, &[1; 65]).is_none(), "too long");
        recents.put(5, 3, &one[..7], [b'c'; DIGITS]);
        assert_eq!(recents.get(5, 3, &one[..7]), Some(&[b'c'; DIGITS]));
        assert!(recents.get_block(5, 3, &one).is_none());
    }
}
