//! What the admin server counts of itself.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::response::Status;

/// Requests answered by status, and connections turned away.
#[derive(Debug, Default)]
pub(super) struct Tally {
    answers: [AtomicU64; Status::ALL.len()],
    refused: AtomicU64,
}

impl Tally {
    pub(super) fn answered(&self, status: Status) {
        let answers = Status::ALL.iter().zip(&self.answers);
        if let Some((_, count)) = answers.into_iter().find(|(known, _)| **known == status) {
            count.fetch_add(1, Relaxed);
        }
    }

    pub(super) fn refused(&self) {
        self.refused.fetch_add(1, Relaxed);
    }

    /// Answers by status code.
    pub(super) fn answers(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Status::ALL
            .iter()
            .zip(&self.answers)
            .map(|(status, count)| (status.code(), count.load(Relaxed)))
    }

    /// Connections closed unread because too many were open.
    pub(super) fn refusals(&self) -> u64 {
        self.refused.load(Relaxed)
    }
}
