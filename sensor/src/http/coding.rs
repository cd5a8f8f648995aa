//! Content codings: coded body pieces in, decoded pieces out, in bounded memory, output and ratio.
//!
//! ```text
//! Content-Encoding: a, b      body ─▶ undo b ─▶ undo a ─▶ emit
//! ```
//!
//! Invariants:
//! - Cutting the input anywhere changes no byte of the output of an undamaged body. Of a damaged one what
//!   comes out is true, but how much of it, right before the damage, depends on the cuts.
//! - Nothing is held but the decoders' own windows; output is lent in small pieces.
//!
//! Source: [RFC 9110 §8.4](https://www.rfc-editor.org/rfc/rfc9110#section-8.4).

use serde::Deserialize;

mod brotli;
mod charge;
mod inflate;
mod pool;
mod room;
mod zstandard;

pub use charge::PoolLimits;
pub use pool::Pool;

use brotli::Brotli;
use charge::Charge;
use inflate::{Inflate, Label};
use room::Room;
use zstandard::Zstandard;

/// Output of one decoder step, in bytes.
const STEP_BYTES: usize = 8 << 10;

/// Output up to which the ratio does not matter, in bytes.
const RATIO_FREE_BYTES: u64 = 64 << 10;

/// Limits on decoding one body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Decoded bytes emitted of one body, at most. Any number; 0 emits nothing.
    pub decoded_bytes_max: u64,
    /// Output per input of any coding, at most; looked at beyond 64 KiB of output. From 1.
    pub ratio_max: u32,
    /// Codings of one body, at most; identity does not count. From 0; more than 8 count as 8.
    pub codings_max: u8,
}

impl Default for Limits {
    fn default() -> Self {
        Self { decoded_bytes_max: 256 << 10, ratio_max: 200, codings_max: 3 }
    }
}

/// Why a body could not be decoded, or not further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodingError {
    /// The coded bytes are not what the coding says.
    #[error("content coding is damaged")]
    Bad,
    /// So much output of so little input that it must be a bomb.
    #[error("content coding expands beyond the ratio allowed")]
    Ratio,
    /// More codings than the limit.
    #[error("more content codings than allowed")]
    TooDeep,
    /// A coding that is not known here.
    #[error("content coding is not known")]
    Unknown,
    /// As many bodies are being decoded as may be at one time, or they hold as much as they may.
    #[error("too many bodies are being decoded")]
    Busy,
}

impl CodingError {
    /// A metric label: one fixed word per variant, never peer data.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Bad => "coding_bad",
            Self::Ratio => "coding_ratio",
            Self::TooDeep => "coding_depth",
            Self::Unknown => "coding_unknown",
            Self::Busy => "coding_busy",
        }
    }
}

/// Undoes the content codings of one body.
///
/// No `Debug`: it holds raw traffic.
pub struct Decoder {
    /// The coding applied last, and so undone first, comes first.
    layers: Vec<Layer>,
    meter: Meter,
    failed: Option<CodingError>,
    /// What it holds of what its pool may.
    charge: Option<Charge>,
}

/// One coding. Its state is made when the first byte comes.
struct Layer {
    kind: Kind,
    /// Bytes it has put out.
    out: u64,
    /// Where it puts them.
    room: Room,
}

enum Kind {
    Brotli(Brotli),
    Inflate(Inflate),
    Zstandard(Zstandard),
}

/// What one call of a coding did.
#[derive(Clone, Copy)]
struct Step {
    read: usize,
    wrote: usize,
    /// Whether the input is damaged behind what was written.
    bad: bool,
}

/// Counts bytes and watches the limits.
struct Meter {
    limits: Limits,
    wire: u64,
    decoded: u64,
    cut: bool,
}

impl Decoder {
    /// A decoder for a body with these `Content-Encoding` values, joined by commas.
    ///
    /// Names are compared without case; empty list members and `identity` are passed over.
    ///
    /// # Errors
    ///
    /// - [`CodingError::Unknown`] when a coding is not known.
    /// - [`CodingError::TooDeep`] when there are more than [`Limits::codings_max`].
    pub fn new(codings: &[u8], limits: &Limits) -> Result<Self, CodingError> {
        let mut layers = Vec::new();
        for name in codings.split(|&byte| byte == b',').rev() {
            let Some(kind) = kind(name.trim_ascii())? else { continue };
            if layers.len() >= usize::from(limits.codings_max.min(8)) {
                return Err(CodingError::TooDeep);
            }
            layers.push(Layer { kind, out: 0, room: Room::default() });
        }
        Ok(Self {
            layers,
            meter: Meter { limits: *limits, wire: 0, decoded: 0, cut: false },
            failed: None,
            charge: None,
        })
    }

    /// Decodes the next piece of the body; emits what comes of it, in order, in pieces that are never empty.
    ///
    /// Does nothing once [`Decoder::cut`] is true.
    ///
    /// # Errors
    ///
    /// - [`CodingError::Bad`] when the input is not what its coding says.
    /// - [`CodingError::Ratio`] when it expands too much.
    /// - [`CodingError::Busy`] when its pool may hold no more.
    ///
    /// What was decoded before has been emitted; every later call fails in the same way.
    pub fn push(&mut self, input: &[u8], emit: &mut impl FnMut(&[u8])) -> Result<(), CodingError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if self.meter.cut || input.is_empty() {
            return Ok(());
        }
        let done = run(&mut self.layers, true, &mut self.meter, input, emit);
        let done = done.and_then(|()| if self.fits() { Ok(()) } else { Err(CodingError::Busy) });
        self.failed = done.err();
        done
    }

    /// Whether what it holds fits into what its pool may hold.
    fn fits(&mut self) -> bool {
        let held = self.layers.iter().map(Layer::held_bytes).fold(0, u64::saturating_add);
        self.charge.as_mut().is_none_or(|charge| charge.grow(held))
    }

    /// Bytes emitted so far.
    #[must_use]
    pub const fn decoded_bytes(&self) -> u64 {
        self.meter.decoded
    }

    /// Whether there was more output than [`Limits::decoded_bytes_max`].
    #[must_use]
    pub const fn cut(&self) -> bool {
        self.meter.cut
    }

    /// Whether every coding has come to its proper end (or no byte has come at all).
    ///
    /// `false` at the end of a body that was seen whole: the peer sent a truncated coding.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.failed.is_none()
            && !self.meter.cut
            && (self.meter.wire == 0 || self.layers.iter().all(Layer::ended))
    }
}

/// The coding called `name`; none for identity.
///
/// Source: [RFC 9110 §8.4.1](https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1), RFC 7932, RFC 8878.
fn kind(name: &[u8]) -> Result<Option<Kind>, CodingError> {
    let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
    Ok(Some(if is(b"gzip") || is(b"x-gzip") {
        Kind::Inflate(Inflate::new(Label::Gzip))
    } else if is(b"br") {
        Kind::Brotli(Brotli::default())
    } else if is(b"deflate") {
        Kind::Inflate(Inflate::new(Label::Deflate))
    } else if is(b"zstd") {
        Kind::Zstandard(Zstandard::default())
    } else if name.is_empty() || is(b"identity") {
        return Ok(None);
    } else {
        return Err(CodingError::Unknown);
    }))
}

/// Sends `input` through all `layers`; `outer` for the coding that reads from the wire.
fn run<F: FnMut(&[u8])>(
    layers: &mut [Layer],
    outer: bool,
    meter: &mut Meter,
    mut input: &[u8],
    emit: &mut F,
) -> Result<(), CodingError> {
    let Some((layer, inner)) = layers.split_first_mut() else {
        meter.emit(input, outer, emit);
        return Ok(());
    };
    loop {
        let Step { read, wrote, bad } = layer.step(input);
        input = input.get(read..).unwrap_or_default();
        if outer {
            meter.wire = meter.wire.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        }
        if wrote > 0 {
            layer.out = layer.out.saturating_add(u64::try_from(wrote).unwrap_or(u64::MAX));
            meter.check(layer.out)?;
            run(inner, false, meter, layer.room.written(wrote), emit)?;
        }
        if bad {
            return Err(CodingError::Bad);
        }
        let idle = read == 0 && wrote == 0;
        if meter.cut || idle || (input.is_empty() && wrote < STEP_BYTES) {
            return Ok(());
        }
    }
}

impl Layer {
    fn step(&mut self, input: &[u8]) -> Step {
        let out = self.room.octets();
        match &mut self.kind {
            Kind::Brotli(brotli) => brotli.step(input, out),
            Kind::Inflate(inflate) => inflate.step(input, out),
            Kind::Zstandard(zstandard) => zstandard.step(input, out),
        }
    }

    /// Bytes it holds, about.
    fn held_bytes(&self) -> u64 {
        match &self.kind {
            Kind::Brotli(_) => Brotli::held_bytes(self.out),
            Kind::Inflate(_) => Inflate::held_bytes(),
            Kind::Zstandard(zstandard) => zstandard.held_bytes(self.out),
        }
    }

    const fn ended(&self) -> bool {
        match &self.kind {
            Kind::Brotli(brotli) => brotli.ended(),
            Kind::Inflate(inflate) => inflate.ended(),
            Kind::Zstandard(zstandard) => zstandard.ended(),
        }
    }
}

impl Meter {
    /// Compares a coding's output with what came from the wire.
    fn check(&self, out: u64) -> Result<(), CodingError> {
        let allowed = self.wire.saturating_mul(self.limits.ratio_max.max(1).into());
        if out > RATIO_FREE_BYTES && out > allowed { Err(CodingError::Ratio) } else { Ok(()) }
    }

    fn emit(&mut self, bytes: &[u8], outer: bool, emit: &mut impl FnMut(&[u8])) {
        let len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if outer {
            self.wire = self.wire.saturating_add(len);
        }
        let left = self.limits.decoded_bytes_max.saturating_sub(self.decoded);
        self.cut = len > left;
        let fitting = bytes.get(..usize::try_from(left).unwrap_or(usize::MAX)).unwrap_or(bytes);
        self.decoded = self.decoded.saturating_add(len.min(left));
        if !fitting.is_empty() {
            emit(fitting);
        }
    }
}

#[cfg(test)]
mod tests;
