//! A call's messages, part by part.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use apitap_proto::v1;

use super::auth::Credentials;
use super::body::fields::Hints;
use super::body::{self, Described, Source};
use super::entities::{self, Number, Outcome, Trail, Written};
use super::found::Span;
use super::header::{self, Headers};
use super::judge::Judge;
use super::operation;
use super::segments::How;
use super::signals::{Seen, Size};
use super::styles::Facts;
use super::tenant::Evidence;
use super::{
    Parts, forwarded, grpc, paging, path, query, schema, session, style, vocabulary, wire,
};
use crate::call::{Call, CallFacts, Message};
use crate::http::Completeness;
use crate::rung::Rung;
use crate::time::Timestamp;

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

/// Room that the encoded messages of one call after the other use.
#[derive(Default)]
pub(super) struct Room {
    pub(super) request: Vec<u8>,
    response: Vec<u8>,
    pub(super) rest: Vec<u8>,
    session: Vec<u8>,
    pub(super) trail: Trail,
}

/// What a request leaves behind for the rest of the call.
struct Asked {
    method: &'static str,
    template: String,
    hints: Hints,
    facts: Facts,
    credentials: Credentials,
    /// Whether header fields tell of proxies.
    forwarded: bool,
    host: Span,
    path_template: Span,
}

/// Takes a call to what may leave of it.
pub(super) fn redact<'a>(judge: &'a mut Judge, room: &'a mut Room, call: &'a Call) -> Parts<'a> {
    let grpc = grpc::facts(&mut judge.grpc_names, call);
    let first = call.request.as_ref().or(call.response.as_ref());
    judge.begin(first.map_or(Timestamp::ZERO, |message| message.facts.start_time));
    tenant(judge, call);
    judge.method = call.request.as_ref().and_then(|m| judge.descriptors.method(m.target()));
    let Room { request: asked_out, response: answered_out, rest, session: session_out, trail } =
        room;
    let grpc_status = grpc.as_ref().and_then(|grpc| grpc.status);
    let mut status = status(call, grpc_status);
    let (implied, rpc) = (implied_scheme(&call.facts), grpc.is_some());
    let named = grpc.as_ref().is_some_and(|grpc| grpc.named);
    let mut asked =
        call.request.as_ref().map(|message| request(judge, asked_out, message, implied, named));
    let familiar = asked.as_ref().is_some_and(|asked| {
        judge.familiar.note(asked.host.of(asked_out), asked.method, &asked.template)
    });
    if let Some(message) = &call.response {
        // An overloaded sensor reads no responses of endpoints that it knows well.
        let spared = familiar && message.facts.rung > Rung::Full;
        let told = answer(judge, answered_out, message, asked.as_mut(), status, spared);
        status = told.or(status);
        if let Some(status) = grpc_status {
            wire::present(answered_out, schema::response::GRPC_STATUS, status.into());
        }
    }
    judge.broken = false;
    rest.clear();
    let operation = match &asked {
        Some(asked) => operation(call, asked, rpc, rest),
        None => Span::default(),
    };
    let who = who(judge, call, asked.as_mut(), status, rest, trail);
    signals(judge, call, status, asked.as_ref(), (asked_out, answered_out), rest);
    if let Some(grpc) = &grpc {
        grpc.write(judge.described, rest);
    }
    if let Some(asked) = &asked {
        asked.facts.write(rest);
    }
    wire::text(rest, schema::record::TENANT, judge.tokens.tenant());
    let (mut host, path_template) = asked.map_or_else(Default::default, |asked| {
        judge.path_room.give_back(asked.template);
        (asked.host, asked.path_template)
    });
    let mut real_client = who.real_client;
    if let Some(session) = &call.session {
        host = session::write(judge, session_out, session);
        let client = forwarded::of_session(judge, call.facts.client.ip, session.source());
        real_client = client.map(|client| forwarded::write_client(rest, client));
    }
    Parts {
        facts: &call.facts,
        request_facts: call.request.as_ref().map(|m| &m.facts),
        response_facts: call.response.as_ref().map(|m| &m.facts),
        request: call.request.as_ref().map(|_| asked_out.as_slice()),
        response: call.response.as_ref().map(|_| answered_out.as_slice()),
        rest,
        session: call.session.as_ref().map(|s| (s.facts(), session_out.as_slice())),
        host,
        path_template,
        operation,
        actor: who.actor,
        trail: Some(trail),
        socket: None,
        real_client,
        protocol: grpc.and_then(|grpc| grpc.protocol),
        key_id: judge.tokens.kid(),
        path_trail: Some(&judge.trail).filter(|trail| judge.learning && !trail.steps().is_empty()),
        explained: judge.explained.as_ref().map_or(&[], |explained| &explained.rows),
    }
}

/// Writes the answer; gives back the status that it comes to, where that is another.
fn answer(
    judge: &mut Judge,
    out: &mut Vec<u8>,
    message: &Message,
    asked: Option<&mut Asked>,
    status: Option<u16>,
    spared: bool,
) -> Option<u16> {
    if let Some(asked) = &asked {
        let plain = matches!(status, Some(200..=399)) && judge.finds.login();
        judge.refusal.begin(plain, &asked.template);
    }
    response(judge, out, message, spared);
    let asked = asked.filter(|_| !spared)?;
    asked.facts.answered(message);
    refused(judge, &asked.facts, message)
}

/// Who called, as far as later parts depend on it: places in what was written.
struct Who {
    actor: Span,
    real_client: Option<IpAddr>,
}

/// Writes the way the request came, who took part, how that was proven, what was found.
fn who(
    judge: &mut Judge,
    call: &Call,
    mut asked: Option<&mut Asked>,
    status: Option<u16>,
    out: &mut Vec<u8>,
    trail: &mut Trail,
) -> Who {
    let mut real_client = None;
    if let (Some(asked), Some(message)) = (&mut asked, &call.request) {
        if asked.forwarded || message.prelude.is_some() {
            let sender = call.facts.client.ip;
            real_client = forwarded::write(judge, out, &mut asked.credentials, sender, message);
        }
        asked.credentials.certified(judge);
    }
    let template = asked.as_ref().map_or("", |asked| &asked.template);
    let login = judge.finds.login();
    let (logout, accounts) = (entities::logout(template), login && entities::accounts(template));
    let outcome = Outcome { status, login, logout, accounts };
    let Judge { entities, finds, values, policy, .. } = judge;
    let Written { actor, trail: told } = entities.write(values, outcome, policy.entities_max, out);
    *trail = told;
    if let Some(asked) = &asked {
        let shown = entities.credential();
        let (auth, shown) = asked.credentials.write((status, outcome.login), shown, values, out);
        trail.auth = auth;
        trail.show(out, shown);
    }
    let objects = out.len();
    finds.write(out);
    let rpc = asked.as_ref().is_some_and(|asked| matches!(asked.facts, Facts::Jsonrpc(_)));
    for (site, blind, at) in entities.numbers(rpc) {
        let object = finds.object_span(at).behind(objects);
        trail.numbers.push(Number { site, blind, object });
    }
    judge.counts.cut += judge.finds.findings_cut();
    Who { actor, real_client }
}

/// The status that an answer should have had that refuses with one of success.
fn refused(judge: &mut Judge, facts: &Facts, message: &Message) -> Option<u16> {
    judge.refusal.redirect(message);
    let login = judge.refusal.told() && !judge.entities.handed_out();
    if login { Some(401) } else { facts.refused() }
}

/// Status of the answer, as HTTP would say it.
fn status(call: &Call, grpc_status: Option<u32>) -> Option<u16> {
    // UNAUTHENTICATED and PERMISSION_DENIED of gRPC come with 200.
    match grpc_status {
        Some(16) => Some(401),
        Some(7) => Some(403),
        _ => call.response.as_ref().map(|response| response.facts.status),
    }
}

/// Writes the risks that the call shows.
fn signals(
    judge: &mut Judge,
    call: &Call,
    status: Option<u16>,
    asked: Option<&Asked>,
    written: (&[u8], &[u8]),
    out: &mut Vec<u8>,
) {
    let Judge { signals, finds, counts, .. } = judge;
    let credentials = asked.map(|asked| &asked.credentials);
    let method = asked.map_or("", |asked| asked.method);
    let one_object = method == "GET" && asked.is_some_and(|asked| asked.template.ends_with("id}"));
    let items = asked.map_or(0, |asked| asked.hints.records);
    let size = asked.map(|asked| asked.facts.size()).unwrap_or_default();
    let size = Size { items, ..size };
    signals.judge(&Seen { call, status, credentials, method, one_object, finds, written, size });
    signals.write(&mut counts.signals, out);
}

/// Turns to the keys of the call's tenant, in force when its first byte was seen.
fn tenant(judge: &mut Judge, call: &Call) {
    let first = call.request.as_ref().or(call.response.as_ref());
    let session = || call.session.as_ref().map(|session| session.start);
    let at = first.map(|message| message.facts.start_time).or_else(session);
    let at = at.unwrap_or(Timestamp::ZERO);
    let server = || call.session.as_ref()?.hello.as_ref().map(|hello| hello.server_name.as_slice());
    let named = || call.request.as_ref().map(authority).or_else(server).unwrap_or_default();
    turn(judge, &call.facts, at, named);
}

/// Turns to the keys of the tenant of a call that was seen `at`; `named`: the authority that it names.
pub(super) fn turn<'c>(
    judge: &mut Judge,
    facts: &CallFacts,
    at: Timestamp,
    named: impl Fn() -> &'c [u8],
) {
    let Judge { policy, tokens, namespaces, .. } = judge;
    let found = match policy.tenants.is_empty() {
        true => None,
        false => {
            let (authority, names) = (named(), namespaces.as_deref());
            policy.tenants.find(&Evidence { facts, authority, at, names })
        }
    };
    tokens.turn(at, found);
}

/// Takes the target of a request apart.
pub(super) fn target(message: &Message) -> path::Target<'_> {
    // CONNECT with a path is of the extended kind (RFC 8441): like any other request.
    let plain = message.target().starts_with(b"/");
    path::split(if plain { b"" } else { message.method() }, message.target())
}

/// Host and port that a request names; empty when it names none.
pub(super) fn authority(message: &Message) -> &[u8] {
    named(&target(message), message)
}

/// The same of a message with this target.
fn named<'a>(target: &path::Target<'a>, message: &'a Message) -> &'a [u8] {
    let beside = || Some(message.authority()).filter(|authority| !authority.is_empty());
    let authority = target.authority.or_else(beside);
    authority.or_else(|| message.field("host")).unwrap_or_default()
}

/// Writes the style of the API and what a person calls the operation; gives back where that is.
fn operation(call: &Call, asked: &Asked, rpc: bool, out: &mut Vec<u8>) -> Span {
    let (request, response) = (call.request.as_ref(), call.response.as_ref());
    let odata = |message| !beginning(message, "odata-version").is_empty();
    let evidence = style::Evidence {
        template: &asked.template,
        request_type: beginning(request, "content-type"),
        response_type: beginning(response, "content-type"),
        soap_action: request.and_then(|request| request.field("soapaction")),
        rpc,
        odata: odata(response) || odata(request),
        facts: &asked.facts,
        hints: &asked.hints,
    };
    let (style, called) = style::judge(&evidence);
    wire::enumeration(out, schema::record::API_STYLE, style);
    let behind = match &called {
        style::Called::Whole(name) => return written(out, schema::record::OPERATION, name),
        style::Called::Plain(behind) => behind.as_str(),
    };
    let space = if behind.is_empty() { "" } else { " " };
    let parts = [asked.method, " ", asked.template.as_str(), space, behind];
    let len = parts.iter().map(|part| part.len()).sum::<usize>();
    wire::begin(out, schema::record::OPERATION, len);
    parts.iter().for_each(|part| out.extend_from_slice(part.as_bytes()));
    Span { start: out.len().saturating_sub(len), end: out.len() }
}

/// The beginning of a field of a message; empty when there is none.
fn beginning<'a>(message: Option<&'a Message>, name: &str) -> &'a [u8] {
    let value = message.and_then(|message| message.field(name)).unwrap_or_default();
    value.get(..128).unwrap_or(value).trim_ascii()
}

/// Writes a text; gives back where it is.
pub(super) fn written(out: &mut Vec<u8>, field: u32, text: &str) -> Span {
    wire::text(out, field, text);
    Span { start: out.len().saturating_sub(text.len()), end: out.len() }
}

/// Writes all of a message `Request` that its content tells. `named`: its whole path is a name that may be kept.
fn request(
    judge: &mut Judge,
    out: &mut Vec<u8>,
    message: &Message,
    implied: &'static str,
    named: bool,
) -> Asked {
    use schema::request as field;
    out.clear();
    judge.broken = false;
    let now_seconds = message.facts.start_time.nanos() / 1_000_000_000;
    let Line { method, host, target } = line(judge, out, message, implied);
    judge.signals.begin_request(method);
    // Credentials first: who calls stands first among the entities.
    let headers = header::read(judge, out, message.lines(), header::REQUEST, now_seconds);
    let Headers { mut credentials, forwarded, headers, cookies } = headers;
    let how = How { named, acts: method == "POST" };
    let (path, path_template) = path(judge, out, how, &target, host);
    judge.trail.set_method(method);
    let mut hints = Hints::default();
    let query_cut = query::query(judge, out, target.query, &mut hints, &mut credentials);
    let _trailers =
        header::read(judge, out, message.trailer_lines(), header::REQUEST_TRAILER, now_seconds);
    let body_hints = body(judge, out, message, message.body(), field::BODY, "request.body:");
    judge.signals.end_request();
    let mut hints = merged(body_hints, hints);
    let named = operation::configured(judge, host.of(out), &target, message)
        .or_else(|| operation::amazon(judge, &target, message));
    hints.operation = named.or(hints.operation);
    let facts = Facts::asked(message, &hints);
    if facts.has_user() && credentials.scheme.is_empty() {
        credentials.scheme = "ws_security";
    }
    wire::number(out, field::BYTES, message.facts.wire_bytes);
    wire::text(out, field::HTTP_VERSION, &version(message));
    hints.page.write(field::PAGINATION, judge.policy.kept_integer_max.into(), out);
    let cut_lists = [
        ("headers", headers.cut),
        ("cookies", cookies.cut),
        ("path_params", path.cut || path.list.cut),
        ("query", query_cut),
    ];
    cut(out, field::CUT_LISTS, &cut_lists);
    let template = path.template;
    Asked { method, template, hints, facts, credentials, forwarded, host, path_template }
}

/// What a request line tells. No `Debug`.
struct Line<'a> {
    method: &'static str,
    host: Span,
    target: path::Target<'a>,
}

/// Writes method, scheme, host and port of a request.
fn line<'a>(
    judge: &mut Judge,
    out: &mut Vec<u8>,
    message: &'a Message,
    implied: &'static str,
) -> Line<'a> {
    use schema::request as field;
    let target = target(message);
    let authority = named(&target, message);
    let method = method(message.method());
    wire::text(out, field::METHOD, method);
    wire::text(out, field::SCHEME, scheme(message, target.scheme, implied));
    let Judge { hosts, rules, .. } = judge;
    let (host, port) = if let Some((host, port)) = hosts.find(authority) {
        rules.call(host, target.path);
        (written(out, field::HOST, host), port)
    } else {
        let (host, port) = path::host(judge, authority);
        judge.rules.call(&host, target.path);
        (written(out, field::HOST, &host), port)
    };
    wire::number(out, field::PORT, port.into());
    Line { method, host, target }
}

/// Writes the template of a path; gives back where that is.
fn path(
    judge: &mut Judge,
    out: &mut Vec<u8>,
    how: How,
    target: &path::Target<'_>,
    host: Span,
) -> (path::Path, Span) {
    use schema::request as field;
    let name = std::str::from_utf8(host.of(out)).unwrap_or_default();
    let hint = judge.endpoints.hints().find(name, target.path).cloned();
    let rules = judge.endpoints.host(name).cloned();
    let path = match &hint {
        Some(hint) => path::follow(judge, out, target.path, hint),
        None => path::template(judge, out, target.path, how, rules.as_deref()),
    };
    let path_template = written(out, field::PATH_TEMPLATE, &path.template);
    let source = match (&hint, path.learned) {
        (Some(_), _) => v1::TemplateSource::Spec,
        (None, Some(_)) => v1::TemplateSource::Learned,
        (None, None) => v1::TemplateSource::Typed,
    };
    wire::enumeration(out, field::TEMPLATE_SOURCE, source);
    wire::token(out, field::PATH_TOKEN, judge.values.token(path.token));
    if let Some((confidence, version)) = path.learned {
        wire::number(out, field::TEMPLATE_CONFIDENCE, confidence.into());
        wire::number(out, field::TEMPLATE_VERSION, version.into());
    }
    (path, path_template)
}

/// What a request asked for.
pub(super) struct Summary {
    pub(super) template: String,
    pub(super) host: Span,
    pub(super) path_template: Span,
}

/// Writes what a request asked for: line and path. Who asked is noted, from all of its head.
pub(super) fn summary(
    judge: &mut Judge,
    out: &mut Vec<u8>,
    message: &Message,
    implied: &'static str,
) -> Summary {
    let now_seconds = message.facts.start_time.nanos() / 1_000_000_000;
    let Line { method, host, target } = line(judge, out, message, implied);
    let mut aside = Vec::new();
    let headers = header::read(judge, &mut aside, message.lines(), header::REQUEST, now_seconds);
    let how = How { named: grpc::is_named(message), acts: method == "POST" };
    let (path, path_template) = path(judge, out, how, &target, host);
    let (mut hints, mut credentials) = (Hints::default(), headers.credentials);
    query::query(judge, &mut aside, target.query, &mut hints, &mut credentials);
    Summary { template: path.template, host, path_template }
}

/// Writes all of a message `Response` that its content tells.
fn response(judge: &mut Judge, out: &mut Vec<u8>, message: &Message, spared: bool) {
    use schema::response as field;
    out.clear();
    judge.broken = false;
    wire::number(out, field::STATUS, message.facts.status.into());
    let headers = header::read(judge, out, message.lines(), header::RESPONSE, 0);
    let _trailers = header::read(judge, out, message.trailer_lines(), header::RESPONSE_TRAILER, 0);
    let octets = if spared { &[] } else { message.body() };
    let hints = body(judge, out, message, octets, field::BODY, "response.body:");
    wire::number(out, field::BYTES, message.facts.wire_bytes);
    wire::text(out, field::HTTP_VERSION, &version(message));
    if let Some(hints) = hints {
        hints.page.write(field::PAGINATION, judge.policy.kept_integer_max.into(), out);
    }
    wire::number(out, field::INTERIM_RESPONSES, message.facts.interim_count.into());
    let cut_lists = [("headers", headers.headers.cut), ("cookies", headers.cookies.cut)];
    cut(out, field::CUT_LISTS, &cut_lists);
}

/// Names the lists that were cut.
fn cut(out: &mut Vec<u8>, field: u32, lists: &[(&str, bool)]) {
    for (name, _) in lists.iter().filter(|(_, cut)| *cut) {
        wire::text(out, field, name);
    }
}

/// What body and query tell together.
fn merged(body: Option<Hints>, query: Hints) -> Hints {
    let Some(body) = body else { return query };
    Hints {
        graphql: body.graphql.or(query.graphql),
        document: query.document,
        persisted: body.persisted || query.persisted,
        operation_name: body.operation_name.or(query.operation_name),
        page: query.page.merged(body.page),
        operation: query.operation.or(body.operation),
        ..body
    }
}

/// Judges a body and writes it as field `field`; nothing when there is none.
fn body(
    judge: &mut Judge,
    out: &mut Vec<u8>,
    message: &Message,
    octets: &[u8],
    field: u32,
    part: &'static str,
) -> Option<Hints> {
    let content_type = message.field("content-type").unwrap_or_default();
    let facts = &message.facts;
    if octets.is_empty() && facts.body_bytes == 0 {
        return None;
    }
    let cut = octets.len() < message.body().len()
        || facts.body_cut
        || facts.completeness != Completeness::Complete;
    judge.broken = facts.completeness == Completeness::Gap;
    let written = wire::open(out, field);
    let encoding = grpc::encoding(message);
    let descriptors = judge.method.is_some().then(|| Arc::clone(&judge.descriptors));
    let described = judge.method.zip(descriptors.as_deref()).and_then(|(method, descriptors)| {
        let message = if part.starts_with("request") { method.input } else { method.output }?;
        Some(Described { descriptors, message })
    });
    let source = Source { content_type, encoding, body: octets, cut, described };
    let read = body::read(judge, out, part, source);
    judge.broken = false;
    wire::text(out, schema::body::MEDIA_TYPE, &vocabulary::media(content_type));
    wire::text(out, schema::body::CODING, &coding(message));
    wire::number(out, schema::body::BYTES, facts.body_bytes);
    wire::number(out, schema::body::DECODED_BYTES, facts.decoded_bytes);
    wire::number(out, schema::body::FIELDS_TOTAL, read.fields_total.into());
    wire::text(out, schema::body::FORMAT, read.format);
    wire::flag(out, schema::body::CUT, cut);
    wire::flag(out, schema::body::MALFORMED, read.malformed);
    read.shape.write(out);
    if let Some(total) = read.hints.page.total {
        let total = paging::rounded(total, judge.policy.kept_integer_max.into());
        wire::present(out, schema::body::TOTAL, total);
    }
    wire::close(out, written);
    Some(Hints { records: read.shape.records, ..read.hints })
}

/// Content codings in the order applied; unknown ones by that word.
fn coding(message: &Message) -> String {
    let mut text = String::new();
    if message.field("content-encoding").is_none() {
        return text;
    }
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
    // Of HTTP/2 it may be unknown.
    if raw.is_empty() {
        return "";
    }
    METHODS.iter().find(|method| method.as_bytes() == raw).unwrap_or(&"OTHER")
}

/// The scheme of a request that does not say it.
pub(super) fn implied_scheme(facts: &CallFacts) -> &'static str {
    if facts.connection.is_decrypted() { "https" } else { "" }
}

/// The scheme of the target, else the one told beside it (HTTP/2), else the one implied.
fn scheme(message: &Message, target: &'static str, implied: &'static str) -> &'static str {
    let told = ["http", "https"].into_iter().find(|s| s.as_bytes() == message.scheme());
    if target.is_empty() { told.unwrap_or(implied) } else { target }
}

/// The version as people write it: "1.1", "2".
fn version(message: &Message) -> Cow<'static, str> {
    match message.facts.version {
        (1, 0) => "1.0".into(),
        (1, 1) => "1.1".into(),
        (2, _) => "2".into(),
        (3, _) => "3".into(),
        (major, minor) if major < 2 => format!("{major}.{minor}").into(),
        (major, _) => major.to_string().into(),
    }
}
