//! What stands behind a value and says what it is: `{"value": "hunter2", "name": "password"}`.

use super::super::paths::{kinds, names};
use super::Fields;
use super::hints::secret;
use crate::redact::names::Meaning;
use crate::redact::words;

/// Members looked at behind a value.
const MEMBERS_MAX: usize = 4;

impl Fields<'_> {
    /// Looks at what comes behind the value at hand, if that is one that another member may name and none before did.
    pub(super) fn look_ahead(&mut self, rest: &[u8]) {
        let object = self.depth.saturating_sub(1);
        let named = self.sibling.is_some_and(|(depth, _)| depth == object);
        if named || matches!(self.at.name.meaning, Meaning::Secret(_)) {
            return;
        }
        let Some(text) = name(rest) else { return };
        let meaning = self.judge.names.meaning(text);
        let sensitive = matches!(meaning, Meaning::Secret(_) | Meaning::Personal(_));
        self.ahead = sensitive.then_some(meaning);
    }
}

/// The text of the first of the next members that names what it stands beside.
fn name(mut rest: &[u8]) -> Option<&[u8]> {
    for _ in 0..MEMBERS_MAX {
        let member = behind(behind(rest, b",")?, b"\"")?;
        let (key, value) = quoted(member)?;
        let value = behind(value, b":")?.trim_ascii_start();
        rest = if let Some(text) = value.strip_prefix(b"\"") {
            let (text, after) = quoted(text)?;
            let digits = text.iter().filter(|b| b.is_ascii_digit()).count();
            let named = text.len() <= words::NAME_MAX && digits <= 3 && !text.contains(&b' ');
            if named && names(key) || kinds(key) && secret(text) {
                return Some(text);
            }
            after
        } else {
            // What is nested ends the search.
            let end = value.iter().position(|b| matches!(b, b',' | b'}' | b'{' | b'[' | b']'))?;
            value.get(end..)?
        };
    }
    None
}

/// What is behind white space and `mark`.
fn behind<'t>(text: &'t [u8], mark: &[u8]) -> Option<&'t [u8]> {
    text.trim_ascii_start().strip_prefix(mark)
}

/// Text up to its closing quote, without escapes, and what is behind that.
fn quoted(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let near = text.get(..1024).unwrap_or(text);
    let end = memchr::memchr2(b'"', b'\\', near)?;
    let (inner, after) = text.split_at_checked(end)?;
    Some((inner, after.strip_prefix(b"\"")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_a_value_stands_near_behind_it() {
        for (rest, named) in [
            (r#","name":"password"}"#, Some("password")),
            (r#" , "key" : "pin" , "x": 1}"#, Some("pin")),
            (r#","type":"string","n":1,"b":true,"field":"cvv"}"#, Some("cvv")),
            (r#","type":"pin"}"#, Some("pin")),
            (r#","type":"string"}"#, None),
            (r#"},"name":"password"}"#, None),
            (r#","x":{"name":"password"}}"#, None),
            (r#","a":1,"b":2,"c":3,"d":4,"name":"password"}"#, None),
            (r#","name":"4111111111111111"}"#, None),
            (r#","name":"pass\u0077ord"}"#, None),
            (r#","name":"pass"#, None),
            (r#","name""#, None),
            (r#"],"name":"password"}"#, None),
            ("", None),
            (",", None),
        ] {
            assert_eq!(name(rest.as_bytes()), named.map(str::as_bytes), "{rest}");
        }
    }
}
