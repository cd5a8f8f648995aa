//! The judgement on one value: kept, tokenized, shaped or dropped. Default-deny.

use std::sync::Arc;

use apitap_proto::v1::{ValueType, entity::Kind};

use super::bearer::Bearers;
use super::body::fields::Room;
use super::class::{Class, Exit};
use super::config::{Config, Counts};
use super::custom;
use super::descriptors::{Descriptors, Method};
use super::detect::{self, Confidence, Found, Verdict};
use super::entities::{self, Entities};
use super::familiar::Familiar;
use super::forwarded::Trust;
use super::found::{Finds, Place};
use super::header::FieldNames;
use super::key::Keys;
use super::look::Seen;
use super::made::{Made, Values};
use super::names::{Context, Meaning, Name, Names};
use super::notes::Notes;
use super::operation::Looked;
use super::path::{self, Hosts};
use super::policy::{self, Dates, Explained, RuleId, Shown, Why, dates};
use super::refusal::Refusal;
use super::scan::Scan;
use super::segments::Segments;
use super::signals::Signals;
use super::tenant::Namespaces;
use super::token::Tokenizer;
use super::{about, deeper, grpc, normal, words};
use crate::endpoints::{Rules, Trail};
use crate::time::Timestamp;

/// How a value leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// As it is.
    Keep,
    /// The day of a date.
    Day,
    /// With all but a few characters replaced.
    Mask(Shown),
    /// As a token of the class.
    Token(Class),
    /// Type and length.
    Shape,
    /// Type alone.
    Drop,
}

/// How a value leaves, and why it is sensitive.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Judgement {
    pub(crate) way: Way,
    /// Class of the whole value.
    pub(crate) found: Option<Found>,
    /// Classes inside it.
    pub(crate) inside: [Option<Found>; 4],
    /// The configured rule that decided.
    pub(crate) rule: RuleId,
    /// Without one, the built-in rule.
    pub(crate) why: Why,
}

impl Judgement {
    pub(super) const fn plain(way: Way, why: Why) -> Self {
        Self { way, found: None, inside: [None; 4], rule: 0, why }
    }

    /// Whether there is something to note.
    pub(crate) const fn tells(&self) -> bool {
        // Slots are filled in order.
        !matches!(self, Self { found: None, inside: [None, ..], .. })
    }

    pub(super) const fn of(class: Class, confidence: Confidence, why: Why) -> Self {
        let way = match class.exit() {
            Exit::Token => Way::Token(class),
            Exit::Shape => Way::Shape,
            Exit::Drop => Way::Drop,
        };
        let found = Some(Found { class, confidence });
        Self { way, found, inside: [None; 4], rule: 0, why }
    }

    /// By what detectors said of the value.
    pub(super) const fn told(way: Way, why: Why, verdict: &Verdict) -> Self {
        Self { way, found: verdict.whole, inside: verdict.inside, rule: 0, why }
    }
}

/// Judges values, makes tokens, collects findings.
pub(crate) struct Judge {
    pub(crate) tokens: Tokenizer,
    pub(crate) names: Names,
    pub(crate) policy: Config,
    pub(crate) counts: Counts,
    /// Findings and objects of the call at hand.
    pub(crate) finds: Finds,
    /// Who and what takes part in it.
    pub(crate) entities: Entities,
    /// What leaves of its values.
    pub(crate) values: Values,
    /// Tells tenants by Kubernetes namespaces.
    pub(super) namespaces: Option<Arc<dyn Namespaces>>,
    /// What protobuf messages are made of.
    pub(super) descriptors: Arc<Descriptors>,
    /// The messages of the method called.
    pub(super) method: Option<Method>,
    /// Messages of the call that were read as described, and that are not as described.
    pub(super) described: (u32, u32),
    /// Proxies that are believed.
    pub(super) trust: Trust,
    /// How often endpoints were called.
    pub(super) familiar: Familiar,
    pub(crate) segments: Segments,
    /// Services and methods of gRPC.
    pub(super) grpc_names: grpc::Known,
    /// Room that one path after the other uses.
    pub(super) path_room: path::Room,
    /// What is known of header fields; with who reads some.
    pub(crate) field_names: Option<Box<FieldNames>>,
    /// Hosts that stay as they are.
    pub(crate) hosts: Hosts,
    /// Room that body readers use again.
    pub(crate) room: Option<Box<Room>>,
    /// Whether values may have been joined wrongly (bytes lost): then nothing is kept.
    pub(crate) broken: bool,
    /// Whether what is judged is the body of an answer.
    pub(super) answering: bool,
    /// Detectors that the configuration adds.
    pub(super) custom: Arc<custom::Set>,
    /// What the configuration changes.
    pub(crate) rules: policy::Rules,
    /// Year of the call, for dates.
    pub(crate) year: u32,
    /// Risks seen in the call at hand.
    pub(super) signals: Signals,
    /// Whether its answer refuses a login, though its status does not say so.
    pub(super) refusal: Refusal,
    /// Where operations are named, as configured.
    pub(super) operations: Arc<[Looked]>,
    /// Why values leave as they do, if someone asks.
    pub(crate) explained: Option<Explained>,
    /// What was learned of the paths of hosts.
    pub(super) endpoints: Arc<Rules>,
    /// Whether paths are learned.
    pub(crate) learning: bool,
    /// What learning is to know of the call at hand.
    pub(crate) trail: Trail,
    /// Bearer tokens read before, and what is noted while one is read.
    pub(super) bearers: Bearers,
    pub(super) notes: Option<Box<Notes>>,
}

impl Judge {
    pub(crate) fn new(keys: &Keys, policy: &Config) -> Self {
        let extra = [
            (&policy.drop_names, Meaning::Secret(Class::Password)),
            (&policy.shape_names, Meaning::Text),
            (&policy.token_names, Meaning::Id(Kind::Unspecified)),
            (&policy.keep_names, Meaning::Enum),
        ];
        let extra = extra
            .into_iter()
            .flat_map(|(names, m)| names.iter().map(move |name| (name.clone(), m)));
        let custom = Arc::new(custom::Set::new(&policy.detectors));
        let mut entities = Entities::default();
        // Of the key in force, so that all workers compare the same.
        let secret = keys.derive("apitap steps");
        let secret = secret.last().and_then(|(_, key)| key.first_chunk::<8>());
        entities.blind(secret.map_or(0, |secret| u64::from_le_bytes(*secret)));
        Self {
            entities,
            tokens: Tokenizer::new(keys, &policy.clamped()),
            names: Names::new(extra).with(&custom, &policy.detectors),
            policy: policy.clamped(),
            counts: Counts::default(),
            finds: Finds::new(policy),
            values: Values::default(),
            namespaces: None,
            descriptors: Arc::default(),
            method: None,
            described: (0, 0),
            trust: Trust::default(),
            familiar: Familiar::default(),
            segments: Segments::with(&custom),
            grpc_names: grpc::Known::default(),
            path_room: path::Room::default(),
            field_names: None,
            hosts: Hosts::default(),
            room: None,
            broken: false,
            answering: false,
            custom,
            rules: policy::Rules::new(policy),
            year: 0,
            signals: Signals::default(),
            refusal: Refusal::default(),
            operations: Looked::of(&[]),
            explained: None,
            endpoints: Arc::default(),
            learning: true,
            trail: Trail::default(),
            bearers: Bearers::default(),
            notes: None,
        }
    }

    /// What all detectors say of `text`, also beneath its encodings: the built-in ones, the configured ones, and among these what only looks
    /// under names that ask for it.
    pub(super) fn look(&self, asked: u32, text: &[u8]) -> Verdict {
        self.look_seen(asked, text, &Seen::of(text))
    }

    fn look_seen(&self, asked: u32, text: &[u8], seen: &Seen) -> Verdict {
        if self.custom.is_idle() {
            return looked_over(text, seen, detect::nothing(text, seen));
        }
        let ask = |text: &[u8], seen: &Seen| {
            let mut verdict = detect::inspect(text, seen);
            self.custom.look(asked, text, &mut verdict);
            verdict
        };
        let verdict = ask(text, seen);
        if verdict.clean() { deeper::beneath(text, seen, ask).unwrap_or(verdict) } else { verdict }
    }

    /// Values of classes of one's own leave as the configuration says.
    #[inline]
    pub(super) fn leave(&self, judgement: &mut Judgement) {
        if judgement.found.is_none() || self.custom.is_idle() && !self.custom.has_exits() {
            return;
        }
        let exit = judgement.found.and_then(|found| self.custom.exit(found.class));
        match exit {
            Some(Exit::Shape) => judgement.way = Way::Shape,
            Some(Exit::Drop) => judgement.way = Way::Drop,
            Some(Exit::Token) | None => {}
        }
    }

    /// Begins a call that started at this time.
    pub(crate) fn begin(&mut self, start: Timestamp) {
        /// Mean length of a year of the Gregorian calendar.
        const YEAR_SECONDS: u64 = 31_556_952;
        self.counts.calls += 1;
        self.method = None;
        self.described = (0, 0);
        self.finds.clear();
        self.entities.clear();
        self.signals.clear();
        self.refusal = Refusal::default();
        self.values.clear();
        self.trail.clear();
        self.rules.begin();
        let seconds = start.nanos() / 1_000_000_000;
        self.year = u32::try_from(1970_u64.saturating_add(seconds / YEAR_SECONDS)).unwrap_or(0);
        if let Some(explained) = &mut self.explained {
            explained.clear();
        }
    }

    /// Judges `text` under `name`. `kind` is the type as written; unspecified where the format has only text.
    pub(crate) fn decide(&mut self, name: Name, kind: ValueType, text: &[u8]) -> Judgement {
        self.counts.values += 1;
        let name = match name.context {
            Context::About | Context::Stated | Context::Numbered | Context::Error => {
                about::value(name, text, self.year)
            }
            _ => name,
        };
        let mut judgement = match kind {
            ValueType::Null if text.is_empty() => Judgement::plain(Way::Shape, Why::Default),
            ValueType::Null => Judgement::plain(Way::Keep, Why::Null),
            ValueType::Boolean => boolean(name.meaning),
            ValueType::Integer | ValueType::Number => self.number(name, text),
            ValueType::String | ValueType::Unspecified => self.string(name, kind, text),
            ValueType::Object | ValueType::Array | ValueType::Binary => match name.meaning {
                // Not even how long it is.
                Meaning::Secret(class) if kind == ValueType::Binary => {
                    Judgement::of(class, Confidence::Medium, Why::Dictionary)
                }
                _ => Judgement::plain(Way::Shape, Why::Default),
            },
        };
        if judgement.found.is_some() || detect::adds(name) || self.broken {
            self.named(name, kind, text, &mut judgement);
        }
        judgement
    }

    /// What the name of a value adds to the judgement on it, and what else is known of its class and call.
    fn named(&self, name: Name, kind: ValueType, text: &[u8], judgement: &mut Judgement) {
        let before = judgement.found;
        // A detector of the configuration knows its fields better than any list of names.
        if judgement.why != Why::Own {
            detect::refine(name, text, &mut judgement.way, &mut judgement.found);
        }
        self.prove(name, text, judgement);
        self.leave(judgement);
        if judgement.found != before && judgement.found.is_some() {
            judgement.why = Why::Dictionary;
        }
        if self.broken && matches!(judgement.way, Way::Keep | Way::Day) && kind != ValueType::Null {
            (judgement.way, judgement.why) = (Way::Shape, Why::Broken);
        }
    }

    fn number(&self, name: Name, text: &[u8]) -> Judgement {
        if let Meaning::Secret(class) = name.meaning {
            return Judgement::of(class, Confidence::Medium, Why::Dictionary);
        }
        if text.len() >= 13 && Scan::of(text).digits >= 13 || !self.custom.is_idle() {
            let verdict = self.look(name.asked, text);
            if let Some(found) = verdict.whole {
                return Judgement::of(found.class, found.confidence, by(&verdict));
            }
            if !verdict.clean() && !matches!(name.meaning, Meaning::Personal(_)) {
                let hidden = Judgement::plain(Way::Shape, Why::Contains);
                return Judgement { inside: verdict.inside, ..hidden };
            }
        }
        let (way, why) = match name.meaning {
            Meaning::Personal(class) => {
                return Judgement::of(class, Confidence::Low, Why::Dictionary);
            }
            Meaning::Id(_) => (Way::Token(Class::Id), Why::Dictionary),
            Meaning::Amount | Meaning::Text => (Way::Shape, Why::Default),
            Meaning::Unknown if !name.safe => (Way::Shape, Why::Default),
            _ if self.small(text) => (Way::Keep, Why::SmallInteger),
            _ => (Way::Shape, Why::Default),
        };
        Judgement::plain(way, why)
    }

    fn string(&self, name: Name, kind: ValueType, text: &[u8]) -> Judgement {
        let text = normal::strip_bearer(trimmed(text));
        if text.is_empty() {
            return Judgement::plain(Way::Shape, Why::Default);
        }
        if let Meaning::Secret(class) = name.meaning {
            return self.secret(name, class, text);
        }
        if matches!(name.meaning, Meaning::Personal(Class::Credential | Class::Session))
            && about::veiled(text)
        {
            return Judgement::plain(Way::Drop, Why::Default);
        }
        // Has a password in it, which must not even be hashed.
        if detect::basic(text) {
            return Judgement::of(Class::Password, Confidence::Medium, Why::Detector);
        }
        let looked = text.get(..self.policy.scan_bytes_max).unwrap_or(text);
        let seen = Seen::of(looked);
        // Of most values the look tells that there is nothing to be found.
        let quiet = self.custom.is_idle() && detect::nothing(looked, &seen);
        if !quiet || deeper::coded(looked, &seen) {
            let verdict = if self.custom.is_idle() {
                looked_over(looked, &seen, quiet)
            } else {
                self.look_seen(name.asked, looked, &seen)
            };
            if !verdict.clean() {
                return found(name, text, &verdict);
            }
        }
        let dated = if looked.len() == text.len() { seen.date } else { words::date(text) };
        self.clean(name, kind, text, seen.scan, dated)
    }

    /// Judges a text in which nothing was found. `dated` tells whether it is a [`date`](words::date).
    fn clean(
        &self,
        name: Name,
        kind: ValueType,
        text: &[u8],
        scan: Scan,
        dated: bool,
    ) -> Judgement {
        // Amounts, and dates written without separators, have the form of identifiers.
        let plain = match name.meaning {
            Meaning::Personal(class) => return personal(class, text),
            Meaning::Id(_) if text.len() <= 256 => {
                return Judgement::plain(Way::Token(Class::Id), Why::Dictionary);
            }
            Meaning::Amount => return Judgement::plain(Way::Shape, Why::Default),
            Meaning::Text => words::compact_date(text),
            _ => false,
        };
        let (way, why) = if let Some(why) = self.keep(name, kind, text) {
            (Way::Keep, why)
        } else if self.policy.dates != Dates::Shape && self.day(name, text).is_some() {
            (if self.policy.dates == Dates::Day { Way::Day } else { Way::Keep }, Why::Date)
        } else if !plain && words::identifier(text, scan, dated) {
            (Way::Token(Class::Id), Why::Identifier)
        } else {
            (Way::Shape, Why::Default)
        };
        Judgement::plain(way, why)
    }

    /// Length of the day of a date that the policy may let through.
    fn day(&self, name: Name, text: &[u8]) -> Option<usize> {
        match name.meaning {
            Meaning::Secret(_) | Meaning::Personal(_) | Meaning::Id(_) | Meaning::Amount => None,
            meaning => dates::day(text, meaning == Meaning::Text, self.year),
        }
    }

    /// Why a text in which nothing was found may be kept, if it may.
    fn keep(&self, name: Name, kind: ValueType, text: &[u8]) -> Option<Why> {
        let untyped = kind == ValueType::Unspecified;
        let boolean = untyped && matches!(text, b"true" | b"false");
        let (fit, why) = match name.meaning {
            Meaning::Enum => (words::of_list(text), Why::EnumWord),
            Meaning::Code => (words::code_word(text) && words::keepable(text), Why::Code),
            Meaning::Version => {
                (words::version(text) || super::lexicon::with_digits(text), Why::Version)
            }
            Meaning::Count => (self.small(text), Why::SmallInteger),
            Meaning::Flag => {
                let marks: [&[u8]; 8] = [b"true", b"false", b"Y", b"N", b"y", b"n", b"0", b"1"];
                (boolean || marks.contains(&text), Why::Flag)
            }
            Meaning::Unknown => (boolean, Why::Boolean),
            Meaning::Secret(_)
            | Meaning::Personal(_)
            | Meaning::Id(_)
            | Meaning::Amount
            | Meaning::Text => (false, Why::Default),
        };
        fit.then_some(why)
    }

    fn small(&self, text: &[u8]) -> bool {
        words::integer(text).is_some_and(|n| n <= u64::from(self.policy.kept_integer_max))
    }

    /// Judges a value, notes what was found, and makes what leaves.
    pub(crate) fn value(
        &mut self,
        place: Place<'_>,
        name: Name,
        kind: ValueType,
        text: &[u8],
    ) -> Made {
        let judgement = self.decide(name, kind, text);
        let judgement = self.ruled(place, None, kind, text, judgement);
        self.note(place, &judgement);
        self.render(judgement.way, kind, text)
    }

    /// Whether where a value of a body stands matters even when nothing was found in it.
    pub(crate) const fn minds_places(&self) -> bool {
        let Self { signals, refusal, rules, explained, .. } = self;
        signals.minds_values() || refusal.minds_values() || !rules.is_idle() || explained.is_some()
    }

    /// Takes up what is configured of entities: before the first call, as names are remembered.
    pub(super) fn identify(&mut self, config: &entities::Config) {
        self.entities.configure(config);
        let rules = config.rules.iter();
        self.names.identify(rules.map(|rule| (rule.field.as_str(), rule.kind.kind())));
    }
}

/// What the built-in detectors say of `text`, also beneath its encodings. `quiet` when a look told that there is
/// nothing in it as it is.
fn looked_over(text: &[u8], seen: &Seen, quiet: bool) -> Verdict {
    let verdict = if quiet { Verdict::default() } else { detect::inquire(text, seen) };
    if verdict.clean() {
        deeper::beneath(text, seen, detect::inspect).unwrap_or(verdict)
    } else {
        verdict
    }
}

/// Judges a text in which something was found.
fn found(name: Name, text: &[u8], verdict: &Verdict) -> Judgement {
    if let Some(found) = verdict.whole {
        // A version may look like an address; one that says it is one is.
        if verdict.own || !(found.class == Class::Ip && name.meaning == Meaning::Version) {
            return Judgement::of(found.class, found.confidence, by(verdict));
        }
    }
    let inside = verdict.inside;
    let Meaning::Personal(class) = name.meaning else {
        return Judgement { inside, ..Judgement::plain(Way::Shape, Why::Contains) };
    };
    let mut judgement = personal(class, text);
    if must_not_be_hashed(&inside) {
        judgement.way = Way::Shape;
    }
    Judgement { inside, ..judgement }
}

/// Judges a text that only its name says the class of.
fn personal(class: Class, text: &[u8]) -> Judgement {
    let mut judgement = Judgement::of(class, by_name(class, text), Why::Dictionary);
    if text.len() > 4096 {
        judgement.way = Way::Shape;
    }
    judgement
}

/// Whether something was found inside a value of which no token may be made.
pub(crate) fn must_not_be_hashed(inside: &[Option<Found>]) -> bool {
    inside.iter().flatten().any(|found| found.class.exit() == Exit::Drop)
}

/// Who told the class of a whole value.
const fn by(verdict: &Verdict) -> Why {
    if verdict.own { Why::Own } else { Why::Detector }
}

/// `text` without white space around it, of which most values have none.
#[inline]
fn trimmed(text: &[u8]) -> &[u8] {
    match (text.first(), text.last()) {
        (Some(b'!'..), Some(b'!'..)) => text,
        _ => text.trim_ascii(),
    }
}

/// How sure a name makes of its class.
fn by_name(class: Class, text: &[u8]) -> Confidence {
    let digits = || text.iter().filter(|b| b.is_ascii_digit()).count();
    let fits = match class {
        Class::KrRrn | Class::KrForeigner => digits() == 13,
        Class::Account => (10..=16).contains(&digits()),
        Class::KrBrn => digits() == 10,
        Class::Phone => (7..=15).contains(&digits()),
        Class::Birth => (6..=8).contains(&digits()) || words::date(text),
        Class::Credential | Class::Session => true,
        _ => false,
    };
    if fits { Confidence::Medium } else { Confidence::Low }
}

fn boolean(meaning: Meaning) -> Judgement {
    match meaning {
        Meaning::Personal(class @ (Class::Health | Class::Gender)) => {
            Judgement::of(class, Confidence::Low, Why::Dictionary)
        }
        _ => Judgement::plain(Way::Keep, Why::Boolean),
    }
}

/// Type of a text where the format has no types.
pub(crate) fn typed(kind: ValueType, text: &[u8]) -> ValueType {
    if kind != ValueType::Unspecified {
        return kind;
    }
    match text {
        b"true" | b"false" => ValueType::Boolean,
        _ if words::integer(text).is_some() => ValueType::Integer,
        _ if words::number(text) && words::integer(text).is_none() && text.contains(&b'.') => {
            ValueType::Number
        }
        _ => ValueType::String,
    }
}

/// Length in characters; in octets when it is no UTF-8.
pub(crate) fn length(text: &[u8]) -> u64 {
    let count = if text.is_ascii() {
        text.len()
    } else {
        std::str::from_utf8(text).map_or(text.len(), |text| text.chars().count())
    };
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use apitap_proto::v1;

    use super::*;

    fn judge() -> Judge {
        Judge::new(&Keys::ephemeral().unwrap(), &Config::default())
    }

    fn way(name: &str, kind: ValueType, text: &str) -> Way {
        let mut judge = judge();
        let name = judge.names.look(name.as_bytes());
        judge.decide(name, kind, text.as_bytes()).way
    }

    #[test]
    fn utility_stays() {
        use ValueType::{Boolean, Integer, Null, String, Unspecified};
        for (name, kind, text) in [
            ("is_consent", Boolean, "true"),
            ("x", Null, "null"),
            ("page", Integer, "12"),
            ("retries", Integer, "3"),
            ("limit", Unspecified, "100"),
            ("status", String, "ACTIVE"),
            ("alg", String, "RS256"),
            ("apiVersion", String, "v1beta1"),
            ("currency_code", String, "KRW"),
            ("account_type", String, "1001"),
            ("rsp_code", String, "00000"),
            ("api_version", String, "1.2.3"),
            ("order", Unspecified, "desc"),
            ("is_minus", String, "N"),
            ("debug", Unspecified, "true"),
        ] {
            assert_eq!(way(name, kind, text), Way::Keep, "{name}={text}");
        }
    }

    #[test]
    fn default_is_deny() {
        use ValueType::{Integer, Number, String, Unspecified};
        for (name, kind, text) in [
            ("anything", String, "Hello there"),
            ("anything", String, "hello"),
            ("trans_amt", Integer, "500"),
            ("price", Number, "9.5"),
            ("age", Integer, "34"),
            ("gender", String, "F"),
            ("count", Integer, "10000"),
            ("status", String, "Kim Minsu was here"),
            ("memo", String, "ACTIVE"),
            ("created", String, "2026-01-31T00:00:00Z"),
            ("from_date", String, "20260131"),
            ("search_timestamp", String, "20260131100000"),
            ("reply", Unspecified, "1234"),
            ("latitude", Number, "37.5665"),
            ("한국어", Integer, "5"),
        ] {
            assert_eq!(way(name, kind, text), Way::Shape, "{name}={text}");
        }
    }

    #[test]
    fn identifiers_and_sensitive_values_are_tokens() {
        use ValueType::{Integer, String};
        for (name, kind, text, class) in [
            ("user_id", Integer, "42", Class::Id),
            ("anything", String, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", Class::Id),
            ("account_num", String, "110-234-567890", Class::Account),
            ("anything", Integer, "4111111111111111", Class::Pan),
            ("status", String, "010-1234-5678", Class::Phone),
            ("first_name", String, "Minsu", Class::Name),
            ("code", String, "482913", Class::Id),
            ("juminNo", String, "2011013123456", Class::KrRrn),
            ("version", String, "kim@example.com", Class::Email),
        ] {
            assert_eq!(way(name, kind, text), Way::Token(class), "{name}={text}");
        }
    }

    #[test]
    fn secrets_are_dropped() {
        use ValueType::{Integer, String};
        for (name, kind, text) in [
            ("password", String, "hunter2"),
            ("cvc", Integer, "123"),
            ("비밀번호", String, "x"),
            ("card_pin", Integer, "1234"),
            ("x", String, "Basic a2ltOmh1bnRlcjI="),
            ("note", String, "-----BEGIN RSA PRIVATE KEY-----\nabc"),
            ("note", String, ";4111111111111111=29121010000?"),
            ("user_id", String, "%B4111111111111111^KIM/MIN^29121010000?"),
        ] {
            assert_eq!(way(name, kind, text), Way::Drop, "{name}={text}");
        }
        let mut judge = judge();
        let value = judge.render(Way::Drop, String, b"hunter2");
        let shape = v1::value::Form::Shape(v1::Shape { r#type: String.into(), length: 0 });
        assert_eq!(judge.values.tree(value).form, Some(shape));
    }

    #[test]
    fn broken_messages_keep_nothing() {
        let mut judge = judge();
        judge.broken = true;
        let name = judge.names.look(b"page");
        assert_eq!(judge.decide(name, ValueType::Integer, b"12").way, Way::Shape);
    }
}
