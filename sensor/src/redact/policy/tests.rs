//! Rules in calls: what they decide, in which order, and what none of them can do.

use apitap_proto::v1::{self, finding::Action as Done, value::Form};
use proptest::prelude::*;
use prost::Message as _;

use super::super::fuzz::{call, message};
use super::super::{Config, Keys, Parts, Redactor};
use crate::call::Message;

fn config(text: &str) -> Config {
    let config: Config = toml::from_str(text).unwrap();
    config.validate().unwrap();
    config
}

fn asked(target: &str, fields: &[(&str, &str)], body: &str) -> Message {
    let fields = [("host", "api.shop.example"), ("content-type", "application/json")]
        .iter()
        .chain(fields)
        .map(|(n, v)| (n.as_bytes(), v.as_bytes()));
    message(b"POST", target.as_bytes(), &fields.collect::<Vec<_>>(), body.as_bytes(), 0)
}

fn answered(body: &str) -> Message {
    let fields: [(&[u8], &[u8]); 1] = [(b"content-type", b"application/json")];
    message(b"", b"", &fields, body.as_bytes(), 200)
}

fn tell(
    redactor: &mut Redactor,
    request: Option<Message>,
    response: Option<Message>,
) -> v1::CallRecord {
    let call = call(request, response);
    let Parts { request, response, rest, .. } = redactor.redact(&call).into_parts();
    v1::CallRecord {
        request: request.map(|request| v1::Request::decode(request).unwrap()),
        response: response.map(|response| v1::Response::decode(response).unwrap()),
        ..v1::CallRecord::decode(rest).unwrap()
    }
}

fn redactor(rules: &str) -> Redactor {
    Redactor::new(&Keys::ephemeral().unwrap(), &config(rules))
}

/// A value of a body in short: `keep:…`, `mask:…`, `token:class`, `shape:length`.
fn short(value: Option<&v1::Value>) -> String {
    match value.and_then(|value| value.form.as_ref()) {
        Some(Form::Kept(text)) => format!("keep:{text}"),
        Some(Form::Masked(text)) => format!("mask:{text}"),
        Some(Form::Token(token)) => format!("token:{}", token.class),
        Some(Form::Shape(shape)) => format!("shape:{}", shape.length),
        None => "none".to_owned(),
    }
}

fn leaf(body: Option<&v1::Body>, path: &str) -> String {
    let field = body.and_then(|body| body.fields.iter().find(|field| field.path == path));
    short(field.and_then(|field| field.value.as_ref()))
}

fn body_of(rules: &str, body: &str, path: &str) -> String {
    let record = tell(&mut redactor(rules), Some(asked("/v1/users/42", &[], body)), None);
    leaf(record.request.as_ref().and_then(|request| request.body.as_ref()), path)
}

#[test]
fn rules_decide_in_the_order_of_the_file() {
    let body = r#"{"email":"kim@example.com","city":"Seoul","n":70000,"phone":"010-1234-5678"}"#;
    for (rules, path, expected) in [
        ("", "$.email", "token:email"),
        ("", "$.city", "shape:5"),
        ("[[rules]]\nfield = 'city'\naction = 'keep'", "$.city", "keep:Seoul"),
        ("[[rules]]\nfield = 'n'\naction = 'keep'", "$.n", "keep:70000"),
        ("[[rules]]\nfield = 'city'\naction = 'token'", "$.city", "token:id"),
        ("[[rules]]\nfield = 'phone'\naction = 'mask'", "$.phone", "mask:*********5678"),
        (
            "[[rules]]\nfield = 'phone'\naction = 'mask'\nmask_first = 3\nmask_last = 2",
            "$.phone",
            "mask:010********78",
        ),
        ("[classes]\nemail = 'drop'", "$.email", "shape:0"),
        ("[classes]\nemail = 'shape'", "$.email", "shape:15"),
        ("[classes]\nemail = 'mask'", "$.email", "mask:***********.com"),
        // The first that matches, whatever follows; then the class.
        (
            "[[rules]]\nfield = 'email'\naction = 'shape'\n[[rules]]\nclass = 'email'\naction = 'drop'",
            "$.email",
            "shape:15",
        ),
        (
            "[[rules]]\nclass = 'phone'\naction = 'drop'\n[[rules]]\naction = 'shape'",
            "$.email",
            "shape:15",
        ),
        (
            "[classes]\nemail = 'drop'\n[[rules]]\nfield = 'email'\naction = 'shape'",
            "$.email",
            "shape:15",
        ),
        // Not in reach.
        ("[[rules]]\nhost = '*.other.example'\naction = 'drop'", "$.email", "token:email"),
        ("[[rules]]\nhost = '*.SHOP.example'\naction = 'drop'", "$.email", "shape:0"),
        ("[[rules]]\npath = '/v1/users/{user_id}'\naction = 'drop'", "$.email", "shape:0"),
        ("[[rules]]\npath = '/v1/orders/*'\naction = 'drop'", "$.email", "token:email"),
        ("[[rules]]\nlocation = 'response'\naction = 'drop'", "$.email", "token:email"),
        ("[[rules]]\nlocation = 'request.body'\naction = 'drop'", "$.email", "shape:0"),
        // What a rule may not do, the class decides, else the built-in rules.
        (
            "[[rules]]\nfield = 'email'\naction = 'keep'\n[classes]\nemail = 'drop'",
            "$.email",
            "shape:0",
        ),
        (
            "[[rules]]\nfield = 'email'\naction = 'keep'\n[[rules]]\nfield = 'email'\naction = 'drop'",
            "$.email",
            "token:email",
        ),
        ("[[rules]]\nfield = 'email'\naction = 'keep'", "$.email", "token:email"),
        (
            "[[rules]]\nfield = 'email'\naction = 'keep'\ni_accept_raw = true",
            "$.email",
            "keep:kim@example.com",
        ),
    ] {
        assert_eq!(body_of(rules, body, path), expected, "{rules}");
    }
}

#[test]
fn rules_reach_every_part_of_a_call() {
    let fields =
        [("x-note", "Seoul"), ("cookie", "theme=dark"), ("referer", "https://a.example/x")];
    let ask = || asked("/v1/users/42?city=Busan", &fields, "{}");
    let parts = |rules: &str| {
        let answer = answered(r#"{"id":7}"#);
        let record = tell(&mut redactor(rules), Some(ask()), Some(answer));
        let request = record.request.unwrap();
        let named = |list: &[v1::Parameter], name: &str| {
            short(list.iter().find(|p| p.name == name).and_then(|p| p.value.as_ref()))
        };
        [
            named(&request.path_params, "user_id"),
            named(&request.query, "city"),
            named(&request.headers, "x-note"),
            named(&request.headers, "referer"),
            named(&request.cookies, "theme"),
            leaf(record.response.unwrap().body.as_ref(), "$.id"),
        ]
    };
    assert_eq!(
        parts(""),
        ["token:id", "shape:5", "shape:5", "keep:https://a.example", "token:cookie", "token:id"]
    );
    assert_eq!(parts("[[rules]]\naction = 'drop'"), ["shape:0"; 6]);
    let one = "[[rules]]\nlocation = 'request.path'\nfield = 'user_id'\naction = 'keep'\n\
               [[rules]]\nlocation = 'request.header'\nfield = 'x-*'\naction = 'keep'\n\
               [[rules]]\nlocation = 'request.cookie'\nclass = 'cookie'\naction = 'keep'\ni_accept_raw = true\n\
               [[rules]]\nlocation = 'response.body'\nclass = 'id'\naction = 'keep'\n";
    assert_eq!(
        parts(one),
        ["keep:42", "shape:5", "keep:Seoul", "keep:https://a.example", "keep:dark", "keep:7"]
    );
}

#[test]
fn rules_bar_header_fields_that_are_read_in_a_way_of_their_own() {
    let fields = [
        ("referer", "https://a.example/x"),
        ("origin", "https://a.example"),
        ("content-disposition", "attachment; filename=\"a.pdf\""),
        ("x-forwarded-for", "203.0.113.7"),
        ("content-length", "12"),
        ("x-trace-bin", "aGVsbG8"),
    ];
    let rules = "[[rules]]\nlocation = 'request.header'\naction = 'drop'";
    let record = tell(&mut redactor(rules), Some(asked("/", &fields, "")), None);
    let headers = record.request.unwrap().headers;
    assert_eq!(headers.len(), fields.len() + 2);
    for header in headers {
        assert_eq!(short(header.value.as_ref()), "shape:0", "{}", header.name);
    }
}

#[test]
fn header_fields_remembered_are_judged_anew_where_a_rule_reaches() {
    let mut redactor = redactor("[[rules]]\npath = '/v2/*'\nfield = 'accept'\naction = 'drop'");
    let mut accept = |path: &str| {
        let record = tell(&mut redactor, Some(asked(path, &[("accept", "*/*")], "")), None);
        let headers = record.request.unwrap().headers;
        short(headers.iter().find(|p| p.name == "accept").and_then(|p| p.value.as_ref()))
    };
    for _ in 0..2 {
        assert_eq!(accept("/v1/x"), "keep:*/*");
        assert_eq!(accept("/v2/x"), "shape:0");
    }
}

#[test]
fn what_tightens_holds_where_the_request_was_not_seen() {
    for (action, expected) in [("drop", "shape:0"), ("keep", "shape:5")] {
        let rules = format!("[[rules]]\nhost = 'a.example'\nfield = 'city'\naction = '{action}'");
        let record = tell(&mut redactor(&rules), None, Some(answered(r#"{"city":"Seoul"}"#)));
        assert_eq!(leaf(record.response.unwrap().body.as_ref(), "$.city"), expected);
    }
}

#[test]
fn findings_name_the_rule_and_the_labels() {
    let rules = "[classes]\nphone = 'shape'\n[labels]\nemail = ['CCPA']\n\
                 [[rules]]\nname = 'support-mail'\nfield = 'email'\naction = 'mask'\n";
    let body = r#"{"email":"kim@example.com","phone":"010-1234-5678","ssn":"536-22-8726"}"#;
    let record = tell(&mut redactor(rules), Some(asked("/", &[], body)), None);
    let told: Vec<_> = record
        .findings
        .iter()
        .map(|f| (f.class.as_str(), f.rule.as_str(), f.action(), f.labels.join(" ")))
        .collect();
    assert_eq!(
        told,
        [
            ("email", "support-mail", Done::Masked, "CCPA".to_owned()),
            ("phone", "class:phone", Done::Shaped, "GDPR HIPAA K_PIPA".to_owned()),
            ("ssn", "", Done::Tokenized, "HIPAA".to_owned()),
        ]
    );
}

#[test]
fn card_numbers_leave_masked_or_as_tokens_never_both() {
    let body = r#"{"card":"4111111111111111","other":{"card_number":"4111111111111111"}}"#;
    // A rule for a field, whatever its class: tokens are made elsewhere, so it shows nothing.
    let rules = "[[rules]]\nfield = '$.card'\naction = 'mask'";
    assert_eq!(body_of(rules, body, "$.card"), "token:pan");
    let rules = format!("{rules}\n[classes]\npan = 'drop'");
    assert_eq!(body_of(&rules, body, "$.card"), "mask:************1111");
    assert_eq!(body_of(&rules, body, "$.other.card_number"), "shape:0");
    let rules = "[classes]\npan = 'mask'\n[[rules]]\nfield = '$.card'\naction = 'token'";
    assert_eq!(body_of(rules, body, "$.card"), "mask:************1111");
    assert_eq!(body_of(rules, body, "$.other.card_number"), "mask:************1111");
}

#[test]
fn dates_leave_by_policy_and_birth_dates_never() {
    // The calls of these tests are of 2023.
    let body = r#"{"created_at":"2023-01-31T10:00:00Z","birth_date":"2023-01-31","joined":"1988-01-31","paid":"20230131"}"#;
    for (policy, created, paid) in [
        ("shape", "shape:20", "token:id"),
        ("day", "keep:2023-01-31", "token:id"),
        ("keep", "keep:2023-01-31T10:00:00Z", "token:id"),
    ] {
        let rules = format!("dates = '{policy}'");
        assert_eq!(body_of(&rules, body, "$.created_at"), created);
        assert_eq!(body_of(&rules, body, "$.birth_date"), "token:birth_date");
        assert_eq!(body_of(&rules, body, "$.joined"), "shape:10", "may be a birth date");
        assert_eq!(body_of(&rules, body, "$.paid"), paid, "no name says that it is a date");
    }
}

#[test]
fn explanations_say_which_rule_and_never_what() {
    let rules =
        "[classes]\nphone = 'shape'\n[[rules]]\nname = 'city'\nfield = 'city'\naction = 'keep'";
    let policy = config(rules);
    let mut redactor = Redactor::new(&Keys::ephemeral().unwrap(), &policy);
    redactor.explain(&policy);
    let body = r#"{"city":"Seoul","phone":"010-1234-5678","card":"4111111111111111","status":"ACTIVE",
        "password":"hunter2","page":3,"memo":"hello there","items":[{"x":1},{"x":2}],"email":"none"}"#;
    let call = call(Some(asked("/v1/users/42?q=abc", &[("accept", "*/*")], body)), None);
    for _ in 0..2 {
        let rows = redactor.redact(&call).into_parts().explained.to_vec();
        let told = |location: &str| {
            let row = rows.iter().find(|row| row.location == location);
            row.map_or_else(String::new, |row| {
                format!(
                    "{} {} {} {} {}",
                    row.rule, row.action, row.class, row.confidence, row.count
                )
            })
        };
        for (location, expected) in [
            ("request.body:$.city", "city keep   1"),
            ("request.body:$.phone", "class:phone shape phone medium 1"),
            ("request.body:$.card", "detector:pan token pan high 1"),
            ("request.body:$.status", "keep:enum_word keep   1"),
            ("request.body:$.password", "dictionary:password drop password medium 1"),
            ("request.body:$.page", "keep:small_integer keep   1"),
            ("request.body:$.memo", "default:shape shape   1"),
            ("request.body:$.items[].x", "keep:small_integer keep   2"),
            ("request.body:$.email", "dictionary:email token email low 1"),
            ("request.path:0", "dictionary:id token id  1"),
            ("request.header:accept", "keep:known_value keep   1"),
            ("request.header:host", "keep:known_value keep   1"),
        ] {
            assert_eq!(told(location), expected, "{location}");
        }
        let all = serde_json::to_string(&rows).unwrap();
        for value in ["Seoul", "1234", "4111", "ACTIVE", "hunter2", "hello", "abc", "42"] {
            assert!(!all.contains(value), "{value}: {all}");
        }
    }
}

/// Never to leave, whatever the rules say: with the names that tell.
const SECRETS: &[(&str, &str)] = &[
    ("password", "hunter2-Qzvx"),
    ("cvc", "98127"),
    ("card_pin", "773194"),
    ("otp", "482913"),
    ("note", "-----BEGIN RSA PRIVATE KEY-----MIIEowIBAAKCAQEA"),
    ("memo", ";4111111111111111=29121010000?"),
    ("비밀번호", "ganada-4471"),
];

fn spellings(secret: &str) -> Vec<String> {
    let tail: String = secret.chars().rev().take(4).collect::<Vec<_>>().into_iter().rev().collect();
    vec![secret.to_owned(), tail, data_encoding::BASE64.encode(secret.as_bytes())]
}

fn rule() -> impl Strategy<Value = String> {
    let field = prop_oneof![
        Just("".to_owned()),
        Just("*".to_owned()),
        Just("*.*".to_owned()),
        Just("$*".to_owned()),
        Just("outer".to_owned()),
        proptest::sample::select(SECRETS).prop_map(|(name, _)| name.to_owned()),
    ];
    let class = proptest::sample::select(vec![
        "",
        "",
        "password",
        "cvv",
        "pin",
        "otp",
        "pan",
        "id",
        "track",
        "credential",
        "private_key",
    ]);
    let action = proptest::sample::select(vec!["keep", "token", "shape", "mask", "drop"]);
    let location = proptest::sample::select(vec!["", "request", "request.body", "request.query"]);
    (field, class, action, location, any::<bool>()).prop_map(|(field, class, action, location, raw)| {
        let more = match action {
            "keep" => format!("i_accept_raw = {raw}\n"),
            "mask" => "mask_first = 6\nmask_last = 4\n".to_owned(),
            _ => String::new(),
        };
        format!("[[rules]]\nfield = '{field}'\nclass = '{class}'\nlocation = '{location}'\naction = '{action}'\n{more}")
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    // Not validated on purpose: what validation would refuse has no effect either.
    #[test]
    fn no_rule_lets_out_what_must_never_be_stored(
        rules in proptest::collection::vec(rule(), 1..6),
        class in proptest::sample::select(vec!["password", "cvv", "pin", "otp", "track", "private_key"]),
        action in proptest::sample::select(vec!["keep", "token", "shape", "mask", "drop"]),
        (name, secret) in proptest::sample::select(SECRETS),
    ) {
        let text = format!("{}[classes]\n{class} = '{action}'\n", rules.concat());
        let policy: Config = toml::from_str(&text).unwrap();
        let mut redactor = Redactor::new(&Keys::ephemeral().unwrap(), &policy);
        let object = serde_json::json!({ name: secret }).to_string();
        let inner = serde_json::json!({ "outer": object, name: secret, "list": [{ name: [secret] }] });
        let coded: String = secret.bytes().map(|b| format!("%{b:02X}")).collect();
        let target = format!("/x;{name}={coded}?{name}={coded}&outer={coded}{name}%3D{coded}");
        let fields = [("cookie", &*format!("{name}={coded}")), ("authorization", "Basic a2ltOmh1bnRlcjItUXp2eA==")];
        let record = tell(
            &mut redactor,
            Some(asked(&target, &fields, &inner.to_string())),
            Some(answered(&inner.to_string())),
        );
        let told = serde_json::to_string(&record).unwrap();
        for spelling in spellings(secret) {
            prop_assert!(!told.contains(&spelling), "{} left by\n{}", spelling, text);
        }
        prop_assert!(!told.contains("hunter2"));
    }
}
