//! MAC addresses: six pairs of hex digits between colons or dashes, or three groups of four between dots.

use super::{Class, Confidence, Detector, Hit, Look, alone};
use crate::redact::look::{ahead, rows};

pub(super) const ENTRY: Detector = Detector {
    class: Class::Mac,
    kinds: 0,
    any: super::scan::COLON | super::scan::DASH | super::scan::DOT,
    digits_min: 0,
    run_min: 0,
    octets_min: 14,
    seen,
    find,
};

/// One and the same mark between pairs, or dots between fours.
fn seen(look: &Look, text: &[u8]) -> Option<Hit> {
    let apart =
        |marks: u64| marks & ahead(marks, 3) & ahead(marks, 6) & ahead(marks, 9) & ahead(marks, 12);
    let dots = look.dots();
    let dotted = dots & ahead(dots, 5) & ahead(rows(look.hex(), 4), 6);
    if (apart(look.colons()) | apart(look.dashes()) | dotted) == 0 { None } else { find(text) }
}

fn find(text: &[u8]) -> Option<Hit> {
    memchr::memchr3_iter(b':', b'-', b'.', text).find_map(|at| {
        let separator = *text.get(at)?;
        let (group, len) = if separator == b'.' { (4, 14) } else { (2, 17) };
        let start = at.checked_sub(group)?;
        let end = start.checked_add(len)?;
        let window = text.get(start..end)?;
        let form = window.iter().zip(1_usize..).all(|(b, nth)| {
            if nth.is_multiple_of(group.saturating_add(1)) {
                *b == separator
            } else {
                b.is_ascii_hexdigit()
            }
        });
        let before = start.checked_sub(1).and_then(|i| text.get(i));
        let longer = text.get(end) == Some(&separator) || before == Some(&separator);
        // Dotted numbers without letters are versions and amounts.
        let lettered = separator != b'.' || window.iter().any(u8::is_ascii_alphabetic);
        (form && lettered && !longer && alone(text, start, end)).then_some(Hit {
            start,
            end,
            confidence: Confidence::High,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for text in ["00:1a:2B:3c:4d:5e", "dev 00-1A-2B-3C-4D-5E", "001a.2b3c.4d5e"] {
            assert!(find(text.as_bytes()).is_some(), "{text}");
        }
        for text in [
            "00:1a:2b:3c:4d",
            "00:1a-2b:3c:4d:5e",
            "00:1a:2b:3c:4d:5e:6f",
            "20:26:01:31:10",
            "2026.0131.1000",
        ] {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
    }
}
