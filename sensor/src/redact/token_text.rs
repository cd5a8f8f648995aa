//! How tokens are written: `tok_<class>_<kid>_<base32>`, as the `Value` of the schema.

use std::ops::Range;

use data_encoding::BASE32_NOPAD;

use super::class::Class;
use super::{schema, wire};

/// Octets of a token's digits: 128 bits in base 32.
pub(super) const DIGITS: usize = 26;
/// A token's digits.
pub(super) type Digits = [u8; DIGITS];

/// Octets of a blank that are copied at once; nearly all have no more.
const AT_ONCE: usize = 80;

/// What is appended for a token, with digits that are none yet.
pub(super) struct Blank {
    start: [u8; AT_ONCE],
    len: usize,
    /// Behind the start.
    rest: Vec<u8>,
}

impl Blank {
    fn new(text: &[u8]) -> Self {
        let (first, rest) = text.split_at_checked(AT_ONCE).unwrap_or((text, b""));
        let mut start = [0; AT_ONCE];
        if let Some(room) = start.get_mut(..first.len()) {
            room.copy_from_slice(first);
        }
        Self { start, len: text.len(), rest: rest.to_vec() }
    }

    /// Appends the text; gives back where its digits stand.
    #[inline]
    pub(super) fn append<'o>(&self, out: &'o mut Vec<u8>) -> Option<&'o mut Digits> {
        let end = out.len().saturating_add(self.len);
        out.extend_from_slice(&self.start);
        if self.rest.is_empty() {
            out.truncate(end);
        } else {
            out.extend_from_slice(&self.rest);
        }
        out.last_chunk_mut()
    }
}

/// A `Value` with a token under the first of `kids`, as it is encoded up to its digits, which are none yet, when a
/// previous token for each of the others follows.
pub(super) fn blank(class: Class, kids: &[&str]) -> Blank {
    let (mut out, mut behind) = (Vec::new(), 0);
    let value = wire::open(&mut out, schema::value::TOKEN);
    let (kid, before) = kids.split_first().unwrap_or((&"", &[]));
    parts(&mut out, class.name(), kid, hashed(class, kid).as_bytes());
    for kid in before {
        let from = out.len();
        previous(&mut out, kid, hashed(class, kid).as_bytes());
        behind += out.len().saturating_sub(from);
    }
    wire::close(&mut out, value);
    out.truncate(out.len().saturating_sub(behind));
    Blank::new(&out)
}

/// The `PreviousToken` of an epoch, as it is encoded inside a token, with digits that are none yet.
pub(super) fn previous_blank(class: Class, kid: &str) -> Blank {
    let mut out = Vec::new();
    previous(&mut out, kid, hashed(class, kid).as_bytes());
    Blank::new(&out)
}

/// Writes a `Token` without those of other epochs.
pub(super) fn parts(out: &mut Vec<u8>, class: &str, kid: &str, text: &[u8]) {
    wire::text(out, schema::token::CLASS, class);
    wire::text(out, schema::token::KEY_ID, kid);
    wire::octets(out, schema::token::TEXT, text);
}

/// Writes the token of another epoch, inside a `Token`.
pub(super) fn previous(out: &mut Vec<u8>, kid: &str, text: &[u8]) {
    let previous = wire::open(out, schema::token::PREVIOUS);
    wire::text(out, schema::previous_token::KEY_ID, kid);
    wire::octets(out, schema::previous_token::TEXT, text);
    wire::close(out, previous);
}

/// The text of a token, with digits that are none yet.
fn hashed(class: Class, kid: &str) -> String {
    format!("tok_{}_{kid}_{}", class.name(), "a".repeat(DIGITS))
}

/// Where in an encoded `Value` the text of its token is; nowhere when it holds none.
pub(crate) fn text_of(value: &[u8]) -> Range<usize> {
    text_range(value).unwrap_or(0..0)
}

fn text_range(value: &[u8]) -> Option<Range<usize>> {
    let mut at = field(value, 0, schema::value::TOKEN)?.start;
    for number in [schema::token::CLASS, schema::token::KEY_ID] {
        at = field(value, at, number)?.end;
    }
    field(value, at, schema::token::TEXT)
}

/// Where the content of the field `number` is that begins at `at` and has a length.
fn field(message: &[u8], at: usize, number: u32) -> Option<Range<usize>> {
    let mut octets = message.get(at..)?.iter();
    let tag = (number << 3) | 2;
    (octets.next().map(|octet| u32::from(*octet)) == Some(tag)).then_some(())?;
    let (mut len, mut shift) = (0_usize, 0_u32);
    for octet in octets.by_ref().take(4) {
        len |= usize::from(octet & 0x7f) << shift;
        shift += 7;
        if octet & 0x80 == 0 {
            let start = message.len().saturating_sub(octets.as_slice().len());
            return Some(start..start.saturating_add(len));
        }
    }
    None
}

/// Replaces the octets from `from` on by their base 32, lower case, without padding (RFC 4648 §6).
pub(super) fn base32_in_place(out: &mut Vec<u8>, from: usize) -> bool {
    let Some(octets) = out.get(from..).map(<[u8]>::to_vec) else { return false };
    let len = BASE32_NOPAD.encode_len(octets.len());
    out.resize(from.saturating_add(len), 0);
    let Some(digits) = out.get_mut(from..) else { return false };
    BASE32_NOPAD.encode_mut(&octets, digits);
    digits.make_ascii_lowercase();
    true
}

/// The octets that these digits stand for.
pub(super) fn octets_of(digits: &str) -> Option<Vec<u8>> {
    let lower = digits.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    lower.then(|| BASE32_NOPAD.decode(digits.to_ascii_uppercase().as_bytes()).ok()).flatten()
}

/// Digits of ten bits.
static PAIRS: [[u8; 2]; 1024] = pairs();

#[allow(clippy::indexing_slicing, reason = "evaluated at compile time")]
const fn pairs() -> [[u8; 2]; 1024] {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut pairs = [[0; 2]; 1024];
    let mut n = 0;
    while n < pairs.len() {
        pairs[n] = [ALPHABET[n >> 5], ALPHABET[n & 31]];
        n += 1;
    }
    pairs
}

/// Writes the base 32, lower case, without padding (RFC 4648 §6), of 16 octets.
#[inline]
pub(super) fn base32(octets: u128, digits: &mut Digits) {
    let pair = |bits: u64| {
        let index = usize::try_from(bits & 1023).unwrap_or(0);
        PAIRS.get(index).copied().unwrap_or_default()
    };
    // Twice sixty bits, six pairs each, and eight bits, with two of nothing at their end.
    let low = |bits: u128| u64::try_from(bits & u128::from(u64::MAX)).unwrap_or(0);
    let (a, b, c) = (low(octets >> 68), low(octets >> 8), low(octets) & 0xff);
    let (pairs, _) = digits.as_chunks_mut();
    if let [a0, a1, a2, a3, a4, a5, b0, b1, b2, b3, b4, b5, end] = pairs {
        [*a0, *a1, *a2] = [pair(a >> 50), pair(a >> 40), pair(a >> 30)];
        [*a3, *a4, *a5] = [pair(a >> 20), pair(a >> 10), pair(a)];
        [*b0, *b1, *b2] = [pair(b >> 50), pair(b >> 40), pair(b >> 30)];
        [*b3, *b4, *b5] = [pair(b >> 20), pair(b >> 10), pair(b)];
        *end = pair(c << 2);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_octets_are_written_as_rfc4648_has_it(octets: [u8; 16]) {
            let coded = BASE32_NOPAD.encode(&octets).to_ascii_lowercase();
            let mut ours = [0; DIGITS];
            base32(u128::from_be_bytes(octets), &mut ours);
            prop_assert_eq!(ours.as_slice(), coded.as_bytes());
        }
    }

    #[test]
    fn base32_is_rfc4648() {
        let coded = |octets| {
            let mut digits = [0; DIGITS];
            base32(octets, &mut digits);
            digits
        };
        assert_eq!(coded(0), [b'a'; DIGITS]);
        let octets = *b"foobarfoobarfoob";
        let ours = coded(u128::from_be_bytes(octets));
        let coded = BASE32_NOPAD.encode(&octets).to_ascii_lowercase();
        assert_eq!(ours.as_slice(), coded.as_bytes());
        let mut out = [b"x".as_slice(), &octets].concat();
        assert!(base32_in_place(&mut out, 1));
        assert_eq!(out, format!("x{coded}").into_bytes());
        assert_eq!(octets_of(&coded).as_deref(), Some(octets.as_slice()));
        assert_eq!((octets_of("AA"), octets_of("a0"), octets_of("a")), (None, None, None));
    }

    #[test]
    fn blanks_of_any_length_are_appended_whole() {
        for len in [26, 79, 80, 81, 300] {
            let text: Vec<u8> = (0..len).map(|n| u8::try_from(n % 251).unwrap()).collect();
            let mut out = b"before".to_vec();
            *Blank::new(&text).append(&mut out).unwrap() = [b'7'; DIGITS];
            let digits = text.len() - DIGITS;
            assert_eq!(out, [b"before", &text[..digits], &[b'7'; DIGITS]].concat());
        }
    }

    #[test]
    fn a_text_is_found_in_any_token() {
        for text in ["t".to_owned(), "t".repeat(127), "t".repeat(500)] {
            let mut value = Vec::new();
            let token = wire::open(&mut value, schema::value::TOKEN);
            parts(&mut value, "id", "k2", text.as_bytes());
            previous(&mut value, "k1", b"tok_id_k1_x");
            wire::close(&mut value, token);
            assert_eq!(&value[text_of(&value)], text.as_bytes());
        }
        assert_eq!(text_of(b"\x0a\x02ok"), 0..0);
        assert_eq!(text_of(b""), 0..0);
    }
}
