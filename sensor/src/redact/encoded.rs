//! Findings and objects as they were encoded before, by where they stand: calls to one API find the same at the same places.
//!
//! Holds places, classes and names, all of which leave in records, and nothing of values. What is found in a slot is compared
//! in full; another that comes there takes its place.

use apitap_proto::v1::finding::Action;

use super::detect::Found;
use super::found::{Place, Span};
use super::policy::RuleId;
use super::{schema, wire};

/// Slots of each kind: a power of two. In tests so few that one drives out the other.
const SLOTS: usize = if cfg!(test) { 4 } else { 2048 };
/// Longest texts remembered, in octets. All that are longer share one slot more.
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

/// A finding met before, counted once.
pub(super) struct Finding {
    found: Found,
    action: Action,
    rule: RuleId,
    part: &'static str,
    /// Its encoding, and where the text of its place is in it, and its count.
    pub(super) octets: Vec<u8>,
    pub(super) location: Span,
    pub(super) count_at: usize,
    /// The call that met it last, and its position among that call's findings.
    pub(super) call: u64,
    pub(super) at: usize,
}

/// Findings met before.
#[derive(Default)]
pub(super) struct Findings(Vec<Option<Finding>>);

impl Findings {
    /// Where one of this class and place is remembered, and whether it is this one.
    #[inline]
    pub(super) fn get(
        &mut self,
        place: Place<'_>,
        found: Found,
        (action, rule): (Action, RuleId),
    ) -> Option<&mut Finding> {
        let known = self.0.get_mut(slot(place, 0, found.class as usize))?.as_mut()?;
        let same = known.found == found
            && known.action == action
            && known.rule == rule
            && same_part(known.part, place.part)
            && known.location.of(&known.octets).get(place.part.len()..)
                == Some(place.path.as_bytes());
        same.then_some(known)
    }

    /// Remembers one.
    pub(super) fn put(
        &mut self,
        place: Place<'_>,
        found: Found,
        (action, rule): (Action, RuleId),
        (octets, location, count_at): (&[u8], Span, usize),
        (call, at): (u64, usize),
    ) {
        if self.0.is_empty() {
            self.0.resize_with(SLOTS.saturating_add(1), || None);
        }
        let Some(known) = self.0.get_mut(slot(place, 0, found.class as usize)) else { return };
        let (part, octets) = (place.part, octets.to_vec());
        *known = Some(Finding { found, action, rule, part, octets, location, count_at, call, at });
    }
}

/// An object met before, without its value.
struct Object {
    part: &'static str,
    class: &'static str,
    kind: i32,
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
        Self { part, class, kind, octets, name, location: Span { start, end: head }, head }
    }

    #[inline]
    fn is(&self, name: &str, place: Place<'_>, (class, kind): (&'static str, i32)) -> bool {
        self.kind == kind
            && same_part(self.part, place.part)
            && same_part(self.class, class)
            && self.name.of(&self.octets) == name.as_bytes()
            && self.location.of(&self.octets).get(place.part.len()..) == Some(place.path.as_bytes())
    }

    /// What is encoded before the value, and behind it.
    #[inline]
    fn parts(&self) -> (&[u8], &[u8]) {
        self.octets.split_at_checked(self.head).unwrap_or_default()
    }
}

/// Objects met before.
#[derive(Default)]
pub(super) struct Objects(Vec<Option<Object>>);

impl Objects {
    /// What is encoded of the object of this name, place, class and kind before its value, and behind it.
    #[inline]
    pub(super) fn parts(
        &mut self,
        name: &str,
        place: Place<'_>,
        told: (&'static str, i32),
    ) -> (&[u8], &[u8]) {
        if self.0.is_empty() {
            self.0.resize_with(SLOTS.saturating_add(1), || None);
        }
        let (class, _) = told;
        let Some(known) = self.0.get_mut(slot(place, name.len(), class.len())) else {
            return (&[], &[]);
        };
        if !known.as_ref().is_some_and(|known| known.is(name, place, told)) {
            *known = Some(Object::new(name, place, told));
        }
        known.as_ref().map(Object::parts).unwrap_or_default()
    }
}
