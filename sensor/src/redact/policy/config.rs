//! What a configuration says of the policy.

use serde::{Deserialize, Serialize};

/// What is done with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It leaves as it is.
    Keep,
    /// It leaves as a keyed token.
    Token,
    /// Its type and length leave.
    Shape,
    /// All but a few characters at its ends are replaced by `*`.
    Mask,
    /// Its type alone leaves.
    Drop,
}

impl Action {
    /// Its name in configurations.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Token => "token",
            Self::Shape => "shape",
            Self::Mask => "mask",
            Self::Drop => "drop",
        }
    }
}

/// What leaves of dates and times that no name says to be of a birth.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Dates {
    /// Type and length.
    #[default]
    Shape,
    /// The day, without the time.
    Day,
    /// All of it.
    Keep,
}

/// A rule: where it applies, to what, and what is done. What is left out restricts nothing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Id in findings and explanations: up to 64 of `a-z`, `0-9`, `_`, `-`, `.`. Default: `rule-1` for the first
    /// rule of the file, and so on.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Host of the call, as records name it: `*` stands for any run of characters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub host: String,
    /// Path of the call: `{…}` stands for one segment, `*` for any run of characters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// Side or part of the call: `request`, `request.body`, `response.header` …
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub location: String,
    /// Name of the field or parameter (`user_id`, `*_id`), or its path (`$.items[].id`, `*.card.*`).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub field: String,
    /// Data class of the value: `pan`, `email`, `id` …
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub class: String,
    /// What is done.
    pub action: Action,
    /// With `keep`: that values of sensitive classes leave as they are. Without, such values stay what they would
    /// be without the rule.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub i_accept_raw: bool,
    /// With `mask`: characters shown at the beginning, 0 to 6. Default: 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask_first: Option<u8>,
    /// With `mask`: characters shown at the end, 0 to 4. Default: 4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask_last: Option<u8>,
}

impl Rule {
    /// Its id: its name, else its number in the file, `index` counted from 0.
    #[must_use]
    pub fn id(&self, index: usize) -> String {
        if self.name.is_empty() {
            format!("rule-{}", index.saturating_add(1))
        } else {
            self.name.clone()
        }
    }
}
