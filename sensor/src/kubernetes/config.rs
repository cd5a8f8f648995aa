//! The `[kubernetes]` table.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::bounded::within;

/// Names of pods, workloads and services for addresses, from the Kubernetes API server.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// `"auto"` (where a service account is mounted and the node's name is known), `true` or `false`.
    pub enabled: Enabled,
    /// Address of the API server, `https://host:port`. Default: empty, from `KUBERNETES_SERVICE_HOST` and
    /// `KUBERNETES_SERVICE_PORT`. `http://` only on a loopback address.
    #[serde(deserialize_with = "plain")]
    pub api_server: String,
    /// Bearer token, read anew each minute and whenever it is refused.
    pub token_file: PathBuf,
    /// Certificates the API server is checked against, PEM.
    pub ca_file: PathBuf,
    /// Name of the node whose pods are watched. Default: empty, from the environment's `NODE_NAME`.
    pub node_name: String,
    /// `"node"`: pods of this node, others as far as services name them; `"cluster"`: all pods.
    pub scope: Scope,
    /// Whether services are watched: names their cluster addresses.
    pub services: bool,
    /// With scope `"node"`, whether nodes are watched: tells other nodes' addresses from those of pods.
    /// Without, a host-network pod behind a service gives its name to its whole node.
    pub nodes: bool,
    /// Most names of addresses held, those of pods just gone included: 1000 to 5,000,000. Further ones are
    /// refused and counted.
    #[serde(deserialize_with = "within::<1000, 5_000_000, _, _>")]
    pub entries_max: u32,
    /// How long a pod that is gone is still named for calls that began before, in seconds: 1 to 3600.
    #[serde(deserialize_with = "within::<1, 3600, _, _>")]
    pub ended_seconds_max: u32,
    /// Time without a word from the API server after which its names are given no more, in seconds: 0
    /// (given for ever) to 604,800 (a week).
    #[serde(deserialize_with = "within::<0, 604_800, _, _>")]
    pub stale_seconds_max: u32,
    /// Silence after which a watch is begun anew, in seconds: 1 to 3600. API servers send a bookmark about
    /// once a minute.
    #[serde(deserialize_with = "within::<1, 3600, _, _>")]
    pub silence_seconds_max: u32,
    /// Longest pause between attempts to reach the API server, in seconds: 1 to 600.
    #[serde(deserialize_with = "within::<1, 600, _, _>")]
    pub retry_seconds_max: u32,
}

/// An address without a user name or password: addresses are told in messages, and by `check`.
fn plain<'de, D: Deserializer<'de>>(source: D) -> Result<String, D::Error> {
    let address = String::deserialize(source)?;
    if address.contains('@') {
        return Err(de::Error::custom(
            "the address of the API server has a user name or password in it: set `token_file`",
        ));
    }
    Ok(address)
}

impl Default for Config {
    fn default() -> Self {
        let account = PathBuf::from("/var/run/secrets/kubernetes.io/serviceaccount");
        Self {
            enabled: Enabled::Auto,
            api_server: String::new(),
            token_file: account.join("token"),
            ca_file: account.join("ca.crt"),
            node_name: String::new(),
            scope: Scope::Node,
            services: true,
            nodes: true,
            entries_max: 100_000,
            ended_seconds_max: 300,
            stale_seconds_max: 3600,
            silence_seconds_max: 150,
            retry_seconds_max: 30,
        }
    }
}

impl Config {
    /// Directories that stay readable while the sensor runs: token and certificates are replaced by renaming what is
    /// beside them. Empty when names are not wanted.
    #[must_use]
    pub fn directories(&self) -> Vec<PathBuf> {
        let files = [&self.token_file, &self.ca_file];
        let mut directories: Vec<PathBuf> = match self.enabled {
            Enabled::No => Vec::new(),
            Enabled::Auto | Enabled::Yes => {
                files.iter().filter_map(|file| file.parent().map(PathBuf::from)).collect()
            }
        };
        directories.dedup();
        directories
    }

    /// Entries held, within their range.
    pub(super) fn entries(&self) -> usize {
        usize::try_from(self.entries_max.clamp(1000, 5_000_000)).unwrap_or(usize::MAX)
    }

    /// How long what is gone is kept, within its range.
    pub(super) fn ended(&self) -> Duration {
        Duration::from_secs(self.ended_seconds_max.clamp(1, 3600).into())
    }

    /// Age at which names are given no more, within its range; `None` for ever.
    pub(super) fn stale(&self) -> Option<Duration> {
        let seconds = self.stale_seconds_max.min(604_800);
        (seconds > 0).then(|| Duration::from_secs(seconds.into()))
    }

    /// Silence that ends a watch, within its range.
    pub(super) fn silence(&self) -> Duration {
        Duration::from_secs(self.silence_seconds_max.clamp(1, 3600).into())
    }

    /// Longest pause between attempts, within its range.
    pub(super) fn retry(&self) -> Duration {
        Duration::from_secs(self.retry_seconds_max.clamp(1, 600).into())
    }
}

/// Whether names are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enabled {
    /// In a pod with a service account.
    Auto,
    /// Always; the sensor does not start where it cannot be.
    Yes,
    /// Never.
    No,
}

impl Serialize for Enabled {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Auto => serializer.serialize_str("auto"),
            Self::Yes => serializer.serialize_bool(true),
            Self::No => serializer.serialize_bool(false),
        }
    }
}

impl<'de> Deserialize<'de> for Enabled {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Enabled;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("\"auto\", true or false")
            }

            fn visit_bool<E: de::Error>(self, yes: bool) -> Result<Enabled, E> {
                Ok(if yes { Enabled::Yes } else { Enabled::No })
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Enabled, E> {
                match text {
                    "auto" => Ok(Enabled::Auto),
                    other => Err(E::invalid_value(de::Unexpected::Str(other), &self)),
                }
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// Whose pods are watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Those of this node; peers on other nodes as far as services name them.
    Node,
    /// Those of the whole cluster.
    Cluster,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enabled_is_a_word_or_a_boolean() {
        let enabled = |text: &str| toml::from_str::<Config>(text).map(|config| config.enabled);
        assert_eq!(enabled("").unwrap(), Enabled::Auto);
        assert_eq!(enabled("enabled = \"auto\"").unwrap(), Enabled::Auto);
        assert_eq!(enabled("enabled = true").unwrap(), Enabled::Yes);
        assert_eq!(enabled("enabled = false").unwrap(), Enabled::No);
        let error = enabled("enabled = \"yes\"").unwrap_err().to_string();
        assert!(error.contains("expected \"auto\", true or false"), "{error}");
    }

    #[test]
    fn what_is_written_is_read_again() {
        for enabled in [Enabled::Auto, Enabled::Yes, Enabled::No] {
            let text = toml::to_string(&Config { enabled, ..Config::default() }).unwrap();
            assert_eq!(toml::from_str::<Config>(&text).unwrap().enabled, enabled);
        }
    }

    #[test]
    fn the_service_account_stays_readable() {
        let account = PathBuf::from("/var/run/secrets/kubernetes.io/serviceaccount");
        assert_eq!(Config::default().directories(), [account]);
        let off = Config { enabled: Enabled::No, ..Config::default() };
        assert!(off.directories().is_empty());
    }

    #[test]
    fn numbers_have_ranges() {
        assert!(toml::from_str::<Config>("entries_max = 0").is_err());
        let config = toml::from_str::<Config>("entries_max = 1000\nstale_seconds_max = 0").unwrap();
        assert_eq!((config.entries(), config.stale()), (1000, None));
    }
}
