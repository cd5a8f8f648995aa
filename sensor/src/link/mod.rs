//! Links between calls: who a session is of, which ids a caller walks through, what was refused before.
//!
//! Pure. Works on records where those of all workers meet, in their order, so that what it tells does not depend on how
//! many workers there are; time is that of the capture. It knows tokens and blinded integers only: see `Trail` in
//! `redact`. Every table is bounded (`table`), and what it forgets for want of room is counted.
//!
//! ```text
//! login ─▶ issued tokens ─┐               later call ─▶ shown tokens
//!                         └─▶ sessions: token ─▶ user ◀──┘ adds the user to its entities
//! ```

mod table;
#[cfg(test)]
mod tests;

use std::hash::BuildHasher as _;
use std::net::IpAddr;
use std::time::Duration;

use apitap_proto::v1;
use apitap_proto::v1::entity::Kind;
use apitap_proto::v1::evidence::Confidence;
use apitap_proto::v1::signal::Severity;
use prost::Message as _;

use crate::record::{Linked, Named, Record};
use crate::redact::{EntityConfig as Config, Later, LaterSignal, SignalConfig, SignalTally, Trail};
use crate::time::Timestamp;
use table::Table;

/// How long ids are remembered, in capture time.
const WINDOW: Duration = Duration::from_secs(600);
/// How long refusals are: so many parts of so many seconds, the one that is not over among them.
const PARTS: usize = 20;
const PART_NANOS: u64 = 30_000_000_000;
/// Refusals before a success that are worth a signal.
const REFUSALS_MIN: u32 = 5;
/// Ids in a row that are worth a signal.
const RUN_MIN: u32 = 10;
/// Identities remembered of one session.
const IDENTITIES_MAX: usize = 4;

/// What was done.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Sessions and tokens that answers handed out to someone known.
    pub learned: u64,
    /// Calls that showed one of them.
    pub linked: u64,
    /// Sessions ended by a logout.
    pub ended: u64,
    /// Sessions that were too old when they were shown.
    pub expired: u64,
    /// Sessions forgotten for want of room.
    pub sessions_evicted: u64,
    /// Ids one step from the caller's previous one.
    pub steps: u64,
    /// Places of ids and refusals forgotten for want of room.
    pub places_evicted: u64,
}

/// Someone a session is of.
#[derive(Clone)]
struct Identity {
    kind: i32,
    /// The encoded `Value`: a token.
    value: Box<[u8]>,
}

/// A session or token, and who it was handed out to.
struct Session {
    since: Timestamp,
    /// Id of the record that tells.
    record: Box<str>,
    identities: Vec<Identity>,
}

impl Refused {
    /// What is left of them at a time.
    fn at(mut self, now: Timestamp) -> Self {
        let part = now.nanos() / PART_NANOS;
        let gone = usize::try_from(part.saturating_sub(self.part)).unwrap_or(PARTS).min(PARTS);
        self.counts.rotate_right(gone);
        self.counts.iter_mut().take(gone).for_each(|count| *count = 0);
        self.part = self.part.max(part);
        self
    }

    fn count(&self) -> u32 {
        self.counts.iter().fold(0, |sum, &count| sum.saturating_add(count.into()))
    }
}

/// Ids that a caller named at one place.
#[derive(Clone, Copy)]
struct Walk {
    blind: u64,
    at: Timestamp,
    run: u32,
    upwards: bool,
}

/// Refusals that a caller met at one operation, by when.
#[derive(Clone, Copy)]
struct Refused {
    /// The part of time that was the last one, since 1970.
    part: u64,
    /// How many in that part, and in each one before.
    counts: [u16; PARTS],
    /// Hash of who was refused last; that of nobody, if they showed nothing.
    actor: u64,
}

/// Links calls.
pub struct Links {
    config: Config,
    signals: Later,
    /// By the octets of their tokens.
    sessions: Table<Box<[u8]>, Session>,
    walks: Table<u64, Walk>,
    refused: Table<u64, Refused>,
    hasher: foldhash::fast::RandomState,
    counts: Counts,
    tally: SignalTally,
}

impl Default for Links {
    fn default() -> Self {
        Self::new(&Config::default(), &SignalConfig::default())
    }
}

impl Links {
    /// Without a memory yet.
    #[must_use]
    pub fn new(config: &Config, signals: &SignalConfig) -> Self {
        let config = config.clamped();
        Self {
            sessions: Table::new(config.links_max),
            walks: Table::new(config.callers_max),
            refused: Table::new(config.callers_max),
            config,
            signals: Later::new(signals),
            hasher: foldhash::fast::RandomState::default(),
            counts: Counts::default(),
            tally: SignalTally::default(),
        }
    }

    /// What was done so far.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        let places = self.walks.evicted.saturating_add(self.refused.evicted);
        Counts { sessions_evicted: self.sessions.evicted, places_evicted: places, ..self.counts }
    }

    /// How often its signals were raised.
    #[must_use]
    pub const fn signals(&self) -> &SignalTally {
        &self.tally
    }

    /// Raises signals as configured now.
    pub fn set_signals(&mut self, signals: &SignalConfig) {
        self.signals = Later::new(signals);
    }

    /// Adds to a record what calls before tell of it, and remembers what it tells of calls to come. The record is whole
    /// again after its next [`Record::stamp`].
    pub fn link(&mut self, record: &mut Record) {
        let Some((trail, caller)) = record.take_trail() else { return };
        let now = record.start();
        let shown = self.shown(record, &trail, now);
        if !trail.issued.is_empty() {
            self.learn(record, &trail, now, shown);
        }
        self.refusals(record, &trail, caller, now);
        if self.config.step_max > 0 && !trail.numbers.is_empty() {
            self.steps(record, &trail, caller, now);
        }
        record.keep_room(trail);
    }

    /// Adds who the sessions are of that the call shows; gives them back.
    fn shown(&mut self, record: &mut Record, trail: &Trail, now: Timestamp) -> Vec<Identity> {
        if self.sessions.is_empty() || trail.shown.is_empty() {
            return Vec::new();
        }
        let mut added = Vec::new();
        let accepted = accepted(trail);
        let confidence = if accepted { Confidence::High } else { Confidence::Medium };
        let limit = Duration::from_secs(self.config.link_seconds_max);
        let user = i32::from(Kind::User);
        for text in trail.shown.iter() {
            let token = record.part(text);
            let Some(session) = self.sessions.get(token) else { continue };
            if now.since(session.since) > limit {
                self.counts.expired = self.counts.expired.saturating_add(1);
                self.sessions.remove(token);
                continue;
            }
            self.counts.linked = self.counts.linked.saturating_add(1);
            let known = |one: &Identity| {
                let same = |other: crate::redact::Identity| {
                    other.kind == one.kind && record.part(other.value) == &*one.value
                };
                trail.identities.iter().any(same)
                    || added.iter().any(|a: &Identity| a.kind == one.kind && a.value == one.value)
            };
            // Who was there before is not who logs in.
            let mine = |one: &&Identity| !(trail.named && accepted && one.kind == user);
            let fresh: Vec<_> =
                session.identities.iter().filter(mine).filter(|one| !known(one)).cloned().collect();
            let from = session.record.clone();
            if trail.logout && accepted {
                self.sessions.remove(token);
                self.counts.ended = self.counts.ended.saturating_add(1);
            }
            let mut named = trail.identities.iter().any(|one| one.kind == user)
                || added.iter().any(|one: &Identity| one.kind == user);
            for one in fresh {
                let actor = !named && (one.kind == user || record.actor().is_empty());
                named |= one.kind == user;
                let Identity { kind, value } = &one;
                let linked = Linked { kind: *kind, value, confidence, learned_from: &from };
                record.add_linked(&linked, actor);
                added.push(one);
            }
        }
        added
    }

    /// Remembers who the tokens are of that the answer hands out.
    fn learn(&mut self, record: &Record, trail: &Trail, now: Timestamp, shown: Vec<Identity>) {
        if self.config.link_seconds_max == 0 {
            return;
        }
        let own = trail
            .identities
            .iter()
            .map(|one| Identity { kind: one.kind, value: record.part(one.value).into() });
        let mut identities: Vec<Identity> = own.chain(shown).collect();
        // Users first: who is named first acts.
        identities.sort_by_key(|one| one.kind != i32::from(Kind::User));
        identities.truncate(IDENTITIES_MAX);
        if identities.is_empty() {
            return;
        }
        let user = i32::from(Kind::User);
        for text in trail.issued.iter() {
            let token = record.part(text);
            if token.is_empty() {
                continue;
            }
            let goes_on = trail.shown.iter().any(|shown| record.part(shown) == token);
            let mut identities = identities.clone();
            if let Some(known) = self.sessions.get(token).filter(|_| !goes_on) {
                let mut users = known.identities.iter().filter(|one| one.kind == user).peekable();
                let same = |one: &Identity| identities.iter().any(|own| own.value == one.value);
                // Handed out to another before: it says nothing of who shows it.
                if known.identities.is_empty() || users.peek().is_some() && !users.any(same) {
                    identities.clear();
                }
            }
            let session = Session { since: now, record: record.id().into(), identities };
            self.sessions.insert(token.into(), session);
            self.counts.learned = self.counts.learned.saturating_add(1);
        }
    }

    /// Counts refusals, and tells of them when the same is accepted.
    fn refusals(&mut self, record: &mut Record, trail: &Trail, caller: IpAddr, now: Timestamp) {
        let refused = matches!(trail.status, Some(401 | 403 | 407));
        let concerned = refused || (accepted(trail) && !self.refused.is_empty());
        if !concerned {
            return;
        }
        let Named { host, operation, actor, .. } = record.named();
        let key = self.hasher.hash_one((caller, host, operation));
        let actor = self.hasher.hash_one(actor);
        if refused {
            let fresh = Refused { part: 0, counts: [0; PARTS], actor };
            let mut known = self.refused.get(&key).copied().unwrap_or(fresh).at(now);
            if let Some(last) = known.counts.first_mut() {
                *last = last.saturating_add(1);
            }
            self.refused.insert(key, Refused { actor, ..known });
            return;
        }
        let Some(known) = self.refused.remove(&key).map(|known| known.at(now)) else { return };
        let count = known.count();
        if count == 0 {
            return;
        }
        record.add_refusals(count);
        if count < REFUSALS_MIN {
            return;
        }
        let kind = match (trail.login, known.actor == actor) {
            (true, _) => "login",
            (false, true) => "same_caller",
            (false, false) => "other_credentials",
        };
        let raised = LaterSignal {
            id: Later::REFUSALS,
            severity: Severity::Medium,
            kind,
            location: "response.status",
            count,
        };
        let Self { signals, tally, .. } = self;
        record.extend(|out| signals.write(&raised, tally, out));
    }

    /// Tells which ids are a step from the caller's previous one.
    fn steps(&mut self, record: &mut Record, trail: &Trail, caller: IpAddr, now: Timestamp) {
        let mut numbers = trail.numbers.entries();
        // From the end, as what is written makes the record longer.
        numbers.sort_by_key(|number| number.map(|number| std::cmp::Reverse(number.object.start)));
        for number in numbers.into_iter().flatten() {
            let Named { host, path_template, actor, .. } = record.named();
            let who = if actor.is_empty() {
                self.hasher.hash_one(caller)
            } else {
                self.hasher.hash_one(actor)
            };
            let key = (who, host, path_template, number.site);
            let key = self.hasher.hash_one(key);
            let Some((step, run)) = self.step(key, number.blind, now) else { continue };
            self.counts.steps = self.counts.steps.saturating_add(1);
            // Where it is matters to the signal alone.
            let place = (run >= RUN_MIN).then(|| location(record.part(number.object)));
            record.add_step(number.object, step, run);
            if let Some(location) = place {
                let severity = if accepted(trail) { Severity::Medium } else { Severity::Low };
                let kind = if step > 0 { "upwards" } else { "downwards" };
                let (id, location) = (Later::SEQUENTIAL, location.as_str());
                let raised = LaterSignal { id, severity, kind, location, count: run };
                let Self { signals, tally, .. } = self;
                record.extend(|out| signals.write(&raised, tally, out));
            }
        }
    }

    /// The step from the previous id at a place, and how many were walked through.
    fn step(&mut self, key: u64, blind: u64, now: Timestamp) -> Option<(i32, u32)> {
        let first = Walk { blind, at: now, run: 1, upwards: true };
        let Some(known) = self.walks.get(&key) else {
            self.walks.insert(key, first);
            return None;
        };
        let late = now.since(known.at) > WINDOW;
        let ahead = blind.wrapping_sub(known.blind);
        let behind = known.blind.wrapping_sub(blind);
        let (upwards, distance) = (ahead <= behind, ahead.min(behind));
        let distance = u32::try_from(distance).ok().filter(|d| *d <= self.config.step_max);
        let step = match distance.map(i32::try_from) {
            // The same again.
            Some(Ok(0)) if !late => {
                known.at = now;
                return None;
            }
            Some(Ok(distance)) if !late => distance,
            _ => {
                *known = first;
                return None;
            }
        };
        let on = known.run == 1 || known.upwards == upwards;
        let run = if on { known.run.saturating_add(1) } else { 2 };
        *known = Walk { blind, at: now, run, upwards };
        Some((if upwards { step } else { step.saturating_neg() }, run))
    }
}

/// Where the only object of an encoded record is.
fn location(object: &[u8]) -> String {
    let told = v1::CallRecord::decode(object).unwrap_or_default();
    told.objects.into_iter().next().map(|object| object.location).unwrap_or_default()
}

const fn accepted(trail: &Trail) -> bool {
    matches!(trail.status, Some(100..=399))
}
