//! A connection that speaks TLS, or seems to: its handshake read, and then its bytes counted.

use super::certificate::Certificate;
use super::handshake::{
    CERTIFICATE, CERTIFICATE_REQUEST, CLIENT_HELLO, Messages, SERVER_HELLO, SERVER_KEY_EXCHANGE,
};
use super::hello::{Answer, Carrier, Hello};
use super::layer::{
    ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE, HEADER, Header, Layer, Piece,
};
use super::names;
use super::reader::Reader;
use super::session::{ALERTS_MAX, Alert, Session};
use crate::reassembly::{Connection, Side};
use crate::time::Timestamp;

/// Records of one side alone, one behind the other, that make it TLS though the handshake was not seen.
const ONE_SIDED_RECORDS: u32 = 8;
/// The same where both sides show records.
const RECORDS: u32 = 3;

/// What is done with the events of such a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Its first bytes may be a hello: held.
    Opening,
    /// It may have become TLS, or be joined in it: both read, and handed on.
    Watching,
    /// The handshake is read.
    Reading,
    /// Lengths are counted.
    Bulk,
}

/// A connection that speaks TLS, or seems to.
pub(super) struct Open {
    pub(super) mode: Mode,
    pub(super) session: Session,
    sides: [Flow; 2],
    /// Whether fingerprints of servers are made.
    ja4s: bool,
}

/// How far one side is.
#[derive(Default)]
struct Flow {
    layer: Layer,
    messages: Messages,
    place: Place,
    /// Records that followed one another.
    records: u32,
    /// An alert's first octet.
    alert: Option<u8>,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Nothing was seen of it.
    #[default]
    Start,
    /// In step with its records.
    Records,
    /// Out of step: the next record is looked for where segments begin.
    Lost,
    /// What follows is encrypted.
    Hidden,
}

/// What bytes told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// Nothing that changes anything.
    Nothing,
    /// This is no TLS.
    Foreign,
}

impl Open {
    pub(super) fn new(mode: Mode, connection: Connection, time: Timestamp, ja4s: bool) -> Self {
        let session = Session::new(connection, time);
        Self { mode, session, sides: Default::default(), ja4s }
    }

    /// Counts bytes that went by.
    pub(super) fn count(&mut self, side: Side, len: u64, time: Timestamp) {
        let [a, b] = &mut self.session.bytes;
        let bytes = if side == Side::A { a } else { b };
        *bytes = bytes.saturating_add(len);
        self.session.end = self.session.end.max(time);
    }

    /// Octets of unfinished messages held.
    pub(super) const fn held(&self) -> usize {
        let [a, b] = &self.sides;
        a.messages.held().saturating_add(b.messages.held())
    }

    /// Whether there is no doubt that it is TLS.
    pub(super) fn is_certain(&self) -> bool {
        let Session { hello, answer, .. } = &self.session;
        let [a, b] = self.sides.each_ref().map(|side| side.records);
        if self.mode == Mode::Opening {
            return hello.is_some() || answer.is_some();
        }
        let unseen = |side: &Flow| side.place == Place::Start;
        let alone = self.sides.iter().any(unseen) && a.max(b) >= ONE_SIDED_RECORDS;
        let both = a > 0 && b > 0;
        alone || both && (hello.is_some() || a.saturating_add(b) >= RECORDS)
    }

    /// Whether it was TLS as far as can be told, when nothing more comes: all that was seen since it began to look like
    /// it were records.
    pub(super) fn is_likely(&self) -> bool {
        let in_step = |side: &Flow| side.place != Place::Lost;
        let records = self.sides.iter().map(|side| side.records).fold(0, u32::saturating_add);
        let hello = self.session.hello.is_some() || self.session.answer.is_some();
        self.sides.iter().all(in_step) && records >= if hello { 1 } else { 2 }
    }

    /// Whether nothing more can be learned.
    pub(super) fn is_read(&self) -> bool {
        self.sides.iter().all(|side| side.place == Place::Hidden)
    }

    /// Whether a side is in step with its records.
    pub(super) const fn speaks(&self, side: Side) -> bool {
        let [a, b] = &self.sides;
        let flow = match side {
            Side::A => a,
            Side::B => b,
        };
        matches!(flow.place, Place::Records | Place::Hidden)
    }

    /// Goes over to counting lengths.
    pub(super) fn close_handshake(&mut self) {
        let session = &mut self.session;
        session.agreed = self.sides.iter().all(|side| side.place == Place::Hidden)
            && (session.answer.is_some() || session.hello.is_some());
        let old = session.answer.as_ref().is_some_and(|answer| answer.version < 0x0304);
        if old && session.agreed && !session.broken {
            let _told = session.certificate_requested.get_or_insert(false);
            let _told = session.client_certificate.get_or_insert(false);
        }
        if let (true, Some(hello), Some(answer)) = (old, &session.hello, &session.answer) {
            // RFC 5246 §7.4.1.3, RFC 5077 §3.4.
            session.resumed |= session.certificate.is_none()
                && !answer.session_id.is_empty()
                && answer.session_id == hello.session_id;
        }
        session.midway = session.hello.is_none() && session.answer.is_none();
        // What served its purpose: there may be very many sessions.
        if let Some(hello) = &mut session.hello {
            hello.session_id = Vec::new();
        }
        if let Some(answer) = &mut session.answer {
            answer.session_id = Vec::new();
        }
        self.sides = Default::default();
        self.mode = Mode::Bulk;
    }

    /// Takes bytes of one side.
    pub(super) fn read(&mut self, side: Side, bytes: &[u8], segment_start: bool) -> Told {
        let [a, b] = &mut self.sides;
        let flow = if side == Side::A { a } else { b };
        let begins = match flow.place {
            Place::Hidden => return Told::Nothing,
            Place::Records => true,
            Place::Start if self.mode != Mode::Watching => {
                if let Some(hello) = ssl2(bytes) {
                    (flow.place, flow.records) = (Place::Records, 1);
                    self.say_hello(side, hello);
                    return Told::Nothing;
                }
                if !Header::may_begin(bytes) {
                    return Told::Foreign;
                }
                true
            }
            Place::Start | Place::Lost => {
                let header = bytes.first_chunk::<HEADER>().copied().and_then(Header::parse);
                segment_start && header.is_some()
            }
        };
        if !begins {
            flow.place = Place::Lost;
            return Told::Nothing;
        }
        flow.place = Place::Records;
        self.records(side, bytes)
    }

    fn flow(&mut self, side: Side) -> &mut Flow {
        let [a, b] = &mut self.sides;
        if side == Side::A { a } else { b }
    }

    fn records(&mut self, side: Side, mut bytes: &[u8]) -> Told {
        loop {
            let flow = self.flow(side);
            if flow.place == Place::Hidden {
                return Told::Nothing;
            }
            match flow.layer.next(&mut bytes) {
                Ok(None) => return Told::Nothing,
                Ok(Some(piece)) => {
                    flow.records = flow.records.saturating_add(piece.first.into());
                    self.record(side, piece);
                }
                Err(super::layer::NoRecord) => {
                    let first = flow.records == 0;
                    *flow = Flow { place: Place::Lost, ..Flow::default() };
                    if first && self.mode != Mode::Watching {
                        return Told::Foreign;
                    }
                    self.session.broken |= self.mode == Mode::Reading;
                    return Told::Nothing;
                }
            }
        }
    }

    /// Takes a piece of a record: all that a session says before it is encrypted comes this way.
    fn record(&mut self, side: Side, piece: Piece<'_>) {
        match piece.header.kind {
            HANDSHAKE => {
                let mut messages = std::mem::take(&mut self.flow(side).messages);
                messages.push(piece.bytes, &mut |kind, body| self.message(side, kind, body));
                self.flow(side).messages = messages;
            }
            // Two octets in clear; longer ones are encrypted.
            ALERT if piece.header.len == 2 => self.alert(side, piece.bytes),
            CHANGE_CIPHER_SPEC => {
                // In TLS 1.3 it means nothing (RFC 8446 appendix D.4).
                let old =
                    self.session.answer.as_ref().is_some_and(|answer| answer.version < 0x0304);
                if old && piece.last {
                    self.flow(side).place = Place::Hidden;
                }
            }
            APPLICATION_DATA if self.mode != Mode::Watching || self.session.hello.is_some() => {
                self.flow(side).place = Place::Hidden;
            }
            _ => {}
        }
    }

    fn alert(&mut self, side: Side, bytes: &[u8]) {
        for &octet in bytes {
            let flow = self.flow(side);
            let Some(level) = flow.alert.take() else {
                flow.alert = Some(octet);
                continue;
            };
            let from_client = side.index() == self.session.client;
            if self.session.alerts.len() < ALERTS_MAX {
                let name = names::alert(octet);
                self.session.alerts.push(Alert { from_client, fatal: level == 2, name });
            }
        }
    }

    fn message(&mut self, side: Side, kind: u8, body: &[u8]) {
        let from_client = side.index() == self.session.client;
        match kind {
            CLIENT_HELLO if self.session.hello.is_none() => {
                if let Some(hello) = Hello::parse(body, Carrier::Tcp) {
                    self.say_hello(side, hello);
                }
            }
            SERVER_HELLO => {
                if let Some(answer) = Answer::parse(body, Carrier::Tcp, self.ja4s) {
                    let session = &mut self.session;
                    session.client = side.other().index();
                    session.retried |= answer.retry;
                    session.resumed |= answer.resumed;
                    session.group = answer.group.or(session.group);
                    session.answer = Some(Box::new(answer));
                }
            }
            CERTIFICATE if from_client => {
                self.session.client_certificate = Some(Certificate::is_any(body));
            }
            CERTIFICATE => {
                self.session.certificate = Certificate::parse(body).map(Box::new);
                self.session.broken |= self.session.certificate.is_none();
            }
            CERTIFICATE_REQUEST => self.session.certificate_requested = Some(true),
            SERVER_KEY_EXCHANGE => {
                // A named curve (RFC 8422 §5.4); other exchanges begin with longer numbers.
                let mut body = Reader(body);
                if body.u8() == Some(3) {
                    self.session.group = body.u16().or(self.session.group);
                }
            }
            _ => {}
        }
    }

    /// Reads hellos that are not whole, as far as they are kept.
    pub(super) fn read_begun(&mut self) {
        for side in [Side::A, Side::B] {
            let messages = std::mem::take(&mut self.flow(side).messages);
            if let Some((kind @ (CLIENT_HELLO | SERVER_HELLO), body)) = messages.so_far() {
                self.message(side, kind, body);
            }
            self.flow(side).messages = messages;
        }
    }

    fn say_hello(&mut self, side: Side, hello: Hello) {
        self.session.client = side.index();
        self.session.seed = hello.random;
        self.session.hello = Some(Box::new(hello));
    }

    /// Takes note of lost bytes of one side.
    pub(super) fn lose(&mut self, side: Side, len: u64) {
        let [a, b] = &mut self.session.missing;
        let missing = if side == Side::A { a } else { b };
        *missing = missing.saturating_add(len);
        if self.mode == Mode::Bulk || self.flow(side).place == Place::Hidden {
            return;
        }
        let mut flow = std::mem::take(self.flow(side));
        flow.messages.lose(&mut |kind, body| self.message(side, kind, body));
        self.session.broken |= self.mode != Mode::Watching;
        // Behind a hole in handshake messages, where the next begins is not known.
        let in_step = flow.layer.kind() != Some(HANDSHAKE) && flow.layer.skip(len);
        *self.flow(side) =
            if in_step { flow } else { Flow { place: Place::Lost, ..Flow::default() } };
    }
}

/// A `ClientHello` in the form of SSL 2: a record of two octets of length, the upper bit set.
fn ssl2(bytes: &[u8]) -> Option<Hello> {
    let &[high, low] = bytes.first_chunk()?;
    let len = usize::from(u16::from_be_bytes([high, low]).checked_sub(0x8000)?);
    Hello::parse_ssl2(bytes.get(2..)?.get(..len)?)
}
