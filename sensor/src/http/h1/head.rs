//! Message heads: the strict way by `httparse`, and a lenient way for everything that is still readable.
//!
//! Source: [RFC 9112 §2 to §5](https://www.rfc-editor.org/rfc/rfc9112#section-2).

use std::mem::MaybeUninit;

use super::super::{Field, Fields, Flags, Role, Span, Text};
use super::framing::Framing;
use super::line::{Line, is_token};
use super::quick::{self, Quick};
use super::usual::Order;

/// Fields the strict way has room for; heads with more are rare and go the lenient way.
pub(super) const STRICT_FIELDS: usize = 128;

/// A head taken apart.
pub(super) struct Parsed<'a> {
    pub(super) role: Role,
    pub(super) version: (u8, u8),
    pub(super) method: &'a [u8],
    pub(super) target: &'a [u8],
    pub(super) status: u16,
    pub(super) fields: List<'a>,
    pub(super) framing: Framing<'a>,
    pub(super) flags: Flags,
    /// Whether it follows the grammar.
    pub(super) strict: bool,
}

/// Its fields.
pub(super) enum List<'a> {
    /// One by one.
    Listed(Vec<Field<'a>>),
    /// As ranges of the head's text.
    Ranged(Text<'a>),
}

impl List<'_> {
    pub(super) fn fields(&self) -> Fields<'_> {
        match self {
            Self::Listed(fields) => Fields::Listed(fields),
            Self::Ranged(text) => Fields::Ranged(*text),
        }
    }

    #[cfg(test)]
    pub(super) fn iter(&self) -> impl Iterator<Item = Field<'_>> {
        self.fields().iter()
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.fields().len()
    }
}

/// Where a head ends: the offset behind its empty line. `scanned` bytes were searched before, and are updated.
pub(super) fn end(bytes: &[u8], scanned: &mut usize) -> Option<usize> {
    // The last four bytes searched may belong to the empty line.
    let from = scanned.saturating_sub(4);
    for at in memchr::memchr_iter(b'\n', bytes.get(from..).unwrap_or_default()) {
        let at = from.saturating_add(at);
        let behind = at.saturating_add(1);
        match bytes.get(behind..).unwrap_or_default() {
            [b'\n', ..] => return Some(behind.saturating_add(1)),
            [b'\r', b'\n', ..] => return Some(behind.saturating_add(2)),
            // A stray CR does not make a line (§2.2).
            [b'\r', b'\r', b'\n', ..] => return Some(behind.saturating_add(3)),
            _ => {}
        }
    }
    *scanned = bytes.len();
    None
}

/// Reads the head that `bytes` begin with, its fields into `ranges`: quickly, if it is as programs write them. Gives
/// back its length too.
pub(super) fn plain<'a>(
    bytes: &'a [u8],
    fields_max: usize,
    ranges: &'a mut Vec<(Span, Span)>,
    order: &mut Order,
) -> Option<(usize, Parsed<'a>)> {
    let head = quick::read(bytes, fields_max, ranges, order)?;
    let Quick { role, version, method, target, status, framing, end, .. } = head;
    let octets = bytes.get(..end)?;
    let Quick { said, names, media_type, .. } = head;
    let text = Text { octets, method, target, fields: ranges, said, names, media_type };
    let (method, target) = (method.of(octets), target.of(octets));
    let flags = framing.flags(role, version, method, target);
    let fields = List::Ranged(text);
    let strict = true;
    Some((end, Parsed { role, version, method, target, status, fields, framing, flags, strict }))
}

/// Reads a head that begins with its start line. `scratch` is used where the head has to be mended to be read.
///
/// `None` when the first line is no start line.
pub(super) fn parse<'a>(
    bytes: &'a [u8],
    fields_max: usize,
    scratch: &'a mut Vec<u8>,
) -> Option<Parsed<'a>> {
    let mut parsed = match strict(bytes, fields_max) {
        Some(parsed) => parsed,
        None => lenient(bytes, fields_max, scratch)?,
    };
    if has_bare_lf(bytes) {
        parsed.flags.insert(Flags::BARE_LF);
    }
    let flags = parsed.framing.flags(parsed.role, parsed.version, parsed.method, parsed.target);
    parsed.flags.insert(flags);
    Some(parsed)
}

/// Reads trailer fields (RFC 9112 §7.1.2): lines like those of a head, without a start line.
pub(super) fn trailers<'a>(
    bytes: &'a [u8],
    fields_max: usize,
    scratch: &'a mut Vec<u8>,
) -> (Vec<Field<'a>>, Flags) {
    let mut lines = Lines {
        fields: Vec::new(),
        fields_max,
        framing: Framing::default(),
        flags: Flags::default(),
    };
    let text = mend(bytes, scratch, &mut lines.flags);
    lines.read(text);
    (lines.fields, lines.flags)
}

pub(super) fn strict(bytes: &[u8], fields_max: usize) -> Option<Parsed<'_>> {
    let mut room = [const { MaybeUninit::uninit() }; STRICT_FIELDS];
    let mut none = [];
    let is_response = bytes.starts_with(b"HTTP/");
    let (line, headers): (_, &[httparse::Header<'_>]) = if is_response {
        let mut response = httparse::Response::new(&mut none);
        let config = httparse::ParserConfig::default();
        match config.parse_response_with_uninit_headers(&mut response, bytes, &mut room) {
            Ok(httparse::Status::Complete(_)) => {}
            _ => return None,
        }
        let line = (Role::Response, response.version?, "", "", response.code?);
        (line, response.headers)
    } else {
        let mut request = httparse::Request::new(&mut none);
        match request.parse_with_uninit_headers(bytes, &mut room) {
            Ok(httparse::Status::Complete(_)) => {}
            _ => return None,
        }
        let line = (Role::Request, request.version?, request.method?, request.path?, 0);
        (line, request.headers)
    };
    if headers.len() > fields_max {
        return None;
    }
    let (role, minor, method, target, status) = line;
    let mut framing = Framing::default();
    let mut fields = Vec::with_capacity(headers.len());
    for header in headers {
        framing.field(header.name.as_bytes(), header.value);
        fields.push(Field { name: header.name.as_bytes(), value: header.value });
    }
    let mut flags = Flags::default();
    if !target.is_ascii() {
        flags.insert(Flags::BAD_BYTES);
    }
    let (method, target) = (method.as_bytes(), target.as_bytes());
    Some(Parsed {
        role,
        version: (1, minor),
        method,
        target,
        status,
        fields: List::Listed(fields),
        framing,
        flags,
        strict: true,
    })
}

fn lenient<'a>(bytes: &'a [u8], fields_max: usize, scratch: &'a mut Vec<u8>) -> Option<Parsed<'a>> {
    let split = memchr::memchr(b'\n', bytes)?;
    let (line, rest) = bytes.split_at_checked(split.saturating_add(1))?;
    let line = Line::read(line.strip_suffix(b"\n").unwrap_or(line))?;
    let mut lines =
        Lines { fields: Vec::new(), fields_max, framing: Framing::default(), flags: line.flags };
    let text = mend(rest, scratch, &mut lines.flags);
    lines.read(text);
    let Lines { fields, framing, flags, .. } = lines;
    let Line { role, version, method, target, status, .. } = line;
    // What `httparse` has no room for is no fault of the sender.
    let (strict, fields) = (flags == Flags::default(), List::Listed(fields));
    Some(Parsed { role, version, method, target, status, fields, framing, flags, strict })
}

/// Replaces folds (§5.2) and bare CRs (§2.2) by spaces, in a copy; the same text when there are none.
fn mend<'a>(bytes: &'a [u8], scratch: &'a mut Vec<u8>, flags: &mut Flags) -> &'a [u8] {
    let is_fold =
        |at: usize| matches!(bytes.get(at.saturating_add(1)), Some(b' ' | b'\t')) && at > 1;
    let is_bare = |at: usize| bytes.get(at.saturating_add(1)) != Some(&b'\n');
    let folds = memchr::memchr_iter(b'\n', bytes).any(is_fold);
    let bares = memchr::memchr_iter(b'\r', bytes).any(is_bare);
    if folds {
        flags.insert(Flags::OBS_FOLD);
    }
    if bares {
        flags.insert(Flags::BARE_CR);
    }
    if !folds && !bares {
        return bytes;
    }
    scratch.clear();
    scratch.extend_from_slice(bytes);
    for at in memchr::memchr2_iter(b'\r', b'\n', bytes) {
        let replace = match bytes.get(at) {
            Some(b'\r') if is_bare(at) => true,
            Some(b'\r') => is_fold(at.saturating_add(1)),
            _ => is_fold(at),
        };
        if replace && let Some(byte) = scratch.get_mut(at) {
            *byte = b' ';
        }
    }
    scratch
}

/// Field lines, read one by one.
struct Lines<'a> {
    fields: Vec<Field<'a>>,
    fields_max: usize,
    framing: Framing<'a>,
    flags: Flags,
}

impl<'a> Lines<'a> {
    fn read(&mut self, text: &'a [u8]) {
        for line in text.split(|&b| b == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.trim_ascii().is_empty() {
                continue;
            }
            // A line that begins with whitespace, and continues none: not a field (§2.2).
            if matches!(line.first(), Some(b' ' | b'\t')) {
                self.flags.insert(Flags::WS_START);
                continue;
            }
            self.line(line);
        }
    }

    fn line(&mut self, line: &'a [u8]) {
        let Some(colon) = memchr::memchr(b':', line) else {
            self.flags.insert(Flags::BAD_BYTES);
            return;
        };
        let (whole, value) =
            (line.get(..colon).unwrap_or_default(), line.get(colon.saturating_add(1)..));
        let (name, value) = (whole.trim_ascii_end(), value.unwrap_or_default().trim_ascii());
        if name.len() != whole.len() {
            self.flags.insert(Flags::WS_COLON);
        }
        let control = |&b: &u8| b < 0x20 && b != b'\t' || b == 0x7f;
        if name.is_empty() || !name.iter().all(|&b| is_token(b)) || value.iter().any(control) {
            self.flags.insert(Flags::BAD_BYTES);
        }
        if name.is_empty() {
            return;
        }
        // Fields beyond the limit still decide where the message ends.
        self.framing.field(name, value);
        if self.fields.len() < self.fields_max {
            self.fields.push(Field { name, value });
        } else {
            self.flags.insert(Flags::HEAD_LIMIT);
        }
    }
}

fn has_bare_lf(bytes: &[u8]) -> bool {
    memchr::memchr_iter(b'\n', bytes)
        .any(|at| at == 0 || bytes.get(at.wrapping_sub(1)) != Some(&b'\r'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (Flags, Vec<(String, String)>) {
        let mut scratch = Vec::new();
        let parsed = parse(bytes, 8, &mut scratch).unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (parsed.flags, parsed.fields.iter().map(|f| (text(f.name), text(f.value))).collect())
    }

    fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|&(name, value)| (name.into(), value.into())).collect()
    }

    #[test]
    fn plain_heads_have_no_flags() {
        let (flags, read) = read(b"GET /a HTTP/1.1\r\nHost: a\r\nX: \t b c \r\n\r\n");
        assert_eq!((flags, read), (Flags::default(), fields(&[("Host", "a"), ("X", "b c")])));
    }

    #[test]
    fn rfc9112_2_2_line_ends() {
        assert_eq!(read(b"GET / HTTP/1.1\nHost: a\n\n").0, Flags::BARE_LF);
        let (flags, read) = read(b"GET / HTTP/1.1\r\nHost: a\r\nX: b\rc\r\n\r\n");
        assert_eq!((flags, read), (Flags::BARE_CR, fields(&[("Host", "a"), ("X", "b c")])));
    }

    #[test]
    fn rfc9112_2_2_whitespace_before_the_first_field() {
        let (flags, read) = read(b"GET / HTTP/1.1\r\n X: b\r\nHost: a\r\n\r\n");
        assert_eq!((flags, read), (Flags::WS_START, fields(&[("Host", "a")])));
    }

    #[test]
    fn rfc9112_5_1_space_before_the_colon() {
        let (flags, read) = read(b"GET / HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n");
        assert_eq!((flags, read), (Flags::WS_COLON, fields(&[("Host", "a"), ("X", "b")])));
        let smuggled = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\nContent-Length: 3\r\n\r\n";
        let mut scratch = Vec::new();
        let parsed = parse(smuggled, 8, &mut scratch).unwrap();
        assert!(parsed.flags.contains(Flags(Flags::CL_TE.0 | Flags::WS_COLON.0)));
    }

    #[test]
    fn rfc9112_5_2_folded_lines() {
        let (flags, read) = read(b"HTTP/1.1 200 OK\r\nX: a\r\n b\n\tc\r\nY: d\r\n\r\n");
        assert!(flags.contains(Flags::OBS_FOLD));
        assert_eq!(read, fields(&[("X", "a   b \tc"), ("Y", "d")]));
    }

    #[test]
    fn fields_beyond_the_limit_still_frame() {
        let mut head = b"POST / HTTP/1.1\r\nHost: a\r\n".to_vec();
        for _ in 0..400 {
            head.extend_from_slice(b"X: y\r\n");
        }
        head.extend_from_slice(b"Content-Length: 7\r\n\r\n");
        let mut scratch = Vec::new();
        let parsed = parse(&head, 8, &mut scratch).unwrap();
        assert_eq!((parsed.fields.len(), parsed.flags), (8, Flags::HEAD_LIMIT));
        assert_eq!(parsed.framing.request(), super::super::framing::Length::Known(7));
    }

    #[test]
    fn broken_lines_are_flagged_and_passed_over() {
        let (flags, read) =
            read(b"GET / HTTP/1.0\r\nHost: a\r\nUser-Agent Mozilla\r\nN: B \0A\r\n: x\r\n\r\n");
        assert_eq!((flags, read), (Flags::BAD_BYTES, fields(&[("Host", "a"), ("N", "B \0A")])));
    }

    #[test]
    fn an_end_is_found_wherever_the_bytes_are_cut() {
        let head = b"GET / HTTP/1.1\r\nA: b\r\n\r\nrest";
        for cut in 0..head.len() {
            let mut scanned = 0;
            let first = end(&head[..cut], &mut scanned);
            let found = first.or_else(|| end(head, &mut scanned));
            assert_eq!(found, Some(24), "cut at {cut}");
        }
        assert_eq!(end(b"GET / HTTP/1.0\n\n", &mut 0), Some(16));
    }
}
