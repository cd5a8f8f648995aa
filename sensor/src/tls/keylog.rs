//! Lines of a TLS key log (`SSLKEYLOGFILE`).
//!
//! ```text
//! CLIENT_RANDOM <client random: 64 hex digits> <master secret: 96 hex digits>
//! CLIENT_TRAFFIC_SECRET_0 <client random: 64 hex digits> <secret: as long as the hash, in hex digits>
//! ```
//!
//! Source: [RFC 9850](https://www.rfc-editor.org/rfc/rfc9850) (the format that NSS began).

use data_encoding::HEXLOWER_PERMISSIVE;
use zeroize::Zeroize;

/// Longest secret: the master secret of TLS 1.2, and what SHA-384 gives.
const SECRET_MAX: usize = 48;
/// Longest line that can be one, its end left out.
pub const LINE_MAX: usize = 256;

/// A secret, wiped from memory when dropped.
///
/// No `Debug`: it decrypts traffic.
#[derive(Clone)]
pub(super) struct Secret {
    octets: [u8; SECRET_MAX],
    len: usize,
}

impl Secret {
    /// `None` unless it is as long as a hash or a master secret.
    pub(super) fn new(bytes: &[u8]) -> Option<Self> {
        let mut octets = [0; SECRET_MAX];
        octets.get_mut(..bytes.len())?.copy_from_slice(bytes);
        matches!(bytes.len(), 32 | 48).then_some(Self { octets, len: bytes.len() })
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.octets.get(..self.len).unwrap_or_default()
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.octets.zeroize();
    }
}

/// Which secret of a session it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    /// Master secret, up to TLS 1.2.
    Master,
    /// Of data that the client sends before the handshake is over.
    EarlyTraffic,
    /// Of the client's part of the handshake.
    ClientHandshake,
    /// Of the server's part of the handshake.
    ServerHandshake,
    /// Of what the client sends then.
    ClientTraffic,
    /// Of what the server sends then.
    ServerTraffic,
}

/// What a line says.
pub(super) enum Line {
    /// A secret of the session with this client random.
    Secret(Label, [u8; 32], Secret),
    /// Nothing that matters: a comment, an empty line, a secret of another use.
    Nothing,
    /// It is no line of a key log.
    Bad,
}

/// Reads a line, without its end.
pub(super) fn line(line: &[u8]) -> Line {
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let Some(name) = words.next().filter(|name| !name.starts_with(b"#")) else {
        return Line::Nothing;
    };
    let (Some(random), Some(secret)) = (words.next(), words.next()) else { return Line::Bad };
    let label = match name {
        b"CLIENT_RANDOM" => Label::Master,
        b"CLIENT_EARLY_TRAFFIC_SECRET" => Label::EarlyTraffic,
        b"CLIENT_HANDSHAKE_TRAFFIC_SECRET" => Label::ClientHandshake,
        b"SERVER_HANDSHAKE_TRAFFIC_SECRET" => Label::ServerHandshake,
        b"CLIENT_TRAFFIC_SECRET_0" => Label::ClientTraffic,
        b"SERVER_TRAFFIC_SECRET_0" => Label::ServerTraffic,
        // Exporter secrets, those of QUIC and ECH, and the premaster secrets of old.
        _ if name.iter().all(|octet| matches!(octet, b'A'..=b'Z' | b'0'..=b'9' | b'_')) => {
            return Line::Nothing;
        }
        _ => return Line::Bad,
    };
    let mut client = [0; 32];
    let mut octets = [0; SECRET_MAX];
    let read = hex(random, &mut client).zip(hex(secret, &mut octets));
    let secret = match read {
        Some((32, len)) => Secret::new(octets.get(..len).unwrap_or_default()),
        _ => None,
    };
    octets.zeroize();
    secret.map_or(Line::Bad, |secret| Line::Secret(label, client, secret))
}

/// Reads hexadecimal digits into `out`; how many octets they are.
fn hex(digits: &[u8], out: &mut [u8]) -> Option<usize> {
    let len = HEXLOWER_PERMISSIVE.decode_len(digits.len()).ok()?;
    HEXLOWER_PERMISSIVE.decode_mut(digits, out.get_mut(..len)?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Option<(Label, [u8; 32], Vec<u8>)> {
        match line(text.as_bytes()) {
            Line::Secret(label, random, secret) => Some((label, random, secret.bytes().to_vec())),
            Line::Nothing | Line::Bad => None,
        }
    }

    #[test]
    fn lines_are_read_as_programs_write_them() {
        let (random, short, long) = ("0a".repeat(32), "7F".repeat(32), "7f".repeat(48));
        let wants = [
            (format!("CLIENT_RANDOM {random} {long}"), Label::Master, 48),
            (format!("  SERVER_TRAFFIC_SECRET_0\t{random}  {short} \r"), Label::ServerTraffic, 32),
            (format!("CLIENT_EARLY_TRAFFIC_SECRET {random} {short} more"), Label::EarlyTraffic, 32),
        ];
        for (text, label, len) in wants {
            let got = read(&text);
            assert_eq!(got, Some((label, [10; 32], vec![0x7f; len])));
        }
    }

    #[test]
    fn other_lines_are_told_apart() {
        let (random, short) = ("0a".repeat(32), "7f".repeat(32));
        for text in ["", "  ", "# CLIENT_RANDOM", &format!("EXPORTER_SECRET {random} {short}")] {
            assert!(matches!(line(text.as_bytes()), Line::Nothing), "{text}");
        }
        for text in [
            "CLIENT_RANDOM",
            "these are other words",
            &format!("12:00:01 server: CLIENT_RANDOM {random} {short}"),
            &format!("CLIENT_RANDOM {random} {}", "7f".repeat(47)),
            &format!("CLIENT_RANDOM {} {short}", "0a".repeat(33)),
            &format!("CLIENT_RANDOM {} {short}", "0g".repeat(32)),
            &format!("CLIENT_RANDOM {random} {}", "7f".repeat(300)),
        ] {
            assert!(matches!(line(text.as_bytes()), Line::Bad), "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_breaks_it(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _read = line(&bytes);
        }
    }
}
