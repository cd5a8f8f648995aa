//! Paths that should not answer: of debuggers, secrets, descriptions, and versions that are over.

use super::{Seen, Signals, at, has, header, list};
use crate::call::Message;
use crate::redact::path;

/// Judges the path of a call that was answered with success.
pub(super) fn path(signals: &mut Signals, seen: &Seen<'_>) {
    let Some(request) = seen.call.request.as_ref().filter(|_| seen.accepted()) else { return };
    let raw = path::split(b"", request.target()).path;
    let raw = raw.get(..512).unwrap_or(raw);
    let place = at("request.path");
    let mut before: &[u8] = b"";
    let mut room = [0_u8; 32];
    let mut last: &[u8] = b"";
    for (nth, segment) in raw.split(|&b| b == b'/').enumerate().take(32) {
        last = segment;
        let Some(lower) = room.get_mut(..segment.len()) else {
            before = b"";
            continue;
        };
        lower.copy_from_slice(segment);
        lower.make_ascii_lowercase();
        if let Some((id, kind)) = segment_of(lower, before, nth) {
            signals.raise_as(id, id.kind().severity, kind, place);
        }
        before = segment;
    }
    let ends = |end: &[u8]| last.len() > end.len() && last.ends_with(end);
    let copies: [&[u8]; 9] =
        [b".bak", b".old", b".orig", b".swp", b".sql", b".sql.gz", b".dump", b"~", b".backup"];
    if copies.iter().any(|end| ends(end)) {
        signals.raise_as(list::PATH_SECRETS, list::PATH_SECRETS.kind().severity, "backup", place);
    }
}

/// What one segment says, with the one before it.
fn segment_of(segment: &[u8], before: &[u8], nth: usize) -> Option<(list::Id, &'static str)> {
    let actuator = before.eq_ignore_ascii_case(b"actuator");
    Some(match segment {
        b".git" | b".svn" | b".hg" => (list::PATH_SECRETS, "repository"),
        b".env" | b".env.local" | b".env.production" | b".env.backup" => {
            (list::PATH_SECRETS, "environment")
        }
        b".aws" | b".ssh" | b"id_rsa" | b".htpasswd" | b".npmrc" | b"wp-config.php" => {
            (list::PATH_SECRETS, "credentials")
        }
        b"heapdump" | b"env" | b"configprops" | b"threaddump" if actuator => {
            (list::PATH_SECRETS, "actuator")
        }
        b"health" | b"info" if actuator => return None,
        b"beans" | b"mappings" | b"loggers" | b"metrics" | b"httptrace" | b"gateway"
        | b"jolokia"
            if actuator =>
        {
            (list::PATH_DEBUG, "actuator")
        }
        b"phpinfo.php" | b"phpinfo" | b"server-status" | b"server-info" | b"elmah.axd"
        | b"trace.axd" => (list::PATH_DEBUG, "server"),
        b"pprof" if before.eq_ignore_ascii_case(b"debug") => (list::PATH_DEBUG, "profiler"),
        b"debug" | b"_debug" | b"__debug__" | b"_profiler" | b"debugbar" | b"h2-console"
        | b"adminer.php" | b"phpmyadmin" => (list::PATH_DEBUG, "debug"),
        b"swagger"
        | b"swagger-ui"
        | b"swagger-ui.html"
        | b"swagger.json"
        | b"swagger.yaml"
        | b"openapi.json"
        | b"openapi.yaml"
        | b"api-docs"
        | b"redoc"
        | b"graphiql"
        | b"graphql-playground" => (list::PATH_DOCS, "description"),
        b"v0" | b"beta" | b"alpha" | b"staging" | b"deprecated" | b"legacy" if nth <= 3 => {
            (list::PATH_VERSION, if segment == b"v0" { "v0" } else { "stage" })
        }
        _ => return None,
    })
}

/// Judges what a response says of its API's life (RFC 8594, RFC 9745).
pub(super) fn response(signals: &mut Signals, message: &Message) {
    for (name, value) in message.fields() {
        let known = match name.len() {
            6 if name.eq_ignore_ascii_case(b"sunset") => "sunset",
            11 if name.eq_ignore_ascii_case(b"deprecation") => "deprecation",
            7 if name.eq_ignore_ascii_case(b"warning")
                && has(value, b"299")
                && has(value, b"eprecated") =>
            {
                "warning"
            }
            _ => continue,
        };
        if !value.eq_ignore_ascii_case(b"false") && !value.is_empty() {
            signals.raise_as(
                list::API_DEPRECATED,
                list::API_DEPRECATED.kind().severity,
                known,
                header("response.header:", known),
            );
        }
    }
}
