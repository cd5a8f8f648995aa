//! What was found in a call: findings and objects. Bounded, with totals.

use apitap_proto::v1::{entity::Kind, finding};

use super::class::Class;
use super::config::Config;
use super::detect::{Confidence, Found};
use super::policy::{self, RuleId, labels};
use super::{schema, wire};

/// Where in a call something is: `request.body:` and `$.card.number`.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    /// Part of the call, colon included.
    pub(crate) part: &'static str,
    /// Name or path inside the part, safe to keep.
    pub(crate) path: &'a str,
}

impl Place<'_> {
    fn push(self, out: &mut String) -> Span {
        let start = out.len();
        out.push_str(self.part);
        out.push_str(self.path);
        Span { start, end: out.len() }
    }

    fn is(self, text: &str) -> bool {
        // Ends differ more often than beginnings.
        text.len() == self.part.len().saturating_add(self.path.len())
            && text.ends_with(self.path)
            && text.starts_with(self.part)
    }
}

/// A range of a buffer.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Span {
    /// The same range of octets that now follow `at` others.
    pub(crate) const fn behind(self, at: usize) -> Self {
        Self { start: self.start.saturating_add(at), end: self.end.saturating_add(at) }
    }

    /// The octets in this range.
    pub(crate) fn of(self, octets: &[u8]) -> &[u8] {
        octets.get(self.start..self.end).unwrap_or_default()
    }

    /// The text in this range.
    pub(crate) fn text(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

struct Finding {
    found: Found,
    action: finding::Action,
    rule: RuleId,
    location: Span,
    count: u64,
}

/// What was found in one call. Its room is used again for the next.
#[derive(Default)]
pub(crate) struct Finds {
    findings: Vec<Finding>,
    pub(crate) findings_total: u32,
    /// Encoded, one after the other.
    objects: Vec<u8>,
    object_spans: Vec<Span>,
    pub(crate) objects_total: u32,
    /// Texts of places.
    places: String,
    /// Ids of configured rules, and configured labels of classes.
    rules: Vec<String>,
    labels: Vec<(Class, Vec<String>)>,
    /// What a finding of a class begins with, name and labels, by class; empty until there was one.
    heads: Vec<Vec<u8>>,
}

impl Finds {
    /// With what `config` says of rules and labels.
    pub(crate) fn new(config: &Config) -> Self {
        let configured =
            config.labels.keys().filter_map(|class| policy::classes::named(config, class));
        Self {
            rules: policy::ids(config),
            labels: configured.map(|class| (class, labels(config, class))).collect(),
            ..Self::default()
        }
    }

    /// Forgets the call before.
    pub(crate) fn clear(&mut self) {
        let Self {
            findings,
            findings_total,
            objects,
            object_spans,
            objects_total,
            places,
            rules: _,
            labels: _,
            heads: _,
        } = self;
        findings.clear();
        objects.clear();
        object_spans.clear();
        places.clear();
        (*findings_total, *objects_total) = (0, 0);
    }

    /// Adds a finding; equal ones at one place are counted together.
    pub(crate) fn finding(
        &mut self,
        place: Place<'_>,
        found: Found,
        (action, rule): (finding::Action, RuleId),
        max: usize,
    ) {
        let places = &self.places;
        let same = |f: &&mut Finding| {
            f.found.class == found.class
                && f.action == action
                && f.rule == rule
                && place.is(f.location.text(places))
        };
        if let Some(finding) = self.findings.iter_mut().rev().find(same) {
            finding.count = finding.count.saturating_add(1);
            return;
        }
        self.findings_total = self.findings_total.saturating_add(1);
        if self.findings.len() < max {
            let location = place.push(&mut self.places);
            self.begin(found.class);
            self.findings.push(Finding { found, action, rule, location, count: 1 });
        }
    }

    /// Writes what findings of a class begin with, the first time there is one.
    fn begin(&mut self, class: Class) {
        if self.head(class).is_empty() {
            let mut head = Vec::new();
            wire::text(&mut head, schema::finding::CLASS, class.name());
            let mut write = |label: &str| wire::text(&mut head, schema::finding::LABELS, label);
            match self.labels.iter().find(|(configured, _)| *configured == class) {
                Some((_, labels)) => labels.iter().for_each(|label| write(label)),
                None => class.labels().iter().for_each(|label| write(label)),
            }
            self.heads.resize(Class::COUNT, Vec::new());
            if let Some(slot) = self.heads.get_mut(class as usize) {
                *slot = head;
            }
        }
    }

    fn head(&self, class: Class) -> &[u8] {
        self.heads.get(class as usize).map_or(&[], Vec::as_slice)
    }

    /// Findings that did not fit.
    pub(crate) fn findings_cut(&self) -> u64 {
        u64::from(self.findings_total).saturating_sub(wire::len(self.findings.len()))
    }

    /// Counts an object, and says whether there is room to keep it.
    pub(crate) fn object_room(&mut self, max: usize) -> bool {
        self.objects_total = self.objects_total.saturating_add(1);
        self.object_spans.len() < max
    }

    /// Keeps an object, unless the same token is there under that name and place already; gives back its position.
    pub(crate) fn object(
        &mut self,
        name: &str,
        place: Place<'_>,
        value: &[u8],
        (class, kind): (&str, Kind),
    ) -> Option<usize> {
        let out = &mut self.objects;
        let start = out.len();
        let object = wire::open(out, schema::record::OBJECTS);
        wire::text(out, schema::object::NAME, name);
        let location = wire::open(out, schema::object::LOCATION);
        out.extend_from_slice(place.part.as_bytes());
        out.extend_from_slice(place.path.as_bytes());
        wire::close(out, location);
        wire::octets(out, schema::object::VALUE, value);
        wire::text(out, schema::object::CLASS, class);
        wire::enumeration(out, schema::object::KIND, kind);
        wire::flag(out, schema::object::RETURNED, place.part.starts_with("response"));
        wire::close(out, object);
        let span = Span { start, end: out.len() };
        let same = |known: &Span| known.of(out) == span.of(out);
        if self.object_spans.iter().any(same) {
            self.objects.truncate(start);
            self.objects_total = self.objects_total.saturating_sub(1);
            return None;
        }
        self.object_spans.push(span);
        self.object_spans.len().checked_sub(1)
    }

    /// Where the object at a position is among the objects, which are written in one piece.
    pub(crate) fn object_span(&self, at: usize) -> Span {
        self.object_spans.get(at).copied().unwrap_or_default()
    }

    /// Whether the request's body holds a password, or what stands for one.
    pub(crate) fn login(&self) -> bool {
        let secret = |class| matches!(class, Class::Password | Class::Otp | Class::Pin);
        let body = |f: &Finding| f.location.text(&self.places).starts_with("request.body:");
        self.findings.iter().any(|f| secret(f.found.class) && body(f))
    }

    /// Writes objects and findings, with their totals.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.objects);
        wire::number(out, schema::record::OBJECTS_TOTAL, self.objects_total.into());
        for Finding { found, action, rule, location, count } in &self.findings {
            let confidence = match found.confidence {
                Confidence::Low => finding::Confidence::Low,
                Confidence::Medium => finding::Confidence::Medium,
                Confidence::High => finding::Confidence::High,
            };
            let finding = wire::open(out, schema::record::FINDINGS);
            out.extend_from_slice(self.head(found.class));
            wire::text(out, schema::finding::LOCATION, location.text(&self.places));
            wire::number(out, schema::finding::COUNT, *count);
            wire::enumeration(out, schema::finding::ACTION, *action);
            wire::enumeration(out, schema::finding::CONFIDENCE, confidence);
            let id = usize::from(*rule).checked_sub(1).and_then(|index| self.rules.get(index));
            wire::text(out, schema::finding::RULE, id.map_or("", String::as_str));
            wire::close(out, finding);
        }
        wire::number(out, schema::record::FINDINGS_TOTAL, self.findings_total.into());
    }

    /// What was found, how surely, where, and how often.
    pub(crate) fn each(&self) -> impl Iterator<Item = (Class, Confidence, &str, u64)> {
        self.findings.iter().map(|finding| {
            let Found { class, confidence } = finding.found;
            (class, confidence, finding.location.text(&self.places), finding.count)
        })
    }

    /// How many findings were kept.
    #[cfg(test)]
    pub(crate) fn kept(&self) -> usize {
        self.findings.len()
    }

    /// What was found, as a tree.
    #[cfg(test)]
    pub(crate) fn tree(&self) -> apitap_proto::v1::CallRecord {
        let mut out = Vec::new();
        self.write(&mut out);
        prost::Message::decode(out.as_slice()).unwrap()
    }
}
