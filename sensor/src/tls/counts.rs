//! What the stage did, in numbers.

use super::DecryptCounts;

/// What was seen. The stage adds; the worker publishes.
#[derive(Debug, Default, Clone)]
pub struct Counts {
    /// Connections that speak TLS.
    pub sessions: u64,
    /// Of those, joined after their handshake.
    pub sessions_midway: u64,
    /// Of those, by the version agreed on, as in [`VERSIONS`](Self::VERSIONS).
    pub versions: [u64; Self::VERSIONS.len()],
    /// Sessions with an encrypted `ClientHello`, or one that pretends.
    pub sessions_ech: u64,
    /// Sessions in which both sides agreed, as far as can be seen.
    pub sessions_agreed: u64,
    /// Bytes of TLS connections that went by, handshakes included.
    pub bytes: u64,
    /// Bytes of TLS connections that were lost.
    pub bytes_missing: u64,
    /// Handshakes of which not all was seen: bytes were lost in them, or were no TLS.
    pub handshakes_broken: u64,
    /// Handshakes not read because the memory limit was reached.
    pub handshakes_cut: u64,
    /// Records made, QUIC included.
    pub records: u64,
    /// QUIC connections.
    pub quic_sessions: u64,
    /// Bytes of QUIC connections that went by.
    pub quic_bytes: u64,
    /// Datagrams of QUIC taken, whatever came of them.
    pub quic_datagrams: u64,
    /// Initial packets that could not be opened.
    pub quic_initials_unread: u64,
    /// QUIC packets and connections that were not followed: no room, or nothing that could be read.
    pub quic_ignored: u64,
    /// Decryption.
    pub decrypt: DecryptCounts,
}

impl Counts {
    /// Versions that are counted apart; the last is for those that are not known.
    pub const VERSIONS: [&'static str; 6] = ["SSL 3.0", "1.0", "1.1", "1.2", "1.3", "unknown"];

    /// Adds what another worker counted; destructuring makes a forgotten field an error.
    pub fn add(&mut self, other: &Self) {
        let Self {
            sessions,
            sessions_midway,
            versions,
            sessions_ech,
            sessions_agreed,
            bytes,
            bytes_missing,
            handshakes_broken,
            handshakes_cut,
            records,
            quic_sessions,
            quic_bytes,
            quic_datagrams,
            quic_initials_unread,
            quic_ignored,
            decrypt,
        } = other;
        self.sessions += sessions;
        self.sessions_midway += sessions_midway;
        for (own, more) in self.versions.iter_mut().zip(versions) {
            *own += more;
        }
        self.sessions_ech += sessions_ech;
        self.sessions_agreed += sessions_agreed;
        self.bytes += bytes;
        self.bytes_missing += bytes_missing;
        self.handshakes_broken += handshakes_broken;
        self.handshakes_cut += handshakes_cut;
        self.records += records;
        self.quic_sessions += quic_sessions;
        self.quic_bytes += quic_bytes;
        self.quic_datagrams += quic_datagrams;
        self.quic_initials_unread += quic_initials_unread;
        self.quic_ignored += quic_ignored;
        self.decrypt.add(decrypt);
    }

    /// Counts a session's version.
    pub(super) fn version(&mut self, name: &str) {
        let known = Self::VERSIONS.iter().position(|version| *version == name);
        let at = known.unwrap_or(Self::VERSIONS.len().saturating_sub(1));
        if let Some(count) = self.versions.get_mut(at) {
            *count += 1;
        }
    }
}
