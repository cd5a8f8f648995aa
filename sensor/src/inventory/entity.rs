//! Who and what took part, by token, with their latest calls.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// Latest calls kept of one entity.
pub(super) const MOMENTS_MAX: usize = 100;

/// Someone or something that took part in calls.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entity {
    /// Kind, as in the schema: `USER`.
    pub kind: String,
    /// Calls it took part in.
    pub calls: u64,
    /// First call, nanoseconds since 1970.
    pub first_seen_ns: u64,
    /// Last call, nanoseconds since 1970.
    pub last_seen_ns: u64,
    /// Latest calls, oldest first.
    pub moments: VecDeque<Moment>,
}

/// One call of an entity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Moment {
    /// When, nanoseconds since 1970.
    pub time_ns: u64,
    /// Number of the endpoint.
    pub endpoint: u32,
    /// Status; 0 without an answer.
    pub status: u32,
    /// Time to the first byte of the answer, nanoseconds; 0 when unknown.
    pub latency_ns: u64,
}

impl Entity {
    /// Takes in a call.
    pub(super) fn push(&mut self, moment: Moment, weight: u64) {
        if self.calls == 0 {
            (self.first_seen_ns, self.last_seen_ns) = (moment.time_ns, moment.time_ns);
        }
        self.calls = self.calls.saturating_add(weight);
        self.first_seen_ns = self.first_seen_ns.min(moment.time_ns);
        self.last_seen_ns = self.last_seen_ns.max(moment.time_ns);
        if self.moments.len() >= MOMENTS_MAX {
            self.moments.pop_front();
        }
        self.moments.push_back(moment);
    }

    /// Adds what `from` knows of the same entity; its moments name endpoints of this inventory already.
    pub(super) fn merge(&mut self, from: &Self) {
        let first = if self.calls == 0 { from.first_seen_ns } else { self.first_seen_ns };
        self.first_seen_ns = first.min(from.first_seen_ns);
        self.last_seen_ns = self.last_seen_ns.max(from.last_seen_ns);
        self.calls = self.calls.saturating_add(from.calls);
        let mut all: Vec<Moment> = self.moments.iter().chain(&from.moments).copied().collect();
        all.sort_unstable();
        let spare = all.len().saturating_sub(MOMENTS_MAX);
        self.moments = all.into_iter().skip(spare).collect();
    }
}
