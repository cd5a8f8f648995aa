//! The stage: one slot per connection.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use super::begin::{self, Next, Source};
use super::decrypt::{Buffers, Decrypt, Unread};
use super::open::{Mode, Open, Told};
use super::quic::Quic;
use super::secrets::{KeyRing, Table};
use super::{Config, Counts, Session, Sessions};
use crate::decap::Segment;
use crate::reassembly::{CloseReason, Connection, Security, Side, StreamEvent, StreamEventKind};
use crate::rung::Rung;
use crate::time::Timestamp;

/// Most bytes of a connection held while it is not known whether they are a hello.
const HELD_BYTES_MAX: usize = 20 << 10;

/// Most bytes of pieces held as one.
const PIECES_MAX: usize = 1 << 10;

/// Takes TLS out of the streams of a worker.
pub struct Tls {
    pub(super) config: Config,
    pub(super) counts: Counts,
    pub(super) slots: Vec<Slot>,
    quic: Quic,
    /// Bytes held of all connections while their handshakes are read.
    pub(super) held: usize,
    pub(super) keys: Keys,
    /// Bytes of certificates held of all connections.
    certificates: usize,
    swept: Timestamp,
}

/// What a stream event became.
pub enum TlsEvent<'a> {
    /// It goes on as it is.
    Clear(StreamEvent<'a>),
    /// A session to be told.
    Session(Box<Session>),
}

/// Where secrets come from, and what waits for them.
pub(super) struct Keys {
    /// Those that others read.
    pub(super) ring: Option<Arc<KeyRing>>,
    /// Those of the capture itself, and whether more may come with it.
    pub(super) own: Table,
    pub(super) own_version: u64,
    pub(super) own_grows: bool,
    /// Slots of sessions that wait, in the order they began to.
    pub(super) waiting: VecDeque<usize>,
    /// Connections that ended while they waited.
    pub(super) closed: VecDeque<Closed>,
    /// Ciphertext held of them, and of records that are not whole.
    pub(super) held: usize,
    pub(super) buffers: Buffers,
}

/// What is known of a connection.
#[derive(Default)]
pub(super) enum Slot {
    /// Nothing.
    #[default]
    Fresh,
    /// It is no TLS.
    Clear,
    /// It may be TLS that was joined midway.
    Midway,
    /// It began by asking a proxy for a tunnel.
    Tunnel {
        /// The client that a PROXY header told of.
        told: Source,
    },
    /// It began with what may be a PROXY header, which is not whole.
    Prelude {
        /// Who writes it.
        side: Side,
        /// What was written of it.
        held: Zeroizing<Vec<u8>>,
    },
    /// It speaks TLS, or seems to.
    Open(Box<Held>),
}

/// A connection that speaks TLS, with events that wait until that is certain, or for its secrets.
pub(super) struct Held {
    pub(super) open: Open,
    pub(super) events: Vec<Waiting>,
    pub(super) bytes: usize,
    pub(super) reading: Reading,
    /// By side: where its session begins in its stream, once that is known.
    pub(super) base: [Option<u64>; 2],
}

/// A connection that ended before its secrets came.
pub(super) struct Closed {
    pub(super) held: Box<Held>,
    pub(super) connection: Connection,
    pub(super) time: Timestamp,
    pub(super) reason: CloseReason,
}

/// Whether a session is decrypted.
pub(super) enum Reading {
    /// It is not.
    No,
    /// It may be, once its secrets are known.
    Wanted {
        /// Since when they are waited for: both hellos were seen.
        since: Option<Timestamp>,
        /// What was known when they were looked for.
        version: (u64, u64),
    },
    /// It is.
    Yes(Box<Decrypt>),
}

/// An event that waits.
pub(super) struct Waiting {
    pub(super) time: Timestamp,
    ordinal: u64,
    pub(super) what: Kept,
}

/// What it says.
pub(super) enum Kept {
    Data {
        side: Side,
        offset: u64,
        acked: Option<u64>,
        segment_start: bool,
        bytes: Zeroizing<Vec<u8>>,
    },
    Gap {
        side: Side,
        offset: u64,
        len: u64,
    },
    Fin {
        side: Side,
    },
}

impl Tls {
    /// A stage with no connections.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let config = config.clone().clamped();
        Self {
            quic: Quic::new(&config),
            keys: Keys {
                ring: None,
                own: Table::new(config.key_sessions_max),
                own_version: 0,
                own_grows: false,
                waiting: VecDeque::new(),
                closed: VecDeque::new(),
                held: 0,
                buffers: Buffers::default(),
            },
            config,
            counts: Counts::default(),
            slots: Vec::new(),
            held: 0,
            certificates: 0,
            swept: Timestamp::ZERO,
        }
    }

    /// What was done since the stage was made.
    #[must_use]
    pub const fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Bytes held now, all connections together.
    #[must_use]
    pub const fn held_bytes(&self) -> usize {
        self.held.saturating_add(self.certificates).saturating_add(self.keys.held)
    }

    /// Takes one event of a connection, and emits what becomes of it.
    pub fn push(&mut self, event: &StreamEvent<'_>, emit: &mut impl FnMut(TlsEvent<'_>)) {
        let index = usize::try_from(event.id.slot).unwrap_or(usize::MAX);
        if index >= self.slots.len() {
            if matches!(event.kind, StreamEventKind::Close { .. }) {
                return emit(TlsEvent::Clear(*event));
            }
            self.slots.resize_with(index.saturating_add(1), Slot::default);
        }
        let Some(slot) = self.slots.get_mut(index) else { return };
        match slot {
            Slot::Clear if !matches!(event.kind, StreamEventKind::Close { .. }) => {
                emit(TlsEvent::Clear(*event));
            }
            Slot::Open(held) => {
                if let (Mode::Bulk, Reading::No, StreamEventKind::Data { side, bytes, .. }) =
                    (held.open.mode, &held.reading, event.kind)
                {
                    let len = number(bytes.len());
                    self.counts.bytes += len;
                    return held.open.count(side, len, event.time);
                }
                self.follow(index, event, 0, emit);
            }
            Slot::Clear
            | Slot::Fresh
            | Slot::Midway
            | Slot::Tunnel { .. }
            | Slot::Prelude { .. } => {
                self.judge(index, event, emit);
            }
        }
    }

    /// Takes a datagram of QUIC.
    pub fn datagram(&mut self, datagram: &Segment<'_>) {
        self.counts.quic_datagrams += 1;
        self.quic.push(datagram, &mut self.counts);
    }

    /// Follows the overload ladder.
    pub fn set_rung(&mut self, rung: Rung) {
        self.quic.accepts = rung < Rung::NoConnections;
    }

    /// Looks at an event of a connection that does not speak TLS so far.
    fn judge(
        &mut self,
        index: usize,
        event: &StreamEvent<'_>,
        emit: &mut impl FnMut(TlsEvent<'_>),
    ) {
        let Some(slot) = self.slots.get_mut(index) else { return };
        match event.kind {
            StreamEventKind::Data { side, bytes, segment_start, .. } => {
                let next = slot.look(side, bytes, segment_start, event.connection.handshake);
                let (mode, skip, told) = match next {
                    Next::Hold => (Mode::Opening, 0, None),
                    Next::Watch { skip, told } => (Mode::Watching, skip, told),
                    Next::Clear => return pass(slot, Slot::Clear, event, emit),
                    Next::Midway => return pass(slot, Slot::Midway, event, emit),
                    Next::Tunnel(told) => return pass(slot, Slot::Tunnel { told }, event, emit),
                    Next::Prelude(side, held) => {
                        return pass(slot, Slot::Prelude { side, held }, event, emit);
                    }
                };
                let connection = Connection { security: Security::Encrypted, ..*event.connection };
                let mut open = Open::new(mode, connection, event.time, self.config.ja4s);
                open.session.told = told;
                // What was joined behind its hello cannot be decrypted.
                let begins =
                    mode == Mode::Opening || bytes.get(skip..).is_some_and(begin::is_hello);
                let wanted = begins && self.keys.is_wanted();
                let reading = if wanted { Reading::WANTED } else { Reading::No };
                let base = if mode == Mode::Opening { [Some(0); 2] } else { [None; 2] };
                let held = Held { open, events: Vec::new(), bytes: 0, reading, base };
                *slot = Slot::Open(Box::new(held));
                self.follow(index, event, skip, emit);
            }
            StreamEventKind::Gap { .. } => {
                if matches!(slot, Slot::Fresh | Slot::Prelude { .. }) {
                    *slot = Slot::Midway;
                }
                emit(TlsEvent::Clear(*event));
            }
            StreamEventKind::Fin { .. } => emit(TlsEvent::Clear(*event)),
            StreamEventKind::Close { .. } => pass(slot, Slot::Fresh, event, emit),
        }
    }

    /// Takes an event of a connection that speaks TLS, or seems to, behind the first `skip` of its bytes.
    fn follow(
        &mut self,
        index: usize,
        event: &StreamEvent<'_>,
        skip: usize,
        emit: &mut impl FnMut(TlsEvent<'_>),
    ) {
        let Some(Slot::Open(held)) = self.slots.get_mut(index) else { return };
        let before = held.size();
        let open = &mut held.open;
        let mut told = Told::Nothing;
        match event.kind {
            StreamEventKind::Data { side, bytes, segment_start, .. } => {
                let len = number(bytes.len());
                open.count(side, len, event.time);
                if open.mode == Mode::Bulk {
                    self.counts.bytes += len;
                } else {
                    let bytes = bytes.get(skip..).unwrap_or_default();
                    told = open.read(side, bytes, segment_start || skip > 0);
                }
            }
            StreamEventKind::Gap { side, len, .. } => {
                open.count(side, len, event.time);
                open.lose(side, len);
                self.counts.bytes_missing += len;
                if open.mode == Mode::Opening && !open.is_certain() {
                    told = Told::Foreign;
                }
            }
            StreamEventKind::Fin { .. } => {}
            StreamEventKind::Close { .. } => return self.close(index, event, emit),
        }
        let opening = open.mode == Mode::Opening;
        let watching = open.mode == Mode::Watching;
        if watching {
            held.place(event, skip);
        }
        let waits = told == Told::Nothing && (opening || held.is_wanted());
        if waits {
            held.hold(event, skip);
        }
        let full = opening && held.bytes > HELD_BYTES_MAX;
        if full {
            held.open.read_begun();
        }
        self.held = self.held.saturating_sub(before).saturating_add(held.size());
        if told == Told::Foreign || full && !held.open.is_certain() {
            return self.give_up(index, event, waits, emit);
        }
        if watching {
            emit(TlsEvent::Clear(*event));
        }
        self.follow_handshake(index);
        self.decrypt(index, event, waits && !opening && !watching, emit);
    }

    /// Goes on to the next mode, where it is time.
    fn follow_handshake(&mut self, index: usize) {
        let held_max = self.config.handshake_bytes_total_max;
        let Some(Slot::Open(held)) = self.slots.get_mut(index) else { return };
        let watching = held.open.mode == Mode::Watching;
        if matches!(held.open.mode, Mode::Opening | Mode::Watching) && held.open.is_certain() {
            let before = held.size();
            held.open.mode = Mode::Reading;
            if held.is_wanted() {
                self.keys.held = self.keys.held.saturating_add(held.bytes);
                self.keys.waiting.push_back(index);
            } else {
                (held.events, held.bytes) = (Vec::new(), 0);
            }
            let refused = watching && !held.is_wanted();
            self.held = self.held.saturating_sub(before).saturating_add(held.size());
            if refused {
                self.refuse(index, Unread::Handshake);
            }
            let Some(Slot::Open(held)) = self.slots.get(index) else { return };
            // Joined after its handshake: there is nothing left to read.
            let Session { hello, answer, .. } = &held.open.session;
            if watching && hello.is_none() && answer.is_none() {
                self.settle(index);
            }
        } else if held.open.mode == Mode::Reading {
            let cut = self.held > held_max;
            if cut {
                self.counts.handshakes_cut += 1;
                held.open.session.broken = true;
            }
            if cut || held.open.is_read() {
                self.settle(index);
            }
        }
    }

    /// The handshake is over: what is known of the session is counted, and from now on lengths.
    fn settle(&mut self, index: usize) {
        let Some(Slot::Open(held)) = self.slots.get_mut(index) else { return };
        self.held = self.held.saturating_sub(held.size());
        held.open.close_handshake();
        let session = &mut held.open.session;
        if let Some(certificate) = &session.certificate {
            let sum = self.certificates.saturating_add(certificate.size());
            if sum > self.config.handshake_bytes_total_max {
                self.counts.handshakes_cut += 1;
                session.certificate = None;
            } else {
                self.certificates = sum;
            }
        }
        self.counts.sessions += 1;
        self.counts.bytes += session.bytes.iter().sum::<u64>();
        self.counts.sessions_midway += u64::from(session.midway);
        self.counts.sessions_agreed += u64::from(session.agreed);
        self.counts.handshakes_broken += u64::from(session.broken);
        self.counts.sessions_ech +=
            u64::from(session.hello.as_ref().is_some_and(|hello| hello.ech));
        self.counts.version(session.version());
    }

    /// It is no TLS after all: what was held goes on, the event at hand too unless it was held itself.
    fn give_up(
        &mut self,
        index: usize,
        event: &StreamEvent<'_>,
        waits: bool,
        emit: &mut impl FnMut(TlsEvent<'_>),
    ) {
        let Some(slot) = self.slots.get_mut(index) else { return };
        let whole = event.connection.handshake;
        let next = if whole { Slot::Clear } else { Slot::Midway };
        let Slot::Open(mut held) = std::mem::replace(slot, next) else { return };
        self.held = self.held.saturating_sub(held.size());
        held.release(event, emit);
        if !waits {
            emit(TlsEvent::Clear(*event));
        }
    }

    fn close(
        &mut self,
        index: usize,
        event: &StreamEvent<'_>,
        emit: &mut impl FnMut(TlsEvent<'_>),
    ) {
        let Some(Slot::Open(held)) = self.slots.get_mut(index) else { return };
        if held.open.mode == Mode::Watching && held.open.is_likely() {
            let before = held.size();
            held.forget();
            held.open.mode = Mode::Reading;
            self.held = self.held.saturating_sub(before).saturating_add(held.size());
            self.refuse(index, Unread::Handshake);
        }
        let Some(Slot::Open(held)) = self.slots.get(index) else { return };
        if held.open.mode == Mode::Reading {
            self.settle(index);
        }
        self.close_reading(index, event, emit);
        let Some(slot) = self.slots.get_mut(index) else { return };
        let Slot::Open(mut held) = std::mem::take(slot) else { return };
        self.held = self.held.saturating_sub(held.size());
        let security = held.security();
        let read = Connection { security, ..*event.connection };
        match held.open.mode {
            Mode::Opening => held.release(event, emit),
            Mode::Watching => {}
            Mode::Reading | Mode::Bulk if held.is_wanted() => {
                // Its secrets may yet come.
                if let StreamEventKind::Close { reason } = event.kind {
                    let (connection, time) = (*event.connection, event.time);
                    self.keys.closed.push_back(Closed { held, connection, time, reason });
                }
            }
            Mode::Reading | Mode::Bulk => self.conclude(held.open.session, read, emit),
        }
        let connection = if security == Security::Decrypted { &read } else { event.connection };
        emit(TlsEvent::Clear(StreamEvent { connection, ..*event }));
    }

    /// Tells a session that is over.
    pub(super) fn conclude(
        &mut self,
        mut session: Session,
        connection: Connection,
        emit: &mut impl FnMut(TlsEvent<'_>),
    ) {
        let size = session.certificate.as_ref().map_or(0, |shown| shown.size());
        self.certificates = self.certificates.saturating_sub(size);
        session.connection = Connection { security: session.security(), ..connection };
        session.open = false;
        // Nothing came since it was told.
        if session.part == 0 || session.bytes != [0; 2] {
            self.tell(Box::new(session), emit);
        }
    }

    fn tell(&mut self, session: Box<Session>, emit: &mut impl FnMut(TlsEvent<'_>)) {
        if self.config.sessions != Sessions::Off {
            self.counts.records += 1;
            emit(TlsEvent::Session(session));
        }
    }

    /// Tells sessions that have lasted long at `now`. Cheap unless it is time to look.
    pub fn expire(&mut self, now: Timestamp, ordinal: u64, emit: &mut impl FnMut(TlsEvent<'_>)) {
        self.expire_waiting(now, ordinal, emit);
        self.told_of_quic(emit, |quic, counts, told| quic.expire(now, counts, told));
        let after = Duration::from_secs(self.config.session_report_seconds);
        if now.since(self.swept) < after / 32 {
            return;
        }
        self.swept = now;
        for index in 0..self.slots.len() {
            let Some(Slot::Open(held)) = self.slots.get(index) else { continue };
            let Open { mode, session, .. } = &held.open;
            let known = matches!(mode, Mode::Reading | Mode::Bulk);
            if !known || session.part > 0 || now.since(session.start) < after {
                continue;
            }
            if *mode == Mode::Reading {
                self.settle(index);
            }
            let Some(Slot::Open(held)) = self.slots.get_mut(index) else { continue };
            held.note();
            let session = &mut held.open.session;
            session.connection.security = session.security();
            let told = Box::new(Session { open: true, ..session.clone() });
            session.begin_second();
            self.tell(told, emit);
        }
    }
}

impl Tls {
    /// Tells what is still followed without a stream that would close: the capture is over.
    pub fn finish(&mut self, emit: &mut impl FnMut(TlsEvent<'_>)) {
        self.finish_closed(emit);
        self.told_of_quic(emit, Quic::finish);
    }

    fn told_of_quic(
        &mut self,
        emit: &mut impl FnMut(TlsEvent<'_>),
        ask: impl FnOnce(&mut Quic, &mut Counts, &mut dyn FnMut(Session)),
    ) {
        let Self { quic, counts, config, .. } = self;
        let (mut records, off) = (0, config.sessions == Sessions::Off);
        ask(quic, counts, &mut |session| {
            if !off {
                records += 1;
                emit(TlsEvent::Session(Box::new(session)));
            }
        });
        counts.records += records;
    }
}

impl Held {
    /// Bytes held for it while its handshake is read.
    pub(super) const fn size(&self) -> usize {
        // Those that wait for secrets are counted apart.
        let waiting = matches!(self.open.mode, Mode::Opening | Mode::Watching);
        self.open.held().saturating_add(if waiting { self.bytes } else { 0 })
    }

    pub(super) const fn is_wanted(&self) -> bool {
        matches!(self.reading, Reading::Wanted { .. })
    }

    /// How what goes on of it is to be called.
    pub(super) const fn security(&self) -> Security {
        match self.reading {
            Reading::Yes(_) => Security::Decrypted,
            Reading::No | Reading::Wanted { .. } => Security::Encrypted,
        }
    }

    /// Takes note of where a session inside a tunnel begins. One that is out of step cannot be decrypted.
    fn place(&mut self, event: &StreamEvent<'_>, skip: usize) {
        for side in [Side::A, Side::B] {
            let speaks = self.open.speaks(side);
            let Some(base) = self.base.get_mut(side.index()) else { continue };
            match (speaks, *base, event.kind) {
                (true, None, StreamEventKind::Data { side: of, offset, .. }) if of == side => {
                    *base = Some(offset.saturating_add(number(skip)));
                }
                (false, Some(_), _) => self.forget(),
                _ => {}
            }
        }
        if self.bytes > HELD_BYTES_MAX {
            self.forget();
        }
    }

    /// It will not be decrypted.
    fn forget(&mut self) {
        (self.events, self.bytes, self.reading) = (Vec::new(), 0, Reading::No);
    }

    /// Holds an event, but for the first `skip` of its bytes and what came before the session.
    fn hold(&mut self, event: &StreamEvent<'_>, skip: usize) {
        let begun = |side: Side| matches!(self.base.get(side.index()), Some(Some(_)));
        let what = match event.kind {
            StreamEventKind::Data { side, .. } | StreamEventKind::Gap { side, .. }
                if !begun(side) =>
            {
                return;
            }
            StreamEventKind::Data { side, offset, acked, segment_start, bytes } => {
                let offset = offset.saturating_add(number(skip));
                let bytes = bytes.get(skip..).unwrap_or_default();
                self.bytes = self.bytes.saturating_add(bytes.len());
                if self.add(side, (offset, acked), bytes) {
                    return;
                }
                let bytes = Zeroizing::new(bytes.to_vec());
                Kept::Data { side, offset, acked, segment_start, bytes }
            }
            StreamEventKind::Gap { side, offset, len } => Kept::Gap { side, offset, len },
            StreamEventKind::Fin { side } => Kept::Fin { side },
            StreamEventKind::Close { .. } => return,
        };
        self.bytes = self.bytes.saturating_add(size_of::<Waiting>());
        self.events.push(Waiting { time: event.time, ordinal: event.ordinal, what });
    }

    /// Adds a few bytes to what is held, if they follow it: else a hello in many pieces would take more than its bytes do.
    fn add(&mut self, side: Side, (at, seen): (u64, Option<u64>), more: &[u8]) -> bool {
        let Some(Waiting { what, .. }) = self.events.last_mut() else { return false };
        let Kept::Data { side: last, offset, acked, bytes, .. } = what else { return false };
        let follows = offset.saturating_add(number(bytes.len())) == at;
        let few = more.len() < size_of::<Waiting>() && bytes.len() < PIECES_MAX;
        let adds = follows && few && *last == side && *acked == seen;
        if adds {
            bytes.extend_from_slice(more);
        }
        adds
    }

    /// Lets go on what was held.
    fn release(&mut self, event: &StreamEvent<'_>, emit: &mut impl FnMut(TlsEvent<'_>)) {
        self.bytes = 0;
        for Waiting { time, ordinal, what } in self.events.drain(..) {
            let kind = match &what {
                Kept::Data { side, offset, acked, segment_start, bytes } => StreamEventKind::Data {
                    side: *side,
                    offset: *offset,
                    acked: *acked,
                    segment_start: *segment_start,
                    bytes,
                },
                Kept::Gap { side, offset, len } => {
                    StreamEventKind::Gap { side: *side, offset: *offset, len: *len }
                }
                Kept::Fin { side } => StreamEventKind::Fin { side: *side },
            };
            emit(TlsEvent::Clear(StreamEvent { time, ordinal, kind, ..*event }));
        }
    }
}

fn pass(slot: &mut Slot, next: Slot, event: &StreamEvent<'_>, emit: &mut impl FnMut(TlsEvent<'_>)) {
    *slot = next;
    emit(TlsEvent::Clear(*event));
}

pub(super) fn number(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}
