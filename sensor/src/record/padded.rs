//! Short messages of SHA-1 and SHA-256, padded where they are laid out (FIPS 180-4 §5.1.1).

/// Octets of a block, the same for both.
pub(super) use crate::sha256::BLOCK;

/// Octets of the end mark and the length.
const END: usize = 9;

/// A message in up to `SIZE` octets of blocks.
pub(super) struct Padded<const SIZE: usize> {
    octets: [u8; SIZE],
    len: usize,
}

impl<const SIZE: usize> Padded<SIZE> {
    /// Octets there is room for.
    pub(super) const ROOM: usize = SIZE - END;

    pub(super) const fn new() -> Self {
        Self { octets: [0; SIZE], len: 0 }
    }

    /// Adds octets.
    #[inline]
    pub(super) fn add(&mut self, octets: &[u8]) {
        let end = self.len.saturating_add(octets.len());
        debug_assert!(end <= Self::ROOM, "blocks for {end} octets");
        if let Some(room) = self.octets.get_mut(self.len..end) {
            room.copy_from_slice(octets);
            self.len = end;
        }
    }

    /// The blocks to be hashed, padded.
    #[inline]
    pub(super) fn blocks(&mut self) -> &[u8] {
        let bits = u64::try_from(self.len).unwrap_or(0).wrapping_mul(8).to_be_bytes();
        if let Some(mark) = self.octets.get_mut(self.len) {
            *mark = 0x80;
        }
        let used = self.len.saturating_add(END).next_multiple_of(BLOCK).min(SIZE);
        let Some(blocks) = self.octets.get_mut(..used) else { return &[] };
        if let Some(length) = blocks.last_chunk_mut() {
            *length = bits;
        }
        blocks
    }
}
