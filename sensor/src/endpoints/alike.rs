//! Which words at one place are values: those that are alike in what follows them and in what is answered, while
//! new ones keep coming.

use std::cmp::Reverse;
use std::sync::LazyLock;

use super::node::{Branch, Merge, Node};
use super::sketch::{Answers, Sketch};
use super::trail::Look;

/// Words that are alike.
#[derive(Default)]
struct Group {
    sketch: Sketch,
    /// Whether values by their form are among them, and whether words of the place are values for certain.
    values: bool,
    merged: bool,
    /// Whether most of those look like values.
    slugs: bool,
    /// Whether answers were compared, not only methods and depths.
    answers: bool,
    /// Those that do not look like parts of an API.
    members: Vec<u64>,
    /// Those that do.
    firm: Vec<(u64, u32)>,
    /// Of these, those that are followed by much the same as the others.
    followed: Vec<u64>,
    /// Members that the privacy rules hide.
    hidden: usize,
    /// Members that look like values.
    loose: usize,
    calls: u32,
    /// Members that were seen once, and twice.
    once: usize,
    twice: usize,
    below: Sketch,
}

impl Group {
    fn add(&mut self, hash: u64, branch: &Branch, answers: bool) {
        let Branch { kept, look, node, .. } = branch;
        let firm = *look == Look::Firm;
        self.answers |= answers;
        let (compared, both) = self.below.shared(&node.below);
        if firm && both >= 8 && both.saturating_mul(2) >= compared && !is_reference(hash) {
            self.followed.push(hash);
        }
        self.sketch.extend(&node.sketch);
        self.below.extend(&node.below);
        // Beside slugs, what is one word is a part of the API, unless it is as rare as they are.
        if firm || self.slugs && *look < Look::Joined {
            self.firm.push((hash, node.calls));
            return;
        }
        self.members.push(hash);
        self.hidden = self.hidden.saturating_add(usize::from(!kept));
        self.loose = self.loose.saturating_add(usize::from(*look == Look::Loose));
        self.calls = self.calls.saturating_add(node.calls);
        self.once = self.once.saturating_add(usize::from(node.calls == 1));
        self.twice = self.twice.saturating_add(usize::from(node.calls == 2));
    }

    /// How many words there are in all, seen or not (Chao, 1984).
    fn estimate(&self) -> usize {
        let unseen = self.once.saturating_mul(self.once);
        let unseen =
            unseen.checked_div(self.twice.saturating_add(1).saturating_mul(2)).unwrap_or(0);
        self.members.len().saturating_add(unseen)
    }

    /// Whether its words are values.
    fn is_value(&self) -> bool {
        let Self { values, merged, slugs, answers, calls, hidden, loose, .. } = *self;
        let members = self.members.len();
        let most = |some: usize| some > 0 && some.saturating_mul(2) >= members;
        // Words of an API are all new at the beginning; later no new ones come.
        let grows = members >= 32 || self.estimate() >= members.saturating_add(members / 2);
        // What the privacy rules hide is a value until the opposite is shown.
        match (answers, most(hidden), most(loose)) {
            (_, _, true) | (true, true, _) if merged => members >= 1,
            (true, ..) if merged => members >= 1 && (slugs || grows && members >= 2),
            (true, true, _) => members >= 2 || values && members >= 1,
            (true, false, true) => members >= if values { 2 } else { 3 } && calls >= 6,
            (true, false, false) => members >= if values { 4 } else { 8 } && grows,
            (false, true, true) => members >= 2 && calls >= 6,
            (false, true, false) => members >= 4 && self.estimate() >= 20,
            (false, false, true) => members >= 4 && calls >= 8,
            (false, false, false) => members >= 12 && self.estimate() >= 60,
        }
    }

    /// Words that look like parts of an API and are values all the same: as rare as the others.
    fn firm_values(&self) -> Vec<u64> {
        let members = narrow(self.members.len());
        let mean = self.calls.checked_div(members).unwrap_or(0);
        let most = mean.saturating_mul(2).saturating_add(2);
        let rare = |(hash, calls): &&(u64, u32)| {
            members >= 8 && self.answers && *calls <= most && !is_reference(*hash)
        };
        let rare = self.firm.iter().filter(rare).map(|(hash, _)| *hash);
        let mut found: Vec<u64> = rare.chain(self.followed.iter().copied()).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// Whether a word stands for one of the values, or for several: it stays beside them.
fn is_reference(hash: u64) -> bool {
    const WORDS: [&str; 25] = [
        "@me", "@self", "@current", "@all", "~me", "~", "-", "_", "myself", "me", "self", "my",
        "mine", "current", "all", "latest", "default", "new", "search", "count", "batch", "bulk",
        "stats", "export", "import",
    ];
    static HASHES: LazyLock<[u64; 25]> =
        LazyLock::new(|| WORDS.map(|word| super::hash(word.as_bytes())));
    HASHES.contains(&hash)
}

/// Whether a word stands for one of the values at its place, or for several: `me`.
pub(crate) fn refers(word: &str) -> bool {
    is_reference(super::hash(word.as_bytes()))
}

/// Merges the words of a place that are values, if any are; says whether it did.
pub(super) fn merge(node: &mut Node) -> bool {
    let groups: Vec<Group> = groups(node).into_iter().filter(Group::is_value).collect();
    for group in &groups {
        let firm = group.firm_values();
        let members = narrow(group.members.len());
        let loose = narrow(group.loose);
        for word in group.members.iter().chain(&firm) {
            if let Some(branch) = node.words.remove(word) {
                node.value.get_or_insert_default().absorb(branch.node);
            }
        }
        node.merged.get_or_insert_default().absorb(Merge { members, loose, firm });
    }
    !groups.is_empty()
}

fn narrow(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Groups of one place that words are compared with.
const GROUPS_MAX: usize = 64;

fn groups(node: &Node) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    if let Some(value) = node.value.as_ref().filter(|value| value.calls >= 2) {
        let (sketch, below) = (value.sketch.clone(), value.below.clone());
        let merged = node.merged.is_some();
        let slugs = |merge: &Merge| merge.loose.saturating_mul(2) >= merge.members;
        let slugs = node.merged.as_ref().is_some_and(slugs);
        groups.push(Group { sketch, below, values: true, merged, slugs, ..Group::default() });
    }
    let mut words: Vec<_> = node.words.iter().collect();
    words.sort_by_key(|(hash, branch)| {
        (branch.look == Look::Firm, Reverse(branch.node.calls), **hash)
    });
    for (hash, branch) in words {
        let node = &branch.node;
        let like = |group: &Group| like((&group.sketch, &group.below), (&node.sketch, &node.below));
        let full = groups.len() >= GROUPS_MAX;
        let found = groups.iter_mut().find_map(|group| like(group).map(|answers| (group, answers)));
        match found {
            Some((group, answers)) => group.add(*hash, branch, answers),
            None if full => {}
            None => {
                let mut group = Group::default();
                group.add(*hash, branch, false);
                groups.push(group);
            }
        }
    }
    groups
}

/// Whether two places are alike; if so, whether answers or words below were compared.
fn like(one: (&Sketch, &Sketch), other: (&Sketch, &Sketch)) -> Option<bool> {
    let (compared, both) = one.1.shared(other.1);
    // Of much that may follow, each value has shown another part; words of an API share next to nothing.
    let share = both.saturating_mul(10);
    if both >= 2 && share >= compared.saturating_mul(6)
        || both >= 5 && share >= compared.saturating_mul(3)
    {
        return Some(true);
    }
    let Answers { both, only: [ours, theirs] } = one.0.answers(other.0);
    let only = ours.saturating_add(theirs);
    // Each has what the other has not: two kinds of answers. One that was seen less often lacks something only.
    if ours > 0 && theirs > 0 && only.saturating_mul(4) > both {
        return None;
    }
    let compared = both.saturating_add(ours.min(theirs));
    if compared < 4 {
        return (compared > 0 && ours.min(theirs) == 0).then_some(false);
    }
    Some(true)
}

/// Calls before a hidden word is taken for a part of the API, where it looks like one and where it does not.
const FIXED_CALLS: [u32; 2] = [3, 20];

/// Decides on a hidden word of a place: whether it is a value or part of the API, once that can be told. Says
/// whether it did.
pub(super) fn settle(node: &mut Node, hash: u64) -> bool {
    let Some(branch) = node.words.get(&hash).filter(|branch| !branch.fixed) else { return false };
    let calls = branch.node.calls;
    // It is not looked at again and again.
    if calls > 32 && !calls.is_multiple_of(32) {
        return false;
    }
    let alike = |other: &Node| {
        like((&other.sketch, &other.below), (&branch.node.sketch, &branch.node.below))
    };
    let value = node.value.as_deref().filter(|value| value.calls >= 2).and_then(alike);
    let [firm_calls, plain_calls] = FIXED_CALLS;
    if branch.look == Look::Firm {
        if calls < firm_calls || value == Some(true) {
            return false;
        }
    } else if value.is_some() {
        node.take(hash);
        return false;
    } else if branch.look == Look::Loose {
        return false;
    } else {
        let others = node.words.iter().filter(|(other, found)| **other != hash && !found.fixed);
        let least = plain_calls.saturating_mul(if node.value.is_some() { 1 } else { 2 });
        if calls < least || others.into_iter().any(|(_, other)| alike(&other.node).is_some()) {
            return false;
        }
    }
    if let Some(branch) = node.words.get_mut(&hash) {
        branch.fixed = true;
    }
    true
}

/// Hidden words of a place that are not decided on.
const UNDECIDED_MAX: usize = 64;

/// Takes hidden words of a place that were seen once for values, when there are as many as may be; says how many.
pub(super) fn make_room(node: &mut Node) -> usize {
    let undecided = |(_, branch): &(&u64, &Branch)| !branch.fixed;
    if node.words.len() < UNDECIDED_MAX
        || node.words.iter().filter(undecided).count() < UNDECIDED_MAX
    {
        return 0;
    }
    let hidden = node.words.iter().filter(undecided);
    let mut values: Vec<_> = hidden.map(|(hash, branch)| (branch.node.calls, *hash)).collect();
    values.sort_unstable();
    values.truncate(UNDECIDED_MAX / 2);
    values.iter().for_each(|(_, hash)| node.take(*hash));
    values.len()
}
