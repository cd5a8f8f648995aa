//! permessage-deflate: compressed messages of one direction.
//!
//! A message may refer to the 32 KiB before it ("context takeover"). Where those were not seen, in full or at all,
//! a message is read as if nothing came before: one that refers to nothing older comes out exactly as it was sent,
//! and one that does is an error, never a wrong text, for a reference behind the known output is refused.
//!
//! Source: [RFC 7692 §7.2](https://www.rfc-editor.org/rfc/rfc7692#section-7.2).

use flate2::{Decompress, FlushDecompress, Status};

/// What one decoder costs, in bytes.
pub(super) const COST: usize = 48 << 10;
/// Output of one step.
const STEP: usize = 4096;
/// What a sender takes off the end of a message (§7.2.1).
const TAIL: &[u8] = &[0, 0, 0xff, 0xff];
/// Output that no ratio is asked of, in bytes.
const RATIO_FREE: u64 = 64 << 10;

/// Why a message could not be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// It is damaged, or refers to what was not seen.
    Bad,
    /// It expands too much.
    Ratio,
}

/// The decoder of a direction.
pub(super) struct Inflate {
    state: Decompress,
    /// Whether every message stands alone.
    fresh: bool,
    /// Whether the next message begins with nothing known before it.
    stale: bool,
    /// Of the message at hand.
    input: u64,
    output: u64,
    ratio_max: u64,
    failed: Option<Failure>,
    /// Whether the last block of a message was marked as the last of a stream.
    ended: bool,
}

impl Inflate {
    pub(super) fn new(fresh: bool, ratio_max: u32) -> Self {
        Self {
            state: Decompress::new(false),
            fresh,
            stale: false,
            input: 0,
            output: 0,
            ratio_max: ratio_max.max(1).into(),
            failed: None,
            ended: false,
        }
    }

    /// Bytes of the direction were lost: nothing is known before the next message.
    pub(super) const fn lose(&mut self) {
        self.stale = true;
    }

    /// A message begins.
    pub(super) fn begin(&mut self) {
        if self.fresh || self.stale || self.ended || self.failed.is_some() {
            self.state.reset(false);
        }
        (self.stale, self.ended, self.failed) = (false, false, None);
        (self.input, self.output) = (0, 0);
    }

    /// Takes compressed bytes and hands on what comes of them.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        emit: &mut impl FnMut(&[u8]),
    ) -> Result<(), Failure> {
        self.input = self.input.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        self.feed(bytes, emit)
    }

    /// The message is over.
    pub(super) fn end(&mut self, emit: &mut impl FnMut(&[u8])) -> Result<(), Failure> {
        self.feed(TAIL, emit)
    }

    fn feed(&mut self, mut bytes: &[u8], emit: &mut impl FnMut(&[u8])) -> Result<(), Failure> {
        if let Some(failure) = self.failed {
            return Err(failure);
        }
        let mut out = [0; STEP];
        while !self.ended {
            let (read, wrote) = (self.state.total_in(), self.state.total_out());
            let status = self.state.decompress(bytes, &mut out, FlushDecompress::Sync);
            let read = usize::try_from(self.state.total_in().saturating_sub(read)).unwrap_or(0);
            let wrote = self.state.total_out().saturating_sub(wrote);
            self.output = self.output.saturating_add(wrote);
            let wrote = usize::try_from(wrote).unwrap_or(0);
            bytes = bytes.get(read..).unwrap_or_default();
            if wrote > 0 {
                emit(out.get(..wrote).unwrap_or_default());
            }
            let too_much =
                self.output > RATIO_FREE && self.output > self.input.saturating_mul(self.ratio_max);
            let failure = match status {
                _ if too_much => Some(Failure::Ratio),
                Err(_) => Some(Failure::Bad),
                Ok(_) => None,
            };
            if let Some(failure) = failure {
                self.failed = Some(failure);
                return Err(failure);
            }
            self.ended = matches!(status, Ok(Status::StreamEnd));
            if wrote < STEP && (bytes.is_empty() || read == 0) {
                break;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use flate2::{Compress, Compression, FlushCompress};
    use proptest::prelude::*;

    use super::*;

    /// Compresses as a sender does.
    fn deflate(state: &mut Compress, text: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len() * 2 + 1024);
        state.compress_vec(text, &mut out, FlushCompress::Sync).unwrap();
        if out.is_empty() {
            // Nothing new to flush: what RFC 7692 §7.2.3.6 sends.
            return vec![0];
        }
        assert_eq!(out.split_off(out.len() - 4), TAIL);
        out
    }

    fn inflate(state: &mut Inflate, bytes: &[u8], size: usize) -> Result<Vec<u8>, Failure> {
        let mut out = Vec::new();
        state.begin();
        for piece in bytes.chunks(size) {
            state.push(piece, &mut |bytes: &[u8]| out.extend_from_slice(bytes))?;
        }
        state.end(&mut |bytes: &[u8]| out.extend_from_slice(bytes))?;
        Ok(out)
    }

    // The examples of RFC 7692 §7.2.3.
    #[test]
    fn examples_of_the_rfc() {
        let mut state = Inflate::new(false, 200);
        let first = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
        assert_eq!(inflate(&mut state, &first, 1).unwrap(), b"Hello");
        assert_eq!(inflate(&mut state, &[0xf2, 0, 0x11, 0, 0], 2).unwrap(), b"Hello");
        let stored = [0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00];
        assert_eq!(inflate(&mut state, &stored, 9).unwrap(), b"Hello");
        let last = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00];
        assert_eq!(inflate(&mut state, &last, 9).unwrap(), b"Hello");
        assert_eq!(inflate(&mut state, &first, 9).unwrap(), b"Hello");
    }

    #[test]
    fn what_refers_to_the_unseen_is_refused() {
        let mut sender = Compress::new(Compression::default(), false);
        let text = b"a text that is said again: 4111 1111 1111 1111";
        let [one, two, other] =
            [&text[..], &text[..], b"0987654321 qwertz"].map(|t| deflate(&mut sender, t));
        let mut state = Inflate::new(false, 200);
        assert_eq!(inflate(&mut state, &one, 99).unwrap(), text);
        state.lose();
        assert_eq!(inflate(&mut state, &two, 99), Err(Failure::Bad));
        assert_eq!(inflate(&mut state, &other, 99).unwrap(), b"0987654321 qwertz");
    }

    #[test]
    fn bombs_end() {
        let mut sender = Compress::new(Compression::best(), false);
        let bomb = deflate(&mut sender, &vec![0; 4 << 20]);
        let mut state = Inflate::new(false, 200);
        assert_eq!(inflate(&mut state, &bomb, 999), Err(Failure::Ratio));
    }

    proptest! {
        // Whatever messages are lost, those that come out are those that were sent.
        #[test]
        fn no_wrong_text(
            texts in prop::collection::vec("[ab]{0,40}", 1..12),
            lost in prop::collection::vec(any::<bool>(), 12),
            size in 1..40_usize,
        ) {
            let mut sender = Compress::new(Compression::best(), false);
            let mut state = Inflate::new(false, 200);
            let mut exact = true;
            for (text, lost) in texts.iter().zip(lost) {
                let bytes = deflate(&mut sender, text.as_bytes());
                if lost {
                    exact = false;
                    state.lose();
                    continue;
                }
                match inflate(&mut state, &bytes, size) {
                    Ok(read) => prop_assert_eq!(read, text.as_bytes()),
                    Err(_) => prop_assert!(!exact),
                }
            }
        }

        #[test]
        fn any_bytes_end(bytes: Vec<u8>, size in 1..40_usize) {
            let _end = inflate(&mut Inflate::new(true, 200), &bytes, size);
        }
    }
}
