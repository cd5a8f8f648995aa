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

mod connection;
mod covered;
mod fill;
mod identity;
mod linked;
mod padded;
#[cfg(test)]
pub(crate) mod sample;
mod sha1;
#[cfg_attr(not(feature = "kafka"), allow(dead_code, reason = "only Kafka limits messages"))]
pub(crate) mod shrink;
mod socket;
mod spares;
mod streaming;
mod text;
mod zones;

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use apitap_proto::v1;
use prost::Message as _;

use crate::call::CallFacts;
use crate::decap::{LayerKind, Transport};
use crate::endpoints;
use crate::network;
use crate::redact::{Explanation, Parts, Redacted, Span, Trail, schema, wire};
use crate::time::Timestamp;
use connection::{Connections, Shared};
pub(crate) use linked::{Linked, Named};
use spares::{Spare, Spares};
use zones::{Basis, Place, Zones};

/// Room for what a record holds besides what redaction wrote.
const FRAME_BYTES: usize = 512;

/// A record of one call: what may be written, sent and kept.
///
/// It is encoded when it is made; the message is a view that is made when someone asks for it.
/// Its fields are private and [`Builder::build`] is the only constructor, so that nothing that did not pass
/// `redact` can reach a sink.
pub struct Record {
    /// The encoded `CallRecord`: its core, then the sensor with the sequence number.
    octets: Vec<u8>,
    core: usize,
    /// Who made it, without the sequence number.
    sensor: Arc<[u8]>,
    start: Timestamp,
    status: u16,
    /// Calls it stands for; 0 and 1 mean one.
    weight: u32,
    /// Of a session that cannot be read: equal for those that are alike, and its bytes.
    session: Option<(u64, [u64; 2])>,
    /// Bytes of the sessions it stands for, where that is not itself alone.
    session_bytes: Option<[u64; 2]>,
    marks: Marks,
    /// What it is linked to others by, where it is and was not yet; else only its room.
    trail: Option<Box<Trail>>,
    links: bool,
    /// Who called: the real client, where it is known.
    caller: IpAddr,
    message: OnceLock<Box<v1::CallRecord>>,
    /// Why its values leave as they do; empty unless asked for, and no part of what is encoded.
    explained: Vec<Explanation>,
    /// What learning is to know of the call, in hashes, where there is something; else only its room. No part of what is
    /// encoded.
    path_trail: Option<Box<endpoints::Trail>>,
    teaches: bool,
}

/// Where in a record the texts are by which sinks sort it.
#[derive(Debug, Clone, Copy, Default)]
struct Marks {
    id: Span,
    client_ip: Span,
    community_id: Span,
    host: Span,
    path_template: Span,
    operation: Span,
    actor: Span,
}

impl Record {
    /// The record as a message. It is decoded the first time, so sinks that write protobuf take
    /// [`encoded`](Self::encoded).
    #[must_use]
    pub fn message(&self) -> &v1::CallRecord {
        // What was encoded here can be decoded: a test holds the two together.
        self.message.get_or_init(|| {
            let decoded = v1::CallRecord::decode(self.octets.as_slice());
            debug_assert!(decoded.is_ok(), "{:?}", decoded.err());
            Box::new(decoded.unwrap_or_default())
        })
    }

    /// The record as an encoded `apitap.v1.CallRecord`.
    #[must_use]
    pub fn encoded(&self) -> &[u8] {
        &self.octets
    }

    /// Sets the record's number in this run of the sensor, from 1. Done where records of all workers meet,
    /// so that a hole is a lost record.
    pub fn stamp(&mut self, sequence: u64) {
        self.message = OnceLock::new();
        self.octets.truncate(self.core);
        if self.weight > 1 {
            wire::number(&mut self.octets, schema::record::SAMPLE_WEIGHT, self.weight.into());
        }
        if let Some([client, server]) = self.session_bytes {
            // Readers merge the parts of a message that comes twice (Protocol Buffers, "Last One Wins").
            let session = wire::open(&mut self.octets, schema::record::ENCRYPTED_SESSION);
            wire::present(&mut self.octets, schema::session::CLIENT_BYTES, client);
            wire::present(&mut self.octets, schema::session::SERVER_BYTES, server);
            wire::close(&mut self.octets, session);
        }
        let sensor = wire::open(&mut self.octets, schema::record::SENSOR);
        self.octets.extend_from_slice(&self.sensor);
        wire::number(&mut self.octets, schema::sensor::SEQUENCE, sequence);
        wire::close(&mut self.octets, sensor);
    }

    /// Time of the first byte of the call that was seen.
    #[must_use]
    pub const fn start(&self) -> Timestamp {
        self.start
    }

    /// The call's id.
    #[must_use]
    pub fn id(&self) -> &str {
        self.text(self.marks.id)
    }

    /// The client's address.
    #[must_use]
    pub fn client_ip(&self) -> &str {
        self.text(self.marks.client_ip)
    }

    /// Community ID of the connection.
    #[must_use]
    pub fn community_id(&self) -> &str {
        self.text(self.marks.community_id)
    }

    /// Host the request names; empty when unseen.
    #[must_use]
    pub fn host(&self) -> &str {
        self.text(self.marks.host)
    }

    /// Path template of the request; empty when unseen.
    #[must_use]
    pub fn path_template(&self) -> &str {
        self.text(self.marks.path_template)
    }

    /// The operation; empty when the request was not seen.
    #[must_use]
    pub fn operation(&self) -> &str {
        self.text(self.marks.operation)
    }

    /// Token of who acts: of the user, else of the API token, else of the session; empty when there is none.
    #[must_use]
    pub fn actor(&self) -> &str {
        self.text(self.marks.actor)
    }

    /// Why its values leave as they do; empty unless the redactor was told to explain.
    #[must_use]
    pub fn explained(&self) -> &[Explanation] {
        &self.explained
    }

    /// What learning is to know of the call; none where paths are not learned, and after it was taken.
    #[must_use]
    pub const fn take_path_trail(&mut self) -> Option<Box<endpoints::Trail>> {
        if self.teaches { self.path_trail.take() } else { None }
    }

    /// What learning is to know of the call; none where paths are not learned, and after it was taken.
    #[must_use]
    pub fn path_trail(&self) -> Option<&endpoints::Trail> {
        self.path_trail.as_deref().filter(|_| self.teaches)
    }

    pub(crate) fn text(&self, mark: Span) -> &str {
        std::str::from_utf8(mark.of(&self.octets)).unwrap_or_default()
    }

    /// Sets how many calls the record stands for.
    /// Told in the record from the next [`stamp`](Self::stamp) on, unless it is 1.
    pub const fn weigh(&mut self, calls: u32) {
        self.weight = calls;
    }

    /// Of a session that could not be read: a number that is equal for those that are alike (client, server, server
    /// name, JA4), and bytes of client and server.
    #[must_use]
    pub const fn session(&self) -> Option<(u64, [u64; 2])> {
        self.session
    }

    /// Sets the bytes of all sessions that this one stands for.
    /// Told in the record from the next [`stamp`](Self::stamp) on.
    pub const fn set_session_bytes(&mut self, bytes: [u64; 2]) {
        self.session_bytes = Some(bytes);
    }

    /// Status code of the response, of a WebSocket message that of the handshake; 0 when unseen.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
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

/// Knows more of an address than the traffic tells.
pub trait Names: Send + Sync {
    /// Whose address it was at that time.
    fn name(&self, ip: IpAddr, at: Timestamp) -> Option<v1::Kubernetes>;
}

/// Makes records of redacted calls. One per worker.
#[derive(Clone)]
pub struct Builder {
    sensor: SensorInfo,
    interfaces: Vec<Interface>,
    connections: Connections,
    zones: Zones,
    names: Option<Arc<dyn Names>>,
    /// The sensor as records name it, with the key id it was encoded for.
    encoded: Option<(String, Arc<[u8]>)>,
    spares: Spares,
}

impl Builder {
    /// A builder for `sensor`, whose packets name their interface by index into `interfaces`.
    #[must_use]
    pub fn new(sensor: SensorInfo, interfaces: Vec<Interface>) -> Self {
        Self {
            sensor,
            interfaces,
            connections: Connections::default(),
            zones: Zones::default(),
            names: None,
            encoded: None,
            spares: Spares::default(),
        }
    }

    /// Takes back the room of a record that was written.
    pub fn reuse(&mut self, record: Record) {
        self.spares.take(record);
    }

    /// The same, with names for the ends of each call.
    #[must_use]
    pub fn named(self, names: Arc<dyn Names>) -> Self {
        Self { names: Some(names), ..self }
    }

    /// Replaces the interfaces: capture files may name new ones as they go on.
    pub fn set_interfaces(&mut self, interfaces: Vec<Interface>) {
        self.interfaces = interfaces;
        self.connections.clear();
    }

    /// The same, with the ends of calls in these zones.
    #[must_use]
    pub fn zoned(mut self, zones: &network::Zones) -> Self {
        self.set_zones(zones);
        self
    }

    /// Puts the ends of calls in these zones.
    pub fn set_zones(&mut self, zones: &network::Zones) {
        self.zones = Zones::new(zones);
        self.connections.clear();
    }

    /// Goes on as another: after a reload.
    pub fn set_sensor(&mut self, sensor: SensorInfo) {
        self.sensor = sensor;
        self.encoded = None;
    }

    /// The record of a call. Its sequence is 0 until [`Record::stamp`].
    #[must_use]
    pub fn build(&mut self, redacted: Redacted<'_>) -> Record {
        use schema::record as field;
        let parts = redacted.into_parts();
        let Parts {
            facts, request, response, request_facts: asked, response_facts: answered, ..
        } = parts;
        let sensor = self.sensor(parts.key_id);
        let shared = self.connections.shared(facts, &self.interfaces, &self.zones);
        let (shared, client_ip, community_id) = shared.map(Shared::written).unwrap_or_default();
        let lens = [request.unwrap_or_default(), response.unwrap_or_default(), parts.rest];
        let lens = lens.iter().map(|part| part.len()).sum::<usize>();
        let room = lens.saturating_add(shared.len()).saturating_add(sensor.len());
        let Spare { octets: mut out, trail, path_trail } = self.spares.room();
        out.clear();
        out.reserve(room.saturating_add(FRAME_BYTES));
        let mut marks = Marks::default();
        let (id, start) = identity_of(&parts);
        wire::octets(&mut out, field::ID, &id);
        marks.id = Span { start: out.len().saturating_sub(identity::CALL_ID), end: out.len() };
        wire::enumeration(
            &mut out,
            field::PROTOCOL,
            match (parts.protocol, &parts.session, facts.connection.transport) {
                (Some(protocol), ..) => protocol,
                (None, None, _) => fill::protocol(asked.or(answered)),
                (None, Some(_), Transport::Tcp) => v1::Protocol::Tls,
                (None, Some(_), Transport::Udp) => v1::Protocol::Quic,
            },
        );
        let at = out.len();
        out.extend_from_slice(shared);
        (marks.client_ip, marks.community_id) = (client_ip.behind(at), community_id.behind(at));
        self.name_ends(&mut out, facts, parts.real_client, start);
        if let Some(request) = request {
            let at = fill::request(&mut out, request, asked);
            (marks.host, marks.path_template) =
                (parts.host.behind(at), parts.path_template.behind(at));
        }
        if let Some(response) = response {
            fill::response(&mut out, response, answered, asked);
        }
        if let Some((_, session)) = parts.session {
            marks.host = parts.host.behind(fill::session(&mut out, session));
        }
        let at = out.len();
        out.extend_from_slice(parts.rest);
        (marks.operation, marks.actor) = (parts.operation.behind(at), parts.actor.behind(at));
        let status = outcome(&mut out, &parts);
        let core = out.len();
        let told = parts.trail.filter(|trail| trail.tells());
        let (message, explained) = (OnceLock::new(), parts.explained.to_vec());
        let mut record = Record {
            octets: out,
            core,
            sensor,
            start,
            status,
            weight: 0,
            session: parts.session.map(|(session, _)| (session.alike, session.bytes)),
            session_bytes: None,
            marks,
            links: told.is_some(),
            trail: filled(trail, told, |trail| trail.move_behind(at)),
            caller: parts.real_client.unwrap_or(facts.client.ip),
            message,
            explained,
            teaches: parts.path_trail.is_some(),
            path_trail: filled(path_trail, parts.path_trail, |_| ()),
        };
        record.stamp(0);
        record
    }

    /// Adds what is known of the ends of a call beside their addresses.
    fn name_ends(
        &self,
        out: &mut Vec<u8>,
        facts: &CallFacts,
        real_client: Option<IpAddr>,
        start: Timestamp,
    ) {
        use schema::record as field;
        if self.names.is_none() && real_client.is_none() {
            return;
        }
        let named = |ip: IpAddr| self.names.as_ref().and_then(|names| names.name(ip, start));
        let ends = [facts.client.ip, facts.server.ip].map(|ip| (ip, named(ip)));
        let places = ends.each_ref().map(|(ip, name)| self.zones.place(*ip, name.is_some()));
        let [mut client, server] = places;
        // Readers merge the parts of a message that comes twice (Protocol Buffers, "Last One Wins").
        for ((field, (_, kubernetes)), place) in
            [field::CLIENT, field::SERVER].into_iter().zip(ends).zip(places)
        {
            let told = place.basis == Basis::Kubernetes;
            if kubernetes.is_some() {
                let zone = if told { place.zone.into() } else { 0 };
                message(out, field, &v1::Endpoint { kubernetes, zone, ..Default::default() });
            }
        }
        if let Some(ip) = real_client {
            client = Place { basis: Basis::RealClient, ..self.zones.place(ip, false) };
            let (zone, zone_name) = (client.zone.into(), client.name.to_owned());
            let end = v1::Endpoint { zone, zone_name, ..Default::default() };
            message(out, field::REAL_CLIENT, &end);
        }
        if client.basis == Basis::RealClient || places.iter().any(|p| p.basis == Basis::Kubernetes)
        {
            write_direction(out, &client, &server);
        }
    }

    /// The message `Sensor` without its sequence number.
    fn sensor(&mut self, key_id: &str) -> Arc<[u8]> {
        match &self.encoded {
            Some((known, encoded)) if known == key_id => encoded.clone(),
            _ => {
                let sensor = v1::Sensor {
                    id: self.sensor.id.clone(),
                    version: self.sensor.version.clone(),
                    config_id: self.sensor.config_id.clone(),
                    key_id: key_id.to_owned(),
                    sequence: 0,
                };
                let encoded: Arc<[u8]> = sensor.encode_to_vec().into();
                self.encoded = Some((key_id.to_owned(), encoded.clone()));
                encoded
            }
        }
    }
}

/// A box with what there is to be told in it; without that, only the box, if there is one.
fn filled<T: Clone>(
    room: Option<Box<T>>,
    told: Option<&T>,
    change: impl FnOnce(&mut T),
) -> Option<Box<T>> {
    let Some(told) = told else { return room };
    let mut filled = match room {
        Some(mut room) => {
            T::clone_from(&mut room, told);
            room
        }
        None => Box::new(told.clone()),
    };
    change(&mut filled);
    Some(filled)
}

/// The id of a call, session or message, and when it began.
fn identity_of(parts: &Parts<'_>) -> ([u8; identity::CALL_ID], Timestamp) {
    let Parts { facts, request_facts: asked, response_facts: answered, session, socket, .. } =
        *parts;
    match (session, socket) {
        (Some((session, _)), _) => (identity::session_id(facts, &session), session.start),
        (None, Some(socket)) => (socket::id(facts, socket), socket.facts.start_time),
        (None, None) => {
            let start = asked.or(answered).map(|facts| facts.start_time);
            (streaming::id(facts, asked, answered), start.unwrap_or(Timestamp::ZERO))
        }
    }
}

/// Writes what was seen of the call; gives back its status.
fn outcome(out: &mut Vec<u8>, parts: &Parts<'_>) -> u16 {
    use schema::record as field;
    let Parts { facts, request_facts: asked, response_facts: answered, socket, .. } = *parts;
    if let Some(socket) = socket {
        socket::handshake(out, facts, socket);
        message(out, field::COMPLETENESS, &socket::completeness(facts, socket));
        return socket::status(socket);
    }
    match &parts.session {
        Some((session, _)) => {
            message(out, field::COMPLETENESS, &fill::session_completeness(facts, session));
        }
        None => fill::completeness(out, facts, asked, answered),
    }
    streaming::write(out, facts, asked, answered);
    answered.map_or(0, |facts| facts.status)
}

/// Appends a message as field `field`.
fn message(out: &mut Vec<u8>, field: u32, message: &impl prost::Message) {
    let open = wire::open(out, field);
    // Only a full buffer refuses, and this one grows.
    let _done = message.encode(out);
    wire::close(out, open);
}

/// Writes which way a call goes between two ends, as far as that can be told.
fn write_direction(out: &mut Vec<u8>, client: &Place<'_>, server: &Place<'_>) {
    let told = zones::direction(client, server);
    let (direction, basis) = told
        .map_or((v1::Direction::Unspecified, ""), |(direction, basis)| (direction, basis.name()));
    wire::present(out, schema::record::DIRECTION, u64::try_from(i32::from(direction)).unwrap_or(0));
    wire::octets(out, schema::record::DIRECTION_BASIS, basis.as_bytes());
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
    fn names_of_addresses_join_the_ends() {
        struct Pods;
        impl Names for Pods {
            fn name(&self, ip: IpAddr, at: Timestamp) -> Option<v1::Kubernetes> {
                assert_eq!(at, Timestamp::new(1_767_225_600, 123_456_789));
                let pod = (ip.to_string() == "10.0.0.7").then_some("shop-1")?;
                Some(v1::Kubernetes { pod: pod.into(), ..Default::default() })
            }
        }
        let mut builder = Builder::new(SensorInfo::default(), Vec::new()).named(Arc::new(Pods));
        let record = sample::built(&mut builder, sample::parts());
        let client = record.message().client.as_ref().unwrap();
        assert_eq!((client.ip.as_str(), client.port), ("10.0.0.7", 51_234));
        assert_eq!(client.kubernetes.as_ref().unwrap().pod, "shop-1");
        assert!(record.message().server.as_ref().unwrap().kubernetes.is_none());
        assert_eq!((record.client_ip(), record.community_id().get(..2)), ("10.0.0.7", Some("1:")));
    }

    #[test]
    fn a_record_says_how_many_calls_it_stands_for() {
        let mut record = sample::record();
        record.weigh(7);
        record.stamp(3);
        assert_eq!(record.message().sample_weight, 7);
        assert_eq!(record.message().sensor.as_ref().unwrap().sequence, 3);
    }

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
    fn texts_are_found_in_the_encoding() {
        let record = sample::record();
        let message = record.message();
        assert_eq!(record.id(), message.id);
        assert_eq!(record.client_ip(), message.client.as_ref().unwrap().ip);
        assert_eq!(record.community_id(), message.network.as_ref().unwrap().community_id);
        let request = message.request.as_ref().unwrap();
        assert_eq!(
            (record.host(), record.path_template()),
            (request.host.as_str(), request.path_template.as_str())
        );
        assert_eq!(record.operation(), message.operation);
        assert_eq!(record.actor(), "tok_user_k1_mfrggzdfmztwq2lknnwg23tpoa");
        assert_eq!(record.start(), sample::message(1).start_time);
        assert_eq!(record.encoded().len(), message.encoded_len());
    }

    #[test]
    fn a_stamp_replaces_the_one_before() {
        let mut record = sample::record();
        let once = record.encoded().to_vec();
        assert_eq!(record.message().sensor.as_ref().unwrap().sequence, 1);
        record.stamp(u64::MAX);
        assert_eq!(record.message().sensor.as_ref().unwrap().sequence, u64::MAX);
        record.stamp(1);
        assert_eq!(record.encoded(), once);
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
