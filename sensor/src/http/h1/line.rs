//! Start lines: recognising them, and taking them apart leniently.
//!
//! Source: [RFC 9112 §3 and §4](https://www.rfc-editor.org/rfc/rfc9112#section-3).

use super::super::{Flags, Role};
use super::quick::is_request;

/// Longest method taken for one. Servers have no limit of their own; those registered have 16 octets at most.
pub(super) const METHOD_MAX: usize = 1024;
/// Longest one waited for while its line has no end.
const METHOD_HELD_MAX: usize = 32;
/// Longest line waited for, unless it is plainly a request's: such a one may be as long as a head.
pub(super) const LINE_MAX: usize = 64 << 10;

/// A path of so many octets without an end is one, whatever the method.
const PATH_LONG: usize = 4096;

/// What bytes begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// No start line.
    No,
    /// Perhaps a start line: its end is missing.
    More,
    /// A start line, complete.
    Line(Role),
}

/// Judges what `bytes`, the beginning of a message, begin with. Blank lines before it are passed over (§2.2).
pub(super) fn look(bytes: &[u8]) -> Look {
    let bytes = skip_blank(bytes);
    if b"HTTP/".starts_with(bytes.get(..5).unwrap_or(bytes)) {
        return status(bytes);
    }
    // What programs write is told sooner than what may be meant as one.
    if is_request(bytes) { Look::Line(Role::Request) } else { request(bytes) }
}

/// Judges what `bytes` begin with, if not with a status line.
fn request(bytes: &[u8]) -> Look {
    let Some(method) = method_len(bytes) else { return Look::No };
    match memchr::memchr(b'\n', bytes) {
        None if method > METHOD_HELD_MAX => Look::No,
        None if bytes.len() > LINE_MAX && !begins_plainly(bytes) => Look::No,
        None => Look::More,
        Some(end) => match Line::request(bytes.get(..end).unwrap_or_default()) {
            Some(_) => Look::Line(Role::Request),
            None => Look::No,
        },
    }
}

/// Whether bytes seen in the middle of a stream are unmistakably (part of) a start line: it is whole, or it
/// begins with a registered method or a version.
pub(super) fn is_plain_start(bytes: &[u8]) -> bool {
    match look(bytes) {
        Look::No => false,
        Look::Line(_) => true,
        Look::More => bytes.starts_with(b"HTTP/1.") || begins_plainly(bytes),
    }
}

/// Whether bytes begin with a registered method, a space, and something; or with another and a path that runs on.
pub(super) fn begins_plainly(bytes: &[u8]) -> bool {
    let method = bytes.get(..METHOD_MAX).unwrap_or(bytes);
    memchr::memchr(b' ', method).is_some_and(|space| {
        let (method, target) = bytes.split_at_checked(space).unwrap_or_default();
        let target = target.get(1..).unwrap_or_default();
        let long = || {
            target.len() > PATH_LONG
                && target.first() == Some(&b'/')
                && target.iter().all(u8::is_ascii_graphic)
        };
        is_registered(method) && !target.is_empty()
            || long() && method_len(bytes).is_some_and(|len| len <= METHOD_HELD_MAX)
    })
}

/// Target of an HTTP/0.9 request (`GET`, a path, no version), and the length of its line.
pub(super) fn http09(bytes: &[u8]) -> Option<(&[u8], usize)> {
    if !bytes.starts_with(b"GET /") {
        return None;
    }
    let end = memchr::memchr(b'\n', bytes)?;
    let line = bytes.get(..end)?;
    let target = line.get(4..)?.trim_ascii_end();
    let plain = Line::request(line).is_none() && !target.iter().any(|&b| b <= b' ' || b >= 0x7f);
    plain.then_some((target, end.saturating_add(1)))
}

/// Passes over the empty lines that may come before a message (RFC 9112 §2.2).
pub(in crate::http) fn skip_blank(bytes: &[u8]) -> &[u8] {
    let blank = bytes.iter().take_while(|&&b| b == b'\r' || b == b'\n').count();
    bytes.get(blank..).unwrap_or_default()
}

fn status(bytes: &[u8]) -> Look {
    // "HTTP/" digit "." digit SP 3digit; the end of the line may be anything.
    let Some(&[major, dot, minor]) = bytes.get(5..).and_then(|rest| rest.first_chunk()) else {
        let right = |(at, &b): (usize, &u8)| if at == 1 { b == b'.' } else { b.is_ascii_digit() };
        let rest = bytes.get(5..).unwrap_or_default();
        return if rest.iter().enumerate().all(right) { Look::More } else { Look::No };
    };
    if !(major.is_ascii_digit() && dot == b'.' && minor.is_ascii_digit()) {
        return Look::No;
    }
    let rest = bytes.get(8..).unwrap_or_default();
    let spaces = rest.iter().take_while(|&&b| is_space(b)).count();
    let code = rest.get(spaces..).unwrap_or_default();
    // Some readers take leading zeros.
    let code = code.strip_prefix(b"0").unwrap_or(code);
    let digits = code.iter().take(3).take_while(|b| b.is_ascii_digit()).count();
    match (spaces, digits, code.len()) {
        (0, _, 1..) => Look::No,
        (1.., 3, _) => match code.get(3) {
            Some(&b) if b != b'\r' && b != b'\n' && !is_space(b) => Look::No,
            _ => Look::Line(Role::Response),
        },
        (_, digits, len) if digits == len => Look::More,
        _ => Look::No,
    }
}

/// Length of the token that bytes begin with, if they may begin a request line: a space follows, or nothing yet.
fn method_len(bytes: &[u8]) -> Option<usize> {
    let bytes = bytes.strip_prefix(b" ").unwrap_or(bytes);
    let most = bytes.iter().take(METHOD_MAX + 1);
    let token = most.take_while(|&&b| is_token(b)).count();
    let begins = match bytes.get(token) {
        None => token <= METHOD_HELD_MAX,
        Some(&b) => (1..=METHOD_MAX).contains(&token) && is_space(b),
    };
    begins.then_some(token)
}

/// Methods common enough to know a request by.
pub(super) fn is_registered(method: &[u8]) -> bool {
    matches!(
        method,
        b"GET"
            | b"HEAD"
            | b"POST"
            | b"PUT"
            | b"DELETE"
            | b"CONNECT"
            | b"OPTIONS"
            | b"TRACE"
            | b"PATCH"
            | b"QUERY"
    ) || matches!(
        method,
        b"PROPFIND"
            | b"PROPPATCH"
            | b"MKCOL"
            | b"COPY"
            | b"MOVE"
            | b"LOCK"
            | b"UNLOCK"
            | b"REPORT"
            | b"SEARCH"
    ) || matches!(
        method,
        b"MKCALENDAR" | b"ACL" | b"BIND" | b"PURGE" | b"LINK" | b"UNLINK" | b"MERGE" | b"CHECKOUT"
    )
}

/// A start line taken apart.
pub(super) struct Line<'a> {
    pub(super) role: Role,
    pub(super) version: (u8, u8),
    pub(super) method: &'a [u8],
    pub(super) target: &'a [u8],
    pub(super) status: u16,
    pub(super) flags: Flags,
}

impl<'a> Line<'a> {
    /// Reads a start line of either kind, without its LF. Any run of whitespace separates (§3, §4).
    pub(super) fn read(line: &'a [u8]) -> Option<Self> {
        if line.starts_with(b"HTTP/") { Self::status(line) } else { Self::request(line) }
    }

    fn request(line: &'a [u8]) -> Option<Self> {
        let mut flags = Flags::default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let trimmed = line.trim_ascii();
        if trimmed.len() != line.len() {
            flags.insert(Flags::LINE_WS);
        }
        let first = trimmed.iter().position(|&b| is_space(b))?;
        let last = trimmed.iter().rposition(|&b| is_space(b))?;
        let method = trimmed.get(..first)?;
        let between = trimmed.get(first..last.max(first))?;
        let target = between.trim_ascii();
        let name = trimmed.get(last.saturating_add(1)..)?;
        let version = version(name).or_else(|| {
            flags.insert(Flags::BAD_BYTES);
            version_meant(name)
        })?;
        if target.is_empty() && !is_registered(method)
            || !(1..=METHOD_MAX).contains(&method.len())
            || !method.iter().all(|&b| is_token(b))
        {
            return None;
        }
        if target.is_empty() {
            // The request is seen all the same, and what the server made of it.
            flags.insert(Flags::BAD_BYTES);
        }
        let single =
            between.len() == target.len().saturating_add(1) && between.first() == Some(&b' ');
        if !single
            || memchr::memchr2(b' ', b'\t', target).is_some()
            || trimmed.get(last) != Some(&b' ')
        {
            flags.insert(Flags::LINE_WS);
        }
        if target.iter().any(|&b| !(0x20..0x7f).contains(&b) && b != b'\t') {
            flags.insert(Flags::BAD_BYTES);
        }
        Some(Self { role: Role::Request, version, method, target, status: 0, flags })
    }

    fn status(line: &'a [u8]) -> Option<Self> {
        let mut flags = Flags::default();
        let (name, rest) = line.split_at_checked(8)?;
        let version = version(name)?;
        let code = rest.trim_ascii_start();
        if rest.len() != code.len().saturating_add(1) || rest.first() != Some(&b' ') {
            flags.insert(Flags::LINE_WS);
        }
        let plain = code.strip_prefix(b"0").unwrap_or(code);
        if plain.len() != code.len() {
            flags.insert(Flags::BAD_BYTES);
        }
        let (&digits, reason) = plain.split_first_chunk::<3>()?;
        let mut status = 0_u16;
        for digit in digits {
            if !digit.is_ascii_digit() {
                return None;
            }
            status = status.wrapping_mul(10).wrapping_add(u16::from(digit & 0xf));
        }
        let reason = reason.strip_suffix(b"\r").unwrap_or(reason);
        if reason.first().is_some_and(|&b| !is_space(b)) {
            return None;
        }
        if reason.iter().any(|&b| b < 0x20 && b != b'\t' || b == 0x7f) {
            flags.insert(Flags::BAD_BYTES);
        }
        Some(Self { role: Role::Response, version, method: b"", target: b"", status, flags })
    }
}

/// Reads `HTTP/` DIGIT `.` DIGIT (RFC 9112 §2.3).
fn version(name: &[u8]) -> Option<(u8, u8)> {
    match name.strip_prefix(b"HTTP/")? {
        &[major, b'.', minor] if major.is_ascii_digit() && minor.is_ascii_digit() => {
            Some((major & 0xf, minor & 0xf))
        }
        _ => None,
    }
}

/// Reads what some servers take for a version: in lower case, or with more digits.
fn version_meant(name: &[u8]) -> Option<(u8, u8)> {
    let (protocol, numbers) = name.split_at_checked(5)?;
    let dot = memchr::memchr(b'.', numbers)?;
    let (major, minor) = numbers.split_at_checked(dot)?;
    let number = |digits: &[u8]| -> Option<u8> {
        let plain = (1..=4).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
        let value =
            digits.iter().fold(0_u16, |n, b| n.wrapping_mul(10).wrapping_add(u16::from(b & 0xf)));
        plain.then(|| u8::try_from(value).unwrap_or(u8::MAX))
    };
    protocol.eq_ignore_ascii_case(b"HTTP/").then_some((number(major)?, number(minor.get(1..)?)?))
}

/// Whether a byte may stand in a token (RFC 9110 §5.6.2).
#[inline]
pub(super) fn is_token(byte: u8) -> bool {
    const TOKENS: [bool; 256] = table(b"!#$%&'*+-.^_`|~");
    TOKENS.get(usize::from(byte)).copied().unwrap_or_default()
}

/// Which octets are letters, digits, or among `others`.
#[allow(clippy::indexing_slicing, reason = "of constants, when the program is built")]
pub(super) const fn table(others: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let (mut octet, mut at) = (0_u8, 0);
    while at < table.len() {
        table[at] = octet.is_ascii_alphanumeric();
        octet = octet.wrapping_add(1);
        at += 1;
    }
    let mut rest = others;
    while let Some((&other, behind)) = rest.split_first() {
        let mut at = 0;
        octet = 0;
        while octet != other {
            octet += 1;
            at += 1;
        }
        table[at] = true;
        rest = behind;
    }
    table
}

/// Whitespace a lenient reader splits a start line at (RFC 9112 §3), the line's end apart.
const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | 0x0b | 0x0c | b'\r')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn plain_requests_are_told_as_any_other(
            line in "[A-Z]{0,40} ?[ -~]{0,12} ?(HTTP/1.1|HTTP/1.0|HTTP/2.0|PRI)\r?\n?[a-z]{0,9}",
            change in (any::<prop::sample::Index>(), any::<u8>()),
        ) {
            let mut octets = line.into_bytes();
            for _ in 0..2 {
                if is_request(&octets) {
                    prop_assert_eq!(request(&octets), Look::Line(Role::Request));
                }
                let at = change.0.index(octets.len());
                octets[at] = change.1;
            }
        }
    }

    #[test]
    fn tokens_are_of_the_octets_of_the_grammar() {
        for octet in 0..=u8::MAX {
            let sign = b"!#$%&'*+-.^_`|~".contains(&octet);
            assert_eq!(is_token(octet), octet.is_ascii_alphanumeric() || sign, "{octet}");
        }
    }

    #[test]
    fn start_lines_are_told() {
        for (bytes, expected) in [
            (&b"GET / HTTP/1.1\r\n"[..], Look::Line(Role::Request)),
            (b"\r\n\nGET / HTTP/1.1\r\n", Look::Line(Role::Request)),
            (b" GET / HTTP/1.0\n", Look::Line(Role::Request)),
            (b"frob\t /x y\tHTTP/1.1\n", Look::Line(Role::Request)),
            (b"GET /a", Look::More),
            (b"GE", Look::More),
            (b"", Look::More),
            (b"GET /\r\n", Look::No),
            (b"GET / JUNK/1.0\r\n", Look::No),
            (b"PRI * HTTP/2.0\r\n", Look::Line(Role::Request)),
            (b"EHLO example.org\r\n", Look::No),
            (b"\x16\x03\x01", Look::No),
            (b"INVITE sip:a@b SIP/2.0\r\n", Look::No),
            (b"GET / HTTP/1.10\r\n", Look::Line(Role::Request)),
            (b"GET / http/01.1\r\n", Look::Line(Role::Request)),
            (b"GET / HTTP/1.12345\r\n", Look::No),
            (b"GET / HTTP/1.\r\n", Look::No),
            (b"GET / HTTP/11\r\n", Look::No),
            (b"AMETHODASLONGASNOREGISTEREDONEEVERIS / HTTP/1.1\r\n", Look::Line(Role::Request)),
            (&[b'A'; METHOD_HELD_MAX], Look::More),
            (&[b'A'; METHOD_HELD_MAX + 1], Look::No),
            (b"HTTP/1.1 200 OK", Look::Line(Role::Response)),
            (b"HTTP/1.1 200\r\n", Look::Line(Role::Response)),
            (b"HTTP/1.1  404", Look::Line(Role::Response)),
            (b"HTTP/1.1 20", Look::More),
            (b"HTTP/1.1", Look::More),
            (b"HTTP/1", Look::More),
            (b"HT", Look::More),
            (b"HTTP/1.1 2x", Look::No),
            (b"HTTP/1.1 2000", Look::No),
            (b"HTTP/1.1 0200 ok", Look::Line(Role::Response)),
            (b"GET HTTP/1.1\r\n", Look::Line(Role::Request)),
            (b"FROB HTTP/1.1\r\n", Look::No),
            (b"HTTP/x.1", Look::No),
            (b"HTTP/1.1200", Look::No),
        ] {
            assert_eq!(look(bytes), expected, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn http09_is_told() {
        assert_eq!(http09(b"GET /x\r\nrest"), Some((&b"/x"[..], 8)));
        for none in [&b"GET /x HTTP/1.0\r\n"[..], b"GET /x", b"GET /x JUNK/1.0\r\n", b"GET x\r\n"] {
            assert!(http09(none).is_none());
        }
    }

    #[test]
    fn odd_lines_are_flagged() {
        let flags = |line: &'static [u8]| Line::read(line).unwrap().flags;
        assert_eq!(flags(b"GET / HTTP/1.1\r"), Flags::default());
        assert_eq!(flags(b"GET  / HTTP/1.1"), Flags::LINE_WS);
        assert_eq!(flags(b"GET /a b HTTP/1.1"), Flags::LINE_WS);
        assert_eq!(flags(b"GET /\0 HTTP/1.1"), Flags::BAD_BYTES);
        assert_eq!(flags(b"HTTP/1.1\t200 OK"), Flags::LINE_WS);
        assert_eq!(Line::read(b"GET /a b HTTP/1.1").unwrap().target, b"/a b");
        assert_eq!(Line::read(b"HTTP/1.0 404").unwrap().status, 404);
    }
}
