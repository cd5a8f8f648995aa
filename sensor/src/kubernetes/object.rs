//! The few fields of Kubernetes objects that names need; all others are passed over unread.
//!
//! Source: the Kubernetes API reference, `core/v1` and `discovery.k8s.io/v1`. Lists may be absent or `null`.

use std::net::IpAddr;

use serde::Deserialize;

use super::store::{Body, Claim, Identity};
use super::workload::workload;
use crate::time::Timestamp;

/// Longest name that Kubernetes allows (RFC 1123 subdomain), in octets.
const NAME_OCTETS_MAX: usize = 253;

/// What every object has.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Metadata {
    pub name: String,
    pub namespace: String,
    pub uid: String,
    pub resource_version: String,
    pub creation_timestamp: Option<String>,
    pub labels: Option<Labels>,
    pub owner_references: Option<Vec<Owner>>,
}

/// The labels that matter.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Labels {
    #[serde(rename = "pod-template-hash")]
    pub pod_template_hash: Option<String>,
    #[serde(rename = "kubernetes.io/service-name")]
    pub service_name: Option<String>,
}

/// One of the objects that an object was made by.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Owner {
    pub kind: String,
    pub name: String,
    pub controller: Option<bool>,
}

/// An address in a pod's status.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Ip {
    ip: String,
}

/// A pod.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Pod {
    metadata: Metadata,
    spec: PodSpec,
    status: PodStatus,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct PodSpec {
    node_name: Option<String>,
    host_network: Option<bool>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct PodStatus {
    phase: Option<String>,
    start_time: Option<String>,
    #[serde(rename = "hostIP")]
    host_ip: Option<String>,
    #[serde(rename = "hostIPs")]
    host_ips: Option<Vec<Ip>>,
    #[serde(rename = "podIP")]
    pod_ip: Option<String>,
    #[serde(rename = "podIPs")]
    pod_ips: Option<Vec<Ip>>,
}

/// A slice of the end points of a service.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct EndpointSlice {
    metadata: Metadata,
    endpoints: Option<Vec<SliceEndpoint>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct SliceEndpoint {
    addresses: Option<Vec<String>>,
    node_name: Option<String>,
    target_ref: Option<Target>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Target {
    kind: String,
    namespace: String,
    name: String,
}

/// A service.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Service {
    metadata: Metadata,
    spec: ServiceSpec,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct ServiceSpec {
    #[serde(rename = "clusterIP")]
    cluster_ip: Option<String>,
    #[serde(rename = "clusterIPs")]
    cluster_ips: Option<Vec<String>>,
}

/// A node.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Node {
    metadata: Metadata,
    status: NodeStatus,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct NodeStatus {
    addresses: Option<Vec<NodeAddress>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct NodeAddress {
    address: String,
}

/// A kind of object that can be watched.
pub(super) trait Object: for<'de> Deserialize<'de> + Default + Send + 'static {
    /// What every object has.
    fn metadata(&self) -> &Metadata;

    /// Addresses that the object names, with the names. Empty when it names none (any more).
    fn claims(&self) -> Vec<Claim>;

    /// When its addresses became its own, if it says so.
    fn since(&self) -> Option<Timestamp> {
        None
    }

    /// Whether it can be held: names no longer than Kubernetes allows.
    fn is_sound(&self) -> bool {
        let metadata = self.metadata();
        !metadata.name.is_empty()
            && [&metadata.name, &metadata.namespace, &metadata.uid]
                .into_iter()
                .all(|name| is_name(name))
    }
}

fn is_name(name: &str) -> bool {
    name.len() <= NAME_OCTETS_MAX && name.bytes().all(|octet| octet.is_ascii_graphic())
}

/// A name out of an object, empty when it is none.
fn name(name: Option<&String>) -> String {
    name.filter(|name| is_name(name)).cloned().unwrap_or_default()
}

/// Both forms of an address list: the single one is the first of the others, or all there is.
fn addresses<'a>(one: Option<&'a String>, many: impl Iterator<Item = &'a String>) -> Vec<IpAddr> {
    let mut found: Vec<IpAddr> =
        many.chain(one).filter_map(|ip| ip.parse::<IpAddr>().ok()).collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn ips(one: Option<&String>, many: Option<&Vec<Ip>>) -> Vec<IpAddr> {
    addresses(one, many.into_iter().flatten().map(|ip| &ip.ip))
}

fn node_claims(node: &str, addresses: Vec<IpAddr>) -> Vec<Claim> {
    if node.is_empty() {
        return Vec::new();
    }
    let body = Body::node(node);
    addresses.into_iter().map(|ip| Claim { ip, body: body.clone() }).collect()
}

impl Object for Pod {
    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn claims(&self) -> Vec<Claim> {
        let status = &self.status;
        let node = name(self.spec.node_name.as_ref());
        // Every pod tells its node's addresses.
        let hosts = ips(status.host_ip.as_ref(), status.host_ips.as_ref());
        // Once its containers have ended for good its address may be another's.
        let ended = matches!(status.phase.as_deref(), Some("Succeeded" | "Failed"));
        let on_host = self.spec.host_network.unwrap_or_default();
        let mut claims = Vec::new();
        if !ended {
            let own = ips(status.pod_ip.as_ref(), status.pod_ips.as_ref());
            let (shared, own): (Vec<_>, Vec<_>) =
                own.into_iter().partition(|ip| on_host || hosts.contains(ip));
            claims.extend(node_claims(&node, shared));
            let (workload_kind, workload) = workload(&self.metadata)
                .filter(|(kind, workload)| is_name(kind) && is_name(workload))
                .unwrap_or_default();
            let body = Body::pod(Identity {
                namespace: self.metadata.namespace.clone(),
                pod: self.metadata.name.clone(),
                workload,
                workload_kind,
                service: String::new(),
                node: node.clone(),
            });
            claims.extend(own.into_iter().map(|ip| Claim { ip, body: body.clone() }));
        }
        claims.extend(node_claims(&node, hosts));
        claims
    }

    fn since(&self) -> Option<Timestamp> {
        let start =
            self.status.start_time.as_ref().or(self.metadata.creation_timestamp.as_ref())?;
        let nanos = start.parse::<jiff::Timestamp>().ok()?.as_nanosecond();
        u64::try_from(nanos).ok().map(Timestamp::from_nanos)
    }
}

impl Object for EndpointSlice {
    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn claims(&self) -> Vec<Claim> {
        let service =
            name(self.metadata.labels.as_ref().and_then(|labels| labels.service_name.as_ref()));
        let mut claims = Vec::new();
        for endpoint in self.endpoints.iter().flatten() {
            let target = endpoint.target_ref.as_ref().filter(|target| target.kind == "Pod");
            let pod = name(target.map(|target| &target.name));
            let namespace = match name(target.map(|target| &target.namespace)) {
                none if none.is_empty() => self.metadata.namespace.clone(),
                namespace => namespace,
            };
            let body = Body::endpoint(Identity {
                namespace,
                pod,
                service: service.clone(),
                node: name(endpoint.node_name.as_ref()),
                ..Identity::default()
            });
            let addresses = addresses(None, endpoint.addresses.iter().flatten());
            claims.extend(addresses.into_iter().map(|ip| Claim { ip, body: body.clone() }));
        }
        claims
    }
}

impl Object for Service {
    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn claims(&self) -> Vec<Claim> {
        let body = Body::service(Identity {
            namespace: self.metadata.namespace.clone(),
            service: self.metadata.name.clone(),
            ..Identity::default()
        });
        // A headless service's address is the word `None`, which is no address.
        let spec = &self.spec;
        addresses(spec.cluster_ip.as_ref(), spec.cluster_ips.iter().flatten())
            .into_iter()
            .map(|ip| Claim { ip, body: body.clone() })
            .collect()
    }
}

impl Object for Node {
    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn claims(&self) -> Vec<Claim> {
        let listed = self.status.addresses.iter().flatten().map(|address| &address.address);
        node_claims(&self.metadata.name, addresses(None, listed))
    }
}

/// A line of a watch.
///
/// Source: Kubernetes API concepts, "Efficient detection of changes".
#[derive(Debug, Deserialize)]
#[serde(tag = "type", content = "object", rename_all = "UPPERCASE")]
pub(super) enum Event<T> {
    /// The object is new, or was there at the start.
    Added(T),
    /// The object has changed.
    Modified(T),
    /// The object is gone.
    Deleted(T),
    /// Nothing has happened up to this version.
    Bookmark(T),
    /// The watch is over.
    Error(Status),
}

/// What the API server says of a failed request.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Status {
    /// HTTP status: 410 when the version asked for is too old.
    pub code: u16,
}
