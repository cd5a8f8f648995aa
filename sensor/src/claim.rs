//! Directories that one process at a time may write.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Why a directory is not ours.
#[derive(Debug)]
pub(crate) enum Refused {
    /// Somebody else has it: who.
    InUse(String),
    /// The file that is locked could not be made or locked.
    Io(io::Error),
}

/// Takes a directory for as long as the file returned is open: no other process can, nor this one again.
///
/// Its file `lock` says which process has it.
///
/// # Errors
///
/// [`Refused`].
pub(crate) fn claim(directory: &Path) -> Result<File, Refused> {
    let mut options = OpenOptions::new();
    let lock = options.read(true).write(true).create(true).truncate(false).mode(0o600);
    let mut lock = lock.open(directory.join("lock")).map_err(Refused::Io)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(Refused::InUse(holder(&lock))),
        Err(TryLockError::Error(error)) => return Err(Refused::Io(error)),
    }
    // Only for whoever comes next: a disk without room for it is no reason to stop.
    let _told = lock.set_len(0).and_then(|()| writeln!(lock, "{}", std::process::id()));
    Ok(lock)
}

/// Who wrote that it has the lock.
fn holder(lock: &File) -> String {
    let mut text = String::new();
    let read = lock.take(20).read_to_string(&mut text);
    match text.trim().parse::<u32>() {
        Ok(id) if read.is_ok() && id == std::process::id() => {
            "something else of this configuration".to_owned()
        }
        Ok(id) if read.is_ok() => format!("another apitap, process {id}"),
        _ => "another apitap".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_of_one() {
        let directory = tempfile::tempdir().unwrap();
        let refused = || match claim(directory.path()) {
            Err(Refused::InUse(holder)) => holder,
            other => panic!("{other:?}"),
        };
        let first = claim(directory.path()).unwrap();
        assert_eq!(refused(), "something else of this configuration");
        std::fs::write(directory.path().join("lock"), "123456789\n").unwrap();
        assert_eq!(refused(), "another apitap, process 123456789");
        std::fs::write(directory.path().join("lock"), "x").unwrap();
        assert_eq!(refused(), "another apitap");
        drop(first);
        drop(claim(directory.path()).unwrap());
        let told = std::fs::read_to_string(directory.path().join("lock")).unwrap();
        assert_eq!(told, format!("{}\n", std::process::id()));
        assert!(matches!(claim(&directory.path().join("none")), Err(Refused::Io(_))));
    }
}
