//! Header fields: an allow-list of what is kept, and then looked at all the same; everything else by name.

mod cookies;
mod known;
mod runs;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use apitap_proto::v1::{ValueType, entity::Kind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hashbrown::HashMap;

use super::auth::{self, Credentials};
use super::class::Class;
use super::config::Config;
use super::found::Place;
use super::judge::{Judge, Way};
use super::made::{self, Form, Made};
use super::names::{Meaning, Name};
use super::{path, schema, style, vocabulary, words};
use crate::call::Lines;
use cookies::Cookies;
pub(super) use cookies::is_over;
pub(crate) use known::FieldNames;
use known::{Field, Fields};
use runs::Meeting;
#[cfg(test)]
pub(crate) use tests::Sent;

/// What is done with a field of this name.
#[derive(Clone, Copy)]
enum Rule {
    /// Kept as far as this gives it back (see `vocabulary`); else its shape.
    Known(fn(&[u8]) -> Option<String>),
    /// A plain number of up to nine digits is kept.
    Number,
    /// A media type.
    Media,
    /// A host, kept as hosts are.
    Host,
    /// Scheme and host of a URL.
    Origin,
    /// IP addresses, one or several.
    Addresses,
    /// Addresses and hosts of RFC 7239.
    Forwarded,
    /// A file name, as that of an upload.
    Disposition,
    /// A token of this class.
    Token(Class),
    /// A transaction of MyData, which begins with the code of who asks.
    Transaction,
    /// Credentials of a scheme.
    Authorization,
    /// The first word of each challenge.
    Challenge,
    /// Cookies, elsewhere.
    Cookie,
    /// The subject of a client certificate.
    Subject,
    /// Shape only.
    Shape,
    /// Text in percent coding.
    Percent,
    /// Octets in base64: shape only, but looked through.
    Octets,
    /// By what its name says.
    Named,
}

impl Rule {
    /// Whether a value that is kept is kept whenever it comes.
    const fn settles(self) -> bool {
        matches!(self, Self::Known(_) | Self::Media | Self::Host)
    }
}

/// Known fields, by rule. Source: IANA HTTP field name registry, and what proxies, clouds and APIs use.
const RULES: &[(Rule, &str)] = &[
    (Rule::Known(vocabulary::directives), "accept-charset accept-encoding accept-ranges allow cache-control connection
         content-encoding expect keep-alive pragma te transfer-encoding upgrade upgrade-insecure-requests
         strict-transport-security x-content-type-options x-frame-options x-xss-protection referrer-policy dnt
         access-control-allow-credentials access-control-allow-methods access-control-request-method sec-fetch-dest
         sec-fetch-mode sec-fetch-site sec-fetch-user sec-gpc sec-ch-ua-mobile sec-ch-ua-platform priority
         x-requested-with x-forwarded-proto x-http-method-override grpc-encoding grpc-accept-encoding
         sec-websocket-version sec-websocket-protocol sec-websocket-extensions cross-origin-opener-policy
         cross-origin-resource-policy cross-origin-embedder-policy x-dns-prefetch-control x-cache prefer"),
    (Rule::Known(vocabulary::fields), "vary trailer access-control-allow-headers access-control-expose-headers
         access-control-request-headers"),
    (Rule::Known(vocabulary::languages), "accept-language content-language"),
    (Rule::Known(vocabulary::ranges), "accept"),
    (Rule::Known(vocabulary::products), "server user-agent via x-powered-by sec-ch-ua"),
    (Rule::Known(vocabulary::date), "date expires last-modified if-modified-since if-unmodified-since sunset deprecation"),
    (Rule::Known(vocabulary::version), "odata-version odata-maxversion api-version x-api-version x-aspnet-version"),
    (Rule::Known(vocabulary::timeout), "grpc-timeout"),
    (Rule::Known(action), "soapaction"),
    (Rule::Number, "access-control-max-age age content-length max-forwards retry-after grpc-status x-forwarded-port x-runtime x-response-time"),
    (Rule::Media, "content-type"),
    (Rule::Percent, "grpc-message"),
    (Rule::Host, "host x-forwarded-host x-original-host :authority"),
    (Rule::Origin, "origin access-control-allow-origin referer location content-location timing-allow-origin"),
    (Rule::Addresses, "x-forwarded-for x-real-ip true-client-ip cf-connecting-ip x-client-ip x-cluster-client-ip
         fastly-client-ip x-original-forwarded-for remote-addr"),
    (Rule::Forwarded, "forwarded"),
    (Rule::Disposition, "content-disposition"),
    (Rule::Authorization, "authorization proxy-authorization x-authorization x-auth"),
    (Rule::Challenge, "www-authenticate proxy-authenticate"),
    (Rule::Cookie, "cookie set-cookie cookie2 set-cookie2"),
    (Rule::Subject, "x-forwarded-client-cert x-ssl-client-s-dn x-ssl-client-dn x-client-dn ssl-client-subject-dn
         x-client-cert-subject x-ssl-subject"),
    (Rule::Shape, "x-ssl-client-cert client-cert client-cert-chain authentication-info"),
    (Rule::Token(Class::Id), "etag if-match if-none-match traceparent tracestate x-request-id x-correlation-id x-b3-traceid
         x-b3-spanid x-amzn-trace-id sec-websocket-key sec-websocket-accept idempotency-key"),
    (Rule::Transaction, "x-api-tran-id"),
    (Rule::Token(Class::Credential), "x-api-key api-key apikey x-auth-token x-access-token  x-amz-security-token
         x-goog-api-key ocp-apim-subscription-key x-functions-key private-token x-vault-token
         x-shopify-access-token dpop"),
];

static BY_NAME: LazyLock<HashMap<&'static [u8], Rule, foldhash::fast::RandomState>> =
    LazyLock::new(|| {
        let pairs = RULES.iter().flat_map(|&(rule, names)| {
            names.split_ascii_whitespace().map(move |n| (n.as_bytes(), rule))
        });
        pairs.collect()
    });

fn rule(name: &[u8]) -> Rule {
    let limits: [&[u8]; 3] = [b"x-ratelimit-", b"ratelimit", b"x-rate-limit-"];
    match BY_NAME.get(name) {
        Some(rule) => *rule,
        None if limits.iter().any(|prefix| name.starts_with(prefix)) => Rule::Number,
        // Binary metadata of gRPC.
        None if name.ends_with(b"-bin") => Rule::Octets,
        None => Rule::Named,
    }
}

/// What the fields of a message tell besides what is written of them.
#[derive(Default)]
pub(crate) struct Headers {
    pub(crate) credentials: Credentials,
    /// Whether a proxy, or who passes for one, tells where the message came from.
    pub(crate) forwarded: bool,
    pub(crate) headers: List,
    pub(crate) cookies: List,
}

/// A list of parameters that is being written.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct List {
    len: usize,
    /// Whether something did not fit.
    pub(crate) cut: bool,
}

impl List {
    /// Whether nothing more fits.
    pub(crate) const fn is_full(&self, policy: &Config) -> bool {
        self.len >= policy.parameters_max
    }

    /// Whether so many more fit.
    const fn fits(&self, more: usize, policy: &Config) -> bool {
        self.len.saturating_add(more) <= policy.parameters_max
    }

    /// Whether one more fits, which then is in it; else counts that it was cut.
    fn admits(&mut self, judge: &mut Judge) -> bool {
        if self.is_full(&judge.policy) {
            judge.counts.cut += 1;
            self.cut = true;
            return false;
        }
        self.len = self.len.saturating_add(1);
        true
    }
}

/// Where the fields of a message are, and where they are written: fields of `Request` or `Response`.
#[derive(Clone, Copy)]
pub(crate) struct Parts {
    header: &'static str,
    cookie: &'static str,
    headers: u32,
    /// 0: cookies are not written.
    cookies: u32,
    /// Number of the list.
    list: usize,
}

/// Of a request.
pub(crate) const REQUEST: Parts = Parts {
    header: "request.header:",
    cookie: "request.cookie:",
    headers: schema::request::HEADERS,
    cookies: schema::request::COOKIES,
    list: 0,
};
/// Of a response.
pub(crate) const RESPONSE: Parts = Parts {
    header: "response.header:",
    cookie: "response.cookie:",
    headers: schema::response::HEADERS,
    cookies: schema::response::COOKIES,
    list: 1,
};
/// Of a request's trailer section.
pub(crate) const REQUEST_TRAILER: Parts = Parts {
    header: "request.trailer:",
    cookie: "request.trailer:",
    headers: schema::request::TRAILERS,
    cookies: 0,
    list: 2,
};
/// Of a response's trailer section.
pub(crate) const RESPONSE_TRAILER: Parts = Parts {
    header: "response.trailer:",
    cookie: "response.trailer:",
    headers: schema::response::TRAILERS,
    cookies: 0,
    list: 3,
};

/// Judges the fields of a message and writes them to `out`. `now_seconds` is the time of the request.
pub(crate) fn read(
    judge: &mut Judge,
    out: &mut Vec<u8>,
    lines: Lines<'_>,
    parts: Parts,
    now_seconds: u64,
) -> Headers {
    let mut headers = Headers::default();
    if lines.fields.is_empty() {
        return headers;
    }
    let mut known = judge.field_names.take().unwrap_or_default();
    let spared = judge.rules.spares_headers() && judge.explained.is_none();
    let FieldNames { lists, cookies } = &mut *known;
    if let Some(list) = lists.get_mut(parts.list) {
        list.begin();
        let at = At { list, number: 0, cookies, parts, spared };
        all(judge, out, &mut headers, at, lines, now_seconds);
    }
    judge.field_names = Some(known);
    headers
}

/// Judges fields and writes them, run by run where they came before.
fn all(
    judge: &mut Judge,
    out: &mut Vec<u8>,
    headers: &mut Headers,
    mut at: At<'_>,
    lines: Lines<'_>,
    now_seconds: u64,
) {
    let mut nth = 0_usize;
    // The run at hand, while nothing is known of it.
    let mut meeting: Option<Meeting> = None;
    while let Some((name, value)) = lines.fields.get(nth) {
        if at.spared
            && meeting.is_none()
            && let Some(run) = at.list.run(lines, nth)
            && headers.headers.fits(run.fields, &judge.policy)
        {
            out.extend_from_slice(run.written);
            headers.headers.len = headers.headers.len.saturating_add(run.fields);
            judge.counts.values += run.values;
            judge.counts.values_kept += run.kept();
            let (fields, last) = (run.fields, run.last);
            nth = nth.saturating_add(fields);
            at.list.behind(last);
            continue;
        }
        let (before, start) = (at.list.before(), out.len());
        at.number = at.list.number(judge, at.parts, name.of(lines.text));
        let number = at.number;
        match one(judge, out, headers, &mut at, value.of(lines.text), now_seconds) {
            Some(values) => {
                let begun = Meeting { before, nth, start, values: 0, last: number };
                let run = meeting.get_or_insert(begun);
                (run.values, run.last) = (run.values.saturating_add(values), number);
            }
            None => {
                if let Some(run) = meeting.take() {
                    at.list.met(run, lines, nth, out.get(..start).unwrap_or_default());
                }
            }
        }
        nth = nth.saturating_add(1);
    }
    if let Some(run) = meeting {
        at.list.met(run, lines, nth, out);
    }
}

/// A field and the list it is in.
struct At<'a> {
    list: &'a mut Fields,
    number: usize,
    cookies: &'a mut Cookies,
    parts: Parts,
    /// Whether it may be written as it was the last time.
    spared: bool,
}

/// Judges a field and writes it. If it was written as it was before: how many values were judged for it.
fn one(
    judge: &mut Judge,
    out: &mut Vec<u8>,
    headers: &mut Headers,
    at: &mut At<'_>,
    value: &[u8],
    now_seconds: u64,
) -> Option<u64> {
    let At { list, number, cookies, parts, spared } = at;
    let (number, parts, spared) = (*number, *parts, *spared);
    if spared
        && !headers.headers.is_full(&judge.policy)
        && let Some((written, values)) = list.settled(number, value)
    {
        out.extend_from_slice(written);
        headers.headers.len = headers.headers.len.saturating_add(1);
        judge.counts.values += values;
        judge.counts.values_kept += 1;
        return Some(values);
    }
    let known = list.get(number)?;
    let place = Place { part: parts.header, path: &known.text };
    headers.forwarded |= matches!(known.rule, Rule::Addresses | Rule::Forwarded | Rule::Subject);
    match known.rule {
        Rule::Cookie => {
            let set = known.text.starts_with("set");
            cookies::cookies(judge, out, headers, cookies, (set, value), parts);
        }
        Rule::Addresses => {
            for address in value.split(|&b| b == b',').take(8) {
                let value = judge.token_value(place, Class::Ip, address.trim_ascii());
                add(judge, out, &mut headers.headers, parts, known, value);
            }
        }
        Rule::Forwarded => {
            judge.look_through(place, value);
            for address in forwarded(value).take(8) {
                let value = judge.token_value(place, Class::Ip, address);
                add(judge, out, &mut headers.headers, parts, known, value);
            }
        }
        // As `field` does it, where no rule is asked and nobody asks why.
        Rule::Number if spared && !judge.broken && short(value) => {
            judge.counts.values += 1;
            judge.counts.values_kept += 1;
            if headers.headers.admits(judge) {
                made::parameter_kept(out, parts.headers, &known.encoded, value);
            }
        }
        rule => {
            let (start, told) = (out.len(), judge.explained_rows());
            let (values, findings) = (judge.counts.values, judge.counts.findings);
            let made = field(judge, &mut headers.credentials, known, value, parts, now_seconds);
            if judge.explained_rows() == told {
                judge.explain(place, made);
            }
            add(judge, out, &mut headers.headers, parts, known, made);
            let clean = findings == judge.counts.findings && known.name.safe;
            let written = out.get(start..).unwrap_or_default();
            let kept = made.form == Form::Kept && !written.is_empty();
            if spared && rule.settles() && clean && kept {
                let values = judge.counts.values.saturating_sub(values);
                list.settle(number, value, written, values);
            }
        }
    }
    None
}

/// A plain number of up to nine digits.
fn short(value: &[u8]) -> bool {
    value.len() <= 9 && value.first() != Some(&b'-') && words::integer(value).is_some()
}

/// Writes a field, if the list has room.
fn add(
    judge: &mut Judge,
    out: &mut Vec<u8>,
    list: &mut List,
    parts: Parts,
    known: &Field,
    value: Made,
) {
    if list.admits(judge) {
        made::parameter_named(out, parts.headers, &known.encoded, judge.values.get(value));
    }
}

fn field(
    judge: &mut Judge,
    credentials: &mut Credentials,
    known: &Field,
    value: &[u8],
    parts: Parts,
    now_seconds: u64,
) -> Made {
    let Field { rule, name, text, .. } = known;
    let (name, raw) = (*name, text.as_bytes());
    let place = Place { part: parts.header, path: text };
    // What these write of a value, they write unasked.
    let unasked = matches!(
        rule,
        Rule::Host
            | Rule::Origin
            | Rule::Challenge
            | Rule::Disposition
            | Rule::Subject
            | Rule::Shape
            | Rule::Octets
    );
    if unasked && let Some(made) = judge.barred(place, value) {
        return made;
    }
    match *rule {
        Rule::Known(read) => judge.keep_known(place, value, read),
        Rule::Number if words::integer(value).is_some() && value.len() <= 9 => {
            judge.keep_small(place, value)
        }
        Rule::Number => judge.value(place, Name::NONE, ValueType::Unspecified, value),
        Rule::Media => media_value(judge, place, value),
        Rule::Host => {
            let (host, port) = path::host(judge, value);
            // A login has no place here, and a mail address is none.
            if value.contains(&b'@') {
                return judge.render(Way::Drop, ValueType::String, value);
            }
            if port == 0 { judge.kept(&host) } else { judge.kept(&format!("{host}:{port}")) }
        }
        Rule::Origin => origin(judge, place, value),
        Rule::Token(Class::Credential) => {
            let value = judge.token_value(place, Class::Credential, value);
            credentials.api_key(judge, place, value);
            value
        }
        Rule::Token(class) => judge.token_value(place, class, value),
        Rule::Transaction => transaction(judge, place, value),
        Rule::Authorization => auth::authorization(judge, credentials, place, value, now_seconds),
        Rule::Challenge => challenge(judge, place, value),
        Rule::Disposition => disposition(judge, place, value),
        Rule::Subject => auth::subject(judge, credentials, value),
        Rule::Shape | Rule::Cookie | Rule::Addresses | Rule::Forwarded => {
            judge.render(Way::Shape, ValueType::String, value)
        }
        Rule::Percent => {
            let plain = super::body::percent::decode(value, false);
            judge.value(place, Name::NONE, ValueType::String, &plain)
        }
        Rule::Octets => {
            let octets = octets(value);
            judge.look_through(place, &octets);
            judge.render(Way::Shape, ValueType::Binary, &octets)
        }
        Rule::Named => {
            let made = judge.value(place, name, ValueType::Unspecified, value);
            match name.meaning {
                Meaning::Personal(Class::Credential) if auth::names_key(raw) => {
                    credentials.api_key(judge, place, made)
                }
                Meaning::Id(Kind::User) => judge.entity(Kind::User, place, made),
                _ if auth::names_session(raw, made.form) => {
                    credentials.session(judge, place, made, value);
                }
                meaning => judge.object(place, text, meaning, made, value),
            }
            made
        }
    }
}

/// A MyData transaction id: ten characters of the organization that asks, one of who made it, fourteen of its number.
fn transaction(judge: &mut Judge, place: Place<'_>, value: &[u8]) -> Made {
    if value.len() == 25
        && let Some(asks) =
            value.get(..10).filter(|code| code.iter().all(u8::is_ascii_alphanumeric))
    {
        let partner = judge.token_value(place, Class::Id, asks);
        judge.entity(Kind::Partner, place, partner);
    }
    judge.token_value(place, Class::Id, value)
}

/// Binary metadata: base64, or the octets themselves behind a zero where both ends agreed on that.
fn octets(value: &[u8]) -> Vec<u8> {
    if let Some(plain) = value.strip_prefix(b"\0") {
        return plain.to_vec();
    }
    let coded: Vec<u8> = value.iter().copied().filter(|&b| b != b'=' && b != b' ').collect();
    STANDARD_NO_PAD.decode(coded).unwrap_or_else(|_| value.to_vec())
}

/// Writes a parameter, if the list has room.
pub(crate) fn push(
    judge: &mut Judge,
    out: &mut Vec<u8>,
    list: &mut List,
    field: u32,
    name: &str,
    value: Made,
) {
    if list.admits(judge) && field != 0 {
        made::parameter(out, field, name, judge.values.get(value));
    }
}

/// The first word of a challenge (RFC 9110 §11.6.1), if it is a known scheme.
fn challenge(judge: &mut Judge, place: Place<'_>, value: &[u8]) -> Made {
    judge.look_through(place, value);
    match auth::scheme(value) {
        Some((scheme, _)) => judge.kept(scheme),
        None => judge.render(Way::Shape, ValueType::String, value),
    }
}

/// The nodes that `for` and `by` name (RFC 7239 §4), without brackets and ports.
fn forwarded(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|b| matches!(b, b',' | b';')).filter_map(|pair| {
        let (name, node) = super::body::form::split(pair.trim_ascii());
        if !name.eq_ignore_ascii_case(b"for") && !name.eq_ignore_ascii_case(b"by") {
            return None;
        }
        let node = node?.trim_ascii();
        let node = node.strip_prefix(b"\"").and_then(|n| n.strip_suffix(b"\"")).unwrap_or(node);
        if let Some(address) = node.strip_prefix(b"[") {
            return address.split(|&b| b == b']').next();
        }
        let one = node.iter().filter(|b| **b == b':').count() == 1;
        if one { node.split(|&b| b == b':').next() } else { Some(node) }
    })
}

/// The file name of a download (RFC 6266) as a token; without one, the type if it is known.
fn disposition(judge: &mut Judge, place: Place<'_>, value: &[u8]) -> Made {
    if let Some(file) = super::body::file_name(value) {
        judge.look_through(place, value);
        let name = Name { meaning: Meaning::Text, ..Name::NONE };
        return judge.value(place, name, ValueType::String, &file);
    }
    let kind = value.split(|&b| b == b';').next().unwrap_or_default().trim_ascii();
    match ["attachment", "inline", "form-data"]
        .iter()
        .find(|k| kind.eq_ignore_ascii_case(k.as_bytes()))
    {
        Some(known) => {
            judge.look_through(place, value);
            judge.kept(known)
        }
        None => judge.value(place, Name::NONE, ValueType::String, value),
    }
}

/// Notes what the names in the query and the fragment of a URL give away: `?password=…`.
fn named_parts(judge: &mut Judge, place: Place<'_>, url: &[u8]) {
    let Some(at) = url.iter().position(|b| matches!(b, b'?' | b'#')) else { return };
    let rest = url.get(at..).unwrap_or_default();
    for pair in rest.split(|b| matches!(b, b'?' | b'#' | b'&')).filter(|p| !p.is_empty()).take(32) {
        let (name, Some(value)) = super::body::form::split(pair) else { continue };
        let name = judge.names.look(&super::body::percent::decode(name, true));
        if matches!(name.meaning, Meaning::Secret(_) | Meaning::Personal(_)) {
            let value = super::body::percent::decode(value, true);
            let judgement = judge.decide(name, ValueType::Unspecified, &value);
            judge.note(place, &judgement);
        }
    }
}

/// A URL: its scheme and host are kept, the rest is not; a detector is asked about all of it.
fn origin(judge: &mut Judge, place: Place<'_>, value: &[u8]) -> Made {
    if matches!(value, b"*" | b"null") {
        return judge.keep_small(place, value);
    }
    let target = path::split(b"GET", value);
    let whole = judge.decide(Name::NONE, ValueType::String, value);
    judge.note(place, &whole);
    named_parts(judge, place, value);
    match target.authority {
        Some(authority) if !authority.is_empty() && !authority.contains(&b'@') => {
            let (host, port) = path::host(judge, authority);
            let port = if port == 0 { String::new() } else { format!(":{port}") };
            judge.kept(&format!("{}://{host}{port}", target.scheme))
        }
        _ => judge.render(Way::Shape, ValueType::String, value),
    }
}

fn media_value(judge: &mut Judge, place: Place<'_>, value: &[u8]) -> Made {
    // The Content-ID of the part to start with only looks like a mail address (RFC 2387 §3.2).
    let start =
        super::body::parameter(value, b"start").filter(|_| value.starts_with(b"multipart/related"));
    let start = start.and_then(|start| memchr::memmem::find(value, start));
    let value = start.and_then(|at| value.get(..at)).unwrap_or(value);
    judge.keep_known(place, value, |value| {
        let essence = vocabulary::media(value);
        let charset = super::body::parameter(value, b"charset").and_then(vocabulary::charset);
        let charset = charset.map(|charset| format!("; charset={charset}"));
        let charset = charset.as_deref().unwrap_or_default();
        (!essence.is_empty()).then(|| essence.into_owned() + charset)
    })
}

/// A SOAP action whose parts are words.
fn action(value: &[u8]) -> Option<String> {
    let bare = value.strip_prefix(b"\"").and_then(|v| v.strip_suffix(b"\"")).unwrap_or(value);
    style::safe_name(bare)
}
