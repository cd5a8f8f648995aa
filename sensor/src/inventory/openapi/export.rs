//! Writes an inventory as an OpenAPI 3.1 description.
//!
//! Two templates that differ in the names of their parameters alone are one path there, and one path of several
//! hosts is one path with several servers, so their endpoints are merged. What OpenAPI cannot say (CONNECT,
//! unregistered methods, responses without request) is counted in `x-apitap-left-out`.
//!
//! Source: <https://spec.openapis.org/oas/v3.1.1>.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::super::endpoint::{Endpoint, Place};
use super::super::field::Field;
use super::super::tally::Budget;
use super::super::{Body, Inventory};
use super::schema;

/// Headers that OpenAPI ignores as parameters, or that say nothing of an API.
const COMMON_HEADERS: [&str; 38] = [
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "access-control-request-headers",
    "access-control-request-method",
    "authorization",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "date",
    "dnt",
    "expect",
    "forwarded",
    "from",
    "host",
    "keep-alive",
    "max-forwards",
    "origin",
    "pragma",
    "proxy-authorization",
    "proxy-connection",
    "range",
    "referer",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "upgrade-insecure-requests",
    "user-agent",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
];

/// The inventory as an OpenAPI 3.1 description; endpoints that no answer shows to exist are left out.
#[must_use]
pub fn export(inventory: &Inventory) -> Value {
    let mut paths: BTreeMap<String, Path> = BTreeMap::new();
    let mut left_out = 0_u64;
    for endpoint in inventory.sorted() {
        let known = method(&endpoint.method).filter(|_| endpoint.path_template.starts_with('/'));
        match known.filter(|_| endpoint.exists()) {
            Some(method) => {
                paths.entry(skeleton(&endpoint.path_template)).or_default().add(method, endpoint)
            }
            None => left_out = left_out.saturating_add(1),
        }
    }
    let hosts: BTreeSet<&String> = paths.values().flat_map(|path| &path.servers).collect();
    let shared = (hosts.len() == 1).then(|| hosts.clone());
    let mut security = BTreeMap::new();
    let mut written = Map::new();
    let mut ids = BTreeSet::new();
    for path in paths.values() {
        let mut item = Map::new();
        if shared.is_none() {
            item.insert("servers".into(), servers(path.servers.iter()));
        }
        for (method, endpoint) in &path.operations {
            let found = operation(method, &path.template, endpoint, &mut security, &mut ids);
            item.insert((*method).into(), found);
        }
        written.insert(path.template.clone(), Value::Object(item));
    }
    let title = match shared.as_ref().and_then(|hosts| hosts.first()) {
        Some(server) => format!("API of {}", server.split_once("://").map_or("", |(_, host)| host)),
        None => "APIs seen".to_owned(),
    };
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": "observed",
            "description": "Written by apitap from traffic. It says what was seen, not what is meant.",
        },
    });
    if let Some(out) = document.as_object_mut() {
        if let Some(hosts) = shared {
            out.insert("servers".into(), servers(hosts.into_iter()));
        }
        out.insert("paths".into(), Value::Object(written));
        if !security.is_empty() {
            let schemes: Map<String, Value> = security.into_iter().collect();
            out.insert("components".into(), json!({"securitySchemes": schemes}));
        }
        out.insert("x-apitap-left-out".into(), left_out.into());
    }
    document
}

/// A path with everything seen of it.
#[derive(Default)]
struct Path {
    /// With distinct names.
    template: String,
    servers: BTreeSet<String>,
    operations: BTreeMap<&'static str, Endpoint>,
}

impl Path {
    fn add(&mut self, method: &'static str, endpoint: &Endpoint) {
        if self.template.is_empty() {
            self.template = distinct(&endpoint.path_template);
        }
        self.servers.extend(server_urls(endpoint));
        // Merged things were bounded already.
        let mine = self.operations.entry(method).or_default();
        mine.merge(endpoint, &mut Budget::new(u64::MAX));
    }
}

fn method(name: &str) -> Option<&'static str> {
    Some(match name {
        "GET" => "get",
        "PUT" => "put",
        "POST" => "post",
        "DELETE" => "delete",
        "OPTIONS" => "options",
        "HEAD" => "head",
        "PATCH" => "patch",
        "TRACE" => "trace",
        _ => return None,
    })
}

/// A template without the names of its parameters: what OpenAPI holds to be identical.
fn skeleton(template: &str) -> String {
    let mut out = String::with_capacity(template.len());
    let mut inside = false;
    for c in template.chars() {
        match c {
            '{' => inside = true,
            '}' => {
                inside = false;
                out.push_str("{}");
            }
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out
}

/// The names of the parameters of a template.
fn names(template: &str) -> Vec<String> {
    let parts = template.split('{').skip(1);
    parts.filter_map(|part| Some(part.split_once('}')?.0.to_owned())).collect()
}

/// A template whose parameters have names of their own, of letters that need no escaping.
fn distinct(template: &str) -> String {
    let mut out = String::with_capacity(template.len());
    let mut met: BTreeMap<String, u32> = BTreeMap::new();
    let mut rest = template;
    while let Some((before, inside)) = rest.split_once('{') {
        out.push_str(before);
        let (name, after) = inside.split_once('}').unwrap_or((inside, ""));
        let safe = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' };
        let name: String = name.chars().map(safe).collect();
        let count = met.entry(name.clone()).or_default();
        *count = count.saturating_add(1);
        let number = if *count > 1 { format!("_{count}") } else { String::new() };
        out.push_str(&["{", &name, &number, "}"].concat());
        rest = after;
    }
    out.push_str(rest);
    out
}

fn server_urls(endpoint: &Endpoint) -> BTreeSet<String> {
    let host = endpoint.host.as_str();
    // A host with tokenized parts is no address.
    if host.is_empty() || host.contains(['{', ' ', '/']) {
        return ["/".to_owned()].into();
    }
    let urls = endpoint.schemes.counts.keys().map(|scheme| match scheme.split_once(':') {
        Some((scheme, port)) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    });
    let urls: BTreeSet<String> = urls.collect();
    if urls.is_empty() { [format!("https://{host}")].into() } else { urls }
}

fn servers<'a>(urls: impl Iterator<Item = &'a String>) -> Value {
    urls.map(|url| json!({"url": url})).collect()
}

fn operation(
    method: &str,
    template: &str,
    endpoint: &Endpoint,
    security: &mut BTreeMap<String, Value>,
    ids: &mut BTreeSet<String>,
) -> Value {
    let mut out = Map::new();
    out.insert("operationId".into(), operation_id(method, template, ids).into());
    let parameters = parameters(template, endpoint);
    if !parameters.is_empty() {
        out.insert("parameters".into(), parameters.into());
    }
    if !endpoint.request_bodies.is_empty() {
        let content =
            contents(endpoint.request_bodies.iter().map(|(key, body)| (key.as_str(), body)));
        let required = endpoint.bodiless_requests == 0;
        out.insert("requestBody".into(), json!({"required": required, "content": content}));
    }
    out.insert("responses".into(), responses(endpoint));
    let needs = requirements(endpoint, security);
    if !needs.is_empty() {
        out.insert("security".into(), needs.into());
    }
    out.insert("x-apitap-calls".into(), endpoint.calls.into());
    Value::Object(out)
}

/// `get_v1_users_id`, once.
fn operation_id(method: &str, template: &str, ids: &mut BTreeSet<String>) -> String {
    let words =
        template.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<&str> = [method].into_iter().chain(words).collect();
    let base = words.join("_");
    let mut id = base.clone();
    let mut number = 1_u32;
    while !ids.insert(id.clone()) {
        number = number.saturating_add(1);
        id = format!("{base}_{number}");
    }
    id
}

fn parameters(template: &str, endpoint: &Endpoint) -> Vec<Value> {
    let none = BTreeMap::new();
    let of = |place| endpoint.parameters.get(&place).unwrap_or(&none);
    let mut out = Vec::new();
    for name in names(template) {
        let seen = of(Place::Path).get(&name).cloned().unwrap_or_default();
        // In the path, a parameter is what it is called; its type is not told.
        let mut schema = json!({"type": "string"});
        let classes: Vec<&str> = seen.classes.counts.keys().map(String::as_str).collect();
        if let Some(schema) = schema.as_object_mut().filter(|_| !classes.is_empty()) {
            schema.insert("x-data-classes".into(), classes.into());
        }
        out.push(json!({"name": name, "in": "path", "required": true, "schema": schema}));
    }
    let lists = [(Place::Query, "query"), (Place::Header, "header"), (Place::Cookie, "cookie")];
    for (place, label) in lists {
        for (name, field) in of(place) {
            let common = place == Place::Header && COMMON_HEADERS.contains(&name.as_str());
            // A name that was not safe to keep cannot be declared.
            if common
                || name.contains('{')
                || name.is_empty()
                || is_credential(endpoint, label, name)
            {
                continue;
            }
            out.push(parameter(label, name, field, endpoint.whole_requests));
        }
    }
    out
}

fn parameter(label: &str, name: &str, field: &Field, whole: u64) -> Value {
    let required = field.is_required(whole);
    json!({"name": name, "in": label, "required": required, "schema": schema::parameter(field)})
}

/// Whether a parameter is told as a security scheme.
fn is_credential(endpoint: &Endpoint, label: &str, name: &str) -> bool {
    let place = format!(" {label}:{name}");
    endpoint.auth.places.counts.keys().any(|known| known.ends_with(&place))
}

fn contents<'a>(bodies: impl Iterator<Item = (&'a str, &'a Body)>) -> Map<String, Value> {
    let mut out = Map::new();
    for (media_type, body) in bodies {
        let named = media_type.contains('/') && !media_type.contains(['{', ' ']);
        let media_type = if named { media_type } else { "*/*" };
        let known = out.contains_key(media_type);
        // Several that cannot be named have no schema in common.
        let schema = if known || media_type == "*/*" { json!({}) } else { schema::body(body) };
        out.insert(media_type.to_owned(), json!({"schema": schema}));
    }
    out
}

fn responses(endpoint: &Endpoint) -> Value {
    let mut out = Map::new();
    for status in endpoint.statuses.counts.keys().filter(|status| (100..600).contains(*status)) {
        let prefix = format!("{status} ");
        let bodies = endpoint.response_bodies.iter();
        let bodies = bodies.filter_map(|(key, body)| Some((key.strip_prefix(&prefix)?, body)));
        let content = contents(bodies);
        let mut response = json!({"description": reason(*status)});
        if let Some(response) = response.as_object_mut().filter(|_| !content.is_empty()) {
            response.insert("content".into(), content.into());
        }
        out.insert(status.to_string(), response);
    }
    if out.is_empty() {
        out.insert("default".into(), json!({"description": "No answer was seen"}));
    }
    Value::Object(out)
}

fn requirements(endpoint: &Endpoint, schemes: &mut BTreeMap<String, Value>) -> Vec<Value> {
    let mut out = Vec::new();
    let mut need = |name: String, scheme: Value, schemes: &mut BTreeMap<String, Value>| {
        out.push(json!({(name.as_str()): []}));
        schemes.insert(name, scheme);
    };
    for scheme in endpoint.auth.schemes.counts.keys() {
        let places = || {
            let all = endpoint.auth.places.counts.keys();
            all.filter_map(|place| place.strip_prefix(scheme.as_str())?.trim().split_once(':'))
        };
        match scheme.as_str() {
            "bearer" => {
                let jwt = !endpoint.auth.algorithms.is_empty();
                let mut found = json!({"type": "http", "scheme": "bearer"});
                if let Some(found) = found.as_object_mut().filter(|_| jwt) {
                    found.insert("bearerFormat".into(), "JWT".into());
                }
                need("bearer".into(), found, schemes);
            }
            "basic" | "digest" => {
                need(scheme.clone(), json!({"type": "http", "scheme": scheme}), schemes);
            }
            "mtls" => need("mtls".into(), json!({"type": "mutualTLS"}), schemes),
            "api_key" | "cookie" => {
                for (place, name) in places() {
                    if !["header", "query", "cookie"].contains(&place) || name.contains('{') {
                        continue;
                    }
                    let safe = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
                    let id: String = format!("{place}_{name}").chars().map(safe).collect();
                    let found = json!({"type": "apiKey", "in": place, "name": name});
                    need(id, found, schemes);
                }
            }
            _ => {}
        }
    }
    if !out.is_empty() && endpoint.auth.anonymous > 0 {
        // It works without as well.
        out.push(json!({}));
    }
    out
}

/// Reason phrases of RFC 9110 and others that APIs use.
const fn reason(status: u32) -> &'static str {
    match status {
        101 => "Switching Protocols",
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        409 => "Conflict",
        410 => "Gone",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => match status / 100 {
            1 => "Interim",
            2 => "Success",
            3 => "Redirection",
            4 => "Client Error",
            _ => "Server Error",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_safe() {
        assert_eq!(distinct("/a/{id}/b/{id}/{x y}"), "/a/{id}/b/{id_2}/{x_y}");
        assert_eq!(distinct("/plain"), "/plain");
        assert_eq!(names("/a/{id}/b/{id_2}"), ["id", "id_2"]);
        assert_eq!(skeleton("/a/{id}/b{x}"), "/a/{}/b{}");
    }

    #[test]
    fn operation_ids_are_distinct() {
        let mut ids = BTreeSet::new();
        assert_eq!(operation_id("get", "/v1/users/{id}", &mut ids), "get_v1_users_id");
        assert_eq!(operation_id("get", "/v1/users-id", &mut ids), "get_v1_users_id_2");
    }
}
