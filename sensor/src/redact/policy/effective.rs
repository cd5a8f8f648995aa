//! The policy in force, as a list: what happens to each class, and the rules in their order.

use super::classes::{self, never_stored};
use super::config::{Action, Rule};
use crate::redact::class::{Class, Exit};
use crate::redact::config::Config;

/// What happens to one data class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassPolicy {
    /// The class.
    pub class: &'static str,
    /// How its values leave, unless a rule says otherwise.
    pub action: Action,
    /// Labels of its findings.
    pub labels: Vec<String>,
    /// Whether the action is configured.
    pub action_configured: bool,
    /// Whether the labels are configured.
    pub labels_configured: bool,
    /// Whether nothing can change the action.
    pub fixed: bool,
}

impl Config {
    /// What happens to each class, in the order of their names.
    #[must_use]
    pub fn effective_classes(&self) -> Vec<ClassPolicy> {
        classes::all(self).into_iter().map(|class| self.effective(class)).collect()
    }

    fn effective(&self, class: Class) -> ClassPolicy {
        let configured = self.classes.get(class.name()).copied();
        // A class of one's own leaves as its detector says.
        let own = self.detectors.classes().unwrap_or_default();
        let own = own.into_iter().find_map(|(own, exit)| exit.filter(|_| own == class));
        let built_in = match own.unwrap_or_else(|| class.exit()) {
            Exit::Token => Action::Token,
            Exit::Shape => Action::Shape,
            Exit::Drop => Action::Drop,
        };
        ClassPolicy {
            class: class.name(),
            action: configured.unwrap_or(built_in),
            labels: labels(self, class),
            action_configured: configured.is_some(),
            labels_configured: self.labels.contains_key(class.name()),
            fixed: never_stored(class) || classes::fixed(class),
        }
    }
}

impl Rule {
    /// Where it applies and to what, in one line: `host=*.example.com field=*_id class=id`.
    #[must_use]
    pub fn conditions(&self) -> String {
        let Self { host, path, location, field, class, .. } = self;
        let all = [
            ("host", host),
            ("path", path),
            ("location", location),
            ("field", field),
            ("class", class),
        ];
        let set = all.iter().filter(|(_, value)| !value.is_empty());
        let words: Vec<String> = set.map(|(key, value)| format!("{key}={value}")).collect();
        if words.is_empty() { "every value".to_owned() } else { words.join(" ") }
    }
}

/// Labels of a class: configured, else built in.
pub(crate) fn labels(config: &Config, class: Class) -> Vec<String> {
    match config.labels.get(class.name()) {
        Some(labels) => labels.clone(),
        None => class.labels().iter().map(|label| (*label).to_owned()).collect(),
    }
}
