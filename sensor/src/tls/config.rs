//! Settings of the stage.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::bounded::within;

/// What is told of sessions that cannot be read.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Which sessions become records: `all`, `new` (in the daemon of each client, server, server name and JA4 the
    /// first in an hour, the others by its successor's weight; reading files, all), `off` (they are only counted).
    pub sessions: Sessions,
    /// Capture time after which a session that goes on is told, in seconds; at its end it is told again, with what
    /// came since. 1 to 31,536,000.
    #[serde(deserialize_with = "within::<1, 31_536_000, _, _>")]
    pub session_report_seconds: u64,
    /// Whether JA4S fingerprints of servers are made: they are under the FoxIO License 1.1 (docs/tls.md).
    pub ja4s: bool,
    /// Files in which clients or servers note the secrets of their TLS sessions (`SSLKEYLOGFILE`): what can be
    /// decrypted with them is read as if it had been in clear. Followed as they grow and are replaced. Default: none.
    pub key_log_files: Vec<PathBuf>,
    /// Capture time for which ciphertext is held while a session's secrets have not come, in seconds. 0 to 60.
    #[serde(deserialize_with = "within::<0, 60, _, _>")]
    pub key_wait_seconds_max: u64,
    /// Bytes of ciphertext of one session held until then. From 4 KiB.
    #[serde(deserialize_with = "within::<4096, { u64::MAX }, _, _>")]
    pub key_wait_bytes_max: usize,
    /// Bytes held for decryption at one time, all connections together: ciphertext that waits for secrets, records that
    /// are not whole. From 1 MiB.
    #[serde(deserialize_with = "within::<0x10_0000, { u64::MAX }, _, _>")]
    pub decrypt_bytes_total_max: usize,
    /// Sessions whose secrets are kept; then those known longest are dropped. 16 to 16,000,000.
    #[serde(deserialize_with = "within::<16, 16_000_000, _, _>")]
    pub key_sessions_max: usize,
    /// Bytes of unfinished handshakes held at one time, all connections together, as many of QUIC, and as many of
    /// certificates. From 64 KiB.
    #[serde(deserialize_with = "within::<0x1_0000, { u64::MAX }, _, _>")]
    pub handshake_bytes_total_max: usize,
    /// QUIC connections followed at once; further ones are counted alone. 16 to 16,000,000.
    #[serde(deserialize_with = "within::<16, 16_000_000, _, _>")]
    pub quic_connections_max: usize,
    /// Silence after which a QUIC connection is over, in seconds, 1 to 86,400.
    #[serde(deserialize_with = "within::<1, 86_400, _, _>")]
    pub quic_idle_seconds_max: u64,
}

/// Which sessions become records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sessions {
    /// Every one.
    All,
    /// Those unlike others of the last hour.
    New,
    /// None.
    Off,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            sessions: Sessions::New,
            session_report_seconds: 600,
            ja4s: false,
            key_log_files: Vec::new(),
            key_wait_seconds_max: 5,
            key_wait_bytes_max: 256 << 10,
            decrypt_bytes_total_max: 64 << 20,
            key_sessions_max: 65_536,
            handshake_bytes_total_max: 16 << 20,
            quic_connections_max: 65_536,
            quic_idle_seconds_max: 60,
        }
    }
}

impl Config {
    /// The share of one of `workers`: limits of the whole process are divided.
    #[must_use]
    pub fn share(&self, workers: usize) -> Self {
        let workers = workers.max(1);
        Self {
            handshake_bytes_total_max: self.handshake_bytes_total_max / workers,
            quic_connections_max: self.quic_connections_max / workers,
            decrypt_bytes_total_max: self.decrypt_bytes_total_max / workers,
            ..self.clone()
        }
        .clamped()
    }

    /// The same with every value inside its documented range.
    #[must_use]
    pub fn clamped(mut self) -> Self {
        self.session_report_seconds = self.session_report_seconds.max(1);
        self.key_wait_seconds_max = self.key_wait_seconds_max.min(60);
        self.key_wait_bytes_max = self.key_wait_bytes_max.max(4 << 10);
        self.decrypt_bytes_total_max = self.decrypt_bytes_total_max.max(1 << 20);
        self.key_sessions_max = self.key_sessions_max.max(16);
        self.handshake_bytes_total_max = self.handshake_bytes_total_max.max(64 << 10);
        self.quic_connections_max = self.quic_connections_max.max(16);
        self.quic_idle_seconds_max = self.quic_idle_seconds_max.max(1);
        self
    }
}
