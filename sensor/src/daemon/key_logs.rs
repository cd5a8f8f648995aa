//! TLS key logs followed while the daemon runs.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::key_log::{self, KeyLog};
use crate::tls::{Config, KeyRing};

/// Between two looks: ciphertext waits for secrets that much, at least.
const LOOK: Duration = Duration::from_millis(50);

/// Follows key logs in a thread of its own, until it is dropped.
pub(super) struct Follower {
    ring: Arc<KeyRing>,
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
        logs.iter_mut().for_each(|log| log.follow(&ring));
        tracing::info!(sessions = ring.sessions(), files = logs.len(), "TLS key logs are followed");
        let (own_ring, own_stop) = (Arc::clone(&ring), Arc::clone(&stop));
        thread::Builder::new().name("key-logs".to_owned()).spawn(move || {
            let mut told = false;
            while !own_stop.load(Ordering::Relaxed) {
                thread::sleep(LOOK);
                logs.iter_mut().for_each(|log| log.follow(&own_ring));
                if !told && own_ring.counts().lines_bad > 0 {
                    told = true;
                    tracing::warn!("a TLS key log has lines of another form; they are passed over");
                }
            }
        })?;
        Ok(Some(Self { ring, stop }))
    }

    /// The secrets.
    pub(super) fn ring(&self) -> Arc<KeyRing> {
        Arc::clone(&self.ring)
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
