//! Settings that have a range.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};

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

/// Reads a number from `MIN` to `MAX` (`u64::MAX`: no limit) into a plain integer, for `deserialize_with`.
///
/// # Errors
///
/// When it is no such number.
pub fn within<'de, const MIN: u64, const MAX: u64, T, D>(source: D) -> Result<T, D::Error>
where
    T: TryFrom<u64>,
    D: Deserializer<'de>,
{
    let found = Within::<MIN, MAX>::deserialize(source)?.get();
    T::try_from(found).map_err(|_| {
        let unexpected = de::Unexpected::Unsigned(found);
        de::Error::invalid_value(unexpected, &"a number that this machine can hold")
    })
}

/// The same, or 0, which means something of its own.
///
/// # Errors
///
/// When it is no such number.
pub fn zero_or<'de, const MIN: u64, const MAX: u64, T, D>(source: D) -> Result<T, D::Error>
where
    T: TryFrom<u64>,
    D: Deserializer<'de>,
{
    let found = u64::deserialize(source)?;
    let within = found == 0 || (MIN..=MAX).contains(&found);
    let number = T::try_from(found).ok().filter(|_| within);
    let outside = OutOfRange { found, min: MIN, max: MAX };
    number.ok_or_else(|| de::Error::custom(format_args!("{outside}, and not 0")))
}

/// A setting outside its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfRange {
    /// The number found.
    pub found: u64,
    /// Smallest allowed.
    pub min: u64,
    /// Largest allowed.
    pub max: u64,
}

impl std::error::Error for OutOfRange {}

impl fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { found, min, max } = self;
        match *max {
            u64::MAX => write!(f, "{found} is too small: {min} at least"),
            _ => write!(f, "{found} is outside {min} to {max}"),
        }
    }
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

    #[test]
    fn plain_integers_have_ranges_too() {
        #[derive(Debug, Deserialize)]
        #[serde(default)]
        struct Config {
            #[serde(deserialize_with = "within::<2, 4, _, _>")]
            few: u8,
            #[serde(deserialize_with = "within::<16, { u64::MAX }, _, _>")]
            many: usize,
            #[serde(deserialize_with = "zero_or::<64, 128, _, _>")]
            some: u32,
        }
        impl Default for Config {
            fn default() -> Self {
                Self { few: 3, many: 17, some: 0 }
            }
        }
        let read = |text: &str| toml::from_str::<Config>(text);
        let Config { few, many, some } = read("some = 64").unwrap();
        assert_eq!((few, many, some), (3, 17, 64));
        assert_eq!(read("some = 0").unwrap().some, 0);
        for (text, said) in [
            ("few = 5", "5 is outside 2 to 4"),
            ("few = -1", "integer `-1`"),
            ("many = 15", "15 is too small: 16 at least"),
            ("some = 63", "63 is outside 64 to 128, and not 0"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.message().contains(said), "{error}");
            assert!(error.span().is_some(), "{error}");
        }
    }
}
