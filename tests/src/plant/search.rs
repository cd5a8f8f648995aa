//! The search for planted texts: eight octets of one in a row, in any case, plain or in an encoding that a reader
//! undoes without thinking: percent, hexadecimal, base64 at any offset, `\u` escapes.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Octets in a row that make a leak.
const WINDOW: usize = 8;
/// Longest text that is looked for in encodings too, in octets.
const ENCODED_MAX: usize = 80;

/// Texts to look for.
pub(super) struct Needles {
    /// By their first eight octets in lower case.
    by_start: BTreeMap<u64, Vec<Vec<u8>>>,
    /// One bit for each hash of eight octets.
    filter: Vec<bool>,
}

fn packed(window: &[u8]) -> u64 {
    window.iter().fold(0, |all, b| all << 8 | u64::from(b.to_ascii_lowercase()))
}

fn slot(word: u64) -> usize {
    usize::try_from(word.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48).expect("sixteen bits")
}

impl Needles {
    /// Of these texts; those up to [`ENCODED_MAX`] also in encodings.
    #[must_use]
    pub(super) fn of(texts: &[String]) -> Self {
        let mut needles = Self { by_start: BTreeMap::new(), filter: vec![false; 1 << 16] };
        for text in texts {
            let octets = text.as_bytes();
            let hex = octets.iter().all(u8::is_ascii_hexdigit)
                && octets.iter().any(u8::is_ascii_alphabetic);
            // Identifiers of records are hexadecimal, so that half of one could stand there by chance.
            let window = if hex { 2 * WINDOW } else { WINDOW };
            for window in octets.windows(window) {
                needles.add(window.to_vec());
            }
            // Longer texts are encodings of shorter ones.
            for window in octets.windows(WINDOW).filter(|_| octets.len() <= ENCODED_MAX) {
                needles.encodings(window);
            }
        }
        needles
    }

    fn encodings(&mut self, window: &[u8]) {
        self.add(window.iter().flat_map(|b| format!("{b:02x}").into_bytes()).collect());
        self.add(window.iter().flat_map(|b| format!("%{b:02x}").into_bytes()).collect());
        for shift in 0..3 {
            // The characters that these octets alone decide.
            let padded = [&[0; 2][..shift], window].concat();
            let whole = padded.len() / 3 * 3;
            for text in
                [STANDARD_NO_PAD.encode(&padded[..whole]), URL_SAFE_NO_PAD.encode(&padded[..whole])]
            {
                let inner = text.as_bytes()[[0, 2, 3][shift]..].to_vec();
                if inner.len() >= WINDOW {
                    self.add(inner);
                }
            }
        }
        if let Ok(text) = std::str::from_utf8(window)
            && !text.is_ascii()
        {
            self.add(
                text.encode_utf16().flat_map(|u| format!("\\u{u:04x}").into_bytes()).collect(),
            );
        }
    }

    fn add(&mut self, needle: Vec<u8>) {
        let Some(start) = needle.get(..WINDOW) else { return };
        let start = packed(start);
        self.filter[slot(start)] = true;
        let known = self.by_start.entry(start).or_default();
        if !known.contains(&needle) {
            known.push(needle);
        }
    }

    /// Where the first of them is.
    #[must_use]
    pub(super) fn find(&self, octets: &[u8]) -> Option<std::ops::Range<usize>> {
        let mut word = 0_u64;
        for (at, b) in octets.iter().enumerate() {
            word = word << 8 | u64::from(b.to_ascii_lowercase());
            if at + 1 < WINDOW || !self.filter[slot(word)] {
                continue;
            }
            let start = at + 1 - WINDOW;
            let rest = &octets[start..];
            let hit = self.by_start.get(&word).and_then(|needles| {
                needles.iter().find(|needle| {
                    rest.get(..needle.len()).is_some_and(|there| there.eq_ignore_ascii_case(needle))
                })
            });
            if let Some(needle) = hit {
                return Some(start..start + needle.len());
            }
        }
        None
    }
}

/// `octets` with what people put between digits taken out.
#[must_use]
pub(super) fn squeezed(octets: &[u8]) -> Vec<u8> {
    let mut made = Vec::with_capacity(octets.len());
    for (at, b) in octets.iter().enumerate() {
        let digit =
            |at: Option<usize>| at.and_then(|at| octets.get(at)).is_some_and(u8::is_ascii_digit);
        let between = b" -./_".contains(b) && digit(at.checked_sub(1)) && digit(at.checked_add(1));
        if !between {
            made.push(*b);
        }
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_found() {
        let needles = Needles::of(&["Tr0ub4dor&3".into(), "홍길동전".into()]);
        for leak in [
            "xTr0ub4dor&",
            "TR0UB4DOR",
            "%54%72%30%75%62%34%64%6f",
            "54723075623464",
            &STANDARD_NO_PAD.encode("a Tr0ub4dor&3"),
            &URL_SAFE_NO_PAD.encode("abTr0ub4dor&3"),
            "길동전",
        ] {
            let there = leak.len() >= 16 || leak.len() < 12;
            assert_eq!(
                needles.find(leak.as_bytes()).is_some(),
                there || leak.contains("Tr0"),
                "{leak}"
            );
        }
        assert!(needles.find(b"Tr0ub4d r0ub4do").is_none());
    }

    #[test]
    fn digits_are_put_together() {
        assert_eq!(squeezed(b"4111-1111 2.3, 4 a-1"), b"4111111123, 4 a-1".to_vec());
    }
}
