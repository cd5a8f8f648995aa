//! pcapng files: sections of blocks.
//!
//! ```text
//! | type 4 | total length 4 | body, padded to 4 | total length 4 |
//! ```
//!
//! Blocks that hold no packets are skipped, except interfaces and decryption secrets.
//!
//! Source: draft-ietf-opsawg-pcapng §3, §4.

use std::io::Read;

use super::pcap::{BLOCK_BYTES, PACKET_BYTES_MAX};
use super::window::Window;
use super::{LinkType, Packet, ReadError, Secrets};
use crate::time::Timestamp;

mod interface;
mod options;

pub use interface::Interface;
use interface::{Interfaces, Slot};

/// Longest block read whole, in bytes: the longest packet with room for options.
const BLOCK_LEN_MAX: u32 = PACKET_BYTES_MAX + (1 << 20);

/// Most key log bytes kept of one file.
pub const SECRETS_BYTES_MAX: usize = 16 << 20;

const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;
const SECRETS: u32 = 10;

/// Secrets of TLS key logs: "TLSK" (draft-ietf-opsawg-pcapng §4.7).
const TLS_KEY_LOG: u32 = 0x544c_534b;

/// First four bytes of every pcapng file.
pub const MAGIC: [u8; 4] = SECTION.to_be_bytes();

/// What was left out, and what was kept aside.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Blocks of types that hold no packets.
    pub blocks: u64,
    /// Packets that name an interface the section has not described.
    pub no_interface: u64,
    /// Packets whose length does not fit into their block.
    pub bad: u64,
    /// Decryption secrets of other kinds than TLS key logs, and those beyond [`SECRETS_BYTES_MAX`].
    pub secrets: u64,
}

/// Reads packets from the bytes of a pcapng file.
///
/// [`Packet::interface`] is an index into [`Reader::interfaces`].
///
/// No `Debug`: it holds raw traffic.
pub struct Reader<R> {
    window: Window<R>,
    big_endian: bool,
    interfaces: Interfaces,
    secrets: Vec<Secrets>,
    secrets_len: usize,
    skipped: Skipped,
    current: Current,
    done: bool,
    truncated: Option<u64>,
}

/// The block at the start of the window.
#[derive(Clone, Copy)]
struct Current {
    time: Timestamp,
    link: LinkType,
    interface: u32,
    original_len: u32,
    data_at: usize,
    data_len: usize,
    /// Length of the whole block: consumed before the next one.
    block_len: usize,
}

impl Default for Current {
    fn default() -> Self {
        Self {
            time: Timestamp::ZERO,
            link: LinkType::ETHERNET,
            interface: 0,
            original_len: 0,
            data_at: 0,
            data_len: 0,
            block_len: 0,
        }
    }
}

impl<R: Read> Reader<R> {
    /// Reads the first section header.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when `source` cannot be read, or is no pcapng file of a known version.
    pub fn new(source: R) -> Result<Self, ReadError> {
        Self::from_window(Window::new(source, BLOCK_BYTES))
    }

    pub(super) fn from_window(window: Window<R>) -> Result<Self, ReadError> {
        let mut reader = Self {
            window,
            big_endian: false,
            interfaces: Interfaces::default(),
            secrets: Vec::new(),
            secrets_len: 0,
            skipped: Skipped::default(),
            current: Current::default(),
            done: false,
            truncated: None,
        };
        let short = !reader.need(12)?;
        if reader.window.array(0) != MAGIC {
            return Err(ReadError::NotCapture { found: "" });
        }
        if short || !reader.section()? {
            let len = u64::try_from(reader.window.len()).unwrap_or(u64::MAX);
            return Err(ReadError::ShortHeader { len });
        }
        Ok(reader)
    }

    /// Interfaces described so far, those of all sections. Equal ones of several sections are one.
    #[must_use]
    pub fn interfaces(&self) -> &[Interface] {
        self.interfaces.known()
    }

    /// TLS key logs found so far and not taken yet.
    #[must_use]
    pub fn secrets(&self) -> &[Secrets] {
        &self.secrets
    }

    /// What was left out so far.
    #[must_use]
    pub const fn skipped(&self) -> Skipped {
        self.skipped
    }

    /// Where the last block is cut short, in bytes of the uncompressed capture; known at the end.
    #[must_use]
    pub const fn truncated(&self) -> Option<u64> {
        self.truncated
    }

    /// The next packet, lent until the one after; `None` at the end.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when the source fails or the block structure is damaged: nothing more can be read
    /// then, and `None` follows.
    #[expect(clippy::should_implement_trait, reason = "lends, so it cannot be Iterator::next")]
    #[inline]
    pub fn next(&mut self) -> Result<Option<Packet<'_>>, ReadError> {
        Ok(if self.advance()? { Some(self.packet()) } else { None })
    }

    /// Moves to the next packet; `false` at the end.
    pub(super) fn advance(&mut self) -> Result<bool, ReadError> {
        loop {
            self.window.consume(self.current.block_len);
            self.current.block_len = 0;
            if self.done || !self.need(8)? {
                return Ok(false);
            }
            let kind = self.u32(0);
            let going = match kind {
                SECTION => self.section()?,
                ENHANCED_PACKET | PACKET => match self.block(kind, 32)? {
                    true if self.full_packet(kind) => return Ok(true),
                    more => more,
                },
                SIMPLE_PACKET => match self.block(kind, 16)? {
                    true if self.simple_packet() => return Ok(true),
                    more => more,
                },
                INTERFACE => self.block(kind, 20)? && self.interface()?,
                SECRETS => self.block(kind, 20)? && self.secret(),
                _ => self.skip()?,
            };
            if !going {
                return Ok(false);
            }
        }
    }

    /// The packet moved to.
    #[inline]
    pub(super) fn packet(&self) -> Packet<'_> {
        let Current { time, link, interface, original_len, data_at, data_len, .. } = self.current;
        Packet { time, link, interface, original_len, data: self.window.slice(data_at, data_len) }
    }

    pub(super) const fn source(&self) -> &R {
        self.window.source()
    }

    #[inline]
    pub(super) const fn has_secrets(&self) -> bool {
        !self.secrets.is_empty()
    }

    pub(super) const fn secrets_mut(&mut self) -> &mut Vec<Secrets> {
        &mut self.secrets
    }

    /// §4.1: byte order of what follows; interfaces are counted anew.
    fn section(&mut self) -> Result<bool, ReadError> {
        if !self.need(12)? {
            return Ok(false);
        }
        self.big_endian = match self.window.array(8) {
            [0x1a, 0x2b, 0x3c, 0x4d] => true,
            [0x4d, 0x3c, 0x2b, 0x1a] => false,
            _ => return self.damaged("a section header without byte-order magic"),
        };
        if !self.block(SECTION, 28)? {
            return Ok(false);
        }
        let (major, minor) = (self.u16(12), self.u16(14));
        if major != 1 {
            self.done = true;
            return Err(ReadError::Version { format: "pcapng", major, minor });
        }
        self.interfaces.start_section();
        Ok(true)
    }

    /// Brings a whole block of at least `min` bytes into the window; `false` when it is cut short.
    fn block(&mut self, kind: u32, min: u32) -> Result<bool, ReadError> {
        let len = self.u32(4);
        if len < min || !len.is_multiple_of(4) || len > BLOCK_LEN_MAX {
            return self.absurd(kind, len, min, BLOCK_LEN_MAX);
        }
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        if !self.need(len)? {
            return Ok(false);
        }
        if self.window.array::<4>(len.saturating_sub(4)) != self.window.array::<4>(4) {
            return self.damaged("a block whose two lengths differ");
        }
        self.current.block_len = len;
        Ok(true)
    }

    /// Steps over a block of any length without holding it.
    fn skip(&mut self) -> Result<bool, ReadError> {
        let len = self.u32(4);
        if len < 12 || !len.is_multiple_of(4) {
            return self.absurd(self.u32(0), len, 12, u32::MAX - 3);
        }
        let offset = self.window.offset();
        match self.window.skip(len.into()) {
            Ok(true) => {
                self.skipped.blocks = self.skipped.blocks.saturating_add(1);
                Ok(true)
            }
            Ok(false) => {
                self.done = true;
                self.truncated = Some(offset);
                Ok(false)
            }
            Err(error) => {
                self.done = true;
                Err(ReadError::Io { offset, error })
            }
        }
    }

    /// §4.2.
    fn interface(&mut self) -> Result<bool, ReadError> {
        let options = self.window.slice(16, self.current.block_len.saturating_sub(20));
        let slot = Slot::new(LinkType(self.u16(8)), self.u32(12), options, self.big_endian);
        if !self.interfaces.add(slot) {
            self.done = true;
            return Err(ReadError::Interfaces {
                offset: self.window.offset(),
                max: Interfaces::MAX,
            });
        }
        Ok(true)
    }

    /// §4.3 (Enhanced Packet Block) and appendix A (Packet Block): alike but for the interface.
    fn full_packet(&mut self, kind: u32) -> bool {
        let local = if kind == PACKET { u32::from(self.u16(8)) } else { self.u32(8) };
        let Some(slot) = self.interfaces.slot(local) else {
            self.skipped.no_interface = self.skipped.no_interface.saturating_add(1);
            return false;
        };
        let [high, low, captured, original] = [12, 16, 20, 24].map(|at| self.u32(at));
        let captured_len = usize::try_from(captured).unwrap_or(usize::MAX);
        if captured_len > self.current.block_len.saturating_sub(32) {
            self.skipped.bad = self.skipped.bad.saturating_add(1);
            return false;
        }
        self.current = Current {
            time: slot.time(u64::from(high) << 32 | u64::from(low)),
            link: slot.link,
            interface: slot.id,
            original_len: original.max(captured),
            data_at: 28,
            data_len: captured_len,
            block_len: self.current.block_len,
        };
        true
    }

    /// §4.4: no time of its own (it gets that of the packet before), always of the first interface.
    fn simple_packet(&mut self) -> bool {
        let Some(slot) = self.interfaces.slot(0) else {
            self.skipped.no_interface = self.skipped.no_interface.saturating_add(1);
            return false;
        };
        let original_len = self.u32(8);
        let snap_len = if slot.snap_len == 0 { u32::MAX } else { slot.snap_len };
        let captured_len = usize::try_from(original_len.min(snap_len)).unwrap_or(usize::MAX);
        self.current = Current {
            link: slot.link,
            interface: slot.id,
            original_len,
            data_at: 12,
            data_len: captured_len.min(self.current.block_len.saturating_sub(16)),
            ..self.current
        };
        true
    }

    /// §4.7.
    fn secret(&mut self) -> bool {
        let len = usize::try_from(self.u32(12)).unwrap_or(usize::MAX);
        let len = len.min(self.current.block_len.saturating_sub(20));
        let held = self.secrets_len.saturating_add(len);
        if self.u32(8) == TLS_KEY_LOG && held <= SECRETS_BYTES_MAX {
            self.secrets_len = held;
            self.secrets.push(Secrets::new(self.window.slice(16, len)));
        } else {
            self.skipped.secrets = self.skipped.secrets.saturating_add(1);
        }
        self.window.wipe(self.current.block_len);
        true
    }

    #[inline]
    fn u32(&self, at: usize) -> u32 {
        let bytes = self.window.array(at);
        if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    }

    #[inline]
    fn u16(&self, at: usize) -> u16 {
        let bytes = self.window.array(at);
        if self.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }
    }

    /// Makes `n` bytes of a block available; notes the end, and where a block is cut short.
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

    #[cold]
    fn damaged(&mut self, what: &'static str) -> Result<bool, ReadError> {
        self.done = true;
        Err(ReadError::Structure { what, offset: self.window.offset() })
    }

    #[cold]
    fn absurd(&mut self, kind: u32, len: u32, min: u32, max: u32) -> Result<bool, ReadError> {
        self.done = true;
        let what = match kind {
            SECTION => "a section header",
            INTERFACE => "an interface description",
            PACKET | ENHANCED_PACKET | SIMPLE_PACKET => "a packet block",
            SECRETS => "a decryption secrets block",
            _ => "a block",
        };
        let offset = self.window.offset();
        Err(ReadError::Length { what, offset, len: len.into(), min: min.into(), max: max.into() })
    }
}
