//! Where findings and entities of a call are noted; and a list of what was noted of one value.

use apitap_proto::v1::entity::Kind;
use apitap_proto::v1::evidence::Source;
use apitap_proto::v1::finding::Action;

use super::class::Class;
use super::detect::Found;
use super::entities::{self, Entities, Told};
use super::found::{Hint, Place};
use super::judge::{Judge, Judgement, Way, length};
use super::made::{Form, Made};
use super::names::{Meaning, Name};
use super::policy::{RuleId, Why};

/// What was noted of a value, so that it can be noted again.
pub(crate) struct Notes {
    part: &'static str,
    path: Box<str>,
    pub(super) findings: Vec<(Found, (Action, RuleId))>,
    pub(super) entities: Vec<(Kind, Made, Source, Box<str>, usize)>,
    /// Whether something was noted of another place.
    pub(super) astray: bool,
}

impl Notes {
    pub(super) fn at(place: Place<'_>) -> Self {
        let (findings, entities) = (Vec::new(), Vec::new());
        Self { part: place.part, path: place.path.into(), findings, entities, astray: false }
    }

    fn meet(&mut self, place: Place<'_>) {
        self.astray |= place.part != self.part || *place.path != *self.path;
    }

    /// Notes a finding.
    pub(crate) fn finding(&mut self, place: Place<'_>, found: Found, decided: (Action, RuleId)) {
        self.meet(place);
        self.findings.push((found, decided));
    }

    /// Notes who took part.
    pub(crate) fn entity(&mut self, told: &Told<'_>) {
        self.meet(told.place);
        let Told { kind, value, place: _, source, claim, rule } = *told;
        self.entities.push((kind, value, source, claim.into(), rule));
    }
}

/// What is told of a value that leaves this way.
const fn action(way: Way) -> Action {
    match way {
        Way::Keep | Way::Day => Action::Kept,
        Way::Mask(_) => Action::Masked,
        Way::Token(_) => Action::Tokenized,
        Way::Shape => Action::Shaped,
        Way::Drop => Action::Dropped,
    }
}

impl Judge {
    /// Notes what a judgement found at a place.
    #[inline]
    pub(crate) fn note(&mut self, place: Place<'_>, judgement: &Judgement) {
        if judgement.tells() || self.explained.is_some() {
            self.note_told(place, judgement);
        }
    }

    /// As [`note`](Self::note) at the place that `hint` is for, which learns where to look the next time.
    #[inline]
    pub(crate) fn note_hinted<'p>(
        &mut self,
        hint: &mut Hint,
        part: &'static str,
        path: impl FnOnce() -> &'p str,
        judgement: &Judgement,
    ) {
        if !judgement.tells() && self.explained.is_none() {
            return;
        }
        let (Some(found), [None, ..]) = (judgement.found, judgement.inside) else {
            return self.note_told(Place { part, path: path() }, judgement);
        };
        let (max, decided) = (self.policy.findings_max, (action(judgement.way), judgement.rule));
        let alone = self.explained.is_none() && self.notes.is_none();
        if alone && self.finds.hinted_finding(*hint, part, found, decided, max) {
            self.counts.findings += 1;
            return;
        }
        let place = Place { part, path: path() };
        self.note_told(place, judgement);
        *hint = self.finds.finding_hint(place, found, decided);
    }

    fn note_told(&mut self, place: Place<'_>, judgement: &Judgement) {
        if let Some(explained) = &mut self.explained {
            explained.add(place, judgement);
        }
        let decided = (action(judgement.way), judgement.rule);
        let mut add = |found| self.noted(place, found, decided);
        if let Some(found) = judgement.found {
            add(found);
        }
        // Slots are filled in order.
        judgement.inside.iter().map_while(|slot| *slot).for_each(add);
    }

    /// Notes what is found in octets of which nothing leaves.
    pub(crate) fn look_through(&mut self, place: Place<'_>, octets: &[u8]) {
        let octets = octets.get(..self.policy.scan_bytes_max).unwrap_or(octets);
        let verdict = self.look(0, octets);
        self.note(place, &Judgement::told(Way::Shape, Why::Default, &verdict));
    }

    /// Notes one finding.
    pub(crate) fn find(&mut self, place: Place<'_>, found: Found, action: Action) {
        if let Some(explained) = &mut self.explained {
            let way = if action == Action::Dropped { Way::Drop } else { Way::Shape };
            let found = Some(found);
            explained.add(place, &Judgement { found, ..Judgement::plain(way, Why::Detector) });
        }
        self.noted(place, found, (action, 0));
    }

    /// Notes a token as an object of the call, and as an entity when its name tells of which kind. `text` is the value.
    pub(crate) fn object(
        &mut self,
        place: Place<'_>,
        name: &str,
        meaning: Meaning,
        value: Made,
        text: &[u8],
    ) {
        self.object_hinted(
            &mut Hint::default(),
            place.part,
            || (place.path, name),
            meaning,
            (value, text),
        );
    }

    /// As [`object`](Self::object) at the place that `hint` is for, which learns where to look the next time. `named`
    /// gives its path and name.
    pub(crate) fn object_hinted<'p>(
        &mut self,
        hint: &mut Hint,
        part: &'static str,
        named: impl Fn() -> (&'p str, &'p str),
        meaning: Meaning,
        (value, text): (Made, &[u8]),
    ) {
        let Form::Token(token) = value.form else { return };
        let place = || Place { part, path: named().0 };
        let rule = if self.entities.asks() { self.entities.ruled(part, named().1) } else { None };
        let kind = match (rule, meaning) {
            (Some((_, kind)), _) | (None, Meaning::Id(kind)) => kind,
            (None, Meaning::Personal(Class::Account)) => Kind::Account,
            _ => return,
        };
        let asked = part.starts_with("request");
        let told = (if kind == Kind::Account { "account" } else { token.name() }, kind);
        if self.finds.object_room(self.policy.objects_max) {
            let octets = self.values.get(value);
            let object = match self.finds.hinted_object(*hint, part, octets, told) {
                Some(object) => object,
                None => {
                    let (place, name) = (place(), named().1);
                    let object = self.finds.object(name, place, octets, told);
                    *hint = self.finds.object_hint(name, place, told);
                    object
                }
            };
            if asked
                && let Some(object) = object
                && text.first().is_some_and(u8::is_ascii_digit)
            {
                let (path, name) = named();
                self.entities.number(Place { part, path }, name, text, object);
            }
        }
        if let Some((rule, kind)) = rule {
            return self.entity_as(&Told { rule, ..Told::at(kind, place(), value) });
        }
        if Entities::minds(meaning) {
            self.entities.met(place(), meaning, value);
        }
        // Who the user is, is for credentials to say; what a response lists took no part.
        if !matches!(kind, Kind::Unspecified | Kind::User) && asked {
            self.entity(kind, place(), value);
        }
    }

    /// Notes what a member of a body is beside an object: what someone logs in with, or proves themselves with.
    /// `named` gives its path and name.
    #[inline]
    pub(crate) fn member<'p>(
        &mut self,
        part: &'static str,
        named: impl FnOnce() -> (&'p str, &'p str),
        meaning: Meaning,
        value: Made,
    ) {
        // Most are none of these.
        if self.entities.asks() || Entities::minds(meaning) || entities::may_prove(meaning) {
            let (path, name) = named();
            self.member_at(Place { part, path }, name, meaning, value);
        }
    }

    fn member_at(&mut self, place: Place<'_>, name: &str, meaning: Meaning, value: Made) {
        if let Some((rule, kind)) = self.entities.ruled(place.part, name) {
            return self.entity_as(&Told { rule, ..Told::at(kind, place, value) });
        }
        self.entities.met(place, meaning, value);
        if let Some(kind) = entities::proof(place, name, meaning) {
            self.entity(kind, place, value);
        }
    }

    /// A name as it may leave: itself, or its shape in braces.
    pub(crate) fn name_text(&mut self, place: Place<'_>, name: Name, raw: &[u8]) -> String {
        if name.safe {
            return String::from_utf8_lossy(raw).into_owned();
        }
        self.counts.names_hidden += 1;
        if let Some(found) = name.found {
            self.find(place, found, Action::Shaped);
        }
        format!("{{string:{}}}", length(raw))
    }

    /// Counts and notes a finding.
    pub(super) fn noted(&mut self, place: Place<'_>, found: Found, decided: (Action, RuleId)) {
        self.counts.findings += 1;
        if let Some(notes) = &mut self.notes {
            notes.finding(place, found, decided);
        }
        self.finds.finding(place, found, decided, self.policy.findings_max);
    }

    /// Notes who or what took part, as its place tells.
    pub(crate) fn entity(&mut self, kind: Kind, place: Place<'_>, value: Made) {
        self.entity_as(&Told::at(kind, place, value));
    }

    /// Notes who or what took part.
    pub(crate) fn entity_as(&mut self, told: &Told<'_>) {
        let Self { entities, values, policy, notes, .. } = self;
        if let Some(notes) = notes {
            notes.entity(told);
        }
        entities.add(told, values, policy.entities_max);
    }
}
