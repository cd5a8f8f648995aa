//! A risk score with its parts.
//!
//! Each part has a fixed most; their sum, at most 100, is the score. The weights put first what a breach would
//! use: sensitive data that needs no credentials. `docs/inventory.md` has the table.

use serde::Serialize;

use super::endpoint::Endpoint;

/// What a specification says of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The specification has it.
    Documented,
    /// The specification has it not.
    Shadow,
    /// The specification has it as deprecated.
    Zombie,
    /// The specification has it not, and no answer shows that it exists.
    Probe,
}

/// How risky an endpoint is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Risk {
    /// 0 to 100.
    pub score: u32,
    /// `low` (below 20), `medium` (below 50), `high` (below 75), `critical`.
    pub level: &'static str,
    /// What it is made of, gravest first.
    pub parts: Vec<Part>,
}

/// A part of a score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Stable id.
    pub id: &'static str,
    /// Points.
    pub points: u32,
    /// Why, with the figures.
    pub reason: String,
}

/// Classes that the law or a card scheme guards most.
const RESTRICTED: [&str; 16] = [
    "pan",
    "cvv",
    "track",
    "pin",
    "kr_rrn",
    "kr_foreigner",
    "kr_license",
    "passport",
    "ssn",
    "credential",
    "password",
    "private_key",
    "api_key",
    "jwt",
    "session",
    "biometric",
];
/// Classes that let someone in.
const CREDENTIALS: [&str; 7] =
    ["credential", "password", "api_key", "jwt", "session", "private_key", "pin"];
/// Classes that say little by themselves.
const HARMLESS: [&str; 4] = ["id", "ip", "mac", "uuid"];

impl Risk {
    /// The risk of `endpoint`, whose place in a specification is `standing`, if there is one.
    #[must_use]
    pub fn of(endpoint: &Endpoint, standing: Option<Standing>) -> Self {
        let mut parts = Vec::new();
        for rule in [data, auth, tokens, transport, signals, failures, exposure] {
            rule(endpoint, &mut parts);
        }
        match standing {
            Some(Standing::Shadow) => {
                part(&mut parts, "shadow", 20, "the specification does not have it".into());
            }
            Some(Standing::Zombie) => {
                part(&mut parts, "zombie", 15, "the specification has it as deprecated".into());
            }
            _ => {}
        }
        parts.sort_by_key(|part| std::cmp::Reverse(part.points));
        let sum = parts.iter().fold(0_u32, |sum, part| sum.saturating_add(part.points));
        let score = sum.min(100);
        let level = match score {
            0..20 => "low",
            20..50 => "medium",
            50..75 => "high",
            _ => "critical",
        };
        Self { score, level, parts }
    }
}

fn part(parts: &mut Vec<Part>, id: &'static str, points: u32, reason: String) {
    parts.push(Part { id, points, reason });
}

/// Names of classes that `pick` picks, and whether one is restricted.
fn picked(
    endpoint: &Endpoint,
    pick: impl Fn(&str, &super::Class) -> bool,
) -> Option<(String, bool)> {
    let found = endpoint
        .classes
        .iter()
        .filter(|(name, class)| pick(name, class) && !HARMLESS.contains(&name.as_str()));
    let names: Vec<&str> = found.map(|(name, _)| name.as_str()).collect();
    let restricted = names.iter().any(|name| RESTRICTED.contains(name));
    (!names.is_empty()).then(|| (names.join(", "), restricted))
}

fn data(endpoint: &Endpoint, parts: &mut Vec<Part>) {
    // Handing out credentials is what a login does.
    let data = |name: &str| !CREDENTIALS.contains(&name) && name != "cookie";
    if let Some((names, restricted)) =
        picked(endpoint, |name, class| data(name) && class.calls_out_anonymous > 0)
    {
        let points = if restricted { 40 } else { 30 };
        let reason = format!("returns {names} to callers without credentials");
        part(parts, "sensitive_out_anonymous", points, reason);
    } else if let Some((names, restricted)) =
        picked(endpoint, |name, class| data(name) && class.calls_out > 0)
    {
        let points = if restricted { 15 } else { 8 };
        part(parts, "sensitive_out", points, format!("returns {names}"));
    }
    if let Some((names, restricted)) = picked(endpoint, |_, class| class.calls_in > 0) {
        let points = if restricted { 8 } else { 4 };
        part(parts, "sensitive_in", points, format!("takes {names}"));
    }
    if let Some((names, _)) = picked(endpoint, |_, class| class.calls_in_url > 0) {
        let secret = endpoint
            .classes
            .iter()
            .any(|(name, class)| class.calls_in_url > 0 && CREDENTIALS.contains(&name.as_str()));
        let reason = format!("{names} in the URL, which logs and histories keep");
        part(parts, "sensitive_in_url", if secret { 20 } else { 10 }, reason);
    }
}

fn auth(endpoint: &Endpoint, parts: &mut Vec<Part>) {
    let auth = &endpoint.auth;
    let writes = !matches!(endpoint.method.as_str(), "GET" | "HEAD" | "OPTIONS");
    if auth.anonymous > 0 {
        let some = auth.schemes.total() > auth.schemes.of("none");
        let (points, what) = match (some, writes) {
            (true, _) => (12, "some calls succeed without credentials, others have them"),
            (false, true) => (12, "changes things without credentials"),
            (false, false) => (5, "answers without credentials"),
        };
        part(parts, "no_auth", points, format!("{what} ({} calls)", auth.anonymous));
    }
}

fn tokens(endpoint: &Endpoint, parts: &mut Vec<Part>) {
    let auth = &endpoint.auth;
    let unsigned = auth.algorithms.counts.keys().any(|name| name.eq_ignore_ascii_case("none"));
    if unsigned {
        part(parts, "jwt_unsigned", 25, "JSON Web Tokens without signature (alg none)".into());
    }
    if auth.expired_accepted > 0 {
        let reason = format!("{} calls succeed with an expired token", auth.expired_accepted);
        part(parts, "jwt_expired_accepted", 20, reason);
    }
    if endpoint.stepping > 0 {
        let reason = format!("{} calls walk through neighbouring ids", endpoint.stepping);
        part(parts, "enumeration", 15, reason);
    }
}

fn transport(endpoint: &Endpoint, parts: &mut Vec<Part>) {
    if endpoint.auth.cleartext == 0 {
        return;
    }
    let outside = endpoint.zones.of("external") > 0 || endpoint.zones.of("partner") > 0;
    let (points, from) = if outside { (20, " from outside") } else { (6, "") };
    let reason = format!("{} calls{from} carry credentials in clear text", endpoint.auth.cleartext);
    part(parts, "credentials_cleartext", points, reason);
}

fn signals(endpoint: &Endpoint, parts: &mut Vec<Part>) {
    let worst = endpoint.signals.values().map(|signal| signal.severity).max().unwrap_or(0);
    let points = match worst {
        5.. => 30,
        4 => 20,
        3 => 10,
        2 => 3,
        _ => return,
    };
    let names: Vec<&str> = endpoint
        .signals
        .iter()
        .filter(|(_, signal)| signal.severity == worst)
        .map(|(id, _)| id.as_str())
        .collect();
    part(parts, "signals", points, format!("signals: {}", names.join(", ")));
}

fn failures(endpoint: &Endpoint, parts: &mut Vec<Part>) {
    let of = |from: u32, to: u32| {
        let range = endpoint.statuses.counts.range(from..to);
        range.fold(0_u64, |sum, (_, count)| sum.saturating_add(*count))
    };
    let (broken, all) = (of(500, 600), endpoint.calls.max(1));
    if broken > 0 {
        let percent = broken.saturating_mul(100).checked_div(all).unwrap_or(0);
        let points = if percent >= 5 { 8 } else { 3 };
        part(parts, "server_errors", points, format!("{broken} of {all} calls fail in the server"));
    }
    // By status, or by what refuses behind one of success.
    let told = endpoint.auth.rejected.saturating_add(endpoint.auth.forbidden);
    let refused = of(401, 402).saturating_add(of(403, 404)).max(told);
    if refused >= 10 && refused.saturating_mul(2) >= all {
        part(parts, "refusals", 5, format!("{refused} of {all} calls are refused"));
    }
    if let Some(software) = endpoint.software.most() {
        part(parts, "verbose", 3, format!("tells its software: {software}"));
    }
}

fn exposure(endpoint: &Endpoint, parts: &mut Vec<Part>) {
    let external = endpoint.zones.of("external");
    if external > 0 && endpoint.exists() {
        part(parts, "exposed", 10, format!("{external} calls come from outside"));
    }
}

#[cfg(test)]
mod tests {
    use super::super::endpoint::Class;
    use super::*;

    #[test]
    fn parts_add_up_to_at_most_a_hundred() {
        let mut endpoint = Endpoint { method: "POST".into(), calls: 10, ..Endpoint::default() };
        assert_eq!(Risk::of(&endpoint, None).score, 0);
        let class = Class { calls_out: 1, calls_out_anonymous: 1, ..Class::default() };
        endpoint.classes.insert("pan".into(), class.clone());
        endpoint.auth.anonymous = 3;
        let risk = Risk::of(&endpoint, None);
        assert_eq!((risk.score, risk.level), (52, "high"));
        let ids: Vec<&str> = risk.parts.iter().map(|part| part.id).collect();
        assert_eq!(ids, ["sensitive_out_anonymous", "no_auth"]);
        endpoint.auth.expired_accepted = 1;
        endpoint.stepping = 1;
        let risk = Risk::of(&endpoint, Some(Standing::Shadow));
        assert_eq!((risk.score, risk.level), (100, "critical"));
        assert!(risk.parts.iter().any(|part| part.id == "shadow"));
    }

    #[test]
    fn logins_refused_with_200_are_refusals() {
        let mut endpoint = Endpoint { calls: 20, ..Endpoint::default() };
        endpoint.statuses.counts.insert(200, 20);
        endpoint.auth.rejected = 9;
        assert!(Risk::of(&endpoint, None).parts.iter().all(|part| part.id != "refusals"));
        endpoint.auth.rejected = 12;
        assert!(Risk::of(&endpoint, None).parts.iter().any(|part| part.id == "refusals"));
    }

    #[test]
    fn identifiers_alone_are_no_sensitive_data() {
        let mut endpoint = Endpoint::default();
        let class = Class { calls_out: 1, calls_in: 1, ..Class::default() };
        endpoint.classes.insert("id".into(), class);
        assert!(Risk::of(&endpoint, None).parts.is_empty());
    }
}
