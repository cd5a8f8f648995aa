//! OpenAPI: writes the inventory as a description (3.1), and compares it with one (3.0 and 3.1).

mod compare;
mod export;
mod schema;
mod spec;

pub use compare::{Comparison, Drift, Entry};
pub use export::export;
pub use spec::{Spec, SpecError, paths};
