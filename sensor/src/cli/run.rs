//! `apitap run`: the daemon.

use std::path::PathBuf;

use super::{CliError, spare};
use crate::config::{self, Config, ConfigError};
use crate::daemon::{self, DaemonError, Options};
use crate::log;

/// Arguments of `run`.
#[derive(clap::Args)]
pub struct Args {
    /// Configuration file (TOML)
    #[arg(long, value_name = "FILE")]
    config: PathBuf,

    /// Leave files open to the process that its configuration does not name
    #[arg(long)]
    no_landlock: bool,

    /// Leave every system call open to the process
    #[arg(long)]
    no_seccomp: bool,
}

/// Captures until a signal ends it.
///
/// # Errors
///
/// When the configuration is wrong, when what it names cannot be opened, or when records were lost at the end.
pub fn run(args: Args) -> Result<(), CliError> {
    let config = args.load().map_err(CliError::usage)?;
    spare::configured(&config, &args.config)?;
    log::set_level(config.log.level);
    let config_path = Some(args.config.clone());
    let load = Box::new(move || args.load());
    let options = Options { config, config_path, load };
    daemon::run(options).map_err(|error| match error {
        DaemonError::Config(error) => CliError::Usage(error),
        DaemonError::Failed(error) => CliError::Failed(error),
        DaemonError::BrokenPipe => CliError::BrokenPipe,
    })
}

impl Args {
    /// The file, the environment, and these arguments above both.
    fn load(&self) -> Result<Config, ConfigError> {
        let mut config = Config::load(Some(&self.config), config::environment())?;
        config.privileges.landlock &= !self.no_landlock;
        config.privileges.seccomp &= !self.no_seccomp;
        Ok(config)
    }
}
