//! The key file, read and changed with the care it needs.

use std::fs::{File, Metadata, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
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
    /// It cannot be written.
    #[error("cannot write key file {path}: {source}; what was there before is unchanged")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A new one would overwrite it.
    #[error(
        "key file {path} exists already, and keys are never overwritten: choose another name, or add a key to it with `apitap key add`"
    )]
    Exists {
        /// The file.
        path: PathBuf,
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

/// Makes a new key file, mode 0600. It is written to disk before this returns.
///
/// # Errors
///
/// When there is such a file, or it cannot be written.
pub fn create(path: &Path, keys: &Keys) -> Result<(), KeyFileError> {
    let cannot = |source: io::Error| match source.kind() {
        io::ErrorKind::AlreadyExists => KeyFileError::Exists { path: path.to_owned() },
        _ => KeyFileError::Write { path: path.to_owned(), source },
    };
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(cannot)?;
    file.write_all(keys.to_file_text().as_bytes()).map_err(cannot)?;
    file.sync_all().map_err(cannot)?;
    File::open(directory(path)).and_then(|directory| directory.sync_all()).map_err(cannot)
}

/// Changes a key file as `change` does with its keys: at once and on disk, or not at all. Its owner and mode stay.
///
/// Two changes at a time do not lose each other: the second waits.
///
/// # Errors
///
/// When it cannot be read as by [`load`], `change` refuses, or the file cannot be replaced.
pub fn update<T>(
    path: &Path,
    change: impl FnOnce(&mut Keys) -> Result<T, KeyError>,
) -> Result<T, KeyFileError> {
    // What a link names is changed, not the link.
    let path = &path
        .canonicalize()
        .map_err(|source| KeyFileError::Read { path: path.to_owned(), source })?;
    let cannot = |source: io::Error| KeyFileError::Write { path: path.clone(), source };
    let directory = File::open(directory(path)).map_err(cannot)?;
    flock(&directory, FlockOperation::LockExclusive).map_err(|e| cannot(e.into()))?;
    let mut keys = load(path)?;
    let result =
        change(&mut keys).map_err(|source| KeyFileError::Parse { path: path.clone(), source })?;
    let metadata = std::fs::metadata(path).map_err(cannot)?;
    replace(path, &keys.to_file_text(), &metadata).map_err(cannot)?;
    directory.sync_all().map_err(cannot)?;
    Ok(result)
}

/// Puts `text` in the place of the file, with the owner and mode it had.
fn replace(path: &Path, text: &str, like: &Metadata) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let beside = path.with_file_name(name);
    // Of a change that was cut short: whoever makes one holds the lock.
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let written = write_new(&beside, text, like).and_then(|()| std::fs::rename(&beside, path));
    if written.is_err() {
        // It holds keys.
        let _gone = std::fs::remove_file(&beside);
    }
    written
}

fn write_new(path: &Path, text: &str, like: &Metadata) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let own = file.metadata()?;
    if (own.uid(), own.gid()) != (like.uid(), like.gid()) {
        fchown(&file, Some(like.uid()), Some(like.gid()))?;
    }
    file.set_permissions(Permissions::from_mode(like.permissions().mode() & 0o777))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn directory(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
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

    #[test]
    fn a_change_is_made_whole_and_keeps_owner_and_mode() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("apitap.key");
        create(&path, &Keys::generate("k1", "2026-01-01").unwrap()).unwrap();
        assert!(matches!(
            create(&path, &Keys::ephemeral().unwrap()),
            Err(KeyFileError::Exists { .. })
        ));
        std::fs::set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        // A change that was cut short left this.
        std::fs::write(folder.path().join("apitap.key.new"), "half").unwrap();

        let kid = update(&link, |keys| keys.add(None, "2026-02-01", None).map(str::to_owned));
        assert_eq!(kid.unwrap(), "k2");
        assert_eq!(load(&path).unwrap().kid(), "k2");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o400);
        assert!(link.is_symlink());

        let before = std::fs::read(&path).unwrap();
        let error = update(&path, |keys| keys.retire("k9", false)).unwrap_err().to_string();
        assert!(error.contains("`apitap key list` names them"), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), before);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left behind");
    }

    #[test]
    fn changes_at_a_time_do_not_lose_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("apitap.key");
        create(&path, &Keys::generate("k1", "2026-01-01").unwrap()).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    update(&path, |keys| keys.add(None, "2026-02-01", None).map(str::len)).unwrap()
                });
            }
        });
        assert_eq!(load(&path).unwrap().kid(), "k9");
    }
}
