//! Credentials inside longer text, behind the scheme that uses them: `curl -H "Authorization: Bearer …"`.
//!
//! Source: RFC 9110 §11.4, RFC 6750 §2.1, RFC 7616 §3.4; what clouds sign requests with.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

use super::{Class, Confidence, Detector, Hit, Look};
use crate::redact::look::places;

pub(super) const ENTRY: Detector = Detector {
    class: Class::Credential,
    kinds: super::scan::SPACE,
    any: 0,
    digits_min: 0,
    run_min: 0,
    // Hawk and a parameter: none of the schemes is shorter.
    octets_min: 8,
    seen,
    find,
};

/// Octets within which the first parameter behind a scheme has its sign: schemes one behind the other must not each look
/// through all that follows.
const SIGN_WITHIN: usize = 256;

/// What follows a scheme.
#[derive(Clone, Copy)]
enum Follows {
    /// One token (RFC 9110 §11.2, token68) of at least so many characters, digits among them.
    Token(usize),
    /// This parameter.
    Parameter(&'static [u8]),
}

use Follows::{Parameter, Token};

/// Schemes without their first letter, which may be of either case.
const SCHEMES: &[(&[u8], Follows)] = &[
    (b"earer", Token(12)),
    (b"asic", Token(8)),
    (b"oken", Token(20)),
    (b"PoP", Token(20)),
    (b"igest", Parameter(b"username=")),
    (b"awk", Parameter(b"id=")),
    (b"WS4-HMAC-SHA256", Parameter(b"Credential=")),
    (b"MAC-SHA256", Parameter(b"")),
    (b"haredAccessSignature", Parameter(b"s")),
    (b"haredKey", Token(20)),
    (b"egotiate", Token(20)),
    (b"TLM", Token(20)),
    (b"enieKey", Token(20)),
    (b"AuthToken", Token(20)),
];

fn find(text: &[u8]) -> Option<Hit> {
    memchr::memchr_iter(b' ', text).find_map(|at| around(text, at))
}

/// A parameter may be short, but not without its sign; a token has eight characters and more.
fn seen(look: &Look, text: &[u8]) -> Option<Hit> {
    if !look.behind_space(8) && !look.signs() {
        return None;
    }
    places(look.spaces()).find_map(|at| around(text, at))
}

/// Credentials behind the space at `at`.
fn around(text: &[u8], at: usize) -> Option<Hit> {
    let before = text.get(..at)?;
    let after = text.get(at.checked_add(1)?..)?;
    // Prose has spaces, too: nearly all of its words end otherwise.
    // As all of the schemes end, ASCII case ignored.
    let ends = matches!(
        &before.last_chunk::<3>()?.map(|b| b | 0x20),
        b"rer"
            | b"sic"
            | b"ken"
            | b"pop"
            | b"est"
            | b"awk"
            | b"256"
            | b"ure"
            | b"key"
            | b"ate"
            | b"tlm"
    );
    if !ends {
        return None;
    }
    let (scheme, follows) = SCHEMES.iter().find(|(scheme, _)| {
        let tail = before.len().checked_sub(scheme.len()).and_then(|from| before.get(from..));
        tail.is_some_and(|tail| tail.eq_ignore_ascii_case(scheme))
    })?;
    let start = before.len().checked_sub(scheme.len())?.checked_sub(1)?;
    // First, so that a line is only gone over once, for a hit.
    if start.checked_sub(1).and_then(|i| text.get(i)).is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    let len = length(after, *follows)?;
    let end = at.checked_add(1)?.checked_add(len)?;
    Some(Hit { start, end, confidence: Confidence::High })
}

/// Length of the credentials at the beginning of `text`.
fn length(text: &[u8], follows: Follows) -> Option<usize> {
    let in_token = |b: &&u8| b.is_ascii_alphanumeric() || b"-._~+/=".contains(b);
    match follows {
        Token(min) => {
            let token = text.get(..text.iter().take_while(in_token).count())?;
            let letters = token.iter().filter(|b| b.is_ascii_alphabetic()).count();
            let marked =
                token.iter().any(|b| b.is_ascii_digit() || matches!(b, b'=' | b'+' | b'/'))
                    || (token.iter().skip(1).any(u8::is_ascii_uppercase)
                        && token.iter().any(u8::is_ascii_lowercase));
            (token.len() >= min && letters > 0 && marked).then_some(token.len())
        }
        Parameter(name) => {
            let near = text.get(..SIGN_WITHIN).unwrap_or(text);
            let sign = memchr::memchr3(b'=', b'\r', b'\n', near)?;
            let named = text.starts_with(name) && near.get(sign) == Some(&b'=');
            named.then(|| memchr::memchr2(b'\r', b'\n', text).unwrap_or(text.len()))
        }
    }
}

/// Whether a text is the scheme Basic with credentials: one word of base64 that holds a colon (RFC 7617 §2).
#[inline]
pub(crate) fn basic(text: &[u8]) -> bool {
    // Nearly all values are told by their first octet to be none.
    matches!(text.first(), Some(b'B' | b'b')) && basic_credentials(text)
}

fn basic_credentials(text: &[u8]) -> bool {
    let Some((scheme, rest)) = text.split_at_checked(6) else { return false };
    let rest = rest.trim_ascii();
    if !scheme.eq_ignore_ascii_case(b"basic ") || rest.len() < 3 {
        return false;
    }
    let octet = |b: &u8| b.is_ascii_alphanumeric() || b"-_+/=".contains(b);
    if !rest.iter().all(octet) {
        return false;
    }
    match STANDARD.decode(rest).or_else(|_| STANDARD_NO_PAD.decode(rest)) {
        Ok(decoded) => decoded.contains(&b':'),
        // Cut short, or of another alphabet: a word of prose has neither digits nor capitals inside.
        Err(_) => rest.iter().skip(1).any(|b| !b.is_ascii_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials() {
        for text in [
            "Authorization: Bearer mF_9.B5f-4.1JqM",
            "curl -H 'Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=='",
            "Digest username=\"Mufasa\", response=\"8ca523\"",
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1, Signature=5d67",
            "SharedAccessSignature sr=https%3a%2f%2fx&sig=abc",
            "Token 9944b09199c62bcf9418ad846dd0e4bbdfc6ee4b",
        ] {
            assert!(find(text.as_bytes()).is_some(), "{text}");
        }
        for text in [
            "the bearer of this letter",
            "basic understanding",
            "a Bearer token is needed",
            "unbearer mF_9.B5f-4.1JqM",
            "token expired yesterday evening",
        ] {
            assert_eq!(find(text.as_bytes()), None, "{text}");
            assert!(!basic(text.as_bytes()), "{text}");
        }
        assert!(basic(b"Basic a2ltOmh1bnRlcjI=") && basic(b"BASIC a2ltOmh1bnRlcjI"));
        assert!(!basic(b"basic plan") && !basic(b"Basic "));
    }

    // Each looking through all that follows, this takes minutes.
    #[test]
    fn schemes_one_behind_the_other_are_gone_over_once() {
        for scheme in ["hawk ", "Digest ", "HMAC-SHA256 ", "xDigest username= "] {
            assert_eq!(find(scheme.repeat(100_000).as_bytes()), None, "{scheme}");
        }
    }
}
