//! What the watching threads share.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use ureq::Agent;

use super::names::Shared;
use super::store::{Kind, Store};
use crate::time::Timestamp;

/// What the watching threads share.
pub(super) struct State {
    store: Mutex<Store>,
    pub names: Arc<Shared>,
    /// Connections, to be ended when the sensor stops.
    agents: Mutex<Vec<(Kind, Agent)>>,
    stopped: AtomicBool,
    waiting: Mutex<()>,
    wake: Condvar,
}

impl State {
    pub(super) fn new(store: Store) -> Self {
        Self {
            store: Mutex::new(store),
            names: Arc::default(),
            agents: Mutex::default(),
            stopped: AtomicBool::new(false),
            waiting: Mutex::new(()),
            wake: Condvar::new(),
        }
    }

    pub(super) fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    /// Makes the agent of a kind one that [`State::stop`] ends; `true` when that was already called.
    pub(super) fn enter(&self, kind: Kind, agent: &Agent) -> bool {
        let mut agents = self.agents.lock().unwrap_or_else(PoisonError::into_inner);
        agents.retain(|(other, _)| *other != kind);
        agents.push((kind, agent.clone()));
        self.is_stopped()
    }

    /// Waits, or until the sensor stops.
    pub(super) fn pause(&self, time: Duration) {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let stopped = self.wake.wait_timeout_while(waiting, time, |()| !self.is_stopped());
        drop(stopped);
    }

    /// Ends waits and connections.
    pub(super) fn stop(&self) {
        {
            let _waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            self.stopped.store(true, Ordering::Release);
        }
        self.wake.notify_all();
        let mut agents = self.agents.lock().unwrap_or_else(PoisonError::into_inner);
        agents.drain(..).for_each(|(_, agent)| agent.shutdown());
    }
}

/// How the watch of one kind is doing.
#[derive(Default)]
pub(super) struct Progress {
    pub events: AtomicU64,
    pub relists: AtomicU64,
    pub errors: AtomicU64,
    pub garbage: AtomicU64,
    /// Last time the server was heard of.
    last: Mutex<Option<Instant>>,
}

impl Progress {
    /// An event or bookmark came.
    pub(super) fn event(&self) {
        self.events.fetch_add(1, Ordering::Relaxed);
        self.contact();
    }

    /// A list was finished.
    pub(super) fn listed(&self) {
        self.relists.fetch_add(1, Ordering::Relaxed);
        self.contact();
    }

    /// A list or watch failed.
    pub(super) fn error(&self) {
        self.errors.fetch_add(1, Ordering::Relaxed);
    }

    /// Something could not be read.
    pub(super) fn garbage(&self) {
        self.garbage.fetch_add(1, Ordering::Relaxed);
    }

    /// The server was heard of.
    #[allow(clippy::disallowed_methods, reason = "the age of names is not traffic time")]
    pub(super) fn contact(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Events and bookmarks taken.
    pub(super) fn events(&self) -> u64 {
        self.events.load(Ordering::Relaxed)
    }

    /// Whether a list was ever finished.
    pub(super) fn is_synced(&self) -> bool {
        self.relists.load(Ordering::Relaxed) > 0
    }

    /// Time since the server was heard of; `None` if it never was.
    pub(super) fn silence(&self) -> Option<Duration> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).map(|last| last.elapsed())
    }
}

/// The wall clock, which is what live capture stamps packets with.
#[allow(clippy::disallowed_methods, reason = "objects have no capture time of their own")]
pub(super) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::ZERO.plus(since)
}
