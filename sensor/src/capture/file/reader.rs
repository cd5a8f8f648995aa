//! One capture file of either format.

use super::Counts;
use super::input::{Input, from_io};
use crate::capture::source::Source;
use crate::capture::window::Window;
use crate::capture::{CaptureError, LinkType, Packet, ReadError, Secrets, pcap, pcapng};
use crate::time::Timestamp;

/// Reads one file.
pub(super) enum FileReader {
    Pcap(pcap::Reader<Source>),
    Pcapng(pcapng::Reader<Source>),
}

impl FileReader {
    /// Opens `input` and reads the file header; `block` bytes are read at a time.
    pub(super) fn open(input: &Input, block: usize) -> Result<Self, CaptureError> {
        let source = input.open()?;
        let path = if source.is_compressed() {
            format!("{} (unpacked)", input.path)
        } else {
            input.path.to_string()
        };
        let mut window = Window::new(source, block);
        let whole = window.need(4).map_err(|error| from_io(&path, error))?;
        if window.len() == 0 && window.is_cut() {
            return Err(CaptureError::Cut { path: input.path.to_string() });
        }
        if window.len() == 0 {
            return Err(CaptureError::Empty { path });
        }
        let magic = window.array(0);
        let opened = if !whole {
            Err(ReadError::NotCapture { found: "" })
        } else if pcap::is_magic(magic) {
            pcap::Reader::from_window(window).map(Self::Pcap)
        } else if magic == pcapng::MAGIC {
            pcapng::Reader::from_window(window).map(Self::Pcapng)
        } else {
            let found = window.need(262).map_or("", |_| looks_like(window.slice(0, window.len())));
            Err(ReadError::NotCapture { found })
        };
        let reader = opened.map_err(|error| CaptureError::Read { path: path.clone(), error })?;
        match &reader {
            Self::Pcap(pcap) if !pcap.link().supported() => {
                Err(CaptureError::Link { path, number: pcap.link().0, name: pcap.link().name() })
            }
            _ => Ok(reader),
        }
    }

    /// Moves to the next packet; `false` at the end.
    #[inline]
    pub(super) fn advance(&mut self) -> Result<bool, ReadError> {
        match self {
            Self::Pcap(reader) => reader.advance(),
            Self::Pcapng(reader) => reader.advance(),
        }
    }

    /// The packet moved to; its interface counts within the file.
    #[inline]
    pub(super) fn packet(&self) -> Packet<'_> {
        match self {
            Self::Pcap(reader) => reader.packet(),
            Self::Pcapng(reader) => reader.packet(),
        }
    }

    /// Time of the packet moved to.
    #[inline]
    pub(super) fn time(&self) -> Timestamp {
        match self {
            Self::Pcap(reader) => reader.time(),
            Self::Pcapng(reader) => reader.packet().time,
        }
    }

    /// How many interfaces are known.
    #[inline]
    pub(super) fn interface_count(&self) -> usize {
        match self {
            Self::Pcap(_) => 1,
            Self::Pcapng(reader) => reader.interfaces().len(),
        }
    }

    /// Name (empty if the file does not say) and link type of an interface.
    pub(super) fn interface(&self, at: usize) -> (&str, LinkType) {
        match self {
            Self::Pcap(reader) => ("", reader.link()),
            Self::Pcapng(reader) => reader
                .interfaces()
                .get(at)
                .map_or(("", LinkType::ETHERNET), |known| (&known.name, known.link)),
        }
    }

    /// Key logs found and not yet taken.
    #[inline]
    pub(super) fn secrets_mut(&mut self) -> Option<&mut Vec<Secrets>> {
        match self {
            Self::Pcap(_) => None,
            Self::Pcapng(reader) => Some(reader.secrets_mut()),
        }
    }

    /// Whether there are some.
    #[inline]
    pub(super) fn has_secrets(&self) -> bool {
        match self {
            Self::Pcap(_) => false,
            Self::Pcapng(reader) => reader.has_secrets(),
        }
    }

    /// Secrets found and not kept.
    pub(super) fn secrets_skipped(&self) -> u64 {
        match self {
            Self::Pcap(_) => 0,
            Self::Pcapng(reader) => reader.skipped().secrets,
        }
    }

    /// Bytes taken from the file, compressed as they are.
    pub(super) fn bytes(&self) -> u64 {
        match self {
            Self::Pcap(reader) => reader.source().bytes(),
            Self::Pcapng(reader) => reader.source().bytes(),
        }
    }

    /// Where the last record is cut short.
    pub(super) fn truncated(&self) -> Option<u64> {
        match self {
            Self::Pcap(reader) => reader.truncated(),
            Self::Pcapng(reader) => reader.truncated(),
        }
    }

    /// What was left out of the file; packets are counted where they are delivered.
    pub(super) fn counts(&self) -> Counts {
        match self {
            Self::Pcap(_) => Counts::default(),
            Self::Pcapng(reader) => {
                let pcapng::Skipped { blocks, no_interface, bad, secrets: _ } = reader.skipped();
                Counts {
                    blocks_skipped: blocks,
                    packets_no_interface: no_interface,
                    packets_bad: bad,
                    ..Counts::default()
                }
            }
        }
    }
}

/// What bytes that are no capture seem to be, to go behind "not a capture".
fn looks_like(bytes: &[u8]) -> &'static str {
    match bytes {
        [b'P', b'K', 3, 4, ..] => " but a zip archive; unpack it first",
        [b'B', b'Z', b'h', ..] => " but bzip2 data; unpack it first",
        [0xfd, b'7', b'z', b'X', b'Z', ..] => " but xz data; unpack it first",
        [b'7', b'z', 0xbc, 0xaf, ..] => " but a 7z archive; unpack it first",
        [4, 0x22, 0x4d, 0x18, ..] => " but lz4 data; unpack it first",
        [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] => " but packed twice; unpack it once",
        [b's', b'n', b'o', b'o', b'p', 0, ..] => " but a snoop file; convert it to pcapng",
        [b'b', b't', b's', b'n', b'o', b'o', b'p', ..] => " but a Bluetooth capture",
        [b'G' | b'R', b'M' | b'T', b'B' | b'S', b'U' | b'S', ..] => {
            " but a Network Monitor file; convert it to pcapng"
        }
        [0x1c, 0, 1, 0xab..=0xac, ..] | [0xab..=0xac, 1, 0, 0x1c, ..] => {
            " but an IXIA capture; convert it to pcapng"
        }
        [0x7f, b'E', b'L', b'F', ..] => " but a program",
        [b'{' | b'[' | b'<', ..] => " but text",
        _ if bytes.get(257..262) == Some(b"ustar") => " but a tar archive; unpack it first",
        _ => "",
    }
}
