//! Reading in order, and acknowledging in any.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::Duration;

use super::cipher::SegmentKey;
use super::segment::{FRAME_LEN, Found, HEADER_LEN, Header, frame};
use super::state::{Handed, Shared, State};
use super::writer::TIME_LEN;
use super::{Keys, Status};
use crate::sink::clock::now;

const CHUNK: usize = 256 * 1024;
/// Pause after a read that may succeed later.
const RETRY: Duration = Duration::from_millis(500);

/// The end of a spool that gives records back.
pub struct Reader {
    keys: Keys,
    shared: Arc<Shared>,
    current: Option<Current>,
    /// Reads that failed in a row.
    failures: u32,
}

/// A record read back. No `Debug`: it holds what was spooled.
pub struct Entry {
    /// Names it to [`Reader::acknowledge`]; rises from record to record.
    pub seq: u64,
    /// When it was appended, in seconds since 1970.
    pub time: u64,
    /// What was appended.
    pub payload: Vec<u8>,
}

/// The segment being read.
struct Current {
    number: u64,
    file: File,
    key: SegmentKey,
    /// Where in the file `octets` begins, less `used`.
    offset: u64,
    octets: Vec<u8>,
    used: usize,
}

/// Where the next record is.
enum Place {
    /// In a segment of this number, readable up to so many octets.
    Segment {
        number: u64,
        bytes: u64,
    },
    Memory(Entry),
    /// None among what was written so far.
    Nowhere {
        written: u64,
    },
}

impl Reader {
    pub(super) const fn new(keys: Keys, shared: Arc<Shared>) -> Self {
        Self { keys, shared, current: None, failures: 0 }
    }

    /// The next record, waiting at most `limit` for one.
    pub fn next(&mut self, limit: Duration) -> Option<Entry> {
        let end = now().checked_add(limit)?;
        loop {
            let written = match self.place() {
                Place::Memory(entry) => return Some(entry),
                Place::Nowhere { written } => written,
                Place::Segment { number, bytes } => match self.read(number, bytes) {
                    Ok(Some(entry)) => {
                        self.failures = 0;
                        return Some(entry);
                    }
                    // Dropped or acknowledged meanwhile.
                    Ok(None) => continue,
                    Err(error) if self.is_lasting(&error) => {
                        self.skip(number, bytes, &error);
                        continue;
                    }
                    Err(_) => {
                        thread::sleep(RETRY.min(limit));
                        u64::MAX
                    }
                },
            };
            let left = end.saturating_duration_since(now());
            let state = self.shared.lock();
            if left.is_zero() || state.closed {
                return None;
            }
            if state.written == written {
                let woken = self.shared.readable.wait_timeout(state, left);
                drop(woken.unwrap_or_else(PoisonError::into_inner));
            }
        }
    }

    /// Whether trying again will not help. What is damaged or gone stays so; an unreadable disk is tried a few
    /// times; a lack of descriptors or memory ends.
    fn is_lasting(&mut self, error: &io::Error) -> bool {
        const EIO: i32 = 5;
        const FAILURES_MAX: u32 = 5;
        self.failures = self.failures.saturating_add(1);
        match error.kind() {
            ErrorKind::InvalidData | ErrorKind::UnexpectedEof | ErrorKind::NotFound => true,
            _ => error.raw_os_error() == Some(EIO) && self.failures >= FAILURES_MAX,
        }
    }

    /// Takes note that a record arrived: it will not be read again.
    pub fn acknowledge(&mut self, seq: u64) {
        let mut state = self.shared.lock();
        if state.outstanding.remove(&seq).is_some() {
            state.acknowledged = state.acknowledged.saturating_add(1);
        }
    }

    /// Takes note that a record is given up on: it will not be read again, and is counted as dropped.
    pub fn give_up(&mut self, seq: u64) {
        let mut state = self.shared.lock();
        if state.outstanding.remove(&seq).is_some() {
            state.dropped = state.dropped.saturating_add(1);
        }
    }

    /// What is in the spool.
    #[must_use]
    pub fn status(&self) -> Status {
        self.shared.lock().status()
    }

    fn place(&mut self) -> Place {
        let at = self.current.as_ref().map(|current| (current.number, current.position()));
        let shared = Arc::clone(&self.shared);
        let mut state = shared.lock();
        let mut lost = 0_u64;
        for segment in &mut state.segments {
            let position = match at {
                Some((number, position)) if number == segment.number => position,
                Some((number, _)) if number > segment.number => u64::MAX,
                _ => HEADER_LEN as u64,
            };
            if position < segment.bytes {
                let place = Place::Segment { number: segment.number, bytes: segment.bytes };
                state.corrupt = state.corrupt.saturating_add(lost);
                return place;
            }
            if segment.sealed {
                // Fewer than its neighbour's header said: a file that was cut.
                lost = lost.saturating_add(std::mem::take(&mut segment.unread));
            }
        }
        state.corrupt = state.corrupt.saturating_add(lost);
        match state.unhold() {
            None => Place::Nowhere { written: state.written },
            Some(held) => {
                state.hand(held.seq, Handed { time: held.time, on_disk: false });
                Place::Memory(Entry { seq: held.seq, time: held.time, payload: held.payload })
            }
        }
    }

    /// Reads one record of a segment; `None` when it is not wanted any more.
    fn read(&mut self, number: u64, bytes: u64) -> io::Result<Option<Entry>> {
        let keys = &self.keys;
        let current = match &mut self.current {
            Some(current) if current.number == number => current,
            other => {
                let path = self.shared.lock().segment(number).map(|segment| segment.path.clone());
                let Some(path) = path else { return Ok(None) };
                other.insert(Current::open(number, &path, keys)?)
            }
        };
        let (seq, time, payload) = current.next(bytes)?;
        let mut state = self.shared.lock();
        let read_to = state.read_to;
        match state.segment(number) {
            // At or below the cursor: acknowledged in an earlier run.
            Some(segment) if seq > read_to => {
                segment.unread = segment.unread.saturating_sub(1);
                segment.since = segment.since.max(time);
                state.hand(seq, Handed { time, on_disk: true });
                Ok(Some(Entry { seq, time, payload }))
            }
            _ => Ok(None),
        }
    }

    /// Leaves the rest of a segment, as far as it is written now.
    fn skip(&mut self, number: u64, bytes: u64, error: &io::Error) {
        match &mut self.current {
            Some(current) if current.number == number => current.jump(bytes),
            _ => self.current = None,
        }
        let unopened = self.current.as_ref().is_none_or(|current| current.number != number);
        let mut state = self.shared.lock();
        let Some(segment) = state.segment(number) else { return };
        let (path, lost) = (segment.path.clone(), std::mem::take(&mut segment.unread));
        let last_seq = segment.last_seq;
        if unopened {
            // Nothing of it can be read, now or later.
            segment.bytes = HEADER_LEN as u64;
        }
        state.read_to = state.read_to.max(last_seq);
        state.corrupt = state.corrupt.saturating_add(lost);
        state.last_error = Some(format!("{}: {error}", path.display()));
        drop(state);
        tracing::error!(
            file = %path.display(), %error, records = lost,
            "a spool file is damaged: its remaining records are skipped"
        );
    }
}

impl State {
    /// Takes note that a record was handed out.
    fn hand(&mut self, seq: u64, handed: Handed) {
        self.read_to = self.read_to.max(seq);
        self.outstanding.insert(seq, handed);
    }
}

impl Current {
    fn open(number: u64, path: &Path, keys: &Keys) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let mut octets = [0; HEADER_LEN];
        file.read_exact(&mut octets)?;
        let header = Header::parse(&octets).ok_or_else(|| damaged("its header is damaged"))?;
        let key = SegmentKey::find(keys, &header)
            .ok_or_else(|| damaged("it was not sealed with a key of the key file"))?;
        Ok(Self { number, file, key, offset: HEADER_LEN as u64, octets: Vec::new(), used: 0 })
    }

    /// Where in the file the next frame begins.
    fn position(&self) -> u64 {
        self.offset.saturating_add(u64::try_from(self.used).unwrap_or(u64::MAX))
    }

    /// Goes on at an offset.
    fn jump(&mut self, offset: u64) {
        self.octets.clear();
        (self.offset, self.used) = (offset, 0);
    }

    /// The next frame of those up to offset `bytes`, opened: its sequence, time and payload.
    fn next(&mut self, bytes: u64) -> io::Result<(u64, u64, Vec<u8>)> {
        loop {
            let rest = self.octets.get_mut(self.used..).unwrap_or_default();
            let (seq, len) = match frame(rest) {
                Found::Frame { seq, len } => (seq, len),
                Found::Short(need) => {
                    self.fill(need, bytes)?;
                    continue;
                }
                Found::Bad => return Err(damaged("a frame does not match its checksum")),
            };
            let sealed = rest.get_mut(FRAME_LEN..len).unwrap_or_default();
            let opened = self.key.open(seq, sealed).and_then(<[u8]>::split_first_chunk::<TIME_LEN>);
            let Some((time, payload)) = opened else {
                return Err(damaged("a frame was not sealed by this sensor"));
            };
            let entry = (seq, u64::from_be_bytes(*time), payload.to_vec());
            self.used = self.used.saturating_add(len);
            return Ok(entry);
        }
    }

    /// Reads on until `need` octets are there.
    fn fill(&mut self, need: usize, bytes: u64) -> io::Result<()> {
        self.offset = self.position();
        drop(self.octets.drain(..self.used.min(self.octets.len())));
        self.used = 0;
        let have = u64::try_from(self.octets.len()).unwrap_or(u64::MAX);
        let there = usize::try_from(bytes.saturating_sub(self.offset)).unwrap_or(usize::MAX);
        if need > there {
            return Err(damaged("a frame is longer than the file"));
        }
        let (from, to) = (self.octets.len(), there.min(need.max(CHUNK)));
        self.octets.resize(to, 0);
        let fresh = self.octets.get_mut(from..).unwrap_or_default();
        self.file.read_exact_at(fresh, self.offset.saturating_add(have)).inspect_err(|_| {
            self.octets.clear();
        })
    }
}

fn damaged(what: &'static str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what)
}
