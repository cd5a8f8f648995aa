//! Blind spots: servers whose connections could not be read.

use std::collections::BTreeMap;

use apitap_proto::v1;
use serde::{Deserialize, Serialize};

use super::{Budget, Tally};

/// Names of a kind remembered of one server.
const NAMES_MAX: usize = 16;

/// What is known of a server by the sessions with it that could not be read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blind {
    /// Server name; the server's address and port where none was told.
    pub host: String,
    /// Sessions, sampled ones by their weight.
    pub sessions: u64,
    /// Bytes that clients sent.
    pub client_bytes: u64,
    /// Bytes that the server sent.
    pub server_bytes: u64,
    /// Sessions by version: `TLS 1.3`, `QUIC 1`; `TLS` when it was not seen.
    pub versions: BTreeMap<String, u64>,
    /// Sessions by protocol agreed on or offered first (ALPN).
    pub alpn: Tally<String>,
    /// Sessions by fingerprint of the client.
    pub ja4: Tally<String>,
    /// Sessions by client.
    pub clients: Tally<String>,
    /// Sessions by server.
    pub servers: Tally<String>,
    /// Sessions in which the client was seen to send a certificate.
    pub client_certificates: u64,
    /// Sessions with an Encrypted Client Hello, or GREASE that looks like one.
    pub ech: u64,
    /// Sessions that were not seen to go over to encrypted data.
    pub unestablished: u64,
    /// End of the certificate's validity that was seen last, in seconds since the epoch; 0 when none was seen.
    pub certificate_not_after: i64,
    /// First session, in nanoseconds since the epoch.
    pub first_seen_ns: u64,
    /// End of the last session, in nanoseconds since the epoch.
    pub last_seen_ns: u64,
}

impl Blind {
    /// Name of the server that a session belongs to.
    pub(super) fn host(record: &v1::CallRecord, session: &v1::EncryptedSession) -> String {
        match &record.server {
            _ if !session.server_name.is_empty() => session.server_name.clone(),
            Some(server) => endpoint(server),
            None => String::new(),
        }
    }

    /// Adds a session.
    pub(super) fn push(
        &mut self,
        record: &v1::CallRecord,
        session: &v1::EncryptedSession,
        budget: &mut Budget,
    ) {
        let nanos = |time: Option<apitap_proto::Timestamp>| {
            let time = time.unwrap_or_default();
            let seconds = u64::try_from(time.seconds).unwrap_or(0);
            let nanos = u64::try_from(time.nanos).unwrap_or(0);
            seconds.saturating_mul(1_000_000_000).saturating_add(nanos)
        };
        let (first, last) = (nanos(session.start_time), nanos(session.end_time));
        let new = self.first_seen_ns == 0;
        self.first_seen_ns = if new { first } else { self.first_seen_ns.min(first) };
        self.last_seen_ns = self.last_seen_ns.max(last);
        self.client_bytes = self.client_bytes.saturating_add(session.client_bytes);
        self.server_bytes = self.server_bytes.saturating_add(session.server_bytes);
        // The rest of a session that was told before.
        if session.part > 0 {
            return;
        }
        let weight = u64::from(record.sample_weight.max(1));
        let add = |sum: &mut u64, yes: bool| {
            *sum = sum.saturating_add(if yes { weight } else { 0 });
        };
        add(&mut self.sessions, true);
        add(&mut self.client_certificates, session.client_certificate == Some(true));
        add(&mut self.ech, session.ech);
        add(&mut self.unestablished, !session.established);
        add(self.versions.entry(version(session)).or_default(), true);
        let offered = session.alpn_offered.first().map_or("", String::as_str);
        let alpn = if session.alpn.is_empty() { offered } else { &session.alpn };
        let client = record.client.as_ref().map(|end| end.ip.clone()).unwrap_or_default();
        let server = record.server.as_ref().map(endpoint).unwrap_or_default();
        for (tally, name) in [
            (&mut self.alpn, alpn),
            (&mut self.ja4, &session.ja4),
            (&mut self.clients, &client),
            (&mut self.servers, &server),
        ] {
            if !name.is_empty() {
                tally.add(name, weight, NAMES_MAX, budget);
            }
        }
        if let Some(not_after) = session.certificate.as_ref().and_then(|shown| shown.not_after) {
            self.certificate_not_after = not_after.seconds;
        }
    }

    /// Adds what `from` knows.
    pub(super) fn merge(&mut self, from: &Self, budget: &mut Budget) {
        let new = self.first_seen_ns == 0;
        self.first_seen_ns =
            if new { from.first_seen_ns } else { self.first_seen_ns.min(from.first_seen_ns) };
        self.last_seen_ns = self.last_seen_ns.max(from.last_seen_ns);
        for (sum, more) in [
            (&mut self.sessions, from.sessions),
            (&mut self.client_bytes, from.client_bytes),
            (&mut self.server_bytes, from.server_bytes),
            (&mut self.client_certificates, from.client_certificates),
            (&mut self.ech, from.ech),
            (&mut self.unestablished, from.unestablished),
        ] {
            *sum = sum.saturating_add(more);
        }
        for (version, sessions) in &from.versions {
            let sum = self.versions.entry(version.clone()).or_default();
            *sum = sum.saturating_add(*sessions);
        }
        self.alpn.merge(&from.alpn, NAMES_MAX, budget);
        self.ja4.merge(&from.ja4, NAMES_MAX, budget);
        self.clients.merge(&from.clients, NAMES_MAX, budget);
        self.servers.merge(&from.servers, NAMES_MAX, budget);
        self.certificate_not_after = self.certificate_not_after.max(from.certificate_not_after);
    }
}

fn endpoint(end: &v1::Endpoint) -> String {
    if end.ip.contains(':') {
        format!("[{}]:{}", end.ip, end.port)
    } else {
        format!("{}:{}", end.ip, end.port)
    }
}

/// Versions come from a short list, so that their table is bounded.
fn version(session: &v1::EncryptedSession) -> String {
    let known = ["1.0", "1.1", "1.2", "1.3", "SSL 3.0", "SSL 2.0"];
    match (session.quic_version.as_str(), session.tls_version.as_str()) {
        ("1", _) => "QUIC 1".into(),
        ("2", _) => "QUIC 2".into(),
        ("draft", _) => "QUIC draft".into(),
        (_, version) if known.contains(&version) && version.starts_with('S') => version.into(),
        (_, version) if known.contains(&version) => format!("TLS {version}"),
        _ => "TLS".into(),
    }
}
