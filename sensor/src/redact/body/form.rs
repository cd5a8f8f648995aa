//! Forms: `application/x-www-form-urlencoded` (URL standard §5.1).

use apitap_proto::v1::ValueType;

use super::percent::decode;
use super::{End, Visit};

/// Reads name-value pairs; with `cut`, the last value is cut off.
pub(crate) fn read(body: &[u8], cut: bool, visit: &mut impl Visit) -> End {
    let mut pairs = body.trim_ascii_end().split(|&b| b == b'&').peekable();
    while let Some(pair) = pairs.next() {
        if pair.is_empty() {
            continue;
        }
        let last = pairs.peek().is_none();
        let (name, value) = split(pair);
        let Some(value) = value else {
            // A word alone is data as likely as a name.
            if cut && last {
                visit.aside(&decode(name, true));
            } else {
                visit.enter(b"");
                visit.leaf(ValueType::Unspecified, &decode(name, true));
                visit.leave();
            }
            continue;
        };
        visit.enter(&decode(name, true));
        if cut && last {
            visit.aside(&decode(value, true));
            visit.cut(ValueType::String);
        } else {
            visit.leaf(ValueType::Unspecified, &decode(value, true));
        }
        visit.leave();
    }
    End { malformed: None, cut, roots: 1 }
}

/// Name and value of a pair; no value without `=`.
pub(crate) fn split(pair: &[u8]) -> (&[u8], Option<&[u8]>) {
    match memchr::memchr(b'=', pair) {
        Some(at) => {
            let (name, value) = pair.split_at_checked(at).unwrap_or((pair, b"="));
            (name, value.get(1..))
        }
        None => (pair, None),
    }
}

/// Whether text without a media type looks like a form.
pub(super) fn looks_like(head: &[u8]) -> bool {
    let plain = head.trim_ascii_end().iter().all(u8::is_ascii_graphic);
    let name = head.split(|&b| b == b'=').next().unwrap_or_default();
    plain && name.len() < head.len() && !name.is_empty() && !name.contains(&b'<')
}

#[cfg(test)]
mod tests {
    use super::super::log::told;
    use super::*;

    #[test]
    fn pairs_are_decoded() {
        let (seen, _) = told(|log| read(b"a=1&b%5Bc%5D=x+y%21&&d&e=\r\n", false, log));
        assert_eq!(
            seen,
            [
                "$.a Unspecified 1",
                "$.b[c] Unspecified x y!",
                "$. Unspecified d",
                "$.e Unspecified "
            ]
        );
    }

    #[test]
    fn the_last_value_of_a_cut_form_is_cut() {
        let (seen, end) = told(|log| read(b"a=1&b=4111", true, log));
        assert_eq!(seen, ["$.a Unspecified 1", "$.b String …"]);
        assert!(end.cut);
        assert_eq!(told(|log| read(b"a=1&b41", true, log)).0.len(), 1);
    }
}
