//! Message keys: what keeps records in one partition, and so in order.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::record::Record;

/// What decides the partition of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    /// Token of the user, else of the API token, else of the session, else the client's address: what one
    /// actor does stays in order.
    #[default]
    Actor,
    /// The client's address.
    ClientIp,
    /// Host and path template: one endpoint's calls stay in order.
    Endpoint,
    /// Community ID of the connection: the most even spread.
    Connection,
}

impl Key {
    /// The key of `record`; empty when it has none.
    #[cfg_attr(not(feature = "kafka"), allow(dead_code, reason = "only Kafka has keys"))]
    pub(super) fn of(self, record: &Record) -> Cow<'_, str> {
        match self {
            Self::Actor if !record.actor().is_empty() => record.actor().into(),
            Self::Actor | Self::ClientIp => record.client_ip().into(),
            Self::Connection => record.community_id().into(),
            Self::Endpoint => format!("{}{}", record.host(), record.path_template()).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::sample;

    #[test]
    fn the_actor_is_the_client_when_nobody_says_who_it_is() {
        assert!(Key::Actor.of(&sample::record()).starts_with("tok_user_"));
        let mut parts = sample::parts();
        parts.entities.clear();
        assert_eq!(Key::Actor.of(&sample::record_of(parts)), "10.0.0.7");
    }

    #[test]
    fn other_keys_are_what_they_say() {
        let record = sample::record();
        assert_eq!(Key::ClientIp.of(&record), "10.0.0.7");
        assert_eq!(Key::Endpoint.of(&record), "shop.example/v1/orders/{id}");
        assert!(Key::Connection.of(&record).starts_with("1:"));
        let mut parts = sample::parts();
        (parts.request, parts.request_facts) = (None, None);
        assert_eq!(Key::Endpoint.of(&sample::record_of(parts)), "");
    }
}
