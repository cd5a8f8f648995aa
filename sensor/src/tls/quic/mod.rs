//! QUIC: the hellos of its Initial packets, and how much follows them.
//!
//! Everything but the Initial packets is counted, not read. Of a flow the connection that began last is followed: clients
//! have several over one socket. What moves to other addresses is lost from sight.

mod crypto;
mod keys;
mod packet;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::ops::Range;
use std::time::Duration;

use hashbrown::HashMap;

use self::crypto::Pieces;
use self::keys::Keys;
use self::packet::{Initial, Packet};
use super::handshake::{CLIENT_HELLO, SERVER_HELLO};
use super::hello::{Answer, Carrier, Hello};
use super::{Config, Counts, Session};
use crate::decap::quic::{VERSION_1, VERSION_2};
use crate::decap::{Envelope, Flow, Segment, SegmentMeta, Transport};
use crate::reassembly::{Connection, Security, Side};
use crate::time::Timestamp;

/// Initial packets of one connection that are tried with keys of their own.
const TRIES_MAX: u8 = 8;
/// Datagrams of a connection whose copies are known.
const PRINTS: usize = 8;
/// Where a client's random number is in its handshake.
const RANDOM: Range<usize> = 6..38;
/// Connections that gave way to others on their flow, and wait to be told; then such others are not followed.
const ENDED_MAX: usize = 4096;

/// Follows the QUIC connections of a worker.
pub(super) struct Quic {
    connections: HashMap<Flow, Box<Followed>, foldhash::fast::RandomState>,
    connections_max: usize,
    /// Those that gave way to others on their flow.
    ended: Vec<Session>,
    idle: Duration,
    report: Duration,
    ja4s: bool,
    swept: Timestamp,
    /// Bytes of unfinished handshakes held, and the most that may be.
    held: usize,
    held_max: usize,
    /// Used for one packet after the other.
    room: Vec<u8>,
    /// Whether connections that are new are followed.
    pub(super) accepts: bool,
}

/// A connection that is followed.
struct Followed {
    session: Session,
    /// Of client and server, once the client's first packet was read.
    keys: Option<[Keys; 2]>,
    /// What they follow from: the version, and the id that the client chose for the server.
    origin: (u32, Vec<u8>),
    pieces: [Pieces; 2],
    tries: u8,
    /// Where each side was seen first: copies from elsewhere do not count.
    views: [Option<Envelope>; 2],
    /// What tells the last datagrams from others; the next takes the place of the first. Zero: none.
    prints: VecDeque<(u32, u32)>,
    /// Whether each side sent packets that only the other can read.
    short: [bool; 2],
}

impl Quic {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            connections: HashMap::default(),
            connections_max: config.quic_connections_max,
            ended: Vec::new(),
            idle: Duration::from_secs(config.quic_idle_seconds_max),
            report: Duration::from_secs(config.session_report_seconds),
            ja4s: config.ja4s,
            swept: Timestamp::ZERO,
            held: 0,
            held_max: config.handshake_bytes_total_max,
            room: Vec::new(),
            accepts: true,
        }
    }

    /// Takes a datagram.
    pub(super) fn push(&mut self, datagram: &Segment<'_>, counts: &mut Counts) {
        let meta = &datagram.meta;
        let (flow, _) = meta.flow.canonical();
        let full = self.connections.len() >= self.connections_max;
        let followed = match self.connections.entry(flow) {
            hashbrown::hash_map::Entry::Occupied(entry) => entry.into_mut(),
            hashbrown::hash_map::Entry::Vacant(_) if datagram.payload.is_empty() => return,
            hashbrown::hash_map::Entry::Vacant(_) if full || !self.accepts => {
                counts.quic_ignored += 1;
                return;
            }
            hashbrown::hash_map::Entry::Vacant(entry) => {
                entry.insert(Box::new(Followed::new(meta)))
            }
        };
        let full = self.ended.len() >= ENDED_MAX;
        let gives_way = followed.gives_way(datagram, &mut self.room);
        counts.quic_ignored += u64::from(gives_way && full);
        if gives_way && !full {
            self.held = self.held.saturating_sub(followed.held());
            let mut old = std::mem::replace(followed, Box::new(Followed::new(meta)));
            old.finish(counts, &mut |session| self.ended.push(session));
        }
        let side = followed.side(meta);
        if followed.count(meta, side, datagram.payload.len(), counts)
            && !datagram.payload.is_empty()
        {
            let before = followed.held();
            followed.read(side, datagram.payload, self.ja4s, &mut self.room, counts);
            self.held = self.held.saturating_sub(before).saturating_add(followed.held());
            if self.held > self.held_max {
                self.held = self.held.saturating_sub(followed.held());
                followed.pieces = Default::default();
                followed.session.broken = true;
                counts.handshakes_cut += 1;
            }
        }
    }

    /// Tells connections that are over or have lasted long at `now`. Cheap unless it is time to look.
    pub(super) fn expire(
        &mut self,
        now: Timestamp,
        counts: &mut Counts,
        emit: &mut dyn FnMut(Session),
    ) {
        self.ended.drain(..).for_each(&mut *emit);
        if now.since(self.swept) < self.idle.min(self.report) / 16 {
            return;
        }
        self.swept = now;
        let Self { idle, report, connections, held, .. } = self;
        let (idle, report) = (*idle, *report);
        connections.retain(|_, followed| {
            let session = &mut followed.session;
            if now.since(session.end) >= idle {
                *held = held.saturating_sub(followed.held());
                followed.finish(counts, emit);
                return false;
            }
            if session.part == 0 && now.since(session.start) >= report {
                followed.settle(counts);
                emit(Session { open: true, ..followed.session.clone() });
                followed.session.begin_second();
            }
            true
        });
    }

    /// Tells all connections: the capture is over.
    pub(super) fn finish(&mut self, counts: &mut Counts, emit: &mut dyn FnMut(Session)) {
        self.ended.drain(..).for_each(&mut *emit);
        for (_, mut followed) in self.connections.drain() {
            self.held = self.held.saturating_sub(followed.held());
            followed.finish(counts, emit);
        }
    }
}

impl Followed {
    fn new(meta: &SegmentMeta) -> Self {
        let macs = meta.mac.map_or([None, None], |macs| macs.map(Some));
        let connection = Connection {
            ends: [meta.flow.src, meta.flow.dst],
            macs,
            envelope: meta.envelope,
            interface: meta.interface,
            start: meta.time,
            handshake: false,
            base_seq: [None, None],
            transport: Transport::Udp,
            security: Security::Encrypted,
        };
        let session = Session::new(connection, meta.time);
        Self {
            session,
            keys: None,
            origin: Default::default(),
            pieces: Default::default(),
            tries: 0,
            views: [None, None],
            prints: VecDeque::new(),
            short: [false; 2],
        }
    }

    /// Bytes of unfinished handshakes held.
    fn held(&self) -> usize {
        self.pieces.iter().map(Pieces::held).sum()
    }

    /// Who sent a datagram.
    fn side(&self, meta: &SegmentMeta) -> Side {
        let [a, _] = self.session.connection.ends;
        if meta.flow.src == a { Side::A } else { Side::B }
    }

    /// Whether a datagram begins another connection, after the hello of this: with an Initial packet whose keys follow
    /// from its own id.
    fn gives_way(&mut self, datagram: &Segment<'_>, room: &mut Vec<u8>) -> bool {
        let Segment { meta, payload: mut rest } = *datagram;
        if self.session.hello.is_none() {
            return false;
        }
        let view = self.views.get(self.side(&meta).index()).copied().flatten();
        let (Some(keys), true) = (&self.keys, view.is_none_or(|view| view == meta.envelope)) else {
            return false;
        };
        let Some(Packet::Initial(initial)) = packet::next(&mut rest) else { return false };
        let known = initial.id == self.origin.1 || self.tries >= TRIES_MAX;
        if known || keys.iter().any(|keys| initial.open(keys, room).is_some()) {
            return false;
        }
        self.tries = self.tries.saturating_add(1);
        let keys = keys::derive(initial.version, initial.id);
        let Some(frames) = keys.and_then(|[theirs, _]| initial.open(&theirs, room)) else {
            return false;
        };
        let (mut random, seed) = (None, &self.session.seed[..]);
        packet::crypto(room.get(frames).unwrap_or_default(), &mut |offset, piece| {
            random = random.or_else(|| piece.get(RANDOM).filter(|_| offset == 0));
        });
        if self.session.answer.is_some() {
            // The same may have been sent before a Retry, and come late.
            random != Some(seed)
        } else {
            // Or the server may have asked for it, or known no such version.
            let asked = self.session.retried || initial.version != self.origin.0;
            !asked && random.is_some_and(|random| random != seed)
        }
    }

    /// Counts a datagram; `false` when it is a copy, from elsewhere or of a mirror that shows each packet twice.
    fn count(&mut self, meta: &SegmentMeta, side: Side, read: usize, counts: &mut Counts) -> bool {
        let [a, b] = &mut self.views;
        let view = if side == Side::A { a } else { b };
        if *view.get_or_insert(meta.envelope) != meta.envelope {
            return false;
        }
        let print = (meta.seq, meta.ack);
        if print != (0, 0) {
            if self.prints.contains(&print) {
                return false;
            }
            if self.prints.len() >= PRINTS {
                self.prints.pop_front();
            }
            self.prints.push_back(print);
        }
        let [a, b] = &mut self.short;
        *(if side == Side::A { a } else { b }) |= read == 0;
        let len = u64::try_from(read).unwrap_or(0).saturating_add(meta.missing.into());
        let [a, b] = &mut self.session.bytes;
        let bytes = if side == Side::A { a } else { b };
        *bytes = bytes.saturating_add(len);
        counts.quic_bytes += len;
        self.session.end = self.session.end.max(meta.time);
        true
    }

    /// Reads the Initial packets of a datagram, as long as they may tell something.
    fn read(
        &mut self,
        side: Side,
        mut datagram: &[u8],
        ja4s: bool,
        room: &mut Vec<u8>,
        counts: &mut Counts,
    ) {
        while let Some(packet) = packet::next(&mut datagram) {
            let whole = self.session.hello.is_some() && self.session.answer.is_some();
            let initial = match packet {
                Packet::Initial(initial) if !whole => initial,
                Packet::Initial(_) | Packet::Handshake => continue,
                Packet::Retry => {
                    self.session.retried |= side.index() != self.session.client;
                    continue;
                }
                Packet::Short => {
                    let [a, b] = &mut self.short;
                    *(if side == Side::A { a } else { b }) = true;
                    continue;
                }
            };
            self.session.quic_version = match initial.version {
                VERSION_1 => "1",
                VERSION_2 => "2",
                _ => "draft",
            };
            let Some(frames) = self.open(side, &initial, room) else {
                counts.quic_initials_unread += 1;
                continue;
            };
            let [a, b] = &mut self.pieces;
            let pieces = if side == Side::A { a } else { b };
            let frames = room.get(frames).unwrap_or_default();
            packet::crypto(frames, &mut |offset, piece| pieces.add(offset, piece));
            self.say(side, ja4s);
        }
    }

    /// Takes an Initial packet out of its protection. The keys follow from the first packet of the client, and after
    /// a Retry, or when the server did not know the version, from the next.
    fn open(
        &mut self,
        side: Side,
        initial: &Initial<'_>,
        room: &mut Vec<u8>,
    ) -> Option<Range<usize>> {
        let client = side.index() == self.session.client;
        if let Some([theirs, ours]) = &self.keys {
            let keys = if client { theirs } else { ours };
            let frames = initial.open(keys, room);
            if frames.is_some() {
                return frames;
            }
        }
        if self.tries >= TRIES_MAX {
            return None;
        }
        if self.keys.is_some() && initial.version != self.origin.0 {
            let frames = self.change(client, initial, room);
            if frames.is_some() {
                return frames;
            }
        }
        // Before the first, whoever speaks may be the client.
        if self.keys.is_some() && !client {
            return None;
        }
        self.tries = self.tries.saturating_add(1);
        let keys = keys::derive(initial.version, initial.id)?;
        let [theirs, _] = &keys;
        let frames = initial.open(theirs, room)?;
        self.session.client = side.index();
        self.session.connection.handshake = true;
        self.pieces = Default::default();
        self.keys = Some(keys);
        self.origin = (initial.version, initial.id.to_vec());
        Some(frames)
    }

    /// The same, where the server went over to another version: the id is still the first (RFC 9369 §4.1).
    fn change(
        &mut self,
        client: bool,
        initial: &Initial<'_>,
        room: &mut Vec<u8>,
    ) -> Option<Range<usize>> {
        self.tries = self.tries.saturating_add(1);
        let keys = keys::derive(initial.version, &self.origin.1)?;
        let [theirs, ours] = &keys;
        let frames = initial.open(if client { theirs } else { ours }, room)?;
        self.keys = Some(keys);
        self.origin.0 = initial.version;
        Some(frames)
    }

    /// Takes note of a hello that is whole.
    fn say(&mut self, side: Side, ja4s: bool) {
        let [a, b] = &self.pieces;
        let pieces = if side == Side::A { a } else { b };
        match pieces.message() {
            Some((CLIENT_HELLO, body)) if self.session.hello.is_none() => {
                if let Some(hello) = Hello::parse(body, Carrier::Quic) {
                    self.session.seed = hello.random;
                    self.session.hello = Some(Box::new(hello));
                }
            }
            Some((SERVER_HELLO, body)) if self.session.answer.is_none() => {
                if let Some(answer) = Answer::parse(body, Carrier::Quic, ja4s) {
                    self.session.resumed = answer.resumed;
                    self.session.group = answer.group;
                    self.session.retried |= answer.retry;
                    self.session.answer = Some(Box::new(answer));
                }
            }
            _ => return,
        }
        let [a, b] = &mut self.pieces;
        *(if side == Side::A { a } else { b }) = Pieces::default();
    }

    /// Counts what is known, once.
    fn settle(&mut self, counts: &mut Counts) {
        let session = &mut self.session;
        session.agreed = self.short == [true; 2];
        session.midway = session.hello.is_none();
        counts.quic_sessions += 1;
        counts.sessions_ech += u64::from(session.hello.as_ref().is_some_and(|hello| hello.ech));
    }

    fn finish(&mut self, counts: &mut Counts, emit: &mut dyn FnMut(Session)) {
        // One datagram of one side that cannot be read may be anything.
        let [a, b] = self.session.bytes;
        let both = a > 0 && b > 0;
        if self.session.part == 0 {
            if self.session.hello.is_none() && !both {
                counts.quic_ignored += 1;
                return;
            }
            self.settle(counts);
        }
        if self.session.part == 0 || a > 0 || b > 0 {
            emit(self.session.clone());
        }
    }
}
