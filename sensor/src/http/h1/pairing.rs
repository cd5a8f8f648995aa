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
//! client's stream the server had received when it began to send `p`. A client that waits for what it asked has
//! received all earlier responses when it begins `r`, or begins several requests (a batch) with the same `r.acked`.
//! So the response to the first request of a batch begins right there: `p.group == r.acked`, and the server had
//! received some of it: `r.start < p.acked`. Behind it, order holds again.
//!
//! - The group of a response begins with its first interim response: with `100-continue` the head of `r` acknowledges
//!   `S`, the body of `r` acknowledges `S` plus the interim response, and the final response begins there; the group
//!   begins at `S`. When the interim response was lost: `p.start` equals what the *last* byte of `r` acknowledged, and
//!   `p.acked == r.end`.
//! - Early answers (413 before the body was sent) have `p.acked < r.end`.
//! - An acknowledgement read from a retransmission is later than that of the lost first copy, never earlier: then an
//!   equality fails and the pair is missing, not wrong.
//! - A 408 that crosses a request has `p.acked <= r.start`.
//!
//! `r` is the first of its batch when the request before it is known and acknowledged less, also with its last byte: a
//! batch may be written bit by bit, while answers come to what is before it. When a hole is right
//! before it, earlier ones of the batch may be hidden: then the server must have received nothing behind the batch
//! (`p.acked <= end`), a hole that surely hides a request must have been answered (`r.acked` lies behind the last
//! response known), and the pairs are in doubt until the batch is over (see [`doubt`]). What is hidden is of no
//! concern when the server had received all before `r` when it sent something that the client had when it began `r`:
//! then all of it is of earlier batches.
//!
//! What breaks the argument is a client that begins requests while some of what it asked is unanswered and some is
//! answered (a window). It betrays itself where order holds, where it goes on with fewer responses than requests, where
//! the server goes on behind what the client had when it began `r`, having received nothing of `r`, and where responses come
//! that are to none of its requests; then only order is believed on that connection, and none that began with an
//! acknowledgement. Until it is known that it has no window, what acknowledgements say is on trial (see [`trial`]).

mod doubt;
mod trial;

use std::collections::VecDeque;

use self::doubt::Doubt;
use self::trial::Trial;
use super::super::{Proof, Role};
use super::framing::Method;
use crate::time::Timestamp;

/// Rises of the server's acknowledgement that are remembered.
const HEARD_MAX: usize = 32;
/// The latest requests that are held against what the server sends.
const WAITING_MAX: usize = 8;
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
    /// Whether the request before it is known, and acknowledged the same: they are of one batch.
    pub(super) follows: bool,
    /// When its first byte came.
    pub(super) time: Timestamp,
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
    /// Offset behind its last byte, once known.
    pub(super) end: Option<u64>,
    /// When its first byte came.
    pub(super) time: Timestamp,
    /// Whether it says that the server waited for a request in vain (408).
    pub(super) timeout: bool,
    pub(super) question: Question,
}

/// Whether another response may hide in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    /// No.
    None,
    /// One follows where its body should begin: it answers HEAD, or its body was no body.
    Bodiless,
    /// Bytes of its body are missing.
    Gap,
}

impl Question {
    /// Whether this response cannot be held to answer a request of `method` without certainty.
    fn excludes(self, method: Method) -> bool {
        match self {
            Self::None => false,
            Self::Bodiless => method != Method::Head,
            Self::Gap => true,
        }
    }
}

/// Data of the server that acknowledged the same.
struct Heard {
    /// Where in its stream the first of it began, and the last so far.
    first: u64,
    last: u64,
    acked: u64,
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
    /// The response that was paired last, and what its request acknowledged.
    paired: Option<(u64, Option<u64>)>,
    /// Responses since, that are told alone.
    lone: usize,
    /// What the last response acknowledged.
    last_told: Option<u64>,
    /// What the server said with one acknowledgement: the last few times that it rose.
    heard: VecDeque<Heard>,
    /// Whether requests were seen that were begun together.
    batched: bool,
    /// Whether a request was seen that was begun between the responses of others.
    windowed: bool,
    /// Whether order rests on what acknowledgements said behind requests without a response.
    anchored: bool,
    /// Whether what acknowledgements say of the client is believed.
    trial: Trial,
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
                self.doubt_lost(out);
            }
        }
    }

    /// A request begins. At most `max` are kept.
    pub(super) fn request(&mut self, mut request: Asked, max: usize, out: Out<'_>) {
        request.follows = request.acked.is_some() && request.acked == self.last;
        self.batched |= request.follows;
        self.last = request.acked;
        if let Some(Entry::Message(oldest)) = self.asked.front() {
            // The client has all that was answered, or some, and the oldest was not.
            self.windowed |= oldest.acked < request.acked && request.acked <= self.answered;
        }
        self.windowed |= self.is_short(request.acked);
        self.crosses(request.acked);
        let mut later =
            self.heard.iter().rev().take_while(|heard| Some(heard.last) >= request.acked);
        self.windowed |= later.any(|heard| request.leaves_waiting(heard));
        self.doubt_request(request.acked, out);
        self.asked.push_back(Entry::Message(request));
        while self.asked.len() > max.saturating_add(1) {
            give_up(&mut self.asked, |asked| asked.id, out);
        }
    }

    /// The server sends data at `offset`, having received `acked`.
    pub(super) fn heard(&mut self, offset: u64, acked: Option<u64>) {
        let Some(acked) = acked else { return };
        let heard = Heard { first: offset, last: offset, acked };
        self.windowed |=
            self.asked.iter().rev().take(WAITING_MAX).any(
                |entry| matches!(entry, Entry::Message(asked) if asked.leaves_waiting(&heard)),
            );
        match self.heard.back_mut() {
            Some(last) if last.acked == acked => last.last = last.last.max(offset),
            Some(last) if last.acked > acked => {}
            _ => {
                if self.heard.len() >= HEARD_MAX {
                    self.heard.pop_front();
                }
                self.heard.push_back(heard);
            }
        }
    }

    /// Whether the server had received everything before `asked` when it sent something that the client had when
    /// it began `asked`: then nothing hidden before it is of the same batch.
    fn is_apart(&self, asked: &Asked) -> bool {
        let Some(acked) = asked.acked else { return false };
        self.heard.iter().any(|heard| heard.first < acked && heard.acked >= asked.start)
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
        let together = response.acked.is_some() && response.acked == self.last_told;
        // Of requests that are hidden several were under way.
        self.windowed |= together && self.is_tried() && !self.batched && !response.timeout;
        self.batched |= together;
        self.last_told = response.acked;
        self.told.push_back(Entry::Message(response));
        while self.told.len() > TOLD_MAX.saturating_add(1) {
            give_up(&mut self.told, |told| told.id, out);
        }
    }

    /// Whether it is open which request a response belongs to.
    pub(super) fn doubts(&self, id: u64) -> bool {
        let waits = |entry: &Entry<Told>| matches!(entry, Entry::Message(told) if told.id == id);
        self.is_doubtful(id) || self.told.iter().any(waits)
    }

    /// Another response may hide in this one: where it ends was told by a request that may be the wrong one, or by none.
    pub(super) fn question(&mut self, id: u64, question: Question, out: Out<'_>) {
        for entry in &mut self.told {
            if let Entry::Message(told) = entry
                && told.id == id
            {
                told.question = question;
            }
        }
        if self.is_doubtful(id) {
            self.withdraw(out);
        }
    }

    /// A response ended where its framing says.
    pub(super) fn response_end(&mut self, id: u64, end: u64, time: Timestamp, out: Out<'_>) {
        for entry in self.told.iter_mut().rev() {
            if let Entry::Message(told) = entry
                && told.id == id
            {
                told.end = Some(end);
                return;
            }
        }
        if let Some((response, acked)) = self.paired
            && response == id
        {
            self.trial.ended(time);
            self.pair_end(id, acked, end, out);
        }
    }

    /// The response that was paired last, with a request that acknowledged `acked`, ended.
    fn pair_end(&mut self, id: u64, acked: Option<u64>, end: u64, out: Out<'_>) {
        self.answered = self.answered.max(Some(end));
        if let Some(Entry::Message(next)) = self.asked.front()
            && next.acked.is_some_and(|acked| acked < end)
        {
            self.batched |= next.acked == acked;
            self.windowed |= next.acked != acked;
        }
        self.doubt_response_end(id, end, out);
    }

    /// A request begins that acknowledges `acked`, perhaps long after what was paired, behind a hole: whether the client
    /// had not all of the last response to a request before.
    fn crosses(&mut self, acked: Option<u64>) {
        if let Some((_, before)) = self.paired
            && acked.is_some()
            && acked < self.answered
        {
            self.batched |= acked == before;
            self.windowed |= acked != before;
        }
    }

    /// A pair was made, and taken out of the queues.
    fn made(&mut self, asked: &Asked, told: &Told, out: Out<'_>) {
        self.conduct(asked, told, out);
        self.paired = Some((told.id, asked.acked));
        self.lone = 0;
        if let Some(end) = told.end {
            self.pair_end(told.id, asked.acked, end, out);
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

    /// Whether requests were seen that were begun together.
    pub(super) const fn is_batched(&self) -> bool {
        self.batched
    }

    /// Whether requests wait for responses.
    pub(super) fn is_asking(&self) -> bool {
        !self.asked.is_empty()
    }

    /// Decides all that can be decided.
    pub(super) fn settle(&mut self, upto: Upto, out: Out<'_>) {
        if self.windowed {
            self.convict(out);
        }
        if self.windowed && std::mem::take(&mut self.anchored) {
            // Order began with what such a client's acknowledgements do not prove.
            self.asked.push_front(Entry::Hole { hides: false });
            self.told.push_front(Entry::Hole { hides: false });
        }
        while self.doubted(upto, out)
            || self.in_order(out)
            || self.by_proof(upto, out)
            || self.unclaimed(upto, out)
            || self.passed(upto, out)
        {}
    }

    /// Whether each response so far has its request, and none was lost since.
    pub(super) fn is_all_told(&self) -> bool {
        self.told.is_empty() && self.lone == 0
    }

    /// The connection is over: nothing comes that would refute or answer.
    pub(super) fn close(&mut self, out: Out<'_>) {
        self.conclude(out);
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

    /// Both fronts are messages: they belong together, or the response answers nothing.
    fn in_order(&mut self, out: Out<'_>) -> bool {
        let (Some(Entry::Message(asked)), Some(Entry::Message(told)), None) =
            (self.asked.front(), self.told.front(), &self.doubt)
        else {
            return false;
        };
        if !asked.may_have(told) {
            out(Verdict::Alone(told.id));
            self.told.pop_front();
            return true;
        }
        if let (Some(Entry::Message(asked)), Some(Entry::Message(told))) =
            (self.asked.pop_front(), self.told.pop_front())
        {
            let (request, response, method) = (asked.id, told.id, asked.method);
            let firm = !self.trial.is_on();
            out(Verdict::Pair { request, response, method, proof: Proof::Order, firm });
            if !firm {
                self.stands(request, out);
            }
            self.made(&asked, &told, out);
            if told.question.excludes(method) {
                // What was taken for the next response may be its body.
                self.asked.push_front(Entry::Hole { hides: false });
                self.told.push_front(Entry::Hole { hides: false });
            }
        }
        true
    }

    /// The first pair that acknowledgements prove; what is before it on either side stays alone.
    fn by_proof(&mut self, upto: Upto, out: Out<'_>) -> bool {
        if self.windowed || self.asked.is_empty() || self.doubt.is_some() {
            return false;
        }
        let found = self.told.iter().enumerate().find_map(|(at, entry)| {
            let Entry::Message(told) = entry else { return None };
            let (asked, firm) = self.first_for(told, upto)?;
            Some((at, asked, firm))
        });
        let Some((told_at, asked_at, firm)) = found else { return false };
        if self.is_ahead(told_at, asked_at) {
            self.windowed = true;
            return true;
        }
        let empty = |entry: &Entry<Asked>| matches!(entry, Entry::Hole { hides: false });
        self.anchored |= !self.asked.iter().take(asked_at).all(empty);
        for entry in self.asked.drain(..asked_at) {
            if let Entry::Message(asked) = entry {
                out(Verdict::Alone(asked.id));
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

    /// The request that begins the batch whose first response is `told`, and whether that is certain.
    fn first_for(&self, told: &Told, upto: Upto) -> Option<(usize, bool)> {
        let received = told.acked?;
        let mut before = None;
        for (at, entry) in self.asked.iter().enumerate() {
            let Entry::Message(asked) = entry else {
                before = Some(entry);
                continue;
            };
            let begins = !matches!(before, Some(Entry::Message(other))
                if other.acked == asked.acked || other.acked_at_end >= Some(told.group));
            let first = begins && asked.acked == Some(told.group);
            let interim_lost = asked.acked_at_end > asked.acked
                && asked.acked_at_end == Some(told.start)
                && Some(received) == asked.end;
            let hidden = match before {
                Some(Entry::Hole { hides }) => Some(*hides),
                Some(Entry::Message(_)) | None => None,
            };
            before = Some(entry);
            if asked.start >= received || !(first || interim_lost) {
                continue;
            }
            let Some(hides) = hidden else { return Some((at, true)) };
            let answered = !hides || self.answered.is_none() || asked.acked > self.answered;
            if answered && self.batch_end(at, upto).is_some_and(|end| received <= end) {
                return Some((at, false));
            }
        }
        None
    }

    /// Offset behind the last request of the batch that begins at `at`.
    fn batch_end(&self, at: usize, upto: Upto) -> Option<u64> {
        let mut batch = self.asked.iter().skip(at).map_while(|entry| match entry {
            Entry::Hole { .. } => None,
            Entry::Message(asked) => Some(asked),
        });
        let first = batch.next()?;
        let last = batch.take_while(|asked| asked.acked == first.acked).last().unwrap_or(first);
        last.end.or(last.open.then_some(upto.requests))
    }

    /// Whether the client began the request at `asked_at`, which acknowledges all before the response at `told_at`, when
    /// fewer responses had come than it had asked for.
    fn is_ahead(&self, told_at: usize, asked_at: usize) -> bool {
        let mut told = self.told.iter().take(told_at);
        if told.any(|entry| matches!(entry, Entry::Hole { .. })) {
            return false;
        }
        let counts = |entry: &&Entry<Asked>| !matches!(entry, Entry::Hole { hides: false });
        self.asked.iter().take(asked_at).filter(counts).count() > told_at.saturating_add(self.lone)
    }

    /// Pairs by acknowledgement.
    fn pair(&mut self, asked: &Asked, told: &Told, firm: bool, upto: Upto, out: Out<'_>) {
        let (request, response, method) = (asked.id, told.id, asked.method);
        let lost = matches!(self.told.front(), Some(Entry::Hole { .. }));
        // Whether the client went on already when it had exactly this response.
        let next = match self.asked.front() {
            Some(Entry::Message(next)) if told.end.is_some() => next.acked == told.end,
            _ => false,
        };
        let apart = self.is_apart(asked);
        let firm = firm || apart && lost;
        if !firm && (told.question.excludes(method) || lost && !next) {
            // What could refute the pair may be lost already.
            out(Verdict::Alone(request));
            out(Verdict::Alone(response));
            self.asked.push_front(Entry::Hole { hides: false });
            self.told.push_front(Entry::Hole { hides: false });
            return;
        }
        self.try_client();
        let tried = self.trial.is_on();
        let stands = firm && !tried;
        out(Verdict::Pair { request, response, method, proof: Proof::Acknowledged, firm: stands });
        if firm && tried {
            self.stands(request, out);
        } else if !firm {
            self.doubt = Some(Doubt::new(asked, told, upto, apart));
        }
        self.made(asked, told, out);
    }

    /// A response whose request would have been delivered by now is alone.
    fn unclaimed(&mut self, upto: Upto, out: Out<'_>) -> bool {
        let found = self.told.iter().position(|entry| match entry {
            Entry::Hole { .. } => false,
            Entry::Message(told) => told.acked.is_none_or(|acked| acked <= upto.requests),
        });
        let Some(at) = found else { return false };
        self.windowed |= self.is_surplus(at);
        if let Some(Entry::Message(told)) = self.told.remove(at) {
            out(Verdict::Alone(told.id));
            self.lone = self.lone.saturating_add(1);
        }
        true
    }

    /// A request before another one is alone when the client had its response, and that was lost.
    fn passed(&mut self, upto: Upto, out: Out<'_>) -> bool {
        if self.windowed || !matches!(self.told.front(), Some(Entry::Hole { .. })) {
            return false;
        }
        let message = |entry: &Entry<Asked>| matches!(entry, Entry::Message(_));
        let Some(at) = self.asked.iter().position(message) else { return false };
        let (Some(Entry::Message(first)), Some(Entry::Message(last))) =
            (self.asked.get(at), self.asked.back())
        else {
            return false;
        };
        let passed = last.acked > first.acked.max(first.acked_at_end)
            && last.acked.is_some_and(|acked| acked <= upto.responses);
        if passed && !first.open {
            out(Verdict::Alone(first.id));
            self.asked.remove(at);
            return true;
        }
        false
    }
}

impl Asked {
    /// Whether the client had something else to wait for when it began this: the server went on behind what the client
    /// had, and had received nothing of this. The others of its batch are no such thing.
    fn leaves_waiting(&self, heard: &Heard) -> bool {
        let unheard = 0 < heard.acked && heard.acked <= self.start;
        !self.follows && unheard && self.acked.is_some_and(|had| had <= heard.last)
    }

    /// Whether acknowledgements allow that `told` answers this. Zero is what senders that do not care put there, and of
    /// a new connection on which the server waited in vain.
    fn may_have(&self, told: &Told) -> bool {
        let unheard =
            told.acked.is_some_and(|acked| (0 < acked || told.timeout) && acked <= self.start);
        let before = self.acked.is_some_and(|acked| told.start < acked);
        !unheard && !before
    }
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

#[cfg(test)]
mod tests;
