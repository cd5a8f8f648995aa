//! Who and what took part in a call: each with what told of it, how surely, and what part it took.
//!
//! ```text
//! credentials, claims, cookies, headers ─┐
//! names of fields, configured rules ─────┼─▶ Entities ─▶ record.entities, actor
//! what someone logs in with, answers ────┘            └▶ Trail: what calls are linked by
//! ```
//!
//! What part an identity took is only known at the end: a name in a body is who calls if there was a password beside
//! it, and what was handed out counts if the answer was a success.

pub(super) mod claims;
mod config;
#[cfg(test)]
mod tests;
mod trail;
mod walk;

pub use config::{Config, KindName, Location, Rule, Rules, RulesError};
use trail::Few;
pub(crate) use trail::{Identity, Number, Trail};
pub(crate) use walk::before_parts;

use apitap_proto::v1::entity::Kind;
use apitap_proto::v1::evidence::{Confidence, Role, Source};

use super::class::Class;
use super::found::{Place, Span};
use super::made::{Made, Values};
use super::names::{self, Meaning};
use super::{auth, lexicon, schema, token_text, wire, words};

/// Part of a call that claims of a JSON Web Token stand for in rules.
pub(super) const CLAIM: &str = "request.claim:";
/// Most ids of one call that steps are told of.
const NUMBERS_MAX: usize = 4;

/// How a call went, as far as its entities depend on it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Outcome {
    /// Status, as the API means it.
    pub(crate) status: Option<u16>,
    /// Whether the request held a password or what stands for one.
    pub(crate) login: bool,
    /// Whether the path says that a login ends.
    pub(crate) logout: bool,
    /// Whether the path says that accounts or their passwords are kept there.
    pub(crate) accounts: bool,
}

impl Outcome {
    const fn accepted(self) -> bool {
        matches!(self.status, Some(100..=399))
    }

    const fn refused(self) -> bool {
        matches!(self.status, Some(400..=499))
    }
}

struct Entity {
    kind: Kind,
    value: Made,
    source: Source,
    /// Whether it stands in the answer.
    answered: bool,
    location: Span,
    claim: Span,
    /// Configured rule, from 1.
    rule: usize,
}

/// Part of a call that names who logs in.
const BODY: &str = "request.body:";

/// What a call says of a login.
#[derive(Clone, Copy)]
struct Logged {
    /// Someone tried to log in.
    login: bool,
    /// Someone was given what they prove themselves with from now on.
    granted: bool,
}

/// What someone may be logging in with.
struct Login {
    /// Lower is likelier.
    rank: u8,
    value: Made,
    location: Span,
}

/// Rules as they are asked.
struct Known {
    flat: Vec<u8>,
    location: Location,
    kind: Kind,
    field: String,
}

/// Who and what took part in one call. Its room is used again for the next.
#[derive(Default)]
pub(crate) struct Entities {
    list: Vec<Entity>,
    /// Texts of places and claims.
    places: String,
    login: Option<Login>,
    /// Whom the answer is about.
    about: Option<(Made, Span)>,
    /// Users that path or query name: whom the call is about.
    asked: Few<Made>,
    /// What the caller proved itself with, by rank.
    credential: Option<(u8, Made, Span)>,
    /// Ids asked for: site, blind integer, position among the objects, whether a message of JSON-RPC has its number there.
    numbers: Few<(u64, u64, usize, bool)>,
    /// Whether the parameter of the path at hand counts parts of the object before it.
    pub(super) parts: bool,
    numbers_count: usize,
    rules: Vec<Known>,
    /// What integers are moved by.
    secret: u64,
    hasher: foldhash::fast::FixedState,
}

/// Where what was written is.
#[derive(Default)]
pub(crate) struct Written {
    /// Text of the actor's token; empty without one.
    pub(crate) actor: Span,
    pub(crate) trail: Trail,
}

impl Entities {
    /// With these rules. `secret`: what integers are moved by before they are compared, equal for all workers.
    pub(crate) fn configure(&mut self, config: &Config) {
        let rules = config.rules.iter().map(|rule| Known {
            flat: names::flat(rule.field.as_bytes()),
            location: rule.location,
            kind: rule.kind.kind(),
            field: rule.field.clone(),
        });
        self.rules = rules.collect();
    }

    /// Moves integers by this.
    pub(crate) const fn blind(&mut self, secret: u64) {
        self.secret = secret;
    }

    /// Forgets the call before.
    pub(crate) fn clear(&mut self) {
        self.list.clear();
        self.places.clear();
        (self.login, self.about, self.credential) = (None, None, None);
        self.asked = Few::default();
        (self.numbers, self.numbers_count) = (Few::default(), 0);
    }

    /// Whether rules are configured.
    #[inline]
    pub(super) const fn asks(&self) -> bool {
        !self.rules.is_empty()
    }

    /// Whether [`met`](Self::met) has anything to do with names that say this.
    #[inline]
    pub(super) const fn minds(meaning: Meaning) -> bool {
        matches!(
            meaning,
            Meaning::Id(Kind::User | Kind::Customer)
                | Meaning::Personal(Class::Email | Class::Phone)
        )
    }

    /// The configured rule for a field, from 1, and its kind.
    #[inline]
    pub(super) fn ruled(&self, part: &str, name: &str) -> Option<(usize, Kind)> {
        if self.rules.is_empty() { None } else { self.ruled_by(part, name) }
    }

    fn ruled_by(&self, part: &str, name: &str) -> Option<(usize, Kind)> {
        let flat = names::flat(name.as_bytes());
        let mut rules = self.rules.iter().zip(1..);
        let fits = |rule: &Known| rule.location.has(part) && flat.ends_with(&rule.flat);
        rules.find(|(rule, _)| fits(rule)).map(|(rule, number)| (number, rule.kind))
    }

    /// Whether rules ask for claims.
    pub(super) fn asks_claims(&self) -> bool {
        self.rules.iter().any(|rule| rule.location == Location::Claim)
    }

    /// Notes an identity once per kind and value; only tokens are identities.
    pub(super) fn add(&mut self, one: &Told<'_>, values: &Values, max: usize) {
        let Told { kind, value, place, source, claim, rule } = *one;
        let same = |e: &Entity| e.kind == kind && values.get(e.value) == values.get(value);
        if !value.is_token() || self.list.len() >= max || self.list.iter().any(same) {
            return;
        }
        let location = self.place(place);
        let start = self.places.len();
        self.places.push_str(claim);
        let claim = Span { start, end: self.places.len() };
        let answered = place.part.starts_with("response");
        self.list.push(Entity { kind, value, source, answered, location, claim, rule });
    }

    fn place(&mut self, place: Place<'_>) -> Span {
        let start = self.places.len();
        self.places.push_str(place.part);
        self.places.push_str(place.path);
        Span { start, end: self.places.len() }
    }

    /// Notes what the caller proves itself with; `rank`: what is likelier has a lower one.
    pub(super) fn show(&mut self, rank: u8, place: Place<'_>, value: Made) {
        if value.is_token() && self.credential.is_none_or(|(known, ..)| rank < known) {
            let location = self.place(place);
            self.credential = Some((rank, value, location));
        }
    }

    /// Where the credential stands, and its value.
    pub(super) fn credential(&self) -> Option<(Made, &str)> {
        self.credential.map(|(_, value, location)| (value, location.text(&self.places)))
    }

    /// Whether a session or token stands in the body of the answer.
    pub(super) fn handed_out(&self) -> bool {
        let told = |e: &Entity| e.location.text(&self.places).starts_with("response.body:");
        self.list.iter().any(|e| is_proof(e.kind) && told(e))
    }

    /// Notes whom a name or address in a body may be of.
    #[inline]
    pub(super) fn met(&mut self, place: Place<'_>, meaning: Meaning, value: Made) {
        let rank = match meaning {
            Meaning::Id(Kind::User) => 0,
            Meaning::Id(Kind::Customer) => 1,
            Meaning::Personal(Class::Email) => 2,
            Meaning::Personal(Class::Phone) => 3,
            _ => return,
        };
        self.met_as(rank, place, value);
    }

    fn met_as(&mut self, rank: u8, place: Place<'_>, value: Made) {
        match place.part {
            "request.body:" if self.login.as_ref().is_none_or(|known| rank < known.rank) => {
                let location = self.place(place);
                self.login = Some(Login { rank, value, location });
            }
            "request.path:" | "request.query:" if rank == 0 => self.asked.push(value),
            "response.body:" if rank < 2 && self.about.is_none() && !listed(place.path) => {
                let location = self.place(place);
                self.about = Some((value, location));
            }
            _ => {}
        }
    }

    /// Notes an integer that the request names at a place, and which object that is.
    pub(super) fn number(&mut self, place: Place<'_>, name: &str, text: &[u8], object: usize) {
        use std::hash::BuildHasher as _;

        let digits = (1..=18).contains(&text.len()) && text.iter().all(u8::is_ascii_digit);
        let counts =
            walk::counts_calls(place.part, name) || place.part == "request.path:" && self.parts;
        if !digits || counts || self.numbers_count >= NUMBERS_MAX {
            return;
        }
        let n = text
            .iter()
            .fold(0_u64, |n, b| n.wrapping_mul(10).wrapping_add(u64::from(b.wrapping_sub(b'0'))));
        self.numbers_count = self.numbers_count.saturating_add(1);
        let framed = place.part == "request.body:" && matches!(place.path, "$.id" | "$[].id");
        self.numbers.push((
            self.hasher.hash_one(name),
            n.wrapping_add(self.secret),
            object,
            framed,
        ));
    }

    /// Ids asked for: site, blind integer, position among the objects. `rpc`: the request is of JSON-RPC, of which each
    /// caller numbers its messages.
    pub(super) fn numbers(&self, rpc: bool) -> impl Iterator<Item = (u64, u64, usize)> {
        let asked = self.numbers.iter().filter(move |(.., framed)| !(rpc && *framed));
        asked.map(|(site, blind, object, _)| (site, blind, object))
    }

    /// Writes them, the actor's among the first; gives back where what calls are linked by is.
    pub(super) fn write(
        &mut self,
        values: &Values,
        outcome: Outcome,
        max: usize,
        out: &mut Vec<u8>,
    ) -> Written {
        let Logged { login, granted } = self.logged(values, outcome);
        let before = self.list.len();
        if login || granted {
            self.log_in(values, Outcome { login, ..outcome }, max);
        }
        // Who has logged in goes before what the client showed besides.
        let named = outcome.accepted() && self.list.len() > before;
        let mut written = Written::default();
        let Written { actor, trail } = &mut written;
        (trail.login, trail.logout, trail.named) = (login, outcome.logout, named);
        trail.status = outcome.status;
        let mut best: Option<(usize, bool, bool)> = None;
        for entity in &self.list {
            let role = entity.role(login || granted);
            let other = named && entity.kind == Kind::User && !entity.logs_in();
            let (value, text) = self.write_one(entity, role, (outcome, granted), values, out);
            match role {
                Role::Issued if outcome.accepted() => trail.issued.push(text),
                Role::Caller if is_proof(entity.kind) && !entity.answered => {
                    trail.shown.push(text);
                    // Whoever logs in with a session already there goes on with it.
                    if login && outcome.accepted() && entity.kind == Kind::Session {
                        trail.issued.push(text);
                    }
                }
                Role::Caller if !other => {
                    trail.identities.push(Identity { kind: entity.kind.into(), value });
                }
                _ => {}
            }
            let ranks = [Kind::User, Kind::ApiToken, Kind::Session, Kind::Partner];
            let rank = ranks.iter().position(|kind| *kind == entity.kind);
            let rank = rank.map(|rank| (rank, other, entity.source == Source::Login));
            if role == Role::Caller
                && let Some(rank) = rank
                && best.is_none_or(|known| rank < known)
            {
                (best, *actor) = (Some(rank), text);
            }
        }
        written
    }

    /// Whether someone logged in, or was given something to prove themselves with.
    fn logged(&self, values: &Values, outcome: Outcome) -> Logged {
        let shows = |e: &&Entity| !e.answered && !e.location.text(&self.places).starts_with(BODY);
        let mut shown = self.list.iter().filter(shows);
        let token = |e: &Entity| e.kind == Kind::ApiToken || e.source == Source::Claim;
        let (token, session) = (shown.clone().any(token), shown.any(|e| e.kind == Kind::Session));
        let (issued, handed) =
            (self.list.iter().any(|e| e.answered && is_proof(e.kind)), self.handed_out());
        // With a password for the account of someone else: who calls is known already.
        let keeps = (token && !issued) || (token || session) && outcome.accounts && !handed;
        let login = outcome.login && !keeps;
        // A session that goes on under another name names nobody, nor does what is asked for.
        let asked = |(value, _): &(Made, Span)| {
            self.asked.iter().any(|one| values.get(one) == values.get(*value))
        };
        let fresh = !token && (!session || (handed && !self.about.as_ref().is_some_and(asked)));
        Logged { login, granted: issued && outcome.accepted() && (login || fresh) }
    }

    /// Adds who logged in, by what the request says and whom the answer is about.
    fn log_in(&mut self, values: &Values, outcome: Outcome, max: usize) {
        let login = self.login.take().filter(|_| outcome.login);
        let login = login.map(|login| (login.value, login.location, Source::Login));
        let about = self.about.take().filter(|_| outcome.accepted());
        let about = about.map(|(value, location)| (value, location, Source::Response));
        // In front of other users, who may be an application that logs in for its own.
        let other = |e: &Entity| e.kind == Kind::User && !e.logs_in();
        let end = self.list.len();
        let mut at = self.list.iter().position(other).filter(|_| outcome.accepted()).unwrap_or(end);
        for (value, location, source) in about.into_iter().chain(login) {
            let same =
                |e: &Entity| e.kind == Kind::User && values.get(e.value) == values.get(value);
            if value.is_token() && self.list.len() < max && !self.list.iter().any(same) {
                let answered = source == Source::Response;
                let (kind, claim) = (Kind::User, Span::default());
                let one = Entity { kind, value, source, answered, location, claim, rule: 0 };
                self.list.insert(at, one);
                at = at.saturating_add(1);
            }
        }
    }

    /// Writes one; gives back where its value is, and where the text of its token.
    fn write_one(
        &self,
        entity: &Entity,
        role: Role,
        (outcome, granted): (Outcome, bool),
        values: &Values,
        out: &mut Vec<u8>,
    ) -> (Span, Span) {
        use schema::entity as field;
        let open = wire::open(out, schema::record::ENTITIES);
        wire::enumeration(out, field::KIND, entity.kind);
        let value = values.get(entity.value);
        wire::octets(out, field::VALUE, value);
        let end = out.len();
        wire::text(out, field::LOCATION, entity.location.text(&self.places));
        wire::enumeration(out, field::SOURCE, entity.source);
        wire::enumeration(out, field::CONFIDENCE, entity.confidence(outcome, granted));
        wire::text(out, field::CLAIM, entity.claim.text(&self.places));
        if let Some(rule) = entity.rule.checked_sub(1).and_then(|at| self.rules.get(at)) {
            wire::text(out, field::RULE, &rule.field);
        }
        wire::enumeration(out, field::ROLE, role);
        let before = out.len();
        wire::close(out, open);
        // The message may have moved up.
        let end = end.saturating_add(out.len().saturating_sub(before));
        let start = end.saturating_sub(value.len());
        let text = token_text::text_of(value);
        let text = Span { start: text.start, end: text.end }.behind(start);
        (Span { start, end }, text)
    }

    /// How many were noted.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// What was noted, as a tree.
    #[cfg(test)]
    pub(crate) fn tree(
        &mut self,
        values: &Values,
        outcome: Outcome,
    ) -> Vec<apitap_proto::v1::Entity> {
        let mut out = Vec::new();
        let _written = self.write(values, outcome, 16, &mut out);
        let record: apitap_proto::v1::CallRecord = prost::Message::decode(out.as_slice()).unwrap();
        record.entities
    }
}

impl Entity {
    /// What part it took. `login`: someone logged in, or was given something to prove themselves with.
    const fn role(&self, login: bool) -> Role {
        match (self.source, self.kind) {
            _ if is_proof(self.kind) => {
                if self.answered {
                    Role::Issued
                } else {
                    Role::Caller
                }
            }
            (Source::Path | Source::Query, _) => Role::Object,
            (Source::Body | Source::Response, Kind::User) if login => Role::Caller,
            // A client that asks for a token.
            (Source::Body, Kind::Partner | Kind::Device) if login => Role::Caller,
            (Source::Body | Source::Response, _) => Role::Object,
            (
                _,
                Kind::User
                | Kind::Partner
                | Kind::Tenant
                | Kind::Device
                | Kind::Ip
                | Kind::Customer
                | Kind::Merchant
                | Kind::Organization,
            ) => Role::Caller,
            _ => Role::Object,
        }
    }

    /// Whether it is told by what logs in, or by what comes back.
    const fn logs_in(&self) -> bool {
        matches!(self.source, Source::Login | Source::Response | Source::Body)
    }

    const fn confidence(&self, outcome: Outcome, granted: bool) -> Confidence {
        match self.source {
            Source::Response => Confidence::High,
            _ if outcome.refused() && !matches!(self.source, Source::Path) => Confidence::Low,
            _ if self.rule > 0 => Confidence::High,
            Source::Credential | Source::Claim | Source::Certificate | Source::Cookie
                if outcome.accepted() =>
            {
                Confidence::High
            }
            Source::Login if granted => Confidence::High,
            _ => Confidence::Medium,
        }
    }
}

/// Whether it is what callers prove themselves with.
const fn is_proof(kind: Kind) -> bool {
    matches!(kind, Kind::Session | Kind::ApiToken)
}

/// An identity, and what told of it.
#[derive(Clone, Copy)]
pub(crate) struct Told<'a> {
    pub(crate) kind: Kind,
    pub(crate) value: Made,
    pub(crate) place: Place<'a>,
    pub(crate) source: Source,
    /// Claim of a JSON Web Token; else empty.
    pub(crate) claim: &'a str,
    /// Configured rule, from 1; else 0.
    pub(crate) rule: usize,
}

impl<'a> Told<'a> {
    /// By its place alone.
    pub(crate) fn at(kind: Kind, place: Place<'a>, value: Made) -> Self {
        let source = match place.part {
            "request.cookie:" => Source::Cookie,
            "request.path:" => Source::Path,
            "request.query:" => Source::Query,
            "request.body:" | "request.message:" => Source::Body,
            part if part.starts_with("response") => Source::Response,
            _ => Source::Header,
        };
        Self { kind, value, place, source, claim: "", rule: 0 }
    }

    /// The same, told by this.
    pub(crate) const fn by(self, source: Source) -> Self {
        Self { source, ..self }
    }
}

/// Whether a path says that a login ends.
pub(super) fn logout(template: &str) -> bool {
    let ends: [&[u8]; 7] =
        [b"logout", b"log-out", b"log_out", b"signout", b"sign-out", b"sign_out", b"revoke"];
    let (before, last) = behind_slash(template.as_bytes());
    let words = [last, before.map_or(b"".as_slice(), |before| behind_slash(before).1)];
    // Of most words their length and first letter tell that they are none of these.
    words.into_iter().any(|word| {
        if word.len() < 6 || !matches!(word.first(), Some(b'l' | b'L' | b's' | b'S' | b'r' | b'R'))
        {
            return false;
        }
        // "logout.php".
        let word = word.split(|&b| b == b'.').next().unwrap_or_default();
        (6..=8).contains(&word.len()) && ends.iter().any(|end| word.eq_ignore_ascii_case(end))
    })
}

/// Whether a path is where accounts or their passwords are made and changed.
pub(super) fn accounts(template: &str) -> bool {
    let people =
        ["users", "accounts", "members", "customers", "employees", "admins", "people", "staff"];
    let secrets = ["password", "passwords", "passwd", "passcode", "pin", "credentials"];
    let among =
        |words: &[&str], part: &str| words.iter().any(|word| part.eq_ignore_ascii_case(word));
    let mut parts = template.trim_end_matches('/').rsplit('/');
    let (last, before) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let kept = if last.starts_with('{') { before } else { last };
    among(&people, kept) || among(&secrets, last) || among(&secrets, before)
}

/// Whether the value of a cookie may be of one caller alone. What is short, made of words, or a date all have in common:
/// `authenticated=true`, `auth_provider=google-oauth2`.
pub(crate) fn tells_apart(value: &[u8]) -> bool {
    let plain = || lexicon::name(value) || words::date(value) || words::version(value);
    value.len() >= 6 && !plain()
}

/// Whether a bearer token is none: what scripts send when they have none.
pub(crate) fn is_nothing(token: &[u8]) -> bool {
    let words: [&[u8]; 6] = [b"null", b"undefined", b"none", b"nan", b"true", b"false"];
    words.iter().any(|word| token.eq_ignore_ascii_case(word))
}

/// Whether a name that says this may be of what callers prove themselves with.
#[inline]
pub(super) const fn may_prove(meaning: Meaning) -> bool {
    matches!(meaning, Meaning::Personal(Class::Session | Class::Credential))
}

/// What stands before the last slash of a text, and what behind it.
fn behind_slash(text: &[u8]) -> (Option<&[u8]>, &[u8]) {
    match memchr::memrchr(b'/', text).and_then(|at| text.split_at_checked(at)) {
        Some((before, behind)) => (Some(before), behind.get(1..).unwrap_or_default()),
        None => (None, text),
    }
}

/// What a member of an answer is that callers prove themselves with; of a request only what is handed in for another.
pub(super) fn proof(place: Place<'_>, name: &str, meaning: Meaning) -> Option<Kind> {
    if !may_prove(meaning) {
        return None;
    }
    let name = name.as_bytes();
    let has =
        |part: &[u8]| name.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part));
    let exchanged = || has(b"refresh") || has(b"access") || has(b"subject") || has(b"session");
    let fits = match place.part {
        "response.body:" => !listed(place.path),
        "request.body:" => exchanged(),
        _ => false,
    };
    match meaning {
        Meaning::Personal(Class::Session) if fits => Some(Kind::Session),
        Meaning::Personal(Class::Credential) if fits && auth::names_key(name) => {
            Some(Kind::ApiToken)
        }
        _ => None,
    }
}

/// Whether a path leads through a list. Most have no bracket at all, which is told sooner.
fn listed(path: &str) -> bool {
    memchr::memchr(b'[', path.as_bytes()).is_some() && path.contains("[]")
}
