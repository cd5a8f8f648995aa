//! The keys of one direction, in the order they are used.

use super::super::keylog::Secret;
use super::schedule::{self, Opener};
use super::suite::Suite;

/// When keys are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Epoch {
    /// Data before the handshake is over (0-RTT).
    Early,
    /// The handshake of TLS 1.3.
    Handshake,
    /// All that follows.
    Traffic,
}

/// Where in the sequence of records one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Keys ahead of the present ones.
    pub(super) ahead: usize,
    /// Number of the record under those.
    pub(super) number: u64,
}

/// The keys of one direction.
pub(super) struct Keys {
    suite: Suite,
    /// The present keys, and those that follow.
    line: Vec<(Epoch, Opener)>,
    /// What the last of them are made of, in TLS 1.3.
    secret: Option<Secret>,
}

impl Keys {
    /// Keys of TLS 1.2.
    pub(super) fn of(suite: Suite, opener: Opener) -> Self {
        Self { suite, line: vec![(Epoch::Traffic, opener)], secret: None }
    }

    /// Keys of TLS 1.3: of each epoch whose secret is known; `None` when `traffic` does not fit the suite.
    pub(super) fn modern(
        suite: Suite,
        early: Option<&Secret>,
        handshake: Option<&Secret>,
        traffic: &Secret,
    ) -> Option<Self> {
        let before = [(Epoch::Early, early), (Epoch::Handshake, handshake)];
        let mut line: Vec<_> = before
            .into_iter()
            .filter_map(|(epoch, secret)| Some((epoch, schedule::from_traffic(suite, secret?)?)))
            .collect();
        line.push((Epoch::Traffic, schedule::from_traffic(suite, traffic)?));
        Some(Self { suite, line, secret: Some(traffic.clone()) })
    }

    pub(super) const fn suite(&self) -> Suite {
        self.suite
    }

    /// The epoch of the present keys, or of those `ahead`.
    pub(super) fn epoch(&self, ahead: usize) -> Epoch {
        self.line.get(ahead).map_or(Epoch::Traffic, |(epoch, _)| *epoch)
    }

    /// Whether keys follow that are known already.
    pub(super) const fn has_next(&self) -> bool {
        self.line.len() > 1
    }

    /// How many keys may follow the present ones: behind the last known, those after a `KeyUpdate`.
    pub(super) fn prepare(&mut self) -> usize {
        if self.line.len() == 1
            && let Some(secret) = &self.secret
            && let Some(next) = schedule::updated(self.suite, secret)
            && let Some(opener) = schedule::from_traffic(self.suite, &next)
        {
            self.line.push((Epoch::Traffic, opener));
            self.secret = Some(next);
        }
        self.line.len().saturating_sub(1)
    }

    pub(super) fn open(&self, place: Place, record: &mut [u8]) -> Option<std::ops::Range<usize>> {
        self.line.get(place.ahead)?.1.open(place.number, record)
    }

    /// Goes over to keys `ahead`.
    pub(super) fn advance(&mut self, ahead: usize) {
        if ahead >= self.line.len() {
            self.prepare();
        }
        self.line.drain(..ahead.min(self.line.len().saturating_sub(1)));
    }
}
