//! Bodies: leaves with their paths, by format. Pure readers that drive a [`Visit`]; cut input is read up to
//! the cut, and a value that the cut may have shortened is not handed on as if it were whole.

use apitap_proto::v1::ValueType;
use zeroize::Zeroizing;

use super::judge::Judge;
use crate::http::grpc::framing;
use edges::Steps;
use fields::{Fields, Hints};
use shape::Shaped;

mod charset;
mod edges;
mod entry;
pub(crate) mod fields;
pub(crate) mod form;
pub(crate) mod graphql;
pub(crate) mod grpc;
pub(crate) mod json;
#[cfg(test)]
mod log;
mod multipart;
pub(crate) mod paths;
pub(crate) mod percent;
mod plan;
mod protobuf;
pub(crate) mod shape;
pub(crate) mod xml;

pub(crate) use multipart::{file_name, parameter, parts};
pub(crate) use protobuf::Described;

/// Octets looked through of a page or a script.
const PAGE_MAX: usize = 16 * 1024;

/// What a reader says of a body.
pub(crate) trait Visit {
    /// A member called `key` begins.
    fn enter(&mut self, key: &[u8]);
    /// Begins the member that is likely to come, if `text` begins with its name and a closing quote; gives back how
    /// many octets these are.
    fn guess(&mut self, _text: &[u8]) -> Option<usize> {
        None
    }
    /// Goes on to the next value, where so many containers are `open`, if `text` is what came before it the last
    /// time; gives back how many octets that were and what they did. It is the visitor's as if all had been told.
    fn jump(&mut self, _text: &[u8], _open: u32) -> Option<(usize, Steps)> {
        None
    }
    /// The next value begins; `run` is what stood before it since [`jump`](Visit::jump) was asked.
    fn ran(&mut self, _run: &[u8], _steps: Steps) {}
    /// A member that has a number for a name begins.
    fn number(&mut self, number: u64) {
        self.enter(number.to_string().as_bytes());
    }
    /// An array begins: its items collapse.
    fn item(&mut self);
    /// What began last is over.
    fn leave(&mut self);
    /// What comes behind the scalar that is told next, where that is known.
    fn ahead(&mut self, _rest: &[u8]) {}
    /// A container is closed, and what was last in it is left.
    fn closed(&mut self) {}
    /// A scalar, or an empty container. `Unspecified` where the format has only text.
    fn leaf(&mut self, kind: ValueType, text: &[u8]);
    /// A value cut off: its type only.
    fn cut(&mut self, kind: ValueType);
    /// A word of an enumeration that the configuration describes.
    fn word(&mut self, text: &str) {
        self.leaf(ValueType::String, text.as_bytes());
    }
    /// A protobuf message begins that is described, and is as it is described, or is not.
    fn described(&mut self, _fits: bool) {}
    /// What is no value, such as a comment: nothing of it leaves, but it is looked through.
    fn aside(&mut self, _text: &[u8]) {}
}

/// How a reader ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct End {
    /// Whether the text broke the format's syntax; at which octet.
    pub(crate) malformed: Option<usize>,
    /// Whether the text ended inside a value.
    pub(crate) cut: bool,
    /// Values at the top.
    pub(crate) roots: u32,
}

/// What is known of a body.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    /// Content-Type as sent; empty when absent.
    pub(crate) content_type: &'a [u8],
    /// Coding of single messages inside the body (gRPC); empty when absent.
    pub(crate) encoding: &'a [u8],
    /// Decoded octets, up to the inspection limit.
    pub(crate) body: &'a [u8],
    /// Whether the body went on, or was not seen to its end.
    pub(crate) cut: bool,
    /// What its protobuf messages are, where that is described.
    pub(crate) described: Option<Described<'a>>,
}

impl<'a> Source<'a> {
    /// A whole body of which nothing else is known.
    pub(crate) const fn whole(content_type: &'a [u8], body: &'a [u8]) -> Self {
        Self { content_type, encoding: b"", body, cut: false, described: None }
    }
}

/// A body as read.
pub(crate) struct Read {
    pub(crate) fields_total: u32,
    pub(crate) format: &'static str,
    pub(crate) malformed: bool,
    pub(crate) hints: Hints,
    pub(crate) shape: Shaped,
}

/// How a body is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Ndjson,
    Sse,
    Form,
    Multipart,
    Xml,
    Text,
    Graphql,
    Grpc,
    Protobuf,
    Opaque,
}

impl Format {
    const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Sse => "sse",
            Self::Form => "form",
            Self::Multipart => "multipart",
            Self::Xml => "xml",
            Self::Text => "text",
            Self::Graphql => "graphql",
            Self::Grpc => "grpc",
            Self::Protobuf => "protobuf",
            Self::Opaque => "",
        }
    }
}

/// Reads a body and writes its fields to `out`, noting what was found under `part` (`request.body:`).
pub(crate) fn read(
    judge: &mut Judge,
    out: &mut Vec<u8>,
    part: &'static str,
    source: Source<'_>,
) -> Read {
    if is_usual(source) {
        return read_text(judge, out, part, source, (Format::Json, source.body));
    }
    let body = grpc::binary(source.content_type, source.body);
    let body = charset::utf8(source.content_type, &body);
    read_text(judge, out, part, source, told(source, &body))
}

/// Whether it is told at a glance that a body is to be read as JSON as it is: most are.
fn is_usual(source: Source<'_>) -> bool {
    // With a zero behind, it may be UTF-16.
    source.content_type == b"application/json" && matches!(source.body, [b'{' | b'[', 1..=0xff, ..])
}

/// How a body in UTF-8 is to be read, and what of it.
fn told<'a>(source: Source<'_>, body: &'a [u8]) -> (Format, &'a [u8]) {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    match padded(body, source.cut) {
        Some(json) => (Format::Json, json),
        None => (sniff(source.content_type, body), body),
    }
}

/// Reads a body in UTF-8.
fn read_text(
    judge: &mut Judge,
    out: &mut Vec<u8>,
    part: &'static str,
    source: Source<'_>,
    (format, body): (Format, &[u8]),
) -> Read {
    let typed = !matches!(format, Format::Form | Format::Multipart | Format::Xml | Format::Text);
    let mut fields = Fields::new(judge, part, body, typed);
    let (end, format) = read_as(&mut fields, format, body, source);
    let mut malformed = false;
    if let Some(at) = end.malformed {
        malformed = true;
        // What could not be parsed is still looked through.
        fields.rest(body.get(at..).unwrap_or_default());
    }
    let counts = &mut fields.judge.counts;
    match format {
        Format::Opaque => counts.bodies_opaque += 1,
        _ => counts.bodies_read += 1,
    }
    counts.bodies_malformed += u64::from(malformed);
    let (fields_total, hints, mut shape) = fields.finish(out);
    if malformed || end.cut || source.cut || format == Format::Opaque {
        shape.hash = None;
    }
    if format == Format::Ndjson {
        shape.records = end.roots;
    }
    Read { fields_total, format: format.name(), malformed, hints, shape }
}

fn read_as(
    fields: &mut Fields<'_>,
    format: Format,
    body: &[u8],
    source: Source<'_>,
) -> (End, Format) {
    let end = match format {
        Format::Json | Format::Ndjson => {
            let end = json::read(body, source.cut, fields);
            let many = end.roots > 1 || format == Format::Ndjson;
            return (end, if many { Format::Ndjson } else { Format::Json });
        }
        Format::Sse => sse(body, source.cut, fields),
        Format::Form => form::read(body, source.cut, fields),
        Format::Multipart => multipart::read(body, source.content_type, source.cut, fields),
        Format::Xml => xml::read(body, source.cut, fields),
        Format::Text => {
            fields.text(body, source.cut);
            End::default()
        }
        Format::Graphql => graphql::read(body, source.cut, fields),
        Format::Grpc => grpc::read(body, source, fields),
        Format::Protobuf => protobuf::read_described(body, source.cut, source.described, fields),
        Format::Opaque => {
            if page(source.content_type, body) {
                fields.aside(body.get(..PAGE_MAX).unwrap_or(body));
            }
            End::default()
        }
    };
    (end, format)
}

/// Server-sent events (HTML standard §9.2.6): the data of each, whose lines are one text.
fn sse(body: &[u8], cut: bool, fields: &mut Fields<'_>) -> End {
    let mut data = Zeroizing::new(Vec::new());
    let mut lines = body.split(|&b| b == b'\n').peekable();
    while let Some(line) = lines.next() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let last = lines.peek().is_none();
        let text =
            line.strip_prefix(b"data").filter(|rest| matches!(rest.first(), None | Some(b':')));
        match text {
            Some(text) => {
                if !data.is_empty() {
                    data.push(b'\n');
                }
                data.extend_from_slice(text.strip_prefix(b":").unwrap_or(text));
            }
            // Comments, identifiers, names of events.
            None => fields.aside(line),
        }
        if (line.is_empty() || last) && !data.is_empty() {
            event(&data, cut && last && !line.is_empty(), fields);
            data.clear();
        }
    }
    End::default()
}

fn event(data: &[u8], cut: bool, fields: &mut Fields<'_>) {
    let data = data.trim_ascii();
    match data.first() {
        Some(b'{' | b'[') => {
            let end = json::read(data, cut, fields);
            if let Some(at) = end.malformed {
                fields.rest(data.get(at..).unwrap_or_default());
            }
        }
        _ => fields.text(data, cut),
    }
}

/// The format of a body: what its media type says, unless the body shows otherwise.
fn sniff(content_type: &[u8], body: &[u8]) -> Format {
    let essence = content_type
        .split(|&b| b == b';')
        .next()
        .unwrap_or_default()
        .trim_ascii()
        .to_ascii_lowercase();
    let start = body.trim_ascii_start();
    let looks_json = matches!(start.first(), Some(b'{' | b'[')) || guarded(start).is_some();
    let ends = |suffix: &[u8]| essence.ends_with(suffix);
    match essence.as_slice() {
        b"" | b"application/octet-stream" | b"text/plain" | b"binary/octet-stream" => {
            untyped(&essence, start)
        }
        b"application/x-ndjson"
        | b"application/ndjson"
        | b"application/jsonl"
        | b"application/jsonlines"
        | b"application/json-seq"
        | b"application/stream+json" => Format::Ndjson,
        b"text/event-stream" => Format::Sse,
        b"application/graphql" => Format::Graphql,
        e if is_protobuf(e) && protobuf::is_json(start) => Format::Json,
        e if is_protobuf(e) => Format::Protobuf,
        e if framing(e).is_some() => Format::Grpc,
        b"application/x-www-form-urlencoded" if looks_json && !start.starts_with(b"[]=") => {
            Format::Json
        }
        b"application/x-www-form-urlencoded" => Format::Form,
        b"text/html" | b"application/xhtml+xml" if looks_json => Format::Json,
        b"text/html"
        | b"application/xhtml+xml"
        | b"image/svg+xml"
        | b"text/css"
        | b"text/javascript"
        | b"application/javascript" => Format::Opaque,
        e if e.starts_with(b"multipart/") => Format::Multipart,
        e if e == b"application/json" || ends(b"+json") || ends(b"/json") => match start.first() {
            Some(b'<') => untyped(&essence, start),
            _ => Format::Json,
        },
        e if e == b"application/xml" || e == b"text/xml" || ends(b"+xml") => {
            if looks_json {
                Format::Json
            } else {
                Format::Xml
            }
        }
        e if e.starts_with(b"text/") => {
            if looks_json {
                Format::Json
            } else {
                Format::Text
            }
        }
        e if e.starts_with(b"image/")
            || e.starts_with(b"audio/")
            || e.starts_with(b"video/")
            || e.starts_with(b"font/") =>
        {
            Format::Opaque
        }
        _ if looks_json => Format::Json,
        // YAML, HL7, EDIFACT, mail: no form that is read, but text in which something may be found.
        e if e != b"application/pdf" && readable(start) => Format::Text,
        _ => Format::Opaque,
    }
}

/// Whether a body of a type that says nothing begins as text does, which may be cut inside a character.
fn readable(start: &[u8]) -> bool {
    let head = start.get(..512).unwrap_or(start);
    let text = std::str::from_utf8(head).err().is_none_or(|e| e.error_len().is_none());
    text && printable(head)
}

/// Whether text is without control characters, but for zeros at its end, as frames of STOMP have.
fn printable(text: &[u8]) -> bool {
    let end = text.iter().rposition(|b| *b != 0 && !b.is_ascii_whitespace());
    let inner = end.and_then(|end| text.get(..=end));
    inner.is_some_and(|inner| !inner.iter().any(|&b| b < 0x20 && !b.is_ascii_whitespace()))
}

fn is_protobuf(essence: &[u8]) -> bool {
    let types: [&[u8]; 4] = [
        b"application/proto",
        b"application/protobuf",
        b"application/x-protobuf",
        b"application/vnd.google.protobuf",
    ];
    types.contains(&essence)
}

fn untyped(essence: &[u8], start: &[u8]) -> Format {
    let head = start.get(..512).unwrap_or(start);
    let lower = head.get(..14).unwrap_or(head).to_ascii_lowercase();
    if !printable(head) {
        return Format::Opaque;
    }
    match start.first() {
        None => Format::Opaque,
        Some(b'{' | b'[') => Format::Json,
        Some(b'<') if lower.starts_with(b"<!doctype html") || lower.starts_with(b"<html") => {
            Format::Opaque
        }
        Some(b'<') => Format::Xml,
        Some(b'-')
            if start.starts_with(b"--")
                && memchr::memmem::find(head, b"Content-Disposition").is_some() =>
        {
            Format::Multipart
        }
        _ if essence != b"text/plain" && form::looks_like(head) => Format::Form,
        _ => Format::Text,
    }
}

/// Whether an unread body is a page or a script, and may tell of errors: images and archives are no text.
fn page(content_type: &[u8], body: &[u8]) -> bool {
    let lower = content_type.get(..64).unwrap_or(content_type).to_ascii_lowercase();
    let is = |kind: &[u8]| memchr::memmem::find(&lower, kind).is_some();
    is(b"html") || is(b"javascript") || is(b"svg") || body.trim_ascii_start().starts_with(b"<")
}

/// The JSON in `callback({...});`: JSON with padding, for scripts.
fn padded(body: &[u8], cut: bool) -> Option<&[u8]> {
    let start = body.trim_ascii_start();
    let start = start.strip_prefix(b"/**/").unwrap_or(start).trim_ascii_start();
    let name = |b: &u8| b.is_ascii_alphanumeric() || b"_$.[]\"'".contains(b);
    if !start.first().is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'$')) {
        return None;
    }
    let len = start.get(..128).unwrap_or(start).iter().take_while(|b| name(b)).count();
    let json = start.get(len..)?.strip_prefix(b"(")?.trim_ascii_start();
    if !matches!(json.first(), Some(b'{' | b'[')) {
        return None;
    }
    let end = json.trim_ascii_end();
    let end = end.strip_suffix(b";").unwrap_or(end).trim_ascii_end();
    match end.strip_suffix(b")") {
        Some(whole) => Some(whole),
        None => cut.then_some(json),
    }
}

/// JSON behind a guard against script inclusion: `)]}'`, `while(1);`, `for(;;);`.
pub(crate) fn guarded(text: &[u8]) -> Option<&[u8]> {
    if !matches!(text.first(), Some(b')' | b'w' | b'f')) {
        return None;
    }
    let guards: [&[u8]; 4] = [b")]}',", b")]}'", b"while(1);", b"for(;;);"];
    guards.iter().find_map(|guard| text.strip_prefix(*guard))
}

#[cfg(test)]
mod tests {
    use apitap_proto::v1;
    use proptest::prelude::*;
    use prost::Message as _;

    use super::fields::Room;
    use super::*;
    use crate::redact::{Config, Keys};

    #[test]
    fn formats_are_told() {
        for (content_type, body, format) in [
            ("application/json; charset=utf-8", "{}", Format::Json),
            ("application/vnd.api+json", "{}", Format::Json),
            ("", "[1]", Format::Json),
            ("text/plain", "{\"a\":1}", Format::Json),
            ("application/x-www-form-urlencoded", "{\"a\":1}", Format::Json),
            ("application/x-www-form-urlencoded", "a=1", Format::Form),
            ("", "a=1&b=2", Format::Form),
            ("text/plain", "a=1&b=2", Format::Text),
            ("text/xml", "<a/>", Format::Xml),
            ("", "<?xml?><a/>", Format::Xml),
            ("", "<!DOCTYPE html><html>", Format::Opaque),
            ("text/html", "<p>", Format::Opaque),
            ("image/png", "{", Format::Opaque),
            ("application/octet-stream", "\u{1}\u{2}", Format::Opaque),
            ("application/json", ")]}'\n{}", Format::Json),
            ("multipart/form-data; boundary=x", "--x", Format::Multipart),
            ("application/x-ndjson", "{}\n{}", Format::Ndjson),
            ("text/event-stream", "data: {}", Format::Sse),
            ("application/graphql", "{ me { id } }", Format::Graphql),
        ] {
            assert_eq!(
                sniff(content_type.as_bytes(), body.as_bytes()),
                format,
                "{content_type} {body}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_is_told_at_a_glance_is_so(
            content_type in "(application/json|application/json;|application/jso)",
            start in "[{\\[a<]", rest in prop::collection::vec(0..4_u8, 0..6), cut: bool,
        ) {
            let body: Vec<u8> = start.bytes().chain(rest).collect();
            let source = Source { cut, ..Source::whole(content_type.as_bytes(), &body) };
            if is_usual(source) {
                let binary = grpc::binary(source.content_type, source.body);
                let text = charset::utf8(source.content_type, &binary);
                prop_assert_eq!(told(source, &text), (Format::Json, source.body));
            }
        }
    }

    fn paths(judge: &mut Judge, content_type: &[u8], body: &[u8]) -> Vec<String> {
        let mut out = Vec::new();
        let source = Source::whole(content_type, body);
        read(judge, &mut out, "request.body:", source);
        let body = v1::Body::decode(out.as_slice()).unwrap();
        body.fields.into_iter().map(|field| field.path).collect()
    }

    fn fields(judge: &mut Judge, body: &str) -> Vec<v1::Field> {
        judge.values.clear();
        let mut out = Vec::new();
        let source = Source::whole(b"application/json", body.as_bytes());
        read(judge, &mut out, "request.body:", source);
        v1::Body::decode(out.as_slice()).unwrap().fields
    }

    fn value() -> impl Strategy<Value = String> {
        let plain = prop_oneof![
            Just("true".to_owned()),
            Just("42".to_owned()),
            Just("\"password\"".to_owned()),
            Just("\"kim@example.com\"".to_owned()),
            "\"[a-z0-9 -]{0,20}\"",
        ];
        plain.prop_recursive(3, 24, 4, |inner| {
            let keys = "(id|name|value|key|card|items|password|a|ab|\\[\\]|\\(json\\)|\\\\u0061b)";
            let member =
                (keys, inner.clone()).prop_map(|(key, value)| format!("\"{key}\":{value}"));
            let object =
                prop::collection::vec(member, 0..5).prop_map(|m| format!("{{{}}}", m.join(",")));
            let array =
                prop::collection::vec(inner, 0..4).prop_map(|i| format!("[{}]", i.join(", ")));
            prop_oneof![object, array]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        // Members that are expected, guessed and remembered are what they are when met for the first time.
        #[test]
        fn bodies_before_change_nothing(bodies in prop::collection::vec(value(), 1..6)) {
            let keys = Keys::ephemeral().unwrap();
            let mut judge = Judge::new(&keys, &Config::default());
            for body in bodies.iter().chain(&bodies) {
                let mut fresh = Judge::new(&keys, &Config::default());
                prop_assert_eq!(fields(&mut judge, body), fields(&mut fresh, body));
            }
        }
    }

    // The way back from a name that is hidden, where what was written before ends inside a letter of the one above.
    #[test]
    fn names_of_several_octets_are_left_again() {
        let mut judge = Judge::new(&Keys::ephemeral().unwrap(), &Config::default());
        for before in ["", "a", "ab", "abc", "user_id", "주소"] {
            let body =
                format!("{{\"{before}\":1,\"주소\":{{\"kim@example.com\":1,\"a\":2}},\"b\":3}}");
            for _ in 0..2 {
                let told = paths(&mut judge, b"application/json", body.as_bytes());
                assert_eq!(told[1..], ["$.주소.{key}", "$.주소.a", "$.b"], "{body}");
            }
        }
    }

    // Two values that have one hash where its seed is known: their first octets make a factor of it zero.
    #[test]
    fn two_values_are_two_whatever_their_hashes() {
        use std::hash::BuildHasher as _;
        let known = foldhash::fast::FixedState::default();
        let value = |end: &[u8]| [b"\x4e\xec\x98\xfa\x2e\x08\x89\x6c", end].concat();
        let (one, other) = (value(b"aaaaaaaa"), value(b"bbbbbbbb"));
        assert_eq!(known.hash_one(one.as_slice()), known.hash_one(other.as_slice()));
        let body = [b"{\"user_id\":[\"".as_slice(), &one, b"\",\"", &other, b"\"]}"].concat();
        let mut judge = Judge::new(&Keys::ephemeral().unwrap(), &Config::default());
        let mut out = Vec::new();
        read(&mut judge, &mut out, "request.body:", Source::whole(b"application/json", &body));
        let body = v1::Body::decode(out.as_slice()).unwrap();
        assert_eq!((body.fields[0].count, body.fields[0].more.len()), (2, 1));
    }

    /// All that leaves of a body, and what it tells besides.
    fn leaves(judge: &mut Judge, text: &[u8], cut: bool) -> (Vec<u8>, String) {
        judge.begin(crate::time::Timestamp::default());
        let mut out = Vec::new();
        let source = Source { cut, ..Source::whole(b"application/json", text) };
        let Read { fields_total, format, malformed, hints, shape } =
            read(judge, &mut out, "request.body:", source);
        shape.write(&mut out);
        judge.finds.write(&mut out);
        let Hints { graphql, operation_name, jsonrpc, method, soap, xmlrpc, operation, .. } = hints;
        let hints = (graphql, operation_name, jsonrpc, method, soap, xmlrpc, operation);
        (out, format!("{:?}", (fields_total, format, malformed, hints)))
    }

    /// JSON with runs that are alike but not the same, and what stands beside.
    fn text() -> impl Strategy<Value = String> {
        let plain = prop_oneof![
            "[0-9-]{1,3}",
            "\"(password|id|card|name|a|)\"",
            "(null|true|\\{\\}|\\[ ?\\])"
        ];
        plain.prop_recursive(5, 40, 4, |inner| {
            let keys = "\"(id|name|value|data|a|method|query|methodCall|Envelope|Body|[A-Z]{3}|kim@a.kr|\\\\u0061)\" ?: ?";
            let member = (keys, inner.clone()).prop_map(|(key, value)| format!("{key}{value}"));
            let object = (prop::collection::vec(member, 0..4), "(,|, |,\n)")
                .prop_map(|(m, comma)| format!("{{{}}}", m.join(&comma)));
            let array = (prop::collection::vec(inner, 0..4), "(,|, )")
                .prop_map(|(i, comma)| format!("[{}]", i.join(&comma)));
            prop_oneof![object, array]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        // Runs that are remembered do what all their steps do, also in texts that are broken anywhere.
        #[test]
        fn jumps_are_many_steps(texts in prop::collection::vec((text(), any::<(u16, u8)>(), 0..4_u8), 1..8)) {
            let keys = Keys::ephemeral().unwrap();
            let mut jumping = Judge::new(&keys, &Config::default());
            let mut walking = Judge::new(&keys, &Config::default());
            let mut room = Room::default();
            room.hold_still();
            walking.room = Some(Box::new(room));
            for (text, (at, octet), how) in texts.iter().chain(&texts) {
                let mut text = text.clone().into_bytes();
                let at = usize::from(*at) % text.len();
                match how {
                    0 => text[at] = b"{}[],:\" 1"[usize::from(*octet) % 9],
                    1 => text.truncate(at),
                    2 => text.extend_from_slice(&text.clone()),
                    _ => {}
                }
                for cut in [false, true] {
                    prop_assert_eq!(leaves(&mut jumping, &text, cut), leaves(&mut walking, &text, cut));
                }
            }
        }
    }

    #[test]
    fn small_numbers_are_not_kept_where_they_are_a_person_s() {
        let mut judge = Judge::new(&Keys::ephemeral().unwrap(), &Config::default());
        for (body, nth) in [
            (r#"{"dob":{"day":23,"month":11,"year":1987}}"#, 2),
            (r#"{"birth":{"year":1987}}"#, 0),
            (r#"{"birthdays":1,"birthday":{"date":{"year":1987}}}"#, 1),
            (r#"{"phone":"010-7462-0918","code":4829}"#, 1),
            (r#"{"phone":"010-7462-0918","code":"4829"}"#, 1),
            (r#"{"verification":{"code":"482"}}"#, 0),
            (r#"{"sms":{"Code":482}}"#, 0),
            (r#"{"recovery_codes":[4829]}"#, 0),
            (r#"{"diagnosis":{"code":"B20","status":"POSITIVE"}}"#, 1),
            (r#"{"diagnosis":[{"type":"HIV"}]}"#, 0),
            (r#"{"gender":{"type":"MALE"}}"#, 0),
            (r#"{"gender_type":"male"}"#, 0),
            (r#"{"maritalStatus":"single"}"#, 0),
            (r#"{"card":{"last4":4829}}"#, 0),
            (r#"{"member_idx":4829}"#, 0),
        ] {
            let told = fields(&mut judge, body);
            let value = told[nth].value.as_ref().and_then(|value| value.form.as_ref());
            assert!(!matches!(value, Some(v1::value::Form::Kept(_))), "{body}: {value:?}");
        }
        for body in [
            r#"{"health":{"status":"UP"}}"#,
            r#"{"last":4829}"#,
            r#"{"date":{"year":2026}}"#,
            r#"{"code":"200"}"#,
            r#"{"code":12}"#,
        ] {
            let told = fields(&mut judge, body);
            let value = told[0].value.as_ref().and_then(|value| value.form.as_ref());
            assert!(matches!(value, Some(v1::value::Form::Kept(_))), "{body}: {value:?}");
        }
        // Answers have results, and 2002 is one.
        let mut out = Vec::new();
        let source = Source::whole(b"application/json", br#"{"code":2002}"#);
        read(&mut judge, &mut out, "response.body:", source);
        let told = v1::Body::decode(out.as_slice()).unwrap().fields;
        let value = told[0].value.as_ref().and_then(|value| value.form.as_ref());
        assert!(matches!(value, Some(v1::value::Form::Kept(_))));
    }

    // Numbers of fields are remembered beside names of members, and neither is taken for the other.
    #[test]
    fn numbers_are_no_names() {
        let mut judge = Judge::new(&Keys::ephemeral().unwrap(), &Config::default());
        let message = [0x08, 1, 0xe0, 0xf4, 0xae, 0xfa, 0x0f, 1, 0x12, 2, 0x08, 5];
        let json = br#"{"1":1,"535394124":2,"2":{"1":3},"(1":4}"#;
        let named = paths(&mut judge, b"application/json", json);
        assert!(!named.iter().any(|path| path.contains("535394124") || path.contains('(')));
        for _ in 0..2 {
            let numbered = paths(&mut judge, b"application/x-protobuf", &message);
            assert_eq!(numbered, ["$.1", "$.535394124", "$.2.1"]);
            assert_eq!(paths(&mut judge, b"application/json", json), named);
        }
    }
}
