//! Keys from keys: HKDF-SHA-256 (RFC 5869).

use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use zeroize::Zeroizing;

/// A pseudorandom key of `root` (RFC 5869 §2.2).
pub(super) fn extract(salt: &[u8], root: &[u8]) -> Prk {
    Salt::new(HKDF_SHA256, salt).extract(root)
}

/// `N` octets for what `info` names (RFC 5869 §2.3); `N` is at most 8160.
pub(super) fn expand<const N: usize>(key: &Prk, info: &[u8]) -> Zeroizing<[u8; N]> {
    let mut out = Zeroizing::new([0; N]);
    let done = key.expand(&[info], Len(N)).and_then(|okm| okm.fill(out.as_mut_slice()));
    // More than 255 blocks would fail: no key here has more than two.
    debug_assert!(done.is_ok());
    out
}

/// What a key is derived for: each part behind its length, one big-endian `u16`.
pub(super) fn info<const N: usize>(parts: [&str; N]) -> Vec<u8> {
    let mut info = Vec::new();
    for part in parts {
        let len = u16::try_from(part.len()).unwrap_or(u16::MAX);
        info.extend_from_slice(&len.to_be_bytes());
        info.extend_from_slice(part.as_bytes());
    }
    info
}

struct Len(usize);

impl KeyType for Len {
    fn len(&self) -> usize {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    fn octets(hex: &str) -> Vec<u8> {
        HEXLOWER.decode(hex.as_bytes()).unwrap()
    }

    // RFC 5869, appendix A: the three cases with SHA-256.
    #[test]
    fn keys_are_those_of_rfc5869() {
        let count = |from: u8, to: u8| (from..=to).collect::<Vec<u8>>();
        let basic = expand::<42>(&extract(&count(0, 0x0c), &[0x0b; 22]), &count(0xf0, 0xf9));
        let okm =
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865";
        assert_eq!(basic.as_slice(), octets(okm));
        let long = extract(&count(0x60, 0xaf), &count(0, 0x4f));
        let okm = "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09\
                   da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87";
        assert_eq!(expand::<82>(&long, &count(0xb0, 0xff)).as_slice(), octets(okm));
        let okm =
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8";
        assert_eq!(expand::<42>(&extract(b"", &[0x0b; 22]), b"").as_slice(), octets(okm));
    }
}
