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

/// How many messages of one block are remembered: two to the power of so many bits.
const BITS: u32 = 10;

/// Tokens made before of messages of one block.
pub(super) struct Blocks(Vec<Block>);

/// A token made before. Holds the message, so it is overwritten when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
struct Block {
    /// Tells nearly all others apart before anything is compared.
    tag: u64,
    /// Position of the maker, plus one; 0 when empty.
    maker: usize,
    message: [u8; BLOCK],
    digits: [u8; DIGITS],
}

impl Blocks {
    pub(super) fn new() -> Self {
        let empty = Block { tag: 0, maker: 0, message: [0; BLOCK], digits: [b'a'; DIGITS] };
        Self(vec![empty; 1 << BITS])
    }

    /// The digits that this maker makes of this message by `make`, unless they are remembered.
    #[inline]
    pub(super) fn digits(
        &mut self,
        maker: usize,
        message: &[u8; BLOCK],
        make: impl FnOnce(&mut [u8; DIGITS]),
    ) -> Option<&[u8; DIGITS]> {
        let maker = maker.wrapping_add(1);
        let tag = mixed(message, maker);
        let slot = usize::try_from(tag >> (u64::BITS - BITS)).ok()?;
        let known = self.0.get_mut(slot)?;
        if known.tag != tag || known.maker != maker || known.message != *message {
            (known.tag, known.maker, known.message) = (tag, maker, *message);
            make(&mut known.digits);
        }
        Some(&known.digits)
    }
}

/// A number for the message of one block of which this maker makes a token. Its high bits say where that is remembered.
#[inline]
fn mixed(message: &[u8; BLOCK], maker: usize) -> u64 {
    /// An odd number without a pattern.
    const KEY: u64 = 0x9e37_79b9_7f4a_7c15;
    let (words, _) = message.as_chunks();
    let start = u64::try_from(maker).unwrap_or(0);
    let sum = words.iter().fold(start, |sum, word| sum.rotate_left(9) ^ u64::from_le_bytes(*word));
    sum.wrapping_mul(KEY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_octet_of_a_block_matters() {
        let slots = |n: u64| usize::try_from(n >> (u64::BITS - BITS)).unwrap();
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
        let mut recents = Recents::<64>::new(2);
        let one = [1; 64];
        assert!(recents.get(0, 0, &[]).is_none());
        recents.put(5, 3, &one, [b'b'; DIGITS]);
        assert_eq!(recents.get(5, 3, &one), Some(&[b'b'; DIGITS]));
        assert!(recents.get(5, 3, &[2; 64]).is_none());
        assert!(recents.get(5, 2, &one).is_none());
        assert!(recents.get(4, 3, &one).is_none());
        assert!(recents.get(5, 3, &one[..63]).is_none());
        recents.put(5, 3, &[1; 65], [b'c'; DIGITS]);
        assert!(recents.get(5, 3, &[1; 65]).is_none(), "too long");
        recents.put(5, 3, &one[..7], [b'c'; DIGITS]);
        assert_eq!(recents.get(5, 3, &one[..7]), Some(&[b'c'; DIGITS]));
        assert!(recents.get(5, 3, &one).is_none());
    }

    #[test]
    fn a_message_and_its_maker_have_digits_of_their_own() {
        let mut blocks = Blocks::new();
        let mut made = 0_u8;
        let mut digits = |blocks: &mut Blocks, maker, message: &[u8; BLOCK]| {
            let make = |digits: &mut [u8; DIGITS]| {
                made += 1;
                *digits = [made; DIGITS];
            };
            *blocks.digits(maker, message, make).unwrap()
        };
        let (mut one, mut other) = ([0; BLOCK], [0; BLOCK]);
        (one[7], other[9]) = (b'1', b'2');
        assert_eq!(digits(&mut blocks, 0, &[0; BLOCK]), [1; DIGITS]);
        assert_eq!(digits(&mut blocks, 3, &one), [2; DIGITS]);
        assert_eq!(digits(&mut blocks, 3, &other), [3; DIGITS]);
        assert_eq!(digits(&mut blocks, 2, &one), [4; DIGITS]);
        assert_eq!(digits(&mut blocks, 3, &one), [2; DIGITS]);
        // What only has the same number is not the same.
        for block in &mut blocks.0 {
            (block.tag, block.maker, block.message) = (mixed(&other, 4), 4, one);
        }
        assert_eq!(digits(&mut blocks, 3, &other), [5; DIGITS]);
    }
}
