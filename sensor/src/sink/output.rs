//! Where the bytes of a stream go: standard output or a file.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::os::fd::AsFd;
use std::path::Path;

use super::SinkError;

/// An open output and its name. Unbuffered: see [`Stream`](super::Stream).
pub struct Output {
    writer: Box<dyn Write + Send>,
    target: String,
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

    /// Any writer; `target` is its name in errors.
    #[must_use]
    pub fn new(target: &str, writer: impl Write + Send + 'static) -> Self {
        Self { writer: Box::new(writer), target: target.to_owned() }
    }

    /// Writes all of `bytes` and flushes.
    ///
    /// # Errors
    ///
    /// [`SinkError::BrokenPipe`] when the reader is gone, else [`SinkError::Write`].
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), SinkError> {
        self.writer.write_all(bytes).and_then(|()| self.writer.flush()).map_err(|source| {
            match source.kind() {
                ErrorKind::BrokenPipe => SinkError::BrokenPipe,
                _ => SinkError::Write { target: self.target.clone(), source },
            }
        })
    }
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
