//! Whether a policy may be put in force. Everything is refused that would do nothing, or other than it says.

use std::collections::HashSet;

use super::classes::{self, fixed, never_shown, never_stored, sensitive};
use super::config::{Action, Rule};
use super::glob::PATTERN_MAX;
use super::mask::Shown;
use super::reach::RULES_MAX;
use crate::redact::class::{Class, Exit};
use crate::redact::config::Config;

/// Where a value can be in a call: what `location` may say.
const LOCATIONS: &[&str] = &[
    "request",
    "request.path",
    "request.query",
    "request.header",
    "request.cookie",
    "request.body",
    "request.trailer",
    "request.message",
    "response",
    "response.header",
    "response.cookie",
    "response.body",
    "response.trailer",
    "response.message",
    "response.event",
];
/// Most labels of a class.
const LABELS_MAX: usize = 16;
/// Longest name of a rule, and longest label.
const NAME_MAX: usize = 64;
/// Longest name of a tenant, in octets.
const TENANT_MAX: usize = 64;

/// Why a policy cannot be put in force: where in `[privacy]`, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Keys and positions that lead there: `rules`, `2`, `action`.
    pub path: Vec<String>,
    /// What is wrong and what to do, in one line.
    pub message: String,
}

type Verdict = Result<(), Refused>;

fn refuse(path: &[&str], message: impl Into<String>) -> Verdict {
    let path = path.iter().map(|key| (*key).to_owned()).collect();
    Err(Refused { path, message: message.into() })
}

impl Config {
    /// Whether the rules, class actions and labels can be put in force.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong: an unknown class, an action that a class does not allow, a rule that would
    /// do nothing.
    pub fn validate(&self) -> Verdict {
        let country = &self.phone_country;
        if country.len() > 3 || !country.bytes().all(|octet| octet.is_ascii_digit()) {
            return refuse(&["phone_country"], "a country calling code has 1 to 3 digits: \"82\"");
        }
        if self.tenant.len() > TENANT_MAX {
            return refuse(
                &["tenant"],
                format!("the name of a tenant has {TENANT_MAX} octets at most"),
            );
        }
        for (class, action) in &self.classes {
            class_action(self, class, *action)?;
        }
        for (class, labels) in &self.labels {
            check_labels(self, class, labels)?;
        }
        if self.rules.len() > RULES_MAX {
            let last = RULES_MAX.to_string();
            return refuse(&["rules", &last], format!("more than {RULES_MAX} rules"));
        }
        let mut ids = HashSet::new();
        for (index, rule) in self.rules.iter().enumerate() {
            let at = At { config: self, number: &index.to_string(), rule };
            at.check()?;
            if !ids.insert(rule.id(index)) {
                return at.refuse("name", format!("another rule is called \"{}\"", rule.id(index)));
            }
        }
        Cards::of(self).check(self)
    }

    /// What in force deserves a second look: said at every start.
    #[must_use]
    pub fn privacy_warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        for (index, rule) in self.rules.iter().enumerate() {
            let what = match (rule.class.as_str(), rule.field.as_str()) {
                ("", field) => format!("values of \"{field}\", whatever their class"),
                (class, "") => format!("values of class {class}"),
                (class, field) => format!("values of \"{field}\" of class {class}"),
            };
            if rule.i_accept_raw {
                let id = rule.id(index);
                warnings.push(format!("privacy rule {id} lets {what} leave as they are"));
            }
        }
        if Cards::of(self).masked {
            warnings.push(
                "card numbers leave masked: keep every other system that has their tokens or hashes apart \
                 (PCI DSS 3.5.1.1)"
                    .to_owned(),
            );
        }
        warnings
    }
}

fn class_of(config: &Config, path: &[&str], name: &str) -> Result<Class, Refused> {
    let refused = |message: String| {
        let path = path.iter().map(|key| (*key).to_owned()).collect();
        Refused { path, message }
    };
    let Some(class) = classes::named(config, name) else {
        let known: Vec<&str> =
            classes::all(config).iter().filter(|c| !fixed(**c)).map(|c| c.name()).collect();
        return Err(refused(format!("unknown data class \"{name}\"; known: {}", known.join(", "))));
    };
    if fixed(class) {
        return Err(refused(format!("class \"{name}\" always leaves as a token")));
    }
    Ok(class)
}

/// Why a class does not allow an action.
fn barred(class: Class, action: Action) -> Option<String> {
    let name = class.name();
    match action {
        Action::Drop => None,
        _ if never_stored(class) => Some(format!(
            "values of class \"{name}\" must never be stored, in whatever form: only \"drop\" is possible"
        )),
        Action::Keep | Action::Mask if never_shown(class) => Some(format!(
            "values of class \"{name}\" let whoever reads them act for someone else: not \"{}\", but \
             \"token\", \"shape\" or \"drop\"",
            action.name()
        )),
        Action::Token if class.exit() == Exit::Shape => Some(format!(
            "class \"{name}\" has so few values that its tokens could be told by trying: \"shape\" or \"drop\""
        )),
        Action::Keep | Action::Mask | Action::Token | Action::Shape => None,
    }
}

fn class_action(config: &Config, name: &str, action: Action) -> Verdict {
    let path = ["classes", name];
    let class = class_of(config, &path, name)?;
    if action == Action::Keep {
        return refuse(
            &path,
            format!(
                "\"keep\" for all of class \"{name}\" needs a rule: [[privacy.rules]] class = \"{name}\", \
                 action = \"keep\", i_accept_raw = true"
            ),
        );
    }
    barred(class, action).map_or(Ok(()), |message| refuse(&path, message))
}

fn check_labels(config: &Config, class: &str, labels: &[String]) -> Verdict {
    let path = ["labels", class];
    class_of(config, &path, class)?;
    let fits = |label: &String| {
        (1..=NAME_MAX).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
    };
    match labels.iter().find(|label| !fits(label)) {
        Some(label) => refuse(
            &path,
            format!(
                "label {label:?} is not made of 1 to {NAME_MAX} letters, digits, \"_\", \"-\", \".\""
            ),
        ),
        None if labels.len() > LABELS_MAX => {
            refuse(&path, format!("more than {LABELS_MAX} labels for one class"))
        }
        None => Ok(()),
    }
}

/// A rule with its number from 0.
struct At<'a> {
    config: &'a Config,
    number: &'a str,
    rule: &'a Rule,
}

impl At<'_> {
    fn refuse(&self, key: &str, message: impl Into<String>) -> Verdict {
        refuse(&["rules", self.number, key], message)
    }

    fn check(&self) -> Verdict {
        self.texts()?;
        self.keys()?;
        let Rule { class, action, i_accept_raw, .. } = self.rule;
        if class.is_empty() {
            return Ok(());
        }
        let class = class_of(self.config, &["rules", self.number, "class"], class)?;
        if let Some(message) = barred(class, *action) {
            return self.refuse("action", message);
        }
        if *action == Action::Keep && sensitive(class) && !i_accept_raw {
            return self.refuse(
                "action",
                format!(
                    "values of class \"{}\" would leave as they are: if that is meant, say \
                     i_accept_raw = true in this rule",
                    class.name()
                ),
            );
        }
        Ok(())
    }

    /// Names and patterns.
    fn texts(&self) -> Verdict {
        let Rule { name, host, path, location, field, .. } = self.rule;
        let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-.".contains(&b);
        if name.len() > NAME_MAX || !name.bytes().all(letter) {
            return self.refuse(
                "name",
                format!(
                    "a rule's name is made of up to {NAME_MAX} of a-z, 0-9, \"_\", \"-\", \".\""
                ),
            );
        }
        for (key, pattern) in [("host", host), ("path", path), ("field", field)] {
            if pattern.len() > PATTERN_MAX {
                return self.refuse(key, format!("longer than {PATTERN_MAX} octets"));
            }
        }
        if !path.is_empty() && !path.starts_with(['/', '*']) {
            return self.refuse("path", "a path begins with \"/\" or \"*\"");
        }
        if !location.is_empty() && !LOCATIONS.contains(&location.as_str()) {
            let known = LOCATIONS.join(", ");
            return self
                .refuse("location", format!("unknown location \"{location}\"; known: {known}"));
        }
        Ok(())
    }

    /// Keys that belong to one action alone.
    fn keys(&self) -> Verdict {
        let Rule { field, class, action, i_accept_raw, mask_first, mask_last, .. } = self.rule;
        let telling = field.bytes().any(|b| b.is_ascii_alphanumeric() || b >= 0x80);
        if matches!(action, Action::Keep | Action::Mask) && class.is_empty() && !telling {
            return self.refuse(
                "action",
                format!("\"{}\" must say of which field or class", action.name()),
            );
        }
        if *i_accept_raw && *action != Action::Keep {
            return self
                .refuse("i_accept_raw", "belongs to action = \"keep\": nothing else leaves raw");
        }
        let (first_max, last_max) = Shown::MOST;
        for (key, shown, max) in
            [("mask_first", mask_first, first_max), ("mask_last", mask_last, last_max)]
        {
            match shown {
                Some(_) if *action != Action::Mask => {
                    return self.refuse(key, "belongs to action = \"mask\"");
                }
                Some(shown) if *shown > max => {
                    return self.refuse(key, format!("{shown} is out of range: 0 to {max}"));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// What is done with card numbers. A token and a mask of one number together give it away (PCI DSS 3.5.1.1): the
/// mask leaves a few million numbers to try.
pub(super) struct Cards {
    /// The rule or class action that masks them by name.
    masked: bool,
    /// Whether a rule for any class might mask them.
    maybe_masked: bool,
    /// Whether they leave as tokens by default.
    tokens: bool,
    /// Whether a rule makes tokens of them by name.
    ruled_tokens: bool,
}

impl Cards {
    pub(super) fn of(config: &Config) -> Self {
        let pan = Class::Pan.name();
        let class = config.classes.get(pan);
        let by_rule = |action: Action, class: &str| {
            config.rules.iter().any(|rule| rule.action == action && rule.class == class)
        };
        Self {
            masked: class == Some(&Action::Mask) || by_rule(Action::Mask, pan),
            maybe_masked: by_rule(Action::Mask, ""),
            tokens: class.is_none_or(|action| *action == Action::Token),
            ruled_tokens: by_rule(Action::Token, pan),
        }
    }

    /// Whether they may leave as tokens; if so, no mask shows a part of one.
    pub(super) const fn leave_as_tokens(&self) -> bool {
        self.tokens || self.ruled_tokens || !(self.masked || self.maybe_masked)
    }

    fn check(&self, config: &Config) -> Verdict {
        let pan = Class::Pan.name();
        if !self.masked || !(self.tokens || self.ruled_tokens) {
            return Ok(());
        }
        let masks = |rule: &Rule| rule.action == Action::Mask && rule.class == pan;
        let message = "card numbers would leave both masked and as tokens, which together tell them \
                       (PCI DSS 3.5.1.1): set [privacy.classes] pan = \"mask\", \"shape\" or \"drop\", and \
                       make no tokens of them in rules";
        match config.rules.iter().position(masks) {
            Some(index) => refuse(&["rules", &index.to_string(), "action"], message),
            None => refuse(&["classes", pan], message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Refused {
        let config: Config = toml::from_str(text).unwrap();
        config.validate().err().unwrap_or_else(|| panic!("accepted: {text}"))
    }

    #[test]
    fn what_would_store_secrets_is_refused() {
        for class in ["cvv", "pin", "password", "track", "private_key", "otp"] {
            for action in ["keep", "token", "mask", "shape"] {
                let more = if action == "keep" { "i_accept_raw = true" } else { "" };
                let rule = format!("[[rules]]\nclass = '{class}'\naction = '{action}'\n{more}");
                let Refused { path, message } = refused(&rule);
                assert_eq!(path, ["rules", "0", "action"], "{rule}");
                assert!(message.contains("never be stored"), "{message}");
                let classes = format!("[classes]\n{class} = '{action}'");
                assert_eq!(refused(&classes).path, ["classes", class]);
            }
            let drop = format!("[classes]\n{class} = 'drop'");
            toml::from_str::<Config>(&drop).unwrap().validate().unwrap();
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, path, part) in [
            ("[classes]\npna = 'drop'", "classes.pna", "unknown data class \"pna\""),
            ("[classes]\nemail = 'keep'", "classes.email", "needs a rule"),
            ("[classes]\npath = 'drop'", "classes.path", "always leaves as a token"),
            ("[classes]\ngender = 'token'", "classes.gender", "so few values"),
            ("[labels]\npna = []", "labels.pna", "unknown data class"),
            ("[labels]\npan = ['PCI DSS']", "labels.pan", "is not made of"),
            ("[[rules]]\nclass = 'emial'\naction = 'drop'", "rules.0.class", "unknown data class"),
            ("[[rules]]\nclass = 'pan'\naction = 'keep'", "rules.0.action", "i_accept_raw = true"),
            ("[[rules]]\nclass = 'jwt'\naction = 'mask'", "rules.0.action", "act for someone"),
            (
                "[[rules]]\nclass = 'session'\naction = 'keep'\ni_accept_raw = true",
                "rules.0.action",
                "act for someone",
            ),
            ("[[rules]]\nhost = 'a'\naction = 'keep'", "rules.0.action", "which field or class"),
            ("[[rules]]\nfield = '*'\naction = 'mask'", "rules.0.action", "which field or class"),
            ("[[rules]]\naction = 'drop'\ni_accept_raw = true", "rules.0.i_accept_raw", "belongs"),
            ("[[rules]]\naction = 'drop'\nmask_last = 2", "rules.0.mask_last", "belongs"),
            (
                "[[rules]]\nfield = 'a'\naction = 'mask'\nmask_last = 5",
                "rules.0.mask_last",
                "0 to 4",
            ),
            ("[[rules]]\nlocation = 'body'\naction = 'drop'", "rules.0.location", "request.body"),
            ("[[rules]]\npath = 'v1'\naction = 'drop'", "rules.0.path", "begins with"),
            ("[[rules]]\nname = 'A b'\naction = 'drop'", "rules.0.name", "a-z"),
            (
                "[[rules]]\nname = 'rule-2'\naction = 'drop'\n[[rules]]\naction = 'drop'",
                "rules.1.name",
                "another rule",
            ),
            ("[[rules]]\nclass = 'pan'\naction = 'mask'", "rules.0.action", "3.5.1.1"),
            (
                "[classes]\npan = 'mask'\n[[rules]]\nclass = 'pan'\nfield = 'a'\naction = 'token'",
                "classes.pan",
                "3.5.1.1",
            ),
        ] {
            let refused = refused(text);
            assert_eq!(refused.path.join("."), path, "{text}");
            assert!(refused.message.contains(part), "{text}: {}", refused.message);
        }
        let many = "[[rules]]\naction = 'drop'\n".repeat(RULES_MAX + 1);
        assert_eq!(refused(&many).path, ["rules", "128"]);
    }

    #[test]
    fn what_is_right_is_accepted_and_warned_of() {
        let config: Config = toml::from_str(
            "[classes]\npan = 'mask'\nemail = 'shape'\n[labels]\npan = ['PCI_DSS', 'CCPA']\n\
             [[rules]]\nclass = 'ip'\nfield = 'x'\naction = 'keep'\ni_accept_raw = true\n\
             [[rules]]\nclass = 'id'\naction = 'keep'\n\
             [[rules]]\nfield = 'phone'\naction = 'mask'\nmask_first = 3\n",
        )
        .unwrap();
        config.validate().unwrap();
        let warnings = config.privacy_warnings();
        assert_eq!(warnings.len(), 2, "{warnings:?}");
        assert!(warnings[0].contains("rule-1") && warnings[0].contains("class ip"));
        assert!(warnings[1].contains("3.5.1.1"));
        assert!(Config::default().privacy_warnings().is_empty());
        Config::default().validate().unwrap();
    }
}
