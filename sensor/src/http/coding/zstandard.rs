//! Zstandard.
//!
//! Source: RFC 8878; window limit: RFC 9659.

use zstd::stream::raw::{Decoder, InBuffer, Operation as _, OutBuffer};
use zstd::zstd_safe::DParameter;

use super::Step;

/// Largest window, as a power of two: 8 MiB.
const WINDOW_LOG_MAX: u32 = 23;

/// Decodes zstd frames and passes over skippable ones.
#[derive(Default)]
pub(super) struct Zstandard {
    stream: Option<Decoder<'static>>,
    /// Whether the last byte was the last of a frame.
    ended: bool,
}

impl Zstandard {
    pub(super) const fn ended(&self) -> bool {
        self.ended
    }

    pub(super) fn step(&mut self, input: &[u8], out: &mut [u8]) -> Step {
        let bad = Step { read: 0, wrote: 0, bad: true };
        let Some(stream) = self.stream() else { return bad };
        let (mut source, mut sink) = (InBuffer::around(input), OutBuffer::around(out));
        let result = stream.run(&mut source, &mut sink);
        let step = Step { read: source.pos(), wrote: sink.pos(), bad: result.is_err() };
        // A call with nothing to do would ask for the next frame's header.
        if step.read > 0 || step.wrote > 0 {
            self.ended = matches!(result, Ok(0));
        }
        step
    }

    fn stream(&mut self) -> Option<&mut Decoder<'static>> {
        if self.stream.is_none() {
            let mut stream = Decoder::new().ok()?;
            stream.set_parameter(DParameter::WindowLogMax(WINDOW_LOG_MAX)).ok()?;
            self.stream = Some(stream);
        }
        self.stream.as_mut()
    }
}
