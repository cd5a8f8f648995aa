//! Runs of text between two values of a JSON body, as they came before: behind the value of `$.id` the text
//! `,"actor":{"email":` leads to `$.actor.email`.
//!
//! Bodies of one API are the same text around values that change, so that one comparison stands for all steps that
//! reading the run takes. A run is punctuation, white space and names that are safe to keep.

use super::paths::NONE;

/// Longest run remembered.
const RUN_MAX: usize = 56;
/// Most runs remembered behind one member.
const EACH_MAX: usize = 4;
/// Most runs remembered.
const EDGES_MAX: usize = 16 * 1024;
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
    pub(super) to: u32,
    next: u32,
    /// The first octets of the run, and which of them there are.
    head: u128,
    mask: u128,
    /// How many containers must be open at least, and how many more may be.
    open: u32,
    more: u32,
    /// Whether what stands beside could give a name on the way another meaning.
    asks: bool,
    len: u8,
    run: [u8; RUN_MAX],
    pub(super) steps: Steps,
}

impl Edge {
    pub(super) fn len(&self) -> usize {
        self.len.into()
    }

    /// Whether `text` is this run and then a value, where so many containers are open.
    #[inline]
    fn fits(&self, text: &[u8], first: u128, open: u32, beside: bool) -> bool {
        let len = self.len();
        let rest = || text.get(HEAD..len) == self.run.get(HEAD..len);
        (first ^ self.head) & self.mask == 0
            && (len <= HEAD || rest())
            && text.get(len).is_some_and(|&b| begins_value(b))
            && !(beside && self.asks)
            && open.wrapping_sub(self.open) <= self.more
    }
}

impl Steps {
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
fn begins_value(octet: u8) -> bool {
    matches!(octet, b'"' | b'-' | b'0'..=b'9' | b'{' | b'[' | b't' | b'f' | b'n')
}

/// Runs behind members.
#[derive(Default)]
pub(super) struct Edges {
    edges: Vec<Edge>,
    /// Which one of a member goes when there is no room for another.
    turn: usize,
}

impl Edges {
    pub(super) fn clear(&mut self) {
        self.edges.clear();
    }

    fn get(&self, at: u32) -> Option<&Edge> {
        self.edges.get(usize::try_from(at).ok()?)
    }

    /// The run, of those that begin with `first`, that `text` begins with. `beside`: something stands beside that
    /// may give names a meaning.
    #[inline]
    pub(super) fn find(&self, first: u32, text: &[u8], open: u32, beside: bool) -> Option<&Edge> {
        let octets = u128::from_le_bytes(*text.first_chunk()?);
        let mut edge = self.get(first)?;
        loop {
            if edge.fits(text, octets, open, beside) {
                return Some(edge);
            }
            edge = self.get(edge.next)?;
        }
    }

    /// Remembers a run; gives back the first of its member. Too long ones are not remembered.
    pub(super) fn add(&mut self, first: u32, run: &[u8], steps: Steps, to: u32, asks: bool) -> u32 {
        let Steps { closed, opened, entered, .. } = steps;
        let slot = &mut [0; RUN_MAX];
        let (Some(room), Ok(len @ 1..)) = (slot.get_mut(..run.len()), u8::try_from(run.len()))
        else {
            return first;
        };
        let Some((open, more)) = steps.open() else { return first };
        if closed.max(opened).max(entered) > CONTAINERS_MAX {
            return first;
        }
        room.copy_from_slice(run);
        let head = slot.first_chunk().map_or(0, |head| u128::from_le_bytes(*head));
        let unused = 128_u32.saturating_sub(u32::from(len).saturating_mul(8));
        let mask = u128::MAX.wrapping_shr(unused);
        let mut edge =
            Edge { to, next: NONE, head, mask, open, more, asks, len, run: *slot, steps };
        let (mut nth, mut last, mut count) = (first, NONE, 0_usize);
        self.turn = self.turn.wrapping_add(1) % EACH_MAX;
        while let Some(known) = self.get(nth) {
            let next = known.next;
            if count == self.turn && self.count(first) >= EACH_MAX {
                edge.next = next;
                self.set(nth, edge);
                return first;
            }
            (last, nth, count) = (nth, next, count.saturating_add(1));
        }
        if self.edges.len() >= EDGES_MAX {
            return first;
        }
        let new = u32::try_from(self.edges.len()).unwrap_or(NONE);
        self.edges.push(edge);
        let last = usize::try_from(last).ok().and_then(|last| self.edges.get_mut(last));
        last.map_or(new, |last| {
            last.next = new;
            first
        })
    }

    fn count(&self, first: u32) -> usize {
        std::iter::successors(self.get(first), |edge| self.get(edge.next)).count()
    }

    fn set(&mut self, at: u32, edge: Edge) {
        if let Some(slot) = usize::try_from(at).ok().and_then(|at| self.edges.get_mut(at)) {
            *slot = edge;
        }
    }
}
