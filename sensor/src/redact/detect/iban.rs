//! International bank account numbers: mod-97 check (ISO 13616, ISO 7064).

use super::{Class, Confidence, Detector, Hit, Look, word_starts};
use crate::redact::look::{ahead, places, rows};

/// Fewest digits of a number: words of prose pass the check by chance.
const DIGITS_MIN: usize = 8;

pub(super) const ENTRY: Detector = Detector {
    class: Class::Iban,
    kinds: super::scan::DIGIT,
    any: super::scan::LOWER | super::scan::UPPER,
    digits_min: DIGITS_MIN,
    run_min: 0,
    octets_min: 15,
    seen,
    find,
};

/// Letters and digits alone or in groups: the shortest have fifteen.
fn seen(look: &Look, text: &[u8]) -> Option<Hit> {
    let (letters, digits) = (look.letters(), look.digits());
    let country = letters & ahead(letters, 1) & ahead(digits, 2) & ahead(digits, 3);
    let starts = look.starts() & country;
    if starts == 0 {
        return None;
    }
    places(starts & rows(look.words() | look.spaces(), 15))
        .find_map(|start| begins_with(text, start))
}

fn find(text: &[u8]) -> Option<Hit> {
    word_starts(text).find_map(|start| begins_with(text, start))
}

fn begins_with(text: &[u8], start: usize) -> Option<Hit> {
    // Two letters and two digits where a word begins: rare, and told at a glance.
    let &[a, b, c, d] = text.get(start..)?.first_chunk()?;
    let begins = a.is_ascii_alphabetic()
        && b.is_ascii_alphabetic()
        && c.is_ascii_digit()
        && d.is_ascii_digit();
    let end = if begins { number(text, start)? } else { return None };
    Some(Hit { start, end, confidence: Confidence::High })
}

/// End of the IBAN that begins at `start`.
fn number(text: &[u8], start: usize) -> Option<usize> {
    let rest = text.get(start..)?;
    let country = rest.get(..2)?;
    if !country.iter().all(u8::is_ascii_alphabetic)
        || !rest.get(2..4)?.iter().all(u8::is_ascii_digit)
    {
        return None;
    }
    // Remainder of what follows the first four, then of those: they go to the end.
    let (mut sum, mut len, mut digits, mut spaced) = (0_u32, 4_usize, 2_usize, false);
    let mut best = None;
    for (i, &b) in rest.iter().enumerate().skip(4) {
        if b == b' '
            && len % 4 == 0
            && !spaced
            && rest.get(i.saturating_add(1)).is_some_and(u8::is_ascii_alphanumeric)
        {
            spaced = true;
            continue;
        }
        if !b.is_ascii_alphanumeric() || len >= 34 {
            break;
        }
        spaced = false;
        sum = append(sum, b);
        len = len.saturating_add(1);
        digits = digits.saturating_add(usize::from(b.is_ascii_digit()));
        let end = rest.get(i.saturating_add(1)).is_none_or(|next| !next.is_ascii_alphanumeric());
        let whole = || rest.iter().take(4).fold(sum, |sum, &b| append(sum, b));
        if end && len >= 15 && digits >= DIGITS_MIN && whole() == 1 {
            best = Some(start.saturating_add(i).saturating_add(1));
        }
    }
    best
}

/// Remainder after one more character, letters standing for two digits (A is 10).
fn append(sum: u32, b: u8) -> u32 {
    let b = b.to_ascii_uppercase();
    let sum = if b.is_ascii_digit() {
        sum.saturating_mul(10).saturating_add(u32::from(b.saturating_sub(b'0')))
    } else {
        sum.saturating_mul(100).saturating_add(u32::from(b.saturating_sub(b'A'))).saturating_add(10)
    };
    sum % 97
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_numbers() {
        for text in [
            "GB82WEST12345698765432",
            "GB82 WEST 1234 5698 7654 32",
            "DE89370400440532013000",
            "to DE89 3704 0044 0532 0130 00, please",
            "gb82west12345698765432",
        ] {
            assert!(find(text.as_bytes()).is_some(), "{text}");
        }
        for text in [
            "GB82WEST12345698765433",
            "XGB82WEST12345698765432",
            "GB82",
            "AB12cdef",
            "si17 Larkspur Close, 12345678",
        ] {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
    }
}
