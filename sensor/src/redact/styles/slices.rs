//! JSON taken apart one level at a time: members and items as slices of the text, nothing decoded. Bounded, no
//! recursion; whatever is no JSON ends the list.

use apitap_proto::v1::ValueType;
use zeroize::Zeroizing;

use crate::redact::body::{Visit, json};

/// What follows white space.
pub(super) fn trimmed(text: &[u8]) -> &[u8] {
    text.trim_ascii()
}

/// Members of an object: name as written between its quotes, and value. Nothing when `text` is none.
pub(super) fn members(text: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = trimmed(text).strip_prefix(b"{").unwrap_or_default();
    std::iter::from_fn(move || {
        rest = rest.trim_ascii_start().strip_prefix(b"\"")?;
        let end = quote(rest)?;
        let (name, after) = rest.split_at_checked(end)?;
        let after = after.get(1..)?.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
        let (value, after) = after.split_at_checked(length(after)?)?;
        let after = after.trim_ascii_start();
        rest = after.strip_prefix(b",").unwrap_or_default();
        Some((name, value))
    })
}

/// Items of an array. Nothing when `text` is none.
pub(super) fn items(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = trimmed(text).strip_prefix(b"[").unwrap_or_default();
    std::iter::from_fn(move || {
        rest = rest.trim_ascii_start();
        let (value, after) = rest.split_at_checked(length(rest)?)?;
        let after = after.trim_ascii_start();
        rest = after.strip_prefix(b",").unwrap_or_default();
        Some(value)
    })
}

/// The member called `name`.
pub(crate) fn member<'a>(text: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    members(text).find(|(found, _)| *found == name).map(|(_, value)| value)
}

/// The text of a string, decoded; `None` when `text` is none. Zeroed when dropped: it is a value.
pub(crate) fn string(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut one = One(None);
    let end = json::read(text, false, &mut one);
    one.0.filter(|_| end.malformed.is_none())
}

/// Keeps the first string at the top.
struct One(Option<Zeroizing<Vec<u8>>>);

impl Visit for One {
    fn enter(&mut self, _key: &[u8]) {}
    fn item(&mut self) {}
    fn leave(&mut self) {}
    fn cut(&mut self, _kind: ValueType) {}
    fn leaf(&mut self, kind: ValueType, text: &[u8]) {
        if kind == ValueType::String && self.0.is_none() {
            self.0 = Some(Zeroizing::new(text.to_vec()));
        }
    }
}

/// Where the quote is that ends a string.
fn quote(text: &[u8]) -> Option<usize> {
    let mut at = 0_usize;
    loop {
        let rest = text.get(at..)?;
        let found = memchr::memchr2(b'"', b'\\', rest)?;
        at = at.saturating_add(found);
        if text.get(at) == Some(&b'"') {
            return Some(at);
        }
        at = at.saturating_add(2);
    }
}

/// Length of the value that `text` begins with.
fn length(text: &[u8]) -> Option<usize> {
    let mut at = 0_usize;
    let mut depth = 0_usize;
    loop {
        match text.get(at)? {
            b'"' => {
                let inside = text.get(at.saturating_add(1)..)?;
                at = at.saturating_add(quote(inside)?).saturating_add(2);
            }
            b'{' | b'[' => {
                depth = depth.saturating_add(1);
                at = at.saturating_add(1);
                continue;
            }
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                at = at.saturating_add(1);
            }
            _ if depth > 0 => {
                let rest = text.get(at..)?;
                let next =
                    rest.iter().position(|b| matches!(b, b'"' | b'{' | b'}' | b'[' | b']'))?;
                at = at.saturating_add(next);
                continue;
            }
            _ => {
                let scalar = |b: &u8| b.is_ascii_alphanumeric() || b"+-.".contains(b);
                let len = text.iter().take_while(|b| scalar(b)).count();
                return (len > 0).then_some(len);
            }
        }
        if depth == 0 {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_level_is_taken_apart() {
        let text = br#" {"a" : {"x":["}"]}, "b\"":[1, 2,{}] ,"c":"\u0041\n", "d":null} "#;
        let found: Vec<_> = members(text).collect();
        assert_eq!(found.len(), 4);
        assert!(found[0] == (b"a", br#"{"x":["}"]}"#));
        assert!(found[1] == (br#"b\""#, b"[1, 2,{}]"));
        assert!(items(found[1].1).eq([&b"1"[..], b"2", b"{}"]));
        assert!(string(found[2].1).is_some_and(|text| *text == b"A\n"));
        assert!(string(found[3].1).is_none());
        assert!(member(text, b"d") == Some(b"null"));
    }

    proptest! {
        #[test]
        fn slices_are_what_serde_reads(items_in in proptest::collection::vec("\\PC{0,12}", 0..6)) {
            let object: serde_json::Map<_, _> = items_in
                .iter()
                .enumerate()
                .map(|(at, text)| (format!("k{at}"), serde_json::json!([text, {"n": at}])))
                .collect();
            let text = serde_json::to_vec(&object).unwrap();
            prop_assert_eq!(members(&text).count(), object.len());
            for (name, value) in members(&text) {
                let value: serde_json::Value = serde_json::from_slice(value).unwrap();
                prop_assert_eq!(&value, &object[std::str::from_utf8(name).unwrap()]);
            }
        }

        #[test]
        fn no_text_upsets_it(text in "[\\[\\]{}\",:a1\\\\ ]{0,60}") {
            let text = text.as_bytes();
            let _count = members(text).count() + items(text).count();
        }
    }
}
