//! What is told of one session.

use std::hash::BuildHasher as _;
use std::net::SocketAddr;

use super::{Answer, Certificate, Hello, Unread};
use crate::reassembly::{Connection, Security, Side};
use crate::time::Timestamp;

/// Most alerts kept of one session.
pub(super) const ALERTS_MAX: usize = 4;

/// A connection that cannot be read, by what is in clear.
///
/// No `Debug`: it holds raw traffic.
#[derive(Clone)]
pub struct Session {
    /// The connection.
    pub connection: Connection,
    /// Which end is the client: index into [`Connection::ends`].
    pub client: usize,
    /// 0; for what came after a session was told once, 1.
    pub part: u32,
    /// Whether it goes on.
    pub open: bool,
    /// Capture time of the first byte of this part.
    pub start: Timestamp,
    /// Capture time of the last byte.
    pub end: Timestamp,
    /// Bytes of this part, lost ones included, by end.
    pub bytes: [u64; 2],
    /// Of those, lost, by end.
    pub missing: [u64; 2],
    /// What the client said; absent when it was not seen.
    pub hello: Option<Box<Hello>>,
    /// What the server said; absent when it was not seen.
    pub answer: Option<Box<Answer>>,
    /// The server's certificate, where it is in clear.
    pub certificate: Option<Box<Certificate>>,
    /// Whether the server asked for a client certificate; `None` where that is encrypted.
    pub certificate_requested: Option<bool>,
    /// Whether the client sent one; `None` where that is encrypted.
    pub client_certificate: Option<bool>,
    /// Group of the key exchange.
    pub group: Option<u16>,
    /// Whether an earlier session was resumed.
    pub resumed: bool,
    /// Whether both sides went over to encrypted data.
    pub agreed: bool,
    /// Whether the server had the client try again.
    pub retried: bool,
    /// Whether the handshake was not seen: the connection was joined midway.
    pub midway: bool,
    /// Whether part of the handshake was lost, or could not be read.
    pub broken: bool,
    /// Alerts in clear.
    pub alerts: Vec<Alert>,
    /// Version of QUIC: `1`, `2`; empty over TCP.
    pub quic_version: &'static str,
    /// Whether it was decrypted.
    pub decryption: Decryption,
    /// The client that a PROXY header told of before the handshake, and the end that wrote it. Not checked.
    pub told: Option<(Side, SocketAddr)>,
    /// What names the session besides its ends: equal for all who saw its beginning.
    pub(super) seed: [u8; 32],
}

/// What became of a session whose keys may be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Decryption {
    /// Whether it was decrypted.
    pub result: DecryptionResult,
    /// Bytes of application data read of the client.
    pub client_bytes: u64,
    /// Bytes of application data read of the server.
    pub server_bytes: u64,
    /// Records that may have carried data and were not read.
    pub unread_records: u64,
}

/// Whether a session was decrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DecryptionResult {
    /// There are no keys for any session.
    #[default]
    Off,
    /// It was not, and why.
    Not(Unread),
    /// Part of it was lost, or could not be read.
    Part,
    /// All of it was read.
    Whole,
}

impl Decryption {
    const OFF: Self =
        Self { result: DecryptionResult::Off, client_bytes: 0, server_bytes: 0, unread_records: 0 };

    /// Nothing was read.
    pub(super) const fn refused(reason: Unread) -> Self {
        Self { result: DecryptionResult::Not(reason), ..Self::OFF }
    }

    /// Whether there is anything to tell.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.result != DecryptionResult::Off
    }
}

/// What a session is, apart from what was said in it.
#[derive(Debug, Clone, Copy)]
pub struct SessionFacts {
    /// 0; for what came after a session was told once, 1.
    pub part: u32,
    /// Capture time of the first byte.
    pub start: Timestamp,
    /// Bytes of the client, of the server: lost.
    pub missing: [u64; 2],
    /// Bytes of the client, of the server.
    pub bytes: [u64; 2],
    /// Whether the handshake was not seen.
    pub midway: bool,
    /// Equal for sessions with the same client (also the one that a load balancer told), server, server name and JA4.
    pub alike: u64,
    /// What names the session besides its ends: equal for all who saw its beginning.
    pub(crate) seed: [u8; 32],
}

/// An alert in clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alert {
    /// Whether the client sent it.
    pub from_client: bool,
    /// Whether it ends the session.
    pub fatal: bool,
    /// Its name (RFC 8446 §6).
    pub name: &'static str,
}

impl Session {
    /// One of which nothing is known yet.
    pub(super) const fn new(connection: Connection, time: Timestamp) -> Self {
        Self {
            connection,
            client: 0,
            part: 0,
            open: false,
            start: time,
            end: time,
            bytes: [0; 2],
            missing: [0; 2],
            hello: None,
            answer: None,
            certificate: None,
            certificate_requested: None,
            client_certificate: None,
            group: None,
            resumed: false,
            agreed: false,
            retried: false,
            midway: false,
            broken: false,
            alerts: Vec::new(),
            quic_version: "",
            decryption: Decryption::OFF,
            told: None,
            seed: [0; 32],
        }
    }

    /// The client that a load balancer told of on the client's side. Not checked.
    #[must_use]
    pub fn source(&self) -> Option<SocketAddr> {
        self.told.filter(|(side, _)| side.index() == self.client).map(|(_, source)| source)
    }

    /// Version agreed on, as people write it; empty when it was not seen.
    #[must_use]
    pub fn version(&self) -> &'static str {
        self.answer.as_ref().map_or("", |answer| super::names::version(answer.version))
    }

    /// What its record calls the connection: decrypted where nothing of it stayed hidden.
    pub(super) const fn security(&self) -> Security {
        match self.decryption.result {
            DecryptionResult::Whole => Security::Decrypted,
            DecryptionResult::Off | DecryptionResult::Not(_) | DecryptionResult::Part => {
                Security::Encrypted
            }
        }
    }

    fn alike(&self) -> u64 {
        let [a, b] = self.connection.ends;
        let (client, server) = if self.client == 0 { (a, b) } else { (b, a) };
        let hello = self.hello.as_ref().map(|hello| (&hello.server_name, &hello.ja4));
        let source = self.source().map(|source| source.ip());
        foldhash::fast::FixedState::default().hash_one((client.ip, server, hello, source))
    }

    /// Begins the part after the one that was told.
    pub(super) const fn begin_second(&mut self) {
        (self.part, self.start) = (1, self.end);
        (self.bytes, self.missing) = ([0; 2], [0; 2]);
    }

    /// What is no secret.
    #[must_use]
    pub fn facts(&self) -> SessionFacts {
        let turn = |[a, b]: [u64; 2]| if self.client == 0 { [a, b] } else { [b, a] };
        SessionFacts {
            part: self.part,
            start: self.start,
            missing: turn(self.missing),
            bytes: turn(self.bytes),
            midway: self.midway,
            alike: self.alike(),
            seed: self.seed,
        }
    }
}
