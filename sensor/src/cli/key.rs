//! `apitap key`: makes tokenization keys, and changes which are in force.

use std::io::{self, Write};
use std::path::PathBuf;

use super::CliError;
use crate::config::{self, Config};
use crate::keys;
use crate::redact::{EpochState, Keys};
use crate::time::Timestamp;

/// Commands on keys.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Make a new key file, mode 0600; an existing file is never overwritten
    New {
        /// Where to write the key
        #[arg(long, value_name = "FILE", default_value = "apitap.key")]
        out: PathBuf,

        /// Key id that tokens carry: 1 to 8 characters of a-z and 0-9
        #[arg(long, value_name = "ID", default_value = "k1")]
        id: String,
    },
    /// Add a new key to a key file: it makes the tokens from the next start or reload on
    Add {
        /// The key file
        #[arg(value_name = "FILE")]
        file: PathBuf,

        /// Key id that tokens carry: 1 to 8 characters of a-z and 0-9 [default: k and the next number]
        #[arg(long, value_name = "ID")]
        id: Option<String>,

        /// Last day (UTC) on which tokens carry those of the key before: 2026-01-31 [default: by overlap_days of
        /// the configuration]
        #[arg(long, value_name = "DATE")]
        until: Option<String>,
    },
    /// List the keys of a key file, and what each does today; the keys themselves are not shown
    List {
        /// The key file
        #[arg(value_name = "FILE")]
        file: PathBuf,

        /// Configuration file, for overlap_days [default: 30 days]
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// End an old key: tokens carry none of it any more
    Retire {
        /// The key file
        #[arg(value_name = "FILE")]
        file: PathBuf,

        /// Id of the key
        #[arg(long, value_name = "ID")]
        id: String,

        /// Remove the key for good: spools and reversible tokens of its time can never be opened again
        #[arg(long)]
        remove: bool,
    },
}

/// Runs a key command.
///
/// # Errors
///
/// When an id or a date is not allowed, or a file cannot be read or written.
pub fn run(command: &Command) -> Result<(), CliError> {
    let mut out = io::stdout();
    match command {
        Command::New { out: path, id } => {
            let keys = Keys::generate(id, &today()).map_err(CliError::usage)?;
            keys::create(path, &keys).map_err(CliError::failed)?;
            let path = path.display();
            writeln!(
                out,
                "{path}: new key \"{id}\". Keep a copy in a safe place: without it, new tokens do not join old ones."
            )?;
        }
        Command::Add { file, id, until } => {
            let (id, until) = (id.as_deref(), until.as_deref());
            let added = keys::update(file, |keys| keys.add(id, &today(), until).map(str::to_owned));
            let (id, path) = (added.map_err(CliError::failed)?, file.display());
            writeln!(
                out,
                "{path}: new key \"{id}\". Copy the file to every sensor and reload each (SIGHUP; restart those that have it as a credential)."
            )?;
        }
        Command::List { file, config } => list(&mut out, file, config.as_deref())?,
        Command::Retire { file, id, remove } => {
            keys::update(file, |keys| keys.retire(id, *remove)).map_err(CliError::failed)?;
            let (done, path) = (if *remove { "removed" } else { "retired" }, file.display());
            writeln!(
                out,
                "{path}: key \"{id}\" is {done}; in force from the next start or reload on."
            )?;
        }
    }
    Ok(())
}

fn list(
    out: &mut impl Write,
    file: &std::path::Path,
    config: Option<&std::path::Path>,
) -> Result<(), CliError> {
    let config = Config::load(config, config::environment()).map_err(CliError::usage)?;
    let keys = keys::load(file).map_err(CliError::failed)?;
    let now = u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or(0);
    writeln!(out, "{:<8}  {:<10}  STATE", "ID", "CREATED")?;
    for facts in keys.list(config.privacy.overlap_days, Timestamp::new(now, 0)) {
        let state = match facts.state {
            EpochState::InForce => "in force".to_owned(),
            EpochState::Overlaps(day) => format!("previous tokens until {day}"),
            EpochState::Past => "past".to_owned(),
            EpochState::Retired => "retired".to_owned(),
        };
        writeln!(out, "{:<8}  {:<10}  {state}", facts.kid, facts.created)?;
    }
    Ok(())
}

/// The day, as key files have it.
fn today() -> String {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}
