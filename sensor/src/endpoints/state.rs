//! What was learned, as octets: so that templates are the same after a restart.
//!
//! JSON. Of segments it holds hashes; whoever keeps it seals it, as a name can be found by trying names.

use serde::{Deserialize, Serialize};

use super::learner::Host;

/// Form of the state.
const VERSION: u32 = 1;

/// Why octets are no state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// It was written by another version, which takes other hashes.
    #[error("it is of another version")]
    Version,
    /// It is not what was written.
    #[error("it is damaged")]
    Damaged,
}

#[derive(Serialize, Deserialize)]
struct State {
    version: u32,
    /// A hash as redaction takes them of fields: it changes with the library that makes it.
    hash: u64,
    hosts: Vec<(String, Host)>,
}

fn sample() -> u64 {
    super::field("$.items[].id")
}

/// Writes hosts down, those with most calls first.
pub(super) fn write<'h>(hosts: impl Iterator<Item = (&'h str, &'h Host)>) -> Vec<u8> {
    #[derive(Serialize)]
    struct Lent<'h> {
        version: u32,
        hash: u64,
        hosts: Vec<(&'h str, &'h Host)>,
    }
    let mut hosts: Vec<_> = hosts.collect();
    hosts.sort_by_key(|(name, host)| (std::cmp::Reverse(host.calls), *name));
    let state = Lent { version: VERSION, hash: sample(), hosts };
    // It is numbers and names of hosts: nothing of it cannot be written.
    serde_json::to_vec(&state).unwrap_or_default()
}

/// Reads hosts, those with most calls first.
pub(super) fn read(octets: &[u8]) -> Result<Vec<(String, Host)>, StateError> {
    let state: State = serde_json::from_slice(octets).map_err(|_| StateError::Damaged)?;
    if state.version != VERSION || state.hash != sample() {
        return Err(StateError::Version);
    }
    Ok(state.hosts)
}
