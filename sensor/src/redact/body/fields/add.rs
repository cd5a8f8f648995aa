//! How a leaf becomes a field: the first of a path is written at once, others change it.

use std::hash::BuildHasher as _;

use apitap_proto::v1::ValueType;

use super::super::entry::{Entry, First, Where};
use super::super::paths::NONE;
use super::super::plan::{self, Plan};
use super::super::shape;
use super::{Fields, Room};
use crate::redact::class::Class;
use crate::redact::found::{Hint, Span};
use crate::redact::judge::{Way, typed};
use crate::redact::made::Made;
use crate::redact::names::Meaning;

/// Most paths counted beyond the limit.
const OVER_MAX: usize = 16 * 1024;
/// Fields of an answer that learning is told of.
const TRAIL_FIELDS: usize = 32;
/// Objects taken from one path.
const OBJECTS_PER_PATH: u32 = 8;

/// Whether a path was met before.
enum Met {
    First(Where),
    /// With its entry.
    Again(u32),
    /// There is no room for it.
    Over,
}

/// Whether values that leave this way are told apart.
const fn is_informative(way: Way) -> bool {
    matches!(way, Way::Keep | Way::Day | Way::Mask(_) | Way::Token(_))
}

/// So many octets of a body.
fn part_of(body: &[u8], start: u32, len: u32) -> &[u8] {
    let start = usize::try_from(start).unwrap_or(usize::MAX);
    let len = usize::try_from(len).unwrap_or(usize::MAX);
    body.get(start..start.saturating_add(len)).unwrap_or_default()
}

impl Fields<'_> {
    /// Whether the path at hand was met before; counts it beyond the limit.
    #[inline]
    fn meet(&mut self) -> Met {
        let fields_max = self.judge.policy.fields_max;
        let Room { plans, known, body, entries, over, .. } = &mut *self.room;
        let number = self.at.path;
        if number == NONE {
            return self.meet_text();
        }
        let at = usize::try_from(number).unwrap_or(usize::MAX);
        if plans.len() <= at {
            plans.resize_with(known.len(), Plan::default);
        }
        let Some(plan) = plans.get_mut(at) else { return Met::Over };
        if plan.body == *body {
            return if plan.entry == NONE { Met::Over } else { Met::Again(plan.entry) };
        }
        plan.body = *body;
        if entries.len() >= fields_max {
            plan.entry = NONE;
            *over = over.saturating_add(1);
            return Met::Over;
        }
        plan.entry = u32::try_from(entries.len()).unwrap_or(NONE);
        Met::First(Where::Number(number))
    }

    /// As [`meet`](Self::meet), for a path that has no number: there are too many.
    fn meet_text(&mut self) -> Met {
        let Room { path, entries, here, texts, index, over, over_hashes, .. } = &mut *self.room;
        let hash = self.hasher.hash_one(path.as_str());
        let get = |at: u32| usize::try_from(at).ok().and_then(|at| here.get(at));
        let same = |&at: &u32| get(at).is_some_and(|(text, ..)| text.text(texts) == path);
        if let Some((.., at)) = index.find(hash, same).copied().and_then(get) {
            return Met::Again(*at);
        }
        if entries.len() >= self.judge.policy.fields_max {
            if over_hashes.len() < OVER_MAX && over_hashes.insert(hash) {
                *over = over.saturating_add(1);
            }
            return Met::Over;
        }
        let (start, at) = (texts.len(), u32::try_from(entries.len()).unwrap_or(NONE));
        texts.push_str(path);
        let nth = u32::try_from(here.len()).unwrap_or(NONE);
        here.push((Span { start, end: texts.len() }, hash, at));
        let hash_of = |&at: &u32| usize::try_from(at).ok().and_then(|at| here.get(at));
        index.insert_unique(hash, nth, |at| hash_of(at).map_or(0, |(_, hash, _)| *hash));
        Met::First(Where::Here(nth))
    }

    /// Adds a leaf of the path at hand, which leaves this way; of one that was cut off, there is none.
    pub(super) fn add(&mut self, kind: ValueType, text: &[u8], way: Option<Way>) {
        let kind = if way.is_some() { typed(kind, text) } else { kind };
        match (self.meet(), way) {
            (Met::First(path), _) => self.first(path, kind, text, way),
            (Met::Again(at), Some(way)) => self.again(at, kind, text, way),
            (Met::Again(at), None) => self.meet_again(at, plan::octet(kind)),
            (Met::Over, _) => {}
        }
    }

    /// Adds the first leaf of a path: the field is written at once, as mostly no other leaf comes.
    #[inline]
    fn first(&mut self, path: Where, kind: ValueType, text: &[u8], way: Option<Way>) {
        let octet = plan::octet(kind);
        let start = self.begin(path, octet);
        let value = match way {
            Some(way) => self.judge.made(way, kind, text),
            None => self.judge.values.shape(kind, 0),
        };
        let mut entry = Entry::new(path, octet, value);
        entry.written = start.filter(|start| self.settle(*start, value)).unwrap_or(NONE);
        if way.is_some_and(is_informative) {
            entry.see_first(self.seen(text));
        }
        let token = matches!(way, Some(Way::Token(_)));
        let object = token && self.names_object();
        entry.objects = u32::from(object);
        self.room.entries.push(entry);
        if object {
            self.object(value, text);
        } else if token {
            let Self { judge, room, at, part, .. } = self;
            judge.member(part, || room.named(*at), at.name.meaning, value);
        }
    }

    /// Puts what a field begins with in front of the value that is made next, if the plan of its path says it; notes
    /// what there is a new field for.
    #[inline]
    fn begin(&mut self, path: Where, kind: u8) -> Option<u32> {
        let array = plan::octet(ValueType::Array);
        let Where::Number(number) = path else {
            self.begin_text(path, kind);
            return None;
        };
        let Room { plans, known, entries, arrays, .. } = &mut *self.room;
        let plan = plans.get_mut(usize::try_from(number).ok()?)?;
        if !plan.is_for(kind) {
            plan.renew(known.known(number)?, kind);
        }
        if self.learning && entries.len() < TRAIL_FIELDS {
            self.judge.trail.field(plan.field);
        }
        if plan.array || kind == array {
            arrays.push(entries.len());
        }
        let part = if self.typed {
            plan.shape
        } else {
            shape::part(known.known(number)?.marks, &[], false)
        };
        self.sum = self.sum.wrapping_add(part);
        #[cfg(test)]
        if known.still {
            return None;
        }
        plan.begin(&mut self.judge.values)
    }

    /// As [`begin`](Self::begin), for a path that has no number: nothing is put in front.
    fn begin_text(&mut self, path: Where, kind: u8) {
        let Some(path) = self.room.known(path) else { return };
        let (marks, field) = (path.marks, path.field);
        if self.learning && self.room.entries.len() < TRAIL_FIELDS {
            self.judge.trail.field(field);
        }
        if marks.array != 0 || kind == plan::octet(ValueType::Array) {
            self.room.arrays.push(self.room.entries.len());
        }
        self.sum = self.sum.wrapping_add(shape::part(marks, &[kind], self.typed));
    }

    /// Ends the field that begins at `start` with its value; `false` when it has to be written anew.
    #[inline]
    fn settle(&mut self, start: u32, value: Made) -> bool {
        let plan = usize::try_from(self.at.path).ok().and_then(|at| self.room.plans.get_mut(at));
        plan.is_some_and(|plan| plan.settle(start, value, &mut self.judge.values))
    }

    /// What is to be known of a first value: where it stands if that is in the body at hand.
    #[inline]
    fn seen(&self, text: &[u8]) -> First {
        let at = text.as_ptr().addr().wrapping_sub(self.body.as_ptr().addr());
        match (u32::try_from(at), u32::try_from(text.len())) {
            (Ok(start), Ok(len)) if at.saturating_add(text.len()) <= self.body.len() => {
                First::Text(start, len)
            }
            _ => First::Hash(self.hasher.hash_one(text)),
        }
    }

    /// Whether the name at hand is one of something that has an identity.
    #[inline]
    const fn names_object(&self) -> bool {
        matches!(self.at.name.meaning, Meaning::Id(_) | Meaning::Personal(Class::Account))
    }

    /// Adds another leaf of a path.
    fn again(&mut self, at: u32, kind: ValueType, text: &[u8], way: Way) {
        let values_max = self.judge.policy.values_max.saturating_add(1);
        self.meet_again(at, plan::octet(kind));
        if !is_informative(way) {
            return;
        }
        let object = matches!(way, Way::Token(_)) && self.names_object();
        let Room { entries, extras, .. } = &mut *self.room;
        let entry = usize::try_from(at).ok().and_then(|at| entries.get_mut(at));
        let Some(entry) = entry else { return };
        let room = usize::from(entry.seen_count) < values_max;
        let hash = if room { self.hasher.hash_one(text) } else { 0 };
        let (body, hasher) = (self.body, &self.hasher);
        let hash_of = |start, len| hasher.hash_one(part_of(body, start, len));
        let fresh = room && !entry.has_seen(extras, hash, hash_of);
        let listed = object && entry.objects < OBJECTS_PER_PATH;
        entry.objects = entry.objects.saturating_add(u32::from(listed));
        if fresh {
            entry.see(extras, hash);
        }
        if object && !listed {
            self.judge.finds.objects_total = self.judge.finds.objects_total.saturating_add(1);
        }
        if !fresh && !listed {
            return;
        }
        let value = self.judge.render(way, kind, text);
        if fresh
            && let Some(extra) = entry.extra(extras)
            && let Some(slot) = extra.more.get_mut(extra.more_count)
        {
            *slot = Some(value);
            extra.more_count = extra.more_count.saturating_add(1);
        }
        if listed {
            self.object(value, text);
        }
    }

    /// Counts another leaf of a field, with what its type changes of the shape.
    #[inline]
    fn meet_again(&mut self, at: u32, kind: u8) {
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        if self.room.entries.get_mut(at).is_some_and(|entry| entry.meet(kind)) {
            self.meet_other(at);
        }
    }

    /// Adds to the shape that a field has one type more: the last.
    #[cold]
    fn meet_other(&mut self, at: usize) {
        let Some(entry) = self.room.entries.get(at) else { return };
        let Some(path) = self.room.known(entry.path) else { return };
        let types = entry.types();
        let before = types.get(..types.len().saturating_sub(1)).unwrap_or_default();
        let before = shape::part(path.marks, before, self.typed);
        let after = shape::part(path.marks, types, self.typed);
        self.sum = self.sum.wrapping_sub(before).wrapping_add(after);
    }

    fn object(&mut self, value: Made, text: &[u8]) {
        let Self { judge, room, at, part, answered, .. } = self;
        let Room { plans, known, path, .. } = &mut **room;
        let plan = usize::try_from(at.path).ok().and_then(|at| plans.get_mut(at));
        let none = &mut Hint::default();
        let hint = plan.map_or(none, |plan| &mut plan.hints(*answered).object);
        let named = || super::named(path, known, *at);
        judge.object_hinted(hint, part, named, at.name.meaning, (value, text));
    }
}
