//! Settings.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::bounded::{Within, within};

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
    /// Directory where a running sensor keeps what it learned, sealed, made if it is not there (mode 0700): templates are
    /// then the same after a restart. Empty: it is not kept. Default: empty.
    pub directory: PathBuf,
    /// How often that is written, in seconds, 1 to 86,400, if anything changed. Default: 60.
    #[serde(deserialize_with = "within::<1, 86_400, _, _>")]
    pub save_seconds: u64,
    /// Hosts learned, from 1 to 65536; those with fewest calls make room for new ones. Default: 1024.
    pub hosts_max: Within<1, 65_536>,
    /// Places of paths remembered over all hosts, from 256 to 4194304: some 300 octets each,
    /// at most 1,400 where answers have many fields. Default: 65536.
    pub nodes_max: Within<256, 4_194_304>,
}

impl Config {
    /// Whether what is learned is kept on disk.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.learn && !self.directory.as_os_str().is_empty()
    }

    /// Sized to so many bytes of memory.
    pub fn fit(&mut self, bytes: u64) {
        /// At worst: two full sketches, the place itself and its share of a tree's node.
        const PLACE_BYTES: u64 = 1400;
        let places = (bytes / PLACE_BYTES).max(256);
        self.nodes_max = Within(self.nodes_max.get().min(places));
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            learn: true,
            patterns: Vec::new(),
            specs: Vec::new(),
            directory: PathBuf::new(),
            save_seconds: 60,
            hosts_max: Within(1024),
            nodes_max: Within(65_536),
        }
    }
}
