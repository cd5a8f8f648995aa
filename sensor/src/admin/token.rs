//! The bearer token: compared in constant time, kept only as a keyed hash.

use data_encoding::BASE64;
use ring::hmac;
use ring::rand::SystemRandom;

/// A token to compare with.
///
/// Holds its HMAC under a key of this process, so that neither its length nor its bytes can be told from
/// the time a comparison takes, and no copy of it is left in memory. No `Debug`.
pub(super) struct Token {
    key: hmac::Key,
    tag: hmac::Tag,
}

impl Token {
    /// `None` for what is no token: fewer than 16 characters, more than 4096, or other than visible ASCII.
    pub(super) fn new(token: &[u8]) -> Option<Self> {
        let fits = (16..=4096).contains(&token.len()) && token.iter().all(u8::is_ascii_graphic);
        if !fits {
            return None;
        }
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new()).ok()?;
        let tag = hmac::sign(&key, token);
        Some(Self { key, tag })
    }

    /// Whether the value of an `Authorization` field has the token: as bearer (RFC 6750 §2.1), or, for
    /// browsers, as password of any user (RFC 7617 §2).
    pub(super) fn admits(&self, authorization: &[u8]) -> bool {
        let Some(space) = authorization.iter().position(|&octet| octet == b' ') else {
            return false;
        };
        let (scheme, rest) = authorization.split_at(space);
        let given = rest.trim_ascii();
        if scheme.eq_ignore_ascii_case(b"bearer") {
            return self.is(given);
        }
        if !scheme.eq_ignore_ascii_case(b"basic") {
            return false;
        }
        let Ok(login) = BASE64.decode(given) else { return false };
        login.splitn(2, |&octet| octet == b':').nth(1).is_some_and(|password| self.is(password))
    }

    fn is(&self, given: &[u8]) -> bool {
        hmac::verify(&self.key, given, self.tag.as_ref()).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_alone_is_let_in() {
        let token = Token::new(b"0123456789abcdef").unwrap();
        assert!(token.admits(b"Bearer 0123456789abcdef"));
        assert!(token.admits(b"bearer  0123456789abcdef "));
        assert!(
            token.admits(format!("Basic {}", BASE64.encode(b"me:0123456789abcdef")).as_bytes())
        );
        for wrong in [
            "Bearer 0123456789abcdee",
            "Bearer 0123456789abcde",
            "Bearer 0123456789abcdef0",
            "Bearer",
            "Bearer ",
            "0123456789abcdef",
            "Digest 0123456789abcdef",
            "Basic 0123456789abcdef",
            "Basic !",
            "",
        ] {
            assert!(!token.admits(wrong.as_bytes()), "{wrong}");
        }
    }

    #[test]
    fn weak_tokens_are_none() {
        assert!(Token::new(b"0123456789abcde").is_none());
        assert!(Token::new(b"0123456789 abcdef").is_none());
        assert!(Token::new(&[b'a'; 4097]).is_none());
    }
}
