//! Refusals that a status hides: a login answered with 200 and an error in its body, or led back to its form.
//!
//! Only answers to logins (a password or code was in the request) with a status of success are looked at, leaf by leaf
//! as they are read. Names are those that APIs use, flat (`resultCode`, `result_code`), at the top or in an envelope:
//!
//! ```text
//! {"success": false}   {"error": "…"}   {"result": {"code": "INVALID_CREDENTIALS"}}   {"message": "Wrong password"}
//! ```
//!
//! Whatever speaks against a refusal ends it: a flag or word of success, a further step (one-time codes), reasons that have
//! nothing to do with who calls (validation, limits, failures of the server), a session or token in the body.

use apitap_proto::v1::ValueType;

use super::body::percent::decode;
use super::found::Place;
use crate::call::Message;

/// Octets looked at of one value.
const VALUE_MAX: usize = 256;
/// Longest text that is taken for a code rather than a sentence.
const CODE_MAX: usize = 48;
/// Deepest member looked at.
const DEPTH_MAX: usize = 4;
/// Longest flat name.
const NAME_MAX: usize = 24;

/// What the answer to one login says.
#[derive(Default)]
pub(crate) struct Refusal {
    asked: bool,
    /// Said of a refusal, and against one.
    no: bool,
    against: bool,
}

impl Refusal {
    /// Begins a call; `login`: its request tries a password or code, and its status does not tell a refusal.
    pub(super) fn begin(&mut self, login: bool, template: &str) {
        *self = Self { asked: login && !signs_up(template), ..Self::default() };
    }

    /// Whether the answer refuses.
    pub(super) const fn told(&self) -> bool {
        self.no && !self.against
    }

    /// Whether leaves of the answer are looked at.
    pub(super) const fn minds_values(&self) -> bool {
        self.asked
    }

    /// Looks at a leaf of the answer.
    #[inline]
    pub(super) fn leaf(&mut self, place: Place<'_>, kind: ValueType, text: &[u8]) {
        if self.asked && place.part == "response.body:" {
            self.judge(place.path, kind, text);
        }
    }

    // Apart: nearly no leaf is of an answer to a login, and every leaf comes by.
    #[inline(never)]
    fn judge(&mut self, path: &str, kind: ValueType, text: &[u8]) {
        let mut room = [[0_u8; NAME_MAX]; DEPTH_MAX];
        let mut names: [&[u8]; DEPTH_MAX] = [b""; DEPTH_MAX];
        let mut depth = 0_usize;
        let path = path.strip_prefix("$.").unwrap_or_default();
        for (segment, (room, name)) in path.split('.').zip(room.iter_mut().zip(&mut names)) {
            *name = flat(segment, room);
            depth = depth.saturating_add(1);
        }
        let Some((name, above)) = names.get(..depth).and_then(<[_]>::split_last) else { return };
        let deeper = path.split('.').nth(DEPTH_MAX).is_some();
        // In an error everything is about it, however deep.
        let fault = above.iter().position(|name| error(name));
        let within = fault.is_some();
        let wrapped = envelope(above.get(..fault.unwrap_or(above.len())).unwrap_or_default());
        if !wrapped
            || (!within && (deeper || memchr::memmem::find(path.as_bytes(), b"[].").is_some()))
        {
            return;
        }
        let text = text.get(..VALUE_MAX).unwrap_or(text).trim_ascii().to_ascii_lowercase();
        let said = Said::of(kind, &text);
        self.against |= said == Said::Other;
        match said {
            Said::Yes if within => {}
            // `error: true`; but `error: "success"`.
            Said::Yes if error(name) => self.no |= is_true(kind, &text),
            _ if within || error(name) => self.no |= said != Said::Nothing,
            Said::Yes => self.against |= flag(name) || code(name) || either(name),
            Said::Nothing => {
                let zero = text == b"0";
                self.no |= is_false(kind, &text) && (flag(name) || (either(name) && !zero));
            }
            Said::No => self.no |= flag(name) || code(name) || either(name) || message(name),
            Said::Unknown | Said::Other => {}
        }
    }

    /// Looks at where the answer leads: back to a form that is to tell of an error (`/login?error`).
    pub(super) fn redirect(&mut self, response: &Message) {
        if !self.asked || !matches!(response.facts.status, 301..=303 | 307 | 308) {
            return;
        }
        let location = response.field("location").unwrap_or_default();
        let location = location.get(..1024).unwrap_or(location);
        let Some(at) = memchr::memchr(b'?', location) else { return };
        for pair in
            location.get(at..).unwrap_or_default().split(|b| matches!(b, b'?' | b'&' | b'#'))
        {
            let (name, value) = match memchr::memchr(b'=', pair) {
                Some(at) => (pair.get(..at), pair.get(at.saturating_add(1)..)),
                None => (Some(pair), None),
            };
            let mut room = [0_u8; NAME_MAX];
            let name =
                flat(std::str::from_utf8(name.unwrap_or_default()).unwrap_or_default(), &mut room);
            let named = error(name)
                || matches!(name, b"failed" | b"failure" | b"loginfailed" | b"authfailed");
            let value = decode(value.unwrap_or_default(), true).to_ascii_lowercase();
            let said = Said::of(ValueType::Unspecified, &value);
            self.against |= named && said == Said::Other;
            // `error` alone says it, too.
            let yes = !pair.contains(&b'=') || is_true(ValueType::Unspecified, &value);
            self.no |= named && (yes || !matches!(said, Said::Nothing | Said::Yes));
        }
    }
}

/// What a value says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    /// Null, false, zero, empty.
    Nothing,
    Yes,
    No,
    /// Of something else than who calls.
    Other,
    Unknown,
}

impl Said {
    /// `text` in lower case.
    fn of(kind: ValueType, text: &[u8]) -> Self {
        let digits = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
        if matches!(kind, ValueType::Null | ValueType::Object | ValueType::Array) || text.is_empty()
        {
            return Self::Nothing;
        }
        if is_false(kind, text)
            || matches!(text, b"null" | b"none")
            || (digits && text.iter().all(|b| *b == b'0'))
        {
            return Self::Nothing;
        }
        let good: [&[u8]; 11] = [
            b"true",
            b"ok",
            b"y",
            b"yes",
            b"success",
            b"succeeded",
            b"successful",
            b"authenticated",
            b"granted",
            b"200",
            b"1",
        ];
        if kind == ValueType::Boolean || good.contains(&text) {
            return Self::Yes;
        }
        if digits {
            let refused = text.starts_with(b"401") || text.starts_with(b"403");
            return if refused && matches!(text.len(), 3 | 5) { Self::No } else { Self::Unknown };
        }
        let has = |words: &[&str]| {
            words.iter().any(|w| memchr::memmem::find(text, w.as_bytes()).is_some())
        };
        if has(OTHERS) {
            return Self::Other;
        }
        let short = text.len() <= CODE_MAX && !text.contains(&b' ');
        if (short && has(CODES))
            || matches!(text, b"error" | b"ng" | b"nok" | b"ko")
            || has(SENTENCES)
        {
            return Self::No;
        }
        Self::Unknown
    }
}

/// Parts of words that say that it is not, or not only, about who calls.
const OTHERS: &[&str] = &[
    "mfa",
    "otp",
    "2fa",
    "two_factor",
    "two-factor",
    "twofactor",
    "two factor",
    "second_factor",
    "second factor",
    "challenge",
    "verification code",
    "verify your",
    "captcha",
    "timeout",
    "timed out",
    "unavailable",
    "internal",
    "maintenance",
    "validation",
    "required",
    "missing",
    "already",
    "exists",
    "duplicate",
    "expired",
    "rate limit",
    "rate_limit",
    "too many",
    "too_many",
    "throttl",
    "graphql_",
    "cannot query",
    "추가 인증",
    "본인인증",
    "점검",
];

/// Parts of codes that say no.
const CODES: &[&str] = &[
    "invalid",
    "fail",
    "unauth",
    "denied",
    "wrong",
    "incorrect",
    "mismatch",
    "bad_cred",
    "badcred",
    "bad-cred",
    "forbidden",
    "rejected",
    "refused",
    "not_found",
    "notfound",
    "locked",
    "disabled",
    "suspended",
    "blocked",
];

/// Parts of sentences that say no.
const SENTENCES: &[&str] = &[
    "invalid credential",
    "invalid user",
    "invalid email",
    "invalid login",
    "invalid password",
    "bad credential",
    "incorrect",
    "wrong password",
    "wrong user",
    "wrong email",
    "login failed",
    "log in failed",
    "authentication failed",
    "not authorized",
    "unauthorized",
    "access denied",
    "does not match",
    "do not match",
    "doesn't match",
    "user not found",
    "account is locked",
    "account locked",
    "일치하지",
    "로그인에 실패",
    "로그인 실패",
    "인증에 실패",
    "인증 실패",
    "잘못된 비밀번호",
    "비밀번호가 틀",
    "존재하지 않는",
];

/// A name without what its parts are joined with, in lower case; empty when it is too long to be one of ours.
fn flat<'r>(name: &str, room: &'r mut [u8; NAME_MAX]) -> &'r [u8] {
    let mut len = 0_usize;
    let name = name.trim_end_matches("[]");
    for b in name.bytes().filter(|b| !matches!(b, b'_' | b'-')) {
        let Some(slot) = room.get_mut(len) else { return b"" };
        *slot = b.to_ascii_lowercase();
        len = len.saturating_add(1);
    }
    room.get(..len).unwrap_or_default()
}

/// Whether these members are what answers are wrapped in; what a GraphQL operation is called is anybody's name.
fn envelope(above: &[&[u8]]) -> bool {
    let known = |name: &&[u8]| {
        matches!(
            *name,
            b"data"
                | b"result"
                | b"response"
                | b"status"
                | b"header"
                | b"head"
                | b"meta"
                | b"body"
                | b"auth"
                | b"login"
        )
    };
    match above {
        [] => true,
        [one] => known(one),
        [b"data", _] => true,
        [one, other] => known(one) && known(other),
        _ => false,
    }
}

/// Names of what is only there, or only filled, when something went wrong.
fn error(name: &[u8]) -> bool {
    matches!(
        name,
        b"error"
            | b"errors"
            | b"err"
            | b"errorcode"
            | b"errcode"
            | b"errormessage"
            | b"errormsg"
            | b"errmsg"
            | b"loginerror"
            | b"autherror"
            | b"fault"
            | b"iserror"
            | b"haserror"
            | b"haserrors"
    )
}

/// Names of flags that say whether it went well.
fn flag(name: &[u8]) -> bool {
    matches!(
        name,
        b"success"
            | b"ok"
            | b"succeeded"
            | b"successful"
            | b"issuccess"
            | b"issuccessful"
            | b"issucceeded"
            | b"isok"
            | b"authenticated"
            | b"isauthenticated"
            | b"loggedin"
            | b"isloggedin"
            | b"loginsuccess"
            | b"authorized"
    )
}

/// Names of flags in one API and of codes in the next: 0 is success as likely as failure.
fn either(name: &[u8]) -> bool {
    matches!(name, b"result" | b"status")
}

/// Names of codes and states.
fn code(name: &[u8]) -> bool {
    matches!(
        name,
        b"code"
            | b"statuscode"
            | b"resultcode"
            | b"resultcd"
            | b"returncode"
            | b"retcode"
            | b"rspcode"
            | b"responsecode"
            | b"reason"
            | b"type"
            | b"state"
            | b"outcome"
    )
}

/// Names of what people are told.
fn message(name: &[u8]) -> bool {
    matches!(
        name,
        b"message"
            | b"msg"
            | b"detail"
            | b"details"
            | b"description"
            | b"errordescription"
            | b"reason"
            | b"resultmessage"
            | b"resultmsg"
            | b"rspmsg"
            | b"info"
    )
}

fn is_false(kind: ValueType, text: &[u8]) -> bool {
    let word = text == b"false" || text == b"n" || text == b"no";
    match kind {
        ValueType::Boolean => text == b"false",
        ValueType::String | ValueType::Unspecified => word || text == b"0",
        _ => text == b"0",
    }
}

fn is_true(kind: ValueType, text: &[u8]) -> bool {
    kind == ValueType::Boolean || matches!(text, b"true" | b"1" | b"y" | b"yes")
}

/// Whether a path is where accounts are made: what is wrong there is seldom who calls.
fn signs_up(template: &str) -> bool {
    let words = ["register", "registration", "signup", "sign-up", "sign_up", "join"];
    template
        .rsplit('/')
        .take(3)
        .any(|part| words.iter().any(|word| part.eq_ignore_ascii_case(word)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::fuzz::{call, message};
    use crate::redact::{Config, Keys, Redactor};

    const JSON: &[(&[u8], &[u8])] = &[(b"content-type", b"application/json")];
    const LOGIN: &str = r#"{"email":"kim@example.com","password":"hunter2"}"#;

    /// The status that the line goes on with, of a request with this answer.
    fn taken(target: &str, asked: &str, status: u16, fields: &[(&[u8], &[u8])], body: &str) -> u16 {
        let request = message(b"POST", target.as_bytes(), JSON, asked.as_bytes(), 0);
        let response = message(b"", b"", fields, body.as_bytes(), status);
        let (request, response) = (Some(request), Some(response));
        let call = call(request, response);
        let mut redactor = Redactor::new(&Keys::ephemeral().unwrap(), &Config::default());
        redactor.redact(&call).into_parts().trail.unwrap().status.unwrap()
    }

    fn login(body: &str) -> u16 {
        taken("/v1/login", LOGIN, 200, JSON, body)
    }

    #[test]
    fn failed_logins_with_200_are_refusals() {
        for body in [
            r#"{"success":false}"#,
            r#"{"success":false,"message":"Try again"}"#,
            r#"{"isSuccess":false,"data":null}"#,
            r#"{"ok":0}"#,
            r#"{"result":"fail"}"#,
            r#"{"result":false}"#,
            r#"{"status":"error","message":"x"}"#,
            r#"{"error":true,"message":"x"}"#,
            r#"{"error":"invalid_grant"}"#,
            r#"{"error":{"code":1004,"text":"nope"}}"#,
            r#"{"errors":[{"message":"Invalid credentials"}],"data":{"login":null}}"#,
            r#"{"data":{"signIn":{"success":false}}}"#,
            r#"{"code":"INVALID_CREDENTIALS"}"#,
            r#"{"code":401,"message":"x"}"#,
            r#"{"header":{"isSuccessful":false,"resultCode":-1}}"#,
            r#"{"result":{"code":"USER_NOT_FOUND"}}"#,
            r#"{"meta":{"status":403}}"#,
            r#"{"rsp_code":"40102","rsp_msg":"x"}"#,
            r#"{"message":"Incorrect username or password."}"#,
            r#"{"msg":"비밀번호가 일치하지 않습니다"}"#,
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"x"}}"#,
            r#"{"hasError":true}"#,
        ] {
            assert_eq!(login(body), 401, "{body}");
        }
    }

    #[test]
    fn what_is_no_refusal() {
        for body in [
            r#"{"success":true,"message":"Invalid credentials are gone"}"#,
            r#"{"error":null,"user":{"id":7}}"#,
            r#"{"error":"","errors":[],"errorCode":0,"err":"0000"}"#,
            r#"{"error":false}"#,
            r#"{"code":0,"message":"ok"}"#,
            r#"{"result":0}"#,
            r#"{"status":0}"#,
            r#"{"status":"success"}"#,
            r#"{"resultCode":"0000"}"#,
            r#"{"user":{"name":"kim","success":false,"error":"x"}}"#,
            r#"{"devices":[{"error":"invalid"}]}"#,
            // A session or token is in it.
            r#"{"success":false,"access_token":"9f86d081884c7d659a2feaa0c55ad015"}"#,
            // The password was right, or it was about something else.
            r#"{"success":false,"code":"MFA_REQUIRED"}"#,
            r#"{"error":"otp_required"}"#,
            r#"{"success":false,"error":"internal error"}"#,
            r#"{"success":false,"message":"Too many attempts, solve the captcha"}"#,
            r#"{"error":{"code":"VALIDATION_ERROR"}}"#,
            r#"{"success":false,"message":"email already exists"}"#,
            r#"{"message":"Welcome back"}"#,
            r#"{"type":"invalid"#,
            "",
            "{}",
        ] {
            assert_eq!(login(body), 200, "{body}");
        }
        let refused = r#"{"success":false}"#;
        assert_eq!(taken("/v1/orders", r#"{"item":7}"#, 200, JSON, refused), 200, "no login");
        assert_eq!(taken("/v1/signup", LOGIN, 200, JSON, refused), 200);
        assert_eq!(taken("/v1/login", LOGIN, 500, JSON, refused), 500);
    }

    #[test]
    fn forms_lead_back() {
        let to =
            |location: &str| taken("/login", LOGIN, 302, &[(b"location", location.as_bytes())], "");
        for refused in [
            "/login?error",
            "/login?error=true",
            "/login?next=%2F&error=invalid",
            "/#/login?failed=1",
        ] {
            assert_eq!(to(refused), 401, "{refused}");
        }
        for taken in [
            "/home",
            "/login",
            "/home?error=0",
            "/home?errors=",
            "/mfa?error=mfa_required",
            "/error?x",
        ] {
            assert_eq!(to(taken), 302, "{taken}");
        }
    }

    #[test]
    fn graphql_says_who_may_not() {
        let asked = r#"{"query":"{ me { id } }"}"#;
        let with = |code: &str, data: &str| {
            let body =
                format!(r#"{{"errors":[{{"extensions":{{"code":"{code}"}}}}],"data":{data}}}"#);
            taken("/graphql", asked, 200, JSON, &body)
        };
        assert_eq!(with("UNAUTHENTICATED", "null"), 401);
        assert_eq!(with("FORBIDDEN", r#"{"me":null}"#), 403);
        assert_eq!(with("FORBIDDEN", r#"{"me":{"id":1},"b":null}"#), 200);
        assert_eq!(with("INTERNAL_SERVER_ERROR", "null"), 200);
    }

    proptest::proptest! {
        #[test]
        fn no_answer_upsets_it(path in "[$.a-z\\[\\]_(){}]{0,60}", text in proptest::collection::vec(0_u8.., 0..300)) {
            let mut refusal = Refusal::default();
            refusal.begin(true, "/login");
            let place = Place { part: "response.body:", path: &path };
            refusal.leaf(place, ValueType::String, &text);
            let _told = refusal.told();
        }
    }
}
