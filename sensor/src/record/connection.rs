//! What the records of one connection share, encoded once: its ends and where on the network it was seen.

use std::hash::BuildHasher;

use apitap_proto::v1;

use super::zones::{self, Place, Zones};
use super::{Interface, identity, schema, text, tunnel_name, write_direction};
use crate::call::CallFacts;
use crate::decap::{Endpoint, Envelope, LayerKind, Transport};
use crate::reassembly::Security;
use crate::redact::{Span, wire};

/// Places for connections: each is remembered in one of them, until another takes it.
const PLACES: usize = 1024;

/// Room for them.
const SHARED_BYTES: usize = 256;

/// Fields `client`, `server` and `network` of a record.
#[derive(Clone)]
pub(super) struct Shared {
    ends: [Endpoint; 2],
    macs: [Option<[u8; 6]>; 2],
    interface: u32,
    envelope: Envelope,
    security: Security,
    transport: Transport,
    octets: Vec<u8>,
    /// Where the client's address is.
    client_ip: Span,
    /// Where the Community ID is.
    community_id: Span,
}

impl Shared {
    /// The encoded fields, and where in them the client's address and the Community ID are.
    pub(super) fn written(&self) -> (&[u8], Span, Span) {
        (&self.octets, self.client_ip, self.community_id)
    }

    fn is_of(&self, facts: &CallFacts) -> bool {
        self.ends == [facts.client, facts.server]
            && self.macs == [facts.client_mac, facts.server_mac]
            && self.interface == facts.connection.interface
            && self.envelope == facts.connection.envelope
            && self.security == facts.connection.security
            && self.transport == facts.connection.transport
    }
}

/// Remembers connections by their ends.
#[derive(Clone, Default)]
pub(super) struct Connections {
    places: Vec<Option<Box<Shared>>>,
    hasher: foldhash::fast::RandomState,
}

impl Connections {
    /// Forgets all: interfaces have other names.
    pub(super) fn clear(&mut self) {
        self.places.clear();
    }

    /// What the records of this connection share. There is always a place, so always something.
    pub(super) fn shared(
        &mut self,
        facts: &CallFacts,
        interfaces: &[Interface],
        zones: &Zones,
    ) -> Option<&Shared> {
        if self.places.is_empty() {
            self.places.resize_with(PLACES, || None);
        }
        let hash = self.hasher.hash_one([facts.client, facts.server]);
        let place = usize::try_from(hash).unwrap_or(0) % PLACES;
        let place = self.places.get_mut(place)?;
        match place {
            Some(shared) if shared.is_of(facts) => {}
            Some(shared) => {
                let room = std::mem::take(&mut shared.octets);
                **shared = share(room, facts, interfaces, zones);
            }
            None => {
                let room = Vec::with_capacity(SHARED_BYTES);
                *place = Some(Box::new(share(room, facts, interfaces, zones)));
            }
        }
        place.as_deref()
    }
}

/// Encodes what the records of a connection share, into `octets`.
fn share(
    mut octets: Vec<u8>,
    facts: &CallFacts,
    interfaces: &[Interface],
    zones: &Zones,
) -> Shared {
    use schema::record as field;
    let [from, to] = [facts.client.ip, facts.server.ip].map(|ip| zones.place(ip, false));
    octets.clear();
    let client_ip = endpoint(&mut octets, field::CLIENT, (facts.client, facts.client_mac), &from);
    endpoint(&mut octets, field::SERVER, (facts.server, facts.server_mac), &to);
    if zones::direction(&from, &to).is_some() {
        write_direction(&mut octets, &from, &to);
    }
    let community_id = network(&mut octets, facts, interfaces);
    let connection = &facts.connection;
    Shared {
        ends: [facts.client, facts.server],
        macs: [facts.client_mac, facts.server_mac],
        interface: connection.interface,
        envelope: connection.envelope,
        security: connection.security,
        transport: connection.transport,
        octets,
        client_ip,
        community_id,
    }
}

/// Appends an `Endpoint`; gives back where its address is.
fn endpoint(
    out: &mut Vec<u8>,
    field: u32,
    (end, mac): (Endpoint, Option<[u8; 6]>),
    place: &Place<'_>,
) -> Span {
    use schema::endpoint as part;
    let endpoint = wire::open(out, field);
    let address = wire::open(out, part::IP);
    let start = out.len();
    text::ip(out, end.ip);
    let len = out.len().saturating_sub(start);
    wire::close(out, address);
    wire::number(out, part::PORT, end.port.into());
    if let Some(mac) = mac {
        wire::octets(out, part::MAC, &text::mac(mac));
    }
    wire::enumeration(out, part::ZONE, place.zone);
    wire::text(out, part::ZONE_NAME, place.name);
    close(out, endpoint, start, len)
}

/// Appends the `Network`; gives back where the Community ID is.
fn network(out: &mut Vec<u8>, facts: &CallFacts, interfaces: &[Interface]) -> Span {
    use schema::network as part;
    let connection = &facts.connection;
    let interface = usize::try_from(connection.interface).ok().and_then(|i| interfaces.get(i));
    let (name, link) = interface.map_or(("", ""), |known| (&known.name, &known.link));
    let layers = connection.envelope.layers();
    let network = wire::open(out, schema::record::NETWORK);
    wire::text(out, part::INTERFACE, name);
    if layers.iter().any(|layer| layer.kind == LayerKind::Vlan) {
        let vlans = wire::open(out, part::VLANS);
        for layer in layers.iter().filter(|layer| layer.kind == LayerKind::Vlan) {
            wire::varint(out, layer.id.into());
        }
        wire::close(out, vlans);
    }
    for layer in layers.iter().filter(|layer| layer.kind != LayerKind::Vlan) {
        let tunnel = wire::open(out, part::TUNNELS);
        wire::text(out, schema::tunnel::KIND, tunnel_name(layer.kind));
        wire::number(out, schema::tunnel::ID, layer.id.into());
        wire::close(out, tunnel);
    }
    wire::text(out, part::LINK, link);
    let id = identity::community_id(connection.transport, facts.client, facts.server);
    wire::octets(out, part::COMMUNITY_ID, &id);
    let start = out.len().saturating_sub(id.len());
    wire::enumeration(out, part::TRANSPORT_SECURITY, security(connection.security));
    close(out, network, start, id.len())
}

/// Closes a message; gives back where `len` octets now are that were at `start` in it, as closing may move them.
fn close(out: &mut Vec<u8>, message: wire::Open, start: usize, len: usize) -> Span {
    let behind = out.len().saturating_sub(start);
    wire::close(out, message);
    let start = out.len().saturating_sub(behind);
    Span { start, end: start.saturating_add(len) }
}

const fn security(security: Security) -> v1::TransportSecurity {
    match security {
        Security::Clear => v1::TransportSecurity::Cleartext,
        Security::Encrypted => v1::TransportSecurity::Encrypted,
        Security::Decrypted => v1::TransportSecurity::Decrypted,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use prost::Message as _;

    use super::super::sample;
    use super::*;
    use crate::network::Zones as Configured;

    /// The same by way of the schema's generated code.
    fn plain(facts: &CallFacts, interfaces: &[Interface], zones: &Zones) -> v1::CallRecord {
        let [from, to] = [facts.client.ip, facts.server.ip].map(|ip| zones.place(ip, false));
        let end = |end: Endpoint, mac: Option<[u8; 6]>, place: &Place<'_>| v1::Endpoint {
            zone: place.zone.into(),
            zone_name: place.name.to_owned(),
            ip: end.ip.to_string(),
            port: end.port.into(),
            mac: mac
                .map(|mac| mac.map(|octet| format!("{octet:02x}")).join(":"))
                .unwrap_or_default(),
            ..v1::Endpoint::default()
        };
        let connection = &facts.connection;
        let interface = usize::try_from(connection.interface).ok().and_then(|i| interfaces.get(i));
        let layers = || connection.envelope.layers().iter();
        let vlans = layers().filter(|layer| layer.kind == LayerKind::Vlan);
        let tunnels = layers().filter(|layer| layer.kind != LayerKind::Vlan);
        let id = identity::community_id(connection.transport, facts.client, facts.server);
        let network = v1::Network {
            interface: interface.map(|i| i.name.clone()).unwrap_or_default(),
            vlans: vlans.map(|layer| layer.id).collect(),
            tunnels: tunnels
                .map(|layer| v1::Tunnel { kind: tunnel_name(layer.kind).into(), id: layer.id })
                .collect(),
            link: interface.map(|i| i.link.clone()).unwrap_or_default(),
            community_id: String::from_utf8(id.to_vec()).unwrap(),
            transport_security: security(connection.security).into(),
            connection_sequence: 0,
        };
        let direction = zones::direction(&from, &to);
        v1::CallRecord {
            client: Some(end(facts.client, facts.client_mac, &from)),
            server: Some(end(facts.server, facts.server_mac, &to)),
            direction: direction.map_or(0, |(direction, _)| direction.into()),
            direction_basis: direction.map_or("", |(_, basis)| basis.name()).into(),
            network: Some(network),
            ..v1::CallRecord::default()
        }
    }

    fn ends() -> impl Strategy<Value = Endpoint> {
        let ip = prop_oneof![
            any::<[u8; 4]>().prop_map(std::net::IpAddr::from),
            any::<[u8; 16]>().prop_map(std::net::IpAddr::from),
            Just(std::net::IpAddr::from([10, 0, 0, 1])),
        ];
        (ip, any::<u16>()).prop_map(|(ip, port)| Endpoint { ip, port })
    }

    proptest! {
        // Whatever came before, and however long the names are: as prost writes it.
        #[test]
        fn connections_are_written_as_by_prost(
            pairs in prop::collection::vec((ends(), ends()), 1..4),
            macs: [Option<[u8; 6]>; 2], name in "[a-z]{0,200}", zone in "[a-z]{1,64}",
            layers in prop::collection::vec((any::<bool>(), any::<u32>()), 0..8), known: bool,
        ) {
            let zones: Configured = toml::from_str::<crate::network::Config>(&format!(
                "zones = [{{name = '{zone}', kind = 'partner', cidrs = ['10.0.0.0/8']}}]"
            )).unwrap().zones;
            let (zones, mut connections) = (Zones::new(&zones), Connections::default());
            let interfaces = [Interface { name, link: "ethernet".into() }];
            for (client, server) in pairs {
                let mut facts = CallFacts { client, server, ..sample::facts() };
                [facts.client_mac, facts.server_mac] = macs;
                facts.connection.interface = u32::from(!known);
                facts.connection.envelope = Envelope::EMPTY;
                for &(vlan, id) in &layers {
                    let kind = if vlan { LayerKind::Vlan } else { LayerKind::Geneve };
                    facts.connection.envelope.push(kind, id);
                }
                let want = plain(&facts, &interfaces, &zones);
                for _ in 0..2 {
                    let shared = connections.shared(&facts, &interfaces, &zones).unwrap();
                    prop_assert_eq!(&shared.octets, &want.encode_to_vec());
                    let of = |span: Span| std::str::from_utf8(span.of(&shared.octets)).unwrap();
                    prop_assert_eq!(of(shared.client_ip), &want.client.as_ref().unwrap().ip);
                    let id = &want.network.as_ref().unwrap().community_id;
                    prop_assert_eq!(of(shared.community_id), id);
                }
            }
        }
    }

    #[test]
    fn a_place_is_taken_by_another() {
        let (mut connections, zones) = (Connections::default(), Zones::default());
        for port in 0..5000 {
            let mut facts = sample::facts();
            facts.client.port = port;
            let want = plain(&facts, &[], &zones).encode_to_vec();
            assert_eq!(connections.shared(&facts, &[], &zones).unwrap().octets, want);
        }
        assert!(connections.places.iter().flatten().count() <= PLACES);
    }
}
