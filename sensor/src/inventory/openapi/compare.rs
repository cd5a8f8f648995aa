//! Compares what was seen with what is documented.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::super::Inventory;
use super::super::body::Body;
use super::super::endpoint::{Endpoint, Place};
use super::super::field::{Field, Types};
use super::super::risk::Standing;
use super::spec::{Content, Documented, Operation, Spec};

/// Differences told; more are counted.
const DRIFTS_MAX: usize = 2000;

/// How an inventory differs from a specification.
#[derive(Debug, Default, Serialize)]
pub struct Comparison {
    /// Title of the specification.
    pub title: String,
    /// Version of the specification.
    pub version: String,
    /// Endpoints that the specification has.
    pub documented: u64,
    /// Endpoints that it has not.
    pub shadow: Vec<Entry>,
    /// Endpoints in use that it has as deprecated, or whose path it has in a newer version.
    pub zombie: Vec<Entry>,
    /// Operations that were never called.
    pub orphan: Vec<Entry>,
    /// Endpoints that it has not and that no answer shows to exist.
    pub probes: u64,
    /// Endpoints of hosts that it does not name.
    pub other_hosts: u64,
    /// Differences of documented endpoints.
    pub drift: Vec<Drift>,
    /// Differences beyond the first 2000.
    pub drift_left_out: u64,
    #[serde(skip)]
    standings: BTreeMap<u32, Standing>,
}

/// An endpoint or operation.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Host; empty for one that was never called.
    pub host: String,
    /// Method.
    pub method: String,
    /// Path template: as seen, or as documented if it was never called.
    pub path: String,
    /// Calls.
    pub calls: u64,
    /// `deprecated` or `superseded`, for zombies.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub why: &'static str,
}

/// A difference of a documented endpoint.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// Number of the endpoint.
    pub endpoint: u32,
    /// Method.
    pub method: String,
    /// Path as documented.
    pub path: String,
    /// What kind: `undeclared_parameter`, `missing_parameter`, `parameter_type`, `undeclared_field`,
    /// `missing_field`, `field_type`, `undeclared_status`, `undeclared_media_type`, `missing_auth`.
    pub kind: &'static str,
    /// Where: `query`, `request application/json`, `response 200 application/json`.
    pub place: String,
    /// Name of the parameter, or path of the field.
    pub name: String,
    /// What is documented.
    pub documented: String,
    /// What was seen.
    pub observed: String,
    /// Messages that show it.
    pub messages: u64,
}

impl Comparison {
    /// Compares `inventory` with `spec`.
    #[must_use]
    pub fn new(inventory: &Inventory, spec: &Spec) -> Self {
        let mut comparison =
            Self { title: spec.title.clone(), version: spec.version.clone(), ..Self::default() };
        let endpoints = inventory.sorted();
        let hosts: BTreeSet<&str> = endpoints.iter().map(|e| e.host.as_str()).collect();
        // Where one of the servers was seen, the others do not speak for the specification.
        let named = spec.servers.iter().any(|server| hosts.contains(server.host.as_str()));
        let mut called: BTreeSet<usize> = BTreeSet::new();
        // CONNECT and `OPTIONS *` name no path, so no specification can have them.
        for endpoint in endpoints.into_iter().filter(|e| e.path_template.starts_with('/')) {
            let bases = bases(spec, &endpoint.host, named);
            if bases.is_empty() {
                comparison.other_hosts = comparison.other_hosts.saturating_add(1);
                continue;
            }
            let found = bases.iter().find_map(|base| find(spec, base, endpoint));
            match found.and_then(|index| Some((index, spec.operations.get(index)?))) {
                Some((index, operation)) => {
                    called.insert(index);
                    comparison.known(spec, operation, endpoint);
                }
                None => comparison.unknown(endpoint),
            }
        }
        let orphans = spec.operations.iter().enumerate().filter(|(i, _)| !called.contains(i));
        comparison.orphan = orphans
            .map(|(_, operation)| Entry {
                host: String::new(),
                method: operation.method.clone(),
                path: operation.path.clone(),
                calls: 0,
                why: "",
            })
            .collect();
        comparison
    }

    /// What the specification says of the endpoint with this number.
    #[must_use]
    pub fn standing(&self, endpoint: u32) -> Option<Standing> {
        self.standings.get(&endpoint).copied()
    }

    fn unknown(&mut self, endpoint: &Endpoint) {
        if !endpoint.exists() {
            self.probes = self.probes.saturating_add(1);
            self.standings.insert(endpoint.id, Standing::Probe);
            return;
        }
        self.standings.insert(endpoint.id, Standing::Shadow);
        self.shadow.push(entry(endpoint, ""));
    }

    fn known(&mut self, spec: &Spec, operation: &Operation, endpoint: &Endpoint) {
        self.documented = self.documented.saturating_add(1);
        let why = if operation.deprecated {
            "deprecated"
        } else if superseded(spec, operation) {
            "superseded"
        } else {
            ""
        };
        let standing = if why.is_empty() { Standing::Documented } else { Standing::Zombie };
        self.standings.insert(endpoint.id, standing);
        if !why.is_empty() {
            self.zombie.push(entry(endpoint, why));
        }
        // HEAD and OPTIONS follow from the operations that are documented.
        if operation.method == endpoint.method {
            let mut drifts = Drifts { operation, endpoint, found: Vec::new() };
            drifts.parameters();
            drifts.request();
            drifts.responses();
            drifts.auth();
            let room = DRIFTS_MAX.saturating_sub(self.drift.len());
            let left = u64::try_from(drifts.found.len().saturating_sub(room)).unwrap_or(u64::MAX);
            self.drift_left_out = self.drift_left_out.saturating_add(left);
            self.drift.extend(drifts.found.into_iter().take(room));
        }
    }
}

fn entry(endpoint: &Endpoint, why: &'static str) -> Entry {
    Entry {
        host: endpoint.host.clone(),
        method: endpoint.method.clone(),
        path: endpoint.path_template.clone(),
        calls: endpoint.calls,
        why,
    }
}

/// The base paths under which `host` serves the specification.
fn bases<'a>(spec: &'a Spec, host: &str, named: bool) -> Vec<&'a str> {
    let right = |server: &&super::spec::Server| {
        !named || server.host.is_empty() || server.host.eq_ignore_ascii_case(host)
    };
    let mut bases: Vec<&str> = spec.servers.iter().filter(right).map(|s| s.base.as_str()).collect();
    if spec.servers.is_empty() {
        bases.push("");
    }
    // The longest first: it says most.
    bases.sort_by_key(|base| std::cmp::Reverse(base.len()));
    bases.dedup();
    bases
}

/// The operation that documents `endpoint`: concrete paths before templated ones.
fn find(spec: &Spec, base: &str, endpoint: &Endpoint) -> Option<usize> {
    let path = endpoint.path_template.strip_prefix(base)?;
    if !path.starts_with('/') && !path.is_empty() {
        return None;
    }
    let best = |method: &str| {
        let all = spec.operations.iter().enumerate();
        let right = all.filter(|(_, operation)| method.is_empty() || operation.method == method);
        let scored = right.filter_map(|(i, o)| Some((literals(&o.path, path)?, i)));
        // The first of those that match best.
        scored.min_by_key(|(score, i)| (std::cmp::Reverse(*score), *i)).map(|(_, i)| i)
    };
    best(&endpoint.method).or_else(|| match endpoint.method.as_str() {
        "HEAD" => best("GET"),
        "OPTIONS" => best(""),
        _ => None,
    })
}

/// How many segments are the same words; `None` when the paths differ.
fn literals(documented: &str, seen: &str) -> Option<usize> {
    let split = |path: &str| -> Vec<String> {
        path.trim_matches('/').split('/').map(str::to_owned).collect()
    };
    let (documented, seen) = (split(documented), split(seen));
    if documented.len() != seen.len() {
        return None;
    }
    let mut score = 0_usize;
    for (documented, seen) in documented.iter().zip(&seen) {
        match (documented.split_once('{'), seen.contains('{')) {
            (None, false) if documented == seen => score = score.saturating_add(1),
            (Some((start, _)), false) => {
                let end = documented.rsplit_once('}').map_or("", |(_, end)| end);
                if !seen.starts_with(start) || !seen.ends_with(end) {
                    return None;
                }
            }
            (Some(_), true) => {
                // What is done stands behind the parameter: `{id}:publish`.
                let action = |text: &str| text.rsplit_once("}:").map(|(_, verb)| verb.to_owned());
                if action(seen).is_some_and(|verb| action(documented) != Some(verb)) {
                    return None;
                }
            }
            _ => return None,
        }
    }
    Some(score)
}

/// Whether the specification has the same operation in a newer version: `/v1/…` and `/v2/…`.
fn superseded(spec: &Spec, operation: &Operation) -> bool {
    let version = |path: &str| {
        let segments: Vec<&str> = path.split('/').collect();
        let numbers = segments.iter().enumerate().find_map(|(at, segment)| {
            let number: u32 = segment.strip_prefix('v')?.parse().ok()?;
            Some((at, number))
        });
        let (at, number) = numbers?;
        let shape = |(i, segment): (usize, &&str)| {
            if i == at || segment.contains('{') { "{}".to_owned() } else { (*segment).to_owned() }
        };
        let rest: Vec<String> = segments.iter().enumerate().map(shape).collect();
        Some((number, rest))
    };
    let Some((number, rest)) = version(&operation.path) else { return false };
    spec.operations.iter().any(|other| {
        other.method == operation.method
            && !other.deprecated
            && version(&other.path).is_some_and(|(n, r)| n > number && r == rest)
    })
}

/// The differences of one endpoint.
struct Drifts<'a> {
    operation: &'a Operation,
    endpoint: &'a Endpoint,
    found: Vec<Drift>,
}

impl Drifts<'_> {
    fn add(&mut self, kind: &'static str, place: &str, name: &str, says: [&str; 2], messages: u64) {
        let [documented, observed] = says;
        self.found.push(Drift {
            endpoint: self.endpoint.id,
            method: self.operation.method.clone(),
            path: self.operation.path.clone(),
            kind,
            place: place.to_owned(),
            name: name.to_owned(),
            documented: documented.to_owned(),
            observed: observed.to_owned(),
            messages,
        });
    }

    /// Query and cookies. Headers are too many that no specification lists.
    fn parameters(&mut self) {
        let (operation, endpoint) = (self.operation, self.endpoint);
        let none = BTreeMap::new();
        for (place, label) in [(Place::Query, "query"), (Place::Cookie, "cookie")] {
            let seen = endpoint.parameters.get(&place).unwrap_or(&none);
            // A name that was not safe to keep may be a documented one.
            for (name, field) in seen.iter().filter(|(name, _)| !name.contains('{')) {
                match operation.parameters.get(&(place, name.clone())) {
                    None if place == Place::Query => {
                        let observed = describe(field);
                        self.add(
                            "undeclared_parameter",
                            label,
                            name,
                            ["", &observed],
                            field.messages,
                        );
                    }
                    // A token does not tell the type of what it stands for.
                    Some(known) if field.classes.is_empty() => {
                        self.typed("parameter_type", label, name, known, field);
                    }
                    _ => {}
                }
            }
        }
        for ((place, name), known) in &operation.parameters {
            let label = match place {
                Place::Query => "query",
                Place::Header => "header",
                Place::Cookie => "cookie",
                Place::Path => continue,
            };
            let seen = endpoint.parameters.get(place).and_then(|list| list.get(name));
            let with = seen.map_or(0, |field| field.telling);
            let without = endpoint.whole_requests.saturating_sub(with);
            if known.required && without > 0 {
                self.add("missing_parameter", label, name, ["required", "absent"], without);
            }
        }
    }

    fn typed(
        &mut self,
        kind: &'static str,
        place: &str,
        name: &str,
        known: &Documented,
        field: &Field,
    ) {
        let beyond = field.types.and(known.types) != known.types;
        if known.types != Types::default() && beyond {
            let says = [known.types.names().join(", "), field.types.names().join(", ")];
            self.add(kind, place, name, [&says[0], &says[1]], field.messages);
        }
    }

    fn request(&mut self) {
        let (operation, endpoint) = (self.operation, self.endpoint);
        for (media_type, body) in &endpoint.request_bodies {
            let place = format!("request {media_type}");
            match content(&operation.request, media_type) {
                Some(content) => self.body(&place, body, content),
                None => {
                    let known: Vec<&str> = operation.request.keys().map(String::as_str).collect();
                    let known = known.join(", ");
                    self.add(
                        "undeclared_media_type",
                        "request",
                        media_type,
                        [&known, media_type],
                        body.messages,
                    );
                }
            }
        }
    }

    fn responses(&mut self) {
        let (operation, endpoint) = (self.operation, self.endpoint);
        for (status, calls) in &endpoint.statuses.counts {
            let exact = status.to_string();
            let range = format!("{}XX", status / 100);
            let known = operation.responses.get(&exact).or_else(|| operation.responses.get(&range));
            let Some(contents) = known.or_else(|| operation.responses.get("DEFAULT")) else {
                let documented: Vec<&str> =
                    operation.responses.keys().map(String::as_str).collect();
                let documented = documented.join(", ");
                self.add("undeclared_status", "response", &exact, [&documented, &exact], *calls);
                continue;
            };
            let prefix = format!("{exact} ");
            for (key, body) in &endpoint.response_bodies {
                let Some(media_type) = key.strip_prefix(&prefix) else { continue };
                let place = format!("response {key}");
                match content(contents, media_type) {
                    Some(content) => self.body(&place, body, content),
                    None => {
                        let known: Vec<&str> = contents.keys().map(String::as_str).collect();
                        let known = known.join(", ");
                        self.add(
                            "undeclared_media_type",
                            &place,
                            media_type,
                            [&known, media_type],
                            body.messages,
                        );
                    }
                }
            }
        }
    }

    fn body(&mut self, place: &str, body: &Body, content: &Content) {
        // Text and streams of documents are documented as text.
        if !["json", "form", "multipart", "xml"].contains(&body.format.as_str()) {
            return;
        }
        let root = root(body);
        for (path, node) in &body.nodes {
            let Some(name) = below(path, &root) else { continue };
            match content.fields.get(&name) {
                Some(known) => self.typed("field_type", place, &name, known, &node.field),
                None if content.allows(&name) => {}
                None => {
                    // What is inside something undeclared goes with it.
                    let parent = name.rfind(['.', '[']).and_then(|end| name.get(..end));
                    if parent.is_none_or(|parent| content.fields.contains_key(parent)) {
                        let observed = describe(&node.field);
                        let messages = node.field.messages;
                        self.add("undeclared_field", place, &name, ["", &observed], messages);
                    }
                }
            }
        }
        let node = |path: &str| body.nodes.get(&[root.as_str(), path.get(1..)?].concat());
        for (path, known) in content.fields.iter().filter(|(path, _)| !path.contains("[]")) {
            let parent = path.rfind('.').and_then(|end| path.get(..end));
            let above = parent.and_then(node).map_or(0, |node| node.whole);
            let here = node(path).map_or(0, |node| node.whole);
            let without = above.saturating_sub(here);
            if known.required && without > 0 {
                self.add("missing_field", place, path, ["required", "absent"], without);
            }
        }
    }

    fn auth(&mut self) {
        let anonymous = self.endpoint.auth.anonymous;
        if self.operation.secured && anonymous > 0 {
            self.add("missing_auth", "security", "", ["required", "none"], anonymous);
        }
    }
}

impl Content {
    /// Whether `path` is, or lies below, something that may hold anything.
    fn allows(&self, path: &str) -> bool {
        self.open.iter().any(|open| {
            let rest = path.strip_prefix(open.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        })
    }
}

/// The path that a schema describes: of XML the root element, which has no name in the schema.
fn root(body: &Body) -> String {
    let element = body.nodes.keys().find(|path| path.starts_with("$."));
    match element.filter(|_| body.format == "xml") {
        Some(path) => path
            .get(2..)
            .unwrap_or("")
            .split(['.', '['])
            .next()
            .map_or_else(|| "$".to_owned(), |name| format!("$.{name}")),
        None => "$".to_owned(),
    }
}

/// `path` as a schema of `root` names it; `None` outside.
fn below(path: &str, root: &str) -> Option<String> {
    let rest = path.strip_prefix(root)?;
    (rest.is_empty() || rest.starts_with(['.', '['])).then(|| ["$", rest].concat())
}

/// Types and data classes of a field.
fn describe(field: &Field) -> String {
    let mut text = field.types.names().join(", ");
    let classes: Vec<&str> = field.classes.counts.keys().map(String::as_str).collect();
    if !classes.is_empty() {
        text = format!("{text} ({})", classes.join(", "));
    }
    text
}

/// What is documented for a media type: itself, or a range that holds it.
fn content<'a>(contents: &'a BTreeMap<String, Content>, media_type: &str) -> Option<&'a Content> {
    let range = media_type.split_once('/').map(|(kind, _)| format!("{kind}/*"));
    contents.get(media_type).or_else(|| contents.get(&range?)).or_else(|| contents.get("*/*"))
}

#[cfg(test)]
mod tests {
    use apitap_proto::v1::ValueType;

    use super::*;

    #[test]
    fn concrete_paths_come_before_templated_ones() {
        assert_eq!(literals("/users/{id}", "/users/{user_id}"), Some(1));
        assert_eq!(literals("/users/{id}", "/users/me"), Some(1));
        assert_eq!(literals("/users/me", "/users/me"), Some(2));
        assert_eq!(literals("/users/me", "/users/{id}"), None);
        assert_eq!(literals("/users", "/users/me"), None);
        assert_eq!(literals("/files/{name}.json", "/files/report.json"), Some(1));
        assert_eq!(literals("/files/{name}.json", "/files/report.xml"), None);
        assert_eq!(literals("/", ""), Some(1));
    }

    #[test]
    fn a_newer_version_supersedes() {
        let operation = |path: &str| Operation {
            method: "GET".into(),
            path: path.into(),
            ..Operation::default()
        };
        let spec = Spec {
            operations: vec![
                operation("/v1/users/{id}"),
                operation("/v2/users/{user}"),
                operation("/v1/x"),
            ],
            ..Spec::default()
        };
        let old: Vec<bool> = spec.operations.iter().map(|o| superseded(&spec, o)).collect();
        assert_eq!(old, [true, false, false]);
    }

    #[test]
    fn media_types_match_ranges() {
        let contents: BTreeMap<String, Content> =
            [("application/*".to_owned(), Content::default())].into();
        assert!(content(&contents, "application/json").is_some());
        assert!(content(&contents, "text/plain").is_none());
    }

    #[test]
    fn integers_are_numbers() {
        let number = Types::default().with(ValueType::Number).with(ValueType::Integer);
        assert_eq!(number.names(), ["number"]);
    }
}
