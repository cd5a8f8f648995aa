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

const TABLE: [u16; 256] = table();

const fn kind(b: u8) -> u16 {
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
const fn table() -> [u16; 256] {
    let mut table = [0; 256];
    let mut b = 0_u8;
    loop {
        table[b as usize] = kind(b);
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
        let mut scan = Self::default();
        for &b in text {
            let kind = TABLE.get(usize::from(b)).copied().unwrap_or(CONTROL);
            scan.kinds |= kind;
            scan.digits += usize::from(kind == DIGIT);
        }
        scan
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
    fn kinds_and_digits() {
        let scan = Scan::of(b"ab-12.3@X");
        assert_eq!(scan.digits, 3);
        assert!(scan.has(LOWER | UPPER | DIGIT | DASH | DOT | AT));
        assert!(!scan.any(SPACE | HIGH | CONTROL));
        assert!(Scan::of(b"abc").only(LOWER));
        assert!(Scan::of("가".as_bytes()).only(HIGH));
    }
}
