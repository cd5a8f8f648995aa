//! How a caller proves who it is: schemes, tokens, keys, certificates.

use apitap_proto::v1::evidence::Source;
use apitap_proto::v1::{self, ValueType, entity::Kind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

use super::body::parameter;
use super::class::Class;
use super::detect::{Confidence, Found};
use super::entities::{Told, is_nothing};
use super::found::{Place, Span};
use super::judge::{Judge, Way};
use super::jwt::{self, Jwt};
use super::made::{Form, Made, Values};
use super::{bearer, entities, schema, wire};

/// Credentials seen in a request.
#[derive(Default)]
pub(crate) struct Credentials {
    pub(crate) scheme: &'static str,
    pub(crate) jwt: Option<Jwt>,
    pub(crate) subject: Option<Made>,
    pub(crate) key: bool,
    pub(crate) cookie: bool,
}

impl Credentials {
    /// Notes an API key.
    pub(crate) fn api_key(&mut self, judge: &mut Judge, place: Place<'_>, value: Made) {
        self.key = true;
        if place.part.starts_with("response") {
            return judge.entity(Kind::ApiToken, place, value);
        }
        judge.entity_as(&Told::at(Kind::ApiToken, place, value).by(Source::Credential));
        judge.entities.show(1, place, value);
    }

    /// Notes a session, or a token that tells whom it is of, in a header field of its own: `X-Session-Token`.
    pub(crate) fn session(
        &mut self,
        judge: &mut Judge,
        place: Place<'_>,
        value: Made,
        text: &[u8],
    ) {
        let asked = !place.part.starts_with("response");
        self.key |= asked;
        if entities::tells_apart(text) {
            judge.entity(Kind::Session, place, value);
            if asked {
                judge.entities.show(2, place, value);
            }
        }
    }

    /// How they were shown: `none` when there are none.
    pub(crate) fn shown(&self) -> &'static str {
        match self {
            Self { scheme, .. } if !scheme.is_empty() => scheme,
            Self { key: true, .. } => "api_key",
            Self { cookie: true, .. } => "cookie",
            Self { subject: Some(_), .. } => "mtls",
            _ => "none",
        }
    }

    /// How they were shown, and how the server took them: `status` is the response's. `login`: with a password in the
    /// body.
    fn judged(&self, status: Option<u16>, login: bool) -> (&'static str, v1::auth::Result) {
        let scheme = match self.shown() {
            "none" if login => "password",
            scheme => scheme,
        };
        let result = match status {
            Some(401) => v1::auth::Result::Rejected,
            Some(403) => v1::auth::Result::Forbidden,
            Some(100..=399) if scheme != "none" => v1::auth::Result::Accepted,
            _ => v1::auth::Result::Unspecified,
        };
        (scheme, result)
    }

    /// Notes who the certificate is of, once it is known whether who tells of it is believed.
    pub(crate) fn certified(&self, judge: &mut Judge) {
        if let Some(subject) = self.subject {
            let place = Place { part: "request.certificate", path: "" };
            let told = Told::at(Kind::Partner, place, subject);
            judge.entity_as(&told.by(Source::Certificate));
        }
    }

    /// Writes what the record says of them; gives back where that is, and the text of the credential's token.
    pub(crate) fn write(
        &self,
        (status, login): (Option<u16>, bool),
        shown: Option<(Made, &str)>,
        values: &Values,
        out: &mut Vec<u8>,
    ) -> (Span, Option<Span>) {
        let (scheme, result) = self.judged(status, login);
        let start = out.len();
        let auth = wire::open(out, schema::record::AUTH);
        wire::text(out, schema::auth::SCHEME, scheme);
        if let Some(jwt) = &self.jwt {
            jwt.write(values, schema::auth::JWT, out);
        }
        if let Some(subject) = self.subject {
            wire::token(out, schema::auth::MTLS_SUBJECT, values.token(subject));
        }
        wire::enumeration(out, schema::auth::RESULT, result);
        let credential = shown.map(|(made, location)| {
            wire::text(out, schema::auth::LOCATION, location);
            wire::token(out, schema::auth::CREDENTIAL, values.token(made));
            let value = values.get(made);
            let text = super::token_text::text_of(value);
            let from_end = |at: usize| value.len().saturating_sub(at);
            (from_end(text.start), from_end(text.end))
        });
        let id = self.jwt.as_ref().and_then(|jwt| jwt.id);
        let behind = out.len();
        if let Some(id) = id {
            wire::octets(out, schema::auth::CREDENTIAL_ID, values.get(id));
        }
        let behind = out.len().saturating_sub(behind);
        wire::close(out, auth);
        let end = out.len().saturating_sub(behind);
        let text = credential.map(|(start, stop)| Span {
            start: end.saturating_sub(start),
            end: end.saturating_sub(stop),
        });
        (Span { start, end: out.len() }, text)
    }
}

/// Known authentication schemes: IANA registry, and what clouds and consoles use.
const SCHEMES: &[&str] = &[
    "basic",
    "bearer",
    "digest",
    "dpop",
    "gnap",
    "hoba",
    "mutual",
    "negotiate",
    "oauth",
    "ntlm",
    "scram-sha-1",
    "scram-sha-256",
    "vapid",
    "privatetoken",
    "aws4-hmac-sha256",
    "apikey",
    "token",
    "hawk",
    "signature",
    "hmac-sha256",
    "sharedkey",
    "sharedaccesssignature",
    "genie",
    "key",
];

/// Whether a name of the class credential is that of a key or token that callers prove themselves with.
pub(crate) fn names_key(name: &[u8]) -> bool {
    let lower = name.to_ascii_lowercase();
    let has = |part: &[u8]| memchr::memmem::find(&lower, part).is_some();
    (has(b"key") || has(b"token") || has(b"auth"))
        && !has(b"csrf")
        && !has(b"xsrf")
        && !has(b"device")
        && !has(b"push")
}

/// Whether a field of a head is a session or token that callers prove themselves with, by its name and what is in it. The
/// session of a protocol (`Mcp-Session-Id`) or of telemetry (`X-Session-Id`) is none.
pub(crate) fn names_session(name: &[u8], form: Form) -> bool {
    let says = |part: &[u8]| name.windows(part.len()).any(|at| at.eq_ignore_ascii_case(part));
    match form {
        Form::Token(Class::Session) => names_key(name),
        Form::Token(Class::Jwt) => names_key(name) || says(b"jwt") || says(b"assertion"),
        _ => false,
    }
}

/// The scheme of credentials or a challenge (RFC 9110 §11.4), and what follows it.
pub(crate) fn scheme(value: &[u8]) -> Option<(&'static str, &[u8])> {
    // Most are of this form.
    if let Some(rest) = value.strip_prefix(b"Bearer ") {
        return Some(("bearer", rest.trim_ascii()));
    }
    let value = value.trim_ascii();
    let end =
        value.iter().position(|b| b.is_ascii_whitespace() || *b == b',').unwrap_or(value.len());
    let (word, rest) = value.split_at_checked(end)?;
    let known = SCHEMES.iter().find(|scheme| word.eq_ignore_ascii_case(scheme.as_bytes()))?;
    Some((known, rest.trim_ascii()))
}

/// Judges an `Authorization` field.
pub(crate) fn authorization(
    judge: &mut Judge,
    credentials: &mut Credentials,
    place: Place<'_>,
    value: &[u8],
    now_seconds: u64,
) -> Made {
    let Some((name, rest)) = scheme(value) else {
        credentials.scheme = "other";
        return bearer(judge, credentials, place, value, now_seconds);
    };
    credentials.scheme = name;
    if rest.is_empty() {
        return judge.render(Way::Shape, ValueType::String, value);
    }
    match name {
        "basic" => basic(judge, place, rest),
        "digest" => {
            // Hashes of the password follow: nothing but the user.
            match parameter(&parameters(rest), b"username") {
                Some(user) => user_value(judge, place, user),
                None => judge.render(Way::Shape, ValueType::String, b""),
            }
        }
        "aws4-hmac-sha256" => {
            let key = memchr::memmem::find(rest, b"Credential=")
                .and_then(|at| rest.get(at.saturating_add(11)..));
            let key = key
                .unwrap_or_default()
                .split(|b| matches!(b, b'/' | b',' | b' '))
                .next()
                .unwrap_or_default();
            let made = judge.token_value(place, Class::Credential, key);
            credentials.api_key(judge, place, made);
            made
        }
        "negotiate" | "ntlm" | "hawk" | "signature" | "mutual" => {
            note(judge, place, Class::Credential, v1::finding::Action::Shaped);
            judge.render(Way::Shape, ValueType::String, rest)
        }
        _ => bearer(judge, credentials, place, rest, now_seconds),
    }
}

/// Commas as semicolons, one in front: auth parameters then read as field parameters.
fn parameters(rest: &[u8]) -> Vec<u8> {
    let semicolons = rest.iter().map(|&b| if b == b',' { b';' } else { b });
    std::iter::once(b';').chain(semicolons).collect()
}

fn note(judge: &mut Judge, place: Place<'_>, class: Class, action: v1::finding::Action) {
    judge.find(place, Found { class, confidence: Confidence::High }, action);
}

/// A bearer token: what it says of itself, if it is a JSON Web Token; else it is an API token.
fn bearer(
    judge: &mut Judge,
    credentials: &mut Credentials,
    place: Place<'_>,
    text: &[u8],
    now_seconds: u64,
) -> Made {
    let judged = |judge: &mut Judge| read(judge, place, text, now_seconds);
    let (made, jwt) = match jwt::may_say(text) {
        true => bearer::remembered(judge, place, text, now_seconds, judged),
        false => judged(judge),
    };
    credentials.jwt = jwt;
    if !is_nothing(text) {
        judge.entities.show(0, place, made);
    }
    made
}

/// Reads a bearer token and notes whom it is of.
fn read(judge: &mut Judge, place: Place<'_>, text: &[u8], now_seconds: u64) -> (Made, Option<Jwt>) {
    let made = judge.token_value(place, Class::Credential, text);
    let jwt =
        if text.starts_with(b"eyJ") { jwt::read(judge, place, text, now_seconds) } else { None };
    if jwt.as_ref().is_none_or(|jwt| jwt.subject.is_none()) && !is_nothing(text) {
        judge.entity_as(&Told::at(Kind::ApiToken, place, made).by(Source::Credential));
    }
    (made, jwt)
}

/// User and password (RFC 7617): the user is a token, the password leaves in no form, not even hashed.
fn basic(judge: &mut Judge, place: Place<'_>, rest: &[u8]) -> Made {
    note(judge, place, Class::Password, v1::finding::Action::Dropped);
    let decoded = STANDARD.decode(rest).or_else(|_| STANDARD_NO_PAD.decode(rest));
    let decoded = decoded.unwrap_or_default();
    match memchr::memchr(b':', &decoded) {
        Some(at) if at > 0 => user_value(judge, place, decoded.get(..at).unwrap_or_default()),
        _ => judge.render(Way::Drop, ValueType::String, b""),
    }
}

/// The name of a user, as an entity.
pub(crate) fn user_value(judge: &mut Judge, place: Place<'_>, user: &[u8]) -> Made {
    let value = judge.token_value(place, Class::Id, user);
    let source = if place.part == "request.body:" { Source::Login } else { Source::Credential };
    judge.entity_as(&Told::at(Kind::User, place, value).by(source));
    value
}

/// The subject of a client certificate, as a proxy forwards it.
pub(crate) fn subject(judge: &mut Judge, credentials: &mut Credentials, value: &[u8]) -> Made {
    // Envoy: By=…;Hash=…;Subject="CN=…";URI=…
    let subject = match memchr::memmem::find(value, b"Subject=") {
        Some(_) => certificate(value, b"subject").unwrap_or_default(),
        None => value,
    };
    if subject.is_empty() {
        return judge.render(Way::Shape, ValueType::String, value);
    }
    let made = judge.render(Way::Token(Class::Subject), ValueType::String, subject);
    credentials.subject = Some(made);
    made
}

/// The value of a key of `X-Forwarded-Client-Cert` (Envoy), in the last element: the one that the nearest proxy wrote.
/// `None` when there is none, or quotes do not pair, so that nobody knows who wrote what.
pub(crate) fn certificate<'a>(value: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let (mut found, mut rest) = (None, value);
    loop {
        let (name, after) = rest.split_at_checked(memchr::memchr(b'=', rest)?)?;
        let after = after.strip_prefix(b"=")?;
        let (text, after) = match after.strip_prefix(b"\"") {
            Some(quoted) => {
                let (text, after) = quoted.split_at_checked(closing(quoted)?)?;
                (text, after.strip_prefix(b"\"")?)
            }
            None => {
                let end = memchr::memchr2(b',', b';', after).unwrap_or(after.len());
                after.split_at_checked(end)?
            }
        };
        if name.trim_ascii().eq_ignore_ascii_case(key) {
            found = Some(text);
        }
        match after.trim_ascii_start().split_first() {
            None => return found,
            Some((b';', after)) => rest = after,
            Some((b',', after)) => (found, rest) = (None, after),
            Some(_) => return None,
        }
    }
}

/// Where a quoted text ends: at the first quote that no backslash escapes.
fn closing(quoted: &[u8]) -> Option<usize> {
    let mut escaped = false;
    quoted.iter().position(|&b| {
        let ends = b == b'"' && !escaped;
        escaped = b == b'\\' && !escaped;
        ends
    })
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;
    use crate::redact::{Config, Keys};

    fn run(value: &str) -> (Made, Credentials, Judge) {
        let mut judge = Judge::new(&Keys::ephemeral().unwrap(), &Config::default());
        let mut credentials = Credentials::default();
        let place = Place { part: "request.header:", path: "authorization" };
        let made = authorization(&mut judge, &mut credentials, place, value.as_bytes(), 0);
        (made, credentials, judge)
    }

    fn told(credentials: &Credentials, status: Option<u16>, judge: &Judge) -> v1::Auth {
        let mut out = Vec::new();
        credentials.write((status, false), judge.entities.credential(), &judge.values, &mut out);
        v1::CallRecord::decode(out.as_slice()).unwrap().auth.unwrap()
    }

    #[test]
    fn what_bears_is_told_at_once_as_word_by_word() {
        for rest in ["x", " x ", "", " ", ",x", "\t x, y", "\u{e4}"] {
            let told = scheme(format!("Bearer {rest}").as_bytes()).map(|(name, _)| name);
            assert_eq!(told, Some("bearer"));
            let (at_once, plain) = (format!("Bearer {rest}"), format!(" Bearer {rest}"));
            assert_eq!(scheme(at_once.as_bytes()), scheme(plain.as_bytes()), "{rest}");
        }
    }

    #[test]
    fn basic_is_its_user_alone() {
        // kim:hunter2 and kim:other
        let (one, credentials, mut judge) = run("Basic a2ltOmh1bnRlcjI=");
        let again = user_value(&mut judge, Place { part: "", path: "" }, b"kim");
        assert_eq!(judge.values.get(one), judge.values.get(again));
        assert_eq!(credentials.scheme, "basic");
        let found = judge.finds.tree();
        assert_eq!(judge.entities.len(), 1);
        assert!(
            found
                .findings
                .iter()
                .any(|f| f.class == "password"
                    && f.action == i32::from(v1::finding::Action::Dropped))
        );
    }

    #[test]
    fn schemes() {
        for (value, scheme) in [
            ("Bearer abc", "bearer"),
            ("bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiI0MiJ9.", "bearer"),
            ("Digest username=\"kim\", realm=\"x\", response=\"abc\"", "digest"),
            (
                "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/2026/x, Signature=y",
                "aws4-hmac-sha256",
            ),
            ("Negotiate YII", "negotiate"),
            ("whatever", "other"),
        ] {
            assert_eq!(run(value).1.scheme, scheme, "{value}");
        }
        assert!(run("Digest username=\"kim\", response=\"abc\"").0.is_token());
        let (_, credentials, judge) = run("bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiI0MiJ9.");
        assert_eq!(told(&credentials, None, &judge).jwt.unwrap().algorithm, "none");
    }

    #[test]
    fn the_answer_says_how_credentials_were_taken() {
        let auth = |status| {
            let (_, credentials, judge) = run("Bearer abc");
            told(&credentials, status, &judge).result
        };
        assert_eq!(auth(Some(200)), i32::from(v1::auth::Result::Accepted));
        assert_eq!(auth(Some(401)), i32::from(v1::auth::Result::Rejected));
        assert_eq!(auth(Some(403)), i32::from(v1::auth::Result::Forbidden));
        assert_eq!(auth(None), 0);
        let judge = Judge::new(&Keys::ephemeral().unwrap(), &Config::default());
        assert_eq!(told(&Credentials::default(), Some(200), &judge).scheme, "none");
    }
}
