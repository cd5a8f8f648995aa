use apitap_proto::v1::ValueType;

use super::*;
use crate::redact::judge::{Judge, Way};
use crate::redact::{Config as Policy, Keys};

fn judge() -> Judge {
    Judge::new(&Keys::ephemeral().unwrap(), &Policy::default())
}

fn actor(judge: &mut Judge) -> Option<String> {
    let mut out = Vec::new();
    let span = judge.entities.write(&judge.values, Outcome::default(), 16, &mut out).actor;
    (span.end > 0).then(|| String::from_utf8(span.of(&out).to_vec()).unwrap())
}

#[test]
fn the_actor_is_the_user_before_token_session_and_partner() {
    let mut judge = judge();
    let long = "x".repeat(200);
    let place = Place { part: "request.header:", path: &long };
    let mut add = |kind, class| {
        let made = judge.render(Way::Token(class), ValueType::String, b"42");
        judge.entity(kind, place, made);
        actor(&mut judge)
    };
    assert_eq!(add(Kind::Order, Class::Id), None);
    assert!(add(Kind::Partner, Class::Subject).unwrap().starts_with("tok_subject_run_"));
    assert!(add(Kind::Session, Class::Session).unwrap().starts_with("tok_session_run_"));
    assert!(add(Kind::ApiToken, Class::Credential).unwrap().starts_with("tok_credential_"));
    let user = add(Kind::User, Class::Id).unwrap();
    assert!(user.starts_with("tok_id_run_") && user.len() == 11 + 26);
    assert_eq!(add(Kind::Session, Class::Cookie).unwrap(), user);
}

// A value that was only shaped says nothing of who it is.
#[test]
fn only_tokens_are_entities() {
    let mut judge = judge();
    let made = judge.render(Way::Shape, ValueType::String, b"42");
    judge.entity(Kind::User, Place { part: "", path: "" }, made);
    assert_eq!(judge.entities.len(), 0);
}

#[test]
fn what_part_they_took_and_how_surely() {
    use Confidence::{High, Low, Medium};
    let mut judge = judge();
    for (kind, part, path) in [
        (Kind::Session, "request.cookie:", "sid"),
        (Kind::Tenant, "request.header:", "x-tenant-id"),
        (Kind::Order, "request.path:", "0"),
        (Kind::Partner, "request.body:", "$.client_id"),
        (Kind::ApiToken, "response.body:", "$.access_token"),
    ] {
        let made = judge.render(Way::Token(Class::Id), ValueType::String, path.as_bytes());
        judge.entity(kind, Place { part, path }, made);
    }
    let mut told = |status, login| {
        let outcome = Outcome { status, login, ..Outcome::default() };
        let list = judge.entities.tree(&judge.values, outcome);
        list.iter().map(|e| (e.role(), e.source(), e.confidence())).collect::<Vec<_>>()
    };
    let accepted = [
        (Role::Caller, Source::Cookie, High),
        (Role::Caller, Source::Header, Medium),
        (Role::Object, Source::Path, Medium),
        (Role::Caller, Source::Body, Medium),
        (Role::Issued, Source::Response, High),
    ];
    assert_eq!(told(Some(200), false), accepted);
    let refused = told(Some(401), false);
    assert_eq!(refused[0], (Role::Caller, Source::Cookie, Low));
    assert_eq!(refused[3].0, Role::Object, "nothing was granted");
    assert_eq!(told(None, false)[0].2, Medium);
}

#[test]
fn who_logs_in_is_the_caller() {
    let mut judge = judge();
    let body = |path| Place { part: "request.body:", path };
    let email = judge.render(Way::Token(Class::Email), ValueType::String, b"kim@example.com");
    judge.entities.met(body("$.email"), Meaning::Personal(Class::Email), email);
    let id = judge.render(Way::Token(Class::Id), ValueType::String, b"42");
    let answer = Place { part: "response.body:", path: "$.user.id" };
    judge.entities.met(answer, Meaning::Id(Kind::User), id);
    assert!(
        judge
            .entities
            .tree(&judge.values, Outcome { status: Some(200), ..Outcome::default() })
            .is_empty()
    );
    judge.entities.met(body("$.email"), Meaning::Personal(Class::Email), email);
    judge.entities.met(answer, Meaning::Id(Kind::User), id);
    let outcome = Outcome { status: Some(200), login: true, ..Outcome::default() };
    let mut out = Vec::new();
    let written = judge.entities.write(&judge.values, outcome, 16, &mut out);
    let actor = String::from_utf8(written.actor.of(&out).to_vec()).unwrap();
    assert!(actor.starts_with("tok_id_"), "whom the answer is about comes first");
    assert_eq!(written.trail.identities.iter().count(), 2);
}

#[test]
fn rules_name_fields() {
    let mut judge = judge();
    let config: Config = toml::from_str(
        "rules = [{field = 'ticket', kind = 'session', location = 'request.header'}, \
         {field = 'shop_ref', kind = 'merchant'}]",
    )
    .unwrap();
    judge.identify(&config);
    let kind = |part, name| judge.entities.ruled(part, name).map(|(_, kind)| kind);
    assert_eq!(kind("request.header:", "x-login-ticket"), Some(Kind::Session));
    assert_eq!(kind("request.query:", "ticket"), None);
    assert_eq!(kind("response.body:", "shopRef"), Some(Kind::Merchant));
    assert_eq!(kind("request.claim:", "shop_ref"), None);
    assert_eq!(judge.names.look(b"my_shop_ref").meaning, Meaning::Id(Kind::Merchant));
    // No rule takes a secret for a name.
    let config: Config = toml::from_str("rules = [{field = 'password', kind = 'user'}]").unwrap();
    judge.identify(&config);
    assert!(matches!(judge.names.meaning(b"password"), Meaning::Secret(_)));
}

#[test]
fn the_last_two_words_of_a_path_say_that_a_login_ends() {
    let plainly = |template: &str| {
        let mut words = template.rsplit('/').take(2);
        let ends = ["logout", "log-out", "log_out", "signout", "sign-out", "sign_out", "revoke"];
        words.any(|word| {
            let word = word.split('.').next().unwrap();
            ends.iter().any(|end| word.eq_ignore_ascii_case(end))
        })
    };
    let words = [
        "logout",
        "Log-Out",
        "LOG_OUT",
        "signout",
        "sign-out",
        "Sign_Out",
        "revoke",
        "x",
        "",
        "logouts",
        "logout.php",
        "Sign-Out.do",
        "logouts.php",
        "revok\u{e9}",
    ];
    for a in words {
        for b in words {
            for c in words {
                for template in [
                    format!("/{a}/{b}/{c}"),
                    format!("{a}/{b}"),
                    format!("{a}{c}"),
                    format!("/{b}/"),
                ] {
                    assert_eq!(logout(&template), plainly(&template), "{template}");
                }
            }
        }
    }
    assert!(plainly("/v1/sessions/{session_id}/revoke"));
}
