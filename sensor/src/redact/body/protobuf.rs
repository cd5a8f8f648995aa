//! Protocol buffers without a schema: field numbers as paths (`$.1.2`), values by wire type.
//!
//! ```text
//! varint                Integer
//! 4 or 8 octets         Number, if it reads as a floating-point number of human size, else Integer
//! length-delimited      a message, a text, or octets: see [`guess`]
//! group                 a message
//! ```
//!
//! Source: [Encoding](https://protobuf.dev/programming-guides/encoding/).

mod described;

use apitap_proto::v1::ValueType;

use super::{End, Visit};

pub(crate) use described::{Described, read_described};

/// Deepest message inside messages.
const DEPTH_MAX: u32 = 32;
/// Highest field number that is believed where it is not certain that octets are a message.
const NUMBER_MAX: u64 = 50_000;
/// Shortest text that is rather a message when it reads as one.
const LONG_TEXT: usize = 34;

/// What a length-delimited value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Guess {
    Message,
    Text,
    Octets,
}

/// A field as the wire has it.
#[derive(Clone, Copy)]
struct Field<'a> {
    number: u64,
    value: Value<'a>,
}

#[derive(Clone, Copy)]
enum Value<'a> {
    Varint(u64),
    Fixed64([u8; 8]),
    Fixed32([u8; 4]),
    Bytes(&'a [u8]),
    /// The text ends inside these.
    Cut(&'a [u8]),
    Open,
    Close,
}

/// Reads one message; of a cut one, as far as it goes.
pub(crate) fn read(octets: &[u8], cut: bool, visit: &mut impl Visit) -> End {
    let mut end = End { roots: 1, ..End::default() };
    let (mut rest, mut open) = (octets, 0_u32);
    while !rest.is_empty() {
        let at = octets.len().saturating_sub(rest.len());
        let Some(field) = next(&mut rest) else {
            match cut {
                true => end.cut = true,
                false => end.malformed = Some(at),
            }
            break;
        };
        let inside = matches!(field.value, Value::Cut(_));
        let groups = match field.value {
            Value::Open => open.checked_add(1).filter(|&open| open <= DEPTH_MAX),
            Value::Close => open.checked_sub(1),
            _ => Some(open),
        };
        let (Some(groups), false) = (groups, inside && !cut) else {
            end.malformed = Some(at);
            break;
        };
        open = groups;
        end.cut |= inside;
        tell(field, 0, visit);
    }
    (0..open).for_each(|_| visit.leave());
    end
}

/// Whether octets are JSON all the same: no message begins with a group of a high number and ends so.
pub(crate) fn is_json(octets: &[u8]) -> bool {
    let text = octets.trim_ascii();
    matches!((text.first(), text.last()), (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']')))
}

/// Tells of one field, and of what is in it.
fn tell(field: Field<'_>, depth: u32, visit: &mut impl Visit) {
    if let Value::Close = field.value {
        return visit.leave();
    }
    visit.number(field.number);
    // What is in a group follows.
    if !matches!(field.value, Value::Open) {
        undescribed(field.value, depth, visit);
        visit.leave();
    }
}

/// Tells of a value of which nothing is known but how it is on the wire.
fn undescribed(value: Value<'_>, depth: u32, visit: &mut impl Visit) {
    match value {
        Value::Open | Value::Close => {}
        Value::Varint(value) => integer(value, visit),
        Value::Fixed64(octets) => match f64::from_le_bytes(octets) {
            value if human(value.abs()) => number(&value.to_string(), visit),
            _ => integer(u64::from_le_bytes(octets), visit),
        },
        Value::Fixed32(octets) => match f32::from_le_bytes(octets) {
            value if human(value.abs().into()) => number(&value.to_string(), visit),
            _ => integer(u32::from_le_bytes(octets).into(), visit),
        },
        Value::Bytes(octets) => match guess(octets, depth) {
            Guess::Message => message(octets, depth.saturating_add(1), visit),
            Guess::Text => visit.leaf(ValueType::String, octets),
            Guess::Octets => visit.leaf(ValueType::Binary, octets),
        },
        Value::Cut(octets) if depth < DEPTH_MAX && fields(octets, true) >= 2 => {
            message(octets, depth.saturating_add(1), visit);
        }
        Value::Cut(_) => visit.cut(ValueType::Binary),
    }
}

/// Tells of a message that is known to read as one, as far as it goes.
fn message(octets: &[u8], depth: u32, visit: &mut impl Visit) {
    let mut rest = octets;
    while let Some(field) = next(&mut rest) {
        if !matches!(field.value, Value::Open | Value::Close) {
            tell(field, depth, visit);
        }
    }
}

fn integer(value: u64, visit: &mut impl Visit) {
    number_text(ValueType::Integer, &value.to_string(), visit);
}

fn number(text: &str, visit: &mut impl Visit) {
    number_text(ValueType::Number, text, visit);
}

fn number_text(kind: ValueType, text: &str, visit: &mut impl Visit) {
    visit.leaf(kind, text.as_bytes());
}

/// Whether a floating-point number is one that people use: of other meanings of the same octets hardly any is.
fn human(size: f64) -> bool {
    (1e-6..1e15).contains(&size)
}

/// What octets are. Most text is no message and most messages are no text, for they begin with control characters;
/// what can be both is a text if it is short or has numbers in it, for then little speaks for a message.
fn guess(octets: &[u8], depth: u32) -> Guess {
    let text = std::str::from_utf8(octets)
        .is_ok_and(|text| text.chars().all(|c| !c.is_control() || matches!(c, '\t' | '\r' | '\n')));
    if octets.is_empty() {
        return Guess::Text;
    }
    if depth >= DEPTH_MAX || fields(octets, false) == 0 {
        return if text { Guess::Text } else { Guess::Octets };
    }
    let spaced = octets.iter().any(|b| matches!(b, b'\t' | b'\r' | b'\n'));
    let mut rest = octets;
    let mut delimited = true;
    while let Some(field) = next(&mut rest) {
        delimited &= matches!(field.value, Value::Bytes(_));
    }
    if text && !spaced && (octets.len() < LONG_TEXT || !delimited) {
        return Guess::Text;
    }
    Guess::Message
}

/// How many fields octets read as, if they read as a message; else 0. `cut`: the last may be cut.
fn fields(octets: &[u8], cut: bool) -> usize {
    let (mut rest, mut count) = (octets, 0_usize);
    while !rest.is_empty() {
        match next(&mut rest) {
            Some(Field { value: Value::Open | Value::Close, .. }) => return 0,
            Some(Field { value: Value::Cut(_), .. }) | None if !cut => return 0,
            Some(field) if field.number > NUMBER_MAX => return 0,
            Some(_) => count = count.saturating_add(1),
            None => break,
        }
    }
    count
}

/// The next field; `None` when there is none, or it breaks the rules.
fn next<'a>(rest: &mut &'a [u8]) -> Option<Field<'a>> {
    let tag = varint(rest)?;
    let number = tag >> 3;
    if number == 0 || number >= 1 << 29 {
        return None;
    }
    let value = match tag & 7 {
        0 => Value::Varint(varint(rest)?),
        1 => Value::Fixed64(take(rest)?),
        2 => {
            let len = usize::try_from(varint(rest)?).unwrap_or(usize::MAX);
            match rest.split_at_checked(len) {
                Some((bytes, after)) => {
                    *rest = after;
                    Value::Bytes(bytes)
                }
                None => Value::Cut(std::mem::take(rest)),
            }
        }
        3 => Value::Open,
        4 => Value::Close,
        5 => Value::Fixed32(take(rest)?),
        _ => return None,
    };
    Some(Field { number, value })
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (octets, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(*octets)
}

/// A base-128 number of up to ten octets.
fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for (nth, &octet) in (0_u32..10).zip(rest.iter()) {
        let bits = u64::from(octet & 0x7f);
        value |= bits.checked_shl(nth.saturating_mul(7)).unwrap_or(0);
        if octet & 0x80 == 0 {
            *rest = rest.get(usize::try_from(nth).unwrap_or(0).saturating_add(1)..)?;
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::log::told;
    use super::*;

    fn bytes(number: u8, value: &[u8]) -> Vec<u8> {
        [&[number << 3 | 2, u8::try_from(value.len()).unwrap()][..], value].concat()
    }

    fn seen(octets: &[u8], cut: bool) -> (Vec<String>, End) {
        told(|log| read(octets, cut, log))
    }

    #[test]
    fn wire_types_are_told() {
        let octets = [
            &[0x08, 0x96, 0x01][..],
            &bytes(2, b"testing"),
            &bytes(3, &[0x08, 0x05]),
            &[0x25, 0, 0, 0xc0, 0x3f],
            &[0x29, 1, 0, 0, 0, 0, 0, 0, 0],
            &bytes(6, &[0xff, 0xfe]),
            &bytes(7, b""),
            &[0x83, 0x01, 0x08, 1, 0x84, 0x01],
        ]
        .concat();
        let (seen, end) = seen(&octets, false);
        assert_eq!(
            seen,
            [
                "$.1 Integer 150",
                "$.2 String testing",
                "$.3.1 Integer 5",
                "$.4 Number 1.5",
                "$.5 Integer 1",
                "$.6 Binary \u{fffd}\u{fffd}",
                "$.7 String ",
                "$.16.1 Integer 1",
            ]
        );
        assert_eq!(end, End { roots: 1, ..End::default() });
    }

    #[test]
    fn texts_are_told_from_messages() {
        // `0808` reads as a message too; so do a card number and a name.
        for text in ["0808", "HTTP", "4111111111111111", "kim@example.com", "김민수", "a\nb"] {
            assert_eq!(guess(text.as_bytes(), 0), Guess::Text, "{text}");
        }
        let card = bytes(1, b"4111111111111111");
        assert_eq!(guess(&card, 0), Guess::Message);
        // Printable all over: field 4 of 34 characters.
        assert_eq!(guess(&bytes(4, &[b'x'; 34]), 0), Guess::Message);
        assert_eq!(seen(&bytes(2, &card), false).0, ["$.2.1 String 4111111111111111"]);
        assert_eq!(guess(&[0xff; 8], 0), Guess::Octets);
    }

    #[test]
    fn cut_messages_are_read_up_to_the_cut() {
        let inner = [bytes(1, b"one"), bytes(2, b"two"), bytes(3, b"three")].concat();
        let whole = bytes(1, &inner);
        let (fields, end) = seen(&whole[..whole.len() - 2], true);
        assert_eq!(fields, ["$.1.1 String one", "$.1.2 String two", "$.1.3 Binary …"]);
        assert!(end.cut && end.malformed.is_none());
        let (_, end) = seen(&whole[..whole.len() - 2], false);
        assert_eq!(end.malformed, Some(0));
    }

    #[test]
    fn other_octets_are_malformed() {
        assert_eq!(seen(b"<html>", false).1.malformed, Some(0));
        assert_eq!(seen(&[0x08, 1, 0x0c], false).1.malformed, Some(2));
        assert_eq!(seen(&[0x0b; 100], false).1.malformed, Some(32));
    }

    #[test]
    fn nesting_is_bounded() {
        let mut octets = vec![0x08, 1];
        for _ in 0..60 {
            octets = bytes(1, &octets);
        }
        let (fields, _) = seen(&octets, false);
        assert!(fields[0].matches(".1").count() <= 34, "{fields:?}");
    }

    proptest! {
        #[test]
        fn any_octets_are_told_in_balance(octets in prop::collection::vec(any::<u8>(), 0..80), cut: bool) {
            seen(&octets, cut);
        }
    }
}
