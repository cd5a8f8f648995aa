//! Paths of body fields met before: a tree of members with what their names say.
//!
//! Bodies of one API have few shapes. What a name says where it stands (see `Fields::enter`) is found out once;
//! then a member costs one comparison with the name that followed its neighbour the last time. Holds only names
//! that are safe to keep, and nothing of values.

use std::hash::{BuildHasher as _, Hash as _, Hasher as _};

use hashbrown::HashTable;

use super::edges::{Edge, Edges, Steps};
use super::shape::Marks;
use crate::endpoints;
use crate::redact::found::Span;
use crate::redact::names::{Meaning, Name};
use crate::redact::paging;

/// Most members remembered.
const NODES_MAX: usize = 16 * 1024;
/// Most octets of paths and names remembered.
const TEXT_MAX: usize = 1024 * 1024;
/// No member.
pub(crate) const NONE: u32 = u32::MAX;
/// A member, as it stands in bodies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At {
    /// Its node; [`NONE`] when it is not remembered.
    pub(crate) node: u32,
    /// Number of its path; [`NONE`] when it has none.
    pub(crate) path: u32,
    /// What its name says.
    pub(crate) name: Name,
    /// What it tells of the API.
    pub(crate) role: Role,
}

/// Path of what the body of a SOAP envelope begins with, up to its name.
pub(crate) const SOAP_BODY: &str = "$.Envelope.Body.";

/// Path of the hash of a stored GraphQL query.
pub(crate) const PERSISTED: &str = "$.extensions.persistedQuery.sha256Hash";
/// The same, in a batch.
pub(crate) const PERSISTED_BATCH: &str = "$[].extensions.persistedQuery.sha256Hash";
/// Path of the user name of WS-Security.
pub(crate) const USERNAME: &str = "$.Envelope.Header.Security.UsernameToken.Username";

/// What a member tells besides its value.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Role {
    /// The style of the API.
    pub(crate) hints: bool,
    /// What the value beside it is.
    pub(crate) names: bool,
    /// Of which kind the value beside it is.
    pub(crate) kinds: bool,
    /// The operation of a SOAP call.
    pub(crate) soap: bool,
    /// That this is an XML-RPC call.
    pub(crate) xmlrpc: bool,
    /// Which part of a list a request asks for.
    pub(crate) page: paging::Mark,
    /// Whether there is more of one.
    pub(crate) told: paging::Told,
    /// What it is, if what stands beside says so.
    pub(crate) asks: bool,
    /// Whether a leaf here says anything besides its value.
    pub(crate) tells: bool,
}

/// Whether a member called `key` may be said by the one beside it to be something: `{"name": "password", "value": …}`.
pub(crate) fn asks(key: &[u8]) -> bool {
    matches!(
        key,
        b"value"
            | b"values"
            | b"val"
            | b"v"
            | b"data"
            | b"content"
            | b"@value"
            | b"@val"
            | b"Value"
            | b"Values"
            | b"fieldValue"
            | b"paramValue"
            | b"parameterValue"
            | b"ParameterValue"
            | b"attributeValue"
            | b"propertyValue"
    )
}

/// Whether what stands in a member called `key` names the value beside it.
pub(crate) fn names(key: &[u8]) -> bool {
    matches!(
        key,
        b"name"
            | b"key"
            | b"k"
            | b"field"
            | b"param"
            | b"parameter"
            | b"property"
            | b"attribute"
            | b"variable"
            | b"Name"
            | b"Key"
            | b"id"
            | b"@name"
            | b"@key"
            | b"fieldName"
            | b"paramName"
            | b"parameterName"
            | b"ParameterKey"
            | b"attributeName"
            | b"propertyName"
    )
}

/// Whether what stands there is the place that a JSON Patch (RFC 6902 §3) or a SCIM one (RFC 7644 §3.5.2) gives a value.
fn is_patched(path: &str) -> bool {
    matches!(path, "$[].path" | "$.Operations[].path" | "$.operations[].path")
}

/// Whether it says of which kind that is.
pub(crate) fn kinds(key: &[u8]) -> bool {
    matches!(key, b"type" | b"kind" | b"Type" | b"@type" | b"label" | b"Label")
}

impl Role {
    /// Of the member `key` whose path is `path`, so many members below the root.
    pub(crate) fn of(path: &str, key: &[u8], depth: usize) -> Self {
        let hints = matches!(
            path,
            "$.query"
                | "$[].query"
                | "$.operationName"
                | "$[].operationName"
                | "$.jsonrpc"
                | "$[].jsonrpc"
                | "$.method"
                | "$[].method"
                | "$.methodCall.methodName"
                | "$.operations.query"
                | "$.operations(json).query"
                | "$.operations(json)[].query"
                | "$.payload.query"
                | "$.action"
                | "$.Action"
                | "$.operation"
                | "$.Operation"
                | "$.op"
                | "$.cmd"
                | PERSISTED
                | PERSISTED_BATCH
                | USERNAME
        );
        // Items of lists say nothing of the list.
        let head = depth <= 3 && !path.contains("[]");
        Self {
            hints: hints && depth <= 5,
            names: names(key) && path.as_bytes().ends_with(key) || is_patched(path),
            kinds: kinds(key),
            soap: depth == 3 && path.starts_with(SOAP_BODY),
            xmlrpc: depth == 1 && path == "$.methodCall",
            page: if head { paging::asked(key) } else { paging::Mark::None },
            told: if head { paging::told(key, above(path)) } else { paging::Told::None },
            asks: asks(key),
            tells: false,
        }
        .settled()
    }

    /// With whether a leaf says anything besides its value.
    pub(crate) fn settled(self) -> Self {
        let Self { hints, names, kinds, page, told, .. } = self;
        let paged = page != paging::Mark::None || told != paging::Told::None;
        Self { tells: hints || names || kinds || paged, ..self }
    }
}

/// The name of what the member at a path stands in.
fn above(path: &str) -> &[u8] {
    let mut names = path.as_bytes().rsplit(|b| *b == b'.');
    names.nth(1).unwrap_or_default()
}

impl At {
    /// A member that is not remembered.
    pub(crate) const fn passing(name: Name) -> Self {
        Self {
            node: NONE,
            path: NONE,
            name,
            role: Role {
                hints: false,
                names: false,
                kinds: false,
                soap: false,
                xmlrpc: false,
                page: paging::Mark::None,
                told: paging::Told::None,
                asks: false,
                tells: false,
            },
        }
    }
}

struct Node {
    hash: u64,
    parent: u32,
    /// What the value beside it made of the name.
    beside: Option<Meaning>,
    key: Span,
    at: At,
    /// The member that came after this one the last time, and the first inside it.
    next: u32,
    first: u32,
}

struct Path {
    hash: u64,
    text: Span,
    /// The name it ends with.
    name: Span,
    marks: Marks,
    /// What learning is told of it.
    field: u64,
}

/// What is known of a path.
#[derive(Clone, Copy)]
pub(crate) struct Known<'p> {
    pub(crate) text: &'p str,
    pub(crate) marks: Marks,
    /// What learning is told of it.
    pub(crate) field: u64,
}

impl<'p> Known<'p> {
    /// A path that is not remembered.
    pub(crate) fn of(text: &'p str) -> Self {
        Self { text, marks: Marks::of(text), field: endpoints::field(text) }
    }
}

/// Members and paths met before.
#[derive(Default)]
pub(crate) struct Paths {
    nodes: Vec<Node>,
    children: HashTable<u32>,
    edges: Edges,
    paths: Vec<Path>,
    by_text: HashTable<u32>,
    text: String,
    hasher: foldhash::fast::RandomState,
    /// Whether each step is taken by itself, for comparison.
    #[cfg(test)]
    pub(crate) still: bool,
}

impl Paths {
    /// Makes room when there is none, and says so: between bodies, so that numbers hold within one.
    pub(crate) fn tidy(&mut self) -> bool {
        let full = self.is_full();
        if full {
            let Self { nodes, children, edges, paths, by_text, text, .. } = self;
            nodes.clear();
            edges.clear();
            children.clear();
            paths.clear();
            by_text.clear();
            text.clear();
        }
        full
    }

    fn is_full(&self) -> bool {
        self.nodes.len() >= NODES_MAX
            || self.paths.len() >= NODES_MAX
            || self.text.len() >= TEXT_MAX
    }

    /// The path with this number; empty when there is none.
    pub(crate) fn path(&self, number: u32) -> &str {
        self.numbered(number).map_or("", |path| path.text.text(&self.text))
    }

    /// The path with this number, and the name it ends with.
    pub(crate) fn named(&self, number: u32) -> (&str, &str) {
        let path = self.numbered(number);
        path.map_or(("", ""), |path| (path.text.text(&self.text), path.name.text(&self.text)))
    }

    /// What is known of the path with this number.
    pub(crate) fn known(&self, number: u32) -> Option<Known<'_>> {
        let Path { text, marks, field, .. } = self.numbered(number)?;
        Some(Known { text: text.text(&self.text), marks: *marks, field: *field })
    }

    fn numbered(&self, number: u32) -> Option<&Path> {
        self.paths.get(usize::try_from(number).ok()?)
    }

    /// How many paths have numbers.
    pub(crate) fn len(&self) -> usize {
        self.paths.len()
    }

    /// The member with this number. Lent, as copies made of it in pieces cost more than finding it.
    pub(crate) fn at(&self, node: u32) -> Option<&At> {
        self.node(node).map(|node| &node.at)
    }

    /// The member that this one is in; none of one that is not remembered.
    pub(crate) fn parent(&self, node: u32) -> Option<&At> {
        self.at(self.node(node)?.parent)
    }

    /// As [`jump`](Self::jump), if the run is the first one: see [`Edges::next`].
    #[inline]
    pub(super) fn hop(&self, node: u32, text: &[u8], open: u32) -> Option<&Edge> {
        #[cfg(test)]
        if self.still {
            return None;
        }
        self.edges.next(node, text, open)
    }

    /// Where the run of text leads that `text` begins with, behind the value of this member: see [`Edges::find`].
    pub(crate) fn jump(
        &self,
        node: u32,
        text: &[u8],
        open: u32,
        beside: bool,
    ) -> Option<(&At, usize, Steps)> {
        #[cfg(test)]
        if self.still {
            return None;
        }
        let edge = self.edges.find(node, text, open, beside)?;
        Some((&edge.to, edge.len(), edge.steps))
    }

    /// Remembers a run of text behind the value of the member `from`, which led to the member `to`, unless there is
    /// more to be done on the way than to go there.
    pub(crate) fn ran(&mut self, from: u32, run: &[u8], steps: Steps, to: u32) {
        let (mut asks, mut at) = (false, to);
        for _ in 0..steps.entered {
            let Some(node) = self.node(at) else { return };
            let Role { soap, xmlrpc, asks: asked, .. } = node.at.role;
            if node.beside.is_some() || soap || xmlrpc {
                return;
            }
            (asks, at) = (asks | asked, node.parent);
        }
        if let (Some(_), Some(to)) = (self.node(from), self.at(to)) {
            self.edges.add(from, run, steps, *to, asks);
        }
    }

    /// Number of the member called `key` inside `parent`, after `before`, if it was met there.
    pub(crate) fn child(
        &mut self,
        parent: u32,
        before: u32,
        beside: Option<Meaning>,
        key: &[u8],
    ) -> Option<u32> {
        let expected = self.expected(parent, before)?;
        if self.node(expected).is_some_and(|node| self.is(node, parent, beside, key)) {
            return Some(expected);
        }
        let hash = self.hash(parent, beside, key);
        let same = |&at: &u32| self.node(at).is_some_and(|node| self.is(node, parent, beside, key));
        let found = *self.children.find(hash, same)?;
        self.follow(parent, before, found);
        Some(found)
    }

    /// The member that came inside `parent` after `before` the last time, if its name and a quote are what `text`
    /// begins with; and how many octets these are.
    pub(crate) fn next(&self, parent: u32, before: u32, text: &[u8]) -> Option<(&At, usize)> {
        let node = self.node(self.expected(parent, before)?)?;
        let key = node.key.of(self.text.as_bytes());
        // Marks of items and of text inside text are no names. No name kept has a quote or a backslash in it.
        let mark = matches!(key.first(), None | Some(b'[' | b'('));
        let same = !mark
            && node.parent == parent
            && node.beside.is_none()
            && text.get(..key.len()) == Some(key)
            && text.get(key.len()) == Some(&b'"');
        same.then_some((&node.at, key.len().saturating_add(1)))
    }

    /// Remembers a member with what its name says there, whose path is `path`.
    pub(crate) fn add(
        &mut self,
        parent: u32,
        beside: Option<Meaning>,
        key: &[u8],
        name: Name,
        role: Role,
        path: &str,
    ) -> At {
        let number = self.number(path);
        let key = std::str::from_utf8(key).ok();
        let room = self.node(parent).is_some() && number != NONE && !self.is_full();
        let (Some(key), true) = (key, room) else {
            return At { path: number, role, ..At::passing(name) };
        };
        let node = u32::try_from(self.nodes.len()).unwrap_or(NONE);
        let hash = self.hash(parent, beside, key.as_bytes());
        let at = At { node, path: number, name, role };
        let key = self.keep(key);
        let (next, first) = (NONE, NONE);
        self.nodes.push(Node { hash, parent, beside, key, at, next, first });
        let nodes = &self.nodes;
        self.children.insert_unique(hash, node, |&at| {
            usize::try_from(at).ok().and_then(|at| nodes.get(at)).map_or(0, |node| node.hash)
        });
        at
    }

    /// The root of bodies.
    pub(crate) fn root(&mut self, path: &str) -> At {
        if let Some(root) = self.nodes.first() {
            return root.at;
        }
        let at = At { node: 0, path: self.number(path), ..At::passing(Name::NONE) };
        let key = Span::default();
        self.nodes.push(Node {
            hash: 0,
            parent: NONE,
            beside: None,
            key,
            at,
            next: NONE,
            first: NONE,
        });
        at
    }

    /// The number of a path; [`NONE`] when there is no room for another.
    pub(crate) fn number(&mut self, path: &str) -> u32 {
        let hash = self.hasher.hash_one(path);
        let (paths, text) = (&self.paths, &self.text);
        let get = |at: u32| usize::try_from(at).ok().and_then(|at| paths.get(at));
        let same = |&at: &u32| get(at).is_some_and(|known| known.text.text(text) == path);
        if let Some(&known) = self.by_text.find(hash, same) {
            return known;
        }
        if self.is_full() {
            return NONE;
        }
        let number = u32::try_from(self.paths.len()).unwrap_or(NONE);
        let (text, mut marks) = (self.keep(path), Marks::of(path));
        // Members of one array are numbered by its path.
        let array = path.get(..marks.array.into()).filter(|array| array.len() < path.len());
        let array = array.map(|array| self.hasher.hash_one(array)).and_then(|hash| {
            let same = |&at: &u32| {
                let known = self.numbered(at).map_or("", |known| known.text.text(&self.text));
                array == Some(known)
            };
            self.by_text.find(hash, same).copied()
        });
        marks.number = array.map_or(0, |array| array.saturating_add(1));
        let name = name_span(path).behind(text.start);
        self.paths.push(Path { hash, text, name, marks, field: endpoints::field(path) });
        let paths = &self.paths;
        self.by_text.insert_unique(hash, number, |&at| {
            usize::try_from(at).ok().and_then(|at| paths.get(at)).map_or(0, |path| path.hash)
        });
        number
    }

    fn keep(&mut self, text: &str) -> Span {
        let start = self.text.len();
        self.text.push_str(text);
        Span { start, end: self.text.len() }
    }

    fn node(&self, at: u32) -> Option<&Node> {
        self.nodes.get(usize::try_from(at).ok()?)
    }

    fn is(&self, node: &Node, parent: u32, beside: Option<Meaning>, key: &[u8]) -> bool {
        node.parent == parent && node.beside == beside && node.key.of(self.text.as_bytes()) == key
    }

    /// The member that came inside `parent` after `before` the last time; [`NONE`] when none did.
    fn expected(&self, parent: u32, before: u32) -> Option<u32> {
        Some(match self.node(before) {
            Some(before) if before.parent == parent => before.next,
            _ => self.node(parent)?.first,
        })
    }

    fn hash(&self, parent: u32, beside: Option<Meaning>, key: &[u8]) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        parent.hash(&mut hasher);
        beside.is_some().hash(&mut hasher);
        key.hash(&mut hasher);
        hasher.finish()
    }

    /// Expects `found` the next time: after `before` if that is its neighbour, else first.
    fn follow(&mut self, parent: u32, before: u32, found: u32) {
        let get = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
        match self.nodes.get_mut(get(before)) {
            Some(before) if before.parent == parent => before.next = found,
            _ => {
                if let Some(parent) = self.nodes.get_mut(get(parent)) {
                    parent.first = found;
                }
            }
        }
    }
}

/// Where in a path the name stands that it ends with, without the marks of items.
fn name_span(path: &str) -> Span {
    let mut rest = path;
    while let Some(shorter) = rest.strip_suffix("[]") {
        rest = shorter;
    }
    let start = memchr::memrchr(b'.', rest.as_bytes()).map_or(0, |dot| dot.saturating_add(1));
    Span { start, end: rest.len() }
}

/// The name a path ends with, without the marks of items.
pub(crate) fn last_name(path: &str) -> &str {
    name_span(path).text(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::class::Class;

    #[test]
    fn members_are_known_by_where_they_stand() {
        let mut paths = Paths::default();
        let root = paths.root("$");
        assert_eq!(paths.root("$").node, root.node);
        assert!(paths.child(root.node, NONE, None, b"card").is_none());
        let card = paths.add(root.node, None, b"card", Name::NONE, Role::default(), "$.card");
        let personal = Name { meaning: Meaning::Personal(Class::Pan), ..Name::NONE };
        let number =
            paths.add(card.node, None, b"number", personal, Role::default(), "$.card.number");
        let page = paths.add(root.node, None, b"number", Name::NONE, Role::default(), "$.number");
        assert_ne!((number.node, number.path), (page.node, page.path));
        for _ in 0..3 {
            let found = paths.child(card.node, root.node, None, b"number").unwrap();
            let meaning = paths.at(found).unwrap().name.meaning;
            assert_eq!((found, meaning), (number.node, personal.meaning));
            let found = paths.child(root.node, card.node, None, b"number").unwrap();
            let meaning = paths.at(found).unwrap().name.meaning;
            assert_eq!((found, meaning), (page.node, Meaning::Unknown));
        }
    }

    #[test]
    fn what_stands_beside_makes_another_member() {
        let mut paths = Paths::default();
        let root = paths.root("$").node;
        let beside = Some(Meaning::Secret(Class::Password));
        let plain = paths.add(root, None, b"value", Name::NONE, Role::default(), "$.value");
        assert!(paths.child(root, NONE, beside, b"value").is_none());
        let secret = Name { meaning: Meaning::Secret(Class::Password), ..Name::NONE };
        let hidden = paths.add(root, beside, b"value", secret, Role::default(), "$.value");
        assert_eq!(plain.path, hidden.path);
        assert_eq!(paths.child(root, NONE, None, b"value"), Some(plain.node));
        assert_eq!(paths.child(root, NONE, beside, b"value"), Some(hidden.node));
        assert_eq!(paths.at(hidden.node).unwrap().name.meaning, secret.meaning);
    }

    #[test]
    fn the_next_member_is_told_by_its_whole_name() {
        let mut paths = Paths::default();
        let root = paths.root("$").node;
        let add = |paths: &mut Paths, key: &[u8], path| {
            paths.add(root, None, key, Name::NONE, Role::default(), path).node
        };
        let id = add(&mut paths, b"id", "$.id");
        let mark = add(&mut paths, b"[]", "$[]");
        assert!(paths.next(root, NONE, b"id\":1").is_none());
        for (before, key, node) in [(NONE, b"id".as_slice(), id), (id, b"[]", mark)] {
            assert_eq!(paths.child(root, before, None, key), Some(node));
        }
        let next =
            |before, text: &[u8]| paths.next(root, before, text).map(|(at, len)| (at.node, len));
        assert_eq!(next(NONE, b"id\":1"), Some((id, 3)));
        for text in ["ids\":1", "i\":1", "id", "id\\\":1", ""] {
            assert_eq!(next(NONE, text.as_bytes()), None, "{text}");
        }
        assert_eq!(next(id, b"[]\":1"), None);
    }

    #[test]
    fn there_is_an_end_of_it() {
        let mut paths = Paths::default();
        let root = paths.root("$").node;
        for n in 0..2 * NODES_MAX {
            let key = format!("k{n}");
            let at = paths.add(
                root,
                None,
                key.as_bytes(),
                Name::NONE,
                Role::default(),
                &format!("$.{key}"),
            );
            assert!(if n < NODES_MAX - 8 {
                at.node != NONE
            } else {
                n < NODES_MAX || at.node == NONE
            });
        }
        assert!(paths.len() <= NODES_MAX);
        let known = paths.number("$.k7");
        let k7 = paths.child(root, NONE, None, b"k7").unwrap();
        assert_eq!(known, paths.at(k7).unwrap().path);
        paths.tidy();
        assert_eq!(paths.len(), 0);
    }
}
