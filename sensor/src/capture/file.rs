//! Capture files: several at once, merged in time order.
//!
//! ```text
//! paths, patterns, "-" ─▶ inputs ─▶ pending (by first packet) ─▶ open (heap, by next packet) ─▶ packets
//! ```
//!
//! Invariants:
//! - Packets of one file keep that file's order; between files, the one whose next packet is earlier goes first.
//! - A file is open only while it may have the next packet, so a rotated set of any size needs one or two
//!   at a time. Few files, and those that cannot be opened twice (pipes), stay open.
//! - What is wrong in one file ends that file alone, after all packets before the damage.

use std::collections::VecDeque;
use std::sync::Arc;

use super::pcap::BLOCK_BYTES;
use super::{CaptureError, LinkType, Packet, SecretsFeed};
use crate::time::Timestamp;

mod input;
mod merge;
mod reader;

use input::Input;
use merge::{Merge, Open};
use reader::FileReader;

/// Most warnings kept; more are only counted.
const WARNINGS_MAX: usize = 64;

/// Bytes read of a file in order to see when it begins.
const LOOK_BYTES: usize = 16 << 10;

/// Up to this many files are all kept open.
const OPEN_MAX: usize = 8;

/// An interface of a capture file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Its name if the file has one, else the file's name without folders.
    pub name: String,
    /// What its packets begin with.
    pub link: LinkType,
    /// The file's path, as given or matched.
    pub file: Arc<str>,
}

/// Something that was lost but does not stop reading: one line, what and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Warning {
    /// Decryption secrets that could not be kept.
    #[error("{file}: {blocks} decryption secrets were not kept (no TLS key log, or too many)")]
    Secrets {
        /// Path of the file.
        file: Arc<str>,
        /// How many blocks.
        blocks: u64,
    },
    /// A file that holds nothing was left out.
    #[error("{file}: is empty; left out")]
    Empty {
        /// Path of the file.
        file: Arc<str>,
    },
    /// A compressed file that ends before its first packet was left out.
    #[error("{file}: is cut short before the first packet; left out")]
    Cut {
        /// Path of the file.
        file: Arc<str>,
    },
    /// Packets that had to be left out.
    #[error(
        "{file}: {packets} packets left out: they name no interface, or do not fit their block"
    )]
    Packets {
        /// Path of the file.
        file: Arc<str>,
        /// How many.
        packets: u64,
    },
    /// A file was named more than once.
    #[error("{file}: named more than once; read once")]
    Repeated {
        /// Path of the file.
        file: Arc<str>,
    },
    /// The file ends inside a packet.
    #[error(
        "{file}: cut short at byte {offset} of the uncompressed capture; the last packet is lost"
    )]
    Truncated {
        /// Path of the file.
        file: Arc<str>,
        /// Where the last record begins, in bytes.
        offset: u64,
    },
}

/// What was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Files read to their end.
    pub files: u64,
    /// Files given up because of damage.
    pub files_damaged: u64,
    /// Files that end inside a packet.
    pub files_truncated: u64,
    /// Packets delivered.
    pub packets: u64,
    /// Bytes of them that were captured.
    pub bytes: u64,
    /// Packets of which the capture has only the beginning.
    pub packets_cut: u64,
    /// Packets left out: they name an interface the file has not described.
    pub packets_no_interface: u64,
    /// Packets left out: their length does not fit into their block.
    pub packets_bad: u64,
    /// Packets whose time is before that of the packet delivered before them.
    pub packets_back_in_time: u64,
    /// Blocks stepped over that hold no packets.
    pub blocks_skipped: u64,
    /// Warnings not kept, because there were too many.
    pub warnings_dropped: u64,
}

impl Counts {
    /// Adds the counts of `other`.
    pub fn add(&mut self, other: &Self) {
        let Self {
            files,
            files_damaged,
            files_truncated,
            packets,
            bytes,
            packets_cut,
            packets_no_interface,
            packets_bad,
            packets_back_in_time,
            blocks_skipped,
            warnings_dropped,
        } = other;
        for (mine, theirs) in [
            (&mut self.files, files),
            (&mut self.files_damaged, files_damaged),
            (&mut self.files_truncated, files_truncated),
            (&mut self.packets, packets),
            (&mut self.bytes, bytes),
            (&mut self.packets_cut, packets_cut),
            (&mut self.packets_no_interface, packets_no_interface),
            (&mut self.packets_bad, packets_bad),
            (&mut self.packets_back_in_time, packets_back_in_time),
            (&mut self.blocks_skipped, blocks_skipped),
            (&mut self.warnings_dropped, warnings_dropped),
        ] {
            *mine = mine.saturating_add(*theirs);
        }
    }
}

/// Capture files being read.
///
/// No `Debug`: it holds raw traffic.
pub struct Files {
    inputs: Vec<Input>,
    pending: VecDeque<Pending>,
    merge: Merge,
    /// Whether the packet on top of the heap has been lent.
    lent: bool,
    latest: Timestamp,
    interfaces: Vec<Interface>,
    secrets: SecretsFeed,
    warnings: Vec<Warning>,
    counts: Counts,
    bytes_done: u64,
    bytes_total: Option<u64>,
}

/// A file whose turn has not come.
struct Pending {
    /// Time of its first packet; zero if it must be opened to know.
    first: Timestamp,
    input: usize,
    /// The reader, if it stays open.
    reader: Option<FileReader>,
}

/// Opens capture files: paths, glob patterns, or "-" for standard input.
///
/// # Errors
///
/// [`CaptureError`] when a path cannot be opened, is no capture, or is of a link type that is not read,
/// and when a pattern matches nothing.
pub fn open(paths: &[String]) -> Result<Files, CaptureError> {
    let mut warnings = Vec::new();
    let inputs = input::expand(paths, &mut warnings)?;
    let keep_all = inputs.len() <= OPEN_MAX;
    let bytes_total = inputs
        .iter()
        .map(|input| input.size)
        .try_fold(0_u64, |sum, size| Some(sum.saturating_add(size?)));
    let mut pending = Vec::with_capacity(inputs.len());
    for (at, input) in inputs.iter().enumerate() {
        let keep = keep_all || input.size.is_none();
        match FileReader::open(input, if keep { BLOCK_BYTES } else { LOOK_BYTES }) {
            Ok(reader) if keep => {
                pending.push(Pending { first: Timestamp::ZERO, input: at, reader: Some(reader) })
            }
            Ok(mut reader) => {
                // What is wrong behind the header is told when the file's turn comes.
                let first = if let Ok(true) = reader.advance() {
                    reader.packet().time
                } else {
                    Timestamp::ZERO
                };
                pending.push(Pending { first, input: at, reader: None });
            }
            Err(CaptureError::Empty { .. }) if input.matched && inputs.len() > 1 => {
                warnings.push(Warning::Empty { file: Arc::clone(&input.path) });
            }
            Err(CaptureError::Cut { .. }) if input.matched && inputs.len() > 1 => {
                warnings.push(Warning::Cut { file: Arc::clone(&input.path) });
            }
            Err(error) => return Err(error),
        }
    }
    pending.sort_by_key(|pending| pending.first);
    let mut files = Files {
        inputs,
        pending: pending.into(),
        merge: Merge::default(),
        lent: false,
        latest: Timestamp::ZERO,
        interfaces: Vec::new(),
        secrets: SecretsFeed::default(),
        warnings: Vec::new(),
        counts: Counts::default(),
        bytes_done: 0,
        bytes_total,
    };
    warnings.into_iter().for_each(|warning| files.warn(warning));
    Ok(files)
}

impl Files {
    /// The next packet of all files, lent until the one after; `None` at the end.
    ///
    /// # Errors
    ///
    /// [`CaptureError`] when a file is damaged or can no longer be read. That file is given up; what was
    /// before the damage has been delivered, and calling again goes on with the other files.
    #[expect(clippy::should_implement_trait, reason = "lends, so it cannot be Iterator::next")]
    #[inline]
    pub fn next(&mut self) -> Result<Option<Packet<'_>>, CaptureError> {
        if self.lent || !self.pending.is_empty() {
            self.advance()?;
        }
        let Some((input, open)) = self.merge.top() else { return Ok(None) };
        if let Some(from) = self.inputs.get(input)
            && open.has_news()
        {
            adopt(open, from, &mut self.interfaces, &self.secrets);
        }
        self.lent = true;
        let mut packet = open.reader.packet();
        packet.interface = open
            .map
            .get(usize::try_from(packet.interface).unwrap_or(usize::MAX))
            .copied()
            .unwrap_or(0);
        let counts = &mut self.counts;
        counts.packets = counts.packets.saturating_add(1);
        counts.bytes =
            counts.bytes.saturating_add(u64::try_from(packet.data.len()).unwrap_or(u64::MAX));
        let cut = usize::try_from(packet.original_len).is_ok_and(|len| len > packet.data.len());
        counts.packets_cut = counts.packets_cut.saturating_add(cut.into());
        counts.packets_back_in_time =
            counts.packets_back_in_time.saturating_add((packet.time < self.latest).into());
        self.latest = packet.time;
        Ok(Some(packet))
    }

    /// Interfaces of all files seen so far; [`Packet::interface`] is an index into it.
    #[must_use]
    pub fn interfaces(&self) -> &[Interface] {
        &self.interfaces
    }

    /// TLS key logs as they are found.
    #[must_use]
    pub fn secrets(&self) -> SecretsFeed {
        self.secrets.clone()
    }

    /// Whether there may be TLS key logs in them: not in files of the older format.
    pub fn may_have_secrets(&mut self) -> bool {
        let mut readers = self.pending.iter_mut().map(|pending| pending.reader.as_mut());
        readers.any(|reader| reader.is_none_or(|reader| reader.secrets_mut().is_some()))
    }

    /// What was lost so far without stopping.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// What was read so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = self.counts;
        self.merge.readers().for_each(|reader| counts.add(&reader.counts()));
        counts
    }

    /// Bytes read of the files (compressed as they are), and of how many; `None` with standard input or a pipe.
    #[must_use]
    pub fn position(&self) -> (u64, Option<u64>) {
        let open = self.merge.readers().map(|reader| reader.bytes());
        (open.fold(self.bytes_done, u64::saturating_add), self.bytes_total)
    }

    /// Brings the next packet to the top of the heap.
    #[inline]
    fn advance(&mut self) -> Result<(), CaptureError> {
        if self.lent {
            self.lent = false;
            match self.merge.advance() {
                Ok(true) => {}
                Ok(false) => self.finish(None)?,
                Err(error) => self.finish(Some(error))?,
            }
        }
        if self.pending.is_empty() { Ok(()) } else { self.open_due() }
    }

    /// Opens every pending file that may have the next packet.
    fn open_due(&mut self) -> Result<(), CaptureError> {
        while let Some(next) = self.pending.front() {
            if self.merge.next_time().is_some_and(|time| time < next.first) {
                break;
            }
            let Some(Pending { input, reader, .. }) = self.pending.pop_front() else { break };
            let Some(from) = self.inputs.get(input) else { break };
            let reader = match reader {
                Some(reader) => reader,
                None => FileReader::open(from, BLOCK_BYTES).inspect_err(|_| {
                    self.counts.files_damaged = self.counts.files_damaged.saturating_add(1)
                })?,
            };
            let mut open = Box::new(Open { reader, map: Vec::new() });
            match open.reader.advance() {
                Ok(true) => self.merge.push(input, open),
                Ok(false) => self.close(&mut open, input, false),
                Err(error) => {
                    self.close(&mut open, input, true);
                    return Err(from_read(&self.inputs, input, error));
                }
            }
        }
        Ok(())
    }

    /// Takes the top file off the heap, which has ended or is damaged.
    #[cold]
    fn finish(&mut self, error: Option<super::ReadError>) -> Result<(), CaptureError> {
        let Some((input, mut open)) = self.merge.pop() else { return Ok(()) };
        self.close(&mut open, input, error.is_some());
        error.map_or(Ok(()), |error| Err(from_read(&self.inputs, input, error)))
    }

    /// Keeps what a file that is over leaves behind.
    fn close(&mut self, open: &mut Open, input: usize, damaged: bool) {
        let Some(from) = self.inputs.get(input) else { return };
        adopt(open, from, &mut self.interfaces, &self.secrets);
        let reader = &open.reader;
        self.bytes_done = self.bytes_done.saturating_add(reader.bytes());
        let counts = reader.counts();
        self.counts.add(&counts);
        if damaged {
            self.counts.files_damaged = self.counts.files_damaged.saturating_add(1);
        } else {
            self.counts.files = self.counts.files.saturating_add(1);
        }
        let Some(file) = self.inputs.get(input).map(|input| Arc::clone(&input.path)) else {
            return;
        };
        if let Some(offset) = reader.truncated() {
            self.counts.files_truncated = self.counts.files_truncated.saturating_add(1);
            self.warn(Warning::Truncated { file: Arc::clone(&file), offset });
        }
        let packets = counts.packets_bad.saturating_add(counts.packets_no_interface);
        if packets > 0 {
            self.warn(Warning::Packets { file: Arc::clone(&file), packets });
        }
        let blocks = reader.secrets_skipped();
        if blocks > 0 {
            self.warn(Warning::Secrets { file, blocks });
        }
    }

    fn warn(&mut self, warning: Warning) {
        if self.warnings.len() < WARNINGS_MAX {
            self.warnings.push(warning);
        } else {
            self.counts.warnings_dropped = self.counts.warnings_dropped.saturating_add(1);
        }
    }
}

/// Gives global numbers to interfaces the file described since, and takes its secrets.
#[cold]
fn adopt(open: &mut Open, input: &Input, interfaces: &mut Vec<Interface>, secrets: &SecretsFeed) {
    let Open { reader, map } = open;
    for at in map.len()..reader.interface_count() {
        map.push(u32::try_from(interfaces.len()).unwrap_or(u32::MAX));
        let (name, link) = reader.interface(at);
        let name = if name.is_empty() { input.name() } else { name };
        interfaces.push(Interface { name: name.to_owned(), link, file: Arc::clone(&input.path) });
    }
    if let Some(found) = reader.secrets_mut() {
        secrets.append(found);
    }
}

#[cold]
fn from_read(inputs: &[Input], input: usize, error: super::ReadError) -> CaptureError {
    let path = inputs.get(input).map(|input| input.path.to_string()).unwrap_or_default();
    CaptureError::Read { path, error }
}
