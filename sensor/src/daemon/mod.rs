//! The daemon: opens what it needs, gives away its rights, runs the line, and watches over it.
//!
//! ```text
//! start ─ threads: capture ×n ─▶ worker ×n ─▶ sink
//!   └──── supervise: signals, ladder, mirror, watchdog ── watch ─▶ admin
//! ```

#![allow(
    clippy::disallowed_methods,
    reason = "the daemon looks after itself by the clock; the time of traffic comes with packets"
)]

pub mod config;
pub mod inventory;
pub mod key_logs;
pub mod ladder;
pub mod mirror;
pub mod paths;
pub mod reload;
pub mod sealed;
mod sessions;
pub mod sinks;
mod sized;
mod start;
pub mod state;
mod state_file;
mod supervise;
pub mod system;
mod watch;

use std::path::PathBuf;

pub use config::{Config, Overload};

use crate::config::{Config as Whole, ConfigError};
use crate::sink::SinkError;

/// What `run` was asked for.
pub struct Options {
    /// The configuration in force at the start.
    pub config: Whole,
    /// Its file, for confinement and logs.
    pub config_path: Option<PathBuf>,
    /// Reads it again, for a reload.
    pub load: Box<dyn Fn() -> Result<Whole, ConfigError>>,
}

/// Why the daemon did not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// The configuration asks for something impossible.
    #[error("{0}")]
    Config(String),
    /// The environment failed.
    #[error("{0}")]
    Failed(String),
    /// Nobody reads standard output any more.
    #[error("output closed")]
    BrokenPipe,
}

impl DaemonError {
    fn config(error: impl std::fmt::Display) -> Self {
        Self::Config(error.to_string())
    }

    fn sink(error: &SinkError) -> Self {
        match error.is_setting() {
            true => Self::config(error),
            false => Self::failed(error),
        }
    }

    fn failed(error: impl std::fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Runs until a signal ends it.
///
/// # Errors
///
/// When it cannot start, or when records were lost at the end.
pub fn run(options: Options) -> Result<(), DaemonError> {
    let started = start::start(options)?;
    supervise::supervise(started)
}
