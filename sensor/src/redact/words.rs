//! Forms of names and values: what may be kept, and what is an identifier.
//!
//! Keeping asks for proof: each test here says yes only to forms that carry no free content.

use zeroize::Zeroizing;

use super::lexicon;
use super::scan::{self, Scan};

/// Longest name kept, in octets.
pub(crate) const NAME_MAX: usize = lexicon::NAME_MAX;
/// A run of this many digits is no part of any value kept.
const KEPT_DIGITS: usize = 9;

/// Whether `name` looks like a name someone gave in code: `order_id`, `$ref`, `@type`, `user[id]`.
///
/// Keys are data too: identifiers, dates, encoded octets and addresses do not pass.
pub(crate) fn field_name(name: &[u8]) -> bool {
    let Some((&first, rest)) = name.split_first() else { return false };
    if !(first.is_ascii_alphabetic() || matches!(first, b'_' | b'$' | b'@'))
        || name.len() > NAME_MAX
    {
        return false;
    }
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"_.-:$[]".contains(b);
    rest.iter().all(plain) && lexicon::name(name)
}

fn opaque_part(part: &[u8], digits: usize) -> bool {
    let hex = part.len() >= 12 && digits > 0 && part.iter().all(u8::is_ascii_hexdigit);
    hex || part.len() > 40 || (part.len() >= 10 && runs(part) * 2 > part.len())
}

/// How many times the kind of character changes, plus one; a capital begins its word.
fn runs(word: &[u8]) -> usize {
    let kind = |b: &u8| match b {
        b'0'..=b'9' => 0,
        b'A'..=b'Z' => 1,
        _ => 2,
    };
    let changes = word.iter().zip(word.iter().skip(1)).filter(|(a, b)| kind(a) != kind(b)).count();
    changes.saturating_add(1)
}

/// Longest run of digits.
pub(crate) fn digit_run(word: &[u8]) -> usize {
    word.split(|b| !b.is_ascii_digit()).map(<[u8]>::len).max().unwrap_or(0)
}

/// Whether a text may be kept where a rule allows it: short printable ASCII without long numbers, without
/// anything that looks generated, and without the marks that passwords like. Detectors are asked apart.
pub(crate) fn keepable(text: &[u8]) -> bool {
    text.len() <= 256
        && text
            .iter()
            .all(|&b| b == b' ' || (b.is_ascii_graphic() && !b"!@#$%^&|~`{}<>\\".contains(&b)))
        && !text
            .split(|b| !(b.is_ascii_digit() || *b == b'-'))
            .any(|number| number.iter().filter(|b| b.is_ascii_digit()).count() >= KEPT_DIGITS)
        && !text.split(|b| !b.is_ascii_alphanumeric()).any(|part| {
            let digits = part.iter().filter(|b| b.is_ascii_digit()).count();
            let numbered = digits < part.len() && digits >= 6;
            numbered
                || (part.len() >= 16 && digits >= 3)
                || part.len() > 48
                || opaque_part(part, digits)
        })
}

/// A result code: `00000`, `A0000`, `404`, `E1001`, `ERR-12`; or an enumeration word.
pub(crate) fn code_word(text: &[u8]) -> bool {
    let digits = text.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let letters = text.get(..text.len().saturating_sub(digits)).unwrap_or_default();
    let letters =
        letters.strip_suffix(b"-").or_else(|| letters.strip_suffix(b"_")).unwrap_or(letters);
    let short = !text.is_empty() && digits <= 5 && letters.len() <= 4;
    short && letters.iter().all(u8::is_ascii_uppercase) || lexicon::enum_word(text)
}

/// A version: `v1`, `2.0`, `1.12.3`, `2.0-rc1`.
pub(crate) fn version(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"v").or_else(|| text.strip_prefix(b"V")).unwrap_or(text);
    (1..=16).contains(&text.len())
        && text.first().is_some_and(u8::is_ascii_digit)
        && text.split(|&b| b == b'.' || b == b'-').take(5).count() <= 4
        && text.split(|&b| b == b'.' || b == b'-').all(|p| {
            !p.is_empty()
                && digit_run(p) <= 3
                && (p.iter().all(u8::is_ascii_digit)
                    || (p.len() <= 6
                        && p.iter().all(u8::is_ascii_alphanumeric)
                        && p.first().is_some_and(u8::is_ascii_alphabetic)))
        })
}

/// A decimal integer as JSON writes it; its size, if it fits.
pub(crate) fn integer(text: &[u8]) -> Option<u64> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let canonical = digits == b"0" || digits.first().is_some_and(|b| matches!(b, b'1'..=b'9'));
    if !canonical || digits.len() > 19 {
        return None;
    }
    digits.iter().try_fold(0_u64, |n, b| {
        b.is_ascii_digit().then(|| n.saturating_mul(10).saturating_add(u64::from(b - b'0')))
    })
}

/// A long number that JSON wrote with a sign, a fraction of zeros or an exponent, in digits alone: `-4111.0`, `4.111e3`.
/// `None` when it is none of these, or no whole number.
pub(crate) fn whole(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let bare = text.strip_prefix(b"-").unwrap_or(text);
    if bare.iter().all(u8::is_ascii_digit) {
        return (bare.len() < text.len()).then(|| Zeroizing::new(bare.to_vec()));
    }
    let end = bare.iter().position(|b| matches!(b, b'e' | b'E')).unwrap_or(bare.len());
    let (mantissa, exponent) = bare.split_at_checked(end)?;
    let exponent =
        exponent.get(1..).map_or(Some(0), |e| std::str::from_utf8(e).ok()?.parse::<i32>().ok())?;
    let point = mantissa.iter().position(|b| *b == b'.').unwrap_or(mantissa.len());
    let mut digits = Zeroizing::new(Vec::with_capacity(text.len().saturating_add(20)));
    digits.extend(mantissa.iter().filter(|b| b.is_ascii_digit()));
    // How many digits stand before the point once the exponent is gone.
    let shift = usize::try_from(exponent.checked_abs()?).ok().filter(|shift| *shift <= 40)?;
    let len = if exponent < 0 { point.checked_sub(shift)? } else { point.saturating_add(shift) };
    if digits.get(len..).is_some_and(|rest| rest.iter().any(|b| *b != b'0')) {
        return None;
    }
    digits.resize(len, b'0');
    Some(digits)
}

/// A number with a fraction or exponent, or an integer of any length.
pub(crate) fn number(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    digits.len() <= 40
        && digits.first().is_some_and(u8::is_ascii_digit)
        && digits.iter().all(|b| matches!(b, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'))
}

/// Digits, spaces and dashes only, with at least one digit.
pub(crate) fn numeric(text: &[u8]) -> bool {
    text.iter().all(|b| b.is_ascii_digit() || matches!(b, b' ' | b'-'))
        && text.iter().any(u8::is_ascii_digit)
}

/// At least ten digits in groups of two and more, one space or dash between: a number people write in groups.
pub(crate) fn grouped_digits(text: &[u8]) -> bool {
    // Most identifiers are told by their first letter to be none.
    text.len() >= 10
        && numeric(text)
        && text.iter().filter(|b| b.is_ascii_digit()).count() >= 10
        && text.split(|b| !b.is_ascii_digit()).all(|group| group.len() >= 2)
        && !date(text)
}

/// UUID in its canonical text form (RFC 9562 §4).
pub(crate) fn uuid(text: &[u8]) -> bool {
    const DASHES: [usize; 4] = [8, 13, 18, 23];
    const HEX: u64 = (1 << 36) - 1 - (1 << 8) - (1 << 13) - (1 << 18) - (1 << 23);
    text.len() == 36
        && DASHES.iter().all(|&at| text.get(at) == Some(&b'-'))
        && super::marks::hex(text) == HEX
}

/// Sixteen hex digits and more with at least one letter and one digit.
pub(crate) fn hex(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"0x").unwrap_or(text);
    (16..=512).contains(&text.len())
        && text.iter().all(u8::is_ascii_hexdigit)
        && text.iter().any(u8::is_ascii_digit)
        && text.iter().any(u8::is_ascii_alphabetic)
}

/// A date or time as ISO 8601 writes it: `2026-01-31`, `2026-01-31T10:00:00+09:00`, `2026/01/31`, `20260131T…`.
#[inline]
pub(crate) fn date(text: &[u8]) -> bool {
    // Most values are told by their first octet, or what stands behind the year, to be none.
    matches!(text.first(), Some(b'1' | b'2'))
        && matches!(text.get(4), Some(b'-' | b'/' | b'.'))
        && date_of_this_age(text)
}

fn date_of_this_age(text: &[u8]) -> bool {
    let digit = |i: usize| text.get(i).is_some_and(u8::is_ascii_digit);
    let year = text.starts_with(b"19") || text.starts_with(b"20");
    let sep = text.get(4).is_some_and(|b| matches!(b, b'-' | b'/' | b'.'));
    if !(year && sep && text.len() <= 40 && (2..4).all(digit) && digit(5)) {
        return false;
    }
    // Length of the day, up to the time; and of the number at hand.
    let (mut day, mut group) = (text.len(), 0_usize);
    for (at, b) in text.iter().enumerate().skip(4) {
        match b {
            b'0'..=b'9' if group < 9 => group = group.saturating_add(1),
            b'T' | b' ' => (day, group) = (day.min(at), 0),
            b'-' | b'/' | b'.' | b':' | b'+' | b'Z' | b',' => group = 0,
            _ => return false,
        }
    }
    (7..=10).contains(&day)
}

/// A date or time in digits alone, as told by a name that says it is one: `20260131`, `20260131100000`.
pub(crate) fn compact_date(text: &[u8]) -> bool {
    matches!(text.len(), 6 | 8 | 12 | 14 | 17)
        && (text.starts_with(b"19") || text.starts_with(b"20"))
        && text.iter().all(u8::is_ascii_digit)
}

/// Whether a value is an identifier by its form alone: UUID, ULID, hex, long numbers, encoded octets,
/// numbered codes such as `ORD-2026-0001`.
/// `dated` tells whether it is a [`date`].
pub(crate) fn identifier(text: &[u8], scan: Scan, dated: bool) -> bool {
    use scan::{BASE64, COLON, DASH, DIGIT, DOT, LOWER, UNDER, UPPER};
    if !scan.only(LOWER | UPPER | DIGIT | DASH | UNDER | BASE64 | DOT | COLON)
        || !scan.any(LOWER | UPPER | DIGIT)
        || text.len() > 4096
    {
        return false;
    }
    if scan.only(DIGIT) {
        return text.len() >= 5;
    }
    if dated {
        return false;
    }
    if scan.only(DIGIT | DASH) {
        return scan.digits >= 6;
    }
    let letters = scan.any(LOWER | UPPER);
    let tokenish = || {
        !scan.any(DOT | COLON)
            && text.len() >= 16
            && scan.has(LOWER | UPPER)
            && runs(text) * 3 > text.len()
    };
    // A path or a media type is no identifier.
    let plain =
        !scan.any(BASE64) || !text.contains(&b'/') || (text.len() >= 20 && scan.digits >= 2);
    letters
        && plain
        && (scan.digits >= 3
            || (text.len() <= 24 && scan.digits >= 1 && !scan.any(DOT | COLON))
            || tokenish())
}

/// A host name or address, without port, whose labels say nothing of a person: RFC 1123 §2.1.
pub(crate) fn host(text: &[u8]) -> bool {
    (1..=253).contains(&text.len())
        && text.split(|&b| b == b'.').all(|label| {
            (1..=63).contains(&label.len())
                && label.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        })
}

/// One of a few words under a name of an enumeration: `ACTIVE`, `RS256`, `1001`.
pub(crate) fn of_list(text: &[u8]) -> bool {
    lexicon::enum_word(text)
        || short_code(text)
        || lexicon::with_digits(text)
        || !text.is_ascii() && lexicon::korean_word(text)
}

/// Up to four digits under a name of an enumeration: `account_type: "1001"`.
pub(crate) fn short_code(text: &[u8]) -> bool {
    text.len() <= 4 && text.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_names() {
        for name in [
            "id",
            "order_id",
            "createdAt",
            "$ref",
            "@type",
            "user[id]",
            "x-api-tran-id",
            "soap.Body",
            "userIDToken",
            "address1",
            "sha256Hash",
            "oauth2_token",
            "HTTPServerName",
            "rsp_msg",
            "_embedded",
            "clsfctnCd",
            "accountStatusChangedTimestamp",
        ] {
            assert!(field_name(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn names_that_are_data() {
        for name in [
            "",
            "1",
            "4111111111111111",
            "a4111111111111111",
            "kim@example.com",
            "hello world",
            "a/b",
            "홍길동",
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            "deadbeef00112233",
            "x2024-01-02T10",
            "aGk3Zz9kQ2xPc1R1",
            "AKIAIOSFODNN7EXAMPLEAKIAIOSFODNN7EXAMPLEAKIA",
            "900101-1234568",
        ] {
            assert!(!field_name(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn codes() {
        for word in ["00000", "A0000", "404", "ERR-12", "NOT_FOUND"] {
            assert!(code_word(word.as_bytes()), "{word}");
        }
        for word in ["123456", "1234567890", "a b", "M482K719", "kim84", "quell"] {
            assert!(!code_word(word.as_bytes()), "{word}");
        }
    }

    #[test]
    fn versions_and_dates() {
        for word in ["v1", "2.0", "1.12.3", "2.0-rc1"] {
            assert!(version(word.as_bytes()), "{word}");
        }
        for word in ["", "v", "1234", "1.2.3.4.5", "a1", "2024-01-02x"] {
            assert!(!version(word.as_bytes()), "{word}");
        }
        for word in ["2026-01-31", "2026-01-31T10:00:00.123+09:00", "2026/1/31"] {
            assert!(date(word.as_bytes()), "{word}");
        }
        for word in ["2026", "20260131", "1234-56-78901", "2026-01-31 4111111111111111"] {
            assert!(!date(word.as_bytes()), "{word}");
        }
    }

    #[test]
    fn identifiers_by_form() {
        let is = |text: &str| {
            identifier(text.as_bytes(), Scan::of(text.as_bytes()), date(text.as_bytes()))
        };
        for text in [
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "12345",
            "ORD-2026-0001",
            "deadbeef00112233",
            "dGhpcyBpcyBhIHRlc3QgdG9rZW4K",
            "110-234-567890",
            "abc123",
        ] {
            assert!(is(text), "{text}");
        }
        for text in ["hello", "Blue chair", "2026-01-31", "application/json", "안녕", "1.5", ""] {
            assert!(!is(text), "{text}");
        }
    }

    #[test]
    fn integers_are_canonical() {
        assert_eq!(integer(b"-42"), Some(42));
        assert_eq!(integer(b"0"), Some(0));
        for text in ["", "-", "007", "1.5", "1e3", "99999999999999999999"] {
            assert_eq!(integer(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_whole_in_many_ways() {
        for text in [
            "-4111111111111111",
            "4111111111111111.0",
            "4.111111111111111e15",
            "4.111111111111111E+15",
            "41111111111111110e-1",
            "-411111111111111.1e1",
        ] {
            let digits = whole(text.as_bytes());
            assert_eq!(digits.unwrap().as_slice(), b"4111111111111111", "{text}");
        }
        for text in
            ["4111111111111111", "37.5665312345678", "1e999999999999", "1.5e", "1e-5", "-", ""]
        {
            assert!(whole(text.as_bytes()).is_none_or(|digits| digits.is_empty()), "{text}");
        }
    }

    #[test]
    fn long_numbers_and_generated_words_are_not_kept() {
        assert!(keepable(b"Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0.6099.109"));
        assert!(!keepable(b"app/1 4111111111111111"));
        assert!(!keepable(b"agent aGk3Zz9kQ2xPc1R1"));
        assert!(!keepable("에이전트".as_bytes()));
    }
}
