//! A sliding window over a byte source: large reads, records lent in place.
//!
//! ```text
//! | consumed | start .. end: read, not yet consumed | free |
//! ```
//!
//! Invariant: `start <= end <= bytes.len()`; `base` is the stream offset of `bytes[0]`.

use std::io::{ErrorKind, Read, Result};

use zeroize::Zeroize as _;

/// Bytes of one stream, read in blocks.
///
/// No `Debug`: it holds raw traffic.
pub(super) struct Window<R> {
    source: R,
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    base: u64,
    ended: bool,
    cut: bool,
}

impl<R: Read> Window<R> {
    /// A window that reads `block` bytes at a time.
    pub(super) fn new(source: R, block: usize) -> Self {
        Self {
            source,
            bytes: vec![0; block.max(64)],
            start: 0,
            end: 0,
            base: 0,
            ended: false,
            cut: false,
        }
    }

    /// Where the bytes come from.
    pub(super) const fn source(&self) -> &R {
        &self.source
    }

    /// Stream offset of the first byte not consumed.
    pub(super) fn offset(&self) -> u64 {
        self.base.saturating_add(u64::try_from(self.start).unwrap_or(u64::MAX))
    }

    /// Whether the source ended inside its own framing (a cut gzip or zstd file).
    pub(super) const fn is_cut(&self) -> bool {
        self.cut
    }

    /// Bytes at hand.
    pub(super) const fn len(&self) -> usize {
        self.end - self.start
    }

    /// Makes `n` bytes available; `false` when the stream ends before.
    #[inline]
    pub(super) fn need(&mut self, n: usize) -> Result<bool> {
        if self.len() >= n { Ok(true) } else { self.fill(n) }
    }

    /// All bytes at hand.
    #[inline]
    pub(super) fn rest(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// The `len` bytes that are `at` bytes behind the first one not consumed; empty when not at hand.
    #[inline]
    pub(super) fn slice(&self, at: usize, len: usize) -> &[u8] {
        let from = self.start.saturating_add(at);
        let to = from.saturating_add(len);
        if to > self.end {
            return &[];
        }
        self.bytes.get(from..to).unwrap_or_default()
    }

    /// The `N` bytes that are `at` bytes behind the first one not consumed; zeros when not at hand.
    #[inline]
    pub(super) fn array<const N: usize>(&self, at: usize) -> [u8; N] {
        self.slice(at, N).first_chunk().copied().unwrap_or([0; N])
    }

    /// Drops `n` bytes that are at hand.
    #[inline]
    pub(super) fn consume(&mut self, n: usize) {
        self.start = self.start.saturating_add(n).min(self.end);
    }

    /// Drops `n` bytes, at hand or not; `false` when the stream ends before.
    pub(super) fn skip(&mut self, n: u64) -> Result<bool> {
        let mut left = n;
        loop {
            let step = usize::try_from(left).unwrap_or(usize::MAX).min(self.len());
            self.consume(step);
            left = left.saturating_sub(u64::try_from(step).unwrap_or(u64::MAX));
            if left == 0 {
                return Ok(true);
            }
            if !self.need(1)? {
                return Ok(false);
            }
        }
    }

    /// Overwrites `n` bytes at hand: they were a secret.
    pub(super) fn wipe(&mut self, n: usize) {
        let to = self.start.saturating_add(n).min(self.end);
        if let Some(bytes) = self.bytes.get_mut(self.start..to) {
            bytes.zeroize();
        }
    }

    #[cold]
    fn fill(&mut self, n: usize) -> Result<bool> {
        if self.start.saturating_add(n) > self.bytes.len() {
            self.bytes.copy_within(self.start..self.end, 0);
            self.base = self.offset();
            self.end -= self.start;
            self.start = 0;
            if n > self.bytes.len() {
                self.bytes.resize(n.next_power_of_two(), 0);
            }
        }
        while self.len() < n && !self.ended {
            let free = self.bytes.get_mut(self.end..).unwrap_or_default();
            match self.source.read(free) {
                Ok(0) => self.ended = true,
                Ok(read) => self.end = self.end.saturating_add(read).min(self.bytes.len()),
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) if e.kind() == ErrorKind::UnexpectedEof => {
                    self.ended = true;
                    self.cut = true;
                }
                Err(e) => return Err(e),
            }
        }
        Ok(self.len() >= n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slides_grows_and_skips() {
        let data: Vec<u8> = (0..=255).cycle().take(1000).collect();
        let mut w = Window::new(data.as_slice(), 64);
        assert!(w.need(10).unwrap());
        w.consume(60);
        assert!(w.need(200).unwrap());
        assert_eq!((w.offset(), w.slice(0, 3)), (60, &data[60..63]));
        assert!(w.skip(500).unwrap());
        assert_eq!(w.offset(), 560);
        assert!(w.need(440).unwrap() && !w.need(441).unwrap());
        assert_eq!(w.slice(439, 1), &data[999..]);
        assert!(w.slice(439, 2).is_empty());
        assert!(!w.skip(441).unwrap());
    }
}
