//! One look at a short text: where letters, digits and each mark stand, one bit an octet.
//!
//! Letters and digits are told sixteen octets at a time ([`Kinds`]); the few marks that values have, one by one by a
//! table. So a few operations on 64 bits say where a kind of octet is, and whether a form is met anywhere.
//!
//! Invariant: what a look says of a text is what its octets say one by one.

use super::scan::{self, Scan};
use super::sixteen::Kinds;

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
        let Some(all) = places_of(text) else {
            // No date is so long.
            return Self { scan: Scan::of(text), look: None, uuid: false, date: false };
        };
        let kinds = Kinds::of(text);
        let digits = usize::try_from(kinds.digits.count_ones()).unwrap_or(0);
        // A third of what is written to an interface.
        if uuid(text, &kinds) {
            let scan = Scan { kinds: kinds.seen() | scan::DASH, digits };
            return Self { scan, look: None, uuid: true, date: false };
        }
        let (marks, rest) = marks(text, all & !kinds.words() & !kinds.high, kinds.high);
        // Put together where it is wanted, so that it need not be moved.
        let date = dated(text) && Look { kinds, marks, all }.date_of_this_age(text);
        let scan = Scan { kinds: kinds.seen() | rest, digits };
        Self { scan, look: Some(Look { kinds, marks, all }), uuid: false, date }
    }
}

/// A bit for each octet of `text`; `None` when it is too long.
#[inline]
fn places_of(text: &[u8]) -> Option<u64> {
    let beyond = u32::try_from(SHORT_MAX.checked_sub(text.len())?).ok()?;
    Some(u64::MAX.checked_shr(beyond).unwrap_or(0))
}

/// Whether a text of these kinds of octet is a UUID in its canonical form (RFC 9562 §4).
#[inline]
fn uuid(text: &[u8], kinds: &Kinds) -> bool {
    const DASHES: u64 = 1 << 8 | 1 << 13 | 1 << 18 | 1 << 23;
    const HEX: u64 = ((1 << 36) - 1) & !DASHES;
    let Ok(text) = <&[u8; 36]>::try_from(text) else { return false };
    let dash = |at: usize| text.get(at) == Some(&b'-');
    (kinds.digits | kinds.hex) == HEX && dash(8) && dash(13) && dash(18) && dash(23)
}

/// Whether a text begins as dates of this age and the last do: most are told by this to be none.
#[inline]
fn dated(text: &[u8]) -> bool {
    matches!(text.first(), Some(b'1' | b'2')) && matches!(text.get(4), Some(b'-' | b'/' | b'.'))
}

/// Where which kinds of octet stand in a short text, the first octet in the lowest bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    kinds: Kinds,
    /// Marks by their codes; those without one first.
    marks: [u64; 8],
    /// Every octet there is.
    all: u64,
}

const SPACE: usize = 1;
const DASH: usize = 2;
const EQUALS: usize = 3;
const DOT: usize = 4;
const COLON: usize = 5;
const AT: usize = 6;
/// With `_` and `+`, which no one asks for.
const SLASH: usize = 7;
/// Bits that hold the kinds of octets.
const KIND_BITS: u32 = 13;

/// By octet: the code of a mark in the upper three bits, its kind below.
static TABLE: [u16; 256] = table();

const fn code(b: u8) -> usize {
    match b {
        b' ' => SPACE,
        b'-' => DASH,
        b'.' => DOT,
        b':' => COLON,
        b'@' => AT,
        b'=' => EQUALS,
        b'_' | b'/' | b'+' => SLASH,
        _ => 0,
    }
}

#[allow(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "evaluated at compile time"
)]
const fn table() -> [u16; 256] {
    const { assert!(scan::KINDS <= 1 << KIND_BITS) };
    let mut table = [0; 256];
    let mut b = 0_u8;
    loop {
        table[b as usize] = scan::kind(b) | ((code(b) as u16) << KIND_BITS);
        if b == 255 {
            return table;
        }
        b += 1;
    }
}

/// Where the marks of `text` are that stand at `left`, by their codes, and their kinds. Those `high` have none.
#[inline]
fn marks(text: &[u8], mut left: u64, high: u64) -> ([u64; 8], u16) {
    let (mut marks, mut kinds) = ([high, 0, 0, 0, 0, 0, 0, 0], 0);
    while left != 0 {
        let rest = left & left.wrapping_sub(1);
        let at = usize::try_from(left.trailing_zeros()).unwrap_or(0);
        let entry = text.get(at).and_then(|b| TABLE.get(usize::from(*b))).copied().unwrap_or(0);
        kinds |= entry;
        if let Some(mark) = marks.get_mut(usize::from(entry >> KIND_BITS)) {
            *mark |= left ^ rest;
        }
        left = rest;
    }
    (marks, kinds & ((1 << KIND_BITS) - 1))
}

impl Look {
    /// Looks over `text`; `None` when it is too long for it.
    #[cfg(test)]
    pub(crate) fn at(text: &[u8]) -> Option<Self> {
        let (kinds, all) = (Kinds::of(text), places_of(text)?);
        let (marks, _) = marks(text, all & !kinds.words() & !kinds.high, kinds.high);
        Some(Self { kinds, marks, all })
    }

    /// Where octets of this code stand.
    #[inline]
    const fn mark<const CODE: usize>(&self) -> u64 {
        const { assert!(CODE < 8) };
        let [rest, space, dash, equals, dot, colon, at, slash] = self.marks;
        match CODE {
            SPACE => space,
            DASH => dash,
            EQUALS => equals,
            DOT => dot,
            COLON => colon,
            AT => at,
            SLASH => slash,
            _ => rest,
        }
    }

    /// Every octet.
    #[inline]
    pub(crate) const fn all(&self) -> u64 {
        self.all
    }

    /// ASCII letters and digits.
    #[inline]
    pub(crate) const fn words(&self) -> u64 {
        self.kinds.words()
    }

    /// ASCII digits.
    #[inline]
    pub(crate) const fn digits(&self) -> u64 {
        self.kinds.digits
    }

    /// ASCII letters.
    #[inline]
    pub(crate) const fn letters(&self) -> u64 {
        self.kinds.letters
    }

    /// Upper-case ASCII letters.
    #[inline]
    pub(crate) const fn upper(&self) -> u64 {
        self.kinds.upper
    }

    /// Lower-case ASCII letters.
    #[inline]
    pub(crate) const fn lower(&self) -> u64 {
        self.kinds.letters & !self.kinds.upper
    }

    /// Hexadecimal digits.
    #[inline]
    pub(crate) const fn hex(&self) -> u64 {
        self.kinds.digits | self.kinds.hex
    }

    /// Everything but ASCII letters and digits.
    #[inline]
    pub(crate) const fn marks(&self) -> u64 {
        self.all & !self.words()
    }

    /// Spaces; no other white space.
    #[inline]
    pub(crate) const fn spaces(&self) -> u64 {
        self.mark::<SPACE>()
    }

    /// `-`
    #[inline]
    pub(crate) const fn dashes(&self) -> u64 {
        self.mark::<DASH>()
    }

    /// `=`
    #[inline]
    pub(crate) const fn equals(&self) -> u64 {
        self.mark::<EQUALS>()
    }

    /// `.`
    #[inline]
    pub(crate) const fn dots(&self) -> u64 {
        self.mark::<DOT>()
    }

    /// `:`
    #[inline]
    pub(crate) const fn colons(&self) -> u64 {
        self.mark::<COLON>()
    }

    /// `@`
    #[inline]
    pub(crate) const fn ats(&self) -> u64 {
        self.mark::<AT>()
    }

    /// `/`; also `_` and `+`
    #[inline]
    pub(crate) const fn slashes(&self) -> u64 {
        self.mark::<SLASH>()
    }

    /// What has no code of its own: other printable ASCII, controls, white space but the space, octets from 0x80.
    #[inline]
    pub(crate) const fn rest(&self) -> u64 {
        self.mark::<0>()
    }

    /// As [`words::date`](super::words::date) says of a text that is [`dated`].
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
                    let slash = matches!(octet, b'/' | b'+' | b'_');
                    let coded = octet.is_ascii_alphanumeric() || b" -=.:@".contains(&octet);
                    let told = [
                        (look.words(), octet.is_ascii_alphanumeric()),
                        (look.digits(), octet.is_ascii_digit()),
                        (look.letters(), octet.is_ascii_alphabetic()),
                        (look.upper(), octet.is_ascii_uppercase()),
                        (look.lower(), octet.is_ascii_lowercase()),
                        (look.hex(), octet.is_ascii_hexdigit()),
                        (look.spaces(), octet == b' '),
                        (look.dashes(), octet == b'-'),
                        (look.equals(), octet == b'='),
                        (look.dots(), octet == b'.'),
                        (look.colons(), octet == b':'),
                        (look.ats(), octet == b'@'),
                        (look.slashes(), slash),
                    ];
                    for (there, expected) in told {
                        assert_eq!(there, u64::from(expected) << at, "{octet} at {at} of {len}");
                    }
                    assert_eq!(is(look.rest(), at), !coded && !slash);
                    assert_eq!(look.all().count_ones() as usize, len);
                    assert_eq!(look.marks(), look.all() & !look.words());
                }
            }
        }
        assert!(Look::at(&[b'a'; 65]).is_none());
        assert_eq!(Look::at(b"").unwrap(), Look { kinds: Kinds::default(), marks: [0; 8], all: 0 });
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
                prop_assert_eq!(dated(text) && look.date_of_this_age(text), words::date(text));
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
