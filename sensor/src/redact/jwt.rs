//! JSON Web Tokens (RFC 7519): what they say of themselves. Signatures are not checked.

use std::borrow::Cow;
use std::sync::Arc;

use apitap_proto::v1::{ValueType, entity::Kind};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::body::{Visit, json};
use super::class::Class;
use super::entities::claims;
use super::found::Place;
use super::judge::Judge;
use super::made::{Made, Values};
use super::names::{Meaning, Name};
use super::{jose, schema, wire, words};

/// Octets of a token looked at.
const TOKEN_MAX: usize = 16 * 1024;
/// Scopes kept.
const SCOPES_MAX: usize = 16;
/// Claims kept that name someone.
const NAMED_MAX: usize = 8;

/// Claims of a token, raw. No `Debug`.
#[derive(Default)]
struct Claims {
    algorithm: Cow<'static, [u8]>,
    issuer: Vec<u8>,
    subject: Vec<u8>,
    audience: Vec<u8>,
    expiry: Option<u64>,
    issued: Option<u64>,
    key_header: bool,
    id: Vec<u8>,
    /// Claims that name someone, the first few.
    named: Vec<(Vec<u8>, Vec<u8>)>,
    /// Whether there was any.
    read: bool,
    scopes: Vec<Vec<u8>>,
}

/// Reads claims; those that are not asked for are only looked at.
struct Reading<'a> {
    /// Whether rules ask for claims besides those known.
    asks: bool,
    depth: usize,
    /// Name of the member at the top that is being read.
    name: Vec<u8>,
    /// Whether what is below it has no name: items of a list.
    listed: bool,
    claims: Claims,
    look: &'a mut dyn FnMut(&[u8]),
}

impl Reading<'_> {
    fn deeper(&mut self, key: &[u8]) {
        self.depth = self.depth.saturating_add(1);
        match self.depth {
            1 => {
                self.name.clear();
                self.name.extend_from_slice(key.get(..64).unwrap_or(key));
            }
            2 => self.listed = key.is_empty(),
            _ => {}
        }
    }
}

impl Visit for Reading<'_> {
    fn enter(&mut self, key: &[u8]) {
        self.deeper(key);
    }

    fn item(&mut self) {
        self.deeper(b"");
    }

    fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    fn leaf(&mut self, kind: ValueType, text: &[u8]) {
        let depth = self.depth;
        let named = depth == 1 || depth == 2 && self.listed;
        let name = named.then_some(self.name.as_slice());
        let claims = &mut self.claims;
        claims.read = true;
        match name {
            Some(b"alg") => claims.algorithm = Cow::Owned(text.to_vec()),
            Some(b"iss") => claims.issuer = text.to_vec(),
            Some(b"sub") => claims.subject = text.to_vec(),
            Some(b"aud") if claims.audience.is_empty() => claims.audience = text.to_vec(),
            Some(b"exp") if matches!(kind, ValueType::Integer | ValueType::Number) => {
                claims.expiry =
                    words::integer(text.split(|&b| b == b'.').next().unwrap_or_default());
            }
            Some(b"iat") if matches!(kind, ValueType::Integer | ValueType::Number) => {
                claims.issued =
                    words::integer(text.split(|&b| b == b'.').next().unwrap_or_default());
            }
            Some(b"jku" | b"x5u" | b"jwk") => claims.key_header = true,
            Some(b"scope" | b"scopes" | b"scp") => {
                let scopes = text.split(|&b| b == b' ').take(SCOPES_MAX).map(<[u8]>::to_vec);
                let room = SCOPES_MAX.saturating_sub(claims.scopes.len());
                claims.scopes.extend(scopes.take(room));
            }
            Some(b"jti") => claims.id = text.to_vec(),
            Some(name)
                if depth == 1
                    && claims.named.len() < NAMED_MAX
                    && matches!(kind, ValueType::String | ValueType::Integer)
                    && (claims::kind(name).is_some() || self.asks) =>
            {
                claims.named.push((name.to_vec(), text.to_vec()));
            }
            _ if kind == ValueType::String => (self.look)(text),
            _ => {}
        }
    }

    fn cut(&mut self, _kind: ValueType) {}
}

/// What a token says. `plain`: texts that name nothing are looked at by nobody who could find something in what
/// stands in [`jose`].
fn claims(token: &[u8], asks: bool, plain: bool, look: &mut dyn FnMut(&[u8])) -> Option<Claims> {
    let token = token.get(..TOKEN_MAX).unwrap_or(token);
    let (header, rest) = part(token);
    let claims = Claims::default();
    let mut reading = Reading { asks, depth: 0, name: Vec::new(), listed: false, claims, look };
    let algorithm = match jose::algorithm(header).filter(|_| plain) {
        Some(known) => Cow::Borrowed(known.as_bytes()),
        None => {
            let header = URL_SAFE_NO_PAD.decode(header).ok()?;
            let _end = json::read(&header, false, &mut reading);
            std::mem::take(&mut reading.claims.algorithm)
        }
    };
    // Named in the header alone do they say whose key is to be believed (RFC 7515 §4.1).
    let key_header = std::mem::take(&mut reading.claims.key_header);
    reading.depth = 0;
    reading.claims.named.clear();
    reading.claims.read = false;
    // The payload of an encrypted token says nothing.
    let (payload, _) = part(rest);
    if jose::may_say(payload)
        && let Ok(payload) = URL_SAFE_NO_PAD.decode(payload)
    {
        let _end = json::read(&payload, false, &mut reading);
    }
    Some(Claims { algorithm, key_header, ..reading.claims })
}

/// The algorithm of a token whose header says nothing else, and whose payload says nothing.
fn bare(token: &[u8]) -> Option<&'static str> {
    let (header, rest) = part(token);
    jose::algorithm(header).filter(|_| !jose::may_say(part(rest).0))
}

/// Whether a token is one, and its payload may say something.
pub(crate) fn may_say(token: &[u8]) -> bool {
    token.starts_with(b"eyJ") && jose::may_say(part(part(token).1).0)
}

/// What stands before the next dot, and what behind it.
fn part(text: &[u8]) -> (&[u8], &[u8]) {
    let dot = memchr::memchr(b'.', text).unwrap_or(text.len());
    let (part, rest) = text.split_at_checked(dot).unwrap_or((text, b""));
    (part, rest.get(1..).unwrap_or_default())
}

/// What a token says of itself that is no secret.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Whether any claims could be read.
    pub(crate) claims: bool,
    /// Whether it says whom it is for.
    pub(crate) audience: bool,
    /// From when it was issued to when it ends, in seconds.
    pub(crate) life_seconds: Option<u64>,
    /// Whether its header says which key to believe: `jku`, `x5u`, `jwk`.
    pub(crate) key_header: bool,
}

/// What a token says of itself, as far as it may leave.
#[derive(Clone)]
pub(crate) struct Jwt {
    pub(crate) facts: Facts,
    pub(crate) algorithm: Cow<'static, str>,
    issuer: Option<Made>,
    pub(crate) subject: Option<Made>,
    /// Its own id (`jti`), written with the credentials.
    pub(crate) id: Option<Made>,
    audience: Option<Made>,
    /// When it ends, in seconds.
    expiry: Option<u64>,
    pub(crate) expired: Option<bool>,
    scopes: Arc<[String]>,
}

impl Jwt {
    /// One that says nothing but its algorithm.
    fn bare(algorithm: Cow<'static, str>) -> Self {
        let (issuer, subject, id, audience) = (None, None, None, None);
        let (facts, scopes) = (Facts::default(), Arc::default());
        let (expiry, expired) = (None, None);
        Self { facts, algorithm, issuer, subject, id, audience, expiry, expired, scopes }
    }

    /// Its values.
    pub(crate) const fn values(&self) -> [Option<Made>; 4] {
        [self.issuer, self.subject, self.id, self.audience]
    }

    /// The same with its values elsewhere, at another time.
    pub(crate) fn again(&self, moved: impl Fn(Made) -> Made, now_seconds: u64) -> Self {
        let [issuer, subject, id, audience] = self.values().map(|value| value.map(&moved));
        let expired = self.expiry.map(|expiry| expiry < now_seconds);
        Self { issuer, subject, id, audience, expired, ..self.clone() }
    }

    /// Writes the message `Jwt` as field `field`.
    pub(crate) fn write(&self, values: &Values, field: u32, out: &mut Vec<u8>) {
        let jwt = wire::open(out, field);
        wire::text(out, schema::jwt::ALGORITHM, &self.algorithm);
        let parts = [
            (schema::jwt::ISSUER, self.issuer),
            (schema::jwt::SUBJECT, self.subject),
            (schema::jwt::AUDIENCE, self.audience),
        ];
        for (field, part) in parts {
            if let Some(part) = part {
                wire::octets(out, field, values.get(part));
            }
        }
        if let Some(expired) = self.expired {
            wire::present(out, schema::jwt::EXPIRED, expired.into());
        }
        for scope in self.scopes.iter() {
            wire::octets(out, schema::jwt::SCOPES, scope.as_bytes());
        }
        wire::close(out, jwt);
    }
}

/// What `token` says of itself. `now_seconds` is the time of the request.
pub(crate) fn read(
    judge: &mut Judge,
    place: Place<'_>,
    token: &[u8],
    now_seconds: u64,
) -> Option<Jwt> {
    let plain = is_plain(judge);
    if plain && let Some(algorithm) = bare(token) {
        return Some(Jwt::bare(algorithm.into()));
    }
    let asks = judge.entities.asks_claims();
    let claims = claims(token, asks, plain, &mut |text| judge.look_through(place, text))?;
    let facts = Facts {
        claims: claims.read,
        audience: !claims.audience.is_empty(),
        life_seconds: claims
            .expiry
            .zip(claims.issued)
            .map(|(expiry, issued)| expiry.saturating_sub(issued)),
        key_header: claims.key_header,
    };
    let named = Name { meaning: Meaning::Id(Kind::Unspecified), safe: true, ..Name::NONE };
    let mut value = |text: &[u8]| {
        (!text.is_empty()).then(|| {
            if issuer(text) {
                judge.keep_if_clean(place, text)
            } else {
                judge.value(place, named, ValueType::String, text)
            }
        })
    };
    let issuer = value(&claims.issuer);
    let audience = value(&claims.audience);
    let id = (!claims.id.is_empty()).then(|| judge.token_value(place, Class::Id, &claims.id));
    let subject = claims::note(judge, place, &claims.subject, &claims.named);
    let scopes = claims.scopes.iter().filter_map(|scope| super::style::safe_name(scope));
    Some(Jwt {
        facts,
        algorithm: algorithm(claims.algorithm),
        issuer,
        subject,
        id,
        audience,
        expiry: claims.expiry,
        expired: claims.expiry.map(|expiry| expiry < now_seconds),
        scopes: scopes.collect(),
    })
}

/// Whether nobody but the built-in detectors looks at what is found on the way, and nobody asks why.
fn is_plain(judge: &Judge) -> bool {
    judge.custom.is_idle() && judge.explained.is_none()
}

/// The name of an algorithm, where it is one.
fn algorithm(text: Cow<'static, [u8]>) -> Cow<'static, str> {
    let fit = jose::is_algorithm(&text);
    match text {
        Cow::Borrowed(text) if fit => Cow::Borrowed(std::str::from_utf8(text).unwrap_or_default()),
        Cow::Owned(text) if fit => Cow::Owned(String::from_utf8(text).unwrap_or_default()),
        _ => Cow::Borrowed(""),
    }
}

/// Notes whom a token in a body names.
pub(crate) fn entity(judge: &mut Judge, place: Place<'_>, token: &[u8]) {
    let plain = is_plain(judge);
    if let Some(claims) = claims(token, false, plain, &mut |text| judge.look_through(place, text)) {
        let _subject = claims::note(judge, place, &claims.subject, &claims.named);
    }
}

/// A URL without anything but scheme, host and plain path, or a plain name: what issuers are.
fn issuer(text: &[u8]) -> bool {
    let rest = text.strip_prefix(b"https://").or_else(|| text.strip_prefix(b"http://"));
    let Some(rest) = rest else {
        return super::style::safe_name(text).is_some() && words::host(text);
    };
    let mut parts = rest.split(|&b| b == b'/');
    text.len() <= 128
        && parts.next().is_some_and(words::host)
        && parts.all(|part| part.is_empty() || words::field_name(part))
}

#[cfg(test)]
mod tests {
    use apitap_proto::v1;
    use prost::Message as _;

    use super::*;
    use crate::redact::made::Form;
    use crate::redact::{Config, Keys};

    fn token(header: &str, payload: &str) -> Vec<u8> {
        format!("{}.{}.c2ln", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload))
            .into_bytes()
    }

    #[test]
    fn algorithms_are_known_ones() {
        for (text, told) in [
            ("RS256", "RS256"),
            ("nOnE", "nOnE"),
            ("RSA-OAEP-256", "RSA-OAEP-256"),
            ("quellborn", ""),
            ("M482-K719", ""),
        ] {
            assert_eq!(algorithm(Cow::Owned(text.into())), told);
        }
    }

    #[test]
    fn claims_are_read() {
        let mut judge = Judge::new(&Keys::ephemeral().unwrap(), &Config::default());
        let place = Place { part: "request.header:", path: "authorization" };
        let text = token(
            r#"{"alg":"RS256","typ":"JWT"}"#,
            r#"{"iss":"https://id.example.com/realms/main","sub":"kim@example.com","aud":["shop"],"exp":100,"scope":"orders:read users:write 4111111111111111","act":{"phone":"010-9876-5432"}}"#,
        );
        let jwt = read(&mut judge, place, &text, 101).unwrap();
        assert_eq!(jwt.algorithm, "RS256");
        assert_eq!(jwt.expired, Some(true));
        assert_eq!(*jwt.scopes, ["orders:read", "users:write"]);
        let kept = v1::value::Form::Kept("https://id.example.com/realms/main".into());
        assert_eq!(judge.values.tree(jwt.issuer.unwrap()).form, Some(kept));
        assert_eq!(judge.entities.len(), 1);
        let found = judge.finds.tree().findings;
        assert!(found.iter().any(|found| found.class == "phone"));
        assert_eq!(jwt.subject.unwrap().form, Form::Token(Class::Email));
        let mut out = Vec::new();
        jwt.write(&judge.values, 2, &mut out);
        let written = v1::Auth::decode(out.as_slice()).unwrap().jwt.unwrap();
        assert_eq!(written.scopes, *jwt.scopes);
        assert_eq!((written.algorithm.as_str(), written.expired), ("RS256", Some(true)));
        assert_eq!(written.subject, Some(judge.values.tree(jwt.subject.unwrap())));
        assert!(written.audience.is_some());
    }

    /// All claims, and what was looked at but the types of tokens that stand in headers known beforehand.
    fn told(read: impl FnOnce(&mut dyn FnMut(&[u8])) -> Option<Claims>) -> Option<String> {
        let mut looks = Vec::new();
        let claims = read(&mut |text| looks.push(text.to_vec()))?;
        looks.retain(|look| look != b"JWT" && look != b"at+jwt");
        let Claims { algorithm, issuer, subject, audience, expiry, issued, .. } = claims;
        let texts = (algorithm.to_vec(), issuer, subject, audience, claims.id);
        let marks = (claims.key_header, claims.read, expiry, issued);
        Some(format!("{:?}", (texts, marks, claims.named, claims.scopes, looks)))
    }

    /// Claims, all of them read.
    fn plainly(token: &[u8], asks: bool, look: &mut dyn FnMut(&[u8])) -> Option<Claims> {
        let mut parts = token.split(|&b| b == b'.');
        let claims = Claims::default();
        let mut reading = Reading { asks, depth: 0, name: Vec::new(), listed: false, claims, look };
        let header = URL_SAFE_NO_PAD.decode(parts.next()?).ok()?;
        json::read(&header, false, &mut reading);
        let payload = parts.next().and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
        let algorithm = std::mem::take(&mut reading.claims.algorithm);
        let key_header = std::mem::take(&mut reading.claims.key_header);
        reading.claims.named.clear();
        reading.claims.read = false;
        json::read(&payload.unwrap_or_default(), false, &mut reading);
        Some(Claims { algorithm, key_header, ..reading.claims })
    }

    #[test]
    fn types_of_tokens_are_nothing_to_find() {
        for text in [b"JWT".as_slice(), b"at+jwt"] {
            let mut judge = Judge::new(&Keys::ephemeral().unwrap(), &Config::default());
            judge.look_through(Place { part: "", path: "" }, text);
            assert_eq!(judge.finds.kept(), 0);
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(2000))]
        #[test]
        fn short_ways_say_the_same(
            header in r#"(\{"alg":"(HS256|EdDSA|none|x)"(,"typ":"(JWT|at\+jwt)")?\}|\{"typ":"JWT","alg":"RS256"\}|\{"iss":"a","alg":"b"\})"#,
            before in r"[ \t\r\n\x0b\x0c\x1e]{0,2}(\)\]\}',?|while\(1\);|for\(;;\);)?[ \x0c]{0,1}",
            payload in r#"(\{"(sub|iss|email|kid|scope|aud)":("[a-z ]{0,4}"|\["x","y"\]|\{"":"z"\}|7)\}|"a"|[0-9tfn-]{1,3}|null|true|.{0,3})"#,
            octets in proptest::collection::vec(0..=255_u8, 0..4),
            asks in 0..2_u8,
        ) {
            for payload in [payload.as_bytes(), &octets] {
                let payload = [before.as_bytes(), payload].concat();
                for payload in [URL_SAFE_NO_PAD.encode(&payload).into_bytes(), payload] {
                    let header = URL_SAFE_NO_PAD.encode(&header);
                    let token = [header.as_bytes(), b".", &payload, b".c"].concat();
                    let short = told(|look| claims(&token, asks == 1, true, look));
                    let plain = told(|look| plainly(&token, asks == 1, look));
                    proptest::prop_assert_eq!(short, plain);
                }
            }
        }
    }

    #[test]
    fn no_token_upsets_it() {
        let mut judge = Judge::new(&Keys::ephemeral().unwrap(), &Config::default());
        let place = Place { part: "", path: "" };
        for text in ["", "a.b.c", "eyJ.eyJ.", "..", "eyJhbGciOiJub25lIn0"] {
            let _jwt = read(&mut judge, place, text.as_bytes(), 0);
        }
    }
}
