//! Styles of API, told by content, and what a person calls an operation.

use apitap_proto::v1::api::Style;

use super::body::fields::Hints;
use super::styles::Facts;
use super::{detect, words};

/// Text as an operation name, if it is safe to keep: letters, digits, `_ . / - :`, nothing generated.
pub(crate) fn safe_name(text: &[u8]) -> Option<String> {
    let plain = text.iter().all(|&b| b.is_ascii_alphanumeric() || b"_./-:".contains(&b));
    let safe = plain
        && (1..=96).contains(&text.len())
        && text
            .split(|b| matches!(b, b'.' | b'/' | b':'))
            .all(|part| part.is_empty() || words::field_name(part))
        && detect::any(text).is_none();
    safe.then(|| String::from_utf8_lossy(text).into_owned())
}

/// Kind and name of a GraphQL document's first operation (GraphQL §2.3); `None` if it is no such document.
pub(crate) fn graphql(text: &[u8]) -> Option<(&'static str, Option<String>)> {
    let mut rest = text.trim_ascii_start();
    while let Some(comment) = rest.strip_prefix(b"#") {
        rest = comment.get(memchr::memchr(b'\n', comment)?..)?.trim_ascii_start();
    }
    memchr::memchr(b'{', rest)?;
    if rest.starts_with(b"{") {
        return Some(("query", None));
    }
    let kinds = ["query", "mutation", "subscription", "fragment"];
    let kind = kinds.into_iter().find(|kind| rest.starts_with(kind.as_bytes()))?;
    let after = rest.get(kind.len()..)?;
    if !after.first().is_some_and(|b| b.is_ascii_whitespace() || matches!(b, b'{' | b'(' | b'@')) {
        return None;
    }
    let after = after.trim_ascii_start();
    let len = after.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
    let name = after.get(..len).and_then(safe_name);
    Some(if kind == "fragment" { ("query", None) } else { (kind, name) })
}

/// What a call's heads and bodies tell of its style.
pub(crate) struct Evidence<'a> {
    pub(crate) template: &'a str,
    /// Media types, in any case.
    pub(crate) request_type: &'a [u8],
    pub(crate) response_type: &'a [u8],
    pub(crate) soap_action: Option<&'a [u8]>,
    /// Whether it is gRPC or the like.
    pub(crate) rpc: bool,
    pub(crate) odata: bool,
    /// What its bodies tell beyond HTTP.
    pub(super) facts: &'a Facts,
    /// Of the request's body and query.
    pub(crate) hints: &'a Hints,
}

/// What an operation is called.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Called {
    /// By method and path, and behind them by this, unless it is empty.
    Plain(String),
    /// By this alone.
    Whole(String),
}

/// The style of a call and its operation.
pub(crate) fn judge(call: &Evidence<'_>) -> (Style, Called) {
    let Evidence { template, hints, .. } = call;
    let plain = || Called::Plain(String::new());
    let with = |name: Option<&String>| Called::Plain(name.cloned().unwrap_or_default());
    let is = |kind| begins(call.request_type, kind) || begins(call.response_type, kind);
    if call.rpc {
        let path = template.strip_prefix('/').unwrap_or(template);
        let named = safe_name(path.as_bytes()).filter(|_| path.contains('/'));
        return (Style::Grpc, named.map_or_else(plain, Called::Whole));
    }
    if let Some((style, operation)) = call.facts.operation() {
        // The type of a resource is mostly its collection's name.
        if style == Style::Jsonapi && template.split('/').any(|segment| segment == operation) {
            return (style, plain());
        }
        return (style, Called::Plain(operation));
    }
    if is(b"application/graphql") {
        return (Style::Graphql, plain());
    }
    if hints.jsonrpc {
        return (Style::Jsonrpc, with(hints.method.as_ref()));
    }
    if hints.xmlrpc {
        return (Style::Xmlrpc, with(hints.method.as_ref()));
    }
    if hints.soap.is_some() || call.soap_action.is_some() || is(b"application/soap+xml") {
        let action = call.soap_action.and_then(|a| {
            let a = a.strip_prefix(b"\"").and_then(|a| a.strip_suffix(b"\"")).unwrap_or(a);
            safe_name(a.rsplit(|b| matches!(b, b'/' | b'#' | b':')).next().unwrap_or_default())
        });
        return (Style::Soap, with(hints.soap.as_ref().or(action.as_ref())));
    }
    let style = if is(b"text/event-stream") {
        Style::Sse
    } else if is(b"application/vnd.api+json") {
        Style::Jsonapi
    } else if call.odata {
        Style::Odata
    } else if begins(call.response_type, b"text/html") || web_asset(call.response_type) {
        Style::WebPage
    } else {
        Style::Rest
    };
    if style == Style::WebPage {
        return (style, plain());
    }
    (style, with(hints.operation.as_ref()))
}

/// Whether a media type begins with these lower-case octets, ASCII case ignored.
fn begins(kind: &[u8], prefix: &[u8]) -> bool {
    kind.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
}

fn web_asset(kind: &[u8]) -> bool {
    [b"text/css".as_slice(), b"text/javascript", b"application/javascript", b"image/", b"font/"]
        .iter()
        .any(|prefix| begins(kind, prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn graphql_documents() {
        assert_eq!(
            graphql(b"query GetUser($id: ID!) { user }"),
            Some(("query", Some("GetUser".into())))
        );
        assert_eq!(graphql(b" # c\n mutation{a}"), Some(("mutation", None)));
        assert_eq!(graphql(b"{ me { id } }"), Some(("query", None)));
        for text in ["shoes", "query", "queryable {", "mutations of {x}"] {
            assert_eq!(graphql(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn names_that_are_data_are_not_operations() {
        assert_eq!(safe_name(b"user.getBalance"), Some("user.getBalance".into()));
        for text in ["4111111111111111", "kim@example.com", "a b", "x900101-1234568", ""] {
            assert_eq!(safe_name(text.as_bytes()), None, "{text}");
        }
    }
}
