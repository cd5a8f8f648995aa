//! Where the bytes of a stream go: standard output or a file.

use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::SinkError;
use super::tail::Records;

/// An open output and its name. Unbuffered: see [`Stream`](super::Stream).
pub struct Output {
    writer: Box<dyn Write + Send>,
    target: String,
    followed: Option<Followed>,
}

/// A file that is rotated while it is written: moved or removed, and then made anew.
struct Followed {
    path: PathBuf,
    /// Device and inode.
    id: [u64; 2],
    file: File,
}

impl Output {
    /// Standard output.
    ///
    /// # Errors
    ///
    /// [`SinkError::Write`] when it is closed.
    pub fn stdout() -> Result<Self, SinkError> {
        const TARGET: &str = "standard output";
        // A descriptor of our own: the shared one is line buffered.
        match io::stdout().as_fd().try_clone_to_owned() {
            Ok(descriptor) => Ok(Self::new(TARGET, File::from(descriptor))),
            Err(source) => Err(SinkError::Write { target: TARGET.into(), source }),
        }
    }

    /// A new file at `path`; what was there is replaced.
    ///
    /// # Errors
    ///
    /// [`SinkError::Create`].
    pub fn create(path: &Path) -> Result<Self, SinkError> {
        match File::create(path) {
            Ok(file) => Ok(Self::new(&path.display().to_string(), file)),
            Err(source) => Err(SinkError::Create { path: path.to_owned(), source }),
        }
    }

    /// A file of `records`, for a long run: it goes on behind those that are there. When the file is moved away or
    /// removed, what comes next goes to a new one of its name; when it is emptied, to its beginning.
    ///
    /// # Errors
    ///
    /// [`SinkError::Create`].
    pub(super) fn follow(path: &Path, records: Records) -> Result<Self, SinkError> {
        // A pipe or a device.
        if path.exists() && !path.is_file() {
            return Self::create(path);
        }
        let opened = append(path).and_then(|followed| mend(&followed, records).map(|()| followed));
        let followed =
            opened.map_err(|source| SinkError::Create { path: path.to_owned(), source })?;
        let writer = followed.file.try_clone();
        let writer =
            writer.map_err(|source| SinkError::Create { path: path.to_owned(), source })?;
        let created = Self::new(&path.display().to_string(), writer);
        Ok(Self { followed: Some(followed), ..created })
    }

    /// Any writer; `target` is its name in errors.
    #[must_use]
    pub fn new(target: &str, writer: impl Write + Send + 'static) -> Self {
        Self { writer: Box::new(writer), target: target.to_owned(), followed: None }
    }

    /// Writes all of `bytes` and flushes; into a file that is followed, all or none of them.
    ///
    /// # Errors
    ///
    /// [`SinkError::BrokenPipe`] when the reader is gone, else [`SinkError::Write`].
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), SinkError> {
        let written = self.rotate().and_then(|()| self.put(bytes));
        written.and_then(|()| self.writer.flush()).map_err(|source| match source.kind() {
            ErrorKind::BrokenPipe => SinkError::BrokenPipe,
            _ => SinkError::Write { target: self.target.clone(), source },
        })
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Some(followed) = &self.followed else { return self.writer.write_all(bytes) };
        let before = followed.file.metadata()?.len();
        self.writer.write_all(bytes).inspect_err(|_| {
            // What comes next would be read as the rest of the record that did not fit.
            let size = followed.file.metadata().map_or(before, |found| found.len());
            if size > before
                && let Err(error) = followed.file.set_len(before)
            {
                let file = followed.path.display();
                tracing::error!(%file, "half a record stays in the output file at byte {before}: {error}");
            }
        })
    }

    /// Goes on in the file of that name, if ours is no longer it.
    fn rotate(&mut self) -> io::Result<()> {
        let Some(followed) = &mut self.followed else { return Ok(()) };
        match fs::metadata(&followed.path) {
            Ok(there) if id(&there) == followed.id => return Ok(()),
            // Not ours to see any more: what is open stays so.
            Err(error) if error.kind() != ErrorKind::NotFound => return Ok(()),
            Ok(_) | Err(_) => {}
        }
        let opened = append(&followed.path)?;
        let writer = opened.file.try_clone()?;
        tracing::info!(file = %followed.path.display(), "the output file was moved away: a new one is begun");
        *followed = opened;
        self.writer = Box::new(writer);
        Ok(())
    }
}

/// Opens a file to write at its end, wherever that is by then.
fn append(path: &Path) -> io::Result<Followed> {
    let file = OpenOptions::new().read(true).create(true).append(true).open(path)?;
    // What does not fit is cut off again: never what another wrote.
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::Error(error)) => return Err(error),
        Err(TryLockError::WouldBlock) => {
            let said = "another apitap writes it; give each its own file";
            return Err(io::Error::other(said));
        }
    }
    let id = id(&file.metadata()?);
    Ok(Followed { path: path.to_owned(), id, file })
}

/// Cuts off half a record that a crash left at the end.
fn mend(followed: &Followed, records: Records) -> io::Result<()> {
    let len = followed.file.metadata()?.len();
    let end = records.end(&followed.file)?;
    if end < len {
        let (file, bytes) = (followed.path.display(), len.saturating_sub(end));
        tracing::warn!(%file, bytes, "half a record at the end of the output file is cut off");
        followed.file.set_len(end)?;
    }
    Ok(())
}

fn id(metadata: &Metadata) -> [u64; 2] {
    [metadata.dev(), metadata.ino()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_directory_is_named() {
        let error = Output::create(Path::new("/nowhere/at/all.jsonl")).err().unwrap();
        let text = error.to_string();
        assert!(text.starts_with("cannot create /nowhere/at/all.jsonl: No such file"), "{text}");
    }

    #[test]
    fn a_rotated_file_is_begun_anew() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("calls.jsonl");
        let read = |name: &str| fs::read_to_string(directory.path().join(name)).unwrap();
        fs::write(&path, "zero\nhalf").unwrap();
        let mut output = Output::follow(&path, Records::Lines).unwrap();
        output.write(b"one\n").unwrap();
        output.write(b"two\n").unwrap();
        fs::rename(&path, directory.path().join("calls.1")).unwrap();
        output.write(b"three\n").unwrap();
        assert_eq!(
            (read("calls.1"), read("calls.jsonl")),
            ("zero\none\ntwo\n".into(), "three\n".into())
        );
        // As `copytruncate` does: no hole at the beginning.
        fs::write(&path, "").unwrap();
        output.write(b"four\n").unwrap();
        assert_eq!(read("calls.jsonl"), "four\n");
        fs::remove_file(&path).unwrap();
        output.write(b"five\n").unwrap();
        assert_eq!(read("calls.jsonl"), "five\n");
        // What another made in between is not written over.
        fs::remove_file(&path).unwrap();
        fs::write(&path, "other\n").unwrap();
        output.write(b"six\n").unwrap();
        assert_eq!(read("calls.jsonl"), "other\nsix\n");
        fs::remove_dir_all(directory.path()).unwrap();
        let error = output.write(b"seven\n").unwrap_err().to_string();
        assert!(error.starts_with("cannot write to ") && error.contains("No such file"), "{error}");
    }

    #[test]
    fn a_file_is_of_one() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("calls.jsonl");
        let first = Output::follow(&path, Records::Lines).unwrap();
        let error = Output::follow(&path, Records::Lines).err().unwrap().to_string();
        assert!(error.contains("another apitap writes it"), "{error}");
        drop(first);
        assert!(Output::follow(&path, Records::Lines).is_ok());
    }

    #[test]
    fn a_full_disk_is_named() {
        let mut output = Output::create(Path::new("/dev/full")).unwrap();
        let text = output.write(b"record").unwrap_err().to_string();
        assert!(text.starts_with("cannot write to /dev/full: No space left on device"), "{text}");
    }

    #[test]
    fn a_gone_reader_is_told_apart() {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let mut output = Output::new("pipe", writer);
        assert!(matches!(output.write(b"record"), Err(SinkError::BrokenPipe)));
    }
}
