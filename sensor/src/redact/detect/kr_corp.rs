//! Korean corporate registration numbers: `RRRRTT-NNNNNNC`, registry, kind of corporation, serial number, check digit.
//!
//! They share their form with resident numbers, which are asked first: what those leave over is told by its check
//! digit. Without the dash only a name tells.
//!
//! Source: the Supreme Court's rules on registration numbers of corporations, article 9.

use super::digits::{grouped, starts, value, weighted};
use super::{Class, Confidence, Detector, Hit, alone};

pub(super) const ENTRY: Detector = Detector {
    class: Class::KrCorp,
    kinds: super::scan::DIGIT | super::scan::DASH,
    any: 0,
    digits_min: 13,
    run_min: 13,
    octets_min: 14,
    seen: |look, text| if look.dashes() & (look.digits() << 1) == 0 { None } else { find(text) },
    find,
};

fn find(text: &[u8]) -> Option<Hit> {
    starts(text).find_map(|start| {
        let mut end = start;
        let hit = grouped(text, start, |number| {
            end = number.end;
            number.groups == 67
                && text.get(start.saturating_add(6)) == Some(&b'-')
                && alone(text, start, end)
                && corporation(number.digits())
        });
        hit.then_some(Hit { start, end, confidence: Confidence::Medium })
    })
}

/// Whether digit values are the number of a corporation.
pub(super) fn corporation(digits: &[u8]) -> bool {
    let part = |range| value(digits.get(range).unwrap_or_default());
    // Registries are numbered from 1101 (Seoul) to 2850, in provinces of ten; kinds from 11 (stock company) to 85.
    let plausible = matches!(part(0..4), 1101..=2899)
        && matches!(part(4..6), 11..=15 | 21..=22 | 31..=59 | 71 | 81..=85);
    let sum = weighted(digits, &[1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2]);
    plausible && digits.get(12).is_some_and(|&last| (10 - sum % 10) % 10 == u32::from(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corporate_numbers() {
        for text in ["130111-0006246", "법인 110111-1129497"] {
            assert!(find(text.as_bytes()).is_some(), "{text}");
        }
        for text in ["130111-0006247", "1301110006246", "910111-0006246", "130111-00062461"] {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
    }
}
