//! Zstandard.
//!
//! Source: RFC 8878; window limit: RFC 9659.

use zstd::zstd_safe::{DCtx, DParameter, InBuffer, OutBuffer, ResetDirective};

use super::Step;

/// Largest window, as a power of two: 8 MiB.
const WINDOW_LOG_MAX: u32 = 23;

/// The same in bytes.
const WINDOW_BYTES_MAX: u64 = 1 << WINDOW_LOG_MAX;

/// Tables and input, in bytes.
const TABLES_BYTES: u64 = 64 << 10;

/// Largest state kept for another body, in bytes: room for a 2 MiB window, what level 3 asks for when it
/// is not told the length. Only as much of a window is touched as was decoded.
const SPARE_BYTES_MAX: usize = 3 << 20;

/// A state between two bodies.
pub(super) struct Spare {
    stream: DCtx<'static>,
    /// Most that was put out by it: so much of its window is held.
    touched: u64,
}

/// Decodes zstd frames and passes over skippable ones.
#[derive(Default)]
pub(super) struct Zstandard {
    stream: Option<DCtx<'static>>,
    /// Most that was put out of a body before: so much of the window is held.
    touched: u64,
    /// Whether the last byte was the last of a frame.
    ended: bool,
}

impl Zstandard {
    /// Starts with the state of another body that is over.
    pub(super) fn reuse(&mut self, spare: Spare) {
        (self.stream, self.touched) = (Some(spare.stream), spare.touched);
    }

    /// Gives the state away, which has put out `out` bytes, unless it has grown large.
    pub(super) fn spare(self, out: u64) -> Option<Spare> {
        let mut stream = self.stream?;
        stream.reset(ResetDirective::SessionOnly).ok()?;
        (stream.sizeof() <= SPARE_BYTES_MAX)
            .then_some(Spare { stream, touched: self.touched.max(out) })
    }

    /// Bytes it holds, about, once it has put out so many.
    pub(super) fn held_bytes(&self, out: u64) -> u64 {
        TABLES_BYTES.saturating_add(self.touched.max(out).min(WINDOW_BYTES_MAX))
    }

    pub(super) const fn ended(&self) -> bool {
        self.ended
    }

    pub(super) fn step(&mut self, input: &[u8], out: &mut [u8]) -> Step {
        let Some(stream) = self.stream() else { return Step { read: 0, wrote: 0, bad: true } };
        let (mut source, mut sink) = (InBuffer::around(input), OutBuffer::around(out));
        let result = stream.decompress_stream(&mut sink, &mut source);
        let step = Step { read: source.pos(), wrote: sink.pos(), bad: result.is_err() };
        // A call with nothing to do would ask for the next frame's header.
        if step.read > 0 || step.wrote > 0 {
            self.ended = result == Ok(0);
        }
        step
    }

    fn stream(&mut self) -> Option<&mut DCtx<'static>> {
        if self.stream.is_none() {
            let mut stream = DCtx::try_create()?;
            stream.set_parameter(DParameter::WindowLogMax(WINDOW_LOG_MAX)).ok()?;
            self.stream = Some(stream);
        }
        self.stream.as_mut()
    }
}
