//! How a caller proved who it is, and what it got for that: credentials, claims of tokens, sensitive data.

use std::net::IpAddr;

use apitap_proto::v1::signal::Severity;

use super::list::{self, Id};
use super::{Seen, Signals, at, echo, has, header};
use crate::call::CallFacts;
use crate::redact::class::Class;
use crate::redact::detect::Confidence;
use crate::redact::found::{Place, Told};
use crate::redact::jwt::Jwt;

const AUTHORIZATION: Place<'static> = header("request.header:", "authorization");
/// Longest life of a token that is not worth a signal: 30 days, in seconds.
const LIFE_SECONDS_MAX: u64 = 30 * 24 * 3600;
/// Values of one personal class at one place that are a bulk.
const BULK_MIN: u64 = 50;
/// Personal classes of one answer that are many.
const CLASSES_MIN: u32 = 5;

/// Judges credentials, and findings by where they are.
pub(super) fn judge(signals: &mut Signals, seen: &Seen<'_>) {
    if let Some(credentials) = seen.credentials {
        clear_text(signals, seen, credentials.scheme);
        if let Some(jwt) = &credentials.jwt {
            token(signals, seen, jwt);
        }
    }
    findings(signals, seen);
}

/// Credentials that whoever looks at the wire can use.
///
/// Between private addresses TLS has often ended in front of the server on purpose; where a proxy says so, a
/// bearer token is no signal.
fn clear_text(signals: &mut Signals, seen: &Seen<'_>, scheme: &'static str) {
    let id = match scheme {
        "basic" => list::AUTH_BASIC_CLEAR,
        "bearer" | "token" => list::AUTH_BEARER_CLEAR,
        _ => return,
    };
    let facts = &seen.call.facts;
    if !facts.connection.is_clear() {
        return;
    }
    let request = seen.call.request.as_ref();
    let proxied = request.and_then(|request| request.field("x-forwarded-proto"));
    let proxied = proxied.is_some_and(|proto| proto.eq_ignore_ascii_case(b"https"));
    let severity = match (scheme, inside(facts), proxied) {
        ("basic", false, _) => Severity::High,
        ("basic", true, false) => Severity::Medium,
        ("basic", true, true) => Severity::Low,
        (_, false, _) => Severity::Medium,
        (_, true, false) => Severity::Info,
        (_, true, true) => return,
    };
    signals.raise_as(id, severity, scheme, AUTHORIZATION);
}

/// Whether both ends have addresses that no one outside reaches.
fn inside(facts: &CallFacts) -> bool {
    let private = |ip: IpAddr| match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_loopback() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    };
    private(facts.client.ip) && private(facts.server.ip)
}

/// What a token says of itself, against how it was taken.
fn token(signals: &mut Signals, seen: &Seen<'_>, jwt: &Jwt) {
    let facts = &jwt.facts;
    if jwt.algorithm.eq_ignore_ascii_case("none") {
        let severity = if seen.accepted() { Severity::Critical } else { Severity::Medium };
        signals.raise_as(list::JWT_NONE, severity, "", AUTHORIZATION);
    }
    if facts.key_header {
        signals.raise(list::JWT_KEY_HEADER, AUTHORIZATION);
    }
    if !seen.accepted() || !facts.claims {
        // Refused tokens are nobody's weakness; of encrypted ones nothing is known.
        return;
    }
    if jwt.expired == Some(true) {
        signals.raise(list::JWT_EXPIRED, AUTHORIZATION);
    }
    if jwt.expired.is_none() {
        signals.raise(list::JWT_NO_EXPIRY, AUTHORIZATION);
    }
    if !facts.audience {
        signals.raise(list::JWT_NO_AUDIENCE, AUTHORIZATION);
    }
    if facts.life_seconds.is_some_and(|seconds| seconds > LIFE_SECONDS_MAX) {
        // With a shared secret, time is what it takes to find it.
        let shared = jwt.algorithm.starts_with("HS");
        let severity = if shared { Severity::Medium } else { Severity::Low };
        let kind = if shared { "shared_secret" } else { "" };
        signals.raise_as(list::JWT_LONG_LIVED, severity, kind, AUTHORIZATION);
    }
}

/// What a finding is to these signals.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// Identifiers and the like: none.
    None,
    /// Lets who has it act for someone.
    Credential,
    /// Must not be sent back to anyone.
    Secret,
    /// Contact data.
    Contact,
    /// Other personal or financial data.
    Personal,
}

pub(super) fn weight(class: Class) -> Weight {
    match class {
        Class::Credential | Class::Jwt | Class::Session | Class::Otp => Weight::Credential,
        Class::Password | Class::Pin | Class::PrivateKey | Class::Cvv | Class::Track => {
            Weight::Secret
        }
        Class::Email | Class::Phone | Class::Name | Class::Address => Weight::Contact,
        Class::Account
        | Class::Birth
        | Class::Health
        | Class::HealthId
        | Class::Iban
        | Class::Itin
        | Class::KrCi
        | Class::KrForeigner
        | Class::KrLicense
        | Class::KrRrn
        | Class::NationalId
        | Class::Pan
        | Class::Passport
        | Class::Ssn => Weight::Personal,
        _ => Weight::None,
    }
}

fn findings(signals: &mut Signals, seen: &Seen<'_>) {
    let (mut login, mut first, mut beyond, mut classes) = (false, None, None, 0_u128);
    let accepted = seen.accepted();
    // What a description of an API has under `password` is none.
    let described = signals.raised(list::PATH_DOCS);
    for told in seen.finds.each(|class| weight(class) != Weight::None) {
        let Told { class, confidence, part, count, .. } = told;
        let weight = weight(class);
        match part {
            "request.query" | "request.path" | "request.host" => {
                in_url(signals, class, confidence, weight, told.location());
            }
            "request.body" => login |= matches!(weight, Weight::Secret | Weight::Credential),
            "response.body" if accepted => {
                if weight == Weight::Secret && !described {
                    signals.raise_as(
                        list::DATA_SECRET,
                        severity(list::DATA_SECRET),
                        class.name(),
                        text(told.location()),
                    );
                }
                let personal = matches!(weight, Weight::Contact | Weight::Personal);
                if personal && (confidence > Confidence::Low || weight == Weight::Personal) {
                    let _first = first.get_or_insert(told);
                    if count > 1 && told.location().contains("[]") {
                        let _beyond = beyond.get_or_insert(told);
                    }
                    classes |= bit(class);
                    if count >= BULK_MIN {
                        signals.raise_as(
                            list::DATA_BULK,
                            severity(list::DATA_BULK),
                            class.name(),
                            text(told.location()),
                        );
                    }
                }
            }
            _ => {}
        }
    }
    let Some(first) = first else { return };
    if let Some(told) = beyond.filter(|_| seen.one_object) {
        let (class, location) = (told.class.name(), told.location());
        signals.raise_as(list::DATA_BEYOND, severity(list::DATA_BEYOND), class, text(location));
    }
    if classes.count_ones() >= CLASSES_MIN {
        signals.raise(list::DATA_CLASSES, at("response.body"));
    }
    // Who logs in has nothing to show yet.
    let anonymous = seen.credentials.is_some_and(|c| c.shown() == "none");
    if anonymous && !login && !echo::told(seen) {
        let page = published(seen);
        let level = if page { Severity::Low } else { severity(list::AUTH_MISSING) };
        signals.raise_as(list::AUTH_MISSING, level, "", text(first.location()));
    }
    if seen.method == "GET" && seen.call.response.as_ref().is_some_and(super::web::cacheable) {
        signals.raise(list::DATA_CACHEABLE, header("response.header:", "cache-control"));
    }
}

/// Whether an answer is a page, script or style sheet, with no more than contact data in its text: most often that of who
/// made it.
fn published(seen: &Seen<'_>) -> bool {
    let media = seen.call.response.as_ref().and_then(|m| m.field("content-type"));
    let media = media.unwrap_or_default();
    let media = media.get(..40).unwrap_or(media).to_ascii_lowercase();
    let mut told =
        seen.finds.each(|class| matches!(weight(class), Weight::Contact | Weight::Personal));
    [b"html".as_slice(), b"javascript", b"text/css"].iter().any(|kind| has(&media, kind))
        && told.all(|told| {
            told.part != "response.body"
                || weight(told.class) == Weight::Contact && told.location() == "response.body:$"
        })
}

/// What must not be in a URL: those end in logs, histories and referrers.
fn in_url(signals: &mut Signals, class: Class, sure: Confidence, weight: Weight, location: &str) {
    match weight {
        Weight::Credential | Weight::Secret => {
            signals.raise_as(
                list::AUTH_URL,
                severity(list::AUTH_URL),
                class.name(),
                text(location),
            );
        }
        Weight::Personal if sure > Confidence::Low => {
            signals.raise_as(list::DATA_URL, Severity::Medium, class.name(), text(location));
        }
        Weight::Contact if sure > Confidence::Low => {
            signals.raise_as(list::DATA_URL, Severity::Low, class.name(), text(location));
        }
        _ => {}
    }
}

/// A bit of its own for each class.
fn bit(class: Class) -> u128 {
    const { assert!(Class::COUNT <= 128, "as many bits") };
    1_u128.wrapping_shl(class as u32)
}

fn severity(id: Id) -> Severity {
    id.kind().severity
}

/// A place that findings wrote already.
const fn text(location: &str) -> Place<'_> {
    Place { part: "", path: location }
}
