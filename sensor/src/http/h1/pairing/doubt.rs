//! Pairs that further traffic may refute.
//!
//! Behind a hole among the requests, the first request seen may not be the first of its batch. All responses to
//! a batch come before the next batch begins, so the two can be counted:
//!
//! - A response that the server sent without having received anything behind the last request seen answers a hidden
//!   request: the pairs are refuted.
//! - The client's next request acknowledges exactly the end of the last response: as many responses as requests, so
//!   none is hidden. The pairs stand once a response follows that the server sent after it had received more (a client
//!   with a window looks the same up to there), or once the server ends.
//! - A loss among the responses (unless nothing of the batch is hidden), or a next request that acknowledges anything else: not known, so the pairs are withdrawn.

use super::super::super::Proof;
use super::{Asked, Entry, Out, Queue, Told, Upto, Verdict};

/// Most pairs in doubt at a time.
const PAIRS_MAX: usize = 256;

/// The pairs of one batch.
pub(super) struct Doubt {
    /// Requests and their responses.
    pairs: Vec<(u64, u64)>,
    /// What all requests of the batch acknowledged.
    acked: Option<u64>,
    /// Offset behind the last request paired.
    request_end: u64,
    /// Offset behind the last response paired, once it ended.
    response_end: Option<u64>,
    /// Whether the client went on after exactly these responses.
    moved_on: bool,
    /// Whether nothing of the batch is hidden, if the client sends in batches.
    apart: bool,
}

impl Doubt {
    pub(super) fn new(asked: &Asked, told: &Told, upto: Upto, apart: bool) -> Self {
        let request_end = asked.end.unwrap_or(upto.requests);
        let pairs = vec![(asked.id, told.id)];
        Self { pairs, acked: asked.acked, request_end, response_end: None, moved_on: false, apart }
    }
}

impl Queue {
    /// Whether a response is in a pair in doubt.
    pub(super) fn is_doubtful(&self, response: u64) -> bool {
        self.doubt.as_ref().is_some_and(|doubt| doubt.pairs.iter().any(|pair| pair.1 == response))
    }

    /// No response follows.
    pub(in super::super) fn confirm(&mut self, out: Out<'_>) {
        // Those that wait for requests not delivered yet may still say something.
        if !self.waits() {
            self.conclude(out);
        }
    }

    /// Nothing follows: pairs in doubt stand, unless requests of the batch are left.
    pub(super) fn conclude(&mut self, out: Out<'_>) {
        match &self.doubt {
            Some(doubt) if self.is_left(doubt.acked) => self.withdraw(out),
            Some(_) => self.hold(out),
            None => {}
        }
        if self.windowed {
            self.convict(out);
        } else {
            self.acquit(out);
        }
    }

    /// Pairs in doubt stand, unless the client was found to have a window since.
    fn hold(&mut self, out: Out<'_>) {
        if self.windowed {
            return self.withdraw(out);
        }
        for (request, _) in self.doubt.take().map(|doubt| doubt.pairs).unwrap_or_default() {
            self.stands(request, out);
        }
    }

    /// Pairs in doubt do not stand, and order does not hold behind them.
    pub(super) fn withdraw(&mut self, out: Out<'_>) {
        let Some(doubt) = self.doubt.take() else { return };
        for (request, _) in doubt.pairs {
            out(Verdict::Settled { request, holds: false });
        }
        self.asked.push_front(Entry::Hole { hides: false });
        self.told.push_front(Entry::Hole { hides: false });
    }

    /// Whether a request that acknowledged `acked` waits.
    fn is_left(&self, acked: Option<u64>) -> bool {
        self.asked
            .iter()
            .any(|entry| matches!(entry, Entry::Message(asked) if asked.acked == acked))
    }

    /// Responses were lost.
    pub(super) fn doubt_lost(&mut self, out: Out<'_>) {
        match &self.doubt {
            Some(doubt) if doubt.apart => self.hold(out),
            Some(doubt) if !doubt.moved_on => self.withdraw(out),
            Some(_) | None => {}
        }
    }

    /// A request begins that acknowledges `acked`; the ones before it are in the queue.
    pub(super) fn doubt_request(&mut self, acked: Option<u64>, out: Out<'_>) {
        let Some(doubt) = &self.doubt else { return };
        let Some(end) = doubt.response_end else { return };
        if doubt.moved_on || acked == doubt.acked || self.is_left(doubt.acked) {
            return;
        }
        self.go_on(acked == Some(end), out);
    }

    /// The response ended that was paired last, or another.
    pub(super) fn doubt_response_end(&mut self, id: u64, end: u64, out: Out<'_>) {
        let Some(doubt) = &mut self.doubt else { return };
        if doubt.pairs.last().is_none_or(|pair| pair.1 != id) {
            return;
        }
        doubt.response_end = Some(end);
        if let Some(Entry::Message(next)) = self.asked.front()
            && next.acked != doubt.acked
        {
            let right = next.acked == Some(end);
            self.go_on(right, out);
        }
    }

    /// The client goes on; `right` when it has received exactly the responses paired.
    fn go_on(&mut self, right: bool, out: Out<'_>) {
        match &mut self.doubt {
            Some(doubt) if right => doubt.moved_on = true,
            Some(doubt) if doubt.apart => self.hold(out),
            _ => self.withdraw(out),
        }
    }

    /// What the next response says about pairs in doubt.
    pub(super) fn doubted(&mut self, upto: Upto, out: Out<'_>) -> bool {
        let Some(doubt) = &self.doubt else { return false };
        if self.windowed {
            self.withdraw(out);
            return true;
        }
        let message = |entry: &Entry<Told>| matches!(entry, Entry::Message(_));
        let Some(at) = self.told.iter().position(message) else { return false };
        let Some(Entry::Message(told)) = self.told.get(at) else { return false };
        if told.acked <= Some(doubt.request_end) {
            // It answers a request that is hidden.
            self.batched = true;
            self.withdraw(out);
            return true;
        }
        if doubt.moved_on {
            self.hold(out);
            return true;
        }
        match self.asked.front() {
            Some(Entry::Message(asked))
                if at == 0 && asked.acked == doubt.acked && asked.may_have(told) =>
            {
                self.pair_too(upto, out);
            }
            Some(Entry::Message(_)) => self.withdraw(out),
            // Its request is lost, or still to come.
            _ if !self.batched || doubt.apart => self.hold(out),
            _ if told.acked <= Some(upto.requests) => self.withdraw(out),
            _ => return false,
        }
        true
    }

    /// The next request and response of the batch share its doubt.
    fn pair_too(&mut self, upto: Upto, out: Out<'_>) {
        let (Some(Entry::Message(asked)), Some(Entry::Message(told)), Some(doubt)) =
            (self.asked.pop_front(), self.told.pop_front(), &mut self.doubt)
        else {
            return;
        };
        doubt.pairs.push((asked.id, told.id));
        doubt.request_end = asked.end.unwrap_or(upto.requests);
        doubt.response_end = None;
        let full = doubt.pairs.len() > PAIRS_MAX;
        let (request, response, method) = (asked.id, told.id, asked.method);
        out(Verdict::Pair { request, response, method, proof: Proof::Acknowledged, firm: false });
        if full || told.question.excludes(method) {
            self.withdraw(out);
        }
        self.made(&asked, &told, out);
    }
}
