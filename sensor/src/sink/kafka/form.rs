//! The forms that records have in a topic.

use serde::{Deserialize, Serialize};

use super::super::SinkError;
use super::schema;

/// The message type of a record, and the type of its event.
pub(super) const CALL: &str = "apitap.v1.CallRecord";
/// That of a change of the inventory.
#[cfg_attr(not(feature = "kafka"), allow(dead_code, reason = "only Kafka has headers"))]
pub(super) const CHANGE: &str = "apitap.v1.InventoryEvent";

/// The form of the values of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// The record as it is: `apitap.v1.CallRecord`.
    #[default]
    Protobuf,
    /// The same in JSON, with the names of the schema.
    Json,
    /// OCSF 1.8, HTTP Activity.
    Ocsf,
    /// OCSF 1.8, API Activity where the caller is known, else HTTP Activity.
    OcsfApi,
    /// The Elastic Common Schema 9.4.
    Ecs,
}

impl Form {
    /// What the header `apitap-schema` says.
    #[cfg_attr(not(feature = "kafka"), allow(dead_code, reason = "only Kafka has headers"))]
    pub(super) const fn schema(self) -> &'static str {
        match self {
            Self::Protobuf | Self::Json => CALL,
            Self::Ocsf | Self::OcsfApi => "ocsf/1.8.0",
            Self::Ecs => "ecs/9.4.0",
        }
    }

    /// Whether values are JSON.
    #[must_use]
    pub const fn is_json(self) -> bool {
        !matches!(self, Self::Protobuf)
    }
}

/// A further topic: the same records in a form of its own.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct TopicConfig {
    /// Its name; it must exist.
    pub topic: String,
    /// `protobuf`, `json`, `ocsf`, `ocsf-api` or `ecs`. Default: `protobuf`.
    pub format: Form,
    /// Whether messages carry the headers of CloudEvents 1.0 (binary content mode). Default: false.
    pub cloud_events: bool,
    /// How messages name their schema. Absent: they do not.
    pub schema: Option<schema::Config>,
}

/// Most further topics.
const TOPICS_MAX: usize = 8;

/// Refuses topics that do not fit together.
///
/// # Errors
///
/// [`SinkError::KafkaSetting`].
pub(super) fn check(config: &super::Config) -> Result<(), SinkError> {
    let refuse = |reason: String| Err(SinkError::KafkaSetting { reason });
    if config.topics.len() > TOPICS_MAX {
        return refuse(format!("topics: at most {TOPICS_MAX} further ones"));
    }
    if config.inventory.iter().any(|t| !matches!(t.format, Form::Protobuf | Form::Json)) {
        return refuse("inventory: format is protobuf or json".to_owned());
    }
    let further = config.topics.iter().chain(&config.inventory);
    let names = further.map(|further| further.topic.as_str());
    let mut names: Vec<&str> = names.chain([config.topic.as_str()]).collect();
    if names.contains(&"") {
        return refuse("topics: each needs its name, `topic`".to_owned());
    }
    let letter = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    if let Some(name) = names.iter().find(|n| n.len() > 249 || !n.as_bytes().iter().all(letter)) {
        return refuse(format!(
            "topic {name:?}: names of topics are of a-z, A-Z, 0-9, '.', '_' and '-', 249 at most"
        ));
    }
    names.sort_unstable();
    if names.windows(2).any(|pair| matches!(pair, [one, other] if one == other)) {
        return refuse("topics: two of them have the same name".to_owned());
    }
    let main = (config.topic.as_str(), &config.schema);
    let further = config.topics.iter().chain(&config.inventory);
    let further = further.map(|further| (further.topic.as_str(), &further.schema));
    for (topic, schema) in further.chain([main]) {
        if let Some(schema) = schema {
            schema.check(topic)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::super::{ecs, ocsf};
    use super::super::Config;
    use super::*;

    #[test]
    fn topics_that_do_not_fit_are_named() {
        let said = |text: &str| {
            let config: Config = toml::from_str(text).unwrap();
            check(&config).err().map(|error| error.to_string()).unwrap_or_default()
        };
        assert_eq!(said("[[topics]]\ntopic = 'a'\n[[topics]]\ntopic = 'b'"), "");
        assert!(said("[[topics]]\nformat = 'ecs'").contains("needs its name"));
        assert!(said("topic = 'a'\n[[topics]]\ntopic = 'a'").contains("same name"));
        let many = (0..9).map(|n| format!("[[topics]]\ntopic = 't{n}'\n")).collect::<String>();
        assert!(said(&many).contains("at most 8"));
        assert!(said("[[topics]]\ntopic = 'a'\n[topics.schema]").contains("guid"));
        assert!(said("[inventory]\ntopic = 'a'\nformat = 'ecs'").contains("protobuf or json"));
        assert!(said("topic = 'a'\n[inventory]\ntopic = 'a'").contains("same name"));
        assert!(said("topic = 'a b'").contains("names of topics"));
    }

    #[test]
    fn headers_name_the_version_in_force() {
        assert_eq!(Form::Ocsf.schema(), format!("ocsf/{}", ocsf::VERSION));
        assert_eq!(Form::Ecs.schema(), format!("ecs/{}", ecs::VERSION));
    }
}
