//! Heads as programs write them, read in one pass: plain lines, each ended by CRLF.
//!
//! It takes less than the strict way does, and what it takes it reads the same. `None` says nothing: then the
//! other ways decide. What is found are ranges of the head's text, so that the text is copied as one.

use super::super::{Role, Span, name_bit};
use super::framing::Framing;
use super::head::STRICT_FIELDS;
use super::line::{METHOD_MAX, is_token};
use super::name::Name;
use super::usual::{At, Order};

/// One in each octet.
const ONES: u64 = 0x0101_0101_0101_0101;
/// The highest bit of each octet.
const HIGHS: u64 = 0x80 * ONES;

/// A head, read.
pub(super) struct Quick<'a> {
    pub(super) role: Role,
    pub(super) version: (u8, u8),
    pub(super) method: Span,
    pub(super) target: Span,
    pub(super) status: u16,
    pub(super) framing: Framing<'a>,
    /// Octets of the head.
    pub(super) end: usize,
    /// Octets of method, target, names and values.
    pub(super) said: usize,
    /// The [`name_bit`]s of all names.
    pub(super) names: u64,
    /// The first Content-Type.
    pub(super) media_type: Option<Span>,
}

/// Reads the head that `bytes` begin with, its fields into `fields`.
pub(super) fn read<'a>(
    bytes: &'a [u8],
    fields_max: usize,
    fields: &mut Vec<(Span, Span)>,
    order: &mut Order,
) -> Option<Quick<'a>> {
    fields.clear();
    let most = fields_max.min(STRICT_FIELDS);
    let (Line { role, version, method, target, status }, mut rest) = start(bytes)?;
    let said = usize::try_from(method.len.saturating_add(target.len)).unwrap_or(0);
    let (framing, media_type) = (Framing::default(), None);
    let mut head = Quick {
        role,
        version,
        method,
        target,
        status,
        framing,
        end: 0,
        said,
        names: 0,
        media_type,
    };
    let mut before = if head.role == Role::Request { At::REQUEST } else { At::RESPONSE };
    loop {
        if let [b'\r', b'\n', behind @ ..] = rest {
            head.end = bytes.len().saturating_sub(behind.len());
            return Some(head);
        }
        let at = bytes.len().saturating_sub(rest.len());
        let (name_len, which, bit);
        let mut value;
        if let Some((number, usual)) = order.guess(before, rest) {
            (name_len, which, bit) = (usual.len, usual.which, usual.bit);
            value = rest.get(name_len.saturating_add(2)..)?;
            before = number;
        } else {
            let (name, behind) = named(rest)?;
            (name_len, which, bit) = (name.len(), Name::of(name), name_bit(name));
            if which == Name::Other && (name.is_empty() || !name.iter().all(|&b| is_token(b))) {
                return None;
            }
            value = behind;
            before = order.learn(before, name, rest);
        }
        while let [b' ' | b'\t', behind @ ..] = value {
            value = behind;
        }
        let value_at = bytes.len().saturating_sub(value.len());
        let (line, behind) = value.split_at_checked(text_len(value)?)?;
        let [b'\r', b'\n', behind @ ..] = behind else { return None };
        let mut value = line;
        while let [inside @ .., b' ' | b'\t'] = value {
            value = inside;
        }
        if fields.len() >= most {
            return None;
        }
        head.framing.named(which, value);
        head.said = head.said.saturating_add(name_len).saturating_add(value.len());
        head.names |= bit;
        let range = span(value_at, value.len())?;
        if which == Name::ContentType {
            head.media_type = head.media_type.or(Some(range));
        }
        fields.push((span(at, name_len)?, range));
        rest = behind;
    }
}

/// A name, and what follows its colon and the space there.
fn named(line: &[u8]) -> Option<(&[u8], &[u8])> {
    match line.split_at_checked(name_len(line)?)? {
        (name, [b':', b' ', value @ ..] | [b':', value @ ..]) => Some((name, value)),
        _ => None,
    }
}

/// Whether a request line begins here that is as programs write them.
pub(super) fn is_request(bytes: &[u8]) -> bool {
    start(bytes).is_some_and(|(line, _)| {
        line.role == Role::Request
            && usize::try_from(line.method.len).is_ok_and(|len| len <= METHOD_MAX)
    })
}

/// A start line.
#[derive(Clone, Copy)]
struct Line {
    role: Role,
    version: (u8, u8),
    method: Span,
    target: Span,
    status: u16,
}

/// Reads the start line; gives back what follows it.
#[inline]
fn start(bytes: &[u8]) -> Option<(Line, &[u8])> {
    if let Some((version, rest)) = version(bytes) {
        let (&[b' ', a @ b'0'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9'], rest) =
            rest.split_first_chunk()?
        else {
            return None;
        };
        let status = [a, b, c].iter().fold(0, |status: u16, digit| {
            status.wrapping_mul(10).wrapping_add(u16::from(digit & 0xf))
        });
        let rest = match rest {
            [b' ', reason @ ..] => reason.get(text_len(reason)?..)?,
            _ => rest,
        };
        let (method, target) = (Span::default(), Span::default());
        let line = Line { role: Role::Response, version, method, target, status };
        return Some((line, rest.strip_prefix(b"\r\n")?));
    }
    let method = bytes.iter().position(|&b| !is_token(b)).filter(|&len| len > 0)?;
    let behind = bytes.get(method..)?.strip_prefix(b" ")?;
    let len = target_len(behind).filter(|&len| len > 0)?;
    let (version, rest) = version(behind.get(len..)?.strip_prefix(b" ")?)?;
    let target = span(method.saturating_add(1), len)?;
    let method = span(0, method)?;
    let line = Line { role: Role::Request, version, method, target, status: 0 };
    Some((line, rest.strip_prefix(b"\r\n")?))
}

/// Reads `HTTP/1.0` or `HTTP/1.1`.
#[inline]
fn version(bytes: &[u8]) -> Option<((u8, u8), &[u8])> {
    let (&version, rest) = bytes.split_first_chunk()?;
    match &version {
        b"HTTP/1.1" => Some(((1, 1), rest)),
        b"HTTP/1.0" => Some(((1, 0), rest)),
        _ => None,
    }
}

/// Octets before the first colon.
#[inline]
fn name_len(bytes: &[u8]) -> Option<usize> {
    find(bytes, |word| below(word ^ (ONES * 0x3a), 1), |octet| octet == b':')
}

/// Octets before the first control octet.
#[inline]
fn text_len(bytes: &[u8]) -> Option<usize> {
    find(bytes, |word| below(word, 0x20) | dels(word), |octet| octet < 0x20 || octet == 0x7f)
}

/// Octets before the first that is not visible ASCII.
#[inline]
fn target_len(bytes: &[u8]) -> Option<usize> {
    find(
        bytes,
        |word| below(word, 0x21) | dels(word) | word & HIGHS,
        |octet| !(0x21..0x7f).contains(&octet),
    )
}

/// Offset of the first octet that `is` says, eight looked at at once: `are` has the highest bit of each that is set.
#[inline]
fn find(bytes: &[u8], are: impl Fn(u64) -> u64, is: impl Fn(u8) -> bool) -> Option<usize> {
    let (words, rest) = bytes.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let found = are(u64::from_le_bytes(*word));
        if found != 0 {
            let inside = usize::try_from(found.trailing_zeros() / 8).unwrap_or(0);
            return Some(at.wrapping_mul(8).wrapping_add(inside));
        }
    }
    let at = rest.iter().position(|&octet| is(octet))?;
    Some(bytes.len().saturating_sub(rest.len()).saturating_add(at))
}

/// The highest bit of each octet below `least`, which is 0x80 at most.
#[inline]
const fn below(word: u64, least: u64) -> u64 {
    // No octet carries into the next: what is added to is below 0x80.
    let reach = (word & !HIGHS).wrapping_add(ONES * (0x80 - least));
    !(reach | word) & HIGHS
}

/// The highest bit of each octet that is 0x7f.
#[inline]
const fn dels(word: u64) -> u64 {
    (word & !HIGHS).wrapping_add(ONES) & !word & HIGHS
}

#[inline]
fn span(start: usize, len: usize) -> Option<Span> {
    Some(Span { start: u32::try_from(start).ok()?, len: u32::try_from(len).ok()? })
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::super::head::strict;
    use super::*;

    /// What a head says, as one text.
    fn said(bytes: &[u8], fields_max: usize) -> Option<(usize, String)> {
        let (mut fields, mut order) = (Vec::new(), Order::default());
        let head = read(bytes, fields_max, &mut fields, &mut order)?;
        // The same, whether its names are guessed or found.
        let told = |head: &Quick<'_>, fields: &[(Span, Span)]| {
            let Quick { end, said, names, media_type, .. } = *head;
            format!("{end} {said} {names} {media_type:?} {fields:?} {}", head.framing.told())
        };
        let first = told(&head, &fields);
        for _ in 0..2 {
            let again = read(bytes, fields_max, &mut fields, &mut order).unwrap();
            assert_eq!(told(&again, &fields), first);
        }
        let text = |span: Span| {
            let start = usize::try_from(span.start).unwrap();
            bytes[start..start + usize::try_from(span.len).unwrap()].escape_ascii().to_string()
        };
        let lines: Vec<_> = fields.iter().map(|(n, v)| (text(*n), text(*v))).collect();
        let size: usize =
            fields.iter().map(|(n, v)| n.len + v.len).sum::<u32>().try_into().unwrap();
        let line = usize::try_from(head.method.len + head.target.len).unwrap();
        assert_eq!(head.said, size + line);
        let plain = fields.iter().find(|(n, _)| text(*n).eq_ignore_ascii_case("content-type"));
        assert_eq!(head.media_type, plain.map(|(_, value)| *value));
        let bits = fields.iter().map(|(n, _)| name_bit(text(*n).as_bytes()));
        assert_eq!(head.names, bits.fold(0, |bits, bit| bits | bit));
        let (method, target) = (text(head.method), text(head.target));
        let Quick { role, version, status, framing, end, .. } = head;
        Some((end, format!("{:?}", (role, version, method, target, status, lines, framing.told()))))
    }

    /// The same by `httparse`.
    fn plainly(bytes: &[u8], fields_max: usize) -> Option<String> {
        let head = strict(bytes, fields_max)?;
        let text = |bytes: &[u8]| bytes.escape_ascii().to_string();
        let lines: Vec<_> = head.fields.iter().map(|f| (text(f.name), text(f.value))).collect();
        assert_eq!(head.flags, Default::default());
        Some(format!(
            "{:?}",
            (
                head.role,
                head.version,
                text(head.method),
                text(head.target),
                head.status,
                lines,
                head.framing.told()
            )
        ))
    }

    fn agrees(bytes: &[u8], fields_max: usize) -> bool {
        let Some((end, said)) = said(bytes, fields_max) else { return false };
        assert_eq!(super::super::head::end(bytes, &mut 0), Some(end));
        assert!(!memchr::memchr_iter(b'\n', &bytes[..end]).any(|at| bytes[at - 1] != b'\r'));
        assert_eq!(plainly(&bytes[..end], fields_max), Some(said));
        true
    }

    const LINES: &[&str] = &[
        "GET / HTTP/1.1",
        "POST /a/b?c=%20 HTTP/1.0",
        "X-Y* * HTTP/1.1",
        "GET http://a.b/ HTTP/1.1",
        "HTTP/1.1 200 OK",
        "HTTP/1.0 404",
        "HTTP/1.1 099  Not\tFound",
        "GET /\u{e9} HTTP/1.1",
        "GET /  HTTP/1.1",
        " GET / HTTP/1.1",
        "GET / HTTP/2.0",
        "HTTP/1.1 20 OK",
        "HTTP/1.1 2000",
        "",
    ];
    const FIELDS: &[&str] = &[
        "Host: a.b:80",
        "HOST:a b",
        "Content-Length: 12",
        "content-length: 12, 12",
        "Content-Length: 99999999999999999999",
        "Transfer-Encoding: gzip, chunked",
        "transfer-encoding: identity",
        "Content-Encoding: gzip",
        "Upgrade: h2c, websocket",
        "Sec-WebSocket-Extensions: permessage-deflate",
        "Content-Type: application/json",
        "Accept: */*",
        "X:",
        "X: ",
        "X-Long-Name-Of-A-Field: \t value with spaces and \u{e4}\u{f6} \t ",
        "X: a\tb",
        "X : a",
        " X: a",
        "no colon",
        ": no name",
        "X\u{e9}: a",
        "Host\r: a",
        "X: a\u{7f}",
    ];
    const ENDS: &[&str] =
        &["\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r", "\r\r\n", ""];

    proptest! {
        #[test]
        fn what_is_taken_is_read_as_by_the_strict_way(
            line in select(LINES),
            fields in vec((select(FIELDS), select(ENDS)), 0..12),
            behind in "[ -~\r\n]{0,20}",
            changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
            fields_max in 1..12_usize,
        ) {
            let mut head = format!("{line}\r\n");
            for (field, end) in fields {
                head.push_str(field);
                head.push_str(end);
            }
            head.push_str("\r\n");
            head.push_str(&behind);
            agrees(head.as_bytes(), fields_max);
            let mut octets = head.into_bytes();
            for (at, octet) in changes {
                let at = at.index(octets.len());
                octets[at] = octet;
                agrees(&octets, fields_max);
            }
        }

        #[test]
        fn words_are_judged_as_octets_are(word in any::<[u8; 8]>(), low in any::<bool>()) {
            let octets = if low { word.map(|octet| octet & 0x27) } else { word };
            let word = u64::from_le_bytes(octets);
            for (at, octet) in octets.iter().enumerate() {
                let bit = |bits: u64| bits >> (at * 8 + 7) & 1 == 1;
                for least in [1, 0x20, 0x21] {
                    prop_assert_eq!(bit(below(word, least)), u64::from(*octet) < least);
                }
                prop_assert_eq!(bit(dels(word)), *octet == 0x7f);
            }
        }
    }

    #[test]
    fn usual_heads_are_taken() {
        let head =
            b"POST /a?b=c HTTP/1.1\r\nHost: a.example\r\nX-Id: 7\r\nContent-Length: 2\r\n\r\n{}";
        assert!(agrees(head, 128));
        assert!(agrees(b"HTTP/1.1 204 No Content\r\nServer: x\r\nset-cookie:\r\n\r\n", 128));
        assert!(agrees(b"HTTP/1.1 204\r\n\r\n", 128));
        for cut in 0..head.len() - 2 {
            assert!(!agrees(&head[..cut], 128), "cut at {cut}");
        }
        assert!(!agrees(head, 2), "more fields than are kept go another way");
    }
}
