//! Multipart bodies: `multipart/form-data` (RFC 7578) over RFC 2046 §5.1.

use std::borrow::Cow;

use apitap_proto::v1::ValueType;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use memchr::memmem;

use super::percent::{decode, digit};
use super::{End, Visit, form, json, xml};

/// Parts read of one body.
const PARTS_MAX: usize = 256;

/// Multipart bodies read inside one another.
const DEPTH_MAX: usize = 4;

/// Reads parts; with `cut`, the last part is cut off.
pub(super) fn read(body: &[u8], content_type: &[u8], cut: bool, visit: &mut impl Visit) -> End {
    nested(body, content_type, cut, visit, 1)
}

fn nested(
    body: &[u8],
    content_type: &[u8],
    cut: bool,
    visit: &mut impl Visit,
    depth: usize,
) -> End {
    let Some(boundary) = boundary(content_type).or_else(|| first_line(body)) else {
        return End { malformed: Some(0), ..End::default() };
    };
    let delimiter = [b"--", boundary].concat();
    let finder = memmem::Finder::new(&delimiter);
    let Some(first) = finder.find(body) else {
        return End { malformed: Some(0), cut, roots: 0 };
    };
    visit.aside(body.get(..first).unwrap_or_default());
    let mut at = first.saturating_add(delimiter.len());
    let mut roots = 0;
    while roots < 256 && usize::try_from(roots).unwrap_or(PARTS_MAX) < PARTS_MAX {
        let rest = body.get(at..).unwrap_or_default();
        if let Some(epilogue) = rest.strip_prefix(b"--") {
            visit.aside(epilogue.trim_ascii());
            return End { malformed: None, cut: false, roots };
        }
        let found = finder.find(rest);
        let raw = rest.get(..found.unwrap_or(rest.len())).unwrap_or_default();
        part(raw, found.is_none(), visit, depth);
        roots += 1;
        match found {
            Some(len) => at = at.saturating_add(len).saturating_add(delimiter.len()),
            None => return End { malformed: (!cut).then_some(body.len()), cut: true, roots },
        }
    }
    visit.aside(body.get(at..).unwrap_or_default());
    End { malformed: None, cut: true, roots }
}

/// One part, as sent.
pub(crate) struct Part<'a> {
    /// Content-Type; empty when absent.
    pub(crate) content_type: &'a [u8],
    pub(crate) content: &'a [u8],
}

/// The parts of a body, as far as they are there.
pub(crate) fn parts<'a>(body: &'a [u8], content_type: &'a [u8]) -> impl Iterator<Item = Part<'a>> {
    let boundary = boundary(content_type).or_else(|| first_line(body));
    let delimiter = boundary.map(|boundary| [b"--", boundary].concat()).unwrap_or_default();
    let mut rest = memmem::find(body, &delimiter)
        .filter(|_| !delimiter.is_empty())
        .and_then(|at| body.get(at.saturating_add(delimiter.len())..))
        .unwrap_or_default();
    let next = move || {
        if rest.is_empty() || rest.starts_with(b"--") {
            return None;
        }
        let end = memmem::find(rest, &delimiter).unwrap_or(rest.len());
        let (raw, after) = rest.split_at_checked(end)?;
        rest = after.get(delimiter.len()..).unwrap_or_default();
        let blank = memmem::find(raw, b"\r\n\r\n")?;
        let (head, content) = (raw.get(..blank)?, raw.get(blank.saturating_add(4)..)?);
        let content = content.strip_suffix(b"\r\n").unwrap_or(content);
        Some(Part { content_type: field(head, b"content-type").unwrap_or_default(), content })
    };
    std::iter::from_fn(next).take(PARTS_MAX)
}

/// Reads one part: line break, fields, empty line, content, line break.
fn part(raw: &[u8], cut: bool, visit: &mut impl Visit, depth: usize) {
    let raw = raw.strip_prefix(b"\r\n").or_else(|| raw.strip_prefix(b"\n")).unwrap_or(raw);
    let (head, coded) = match (memmem::find(raw, b"\r\n\r\n"), memmem::find(raw, b"\n\n")) {
        (Some(at), _) => (raw.get(..at), raw.get(at.saturating_add(4)..)),
        (None, Some(at)) => (raw.get(..at), raw.get(at.saturating_add(2)..)),
        (None, None) => (None, None),
    };
    let (Some(head), Some(coded)) = (head, coded) else { return visit.aside(raw) };
    let coded = coded.strip_suffix(b"\r\n").or_else(|| coded.strip_suffix(b"\n")).unwrap_or(coded);
    let content = decoded(head, coded);
    let disposition = field(head, b"content-disposition").unwrap_or_default();
    let content_type = field(head, b"content-type").unwrap_or_default();
    visit.enter(parameter(disposition, b"name").unwrap_or_default());
    let file = file_name(disposition);
    if let Some(file) = &file {
        visit.enter(b"filename");
        visit.leaf(ValueType::String, file);
        visit.leave();
    }
    // Of these the one is read above, the other below.
    for line in head.split(|&b| b == b'\n') {
        let name = line.split(|&b| b == b':').next().unwrap_or_default().trim_ascii();
        if name.eq_ignore_ascii_case(b"content-id") {
            // Only looks like a mail address (RFC 2045 §7).
            visit.aside(line.split(|&b| b == b'@').next().unwrap_or_default().trim_ascii());
        } else if !name.eq_ignore_ascii_case(b"content-disposition") {
            visit.aside(line.trim_ascii());
        }
    }
    inside(&content, content_type, file.is_some(), cut, visit, depth);
    visit.leave();
}

/// The content of a part, by its media type.
fn inside(
    content: &[u8],
    content_type: &[u8],
    file: bool,
    cut: bool,
    visit: &mut impl Visit,
    depth: usize,
) {
    let lower = content_type.to_ascii_lowercase();
    let is = |kind: &[u8]| memmem::find(&lower, kind).is_some();
    let text = std::str::from_utf8(content).is_ok()
        && !content.iter().any(|&b| b < 0x20 && !b.is_ascii_whitespace());
    let end = if lower.starts_with(b"multipart/") && depth < DEPTH_MAX {
        nested(content, content_type, cut, visit, depth.saturating_add(1))
    } else if is(b"json") {
        json::read(content, cut, visit)
    } else if is(b"xml") && text {
        xml::read(content, cut, visit)
    } else if is(b"x-www-form-urlencoded") && text {
        form::read(content, cut, visit)
    } else {
        match (text, cut) {
            (false, _) => visit.leaf(ValueType::Binary, content),
            (true, true) => {
                visit.aside(content);
                visit.cut(ValueType::String);
            }
            (true, false) if file => visit.leaf(ValueType::String, content),
            (true, false) => visit.leaf(ValueType::Unspecified, content),
        }
        End::default()
    };
    if let Some(at) = end.malformed {
        visit.aside(content.get(at..).unwrap_or_default());
    }
}

/// The content with its transfer encoding undone (RFC 2045 §6), as old clients use one.
fn decoded<'a>(head: &[u8], content: &'a [u8]) -> Cow<'a, [u8]> {
    let coding = field(head, b"content-transfer-encoding").unwrap_or_default();
    if coding.eq_ignore_ascii_case(b"base64") {
        let octets: Vec<u8> =
            content.iter().copied().filter(|b| !b.is_ascii_whitespace() && *b != b'=').collect();
        return STANDARD_NO_PAD.decode(&octets).map_or(Cow::Borrowed(content), Cow::Owned);
    }
    if coding.eq_ignore_ascii_case(b"quoted-printable") {
        return Cow::Owned(quoted_printable(content));
    }
    Cow::Borrowed(content)
}

fn quoted_printable(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    loop {
        rest = match rest {
            [] => return out,
            [b'=', b'\r', b'\n', tail @ ..] | [b'=', b'\n', tail @ ..] => tail,
            [b'=', high, low, tail @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                out.push((digit(*high) << 4) | digit(*low));
                tail
            }
            [b, tail @ ..] => {
                out.push(*b);
                tail
            }
        };
    }
}

/// The name of a file: as `filename*` (RFC 8187) or as `filename`, percent coding undone.
pub(crate) fn file_name(disposition: &[u8]) -> Option<Cow<'_, [u8]>> {
    let extended = parameter(disposition, b"filename*").map(|value| {
        let mut parts = value.splitn(3, |&b| b == b'\'');
        parts.nth(2).unwrap_or(value)
    });
    let name = extended.or_else(|| parameter(disposition, b"filename"))?;
    Some(decode(name, false))
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
                let end = closing(quoted);
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

/// Where a quoted string ends: a quote behind a backslash is part of it, if another one follows.
fn closing(quoted: &[u8]) -> usize {
    let mut escaped = false;
    let end = quoted.iter().position(|&octet| {
        let ends = octet == b'"' && !escaped;
        escaped = octet == b'\\' && !escaped;
        ends
    });
    end.or_else(|| memchr::memchr(b'"', quoted)).unwrap_or(quoted.len())
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
    fn parts_are_read_by_their_kind() {
        let body = "--b\r\nContent-Disposition: form-data; name=q\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nk=69m=\r\n!\r\n--b\r\nContent-Disposition: form-data; name=f; filename*=UTF-8''%ea%b9%80.txt\r\nContent-Transfer-Encoding: BASE64\r\n\r\naGVs\r\nbG8=\r\n--b\r\nContent-Type: multipart/mixed; boundary=in\r\n\r\n--in\r\nContent-Disposition: x; name=x\r\nContent-Type: text/xml\r\n\r\n<a>1</a>\r\n--in--\r\n--b--";
        let (seen, end) =
            told(|log| read(body.as_bytes(), b"multipart/form-data; boundary=b", false, log));
        assert_eq!(
            seen,
            [
                "$.q Unspecified kim!",
                "$.f.filename String 김.txt",
                "$.f String hello",
                "$..x.a Unspecified 1"
            ]
        );
        assert_eq!(end, End { malformed: None, cut: false, roots: 3 });
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
        let nested = br#"a/b; start-info="c/d;action=\"x;boundary=1\""; boundary=2"#;
        assert_eq!(parameter(nested, b"boundary"), Some(b"2".as_slice()));
        let inner = parameter(nested, b"start-info").unwrap();
        assert_eq!(parameter(inner, b"action"), Some(br#"\"x"#.as_slice()));
        // A path as old browsers send it.
        assert_eq!(parameter(br#"f; name="C:\"; x=1"#, b"x"), Some(b"1".as_slice()));
        assert_eq!(parameter(b"a/b", b"charset"), None);
        assert_eq!(parameter(b"a; x", b"x"), None);
    }
}
