//! Redaction: raw calls in, tokenized calls out. The only way from [`Call`](crate::call::Call) to a record.
//!
//! Pure. Default-deny: a value is kept only if a rule says it is safe; it is tokenized if it is an
//! identifier or of a sensitive class; otherwise only its shape leaves.

use apitap_proto::v1;

use crate::call::CallFacts;

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
