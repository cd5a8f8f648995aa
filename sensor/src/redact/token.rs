//! Tokens: HMAC-SHA-256 over `v1 ‖ 0 ‖ class ‖ 0 ‖ normalised value`, cut to 128 bits.
//!
//! One key per tenant, class and epoch, derived from the root key by HKDF-SHA-256 (RFC 5869) with the info
//! `len ‖ tenant ‖ len ‖ class ‖ len ‖ kid`, each length one big-endian `u16`.

use std::hash::BuildHasher as _;

use ring::hkdf;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::class::Class;
use super::hmac;
use super::key::Keys;
use super::{normal, schema, wire};

/// Octets of a token's digits: 128 bits in base 32.
const DIGITS: usize = 26;
/// Tokens remembered of short values, and of long ones: both powers of two.
const SLOTS: [usize; 2] = [1024, 64];
/// Longest short value and longest value remembered, in octets.
const SHORT_MAX: usize = 48;
const LONG_MAX: usize = 512;

/// Makes tokens. No `Debug`: it holds keys.
pub(crate) struct Tokenizer {
    makers: Vec<Maker>,
    /// Position of a class's maker among them, by class.
    positions: [usize; Class::COUNT],
    kid: String,
    country: String,
    scratch: Zeroizing<Vec<u8>>,
    /// The same values come again within a call and from call to call.
    short: Recents<SHORT_MAX>,
    /// Bearer tokens, mostly.
    long: Recents<LONG_MAX>,
    hasher: foldhash::fast::RandomState,
}

/// What makes the tokens of one class.
struct Maker {
    key: hmac::Key,
    /// A `Value` that holds a token of the class, as encoded, without the digits at its end.
    head: Vec<u8>,
}

/// Tokens made before, one for each hash.
struct Recents<const LEN: usize>(Vec<Recent<LEN>>);

/// A token made before. Holds the value, so it is overwritten when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
struct Recent<const LEN: usize> {
    /// Position of the class, plus one; 0 when empty.
    class: usize,
    len: usize,
    value: [u8; LEN],
    digits: [u8; DIGITS],
}

impl<const LEN: usize> Recents<LEN> {
    fn new(slots: usize) -> Self {
        Self(vec![Recent { class: 0, len: 0, value: [0; LEN], digits: [b'a'; DIGITS] }; slots])
    }

    fn slot(&self, hash: u64) -> usize {
        usize::try_from(hash).unwrap_or(0) & self.0.len().saturating_sub(1)
    }

    fn get(&self, hash: u64, class: usize, value: &[u8]) -> Option<&[u8; DIGITS]> {
        let known = self.0.get(self.slot(hash))?;
        let same = known.class == class && known.value.get(..known.len) == Some(value);
        same.then_some(&known.digits)
    }

    fn put(&mut self, hash: u64, class: usize, value: &[u8], digits: [u8; DIGITS]) {
        let at = self.slot(hash);
        let Some(recent) = self.0.get_mut(at) else { return };
        let Some(room) = recent.value.get_mut(..value.len()) else { return };
        room.copy_from_slice(value);
        (recent.class, recent.len, recent.digits) = (class, value.len(), digits);
    }
}

impl Tokenizer {
    /// Tokens under the key in force; phone numbers without a country code are of `country`.
    pub(crate) fn new(keys: &Keys, tenant: &str, country: &str) -> Self {
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"apitap tokens v1");
        let root = salt.extract(keys.root());
        let makers = Class::TOKENS.iter().map(|&class| {
            let info = info([tenant, class.name(), keys.kid()]);
            let mut key = Zeroizing::new([0; 32]);
            let made = root.expand(&[&info], hkdf::HKDF_SHA256).and_then(|okm| okm.fill(&mut *key));
            if made.is_err() {
                // Only for outputs above 255 blocks: this is one block. A key of the root still leaks nothing.
                key.iter_mut().zip(keys.root()).for_each(|(key, root)| *key = *root);
            }
            Maker { key: hmac::Key::new(&key), head: head(class, keys.kid()) }
        });
        let mut positions = [0; Class::COUNT];
        for (position, class) in Class::TOKENS.iter().enumerate() {
            if let Some(slot) = positions.get_mut(*class as usize) {
                *slot = position;
            }
        }
        let [short, long] = SLOTS;
        Self {
            makers: makers.collect(),
            positions,
            kid: keys.kid().into(),
            country: country.into(),
            scratch: Zeroizing::new(Vec::with_capacity(4096)),
            short: Recents::new(short),
            long: Recents::new(long),
            hasher: foldhash::fast::RandomState::default(),
        }
    }

    /// Key id of the tokens.
    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// Appends the token of `value`, normalised, under the key of [`Class::token`]: a `Value` of the schema.
    pub(crate) fn token(&mut self, class: Class, value: &[u8], out: &mut Vec<u8>) {
        let class = class.token();
        // Every class has its maker; the first one's key is no weaker.
        let position = self.positions.get(class as usize).copied().unwrap_or(0);
        let Some(maker) = self.makers.get(position) else { return };
        out.extend_from_slice(&maker.head);
        let marked = position.saturating_add(1);
        let (short, kept) = (value.len() <= SHORT_MAX, value.len() <= LONG_MAX);
        let hash = if kept { self.hasher.hash_one((marked, value)) } else { 0 };
        let known = match () {
            () if short => self.short.get(hash, marked, value),
            () if kept => self.long.get(hash, marked, value),
            () => None,
        };
        if let Some(digits) = known {
            return out.extend_from_slice(digits);
        }
        self.scratch.clear();
        self.scratch.extend_from_slice(b"v1\0");
        self.scratch.extend_from_slice(class.name().as_bytes());
        self.scratch.push(0);
        normal::push(class, value, &self.country, &mut self.scratch);
        let digits = base32(maker.key.tag(&mut self.scratch));
        out.extend_from_slice(&digits);
        if short {
            self.short.put(hash, marked, value, digits);
        } else if kept {
            self.long.put(hash, marked, value, digits);
        }
    }
}

/// A `Value` with the token `tok_<class>_<kid>_`, as it is encoded when 26 digits follow.
fn head(class: Class, kid: &str) -> Vec<u8> {
    let name = class.name();
    let text = format!("tok_{name}_{kid}_{}", "a".repeat(DIGITS));
    let mut out = Vec::new();
    let value = wire::open(&mut out, schema::value::TOKEN);
    wire::text(&mut out, schema::token::CLASS, name);
    wire::text(&mut out, schema::token::KEY_ID, kid);
    wire::text(&mut out, schema::token::TEXT, &text);
    wire::close(&mut out, value);
    out.truncate(out.len().saturating_sub(DIGITS));
    out
}

/// Length of the text at the end of an encoded token.
pub(crate) fn text_len(value: &[u8]) -> usize {
    // The text is the last field, and no part of a name or key id could be taken for its beginning.
    let start = memchr::memmem::find(value, b"tok_").unwrap_or(value.len());
    value.len().saturating_sub(start)
}

fn info(parts: [&str; 3]) -> Vec<u8> {
    let mut info = Vec::new();
    for part in parts {
        let len = u16::try_from(part.len()).unwrap_or(u16::MAX);
        info.extend_from_slice(&len.to_be_bytes());
        info.extend_from_slice(part.as_bytes());
    }
    info
}

/// Base 32, lower case, without padding (RFC 4648 §6), of 16 octets.
fn base32(octets: u128) -> [u8; DIGITS] {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = octets.to_be_bytes();
    // Five octets are eight digits; the last octet is two, with two bits of nothing.
    let groups = [[a, b, c, d, e], [f, g, h, i, j], [k, l, m, n, o], [p, 0, 0, 0, 0]];
    let mut digits = [b'a'; DIGITS];
    for (group, digits) in groups.into_iter().zip(digits.chunks_mut(8)) {
        let [a, b, c, d, e] = group;
        let bits = u64::from_be_bytes([0, 0, 0, a, b, c, d, e]);
        for (digit, shift) in digits.iter_mut().zip([35, 30, 25, 20, 15, 10, 5, 0]) {
            let index = usize::try_from((bits >> shift) & 31).unwrap_or(0);
            *digit = ALPHABET.get(index).copied().unwrap_or(b'a');
        }
    }
    digits
}

#[cfg(test)]
mod tests {
    use apitap_proto::v1;
    use prost::Message as _;

    use super::*;

    fn keys(kid: &str) -> Keys {
        let root = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        Keys::parse(format!("apitap-keys 1\nkey {kid} 2026-01-01 {root}\n").as_bytes()).unwrap()
    }

    fn token(tokens: &mut Tokenizer, class: Class, value: &[u8]) -> v1::Token {
        let mut out = Vec::new();
        tokens.token(class, value, &mut out);
        match v1::Value::decode(out.as_slice()).unwrap().form {
            Some(v1::value::Form::Token(token)) => {
                assert_eq!(text_len(&out), token.text.len());
                token
            }
            _ => panic!("no token"),
        }
    }

    #[test]
    fn the_form_is_stable() {
        // Computed apart from this code: python3 hmac and hashlib.
        let token = token(&mut Tokenizer::new(&keys("k1"), "", "82"), Class::Id, b"42");
        assert_eq!(token.class, "id");
        assert_eq!(token.key_id, "k1");
        assert_eq!(token.text, include_str!("vector.txt").trim());
    }

    #[test]
    fn base32_is_rfc4648() {
        assert_eq!(base32(0), [b'a'; DIGITS]);
        let octets = *b"foobarfoobarfoob";
        let coded = data_encoding::BASE32_NOPAD.encode(&octets).to_ascii_lowercase();
        assert_eq!(base32(u128::from_be_bytes(octets)).as_slice(), coded.as_bytes());
    }

    #[test]
    fn what_is_remembered_is_what_is_made() {
        let mut tokens = Tokenizer::new(&keys("k1"), "", "82");
        let long = |n: usize| {
            if n.is_multiple_of(7) { "long ".repeat(12 + n % 90) } else { String::new() }
        };
        let value = |n| format!("value {n}{}", long(n));
        let values: Vec<String> = (0..3000).map(|n| value(n % 1500)).collect();
        let mut made = hashbrown::HashMap::new();
        for value in &values {
            for class in [Class::Id, Class::Name] {
                let token = token(&mut tokens, class, value.as_bytes());
                let same = made.entry((class, value)).or_insert_with(|| token.clone());
                assert_eq!(*same, token);
            }
        }
        let texts: hashbrown::HashSet<_> = made.values().map(|token| &token.text).collect();
        assert_eq!(texts.len(), made.len());
    }

    #[test]
    fn tenant_class_and_epoch_separate() {
        let text = |kid: &str, tenant: &str, class, value: &[u8]| {
            let token = token(&mut Tokenizer::new(&keys(kid), tenant, "82"), class, value);
            token.text.rsplit('_').next().unwrap_or_default().to_string()
        };
        let one = text("k1", "", Class::Id, b"42");
        assert_eq!(one, text("k1", "", Class::Id, b"42"));
        assert_eq!(one, text("k1", "", Class::Account, b"42"));
        assert_eq!(one.len(), 26);
        for other in [
            text("k2", "", Class::Id, b"42"),
            text("k1", "a", Class::Id, b"42"),
            text("k1", "", Class::Session, b"42"),
            text("k1", "", Class::Id, b"43"),
        ] {
            assert_ne!(one, other);
        }
    }
}
