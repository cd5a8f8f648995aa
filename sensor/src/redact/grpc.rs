//! What a call is as gRPC, gRPC-Web or Connect: service, method, status, counts of messages.

use apitap_proto::v1;
use hashbrown::HashMap;

use super::body::grpc::{binary, end_of_connect, frames, lines};
use super::connect;
use super::style::safe_name;
use super::{schema, wire};
use crate::call::{Call, Message};
use crate::http::grpc::Messages;

/// Codings of messages that are named; others are `unknown`.
const ENCODINGS: &[&str] = &["identity", "gzip", "deflate", "snappy", "zstd", "br"];

/// Whether a message is of a remote procedure call of this kind.
pub(crate) fn is_rpc(message: &Message) -> bool {
    let content_type = message.field("content-type").unwrap_or_default();
    // Of most types the letter behind "application/" tells that they are neither.
    let may_be = matches!(content_type.get(12), Some(b'g' | b'G' | b'c' | b'C'));
    let is = |prefix: &[u8]| may_be && begins(content_type, prefix);
    is(b"application/grpc")
        || is(b"application/connect+")
        || message.field("connect-protocol-version").is_some()
        || connect::asked_by_get(message.target())
}

fn begins(text: &[u8], prefix: &[u8]) -> bool {
    text.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
}

/// Most paths remembered.
const KNOWN_MAX: usize = 1024;

/// Services and methods met before, by the paths that name them: only such as may be kept.
#[derive(Default)]
pub(crate) struct Known {
    names: HashMap<Box<[u8]>, (String, String), foldhash::fast::RandomState>,
}

impl Known {
    /// Service and method that a path names, where both are names that may be kept.
    fn name(&mut self, path: &[u8]) -> Option<(String, String)> {
        if let Some(known) = self.names.get(path) {
            return Some(known.clone());
        }
        let found = name(path)?;
        if path.len() <= PATH_MAX && !path.contains(&b'?') {
            if self.names.len() >= KNOWN_MAX {
                self.names.clear();
            }
            self.names.insert(path.into(), found.clone());
        }
        Some(found)
    }
}

/// Longest path remembered, in octets.
const PATH_MAX: usize = 256;

/// Service and method that a path names, where both are names that may be kept.
fn name(path: &[u8]) -> Option<(String, String)> {
    let bare = path.split(|&b| b == b'?').next()?.strip_prefix(b"/")?;
    // Some servers put a prefix before the service.
    let slash = memchr::memrchr(b'/', bare)?;
    let service = safe_name(bare.get(..slash)?)?;
    Some((service, safe_name(bare.get(slash.saturating_add(1)..)?)?))
}

/// Whether the whole path of a request is a name that may be kept.
pub(crate) fn is_named(message: &Message) -> bool {
    is_rpc(message) && name(message.target()).is_some()
}

/// What a call is as gRPC or the like. All of it may leave.
pub(crate) struct Facts {
    /// Its protocol, if that has a name of its own.
    pub(crate) protocol: Option<v1::Protocol>,
    /// `grpc-status`.
    pub(crate) status: Option<u32>,
    /// Whether the whole path of its request is a name that may be kept.
    pub(crate) named: bool,
    service: String,
    method: String,
    encoding: &'static str,
    timeout_ns: Option<u64>,
    asked: Messages,
    told: Messages,
}

/// The facts; `None` when the call is no such call.
pub(crate) fn facts(known: &mut Known, call: &Call) -> Option<Facts> {
    let (request, response) = (call.request.as_ref(), call.response.as_ref());
    let both = || [request, response].into_iter().flatten();
    let rpc = both().find(|message| is_rpc(message))?;
    let content_type = rpc.field("content-type").unwrap_or_default();
    let name = request.and_then(|r| known.name(r.target()));
    let named = name.is_some() && request.is_some_and(is_rpc);
    let (service, method) = name.unwrap_or_default();
    let protocol = if begins(content_type, b"application/grpc-web") {
        Some(v1::Protocol::GrpcWeb)
    } else if begins(content_type, b"application/grpc") {
        Some(v1::Protocol::Grpc)
    } else {
        // Connect has no name of its own: the transport's stays.
        None
    };
    Some(Facts {
        protocol,
        status: response.and_then(|response| match protocol {
            Some(_) => status(response),
            None => connect_status(response),
        }),
        named,
        service,
        method,
        encoding: both().find_map(encoding_name).unwrap_or_default(),
        timeout_ns: request.and_then(timeout),
        asked: request.map(|r| r.facts.messages).unwrap_or_default(),
        told: response.map(|r| r.facts.messages).unwrap_or_default(),
    })
}

impl Facts {
    /// Writes the message `Grpc` as a field of `CallRecord`.
    ///
    /// `described`: messages read by what is described of them, and those that are not as described.
    pub(crate) fn write(&self, described: (u32, u32), out: &mut Vec<u8>) {
        use schema::grpc as field;
        let Self { status, service, method, encoding, timeout_ns, asked, told, .. } = self;
        let grpc = wire::open(out, schema::record::GRPC);
        wire::text(out, field::SERVICE, service);
        wire::text(out, field::METHOD, method);
        wire::number(out, field::REQUEST_MESSAGES, asked.count.into());
        wire::number(out, field::RESPONSE_MESSAGES, told.count.into());
        if let Some(status) = *status {
            wire::present(out, field::STATUS, status.into());
        }
        wire::text(out, field::ENCODING, encoding);
        if let Some(nanos) = *timeout_ns {
            wire::present(out, field::TIMEOUT_NS, nanos);
        }
        wire::number(out, field::REQUEST_MESSAGE_BYTES, asked.bytes);
        wire::number(out, field::RESPONSE_MESSAGE_BYTES, told.bytes);
        wire::number(out, field::REQUEST_MESSAGE_BYTES_MAX, asked.longest.into());
        wire::number(out, field::RESPONSE_MESSAGE_BYTES_MAX, told.longest.into());
        wire::number(out, field::REQUEST_MESSAGES_COMPRESSED, asked.compressed.into());
        wire::number(out, field::RESPONSE_MESSAGES_COMPRESSED, told.compressed.into());
        wire::enumeration(out, field::KIND, kind(service));
        wire::number(out, field::MESSAGES_DESCRIBED, described.0.into());
        wire::number(out, field::MESSAGES_MISFIT, described.1.into());
        wire::close(out, grpc);
    }
}

/// What a service is for, where it belongs to gRPC itself.
fn kind(service: &str) -> v1::grpc::Kind {
    // Some servers put a prefix before the service.
    match service.rsplit('/').next().unwrap_or_default() {
        "grpc.health.v1.Health" => v1::grpc::Kind::HealthCheck,
        "grpc.reflection.v1.ServerReflection" | "grpc.reflection.v1alpha.ServerReflection" => {
            v1::grpc::Kind::Reflection
        }
        _ => v1::grpc::Kind::Unspecified,
    }
}

/// `grpc-status`: from the trailers, from the head (trailers only), or from the body (gRPC-Web).
fn status(response: &Message) -> Option<u32> {
    let is = |name: &[u8]| name.eq_ignore_ascii_case(b"grpc-status");
    let fields = response.trailers().chain(response.fields());
    if let Some(value) = fields.filter(|(name, _)| is(name)).map(|(_, value)| value).next() {
        return number(value);
    }
    let content_type = response.field("content-type")?;
    if !begins(content_type, b"application/grpc-web") {
        return None;
    }
    let body = binary(content_type, response.body());
    let last =
        frames(&body).find(|frame| frame.is_trailers() && !frame.cut && frame.flags & 1 == 0)?;
    lines(last.payload).find(|(name, _)| is(name)).and_then(|(_, value)| number(value))
}

/// The status that the code of an answer of Connect stands for, in the last frame of a stream, or in all of the body.
fn connect_status(response: &Message) -> Option<u32> {
    let content_type = response.field("content-type").unwrap_or_default();
    if begins(content_type, b"application/connect+") {
        return connect::ended(&end_of_connect(response.body(), encoding(response))?);
    }
    let json = begins(content_type, b"application/json");
    match response.facts.status {
        200 if json || begins(content_type, b"application/proto") => Some(0),
        200 => None,
        _ if json => connect::refused(response.body()),
        _ => None,
    }
}

fn number<T: std::str::FromStr>(text: &[u8]) -> Option<T> {
    let digits = (1..=9).contains(&text.len()) && text.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(text).ok().filter(|_| digits)?.parse().ok()
}

/// The coding of the messages inside a body, as sent; empty when none is named.
pub(crate) fn encoding(message: &Message) -> &[u8] {
    named_encoding(message).unwrap_or_default()
}

fn named_encoding(message: &Message) -> Option<&[u8]> {
    message.field("grpc-encoding").or_else(|| message.field("connect-content-encoding"))
}

fn encoding_name(message: &Message) -> Option<&'static str> {
    let value = named_encoding(message)?;
    let known = ENCODINGS.iter().find(|known| value.eq_ignore_ascii_case(known.as_bytes()));
    Some(known.unwrap_or(&"unknown"))
}

/// `grpc-timeout` (up to eight digits and a unit) or `connect-timeout-ms`, in nanoseconds.
fn timeout(request: &Message) -> Option<u64> {
    if let Some(value) = request.field("connect-timeout-ms") {
        return number::<u64>(value)?.checked_mul(1_000_000);
    }
    let (unit, digits) = request.field("grpc-timeout")?.split_last()?;
    let nanos = match unit {
        b'H' => 3_600_000_000_000,
        b'M' => 60_000_000_000,
        b'S' => 1_000_000_000,
        b'm' => 1_000_000,
        b'u' => 1000,
        b'n' => 1,
        _ => return None,
    };
    number::<u64>(digits)?.checked_mul(nanos)
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::super::fuzz::{call, message};
    use super::*;

    #[test]
    fn what_is_written_is_the_schema_s_message() {
        let fields = [(&b"content-type"[..], &b"application/grpc-web+proto"[..])];
        let asked = [fields[0], (b"grpc-encoding", b"gzip"), (b"grpc-timeout", b"5n")];
        let told = [fields[0], (b"grpc-status", b"0")];
        let mut request = message(b"POST", b"/pkg.v1.Users/Get", &asked, b"", 0);
        let mut response = message(b"", b"", &told, b"", 200);
        let counted = |n| Messages {
            count: n,
            compressed: n + 1,
            bytes: 300,
            longest: n + 2,
            malformed: false,
        };
        (request.facts.messages, response.facts.messages) = (counted(10), counted(20));
        let call = call(Some(request), Some(response));
        let facts = facts(&mut Known::default(), &call).unwrap();
        assert_eq!(facts.protocol, Some(v1::Protocol::GrpcWeb));
        let grpc = v1::Grpc {
            service: "pkg.v1.Users".into(),
            method: "Get".into(),
            request_messages: 10,
            response_messages: 20,
            status: Some(0),
            encoding: "gzip".into(),
            timeout_ns: Some(5),
            request_message_bytes: 300,
            response_message_bytes: 300,
            request_message_bytes_max: 12,
            response_message_bytes_max: 22,
            request_messages_compressed: 11,
            response_messages_compressed: 21,
            kind: v1::grpc::Kind::Unspecified.into(),
            messages_described: 2,
            messages_misfit: 1,
        };
        let record = v1::CallRecord { grpc: Some(grpc), ..v1::CallRecord::default() };
        let mut out = Vec::new();
        facts.write((2, 1), &mut out);
        assert_eq!(out, record.encode_to_vec());
    }

    #[test]
    fn health_checks_and_reflection_are_told() {
        use v1::grpc::Kind;
        for (service, expected) in [
            ("grpc.health.v1.Health", Kind::HealthCheck),
            ("api/grpc.health.v1.Health", Kind::HealthCheck),
            ("grpc.reflection.v1.ServerReflection", Kind::Reflection),
            ("grpc.reflection.v1alpha.ServerReflection", Kind::Reflection),
            ("acme.grpc.health.v1.Health", Kind::Unspecified),
            ("pkg.v1.Users", Kind::Unspecified),
            ("", Kind::Unspecified),
        ] {
            assert_eq!(kind(service), expected, "{service}");
        }
    }

    #[test]
    fn other_calls_are_none() {
        let request = message(b"GET", b"/a/b", &[], b"", 0);
        let call = call(Some(request), None);
        assert!(facts(&mut Known::default(), &call).is_none());
    }

    #[test]
    fn names_that_are_data_are_no_names() {
        assert_eq!(name(b"/pkg.v1.Users/Get"), Some(("pkg.v1.Users".into(), "Get".into())));
        assert_eq!(name(b"/api/pkg.Users/Get?x=1"), Some(("api/pkg.Users".into(), "Get".into())));
        for path in ["/pkg.Users/4111111111111111", "/kim@example.com/Get", "/Get", "Users/Get", ""]
        {
            assert_eq!(name(path.as_bytes()), None, "{path}");
        }
    }

    #[test]
    fn timeouts_are_nanoseconds() {
        for (name, value, nanos) in [
            ("grpc-timeout", "100m", Some(100_000_000)),
            ("grpc-timeout", "2H", Some(7_200_000_000_000)),
            ("grpc-timeout", "99999999H", None),
            ("grpc-timeout", "1x", None),
            ("grpc-timeout", "S", None),
            ("connect-timeout-ms", "250", Some(250_000_000)),
        ] {
            let fields = [(name.as_bytes(), value.as_bytes())];
            let request = message(b"POST", b"/", &fields, b"", 0);
            let got = timeout(&request).filter(|_| value != "99999999H" || nanos.is_some());
            assert_eq!(got, nanos, "{value}");
        }
    }

    #[test]
    fn connect_names_its_status() {
        let told = |kind: &str, body: &[u8], status| {
            connect_status(&message(b"", b"", &[(b"content-type", kind.as_bytes())], body, status))
        };
        let end = b"\0\0\0\0\x02hi\x02\0\0\0\x1c{\"error\":{\"code\":\"aborted\"}}";
        assert_eq!(told("application/connect+proto", end, 200), Some(10));
        // It is not there whole.
        assert_eq!(told("application/connect+proto", &end[..20], 200), None);
        assert_eq!(told("application/proto", b"\x08\x01", 200), Some(0));
        assert_eq!(told("application/json", br#"{"code":"not_found"}"#, 404), Some(5));
        assert_eq!(told("text/html", b"<p>", 200), None);
        assert_eq!(told("text/html", b"<p>", 404), None);
    }

    #[test]
    fn connect_by_get_is_a_call_of_a_method() {
        let target = b"/pkg.v1.Users/Get?connect=v1&encoding=json&message=%7B%7D";
        let request = message(b"GET", target, &[], b"", 0);
        assert!(is_named(&request));
        let call = call(Some(request), None);
        let facts = facts(&mut Known::default(), &call).unwrap();
        assert_eq!((facts.service.as_str(), facts.method.as_str()), ("pkg.v1.Users", "Get"));
    }

    #[test]
    fn a_status_may_stand_in_the_body() {
        let body = b"\x80\0\0\0\x10grpc-status: 13\n";
        let fields = [(&b"content-type"[..], &b"application/grpc-web"[..])];
        assert_eq!(status(&message(b"", b"", &fields, body, 200)), Some(13));
        let fields = [(&b"content-type"[..], &b"application/grpc"[..]), (b"grpc-status", b"7")];
        assert_eq!(status(&message(b"", b"", &fields, b"", 200)), Some(7));
        assert_eq!(status(&message(b"", b"", &fields[..1], body, 200)), None);
    }
}
