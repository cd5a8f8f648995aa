//! Secrets named in running text: `password=…`, `"cvv": "123"`. Nothing of such a text leaves.

use super::{Class, Confidence, Detector, Hit};
use crate::redact::look::places;

pub(super) const ENTRY: Detector = Detector {
    class: Class::Password,
    kinds: 0,
    any: super::scan::BASE64 | super::scan::COLON,
    digits_min: 0,
    run_min: 0,
    octets_min: 5,
    seen: |look, text| places(look.colons() | look.equals()).find_map(|at| around(text, at)),
    find,
};

const WORDS: [&[u8]; 12] = [
    b"password",
    b"passwd",
    b"pwd",
    b"passphrase",
    b"client_secret",
    b"clientSecret",
    b"cvv",
    b"cvc",
    "비밀번호".as_bytes(),
    // Connection strings of Azure, configuration of AWS.
    b"AccountKey",
    b"SharedAccessKey",
    b"aws_secret_access_key",
];

fn find(text: &[u8]) -> Option<Hit> {
    memchr::memchr2_iter(b'=', b':', text).find_map(|at| around(text, at))
}

/// The name before a sign at `at`, and a value behind it.
fn around(text: &[u8], at: usize) -> Option<Hit> {
    if !matches!(text.get(at)?, b'=' | b':') {
        return None;
    }
    let before = text.get(..at)?.trim_ascii_end();
    let before = before.strip_suffix(b"\"").or_else(|| before.strip_suffix(b"'")).unwrap_or(before);
    // By its last octet nearly every name is told to be another.
    if !matches!(
        before.last()?,
        b'c' | b'd' | b'e' | b't' | b'v' | b'y' | b'C' | b'D' | b'E' | b'T' | b'V' | b'Y' | 0xb8
    ) {
        return None;
    }
    let named = WORDS.iter().any(|word| {
        let from = before.len().checked_sub(word.len()).and_then(|from| before.get(from..));
        from.is_some_and(|tail| tail.eq_ignore_ascii_case(word))
    });
    let value = text.get(at.checked_add(1)?..)?.trim_ascii_start();
    // "pwd" and "cvc" end other words, too.
    let joined = |b: &u8| b.is_ascii_alphanumeric();
    let named = named
        && before.len().checked_sub(4).and_then(|i| before.get(i)).is_none_or(|b| {
            let short = [b"pwd".as_slice(), b"cvv", b"cvc"].iter().any(|word| {
                before
                    .len()
                    .checked_sub(3)
                    .and_then(|from| before.get(from..))
                    .is_some_and(|tail| tail.eq_ignore_ascii_case(word))
            });
            !short || !joined(b)
        });
    (named && !value.is_empty()).then_some(Hit {
        start: 0,
        end: text.len(),
        confidence: Confidence::Medium,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs() {
        for text in [
            "password=x",
            "log: Password: hunter2",
            "{'cvv': 1}",
            "x;AccountKey=ab==",
            "비밀번호: x",
        ] {
            assert!(find(text.as_bytes()).is_some(), "{text}");
        }
        for text in ["password", "password=", "a=b", "lpwd=x"] {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
    }
}
