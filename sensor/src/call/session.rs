//! Sessions that could not be read, told in place of the calls in them.

use super::{Call, CallFacts, Pairing};
use crate::tls::Session;

impl Call {
    /// What is told of a session, at the packet `ordinal`.
    #[must_use]
    pub fn of_session(session: Box<Session>, ordinal: u64) -> Self {
        let connection = session.connection;
        let ([a, b], [mac_a, mac_b]) = (connection.ends, connection.macs);
        let (client, server, client_mac, server_mac) =
            if session.client == 0 { (a, b, mac_a, mac_b) } else { (b, a, mac_b, mac_a) };
        let pairing = Pairing::OneSided;
        let facts = CallFacts {
            connection,
            client,
            server,
            client_mac,
            server_mac,
            pairing,
            ordinal,
            stream: 0,
        };
        Self { facts, request: None, response: None, session: Some(session), socket: None }
    }
}
