//! Settings that have a range.

use serde::{Deserialize, Serialize};

/// A number from `MIN` to `MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "u64")]
pub struct Within<const MIN: u64, const MAX: u64>(pub(crate) u64);

impl<const MIN: u64, const MAX: u64> Within<MIN, MAX> {
    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The number as a size in memory.
    #[must_use]
    pub fn size(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl<const MIN: u64, const MAX: u64> TryFrom<u64> for Within<MIN, MAX> {
    type Error = OutOfRange;

    fn try_from(found: u64) -> Result<Self, OutOfRange> {
        if (MIN..=MAX).contains(&found) {
            Ok(Self(found))
        } else {
            Err(OutOfRange { found, min: MIN, max: MAX })
        }
    }
}

/// A setting outside its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{found} is outside {min} to {max}")]
pub struct OutOfRange {
    /// The number found.
    pub found: u64,
    /// Smallest allowed.
    pub min: u64,
    /// Largest allowed.
    pub max: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_within() {
        let within = |found| Within::<2, 4>::try_from(found).map(Within::get);
        assert_eq!((within(2), within(4)), (Ok(2), Ok(4)));
        assert_eq!(within(5).unwrap_err().to_string(), "5 is outside 2 to 4");
        assert!(within(1).is_err());
    }
}
