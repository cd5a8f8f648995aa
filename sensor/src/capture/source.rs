//! Where capture bytes come from: a file or standard input, plain or compressed (told by content).

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read};

use flate2::bufread::MultiGzDecoder;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::stop;

/// Compressed bytes read at a time.
const COMPRESSED_BLOCK_BYTES: usize = 256 << 10;
/// Between two looks at whether to stop, while there is nothing to read.
const LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// A stream of uncompressed capture bytes.
pub(super) enum Source {
    Plain(Counted),
    Gzip(Box<MultiGzDecoder<BufReader<Counted>>>),
    Zstd(Box<zstd::Decoder<'static, BufReader<Counted>>>),
}

/// Bytes as they lie in the file.
pub(super) struct Raw {
    file: File,
    /// Whether there may be nothing to read for now: a pipe, a terminal.
    waits: bool,
}

/// Gives the first bytes back that were read to tell the compression, and counts all.
pub(super) struct Counted {
    head: [u8; 4],
    /// Which bytes of `head` are still to be given.
    at: usize,
    len: usize,
    raw: Raw,
    bytes: u64,
}

impl Source {
    /// Looks at the first four bytes to tell the compression.
    pub(super) fn new(raw: Raw) -> io::Result<Self> {
        let mut counted = Counted { head: [0; 4], at: 0, len: 0, raw, bytes: 0 };
        counted.look()?;
        Ok(match counted.head {
            [0x1f, 0x8b, ..] => Self::Gzip(Box::new(MultiGzDecoder::new(
                BufReader::with_capacity(COMPRESSED_BLOCK_BYTES, counted),
            ))),
            // A frame, or a skippable frame (RFC 8878 §3.1.1, §3.1.2).
            [0x28, 0xb5, 0x2f, 0xfd] | [0x50..=0x5f, 0x2a, 0x4d, 0x18] => {
                let buffered = BufReader::with_capacity(COMPRESSED_BLOCK_BYTES, counted);
                Self::Zstd(Box::new(zstd::Decoder::with_buffer(buffered)?))
            }
            _ => Self::Plain(counted),
        })
    }

    /// Whether the bytes are compressed.
    pub(super) const fn is_compressed(&self) -> bool {
        !matches!(self, Self::Plain(_))
    }

    /// Bytes taken from the file so far, as they lie in it.
    pub(super) fn bytes(&self) -> u64 {
        match self {
            Self::Plain(counted) => counted.bytes,
            Self::Gzip(gzip) => gzip.get_ref().get_ref().bytes,
            Self::Zstd(zstd) => zstd.get_ref().get_ref().bytes,
        }
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(counted) => counted.read(buffer),
            Self::Gzip(gzip) => gzip.read(buffer),
            Self::Zstd(zstd) => zstd.read(buffer),
        }
    }
}

impl Counted {
    fn look(&mut self) -> io::Result<()> {
        while let Some(free) = self.head.get_mut(self.len..).filter(|free| !free.is_empty()) {
            match self.raw.read(free) {
                Ok(0) => break,
                Ok(read) => self.len = self.len.saturating_add(read),
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let head = self.head.get(self.at..self.len).unwrap_or_default();
        let read = if head.is_empty() {
            self.raw.read(buffer)?
        } else {
            let n = head.len().min(buffer.len());
            for (to, from) in buffer.iter_mut().zip(head) {
                *to = *from;
            }
            self.at = self.at.saturating_add(n);
            n
        };
        self.bytes = self.bytes.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        Ok(read)
    }
}

impl Raw {
    /// Of an open file; nothing may have been read of it through a buffer.
    pub(super) fn new(file: File) -> io::Result<Self> {
        let waits = !file.metadata()?.is_file();
        Ok(Self { file, waits })
    }

    /// Waits until there is something to read, or the end; `false` when reading is to stop.
    fn is_ready(&self) -> io::Result<bool> {
        while !stop::is_wanted() {
            match poll(&mut [PollFd::new(&self.file, PollFlags::IN)], Some(&LOOK)) {
                Ok(0) | Err(Errno::INTR) => {}
                Ok(_) => return Ok(true),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(false)
    }
}

impl Read for Raw {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.waits && !self.is_ready()? {
            return Ok(0);
        }
        self.file.read(buffer)
    }
}
