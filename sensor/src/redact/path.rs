//! Request targets: host, path template, path parameters.
//!
//! A segment stays when it is shown to be part of the API; everything else is a parameter. Behind a
//! collection (`users`) only well-known words stay: names of people look like words.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

use apitap_proto::v1::{self, ValueType, entity::Kind};

use hashbrown::HashMap;

use super::body::percent::decode;
use super::class::Class;
use super::detect::{self, Confidence, Found};
use super::entities::before_parts;
use super::found::Place;
use super::header::{self, List};
use super::judge::{Judge, Judgement, Way, must_not_be_hashed};
use super::made::{Form, Made};
use super::names::{Meaning, Name};
use super::policy::Why;
use super::segments::{self, How, Known};
use super::{lexicon, odata, schema, words};
use crate::endpoints::{self, HostRules, Look, Pattern, Step, Verdict, Walk, Word};

/// Segments read of one path.
const SEGMENTS_MAX: usize = 64;
/// Letters of a token that stand for a hidden word.
const MARK_LETTERS: usize = 6;
/// Most hosts remembered.
const HOSTS_MAX: usize = 1024;

/// A target, taken apart (RFC 9112 §3.2). No `Debug`.
#[derive(Default)]
pub(crate) struct Target<'a> {
    pub(crate) scheme: &'static str,
    /// Host and port, with user information.
    pub(crate) authority: Option<&'a [u8]>,
    pub(crate) path: &'a [u8],
    pub(crate) query: &'a [u8],
}

/// Takes a target apart: origin, absolute, authority (for CONNECT) or asterisk form.
pub(crate) fn split<'a>(method: &[u8], target: &'a [u8]) -> Target<'a> {
    if method == b"CONNECT" {
        return Target { authority: Some(target), ..Target::default() };
    }
    let end = memchr::memchr(b'#', target).unwrap_or(target.len());
    let bare = target.get(..end).unwrap_or_default();
    let (bare, query) = match memchr::memchr(b'?', bare) {
        Some(at) => (
            bare.get(..at).unwrap_or_default(),
            bare.get(at.saturating_add(1)..).unwrap_or_default(),
        ),
        None => (bare, b"".as_slice()),
    };
    // Most are of the origin form.
    if bare.first() == Some(&b'/') {
        return Target { path: bare, query, ..Target::default() };
    }
    let schemes: [(&[u8], &'static str); 4] =
        [(b"http://", "http"), (b"https://", "https"), (b"ws://", "http"), (b"wss://", "https")];
    for (prefix, scheme) in schemes {
        let begins = bare.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix));
        if begins {
            let rest = bare.get(prefix.len()..).unwrap_or_default();
            let slash = memchr::memchr(b'/', rest).unwrap_or(rest.len());
            let (authority, path) = rest.split_at_checked(slash).unwrap_or((rest, b""));
            let path = if path.is_empty() { b"/".as_slice() } else { path };
            return Target { scheme, authority: Some(authority), path, query };
        }
    }
    Target { path: bare, query, ..Target::default() }
}

/// Hosts met before that stay as they are, by host and port as they came.
#[derive(Default)]
pub(crate) struct Hosts {
    known: HashMap<Box<[u8]>, (Box<str>, u32), foldhash::fast::RandomState>,
}

impl Hosts {
    /// Host as it may leave, and port, if it was met before.
    pub(crate) fn find(&self, authority: &[u8]) -> Option<(&str, u32)> {
        self.known.get(authority).map(|(host, port)| (&**host, *port))
    }

    fn put(&mut self, authority: &[u8], host: &str, port: u32) {
        if self.known.len() >= HOSTS_MAX {
            self.known.clear();
        }
        self.known.insert(authority.into(), (host.into(), port));
    }
}

/// Host as it may leave, and port.
pub(crate) fn host(judge: &mut Judge, authority: &[u8]) -> (String, u32) {
    let place = Place { part: "request.host", path: "" };
    let authority = match memchr::memrchr(b'@', authority) {
        Some(at) => {
            let found = Found { class: Class::Password, confidence: Confidence::Medium };
            judge.find(place, found, v1::finding::Action::Dropped);
            authority.get(at.saturating_add(1)..).unwrap_or_default()
        }
        None => authority,
    };
    // Nothing with `@` in it is among them.
    if let Some((host, port)) = judge.hosts.find(authority) {
        return (host.into(), port);
    }
    let (host, port) = match memchr::memrchr(b':', authority) {
        Some(at) if !authority.ends_with(b"]") => {
            let port = authority.get(at.saturating_add(1)..).unwrap_or_default();
            match std::str::from_utf8(port).ok().and_then(|p| p.parse::<u16>().ok()) {
                Some(port) => (authority.get(..at).unwrap_or_default(), u32::from(port)),
                None => (authority, 0),
            }
        }
        _ => (authority, 0),
    };
    let text = host_text(host);
    if !text.contains('{') {
        judge.hosts.put(authority, &text, port);
    } else if let Some(found) = detect::any(host) {
        judge.find(place, found, v1::finding::Action::Shaped);
    }
    (text, port)
}

/// A host name or address in lower case; labels that look generated in braces; else its shape.
pub(crate) fn host_text(host: &[u8]) -> String {
    if host.is_empty() {
        return String::new();
    }
    let text = String::from_utf8_lossy(host).to_ascii_lowercase();
    let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(&text);
    if text.parse::<Ipv4Addr>().is_ok() || bare.parse::<Ipv6Addr>().is_ok() {
        return text;
    }
    let name = host.strip_suffix(b".").unwrap_or(host);
    if !words::host(name) {
        return format!("{{string:{}}}", super::judge::length(host));
    }
    let mut hidden = false;
    let mut made = String::with_capacity(name.len());
    let mut labels = name.split(|&b| b == b'.').peekable();
    while let Some(label) = labels.next() {
        if !made.is_empty() {
            made.push('.');
        }
        let fit = label_stays(label) && !segments::one_of(label, labels.peek().copied());
        hidden |= !fit;
        made.push_str(if fit {
            std::str::from_utf8(label).unwrap_or("{label}")
        } else {
            "{label}"
        });
    }
    made.make_ascii_lowercase();
    // Something that spans labels, such as a token with dots.
    if !hidden && detect::any(name).is_some() {
        format!("{{string:{}}}", super::judge::length(host))
    } else {
        made
    }
}

/// Whether a label is made of words: `shop-api`, `web01`, `ap-northeast-2`, `ec2`.
fn label_stays(label: &[u8]) -> bool {
    label.len() <= 40
        && label.first().is_some_and(u8::is_ascii_alphabetic)
        && lexicon::name(label)
        && detect::any(label).is_none()
}

/// A path as it may leave; its parameters are written elsewhere.
pub(crate) struct Path {
    pub(crate) template: String,
    /// Token of the whole path; of its template where something in it must not even be hashed.
    pub(crate) token: Made,
    /// Whether something in it must not even be hashed.
    secret: bool,
    pub(crate) list: List,
    /// Whether some of it was not read.
    pub(crate) cut: bool,
    /// How sure the template is, in per cent, and the version of the rules, where learned rules made it.
    pub(crate) learned: Option<(u8, u32)>,
    /// The parameters so far.
    names: Names,
}

impl Path {
    /// All of it was read.
    fn done(&mut self, judge: &mut Judge) {
        judge.path_room.names = std::mem::take(&mut self.names);
        if self.secret {
            let Judge { values, tokens, .. } = judge;
            let text = self.template.as_bytes();
            self.token =
                values.add(Form::Token(Class::Path), |out| tokens.token(Class::Path, text, out));
        }
    }
}

/// Names of parameters, one behind the other.
#[derive(Default)]
struct Names {
    text: String,
    ends: Vec<usize>,
}

impl Names {
    fn len(&self) -> usize {
        self.ends.len()
    }

    fn push(&mut self, name: &str) {
        self.text.push_str(name);
        self.ends.push(self.text.len());
    }

    fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(&0).chain(&self.ends);
        starts.zip(&self.ends).map(|(start, end)| self.text.get(*start..*end).unwrap_or_default())
    }
}

/// Room that one path after the other uses.
#[derive(Default)]
pub(super) struct Room {
    template: String,
    names: Names,
}

impl Room {
    /// Gives a template back.
    pub(super) fn give_back(&mut self, template: String) {
        self.template = template;
    }

    fn template(&mut self) -> String {
        let mut template = std::mem::take(&mut self.template);
        template.clear();
        template
    }

    fn names(&mut self) -> Names {
        let mut names = std::mem::take(&mut self.names);
        names.text.clear();
        names.ends.clear();
        names
    }
}

/// Makes a template of a path, with its parameters judged and written to `out`.
pub(crate) fn template(
    judge: &mut Judge,
    out: &mut Vec<u8>,
    path: &[u8],
    How { named, acts }: How,
    rules: Option<&HostRules>,
) -> Path {
    let decoded = decode(path, false);
    let Judge { values, tokens, .. } = judge;
    let token =
        values.add(Form::Token(Class::Path), |out| tokens.token(Class::Path, &decoded, out));
    let (template, names) = (judge.path_room.template(), judge.path_room.names());
    let list = List::default();
    let mut made = Path { template, token, secret: false, list, cut: false, learned: None, names };
    if named {
        made.template.push_str(&String::from_utf8_lossy(path));
        return made;
    }
    if path.is_empty() || path == b"*" {
        made.template.push_str(if path.is_empty() { "" } else { "*" });
        return made;
    }
    judge.segments.begin();
    let mut before = Before { segment: None, known: segments::NONE };
    let mut walk = Walk::new(rules);
    // Of most paths no segment is coded, has parameters of its own, or a key.
    let plain = memchr::memchr3(b'%', b';', b'(', path).is_none();
    let (path, action) = if acts { segments::action(path) } else { (path, None) };
    let segments = path.strip_prefix(b"/").unwrap_or(path).split(|&b| b == b'/');
    for (nth, raw) in segments.enumerate() {
        if nth >= SEGMENTS_MAX {
            made.template.push_str("/…");
            made.cut = true;
            break;
        }
        made.template.push('/');
        if plain {
            segment(judge, out, &mut made, (raw, plain), &mut before, &mut walk);
            continue;
        }
        let mut pieces = raw.split(|&b| b == b';');
        let text = undone(pieces.next().unwrap_or_default());
        segment(judge, out, &mut made, (&text, plain), &mut before, &mut walk);
        for matrix in pieces {
            matrix_parameter(judge, out, &mut made, matrix);
        }
    }
    if let Some(action) = action.filter(|_| !made.cut) {
        made.template.push(':');
        made.template.push_str(action);
    }
    let version = rules.map_or(0, HostRules::version);
    made.learned = walk.confidence().map(|confidence| (confidence, version));
    made.done(judge);
    made
}

/// Makes a template of a path that follows a pattern of the operator's: its words are as said there.
pub(crate) fn follow(judge: &mut Judge, out: &mut Vec<u8>, path: &[u8], pattern: &Pattern) -> Path {
    let decoded = decode(path, false);
    let Judge { values, tokens, .. } = judge;
    let token =
        values.add(Form::Token(Class::Path), |out| tokens.token(Class::Path, &decoded, out));
    let mut made = Path {
        template: pattern.text.to_string(),
        token,
        secret: false,
        list: List::default(),
        cut: false,
        learned: Some((100, 0)),
        names: judge.path_room.names(),
    };
    let mut left = path.strip_prefix(b"/").unwrap_or(path);
    for segment in &pattern.segments {
        let end = memchr::memchr(b'/', left).unwrap_or(left.len());
        let (text, rest) = left.split_at_checked(end).unwrap_or((left, b""));
        let (name, text) = match segment {
            endpoints::Segment::Word(_) => (None, text),
            endpoints::Segment::Tail(name) => (Some(name), left),
            endpoints::Segment::Value { name, before, behind } => {
                let inner = text.strip_prefix(before.as_bytes()).unwrap_or(text);
                (Some(name), inner.strip_suffix(behind.as_bytes()).unwrap_or(inner))
            }
        };
        left = rest.strip_prefix(b"/").unwrap_or(rest);
        if let Some(name) = name {
            let value = parameter(judge, made.names.len(), name, &undone(text), None);
            push(judge, out, &mut made, name, value);
        }
    }
    made.done(judge);
    made
}

/// A segment with its percent coding undone, also where it was applied more than once.
fn undone(raw: &[u8]) -> Cow<'_, [u8]> {
    let mut text = decode(raw, false);
    for _ in 1..3 {
        if memchr::memchr(b'%', &text).is_none() {
            break;
        }
        text = Cow::Owned(decode(&text, false).into_owned());
    }
    text
}

/// What stands before a segment.
struct Before {
    /// What is known of the segment right before it, if that stayed, and whether it is hidden all the same: then nothing
    /// may be named after it.
    segment: Option<(Known, bool)>,
    /// The last one before it that is known.
    known: usize,
}

/// Adds a segment. `plain`: it cannot have a key.
fn segment(
    judge: &mut Judge,
    out: &mut Vec<u8>,
    made: &mut Path,
    (text, plain): (&[u8], bool),
    at: &mut Before,
    walk: &mut Walk<'_>,
) {
    let before = at.segment.take();
    let merged = walk.is_merged();
    // Nothing, or what means nothing (RFC 3986 §5.2.4), does not part a collection from what is in it.
    let nothing = matches!(text, b"" | b".");
    if text.is_empty() {
        let word = Word { hash: endpoints::hash(text), kept: true, look: Look::Firm };
        judge.trail.push(Step::Word(word));
        walk.word(word);
        at.segment = before;
        return;
    }
    let strict = before.is_some_and(|(before, _)| before.strict);
    let known = judge.segments.look(text, at.known);
    let kept = known.is_some_and(|known| known.common || !strict);
    let word = match &known {
        Some(known) => Some(Word { hash: known.hash, kept, look: known.look }),
        None if !judge.learning || !segments::wordy(text) => None,
        None => Some(judge.segments.hidden(text)),
    };
    let verdict = match word {
        Some(word) => {
            judge.trail.push(Step::Word(word));
            walk.word(word)
        }
        None => {
            judge.trail.push(Step::Value);
            walk.value();
            Verdict::Value
        }
    };
    if let (Verdict::Stays, Some(known)) = (verdict, known) {
        made.template.push_str(judge.segments.text(known));
        at.segment = if nothing { before } else { Some((known, false)) };
        at.known = known.number;
        return;
    }
    if !plain
        && let Some((set, key)) = odata::keyed(text)
        && let Some(known) =
            judge.segments.look(set, segments::NONE).filter(|known| known.common || !strict)
    {
        made.template.push_str(judge.segments.text(known));
        keys(judge, out, made, known, key);
        return;
    }
    let fixed = verdict == Verdict::Fixed;
    let named = before.filter(|(_, hidden)| !hidden);
    let member_id = named.and_then(|(before, _)| judge.segments.member_id(before));
    let name = match member_id {
        _ if fixed => Cow::Owned(mark(judge, text)),
        Some(name) if !words::date(text) && !day(text) => Cow::Borrowed(name),
        // Values of any form are of one parameter.
        _ if merged => "id".into(),
        _ => form(text).into(),
    };
    // The name goes through the template: it is needed beyond what lends it.
    made.template.push('{');
    let start = made.template.len();
    let same = |known: &&str| *known == name || known.strip_prefix(&*name).is_some_and(is_suffix);
    let again = made.names.iter().filter(same).count();
    made.template.push_str(&name);
    if again > 0 {
        made.template.push_str(&format!("_{}", again.saturating_add(1)));
    }
    let name = made.template.get(start..).unwrap_or_default();
    let value = parameter(judge, made.names.len(), name, text, before.map(|(known, _)| known));
    made.secret |= value.form == Form::Shape;
    header::push(judge, out, &mut made.list, schema::request::PATH_PARAMS, name, value);
    if !made.list.cut {
        made.names.push(name);
    }
    made.template.push('}');
    at.segment = known.filter(|_| fixed).map(|known| (known, true));
}

/// Stands in a template for a word of the API that the privacy rules hide: the beginning of its token.
fn mark(judge: &mut Judge, text: &[u8]) -> String {
    let mut token = Vec::new();
    judge.tokens.token(Class::Path, text, &mut token);
    // "tok_path_k1_mfrggzdf…": what follows the key's name.
    let text = memchr::memmem::find(&token, b"tok_").and_then(|at| token.get(at..));
    let mut parts = text.unwrap_or_default().split(|b| *b == b'_').skip(3);
    let begin = parts.next().unwrap_or_default().iter().take(MARK_LETTERS);
    let begin: String = begin.map(|b| char::from(*b)).collect();
    format!("fixed_{begin}")
}

/// Adds the key of an OData segment, between parentheses; each part of it is a parameter.
fn keys(judge: &mut Judge, out: &mut Vec<u8>, made: &mut Path, set: Known, key: &[u8]) {
    made.template.push('(');
    for (nth, (property, literal)) in odata::parts(key).enumerate() {
        if nth > 0 {
            made.template.push(',');
        }
        let safe = property.filter(|name| judge.names.look(name).safe);
        let name: String = match (safe, judge.segments.member_id(set)) {
            (Some(name), _) => String::from_utf8_lossy(name).into_owned(),
            (None, Some(id)) if property.is_none() => id.into(),
            (None, _) => "id".into(),
        };
        if safe.is_some() {
            made.template.push_str(&name);
            made.template.push('=');
        }
        let value = parameter(judge, made.names.len(), &name, literal, None);
        made.template.push('{');
        made.template.push_str(&name);
        made.template.push('}');
        push(judge, out, made, &name, value);
    }
    made.template.push(')');
}

fn is_suffix(text: &str) -> bool {
    text.strip_prefix('_').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

fn push(judge: &mut Judge, out: &mut Vec<u8>, made: &mut Path, name: &str, value: Made) {
    made.secret |= value.form == Form::Shape;
    header::push(judge, out, &mut made.list, schema::request::PATH_PARAMS, name, value);
    if !made.list.cut {
        made.names.push(name);
    }
}

/// Judges a path parameter: always a token, unless it must not even be one. `before`: the segment right before it.
fn parameter(
    judge: &mut Judge,
    index: usize,
    name: &str,
    text: &[u8],
    before: Option<Known>,
) -> Made {
    let digits = ["0", "1", "2", "3", "4", "5", "6", "7"];
    let path = digits.get(index).map_or_else(|| index.to_string().into(), |&d| Cow::Borrowed(d));
    let place = Place { part: "request.path:", path: &path };
    let mut named = judge.names.look(name.as_bytes());
    if matches!(named.meaning, Meaning::Secret(_))
        || !matches!(named.meaning, Meaning::Id(_) | Meaning::Personal(_))
    {
        named = Name { meaning: Meaning::Id(Kind::Unspecified), ..named };
    }
    let mut judgement = judge.decide(named, ValueType::Unspecified, text);
    let hashed = !must_not_be_hashed(&judgement.inside);
    if matches!(judgement.way, Way::Keep | Way::Day | Way::Shape) && hashed {
        (judgement.way, judgement.why) = (Way::Token(Class::Id), Why::Parameter);
    }
    if let Some(class) = before.and_then(|before| judge.behind(before, text)) {
        judgement = Judgement::of(class, Confidence::Medium, Why::Dictionary);
    }
    let judgement = judge.ruled(place, Some(name), ValueType::Unspecified, text, judgement);
    judge.note(place, &judgement);
    let value = judge.render(judgement.way, ValueType::Unspecified, text);
    judge.entities.parts = before.is_some_and(|known| before_parts(judge.segments.text(known)));
    judge.object(place, name, named.meaning, value, text);
    value
}

/// `;name=value` behind a segment (RFC 3986 §3.3).
fn matrix_parameter(judge: &mut Judge, out: &mut Vec<u8>, made: &mut Path, raw: &[u8]) {
    let (name, value) = super::body::form::split(raw);
    // A word alone is data as likely as a name.
    let (name, value) = value.map_or((b"".as_slice(), name), |value| (name, value));
    let (name, value) = (decode(name, false), decode(value, false));
    let named = judge.names.look(&name);
    let place = Place { part: "request.path:", path: "matrix" };
    let text = judge.name_text(place, named, &name);
    let place = Place { part: "request.path:", path: &text };
    let mut judgement: Judgement = judge.decide(named, ValueType::Unspecified, &value);
    if matches!(judgement.way, Way::Keep | Way::Day) {
        (judgement.way, judgement.why) = (Way::Shape, Why::Default);
    }
    let judgement = judge.ruled(place, None, ValueType::Unspecified, &value, judgement);
    judge.note(place, &judgement);
    let value = judge.render(judgement.way, ValueType::Unspecified, &value);
    let secret = made.secret || judgement.way == Way::Drop;
    push(judge, out, made, &text, value);
    // The length of what is none leaves anyway.
    made.secret = secret;
}

/// A day in eight digits.
fn day(text: &[u8]) -> bool {
    text.len() == 8
        && (text.starts_with(b"19") || text.starts_with(b"20"))
        && text.iter().all(u8::is_ascii_digit)
}

/// What a parameter's form is called.
fn form(text: &[u8]) -> &'static str {
    if words::uuid(text) {
        return "uuid";
    }
    if words::date(text) {
        return "date";
    }
    if let Some(found) = detect::any(text) {
        return found.class.name();
    }
    if text.iter().all(u8::is_ascii_digit) {
        return if day(text) { "date" } else { "id" };
    }
    if words::hex(text) {
        return "hex";
    }
    if text.iter().all(|b| b.is_ascii_alphabetic() || *b >= 0x80 || b"_-. ~".contains(b)) {
        return "name";
    }
    // Dates were told before.
    if words::identifier(text, super::scan::Scan::of(text), false) { "id" } else { "value" }
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;
    use crate::redact::{Config, Keys};

    fn judge() -> Judge {
        Judge::new(&Keys::ephemeral().unwrap(), &Config::default())
    }

    fn template_of(path: &str) -> String {
        template(&mut judge(), &mut Vec::new(), path.as_bytes(), How::default(), None).template
    }

    #[test]
    fn templates() {
        for (path, expected) in [
            ("/", "/"),
            ("*", "*"),
            ("/v1/users/42", "/v1/users/{user_id}"),
            ("/v1/users/me", "/v1/users/me"),
            ("/API/V2/users/@me", "/API/V2/users/@me"),
            ("/projects/-/issues/@kim", "/projects/-/issues/{issue_id}"),
            ("/v1/users/james", "/v1/users/{user_id}"),
            ("/users/james/orders/7/items", "/users/{user_id}/orders/{order_id}/items"),
            ("/v1/bank/accounts/deposit/basic", "/v1/bank/accounts/deposit/basic"),
            ("/oauth/2.0/token", "/oauth/2.0/token"),
            ("/dist/4.4.1", "/dist/{value}"),
            ("/api/a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "/api/{uuid}"),
            ("/x/7/8", "/x/{id}/{id_2}"),
            ("/report/2026-01-31", "/report/{date}"),
            ("/find/kim%40example.com", "/find/{email}"),
            ("/a/4111111111111111", "/a/{pan}"),
            ("/a/%2534111111111111111", "/a/{pan}"),
            ("/.well-known/openid-configuration", "/.well-known/openid-configuration"),
            ("/js/app.js", "/js/app.js"),
            ("/~kim/x", "/{name}/x"),
            ("/users/42/reset-password", "/users/{user_id}/reset-password"),
            ("/%ED%99%8D%EA%B8%B8%EB%8F%99", "/{name}"),
            ("/aQzRtYbNmKlP", "/{name}"),
            ("/oauth2/authorize", "/oauth2/authorize"),
            ("/a//b/", "/a//b/"),
            ("/shop;jsessionid=AB12CD34/cart", "/shop/cart"),
            ("/bank-accounts/110-234-567890", "/bank-accounts/{bank_account_id}"),
            ("/getUser.do", "/getUser.do"),
            ("/shop.v1.OrderService/GetOrder", "/shop.v1.OrderService/GetOrder"),
            ("/search/kim", "/search/{name}"),
            ("/lookup/Quellborn", "/lookup/{name}"),
            ("/Api/Account/Login", "/Api/Account/Login"),
            ("/files/kim-salary.pdf", "/files/{file_id}"),
            ("/users/username/quellborn", "/users/username/{username_id}"),
            ("/users/sign_out", "/users/sign_out"),
            ("/users//quellborn", "/users//{user_id}"),
            ("/users/./quellborn", "/users/./{user_id}"),
            ("/search//./quellborn", "/search//./{name}"),
            ("/lookup/Jane-Quellborn", "/lookup/{name}"),
            ("/home/jane.quellborn", "/home/{name}"),
        ] {
            assert_eq!(template_of(path), expected, "{path}");
        }
    }

    #[test]
    fn a_matrix_parameter_without_a_value_is_one() {
        for (path, name) in [("/v1;quellborn/items", ""), ("/v1;v=quellborn/items", "v")] {
            let (mut judge, mut out) = (judge(), Vec::new());
            let path = template(&mut judge, &mut out, path.as_bytes(), How::default(), None);
            assert_eq!(path.template, "/v1/items");
            let told = v1::Request::decode(out.as_slice()).unwrap().path_params;
            assert_eq!(told.len(), 1);
            assert!(told[0].name == name || name.is_empty() && !told[0].name.contains("quell"));
        }
    }

    #[test]
    fn targets_are_taken_apart_rfc9112_3_2() {
        let t = split(b"GET", b"http://u:p@Example.COM:8080/a?b=c#d");
        assert_eq!((t.scheme, t.path, t.query), ("http", b"/a".as_slice(), b"b=c".as_slice()));
        let mut judge = judge();
        assert_eq!(host(&mut judge, t.authority.unwrap()), ("example.com".into(), 8080));
        assert_eq!(judge.finds.kept(), 1);
        assert_eq!(split(b"CONNECT", b"a:443").authority, Some(b"a:443".as_slice()));
        assert_eq!(split(b"OPTIONS", b"*").path, b"*");
        assert_eq!(split(b"GET", b"http://a").path, b"/");
    }

    #[test]
    fn hosts() {
        for (raw, text) in [
            ("Shop.Example.com", "shop.example.com"),
            ("10.0.0.1", "10.0.0.1"),
            ("[2001:db8::1]", "[2001:db8::1]"),
            ("4111111111111111.example.com", "{label}.example.com"),
            ("m482k7193", "{label}"),
            ("iquellborn84.shop.example", "{label}.shop.example"),
            ("web1.ap-northeast-2.shop.example", "web1.ap-northeast-2.shop.example"),
            ("a b", "{string:3}"),
            ("kim.users.example", "{label}.users.example"),
            ("www.users.example", "www.users.example"),
            ("eu-west-1.accounts.example", "eu-west-1.accounts.example"),
            ("API.users.example", "api.users.example"),
        ] {
            assert_eq!(host_text(raw.as_bytes()), text);
        }
    }
}
