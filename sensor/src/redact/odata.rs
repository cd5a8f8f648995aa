//! OData URLs: keys in path segments (`Products(1)`), literals in `$filter`.
//!
//! Source: OData 4.01 part 2 (URL conventions), sections 4.3.1 and 5.1.1.

use apitap_proto::v1::ValueType;

/// Literals taken from one expression.
const LITERALS_MAX: usize = 16;

/// A segment with a key: the name before it, and what stands between the parentheses.
pub(super) fn keyed(segment: &[u8]) -> Option<(&[u8], &[u8])> {
    let open = memchr::memchr(b'(', segment).filter(|at| *at > 0)?;
    let (name, key) = segment.split_at_checked(open)?;
    let key = key.strip_prefix(b"(")?.strip_suffix(b")")?;
    let plain = name.iter().all(|b| b.is_ascii_alphanumeric() || b"_.".contains(b));
    plain.then_some((name, key))
}

/// Parts of a key: the property, where it is named, and the literal without its quotes.
pub(super) fn parts(key: &[u8]) -> impl Iterator<Item = (Option<&[u8]>, &[u8])> {
    let mut rest = Some(key).filter(|key| !key.is_empty());
    std::iter::from_fn(move || {
        let text = rest?;
        let end = unquoted(text, b',').unwrap_or(text.len());
        let (part, behind) = text.split_at_checked(end)?;
        rest = behind.strip_prefix(b",");
        let named = unquoted(part, b'=').and_then(|at| part.split_at_checked(at));
        Some(match named {
            Some((name, literal)) => {
                (Some(name), bare(literal.strip_prefix(b"=").unwrap_or_default()))
            }
            None => (None, bare(part)),
        })
    })
}

/// Where an octet stands outside of quotes.
fn unquoted(text: &[u8], octet: u8) -> Option<usize> {
    let mut quoted = false;
    text.iter().position(|b| {
        quoted ^= *b == b'\'';
        !quoted && *b == octet
    })
}

/// A literal without quotes.
fn bare(literal: &[u8]) -> &[u8] {
    let literal = literal.trim_ascii();
    literal.strip_prefix(b"'").and_then(|text| text.strip_suffix(b"'")).unwrap_or(literal)
}

/// Hands on the literals of a `$filter`, each with the property it is compared with; empty when there is none.
pub(super) fn literals<'a>(text: &'a [u8], mut each: impl FnMut(&'a [u8], ValueType, &'a [u8])) {
    let (mut rest, mut property, mut count) = (text, b"".as_slice(), 0);
    while let Some(&octet) = rest.first() {
        if count >= LITERALS_MAX {
            return;
        }
        let word = |b: &u8| b.is_ascii_alphanumeric() || b"_-.:/@+$".contains(b) || *b >= 0x80;
        let len = match octet {
            b'\'' => quoted(rest),
            _ => rest.iter().take_while(|b| word(b)).count().max(1),
        };
        let (token, behind) = rest.split_at_checked(len).unwrap_or((rest, b""));
        rest = behind;
        let operator = matches!(
            token.to_ascii_lowercase().as_slice(),
            b"eq"
                | b"ne"
                | b"gt"
                | b"ge"
                | b"lt"
                | b"le"
                | b"and"
                | b"or"
                | b"not"
                | b"in"
                | b"has"
                | b"add"
                | b"sub"
                | b"mul"
                | b"div"
                | b"mod"
                | b"null"
                | b"true"
                | b"false"
        );
        let number = octet.is_ascii_digit() || b"+-".contains(&octet) && token.len() > 1;
        if octet == b'\'' {
            each(property, ValueType::String, bare(token));
            count += 1;
        } else if number {
            each(property, ValueType::Unspecified, token);
            count += 1;
        } else if word(&octet) && !operator && !matches!(behind.first(), Some(b'(' | b'\'')) {
            property = token;
        }
    }
}

/// Length of a string in quotes, in which two quotes are one.
fn quoted(text: &[u8]) -> usize {
    let mut at = 1_usize;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let Some(end) = memchr::memchr(b'\'', rest) else { return text.len() };
        at = at.saturating_add(end).saturating_add(1);
        if text.get(at) != Some(&b'\'') {
            return at;
        }
        at = at.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes).into_owned()
    }

    #[test]
    fn keys_are_taken_apart() {
        let (name, key) = keyed(b"Products('it''s, (1)')").unwrap();
        assert_eq!((text(name), text(key)), ("Products".into(), "'it''s, (1)'".into()));
        let parts: Vec<_> =
            parts(b"OrderID=1,Code='a,b'").map(|(name, key)| (name.map(text), text(key))).collect();
        assert_eq!(
            parts,
            [(Some("OrderID".into()), "1".into()), (Some("Code".into()), "a,b".into())]
        );
        assert_eq!(super::parts(b"").count(), 0);
        for none in ["(1)", "a(1", "a b(1)", "a", ")("] {
            assert!(keyed(none.as_bytes()).is_none(), "{none}");
        }
    }

    #[test]
    fn filters_have_literals() {
        let mut seen = Vec::new();
        let filter = "contains(Name,'O''Neil') and (Price gt 20.5 or Address/City eq 'Seoul') and Id eq guid'7' and Open eq true";
        literals(filter.as_bytes(), |name, _, value| {
            seen.push(format!("{}={}", text(name), text(value)))
        });
        assert_eq!(seen, ["Name=O''Neil", "Price=20.5", "Address/City=Seoul", "Id=7"]);
    }

    proptest! {
        #[test]
        fn no_text_upsets_it(text in "[a-z'(),= 0-9]{0,60}") {
            let text = text.as_bytes();
            let mut length = 0;
            literals(text, |_, _, value| length += value.len());
            prop_assert!(length <= text.len());
            if let Some((_, key)) = keyed(text) {
                let _count = parts(key).count();
            }
        }
    }
}
