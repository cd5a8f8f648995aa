//! Multipart bodies: `multipart/form-data` (RFC 7578) over RFC 2046 §5.1.

use apitap_proto::v1::ValueType;
use memchr::memmem;

use super::{End, Visit, json};

/// Parts read of one body.
const PARTS_MAX: usize = 256;

/// Reads parts; with `cut`, the last part is cut off.
pub(super) fn read(body: &[u8], content_type: &[u8], cut: bool, visit: &mut impl Visit) -> End {
    let Some(boundary) = boundary(content_type).or_else(|| first_line(body)) else {
        return End { malformed: Some(0), ..End::default() };
    };
    let delimiter = [b"--", boundary].concat();
    let finder = memmem::Finder::new(&delimiter);
    let Some(first) = finder.find(body) else {
        return End { malformed: Some(0), cut, roots: 0 };
    };
    let mut at = first.saturating_add(delimiter.len());
    let mut roots = 0;
    while roots < 256 && usize::try_from(roots).unwrap_or(PARTS_MAX) < PARTS_MAX {
        let rest = body.get(at..).unwrap_or_default();
        if rest.starts_with(b"--") {
            return End { malformed: None, cut: false, roots };
        }
        let found = finder.find(rest);
        let raw = rest.get(..found.unwrap_or(rest.len())).unwrap_or_default();
        part(raw, found.is_none(), visit);
        roots += 1;
        match found {
            Some(len) => at = at.saturating_add(len).saturating_add(delimiter.len()),
            None => return End { malformed: (!cut).then_some(body.len()), cut: true, roots },
        }
    }
    End { malformed: None, cut: true, roots }
}

/// Reads one part: line break, fields, empty line, content, line break.
fn part(raw: &[u8], cut: bool, visit: &mut impl Visit) {
    let raw = raw.strip_prefix(b"\r\n").or_else(|| raw.strip_prefix(b"\n")).unwrap_or(raw);
    let (head, content) = match (memmem::find(raw, b"\r\n\r\n"), memmem::find(raw, b"\n\n")) {
        (Some(at), _) => (raw.get(..at), raw.get(at.saturating_add(4)..)),
        (None, Some(at)) => (raw.get(..at), raw.get(at.saturating_add(2)..)),
        (None, None) => (None, None),
    };
    let (Some(head), Some(content)) = (head, content) else { return };
    let content =
        content.strip_suffix(b"\r\n").or_else(|| content.strip_suffix(b"\n")).unwrap_or(content);
    let disposition = field(head, b"content-disposition").unwrap_or_default();
    let content_type = field(head, b"content-type").unwrap_or_default().to_ascii_lowercase();
    let file = parameter(disposition, b"filename").or_else(|| parameter(disposition, b"filename*"));
    visit.enter(parameter(disposition, b"name").unwrap_or_default());
    if let Some(file) = file {
        visit.enter(b"filename");
        visit.leaf(ValueType::String, file);
        visit.leave();
    }
    let json_part = memmem::find(&content_type, b"json").is_some();
    let text = std::str::from_utf8(content).is_ok()
        && !content.iter().any(|&b| b < 0x20 && !b.is_ascii_whitespace());
    if json_part {
        let _end = json::read(content, cut, visit);
    } else if !text {
        visit.leaf(ValueType::Binary, content);
    } else if cut {
        visit.cut(ValueType::String);
    } else if file.is_some() {
        visit.leaf(ValueType::String, content);
    } else {
        visit.leaf(ValueType::Unspecified, content);
    }
    visit.leave();
}

/// Value of a field in a part's head.
fn field<'a>(head: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    head.split(|&b| b == b'\n').find_map(|line| {
        let (found, value) = line.split_at_checked(memchr::memchr(b':', line)?)?;
        found.trim_ascii().eq_ignore_ascii_case(name).then_some(value.get(1..)?.trim_ascii())
    })
}

/// A parameter of a field value (RFC 9110 §5.6.6), unquoted.
pub(crate) fn parameter<'a>(value: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let mut rest = value;
    loop {
        rest = rest.get(memchr::memchr(b';', rest)?.saturating_add(1)..)?.trim_ascii_start();
        let equals = memchr::memchr(b'=', rest)?;
        let (found, value) = rest.split_at_checked(equals)?;
        let value = value.get(1..)?;
        let (value, after) = match value.strip_prefix(b"\"") {
            Some(quoted) => {
                let end = memchr::memchr(b'"', quoted).unwrap_or(quoted.len());
                (quoted.get(..end)?, quoted.get(end..)?)
            }
            None => {
                let end = memchr::memchr(b';', value).unwrap_or(value.len());
                (value.get(..end)?.trim_ascii(), value.get(end..)?)
            }
        };
        if found.trim_ascii().eq_ignore_ascii_case(name) {
            return Some(value);
        }
        rest = after;
    }
}

fn boundary(content_type: &[u8]) -> Option<&[u8]> {
    parameter(content_type, b"boundary").filter(|b| (1..=200).contains(&b.len()))
}

/// The boundary a body begins with, when no parameter names it.
fn first_line(body: &[u8]) -> Option<&[u8]> {
    let line = body.split(|&b| b == b'\n').next()?.trim_ascii();
    line.strip_prefix(b"--").filter(|b| (1..=200).contains(&b.len()))
}

#[cfg(test)]
mod tests {
    use super::super::log::told;
    use super::*;

    const BODY: &str = "preamble\r\n--bb\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--bb\r\ncontent-disposition: form-data; name=\"f\"; filename=\"x.txt\"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--bb\r\nContent-Disposition: form-data; name=j\r\nContent-Type: application/json\r\n\r\n{\"k\":2}\r\n--bb--\r\n";

    #[test]
    fn parts_rfc7578() {
        let (seen, end) =
            told(|log| read(BODY.as_bytes(), b"multipart/form-data; boundary=\"bb\"", false, log));
        assert_eq!(
            seen,
            [
                "$.a Unspecified 1",
                "$.f.filename String x.txt",
                "$.f String hello",
                "$.j.k Integer 2"
            ]
        );
        assert_eq!(end, End { malformed: None, cut: false, roots: 3 });
    }

    #[test]
    fn a_cut_part_is_cut() {
        let at = BODY.find("hello").map(|at| at + 3).unwrap();
        let (seen, end) = told(|log| {
            read(BODY.as_bytes().get(..at).unwrap(), b"multipart/form-data; boundary=bb", true, log)
        });
        assert_eq!(seen.last().map(String::as_str), Some("$.f String …"));
        assert!(end.cut);
    }

    #[test]
    fn the_boundary_may_be_found() {
        let body = BODY.strip_prefix("preamble\r\n").unwrap();
        assert_eq!(told(|log| read(body.as_bytes(), b"", false, log)).0.len(), 4);
        assert_eq!(told(|log| read(b"x", b"", false, log)).1.malformed, Some(0));
    }

    #[test]
    fn parameters_rfc9110_5_6_6() {
        assert_eq!(
            parameter(b"a/b; x=1; Charset=\"utf-8\"", b"charset"),
            Some(b"utf-8".as_slice())
        );
        assert_eq!(parameter(b"a/b", b"charset"), None);
        assert_eq!(parameter(b"a; x", b"x"), None);
    }
}
