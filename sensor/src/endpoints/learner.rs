//! Learning: calls in, rules out.

use std::sync::Arc;

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use super::alike;
use super::config::Config;
use super::hints::Hints;
use super::node::{Branch, Node};
use super::rules::{HostRules, Rules};
use super::state::{self, StateError};
use super::trail::{Look, Step, Trail, Word};

/// Words remembered of one place; calls of further ones teach nothing.
const WORDS_MAX: usize = 1024;

/// What learning did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Calls learned from.
    pub calls: u64,
    /// Calls that taught nothing: not answered well.
    pub unanswered: u64,
    /// Calls of hosts, places or segments beyond the limits.
    pub overflow: u64,
    /// Hosts known now.
    pub hosts: u64,
    /// Places known now.
    pub nodes: u64,
    /// Times that the rules of a host changed.
    pub changes: u64,
}

impl Counts {
    /// Adds what another learner did; destructuring makes a forgotten field an error.
    pub fn add(&mut self, other: &Self) {
        let Self { calls, unanswered, overflow, hosts, nodes, changes } = other;
        self.calls = self.calls.saturating_add(*calls);
        self.unanswered = self.unanswered.saturating_add(*unanswered);
        self.overflow = self.overflow.saturating_add(*overflow);
        self.hosts = self.hosts.saturating_add(*hosts);
        self.nodes = self.nodes.saturating_add(*nodes);
        self.changes = self.changes.saturating_add(*changes);
    }
}

/// Learns the paths of hosts.
pub struct Learner {
    config: Config,
    hosts: HashMap<Box<str>, Host>,
    nodes: usize,
    rules: Arc<Rules>,
    counts: Counts,
}

/// What is known of a host.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Host {
    pub(super) root: Node,
    pub(super) calls: u64,
    #[serde(skip)]
    pub(super) nodes: usize,
    pub(super) version: u32,
    /// Whether there is something to tell, and calls when it was told last.
    pub(super) changed: bool,
    told: u64,
}

impl Learner {
    /// With nothing learned but these hints.
    #[must_use]
    pub fn new(config: &Config, hints: Hints) -> Self {
        Self {
            config: config.clone(),
            hosts: HashMap::new(),
            nodes: 0,
            rules: Arc::new(Rules { hosts: HashMap::new(), hints: Arc::new(hints) }),
            counts: Counts::default(),
        }
    }

    /// What was learned so far.
    #[must_use]
    pub const fn rules(&self) -> &Arc<Rules> {
        &self.rules
    }

    /// All that was learned, as octets. They hold hashes of segments: to be sealed before they are kept.
    #[must_use]
    pub fn save(&self) -> Vec<u8> {
        state::write(self.hosts.iter().map(|(name, host)| (&**name, host)))
    }

    /// Knows from now on what another learner had learned, as far as the limits let it.
    ///
    /// # Errors
    ///
    /// When these are not the octets of one; then nothing has changed.
    pub fn restore(&mut self, octets: &[u8]) -> Result<(), StateError> {
        let places = self.config.nodes_max.size();
        for (name, mut host) in state::read(octets)? {
            host.nodes = host.root.count();
            let fits = self.nodes.saturating_add(host.nodes) <= places;
            if !fits || self.hosts.len() >= self.config.hosts_max.size() {
                self.counts.overflow = self.counts.overflow.saturating_add(1);
                continue;
            }
            self.nodes = self.nodes.saturating_add(host.nodes);
            host.version = host.version.saturating_add(host.changed.into());
            host.changed = false;
            if let Some(root) = host.root.rule() {
                let rules = Arc::new(HostRules { version: host.version, root });
                Arc::make_mut(&mut self.rules).hosts.insert(name.as_str().into(), rules);
            }
            self.hosts.insert(name.into(), host);
        }
        self.counts.hosts = wide(self.hosts.len());
        self.counts.nodes = wide(self.nodes);
        Ok(())
    }

    /// What was done so far.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// Learns from a call with this status; says whether rules changed.
    pub fn learn(&mut self, host: &str, trail: &Trail, status: u16) -> bool {
        if !self.config.learn {
            return false;
        }
        if !answered_well(status) || trail.steps().is_empty() {
            self.counts.unanswered = self.counts.unanswered.saturating_add(1);
            return false;
        }
        self.counts.calls = self.counts.calls.saturating_add(1);
        if !self.hosts.contains_key(host) {
            self.make_room();
            self.hosts.insert(host.into(), Host::default());
        }
        let Some(found) = self.hosts.get_mut(host) else { return false };
        if found.rests() {
            return false;
        }
        let mut room = Room {
            left: self.config.nodes_max.size().saturating_sub(self.nodes),
            overflow: trail.is_long(),
            changed: false,
        };
        let before = room.left;
        found.learn(trail, &mut room);
        self.nodes = self.nodes.saturating_add(before).saturating_sub(room.left);
        found.nodes = found.nodes.saturating_add(before).saturating_sub(room.left);
        self.counts.overflow = self.counts.overflow.saturating_add(room.overflow.into());
        found.changed |= room.changed;
        let told = found.is_due();
        if told {
            self.tell(host);
        }
        self.counts.hosts = wide(self.hosts.len());
        self.counts.nodes = wide(self.nodes);
        told
    }

    /// Forgets the host with fewest calls, if there are as many as may be.
    fn make_room(&mut self) {
        if self.hosts.len() < self.config.hosts_max.size() {
            return;
        }
        self.counts.overflow = self.counts.overflow.saturating_add(1);
        let least =
            self.hosts.iter().min_by(|(a, one), (b, other)| (one.calls, a).cmp(&(other.calls, b)));
        let Some(name) = least.map(|(name, _)| name.clone()) else { return };
        if let Some(host) = self.hosts.remove(&name) {
            self.nodes = self.nodes.saturating_sub(host.nodes);
        }
        Arc::make_mut(&mut self.rules).hosts.remove(&name);
    }

    /// Puts what was learned of a host among the rules.
    fn tell(&mut self, name: &str) {
        let Some(host) = self.hosts.get_mut(name) else { return };
        self.counts.changes = self.counts.changes.saturating_add(1);
        host.version = host.version.saturating_add(1);
        (host.changed, host.told) = (false, host.calls);
        // Places were put together.
        let nodes = host.root.count();
        self.nodes = self.nodes.saturating_sub(host.nodes).saturating_add(nodes);
        host.nodes = nodes;
        let version = host.version;
        if let Some(root) = host.root.rule() {
            let rules = Arc::make_mut(&mut self.rules);
            rules.hosts.insert(name.into(), Arc::new(HostRules { version, root }));
        }
    }
}

/// What one call may add, and what came of it.
struct Room {
    /// Places that may still be made.
    left: usize,
    /// Whether there was too little room.
    overflow: bool,
    /// Whether rules changed.
    changed: bool,
}

impl Room {
    /// So many places are free again.
    const fn give(&mut self, places: usize) {
        self.left = self.left.saturating_add(places);
    }

    /// Whether one more place may be made.
    fn take(&mut self) -> bool {
        let fits = self.left > 0;
        self.left = self.left.saturating_sub(1);
        self.overflow |= !fits;
        fits
    }
}

/// Places of a host for which its rules wait one call, so that telling them costs the same for hosts of any size.
const PLACES_A_CALL: usize = 8;

/// Calls without a change after which one in four is looked at.
const CALM_CALLS: u64 = 8192;

impl Host {
    /// Whether it is time to tell what changed.
    fn is_due(&self) -> bool {
        let waited = self.calls.saturating_sub(self.told);
        self.changed && waited >= wide(self.nodes / PLACES_A_CALL)
    }

    /// Takes a call; says whether it need not be looked at, as nothing was learned of many before.
    fn rests(&mut self) -> bool {
        self.calls = self.calls.saturating_add(1);
        let calm = !self.changed && self.calls.saturating_sub(self.told) > CALM_CALLS;
        calm && !self.calls.is_multiple_of(4)
    }

    fn learn(&mut self, trail: &Trail, room: &mut Room) {
        follow(&mut self.root, trail, trail.steps(), true, room);
        compare(&mut self.root, trail.steps(), room);
    }
}

/// Takes note of a call at every place of its path; at this one only if `noted`.
fn follow(node: &mut Node, trail: &Trail, left: &[Step], noted: bool, room: &mut Room) {
    if noted {
        node.note(trail, left);
    }
    let Some((step, left)) = left.split_first() else { return };
    // Most are parts of the API: one look.
    if let Step::Word(word) = step
        && let Some(branch) = node.words.get_mut(&word.hash)
        && branch.fixed
    {
        return follow(&mut branch.node, trail, left, true, room);
    }
    let mut noted = true;
    if let Step::Word(word) = *step
        && !node.is_value(word.hash)
        && !node.passes(word)
    {
        let Word { hash, kept, look } = word;
        if !node.words.contains_key(&hash) {
            // What stays is part of the API until the opposite is shown, unless words are values here.
            let fixed = kept && (look == Look::Firm || node.merged.is_none());
            if !fixed {
                room.give(alike::make_room(node));
            }
            if node.words.len() >= WORDS_MAX || !room.take() {
                room.overflow = true;
                return;
            }
            node.fresh = true;
            node.words.insert(hash, Branch { kept, look, fixed, node: Node::default() });
        }
        let Some(branch) = node.words.get_mut(&hash) else { return };
        if branch.fixed {
            return follow(&mut branch.node, trail, left, true, room);
        }
        // A value as far as is known; but what follows values is compared with what follows it.
        branch.node.note(trail, left);
        noted = false;
    }
    if node.value.is_none() && room.take() {
        node.value = Some(Box::default());
    }
    if let Some(next) = node.value.as_deref_mut() {
        follow(next, trail, left, noted, room);
    }
}

/// Compares the words at the places of a path, where it is time to.
fn compare(node: &mut Node, left: &[Step], room: &mut Room) {
    let is_fixed = |node: &Node, hash| node.words.get(&hash).map(|branch| branch.fixed);
    let mut fixed = match left.first() {
        Some(Step::Word(word)) => is_fixed(node, word.hash),
        Some(Step::Value) | None => None,
    };
    if let Some(Step::Word(word)) = left.first()
        && fixed == Some(false)
    {
        let before = node.words.len();
        room.changed |= alike::settle(node, word.hash);
        room.give(before.saturating_sub(node.words.len()));
        fixed = is_fixed(node, word.hash);
    }
    // Without new words it is done to see what became of the old ones: less often.
    let late = node.due.saturating_add(node.due / 2);
    if node.words.len() >= 2 && node.calls >= if node.fresh { node.due } else { late } {
        room.changed |= alike::merge(node);
        node.due = node.calls.saturating_add((node.calls / 8).max(4));
        node.fresh = false;
        if let Some(Step::Word(word)) = left.first() {
            fixed = is_fixed(node, word.hash);
        }
    }
    let Some((step, left)) = left.split_first() else { return };
    let next = match step {
        Step::Word(word) if fixed == Some(true) => {
            node.words.get_mut(&word.hash).map(|branch| &mut branch.node)
        }
        Step::Word(_) | Step::Value => node.value.as_deref_mut(),
    };
    if let Some(next) = next {
        compare(next, left, room);
    }
}

/// Whether an answer shows that the path exists.
const fn answered_well(status: u16) -> bool {
    matches!(status, 101 | 200..=299 | 304 | 409 | 412 | 422 | 428)
}

fn wide(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::rules::{Verdict, Walk};
    use super::super::trail::hash;
    use super::*;

    const FIRM: [&str; 8] = ["repos", "issues", "pulls", "commits", "search", "me", "users", "v1"];

    fn look(text: &str) -> Look {
        match text {
            _ if FIRM.contains(&text) => Look::Firm,
            _ if text.contains('-') => Look::Loose,
            _ => Look::Plain,
        }
    }

    fn word(text: &str) -> Step {
        Step::Word(Word { hash: hash(text.as_bytes()), kept: true, look: look(text) })
    }

    /// A trail: segments of digits are values, `~name` is hidden; fields of the answer.
    fn trail(path: &str, fields: &[&str]) -> Trail {
        let mut trail = Trail::default();
        for segment in path.split('/').skip(1) {
            trail.push(match segment.strip_prefix('~') {
                _ if segment.bytes().all(|b| b.is_ascii_digit()) => Step::Value,
                Some(name) => {
                    Step::Word(Word { hash: hash(name.as_bytes()), kept: false, look: look(name) })
                }
                None => word(segment),
            });
        }
        trail.set_method("GET");
        fields.iter().for_each(|field| trail.field(hash(field.as_bytes())));
        trail
    }

    fn verdicts(learner: &Learner, path: &str) -> Vec<Verdict> {
        let rules = learner.rules().host("h").cloned();
        let mut walk = Walk::new(rules.as_deref());
        let step = |step: &Step| match step {
            Step::Word(word) => walk.word(*word),
            Step::Value => {
                walk.value();
                Verdict::Value
            }
        };
        trail(path, &[]).steps().iter().map(step).collect()
    }

    fn learner() -> Learner {
        Learner::new(&Config::default(), Hints::default())
    }

    const ISSUES: [&str; 6] = ["$.id", "$.title", "$.state", "$.body", "$.labels", "$.user"];
    const FOUND: [&str; 5] = ["$.total", "$.took", "$.hits", "$.next", "$.facets"];

    #[test]
    fn words_that_are_alike_are_values_and_others_stay_beside_them() {
        let mut learner = learner();
        // Some come again, and new ones keep coming.
        let seen = ["sale", "hello", "demo", "linux", "docs", "web"];
        let new = ["app", "shop", "lab", "home", "mail", "chat", "news", "game", "photo", "music"];
        for name in seen.into_iter().chain(new).chain(seen) {
            for below in ["issues", "pulls"].into_iter().take(1 + usize::from(seen.contains(&name)))
            {
                learner.learn("h", &trail(&format!("/repos/{name}/{below}"), &ISSUES), 200);
            }
            learner.learn("h", &trail("/repos/search", &FOUND), 200);
        }
        use Verdict::{Stays, Value};
        assert_eq!(verdicts(&learner, "/repos/demo/issues"), [Stays, Value, Stays]);
        assert_eq!(verdicts(&learner, "/repos/unheard/issues"), [Stays, Value, Stays]);
        assert_eq!(verdicts(&learner, "/repos/search"), [Stays, Stays]);
        assert!(learner.rules().host("other").is_none());
    }

    #[test]
    fn words_that_recur_stay_and_slugs_do_not() {
        let mut learner = learner();
        for _ in 0..50 {
            for name in ["hosts", "spans", "traces"] {
                learner.learn("h", &trail(&format!("/usage/{name}"), &ISSUES), 200);
            }
            for name in ["summer-sale", "lazy-fox", "red-shirt"] {
                learner.learn("h", &trail(&format!("/shops/{name}"), &FOUND), 200);
            }
        }
        use Verdict::{Stays, Value};
        assert_eq!(verdicts(&learner, "/usage/hosts"), [Stays, Stays]);
        assert_eq!(verdicts(&learner, "/shops/lazy-fox"), [Stays, Value]);
    }

    #[test]
    fn what_is_not_answered_well_teaches_nothing() {
        let mut learner = learner();
        for status in [0, 301, 400, 401, 403, 404, 405, 500] {
            for n in 0..50 {
                learner.learn("h", &trail(&format!("/repos/w{n}/issues"), &ISSUES), status);
            }
        }
        assert_eq!((learner.counts().calls, learner.counts().nodes), (0, 0));
        assert_eq!(learner.counts().unanswered, 400);
    }

    #[test]
    fn hidden_words_of_an_api_are_told_from_values() {
        let mut learner = learner();
        for n in 0..30 {
            learner.learn("h", &trail(&format!("/users/{n}/issues"), &ISSUES), 200);
            learner.learn("h", &trail(&format!("/users/~name{n}/issues"), &ISSUES), 200);
            learner.learn("h", &trail("/users/~reports", &FOUND), 200);
        }
        use Verdict::{Fixed, Stays, Value};
        assert_eq!(verdicts(&learner, "/users/~name3/issues"), [Stays, Value, Stays]);
        assert_eq!(verdicts(&learner, "/users/~reports"), [Stays, Fixed]);
    }

    #[test]
    fn limits_hold_and_are_counted() {
        let config = Config {
            hosts_max: crate::bounded::Within(4),
            nodes_max: crate::bounded::Within(256),
            ..Config::default()
        };
        let mut learner = Learner::new(&config, Hints::default());
        for n in 0..2000_u64 {
            let fields = [n.to_string(), (n + 1).to_string()];
            let fields = fields.each_ref().map(String::as_str);
            let path = format!("/a{n}/b{}/c{}", n % 7, n % 3);
            learner.learn(&format!("h{}", n % 9), &trail(&path, &fields), 200);
        }
        let counts = learner.counts();
        assert!(counts.hosts <= 4 && counts.nodes <= 256, "{counts:?}");
        assert!(counts.overflow > 0);
    }

    #[test]
    fn what_was_learned_outlives_a_restart() {
        let calls = |learner: &mut Learner, names: std::ops::Range<u32>| {
            for n in names {
                for below in ["issues", "pulls"] {
                    learner.learn("h", &trail(&format!("/repos/name{n}x/{below}"), &ISSUES), 200);
                    learner.learn("h", &trail(&format!("/users/~name{n}/{below}"), &FOUND), 200);
                }
            }
        };
        let mut one = learner();
        calls(&mut one, 0..30);
        let saved = one.save();
        let mut other = learner();
        other.restore(&saved).unwrap();
        assert!(one.rules().host("h").is_some());
        assert_eq!(one.rules().host("h"), other.rules().host("h"));
        assert_eq!(one.counts().nodes, other.counts().nodes);
        assert_eq!(saved, other.save());
        // It goes on as if nothing had been.
        calls(&mut one, 20..60);
        calls(&mut other, 20..60);
        assert_eq!(one.rules().host("h"), other.rules().host("h"));

        assert_eq!(other.restore(b"nonsense"), Err(StateError::Damaged));
        let config = Config { nodes_max: crate::bounded::Within(1), ..Config::default() };
        let mut small = Learner::new(&config, Hints::default());
        small.restore(&saved).unwrap();
        assert_eq!((small.counts().hosts, small.counts().overflow), (0, 1));
    }

    proptest! {
        #[test]
        fn rules_only_hide_and_do_not_depend_on_chance(
            calls in prop::collection::vec(("(/(~?[a-f]|[0-9]|users|search)){1,4}", 0..4_usize), 1..300),
        ) {
            let (mut one, mut other) = (learner(), learner());
            let fields = [&ISSUES[..], &FOUND[..], &["$.a"], &[]];
            for (path, answer) in &calls {
                let trail = trail(path, fields[*answer]);
                one.learn("h", &trail, 200);
                other.learn("h", &trail, 200);
            }
            prop_assert_eq!(one.rules().host("h"), other.rules().host("h"));
            for (path, _) in &calls {
                for (step, verdict) in trail(path, &[]).steps().iter().zip(verdicts(&one, path)) {
                    let kept = matches!(step, Step::Word(Word { kept: true, .. }));
                    prop_assert!(kept || verdict != Verdict::Stays);
                    prop_assert!(!kept || verdict != Verdict::Fixed);
                }
            }
        }
    }
}
