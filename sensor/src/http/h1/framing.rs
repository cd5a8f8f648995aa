//! Where a message ends: what its head says about its body.
//!
//! Source: [RFC 9112 §6](https://www.rfc-editor.org/rfc/rfc9112#section-6).

use std::borrow::Cow;

use super::super::h2::is_h2c;
use super::super::websocket::{Agreed, is_websocket};
use super::super::{Flags, Role};
use super::line::{is_token, table};
use super::name::Name;

/// How a body is delimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    /// There is none.
    None,
    /// So many bytes.
    Known(u64),
    /// Chunks.
    Chunked,
    /// Up to the end of the connection.
    ToClose,
    /// What follows is no HTTP/1 any more (CONNECT, 101).
    Tunnel,
}

/// What matters of the request a response answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    /// HEAD: its response has no body.
    Head,
    /// CONNECT: success makes a tunnel.
    Connect,
    /// Any other, or not known.
    Other,
}

impl Method {
    /// Methods are case-sensitive (RFC 9110 §9.1).
    pub(super) fn of(method: &[u8]) -> Self {
        match method {
            b"HEAD" => Self::Head,
            b"CONNECT" => Self::Connect,
            _ => Self::Other,
        }
    }
}

/// The fields that decide about framing and body, collected line by line.
#[derive(Default)]
pub(super) struct Framing<'a> {
    length: Option<u64>,
    length_bad: bool,
    length_seen: bool,
    transfer: Option<Transfer>,
    transfer_bad: bool,
    chunked_seen: bool,
    transfer_codings: Vec<u8>,
    content_coding: Option<Cow<'a, [u8]>>,
    hosts: u32,
    host: &'a [u8],
    host_bad: bool,
    /// Content-Type.
    pub(super) media_type: &'a [u8],
    /// Whether an upgrade to HTTP/2 in clear text is asked for, or agreed to.
    pub(super) h2c: bool,
    /// Whether an upgrade to WebSocket is asked for, or agreed to.
    pub(super) websocket: bool,
    /// Extensions of WebSocket.
    pub(super) agreed: Agreed,
    /// Whether a field was seen that real messages have and random text does not.
    pub(super) known: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Transfer {
    /// The final coding is chunked.
    Chunked,
    /// It is another.
    Other,
}

impl<'a> Framing<'a> {
    /// All that was noted, to be compared.
    #[cfg(test)]
    pub(super) fn told(&self) -> String {
        let text = |text: &[u8]| text.escape_ascii().to_string();
        let lengths = (self.length, self.length_bad, self.length_seen);
        let transfer = (self.transfer, self.transfer_bad, self.chunked_seen);
        let codings = (text(&self.transfer_codings), self.content_coding.as_deref().map(text));
        let host = (self.hosts, text(self.host), self.host_bad);
        let rest = (text(self.media_type), self.h2c, self.websocket, self.agreed, self.known);
        format!("{lengths:?} {transfer:?} {codings:?} {host:?} {rest:?}")
    }

    /// Takes note of one field.
    pub(super) fn field(&mut self, name: &[u8], value: &'a [u8]) {
        self.named(Name::of(name), value);
    }

    /// Takes note of one field whose name was told.
    #[inline]
    pub(super) fn named(&mut self, name: Name, value: &'a [u8]) {
        match name {
            Name::Host => {
                self.hosts = self.hosts.saturating_add(1);
                self.host = value;
                self.host_bad |= !value.iter().all(|&b| is_host(b));
            }
            Name::ContentLength => self.length(value),
            Name::ContentEncoding => self.coding(value),
            Name::TransferEncoding => self.transfer(value),
            Name::ContentType => self.media_type = value,
            Name::Upgrade => {
                self.h2c |= is_h2c(value);
                self.websocket |= is_websocket(value);
                return;
            }
            Name::WebSocketExtensions => return self.agreed.field(value),
            Name::Known => {}
            Name::Other => return,
        }
        self.known = true;
    }

    /// A list of one number, repeated, is that number; anything else is invalid (§6.3 rule 5).
    fn length(&mut self, value: &[u8]) {
        if !self.length_seen
            && let Some(length) = decimal(value)
        {
            (self.length_seen, self.length) = (true, Some(length));
            return;
        }
        self.length_seen = true;
        for item in value.split(|&b| b == b',') {
            match (decimal(item.trim_ascii()), self.length) {
                (None, _) => self.length_bad = true,
                (Some(length), None) => self.length = Some(length),
                (Some(length), Some(first)) => self.length_bad |= length != first,
            }
        }
    }

    fn coding(&mut self, value: &'a [u8]) {
        match &mut self.content_coding {
            None => self.content_coding = Some(Cow::Borrowed(value)),
            Some(codings) => {
                let codings = codings.to_mut();
                codings.extend_from_slice(b", ");
                codings.extend_from_slice(value);
            }
        }
    }

    /// Codings in order; the last decides (§6.3 rule 4). What a strict and a lenient reader take differently is bad.
    fn transfer(&mut self, value: &[u8]) {
        self.transfer_bad |= self.transfer.is_some();
        for item in value.split(|&b| b == b',') {
            let coding = item.split(|&b| b == b';').next().unwrap_or_default();
            // Bytes that some readers strip and others do not.
            let plain = coding.trim_ascii();
            let bare = trim_junk(plain);
            self.transfer_bad |= bare.len() != plain.len() || plain.is_empty();
            self.transfer_bad |= self.transfer == Some(Transfer::Chunked);
            if bare.eq_ignore_ascii_case(b"chunked") {
                self.transfer = Some(Transfer::Chunked);
                self.chunked_seen = true;
                continue;
            }
            // Once registered, and the same as nothing; some readers still take it so.
            if bare.eq_ignore_ascii_case(b"identity") {
                self.transfer_bad = true;
                self.transfer = self.transfer.or(Some(Transfer::Other));
                continue;
            }
            self.transfer = Some(Transfer::Other);
            let known = [&b"gzip"[..], b"x-gzip", b"deflate", b"compress", b"x-compress"];
            if known.iter().any(|known| bare.eq_ignore_ascii_case(known)) {
                if !self.transfer_codings.is_empty() {
                    self.transfer_codings.extend_from_slice(b", ");
                }
                self.transfer_codings.extend_from_slice(bare);
            } else {
                self.transfer_bad = true;
            }
        }
    }

    /// What is odd about these fields, in a head of this role, version and target.
    pub(super) fn flags(
        &self,
        role: Role,
        version: (u8, u8),
        method: &[u8],
        target: &[u8],
    ) -> Flags {
        let mut flags = Flags::default();
        let mut flag = |set: bool, flag| {
            if set {
                flags.insert(flag);
            }
        };
        flag(self.length_seen && self.transfer.is_some(), Flags::CL_TE);
        flag(self.length_bad, Flags::CL_BAD);
        let final_chunked = self.transfer == Some(Transfer::Chunked);
        let te_bad =
            self.transfer_bad || version < (1, 1) || (role == Role::Request && !final_chunked);
        flag(self.transfer.is_some() && te_bad, Flags::TE_BAD);
        if role == Role::Request {
            let missing = version == (1, 1) && self.hosts == 0;
            flag(
                missing || self.hosts > 1 || self.host_bad || self.other_host(target),
                Flags::HOST_BAD,
            );
            let body = self.transfer.is_some() || self.length.is_some_and(|length| length > 0);
            flag(
                body && matches!(method, b"GET" | b"HEAD" | b"DELETE" | b"TRACE" | b"CONNECT"),
                Flags::BODY_UNEXPECTED,
            );
        }
        flags
    }

    /// Whether an absolute-form target names another host than the Host field (§3.2.2).
    fn other_host(&self, target: &[u8]) -> bool {
        if self.hosts == 0 || target.first() == Some(&b'/') {
            return false;
        }
        let Some(scheme) = memchr::memmem::find(target.get(..16).unwrap_or(target), b"://") else {
            return false;
        };
        let rest = target.get(scheme.saturating_add(3)..).unwrap_or_default();
        let authority = rest.split(|b| b"/?#".contains(b)).next().unwrap_or_default();
        let authority = authority.rsplit(|&b| b == b'@').next().unwrap_or_default();
        let bare = |host: &'a [u8]| host.strip_suffix(b":80").unwrap_or(host).to_ascii_lowercase();
        authority.strip_suffix(b":80").unwrap_or(authority).to_ascii_lowercase() != bare(self.host)
    }

    /// Length of a request's body, by the rules of §6.3 in order.
    pub(super) fn request(&self) -> Length {
        match (self.transfer, self.length) {
            (Some(Transfer::Chunked), _) => Length::Chunked,
            // Not final, and so against the rules; what reads such a request at all reads chunks.
            (Some(Transfer::Other), _) if self.chunked_seen => Length::Chunked,
            // Unreliable (rule 4): a reader that does not know the coding goes by the length, if there is one.
            (_, Some(length)) if length > 0 => Length::Known(length),
            (_, _) => Length::None,
        }
    }

    /// Length of a response's body, by the rules of §6.3 in order.
    pub(super) fn response(&self, status: u16, method: Method) -> Length {
        match (status, method) {
            (101, _) => Length::Tunnel,
            (100..=199 | 204 | 304, _) | (_, Method::Head) => Length::None,
            (200..=299, Method::Connect) => Length::Tunnel,
            _ => match (self.transfer, self.length) {
                (Some(Transfer::Chunked), _) => Length::Chunked,
                (Some(Transfer::Other), _) => Length::ToClose,
                (None, Some(0)) => Length::None,
                (None, Some(length)) => Length::Known(length),
                (None, None) => Length::ToClose,
            },
        }
    }

    /// Content codings, then transfer codings other than chunked, in the order they were applied.
    pub(super) fn codings(&self) -> Option<Cow<'a, [u8]>> {
        if self.transfer_codings.is_empty() {
            return self.content_coding.clone();
        }
        let mut all = self.content_coding.clone().unwrap_or_default().into_owned();
        if !all.is_empty() {
            all.extend_from_slice(b", ");
        }
        all.extend_from_slice(&self.transfer_codings);
        Some(Cow::Owned(all))
    }
}

/// `1*DIGIT`, nothing else.
fn decimal(text: &[u8]) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0_u64, |value, &b| {
        let digit = b.is_ascii_digit().then_some(u64::from(b & 0xf))?;
        value.checked_mul(10)?.checked_add(digit)
    })
}

/// Takes off what is no token byte at either end.
fn trim_junk(mut text: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = text
        && !(is_token(*first) && *first != b'\'')
    {
        text = rest;
    }
    while let [rest @ .., last] = text
        && !(is_token(*last) && *last != b'\'')
    {
        text = rest;
    }
    text
}

/// Whether a byte may stand in a Host value (RFC 3986 §3.2.2 and §3.2.3).
#[inline]
fn is_host(byte: u8) -> bool {
    const HOSTS: [bool; 256] = table(b"-._~%!$&'()*+,;=:[]");
    HOSTS.get(usize::from(byte)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framing(lines: &[(&'static str, &'static str)]) -> Framing<'static> {
        let mut framing = Framing::default();
        for (name, value) in lines {
            framing.field(name.as_bytes(), value.as_bytes());
        }
        framing
    }

    fn flags(lines: &[(&'static str, &'static str)]) -> Flags {
        framing(&[lines, &[("Host", "a")]].concat()).flags(Role::Request, (1, 1), b"POST", b"/")
    }

    #[test]
    fn rfc9112_6_3_rule_1_no_body() {
        let head = framing(&[("Content-Length", "5"), ("Transfer-Encoding", "chunked")]);
        for status in [100, 199, 204, 304] {
            assert_eq!(head.response(status, Method::Other), Length::None);
        }
        assert_eq!(head.response(200, Method::Head), Length::None);
        assert_eq!(head.response(200, Method::Other), Length::Chunked);
    }

    #[test]
    fn rfc9112_6_3_rule_2_connect() {
        let head = framing(&[("Content-Length", "5")]);
        assert_eq!(head.response(200, Method::Connect), Length::Tunnel);
        assert_eq!(head.response(299, Method::Connect), Length::Tunnel);
        assert_eq!(head.response(407, Method::Connect), Length::Known(5));
        assert_eq!(head.response(101, Method::Other), Length::Tunnel);
    }

    #[test]
    fn rfc9112_6_3_rule_3_transfer_encoding_wins() {
        let lines = [("Content-Length", "5"), ("transfer-encoding", "Chunked")];
        assert_eq!(framing(&lines).request(), Length::Chunked);
        assert_eq!(framing(&lines).response(200, Method::Other), Length::Chunked);
        assert_eq!(flags(&lines), Flags::CL_TE);
    }

    #[test]
    fn rfc9112_6_3_rule_4_final_coding() {
        let other = [("Transfer-Encoding", "chunked, gzip")];
        assert_eq!(framing(&other).response(200, Method::Other), Length::ToClose);
        assert_eq!(framing(&other).request(), Length::Chunked);
        assert_eq!(framing(&[("Transfer-Encoding", "abc")]).request(), Length::None);
        assert_eq!(
            framing(&[("Transfer-Encoding", "chunked, identity")]).response(200, Method::Other),
            Length::Chunked
        );
        assert_eq!(flags(&other), Flags::TE_BAD);
        let fine = [("Transfer-Encoding", "gzip"), ("Content-Encoding", "br")];
        assert_eq!(framing(&fine).codings().unwrap().as_ref(), b"br, gzip");
    }

    #[test]
    fn rfc9112_6_3_rule_5_content_length() {
        assert_eq!(
            framing(&[("Content-Length", "5, 5"), ("Content-Length", "5")]).request(),
            Length::Known(5)
        );
        assert_eq!(flags(&[("Content-Length", "5, 5")]), Flags::default());
        for bad in ["5, 6", "+5", "-1", "0x5", "", "5 5", "99999999999999999999", "5,"] {
            assert!(flags(&[("Content-Length", bad)]).contains(Flags::CL_BAD), "{bad}");
        }
        assert_eq!(
            framing(&[("Content-Length", "x")]).response(200, Method::Other),
            Length::ToClose
        );
    }

    #[test]
    fn rfc9112_6_3_rules_7_and_8_neither() {
        assert_eq!(framing(&[]).request(), Length::None);
        assert_eq!(framing(&[]).response(200, Method::Other), Length::ToClose);
    }

    #[test]
    fn rfc9112_6_1_obfuscated_transfer_encoding() {
        for bad in [
            "\x0bchunked",
            "xchunked",
            "chunked\0",
            "'chunked'",
            "chunked, chunked",
            "identity",
            ",",
        ] {
            assert!(flags(&[("Transfer-Encoding", bad)]).contains(Flags::TE_BAD), "{bad:?}");
        }
        let twice = [("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "chunked")];
        assert!(flags(&twice).contains(Flags::TE_BAD));
        let old =
            framing(&[("Transfer-Encoding", "chunked")]).flags(Role::Response, (1, 0), b"", b"");
        assert_eq!(old, Flags::TE_BAD);
        assert_eq!(flags(&[("Transfer-Encoding", "gzip, chunked")]), Flags::default());
    }

    #[test]
    fn rfc9112_3_2_host() {
        let host = |lines: &[_], target: &'static [u8]| {
            framing(lines).flags(Role::Request, (1, 1), b"GET", target).contains(Flags::HOST_BAD)
        };
        assert!(host(&[], b"/"));
        assert!(host(&[("Host", "a"), ("Host", "a")], b"/"));
        assert!(host(&[("Host", "a b")], b"/"));
        assert!(host(&[("Host", "a/b")], b"/"));
        assert!(host(&[("Host", "b")], b"http://a/x"));
        assert!(!host(&[("Host", "A")], b"http://u@a:80/x"));
        assert!(!host(&[("Host", "[::1]:8080")], b"/?x=http://other/"));
        assert!(!host(&[("Host", "")], b"*"));
    }
}
