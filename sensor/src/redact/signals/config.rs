//! Which signals are raised, and how grave they are held to be.

use std::collections::BTreeMap;

use apitap_proto::v1::signal::Severity;
use serde::{Deserialize, Serialize};

use super::list::Id;

/// Risks seen in one call: `docs/signals.md` lists them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Ids of signals that are not raised; none by default.
    pub disabled: Vec<SignalId>,
    /// Severity of signals by id, whatever the evidence: `info`, `low`, `medium`, `high` or `critical`; none by default.
    pub severity: BTreeMap<SignalId, Level>,
}

impl Config {
    /// Configured severities; [`Severity::Unspecified`] of what is not raised.
    pub(super) fn levels(&self) -> Vec<(Id, Severity)> {
        let severities = self.severity.iter().map(|(id, level)| (id.0, level.severity()));
        let disabled = self.disabled.iter().map(|id| (id.0, Severity::Unspecified));
        disabled.chain(severities).collect()
    }
}

/// The id of a signal there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct SignalId(pub(super) Id);

impl TryFrom<String> for SignalId {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let unknown = || format!("unknown signal \"{name}\": docs/signals.md lists their ids");
        Id::named(&name).map(Self).ok_or_else(unknown)
    }
}

impl From<SignalId> for String {
    fn from(id: SignalId) -> Self {
        id.0.kind().id.to_owned()
    }
}

/// How grave a signal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Worth knowing.
    Info,
    /// A weakness that needs others to matter.
    Low,
    /// A weakness, or an attempt.
    Medium,
    /// A weakness that can be used at once.
    High,
    /// Very likely a success.
    Critical,
}

impl Level {
    /// As records have it.
    pub(crate) const fn severity(self) -> Severity {
        match self {
            Self::Info => Severity::Info,
            Self::Low => Severity::Low,
            Self::Medium => Severity::Medium,
            Self::High => Severity::High,
            Self::Critical => Severity::Critical,
        }
    }

    #[cfg(test)]
    pub(crate) fn of(severity: Severity) -> Self {
        let all = [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical];
        all.into_iter().find(|level| level.severity() == severity).unwrap()
    }

    #[cfg(test)]
    pub(crate) fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_ids_are_taken() {
        let config: Config =
            toml::from_str("disabled = ['jwt.no_audience']\n[severity]\n'inject.sql' = 'critical'")
                .unwrap();
        assert_eq!(String::from(config.disabled[0]), "jwt.no_audience");
        let again: Config = toml::from_str(&toml::to_string(&config).unwrap()).unwrap();
        assert_eq!(config, again);
        for wrong in [
            "disabled = ['jwt.none']",
            "[severity]\n'inject.sq' = 'low'",
            "severity = { 'inject.sql' = 'grave' }",
        ] {
            assert!(toml::from_str::<Config>(wrong).unwrap_err().span().is_some(), "{wrong}");
        }
    }
}
