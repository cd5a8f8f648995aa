//! What a decoder has still to read of a data event.

use crate::reassembly::Side;

/// What is left of a data event.
#[derive(Clone, Copy)]
pub(super) struct Piece<'a> {
    pub(super) side: Side,
    pub(super) offset: u64,
    pub(super) acked: Option<u64>,
    /// Whether a segment began at `offset`.
    pub(super) segment_start: bool,
    pub(super) bytes: &'a [u8],
}

impl<'a> Piece<'a> {
    /// Takes `len` bytes off the front.
    pub(super) fn take(&mut self, len: usize) -> &'a [u8] {
        let (front, rest) = self.bytes.split_at_checked(len).unwrap_or((self.bytes, &[]));
        self.bytes = rest;
        self.offset = self.offset.saturating_add(length(front));
        self.segment_start &= front.is_empty();
        front
    }
}

/// A length as offsets are counted.
pub(super) fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
