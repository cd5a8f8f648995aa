//! Sessions that could not be read, told in place of the calls in them.

use super::socket::call_facts;
use super::{Call, CallFacts, Pairing};
use crate::tls::Session;

impl Call {
    /// What is told of a session, at the packet `ordinal`.
    #[must_use]
    pub fn of_session(session: Box<Session>, ordinal: u64) -> Self {
        let facts = call_facts(&session.connection, session.client, Pairing::OneSided);
        let facts = CallFacts { ordinal, ..facts };
        Self { facts, request: None, response: None, session: Some(session), socket: None }
    }
}
