//! The spool: records on their way, encrypted on disk until the other side has acknowledged them.
//!
//! ```text
//! sink thread ─Writer─▶ segment files ─Reader─▶ forwarding thread ─▶ Kafka
//!                         ▲ keeper: fsync, cursor, removal  ◀─ack─┘
//! ```
//!
//! Invariants:
//! - What is appended is in the page cache when [`Writer::append`] returns (it survives the end of the process), and on
//!   the disk within `sync_milliseconds` (it survives the end of the machine).
//! - Payloads are read in the order they were appended, each once until a restart; a restart goes on behind the cursor,
//!   so that at most what was acknowledged since its last write comes twice.
//! - The cursor is on the disk before a segment is removed.
//! - Disk and memory are bounded. What is dropped is counted: appended = acknowledged + dropped + corrupt + waiting.
//! - The writer never waits for more than a write: not for the reader, and not for fsync.
//! - Nothing in the directory can be read without the key, and no key is there.
//!
//! It knows nothing of Kafka: payloads are octets.

mod cipher;
mod cursor;
mod folder;
mod keeper;
mod reader;
mod segment;
mod state;
#[cfg(test)]
mod tests;
mod writer;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::bounded::within;

pub use cipher::Keys;
pub use reader::{Entry, Reader};
pub use writer::Writer;

use keeper::Keeper;
use state::Shared;

/// Where records wait, and how many.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Directory of the spool, made if it is not there (mode 0700). One sensor, one directory.
    /// Default: `/var/lib/apitap/spool`.
    pub directory: PathBuf,
    /// Most the spool takes on the disk, in bytes, from 131072; then the oldest records go. Default: 1073741824 (1 GiB).
    #[serde(deserialize_with = "within::<0x2_0000, { u64::MAX }, _, _>")]
    pub bytes_max: u64,
    /// Size of one of its files, in bytes, from 4096; at most a half of `bytes_max` is used. Default: 67108864 (64 MiB).
    #[serde(deserialize_with = "within::<4096, { u64::MAX }, _, _>")]
    pub segment_bytes_max: u64,
    /// How long a record may be in the page cache alone, in milliseconds, 10 to 3,600,000: what a power failure can lose.
    /// Default: 500.
    #[serde(deserialize_with = "within::<10, 3_600_000, _, _>")]
    pub sync_milliseconds: u32,
    /// Bytes after which the disk is written without waiting that long. Default: 4194304 (4 MiB).
    pub sync_bytes: u64,
    /// Bytes to leave free on the disk; below, the spool is not written. Default: 268435456 (256 MiB).
    pub disk_free_bytes_min: u64,
    /// Memory for records while the disk cannot be written, in bytes; then the oldest go. Default: 33554432 (32 MiB).
    pub memory_bytes_max: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            directory: "/var/lib/apitap/spool".into(),
            bytes_max: 1 << 30,
            segment_bytes_max: 64 << 20,
            sync_milliseconds: 500,
            sync_bytes: 4 << 20,
            disk_free_bytes_min: 256 << 20,
            memory_bytes_max: 32 << 20,
        }
    }
}

impl Config {
    const BYTES_MIN: u64 = 128 * 1024;
    const SEGMENT_BYTES_MIN: u64 = 4096;

    /// The size of a segment in force.
    fn segment_bytes(&self) -> u64 {
        let half = self.bytes_max.checked_div(2).unwrap_or_default();
        self.segment_bytes_max.min(half)
    }

    /// Whether every value is in range.
    ///
    /// # Errors
    ///
    /// [`SpoolError::Setting`].
    pub fn check(&self) -> Result<(), SpoolError> {
        let refuse = |key, min| Err(SpoolError::Setting { key, min });
        match () {
            () if self.bytes_max < Self::BYTES_MIN => refuse("bytes_max", Self::BYTES_MIN),
            () if self.segment_bytes_max < Self::SEGMENT_BYTES_MIN => {
                refuse("segment_bytes_max", Self::SEGMENT_BYTES_MIN)
            }
            () if self.sync_milliseconds < 10 => refuse("sync_milliseconds", 10),
            () => Ok(()),
        }
    }
}

/// Why a spool cannot be opened. Each is one line that says what, where and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpoolError {
    /// A setting is out of range.
    #[error("spool setting {key} is too small; use at least {min}")]
    Setting {
        /// Its key.
        key: &'static str,
        /// The least it may be.
        min: u64,
    },
    /// A file or the directory cannot be used.
    #[error(
        "cannot use the spool at {}: {source}; check that this user may write there and that the disk is not full",
        path.display()
    )]
    Io {
        /// What was touched.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Somebody else uses the directory.
    #[error(
        "the spool directory {} is used by {holder}; give each its own `directory`",
        path.display()
    )]
    InUse {
        /// The directory.
        path: PathBuf,
        /// Who that is.
        holder: String,
    },
    /// The key of a segment is not at hand.
    #[error(
        "spool file {} was sealed with key {kid:?}, which the key file does not hold; put that key back \
         (older keys stand first) until the spool is drained, or move the file away",
        path.display()
    )]
    UnknownKey {
        /// The segment.
        path: PathBuf,
        /// The key's name.
        kid: String,
    },
    /// There is no key at all.
    #[error(
        "the spool needs the sensor's key; make one with `apitap key new` and set sensor.key_file"
    )]
    NoKey,
}

/// What is in a spool, and what became of what was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// Records that wait: not read, or read and not yet acknowledged.
    pub records: u64,
    /// Bytes on the disk, acknowledged ones in files not yet removed among them.
    pub bytes: u64,
    /// Most it may take on the disk, in bytes.
    pub bytes_max: u64,
    /// Files.
    pub segments: u64,
    /// Age of the oldest record that waits, in seconds; 0 without any. After a start, of its file until it is read.
    pub oldest_seconds: u64,
    /// Records taken since the start.
    pub written: u64,
    /// Records acknowledged since the start.
    pub acknowledged: u64,
    /// Records dropped since the start: the oldest, because the spool, or memory while the disk failed, was full.
    pub dropped: u64,
    /// Records that could not be read back.
    pub corrupt: u64,
    /// Records found at the start.
    pub resumed: u64,
    /// Whether the disk takes records; else they are held in memory.
    pub writable: bool,
    /// Whether memory has room for more of them: at most nine tenths of `memory_bytes_max` are taken.
    pub memory_has_room: bool,
    /// The last trouble with the disk.
    pub last_error: Option<String>,
}

/// Opens the spool at `config.directory`, making it if need be.
///
/// Torn ends are cut, what is acknowledged is removed, the rest will be read first. The [`Writer`] and the [`Reader`]
/// are for one thread each; a third is started that writes the disk.
///
/// # Errors
///
/// [`SpoolError`]: what is wrong, and what to do.
pub fn open(config: &Config, keys: &Keys) -> Result<(Writer, Reader), SpoolError> {
    config.check()?;
    if keys.is_empty() {
        return Err(SpoolError::NoKey);
    }
    let folder = folder::open(config, keys)?;
    let shared = Arc::new(Shared::new(config, &folder));
    let keeper = Keeper::start(config, Arc::clone(&shared), folder.cursor, folder.lock)
        .map_err(|source| SpoolError::Io { path: config.directory.clone(), source })?;
    let writer = Writer::new(config, keys.clone(), Arc::clone(&shared), keeper, folder.next);
    Ok((writer, Reader::new(keys.clone(), shared)))
}

/// For fuzzing: walks over any octets as over a segment's frames, and reads them as a header.
#[doc(hidden)]
pub fn fuzz(octets: &[u8]) {
    let mut walk = segment::Walk::default();
    let (used, _) = walk.over(octets, 0);
    assert!(used <= octets.len());
    if let Some(header) = octets.first_chunk() {
        let _read = segment::Header::parse(header).is_some();
    }
}
