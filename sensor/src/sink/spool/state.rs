//! What writer, reader and keeper share: which segments there are, and what waits.

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::folder::Folder;
use super::{Config, Status};
use crate::sink::clock::unix_seconds;

/// State behind a lock, and a bell that rings when it changed.
pub(super) struct Shared {
    state: Mutex<State>,
    /// Rings for the reader: there may be something to read.
    pub(super) readable: Condvar,
    /// Rings for the keeper: it is time to write the disk, or to end.
    pub(super) keeper: Condvar,
}

/// A segment file.
pub(super) struct Segment {
    pub(super) number: u64,
    pub(super) path: PathBuf,
    /// Octets that may be read: the header and whole frames.
    pub(super) bytes: u64,
    /// Frames not yet handed to the reader, less what the cursor covers.
    pub(super) unread: u64,
    /// Highest sequence in it.
    pub(super) last_seq: u64,
    /// When the oldest record not yet handed to the reader was appended, at the earliest, in seconds since 1970.
    pub(super) since: u64,
    /// Whether it will grow no more.
    pub(super) sealed: bool,
    /// Whether its file was seen to be gone, though nobody here removed it.
    pub(super) gone: bool,
    /// The file, as long as it has octets that are not on the disk.
    pub(super) unsynced: Option<Arc<File>>,
}

/// A record in memory, because the disk failed.
pub(super) struct Held {
    pub(super) seq: u64,
    pub(super) time: u64,
    pub(super) payload: Vec<u8>,
}

/// A record that the reader was given.
pub(super) struct Handed {
    /// When it was appended, in seconds since 1970.
    pub(super) time: u64,
    /// Whether it came from a segment; else it was in memory alone.
    pub(super) on_disk: bool,
}

/// See [`Shared`].
pub(super) struct State {
    /// Oldest first; only the last may be unsealed.
    pub(super) segments: VecDeque<Segment>,
    /// Newer than all that is in the segments.
    pub(super) memory: VecDeque<Held>,
    pub(super) memory_bytes: u64,
    /// Highest sequence handed to the reader, or skipped.
    pub(super) read_to: u64,
    /// Handed to the reader and not acknowledged, by sequence.
    pub(super) outstanding: BTreeMap<u64, Handed>,
    /// Highest sequence in a segment that was dropped for want of room.
    pub(super) dropped_to: u64,
    /// Octets written since the last fsync.
    pub(super) unsynced_bytes: u64,
    /// Frames written to segments, ever.
    pub(super) frames: u64,
    /// The writer is gone.
    pub(super) closed: bool,
    /// The directory changed since it was last written to disk.
    pub(super) directory_changed: bool,
    /// Less is free on the disk than must be.
    pub(super) low: bool,
    /// Why the last fsync failed: the writer must leave its segment.
    pub(super) suspect: Option<String>,
    pub(super) written: u64,
    pub(super) acknowledged: u64,
    pub(super) dropped: u64,
    pub(super) corrupt: u64,
    pub(super) resumed: u64,
    pub(super) writable: bool,
    pub(super) last_error: Option<String>,
    bytes_max: u64,
    memory_bytes_max: u64,
}

impl Shared {
    pub(super) fn new(config: &Config, folder: &Folder) -> Self {
        let state = State {
            segments: folder.segments(),
            memory: VecDeque::new(),
            memory_bytes: 0,
            read_to: folder.cursor.seq(),
            outstanding: BTreeMap::new(),
            dropped_to: 0,
            unsynced_bytes: 0,
            frames: folder.next.frames,
            closed: false,
            directory_changed: true,
            low: false,
            suspect: None,
            written: 0,
            acknowledged: 0,
            dropped: 0,
            corrupt: folder.corrupt,
            resumed: folder.resumed(),
            writable: true,
            last_error: None,
            bytes_max: config.bytes_max,
            memory_bytes_max: config.memory_bytes_max,
        };
        Self { state: Mutex::new(state), readable: Condvar::new(), keeper: Condvar::new() }
    }

    /// A panic elsewhere leaves the state whole.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The sequence up to which everything is acknowledged, dropped or skipped.
    pub(super) fn frontier(&self) -> u64 {
        let first = self.outstanding.keys().next();
        first.map_or(self.read_to, |first| first.saturating_sub(1))
    }

    /// Octets on the disk.
    pub(super) fn bytes(&self) -> u64 {
        self.segments.iter().fold(0, |sum, segment| sum.saturating_add(segment.bytes))
    }

    /// Records that wait.
    pub(super) fn waiting(&self) -> u64 {
        let unread = self.segments.iter().fold(0_u64, |sum, s| sum.saturating_add(s.unread));
        let count = |len: usize| u64::try_from(len).unwrap_or(u64::MAX);
        unread
            .saturating_add(count(self.memory.len()))
            .saturating_add(count(self.outstanding.len()))
    }

    /// The unsealed segment.
    pub(super) fn open_segment(&mut self) -> Option<&mut Segment> {
        self.segments.back_mut().filter(|segment| !segment.sealed)
    }

    /// The segment with this number.
    pub(super) fn segment(&mut self, number: u64) -> Option<&mut Segment> {
        self.segments.iter_mut().find(|segment| segment.number == number)
    }

    /// Puts a record into memory, dropping the oldest there for it; how many were dropped.
    pub(super) fn hold(&mut self, held: Held) -> u64 {
        self.memory_bytes = self.memory_bytes.saturating_add(held.size());
        self.memory.push_back(held);
        let mut dropped = 0_u64;
        while self.memory_bytes > self.memory_bytes_max && self.unhold().is_some() {
            dropped = dropped.saturating_add(1);
        }
        self.dropped = self.dropped.saturating_add(dropped);
        dropped
    }

    /// Takes the oldest record from memory.
    pub(super) fn unhold(&mut self) -> Option<Held> {
        let held = self.memory.pop_front()?;
        self.memory_bytes = self.memory_bytes.saturating_sub(held.size());
        Some(held)
    }

    /// Puts back what was taken from memory last.
    pub(super) fn unhold_undo(&mut self, held: Held) {
        self.memory_bytes = self.memory_bytes.saturating_add(held.size());
        self.memory.push_front(held);
    }

    /// Counts as dropped what waits and is not on the disk: at the end, it is lost.
    pub(super) fn drop_unwritten(&mut self) {
        while self.unhold().is_some() {
            self.dropped = self.dropped.saturating_add(1);
        }
        let (dropped_to, dropped) = (self.dropped_to, &mut self.dropped);
        self.outstanding.retain(|seq, handed| {
            let kept = handed.on_disk && *seq > dropped_to;
            *dropped = dropped.saturating_add(u64::from(!kept));
            kept
        });
    }

    /// Counts as lost what waits in segments whose files are gone, the end of the spool being the last chance to read it.
    pub(super) fn drop_gone(&mut self) {
        let mut before = 0;
        for segment in &mut self.segments {
            let (after, last) =
                (std::mem::replace(&mut before, segment.last_seq), segment.last_seq);
            if !is_gone(&segment.path) {
                continue;
            }
            let lost = std::mem::take(&mut segment.unread);
            self.corrupt = self.corrupt.saturating_add(lost);
            let corrupt = &mut self.corrupt;
            self.outstanding.retain(|seq, handed| {
                let kept = !handed.on_disk || *seq <= after || *seq > last;
                *corrupt = corrupt.saturating_add(u64::from(!kept));
                kept
            });
        }
    }

    /// Takes note of trouble with the disk; whether it is new.
    pub(super) fn trouble(&mut self, path: &Path, what: &str) -> bool {
        let error = format!("{}: {what}", path.display());
        let new = self.writable;
        self.writable = false;
        self.last_error = Some(error);
        new
    }

    pub(super) fn status(&self) -> Status {
        let first_unread = self.segments.iter().find(|segment| segment.unread > 0);
        let oldest = self.outstanding.values().next().map(|handed| handed.time);
        let oldest = oldest.or_else(|| first_unread.map(|segment| segment.since));
        let oldest = oldest.or_else(|| self.memory.front().map(|held| held.time));
        Status {
            records: self.waiting(),
            bytes: self.bytes(),
            bytes_max: self.bytes_max,
            segments: u64::try_from(self.segments.len()).unwrap_or(u64::MAX),
            oldest_seconds: oldest.map_or(0, |time| unix_seconds().saturating_sub(time)),
            written: self.written,
            acknowledged: self.acknowledged,
            dropped: self.dropped,
            corrupt: self.corrupt,
            resumed: self.resumed,
            writable: self.writable,
            memory_has_room: self.memory_bytes <= self.memory_bytes_max / 10 * 9,
            last_error: self.last_error.clone(),
        }
    }
}

/// Whether there is certainly no such file.
pub(super) fn is_gone(path: &Path) -> bool {
    matches!(path.try_exists(), Ok(false))
}

impl Held {
    /// Octets it takes, about.
    fn size(&self) -> u64 {
        const OVERHEAD: usize = 64;
        u64::try_from(self.payload.len().saturating_add(OVERHEAD)).unwrap_or(u64::MAX)
    }
}
