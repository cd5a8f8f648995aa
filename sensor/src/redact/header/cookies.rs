//! Cookies: every value is a token; those that stand for a login are sessions.

use apitap_proto::v1::{ValueType, entity::Kind};

use super::{Headers, Parts, push};
use crate::redact::body::{form, percent};
use crate::redact::class::Class;
use crate::redact::found::Place;
use crate::redact::judge::{Judge, Way};
use crate::redact::names::Meaning;

/// `Cookie` (RFC 6265 §4.2) or `Set-Cookie` (§4.1): every value is a token.
pub(super) fn cookies(
    judge: &mut Judge,
    out: &mut Vec<u8>,
    headers: &mut Headers,
    set: bool,
    value: &[u8],
    parts: Parts,
) {
    let part = parts.cookie;
    if set && let Some(at) = memchr::memchr(b';', value) {
        // Attributes leave nothing, but may be abused as cookies are.
        let place = Place { part: parts.header, path: "set-cookie" };
        judge.look_through(place, value.get(at..).unwrap_or_default());
    }
    let pairs = value.split(|&b| b == b';').take(if set { 1 } else { usize::MAX });
    for pair in pairs {
        let (name, value) = form::split(pair.trim_ascii());
        // Without a name, what stands there may be the value.
        let (name, value) = value.map_or((b"".as_slice(), name), |value| (name, value));
        if name.is_empty() && value.is_empty() {
            continue;
        }
        let value = value.strip_prefix(b"\"").and_then(|v| v.strip_suffix(b"\"")).unwrap_or(value);
        let value = percent::decode(value, false);
        let named = judge.names.look(name);
        let text = judge.name_text(Place { part, path: "" }, named, name);
        let place = Place { part, path: &text };
        let session = session(named.meaning, name);
        let made = match named.meaning {
            Meaning::Secret(_) | Meaning::Id(_) => {
                let made = judge.value(place, named, ValueType::String, &value);
                judge.object(place, &text, named.meaning, made, &value);
                made
            }
            _ if value.is_empty() => judge.render(Way::Shape, ValueType::String, b""),
            _ => judge.token_value(
                place,
                if session { Class::Session } else { Class::Cookie },
                &value,
            ),
        };
        if session {
            judge.entity(Kind::Session, place, made);
            if !set {
                judge.entities.show(2, place, made);
            }
            headers.credentials.cookie |= !value.is_empty();
        }
        push(judge, out, &mut headers.cookies, parts.cookies, &text, made);
        if headers.cookies.cut {
            return;
        }
    }
}

fn session(meaning: Meaning, name: &[u8]) -> bool {
    let lower = name.to_ascii_lowercase();
    let has = |part: &[u8]| memchr::memmem::find(&lower, part).is_some();
    matches!(meaning, Meaning::Personal(Class::Session | Class::Credential))
        || [b"sess".as_slice(), b"auth", b"jwt", b"token", b"sid"].iter().any(|part| has(part))
            && !has(b"csrf")
            && !has(b"xsrf")
}
