//! Room of records that were written, for those to come: it only held what may leave.

use super::Record;
use crate::endpoints;
use crate::redact::Trail;

/// Most buffers kept for records to come, and most octets of one.
const SPARES_MAX: usize = 16;
const SPARE_OCTETS_MAX: usize = 64 * 1024;

/// What a record that is written leaves for the next: room, which only held what may leave.
#[derive(Default)]
pub(super) struct Spare {
    pub(super) octets: Vec<u8>,
    pub(super) trail: Option<Box<Trail>>,
    pub(super) path_trail: Option<Box<endpoints::Trail>>,
}

/// Room of records that were written.
#[derive(Default)]
pub(super) struct Spares(Vec<Spare>);

impl Clone for Spares {
    /// Another builder has none of it.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Spares {
    /// Room for a record.
    pub(super) fn room(&mut self) -> Spare {
        self.0.pop().unwrap_or_default()
    }

    /// Takes the room of a record, if there is not enough already.
    pub(super) fn take(&mut self, record: Record) {
        let Record { octets, trail, path_trail, .. } = record;
        if self.0.len() < SPARES_MAX && octets.capacity() <= SPARE_OCTETS_MAX {
            self.0.push(Spare { octets, trail, path_trail });
        }
    }
}
