//! Random bodies of every format, with secrets in them.

use super::choices::Choices;
use super::disguise::{self, ascii};
use super::secrets::{self, Secret};

/// Names and values as APIs have them, that give nothing away.
const DECOYS: &[(&str, &str)] = &[
    ("status", "ACTIVE"),
    ("page", "2"),
    ("currency", "KRW"),
    ("is_ok", "true"),
    ("rsp_code", "00000"),
    ("type", "card"),
    ("count", "3"),
    ("items", "x"),
    ("version", "1.2"),
    ("lang", "ko-KR"),
];

/// Names under which nothing is told of a value, or too much.
const NAMES: &[&str] = &[
    "data",
    "value",
    "payload",
    "x",
    "q",
    "status",
    "code",
    "type",
    "version",
    "name",
    "count",
    "lang",
    "key",
    "id",
    "message",
    "error",
    "method",
    "operationName",
    "query",
    "state",
    "sort",
    "format",
    "currency",
];

/// A body with its media type, and how it was written.
pub(super) struct Body {
    /// Content-Type; empty: none is sent.
    pub(super) kind: String,
    /// Octets, before content coding.
    pub(super) octets: Vec<u8>,
}

type Make = fn(&mut Choices<'_>) -> Vec<u8>;

/// A random body.
pub(super) fn any(choices: &mut Choices<'_>) -> Body {
    let makers: &[(&str, Make)] = &[
        ("application/json", |c| json(c, 0).into_bytes()),
        ("application/json; charset=utf-8", |c| json(c, 0).into_bytes()),
        ("application/vnd.api+json", |c| json(c, 0).into_bytes()),
        ("application/x-ndjson", ndjson),
        ("text/event-stream", events),
        ("application/x-www-form-urlencoded", form),
        ("multipart/form-data; boundary=bb", |c| multipart(c, "bb", 0)),
        ("multipart/mixed; boundary=\"bb\"", |c| multipart(c, "bb", 0)),
        ("text/xml; charset=utf-8", xml),
        ("application/soap+xml", xml),
        ("text/plain", text),
        ("text/csv", csv),
        ("text/html; charset=utf-8", html),
        ("application/javascript", jsonp),
        ("application/graphql", graphql),
        ("application/grpc", grpc),
        ("application/x-protobuf", |c| protobuf(c, 0)),
        ("application/grpc-web-text", grpc),
    ];
    let (kind, make) = *choices.pick(makers);
    let mut octets = make(choices);
    if choices.one_in(12) {
        octets.splice(0..0, *b"\xef\xbb\xbf");
    }
    let mut kind = kind.to_owned();
    match choices.below(24) {
        0 => (kind, octets) = ("application/json; charset=utf-16".into(), utf16(&octets, true)),
        1 => octets = utf16(&octets, false),
        2 => kind = "application/json; charset=euc-kr".into(),
        3 => kind = "application/json".into(),
        4 => kind = "text/plain".into(),
        5 | 6 => kind.clear(),
        7 => kind = "application/octet-stream".into(),
        8 => kind = "application/x-www-form-urlencoded".into(),
        9 => kind = "text/xml".into(),
        10 => kind = kind.to_uppercase(),
        _ => {}
    }
    Body { kind, octets }
}

fn utf16(octets: &[u8], little: bool) -> Vec<u8> {
    let units = String::from_utf8_lossy(octets).into_owned();
    let units = std::iter::once(0xfeff).chain(units.encode_utf16());
    units.flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
}

/// A name for a value of this secret: its own, or one that gives nothing away.
fn name<'s>(choices: &mut Choices<'_>, secret: &'s Secret) -> &'s str {
    if choices.one_in(2) { choices.pick::<&str>(NAMES) } else { secret.name }
}

/// A value with its name.
fn pair(choices: &mut Choices<'_>) -> (String, String) {
    let secret = secrets::any(choices);
    let name = name(choices, &secret).to_owned();
    let value = disguise::value(choices, &name, &secret);
    (name, value)
}

/// A telling secret where a name stands.
fn key(choices: &mut Choices<'_>) -> String {
    let secret = secrets::telling(choices);
    if choices.one_in(2) { secret.text } else { disguise::encoded(choices, &secret) }
}

fn quoted(choices: &mut Choices<'_>, text: &str) -> String {
    if choices.one_in(2) {
        return disguise::json(text);
    }
    format!("\"{}\"", disguise::unicode(choices, text))
}

/// A value as JSON: a string, or a number where it may be one.
fn scalar(choices: &mut Choices<'_>, value: &str) -> String {
    let number =
        !value.starts_with('0') && value.bytes().all(|b| b.is_ascii_digit()) && !value.is_empty();
    match (number, choices.below(6)) {
        (true, 0) => value.to_owned(),
        (true, 1) => format!("-{value}"),
        (true, 2) => format!("{value}.0"),
        (true, 3) => format!("{}.{}e{}", &value[..1], &value[1..], value.len() - 1),
        (true, 4) => format!("{value}0e-1"),
        _ => quoted(choices, value),
    }
}

fn json(choices: &mut Choices<'_>, depth: usize) -> String {
    let space = *choices.pick(&["", "", " ", "\n\t"]);
    let mut members = Vec::new();
    for _ in 0..1 + choices.below(4) {
        let (decoy, harmless) = *choices.pick(DECOYS);
        let member = match choices.below(10) {
            9 => beneath(choices),
            0 | 1 => format!("\"{decoy}\":{space}{}", disguise::json(harmless)),
            2 if depth < 4 => format!("\"{decoy}\":{space}{}", json(choices, depth + 1)),
            3 if depth < 4 => {
                let items: Vec<String> =
                    (0..1 + choices.below(3)).map(|_| json(choices, depth + 1)).collect();
                format!("\"{decoy}\":[{}]", items.join(","))
            }
            4 => format!(
                "{}:{}",
                {
                    let key = key(choices);
                    quoted(choices, &key)
                },
                if depth < 3 { json(choices, depth + 2) } else { "1".into() }
            ),
            5 => {
                let (name, value) = pair(choices);
                format!("\"name\":{},\"value\":{}", disguise::json(&name), scalar(choices, &value))
            }
            6 => {
                let values: Vec<String> = (0..1 + choices.below(3))
                    .map(|_| {
                        let (_, value) = pair(choices);
                        scalar(choices, &value)
                    })
                    .collect();
                format!("\"{decoy}\":[{}]", values.join(","))
            }
            _ => {
                let (name, value) = pair(choices);
                format!("{}{space}:{}", quoted(choices, &name), scalar(choices, &value))
            }
        };
        members.push(member);
    }
    let made = members.join(&format!("{space},"));
    match choices.below(if depth == 0 { 12 } else { 30 }) {
        0 => format!("{{{made}"),
        1 => format!("{{{made}}},{{{made}}}"),
        2 => format!("{{{made},,}}"),
        3 => format!(")]}}',\n{{{made}}}"),
        4 => {
            let (_, value) = pair(choices);
            scalar(choices, &value)
        }
        5 => format!("{{{made}}}garbage {made}"),
        6 => format!("{}{{{made}}}{}", "[".repeat(70), "]".repeat(70)),
        _ => format!("{{{made}}}"),
    }
}

fn ndjson(choices: &mut Choices<'_>) -> Vec<u8> {
    let lines: Vec<String> =
        (0..1 + choices.below(3)).map(|_| json(choices, 1).replace('\n', " ")).collect();
    lines.join("\n").into_bytes()
}

fn events(choices: &mut Choices<'_>) -> Vec<u8> {
    let mut made = String::new();
    for _ in 0..1 + choices.below(3) {
        let (name, other) = (pair(choices).0, secrets::any(choices));
        let secret = secrets::any(choices);
        let line = disguise::line(choices, &name, &other);
        made += &match choices.below(5) {
            0 => format!("id: {}\ndata: {line}\n\n", secret.text.replace('\n', " ")),
            1 => format!(":{}\nevent: {line}\ndata: x\n\n", secret.text.replace('\n', " ")),
            2 => format!("data: {}\r\n\r\n", json(choices, 1).replace('\n', "\ndata: ")),
            3 => format!("data:{line}\ndata:{line}\n\n"),
            _ => format!("retry: 10\ndata:{{\"a\":{}}}\n\n", disguise::json(&line)),
        };
    }
    made.into_bytes()
}

fn form(choices: &mut Choices<'_>) -> Vec<u8> {
    pairs(choices).into_bytes()
}

/// Names with values, as forms and queries have them.
pub(super) fn pairs(choices: &mut Choices<'_>) -> String {
    let mut parts = Vec::new();
    for _ in 0..1 + choices.below(4) {
        let (decoy, harmless) = *choices.pick(DECOYS);
        parts.push(match choices.below(8) {
            0 => format!("{decoy}={harmless}"),
            1 => format!("{}=1", {
                let key = key(choices);
                disguise::percent(choices, &key)
            }),
            2 => {
                let key = key(choices);
                disguise::percent(choices, &key)
            }
            3 => format!("user[{}]={harmless}", {
                let key = key(choices);
                disguise::percent(choices, &key)
            }),
            n => {
                let (name, value) = pair(choices);
                let value = disguise::percent(choices, &value);
                let value = if n == 4 { value.replace("%20", "+") } else { value };
                format!("{}={value}", disguise::percent(choices, &name))
            }
        });
    }
    parts.join(if choices.one_in(16) { ";" } else { "&" })
}

fn multipart(choices: &mut Choices<'_>, boundary: &str, depth: usize) -> Vec<u8> {
    let mut made = Vec::new();
    if choices.one_in(4) {
        made.extend_from_slice(secrets::any(choices).text.as_bytes());
    }
    for _ in 0..1 + choices.below(3) {
        let (name, value) = pair(choices);
        let secret = secrets::telling(choices);
        let file = disguise::encoded(choices, &secret).replace(['"', '\n', '\r'], "_");
        let line = |text: &str| text.replace(['\n', '\r', '"'], " ");
        let head = match choices.below(8) {
            0 => format!("name=\"{}\"; filename=\"{file}.txt\"", line(&name)),
            1 => {
                format!("name=f; filename*=UTF-8''{}.pdf", disguise::percent(choices, &secret.text))
            }
            2 => format!("name=\"{}\"", line(&secret.text)),
            3 => format!("name=\"{}\"\r\nContent-Type: application/json", line(&name)),
            4 => format!(
                "name=\"{}\"\r\nContent-Type: text/plain\r\nContent-ID: <{}>",
                line(&name),
                line(&secret.text)
            ),
            5 => format!(
                "name=\"{}\"\r\nContent-Transfer-Encoding: base64\r\nX-Note: {}",
                line(&name),
                line(&value)
            ),
            6 => format!("name=\"{}\"\r\nContent-Type: {}", line(&name), line(&value)),
            _ => format!("name=\"{}\"", line(&name)),
        };
        made.extend_from_slice(
            format!("--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n").as_bytes(),
        );
        match choices.below(6) {
            0 if depth == 0 => {
                let end = made.len() - 2;
                made.truncate(end);
                made.extend_from_slice(b"Content-Type: multipart/mixed; boundary=in\r\n\r\n");
                made.extend(multipart(choices, "in", 1));
            }
            1 => made.extend_from_slice(json(choices, 1).as_bytes()),
            2 => made.extend(xml(choices)),
            _ => made.extend_from_slice(value.as_bytes()),
        }
        made.extend_from_slice(b"\r\n");
    }
    if !choices.one_in(6) {
        made.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    }
    made
}

/// A value beneath, or beside, what says that it is of another kind, or about one.
fn beneath(choices: &mut Choices<'_>) -> String {
    const ABOVE: &[&str] = &[
        "errors",
        "error",
        "pin",
        "password",
        "secret",
        "passwordCredentials",
        "users",
        "orders",
        "health",
        "mfa",
    ];
    const BELOW: &[&str] = &[
        "id",
        "keyId",
        "label",
        "description",
        "title",
        "color",
        "displayName",
        "lat",
        "secretName",
        "status",
    ];
    let (above, below) = (*choices.pick(ABOVE), *choices.pick(BELOW));
    let (name, value) = pair(choices);
    let value = scalar(choices, &value);
    match choices.below(5) {
        0 => format!("\"{above}\":{{{}:[{value}]}}", disguise::json(&name)),
        1 => format!("\"{above}\":[{{\"{below}\":{value}}}]"),
        2 => format!("\"{above}\":[{value}]"),
        3 => format!("\"type\":\"{above}\",\"value\":{value}"),
        _ => format!("\"{above}_{below}\":{value},\"{below}\":{value},\"alg\":{value}"),
    }
}

fn xml(choices: &mut Choices<'_>) -> Vec<u8> {
    let mut made = String::new();
    if choices.one_in(3) {
        made += "<?xml version=\"1.0\"?>";
    }
    for _ in 0..1 + choices.below(4) {
        let (name, value) = pair(choices);
        let name = ascii(&name).to_owned();
        let plain = value.replace("]]>", "").replace("--", "- -").replace("?>", "");
        let value = disguise::entities(choices, &value);
        made += &match choices.below(11) {
            9 => format!("<param name=\"{name}\">{value}</param>"),
            10 => format!("<entry value=\"{value}\" key=\"{name}\"/>"),
            0 => format!("<item {name}=\"{value}\"/>"),
            1 => format!("<item b='{value}'>x</item>"),
            2 => format!("<![CDATA[{plain}]]>"),
            3 => format!("<!-- {plain} -->"),
            4 => format!("<?pi {plain}?>"),
            5 => {
                let key = key(choices).replace(['<', '>', '/', '\n'], "_");
                format!("<x{key}>1</x{key}>")
            }
            6 => {
                let key = key(choices).replace(['<', '>', '/', '"', '=', '\n'], "_");
                format!("<a x{key}=\"1\" xmlns:b=\"{value}\"/>")
            }
            7 => format!("<{name}>{plain}"),
            _ => format!("<{name}>{value}</{name}>"),
        };
    }
    match choices.below(6) {
        0 => format!(
            "<!DOCTYPE r [<!ENTITY e \"{}\">]><r>&e;{made}</r>",
            secrets::any(choices).text.replace('"', "")
        ),
        1 => {
            format!("<s:Envelope xmlns:s=\"u\"><s:Body><m:Get>{made}</m:Get></s:Body></s:Envelope>")
        }
        2 => made,
        _ => format!("<r>{made}</r>"),
    }
    .into_bytes()
}

fn text(choices: &mut Choices<'_>) -> Vec<u8> {
    let lines: Vec<String> = (0..1 + choices.below(3)).map(|_| pair(choices).1).collect();
    lines.join("\n").into_bytes()
}

fn csv(choices: &mut Choices<'_>) -> Vec<u8> {
    let (one, two) = (pair(choices), pair(choices));
    format!("status,{},{}\nACTIVE,{},\"{}\"\n", one.0, two.0, one.1, two.1).into_bytes()
}

fn html(choices: &mut Choices<'_>) -> Vec<u8> {
    let (name, value) = pair(choices);
    let entities = disguise::entities(choices, &value);
    match choices.below(4) {
        0 => format!("<!DOCTYPE html><html><title>{entities}</title><p {name}=\"{entities}\">x"),
        1 => format!("<html><script>var x = {};</script>", disguise::json(&value)),
        2 => format!("<h1>Error</h1><pre>at com.shop.Order.get({value})</pre>"),
        _ => format!("<form><input name=\"{name}\" value=\"{entities}\"></form>"),
    }
    .into_bytes()
}

fn jsonp(choices: &mut Choices<'_>) -> Vec<u8> {
    let callback = if choices.one_in(3) { key(choices) } else { "callback".into() };
    format!("/**/{callback}({});", json(choices, 1)).into_bytes()
}

fn graphql(choices: &mut Choices<'_>) -> Vec<u8> {
    let document = document(choices);
    if choices.one_in(2) {
        return document.into_bytes();
    }
    let (name, value) = pair(choices);
    let operation = if choices.one_in(3) { key(choices) } else { "GetUser".into() };
    format!(
        "{{\"query\":{},\"operationName\":{},\"variables\":{{{}:{}}}}}",
        disguise::json(&document),
        disguise::json(&operation),
        disguise::json(&name),
        scalar(choices, &value)
    )
    .into_bytes()
}

/// A GraphQL document.
pub(super) fn document(choices: &mut Choices<'_>) -> String {
    let (name, value) = pair(choices);
    let name = ascii(&name).to_owned();
    let operation = if choices.one_in(4) { key(choices) } else { "GetUser".into() };
    match choices.below(5) {
        0 => format!("query {operation} {{ user({name}: {}) {{ id }} }}", disguise::json(&value)),
        1 => format!(
            "mutation {operation}($a: String = {}) {{ set(a: $a) {{ ok }} }}",
            disguise::json(&value)
        ),
        2 => format!("# {}\nquery {{ me }}", value.replace('\n', " ")),
        3 => format!("{{ user(note: \"\"\"{value}\"\"\") {{ a{} }} }}", choices.digits(9)),
        _ => format!("subscription {operation} {{ x(n: {}) }}", choices.digits(12)),
    }
}

/// Messages in frames.
fn grpc(choices: &mut Choices<'_>) -> Vec<u8> {
    let mut made = Vec::new();
    for _ in 0..1 + choices.below(2) {
        let message =
            if choices.one_in(4) { json(choices, 1).into_bytes() } else { protobuf(choices, 0) };
        let len = u32::try_from(message.len()).expect("a small message").to_be_bytes();
        made.push(if choices.one_in(8) { 1 } else { 0 });
        made.extend_from_slice(&len);
        made.extend(message);
    }
    made
}

fn protobuf(choices: &mut Choices<'_>, depth: usize) -> Vec<u8> {
    let mut made = Vec::new();
    for _ in 0..1 + choices.below(4) {
        let field = u8::try_from(1 + choices.below(14)).expect("a small number");
        if choices.one_in(4) {
            made.extend([
                field << 3,
                1 + u8::try_from(choices.below(100)).expect("a small number"),
            ]);
            continue;
        }
        let content = if depth < 3 && choices.one_in(4) {
            protobuf(choices, depth + 1)
        } else {
            pair(choices).1.into_bytes()
        };
        made.push(field << 3 | 2);
        let mut len = content.len();
        while len >= 128 {
            made.push(u8::try_from(len & 127).expect("seven bits") | 128);
            len >>= 7;
        }
        made.push(u8::try_from(len).expect("seven bits"));
        made.extend(content);
    }
    made
}
