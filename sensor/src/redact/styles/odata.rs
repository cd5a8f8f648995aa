//! Batches of OData: several requests in one, as parts of a multipart body or as members of a JSON one.
//!
//! Source: OData 4.01 part 1 (protocol), section 11.7, and OData JSON format 4.01, section 19.

use super::{LISTED_MAX, common, kept, slices};
use crate::call::Message;
use crate::redact::body;
use crate::redact::body::percent::decode;
use crate::redact::path;
use crate::redact::segments::part_of_api;

/// Change sets inside one another: they hold none (section 11.7.7.1).
const DEPTH_MAX: u8 = 1;

/// What a batch asks for. All of it may leave.
#[derive(Default)]
pub(crate) struct Facts {
    /// Of each request method and names, the first [`LISTED_MAX`].
    operations: Vec<String>,
    total: u32,
}

/// Whether a request goes to where batches are sent.
pub(super) fn is_batch(message: &Message) -> bool {
    // Nearly every target is without either octet.
    if memchr::memchr2(b'$', b'%', message.target()).is_none() {
        return false;
    }
    let path = path::split(b"", message.target()).path;
    path.ends_with(b"/$batch") || path.ends_with(b"/%24batch")
}

/// What a batch asks for; `None` when it is none.
pub(super) fn asked(message: &Message) -> Option<Facts> {
    let mut facts = Facts::default();
    let kind = message.field("content-type").unwrap_or_default();
    if kind.get(..10).is_some_and(|start| start.eq_ignore_ascii_case(b"multipart/")) {
        facts.parts(message.body(), kind, DEPTH_MAX);
    } else {
        let requests = slices::member(message.body(), b"requests")?;
        for request in slices::items(requests) {
            let text = |name| slices::member(request, name).and_then(slices::string);
            if let (Some(method), Some(url)) = (text(b"method"), text(b"url")) {
                facts.add(&method, &url);
            }
        }
    }
    (!facts.operations.is_empty()).then_some(facts)
}

impl Facts {
    fn parts(&mut self, content: &[u8], kind: &[u8], depth: u8) {
        for part in body::parts(content, kind) {
            let is = |kind: &[u8]| {
                let start = part.content_type.get(..kind.len());
                start.is_some_and(|start| start.eq_ignore_ascii_case(kind))
            };
            if is(b"multipart/") && depth > 0 {
                self.parts(part.content, part.content_type, depth.saturating_sub(1));
            } else if is(b"application/http") {
                let line = part.content.split(|&b| matches!(b, b'\r' | b'\n')).next();
                let mut words = line.unwrap_or_default().split(|&b| b == b' ');
                if let (Some(method), Some(url)) = (words.next(), words.next()) {
                    self.add(method, url);
                }
            }
        }
    }

    /// Takes note of a request: its method, and what it is sent to without keys.
    fn add(&mut self, method: &[u8], url: &[u8]) {
        self.total = self.total.saturating_add(1);
        if self.operations.len() >= LISTED_MAX {
            return;
        }
        const METHODS: [&str; 6] = ["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD"];
        let known = |known: &&&str| method.eq_ignore_ascii_case(known.as_bytes());
        let Some(method) = METHODS.iter().find(known) else { return };
        let mut text = String::from(*method);
        let target = path::split(b"", url);
        let segments = target.path.split(|&b| b == b'/').filter(|segment| !segment.is_empty());
        let (mut first, mut keyed) = (true, false);
        for segment in segments.take(8) {
            let decoded = decode(segment, false);
            // `Products(4711)`, and whatever is no name.
            let paren = decoded.iter().position(|&b| b == b'(');
            let name = decoded.get(..paren.unwrap_or(decoded.len())).unwrap_or_default();
            // Keys may stand as segments, too: `Customers/kim` (OData 4.01 part 2, section 4.3.6).
            let behind = !first && !keyed && paren.is_none();
            keyed = paren.is_some();
            let name = kept(name);
            if !name.is_empty() && (!behind || part_of_api(name.as_bytes(), true)) {
                text.push(if first || !text.contains(' ') { ' ' } else { '/' });
                text.push_str(&name);
            }
            first = false;
        }
        self.operations.push(text);
    }

    /// How many requests there are.
    pub(super) const fn total(&self) -> u32 {
        self.total
    }

    /// What all requests are called, or `batch`.
    pub(super) fn operation(&self) -> String {
        let cut = usize::try_from(self.total).unwrap_or(usize::MAX) > LISTED_MAX;
        common(self.operations.iter().map(String::as_str), cut)
    }
}
