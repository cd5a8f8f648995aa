//! Checks that configured detectors may ask for, by name.

use serde::{Deserialize, Serialize};

use crate::redact::detect::checks;

/// A check of a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Validator {
    /// Last digit by Luhn (ISO/IEC 7812-1 annex B); what is no digit is passed over, as in all others but `iban`.
    Luhn,
    /// Last digit by Verhoeff.
    Verhoeff,
    /// Last digit of ten, weights 10 to 2, modulo 11 (NHS numbers, ISBN-10 without X).
    Mod11,
    /// Last digit of article numbers, weights 1 and 3 (EAN, UPC, GTIN).
    Ean,
    /// International bank account number (ISO 13616).
    Iban,
    /// Korean resident registration number issued before October 2020.
    KrRrn,
    /// Korean foreigner registration number.
    KrForeigner,
    /// Korean business registration number.
    KrBrn,
    /// Korean corporate registration number.
    KrCorp,
    /// A date in six or eight digits: `YYMMDD`, `YYYYMMDD`.
    Date,
}

impl Validator {
    /// Whether a match passes.
    pub(super) fn passes(self, text: &[u8]) -> bool {
        if self == Self::Iban {
            return checks::iban(text);
        }
        let mut room = [0_u8; 32];
        let Some(digits) = digits(text, &mut room) else { return false };
        match self {
            Self::Luhn => digits.len() > 1 && checks::luhn(digits),
            Self::Verhoeff => digits.len() > 1 && verhoeff(digits),
            Self::Mod11 => digits.len() == 10 && checks::nhs(digits),
            Self::Ean => matches!(digits.len(), 8 | 12..=14) && checks::ean(digits),
            Self::KrRrn => digits.len() == 13 && checks::kr_rrn(digits),
            Self::KrForeigner => digits.len() == 13 && checks::kr_foreigner(digits),
            Self::KrBrn => digits.len() == 10 && checks::kr_brn(digits),
            Self::KrCorp => digits.len() == 13 && checks::kr_corp(digits),
            Self::Date => date(digits),
            Self::Iban => false,
        }
    }
}

/// Values of the digits of a match, whatever stands between them or in front; `None` for more than there is room for.
fn digits<'r>(text: &[u8], room: &'r mut [u8]) -> Option<&'r [u8]> {
    let mut count = 0_usize;
    for b in text.iter().filter(|b| b.is_ascii_digit()) {
        *room.get_mut(count)? = b.wrapping_sub(b'0');
        count = count.saturating_add(1);
    }
    room.get(..count)
}

fn date(digits: &[u8]) -> bool {
    let Some((_, &[m1, m2, d1, d2])) = digits.split_last_chunk() else { return false };
    let (month, day) = (m1.wrapping_mul(10).wrapping_add(m2), d1.wrapping_mul(10).wrapping_add(d2));
    matches!(digits.len(), 6 | 8) && (1..=12).contains(&month) && (1..=31).contains(&day)
}

/// Verhoeff's check: permutations and the dihedral group of order ten.
fn verhoeff(digits: &[u8]) -> bool {
    const PERMUTATION: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let permuted = |digit: u8, times: usize| {
        (0..times % 8)
            .fold(digit, |digit, _| PERMUTATION.get(usize::from(digit)).copied().unwrap_or(0))
    };
    // Numbers below five turn, the others mirror.
    let product = |a: u8, b: u8| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => (a + b - 5) % 5 + 5,
        (false, true) => (a - b) % 5 + 5,
        (false, false) => (a + 5 - b) % 5,
    };
    digits.iter().rev().enumerate().fold(0, |sum, (at, &digit)| product(sum, permuted(digit, at)))
        == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_pass_what_is_right() {
        for (validator, right, wrong) in [
            (Validator::Luhn, "7992-7398-713", "79927398710"),
            (Validator::Verhoeff, "2363", "2364"),
            (Validator::Verhoeff, "234123412346", "234123412345"),
            (Validator::Mod11, "943 476 5919", "943 476 5918"),
            (Validator::Ean, "4006381333931", "4006381333932"),
            (Validator::Iban, "DE89370400440532013000", "DE89370400440532013001"),
            (Validator::KrRrn, "900101-1234568", "900101-1234567"),
            (Validator::KrForeigner, "900101-5123452", "900101-5123453"),
            (Validator::KrBrn, "116-82-00276", "116-82-00277"),
            (Validator::KrCorp, "130111-0006246", "130111-0006247"),
            (Validator::Date, "19871123", "19871323"),
            (Validator::Luhn, "M-18", "M-17"),
        ] {
            assert!(validator.passes(right.as_bytes()), "{right}");
            assert!(!validator.passes(wrong.as_bytes()), "{wrong}");
        }
        assert!(!Validator::Luhn.passes("1".repeat(99).as_bytes()));
    }
}
