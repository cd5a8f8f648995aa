//! One place of a host's paths: what was seen there, and whether its words are values.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::rules::Rule;
use super::sketch::{FIELDS_ABOVE, FIELDS_HERE, Sketch, answer};
use super::trail::{Look, Step, Trail, Word, low, mix};

/// Calls of a place after which it is only looked at now and then.
pub(super) const SETTLED_CALLS: u32 = 256;
/// Values remembered of one place.
const VALUES_MAX: usize = 24;

/// A place of a path.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Node {
    /// Calls that went through or ended here and were answered well.
    pub(super) calls: u32,
    /// Methods, depths and fields of answers at and below this place.
    #[serde(skip_serializing_if = "Sketch::is_empty")]
    pub(super) sketch: Sketch,
    /// Firm words below this place, with how far below.
    #[serde(skip_serializing_if = "Sketch::is_empty")]
    pub(super) below: Sketch,
    /// Behind a word.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) words: BTreeMap<u64, Branch>,
    /// Behind a value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<Box<Self>>,
    /// Set once words are values here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) merged: Option<Merge>,
    /// Calls at which its words are compared next.
    pub(super) due: u32,
    /// Whether words came since they were compared.
    pub(super) fresh: bool,
    /// Hidden words that turned out to be values, the last few.
    #[serde(skip_serializing_if = "VecDeque::is_empty")]
    pub(super) values: VecDeque<u64>,
}

/// What follows a word.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub(super) struct Branch {
    /// Whether the privacy rules let the word stay.
    pub(super) kept: bool,
    /// What it looks like.
    pub(super) look: Look,
    /// Whether it is one: else it may still turn out to be a value.
    pub(super) fixed: bool,
    pub(super) node: Node,
}

/// Words that turned out to be values.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub(super) struct Merge {
    /// How many there were.
    pub(super) members: u32,
    /// How many of them looked like values.
    #[serde(default)]
    pub(super) loose: u32,
    /// Those of them that look like parts of an API. Ascending.
    pub(super) firm: Vec<u64>,
}

impl Node {
    /// Takes note of a call that has these segments behind this place.
    pub(super) fn note(&mut self, trail: &Trail, left: &[Step]) {
        self.calls = self.calls.saturating_add(1);
        if self.calls > SETTLED_CALLS && !self.calls.is_multiple_of(16) {
            return;
        }
        let (method, far) = (trail.method(), left.len());
        self.sketch.insert(answer(method, far, None));
        let told = if far == 0 { FIELDS_HERE } else { FIELDS_ABOVE };
        for field in trail.fields().iter().take(told) {
            self.sketch.insert(answer(method, far, Some(*field)));
        }
        for (far, step) in left.iter().enumerate() {
            if let Step::Word(Word { hash, look: Look::Firm, .. }) = step {
                self.below.insert(low(mix(*hash, wide(far))));
            }
        }
    }

    /// Takes a hidden word for a value.
    pub(super) fn take(&mut self, hash: u64) {
        let Some(branch) = self.words.remove(&hash) else { return };
        self.value.get_or_insert_default().absorb(branch.node);
        self.values.push_back(hash);
        if self.values.len() > VALUES_MAX {
            self.values.pop_front();
        }
    }

    /// Whether a word is a value here, as far as is known.
    pub(super) fn is_value(&self, hash: u64) -> bool {
        if self.values.contains(&hash) && !self.words.contains_key(&hash) {
            return true;
        }
        self.merged.as_ref().is_some_and(|merge| merge.firm.binary_search(&hash).is_ok())
    }

    /// Whether a word that is hidden and may be a value goes for one unseen: of many such words, some tell enough.
    pub(super) fn passes(&self, word: Word) -> bool {
        let settled = |value: &Self| value.calls > SETTLED_CALLS && !self.calls.is_multiple_of(4);
        !word.kept
            && word.look != Look::Firm
            && self.value.as_deref().is_some_and(settled)
            && !self.words.contains_key(&word.hash)
    }

    /// Places at and below this one, itself left out.
    pub(super) fn count(&self) -> usize {
        let words = self.words.values().map(|branch| branch.node.count().saturating_add(1));
        let value = self.value.as_ref().map_or(0, |node| node.count().saturating_add(1));
        words.fold(value, usize::saturating_add)
    }

    /// Adds all that was seen at another place.
    pub(super) fn absorb(&mut self, other: Self) {
        let Self { calls, sketch, below, words, value, merged, due: _, fresh: _, values: _ } =
            other;
        self.calls = self.calls.saturating_add(calls);
        self.sketch.extend(&sketch);
        self.below.extend(&below);
        if !words.is_empty() {
            (self.due, self.fresh) = (0, true);
        }
        if let Some(merged) = merged {
            self.merged.get_or_insert_default().absorb(merged);
        }
        if let Some(value) = value {
            self.value.get_or_insert_default().absorb(*value);
        }
        for (hash, branch) in words {
            let Branch { kept, look, fixed, node } = branch;
            if self.is_value(hash) {
                self.value.get_or_insert_default().absorb(node);
            } else {
                let known = self.words.entry(hash).or_default();
                known.kept |= kept;
                known.look = known.look.min(look);
                known.fixed |= fixed;
                known.node.absorb(node);
            }
        }
    }

    /// What redaction has to know of this place and those below; `None` when that is nothing.
    pub(super) fn rule(&self) -> Option<Rule> {
        let merged = self.merged.as_ref().map(Merge::confidence);
        let said = |(hash, branch): (&u64, &Branch)| {
            (branch.fixed && (merged.is_some() || !branch.kept)).then_some(*hash)
        };
        let fixed: Vec<_> = self.words.iter().filter_map(said).collect();
        let value = self.value.as_ref().and_then(|node| node.rule()).map(Box::new);
        let below =
            |(hash, branch): (&u64, &Branch)| branch.fixed.then_some((*hash, branch.node.rule()?));
        let words: hashbrown::HashMap<_, _, _> = self.words.iter().filter_map(below).collect();
        let values = self.merged.as_ref().map_or(Vec::new(), |merge| merge.firm.clone());
        let says = merged.is_some() || value.is_some() || !words.is_empty() || !fixed.is_empty();
        says.then_some(Rule { merged, fixed, values, words, value })
    }
}

impl Merge {
    pub(super) fn absorb(&mut self, other: Self) {
        self.members = self.members.saturating_add(other.members);
        self.loose = self.loose.saturating_add(other.loose);
        self.firm.extend(other.firm);
        self.firm.sort_unstable();
        self.firm.dedup();
    }

    /// How sure it is, in per cent: the more words are alike, the surer.
    fn confidence(&self) -> u8 {
        let doubt = 100_u32.checked_div(self.members.saturating_add(1)).unwrap_or(0);
        u8::try_from(100_u32.saturating_sub(doubt).clamp(50, 99)).unwrap_or(50)
    }
}

fn wide(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
