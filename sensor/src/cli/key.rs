//! `apitap key`: makes tokenization key files.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use super::CliError;
use crate::redact::Keys;

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
}

/// Runs a key command.
///
/// # Errors
///
/// When the id is not allowed, or the file exists or cannot be written.
pub fn run(command: &Command) -> Result<(), CliError> {
    let Command::New { out, id } = command;
    let keys =
        Keys::generate(id, &jiff::Zoned::now().date().to_string()).map_err(CliError::usage)?;
    let cannot = |error: io::Error| {
        let hint = if error.kind() == io::ErrorKind::AlreadyExists {
            "; keys are never overwritten: choose another name with --out"
        } else {
            ""
        };
        CliError::failed(format_args!("cannot make key file {}: {error}{hint}", out.display()))
    };
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(out).map_err(cannot)?;
    file.write_all(keys.to_file_text().as_bytes()).map_err(cannot)?;
    file.sync_all().map_err(cannot)?;
    writeln!(
        io::stdout(),
        "{}: new key \"{id}\". Keep a copy in a safe place: without it, new tokens do not join old ones.",
        out.display()
    )?;
    Ok(())
}
