//! Message keys: what keeps records in one partition, and so in order.

use std::borrow::Cow;

use apitap_proto::v1;
use serde::{Deserialize, Serialize};
use v1::entity::Kind;
use v1::value::Form;

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
    pub(super) fn of(self, record: &v1::CallRecord) -> Cow<'_, str> {
        let client = || record.client.as_ref().map_or("", |client| client.ip.as_str());
        match self {
            Self::Actor => actor(record).unwrap_or_else(client).into(),
            Self::ClientIp => client().into(),
            Self::Connection => {
                record.network.as_ref().map_or("", |network| network.community_id.as_str()).into()
            }
            Self::Endpoint => match &record.request {
                Some(request) => format!("{}{}", request.host, request.path_template).into(),
                None => Cow::Borrowed(""),
            },
        }
    }
}

/// Token of who acts.
fn actor(record: &v1::CallRecord) -> Option<&str> {
    [Kind::User, Kind::ApiToken, Kind::Session].into_iter().find_map(|kind| {
        let mut entities = record.entities.iter().filter(|entity| entity.kind() == kind);
        entities.find_map(|entity| match entity.value.as_ref()?.form.as_ref()? {
            Form::Token(token) => Some(token.text.as_str()),
            Form::Kept(_) | Form::Shape(_) => None,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::sample;

    fn entity(kind: Kind, value: v1::Value) -> v1::Entity {
        v1::Entity { kind: kind.into(), value: Some(value), location: String::new() }
    }

    #[test]
    fn the_actor_is_the_user_before_token_and_session() {
        let mut message = sample::record().message().clone();
        assert!(Key::Actor.of(&message).starts_with("tok_user_"));
        let user = message.entities.pop().unwrap();
        assert_eq!(Key::Actor.of(&message), "10.0.0.7");
        message.entities.push(entity(Kind::Order, sample::token("order")));
        assert_eq!(Key::Actor.of(&message), "10.0.0.7");
        message.entities.push(entity(Kind::Session, sample::token("session")));
        assert!(Key::Actor.of(&message).starts_with("tok_session_"));
        message.entities.push(entity(Kind::ApiToken, sample::token("api")));
        assert!(Key::Actor.of(&message).starts_with("tok_api_"));
        message.entities.push(user);
        assert!(Key::Actor.of(&message).starts_with("tok_user_"));
    }

    // A value that was only shaped says nothing of who it is.
    #[test]
    fn only_tokens_are_keys() {
        let mut message = sample::record().message().clone();
        let shape = v1::Shape { r#type: v1::ValueType::String.into(), length: 5 };
        message.entities = vec![entity(Kind::User, v1::Value { form: Some(Form::Shape(shape)) })];
        assert_eq!(Key::Actor.of(&message), "10.0.0.7");
    }

    #[test]
    fn other_keys_are_what_they_say() {
        let message = sample::record().message().clone();
        assert_eq!(Key::ClientIp.of(&message), "10.0.0.7");
        assert_eq!(Key::Endpoint.of(&message), "shop.example/v1/orders/{id}");
        assert!(Key::Connection.of(&message).starts_with("1:"));
        assert_eq!(Key::Actor.of(&v1::CallRecord::default()), "");
    }
}
