//! Pairs of clients that are not known to wait.
//!
//! A client that keeps several requests under way, at a server that takes longer than its next request does to come, looks
//! just as one that waits, and was asked one request later: each response comes behind a request that acknowledges all before
//! it. What tells them apart is the past, which shows how many requests there are, or the future: the window shows itself when
//! the server is quick once, and at the end, when responses come to which there are no requests any more.
//!
//! So acknowledgements of a client whose conduct was seen ([`WAITS_KNOWN`] requests begun when all before was answered, with
//! nothing missing) are believed. Of others the pairs are on trial, those of order that begins there too, until
//!
//! - the client shows a window: none of them stands,
//! - it waited [`WAITS_MAX`] times, or [`PAIRS_MAX`] pairs are on trial: memory is finite,
//! - it was idle for far longer than the server took for any: nothing was under way,
//! - the server or the connection ends.

use std::time::Duration;

use super::{Asked, Entry, Out, Queue, Told, Verdict};
use crate::time::Timestamp;

/// Times that a client waited after which it is known to.
const WAITS_KNOWN: u32 = 4;
/// The same where nothing says how many requests were under way when it was first seen.
const WAITS_MAX: u32 = 32;
/// Most pairs on trial.
const PAIRS_MAX: usize = 256;
/// Octets of the shortest response: `HTTP/1.1 200`, and two ends of line.
const RESPONSE_MIN: u64 = 16;
/// Most requests without a response that are counted.
const COUNTED_MAX: usize = 64;
/// A client that asks nothing for so long, and for `IDLE_WAITS` times the longest that a response took, awaits nothing.
const IDLE_MIN: Duration = Duration::from_secs(1);
const IDLE_WAITS: u32 = 8;

/// What is known of the client's conduct.
#[derive(Default)]
pub(super) struct Trial {
    /// Whether order rests on what acknowledgements said of a client not known to wait.
    on: bool,
    /// Requests of the pairs that rest on it too.
    pairs: Vec<u64>,
    /// Requests that were begun when all before was answered.
    waits: u32,
    /// The longest that a response took.
    longest: Duration,
    /// When the last response ended that has its request.
    ended: Option<Timestamp>,
    /// Whether it is not known how many octets are lost where some are: those of TLS records.
    unmeasured: bool,
}

impl Trial {
    pub(super) const fn is_on(&self) -> bool {
        self.on
    }

    /// When the last response that has its request ended.
    pub(super) const fn ended(&mut self, time: Timestamp) {
        self.ended = Some(time);
    }
}

impl Queue {
    /// Of octets that are lost it is not known how many they are: nothing is counted by them.
    pub(in super::super) const fn unmeasured(&mut self) {
        self.trial.unmeasured = true;
    }

    /// Whether octets tell something of a client that is on trial.
    pub(super) const fn is_tried(&self) -> bool {
        self.trial.on && !self.trial.unmeasured && self.doubt.is_none()
    }

    /// A pair is made that acknowledgements prove.
    pub(super) const fn try_client(&mut self) {
        if self.trial.waits < WAITS_KNOWN && !self.trial.on {
            self.trial.on = true;
            self.trial.waits = 0;
        }
    }

    /// The pair of `request` is found to stand, if its client waits.
    pub(super) fn stands(&mut self, request: u64, out: Out<'_>) {
        if self.trial.on {
            self.trial.pairs.push(request);
        } else {
            out(Verdict::Settled { request, holds: true });
        }
    }

    /// A pair was made; what its request acknowledged says whether the client waited for all before.
    pub(super) fn conduct(&mut self, asked: &Asked, told: &Told, out: Out<'_>) {
        let trial = &mut self.trial;
        let waited = asked.acked.is_some() && asked.acked == self.answered;
        trial.waits = trial.waits.saturating_add(u32::from(waited));
        let idle = trial.ended.take().map_or(Duration::ZERO, |ended| asked.time.since(ended));
        let idle = waited && idle >= IDLE_MIN && idle >= trial.longest.saturating_mul(IDLE_WAITS);
        trial.longest = trial.longest.max(told.time.since(asked.time));
        if idle && trial.on {
            self.acquit(out);
            self.trial.waits = 0;
        } else if trial.waits >= WAITS_MAX || trial.pairs.len() >= PAIRS_MAX {
            self.acquit(out);
        }
    }

    /// The client was not found to have a window: what is on trial stands.
    pub(super) fn acquit(&mut self, out: Out<'_>) {
        self.trial.on = false;
        for request in std::mem::take(&mut self.trial.pairs) {
            out(Verdict::Settled { request, holds: true });
        }
    }

    /// The client has a window: what is on trial does not stand, nor does order go on from it.
    pub(super) fn convict(&mut self, out: Out<'_>) {
        if !std::mem::take(&mut self.trial.on) {
            return;
        }
        for request in std::mem::take(&mut self.trial.pairs) {
            out(Verdict::Settled { request, holds: false });
        }
        self.asked.push_front(Entry::Hole { hides: false });
        self.told.push_front(Entry::Hole { hides: false });
    }

    /// Whether a client that begins a request having received `acked` cannot have had all responses to those before.
    pub(super) fn is_short(&self, acked: Option<u64>) -> bool {
        let mut first = None;
        let mut needed = 0_u64;
        for entry in self.asked.iter().take(COUNTED_MAX) {
            if let Entry::Message(asked) = entry
                && asked.acked.is_some()
                && asked.acked < acked
            {
                first = first.or(asked.acked);
                needed = needed.saturating_add(RESPONSE_MIN);
            }
        }
        let had =
            acked.zip(first.max(self.answered)).map(|(acked, from)| acked.saturating_sub(from));
        first.is_some() && had.is_some_and(|had| had < needed) && !self.trial.unmeasured
    }

    /// Whether the response at `at`, which nobody asked for, answers a request from before what was seen.
    pub(super) fn is_surplus(&self, at: usize) -> bool {
        let Some(Entry::Message(told)) = self.told.get(at) else { return false };
        let (last, others) = (self.asked.back(), self.asked.len() > 1);
        let asked = match last {
            None => at > 0,
            // The response to this began before.
            Some(Entry::Message(last)) => {
                let answered = last.acked.max(last.acked_at_end) < Some(told.group);
                others || last.open || last.follows || !answered
            }
            Some(Entry::Hole { .. }) => true,
        };
        self.is_tried() && !asked && told.acked.is_some() && !told.timeout
    }
}
