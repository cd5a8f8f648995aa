//! The open files, ordered by their next packet.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

use super::reader::FileReader;
use crate::capture::ReadError;
use crate::time::Timestamp;

/// Open files; on top the one whose packet comes next, at equal times the one named first.
#[derive(Default)]
pub(super) struct Merge {
    order: BinaryHeap<Reverse<(Timestamp, usize)>>,
    /// By input.
    open: Vec<Option<Box<Open>>>,
}

/// An open file, standing at a packet.
pub(super) struct Open {
    pub(super) reader: FileReader,
    /// Global number of each of the file's interfaces.
    pub(super) map: Vec<u32>,
}

impl Open {
    /// Whether the file described interfaces, or held secrets, that were not taken up.
    #[inline]
    pub(super) fn has_news(&self) -> bool {
        self.map.len() < self.reader.interface_count() || self.reader.has_secrets()
    }
}

impl Merge {
    /// Adds a file that stands at its first packet.
    pub(super) fn push(&mut self, input: usize, open: Box<Open>) {
        if self.open.len() <= input {
            self.open.resize_with(input.saturating_add(1), || None);
        }
        if let Some(place) = self.open.get_mut(input) {
            self.order.push(Reverse((open.reader.packet().time, input)));
            *place = Some(open);
        }
    }

    /// Moves the top file to its next packet; `false` when it has none and is to be popped.
    #[inline]
    pub(super) fn advance(&mut self) -> Result<bool, ReadError> {
        let Some(mut top) = self.order.peek_mut() else { return Ok(true) };
        let Some(Some(open)) = self.open.get_mut(top.0.1) else { return Ok(false) };
        let more = open.reader.advance()?;
        if more {
            // Sifts down when `top` is dropped.
            top.0.0 = open.reader.time();
        }
        Ok(more)
    }

    /// Takes the top file off.
    pub(super) fn pop(&mut self) -> Option<(usize, Box<Open>)> {
        let Reverse((_, input)) = PeekMut::pop(self.order.peek_mut()?);
        Some((input, self.open.get_mut(input)?.take()?))
    }

    /// Time of the next packet.
    pub(super) fn next_time(&self) -> Option<Timestamp> {
        self.order.peek().map(|next| next.0.0)
    }

    /// The top file's input and the file.
    #[inline]
    pub(super) fn top(&mut self) -> Option<(usize, &mut Open)> {
        let input = self.order.peek()?.0.1;
        Some((input, self.open.get_mut(input)?.as_deref_mut()?))
    }

    /// All open files.
    pub(super) fn readers(&self) -> impl Iterator<Item = &FileReader> {
        self.open.iter().flatten().map(|open| &open.reader)
    }
}
