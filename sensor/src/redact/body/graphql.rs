//! GraphQL documents (October 2021 edition, §2): the literals of arguments, variables and input objects.
//!
//! Only what is written as a value leaves the document, under the name it has; fields asked for are no data.

use apitap_proto::v1::ValueType;

use super::{End, Visit};
use crate::redact::deeper;

/// Reads the literals of a document: strings, numbers and booleans, each under the name before it.
pub(crate) fn read(text: &[u8], cut: bool, visit: &mut impl Visit) -> End {
    let mut name: &[u8] = b"";
    let mut rest = text;
    while let Some((&b, after)) = rest.split_first() {
        rest = match b {
            b'#' => {
                let end = memchr::memchr(b'\n', after).unwrap_or(after.len());
                visit.aside(after.get(..end).unwrap_or_default());
                after.get(end..).unwrap_or_default()
            }
            b'"' => string(name, rest, cut, visit),
            b'-' | b'0'..=b'9' => number(name, rest, visit),
            b'$' => {
                name = word(after);
                after.get(name.len()..).unwrap_or_default()
            }
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => {
                let found = word(rest);
                let tail = rest.get(found.len()..).unwrap_or_default();
                if tail.trim_ascii_start().starts_with(b":") {
                    name = found;
                } else if !name.is_empty() && matches!(found, b"true" | b"false") {
                    literal(name, ValueType::Boolean, found, visit);
                }
                tail
            }
            b')' | b'}' => {
                name = b"";
                after
            }
            _ => after,
        };
    }
    End { malformed: None, cut, roots: 1 }
}

/// Letters, digits and `_` from the start on.
fn word(text: &[u8]) -> &[u8] {
    let len = text.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
    text.get(..len).unwrap_or_default()
}

fn literal(name: &[u8], kind: ValueType, text: &[u8], visit: &mut impl Visit) {
    visit.enter(name);
    visit.leaf(kind, text);
    visit.leave();
}

/// A number; what it touches is a part of it, as it is no number then.
fn number<'a>(name: &[u8], text: &'a [u8], visit: &mut impl Visit) -> &'a [u8] {
    let len = text.iter().take_while(|b| b.is_ascii_alphanumeric() || b"+-._".contains(b)).count();
    let (number, rest) = text.split_at_checked(len.max(1)).unwrap_or((text, b""));
    let whole = number.iter().skip(1).all(u8::is_ascii_digit);
    let plain = number.iter().all(|b| b.is_ascii_digit() || b"+-.eE".contains(b));
    let kind = match (whole, plain) {
        (true, _) => ValueType::Integer,
        (_, true) => ValueType::Number,
        _ => ValueType::String,
    };
    literal(name, kind, number, visit);
    rest
}

/// A string or a block string, from its quotation mark on; what is behind it.
fn string<'a>(name: &[u8], text: &'a [u8], cut: bool, visit: &mut impl Visit) -> &'a [u8] {
    let block = text.starts_with(b"\"\"\"");
    let mark: &[u8] = if block { b"\"\"\"" } else { b"\"" };
    let start = text.get(mark.len()..).unwrap_or_default();
    let mut at = 0_usize;
    loop {
        let rest = start.get(at..).unwrap_or_default();
        let Some(next) = memchr::memchr2(b'"', b'\\', rest) else {
            visit.enter(name);
            visit.aside(start);
            if cut {
                visit.cut(ValueType::String);
            }
            visit.leave();
            return b"";
        };
        let here = rest.get(next..).unwrap_or_default();
        if here.starts_with(mark) {
            let end = at.saturating_add(next);
            let raw = start.get(..end).unwrap_or_default();
            let plain = if block { None } else { deeper::unescaped(raw) };
            literal(name, ValueType::String, plain.as_ref().map_or(raw, |plain| plain), visit);
            return start.get(end.saturating_add(mark.len())..).unwrap_or_default();
        }
        // An escape, or a quotation mark inside a block.
        let skip = if here.starts_with(b"\\") { 2 } else { 1 };
        at = at.saturating_add(next).saturating_add(skip);
    }
}

#[cfg(test)]
mod tests {
    use super::super::log::told;
    use super::*;

    #[test]
    fn literals_have_the_names_of_their_arguments() {
        let document = r#"# for kim
            query Get($a: String = "x y", $n: Int) {
              me: user(id: "42", ids: [1, -2.5e3], where: {email: "k\u0069m@a.b", ok: true}, state: ACTIVE, b: $n) { id, name }
              note(text: """say "hi" """) @include(if: false)
            }"#;
        let (seen, _) = told(|log| read(document.as_bytes(), false, log));
        assert_eq!(
            seen,
            [
                "$.a String x y",
                "$.id String 42",
                "$.ids Integer 1",
                "$.ids Number -2.5e3",
                "$.email String kim@a.b",
                "$.ok Boolean true",
                "$.text String say \"hi\" ",
                "$.if Boolean false",
            ]
        );
    }

    #[test]
    fn broken_documents_end() {
        for text in ["", "\"", "\"\"\"", "{a(b: \"x\\", "-", "query $", "{a(b: \"\"\"x\""] {
            let _seen = told(|log| read(text.as_bytes(), true, log));
        }
    }
}
