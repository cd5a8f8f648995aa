//! Positions: two decimal numbers with four and more digits behind the point, `37.5665,126.9780`.

use super::{Class, Confidence, Detector, Hit, Look};
use crate::redact::look::{ahead, rows};

pub(super) const ENTRY: Detector = Detector {
    class: Class::Geo,
    kinds: super::scan::DIGIT | super::scan::DOT,
    any: super::scan::PUNCT | super::scan::SPACE,
    digits_min: 10,
    run_min: 0,
    octets_min: 13,
    seen,
    find,
};

/// Two numbers with four digits behind the point.
fn seen(look: &Look, text: &[u8]) -> Option<Hit> {
    let points = look.dots() & (look.digits() << 1) & ahead(rows(look.digits(), 4), 1);
    if points.count_ones() < 2 { None } else { find(text) }
}

fn find(text: &[u8]) -> Option<Hit> {
    // Between latitude and longitude: a comma, or a space as in `POINT(126.9780 37.5665)`.
    memchr::memchr2_iter(b',', b' ', text).find_map(|at| {
        let before = text.get(..at)?.trim_ascii_end();
        let len = before.iter().rev().take(12).take_while(|b| of_number(b)).count();
        let start = before.len().checked_sub(len)?;
        let one = degrees(before.get(start..)?)?;
        let after = text.get(at.checked_add(1)?..)?;
        let after_start = text.len().checked_sub(after.trim_ascii_start().len())?;
        let after = text.get(after_start..)?;
        let len = after.iter().take(12).take_while(|b| of_number(b)).count();
        let two = degrees(after.get(..len)?)?;
        let end = after_start.checked_add(len)?;
        // A third number makes it a list of measures.
        let more = |b: Option<&u8>| {
            b.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b',' | b';'))
        };
        let listed = start.checked_sub(1).is_some_and(|i| more(text.get(i))) || more(text.get(end));
        // Probabilities and shares are below one; there is no land at such a position.
        let small = one.abs() < 1.0 && two.abs() < 1.0;
        let sides =
            (one.abs() <= 90.0 && two.abs() <= 180.0) || (one.abs() <= 180.0 && two.abs() <= 90.0);
        (sides && !small && !listed).then_some(Hit { start, end, confidence: Confidence::Medium })
    })
}

fn of_number(b: &u8) -> bool {
    b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+')
}

/// A number of up to three digits before the point and four to eight behind it.
fn degrees(text: &[u8]) -> Option<f64> {
    let digits = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
    let at = memchr::memchr(b'.', digits)?;
    let (whole, rest) = digits.split_at_checked(at)?;
    let fraction = rest.get(1..)?;
    let form = (1..=3).contains(&whole.len()) && (4..=8).contains(&fraction.len());
    let plain = form && whole.iter().chain(fraction).all(u8::is_ascii_digit);
    if plain { std::str::from_utf8(text).ok()?.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions() {
        for text in [
            "37.5665,126.9780",
            "37.566535, 126.977969",
            "geo:-33.8688,151.2093",
            "POINT(126.9780 37.5665)",
            "at (37.5665, 126.9780)",
        ] {
            assert!(find(text.as_bytes()).is_some(), "{text}");
        }
        for text in [
            "37.56,126.97",
            "0.9123,0.8812",
            "1.2345,2.3456,3.4567",
            "237.5665,126.9780",
            "97.5665,126.9780",
            "37.5665",
            "1.2.3456,2.3456",
            "12.34567 kg",
        ] {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
    }
}
