use apitap_proto::v1;
use prost::Message as _;
use v1::value::Form;

use super::*;
use crate::call::Span;
use crate::redact::{Config, Keys};

/// Fields as they are sent.
#[derive(Default)]
pub(crate) struct Sent {
    text: Vec<u8>,
    fields: Vec<(Span, Span)>,
}

impl Sent {
    pub(crate) fn of<'a>(fields: impl Iterator<Item = (&'a [u8], &'a [u8])>) -> Self {
        let mut sent = Self::default();
        for (name, value) in fields {
            let name = sent.push(name);
            sent.push(b": ");
            let value = sent.push(value);
            sent.push(b"\r\n");
            sent.fields.push((name, value));
        }
        sent
    }

    fn push(&mut self, text: &[u8]) -> Span {
        let start = u32::try_from(self.text.len()).unwrap();
        self.text.extend_from_slice(text);
        Span { start, len: u32::try_from(text.len()).unwrap() }
    }

    pub(crate) fn lines(&self) -> Lines<'_> {
        Lines { text: &self.text, fields: &self.fields }
    }
}

fn read_all(fields: &[(&str, &str)]) -> (v1::Request, Credentials, Judge) {
    let mut judge = Judge::new(&Keys::ephemeral().unwrap(), &Config::default());
    let mut out = Vec::new();
    let sent = Sent::of(fields.iter().map(|(n, v)| (n.as_bytes(), v.as_bytes())));
    let headers = read(&mut judge, &mut out, sent.lines(), REQUEST, 0);
    (v1::Request::decode(out.as_slice()).unwrap(), headers.credentials, judge)
}

fn kept_text(value: &v1::Value) -> Option<&str> {
    match &value.form {
        Some(Form::Kept(text)) => Some(text),
        _ => None,
    }
}

// What an answer said before, in this call or another, makes no result of what a request sends.
#[test]
fn a_code_is_hidden_whatever_was_read_before() {
    use crate::redact::body::{self, Source};
    let mut judge = Judge::new(&Keys::ephemeral().unwrap(), &Config::default());
    let source = Source::whole(b"application/json", br#"{"a":1}"#);
    body::read(&mut judge, &mut Vec::new(), "response.body:", source);
    let (sent, mut out) =
        (Sent::of([(b"Code".as_slice(), b"4829".as_slice())].into_iter()), Vec::new());
    read(&mut judge, &mut out, sent.lines(), REQUEST, 0);
    let request = v1::Request::decode(out.as_slice()).unwrap();
    assert_eq!(kept_text(request.headers[0].value.as_ref().unwrap()), None);
}

#[test]
fn harmless_headers_are_kept() {
    for (name, value, expected) in [
        ("Accept", "application/json, text/plain;q=0.9", "application/json, text/plain;q=0.9"),
        ("User-Agent", "curl/8.5.0", "curl/8.5.0"),
        ("Content-Type", "Application/JSON; charset=UTF-8", "application/json; charset=utf-8"),
        ("Content-Length", "1234", "1234"),
        ("Host", "Shop.example.com:8080", "shop.example.com:8080"),
        ("Origin", "https://shop.example.com", "https://shop.example.com"),
        ("Referer", "https://shop.example.com/a?b=c", "https://shop.example.com"),
        ("WWW-Authenticate", "Bearer realm=\"x\"", "bearer"),
        ("Date", "Sun, 22 Nov 2026 10:00:00 GMT", "Sun, 22 Nov 2026 10:00:00 GMT"),
        ("X-RateLimit-Remaining", "59", "59"),
        ("Strict-Transport-Security", "max-age=31536000", "max-age=31536000"),
    ] {
        let (request, ..) = read_all(&[(name, value)]);
        assert_eq!(kept_text(request.headers[0].value.as_ref().unwrap()), Some(expected), "{name}");
        assert_eq!(request.headers[0].name, name.to_ascii_lowercase());
    }
}

// gRPC: messages are in percent coding, binary metadata in base64 with or without padding.
#[test]
fn coded_metadata_is_looked_through() {
    for (name, value) in [
        ("grpc-message", "no user kim%40example.com"),
        ("grpc-message", "card 4111%201111%201111%201111"),
        ("grpc-status-details-bin", "CAUSD2tpbUBleGFtcGxlLmNvbQ"),
        ("x-user-bin", "CAUSD2tpbUBleGFtcGxlLmNvbQ=="),
        ("x-user-bin", "kim@example.com"),
        ("x-user-bin", "\0\u{8}\u{1}kim@example.com"),
    ] {
        let (request, _, judge) = read_all(&[(name, value)]);
        let sent = request.headers[0].value.as_ref().unwrap();
        assert_eq!(kept_text(sent), None, "{name}: {value}");
        assert_eq!(judge.finds.kept(), 1, "{name}: {value}");
    }
}

// What is known by its beginning or end alone is a name of someone's making.
#[test]
fn names_are_not_kept_for_a_part_of_them() {
    for name in ["4111111111111111-bin", "x-ratelimit-4111111111111111", "kim@example.com-bin"] {
        let (request, ..) = read_all(&[(name, "1")]);
        assert_eq!(request.headers[0].name, format!("{{string:{}}}", name.len()));
    }
    for name in ["x-ratelimit-remaining", "x-ratelimit-limit", "grpc-status-details-bin"] {
        assert_eq!(read_all(&[(name, "1")]).0.headers[0].name, name);
    }
}

#[test]
fn kept_headers_are_looked_at_all_the_same() {
    for (name, value) in [
        ("User-Agent", "bot (kim@example.com)"),
        ("Server", "4111111111111111"),
        ("Accept", "010-1234-5678"),
        ("Accept-Language", "ko, quellborn"),
        ("Content-Encoding", "17 Larkspur Close"),
        ("Vary", "M48273615"),
        ("Server", "iquellborn84"),
        ("Cache-Control", "max-age=1, 517462"),
        ("Content-Type", "application/x4111111111111111"),
        ("Content-Length", "4111111111111111"),
        ("X-Unknown", "hello world"),
        ("X-RateLimit-User", "90010112"),
        ("RateLimit-Phone", "74620918"),
        ("Host", "a b c"),
    ] {
        let (request, ..) = read_all(&[(name, value)]);
        let kept = request.headers[0].value.as_ref().and_then(kept_text);
        assert!(
            kept.is_none_or(|kept| kept.starts_with('{') || kept.ends_with("{subtype}")),
            "{name}"
        );
    }
}

#[test]
fn cookies_are_tokens() {
    let (request, credentials, judge) =
        read_all(&[("Cookie", "JSESSIONID=AB12CD34; theme=dark; user_id=42; 4111111111111111=x")]);
    let names: Vec<_> = request.cookies.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["JSESSIONID", "theme", "user_id", "{string:16}"]);
    for cookie in &request.cookies {
        assert!(
            matches!(cookie.value.as_ref().unwrap().form, Some(Form::Token(_))),
            "{}",
            cookie.name
        );
    }
    assert_eq!(judge.entities.len(), 1);
    assert!(credentials.cookie);
}

#[test]
fn urls_give_away_what_their_names_say() {
    for (name, value, class) in [
        ("Referer", "https://shop.example/a?b=1&password=hunter2-secret", "password"),
        ("Referer", "https://shop.example/a#access_token=abc", "credential"),
        ("Location", "/login?email=%6bim@example.com", "email"),
        ("Set-Cookie", "a=1; Path=/4111111111111111", "pan"),
        ("WWW-Authenticate", "Bearer error_description=\"no kim@example.com\"", "email"),
        ("Content-Disposition", "attachment; filename=\"kim%40example.com.pdf\"", "email"),
        ("Link", "<https://shop.example/a?b=kim%2540example.com>; rel=next", "email"),
    ] {
        let (_, _, judge) = read_all(&[(name, value)]);
        let found = judge.finds.tree().findings;
        assert!(found.iter().any(|f| f.class == class), "{name}: {value}");
    }
}

#[test]
fn addresses_one_by_one() {
    let (request, ..) = read_all(&[
        ("X-Forwarded-For", "203.0.113.7, 10.0.0.1"),
        ("Forwarded", "for=203.0.113.7;proto=https, for=\"[2001:db8::1]:80\";by=10.0.0.1:9"),
    ]);
    let values: Vec<_> = request.headers.iter().map(|header| &header.value).collect();
    assert_eq!(values.len(), 5);
    assert_eq!((values[0], values[1]), (values[2], values[4]));
}
