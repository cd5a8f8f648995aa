//! Private keys in PEM form (RFC 7468), and what wallets and SSH write likewise.

use super::{Class, Confidence, Detector, Hit};

pub(super) const ENTRY: Detector = Detector {
    class: Class::PrivateKey,
    kinds: super::scan::DASH | super::scan::UPPER,
    digits_min: 0,
    find,
};

fn find(text: &[u8]) -> Option<Hit> {
    let begin = memchr::memmem::find(text, b"-----BEGIN ")?;
    let line = text.get(begin..)?.get(..64.min(text.len().saturating_sub(begin)))?;
    memchr::memmem::find(line, b"PRIVATE KEY")?;
    // Whatever stands around it, nothing of such a text leaves.
    Some(Hit { start: 0, end: text.len(), confidence: Confidence::High })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        for text in [
            "-----BEGIN PRIVATE KEY-----\nMII",
            "x -----BEGIN RSA PRIVATE KEY-----",
            "-----BEGIN OPENSSH PRIVATE KEY-----",
        ] {
            assert!(find(text.as_bytes()).is_some(), "{text}");
        }
        for text in ["-----BEGIN CERTIFICATE-----\nMII", "PRIVATE KEY"] {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
    }
}
