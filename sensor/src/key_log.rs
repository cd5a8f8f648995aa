//! TLS key logs (`SSLKEYLOGFILE`): files that other programs write, read whole or followed as they grow.
//!
//! What is read goes into a [`KeyRing`], and nowhere else: no line of it is ever logged.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::tls::{KEY_LOG_LINE_MAX, KeyRing};

/// Octets read at once.
const CHUNK: usize = 64 << 10;
/// Octets read of one file in one look: others get their turn.
const LOOK_MAX: u64 = 16 << 20;

/// Octets before those to be read that are compared with what was read, more than a line: a file may have been written anew.
const TAIL: usize = 256;

/// Why a key log cannot be read. Never says what is in it.
#[derive(Debug, thiserror::Error)]
pub enum KeyLogError {
    /// It cannot be opened or read.
    #[error("cannot read TLS key log {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It is a directory, a pipe or a device.
    #[error("TLS key log {path} is no regular file: name the file that SSLKEYLOGFILE names")]
    NoFile {
        /// The file.
        path: PathBuf,
    },
    /// It has no line of a key log.
    #[error(
        "{path} is no TLS key log: none of its lines has the form that SSLKEYLOGFILE gives them"
    )]
    NoKeyLog {
        /// The file.
        path: PathBuf,
    },
}

/// A key log that is followed. It may not be there yet, and may be replaced or begun anew.
pub struct KeyLog {
    path: PathBuf,
    open: Option<Open>,
    /// Whether the last look failed.
    failing: bool,
}

/// The file as it was found last.
struct Open {
    file: File,
    /// Device and inode.
    identity: (u64, u64),
    /// Octets read.
    at: u64,
    /// The last octets read.
    tail: Zeroizing<Vec<u8>>,
    /// The beginning of a line whose end was not written yet.
    rest: Zeroizing<Vec<u8>>,
    /// Whether a line is passed over that is too long to be one.
    passing: bool,
}

/// Reads a key log to its end.
///
/// # Errors
///
/// When it cannot be read, or is no key log.
pub fn read(path: &Path, ring: &KeyRing) -> Result<(), KeyLogError> {
    let before = ring.counts();
    let mut log = KeyLog::new(path.to_owned());
    while log.look(ring)? > 0 {}
    log.conclude(ring);
    let after = ring.counts();
    if after.secrets == before.secrets && after.lines_bad > before.lines_bad {
        return Err(KeyLogError::NoKeyLog { path: path.to_owned() });
    }
    Ok(())
}

impl KeyLog {
    /// One that nothing was read of.
    #[must_use]
    pub const fn new(path: PathBuf) -> Self {
        Self { path, open: None, failing: false }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it could not be read when it was looked for last.
    #[must_use]
    pub const fn is_failing(&self) -> bool {
        self.failing
    }

    /// Reads what was written since the last time; gives the number of octets.
    ///
    /// # Errors
    ///
    /// When it cannot be read. Calling again tries again.
    pub fn look(&mut self, ring: &KeyRing) -> Result<u64, KeyLogError> {
        let Self { path, open, .. } = self;
        let cannot = |source| KeyLogError::Read { path: path.clone(), source };
        let found = std::fs::metadata(&*path);
        let mut read = 0;
        if let Some(old) = open {
            let here = found.as_ref().is_ok_and(|found| old.identity == identity(found));
            // What is written to the end of one that was replaced, or taken away, still counts.
            read = old.read(ring).map_err(cannot)?;
            if here || read >= LOOK_MAX {
                return Ok(read);
            }
            if found.is_ok() {
                old.conclude(ring);
            }
        }
        let found = found.map_err(cannot)?;
        if !found.is_file() {
            return Err(KeyLogError::NoFile { path: path.clone() });
        }
        // Should it become a pipe meanwhile, opening it must not wait.
        let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
        let file =
            OpenOptions::new().read(true).custom_flags(flags).open(&*path).map_err(cannot)?;
        let opened = file.metadata().map_err(cannot)?;
        if !opened.is_file() {
            return Err(KeyLogError::NoFile { path: path.clone() });
        }
        let mut new = Open {
            file,
            identity: identity(&opened),
            at: 0,
            tail: Zeroizing::default(),
            rest: Zeroizing::default(),
            passing: false,
        };
        read = read.saturating_add(new.read(ring).map_err(cannot)?);
        *open = Some(new);
        Ok(read)
    }

    /// The same, for who follows it: whether that failed is told once, until it works again.
    pub fn follow(&mut self, ring: &KeyRing) {
        match self.look(ring) {
            Ok(_) if self.failing => {
                self.failing = false;
                tracing::info!("TLS key log {} is read again", self.path.display());
            }
            Ok(_) => {}
            Err(error) if !self.failing => {
                self.failing = true;
                tracing::warn!("{error}; it is tried again and again");
            }
            Err(_) => {}
        }
    }

    /// Nothing more will be written: takes up a last line without an end.
    fn conclude(&mut self, ring: &KeyRing) {
        if let Some(open) = &mut self.open {
            open.conclude(ring);
        }
    }
}

impl Open {
    fn read(&mut self, ring: &KeyRing) -> io::Result<u64> {
        if self.file.metadata()?.len() < self.at || !self.is_same() {
            // Begun anew.
            (self.at, self.passing) = (0, false);
            self.rest.clear();
            self.tail.clear();
        }
        self.file.seek(SeekFrom::Start(self.at))?;
        let mut chunk = Zeroizing::new(vec![0; CHUNK]);
        let mut sum = 0;
        while sum < LOOK_MAX {
            let len = self.file.read(&mut chunk)?;
            if len == 0 {
                break;
            }
            sum = sum.saturating_add(u64::try_from(len).unwrap_or(u64::MAX));
            let octets = chunk.get(..len).unwrap_or_default();
            self.remember(octets);
            self.take(octets, ring);
        }
        self.at = self.at.saturating_add(sum);
        Ok(sum)
    }

    /// Keeps the last octets of those read.
    fn remember(&mut self, octets: &[u8]) {
        let from = octets.len().saturating_sub(TAIL);
        let last = octets.get(from..).unwrap_or_default();
        let old = self.tail.len().saturating_add(last.len()).saturating_sub(TAIL);
        let old = old.min(self.tail.len());
        self.tail.drain(..old);
        // At once, so that no copy is left behind.
        let room = TAIL.saturating_sub(self.tail.len());
        self.tail.reserve_exact(room);
        self.tail.extend_from_slice(last);
    }

    /// Whether what was read last is still there; one that was written anew may be longer than it was.
    fn is_same(&self) -> bool {
        let mut there = Zeroizing::new([0; TAIL]);
        let Some(there) = there.get_mut(..self.tail.len()) else { return false };
        let len = u64::try_from(self.tail.len()).unwrap_or(u64::MAX);
        let from = self.at.saturating_sub(len);
        self.file.read_exact_at(there, from).is_ok() && *there == **self.tail
    }

    /// Takes octets: whole lines go on at once.
    fn take(&mut self, octets: &[u8], ring: &KeyRing) {
        let Some(end) = memchr::memrchr(b'\n', octets) else {
            return self.hold(octets);
        };
        let (lines, rest) = octets.split_at_checked(end).unwrap_or((octets, &[]));
        let (first, others) = match memchr::memchr(b'\n', lines) {
            Some(at) => lines.split_at_checked(at).unwrap_or((lines, &[])),
            None => (lines, &[][..]),
        };
        self.hold(first);
        self.conclude(ring);
        if !others.is_empty() {
            ring.learn(others);
        }
        self.hold(rest.get(1..).unwrap_or_default());
    }

    fn hold(&mut self, octets: &[u8]) {
        self.passing |= self.rest.len().saturating_add(octets.len()) > KEY_LOG_LINE_MAX;
        if self.passing {
            self.rest.clear();
        } else {
            // At once, so that no copy is left behind.
            let room = KEY_LOG_LINE_MAX.saturating_sub(self.rest.len());
            self.rest.reserve_exact(room);
            self.rest.extend_from_slice(octets);
        }
    }

    fn conclude(&mut self, ring: &KeyRing) {
        if !self.passing && !self.rest.is_empty() {
            ring.learn(&self.rest);
        }
        self.rest.clear();
        self.passing = false;
    }
}

fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

/// Whether others than its owner and group can read a key log: whoever can, can read the traffic.
#[must_use]
pub fn is_open_to_all(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| metadata.mode() & 0o004 != 0)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn line(n: u8) -> String {
        format!("CLIENT_RANDOM {} {}\n", format!("{n:02x}").repeat(32), "7f".repeat(48))
    }

    #[test]
    fn a_key_log_is_followed_as_it_grows_is_cut_and_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.log");
        let ring = KeyRing::new(100, true);
        let mut log = KeyLog::new(path.clone());
        assert!(log.look(&ring).is_err(), "it is not there yet");

        let mut file = File::create(&path).unwrap();
        let second = line(2).into_bytes();
        file.write_all(format!("# by a program\n{}", line(1)).as_bytes()).unwrap();
        file.write_all(&second[..30]).unwrap();
        log.look(&ring).unwrap();
        assert_eq!(ring.sessions(), 1, "half a line is none");
        file.write_all(&second[30..]).unwrap();
        log.look(&ring).unwrap();
        assert_eq!((ring.sessions(), ring.counts().lines_bad), (2, 0));
        assert_eq!(log.look(&ring).unwrap(), 0);

        // Begun anew in place.
        file.set_len(0).unwrap();
        std::fs::write(&path, line(3)).unwrap();
        log.look(&ring).unwrap();
        assert_eq!(ring.sessions(), 3);

        // Rotated, with a last line in the old one.
        let mut old = OpenOptions::new().append(true).open(&path).unwrap();
        std::fs::rename(&path, folder.path().join("keys.log.1")).unwrap();
        old.write_all(line(4).trim_end().as_bytes()).unwrap();
        std::fs::write(&path, line(5)).unwrap();
        log.look(&ring).unwrap();
        assert_eq!((ring.sessions(), ring.counts().lines_bad), (5, 0));
    }

    /// Another program copies over the file, or takes it away while a third has it open: nothing is missed.
    #[test]
    fn a_key_log_is_read_when_it_is_written_anew_and_when_it_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.log");
        let ring = KeyRing::new(100, true);
        let mut log = KeyLog::new(path.clone());
        for (text, sessions) in [
            (line(1), 1),
            (line(1) + &line(2), 2),
            (line(3) + &line(4) + &line(5), 5),
            (line(6) + &line(7) + &line(8), 8),
        ] {
            std::fs::write(&path, text).unwrap();
            log.look(&ring).unwrap();
            assert_eq!((ring.sessions(), ring.counts().lines_bad), (sessions, 0));
        }
        assert_eq!(log.look(&ring).unwrap(), 0);
        assert_eq!(ring.counts().secrets, 8, "what is still there is not read again");

        let mut old = OpenOptions::new().append(true).open(&path).unwrap();
        std::fs::rename(&path, folder.path().join("keys.log.1")).unwrap();
        let tenth = line(10).into_bytes();
        old.write_all(&[line(9).as_bytes(), &tenth[..40]].concat()).unwrap();
        assert!(log.look(&ring).is_err(), "that it is gone is said");
        assert_eq!(ring.sessions(), 9);
        old.write_all(&tenth[40..]).unwrap();
        std::fs::write(&path, line(11)).unwrap();
        log.look(&ring).unwrap();
        assert_eq!((ring.sessions(), ring.counts().lines_bad), (11, 0));
    }

    #[test]
    fn what_is_no_key_log_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.log");
        let ring = KeyRing::new(100, false);
        let told = |path: &Path| read(path, &ring).unwrap_err().to_string();
        assert!(told(&path).contains("cannot read TLS key log"));
        assert!(told(folder.path()).contains("no regular file"));
        std::fs::write(&path, [&[b'x'; 200_000][..], b"\nCLIENT_RANDOM 1 2\n"].concat()).unwrap();
        assert!(told(&path).contains("is no TLS key log"));
        std::fs::write(&path, [&[b'x'; 200_000][..], b"\n", line(1).as_bytes()].concat()).unwrap();
        read(&path, &ring).unwrap();
        assert_eq!(ring.sessions(), 1);
        std::fs::write(&path, b"").unwrap();
        read(&path, &ring).unwrap();
    }
}
