//! GraphQL over WebSocket: `graphql-transport-ws`, and `graphql-ws` as subscriptions-transport-ws spoke it.
//!
//! Source: <https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md>,
//! <https://github.com/apollographql/subscriptions-transport-ws/blob/master/PROTOCOL.md>.

use super::{Facts, graphql, slices};
use crate::redact::style;

/// What a message says.
pub(crate) enum Said<'a> {
    /// The client introduces itself, with what proves who it is, if anything.
    Init(Option<&'a [u8]>),
    /// An operation, or an answer to one.
    Operation(Facts),
    /// Another message of the protocol.
    Other,
}

/// What a message says, by the subprotocol agreed on, or by its content; `None` when it is none of the protocol.
pub(crate) fn read<'a>(text: &'a [u8], from_client: bool, subprotocol: &str) -> Option<Said<'a>> {
    let (mut kind, mut payload, mut named) = (None, None, false);
    for (name, value) in slices::members(text) {
        match name {
            b"type" => kind = Some(value),
            b"payload" => payload = Some(value),
            b"id" => named = true,
            _ => {}
        }
    }
    let agreed = matches!(subprotocol, "graphql-transport-ws" | "graphql-ws");
    let answer = payload.is_some_and(|payload| {
        named && slices::members(payload).any(|(name, _)| matches!(name, b"data" | b"errors"))
    });
    let kind = kind?.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    Some(match (kind, from_client) {
        (b"connection_init", true) => Said::Init(payload),
        (b"subscribe" | b"start", true) if agreed || payload.is_some_and(asks) => {
            Said::Operation(Facts::Graphql(graphql::Facts::of_request(payload.unwrap_or_default())))
        }
        (b"next" | b"data", false) if agreed || answer => {
            Said::Operation(Facts::Graphql(graphql::Facts::of_answer(payload.unwrap_or_default())))
        }
        (b"error", false) if agreed => {
            Said::Operation(Facts::Graphql(graphql::Facts::of_errors(payload.unwrap_or_default())))
        }
        (b"connection_ack" | b"connection_error" | b"connection_terminate", _) => Said::Other,
        _ if agreed => Said::Other,
        _ => return None,
    })
}

/// Whether a payload holds a GraphQL document.
fn asks(payload: &[u8]) -> bool {
    let query = slices::member(payload, b"query").and_then(slices::string);
    query.is_some_and(|query| style::graphql(&query).is_some())
}

/// Members of the payload of `connection_init`, those of its `headers` among them: name as written, and text.
pub(crate) fn credentials(
    payload: &[u8],
) -> impl Iterator<Item = (&[u8], zeroize::Zeroizing<Vec<u8>>)> {
    let headers = slices::member(payload, b"headers").unwrap_or_default();
    let all = slices::members(payload).chain(slices::members(headers));
    all.filter_map(|(name, value)| Some((name, slices::string(value)?)))
}

#[cfg(test)]
mod tests {
    use apitap_proto::v1::api::Style;

    use super::*;

    fn said(text: &str, from_client: bool, subprotocol: &str) -> String {
        match read(text.as_bytes(), from_client, subprotocol) {
            None => "none".into(),
            Some(Said::Init(payload)) => format!("init {}", payload.is_some()),
            Some(Said::Other) => "other".into(),
            Some(Said::Operation(facts)) => {
                let (style, operation) = facts.operation().unwrap();
                assert_eq!(style, Style::Graphql);
                format!("operation {operation}")
            }
        }
    }

    #[test]
    fn messages_are_told_by_content_or_subprotocol() {
        let subscribe = r#"{"id":"1","type":"subscribe","payload":{"query":"subscription OnPrice{price{value}}"}}"#;
        assert_eq!(said(subscribe, true, ""), "operation subscription OnPrice");
        let start = subscribe.replace("subscribe", "start");
        assert_eq!(said(&start, true, "graphql-ws"), "operation subscription OnPrice");
        for (text, from_client, agreed, not_agreed) in [
            (r#"{"type":"subscribe","channel":"trades"}"#, true, "operation ", "none"),
            (r#"{"type":"connection_init"}"#, true, "init false", "init false"),
            (
                r#"{"type":"next","id":"1","payload":{"data":{}}}"#,
                false,
                "operation ",
                "operation ",
            ),
            (r#"{"type":"next","id":"1","payload":{"x":{}}}"#, false, "operation ", "none"),
            (r#"{"type":"complete","id":"1"}"#, false, "other", "none"),
            (r#"{"type":4}"#, false, "none", "none"),
            ("[1]", false, "none", "none"),
        ] {
            assert_eq!(said(text, from_client, "graphql-transport-ws"), agreed, "{text}");
            assert_eq!(said(text, from_client, ""), not_agreed, "{text}");
        }
    }
}
