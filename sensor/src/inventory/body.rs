//! The shape of a body over many messages: a tree of its paths.
//!
//! Records name leaves by path (`$.items[].id`), arrays collapsed. Each prefix of a path is a node here, with
//! the number of messages that have it: a member is required where every whole message that has its parent has
//! it. Inside arrays a record tells how often a leaf was there, not in which elements; there, members are held
//! to be required only if in each message all of an element's members were there equally often.

use std::collections::BTreeMap;

use apitap_proto::v1;
use serde::{Deserialize, Serialize};
use v1::ValueType;

use super::field::Field;
use super::tally::Budget;

/// Paths remembered of one body, prefixes counted.
const NODES_MAX: usize = 768;

/// The shape of the bodies of one media type.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// Messages with such a body.
    pub messages: u64,
    /// Messages whose body was read whole.
    pub whole: u64,
    /// How bodies were read: `json`, `form` …; empty when they were not.
    pub format: String,
    /// By path: leaves, and everything above them.
    pub nodes: BTreeMap<String, Node>,
    /// Leaves without a place of their own.
    pub other_fields: u64,
}

/// One path.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// What is at it.
    pub field: Field,
    /// Whole messages that have it.
    pub whole: u64,
    /// Whether its members were not there equally often: inside arrays, none of them is known to be required.
    pub uneven: bool,
    /// Whether it cannot be told how often it was there: it has an array inside, in an array.
    pub unsure: bool,
    /// Message that touched it last, and how often its first member was there.
    #[serde(skip)]
    last: (u64, Option<u32>),
}

/// Lengths of the prefixes of a path that are nodes, shortest first, the path itself last.
fn prefixes(path: &str) -> impl Iterator<Item = usize> {
    let bytes = path.as_bytes();
    let ends = bytes.iter().enumerate().filter_map(move |(at, byte)| match byte {
        b'.' => Some(at),
        // `[]` begins behind the array and is a node itself.
        b'[' if bytes.get(at.saturating_add(1)) == Some(&b']') => Some(at),
        _ => None,
    });
    ends.filter(|end| *end > 0).chain([path.len()])
}

impl Body {
    /// Takes in a body; `seen_whole` when no byte of its message is missing.
    pub(super) fn push(&mut self, body: &v1::Body, seen_whole: bool, budget: &mut Budget) {
        self.messages = self.messages.saturating_add(1);
        let listed = u32::try_from(body.fields.len()).unwrap_or(u32::MAX);
        let read = !body.cut && !body.malformed && body.fields_total <= listed;
        let whole = seen_whole && read && !body.format.is_empty();
        self.whole = self.whole.saturating_add(u64::from(whole));
        if self.format.is_empty() {
            self.format.clone_from(&body.format);
        }
        for field in &body.fields {
            self.leaf(field, whole, budget);
        }
    }

    fn leaf(&mut self, leaf: &v1::Field, whole: bool, budget: &mut Budget) {
        let message = self.messages;
        let path = leaf.path.as_str();
        let mut above: Option<&str> = None;
        for end in prefixes(path) {
            let Some(prefix) = path.get(..end) else { return };
            let rest = path.get(end..).unwrap_or_default();
            if !self.nodes.contains_key(prefix) {
                if self.nodes.len() >= NODES_MAX || !budget.take(1) {
                    self.other_fields = self.other_fields.saturating_add(1);
                    return;
                }
                self.nodes.insert(prefix.to_owned(), Node::default());
                if let Some(news) = budget.news.as_mut().filter(|_| rest.is_empty()) {
                    news.field(path.to_owned(), &leaf.types);
                }
            }
            let arrays_inside = rest.contains("[]");
            let Some(node) = self.nodes.get_mut(prefix) else { return };
            let first = node.last.0 != message;
            if first {
                node.last = (message, None);
                node.field.messages = node.field.messages.saturating_add(1);
                node.whole = node.whole.saturating_add(u64::from(whole));
            }
            if rest.is_empty() {
                node.take(leaf, budget);
            } else {
                let kind = if rest.starts_with('.') { ValueType::Object } else { ValueType::Array };
                node.field.types = node.field.types.with(kind);
            }
            node.unsure |= arrays_inside && prefix.contains("[]");
            if let Some(parent) = above.filter(|_| first && !arrays_inside) {
                self.count_member(parent, leaf.count);
            }
            above = Some(prefix);
        }
    }

    /// Notes that a member of `parent` was there `count` times.
    fn count_member(&mut self, parent: &str, count: u32) {
        if let Some(parent) = self.nodes.get_mut(parent) {
            let others = *parent.last.1.get_or_insert(count);
            parent.uneven |= others != count;
        }
    }

    /// Whether every whole message that has the parent of `path` has it too.
    #[must_use]
    pub fn requires(&self, path: &str) -> bool {
        let Some(node) = self.nodes.get(path).filter(|node| node.whole > 0) else { return false };
        let mut ends: Vec<usize> = prefixes(path).collect();
        ends.pop();
        let parent = ends.pop().and_then(|end| path.get(..end));
        let Some((parent, above)) = parent.and_then(|path| Some((path, self.nodes.get(path)?)))
        else {
            return false;
        };
        let in_array = parent.contains("[]");
        node.whole == above.whole && !(in_array && (above.uneven || node.unsure))
    }

    /// Adds what `from` knows.
    pub(super) fn merge(&mut self, from: &Self, budget: &mut Budget) {
        self.messages = self.messages.saturating_add(from.messages);
        self.whole = self.whole.saturating_add(from.whole);
        if self.format.is_empty() {
            self.format.clone_from(&from.format);
        }
        self.other_fields = self.other_fields.saturating_add(from.other_fields);
        for (path, node) in &from.nodes {
            if !self.nodes.contains_key(path) && (self.nodes.len() >= NODES_MAX || !budget.take(1))
            {
                self.other_fields = self.other_fields.saturating_add(1);
                continue;
            }
            let mine = self.nodes.entry(path.clone()).or_default();
            mine.field.merge(&node.field, budget);
            mine.whole = mine.whole.saturating_add(node.whole);
            mine.uneven |= node.uneven;
            mine.unsure |= node.unsure;
            // Of another count of messages.
            mine.last = (0, None);
        }
    }
}

impl Node {
    fn take(&mut self, leaf: &v1::Field, budget: &mut Budget) {
        for kind in leaf.types() {
            self.field.types = self.field.types.with(kind);
        }
        // Values shown are distinct, so fewer than leaves may still be all; but a limit may have cut them.
        let shown = leaf.more.len().saturating_add(1);
        self.field.open |= usize::try_from(leaf.count).map_or(true, |count| count > shown);
        self.field.value(leaf.value.as_ref(), budget);
        for value in &leaf.more {
            self.field.value(Some(value), budget);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(leaves: &[(&str, u32)]) -> v1::Body {
        let fields = leaves.iter().map(|(path, count)| v1::Field {
            path: (*path).into(),
            types: vec![ValueType::String.into()],
            count: *count,
            value: None,
            more: Vec::new(),
        });
        v1::Body { format: "json".into(), fields: fields.collect(), ..v1::Body::default() }
    }

    fn of(messages: &[&[(&str, u32)]]) -> Body {
        let mut shape = Body::default();
        for leaves in messages {
            shape.push(&body(leaves), true, &mut Budget::new(1000));
        }
        shape
    }

    #[test]
    fn prefixes_are_nodes() {
        let path = "$.items[].price[][].sum";
        let found: Vec<&str> = prefixes(path).map(|end| path.get(..end).unwrap()).collect();
        let want = [
            "$",
            "$.items",
            "$.items[]",
            "$.items[].price",
            "$.items[].price[]",
            "$.items[].price[][]",
            path,
        ];
        assert_eq!(found, want);
        assert_eq!(prefixes("$").collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn what_is_always_there_is_required() {
        let shape = of(&[&[("$.a", 1), ("$.b.c", 1)], &[("$.a", 1)], &[("$.a", 1), ("$.b.d", 1)]]);
        let required: Vec<&str> =
            shape.nodes.keys().map(String::as_str).filter(|path| shape.requires(path)).collect();
        // `b` is there twice, each time with another member.
        assert_eq!(required, ["$.a"]);
    }

    #[test]
    fn members_of_elements_are_required_only_if_all_are_there_equally_often() {
        let even = of(&[&[("$[].a", 3), ("$[].b", 3)], &[("$[].a", 1), ("$[].b", 1)]]);
        assert!(even.requires("$[].a") && even.requires("$[].b"));
        let uneven = of(&[&[("$[].a", 3), ("$[].b", 2)], &[("$[].a", 1), ("$[].b", 1)]]);
        assert!(!uneven.requires("$[].a") && !uneven.requires("$[].b"));
        let nested = of(&[&[("$[].a", 2), ("$[].tags[]", 2)]]);
        assert!(nested.requires("$[].a") && !nested.requires("$[].tags"));
    }

    #[test]
    fn what_was_not_read_whole_says_nothing_of_what_is_missing() {
        let mut shape = of(&[&[("$.a", 1), ("$.b", 1)]]);
        let mut cut = body(&[("$.a", 1)]);
        cut.cut = true;
        shape.push(&cut, true, &mut Budget::new(1000));
        shape.push(&body(&[("$.a", 1)]), false, &mut Budget::new(1000));
        assert!(shape.requires("$.b"));
        assert_eq!((shape.messages, shape.whole), (3, 1));
    }

    #[test]
    fn paths_without_a_place_are_counted() {
        let mut shape = Body::default();
        shape.push(&body(&[("$.a", 1), ("$.b", 1)]), true, &mut Budget::new(2));
        assert_eq!((shape.nodes.len(), shape.other_fields), (2, 1));
    }
}
