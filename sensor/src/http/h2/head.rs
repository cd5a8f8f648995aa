//! What a decoded header block says: pseudo-header fields apart from fields, cookie crumbs joined, and what is malformed.
//!
//! Source: [RFC 9113 §8](https://www.rfc-editor.org/rfc/rfc9113#section-8).

use std::borrow::Cow;

use super::super::{Field, Flags, Role};
use super::hpack::Fields;

/// A header block, read.
#[derive(Default)]
pub(super) struct Section<'a> {
    pub(super) method: &'a [u8],
    pub(super) path: &'a [u8],
    pub(super) scheme: &'a [u8],
    pub(super) authority: &'a [u8],
    /// `:protocol` of an extended CONNECT (RFC 8441).
    pub(super) protocol: &'a [u8],
    /// Status code; 0 when there is none that is known.
    pub(super) status: u16,
    /// Fields in order; the cookies in place of the first.
    pub(super) fields: Vec<Field<'a>>,
    pub(super) codings: Option<Cow<'a, [u8]>>,
    /// Content-Type.
    pub(super) media_type: &'a [u8],
    pub(super) length: Option<u64>,
    pub(super) flags: Flags,
    /// Whose pseudo-header fields these are.
    pub(super) role: Option<Role>,
    pseudo: u8,
    host: Option<&'a [u8]>,
}

const METHOD: u8 = 1;
const PATH: u8 = 2;
const SCHEME: u8 = 4;
const AUTHORITY: u8 = 8;
const STATUS: u8 = 16;
const PROTOCOL: u8 = 32;

/// Joins cookie crumbs (§8.2.3) into `joined`; leaves it empty unless there are several.
pub(super) fn join_cookies(fields: &Fields, joined: &mut Vec<u8>) {
    joined.clear();
    let crumbs = || fields.iter().filter(|(name, _)| *name == b"cookie");
    if crumbs().nth(1).is_none() {
        return;
    }
    for (_, crumb) in crumbs() {
        if !joined.is_empty() {
            joined.extend_from_slice(b"; ");
        }
        joined.extend_from_slice(crumb);
    }
}

impl<'a> Section<'a> {
    /// Reads a block; `cookies` as made by [`join_cookies`].
    pub(super) fn read(decoded: &'a Fields, cookies: &'a [u8]) -> Self {
        let mut section = Self { fields: Vec::with_capacity(decoded.len()), ..Self::default() };
        let mut joined = false;
        for (name, value) in decoded.iter() {
            if name.first() == Some(&b':') {
                section.pseudo(name, value);
                continue;
            }
            section.check(name, value);
            if name == b"cookie" && !cookies.is_empty() {
                if !joined {
                    section.fields.push(Field { name, value: cookies });
                }
                joined = true;
                continue;
            }
            let bare = matches!((value.first(), value.last()), (Some(b'!'..), Some(b'!'..)));
            let value = if bare { value } else { value.trim_ascii() };
            section.fields.push(Field { name, value });
        }
        if decoded.unknown > 0 {
            section.flags.insert(Flags::HPACK_PARTIAL);
        }
        if decoded.cut {
            section.flags.insert(Flags::HEAD_LIMIT);
        }
        section
    }

    fn pseudo(&mut self, name: &[u8], value: &'a [u8]) {
        let (bit, role) = match name {
            b":method" => (METHOD, Role::Request),
            b":path" => (PATH, Role::Request),
            b":scheme" => (SCHEME, Role::Request),
            b":authority" => (AUTHORITY, Role::Request),
            b":protocol" => (PROTOCOL, Role::Request),
            b":status" => (STATUS, Role::Response),
            _ => return self.flags.insert(Flags::PSEUDO_BAD),
        };
        // Repeated, or of the other role (§8.3).
        if self.pseudo & bit != 0 || self.role.is_some_and(|other| other != role) {
            return self.flags.insert(Flags::PSEUDO_BAD);
        }
        // Behind a field. There are servers that take it all the same: it is told what they were asked.
        if !self.fields.is_empty() {
            self.flags.insert(Flags::PSEUDO_BAD);
        }
        self.pseudo |= bit;
        self.role = Some(role);
        match bit {
            METHOD => self.method = value,
            PATH => self.path = value,
            SCHEME => self.scheme = value,
            AUTHORITY => self.authority = value,
            PROTOCOL => self.protocol = value,
            _ => match status(value) {
                Some(status) => self.status = status,
                None => self.flags.insert(Flags::PSEUDO_BAD),
            },
        }
        if is_bad(value) {
            self.flags.insert(Flags::BAD_BYTES);
        }
        self.spaces(value);
    }

    /// Space and tab around a value (§8.2.1).
    fn spaces(&mut self, value: &[u8]) {
        let space = |octet: Option<&u8>| matches!(octet, Some(b' ' | b'\t'));
        if space(value.first()) || space(value.last()) {
            self.flags.insert(Flags::VALUE_WS);
        }
    }

    /// Takes note of a field, and of what is wrong with it (§8.2).
    fn check(&mut self, name: &[u8], value: &'a [u8]) {
        let plain = !name.is_empty() && name.iter().all(is_lower);
        if !plain && name.iter().any(u8::is_ascii_uppercase) {
            self.flags.insert(Flags::NAME_CASE);
        }
        // Ends of gRPC that agree on it (setting 0xfe03) send binary metadata as it is, behind a zero.
        let binary = value.first() == Some(&0) && name.ends_with(b"-bin");
        if !plain && (name.is_empty() || !name.iter().all(is_token)) || !binary && is_bad(value) {
            self.flags.insert(Flags::BAD_BYTES);
        }
        if !binary {
            self.spaces(value);
        }
        let is = |other: &[u8]| name.eq_ignore_ascii_case(other);
        match name.len() {
            2 if is(b"te") && !value.trim_ascii().eq_ignore_ascii_case(b"trailers") => {
                self.flags.insert(Flags::CONNECTION_FIELD);
            }
            4 if is(b"host") && self.host.replace(value).is_some() => {
                self.flags.insert(Flags::HOST_BAD);
            }
            7 if is(b"upgrade") => self.flags.insert(Flags::CONNECTION_FIELD),
            10 if is(b"connection") || is(b"keep-alive") => {
                self.flags.insert(Flags::CONNECTION_FIELD);
            }
            12 if is(b"content-type") => self.media_type = value,
            14 if is(b"content-length") => self.length(value),
            16 if is(b"content-encoding") => self.coding(value),
            16 if is(b"proxy-connection") => self.flags.insert(Flags::CONNECTION_FIELD),
            17 if is(b"transfer-encoding") => self.flags.insert(Flags::CONNECTION_FIELD),
            _ => {}
        }
    }

    fn length(&mut self, value: &[u8]) {
        let digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
        let length = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
        match (length.filter(|_| digits), self.length) {
            (Some(length), None) => self.length = Some(length),
            (Some(length), Some(first)) if length == first => {}
            _ => self.flags.insert(Flags::CL_BAD),
        }
    }

    fn coding(&mut self, value: &'a [u8]) {
        match &mut self.codings {
            None => self.codings = Some(Cow::Borrowed(value)),
            Some(codings) => {
                let codings = codings.to_mut();
                codings.extend_from_slice(b", ");
                codings.extend_from_slice(value);
            }
        }
    }

    /// What a request is asked of: the path, or for plain CONNECT the authority (§8.5).
    pub(super) fn target(&self) -> &'a [u8] {
        if self.is_tunnel() { self.authority } else { self.path }
    }

    /// Whether this asks for a tunnel (§8.5).
    pub(super) fn is_tunnel(&self) -> bool {
        self.method == b"CONNECT" && self.pseudo & PROTOCOL == 0
    }

    /// What is odd about a whole head of this role.
    pub(super) fn head_flags(&self, role: Role) -> Flags {
        let mut flags = self.flags;
        let known = !flags.contains(Flags::HPACK_PARTIAL) && !flags.contains(Flags::HEAD_LIMIT);
        let (needed, barred) = match role {
            Role::Response => (STATUS, 0),
            // §8.5: the path of a tunnel is that of its other end.
            Role::Request if self.is_tunnel() => (METHOD | AUTHORITY, PATH | SCHEME),
            Role::Request => (METHOD | PATH | SCHEME, 0),
        };
        if known && self.pseudo & needed != needed
            || self.pseudo & barred != 0
            || self.role.is_some_and(|other| other != role)
        {
            flags.insert(Flags::PSEUDO_BAD);
        }
        if role == Role::Response && self.status == 101 {
            flags.insert(Flags::CONNECTION_FIELD);
        }
        if role == Role::Request {
            let named = self.pseudo & AUTHORITY != 0 || self.host.is_some();
            let differs = self.pseudo & AUTHORITY != 0
                && self.host.is_some_and(|host| !host.eq_ignore_ascii_case(self.authority));
            let userinfo = self.is_web() && self.authority.contains(&b'@');
            if differs || userinfo || known && !named {
                flags.insert(Flags::HOST_BAD);
            }
            if self.pseudo & METHOD != 0 && !self.is_method() || self.is_path_bad() {
                flags.insert(Flags::PSEUDO_BAD);
            }
            let bodiless = matches!(self.method, b"GET" | b"HEAD" | b"DELETE" | b"TRACE");
            if bodiless && self.length.is_some_and(|length| length > 0) {
                flags.insert(Flags::BODY_UNEXPECTED);
            }
        }
        flags
    }

    /// Whether the method is a token (RFC 9110 §9.1).
    fn is_method(&self) -> bool {
        !self.method.is_empty() && self.method.iter().all(is_token)
    }

    /// Whether this is about an `http` or `https` URI.
    fn is_web(&self) -> bool {
        matches!(self.scheme, b"http" | b"https")
    }

    /// Whether the path of an `http` or `https` URI does not begin with "/", and is not the "*" of OPTIONS (§8.3.1).
    fn is_path_bad(&self) -> bool {
        let asterisk = self.path == b"*" && self.method == b"OPTIONS";
        self.is_web() && self.pseudo & PATH != 0 && !self.path.starts_with(b"/") && !asterisk
    }

    /// What is odd about the head of an interim response: told with the final one's.
    pub(super) fn interim_flags(&self) -> Flags {
        // What is missing there is not missing here.
        Flags(self.head_flags(Role::Response).0 & !Flags::HPACK_PARTIAL.0)
    }

    /// What is odd about trailers: no pseudo-header field belongs there (§8.1).
    pub(super) fn trailer_flags(&self) -> Flags {
        let mut flags = self.flags;
        if self.pseudo != 0 {
            flags.insert(Flags::PSEUDO_BAD);
        }
        flags
    }
}

/// Whether an octet may be part of a token (RFC 9110 §5.6.2).
fn is_token(octet: &u8) -> bool {
    octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(octet)
}

/// What of tokens has no upper case: nearly all names.
fn is_lower(octet: &u8) -> bool {
    const LOWER: [bool; 256] = lower();
    LOWER.get(usize::from(*octet)).copied().unwrap_or_default()
}

#[allow(clippy::indexing_slicing, reason = "of constants, when the program is built")]
const fn lower() -> [bool; 256] {
    let (mut table, others, mut at) = ([false; 256], b"0123456789!#$%&'*+-.^_`|~", 0);
    while at < others.len() {
        table[others[at] as usize] = true;
        at += 1;
    }
    let mut letter = b'a' as usize;
    while letter <= b'z' as usize {
        table[letter] = true;
        letter += 1;
    }
    table
}

/// Whether a value has an octet that none may have (§8.2.1).
fn is_bad(value: &[u8]) -> bool {
    has_control(value) && value.iter().any(|b| matches!(b, b'\r' | b'\n' | 0))
}

/// Whether a text has an octet below 0x20, eight looked at at once.
fn has_control(text: &[u8]) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let (words, rest) = text.as_chunks::<8>();
    let low = |word: u64| word.wrapping_sub(0x20 * ONES) & !word & (0x80 * ONES);
    words.iter().fold(0, |all, word| all | low(u64::from_le_bytes(*word))) != 0
        || rest.iter().any(|octet| *octet < 0x20)
}

/// Three digits, from 100 (RFC 9110 §15).
fn status(value: &[u8]) -> Option<u16> {
    let &[a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9'] = value else { return None };
    let digit = |b: u8| u16::from(b.wrapping_sub(b'0'));
    Some(
        digit(a)
            .saturating_mul(100)
            .saturating_add(digit(b).saturating_mul(10))
            .saturating_add(digit(c)),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn octets_are_judged_as_one_by_one(text in prop::collection::vec(any::<u8>(), 0..40), low in any::<bool>()) {
            let text: Vec<u8> = text.iter().map(|b| if low { b & 0x2f } else { b | 0x20 }).collect();
            prop_assert_eq!(has_control(&text), text.iter().any(|b| *b < 0x20));
            for octet in &text {
                prop_assert_eq!(is_lower(octet), is_token(octet) && !octet.is_ascii_uppercase());
            }
        }
    }
}
