//! The thread that writes the disk: fsync, the cursor, and then the removal of what is acknowledged.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::Config;
use super::cursor::Cursor;
use super::folder;
use super::state::{Shared, State, is_gone};
use crate::sink::clock::now;

/// Pause between two looks at the disk: how much is free, whether files are missing.
const LOOK_PAUSE: Duration = Duration::from_millis(if cfg!(test) { 20 } else { 2000 });

/// A handle on the thread.
pub(super) struct Keeper {
    shared: Arc<Shared>,
    work: Arc<Mutex<Work>>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread holds; behind a lock, so that the writer can do its work at the end.
struct Work {
    shared: Arc<Shared>,
    directory: PathBuf,
    free_min: u64,
    cursor: Cursor,
    cursor_failed: bool,
    looked: Option<Instant>,
    /// Held until the spool is closed.
    _lock: File,
}

impl Keeper {
    pub(super) fn start(
        config: &Config,
        shared: Arc<Shared>,
        cursor: Cursor,
        lock: File,
    ) -> io::Result<Self> {
        let mut work = Work {
            shared: Arc::clone(&shared),
            directory: config.directory.clone(),
            free_min: config.disk_free_bytes_min,
            cursor,
            cursor_failed: false,
            looked: None,
            _lock: lock,
        };
        work.look();
        let work = Arc::new(Mutex::new(work));
        let pause = Duration::from_millis(config.sync_milliseconds.into());
        let sync_bytes = config.sync_bytes;
        let (theirs, state) = (Arc::clone(&work), Arc::clone(&shared));
        let run = move || {
            while wait(&state, pause, sync_bytes) {
                let mut work = theirs.lock().unwrap_or_else(PoisonError::into_inner);
                work.look();
                // The writer is told, and logs it.
                drop(work.sync());
                work.acknowledge();
            }
        };
        let thread = thread::Builder::new().name("spool".into()).spawn(run)?;
        Ok(Self { shared, work, thread: Some(thread) })
    }

    /// Writes the disk and the cursor, and waits for it.
    pub(super) fn sync(&self) -> io::Result<()> {
        let mut work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        let synced = work.sync();
        work.acknowledge();
        synced
    }

    /// Ends the thread; the cursor is written last.
    pub(super) fn stop(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        self.shared.lock().closed = true;
        self.shared.keeper.notify_all();
        self.shared.readable.notify_all();
        // It logged what went wrong.
        drop(thread.join());
        drop(self.sync());
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Waits until it is time to write the disk; `false` when the spool is closed.
fn wait(shared: &Shared, pause: Duration, sync_bytes: u64) -> bool {
    let state = shared.lock();
    let idle = |state: &mut State| !state.closed && state.unsynced_bytes < sync_bytes;
    let woken = shared.keeper.wait_timeout_while(state, pause, idle);
    let (state, _) = woken.unwrap_or_else(PoisonError::into_inner);
    !state.closed
}

impl Work {
    /// Writes to the disk what is in the page cache alone.
    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.shared.lock();
        let files: Vec<Arc<File>> =
            state.segments.iter_mut().filter_map(|segment| segment.unsynced.take()).collect();
        let directory_changed = std::mem::take(&mut state.directory_changed);
        state.unsynced_bytes = 0;
        drop(state);
        let synced = files.iter().try_for_each(|file| file.sync_data()).and_then(|()| {
            if directory_changed { File::open(&self.directory)?.sync_all() } else { Ok(()) }
        });
        if let Err(error) = &synced {
            let mut state = self.shared.lock();
            // What could not be written may be gone from the cache too: the writer puts nothing beside it, and says so.
            state.suspect = Some(error.to_string());
            state.directory_changed |= directory_changed;
        }
        synced
    }

    /// Writes the cursor, then removes the segments it has passed.
    fn acknowledge(&mut self) {
        let frontier = self.shared.lock().frontier();
        if frontier > self.cursor.seq() {
            match self.cursor.store(frontier) {
                Ok(()) => self.cursor_failed = false,
                // Without it, what is acknowledged is sent again after a restart: no loss.
                Err(error) if !self.cursor_failed => {
                    self.cursor_failed = true;
                    tracing::error!(%error, directory = %self.directory.display(), "the spool's cursor cannot be written");
                }
                Err(_) => {}
            }
        }
        let cursor = self.cursor.seq();
        // A file of which nothing can be read any more frees a full disk, and a lost cursor cannot mean it.
        let passed = if self.cursor_failed { frontier } else { cursor };
        loop {
            let mut state = self.shared.lock();
            let done = state.segments.pop_front_if(|segment| {
                segment.sealed && segment.unread == 0 && segment.last_seq <= passed
            });
            drop(state);
            let Some(segment) = done else { return };
            folder::remove(&segment.path);
        }
    }

    /// Looks, now and then, how much is free on the disk, and whether the files are still there.
    fn look(&mut self) {
        if self.looked.is_some_and(|looked| looked.elapsed() < LOOK_PAUSE) {
            return;
        }
        self.looked = Some(now());
        self.miss();
        // A file system that does not tell is not held to be full.
        let Ok(found) = rustix::fs::statvfs(&self.directory) else { return };
        let free = found.f_bavail.saturating_mul(found.f_frsize);
        self.shared.lock().low = free < self.free_min;
    }

    /// Says which files somebody else has removed: what is written to such a file goes nowhere.
    fn miss(&self) {
        let state = self.shared.lock();
        let there = state.segments.iter().filter(|segment| !segment.gone);
        let there: Vec<_> = there.map(|segment| (segment.number, segment.path.clone())).collect();
        drop(state);
        for (number, path) in there {
            if !is_gone(&path) {
                continue;
            }
            let mut state = self.shared.lock();
            // Delivered, or dropped for want of room, meanwhile.
            let Some(segment) = state.segment(number) else { continue };
            segment.gone = true;
            let (records, sealed) = (segment.unread, segment.sealed);
            let what = format!("{}: the file was removed", path.display());
            state.last_error = Some(what.clone());
            if !sealed {
                // The writer leaves it.
                state.suspect = Some(what);
            }
            drop(state);
            tracing::error!(
                file = %path.display(), records,
                "a spool file was removed while the sensor runs: what waits in it is lost; keep others away from the directory"
            );
        }
    }
}
