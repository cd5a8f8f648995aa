//! Secrets of sessions, by client random: a bounded table, and one that is shared and grows while it is read.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

use hashbrown::HashMap;

use super::keylog::{self, Label, Line, Secret};

/// What is known of one session. Wiped from memory when dropped.
///
/// No `Debug`: it decrypts traffic.
#[derive(Clone, Default)]
pub(super) struct SessionSecrets {
    pub(super) master: Option<Secret>,
    pub(super) early: Option<Secret>,
    /// Of the client, of the server.
    pub(super) handshake: [Option<Secret>; 2],
    /// Of the client, of the server.
    pub(super) traffic: [Option<Secret>; 2],
}

impl SessionSecrets {
    fn slot(&mut self, label: Label) -> &mut Option<Secret> {
        let Self { master, early, handshake, traffic } = self;
        let [[client_handshake, server_handshake], [client, server]] = [handshake, traffic];
        match label {
            Label::Master => master,
            Label::EarlyTraffic => early,
            Label::ClientHandshake => client_handshake,
            Label::ServerHandshake => server_handshake,
            Label::ClientTraffic => client,
            Label::ServerTraffic => server,
        }
    }
}

/// What was read of key logs.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct KeyCounts {
    /// Secrets taken up.
    pub secrets: u64,
    /// Lines that are none of a key log.
    pub lines_bad: u64,
    /// Sessions whose secrets were dropped for newer ones.
    pub sessions_dropped: u64,
}

/// Secrets by client random. At the limit the oldest session goes.
pub(super) struct Table {
    sessions: HashMap<[u8; 32], SessionSecrets, foldhash::fast::RandomState>,
    order: VecDeque<[u8; 32]>,
    max: usize,
    counts: KeyCounts,
}

impl Table {
    /// A table of at most `max` sessions.
    pub(super) fn new(max: usize) -> Self {
        Self {
            sessions: HashMap::default(),
            order: VecDeque::new(),
            max: max.max(1),
            counts: KeyCounts::default(),
        }
    }

    /// Takes up every whole line of a key log; the last one need not end.
    pub(super) fn learn(&mut self, key_log: &[u8]) {
        for line in key_log.split(|&octet| octet == b'\n') {
            self.learn_line(line);
        }
    }

    fn learn_line(&mut self, line: &[u8]) {
        match keylog::line(line) {
            Line::Nothing => {}
            Line::Bad => self.counts.lines_bad += 1,
            Line::Secret(label, random, secret) => {
                self.counts.secrets += 1;
                if !self.sessions.contains_key(&random) {
                    self.make_room();
                    self.order.push_back(random);
                }
                *self.sessions.entry(random).or_default().slot(label) = Some(secret);
            }
        }
    }

    fn make_room(&mut self) {
        while self.order.len() >= self.max {
            let Some(oldest) = self.order.pop_front() else { return };
            self.sessions.remove(&oldest);
            self.counts.sessions_dropped += 1;
        }
    }

    pub(super) fn find(&self, random: &[u8; 32]) -> Option<&SessionSecrets> {
        self.sessions.get(random)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }
}

/// Secrets that whoever reads key logs shares with the workers, which only look them up.
pub struct KeyRing {
    table: RwLock<Table>,
    /// Rises with every change.
    version: AtomicU64,
    grows: bool,
}

impl KeyRing {
    /// An empty ring of at most `sessions_max` sessions. `grows`: secrets may come after the traffic they are of.
    #[must_use]
    pub fn new(sessions_max: usize, grows: bool) -> Self {
        Self { table: RwLock::new(Table::new(sessions_max)), version: AtomicU64::new(0), grows }
    }

    /// Takes up every line of a key log (`SSLKEYLOGFILE` format).
    pub fn learn(&self, key_log: &[u8]) {
        self.table.write().unwrap_or_else(PoisonError::into_inner).learn(key_log);
        self.version.fetch_add(1, Ordering::Release);
    }

    /// What was read so far.
    #[must_use]
    pub fn counts(&self) -> KeyCounts {
        self.table.read().unwrap_or_else(PoisonError::into_inner).counts
    }

    /// Sessions whose secrets are kept.
    #[must_use]
    pub fn sessions(&self) -> usize {
        self.table.read().unwrap_or_else(PoisonError::into_inner).order.len()
    }

    pub(super) const fn grows(&self) -> bool {
        self.grows
    }

    pub(super) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    pub(super) fn find(&self, random: &[u8; 32]) -> Option<SessionSecrets> {
        self.table.read().unwrap_or_else(PoisonError::into_inner).find(random).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(n: u8) -> String {
        format!("CLIENT_RANDOM {} {}\n", format!("{n:02x}").repeat(32), "7f".repeat(48))
    }

    #[test]
    fn the_oldest_session_makes_room() {
        let ring = KeyRing::new(2, true);
        ring.learn(format!("{}{}{}garbage here it is", line(1), line(2), line(1)).as_bytes());
        ring.learn(format!("{}# comment\nCLIENT_RANDOM x y", line(3)).as_bytes());
        let known = [1, 2, 3].map(|n| ring.find(&[n; 32]).is_some());
        assert_eq!((known, ring.sessions(), ring.version()), ([false, true, true], 2, 2));
        let counts = KeyCounts { secrets: 4, lines_bad: 2, sessions_dropped: 1 };
        assert_eq!(ring.counts(), counts);
    }

    #[test]
    fn the_secrets_of_a_session_come_one_by_one() {
        let mut table = Table::new(9);
        let random = "05".repeat(32);
        for name in ["CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"] {
            assert!(table.find(&[5; 32]).is_none_or(|known| known.traffic[1].is_none()));
            table.learn(format!("{name} {random} {}", "11".repeat(32)).as_bytes());
        }
        let known = table.find(&[5; 32]).unwrap();
        assert!(known.traffic.iter().all(Option::is_some) && known.master.is_none());
    }
}
