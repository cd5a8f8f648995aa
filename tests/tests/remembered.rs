//! What a worker remembers of calls changes nothing of later ones: its record of each is the one of a worker that
//! reads this call alone. Random calls, alike and broken anywhere, through the line.
//!
//! `APITAP_MEMORY_CASES` says how many (default 400), `APITAP_MEMORY_SEED` where they begin.

use apitap::reassembly::{CloseReason, Side, StreamEventKind};
use apitap::redact::{Config, Keys, Redactor};
use apitap_tests::plant::{Choices, Stages};

struct Worker(Stages);

impl Worker {
    fn new(keys: &Keys, config: &Config) -> Self {
        Self(Stages::new(Redactor::new(keys, config).learning(true)))
    }

    /// The records of one connection.
    fn read(&mut self, sent: &[Vec<u8>; 2], size: usize) -> Vec<Vec<u8>> {
        let mut records = Vec::new();
        let mut push = self.0.reading(&mut records);
        let [client, server] = sent;
        let len = |bytes: &[u8]| u64::try_from(bytes.len()).expect("a small number");
        for (side, bytes) in [(Side::A, client), (Side::B, server)] {
            let acked = (side == Side::B).then_some(len(client));
            let mut offset = 0;
            for bytes in bytes.chunks(size) {
                let segment_start = true;
                push(StreamEventKind::Data { side, offset, acked, segment_start, bytes });
                offset += len(bytes);
            }
        }
        push(StreamEventKind::Close { reason: CloseReason::Fin });
        drop(push);
        records.iter().map(|record| record.encoded().to_vec()).collect()
    }
}

const KEYS: &str = "\
    id|name|value|data|content|key|a||$|[]|(json)|(1|{key}|a.b|id.name|query|operationName|jsonrpc|method|\
    params|variables|items|user_id|email|password|card_number|status|type|next|cursor|page|total|주소|이름|고객번호|\
    kim@example.com|Envelope|Body|methodCall|methodName|action|op|@name|customer_identifier_of_the_account|\
    customer_identifier_of_the_amount|id_of_the_account_customer|error|message|code|phone|extensions|\
    persistedQuery|sha256Hash|payload|x-long|1|2|#text|operations|map|file";
const VALUES: &str = "\
    kim|password|id|name||7|42|true|null|kim@example.com|4111111111111111|1.5|-3|ACTIVE|active|00000|\
    010-9876-5432|query A { me { id } }|{\"id\":7,\"email\":\"a@b.kr\"}|[1,2]|eyJpZCI6N30|user.get|2.0|\
    2026-01-31|2026-01-31T00:00:00Z|서울시 강남구 테헤란로 152|홍길동|a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11|\
    https://api.example.com/users/7?page=2|next-page|error|Not Found|\
    eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJraW0tc3ViamVjdCJ9.c2lnbmF0dXJl|1700000000|12345678901234567890|a b c|\
    203.0.113.77|ko-KR|KRW|9.99|1e3|item|order|cvc|card_number|email|900101-1234568";
const FIELDS: &str = "\
    accept|Accept|user-agent|x-user-id|authorization|cookie|x-request-id|x-api-key|date|via|x-forwarded-for|\
    forwarded|accept-language|origin|referer|x-email|kim@example.com|x-note|cache-control|etag|if-none-match|\
    vary|server|x-ratelimit-limit|x-trace-bin|set-cookie|location|link|retry-after|content-disposition|\
    grpc-message|x-api-tran-id|soapaction|x-status|x-forwarded-client-cert|www-authenticate|te|x-count|host|\
    content-language|prefer|x-name";
const LINES: &str = "\
    */*|application/json|curl/8.5.0|kim|kim@example.com|7|\
    Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJraW0tc3ViamVjdCJ9.c2lnbmF0dXJl|Basic a2ltOnNlY3JldA==|\
    session=deadbeefcafe0123456789; id=7; name=kim|a=1|Sun, 22 Nov 2026 10:00:00 GMT|203.0.113.77, 10.0.0.1|\
    for=203.0.113.77;by=10.0.0.1|ko-KR|https://shop.example/a?email=kim@example.com|4111111111111111|| |\
    gzip, br|1.1 shop|max-age=60|\"abc\"|2026-01-31|true|100|a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11|\
    attachment; filename=\"kim.pdf\"|user=kim; Path=/; HttpOnly|Bearer abc.def|urn:a#GetUser|\
    Mozilla/5.0 (X11; Linux x86_64)|0123456789A20261122000001";
const SEGMENTS: &str = "\
    users|orders|v1|7|kim|search|api|me|a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11|kim@example.com|items|accounts|\
    login|graphql||x;a=7|users(7)|4111111111111111|admin|report.pdf|%EC%A3%BC|a,b|v1:get|..|%2e|shop.User|\
    GetUser|customers|010-9876-5432";

/// One of a list with bars in between.
fn pick<'a>(c: &mut Choices<'_>, list: &'a str) -> &'a str {
    nth(list, c.random(list.split('|').count()))
}

fn nth(list: &str, nth: usize) -> &str {
    list.split('|').nth(nth).expect("so many")
}

fn key(c: &mut Choices<'_>) -> String {
    match c.random(40) {
        0 => "k".repeat(1 + c.random(600)),
        1 => format!("key_{}", c.text("abcdefghij", 3)),
        2 => c.text("ab[]().{}$\u{ac00}", 4),
        _ => pick(c, KEYS).to_owned(),
    }
}

fn text(c: &mut Choices<'_>) -> String {
    match c.random(30) {
        0 => "v".repeat(c.random(300)),
        1 => {
            let len = 2 + c.random(24);
            c.digits(len)
        }
        2 => format!("{} {}", pick(c, VALUES), pick(c, VALUES)),
        _ => pick(c, VALUES).to_owned(),
    }
}

fn quoted(c: &mut Choices<'_>, text: &str) -> String {
    let plain = format!("{text:?}").replace("\\u{", "\\\\u{").replace("\\'", "'");
    if c.random(12) > 0 {
        return plain;
    }
    let mut made = String::from("\"");
    for unit in text.encode_utf16() {
        made += &format!("\\u{unit:04x}");
    }
    made + "\""
}

fn json(c: &mut Choices<'_>, depth: usize, keys: &[String]) -> String {
    let room = depth < 6;
    match c.random(if depth == 0 { 8 } else { 14 }) {
        0..=4 if room => {
            let comma = ["", "", "", " ", "\n  "][c.random(5)];
            let members: Vec<_> = (0..c.random(6))
                .map(|_| {
                    let key =
                        if c.random(3) > 0 { keys[c.random(keys.len())].clone() } else { key(c) };
                    format!("{}:{comma}{}", quoted(c, &key), json(c, depth + 1, keys))
                })
                .collect();
            format!("{{{}}}", members.join(&format!(",{comma}")))
        }
        5 | 6 if room => {
            let items: Vec<_> = (0..c.random(4)).map(|_| json(c, depth + 1, keys)).collect();
            format!("[{}]", items.join(","))
        }
        7 => ["true", "null", "{}", "[]", "false"][c.random(5)].to_owned(),
        8 | 9 => {
            let value = text(c);
            if value.parse::<f64>().is_ok() && !value.starts_with('0') {
                value
            } else {
                "12".into()
            }
        }
        _ => {
            let value = text(c);
            quoted(c, &value)
        }
    }
}

fn percent(c: &mut Choices<'_>, text: &str) -> String {
    let all = c.random(6) == 0;
    text.bytes()
        .map(|b| match b {
            b if b.is_ascii_alphanumeric() && !all => char::from(b).to_string(),
            b'.' | b'[' | b']' | b'-' | b'_' if !all => char::from(b).to_string(),
            b => format!("%{b:02X}"),
        })
        .collect()
}

fn pairs(c: &mut Choices<'_>) -> String {
    let mut made = Vec::new();
    for _ in 0..c.random(6) {
        let (k, v) = (key(c), text(c));
        let k = match c.random(6) {
            0 => format!("{k}[{}]", key(c)),
            1 => format!("{k}[]"),
            _ => k,
        };
        made.push(format!("{}={}", percent(c, &k), percent(c, &v)));
    }
    made.join("&")
}

fn xml(c: &mut Choices<'_>, depth: usize) -> String {
    const NAMES: &str = "id|name|value|a|Envelope|Body|s:Envelope|s:Body|methodCall|methodName|email|item|user_id|password|params|UsernameToken|Header|Security|Username|GetUser|주소|x.y";
    let name = pick(c, NAMES);
    let mut made = format!("<{name}");
    for _ in 0..c.random(3) {
        made +=
            &format!(" {}=\"{}\"", pick(c, NAMES), pick(c, VALUES).replace(['<', '"', '&'], "_"));
    }
    made += ">";
    for _ in 0..c.random(4) {
        made += &if depth < 5 && c.random(2) == 0 {
            xml(c, depth + 1)
        } else {
            pick(c, VALUES).replace(['<', '&'], "_")
        };
    }
    if c.random(20) > 0 {
        made += &format!("</{name}>");
    }
    made
}

fn varint(out: &mut Vec<u8>, mut n: u64) {
    while n >= 128 {
        out.push((n & 127) as u8 | 128);
        n >>= 7;
    }
    out.push(n as u8);
}

fn protobuf(c: &mut Choices<'_>, depth: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for _ in 0..c.random(6) {
        let number = [1_u64, 2, 3, 4, 15, 16, 2047, 536_870_911][c.random(8)];
        match c.random(5) {
            0 => {
                varint(&mut out, number << 3);
                varint(&mut out, [0, 1, 7, 1_700_000_000, u64::MAX][c.random(5)]);
            }
            1 => {
                varint(&mut out, number << 3 | 5);
                out.extend([1, 2, 3, 4]);
            }
            n => {
                let inner =
                    if n == 2 && depth < 4 { protobuf(c, depth + 1) } else { text(c).into_bytes() };
                varint(&mut out, number << 3 | 2);
                varint(&mut out, inner.len() as u64);
                out.extend(inner);
            }
        }
    }
    out
}

fn multipart(c: &mut Choices<'_>, keys: &[String]) -> Vec<u8> {
    let mut made = String::new();
    for _ in 0..c.random(5) {
        let name = key(c).replace(['"', '\r', '\n'], "_");
        made += &format!("--bb\r\nContent-Disposition: form-data; name=\"{name}\"");
        match c.random(5) {
            0 => made += "; filename=\"kim.pdf\"",
            1 => made += "\r\nContent-Type: application/json",
            2 => made += "\r\nContent-Type: text/xml",
            _ => {}
        }
        made += "\r\n\r\n";
        made += &match c.random(4) {
            0 => json(c, 0, keys),
            1 => xml(c, 0),
            _ => text(c),
        };
        made += "\r\n";
    }
    (made + "--bb--\r\n").into_bytes()
}

fn body(c: &mut Choices<'_>, keys: &[String]) -> (&'static str, Vec<u8>) {
    match c.random(20) {
        0..=6 => ("application/json", json(c, 0, keys).into_bytes()),
        7 => {
            let lines: Vec<_> =
                (0..1 + c.random(4)).map(|_| json(c, 0, keys).replace('\n', " ")).collect();
            ("application/x-ndjson", lines.join("\n").into_bytes())
        }
        8 | 9 => ("application/x-www-form-urlencoded", pairs(c).into_bytes()),
        10 | 11 => ("text/xml", xml(c, 0).into_bytes()),
        12 => ("multipart/form-data; boundary=bb", multipart(c, keys)),
        13 => {
            let lines: Vec<_> = (0..1 + c.random(4))
                .map(|_| {
                    format!(
                        "event: {}\ndata: {}\n\n",
                        pick(c, VALUES),
                        json(c, 0, keys).replace('\n', " ")
                    )
                })
                .collect();
            ("text/event-stream", lines.concat().into_bytes())
        }
        14 => (
            "application/graphql",
            format!(
                "query {}($a: ID = \"{}\") {{ {}(id: \"{}\", b: {}) {{ id name }} }}",
                pick(c, KEYS),
                pick(c, VALUES),
                pick(c, KEYS),
                text(c),
                text(c)
            )
            .into_bytes(),
        ),
        15 => {
            let document =
                format!("query A {{ {}(id: {:?}) {{ id }} }}", pick(c, KEYS), pick(c, VALUES));
            (
                "application/json",
                format!(
                    "{{\"query\":{document:?},\"operationName\":\"A\",\"variables\":{}}}",
                    json(c, 0, keys)
                )
                .into_bytes(),
            )
        }
        16 => ("application/x-protobuf", protobuf(c, 0)),
        17 => {
            let message = protobuf(c, 0);
            let mut framed = vec![0];
            framed.extend((message.len() as u32).to_be_bytes());
            framed.extend(message);
            ("application/grpc", framed)
        }
        18 => ("text/plain", text(c).into_bytes()),
        _ => (
            "application/json; charset=utf-8",
            format!("{{\"a\":{}}}", quoted(c, "x")).into_bytes(),
        ),
    }
}

fn damage(c: &mut Choices<'_>, bytes: &mut Vec<u8>) {
    if bytes.is_empty() {
        return;
    }
    let at = c.random(bytes.len());
    match c.random(12) {
        0 => bytes[at] = b"{}[],:\" 1<>=&%\\\x00\xff"[c.random(17)],
        1 => bytes.truncate(at),
        2 => {
            bytes.remove(at);
        }
        3 => {
            let end = at + c.random(bytes.len() - at);
            let part = bytes[at..end].to_vec();
            bytes.splice(at..at, part);
        }
        _ => {}
    }
}

struct Part {
    start: Vec<(String, String)>,
    fields: Vec<(String, String)>,
    kind: &'static str,
    body: Vec<u8>,
}

fn part(c: &mut Choices<'_>, request: bool, keys: &[String]) -> Part {
    let (kind, mut octets) = if c.random(5) == 0 { ("", Vec::new()) } else { body(c, keys) };
    damage(c, &mut octets);
    let start = if request {
        let mut target = String::new();
        for _ in 0..1 + c.random(4) {
            target += "/";
            target += pick(c, SEGMENTS);
        }
        if c.random(2) == 0 {
            target += "?";
            target += &pairs(c);
        }
        let method = pick(c, "GET|POST|POST|PUT|DELETE");
        let host = pick(c, "api.example.com|shop.example|shop.example:8080");
        vec![
            (":method".into(), method.into()),
            (":scheme".into(), "http".into()),
            (":authority".into(), host.into()),
            (":path".into(), target),
        ]
    } else {
        vec![(":status".into(), pick(c, "200|200|201|400|401|404|500").into())]
    };
    let mut fields: Vec<(String, String)> = Vec::new();
    let (names, lines) = (FIELDS.split('|').count(), LINES.split('|').count());
    let mut at = c.random(names);
    for _ in 0..c.random(8) {
        at = if c.random(3) > 0 { (at + 1) % names } else { c.random(names) };
        let line = if c.random(3) > 0 { nth(LINES, at % lines) } else { pick(c, LINES) };
        fields.push((nth(FIELDS, at).into(), line.into()));
    }
    Part { start, fields, kind, body: octets }
}

fn http1(part: &Part) -> Vec<u8> {
    let of = |n: usize| part.start.get(n).map_or("", |(_, value)| value.as_str());
    let mut made = if part.start.len() > 1 {
        format!("{} {} HTTP/1.1\r\nHost: {}\r\n", of(0), of(3), of(2))
    } else {
        format!("HTTP/1.1 {} OK\r\n", of(0))
    };
    for (name, value) in part.fields.iter().filter(|(name, _)| name != "host") {
        made += &format!("{name}: {value}\r\n");
    }
    if !part.kind.is_empty() {
        made += &format!("Content-Type: {}\r\n", part.kind);
    }
    made += &format!("Content-Length: {}\r\n\r\n", part.body.len());
    [made.into_bytes(), part.body.clone()].concat()
}

fn length(block: &mut Vec<u8>, first: u8, max: usize, mut n: usize) {
    if n < max {
        return block.push(first | n as u8);
    }
    block.push(first | max as u8);
    n -= max;
    while n >= 128 {
        block.push((n & 127) as u8 | 128);
        n >>= 7;
    }
    block.push(n as u8);
}

fn http2(c: &mut Choices<'_>, parts: &[Part]) -> Vec<u8> {
    let mut made = Vec::new();
    let frame = |made: &mut Vec<u8>, kind: u8, flags: u8, stream: u32, payload: &[u8]| {
        let len = (payload.len() as u32).to_be_bytes();
        made.extend([len[1], len[2], len[3], kind, flags]);
        made.extend(stream.to_be_bytes());
        made.extend_from_slice(payload);
    };
    let mut table: Vec<(String, String)> = Vec::new();
    for (nth, part) in parts.iter().enumerate() {
        let mut block = Vec::new();
        let mut fields = part.start.clone();
        fields.extend(part.fields.iter().map(|(n, v)| (n.to_ascii_lowercase(), v.clone())));
        if !part.kind.is_empty() {
            fields.push(("content-type".into(), part.kind.into()));
        }
        for field in fields {
            if let Some(at) = table.iter().rev().position(|known| *known == field) {
                length(&mut block, 0x80, 127, 62 + at);
                continue;
            }
            let indexed = c.random(3) > 0;
            block.push(if indexed { 0x40 } else { 0 });
            length(&mut block, 0, 127, field.0.len());
            block.extend_from_slice(field.0.as_bytes());
            length(&mut block, 0, 127, field.1.len());
            block.extend_from_slice(field.1.as_bytes());
            if indexed {
                table.push(field);
                // The encoder forgets as little as 4096 octets hold.
                let size = |t: &[(String, String)]| {
                    t.iter().map(|(n, v)| n.len() + v.len() + 32).sum::<usize>()
                };
                while size(&table) > 4096 {
                    table.remove(0);
                }
            }
        }
        let stream = nth as u32 * 2 + 1;
        frame(&mut made, 1, if part.body.is_empty() { 5 } else { 4 }, stream, &block);
        if !part.body.is_empty() {
            let size = 1 + c.random(part.body.len() + 5);
            for chunk in part.body.chunks(size) {
                frame(&mut made, 0, 0, stream, chunk);
            }
            frame(&mut made, 0, 1, stream, b"");
        }
    }
    made
}

/// A socket: the handshake, and texts in both directions.
fn socket(c: &mut Choices<'_>, keys: &[String]) -> [Vec<u8>; 2] {
    let asked = format!(
        "GET /{} HTTP/1.1\r\nHost: api.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        pick(c, SEGMENTS)
    );
    let answered = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    let mut sent = [asked.into_bytes(), answered.as_bytes().to_vec()];
    for _ in 0..c.random(6) {
        let side = c.random(2);
        let mut text = body(c, keys).1;
        damage(c, &mut text);
        let [_, b1, b2] = [0, (text.len() >> 8) as u8, text.len() as u8];
        sent[side].extend([0x81, if side == 0 { 0xfe } else { 126 }, b1, b2]);
        if side == 0 {
            sent[side].extend([0; 4]);
        }
        sent[side].extend(text);
    }
    sent
}

const CONFIGS: &[&str] = &[
    "",
    "fields_max = 3\nparameters_max = 3\nvalues_max = 1\nobjects_max = 2\nentities_max = 2\nfindings_max = 2",
    "reversible = ['id', 'email', 'phone', 'name']\nformat_preserving = ['pan', 'ssn']\ndates = 'day'\nvalues_max = 7",
    "[[rules]]\nhost = 'shop.example*'\nfield = '*name*'\naction = 'mask'\n[[rules]]\nlocation = 'response.body'\nfield = '$.id'\naction = 'token'\n[[rules]]\nclass = 'email'\npath = '/users*'\naction = 'drop'\n[[rules]]\nlocation = 'request.header'\naction = 'shape'\nfield = 'x-note'",
    "tenants = [{ name = 'shop', hosts = ['shop.example'] }]\nkeep_names = ['type']\ntoken_names = ['key']\nshape_names = ['status']\ndrop_names = ['data']",
    "[[detectors]]\nname = 'member_no'\nregex = 'kim'\n[[detectors]]\nname = 'badge'\nfields = ['a', 'code']",
];

fn exchange(seed: u64) -> ([Vec<u8>; 2], usize) {
    // A few sets of keys, so that bodies are of like shape.
    let mut set = Choices::seeded(seed % 5 + 1_000_000);
    let keys: Vec<String> = (0..6).map(|_| key(&mut set)).collect();
    let c = &mut Choices::seeded(if seed.is_multiple_of(3) { seed / 3 % 50 } else { seed });
    if c.random(8) == 0 {
        return (socket(c, &keys), if c.random(3) > 0 { 1460 } else { 1 + c.random(60) });
    }
    let h2 = c.random(3) == 0;
    let count = 1 + c.random(3);
    let (asked, answered): (Vec<_>, Vec<_>) =
        (0..count).map(|_| (part(c, true, &keys), part(c, false, &keys))).unzip();
    let mut sent = if h2 {
        let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
        [
            [preface.to_vec(), http2(c, &asked)].concat(),
            [b"\0\0\0\x04\0\0\0\0\0".to_vec(), http2(c, &answered)].concat(),
        ]
    } else {
        [
            asked.iter().flat_map(http1).collect::<Vec<u8>>(),
            answered.iter().flat_map(http1).collect::<Vec<u8>>(),
        ]
    };
    if c.random(10) == 0 {
        let side = c.random(2);
        damage(c, &mut sent[side]);
    }
    let size = if c.random(3) > 0 { 1460 } else { 1 + c.random(60) };
    (sent, size)
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

#[test]
fn what_is_remembered_changes_nothing() {
    let first = number("APITAP_MEMORY_SEED").unwrap_or(0);
    let cases = number("APITAP_MEMORY_CASES").unwrap_or(400);
    let keys = Keys::ephemeral().expect("the system has random numbers");
    let configs: Vec<Config> =
        CONFIGS.iter().map(|text| toml::from_str(text).expect("a configuration")).collect();
    let mut workers: Vec<Worker> =
        configs.iter().map(|config| Worker::new(&keys, config)).collect();
    let (mut records, mut bad) = (0, 0);
    for seed in first..first + cases {
        let (sent, size) = exchange(seed);
        let at = usize::try_from(seed / 2 % 6).expect("a number");
        let told = workers[at].read(&sent, size);
        let fresh = Worker::new(&keys, &configs[at]).read(&sent, size);
        records += told.len();
        if told != fresh {
            bad += 1;
            println!("seed {seed}: {} against {} records", told.len(), fresh.len());
            for (told, fresh) in told.iter().zip(&fresh).filter(|(a, b)| a != b).take(1) {
                let decode = |octets: &[u8]| {
                    format!(
                        "{:#?}",
                        <apitap_proto::v1::CallRecord as prost::Message>::decode(octets)
                            .expect("a record")
                    )
                };
                let (told, fresh) = (decode(told), decode(fresh));
                for (a, b) in told.lines().zip(fresh.lines()).filter(|(a, b)| a != b).take(6) {
                    println!("  {a}\n  {b} (fresh)");
                }
            }
            for bytes in &sent {
                println!("{}", String::from_utf8_lossy(bytes));
            }
            assert!(bad < 4, "enough");
        }
    }
    assert!(bad == 0, "{bad} of {cases} differ");
    println!("{cases} connections, {records} records");
    assert!(u64::try_from(records).expect("a number") > cases);
}
