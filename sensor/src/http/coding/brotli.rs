//! Brotli.
//!
//! Source: RFC 7932.

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};

use super::Step;

type Stream = BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>;

/// Largest window, in bytes (RFC 7932 §9.1).
const WINDOW_BYTES_MAX: u64 = 16 << 20;

/// Tables, in bytes, about.
const TABLES_BYTES: u64 = 128 << 10;

/// Decodes one brotli stream; what follows it is passed over.
#[derive(Default)]
pub(super) struct Brotli {
    stream: Option<Box<Stream>>,
    ended: bool,
}

impl Brotli {
    /// Bytes it holds, about, once it has put out so many.
    pub(super) fn held_bytes(out: u64) -> u64 {
        TABLES_BYTES.saturating_add(out.min(WINDOW_BYTES_MAX))
    }

    pub(super) const fn ended(&self) -> bool {
        self.ended
    }

    pub(super) fn step(&mut self, input: &[u8], out: &mut [u8]) -> Step {
        if self.ended {
            return Step { read: input.len(), wrote: 0, bad: false };
        }
        // Strict: windows up to 16 MiB (§9.1), not the 1 GiB of the "large window" extension.
        let stream = self.stream.get_or_insert_with(|| {
            let alloc = StandardAlloc::default;
            Box::new(BrotliState::new_strict(alloc(), alloc(), alloc()))
        });
        let (mut left, mut read, mut free, mut wrote, mut total) =
            (input.len(), 0, out.len(), 0, 0);
        let result = BrotliDecompressStream(
            &mut left, &mut read, input, &mut free, &mut wrote, out, &mut total, stream,
        );
        match result {
            BrotliResult::ResultSuccess => {
                self.ended = true;
                self.stream = None;
                Step { read, wrote, bad: false }
            }
            BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => {
                Step { read, wrote, bad: false }
            }
            BrotliResult::ResultFailure => Step { read, wrote, bad: true },
        }
    }
}
