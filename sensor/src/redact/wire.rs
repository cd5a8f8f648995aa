//! Protobuf written straight into a buffer, without a tree in between.
//!
//! Source: <https://protobuf.dev/programming-guides/encoding/>. As proto3 asks, fields that have their default are
//! left out by everything here but [`octets`] and [`present`].

/// Wire type of numbers.
const VARINT: u32 = 0;
/// Wire type of texts and messages.
const LEN: u32 = 2;

/// Appends `n` in groups of seven bits, lowest first.
#[inline]
pub(crate) fn varint(out: &mut Vec<u8>, n: u64) {
    match u8::try_from(n) {
        Ok(low @ 0..0x80) => out.push(low),
        _ => varint_long(out, n),
    }
}

fn varint_long(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        let [low, ..] = n.to_le_bytes();
        out.push(low | 0x80);
        n >>= 7;
    }
    let [low, ..] = n.to_le_bytes();
    out.push(low);
}

/// Octets that `n` takes.
#[inline]
const fn varint_len(n: usize) -> usize {
    match n {
        0..0x80 => 1,
        0x80..0x4000 => 2,
        0x4000..0x20_0000 => 3,
        _ => varint_len_long(n),
    }
}

const fn varint_len_long(mut n: usize) -> usize {
    let mut len = 1_usize;
    while n >= 0x80 {
        n >>= 7;
        len = len.saturating_add(1);
    }
    len
}

/// Octets of a text or message of `len` octets with its length and a field number below 16 in front.
#[inline]
pub(crate) const fn size(len: usize) -> usize {
    len.saturating_add(varint_len(len)).saturating_add(1)
}

/// A number; left out when it is 0.
#[inline]
pub(crate) fn number(out: &mut Vec<u8>, field: u32, n: u64) {
    if n != 0 {
        present(out, field, n);
    }
}

/// A number, written also when it is 0: for optional fields.
#[inline]
pub(crate) fn present(out: &mut Vec<u8>, field: u32, n: u64) {
    if let (Ok(n @ 0..0x80), Ok(field @ 0..16)) = (u8::try_from(n), u8::try_from(field)) {
        return out.extend_from_slice(&[field << 3, n]);
    }
    varint(out, u64::from((field << 3) | VARINT));
    varint(out, n);
}

/// Yes; no is left out.
#[inline]
pub(crate) fn flag(out: &mut Vec<u8>, field: u32, yes: bool) {
    number(out, field, u64::from(yes));
}

/// A value of an enumeration.
#[inline]
pub(crate) fn enumeration(out: &mut Vec<u8>, field: u32, value: impl Into<i32>) {
    // No enumeration of the schema has negative values.
    number(out, field, u64::try_from(value.into()).unwrap_or(0));
}

/// A text; left out when it is empty.
#[inline]
pub(crate) fn text(out: &mut Vec<u8>, field: u32, text: &str) {
    if !text.is_empty() {
        octets(out, field, text.as_bytes());
    }
}

/// A text or an encoded message, written also when it is empty: for elements of a list.
#[inline]
pub(crate) fn octets(out: &mut Vec<u8>, field: u32, octets: &[u8]) {
    begin(out, field, octets.len());
    out.extend_from_slice(octets);
}

/// Begins a text or message of `len` octets, which is what has to be appended next.
#[inline]
pub(crate) fn begin(out: &mut Vec<u8>, field: u32, len: usize) {
    if let (Ok(len @ 0..0x80), Ok(field @ 0..16)) = (u8::try_from(len), u8::try_from(field)) {
        // The common case at once: one octet each for field and length.
        return out.extend_from_slice(&[(field << 3) | 2, len]);
    }
    begin_long(out, field, len);
}

fn begin_long(out: &mut Vec<u8>, field: u32, len: usize) {
    varint(out, u64::from((field << 3) | LEN));
    varint(out, self::len(len));
}

/// A message with its length in front, as [`Values::token`](super::made::Values::token) has it.
#[inline]
pub(crate) fn token(out: &mut Vec<u8>, field: u32, message: &[u8]) {
    varint(out, u64::from((field << 3) | LEN));
    out.extend_from_slice(message);
}

/// A message that is being written.
#[must_use]
pub(crate) struct Open {
    start: usize,
}

/// Begins a message; whatever is appended until [`close`] belongs to it.
#[inline]
pub(crate) fn open(out: &mut Vec<u8>, field: u32) -> Open {
    // Most messages need one octet for their length.
    match u8::try_from(field) {
        Ok(field @ 0..16) => out.extend_from_slice(&[(field << 3) | 2, 0]),
        _ => {
            varint(out, u64::from((field << 3) | LEN));
            out.push(0);
        }
    }
    Open { start: out.len() }
}

/// Ends the message begun last.
#[inline]
pub(crate) fn close(out: &mut Vec<u8>, open: Open) {
    let Open { start } = open;
    let len = out.len().saturating_sub(start);
    match (u8::try_from(len), out.get_mut(start.saturating_sub(1))) {
        (Ok(len @ 0..0x80), Some(slot)) => *slot = len,
        _ => close_long(out, start),
    }
}

/// Messages whose length takes more than an octet move up by what it takes more.
fn close_long(out: &mut Vec<u8>, start: usize) {
    let end = out.len();
    let len = len(end.saturating_sub(start));
    let more = usize::try_from(len.checked_ilog2().unwrap_or(0) / 7).unwrap_or(0);
    out.resize(end.saturating_add(more), 0);
    out.copy_within(start..end, start.saturating_add(more));
    let mut rest = len;
    for slot in out.iter_mut().skip(start.saturating_sub(1)) {
        let [low, ..] = rest.to_le_bytes();
        rest >>= 7;
        if rest == 0 {
            *slot = low;
            return;
        }
        *slot = low | 0x80;
    }
}

/// A length as it is written.
#[inline]
pub(crate) fn len(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use apitap_proto::v1;
    use proptest::prelude::*;
    use prost::Message as _;

    use super::*;

    #[test]
    fn prost_reads_what_is_written() {
        let mut out = Vec::new();
        text(&mut out, 2, "gzip");
        number(&mut out, 3, 300);
        number(&mut out, 4, u64::MAX);
        let field = open(&mut out, 5);
        text(&mut out, 1, "$.a");
        octets(&mut out, 2, &[1, 4]);
        close(&mut out, field);
        flag(&mut out, 8, true);
        flag(&mut out, 9, false);
        text(&mut out, 7, "");
        let types = vec![v1::ValueType::String.into(), v1::ValueType::Boolean.into()];
        let field = v1::Field { path: "$.a".into(), types, ..v1::Field::default() };
        let body = v1::Body {
            coding: "gzip".into(),
            bytes: 300,
            decoded_bytes: u64::MAX,
            fields: vec![field],
            cut: true,
            ..v1::Body::default()
        };
        assert_eq!(out, body.encode_to_vec());
    }

    #[test]
    fn optional_numbers_stand_even_when_zero() {
        let mut out = Vec::new();
        present(&mut out, 11, 0);
        assert_eq!(v1::Response::decode(out.as_slice()).unwrap().latency_ns, Some(0));
    }

    proptest! {
        #[test]
        fn sizes_are_known_beforehand(len in prop_oneof![0..300_usize, 16_000..17_000_usize, 2_097_000..2_098_000_usize]) {
            let mut out = Vec::new();
            begin(&mut out, 15, len);
            prop_assert_eq!(out.len() + len, size(len));
        }

        #[test]
        fn messages_of_any_size_close(inner in 0..40_000_usize, name in "[a-z]{0,300}") {
            let mut out = Vec::new();
            let outer = open(&mut out, 14);
            let field = open(&mut out, 5);
            octets(&mut out, 1, &vec![b'x'; inner]);
            close(&mut out, field);
            text(&mut out, 1, &name);
            close(&mut out, outer);
            let request = v1::Request::decode(out.as_slice()).unwrap();
            let body = request.body.unwrap();
            prop_assert_eq!(body.media_type, name);
            prop_assert_eq!(body.fields[0].path.len(), inner);
        }
    }
}
