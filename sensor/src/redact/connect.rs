//! What is Connect's own: requests by GET, and errors by name.
//!
//! Source: [Connect](https://connectrpc.com/docs/protocol).

use apitap_proto::v1::ValueType;

use super::body::{Visit, json};

/// Codes by name; the place in the list is the number of the status in gRPC.
const CODES: [&str; 17] = [
    "ok",
    "canceled",
    "unknown",
    "invalid_argument",
    "deadline_exceeded",
    "not_found",
    "already_exists",
    "permission_denied",
    "resource_exhausted",
    "failed_precondition",
    "aborted",
    "out_of_range",
    "unimplemented",
    "internal",
    "unavailable",
    "data_loss",
    "unauthenticated",
];

/// Whether a target asks as Connect does with GET, for what changes nothing: `?connect=v1&encoding=proto&message=…`.
pub(crate) fn asked_by_get(target: &[u8]) -> bool {
    let Some(at) = memchr::memchr(b'?', target) else { return false };
    let query = target.get(at.saturating_add(1)..).unwrap_or_default();
    let has = |name: &[u8]| query.split(|&b| b == b'&').any(|part| part.starts_with(name));
    has(b"message=") && has(b"encoding=") && query.split(|&b| b == b'&').any(|p| p == b"connect=v1")
}

/// The status that the end of a stream tells: 0 where it tells of no error.
pub(crate) fn ended(text: &[u8]) -> Option<u32> {
    let found = Code::read(text, &[b"error", b"code"])?;
    if found.below { found.status } else { Some(0) }
}

/// The status that the error in the body of an answer stands for.
pub(crate) fn refused(text: &[u8]) -> Option<u32> {
    Code::read(text, &[b"code"])?.status
}

/// Looks for the name of a code below some members.
struct Code {
    wanted: &'static [&'static [u8]],
    depth: usize,
    /// So many of the members wanted were entered, one in another.
    matched: usize,
    /// Whether the first of them was there.
    below: bool,
    status: Option<u32>,
}

impl Code {
    /// `None` when the text is no JSON.
    fn read(text: &[u8], wanted: &'static [&'static [u8]]) -> Option<Self> {
        let mut code = Self { wanted, depth: 0, matched: 0, below: false, status: None };
        let end = json::read(text, false, &mut code);
        end.malformed.is_none().then_some(code)
    }
}

impl Visit for Code {
    fn enter(&mut self, key: &[u8]) {
        if self.depth == self.matched && self.wanted.get(self.matched).is_some_and(|w| *w == key) {
            self.matched = self.matched.saturating_add(1);
            self.below = true;
        }
        self.depth = self.depth.saturating_add(1);
    }

    fn item(&mut self) {
        self.depth = self.depth.saturating_add(1);
    }

    fn leave(&mut self) {
        if self.depth == self.matched {
            self.matched = self.matched.saturating_sub(1);
        }
        self.depth = self.depth.saturating_sub(1);
    }

    fn leaf(&mut self, kind: ValueType, text: &[u8]) {
        let here = self.matched == self.wanted.len() && self.depth == self.matched;
        if here && kind == ValueType::String && self.status.is_none() {
            let at = CODES.iter().position(|code| code.as_bytes() == text);
            self.status = at.and_then(|at| u32::try_from(at).ok());
        }
    }

    fn cut(&mut self, _kind: ValueType) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn get_is_told_by_its_query() {
        for (target, told) in [
            ("/a.B/C?connect=v1&base64=1&encoding=proto&message=CAE", true),
            ("/a.B/C?message=%7B%7D&encoding=json&connect=v1", true),
            ("/a.B/C?encoding=json&connect=v1", false),
            ("/a.B/C?message=x&encoding=json&connect=v12", false),
            ("/a.B/connect=v1&encoding=json&message=x", false),
            ("/a.B/C", false),
        ] {
            assert_eq!(asked_by_get(target.as_bytes()), told, "{target}");
        }
    }

    #[test]
    fn ends_of_streams_tell_a_status() {
        for (text, status) in [
            ("{}", Some(0)),
            (r#"{"metadata":{"code":["aborted"]}}"#, Some(0)),
            (r#"{"error":{"details":[{"code":"aborted"}],"code":"not_found"}}"#, Some(5)),
            (r#"{"error":{"code":"new"}}"#, None),
            (r#"{"error":{}}"#, None),
            (r#"{"error":"#, None),
            ("", None),
        ] {
            assert_eq!(ended(text.as_bytes()), status, "{text}");
        }
    }

    #[test]
    fn errors_tell_a_status() {
        for (text, status) in [
            (r#"{"code":"unauthenticated","message":"no"}"#, Some(16)),
            (r#"{"error":{"code":"aborted"},"code":"canceled"}"#, Some(1)),
            (r#"{"error":{"code":"aborted"}}"#, None),
            (r#"[{"code":"aborted"}]"#, None),
            (r#"{"code":5}"#, None),
            ("not found", None),
        ] {
            assert_eq!(refused(text.as_bytes()), status, "{text}");
        }
    }
}
