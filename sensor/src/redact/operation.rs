//! Operations that a parameter names: `?action=login`, `Action=ListUsers`, `?service=WMS&request=GetMap`; or a field of the
//! head, `X-Amz-Target: DynamoDB_20120810.GetItem`.
//!
//! What names one is a value all the same: it is told only if it is made of words that could stand in a path, and if no
//! rule lets less of it leave.

use std::borrow::Cow;
use std::sync::Arc;

use apitap_proto::v1::ValueType;
use serde::{Deserialize, Serialize};

use super::body::form;
use super::body::percent::decode;
use super::found::Place;
use super::judge::{Judge, Judgement, Way};
use super::path::Target;
use super::policy::Why;
use super::policy::glob::Glob;
use super::segments;
use super::style::safe_name;
use super::styles::slices;
use crate::call::Message;
use crate::http::Completeness;

/// Longest name of an operation, in octets.
const NAME_MAX: usize = 64;
/// Parameters that name an operation, the likeliest first; letter case does not matter.
const NAMES: [&str; 12] = [
    "action",
    "method",
    "operation",
    "op",
    "wsfunction",
    "command",
    "cmd",
    "function",
    "func",
    "act",
    "do",
    "task",
];

/// Where calls of an API name their operation, if that is not one of the usual places.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct NamedOperation {
    /// Hosts it is for, with `*` for any run of characters; all when left out.
    #[serde(default)]
    pub host: String,
    /// Paths it is for, with `*`, and `{…}` for one segment; all when left out.
    #[serde(default)]
    pub path: String,
    /// Where it is named; in the query when left out.
    #[serde(default)]
    pub location: Location,
    /// Name of the parameter or header field; of a body that of the member, with `.` between those on the way to it.
    pub name: String,
}

impl NamedOperation {
    /// Most that a configuration has.
    pub const COUNT_MAX: usize = 64;
}

/// Where an operation is named.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Location {
    /// In the query.
    #[default]
    Query,
    /// In a header field.
    Header,
    /// In a body of JSON, or a form.
    Body,
}

/// One of these, ready to be looked for.
pub(super) struct Looked {
    host: Option<Glob>,
    path: Option<Glob>,
    location: Location,
    name: String,
}

impl Looked {
    /// As configured.
    pub(super) fn of(operations: &[NamedOperation]) -> Arc<[Self]> {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let looked = |named: &NamedOperation| Self {
            host: some(&named.host).map(|host| Glob::new(&host)),
            path: some(&named.path).map(|path| Glob::path(&path)),
            location: named.location,
            name: named.name.clone(),
        };
        operations.iter().map(looked).collect()
    }

    /// What names the operation of a request, as it stands there.
    fn find<'m>(&self, query: &'m [u8], message: &'m Message) -> Option<Cow<'m, [u8]>> {
        let name = self.name.as_bytes();
        match self.location {
            Location::Query => parameter(query, name),
            Location::Header => message.field(&self.name).map(Cow::Borrowed),
            Location::Body if message.facts.completeness == Completeness::Gap => None,
            Location::Body => {
                let body = message.body().trim_ascii_start();
                if !body.starts_with(b"{") {
                    return parameter(body, name);
                }
                let mut names = name.split(|&b| b == b'.');
                let value = names.try_fold(body, slices::member)?;
                slices::string(value).map(|text| Cow::Owned(text.to_vec()))
            }
        }
    }
}

/// The first parameter called `name`.
fn parameter<'m>(text: &'m [u8], name: &[u8]) -> Option<Cow<'m, [u8]>> {
    let pairs = text.split(|&b| b == b'&').filter_map(|pair| {
        let (found, value) = form::split(pair);
        Some((found, value?))
    });
    let mut fit = pairs.filter(|(found, _)| *decode(found, true) == *name);
    fit.next().map(|(_, value)| decode(value, true))
}

/// The operation of a request to `host`, where the configuration says how it is named.
pub(super) fn configured(
    judge: &mut Judge,
    host: &[u8],
    target: &Target<'_>,
    message: &Message,
) -> Option<String> {
    if judge.operations.is_empty() {
        return None;
    }
    let (operations, path) = (Arc::clone(&judge.operations), decode(target.path, false));
    let fits = |looked: &&Looked| {
        looked.host.as_ref().is_none_or(|glob| glob.matches(host))
            && looked.path.as_ref().is_none_or(|glob| glob.matches(&path))
    };
    operations.iter().filter(fits).find_map(|looked| {
        let part = match looked.location {
            Location::Query => "request.query:",
            Location::Header => "request.header:",
            Location::Body => "request.body:",
        };
        let value = looked.find(target.query, message)?;
        let path = match looked.location {
            Location::Body => ["$.", &looked.name].concat(),
            _ => looked.name.clone(),
        };
        kept(judge, Place { part, path: &path }, &value)
    })
}

/// The operation that Amazon's services name in a field: `X-Amz-Target: DynamoDB_20120810.GetItem`.
pub(super) fn amazon(judge: &mut Judge, target: &Target<'_>, message: &Message) -> Option<String> {
    // Protocols AWS JSON 1.0 and 1.1 know one path.
    if target.path != b"/" {
        return None;
    }
    let value = message.field("x-amz-target")?;
    let place = Place { part: "request.header:", path: "x-amz-target" };
    let at = memchr::memrchr(b'.', value)?;
    let (service, name) = (value.get(..at)?, value.get(at.saturating_add(1)..)?);
    let plain = service.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_');
    if !plain || !name.first().is_some_and(u8::is_ascii_uppercase) {
        return None;
    }
    // Behind `_` stands the version, a date.
    let service = service.split(|&b| b == b'_').next().unwrap_or_default();
    let whole = [service, b".", name].concat();
    kept(judge, place, &whole).or_else(|| kept(judge, place, name))
}

/// The operation that parameters name.
#[derive(Default)]
pub(super) struct Named {
    best: Option<(usize, String)>,
    /// `service` and `request` of OGC web services (OGC 06-121r9 §11).
    service: Option<String>,
    request: Option<String>,
}

impl Named {
    /// Notes a parameter.
    pub(super) fn meet(&mut self, judge: &mut Judge, place: Place<'_>, name: &[u8], value: &[u8]) {
        if !(2..=10).contains(&name.len()) || value.is_empty() || value.len() > NAME_MAX {
            return;
        }
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        if is("service") {
            self.service = kept(judge, place, value);
        } else if is("request") {
            self.request = kept(judge, place, value);
        } else if let Some(rank) = NAMES.iter().position(|known| is(known))
            && self.best.as_ref().is_none_or(|(best, _)| rank < *best)
            && let Some(text) = kept(judge, place, value)
        {
            self.best = Some((rank, text));
        }
    }

    /// What they name.
    pub(super) fn finish(self) -> Option<String> {
        match (self.service, self.request) {
            (Some(service), Some(request)) => Some([service, request].join(".")),
            _ => self.best.map(|(_, text)| text),
        }
    }
}

/// The name of an operation as it may leave, of a value that stands at `place`.
pub(super) fn kept(judge: &mut Judge, place: Place<'_>, value: &[u8]) -> Option<String> {
    if value.len() > NAME_MAX {
        return None;
    }
    let text = safe_name(value)?;
    let parts = value.split(|b| matches!(b, b'.' | b'/' | b':'));
    let mut parts = parts.filter(|part| !part.is_empty());
    if !parts.all(|part| judge.segments.look(part, segments::NONE).is_some()) {
        return None;
    }
    let plain = Judgement::plain(Way::Keep, Why::EnumWord);
    let ruled = judge.ruled(place, None, ValueType::String, value, plain);
    (ruled.way == Way::Keep).then_some(text)
}
