//! A connection of which both ends are fed, cut anywhere, with gaps: shared by targets of framed protocols.

use apitap::decap::{Endpoint, Envelope};
use apitap::reassembly::{Connection, Side, StreamEventKind};
use apitap::time::Timestamp;

/// A connection that was seen from its start, or joined midway.
pub fn connection(handshake: bool) -> Connection {
    let end = Endpoint { ip: [192, 0, 2, 1].into(), port: 80 };
    Connection {
        ends: [end; 2],
        macs: [None; 2],
        envelope: Envelope::EMPTY,
        interface: 0,
        start: Timestamp::ZERO,
        handshake,
        base_seq: [None; 2],
        transport: Default::default(),
        security: Default::default(),
    }
}

/// Says things on both sides, in pieces of one size.
pub struct Speaker<P> {
    /// Octets of a piece, less one.
    pub size: u8,
    pub offsets: [u64; 2],
    /// Takes what was said.
    pub push: P,
}

impl<P: FnMut(StreamEventKind<'_>)> Speaker<P> {
    /// Says `bytes`, of whose end `lost` less 200 octets are lost.
    pub fn say(&mut self, side: Side, bytes: &[u8], lost: u8) {
        let offset = &mut self.offsets[side.index()];
        let lost = usize::from(lost.saturating_sub(200)).min(bytes.len());
        let (kept, gone) = bytes.split_at(bytes.len() - lost);
        for bytes in kept.chunks(usize::from(self.size) + 1) {
            let (acked, segment_start) = (Some(*offset), true);
            (self.push)(StreamEventKind::Data {
                side,
                offset: *offset,
                acked,
                segment_start,
                bytes,
            });
            *offset += bytes.len() as u64;
        }
        if !gone.is_empty() {
            (self.push)(StreamEventKind::Gap { side, offset: *offset, len: gone.len() as u64 });
            *offset += gone.len() as u64;
        }
    }
}
