//! What both forms say of a call, told once.

use std::fmt::Write as _;
use std::net::IpAddr;

use apitap_proto::{Timestamp, v1};
use v1::completeness::State;
use v1::entity::Kind;
use v1::evidence::Role;
use v1::signal::Severity;
use v1::value::Form;

use super::json::Object;
use super::streaming;

/// Nanoseconds since 1970; `None` before, or when the time is none.
pub(crate) fn nanos(time: Option<&Timestamp>) -> Option<u64> {
    let time = time?;
    let seconds = u64::try_from(time.seconds).ok()?;
    let nanos = u64::try_from(time.nanos).ok().filter(|nanos| *nanos < 1_000_000_000)?;
    seconds.checked_mul(1_000_000_000)?.checked_add(nanos)
}

/// When a call began and ended, in nanoseconds since 1970.
pub(crate) struct Span {
    /// First byte seen.
    pub(crate) start: u64,
    /// Last byte seen, not before `start`.
    pub(crate) end: u64,
}

/// When the call of `record` was; `None` when it does not say.
pub(crate) fn span(record: &v1::CallRecord) -> Option<Span> {
    let mut times = Vec::with_capacity(4);
    if let Some(message) = &record.websocket_message {
        times.push(nanos(message.time.as_ref()));
    } else if let Some(event) = &record.server_event {
        times.push(nanos(event.time.as_ref()));
    } else if let Some(session) = &record.encrypted_session {
        times.extend([nanos(session.start_time.as_ref()), nanos(session.end_time.as_ref())]);
    } else {
        if let Some(request) = &record.request {
            times.extend([nanos(request.start_time.as_ref()), nanos(request.end_time.as_ref())]);
        }
        if let Some(response) = &record.response {
            times.extend([nanos(response.start_time.as_ref()), nanos(response.end_time.as_ref())]);
        }
    }
    let mut known = times.into_iter().flatten();
    let start = known.next()?;
    Some(Span { start, end: known.fold(start, u64::max) })
}

/// A value as one text: as kept, its token, or its shape in braces: `{string:12}`.
pub(crate) fn text(value: &v1::Value) -> String {
    match &value.form {
        Some(Form::Kept(text) | Form::Masked(text)) => text.clone(),
        Some(Form::Token(token)) => token.text.clone(),
        Some(Form::Shape(shape)) => {
            let name = type_name(shape.r#type());
            match shape.length {
                0 => format!("{{{name}}}"),
                length => format!("{{{name}:{length}}}"),
            }
        }
        None => String::new(),
    }
}

/// [`text`] of a value that may be absent.
pub(crate) fn text_of(value: Option<&v1::Value>) -> String {
    value.map(text).unwrap_or_default()
}

/// By what a value can be found: its [`text`], and that of each token under keys before.
pub(crate) fn texts(value: Option<&v1::Value>) -> impl Iterator<Item = String> {
    let previous = match value.and_then(|value| value.form.as_ref()) {
        Some(Form::Token(token)) => token.previous.as_slice(),
        _ => &[],
    };
    [text_of(value)].into_iter().chain(previous.iter().map(|token| token.text.clone()))
}

/// The name of a value's type, as in JSON Schema.
pub(crate) const fn type_name(kind: v1::ValueType) -> &'static str {
    match kind {
        v1::ValueType::Unspecified => "value",
        v1::ValueType::String => "string",
        v1::ValueType::Integer => "integer",
        v1::ValueType::Number => "number",
        v1::ValueType::Boolean => "boolean",
        v1::ValueType::Null => "null",
        v1::ValueType::Object => "object",
        v1::ValueType::Array => "array",
        v1::ValueType::Binary => "binary",
    }
}

/// The first value called `name`, in lower case.
pub(crate) fn named(list: &[v1::Parameter], name: &str) -> String {
    text_of(
        list.iter()
            .find(|p| p.name.eq_ignore_ascii_case(name))
            .and_then(|found| found.value.as_ref()),
    )
}

/// Query values as they would stand in a URL: `page=1&email=tok_…`.
pub(crate) fn query(request: &v1::Request) -> String {
    let mut out = String::new();
    for parameter in &request.query {
        if !out.is_empty() {
            out.push('&');
        }
        // Writing to a string cannot fail.
        let _written = write!(out, "{}={}", parameter.name, text_of(parameter.value.as_ref()));
    }
    out
}

/// `http` or `https`, as the request or the link says; empty when neither does.
pub(crate) fn scheme(record: &v1::CallRecord) -> &str {
    let named = record.request.as_ref().map(|request| request.scheme.as_str());
    match named {
        Some(scheme) if !scheme.is_empty() => scheme,
        _ => match record.network.as_ref().map(v1::Network::transport_security) {
            Some(v1::TransportSecurity::Cleartext) => "http",
            Some(v1::TransportSecurity::Decrypted | v1::TransportSecurity::Encrypted) => "https",
            _ => "",
        },
    }
}

/// The URL, with its path as a template; empty without host and path.
pub(crate) fn url(record: &v1::CallRecord) -> String {
    let Some(request) = &record.request else { return String::new() };
    let scheme = scheme(record);
    let mut out = String::new();
    if !request.host.is_empty() && !scheme.is_empty() {
        let _written = write!(out, "{scheme}://{}", request.host);
        if request.port != 0 {
            let _written = write!(out, ":{}", request.port);
        }
    }
    out.push_str(&request.path_template);
    let query = query(request);
    if !query.is_empty() {
        let _written = write!(out, "?{query}");
    }
    out
}

/// The text of the first entity of `kind` that called; of records that say of nobody who did, the first.
pub(crate) fn entity(record: &v1::CallRecord, kind: Kind) -> Option<String> {
    let calls = |entity: &&v1::Entity| {
        entity.kind() == kind && matches!(entity.role(), Role::Caller | Role::Unspecified)
    };
    let found = record.entities.iter().find(calls)?;
    Some(text_of(found.value.as_ref())).filter(|text| !text.is_empty())
}

/// Who called: the user, else the customer, else the subject of a JWT or of a client certificate.
pub(crate) fn user(record: &v1::CallRecord) -> Option<String> {
    let auth = record.auth.as_ref();
    let subject = || auth?.jwt.as_ref()?.subject.as_ref().map(text).filter(|t| !t.is_empty());
    let certificate = || Some(auth?.mtls_subject.as_ref()?.text.clone());
    entity(record, Kind::User)
        .or_else(|| entity(record, Kind::Customer))
        .or_else(subject)
        .or_else(certificate)
}

/// Tokens by kind of entity, each once: `{"user": ["tok_…"]}`.
pub(crate) fn entities(record: &v1::CallRecord, out: &mut Object<'_>) {
    let mut kinds: Vec<Kind> = record.entities.iter().map(v1::Entity::kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    for kind in kinds {
        let of_kind = record.entities.iter().filter(|entity| entity.kind() == kind);
        let mut tokens: Vec<String> =
            of_kind.flat_map(|entity| texts(entity.value.as_ref())).collect();
        tokens.sort_unstable();
        tokens.dedup();
        out.texts(entity_name(kind), tokens);
    }
}

/// The name of a kind of entity in lower case.
pub(crate) const fn entity_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Unspecified => "other",
        Kind::User => "user",
        Kind::Partner => "partner",
        Kind::ApiToken => "api_token",
        Kind::Session => "session",
        Kind::Tenant => "tenant",
        Kind::Merchant => "merchant",
        Kind::Payment => "payment",
        Kind::Invoice => "invoice",
        Kind::Order => "order",
        Kind::Account => "account",
        Kind::Device => "device",
        Kind::Ip => "ip",
        Kind::Customer => "customer",
        Kind::Document => "document",
        Kind::Organization => "organization",
    }
}

/// The gravest severity among the signals.
pub(crate) fn severity(record: &v1::CallRecord) -> Severity {
    record.signals.iter().map(v1::Signal::severity).max().unwrap_or(Severity::Unspecified)
}

/// The name of a severity in lower case; empty for none.
pub(crate) const fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Unspecified => "",
        Severity::Info => "info",
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}

/// The name of a state in lower case; empty for none.
pub(crate) const fn state_name(state: State) -> &'static str {
    match state {
        State::Unspecified => "",
        State::Complete => "complete",
        State::Truncated => "truncated",
        State::Gap => "gap",
        State::Unseen => "unseen",
        State::InProgress => "in_progress",
    }
}

/// Whether the call went well: `None` when no answer was seen.
pub(crate) fn succeeded(record: &v1::CallRecord) -> Option<bool> {
    let response = record.response.as_ref().filter(|response| response.status != 0)?;
    let grpc = record.grpc.as_ref().and_then(|grpc| grpc.status).or(response.grpc_status);
    let refused = record.auth.as_ref().is_some_and(|auth| {
        matches!(auth.result(), v1::auth::Result::Rejected | v1::auth::Result::Forbidden)
    });
    Some(response.status < 400 && grpc.unwrap_or(0) == 0 && !refused)
}

/// An address, if it is one.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok()
}

/// What is special to apitap and alike in both forms: what the call asks of whom, and how much of it was seen.
pub(crate) fn own(record: &v1::CallRecord, out: &mut Object<'_>) {
    if let Some(request) = &record.request {
        out.text("path_template", &request.path_template);
        out.text("path_token", request.path_token.as_ref().map_or("", |t| t.text.as_str()));
        out.objects("path_params", &request.path_params, |out, parameter| {
            out.text("name", &parameter.name);
            out.text("value", &text_of(parameter.value.as_ref()));
        });
        body("request_body", request.body.as_ref(), out);
    }
    if let Some(response) = &record.response {
        body("response_body", response.body.as_ref(), out);
        out.count("interim_responses", response.interim_responses);
    }
    out.text("tenant", &record.tenant);
    out.object("entities", |out| entities(record, out));
    out.objects("objects", &record.objects, |out, found| {
        out.text("name", &found.name);
        out.text("value", &text_of(found.value.as_ref()));
        out.text("class", &found.class);
        out.text("location", &found.location);
        if found.kind() != Kind::Unspecified {
            out.text("kind", entity_name(found.kind()));
        }
        if found.returned {
            out.flag("returned", true);
        }
        if let Some(step) = found.step {
            out.number("step", step);
        }
        out.count("run", found.run);
    });
    out.count("objects_total", record.objects_total);
    out.object("auth", |out| auth(record, out));
    if let Some(end) = &record.real_client {
        out.object("real_client", |out| {
            out.text("ip", &end.ip);
            out.text("zone", zone(Some(end)));
            out.text("zone_name", &end.zone_name);
        });
    }
    out.text("server_zone", zone(record.server.as_ref()));
    out.text("direction_basis", &record.direction_basis);
    out.object("completeness", |out| completeness(record, out));
    if let Some(network) = &record.network {
        out.objects("tunnels", &network.tunnels, |out, tunnel| {
            out.text("kind", &tunnel.kind);
            out.number("id", tunnel.id);
        });
    }
    out.object("grpc", |out| grpc(record, out));
    out.object("websocket", |out| websocket(record, out));
    out.object("server_event", |out| streaming::server_event(record, out));
    out.object("streaming", |out| streaming::streaming(record, out));
    out.count("sample_weight", record.sample_weight);
    if let Some(sensor) = &record.sensor {
        out.text("config_id", &sensor.config_id);
        out.text("key_id", &sensor.key_id);
    }
}

/// The zone of an end in lower case; empty for none.
pub(crate) fn zone(end: Option<&v1::Endpoint>) -> &'static str {
    use v1::endpoint::Zone;
    match end.map_or(Zone::Unspecified, v1::Endpoint::zone) {
        Zone::Unspecified => "",
        Zone::Internal => "internal",
        Zone::Partner => "partner",
        Zone::External => "external",
    }
}

pub(super) fn body(name: &str, body: Option<&v1::Body>, out: &mut Object<'_>) {
    let Some(body) = body else { return };
    out.object(name, |out| {
        out.text("media_type", &body.media_type);
        out.text("format", &body.format);
        out.text("coding", &body.coding);
        out.texts("fields", body.fields.iter().map(|field| field.path.as_str()));
        out.count("fields_total", body.fields_total);
        out.text("shape_hash", &body.shape_hash);
        out.count("records", body.records);
        if let Some(total) = body.total {
            out.number("total", total);
        }
        out.flag("cut", body.cut);
        out.flag("malformed", body.malformed);
    });
}

fn auth(record: &v1::CallRecord, out: &mut Object<'_>) {
    use v1::auth::Result as Outcome;

    let Some(auth) = &record.auth else { return };
    out.text("scheme", &auth.scheme);
    out.text(
        "result",
        match auth.result() {
            Outcome::Unspecified => "",
            Outcome::Accepted => "accepted",
            Outcome::Rejected => "rejected",
            Outcome::Forbidden => "forbidden",
        },
    );
    out.text("mtls_subject", auth.mtls_subject.as_ref().map_or("", |token| token.text.as_str()));
    out.text("credential", auth.credential.as_ref().map_or("", |token| token.text.as_str()));
    out.text("location", &auth.location);
    out.text("credential_id", &text_of(auth.credential_id.as_ref()));
    out.count("refusals_before", auth.refusals_before);
    let Some(jwt) = &auth.jwt else { return };
    out.object("jwt", |out| {
        out.text("algorithm", &jwt.algorithm);
        out.text("issuer", &text_of(jwt.issuer.as_ref()));
        out.text("subject", &text_of(jwt.subject.as_ref()));
        out.text("audience", &text_of(jwt.audience.as_ref()));
        out.flag("expired", jwt.expired.unwrap_or(false));
        out.texts("scopes", &jwt.scopes);
    });
}

fn completeness(record: &v1::CallRecord, out: &mut Object<'_>) {
    use v1::completeness::Pairing;

    let Some(seen) = &record.completeness else { return };
    out.text("request", state_name(seen.request()));
    out.text("response", state_name(seen.response()));
    out.count("request_bytes_missing", seen.request_bytes_missing);
    out.count("response_bytes_missing", seen.response_bytes_missing);
    out.flag("mid_connection", seen.mid_connection);
    out.text(
        "pairing",
        match seen.pairing() {
            Pairing::Unspecified => "",
            Pairing::InOrder => "in_order",
            Pairing::Acknowledged => "acknowledged",
            Pairing::Stream => "stream",
            Pairing::OneSided => "one_sided",
        },
    );
    out.count("rung", seen.rung);
    out.texts("request_flags", &seen.request_flags);
    out.texts("response_flags", &seen.response_flags);
}

fn grpc(record: &v1::CallRecord, out: &mut Object<'_>) {
    let status = record.response.as_ref().and_then(|response| response.grpc_status);
    let Some(grpc) = &record.grpc else {
        if let Some(status) = status {
            out.number("status", status);
        }
        return;
    };
    out.text("service", &grpc.service);
    out.text("method", &grpc.method);
    out.count("request_messages", grpc.request_messages);
    out.count("response_messages", grpc.response_messages);
    if let Some(status) = grpc.status.or(status) {
        out.number("status", status);
    }
}

fn websocket(record: &v1::CallRecord, out: &mut Object<'_>) {
    let Some(message) = &record.websocket_message else { return };
    out.text("from", if message.from_client { "client" } else { "server" });
    out.number("opcode", message.opcode);
    out.number("sequence", message.sequence);
    if let Some(code) = message.close_code {
        out.number("close_code", code);
    }
    out.text("name", &message.name);
    out.text("subprotocol", &message.subprotocol);
    out.text("handshake_id", &message.handshake_id);
    if message.compressed {
        out.flag("compressed", true);
    }
    out.texts("flags", &message.flags);
    out.count("messages_skipped", message.messages_skipped);
    out.count("bytes_skipped", message.bytes_skipped);
    if let Some(totals) = &message.totals {
        out.object("totals", |out| {
            out.number("messages", totals.messages);
            out.number("bytes", totals.bytes);
            out.count("messages_skipped", totals.messages_skipped);
            out.count("pings", totals.pings);
            out.count("pongs", totals.pongs);
            out.count("losses", totals.losses);
        });
    }
    body("body", message.body.as_ref(), out);
}

/// Whether bytes of the call are missing.
pub(crate) fn is_cut(record: &v1::CallRecord) -> bool {
    record.completeness.as_ref().is_some_and(|seen| {
        [seen.request(), seen.response()]
            .iter()
            .any(|state| matches!(state, State::Truncated | State::Gap))
    })
}

/// Bytes known to be missing.
pub(crate) fn missing(record: &v1::CallRecord) -> u64 {
    record
        .completeness
        .as_ref()
        .map_or(0, |seen| seen.request_bytes_missing.saturating_add(seen.response_bytes_missing))
}
