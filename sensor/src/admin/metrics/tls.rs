//! Sessions that could not be read.

use super::{Kind, List, Value};
use crate::daemon::key_logs::State;
use crate::tls::{Counts, DecryptCounts, KeyCounts};

/// Every counter of the stage. `ssh`: connections that `http` saw to speak SSH.
pub(super) fn list(list: &mut List, counts: &Counts, ssh: u64) {
    let Counts {
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
        quic_bytes: _,
        quic_datagrams: _,
        quic_initials_unread: _,
        quic_ignored: _,
        decrypt,
    } = counts;
    list.counters(
        "encrypted_connections",
        &["protocol"],
        [("tls", *sessions), ("ssh", ssh), ("quic", *quic_sessions)],
        "Connections that cannot be read",
    );
    list.counters(
        "tls_sessions",
        &["version"],
        Counts::VERSIONS.into_iter().zip(*versions),
        "TLS connections by the version agreed on",
    );
    list.counter(
        "tls_sessions_midway",
        *sessions_midway,
        "TLS connections joined after their handshake",
    );
    list.counter(
        "tls_sessions_established",
        *sessions_agreed,
        "TLS connections that were seen to go over to encrypted data",
    );
    list.counter(
        "tls_sessions_ech",
        *sessions_ech,
        "TLS connections with an Encrypted Client Hello, or GREASE that looks like one",
    );
    list.counter("tls_bytes", *bytes, "Bytes of TLS connections, none of which can be read");
    list.counter("tls_missing_bytes", *bytes_missing, "Bytes of TLS connections that were lost");
    list.counter(
        "tls_handshakes_incomplete",
        *handshakes_broken,
        "TLS handshakes of which part was lost or could not be read",
    );
    list.counter(
        "tls_handshakes_cut",
        *handshakes_cut,
        "TLS handshakes not read because the memory limit was reached",
    );
    list.counter("tls_records", *records, "Records made of TLS and QUIC connections");
    quic(list, counts);
    decryption(list, decrypt);
}

/// What was seen of QUIC.
fn quic(list: &mut List, counts: &Counts) {
    list.counter(
        "quic_bytes",
        counts.quic_bytes,
        "Bytes of QUIC connections, none of which can be read",
    );
    list.counter("quic_datagrams", counts.quic_datagrams, "Datagrams of QUIC taken");
    list.counter(
        "quic_initials_unread",
        counts.quic_initials_unread,
        "Initial packets of QUIC that could not be opened",
    );
    list.counter(
        "quic_ignored",
        counts.quic_ignored,
        "QUIC packets and connections not followed: no room, or nothing that could be read",
    );
}

fn decryption(list: &mut List, counts: &DecryptCounts) {
    let DecryptCounts {
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
    } = counts;
    list.counter("tls_decrypted_sessions", *sessions, "TLS sessions whose keys were found");
    list.counters(
        "tls_undecrypted_sessions",
        &["reason"],
        DecryptCounts::REASONS.into_iter().zip(*unread),
        "TLS sessions that were to be decrypted and were not",
    );
    list.counter("tls_decrypted_records", *records, "TLS records decrypted");
    list.counter("tls_decrypted_bytes", *bytes, "Bytes of application data in decrypted records");
    list.counters(
        "tls_undecrypted_records",
        &["reason"],
        [("failed", *records_failed), ("lost", *records_lost)],
        "TLS records of decrypted sessions that were not read",
    );
    list.counters(
        "tls_resyncs",
        &["outcome"],
        [
            ("begun", *places_lost),
            ("found", *places_found),
            ("given_up", *given_up),
            ("renegotiated", *renegotiated),
        ],
        "Times that the next TLS record was looked for, and what came of it",
    );
}

/// TLS key logs, if there are any.
pub(super) fn key_logs(list: &mut List, state: Option<&State>) {
    let label = |(value, count): (&'static str, u64)| (vec![value.into()], Value::Count(count));
    let files = state.map(|s| [("followed", s.followed), ("failing", s.failing)].map(label));
    let help = "TLS key logs that are followed, and that cannot be read now";
    let files = files.into_iter().flatten();
    list.family(Kind::Gauge, "tls_key_log_files", help, &["state"], files);
    let lines = state.map(|s| {
        let KeyCounts { secrets, lines_bad, sessions_dropped: _ } = s.read;
        [("secret", secrets), ("bad", lines_bad)].map(label)
    });
    let help = "Lines of TLS key logs that hold a secret, and that are none of a key log";
    let lines = lines.into_iter().flatten();
    list.family(Kind::Counter, "tls_key_log_lines", help, &["kind"], lines);
    let mut one = |kind, name, help, value: fn(&State) -> u64| {
        let sample = state.map(|state| (vec![], Value::Count(value(state))));
        list.family(kind, name, help, &[], sample);
    };
    let help = "TLS sessions whose secrets are kept";
    one(Kind::Gauge, "tls_key_log_sessions", help, |s| s.sessions);
    let help = "TLS sessions whose secrets were dropped for newer ones";
    one(Kind::Counter, "tls_key_log_dropped_sessions", help, |s| s.read.sessions_dropped);
}
