//! The file sink: records into a file or to standard output, in any format.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Entry, FORMATS, Format, Mode, Opened, Output, SinkError, Stream, Style, format};

pub(super) const ENTRY: Entry =
    Entry { name: "file", open: |config, mode| Some(open(config.file.as_ref()?, mode)) };

/// Where and how records are written down.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The file, which a running sensor goes on with and `read` replaces; `-` is standard output. Default: `-`.
    pub path: PathBuf,
    /// `jsonl`, `protobuf`, `table`, `ocsf`, `ocsf-api` or `ecs`. Default: `jsonl`.
    pub format: String,
}

impl Default for Config {
    fn default() -> Self {
        Self { path: "-".into(), format: "jsonl".into() }
    }
}

/// The format.
fn known(config: &Config) -> Result<&'static Format, SinkError> {
    format(&config.format).ok_or_else(|| {
        let known = FORMATS.iter().map(|format| format.name).collect::<Vec<_>>().join(", ");
        SinkError::Format { name: config.format.clone(), known }
    })
}

/// What can be said without opening it.
pub(super) fn validate(config: &Config) -> Result<(), SinkError> {
    known(config).map(|_| ())
}

fn open(config: &Config, mode: &Mode<'_>) -> Opened {
    let format = known(config)?;
    let (output, style) = if config.path.as_os_str() == "-" {
        (Output::stdout()?, Style::of_stdout())
    } else {
        let output = match mode {
            Mode::Offline => Output::create(&config.path)?,
            Mode::Live { .. } => Output::follow(&config.path, format.records)?,
        };
        (output, Style::plain())
    };
    Ok(Box::new(Stream::new((format.encoder)(&style), output)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::sample;

    #[test]
    fn a_configured_file_is_written() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("calls.jsonl");
        let config: super::super::Config =
            toml::from_str(&format!("[file]\npath = {:?}", path.to_str().unwrap())).unwrap();
        let mut sinks = super::super::open(&config).unwrap();
        assert_eq!(sinks.len(), 1);
        let (name, sink) = &mut sinks[0];
        sink.write(&sample::record()).unwrap();
        assert_eq!((*name, sink.finish().unwrap().delivered), ("file", 1));
        assert!(std::fs::read_to_string(path).unwrap().starts_with("{\"id\":"));
    }

    #[test]
    fn an_unknown_format_lists_the_known() {
        let config = Config { format: "xml".into(), ..Config::default() };
        let text = open(&config, &Mode::Offline).err().unwrap().to_string();
        assert_eq!(
            text,
            "unknown output format \"xml\"; use one of: table, jsonl, protobuf, ocsf, ocsf-api, ecs"
        );
    }
}
