//! The parts of an event.

use std::net::IpAddr;

use apitap_proto::v1;
use v1::endpoint::Zone;
use v1::entity::Kind;

use super::super::siem::facts::{self, Span, text_of};
use super::super::siem::json::Object;

/// When it was, in milliseconds since 1970.
pub(super) fn time(span: &Span, out: &mut Object<'_>) {
    let millis = |nanos: u64| nanos / 1_000_000;
    out.number("time", millis(span.start));
    out.number("start_time", millis(span.start));
    out.number("end_time", millis(span.end));
    out.number("duration", millis(span.end.saturating_sub(span.start)));
}

/// What every class has.
pub(super) fn common(record: &v1::CallRecord, out: &mut Object<'_>) {
    out.text("message", &record.operation);
    match facts::succeeded(record) {
        Some(true) => status(1, "Success", out),
        Some(false) => status(2, "Failure", out),
        None => status(0, "Unknown", out),
    }
    let code = record.response.as_ref().map_or(0, |response| response.status);
    if code != 0 {
        out.text("status_code", &code.to_string());
    }
    if record.sample_weight > 1 {
        out.number("count", record.sample_weight);
    }
    out.object("metadata", |out| metadata(record, out));
    out.object("src_endpoint", |out| endpoint(record, record.client.as_ref(), out));
    out.object("dst_endpoint", |out| endpoint(record, record.server.as_ref(), out));
    out.object("actor", |out| actor(record, out));
    observables(record, out);
    enrichments(record, out);
}

fn status(id: u32, name: &str, out: &mut Object<'_>) {
    out.number("status_id", id);
    out.text("status", name);
}

fn metadata(record: &v1::CallRecord, out: &mut Object<'_>) {
    out.text("version", super::VERSION);
    out.object("product", |out| {
        out.text("name", "apitap");
        out.text("vendor_name", "apitap");
        out.text("version", record.sensor.as_ref().map_or("", |sensor| sensor.version.as_str()));
    });
    out.texts("profiles", ["host", "data_classification"]);
    out.text("uid", &record.id);
    out.text("log_name", "apitap.calls");
    if let Some(sensor) = &record.sensor {
        out.text("log_provider", &sensor.id);
        out.count("sequence", sensor.sequence);
    }
    out.text("tenant_uid", &facts::entity(record, Kind::Tenant).unwrap_or_default());
    out.flag("is_truncated", facts::is_cut(record));
    let mut classes: Vec<&str> = record.findings.iter().map(|f| f.class.as_str()).collect();
    classes.sort_unstable();
    classes.dedup();
    out.objects("data_classifications", classes, |out, class| {
        let found = record.findings.iter().filter(|finding| finding.class == class);
        let total = found.fold(0_u32, |sum, finding| sum.saturating_add(finding.count));
        let ((category, name), (id, confidentiality)) = label(class);
        out.number("category_id", category);
        out.text("category", name);
        out.number("confidentiality_id", id);
        out.text("confidentiality", confidentiality);
        out.count("total", total);
        out.object("classifier_details", |out| {
            out.text("type", "detector");
            out.text("name", "apitap");
            out.text("uid", class);
        });
    });
}

/// Category and confidentiality of a data class.
fn label(class: &str) -> ((u32, &'static str), (u32, &'static str)) {
    const FINANCIAL: (u32, &str) = (3, "Financial");
    const SECURITY: (u32, &str) = (6, "Security");
    const RESTRICTED: (u32, &str) = (6, "Restricted");
    const PRIVATE: (u32, &str) = (5, "Private");
    match class {
        "pan" | "cvv" | "track" | "pin" => (FINANCIAL, RESTRICTED),
        "iban" | "account" | "expiry" => (FINANCIAL, PRIVATE),
        "kr_brn" => ((4, "Business"), (2, "Confidential")),
        "credential" | "password" | "jwt" | "session" | "cookie" | "api_key" | "token"
        | "secret" | "private_key" => (SECURITY, RESTRICTED),
        _ => ((1, "Personal"), PRIVATE),
    }
}

fn endpoint(record: &v1::CallRecord, end: Option<&v1::Endpoint>, out: &mut Object<'_>) {
    // An endpoint needs a name of some kind: here its address.
    let Some(end) = end.filter(|end| facts::address(&end.ip).is_some()) else { return };
    out.text("ip", &end.ip);
    out.count("port", end.port);
    out.text("mac", &end.mac);
    match end.zone() {
        Zone::Unspecified => {}
        Zone::Internal => scope(1, "Internal", out),
        Zone::External => scope(2, "External", out),
        Zone::Partner => scope(99, "Partner", out),
    }
    out.text("zone", &end.zone_name);
    if let Some(pod) = &end.kubernetes {
        let name = [pod.namespace.as_str(), pod.pod.as_str()].join("/");
        out.text("name", name.trim_matches('/'));
        let service = if pod.service.is_empty() { &pod.workload } else { &pod.service };
        out.text("svc_name", service);
        out.text("instance_uid", &pod.node);
    }
    let vlan = record.network.as_ref().and_then(|network| network.vlans.first());
    out.text("vlan_uid", &vlan.map(u32::to_string).unwrap_or_default());
}

fn scope(id: u32, name: &str, out: &mut Object<'_>) {
    out.number("network_scope_id", id);
    out.text("network_scope", name);
}

fn actor(record: &v1::CallRecord, out: &mut Object<'_>) {
    let entity = |kind| facts::entity(record, kind).unwrap_or_default();
    if let Some(user) = facts::user(record) {
        let organization = facts::entity(record, Kind::Organization)
            .or_else(|| facts::entity(record, Kind::Merchant))
            .unwrap_or_default();
        out.object("user", |out| {
            out.text("uid", &user);
            out.number("type_id", 1);
            out.text("type", "User");
            out.object("org", |out| out.text("uid", &organization));
        });
    }
    let issuer = record.auth.as_ref().and_then(|auth| auth.jwt.as_ref()?.issuer.as_ref());
    out.object("session", |out| {
        out.text("uid", &entity(Kind::Session));
        let credential = record.auth.as_ref().and_then(|auth| auth.credential.as_ref());
        let credential = credential.map(|token| token.text.clone());
        out.text("credential_uid", &credential.unwrap_or_else(|| entity(Kind::ApiToken)));
        out.text("issuer", &text_of(issuer));
    });
    out.text("app_uid", &entity(Kind::Partner));
}

fn observables(record: &v1::CallRecord, out: &mut Object<'_>) {
    let addresses = [("src_endpoint.ip", &record.client), ("dst_endpoint.ip", &record.server)];
    let addresses = addresses
        .into_iter()
        .filter_map(|(name, end)| {
            Some((name.to_owned(), 2, "IP Address", end.as_ref()?.ip.clone()))
        })
        .filter(|(_, _, _, ip)| facts::address(ip).is_some());
    let entities = record.entities.iter().map(|entity| {
        let (id, kind) = match entity.kind() {
            Kind::User => (31, "User Object: uid"),
            Kind::ApiToken => (19, "User Credential ID"),
            Kind::Account => (35, "Account Object: uid"),
            Kind::Document | Kind::Order | Kind::Payment | Kind::Invoice => (10, "Resource UID"),
            _ => (99, "Other"),
        };
        let name = format!("unmapped.entities.{}", facts::entity_name(entity.kind()));
        (name, id, kind, text_of(entity.value.as_ref()))
    });
    let mut seen = Vec::new();
    let all = addresses.chain(entities).filter(|found| {
        let new = !found.3.is_empty() && !seen.contains(found);
        if new {
            seen.push(found.clone());
        }
        new
    });
    let all: Vec<(String, u32, &str, String)> = all.collect();
    out.objects("observables", all, |out, (name, id, kind, value)| {
        out.text("name", &name);
        out.number("type_id", id);
        out.text("type", kind);
        out.text("value", &value);
    });
}

/// Detector hits and risks. Both lists are of one attribute, so they are written as one.
fn enrichments(record: &v1::CallRecord, out: &mut Object<'_>) {
    enum Hit<'a> {
        Signal(&'a v1::Signal),
        Finding(&'a v1::Finding),
    }
    let signals = record.signals.iter().map(Hit::Signal);
    let findings = record.findings.iter().map(Hit::Finding);
    out.objects("enrichments", signals.chain(findings), |out, hit| match hit {
        Hit::Signal(signal) => {
            let severity = facts::severity_name(signal.severity());
            out.text("name", "signal");
            out.text("type", severity);
            // Both are required by the schema.
            out.text("value", if signal.id.is_empty() { "unknown" } else { &signal.id });
            out.object("data", |out| {
                out.text("kind", "signal");
                out.text("severity", severity);
                out.texts("owasp", &signal.owasp);
                out.text("location", &signal.location);
                out.text("what", &signal.kind);
                out.count("count", signal.count);
            });
        }
        Hit::Finding(finding) => {
            out.text("name", "finding");
            out.text("type", "data_class");
            out.text("value", if finding.class.is_empty() { "unknown" } else { &finding.class });
            out.object("data", |out| {
                out.text("kind", "finding");
                out.texts("labels", &finding.labels);
                out.text("location", &finding.location);
                out.count("count", finding.count);
                out.text("action", action(finding.action()));
                out.text("confidence", confidence(finding.confidence()));
            });
        }
    });
}

const fn action(action: v1::finding::Action) -> &'static str {
    use v1::finding::Action;
    match action {
        Action::Unspecified => "",
        Action::Kept => "kept",
        Action::Tokenized => "tokenized",
        Action::Shaped => "shaped",
        Action::Dropped => "dropped",
        Action::Masked => "masked",
    }
}

const fn confidence(confidence: v1::finding::Confidence) -> &'static str {
    use v1::finding::Confidence;
    match confidence {
        Confidence::Unspecified => "",
        Confidence::Low => "low",
        Confidence::Medium => "medium",
        Confidence::High => "high",
    }
}

/// What only HTTP Activity has.
pub(super) fn http_activity(record: &v1::CallRecord, out: &mut Object<'_>) {
    let (request, response) = (record.request.as_ref(), record.response.as_ref());
    connection(record, out);
    if let Some(request) = request {
        out.object("http_request", |out| http_request(record, request, out));
        out.objects("http_cookies", &request.cookies, |out, cookie| pair(cookie, out));
    }
    if let Some(response) = response {
        out.object("http_response", |out| http_response(response, out));
    }
    let sent = request.map_or(0, |request| request.bytes);
    let received = response.map_or(0, |response| response.bytes);
    traffic(sent, received, facts::missing(record), out);
    out.text("app_protocol_name", protocol(record.protocol()));
    out.object("unmapped", |out| unmapped(record, out));
}

/// What only API Activity has.
pub(super) fn api_activity(record: &v1::CallRecord, out: &mut Object<'_>) {
    out.object("api", |out| {
        out.text("operation", &record.operation);
        let host = record.request.as_ref().map_or("", |request| request.host.as_str());
        out.object("service", |out| out.text("name", host));
        out.object("request", |out| out.text("uid", &record.id));
        if let Some(response) = &record.response {
            out.object("response", |out| out.count("code", response.status));
        }
    });
    let resources = record.objects.iter().map(|object| (object, text_of(object.value.as_ref())));
    let resources = resources.filter(|(object, uid)| !uid.is_empty() || !object.name.is_empty());
    out.objects("resources", resources, |out, (object, uid)| {
        out.text("uid", &uid);
        out.text("name", &object.name);
        out.text("type", &object.class);
    });
    if let Some(request) = &record.request {
        out.object("http_request", |out| http_request(record, request, out));
    }
    if let Some(response) = &record.response {
        out.object("http_response", |out| http_response(response, out));
    }
    out.object("unmapped", |out| {
        unmapped(record, out);
        if let Some(network) = &record.network {
            out.text("community_id", &network.community_id);
            out.text("interface", &network.interface);
        }
    });
}

/// What only Network Activity has.
pub(super) fn network_activity(record: &v1::CallRecord, out: &mut Object<'_>) {
    connection(record, out);
    if let Some(session) = &record.encrypted_session {
        out.object("tls", |out| {
            let known = !session.tls_version.is_empty();
            out.text("version", if known { &session.tls_version } else { "unknown" });
            out.text("cipher", &session.cipher);
            out.text("sni", &session.server_name);
        });
        let prints = [(1, "JA4", &session.ja4), (2, "JA4Server", &session.ja4s)];
        let prints = prints.into_iter().filter(|(_, _, value)| !value.is_empty());
        out.objects("ja4_fingerprint_list", prints, |out, (id, kind, value)| {
            out.number("type_id", id);
            out.text("type", kind);
            out.text("value", value);
        });
        traffic(session.client_bytes, session.server_bytes, facts::missing(record), out);
    }
    out.text("app_protocol_name", protocol(record.protocol()));
    out.object("unmapped", |out| {
        unmapped(record, out);
        if let Some(session) = &record.encrypted_session {
            out.text("alpn", &session.alpn);
            out.flag("ech", session.ech);
            out.flag("client_certificate", session.client_certificate.unwrap_or(false));
        }
    });
}

fn connection(record: &v1::CallRecord, out: &mut Object<'_>) {
    let server = record.server.as_ref().and_then(|server| facts::address(&server.ip));
    out.object("connection_info", |out| {
        let (id, name) = match record.direction() {
            v1::Direction::Unspecified => (0, "Unknown"),
            v1::Direction::NorthSouthIn => (1, "Inbound"),
            v1::Direction::NorthSouthOut => (2, "Outbound"),
            v1::Direction::EastWest => (3, "Lateral"),
        };
        out.number("direction_id", id);
        out.text("direction", name);
        let quic = matches!(record.protocol(), v1::Protocol::Quic | v1::Protocol::Http3);
        out.number("protocol_num", if quic { 17 } else { 6 });
        out.text("protocol_name", if quic { "udp" } else { "tcp" });
        match server {
            Some(IpAddr::V4(_)) => out.number("protocol_ver_id", 4),
            Some(IpAddr::V6(_)) => out.number("protocol_ver_id", 6),
            None => {}
        }
        if let Some(network) = &record.network {
            out.text("community_uid", &network.community_id);
        }
    });
    // A tap stands at neither end.
    out.number("observation_point_id", 3);
    out.object("network_observation_point", |out| {
        out.text("name", record.sensor.as_ref().map_or("", |sensor| sensor.id.as_str()));
        out.text("interface_name", record.network.as_ref().map_or("", |n| n.interface.as_str()));
    });
}

fn traffic(sent: u64, received: u64, missed: u64, out: &mut Object<'_>) {
    out.object("traffic", |out| {
        out.count("bytes", sent.saturating_add(received));
        out.count("bytes_in", received);
        out.count("bytes_out", sent);
        out.count("bytes_missed", missed);
    });
}

/// Methods that the schema has names for; the others stand under `unmapped`.
const METHODS: [&str; 9] =
    ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"];

fn http_request(record: &v1::CallRecord, request: &v1::Request, out: &mut Object<'_>) {
    if METHODS.contains(&request.method.as_str()) {
        out.text("http_method", &request.method);
    }
    out.text("version", &request.http_version);
    let url = facts::url(record);
    // A URL needs one of its two forms.
    if !url.is_empty() || !request.path_template.is_empty() {
        out.object("url", |out| {
            out.text("scheme", facts::scheme(record));
            out.text("hostname", &request.host);
            // Values out of range come only from records that were not made here.
            out.count("port", request.port.min(65_535));
            out.text("path", &request.path_template);
            out.text("query_string", &facts::query(request));
            out.text("url_string", &url);
        });
    }
    out.text("user_agent", &facts::named(&request.headers, "user-agent"));
    out.text("referrer", &facts::named(&request.headers, "referer"));
    let forwarded = facts::named(&request.headers, "x-forwarded-for");
    let hops = forwarded.split(',').map(str::trim).filter(|hop| facts::address(hop).is_some());
    out.texts("x_forwarded_for", hops);
    out.count("length", request.bytes);
    out.count("body_length", request.body.as_ref().map_or(0, |body| body.bytes));
    out.objects("http_headers", &request.headers, |out, header| pair(header, out));
}

fn http_response(response: &v1::Response, out: &mut Object<'_>) {
    out.number("code", response.status);
    out.text("content_type", response.body.as_ref().map_or("", |body| body.media_type.as_str()));
    if let Some(latency) = response.latency_ns {
        out.number("latency", latency / 1_000_000);
    }
    out.count("length", response.bytes);
    out.count("body_length", response.body.as_ref().map_or(0, |body| body.bytes));
    out.objects("http_headers", &response.headers, |out, header| pair(header, out));
}

/// A name and its value, both required.
fn pair(parameter: &v1::Parameter, out: &mut Object<'_>) {
    let value = text_of(parameter.value.as_ref());
    if !parameter.name.is_empty() && !value.is_empty() {
        out.text("name", &parameter.name);
        out.text("value", &value);
    }
}

const fn protocol(protocol: v1::Protocol) -> &'static str {
    match protocol {
        v1::Protocol::Unspecified => "",
        v1::Protocol::Http1 | v1::Protocol::Http2 | v1::Protocol::Http3 => "http",
        v1::Protocol::Grpc => "grpc",
        v1::Protocol::GrpcWeb => "grpc-web",
        v1::Protocol::Websocket => "websocket",
        v1::Protocol::Tls => "tls",
        v1::Protocol::Quic => "quic",
    }
}

fn unmapped(record: &v1::CallRecord, out: &mut Object<'_>) {
    out.text("operation", &record.operation);
    let method = record.request.as_ref().map_or("", |request| request.method.as_str());
    out.text("http_method", if METHODS.contains(&method) { "" } else { method });
    out.text("protocol", record.protocol().as_str_name());
    if record.api_style() != v1::api::Style::Unspecified {
        out.text("api_style", record.api_style().as_str_name());
    }
    facts::own(record, out);
}
