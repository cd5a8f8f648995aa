//! Decryption secrets found in a capture.

use std::sync::{Arc, Mutex, PoisonError};

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

/// Secrets on their way from who reads a capture to who decrypts: a handle of what was found and not yet taken.
#[derive(Clone, Default)]
pub struct SecretsFeed(Arc<Mutex<Vec<Arc<Secrets>>>>);

impl SecretsFeed {
    /// Takes what was found since the last time.
    #[must_use]
    pub fn take(&self) -> Vec<Arc<Secrets>> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn append(&self, found: &mut Vec<Secrets>) {
        if !found.is_empty() {
            let mut feed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            feed.extend(found.drain(..).map(Arc::new));
        }
    }
}
