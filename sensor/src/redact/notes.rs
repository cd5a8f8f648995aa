//! Where findings and entities of a call are noted; and a list of what was noted of one value.

use apitap_proto::v1::entity::Kind;
use apitap_proto::v1::evidence::Source;
use apitap_proto::v1::finding::Action;

use super::class::Class;
use super::detect::Found;
use super::entities;
use super::entities::Told;
use super::found::Place;
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

impl Judge {
    /// Notes what a judgement found at a place.
    #[inline]
    pub(crate) fn note(&mut self, place: Place<'_>, judgement: &Judgement) {
        if judgement.tells() || self.explained.is_some() {
            self.note_told(place, judgement);
        }
    }

    fn note_told(&mut self, place: Place<'_>, judgement: &Judgement) {
        if let Some(explained) = &mut self.explained {
            explained.add(place, judgement);
        }
        let action = match judgement.way {
            Way::Keep | Way::Day => Action::Kept,
            Way::Mask(_) => Action::Masked,
            Way::Token(_) => Action::Tokenized,
            Way::Shape => Action::Shaped,
            Way::Drop => Action::Dropped,
        };
        let decided = (action, judgement.rule);
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
        let Form::Token(token) = value.form else { return };
        let rule = self.entities.ruled(place.part, name);
        let kind = match (rule, meaning) {
            (Some((_, kind)), _) | (None, Meaning::Id(kind)) => kind,
            (None, Meaning::Personal(Class::Account)) => Kind::Account,
            _ => return,
        };
        let asked = place.part.starts_with("request");
        let class = if kind == Kind::Account { "account" } else { token.name() };
        if self.finds.object_room(self.policy.objects_max) {
            let object = self.finds.object(name, place, self.values.get(value), (class, kind));
            if let Some(object) = object.filter(|_| asked) {
                self.entities.number(name, text, object);
            }
        }
        if let Some((rule, kind)) = rule {
            return self.entity_as(&Told { rule, ..Told::at(kind, place, value) });
        }
        self.entities.met(place, meaning, value);
        // Who the user is, is for credentials to say; what a response lists took no part.
        if !matches!(kind, Kind::Unspecified | Kind::User) && asked {
            self.entity(kind, place, value);
        }
    }

    /// Notes what a member of a body is beside an object: what someone logs in with, or proves themselves with.
    pub(crate) fn member(&mut self, place: Place<'_>, name: &str, meaning: Meaning, value: Made) {
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
