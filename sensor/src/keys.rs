//! The key file, read with the care it needs.

use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::redact::{KeyError, Keys};

/// Why a key file cannot be used. Never says what is in it.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// It cannot be read.
    #[error("cannot read key file {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Others than its owner could read it.
    #[error("key file {path} is readable by others (mode {mode:04o}): run chmod 600 {path}")]
    Open {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// It is no key file.
    #[error("key file {path} cannot be used: {source}")]
    Parse {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        source: KeyError,
    },
}

/// Reads a key file, refusing one that others can read.
///
/// A file that belongs to root may be readable by its group: so service managers and orchestrators hand
/// secrets to a service that does not run as root.
///
/// # Errors
///
/// When it cannot be read, is readable by others, or is no key file.
pub fn load(path: &Path) -> Result<Keys, KeyFileError> {
    let cannot = |source: io::Error| KeyFileError::Read { path: path.to_owned(), source };
    let metadata = std::fs::metadata(path).map_err(cannot)?;
    let mode = metadata.permissions().mode() & 0o7777;
    if !is_private(mode, metadata.uid(), rustix::process::getuid().as_raw()) {
        return Err(KeyFileError::Open { path: path.to_owned(), mode });
    }
    let text = Zeroizing::new(std::fs::read(path).map_err(cannot)?);
    Keys::parse(&text).map_err(|source| KeyFileError::Parse { path: path.to_owned(), source })
}

/// Whether a mode keeps a file from all but its owner, and a group that root chose for us.
const fn is_private(mode: u32, owner: u32, user: u32) -> bool {
    let handed_over = owner == 0 && user != 0;
    mode & if handed_over { 0o037 } else { 0o077 } == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_root_may_hand_a_file_to_our_group() {
        assert!(is_private(0o600, 1000, 1000) && is_private(0o400, 0, 0));
        assert!(is_private(0o440, 0, 65532), "a secret volume, a credential");
        for (mode, owner, user) in
            [(0o440, 1000, 1000), (0o440, 0, 0), (0o444, 0, 65532), (0o460, 0, 65532)]
        {
            assert!(!is_private(mode, owner, user), "{mode:o} {owner} {user}");
        }
    }
}
