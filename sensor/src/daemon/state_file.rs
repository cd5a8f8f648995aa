//! What threads of the daemon keep on disk: one file in a directory of its own, written whole or not at all.

use std::fmt::Display;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::claim::{Refused, claim};

/// Name of the file in its directory, and while it is written.
pub(super) const FILE: &str = "state";
const FILE_NEW: &str = "state.new";

/// What cannot be done with the directory of a section of the configuration, in one line.
pub(super) fn cannot(section: &str, what: &str, directory: &Path, error: &io::Error) -> String {
    format!(
        "{section}: cannot {what} {}: {error}; check {section}.directory and that this user may write there",
        directory.display()
    )
}

/// Makes the directory of a section, if it is not there (mode 0700), and takes it: whoever saves there later would undo
/// what others saved.
pub(super) fn take(section: &str, directory: &Path) -> Result<File, String> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(directory);
    made.map_err(|error| cannot(section, "make the directory", directory, &error))?;
    claim(directory).map_err(|refused| match refused {
        Refused::Io(error) => cannot(section, "lock the directory", directory, &error),
        Refused::InUse(holder) => {
            let directory = directory.display();
            format!(
                "{section}: {directory} is used by {holder}; give each its own {section}.directory"
            )
        }
    })
}

/// Saves a state again and again, and says once when it cannot.
pub(super) struct Saver {
    /// What is saved, as a sentence begins with it.
    what: &'static str,
    directory: PathBuf,
    error: Option<String>,
    /// The directory is ours while it is open.
    _lock: File,
}

impl Saver {
    pub(super) fn new(what: &'static str, directory: &Path, lock: File) -> Self {
        Self { what, directory: directory.to_owned(), error: None, _lock: lock }
    }

    /// Why it could not be saved the last time; `None` when it could.
    pub(super) const fn error(&self) -> Option<&String> {
        self.error.as_ref()
    }

    /// Saves what `fill` writes; says whether it could.
    pub(super) fn save<E>(&mut self, fill: impl FnOnce(&mut File) -> Result<(), E>) -> bool
    where
        E: Display + From<io::Error>,
    {
        let error = self.write(fill).err().map(|error| error.to_string());
        if let Some(error) = error.as_ref().filter(|error| self.error.as_ref() != Some(error)) {
            let (what, directory) = (self.what, self.directory.display());
            tracing::error!("{what} cannot be saved in {directory}, trying on: {error}");
        }
        self.error = error;
        self.error.is_none()
    }

    fn write<E: From<io::Error>>(
        &self,
        fill: impl FnOnce(&mut File) -> Result<(), E>,
    ) -> Result<(), E> {
        let new = self.directory.join(FILE_NEW);
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        fill(&mut file)?;
        file.sync_all()?;
        fs::rename(&new, self.directory.join(FILE))?;
        // The name is on the disk with its directory.
        Ok(File::open(&self.directory)?.sync_all()?)
    }
}
