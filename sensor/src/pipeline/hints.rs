//! Reads the hints that a configuration names.

use std::fmt;
use std::path::Path;

use crate::config::Config;
use crate::endpoints::Hints;
use crate::inventory::openapi;

/// Largest description, in bytes.
const SPEC_BYTES_MAX: u64 = 64 << 20;

/// Why hints cannot be used: what, where, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct HintsError(String);

/// Patterns and descriptions of `[endpoints]`. Patterns come first: they hold where both fit.
///
/// # Errors
///
/// When a pattern is none, or a description cannot be read.
pub fn hints(config: &Config) -> Result<Hints, HintsError> {
    let mut hints = Hints::default();
    for pattern in &config.endpoints.patterns {
        let refused = |error: &dyn fmt::Display| {
            HintsError(format!("endpoints.patterns: {pattern:?}: {error}; correct it"))
        };
        hints.add_text(pattern).map_err(|error| refused(&error))?;
    }
    for path in &config.endpoints.specs {
        let text = read(path)?;
        let documented = openapi::paths(&text).map_err(|error| refused(path, &error))?;
        for (host, template) in documented {
            // What is no pattern (a fragment, say) is none of the paths on the wire.
            let _skipped = hints.add(&host, &template).is_err();
        }
    }
    Ok(hints)
}

fn refused(path: &Path, error: &dyn fmt::Display) -> HintsError {
    HintsError(format!("endpoints.specs: {}: {error}; correct or remove it", path.display()))
}

fn read(path: &Path) -> Result<String, HintsError> {
    let size = std::fs::metadata(path).map_err(|error| refused(path, &error))?.len();
    if size > SPEC_BYTES_MAX {
        return Err(refused(path, &"it is larger than 64 MiB"));
    }
    std::fs::read_to_string(path).map_err(|error| refused(path, &error))
}
