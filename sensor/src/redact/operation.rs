//! Operations that a parameter names: `?action=login`, `Action=ListUsers`, `?service=WMS&request=GetMap`.
//!
//! What names one is a value all the same: it is told only if it is made of words that could stand in a path, and if no
//! rule lets less of it leave.

use apitap_proto::v1::ValueType;

use super::found::Place;
use super::judge::{Judge, Judgement, Way};
use super::policy::Why;
use super::style::safe_name;

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
    if !parts.all(|part| judge.segments.look(part).is_some()) {
        return None;
    }
    let plain = Judgement::plain(Way::Keep, Why::EnumWord);
    let ruled = judge.ruled(place, None, ValueType::String, value, plain);
    (ruled.way == Way::Keep).then_some(text)
}
