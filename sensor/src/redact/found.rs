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
    /// Length of its text.
    #[inline]
    const fn len(self) -> usize {
        self.part.len().saturating_add(self.path.len())
    }

    /// Appends its text.
    #[inline]
    fn push(self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.part.as_bytes());
        out.extend_from_slice(self.path.as_bytes());
    }

    #[inline]
    fn is(self, text: &[u8]) -> bool {
        // Ends differ more often than beginnings.
        text.len() == self.len()
            && text.ends_with(self.path.as_bytes())
            && text.starts_with(self.part.as_bytes())
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
    /// Part of the call that it is in.
    part: &'static str,
    /// Where in the encoded findings the text of its place is, and its count.
    location: Span,
    count_at: usize,
    count: u64,
}

/// A finding as others are told of it.
#[derive(Clone, Copy)]
pub(crate) struct Told<'a> {
    pub(crate) class: Class,
    pub(crate) confidence: Confidence,
    /// Part of the call that it is in, without a colon.
    pub(crate) part: &'static str,
    location: &'a [u8],
    pub(crate) count: u64,
}

impl<'a> Told<'a> {
    /// Where it is: part and path.
    pub(crate) fn location(&self) -> &'a str {
        std::str::from_utf8(self.location).unwrap_or_default()
    }
}

/// An object that was kept.
#[derive(Clone, Copy)]
struct Object {
    /// Where among the objects it is.
    span: Span,
    /// The last octets of its token.
    end: u64,
}

/// What was found in one call. Its room is used again for the next.
#[derive(Default)]
pub(crate) struct Finds {
    findings: Vec<Finding>,
    pub(crate) findings_total: u32,
    /// The findings encoded, one after the other, as long as every count takes one octet.
    encoded: Vec<u8>,
    /// Whether a count takes more.
    grown: bool,
    /// Encoded, one after the other.
    objects: Vec<u8>,
    object_list: Vec<Object>,
    pub(crate) objects_total: u32,
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
            encoded,
            grown,
            objects,
            object_list,
            objects_total,
            rules: _,
            labels: _,
            heads: _,
        } = self;
        findings.clear();
        encoded.clear();
        objects.clear();
        object_list.clear();
        (*findings_total, *objects_total, *grown) = (0, 0, false);
    }

    /// Adds a finding; equal ones at one place are counted together.
    pub(crate) fn finding(
        &mut self,
        place: Place<'_>,
        found: Found,
        (action, rule): (finding::Action, RuleId),
        max: usize,
    ) {
        let Self { findings, encoded, .. } = self;
        let same = |f: &&mut Finding| {
            f.found.class == found.class
                && f.action == action
                && f.rule == rule
                && place.is(f.location.of(encoded))
        };
        if let Some(finding) = findings.iter_mut().rev().find(same) {
            finding.count = finding.count.saturating_add(1);
            match (u8::try_from(finding.count), self.encoded.get_mut(finding.count_at)) {
                (Ok(count @ 0..0x80), Some(slot)) => *slot = count,
                _ => self.grown = true,
            }
            return;
        }
        self.findings_total = self.findings_total.saturating_add(1);
        if self.findings.len() < max {
            self.begin(found.class);
            let mut encoded = std::mem::take(&mut self.encoded);
            let (location, count_at) = self.encode(place, found, (action, rule), 1, &mut encoded);
            self.encoded = encoded;
            let part = place.part;
            self.findings.push(Finding { found, action, rule, part, location, count_at, count: 1 });
        }
    }

    /// Appends a finding; gives back where the text of its place is, and its count.
    fn encode(
        &self,
        place: Place<'_>,
        found: Found,
        (action, rule): (finding::Action, RuleId),
        count: u64,
        out: &mut Vec<u8>,
    ) -> (Span, usize) {
        use schema::finding as field;
        let confidence = match found.confidence {
            Confidence::Low => finding::Confidence::Low,
            Confidence::Medium => finding::Confidence::Medium,
            Confidence::High => finding::Confidence::High,
        };
        let head = self.head(found.class);
        let id = usize::from(rule).checked_sub(1).and_then(|index| self.rules.get(index));
        // All that is written below takes at most as much besides.
        let besides = id.map_or(0, String::len).saturating_add(48);
        out.reserve(head.len().saturating_add(place.len()).saturating_add(besides));
        let finding = wire::open(out, schema::record::FINDINGS);
        out.extend_from_slice(head);
        let mut location = Span { start: out.len(), end: out.len() };
        if place.len() > 0 {
            wire::begin(out, field::LOCATION, place.len());
            location.start = out.len();
            place.push(out);
            location.end = out.len();
        }
        wire::number(out, field::COUNT, count);
        let count_at = out.len().saturating_sub(1);
        wire::enumeration(out, field::ACTION, action);
        wire::enumeration(out, field::CONFIDENCE, confidence);
        if let Some(id) = id {
            wire::text(out, field::RULE, id);
        }
        let end = out.len();
        wire::close(out, finding);
        // Long ones move up.
        let moved = out.len().saturating_sub(end);
        (location.behind(moved), count_at.saturating_add(moved))
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
        self.object_list.len() < max
    }

    /// Keeps an object, unless the same token is there under that name and place already; gives back its position.
    pub(crate) fn object(
        &mut self,
        name: &str,
        place: Place<'_>,
        value: &[u8],
        (class, kind): (&str, Kind),
    ) -> Option<usize> {
        use schema::object as field;
        let out = &mut self.objects;
        let start = out.len();
        let text = |text: &str| if text.is_empty() { 0 } else { wire::size(text.len()) };
        let kind = i32::from(kind);
        let returned = place.part.starts_with("response");
        let flags = u8::from(kind != 0).saturating_add(u8::from(returned)).saturating_mul(2);
        // No enumeration of the schema has values of more than an octet.
        let size = [wire::size(place.len()), wire::size(value.len()), text(class), flags.into()];
        let size = size.into_iter().fold(text(name), usize::saturating_add);
        out.reserve(wire::size(size));
        wire::begin(out, schema::record::OBJECTS, size);
        wire::text(out, field::NAME, name);
        wire::begin(out, field::LOCATION, place.len());
        place.push(out);
        wire::octets(out, field::VALUE, value);
        wire::text(out, field::CLASS, class);
        wire::enumeration(out, field::KIND, kind);
        wire::flag(out, field::RETURNED, returned);
        let span = Span { start, end: out.len() };
        // Tokens differ in their last octets.
        let end = value.last_chunk().map_or(0, |end| u64::from_le_bytes(*end));
        let same = |known: &Object| known.end == end && known.span.of(out) == span.of(out);
        if self.object_list.iter().any(same) {
            self.objects.truncate(start);
            self.objects_total = self.objects_total.saturating_sub(1);
            return None;
        }
        self.object_list.push(Object { span, end });
        self.object_list.len().checked_sub(1)
    }

    /// Where the object at a position is among the objects, which are written in one piece.
    pub(crate) fn object_span(&self, at: usize) -> Span {
        self.object_list.get(at).map_or_else(Span::default, |object| object.span)
    }

    /// Whether the request's body holds a password, or what stands for one.
    pub(crate) fn login(&self) -> bool {
        let secret = |class| matches!(class, Class::Password | Class::Otp | Class::Pin);
        let body = |f: &Finding| f.part == "request.body:";
        self.findings.iter().any(|f| secret(f.found.class) && body(f))
    }

    /// Writes objects and findings, with their totals.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.objects);
        wire::number(out, schema::record::OBJECTS_TOTAL, self.objects_total.into());
        if self.grown {
            for finding in &self.findings {
                let Finding { found, action, rule, count, .. } = *finding;
                let path = finding.told(&self.encoded).location();
                let path = path.strip_prefix(finding.part).unwrap_or(path);
                let place = Place { part: finding.part, path };
                let _where = self.encode(place, found, (action, rule), count, out);
            }
        } else {
            out.extend_from_slice(&self.encoded);
        }
        wire::number(out, schema::record::FINDINGS_TOTAL, self.findings_total.into());
    }

    /// What was found, how surely, where, and how often.
    pub(crate) fn each(&self) -> impl Iterator<Item = Told<'_>> {
        self.findings.iter().map(|finding| finding.told(&self.encoded))
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

impl Finding {
    fn told<'a>(&self, encoded: &'a [u8]) -> Told<'a> {
        let Found { class, confidence } = self.found;
        let part = self.part.strip_suffix(':').unwrap_or(self.part);
        Told { class, confidence, part, location: self.location.of(encoded), count: self.count }
    }
}

#[cfg(test)]
mod tests {
    use apitap_proto::v1;
    use proptest::prelude::*;
    use prost::Message as _;

    use super::*;
    use crate::redact::made::Values;

    proptest! {
        // One octet or more for lengths and counts, names and places that come again or not.
        #[test]
        fn what_is_written_is_read_back(
            found in prop::collection::vec((0..3_usize, "[a-c]{0,2}|[a-z]{90,200}", 0..4_usize, 1..140_u32), 0..12),
        ) {
            let mut finds = Finds::new(&Config::default());
            let (mut values, mut expected) = (Values::default(), v1::CallRecord::default());
            for (kind, path, class, times) in &found {
                let part = ["request.body:", "response.body:", ""][*kind];
                let class = [Class::Pan, Class::Email, Class::Id, Class::Name][*class];
                let place = Place { part, path };
                let found = Found { class, confidence: Confidence::Medium };
                for _ in 0..*times {
                    finds.finding(place, found, (finding::Action::Tokenized, 0), 99);
                }
                let location = format!("{part}{path}");
                let labels = class.labels().iter().map(|label| (*label).to_owned()).collect();
                let one = v1::Finding {
                    class: class.name().to_owned(),
                    labels,
                    location: location.clone(),
                    count: *times,
                    action: finding::Action::Tokenized.into(),
                    confidence: finding::Confidence::Medium.into(),
                    rule: String::new(),
                };
                let same = |f: &&mut v1::Finding| f.class == one.class && f.location == one.location;
                match expected.findings.iter_mut().find(same) {
                    Some(known) => known.count += *times,
                    None => expected.findings.push(one),
                }
                let value = values.kept(path);
                let _room = finds.object_room(99);
                let object = v1::ObjectRef {
                    name: path.clone(),
                    location,
                    value: Some(values.tree(value)),
                    class: class.name().to_owned(),
                    kind: if *kind == 0 { Kind::Order } else { Kind::Unspecified }.into(),
                    returned: *kind == 1,
                    ..v1::ObjectRef::default()
                };
                let kind = object.kind();
                let at = finds.object(path, place, values.get(value), (class.name(), kind));
                prop_assert_eq!(at.is_none(), expected.objects.contains(&object));
                if let Some(at) = at {
                    prop_assert_eq!(at, expected.objects.len());
                    expected.objects.push(object);
                }
            }
            (expected.findings_total, expected.objects_total) =
                (expected.findings.len().try_into().unwrap(), expected.objects.len().try_into().unwrap());
            for (told, finding) in finds.each().zip(&expected.findings) {
                prop_assert_eq!(told.location(), &finding.location);
                prop_assert_eq!(told.count, u64::from(finding.count));
            }
            let mut out = Vec::new();
            finds.write(&mut out);
            prop_assert_eq!(v1::CallRecord::decode(out.as_slice()).unwrap(), expected.clone());
            // The location of an object stands even when it is empty.
            let places = found.iter().all(|(kind, path, ..)| *kind < 2 || !path.is_empty());
            prop_assert!(!places || out == expected.encode_to_vec());
        }
    }
}
