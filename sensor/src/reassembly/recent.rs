//! Segments seen a moment ago, to know their copies.
//!
//! One table for all connections, of fixed size, in which a new segment takes the place of an older one:
//! a copy that comes after its original was overwritten is taken for a retransmission, which is as harmless.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;

use crate::decap::Segment;

/// 2^14 entries: at 300,000 segments a second, 50 milliseconds of them.
const ENTRIES: usize = 1 << 14;

/// Payload bytes hashed at each end of a segment. Flow, numbers, flags and length are hashed whole.
const SAMPLE: usize = 64;

pub(super) struct Recent {
    entries: Vec<Entry>,
    hasher: FixedState,
    window: u64,
}

#[derive(Clone, Copy)]
struct Entry {
    key: u64,
    time: u64,
    connection: u32,
}

impl Recent {
    /// `window`: copies come less than this apart, in nanoseconds.
    pub(super) fn new(window: u64) -> Self {
        let free = Entry { key: 0, time: 0, connection: u32::MAX };
        Self { entries: vec![free; ENTRIES], hasher: FixedState::with_seed(0x51), window }
    }

    /// The key of a segment; `flow_hash` is that of its canonical flow.
    pub(super) fn key(&self, segment: &Segment<'_>, flow_hash: u64, reversed: bool) -> u64 {
        let meta = &segment.meta;
        let payload = segment.payload;
        let mut hasher = self.hasher.build_hasher();
        hasher.write_u64(flow_hash ^ u64::from(reversed));
        hasher.write_u64(u64::from(meta.seq) << 32 | u64::from(meta.ack));
        hasher.write_u64(u64::from(meta.flags.0) << 32 | u64::from(meta.missing));
        hasher.write_usize(payload.len());
        match payload.split_at_checked(payload.len().saturating_sub(SAMPLE)) {
            Some((head, tail)) => {
                hasher.write(head.get(..SAMPLE).unwrap_or(head));
                hasher.write(tail);
            }
            None => hasher.write(payload),
        }
        hasher.finish()
    }

    /// The connection that an equal segment within the window belonged to.
    pub(super) fn copy_of(&self, key: u64, time: u64) -> Option<u32> {
        let entry = self.entries.get(place(key))?;
        let copy = entry.connection != u32::MAX
            && entry.key == key
            && entry.time.abs_diff(time) < self.window;
        copy.then_some(entry.connection)
    }

    /// Remembers a segment.
    pub(super) fn note(&mut self, key: u64, time: u64, connection: u32) {
        if let Some(entry) = self.entries.get_mut(place(key)) {
            *entry = Entry { key, time, connection };
        }
    }
}

fn place(key: u64) -> usize {
    usize::try_from(key).unwrap_or(usize::MAX) & (ENTRIES - 1)
}
