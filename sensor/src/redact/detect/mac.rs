//! MAC addresses: six pairs of hex digits between colons or dashes.

use super::{Class, Confidence, Detector, Hit, alone};

pub(super) const ENTRY: Detector = Detector {
    class: Class::Mac,
    kinds: super::scan::DIGIT,
    any: super::scan::COLON | super::scan::DASH,
    digits_min: 1,
    run_min: 0,
    octets_min: 17,
    find,
};

fn find(text: &[u8]) -> Option<Hit> {
    memchr::memchr2_iter(b':', b'-', text).find_map(|at| {
        let start = at.checked_sub(2)?;
        let end = start.checked_add(17)?;
        let window = text.get(start..end)?;
        let separator = *text.get(at)?;
        let form = window.iter().zip(1_usize..).all(|(b, nth)| {
            if nth.is_multiple_of(3) { *b == separator } else { b.is_ascii_hexdigit() }
        });
        let before = start.checked_sub(1).and_then(|i| text.get(i));
        let longer = text.get(end) == Some(&separator) || before == Some(&separator);
        (form && !longer && alone(text, start, end)).then_some(Hit {
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
        for text in ["00:1a:2B:3c:4d:5e", "dev 00-1A-2B-3C-4D-5E"] {
            assert!(find(text.as_bytes()).is_some(), "{text}");
        }
        for text in
            ["00:1a:2b:3c:4d", "00:1a-2b:3c:4d:5e", "00:1a:2b:3c:4d:5e:6f", "20:26:01:31:10"]
        {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
    }
}
