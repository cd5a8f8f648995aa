//! The names of addresses, as worker threads read them.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use apitap_proto::v1;
use arc_swap::ArcSwap;

use super::store::{Identity, Snapshot};
use crate::time::Timestamp;
use crate::{record, redact};

/// What the watching threads write and [`Names`] reads.
#[derive(Default)]
pub(super) struct Shared {
    pub snapshot: ArcSwap<Snapshot>,
    /// Whether the names are too old to be given.
    pub stale: AtomicBool,
    lookups: Mutex<Vec<Arc<Lookups>>>,
}

/// What became of look-ups.
#[derive(Debug, Default)]
struct Lookups {
    hits: AtomicU64,
    misses: AtomicU64,
    ambiguous: AtomicU64,
    stale: AtomicU64,
}

/// What became of all look-ups.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct LookupCounts {
    pub hits: u64,
    pub misses: u64,
    pub ambiguous: u64,
    pub stale: u64,
}

impl Shared {
    /// A handle with counters of its own, so that threads do not write the same memory.
    pub(super) fn handle(self: &Arc<Self>) -> Names {
        let lookups = Arc::<Lookups>::default();
        let mut all = self.lookups.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(Arc::clone(&lookups));
        Names { shared: Arc::clone(self), lookups }
    }

    /// Look-ups of all handles.
    pub(super) fn lookups(&self) -> LookupCounts {
        let all = self.lookups.lock().unwrap_or_else(PoisonError::into_inner);
        let sum = |of: fn(&Lookups) -> &AtomicU64| {
            all.iter().fold(0, |sum: u64, one| sum.saturating_add(of(one).load(Ordering::Relaxed)))
        };
        LookupCounts {
            hits: sum(|one| &one.hits),
            misses: sum(|one| &one.misses),
            ambiguous: sum(|one| &one.ambiguous),
            stale: sum(|one| &one.stale),
        }
    }
}

/// Names of addresses. Reading takes no lock and waits for nothing; one handle a thread.
pub struct Names {
    shared: Arc<Shared>,
    lookups: Arc<Lookups>,
}

impl Clone for Names {
    fn clone(&self) -> Self {
        self.shared.handle()
    }
}

impl Names {
    /// Whose address `ip` was at the time `at`. `None` when nobody is known to have had it, when several may
    /// have (see the module's documentation), or when what is known is older than `stale_seconds_max`.
    #[must_use]
    pub fn lookup(&self, ip: IpAddr, at: Timestamp) -> Option<Arc<Identity>> {
        // An IPv4 address in IPv6's clothes is the same end point.
        let ip = ip.to_canonical();
        let count = |of: &AtomicU64| {
            of.fetch_add(1, Ordering::Relaxed);
        };
        if self.shared.stale.load(Ordering::Relaxed) {
            count(&self.lookups.stale);
            return None;
        }
        let snapshot = self.shared.snapshot.load();
        let span = snapshot.span(ip, at);
        let identity = span.and_then(|span| span.identity.clone());
        count(match (span, &identity) {
            (None, _) => &self.lookups.misses,
            (Some(_), None) => &self.lookups.ambiguous,
            (Some(_), Some(_)) => &self.lookups.hits,
        });
        identity
    }
}

impl record::Names for Names {
    fn name(&self, ip: IpAddr, at: Timestamp) -> Option<v1::Kubernetes> {
        fill(self, ip, at)
    }
}

impl redact::Namespaces for Names {
    fn is_in(&self, ip: IpAddr, at: Timestamp, namespaces: &[String]) -> bool {
        self.lookup(ip, at).is_some_and(|found| namespaces.contains(&found.namespace))
    }
}

/// The names of `ip` at the time `at`, as a record holds them.
#[must_use]
pub fn fill(names: &Names, ip: IpAddr, at: Timestamp) -> Option<v1::Kubernetes> {
    let found = names.lookup(ip, at)?;
    let workload = if found.workload.is_empty() {
        String::new()
    } else {
        format!("{}/{}", found.workload_kind, found.workload)
    };
    Some(v1::Kubernetes {
        namespace: found.namespace.clone(),
        pod: found.pod.clone(),
        workload,
        service: found.service.clone(),
        node: found.node.clone(),
    })
}
