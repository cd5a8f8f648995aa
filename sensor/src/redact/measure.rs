//! A door for measuring: which class a value is taken for. Hidden, as it tells of values what no record does.

use apitap_proto::v1::ValueType;

use super::judge::Judge;
use super::names::Name;
use super::{Config, KeyError, Keys};

/// Tells the classes of values, as the whole stage does.
pub struct Classifier(Judge);

impl Classifier {
    /// With the default rules.
    ///
    /// # Errors
    ///
    /// [`KeyError::Random`].
    pub fn new() -> Result<Self, KeyError> {
        Ok(Self(Judge::new(&Keys::ephemeral()?, &Config::default())))
    }

    /// The class a text is reported as: of the whole, else the first inside; `None` for no class.
    pub fn class(&mut self, name: Option<&str>, text: &str) -> Option<&'static str> {
        let name = name.map_or(Name::NONE, |name| self.0.names.look(name.as_bytes()));
        let judgement = self.0.decide(name, ValueType::String, text.as_bytes());
        let mut found = judgement.found.iter().chain(judgement.inside.iter().flatten());
        found.next().map(|found| found.class.name())
    }
}
