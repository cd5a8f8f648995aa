//! US individual taxpayer identification numbers: `9NN-GG-SSSS`, as social security numbers are written.
//!
//! Source: IRS, Internal Revenue Manual 3.21.263: groups 50 to 65, 70 to 88, 90 to 92, 94 to 99.

use super::digits::{grouped, starts, value};
use super::{Class, Confidence, Detector, Hit, alone};

pub(super) const ENTRY: Detector = Detector {
    class: Class::Itin,
    kinds: super::scan::DIGIT | super::scan::DASH,
    any: 0,
    digits_min: 9,
    run_min: 9,
    octets_min: 11,
    seen: |look, text| if look.three_two_four(look.dashes()) == 0 { None } else { find(text) },
    find,
};

fn find(text: &[u8]) -> Option<Hit> {
    starts(text).filter(|&start| text.get(start) == Some(&b'9')).find_map(|start| {
        let mut end = start;
        let hit = grouped(text, start, |number| {
            end = number.end;
            let group = value(number.digits().get(3..5).unwrap_or_default());
            number.groups == 324
                && text.get(start.saturating_add(3)) == Some(&b'-')
                && text.get(start.saturating_add(6)) == Some(&b'-')
                && matches!(group, 50..=65 | 70..=88 | 90..=92 | 94..=99)
                && alone(text, start, end)
        });
        hit.then_some(Hit { start, end, confidence: Confidence::Medium })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taxpayer_numbers() {
        for text in ["912-70-1234", "id 999-88-0000."] {
            assert!(find(text.as_bytes()).is_some(), "{text}");
        }
        for text in ["912-66-1234", "912-93-1234", "812-70-1234", "912701234", "912-70-12345"] {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
    }
}
