//! Opening the directory: what an earlier run left there.

use std::collections::VecDeque;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::cipher::{SegmentKey, kid_text};
use super::cursor::Cursor;
use super::segment::{Found, HEADER_LEN, Header, Walk};
use super::state::Segment;
use super::{Config, Keys, SpoolError};
use crate::claim::{Refused, claim};

const PREFIX: &str = "segment-";
const SUFFIX: &str = ".spool";
const CHUNK: u64 = 256 * 1024;

/// An opened directory.
pub(super) struct Folder {
    pub(super) cursor: Cursor,
    /// Keeps others out while it is open.
    pub(super) lock: File,
    pub(super) next: Next,
    /// Records lost with segments whose header was damaged: at least one each.
    pub(super) corrupt: u64,
    found: Vec<FoundSegment>,
}

/// Where writing goes on.
#[derive(Clone, Copy)]
pub(super) struct Next {
    pub(super) number: u64,
    pub(super) seq: u64,
    pub(super) frames: u64,
}

struct FoundSegment {
    path: PathBuf,
    header: Header,
    bytes: u64,
    frames: u64,
    unread: u64,
    last_seq: u64,
}

impl Folder {
    /// The segments that hold something not acknowledged.
    pub(super) fn segments(&self) -> VecDeque<Segment> {
        let segments = self.found.iter().map(|found| Segment {
            number: found.header.number,
            path: found.path.clone(),
            bytes: found.bytes,
            unread: found.unread,
            last_seq: found.last_seq,
            since: found.header.created,
            sealed: true,
            gone: false,
            unsynced: None,
        });
        segments.collect()
    }

    /// Records that wait.
    pub(super) fn resumed(&self) -> u64 {
        self.found.iter().fold(0, |sum, found| sum.saturating_add(found.unread))
    }
}

/// The file of a segment.
pub(super) fn path(directory: &Path, number: u64) -> PathBuf {
    directory.join(format!("{PREFIX}{number:016x}{SUFFIX}"))
}

/// Opens, locks and tidies the directory.
pub(super) fn open(config: &Config, keys: &Keys) -> Result<Folder, SpoolError> {
    let directory = &config.directory;
    let cannot = |path: &Path| {
        let path = path.to_owned();
        move |source| SpoolError::Io { path, source }
    };
    make(directory).map_err(cannot(directory))?;
    let lock = claim(directory).map_err(|refused| match refused {
        Refused::InUse(holder) => SpoolError::InUse { path: directory.clone(), holder },
        Refused::Io(source) => SpoolError::Io { path: directory.clone(), source },
    })?;
    let path = directory.join("cursor");
    let cursor = Cursor::open(&path).map_err(cannot(&path))?;
    let numbers = numbers(directory).map_err(cannot(directory))?;
    let (mut found, damaged) = headers(directory, &numbers, keys)?;
    for index in 0..found.len() {
        measure(&mut found, index, cursor.seq()).map_err(cannot(directory))?;
    }
    let lost = damaged.iter().map(|damaged| lost(*damaged, &found, cursor.seq()));
    let corrupt = lost.fold(0, u64::saturating_add);
    let highest = numbers.last().copied().unwrap_or_default();
    let next = Next {
        number: highest.saturating_add(1),
        seq: found.iter().map(|f| f.last_seq).fold(cursor.seq(), u64::max).saturating_add(1),
        frames: found.last().map_or(0, |f| f.header.frames_before.saturating_add(f.frames)),
    };
    found.retain(|segment| {
        let keep = segment.unread > 0;
        if !keep {
            remove(&segment.path);
        }
        keep
    });
    Ok(Folder { cursor, lock, next, corrupt, found })
}

/// Makes the directory, for its owner alone.
fn make(directory: &Path) -> io::Result<()> {
    match DirBuilder::new().recursive(true).mode(0o700).create(directory) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let mode = fs::metadata(directory)?.permissions().mode();
    // What is in it is sealed: that it cannot be closed to others is no reason to stop.
    if mode & 0o077 != 0
        && fs::set_permissions(directory, PermissionsExt::from_mode(0o700)).is_err()
    {
        tracing::warn!(directory = %directory.display(), "others may list the spool directory; run chmod 700 on it");
    }
    Ok(())
}

/// Numbers of the segments in the directory, in order.
fn numbers(directory: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name();
        let digits = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX));
        numbers.extend(digits.and_then(|digits| u64::from_str_radix(digits, 16).ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// A segment of this number whose header cannot be read, and whether there was anything behind it.
#[derive(Clone, Copy)]
struct Damaged {
    number: u64,
    filled: bool,
}

/// The segments that can be read, and those that cannot, which are removed.
fn headers(
    directory: &Path,
    numbers: &[u64],
    keys: &Keys,
) -> Result<(Vec<FoundSegment>, Vec<Damaged>), SpoolError> {
    let (mut found, mut damaged) = (Vec::with_capacity(numbers.len()), Vec::new());
    for number in numbers {
        let path = path(directory, *number);
        let header =
            header(&path).map_err(|source| SpoolError::Io { path: path.clone(), source })?;
        match header {
            Some(header) if header.number == *number => {
                if SegmentKey::find(keys, &header).is_none() {
                    return Err(SpoolError::UnknownKey { path, kid: kid_text(&header.kid) });
                }
                let last_seq = header.first_seq.saturating_sub(1);
                let (bytes, frames, unread) = (0, 0, 0);
                found.push(FoundSegment { path, header, bytes, frames, unread, last_seq });
            }
            _ => {
                // Else it was begun just when the process or the machine ended.
                let filled = fs::metadata(&path).is_ok_and(|m| m.len() > HEADER_LEN as u64);
                let last = numbers.last() == Some(number);
                if filled || !last {
                    tracing::error!(file = %path.display(), "a spool file has a damaged header and is removed: its records are lost");
                }
                damaged.push(Damaged { number: *number, filled });
                remove(&path);
            }
        }
    }
    Ok((found, damaged))
}

/// Records lost with a damaged segment, by the sequences its neighbours leave out. Of the last one only that there
/// was something in it is known.
fn lost(damaged: Damaged, found: &[FoundSegment], cursor: u64) -> u64 {
    let after = found.iter().find(|segment| segment.header.number > damaged.number);
    let Some(after) = after else { return damaged.filled.into() };
    // Of several in a row, the last stands for all.
    if after.header.number != damaged.number.saturating_add(1) {
        return 0;
    }
    let before = found.iter().rfind(|segment| segment.header.number < damaged.number);
    let before = before.map_or(0, |segment| segment.last_seq).max(cursor);
    after.header.first_seq.saturating_sub(1).saturating_sub(before)
}

/// The header of a file; `None` when it is too short or damaged.
fn header(path: &Path) -> io::Result<Option<Header>> {
    let mut octets = [0; HEADER_LEN];
    match File::open(path)?.read_exact(&mut octets) {
        Ok(()) => Ok(Header::parse(&octets)),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

/// Fills in what the segment at `index` holds: from its neighbour's header where that tells, else by a walk.
///
/// Only the last can have a torn end, and only the one with the cursor in it is partly acknowledged.
fn measure(found: &mut [FoundSegment], index: usize, cursor: u64) -> io::Result<()> {
    let after = found.get(index.saturating_add(1)).map(|next| {
        let header = &next.header;
        (header.number, header.first_seq, header.frames_before)
    });
    let Some(segment) = found.get_mut(index) else { return Ok(()) };
    let len = fs::metadata(&segment.path)?.len();
    let own = &segment.header;
    let acknowledged = own.first_seq <= cursor;
    if let Some((number, first_seq, frames)) = after
        && number == own.number.saturating_add(1)
    {
        segment.frames = frames.saturating_sub(own.frames_before);
        segment.last_seq = first_seq.saturating_sub(1).max(segment.last_seq);
        segment.bytes = len;
        if !acknowledged || segment.last_seq <= cursor {
            segment.unread = if acknowledged { 0 } else { segment.frames };
            return Ok(());
        }
    }
    let walk = walk(&segment.path, cursor)?;
    segment.bytes = walk.len.saturating_add(HEADER_LEN as u64);
    segment.frames = walk.frames;
    segment.unread = walk.newer;
    segment.last_seq = walk.last_seq.unwrap_or(segment.last_seq);
    if after.is_none() && segment.bytes < len {
        tracing::warn!(
            file = %segment.path.display(), bytes = len.saturating_sub(segment.bytes),
            "the torn end of a spool file is cut off"
        );
        // Where it cannot be cut, it is at least not read.
        let file = OpenOptions::new().write(true).open(&segment.path);
        drop(file.and_then(|file| file.set_len(segment.bytes)));
    }
    Ok(())
}

/// Walks over the frames of a file up to the first that is none.
fn walk(path: &Path, newer_than: u64) -> io::Result<Walk> {
    let mut file = File::open(path)?;
    let mut header = [0; HEADER_LEN];
    file.read_exact(&mut header)?;
    let mut remaining = file.metadata()?.len().saturating_sub(HEADER_LEN as u64);
    let (mut walk, mut octets) = (Walk::default(), Vec::new());
    loop {
        let (used, stop) = walk.over(&octets, newer_than);
        drop(octets.drain(..used));
        let Found::Short(need) = stop else { return Ok(walk) };
        let missing = u64::try_from(need.saturating_sub(octets.len())).unwrap_or(u64::MAX);
        // A frame longer than the rest of the file is torn: nothing is reserved for it.
        if missing > remaining {
            return Ok(walk);
        }
        let wanted = missing.max(CHUNK).min(remaining);
        let count = (&mut file).take(wanted).read_to_end(&mut octets)?;
        remaining = remaining.saturating_sub(u64::try_from(count).unwrap_or(u64::MAX));
        if count == 0 {
            return Ok(walk);
        }
    }
}

/// Removes a file that is no longer wanted; one that stays is removed at the next start.
pub(super) fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path) {
        tracing::warn!(file = %path.display(), %error, "cannot remove a spool file");
    }
}
