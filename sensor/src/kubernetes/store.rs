//! Objects by kind, and the names that follow from them by address.
//!
//! No clock, no thread, no socket: told of objects and times, it keeps claims on addresses, and hands out
//! immutable snapshots. A snapshot shares all shards that did not change since the one before.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hashbrown::HashMap;

use super::object::Object;
use super::resolve::{Held, Span, resolve};
use crate::time::Timestamp;

/// Parts of the map that are copied one by one when they change.
const SHARDS: usize = 64;
/// Claims on one address, those that ended included.
const CLAIMS_MAX: usize = 64;
/// How long before it is seen a change may have happened: what passes through the API server comes late.
const LATE: Duration = Duration::from_secs(5);

/// Whose an address is. Fields that are not known are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// Namespace of the pod or service.
    pub namespace: String,
    /// Name of the pod; empty for nodes and services.
    pub pod: String,
    /// Name of the workload: `shop`.
    pub workload: String,
    /// Kind of the workload: `Deployment`.
    pub workload_kind: String,
    /// A service that the pod stands behind, or whose cluster address it is.
    pub service: String,
    /// Name of the node.
    pub node: String,
}

impl Identity {
    pub(super) fn is_same_pod(&self, other: &Self) -> bool {
        (&self.namespace, &self.pod) == (&other.namespace, &other.pod)
    }
}

/// What an object says of an address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Body {
    /// It is the node's of that name.
    Node(String),
    /// It is this pod's.
    Pod(Identity),
    /// A slice names it.
    Endpoint(Identity),
    /// It is a service's cluster address.
    Service(Identity),
}

impl Body {
    pub(super) fn node(name: &str) -> Arc<Self> {
        Arc::new(Self::Node(name.to_owned()))
    }

    pub(super) fn pod(identity: Identity) -> Arc<Self> {
        Arc::new(Self::Pod(identity))
    }

    pub(super) fn endpoint(identity: Identity) -> Arc<Self> {
        Arc::new(Self::Endpoint(identity))
    }

    pub(super) fn service(identity: Identity) -> Arc<Self> {
        Arc::new(Self::Service(identity))
    }

    pub(super) fn as_node(&self) -> Option<&str> {
        if let Self::Node(name) = self { Some(name) } else { None }
    }

    pub(super) const fn as_pod(&self) -> Option<&Identity> {
        if let Self::Pod(pod) = self { Some(pod) } else { None }
    }

    pub(super) const fn as_endpoint(&self) -> Option<&Identity> {
        if let Self::Endpoint(endpoint) = self { Some(endpoint) } else { None }
    }

    pub(super) const fn as_service(&self) -> Option<&Identity> {
        if let Self::Service(service) = self { Some(service) } else { None }
    }

    /// Whether both are claims of one kind: only the end of such says that the other can have begun.
    fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    /// Whether this is what `old`, of the same object, has become: the address did not change hands.
    fn is_update_of(&self, old: &Self) -> bool {
        match (self, old) {
            (Self::Pod(_), Self::Pod(_)) | (Self::Service(_), Self::Service(_)) => true,
            (Self::Endpoint(new), Self::Endpoint(old)) => new.is_same_pod(old),
            _ => false,
        }
    }
}

/// An address, and what an object says of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Claim {
    /// The address.
    pub ip: IpAddr,
    /// What is said.
    pub body: Arc<Body>,
}

/// A kind of objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Pods.
    Pods,
    /// Slices of end points.
    EndpointSlices,
    /// Services.
    Services,
    /// Nodes.
    Nodes,
}

/// One object that is held.
struct Known {
    uid: String,
    claims: Vec<Claim>,
    /// The list it was last seen in.
    list: u64,
}

/// Objects of one kind, by namespace and name.
#[derive(Default)]
struct Objects {
    known: HashMap<String, Known>,
    /// Lists begun.
    list: u64,
    /// Whether a list was finished: what comes later is new.
    complete: bool,
}

type Shard = HashMap<IpAddr, Arc<[Span]>>;

/// Names of addresses at one time. Immutable; cheap to copy.
#[derive(Clone)]
pub(super) struct Snapshot {
    shards: Vec<Arc<Shard>>,
}

impl Default for Snapshot {
    fn default() -> Self {
        Self { shards: (0..SHARDS).map(|_| Arc::default()).collect() }
    }
}

impl Snapshot {
    /// The span of `ip` that `at` lies in.
    pub(super) fn span(&self, ip: IpAddr, at: Timestamp) -> Option<&Span> {
        let spans = self.shards.get(shard(ip))?.get(&ip)?;
        spans.iter().find(|span| span.from <= at && span.until.is_none_or(|until| at < until))
    }
}

/// The shard of an address: its last octets differ most.
fn shard(ip: IpAddr) -> usize {
    let last = match ip {
        IpAddr::V4(ip) => ip.octets()[3],
        IpAddr::V6(ip) => ip.octets()[15] ^ ip.octets()[14],
    };
    usize::from(last) % SHARDS
}

/// Everything that was told.
pub(super) struct Store {
    pods: Objects,
    slices: Objects,
    services: Objects,
    nodes: Objects,
    addresses: HashMap<IpAddr, Vec<Held>>,
    /// Claims that ended, with the time they did.
    ended: BTreeSet<(Timestamp, IpAddr)>,
    entries: usize,
    entries_max: usize,
    keep: Duration,
    refused: u64,
    snapshot: Snapshot,
    changed: bool,
}

impl Store {
    /// A store of at most `entries_max` claims, which keeps those that ended for `keep`.
    pub(super) fn new(entries_max: usize, keep: Duration) -> Self {
        Self {
            pods: Objects::default(),
            slices: Objects::default(),
            services: Objects::default(),
            nodes: Objects::default(),
            addresses: HashMap::new(),
            ended: BTreeSet::new(),
            entries: 0,
            entries_max,
            keep,
            refused: 0,
            snapshot: Snapshot::default(),
            changed: false,
        }
    }

    /// Begins a list of all objects of a kind.
    pub(super) fn begin(&mut self, kind: Kind) {
        let objects = self.objects(kind);
        objects.list = objects.list.wrapping_add(1);
    }

    /// Ends the list: objects that were not in it are gone.
    pub(super) fn finish(&mut self, kind: Kind, now: Timestamp) {
        let objects = self.objects(kind);
        objects.complete = true;
        let list = objects.list;
        let gone: Vec<Known> = objects
            .known
            .extract_if(|_, known| known.list != list)
            .map(|(_, known)| known)
            .collect();
        for known in gone {
            self.release(&known.claims, now);
        }
    }

    /// Takes an object as it is now.
    pub(super) fn put<T: Object>(&mut self, kind: Kind, object: &T, now: Timestamp) {
        let metadata = object.metadata();
        let key = format!("{}/{}", metadata.namespace, metadata.name);
        let mut claims = object.claims();
        claims.sort_unstable();
        claims.dedup();
        let objects = self.objects(kind);
        let (list, complete) = (objects.list, objects.complete);
        let old = match objects.known.remove(&key) {
            Some(old) if old.uid == metadata.uid => Some(old.claims),
            // Another object of that name.
            Some(old) => {
                self.release(&old.claims, now);
                None
            }
            None => None,
        };
        let since = match object.since() {
            Some(since) if old.is_none() => Since::At(since.min(now)),
            // What is there when the sensor starts has been there before.
            _ if old.is_none() && !complete => Since::At(Timestamp::ZERO),
            _ => Since::Lately,
        };
        if claims.is_empty() || self.objects_held() >= self.entries_max {
            self.refused = self.refused.saturating_add(u64::from(!claims.is_empty()));
            self.release(&old.unwrap_or_default(), now);
            return;
        }
        let old = old.unwrap_or_default();
        let (mut gone, mut added): (Vec<Claim>, Vec<Claim>) = (
            old.iter().filter(|claim| claims.binary_search(claim).is_err()).cloned().collect(),
            claims.iter().filter(|claim| old.binary_search(claim).is_err()).cloned().collect(),
        );
        added.retain(|new| !self.update(new, &mut gone));
        self.release(&gone, now);
        for claim in added {
            if !self.claim(&claim, since, now) {
                claims.retain(|kept| *kept != claim);
            }
        }
        let uid = metadata.uid.clone();
        self.objects(kind).known.insert(key, Known { uid, claims, list });
    }

    /// Forgets an object: it is gone.
    pub(super) fn remove<T: Object>(&mut self, kind: Kind, object: &T, now: Timestamp) {
        let metadata = object.metadata();
        let key = format!("{}/{}", metadata.namespace, metadata.name);
        if let Some(known) = self.objects(kind).known.remove(&key) {
            self.release(&known.claims, now);
        }
    }

    /// Drops claims that ended long enough ago.
    pub(super) fn sweep(&mut self, now: Timestamp) {
        while let Some(&(ended, _)) = self.ended.first() {
            if now.since(ended) < self.keep {
                break;
            }
            self.drop_oldest();
        }
    }

    /// The names as they are now, if they changed since the last call.
    pub(super) fn publish(&mut self) -> Option<Snapshot> {
        std::mem::take(&mut self.changed).then(|| self.snapshot.clone())
    }

    /// Objects held.
    pub(super) fn objects_held(&self) -> usize {
        [&self.pods, &self.slices, &self.services, &self.nodes]
            .into_iter()
            .fold(0, |sum, objects| sum.saturating_add(objects.known.len()))
    }

    /// Claims held.
    pub(super) const fn entries(&self) -> usize {
        self.entries
    }

    /// Claims refused, because there were too many.
    pub(super) const fn refused(&self) -> u64 {
        self.refused
    }

    const fn objects(&mut self, kind: Kind) -> &mut Objects {
        match kind {
            Kind::Pods => &mut self.pods,
            Kind::EndpointSlices => &mut self.slices,
            Kind::Services => &mut self.services,
            Kind::Nodes => &mut self.nodes,
        }
    }

    /// Puts `new` in the place of one of `gone` that it is the update of; `false` when there is none.
    fn update(&mut self, new: &Claim, gone: &mut Vec<Claim>) -> bool {
        let Some(held) = self.addresses.get_mut(&new.ip) else { return false };
        let old = gone.iter().position(|old| old.ip == new.ip && new.body.is_update_of(&old.body));
        let Some(old) = old else { return false };
        let found = held.iter_mut().find(|held| {
            held.until.is_none() && gone.get(old).is_some_and(|gone| gone.body == held.body)
        });
        // What other objects claim as well stays as it is.
        let Some(found) = found.filter(|found| found.holders == 1) else { return false };
        found.body = Arc::clone(&new.body);
        gone.swap_remove(old);
        self.refresh(new.ip);
        true
    }

    /// Adds a claim; `false` when there is no room.
    fn claim(&mut self, claim: &Claim, since: Since, now: Timestamp) -> bool {
        while self.entries >= self.entries_max && !self.ended.is_empty() {
            self.drop_oldest();
        }
        let full = self.entries >= self.entries_max;
        self.make_room(claim.ip);
        let held = self.addresses.entry(claim.ip).or_default();
        if let Some(same) =
            held.iter_mut().find(|held| held.until.is_none() && held.body == claim.body)
        {
            same.holders = same.holders.saturating_add(1);
            return true;
        }
        if full || held.len() >= CLAIMS_MAX {
            self.refused = self.refused.saturating_add(1);
            if held.is_empty() {
                self.addresses.remove(&claim.ip);
            }
            return false;
        }
        let before = held.iter().filter(|held| held.body.is_like(&claim.body));
        let before = before.filter_map(|held| held.until).max().unwrap_or(Timestamp::ZERO);
        let from = match since {
            Since::At(time) => time.max(before),
            Since::Lately => lately(now).max(before),
        };
        held.push(Held { body: Arc::clone(&claim.body), from, until: None, holders: 1 });
        self.entries = self.entries.saturating_add(1);
        self.refresh(claim.ip);
        true
    }

    /// Ends claims that no other object makes as well.
    fn release(&mut self, claims: &[Claim], now: Timestamp) {
        for claim in claims {
            let Some(held) = self.addresses.get_mut(&claim.ip) else { continue };
            let live = |held: &&mut Held| held.until.is_none() && held.body == claim.body;
            let Some(found) = held.iter_mut().find(live) else { continue };
            found.holders = found.holders.saturating_sub(1);
            if found.holders == 0 {
                found.until = Some(now.max(found.from));
                self.ended.insert((now.max(found.from), claim.ip));
                self.refresh(claim.ip);
            }
        }
    }

    /// Drops the claim on `ip` that ended first, if there are as many as may be.
    fn make_room(&mut self, ip: IpAddr) {
        let Some(held) = self.addresses.get_mut(&ip) else { return };
        if held.len() < CLAIMS_MAX {
            return;
        }
        let Some(ended) = held.iter().filter_map(|held| held.until).min() else { return };
        let before = held.len();
        held.retain(|held| held.until != Some(ended));
        self.entries = self.entries.saturating_sub(before.saturating_sub(held.len()));
        self.ended.remove(&(ended, ip));
    }

    /// Drops the claims that ended first.
    fn drop_oldest(&mut self) {
        let Some((ended, ip)) = self.ended.pop_first() else { return };
        if let Some(held) = self.addresses.get_mut(&ip) {
            let before = held.len();
            held.retain(|held| held.until != Some(ended));
            self.entries = self.entries.saturating_sub(before.saturating_sub(held.len()));
        }
        self.refresh(ip);
    }

    /// Names `ip` anew.
    fn refresh(&mut self, ip: IpAddr) {
        let held = self.addresses.get(&ip).map(Vec::as_slice).unwrap_or_default();
        let spans = resolve(held);
        if held.is_empty() {
            self.addresses.remove(&ip);
        }
        let Some(shard) = self.snapshot.shards.get_mut(shard(ip)) else { return };
        let shard = Arc::make_mut(shard);
        if spans.is_empty() {
            shard.remove(&ip);
        } else {
            shard.insert(ip, spans.into());
        }
        self.changed = true;
    }
}

/// From when on an address is an object's.
#[derive(Clone, Copy)]
enum Since {
    /// From a time that is known.
    At(Timestamp),
    /// Since some seconds, at most since the end of the one before.
    Lately,
}

fn lately(now: Timestamp) -> Timestamp {
    Timestamp::from_nanos(now.nanos().saturating_sub(Timestamp::ZERO.plus(LATE).nanos()))
}
