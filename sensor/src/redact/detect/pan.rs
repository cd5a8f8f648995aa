//! Payment card numbers: issuer range, length, Luhn (ISO/IEC 7812-1).

use super::digits::{grouped, luhn, starts, value};
use super::{Class, Confidence, Detector, Hit, Look, alone};
use crate::redact::look::{ahead, rows};

pub(super) const ENTRY: Detector = Detector {
    class: Class::Pan,
    kinds: super::scan::DIGIT,
    any: 0,
    digits_min: 13,
    run_min: 13,
    octets_min: 13,
    seen,
    find,
};

/// Thirteen digits in a row, or groups that begin with four or six.
fn seen(look: &Look, text: &[u8]) -> Option<Hit> {
    let (digits, separators) = (look.digits(), look.dashes() | look.spaces());
    let groups = rows(digits, 4) & (ahead(separators, 4) | ahead(separators, 6));
    if look.starts() & (rows(digits, 13) | groups) == 0 { None } else { find(text) }
}

fn find(text: &[u8]) -> Option<Hit> {
    starts(text).find_map(|start| {
        let mut end = start;
        let hit = grouped(text, start, |number| {
            end = number.end;
            // As printed on cards, or in one run.
            let layout = matches!(number.groups, 13..=19 | 4444 | 465 | 464 | 613 | 44441..=44443);
            // A tracking number is longer; behind a card number stands what else is on the card.
            let more = text.get(end).is_some_and(|b| Some(b) == separator(text, start))
                && text.get(end.saturating_add(1)).is_some_and(u8::is_ascii_digit);
            layout
                && alone(text, start, end)
                && card(number.digits())
                && !(more && rare(number.digits()))
        });
        hit.then_some(Hit { start, end, confidence: Confidence::High })
    })
}

/// What stands between the groups of the number at `start`.
fn separator(text: &[u8], start: usize) -> Option<&u8> {
    text.iter().skip(start).find(|b| !b.is_ascii_digit())
}

/// Whether a card number is of a brand whose beginnings numbers of other kinds share.
fn rare(digits: &[u8]) -> bool {
    matches!(value(digits.get(..2).unwrap_or_default()), 22 | 50 | 56..=63 | 66..=69 | 81 | 94 | 97)
}

/// Whether digit values are a card number.
fn card(digits: &[u8]) -> bool {
    let n = digits.len();
    let first = value(digits.get(..4).unwrap_or_default());
    let issuer = match first {
        4000..=4999 => matches!(n, 13 | 16 | 19),
        5100..=5599 | 2221..=2720 => n == 16,
        3400..=3499 | 3700..=3799 => n == 15,
        6011 | 6440..=6599 => (16..=19).contains(&n),
        3528..=3589 => (16..=19).contains(&n),
        3000..=3059 | 3095 | 3600..=3699 | 3800..=3999 => matches!(n, 14 | 16 | 19),
        6200..=6299 | 8100..=8171 => (16..=19).contains(&n),
        // Maestro has all lengths, but of few issuers only others than 16.
        5018 | 5020 | 5038 | 5612 | 5893 | 6304 | 6390 | 6759..=6763 => (13..=19).contains(&n),
        5000..=5099 | 5600..=5899 | 6000..=6099 | 6300..=6399 | 6700..=6799 => n == 16,
        // Domestic brands.
        2200..=2204 | 9400..=9499 | 9792 => n == 16,
        _ => false,
    };
    // Thirteen digits are hardly given any more, but every article of German and Japanese shops has them.
    let article = n == 13 && ean(digits);
    issuer && luhn(digits) && !article && digits.iter().any(|d| Some(d) != digits.first())
}

/// Check digit of article numbers (GS1 General Specifications §7.9): weights 1 and 3.
pub(super) fn ean(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .zip([1, 3].into_iter().cycle())
        .map(|(&d, weight)| u32::from(d).saturating_mul(weight))
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards() {
        for text in [
            "4111111111111111",
            "4111 1111 1111 1111",
            "4111-1111-1111-1111",
            "378282246310005",
            "3782-822463-10005",
            "5555555555554444",
            "2223003122003222",
            "6011111111111117",
            "3530111333300000",
            "30569309025904",
            "6200000000000005",
            "no. 4012888888881881.",
            "카드4111111111111111번",
            "x=4111111111111111&y",
        ] {
            assert!(find(text.as_bytes()).is_some(), "{text}");
        }
    }

    #[test]
    fn no_cards() {
        for text in [
            "4111111111111112",
            "14111111111111111",
            "41111111111111110000",
            "a4111111111111111",
            "0.4111111111111111",
            "1234567812345670",
            "4111 1111-1111 1111",
            "1700000000000",
            "9400 1118 9922 3822 4732 02",
            "4000539000089",
            "0000000000000000",
        ] {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn the_hit_is_the_number() {
        let hit = find(b"pay 4111-1111-1111-1111 now").unwrap();
        assert_eq!((hit.start, hit.end), (4, 23));
    }
}
