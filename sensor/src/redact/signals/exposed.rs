//! Paths that should not answer: of debuggers, secrets, descriptions, and versions that are over.

use std::sync::LazyLock;

use super::{Signals, at, has, header, list};
use crate::call::Message;

/// Longest segment that is one of these.
const SEGMENT_MAX: usize = 32;

/// Judges the path, without its query, of a call that was answered with success.
pub(super) fn path(signals: &mut Signals, raw: &[u8]) {
    let raw = raw.get(..512).unwrap_or(raw);
    let place = at("request.path");
    let (mut before, mut last): (&[u8], &[u8]) = (b"", b"");
    for (nth, segment) in raw.split(|&b| b == b'/').enumerate().take(32) {
        if may(segment)
            && let Some((id, kind)) = segment_of(segment, before, nth)
        {
            signals.raise_as(id, id.kind().severity, kind, place);
        }
        before = if segment.len() > SEGMENT_MAX { b"" } else { segment };
        last = segment;
    }
    if matches!(last.last(), Some(b'k' | b'd' | b'g' | b'p' | b'l' | b'z' | b'~')) {
        let ends = |end: &[u8]| last.len() > end.len() && last.ends_with(end);
        let copies: [&[u8]; 9] =
            [b".bak", b".old", b".orig", b".swp", b".sql", b".sql.gz", b".dump", b"~", b".backup"];
        if copies.iter().any(|end| ends(end)) {
            let severity = list::PATH_SECRETS.kind().severity;
            signals.raise_as(list::PATH_SECRETS, severity, "backup", place);
        }
    }
}

/// Where a segment tells something.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    Anywhere,
    /// Behind this segment.
    Behind(&'static [u8]),
    /// Among the first.
    First,
}

use Where::{Anywhere, Behind, First};

const ACTUATOR: Where = Behind(b"actuator");

/// Segments in lower case, what they say, and where. Of one segment the first that fits.
const SEGMENTS: &[(&[u8], list::Id, &str, Where)] = &[
    (b".git", list::PATH_SECRETS, "repository", Anywhere),
    (b".svn", list::PATH_SECRETS, "repository", Anywhere),
    (b".hg", list::PATH_SECRETS, "repository", Anywhere),
    (b".env", list::PATH_SECRETS, "environment", Anywhere),
    (b".env.local", list::PATH_SECRETS, "environment", Anywhere),
    (b".env.production", list::PATH_SECRETS, "environment", Anywhere),
    (b".env.backup", list::PATH_SECRETS, "environment", Anywhere),
    (b".aws", list::PATH_SECRETS, "credentials", Anywhere),
    (b".ssh", list::PATH_SECRETS, "credentials", Anywhere),
    (b"id_rsa", list::PATH_SECRETS, "credentials", Anywhere),
    (b".htpasswd", list::PATH_SECRETS, "credentials", Anywhere),
    (b".npmrc", list::PATH_SECRETS, "credentials", Anywhere),
    (b"wp-config.php", list::PATH_SECRETS, "credentials", Anywhere),
    (b"heapdump", list::PATH_SECRETS, "actuator", ACTUATOR),
    (b"env", list::PATH_SECRETS, "actuator", ACTUATOR),
    (b"configprops", list::PATH_SECRETS, "actuator", ACTUATOR),
    (b"threaddump", list::PATH_SECRETS, "actuator", ACTUATOR),
    (b"beans", list::PATH_DEBUG, "actuator", ACTUATOR),
    (b"mappings", list::PATH_DEBUG, "actuator", ACTUATOR),
    (b"loggers", list::PATH_DEBUG, "actuator", ACTUATOR),
    (b"metrics", list::PATH_DEBUG, "actuator", ACTUATOR),
    (b"httptrace", list::PATH_DEBUG, "actuator", ACTUATOR),
    (b"gateway", list::PATH_DEBUG, "actuator", ACTUATOR),
    (b"jolokia", list::PATH_DEBUG, "actuator", ACTUATOR),
    (b"phpinfo.php", list::PATH_DEBUG, "server", Anywhere),
    (b"phpinfo", list::PATH_DEBUG, "server", Anywhere),
    (b"server-status", list::PATH_DEBUG, "server", Anywhere),
    (b"server-info", list::PATH_DEBUG, "server", Anywhere),
    (b"elmah.axd", list::PATH_DEBUG, "server", Anywhere),
    (b"trace.axd", list::PATH_DEBUG, "server", Anywhere),
    (b"pprof", list::PATH_DEBUG, "profiler", Behind(b"debug")),
    (b"debug", list::PATH_DEBUG, "debug", Anywhere),
    (b"_debug", list::PATH_DEBUG, "debug", Anywhere),
    (b"__debug__", list::PATH_DEBUG, "debug", Anywhere),
    (b"_profiler", list::PATH_DEBUG, "debug", Anywhere),
    (b"debugbar", list::PATH_DEBUG, "debug", Anywhere),
    (b"h2-console", list::PATH_DEBUG, "debug", Anywhere),
    (b"adminer.php", list::PATH_DEBUG, "debug", Anywhere),
    (b"phpmyadmin", list::PATH_DEBUG, "debug", Anywhere),
    (b"swagger", list::PATH_DOCS, "description", Anywhere),
    (b"swagger-ui", list::PATH_DOCS, "description", Anywhere),
    (b"swagger-ui.html", list::PATH_DOCS, "description", Anywhere),
    (b"swagger.json", list::PATH_DOCS, "description", Anywhere),
    (b"swagger.yaml", list::PATH_DOCS, "description", Anywhere),
    (b"openapi.json", list::PATH_DOCS, "description", Anywhere),
    (b"openapi.yaml", list::PATH_DOCS, "description", Anywhere),
    (b"api-docs", list::PATH_DOCS, "description", Anywhere),
    (b"redoc", list::PATH_DOCS, "description", Anywhere),
    (b"graphiql", list::PATH_DOCS, "description", Anywhere),
    (b"graphql-playground", list::PATH_DOCS, "description", Anywhere),
    (b"v0", list::PATH_VERSION, "v0", First),
    (b"beta", list::PATH_VERSION, "stage", First),
    (b"alpha", list::PATH_VERSION, "stage", First),
    (b"staging", list::PATH_VERSION, "stage", First),
    (b"deprecated", list::PATH_VERSION, "stage", First),
    (b"legacy", list::PATH_VERSION, "stage", First),
];

/// Lengths of these segments by an octet, a bit each: of those that begin with it, of those that end with it.
static LENGTHS: LazyLock<[(u32, u32); 256]> = LazyLock::new(|| {
    let mut lengths = [(0_u32, 0_u32); 256];
    for (segment, ..) in SEGMENTS {
        let len = u32::try_from(segment.len()).unwrap_or(u32::MAX);
        let bit = 1_u32.unbounded_shl(len);
        let octet = |octet: Option<&u8>| octet.copied().unwrap_or_default();
        let (first, last) = (octet(segment.first()), octet(segment.last()));
        for (octet, first, last) in [
            (first, bit, 0),
            (first.to_ascii_uppercase(), bit, 0),
            (last, 0, bit),
            (last.to_ascii_uppercase(), 0, bit),
        ] {
            if let Some(slot) = lengths.get_mut(usize::from(octet)) {
                *slot = (slot.0 | first, slot.1 | last);
            }
        }
    }
    lengths
});

/// Whether a segment has the length and the first octet of one of these, and the length and the last.
fn may(segment: &[u8]) -> bool {
    let (Some(&first), Some(&last)) = (segment.first(), segment.last()) else { return false };
    let lengths = |octet: u8| LENGTHS.get(usize::from(octet)).copied().unwrap_or_default();
    let len = u32::try_from(segment.len()).unwrap_or(u32::MAX);
    lengths(first).0 & lengths(last).1 & 1_u32.unbounded_shl(len) != 0
}

/// What one segment says, with the one before it.
fn segment_of(segment: &[u8], before: &[u8], nth: usize) -> Option<(list::Id, &'static str)> {
    let fits = |place: Where| match place {
        Anywhere => true,
        Behind(known) => before.eq_ignore_ascii_case(known),
        First => nth <= 3,
    };
    let mut known = SEGMENTS.iter();
    let known =
        known.find(|(known, _, _, place)| segment.eq_ignore_ascii_case(known) && fits(*place));
    known.map(|(_, id, kind, _)| (*id, *kind))
}

/// Judges what a response says of its API's life (RFC 8594, RFC 9745).
pub(super) fn response(signals: &mut Signals, message: &Message) {
    for (name, value) in message.fields_of(&[6, 7, 11]) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_segment_may_be_one() {
        for (segment, ..) in SEGMENTS {
            assert!(segment.len() <= SEGMENT_MAX);
            assert!(may(segment) && may(&segment.to_ascii_uppercase()), "{segment:?}");
        }
        for other in [b"v1".as_slice(), b"", b"orders", b".gix"] {
            assert!(!may(other), "{other:?}");
        }
    }
}
