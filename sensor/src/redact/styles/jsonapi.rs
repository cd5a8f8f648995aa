//! JSON:API: of what type a request's resource is, and what atomic operations do.
//!
//! Source: <https://jsonapi.org/format/1.1/>, <https://jsonapi.org/ext/atomic/>.

use super::{LISTED_MAX, common, kept, slices};
use crate::call::Message;

/// Its media type.
const MEDIA_TYPE: &[u8] = b"application/vnd.api+json";

/// What a request asks for. All of it may leave.
#[derive(Default)]
pub(crate) struct Facts {
    /// Of each operation, the first [`LISTED_MAX`]: what it does, and to what type.
    operations: Vec<String>,
    total: u32,
}

/// What a request asks for; `None` when it says nothing of types.
pub(super) fn asked(message: &Message) -> Option<Facts> {
    let kind = message.field("content-type").unwrap_or_default();
    kind.get(..MEDIA_TYPE.len()).filter(|start| start.eq_ignore_ascii_case(MEDIA_TYPE))?;
    let mut facts = Facts::default();
    let body = message.body();
    if let Some(operations) = slices::member(body, b"atomic:operations") {
        for operation in slices::items(operations) {
            let does = slices::member(operation, b"op").and_then(slices::string);
            let does = ["add", "update", "remove"]
                .into_iter()
                .find(|known| does.as_ref().is_some_and(|does| **does == *known.as_bytes()));
            let of = |name| slices::member(operation, name).and_then(kind_of);
            facts.add(does.unwrap_or_default(), of(b"data").or_else(|| of(b"ref")));
        }
    } else {
        let data = slices::member(body, b"data")?;
        if data.starts_with(b"[") {
            slices::items(data).for_each(|item| facts.add("", kind_of(item)));
        } else {
            facts.add("", kind_of(data));
        }
    }
    (facts.total > 0).then_some(facts)
}

/// The type of a resource or of its identifier.
fn kind_of(resource: &[u8]) -> Option<String> {
    let text = slices::member(resource, b"type").and_then(slices::string)?;
    Some(kept(&text)).filter(|name| !name.is_empty())
}

impl Facts {
    fn add(&mut self, does: &str, kind: Option<String>) {
        self.total = self.total.saturating_add(1);
        if self.operations.len() < LISTED_MAX {
            let words = [does, kind.as_deref().unwrap_or_default()];
            let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
            self.operations.push(words.join(" "));
        }
    }

    /// How many operations or resources there are.
    pub(super) const fn total(&self) -> u32 {
        self.total
    }

    /// What all of them are called, or `batch`.
    pub(super) fn operation(&self) -> String {
        let cut = usize::try_from(self.total).unwrap_or(usize::MAX) > LISTED_MAX;
        common(self.operations.iter().map(String::as_str), cut)
    }
}
