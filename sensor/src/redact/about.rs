//! Values under names of secrets that are about a secret, and none themselves: when it was changed, whether it must be,
//! how many days are left, how a check of it ended.
//!
//! Name and value must both say so: a password under `password_update` is one.

use apitap_proto::v1::entity::Kind;

use super::class::{Class, Exit};
use super::detect::Confidence;
use super::judge::{Judge, Judgement, Way, must_not_be_hashed};
use super::names::{Context, Meaning, Name};
use super::policy::{Why, dates};
use super::segments::Known;
use super::words;

/// Last words of names that say when, whether, how often or how long.
const WHEN: &str = "
    at on date time timestamp ts updated update changed change modified created set reset rotated rotation expires expiry
    expiration expired until since used days age length count attempts retries history required enabled verified valid
    exists dt dttm ymd in left remaining ttl
";

/// Last words of names that say in which state or of which kind.
const STATE: &str = "
    status state check checks result results resultcode responsecode statuscode type kind method algorithm alg policy
    policies strength provider authentication mode format
";

/// Last words of names of what describes the thing that is called like a secret: what is pinned to a map, say, or who
/// may use a password of an application.
const DESCRIBES: &str = "
    displayname description label title placeholder color colour icon shape url href
";

/// States of machines, of which none is one of people.
const MACHINES: &str = "green yellow red up down healthy unhealthy degraded passing starting ok";

/// Fewest digits of what is longer than a PIN.
const PIN_DIGITS_MAX: usize = 12;

/// First words of names that ask a question.
const QUESTION: &str = "is has was can must should needs requires";

/// States and kinds as APIs name them, in lower case.
const STATES: &str = "
    none null unknown pass passed fail failed match matched mismatch no_match not_matched unchecked not_checked unavailable
    not_provided not_processed not_supported supported unsupported skipped active inactive enabled disabled expired valid
    invalid verified unverified required optional set not_set unset ok success error locked unlocked temporary permanent
    weak medium strong fair good okta ldap active_directory federation opaque totp hotp sms email push
    md5 sha1 sha-1 sha256 sha-256 sha512 sha-512 bcrypt scrypt argon2 argon2i argon2id pbkdf2 rsa ec ed25519
    string integer number boolean password plain text
    disablepasswordexpiration disablestrongpassword
";

/// Digits that the shortest track data of a card have: its number.
const TRACK_DIGITS_MIN: usize = 12;
/// Track data that are encrypted are longer than this.
const TRACK_TEXT_MIN: usize = 41;

fn among(list: &str, word: &[u8]) -> bool {
    list.split_ascii_whitespace().any(|listed| listed.as_bytes() == word)
}

/// What the name of a secret says beside that: whether it ends with when, whether, how often, how long, in which state
/// or of which kind, or begins as a question.
pub(super) fn name(flat: &[u8], starts: &[usize]) -> Context {
    let first = starts.get(1).and_then(|&end| flat.get(..end)).unwrap_or_default();
    let mut endings = starts.iter().skip(1).rev().filter_map(|&at| flat.get(at..));
    let last = endings.next().unwrap_or_default();
    if among(STATE, last) || endings.next().is_some_and(|two| among(STATE, two)) {
        Context::Stated
    } else if starts.len() > 1 && (among(WHEN, last) || among(QUESTION, first)) {
        Context::About
    } else if last == b"id" {
        Context::Numbered
    } else {
        Context::None
    }
}

/// Whether what is in a secret only describes it.
pub(crate) fn describes(raw: &[u8]) -> bool {
    let flat = super::names::flat(raw);
    DESCRIBES.split_ascii_whitespace().any(|end| flat.ends_with(end.as_bytes()))
}

/// What a name says beside what lies in it being a secret: `minLength` under `password`.
pub(super) fn under(flat: &[u8], starts: &[usize]) -> Context {
    let last = starts.last().and_then(|&at| flat.get(at..)).unwrap_or_default();
    if among(STATE, last) || among(WHEN, last) {
        Context::Stated
    } else if matches!(last, b"id" | b"uuid") {
        Context::Numbered
    } else {
        Context::None
    }
}

/// What a name like `last_password_update` or `cvc_check` says of this value: of a moment, of yes or no, of a state under
/// its name, and of a number too short for any secret it says that it is none.
pub(super) fn value(name: Name, text: &[u8], year: u32) -> Name {
    if name.meaning == Meaning::Secret(Class::Track) {
        let meaning = if track(text) { name.meaning } else { Meaning::Text };
        return Name { meaning, ..name };
    }
    if name.context == Context::Error {
        let meaning = if a_message(text) { Meaning::Text } else { name.meaning };
        return Name { meaning, ..name };
    }
    if name.context == Context::Numbered {
        let id = Meaning::Id(Kind::Unspecified);
        return Name { meaning: if an_id(name.meaning, text) { id } else { name.meaning }, ..name };
    }
    let digits = text.iter().all(u8::is_ascii_digit);
    // Seconds and milliseconds since 1970, of this century; tenths of microseconds since 1601 (Active Directory).
    let moment = digits
        && (matches!((text.len(), text.first()), (10 | 13, Some(b'1')))
            || text.len() == 18 && text.starts_with(b"13"));
    let meaning = match text {
        b"true" | b"false" | b"True" | b"False" | b"Y" | b"N" => Meaning::Flag,
        _ if digits && text.len() <= 2 => Meaning::Count,
        _ if moment || dates::day(text, false, year).is_some() => Meaning::Text,
        _ if name.context == Context::Stated && a_state(text) => Meaning::Enum,
        _ => return name,
    };
    Name { meaning, ..name }
}

impl Judge {
    /// Digits that a request sends may be what somebody was given to prove who he is; those of an answer are a result.
    pub(super) fn prove(&self, name: Name, text: &[u8], judgement: &mut Judgement) {
        let digits = text.len() >= 4 && text.iter().all(u8::is_ascii_digit);
        if self.answering || !digits {
            return;
        }
        match name.context {
            Context::Oauth if judgement.way == Way::Keep => {
                (judgement.way, judgement.why) = (Way::Shape, Why::Default);
            }
            Context::Proof if text.len() <= 8 => {
                *judgement = Judgement::of(Class::Otp, Confidence::Low, Why::Dictionary);
            }
            _ => {}
        }
    }

    /// The class of a few digits behind a segment of a path that says what they are: `/otp/482913`.
    pub(super) fn behind(&mut self, before: Known, text: &[u8]) -> Option<Class> {
        if !(3..=8).contains(&text.len()) || !text.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let Self { names, segments, .. } = self;
        match names.look(segments.text(before).as_bytes()).meaning {
            Meaning::Secret(class @ (Class::Otp | Class::Pin | Class::Cvv)) => Some(class),
            _ => None,
        }
    }

    /// Judges a text that its name says is a secret. Of some a token is made: not of those that hold what must not even be
    /// hashed, as connection strings and stored logins do.
    pub(super) fn secret(&self, name: Name, class: Class, text: &[u8]) -> Judgement {
        let judgement = Judgement::of(class, Confidence::Medium, Why::Dictionary);
        if name.context != Context::All && (veiled(text) || self.answering && a_prompt(text)) {
            return Judgement::plain(Way::Drop, Why::Default);
        }
        if class.exit() == Exit::Drop {
            return judgement;
        }
        let looked = text.get(..self.policy.scan_bytes_max).unwrap_or(text);
        let verdict = self.look(name.asked, looked);
        match verdict.whole {
            Some(found) if found.class.exit() == Exit::Drop => {
                Judgement::of(found.class, found.confidence, Why::Detector)
            }
            _ if must_not_be_hashed(&verdict.inside) => {
                Judgement { way: Way::Drop, inside: verdict.inside, ..judgement }
            }
            _ => judgement,
        }
    }
}

/// Whether a text stands where a secret was taken out, or is to be put in: `********`, `[FILTERED]`, `${DB_PASSWORD}`.
pub(super) fn veiled(text: &[u8]) -> bool {
    const WORDS: &str = "redacted filtered masked hidden removed omitted sensitive";
    let stars = std::str::from_utf8(text)
        .is_ok_and(|text| !text.is_empty() && text.chars().all(|c| matches!(c, '*' | '•' | '●')));
    let inner = |open: &[u8], close: &[u8]| text.strip_prefix(open)?.strip_suffix(close);
    let word = inner(b"[", b"]").or_else(|| inner(b"<", b">")).or_else(|| inner(b"(", b")"));
    let variable = inner(b"${", b"}").or_else(|| inner(b"{{", b"}}")).map(<[u8]>::trim_ascii);
    let name = |b: &u8| b.is_ascii_alphabetic() || matches!(b, b'_' | b'.');
    stars
        || word.is_some_and(|word| among(WORDS, &word.to_ascii_lowercase()))
        || variable.is_some_and(|named| !named.is_empty() && named.iter().all(name))
}

/// Whether a text of an answer asks for a password, as those of forms and translations do: `Enter your password`.
fn a_prompt(text: &[u8]) -> bool {
    let has = |word: &str| memchr::memmem::find(text, word.as_bytes()).is_some();
    text.contains(&b' ')
        && !text.iter().any(u8::is_ascii_digit)
        && ["assword", "asscode", "비밀번호", "인증번호", "PIN", "CVC", "CVV"]
            .iter()
            .any(|w| has(w))
}

/// Whether a value may be what stands on a card's magnetic stripe: a piece of music, too, is a `track`.
fn track(text: &[u8]) -> bool {
    let digits = text.iter().filter(|b| b.is_ascii_digit()).count();
    let words = text.contains(&b' ') || memchr::memmem::find(text, b"://").is_some();
    digits >= TRACK_DIGITS_MIN || text.len() >= TRACK_TEXT_MIN && !words
}

/// Whether a value is an identifier by its form, and too long for the secret its name speaks of.
fn an_id(meaning: Meaning, text: &[u8]) -> bool {
    let long = text.len() > PIN_DIGITS_MAX && text.iter().all(u8::is_ascii_digit);
    words::uuid(text) || meaning == Meaning::Secret(Class::Pin) && long
}

/// Whether a word beneath a name of health is about a machine, and a number beneath one of a card's expiry a moment.
pub(crate) fn of_a_thing(class: Class, text: &[u8]) -> bool {
    match class {
        Class::Health => text.len() <= 9 && among(MACHINES, &text.to_ascii_lowercase()),
        Class::CardExpiry => text.len() >= 10 && text.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

/// Whether a text that stands beneath errors is about a field, and not what was in it: `is too short`.
fn a_message(text: &[u8]) -> bool {
    const SAID: &str = "blank empty missing taken too_short too_long required invalid weak";
    let words = || text.split(|b| *b == b' ').filter(|word| word.len() > 1);
    among(SAID, &text.to_ascii_lowercase())
        || words().count() > 1
            && words().all(|word| !word.iter().any(u8::is_ascii_digit) || word.len() < 4)
}

/// Whether what is in a member of this name is told of errors, by the names of fields.
pub(crate) fn errors(name: &[u8]) -> bool {
    matches!(
        name,
        b"errors"
            | b"error"
            | b"messages"
            | b"violations"
            | b"fieldErrors"
            | b"field_errors"
            | b"validationErrors"
            | b"validation_errors"
            | b"modelState"
            | b"ModelState"
    )
}

/// Whether a value is the name of a state, or a letter that stands for one: `M` under `cvv_result_code`.
fn a_state(text: &[u8]) -> bool {
    let letter = matches!(text, [letter] if letter.is_ascii_uppercase());
    letter || text.len() <= 32 && among(STATES, &text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use crate::redact::judge::{Judge, Way};
    use crate::redact::{Config, Keys};
    use apitap_proto::v1::ValueType;

    #[test]
    fn what_is_about_a_secret_is_none() {
        use ValueType::{Boolean, Integer, String};
        let found = |name: &str, kind, text: &str| {
            let mut judge = Judge::new(&Keys::ephemeral().unwrap(), &Config::default());
            judge.year = 2026;
            let name = judge.names.look(name.as_bytes());
            judge.decide(name, kind, text.as_bytes()).found.map(|found| found.class)
        };
        for (name, kind, text) in [
            ("last_password_update", String, "2026-10-01T10:00:00Z"),
            ("passwordChangedAt", Integer, "1790000000"),
            ("password_changed_at", Integer, "1790000000123"),
            ("password_expiry_date", String, "2026-12-31"),
            ("pin_attempts", Integer, "3"),
            ("password_age_days", Integer, "90"),
            ("password_reset_required", String, "true"),
            ("passwordExpired", Boolean, "false"),
            ("password_set", String, "Y"),
            ("cvc_check", String, "pass"),
            ("cvv_result_code", String, "M"),
            ("cvvResult", String, "NOT_PROCESSED"),
            ("PasswordLastUsed", String, "2026-10-01T10:00:00Z"),
            ("pwdLastSet", String, "133500000000000000"),
            ("passwordPolicies", String, "DisablePasswordExpiration"),
            ("password_strength", String, "strong"),
            ("passwordHashAlgorithm", String, "SHA-256"),
            ("passwordStatus", String, "EXPIRED"),
            ("hasPassword", String, "true"),
            ("track", String, "production"),
            ("track", String, "3n3Ppam7vgaVa1iaRUc9Lp"),
            ("track", Integer, "12"),
        ] {
            assert_eq!(found(name, kind, text), None, "{name}");
        }
        for (name, kind, text) in [
            ("password", String, "2026-10-01"),
            ("password", Integer, "1790000000"),
            ("password_update", String, "hunter2"),
            ("password_update", String, "1990-01-01"),
            ("password_change", Integer, "123456"),
            ("pin_update", Integer, "1234"),
            ("cvv_set", Integer, "123"),
            ("otp_date", String, "20261001"),
            ("date_password", String, "2026-10-01"),
            ("password_hash", String, "true"),
            ("password_update", String, "strong"),
            ("password_reset", String, "temporary"),
            ("password_status", String, "hunter2"),
            ("has_password", String, "hunter2"),
            ("password_type", String, "Tr0ub4dor"),
            ("cvc_check", String, "123"),
            ("cvv_result_code", Integer, "123"),
            ("password_reset_code", String, "M"),
            ("pwd_last_set", String, "933500000000000000"),
            ("password", String, "strong"),
            ("check_password", String, "pass"),
            ("track", String, ";4111111111111111=29125010000000000?"),
            ("track", String, "%B4111111111111111^KIM/MINSU^2912501?"),
            ("track2", String, "4111111111111111=2912"),
            ("track", String, "QmFzZTY0IG9mIGVuY3J5cHRlZCB0cmFjayBkYXRhIG9mIGEgY2FyZA=="),
        ] {
            assert!(found(name, kind, text).is_some(), "{name}");
        }
        let mut configured = Judge::new(
            &Keys::ephemeral().unwrap(),
            &toml::from_str::<Config>("drop_names = ['last_password_update']").unwrap(),
        );
        let name = configured.names.look(b"last_password_update");
        assert_eq!(configured.decide(name, String, b"2026-10-01").way, Way::Drop);
    }
}
