//! The inventory as it is shown: what JSON, table and page have in common.

use std::collections::BTreeMap;

use serde::Serialize;

use super::body::Body;
use super::endpoint::{Endpoint, Place};
use super::field::Field;
use super::openapi::Comparison;
use super::risk::{Risk, Standing};
use super::{Blind, Inventory, LeftOut, Tally};

/// Entities shown.
const ENTITIES_MAX: usize = 500;

/// An inventory as it is shown.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    /// Version of this form.
    pub version: u32,
    /// Calls seen.
    pub calls: u64,
    /// WebSocket messages seen.
    pub websocket_messages: u64,
    /// First call, RFC 3339.
    pub first_seen: String,
    /// Last call, RFC 3339.
    pub last_seen: String,
    /// Calls that are not in the tables.
    pub left_out: LeftOut,
    /// Things not remembered for want of room.
    pub not_remembered: u64,
    /// Hosts, most calls first.
    pub hosts: Vec<Host<'a>>,
    /// Endpoints, riskiest first.
    pub endpoints: Vec<Row<'a>>,
    /// Servers whose connections could not be read, most bytes first; fields as in the inventory, times in RFC 3339.
    pub blind_spots: Vec<BlindSpot<'a>>,
    /// Who took part, most calls first; 500 at most.
    pub entities: Vec<Actor<'a>>,
    /// How the inventory differs from a specification.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub specification: Option<&'a Comparison>,
}

/// A host.
#[derive(Debug, Serialize)]
pub struct Host<'a> {
    /// Its name.
    pub host: &'a str,
    /// Endpoints.
    pub endpoints: u64,
    /// Calls.
    pub calls: u64,
    /// Highest risk score of its endpoints.
    pub risk: u32,
    /// First call, RFC 3339.
    pub first_seen: String,
    /// Last call, RFC 3339.
    pub last_seen: String,
}

/// An endpoint.
#[derive(Debug, Serialize)]
pub struct Row<'a> {
    /// Number, for references.
    pub id: u32,
    /// Host.
    pub host: &'a str,
    /// Method.
    pub method: &'a str,
    /// Path template.
    pub path: &'a str,
    /// Templates by which some of the calls were told before this one was learned.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub folded: &'a [String],
    /// Version that the path names: `v1`; empty without.
    pub api_version: &'a str,
    /// Risk.
    pub risk: Risk,
    /// Place in the specification, if one was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
    /// Calls.
    pub calls: u64,
    /// First call, RFC 3339.
    pub first_seen: String,
    /// Last call, RFC 3339.
    pub last_seen: String,
    /// Calls by status.
    pub statuses: &'a BTreeMap<u32, u64>,
    /// Calls without an answer.
    pub unanswered: u64,
    /// Calls by protocol.
    pub protocols: &'a BTreeMap<String, u64>,
    /// Calls by API style.
    pub styles: &'a BTreeMap<String, u64>,
    /// Operations of endpoints that serve several.
    pub operations: &'a BTreeMap<String, u64>,
    /// Calls by scheme and port.
    pub schemes: &'a BTreeMap<String, u64>,
    /// Calls by zone of the caller.
    pub zones: &'a BTreeMap<String, u64>,
    /// Calls by caller's address.
    pub callers: &'a Tally<String>,
    /// Calls by server.
    pub servers: &'a Tally<String>,
    /// Authentication.
    pub auth: &'a super::Auth,
    /// Data classes, in and out.
    pub classes: &'a BTreeMap<String, super::Class>,
    /// Risks that calls showed.
    pub signals: &'a BTreeMap<String, super::Signal>,
    /// Time to the first byte of the answer.
    pub latency: Latency,
    /// Bytes.
    pub bytes: Bytes,
    /// Parameters.
    pub parameters: Vec<Parameter<'a>>,
    /// Request bodies.
    pub request_bodies: Vec<Shape<'a>>,
    /// Response bodies.
    pub response_bodies: Vec<Shape<'a>>,
}

/// A distribution of durations, in microseconds.
#[derive(Debug, Serialize)]
pub struct Latency {
    /// Calls measured.
    pub count: u64,
    /// Median.
    pub p50_us: u64,
    /// 90th percentile.
    pub p90_us: u64,
    /// 99th percentile.
    pub p99_us: u64,
    /// Longest.
    pub max_us: u64,
    /// Lower end of each power of two, in microseconds, and calls in it.
    pub histogram: Vec<(u64, u64)>,
}

/// Bytes on the wire.
#[derive(Debug, Serialize)]
pub struct Bytes {
    /// Of requests.
    pub request: u64,
    /// Of responses.
    pub response: u64,
    /// Of the largest response.
    pub response_max: u64,
}

/// A parameter.
#[derive(Debug, Serialize)]
pub struct Parameter<'a> {
    /// Where it stands.
    #[serde(rename = "in")]
    pub place: Place,
    /// Its name.
    pub name: &'a str,
    /// Types seen.
    pub types: Vec<&'static str>,
    /// Data classes seen.
    pub classes: Vec<&'a str>,
    /// Whether every request seen whole has it.
    pub required: bool,
    /// Requests that have it.
    pub messages: u64,
}

/// The shape of a body.
#[derive(Debug, Serialize)]
pub struct Shape<'a> {
    /// Status, for responses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<&'a str>,
    /// Media type.
    pub media_type: &'a str,
    /// Messages.
    pub messages: u64,
    /// Leaves.
    pub fields: Vec<Leaf<'a>>,
}

/// A leaf of a body.
#[derive(Debug, Serialize)]
pub struct Leaf<'a> {
    /// Its path.
    pub path: &'a str,
    /// Types seen.
    pub types: Vec<&'static str>,
    /// Data classes seen.
    pub classes: Vec<&'a str>,
    /// Whether every message read whole that has its parent has it.
    pub required: bool,
    /// Messages that have it.
    pub messages: u64,
}

/// A server whose connections could not be read.
#[derive(Debug, Serialize)]
pub struct BlindSpot<'a> {
    /// Server name; address and port where none was told.
    pub host: &'a str,
    /// Sessions.
    pub sessions: u64,
    /// Bytes that clients sent.
    pub client_bytes: u64,
    /// Bytes that the server sent.
    pub server_bytes: u64,
    /// Sessions by version.
    pub versions: &'a BTreeMap<String, u64>,
    /// Sessions by protocol (ALPN).
    pub alpn: &'a Tally<String>,
    /// Sessions by client's fingerprint.
    pub ja4: &'a Tally<String>,
    /// Sessions by client.
    pub clients: &'a Tally<String>,
    /// Sessions by server.
    pub servers: &'a Tally<String>,
    /// Sessions with a client certificate.
    pub client_certificates: u64,
    /// Sessions with ECH, or GREASE that looks like it.
    pub ech: u64,
    /// Sessions that were not seen to go over to encrypted data.
    pub unestablished: u64,
    /// End of the certificate's validity, RFC 3339; empty when none was seen.
    pub certificate_not_after: String,
    /// First session, RFC 3339.
    pub first_seen: String,
    /// End of the last session, RFC 3339.
    pub last_seen: String,
}

impl<'a> BlindSpot<'a> {
    fn of(blind: &'a Blind) -> Self {
        let not_after = jiff::Timestamp::from_second(blind.certificate_not_after);
        let not_after = not_after.ok().filter(|_| blind.certificate_not_after != 0);
        Self {
            host: &blind.host,
            sessions: blind.sessions,
            client_bytes: blind.client_bytes,
            server_bytes: blind.server_bytes,
            versions: &blind.versions,
            alpn: &blind.alpn,
            ja4: &blind.ja4,
            clients: &blind.clients,
            servers: &blind.servers,
            client_certificates: blind.client_certificates,
            ech: blind.ech,
            unestablished: blind.unestablished,
            certificate_not_after: not_after.map(|time| time.to_string()).unwrap_or_default(),
            first_seen: rfc3339(blind.first_seen_ns),
            last_seen: rfc3339(blind.last_seen_ns),
        }
    }
}

/// Who took part, with the latest calls.
#[derive(Debug, Serialize)]
pub struct Actor<'a> {
    /// Token.
    pub token: &'a str,
    /// Kind.
    pub kind: &'a str,
    /// Calls.
    pub calls: u64,
    /// First call, RFC 3339.
    pub first_seen: String,
    /// Last call, RFC 3339.
    pub last_seen: String,
    /// Latest calls: milliseconds since 1970, endpoint, status, latency in microseconds.
    pub moments: Vec<(u64, u32, u32, u64)>,
}

impl<'a> Report<'a> {
    /// `inventory` as it is shown; `comparison` says what a specification makes of it.
    #[must_use]
    pub fn new(inventory: &'a Inventory, comparison: Option<&'a Comparison>) -> Self {
        let sorted = inventory.sorted();
        let standing = |endpoint: &Endpoint| comparison.and_then(|c| c.standing(endpoint.id));
        let mut endpoints: Vec<Row<'a>> =
            sorted.iter().map(|endpoint| row(endpoint, standing(endpoint))).collect();
        let hosts = hosts(&sorted, &endpoints);
        endpoints.sort_by_key(|row| std::cmp::Reverse((row.risk.score, row.calls)));
        let first = sorted.iter().map(|endpoint| endpoint.first_seen_ns).min();
        let last = sorted.iter().map(|endpoint| endpoint.last_seen_ns).max();
        let lost = sorted.iter().fold(0_u64, |sum, e| sum.saturating_add(e.not_remembered));
        Self {
            version: 1,
            calls: inventory.calls(),
            websocket_messages: inventory.websocket_messages(),
            first_seen: rfc3339(first.unwrap_or(0)),
            last_seen: rfc3339(last.unwrap_or(0)),
            left_out: inventory.left_out(),
            not_remembered: lost.saturating_add(inventory.budget().refused),
            hosts,
            endpoints,
            blind_spots: inventory.blind_spots().into_iter().map(BlindSpot::of).collect(),
            entities: actors(inventory),
            specification: comparison,
        }
    }
}

fn hosts<'a>(endpoints: &[&'a Endpoint], rows: &[Row<'a>]) -> Vec<Host<'a>> {
    let mut hosts: BTreeMap<&str, (Host<'a>, u64, u64)> = BTreeMap::new();
    for (endpoint, row) in endpoints.iter().zip(rows) {
        let made = || {
            let host = Host {
                host: &endpoint.host,
                endpoints: 0,
                calls: 0,
                risk: 0,
                first_seen: String::new(),
                last_seen: String::new(),
            };
            (host, u64::MAX, 0)
        };
        let (host, first, last) = hosts.entry(&endpoint.host).or_insert_with(made);
        host.endpoints = host.endpoints.saturating_add(1);
        host.calls = host.calls.saturating_add(endpoint.calls);
        host.risk = host.risk.max(row.risk.score);
        *first = (*first).min(endpoint.first_seen_ns);
        *last = (*last).max(endpoint.last_seen_ns);
    }
    let mut all: Vec<Host<'a>> = hosts
        .into_values()
        .map(|(host, first, last)| Host {
            first_seen: rfc3339(first),
            last_seen: rfc3339(last),
            ..host
        })
        .collect();
    all.sort_by_key(|host| std::cmp::Reverse(host.calls));
    all
}

fn row(endpoint: &Endpoint, standing: Option<Standing>) -> Row<'_> {
    let micros = |nanos: Option<u64>| nanos.unwrap_or(0) / 1000;
    let latency = &endpoint.latency;
    Row {
        id: endpoint.id,
        host: &endpoint.host,
        method: &endpoint.method,
        path: &endpoint.path_template,
        folded: &endpoint.folded,
        api_version: api_version(&endpoint.path_template),
        risk: Risk::of(endpoint, standing),
        standing,
        calls: endpoint.calls,
        first_seen: rfc3339(endpoint.first_seen_ns),
        last_seen: rfc3339(endpoint.last_seen_ns),
        statuses: &endpoint.statuses.counts,
        unanswered: endpoint.unanswered,
        protocols: &endpoint.protocols.counts,
        styles: &endpoint.styles.counts,
        operations: &endpoint.operations.counts,
        schemes: &endpoint.schemes.counts,
        zones: &endpoint.zones.counts,
        callers: &endpoint.callers,
        servers: &endpoint.servers,
        auth: &endpoint.auth,
        classes: &endpoint.classes,
        signals: &endpoint.signals,
        latency: Latency {
            count: latency.count(),
            p50_us: micros(latency.quantile(50)),
            p90_us: micros(latency.quantile(90)),
            p99_us: micros(latency.quantile(99)),
            max_us: latency.max() / 1000,
            histogram: latency.by_octave().map(|(low, count)| (low / 1000, count)).collect(),
        },
        bytes: Bytes {
            request: endpoint.request_bytes,
            response: endpoint.response_bytes,
            response_max: endpoint.response_bytes_max,
        },
        parameters: parameters(endpoint),
        request_bodies: endpoint
            .request_bodies
            .iter()
            .map(|(media_type, body)| shape(None, media_type, body))
            .collect(),
        response_bodies: endpoint
            .response_bodies
            .iter()
            .map(|(key, body)| {
                let (status, media_type) = key.split_once(' ').unwrap_or((key, ""));
                shape(Some(status), media_type, body)
            })
            .collect(),
    }
}

fn parameters(endpoint: &Endpoint) -> Vec<Parameter<'_>> {
    let all = endpoint.parameters.iter().flat_map(|(place, names)| {
        names.iter().map(move |(name, field)| Parameter {
            place: *place,
            name,
            types: field.types.names(),
            classes: classes(field),
            required: field.is_required(endpoint.whole_requests),
            messages: field.messages,
        })
    });
    all.collect()
}

fn shape<'a>(status: Option<&'a str>, media_type: &'a str, body: &'a Body) -> Shape<'a> {
    use apitap_proto::v1::ValueType;

    let inner = |field: &Field| {
        let names = field.types.names();
        names.iter().all(|name| ["object", "array"].contains(name))
            && (field.types.has(ValueType::Object) || field.types.has(ValueType::Array))
    };
    let fields = body.nodes.iter().filter(|(_, node)| !inner(&node.field));
    let fields = fields.map(|(path, node)| Leaf {
        path,
        types: node.field.types.names(),
        classes: classes(&node.field),
        required: body.requires(path),
        messages: node.field.messages,
    });
    Shape { status, media_type, messages: body.messages, fields: fields.collect() }
}

fn classes(field: &Field) -> Vec<&str> {
    field.classes.counts.keys().map(String::as_str).collect()
}

fn actors(inventory: &Inventory) -> Vec<Actor<'_>> {
    let busiest = inventory.busiest().into_iter().take(ENTITIES_MAX);
    let all = busiest.map(|(token, entity)| Actor {
        token,
        kind: &entity.kind,
        calls: entity.calls,
        first_seen: rfc3339(entity.first_seen_ns),
        last_seen: rfc3339(entity.last_seen_ns),
        moments: entity
            .moments
            .iter()
            .map(|m| (m.time_ns / 1_000_000, m.endpoint, m.status, m.latency_ns / 1000))
            .collect(),
    });
    all.collect()
}

/// The first segment of a path that is a version: `v1`, `v2.1`.
fn api_version(path: &str) -> &str {
    let is_version = |segment: &&str| {
        segment.strip_prefix(['v', 'V']).is_some_and(|rest| {
            rest.starts_with(|c: char| c.is_ascii_digit())
                && rest.len() <= 8
                && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
        })
    };
    path.split('/').find(is_version).unwrap_or("")
}

/// RFC 3339 in UTC, to the millisecond; empty beyond the calendar.
fn rfc3339(nanos: u64) -> String {
    let time = jiff::Timestamp::from_nanosecond(i128::from(nanos));
    let printer = jiff::fmt::temporal::DateTimePrinter::new().precision(Some(3));
    time.map(|time| printer.timestamp_to_string(&time)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_paths() {
        for (path, version) in [
            ("/v1/users", "v1"),
            ("/api/v2.1/x", "v2.1"),
            ("/api/users", ""),
            ("/vendor/x", ""),
            ("/version/x", ""),
        ] {
            assert_eq!(api_version(path), version, "{path}");
        }
    }
}
