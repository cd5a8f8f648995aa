//! Settings.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::bounded::Within;

/// How path templates are made.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Whether paths are learned from traffic. Default: true.
    pub learn: bool,
    /// Patterns of paths, which win over what is learned: `/v1/users/{id}`, `/files/{path...}`, with or without a host
    /// in front. Default: none.
    pub patterns: Vec<String>,
    /// API descriptions (OpenAPI 3 or Swagger 2, JSON or YAML), whose paths are patterns. Default: none.
    pub specs: Vec<PathBuf>,
    /// Hosts learned, from 1 to 65536; those with fewest calls make room for new ones. Default: 1024.
    pub hosts_max: Within<1, 65_536>,
    /// Places of paths remembered over all hosts, from 256 to 4194304, some 300 octets each. Default: 65536.
    pub nodes_max: Within<256, 4_194_304>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            learn: true,
            patterns: Vec::new(),
            specs: Vec::new(),
            hosts_max: Within(1024),
            nodes_max: Within(65_536),
        }
    }
}
