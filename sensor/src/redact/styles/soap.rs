//! SOAP 1.1 and 1.2 over HTTP, with WS-Security user names and attachments (MTOM).
//!
//! Source: <https://www.w3.org/TR/2000/NOTE-SOAP-20000508/>, <https://www.w3.org/TR/soap12-part1/>, RFC 2387.

use apitap_proto::v1::ValueType;

use super::{LISTED_MAX, kept};
use crate::call::Message;
use crate::redact::body::fields::Hints;
use crate::redact::body::{Visit, parameter, parts, xml};
use crate::redact::{schema, vocabulary, wire};

/// What a call is as SOAP. All of it may leave.
#[derive(Default)]
pub(crate) struct Facts {
    version: &'static str,
    operation: String,
    action: String,
    fault: bool,
    fault_code: String,
    fault_subcode: String,
    header_blocks: Vec<String>,
    pub(super) username_token: bool,
    parts: Vec<(String, u64)>,
    parts_total: u32,
}

/// What an envelope holds.
#[derive(Default)]
struct Envelope {
    path: Vec<Box<[u8]>>,
    depth: usize,
    operation: String,
    header_blocks: Vec<String>,
    username_token: bool,
    fault: bool,
    fault_code: String,
    fault_subcode: String,
}

/// Elements of an envelope that are looked at, in depth.
const DEPTH_MAX: usize = 7;

impl Envelope {
    /// Whether the open elements are these, below `Envelope`.
    fn is(&self, path: &[&[u8]]) -> bool {
        let below = self.path.get(1..).unwrap_or_default();
        self.depth == self.path.len()
            && self.path.first().is_some_and(|root| **root == *b"Envelope")
            && below.len() == path.len()
            && below.iter().zip(path).all(|(open, name)| **open == **name)
    }
}

impl Visit for Envelope {
    fn enter(&mut self, key: &[u8]) {
        self.depth = self.depth.saturating_add(1);
        if self.depth > DEPTH_MAX {
            return;
        }
        self.path.push(key.into());
        let attribute = key.starts_with(b"@");
        if self.depth != 3 || attribute {
            self.username_token |= self.is(&[b"Header", b"Security", b"UsernameToken"]);
            return;
        }
        if self.is(&[b"Body", key]) && self.operation.is_empty() {
            self.operation = kept(key);
            self.fault |= key == b"Fault";
        } else if self.is(&[b"Header", key]) && self.header_blocks.len() < LISTED_MAX {
            let name = kept(key);
            if !name.is_empty() {
                self.header_blocks.push(name);
            }
        }
    }

    fn item(&mut self) {}

    fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.path.truncate(self.depth);
    }

    fn leaf(&mut self, _kind: ValueType, text: &[u8]) {
        let local = || kept(text.rsplit(|&b| b == b':').next().unwrap_or_default());
        if self.is(&[b"Body", b"Fault", b"faultcode"])
            || self.is(&[b"Body", b"Fault", b"Code", b"Value"])
        {
            self.fault_code = local();
        } else if self.is(&[b"Body", b"Fault", b"Code", b"Subcode", b"Value"]) {
            self.fault_subcode = local();
        }
    }

    fn cut(&mut self, _kind: ValueType) {}
}

/// The envelope of a message: its body, or the first part of it.
fn envelope(message: &Message) -> Envelope {
    let mut envelope = Envelope::default();
    let content_type = message.field("content-type").unwrap_or_default();
    let body = message.body();
    let root = if multipart(content_type) {
        parts(body, content_type).next().map(|part| part.content).unwrap_or_default()
    } else {
        body
    };
    let _end = xml::read(root, true, &mut envelope);
    envelope
}

/// Whether a message of parts has an envelope for its first (MTOM, SOAP with attachments).
pub(super) fn is_packed(message: &Message) -> bool {
    let content_type = message.field("content-type").unwrap_or_default();
    multipart(content_type)
        && parameter(content_type, b"type").is_some_and(|kind| {
            [&b"application/xop+xml"[..], b"text/xml", b"application/soap+xml"].contains(&kind)
        })
}

fn multipart(content_type: &[u8]) -> bool {
    content_type.get(..10).is_some_and(|head| head.eq_ignore_ascii_case(b"multipart/"))
}

/// What a request asks for; `None` when it holds no envelope and names no action.
pub(super) fn asked(message: &Message, hints: &Hints) -> Option<Facts> {
    let content_type = message.field("content-type").unwrap_or_default();
    // With attachments, the media type of the envelope is a parameter of the whole.
    let inner = || parameter(parameter(content_type, b"start-info")?, b"action");
    let action = message.field("soapaction").or_else(|| parameter(content_type, b"action"));
    let action = action.or_else(inner);
    if hints.soap.is_none() && action.is_none() && !is_packed(message) {
        return None;
    }
    let body = message.body();
    let Envelope { operation, header_blocks, username_token, .. } = envelope(message);
    let mut facts = Facts { operation, header_blocks, username_token, ..Facts::default() };
    facts.version = version(body);
    facts.action = action.map(local).unwrap_or_default();
    if multipart(content_type) {
        for part in parts(body, content_type) {
            facts.parts_total = facts.parts_total.saturating_add(1);
            if facts.parts.len() < LISTED_MAX {
                let media = vocabulary::media(part.content_type);
                facts.parts.push((media.to_string(), wire::len(part.content.len())));
            }
        }
    }
    Some(facts)
}

/// The version, by the namespace of the envelope.
fn version(body: &[u8]) -> &'static str {
    let head = body.get(..4096).unwrap_or(body);
    let has = |name: &[u8]| memchr::memmem::find(head, name).is_some();
    if has(b"http://www.w3.org/2003/05/soap-envelope") {
        "1.2"
    } else if has(b"http://schemas.xmlsoap.org/soap/envelope/") {
        "1.1"
    } else {
        ""
    }
}

/// Last part of an action, which is a URI.
fn local(action: &[u8]) -> String {
    let mut action = action;
    while let [b'"' | b'\\', inner @ ..] | [inner @ .., b'"' | b'\\'] = action {
        action = inner;
    }
    kept(action.rsplit(|&b| matches!(b, b'/' | b'#' | b':')).next().unwrap_or_default())
}

impl Facts {
    /// Adds what a response says.
    pub(super) fn answered(&mut self, message: &Message) {
        let Envelope { fault, fault_code, fault_subcode, .. } = envelope(message);
        (self.fault, self.fault_code, self.fault_subcode) = (fault, fault_code, fault_subcode);
    }

    /// "FindPerson".
    pub(super) fn operation(&self) -> String {
        if self.operation.is_empty() { self.action.clone() } else { self.operation.clone() }
    }

    /// Writes the message `Soap`.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        use schema::soap as field;
        let soap = wire::open(out, schema::record::SOAP);
        wire::text(out, field::VERSION, self.version);
        wire::text(out, field::OPERATION, &self.operation);
        wire::text(out, field::ACTION, &self.action);
        wire::flag(out, field::FAULT, self.fault);
        wire::text(out, field::FAULT_CODE, &self.fault_code);
        wire::text(out, field::FAULT_SUBCODE, &self.fault_subcode);
        for block in &self.header_blocks {
            wire::text(out, field::HEADER_BLOCKS, block);
        }
        wire::flag(out, field::USERNAME_TOKEN, self.username_token);
        for (media, bytes) in &self.parts {
            let part = wire::open(out, field::PARTS);
            wire::text(out, schema::mime_part::MEDIA_TYPE, media);
            wire::number(out, schema::mime_part::BYTES, *bytes);
            wire::close(out, part);
        }
        wire::number(out, field::PARTS_TOTAL, self.parts_total.into());
        wire::close(out, soap);
    }
}
