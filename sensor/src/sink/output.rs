//! Where the bytes of a stream go: standard output or a file.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::SinkError;

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

    /// As [`create`](Self::create), for a long run: when the file is moved away or removed, what comes next goes to a new
    /// one of its name; when it is emptied, to its beginning.
    ///
    /// # Errors
    ///
    /// [`SinkError::Create`].
    pub fn follow(path: &Path) -> Result<Self, SinkError> {
        let created = Self::create(path)?;
        // Not a pipe or a device.
        if !path.is_file() {
            return Ok(created);
        }
        let opened = append(path);
        let (file, id) =
            opened.map_err(|source| SinkError::Create { path: path.to_owned(), source })?;
        let followed = Some(Followed { path: path.to_owned(), id });
        Ok(Self { writer: Box::new(file), followed, ..created })
    }

    /// Any writer; `target` is its name in errors.
    #[must_use]
    pub fn new(target: &str, writer: impl Write + Send + 'static) -> Self {
        Self { writer: Box::new(writer), target: target.to_owned(), followed: None }
    }

    /// Writes all of `bytes` and flushes.
    ///
    /// # Errors
    ///
    /// [`SinkError::BrokenPipe`] when the reader is gone, else [`SinkError::Write`].
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), SinkError> {
        let written = self.rotate().and_then(|()| self.writer.write_all(bytes));
        written.and_then(|()| self.writer.flush()).map_err(|source| match source.kind() {
            ErrorKind::BrokenPipe => SinkError::BrokenPipe,
            _ => SinkError::Write { target: self.target.clone(), source },
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
        let (file, id) = append(&followed.path)?;
        tracing::info!(file = %followed.path.display(), "the output file was moved away: a new one is begun");
        followed.id = id;
        self.writer = Box::new(file);
        Ok(())
    }
}

/// Opens a file to write at its end, wherever that is by then.
fn append(path: &Path) -> io::Result<(File, [u64; 2])> {
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    let id = id(&file.metadata()?);
    Ok((file, id))
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
        fs::write(&path, "before").unwrap();
        let mut output = Output::follow(&path).unwrap();
        output.write(b"one\n").unwrap();
        output.write(b"two\n").unwrap();
        fs::rename(&path, directory.path().join("calls.1")).unwrap();
        output.write(b"three\n").unwrap();
        assert_eq!((read("calls.1"), read("calls.jsonl")), ("one\ntwo\n".into(), "three\n".into()));
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
