//! Korean resident registration numbers: `YYMMDD-SBBBBNC`, S from 1 to 4 (9 and 0 for those born before 1900).
//!
//! Numbers issued since October 2020 are random behind S: a failed check digit lowers the confidence, and
//! then the dash is asked for. Who was born before has a number with a check digit, unless it was changed.

use super::digits::{grouped, starts, value, weighted};
use super::{Class, Confidence, Detector, Hit, alone};

pub(super) const ENTRY: Detector = Detector {
    class: Class::KrRrn,
    kinds: super::scan::DIGIT,
    any: 0,
    digits_min: 13,
    run_min: 13,
    octets_min: 13,
    seen: |look, text| if look.thirteen() == 0 { None } else { find(text) },
    find,
};

fn find(text: &[u8]) -> Option<Hit> {
    registration(text, |s| matches!(s, 0..=4 | 9), 11)
}

/// A registration number whose seventh digit passes `kind`; `modulus` is 11 for residents, 13 for foreigners.
pub(super) fn registration(text: &[u8], kind: fn(u8) -> bool, modulus: u32) -> Option<Hit> {
    starts(text).find_map(|start| {
        let mut end = start;
        let mut confidence = Confidence::Low;
        let hit = grouped(text, start, |number| {
            end = number.end;
            let dashed = number.groups == 67;
            let digits = number.digits();
            if !(dashed || number.groups == 13) || !alone(text, start, end) || !born(digits) {
                return false;
            }
            let valid = check(digits, modulus);
            confidence = match (valid, dashed) {
                (true, true) => Confidence::High,
                (false, _) if !random(digits) => Confidence::Low,
                _ => Confidence::Medium,
            };
            // Registries of corporations are numbered like birthdays in 1911 to 1928 or 2011 to 2028.
            let young = matches!(digits.get(6), Some(3 | 4 | 7 | 8));
            let corporate = !(valid && young) && super::kr_corp::corporation(digits);
            // Nobody who was born before 1900 has a number of today's kind without a check digit.
            let old = matches!(digits.get(6), Some(0 | 9));
            let written = if old { valid && dashed } else { valid || dashed };
            digits.get(6).is_some_and(|&s| kind(s)) && written && !corporate
        });
        hit.then_some(Hit { start, end, confidence })
    })
}

/// Whether the first six digits can be a date of birth.
fn born(digits: &[u8]) -> bool {
    let month = value(digits.get(2..4).unwrap_or_default());
    let day = value(digits.get(4..6).unwrap_or_default());
    let days = match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    (1..=12).contains(&month) && (1..=days).contains(&day)
}

/// Whether who was born then got a number without a check digit: since October 2020.
fn random(digits: &[u8]) -> bool {
    let of_century = matches!(digits.get(6), Some(3 | 4 | 7 | 8));
    of_century && (2010..=9912).contains(&value(digits.get(..4).unwrap_or_default()))
}

pub(super) fn check(digits: &[u8], modulus: u32) -> bool {
    let sum = weighted(digits, &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11;
    digits.get(12).is_some_and(|&last| modulus.saturating_sub(sum) % 10 == u32::from(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resident_numbers() {
        for (text, confidence) in [
            ("900101-1234568", Confidence::High),
            ("9001011234568", Confidence::Medium),
            ("201101-3123456", Confidence::Medium),
            ("주민번호 900101-1234568 입니다", Confidence::High),
            ("900101 1234568", Confidence::High),
            ("900101-1234567", Confidence::Low),
        ] {
            assert_eq!(find(text.as_bytes()).unwrap().confidence, confidence, "{text}");
        }
        for text in [
            "9001011234567",
            "901301-1234568",
            "900230-1234568",
            "900101-5123452",
            "110111-1129497",
            "1900101-1234568",
            "900101-12345689",
        ] {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
    }
}
