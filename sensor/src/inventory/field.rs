//! What is known of a value at one place: its types, its data classes, and the few values that may be known.

use std::collections::BTreeSet;

use apitap_proto::v1;
use serde::{Deserialize, Serialize};
use v1::value::Form;

use super::tally::{Budget, Tally};

/// Data classes told apart at one place.
const CLASSES_MAX: usize = 8;
/// Values kept of one place: more, and it is no enumeration.
pub(super) const VALUES_MAX: usize = 8;
/// Longest value taken into an enumeration, in bytes.
const VALUE_BYTES_MAX: usize = 64;

/// Types of values seen, as JSON Schema names them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Types(u16);

impl Types {
    /// With `kind` among them.
    #[must_use]
    pub fn with(self, kind: v1::ValueType) -> Self {
        let bit = u32::try_from(i32::from(kind)).ok().and_then(|bit| 1_u16.checked_shl(bit));
        Self(self.0 | bit.unwrap_or(0))
    }

    /// Both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether `kind` is among them.
    #[must_use]
    pub fn has(self, kind: v1::ValueType) -> bool {
        self.with(kind) == self
    }

    /// Names for JSON Schema; `number` covers `integer`, and binary content is a string.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        use v1::ValueType as T;
        let number = self.has(T::Number);
        let all = [
            (self.has(T::Object), "object"),
            (self.has(T::Array), "array"),
            (self.has(T::String) || self.has(T::Binary), "string"),
            (self.has(T::Integer) && !number, "integer"),
            (number, "number"),
            (self.has(T::Boolean), "boolean"),
            (self.has(T::Null), "null"),
        ];
        all.into_iter().filter(|(has, _)| *has).map(|(_, name)| name).collect()
    }
}

/// A place where values were seen: a parameter, or a leaf of a body.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Messages that have it.
    pub messages: u64,
    /// Of a parameter: those of them that tell what is required.
    #[serde(default)]
    pub telling: u64,
    /// Their types.
    pub types: Types,
    /// Data classes of its tokens.
    pub classes: Tally<String>,
    /// Values that a rule let through, as far as they are few.
    pub values: BTreeSet<String>,
    /// Whether a message had it more than once.
    pub repeated: bool,
    /// Whether there were other values: `values` is then no enumeration.
    pub open: bool,
}

impl Field {
    /// Takes in one value.
    pub(super) fn value(&mut self, value: Option<&v1::Value>, budget: &mut Budget) {
        match value.and_then(|value| value.form.as_ref()) {
            Some(Form::Kept(kept)) => self.keep(kept, budget),
            Some(Form::Token(token)) => {
                self.open = true;
                self.classes.add(token.class.as_str(), 1, CLASSES_MAX, budget);
            }
            Some(Form::Shape(_) | Form::Masked(_)) | None => self.open = true,
        }
    }

    /// Takes in one value of a place that does not tell types, such as a query: by how it looks.
    /// `telling`: its message tells what is required.
    pub(super) fn parameter(
        &mut self,
        value: Option<&v1::Value>,
        telling: bool,
        budget: &mut Budget,
    ) {
        self.messages = self.messages.saturating_add(1);
        self.telling = self.telling.saturating_add(u64::from(telling));
        self.value(value, budget);
        let kind = match value.and_then(|value| value.form.as_ref()) {
            Some(Form::Kept(kept)) => looks(kept),
            Some(Form::Shape(shape)) => shape.r#type(),
            Some(Form::Token(_) | Form::Masked(_)) | None => v1::ValueType::String,
        };
        self.types = self.types.with(kind);
    }

    /// A value that each of so many messages had, `telling` of which tell what is required.
    pub(super) fn value_of_all(messages: u64, telling: u64) -> Self {
        let types = Types::default().with(v1::ValueType::String);
        Self { messages, telling, types, open: true, ..Self::default() }
    }

    /// Whether each of so many messages that tell what is required has it.
    #[must_use]
    pub const fn is_required(&self, telling: u64) -> bool {
        telling > 0 && self.telling >= telling
    }

    fn keep(&mut self, kept: &str, budget: &mut Budget) {
        if self.values.contains(kept) {
            return;
        }
        let room = self.values.len() < VALUES_MAX && kept.len() <= VALUE_BYTES_MAX;
        if room && budget.take(1) {
            self.values.insert(kept.to_owned());
        } else {
            self.open = true;
        }
    }

    /// Adds what `from` knows.
    pub(super) fn merge(&mut self, from: &Self, budget: &mut Budget) {
        let Self { messages, telling, types, classes, values, repeated, open } = from;
        self.repeated |= repeated;
        self.messages = self.messages.saturating_add(*messages);
        self.telling = self.telling.saturating_add(*telling);
        self.types = self.types.and(*types);
        self.classes.merge(classes, CLASSES_MAX, budget);
        for value in values {
            self.keep(value, budget);
        }
        self.open |= open;
    }
}

/// The type a text looks like.
fn looks(text: &str) -> v1::ValueType {
    let digits = text.strip_prefix('-').unwrap_or(text);
    // A number with a leading zero is a code.
    let number = !digits.is_empty() && (digits == "0" || !digits.starts_with('0'));
    if text == "true" || text == "false" {
        v1::ValueType::Boolean
    } else if number && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        v1::ValueType::Integer
    } else {
        v1::ValueType::String
    }
}
