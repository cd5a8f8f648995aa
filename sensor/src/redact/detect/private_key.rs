//! Private keys in PEM form (RFC 7468), and what wallets and SSH write likewise.

use super::{Class, Confidence, Detector, Hit};

pub(super) const ENTRY: Detector = Detector {
    class: Class::PrivateKey,
    kinds: super::scan::DASH | super::scan::UPPER,
    digits_min: 0,
    find,
};

fn find(text: &[u8]) -> Option<Hit> {
    memchr::memmem::find_iter(text, b"-----BEGIN ").find(|&begin| {
        let line = text.get(begin..).unwrap_or_default();
        memchr::memmem::find(line.get(..64).unwrap_or(line), b"PRIVATE KEY").is_some()
    })?;
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
            "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE----- and then some more until 64 -----BEGIN PRIVATE KEY-----",
        ] {
            assert!(find(text.as_bytes()).is_some(), "{text}");
        }
        for text in ["-----BEGIN CERTIFICATE-----\nMII", "PRIVATE KEY"] {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
    }
}
