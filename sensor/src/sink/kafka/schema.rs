//! How a message names its schema, as Confluent's clients expect it.
//!
//! ```text
//! prefix: 0x00 | number: 4, big endian | message indexes (protobuf) | value
//! header: __value_schema_id = 0x01 | GUID: 16 | message indexes (protobuf)
//! ```
//!
//! Message indexes are a count and that many indexes, zigzag varints; `[0]`, the first message of its file, is the
//! single octet 0. `CallRecord` is the first of its file.
//!
//! Numbers come from the configuration, or are looked up in the registry. Nothing is ever registered.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::super::SinkError;

/// How messages of a topic name their schema.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// `header`: in the header `__value_schema_id`, the value stays as it is; or `prefix`: before the value.
    /// Default: `header`.
    pub framing: Framing,
    /// Number of the schema in its registry, which `prefix` needs. Absent: it is looked up.
    pub id: Option<u32>,
    /// GUID of the schema in its registry, which `header` needs. Absent: it is looked up.
    pub guid: Option<String>,
    /// Registry to look it up in: `https://registry:8081`. Only read, never written.
    #[serde(deserialize_with = "plain")]
    pub registry_url: Option<String>,
    /// Subject there. Default: the topic with `-value`.
    pub subject: Option<String>,
    /// Certificates to trust for the registry, PEM. Default: the well-known ones.
    pub ca_file: Option<PathBuf>,
    /// User name for the registry.
    pub user: Option<String>,
    /// File with the password; a newline at the end is not part of it.
    pub password_file: Option<PathBuf>,
}

/// Where a message names its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Framing {
    /// In a header.
    #[default]
    Header,
    /// Before the value.
    Prefix,
}

/// An address without a user name or password: addresses are told in messages, and by `check`.
fn plain<'de, D: serde::Deserializer<'de>>(source: D) -> Result<Option<String>, D::Error> {
    let url = Option::<String>::deserialize(source)?;
    if url.as_ref().is_some_and(|url| url.contains('@')) {
        return Err(serde::de::Error::custom(
            "the address of the registry has a user name or password in it: set `user` and `password_file`",
        ));
    }
    Ok(url)
}

impl Config {
    /// Refuses settings that lead nowhere.
    pub(super) fn check(&self, topic: &str) -> Result<(), SinkError> {
        let refuse =
            |reason: &str| Err(SinkError::KafkaSetting { reason: format!("{reason} ({topic})") });
        if self.guid.as_ref().is_some_and(|guid| parse_guid(guid).is_none()) {
            return refuse("schema.guid is no GUID, 8-4-4-4-12 hexadecimal digits");
        }
        match (self.known(), &self.registry_url) {
            (true, _) => Ok(()),
            (false, Some(url)) if url.starts_with("http://") || url.starts_with("https://") => {
                Ok(())
            }
            (false, Some(_)) => refuse("schema.registry_url is no http:// or https:// address"),
            (false, None) if self.framing == Framing::Header => {
                refuse("schema needs its guid, or a registry_url to look it up")
            }
            (false, None) => refuse("schema needs its id, or a registry_url to look it up"),
        }
    }

    /// Whether nothing is to be looked up.
    pub(super) const fn known(&self) -> bool {
        match self.framing {
            Framing::Header => self.guid.is_some(),
            Framing::Prefix => self.id.is_some(),
        }
    }

    /// Files that are read when it is looked up.
    pub(super) fn files(&self) -> impl Iterator<Item = PathBuf> {
        [&self.ca_file, &self.password_file].into_iter().flatten().cloned()
    }

    /// What goes into messages, if nothing is to be looked up.
    pub(super) fn frame(&self, protobuf: bool) -> Option<Frame> {
        let guid = self.guid.as_deref().and_then(parse_guid);
        Frame::new(self.framing, self.id, guid, protobuf)
    }
}

/// What goes into each message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Frame {
    /// The value of the header.
    Header(Vec<u8>),
    /// What stands before the value.
    Prefix(Vec<u8>),
}

impl Frame {
    /// `None` without what `framing` needs.
    pub(super) fn new(
        framing: Framing,
        id: Option<u32>,
        guid: Option<[u8; 16]>,
        protobuf: bool,
    ) -> Option<Self> {
        // The first message of its file.
        let indexes: &[u8] = if protobuf { &[0] } else { &[] };
        Some(match framing {
            Framing::Header => Self::Header([&[1][..], &guid?, indexes].concat()),
            Framing::Prefix => Self::Prefix([&[0][..], &id?.to_be_bytes(), indexes].concat()),
        })
    }
}

/// A GUID in its usual form.
pub(super) fn parse_guid(text: &str) -> Option<[u8; 16]> {
    let groups: Vec<usize> = text.split('-').map(str::len).collect();
    if groups != [8, 4, 4, 4, 12] {
        return None;
    }
    let digits = text.replace('-', "").to_ascii_lowercase();
    data_encoding::HEXLOWER.decode(digits.as_bytes()).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    // From the Confluent wire format, and a GUID of the header form.
    #[test]
    fn frames_are_as_confluent_writes_them() {
        let config = |text| toml::from_str::<Config>(text).unwrap();
        let prefix = config("framing = 'prefix'\nid = 100042");
        assert_eq!(
            prefix.frame(true),
            Some(Frame::Prefix(vec![0x00, 0x00, 0x01, 0x86, 0xca, 0x00]))
        );
        assert_eq!(prefix.frame(false), Some(Frame::Prefix(vec![0x00, 0x00, 0x01, 0x86, 0xca])));
        let header = config("guid = '89791762-2336-4186-9674-299b90a802e2'");
        let guid = [
            0x89, 0x79, 0x17, 0x62, 0x23, 0x36, 0x41, 0x86, 0x96, 0x74, 0x29, 0x9b, 0x90, 0xa8,
            0x02, 0xe2,
        ];
        assert_eq!(header.frame(true), Some(Frame::Header([&[1][..], &guid, &[0]].concat())));
        assert_eq!(header.frame(false), Some(Frame::Header([&[1][..], &guid].concat())));
        assert_eq!(config("").frame(true), None);
    }

    #[test]
    fn settings_that_lead_nowhere_are_named() {
        let said = |text: &str| {
            let config: Config = toml::from_str(text).unwrap();
            config.check("calls").err().map(|error| error.to_string()).unwrap_or_default()
        };
        assert!(said("").contains("needs its guid") && said("").contains("(calls)"));
        assert!(
            said("framing = 'prefix'\nguid = '89791762-2336-4186-9674-299b90a802e2'")
                .contains("needs its id")
        );
        assert!(said("guid = 'x'").contains("no GUID"));
        assert!(said("registry_url = 'registry:8081'").contains("http://"));
        assert_eq!(said("registry_url = 'http://registry:8081'"), "");
        let refused =
            toml::from_str::<Config>("registry_url = 'http://sensor:hunter2@registry:8081'");
        let refused = refused.unwrap_err();
        assert!(refused.message().contains("password_file"), "{refused}");
        assert!(!refused.message().contains("hunter2"));
        assert_eq!(said("framing = 'prefix'\nid = 7"), "");
    }
}
