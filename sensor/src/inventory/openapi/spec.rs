//! Reads an OpenAPI description: what it says of operations, parameters and bodies.
//!
//! Source: <https://spec.openapis.org/oas/v3.1.1>.

use std::collections::BTreeMap;

use apitap_proto::v1::ValueType;
use serde_json::{Map, Value};

use super::super::endpoint::Place;
use super::super::field::Types;

/// How deep schemas are followed.
const DEPTH_MAX: usize = 96;
/// Schemas followed for one body: those that contain themselves twice would never end.
const VISITS_MAX: usize = 20_000;
/// Fields taken from one body.
const FIELDS_MAX: usize = 4000;
/// Nodes of a YAML document, aliases expanded.
const YAML_NODES_MAX: usize = 4_000_000;

/// Why a description cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpecError {
    /// It is neither JSON nor YAML.
    #[error("it is neither JSON nor YAML: {0}")]
    Syntax(String),
    /// It is no OpenAPI 3 description.
    #[error("it is no OpenAPI 3 description: {0}")]
    Kind(String),
}

/// What an API is documented to be.
#[derive(Debug, Default)]
pub struct Spec {
    /// `info.title`.
    pub title: String,
    /// `info.version`.
    pub version: String,
    /// Where it is served.
    pub(super) servers: Vec<Server>,
    pub(super) operations: Vec<Operation>,
}

/// Where an API is served.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Server {
    /// Host without port; empty when the description leaves it open.
    pub(super) host: String,
    /// Path before all paths, without a slash at its end.
    pub(super) base: String,
}

/// What one method of one path is documented to be.
#[derive(Debug, Default)]
pub(super) struct Operation {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) deprecated: bool,
    /// Whether it needs credentials.
    pub(super) secured: bool,
    pub(super) parameters: BTreeMap<(Place, String), Documented>,
    /// By media type.
    pub(super) request: BTreeMap<String, Content>,
    /// By status (`200`, `4XX`, `default`), then media type.
    pub(super) responses: BTreeMap<String, BTreeMap<String, Content>>,
}

/// What a value is documented to be.
#[derive(Debug, Default, Clone)]
pub(super) struct Documented {
    pub(super) required: bool,
    /// None: any.
    pub(super) types: Types,
}

/// What a body is documented to be.
#[derive(Debug, Default)]
pub(super) struct Content {
    /// By path, as records name them.
    pub(super) fields: BTreeMap<String, Documented>,
    /// Paths below which anything may stand.
    pub(super) open: Vec<String>,
    /// Schemas followed.
    visits: usize,
}

impl Spec {
    /// Reads a description in JSON or YAML.
    ///
    /// # Errors
    ///
    /// When it is neither, or no OpenAPI 3.
    pub fn parse(text: &str) -> Result<Self, SpecError> {
        let root: Value = match serde_json::from_str(text) {
            Ok(root) => root,
            // What begins like JSON is meant to be.
            Err(error) if text.trim_start().starts_with('{') => {
                return Err(SpecError::Syntax(error.to_string()));
            }
            Err(_) => yaml(text)?,
        };
        let version = root.get("openapi").and_then(Value::as_str);
        match version {
            Some(version) if version.starts_with("3.") => {}
            Some(version) => return Err(SpecError::Kind(format!("version {version:?}"))),
            None if root.get("swagger").is_some() => {
                return Err(SpecError::Kind("it is Swagger 2: convert it first".into()));
            }
            None => return Err(SpecError::Kind("`openapi` is missing".into())),
        }
        let reader = Reader { root: &root };
        let text = |path: &str| root.pointer(path).and_then(Value::as_str).unwrap_or("").to_owned();
        let mut spec = Self {
            title: text("/info/title"),
            version: text("/info/version"),
            servers: servers(root.get("servers")),
            operations: Vec::new(),
        };
        for (path, item) in members(root.get("paths")) {
            reader.path(path, item, &mut spec);
        }
        Ok(spec)
    }
}

/// Where an API is served and what paths it has, of OpenAPI 3 or Swagger 2: host (empty: any) and path template.
///
/// # Errors
///
/// When it is neither JSON nor YAML, or describes no paths.
pub fn paths(text: &str) -> Result<Vec<(String, String)>, SpecError> {
    let root: Value = match serde_json::from_str(text) {
        Ok(root) => root,
        Err(error) if text.trim_start().starts_with('{') => {
            return Err(SpecError::Syntax(error.to_string()));
        }
        Err(_) => yaml(text)?,
    };
    if !root.get("paths").is_some_and(Value::is_object) {
        return Err(SpecError::Kind("`paths` is missing".into()));
    }
    let text = |name: &str| root.get(name).and_then(Value::as_str).unwrap_or("");
    let mut servers = servers(root.get("servers"));
    if servers.is_empty() {
        let base = text("basePath").trim_end_matches('/').to_owned();
        let host = text("host").split(':').next().unwrap_or("").to_ascii_lowercase();
        servers.push(Server { host, base });
    }
    let of = |server: &Server| {
        let Server { host, base } = server;
        let found =
            members(root.get("paths")).map(|(path, _)| (host.clone(), format!("{base}{path}")));
        found.collect::<Vec<_>>()
    };
    Ok(servers.iter().flat_map(of).collect())
}

fn yaml(text: &str) -> Result<Value, SpecError> {
    let mut options = serde_saphyr::Options::default();
    options.strict_booleans = true;
    if let Some(budget) = &mut options.budget {
        budget.max_nodes = YAML_NODES_MAX;
        budget.max_events = YAML_NODES_MAX.saturating_mul(2);
    }
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let text = error.to_string();
        SpecError::Syntax(text.lines().next().unwrap_or("no reason given").to_owned())
    })
}

fn members(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flatten()
}

fn items(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

fn servers(list: Option<&Value>) -> Vec<Server> {
    let read = items(list).filter_map(|server| {
        let mut url = server.get("url")?.as_str()?.to_owned();
        for (name, variable) in members(server.get("variables")) {
            let default = variable.get("default").and_then(Value::as_str).unwrap_or("");
            url = url.replace(&format!("{{{name}}}"), default);
        }
        let (host, base) = match url.split_once("://") {
            Some((_, rest)) => {
                let end = rest.find('/').unwrap_or(rest.len());
                rest.split_at_checked(end).unwrap_or((rest, ""))
            }
            None => ("", url.as_str()),
        };
        let host = host.rsplit_once(':').map_or(host, |(name, _port)| name);
        let base = format!("/{}", base.trim_matches('/'));
        let base = base.trim_end_matches('/').to_owned();
        Some(Server { host: host.to_ascii_lowercase(), base })
    });
    read.collect()
}

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

struct Reader<'a> {
    root: &'a Value,
}

impl<'a> Reader<'a> {
    /// What a reference names, or the value itself. Chains end after a few.
    fn resolve(&self, mut value: &'a Value) -> &'a Value {
        for _ in 0..8 {
            let Some(target) = value.get("$ref").and_then(Value::as_str) else { return value };
            let Some(found) = target.strip_prefix('#').and_then(|p| self.root.pointer(p)) else {
                return &Value::Null;
            };
            value = found;
        }
        value
    }

    fn path(&self, path: &str, item: &'a Value, spec: &mut Spec) {
        let item = self.resolve(item);
        for method in METHODS {
            let Some(found) = item.get(method) else { continue };
            let security = found.get("security").or_else(|| self.root.get("security"));
            let mut operation = Operation {
                method: method.to_ascii_uppercase(),
                path: path.to_owned(),
                deprecated: found.get("deprecated").and_then(Value::as_bool).unwrap_or(false),
                secured: secured(security),
                ..Operation::default()
            };
            self.credentials(&mut operation);
            for parameter in items(item.get("parameters")).chain(items(found.get("parameters"))) {
                self.parameter(parameter, &mut operation);
            }
            if let Some(body) = found.get("requestBody") {
                operation.request = self.contents(self.resolve(body));
            }
            for (status, response) in members(found.get("responses")) {
                let contents = self.contents(self.resolve(response));
                operation.responses.insert(status.to_ascii_uppercase(), contents);
            }
            spec.operations.push(operation);
        }
    }

    /// Credentials are parameters that no operation lists.
    fn credentials(&self, operation: &mut Operation) {
        for (_, scheme) in members(self.root.pointer("/components/securitySchemes")) {
            let scheme = self.resolve(scheme);
            let place = match scheme.get("in").and_then(Value::as_str) {
                Some("query") => Place::Query,
                Some("cookie") => Place::Cookie,
                _ => continue,
            };
            if let Some(name) = scheme.get("name").and_then(Value::as_str) {
                operation.parameters.insert((place, name.to_owned()), Documented::default());
            }
        }
    }

    fn parameter(&self, parameter: &'a Value, operation: &mut Operation) {
        let parameter = self.resolve(parameter);
        let place = match parameter.get("in").and_then(Value::as_str) {
            Some("path") => Place::Path,
            Some("query") => Place::Query,
            Some("header") => Place::Header,
            Some("cookie") => Place::Cookie,
            _ => return,
        };
        let Some(name) = parameter.get("name").and_then(Value::as_str) else { return };
        let name = if place == Place::Header { name.to_ascii_lowercase() } else { name.to_owned() };
        let required = parameter.get("required").and_then(Value::as_bool).unwrap_or(false);
        let schema = parameter.get("schema").map(|schema| self.resolve(schema));
        let types = schema.map(types).unwrap_or_default();
        operation.parameters.insert((place, name), Documented { required, types });
    }

    fn contents(&self, body: &'a Value) -> BTreeMap<String, Content> {
        let read = members(body.get("content")).map(|(media_type, found)| {
            let mut content = Content::default();
            if let Some(schema) = found.get("schema") {
                self.schema(schema, "$", true, 0, &mut content);
            } else {
                content.open.push("$".into());
            }
            let essence = media_type.split(';').next().unwrap_or(media_type).trim();
            (essence.to_ascii_lowercase(), content)
        });
        read.collect()
    }

    fn schema(&self, schema: &'a Value, at: &str, required: bool, depth: usize, out: &mut Content) {
        let schema = self.resolve(schema);
        out.visits = out.visits.saturating_add(1);
        let over = out.visits > VISITS_MAX || out.fields.len() > FIELDS_MAX;
        if depth > DEPTH_MAX || over || !schema.is_object() {
            out.open.push(at.to_owned());
            return;
        }
        let deeper = depth.saturating_add(1);
        let mut known = types(schema);
        for part in items(schema.get("allOf")) {
            known = known.and(types(self.resolve(part)));
            self.schema(part, at, required, deeper, out);
        }
        let alternatives = items(schema.get("oneOf")).chain(items(schema.get("anyOf")));
        for part in alternatives {
            known = known.and(types(self.resolve(part)));
            self.schema(part, at, false, deeper, out);
            // What only one alternative requires is not required.
            let below = format!("{at}.");
            for (path, field) in &mut out.fields {
                if path.starts_with(&below) {
                    field.required = false;
                }
            }
        }
        let field = out.fields.entry(at.to_owned()).or_default();
        field.types = field.types.and(known);
        field.required |= required;
        let needed: Vec<&str> = items(schema.get("required")).filter_map(Value::as_str).collect();
        for (name, inner) in members(schema.get("properties")) {
            let path = format!("{at}.{name}");
            self.schema(inner, &path, needed.contains(&name.as_str()), deeper, out);
        }
        if let Some(inner) = schema.get("items") {
            self.schema(inner, &format!("{at}[]"), false, deeper, out);
        }
        match schema.get("additionalProperties") {
            Some(Value::Bool(true) | Value::Object(_)) => out.open.push(at.to_owned()),
            _ if is_bare(schema) => out.open.push(at.to_owned()),
            _ => {}
        }
    }
}

/// Whether a schema says nothing of what is inside.
fn is_bare(schema: &Value) -> bool {
    let says = ["properties", "items", "allOf", "oneOf", "anyOf", "enum", "const"];
    let inner = types(schema);
    let scalar =
        inner != Types::default() && !inner.has(ValueType::Object) && !inner.has(ValueType::Array);
    !scalar && !says.iter().any(|key| schema.get(key).is_some())
}

/// Types that a schema itself names; none when it leaves them open.
fn types(schema: &Value) -> Types {
    let one = |types: Types, name: &str| match name {
        "string" => types.with(ValueType::String).with(ValueType::Binary),
        "integer" => types.with(ValueType::Integer),
        "number" => types.with(ValueType::Number).with(ValueType::Integer),
        "boolean" => types.with(ValueType::Boolean),
        "null" => types.with(ValueType::Null),
        "object" => types.with(ValueType::Object),
        "array" => types.with(ValueType::Array),
        _ => types,
    };
    let mut types = match schema.get("type") {
        Some(Value::String(name)) => one(Types::default(), name),
        Some(Value::Array(names)) => {
            names.iter().filter_map(Value::as_str).fold(Types::default(), one)
        }
        _ if schema.get("properties").is_some() => one(Types::default(), "object"),
        _ if schema.get("items").is_some() => one(Types::default(), "array"),
        _ => return Types::default(),
    };
    if schema.get("nullable").and_then(Value::as_bool) == Some(true) {
        types = one(types, "null");
    }
    types
}

/// Whether one of the requirements must be met: an empty one makes all of them optional.
fn secured(security: Option<&Value>) -> bool {
    let mut any = false;
    for requirement in items(security) {
        if requirement.as_object().is_none_or(Map::is_empty) {
            return false;
        }
        any = true;
    }
    any
}

#[cfg(test)]
mod tests {
    use super::*;

    const YAML: &str = "
openapi: 3.0.3
info: {title: Shop, version: 1.2.0}
servers:
  - url: https://{env}.shop.example:8443/api/
    variables: {env: {default: eu}}
security: [{bearer: []}]
paths:
  /users/{id}:
    parameters:
      - {$ref: '#/components/parameters/Id'}
    get:
      deprecated: true
      security: []
      responses:
        200:
          description: no
          content:
            application/json; charset=utf-8:
              schema: {$ref: '#/components/schemas/User'}
        4XX: {description: bad}
components:
  parameters:
    Id: {name: id, in: path, required: true, schema: {type: integer}}
  schemas:
    User:
      allOf:
        - {$ref: '#/components/schemas/Base'}
        - type: object
          required: [name]
          properties:
            name: {type: string, nullable: true}
            friends: {type: array, items: {$ref: '#/components/schemas/User'}}
    Base:
      type: object
      properties:
        id: {type: integer}
        extra: {type: object, additionalProperties: true}
";

    #[test]
    fn a_description_is_read() {
        let spec = Spec::parse(YAML).unwrap();
        assert_eq!((spec.title.as_str(), spec.version.as_str()), ("Shop", "1.2.0"));
        assert_eq!(spec.servers, [Server { host: "eu.shop.example".into(), base: "/api".into() }]);
        let [operation] = &spec.operations[..] else { panic!("one operation") };
        assert!(operation.deprecated && !operation.secured);
        assert!(operation.parameters[&(Place::Path, "id".into())].required);
        let content = &operation.responses["200"]["application/json"];
        assert!(content.fields["$.name"].required && !content.fields["$.id"].required);
        assert_eq!(content.fields["$.name"].types.names(), ["string", "null"]);
        assert_eq!(content.fields["$.friends[].id"].types.names(), ["integer"]);
        assert!(content.open.contains(&"$.extra".to_owned()));
    }

    #[test]
    fn what_is_no_description_is_refused_in_one_line() {
        for (text, want) in [
            ("{", "neither JSON nor YAML"),
            ("a: [1\nb: }", "neither JSON nor YAML"),
            ("{}", "`openapi` is missing"),
            ("swagger: '2.0'", "Swagger 2"),
            ("openapi: 4.0.0", "version"),
        ] {
            let error = Spec::parse(text).unwrap_err().to_string();
            assert!(error.contains(want) && error.lines().count() == 1, "{text}: {error}");
        }
    }

    #[test]
    fn a_schema_that_contains_itself_ends() {
        let twice = r##"{"openapi": "3.1.0", "paths": {"/a": {"get": {"requestBody": {"content":
            {"x/y": {"schema": {"$ref": "#/components/schemas/A"}}}}}}}, "components": {"schemas":
            {"A": {"allOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/A"}]}}}}"##;
        assert_eq!(Spec::parse(twice).unwrap().operations.len(), 1);
        let text = r##"{"openapi": "3.1.0", "paths": {"/a": {"post": {"requestBody": {"content":
            {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}}}},
            "components": {"schemas": {"A": {"properties": {"a": {"$ref": "#/components/schemas/A"},
            "b": {"$ref": "#/components/schemas/A"}}}, "B": {"$ref": "#/components/schemas/B"}}}}"##;
        let spec = Spec::parse(text).unwrap();
        assert!(spec.operations[0].request["application/json"].fields.len() <= FIELDS_MAX + 100);
    }
}
