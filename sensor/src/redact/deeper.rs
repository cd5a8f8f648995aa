//! Encodings inside values: percent coding, escapes, character references, hexadecimal and base64, one in another.
//!
//! What a text says when they are undone is asked about like the text itself. What leaves is decided on the value as
//! it was written: a secret that hides in a token of an encoded text would still be one.

use zeroize::Zeroizing;

use super::body::percent::digit;
use super::detect::Verdict;
use super::look::{Look, Seen, octets};
use super::scan;

/// Encodings undone, one in another.
const LAYERS_MAX: usize = 3;
/// Fewest octets of a text in base64 or hexadecimal that could say something.
const CODED_MIN: usize = 12;

/// What `ask` finds under the encodings of a text in which it found nothing as it is.
#[inline]
pub(crate) fn beneath(
    text: &[u8],
    seen: &Seen,
    ask: impl Fn(&[u8], &Seen) -> Verdict,
) -> Option<Verdict> {
    // Most values are told at a glance to be none that was encoded.
    undone(text, coding(text, seen)?, ask)
}

/// Whether `text` looks at a glance as if it was encoded.
#[inline]
pub(crate) fn coded(text: &[u8], seen: &Seen) -> bool {
    coding(text, seen).is_some()
}

fn undone(text: &[u8], first: Coding, ask: impl Fn(&[u8], &Seen) -> Verdict) -> Option<Verdict> {
    let mut plain = plain(text, first)?;
    for layers in 1.. {
        let seen = Seen::of(&plain);
        let verdict = ask(&plain, &seen);
        if !verdict.clean() {
            return Some(inside(verdict));
        }
        if layers >= LAYERS_MAX {
            return None;
        }
        plain = self::plain(&plain, coding(&plain, &seen)?)?;
    }
    None
}

/// What is all of the plain text is inside the encoded one.
fn inside(verdict: Verdict) -> Verdict {
    let Verdict { whole, mut inside, own: _ } = verdict;
    if let (Some(found), Some(slot)) = (whole, inside.first_mut()) {
        *slot = Some(found);
    }
    Verdict { whole: None, inside, own: false }
}

/// How a text may be encoded.
#[derive(Clone, Copy)]
enum Coding {
    Escapes,
    Hex,
    Base64,
}

/// How `text` may be encoded, as its kinds of octet and the first few tell.
#[inline]
fn coding(text: &[u8], seen: &Seen) -> Option<Coding> {
    let scan = seen.scan;
    if scan.any(scan::PUNCT) {
        return marked(text, seen.look.as_ref()).then_some(Coding::Escapes);
    }
    let kinds = scan::LOWER | scan::UPPER | scan::DIGIT | scan::DASH | scan::UNDER | scan::BASE64;
    let digits = scan.only(scan::DIGIT | scan::DASH);
    if text.len() < CODED_MIN
        || !scan.only(kinds)
        || digits && (text.len() < 16 || scan.any(scan::DASH))
    {
        return None;
    }
    // Of most identifiers the first octets say already that they are no text.
    let start = text.first_chunk::<8>()?;
    if hex_start(start) {
        Some(Coding::Hex)
    } else if base64_start(start) {
        Some(Coding::Base64)
    } else {
        None
    }
}

/// `text` with one layer of encoding undone; `None` when there is none.
fn plain(text: &[u8], coding: Coding) -> Option<Zeroizing<Vec<u8>>> {
    let plain = match coding {
        Coding::Escapes => return unescaped(text),
        Coding::Hex => hex(text),
        Coding::Base64 => base64(text),
    };
    plain.filter(|plain| readable(plain))
}

/// Whether there may be a mark of an encoding.
#[inline]
fn marked(text: &[u8], look: Option<&Look>) -> bool {
    look.is_none_or(|look| octets(look.rest(), text).any(|b| matches!(b, b'%' | b'\\' | b'&')))
}

/// What an octet is worth in hexadecimal, and in base64 of either alphabet.
#[derive(Clone, Copy)]
struct Worth {
    hex: u8,
    base64: u8,
}

/// Worth nothing.
const NONE: u8 = 0xff;

static WORTH: [Worth; 256] = worth();

#[allow(clippy::indexing_slicing, reason = "evaluated at compile time")]
const fn worth() -> [Worth; 256] {
    let mut table = [Worth { hex: NONE, base64: NONE }; 256];
    let mut b = 0_u8;
    loop {
        let hex = if b.is_ascii_hexdigit() { digit(b) } else { NONE };
        let base64 = match sextet(b) {
            Some(worth) => worth,
            None => NONE,
        };
        table[b as usize] = Worth { hex, base64 };
        if b == 255 {
            return table;
        }
        b += 1;
    }
}

#[inline]
fn worth_of(b: u8) -> Worth {
    WORTH.get(usize::from(b)).copied().unwrap_or(Worth { hex: NONE, base64: NONE })
}

/// Whether four octets in hexadecimal are printable ASCII.
#[inline]
fn hex_start(text: &[u8; 8]) -> bool {
    let worth = |b: u8| worth_of(b).hex;
    // All at once: few texts are of such octets alone, and of those no octet is likelier to tell than another.
    text.iter().fold(0, |all, b| all | worth(*b)) != NONE
        && text
            .as_chunks::<2>()
            .0
            .iter()
            .fold(true, |all, [high, low]| all & printable((worth(*high) << 4) | worth(*low)))
}

/// Whether six octets in base64 are printable ASCII.
#[inline]
fn base64_start(text: &[u8; 8]) -> bool {
    text.as_chunks::<4>().0.iter().all(|four| {
        let [a, b, c, d] = four.map(|b| worth_of(b).base64);
        // All at once: no one of these is likelier to tell than another.
        ((a | b | c | d) != NONE)
            & printable((a << 2) | (b >> 4))
            & printable((b << 4) | (c >> 2))
            & printable((c << 6) | d)
    })
}

#[inline]
const fn printable(b: u8) -> bool {
    (b.wrapping_sub(0x20) < 0x5f) | (b == b'\t') | (b == b'\r') | (b == b'\n')
}

/// Whether all of it is text: ASCII without control characters, or UTF-8.
fn readable(text: &[u8]) -> bool {
    let control = |b: &u8| *b < 0x20 && !b.is_ascii_whitespace() || *b == 0x7f;
    !text.iter().any(control) && std::str::from_utf8(text).is_ok()
}

/// `text` with percent coding, `%uXXXX`, `\uXXXX`, `\xXX` and character references undone; `None` when it has none.
pub(crate) fn unescaped(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let first = memchr::memchr3(b'%', b'\\', b'&', text)?;
    let (start, mut rest) = text.split_at_checked(first)?;
    let mut out = Zeroizing::new(Vec::with_capacity(text.len()));
    out.extend_from_slice(start);
    let mut any = false;
    while let Some((&b, after)) = rest.split_first() {
        let mark = match rest {
            [b'%' | b'\\', b'u', a, b, c, d, tail @ ..] => {
                number(&[*a, *b, *c, *d], 16).map(|n| (n, tail))
            }
            [b'\\', b'x', a, b, tail @ ..] => number(&[*a, *b], 16).map(|n| (n, tail)),
            [b'%', a, b, tail @ ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
                out.push((digit(*a) << 4) | digit(*b));
                any = true;
                rest = tail;
                continue;
            }
            [b'&', tail @ ..] => reference(tail),
            _ => None,
        };
        rest = match mark {
            Some((n, tail)) => {
                any = true;
                // Halves of surrogate pairs say nothing that detectors know.
                let c = char::from_u32(n).unwrap_or(char::REPLACEMENT_CHARACTER);
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                tail
            }
            None => {
                out.push(b);
                after
            }
        };
    }
    any.then_some(out)
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    let plain = !digits.is_empty() && digits.iter().all(u8::is_ascii_alphanumeric);
    plain
        .then(|| std::str::from_utf8(digits).ok())?
        .and_then(|n| u32::from_str_radix(n, radix).ok())
}

/// A character reference behind its `&` (HTML standard §13.5): numbers, and the names of marks.
fn reference(text: &[u8]) -> Option<(u32, &[u8])> {
    let near = text.get(..10).unwrap_or(text);
    let (name, tail) = text.split_at_checked(memchr::memchr(b';', near)?)?;
    let code = match name {
        [b'#', b'x' | b'X', hex @ ..] => number(hex, 16)?,
        [b'#', decimal @ ..] => number(decimal, 10)?,
        b"amp" => 0x26,
        b"lt" => 0x3c,
        b"gt" => 0x3e,
        b"quot" => 0x22,
        b"apos" => 0x27,
        b"commat" => 0x40,
        b"nbsp" => 0x20,
        b"period" => 0x2e,
        b"dash" | b"hyphen" => 0x2d,
        _ => return None,
    };
    Some((code, tail.get(1..)?))
}

fn hex(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (pairs, []) = text.as_chunks::<2>() else { return None };
    let plain = pairs.iter().map(|[a, b]| {
        (a.is_ascii_hexdigit() && b.is_ascii_hexdigit()).then(|| (digit(*a) << 4) | digit(*b))
    });
    plain.collect::<Option<Vec<u8>>>().map(Zeroizing::new)
}

/// Value of a character of base64, in either alphabet.
const fn sextet(b: u8) -> Option<u8> {
    Some(match b {
        b'A'..=b'Z' => b - b'A',
        b'a'..=b'z' => b - b'a' + 26,
        b'0'..=b'9' => b - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

/// Base64 in either alphabet, with padding or without (RFC 4648 §4, §5).
fn base64(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let text = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    let mut out = Zeroizing::new(Vec::with_capacity(text.len()));
    let (mut bits, mut count) = (0_u32, 0_u32);
    for &b in text {
        bits = (bits << 6) | u32::from(sextet(b)?);
        count = count.wrapping_add(6);
        if count >= 8 {
            count = count.wrapping_sub(8);
            let [_, _, _, octet] = (bits >> count).to_be_bytes();
            out.push(octet);
        }
    }
    (count < 6).then_some(out)
}

#[cfg(test)]
mod tests {
    use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};

    use super::*;
    use crate::redact::class::Class;
    use crate::redact::detect;

    proptest::proptest! {
        #[test]
        fn starts_are_told_octet_by_octet(text in "[0-9a-fA-F]{8}|([2-7][0-9a-f]){4}|[0-9a-zA-Z+/_-]{8}|.{8}") {
            let Some(start) = text.as_bytes().first_chunk::<8>() else { return Ok(()) };
            let plain = |b: &u8| matches!(b, 0x20..=0x7e | b'\t' | b'\r' | b'\n');
            let hex = data_encoding::HEXLOWER_PERMISSIVE.decode(start);
            let told = hex.is_ok_and(|octets| octets.iter().all(plain));
            proptest::prop_assert_eq!(hex_start(start), told);
            let standard: Vec<u8> = start
                .iter()
                .map(|b| match b {
                    b'-' => b'+',
                    b'_' => b'/',
                    b => *b,
                })
                .collect();
            let base64 = BASE64.decode(&standard);
            let told = !start.contains(&b'=') && base64.is_ok_and(|octets| octets.iter().all(plain));
            proptest::prop_assert_eq!(base64_start(start), told);
        }
    }

    fn inspect(text: &[u8]) -> Verdict {
        let seen = Seen::of(text);
        let verdict = detect::inspect(text, &seen);
        if verdict.clean() {
            beneath(text, &seen, detect::inspect).unwrap_or(verdict)
        } else {
            verdict
        }
    }

    fn classes(text: &str) -> Vec<Class> {
        let text = text.as_bytes();
        let verdict = inspect(text);
        assert!(verdict.whole.is_none());
        verdict.inside.iter().flatten().map(|found| found.class).collect()
    }

    #[test]
    fn encodings_are_undone() {
        let card = "4111111111111111";
        for text in [
            "%34%31%31%31%31%31%31%31%31%31%31%31%31%31%31%31",
            "%2534111111111111111",
            "%252534111111111111111",
            "\\u0034111111111111111",
            "%u0034111111111111111",
            "\\x34111111111111111",
            "&#52;111111111111111",
            "&#x34;111111111111111",
            "&amp;#52;111111111111111",
            "no card &#52;111111111111111 here",
            &BASE64.encode(card.as_bytes()),
            &BASE64URL_NOPAD.encode(format!("card={card} for you").as_bytes()),
            &HEXLOWER.encode(card.as_bytes()),
            &BASE64.encode(HEXLOWER.encode(card.as_bytes()).as_bytes()),
            &BASE64.encode(b"%34111111111111111"),
        ] {
            assert_eq!(classes(text), [Class::Pan], "{text}");
        }
        assert_eq!(classes("mail to kim&commat;example&period;com"), [Class::Email]);
    }

    #[test]
    fn what_is_not_encoded_is_clean() {
        for text in [
            "",
            "%",
            "%zz & \\u12 &#; &#xffffffff; &unknown; 100% of it",
            "\\ud83d\\ude00",
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            "deadbeefcafe0123456789deadbeefcafe",
            "dGhpcyBpcyBhIHRlc3QgdG9rZW4K",
            "AKIAIOSFODNN7EXAMPL",
            "processing",
            "200 OK",
        ] {
            assert!(classes(text).iter().all(|class| *class == Class::Credential), "{text}");
        }
    }

    /// As it is told without tables.
    fn starts(text: &[u8; 8]) -> (bool, bool) {
        let hex = text.as_chunks::<2>().0.iter().all(|[a, b]| {
            a.is_ascii_hexdigit()
                && b.is_ascii_hexdigit()
                && printable((digit(*a) << 4) | digit(*b))
        });
        let bits =
            text.iter().try_fold(0_u64, |bits, b| Some((bits << 6) | u64::from(sextet(*b)?)));
        let base64 =
            bits.is_some_and(|bits| bits.to_be_bytes().iter().skip(2).all(|b| printable(*b)));
        (hex, base64)
    }

    proptest::proptest! {
        #[test]
        fn first_octets_tell_the_same_by_tables(
            text in "[2-7][0-9a-f][2-7][0-9a-fA-F][2-7][0-9a-f][2-7][0-9a-f]|[A-Za-z0-9+/_-]{8}",
            plain in "[ -~]{6}",
            at in 0..8_usize,
            octet in 0..=255_u8,
        ) {
            let mut text: [u8; 8] = text.into_bytes().try_into().unwrap();
            let coded: [u8; 8] = BASE64.encode(plain.as_bytes()).into_bytes().try_into().unwrap();
            for text in [&text, &coded] {
                proptest::prop_assert_eq!((hex_start(text), base64_start(text)), starts(text));
            }
            text[at] = octet;
            proptest::prop_assert_eq!((hex_start(&text), base64_start(&text)), starts(&text));
        }

        #[test]
        fn no_octets_upset_it(text in proptest::collection::vec(0..=255_u8, 0..120), marks in "[%\\\\&#ux0-9;a-f]{0,60}") {
            let _verdict = inspect(&text);
            let _verdict = inspect(marks.as_bytes());
        }
    }
}
