//! What was learned, as redaction uses it: at which places of a host's paths words are values, and which hidden
//! words are no values.
//!
//! Rules only hide: a word that the privacy rules hide stays hidden whatever is learned.

use std::sync::Arc;

use hashbrown::HashMap;

use super::hints::Hints;
use super::trail::{Look, Word};

/// Rules of all hosts, at one moment.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    pub(super) hosts: HashMap<Box<str>, Arc<HostRules>>,
    pub(super) hints: Arc<Hints>,
}

impl Rules {
    /// What the operator said of paths.
    #[must_use]
    pub fn hints(&self) -> &Hints {
        &self.hints
    }

    /// Rules of a host, if something was learned of its paths.
    #[must_use]
    pub fn host(&self, host: &str) -> Option<&Arc<HostRules>> {
        self.hosts.get(host)
    }
}

/// Rules of one host.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct HostRules {
    /// How often the host's rules were changed.
    pub(super) version: u32,
    pub(super) root: Rule,
}

impl HostRules {
    /// How often the host's rules were changed, from 1.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }
}

/// What holds at one place of a path, and below it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Rule {
    /// Set where words are values; then how sure that is, in per cent.
    pub(super) merged: Option<u8>,
    /// Words that are part of the API though others are values, or though they are hidden. Ascending.
    pub(super) fixed: Vec<u64>,
    /// Well-known words that are values here. Ascending.
    pub(super) values: Vec<u64>,
    /// Behind a word; only those with something to say.
    pub(super) words: HashMap<u64, Self, foldhash::fast::FixedState>,
    /// Behind a value.
    pub(super) value: Option<Box<Self>>,
}

/// What a segment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A word that stays.
    Stays,
    /// A word of the API that the privacy rules hide.
    Fixed,
    /// A value.
    Value,
}

/// A walk along one path.
#[derive(Debug, Clone, Copy)]
pub struct Walk<'r> {
    at: Option<&'r Rule>,
    /// Whether a rule took part.
    used: bool,
    confidence: u8,
}

impl<'r> Walk<'r> {
    /// At the beginning of a path.
    #[must_use]
    pub fn new(rules: Option<&'r HostRules>) -> Self {
        Self { at: rules.map(|rules| &rules.root), used: false, confidence: 99 }
    }

    /// Goes behind a word; says what it is at its place.
    pub fn word(&mut self, word: Word) -> Verdict {
        let Word { hash, kept, look } = word;
        let verdict = match self.at {
            None if kept => Verdict::Stays,
            None => Verdict::Value,
            Some(rule) => match rule.fixed.binary_search(&hash) {
                Ok(_) if kept => Verdict::Stays,
                Ok(_) => Verdict::Fixed,
                Err(_) if !kept => Verdict::Value,
                Err(_) if rule.merged.is_none() => Verdict::Stays,
                Err(_) if look == Look::Firm && rule.values.binary_search(&hash).is_err() => {
                    Verdict::Stays
                }
                Err(_) => Verdict::Value,
            },
        };
        match verdict {
            Verdict::Value => self.value(),
            Verdict::Stays | Verdict::Fixed => {
                self.used |= verdict == Verdict::Fixed;
                self.at = self.at.and_then(|rule| rule.words.get(&hash));
            }
        }
        verdict
    }

    /// Goes behind a value.
    pub fn value(&mut self) {
        let Some(rule) = self.at else { return };
        if let Some(confidence) = rule.merged {
            self.used = true;
            self.confidence = self.confidence.min(confidence);
        }
        self.at = rule.value.as_deref();
    }

    /// Whether words are values at this place.
    #[must_use]
    pub fn is_merged(&self) -> bool {
        self.at.is_some_and(|rule| rule.merged.is_some())
    }

    /// How sure the template is, in per cent, if a rule took part in it.
    #[must_use]
    pub const fn confidence(&self) -> Option<u8> {
        if self.used { Some(self.confidence) } else { None }
    }
}
