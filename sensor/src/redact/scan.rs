//! One look over a value: which kinds of byte it has. Tells which detectors can be spared.

/// Lower-case ASCII letters.
pub(crate) const LOWER: u16 = 1;
/// Upper-case ASCII letters.
pub(crate) const UPPER: u16 = 1 << 1;
/// ASCII digits.
pub(crate) const DIGIT: u16 = 1 << 2;
/// `@`
pub(crate) const AT: u16 = 1 << 3;
/// `-`
pub(crate) const DASH: u16 = 1 << 4;
/// `.`
pub(crate) const DOT: u16 = 1 << 5;
/// `:`
pub(crate) const COLON: u16 = 1 << 6;
/// Space, tab, CR, LF.
pub(crate) const SPACE: u16 = 1 << 7;
/// `_`
pub(crate) const UNDER: u16 = 1 << 8;
/// `/`, `+`, `=`: what base64 has beyond letters and digits.
pub(crate) const BASE64: u16 = 1 << 9;
/// Other printable ASCII.
pub(crate) const PUNCT: u16 = 1 << 10;
/// Octets from 0x80.
pub(crate) const HIGH: u16 = 1 << 11;
/// Control characters.
pub(crate) const CONTROL: u16 = 1 << 12;

/// Number of sets of kinds.
pub(crate) const KINDS: u16 = CONTROL << 1;

/// By octet: its kind, and one for a digit in the upper half.
static TABLE: [u64; 256] = table();

/// The kind of an octet.
pub(crate) const fn kind(b: u8) -> u16 {
    match b {
        b'a'..=b'z' => LOWER,
        b'A'..=b'Z' => UPPER,
        b'0'..=b'9' => DIGIT,
        b'@' => AT,
        b'-' => DASH,
        b'.' => DOT,
        b':' => COLON,
        b' ' | b'\t' | b'\r' | b'\n' => SPACE,
        b'_' => UNDER,
        b'/' | b'+' | b'=' => BASE64,
        0x80..=0xff => HIGH,
        0x21..=0x7e => PUNCT,
        _ => CONTROL,
    }
}

#[allow(clippy::indexing_slicing, reason = "evaluated at compile time")]
const fn table() -> [u64; 256] {
    let mut table = [0; 256];
    let mut b = 0_u8;
    loop {
        table[b as usize] = kind(b) as u64 | ((b.is_ascii_digit() as u64) << 32);
        if b == 255 {
            return table;
        }
        b += 1;
    }
}

/// What kinds of byte a value has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Scan {
    /// Union of the kinds seen.
    pub(crate) kinds: u16,
    /// How many digits.
    pub(crate) digits: usize,
}

impl Scan {
    /// Looks over `text` once.
    pub(crate) fn of(text: &[u8]) -> Self {
        // Sums of kinds stay below the upper half up to 2^19 octets; of longer texts the digits are counted apart.
        let (mut kinds, mut sum) = (0, 0_u64);
        let entry = |b: u8| TABLE.get(usize::from(b)).copied().unwrap_or(0);
        let (fours, rest) = text.as_chunks::<4>();
        for four in fours {
            let [a, b, c, d] = *four;
            let (a, b, c, d) = (entry(a), entry(b), entry(c), entry(d));
            kinds |= (a | b) | (c | d);
            sum = sum.wrapping_add(a.wrapping_add(b)).wrapping_add(c.wrapping_add(d));
        }
        for entry in rest.iter().map(|b| entry(*b)) {
            kinds |= entry;
            sum = sum.wrapping_add(entry);
        }
        let [a, b, ..] = kinds.to_le_bytes();
        let digits = if text.len() < 1 << 19 {
            usize::try_from(sum >> 32).unwrap_or(0)
        } else {
            text.iter().filter(|b| b.is_ascii_digit()).count()
        };
        Self { kinds: u16::from_le_bytes([a, b]), digits }
    }

    /// Whether no byte is of another kind than `kinds`.
    pub(crate) const fn only(self, kinds: u16) -> bool {
        self.kinds & !kinds == 0
    }

    /// Whether every one of `kinds` was seen.
    pub(crate) const fn has(self, kinds: u16) -> bool {
        self.kinds & kinds == kinds
    }

    /// Whether one of `kinds` was seen.
    pub(crate) const fn any(self, kinds: u16) -> bool {
        self.kinds & kinds != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_counted_in_any_length() {
        for len in [0, 1, 3, 4, 5, 63, 64, 65, 70_000, (1 << 19) - 1, 1 << 19, (1 << 19) + 5] {
            let mut text = vec![b'7'; len];
            assert_eq!(Scan::of(&text).digits, len);
            text.extend_from_slice(b"a.\x80");
            let scan = Scan::of(&text);
            let digit = if len > 0 { DIGIT } else { 0 };
            assert_eq!((scan.digits, scan.kinds), (len, digit | LOWER | DOT | HIGH));
        }
        let text = vec![0_u8; 1 << 19];
        assert_eq!((Scan::of(&text).digits, Scan::of(&text).kinds), (0, CONTROL));
    }

    #[test]
    fn kinds_and_digits() {
        let scan = Scan::of(b"ab-12.3@X");
        assert_eq!(scan.digits, 3);
        assert!(scan.has(LOWER | UPPER | DIGIT | DASH | DOT | AT));
        assert!(!scan.any(SPACE | HIGH | CONTROL));
        assert!(Scan::of(b"abc").only(LOWER));
        assert!(Scan::of("가".as_bytes()).only(HIGH));
    }
}
