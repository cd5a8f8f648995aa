//! What was told before path templates were learned, put to the endpoints that it belongs to.
//!
//! The first calls of `/wiki/{id}` are told as `/wiki/quick-cloud`, `/wiki/brown-maple` …, until learning knows better: for
//! a reader of an inventory they are one endpoint. A record says whether rules made its template, and when. An endpoint goes
//! into another of its host and method where
//!
//! - it differs only where that has a parameter, and there has a parameter itself or a word that may be a value,
//! - it was not called any more once that was known: a word of the API goes on to be told,
//! - it was answered with nothing successful that the other was not answered with.
//!
//! Which goes where depends on nothing but what both are, so the order of records and of inventories does not matter.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::endpoint::{Endpoint, Place};
use super::field::Field;
use super::tally::Budget;
use super::{Entity, Inventory};
use crate::endpoints::refers;
use crate::redact::is_firm;

/// How much later than by others a template is still told as before, in nanoseconds: workers of a running sensor hear of
/// rules one after the other.
const LATE_NS: u64 = 1_000_000_000;

impl Inventory {
    /// With each endpoint that was told by the words of a path put to the one whose template was learned of them.
    #[must_use]
    pub fn folded(mut self) -> Self {
        let into = targets(&self.sorted());
        if into.is_empty() {
            return self;
        }
        let mut kept = BTreeMap::new();
        let mut gone = Vec::new();
        for (key, endpoint) in std::mem::take(&mut self.endpoints) {
            match into.get(&endpoint.id) {
                Some(target) => gone.push((*target, endpoint)),
                None => drop(kept.insert(endpoint.id, (key, endpoint))),
            }
        }
        for (target, endpoint) in gone {
            if let Some((_, mine)) = kept.get_mut(&target) {
                mine.fold(endpoint);
            }
        }
        self.unproven = 0;
        // Numbers without gaps, so that the next one is free.
        let mut numbers = BTreeMap::new();
        for (old, (key, mut endpoint)) in kept {
            endpoint.id = u32::try_from(self.endpoints.len()).unwrap_or(u32::MAX);
            numbers.insert(old, endpoint.id);
            self.unproven = self.unproven.saturating_add(u32::from(!endpoint.exists()));
            self.endpoints.insert(key, endpoint);
        }
        let number = |old: u32| numbers.get(into.get(&old).unwrap_or(&old)).copied();
        let moments = self.entities.values_mut().flat_map(|Entity { moments, .. }| moments);
        for moment in moments {
            moment.endpoint = number(moment.endpoint).unwrap_or_default();
        }
        self
    }
}

/// Which endpoint goes into which, by number.
fn targets(all: &[&Endpoint]) -> BTreeMap<u32, u32> {
    let mut alike: BTreeMap<_, Vec<(&Endpoint, Vec<&str>)>> = BTreeMap::new();
    for endpoint in all {
        let segments: Vec<&str> = endpoint.path_template.split('/').collect();
        let kind = (&endpoint.host, &endpoint.method, segments.len());
        alike.entry(kind).or_default().push((endpoint, segments));
    }
    let mut into = BTreeMap::new();
    for some in alike.values() {
        let learned: Vec<_> = some.iter().filter(|(e, _)| e.ruled_ns.is_some()).collect();
        for (endpoint, segments) in some {
            let fits = learned.iter().filter_map(|(other, template)| {
                let words = words_taken(segments, template)?;
                // Of several the one that leaves most words as they are.
                takes(other, endpoint).then_some((words, &other.path_template, other.id))
            });
            if let Some((_, _, target)) = fits.min() {
                into.insert(endpoint.id, target);
            }
        }
    }
    // Each goes into one that was told later, so this ends.
    let last = |mut id: u32| {
        while let Some(next) = into.get(&id) {
            id = *next;
        }
        id
    };
    into.keys().map(|id| (*id, last(*id))).collect()
}

/// How many words of a path a template takes for values; `None` when it is not of this path.
fn words_taken(path: &[&str], template: &[&str]) -> Option<usize> {
    let mut words = 0_usize;
    for (part, in_template) in path.iter().zip(template) {
        if part == in_template {
            continue;
        }
        let value = parameter(part).is_some() || !part.contains('{') && may_be_value(part);
        if parameter(in_template).is_none() || !value {
            return None;
        }
        words = words.saturating_add(usize::from(parameter(part).is_none()));
    }
    Some(words)
}

fn may_be_value(word: &str) -> bool {
    !word.is_empty() && !refers(word) && !is_firm(word)
}

/// The name of a segment that is a parameter. `{fixed_…}` stands for a word.
fn parameter(segment: &str) -> Option<&str> {
    let name = segment.strip_prefix('{')?.strip_suffix('}')?;
    (!name.starts_with("fixed_") && !name.contains(['{', '}'])).then_some(name)
}

/// Whether calls of `endpoint` are told as of `learned` since that is known, as far as can be seen.
fn takes(learned: &Endpoint, endpoint: &Endpoint) -> bool {
    let Some(since) = learned.ruled_ns else { return false };
    // An endpoint is told later than those that go into it, so that none goes into itself by others.
    let last = |e: &Endpoint| e.told_ns.max(e.last_seen_ns);
    let at = |e| (last(e), e.path_template.as_str());
    at(endpoint) < at(learned)
        && last(endpoint) < since.saturating_add(LATE_NS)
        && answers(endpoint).all(|(kind, body)| {
            let known = learned.response_bodies.get(kind);
            known.is_some_and(|known| {
                let all = known.other_fields > 0;
                all || body.nodes.keys().all(|path| known.nodes.contains_key(path))
            })
        })
}

/// Bodies of successful answers.
fn answers(endpoint: &Endpoint) -> impl Iterator<Item = (&String, &super::Body)> {
    endpoint.response_bodies.iter().filter(|(kind, _)| kind.starts_with('2'))
}

impl Endpoint {
    /// Takes in one whose path is of this template.
    fn fold(&mut self, mut other: Self) {
        let mut mine = BTreeMap::new();
        let mut theirs = other.parameters.remove(&Place::Path).unwrap_or_default();
        let path = other.path_template.split('/').map(str::to_owned).collect::<Vec<_>>();
        for (part, template) in path.iter().zip(self.path_template.split('/')) {
            let Some(name) = parameter(template) else { continue };
            // A word is a value that every call had.
            let field = match parameter(part) {
                Some(theirs_name) => theirs.remove(theirs_name).unwrap_or_default(),
                None => Field::value_of_all(other.calls, other.whole_requests),
            };
            mine.insert(name.to_owned(), field);
        }
        for (name, field) in theirs {
            if let Entry::Vacant(free) = mine.entry(name) {
                free.insert(field);
            }
        }
        if !mine.is_empty() {
            other.parameters.insert(Place::Path, mine);
        }
        let template = std::mem::take(&mut other.path_template);
        self.folded.append(&mut other.folded);
        self.folded.push(template);
        self.folded.sort();
        self.folded.dedup();
        // What is put together was bounded already, and takes less room than apart.
        self.merge(&other, &mut Budget::new(u64::MAX));
    }
}
