//! Phone numbers: Korean mobile and dashed land lines, numbers of North America as people write them, and
//! international numbers with a plus (E.164), whose length and beginning are those of their country.
//!
//! Other countries' numbers without a plus are told by their field's name alone.
//!
//! Source: ITU-T E.164 annex and the national numbering plans notified to ITU; NANPA; Korean numbering plan.

use super::digits::{starts, value};
use super::{Class, Confidence, Detector, Hit, Look, alone};
use crate::redact::look::{ahead, places, rows};

pub(super) const ENTRY: Detector = Detector {
    class: Class::Phone,
    kinds: super::scan::DIGIT,
    any: 0,
    digits_min: 9,
    run_min: 9,
    octets_min: 9,
    seen,
    find,
};

/// Without a plus, numbers begin with 0 or are written as in North America.
fn seen(look: &Look, text: &[u8]) -> Option<Hit> {
    let starts = look.starts() & look.digits() & ahead(look.all(), 8);
    let at = |at: Option<usize>| at.and_then(|at| text.get(at)).copied();
    let begins =
        |first: usize| at(Some(first)) == Some(b'0') || at(first.checked_sub(1)) == Some(b'+');
    let mut starts = places(starts);
    if american_groups(look) {
        return starts.find_map(|first| number(text, first));
    }
    starts.filter(|first| begins(*first)).find_map(|first| number(text, first))
}

/// Whether marks stand as before and behind the exchange of [`american`] numbers.
fn american_groups(look: &Look) -> bool {
    let marks = look.dashes() | look.dots();
    let parenthesis = look.rest();
    let ends = marks | look.spaces();
    let number = rows(look.digits() | ends | parenthesis, 9);
    let near = (marks | parenthesis) & ahead(ends, 4);
    let far = parenthesis & ahead(look.spaces(), 1) & ahead(ends, 5) & ahead(look.all(), 9);
    (near | far) & number != 0
}

fn find(text: &[u8]) -> Option<Hit> {
    starts(text).find_map(|first| number(text, first))
}

/// The number whose first digit is at `first`.
fn number(text: &[u8], first: usize) -> Option<Hit> {
    let plus = first.checked_sub(1).filter(|&p| text.get(p) == Some(&b'+'));
    let start = plus.unwrap_or(first);
    let mut separator = None;
    let mut digits = [0_u8; 15];
    let (mut at, mut count, mut groups) = (first, 0_usize, 1_u32);
    loop {
        let before = count;
        while let (Some(b @ b'0'..=b'9'), Some(slot)) = (text.get(at), digits.get_mut(count)) {
            *slot = b - b'0';
            (at, count) = (at.saturating_add(1), count.wrapping_add(1));
        }
        // No number has fewer.
        if count >= 9 {
            let digits = digits.get(..count)?;
            let hit = match plus {
                Some(_) => international(digits),
                // The end of a longer number with the same separators is no number of a phone.
                None if separator.is_some() && follows(text, start) == separator => false,
                None => {
                    let mobile = groups == 1 || count.wrapping_sub(before) == 4;
                    (mobile && korean(digits, groups))
                        || american(digits, text.get(start..at).unwrap_or_default())
                }
            };
            let last = || text.get(at..).is_none_or(|rest| !continues(rest));
            if hit && last() && alone(text, start, at) {
                return Some(Hit { start, end: at, confidence: Confidence::Medium });
            }
        }
        if count == digits.len() {
            return None;
        }
        // Up to two of these stand between groups.
        for gap in 0.. {
            match *text.get(at)? {
                b'0'..=b'9' => break,
                b @ (b'-' | b' ' | b'.' | b'(' | b')') if gap < 2 => {
                    separator = separator.or(Some(b));
                    at = at.saturating_add(1);
                }
                _ => return None,
            }
        }
        groups = groups.wrapping_add(1);
    }
}

/// The separator before `start`, if digits stand before it.
fn follows(text: &[u8], start: usize) -> Option<u8> {
    let digit = start.checked_sub(2).and_then(|at| text.get(at)).is_some_and(u8::is_ascii_digit);
    start.checked_sub(1).and_then(|at| text.get(at)).copied().filter(|_| digit)
}

/// Whether more digits of one number follow, behind one separator.
fn continues(rest: &[u8]) -> bool {
    matches!(rest, [b'-' | b'.', b, ..] if b.is_ascii_digit())
}

/// Calling codes with fewest and most digits of the national numbers behind them; what is not listed has 6 to 12.
const PLANS: &[(u16, u8, u8)] = &[
    (20, 8, 10),
    (27, 9, 9),
    (30, 10, 10),
    (31, 9, 9),
    (32, 8, 9),
    (33, 9, 9),
    (34, 9, 9),
    (36, 8, 9),
    (39, 6, 11),
    (40, 9, 9),
    (41, 9, 10),
    (43, 4, 13),
    (44, 7, 10),
    (45, 8, 8),
    (46, 6, 10),
    (47, 5, 8),
    (48, 9, 9),
    (49, 5, 13),
    (51, 8, 9),
    (52, 10, 11),
    (53, 6, 10),
    (54, 10, 11),
    (55, 10, 11),
    (56, 9, 11),
    (57, 8, 11),
    (58, 10, 10),
    (60, 8, 10),
    (61, 9, 10),
    (62, 7, 13),
    (63, 8, 10),
    (64, 7, 10),
    (65, 8, 11),
    (66, 8, 9),
    (81, 9, 10),
    (82, 8, 11),
    (84, 9, 10),
    (86, 9, 12),
    (90, 10, 10),
    (91, 10, 11),
    (92, 9, 10),
    (93, 9, 9),
    (94, 9, 9),
    (95, 6, 10),
    (98, 10, 10),
    (351, 9, 9),
    (353, 7, 10),
    (354, 7, 9),
    (358, 5, 12),
    (380, 9, 9),
    (420, 9, 9),
    (421, 9, 9),
    (852, 8, 9),
    (853, 8, 8),
    (880, 8, 10),
    (886, 8, 10),
    (966, 8, 9),
    (971, 8, 9),
    (972, 8, 10),
];

/// Whether digits behind a plus are a number of some country.
fn international(digits: &[u8]) -> bool {
    let code = |n: usize| digits.get(..n).and_then(|head| u16::try_from(value(head)).ok());
    let (first, count) = (digits.first().copied().unwrap_or(0), digits.len());
    if !(9..=15).contains(&count) {
        return false;
    }
    match first {
        0 => false,
        1 => count == 11 && north_american(digits.get(1..).unwrap_or_default()),
        7 => count == 11 && digits.get(1).is_some_and(|d| matches!(d, 3..=9)),
        _ => [2, 3]
            .into_iter()
            .find_map(|n| PLANS.iter().find(|plan| Some(plan.0) == code(n)).map(|plan| (n, plan)))
            .map_or_else(
                || assigned(code(3).unwrap_or(0)) && count <= 14,
                |(n, plan)| (plan.1.into()..=plan.2.into()).contains(&count.saturating_sub(n)),
            ),
    }
}

/// Whether a code of three digits is a country's, or of a service that spans countries.
const fn assigned(code: u16) -> bool {
    matches!(code, 211..=213 | 216 | 218 | 220..=258 | 260..=269 | 290..=291 | 297..=299)
        || matches!(code, 350..=359 | 370..=383 | 385..=387 | 389 | 420..=421 | 423)
        || matches!(code, 500..=509 | 590..=599 | 670 | 672..=683 | 685..=692)
        || matches!(code, 800 | 808 | 850 | 852..=853 | 855..=856 | 870 | 878 | 880..=883 | 886 | 888)
        || matches!(code, 960..=968 | 970..=977 | 979 | 992..=996 | 998)
}

/// Ten digits of the North American plan: area and exchange begin with 2 to 9, and neither is `N11`.
fn north_american(digits: &[u8]) -> bool {
    let [area, _, _, exchange, b, c, ..] = *digits else { return false };
    digits.len() == 10 && area >= 2 && exchange >= 2 && (b, c) != (1, 1)
}

/// `(415) 555-0132`, `415-555-0132`, `415.555.0132`, `1-415-555-0132`.
fn american(digits: &[u8], form: &[u8]) -> bool {
    let (digits, form) = match digits {
        [1, rest @ ..] if rest.len() == 10 => (rest, form.get(2..).unwrap_or_default()),
        _ => (digits, form),
    };
    let [_, _, _, a, gap @ .., _, _, _, b, _, _, _, _] = form else { return false };
    match (a, gap, b) {
        (b'-', [], b'-') | (b'.', [], b'.') => north_american(digits),
        // The opening parenthesis stands before the number. Nothing else is written so: made-up numbers are phones, too.
        (b')', [] | [b' '], b'-' | b' ') => digits.len() == 10,
        _ => false,
    }
}

fn korean(digits: &[u8], groups: u32) -> bool {
    let area = value(digits.get(..3).unwrap_or_default());
    match (area, digits.len()) {
        // Mobile, in one run or in three groups.
        (10 | 11 | 16..=19, 10 | 11) => matches!(groups, 1 | 3),
        // Land lines, internet phones: dashes asked for.
        (20..=29 | 31..=33 | 41..=44 | 51..=55 | 61..=64 | 70 | 50, 9..=12) => groups == 3,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers() {
        for text in [
            "010-1234-5678",
            "01012345678",
            "011-234-5678",
            "+821012345678",
            "+82 10-1234-5678",
            "+1 (415) 555-0100",
            "02-123-4567",
            "031-123-4567",
            "전화 010-1234-5678 로",
            "우 03187 010-1234-5678",
            "010 1234 5678",
            "010.1234.5678",
            "(415) 555-0132",
            "(555) 123-4567",
            "415-555-0132",
            "1-415-555-0132",
            "+442079460958",
            "+353 1 437 5000",
        ] {
            assert!(find(text.as_bytes()).is_some(), "{text}");
        }
        for text in [
            "1234567890",
            "0101234567890",
            "2026-01-31",
            "+12",
            "+1234567890123",
            "+19995550",
            "+999123456789",
            "115-555-0132",
            "0615-953-06",
            "9497 2556 4284 0187 3674 61",
            "5594-0277-2875-9856",
            "415 555 0132",
            "012-1234-5678",
            "20260131",
            "1700000000",
        ] {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
        let hit = find(b"tel:+82-10-1234-5678").unwrap();
        assert_eq!((hit.start, hit.end), (4, 20));
    }

    /// As [`number`], octet by octet.
    fn plain(text: &[u8], first: usize) -> Option<Hit> {
        let plus = first.checked_sub(1).filter(|&p| text.get(p) == Some(&b'+'));
        let start = plus.unwrap_or(first);
        let (mut last_group, mut separator) = (0_u8, None);
        let mut digits = [0_u8; 16];
        let (mut count, mut groups) = (0_usize, 1_u32);
        let mut gap = 0_usize;
        for (i, &b) in text.iter().enumerate().skip(first) {
            if b.is_ascii_digit() {
                *digits.get_mut(count)? = b - b'0';
                groups = groups.wrapping_add(u32::from(gap > 0));
                last_group = if gap > 0 { 1 } else { last_group.wrapping_add(1) };
                gap = 0;
                count = count.wrapping_add(1);
                let end = i.saturating_add(1);
                // No number has fewer.
                let whole = count >= 9 && text.get(end).is_none_or(|b| !b.is_ascii_digit());
                if count == 15 || whole {
                    let digits = digits.get(..count)?;
                    let form = text.get(start..end).unwrap_or_default();
                    let hit = match plus {
                        Some(_) => international(digits),
                        // The end of a longer number with the same separators is no number of a phone.
                        None if separator.is_some() && follows(text, start) == separator => false,
                        None => {
                            (korean(digits, groups) && (groups == 1 || last_group == 4))
                                || american(digits, form)
                        }
                    };
                    let last = text.get(end..).is_none_or(|rest| !continues(rest));
                    if hit && last && alone(text, start, end) {
                        return Some(Hit { start, end, confidence: Confidence::Medium });
                    }
                }
                if count == 15 {
                    return None;
                }
            } else if matches!(b, b'-' | b' ' | b'.' | b'(' | b')') && gap < 2 {
                gap = gap.wrapping_add(1);
                separator = separator.or(Some(b));
            } else {
                return None;
            }
        }
        None
    }

    proptest! {
        #[test]
        fn numbers_are_read_as_octet_by_octet(
            any in "[-+0-9 .()x]{0,40}",
            number in "[+(]?[0-9]{1,4}[-. )(]{0,3}[0-9]{1,5}([-. ]{0,2}[0-9]{1,6}){0,3}[-.a]?[0-9]{0,2}",
            korean in "(010|02|031|011|070)[- .]?[0-9]{3,4}[- .]?[0-9]{3,5}[-. ]?[0-9]{0,1}",
            american in "(1[-. ])?[(]?[2-9][0-9]{2}[-.)] ?[2-9][0-9]{2}[-. ][0-9]{4}[-.]?[0-9]?",
            country in "[+](1|44|82|353|999)[- ]?[0-9]{3,6}[- ]?[0-9]{3,8}",
        ) {
            for text in [any, number, korean, american, country] {
                let text = text.as_bytes();
                for first in starts(text) {
                    prop_assert_eq!(super::number(text, first), plain(text, first));
                }
            }
        }
    }
}
