//! The network that is watched: whom to believe.

use serde::{Deserialize, Serialize};

use crate::redact::Cidr;

/// The network that is watched.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Proxies and load balancers whose word on the real client is taken: address blocks such as `10.0.0.0/8`, or
    /// single addresses. None by default: then nobody's is.
    pub trusted_proxies: Vec<Cidr>,
}
