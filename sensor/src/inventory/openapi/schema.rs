//! JSON Schema of bodies and parameters: only what was seen, and no values but those a rule let through.

use std::collections::BTreeMap;

use apitap_proto::v1::ValueType;
use serde_json::{Map, Value, json};

use super::super::body::Body;
use super::super::field::{Field, Types};

/// Messages after which a few known words are held to be all there are.
const ENUM_MESSAGES_MIN: u64 = 5;

/// The schema of a body.
pub(super) fn body(shape: &Body) -> Value {
    match shape.format.as_str() {
        "json" | "form" | "multipart" | "xml" => {}
        // Text, and streams of many documents.
        "" => return json!({}),
        _ => return json!({"type": "string"}),
    }
    let mut below: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for path in shape.nodes.keys() {
        if let Some(end) = path.rfind(['.', '['])
            && let Some(parent) = path.get(..end)
        {
            below.entry(parent).or_default().push(path);
        }
    }
    let tree = Tree { shape, below };
    let mut schema = tree.node("$");
    if shape.format == "xml" {
        // The root element is the one member of `$`.
        let root = tree.below.get("$").and_then(|names| names.first());
        if let Some(root) = root {
            let name = root.strip_prefix("$.").unwrap_or(root).to_owned();
            schema = tree.node(root);
            if let Some(schema) = schema.as_object_mut() {
                schema.insert("xml".into(), json!({"name": name}));
            }
        }
    }
    schema
}

struct Tree<'a> {
    shape: &'a Body,
    /// Paths of members and elements, by path.
    below: BTreeMap<&'a str, Vec<&'a str>>,
}

impl Tree<'_> {
    fn node(&self, path: &str) -> Value {
        let Some(node) = self.shape.nodes.get(path) else { return json!({}) };
        let mut schema = leaf(&node.field);
        let Some(out) = schema.as_object_mut() else { return schema };
        let mut properties = Map::new();
        let mut required = Vec::new();
        let mut unnamed = Vec::new();
        for inner in self.below.get(path).into_iter().flatten() {
            let name = inner.get(path.len()..).unwrap_or_default();
            if name == "[]" {
                out.insert("items".into(), self.node(inner));
                continue;
            }
            let name = name.trim_start_matches('.');
            if name.starts_with('{') {
                // A key that was not safe to name: any key.
                unnamed.push(self.node(inner));
                continue;
            }
            if self.shape.requires(inner) {
                required.push(Value::from(name));
            }
            properties.insert(name.to_owned(), self.node(inner));
        }
        if !properties.is_empty() {
            out.insert("properties".into(), Value::Object(properties));
        }
        if !required.is_empty() {
            out.insert("required".into(), Value::Array(required));
        }
        if let Some(first) = unnamed.pop().filter(|_| unnamed.is_empty()) {
            out.insert("additionalProperties".into(), first);
        }
        schema
    }
}

/// The schema of one value.
pub(super) fn leaf(field: &Field) -> Value {
    let mut schema = Map::new();
    let names = field.types.names();
    match names.as_slice() {
        [] => {}
        [one] => drop(schema.insert("type".into(), (*one).into())),
        many => drop(schema.insert("type".into(), many.into())),
    }
    let text = field.types == Types::default().with(ValueType::String);
    let classes: Vec<&str> = field.classes.counts.keys().map(String::as_str).collect();
    let unlabelled = classes.is_empty() && !field.open && field.classes.other == 0;
    if text && unlabelled && !field.values.is_empty() && field.messages >= ENUM_MESSAGES_MIN {
        schema.insert("enum".into(), field.values.iter().map(String::as_str).collect());
    }
    if text && classes == ["email"] && field.classes.other == 0 {
        schema.insert("format".into(), "email".into());
    }
    if !classes.is_empty() {
        schema.insert("x-data-classes".into(), classes.into());
    }
    Value::Object(schema)
}

/// The schema of a parameter. What is text at least once is text.
pub(super) fn parameter(field: &Field) -> Value {
    let mut field = field.clone();
    if field.types.has(ValueType::String) || field.types.has(ValueType::Binary) {
        field.types = Types::default().with(ValueType::String);
    }
    let repeated = field.repeated;
    let schema = match field.types.names().as_slice() {
        // Numbers and booleans are both read from text.
        [_] => leaf(&field),
        _ => {
            field.types = Types::default().with(ValueType::String);
            leaf(&field)
        }
    };
    if repeated { json!({"type": "array", "items": schema}) } else { schema }
}

#[cfg(test)]
mod tests {
    use apitap_proto::v1;

    use super::super::super::Budget;
    use super::*;

    fn field(path: &str, kind: ValueType, count: u32, value: Option<v1::Value>) -> v1::Field {
        v1::Field { path: path.into(), types: vec![kind.into()], count, value, more: Vec::new() }
    }

    fn kept(text: &str) -> Option<v1::Value> {
        Some(v1::Value { form: Some(v1::value::Form::Kept(text.into())) })
    }

    fn shape(format: &str, messages: &[Vec<v1::Field>]) -> Body {
        let mut shape = Body::default();
        for fields in messages {
            let body =
                v1::Body { format: format.into(), fields: fields.clone(), ..v1::Body::default() };
            shape.push(&body, true, &mut Budget::new(1000));
        }
        shape
    }

    #[test]
    fn a_tree_of_paths_becomes_a_schema() {
        let message = vec![
            field("$.id", ValueType::Integer, 1, None),
            field("$.items[].sku", ValueType::String, 3, None),
            field("$.items[].tags[]", ValueType::String, 2, None),
            field("$.names.{key}", ValueType::String, 2, None),
            field("$.state", ValueType::String, 1, kept("PAID")),
        ];
        let shape = shape("json", &vec![message; 5]);
        let want = json!({
            "type": "object",
            "required": ["id", "items", "names", "state"],
            "properties": {
                "id": {"type": "integer"},
                "items": {"type": "array", "items": {
                    "type": "object",
                    "required": ["sku"],
                    "properties": {
                        "sku": {"type": "string"},
                        "tags": {"type": "array", "items": {"type": "string"}},
                    },
                }},
                "names": {"type": "object", "additionalProperties": {"type": "string"}},
                "state": {"type": "string", "enum": ["PAID"]},
            },
        });
        assert_eq!(body(&shape), want);
    }

    #[test]
    fn tokens_are_never_values() {
        let token = v1::Token {
            class: "email".into(),
            text: "tok_email_k1_a".into(),
            ..v1::Token::default()
        };
        let value = Some(v1::Value { form: Some(v1::value::Form::Token(token)) });
        let message = vec![field("$.mail", ValueType::String, 1, value)];
        let text = body(&shape("json", &vec![message; 9])).to_string();
        assert!(!text.contains("tok_"), "{text}");
        assert!(text.contains("\"format\":\"email\"") && text.contains("x-data-classes"), "{text}");
    }

    #[test]
    fn a_few_words_are_all_only_after_a_few_messages() {
        let few = shape("json", &vec![vec![field("$.s", ValueType::String, 1, kept("A"))]; 4]);
        assert!(!body(&few).to_string().contains("enum"));
    }
}
