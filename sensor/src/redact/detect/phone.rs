//! Phone numbers: Korean mobile and dashed land lines, and international numbers with a plus (E.164).

use super::digits::{starts, value};
use super::{Class, Confidence, Detector, Hit, alone};

pub(super) const ENTRY: Detector = Detector {
    class: Class::Phone,
    kinds: super::scan::DIGIT,
    any: 0,
    digits_min: 9,
    run_min: 9,
    octets_min: 9,
    find,
};

fn find(text: &[u8]) -> Option<Hit> {
    starts(text).find_map(|first| {
        let plus = first.checked_sub(1).filter(|&p| text.get(p) == Some(&b'+'));
        let start = plus.unwrap_or(first);
        let mut digits = [0_u8; 16];
        let (mut count, mut groups) = (0_usize, 1_u32);
        let mut gap = 0_usize;
        for (i, &b) in text.iter().enumerate().skip(first) {
            if b.is_ascii_digit() {
                *digits.get_mut(count)? = b - b'0';
                groups = groups.saturating_add(u32::from(gap > 0));
                gap = 0;
                count = count.saturating_add(1);
                let end = i.saturating_add(1);
                if count == 15 || text.get(end).is_none_or(|b| !b.is_ascii_digit()) {
                    let digits = digits.get(..count)?;
                    let hit =
                        if plus.is_some() { international(digits) } else { korean(digits, groups) };
                    let last = text.get(end..).is_none_or(|rest| !continues(rest));
                    if hit && last && alone(text, start, end) {
                        return Some(Hit { start, end, confidence: Confidence::Medium });
                    }
                }
                if count == 15 {
                    return None;
                }
            } else if matches!(b, b'-' | b' ' | b'.' | b'(' | b')') && gap < 2 {
                gap = gap.saturating_add(1);
            } else {
                return None;
            }
        }
        None
    })
}

/// Whether more digits of one number follow, behind one separator.
fn continues(rest: &[u8]) -> bool {
    matches!(rest, [b'-' | b'.', b, ..] if b.is_ascii_digit())
}

fn international(digits: &[u8]) -> bool {
    (9..=15).contains(&digits.len()) && digits.first() != Some(&0)
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
            "010 1234 5678",
            "010.1234.5678",
        ] {
            assert!(find(text.as_bytes()).is_some(), "{text}");
        }
        for text in [
            "1234567890",
            "0101234567890",
            "2026-01-31",
            "+12",
            "012-1234-5678",
            "20260131",
            "1700000000",
        ] {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
        let hit = find(b"tel:+82-10-1234-5678").unwrap();
        assert_eq!((hit.start, hit.end), (4, 20));
    }
}
