//! The ways a value is written: encodings, one in another, and texts around it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::choices::Choices;
use super::secrets::Secret;

/// `text` in percent coding: of some or all octets, hexadecimal in either case.
pub(super) fn percent(choices: &mut Choices<'_>, text: &str) -> String {
    let (all, lower) = (choices.one_in(2), choices.one_in(2));
    let code = |b: u8| if lower { format!("%{b:02x}") } else { format!("%{b:02X}") };
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    let some = choices.one_in(2);
    let mut made = String::new();
    for b in text.bytes() {
        if !all && plain(b) && !(some && choices.random(4) == 0) {
            made.push(char::from(b));
        } else {
            made += &code(b);
        }
    }
    made
}

/// `text` with some or all characters as `\uXXXX`.
pub(super) fn unicode(choices: &mut Choices<'_>, text: &str) -> String {
    let (all, upper) = (choices.one_in(2), choices.one_in(2));
    let mut made = String::new();
    for unit in text.encode_utf16() {
        let c = char::from_u32(unit.into()).filter(|c| c.is_ascii() && !"\"\\".contains(*c));
        let plain = c.filter(|c| !c.is_ascii_control() && !all && choices.random(3) > 0);
        match plain {
            Some(c) => made.push(c),
            None if upper => made += &format!("\\u{unit:04X}"),
            None => made += &format!("\\u{unit:04x}"),
        }
    }
    made
}

/// `text` with some or all characters as HTML or XML character references.
pub(super) fn entities(choices: &mut Choices<'_>, text: &str) -> String {
    let (all, hex) = (choices.one_in(2), choices.one_in(2));
    let mut made = String::new();
    for c in text.chars() {
        let code = u32::from(c);
        match c {
            _ if !all && !"<>&\"'".contains(c) && choices.random(3) > 0 => made.push(c),
            '&' => made += "&amp;",
            _ if hex => made += &format!("&#x{code:x};"),
            _ => made += &format!("&#{code};"),
        }
    }
    made
}

/// `text` as a JSON string.
#[must_use]
pub(super) fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A secret in one or more encodings, or none; in one line of printable characters. What is made of it is planted.
pub(super) fn encoded(choices: &mut Choices<'_>, secret: &Secret) -> String {
    coded(choices, &secret.text, secret.cores.first() == Some(&secret.text))
}

fn coded(choices: &mut Choices<'_>, text: &str, plant: bool) -> String {
    let mut made = text.to_owned();
    for _ in 0..*choices.pick(&[0, 0, 1, 1, 2, 3]) {
        made = match choices.below(10) {
            0 => percent(choices, &made),
            1 => unicode(choices, &made),
            2 => entities(choices, &made),
            3 => STANDARD.encode(&made),
            4 => URL_SAFE_NO_PAD.encode(&made),
            5 => made.bytes().map(|b| format!("{b:02x}")).collect(),
            6 => wide(&made),
            7 => made
                .chars()
                .map(|c| if c.is_ascii_digit() { format!("{c} ") } else { c.into() })
                .collect(),
            8 => made.to_uppercase(),
            _ => quoted_printable(&made),
        };
        if plant {
            choices.plant(&made);
        }
        if made.len() > 2000 {
            break;
        }
    }
    if made.chars().any(char::is_control) { percent(choices, &made) } else { made }
}

/// Digits at full width.
fn wide(text: &str) -> String {
    let wide = |c: char| match c {
        '0'..='9' => char::from_u32(0xff10 + u32::from(c) - u32::from('0')).unwrap_or(c),
        c => c,
    };
    text.chars().map(wide).collect()
}

fn quoted_printable(text: &str) -> String {
    let code =
        |b: u8| if b.is_ascii_alphanumeric() { char::from(b).into() } else { format!("={b:02X}") };
    text.bytes().map(code).collect()
}

/// `value`, called `name`, inside a longer text.
pub(super) fn wrapped(choices: &mut Choices<'_>, name: &str, value: &str) -> String {
    match choices.below(22) {
        0 => format!("{{{}:{}}}", json(name), json(value)),
        1 => format!("[1,{{\"a\":{}}}]", json(value)),
        2 => STANDARD.encode(format!("{{{}:{}}}", json(name), json(value))),
        3 => format!("a=1&{name}={}", percent(choices, value)),
        4 => format!("<r><{0}>{1}</{0}></r>", ascii(name), entities(choices, value)),
        5 => format!("https://shop.example/a/{value}"),
        6 => format!("https://shop.example/a?{name}={}#x", percent(choices, value)),
        7 => format!("https://shop.example/a#{value}"),
        8 => format!("https://{value}@shop.example/a"),
        9 => format!("data:text/plain;base64,{}", STANDARD.encode(value)),
        10 => format!("2026-01-31T10:00:00Z ERROR [main] {name}={value} not found"),
        11 => format!(
            "java.lang.IllegalStateException: no user {value}\n\tat com.shop.Order.get(Order.java:42)"
        ),
        12 => format!("SELECT * FROM users WHERE {name} = '{value}' LIMIT 1"),
        13 => format!("query {{ user({}: {}) {{ id }} }}", ascii(name), json(value)),
        14 => format!(
            "Traceback (most recent call last):\n  File \"a.py\", line 3\nKeyError: '{value}'"
        ),
        15 => format!("\"{value}\""),
        16 => format!("callback({{{}:{}}});", json(name), json(value)),
        17 => format!("id,{name}\n1,{value}\n"),
        18 => json(&json(&format!("{{{}:{}}}", json(name), json(value)))),
        19 => format!("x{}y {value}.", choices.random(99)),
        20 => STANDARD.encode(format!("{name}={value}")),
        _ => format!("Bearer {value}"),
    }
}

/// A name in ASCII, as formats ask for that have no other.
#[must_use]
pub(super) fn ascii(name: &str) -> &str {
    if name.is_ascii() { name } else { "value" }
}

/// A secret as it may stand anywhere, under `name`: itself, encoded, inside something, both.
pub(super) fn value(choices: &mut Choices<'_>, name: &str, secret: &Secret) -> String {
    match choices.below(6) {
        0 | 1 => secret.text.clone(),
        2 | 3 => encoded(choices, secret),
        4 => wrapped(choices, name, &secret.text),
        _ => {
            let inner = encoded(choices, secret);
            let outer = wrapped(choices, name, &inner);
            if choices.one_in(3) { coded(choices, &outer, false) } else { outer }
        }
    }
}

/// As [`value`], in one line.
pub(super) fn line(choices: &mut Choices<'_>, name: &str, secret: &Secret) -> String {
    let made = value(choices, name, secret);
    if made.chars().any(char::is_control) { percent(choices, &made) } else { made }
}
