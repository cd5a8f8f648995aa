//! Sixteen octets told apart in one step, by comparisons of all of them at once.

use wide::u8x16;

use super::scan;

/// Which octets of a short text are of which kind: one bit each, the first octet in the lowest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Kinds {
    pub(super) digits: u64,
    pub(super) letters: u64,
    /// Of the letters, those of upper case.
    pub(super) upper: u64,
    /// Of the letters, those that are hexadecimal digits.
    pub(super) hex: u64,
    /// Octets from 0x80.
    pub(super) high: u64,
}

impl Kinds {
    /// ASCII letters and digits.
    #[inline]
    pub(super) const fn words(&self) -> u64 {
        self.letters | self.digits
    }

    /// The same of a whole text, as [`Scan`](super::scan::Scan) has it.
    #[inline]
    pub(super) const fn seen(&self) -> u16 {
        let lower = if self.letters & !self.upper == 0 { 0 } else { scan::LOWER };
        let upper = if self.upper == 0 { 0 } else { scan::UPPER };
        let digits = if self.digits == 0 { 0 } else { scan::DIGIT };
        let high = if self.high == 0 { 0 } else { scan::HIGH };
        lower | upper | digits | high
    }

    /// Of up to 64 octets; none of what stands beyond.
    #[inline]
    pub(super) fn of(text: &[u8]) -> Self {
        let (sixteens, rest) = text.as_chunks::<16>();
        let [first, more @ ..] = sixteens else { return Self::sixteen(few(text)) };
        let mut all = Self::sixteen(*first);
        let mut shift = 16_u32;
        for sixteen in more {
            all.add(Self::sixteen(*sixteen), shift);
            shift = shift.wrapping_add(16);
        }
        // The last sixteen, some of which were told before: the same is told of them again.
        if let (false, Some(last)) = (rest.is_empty(), text.last_chunk::<16>()) {
            let from = u32::try_from(text.len()).unwrap_or(0).wrapping_sub(16);
            all.add(Self::sixteen(*last), from);
        }
        all
    }

    #[inline]
    fn add(&mut self, Self { digits, letters, upper, hex, high }: Self, shift: u32) {
        self.digits |= digits.wrapping_shl(shift);
        self.letters |= letters.wrapping_shl(shift);
        self.upper |= upper.wrapping_shl(shift);
        self.hex |= hex.wrapping_shl(shift);
        self.high |= high.wrapping_shl(shift);
    }

    #[inline]
    fn sixteen(octets: [u8; 16]) -> Self {
        let octets = u8x16::new(octets);
        let each = u8x16::splat;
        // From this octet on as many more as this; octets below it wrap round to large ones.
        let within = |octets: u8x16, last: u8| octets.min(each(last)).simd_eq(octets);
        let digits = within(octets - each(b'0'), 9);
        let folded = (octets | each(0x20)) - each(b'a');
        let (letters, hex) = (within(folded, 25), within(folded, 5));
        let capital = (octets & each(0x20)).simd_eq(each(0));
        let bits = |mask: u8x16| u64::from(mask.to_bitmask());
        Self {
            digits: bits(digits),
            letters: bits(letters),
            upper: bits(letters & capital),
            hex: bits(hex),
            high: bits(octets),
        }
    }
}

/// Fewer than sixteen octets, zeros behind them.
#[inline]
fn few(text: &[u8]) -> [u8; 16] {
    let bits = |octets: usize| u32::try_from(octets.wrapping_mul(8)).unwrap_or(0);
    let len = text.len();
    let (low, high) = if let (Some(first), Some(last)) =
        (text.first_chunk::<8>(), text.last_chunk::<8>())
    {
        // Of the last eight, those are wanted that stand behind the first.
        let last = u64::from_le_bytes(*last).checked_shr(bits(16_usize.wrapping_sub(len)));
        (u64::from_le_bytes(*first), last.unwrap_or(0))
    } else if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
        let last = u64::from(last).wrapping_shl(bits(len.wrapping_sub(4)));
        (u64::from(first) | last, 0)
    } else {
        let octets = match *text {
            [a, b, c, ..] => [a, b, c, 0],
            [a, b] => [a, b, 0, 0],
            [a] => [a, 0, 0, 0],
            [] => [0; 4],
        };
        (u32::from_le_bytes(octets).into(), 0)
    };
    (u128::from(low) | (u128::from(high) << 64)).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(text: &[u8], is: fn(&u8) -> bool) -> u64 {
        text.iter().zip(0..).filter(|(b, _)| is(b)).fold(0, |all, (_, at)| all | 1 << at)
    }

    fn plain(text: &[u8]) -> Kinds {
        Kinds {
            digits: told(text, u8::is_ascii_digit),
            letters: told(text, u8::is_ascii_alphabetic),
            upper: told(text, u8::is_ascii_uppercase),
            hex: told(text, |b| b.is_ascii_hexdigit() && b.is_ascii_alphabetic()),
            high: told(text, |b| *b >= 0x80),
        }
    }

    #[test]
    fn every_octet_is_told_at_every_place() {
        for len in 0..=64 {
            let mut text = vec![b'#'; len];
            for at in 0..len {
                for octet in 0..=255 {
                    text[at] = octet;
                    assert_eq!(Kinds::of(&text), plain(&text), "{octet} at {at} of {len}");
                }
                text[at] = b'#';
            }
        }
    }

    proptest! {
        #[test]
        fn any_octets_are_told(text in proptest::collection::vec(any::<u8>(), 0..=64)) {
            prop_assert_eq!(Kinds::of(&text), plain(&text));
        }
    }
}
