//! Korean business registration numbers: `NNN-NN-NNNNN` with a check digit. Without dashes only a name tells.

use super::digits::{grouped, starts, weighted};
use super::{Class, Confidence, Detector, Hit, alone};

pub(super) const ENTRY: Detector = Detector {
    class: Class::KrBrn,
    kinds: super::scan::DIGIT,
    any: super::scan::DASH | super::scan::SPACE,
    digits_min: 10,
    run_min: 10,
    octets_min: 12,
    seen: |look, text| {
        let form = look.three_two_four(look.dashes() | look.spaces());
        if form == 0 { None } else { find(text) }
    },
    find,
};

fn find(text: &[u8]) -> Option<Hit> {
    starts(text).find_map(|start| {
        let separator = |at: usize| matches!(text.get(start.saturating_add(at)), Some(b'-' | b' '));
        if !separator(3) || !separator(6) {
            return None;
        }
        let mut end = start;
        let hit = grouped(text, start, |number| {
            end = number.end;
            number.groups == 325 && alone(text, start, end) && check(number.digits())
        });
        hit.then_some(Hit { start, end, confidence: Confidence::High })
    })
}

pub(super) fn check(digits: &[u8]) -> bool {
    let ninth = digits.get(8).copied().map_or(0, u32::from);
    let sum = weighted(digits, &[1, 3, 7, 1, 3, 7, 1, 3, 5]).saturating_add(ninth * 5 / 10);
    digits.get(9).is_some_and(|&last| (10 - sum % 10) % 10 == u32::from(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn business_numbers() {
        assert!(find(b"116-82-00276").is_some());
        for text in ["116-82-00277", "1168200276", "2026-01-31", "1116-82-00276"] {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
    }
}
