//! Numbers of mobile devices, IMEI: 15 digits with a Luhn check, `RR-NNNNNN-SSSSSS-C` or in one run.
//!
//! Source: 3GPP TS 23.003 §6.2; reporting bodies in use, GSMA TS.06.

use super::digits::{grouped, luhn, starts, value};
use super::{Class, Confidence, Detector, Hit, Look, alone};
use crate::redact::look::{ahead, rows};

pub(super) const ENTRY: Detector = Detector {
    class: Class::Device,
    kinds: super::scan::DIGIT,
    any: 0,
    digits_min: 15,
    run_min: 15,
    octets_min: 15,
    seen,
    find,
};

/// Fifteen digits in a row, or groups that begin with two or six.
fn seen(look: &Look, text: &[u8]) -> Option<Hit> {
    let (digits, separators) = (look.digits(), look.dashes() | look.spaces());
    let row = rows(digits, 15) & !ahead(digits, 15);
    let groups = ahead(separators, 2) | ahead(separators, 6);
    if look.starts() & digits & (row | groups) == 0 { None } else { find(text) }
}

fn find(text: &[u8]) -> Option<Hit> {
    starts(text).find_map(|start| {
        let mut end = start;
        let hit = grouped(text, start, |number| {
            end = number.end;
            let digits = number.digits();
            let body = value(digits.get(..2).unwrap_or_default());
            let known = matches!(body, 1 | 35 | 86 | 91 | 99);
            let layout = match number.groups {
                15 => known,
                // Older ones are not given without dashes any more.
                2661 | 681 => known || matches!(body, 33 | 44 | 45 | 49..=54),
                _ => false,
            };
            // Of one and five digits the groups are 15, too.
            layout && digits.len() == 15 && luhn(digits) && alone(text, start, end)
        });
        hit.then_some(Hit { start, end, confidence: Confidence::Medium })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn device_numbers() {
        for text in ["352099001761481", "49-015420-323751-8", "imei 35-209900-176148-1"] {
            assert!(find(text.as_bytes()).is_some(), "{text}");
        }
        for text in [
            "352099001761482",
            "490154203237518",
            "3520990017614810",
            "a352099001761481",
            "0-11411! 1",
        ] {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
    }
}
