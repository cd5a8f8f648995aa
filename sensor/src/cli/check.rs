//! `apitap check`: validates a configuration and prints what is in force.

use std::io::{self, Write};
use std::path::PathBuf;

use super::CliError;
use crate::capture::live;
use crate::config::Config;
use crate::keys;

/// Arguments of `check`.
#[derive(clap::Args)]
pub struct Args {
    /// Configuration file (TOML)
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

/// Loads the configuration and its key file, and prints every setting in force as TOML.
///
/// # Errors
///
/// When the configuration or the key file cannot be used.
pub fn run(args: &Args) -> Result<(), CliError> {
    let config = Config::load(Some(&args.config), std::env::vars()).map_err(CliError::usage)?;
    config.admin.validate().map_err(CliError::usage)?;
    let key = match &config.sensor.key_file {
        Some(path) => format!(
            "key id {} ({})",
            keys::load(path).map_err(CliError::failed)?.kid(),
            path.display()
        ),
        None => "none: `read` makes one for each run".to_owned(),
    };
    config.capture.validate_filter().map_err(CliError::usage)?;
    let settings = toml::to_string(&config).map_err(CliError::failed)?;
    let mut out = io::stdout().lock();
    writeln!(out, "# {} is valid. In force:", args.config.display())?;
    writeln!(out, "# configuration id: {}", config.fingerprint())?;
    writeln!(out, "# tokenization key: {key}")?;
    if let Some(advice) = live::advice(&config.capture) {
        writeln!(out, "# warning: {advice}")?;
    }
    Ok(write!(out, "\n{settings}")?)
}
