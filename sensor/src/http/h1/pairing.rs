//! Which response answers which request. A wrong pair is worse than a missing one.
//!
//! Two queues: requests without a response yet, and responses without a request yet (mirrors deliver the two
//! directions of a connection with some skew, so that a response may come first). A [`Entry::Hole`] stands where
//! messages may have been lost: any number of them, none included. A connection joined midway begins with a hole
//! in both queues.
//!
//! Two proofs:
//!
//! **Order** (RFC 9112 §9.3.2: responses come in the order of requests). When both queues have a message at the
//! front, nothing is missing before either, so they belong together. An acknowledgement may say that it
//! cannot be: the server had received nothing of the request when it answered, or the client had the response
//! before it asked. Such a response answers no request (408 on an idle connection) and stands alone.
//!
//! **Acknowledged**, when a hole is in front. For a request `r` and a response `p`, TCP tells two things: `r.acked`,
//! how much of the server's stream the client had received when it began to send `r`, and `p.acked`, how much of the
//! client's stream the server had received when it began to send `p`. A client that does not pipeline has received
//! all earlier responses when it begins `r`, and begins nothing else before it has the response. So
//!
//! 1. `r.start < p.acked <= r.end`: the server had begun to receive `r`, and nothing behind it;
//! 2. `p.group == r.acked`: the first byte the server sent after what the client had when it began `r`. The group
//!    of a response begins with its first interim response: with `100-continue` the head of `r` acknowledges `S`, the
//!    body of `r` acknowledges `S` plus the interim response, and the final response begins there; the group begins at `S`.
//!    When the interim response was lost, the second form holds: `p.start` equals what the *last* byte of `r`
//!    acknowledged, and `p.acked == r.end`.
//!
//! Early answers (413 before the body was sent) satisfy 1 with `p.acked < r.end`. An acknowledgement read from a
//! retransmission is later than that of the lost first copy, never earlier: then an equality fails and the pair
//! is missing, not wrong. A 408 that crosses a request has `p.acked <= r.start` and fails 1.
//!
//! When a hole in front of `r` surely hides a request, that was answered before `r` began: `r.acked` must lie behind
//! the last response known to answer a request before the hole (or behind the start of the stream).
//!
//! What breaks the argument is pipelining, so a connection on which it was ever seen (a request begun with no byte
//! received since the one before it began, or before the response to the one before it was over) is never paired this
//! way again. It might have been hidden in a hole among the requests: then the pair is not firm yet. It is refuted when
//! a response follows that the server sent without receiving anything behind `r` (it answers a hidden request, or `r`
//! itself), and firm when a response follows that it did, or nothing follows.
//!
//! After a pair by acknowledgement everything before it is settled, the holes in front are gone, and order holds again.

use std::collections::VecDeque;

use super::super::{Proof, Role};
use super::framing::Method;

/// Responses that wait for requests not delivered yet; then the oldest is given up.
const TOLD_MAX: usize = 64;

/// A request without a response.
pub(super) struct Asked {
    pub(super) id: u64,
    /// Offset of its first byte.
    pub(super) start: u64,
    /// Offset behind its last byte, once known.
    pub(super) end: Option<u64>,
    /// Whether more of it may come.
    pub(super) open: bool,
    /// What its first byte's segment acknowledged.
    pub(super) acked: Option<u64>,
    /// What its last byte's segment acknowledged.
    pub(super) acked_at_end: Option<u64>,
    pub(super) method: Method,
}

/// A response without a request.
pub(super) struct Told {
    pub(super) id: u64,
    /// Offset of the first byte of its first interim response, or of its own.
    pub(super) group: u64,
    /// Offset of its first byte.
    pub(super) start: u64,
    /// What its first byte's segment acknowledged.
    pub(super) acked: Option<u64>,
    /// Whether another response may hide in it.
    pub(super) questioned: bool,
}

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Pair { request: u64, response: u64, method: Method, proof: Proof, firm: bool },
    Settled { request: u64, holds: bool },
    Alone(u64),
}

enum Entry<T> {
    /// Messages may be lost here; `hides` when at least one is.
    Hole {
        hides: bool,
    },
    Message(T),
}

/// A pair that further traffic may refute.
struct Doubt {
    request: u64,
    request_end: u64,
    response: u64,
    response_end: Option<u64>,
    /// Whether the client went on with another request after the whole response.
    moved_on: bool,
}

/// How far each direction was delivered: no message that begins before that is still to come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Upto {
    pub(super) requests: u64,
    pub(super) responses: u64,
}

/// The messages of one connection that have no partner yet.
#[derive(Default)]
pub(super) struct Queue {
    asked: VecDeque<Entry<Asked>>,
    told: VecDeque<Entry<Told>>,
    doubt: Option<Doubt>,
    /// What the first byte of the last request acknowledged, unless messages may be hidden behind that.
    last: Option<u64>,
    /// Offset behind the last response that has its request; 0 when the stream is followed from its start.
    answered: Option<u64>,
    pipelined: bool,
}

type Out<'a> = &'a mut dyn FnMut(Verdict);

impl Queue {
    /// An empty queue; `whole` when the connection was seen from its start.
    pub(super) fn new(whole: bool) -> Self {
        Self { answered: whole.then_some(0), ..Self::default() }
    }

    /// Messages of `role` may be lost here; `hides` when at least one is.
    pub(super) fn lost(&mut self, role: Role, hides: bool, out: Out<'_>) {
        match role {
            Role::Request => {
                self.last = None;
                hole(&mut self.asked, hides);
            }
            Role::Response => {
                hole(&mut self.told, hides);
                // A response that would have refuted the pair may be hidden here.
                if self.doubt.as_ref().is_some_and(|doubt| !doubt.moved_on) {
                    self.withdraw(out);
                }
            }
        }
    }

    /// A request begins. At most `max` are kept.
    pub(super) fn request(&mut self, request: Asked, max: usize, out: Out<'_>) {
        if request.acked.is_some() && request.acked == self.last {
            self.pipelined = true;
        }
        self.last = request.acked;
        if let Some(doubt) = &mut self.doubt
            && doubt.response_end.is_some()
        {
            // Bytes between the two were another response.
            doubt.moved_on |= request.acked == doubt.response_end;
            if !doubt.moved_on {
                self.withdraw(out);
            }
        }
        self.asked.push_back(Entry::Message(request));
        while self.asked.len() > max.saturating_add(1) {
            give_up(&mut self.asked, |asked| asked.id, out);
        }
    }

    /// A request ended; `end` is not known when its framing was lost.
    pub(super) fn request_end(&mut self, id: u64, end: Option<u64>, acked: Option<u64>) {
        for entry in self.asked.iter_mut().rev() {
            if let Entry::Message(asked) = entry
                && asked.id == id
            {
                (asked.end, asked.acked_at_end, asked.open) = (end, acked, false);
                return;
            }
        }
    }

    /// A final response begins.
    pub(super) fn response(&mut self, response: Told, out: Out<'_>) {
        if let Some(doubt) = &self.doubt {
            if response.acked > Some(doubt.request_end) {
                let request = doubt.request;
                self.doubt = None;
                out(Verdict::Settled { request, holds: true });
            } else {
                self.pipelined = true;
                self.withdraw(out);
            }
        }
        self.told.push_back(Entry::Message(response));
        while self.told.len() > TOLD_MAX.saturating_add(1) {
            give_up(&mut self.told, |told| told.id, out);
        }
    }

    /// Whether it is open which request a response belongs to.
    pub(super) fn doubts(&self, id: u64) -> bool {
        let waits = |entry: &Entry<Told>| matches!(entry, Entry::Message(told) if told.id == id);
        self.doubt.as_ref().is_some_and(|doubt| doubt.response == id) || self.told.iter().any(waits)
    }

    /// Another response may hide in this one: where it ends was told by a request that may be the wrong one, or by none.
    pub(super) fn question(&mut self, id: u64, out: Out<'_>) {
        for entry in &mut self.told {
            if let Entry::Message(told) = entry
                && told.id == id
            {
                told.questioned = true;
            }
        }
        if self.doubt.as_ref().is_some_and(|doubt| doubt.response == id) {
            self.withdraw(out);
        }
    }

    /// A response that has its request ended.
    pub(super) fn response_end(&mut self, id: u64, end: u64) {
        if let Some(doubt) = &mut self.doubt
            && doubt.response == id
        {
            doubt.response_end = Some(end);
        }
        self.answered = self.answered.max(Some(end));
        if let Some(Entry::Message(next)) = self.asked.front() {
            self.pipelined |= next.acked.is_some_and(|acked| acked < end);
        }
    }

    /// Whether a response is expected at `offset`, in a segment that acknowledged `acked`: the client of a request
    /// without response had received exactly what is before, and the server has received some of the request.
    pub(super) fn expects(&self, offset: u64, acked: Option<u64>) -> bool {
        self.asked.iter().any(|entry| match entry {
            Entry::Hole { .. } => false,
            Entry::Message(asked) => {
                acked > Some(asked.start)
                    && (asked.acked == Some(offset) || asked.acked_at_end == Some(offset))
            }
        })
    }

    /// Whether responses wait for requests.
    pub(super) fn waits(&self) -> bool {
        self.told.iter().any(|entry| matches!(entry, Entry::Message(_)))
    }

    /// Whether requests wait for responses.
    pub(super) fn is_asking(&self) -> bool {
        !self.asked.is_empty()
    }

    /// Decides all that can be decided.
    pub(super) fn settle(&mut self, upto: Upto, out: Out<'_>) {
        while self.in_order(out)
            || self.by_proof(upto, out)
            || self.unclaimed(upto, out)
            || self.passed(upto, out)
        {}
    }

    /// The connection is over: nothing comes that would refute or answer.
    pub(super) fn close(&mut self, out: Out<'_>) {
        self.confirm(out);
        for entry in self.asked.drain(..) {
            if let Entry::Message(asked) = entry {
                out(Verdict::Alone(asked.id));
            }
        }
        for entry in self.told.drain(..) {
            if let Entry::Message(told) = entry {
                out(Verdict::Alone(told.id));
            }
        }
    }

    /// No response follows: a pair in doubt stands.
    pub(super) fn confirm(&mut self, out: Out<'_>) {
        if let Some(doubt) = self.doubt.take() {
            out(Verdict::Settled { request: doubt.request, holds: true });
        }
    }

    /// A pair in doubt does not stand, and order does not hold behind it.
    fn withdraw(&mut self, out: Out<'_>) {
        if let Some(doubt) = self.doubt.take() {
            out(Verdict::Settled { request: doubt.request, holds: false });
            self.asked.push_front(Entry::Hole { hides: false });
            self.told.push_front(Entry::Hole { hides: false });
        }
    }

    /// Both fronts are messages: they belong together, or the response answers nothing.
    fn in_order(&mut self, out: Out<'_>) -> bool {
        let (Some(Entry::Message(asked)), Some(Entry::Message(told))) =
            (self.asked.front(), self.told.front())
        else {
            return false;
        };
        // Zero is what senders that do not care put there.
        let unheard = told.acked.is_some_and(|acked| 0 < acked && acked <= asked.start);
        let before = asked.acked.is_some_and(|acked| told.start < acked);
        if unheard || before {
            out(Verdict::Alone(told.id));
        } else {
            let (request, response, method) = (asked.id, told.id, asked.method);
            out(Verdict::Pair { request, response, method, proof: Proof::Order, firm: true });
            self.asked.pop_front();
        }
        self.told.pop_front();
        true
    }

    /// The first pair that acknowledgements prove; what is before it on either side stays alone.
    fn by_proof(&mut self, upto: Upto, out: Out<'_>) -> bool {
        if self.pipelined || self.asked.is_empty() {
            return false;
        }
        let found = self.told.iter().enumerate().find_map(|(at, entry)| {
            let Entry::Message(told) = entry else { return None };
            let mut hidden = false;
            let proven = |entry: &Entry<Asked>| match entry {
                Entry::Hole { hides } => {
                    hidden |= hides;
                    false
                }
                Entry::Message(asked) => {
                    let answered =
                        !hidden || self.answered.is_none() || asked.acked > self.answered;
                    answered && proves(asked, told, upto)
                }
            };
            Some((at, self.asked.iter().position(proven)?))
        });
        let Some((told_at, asked_at)) = found else { return false };
        let mut firm = true;
        for entry in self.asked.drain(..asked_at) {
            match entry {
                Entry::Hole { .. } => firm = false,
                Entry::Message(asked) => out(Verdict::Alone(asked.id)),
            }
        }
        for entry in self.told.drain(..told_at) {
            if let Entry::Message(told) = entry {
                out(Verdict::Alone(told.id));
            }
        }
        if let (Some(Entry::Message(asked)), Some(Entry::Message(told))) =
            (self.asked.pop_front(), self.told.pop_front())
        {
            self.pair(&asked, &told, firm, upto, out);
        }
        true
    }

    /// Pairs by acknowledgement. Responses that came before this could be decided may refute the pair at once.
    fn pair(&mut self, asked: &Asked, told: &Told, firm: bool, upto: Upto, out: Out<'_>) {
        let (request, response, method) = (asked.id, told.id, asked.method);
        let request_end = asked.end.unwrap_or(upto.requests);
        let (firm, refuted) = match self.told.front() {
            _ if firm => (true, false),
            _ if told.questioned => (false, true),
            None => (false, false),
            Some(Entry::Message(next)) if next.acked > Some(request_end) => (true, false),
            Some(_) => (false, true),
        };
        if refuted {
            out(Verdict::Alone(request));
            out(Verdict::Alone(response));
            self.asked.push_front(Entry::Hole { hides: false });
            self.told.push_front(Entry::Hole { hides: false });
            return;
        }
        out(Verdict::Pair { request, response, method, proof: Proof::Acknowledged, firm });
        if !firm {
            self.doubt =
                Some(Doubt { request, request_end, response, response_end: None, moved_on: false });
        }
    }

    /// A response whose request would have been delivered by now is alone.
    fn unclaimed(&mut self, upto: Upto, out: Out<'_>) -> bool {
        let found = self.told.iter().position(|entry| match entry {
            Entry::Hole { .. } => false,
            Entry::Message(told) => told.acked.is_none_or(|acked| acked <= upto.requests),
        });
        let Some(at) = found else { return false };
        if let Some(Entry::Message(told)) = self.told.remove(at) {
            out(Verdict::Alone(told.id));
        }
        true
    }

    /// A request before another one is alone when the client had its response, and that was lost.
    fn passed(&mut self, upto: Upto, out: Out<'_>) -> bool {
        if self.pipelined || !matches!(self.told.front(), Some(Entry::Hole { .. })) {
            return false;
        }
        let at = self.asked.iter().position(|entry| matches!(entry, Entry::Message(_)));
        let Some(at) = at else { return false };
        let (Some(Entry::Message(first)), Some(Entry::Message(second))) =
            (self.asked.get(at), self.asked.get(at.saturating_add(1)))
        else {
            return false;
        };
        let passed = second.acked > first.acked.max(first.acked_at_end)
            && second.acked.is_some_and(|acked| acked <= upto.responses);
        if passed && !first.open {
            out(Verdict::Alone(first.id));
            self.asked.remove(at);
            return true;
        }
        false
    }
}

/// Whether acknowledgements prove that `told` answers `asked` (see the module).
fn proves(asked: &Asked, told: &Told, upto: Upto) -> bool {
    let Some(received) = told.acked else { return false };
    let end = match asked.end {
        Some(end) => end,
        None if asked.open => upto.requests,
        None => return false,
    };
    let nothing_else = asked.start < received && received <= end;
    let first = asked.acked == Some(told.group);
    let second = asked.acked_at_end == Some(told.start) && Some(received) == asked.end;
    nothing_else && (first || second)
}

/// Puts a hole at the end.
fn hole<T>(queue: &mut VecDeque<Entry<T>>, hides: bool) {
    match queue.back_mut() {
        Some(Entry::Hole { hides: already }) => *already |= hides,
        Some(Entry::Message(_)) | None => queue.push_back(Entry::Hole { hides }),
    }
}

/// Takes the oldest message out; a hole stays in its place.
fn give_up<T>(queue: &mut VecDeque<Entry<T>>, id: impl Fn(&T) -> u64, out: Out<'_>) {
    let at = usize::from(matches!(queue.front(), Some(Entry::Hole { .. })));
    if let Some(Entry::Message(message)) = queue.remove(at) {
        out(Verdict::Alone(id(&message)));
    }
    if at == 0 {
        queue.push_front(Entry::Hole { hides: false });
    }
}
