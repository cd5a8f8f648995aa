//! JSON Web Tokens (RFC 7519): three dotted base64url parts, the first a JSON object.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::{Class, Confidence, Detector, Hit, Look};
use crate::redact::look::ahead;

pub(super) const ENTRY: Detector = Detector {
    class: Class::Jwt,
    kinds: super::scan::DOT | super::scan::LOWER | super::scan::UPPER,
    any: 0,
    digits_min: 0,
    run_min: 0,
    octets_min: 20,
    seen,
    find,
};

static START: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"eyJ"));

/// Three letters of these kinds in a row, and two dots.
fn seen(look: &Look, text: &[u8]) -> Option<Hit> {
    let (lower, hex) = (look.lower(), look.hex());
    let begin = lower & hex & ahead(lower & !hex, 1) & ahead(look.upper() & !hex, 2);
    if begin == 0 || look.dots().count_ones() < 2 { None } else { find(text) }
}

fn find(text: &[u8]) -> Option<Hit> {
    // "eyJ" is base64url of an opening brace and quote.
    let mut from = 0_usize;
    loop {
        let start = from.checked_add(START.find(text.get(from..)?)?)?;
        if let Some(hit) = token(text, start) {
            return Some(hit);
        }
        // Nothing that begins inside this part can be one: go on behind it, or hostile text takes forever.
        from = text
            .iter()
            .skip(start)
            .position(|b| !part(b))
            .and_then(|len| start.checked_add(len))?;
    }
}

/// How many octets of base64url a text begins with.
fn run(text: &[u8]) -> usize {
    // Nearly always up to a dot: what stands before it is told many octets at a time to be of one kind.
    let near = memchr::memchr(b'.', text).unwrap_or(text.len());
    let before = text.get(..near).unwrap_or_default();
    let (many, rest) = before.as_chunks::<32>();
    let all = many.iter().all(|some| some.iter().fold(true, |all, b| all & plain(*b)));
    if all && rest.iter().all(part) { near } else { before.iter().take_while(|b| part(b)).count() }
}

/// How many octets of base64url and dots a text begins with.
fn dotted(text: &[u8]) -> usize {
    let mut len = 0_usize;
    loop {
        let rest = text.get(len..).unwrap_or_default();
        let part = run(rest);
        len = len.saturating_add(part);
        if rest.get(part) != Some(&b'.') {
            return len;
        }
        len = len.saturating_add(1);
    }
}

/// As [`part`], by comparisons alone.
const fn plain(b: u8) -> bool {
    (b | 0x20).wrapping_sub(b'a') < 26 || b.wrapping_sub(b'0') < 10 || matches!(b, b'-' | b'_')
}

fn part(b: &u8) -> bool {
    PART.get(usize::from(*b)).copied().unwrap_or(false)
}

/// What base64url is made of.
static PART: [bool; 256] = part_table();

#[allow(clippy::indexing_slicing, reason = "evaluated at compile time")]
const fn part_table() -> [bool; 256] {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut table = [false; 256];
    let mut at = 0;
    while at < alphabet.len() {
        table[alphabet[at] as usize] = true;
        at += 1;
    }
    table
}

fn token(text: &[u8], start: usize) -> Option<Hit> {
    let rest = text.get(start..)?;
    let head = run(rest);
    if head < 10 {
        return None;
    }
    let payload = rest.get(head..)?.strip_prefix(b".")?;
    let payload_len = run(payload);
    let signature = payload.get(payload_len..)?.strip_prefix(b".")?;
    // Encrypted tokens (RFC 7516) have five parts.
    let signature_len = dotted(signature);
    let len = head.checked_add(payload_len)?.checked_add(signature_len)?.checked_add(2)?;
    let end = start.checked_add(len)?;
    Some(Hit { start, end, confidence: Confidence::High })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens() {
        for text in [
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2ln",
            "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiI0MiJ9.",
        ] {
            assert!(find(text.as_bytes()).is_some(), "{text}");
        }
        for text in ["eyJhbGciOiJIUzI1NiJ9", "eyJ.eyJ.x", "hello.world.x"] {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
        // Linear on text made to be slow.
        assert_eq!(find("eyJ".repeat(100_000).as_bytes()), None);
        assert_eq!(find("eyJ.".repeat(100_000).as_bytes()), None);
        assert!(find(b"eyJx eyJhbGciOiJub25lIn0.eyJzdWIiOiI0MiJ9.").is_some());
    }
}
