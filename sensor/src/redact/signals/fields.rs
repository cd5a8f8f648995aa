//! Fields of a request by their names: what callers should not set themselves, and pages that are too large.

use std::sync::LazyLock;

use apitap_proto::v1::signal::Severity;

use super::{Signals, list};
use crate::redact::found::Place;
use crate::redact::words;

/// Longest name looked at, `_` and `-` left out.
const NAME_MAX: usize = 16;
/// Items of a page from which it is large.
const PAGE_MIN: u64 = 1000;

/// Looks at a value of a request by the last name of its place.
pub(super) fn value(signals: &mut Signals, place: Place<'_>, text: &[u8]) {
    signals.lists |= lists(place);
    let name = own_name(place.path);
    if name == "_method" {
        overridden(signals, place, text);
        return;
    }
    if !(2..=NAME_MAX.saturating_add(3)).contains(&name.len()) || !may(name.as_bytes()) {
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
    if PAGE.contains(&name) || MAY_BE_PAGE.contains(&name) {
        if words::integer(text).is_some_and(|n| n >= PAGE_MIN) {
            let sure = PAGE.contains(&name)
                || name == b"limit" && place.part == "request.query:"
                || place.path.starts_with("$.variables.");
            if sure {
                signals.raise(list::REQUEST_PAGE, place);
            } else {
                signals.page(place);
            }
        }
    } else if signals.writes
        && place.part == "request.body:"
        && let Some((_, kind)) = PRIVILEGED.iter().find(|(known, _)| *known == name)
        && !speaks(place.path, text)
        && may_be_set(kind, place.path, text)
    {
        signals.raise_as(list::REQUEST_PRIVILEGE, Severity::Medium, kind, place);
    }
}

/// Whether a role is that of who speaks in a conversation with a language model.
fn speaks(path: &str, text: &[u8]) -> bool {
    let turns = ["messages[].role", "contents[].role", "input[].role", "turns[].role"];
    let roles: [&[u8]; 7] =
        [b"user", b"assistant", b"system", b"developer", b"tool", b"function", b"model"];
    turns.iter().any(|turn| path.ends_with(turn)) && roles.contains(&text)
}

/// Whether a value is of this kind: money is a number, and in a list that of a line; a role with spaces is someone's job.
fn may_be_set(kind: &str, path: &str, text: &[u8]) -> bool {
    match kind {
        "money" => {
            text.first().is_some_and(|b| b.is_ascii_digit() || *b == b'-') && !path.contains("[]")
        }
        "privilege" => !text.contains(&b' '),
        _ => true,
    }
}

/// Whether a parameter, or a member of a body, is there where a list is asked for.
fn lists(place: Place<'_>) -> bool {
    let top = place.path.strip_prefix("$.").unwrap_or(place.path);
    let end = top.bytes().position(|b| matches!(b, b'.' | b'[')).unwrap_or(top.len());
    let name = top.get(..end).unwrap_or_default();
    name.len() <= 8 && LISTING.contains(&name)
}

/// The last name of a path, as [`last_name`](crate::redact::body::fields::last_name) has it. Most are too short for a search.
pub(super) fn own_name(path: &str) -> &str {
    let mut path = path;
    while let Some(rest) = path.strip_suffix("[]") {
        path = rest;
    }
    let dot = path.bytes().rposition(|b| b == b'.');
    dot.map_or(path, |dot| path.get(dot.saturating_add(1)..).unwrap_or_default())
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
const PAGE: &[&[u8]] = &[b"pagesize", b"perpage", b"pagelimit", b"maxresults", b"$top"];

/// Names of that, where a list is asked for; else of money, measures and files. In a query `limit` is the former.
const MAY_BE_PAGE: &[&[u8]] = &[b"limit", b"first", b"top", b"rows", b"size"];

/// First names of what is there where a list is asked for.
const LISTING: &[&str] = &[
    "page", "offset", "skip", "cursor", "sort", "sort_by", "order", "order_by", "orderBy", "q",
    "query", "search", "filter", "filters", "where", "after", "before", "start", "from", "fields",
];

/// Names of what the server should decide. Money is set by many callers rightly: a price list, an order's lines.
const PRIVILEGED: &[(&[u8], &str)] = &[
    (b"role", "privilege"),
    (b"roles", "privilege"),
    (b"isadmin", "privilege"),
    (b"admin", "privilege"),
    (b"issuperuser", "privilege"),
    (b"superuser", "privilege"),
    (b"isstaff", "privilege"),
    (b"permissions", "privilege"),
    (b"privileges", "privilege"),
    (b"accesslevel", "privilege"),
    (b"usertype", "privilege"),
    (b"isroot", "privilege"),
    (b"scopes", "privilege"),
    (b"authorities", "privilege"),
    (b"verified", "state"),
    (b"isverified", "state"),
    (b"emailverified", "state"),
    (b"phoneverified", "state"),
    (b"approved", "state"),
    (b"isapproved", "state"),
    (b"kycstatus", "state"),
    (b"isactive", "state"),
    (b"passwordhash", "state"),
    (b"ispremium", "state"),
    (b"ownerid", "state"),
    (b"balance", "money"),
    (b"credit", "money"),
    (b"creditlimit", "money"),
    (b"availablecredit", "money"),
    (b"discountrate", "money"),
];

/// Last letters of these names by their first letter, a bit each.
static ENDS: LazyLock<[u32; 26]> = LazyLock::new(|| {
    let mut ends = [0_u32; 26];
    for name in PAGE.iter().chain(MAY_BE_PAGE).chain(PRIVILEGED.iter().map(|(name, _)| name)) {
        let [first, last] = [name.first(), name.last()].map(|b| b.and_then(|b| letter(*b)));
        if let (Some(first), Some(last)) = (first, last)
            && let Some(slot) = ends.get_mut(first)
        {
            *slot |= 1 << last;
        }
    }
    ends
});

/// The number of a letter of either case.
fn letter(b: u8) -> Option<usize> {
    let n = (b | 0x20).wrapping_sub(b'a');
    (n < 26).then_some(usize::from(n))
}

/// Whether a name begins and ends as one of these, or in a way that is not told here.
fn may(name: &[u8]) -> bool {
    let (Some(&first), Some(&last)) = (name.first(), name.last()) else { return false };
    match (letter(first), letter(last)) {
        (Some(first), Some(last)) => ENDS.get(first).is_some_and(|ends| ends >> last & 1 == 1),
        _ => matches!(first, b'_' | b'-' | b'$') || matches!(last, b'_' | b'-'),
    }
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

    proptest::proptest! {
        #[test]
        fn the_last_name_is_that_of_a_path(path in "[$a.\\[\\]_é]{0,12}") {
            proptest::prop_assert_eq!(own_name(&path), crate::redact::body::fields::last_name(&path));
        }
    }

    #[test]
    fn no_name_of_these_is_passed_over() {
        for name in PAGE.iter().chain(PRIVILEGED.iter().map(|(name, _)| name)) {
            let name = String::from_utf8(name.to_vec()).unwrap();
            let (head, tail) = name.split_at(name.len() / 2);
            let written = [
                name.to_uppercase(),
                format!("_{name}"),
                format!("{name}-"),
                format!("{head}_{tail}"),
                name,
            ];
            for name in written {
                assert!(may(name.as_bytes()), "{name}");
                assert!(found("POST", "request.body:", &name, "1000").is_some(), "{name}");
            }
        }
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
        for role in ["user", "assistant", "system"] {
            assert_eq!(found("POST", body, "$.messages[].role", role), None);
            assert_eq!(found("POST", body, "$.members[].role", role), privilege);
        }
        assert_eq!(found("POST", body, "$.messages[].role", "admin"), privilege);
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
        assert_eq!(found("POST", body, "$.film.credit", "Directed by Kim"), None);
        assert_eq!(found("POST", body, "$.lines[].credit", "100"), None);
        assert_eq!(found("POST", body, "$.role", "Software Engineer"), None);
    }
}
