//! The command line: one file per command, all defined here once (help, completions and man page follow).

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::log::{self, Format, Level};
use crate::sink::{SinkError, Style};

pub mod check;
pub mod detokenize;
mod explain;
pub mod health;
pub mod interfaces;
mod interrupt;
pub mod inventory;
pub mod key;
mod manual;
pub mod read;
pub mod records;
pub mod run;
mod spare;
mod summary;

/// Passive API sensor: reads mirrored traffic, writes tokenized API call records.
#[derive(Parser)]
#[command(name = "apitap", version, about, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,

    /// Form of log lines on standard error [default: text on a terminal, json otherwise]
    #[arg(long, global = true, value_enum)]
    log_format: Option<Format>,

    /// Least severity of log lines [default: info for run, warn otherwise]
    #[arg(long, global = true, value_enum, env = "APITAP_LOG_LEVEL")]
    log_level: Option<Level>,
}

#[derive(Subcommand)]
enum Command {
    /// Decode capture files and print the API calls in them
    Read(read::Args),
    /// Capture from interfaces until told to stop: the daemon
    Run(run::Args),
    /// Validate a configuration and print what is in force
    Check(check::Args),
    /// List what can be captured here, and what is missing to do so
    Interfaces,
    /// Ask the daemon here whether it is alive: exit code 0 if so, else 1
    Health(health::Args),
    /// Make tokenization keys, and change which are in force
    #[command(subcommand)]
    Key(key::Command),
    /// Print the values of reversible tokens, for who has the key; each use is written to an audit file
    Detokenize(detokenize::Args),
    /// Print record files, or a Kafka topic, as JSON
    Records(records::Args),
    /// Tell what APIs there are: endpoints, parameters, data, risks
    Inventory(inventory::Args),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page (roff)
    Man,
}

/// Why a command failed, by exit code.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The input or the environment: exit code 1.
    #[error("{0}")]
    Failed(String),
    /// Wrong usage or configuration: exit code 2.
    #[error("{0}")]
    Usage(String),
    /// The reader of our output went away: a quiet end, exit code 0.
    #[error("output closed")]
    BrokenPipe,
}

impl CliError {
    /// Exit code 1.
    pub(crate) fn failed(error: impl std::fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }

    /// Exit code 2.
    pub(crate) fn usage(error: impl std::fmt::Display) -> Self {
        Self::Usage(error.to_string())
    }

    /// Exit code 2 where the configuration is wrong, else 1.
    pub(crate) fn sink(error: &SinkError) -> Self {
        match error.is_setting() {
            true => Self::usage(error),
            false => Self::failed(error),
        }
    }
}

impl From<io::Error> for CliError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::BrokenPipe,
            _ => Self::Failed(format!("cannot write to standard output: {error}")),
        }
    }
}

impl From<records::RecordsError> for CliError {
    fn from(error: records::RecordsError) -> Self {
        match error {
            records::RecordsError::Sink(SinkError::BrokenPipe) => Self::BrokenPipe,
            records::RecordsError::Usage(message) => Self::Usage(message),
            error => Self::failed(error),
        }
    }
}

/// Runs the program with the process's arguments.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    cli.start_logging();
    match cli.run() {
        Ok(()) | Err(CliError::BrokenPipe) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to tell when standard error is gone too.
            let _unheard = writeln!(io::stderr(), "apitap: {error}");
            ExitCode::from(if matches!(error, CliError::Usage(_)) { 2 } else { 1 })
        }
    }
}

impl Cli {
    fn run(self) -> Result<(), CliError> {
        match self.command {
            Command::Read(args) => read::run(&args),
            Command::Run(args) => run::run(args),
            Command::Check(args) => check::run(&args),
            Command::Interfaces => interfaces::run(),
            Command::Health(args) => health::run(&args),
            Command::Key(command) => key::run(&command),
            Command::Detokenize(args) => detokenize::run(&args),
            Command::Records(args) => {
                Ok(records::run(&args, &Style::of_stdout(), &mut io::stdout().lock())?)
            }
            Command::Inventory(args) => inventory::run(&args),
            Command::Completions { shell } => {
                let mut script = Vec::new();
                clap_complete::generate(shell, &mut Self::command(), "apitap", &mut script);
                Ok(io::stdout().write_all(&script)?)
            }
            Command::Man => {
                let mut page = Vec::new();
                manual::write(&mut page, &Self::command())?;
                Ok(io::stdout().write_all(&page)?)
            }
        }
    }

    fn start_logging(&self) {
        let daemon = matches!(self.command, Command::Run(_));
        let level = self.log_level.unwrap_or(if daemon { Level::Info } else { Level::Warn });
        log::start(self.log_format, level);
    }
}
