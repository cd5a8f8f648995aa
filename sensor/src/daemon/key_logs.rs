//! TLS key logs followed while the daemon runs.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use crate::key_log::{self, KeyLog};
use crate::tls::{Config, KeyCounts, KeyRing};

/// Between two looks: ciphertext waits for secrets that much, at least.
const LOOK: Duration = Duration::from_millis(50);

/// What there is of key logs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct State {
    /// Files that are read.
    pub followed: u64,
    /// Files that cannot be read now: they are tried again.
    pub failing: u64,
    /// Sessions whose secrets are kept.
    pub sessions: u64,
    /// What was read of them.
    pub read: KeyCounts,
}

/// What others see of the key logs.
pub(super) struct Shared {
    ring: Arc<KeyRing>,
    files: u64,
    failing: AtomicU64,
}

impl Shared {
    /// What there is.
    pub(super) fn state(&self) -> State {
        let failing = self.failing.load(Ordering::Relaxed);
        State {
            followed: self.files.saturating_sub(failing),
            failing,
            sessions: u64::try_from(self.ring.sessions()).unwrap_or(u64::MAX),
            read: self.ring.counts(),
        }
    }

    fn look(&self, logs: &mut [KeyLog]) {
        logs.iter_mut().for_each(|log| log.follow(&self.ring));
        self.failing.store(count(logs.iter().filter(|log| log.is_failing())), Ordering::Relaxed);
    }
}

fn count(of: impl Iterator) -> u64 {
    u64::try_from(of.count()).unwrap_or(u64::MAX)
}

/// Follows key logs in a thread of its own, until it is dropped.
pub(super) struct Follower {
    pub(super) shared: Arc<Shared>,
    stop: Arc<AtomicBool>,
}

impl Follower {
    /// Reads what is there, and follows it; `None` without key logs.
    ///
    /// # Errors
    ///
    /// When the system starts no more threads.
    pub(super) fn start(config: &Config) -> std::io::Result<Option<Self>> {
        if config.key_log_files.is_empty() {
            return Ok(None);
        }
        let ring = Arc::new(KeyRing::new(config.clone().clamped().key_sessions_max, true));
        let stop = Arc::new(AtomicBool::new(false));
        let mut logs: Vec<_> = config.key_log_files.iter().cloned().map(log).collect();
        let (files, failing) = (count(logs.iter()), AtomicU64::new(0));
        let shared = Arc::new(Shared { ring: Arc::clone(&ring), files, failing });
        shared.look(&mut logs);
        tracing::info!(sessions = ring.sessions(), files = logs.len(), "TLS key logs are followed");
        let (own, own_stop) = (Arc::clone(&shared), Arc::clone(&stop));
        thread::Builder::new().name("key-logs".to_owned()).spawn(move || {
            let mut told = false;
            while !own_stop.load(Ordering::Relaxed) {
                thread::sleep(LOOK);
                own.look(&mut logs);
                if !told && own.ring.counts().lines_bad > 0 {
                    told = true;
                    tracing::warn!("a TLS key log has lines of another form; they are passed over");
                }
            }
        })?;
        Ok(Some(Self { shared, stop }))
    }

    /// The secrets.
    pub(super) fn ring(&self) -> Arc<KeyRing> {
        Arc::clone(&self.shared.ring)
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn log(path: PathBuf) -> KeyLog {
    if key_log::is_open_to_all(&path) {
        tracing::warn!(
            "TLS key log {} is readable by everyone on this host: so is the traffic; run chmod o= on it",
            path.display()
        );
    }
    KeyLog::new(path)
}
