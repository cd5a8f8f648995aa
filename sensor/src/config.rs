//! Configuration: one TOML file, one table per stage, unknown keys refused with their position.
//!
//! Each stage owns its table's struct; this file reads them together. Environment variables
//! `APITAP_<SECTION>__<KEY>` (deeper tables: `APITAP_OUTPUT__KAFKA__BROKERS`) override single keys; secrets only come from files.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::{
    admin, call, capture, daemon, decap, endpoints, grpc, http, kubernetes, log, network,
    privileges, reassembly, redact, sink, tls, volume,
};

/// Everything that can be set.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where operations are named, besides the usual places: `[[operations]]`, at most 64.
    pub operations: Vec<redact::NamedOperation>,
    /// The sensor itself.
    pub sensor: Sensor,
    /// Interfaces, and how they are captured from.
    pub capture: capture::live::Config,
    /// Decapsulation and IP fragments.
    pub decap: decap::Config,
    /// TCP reassembly and duplicate suppression.
    pub reassembly: reassembly::Config,
    /// Sessions that cannot be read.
    pub tls: tls::Config,
    /// HTTP parsing.
    pub http: http::Config,
    /// How gRPC and other protobuf messages are read.
    pub grpc: grpc::Config,
    /// Pairing of requests and responses.
    pub call: call::Config,
    /// What may leave, and in which form.
    pub privacy: redact::Config,
    /// Who and what takes part in calls, and how calls are linked.
    pub entities: redact::EntityConfig,
    /// Path templates.
    pub endpoints: endpoints::Config,
    /// Risks seen in one call.
    pub signals: redact::SignalConfig,
    /// The network that is watched.
    pub network: network::Config,
    /// Names of pods, workloads and services for addresses.
    pub kubernetes: kubernetes::Config,
    /// How many records are kept of calls that are alike.
    pub volume: volume::Config,
    /// The inventory that a running sensor keeps.
    pub inventory: daemon::inventory::Config,
    /// Where records go.
    pub output: sink::Config,
    /// The daemon's threads and queues, and its end.
    pub daemon: daemon::Config,
    /// When less is inspected.
    pub overload: daemon::Overload,
    /// Log lines.
    pub log: log::Config,
    /// The listener of metrics, health and status.
    pub admin: admin::Config,
    /// What the daemon gives away after its start.
    pub privileges: privileges::Config,
}

/// The sensor itself.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sensor {
    /// Name of this sensor in its records. Default: empty.
    pub id: String,
    /// Tokenization key file, mode 0600, made with `apitap key new`. `read` makes a key for one run without it.
    pub key_file: Option<PathBuf>,
    /// File in which `apitap detokenize` writes down each of its uses, one JSON line each; it must be one of these.
    pub audit_file: Option<PathBuf>,
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("cannot read configuration {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The text is not what is expected.
    #[error("{path}:{line}:{column}: {message}")]
    Parse {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
        /// What is wrong.
        message: OneLine,
    },
    /// An environment override does not fit.
    #[error("environment variable {name} does not fit the configuration: {message}")]
    Variable {
        /// The variable.
        name: String,
        /// What is wrong.
        message: OneLine,
    },
    /// Environment overrides do not fit, or not together.
    #[error("environment overrides (APITAP_…) do not fit the configuration: {message}")]
    Environment {
        /// What is wrong.
        message: OneLine,
    },
}

/// A message folded to one line.
#[derive(Debug)]
pub struct OneLine(String);

impl fmt::Display for OneLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = self.0.lines().map(str::trim).filter(|line| !line.is_empty());
        f.write_str(lines.next().unwrap_or("invalid"))?;
        lines.try_for_each(|line| write!(f, "; {line}"))
    }
}

/// A key that an environment variable sets.
struct Override {
    name: String,
    path: Vec<String>,
    /// As it was given, and as it is read.
    text: String,
    value: toml::Value,
    /// Why it did not fit as TOML would read it.
    refused: Option<String>,
}

impl Config {
    /// Reads `path` (or the defaults, without one) and applies the environment's overrides.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, is not TOML, or has unknown keys or values out of range.
    pub fn load(
        path: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let text = match path {
            Some(path) => read(path)?,
            None => String::new(),
        };
        let path = path.unwrap_or(Path::new("defaults"));
        let config = toml::from_str(&text).map_err(|error| parse_error(path, &text, &error))?;
        let overrides = Self::overrides(environment);
        let config: Self =
            if overrides.is_empty() { config } else { Self::overridden(&text, overrides)? };
        match config.wrong() {
            None => Ok(config),
            Some((section, keys, message)) => Err(refusal(path, &text, section, &keys, message)),
        }
    }

    /// What does not fit together: in which section, under which keys, and why.
    fn wrong(&self) -> Option<(&'static str, Vec<String>, String)> {
        let privacy = self.privacy.validate().err();
        if let Some(redact::Refused { path, message }) = privacy {
            return Some(("privacy", path, message));
        }
        let most = redact::NamedOperation::COUNT_MAX;
        if self.operations.len() > most {
            let message = format!("there may be {most} tables [[operations]] at most");
            return Some(("operations", vec![most.to_string()], message));
        }
        let (one, all) = (self.http.head_bytes_max, self.http.head_bytes_total_max);
        let message = format!("{all} is too small: {one} at least, which is head_bytes_max");
        (all < one).then(|| ("http", vec!["head_bytes_total_max".to_owned()], message))
    }

    /// The overrides among environment variables.
    fn overrides(environment: impl Iterator<Item = (String, String)>) -> Vec<Override> {
        environment
            .filter_map(|(name, text)| {
                let path = name.strip_prefix("APITAP_")?.split("__").map(str::to_lowercase);
                let path: Vec<String> = path.collect();
                let value = literal(&text);
                (path.len() > 1).then_some(Override { name, path, text, value, refused: None })
            })
            .collect()
    }

    fn overridden(text: &str, mut overrides: Vec<Override>) -> Result<Self, ConfigError> {
        let root = toml::from_str(text).map_err(|error: toml::de::Error| {
            ConfigError::Environment { message: OneLine(error.to_string()) }
        })?;
        loop {
            let error = match Self::with(&root, &overrides, None) {
                Ok(config) => return Ok(config),
                Err(error) => error,
            };
            // Without the one that is wrong it is well, or something else is wrong.
            let wrong = (0..overrides.len()).find(|&left_out| {
                Self::with(&root, &overrides, Some(left_out)).err().as_ref() != Some(&error)
            });
            match wrong.and_then(|at| overrides.get_mut(at)) {
                // What reads as a number, say, may be meant as text.
                Some(wrong) if !wrong.value.is_str() => {
                    wrong.value = wrong.text.clone().into();
                    wrong.refused = Some(error);
                }
                Some(wrong) => {
                    let message = OneLine(wrong.refused.take().unwrap_or(error));
                    return Err(ConfigError::Variable { name: wrong.name.clone(), message });
                }
                None => return Err(ConfigError::Environment { message: OneLine(error) }),
            }
        }
    }

    /// `root` with all overrides but one; or what is wrong.
    fn with(
        root: &toml::Value,
        overrides: &[Override],
        left_out: Option<usize>,
    ) -> Result<Self, String> {
        let mut root = root.clone();
        for (at, one) in overrides.iter().enumerate() {
            if Some(at) != left_out && !set(&mut root, &one.path, one.value.clone()) {
                return Err(format!("{} is inside something that is no table", one.path.join(".")));
            }
        }
        // With the key: two may be wrong in the same way.
        root.try_into().map_err(|error: toml::de::Error| error.to_string())
    }

    /// Names this configuration: equal settings, equal name. 16 hexadecimal digits.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let text = toml::to_string(self).unwrap_or_default();
        let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
        data_encoding::HEXLOWER.encode(digest.as_ref().get(..8).unwrap_or_default())
    }
}

/// A configuration file's text.
fn read(path: &Path) -> Result<String, ConfigError> {
    let bytes = std::fs::read(path)
        .map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
    String::from_utf8(bytes).map_err(|error| {
        let bytes = error.as_bytes();
        let before = bytes.get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let (line, column) = position(&String::from_utf8_lossy(before), before.len());
        let message = OneLine("this is no UTF-8: save the file in that encoding".to_owned());
        ConfigError::Parse { path: path.to_owned(), line, column, message }
    })
}

/// The environment, as far as it may be about the configuration. What others have in it, in whatever encoding, is passed
/// over.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    about_us(std::env::vars_os())
}

fn about_us(
    all: impl Iterator<Item = (OsString, OsString)>,
) -> impl Iterator<Item = (String, String)> {
    let ours = all.filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
    let ours = ours.filter(|(name, _)| name.starts_with("APITAP_"));
    ours.map(|(name, value)| (name, value.to_string_lossy().into_owned()))
}

/// Puts `value` at `path`, making tables on the way; `false` where a path goes through something that is no table.
fn set(at: &mut toml::Value, path: &[String], value: toml::Value) -> bool {
    match (path, at.as_table_mut()) {
        ([], _) => {
            *at = value;
            true
        }
        ([key, rest @ ..], Some(table)) => {
            let inner = table.entry(key.clone()).or_insert_with(|| toml::Table::new().into());
            set(inner, rest, value)
        }
        (_, None) => false,
    }
}

/// A value as TOML would read it; anything else is a string.
fn literal(value: &str) -> toml::Value {
    toml::from_str::<toml::Table>(&format!("v = {value}"))
        .ok()
        .and_then(|mut table| table.remove("v"))
        .unwrap_or_else(|| value.into())
}

fn parse_error(path: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
    let offset = error.span().map_or(0, |span| span.start);
    let (line, column) = position(text, offset);
    // What an override is told too.
    let table = toml::de::DeTable::parse(text).ok();
    let key = table.and_then(|table| key_at(table.get_ref(), offset));
    let key = key.map_or_else(String::new, |key| format!("\nin `{key}`"));
    let message = OneLine(format!("{}{key}", error.message()));
    ConfigError::Parse { path: path.to_owned(), line, column, message }
}

/// The key, with those of the tables it is in, whose value has the octet at `offset` in it.
fn key_at(table: &toml::de::DeTable<'_>, offset: usize) -> Option<String> {
    table.iter().find_map(|(key, value)| match value.get_ref() {
        toml::de::DeValue::Table(inner) => {
            key_at(inner, offset).map(|rest| format!("{}.{rest}", key.get_ref()))
        }
        _ => value.span().contains(&offset).then(|| key.get_ref().to_string()),
    })
}

/// Where in the file settings do not fit together; when they are not in the file, they came from the environment.
fn refusal(
    path: &Path,
    text: &str,
    section: &str,
    keys: &[String],
    message: String,
) -> ConfigError {
    match Places::inside(text, section).find(keys) {
        Some((line, column)) => {
            ConfigError::Parse { path: path.to_owned(), line, column, message: OneLine(message) }
        }
        None => ConfigError::Environment {
            message: OneLine(format!("{section}.{}: {message}", keys.join("."))),
        },
    }
}

/// Line and column, in characters, of an octet of a text; both from 1.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count().saturating_add(1);
    let column =
        before.rsplit('\n').next().map_or(0, |last| last.chars().count()).saturating_add(1);
    (line, column)
}

/// Where in a configuration file the keys of a table are.
pub struct Places<'t> {
    text: &'t str,
    table: Option<toml::Spanned<toml::de::DeValue<'t>>>,
}

impl<'t> Places<'t> {
    /// Those of `[privacy]` in this text; nowhere, if it is no TOML.
    #[must_use]
    pub fn of(text: &'t str) -> Self {
        Self::inside(text, "privacy")
    }

    fn inside(text: &'t str, section: &str) -> Self {
        let table = toml::de::DeTable::parse(text).ok();
        Self { text, table: table.and_then(|table| table.into_inner().remove(section)) }
    }

    /// Line and column, from 1, of a key by the keys and positions that lead to it: `["rules", "2", "action"]`.
    /// Of one that is missing, where it would belong.
    #[must_use]
    pub fn find(&self, keys: &[String]) -> Option<(usize, usize)> {
        self.walk(keys).map(|(offset, _)| position(self.text, offset))
    }

    /// Line, from 1, of a key that is there.
    #[must_use]
    pub fn line(&self, keys: &[String]) -> Option<usize> {
        self.walk(keys).filter(|(_, all)| *all).map(|(offset, _)| position(self.text, offset).0)
    }

    /// Offset of the last key found on the way, and whether that was the last of all.
    fn walk(&self, keys: &[String]) -> Option<(usize, bool)> {
        let mut at = self.table.as_ref()?;
        let mut offset = None;
        for key in keys {
            let found = match at.get_ref() {
                toml::de::DeValue::Table(table) => table
                    .iter()
                    .find(|(known, _)| known.get_ref() == key.as_str())
                    .map(|(known, value)| (known.span().start, value)),
                toml::de::DeValue::Array(items) => {
                    let item = key.parse().ok().and_then(|index: usize| items.get(index));
                    item.map(|item| (item.span().start, item))
                }
                _ => None,
            };
            let Some((start, value)) = found else { return offset.map(|offset| (offset, false)) };
            (offset, at) = (Some(start), value);
        }
        offset.map(|offset| (offset, true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let environment = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Config::load(Some(file.path()), environment).map_err(|error| {
            error.to_string().replace(&file.path().display().to_string(), "apitap.toml")
        })
    }

    #[test]
    fn what_others_have_in_the_environment_is_passed_over() {
        use std::os::unix::ffi::OsStringExt as _;
        let odd = || OsString::from_vec(vec![b'/', 0xb0, 0xa1]);
        let all = [
            (OsString::from("PWD"), odd()),
            (odd(), "1".into()),
            ("APITAP_SENSOR__ID".into(), "edge".into()),
            ("APITAP_SENSOR__KEY_FILE".into(), odd()),
        ];
        let ours: Vec<_> = about_us(all.into_iter()).collect();
        assert_eq!(ours.first().unwrap().1, "edge");
        assert_eq!(ours.get(1).unwrap().1, "/\u{fffd}\u{fffd}");
        assert_eq!(ours.len(), 2);
    }

    #[test]
    fn an_empty_file_is_the_defaults() {
        assert_eq!(load("", &[]).unwrap().fingerprint(), Config::default().fingerprint());
    }

    #[test]
    fn unknown_keys_are_refused_with_their_position() {
        let error = load("[sensor]\nid = \"a\"\n  idd = 1\n", &[]).unwrap_err();
        assert!(error.starts_with("apitap.toml:3:3: unknown field `idd`"), "{error}");
        assert!(!error.contains('\n'));
    }

    #[test]
    fn a_wrong_policy_is_refused_with_its_position() {
        for (text, expected) in [
            (
                "[privacy.classes]\n  pna = 'drop'\n",
                "apitap.toml:2:3: unknown data class \"pna\"; known:",
            ),
            (
                "[[privacy.rules]]\naction = 'drop'\n\n[[privacy.rules]]\nclass = 'pan'\naction = 'keep'\n",
                "apitap.toml:6:1: values of class \"pan\" would leave as they are",
            ),
            (
                "[privacy]\nrules = [{ field = 'a', action = 'drop', name = 'B' }]\n",
                "apitap.toml:2:42: a rule's name",
            ),
            ("[[privacy.rules]]\nfield = 'a'\n", "apitap.toml:1:1: missing field `action`"),
            ("[[privacy.rules]]\naction = 'hash'\n", "apitap.toml:2:10: unknown variant `hash`"),
            ("[[privacy.rules]]\naction = 'drop'\nfeild = 'a'\n", "apitap.toml:3:1: unknown field"),
            ("[privacy.labels]\npna = ['GDPR']\n", "apitap.toml:2:1: unknown data class"),
        ] {
            let error = load(text, &[]).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
            assert!(!error.contains('\n'));
        }
        let environment = [("APITAP_PRIVACY__CLASSES__CVV", "keep")];
        let error = load("", &environment).unwrap_err();
        assert!(error.contains("privacy.classes.cvv"), "{error}");
    }

    #[test]
    fn wrong_detectors_are_refused_with_their_position() {
        let detector = "[[privacy.detectors]]\nname = 'x'\n";
        for (line, said) in [
            ("regex = 'a('", "apitap.toml:3:9: unclosed group"),
            ("validator = 'moon'", "apitap.toml:3:13: unknown variant `moon`"),
            ("words = ['ab']\nclass = 'X'", "apitap.toml:4:9: a name is 1 to 32"),
            ("words = ['a']", "apitap.toml:1:"),
        ] {
            let error = load(&format!("{detector}{line}\n"), &[]).unwrap_err();
            assert!(error.starts_with(said), "{error}");
        }
    }

    #[test]
    fn the_example_is_valid() {
        let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/apitap.toml");
        let config = Config::load(Some(Path::new(example)), std::iter::empty()).unwrap();
        assert_eq!(config.privacy.token_names, ["membership"]);
    }

    #[test]
    fn every_key_is_documented() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/configuration.md");
        let page = std::fs::read_to_string(page).unwrap();
        let config =
            load("[output.file]\n[output.kafka.spool]\n[[output.kafka.topics]]\ntopic = \"t\"\n[output.kafka.inventory]\ntopic = \"i\"\n[output.kafka.schema]\nid = 1\nguid = \"g\"\nregistry_url = \"u\"\nsubject = \"s\"\nca_file = \"c\"\nuser = \"u\"\npassword_file = \"p\"\n[log]\nlevel = \"info\"\n[sensor]\nkey_file = \"k\"\naudit_file = \"a\"\n[admin]\ntoken_file = \"t\"\ncertificate_file = \"c\"\nkey_file = \"k\"\n", &[]).unwrap();
        let text = toml::to_string(&config).unwrap();
        let keys = text.lines().filter_map(|line| line.split_once(" = "));
        let missing: Vec<&str> = keys
            .map(|(key, _)| key)
            .filter(|key| !page.contains(&format!("| `{key}` |")))
            .collect();
        assert!(missing.is_empty(), "not in docs/configuration.md: {missing:?}");
    }

    #[test]
    fn the_environment_overrides_the_file() {
        let config = load(
            "[sensor]\nid = \"a\"\n",
            &[("APITAP_SENSOR__ID", "b"), ("APITAP_OUTPUT__KAFKA__BROKERS", "x:1"), ("OTHER", "1")],
        )
        .unwrap();
        assert_eq!(config.sensor.id, "b");
        assert_eq!(config.output.kafka.unwrap().brokers, "x:1");
        assert!(load("", &[("APITAP_SENSOR__NONE", "1")]).unwrap_err().contains("unknown field"));
    }

    #[test]
    fn what_reads_as_something_else_may_be_meant_as_text() {
        for text in ["true", "5", "0x10", "inf", "1.50", "007", "2026-01-01"] {
            let both = [("APITAP_SENSOR__ID", text), ("APITAP_OUTPUT__KAFKA__TOPIC", text)];
            let config = load("", &both).unwrap();
            assert_eq!(config.sensor.id, text);
            assert_eq!(config.output.kafka.unwrap().topic, text);
        }
    }

    #[test]
    fn the_variable_that_is_wrong_is_named() {
        let good = [
            ("APITAP_SENSOR__ID", "true"),
            ("APITAP_OUTPUT__FILE__PATH", "-"),
            ("APITAP_OUTPUT__FILE__FORMAT", "jsonl"),
        ];
        for (name, text, said) in [
            ("APITAP_DAEMON__WORKERS", "four", "\"four\", expected"),
            ("APITAP_DAEMON__WORKERS", "-4", "integer `-4`, expected"),
            ("APITAP_DAEMON__WORKRS", "4", "unknown field `workrs`"),
            ("APITAP_CAPTURE__PROMISCUOUS", "yes", "expected a boolean"),
            ("APITAP_SENSOR__KEY_FILE__X", "1", "expected path string; in `sensor.key_file`"),
            ("APITAP_LOG__LEVEL__X", "1", "log.level.x is inside something that is no table"),
        ] {
            let all: Vec<_> = good.into_iter().chain([(name, text)]).collect();
            let error = load("[log]\nlevel = 'info'\n", &all).unwrap_err();
            let named = format!("environment variable {name} does not fit the configuration: ");
            assert!(error.starts_with(&named) && error.contains(said), "{error}");
            assert!(!error.contains('\n'));
        }
    }

    #[test]
    fn numbers_out_of_range_are_refused_in_every_section() {
        for (section, line, said) in [
            ("reassembly", "idle_seconds_max = 0", "0 is outside 1 to 86400"),
            ("tls", "key_wait_seconds_max = 61", "61 is outside 0 to 60"),
            ("http", "head_bytes_max = 1000", "1000 is outside 1024 to 16777216"),
            ("http.websocket", "bytes_total_max = 1", "1 is too small: 1048576 at least"),
            ("call", "response_timeout_seconds = 0", "0 is outside 1 to 31536000"),
            ("privacy", "values_max = 8", "8 is outside 0 to 7"),
            ("entities", "step_max = 1001", "1001 is outside 0 to 1000"),
            ("endpoints", "save_seconds = 0", "0 is outside 1 to 86400"),
            ("kubernetes", "retry_seconds_max = 601", "601 is outside 1 to 600"),
            ("volume", "thin_to_one_in = 1", "1 is outside 2 to 4294967295"),
            ("inventory", "save_seconds = 0", "0 is outside 1 to 86400"),
            ("output.kafka", "linger_milliseconds = 900001", "900001 is outside 0 to 900000"),
            ("output.kafka.spool", "sync_milliseconds = 9", "9 is outside 10 to 3600000"),
            ("daemon", "workers = 257", "257 is outside 0 to 256"),
            ("daemon", "processors = [0, 1024]", "1024 is outside 0 to 1023"),
            ("overload", "memory_mebibytes_max = 1", "1 is outside 64 to 16777216, and not 0"),
        ] {
            let (key, value) = line.split_once(" = ").unwrap();
            let error = load(&format!("[{section}]\n{line}\n"), &[]).unwrap_err();
            let at = error.strip_prefix("apitap.toml:2:").unwrap_or_else(|| panic!("{error}"));
            assert!(at.ends_with(&format!(": {said}; in `{section}.{key}`")), "{error}");
            let name = format!("APITAP_{section}__{key}").replace('.', "__").to_uppercase();
            let error = load("", &[(&name, value)]).unwrap_err();
            let named = format!("environment variable {name} does not fit the configuration: ");
            assert!(error.starts_with(&named) && error.contains(said), "{error}");
        }
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        let operations = "[[operations]]\nname = 'a'\n".repeat(65);
        for (text, said) in [
            (
                "[http]\nhead_bytes_total_max = 4096\n",
                "apitap.toml:2:1: 4096 is too small: 262144 at least, which is head_bytes_max",
            ),
            ("[privacy]\nphone_country = '+82'\n", "apitap.toml:2:1: a country calling code"),
            (
                &format!("[privacy]\ntenant = '{}'\n", "a".repeat(65)),
                "apitap.toml:2:1: the name of a tenant has 64 octets at most",
            ),
            (&operations, "apitap.toml:129:1: there may be 64 tables [[operations]] at most"),
        ] {
            let error = load(text, &[]).unwrap_err();
            assert!(error.starts_with(said), "{error}");
        }
    }

    #[test]
    fn another_encoding_is_told_with_its_place() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"[sensor]\nid = \"caf\xe9\"\n").unwrap();
        let error = Config::load(Some(file.path()), std::iter::empty()).unwrap_err().to_string();
        assert!(
            error.ends_with(":2:10: this is no UTF-8: save the file in that encoding"),
            "{error}"
        );
    }
}
