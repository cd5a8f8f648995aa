//! `[[privacy.detectors]]`: what is sensitive here and nowhere else.

use regex::bytes::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use super::class;
use super::validate::Validator;
use crate::redact::class::{Class, Exit};

/// Most detectors.
pub(super) const DETECTORS_MAX: usize = 32;
/// Longest pattern, in octets; most memory of one compiled, in octets.
const PATTERN_MAX: usize = 4096;
const COMPILED_BYTES_MAX: usize = 1 << 20;
/// Most words of all detectors; fewest and most octets of one.
const WORDS_MAX: usize = 20_000;
const WORD_BYTES: std::ops::RangeInclusive<usize> = 2..=128;
/// Most names of fields and most labels of one detector.
const FIELDS_MAX: usize = 256;
const LABELS_MAX: usize = 8;

/// Detectors of one's own, checked as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "Vec<Detector>", into = "Vec<Detector>")]
pub struct Detectors(Vec<Detector>);

/// A detector: values that match `regex` or hold one of `words` (under `fields`, if any are given) and pass
/// `validator`; or, with `fields` alone, whatever stands under these names.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Detector {
    /// What it is called: 1 to 32 of `a-z`, `0-9`, `_`, a letter first.
    pub name: Name,
    /// A regular expression, looked for in each value by itself, in its first 4096 octets. Classes such as `\d` are ASCII;
    /// `(?u:…)` makes them Unicode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regex: Option<Pattern>,
    /// Words looked for in each value, whatever the case of ASCII letters: 2 to 128 octets each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
    /// Field names, matched as the built-in ones are; up to 256.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// A check that a match must pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validator: Option<Validator>,
    /// The data class: a built-in one or one of one's own; the detector's name by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<Name>,
    /// Labels of a class of one's own: up to 8 of 1 to 32 of `A-Z`, `0-9`, `_`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Label>,
    /// How values of a class of one's own leave: `token` (the default), `shape` or `drop`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Leave>,
}

/// How values of a class of one's own leave.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Leave {
    /// As tokens of the class.
    #[default]
    Token,
    /// As type and length.
    Shape,
    /// As their type alone.
    Drop,
}

/// A name of a detector or class.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

/// A label of findings.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Label(String);

/// A regular expression that compiles within its limits.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern(String);

impl TryFrom<String> for Name {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let rest = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        let fits = (1..=32).contains(&name.len())
            && name.bytes().all(rest)
            && name.as_bytes().first().is_some_and(u8::is_ascii_lowercase);
        if fits {
            Ok(Self(name))
        } else {
            Err("a name is 1 to 32 of a-z, 0-9 and _, a letter first".into())
        }
    }
}

impl TryFrom<String> for Label {
    type Error = String;

    fn try_from(label: String) -> Result<Self, String> {
        let fits = (1..=32).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        if fits { Ok(Self(label)) } else { Err("a label is 1 to 32 of A-Z, 0-9 and _".into()) }
    }
}

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(pattern: String) -> Result<Self, String> {
        if pattern.len() > PATTERN_MAX {
            return Err(format!("a regex has at most {PATTERN_MAX} octets; use words for lists"));
        }
        let compiled = compile(&pattern).map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => {
                "the regex takes too much memory; make its repetitions smaller".to_owned()
            }
            // The last line says what is wrong; those before draw the pattern.
            error => {
                let text = error.to_string();
                let told = text.lines().last().unwrap_or("invalid regex").trim();
                told.strip_prefix("error: ").unwrap_or(told).to_owned()
            }
        })?;
        if compiled.is_match(b"") {
            return Err("the regex matches the empty text, so it would match every value".into());
        }
        Ok(Self(pattern))
    }
}

macro_rules! texts {
    ($($name:ident),+) => {
        $(impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        })+
    };
}

texts!(Name, Label, Pattern);

impl From<Detectors> for Vec<Detector> {
    fn from(detectors: Detectors) -> Self {
        detectors.0
    }
}

impl Pattern {
    /// The pattern, compiled; `None` never, as it was when it was read.
    pub(super) fn compiled(&self) -> Option<Regex> {
        compile(&self.0).ok()
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }
}

/// Octets, not characters: `.` and `\w` know no letters beyond ASCII unless they are told to.
fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern)
        .unicode(false)
        .size_limit(COMPILED_BYTES_MAX)
        .dfa_size_limit(COMPILED_BYTES_MAX)
        .nest_limit(64)
        .build()
}

impl TryFrom<Vec<Detector>> for Detectors {
    type Error = String;

    fn try_from(detectors: Vec<Detector>) -> Result<Self, String> {
        if detectors.len() > DETECTORS_MAX {
            return Err(format!("at most {DETECTORS_MAX} detectors"));
        }
        let words: usize = detectors.iter().map(|detector| detector.words.len()).sum();
        if words > WORDS_MAX {
            return Err(format!("at most {WORDS_MAX} words in all detectors"));
        }
        for (at, detector) in detectors.iter().enumerate() {
            let name = &detector.name.0;
            detector.check().map_err(|error| format!("detector \"{name}\": {error}"))?;
            let before = detectors.get(..at).unwrap_or_default();
            if before.iter().any(|other| other.name == detector.name) {
                return Err(format!("two detectors are called \"{name}\""));
            }
            let own = |other: &&Detector| other.class() == detector.class();
            let told = |other: &Detector| !other.labels.is_empty() || other.action.is_some();
            if told(detector) && before.iter().filter(own).any(told) {
                let class = detector.class();
                return Err(format!("labels and action of class \"{class}\" are given twice"));
            }
        }
        let detectors = Self(detectors);
        detectors.classes().map(|_| detectors)
    }
}

impl Detector {
    /// Name of the class.
    fn class(&self) -> &str {
        self.class.as_ref().map_or(&self.name.0, |class| &class.0)
    }

    fn check(&self) -> Result<(), String> {
        if self.regex.is_some() && !self.words.is_empty() {
            return Err("has both regex and words; make two of it".into());
        }
        if self.regex.is_none() && self.words.is_empty() && self.fields.is_empty() {
            return Err("needs a regex, words or fields".into());
        }
        if self.regex.is_none()
            && self.words.is_empty()
            && self.validator.is_some()
            && self.fields.is_empty()
        {
            return Err("a validator needs a regex, words or fields".into());
        }
        if self.words.iter().any(|word| !WORD_BYTES.contains(&word.len())) {
            return Err("a word has 2 to 128 octets".into());
        }
        if self.fields.len() > FIELDS_MAX || self.labels.len() > LABELS_MAX {
            return Err(format!("at most {FIELDS_MAX} fields and {LABELS_MAX} labels"));
        }
        if self
            .fields
            .iter()
            .any(|field| !field.bytes().any(|b| b.is_ascii_alphabetic() || b >= 0x80))
        {
            return Err("a field's name has letters".into());
        }
        if Class::named(self.class()).is_some()
            && (!self.labels.is_empty() || self.action.is_some())
        {
            return Err(format!(
                "class \"{}\" is built in and has its own labels and action",
                self.class()
            ));
        }
        Ok(())
    }
}

impl Detectors {
    /// The detectors.
    pub(super) fn list(&self) -> &[Detector] {
        &self.0
    }

    /// The class of each, in order, with how values of one's own leave.
    ///
    /// # Errors
    ///
    /// When there is no room for another class of one's own.
    pub(crate) fn classes(&self) -> Result<Vec<(Class, Option<Exit>)>, String> {
        let classes = self.0.iter().map(|detector| {
            let name = detector.class();
            if let Some(class) = Class::named(name) {
                return Ok((class, None));
            }
            // Said once for all detectors of the class.
            let mut same = self.0.iter().filter(|other| other.class() == name);
            let teller = same.find(|other| !other.labels.is_empty() || other.action.is_some());
            let labels: Vec<&str> = teller
                .map(|teller| teller.labels.iter().map(|label| label.0.as_str()).collect())
                .unwrap_or_default();
            let exit = match teller.and_then(|teller| teller.action).unwrap_or_default() {
                Leave::Token => Exit::Token,
                Leave::Shape => Exit::Shape,
                Leave::Drop => Exit::Drop,
            };
            let class = class::own(name, &labels).ok_or_else(|| {
                format!("no room for class \"{name}\": at most {} of your own since the start; restart apitap", class::OWN_MAX)
            })?;
            Ok((class, Some(exit)))
        });
        classes.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Config {
        detectors: Detectors,
    }

    fn load(text: &str) -> Result<Detectors, String> {
        toml::from_str::<Config>(text).map(|c| c.detectors).map_err(|e| e.message().to_owned())
    }

    fn wrong(lines: &str) -> String {
        load(&format!("[[detectors]]\nname = \"x\"\n{lines}\n")).unwrap_err()
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (lines, said) in [
            ("regex = \"a(\"", "unclosed group"),
            ("regex = \"a*\"", "empty text"),
            ("regex = '(\\w{1000}){1000}'", "too much memory"),
            ("regex = \"[가-힣]\"", "Unicode"),
            ("", "needs a regex"),
            ("validator = \"luhn\"", "needs a regex"),
            ("validator = \"none\"", "unknown variant"),
            ("regex = \"a\"\nwords = [\"bc\"]", "both"),
            ("words = [\"b\"]", "2 to 128"),
            ("words = [\"bc\"]\nclass = \"Member\"", "a-z"),
            ("words = [\"bc\"]\nclass = \"pan\"\naction = \"shape\"", "built in"),
            ("words = [\"bc\"]\nlabels = [\"x\"]", "A-Z"),
            ("fields = [\"1\"]", "letters"),
            ("fields = [\"a\"]\nregexp = \"a\"", "unknown field"),
        ] {
            let error = wrong(lines);
            assert!(error.contains(said), "{lines}: {error}");
            assert!(!error.contains('\n'), "{error}");
        }
        let twice = load(
            "[[detectors]]\nname = \"x\"\nfields = [\"a\"]\n[[detectors]]\nname = \"x\"\nfields = [\"b\"]\n",
        );
        assert!(twice.unwrap_err().contains("two detectors"));
    }

    #[test]
    fn unicode_is_asked_for() {
        assert!(load("[[detectors]]\nname = \"x\"\nregex = \"사번 (?u:[가-힣]+)\"\n").is_ok());
    }

    #[test]
    fn detectors_write_as_they_read() {
        let text = "[[detectors]]\nname = \"member_no\"\nregex = '\\bM\\d{8}\\b'\nvalidator = \"luhn\"\nlabels = [\"K_PIPA\"]\naction = \"shape\"\n";
        let detectors = load(text).unwrap();
        let written =
            toml::to_string(&std::collections::BTreeMap::from([("detectors", &detectors)]))
                .unwrap();
        assert_eq!(load(&written).unwrap(), detectors);
    }
}
