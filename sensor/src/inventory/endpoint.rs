//! What is known of one endpoint: a method on a path of a host.

use std::collections::BTreeMap;

use apitap_proto::v1;
use serde::{Deserialize, Serialize};
use v1::completeness::State;
use v1::endpoint::Zone;

use super::body::Body;
use super::field::Field;
use super::latency::Histogram;
use super::news::News;
use super::tally::{Budget, Tally};
use crate::time::Timestamp;

/// Parameters remembered of each kind.
const PARAMETERS_MAX: usize = 64;
/// Bodies told apart: by status and media type.
const BODIES_MAX: usize = 24;
/// Distinct entries of the small tallies.
const SMALL_MAX: usize = 16;
/// Callers, status codes, operations, signals, classes.
const LARGE_MAX: usize = 64;

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// In the path.
    Path,
    /// Behind the question mark.
    Query,
    /// In a header field.
    Header,
    /// In a cookie.
    Cookie,
}

impl Place {
    /// What stands before the name of a parameter that is worth telling: headers are not, and path parameters are in
    /// the template.
    const fn location(self) -> Option<&'static str> {
        match self {
            Self::Query => Some("request.query:"),
            Self::Cookie => Some("request.cookie:"),
            Self::Path | Self::Header => None,
        }
    }
}

/// A data class that was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Class {
    /// Calls that had it in the request.
    pub calls_in: u64,
    /// Calls that had it in the response.
    pub calls_out: u64,
    /// Successful calls without credentials that had it in the response.
    pub calls_out_anonymous: u64,
    /// Calls that had it in the URL.
    pub calls_in_url: u64,
    /// Regulations it falls under.
    pub labels: Tally<String>,
}

/// A risk that calls showed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// Calls that showed it.
    pub calls: u64,
    /// Gravest severity, as in the schema: 1 info to 5 critical.
    pub severity: i32,
    /// OWASP API Security Top 10 references.
    pub owasp: Tally<String>,
}

/// What calls say of how callers prove who they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Auth {
    /// Calls by scheme: `bearer`, `none` …
    pub schemes: Tally<String>,
    /// Where credentials of a scheme were: `api_key header:x-api-key`.
    pub places: Tally<String>,
    /// Successful calls without credentials.
    pub anonymous: u64,
    /// Calls answered with 401.
    pub rejected: u64,
    /// Calls answered with 403.
    pub forbidden: u64,
    /// JWT algorithms.
    pub algorithms: Tally<String>,
    /// Successful calls with a JWT that had expired.
    pub expired_accepted: u64,
    /// Calls with credentials over a link in clear text.
    pub cleartext: u64,
}

/// What is known of one endpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Number in this inventory, for references.
    pub id: u32,
    /// Host that requests name, without port.
    pub host: String,
    /// `GET`.
    pub method: String,
    /// `/v1/users/{id}`.
    pub path_template: String,
    /// Calls, sampled ones by their weight.
    pub calls: u64,
    /// First byte of the first call, nanoseconds since 1970.
    pub first_seen_ns: u64,
    /// First byte of the last call, nanoseconds since 1970.
    pub last_seen_ns: u64,
    /// Calls by status.
    pub statuses: Tally<u32>,
    /// Calls without an answer.
    pub unanswered: u64,
    /// `HTTP1`, `HTTP2` …
    pub protocols: Tally<String>,
    /// `REST`, `GRAPHQL` …
    pub styles: Tally<String>,
    /// What is asked of an endpoint that serves several operations: `query GetUser`.
    pub operations: Tally<String>,
    /// `http` and `https`, with port where requests name one: `http:8080`.
    pub schemes: Tally<String>,
    /// Calls by zone of the caller: `internal`, `partner`, `external`, `unknown`.
    pub zones: Tally<String>,
    /// Calls by address of the caller.
    pub callers: Tally<String>,
    /// Calls by address and port, or workload, of the server.
    pub servers: Tally<String>,
    /// Versions of server software that responses tell: `nginx/1.22.1`.
    pub software: Tally<String>,
    /// How callers prove who they are.
    pub auth: Auth,
    /// Sensitive data.
    pub classes: BTreeMap<String, Class>,
    /// Risks.
    pub signals: BTreeMap<String, Signal>,
    /// Calls whose path or body names an object one step from the caller's previous one.
    pub stepping: u64,
    /// Time to the first byte of the answer.
    pub latency: Histogram,
    /// Bytes of requests.
    pub request_bytes: u64,
    /// Bytes of responses.
    pub response_bytes: u64,
    /// Bytes of the largest response.
    pub response_bytes_max: u64,
    /// Parameters, by place and name.
    pub parameters: BTreeMap<Place, BTreeMap<String, Field>>,
    /// Requests seen whole, with all of their parameters, and not refused: what these all have is required.
    pub whole_requests: u64,
    /// Request bodies by media type.
    pub request_bodies: BTreeMap<String, Body>,
    /// Of requests seen whole and not refused those that had no body.
    pub bodiless_requests: u64,
    /// Response bodies by status and media type: `200 application/json`.
    pub response_bodies: BTreeMap<String, Body>,
    /// Things without a place of their own in the tables above.
    pub not_remembered: u64,
    /// When the first answered call was told whose template was learned or given, nanoseconds since 1970.
    #[serde(default)]
    pub ruled_ns: Option<u64>,
    /// When the last call was told: its end, nanoseconds since 1970.
    #[serde(default)]
    pub told_ns: u64,
    /// Templates by which some of the calls were told before this one was learned. Ascending.
    #[serde(skip)]
    pub folded: Vec<String>,
}

impl Endpoint {
    /// Takes in one call.
    pub(super) fn push(&mut self, record: &v1::CallRecord, time: u64, budget: &mut Budget) {
        let weight = u64::from(record.sample_weight.max(1));
        if self.calls == 0 {
            (self.first_seen_ns, self.last_seen_ns) = (time, time);
        }
        self.first_seen_ns = self.first_seen_ns.min(time);
        self.last_seen_ns = self.last_seen_ns.max(time);
        self.calls = self.calls.saturating_add(weight);
        self.told(record, time);
        self.ends(record, weight, budget);
        self.auth(record, weight, budget);
        self.sensitive(record, weight, budget);
        if let Some(request) = &record.request {
            self.request(record, request, budget);
        }
        match &record.response {
            Some(response) if response.status != 0 => {
                self.response(record, response, weight, budget);
            }
            _ => self.unanswered = self.unanswered.saturating_add(weight),
        }
        let stepping = record.objects.iter().any(|object| object.step.is_some());
        self.stepping = self.stepping.saturating_add(if stepping { weight } else { 0 });
    }

    /// Takes note of when a call was told, and whether by rules.
    fn told(&mut self, record: &v1::CallRecord, began: u64) {
        let answered = record.response.as_ref().and_then(|response| response.end_time.as_ref());
        let asked = record.request.as_ref().and_then(|request| request.end_time.as_ref());
        let told = answered.or(asked).map_or(0, nanos).max(began);
        self.told_ns = self.told_ns.max(told);
        let source = record.request.as_ref().map(v1::Request::template_source);
        // What was not answered is told when waiting has ended, by rules of that time.
        if matches!(source, Some(v1::TemplateSource::Learned | v1::TemplateSource::Spec))
            && answered.is_some()
        {
            self.ruled_ns = Some(self.ruled_ns.map_or(told, |known| known.min(told)));
        }
    }

    /// Takes in a WebSocket message; `weight` is 0 for the end of a direction.
    pub(super) fn message(
        &mut self,
        record: &v1::CallRecord,
        message: &v1::WebSocketMessage,
        weight: u64,
        budget: &mut Budget,
    ) {
        if weight > 0 {
            let from = if message.from_client { "client" } else { "server" };
            let name = if message.name.is_empty() { "message" } else { &message.name };
            let name = ["WS ", from, " ", name].concat();
            self.operations.add(&name, weight, LARGE_MAX, budget);
        }
        self.sensitive(record, weight.max(1), budget);
    }

    fn ends(&mut self, record: &v1::CallRecord, weight: u64, budget: &mut Budget) {
        self.protocols.add(record.protocol().as_str_name(), weight, SMALL_MAX, budget);
        if record.api_style() != v1::api::Style::Unspecified {
            self.styles.add(record.api_style().as_str_name(), weight, SMALL_MAX, budget);
        }
        // For REST the operation says what method and path do.
        let bare = [self.method.as_str(), " ", self.path_template.as_str()].concat();
        if let Some(more) = record.operation.strip_prefix(&bare).map(str::trim)
            && !more.is_empty()
        {
            self.operations.add(more, weight, LARGE_MAX, budget);
        }
        if let Some(scheme) = scheme(record) {
            self.schemes.add(&scheme, weight, SMALL_MAX, budget);
        }
        if let Some(client) = record.real_client.as_ref().or(record.client.as_ref()) {
            let zone = match client.zone() {
                Zone::Unspecified => "unknown",
                Zone::Internal => "internal",
                Zone::Partner => "partner",
                Zone::External => "external",
            };
            let known = self.zones.counts.len();
            self.zones.add(zone, weight, SMALL_MAX, budget);
            if let Some(news) = budget.news.as_mut().filter(|_| self.zones.counts.len() > known) {
                news.zone();
            }
            self.callers.add(&client.ip, weight, LARGE_MAX, budget);
        }
        if let Some(server) = &record.server {
            let workload = server.kubernetes.as_ref().filter(|pod| !pod.workload.is_empty());
            let name = workload.map_or_else(
                || format!("{}:{}", server.ip, server.port),
                |pod| format!("{}/{}", pod.namespace, pod.workload),
            );
            self.servers.add(&name, weight, SMALL_MAX, budget);
        }
    }

    fn auth(&mut self, record: &v1::CallRecord, weight: u64, budget: &mut Budget) {
        use v1::auth::Result as Outcome;

        let Some(auth) = record.auth.as_ref().filter(|auth| !auth.scheme.is_empty()) else {
            return;
        };
        let succeeded = succeeded(record);
        let mine = &mut self.auth;
        mine.schemes.add(&auth.scheme, weight, SMALL_MAX, budget);
        let anonymous = auth.scheme == "none";
        if anonymous && succeeded {
            mine.anonymous = mine.anonymous.saturating_add(weight);
        }
        if !anonymous {
            if let Some(place) = credential_place(record) {
                let place = [auth.scheme.as_str(), " ", place].concat();
                mine.places.add(&place, weight, SMALL_MAX, budget);
            }
            let link = record.network.as_ref().map(v1::Network::transport_security);
            if link == Some(v1::TransportSecurity::Cleartext) {
                mine.cleartext = mine.cleartext.saturating_add(weight);
            }
        }
        let status = record.response.as_ref().map_or(0, |response| response.status);
        match auth.result() {
            Outcome::Rejected => mine.rejected = mine.rejected.saturating_add(weight),
            Outcome::Forbidden => mine.forbidden = mine.forbidden.saturating_add(weight),
            _ if status == 401 => mine.rejected = mine.rejected.saturating_add(weight),
            _ => {}
        }
        if let Some(jwt) = &auth.jwt {
            mine.algorithms.add(&jwt.algorithm, weight, SMALL_MAX, budget);
            if jwt.expired == Some(true) && succeeded {
                mine.expired_accepted = mine.expired_accepted.saturating_add(weight);
            }
        }
    }

    fn sensitive(&mut self, record: &v1::CallRecord, weight: u64, budget: &mut Budget) {
        let auth = record.auth.as_ref().map_or("", |auth| auth.scheme.as_str());
        let anonymous = auth == "none" && succeeded(record);
        let mut seen: BTreeMap<&str, [bool; 3]> = BTreeMap::new();
        for finding in &record.findings {
            let [inward, outward, url] = seen.entry(&finding.class).or_default();
            *inward |= finding.location.starts_with("request.");
            *outward |= finding.location.starts_with("response.");
            *url |= ["request.query", "request.path"]
                .iter()
                .any(|part| finding.location.starts_with(part));
        }
        for (name, [inward, outward, url]) in seen {
            if !self.classes.contains_key(name)
                && (self.classes.len() >= LARGE_MAX || !budget.take(1))
            {
                self.not_remembered = self.not_remembered.saturating_add(1);
                continue;
            }
            let class = self.classes.entry(name.to_owned()).or_default();
            if let Some(news) = &mut budget.news {
                let ways = [(inward, class.calls_in, false), (outward, class.calls_out, true)];
                for (_, _, way) in ways.iter().filter(|(seen, calls, _)| *seen && *calls == 0) {
                    news.class(name, *way);
                }
            }
            let count = |sum: &mut u64, is: bool| {
                *sum = sum.saturating_add(if is { weight } else { 0 });
            };
            count(&mut class.calls_in, inward);
            count(&mut class.calls_out, outward);
            count(&mut class.calls_in_url, url);
            count(&mut class.calls_out_anonymous, outward && anonymous);
            let labels = record.findings.iter().filter(|finding| finding.class == name);
            for label in labels.flat_map(|finding| &finding.labels) {
                class.labels.add(label, 1, SMALL_MAX, budget);
            }
        }
        let mut signals: Vec<&v1::Signal> = record.signals.iter().collect();
        signals.sort_by(|a, b| a.id.cmp(&b.id));
        signals.dedup_by(|a, b| a.id == b.id);
        for signal in signals {
            if !self.signals.contains_key(&signal.id)
                && (self.signals.len() >= LARGE_MAX || !budget.take(1))
            {
                self.not_remembered = self.not_remembered.saturating_add(1);
                continue;
            }
            let mine = self.signals.entry(signal.id.clone()).or_default();
            mine.calls = mine.calls.saturating_add(weight);
            mine.severity = mine.severity.max(signal.severity);
            for reference in &signal.owasp {
                mine.owasp.add(reference, 1, SMALL_MAX, budget);
            }
        }
    }

    fn request(&mut self, record: &v1::CallRecord, request: &v1::Request, budget: &mut Budget) {
        self.request_bytes = self.request_bytes.saturating_add(request.bytes);
        let seen = record.completeness.as_ref().map(v1::Completeness::request);
        let status = record.response.as_ref().map_or(0, |response| response.status);
        // What is refused may be so for what it lacks.
        let whole =
            seen.is_none_or(|state| state == State::Complete) && !(400..500).contains(&status);
        let telling = whole && request.cut_lists.is_empty();
        self.whole_requests = self.whole_requests.saturating_add(u64::from(telling));
        self.parameters(Place::Path, &request.path_params, telling, budget);
        self.parameters(Place::Query, &request.query, telling, budget);
        self.parameters(Place::Header, &request.headers, telling, budget);
        self.parameters(Place::Cookie, &request.cookies, telling, budget);
        match request.body.as_ref().filter(|body| body.bytes > 0 || !body.fields.is_empty()) {
            Some(body) => {
                let known = budget.news.as_ref().map_or(0, News::fields);
                let shape = body_of(&mut self.request_bodies, &body.media_type, budget);
                match shape {
                    Some(shape) => {
                        shape.push(body, whole, budget);
                        if let Some(news) = &mut budget.news {
                            news.place(known, "request.body:", &body.media_type);
                        }
                    }
                    None => self.not_remembered = self.not_remembered.saturating_add(1),
                }
            }
            None if whole => self.bodiless_requests = self.bodiless_requests.saturating_add(1),
            None => {}
        }
    }

    fn parameters(
        &mut self,
        place: Place,
        list: &[v1::Parameter],
        telling: bool,
        budget: &mut Budget,
    ) {
        if list.is_empty() {
            return;
        }
        let known = self.parameters.entry(place).or_default();
        let mut met: Vec<&str> = Vec::with_capacity(list.len());
        for parameter in list {
            let name = match place {
                Place::Header => parameter.name.to_ascii_lowercase(),
                _ => parameter.name.clone(),
            };
            // A name that comes twice is of one message.
            if met.contains(&parameter.name.as_str()) {
                if let Some(field) = known.get_mut(&name) {
                    field.repeated = true;
                }
                continue;
            }
            met.push(&parameter.name);
            if !known.contains_key(&name) && (known.len() >= PARAMETERS_MAX || !budget.take(1)) {
                self.not_remembered = self.not_remembered.saturating_add(1);
                continue;
            }
            if let Some(news) = &mut budget.news
                && let Some(place) = place.location()
                && !known.contains_key(&name)
            {
                news.field([place, name.as_str()].concat(), &[]);
            }
            known.entry(name).or_default().parameter(parameter.value.as_ref(), telling, budget);
        }
    }

    fn response(
        &mut self,
        record: &v1::CallRecord,
        response: &v1::Response,
        weight: u64,
        budget: &mut Budget,
    ) {
        self.statuses.add(&response.status, weight, LARGE_MAX, budget);
        self.response_bytes = self.response_bytes.saturating_add(response.bytes);
        self.response_bytes_max = self.response_bytes_max.max(response.bytes);
        if let Some(latency) = response.latency_ns {
            self.latency.add(latency, weight);
        }
        for header in &response.headers {
            let tells = ["server", "x-powered-by"].contains(&header.name.as_str());
            if let Some(v1::value::Form::Kept(kept)) =
                header.value.as_ref().and_then(|value| value.form.as_ref()).filter(|_| tells)
                && kept.contains('/')
            {
                self.software.add(kept, weight, SMALL_MAX, budget);
            }
        }
        let Some(body) = response.body.as_ref().filter(|b| b.bytes > 0 || !b.fields.is_empty())
        else {
            return;
        };
        let seen = record.completeness.as_ref().map(v1::Completeness::response);
        let whole = seen.is_none_or(|state| state == State::Complete);
        let key = format!("{} {}", response.status, body.media_type);
        let known = budget.news.as_ref().map_or(0, News::fields);
        match body_of(&mut self.response_bodies, &key, budget) {
            Some(shape) => {
                shape.push(body, whole, budget);
                if let Some(news) = &mut budget.news {
                    news.place(known, "response.body:", &body.media_type);
                }
            }
            None => self.not_remembered = self.not_remembered.saturating_add(1),
        }
    }

    /// Whether any call shows that the endpoint exists: an answer other than 400, 404 and 405.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.statuses.counts.keys().any(|status| !matches!(status, 0..200 | 400 | 404 | 405))
    }

    /// Adds what `from` knows of the same endpoint.
    pub(super) fn merge(&mut self, from: &Self, budget: &mut Budget) {
        let first = if self.calls == 0 { from.first_seen_ns } else { self.first_seen_ns };
        self.first_seen_ns = first.min(from.first_seen_ns);
        self.last_seen_ns = self.last_seen_ns.max(from.last_seen_ns);
        self.told_ns = self.told_ns.max(from.told_ns);
        self.ruled_ns = self.ruled_ns.into_iter().chain(from.ruled_ns).min();
        for (sum, more) in [
            (&mut self.calls, from.calls),
            (&mut self.unanswered, from.unanswered),
            (&mut self.stepping, from.stepping),
            (&mut self.request_bytes, from.request_bytes),
            (&mut self.response_bytes, from.response_bytes),
            (&mut self.whole_requests, from.whole_requests),
            (&mut self.bodiless_requests, from.bodiless_requests),
            (&mut self.not_remembered, from.not_remembered),
        ] {
            *sum = sum.saturating_add(more);
        }
        self.response_bytes_max = self.response_bytes_max.max(from.response_bytes_max);
        self.latency.merge(&from.latency);
        self.statuses.merge(&from.statuses, LARGE_MAX, budget);
        for (mine, theirs, max) in [
            (&mut self.protocols, &from.protocols, SMALL_MAX),
            (&mut self.styles, &from.styles, SMALL_MAX),
            (&mut self.operations, &from.operations, LARGE_MAX),
            (&mut self.schemes, &from.schemes, SMALL_MAX),
            (&mut self.zones, &from.zones, SMALL_MAX),
            (&mut self.callers, &from.callers, LARGE_MAX),
            (&mut self.servers, &from.servers, SMALL_MAX),
            (&mut self.software, &from.software, SMALL_MAX),
        ] {
            mine.merge(theirs, max, budget);
        }
        self.auth.merge(&from.auth, budget);
        self.merge_sensitive(from, budget);
        self.merge_content(from, budget);
    }

    fn merge_sensitive(&mut self, from: &Self, budget: &mut Budget) {
        for (name, theirs) in &from.classes {
            if !self.classes.contains_key(name)
                && (self.classes.len() >= LARGE_MAX || !budget.take(1))
            {
                self.not_remembered = self.not_remembered.saturating_add(1);
                continue;
            }
            let mine = self.classes.entry(name.clone()).or_default();
            for (sum, more) in [
                (&mut mine.calls_in, theirs.calls_in),
                (&mut mine.calls_out, theirs.calls_out),
                (&mut mine.calls_out_anonymous, theirs.calls_out_anonymous),
                (&mut mine.calls_in_url, theirs.calls_in_url),
            ] {
                *sum = sum.saturating_add(more);
            }
            mine.labels.merge(&theirs.labels, SMALL_MAX, budget);
        }
        for (id, theirs) in &from.signals {
            if !self.signals.contains_key(id)
                && (self.signals.len() >= LARGE_MAX || !budget.take(1))
            {
                self.not_remembered = self.not_remembered.saturating_add(1);
                continue;
            }
            let mine = self.signals.entry(id.clone()).or_default();
            mine.calls = mine.calls.saturating_add(theirs.calls);
            mine.severity = mine.severity.max(theirs.severity);
            mine.owasp.merge(&theirs.owasp, SMALL_MAX, budget);
        }
    }

    fn merge_content(&mut self, from: &Self, budget: &mut Budget) {
        for (place, theirs) in &from.parameters {
            let mine = self.parameters.entry(*place).or_default();
            for (name, field) in theirs {
                if !mine.contains_key(name) && (mine.len() >= PARAMETERS_MAX || !budget.take(1)) {
                    self.not_remembered = self.not_remembered.saturating_add(1);
                    continue;
                }
                mine.entry(name.clone()).or_default().merge(field, budget);
            }
        }
        let pairs = [
            (&mut self.request_bodies, &from.request_bodies),
            (&mut self.response_bodies, &from.response_bodies),
        ];
        for (mine, theirs) in pairs {
            for (key, body) in theirs {
                match body_of(mine, key, budget) {
                    Some(shape) => shape.merge(body, budget),
                    None => self.not_remembered = self.not_remembered.saturating_add(1),
                }
            }
        }
    }
}

impl Auth {
    fn merge(&mut self, from: &Self, budget: &mut Budget) {
        for (sum, more) in [
            (&mut self.anonymous, from.anonymous),
            (&mut self.rejected, from.rejected),
            (&mut self.forbidden, from.forbidden),
            (&mut self.expired_accepted, from.expired_accepted),
            (&mut self.cleartext, from.cleartext),
        ] {
            *sum = sum.saturating_add(more);
        }
        self.schemes.merge(&from.schemes, SMALL_MAX, budget);
        self.places.merge(&from.places, SMALL_MAX, budget);
        self.algorithms.merge(&from.algorithms, SMALL_MAX, budget);
    }
}

fn body_of<'a>(
    bodies: &'a mut BTreeMap<String, Body>,
    key: &str,
    budget: &mut Budget,
) -> Option<&'a mut Body> {
    if !bodies.contains_key(key) {
        if bodies.len() >= BODIES_MAX || !budget.take(1) {
            return None;
        }
        bodies.insert(key.to_owned(), Body::default());
    }
    bodies.get_mut(key)
}

fn succeeded(record: &v1::CallRecord) -> bool {
    // A login may be refused with 200 and an error in the body.
    let refused = record.auth.as_ref().is_some_and(|auth| {
        matches!(auth.result(), v1::auth::Result::Rejected | v1::auth::Result::Forbidden)
    });
    let response = record.response.as_ref();
    !refused && response.is_some_and(|response| (200..400).contains(&response.status))
}

/// `http`, or `https:8443` where the request names a port.
fn scheme(record: &v1::CallRecord) -> Option<String> {
    let request = record.request.as_ref()?;
    let link = record.network.as_ref().map(v1::Network::transport_security);
    let scheme = match (request.scheme.as_str(), link) {
        ("", Some(v1::TransportSecurity::Cleartext)) => "http",
        ("", Some(v1::TransportSecurity::Decrypted)) => "https",
        ("", _) => return None,
        (scheme, _) => scheme,
    };
    Some(match request.port {
        0 => scheme.to_owned(),
        port => format!("{scheme}:{port}"),
    })
}

/// Where the credentials of a call are: `header:x-api-key`.
fn credential_place(record: &v1::CallRecord) -> Option<&str> {
    use v1::entity::Kind;
    let found = record
        .entities
        .iter()
        .find(|entity| matches!(entity.kind(), Kind::ApiToken | Kind::Session))?;
    found.location.strip_prefix("request.")
}

/// When a call began, in nanoseconds since 1970.
pub(super) fn time(record: &v1::CallRecord) -> u64 {
    let asked = record.request.as_ref().and_then(|request| request.start_time.as_ref());
    let answered = record.response.as_ref().and_then(|response| response.start_time.as_ref());
    asked.or(answered).map_or(0, nanos)
}

fn nanos(time: &apitap_proto::Timestamp) -> u64 {
    let seconds = u64::try_from(time.seconds).unwrap_or(0);
    Timestamp::new(seconds, u64::try_from(time.nanos).unwrap_or(0)).nanos()
}
