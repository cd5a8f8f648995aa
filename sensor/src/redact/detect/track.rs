//! Magnetic stripe data: track 1 `%B<pan>^NAME^…`, track 2 `;<pan>=…` (ISO/IEC 7813).

use super::digits::luhn;
use super::{Class, Confidence, Detector, Hit};

pub(super) const ENTRY: Detector = Detector {
    class: Class::Track,
    kinds: super::scan::DIGIT,
    any: super::scan::BASE64 | super::scan::PUNCT,
    digits_min: 13,
    // On track 1 a letter stands before the digits, which are no number of their own then.
    run_min: 0,
    octets_min: 14,
    seen: |_, text| find(text),
    find,
};

fn find(text: &[u8]) -> Option<Hit> {
    memchr::memchr2_iter(b'^', b'=', text).find_map(|at| {
        let before = text.get(..at)?;
        let count = before.iter().rev().take(20).take_while(|b| b.is_ascii_digit()).count();
        let digits = before.get(at.checked_sub(count)?..)?;
        let mark = at.checked_sub(count)?.checked_sub(1).and_then(|i| text.get(i));
        let marked = match text.get(at) {
            Some(b'^') => matches!(mark, Some(b'B' | b'b')),
            // Track 2 without its sentinel: expiry and service code follow.
            _ => {
                mark == Some(&b';')
                    || text
                        .get(at.checked_add(1)?..)?
                        .iter()
                        .take(7)
                        .filter(|b| b.is_ascii_digit())
                        .count()
                        == 7
            }
        };
        let mut values = [0_u8; 19];
        for (slot, b) in values.iter_mut().zip(digits) {
            *slot = b.wrapping_sub(b'0');
        }
        let card = (13..=19).contains(&count) && luhn(values.get(..count)?);
        // Nothing of a text with track data leaves.
        (marked && card).then_some(Hit { start: 0, end: text.len(), confidence: Confidence::High })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tracks() {
        for text in [
            "%B4111111111111111^KIM/MIN^2912101000?",
            ";4111111111111111=29121010000?",
            "4111111111111111=2912101000",
        ] {
            assert!(find(text.as_bytes()).is_some(), "{text}");
            let found = super::super::any(text.as_bytes()).map(|found| found.class);
            assert_eq!(found, Some(Class::Track), "{text}");
        }
        for text in ["card=4111111111111111", "4111111111111111=x", "%B4111111111111112^KIM"] {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
    }
}
