//! Leak tests: one secret of each class at every place of a call, and nothing of it in what leaves.

use apitap_proto::v1::{self, value::Form};
use proptest::prelude::*;
use prost::Message as _;

use super::fuzz::{facts, message};
use super::{Config, Keys, Parts, Redactor};
use crate::call::{Call, Message};
use crate::http::Completeness;

/// Secrets, with a name that belongs to them, and whether only the name tells.
const SECRETS: &[(&str, &str, bool)] = &[
    ("card_number", "4111111111111111", false),
    ("card_number", "5555-5555-5555-4444", false),
    ("jumin_no", "900101-1234568", false),
    ("foreigner_no", "900101-5123452", false),
    ("biz_no", "116-82-00276", false),
    ("license_no", "11-20-123456-78", false),
    ("passport_no", "M12345678", false),
    ("iban", "GB82WEST12345698765432", false),
    ("ssn", "536-22-8726", false),
    ("email", "kim.minsu@example.com", false),
    ("phone", "010-9876-5432", false),
    ("account_num", "110-234-567890", false),
    ("access_token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJraW0tc3ViamVjdCJ9.c2lnbmF0dXJl", false),
    ("api_key", concat!("sk_", "live_4eC39HqLyjWDarjtT1zdp7dc"), false),
    ("user_id", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", false),
    ("session_id", "deadbeefcafe0123456789", false),
    ("password", "hunter2-Secret", true),
    ("cvc", "98127", true),
    ("pin", "77319", true),
    ("name", "홍길동전", false),
    ("address", "서울시 강남구 테헤란로 152", false),
    ("client_ip", "203.0.113.77", false),
    ("mac", "00:1a:2b:3c:4d:5e", false),
    ("ci", "q83vEjRWeJASNFZ4kBI0VniQEjRWeJASNFZ4kBI0VniQEjRWeJASNFZ4kBI0VniQ", false),
    ("note", "-----BEGIN RSA PRIVATE KEY-----MIIEowIBAAKCAQEA", false),
    ("memo", ";4111111111111111=29121010000?", false),
];

/// Places where text is kept when nothing in its form speaks against it: what only a name tells is not told.
const NAMELESS: &[&str] = &[
    "user agent",
    "host",
    "json key",
    "query name",
    "form name",
    "header name",
    "cookie name",
    "content-type",
];

struct Case {
    target: String,
    fields: Vec<(String, String)>,
    body: Vec<u8>,
}

fn encode(text: &str) -> String {
    text.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") }
        })
        .collect()
}

fn escape(text: &str) -> String {
    text.encode_utf16().map(|u| format!("\\u{u:04x}")).collect()
}

fn references(text: &str) -> String {
    text.chars().map(|c| format!("&#{};", u32::from(c))).collect()
}

fn json_body(body: String) -> Case {
    let fields = vec![("content-type".into(), "application/json".into())];
    Case { target: "/x".into(), fields, body: body.into_bytes() }
}

fn typed(kind: &str, body: String) -> Case {
    Case {
        target: "/x".into(),
        fields: vec![("content-type".into(), kind.into())],
        body: body.into_bytes(),
    }
}

/// `secret`, called `name`, at every place a call has.
#[allow(clippy::too_many_lines, reason = "a table")]
fn places(name: &str, secret: &str) -> Vec<(&'static str, Case)> {
    let get = |target: String| Case { target, fields: vec![], body: vec![] };
    let head = |n: &str, v: String| Case {
        target: "/x".into(),
        fields: vec![(n.into(), v)],
        body: vec![],
    };
    let json = serde_json::to_string(secret).unwrap();
    let inner = serde_json::to_string(&format!("{{{name:?}:{json}}}")).unwrap();
    let xml = secret.replace('&', "&amp;").replace('<', "&lt;");
    let base64 = data_encoding::BASE64URL_NOPAD.encode(format!("{{\"{name}\":{json}}}").as_bytes());
    let part = format!(
        "--bb\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{secret}\r\n--bb\r\nContent-Disposition: form-data; name=\"f\"; filename=\"{secret}.txt\"\r\nContent-Type: text/plain\r\n\r\nabout {secret} here\r\n--bb--\r\n"
    );
    let padded = format!("[{}{json}{}]", "[".repeat(20), "]".repeat(20));
    vec![
        ("path", get(format!("/users/{}", encode(secret)))),
        ("path last", get(format!("/{}", encode(secret)))),
        ("path raw", get(format!("/find/{secret}/x"))),
        ("path matrix", get(format!("/find;{name}={}", encode(secret)))),
        ("query", get(format!("/x?{name}={}", encode(secret)))),
        ("query other name", get(format!("/x?q={secret}&b=1"))),
        ("query word", get(format!("/x?{}", encode(secret)))),
        ("query name", get(format!("/x?{}=1", encode(secret)))),
        ("host", head("host", format!("{secret}.example.com"))),
        ("header", head(name, secret.into())),
        ("x header", head("x-something", secret.into())),
        ("header name", head(secret, "1".into())),
        ("user agent", head("user-agent", format!("agent/1 {secret}"))),
        ("referer", head("referer", format!("https://example.com/{secret}?a={secret}"))),
        ("x-forwarded-for", head("x-forwarded-for", secret.into())),
        ("authorization", head("authorization", format!("Bearer {secret}"))),
        (
            "basic",
            head(
                "authorization",
                format!("Basic {}", data_encoding::BASE64.encode(format!("u:{secret}").as_bytes())),
            ),
        ),
        ("cookie", head("cookie", format!("{name}={secret}; b={secret}"))),
        ("cookie name", head("cookie", format!("{secret}=1"))),
        ("set-cookie", head("set-cookie", format!("{name}={secret}; Path=/; Domain={secret}"))),
        ("content-type", head("content-type", format!("text/{secret}"))),
        (
            "form",
            typed("application/x-www-form-urlencoded", format!("{name}={}&b=2", encode(secret))),
        ),
        ("form name", typed("application/x-www-form-urlencoded", format!("{}=2", encode(secret)))),
        ("json", json_body(format!("{{\"{name}\":{json}}}"))),
        ("json escaped", json_body(format!("{{\"{name}\":\"{}\"}}", escape(secret)))),
        ("json other name", json_body(format!("{{\"x\":[{{\"y\":{json}}}]}}"))),
        ("json under", json_body(format!("{{\"{name}\":{{\"value\":{json}}}}}"))),
        ("json pair", json_body(format!("[{{\"name\":\"{name}\",\"value\":{json}}}]"))),
        ("json key", json_body(format!("{{{json}:{{\"a\":1}}}}"))),
        ("json in string", json_body(format!("{{\"payload\":{inner}}}"))),
        ("json in base64", json_body(format!("{{\"payload\":\"{base64}\"}}"))),
        ("json root", json_body(json.clone())),
        ("json deep", json_body(padded)),
        ("json broken", json_body(format!("{{\"a\":1,, {json}"))),
        ("ndjson", typed("application/x-ndjson", format!("{{\"a\":1}}\n{{\"{name}\":{json}}}\n"))),
        ("sse", typed("text/event-stream", format!("event: x\ndata: {{\"{name}\":{json}}}\n\n"))),
        ("xml text", typed("text/xml", format!("<r><{name}>{xml}</{name}></r>"))),
        ("xml attribute", typed("text/xml", format!("<r {name}=\"{xml}\" b='{xml}'/>"))),
        ("xml cdata", typed("text/xml", format!("<r><![CDATA[{secret}]]></r>"))),
        (
            "xml doctype",
            typed("text/xml", format!("<!DOCTYPE r [<!ENTITY e \"{xml}\">]><r>&e;</r>")),
        ),
        ("multipart", typed("multipart/form-data; boundary=bb", part)),
        (
            "multipart head",
            typed(
                "multipart/form-data; boundary=bb",
                format!(
                    "{secret}\r\n--bb\r\nContent-Disposition: form-data; name=a\r\nX-Note: {secret}\r\n\r\n1\r\n--bb--{secret}"
                ),
            ),
        ),
        (
            "multipart coded",
            typed(
                "multipart/mixed; boundary=bb",
                format!(
                    "--bb\r\nContent-Type: multipart/mixed; boundary=in\r\n\r\n--in\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--in--\r\n--bb--",
                    data_encoding::BASE64.encode(secret.as_bytes())
                ),
            ),
        ),
        ("xml comment", typed("text/xml", format!("<r><!-- {secret} --></r>"))),
        ("xml instruction", typed("text/xml", format!("<r><?a {secret} ?></r>"))),
        ("sse comment", typed("text/event-stream", format!(": {secret}\ndata: 1\n\n"))),
        (
            "sse lines",
            typed("text/event-stream", format!("data: {{\ndata: \"{name}\":{json}}}\n\n")),
        ),
        ("jsonp", typed("text/javascript", format!("/**/cb({{\"{name}\":{json}}});"))),
        ("script", typed("text/javascript", format!("var a = {json};"))),
        ("html escaped", typed("text/html", format!("<b>{}</b>", references(secret)))),
        (
            "graphql",
            json_body(
                serde_json::json!({ "query": format!("{{ a({name}: {json}) }}") }).to_string(),
            ),
        ),
        (
            "graphql body",
            typed("application/graphql", format!("query A {{ a({name}: {json}) {{ id }} }}")),
        ),
        ("graphql comment", typed("application/graphql", format!("# {secret}\n{{ a }}"))),
        ("json percent", json_body(format!("{{\"x\":\"{}\"}}", encode(&encode(secret))))),
        (
            "json text in base64",
            json_body(format!("{{\"x\":\"{}\"}}", data_encoding::BASE64.encode(secret.as_bytes()))),
        ),
        (
            "json text in hex",
            json_body(format!(
                "{{\"x\":\"{}\"}}",
                data_encoding::HEXLOWER.encode(secret.as_bytes())
            )),
        ),
        ("utf-16", {
            let text = format!("{{\"{name}\":{json}}}");
            let body = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            Case { body, ..typed("application/json", String::new()) }
        }),
        ("text", typed("text/plain", format!("say {secret} loud"))),
        ("text alone", typed("text/plain", secret.into())),
        ("html", typed("text/html", format!("<p>{secret}</p>"))),
        (
            "untyped",
            Case { target: "/x".into(), fields: vec![], body: format!("a={secret}").into_bytes() },
        ),
    ]
}

fn build(case: &Case, status: u16) -> Message {
    let fields: Vec<_> = case.fields.iter().map(|(n, v)| (n.as_bytes(), v.as_bytes())).collect();
    let (method, target): (&[u8], &[u8]) =
        if status == 0 { (b"POST", case.target.as_bytes()) } else { (b"", b"") };
    message(method, target, &fields, &case.body, status)
}

/// What leaves of a call, as a tree.
struct Told {
    record: v1::CallRecord,
    octets: Vec<u8>,
}

fn tell(redactor: &mut Redactor, call: &Call) -> Told {
    let Parts { request, response, rest, .. } = redactor.redact(call).into_parts();
    let octets = [request.unwrap_or_default(), response.unwrap_or_default(), rest].concat();
    let record = v1::CallRecord {
        request: request.map(|request| v1::Request::decode(request).unwrap()),
        response: response.map(|response| v1::Response::decode(response).unwrap()),
        ..v1::CallRecord::decode(rest).unwrap()
    };
    Told { record, octets }
}

fn redact(redactor: &mut Redactor, case: &Case) -> Told {
    let call = Call {
        facts: facts(),
        request: Some(build(case, 0)),
        response: Some(build(case, 200)),
        session: None,
        socket: None,
    };
    tell(redactor, &call)
}

/// `secret` and the ways it is commonly written.
fn spellings(secret: &str) -> Vec<String> {
    let digits: String = secret.chars().filter(char::is_ascii_digit).collect();
    let mut list = vec![
        secret.into(),
        secret.to_ascii_lowercase(),
        secret.to_ascii_uppercase(),
        encode(secret),
    ];
    list.push(data_encoding::BASE64.encode(secret.as_bytes()).trim_end_matches('=').into());
    if digits.len() >= 5 && secret.chars().all(|c| !c.is_ascii_alphabetic()) {
        list.push(digits);
    }
    list
}

fn contains(haystack: &[u8], needle: &str) -> bool {
    memchr::memmem::find(haystack, needle.as_bytes()).is_some()
}

/// All but the last character.
fn head_of(secret: &str) -> &str {
    secret.split_at(secret.len() - 1).0
}

fn redactor() -> Redactor {
    Redactor::new(&Keys::ephemeral().unwrap(), &Config::default())
}

#[test]
fn no_secret_leaves_from_any_place() {
    nothing_leaves(&Config::default());
}

#[test]
fn no_secret_leaves_where_tokens_have_another_form() {
    let forms = [
        "reversible = ['id', 'address', 'email', 'iban', 'ip', 'kr_foreigner', 'kr_rrn', 'mac', 'name', 'pan', 'phone', 'ssn']",
        "format_preserving = ['id', 'kr_foreigner', 'kr_rrn', 'pan', 'phone', 'ssn']",
    ];
    for form in forms {
        nothing_leaves(&toml::from_str(form).unwrap());
    }
}

fn nothing_leaves(policy: &Config) {
    let mut redactor = Redactor::new(&Keys::ephemeral().unwrap(), policy);
    for (name, secret, by_name) in SECRETS {
        for (place, case) in places(name, secret) {
            if *by_name && NAMELESS.contains(&place) {
                continue;
            }
            let out = redact(&mut redactor, &case).octets;
            for spelling in spellings(secret) {
                assert!(
                    !contains(&out, &spelling),
                    "{name} at {place} left as {spelling}: {}",
                    String::from_utf8_lossy(&out)
                );
            }
        }
    }
}

#[test]
fn no_secret_leaves_from_a_cut_body() {
    let mut redactor = redactor();
    for (name, secret, by_name) in SECRETS.iter().filter(|(_, secret, _)| secret.is_ascii()) {
        for (place, mut case) in places(name, secret) {
            if *by_name && NAMELESS.contains(&place) {
                continue;
            }
            for cut in 1..case.body.len() {
                // All of the secret but its last octets.
                let head = case.body.get(..case.body.len() - cut).unwrap_or_default();
                if !contains(head, head_of(secret)) {
                    break;
                }
                let mut message = build(&case, 0);
                message.body.truncate(case.body.len() - cut);
                message.facts.body_cut = true;
                message.facts.completeness = Completeness::Truncated;
                let call = Call {
                    facts: facts(),
                    request: Some(message),
                    response: None,
                    session: None,
                    socket: None,
                };
                let out = tell(&mut redactor, &call).octets;
                assert!(!contains(&out, head_of(secret)), "{name} at {place} cut by {cut}");
            }
            case.body.clear();
        }
    }
}

#[test]
fn sensitive_values_are_found_at_every_place_a_reader_reaches() {
    let mut redactor = redactor();
    // A media type is words; the password of a login leaves in no form, whatever it is.
    let blind = ["content-type", "basic"];
    for (place, case) in places("q", "4111111111111111") {
        if blind.contains(&place) {
            continue;
        }
        let parts = redact(&mut redactor, &case).record;
        assert!(parts.findings.iter().any(|f| f.class == "pan" || f.class == "track"), "{place}");
    }
}

#[test]
fn one_identifier_has_one_token() {
    let mut redactor = redactor();
    for secret in [
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "110-234-567890",
        "kim.minsu@example.com",
        "010-9876-5432",
        "48213977",
    ] {
        let name = "user_id";
        let mut tokens = Vec::new();
        for (place, case) in places(name, secret) {
            if ![
                "path",
                "query",
                "header",
                "cookie",
                "form",
                "json",
                "json escaped",
                "json in string",
                "xml text",
            ]
            .contains(&place)
            {
                continue;
            }
            let out = redact(&mut redactor, &case).octets;
            let text = String::from_utf8_lossy(&out).into_owned();
            let found = text.match_indices("tok_").map(|(at, _)| {
                text.split_at(at)
                    .1
                    .chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                    .collect::<String>()
            });
            let found: std::collections::BTreeSet<_> =
                found.filter(|t| !t.starts_with("tok_path")).collect();
            tokens.push((place, found));
        }
        let common = tokens.iter().skip(1).fold(tokens[0].1.clone(), |a, (_, b)| &a & b);
        assert!(!common.is_empty(), "{secret}: {tokens:?}");
    }
}

#[test]
fn utility_stays() {
    let body = r#"{"rsp_code":"00000","is_ok":true,"status":"ACTIVE","items":[{"id":7,"type":"card"},{"id":8,"type":"bank"},{"id":7,"type":"card"}],"page":2,"price":12.5}"#;
    let mut case = json_body(body.into());
    case.target = "/v1/users/42/orders?page=2&sort=desc".into();
    let parts = redact(&mut redactor(), &case).record;
    assert_eq!(parts.operation, "POST /v1/users/{user_id}/orders");
    assert_eq!(parts.api_style(), v1::api::Style::Rest);
    let request = parts.request.unwrap();
    let kept = |value: &Option<v1::Value>| match value.as_ref().and_then(|v| v.form.clone()) {
        Some(Form::Kept(text)) => text,
        Some(Form::Token(_)) => "token".into(),
        _ => "shape".into(),
    };
    let query: Vec<_> = request.query.iter().map(|p| kept(&p.value)).collect();
    assert_eq!(query, ["2", "desc"]);
    let body = request.body.unwrap();
    assert_eq!((body.format.as_str(), body.malformed, body.fields_total), ("json", false, 7));
    let fields: Vec<_> = body
        .fields
        .iter()
        .map(|f| (f.path.as_str(), f.count, kept(&f.value), f.more.len()))
        .collect();
    assert_eq!(
        fields,
        [
            ("$.rsp_code", 1, "00000".into(), 0),
            ("$.is_ok", 1, "true".into(), 0),
            ("$.status", 1, "ACTIVE".into(), 0),
            ("$.items[].id", 3, "token".into(), 1),
            ("$.items[].type", 3, "card".into(), 1),
            ("$.page", 1, "2".into(), 0),
            ("$.price", 1, "shape".into(), 0),
        ]
    );
    assert!(parts.objects.iter().any(|o| o.name == "user_id" && o.location == "request.path:0"));
    assert!(parts.objects.iter().any(|o| o.location == "response.body:$.items[].id"));
}

#[test]
fn styles_are_told() {
    let mut redactor = redactor();
    for (kind, body, style, operation) in [
        (
            "application/json",
            r#"{"query":"query GetUser { me }","variables":{"id":"7"}}"#,
            v1::api::Style::Graphql,
            "POST /x query GetUser",
        ),
        (
            "application/json",
            r#"{"jsonrpc":"2.0","method":"user.getBalance","id":1}"#,
            v1::api::Style::Jsonrpc,
            "POST /x user.getBalance",
        ),
        (
            "text/xml",
            "<s:Envelope xmlns:s=\"u\"><s:Header/><s:Body><m:GetUser><id>7</id></m:GetUser></s:Body></s:Envelope>",
            v1::api::Style::Soap,
            "POST /x GetUser",
        ),
        (
            "text/xml",
            "<methodCall><methodName>a.b</methodName></methodCall>",
            v1::api::Style::Xmlrpc,
            "POST /x a.b",
        ),
        ("application/json", r#"{"query":"shoes"}"#, v1::api::Style::Rest, "POST /x"),
    ] {
        let parts = redact(&mut redactor, &typed(kind, body.into())).record;
        assert_eq!((parts.api_style(), parts.operation.as_str()), (style, operation));
    }
}

#[test]
fn limits_hold() {
    let mut body = String::from("{");
    for n in 0..2000 {
        body.push_str(&format!("\"{}_id\":\"u{n}@example.com\",", word(n)));
    }
    body.push_str("\"z\":1}");
    let parts = redact(&mut redactor(), &json_body(body)).record;
    let body = parts.request.unwrap().body.unwrap();
    assert_eq!((body.fields.len(), body.fields_total), (256, 2001));
    assert_eq!(parts.objects.len(), 32);
    assert!(parts.objects_total > 32);
    assert_eq!(parts.findings.len(), 64);
    assert!(parts.findings_total > 64);
}

fn word(mut n: u32) -> String {
    let mut text = String::new();
    for _ in 0..3 {
        text.push(char::from(b'a' + u8::try_from(n % 26).unwrap()));
        n /= 26;
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    /// Random values under names that make them sensitive, wherever they stand.
    #[test]
    fn random_secrets_do_not_leave(secret in "[A-Za-z0-9]{4}[A-Za-z0-9!.]{8,20}[0-9]{5}", pick in 0..4_usize) {
        let name = ["password", "access_token", "account_num", "user_id"][pick];
        let mut redactor = redactor();
        for (place, case) in places(name, &secret) {
            if NAMELESS.contains(&place) {
                continue;
            }
            let out = redact(&mut redactor, &case).octets;
            prop_assert!(!contains(&out, &secret), "{} at {}", secret, place);
        }
    }

    /// Random cards, grouped in any common way.
    #[test]
    fn random_cards_do_not_leave(middle in prop::collection::vec(0..10_u32, 14), separator in "[ -]?") {
        let mut digits = vec![4];
        digits.extend(middle);
        let sum: u32 = digits.iter().rev().enumerate().map(|(i, d)| if i % 2 == 0 { d * 2 / 10 + d * 2 % 10 } else { *d }).sum();
        digits.push((10 - sum % 10) % 10);
        let plain: String = digits.iter().map(u32::to_string).collect();
        let groups: Vec<String> =
            digits.chunks(4).map(|group| group.iter().map(u32::to_string).collect()).collect();
        let secret = groups.join(&separator);
        let mut redactor = redactor();
        for (place, case) in places("value", &secret) {
            let out = redact(&mut redactor, &case).octets;
            prop_assert!(!contains(&out, &secret) && !contains(&out, &plain), "{} at {}", secret, place);
        }
    }
}

#[test]
fn hostile_text_stays_cheap() {
    // Quadratic work on any of these would show in the time the tests take.
    let mut redactor = redactor();
    for seed in [
        "eyJ",
        "eyJ.",
        "sk-",
        "a@",
        "a@b.",
        "1-1 ",
        "://a:",
        "%B4",
        "4111-",
        "&",
        "{",
        "[1,",
        "\"a\":",
        "a=b&",
        "<a ",
        "+1 ",
        "a:b:",
        "-----BEGIN ",
        "AB12 ",
        "１",
        "password",
        "가",
    ] {
        let text = seed.repeat(15_000 / seed.len());
        for kind in [
            "text/plain",
            "application/json",
            "application/x-www-form-urlencoded",
            "text/xml",
            "multipart/form-data",
        ] {
            let _parts = redact(&mut redactor, &typed(kind, text.clone()));
        }
        let _parts =
            redact(&mut redactor, &json_body(serde_json::json!({ "x": text }).to_string()));
        let target = format!("/{text}?{text}");
        let _parts = redact(
            &mut redactor,
            &Case {
                target,
                fields: vec![("cookie".into(), text.clone()), ("x".into(), text)],
                body: vec![],
            },
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn no_octets_upset_it(input in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut bench = super::fuzz::Bench::new().unwrap();
        bench.redact(&input);
        bench.body(&input);
    }

    #[test]
    fn no_syntax_upsets_it(kind in "(application/json|text/xml|multipart/form-data; boundary=b|text/event-stream|)", body in "[-{}\\[\\]\",:<>/=&;#!a1e%\\\\ub\r\n]{0,120}") {
        super::fuzz::Bench::new().unwrap().body(format!("{kind}\n{body}").as_bytes());
    }
}
