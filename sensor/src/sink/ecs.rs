//! ECS 9.4: the Elastic Common Schema, one JSON object a line.
//!
//! What the schema has no field for is under `apitap.*`, which it leaves to others. Durations are in
//! nanoseconds, as the schema asks.
//!
//! Source: <https://www.elastic.co/docs/reference/ecs/ecs-field-reference>.

use std::net::IpAddr;

use apitap_proto::v1;
use jiff::fmt::temporal::DateTimePrinter;
use v1::entity::Kind;
use v1::signal::Severity;

use super::siem::facts::{self, Span};
use super::siem::json::{self, Object};
use super::{Encode, Format, SinkError};

/// Version of the schema these events follow.
pub const VERSION: &str = "9.4.0";

pub(super) const FORMAT: Format = Format {
    name: "ecs",
    about: "Elastic Common Schema 9.4, one JSON object a line",
    records: super::tail::Records::Lines,
    encoder: |_| Box::new(Ecs),
};

struct Ecs;

impl Encode for Ecs {
    fn encode(&mut self, record: &v1::CallRecord, out: &mut Vec<u8>) -> Result<(), SinkError> {
        event(record, out)?;
        out.push(b'\n');
        Ok(())
    }
}

/// Appends `record` as one ECS event, without a line end.
///
/// # Errors
///
/// [`SinkError::Encode`] when the record has no time, or one after the year 9999.
pub fn event(record: &v1::CallRecord, out: &mut Vec<u8>) -> Result<(), SinkError> {
    let refused = |reason: &str| SinkError::Encode { format: "ECS", reason: reason.to_owned() };
    let span = facts::span(record).ok_or_else(|| refused("it has no time"))?;
    let late = || refused("its time is out of range");
    let start = rfc3339(span.start).ok_or_else(late)?;
    let end = rfc3339(span.end).ok_or_else(late)?;
    json::object(out, |out| {
        out.text("@timestamp", &start);
        out.object("ecs", |out| out.text("version", VERSION));
        out.text("message", &record.operation);
        out.object("event", |out| what(record, &span, [&start, &end], out));
        ends(record, out);
        out.object("network", |out| network(record, out));
        out.object("http", |out| http(record, out));
        out.object("url", |out| url(record, out));
        let agent = record.request.as_ref().map(|r| facts::named(&r.headers, "user-agent"));
        out.object("user_agent", |out| out.text("original", &agent.unwrap_or_default()));
        out.object("user", |out| out.text("hash", &facts::user(record).unwrap_or_default()));
        let tenant = facts::entity(record, Kind::Tenant)
            .or_else(|| facts::entity(record, Kind::Organization))
            .unwrap_or_default();
        out.object("organization", |out| out.text("id", &tenant));
        out.object("tls", |out| tls(record, out));
        out.object("orchestrator", |out| orchestrator(record, out));
        out.object("observer", |out| observer(record, out));
        out.object("related", |out| related(record, out));
        out.object("apitap", |out| own(record, out));
    });
    Ok(())
}

/// RFC 3339 in UTC, with nanoseconds.
fn rfc3339(nanos: u64) -> Option<String> {
    let time = jiff::Timestamp::from_nanosecond(i128::from(nanos)).ok()?;
    Some(DateTimePrinter::new().precision(Some(9)).timestamp_to_string(&time))
}

fn what(record: &v1::CallRecord, span: &Span, [start, end]: [&str; 2], out: &mut Object<'_>) {
    out.text("kind", "event");
    let api = ["api", "web", "network"];
    let unread = record.request.is_none() && record.response.is_none();
    out.texts("category", api.iter().skip(if unread { 2 } else { 0 }));
    out.texts("type", ["access"]);
    let outcome = match facts::succeeded(record) {
        Some(true) => "success",
        Some(false) => "failure",
        None => "unknown",
    };
    out.text("outcome", outcome);
    out.text("id", &record.id);
    out.text("action", &record.operation);
    out.text("module", "apitap");
    out.text("dataset", "apitap.calls");
    out.text("start", start);
    out.text("end", end);
    out.number("duration", span.end.saturating_sub(span.start));
    if let Some(sensor) = &record.sensor {
        out.text("provider", &sensor.id);
        out.count("sequence", sensor.sequence);
    }
    let severity = match facts::severity(record) {
        Severity::Unspecified => 0,
        Severity::Info => 1,
        Severity::Low => 21,
        Severity::Medium => 47,
        Severity::High => 73,
        Severity::Critical => 99,
    };
    out.count("severity", severity);
    let signals: Vec<&str> = record.signals.iter().map(|signal| signal.id.as_str()).collect();
    out.text("reason", &signals.join(", "));
}

/// Each end under both names the schema has for it; the client is who sent the request to the first trusted proxy, where
/// that is known.
fn ends(record: &v1::CallRecord, out: &mut Object<'_>) {
    let session = record.encrypted_session.as_ref();
    let sent = record.request.as_ref().map_or(0, |request| request.bytes);
    let sent = session.map_or(sent, |session| session.client_bytes);
    let received = record.response.as_ref().map_or(0, |response| response.bytes);
    let received = session.map_or(received, |session| session.server_bytes);
    out.object("source", |out| endpoint(record.client.as_ref(), sent, out));
    let client = record.real_client.as_ref().or(record.client.as_ref());
    out.object("client", |out| endpoint(client, sent, out));
    for name in ["destination", "server"] {
        out.object(name, |out| endpoint(record.server.as_ref(), received, out));
    }
}

fn endpoint(end: Option<&v1::Endpoint>, bytes: u64, out: &mut Object<'_>) {
    let Some(end) = end else { return };
    if facts::address(&end.ip).is_some() {
        out.text("address", &end.ip);
        out.text("ip", &end.ip);
    }
    out.count("port", end.port);
    // The schema wants RFC 7042's form: 00-00-5E-00-53-23.
    out.text("mac", &end.mac.replace(':', "-").to_ascii_uppercase());
    out.count("bytes", bytes);
}

fn network(record: &v1::CallRecord, out: &mut Object<'_>) {
    let quic = matches!(record.protocol(), v1::Protocol::Quic | v1::Protocol::Http3);
    out.text("transport", if quic { "udp" } else { "tcp" });
    out.text("iana_number", if quic { "17" } else { "6" });
    match record.server.as_ref().and_then(|server| facts::address(&server.ip)) {
        Some(IpAddr::V4(_)) => out.text("type", "ipv4"),
        Some(IpAddr::V6(_)) => out.text("type", "ipv6"),
        None => {}
    }
    out.text(
        "protocol",
        match record.protocol() {
            v1::Protocol::Unspecified => "",
            v1::Protocol::Http1 | v1::Protocol::Http2 | v1::Protocol::Http3 => "http",
            v1::Protocol::Grpc => "grpc",
            v1::Protocol::GrpcWeb => "grpc-web",
            v1::Protocol::Websocket => "websocket",
            v1::Protocol::Tls => "tls",
            v1::Protocol::Quic => "quic",
        },
    );
    out.text(
        "direction",
        match record.direction() {
            v1::Direction::Unspecified => "unknown",
            v1::Direction::NorthSouthIn => "inbound",
            v1::Direction::NorthSouthOut => "outbound",
            v1::Direction::EastWest => "internal",
        },
    );
    let sent = record.request.as_ref().map_or(0, |request| request.bytes);
    let received = record.response.as_ref().map_or(0, |response| response.bytes);
    let session = record.encrypted_session.as_ref();
    let unread = session.map_or(0, |s| s.client_bytes.saturating_add(s.server_bytes));
    out.count("bytes", sent.saturating_add(received).saturating_add(unread));
    if let Some(network) = &record.network {
        out.text("community_id", &network.community_id);
        let mut vlans = network.vlans.iter();
        let outer = vlans.next().map(u32::to_string).unwrap_or_default();
        out.object("vlan", |out| out.text("id", &outer));
        let inner = vlans.next().map(u32::to_string).unwrap_or_default();
        out.object("inner", |out| out.object("vlan", |out| out.text("id", &inner)));
    }
    if let Some(request) = &record.request {
        let forwarded = facts::named(&request.headers, "x-forwarded-for");
        let first = forwarded.split(',').next().map(str::trim).unwrap_or_default();
        out.text("forwarded_ip", if facts::address(first).is_some() { first } else { "" });
    }
}

fn http(record: &v1::CallRecord, out: &mut Object<'_>) {
    let (request, response) = (record.request.as_ref(), record.response.as_ref());
    let version = request.map(|request| &request.http_version);
    let version = version.or_else(|| response.map(|response| &response.http_version));
    out.text("version", version.map_or("", String::as_str));
    if let Some(request) = request {
        out.object("request", |out| {
            out.text("method", &request.method);
            out.count("bytes", request.bytes);
            out.text("referrer", &facts::named(&request.headers, "referer"));
            content(request.body.as_ref(), out);
        });
    }
    if let Some(response) = response {
        out.object("response", |out| {
            out.count("status_code", response.status);
            out.count("bytes", response.bytes);
            content(response.body.as_ref(), out);
        });
    }
}

fn content(body: Option<&v1::Body>, out: &mut Object<'_>) {
    let Some(body) = body else { return };
    out.text("mime_type", &body.media_type);
    out.object("body", |out| out.count("bytes", body.bytes));
}

fn url(record: &v1::CallRecord, out: &mut Object<'_>) {
    let Some(request) = &record.request else { return };
    out.text("original", &facts::url(record));
    out.text("scheme", facts::scheme(record));
    out.text("domain", &request.host);
    out.count("port", request.port);
    out.text("path", &request.path_template);
    out.text("query", &facts::query(request));
}

fn tls(record: &v1::CallRecord, out: &mut Object<'_>) {
    let Some(session) = &record.encrypted_session else { return };
    out.text("version", &session.tls_version);
    out.text("version_protocol", "tls");
    out.text("cipher", &session.cipher);
    out.text("next_protocol", &session.alpn);
    out.object("client", |out| out.text("server_name", &session.server_name));
}

fn orchestrator(record: &v1::CallRecord, out: &mut Object<'_>) {
    let server = record.server.as_ref().and_then(|server| server.kubernetes.as_ref());
    let Some(pod) = server else { return };
    out.text("type", "kubernetes");
    out.text("namespace", &pod.namespace);
    out.object("resource", |out| {
        out.text("name", &pod.pod);
        out.text("type", if pod.pod.is_empty() { "" } else { "pod" });
    });
}

fn observer(record: &v1::CallRecord, out: &mut Object<'_>) {
    out.text("vendor", "apitap");
    out.text("product", "apitap");
    out.text("type", "sensor");
    if let Some(sensor) = &record.sensor {
        out.text("name", &sensor.id);
        out.text("version", &sensor.version);
    }
    if let Some(network) = &record.network {
        out.object("ingress", |out| {
            out.object("interface", |out| out.text("name", &network.interface));
        });
    }
}

/// What to pivot on.
fn related(record: &v1::CallRecord, out: &mut Object<'_>) {
    let ends = [&record.client, &record.server, &record.real_client];
    let mut ips: Vec<&str> =
        ends.iter().filter_map(|end| Some(end.as_ref()?.ip.as_str())).collect();
    ips.retain(|ip| facts::address(ip).is_some());
    let mut seen = Vec::new();
    ips.retain(|ip| {
        !seen.contains(ip) && {
            seen.push(*ip);
            true
        }
    });
    out.texts("ip", ips);
    out.texts("hosts", record.request.as_ref().map(|request| &request.host));
    out.texts("user", facts::user(record));
    let mut tokens: Vec<String> =
        record.entities.iter().flat_map(|entity| facts::texts(entity.value.as_ref())).collect();
    tokens.sort_unstable();
    tokens.dedup();
    out.texts("hash", tokens);
}

fn own(record: &v1::CallRecord, out: &mut Object<'_>) {
    out.text("operation", &record.operation);
    if record.api_style() != v1::api::Style::Unspecified {
        out.text("api_style", &record.api_style().as_str_name().to_ascii_lowercase());
    }
    out.text("zone", facts::zone(record.client.as_ref()));
    if let Some(latency) = record.response.as_ref().and_then(|response| response.latency_ns) {
        out.number("latency_ns", latency);
    }
    kubernetes("client_kubernetes", record.client.as_ref(), out);
    kubernetes("server_kubernetes", record.server.as_ref(), out);
    out.objects("findings", &record.findings, |out, finding| {
        out.text("class", &finding.class);
        out.texts("labels", &finding.labels);
        out.text("location", &finding.location);
        out.count("count", finding.count);
        out.text("action", &finding.action().as_str_name().to_ascii_lowercase());
        out.text("confidence", &finding.confidence().as_str_name().to_ascii_lowercase());
    });
    out.objects("signals", &record.signals, |out, signal| {
        out.text("id", &signal.id);
        out.text("severity", facts::severity_name(signal.severity()));
        out.texts("owasp", &signal.owasp);
        out.text("location", &signal.location);
        out.text("kind", &signal.kind);
        out.count("count", signal.count);
    });
    if let Some(session) = &record.encrypted_session {
        out.object("tls", |out| {
            out.text("ja4", &session.ja4);
            out.text("ja4s", &session.ja4s);
            out.flag("ech", session.ech);
            out.flag("client_certificate", session.client_certificate.unwrap_or(false));
        });
    }
    facts::own(record, out);
}

fn kubernetes(name: &str, end: Option<&v1::Endpoint>, out: &mut Object<'_>) {
    let Some(pod) = end.and_then(|end| end.kubernetes.as_ref()) else { return };
    out.object(name, |out| {
        out.text("namespace", &pod.namespace);
        out.text("pod", &pod.pod);
        out.text("workload", &pod.workload);
        out.text("service", &pod.service);
        out.text("node", &pod.node);
    });
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::record::sample;

    fn written(record: &v1::CallRecord) -> Value {
        let mut out = Vec::new();
        event(record, &mut out).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn a_call_has_the_fields_of_the_schema() {
        let event = written(sample::record().message());
        assert_eq!(event["@timestamp"], "2026-01-01T00:00:00.123456789Z");
        assert_eq!(event["event"]["duration"], 12_543_211);
        assert_eq!(event["event"]["category"], json!(["api", "web", "network"]));
        assert_eq!(event["event"]["outcome"], "success");
        assert_eq!(event["source"], event["client"]);
        assert_eq!(event["source"]["mac"], "02-00-00-00-00-AA");
        assert_eq!(event["destination"]["port"], 8080);
        assert_eq!(event["http"]["response"], json!({"status_code": 201, "bytes": 1900}));
        assert_eq!(event["url"]["original"], "http://shop.example/v1/orders/{id}");
        assert_eq!(event["network"]["vlan"]["id"], "42");
        assert_eq!(event["user"]["hash"], "tok_user_k1_mfrggzdfmztwq2lknnwg23tpoa");
        assert_eq!(event["related"]["ip"], json!(["10.0.0.7", "192.0.2.80"]));
        let finding = json!({"class": "pan", "labels": ["PCI_DSS"], "count": 2, "action": "tokenized",
            "confidence": "high", "location": "request.body:$.card.number"});
        assert_eq!(event["apitap"]["findings"], json!([finding]));
    }

    #[test]
    fn what_was_recorded_before_a_rotation_is_found_too() {
        let mut message = sample::record().message().clone();
        let before = v1::PreviousToken { key_id: "k0".into(), text: "tok_user_k0_a".into() };
        let user = message.entities.iter_mut().find(|entity| entity.kind() == Kind::User);
        match user.and_then(|user| user.value.as_mut()?.form.as_mut()) {
            Some(v1::value::Form::Token(token)) => token.previous.push(before),
            _ => panic!("the sample's user is a token"),
        }
        message.tenant = "shop".into();
        let event = written(&message);
        let now = "tok_user_k1_mfrggzdfmztwq2lknnwg23tpoa";
        assert_eq!(event["user"]["hash"], now);
        assert_eq!(event["apitap"]["entities"]["user"], json!(["tok_user_k0_a", now]));
        assert!(event["related"]["hash"].as_array().unwrap().contains(&json!("tok_user_k0_a")));
        assert_eq!(event["apitap"]["tenant"], "shop");
    }

    #[test]
    fn a_record_without_time_has_no_event() {
        let mut message = sample::record().message().clone();
        (message.request, message.response) = (None, None);
        assert!(event(&message, &mut Vec::new()).is_err());
    }
}
