//! Reassembly: segments in, ordered byte streams out, with every missing byte an explicit gap.
//!
//! Pure. One [`Reassembler`] per worker; both directions of a connection always meet in the same one.

use crate::decap::{Endpoint, Envelope};
use crate::time::Timestamp;

/// Names a connection while it is open. Slots are reused: `slot` is dense, so that later stages can keep
/// their state in a `Vec`; it is free again after [`StreamEventKind::Close`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ConnectionId {
    /// Index of the connection's slot, dense from 0.
    pub slot: u32,
}

/// Which end of a connection sent something.
///
/// `A` is the end that opened the connection where that was seen (SYN, or SYN-ACK answered), else the end
/// whose segment was seen first. Which end is the HTTP client is for `http` to tell, from content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// The opener, or first seen.
    A,
    /// The other end.
    B,
}

impl Side {
    /// The opposite end.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    /// 0 for `A`, 1 for `B`.
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::A => 0,
            Self::B => 1,
        }
    }
}

/// What is known of a connection when its first event is emitted; lent with every event.
#[derive(Debug, Clone, Copy)]
pub struct Connection {
    /// Ends, by [`Side::index`].
    pub ends: [Endpoint; 2],
    /// MAC addresses of the ends, where the capture had them.
    pub macs: [Option<[u8; 6]>; 2],
    /// VLANs and tunnels of the first view of the connection.
    pub envelope: Envelope,
    /// Index of the capturing interface.
    pub interface: u32,
    /// Time of the first segment.
    pub start: Timestamp,
    /// Whether the opening handshake was seen (at least one SYN). `false`: joined mid-connection.
    pub handshake: bool,
    /// TCP sequence number of stream offset 0 of each side, once known. `seq = base + offset (mod 2^32)`.
    pub base_seq: [Option<u32>; 2],
}

/// Something that happened on a connection.
///
/// No `Debug`: it holds raw traffic.
#[derive(Clone, Copy)]
pub struct StreamEvent<'a> {
    /// The connection.
    pub id: ConnectionId,
    /// What is known of it.
    pub connection: &'a Connection,
    /// Capture time: of the segment that carried the data, or of the one that told of the loss or the end.
    pub time: Timestamp,
    /// Ordinal of the packet that caused the event to be emitted.
    pub ordinal: u64,
    /// What happened.
    pub kind: StreamEventKind<'a>,
}

/// Kinds of stream event. Offsets count from the first byte of that side's stream (or the first byte
/// expected, when joined mid-connection) and never wrap.
#[derive(Clone, Copy)]
pub enum StreamEventKind<'a> {
    /// The next bytes of one side: they begin exactly where the previous `Data` or `Gap` of that side ended.
    Data {
        /// Who sent them.
        side: Side,
        /// Stream offset of the first byte.
        offset: u64,
        /// Offset of the *other* side's stream that the carrying segment acknowledged: what the sender had
        /// received when it sent this. `None` when the segment had no ACK.
        acked: Option<u64>,
        /// Whether a segment, as captured, began at `offset` (a message after a loss is only looked for here).
        segment_start: bool,
        /// The bytes.
        bytes: &'a [u8],
    },
    /// Bytes of one side that will never come.
    Gap {
        /// Who sent them.
        side: Side,
        /// Stream offset of the first missing byte.
        offset: u64,
        /// How many are missing, at least 1.
        len: u64,
    },
    /// One side will send no more (its FIN was reached in order).
    Fin {
        /// Who ended.
        side: Side,
    },
    /// The connection is over; its slot is free after this event. Everything buffered was emitted before.
    Close {
        /// Why.
        reason: CloseReason,
    },
}

/// Why a connection is no longer followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CloseReason {
    /// Both sides sent FIN.
    Fin,
    /// One side reset it.
    Reset,
    /// Nothing came for the idle time.
    Idle,
    /// The same ports were opened anew.
    Reused,
    /// A limit of this process made room.
    Evicted,
    /// The capture ended.
    EndOfCapture,
}
