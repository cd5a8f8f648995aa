//! Log lines on standard error, and what a defect leaves there. Never traffic content.

use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::prelude::*;
use tracing_subscriber::{Registry, reload};

/// The level in force, to be changed, and the one the process began with.
static LEVEL: OnceLock<(reload::Handle<LevelFilter, Registry>, LevelFilter)> = OnceLock::new();

/// Logging.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Least severity of log lines: `error`, `warn`, `info`, `debug` or `trace`. Absent: as the command line says.
    pub level: Option<Level>,
}

/// Form of log lines.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Least severity of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// What stopped something.
    Error,
    /// What needs a person.
    Warn,
    /// What happened.
    Info,
    /// Why.
    Debug,
    /// Everything.
    Trace,
}

impl From<Level> for LevelFilter {
    fn from(level: Level) -> Self {
        match level {
            Level::Error => Self::ERROR,
            Level::Warn => Self::WARN,
            Level::Info => Self::INFO,
            Level::Debug => Self::DEBUG,
            Level::Trace => Self::TRACE,
        }
    }
}

/// Starts logging: text on a terminal and JSON otherwise, unless `format` says. Once in a process.
pub fn start(format: Option<Format>, level: Level) {
    let json = match format {
        Some(format) => matches!(format, Format::Json),
        None => !io::stderr().is_terminal(),
    };
    let (filter, handle) = reload::Layer::new(LevelFilter::from(level));
    // Colours are for a terminal, not for files and pipes.
    let coloured =
        io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty());
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(coloured);
    let lines = if json { lines.json().boxed() } else { lines.boxed() };
    tracing_subscriber::registry().with(filter).with(lines).init();
    // A second start would have failed above.
    let _first = LEVEL.set((handle, level.into()));
    std::panic::set_hook(Box::new(|panic| tell_defect(panic.location())));
}

/// Changes the level; `None`: to what the process began with.
pub fn set_level(level: Option<Level>) {
    if let Some((handle, first)) = LEVEL.get()
        && let Err(error) = handle.reload(level.map_or(*first, LevelFilter::from))
    {
        tracing::warn!("the log level cannot be changed: {error}");
    }
}

/// Names the place of a defect. Its message stays unsaid: it may quote what was being read.
fn tell_defect(location: Option<&std::panic::Location<'_>>) {
    let place = location.map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
    // Nobody is left to tell when standard error is gone too.
    let _unheard = writeln!(
        io::stderr(),
        "apitap: defect{place}: please report this line and the version (apitap --version)"
    );
}
