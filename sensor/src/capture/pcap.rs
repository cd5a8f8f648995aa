//! Classic pcap files: a file header, then records.
//!
//! ```text
//! | magic 4 | major 2 | minor 2 | reserved 8 | snap length 4 | FCS bits, link type 4 |
//! | seconds 4 | fraction 4 | captured 4 | original 4 | (modified: 8 more) | packet ...
//! ```
//!
//! Source: draft-ietf-opsawg-pcap §4, §5.

use std::io::Read;

use super::window::Window;
use super::{LinkType, Packet, ReadError};
use crate::time::Timestamp;

/// Longest packet read, in bytes. Super-frames (BIG TCP) reach 512 KiB; more is a damaged length.
pub const PACKET_BYTES_MAX: u32 = 16 << 20;

/// Bytes read from the source at a time: large enough for few calls, small enough to stay in the cache.
pub(super) const BLOCK_BYTES: usize = 64 << 10;

/// What the magic number tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Format {
    big_endian: bool,
    nanos: bool,
    record_header: usize,
}

impl Format {
    /// Source: draft-ietf-opsawg-pcap §4; 0xa1b2cd34 is of A. Kuznetzov's modified libpcap.
    const fn of(magic: [u8; 4]) -> Option<Self> {
        let (big_endian, nanos, record_header) = match magic {
            [0xa1, 0xb2, 0xc3, 0xd4] => (true, false, 16),
            [0xd4, 0xc3, 0xb2, 0xa1] => (false, false, 16),
            [0xa1, 0xb2, 0x3c, 0x4d] => (true, true, 16),
            [0x4d, 0x3c, 0xb2, 0xa1] => (false, true, 16),
            [0xa1, 0xb2, 0xcd, 0x34] => (true, false, 24),
            [0x34, 0xcd, 0xb2, 0xa1] => (false, false, 24),
            _ => return None,
        };
        Some(Self { big_endian, nanos, record_header })
    }

    const fn u32(self, bytes: [u8; 4]) -> u32 {
        if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    }

    const fn u16(self, bytes: [u8; 2]) -> u16 {
        if self.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }
    }
}

/// Whether a file that begins with `magic` is a classic pcap file.
#[must_use]
pub fn is_magic(magic: [u8; 4]) -> bool {
    Format::of(magic).is_some()
}

/// Reads packets from the bytes of a classic pcap file.
///
/// No `Debug`: it holds raw traffic.
pub struct Reader<R> {
    window: Window<R>,
    format: Format,
    link: LinkType,
    /// Versions before 2.4 may have captured and original length swapped.
    maybe_swapped: bool,
    current: Current,
    done: bool,
    truncated: Option<u64>,
}

/// The record at the start of the window.
#[derive(Clone, Copy, Default)]
struct Current {
    time: Timestamp,
    original_len: u32,
    captured_len: usize,
    /// Length of the whole record: consumed before the next one.
    record_len: usize,
}

impl<R: Read> Reader<R> {
    /// Reads the file header.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when `source` cannot be read, or is no pcap file of a known version.
    pub fn new(source: R) -> Result<Self, ReadError> {
        Self::from_window(Window::new(source, BLOCK_BYTES))
    }

    pub(super) fn from_window(mut window: Window<R>) -> Result<Self, ReadError> {
        const HEADER: usize = 24;
        let whole = window.need(HEADER).map_err(|error| ReadError::Io { offset: 0, error })?;
        let format = Format::of(window.array(0)).ok_or(ReadError::NotCapture { found: "" })?;
        if !whole {
            return Err(ReadError::ShortHeader {
                len: u64::try_from(window.len()).unwrap_or(u64::MAX),
            });
        }
        let (major, minor) = (format.u16(window.array(4)), format.u16(window.array(6)));
        if !(major == 2 && minor <= 4 || major == 543) {
            return Err(ReadError::Version { format: "pcap", major, minor });
        }
        // The upper half tells of frame check sequences, which the IP length cuts off anyway.
        let [low, high, ..] = format.u32(window.array(20)).to_le_bytes();
        window.consume(HEADER);
        Ok(Self {
            window,
            format,
            link: LinkType(u16::from_le_bytes([low, high])),
            maybe_swapped: minor < 4,
            current: Current::default(),
            done: false,
            truncated: None,
        })
    }

    /// Link type of all packets.
    #[must_use]
    pub const fn link(&self) -> LinkType {
        self.link
    }

    /// Where the last record is cut short, in bytes of the uncompressed capture; known at the end.
    #[must_use]
    pub const fn truncated(&self) -> Option<u64> {
        self.truncated
    }

    /// The next packet, lent until the one after; `None` at the end.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when the source fails or a record claims an absurd length: nothing more can be
    /// read then, and `None` follows.
    #[expect(clippy::should_implement_trait, reason = "lends, so it cannot be Iterator::next")]
    #[inline]
    pub fn next(&mut self) -> Result<Option<Packet<'_>>, ReadError> {
        Ok(if self.advance()? { Some(self.packet()) } else { None })
    }

    /// Moves to the next packet; `false` at the end.
    #[inline]
    pub(super) fn advance(&mut self) -> Result<bool, ReadError> {
        self.window.consume(self.current.record_len);
        match self.at_hand() {
            Some(current) => {
                self.current = current;
                Ok(true)
            }
            None => self.read(),
        }
    }

    /// The record at the start of the window, if it is of the usual form and there as a whole: most are.
    #[inline]
    fn at_hand(&self) -> Option<Current> {
        let (header, rest) = self.window.rest().split_first_chunk::<16>()?;
        let &[s0, s1, s2, s3, f0, f1, f2, f3, c0, c1, c2, c3, o0, o1, o2, o3] = header;
        let captured = self.format.u32([c0, c1, c2, c3]);
        let captured_len = usize::try_from(captured).ok()?;
        let unusual = self.done || self.maybe_swapped || self.format.record_header != header.len();
        if unusual || captured > PACKET_BYTES_MAX || captured_len > rest.len() {
            return None;
        }
        let unit = if self.format.nanos { 1 } else { 1000 };
        let fraction = u64::from(self.format.u32([f0, f1, f2, f3])).saturating_mul(unit);
        Some(Current {
            time: Timestamp::new(self.format.u32([s0, s1, s2, s3]).into(), fraction),
            original_len: self.format.u32([o0, o1, o2, o3]).max(captured),
            captured_len,
            record_len: captured_len.saturating_add(header.len()),
        })
    }

    /// The same for any record, read from the source if need be.
    #[cold]
    fn read(&mut self) -> Result<bool, ReadError> {
        self.current = Current::default();
        if self.done {
            return Ok(false);
        }
        let header = self.format.record_header;
        if !self.need(header)? {
            return Ok(false);
        }
        let [s0, s1, s2, s3, f0, f1, f2, f3, c0, c1, c2, c3, o0, o1, o2, o3] = self.window.array(0);
        let seconds = self.format.u32([s0, s1, s2, s3]);
        let fraction = self.format.u32([f0, f1, f2, f3]);
        let captured = self.format.u32([c0, c1, c2, c3]);
        let original = self.format.u32([o0, o1, o2, o3]);
        let (captured, original) = if self.maybe_swapped && captured > original {
            (original, captured)
        } else {
            (captured, original)
        };
        if captured > PACKET_BYTES_MAX {
            self.done = true;
            let (offset, max) = (self.window.offset(), u64::from(PACKET_BYTES_MAX));
            return Err(ReadError::Length {
                what: "a packet",
                offset,
                len: captured.into(),
                min: 0,
                max,
            });
        }
        let captured_len = usize::try_from(captured).unwrap_or(usize::MAX);
        let record_len = captured_len.saturating_add(header);
        if !self.need(record_len)? {
            return Ok(false);
        }
        let unit = if self.format.nanos { 1 } else { 1000 };
        self.current = Current {
            time: Timestamp::new(seconds.into(), u64::from(fraction).saturating_mul(unit)),
            original_len: original.max(captured),
            captured_len,
            record_len,
        };
        Ok(true)
    }

    /// Time of the packet moved to.
    #[inline]
    pub(super) const fn time(&self) -> Timestamp {
        self.current.time
    }

    /// The packet moved to.
    #[inline]
    pub(super) fn packet(&self) -> Packet<'_> {
        Packet {
            time: self.current.time,
            link: self.link,
            interface: 0,
            original_len: self.current.original_len,
            data: self.window.slice(self.format.record_header, self.current.captured_len),
        }
    }

    pub(super) const fn source(&self) -> &R {
        self.window.source()
    }

    /// Makes `n` bytes of a record available; notes the end, and where a record is cut short.
    #[inline]
    fn need(&mut self, n: usize) -> Result<bool, ReadError> {
        match self.window.need(n) {
            Ok(true) => Ok(true),
            Ok(false) => {
                self.done = true;
                if self.window.len() > 0 || self.window.is_cut() {
                    self.truncated = Some(self.window.offset());
                }
                Ok(false)
            }
            Err(error) => {
                self.done = true;
                Err(ReadError::Io { offset: self.window.offset(), error })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is read of a file: packets, where it is cut, how it ended.
    #[derive(Debug, PartialEq)]
    struct Told {
        packets: Vec<(Timestamp, u32, Vec<u8>)>,
        truncated: Option<u64>,
        end: String,
    }

    /// What is read of a file in blocks of so many octets.
    fn read(file: &[u8], block: usize) -> Told {
        let mut reader = Reader::from_window(Window::new(file, block)).ok().unwrap();
        let mut packets = Vec::new();
        let end = loop {
            match reader.next() {
                Ok(Some(packet)) => {
                    packets.push((packet.time, packet.original_len, packet.data.to_vec()));
                }
                Ok(None) => break String::new(),
                Err(error) => break error.to_string(),
            }
        };
        Told { packets, truncated: reader.truncated(), end }
    }

    proptest! {
        // Records that are at hand as a whole, and those that are read piece by piece, are the same.
        #[test]
        fn blocks_change_nothing(
            magic in prop::sample::select(vec![0xa1b2_c3d4_u32, 0xa1b2_3c4d, 0xa1b2_cd34]), big: bool, minor in 3..5_u16,
            records in prop::collection::vec((any::<u32>(), any::<u32>(), 0..200_u32, 0..300_u32, 0..99_u8), 0..9),
            cut in 0..40_usize,
        ) {
            let u32 = |n: u32| if big { n.to_be_bytes() } else { n.to_le_bytes() };
            let u16 = |n: u16| if big { n.to_be_bytes() } else { n.to_le_bytes() };
            let mut file = [&u32(magic)[..], &u16(2), &u16(minor), &[0; 8], &u32(65_535), &u32(1)].concat();
            for (seconds, fraction, captured, original, odd) in records {
                // Some claim an absurd length.
                let said = if odd == 0 { u32::MAX } else { captured };
                for n in [seconds, fraction, said, original] {
                    file.extend(u32(n));
                }
                if magic == 0xa1b2_cd34 {
                    file.extend([0; 8]);
                }
                file.extend((0..captured).map(|n| u8::try_from(n).unwrap()));
            }
            file.truncate(file.len().saturating_sub(cut).max(24));
            prop_assert_eq!(read(&file, 64), read(&file, 1 << 20));
        }
    }
}
