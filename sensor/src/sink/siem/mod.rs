//! Forms of a record for security information and event management: what they share.

pub(super) mod facts;
pub(super) mod json;
mod streaming;
