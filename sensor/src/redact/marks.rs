//! Where letters and digits are in a text, eight octets looked at in one step.

/// One in each octet.
const ONES: u64 = 0x0101_0101_0101_0101;
/// The highest bit of each octet.
const HIGHS: u64 = 0x80 * ONES;

/// Offsets before which no ASCII letter or digit stands: where words begin, and marks stand.
pub(crate) fn word_starts(text: &[u8]) -> Starts<'_> {
    Starts::new(text, false)
}

/// Offsets of digits that no letter or digit precedes.
pub(crate) fn digit_starts(text: &[u8]) -> Starts<'_> {
    Starts::new(text, true)
}

/// Which digits of a text are in numbers, that is not right behind a letter; by where letters and digits stand, and
/// where digits do, one bit an octet.
pub(crate) const fn numbers(words: u64, digits: u64) -> u64 {
    let behind = digits & ((words & !digits) << 1);
    // Adding its lowest bit turns a run of ones into zeros.
    let inside = digits & !digits.wrapping_add(behind);
    digits & !inside
}

/// Offsets in a text where something begins, lowest first.
pub(crate) struct Starts<'a> {
    rest: &'a [u8],
    /// Offset of `bits`.
    base: usize,
    /// Starts not yet given among 64 octets, one bit each.
    bits: u64,
    /// Whether a letter or digit stands before `rest`.
    inside: bool,
    /// Whether only digits count.
    digits: bool,
    /// Octets looked at of which `bits` tells.
    width: usize,
}

impl<'a> Starts<'a> {
    fn new(text: &'a [u8], digits: bool) -> Self {
        Self { rest: text, base: 0, bits: 0, inside: false, digits, width: 0 }
    }

    /// Looks at the next octets, up to 64; `false` at the end of the text.
    fn more(&mut self) -> bool {
        if self.rest.is_empty() {
            return false;
        }
        let (block, rest) = self.rest.split_at_checked(64).unwrap_or((self.rest, b""));
        let (words, digits) = masks(block);
        self.base = self.base.saturating_add(self.width);
        self.width = block.len();
        let before = (words << 1) | u64::from(self.inside);
        let all =
            u64::MAX.wrapping_shr(u32::try_from(64_usize.saturating_sub(block.len())).unwrap_or(0));
        self.bits = !before & if self.digits { digits } else { all };
        self.inside = words & (1_u64 << 63) != 0;
        self.rest = rest;
        true
    }
}

impl Iterator for Starts<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.bits == 0 {
            if !self.more() {
                return None;
            }
        }
        let at = usize::try_from(self.bits.trailing_zeros()).unwrap_or(0);
        self.bits &= self.bits.wrapping_sub(1);
        Some(self.base.saturating_add(at))
    }
}

/// Which of the first 64 octets are hexadecimal digits, one bit each, the first lowest.
pub(crate) fn hex(text: &[u8]) -> u64 {
    let block = text.get(..64).unwrap_or(text);
    each_eight(block, |octets| {
        let letters = within(octets | (0x20 * ONES), b'a', b'f');
        [within(octets, b'0', b'9') | letters]
    })[0]
}

/// Of up to 64 octets, one bit each, the first lowest: ASCII letters and digits, and digits.
fn masks(block: &[u8]) -> (u64, u64) {
    let [words, digits] = each_eight(block, |octets| {
        let digits = within(octets, b'0', b'9');
        [digits | within(octets | (0x20 * ONES), b'a', b'z'), digits]
    });
    (words, digits)
}

/// Puts together what `of` says of each eight of up to 64 octets by the highest bits.
#[inline]
fn each_eight<const N: usize>(block: &[u8], of: impl Fn(u64) -> [u64; N]) -> [u64; N] {
    let (mut all, mut shift) = ([0; N], 0_u32);
    let (eights, rest) = block.as_chunks::<8>();
    let mut add = |eight: [u8; 8]| {
        for (all, highs) in all.iter_mut().zip(of(u64::from_le_bytes(eight))) {
            *all |= gather(highs).wrapping_shl(shift);
        }
        shift = shift.saturating_add(8);
    };
    eights.iter().copied().for_each(&mut add);
    if !rest.is_empty() {
        let mut last = [0; 8];
        for (slot, octet) in last.iter_mut().zip(rest) {
            *slot = *octet;
        }
        add(last);
    }
    all
}

/// The highest bit of each octet that is ASCII and from `first` to `last`.
#[inline]
fn within(octets: u64, first: u8, last: u8) -> u64 {
    let low = octets & !HIGHS;
    // Adding carries into the highest bit of an octet where it is at least as large as what is asked for.
    let at_least = low.wrapping_add(u64::from(0x80 - first) * ONES);
    let above = low.wrapping_add(u64::from(0x7f - last) * ONES);
    at_least & !above & !octets & HIGHS
}

/// The highest bits of the octets, side by side.
#[inline]
fn gather(highs: u64) -> u64 {
    (highs >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn expected(text: &[u8], digits: bool) -> Vec<usize> {
        let start = |at: usize| {
            let before = at.checked_sub(1).and_then(|at| text.get(at));
            let inside = before.is_some_and(u8::is_ascii_alphanumeric);
            !inside && (!digits || text[at].is_ascii_digit())
        };
        (0..text.len()).filter(|at| start(*at)).collect()
    }

    #[test]
    fn hexadecimal_digits_are_told() {
        for octet in 0..=255_u8 {
            for at in 0..36 {
                let mut text = [b'f'; 36];
                text[at] = octet;
                let expected = (1 << 36) - 1 - (u64::from(!octet.is_ascii_hexdigit()) << at);
                assert_eq!(hex(&text), expected, "{octet} at {at}");
            }
        }
    }

    #[test]
    fn every_octet_is_told_right() {
        for octet in 0..=255_u8 {
            for at in 0..70 {
                let mut text = vec![b'-'; 70];
                text[at] = octet;
                assert_eq!(word_starts(&text).collect::<Vec<_>>(), expected(&text, false));
                assert_eq!(digit_starts(&text).collect::<Vec<_>>(), expected(&text, true));
            }
        }
    }

    fn digits_in_numbers(text: &[u8]) -> usize {
        let (mut count, mut before, mut inside) = (0, b' ', false);
        for b in text {
            if b.is_ascii_digit() {
                inside |= before.is_ascii_alphabetic();
                count += usize::from(!inside);
            } else {
                inside = false;
            }
            before = *b;
        }
        count
    }

    proptest! {
        #[test]
        fn digits_behind_letters_are_left_out(text in "[a-f0-9 -]{0,64}") {
            let (words, digits) = masks(text.as_bytes());
            prop_assert_eq!(numbers(words, digits).count_ones() as usize, digits_in_numbers(text.as_bytes()));
        }

        #[test]
        fn starts_are_those_seen_one_by_one(text in proptest::collection::vec(any::<u8>(), 0..200), plain in "[a-zA-Z0-9 .-]{0,200}") {
            for text in [text.as_slice(), plain.as_bytes()] {
                prop_assert_eq!(word_starts(text).collect::<Vec<_>>(), expected(text, false));
                prop_assert_eq!(digit_starts(text).collect::<Vec<_>>(), expected(text, true));
            }
        }
    }
}
