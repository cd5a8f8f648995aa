//! The leaves of a body as fields: paths, judged values, counts. Arrays collapse.

use std::io::Write as _;

use apitap_proto::v1::{ValueType, entity::Kind, finding};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hashbrown::{HashSet, HashTable};

use super::edges::Steps;
use super::entry::{Entry, Extra, Where};
pub(crate) use super::paths::last_name;
use super::paths::{At, Known, NONE, Paths, Role, asks};
use super::plan::Plan;
use super::shape::{Shape, Shaped};
use super::{Visit, graphql, json};
use crate::redact::class::Class;
use crate::redact::found::{Hint, Place, Span};
use crate::redact::judge::{Judge, Judgement, Way};
use crate::redact::names::{Context, Meaning, Name, Names};
use crate::redact::policy::Why;
use crate::redact::{about, dictionary, jwt, names, style, wire, words};

mod add;
mod ahead;
mod hints;
mod items;

pub(crate) use hints::Hints;

/// Longest path; deeper keys merge.
const PATH_MAX: usize = 512;

/// Room that one body after the other uses.
#[derive(Default)]
pub(crate) struct Room {
    /// Path of the last member that was not met before.
    path: String,
    /// Length of `path` and member before each open member that is not remembered: of others the tree knows.
    stack: Vec<(usize, At)>,
    entries: Vec<Entry>,
    extras: Vec<Extra>,
    /// Entries that are arrays, or in them.
    arrays: Vec<usize>,
    /// Paths of the entries that have no number: where in `texts`, a hash, and the entry.
    here: Vec<(Span, u64, u32)>,
    texts: String,
    /// Members met in this and other bodies.
    known: Paths,
    /// By number of path.
    plans: Vec<Plan>,
    /// Number of the body.
    body: u64,
    /// Places in `here`, by path.
    index: HashTable<u32>,
    /// Paths beyond the limit, and those of them that have no number.
    over: usize,
    over_hashes: HashSet<u64, foldhash::fast::RandomState>,
}

impl Room {
    /// The path of a member: remembered, or as it was written last.
    fn path_of(&self, at: At) -> &str {
        path_of(&self.path, &self.known, at)
    }

    /// The path of a member, and the name it ends with.
    fn named(&self, at: At) -> (&str, &str) {
        named(&self.path, &self.known, at)
    }

    /// What is known of the path of a field.
    fn known(&self, path: Where) -> Option<Known<'_>> {
        match path {
            Where::Number(number) => self.known.known(number),
            Where::Here(at) => {
                let (text, ..) = self.here.get(usize::try_from(at).ok()?)?;
                Some(Known::of(text.text(&self.texts)))
            }
        }
    }

    /// Takes each step by itself, and writes fields at the end, for comparison.
    #[cfg(test)]
    pub(crate) fn hold_still(&mut self) {
        self.known.still = true;
    }

    /// Makes room for the next body.
    fn clear(&mut self) {
        self.path.clear();
        self.stack.clear();
        self.entries.clear();
        self.extras.clear();
        self.arrays.clear();
        self.here.clear();
        self.texts.clear();
        self.index.clear();
        self.over = 0;
        self.over_hashes.clear();
        if self.known.tidy() {
            self.plans.clear();
        }
        self.body = self.body.wrapping_add(1);
    }
}

fn path_of<'r>(path: &'r str, known: &'r Paths, at: At) -> &'r str {
    if at.path == NONE { path } else { known.path(at.path) }
}

fn named<'r>(path: &'r str, known: &'r Paths, at: At) -> (&'r str, &'r str) {
    if at.path == NONE { (path, last_name(path)) } else { known.named(at.path) }
}

/// Gathers fields.
pub(crate) struct Fields<'j> {
    pub(crate) judge: &'j mut Judge,
    part: &'static str,
    /// The octets that most leaves are lent from.
    body: &'j [u8],
    /// Whether the format has types.
    typed: bool,
    /// Whether it is the body of an answer, and learning is told of its fields.
    answered: bool,
    learning: bool,
    /// Whether where a value stands matters even when nothing was found in it.
    minds_places: bool,
    room: Box<Room>,
    /// What the fields add to the shape.
    sum: u64,
    at: At,
    /// How many members are open.
    depth: usize,
    /// The member that was left last, and that of the value before.
    before: u32,
    from: u32,
    /// Of a seed that nobody knows: else whoever chooses values could have two taken for one.
    hasher: foldhash::fast::RandomState,
    nested: bool,
    /// What `{"name": "password", "value": …}` names: at which depth, and its meaning.
    sibling: Option<(usize, Meaning)>,
    /// What stands behind the value at hand says what it is.
    ahead: Option<Meaning>,
    joined: Vec<u8>,
    hints: Hints,
}

impl<'j> Fields<'j> {
    /// For a body. `typed`: the format has types.
    pub(crate) fn new(
        judge: &'j mut Judge,
        part: &'static str,
        body: &'j [u8],
        typed: bool,
    ) -> Self {
        let mut room = judge.room.take().unwrap_or_default();
        room.clear();
        let at = room.known.root("$");
        judge.answering = part == "response.body:";
        Self {
            part,
            body,
            typed,
            answered: part == "response.body:",
            learning: part == "response.body:" && judge.learning,
            minds_places: judge.minds_places(),
            judge,
            room,
            sum: 0,
            at,
            depth: 0,
            before: NONE,
            from: NONE,
            hasher: foldhash::fast::RandomState::default(),
            nested: false,
            sibling: None,
            ahead: None,
            joined: Vec::new(),
            hints: Hints::default(),
        }
    }

    /// Writes the fields; gives back how many there were, what they tell of the API, and their shape.
    pub(crate) fn finish(self, out: &mut Vec<u8>) -> (u32, Hints, Shaped) {
        let Self { judge, room, hints, sum, .. } = self;
        let total = room.entries.len().saturating_add(room.over);
        judge.counts.cut += wire::len(room.over);
        // Fields that were written as they were met mostly stand side by side.
        let mut run = (0, 0);
        for entry in &room.entries {
            if let Some((start, end)) = entry.whole() {
                if start != run.1 {
                    out.extend_from_slice(judge.values.range(run.0, run.1));
                    run.0 = start;
                }
                run.1 = end;
                continue;
            }
            out.extend_from_slice(judge.values.range(run.0, run.1));
            run = (0, 0);
            if let Some(path) = room.known(entry.path) {
                entry.write(path.text, &room.extras, &judge.values, out);
            }
        }
        out.extend_from_slice(judge.values.range(run.0, run.1));
        let mut shape = Shape::of(sum, wire::len(room.entries.len()));
        for entry in room.arrays.iter().filter_map(|at| room.entries.get(*at)) {
            if let Some(path) = room.known(entry.path) {
                shape.array(path.text, path.marks, entry.types(), entry.count);
            }
        }
        let mut shaped = shape.write(out);
        if room.over > 0 {
            shaped.hash = None;
        }
        judge.room = Some(room);
        judge.answering = false;
        (u32::try_from(total).unwrap_or(u32::MAX), hints, shaped)
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
        let place = Place { part: self.part, path: self.room.path_of(self.at) };
        self.judge.look_through(place, text);
    }

    /// Writes the path of a member inside the one at hand, unless it is too long: then deeper members merge.
    fn extend(&mut self, separator: &str, segment: &str) {
        let Room { path, known, .. } = &mut *self.room;
        if self.at.path != NONE {
            path.clear();
            path.push_str(known.path(self.at.path));
        }
        let len = path.len().saturating_add(separator.len()).saturating_add(segment.len());
        if len <= PATH_MAX {
            path.push_str(separator);
            path.push_str(segment);
        }
    }

    /// Goes into a member of the same name: the items of an array, the text of a value.
    fn inside(&mut self, mark: &str) {
        let known = self.room.known.child(self.at.node, self.before, None, mark.as_bytes());
        self.before = NONE;
        match known.and_then(|node| self.room.known.at(node)) {
            Some(at) => self.at = *at,
            None => {
                let above = (self.room.path.len(), self.at);
                let name = self.of_items(mark);
                self.extend("", mark);
                let Self { room, at, .. } = self;
                let Room { known, path, .. } = &mut **room;
                *at = known.add(at.node, None, mark.as_bytes(), name, Role::default(), path);
                self.went(above);
            }
        }
        self.depth = self.depth.saturating_add(1);
    }

    /// Keeps the way back from the member gone into, unless it is remembered.
    fn went(&mut self, above: (usize, At)) {
        if self.at.node == NONE {
            self.room.stack.push(above);
        }
    }

    /// JSON inside a string, plain or in base64url, or a GraphQL document; one level deep.
    fn inner(&mut self, text: &[u8]) {
        let text = text.trim_ascii();
        let plain = matches!(
            (text.first(), text.last()),
            (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']'))
        );
        let decoded;
        let (inner, mark) = if self.at.role.hints && shorthand(text) {
            (text, "(graphql)")
        } else if plain && text.len() > 4 {
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
        } else if self.at.role.hints && style::graphql(text).is_some() {
            (text, "(graphql)")
        } else {
            return;
        };
        self.nested = true;
        self.inside(mark);
        let _end = match mark {
            "(graphql)" => graphql::read(inner, false, self),
            _ => json::read(inner, false, self),
        };
        self.leave();
        self.nested = false;
    }

    /// What a name that says little says together with the name above it: `number` under `card`, `id` under `order`,
    /// `code` under `verification`.
    fn with_parent(&mut self, own: Meaning, key: &[u8]) -> Meaning {
        let coded = own == Meaning::Enum && key.eq_ignore_ascii_case(b"code");
        if !(coded || matches!(own, Meaning::Id(Kind::Unspecified))) || key.len() > 8 {
            return own;
        }
        let above = self.room.path_of(self.at).trim_end_matches("[]");
        let parent = above.rsplit('.').next().unwrap_or_default();
        if parent.is_empty() || parent == "$" || parent.len() > 24 || parent.starts_with('{') {
            return own;
        }
        self.joined.clear();
        self.joined.extend_from_slice(parent.as_bytes());
        self.joined.push(b'.');
        self.joined.extend_from_slice(key);
        match self.judge.names.look(&self.joined).meaning {
            Meaning::Secret(Class::Otp) if coded => Meaning::Secret(Class::Otp),
            _ if coded => own,
            Meaning::Unknown | Meaning::Text | Meaning::Secret(_) => own,
            meaning => meaning,
        }
    }

    /// Goes into a member that was not met here before, or whose name may not be kept.
    fn enter_new(&mut self, key: &[u8], beside: Option<Meaning>) {
        let mut name = self.judge.names.look(key);
        let own = self.with_parent(name.meaning, key);
        name.meaning = self.inherited(own, beside);
        if matches!(self.above(), Meaning::Secret(_)) {
            name.context = Names::under(self.at.name, key);
            if name.context != Context::All && about::describes(key) {
                name.meaning = Meaning::Text;
            } else if name.context != Context::All && own == Meaning::Personal(Class::Geo) {
                name.meaning = own;
            }
        } else if telling(name.meaning) && self.beneath_errors() {
            name.context = Context::Error;
        }
        let depth = self.depth.saturating_add(1);
        let above = (self.room.path.len(), self.at);
        if name.safe {
            // Safe names are UTF-8.
            self.extend(".", std::str::from_utf8(key).unwrap_or("{key}"));
            let Self { room, at, .. } = self;
            let Room { known, path, .. } = &mut **room;
            let role = Role::of(path, key, depth);
            *at = if is_mark(key) {
                At { path: known.number(path), role, ..At::passing(name) }
            } else {
                known.add(at.node, beside, key, name, role, path)
            };
            return self.went(above);
        }
        self.extend(".", "{key}");
        let Room { known, path, .. } = &mut *self.room;
        let role = Role { names: false, kinds: false, ..Role::of(path, key, depth) }.settled();
        self.at = At { path: known.number(path), role, ..At::passing(name) };
        self.went(above);
        self.judge.counts.names_hidden += 1;
        if let Some(found) = name.found {
            let place = Place { part: self.part, path: self.room.path_of(self.at) };
            self.judge.find(place, found, finding::Action::Shaped);
        }
    }

    /// As [`jump`](Visit::jump), where more is done on the way.
    #[inline(never)]
    fn jump_far(&mut self, text: &[u8], open: u32) -> Option<(usize, Steps)> {
        let beside = self.sibling.is_some();
        let (at, len, steps) = self.room.known.jump(self.from, text, open, beside)?;
        self.at = *at;
        self.before = NONE;
        self.depth = self.depth.saturating_sub(steps.left.into());
        if beside && steps.left > 0 {
            // But for a comma, all that was left was closed, with the object that names what is in it.
            let closed = steps.left == steps.closed;
            let open = |at: usize| at < self.depth || at == self.depth && !closed;
            self.sibling = self.sibling.filter(|(at, _)| open(*at));
        }
        self.depth = self.depth.saturating_add(steps.entered.into());
        Some((len, steps))
    }

    /// What the value of the member beside says of one called `key`: `value` beside the `name` `password` is one.
    fn beside(&self, key: &[u8]) -> Option<Meaning> {
        let (depth, meaning) = self.sibling?;
        (telling(meaning) && depth == self.depth && asks(key)).then_some(meaning)
    }

    /// Whether what is at hand tells of errors.
    fn beneath_errors(&self) -> bool {
        about::errors(self.room.named(self.at).1.trim_end_matches("[]").as_bytes())
    }

    /// The name of the member at hand, or what an attribute of it names: `<param name="password">`.
    fn called(&self, name: Name) -> Name {
        match self.sibling {
            Some((depth, meaning)) if depth == self.depth && telling(meaning) => {
                Name { meaning, ..name }
            }
            _ => name,
        }
    }

    /// What a member's name says, seen from where it stands: what lies under `password` is one, whatever it is
    /// called.
    fn inherited(&self, own: Meaning, beside: Option<Meaning>) -> Meaning {
        let Meaning::Personal(class) = self.at.name.meaning else {
            return match (self.above(), beside) {
                // Of a login that is stored as a secret the password is no less one, of which there are no tokens.
                (Meaning::Secret(Class::Credential), Some(secret @ Meaning::Secret(_))) => secret,
                (Meaning::Secret(Class::Credential), None) if matches!(own, Meaning::Secret(_)) => {
                    own
                }
                (secret @ Meaning::Secret(_), _) => secret,
                (_, Some(meaning)) => meaning,
                (_, None) => own,
            };
        };
        if let Some(meaning) = beside {
            return meaning;
        }
        let part = match (class, own) {
            (_, Meaning::Unknown) => true,
            // The parts of a date are numbers, as counts are.
            (Class::Birth | Class::CardExpiry, Meaning::Count | Meaning::Text) => true,
            // Of these a word tells all.
            (
                Class::Health | Class::Gender,
                Meaning::Enum | Meaning::Code | Meaning::Count | Meaning::Text | Meaning::Amount,
            ) => {
                let above = self.room.named(self.at).1.trim_end_matches("[]");
                !dictionary::common(&names::flat(above.as_bytes()))
            }
            _ => false,
        };
        if part { Meaning::Personal(class) } else { own }
    }

    /// Takes up what a value tells where it stands, and what rules for that place change.
    fn placed(&mut self, kind: ValueType, text: &[u8], judgement: Judgement) -> Judgement {
        let place = Place { part: self.part, path: self.room.path_of(self.at) };
        self.judge.signals.value(place, text);
        self.judge.refusal.leaf(place, kind, text);
        let judgement = self.judge.ruled(place, None, kind, text, judgement);
        self.note(&judgement);
        if matches!(judgement.way, Way::Token(Class::Jwt)) {
            let place = Place { part: self.part, path: self.room.path_of(self.at) };
            jwt::entity(self.judge, place, text);
        }
        judgement
    }

    /// Notes what a judgement found where a value stands.
    #[inline]
    fn note(&mut self, judgement: &Judgement) {
        let Self { judge, room, at, part, answered, .. } = self;
        let Room { plans, known, path, .. } = &mut **room;
        let plan = usize::try_from(at.path).ok().and_then(|at| plans.get_mut(at));
        let none = &mut Hint::default();
        let hint = plan.map_or(none, |plan| &mut plan.hints(*answered).finding);
        judge.note_hinted(hint, part, || path_of(path, known, *at), judgement);
    }
}

/// Whether a GraphQL document begins with what it asks for (October 2021 edition, §2.3), and so is no JSON.
fn shorthand(text: &[u8]) -> bool {
    let inside = text.strip_prefix(b"{").map(<[u8]>::trim_ascii_start).and_then(<[u8]>::first);
    inside.is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'#' | b'.'))
        && style::graphql(text).is_some()
}

/// Whether a name says of a value beside it what it is.
const fn telling(meaning: Meaning) -> bool {
    matches!(meaning, Meaning::Secret(_) | Meaning::Personal(_) | Meaning::Id(_))
}

/// Whether a key begins as the marks of items and of text inside text do: it must not be taken for one.
fn is_mark(key: &[u8]) -> bool {
    matches!(key.first(), Some(b'[' | b'('))
}

impl Visit for Fields<'_> {
    fn guess(&mut self, text: &[u8]) -> Option<usize> {
        let (at, len) = self.room.known.next(self.at.node, self.before, text)?;
        // What stands beside may give the name another meaning.
        if self.sibling.is_some() && at.role.asks {
            return None;
        }
        self.at = *at;
        self.depth = self.depth.saturating_add(1);
        self.before = NONE;
        self.entered();
        Some(len)
    }

    #[inline]
    fn jump(&mut self, text: &[u8], open: u32) -> Option<(usize, Steps)> {
        self.from = self.at.node;
        if self.sibling.is_none()
            && let Some(edge) = self.room.known.hop(self.from, text, open)
        {
            let steps = edge.steps;
            self.at = edge.to;
            self.before = NONE;
            if !edge.flat {
                let depth = self.depth.saturating_sub(steps.left.into());
                self.depth = depth.saturating_add(steps.entered.into());
            }
            return Some((edge.len(), steps));
        }
        self.jump_far(text, open)
    }

    fn ran(&mut self, run: &[u8], steps: Steps) {
        self.room.known.ran(self.from, run, steps, self.at.node);
    }

    fn enter(&mut self, key: &[u8]) {
        let beside = self.beside(key);
        let (parent, before) = (self.at.node, self.before);
        self.before = NONE;
        let remembered = !is_mark(key);
        let known =
            remembered.then(|| self.room.known.child(parent, before, beside, key)).flatten();
        match known.and_then(|node| self.room.known.at(node)) {
            Some(at) => self.at = *at,
            None => self.enter_new(key, beside),
        }
        self.depth = self.depth.saturating_add(1);
        self.entered();
    }

    fn number(&mut self, number: u64) {
        let mut key = std::mem::take(&mut self.joined);
        key.clear();
        // Remembered under a mark, so that no name of another format is taken for it.
        let _done = write!(key, "({number}");
        let known = self.room.known.child(self.at.node, self.before, None, &key);
        self.before = NONE;
        match known.and_then(|node| self.room.known.at(node)) {
            Some(at) => self.at = *at,
            None => {
                let above = (self.room.path.len(), self.at);
                let digits = key.get(1..).and_then(|digits| std::str::from_utf8(digits).ok());
                self.extend(".", digits.unwrap_or_default());
                let Self { room, at, .. } = self;
                let Room { known, path, .. } = &mut **room;
                *at = known.add(at.node, None, &key, Name::NONE, Role::default(), path);
                self.went(above);
            }
        }
        self.depth = self.depth.saturating_add(1);
        self.joined = key;
    }

    fn item(&mut self) {
        self.inside("[]");
    }

    fn leave(&mut self) {
        self.sibling = self.sibling.filter(|(at, _)| *at < self.depth);
        // A reader may say more often that something is over than that it began.
        let Some(depth) = self.depth.checked_sub(1) else { return };
        self.depth = depth;
        self.before = self.at.node;
        if let Some(above) = self.room.known.parent(self.at.node) {
            self.at = *above;
        } else if let Some((len, at)) = self.room.stack.pop() {
            // A path that is remembered is not the one written last: that may be of any length.
            if at.path == NONE {
                self.room.path.truncate(len);
            }
            self.at = at;
        }
    }

    #[inline]
    fn closed(&mut self) {
        self.sibling = self.sibling.filter(|(at, _)| *at < self.depth);
    }

    #[inline]
    fn ahead(&mut self, rest: &[u8]) {
        if self.at.role.asks {
            self.look_ahead(rest);
        }
    }

    fn leaf(&mut self, kind: ValueType, text: &[u8]) {
        if self.at.role.tells {
            self.besides(kind, text);
        }
        let long = matches!(kind, ValueType::Number | ValueType::Integer) && text.len() >= 13;
        let whole = if long { words::whole(text) } else { None };
        let text = whole.as_deref().map_or(text, Vec::as_slice);
        let mut name = self.called(self.at.name);
        if let Some(meaning) = self.ahead.take() {
            name.meaning = meaning;
        }
        let mut judgement = self.judge.decide(name, kind, text);
        let entity = matches!(judgement.way, Way::Token(Class::Jwt));
        if entity || self.minds_places {
            judgement = self.placed(kind, text, judgement);
        } else if judgement.tells() {
            self.note(&judgement);
        }
        self.add(kind, text, Some(judgement.way));
        let textual = matches!(kind, ValueType::String | ValueType::Unspecified);
        if textual && !self.nested && judgement.way != Way::Drop && text.len() >= 5 {
            // Nearly all texts say by how they begin that nothing is inside.
            let begins =
                text.first().is_some_and(|b| matches!(b, b'{' | b'[' | b'e') || *b <= b' ');
            if begins || self.at.role.hints {
                self.inner(text);
            }
        }
    }

    fn word(&mut self, word: &str) {
        let meaning = self.at.name.meaning;
        let plain = matches!(
            meaning,
            Meaning::Unknown
                | Meaning::Enum
                | Meaning::Code
                | Meaning::Version
                | Meaning::Count
                | Meaning::Flag
        );
        // Values may have been joined wrongly: then none is kept.
        if !plain || self.judge.broken {
            return self.leaf(ValueType::String, word.as_bytes());
        }
        self.judge.counts.values += 1;
        let place = Place { part: self.part, path: self.room.path_of(self.at) };
        let judgement = Judgement::plain(Way::Keep, Why::EnumWord);
        let text = word.as_bytes();
        self.judge.refusal.leaf(place, ValueType::String, text);
        let judgement = self.judge.ruled(place, None, ValueType::String, text, judgement);
        self.judge.note(place, &judgement);
        self.add(ValueType::String, text, Some(judgement.way));
    }

    fn described(&mut self, fits: bool) {
        let Judge { counts, described: (named, misfits), .. } = &mut *self.judge;
        let (total, of_call) = match fits {
            true => (&mut counts.messages_described, named),
            false => (&mut counts.messages_misfit, misfits),
        };
        *total += 1;
        *of_call = of_call.saturating_add(1);
    }

    fn aside(&mut self, text: &[u8]) {
        if !text.is_empty() {
            self.rest(text);
        }
    }

    fn cut(&mut self, kind: ValueType) {
        self.add(kind, b"", None);
    }
}
