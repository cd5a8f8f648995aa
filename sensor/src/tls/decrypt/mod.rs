//! Decryption with keys the operator has: the records of a session in, its plaintext out, as if it had been in clear.
//!
//! ```text
//! StreamEvent ─▶ flow ─record─▶ keys (schedule, suite) ─plaintext─▶ StreamEvent
//!                  └ find: the next record behind a hole     └ acks: offsets count plaintext
//! ```
//!
//! The secrets are given, so nothing of the handshake must have been seen but both hellos. What is emitted has offsets
//! of the plaintext, and acknowledgements of whole records (see [`acks`]); messages may begin where records do.

mod acks;
mod ahead;
mod early;
mod find;
mod flow;
mod keys;
mod schedule;
mod suite;
#[cfg(test)]
mod tests;

use zeroize::Zeroizing;

use self::ahead::{Ahead, Owned};
use self::flow::Flow;
use self::keys::Keys;
use self::suite::Suite;
use super::hello::{ALPN, Answer, EARLY_DATA, Hello};
use super::keylog::Secret;
use super::reader::Reader;
use super::secrets::SessionSecrets;
use super::session::{Decryption, DecryptionResult};
use crate::reassembly::{Side, StreamEventKind};
use crate::time::Timestamp;

/// Buffers of records that are kept for all directions together.
const BUFFERS_MAX: usize = 32;

/// What decryption did, in numbers.
#[derive(Debug, Default, Clone)]
pub struct DecryptCounts {
    /// Sessions whose keys were found.
    pub sessions: u64,
    /// Sessions that were not decrypted, by reason, as in [`REASONS`](Self::REASONS).
    pub unread: [u64; Self::REASONS.len()],
    /// Records opened.
    pub records: u64,
    /// Octets of application data in them.
    pub bytes: u64,
    /// Records that could not be opened with the keys there are.
    pub records_failed: u64,
    /// Records lost, in whole or in part.
    pub records_lost: u64,
    /// Times that the place of records was lost.
    pub places_lost: u64,
    /// Times that it was found again.
    pub places_found: u64,
    /// Directions given up because new keys were agreed upon inside (TLS 1.2 renegotiation).
    pub renegotiated: u64,
    /// Directions given up because records could not be opened or found again.
    pub given_up: u64,
}

impl DecryptCounts {
    /// Why sessions are not decrypted.
    pub const REASONS: [&'static str; 5] = [
        Unread::NoKeys.name(),
        Unread::Cipher.name(),
        Unread::Version.name(),
        Unread::Handshake.name(),
        Unread::Memory.name(),
    ];

    /// Adds what another worker counted; destructuring makes a forgotten field an error.
    pub fn add(&mut self, other: &Self) {
        let Self {
            sessions,
            unread,
            records,
            bytes,
            records_failed,
            records_lost,
            places_lost,
            places_found,
            renegotiated,
            given_up,
        } = other;
        self.sessions += sessions;
        for (own, more) in self.unread.iter_mut().zip(unread) {
            *own += more;
        }
        self.records += records;
        self.bytes += bytes;
        self.records_failed += records_failed;
        self.records_lost += records_lost;
        self.places_lost += places_lost;
        self.places_found += places_found;
        self.renegotiated += renegotiated;
        self.given_up += given_up;
    }
}

/// Why a session is not decrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// Its secrets did not come.
    NoKeys,
    /// Its cipher suite is not one that is opened (CBC, CCM, RC4 …), or records are compressed.
    Cipher,
    /// Its version is older than TLS 1.2.
    Version,
    /// Its handshake was not seen, in whole.
    Handshake,
    /// There was no room to wait for its secrets.
    Memory,
}

impl Unread {
    /// Its name, in records and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoKeys => "no_keys",
            Self::Cipher => "cipher",
            Self::Version => "version",
            Self::Handshake => "handshake_unseen",
            Self::Memory => "memory",
        }
    }

    /// Counts it.
    pub(super) fn count(self, counts: &mut DecryptCounts) {
        let [no_keys, cipher, version, handshake, memory] = &mut counts.unread;
        *match self {
            Self::NoKeys => no_keys,
            Self::Cipher => cipher,
            Self::Version => version,
            Self::Handshake => handshake,
            Self::Memory => memory,
        } += 1;
    }
}

/// Where ciphertext came from.
#[derive(Clone, Copy)]
struct Piece {
    time: Timestamp,
    /// Octets of the other side's plaintext that were acknowledged with it.
    acked: Option<u64>,
}

impl Piece {
    const NONE: Self = Self { time: Timestamp::ZERO, acked: None };
}

/// Buffers that all sessions of a worker share.
#[derive(Default)]
pub(super) struct Buffers {
    records: Vec<Zeroizing<Vec<u8>>>,
    scratch: Zeroizing<Vec<u8>>,
}

/// Takes plaintext: when it was captured, and what happened.
pub(super) type Emit<'a> = &'a mut dyn FnMut(Timestamp, StreamEventKind<'_>);

/// What the directions share while an event is taken.
struct Cx<'a> {
    counts: &'a mut DecryptCounts,
    buffers: &'a mut Vec<Zeroizing<Vec<u8>>>,
    scratch: &'a mut Vec<u8>,
    said: &'a mut Said,
    /// By side: offset of the stream at which the session begins.
    base: [u64; 2],
    side: Side,
    time: Timestamp,
    emit: Emit<'a>,
}

impl Cx<'_> {
    fn tell(&mut self, piece: Piece, offset: u64, segment_start: bool, bytes: &[u8]) {
        let Piece { time, acked } = piece;
        let side = self.side;
        let offset = offset.saturating_add(of(self.base, side));
        let acked = acked.map(|acked| acked.saturating_add(of(self.base, side.other())));
        (self.emit)(time, StreamEventKind::Data { side, offset, acked, segment_start, bytes });
    }

    fn gap(&mut self, offset: u64, len: u64) {
        let offset = offset.saturating_add(of(self.base, self.side));
        (self.emit)(self.time, StreamEventKind::Gap { side: self.side, offset, len });
    }

    fn end(&mut self) {
        (self.emit)(self.time, StreamEventKind::Fin { side: self.side });
    }
}

/// What was said in encrypted handshakes.
#[derive(Default)]
struct Said {
    /// Whether the server takes the client's early data.
    early: Option<bool>,
    /// Protocol agreed on.
    alpn: Option<Vec<u8>>,
}

impl Said {
    /// `end_of_early_data`.
    const END_OF_EARLY_DATA: u8 = 5;
    /// `encrypted_extensions`.
    const ENCRYPTED_EXTENSIONS: u8 = 8;
    /// `finished`.
    const FINISHED: u8 = 20;
    /// `key_update`.
    const KEY_UPDATE: u8 = 24;

    /// Takes note of a message.
    fn hear(&mut self, kind: u8, body: &[u8]) {
        if kind != Self::ENCRYPTED_EXTENSIONS {
            return;
        }
        let mut body = Reader(body);
        let mut extensions = Reader(body.vec16().unwrap_or_default());
        let mut early = false;
        while let (Some(kind), Some(content)) = (extensions.u16(), extensions.vec16()) {
            early |= kind == EARLY_DATA;
            if kind == ALPN {
                let mut content = Reader(content);
                let mut names = Reader(content.vec16().unwrap_or_default());
                self.alpn = names.vec8().map(<[u8]>::to_vec);
            }
        }
        self.early.get_or_insert(early);
    }
}

/// A session that is read.
pub(super) struct Decrypt {
    client: Side,
    flows: [Flow; 2],
    said: Said,
    /// By side: what acknowledges octets of the other that were not delivered yet.
    ahead: [Ahead; 2],
    /// By side: offset of the stream at which the session begins.
    base: [u64; 2],
}

/// Of two numbers by side, one.
const fn of([a, b]: [u64; 2], side: Side) -> u64 {
    match side {
        Side::A => a,
        Side::B => b,
    }
}

fn number(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

/// Something that happened to the ciphertext of a connection.
pub(super) enum Cipher<'a> {
    /// Octets, with the offset of the other side's ciphertext that came with them.
    Data { side: Side, acked: Option<u64>, bytes: &'a [u8] },
    /// Octets that are lost.
    Gap { side: Side, len: u64 },
    /// One side sends no more.
    Fin { side: Side },
}

impl Cipher<'_> {
    /// The same, with offsets that begin with the session.
    const fn from(self, base: [u64; 2]) -> Self {
        match self {
            Self::Data { side, acked: Some(acked), bytes } => {
                let acked = acked.saturating_sub(of(base, side.other()));
                Self::Data { side, acked: Some(acked), bytes }
            }
            other => other,
        }
    }

    const fn side(&self) -> Side {
        match *self {
            Self::Data { side, .. } | Self::Gap { side, .. } | Self::Fin { side } => side,
        }
    }
}

impl Decrypt {
    /// Whether a session can be decrypted at all, once both hellos are known.
    pub(super) const fn refuses(answer: &Answer) -> Option<Unread> {
        match (answer.version, Suite::of(answer.version, answer.cipher)) {
            (_, Some(_)) if !answer.compressed => None,
            (0x0303 | 0x0304, _) => Some(Unread::Cipher),
            _ => Some(Unread::Version),
        }
    }

    /// Begins with the first octet of a session; `None` while secrets are missing.
    pub(super) fn begin(
        client: Side,
        hello: &Hello,
        answer: &Answer,
        secrets: &SessionSecrets,
    ) -> Option<Self> {
        let suite = Suite::of(answer.version, answer.cipher)?;
        let [client_keys, server_keys] = if suite.modern {
            let [client_secret, server_secret] = &secrets.traffic;
            let (client_secret, server_secret) = (client_secret.as_ref()?, server_secret.as_ref()?);
            let [client_handshake, server_handshake] =
                secrets.handshake.each_ref().map(Option::as_ref);
            let early: Option<&Secret> =
                secrets.early.as_ref().filter(|_| hello.early_data && hello.random != [0; 32]);
            [
                Keys::modern(suite, early, client_handshake, client_secret)?,
                Keys::modern(suite, None, server_handshake, server_secret)?,
            ]
        } else {
            let master = secrets.master.as_ref()?;
            schedule::from_master(suite, master, &hello.random, &answer.random)?
                .map(|opener| Keys::of(suite, opener))
        };
        let early = suite.modern && hello.early_data;
        let client_flow = Flow::new(client_keys, early);
        let server_flow = Flow::new(server_keys, false);
        let flows = match client {
            Side::A => [client_flow, server_flow],
            Side::B => [server_flow, client_flow],
        };
        let (said, ahead) = Default::default();
        Some(Self { client, flows, said, ahead, base: [0; 2] })
    }

    /// The same, for a session that begins at these offsets of its streams, by side.
    pub(super) const fn based(mut self, base: [u64; 2]) -> Self {
        self.base = base;
        self
    }

    /// Octets held.
    pub(super) fn held(&self) -> usize {
        let [a, b] = &self.flows;
        let [ahead_a, ahead_b] = &self.ahead;
        let ahead = ahead_a.bytes.saturating_add(ahead_b.bytes);
        a.held().saturating_add(b.held()).saturating_add(ahead)
    }

    /// What became of the session so far.
    pub(super) fn told(&self) -> Decryption {
        let whole = self.flows.iter().all(Flow::is_all_read);
        let [a, b] = self.flows.each_ref().map(|flow| flow.sums);
        let (client, server) = if self.client == Side::A { (a, b) } else { (b, a) };
        Decryption {
            result: if whole { DecryptionResult::Whole } else { DecryptionResult::Part },
            client_bytes: client.bytes,
            server_bytes: server.bytes,
            unread_records: client.unread.saturating_add(server.unread),
        }
    }

    /// Protocol agreed on, where that was said in an encrypted handshake.
    pub(super) fn alpn(&self) -> Option<&[u8]> {
        self.said.alpn.as_deref()
    }

    /// Takes what happened, and emits what it means for the plaintext.
    pub(super) fn push(
        &mut self,
        time: Timestamp,
        event: Cipher<'_>,
        buffers: &mut Buffers,
        counts: &mut DecryptCounts,
        emit: Emit<'_>,
    ) {
        let event = &event.from(self.base);
        let reaches = self.reaches(event);
        let [a, b] = &mut self.ahead;
        let ahead = if event.side() == Side::A { a } else { b };
        if ahead.is_empty() && reaches {
            self.take(time, event, buffers, counts, emit);
        } else {
            ahead.push(time, event);
        }
        while let Some((then, event)) = self.due(Some(time)) {
            self.take(then, &event.lend(), buffers, counts, emit);
        }
    }

    /// The connection ends: takes what was waiting for what does not come.
    pub(super) fn finish(
        &mut self,
        buffers: &mut Buffers,
        counts: &mut DecryptCounts,
        emit: Emit<'_>,
    ) {
        while let Some((then, event)) = self.due(None) {
            self.take(then, &event.lend(), buffers, counts, emit);
        }
    }

    /// Whether all that an event acknowledges was delivered, so that it is known what it stands for.
    fn reaches(&self, event: &Cipher<'_>) -> bool {
        let Cipher::Data { side, acked: Some(acked), .. } = *event else { return true };
        let [a, b] = &self.flows;
        if side == Side::A { b.reaches(acked) } else { a.reaches(acked) }
    }

    /// The next event that has waited, if it is time: at the end, all.
    fn due(&mut self, now: Option<Timestamp>) -> Option<(Timestamp, Owned)> {
        for at in [0, 1] {
            let ready = self
                .ahead
                .get(at)?
                .events
                .front()
                .is_some_and(|(_, event)| now.is_none() || self.reaches(&event.lend()));
            let ahead = self.ahead.get_mut(at)?;
            if ready || now.is_some_and(|now| ahead.is_overdue(now)) {
                return ahead.pop();
            }
        }
        None
    }

    fn take(
        &mut self,
        time: Timestamp,
        event: &Cipher<'_>,
        buffers: &mut Buffers,
        counts: &mut DecryptCounts,
        emit: Emit<'_>,
    ) {
        let Self { client, flows: [a, b], said, base, .. } = self;
        let base = *base;
        let side = event.side();
        let (flow, other) = if side == Side::A { (a, b) } else { (b, a) };
        let known = said.early.is_some();
        let Buffers { records: buffers, scratch } = buffers;
        let mut cx = Cx { counts, buffers, scratch, said, base, side, time, emit };
        match *event {
            Cipher::Data { acked, bytes, .. } => {
                let acked = acked.map(|offset| other.acked(offset, side == *client));
                flow.data(&mut cx, Piece { time, acked }, bytes);
            }
            Cipher::Gap { len, .. } => flow.gap(&mut cx, len),
            Cipher::Fin { .. } => flow.fin(&mut cx),
        }
        if !known && cx.said.early.is_some() {
            cx.side = *client;
            let early = if side == *client { flow } else { other };
            early.settle_early(&mut cx);
        }
    }

    /// There is no more room: what is held is dropped, and nothing more is read.
    pub(super) fn give_up(
        &mut self,
        time: Timestamp,
        buffers: &mut Buffers,
        counts: &mut DecryptCounts,
        emit: Emit<'_>,
    ) {
        self.ahead = Default::default();
        let Self { flows: [a, b], said, base, .. } = self;
        let base = *base;
        let Buffers { records: buffers, scratch } = buffers;
        let mut cx = Cx { counts, buffers, scratch, said, base, side: Side::A, time, emit };
        a.give_up(&mut cx);
        cx.side = Side::B;
        b.give_up(&mut cx);
    }
}
