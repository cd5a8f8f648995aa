//! Cookies: every value is a token; those that stand for a login are sessions.

use apitap_proto::v1::{ValueType, entity::Kind};

use hashbrown::HashMap;

use super::{Headers, Parts};
use crate::redact::body::{form, percent};
use crate::redact::class::Class;
use crate::redact::entities;
use crate::redact::found::Place;
use crate::redact::judge::{Judge, Way};
use crate::redact::made;
use crate::redact::names::{Meaning, Name};

/// Most names remembered.
const NAMES_MAX: usize = 1024;

/// What the name of a cookie says.
struct Cookie {
    name: Name,
    /// Whether it stands for a login.
    session: bool,
    /// As it leaves.
    text: Box<str>,
    /// The same, encoded as the name of a `Parameter`.
    encoded: Vec<u8>,
}

/// Names of cookies met before, as they were written: only such as are safe to keep.
#[derive(Default)]
pub(super) struct Cookies {
    numbers: HashMap<Box<[u8]>, usize, foldhash::fast::RandomState>,
    cookies: Vec<Cookie>,
    /// The cookie at hand, if its name is not safe.
    unsafe_one: Option<Cookie>,
}

impl Cookies {
    /// What the name of a cookie says. `part`: where it stands.
    fn look(&mut self, judge: &mut Judge, part: &'static str, name: &[u8]) -> Option<&Cookie> {
        let number = self.numbers.get(name).copied();
        let number = number.unwrap_or_else(|| self.learn(judge, part, name));
        self.cookies.get(number).or(self.unsafe_one.as_ref())
    }

    fn learn(&mut self, judge: &mut Judge, part: &'static str, raw: &[u8]) -> usize {
        let name = judge.names.look(raw);
        let text = judge.name_text(Place { part, path: "" }, name, raw);
        let (session, encoded) = (session(name.meaning, raw), made::name(&text));
        let cookie = Cookie { name, session, text: text.into(), encoded };
        if !name.safe {
            self.unsafe_one = Some(cookie);
            return usize::MAX;
        }
        if self.cookies.len() >= NAMES_MAX {
            *self = Self::default();
        }
        let number = self.cookies.len();
        self.cookies.push(cookie);
        self.numbers.insert(raw.into(), number);
        number
    }
}

/// `Cookie` (RFC 6265 §4.2) or `Set-Cookie` (§4.1): every value is a token.
pub(super) fn cookies(
    judge: &mut Judge,
    out: &mut Vec<u8>,
    headers: &mut Headers,
    known: &mut Cookies,
    (set, value): (bool, &[u8]),
    parts: Parts,
) {
    let part = parts.cookie;
    let mut ends = false;
    if set && let Some(at) = memchr::memchr(b';', value) {
        ends = is_over(value.get(at..).unwrap_or_default());
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
        let Some(cookie) = known.look(judge, part, name) else { continue };
        let Cookie { name, session, ref text, ref encoded } = *cookie;
        let place = Place { part, path: text };
        let made = match name.meaning {
            Meaning::Secret(_) | Meaning::Id(_) => {
                let made = judge.value(place, name, ValueType::String, &value);
                judge.object(place, text, name.meaning, made, &value);
                made
            }
            _ if value.is_empty() => judge.render(Way::Shape, ValueType::String, b""),
            _ => judge.token_value(
                place,
                if session { Class::Session } else { Class::Cookie },
                &value,
            ),
        };
        // What a browser is told to forget was handed out to nobody, and what all have says nothing.
        let own = session && !ends && entities::tells_apart(&value);
        if own {
            judge.entity(Kind::Session, place, made);
            if !set {
                judge.entities.show(2, place, made);
            }
        }
        headers.credentials.cookie |= session && !value.is_empty();
        if !headers.cookies.admits(judge) {
            return;
        }
        if parts.cookies != 0 {
            made::parameter_named(out, parts.cookies, encoded, judge.values.get(made));
        }
    }
}

/// Whether attributes of a `Set-Cookie` delete it (RFC 6265 §5.2.1, §5.2.2): no seconds are left of it, or it ended in
/// the last century.
pub(crate) fn is_over(attributes: &[u8]) -> bool {
    attributes.split(|&b| b == b';').any(|attribute| {
        let (name, value) = form::split(attribute.trim_ascii());
        let value = value.unwrap_or_default().trim_ascii();
        if name.trim_ascii().eq_ignore_ascii_case(b"max-age") {
            let none = !value.is_empty() && value.iter().all(|&b| b == b'0');
            return none || value.first() == Some(&b'-');
        }
        name.trim_ascii().eq_ignore_ascii_case(b"expires")
            && value.split(|&b| matches!(b, b' ' | b'-')).any(|part| match part {
                [b'1', b'9', a, b] => a.is_ascii_digit() && b.is_ascii_digit(),
                [b'7'..=b'9', last] => last.is_ascii_digit(),
                _ => false,
            })
    })
}

fn session(meaning: Meaning, name: &[u8]) -> bool {
    let lower = name.to_ascii_lowercase();
    let has = |part: &[u8]| memchr::memmem::find(&lower, part).is_some();
    matches!(meaning, Meaning::Personal(Class::Session | Class::Credential))
        || [b"sess".as_slice(), b"auth", b"jwt", b"token", b"sid"].iter().any(|part| has(part))
            && !has(b"csrf")
            && !has(b"xsrf")
        // Of ASP.NET and WordPress.
        || [b".aspnetcore.cookies".as_slice(), b".aspnetcore.identity.", b"wordpress_logged_in"]
            .iter()
            .any(|start| lower.starts_with(start))
}
