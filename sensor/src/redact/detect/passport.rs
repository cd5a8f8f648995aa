//! Passport numbers in text that speaks of a passport: the form alone is no proof.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::{Class, Confidence, Detector, Hit, Look, alone};
use crate::redact::look::rows;

pub(super) const ENTRY: Detector = Detector {
    class: Class::Passport,
    kinds: super::scan::DIGIT,
    // Something stands between the word and the number, whatever it is.
    any: !(super::scan::LOWER | super::scan::UPPER | super::scan::DIGIT),
    digits_min: 6,
    run_min: 0,
    octets_min: 13,
    seen,
    find,
};

/// Digits in a row, and as many letters as the word has, or octets from 0x80.
fn seen(look: &Look, text: &[u8]) -> Option<Hit> {
    let word = rows(look.letters(), 7) | rows(look.rest(), 6);
    if word == 0 || rows(look.digits(), 4) == 0 { None } else { find(text) }
}

fn find(text: &[u8]) -> Option<Hit> {
    if !spoken(text) {
        return None;
    }
    super::word_starts(text).find_map(|start| {
        let word = text.get(start..)?;
        let len = word.iter().take(11).take_while(|b| b.is_ascii_alphanumeric()).count();
        let word = word.get(..len)?;
        let end = start.checked_add(len)?;
        let hit = number(word) && alone(text, start, end);
        hit.then_some(Hit { start, end, confidence: Confidence::Medium })
    })
}

/// One or two letters and six to eight digits, as most countries number passports (ICAO Doc 9303 allows nine
/// characters), or nine digits; one letter may stand among the digits of Korean ones.
fn number(word: &[u8]) -> bool {
    let letters = word.iter().take_while(|b| b.is_ascii_uppercase()).count();
    let digits = word.iter().filter(|b| b.is_ascii_digit()).count();
    match letters {
        0 => word.len() == 9 && digits == 9,
        1 if word.get(4).is_some_and(u8::is_ascii_uppercase) => word.len() == 9 && digits == 7,
        1 | 2 => (6..=8).contains(&digits) && letters.saturating_add(digits) == word.len(),
        _ => false,
    }
}

static WORDS: LazyLock<[Finder<'static>; 3]> =
    LazyLock::new(|| [Finder::new("assport"), Finder::new("ASSPORT"), Finder::new("여권")]);

fn spoken(text: &[u8]) -> bool {
    WORDS.iter().any(|word| word.find(text).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passports() {
        for text in
            ["여권 M12345678", "passport no M123A4567", "passport: 123456789", "Passport AB1234567"]
        {
            assert!(find(text.as_bytes()).is_some(), "{text}");
        }
        for text in [
            "M12345678",
            "passport X1234",
            "passport photos for 2 people",
            "passport-service 12345678",
        ] {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
    }
}
