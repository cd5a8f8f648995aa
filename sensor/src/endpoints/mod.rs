//! Endpoints: path templates learned as traffic flows.
//!
//! Pure. Redaction makes a template of the form of each segment, and tells of each call a [`Trail`]: the steps of its
//! path and the fields of its answer, in hashes. A [`Learner`] keeps them as a tree for each host; where words turn out
//! to be values (alike in what follows them and in what is answered) it makes [`Rules`], by which redaction then walks
//! along each path ([`Walk`]).
//!
//! Invariants:
//! - Rules only hide: no rule shows a word that the privacy rules hide.
//! - What was not answered well teaches nothing.
//! - Nothing but hashes of segments is held.
//! - The same calls in the same order give the same rules, also with a restart in between.

mod alike;
mod config;
#[doc(hidden)]
pub mod fuzz;
mod hints;
mod learner;
mod node;
mod rules;
mod sketch;
mod state;
mod trail;

pub(crate) use alike::refers;
pub use config::Config;
pub(crate) use hints::Segment;
pub use hints::{Hints, Pattern, PatternError};
pub use learner::{Counts, Learner};
pub use rules::{HostRules, Rules, Verdict, Walk};
pub use state::StateError;
pub use trail::{Look, Step, Trail, Word, field, hash};
