//! Signals that take several calls to see: they are raised where the records of all workers meet (`link`).

use std::sync::LazyLock;

use apitap_proto::v1::signal::Severity;

use super::list::{self, Id};
use super::{Config, Tally};
use crate::redact::{schema, wire};

/// A signal of several calls.
#[derive(Clone, Copy)]
pub(crate) struct LaterSignal<'a> {
    pub(crate) id: Id,
    pub(crate) severity: Severity,
    /// From a fixed list.
    pub(crate) kind: &'static str,
    /// A place that redaction wrote.
    pub(crate) location: &'a str,
    pub(crate) count: u32,
}

/// What is the same for all signals of one id, encoded: what comes before the severity, and what behind it.
type Encoded = (Vec<u8>, Vec<u8>);

static ENCODED: LazyLock<Vec<Encoded>> = LazyLock::new(|| {
    let encoded = |kind: &list::Kind| {
        let (mut id, mut owasp) = (Vec::new(), Vec::new());
        wire::text(&mut id, schema::signal::ID, kind.id);
        for reference in kind.owasp {
            wire::text(&mut owasp, schema::signal::OWASP, reference);
        }
        (id, owasp)
    };
    list::LIST.iter().map(encoded).collect()
});

impl LaterSignal<'_> {
    /// Appends it as a field of `CallRecord`.
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        let Self { id, severity, kind, location, count } = *self;
        let Some((id, owasp)) = ENCODED.get(id.index()) else { return };
        let signal = wire::open(out, schema::record::SIGNALS);
        out.extend_from_slice(id);
        wire::enumeration(out, schema::signal::SEVERITY, severity);
        out.extend_from_slice(owasp);
        wire::text(out, schema::signal::LOCATION, location);
        wire::text(out, schema::signal::KIND, kind);
        wire::number(out, schema::signal::COUNT, count.into());
        wire::close(out, signal);
    }
}

/// A signal as it was written last: most calls of an API raise the same at the same places.
#[derive(Default)]
pub(super) struct Written {
    severity: Severity,
    kind: &'static str,
    location: String,
    count: u32,
    /// Nothing as long as none was written.
    octets: Vec<u8>,
}

impl Written {
    /// Appends a signal of the id that this one is for.
    pub(super) fn write(&mut self, signal: &LaterSignal<'_>, out: &mut Vec<u8>) {
        let LaterSignal { id: _, severity, kind, location, count } = *signal;
        let same = (self.severity, self.count, self.kind) == (severity, count, kind)
            && self.location == location;
        if !same || self.octets.is_empty() {
            (self.severity, self.count, self.kind) = (severity, count, kind);
            self.location.clear();
            self.location.push_str(location);
            self.octets.clear();
            signal.encode(&mut self.octets);
        }
        out.extend_from_slice(&self.octets);
    }
}

/// Writes signals as configured.
#[derive(Default)]
pub(crate) struct Later {
    /// Configured severities; [`Severity::Unspecified`] of what is not raised.
    levels: Vec<(Id, Severity)>,
}

impl Later {
    /// Ids that a caller walks through.
    pub(crate) const SEQUENTIAL: Id = list::OBJECT_SEQUENTIAL;
    /// A success after refusals.
    pub(crate) const REFUSALS: Id = list::AUTH_REFUSALS;

    /// With this configuration.
    pub(crate) fn new(config: &Config) -> Self {
        Self { levels: config.levels() }
    }

    /// Writes a signal, unless it is turned off, and counts it.
    pub(crate) fn write(&self, signal: &LaterSignal<'_>, tally: &mut Tally, out: &mut Vec<u8>) {
        let LaterSignal { id, severity, .. } = *signal;
        let level = self.levels.iter().find(|(known, _)| *known == id);
        let severity = level.map_or(severity, |(_, severity)| *severity);
        if severity == Severity::Unspecified {
            return;
        }
        if let Some(total) = tally.0.get_mut(id.index()) {
            *total = total.saturating_add(1);
        }
        LaterSignal { severity, ..*signal }.encode(out);
    }
}
