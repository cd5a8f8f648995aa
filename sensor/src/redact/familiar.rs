//! Endpoints that are well known: of an overloaded sensor their responses tell nothing new.

use std::hash::BuildHasher;

use hashbrown::HashMap;

/// Calls after which an endpoint is well known to a worker.
const KNOWN_CALLS: u16 = 1000;
/// Endpoints counted; beyond, counting begins anew, and for a while all are read.
const ENDPOINTS_MAX: usize = 16_384;

/// Counts calls by endpoint.
#[derive(Default)]
pub(super) struct Familiar {
    calls: HashMap<u64, u16, foldhash::fast::RandomState>,
    hasher: foldhash::fast::RandomState,
}

impl Familiar {
    /// Counts a call, and tells whether its endpoint was well known before.
    pub(super) fn note(&mut self, host: &[u8], method: &str, template: &str) -> bool {
        if self.calls.len() >= ENDPOINTS_MAX {
            self.calls.clear();
        }
        let endpoint = self.hasher.hash_one((host, method, template));
        let calls = self.calls.entry(endpoint).or_default();
        let known = *calls >= KNOWN_CALLS;
        *calls = calls.saturating_add(1);
        known
    }
}

#[cfg(test)]
mod tests {
    use apitap_proto::v1;
    use prost::Message as _;

    use super::super::fuzz::{facts, message};
    use super::super::{Config, Keys, Redactor};
    use super::*;
    use crate::call::Call;
    use crate::rung::Rung;

    #[test]
    fn an_endpoint_is_well_known_after_many_calls() {
        let mut familiar = Familiar::default();
        let known = (0..=KNOWN_CALLS).filter(|_| familiar.note(b"api", "GET", "/v1/a")).count();
        assert_eq!(known, 1, "the one after a thousand");
        assert!(
            !familiar.note(b"api", "POST", "/v1/a") && !familiar.note(b"other", "GET", "/v1/a")
        );
    }

    #[test]
    fn responses_of_well_known_endpoints_are_spared_under_overload() {
        let keys = Keys::ephemeral().unwrap();
        let mut redactor = Redactor::new(&keys, &Config::default());
        let fields: &[(&[u8], &[u8])] =
            &[(b"host", b"api"), (b"content-type", b"application/json")];
        let mut bodies = |target: &[u8], rung| {
            let mut asked = message(b"POST", target, fields, br#"{"a": 1}"#, 0);
            let mut answered = message(b"", b"", fields, br#"{"b": 2}"#, 200);
            (asked.facts.rung, answered.facts.rung) = (rung, rung);
            let call = Call {
                facts: facts(),
                request: Some(asked),
                response: Some(answered),
                session: None,
                socket: None,
            };
            let parts = redactor.redact(&call).into_parts();
            let request = v1::Request::decode(parts.request.unwrap()).unwrap();
            let response = v1::Response::decode(parts.response.unwrap()).unwrap().body.unwrap();
            (
                request.body.unwrap().fields.len(),
                response.fields.len(),
                response.cut,
                response.bytes,
            )
        };
        for _ in 0..KNOWN_CALLS {
            assert_eq!(bodies(b"/v1/orders", Rung::Full), (1, 1, false, 8));
        }
        assert_eq!(bodies(b"/v1/orders", Rung::Full), (1, 1, false, 8), "never without overload");
        assert_eq!(bodies(b"/v1/orders", Rung::LargeBodies), (1, 0, true, 8));
        assert_eq!(bodies(b"/v1/users", Rung::LargeBodies), (1, 1, false, 8));
    }

    #[test]
    fn it_is_bounded() {
        let mut familiar = Familiar::default();
        for n in 0..ENDPOINTS_MAX * 2 + 1 {
            assert!(!familiar.note(b"api", "GET", &n.to_string()));
        }
        assert!(familiar.calls.len() <= ENDPOINTS_MAX);
    }
}
