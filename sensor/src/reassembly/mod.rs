//! Reassembly: segments in, ordered byte streams out, with every missing byte an explicit gap.
//!
//! Pure. One [`Reassembler`] per worker; both directions of a connection always meet in the same one.
//!
//! # Which connection a segment belongs to
//!
//! Addresses and ports name a flow, not a connection: address spaces overlap between VLANs and tunnels, and
//! a mirror shows one connection in several of them. So a flow has one or more connections, each with its
//! *views* (envelopes). A segment belongs to the connection that knows its envelope. In an envelope that no
//! connection of the flow knows, it joins the first connection for which one of these holds, as a new view:
//!
//! 1. It is a copy: direction, numbers, flags, length and payload equal one of the last segments of that
//!    connection, less than `duplicate_millis_max` apart. The same numbers later are a replay, not a copy.
//! 2. It is the SYN that the connection must have begun with, by its number and time; the other view lost it.
//! 3. Its direction was not seen there, and it answers the other: a SYN-ACK to that very SYN; else its
//!    acknowledgement, and its sequence number where one is known, are within 1 MiB of what is expected.
//!    (Mirrors tag the two directions differently, or send them through two sessions.)
//! 4. Its direction was seen there, both its numbers are within 1 MiB of what is expected, and it brings
//!    bytes that did not come yet: the other view lost them.
//!
//! Otherwise it is of a connection of its own, until a copy (1) shows that the two are one: then the one whose
//! handshake was not seen ends as [`Joined`](CloseReason::Joined), and what it held goes to the other. Two
//! whose handshakes were both seen, or that said different things in the same place, are never joined so. Two
//! connections joined because their SYNs were equal are split when their SYN-ACKs differ.
//!
//! What is found out about a connection depends on its own segments and those of its flow, and on the times
//! that [`Reassembler::expire`] is told; only the limits on all connections together make exceptions.
//!
//! # What is believed
//!
//! - A SYN on ports in use opens a second connection beside the first, which takes over once a segment fits
//!   it better; so neither a forged nor a reused SYN harms the wrong one.
//! - A number more than 16 MiB from what is expected is believed once segments follow one another there.
//! - Of bytes sent twice, the first copy counts.
//! - A lone unpushed byte that was already acknowledged is a keep-alive probe. Where that is not known, it is data if it is
//!   not zero and its sender goes on at once.
//! - A reset holds unless an end goes on to acknowledge what the other sent behind it.
//! - One byte acknowledged beyond all data, and nothing after it, is a FIN that was not captured.
//!
//! # When a hole is given up
//!
//! - The receiver acknowledged it, and a grace of some segments or some time passed in which a mirror that
//!   reorders could still have shown it. The bytes are lost to us, not to the receiver.
//! - Too many bytes wait behind it (of a direction, a connection, all).
//! - The bytes are missing only by the length that a segment claimed (a snap length, a wrong IP length), and
//!   the receiver acknowledged them: at once, unless another view may show them. Should they come before, they
//!   count, not the claim.
//! - It is too old, much sooner where no acknowledgement can be seen. But if the stream moves on below, what
//!   waits so far ahead is not its own, and is dropped in place of the hole.
//! - The connection ends.
//!
//! # Lifetime
//!
//! A connection has a slot from its first byte to its [`Close`](StreamEventKind::Close): handshakes cost no
//! slot. A closed one is remembered for a while without one, to swallow late copies.

mod clock;
mod config;
mod connection;
mod counts;
mod hole;
mod late;
mod lone;
#[cfg(test)]
mod model;
mod reassembler;
mod recent;
mod reset;
mod sequence;
mod stream;
mod table;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_connections;
mod wheel;

pub use config::Config;
pub use counts::Counts;
pub use reassembler::Reassembler;

use crate::decap::{Endpoint, Envelope, Transport};
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
    /// What carries it.
    pub transport: Transport,
    /// Whether its bytes were in clear on the wire.
    pub security: Security,
}

impl Connection {
    /// Whether whoever looks at the wire can read it.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        self.security == Security::Clear
    }

    /// Whether it was encrypted on the wire, and is read all the same.
    #[must_use]
    pub fn is_decrypted(&self) -> bool {
        self.security == Security::Decrypted
    }
}

/// How bytes crossed the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Security {
    /// In clear.
    #[default]
    Clear,
    /// Encrypted, and not decrypted.
    Encrypted,
    /// Encrypted, and decrypted here: offsets count plaintext.
    Decrypted,
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
    /// The same ports were opened anew, or one side went on behind what was taken for its end.
    Reused,
    /// A limit of this process made room.
    Evicted,
    /// The capture ended.
    EndOfCapture,
    /// It turned out to be a view of another connection, which goes on.
    Joined,
}
