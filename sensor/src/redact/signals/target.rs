//! Attempts in the path, and what a request asks of GraphQL.

use std::sync::LazyLock;

use apitap_proto::v1::signal::Severity;
use memchr::memmem::Finder;

use super::{Signals, Size, at, has, list, markers};
use crate::call::Message;
use crate::redact::body::percent::decode;
use crate::redact::path;

/// Octets of a path that are looked at.
const PATH_MAX: usize = 4096;

/// Items of one body, calls and operations of one batch, aliases of one operation that are many.
const ITEMS_MIN: u32 = 1000;
const CALLS_MIN: u32 = 100;
const OPERATIONS_MIN: u32 = 20;
const ALIASES_MIN: u32 = 50;
/// Nesting of GraphQL that is deep, and very deep.
const DEPTH_MIN: u32 = 15;
const DEPTH_HIGH: u32 = 30;

/// Prepared once: names of introspection begin so.
static UNDERSCORES: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"__"));

/// Judges how much a request asks for at once.
pub(super) fn size(signals: &mut Signals, size: &Size) {
    let place = at("request.body");
    let kinds = [
        (size.operations >= OPERATIONS_MIN, "operations"),
        (size.calls >= CALLS_MIN, "calls"),
        (size.aliases >= ALIASES_MIN, "aliases"),
        (size.items >= ITEMS_MIN, "items"),
    ];
    if let Some((_, kind)) = kinds.iter().find(|(many, _)| *many) {
        let severity = list::REQUEST_BATCH.kind().severity;
        signals.raise_as(list::REQUEST_BATCH, severity, kind, place);
    }
    if size.depth >= DEPTH_MIN {
        let severity = if size.depth >= DEPTH_HIGH { Severity::Medium } else { Severity::Low };
        signals.raise_as(list::GRAPHQL_DEPTH, severity, "", place);
    }
}

/// Looks at the raw target and the raw body of a request.
pub(super) fn judge(signals: &mut Signals, request: &Message, target: &path::Target<'_>) {
    let raw = target.path.get(..PATH_MAX).unwrap_or(target.path);
    let place = at("request.path");
    let told = memchr::memchr2(b'.', b'%', raw).is_some();
    if told && (has(raw, b"..") || memchr::memchr(b'%', raw).is_some()) {
        let decoded = decode(raw, false);
        let up =
            decoded.split(|b| matches!(b, b'/' | b'\\')).any(|part| matches!(part, b".." | b"..;"));
        if up || has(&decoded, b"%2e%2e") || has(&decoded, b"%2E%2E") {
            signals.raise(list::INJECT_TRAVERSAL, place);
        }
        for segment in decoded.split(|&b| b == b'/').take(64) {
            markers::value(signals, place, segment);
        }
    }
    if memchr::memchr2(b'$', b'%', target.query).is_some() {
        operators(signals, target.query);
    }
    let asks = |text: &[u8]| {
        let marked = text.len() >= 7 && UNDERSCORES.find(text).is_some();
        marked && (has(text, b"__schema") || has(text, b"__type("))
    };
    if asks(request.body()) {
        signals.raise(list::GRAPHQL_INTROSPECTION, at("request.body"));
    } else if asks(target.query) {
        signals.raise(list::GRAPHQL_INTROSPECTION, at("request.query"));
    }
}

/// Looks for operators of document stores in the names of a query.
fn operators(signals: &mut Signals, query: &[u8]) {
    let pairs = query.split(|&b| b == b'&').take(64);
    for pair in pairs.filter(|pair| pair.contains(&b'$') || pair.contains(&b'%')) {
        let name = pair.split(|&b| b == b'=').next().unwrap_or_default();
        if markers::operator(&decode(name, true)) {
            signals.raise_as(
                list::INJECT_NOSQL,
                list::INJECT_NOSQL.kind().severity,
                "operator",
                at("request.query"),
            );
        }
    }
}
