//! Claims of JSON Web Tokens that name someone (RFC 7519 §4, OpenID Connect Core, and what providers add).

use apitap_proto::v1::entity::Kind;
use apitap_proto::v1::evidence::Source;

use super::{CLAIM, Told};
use crate::redact::class::Class;
use crate::redact::found::Place;
use crate::redact::judge::Judge;
use crate::redact::made::Made;

/// Known claims, by whom they name.
const KNOWN: &[(Kind, &[&str])] = &[
    (Kind::Partner, &["azp", "client_id", "clientId", "cid", "appid"]),
    (Kind::Tenant, &["tid", "tenant", "tenant_id", "tenantId", "org_id", "org"]),
    (Kind::Session, &["sid", "session_state", "session_id"]),
    (
        Kind::User,
        &[
            "preferred_username",
            "username",
            "user_name",
            "cognito:username",
            "upn",
            "email",
            "uid",
            "user_id",
            "userId",
            "oid",
            "unique_name",
        ],
    ),
    (Kind::Device, &["device_id", "deviceId", "did"]),
];

/// Whom a claim names.
pub(crate) fn kind(claim: &[u8]) -> Option<Kind> {
    let found = KNOWN.iter().find(|(_, names)| names.iter().any(|n| n.as_bytes() == claim));
    found.map(|(kind, _)| *kind)
}

/// Notes whom claims name, the subject among them; gives back what the subject leaves as.
pub(crate) fn note(
    judge: &mut Judge,
    place: Place<'_>,
    subject: &[u8],
    named: &[(Vec<u8>, Vec<u8>)],
) -> Option<Made> {
    // What stands in a body is what it says, and not what proves it.
    let body = place.part.starts_with("response") || place.part == "request.body:";
    let told = |told: Told<'_>| if body { told.source } else { Source::Claim };
    let made = (!subject.is_empty()).then(|| {
        let value = judge.token_value(place, Class::Id, subject);
        // Of a client that acts for itself, subject and client are one.
        let client = |(claim, text): &(Vec<u8>, Vec<u8>)| {
            kind(claim) == Some(Kind::Partner) && text == subject
        };
        let who = if named.iter().any(client) { Kind::Partner } else { Kind::User };
        let one = Told::at(who, place, value);
        judge.entity_as(&Told { claim: "sub", source: told(one), ..one });
        value
    });
    for (claim, text) in named.iter().filter(|(_, text)| !text.is_empty()) {
        let name = std::str::from_utf8(claim).unwrap_or_default();
        let (rule, kind) = match (judge.entities.ruled(CLAIM, name), kind(claim)) {
            (Some(ruled), _) => ruled,
            (None, Some(kind)) => (0, kind),
            (None, None) => continue,
        };
        let class = if kind == Kind::Session { Class::Session } else { Class::Id };
        let value = judge.token_value(place, class, text);
        // Names of rules may hold anything.
        let claim = if judge.names.look(claim).safe || rule == 0 { name } else { "" };
        let one = Told::at(kind, place, value);
        judge.entity_as(&Told { claim, rule, source: told(one), ..one });
    }
    made
}
