//! Korean driver licence numbers: `RR-YY-NNNNNN-CC`, region 11 to 26 or 28. The check digits are unpublished.

use super::digits::{grouped, starts, value};
use super::{Class, Confidence, Detector, Hit, alone};
use crate::redact::look::{ahead, rows};

pub(super) const ENTRY: Detector = Detector {
    class: Class::KrLicense,
    kinds: super::scan::DIGIT,
    any: super::scan::DASH | super::scan::SPACE,
    digits_min: 12,
    run_min: 12,
    octets_min: 15,
    seen: |look, text| {
        let twos = look.starts() & rows(look.digits(), 2) & ahead(look.dashes() | look.spaces(), 2);
        if twos == 0 { None } else { find(text) }
    },
    find,
};

fn find(text: &[u8]) -> Option<Hit> {
    starts(text).find_map(|start| {
        if !matches!(text.get(start.saturating_add(2)), Some(b'-' | b' ')) {
            return None;
        }
        let mut end = start;
        let hit = grouped(text, start, |number| {
            end = number.end;
            let region = value(number.digits().get(..2).unwrap_or_default());
            number.groups == 2262 && matches!(region, 11..=26 | 28) && alone(text, start, end)
        });
        hit.then_some(Hit { start, end, confidence: Confidence::Medium })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licences() {
        assert!(find(b"11-20-123456-78").is_some());
        for text in ["27-20-123456-78", "112012345678", "11-20-12345-678", "11-20-123456-789"] {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
    }
}
