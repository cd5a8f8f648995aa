//! Cipher suites that can be opened: those with AES-GCM or ChaCha20-Poly1305.

use ring::{aead, hkdf, hmac};

/// What a cipher suite stands for.
#[derive(Clone, Copy)]
pub(super) struct Suite {
    pub(super) aead: &'static aead::Algorithm,
    pub(super) hash: Hash,
    /// Whether it is of TLS 1.3.
    pub(super) modern: bool,
    /// Whether each record carries part of its nonce (RFC 5288 §3).
    pub(super) explicit: bool,
}

/// The hash of a suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    Sha256,
    Sha384,
}

impl Hash {
    pub(super) const fn hkdf(self) -> hkdf::Algorithm {
        match self {
            Self::Sha256 => hkdf::HKDF_SHA256,
            Self::Sha384 => hkdf::HKDF_SHA384,
        }
    }

    pub(super) const fn hmac(self) -> hmac::Algorithm {
        match self {
            Self::Sha256 => hmac::HMAC_SHA256,
            Self::Sha384 => hmac::HMAC_SHA384,
        }
    }

    /// Octets of its output.
    pub(super) const fn len(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
        }
    }
}

impl Suite {
    /// The suite that a version and a number stand for; `None` when it cannot be opened.
    ///
    /// Source: [RFC 8446 §B.4](https://www.rfc-editor.org/rfc/rfc8446#appendix-B.4), RFC 5288, 5289, 5487, 7905, 8442.
    pub(super) const fn of(version: u16, cipher: u16) -> Option<Self> {
        let (aes128, aes256) =
            ((&aead::AES_128_GCM, Hash::Sha256, true), (&aead::AES_256_GCM, Hash::Sha384, true));
        let chacha = (&aead::CHACHA20_POLY1305, Hash::Sha256, false);
        let (aead, hash, explicit) = match (version, cipher) {
            (0x0304, 0x1301) => aes128,
            (0x0304, 0x1302) => aes256,
            (0x0304, 0x1303) | (0x0303, 0xcca8..=0xccae) => chacha,
            (0x0303, 0x9c..=0xad) if cipher.is_multiple_of(2) => aes128,
            (0x0303, 0x9c..=0xad) => aes256,
            (0x0303, 0xc02b | 0xc02d | 0xc02f | 0xc031 | 0xd001) => aes128,
            (0x0303, 0xc02c | 0xc02e | 0xc030 | 0xc032 | 0xd002) => aes256,
            _ => return None,
        };
        let modern = version == 0x0304;
        Some(Self { aead, hash, modern, explicit: explicit && !modern })
    }

    /// Octets of a record before its ciphertext, its header left out.
    pub(super) const fn before(self) -> usize {
        if self.explicit { 8 } else { 0 }
    }

    /// Octets that a record has besides its content, its header left out, at least.
    pub(super) const fn overhead(self) -> usize {
        // TLS 1.3 hides the content type behind the content.
        self.before() + 16 + if self.modern { 1 } else { 0 }
    }
}
