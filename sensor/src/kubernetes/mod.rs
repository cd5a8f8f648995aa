//! Names of addresses, from Kubernetes: which pod, workload, service and node a call came from and went to.
//!
//! ```text
//! API server ─list, watch─▶ Watch (a thread a kind) ─objects─▶ Store ─snapshot, once a second─▶ Names ─▶ records
//! ```
//!
//! The watching threads never touch the line: a worker reads an immutable snapshot without a lock, and a
//! sensor starts, runs and ends whether or not the API server answers.
//!
//! # Addresses used again
//!
//! Pods come and go, and their addresses are given to others. Names are therefore asked for with the time the
//! call began, and each address has a short history:
//!
//! - A pod has its address from its start (`status.startTime`) on, and at the earliest from when the pod
//!   before it was gone; until it is deleted, or its containers have ended for good.
//! - A pod that is gone is kept for `ended_seconds_max`, for calls that began before it went.
//! - Where two pods claim an address at one time, the call has no name: a wrong one is worse than none.
//! - An address of a node is the node's alone: host-network pods share it.
//!
//! # Outages
//!
//! What is known stays in use. After `stale_seconds_max` without a word, names are given no more until the
//! server answers; [`Counts::stale_seconds`] tells how old they are.

mod access;
mod backoff;
mod config;
mod lines;
mod list;
mod names;
mod object;
mod resolve;
mod state;
mod store;
#[cfg(test)]
mod tests;
mod watch;
mod workload;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use access::Access;
pub use access::StartError;
pub use config::{Config, Enabled, Scope};
pub use names::{Names, fill};
use object::{EndpointSlice, Node, Object, Pod, Service};
use state::{Progress, State, now};
pub use store::Identity;
use store::{Kind, Store};
use watch::Watch;

/// Time between snapshots.
const PUBLISH: Duration = Duration::from_secs(1);

/// What was watched and looked up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Objects held.
    pub objects: u64,
    /// Claims on addresses held, those that ended included.
    pub entries: u64,
    /// Claims and objects refused, because there were `entries_max`.
    pub refused: u64,
    /// Events and bookmarks taken.
    pub events: u64,
    /// Lists finished.
    pub relists: u64,
    /// Lists and watches that failed.
    pub errors: u64,
    /// Lines and objects that could not be read.
    pub garbage: u64,
    /// Whether every kind of objects was listed once.
    pub synced: bool,
    /// Seconds since the API server was heard of, by the kind of which it was longest ago; 0 before it ever was.
    pub stale_seconds: u64,
    /// Look-ups with a name.
    pub hits: u64,
    /// Look-ups of addresses that nobody had at that time.
    pub misses: u64,
    /// Look-ups of addresses that several may have had.
    pub ambiguous: u64,
    /// Look-ups not answered, because names were older than `stale_seconds_max`.
    pub stale: u64,
}

/// Watches Kubernetes until dropped.
pub struct Watcher {
    state: Arc<State>,
    progress: Vec<Arc<Progress>>,
    threads: Vec<JoinHandle<()>>,
}

impl Watcher {
    /// Begins to watch, without waiting for the API server. `None` when names are not wanted here.
    ///
    /// # Errors
    ///
    /// When the configuration asks for names and says not where from.
    pub fn start(config: &Config) -> Result<Option<Self>, StartError> {
        let environment = |name: &str| std::env::var(name).ok();
        let Some(access) = Access::find(config, &environment)? else { return Ok(None) };
        let state = Arc::new(State::new(Store::new(config.entries(), config.ended())));
        let mut watcher = Self { state, progress: Vec::new(), threads: Vec::new() };
        let selector = |field: &str| {
            let node = access.node.as_ref();
            node.map(|node| format!("&fieldSelector={field}%3D{node}")).unwrap_or_default()
        };
        watcher.watch::<Pod>(
            config,
            &access,
            Kind::Pods,
            "/api/v1/pods",
            selector("spec.nodeName"),
        )?;
        let slices = "/apis/discovery.k8s.io/v1/endpointslices";
        watcher.watch::<EndpointSlice>(
            config,
            &access,
            Kind::EndpointSlices,
            slices,
            String::new(),
        )?;
        if config.services {
            let services = "/api/v1/services";
            watcher.watch::<Service>(config, &access, Kind::Services, services, String::new())?;
        }
        if config.nodes && config.scope == Scope::Node {
            watcher.watch::<Node>(config, &access, Kind::Nodes, "/api/v1/nodes", String::new())?;
        }
        watcher.publish(config)?;
        Ok(Some(watcher))
    }

    /// A handle on the names, for one worker thread. Clones are counted apart, too.
    #[must_use]
    pub fn names(&self) -> Names {
        self.state.names.handle()
    }

    /// What was watched and looked up so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let sum = |of: fn(&Progress) -> &AtomicU64| {
            let all = self.progress.iter().map(|progress| of(progress).load(Ordering::Relaxed));
            all.fold(0_u64, u64::saturating_add)
        };
        let stale = self.progress.iter().filter_map(|progress| progress.silence()).max();
        let lookups = self.state.names.lookups();
        let store = self.state.store();
        let number = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        Counts {
            objects: number(store.objects_held()),
            entries: number(store.entries()),
            refused: store.refused(),
            events: sum(|progress| &progress.events),
            relists: sum(|progress| &progress.relists),
            errors: sum(|progress| &progress.errors),
            garbage: sum(|progress| &progress.garbage),
            synced: self.progress.iter().all(|progress| progress.is_synced()),
            stale_seconds: stale.unwrap_or_default().as_secs(),
            hits: lookups.hits,
            misses: lookups.misses,
            ambiguous: lookups.ambiguous,
            stale: lookups.stale,
        }
    }

    fn watch<T: Object>(
        &mut self,
        config: &Config,
        access: &Access,
        kind: Kind,
        path: &'static str,
        selector: String,
    ) -> Result<(), StartError> {
        let progress = Arc::<Progress>::default();
        self.progress.push(Arc::clone(&progress));
        let watch = Watch {
            kind,
            path,
            selector,
            access: access.clone(),
            state: Arc::clone(&self.state),
            progress,
            silence: config.silence(),
            retry: config.retry(),
        };
        self.spawn("k8s-watch", move || watch.run::<T>())
    }

    /// Starts the thread that hands out snapshots.
    fn publish(&mut self, config: &Config) -> Result<(), StartError> {
        let state = Arc::clone(&self.state);
        let progress = self.progress.clone();
        let stale_after = config.stale();
        self.spawn("k8s-names", move || {
            while !state.is_stopped() {
                state.pause(PUBLISH);
                let snapshot = {
                    let mut store = state.store();
                    store.sweep(now());
                    store.publish()
                };
                if let Some(snapshot) = snapshot {
                    state.names.snapshot.store(Arc::new(snapshot));
                }
                let silence = progress.iter().filter_map(|progress| progress.silence()).max();
                let stale = stale_after.is_some_and(|max| silence.is_some_and(|s| s > max));
                state.names.stale.store(stale, Ordering::Relaxed);
            }
        })
    }

    fn spawn(&mut self, name: &str, run: impl FnOnce() + Send + 'static) -> Result<(), StartError> {
        let thread = thread::Builder::new().name(name.to_owned());
        self.threads.push(thread.spawn(run).map_err(StartError::Thread)?);
        Ok(())
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.state.stop();
        for thread in self.threads.drain(..) {
            // A thread that panicked has nothing left to end.
            drop(thread.join());
        }
    }
}
