//! What leaves tell besides their values: of the style of the API, of pages, of what stands beside them.

use apitap_proto::v1::ValueType;
use zeroize::Zeroizing;

use super::super::paths::{PERSISTED, PERSISTED_BATCH, Role, SOAP_BODY, USERNAME};
use super::{Fields, telling};
use crate::redact::found::Place;
use crate::redact::paging::{self, Page};
use crate::redact::{auth, operation, style, words};

/// What a body tells of the style of the API.
#[derive(Default)]
pub(crate) struct Hints {
    /// `query`, `mutation` or `subscription`, with a name if there is a safe one.
    pub(crate) graphql: Option<(&'static str, Option<String>)>,
    /// Document of a GraphQL request by GET.
    pub(crate) document: Option<Zeroizing<Vec<u8>>>,
    /// Whether a stored GraphQL query is named by its hash.
    pub(crate) persisted: bool,
    /// `operationName`.
    pub(crate) operation_name: Option<String>,
    /// Whether a member `jsonrpc` was seen.
    pub(crate) jsonrpc: bool,
    /// `method` of a JSON-RPC or XML-RPC call.
    pub(crate) method: Option<String>,
    /// First child of a SOAP body.
    pub(crate) soap: Option<String>,
    /// Whether the root is an XML-RPC call.
    pub(crate) xmlrpc: bool,
    /// What is said of pages.
    pub(crate) page: Page,
    /// Operation that a parameter names.
    pub(crate) operation: Option<String>,
    /// Items of the main array.
    pub(crate) records: u32,
}

/// Whether a kind is one of secrets.
pub(super) fn secret(text: &[u8]) -> bool {
    let kinds = ["password", "passphrase", "passcode", "pin", "otp", "cvv", "cvc", "cvv2", "cvc2"];
    text.len() <= 10 && kinds.iter().any(|kind| text.eq_ignore_ascii_case(kind.as_bytes()))
}

impl Fields<'_> {
    /// Takes up what a leaf says of pages.
    fn page(&mut self, kind: ValueType, text: &[u8]) {
        let (role, part) = (self.at.role, self.part);
        let path = self.room.path_of(self.at);
        let place = |out: &mut String| {
            out.push_str(part);
            out.push_str(path);
        };
        if part.starts_with("request") {
            self.hints.page.ask(role.page, text, place);
        } else {
            self.hints.page.tell(role.told, kind, text, place);
        }
    }

    /// Takes up what a leaf tells besides its value.
    pub(super) fn besides(&mut self, kind: ValueType, text: &[u8]) {
        let Role { hints, names, kinds, page, told, .. } = self.at.role;
        if matches!(kind, ValueType::String | ValueType::Unspecified) {
            if hints {
                self.hint(text);
            }
            // Of kinds, these only: a card is an object, and `{"type": "email", "content": …}` a message.
            if names || kinds && secret(text) {
                self.pair(text);
            }
        }
        if page != paging::Mark::None || told != paging::Told::None {
            self.page(kind, text);
        }
    }

    /// Remembers what a leaf called `name` or `key` names.
    fn pair(&mut self, text: &[u8]) {
        // Numbers and generated identifiers name nothing.
        let digits = text.iter().filter(|b| b.is_ascii_digit()).count();
        if text.len() <= words::NAME_MAX && digits <= 3 && !text.contains(&b' ') {
            let meaning = self.judge.names.meaning(text);
            let object = self.depth.saturating_sub(1);
            // What an attribute named is no name; and what says nothing takes no place of what an object around it said.
            let place = self.sibling.is_none_or(|(at, _)| at == object);
            let named = self.sibling.is_some_and(|(at, _)| at > object);
            if !named && (place || telling(meaning)) {
                self.sibling = Some((object, meaning));
            }
        }
    }

    /// Notes what a leaf tells of the style of the API.
    fn hint(&mut self, text: &[u8]) {
        match self.room.path_of(self.at) {
            "$.query"
            | "$[].query"
            | "$.operations.query"
            | "$.operations(json).query"
            | "$.operations(json)[].query"
                if self.hints.graphql.is_none() =>
            {
                self.hints.graphql = style::graphql(text);
            }
            "$.operationName" | "$[].operationName" if self.hints.operation_name.is_none() => {
                self.hints.operation_name = style::safe_name(text);
            }
            PERSISTED | PERSISTED_BATCH => self.hints.persisted = true,
            USERNAME => {
                let place = Place { part: self.part, path: USERNAME };
                let _user = auth::user_value(self.judge, place, text);
            }
            "$.jsonrpc" | "$[].jsonrpc" => self.hints.jsonrpc = true,
            "$.method" | "$[].method" | "$.methodCall.methodName"
                if self.hints.method.is_none() =>
            {
                self.hints.method = style::safe_name(text);
            }
            path @ ("$.action" | "$.Action" | "$.operation" | "$.Operation" | "$.op" | "$.cmd")
                if self.hints.operation.is_none() =>
            {
                let place = Place { part: self.part, path };
                self.hints.operation = operation::kept(self.judge, place, text);
            }
            _ => {}
        }
    }

    /// Notes what the member gone into tells of the style of the API.
    pub(super) fn entered(&mut self) {
        if self.at.role.soap && self.hints.soap.is_none() {
            let path = self.room.path_of(self.at);
            self.hints.soap =
                path.strip_prefix(SOAP_BODY).and_then(|method| style::safe_name(method.as_bytes()));
        }
        self.hints.xmlrpc |= self.at.role.xmlrpc;
    }
}
