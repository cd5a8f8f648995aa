//! Responses that run long.

use crate::http::event_stream::Totals;

/// How far a response that is a stream is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Streaming {
    /// What was said in server-sent events; `None` when it is no stream of them.
    pub events: Option<Totals>,
}
