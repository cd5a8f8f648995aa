//! MAC addresses: six pairs of hex digits between colons or dashes.

use super::{Class, Confidence, Detector, Hit, alone};

pub(super) const ENTRY: Detector = Detector { class: Class::Mac, kinds: 0, digits_min: 1, find };

fn find(text: &[u8]) -> Option<Hit> {
    text.windows(17).enumerate().find_map(|(start, window)| {
        let separator = *window.get(2)?;
        let form = matches!(separator, b':' | b'-')
            && window
                .iter()
                .zip(1_usize..)
                .all(|(b, nth)| if nth % 3 == 0 { *b == separator } else { b.is_ascii_hexdigit() });
        let end = start.checked_add(17)?;
        let longer = text.get(end) == Some(&separator)
            || start.checked_sub(1).and_then(|i| text.get(i)) == Some(&separator);
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
