//! Segments made by hand, and a reader of events that checks what always holds.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::*;
use crate::decap::{Flow, LayerKind, Segment, SegmentMeta, TcpFlags};

pub(super) const FIN: u8 = TcpFlags::FIN;
pub(super) const SYN: u8 = TcpFlags::SYN;
pub(super) const RST: u8 = TcpFlags::RST;
pub(super) const PSH: u8 = TcpFlags::PSH;
pub(super) const ACK: u8 = TcpFlags::ACK;

/// A segment to be sent; `up`: from the client.
#[derive(Debug, Clone)]
pub(super) struct Wire {
    pub(super) up: bool,
    pub(super) flags: u8,
    pub(super) seq: u32,
    pub(super) ack: u32,
    pub(super) bytes: Vec<u8>,
    pub(super) missing: u32,
    pub(super) vlan: u32,
    pub(super) port: u16,
}

fn wire(up: bool, flags: u8, seq: u32, ack: u32, bytes: &[u8]) -> Wire {
    Wire { up, flags, seq, ack, bytes: bytes.to_vec(), missing: 0, vlan: 0, port: 40000 }
}

/// From the client.
pub(super) fn up(flags: u8, seq: u32, ack: u32, bytes: &[u8]) -> Wire {
    wire(true, flags, seq, ack, bytes)
}

/// From the server.
pub(super) fn down(flags: u8, seq: u32, ack: u32, bytes: &[u8]) -> Wire {
    wire(false, flags, seq, ack, bytes)
}

impl Wire {
    pub(super) fn vlan(self, vlan: u32) -> Self {
        Self { vlan, ..self }
    }

    pub(super) fn port(self, port: u16) -> Self {
        Self { port, ..self }
    }

    pub(super) fn missing(self, missing: u32) -> Self {
        Self { missing, ..self }
    }
}

/// What came out for one connection.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    /// Per side: bytes by position, gaps as `None`.
    pub(super) streams: [Vec<Option<u8>>; 2],
    /// Per side: (offset, length) of gaps.
    pub(super) gaps: [Vec<(u64, u64)>; 2],
    /// Per side: position reached.
    pub(super) reached: [u64; 2],
    pub(super) fins: [bool; 2],
    pub(super) close: Option<CloseReason>,
    pub(super) bases: [Option<u32>; 2],
    pub(super) handshake: bool,
    /// Per data event: side, offset, acked, segment start, milliseconds.
    pub(super) data: Vec<(Side, u64, Option<u64>, bool, u64)>,
    /// Per event: its time, and the ordinal of what brought it out.
    pub(super) told: Vec<(Timestamp, u64)>,
    /// Port of the client.
    pub(super) port: u16,
    pub(super) client_is_a: bool,
}

impl Seen {
    /// A side's bytes, gaps as `_`.
    pub(super) fn text(&self, side: Side) -> String {
        self.streams[side.index()].iter().map(|byte| byte.map_or('_', char::from)).collect()
    }
}

/// A reassembler with a reader of its events.
pub(super) struct Rig {
    pub(super) reassembler: Reassembler,
    pub(super) connections: Vec<Seen>,
    open: BTreeMap<u32, usize>,
    millis: u64,
    pub(super) ordinal: u64,
    /// Which interface sees what the client says, and the server.
    pub(super) interfaces: [u32; 2],
}

impl Rig {
    pub(super) fn new() -> Self {
        Self::with(&Config::default())
    }

    pub(super) fn with(config: &Config) -> Self {
        let reassembler = Reassembler::new(config);
        Self {
            reassembler,
            connections: Vec::new(),
            open: BTreeMap::new(),
            millis: 1_000_000,
            ordinal: 0,
            interfaces: [0; 2],
        }
    }

    /// A rig that has seen the handshake: client data from 1001, server data from 5001.
    pub(super) fn connected() -> Self {
        let mut rig = Self::new();
        rig.push(&up(SYN, 1000, 0, b""));
        rig.push(&down(SYN | ACK, 5000, 1001, b""));
        rig.push(&up(ACK, 1001, 5001, b""));
        rig
    }

    pub(super) fn wait(&mut self, millis: u64) {
        self.millis += millis;
    }

    pub(super) fn push(&mut self, wire: &Wire) {
        self.push_at(wire, Timestamp::from_nanos(self.millis * 1_000_000));
    }

    pub(super) fn push_all(&mut self, wires: &[Wire]) {
        wires.iter().for_each(|wire| self.push(wire));
    }

    pub(super) fn push_at(&mut self, wire: &Wire, time: Timestamp) {
        self.expire_at(time);
        self.push_only(wire, time);
    }

    /// Without letting time pass for others.
    pub(super) fn push_only(&mut self, wire: &Wire, time: Timestamp) {
        let end = |host, port| Endpoint { ip: Ipv4Addr::new(10, 0, 0, host).into(), port };
        let up = Flow { src: end(1, wire.port), dst: end(2, 80) };
        let mut envelope = Envelope::EMPTY;
        if wire.vlan != 0 {
            envelope.push(LayerKind::Vlan, wire.vlan);
        }
        let meta = SegmentMeta {
            time,
            ordinal: self.ordinal,
            flow: if wire.up { up } else { up.reversed() },
            envelope,
            mac: None,
            interface: self.interfaces[usize::from(!wire.up)],
            seq: wire.seq,
            ack: wire.ack,
            flags: TcpFlags(wire.flags),
            missing: wire.missing,
            transport: Default::default(),
        };
        self.ordinal += 1;
        let Self { reassembler, connections, open, .. } = self;
        reassembler.push(&Segment { meta, payload: &wire.bytes }, &mut |event| {
            read(connections, open, &event)
        });
        self.check();
    }

    pub(super) fn expire(&mut self) {
        self.expire_at(Timestamp::from_nanos(self.millis * 1_000_000));
    }

    pub(super) fn expire_at(&mut self, now: Timestamp) {
        let Self { reassembler, connections, open, ordinal, .. } = self;
        reassembler.expire(now, *ordinal, &mut |event| read(connections, open, &event));
        self.check();
    }

    pub(super) fn finish(&mut self) {
        let Self { reassembler, connections, open, ordinal, .. } = self;
        reassembler.finish(*ordinal, &mut |event| read(connections, open, &event));
        self.check();
        assert!(self.open.is_empty(), "everything is closed at the end");
        assert_eq!(self.reassembler.held_bytes(), 0);
        assert_eq!(self.reassembler.tracked(), 0);
    }

    /// Ends the capture; the only connection there was.
    pub(super) fn only(&mut self) -> Seen {
        self.finish();
        assert_eq!(self.connections.len(), 1, "one connection");
        self.connections[0].clone()
    }

    pub(super) fn counts(&self) -> &Counts {
        self.reassembler.counts()
    }

    fn check(&self) {
        let counts = self.counts();
        let outcomes = counts.data_segments
            + counts.control_segments
            + counts.duplicate_segments
            + counts.retransmitted_segments
            + counts.keepalive_segments
            + counts.early_segments
            + counts.late_segments
            + counts.implausible_segments
            + counts.stray_segments
            + counts.ignored_segments;
        assert_eq!(counts.segments, outcomes, "every segment has one outcome");
        assert_eq!(self.reassembler.open(), self.open.len());
    }
}

/// Slots are dense, streams contiguous, nothing follows an end.
fn read(connections: &mut Vec<Seen>, open: &mut BTreeMap<u32, usize>, event: &StreamEvent<'_>) {
    let slot = event.id.slot;
    let at = *open.entry(slot).or_insert_with(|| {
        assert!(usize::try_from(slot).unwrap() <= connections.len(), "slots are dense");
        let [a, b] = event.connection.ends.map(|end| end.port);
        connections.push(Seen {
            port: if a == 80 { b } else { a },
            client_is_a: a != 80,
            ..Seen::default()
        });
        connections.len() - 1
    });
    let seen = &mut connections[at];
    seen.bases = event.connection.base_seq;
    seen.handshake = event.connection.handshake;
    seen.told.push((event.time, event.ordinal));
    match event.kind {
        StreamEventKind::Data { side, offset, acked, segment_start, bytes } => {
            assert!(!bytes.is_empty() && !seen.fins[side.index()]);
            assert_eq!(offset, seen.reached[side.index()], "contiguous");
            seen.reached[side.index()] += u64::try_from(bytes.len()).unwrap();
            seen.streams[side.index()].extend(bytes.iter().map(|&byte| Some(byte)));
            seen.data.push((side, offset, acked, segment_start, event.time.nanos() / 1_000_000));
        }
        StreamEventKind::Gap { side, offset, len } => {
            assert!(len > 0 && !seen.fins[side.index()]);
            assert_eq!(offset, seen.reached[side.index()], "contiguous");
            seen.reached[side.index()] += len;
            // Absurd ones come from absurd numbers; not worth the memory.
            let kept = usize::try_from(len).unwrap().min(1 << 26);
            let stream = &mut seen.streams[side.index()];
            stream.resize(stream.len() + if kept < 1 << 26 { kept } else { 0 }, None);
            seen.gaps[side.index()].push((offset, len));
        }
        StreamEventKind::Fin { side } => {
            assert!(!std::mem::replace(&mut seen.fins[side.index()], true), "one Fin a side");
        }
        StreamEventKind::Close { reason } => {
            seen.close = Some(reason);
            open.remove(&slot);
        }
    }
}
