//! Findings and objects as they were encoded before, by where they stand: calls to one API find the same at the same places.
//!
//! Holds places, classes and names, all of which leave in records, and nothing of values. What is found in a slot is compared
//! in full; another that comes there takes its place.

use apitap_proto::v1::finding::{self, Action};

use super::detect::{Confidence, Found};
use super::found::{Place, Span};
use super::policy::RuleId;
use super::{schema, wire};

/// Slots of each kind: a power of two. In tests so few that one drives out the other.
const SLOTS: usize = if cfg!(test) { 4 } else { 2048 };
/// Longest texts remembered, in octets. All that are longer share two slots more.
const LEN_MAX: usize = 256;

/// The slot of what stands at a place, and of what else it is told by: whose length, and a number.
#[inline]
fn slot(place: Place<'_>, len: usize, other: usize) -> usize {
    let path = place.path.as_bytes();
    if path.len().saturating_add(len) > LEN_MAX {
        return SLOTS;
    }
    let end = match path.last_chunk::<8>() {
        Some(end) => u64::from_le_bytes(*end),
        None => path.iter().fold(0, |sum, b| (sum << 8) | u64::from(*b)),
    };
    let lens = path.len().wrapping_mul(64).wrapping_add(place.part.len());
    let rest = u64::try_from(lens.wrapping_mul(64).wrapping_add(other)).unwrap_or(0);
    // Golden ratio, and an odd number without a pattern: high bits depend on all.
    let sum = end.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(rest);
    let sum = (sum ^ (sum >> 32)).wrapping_mul(0xbe54_66cf_34e9_0c6d) >> 48;
    usize::try_from(sum).unwrap_or(0) & (SLOTS - 1)
}

/// Whether two texts of the program are the same: nearly always they are one.
#[inline]
fn same_part(one: &'static str, other: &'static str) -> bool {
    std::ptr::eq(one, other) || one == other
}

/// Where something is remembered, for those who ask again and again for what stands at one place: holds until another
/// takes its place.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Hint {
    slot: u32,
    /// Of what is meant; 0 for nothing.
    stamp: u64,
}

/// What is remembered, each with a stamp that no other ever has: in its slot or in the one beside that, so that two that
/// come in turn do not drive out one another.
struct Slots<T> {
    slots: Vec<Option<(u64, T)>>,
    stamp: u64,
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self { slots: Vec::new(), stamp: 0 }
    }
}

impl<T> Slots<T> {
    /// What is at a position.
    #[inline]
    fn get(&mut self, at: usize) -> Option<&mut T> {
        self.slots.get_mut(at)?.as_mut().map(|(_, known)| known)
    }

    /// The position of one that may be in this slot.
    #[inline]
    fn find(&self, slot: usize, same: impl Fn(&T) -> bool) -> Option<usize> {
        let known = |at: usize| self.slots.get(at).and_then(Option::as_ref);
        let is = |at: usize| known(at).is_some_and(|(_, known)| same(known));
        [slot, slot ^ 1].into_iter().find(|at| is(*at))
    }

    /// What was meant by a hint, if it is still there.
    #[inline]
    fn hinted(&mut self, hint: Hint) -> Option<&mut T> {
        let slot = self.slots.get_mut(usize::try_from(hint.slot).ok()?)?;
        let (stamp, known) = slot.as_mut()?;
        (*stamp == hint.stamp).then_some(known)
    }

    fn hint(&self, at: usize) -> Hint {
        Hint { slot: u32::try_from(at).unwrap_or(u32::MAX), stamp: self.stamp(at) }
    }

    /// When it was put there; 0 where nothing is.
    fn stamp(&self, at: usize) -> u64 {
        self.slots.get(at).and_then(Option::as_ref).map_or(0, |(stamp, _)| *stamp)
    }

    /// Puts one in the place of the older of those that may be in its slot; gives back where.
    fn put(&mut self, slot: usize, new: T) -> usize {
        if self.slots.is_empty() {
            self.slots.resize_with(SLOTS.saturating_add(2), || None);
        }
        self.stamp = self.stamp.wrapping_add(1);
        let beside = slot ^ 1;
        let at = if self.stamp(beside) < self.stamp(slot) { beside } else { slot };
        if let Some(known) = self.slots.get_mut(at) {
            *known = Some((self.stamp, new));
        }
        at
    }
}

/// Where in an encoding the text of a finding's place is, its count, and how sure it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marks {
    pub(super) location: Span,
    pub(super) count_at: usize,
    pub(super) sure_at: usize,
}

impl Marks {
    /// The same in octets that now follow `at` others.
    pub(super) const fn behind(self, at: usize) -> Self {
        Self {
            location: self.location.behind(at),
            count_at: self.count_at.saturating_add(at),
            sure_at: self.sure_at.saturating_add(at),
        }
    }

    /// The same in octets that no longer follow `at` others.
    pub(super) const fn without(self, at: usize) -> Self {
        let Span { start, end } = self.location;
        let (start, end) = (start.saturating_sub(at), end.saturating_sub(at));
        Self {
            location: Span { start, end },
            count_at: self.count_at.saturating_sub(at),
            sure_at: self.sure_at.saturating_sub(at),
        }
    }
}

/// How sure a finding is, as it is written.
#[inline]
pub(super) const fn sure(confidence: Confidence) -> finding::Confidence {
    match confidence {
        Confidence::Low => finding::Confidence::Low,
        Confidence::Medium => finding::Confidence::Medium,
        Confidence::High => finding::Confidence::High,
    }
}

/// A finding met before, counted once.
pub(super) struct Finding {
    pub(super) found: Found,
    pub(super) action: Action,
    pub(super) rule: RuleId,
    pub(super) part: &'static str,
    /// Its encoding.
    pub(super) octets: Vec<u8>,
    pub(super) marks: Marks,
    /// The call that met it last, and its position among that call's findings.
    pub(super) call: u64,
    pub(super) at: usize,
}

/// Findings met before.
#[derive(Default)]
pub(super) struct Findings(Slots<Finding>);

impl Findings {
    /// One of this class at this place, however sure.
    #[inline]
    pub(super) fn get(
        &mut self,
        place: Place<'_>,
        found: Found,
        decided: (Action, RuleId),
    ) -> Option<&mut Finding> {
        let at = self.find(place, found, decided)?;
        self.0.get(at)
    }

    #[inline]
    fn find(&self, place: Place<'_>, found: Found, decided: (Action, RuleId)) -> Option<usize> {
        let path = place.path.as_bytes();
        let is_here = |known: &Finding| {
            known.marks.location.of(&known.octets).get(place.part.len()..) == Some(path)
        };
        let slot = slot(place, 0, found.class as usize);
        self.0.find(slot, |known| known.is(place.part, found, decided) && is_here(known))
    }

    /// One that `hint` was given for at this place; only what else it is told by is compared.
    #[inline]
    pub(super) fn hinted(
        &mut self,
        hint: Hint,
        part: &'static str,
        found: Found,
        decided: (Action, RuleId),
    ) -> Option<&mut Finding> {
        self.0.hinted(hint).filter(|known| known.is(part, found, decided))
    }

    /// Where this one is remembered, if it is.
    pub(super) fn hint(
        &mut self,
        place: Place<'_>,
        found: Found,
        decided: (Action, RuleId),
    ) -> Hint {
        self.find(place, found, decided).map_or_else(Hint::default, |at| self.0.hint(at))
    }

    /// Remembers one.
    pub(super) fn put(
        &mut self,
        place: Place<'_>,
        found: Found,
        (action, rule): (Action, RuleId),
        (octets, marks): (&[u8], Marks),
        (call, at): (u64, usize),
    ) {
        let (part, octets) = (place.part, octets.to_vec());
        let new = Finding { found, action, rule, part, octets, marks, call, at };
        let _at = self.0.put(slot(place, 0, found.class as usize), new);
    }
}

impl Finding {
    /// Makes it as sure as this.
    #[inline]
    pub(super) fn turn(&mut self, confidence: Confidence) {
        if self.found.confidence != confidence {
            self.found.confidence = confidence;
            let octet = u8::try_from(i32::from(sure(confidence))).unwrap_or(0);
            if let Some(slot) = self.octets.get_mut(self.marks.sure_at) {
                *slot = octet;
            }
        }
    }

    /// Whether it is this one, wherever it is in its part and however sure.
    #[inline]
    fn is(&self, part: &'static str, found: Found, (action, rule): (Action, RuleId)) -> bool {
        self.found.class == found.class
            && self.action == action
            && self.rule == rule
            && same_part(self.part, part)
    }
}

/// An object met before, without its value.
pub(super) struct Object {
    part: &'static str,
    class: &'static str,
    kind: i32,
    /// What its message begins with, up to a value of this length.
    begun: Vec<u8>,
    value_len: usize,
    /// Name and place, encoded, then what follows the value.
    octets: Vec<u8>,
    name: Span,
    location: Span,
    head: usize,
}

impl Object {
    fn new(name: &str, place: Place<'_>, (class, kind): (&'static str, i32)) -> Self {
        use schema::object as field;
        let (part, mut octets) = (place.part, Vec::new());
        wire::text(&mut octets, field::NAME, name);
        let end = octets.len();
        let name = Span { start: end.saturating_sub(name.len()), end };
        wire::begin(&mut octets, field::LOCATION, place.len());
        let start = octets.len();
        place.push(&mut octets);
        let head = octets.len();
        wire::text(&mut octets, field::CLASS, class);
        wire::enumeration(&mut octets, field::KIND, kind);
        wire::flag(&mut octets, field::RETURNED, part.starts_with("response"));
        let (begun, value_len, location) = (Vec::new(), usize::MAX, Span { start, end: head });
        Self { part, class, kind, begun, value_len, octets, name, location, head }
    }

    #[inline]
    fn is(&self, name: &str, place: Place<'_>, told: (&'static str, i32)) -> bool {
        self.is_told(place.part, told)
            && self.name.of(&self.octets) == name.as_bytes()
            && self.location.of(&self.octets).get(place.part.len()..) == Some(place.path.as_bytes())
    }

    #[inline]
    fn is_told(&self, part: &'static str, (class, kind): (&'static str, i32)) -> bool {
        self.kind == kind && same_part(self.part, part) && same_part(self.class, class)
    }

    /// Appends it with this value to the objects of a record.
    #[inline]
    pub(super) fn write(&mut self, value: &[u8], out: &mut Vec<u8>) {
        if self.value_len != value.len() {
            self.begin(value.len());
        }
        let tail = self.octets.get(self.head..).unwrap_or_default();
        out.reserve(self.begun.len().saturating_add(value.len()).saturating_add(tail.len()));
        out.extend_from_slice(&self.begun);
        out.extend_from_slice(value);
        out.extend_from_slice(tail);
    }

    /// Writes what comes before a value of this length.
    fn begin(&mut self, value_len: usize) {
        let Self { begun, octets, head, .. } = self;
        begun.clear();
        let size = octets.len().saturating_add(wire::size(value_len));
        wire::begin(begun, schema::record::OBJECTS, size);
        begun.extend_from_slice(octets.get(..*head).unwrap_or_default());
        wire::begin(begun, schema::object::VALUE, value_len);
        self.value_len = value_len;
    }
}

/// Objects met before.
#[derive(Default)]
pub(super) struct Objects(Slots<Object>);

impl Objects {
    /// The object of this name, place, class and kind.
    #[inline]
    pub(super) fn get(
        &mut self,
        name: &str,
        place: Place<'_>,
        told: (&'static str, i32),
    ) -> Option<&mut Object> {
        let at = match self.find(name, place, told) {
            Some(at) => at,
            None => self.0.put(Self::slot(name, place, told), Object::new(name, place, told)),
        };
        self.0.get(at)
    }

    #[inline]
    fn slot(name: &str, place: Place<'_>, (class, _): (&'static str, i32)) -> usize {
        slot(place, name.len(), class.len())
    }

    #[inline]
    fn find(&self, name: &str, place: Place<'_>, told: (&'static str, i32)) -> Option<usize> {
        self.0.find(Self::slot(name, place, told), |known| known.is(name, place, told))
    }

    /// One that `hint` was given for at this place, under its name; only what else it is told by is compared.
    #[inline]
    pub(super) fn hinted(
        &mut self,
        hint: Hint,
        part: &'static str,
        told: (&'static str, i32),
    ) -> Option<&mut Object> {
        self.0.hinted(hint).filter(|known| known.is_told(part, told))
    }

    /// Where the object of this name, place, class and kind is remembered.
    pub(super) fn hint(&mut self, name: &str, place: Place<'_>, told: (&'static str, i32)) -> Hint {
        self.find(name, place, told).map_or_else(Hint::default, |at| self.0.hint(at))
    }
}
