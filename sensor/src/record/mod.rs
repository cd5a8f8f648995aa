//! Records: redacted calls in, protobuf messages out.
//!
//! Pure. What leaves the sensor is a [`Record`], and a [`Record`] is only made of a [`Redacted`] call:
//!
//! ```compile_fail
//! // A message of one's own making is no record.
//! let forged = apitap::record::Record { message: apitap_proto::v1::CallRecord::default() };
//! ```
//!
//! ```compile_fail
//! // Nor can one be had from a message by conversion.
//! let forged = apitap::record::Record::from(apitap_proto::v1::CallRecord::default());
//! ```
//!
//! ```
//! // The names above do exist: the two examples fail for the reason given.
//! fn read(record: &apitap::record::Record) -> &apitap_proto::v1::CallRecord {
//!     record.message()
//! }
//! let _message = apitap_proto::v1::CallRecord::default();
//! ```

mod fill;
mod framing;
mod identity;
#[cfg(test)]
pub(crate) mod sample;
#[cfg_attr(not(feature = "kafka"), allow(dead_code, reason = "only Kafka limits messages"))]
pub(crate) mod shrink;

use apitap_proto::v1;

use crate::call::CallFacts;
use crate::decap::{Endpoint, LayerKind};
use crate::redact::{Parts, Redacted};

/// A record of one call: what may be written, sent and kept.
///
/// Its field is private and [`Builder::build`] is the only constructor, so that nothing that did not pass
/// `redact` can reach a sink.
pub struct Record {
    message: v1::CallRecord,
}

impl Record {
    /// The record as a message.
    #[must_use]
    pub const fn message(&self) -> &v1::CallRecord {
        &self.message
    }

    /// Sets the record's number in this run of the sensor, from 1. Done where records of all workers meet,
    /// so that a hole is a lost record.
    pub fn stamp(&mut self, sequence: u64) {
        self.message.sensor.get_or_insert_default().sequence = sequence;
    }

    /// Sets how many calls the record stands for.
    pub fn weigh(&mut self, calls: u32) {
        self.message.sample_weight = calls;
    }
}

/// Who makes the records.
#[derive(Debug, Clone, Default)]
pub struct SensorInfo {
    /// Name of the sensor, unique among those that feed one topic.
    pub id: String,
    /// Version of this program.
    pub version: String,
    /// Hash of the configuration in force.
    pub config_id: String,
}

/// A capturing interface, as records name it.
#[derive(Debug, Clone, Default)]
pub struct Interface {
    /// `eth0`, or the interface's name in a capture file.
    pub name: String,
    /// Link type: `ethernet`.
    pub link: String,
}

/// Makes records of redacted calls. One per worker.
#[derive(Debug, Clone)]
pub struct Builder {
    sensor: SensorInfo,
    interfaces: Vec<Interface>,
}

impl Builder {
    /// A builder for `sensor`, whose packets name their interface by index into `interfaces`.
    #[must_use]
    pub const fn new(sensor: SensorInfo, interfaces: Vec<Interface>) -> Self {
        Self { sensor, interfaces }
    }

    /// Replaces the interfaces: capture files may name new ones as they go on.
    pub fn set_interfaces(&mut self, interfaces: Vec<Interface>) {
        self.interfaces = interfaces;
    }

    /// Goes on as another: after a reload.
    pub fn set_sensor(&mut self, sensor: SensorInfo) {
        self.sensor = sensor;
    }

    /// The record of a call. Its sequence is 0 until [`Record::stamp`].
    #[must_use]
    pub fn build(&self, redacted: Redacted) -> Record {
        let Parts {
            facts,
            request,
            response,
            request_facts,
            response_facts,
            operation,
            api_style,
            auth,
            entities,
            objects,
            objects_total,
            findings,
            findings_total,
            key_id,
        } = redacted.into_parts();
        let (asked, answered) = (request_facts.as_ref(), response_facts.as_ref());
        let completeness = fill::completeness(&facts, asked, answered);
        let signals = framing::signals(asked, answered);
        let message = v1::CallRecord {
            id: identity::call_id(&facts, asked, answered),
            protocol: fill::protocol(asked.or(answered)).into(),
            api_style: api_style.into(),
            client: Some(endpoint(facts.client, facts.client_mac)),
            server: Some(endpoint(facts.server, facts.server_mac)),
            network: Some(self.network(&facts)),
            request: fill::request(request, asked),
            response: fill::response(response, answered, asked),
            operation,
            entities,
            auth,
            objects,
            objects_total,
            findings,
            findings_total,
            signals,
            completeness: Some(completeness),
            sensor: Some(v1::Sensor {
                id: self.sensor.id.clone(),
                version: self.sensor.version.clone(),
                config_id: self.sensor.config_id.clone(),
                key_id,
                sequence: 0,
            }),
            ..v1::CallRecord::default()
        };
        Record { message }
    }

    fn network(&self, facts: &CallFacts) -> v1::Network {
        let connection = &facts.connection;
        let interface =
            usize::try_from(connection.interface).ok().and_then(|i| self.interfaces.get(i));
        let layers = connection.envelope.layers();
        let vlans = layers.iter().filter(|layer| layer.kind == LayerKind::Vlan);
        let tunnels = layers.iter().filter(|layer| layer.kind != LayerKind::Vlan);
        v1::Network {
            interface: interface.map(|i| i.name.clone()).unwrap_or_default(),
            vlans: vlans.map(|layer| layer.id).collect(),
            tunnels: tunnels
                .map(|layer| v1::Tunnel { kind: tunnel_name(layer.kind).into(), id: layer.id })
                .collect(),
            link: interface.map(|i| i.link.clone()).unwrap_or_default(),
            community_id: identity::community_id(facts.client, facts.server),
            transport_security: v1::TransportSecurity::Cleartext.into(),
            connection_sequence: 0,
        }
    }
}

fn endpoint(end: Endpoint, mac: Option<[u8; 6]>) -> v1::Endpoint {
    v1::Endpoint {
        ip: end.ip.to_string(),
        port: end.port.into(),
        mac: mac
            .map(|[a, b, c, d, e, f]| format!("{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}"))
            .unwrap_or_default(),
        ..v1::Endpoint::default()
    }
}

const fn tunnel_name(kind: LayerKind) -> &'static str {
    match kind {
        LayerKind::Vlan => "vlan",
        LayerKind::Mpls => "mpls",
        LayerKind::Pppoe => "pppoe",
        LayerKind::Vxlan => "vxlan",
        LayerKind::VxlanGpe => "vxlan_gpe",
        LayerKind::Geneve => "geneve",
        LayerKind::Gre => "gre",
        LayerKind::Erspan => "erspan",
        LayerKind::IpInIp => "ipip",
        LayerKind::Nsh => "nsh",
        LayerKind::Gtp => "gtp",
        LayerKind::Teredo => "teredo",
        LayerKind::Lisp => "lisp",
        LayerKind::Tzsp => "tzsp",
    }
}

#[cfg(test)]
mod tests {
    use apitap_proto::v1::completeness::State;

    use super::*;

    #[test]
    fn a_record_holds_what_the_stages_knew() {
        let record = sample::record();
        let message = record.message();
        assert_eq!(message.protocol(), v1::Protocol::Http1);
        assert_eq!(message.operation, "POST /v1/orders/{id}");

        let client = message.client.as_ref().unwrap();
        assert_eq!(
            (client.ip.as_str(), client.port, client.mac.as_str()),
            ("10.0.0.7", 51_234, "02:00:00:00:00:aa")
        );
        assert_eq!(message.server.as_ref().unwrap().mac, "");

        let network = message.network.as_ref().unwrap();
        assert_eq!((network.interface.as_str(), network.link.as_str()), ("eth0", "ethernet"));
        assert_eq!(network.vlans, [42]);
        assert_eq!(network.tunnels, [v1::Tunnel { kind: "vxlan".into(), id: 5001 }]);
        assert!(network.community_id.starts_with("1:"));

        let request = message.request.as_ref().unwrap();
        assert_eq!((request.bytes, request.http_version.as_str()), (300, "1.1"));
        assert_eq!(request.body.as_ref().unwrap().bytes, 40);
        let response = message.response.as_ref().unwrap();
        assert_eq!((response.status, response.latency_ns), (201, Some(12_000_000)));
        assert!(response.body.is_none());

        let sensor = message.sensor.as_ref().unwrap();
        assert_eq!(
            (sensor.id.as_str(), sensor.key_id.as_str(), sensor.sequence),
            ("tap-1", "k1", 1)
        );
    }

    #[test]
    fn the_unseen_side_is_absent_and_said_so() {
        let mut parts = sample::parts();
        (parts.request, parts.request_facts) = (None, None);
        let record = sample::record_of(parts);
        let message = record.message();
        assert!(message.request.is_none());
        assert_eq!(message.response.as_ref().unwrap().latency_ns, None);
        let completeness = message.completeness.as_ref().unwrap();
        assert_eq!(
            (completeness.request(), completeness.response()),
            (State::Unseen, State::Complete)
        );
        assert_eq!(message.protocol(), v1::Protocol::Http1);
    }

    // Capture files can use an interface before they describe it.
    #[test]
    fn an_unknown_interface_has_no_name() {
        let mut parts = sample::parts();
        parts.facts.connection.interface = u32::MAX;
        assert_eq!(sample::record_of(parts).message().network.as_ref().unwrap().interface, "");
    }
}
