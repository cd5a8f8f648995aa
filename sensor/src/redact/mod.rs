//! Redaction: raw calls in, tokenized calls out. The only way from [`Call`] to a record.
//!
//! Pure. Default-deny: a value is kept only if a rule says it is safe; it is tokenized if it is an
//! identifier or of a sensitive class; otherwise only its shape leaves. Names are data too.
//!
//! Nothing outside this module makes a [`Redacted`]:
//!
//! ```compile_fail
//! fn forge(parts: apitap::redact::Parts) -> apitap::redact::Redacted {
//!     apitap::redact::Redacted { parts }
//! }
//! ```
//!
//! and a raw call cannot be printed:
//!
//! ```compile_fail
//! fn print(call: &apitap::call::Call) -> String {
//!     format!("{call:?}")
//! }
//! ```
//!
//! (while what may be done with one compiles:)
//!
//! ```
//! use apitap::call::Call;
//! use apitap::redact::{Redacted, Redactor};
//! fn pass(redactor: &mut Redactor, call: Call) -> Redacted {
//!     redactor.redact(call)
//! }
//! ```
//!
//! ```text
//! names ─ what a field name says      detect ─ what a form says
//!    └──────────── judge ───────────────┘
//!      path  header  auth  jwt  body ─▶ kept | token | shape, findings, objects, entities
//! ```

use apitap_proto::v1;

mod api_words;
mod auth;
mod body;
mod class;
mod config;
mod detect;
mod dictionary;
mod found;
mod header;
mod judge;
mod jwt;
mod key;
mod lexicon;
mod message;
mod names;
mod normal;
mod path;
mod scan;
mod segments;
mod style;
mod token;
mod vocabulary;
mod words;

#[doc(hidden)]
pub mod fuzz;
#[cfg(test)]
mod leak;

pub use config::{Config, Counts};
pub use key::{KeyError, Keys};

use crate::call::{Call, CallFacts};
use judge::Judge;

/// A call that may leave: everything in it passed the privacy rules.
///
/// Its fields are private and it has no constructor outside this module, so that nothing else can make one.
pub struct Redacted {
    parts: Parts,
}

/// What a [`Redacted`] call holds; only `record` takes it apart.
pub(crate) struct Parts {
    /// Facts that are no secret.
    pub(crate) facts: CallFacts,
    /// The request; absent when unseen. Times, sizes and completeness are `record`'s to fill.
    pub(crate) request: Option<v1::Request>,
    /// The response; absent when unseen.
    pub(crate) response: Option<v1::Response>,
    /// Sizes and times of the request.
    pub(crate) request_facts: Option<crate::call::MessageFacts>,
    /// Sizes and times of the response.
    pub(crate) response_facts: Option<crate::call::MessageFacts>,
    /// What a person calls the operation.
    pub(crate) operation: String,
    /// Style of the API.
    pub(crate) api_style: v1::api::Style,
    /// Authentication.
    pub(crate) auth: Option<v1::Auth>,
    /// Entities.
    pub(crate) entities: Vec<v1::Entity>,
    /// Objects, cut.
    pub(crate) objects: Vec<v1::ObjectRef>,
    /// Objects before the cut.
    pub(crate) objects_total: u32,
    /// Findings, cut.
    pub(crate) findings: Vec<v1::Finding>,
    /// Findings before the cut.
    pub(crate) findings_total: u32,
    /// Key id of the tokens.
    pub(crate) key_id: String,
}

impl Redacted {
    /// Takes the call apart.
    pub(crate) fn into_parts(self) -> Parts {
        self.parts
    }
}

/// A redacted call for the tests of later stages.
#[cfg(test)]
pub(crate) fn testing(parts: Parts) -> Redacted {
    Redacted { parts }
}

/// Redacts calls. One per worker; no `Debug`: it holds keys and remembered names.
pub struct Redactor {
    judge: Judge,
}

impl Redactor {
    /// With these keys and rules. Keys of all classes are derived here, once.
    #[must_use]
    pub fn new(keys: &Keys, policy: &Config) -> Self {
        Self { judge: Judge::new(keys, policy) }
    }

    /// Redacts a call.
    #[must_use]
    pub fn redact(&mut self, call: Call) -> Redacted {
        Redacted { parts: message::redact(&mut self.judge, call) }
    }

    /// What was done so far.
    #[must_use]
    pub const fn counts(&self) -> &Counts {
        &self.judge.counts
    }

    /// Key id of the tokens made.
    #[must_use]
    pub fn key_id(&self) -> &str {
        self.judge.tokens.kid()
    }
}
