//! Fields of a request by their names: what callers should not set themselves, and pages that are too large.

use apitap_proto::v1::signal::Severity;

use super::{Signals, list};
use crate::redact::body::fields::last_name;
use crate::redact::found::Place;
use crate::redact::words;

/// Longest name looked at, `_` and `-` left out.
const NAME_MAX: usize = 16;
/// Items of a page from which it is large.
const PAGE_MIN: u64 = 1000;

/// Looks at a value of a request by the last name of its place.
pub(super) fn value(signals: &mut Signals, place: Place<'_>, text: &[u8]) {
    let name = last_name(place.path);
    if name == "_method" {
        overridden(signals, place, text);
        return;
    }
    if !(2..=NAME_MAX.saturating_add(3)).contains(&name.len()) {
        return;
    }
    let mut room = [0_u8; NAME_MAX];
    let mut len = 0_usize;
    for b in name.bytes().filter(|b| !matches!(b, b'_' | b'-')) {
        let Some(slot) = room.get_mut(len) else { return };
        *slot = b.to_ascii_lowercase();
        len = len.saturating_add(1);
    }
    let name = room.get(..len).unwrap_or_default();
    if page(name) {
        if words::integer(text).is_some_and(|n| n >= PAGE_MIN) {
            signals.raise(list::REQUEST_PAGE, place);
        }
    } else if signals.writes
        && place.part == "request.body:"
        && let Some((severity, kind)) = privileged(name)
    {
        signals.raise_as(list::REQUEST_PRIVILEGE, severity, kind, place);
    }
}

/// The method that forms ask for behind POST, at the top of a body or in the query.
fn overridden(signals: &mut Signals, place: Place<'_>, text: &[u8]) {
    let top = matches!(place.path, "_method" | "$._method");
    let other = [b"PUT".as_slice(), b"PATCH", b"DELETE", b"GET", b"HEAD", b"OPTIONS"];
    if top && other.iter().any(|method| text.eq_ignore_ascii_case(method)) {
        let severity = list::METHOD_OVERRIDE.kind().severity;
        signals.raise_as(list::METHOD_OVERRIDE, severity, "parameter", place);
    }
}

/// Names of how many items are wanted.
fn page(name: &[u8]) -> bool {
    matches!(
        name,
        b"limit"
            | b"pagesize"
            | b"perpage"
            | b"pagelimit"
            | b"maxresults"
            | b"first"
            | b"top"
            | b"$top"
            | b"rows"
            | b"size"
    )
}

/// Names of what the server should decide. Money is set by many callers rightly: a price list, an order's lines.
fn privileged(name: &[u8]) -> Option<(Severity, &'static str)> {
    Some(match name {
        b"role" | b"roles" | b"isadmin" | b"admin" | b"issuperuser" | b"superuser" | b"isstaff"
        | b"permissions" | b"privileges" | b"accesslevel" | b"usertype" | b"isroot" | b"scopes"
        | b"authorities" => (Severity::Medium, "privilege"),
        b"verified" | b"isverified" | b"emailverified" | b"phoneverified" | b"approved"
        | b"isapproved" | b"kycstatus" | b"isactive" | b"passwordhash" | b"ispremium"
        | b"ownerid" => (Severity::Medium, "state"),
        b"balance" | b"credit" | b"creditlimit" | b"availablecredit" | b"discountrate" => {
            (Severity::Medium, "money")
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(
        method: &str,
        part: &'static str,
        path: &str,
        text: &str,
    ) -> Option<(&'static str, &'static str)> {
        let mut signals = Signals::default();
        signals.begin_request(method);
        value(&mut signals, Place { part, path }, text.as_bytes());
        signals.hits.first().map(|hit| (hit.id.kind().id, hit.kind))
    }

    #[test]
    fn names_tell() {
        let body = "request.body:";
        let privilege = Some(("request.privileged_field", "privilege"));
        assert_eq!(found("POST", body, "$.user.isAdmin", "true"), privilege);
        assert_eq!(found("PATCH", body, "$.users[].is_admin", "1"), privilege);
        assert_eq!(found("PUT", body, "$.roles[]", "x"), privilege);
        assert_eq!(found("POST", body, "$.credit_limit", "5").unwrap().1, "money");
        assert_eq!(found("POST", body, "$.email_verified", "true").unwrap().1, "state");
        assert_eq!(found("GET", body, "$.role", "x"), None);
        assert_eq!(found("POST", body, "$.roll", "x"), None);
        assert_eq!(found("POST", body, "$.administrator_contact_person_of_all", "x"), None);
        assert_eq!(found("POST", "request.query:", "role", "x"), None);
        assert_eq!(
            found("GET", "request.query:", "limit", "1000"),
            Some(("request.page_size", ""))
        );
        assert_eq!(
            found("GET", "request.query:", "page_size", "100000").unwrap().0,
            "request.page_size"
        );
        assert_eq!(found("GET", "request.query:", "limit", "999"), None);
        assert_eq!(found("GET", "request.query:", "limit", "all"), None);
        assert_eq!(found("GET", "request.query:", "limits", "5000"), None);
    }
}
