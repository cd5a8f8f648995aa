//! Values of which a part is shown, or all: which ones may be, and how.

use super::config::Rule;
use crate::redact::dictionary;
use crate::redact::names::Meaning;
use crate::redact::words;

/// Most octets of a value of which a part is shown.
const MASKED_MAX: usize = 256;
/// Fewest characters of a key: 128 bits in hexadecimal, 192 in base64.
const KEY_MIN: usize = 32;
/// Most octets of a value that a rule keeps.
const KEPT_MAX: usize = 1024;

/// How many characters of a value are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shown {
    first: u8,
    last: u8,
}

impl Shown {
    /// Most characters shown at the beginning, and at the end: what PCI DSS 3.4.1 lets be shown of a card number.
    pub(crate) const MOST: (u8, u8) = (6, 4);
    /// Where a rule does not say.
    pub(crate) const DEFAULT: Self = Self { first: 0, last: 4 };

    /// As a rule says.
    pub(crate) fn of(rule: &Rule) -> Self {
        let Self { first, last } = Self::DEFAULT;
        let (first_max, last_max) = Self::MOST;
        Self {
            first: rule.mask_first.unwrap_or(first).min(first_max),
            last: rule.mask_last.unwrap_or(last).min(last_max),
        }
    }

    /// Appends `text` with all but these characters as `*`. Never more than half of them are shown: those at the
    /// end first.
    pub(crate) fn write(self, text: &str, out: &mut Vec<u8>) {
        let text = text.trim();
        if text.len() > MASKED_MAX {
            out.push(b'*');
            return;
        }
        let count = text.chars().count();
        let half = count / 2;
        let last = usize::from(self.last).min(half);
        let first = usize::from(self.first).min(half.saturating_sub(last));
        let end = count.saturating_sub(last);
        let mut buffer = [0; 4];
        for (at, c) in text.chars().enumerate() {
            let c = if at < first || at >= end { c } else { '*' };
            out.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
        }
    }
}

/// Whether a text is a value by itself: text without control characters, and without the marks of something
/// encoded or structured, in which a secret may lie that only its own name tells.
pub(crate) fn plain(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let marks = |b: &u8| b.is_ascii_control() || b"{}<>=\\&;\"`".contains(b);
    let encoded = text.starts_with(b"eyJ")
        || text.first() == Some(&b'[')
        || text.windows(3).any(|three| {
            matches!(three, [b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit())
        });
    text.len() <= KEPT_MAX
        && !encoded
        && !text.iter().any(marks)
        && !text.split(|b| !is_coded(*b)).any(generated)
        && !names_secret(text)
        && std::str::from_utf8(text).is_ok_and(|text| !text.chars().any(char::is_control))
}

/// Whether an octet is of base64, plain or for URLs.
const fn is_coded(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_')
}

/// Whether characters without a gap look like key material: as long as that, and no words. No form tells it from
/// other generated text; a UUID is none.
fn generated(run: &[u8]) -> bool {
    let any = |is: fn(&u8) -> bool| run.iter().any(is);
    let mixed = any(u8::is_ascii_uppercase) && any(u8::is_ascii_lowercase);
    run.len() >= KEY_MIN
        && run.iter().filter(|b| b.is_ascii_digit()).count() >= 2
        && (mixed || run.iter().all(u8::is_ascii_hexdigit))
        && !words::uuid(run)
}

/// Whether a text speaks of a password or the like, which may then stand in it: `password: hunter2`.
fn names_secret(text: &[u8]) -> bool {
    if !text.is_ascii() && matches!(dictionary::korean(text), Meaning::Secret(_)) {
        return true;
    }
    dictionary::secret_inside(&text.to_ascii_lowercase()).is_some()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn masked(first: u8, last: u8, text: &str) -> String {
        let mut out = Vec::new();
        Shown { first, last }.write(text, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn ends_are_shown_and_never_more_than_half() {
        for (first, last, text, expected) in [
            (0, 4, "010-1234-5678", "*********5678"),
            (6, 4, "4111111111111111", "4111********1111"),
            (0, 4, "1234", "**34"),
            (6, 4, "12345678", "****5678"),
            (6, 4, "1234567890", "1*****7890"),
            (0, 0, "abc", "***"),
            (1, 1, "홍길동", "**동"),
            (0, 4, "1", "*"),
        ] {
            assert_eq!(masked(first, last, text), expected, "{text}");
        }
        assert_eq!(masked(6, 4, &"9".repeat(300)), "*");
    }

    #[test]
    fn what_may_hold_more_than_it_shows_is_not_plain() {
        for text in [
            "{\"password\":1}",
            "[1]",
            "eyJhbGciOi",
            "a=b",
            "a%3Db",
            "<a>",
            "a\\u0041",
            "a\nb",
            "\u{85}",
            "Password: x",
            "비밀번호 1234",
        ] {
            assert!(!plain(text.as_bytes()), "{text}");
        }
        for text in ["Seoul", "삼성 갤럭시", "110-234-567890", "100%", "2026-01-31T10:00:00+09:00"]
        {
            assert!(plain(text.as_bytes()), "{text}");
        }
        assert!(!plain(&[0xff]));
    }

    #[test]
    fn key_material_is_not_plain() {
        for text in [
            "MIIef0MSp5c28OBBFyXwIf6a8E+5acpnRSfhl0vuEz8wDTCHjSk9g4JieI3kuZ65",
            "key 0f1e2d3c4b5a69788796a5b4c3d2e1f0",
        ] {
            assert!(!plain(text.as_bytes()), "{text}");
        }
        for text in [
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "the-7-best-ways-to-mirror-traffic-in-2026",
            "/v1/users/list/of/things/that/are/long",
        ] {
            assert!(plain(text.as_bytes()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn at_most_half_is_shown(first in any::<u8>(), last in any::<u8>(), text in "[a-z0-9 -]{0,40}") {
            let rule: Rule = toml::from_str(&format!(
                "action = 'mask'\nmask_first = {first}\nmask_last = {last}"
            )).unwrap();
            let mut out = Vec::new();
            Shown::of(&rule).write(&text, &mut out);
            let count = text.trim().chars().count();
            prop_assert!(out.iter().filter(|b| **b != b'*').count() <= count / 2);
            prop_assert_eq!(out.len(), count);
        }
    }
}
