//! Lone octets of connections that are not known: a keep-alive probe, or the first octet of what a sender cuts small?
//!
//! Both carry a number one below the next (RFC 9293 §3.8.4). A probe is answered before its sender goes on, and comes
//! when nothing else does; its octet is garbage, mostly zero. So an octet that is not zero is data if the sender's next
//! segment follows at once, and nothing of the peer stands between.

use std::time::Duration;

use hashbrown::HashMap;

use crate::decap::{Flow, Segment, SegmentMeta, TcpFlags};

/// Most octets that wait.
const WAITING_MAX: usize = 1024;
/// How long what follows an octet at once takes, at most.
const AT_ONCE: Duration = Duration::from_secs(1);

/// Octets that wait for what comes next, by direction.
#[derive(Default)]
pub(super) struct Lone {
    waiting: HashMap<Flow, (SegmentMeta, u8), foldhash::fast::RandomState>,
}

impl Lone {
    /// Whether a segment is such an octet; it is held if it may be data.
    pub(super) fn holds(&mut self, segment: &Segment<'_>) -> bool {
        let Segment { meta, payload: &[octet] } = *segment else { return false };
        if meta.missing != 0 || meta.flags.has(TcpFlags::PSH | TcpFlags::FIN) {
            return false;
        }
        if octet != 0 {
            if self.waiting.len() >= WAITING_MAX {
                self.waiting.retain(|_, (held, _)| meta.time.since(held.time) <= AT_ONCE);
            }
            if self.waiting.len() < WAITING_MAX {
                self.waiting.insert(meta.flow, (meta, octet));
            }
        }
        true
    }

    /// The octet before a segment, if it is data. Any segment of an unknown connection is to be shown.
    pub(super) fn before(&mut self, segment: &Segment<'_>) -> Option<(SegmentMeta, [u8; 1])> {
        if self.waiting.is_empty() {
            return None;
        }
        let meta = &segment.meta;
        self.waiting.remove(&meta.flow.reversed());
        if segment.payload.is_empty() {
            return None;
        }
        let (held, octet) = self.waiting.remove(&meta.flow)?;
        let follows = meta.seq == held.seq.wrapping_add(1)
            && meta.envelope == held.envelope
            && meta.time.since(held.time) <= AT_ONCE;
        follows.then_some((held, [octet]))
    }
}
