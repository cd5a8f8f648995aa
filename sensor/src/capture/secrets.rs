//! Decryption secrets found in a capture.

use zeroize::Zeroizing;

/// A TLS key log (`SSLKEYLOGFILE` format), wiped from memory when dropped.
///
/// No `Debug`, no `Clone`: it decrypts traffic.
pub struct Secrets(Zeroizing<Vec<u8>>);

impl Secrets {
    pub(super) fn new(bytes: &[u8]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }

    /// The key log's bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}
