use apitap_proto::v1;
use apitap_proto::v1::evidence::{Role, Source};

use super::*;
use crate::call::Call;
use crate::record::{Builder, SensorInfo};
use crate::redact::fuzz::{facts, message};
use crate::redact::{Keys, Redactor};

const JSON: (&str, &str) = ("content-type", "application/json");
const LOGIN: &str = r#"{"email":"kim@example.com","password":"hunter2"}"#;

/// The line from calls on, and the time.
struct Rig {
    redactor: Redactor,
    builder: Builder,
    links: Links,
    second: u64,
    calls: u64,
}

/// A call in a few words.
#[derive(Clone, Copy, Default)]
struct Said<'a> {
    target: &'a str,
    fields: &'a [(&'a str, &'a str)],
    body: &'a str,
    status: u16,
    answered: &'a [(&'a str, &'a str)],
    answer: &'a str,
}

impl Rig {
    fn new(config: &str) -> Self {
        let config: Config = toml::from_str(config).unwrap();
        let keys = Keys::ephemeral().unwrap();
        Self {
            redactor: Redactor::new(&keys, &crate::redact::Config::default()).identifying(&config),
            builder: Builder::new(SensorInfo::default(), Vec::new()),
            links: Links::new(&config, &SignalConfig::default()),
            second: 1_700_000_000,
            calls: 0,
        }
    }

    fn call(&mut self, said: &Said<'_>) -> v1::CallRecord {
        let octets = |fields: &[(&str, &str)]| -> Vec<(Vec<u8>, Vec<u8>)> {
            fields.iter().map(|(n, v)| (n.as_bytes().to_vec(), v.as_bytes().to_vec())).collect()
        };
        let (mut asked, mut answered) = (octets(said.fields), octets(said.answered));
        for (fields, body) in [(&mut asked, said.body), (&mut answered, said.answer)] {
            if !body.is_empty() {
                fields.push((JSON.0.into(), JSON.1.into()));
            }
        }
        fn lent(fields: &[(Vec<u8>, Vec<u8>)]) -> Vec<(&[u8], &[u8])> {
            fields.iter().map(|(n, v)| (n.as_slice(), v.as_slice())).collect()
        }
        let method: &[u8] = if said.body.is_empty() { b"GET" } else { b"POST" };
        let target = said.target.as_bytes();
        let mut request = message(method, target, &lent(&asked), said.body.as_bytes(), 0);
        let mut response = message(b"", b"", &lent(&answered), said.answer.as_bytes(), said.status);
        self.calls += 1;
        for message in [&mut request, &mut response] {
            message.facts.start_time = Timestamp::new(self.second, 0);
            message.facts.start_seq = u32::try_from(self.calls).unwrap();
        }
        let (request, response) = (Some(request), Some(response));
        let call = Call { facts: facts(), request, response, session: None, socket: None };
        let mut record = self.builder.build(self.redactor.redact(&call));
        self.links.link(&mut record);
        record.stamp(self.calls);
        let message = record.message().clone();
        assert_eq!(message.sensor.as_ref().unwrap().sequence, self.calls);
        let actor = record.actor();
        let named = message.entities.iter().any(|e| token(e) == actor && e.role() == Role::Caller);
        assert!(actor.is_empty() || named, "{actor} is an entity");
        message
    }
}

fn token(entity: &v1::Entity) -> &str {
    match &entity.value.as_ref().unwrap().form {
        Some(v1::value::Form::Token(token)) => &token.text,
        _ => "",
    }
}

fn users(record: &v1::CallRecord) -> Vec<(&str, Source)> {
    let users = record.entities.iter().filter(|e| e.kind() == Kind::User);
    users.map(|e| (token(e), e.source())).collect()
}

#[test]
fn a_session_is_of_who_logged_in() {
    let mut rig = Rig::new("");
    let answered: &[(&str, &str)] = &[("set-cookie", "sid=Ab12Cd34Ef56; HttpOnly")];
    let login = Said { target: "/login", body: LOGIN, status: 200, answered, ..Said::default() };
    let login = rig.call(&login);
    let [(user, Source::Login)] = users(&login)[..] else { panic!("{:?}", users(&login)) };
    assert!(user.starts_with("tok_email_"));
    let cookie: &[(&str, &str)] = &[("cookie", "sid=Ab12Cd34Ef56")];
    let orders = Said { target: "/orders", fields: cookie, status: 200, ..Said::default() };
    let later = rig.call(&orders);
    assert_eq!(users(&later), [(user, Source::Link)]);
    let linked = later.entities.iter().find(|e| e.source() == Source::Link).unwrap();
    assert_eq!(linked.learned_from, login.id);
    assert_eq!((linked.role(), linked.confidence()), (Role::Caller, Confidence::High));
    let other: &[(&str, &str)] = &[("cookie", "sid=Zz98Yy76Xx54")];
    assert!(users(&rig.call(&Said { fields: other, ..orders })).is_empty());
    // Who logs out is gone.
    rig.call(&Said { target: "/logout", ..orders });
    assert!(users(&rig.call(&orders)).is_empty());
    let counts = rig.links.counts();
    assert_eq!((counts.learned, counts.linked, counts.ended), (1, 2, 1));
}

#[test]
fn a_token_is_of_who_logged_in_and_goes_on_when_it_is_refreshed() {
    let mut rig = Rig::new("");
    let answer = r#"{"user":{"id":4711},"access_token":"9f86d081884c7d659a2feaa0c55ad015","refresh_token":"60303ae22b998861bce3b28f33eec1be"}"#;
    let login = Said { target: "/token", body: LOGIN, status: 200, answer, ..Said::default() };
    let login = rig.call(&login);
    let known = users(&login);
    assert_eq!(known.len(), 2, "whom the answer is about, and what was typed");
    let bearer = |token| vec![("authorization", token)];
    let fields = bearer("Bearer 9f86d081884c7d659a2feaa0c55ad015");
    let orders = Said { target: "/orders", fields: &fields, status: 200, ..Said::default() };
    let later = rig.call(&orders);
    assert_eq!(users(&later).iter().map(|u| u.0).collect::<Vec<_>>(), [known[0].0, known[1].0]);
    assert_eq!(later.auth.as_ref().unwrap().location, "request.header:authorization");
    let body =
        r#"{"grant_type":"refresh_token","refresh_token":"60303ae22b998861bce3b28f33eec1be"}"#;
    let answer = r#"{"access_token":"fd61a03af4f77d870fc21e05e7e80678"}"#;
    rig.call(&Said { target: "/token", body, status: 200, answer, ..Said::default() });
    let fields = bearer("Bearer fd61a03af4f77d870fc21e05e7e80678");
    assert_eq!(users(&rig.call(&Said { fields: &fields, ..orders })).len(), 2);
}

/// A login of this name, answered with this session.
fn logs_in<'a>(body: &'a str, answered: &'a [(&'a str, &'a str)]) -> Said<'a> {
    Said { target: "/login", body, status: 200, answered, ..Said::default() }
}

/// Tokens of who calls.
fn callers(record: &v1::CallRecord) -> Vec<&str> {
    users(record).into_iter().map(|(user, _)| user).collect()
}

const ALICE: &[(&str, &str)] = &[("cookie", "sid=Ab12Cd34Ef56")];
const BOB: &[(&str, &str)] = &[("cookie", "sid=Zz98Yy76Xx54")];
const SETS_ALICE: &[(&str, &str)] = &[("set-cookie", "sid=Ab12Cd34Ef56; HttpOnly")];
const SETS_BOB: &[(&str, &str)] = &[("set-cookie", "sid=Zz98Yy76Xx54; HttpOnly")];
const OTHER: &str = r#"{"email":"bob@example.com","password":"hunter3"}"#;
const ORDERS: Said<'_> =
    Said { target: "/orders", fields: ALICE, body: "", status: 200, answered: &[], answer: "" };

#[test]
fn who_logs_in_with_the_session_of_another_takes_nothing_over() {
    let mut rig = Rig::new("");
    let first = rig.call(&logs_in(LOGIN, SETS_ALICE));
    let second = rig.call(&Said { fields: ALICE, ..logs_in(OTHER, SETS_BOB) });
    assert_eq!(callers(&second).len(), 1, "{:?}", users(&second));
    let later = rig.call(&Said { fields: BOB, ..ORDERS });
    assert_eq!(callers(&later), callers(&second));
    assert_ne!(callers(&later), callers(&first));
}

#[test]
fn who_logs_out_is_gone_wherever_the_path_lies() {
    for target in ["/users/sign_out", "/accounts/logout", "/members/log-out", "/logout.php"] {
        let mut rig = Rig::new("");
        rig.call(&logs_in(LOGIN, SETS_ALICE));
        rig.call(&Said { target, ..ORDERS });
        assert!(callers(&rig.call(&ORDERS)).is_empty(), "{target}");
    }
}

#[test]
fn an_account_made_for_another_is_not_who_calls() {
    let mut rig = Rig::new("");
    let first = rig.call(&logs_in(LOGIN, SETS_ALICE));
    let bearer = [("authorization", "Bearer 9f86d081884c7d659a2feaa0c55ad015")];
    for target in ["/admin/users", "/users/77", "/users/77/password"] {
        let made = Said { target, fields: ALICE, body: OTHER, ..ORDERS };
        assert_eq!(callers(&rig.call(&made)), callers(&first), "{target}");
        // The session may be renewed, and the answer name the account.
        let answered = SETS_ALICE;
        let made = Said { answered, answer: r#"{"user_id":77}"#, ..made };
        assert_eq!(callers(&rig.call(&made)), callers(&first), "{target}");
        assert_eq!(callers(&rig.call(&ORDERS)), callers(&first), "{target}");
        let by_token = rig.call(&Said { fields: &bearer, ..made });
        assert!(callers(&by_token).is_empty(), "{target}: {:?}", users(&by_token));
    }
    // A login stays one, whatever is shown besides.
    let answer = r#"{"access_token":"60303ae22b998861bce3b28f33eec1be"}"#;
    let keyed = Said { fields: &bearer, body: OTHER, target: "/auth/token", answer, ..ORDERS };
    assert_eq!(callers(&rig.call(&keyed)).len(), 1);
}

#[test]
fn whom_an_answer_is_about_did_not_log_in_as_the_session_was_renewed() {
    let mut rig = Rig::new("");
    let answer = r#"{"user_id":77,"name":"x"}"#;
    let profile = Said { target: "/users/77", answer, answered: SETS_BOB, ..ORDERS };
    assert!(callers(&rig.call(&profile)).is_empty());
    assert!(callers(&rig.call(&Said { fields: BOB, ..ORDERS })).is_empty());
    // Nor when someone makes a token for somebody else.
    let answer = r#"{"user_id":77,"access_token":"60303ae22b998861bce3b28f33eec1be"}"#;
    let bearer = [("authorization", "Bearer 9f86d081884c7d659a2feaa0c55ad015")];
    for fields in [&bearer, ALICE] {
        let target = "/users/77/tokens";
        let made = Said { target, fields, body: r#"{"scope":"read"}"#, answer, ..ORDERS };
        assert!(callers(&rig.call(&made)).is_empty());
    }
    // With a session that was nobody's, it is who logs in without a password.
    let signed = Said { target: "/auth/google", body: r#"{"credential":"a.b"}"#, answer, ..ORDERS };
    assert_eq!(callers(&rig.call(&signed)).len(), 1);
}

#[test]
fn an_application_that_logs_in_for_users_is_not_the_user() {
    let mut rig = Rig::new("");
    let tokens = ["9f86d081884c7d659a2feaa0c55ad015", "60303ae22b998861bce3b28f33eec1be"];
    let mut known = Vec::new();
    for (token, body) in tokens.into_iter().zip([LOGIN, OTHER]) {
        let answer = format!(r#"{{"access_token":"{token}"}}"#);
        let fields: &[(&str, &str)] = &[("authorization", "Basic bXlhcHA6c2VjcmV0c2VjcmV0")];
        let login = Said { target: "/oauth/token", body, fields, answer: &answer, ..ORDERS };
        let login = rig.call(&login);
        let told = [Source::Login, Source::Credential];
        assert_eq!(users(&login).iter().map(|u| u.1).collect::<Vec<_>>(), told);
        let bearer = format!("Bearer {token}");
        let fields: &[(&str, &str)] = &[("authorization", &bearer)];
        let later = rig.call(&Said { fields, ..ORDERS });
        assert_eq!(callers(&later), callers(&login)[..1]);
        known.push(callers(&later)[0].to_owned());
    }
    assert_ne!(known[0], known[1]);
}

#[test]
fn a_cookie_that_is_deleted_is_handed_out_to_nobody() {
    let mut rig = Rig::new("");
    rig.call(&logs_in(LOGIN, SETS_ALICE));
    for ends in [
        "sid=deleted00000; Max-Age=0",
        "sid=deleted00000; max-age=-1; Path=/",
        "sid=deleted00000; expires=Thu, 01-Jan-1970 00:00:01 GMT",
        "sid=deleted00000; Expires=Tue, 12 Oct 1999 00:00:00 GMT",
        "sid=deleted00000; Expires=Thu, 01-Jan-70 00:00:00 GMT",
    ] {
        let answered: &[(&str, &str)] = &[("set-cookie", ends)];
        let ended = rig.call(&Said { answered, ..ORDERS });
        assert!(!ended.entities.iter().any(|e| e.role() == Role::Issued), "{ends}");
    }
    let gone: &[(&str, &str)] = &[("cookie", "sid=deleted00000")];
    assert!(callers(&rig.call(&Said { fields: gone, ..ORDERS })).is_empty());
    for lasts in
        ["sid=new000000; Max-Age=3600", "sid=newer0000; Expires=Fri, 19 Nov 2038 19:00:00 GMT"]
    {
        let answered: &[(&str, &str)] = &[("set-cookie", lasts)];
        let set = rig.call(&Said { answered, ..ORDERS });
        assert!(set.entities.iter().any(|e| e.role() == Role::Issued), "{lasts}");
    }
}

#[test]
fn what_all_have_in_common_is_nobodys() {
    let mut rig = Rig::new("");
    let flags =
        "authenticated=true; session_ttl=3600; auth_provider=google-oauth2; auth_day=2026-01-31";
    let mut login = |body, sid: &str| {
        let mut answered = vec![("set-cookie", sid)];
        answered.extend(flags.split("; ").map(|flag| ("set-cookie", flag)));
        callers(&rig.call(&logs_in(body, &answered))).join(" ")
    };
    let (alice, bob) = (login(LOGIN, "sid=Ab12Cd34Ef56"), login(OTHER, "sid=Zz98Yy76Xx54"));
    let mut shown = |sid: &str| {
        let cookie = format!("{sid}; {flags}");
        let fields: &[(&str, &str)] = &[("cookie", &cookie)];
        callers(&rig.call(&Said { fields, ..ORDERS })).join(" ")
    };
    assert_eq!(shown("sid=Ab12Cd34Ef56"), alice);
    assert_eq!(shown("sid=Zz98Yy76Xx54"), bob);
    assert_eq!(shown("sid=Mm55Nn66Oo77"), "");
    // A script that has no token sends this.
    let answer = r#"{"token":"null"}"#;
    let refused = Said { target: "/login", body: LOGIN, answer, ..ORDERS };
    rig.call(&Said { fields: &[], ..refused });
    let fields: &[(&str, &str)] = &[("authorization", "Bearer null")];
    let record = rig.call(&Said { fields, ..ORDERS });
    assert!(callers(&record).is_empty() && record.auth.unwrap().credential.is_none());
}

#[test]
fn what_two_were_handed_is_of_neither() {
    let mut rig = Rig::new("");
    let answer = r#"{"token":"9f86d081884c7d659a2feaa0c55ad015"}"#;
    let fields: &[(&str, &str)] = &[("authorization", "Bearer 9f86d081884c7d659a2feaa0c55ad015")];
    let login = |body| Said { target: "/login", body, fields: &[], answer, ..ORDERS };
    let orders = Said { fields, ..ORDERS };
    for (body, known) in [(LOGIN, 1), (LOGIN, 1), (OTHER, 0), (OTHER, 0), (LOGIN, 0)] {
        rig.call(&login(body));
        assert_eq!(callers(&rig.call(&orders)).len(), known);
    }
}

#[test]
fn refusals_are_those_of_the_last_ten_minutes() {
    let mut rig = Rig::new("");
    let login = |status| Said { target: "/login", body: LOGIN, status, ..Said::default() };
    // One every two minutes, for an hour: ten minutes before the success there were five.
    for _ in 0..30 {
        rig.call(&login(401));
        rig.second += 110;
    }
    let record = rig.call(&login(200));
    assert_eq!(record.auth.as_ref().unwrap().refusals_before, 5);
    assert!(record.signals.iter().any(|s| s.id == "auth.success_after_refusals"));
    // One every three minutes is too seldom.
    for _ in 0..30 {
        rig.call(&login(401));
        rig.second += 181;
    }
    let record = rig.call(&login(200));
    assert_eq!(record.auth.as_ref().unwrap().refusals_before, 3);
    assert!(!record.signals.iter().any(|s| s.id == "auth.success_after_refusals"));
    // A clock that is put back ends nothing.
    (0..5).for_each(|_| drop(rig.call(&login(401))));
    rig.second -= 3600;
    assert_eq!(rig.call(&login(200)).auth.as_ref().unwrap().refusals_before, 5);
}

#[test]
fn refused_logins_and_old_sessions_link_nothing() {
    let mut rig = Rig::new("link_seconds_max = 60");
    let answered: &[(&str, &str)] = &[("set-cookie", "sid=Ab12Cd34Ef56")];
    let login = Said { target: "/login", body: LOGIN, status: 401, answered, ..Said::default() };
    rig.call(&login);
    let cookie: &[(&str, &str)] = &[("cookie", "sid=Ab12Cd34Ef56")];
    let orders = Said { target: "/orders", fields: cookie, status: 200, ..Said::default() };
    assert!(users(&rig.call(&orders)).is_empty());
    rig.call(&Said { status: 302, ..login });
    assert_eq!(users(&rig.call(&orders)).len(), 1);
    rig.second += 61;
    assert!(users(&rig.call(&orders)).is_empty());
    assert_eq!(rig.links.counts().expired, 1);
    let mut rig = Rig::new("link_seconds_max = 0");
    rig.call(&Said { status: 200, ..login });
    assert!(users(&rig.call(&orders)).is_empty());
}

fn steps(record: &v1::CallRecord) -> Vec<(Option<i32>, u32)> {
    record.objects.iter().filter(|o| !o.returned).map(|o| (o.step, o.run)).collect()
}

#[test]
fn steps_between_ids_are_told_and_nothing_else_of_them() {
    let mut rig = Rig::new("");
    let fields: &[(&str, &str)] = &[("x-api-key", "9f86d081884c7d659a2feaa0c55ad015")];
    let mut of = |id: u64| {
        let target = format!("/users/{id}?order_id={}", 900_000 + id);
        rig.call(&Said { target: &target, fields, status: 200, ..Said::default() })
    };
    assert_eq!(steps(&of(41)), [(None, 0), (None, 0)]);
    assert_eq!(steps(&of(42)), [(Some(1), 2), (Some(1), 2)]);
    assert_eq!(steps(&of(42)), [(None, 0), (None, 0)]);
    assert_eq!(steps(&of(44)), [(Some(2), 3), (Some(2), 3)]);
    assert_eq!(steps(&of(43)), [(Some(-1), 2), (Some(-1), 2)]);
    assert_eq!(steps(&of(4000)), [(None, 0), (None, 0)]);
    let walked = (4001..4012).map(&mut of).last().unwrap();
    assert_eq!(steps(&walked), [(Some(1), 12), (Some(1), 12)]);
    let signal = walked.signals.iter().find(|s| s.id == "object.sequential").unwrap();
    assert_eq!((signal.kind.as_str(), signal.count), ("upwards", 12));
    assert!(["request.path:0", "request.query:order_id"].contains(&signal.location.as_str()));
}

#[test]
fn one_caller_at_a_time_walks() {
    let mut rig = Rig::new("");
    let mut of = |key: &str, id: u32| {
        let (target, fields) = (format!("/users/{id}"), [("x-api-key", key)]);
        let said = Said { target: &target, fields: &fields, status: 200, ..Said::default() };
        steps(&rig.call(&said))[0].0
    };
    assert_eq!(of("9f86d081884c7d659a2feaa0c55ad015", 7), None);
    assert_eq!(of("60303ae22b998861bce3b28f33eec1be", 8), None);
    assert_eq!(of("9f86d081884c7d659a2feaa0c55ad015", 9), Some(2));
}

#[test]
fn a_success_after_refusals_is_told() {
    let mut rig = Rig::new("");
    let login = |status| Said { target: "/login", body: LOGIN, status, ..Said::default() };
    let refusals = |record: &v1::CallRecord| record.auth.as_ref().unwrap().refusals_before;
    rig.call(&login(401));
    let record = rig.call(&login(200));
    assert_eq!((refusals(&record), record.signals.len()), (1, record.signals.len()));
    assert!(!record.signals.iter().any(|s| s.id == "auth.success_after_refusals"));
    for _ in 0..6 {
        assert_eq!(refusals(&rig.call(&login(401))), 0);
    }
    let record = rig.call(&login(200));
    let signal = record.signals.iter().find(|s| s.id == "auth.success_after_refusals").unwrap();
    assert_eq!((signal.kind.as_str(), signal.count, refusals(&record)), ("login", 6, 6));
    assert_eq!(record.auth.as_ref().unwrap().result(), v1::auth::Result::Accepted);
    // Later is another time.
    (0..6).for_each(|_| drop(rig.call(&login(401))));
    rig.second += 601;
    assert_eq!(refusals(&rig.call(&login(200))), 0);
}

#[test]
fn failed_logins_with_status_200_count() {
    let mut rig = Rig::new("");
    let answered: &[(&str, &str)] = &[("set-cookie", "sid=Ab12Cd34Ef56")];
    let with = |answer| Said {
        target: "/login",
        body: LOGIN,
        status: 200,
        answered,
        answer,
        ..Said::default()
    };
    for _ in 0..6 {
        let refused = rig.call(&with(r#"{"success":false,"code":"INVALID_CREDENTIALS"}"#));
        let auth = refused.auth.as_ref().unwrap();
        assert_eq!((auth.result(), auth.refusals_before), (v1::auth::Result::Rejected, 0));
    }
    // What a refusal sets as cookie is nobody's.
    let cookie: &[(&str, &str)] = &[("cookie", "sid=Ab12Cd34Ef56")];
    let orders = Said { target: "/orders", fields: cookie, status: 200, ..Said::default() };
    assert!(users(&rig.call(&orders)).is_empty());
    let record = rig.call(&with(r#"{"success":true}"#));
    let auth = record.auth.as_ref().unwrap();
    assert_eq!((auth.result(), auth.refusals_before), (v1::auth::Result::Accepted, 6));
    let signal = record.signals.iter().find(|s| s.id == "auth.success_after_refusals").unwrap();
    assert_eq!((signal.kind.as_str(), signal.count), ("login", 6));
    assert_eq!(users(&rig.call(&orders)).len(), 1);
}

#[test]
fn configured_fields_link_too() {
    let mut rig = Rig::new("rules = [{field = 'ticket', kind = 'session'}]");
    let answer = r#"{"ticket":"Q7-55ab-9912"}"#;
    let login = Said { target: "/signin", body: LOGIN, status: 200, answer, ..Said::default() };
    let login = rig.call(&login);
    let issued = login.entities.iter().find(|e| e.role() == Role::Issued).unwrap();
    assert_eq!((issued.kind(), issued.rule.as_str()), (Kind::Session, "ticket"));
    let fields: &[(&str, &str)] = &[("x-ticket", "Q7-55ab-9912")];
    let later = rig.call(&Said { target: "/me", fields, status: 200, ..Said::default() });
    assert_eq!(users(&later).len(), 1);
}
