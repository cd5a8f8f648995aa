//! One look at where letters, digits and spaces stand in a short text, which all detectors share.
//!
//! Most of them need digits and letters in a row somewhere: a few operations on one bit an octet tell that there are
//! none, and the detector is not asked. What it says of a text that may have a hit is its own affair.

use crate::redact::marks;

/// Where letters, digits and spaces stand in a text of up to 64 octets, one bit each, the first lowest.
#[derive(Clone, Copy)]
pub(super) struct Look {
    /// ASCII letters and digits.
    words: u64,
    /// ASCII digits.
    digits: u64,
    /// Spaces.
    spaces: u64,
    /// Every octet there is.
    all: u64,
}

impl Look {
    /// Looks over `text`; `None` when it is too long for it.
    pub(super) fn at(text: &[u8]) -> Option<Self> {
        let beyond = u32::try_from(64_usize.checked_sub(text.len())?).ok()?;
        let (words, digits, spaces) = marks::kinds(text);
        Some(Self { words, digits, spaces, all: u64::MAX.checked_shr(beyond).unwrap_or(0) })
    }

    /// As [`digits::longest`](super::digits::longest) tells at a glance.
    pub(super) const fn digits_of_numbers(self) -> u32 {
        marks::in_numbers(self.words, self.digits)
    }

    const fn letters(self) -> u64 {
        self.words & !self.digits
    }

    /// Where no letter or digit stands before.
    const fn starts(self) -> u64 {
        !(self.words << 1) & self.all
    }

    const fn marks(self) -> u64 {
        self.all & !self.words
    }

    /// Whether behind a word's start digits (`d`), letters (`a`) and marks (`-`) follow like this; anything else in
    /// `form` stands for any octet.
    pub(super) fn begins(self, form: &[u8]) -> bool {
        let (letters, marks) = (self.letters(), self.marks());
        let start = self.starts();
        let left = form.iter().zip(0_u32..).fold(start, |left, (kind, at)| {
            let there = match kind {
                b'd' => self.digits,
                b'a' => letters,
                b'-' => marks,
                _ => self.all,
            };
            left & there.checked_shr(at).unwrap_or(0)
        });
        left != 0
    }

    /// Whether so many letters and digits stand in a row.
    pub(super) const fn word(self, len: u32) -> bool {
        row(self.words, len)
    }

    /// Whether so many digits stand in a row.
    pub(super) const fn number(self, len: u32) -> bool {
        row(self.digits, len)
    }

    /// Whether so many octets other than spaces stand in a row.
    pub(super) const fn unspaced(self, len: u32) -> bool {
        row(self.all & !self.spaces, len)
    }

    /// Whether so many octets other than spaces follow a space.
    pub(super) fn behind_space(self, len: u32) -> bool {
        rows(self.all & !self.spaces, len) & (self.spaces << 1) != 0
    }

    /// Whether there is anything but letters, digits and spaces.
    pub(super) const fn signs(self) -> bool {
        self.marks() & !self.spaces != 0
    }

    /// Whether marks stand so far apart from each other.
    pub(super) fn marks_apart(self, apart: &[u32]) -> bool {
        let marks = self.marks();
        let at = |at: &u32| marks.checked_shr(*at).unwrap_or(0);
        apart.iter().fold(marks, |left, apart| left & at(apart)) != 0
    }
}

/// Where so many ones in a row begin. `len` is at least 1.
const fn rows(ones: u64, len: u32) -> u64 {
    let (mut left, mut have) = (ones, 1);
    while have < len {
        let step = if have < len - have { have } else { len - have };
        left &= match left.checked_shr(step) {
            Some(shifted) => shifted,
            None => 0,
        };
        have += step;
    }
    left
}

const fn row(ones: u64, len: u32) -> bool {
    rows(ones, len) != 0
}

/// What detectors say that need nothing of a look.
pub(super) const fn always(_: Look) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{DETECTORS, Detector};
    use super::*;

    fn look(text: &str) -> Look {
        Look::at(text.as_bytes()).unwrap()
    }

    #[test]
    fn rows_are_told() {
        for len in 1..=64_usize {
            let text = format!("{:?<64}", "a".repeat(len));
            for wanted in 1..=64_u32 {
                assert_eq!(look(&text).word(wanted), wanted as usize <= len, "{wanted} of {len}");
            }
        }
        assert!(Look::at(&[b'a'; 65]).is_none());
        assert!(!look("").word(1) && !look("").unspaced(1) && !look("").signs());
    }

    #[test]
    fn forms_are_told_where_words_begin() {
        assert!(look("x 123-45").begins(b"ddd-dd"));
        assert!(look("DE89").begins(b"aadd"));
        for text in ["x123-45", "12345", "123-4", "ddd-dd"] {
            assert!(!look(text).begins(b"ddd-dd"), "{text}");
        }
        assert!(look("River 12345678").behind_space(8));
        assert!(!look("12345678 River").behind_space(8));
        assert!(look("a=1 b").signs() && !look("a1 b2").signs());
        assert!(look("00-00-00").marks_apart(&[3]) && !look("00-000-00").marks_apart(&[3]));
    }

    /// Texts in which detectors hit, whole and in pieces.
    fn seeds() -> Vec<&'static str> {
        vec![
            "DE89370400440532013000",
            "GB82 WEST 1234 5698 7654 32",
            "123-45-6789",
            "912-78-1234",
            "124-81-00998",
            "1EG4-TE5-MK73",
            "1EG4TE5MK73",
            "passport no M12345678",
            "여권 M482K7193",
            "PASSPORT: 123456789",
            "0x52908400098527886E0F7030069857D2E4169EE7",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            "00:1a:2b:3c:4d:5e",
            "00-1A-2B-3C-4D-5E",
            "001a.2b3c.4d5e",
            "192.0.2.17",
            "2001:db8::17",
            "[2001:db8::17]",
            "Bearer abcdef0123456789",
            "Basic dXNlcjpwYXNz",
            "Hawk id=1, mac=xyz1234",
            "HMAC-SHA256 x=1234567890",
            "AWS4-HMAC-SHA256 Credential=A",
            "AKIAIOSFODNN7EXAMPLE",
            "xoxb-1234567890",
            "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
            "123456789:AAabcdefghijklmnopqrstuvwxyz0123456",
            "010-1234-5678",
            "+1 (415) 555-0100",
            "4111 1111 1111 1111",
        ]
    }

    /// A detector that is not asked would not have hit.
    fn sound(detector: &Detector, text: &[u8]) -> bool {
        let spared = Look::at(text).is_some_and(|look| !(detector.may)(look));
        !spared || (detector.find)(text).is_none()
    }

    #[test]
    fn detectors_are_asked_where_they_hit() {
        for text in seeds() {
            for before in ["", " ", "no ", "x-", "(", "=\""] {
                for after in ["", " ", ".", ", 12", ")", "-x"] {
                    let text = [before, text, after].concat();
                    for detector in DETECTORS {
                        assert!(sound(detector, text.as_bytes()), "{text}");
                    }
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn whoever_is_spared_has_no_hit(
            seed in prop::sample::select(seeds()),
            before in "[-0-9A-Za-z.:= ]{0,12}",
            after in "[-0-9A-Za-z.:= ]{0,12}",
            at in 0..64_usize,
            octet in any::<u8>(),
        ) {
            let mut text = [before.as_bytes(), seed.as_bytes(), after.as_bytes()].concat();
            for detector in DETECTORS {
                prop_assert!(sound(detector, &text));
            }
            if let Some(slot) = text.get_mut(at) {
                *slot = octet;
            }
            for detector in DETECTORS {
                prop_assert!(sound(detector, &text));
            }
        }

        #[test]
        fn nor_in_anything(text in "[-0-9A-Fxa-f.: ]{0,64}", word in "[ -~]{0,64}") {
            for detector in DETECTORS {
                prop_assert!(sound(detector, text.as_bytes()) && sound(detector, word.as_bytes()));
            }
        }
    }
}
