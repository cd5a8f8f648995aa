//! One look at a short text: where letters, digits and each mark stand, one bit an octet.
//!
//! A table gives each octet one of sixteen codes. The four bits of the codes are put side by side, by the octets'
//! places, so that a few operations on 64 bits say where a kind of octet is, and whether a form is met anywhere.
//!
//! Invariants:
//! - What a look says of a text is what its octets say one by one.
//! - Codes: `1...` letters and digits (`11..` letters, `..1.` of hexadecimal ones, `...1` upper case); `0...` marks.

use super::marks;
use super::scan::{self, Scan};

/// Octets of the longest text that is looked at so.
pub(crate) const SHORT_MAX: usize = 64;

/// What is looked at of a value, once, for all who judge it.
#[derive(Clone, Copy)]
pub(crate) struct Seen {
    /// Kinds of octet, and how many digits.
    pub(crate) scan: Scan,
    /// Where they stand, in a short text that is no UUID.
    pub(crate) look: Option<Look>,
    /// Whether it is a UUID.
    pub(crate) uuid: bool,
    /// Whether it is a date, as [`words::date`](super::words::date) says.
    pub(crate) date: bool,
}

impl Seen {
    /// Looks over `text`.
    #[inline]
    pub(crate) fn of(text: &[u8]) -> Self {
        // A third of what is written to an interface, and told sooner than a look is taken.
        if let Some(scan) = uuid(text) {
            return Self { scan, look: None, uuid: true, date: false };
        }
        match Look::at(text) {
            Some(look) => {
                let date = look.date(text);
                Self { scan: look.scan(text), look: Some(look), uuid: false, date }
            }
            // No date is so long.
            None => Self { scan: Scan::of(text), look: None, uuid: false, date: false },
        }
    }
}

/// What a UUID in its canonical text form is made of (RFC 9562 §4); `None` of any other text.
#[inline]
fn uuid(text: &[u8]) -> Option<Scan> {
    let text: &[u8; 36] = text.try_into().ok()?;
    let dash = |at: usize| text.get(at) == Some(&b'-');
    if !(dash(8) && dash(13) && dash(18) && dash(23)) {
        return None;
    }
    let four = |at: usize| text.get(at..)?.first_chunk().copied().map(u32::from_le_bytes);
    let eight = |at: usize| text.get(at..)?.first_chunk().copied().map(u64::from_le_bytes);
    let two = |a: u32, b: u32| u64::from(a) | (u64::from(b) << 32);
    let groups = [eight(0)?, two(four(9)?, four(14)?), two(four(19)?, four(24)?), eight(28)?];
    marks::hex_kinds(groups)
}

/// Where which kinds of octet stand in a short text, the first octet in the lowest bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// The bits of the codes, the lowest first.
    planes: [u64; 4],
    /// Every octet there is.
    all: u64,
}

const SPACE: u64 = 0b0001;
const DASH: u64 = 0b0010;
const UNDER: u64 = 0b0011;
const DOT: u64 = 0b0100;
const COLON: u64 = 0b0101;
const AT: u64 = 0b0110;
const BASE64: u64 = 0b0111;

/// By octet: the bits of its code, sixteen apart.
static TABLE: [u64; 256] = table();

const fn code(b: u8) -> u64 {
    match b {
        b'0'..=b'9' => 0b1000,
        b'a'..=b'f' => 0b1110,
        b'g'..=b'z' => 0b1100,
        b'A'..=b'F' => 0b1111,
        b'G'..=b'Z' => 0b1101,
        b' ' => SPACE,
        b'-' => DASH,
        b'_' => UNDER,
        b'.' => DOT,
        b':' => COLON,
        b'@' => AT,
        b'/' | b'+' | b'=' => BASE64,
        _ => 0,
    }
}

#[allow(clippy::indexing_slicing, reason = "evaluated at compile time")]
const fn table() -> [u64; 256] {
    let mut table = [0; 256];
    let mut b = 0_u8;
    loop {
        let code = code(b);
        table[b as usize] =
            (code & 1) | ((code & 2) << 15) | ((code & 4) << 30) | ((code & 8) << 45);
        if b == 255 {
            return table;
        }
        b += 1;
    }
}

/// One more octet in front of those whose bits `behind` has.
#[inline]
fn before(behind: u64, b: u8) -> u64 {
    (behind << 1) | TABLE.get(usize::from(b)).copied().unwrap_or(0)
}

impl Look {
    /// Looks over `text`; `None` when it is too long for it.
    #[inline]
    pub(crate) fn at(text: &[u8]) -> Option<Self> {
        let beyond = u32::try_from(SHORT_MAX.checked_sub(text.len())?).ok()?;
        let mut look = Self { planes: [0; 4], all: u64::MAX.checked_shr(beyond).unwrap_or(0) };
        let (sixteens, rest) = text.as_chunks::<16>();
        let mut shift = 0_u32;
        for sixteen in sixteens {
            let mut bits = 0;
            for b in sixteen.iter().rev() {
                bits = before(bits, *b);
            }
            look.add(bits, shift);
            shift = shift.wrapping_add(16);
        }
        if !rest.is_empty() {
            let (fours, ones) = rest.as_chunks::<4>();
            let mut bits = 0;
            for b in ones.iter().rev() {
                bits = before(bits, *b);
            }
            for [a, b, c, d] in fours.iter().rev() {
                bits = before(before(before(before(bits, *d), *c), *b), *a);
            }
            look.add(bits, shift);
        }
        Some(look)
    }

    /// Adds the bits of up to sixteen octets.
    #[inline]
    fn add(&mut self, bits: u64, shift: u32) {
        let [p0, p1, p2, p3] = &mut self.planes;
        *p0 |= (bits & 0xffff).wrapping_shl(shift);
        *p1 |= ((bits >> 16) & 0xffff).wrapping_shl(shift);
        *p2 |= ((bits >> 32) & 0xffff).wrapping_shl(shift);
        *p3 |= (bits >> 48).wrapping_shl(shift);
    }

    /// As [`Scan::of`] tells of the same text.
    #[inline]
    pub(crate) fn scan(&self, text: &[u8]) -> Scan {
        let kind = |there: u64, kind: u16| if there == 0 { 0 } else { kind };
        let mut kinds = kind(self.lower(), scan::LOWER)
            | kind(self.upper(), scan::UPPER)
            | kind(self.digits(), scan::DIGIT);
        let marks = self.marks();
        if marks != 0 {
            kinds |= kind(self.spaces(), scan::SPACE)
                | kind(self.dashes(), scan::DASH)
                | kind(self.unders(), scan::UNDER)
                | kind(self.dots(), scan::DOT)
                | kind(self.colons(), scan::COLON)
                | kind(self.ats(), scan::AT)
                | kind(self.base64(), scan::BASE64);
            for b in octets(self.rest(), text) {
                kinds |= scan::kind(b);
            }
        }
        let digits = usize::try_from(self.digits().count_ones()).unwrap_or(0);
        Scan { kinds, digits }
    }

    /// Where octets of this code stand, below the letters and digits.
    #[inline]
    const fn mark(&self, code: u64) -> u64 {
        let [p0, p1, p2, p3] = self.planes;
        let a = if code & 1 == 0 { !p0 } else { p0 };
        let b = if code & 2 == 0 { !p1 } else { p1 };
        let c = if code & 4 == 0 { !p2 } else { p2 };
        a & b & c & !p3
    }

    /// Every octet.
    #[inline]
    pub(crate) const fn all(&self) -> u64 {
        self.all
    }

    /// ASCII letters and digits.
    #[inline]
    pub(crate) const fn words(&self) -> u64 {
        self.planes[3]
    }

    /// ASCII digits.
    #[inline]
    pub(crate) const fn digits(&self) -> u64 {
        self.planes[3] & !self.planes[2]
    }

    /// ASCII letters.
    #[inline]
    pub(crate) const fn letters(&self) -> u64 {
        self.planes[3] & self.planes[2]
    }

    /// Upper-case ASCII letters.
    #[inline]
    pub(crate) const fn upper(&self) -> u64 {
        self.letters() & self.planes[0]
    }

    /// Lower-case ASCII letters.
    #[inline]
    pub(crate) const fn lower(&self) -> u64 {
        self.letters() & !self.planes[0]
    }

    /// Hexadecimal digits.
    #[inline]
    pub(crate) const fn hex(&self) -> u64 {
        self.planes[3] & (!self.planes[2] | self.planes[1])
    }

    /// Everything but ASCII letters and digits.
    #[inline]
    pub(crate) const fn marks(&self) -> u64 {
        self.all & !self.planes[3]
    }

    /// Spaces; no other white space.
    #[inline]
    pub(crate) const fn spaces(&self) -> u64 {
        self.mark(SPACE)
    }

    /// `-`
    #[inline]
    pub(crate) const fn dashes(&self) -> u64 {
        self.mark(DASH)
    }

    /// `_`
    #[inline]
    pub(crate) const fn unders(&self) -> u64 {
        self.mark(UNDER)
    }

    /// `.`
    #[inline]
    pub(crate) const fn dots(&self) -> u64 {
        self.mark(DOT)
    }

    /// `:`
    #[inline]
    pub(crate) const fn colons(&self) -> u64 {
        self.mark(COLON)
    }

    /// `@`
    #[inline]
    pub(crate) const fn ats(&self) -> u64 {
        self.mark(AT)
    }

    /// `/`, `+`, `=`
    #[inline]
    pub(crate) const fn base64(&self) -> u64 {
        self.mark(BASE64)
    }

    /// What has no code of its own: other printable ASCII, controls, white space but the space, octets from 0x80.
    #[inline]
    pub(crate) const fn rest(&self) -> u64 {
        let [p0, p1, p2, p3] = self.planes;
        self.all & !(p0 | p1 | p2 | p3)
    }

    /// As [`words::date`](super::words::date) says of the text.
    #[inline]
    fn date(&self, text: &[u8]) -> bool {
        matches!(text.first(), Some(b'1' | b'2'))
            && matches!(text.get(4), Some(b'-' | b'/' | b'.'))
            && self.date_of_this_age(text)
    }

    fn date_of_this_age(&self, text: &[u8]) -> bool {
        /// Of the four digits of the year and the first of the month.
        const DIGITS: u64 = 0b10_1111;
        let year = text.starts_with(b"19") || text.starts_with(b"20");
        if !(year && text.len() <= 40 && self.digits() & DIGITS == DIGITS) {
            return false;
        }
        let tail = self.all & !0xf;
        let plain = self.digits() | self.dashes() | self.dots() | self.colons() | self.spaces();
        let mut time = self.spaces() & tail;
        for at in places(tail & !plain) {
            match text.get(at) {
                Some(b'T') => time |= bit(at),
                Some(b'/' | b'+' | b'Z' | b',') => {}
                _ => return false,
            }
        }
        let day = text.len().min(usize::try_from(time.trailing_zeros()).unwrap_or(0));
        (7..=10).contains(&day) && rows(self.digits() & tail, 10) == 0
    }

    /// Where no letter or digit stands before.
    #[inline]
    pub(crate) const fn starts(&self) -> u64 {
        !(self.words() << 1) & self.all
    }
}

/// The bit of a place.
#[inline]
pub(crate) fn bit(at: usize) -> u64 {
    u32::try_from(at).ok().and_then(|at| 1_u64.checked_shl(at)).unwrap_or(0)
}

/// The bits of all places before `at`.
#[inline]
pub(crate) fn below(at: usize) -> u64 {
    if at >= SHORT_MAX { u64::MAX } else { bit(at).wrapping_sub(1) }
}

/// The octets of `text` where `there` has its bits.
#[inline]
pub(crate) fn octets(there: u64, text: &[u8]) -> impl Iterator<Item = u8> {
    places(there).filter_map(|at| text.get(at).copied())
}

/// The bits of `there`, the lowest first.
#[inline]
pub(crate) fn places(mut there: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let at = usize::try_from(there.trailing_zeros()).ok().filter(|_| there != 0)?;
        there &= there.wrapping_sub(1);
        Some(at)
    })
}

/// The bits of `ones`, moved so that what stands `by` places further is here.
#[inline]
pub(crate) const fn ahead(ones: u64, by: u32) -> u64 {
    match ones.checked_shr(by) {
        Some(shifted) => shifted,
        None => 0,
    }
}

/// Where so many ones in a row begin. `len` is at least 1.
#[inline]
pub(crate) const fn rows(ones: u64, len: u32) -> u64 {
    let (mut left, mut have) = (ones, 1);
    while have < len {
        let step = if have < len - have { have } else { len - have };
        left &= ahead(left, step);
        have += step;
    }
    left
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::redact::words;

    fn is(there: u64, at: usize) -> bool {
        there >> at & 1 == 1
    }

    #[test]
    fn every_octet_is_told_right_wherever_it_stands() {
        for octet in 0..=255_u8 {
            for len in [1, 3, 4, 15, 16, 17, 31, 36, 63, 64] {
                for at in 0..len {
                    let mut text = vec![b'#'; len];
                    text[at] = octet;
                    let look = Look::at(&text).unwrap();
                    let base64 = matches!(octet, b'/' | b'+' | b'=');
                    let coded = octet.is_ascii_alphanumeric() || b" -_.:@".contains(&octet);
                    let told = [
                        (look.words(), octet.is_ascii_alphanumeric()),
                        (look.digits(), octet.is_ascii_digit()),
                        (look.letters(), octet.is_ascii_alphabetic()),
                        (look.upper(), octet.is_ascii_uppercase()),
                        (look.lower(), octet.is_ascii_lowercase()),
                        (look.hex(), octet.is_ascii_hexdigit()),
                        (look.spaces(), octet == b' '),
                        (look.dashes(), octet == b'-'),
                        (look.unders(), octet == b'_'),
                        (look.dots(), octet == b'.'),
                        (look.colons(), octet == b':'),
                        (look.ats(), octet == b'@'),
                        (look.base64(), base64),
                    ];
                    for (there, expected) in told {
                        assert_eq!(there, u64::from(expected) << at, "{octet} at {at} of {len}");
                    }
                    assert_eq!(is(look.rest(), at), !coded && !base64);
                    assert_eq!(look.all().count_ones() as usize, len);
                    assert_eq!(look.marks(), look.all() & !look.words());
                }
            }
        }
        assert!(Look::at(&[b'a'; 65]).is_none());
        assert_eq!(Look::at(b"").unwrap(), Look { planes: [0; 4], all: 0 });
    }

    #[test]
    fn rows_are_told() {
        for len in 1..=64_usize {
            let text = format!("{:?<64}", "a".repeat(len));
            for wanted in 1..=64_u32 {
                let found = rows(Look::at(text.as_bytes()).unwrap().words(), wanted) != 0;
                assert_eq!(found, wanted as usize <= len, "{wanted} of {len}");
            }
        }
    }

    proptest! {
        #[test]
        fn forms_are_told_as_by_words(
            date in "(19|20|29)[0-9]{2}[-/.][0-9]{1,2}[-/.: ]?[0-9]{0,10}[TZ, +.:/=-]{0,2}[0-9:]{0,10}[-0-9TZ+x]{0,4}",
            uuid in "[0-9a-fA-F]{8}-[0-9a-f]{4}-[0-9A-F]{4}-[0-9a-f]{4}-[0-9a-fA-F]{12}|[0-9]{8}-[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{12}|[A-F]{8}-[A-F]{4}-[a-f]{4}-[A-F]{4}-[A-F]{12}",
            at in 0..36_usize,
            octet in any::<u8>(),
        ) {
            let mut broken = uuid.clone().into_bytes();
            broken[at] = octet;
            for text in [date.as_bytes(), uuid.as_bytes(), &broken, &uuid.as_bytes()[..35]] {
                let look = Look::at(text).unwrap();
                prop_assert_eq!(look.date(text), words::date(text));
                prop_assert_eq!(Seen::of(text).date, words::date(text));
                prop_assert_eq!(Seen::of(text).uuid, words::uuid(text));
                prop_assert_eq!(Seen::of(text).scan, Scan::of(text));
            }
        }

        #[test]
        fn a_look_scans(any in proptest::collection::vec(any::<u8>(), 0..80), text in "[ -~\\t]{0,70}") {
            for text in [any.as_slice(), text.as_bytes()] {
                prop_assert_eq!(Seen::of(text).scan, Scan::of(text));
            }
        }
    }
}
