//! Decoder states of bodies that are over, for the next ones: most bodies are small, and making a state
//! costs as much as decoding one (zstd: several times that).

use std::sync::Arc;

use super::room::Room;
use super::{CodingError, Decoder, Kind, Limits, inflate, zstandard};

/// Most states of each kind kept. One worker seldom has more bodies of one coding open at a time.
const SPARES_MAX: usize = 8;

/// Makes decoders, from used states where it has some.
///
/// No `Debug`: the states hold raw traffic.
#[derive(Default)]
pub struct Pool {
    inflate: Vec<inflate::Spare>,
    zstandard: Vec<zstandard::Spare>,
    rooms: Vec<Room>,
    /// Shared with every decoder that lives.
    live: Arc<()>,
}

impl Pool {
    /// Like [`Decoder::new`], while fewer than `decoders_max` of this pool live.
    ///
    /// # Errors
    ///
    /// Those of [`Decoder::new`], and [`CodingError::Busy`].
    pub fn decoder(
        &mut self,
        codings: &[u8],
        limits: &Limits,
        decoders_max: usize,
    ) -> Result<Decoder, CodingError> {
        let mut decoder = Decoder::new(codings, limits)?;
        if self.live() >= decoders_max {
            return Err(CodingError::Busy);
        }
        decoder.live = Some(Arc::clone(&self.live));
        for layer in &mut decoder.layers {
            layer.room = self.rooms.pop().unwrap_or_default();
            match &mut layer.kind {
                Kind::Brotli(_) => {}
                Kind::Inflate(inflate) => {
                    self.inflate.pop().into_iter().for_each(|spare| inflate.reuse(spare))
                }
                Kind::Zstandard(zstandard) => {
                    self.zstandard.pop().into_iter().for_each(|spare| zstandard.reuse(spare));
                }
            }
        }
        Ok(decoder)
    }

    /// How many of its decoders live: each may hold a window of tens of KiB, or of as much as a body may have.
    #[must_use]
    pub fn live(&self) -> usize {
        Arc::strong_count(&self.live).saturating_sub(1)
    }

    /// Takes back a decoder whose body is over, however it ended.
    pub fn recycle(&mut self, decoder: Decoder) {
        for layer in decoder.layers {
            keep(&mut self.rooms, layer.room.emptied());
            match layer.kind {
                Kind::Brotli(_) => {}
                Kind::Inflate(inflate) => keep(&mut self.inflate, inflate.spare()),
                Kind::Zstandard(zstandard) => keep(&mut self.zstandard, zstandard.spare()),
            }
        }
    }
}

fn keep<T>(spares: &mut Vec<T>, spare: Option<T>) {
    if spares.len() < SPARES_MAX {
        spares.extend(spare);
    }
}
