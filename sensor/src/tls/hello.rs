//! `ClientHello` and `ServerHello`: what both sides say in clear, in every version.
//!
//! Source: [RFC 8446 §4.1](https://www.rfc-editor.org/rfc/rfc8446#section-4.1), [RFC 5246 §7.4.1](https://www.rfc-editor.org/rfc/rfc5246#section-7.4.1),
//! RFC 6066 §3 (server name), RFC 7301 (ALPN), RFC 9849 (ECH), RFC 5246 appendix E.2 (SSLv2-compatible hello).

use super::ja4;
use super::reader::{Reader, numbers};

/// `server_name`.
const SERVER_NAME: u16 = 0;
/// `supported_groups`.
const SUPPORTED_GROUPS: u16 = 10;
/// `signature_algorithms`.
const SIGNATURE_ALGORITHMS: u16 = 13;
/// `application_layer_protocol_negotiation`.
pub(super) const ALPN: u16 = 16;
/// `session_ticket`.
const SESSION_TICKET: u16 = 35;
/// `pre_shared_key`.
const PRE_SHARED_KEY: u16 = 41;
/// `early_data`.
pub(super) const EARLY_DATA: u16 = 42;
/// `supported_versions`.
const SUPPORTED_VERSIONS: u16 = 43;
/// `key_share`.
const KEY_SHARE: u16 = 51;
/// `encrypted_client_hello`.
const ENCRYPTED_CLIENT_HELLO: u16 = 0xfe0d;
/// `encrypted_server_name`, a draft that came before it.
const ENCRYPTED_SERVER_NAME: u16 = 0xffce;

/// Most ALPN names kept of one hello, and most octets of a name.
const ALPN_MAX: usize = 16;
/// Longest server name kept: that of a host (RFC 1035 §2.3.4), and what was measured with it.
const NAME_MAX: usize = 512;

/// `random` of a `ServerHello` that is a request to try again (RFC 8446 §4.1.3).
const RETRY: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// Numbers that mean nothing and keep servers tolerant ([RFC 8701](https://www.rfc-editor.org/rfc/rfc8701)).
pub(super) const fn is_grease(number: u16) -> bool {
    let [high, low] = number.to_be_bytes();
    high == low && low & 0x0f == 0x0a
}

/// What carries the handshake: the first letter of its fingerprints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Carrier {
    /// TLS over TCP.
    Tcp,
    /// QUIC.
    Quic,
}

/// A `ClientHello`.
///
/// No `Debug`: it holds raw traffic.
#[derive(Clone, Default)]
pub struct Hello {
    /// The client's random number: names the session in key logs.
    pub random: [u8; 32],
    /// Highest version offered, as numbered on the wire; GREASE left out.
    pub version: u16,
    /// Server name as sent; empty when there is none.
    pub server_name: Vec<u8>,
    /// ALPN names as sent, in order.
    pub alpn: Vec<Vec<u8>>,
    /// JA4 fingerprint; empty when the hello was cut off.
    pub ja4: String,
    /// Whether an encrypted `ClientHello` is inside (or GREASE that looks like one: nobody but the server can tell).
    pub ech: bool,
    /// Whether a key of an earlier session was offered: a session ticket, a session id or a pre-shared key.
    pub resumes: bool,
    /// Whether data of the application went with it (0-RTT).
    pub early_data: bool,
    /// Session id, which servers of TLS 1.2 repeat when they resume.
    pub(super) session_id: Vec<u8>,
    /// Whether it came in the form of SSL 2.
    pub ssl2: bool,
}

/// A `ServerHello`.
///
/// No `Debug`: it holds raw traffic.
#[derive(Clone, Default)]
pub struct Answer {
    /// The server's random number.
    pub random: [u8; 32],
    /// Version chosen.
    pub version: u16,
    /// Cipher suite chosen.
    pub cipher: u16,
    /// Whether records are compressed before they are encrypted (up to TLS 1.2).
    pub compressed: bool,
    /// Group of the key share, where it is told here (TLS 1.3).
    pub group: Option<u16>,
    /// ALPN name chosen, where it is told in clear (up to TLS 1.2).
    pub alpn: Option<Vec<u8>>,
    /// JA4S fingerprint; empty unless asked for.
    pub ja4s: String,
    /// Whether the server took up the key of an earlier session.
    pub resumed: bool,
    /// Whether it asks for another `ClientHello`.
    pub retry: bool,
    pub(super) session_id: Vec<u8>,
}

/// Numbers of a hello that its fingerprint is made of.
#[derive(Default)]
pub(super) struct Offer<'a> {
    pub(super) version: u16,
    pub(super) ciphers: Vec<u16>,
    pub(super) extensions: Vec<u16>,
    pub(super) signatures: Vec<u16>,
    pub(super) named: bool,
    pub(super) alpn: Option<&'a [u8]>,
}

impl Hello {
    /// Reads the body of a `ClientHello`; `None` when it is none. What is cut off at its end is left out.
    pub(super) fn parse(body: &[u8], carrier: Carrier) -> Option<Self> {
        let mut body = Reader(body);
        let mut hello = Self { version: body.u16()?, ..Self::default() };
        let mut offer = Offer::default();
        if hello.version >> 8 != 3 {
            return None;
        }
        hello.random = *body.take(32)?.first_chunk()?;
        let session_id = body.vec8().filter(|id| id.len() <= 32)?;
        hello.session_id = session_id.to_vec();
        let ciphers = body.vec16().filter(|list| !list.is_empty() && list.len() % 2 == 0)?;
        offer.ciphers = numbers(ciphers).collect();
        let _compression = body.vec8().filter(|list| !list.is_empty())?;
        // Before TLS 1.2 there may be none (RFC 5246 §7.4.1.2).
        let announced = body.u16();
        let announced = usize::from(announced.unwrap_or(0));
        let mut whole = body.0.len() >= announced;
        let mut extensions = Reader(body.0.get(..announced).unwrap_or(body.0));
        while let Some(kind) = extensions.u16() {
            offer.extensions.push(kind);
            let Some(content) = extensions.vec16() else {
                whole = false;
                break;
            };
            hello.extension(kind, content, &mut offer);
        }
        offer.version = hello.version;
        if whole {
            hello.ja4 = ja4::client(carrier, &offer);
        }
        Some(hello)
    }

    fn extension<'a>(&mut self, kind: u16, content: &'a [u8], offer: &mut Offer<'a>) {
        let mut content = Reader(content);
        match kind {
            SERVER_NAME => {
                offer.named = true;
                self.server_name = server_name(content).unwrap_or_default();
            }
            ALPN => {
                let mut names = Reader(content.vec16().unwrap_or_default());
                while let Some(name) = names.vec8().filter(|_| self.alpn.len() < ALPN_MAX) {
                    offer.alpn = offer.alpn.or(Some(name));
                    self.alpn.push(name.to_vec());
                }
            }
            SIGNATURE_ALGORITHMS => {
                offer.signatures = numbers(content.vec16().unwrap_or_default()).collect();
            }
            SUPPORTED_VERSIONS => {
                let offered = numbers(content.vec8().unwrap_or_default());
                let highest = offered.filter(|version| !is_grease(*version)).max();
                self.version = highest.unwrap_or(self.version);
            }
            SESSION_TICKET => self.resumes |= !content.is_empty(),
            PRE_SHARED_KEY => self.resumes = true,
            EARLY_DATA => self.early_data = true,
            ENCRYPTED_CLIENT_HELLO | ENCRYPTED_SERVER_NAME => self.ech = true,
            _ => {}
        }
    }

    /// Reads a `ClientHello` in the form of SSL 2, behind its two octets of length; `None` when it is none.
    pub(super) fn parse_ssl2(record: &[u8]) -> Option<Self> {
        let mut record = Reader(record);
        let (kind, version) = (record.u8()?, record.u16()?);
        let [ciphers, session_id, challenge] = [record.u16()?, record.u16()?, record.u16()?];
        let fits = ciphers > 0
            && ciphers % 3 == 0
            && matches!(session_id, 0 | 16)
            && (16..=32).contains(&challenge);
        if kind != 1 || !(version == 2 || version >> 8 == 3) || !fits {
            return None;
        }
        let ciphers = record.take(ciphers.into())?;
        let session_id = record.take(session_id.into())?.to_vec();
        let challenge = record.take(challenge.into())?;
        let mut random = [0; 32];
        // Filled up from the front with zeros (RFC 5246 appendix E.2).
        for (slot, octet) in random.iter_mut().rev().zip(challenge.iter().rev()) {
            *slot = *octet;
        }
        // Those of three octets that begin with 0 are of TLS.
        let tls = |spec: &[u8]| match *spec {
            [0, high, low] => Some(u16::from_be_bytes([high, low])),
            _ => None,
        };
        let ciphers = ciphers.chunks_exact(3).filter_map(tls).collect();
        let offer = Offer { version, ciphers, ..Offer::default() };
        let ja4 = ja4::client(Carrier::Tcp, &offer);
        let resumes = !session_id.is_empty();
        Some(Self { random, version, ja4, resumes, session_id, ssl2: true, ..Self::default() })
    }
}

/// The host name of a `server_name` extension.
fn server_name(content: Reader<'_>) -> Option<Vec<u8>> {
    let mut content = content;
    let mut list = Reader(content.vec16()?);
    loop {
        let (kind, name) = (list.u8()?, list.vec16()?);
        if kind == 0 {
            return Some(name.get(..NAME_MAX).unwrap_or(name).to_vec());
        }
    }
}

impl Answer {
    /// Reads the body of a `ServerHello`; `None` when it is none.
    pub(super) fn parse(body: &[u8], carrier: Carrier, ja4s: bool) -> Option<Self> {
        let mut body = Reader(body);
        let mut answer = Self { version: body.u16()?, ..Self::default() };
        if answer.version >> 8 != 3 {
            return None;
        }
        answer.random = *body.take(32)?.first_chunk()?;
        answer.retry = answer.random == RETRY;
        answer.session_id = body.vec8().filter(|id| id.len() <= 32)?.to_vec();
        answer.cipher = body.u16()?;
        answer.compressed = body.u8()? != 0;
        let mut seen = Vec::new();
        let mut extensions = Reader(body.vec16().unwrap_or_default());
        while let Some(kind) = extensions.u16() {
            seen.push(kind);
            let Some(content) = extensions.vec16() else { break };
            answer.extension(kind, content);
        }
        if ja4s {
            let alpn = answer.alpn.as_deref();
            answer.ja4s = ja4::server(carrier, answer.version, answer.cipher, &seen, alpn);
        }
        Some(answer)
    }

    fn extension(&mut self, kind: u16, content: &[u8]) {
        let mut content = Reader(content);
        match kind {
            SUPPORTED_VERSIONS => self.version = content.u16().unwrap_or(self.version),
            KEY_SHARE | SUPPORTED_GROUPS => self.group = content.u16().or(self.group),
            PRE_SHARED_KEY => self.resumed = true,
            ALPN => {
                let mut names = Reader(content.vec16().unwrap_or_default());
                self.alpn = names.vec8().map(<[u8]>::to_vec);
            }
            _ => {}
        }
    }
}
