//! The leaves of a body as fields: paths, judged values, counts. Arrays collapse.

use std::hash::BuildHasher as _;

use apitap_proto::v1::{ValueType, entity::Kind, finding};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hashbrown::{HashSet, HashTable};

use super::{Visit, json};
use crate::redact::class::Class;
use crate::redact::detect;
use crate::redact::found::{Place, Span};
use crate::redact::judge::{Judge, Judgement, Way};
use crate::redact::made::{Made, Values};
use crate::redact::names::{Meaning, Name};
use crate::redact::scan::Scan;
use crate::redact::{jwt, schema, style, wire, words};

/// Longest path; deeper keys merge.
const PATH_MAX: usize = 512;
/// Most paths counted beyond the limit.
const OVER_MAX: usize = 16 * 1024;
/// Objects taken from one path.
const OBJECTS_PER_PATH: u32 = 8;
/// Most distinct values kept of one path.
pub(crate) const SEEN_MAX: usize = 8;
/// Types a leaf can have.
const TYPES_MAX: usize = 9;

/// What a body tells of the style of the API.
#[derive(Default)]
pub(crate) struct Hints {
    /// `query`, `mutation` or `subscription`, with a name if there is a safe one.
    pub(crate) graphql: Option<(&'static str, Option<String>)>,
    /// `operationName`.
    pub(crate) operation_name: Option<String>,
    /// Whether a member `jsonrpc` was seen.
    pub(crate) jsonrpc: bool,
    /// `method` of a JSON-RPC or XML-RPC call.
    pub(crate) method: Option<String>,
    /// First child of a SOAP body.
    pub(crate) soap: Option<String>,
    /// Whether the root is an XML-RPC call.
    pub(crate) xmlrpc: bool,
}

/// Room that one body after the other uses.
#[derive(Default)]
pub(crate) struct Room {
    path: String,
    /// Path length and name before each open member.
    stack: Vec<(usize, Name)>,
    entries: Vec<Entry>,
    /// Paths of the entries, one after the other.
    paths: String,
    index: HashTable<usize>,
    over: HashSet<u64, foldhash::fast::FixedState>,
}

/// Gathers fields.
pub(crate) struct Fields<'j> {
    pub(crate) judge: &'j mut Judge,
    part: &'static str,
    path: String,
    stack: Vec<(usize, Name)>,
    name: Name,
    entries: Vec<Entry>,
    paths: String,
    index: HashTable<usize>,
    hasher: foldhash::fast::FixedState,
    over: HashSet<u64, foldhash::fast::FixedState>,
    nested: bool,
    /// What `{"name": "password", "value": …}` names: at which depth, and its meaning.
    sibling: Option<(usize, Meaning)>,
    joined: Vec<u8>,
    hints: Hints,
}

/// A field, as far as it was seen.
struct Entry {
    hash: u64,
    path: Span,
    count: u32,
    /// In the order they were met.
    types: [u8; TYPES_MAX],
    types_count: usize,
    value: Option<Made>,
    more: [Option<Made>; SEEN_MAX],
    more_count: usize,
    /// Hashes of the values kept, so that `more` holds distinct ones.
    seen: [u64; SEEN_MAX],
    seen_count: usize,
    objects: u32,
}

impl Entry {
    const fn new(hash: u64, path: Span) -> Self {
        Self {
            hash,
            path,
            count: 0,
            types: [0; TYPES_MAX],
            types_count: 0,
            value: None,
            more: [None; SEEN_MAX],
            more_count: 0,
            seen: [0; SEEN_MAX],
            seen_count: 0,
            objects: 0,
        }
    }

    /// Counts a leaf of this type.
    fn meet(&mut self, kind: ValueType) {
        self.count = self.count.saturating_add(1);
        // Enumerations of the schema are small.
        let typed = u8::try_from(i32::from(kind)).unwrap_or(0);
        if self.types().contains(&typed) {
            return;
        }
        if let Some(slot) = self.types.get_mut(self.types_count) {
            *slot = typed;
            self.types_count = self.types_count.saturating_add(1);
        }
    }

    fn types(&self) -> &[u8] {
        self.types.get(..self.types_count).unwrap_or_default()
    }

    fn write(&self, paths: &str, values: &Values, out: &mut Vec<u8>) {
        let field = wire::open(out, schema::body::FIELDS);
        wire::text(out, schema::field::PATH, self.path.text(paths));
        if !self.types().is_empty() {
            wire::octets(out, schema::field::TYPES, self.types());
        }
        wire::number(out, schema::field::COUNT, self.count.into());
        if let Some(value) = self.value {
            wire::octets(out, schema::field::VALUE, values.get(value));
        }
        for value in self.more.iter().flatten() {
            wire::octets(out, schema::field::MORE, values.get(*value));
        }
        wire::close(out, field);
    }
}

impl<'j> Fields<'j> {
    pub(crate) fn new(judge: &'j mut Judge, part: &'static str) -> Self {
        let Room { mut path, stack, entries, paths, index, over } = std::mem::take(&mut judge.room);
        path.push('$');
        Self {
            judge,
            part,
            path,
            stack,
            name: Name::NONE,
            entries,
            paths,
            index,
            hasher: foldhash::fast::FixedState::default(),
            over,
            nested: false,
            sibling: None,
            joined: Vec::new(),
            hints: Hints::default(),
        }
    }

    /// Writes the fields; gives back how many there were, and what they tell of the API.
    pub(crate) fn finish(mut self, out: &mut Vec<u8>) -> (u32, Hints) {
        let total = self.entries.len().saturating_add(self.over.len());
        self.judge.counts.cut += wire::len(self.over.len());
        for entry in &self.entries {
            entry.write(&self.paths, &self.judge.values, out);
        }
        self.entries.clear();
        self.paths.clear();
        self.path.clear();
        self.stack.clear();
        self.index.clear();
        self.over.clear();
        let Self { judge, path, stack, entries, paths, index, over, hints, .. } = self;
        judge.room = Room { path, stack, entries, paths, index, over };
        (u32::try_from(total).unwrap_or(u32::MAX), hints)
    }

    /// A body that is one text.
    pub(crate) fn text(&mut self, text: &[u8], cut: bool) {
        if cut {
            self.rest(text);
            self.cut(ValueType::String);
        } else {
            self.leaf(ValueType::String, text);
        }
    }

    /// Looks through octets that could not be parsed; nothing of them leaves.
    pub(crate) fn rest(&mut self, text: &[u8]) {
        let text = text.get(..self.judge.policy.scan_bytes_max).unwrap_or(text);
        let verdict = detect::inspect(text, Scan::of(text));
        let judgement = Judgement { way: Way::Shape, found: verdict.whole, inside: verdict.inside };
        let place = Place { part: self.part, path: &self.path };
        self.judge.note(place, &judgement);
    }

    fn push(&mut self, segment: &str, name: Name) {
        self.stack.push((self.path.len(), self.name));
        self.name = name;
        if self.path.len().saturating_add(segment.len()) <= PATH_MAX {
            self.path.push_str(segment);
        }
    }

    /// The field of the path at hand; `None` beyond the limit.
    fn entry(&mut self) -> Option<usize> {
        let hash = self.hasher.hash_one(self.path.as_str());
        let (entries, paths) = (&self.entries, &self.paths);
        let same = |&at: &usize| entries.get(at).is_some_and(|e| e.path.text(paths) == self.path);
        if let Some(&at) = self.index.find(hash, same) {
            return Some(at);
        }
        let at = self.entries.len();
        if at >= self.judge.policy.fields_max {
            if self.over.len() < OVER_MAX {
                self.over.insert(hash);
            }
            return None;
        }
        let start = self.paths.len();
        self.paths.push_str(&self.path);
        self.entries.push(Entry::new(hash, Span { start, end: self.paths.len() }));
        let entries = &self.entries;
        self.index.insert_unique(hash, at, |&at| entries.get(at).map_or(0, |e| e.hash));
        Some(at)
    }

    fn add(&mut self, kind: ValueType, text: &[u8], judgement: &Judgement) {
        let Some(at) = self.entry() else { return };
        let values_max = self.judge.policy.values_max.saturating_add(1);
        let Some(entry) = self.entries.get_mut(at) else { return };
        entry.meet(crate::redact::judge::typed(kind, text));
        let informative = matches!(judgement.way, Way::Keep | Way::Token(_));
        let hash = if informative { self.hasher.hash_one(text) } else { 0 };
        let first = entry.value.is_none();
        let seen = entry.seen.get(..entry.seen_count).unwrap_or_default();
        let fresh = first || (informative && seen.len() < values_max && !seen.contains(&hash));
        let named = matches!(self.name.meaning, Meaning::Id(_) | Meaning::Personal(Class::Account));
        let object = named && matches!(judgement.way, Way::Token(_));
        let listed = object && entry.objects < OBJECTS_PER_PATH;
        entry.objects = entry.objects.saturating_add(u32::from(listed));
        if let Some(slot) = entry.seen.get_mut(entry.seen_count).filter(|_| fresh && informative) {
            *slot = hash;
            entry.seen_count = entry.seen_count.saturating_add(1);
        }
        if object && !listed {
            self.judge.finds.objects_total = self.judge.finds.objects_total.saturating_add(1);
        }
        if !fresh && !listed {
            return;
        }
        let value = self.judge.render(judgement.way, kind, text);
        if first {
            entry.value = Some(value);
        } else if let Some(slot) = entry.more.get_mut(entry.more_count).filter(|_| fresh) {
            *slot = Some(value);
            entry.more_count = entry.more_count.saturating_add(1);
        }
        if listed {
            self.object(value);
        }
    }

    fn object(&mut self, value: Made) {
        let place = Place { part: self.part, path: &self.path };
        let name = self.path.rsplit('.').next().unwrap_or_default().trim_end_matches("[]");
        self.judge.object(place, name, self.name.meaning, value);
    }

    /// JSON inside a string, plain or in base64url, one level deep.
    fn inner(&mut self, text: &[u8]) {
        let text = text.trim_ascii();
        let plain = matches!(
            (text.first(), text.last()),
            (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']'))
        );
        let decoded;
        let (inner, mark) = if plain && text.len() > 4 {
            (text, "(json)")
        } else if text.starts_with(b"eyJ") && !text.contains(&b'.') {
            let padded =
                text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
            let url: Vec<u8> = padded
                .iter()
                .map(|b| match b {
                    b'+' => b'-',
                    b'/' => b'_',
                    b => *b,
                })
                .collect();
            let Ok(octets) = URL_SAFE_NO_PAD.decode(url) else { return };
            decoded = octets;
            (decoded.as_slice(), "(base64)")
        } else {
            return;
        };
        let name = self.name;
        self.nested = true;
        self.push(mark, name);
        let _end = json::read(inner, false, self);
        self.leave();
        self.nested = false;
    }

    /// What a name that says little says together with the name above it: `number` under `card`, `id` under `order`.
    fn with_parent(&mut self, own: Meaning, key: &[u8]) -> Meaning {
        if !matches!(own, Meaning::Id(Kind::Unspecified)) || key.len() > 8 {
            return own;
        }
        let above = self.path.trim_end_matches("[]");
        let parent = above.rsplit('.').next().unwrap_or_default();
        if parent.is_empty() || parent == "$" || parent.len() > 24 || parent.starts_with('{') {
            return own;
        }
        self.joined.clear();
        self.joined.extend_from_slice(parent.as_bytes());
        self.joined.push(b'.');
        self.joined.extend_from_slice(key);
        match self.judge.names.look(&self.joined).meaning {
            Meaning::Unknown | Meaning::Text | Meaning::Secret(_) => own,
            meaning => meaning,
        }
    }

    /// What a member's name says, seen from where it stands: what lies under `password` is one, whatever it is
    /// called, and so is the `value` beside the `name` `password`.
    fn inherited(&self, own: Meaning, key: &[u8]) -> Meaning {
        let depth = self.stack.len();
        let sibling = self.sibling.filter(|(at, _)| {
            *at == depth && matches!(key, b"value" | b"val" | b"data" | b"content")
        });
        match (self.name.meaning, own, sibling) {
            (Meaning::Secret(class), _, _) => Meaning::Secret(class),
            (
                _,
                _,
                Some((_, meaning @ (Meaning::Secret(_) | Meaning::Personal(_) | Meaning::Id(_)))),
            ) => meaning,
            (Meaning::Personal(class), Meaning::Unknown, _) => Meaning::Personal(class),
            _ => own,
        }
    }

    /// Remembers what a leaf called `name` or `key` names.
    fn pair(&mut self, text: &[u8]) {
        if !self.path.ends_with(['e', 'y', 'd']) {
            return;
        }
        let key = self
            .stack
            .last()
            .and_then(|(len, _)| self.path.get(len.saturating_add(1)..))
            .unwrap_or_default();
        let naming =
            matches!(key, "name" | "key" | "field" | "Name" | "Key" | "id" | "@name" | "@key");
        // Numbers and generated identifiers name nothing.
        let named = || {
            let digits = text.iter().filter(|b| b.is_ascii_digit()).count();
            text.len() <= words::NAME_MAX && digits <= 3 && !text.contains(&b' ')
        };
        if naming && named() {
            let meaning = self.judge.names.meaning(text);
            self.sibling = Some((self.stack.len().saturating_sub(1), meaning));
        }
    }

    /// Notes what a leaf tells of the style of the API.
    fn hint(&mut self, text: &[u8]) {
        if self.stack.len() > 3 {
            return;
        }
        match self.path.as_str() {
            "$.query" | "$[].query" if self.hints.graphql.is_none() => {
                self.hints.graphql = style::graphql(text);
            }
            "$.operationName" | "$[].operationName" if self.hints.operation_name.is_none() => {
                self.hints.operation_name = style::safe_name(text);
            }
            "$.jsonrpc" | "$[].jsonrpc" => self.hints.jsonrpc = true,
            "$.method" | "$[].method" | "$.methodCall.methodName"
                if self.hints.method.is_none() =>
            {
                self.hints.method = style::safe_name(text);
            }
            _ => {}
        }
    }
}

impl Visit for Fields<'_> {
    fn enter(&mut self, key: &[u8]) {
        let mut name = self.judge.names.look(key);
        let own = self.with_parent(name.meaning, key);
        name.meaning = self.inherited(own, key);
        if name.safe {
            self.stack.push((self.path.len(), self.name));
            self.name = name;
            if self.path.len().saturating_add(key.len()) < PATH_MAX {
                self.path.push('.');
                // Safe names are UTF-8.
                self.path.push_str(std::str::from_utf8(key).unwrap_or("{key}"));
            }
        } else {
            self.push(".{key}", name);
            self.judge.counts.names_hidden += 1;
            if let Some(found) = name.found {
                let place = Place { part: self.part, path: &self.path };
                self.judge.find(place, found, finding::Action::Shaped);
            }
        }
        if self.stack.len() == 3 && self.hints.soap.is_none() {
            if let Some(method) = self.path.strip_prefix("$.Envelope.Body.") {
                self.hints.soap = style::safe_name(method.as_bytes());
            }
        } else if self.stack.len() == 1 && self.path == "$.methodCall" {
            self.hints.xmlrpc = true;
        }
    }

    fn item(&mut self) {
        let name = self.name;
        self.push("[]", name);
    }

    fn leave(&mut self) {
        self.sibling = self.sibling.filter(|(depth, _)| *depth < self.stack.len());
        if let Some((len, name)) = self.stack.pop() {
            self.path.truncate(len);
            self.name = name;
        }
    }

    fn leaf(&mut self, kind: ValueType, text: &[u8]) {
        if matches!(kind, ValueType::String | ValueType::Unspecified) {
            self.hint(text);
            self.pair(text);
        }
        let judgement = self.judge.decide(self.name, kind, text);
        let place = Place { part: self.part, path: &self.path };
        self.judge.note(place, &judgement);
        if matches!(judgement.way, Way::Token(Class::Jwt)) {
            jwt::entity(self.judge, place, text);
        }
        self.add(kind, text, &judgement);
        let textual = matches!(kind, ValueType::String | ValueType::Unspecified);
        if textual && !self.nested && judgement.way != Way::Drop && text.len() >= 5 {
            self.inner(text);
        }
    }

    fn cut(&mut self, kind: ValueType) {
        let at = self.entry();
        let Some(entry) = at.and_then(|at| self.entries.get_mut(at)) else { return };
        entry.meet(kind);
        if entry.value.is_none() {
            entry.value = Some(self.judge.values.shape(kind, 0));
        }
    }
}
