//! Numbers in groups, as cards and resident numbers are written.

use super::Look;
use crate::redact::look::{below, bit, places};
use crate::redact::marks;

/// Where digit runs begin that no letter or digit precedes.
pub(super) fn starts(text: &[u8]) -> impl Iterator<Item = usize> {
    marks::digit_starts(text)
}

/// Digits read from one place, across single separators.
pub(super) struct Grouped {
    /// Values of the digits.
    pub(super) digits: [u8; 19],
    /// How many.
    pub(super) count: usize,
    /// Offset behind the last digit.
    pub(super) end: usize,
    /// Lengths of the groups read, one decimal digit each, first group first: 4444, 67, 13.
    pub(super) groups: u64,
}

impl Grouped {
    /// The digits.
    pub(super) fn digits(&self) -> &[u8] {
        self.digits.get(..self.count).unwrap_or_default()
    }
}

/// Calls `check` with every number that begins at `start` and ends where a run of digits ends, shortest
/// first, until it says yes. Groups are separated by one and the same dash or space.
pub(super) fn grouped(text: &[u8], start: usize, mut check: impl FnMut(&Grouped) -> bool) -> bool {
    let mut number = Grouped { digits: [0; 19], count: 0, end: start, groups: 0 };
    let mut separator = None;
    let mut group = 0_u64;
    loop {
        while let Some(b) = text.get(number.end).filter(|b| b.is_ascii_digit()) {
            let Some(slot) = number.digits.get_mut(number.count) else { return false };
            *slot = b - b'0';
            number.count = number.count.saturating_add(1);
            number.end = number.end.saturating_add(1);
            group = group.saturating_add(1);
        }
        number.groups =
            number.groups.saturating_mul(if group > 9 { 100 } else { 10 }).saturating_add(group);
        group = 0;
        if check(&number) {
            return true;
        }
        let after = text.get(number.end).copied().filter(|b| matches!(b, b'-' | b' '));
        let more = text.get(number.end.saturating_add(1)).is_some_and(u8::is_ascii_digit);
        if !more || after.is_none() || separator.is_some_and(|s| Some(s) != after) {
            return false;
        }
        separator = after;
        number.end = number.end.saturating_add(1);
    }
}

/// Fewest digits of a number that a detector asks for.
pub(super) const FEWEST: u32 = 9;

/// Digits of the longest number, or some number below [`FEWEST`] where a look
/// tells at a glance that it has fewer: runs of digits with up to two separators between, touched by no letter.
pub(super) fn longest(text: &[u8], look: Option<&Look>) -> usize {
    if let Some(look) = look {
        return longest_seen(text, look);
    }
    let (mut best, mut count, mut gap) = (0_usize, 0_usize, 0_u8);
    let mut before = b' ';
    for &b in text {
        if b.is_ascii_digit() {
            let inside_word = gap == 0 && count == 0 && before.is_ascii_alphabetic();
            if !inside_word {
                count = count.saturating_add(1);
                gap = 0;
                best = best.max(count);
            }
            before = if inside_word { before } else { b };
            continue;
        }
        gap = gap.saturating_add(1);
        if gap > 2 || !matches!(b, b'-' | b' ' | b'.' | b'(' | b')') {
            count = 0;
            gap = 0;
        }
        before = b;
    }
    best
}

/// As [`longest`], by where digits and separators stand.
fn longest_seen(text: &[u8], look: &Look) -> usize {
    let numbers = marks::numbers(look.words(), look.digits());
    // An encoded word: told at a glance.
    if numbers.count_ones() < FEWEST {
        return 0;
    }
    let parenthesis = |at: &usize| matches!(text.get(*at), Some(b'(' | b')'));
    let rest = places(look.rest()).filter(parenthesis).fold(0, |all, at| all | bit(at));
    let separators = look.dashes() | look.spaces() | look.dots() | rest;
    let third = separators & (separators << 1) & (separators << 2);
    let breaks = !(numbers | separators) | third;
    let (mut left, mut best) = (numbers, 0);
    while left != 0 {
        let from = below(places(left).next().unwrap_or(0));
        let number = match places(breaks & !from).next() {
            Some(end) => left & below(end),
            None => left,
        };
        best = best.max(number.count_ones());
        left &= !number;
    }
    usize::try_from(best).unwrap_or(0)
}

/// Digits of other writings, `－` and `＠` as ASCII, and what looks like a space or a dash as one; what cannot be seen is left
/// out. `None` when the text has none of these.
///
/// Source: Unicode blocks Halfwidth and Fullwidth Forms (U+FF01 to U+FF5E), General Punctuation, Arabic (U+0660, U+06F0),
/// Devanagari (U+0966).
pub(in crate::redact) fn fold(text: &[u8]) -> Option<Vec<u8>> {
    let (mut folded, mut rest, mut any) = (Vec::new(), text, false);
    while let Some((&first, after)) = rest.split_first() {
        // Nearly all octets begin none of these.
        let (seen, tail) = match rest {
            [0xc2 | 0xd9 | 0xdb | 0xe0 | 0xe2 | 0xe3 | 0xef, ..] => {
                ascii(rest).unwrap_or((Some(first), after))
            }
            _ => (Some(first), after),
        };
        let same = tail.len() == after.len();
        if !same && !any {
            any = true;
            folded.reserve(text.len());
            folded.extend_from_slice(text.get(..text.len().saturating_sub(rest.len()))?);
        }
        if any {
            folded.extend(seen);
        }
        rest = tail;
    }
    any.then_some(folded)
}

/// What a character stands for in ASCII, if anything, and what is behind it; `None` when it stands for itself.
fn ascii(text: &[u8]) -> Option<(Option<u8>, &[u8])> {
    let (seen, tail) = match text {
        // No-break space, soft hyphen.
        [0xc2, 0xa0, tail @ ..] => (Some(b' '), tail),
        [0xc2, 0xad, tail @ ..] => (None, tail),
        [0xd9, low @ 0xa0..=0xa9, tail @ ..] => (Some(low - 0xa0 + b'0'), tail),
        [0xdb, low @ 0xb0..=0xb9, tail @ ..] => (Some(low - 0xb0 + b'0'), tail),
        [0xe0, 0xa5, low @ 0xa6..=0xaf, tail @ ..] => (Some(low - 0xa6 + b'0'), tail),
        // Spaces of all widths; zero-width ones and marks of direction; hyphens and dashes; narrow no-break space.
        [0xe2, 0x80, 0x80..=0x8a | 0xaf, tail @ ..] => (Some(b' '), tail),
        [0xe2, 0x80, 0x8b..=0x8f, tail @ ..] | [0xe2, 0x81, 0xa0, tail @ ..] => (None, tail),
        [0xe2, 0x80, 0x90..=0x95, tail @ ..] | [0xe2, 0x88, 0x92, tail @ ..] => (Some(b'-'), tail),
        [0xe3, 0x80, 0x80, tail @ ..] => (Some(b' '), tail),
        [0xef, 0xbb, 0xbf, tail @ ..] => (None, tail),
        [0xef, 0xbc, low @ 0x81..=0xbf, tail @ ..] => (Some(low - 0x60), tail),
        _ => return None,
    };
    Some((seen, tail))
}

/// Luhn check (ISO/IEC 7812-1 annex B) over digit values.
pub(in crate::redact) fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, &d)| {
            let d = u32::from(d);
            if i % 2 == 0 {
                d
            } else if d > 4 {
                d * 2 - 9
            } else {
                d * 2
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Sum of digit values times weights.
pub(super) fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(&d, w)| u32::from(d).saturating_mul(*w)).sum()
}

/// The number that some digits write, most significant first.
pub(super) fn value(digits: &[u8]) -> u32 {
    digits.iter().fold(0_u32, |n, &d| n.saturating_mul(10).saturating_add(u32::from(d)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn groups_are_read() {
        let mut seen = Vec::new();
        assert!(!grouped(b"4111-1111-11 1", 0, |n| {
            seen.push((n.count, n.groups));
            false
        }));
        assert_eq!(seen, [(4, 4), (8, 44), (10, 442)]);
        assert_eq!(starts(b"a1 22-3 b").collect::<Vec<_>>(), [3, 6]);
        for (text, digits) in [
            ("4111 1111-22", 10),
            ("a0eebc99", 0),
            ("2026-01-31T10:00", 8),
            ("+1 (415) 555", 7),
            ("x1 23", 2),
            ("1a2b", 1),
        ] {
            assert_eq!(longest(text.as_bytes(), None), digits, "{text}");
            let glance = longest(text.as_bytes(), Look::at(text.as_bytes()).as_ref());
            assert!(glance == digits || glance.max(digits) < 9, "{text}");
        }
        assert!(luhn(&[4, 2]));
        assert!(!luhn(&[4, 3]));
    }

    proptest! {
        #[test]
        fn the_longest_number_is_told_by_a_look(
            text in "[0-9a .()x#-]{0,64}",
            number in "[0-9]{1,6}([ .()-]{0,3}[0-9]{1,5}){0,6}[ab]?[0-9]{0,3}",
        ) {
            for text in [text.as_bytes(), number.as_bytes()] {
                let plain = longest(text, None);
                let few = u32::try_from(plain).unwrap() < FEWEST;
                let look = Look::at(text);
                let seen = longest(text, look.as_ref());
                prop_assert!(look.is_none() || seen == plain || (few && seen < plain), "{plain} {seen}");
            }
        }
    }
}
