//! GraphQL over HTTP: requests by POST and GET, batches, persisted queries, multipart uploads, and their answers.
//!
//! Source: <https://spec.graphql.org/October2021/>, <https://graphql.github.io/graphql-over-http/draft/>.

use super::document::{self, Document};
use super::{LISTED_MAX, common, kept, slices};
use crate::call::Message;
use crate::redact::body::fields::Hints;
use crate::redact::signals::Size;
use crate::redact::{schema, wire};

/// Distinct codes told of one operation.
const CODES_MAX: usize = 8;

/// What a call is as GraphQL. All of it may leave.
#[derive(Default)]
pub(crate) struct Facts {
    operations: Vec<Operation>,
    total: u32,
    batch: bool,
    upload: bool,
    errors: u32,
}

/// One operation.
#[derive(Default)]
struct Operation {
    kind: &'static str,
    name: String,
    roots: Vec<String>,
    roots_total: u32,
    depth: u32,
    fields: u32,
    aliases: u32,
    directives: u32,
    fragments: u32,
    introspection: bool,
    variables: u32,
    persisted: bool,
    malformed: bool,
    errors: u32,
    codes: Vec<String>,
    data: bool,
    /// Whether something is in the data.
    filled: bool,
}

/// Whether a body is a document and nothing else.
pub(super) fn is_document(message: &Message) -> bool {
    let content_type = message.field("content-type").unwrap_or_default();
    let begins = content_type.trim_ascii_start().get(..19);
    if !begins.is_some_and(|begins| begins.eq_ignore_ascii_case(b"application/graphql")) {
        return false;
    }
    let essence = content_type.split(|&b| b == b';').next().unwrap_or_default().trim_ascii();
    essence.eq_ignore_ascii_case(b"application/graphql")
}

/// What a request asks for.
pub(super) fn asked(message: &Message, hints: &Hints) -> Facts {
    let mut facts = Facts::default();
    let body = message.body();
    let start = body.trim_ascii_start();
    let uploaded = if start.starts_with(b"--") { operations(body) } else { None };
    facts.upload = uploaded.is_some();
    let json = uploaded.unwrap_or(start);
    if json.starts_with(b"[") {
        facts.batch = true;
        for item in slices::items(json) {
            facts.add(|| Operation::of(item));
        }
    } else if json.starts_with(b"{") && slices::members(json).next().is_some() {
        facts.add(|| Operation::of(json));
    } else if let Some(text) = &hints.document {
        let chosen = hints.operation_name.as_deref().map(str::as_bytes);
        facts.add(|| Operation { persisted: hints.persisted, ..Operation::read(text, chosen) });
    } else if hints.persisted {
        let name = hints.operation_name.clone().unwrap_or_default();
        facts.add(|| Operation { persisted: true, name, ..Operation::default() });
    } else if !start.is_empty() {
        facts.add(|| Operation::read(start, None));
    }
    facts
}

/// The part `operations` of a multipart request, up to the next part.
fn operations(body: &[u8]) -> Option<&[u8]> {
    let at = memchr::memmem::find(body, b"name=\"operations\"")?;
    let part = body.get(at..)?;
    let blank = memchr::memmem::find(part, b"\r\n\r\n")?;
    Some(part.get(blank..)?.trim_ascii_start())
}

impl Facts {
    /// Of one request, as GraphQL over WebSocket has it.
    pub(super) fn of_request(json: &[u8]) -> Self {
        let mut facts = Self::default();
        facts.add(|| Operation::of(json));
        facts
    }

    /// Of one answer.
    pub(super) fn of_answer(json: &[u8]) -> Self {
        let mut facts = Self::default();
        facts.add(Operation::default);
        facts.answer(0, json);
        facts
    }

    /// Of an answer that is errors and nothing else: a list of them, or (legacy) one.
    pub(super) fn of_errors(json: &[u8]) -> Self {
        let (mut facts, mut operation) = (Self::default(), Operation::default());
        let one = json.starts_with(b"{").then_some(json);
        for error in slices::items(json).chain(one) {
            facts.errors = facts.errors.saturating_add(1);
            operation.error(error);
        }
        facts.add(|| operation);
        facts
    }

    fn add(&mut self, operation: impl FnOnce() -> Operation) {
        self.total = self.total.saturating_add(1);
        if self.operations.len() < LISTED_MAX {
            self.operations.push(operation());
        }
    }

    /// Adds what a response says: the answers of a batch stand in the order of its operations.
    pub(super) fn answered(&mut self, message: &Message) {
        let body = message.body().trim_ascii_start();
        if body.starts_with(b"[") {
            for (at, item) in slices::items(body).enumerate() {
                self.answer(at, item);
            }
        } else if body.starts_with(b"{") {
            self.answer(0, body);
        }
    }

    fn answer(&mut self, at: usize, item: &[u8]) {
        let mut operation = self.operations.get_mut(at);
        for (name, value) in slices::members(item) {
            match name {
                b"data" => {
                    if let Some(operation) = &mut operation {
                        operation.data = !value.starts_with(b"null");
                        operation.filled =
                            slices::members(value).any(|(_, value)| !value.starts_with(b"null"));
                    }
                }
                b"errors" => {
                    for error in slices::items(value) {
                        self.errors = self.errors.saturating_add(1);
                        if let Some(operation) = &mut operation {
                            operation.error(error);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// The status that all errors of an answer without data stand for.
    pub(super) fn refused(&self) -> Option<u16> {
        let [operation] = self.operations.as_slice() else { return None };
        let [code] = operation.codes.as_slice() else { return None };
        match code.as_str() {
            _ if operation.errors == 0 || operation.filled => None,
            "UNAUTHENTICATED" => Some(401),
            "FORBIDDEN" => Some(403),
            _ => None,
        }
    }

    /// How much is asked for at once. What asks for the schema is deep by itself.
    pub(super) fn size(&self) -> Size {
        let data = self.operations.iter().filter(|operation| !operation.introspection);
        Size {
            operations: if self.batch { self.total } else { 0 },
            depth: data.map(|operation| operation.depth).max().unwrap_or(0),
            aliases: self.operations.iter().map(|one| one.aliases).max().unwrap_or(0),
            ..Size::default()
        }
    }

    /// "query GetUser"; of one without a name, its root fields: "query me,orders".
    pub(super) fn operation(&self) -> String {
        let titles: Vec<String> = self.operations.iter().map(Operation::title).collect();
        let cut = usize::try_from(self.total).is_ok_and(|total| total > titles.len());
        common(titles.iter().map(String::as_str), cut)
    }

    /// Writes the message `GraphQl`.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        use schema::graphql as field;
        let Self { operations, total, batch, upload, errors } = self;
        let graphql = wire::open(out, schema::record::GRAPHQL);
        for operation in operations {
            operation.write(out);
        }
        wire::number(out, field::OPERATIONS_TOTAL, (*total).into());
        wire::flag(out, field::BATCH, *batch);
        wire::flag(out, field::UPLOAD, *upload);
        wire::number(out, field::ERRORS, (*errors).into());
        wire::close(out, graphql);
    }
}

impl Operation {
    /// Of a request in JSON.
    fn of(json: &[u8]) -> Self {
        let (mut text, mut chosen, mut variables, mut persisted) = (None, None, 0, false);
        for (name, value) in slices::members(json) {
            match name {
                b"query" => text = slices::string(value),
                b"operationName" => chosen = slices::string(value),
                b"variables" => variables = slices::members(value).count(),
                b"extensions" => persisted = slices::member(value, b"persistedQuery").is_some(),
                b"id" | b"documentId" | b"doc_id" => persisted = true,
                _ => {}
            }
        }
        let chosen = chosen.as_ref().map(|name| name.as_slice());
        let mut operation = match &text {
            Some(text) if !text.is_empty() => Self::read(text, chosen),
            _ => Self { name: chosen.map(kept).unwrap_or_default(), ..Self::default() },
        };
        operation.persisted = persisted;
        operation.variables = u32::try_from(variables).unwrap_or(u32::MAX);
        operation
    }

    /// Of a document, from which `chosen` names the operation that is meant.
    fn read(text: &[u8], chosen: Option<&[u8]>) -> Self {
        let document = document::read(text);
        let Document { operations, depth, fields, aliases, directives, fragments, .. } = &document;
        let meant = operations.iter().find(|o| chosen == Some(o.name)).or(operations.first());
        let (depth, fields, aliases) = (*depth, *fields, *aliases);
        let (directives, fragments) = (*directives, *fragments);
        let mut operation =
            Self { depth, fields, aliases, directives, fragments, ..Self::default() };
        operation.introspection = document.introspection;
        operation.malformed = document.malformed;
        if let Some(meant) = meant {
            operation.kind = meant.kind;
            operation.name = kept(meant.name);
            let names = meant.roots.iter().map(|name| kept(name));
            operation.roots = names.filter(|name| !name.is_empty()).collect();
            operation.roots_total = meant.roots_total;
        }
        operation
    }

    fn error(&mut self, error: &[u8]) {
        self.errors = self.errors.saturating_add(1);
        let extensions = slices::member(error, b"extensions");
        let code = extensions.and_then(|e| slices::member(e, b"code")).and_then(slices::string);
        let code = code.map(|code| kept(&code)).unwrap_or_default();
        if !code.is_empty() && self.codes.len() < CODES_MAX && !self.codes.contains(&code) {
            self.codes.push(code);
        }
    }

    fn title(&self) -> String {
        let mut title = String::from(self.kind);
        let mut add = |word: &str| {
            if !title.is_empty() {
                title.push(' ');
            }
            title.push_str(word);
        };
        if !self.name.is_empty() {
            add(&self.name);
        } else if !self.roots.is_empty() {
            let few: Vec<&str> = self.roots.iter().take(3).map(String::as_str).collect();
            add(&few.join(","));
        }
        title
    }

    fn write(&self, out: &mut Vec<u8>) {
        use schema::graphql_operation as field;
        let operation = wire::open(out, schema::graphql::OPERATIONS);
        wire::text(out, field::TYPE, self.kind);
        wire::text(out, field::NAME, &self.name);
        for root in &self.roots {
            wire::text(out, field::ROOT_FIELDS, root);
        }
        wire::number(out, field::ROOT_FIELDS_TOTAL, self.roots_total.into());
        wire::number(out, field::DEPTH, self.depth.into());
        wire::number(out, field::FIELDS, self.fields.into());
        wire::number(out, field::ALIASES, self.aliases.into());
        wire::number(out, field::DIRECTIVES, self.directives.into());
        wire::number(out, field::FRAGMENTS, self.fragments.into());
        wire::flag(out, field::INTROSPECTION, self.introspection);
        wire::number(out, field::VARIABLES, self.variables.into());
        wire::flag(out, field::PERSISTED, self.persisted);
        wire::flag(out, field::MALFORMED, self.malformed);
        wire::number(out, field::ERRORS, self.errors.into());
        for code in &self.codes {
            wire::text(out, field::ERROR_CODES, code);
        }
        wire::flag(out, field::DATA, self.data);
        wire::close(out, operation);
    }
}
