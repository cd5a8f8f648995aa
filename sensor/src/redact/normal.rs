//! Normal forms: one value written in several ways must have one token.

use std::net::{IpAddr, Ipv6Addr};

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use zeroize::Zeroizing;

use super::class::Class;
use super::{detect, words};

/// Appends the normal form of `value` to `out`.
///
/// - cards, resident and social security numbers: digits only
/// - phones: E.164; without a country code, that of `country`
/// - email addresses: lower case, the local part too (no large provider tells its case apart)
/// - IBAN: upper case, no spaces; MAC: lower case, no separators
/// - IP addresses: canonical (RFC 5952), IPv4-mapped as IPv4
/// - identifiers: UUID and hex in lower case; ten digits and more written in groups: digits only
/// - credentials: without the word `Bearer` in front
/// - everything else: NFC, outer whitespace removed
///
/// Before that, digits, spaces and dashes of other writings (full-width, no-break) become those of ASCII where nothing else
/// is beyond it.
pub(crate) fn push(class: Class, value: &[u8], country: &str, out: &mut Vec<u8>) {
    let folded = folded(class, value);
    let value = folded.as_deref().map_or(value, Vec::as_slice).trim_ascii();
    match class {
        Class::Pan | Class::KrRrn | Class::KrForeigner | Class::Ssn if words::numeric(value) => {
            out.extend(value.iter().filter(|b| b.is_ascii_digit()));
        }
        Class::Phone => phone(value, country, out),
        Class::Email if value.is_ascii() => lower(value, out),
        Class::Iban => {
            out.extend(
                value.iter().filter(|b| !b.is_ascii_whitespace()).map(u8::to_ascii_uppercase),
            );
        }
        Class::Credential | Class::Jwt => text(strip_bearer(value), out),
        Class::Mac => {
            let hex = value.iter().filter(|b| b.is_ascii_hexdigit());
            out.extend(hex.map(u8::to_ascii_lowercase));
        }
        Class::Ip => ip(value, out),
        Class::Id if words::uuid(value) || words::hex(value) => {
            lower(value, out);
        }
        Class::Id if words::grouped_digits(value) => {
            out.extend(value.iter().filter(|b| b.is_ascii_digit()));
        }
        _ => text(value, out),
    }
}

/// A value with digits in ASCII, if it is all in it then. What machines made is taken octet by octet.
fn folded(class: Class, value: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let made = matches!(
        class,
        Class::Path | Class::Credential | Class::Jwt | Class::Session | Class::Cookie
    );
    if made || value.is_ascii() {
        return None;
    }
    let folded = Zeroizing::new(detect::fold(value)?);
    (folded.is_ascii() && folded.iter().any(u8::is_ascii_digit)).then_some(folded)
}

fn lower(value: &[u8], out: &mut Vec<u8>) {
    let from = out.len();
    out.extend_from_slice(value);
    out.get_mut(from..).unwrap_or_default().make_ascii_lowercase();
}

/// E.164, as far as form tells: `010-1234-5678` and `+82 (0)10 1234 5678` are `+821012345678`.
fn phone(value: &[u8], country: &str, out: &mut Vec<u8>) {
    let value = value.strip_prefix(b"tel:").unwrap_or(value);
    let digits = || value.iter().copied().filter(u8::is_ascii_digit);
    let count = digits().count();
    if count < 4 {
        return text(value, out);
    }
    out.push(b'+');
    let international = value.first() == Some(&b'+');
    let prefixed = value.starts_with(b"00");
    let skip = if prefixed { 2 } else { 0 };
    if international || prefixed {
        let mut rest = digits().skip(skip).peekable();
        let mut own = true;
        for code in country.bytes() {
            own = own && rest.peek() == Some(&code);
            if own {
                out.extend(rest.next());
            }
        }
        // A trunk 0 behind our country code is a habit, not a digit of the number.
        if own && rest.peek() == Some(&b'0') {
            let _trunk = rest.next();
        }
        out.extend(rest);
    } else if value.iter().find(|b| b.is_ascii_digit()) == Some(&b'0') {
        out.extend_from_slice(country.as_bytes());
        out.extend(digits().skip(1));
    } else if count >= 11
        && !country.is_empty()
        && digits().zip(country.bytes()).all(|(a, b)| a == b)
    {
        out.extend(digits());
    } else {
        out.extend_from_slice(country.as_bytes());
        out.extend(digits());
    }
}

/// A bearer token without its scheme (RFC 6750 §2.1).
#[inline]
pub(crate) fn strip_bearer(value: &[u8]) -> &[u8] {
    // Nearly all values are told by their first octet to be none.
    if matches!(value.first(), Some(b'B' | b'b')) { bare(value) } else { value }
}

fn bare(value: &[u8]) -> &[u8] {
    match value.split_at_checked(7) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case(b"bearer ") => rest.trim_ascii(),
        _ => value,
    }
}

fn ip(value: &[u8], out: &mut Vec<u8>) {
    let parsed = std::str::from_utf8(value).ok().and_then(|v| {
        let bare = v.trim_start_matches('[').trim_end_matches(']');
        bare.parse::<IpAddr>().ok().map(|ip| (ip, bare))
    });
    match parsed {
        Some((IpAddr::V6(v6), _)) => {
            let text =
                v6.to_ipv4_mapped().map_or_else(|| Ipv6Addr::to_string(&v6), |v4| v4.to_string());
            out.extend_from_slice(text.as_bytes());
        }
        // Only the canonical form is read: four numbers without leading zeros.
        Some((IpAddr::V4(_), bare)) => out.extend_from_slice(bare.as_bytes()),
        None => text(value, out),
    }
}

fn text(value: &[u8], out: &mut Vec<u8>) {
    if value.is_ascii() {
        return out.extend_from_slice(value);
    }
    match std::str::from_utf8(value) {
        Ok(v) if is_nfc_quick(v.chars()) != IsNormalized::Yes => {
            let mut buffer = [0; 4];
            for c in v.nfc() {
                out.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
            }
        }
        _ => out.extend_from_slice(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(class: Class, value: &str) -> String {
        let mut out = Vec::new();
        push(class, value.as_bytes(), "82", &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn one_value_one_form() {
        let cases: &[(Class, &[&str], &str)] = &[
            (
                Class::Pan,
                &[
                    "4111 1111 1111 1111",
                    "4111-1111-1111-1111",
                    "４１１１１１１１１１１１１１１１",
                    "4111\u{a0}1111\u{a0}1111\u{a0}1111",
                    "4111\u{2011}1111\u{2011}1111\u{2011}1111",
                    "4111\u{200b}1111\u{200b}1111\u{200b}1111\u{feff}",
                    "٤١١١١١١١١١١١١١١١",
                ],
                "4111111111111111",
            ),
            (
                Class::Phone,
                &[
                    "010-1234-5678",
                    "01012345678",
                    "+82 10-1234-5678",
                    "+82 (0)10 1234 5678",
                    "0082 10 1234 5678",
                    "821012345678",
                    "０１０－１２３４－５６７８",
                    "010\u{2011}1234\u{2011}5678",
                ],
                "+821012345678",
            ),
            (Class::Phone, &["+1 (415) 555-0100", "tel:+1-415-555-0100"], "+14155550100"),
            (Class::Email, &["Kim@Example.COM", " kim@example.com"], "kim@example.com"),
            (Class::Iban, &["gb82 west 1234 5698 7654 32"], "GB82WEST12345698765432"),
            (Class::Ip, &["::ffff:10.0.0.1", "10.0.0.1"], "10.0.0.1"),
            (Class::Ip, &["[2001:DB8:0::1]"], "2001:db8::1"),
            (Class::Id, &["110-234-567890", "110234567890"], "110234567890"),
            (
                Class::Id,
                &["A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"],
                "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            ),
            (Class::Phone, &["call me"], "call me"),
            (Class::Credential, &["Bearer abc", "abc"], "abc"),
            (Class::Id, &["ORD-7"], "ORD-7"),
            (Class::Name, &["\u{1100}\u{1161}", "가 "], "가"),
            (Class::Name, &["Jane\u{a0}Doe"], "Jane\u{a0}Doe"),
            (Class::Credential, &["４１１１"], "４１１１"),
        ];
        for (class, values, expected) in cases {
            for value in *values {
                assert_eq!(normal(*class, value), *expected, "{value}");
            }
        }
    }
}
