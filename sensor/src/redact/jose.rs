//! Headers of JSON Web Tokens that say nothing but the algorithm (RFC 7515 §4.1): most tokens without a key id begin
//! with one of a few, which are known beforehand as they are written.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hashbrown::HashMap;

/// Algorithms of signatures (RFC 7518 §3.1, RFC 8037, RFC 8812).
const ALGORITHMS: [&str; 15] = [
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "ES256K",
    "PS256", "PS384", "PS512", "EdDSA", "none",
];

/// Other registered ones (RFC 7518 §4.1, RFC 8230, RFC 9864), and a national one.
const OTHERS: [&str; 29] = [
    "RSA1_5",
    "RSA-OAEP",
    "RSA-OAEP-256",
    "RSA-OAEP-384",
    "RSA-OAEP-512",
    "A128KW",
    "A192KW",
    "A256KW",
    "dir",
    "ECDH-ES",
    "ECDH-ES+A128KW",
    "ECDH-ES+A192KW",
    "ECDH-ES+A256KW",
    "A128GCMKW",
    "A192GCMKW",
    "A256GCMKW",
    "PBES2-HS256+A128KW",
    "PBES2-HS384+A192KW",
    "PBES2-HS512+A256KW",
    "Ed25519",
    "Ed448",
    "ESB256",
    "ESB320",
    "ESB384",
    "ESB512",
    "ML-DSA-44",
    "ML-DSA-65",
    "ML-DSA-87",
    "SM2",
];

/// What stands before the algorithm, and behind it.
const FORMS: [(&str, &str); 5] = [
    (r#"{"alg":""#, r#""}"#),
    (r#"{"alg":""#, r#"","typ":"JWT"}"#),
    (r#"{"typ":"JWT","alg":""#, r#""}"#),
    (r#"{"alg":""#, r#"","typ":"at+jwt"}"#),
    (r#"{"typ":"at+jwt","alg":""#, r#""}"#),
];

/// The algorithm by the header as it is written.
static KNOWN: LazyLock<HashMap<Vec<u8>, &'static str, foldhash::fast::RandomState>> =
    LazyLock::new(|| {
        let texts = FORMS.into_iter().flat_map(|(before, behind)| {
            ALGORITHMS.map(|algorithm| ([before, algorithm, behind].concat(), algorithm))
        });
        let coded = |text: String| URL_SAFE_NO_PAD.encode(text).into_bytes();
        texts.map(|(text, algorithm)| (coded(text), algorithm)).collect()
    });

/// The algorithm that a header in base64url says, if it says nothing else.
pub(crate) fn algorithm(header: &[u8]) -> Option<&'static str> {
    KNOWN.get(header).copied()
}

/// Whether a text is the name of an algorithm, in any case: who tries `nOnE` says so.
pub(crate) fn is_algorithm(text: &[u8]) -> bool {
    let mut known = ALGORITHMS.iter().chain(&OTHERS);
    known.any(|known| text.eq_ignore_ascii_case(known.as_bytes()))
}

/// Whether what a part in base64url says may be JSON at all, as its first octet tells. Where it is not, reading it
/// would say nothing, whether it can be decoded or not.
pub(crate) fn may_say(part: &[u8]) -> bool {
    let Some([first, second]) = part.first_chunk::<2>() else { return false };
    let (Some(high), Some(low)) = (sextet(*first), sextet(*second)) else { return false };
    let octet = (high << 2) | (low >> 4);
    // White space, record separators, values, and what stands before JSON against its being run.
    octet.is_ascii_whitespace()
        || matches!(
            octet,
            0x1e | b'{' | b'[' | b'"' | b't' | b'f' | b'n' | b'-' | b'0'..=b'9' | b')' | b'w'
        )
}

/// Value of a character of base64url.
const fn sextet(b: u8) -> Option<u8> {
    Some(match b {
        b'A'..=b'Z' => b - b'A',
        b'a'..=b'z' => b - b'a' + 26,
        b'0'..=b'9' => b - b'0' + 52,
        b'-' => 62,
        b'_' => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_told_by_their_text() {
        assert_eq!(algorithm(b"eyJhbGciOiJIUzI1NiJ9"), Some("HS256"));
        assert_eq!(algorithm(b"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"), Some("HS256"));
        for text in [b"".as_slice(), b"eyJhbGciOiJIUzI1NiJ", b"eyJhbGciOiJIUzI1NiJ90"] {
            assert_eq!(algorithm(text), None);
        }
        assert_eq!(KNOWN.len(), ALGORITHMS.len() * FORMS.len());
        assert!(KNOWN.keys().all(|header| may_say(header)));
    }
}
