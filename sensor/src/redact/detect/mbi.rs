//! US Medicare beneficiary identifiers: eleven characters, `1EG4-TE5-MK73` or without dashes.
//!
//! Source: CMS, "Understanding the Medicare Beneficiary Identifier (MBI) format".

use super::{Class, Confidence, Detector, Hit, Look, alone, word_starts};
use crate::redact::look::ahead;

pub(super) const ENTRY: Detector = Detector {
    class: Class::HealthId,
    kinds: super::scan::DIGIT | super::scan::UPPER,
    any: 0,
    digits_min: 5,
    run_min: 0,
    octets_min: 11,
    seen,
    find,
};

/// What stands where: `c` 1 to 9, `a` a letter, `n` a digit, `m` either.
const FORM: &[u8; 11] = b"camnamnaann";

/// The first four of the form.
fn seen(look: &Look, text: &[u8]) -> Option<Hit> {
    let (digits, upper) = (look.digits(), look.upper());
    let first = digits & ahead(upper, 1) & ahead(look.words(), 2) & ahead(digits, 3);
    if look.starts() & first == 0 { None } else { find(text) }
}

fn find(text: &[u8]) -> Option<Hit> {
    word_starts(text).find_map(|start| {
        let first = text.get(start..)?.first_chunk::<2>()?;
        if !fits(b'c', first[0]) || !fits(b'a', first[1]) {
            return None;
        }
        let dashed = text.get(start.saturating_add(4)) == Some(&b'-');
        let len = if dashed { 13 } else { 11 };
        let end = start.saturating_add(len);
        let body = text.get(start..end)?;
        let at_dash = |at: usize| dashed && matches!(at, 4 | 8);
        let mut form = FORM.iter();
        let all = body.iter().enumerate().all(|(at, &b)| {
            if at_dash(at) { b == b'-' } else { form.next().is_some_and(|&kind| fits(kind, b)) }
        });
        let longer = text.get(end) == Some(&b'-')
            || start.checked_sub(1).and_then(|at| text.get(at)) == Some(&b'-');
        (all && !longer && alone(text, start, end)).then_some(Hit {
            start,
            end,
            confidence: Confidence::Medium,
        })
    })
}

fn fits(kind: u8, b: u8) -> bool {
    // Letters that read like digits are not given.
    let letter = b.is_ascii_uppercase() && !b"SLOIBZ".contains(&b);
    match kind {
        b'c' => matches!(b, b'1'..=b'9'),
        b'a' => letter,
        b'n' => b.is_ascii_digit(),
        _ => letter || b.is_ascii_digit(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beneficiaries() {
        for text in ["1EG4-TE5-MK73", "1EG4TE5MK73", "MBI: 1EG4TE5MK72."] {
            assert!(find(text.as_bytes()).is_some(), "{text}");
        }
        for text in [
            "1EG4-TE5MK73",
            "0EG4TE5MK73",
            "1SG4TE5MK73",
            "1EG4TE5MK733",
            "1eg4te5mk73",
            "A-1EG4-TE5-MK73",
        ] {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
    }
}
