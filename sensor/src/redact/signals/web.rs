//! What heads tell: methods, cross-origin rules, cookies, banners, missing fields.

use apitap_proto::v1::signal::Severity;

use super::{Seen, Signals, has, header, json, list};
use crate::call::Message;
use crate::redact::header::is_over;
use crate::redact::path;

const RESPONSE: &str = "response.header:";

/// Judges a request's method, and fields that stand in for it.
pub(super) fn request(signals: &mut Signals, seen: &Seen<'_>, message: &Message) {
    let place = super::at("request.method");
    match seen.method {
        "TRACE" => {
            let severity = if seen.accepted() { Severity::Medium } else { Severity::Low };
            signals.raise_as(list::METHOD_TRACE, severity, "", place);
        }
        "OTHER" => signals.raise(list::METHOD_UNUSUAL, place),
        _ => {}
    }
    for (name, _) in message.fields_of(&[13, 17, 22]) {
        let known = match name.len() {
            13 => "x-http-method",
            17 => "x-method-override",
            22 => "x-http-method-override",
            _ => continue,
        };
        if name.eq_ignore_ascii_case(known.as_bytes()) {
            signals.raise(list::METHOD_OVERRIDE, header("request.header:", known));
        }
    }
}

/// Fields of a response that these signals are about.
#[derive(Default)]
struct Fields<'m> {
    allow_origin: Option<&'m [u8]>,
    allow_credentials: bool,
    nosniff: bool,
    transport: bool,
}

/// Judges a response's fields.
pub(super) fn response(signals: &mut Signals, seen: &Seen<'_>, message: &Message) {
    let mut fields = Fields::default();
    for (name, value) in message.fields_of(&[6, 10, 12, 16, 22, 25, 27, 32]) {
        match name.len() {
            6 if name.eq_ignore_ascii_case(b"server") => banner(signals, "server", value),
            10 if name.eq_ignore_ascii_case(b"set-cookie") => cookie(signals, value),
            12 if name.eq_ignore_ascii_case(b"x-powered-by") => {
                banner(signals, "x-powered-by", value);
            }
            16 if name.eq_ignore_ascii_case(b"x-aspnet-version") => {
                banner(signals, "x-aspnet-version", value);
            }
            22 if name.eq_ignore_ascii_case(b"x-content-type-options") => {
                fields.nosniff |= value.eq_ignore_ascii_case(b"nosniff");
            }
            25 if name.eq_ignore_ascii_case(b"strict-transport-security") => {
                fields.transport = !value.is_empty();
            }
            27 if name.eq_ignore_ascii_case(b"access-control-allow-origin") => {
                fields.allow_origin = Some(value.trim_ascii());
            }
            32 if name.eq_ignore_ascii_case(b"access-control-allow-credentials") => {
                fields.allow_credentials = value.eq_ignore_ascii_case(b"true");
            }
            _ => {}
        }
    }
    cross_origin(signals, seen, &fields);
    let cookies = seen.credentials.is_some_and(|credentials| credentials.cookie);
    let said = fields.nosniff && fields.transport;
    if cookies && !said && seen.accepted() && json(message) {
        if !fields.nosniff {
            signals.raise(list::HEADER_NOSNIFF, header(RESPONSE, "x-content-type-options"));
        }
        // Of what goes on in clear behind a terminator, that one may say it.
        if !fields.transport && seen.call.facts.connection.is_decrypted() {
            signals.raise(list::HEADER_HSTS, header(RESPONSE, "strict-transport-security"));
        }
    }
    if message.facts.status == 429 {
        signals.raise(list::RESPONSE_LIMITED, super::at("response.status"));
    }
}

/// Whether caches may store the response without asking: neither `no-store` nor `private` (RFC 9111 §5.2.2).
pub(super) fn cacheable(message: &Message) -> bool {
    let mut told = false;
    for (name, value) in message.fields_of(&[13]) {
        if name.eq_ignore_ascii_case(b"cache-control") {
            let value = value.get(..256).unwrap_or(value).to_ascii_lowercase();
            told |=
                [b"no-store".as_slice(), b"private", b"no-cache"].iter().any(|w| has(&value, w));
        }
    }
    !told
}

/// A product with its version: `nginx/1.18.0`, `PHP/8.1`.
fn banner(signals: &mut Signals, name: &'static str, value: &[u8]) {
    let versioned = value.windows(2).any(|pair| matches!(pair, [b'/', b'0'..=b'9']));
    if versioned || (name == "x-aspnet-version" && !value.is_empty()) {
        signals.raise_as(list::HEADER_VERSION, Severity::Info, name, header(RESPONSE, name));
    }
}

/// Answers that let scripts of other sites read what the user may read.
fn cross_origin(signals: &mut Signals, seen: &Seen<'_>, fields: &Fields<'_>) {
    let place = header(RESPONSE, "access-control-allow-origin");
    let Some(allowed) = fields.allow_origin.filter(|_| fields.allow_credentials) else { return };
    match allowed {
        // Browsers refuse it; who wrote it meant everyone.
        b"*" => signals.raise(list::CORS_WILDCARD, place),
        b"null" => signals.raise(list::CORS_NULL, place),
        _ => {
            let Some(request) = &seen.call.request else { return };
            let origin = request.field("origin").unwrap_or_default();
            if origin == allowed && foreign(request, origin) {
                signals.raise(list::CORS_REFLECTED, place);
            }
        }
    }
}

/// Whether an origin shares not even the last two labels with the host asked.
fn foreign(request: &Message, origin: &[u8]) -> bool {
    let bare = |authority: &[u8]| {
        let host = authority.split(|&b| b == b':').next().unwrap_or_default().to_ascii_lowercase();
        let address = host.last().is_some_and(u8::is_ascii_digit);
        let labels: Vec<&[u8]> = host.rsplit(|&b| b == b'.').collect();
        let kept = if address { labels.len() } else { 2 };
        labels.into_iter().take(kept).map(<[u8]>::to_vec).collect::<Vec<_>>()
    };
    let authority = Some(request.authority()).filter(|authority| !authority.is_empty());
    let Some(host) = authority.or_else(|| request.field("host")) else { return false };
    let Some(other) = path::split(b"GET", origin).authority else { return false };
    bare(host) != bare(other)
}

/// A cookie that stands for a login, by its name, against its attributes (RFC 6265bis §4.1).
fn cookie(signals: &mut Signals, value: &[u8]) {
    let place = header(RESPONSE, "set-cookie");
    let (pair, attributes) = match memchr::memchr(b';', value) {
        Some(at) => value.split_at_checked(at).unwrap_or((value, b"")),
        None => (value, b"".as_slice()),
    };
    let equals = memchr::memchr(b'=', pair).unwrap_or(0);
    let (name, content) = pair.split_at_checked(equals).unwrap_or((b"", b""));
    let name = name.get(..64).unwrap_or(name).trim_ascii().to_ascii_lowercase();
    let login = [b"sess".as_slice(), b"sid", b"auth", b"jwt", b"token", b"login", b"remember"];
    let forgery = has(&name, b"csrf") || has(&name, b"xsrf");
    if content.len() < 9 || forgery || !login.iter().any(|part| has(&name, part)) {
        return;
    }
    let set = |wanted: &[u8]| {
        let names = attributes.split(|&b| b == b';').map(|attribute| {
            attribute.split(|&b| b == b'=').next().unwrap_or_default().trim_ascii()
        });
        names.into_iter().any(|name| name.eq_ignore_ascii_case(wanted))
    };
    // One that is being deleted.
    if is_over(attributes) {
        return;
    }
    if !set(b"secure") {
        signals.raise(list::COOKIE_SECURE, place);
    }
    if !set(b"httponly") {
        signals.raise(list::COOKIE_HTTPONLY, place);
    }
    if !set(b"samesite") {
        signals.raise(list::COOKIE_SAMESITE, place);
    }
}
