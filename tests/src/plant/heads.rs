//! Random heads of messages, with secrets in every part.

use super::bodies::{self, Body};
use super::choices::Choices;
use super::disguise;
use super::secrets::{self, Secret};

/// A field of a head: name and value.
pub(super) type Field = (String, String);

/// A request or a response.
pub(super) struct Message {
    /// Method; empty in responses.
    pub(super) method: String,
    /// Target of a request.
    pub(super) target: String,
    /// Host of a request.
    pub(super) host: String,
    /// Status of a response, with its reason.
    pub(super) status: (u16, String),
    /// Fields.
    pub(super) fields: Vec<Field>,
    /// Fields behind the body.
    pub(super) trailers: Vec<Field>,
    /// Content.
    pub(super) body: Option<Body>,
}

const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// Field names that have rules of their own, or none.
const FIELDS: &[&str] = &[
    "referer",
    "origin",
    "location",
    "content-location",
    "link",
    "via",
    "warning",
    "user-agent",
    "server",
    "x-powered-by",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "forwarded",
    "x-real-ip",
    "x-original-url",
    "x-rewrite-url",
    "content-disposition",
    "content-language",
    "content-encoding",
    "accept",
    "accept-language",
    "accept-encoding",
    "vary",
    "cache-control",
    "allow",
    "etag",
    "if-match",
    "last-modified",
    "date",
    "expires",
    "range",
    "content-range",
    "alt-svc",
    "traceparent",
    "tracestate",
    "baggage",
    "x-request-id",
    "x-correlation-id",
    "x-trace",
    "x-debug",
    "x-user",
    "x-user-id",
    "x-user-name",
    "x-email",
    "x-note",
    "x-api-key",
    "api-key",
    "x-status",
    "x-version",
    "x-type",
    "x-count",
    "x-env",
    "authorization",
    "proxy-authorization",
    "www-authenticate",
    "authentication-info",
    "x-forwarded-client-cert",
    "soapaction",
    "x-amz-meta-data",
    "x-amz-target",
    "grpc-message",
    "grpc-status-details-bin",
    "x-bin",
    "sec-ch-ua",
    "access-control-allow-origin",
    "access-control-allow-headers",
    "content-security-policy",
    "report-to",
    "nel",
    "server-timing",
    "refresh",
    "retry-after",
    "age",
    "x-cache",
    "x-served-by",
    "from",
    "expect",
    "te",
    "trailer",
    "upgrade",
    "connection",
    "transfer-encoding-x",
    "priority",
    "prefer",
    "if-modified-since",
    "p3p",
    "x-http-method-override",
    "dnt",
    "odata-version",
    "api-version",
    "x-ratelimit-limit",
    "sec-websocket-protocol",
    "x-requested-with",
    "grpc-timeout",
    "pragma",
    "keep-alive",
    "accept-ranges",
    "sunset",
    "x-runtime",
    "x-country",
    "x-locale",
    "status",
    "digest",
    "slug",
];

/// A random request.
pub(super) fn request(choices: &mut Choices<'_>) -> Message {
    let body = if choices.one_in(4) { None } else { Some(bodies::any(choices)) };
    let method = if choices.one_in(40) {
        graphic(&secrets::telling(choices).text).replace(':', "-")
    } else {
        (*choices.pick(METHODS)).to_owned()
    };
    let host = match choices.below(8) {
        0 => format!("{}.{}.example", label(choices), choices.pick(&["shop", "users"])),
        1 => "shop.example:8080".into(),
        2 => format!("shop.example:{}", choices.digits(9)),
        _ => "shop.example".into(),
    };
    let target = target(choices);
    let mut fields = fields(choices, false);
    let cookie = cookies(choices);
    if let Some(cookie) = cookie {
        fields.push(("cookie".into(), cookie));
    }
    Message {
        method,
        target,
        host,
        status: (0, String::new()),
        fields,
        trailers: trailers(choices),
        body,
    }
}

/// A random response.
pub(super) fn response(choices: &mut Choices<'_>) -> Message {
    let body = if choices.one_in(5) { None } else { Some(bodies::any(choices)) };
    let status = *choices.pick(&[200, 200, 201, 302, 400, 401, 404, 500]);
    let reason = if choices.one_in(3) { value(choices) } else { "OK".into() };
    let mut fields = fields(choices, true);
    if choices.one_in(2) {
        fields.push(("set-cookie".into(), set_cookie(choices)));
    }
    Message {
        method: String::new(),
        target: String::new(),
        host: String::new(),
        status: (status, reason),
        fields,
        trailers: trailers(choices),
        body,
    }
}

/// Without what would end a word of a start line.
fn graphic(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_graphic() { c } else { '_' }).collect()
}

/// A label of a host name that is a secret.
fn label(choices: &mut Choices<'_>) -> String {
    let secret = secrets::numbered(choices);
    let fit = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    secret.text.chars().map(fit).take(60).collect()
}

fn value(choices: &mut Choices<'_>) -> String {
    let secret = secrets::any(choices);
    disguise::line(choices, secret.name, &secret)
}

/// A secret as a part of a target: raw where that is possible.
fn part(choices: &mut Choices<'_>, secret: &Secret) -> String {
    let text =
        if choices.one_in(3) { disguise::encoded(choices, secret) } else { secret.text.clone() };
    let raw = text.bytes().all(|b| b.is_ascii_graphic() && !b"/?#;".contains(&b));
    match (raw, choices.below(3)) {
        (true, 0 | 1) => text,
        (_, 2) => {
            let once = disguise::percent(choices, &text);
            disguise::percent(choices, &once)
        }
        _ => disguise::percent(choices, &text),
    }
}

fn target(choices: &mut Choices<'_>) -> String {
    let mut made = match choices.below(16) {
        0 => format!("http://{}:{}@shop.example", choices.text("abcdefgh", 4), {
            let s = secrets::any(choices);
            disguise::percent(choices, &s.text)
        }),
        1 => format!("http://{}.shop.example", label(choices)),
        _ => String::new(),
    };
    for _ in 0..1 + choices.below(4) {
        made.push('/');
        let secret = secrets::telling(choices);
        let text = part(choices, &secret);
        made += &match choices.below(13) {
            12 => format!("{}/{text}", choices.pick(&["otp", "pin", "cvv", "password"])),
            0 | 1 => {
                (*choices.pick(&["v1", "users", "orders", "search", "api", "accounts"])).to_owned()
            }
            2 => format!("users/{text}"),
            3 => format!("shop;{}={text}", disguise::percent(choices, secret.name)),
            4 => format!("shop;{text}=1"),
            5 => format!("shop;{text}"),
            6 => format!("{text}.json"),
            7 => format!("{text},{text}"),
            8 => format!("users({text})"),
            // Half of a text may be a word; half of a number is none.
            9 if !secret.text.bytes().any(|b| b.is_ascii_alphabetic()) => split(choices, &text),
            10 => format!("v1:{text}"),
            _ => text,
        };
    }
    if choices.one_in(2) {
        made.push('?');
        made += &bodies::pairs(choices);
    }
    if choices.one_in(6) {
        let document = bodies::document(choices);
        made += &format!(
            "{}query={}",
            if made.contains('?') { '&' } else { '?' },
            disguise::percent(choices, &document)
        );
    }
    if choices.one_in(8) {
        let secret = secrets::any(choices);
        made += &format!("#{}", disguise::percent(choices, &secret.text));
    }
    made.chars().map(|c| if c == ' ' || c.is_ascii_control() { '_' } else { c }).collect()
}

/// A value split over two segments: digits in both.
fn split(choices: &mut Choices<'_>, text: &str) -> String {
    let at = 1 + choices.random(text.len().max(2) - 1);
    match text.split_at_checked(at) {
        Some((a, b)) => format!("{a}/{b}"),
        None => text.to_owned(),
    }
}

fn fields(choices: &mut Choices<'_>, response: bool) -> Vec<Field> {
    let mut made = Vec::new();
    for _ in 0..choices.below(5) {
        let secret = secrets::any(choices);
        let text = disguise::line(choices, secret.name, &secret);
        let url = |path: String| format!("https://shop.example/{path}");
        let field = match choices.below(14) {
            0 => (header_name(choices), "1".into()),
            1 => ("referer".into(), url(format!("a?b={text}#{text}"))),
            2 => ("location".into(), format!("/users/{text}")),
            3 => {
                ("link".into(), format!("<{}>; rel=\"next\"; title=\"{text}\"", url(text.clone())))
            }
            4 => (
                "content-disposition".into(),
                format!("attachment; filename=\"{text}.pdf\"; filename*=UTF-8''{text}"),
            ),
            5 => ("via".into(), format!("1.1 {text} (comment {text})")),
            6 => ("user-agent".into(), format!("shop/2.1 (Linux; {text})")),
            7 => ("authorization".into(), authorization(choices, &secret, &text)),
            8 => ("x-forwarded-for".into(), format!("{text}, 10.0.0.1")),
            9 => ("forwarded".into(), format!("for={text};host=\"{text}\"")),
            10 => ("warning".into(), format!("199 shop \"{text}\"")),
            _ => ((*choices.pick(FIELDS)).to_owned(), text),
        };
        made.push(field);
    }
    if response && choices.one_in(6) {
        let text = value(choices);
        made.push((
            "www-authenticate".into(),
            format!("Bearer realm=\"{text}\", error_description=\"{text}\""),
        ));
    }
    made
}

fn authorization(choices: &mut Choices<'_>, secret: &Secret, text: &str) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    match choices.below(6) {
        0 => format!("Basic {}", STANDARD.encode(format!("kim:{}", secret.text))),
        1 => format!("Basic {text}"),
        2 => format!("Bearer {text}"),
        3 => format!("Digest username=\"{text}\", realm=\"{text}\", response=\"{text}\""),
        4 => format!("AWS4-HMAC-SHA256 Credential={text}/20260131/x/y/z, Signature={text}"),
        _ => format!("{text} {text}"),
    }
}

/// A telling secret as a field name: a token of RFC 9110.
fn header_name(choices: &mut Choices<'_>) -> String {
    let secret = secrets::numbered(choices);
    let prefix = *choices.pick(&["", "", "x-", "x-ratelimit-"]);
    let fit =
        |c: char| if c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c) { c } else { '_' };
    prefix.to_owned() + &secret.text.chars().map(fit).collect::<String>()
}

fn cookies(choices: &mut Choices<'_>) -> Option<String> {
    let count = choices.below(4);
    let pairs: Vec<String> = (0..count).map(|_| cookie(choices)).collect();
    (count > 0).then(|| pairs.join("; "))
}

fn cookie(choices: &mut Choices<'_>) -> String {
    let secret = secrets::telling(choices);
    let text = disguise::line(choices, secret.name, &secret).replace(';', "%3B");
    match choices.below(5) {
        0 => format!("{}=1", header_name(choices)),
        1 => text,
        2 => format!("{}=\"{text}\"", disguise::ascii(secret.name)),
        _ => format!("{}={text}", disguise::ascii(secret.name)),
    }
}

fn set_cookie(choices: &mut Choices<'_>) -> String {
    let made = cookie(choices);
    let text = value(choices);
    format!("{made}; Path=/{text}; Domain={text}; {text}; HttpOnly; Expires={text}")
}

fn trailers(choices: &mut Choices<'_>) -> Vec<Field> {
    if choices.one_in(5) { fields(choices, false) } else { Vec::new() }
}
