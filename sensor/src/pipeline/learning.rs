//! Learning paths where the records of all workers meet, so that what is learned does not depend on their number.
//!
//! The records of an epoch come in one order whatever the workers; what was learned by the end of an epoch is in force
//! [`LAG_EPOCHS`] later, so that no worker waits for another.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;

use crate::endpoints::{Counts, Learner, Rules};
use crate::record::Record;

/// Epochs until what was learned is in force: more than are on their way between workers and sink.
pub(super) const LAG_EPOCHS: usize = super::QUEUE_BATCHES + 2;
/// Rules on their way to one worker.
pub(super) const QUEUE_EPOCHS: usize = LAG_EPOCHS * 2;

/// The learner, beside the sink.
pub(super) struct Learning(RefCell<Learner>);

impl Learning {
    pub(super) const fn new(learner: Learner) -> Self {
        Self(RefCell::new(learner))
    }

    /// Learns from a record.
    pub(super) fn learn(&self, record: &Record) {
        if let Some(trail) = record.path_trail() {
            self.0.borrow_mut().learn(record.host(), trail, record.status());
        }
    }

    /// What was learned so far.
    pub(super) fn rules(&self) -> Arc<Rules> {
        Arc::clone(self.0.borrow().rules())
    }

    pub(super) fn counts(&self) -> Counts {
        self.0.borrow().counts()
    }
}

/// What was learned by the ends of the last epochs, for a worker that runs in the sink's thread.
#[derive(Default)]
pub(super) struct Lag {
    begun: bool,
    rules: VecDeque<Arc<Rules>>,
    first: Option<Arc<Rules>>,
}

impl Lag {
    /// Begins an epoch; the rules for it.
    pub(super) fn turn(&mut self, learning: &Learning) -> Arc<Rules> {
        let now = learning.rules();
        if self.begun {
            self.rules.push_back(Arc::clone(&now));
        }
        self.begun = true;
        let first = self.first.get_or_insert(now);
        if self.rules.len() >= LAG_EPOCHS
            && let Some(rules) = self.rules.pop_front()
        {
            *first = rules;
        }
        Arc::clone(first)
    }
}
