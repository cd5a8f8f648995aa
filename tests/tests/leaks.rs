//! Corners in which a value is told by what stands beside, above or before it: what must not be stored leaves not even as
//! a token there, and what only speaks of it is no finding.

use std::collections::BTreeSet;

use apitap_proto::v1;
use apitap_tests::plant::Stages;

/// The stages of a worker, with what they remember.
struct Line(Stages);

impl Line {
    fn new() -> Self {
        Self(Stages::default())
    }

    /// What is told of a call.
    fn told(&mut self, request: &[u8], response: &[u8]) -> v1::CallRecord {
        self.0.call(request, response).message().clone()
    }

    /// What is told of a call with this body, or with this path alone.
    fn asked(&mut self, target: &str, kind: &str, body: &str) -> v1::CallRecord {
        self.told(&post(target, kind, body), b"HTTP/1.1 204 No Content\r\n\r\n")
    }

    /// What is told of an answer.
    fn answered(&mut self, body: &str) -> v1::CallRecord {
        let response = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.told(b"GET /v1/x HTTP/1.1\r\nHost: shop.example\r\n\r\n", response.as_bytes())
    }
}

fn post(target: &str, kind: &str, body: &str) -> Vec<u8> {
    let kind = if kind.is_empty() { String::new() } else { format!("Content-Type: {kind}\r\n") };
    let len = body.len();
    format!(
        "POST {target} HTTP/1.1\r\nHost: shop.example\r\n{kind}Content-Length: {len}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// The texts of all tokens of a record, also of those within links.
fn tokens(record: &v1::CallRecord) -> BTreeSet<String> {
    let json = serde_json::to_string(record).expect("every record is JSON");
    let texts = json.split('"').filter(|text| text.starts_with("tok_"));
    texts.map(str::to_owned).collect()
}

fn classes(record: &v1::CallRecord) -> Vec<&str> {
    record.findings.iter().map(|finding| finding.class.as_str()).collect()
}

const JSON: &str = "application/json";
const XML: &str = "text/xml";

/// Target, media type and body with `§` where the secret stands.
const PASSWORDS: &[(&str, &str, &str)] = &[
    ("/x", JSON, r#"{"password": "§"}"#),
    ("/x", JSON, r#"{"secret": {"password": "§"}}"#),
    ("/x", JSON, r#"{"secret": [{"name": "password", "value": "§"}]}"#),
    ("/x", JSON, r#"{"SecretString": "{\"username\":\"jane\",\"password\":\"§\"}"}"#),
    ("/x", JSON, r#"{"connectionString": "Server=db;User=sa;Password=§;"}"#),
    ("/x", JSON, r#"{"credentials": [{"type": "password", "value": "§", "temporary": true}]}"#),
    ("/x", JSON, r#"[{"name": "password", "values": ["§"]}]"#),
    ("/x", JSON, r#"{"security_answer": "§", "secretAnswer": "§", "challenge_answer": "§"}"#),
    ("/x", JSON, r#"{"db_pass": "§", "smtpPass": "§", "AUTH_PASS": "§", "senha": "§"}"#),
    ("/x", XML, r#"<r><param name="password">§</param></r>"#),
    ("/x", XML, r#"<r><property name="password" value="§"/></r>"#),
    ("/x", XML, r#"<r><property value="§" name="password"/></r>"#),
    ("/x", XML, r#"<properties><entry key="db.password">§</entry></properties>"#),
    ("/x;password=§", "", ""),
    ("/x/password=§/y", "", ""),
];

/// The same for a few digits.
const DIGITS: &[(&str, &str, &str)] = &[
    ("/x", JSON, r#"{"mfa": "§"}"#),
    ("/x", JSON, r#"{"mfa": §, "second_factor": §, "2fa": §, "vcode": §}"#),
    ("/x", JSON, r#"{"secret": {"pin": §, "cvv": "§"}}"#),
    ("/x", JSON, r#"{"ccv": "§", "card_cid": "§"}"#),
    ("/x", JSON, r#"{"pin": {"id": "§", "number": §}}"#),
    ("/x", JSON, r#"{"credentials": [{"type": "otp", "value": "§"}]}"#),
    ("/otp/§", "", ""),
    ("/v1/pin/§/check", "", ""),
    ("/v1/cvv/§", "", ""),
];

#[test]
fn no_token_is_made_of_what_must_not_be_stored() {
    let mut line = Line::new();
    for (secrets, places) in [(["hunter2x9", "Tr0ub4dor"], PASSWORDS), (["482913", "7391"], DIGITS)]
    {
        for secret in secrets {
            // What would be a token of it, by the name it stood under.
            let names = ["user_id", "token", "session", "email", "name", "address", "phone"];
            let members: Vec<String> =
                names.iter().map(|name| format!("{name:?}:{secret:?}")).collect();
            let body = format!("{{{},\"secret\":{secret:?}}}", members.join(","));
            let mut known = tokens(&line.asked("/x", JSON, &body));
            known.extend(tokens(&line.asked(&format!("/v1/{secret}"), "", "")));
            known.retain(|token| !token.starts_with("tok_path_"));
            assert!(known.len() > 4);
            let mut whole = BTreeSet::new();
            for (target, kind, body) in places {
                let record =
                    line.asked(&target.replace('§', secret), kind, &body.replace('§', secret));
                let told = tokens(&record);
                let leaks: Vec<_> = told.intersection(&known).collect();
                assert!(leaks.is_empty(), "{target} {body}: {leaks:?}");
                let dropped = ["password", "otp", "pin", "cvv"];
                assert!(
                    classes(&record).iter().any(|class| dropped.contains(class)),
                    "{target} {body}: {:?}",
                    record.findings
                );
                let json = serde_json::to_string(&record).expect("every record is JSON");
                assert!(!json.contains(secret), "{target} {body}");
                if target.contains('§') {
                    let path = record.request.and_then(|request| request.path_token);
                    whole.insert((target, path.map(|token| token.text)));
                }
            }
            // The token of a whole path tells not which secret was in it.
            for (target, token) in whole {
                let again = line.asked(&target.replace('§', "1234"), "", "");
                let other = again.request.and_then(|request| request.path_token);
                assert_eq!(other.map(|token| token.text), token, "{target}");
            }
        }
    }
}

#[test]
fn what_only_speaks_of_a_secret_is_no_finding() {
    let mut line = Line::new();
    for body in [
        r#"{"errors": {"password": ["is too short (minimum is 8 characters)", "can't be blank"]}}"#,
        r#"{"errors": [{"email": "has already been taken", "pin": "required"}]}"#,
        r#"{"pin": {"color": "red", "label": "A", "id": "813744226420795884"}}"#,
        r#"{"passwordCredentials": [{"displayName": "for the app", "keyId": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"}]}"#,
        r#"{"token_endpoint_auth_methods_supported": ["client_secret_basic"]}"#,
        r#"{"id_token_signing_alg_values_supported": ["RS256"]}"#,
        r#"{"auth": {"token_policies": ["default"]}}"#,
        r#"{"secretName": "db", "imagePullSecrets": [{"key": "registry"}], "secret_version": 3}"#,
        r#"{"active": true, "exp": 1419356238}"#,
        r#"{"health": "green"}"#,
        r#"{"password": "********", "client_secret": "[FILTERED]", "token": "***", "pin": "••••"}"#,
        r#"{"password": "${DB_PASSWORD}", "secret": "{{ vault.db }}", "api_key": "<redacted>"}"#,
        r#"{"forgot_password": "Forgot password?", "pin": "Enter your PIN", "passwordHint": "비밀번호를 입력하세요 ."}"#,
        r#"{"mfa": true, "mfa_type": "totp", "vcode": 4829}"#,
    ] {
        let record = line.answered(body);
        assert_eq!(classes(&record), Vec::<&str>::new(), "{body}");
    }
    let record = line.asked("/oauth/revoke?token_type_hint=refresh_token", "", "");
    assert_eq!((classes(&record), record.signals.len()), (vec![], 0));
    // Where the map is, is not told all the same.
    let record = line.answered(r#"{"pin": {"lat": 37.5, "lng": 127.1}}"#);
    assert_eq!(classes(&record), ["geo", "geo"]);
}

#[test]
fn what_stands_in_the_place_of_a_message_leaves_as_little_as_ever() {
    let mut line = Line::new();
    for (body, class) in [
        (r#"{"errors": {"password": "hunter2"}}"#, "password"),
        (r#"{"errors": {"otp": "482913"}}"#, "otp"),
        (r#"{"errors": {"email": ["jane@shop.example"]}}"#, "email"),
        (r#"{"passwordCredentials": [{"keyId": "hunter2"}]}"#, "password"),
        (r#"{"pin": {"id": "7391"}}"#, "pin"),
        (r#"{"health": "pregnant"}"#, "health"),
        (r#"{"exp": "12/27"}"#, "card_expiry"),
        (r#"{"client_secret": "s3cr3t"}"#, "credential"),
        (r#"{"password": "Password"}"#, "password"),
        (r#"{"password": "${DB:-hunter2}"}"#, "password"),
        (r#"{"password": "my password is 7391"}"#, "password"),
        (r#"{"password": "correct horse battery"}"#, "password"),
    ] {
        let record = line.answered(body);
        assert_eq!(classes(&record), [class], "{body}");
    }
}

#[test]
fn nothing_of_a_mail_address_is_a_host() {
    let mut line = Line::new();
    for field in
        ["X-Forwarded-Host: jane@quellborn.example", "X-Original-Host: j:pw@quellborn.example"]
    {
        let request = format!("GET /x HTTP/1.1\r\nHost: shop.example\r\n{field}\r\n\r\n");
        let record = line.told(request.as_bytes(), b"HTTP/1.1 204 No Content\r\n\r\n");
        let json = serde_json::to_string(&record).expect("every record is JSON");
        assert!(!json.contains("quellborn"), "{field}");
    }
}

#[test]
fn a_short_graphql_document_is_no_json() {
    let mut line = Line::new();
    for document in [
        r#"{ user(email: \"jane@shop.example\") { id } }"#,
        r#"{user(email:\"jane@shop.example\"){id}}"#,
        r##"{ # who\n user(email: \"jane@shop.example\") { id } }"##,
        r#"query { user(email: \"jane@shop.example\") { id } }"#,
    ] {
        let body = format!("{{\"query\": \"{document}\"}}");
        let record = line.asked("/graphql", JSON, &body);
        let fields = record.request.and_then(|request| request.body).expect("a body").fields;
        let paths: Vec<&str> = fields.iter().map(|field| field.path.as_str()).collect();
        assert_eq!(paths, ["$.query", "$.query(graphql).email"], "{document}");
    }
    let body = r#"{"query": "{\"user_id\": 42}"}"#;
    let record = line.asked("/search", JSON, body);
    let fields = record.request.and_then(|request| request.body).expect("a body").fields;
    assert_eq!(fields[1].path, "$.query(json).user_id");
}

#[test]
fn items_are_what_their_array_is_called() {
    let mut line = Line::new();
    let single = tokens(&line.asked("/x", JSON, r#"{"user_id": 4829}"#));
    let body = r#"{"users": [4829, 7], "stats": {"users": 42}, "scores": [5]}"#;
    let record = line.asked("/x", JSON, body);
    assert!(
        tokens(&record)
            .is_superset(&single.iter().filter(|t| t.contains("_id_")).cloned().collect())
    );
    let json = serde_json::to_string(&record).expect("every record is JSON");
    assert!(!json.contains("4829") && json.contains("\"42\""));
}
