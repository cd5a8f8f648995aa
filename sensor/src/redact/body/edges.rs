//! Runs of text between two values of a JSON body, as they came before: behind the value of `$.id` the text
//! `,"actor":{"email":` leads to `$.actor.email`.
//!
//! Bodies of one API are the same text around values that change, so that one comparison stands for all steps that
//! reading the run takes. A run is punctuation, white space and names that are safe to keep.

use super::paths::{At, NONE};
use crate::redact::names::Name;

/// Longest run remembered.
const RUN_MAX: usize = 56;
/// Most runs remembered behind one member.
const EACH_MAX: usize = 4;
/// Most runs remembered besides the first one behind each member.
const OTHERS_MAX: usize = 16 * 1024;
/// Most containers closed or opened on the way.
const CONTAINERS_MAX: u8 = 16;
/// Octets of a run that are compared at once.
const HEAD: usize = 16;

/// What reading a run does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Steps {
    /// Whether it is the beginning of a text, and not behind a value.
    pub(crate) begins: bool,
    /// How many containers are closed, and how many then opened.
    pub(crate) closed: u8,
    pub(crate) opened: u8,
    /// Of those opened, the innermost lowest: whether it is an object.
    pub(crate) objects: u16,
    /// How many members are left, and how many then gone into.
    pub(crate) left: u8,
    pub(crate) entered: u8,
}

/// A run, and where it leads.
pub(super) struct Edge {
    /// The first octets of the run, and which of them there are.
    head: u128,
    mask: u128,
    /// The member that it leads to.
    pub(super) to: At,
    pub(super) steps: Steps,
    /// How many containers must be open at least, and how many more may be.
    open: u32,
    more: u32,
    /// Another one behind the same member.
    next: u32,
    /// Whether what stands beside could give a name on the way another meaning.
    asks: bool,
    /// Whether as many members are gone into as are left, and nothing is closed or opened.
    pub(super) flat: bool,
    len: u8,
    /// What follows the first octets.
    tail: [u8; RUN_MAX - HEAD],
}

impl Edge {
    /// Stands where none is remembered: so many containers are never open.
    fn none() -> Self {
        Self {
            head: 0,
            mask: 0,
            to: At::passing(Name::NONE),
            steps: Steps::default(),
            open: u32::MAX,
            more: 0,
            next: NONE,
            asks: false,
            flat: false,
            len: 0,
            tail: [0; RUN_MAX - HEAD],
        }
    }

    /// A run of text; none when it is empty, or too long, or too much is done on the way.
    fn new(run: &[u8], steps: Steps, to: At, asks: bool) -> Option<Self> {
        let Steps { closed, opened, entered, .. } = steps;
        if run.is_empty() || closed.max(opened).max(entered) > CONTAINERS_MAX {
            return None;
        }
        let (open, more) = steps.open()?;
        let flat = !steps.nest() && steps.left == entered;
        let mut edge = Self { to, steps, open, more, asks, flat, ..Self::none() };
        let (first, tail) = run.split_at_checked(HEAD).unwrap_or((run, b""));
        let mut head = [0; HEAD];
        head.get_mut(..first.len())?.copy_from_slice(first);
        edge.tail.get_mut(..tail.len())?.copy_from_slice(tail);
        edge.len = u8::try_from(run.len()).ok()?;
        edge.head = u128::from_le_bytes(head);
        edge.mask = u128::MAX.wrapping_shr(128_u32.saturating_sub(u32::from(edge.len) << 3));
        Some(edge)
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len.into()
    }

    /// Whether `text` is this run and then a value, where so many containers are open.
    #[inline]
    fn fits(&self, text: &[u8], first: u128, open: u32) -> bool {
        (first ^ self.head) & self.mask == 0
            && text.get(self.len()).is_some_and(|&b| begins_value(b))
            && self.is_open(open)
            && (self.len() <= HEAD || self.goes_on(text))
    }

    /// Whether `text` is this run also behind the first octets.
    #[inline(never)]
    fn goes_on(&self, text: &[u8]) -> bool {
        text.get(HEAD..self.len()) == self.tail.get(..self.len().saturating_sub(HEAD))
    }

    #[inline]
    fn is_open(&self, open: u32) -> bool {
        open.wrapping_sub(self.open) <= self.more
    }
}

impl Steps {
    /// Whether containers are closed or opened.
    #[inline]
    pub(super) const fn nest(self) -> bool {
        self.closed | self.opened != 0
    }

    /// How many containers must be open for these steps at least, and how many more may be: behind a value something
    /// stays open, or it was the last; and no more may be open in the end than are followed.
    fn open(self) -> Option<(u32, u32)> {
        let (closed, opened) = (u32::from(self.closed), u32::from(self.opened));
        let room = super::json::DEPTH_MAX.checked_sub(opened)?;
        if self.begins {
            Some((0, 0))
        } else {
            Some((closed.checked_add(1)?, room.checked_sub(1)?))
        }
    }
}

/// Whether a value begins like this.
#[inline]
fn begins_value(octet: u8) -> bool {
    VALUES.get(usize::from(octet)).copied().unwrap_or(false)
}

/// By octet: whether a value begins like this.
static VALUES: [bool; 256] = values();

#[allow(clippy::indexing_slicing, reason = "evaluated at compile time")]
const fn values() -> [bool; 256] {
    const BEGINS: &[u8] = b"\"-0123456789{[tfn";
    let mut values = [false; 256];
    let mut nth = 0;
    while nth < BEGINS.len() {
        values[BEGINS[nth] as usize] = true;
        nth += 1;
    }
    values
}

/// Runs behind members.
#[derive(Default)]
pub(super) struct Edges {
    /// The first one behind each member, by its node.
    firsts: Vec<Edge>,
    others: Vec<Edge>,
    /// Which one of a member goes when there is no room for another.
    turn: usize,
}

impl Edges {
    pub(super) fn clear(&mut self) {
        self.firsts.clear();
        self.others.clear();
    }

    #[inline]
    fn first(&self, from: u32) -> Option<&Edge> {
        self.firsts.get(usize::try_from(from).ok()?)
    }

    fn other(&self, at: u32) -> Option<&Edge> {
        self.others.get(usize::try_from(at).ok()?)
    }

    /// What [`find`](Self::find) finds where nothing stands beside, if it is the first run, as it nearly always is.
    #[inline]
    pub(super) fn next(&self, from: u32, text: &[u8], open: u32) -> Option<&Edge> {
        let edge = self.first(from)?;
        let octets = u128::from_le_bytes(*text.first_chunk()?);
        edge.fits(text, octets, open).then_some(edge)
    }

    /// The run, of those behind the member `from`, that `text` begins with. `beside`: something stands beside that
    /// may give names a meaning.
    pub(super) fn find(&self, from: u32, text: &[u8], open: u32, beside: bool) -> Option<&Edge> {
        let octets = u128::from_le_bytes(*text.first_chunk()?);
        let mut edge = self.first(from)?;
        loop {
            if edge.fits(text, octets, open) && !(beside && edge.asks) {
                return Some(edge);
            }
            edge = self.other(edge.next)?;
        }
    }

    /// The first run behind the member `from`, or one of those after it.
    fn nth(&mut self, from: usize, nth: usize) -> Option<&mut Edge> {
        let mut place = None;
        for _ in 0..nth {
            let edge = place.map_or_else(|| self.firsts.get(from), |at| self.others.get(at))?;
            place = Some(usize::try_from(edge.next).ok()?);
        }
        match place {
            None => self.firsts.get_mut(from),
            Some(at) => self.others.get_mut(at),
        }
    }

    /// Remembers a run behind the value of the member `from`. Too long ones are not remembered.
    pub(super) fn add(&mut self, from: u32, run: &[u8], steps: Steps, to: At, asks: bool) {
        let (Some(edge), Ok(from)) = (Edge::new(run, steps, to, asks), usize::try_from(from))
        else {
            return;
        };
        if self.firsts.len() <= from {
            self.firsts.resize_with(from.saturating_add(1), Edge::none);
        }
        self.turn = self.turn.wrapping_add(1) % EACH_MAX;
        let count = (0..EACH_MAX).take_while(|nth| self.nth(from, *nth).is_some()).count();
        let empty = self.firsts.get(from).is_some_and(|first| first.len == 0);
        if !empty && count < EACH_MAX {
            if self.others.len() < OTHERS_MAX {
                let new = u32::try_from(self.others.len()).unwrap_or(NONE);
                self.others.push(edge);
                if let Some(last) = self.nth(from, count.saturating_sub(1)) {
                    last.next = new;
                }
            }
            return;
        }
        let place = if empty { 0 } else { self.turn };
        if let Some(slot) = self.nth(from, place) {
            *slot = Edge { next: slot.next, ..edge };
        }
    }
}
