//! Names that any sensor gives alike: of a call, and of its connection.

use std::net::IpAddr;

use data_encoding::BASE64;

use super::covered::Covered;
use super::sha1;
use crate::call::{CallFacts, MessageFacts, SocketMessage};
use crate::decap::{Endpoint, Transport};
use crate::http::Role;
use crate::tls::SessionFacts;

/// Separates these hashes from all others, and one definition of the id from the next.
const ID_VERSION: &[u8] = b"apitap call id v1\0";
/// The same for sessions that could not be read.
const SESSION_VERSION: &[u8] = b"apitap session id v1\0";
/// The same for WebSocket messages.
const MESSAGE_VERSION: &[u8] = b"apitap websocket message id v1\0";

/// The same for calls that go on.
const PART_VERSION: &[u8] = b"apitap call part id v1\0";
/// The same for server-sent events.
const EVENT_VERSION: &[u8] = b"apitap server event id v1\0";

/// Length of a call's id, in octets.
pub(super) const CALL_ID: usize = 32;

/// The call's id: 32 hexadecimal digits, the first 128 bits of a SHA-256.
///
/// It covers the ends, the TCP sequence numbers at which request and response begin, the stream and the HTTP
/// version: what two sensors, or two views of one connection (under another VLAN or tunnel), agree on. It
/// leaves out times, envelopes and content. A call of which only one side was seen has an id of its own.
pub(super) fn call_id(
    facts: &CallFacts,
    request: Option<&MessageFacts>,
    response: Option<&MessageFacts>,
) -> [u8; CALL_ID] {
    let mut covered = Covered::new();
    covered.add(ID_VERSION);
    covered.add(&[request.or(response).map_or(0, |message| message.version.0)]);
    update_ends(&mut covered, facts);
    for message in [request, response] {
        covered.add(&[u8::from(message.is_some())]);
        covered.add(&message.map_or(0, |message| message.start_seq).to_be_bytes());
    }
    covered.add(&facts.stream.to_be_bytes());
    covered.id()
}

/// The id of a session that could not be read. It covers the ends, what the client said first (where that was not
/// seen, the TCP sequence numbers at which it was joined), and the part.
pub(super) fn session_id(facts: &CallFacts, session: &SessionFacts) -> [u8; CALL_ID] {
    let mut covered = Covered::new();
    covered.add(SESSION_VERSION);
    covered.add(&[number(facts.connection.transport)]);
    update_ends(&mut covered, facts);
    covered.add(&session.seed);
    if session.seed == [0; 32] {
        let turned = facts.connection.ends.first() != Some(&facts.client);
        let [a, b] = facts.connection.base_seq;
        for base in if turned { [b, a] } else { [a, b] } {
            covered.add(&base.unwrap_or(0).to_be_bytes());
        }
    }
    covered.add(&session.part.to_be_bytes());
    covered.id()
}

/// The id of a WebSocket message: as a call's, of the place where it begins in its direction.
pub(super) fn message_id(facts: &CallFacts, socket: &SocketMessage) -> [u8; CALL_ID] {
    let mut covered = Covered::new();
    covered.add(MESSAGE_VERSION);
    update_ends(&mut covered, facts);
    covered.add(&[u8::from(socket.facts.role == Role::Request), socket.facts.opcode]);
    covered.add(&socket.start_seq.to_be_bytes());
    covered.add(&facts.stream.to_be_bytes());
    if facts.stream > 0 {
        // Several messages may begin in one frame of HTTP/2. Such sockets are never joined midway.
        covered.add(&socket.facts.sequence.to_be_bytes());
    }
    covered.id()
}

/// The id of a server-sent event: of the response it is in, and of its place there.
pub(super) fn event_id(facts: &CallFacts, socket: &SocketMessage) -> [u8; CALL_ID] {
    let mut covered = Covered::new();
    covered.add(EVENT_VERSION);
    update_ends(&mut covered, facts);
    covered.add(&socket.start_seq.to_be_bytes());
    covered.add(&facts.stream.to_be_bytes());
    // After a loss two sensors count differently: then the same event has two ids, and never two events one.
    covered.add(&socket.facts.start_offset.to_be_bytes());
    covered.add(&socket.facts.sequence.to_be_bytes());
    covered.id()
}

/// The id of a part of a call, told while it goes on.
pub(super) fn part_id(call: &[u8; CALL_ID], part: u32) -> [u8; CALL_ID] {
    let mut covered = Covered::new();
    covered.add(PART_VERSION);
    covered.add(call);
    covered.add(&part.to_be_bytes());
    covered.id()
}

fn update_ends(covered: &mut Covered, facts: &CallFacts) {
    for end in [facts.client, facts.server] {
        // The family goes first: 4 and 16 octets must not run into each other.
        match end.ip {
            IpAddr::V4(ip) => {
                covered.add(&[4]);
                covered.add(&ip.octets());
            }
            IpAddr::V6(ip) => {
                covered.add(&[6]);
                covered.add(&ip.octets());
            }
        }
        covered.add(&end.port.to_be_bytes());
    }
}

/// A transport, as numbered in IP headers.
const fn number(transport: Transport) -> u8 {
    match transport {
        Transport::Tcp => 6,
        Transport::Udp => 17,
    }
}

/// Octets of a Community ID: the version and a SHA-1 in base64.
const COMMUNITY_ID: usize = 30;

/// Community ID version 1 of the connection between two ends, seed 0.
///
/// Source: <https://github.com/corelight/community-id-spec>.
pub(super) fn community_id(
    transport: Transport,
    one: Endpoint,
    other: Endpoint,
) -> [u8; COMMUNITY_ID] {
    let (first, second) = if one <= other { (one, other) } else { (other, one) };
    // At most 40 octets, so one block has room for them all; they begin with the seed, which is 0.
    let mut covered = sha1::OneBlock::new();
    covered.add(&0_u16.to_be_bytes());
    for end in [first, second] {
        match end.ip {
            IpAddr::V4(ip) => covered.add(&ip.octets()),
            IpAddr::V6(ip) => covered.add(&ip.octets()),
        }
    }
    covered.add(&[number(transport), 0]);
    covered.add(&first.port.to_be_bytes());
    covered.add(&second.port.to_be_bytes());
    let mut text = *b"1:____________________________";
    if let Some((_, digits)) = text.split_first_chunk_mut::<2>() {
        BASE64.encode_mut(&covered.hash(), digits);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::sample::{facts, message};
    use super::*;
    use crate::decap::{Envelope, LayerKind};
    use crate::time::Timestamp;

    fn end(ip: &str, port: u16) -> Endpoint {
        Endpoint { ip: ip.parse().unwrap(), port }
    }

    // The baseline of the Community ID specification.
    #[test]
    fn community_id_follows_the_specification() {
        let (a, b) = (end("128.232.110.120", 34855), end("66.35.250.204", 80));
        assert_eq!(community_id(Transport::Tcp, a, b), *b"1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
        assert_eq!(community_id(Transport::Tcp, b, a), *b"1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
        let (a, b) = (
            end("2001:470:e5bf:dead:4957:2174:e82c:4887", 63943),
            end("2607:f8b0:400c:c03::1a", 25),
        );
        assert_eq!(community_id(Transport::Tcp, a, b), *b"1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=");
    }

    // One address, two ports: the port decides the order.
    #[test]
    fn community_id_orders_by_port_within_an_address() {
        let (a, b) = (end("127.0.0.1", 80), end("127.0.0.1", 4000));
        assert_eq!(community_id(Transport::Tcp, a, b), community_id(Transport::Tcp, b, a));
    }

    #[test]
    fn two_views_of_a_call_have_one_id() {
        let (call, request, response) = (facts(), message(1000), message(2000));
        let id = call_id(&call, Some(&request), Some(&response));
        assert_eq!(id.len(), 32);
        // Pinned: consumers keep ids for years.
        assert_eq!(id, *b"b49299653edc206c21b17a86751aea6d");

        let mut other = call;
        assert!(other.connection.envelope.push(LayerKind::Vxlan, 7));
        other.connection.interface = 9;
        other.client_mac = None;
        other.ordinal = 77;
        assert_ne!(other.connection.envelope, Envelope::EMPTY);
        let late = MessageFacts { start_time: Timestamp::new(9, 9), wire_bytes: 1, ..request };
        assert_eq!(call_id(&other, Some(&late), Some(&response)), id);
    }

    // Nothing is left out for want of room: what comes last tells ids apart where most is covered.
    #[test]
    fn the_longest_that_is_covered_fits() {
        let (client, server) = (end("2001:db8::1", 1), end("2001:db8::2", 2));
        let call = CallFacts { client, server, ..facts() };
        let session = |part| {
            let seed = [0; 32];
            let start = Timestamp::ZERO;
            let (missing, bytes, midway, alike) = ([0; 2], [0; 2], false, 0);
            session_id(&call, &SessionFacts { part, start, missing, bytes, midway, alike, seed })
        };
        assert_ne!(session(1), session(2));
    }

    #[test]
    fn different_calls_have_different_ids() {
        let (call, request, response) = (facts(), message(1000), message(2000));
        let turned = CallFacts { client: call.server, server: call.client, ..call };
        let ids = [
            call_id(&call, Some(&request), Some(&response)),
            call_id(&call, Some(&message(1001)), Some(&response)),
            call_id(&call, Some(&request), Some(&message(2001))),
            call_id(&call, Some(&request), None),
            call_id(&call, None, Some(&response)),
            call_id(&call, Some(&request), Some(&message(0))),
            call_id(&turned, Some(&request), Some(&response)),
            call_id(&CallFacts { stream: 1, ..call }, Some(&request), Some(&response)),
        ];
        let unique: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len());
    }
}
