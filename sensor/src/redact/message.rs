//! A call's messages, part by part.

use apitap_proto::v1::{self, ValueType};

use super::auth::{self, Credentials};
use super::body::fields::Hints;
use super::body::percent::decode;
use super::body::{self, Source, form};
use super::class::Class;
use super::found::Place;
use super::header::{self, Headers};
use super::judge::Judge;
use super::names::Meaning;
use super::{Parts, path, style, vocabulary};
use crate::call::{Call, Message};
use crate::http::Completeness;

/// Codings named in records.
const CODINGS: &[&str] =
    &["gzip", "deflate", "br", "zstd", "compress", "identity", "x-gzip", "dcb", "dcz"];

/// Registered methods (IANA), WebDAV and QUERY included.
const METHODS: &[&str] = &[
    "GET",
    "POST",
    "PUT",
    "DELETE",
    "HEAD",
    "OPTIONS",
    "PATCH",
    "CONNECT",
    "TRACE",
    "QUERY",
    "ACL",
    "BASELINE-CONTROL",
    "BIND",
    "CHECKIN",
    "CHECKOUT",
    "COPY",
    "LABEL",
    "LINK",
    "LOCK",
    "MERGE",
    "MKACTIVITY",
    "MKCALENDAR",
    "MKCOL",
    "MKREDIRECTREF",
    "MKWORKSPACE",
    "MOVE",
    "ORDERPATCH",
    "PROPFIND",
    "PROPPATCH",
    "REBIND",
    "REPORT",
    "SEARCH",
    "UNBIND",
    "UNCHECKOUT",
    "UNLINK",
    "UNLOCK",
    "UPDATE",
    "UPDATEREDIRECTREF",
    "VERSION-CONTROL",
    "PRI",
    "PURGE",
];

/// What a request leaves behind for the rest of the call.
struct Asked {
    request: v1::Request,
    hints: Hints,
    credentials: Credentials,
}

/// Takes a call to what may leave of it.
pub(super) fn redact(judge: &mut Judge, call: Call) -> Parts {
    judge.counts.calls += 1;
    judge.finds = super::found::Finds::default();
    let status = call.response.as_ref().map(|response| response.facts.status);
    let asked = call.request.as_ref().map(|message| request(judge, message));
    let response = call.response.as_ref().map(|message| response(judge, message));
    judge.broken = false;
    let (mut hints, mut credentials) = (Hints::default(), None);
    let mut request = None;
    if let Some(asked) = asked {
        hints = asked.hints;
        credentials = Some(asked.credentials);
        request = Some(asked.request);
    }
    let field = |message: &Option<Message>, name: &str| -> Vec<u8> {
        let value = message.as_ref().and_then(|m| m.field(name)).unwrap_or_default();
        value.get(..128).unwrap_or(value).trim_ascii().to_ascii_lowercase()
    };
    let soap_action = call.request.as_ref().and_then(|m| m.field("soapaction"));
    let evidence = style::Evidence {
        method: request.as_ref().map_or("", |r| r.method.as_str()),
        template: request.as_ref().map_or("", |r| r.path_template.as_str()),
        request_type: &field(&call.request, "content-type"),
        response_type: &field(&call.response, "content-type"),
        soap_action,
        odata: !field(&call.response, "odata-version").is_empty()
            || !field(&call.request, "odata-version").is_empty(),
        hints: &hints,
    };
    let (api_style, operation) = if request.is_some() {
        style::judge(&evidence)
    } else {
        (v1::api::Style::Unspecified, String::new())
    };
    let finds = std::mem::take(&mut judge.finds);
    let cut = u64::from(finds.findings_total)
        .saturating_sub(u64::try_from(finds.findings.len()).unwrap_or(0));
    judge.counts.cut += cut;
    Parts {
        facts: call.facts,
        request_facts: call.request.as_ref().map(|m| m.facts),
        response_facts: call.response.as_ref().map(|m| m.facts),
        request,
        response,
        operation,
        api_style,
        auth: credentials.map(|c| c.into_auth(status)),
        entities: finds.entities,
        objects: finds.objects,
        objects_total: finds.objects_total,
        findings: finds.findings,
        findings_total: finds.findings_total,
        key_id: judge.tokens.kid().into(),
    }
}

fn request(judge: &mut Judge, message: &Message) -> Asked {
    judge.broken = false;
    let now_seconds = message.facts.start_time.nanos() / 1_000_000_000;
    let target = path::split(message.method(), message.target());
    let authority = target.authority.or_else(|| message.field("host")).unwrap_or_default();
    let (host, port) = path::host(judge, authority);
    // Credentials first: who calls stands first among the entities.
    let headers = header::read(judge, message.fields(), header::REQUEST, now_seconds);
    let Headers { list, cookies, mut credentials, cut } = headers;
    let mut cut_lists: Vec<String> = cut.into_iter().map(String::from).collect();
    let path = path::template(judge, target.path);
    if path.cut {
        cut_lists.push("path_params".into());
    }
    let mut hints = Hints::default();
    let (query, query_cut) = query(judge, target.query, &mut hints, &mut credentials);
    if query_cut {
        cut_lists.push("query".into());
    }
    let trailers =
        header::read(judge, message.trailers(), header::REQUEST_TRAILER, now_seconds).list;
    let (body, body_hints) = body(judge, message, "request.body:");
    let graphql = hints.graphql;
    let mut hints = body_hints.unwrap_or_default();
    hints.graphql = hints.graphql.or(graphql);
    let request = v1::Request {
        method: method(message.method()).into(),
        scheme: target.scheme.into(),
        host,
        port,
        path_template: path.template,
        template_source: v1::TemplateSource::Typed.into(),
        path_token: Some(path.token),
        path_params: path.params,
        query,
        headers: list,
        cookies,
        body,
        bytes: message.facts.wire_bytes,
        http_version: version(message),
        trailers,
        cut_lists,
        ..v1::Request::default()
    };
    Asked { request, hints, credentials }
}

fn response(judge: &mut Judge, message: &Message) -> v1::Response {
    judge.broken = false;
    let headers = header::read(judge, message.fields(), header::RESPONSE, 0);
    let trailers = header::read(judge, message.trailers(), header::RESPONSE_TRAILER, 0).list;
    let (body, _hints) = body(judge, message, "response.body:");
    v1::Response {
        status: message.facts.status.into(),
        headers: headers.list,
        cookies: headers.cookies,
        body,
        bytes: message.facts.wire_bytes,
        http_version: version(message),
        trailers,
        interim_responses: message.facts.interim_count.into(),
        cut_lists: headers.cut.into_iter().map(String::from).collect(),
        ..v1::Response::default()
    }
}

/// Judges a query, name by name (URL standard §5.1).
fn query(
    judge: &mut Judge,
    raw: &[u8],
    hints: &mut Hints,
    credentials: &mut Credentials,
) -> (Vec<v1::Parameter>, bool) {
    let mut list = Vec::new();
    for pair in raw.split(|&b| b == b'&').filter(|pair| !pair.is_empty()) {
        if list.len() >= judge.policy.parameters_max {
            judge.counts.cut += 1;
            return (list, true);
        }
        let (name, value) = form::split(pair);
        // A word alone is data as likely as a name.
        let (name, value) = value.map_or((b"".as_slice(), name), |value| (name, value));
        let (name, value) = (decode(name, true), decode(value, true));
        let named = judge.names.look(&name);
        let part = "request.query:";
        let text = judge.name_text(Place { part, path: "" }, named, &name);
        let place = Place { part, path: &text };
        let made = judge.value(place, named, ValueType::Unspecified, &value);
        judge.object(place, &text, named.meaning, &made);
        if matches!(named.meaning, Meaning::Personal(Class::Credential)) && auth::names_key(&name) {
            credentials.api_key(judge, place, &made);
        }
        if text == "query" && hints.graphql.is_none() {
            hints.graphql = style::graphql(&value);
        }
        list.push(v1::Parameter { name: text, value: Some(made) });
    }
    (list, false)
}

/// Judges a body; `None` when there is none.
fn body(
    judge: &mut Judge,
    message: &Message,
    part: &'static str,
) -> (Option<v1::Body>, Option<Hints>) {
    let content_type = message.field("content-type").unwrap_or_default();
    let facts = &message.facts;
    let octets = message.body();
    if octets.is_empty() && facts.body_bytes == 0 {
        return (None, None);
    }
    let cut = facts.body_cut || facts.completeness != Completeness::Complete;
    judge.broken = facts.completeness == Completeness::Gap;
    let read = body::read(judge, part, Source { content_type, body: octets, cut });
    judge.broken = false;
    let body = v1::Body {
        media_type: vocabulary::media(content_type),
        coding: coding(message),
        bytes: facts.body_bytes,
        decoded_bytes: facts.decoded_bytes,
        fields: read.fields,
        fields_total: read.fields_total,
        format: read.format.into(),
        cut,
        malformed: read.malformed,
    };
    (Some(body), Some(read.hints))
}

/// Content codings in the order applied; unknown ones by that word.
fn coding(message: &Message) -> String {
    let mut text = String::new();
    let fields =
        message.fields().filter(|(name, _)| name.eq_ignore_ascii_case(b"content-encoding"));
    for word in fields.flat_map(|(_, value)| value.split(|&b| b == b',')).take(8) {
        let word = word.trim_ascii();
        let known = CODINGS.iter().find(|coding| word.eq_ignore_ascii_case(coding.as_bytes()));
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(known.unwrap_or(&"unknown"));
    }
    text
}

fn method(raw: &[u8]) -> &'static str {
    METHODS.iter().find(|method| method.as_bytes() == raw).unwrap_or(&"OTHER")
}

fn version(message: &Message) -> String {
    match message.facts.version {
        (1, 1) => "1.1".into(),
        (2, 0) => "2".into(),
        (3, 0) => message.facts.version.0.to_string(),
        (major, minor) => format!("{major}.{minor}"),
    }
}
