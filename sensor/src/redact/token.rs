//! Tokens: HMAC-SHA-256 over `v1 ‖ 0 ‖ class ‖ 0 ‖ normalised value`, cut to 128 bits.
//!
//! One key per tenant, class and epoch, derived from the root key by HKDF-SHA-256 (RFC 5869) with the info
//! `len ‖ tenant ‖ len ‖ class ‖ len ‖ kid`, each length one big-endian `u16`.

use apitap_proto::v1;
use ring::{hkdf, hmac};

use super::class::Class;
use super::key::Keys;
use super::normal;

/// Makes tokens. No `Debug`: it holds keys.
pub(crate) struct Tokenizer {
    /// By position of the class in [`Class::TOKENS`].
    keys: Vec<hmac::Key>,
    kid: String,
    country: String,
    scratch: Vec<u8>,
}

impl Tokenizer {
    /// Tokens under the key in force; phone numbers without a country code are of `country`.
    pub(crate) fn new(keys: &Keys, tenant: &str, country: &str) -> Self {
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"apitap tokens v1");
        let root = salt.extract(keys.root());
        let keys_by_class = Class::TOKENS.iter().map(|class| {
            let info = info([tenant, class.name(), keys.kid()]);
            match root.expand(&[&info], hmac::HMAC_SHA256) {
                Ok(okm) => hmac::Key::from(okm),
                // Only for outputs above 255 blocks: this is one block. A key of the root still leaks nothing.
                Err(_) => hmac::Key::new(hmac::HMAC_SHA256, keys.root()),
            }
        });
        Self {
            keys: keys_by_class.collect(),
            kid: keys.kid().into(),
            country: country.into(),
            scratch: Vec::new(),
        }
    }

    /// Key id of the tokens.
    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// The token of `value`, normalised, under the key of [`Class::token`].
    pub(crate) fn token(&mut self, class: Class, value: &[u8]) -> v1::Token {
        let class = class.token();
        let name = class.name();
        self.scratch.clear();
        self.scratch.extend_from_slice(b"v1\0");
        self.scratch.extend_from_slice(name.as_bytes());
        self.scratch.push(0);
        normal::push(class, value, &self.country, &mut self.scratch);
        let position = Class::TOKENS.iter().position(|&c| c == class);
        // Every class has its key; the first one's is no weaker.
        let key = position.and_then(|p| self.keys.get(p)).or_else(|| self.keys.first());
        let mut text = String::with_capacity(name.len() + self.kid.len() + 32);
        text.push_str("tok_");
        text.push_str(name);
        text.push('_');
        text.push_str(&self.kid);
        text.push('_');
        if let Some(key) = key {
            let tag = hmac::sign(key, &self.scratch);
            base32(tag.as_ref().get(..16).unwrap_or_default(), &mut text);
        }
        v1::Token { class: name.into(), key_id: self.kid.clone(), text }
    }
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

/// Base 32, lower case, without padding (RFC 4648 §6).
fn base32(octets: &[u8], out: &mut String) {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let (mut bits, mut count) = (0_u32, 0_u32);
    let mut push = |bits: u32| {
        let digit = usize::try_from(bits & 31).ok().and_then(|i| ALPHABET.get(i));
        out.push(char::from(*digit.unwrap_or(&b'a')));
    };
    for &octet in octets {
        bits = (bits << 8) | u32::from(octet);
        count += 8;
        while count >= 5 {
            count -= 5;
            push(bits >> count);
        }
        bits &= (1 << count) - 1;
    }
    if count > 0 {
        push(bits << (5 - count));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(kid: &str) -> Keys {
        let root = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        Keys::parse(format!("apitap-keys 1\nkey {kid} 2026-01-01 {root}\n").as_bytes()).unwrap()
    }

    #[test]
    fn the_form_is_stable() {
        // Computed apart from this code: python3 hmac and hashlib.
        let token = Tokenizer::new(&keys("k1"), "", "82").token(Class::Id, b"42");
        assert_eq!(token.class, "id");
        assert_eq!(token.key_id, "k1");
        assert_eq!(token.text, include_str!("vector.txt").trim());
    }

    #[test]
    fn base32_is_rfc4648() {
        for (plain, coded) in [("f", "my"), ("fo", "mzxq"), ("foobar", "mzxw6ytboi")] {
            let mut out = String::new();
            base32(plain.as_bytes(), &mut out);
            assert_eq!(out, coded);
        }
    }

    #[test]
    fn tenant_class_and_epoch_separate() {
        let text = |kid: &str, tenant: &str, class, value: &[u8]| {
            let token = Tokenizer::new(&keys(kid), tenant, "82").token(class, value);
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
