//! Email addresses (RFC 5321 §4.1.2, the forms in use).

use super::{Class, Confidence, Detector, Hit, Look};
use crate::redact::look::{ahead, below, bit, places};

pub(super) const ENTRY: Detector = Detector {
    class: Class::Email,
    kinds: super::scan::AT | super::scan::DOT,
    any: 0,
    digits_min: 0,
    run_min: 0,
    octets_min: 6,
    seen,
    find,
};

/// As [`find`], by where the parts of an address end.
fn seen(look: &Look, text: &[u8]) -> Option<Hit> {
    let count = |ones: u32| usize::try_from(ones).unwrap_or(0);
    // Of what has no place of its own in a look, some ends a local part, too.
    let ends = |at: &usize| PARTS.get(usize::from(text.get(*at).copied().unwrap_or(0)));
    let rest = places(look.rest()).filter(|at| ends(at).is_some_and(|parts| parts & LOCAL == 0));
    let rest = rest.fold(0_u64, |all, at| all | bit(at));
    let stops = look.spaces() | look.colons() | look.ats() | rest;
    places(look.ats()).find_map(|at| {
        let start = 64_usize.checked_sub(count((stops & below(at)).leading_zeros()))?;
        let from = at.checked_add(1)?;
        let behind = |there: u64| ahead(there, u32::try_from(from).unwrap_or(64));
        let domain = behind(look.words() | look.dots() | look.dashes());
        let domain = below(count((!domain).trailing_zeros()));
        let len = 64_usize.checked_sub(count((behind(look.words()) & domain).leading_zeros()))?;
        let dots = behind(look.dots()) & below(len);
        let top = 64_usize.checked_sub(count(dots.leading_zeros()))?;
        let dotted = dots != 0 && dots & 1 == 0;
        let letters = below(len) & !below(top) & !behind(look.letters()) == 0;
        let valid = start < at && dotted && len >= top.checked_add(2)? && letters;
        let end = from.checked_add(len)?;
        let valid = valid && !content_id(text, start);
        valid.then_some(Hit { start, end, confidence: Confidence::High })
    })
}

/// Whether an address begins here that is none, but the id of a part: `cid:1@example.com` (RFC 2392).
fn content_id(text: &[u8], start: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    let Some((rest, scheme)) =
        before.len().checked_sub(4).and_then(|at| before.split_at_checked(at))
    else {
        return false;
    };
    scheme.eq_ignore_ascii_case(b"cid:") && !rest.last().is_some_and(u8::is_ascii_alphanumeric)
}

fn find(text: &[u8]) -> Option<Hit> {
    memchr::memchr_iter(b'@', text).find_map(|at| {
        let (local, rest) = text.split_at_checked(at)?;
        let domain = rest.get(1..)?;
        let of =
            |b: &u8, part: u8| PARTS.get(usize::from(*b)).is_some_and(|parts| parts & part != 0);
        let local_len = local.iter().rev().take(64).take_while(|b| of(b, LOCAL)).count();
        let domain_len = domain.iter().take(253).take_while(|b| of(b, DOMAIN)).count();
        let domain = domain.get(..domain_len)?;
        let trimmed = domain
            .len()
            .checked_sub(domain.iter().rev().take_while(|b| !b.is_ascii_alphanumeric()).count())?;
        let domain = domain.get(..trimmed)?;
        let top = domain.rsplit(|&b| b == b'.').next()?;
        let dotted = domain.contains(&b'.') && !domain.starts_with(b".");
        let valid =
            local_len > 0 && dotted && top.len() >= 2 && top.iter().all(u8::is_ascii_alphabetic);
        let start = at.checked_sub(local_len)?;
        let valid = valid && !content_id(text, start);
        let end = at.checked_add(1)?.checked_add(domain.len())?;
        valid.then_some(Hit { start, end, confidence: Confidence::High })
    })
}

/// May stand in a local part.
const LOCAL: u8 = 1;
/// May stand in a domain.
const DOMAIN: u8 = 2;

/// By octet: in which parts of an address it may stand.
static PARTS: [u8; 256] = parts();

#[allow(clippy::indexing_slicing, reason = "evaluated at compile time")]
const fn parts() -> [u8; 256] {
    let mut table = [0; 256];
    let mut b = 0_u8;
    loop {
        let local = !matches!(b, 0..=b' ' | 0x7f) && !special(b);
        let domain = b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-');
        table[b as usize] = (if local { LOCAL } else { 0 }) | (if domain { DOMAIN } else { 0 });
        if b == 255 {
            return table;
        }
        b += 1;
    }
}

/// Marks that end an unquoted local part (RFC 5322 §3.2.3, `specials` but the dot).
const fn special(b: u8) -> bool {
    let brackets = matches!(b, b'(' | b')' | b'<' | b'>' | b'[' | b']');
    brackets || matches!(b, b'"' | b',' | b':' | b';' | b'@' | b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for text in [
            "kim@example.com",
            "a.b+c@mail.example.co.kr",
            "mail to kim@example.com.",
            "<kim@example.com>",
            "김@example.com",
            "acid:kim@example.com",
            "cid:1@example.com kim@example.com",
        ] {
            assert!(find(text.as_bytes()).is_some(), "{text}");
        }
        for text in [
            "@type",
            "kim@",
            "kim@localhost",
            "a @ b.com",
            "kim@1.2",
            "cid:1@example.com",
            "a CID:x.y@cxf.apache.org z",
        ] {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
        assert_eq!(find(b"kim@example.com").map(|h| (h.start, h.end)), Some((0, 15)));
    }
}
