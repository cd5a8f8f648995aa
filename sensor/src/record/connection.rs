//! What the records of one connection share, encoded once: its ends and where on the network it was seen.

use apitap_proto::v1;
use hashbrown::HashMap;

use super::zones::{self, Zones};
use super::{Interface, endpoint, identity, message, schema, tunnel_name, write_direction};
use crate::call::CallFacts;
use crate::decap::{Endpoint, Envelope, LayerKind, Transport};
use crate::reassembly::Security;
use crate::redact::Span;

/// Connections remembered.
const KNOWN_MAX: usize = 1024;

/// Room for them.
const SHARED_BYTES: usize = 256;

/// Fields `client`, `server` and `network` of a record.
#[derive(Clone)]
pub(super) struct Shared {
    macs: [Option<[u8; 6]>; 2],
    interface: u32,
    envelope: Envelope,
    security: Security,
    transport: Transport,
    pub(super) octets: Vec<u8>,
    /// Where the client's address is.
    pub(super) client_ip: Span,
    /// Where the Community ID is.
    pub(super) community_id: Span,
}

impl Shared {
    fn is_of(&self, facts: &CallFacts) -> bool {
        self.macs == [facts.client_mac, facts.server_mac]
            && self.interface == facts.connection.interface
            && self.envelope == facts.connection.envelope
            && self.security == facts.connection.security
            && self.transport == facts.connection.transport
    }
}

/// Remembers connections by their ends.
#[derive(Clone, Default)]
pub(super) struct Connections {
    known: HashMap<[Endpoint; 2], Shared, foldhash::fast::RandomState>,
}

impl Connections {
    /// Forgets all: interfaces have other names.
    pub(super) fn clear(&mut self) {
        self.known.clear();
    }

    /// What the records of this connection share.
    pub(super) fn shared(
        &mut self,
        facts: &CallFacts,
        interfaces: &[Interface],
        zones: &Zones,
    ) -> &Shared {
        if self.known.len() >= KNOWN_MAX {
            self.known.clear();
        }
        let entry = self.known.entry([facts.client, facts.server]);
        let shared = entry.or_insert_with(|| share(facts, interfaces, zones));
        if !shared.is_of(facts) {
            *shared = share(facts, interfaces, zones);
        }
        shared
    }
}

fn share(facts: &CallFacts, interfaces: &[Interface], zones: &Zones) -> Shared {
    let [from, to] = [facts.client.ip, facts.server.ip].map(|ip| zones.place(ip, false));
    let client = endpoint(facts.client, facts.client_mac, &from);
    let server = endpoint(facts.server, facts.server_mac, &to);
    let network = network(facts, interfaces);
    let mut octets = Vec::with_capacity(SHARED_BYTES);
    message(&mut octets, schema::record::CLIENT, &client);
    let client_ip = position(&octets, &client.ip, false);
    message(&mut octets, schema::record::SERVER, &server);
    if zones::direction(&from, &to).is_some() {
        write_direction(&mut octets, &from, &to);
    }
    message(&mut octets, schema::record::NETWORK, &network);
    let community_id = position(&octets, &network.community_id, true);
    let connection = &facts.connection;
    Shared {
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

/// Where a text is: of an address among the first of `octets`, of an id among the last.
fn position(octets: &[u8], text: &str, last: bool) -> Span {
    let mut windows = octets.windows(text.len().max(1));
    let is = |window: &[u8]| window == text.as_bytes();
    let start = if last { windows.rposition(is) } else { windows.position(is) };
    start.map_or_else(Span::default, |start| Span { start, end: start.saturating_add(text.len()) })
}

fn network(facts: &CallFacts, interfaces: &[Interface]) -> v1::Network {
    let connection = &facts.connection;
    let interface = usize::try_from(connection.interface).ok().and_then(|i| interfaces.get(i));
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
        community_id: identity::community_id(connection.transport, facts.client, facts.server),
        transport_security: match connection.security {
            Security::Clear => v1::TransportSecurity::Cleartext,
            Security::Encrypted => v1::TransportSecurity::Encrypted,
            Security::Decrypted => v1::TransportSecurity::Decrypted,
        }
        .into(),
        connection_sequence: 0,
    }
}
