//! Where a coding puts its output: used again for the next body, and overwritten in between.

use std::hint::black_box;

use super::STEP_BYTES;

/// Room for the output of one step, made when the first byte comes.
#[derive(Default)]
pub(super) struct Room(Option<Box<[u8; STEP_BYTES]>>);

impl Room {
    /// All of it, to write into.
    #[inline]
    pub(super) fn octets(&mut self) -> &mut [u8; STEP_BYTES] {
        self.0.get_or_insert_with(|| Box::new([0; STEP_BYTES]))
    }

    /// The first `len` octets, which were written.
    #[inline]
    pub(super) fn written(&self, len: usize) -> &[u8] {
        self.0.as_deref().and_then(|octets| octets.get(..len)).unwrap_or_default()
    }

    /// The same, overwritten with zeros; `None` if there is nothing to be kept. Decoders may write more than they tell
    /// of, as they copy in large pieces: so all of it.
    pub(super) fn emptied(mut self) -> Option<Self> {
        let octets = self.0.as_deref_mut()?;
        octets.fill(0);
        // The compiler must take what was written for read.
        black_box(octets);
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_overwritten() {
        assert!(Room::default().emptied().is_none());
        let mut room = Room::default();
        assert!(room.written(3).is_empty());
        room.octets()[..5].fill(7);
        assert_eq!(room.written(5), [7; 5]);
        assert_eq!(room.emptied().unwrap().octets(), &[0; STEP_BYTES]);
    }
}
