//! Where findings and entities of a call are noted; and a list of what was noted of one value.

use apitap_proto::v1::entity::Kind;
use apitap_proto::v1::evidence::Source;
use apitap_proto::v1::finding::Action;

use super::detect::Found;
use super::entities::Told;
use super::found::Place;
use super::judge::Judge;
use super::made::Made;
use super::policy::RuleId;

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
