//! Private keys in PEM form (RFC 7468), and what wallets and SSH write likewise.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::{Class, Confidence, Detector, Hit, Look};
use crate::redact::look::{ahead, rows};

pub(super) const ENTRY: Detector = Detector {
    class: Class::PrivateKey,
    kinds: super::scan::DASH | super::scan::UPPER,
    any: 0,
    digits_min: 0,
    run_min: 0,
    octets_min: 20,
    seen,
    find,
};

static BEGIN: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"-----BEGIN "));

static PUTTY: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"PuTTY-User-Key-File-"));

/// Dashes tell both forms.
fn seen(look: &Look, text: &[u8]) -> Option<Hit> {
    let dashes = look.dashes();
    let putty = dashes & ahead(dashes, 5) & ahead(dashes, 9) & ahead(dashes, 14);
    if (rows(dashes, 5) | putty) == 0 { None } else { find(text) }
}

fn find(text: &[u8]) -> Option<Hit> {
    // Whatever stands around it, nothing of such a text leaves.
    let whole = Hit { start: 0, end: text.len(), confidence: Confidence::High };
    if PUTTY.find(text).is_some() {
        return Some(whole);
    }
    BEGIN.find_iter(text).find(|&begin| {
        let line = text.get(begin..).unwrap_or_default();
        memchr::memmem::find(line.get(..64).unwrap_or(line), b"PRIVATE KEY").is_some()
    })?;
    Some(whole)
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
            "-----BEGIN PGP PRIVATE KEY BLOCK-----",
            "PuTTY-User-Key-File-2: ssh-rsa",
            "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE----- and then some more until 64 -----BEGIN PRIVATE KEY-----",
        ] {
            assert!(find(text.as_bytes()).is_some(), "{text}");
        }
        for text in ["-----BEGIN CERTIFICATE-----\nMII", "PRIVATE KEY"] {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
    }
}
