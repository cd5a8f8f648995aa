//! Check digits by name, for names of fields and for configured detectors.

use super::{
    Confidence, Hit, iban as ibans, kr_brn as brns, kr_corp as corps, kr_rrn as rrns, pan,
};

/// Cards, devices and much else (ISO/IEC 7812-1 annex B).
pub(crate) fn luhn(digits: &[u8]) -> bool {
    super::digits::luhn(digits)
}

/// Values of the digits of a number, across spaces, dashes and dots; `None` when it has anything else, or no room.
pub(crate) fn digits<'r>(text: &[u8], room: &'r mut [u8]) -> Option<&'r [u8]> {
    let mut count = 0_usize;
    for b in text {
        if b.is_ascii_digit() {
            *room.get_mut(count)? = b.wrapping_sub(b'0');
            count = count.saturating_add(1);
        } else if !matches!(b, b' ' | b'-' | b'.') {
            return None;
        }
    }
    room.get(..count)
}

/// Korean resident registration numbers issued before October 2020.
pub(crate) fn kr_rrn(digits: &[u8]) -> bool {
    rrns::check(digits, 11)
}

/// Korean foreigner registration numbers.
pub(crate) fn kr_foreigner(digits: &[u8]) -> bool {
    rrns::check(digits, 13)
}

/// Korean business registration numbers.
pub(crate) fn kr_brn(digits: &[u8]) -> bool {
    brns::check(digits)
}

/// Korean corporate registration numbers.
pub(crate) fn kr_corp(digits: &[u8]) -> bool {
    corps::corporation(digits)
}

/// Article numbers.
pub(crate) fn ean(digits: &[u8]) -> bool {
    pan::ean(digits)
}

/// Whether a whole text is an international bank account number.
pub(crate) fn iban(text: &[u8]) -> bool {
    let whole = Hit { start: 0, end: text.len(), confidence: Confidence::High };
    (ibans::ENTRY.find)(text) == Some(whole)
}

/// NHS numbers: weights 10 to 2, modulo 11 (NHS Data Dictionary, NHS NUMBER).
pub(crate) fn nhs(digits: &[u8]) -> bool {
    let sum = super::digits::weighted(digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    digits.get(9).is_some_and(|&last| (11 - sum) % 11 == u32::from(last))
}
