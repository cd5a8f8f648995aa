//! What was found in a call: findings and objects. Bounded, with totals.

use apitap_proto::v1::{entity::Kind, finding};

use super::class::Class;
use super::config::Config;
use super::detect::{Confidence, Found};
use super::policy::{self, RuleId, labels};
use super::{encoded, schema, wire};

pub(crate) use encoded::Hint;
use encoded::Marks;

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
    pub(super) const fn len(self) -> usize {
        self.part.len().saturating_add(self.path.len())
    }

    /// Appends its text.
    #[inline]
    pub(super) fn push(self, out: &mut Vec<u8>) {
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
    /// Where it is in the encoded findings.
    marks: Marks,
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

/// A number below 64 that depends on all of `n`.
#[inline]
const fn high_bits(n: u64) -> u32 {
    // Golden ratio.
    let [.., high] = n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes();
    (high >> 2) as u32
}

/// The findings of one call.
#[derive(Default)]
struct List {
    findings: Vec<Finding>,
    total: u32,
    /// Encoded, one after the other, as long as every count takes one octet.
    encoded: Vec<u8>,
    /// Whether a count takes more.
    grown: bool,
    /// The number of the call.
    call: u64,
}

impl List {
    /// Adds a finding that is remembered.
    #[inline]
    fn known(&mut self, known: &mut encoded::Finding, confidence: Confidence, max: usize) {
        // Whatever adds one to a call's findings remembers it for this call, so another call's is not among them.
        if known.call == self.call {
            return self.again(known.at);
        }
        self.total = self.total.saturating_add(1);
        let at = self.findings.len();
        if at < max {
            (known.call, known.at) = (self.call, at);
            known.turn(confidence);
            let start = self.encoded.len();
            self.encoded.extend_from_slice(&known.octets);
            self.findings.push(Finding {
                found: known.found,
                action: known.action,
                rule: known.rule,
                part: known.part,
                marks: known.marks.behind(start),
                count: 1,
            });
        }
    }

    /// Counts the finding at a position once more.
    fn again(&mut self, at: usize) {
        let Some(finding) = self.findings.get_mut(at) else { return };
        finding.count = finding.count.saturating_add(1);
        match (u8::try_from(finding.count), self.encoded.get_mut(finding.marks.count_at)) {
            (Ok(count @ 0..0x80), Some(slot)) => *slot = count,
            _ => self.grown = true,
        }
    }
}

/// What was found in one call. Its room is used again for the next.
#[derive(Default)]
pub(crate) struct Finds {
    list: List,
    /// Encoded, one after the other.
    objects: Vec<u8>,
    object_list: Vec<Object>,
    /// A bit for each object, by the end of its token.
    object_ends: u64,
    pub(crate) objects_total: u32,
    /// Ids of configured rules, and configured labels of classes.
    rules: Vec<String>,
    labels: Vec<(Class, Vec<String>)>,
    /// What a finding of a class begins with, name and labels, by class; empty until there was one.
    heads: Vec<Vec<u8>>,
    /// What calls before had at their places.
    known_findings: encoded::Findings,
    known_objects: encoded::Objects,
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
            list: List { findings, total, encoded, grown, call },
            objects,
            object_list,
            object_ends,
            objects_total,
            rules: _,
            labels: _,
            heads: _,
            known_findings: _,
            known_objects: _,
        } = self;
        *call = call.wrapping_add(1);
        findings.clear();
        encoded.clear();
        objects.clear();
        object_list.clear();
        (*total, *objects_total, *object_ends, *grown) = (0, 0, 0, false);
    }

    /// Adds a finding; equal ones at one place are counted together.
    pub(crate) fn finding(
        &mut self,
        place: Place<'_>,
        found: Found,
        (action, rule): (finding::Action, RuleId),
        max: usize,
    ) {
        let decided = (action, rule);
        match self.known_findings.get(place, found, decided) {
            Some(known) => self.list.known(known, found.confidence, max),
            None => self.new_finding(place, found, decided, max),
        }
    }

    /// Adds the finding that `hint` was given for, if it is this one; says whether it is.
    #[inline]
    pub(crate) fn hinted_finding(
        &mut self,
        hint: Hint,
        part: &'static str,
        found: Found,
        decided: (finding::Action, RuleId),
        max: usize,
    ) -> bool {
        let known = self.known_findings.hinted(hint, part, found, decided);
        known.map(|known| self.list.known(known, found.confidence, max)).is_some()
    }

    /// Where a finding is remembered.
    pub(crate) fn finding_hint(
        &mut self,
        place: Place<'_>,
        found: Found,
        decided: (finding::Action, RuleId),
    ) -> Hint {
        self.known_findings.hint(place, found, decided)
    }

    /// Adds a finding of which nothing is remembered.
    fn new_finding(
        &mut self,
        place: Place<'_>,
        found: Found,
        (action, rule): (finding::Action, RuleId),
        max: usize,
    ) {
        let List { findings, encoded, .. } = &mut self.list;
        let same = |f: &Finding| {
            f.found.class == found.class
                && f.action == action
                && f.rule == rule
                && place.is(f.marks.location.of(encoded))
        };
        if let Some(at) = findings.iter().rposition(same) {
            return self.list.again(at);
        }
        self.list.total = self.list.total.saturating_add(1);
        let at = self.list.findings.len();
        if at < max {
            self.begin(found.class);
            let mut encoded = std::mem::take(&mut self.list.encoded);
            let (start, decided) = (encoded.len(), (action, rule));
            let marks = self.encode(place, found, decided, 1, &mut encoded);
            let octets = encoded.get(start..).unwrap_or_default();
            let parts = (octets, marks.without(start));
            self.known_findings.put(place, found, decided, parts, (self.list.call, at));
            self.list.encoded = encoded;
            let part = place.part;
            self.list.findings.push(Finding { found, action, rule, part, marks, count: 1 });
        }
    }

    /// Appends a finding; gives back where it is.
    fn encode(
        &self,
        place: Place<'_>,
        found: Found,
        (action, rule): (finding::Action, RuleId),
        count: u64,
        out: &mut Vec<u8>,
    ) -> Marks {
        use schema::finding as field;
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
        wire::enumeration(out, field::CONFIDENCE, encoded::sure(found.confidence));
        let sure_at = out.len().saturating_sub(1);
        if let Some(id) = id {
            wire::text(out, field::RULE, id);
        }
        let end = out.len();
        wire::close(out, finding);
        // Long ones move up.
        let moved = out.len().saturating_sub(end);
        Marks { location, count_at, sure_at }.behind(moved)
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
        u64::from(self.list.total).saturating_sub(wire::len(self.list.findings.len()))
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
        (class, kind): (&'static str, Kind),
    ) -> Option<usize> {
        let start = self.objects.len();
        self.known_objects.get(name, place, (class, kind.into()))?.write(value, &mut self.objects);
        self.kept_object(value, start)
    }

    /// As [`object`](Self::object) the one that `hint` was given for, if it is this one.
    #[inline]
    pub(crate) fn hinted_object(
        &mut self,
        hint: Hint,
        part: &'static str,
        value: &[u8],
        (class, kind): (&'static str, Kind),
    ) -> Option<Option<usize>> {
        let start = self.objects.len();
        let known = self.known_objects.hinted(hint, part, (class, kind.into()))?;
        known.write(value, &mut self.objects);
        Some(self.kept_object(value, start))
    }

    /// Where an object is remembered.
    pub(crate) fn object_hint(
        &mut self,
        name: &str,
        place: Place<'_>,
        (class, kind): (&'static str, Kind),
    ) -> Hint {
        self.known_objects.hint(name, place, (class, kind.into()))
    }

    /// Keeps the object written from `start`, unless it is there already; gives back its position.
    #[inline]
    fn kept_object(&mut self, value: &[u8], start: usize) -> Option<usize> {
        let out = &self.objects;
        let span = Span { start, end: out.len() };
        // Tokens differ in their last octets.
        let end = value.last_chunk().map_or(0, |end| u64::from_le_bytes(*end));
        let bit = 1_u64.wrapping_shl(high_bits(end));
        let same = |known: &Object| known.end == end && known.span.of(out) == span.of(out);
        // Most objects are told at once from those that are there.
        if self.object_ends & bit != 0 && self.object_list.iter().any(same) {
            self.objects.truncate(start);
            self.objects_total = self.objects_total.saturating_sub(1);
            return None;
        }
        self.object_ends |= bit;
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
        self.list.findings.iter().any(|f| secret(f.found.class) && body(f))
    }

    /// Writes objects and findings, with their totals.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.objects);
        wire::number(out, schema::record::OBJECTS_TOTAL, self.objects_total.into());
        let List { findings, total, encoded, grown, .. } = &self.list;
        if *grown {
            for finding in findings {
                let Finding { found, action, rule, count, .. } = *finding;
                let path = finding.told(encoded).location();
                let path = path.strip_prefix(finding.part).unwrap_or(path);
                let place = Place { part: finding.part, path };
                let _where = self.encode(place, found, (action, rule), count, out);
            }
        } else {
            out.extend_from_slice(encoded);
        }
        wire::number(out, schema::record::FINDINGS_TOTAL, (*total).into());
    }

    /// What was found of classes that are `wanted`, how surely, where, and how often.
    pub(crate) fn each(&self, wanted: impl Fn(Class) -> bool) -> impl Iterator<Item = Told<'_>> {
        let wanted = self.list.findings.iter().filter(move |finding| wanted(finding.found.class));
        wanted.map(|finding| finding.told(&self.list.encoded))
    }

    /// How many findings were kept.
    #[cfg(test)]
    pub(crate) fn kept(&self) -> usize {
        self.list.findings.len()
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
        Told {
            class,
            confidence,
            part,
            location: self.marks.location.of(encoded),
            count: self.count,
        }
    }
}

#[cfg(test)]
mod tests {
    use apitap_proto::v1;
    use proptest::prelude::*;
    use prost::Message as _;

    use super::*;
    use crate::redact::made::Values;

    type Met = (usize, String, usize, (usize, usize, u32));

    /// What is kept of a path: where its last finding and object are remembered.
    type Hints = hashbrown::HashMap<String, (Hint, Hint)>;

    /// Adds a finding and an object, and what a reader should be told of them.
    fn add(
        (finds, hints): (&mut Finds, &mut Hints),
        values: &mut Values,
        told: &mut v1::CallRecord,
        met: &Met,
        max: usize,
    ) {
        let (kind, path, class, (sure, act, times)) = met;
        let part = ["request.body:", "response.body:", ""][*kind];
        let class = [Class::Pan, Class::Email, Class::Id, Class::Name][*class];
        let place = Place { part, path };
        let confidence = [Confidence::Low, Confidence::Medium][*sure];
        let action = [finding::Action::Tokenized, finding::Action::Shaped][*act];
        let location = format!("{part}{path}");
        for _ in 0..*times {
            let (found, decided) = (Found { class, confidence }, (action, 0));
            let (hint, _) = hints.entry(path.clone()).or_default();
            if !finds.hinted_finding(*hint, part, found, decided, max) {
                finds.finding(place, found, decided, max);
                *hint = finds.finding_hint(place, found, decided);
            }
            let same = |f: &&mut v1::Finding| {
                f.class == class.name() && f.location == location && f.action() == action
            };
            if let Some(known) = told.findings.iter_mut().find(same) {
                known.count += 1;
                continue;
            }
            told.findings_total += 1;
            if told.findings.len() < max {
                told.findings.push(v1::Finding {
                    class: class.name().to_owned(),
                    labels: class.labels().iter().map(|label| (*label).to_owned()).collect(),
                    location: location.clone(),
                    count: 1,
                    action: action.into(),
                    confidence: i32::try_from(*sure).unwrap() + 1,
                    rule: String::new(),
                });
            }
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
        let (_, hint) = hints.entry(path.clone()).or_default();
        let octets = (values.get(value), (class.name(), object.kind()));
        let at = finds.hinted_object(*hint, part, octets.0, octets.1).unwrap_or_else(|| {
            let at = finds.object(path, place, octets.0, octets.1);
            *hint = finds.object_hint(path, place, octets.1);
            at
        });
        assert_eq!(at.is_none(), told.objects.contains(&object));
        if let Some(at) = at {
            assert_eq!(at, told.objects.len());
            told.objects.push(object);
            told.objects_total += 1;
        }
    }

    proptest! {
        // One octet or more for lengths and counts; names and places that come again or not, in one call or the next.
        #[test]
        fn what_is_written_is_read_back(
            calls in prop::collection::vec(prop::collection::vec(
                (0..3_usize, "[a-c]{0,2}|[a-z]{90,200}|[a-z]{240,260}", 0..4_usize, (0..2_usize, 0..2_usize, 1..140_u32)),
                0..12,
            ), 1..4),
            max in 1..20_usize,
        ) {
            let (mut finds, mut hints) = (Finds::new(&Config::default()), Hints::default());
            for call in calls {
                finds.clear();
                let (mut values, mut told) = (Values::default(), v1::CallRecord::default());
                // The second half of a call is like the first.
                for met in call.iter().chain(&call) {
                    add((&mut finds, &mut hints), &mut values, &mut told, met, max);
                }
                for (one, finding) in finds.each(|_| true).zip(&told.findings) {
                    prop_assert_eq!(one.location(), &finding.location);
                    prop_assert_eq!(one.count, u64::from(finding.count));
                }
                let mut out = Vec::new();
                finds.write(&mut out);
                prop_assert_eq!(v1::CallRecord::decode(out.as_slice()).unwrap(), told.clone());
                // The location of an object stands even when it is empty.
                let places = call.iter().all(|(kind, path, ..)| *kind < 2 || !path.is_empty());
                prop_assert!(!places || out == told.encode_to_vec());
            }
        }
    }
}
