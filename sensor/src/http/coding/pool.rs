//! Decoder states of bodies that are over, for the next ones: most bodies are small, and making a state
//! costs as much as decoding one (zstd: several times that).

use super::charge::{Held, PoolLimits};
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
    held: Held,
}

impl Pool {
    /// Like [`Decoder::new`], while what the decoders of this pool are and hold is within `most`.
    ///
    /// # Errors
    ///
    /// Those of [`Decoder::new`], and [`CodingError::Busy`].
    pub fn decoder(
        &mut self,
        codings: &[u8],
        limits: &Limits,
        most: PoolLimits,
    ) -> Result<Decoder, CodingError> {
        let mut decoder = Decoder::new(codings, limits)?;
        decoder.charge = Some(self.held.charge(most).ok_or(CodingError::Busy)?);
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
        if decoder.fits() { Ok(decoder) } else { Err(CodingError::Busy) }
    }

    /// How many of its decoders live.
    #[must_use]
    pub fn live(&self) -> usize {
        self.held.decoders()
    }

    /// Takes back a decoder whose body is over, however it ended.
    pub fn recycle(&mut self, decoder: Decoder) {
        for layer in decoder.layers {
            keep(&mut self.rooms, layer.room.emptied());
            match layer.kind {
                Kind::Brotli(_) => {}
                Kind::Inflate(inflate) => keep(&mut self.inflate, inflate.spare()),
                Kind::Zstandard(zstandard) => keep(&mut self.zstandard, zstandard.spare(layer.out)),
            }
        }
    }
}

fn keep<T>(spares: &mut Vec<T>, spare: Option<T>) {
    if spares.len() < SPARES_MAX {
        spares.extend(spare);
    }
}
