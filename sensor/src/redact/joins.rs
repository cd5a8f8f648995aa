//! What joins, and what must not: one identifier at every place of a call, on two sensors, of two tenants.

use apitap_proto::v1;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use prost::Message as _;

use super::fuzz::{facts, message};
use super::{Config, Keys, Parts, Redactor};
use crate::call::Call;

const ID: &str = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";

fn keys() -> Keys {
    let root = BASE64.encode(&[7; 32]);
    Keys::parse(format!("apitap-keys 1\nkey k1 2026-01-01 {root}\n").as_bytes()).unwrap()
}

/// What leaves of a call that has these parts, as JSON.
fn left(redactor: &mut Redactor, target: &str, fields: &[(&str, String)], body: &str) -> String {
    let fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_bytes(), v.as_bytes())).collect();
    let request = message(b"POST", target.as_bytes(), &fields, body.as_bytes(), 0);
    let call = Call {
        facts: facts(),
        request: Some(request),
        response: None,
        session: None,
        socket: None,
    };
    let Parts { request, rest, .. } = redactor.redact(&call).into_parts();
    let request = v1::Request::decode(request.unwrap()).unwrap();
    let record = v1::CallRecord { request: Some(request), ..v1::CallRecord::decode(rest).unwrap() };
    serde_json::to_string(&record).unwrap()
}

/// The same identifier at one place after the other.
fn everywhere(redactor: &mut Redactor) -> Vec<(&'static str, String)> {
    let json = |body: &str| {
        (vec![("content-type", "application/json".to_owned())], body.replace("ID", ID))
    };
    let jwt = |claims: &str| {
        let part = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
        format!("Bearer {}.{}.c2ln", part("{\"alg\":\"RS256\"}"), part(&claims.replace("ID", ID)))
    };
    let (body, nested) = (json("{\"user_id\":\"ID\"}"), json("[{\"a\":{\"b\":\"ID\"}}]"));
    let form = vec![("content-type", "application/x-www-form-urlencoded".to_owned())];
    let basic = format!("Basic {}", BASE64.encode(format!("{ID}:hunter2").as_bytes()));
    let upper = ID.to_ascii_uppercase();
    let mut left =
        |target: &str, fields: &[(&str, String)], body: &str| left(redactor, target, fields, body);
    vec![
        ("path", left(&format!("/users/{ID}"), &[], "")),
        ("query", left(&format!("/users?user_id={ID}"), &[], "")),
        ("query, unnamed", left(&format!("/users?q={upper}"), &[], "")),
        ("header", left("/users", &[("x-user-id", ID.to_owned())], "")),
        ("cookie", left("/users", &[("cookie", format!("uid={ID}"))], "")),
        ("JSON", left("/users", &body.0, &body.1)),
        ("JSON, nested", left("/users", &nested.0, &nested.1)),
        ("form", left("/users", &form, &format!("user_id={upper}"))),
        ("JWT subject", left("/users", &[("authorization", jwt("{\"sub\":\"ID\"}"))], "")),
        ("Basic user", left("/users", &[("authorization", basic)], "")),
    ]
}

fn token(redactor: &mut Redactor) -> String {
    let text = left(redactor, &format!("/users?user_id={ID}"), &[], "");
    let at = text.find("tok_id_").unwrap();
    text.chars().skip(at).take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}

#[test]
fn one_identifier_has_one_token_wherever_it_is() {
    let mut redactor = Redactor::new(&keys(), &Config::default());
    let token = token(&mut redactor);
    for (place, left) in everywhere(&mut redactor) {
        assert!(left.contains(&token), "{place}: {left}");
        assert!(!left.to_ascii_lowercase().contains(ID), "{place}: {left}");
    }
}

#[test]
fn two_sensors_with_one_key_have_one_token() {
    let [one, other] = [(); 2].map(|()| token(&mut Redactor::new(&keys(), &Config::default())));
    assert_eq!(one, other);
    let strange = Redactor::new(&Keys::generate("k1", "2026-01-01").unwrap(), &Config::default());
    assert_ne!(token(&mut { strange }), one);
}

#[test]
fn two_tenants_have_no_token_in_common() {
    let policy = "tenant = 'own'\ntenants = [{name = 'shop', hosts = ['shop.example']}, \
                  {name = 'bank', cidrs = ['192.0.2.2/32'], hosts = ['*.bank.example']}]";
    let policy: Config = toml::from_str(policy).unwrap();
    let mut redactor = Redactor::new(&keys(), &policy);
    let mut texts = Vec::new();
    for (host, tenant) in [
        ("shop.example:8080", "shop"),
        ("api.bank.example", "bank"),
        ("other.example", "own"),
        ("", "own"),
    ] {
        let text = left(&mut redactor, &format!("/users/{ID}"), &[("host", host.to_owned())], "");
        assert!(text.contains(&format!("\"tenant\":\"{tenant}\"")), "{host}: {text}");
        let tokens = text
            .match_indices("tok_")
            .map(|(at, _)| text.chars().skip(at).take_while(|c| *c != '"').collect::<String>());
        texts.push((tenant, tokens.collect::<std::collections::BTreeSet<_>>()));
    }
    for (at, (tenant, tokens)) in texts.iter().enumerate() {
        assert!(!tokens.is_empty());
        for (other, others) in &texts[..at] {
            assert_eq!(tenant == other, !tokens.is_disjoint(others), "{tenant} and {other}");
        }
    }
}
