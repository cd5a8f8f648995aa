//! Decryption in the stage: sessions wait for their secrets, and are read once these are known.
//!
//! What waits is ciphertext, from the first octet on, for a bounded time and in bounded space. A session whose secrets
//! do not come in time is told as one that cannot be read, with the reason.

use std::sync::Arc;
use std::time::Duration;

use super::TlsEvent;
use super::decrypt::{Cipher, Decrypt, Unread};
use super::open::Mode;
use super::secrets::KeyRing;
use super::session::Decryption;
use super::stage::{Closed, Held, Kept, Keys, Reading, Slot, Tls, Waiting};
use crate::reassembly::{
    CloseReason, Connection, ConnectionId, Security, StreamEvent, StreamEventKind,
};
use crate::time::Timestamp;

impl Reading {
    /// Secrets are wanted, and were not looked for.
    pub(super) const WANTED: Self = Self::Wanted { since: None, version: (0, 0) };
}

impl Keys {
    /// Whether there may be secrets for a session that begins now.
    pub(super) fn is_wanted(&self) -> bool {
        self.own_grows || self.has_any()
    }

    /// Whether there are secrets, or a place they come from.
    fn has_any(&self) -> bool {
        self.ring.is_some() || !self.own.is_empty()
    }

    /// Changes when secrets come.
    fn version(&self) -> (u64, u64) {
        (self.ring.as_ref().map_or(0, |ring| ring.version()), self.own_version)
    }

    /// Whether secrets may come after the traffic they are of.
    fn grows(&self) -> bool {
        self.own_grows || self.ring.as_ref().is_some_and(|ring| ring.grows())
    }

    /// Decrypts a session whose hellos are known, if its secrets are.
    fn begin(&self, held: &Held) -> Option<Decrypt> {
        let session = &held.open.session;
        let (hello, answer) = session.hello.as_deref().zip(session.answer.as_deref())?;
        let client = if session.client == 0 {
            crate::reassembly::Side::A
        } else {
            crate::reassembly::Side::B
        };
        let base = held.base.map(Option::unwrap_or_default);
        let begin = |secrets: &_| {
            Decrypt::begin(client, hello, answer, secrets).map(|read| read.based(base))
        };
        let own = self.own.find(&hello.random).and_then(begin);
        own.or_else(|| begin(&self.ring.as_ref()?.find(&hello.random)?))
    }
}

/// The connection and time of what is emitted.
#[derive(Clone, Copy)]
struct At<'a> {
    id: ConnectionId,
    connection: &'a Connection,
    ordinal: u64,
}

impl Tls {
    /// Takes secrets from a ring that others fill.
    pub fn set_keys(&mut self, ring: Arc<KeyRing>) {
        self.keys.ring = Some(ring);
    }

    /// Secrets may come with the capture, after the traffic they are of.
    pub const fn expect_secrets(&mut self) {
        self.keys.own_grows = true;
    }

    /// Takes up secrets found in the capture: a key log.
    pub fn learn(&mut self, key_log: &[u8]) {
        self.keys.own.learn(key_log);
        self.keys.own_version = self.keys.own_version.wrapping_add(1);
    }

    /// Takes an event of a session that is decrypted, or may be; `held`: it was put to those that wait.
    pub(super) fn decrypt(
        &mut self,
        index: usize,
        event: &StreamEvent<'_>,
        waits: bool,
        emit: &mut impl FnMut(TlsEvent<'_>),
    ) {
        let Some(Slot::Open(held)) = self.slots.get_mut(index) else { return };
        match &mut held.reading {
            Reading::No => {}
            Reading::Wanted { .. } => {
                if matches!(held.open.mode, Mode::Opening | Mode::Watching) {
                    return;
                }
                if waits {
                    let last = held.events.last().map_or(0, Waiting::size);
                    self.keys.held = self.keys.held.saturating_add(last);
                }
                let at = At { id: event.id, connection: event.connection, ordinal: event.ordinal };
                self.unlock(index, at, event.time, emit);
                self.make_room(index);
            }
            Reading::Yes(decrypt) => {
                let Some(cipher) = Cipher::of(&event.kind) else { return };
                let before = decrypt.held();
                let connection = Connection { security: Security::Decrypted, ..*event.connection };
                decrypt.push(
                    event.time,
                    cipher,
                    &mut self.keys.buffers,
                    &mut self.counts.decrypt,
                    &mut |time, kind| {
                        let connection = &connection;
                        emit(TlsEvent::Clear(StreamEvent { connection, time, kind, ..*event }));
                    },
                );
                let now = decrypt.held();
                self.keys.held = self.keys.held.saturating_sub(before).saturating_add(now);
                if self.keys.held > self.config.decrypt_bytes_total_max && now > before {
                    decrypt.give_up(
                        event.time,
                        &mut self.keys.buffers,
                        &mut self.counts.decrypt,
                        &mut |time, kind| {
                            let connection = &connection;
                            emit(TlsEvent::Clear(StreamEvent { connection, time, kind, ..*event }));
                        },
                    );
                    let left = decrypt.held();
                    self.keys.held = self.keys.held.saturating_sub(now).saturating_add(left);
                }
            }
        }
    }

    /// Looks for the secrets of a session that waits; reads what waits, or gives up.
    fn unlock(
        &mut self,
        index: usize,
        at: At<'_>,
        now: Timestamp,
        emit: &mut impl FnMut(TlsEvent<'_>),
    ) {
        let Some(Slot::Open(held)) = self.slots.get_mut(index) else { return };
        let current = self.keys.version();
        let Reading::Wanted { since, version } = &mut held.reading else { return };
        let session = &held.open.session;
        let Some(answer) = session.answer.as_ref().filter(|answer| !answer.retry) else {
            if held.bytes > self.config.key_wait_bytes_max || held.open.mode == Mode::Bulk {
                self.refuse(index, Unread::Handshake);
            }
            return;
        };
        if let Some(reason) = Decrypt::refuses(answer) {
            return self.refuse(index, reason);
        }
        if session.hello.is_none() {
            return self.refuse(index, Unread::Handshake);
        }
        let begun = since.is_some();
        let since = *since.get_or_insert(now);
        if !begun || std::mem::replace(version, current) != current {
            *version = current;
            if let Some(decrypt) = self.keys.begin(held) {
                return self.read_held(index, Box::new(decrypt), at, emit);
            }
        }
        let Some(Slot::Open(held)) = self.slots.get_mut(index) else { return };
        let patience = Duration::from_secs(self.config.key_wait_seconds_max);
        if !self.keys.grows() || now.since(since) >= patience {
            self.refuse(index, Unread::NoKeys);
        } else if held.bytes > self.config.key_wait_bytes_max {
            self.refuse(index, Unread::Memory);
        }
    }

    /// The secrets are there: what waited is read.
    fn read_held(
        &mut self,
        index: usize,
        decrypt: Box<Decrypt>,
        at: At<'_>,
        emit: &mut impl FnMut(TlsEvent<'_>),
    ) {
        let Some(Slot::Open(held)) = self.slots.get_mut(index) else { return };
        let At { id, connection, ordinal } = at;
        let connection = &Connection { security: Security::Decrypted, ..*connection };
        self.keys.held = self.keys.held.saturating_sub(held.bytes);
        held.bytes = 0;
        let events = std::mem::take(&mut held.events);
        let decrypt = self.replay(events, decrypt, At { id, connection, ordinal }, None, emit);
        self.keys.held = self.keys.held.saturating_add(decrypt.held());
        if let Some(Slot::Open(held)) = self.slots.get_mut(index) {
            held.reading = Reading::Yes(decrypt);
        }
    }

    /// Looks again for the secrets of connections that have ended. What is read of one goes on at once, as the whole
    /// of a connection, on a slot that nothing else is on.
    fn unlock_closed(
        &mut self,
        now: Option<Timestamp>,
        ordinal: u64,
        emit: &mut impl FnMut(TlsEvent<'_>),
    ) {
        let patience = Duration::from_secs(self.config.key_wait_seconds_max);
        for _ in 0..self.keys.closed.len() {
            let Some(mut closed) = self.keys.closed.pop_front() else { return };
            let current = self.keys.version();
            let Reading::Wanted { since, version } = &mut closed.held.reading else { continue };
            let waited = now.map(|now| now.since(since.unwrap_or(closed.time)));
            let changed = std::mem::replace(version, current) != current;
            let found = if changed { self.keys.begin(&closed.held) } else { None };
            let full = self.keys.held > self.config.decrypt_bytes_total_max;
            if found.is_none() && !full && waited.is_some_and(|waited| waited < patience) {
                self.keys.closed.push_back(closed);
                continue;
            }
            let Closed { mut held, connection, time, reason } = closed;
            self.keys.held = self.keys.held.saturating_sub(held.bytes);
            let events = std::mem::take(&mut held.events);
            held.reading = match found {
                None => {
                    let reason = if full { Unread::Memory } else { Unread::NoKeys };
                    if self.keys.has_any() {
                        reason.count(&mut self.counts.decrypt);
                        held.open.session.decryption = Decryption::refused(reason);
                    }
                    Reading::No
                }
                Some(decrypt) => {
                    let slot = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
                    let connection = &Connection { security: Security::Decrypted, ..connection };
                    let at = At { id: ConnectionId { slot }, connection, ordinal };
                    Reading::Yes(self.replay(
                        events,
                        Box::new(decrypt),
                        at,
                        Some((time, reason)),
                        emit,
                    ))
                }
            };
            held.note();
            self.conclude(held.open.session, connection, emit);
        }
    }

    /// The capture is over: no more secrets come.
    pub(super) fn finish_closed(&mut self, emit: &mut impl FnMut(TlsEvent<'_>)) {
        self.unlock_closed(None, 0, emit);
    }

    /// Decrypts what was held; `end`: that is all of it.
    fn replay(
        &mut self,
        events: Vec<Waiting>,
        mut decrypt: Box<Decrypt>,
        at: At<'_>,
        end: Option<(Timestamp, CloseReason)>,
        emit: &mut impl FnMut(TlsEvent<'_>),
    ) -> Box<Decrypt> {
        let At { id, connection, ordinal } = at;
        self.counts.decrypt.sessions += 1;
        let (buffers, counts) = (&mut self.keys.buffers, &mut self.counts.decrypt);
        let mut emit = |time, kind: StreamEventKind<'_>| {
            emit(TlsEvent::Clear(StreamEvent { id, connection, time, ordinal, kind }));
        };
        for Waiting { time, what, .. } in events {
            decrypt.push(time, what.cipher(), buffers, counts, &mut emit);
        }
        if let Some((time, reason)) = end {
            decrypt.finish(buffers, counts, &mut emit);
            emit(time, StreamEventKind::Close { reason });
        }
        decrypt
    }

    /// A session will not be decrypted.
    pub(super) fn refuse(&mut self, index: usize, reason: Unread) {
        let Some(Slot::Open(held)) = self.slots.get_mut(index) else { return };
        if self.keys.has_any() {
            reason.count(&mut self.counts.decrypt);
            held.open.session.decryption = Decryption::refused(reason);
        }
        self.keys.held = self.keys.held.saturating_sub(held.bytes);
        (held.events, held.bytes, held.reading) = (Vec::new(), 0, Reading::No);
    }

    /// Too much is held: those that have waited longest give way, but not to themselves alone.
    fn make_room(&mut self, index: usize) {
        while self.keys.held > self.config.decrypt_bytes_total_max {
            let Some(oldest) = self.keys.waiting.pop_front() else {
                return self.refuse_if_waiting(index);
            };
            self.refuse_if_waiting(oldest);
        }
    }

    fn refuse_if_waiting(&mut self, index: usize) {
        if let Some(Slot::Open(held)) = self.slots.get(index)
            && held.is_wanted()
            && !matches!(held.open.mode, Mode::Opening | Mode::Watching)
        {
            self.refuse(index, Unread::Memory);
        }
    }

    /// Looks again for the secrets of all sessions that wait, if there are new ones, and at the time.
    pub(super) fn expire_waiting(
        &mut self,
        now: Timestamp,
        ordinal: u64,
        emit: &mut impl FnMut(TlsEvent<'_>),
    ) {
        self.unlock_closed(Some(now), ordinal, emit);
        for _ in 0..self.keys.waiting.len() {
            let Some(index) = self.keys.waiting.pop_front() else { return };
            let Some(Slot::Open(held)) = self.slots.get(index) else { continue };
            if !held.is_wanted() {
                continue;
            }
            let connection = held.open.session.connection;
            let id = ConnectionId { slot: u32::try_from(index).unwrap_or(u32::MAX) };
            self.unlock(index, At { id, connection: &connection, ordinal }, now, emit);
            let Some(Slot::Open(held)) = self.slots.get(index) else { continue };
            if held.is_wanted() {
                self.keys.waiting.push_back(index);
            }
        }
    }

    /// A connection ends: what waits is read if its secrets are there, and what came of it is noted.
    pub(super) fn close_reading(
        &mut self,
        index: usize,
        event: &StreamEvent<'_>,
        emit: &mut impl FnMut(TlsEvent<'_>),
    ) {
        if let Some(Slot::Open(held)) = self.slots.get(index)
            && held.is_wanted()
            && !matches!(held.open.mode, Mode::Opening | Mode::Watching)
        {
            let at = At { id: event.id, connection: event.connection, ordinal: event.ordinal };
            self.unlock(index, at, event.time, emit);
            let known = match self.slots.get(index) {
                Some(Slot::Open(held)) => held.open.session.answer.is_some(),
                _ => false,
            };
            if let Some(Slot::Open(held)) = self.slots.get(index)
                && held.is_wanted()
                && !(known && self.keys.grows())
            {
                self.refuse(index, if known { Unread::NoKeys } else { Unread::Handshake });
            }
        }
        let Some(Slot::Open(held)) = self.slots.get_mut(index) else { return };
        if let Reading::Yes(decrypt) = &mut held.reading {
            self.keys.held = self.keys.held.saturating_sub(decrypt.held());
            let connection = &Connection { security: Security::Decrypted, ..*event.connection };
            decrypt.finish(&mut self.keys.buffers, &mut self.counts.decrypt, &mut |time, kind| {
                emit(TlsEvent::Clear(StreamEvent { connection, time, kind, ..*event }));
            });
        }
        held.note();
    }
}

impl Held {
    /// Notes what became of the session so far.
    pub(super) fn note(&mut self) {
        if let Reading::Yes(decrypt) = &self.reading {
            let session = &mut self.open.session;
            session.decryption = decrypt.told();
            if let (Some(answer), Some(name)) = (&mut session.answer, decrypt.alpn()) {
                answer.alpn.get_or_insert_with(|| name.to_vec());
            }
        }
    }
}

impl Waiting {
    /// Bytes that it takes.
    pub(super) fn size(&self) -> usize {
        let bytes = match &self.what {
            Kept::Data { bytes, .. } => bytes.len(),
            Kept::Gap { .. } | Kept::Fin { .. } => 0,
        };
        bytes.saturating_add(size_of::<Self>())
    }
}

impl Kept {
    fn cipher(&self) -> Cipher<'_> {
        match self {
            Self::Data { side, acked, bytes, .. } => {
                Cipher::Data { side: *side, acked: *acked, bytes }
            }
            Self::Gap { side, len, .. } => Cipher::Gap { side: *side, len: *len },
            Self::Fin { side } => Cipher::Fin { side: *side },
        }
    }
}

impl<'a> Cipher<'a> {
    fn of(kind: &StreamEventKind<'a>) -> Option<Self> {
        match *kind {
            StreamEventKind::Data { side, acked, bytes, .. } => {
                Some(Self::Data { side, acked, bytes })
            }
            StreamEventKind::Gap { side, len, .. } => Some(Self::Gap { side, len }),
            StreamEventKind::Fin { side } => Some(Self::Fin { side }),
            StreamEventKind::Close { .. } => None,
        }
    }
}
