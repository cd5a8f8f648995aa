//! Appending: sealed frames into the newest segment, or into memory while the disk takes none.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ring::rand::{SecureRandom, SystemRandom};

use super::cipher::{SegmentKey, TAG_LEN};
use super::folder::{self, Next};
use super::keeper::Keeper;
use super::segment::{CHECK_LEN, FRAME_LEN, HEADER_LEN, Header, KID_LEN, SALT_LEN, finish};
use super::state::{Held, Segment, Shared, State};
use super::{Config, Keys, Status};
use crate::sink::clock::{Pace, now, unix_seconds};

/// Pause before a disk that failed is tried again.
const RETRY: Duration = Duration::from_secs(if cfg!(test) { 0 } else { 5 });
/// Records that move from memory to disk while the reader waits.
const MOVED: usize = 256;
/// Age from which a file is let go of while nothing waits, in seconds: what was delivered does not stay.
const IDLE_SECONDS: u64 = 60;
/// Octets of the time before a payload.
pub(super) const TIME_LEN: usize = 8;

/// The end of a spool that takes records.
pub struct Writer {
    config: Config,
    keys: Keys,
    pub(super) shared: Arc<Shared>,
    keeper: Keeper,
    next: Next,
    open: Option<Open>,
    /// While records go to memory: when the disk is tried again.
    retry_at: Option<Instant>,
    frame: Vec<u8>,
    drops: Pace,
}

/// The segment being written.
struct Open {
    file: Arc<File>,
    key: SegmentKey,
    offset: u64,
    created: u64,
    /// Name of the key it is sealed with.
    kid: [u8; KID_LEN],
}

impl Open {
    /// Seals and writes a frame whose payload stands in `frame`; `None` when it is too long for one.
    fn write(&mut self, seq: u64, frame: &mut Vec<u8>) -> io::Result<Option<Arc<File>>> {
        if !self.key.seal(seq, frame, FRAME_LEN) || !finish(frame, seq) {
            return Ok(None);
        }
        self.file.write_all_at(frame, self.offset)?;
        let len = u64::try_from(frame.len()).unwrap_or(u64::MAX);
        self.offset = self.offset.saturating_add(len);
        Ok(Some(Arc::clone(&self.file)))
    }
}

impl Writer {
    pub(super) fn new(
        config: &Config,
        keys: Keys,
        shared: Arc<Shared>,
        keeper: Keeper,
        next: Next,
    ) -> Self {
        Self {
            config: config.clone(),
            keys,
            shared,
            keeper,
            next,
            open: None,
            retry_at: None,
            frame: Vec::new(),
            drops: Pace::new(Duration::from_secs(60)),
        }
    }

    /// Takes a payload. It is in the spool when this returns, or, while the disk fails, in memory.
    ///
    /// Never fails: what there is no room for is counted, the oldest first.
    pub fn append(&mut self, payload: &[u8]) {
        let (seq, time) = (self.next.seq, unix_seconds());
        self.next.seq = seq.saturating_add(1);
        let usable = self.disk();
        let shared = Arc::clone(&self.shared);
        let mut state = shared.lock();
        state.written = state.written.saturating_add(1);
        let before = state.dropped;
        let put = if usable { self.put(&mut state, seq, time, payload) } else { Ok(false) };
        if let Err(error) = &put {
            self.fail(&mut state, error);
        }
        if !matches!(put, Ok(true)) {
            let held = Held { seq, time, payload: payload.to_vec() };
            state.hold(held);
        }
        let dropped = state.dropped.saturating_sub(before);
        drop(state);
        shared.readable.notify_one();
        if let Some(records) = self.drops.add(dropped) {
            tracing::error!(
                records, directory = %self.config.directory.display(),
                "the spool is full: the oldest records were dropped"
            );
        }
    }

    /// For idle times: tries a disk that failed again, and lets go of a file that is done with.
    pub fn idle(&mut self) {
        let _usable = self.disk();
        let done = self.open.as_ref().is_some_and(|open| {
            let age = unix_seconds().saturating_sub(open.created);
            open.offset > HEADER_LEN as u64 && age >= IDLE_SECONDS
        });
        let shared = Arc::clone(&self.shared);
        let mut state = shared.lock();
        if done && state.waiting() == 0 {
            self.leave(&mut state);
        }
    }

    /// Puts everything on the disk that is in memory or in the page cache, and waits for it.
    ///
    /// # Errors
    ///
    /// What the system said; the records stay where they are.
    pub fn sync(&mut self) -> io::Result<()> {
        self.retry_at = self.retry_at.map(|_| now());
        let _usable = self.disk();
        self.keeper.sync()
    }

    /// What is in it.
    #[must_use]
    pub fn status(&self) -> Status {
        self.shared.lock().status()
    }

    /// Ends the spool, after the reader's last acknowledgement: writes what is in memory, the disk, and the cursor.
    /// Records that are in memory alone, or were on their way and are no longer on the disk, are counted as dropped.
    #[must_use]
    pub fn close(mut self) -> Status {
        if let Err(error) = self.sync() {
            tracing::error!(%error, "the spool could not be written to the disk");
        }
        let mut state = self.shared.lock();
        state.drop_unwritten();
        state.drop_gone();
        drop(state);
        self.keeper.stop();
        self.status()
    }

    /// Whether the disk takes records; tries it when it is time to.
    fn disk(&mut self) -> bool {
        let shared = Arc::clone(&self.shared);
        let mut state = shared.lock();
        if let Some(error) = state.suspect.take() {
            self.fail(&mut state, &io::Error::other(error));
        }
        match self.retry_at {
            None if state.low => {
                let least = self.config.disk_free_bytes_min;
                let error =
                    io::Error::other(format!("less than {least} bytes are free on the disk"));
                self.fail(&mut state, &error);
                return false;
            }
            None => return true,
            Some(at) if state.low || now() < at => return false,
            Some(_) => {}
        }
        drop(state);
        let tried = self.unload();
        let mut state = shared.lock();
        match &tried {
            Ok(()) => {
                self.retry_at = None;
                state.writable = true;
                tracing::info!("the spool takes records on disk again");
            }
            Err(error) => self.fail(&mut state, error),
        }
        tried.is_ok()
    }

    /// Moves what is in memory to the disk. The lock is held meanwhile, a piece at a time, so that the order holds.
    fn unload(&mut self) -> io::Result<()> {
        let shared = Arc::clone(&self.shared);
        loop {
            let mut state = shared.lock();
            // Even when nothing is in memory: shows whether the disk can be written.
            let first = state.memory.front().map_or(self.next.seq, |held| held.seq);
            self.room(&mut state, first, 0)?;
            for _ in 0..MOVED {
                let Some(held) = state.unhold() else { return Ok(()) };
                if let Err(error) = self.put(&mut state, held.seq, held.time, &held.payload) {
                    state.unhold_undo(held);
                    return Err(error);
                }
            }
        }
    }

    /// Seals a record and writes it; `false` when it is larger than the spool.
    fn put(&mut self, state: &mut State, seq: u64, time: u64, payload: &[u8]) -> io::Result<bool> {
        let len = FRAME_LEN.saturating_add(TIME_LEN).saturating_add(TAG_LEN);
        let len = u64::try_from(len.saturating_add(payload.len())).unwrap_or(u64::MAX);
        if len > self.config.bytes_max.saturating_sub(HEADER_LEN as u64) {
            return Ok(false);
        }
        let mut frame = std::mem::take(&mut self.frame);
        frame.clear();
        frame.extend_from_slice(&[0; FRAME_LEN]);
        frame.extend_from_slice(&time.to_be_bytes());
        frame.extend_from_slice(payload);
        let written = self.room(state, seq, len).and_then(|open| open.write(seq, &mut frame));
        self.frame = frame;
        let Some(file) = written? else { return Ok(false) };
        state.frames = state.frames.saturating_add(1);
        state.unsynced_bytes = state.unsynced_bytes.saturating_add(len);
        if let Some(segment) = state.open_segment() {
            segment.bytes = segment.bytes.saturating_add(len);
            if segment.unread == 0 {
                segment.since = time;
            }
            segment.unread = segment.unread.saturating_add(1);
            segment.last_seq = seq;
            segment.unsynced.get_or_insert(file);
        }
        if state.unsynced_bytes >= self.config.sync_bytes {
            self.shared.keeper.notify_one();
        }
        Ok(true)
    }

    /// The segment that takes `len` more octets, begun anew with record `seq` if need be; the oldest give way.
    fn room(&mut self, state: &mut State, seq: u64, len: u64) -> io::Result<&mut Open> {
        let segment_bytes = self.config.segment_bytes();
        // One record at least has room, however large.
        let full = |open: &Open| {
            open.offset > HEADER_LEN as u64 && open.offset.saturating_add(len) > segment_bytes
        };
        let done = |open: &Open| full(open) || !self.keys.is_newest(&open.kid);
        if self.open.as_ref().is_some_and(done) {
            self.leave(state);
        }
        let header = if self.open.is_none() { HEADER_LEN as u64 } else { 0 };
        let limit = self.config.bytes_max.saturating_sub(len.saturating_add(header));
        let mut bytes = state.bytes();
        while bytes > limit {
            let Some(oldest) = state.segments.pop_front_if(|segment| segment.sealed) else { break };
            bytes = bytes.saturating_sub(oldest.bytes);
            state.dropped = state.dropped.saturating_add(oldest.unread);
            state.dropped_to = state.dropped_to.max(oldest.last_seq);
            folder::remove(&oldest.path);
        }
        match &mut self.open {
            Some(open) => Ok(open),
            none => {
                let open = begin(&self.config, &self.keys, self.next.number, state, seq)?;
                self.next.number = self.next.number.saturating_add(1);
                Ok(none.insert(open))
            }
        }
    }

    /// Writes no more to the open segment.
    fn leave(&mut self, state: &mut State) {
        if self.open.take().is_some()
            && let Some(segment) = state.open_segment()
        {
            segment.sealed = true;
        }
    }

    /// After an error: what may have been half written is cut off, the segment left, and the disk spared a while.
    fn fail(&mut self, state: &mut State, error: &io::Error) {
        if let Some(open) = &self.open {
            // If it cannot be cut, readers stop there by themselves.
            drop(open.file.set_len(open.offset));
        }
        self.leave(state);
        self.retry_at = Some(now().checked_add(RETRY).unwrap_or_else(now));
        if state.trouble(&self.config.directory, &error.to_string()) {
            tracing::error!(
                %error, directory = %self.config.directory.display(),
                "the spool cannot be written: records are held in memory, the disk is tried again every 5 seconds"
            );
        }
    }
}

/// Begins a segment.
fn begin(
    config: &Config,
    keys: &Keys,
    number: u64,
    state: &mut State,
    first_seq: u64,
) -> io::Result<Open> {
    let mut header = Header {
        kid: [0; KID_LEN],
        salt: [0; SALT_LEN],
        number,
        first_seq,
        frames_before: state.frames,
        created: unix_seconds(),
        check: [0; CHECK_LEN],
    };
    let none = |_| io::Error::other("the system gave no random numbers");
    SystemRandom::new().fill(&mut header.salt).map_err(none)?;
    let key = SegmentKey::create(keys, &mut header);
    let key = key.ok_or_else(|| io::Error::other("the spool has no key"))?;
    let path = folder::path(&config.directory, number);
    let mut options = OpenOptions::new();
    // A file of this number can only be one that could not be removed.
    let file = options.write(true).create(true).truncate(true).mode(0o600).open(&path)?;
    if let Err(error) = file.write_all_at(&header.encode(), 0) {
        folder::remove(&path);
        return Err(error);
    }
    let (file, offset) = (Arc::new(file), HEADER_LEN as u64);
    state.directory_changed = true;
    state.segments.push_back(Segment {
        number,
        path,
        bytes: offset,
        unread: 0,
        last_seq: first_seq.saturating_sub(1),
        since: header.created,
        sealed: false,
        gone: false,
        unsynced: Some(Arc::clone(&file)),
    });
    Ok(Open { file, key, offset, created: header.created, kid: header.kid })
}
