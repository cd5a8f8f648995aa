//! The query of a request: each parameter judged, and what it tells of the API.

use apitap_proto::v1::ValueType;
use zeroize::Zeroizing;

use super::auth::{self, Credentials};
use super::body::fields::Hints;
use super::body::form;
use super::body::percent::decode;
use super::class::Class;
use super::found::Place;
use super::header::{self, List};
use super::judge::Judge;
use super::names::Meaning;
use super::operation::Named;
use super::{odata, paging, schema, style};

/// Judges a query, name by name (URL standard §5.1); says whether it was cut.
pub(super) fn query(
    judge: &mut Judge,
    out: &mut Vec<u8>,
    raw: &[u8],
    hints: &mut Hints,
    credentials: &mut Credentials,
) -> bool {
    let mut list = List::default();
    let mut operation = Named::default();
    for pair in raw.split(|&b| b == b'&').filter(|pair| !pair.is_empty()) {
        if list.is_full(&judge.policy) {
            judge.counts.cut += 1;
            hints.operation = operation.finish();
            return true;
        }
        let (name, value) = form::split(pair);
        // A word alone is data as likely as a name.
        let (name, value) = value.map_or((b"".as_slice(), name), |value| (name, value));
        let (name, value) = (decode(name, true), decode(value, true));
        let named = judge.names.look(&name);
        let part = "request.query:";
        let text = judge.name_text(Place { part, path: "" }, named, &name);
        let place = Place { part, path: &text };
        judge.signals.value(place, &value);
        let made = judge.value(place, named, ValueType::Unspecified, &value);
        judge.object(place, &text, named.meaning, made, &value);
        if matches!(named.meaning, Meaning::Personal(Class::Credential)) && auth::names_key(&name) {
            credentials.api_key(judge, place, made);
        }
        hint(hints, &text, &value);
        hints.page.ask(paging::asked(&name), &value, |out| {
            out.push_str(part);
            out.push_str(&text);
        });
        operation.meet(judge, place, &name, &value);
        header::push(judge, out, &mut list, schema::request::QUERY, &text, made);
        if *name == *b"$filter" {
            filter(judge, out, &mut list, &value);
        }
    }
    hints.operation = operation.finish();
    false
}

/// Adds the literals of an OData filter, each under the property it is compared with.
fn filter(judge: &mut Judge, out: &mut Vec<u8>, list: &mut List, expression: &[u8]) {
    odata::literals(expression, |property, kind, literal| {
        let own = property.rsplit(|&b| b == b'/').next().unwrap_or_default();
        let named = judge.names.look(own);
        let part = "request.query:";
        let own = judge.name_text(Place { part, path: "$filter" }, named, own);
        let text = ["$filter.", &own].concat();
        let place = Place { part, path: &text };
        let made = judge.value(place, named, kind, literal);
        judge.object(place, &own, named.meaning, made, literal);
        header::push(judge, out, list, schema::request::QUERY, &text, made);
    });
}

/// Notes what a query parameter tells of a GraphQL request by GET.
fn hint(hints: &mut Hints, name: &str, value: &[u8]) {
    match name {
        "query" if hints.graphql.is_none() => {
            hints.graphql = style::graphql(value);
            hints.document = hints.graphql.is_some().then(|| Zeroizing::new(value.to_vec()));
        }
        "operationName" => hints.operation_name = style::safe_name(value),
        "extensions" => {
            hints.persisted |= memchr::memmem::find(value, b"\"persistedQuery\"").is_some();
        }
        _ => {}
    }
}
