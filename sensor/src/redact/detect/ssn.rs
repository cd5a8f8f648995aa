//! US social security numbers: `AAA-GG-SSSS`; never issued: area 000, 666, 9xx, group 00, serial 0000.

use super::digits::{grouped, starts, value};
use super::{Class, Confidence, Detector, Hit, Look, alone};
use crate::redact::look::places;

pub(super) const ENTRY: Detector = Detector {
    class: Class::Ssn,
    kinds: super::scan::DIGIT | super::scan::DASH,
    any: 0,
    digits_min: 9,
    run_min: 9,
    octets_min: 11,
    seen,
    find,
};

/// As [`find`], where the digits and dashes are known to stand as they should.
fn seen(look: &Look, text: &[u8]) -> Option<Hit> {
    places(look.three_two_four(look.dashes())).find_map(|start| {
        let end = start.checked_add(11)?;
        let [a, b, c, _, d, e, _, f, g, h, i] = *text.get(start..)?.first_chunk()?;
        let number = |digits: &[u8]| {
            digits.iter().fold(0_u32, |n, b| n.wrapping_mul(10).wrapping_add(u32::from(b & 15)))
        };
        let (area, group, serial) = (number(&[a, b, c]), number(&[d, e]), number(&[f, g, h, i]));
        let hit = issued(area, group, serial) && alone(text, start, end);
        hit.then_some(Hit { start, end, confidence: Confidence::Medium })
    })
}

fn find(text: &[u8]) -> Option<Hit> {
    starts(text).find_map(|start| {
        let dash = |at: usize| text.get(start.saturating_add(at)) == Some(&b'-');
        if !dash(3) || !dash(6) {
            return None;
        }
        let mut end = start;
        let hit = grouped(text, start, |number| {
            end = number.end;
            let part = |range: std::ops::Range<usize>| {
                value(number.digits().get(range).unwrap_or_default())
            };
            let (area, group, serial) = (part(0..3), part(3..5), part(5..9));
            number.groups == 324 && alone(text, start, end) && issued(area, group, serial)
        });
        hit.then_some(Hit { start, end, confidence: Confidence::Medium })
    })
}

/// Whether a number can have been given to a person.
fn issued(area: u32, group: u32, serial: u32) -> bool {
    !matches!(area, 0 | 666 | 900..)
        && group != 0
        && serial != 0
        && (area, group, serial) != (78, 5, 1120)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn social_security_numbers() {
        assert!(find(b"536-22-8726").is_some());
        for text in [
            "000-22-8726",
            "666-22-8726",
            "912-22-8726",
            "536-00-8726",
            "536-22-0000",
            "078-05-1120",
            "536228726",
            "536-22-87261",
        ] {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
    }
}
