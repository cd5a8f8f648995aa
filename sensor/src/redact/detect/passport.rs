//! Korean passport numbers in text that speaks of a passport: the form alone is no proof.

use super::{Class, Confidence, Detector, Hit, alone};

pub(super) const ENTRY: Detector = Detector {
    class: Class::Passport,
    kinds: super::scan::DIGIT | super::scan::UPPER,
    any: 0,
    digits_min: 7,
    run_min: 0,
    octets_min: 15,
    find,
};

fn find(text: &[u8]) -> Option<Hit> {
    text.windows(9).enumerate().find_map(|(start, window)| {
        let digit = |i: usize| window.get(i).is_some_and(u8::is_ascii_digit);
        let letter = window.first().is_some_and(|b| matches!(b, b'M' | b'S' | b'R' | b'O' | b'D'));
        let fifth = digit(4) || window.get(4).is_some_and(u8::is_ascii_uppercase);
        let end = start.checked_add(9)?;
        let form = letter && (1..4).all(digit) && fifth && (5..9).all(digit);
        (form && alone(text, start, end) && spoken(text)).then_some(Hit {
            start,
            end,
            confidence: Confidence::Medium,
        })
    })
}

fn spoken(text: &[u8]) -> bool {
    let words = ["여권", "passport", "Passport", "PASSPORT"];
    words.iter().any(|word| memchr::memmem::find(text, word.as_bytes()).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passports() {
        for text in ["여권 M12345678", "passport no M123A4567"] {
            assert!(find(text.as_bytes()).is_some(), "{text}");
        }
        for text in ["M12345678", "passport X12345678", "passport AM12345678"] {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
    }
}
