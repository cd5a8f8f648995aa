//! What is left of a packet while its headers are taken off.

use super::{Outcome, Reason};

/// Bytes from the current header on.
///
/// No `Debug`: it holds raw traffic.
#[derive(Clone, Copy)]
pub(crate) struct Frame<'a> {
    /// The bytes captured.
    pub(crate) data: &'a [u8],
    /// Bytes that followed on the wire but were not captured.
    pub(crate) cut: usize,
}

impl<'a> Frame<'a> {
    /// Length on the wire.
    pub(crate) fn wire(self) -> usize {
        self.data.len().saturating_add(self.cut)
    }

    /// What a packet is whose header does not fit: cut by the capture, or by its sender.
    #[cold]
    pub(crate) fn short(self) -> Outcome {
        if self.cut > 0 { Outcome::Truncated } else { Outcome::Malformed(Reason::Short) }
    }

    /// `N` octets from `at`.
    pub(crate) fn array<const N: usize>(self, at: usize) -> Result<&'a [u8; N], Outcome> {
        self.data.get(at..).and_then(<[u8]>::first_chunk).ok_or_else(|| self.short())
    }

    /// The octet at `at`.
    pub(crate) fn u8(self, at: usize) -> Result<u8, Outcome> {
        self.data.get(at).copied().ok_or_else(|| self.short())
    }

    /// The big-endian number of two octets at `at`.
    pub(crate) fn u16(self, at: usize) -> Result<u16, Outcome> {
        self.array(at).map(|octets| u16::from_be_bytes(*octets))
    }

    /// The big-endian number of four octets at `at`.
    pub(crate) fn u32(self, at: usize) -> Result<u32, Outcome> {
        self.array(at).map(|octets| u32::from_be_bytes(*octets))
    }

    /// What follows `len` octets.
    pub(crate) fn skip(self, len: usize) -> Result<Self, Outcome> {
        match self.data.get(len..) {
            Some(data) => Ok(Self { data, cut: self.cut }),
            None => Err(self.short()),
        }
    }

    /// The frame as `len` octets long, which is what its IP header says: what follows is padding, what is
    /// missing was cut.
    pub(crate) fn bound(self, len: usize) -> Self {
        match self.data.get(..len) {
            Some(data) => Self { data, cut: 0 },
            None => Self { data: self.data, cut: len.saturating_sub(self.data.len()) },
        }
    }

    /// The frame as at most `len` octets long, for lengths that are not believed when they say more.
    pub(crate) fn trim(self, len: usize) -> Self {
        if len < self.wire() { self.bound(len) } else { self }
    }
}
