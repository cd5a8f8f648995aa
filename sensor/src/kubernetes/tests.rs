//! Objects in, names out: what the store makes of pods, slices, services and nodes over time.

use std::net::IpAddr;

use apitap_proto::v1;
use proptest::prelude::*;

use super::names::Shared;
use super::object::{EndpointSlice, Node, Object, Pod, Service};
use super::*;
use crate::time::Timestamp;

/// 2026-11-22T06:00:00Z, when these tests take place.
const START: u64 = 1_795_327_200;

fn seconds(after: u64) -> Timestamp {
    Timestamp::new(START + after, 0)
}

fn object<T: Object>(text: &str) -> T {
    serde_json::from_str(text).unwrap()
}

/// A pod of node-a that started some seconds after [`START`].
fn pod(name: &str, uid: &str, ip: &str, started: u64) -> Pod {
    object(&format!(
        r#"{{"metadata":{{"name":"{name}","namespace":"shop","uid":"{uid}",
            "labels":{{"pod-template-hash":"5d9c"}},
            "ownerReferences":[{{"kind":"ReplicaSet","name":"web-5d9c","controller":true}}]}},
            "spec":{{"nodeName":"node-a"}},
            "status":{{"phase":"Running","startTime":"2026-11-22T06:00:{started:02}Z",
            "hostIP":"10.0.0.1","podIP":"{ip}","podIPs":[{{"ip":"{ip}"}}]}}}}"#
    ))
}

fn slice(name: &str, service: &str, endpoints: &[(&str, &str)]) -> EndpointSlice {
    let endpoints: Vec<String> = endpoints
        .iter()
        .map(|(ip, pod)| {
            format!(
                r#"{{"addresses":["{ip}"],"nodeName":"node-b","conditions":{{"ready":true}},
                "targetRef":{{"kind":"Pod","namespace":"shop","name":"{pod}"}}}}"#
            )
        })
        .collect();
    object(&format!(
        r#"{{"metadata":{{"name":"{name}","namespace":"shop","uid":"{name}",
            "labels":{{"kubernetes.io/service-name":"{service}"}}}},
            "endpoints":[{}]}}"#,
        endpoints.join(",")
    ))
}

struct World {
    store: Store,
    shared: Arc<Shared>,
}

impl World {
    fn new() -> Self {
        Self::of(1000)
    }

    fn of(entries_max: usize) -> Self {
        let store = Store::new(entries_max, Duration::from_secs(300));
        Self { store, shared: Arc::default() }
    }

    /// A finished first list of nothing, for every kind: what comes later is new.
    fn synced() -> Self {
        let mut world = Self::new();
        for kind in [Kind::Pods, Kind::EndpointSlices, Kind::Services, Kind::Nodes] {
            world.store.begin(kind);
            world.store.finish(kind, seconds(0));
        }
        world
    }

    fn pod(&mut self, pod: &Pod, at: u64) {
        self.store.put(Kind::Pods, pod, seconds(at));
    }

    fn slice(&mut self, slice: &EndpointSlice, at: u64) {
        self.store.put(Kind::EndpointSlices, slice, seconds(at));
    }

    /// `namespace/pod workload service node`, `-` for what is not known, at a time.
    fn name(&mut self, ip: &str, at: u64) -> String {
        if let Some(snapshot) = self.store.publish() {
            self.shared.snapshot.store(Arc::new(snapshot));
        }
        let names = self.shared.handle();
        let ip: IpAddr = ip.parse().unwrap();
        let Some(found) = fill(&names, ip, seconds(at)) else { return "nobody".into() };
        let shown = |text: &String| if text.is_empty() { "-".to_owned() } else { text.clone() };
        let v1::Kubernetes { namespace, pod, workload, service, node } = &found;
        format!(
            "{}/{} {} {} {}",
            shown(namespace),
            shown(pod),
            shown(workload),
            shown(service),
            shown(node)
        )
    }
}

#[test]
fn a_pod_is_named_with_its_workload_service_and_node() {
    let mut world = World::synced();
    world.pod(&pod("web-1", "u1", "10.1.0.5", 10), 12);
    assert_eq!(world.name("10.1.0.5", 11), "shop/web-1 Deployment/web - node-a");
    world.slice(&slice("web-x", "web", &[("10.1.0.5", "web-1")]), 14);
    assert_eq!(world.name("10.1.0.5", 20), "shop/web-1 Deployment/web web node-a");
    assert_eq!(world.name("::ffff:10.1.0.5", 20), "shop/web-1 Deployment/web web node-a");
    // Before it started, and an address that is nobody's.
    assert_eq!(world.name("10.1.0.5", 8), "nobody");
    assert_eq!(world.name("10.1.0.6", 20), "nobody");
}

#[test]
fn both_families_are_named() {
    let mut world = World::synced();
    let pod: Pod = object(
        r#"{"metadata":{"name":"a","namespace":"n","uid":"u"},"spec":{"nodeName":"node-a"},
        "status":{"podIPs":[{"ip":"10.1.0.5"},{"ip":"fd00:0:0::5"}],"podIP":"10.1.0.5"}}"#,
    );
    world.pod(&pod, 5);
    assert_eq!(world.name("fd00::5", 6), "n/a - - node-a");
    assert_eq!(world.name("10.1.0.5", 6), "n/a - - node-a");
}

#[test]
fn an_address_given_to_another_pod_changes_its_name() {
    let mut world = World::synced();
    let old = pod("web-1", "u1", "10.1.0.5", 10);
    world.pod(&old, 12);
    world.store.remove(Kind::Pods, &old, seconds(30));
    // It was scheduled before the old one was gone, and got the address afterwards.
    world.pod(&pod("web-2", "u2", "10.1.0.5", 25), 33);
    assert!(world.name("10.1.0.5", 29).starts_with("shop/web-1 "));
    assert!(world.name("10.1.0.5", 31).starts_with("shop/web-2 "));
}

#[test]
fn a_pod_that_is_gone_has_no_new_calls_and_is_forgotten_after_a_while() {
    let mut world = World::synced();
    let old = pod("web-1", "u1", "10.1.0.5", 10);
    world.pod(&old, 12);
    world.store.remove(Kind::Pods, &old, seconds(30));
    assert_eq!(world.name("10.1.0.5", 30), "nobody");
    assert!(world.name("10.1.0.5", 29).starts_with("shop/web-1 "));
    world.store.sweep(seconds(329));
    assert!(world.name("10.1.0.5", 29).starts_with("shop/web-1 "));
    world.store.sweep(seconds(330));
    assert_eq!(world.name("10.1.0.5", 29), "nobody");
    assert_eq!(world.store.entries(), 0);
}

#[test]
fn a_pod_that_has_ended_for_good_has_lost_its_address() {
    let mut world = World::synced();
    let mut job = pod("job-1", "u1", "10.1.0.5", 10);
    world.pod(&job, 12);
    job = object(
        r#"{"metadata":{"name":"job-1","namespace":"shop","uid":"u1"},"spec":{"nodeName":"node-a"},
        "status":{"phase":"Succeeded","podIP":"10.1.0.5"}}"#,
    );
    world.pod(&job, 40);
    assert!(world.name("10.1.0.5", 39).starts_with("shop/job-1 "));
    assert_eq!(world.name("10.1.0.5", 40), "nobody");
}

// A list after an outage brings the new pod before it takes the old one away: in that time it may be either's.
#[test]
fn a_list_after_an_outage_leaves_no_old_name() {
    let mut world = World::synced();
    world.pod(&pod("web-1", "u1", "10.1.0.5", 1), 2);
    world.store.begin(Kind::Pods);
    world.pod(&pod("web-2", "u2", "10.1.0.5", 20), 50);
    world.store.finish(Kind::Pods, seconds(50));
    assert!(world.name("10.1.0.5", 19).starts_with("shop/web-1 "));
    assert_eq!(world.name("10.1.0.5", 30), "nobody");
    assert!(world.name("10.1.0.5", 50).starts_with("shop/web-2 "));
}

#[test]
fn a_stateful_pod_made_anew_is_the_same_name_again() {
    let mut world = World::synced();
    world.pod(&pod("db-0", "u1", "10.1.0.5", 1), 2);
    world.pod(&pod("db-0", "u2", "10.1.0.9", 20), 22);
    assert_eq!(world.name("10.1.0.5", 23), "nobody");
    assert!(world.name("10.1.0.5", 21).starts_with("shop/db-0 "));
    assert!(world.name("10.1.0.9", 23).starts_with("shop/db-0 "));
}

#[test]
fn new_labels_do_not_cut_a_name_in_two() {
    let mut world = World::synced();
    world.pod(&pod("web-1", "u1", "10.1.0.5", 10), 12);
    let labelled: Pod = object(
        r#"{"metadata":{"name":"web-1","namespace":"shop","uid":"u1","ownerReferences":
        [{"kind":"StatefulSet","name":"adopted","controller":true}]},"spec":{"nodeName":"node-a"},
        "status":{"podIP":"10.1.0.5","hostIP":"10.0.0.1"}}"#,
    );
    world.pod(&labelled, 100);
    assert_eq!(world.name("10.1.0.5", 50), "shop/web-1 StatefulSet/adopted - node-a");
}

#[test]
fn host_network_pods_are_their_node() {
    let mut world = World::synced();
    let agent: Pod = object(
        r#"{"metadata":{"name":"agent","namespace":"kube-system","uid":"u"},
        "spec":{"nodeName":"node-a","hostNetwork":true},
        "status":{"hostIP":"10.0.0.1","hostIPs":[{"ip":"10.0.0.1"},{"ip":"fd00::1"}],"podIP":"10.0.0.1"}}"#,
    );
    world.pod(&agent, 5);
    world.slice(&slice("agents", "agents", &[("10.0.0.1", "agent"), ("10.0.0.2", "agent-2")]), 5);
    assert_eq!(world.name("10.0.0.1", 6), "-/- - - node-a");
    assert_eq!(world.name("fd00::1", 6), "-/- - - node-a");
    // Another node's address is only told apart when nodes are watched.
    assert_eq!(world.name("10.0.0.2", 6), "shop/agent-2 - agents node-b");
    let node: Node = object(
        r#"{"metadata":{"name":"node-b","uid":"n"},"status":{"addresses":[
        {"type":"InternalIP","address":"10.0.0.2"},{"type":"Hostname","address":"node-b"}]}}"#,
    );
    world.store.put(Kind::Nodes, &node, seconds(7));
    assert_eq!(world.name("10.0.0.2", 8), "-/- - - node-b");
}

#[test]
fn peers_on_other_nodes_are_named_by_slices() {
    let mut world = World::new();
    // What the first list brings has been there before.
    world.store.begin(Kind::EndpointSlices);
    world.slice(&slice("web-x", "web", &[("10.1.1.5", "web-7"), ("10.1.1.6", "web-8")]), 100);
    world.store.finish(Kind::EndpointSlices, seconds(100));
    assert_eq!(world.name("10.1.1.5", 1), "shop/web-7 - web node-b");
    // The address goes to another pod: within one event, or from slice to slice.
    world.slice(&slice("web-x", "web", &[("10.1.1.5", "web-9"), ("10.1.1.6", "web-8")]), 200);
    assert_eq!(world.name("10.1.1.5", 199), "shop/web-7 - web node-b");
    assert_eq!(world.name("10.1.1.5", 200), "shop/web-9 - web node-b");
    world.slice(&slice("web-y", "web", &[("10.1.1.6", "web-8")]), 250);
    world.slice(&slice("web-x", "web", &[("10.1.1.5", "web-9")]), 251);
    assert_eq!(world.name("10.1.1.6", 150), "shop/web-8 - web node-b");
    assert_eq!(world.name("10.1.1.6", 300), "shop/web-8 - web node-b");
}

#[test]
fn a_service_has_its_cluster_addresses() {
    let mut world = World::synced();
    let service = |ip: &str| -> Service {
        object(&format!(
            r#"{{"metadata":{{"name":"web","namespace":"shop","uid":"s"}},
            "spec":{{"clusterIP":"{ip}","clusterIPs":["{ip}"]}}}}"#
        ))
    };
    world.store.put(Kind::Services, &service("10.96.0.9"), seconds(5));
    assert_eq!(world.name("10.96.0.9", 6), "shop/- - web -");
    world.store.put(Kind::Services, &service("None"), seconds(9));
    assert_eq!(world.name("10.96.0.9", 10), "nobody");
}

#[test]
fn no_more_is_held_than_allowed_and_what_is_refused_is_counted() {
    let mut world = World::of(20);
    world.store.begin(Kind::Pods);
    for number in 0..100 {
        world.pod(&pod(&format!("p{number}"), "u", &format!("10.1.0.{number}"), 1), 2);
    }
    // One of the 20 is the node's address, which all pods tell.
    assert_eq!(world.store.entries(), 20);
    assert!(world.store.objects_held() <= 20, "{}", world.store.objects_held());
    assert!(world.store.refused() >= 80, "{}", world.store.refused());
    assert!(world.name("10.1.0.3", 5).starts_with("shop/p3 "));
    assert_eq!(world.name("10.1.0.99", 5), "nobody");
    // What has ended makes room.
    for number in 0..10 {
        let gone = pod(&format!("p{number}"), "u", &format!("10.1.0.{number}"), 1);
        world.store.remove(Kind::Pods, &gone, seconds(6));
    }
    world.pod(&pod("new", "u", "10.1.0.99", 7), 8);
    assert!(world.name("10.1.0.99", 9).starts_with("shop/new "));
    assert!(world.store.entries() <= 20);
}

#[test]
fn an_address_that_changes_hands_often_keeps_its_last_name() {
    let mut world = World::synced();
    for number in 0..200 {
        let job = pod(&format!("job-{number}"), &format!("u{number}"), "10.1.0.5", 1);
        world.pod(&job, 10 + number);
        assert!(world.name("10.1.0.5", 10 + number).starts_with(&format!("shop/job-{number} ")));
        world.store.remove(Kind::Pods, &job, seconds(11 + number));
    }
    assert_eq!(world.store.refused(), 0);
    // 64 for the pod's address, and as many for its node's.
    assert!(world.store.entries() <= 128, "{}", world.store.entries());
    world.store.sweep(seconds(1000));
    assert_eq!(world.store.entries(), 0);
}

#[test]
fn everything_is_let_go_of() {
    let mut world = World::synced();
    let pods: Vec<Pod> =
        (0..50).map(|n| pod(&format!("p{n}"), "u", &format!("10.1.0.{n}"), 1)).collect();
    let slices: Vec<EndpointSlice> = (0..50)
        .map(|n| slice(&format!("s{n}"), "web", &[(&format!("10.1.0.{n}"), &format!("p{n}"))]))
        .collect();
    pods.iter().for_each(|pod| world.pod(pod, 2));
    slices.iter().for_each(|slice| world.slice(slice, 2));
    assert_eq!(world.store.entries(), 101);
    pods.iter().for_each(|pod| world.store.remove(Kind::Pods, pod, seconds(3)));
    slices.iter().for_each(|s| world.store.remove(Kind::EndpointSlices, s, seconds(3)));
    world.store.sweep(seconds(1000));
    assert_eq!((world.store.entries(), world.store.objects_held()), (0, 0));
    assert_eq!(world.name("10.1.0.3", 2), "nobody");
}

#[test]
fn strange_objects_are_read_or_refused_and_never_fatal() {
    for text in [
        r#"{"metadata":{"name":"a","labels":null,"ownerReferences":null},"spec":{},"status":{"podIPs":null}}"#,
        r#"{"metadata":{"name":"a"},"status":{"podIP":"","hostIP":"not an address","startTime":"yesterday"}}"#,
        r"{}",
    ] {
        let pod: Pod = object(text);
        assert!(pod.claims().is_empty() && pod.since().is_none());
    }
    assert!(!object::<Pod>("{}").is_sound());
    let long = "x".repeat(254);
    assert!(!object::<Pod>(&format!(r#"{{"metadata":{{"name":"{long}"}}}}"#)).is_sound());
    assert!(!object::<Pod>(r#"{"metadata":{"name":"a\u0000b"}}"#).is_sound());
    let slice: EndpointSlice = object(r#"{"metadata":{"name":"s"},"endpoints":null}"#);
    assert!(slice.claims().is_empty());
    let slice: EndpointSlice =
        object(r#"{"metadata":{"name":"s"},"endpoints":[{"addresses":null},{"targetRef":null}]}"#);
    assert!(slice.claims().is_empty());
}

#[test]
fn look_ups_are_counted_by_what_became_of_them() {
    let mut world = World::synced();
    world.pod(&pod("a", "u1", "10.1.0.5", 10), 12);
    world.pod(&pod("b", "u2", "10.1.0.5", 20), 22);
    assert!(world.name("10.1.0.5", 15).starts_with("shop/a "));
    assert_eq!(world.name("10.1.0.5", 25), "nobody");
    assert_eq!(world.name("10.1.0.5", 5), "nobody");
    world.shared.stale.store(true, Ordering::Relaxed);
    assert_eq!(world.name("10.1.0.5", 15), "nobody");
    let counts = world.shared.lookups();
    assert_eq!((counts.hits, counts.ambiguous, counts.misses, counts.stale), (1, 1, 1, 1));
}

/// One thing that happens to one of a few pods, slices and addresses.
#[derive(Debug, Clone, Copy)]
enum Step {
    Pod(u8, u8),
    PodGone(u8),
    Slice(u8, u8, u8),
    SliceGone(u8),
    List,
    Sweep,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..4_u8, 0..3_u8).prop_map(|(name, ip)| Step::Pod(name, ip)),
        (0..4_u8).prop_map(Step::PodGone),
        (0..2_u8, 0..4_u8, 0..3_u8).prop_map(|(slice, pod, ip)| Step::Slice(slice, pod, ip)),
        (0..2_u8).prop_map(Step::SliceGone),
        Just(Step::List),
        Just(Step::Sweep),
    ]
}

proptest! {
    // Whatever happens in whatever order: a pod is named only while the API says that the address is its own and
    // nobody else's, and when all is gone nothing is left.
    #[test]
    fn names_are_those_of_the_cluster(steps in prop::collection::vec(step(), 0..60)) {
        let mut world = World::synced();
        // What the cluster is, as name and address.
        let mut pods: std::collections::BTreeMap<u8, u8> = std::collections::BTreeMap::new();
        let address = |ip: u8| format!("10.1.0.{ip}");
        let made = |name: u8, ip: u8| pod(&format!("p{name}"), &format!("u{name}"), &address(ip), 1);
        let mut at = 10;
        for step in steps {
            at += 20;
            match step {
                Step::Pod(name, ip) => {
                    pods.insert(name, ip);
                    world.pod(&made(name, ip), at);
                }
                Step::PodGone(name) => {
                    pods.remove(&name);
                    world.store.remove(Kind::Pods, &made(name, 0), seconds(at));
                }
                Step::Slice(name, of, ip) => {
                    let endpoints = [(&*address(ip), &*format!("p{of}"))];
                    world.slice(&slice(&format!("s{name}"), "web", &endpoints), at);
                }
                Step::SliceGone(name) => {
                    let gone = slice(&format!("s{name}"), "web", &[]);
                    world.store.remove(Kind::EndpointSlices, &gone, seconds(at));
                }
                Step::List => {
                    world.store.begin(Kind::Pods);
                    pods.iter().for_each(|(name, ip)| world.pod(&made(*name, *ip), at));
                    world.store.finish(Kind::Pods, seconds(at));
                }
                Step::Sweep => world.store.sweep(seconds(at)),
            }
            for ip in 0..3 {
                let holders: Vec<String> = pods
                    .iter()
                    .filter(|(_, held)| **held == ip)
                    .map(|(name, _)| format!("shop/p{name} Deployment/web"))
                    .collect();
                let name = world.name(&address(ip), at + 1);
                match holders.as_slice() {
                    [one] => prop_assert!(name.starts_with(one), "{ip}: {name}, {one}"),
                    [] => prop_assert!(!name.contains("Deployment"), "{ip}: {name}"),
                    _ => prop_assert_eq!(name, "nobody"),
                }
            }
            prop_assert!(world.store.entries() <= 1000);
        }
        for kind in [Kind::Pods, Kind::EndpointSlices] {
            world.store.begin(kind);
            world.store.finish(kind, seconds(at));
        }
        world.store.sweep(seconds(at + 301));
        prop_assert_eq!((world.store.entries(), world.store.objects_held()), (0, 0));
        prop_assert_eq!(world.name("10.1.0.1", at), "nobody");
    }
}
