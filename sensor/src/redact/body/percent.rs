//! Percent-decoding (RFC 3986 §2.1), once.

use std::borrow::Cow;

/// `text` with `%XX` decoded; with `plus`, `+` is a space (forms and queries).
pub(crate) fn decode(text: &[u8], plus: bool) -> Cow<'_, [u8]> {
    let coded =
        memchr::memchr(b'%', text).is_some() || (plus && memchr::memchr(b'+', text).is_some());
    if !coded {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    loop {
        rest = match rest {
            [] => return Cow::Owned(out),
            [b'%', high, low, tail @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                out.push((digit(*high) << 4) | digit(*low));
                tail
            }
            [b'+', tail @ ..] if plus => {
                out.push(b' ');
                tail
            }
            [b, tail @ ..] => {
                out.push(*b);
                tail
            }
        };
    }
}

/// Value of a hex digit; 0 for anything else.
pub(crate) const fn digit(b: u8) -> u8 {
    match b {
        b'0'..=b'9' => b - b'0',
        b'a'..=b'f' => b - b'a' + 10,
        b'A'..=b'F' => b - b'A' + 10,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_once() {
        assert_eq!(decode(b"a%20b+c%2541%zz%4", true).as_ref(), b"a b c%41%zz%4");
        assert_eq!(decode(b"a+b", false).as_ref(), b"a+b");
        assert!(matches!(decode(b"plain", true), Cow::Borrowed(_)));
    }
}
