//! Whose address it was, when: claims on one address in, spans of time with a name out.
//!
//! Pure. Addresses are used again, and several objects may claim one at a time, so the rules are strict: a
//! wrong name is worse than none.
//!
//! 1. An address that is a node's is a node's, whatever pods and services claim it: host-network pods share it.
//! 2. An address that one pod claims is that pod's; with two at a time it is nobody's. Its service is the one
//!    whose slice names the same pod, the first by name if there are several.
//! 3. An address known by slices alone is the pod's that they name; when they name several, the node's they
//!    agree on.
//! 4. Then come slices that name no pod, and cluster addresses of services.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::store::{Body, Identity};
use crate::time::Timestamp;

/// A claim on one address, and when it held.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub body: Arc<Body>,
    /// From when on, inclusive.
    pub from: Timestamp,
    /// Until when, exclusive; `None` while it holds.
    pub until: Option<Timestamp>,
    /// Objects that make this very claim; 0 once it has ended.
    pub holders: u32,
}

impl Held {
    fn covers(&self, at: Timestamp) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

/// A time in which an address had one name, or several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    /// From when on, inclusive.
    pub from: Timestamp,
    /// Until when, exclusive; `None` for ever.
    pub until: Option<Timestamp>,
    /// Whose it was; `None` when that cannot be told.
    pub identity: Option<Arc<Identity>>,
}

/// The names of an address over time, in order; times that nobody claims are left out.
pub(super) fn resolve(claims: &[Held]) -> Vec<Span> {
    let starts = claims.iter().map(|claim| claim.from);
    let ends = claims.iter().filter_map(|claim| claim.until);
    let edges: BTreeSet<Timestamp> = starts.chain(ends).collect();
    let mut spans: Vec<Span> = Vec::new();
    let mut edges = edges.into_iter().peekable();
    while let Some(from) = edges.next() {
        let until = edges.peek().copied();
        let active = claims.iter().filter(|claim| claim.covers(from)).map(|claim| &*claim.body);
        let active: Vec<&Body> = active.collect();
        if active.is_empty() {
            continue;
        }
        let identity = name(&active);
        match spans.last_mut() {
            Some(last)
                if last.until == Some(from) && last.identity.as_deref() == identity.as_ref() =>
            {
                last.until = until;
            }
            _ => spans.push(Span { from, until, identity: identity.map(Arc::new) }),
        }
    }
    spans
}

/// The name that several claims on one address come to; `None` when they disagree.
fn name(active: &[&Body]) -> Option<Identity> {
    let nodes = active.iter().filter_map(|body| body.as_node());
    let pods = active.iter().filter_map(|body| body.as_pod());
    let (named, unnamed): (Vec<&Identity>, Vec<&Identity>) = active
        .iter()
        .filter_map(|body| body.as_endpoint())
        .partition(|endpoint| !endpoint.pod.is_empty());
    let services = active.iter().filter_map(|body| body.as_service());

    if let Some(node) = same(nodes) {
        return node.map(|node| Identity { node: node.to_owned(), ..Identity::default() });
    }
    if let Some(pod) = same(pods) {
        let service = |pod: &Identity| first_service(named.iter().filter(|of| of.is_same_pod(pod)));
        return pod.map(|pod| Identity { service: service(pod), ..pod.clone() });
    }
    if let Some((first, others)) = named.split_first() {
        if others.iter().all(|other| other.is_same_pod(first)) {
            let service = first_service(named.iter());
            return Some(Identity { service, ..(*first).clone() });
        }
        let node = same(named.iter().map(|endpoint| endpoint.node.as_str()))?;
        return node
            .filter(|node| !node.is_empty())
            .map(|node| Identity { node: node.to_owned(), ..Identity::default() });
    }
    if let Some(namespace) = same(unnamed.iter().map(|endpoint| &endpoint.namespace)) {
        let service = first_service(unnamed.iter());
        return namespace.map(|namespace| Identity {
            namespace: namespace.clone(),
            service,
            ..Identity::default()
        });
    }
    same(services).flatten().cloned()
}

/// `None` when there is none; `Some(None)` when they differ.
fn same<T: PartialEq>(mut all: impl Iterator<Item = T>) -> Option<Option<T>> {
    let first = all.next()?;
    Some(all.all(|other| other == first).then_some(first))
}

fn first_service<'a>(of: impl Iterator<Item = &'a &'a Identity>) -> String {
    let names = of.map(|endpoint| &endpoint.service).filter(|service| !service.is_empty());
    names.min().cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn identity(namespace: &str, pod: &str, service: &str, node: &str) -> Identity {
        Identity {
            namespace: namespace.into(),
            pod: pod.into(),
            service: service.into(),
            node: node.into(),
            ..Identity::default()
        }
    }

    fn held(body: Arc<Body>, from: u64, until: Option<u64>) -> Held {
        let time = Timestamp::from_nanos;
        Held { body, from: time(from), until: until.map(time), holders: 1 }
    }

    fn pod(name: &str) -> Arc<Body> {
        Body::pod(identity("shop", name, "", "node-a"))
    }

    fn slice(pod: &str, service: &str) -> Arc<Body> {
        Body::endpoint(identity("shop", pod, service, "node-a"))
    }

    /// Name at a time: pod, else service, else node; `?` when it cannot be told, `-` when there is none.
    fn at(claims: &[Held], at: u64) -> String {
        let at = Timestamp::from_nanos(at);
        let spans = resolve(claims);
        let mut covering =
            spans.iter().filter(|s| s.from <= at && s.until.is_none_or(|until| at < until));
        let Some(span) = covering.next() else { return "-".into() };
        assert!(covering.next().is_none(), "spans overlap");
        let Some(found) = &span.identity else { return "?".into() };
        format!("{}/{}/{}/{}", found.namespace, found.pod, found.service, found.node)
    }

    #[test]
    fn an_address_used_again_changes_its_name() {
        let claims = [held(pod("old"), 10, Some(20)), held(pod("new"), 25, None)];
        assert_eq!(at(&claims, 9), "-");
        assert_eq!(at(&claims, 10), "shop/old//node-a");
        assert_eq!(at(&claims, 19), "shop/old//node-a");
        assert_eq!(at(&claims, 20), "-");
        assert_eq!(at(&claims, 25), "shop/new//node-a");
        assert_eq!(at(&claims, u64::MAX), "shop/new//node-a");
    }

    #[test]
    fn two_pods_at_a_time_are_nobody() {
        let claims = [held(pod("old"), 10, Some(20)), held(pod("new"), 15, None)];
        assert_eq!(at(&claims, 14), "shop/old//node-a");
        assert_eq!(at(&claims, 15), "?");
        assert_eq!(at(&claims, 20), "shop/new//node-a");
    }

    #[test]
    fn a_node_is_a_node_whoever_claims_it() {
        let node = held(Body::node("node-a"), 0, None);
        let claims =
            [held(pod("agent"), 0, None), node.clone(), held(slice("agent", "s"), 0, None)];
        assert_eq!(at(&claims, 5), "///node-a");
        assert_eq!(at(&[node, held(Body::node("node-b"), 0, None)], 5), "?");
    }

    #[test]
    fn a_pod_has_the_first_service_that_names_it() {
        let claims = [
            held(pod("a"), 0, None),
            held(slice("a", "web"), 0, Some(9)),
            held(slice("a", "api"), 5, None),
            held(slice("gone", "aaa"), 0, None),
        ];
        assert_eq!(at(&claims, 0), "shop/a/web/node-a");
        assert_eq!(at(&claims, 5), "shop/a/api/node-a");
    }

    #[test]
    fn slices_name_pods_of_other_nodes() {
        assert_eq!(at(&[held(slice("a", "web"), 0, None)], 1), "shop/a/web/node-a");
        // Several pods on one address: the host's network.
        let two = [held(slice("a", "web"), 0, None), held(slice("b", "dns"), 0, None)];
        assert_eq!(at(&two, 1), "///node-a");
        let apart = Body::endpoint(identity("shop", "c", "x", "node-b"));
        assert_eq!(at(&[two[0].clone(), held(apart, 0, None)], 1), "?");
    }

    #[test]
    fn services_come_last() {
        let external = held(Body::endpoint(identity("shop", "", "bank", "")), 0, None);
        let service = held(Body::service(identity("pay", "", "pay", "")), 0, None);
        assert_eq!(at(&[service.clone(), external.clone()], 1), "shop//bank/");
        assert_eq!(at(std::slice::from_ref(&service), 1), "pay//pay/");
        let other = held(Body::endpoint(identity("bank", "", "bank", "")), 0, None);
        assert_eq!(at(&[external, other], 1), "?");
    }

    proptest! {
        // Whatever is claimed, spans are in order, apart, and lie where something is claimed.
        #[test]
        fn spans_are_in_order(times in prop::collection::vec((0..50_u64, 0..50_u64, 0..4_u8), 0..10)) {
            let claims: Vec<Held> = times
                .iter()
                .map(|(from, length, who)| {
                    let until = (*length > 0).then_some(from + length);
                    held(pod(&format!("p{who}")), *from, until)
                })
                .collect();
            let spans = resolve(&claims);
            for pair in spans.windows(2) {
                prop_assert!(pair[0].until.is_some_and(|until| until <= pair[1].from));
            }
            for nanos in 0..110 {
                let time = Timestamp::from_nanos(nanos);
                let claimed = claims.iter().filter(|claim| claim.covers(time));
                let names: BTreeSet<&str> =
                    claimed.filter_map(|claim| claim.body.as_pod()).map(|p| p.pod.as_str()).collect();
                let want = match names.len() {
                    0 => "-".to_owned(),
                    1 => format!("shop/{}//node-a", names.first().unwrap()),
                    _ => "?".to_owned(),
                };
                prop_assert_eq!(at(&claims, nanos), want);
            }
        }
    }
}
