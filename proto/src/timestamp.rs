//! `google.protobuf.Timestamp`, with the JSON form that proto3 asks for.

use jiff::fmt::temporal::DateTimePrinter;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

/// A point in time: seconds and nanoseconds since the Unix epoch.
///
/// In JSON it is RFC 3339 text in UTC that ends in `Z`, with 0, 3, 6 or 9 digits of a second's fraction;
/// any offset is read.
///
/// Source: <https://protobuf.dev/programming-guides/json/>.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, ::prost::Message)]
pub struct Timestamp {
    /// Seconds, from year 1 to year 9999.
    #[prost(int64, tag = "1")]
    pub seconds: i64,
    /// Nanoseconds of the second, from 0 to 999,999,999, also before the epoch.
    #[prost(int32, tag = "2")]
    pub nanos: i32,
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // jiff bounds the other end: it leaves out the last 26 hours of year 9999.
        const YEAR_1: i64 = -62_135_596_800;
        if self.seconds < YEAR_1 || !(0..1_000_000_000).contains(&self.nanos) {
            return Err(ser::Error::custom("a time is out of range"));
        }
        let time = jiff::Timestamp::new(self.seconds, self.nanos).map_err(ser::Error::custom)?;
        let digits = match self.nanos {
            0 => 0,
            nanos if nanos % 1_000_000 == 0 => 3,
            nanos if nanos % 1_000 == 0 => 6,
            _ => 9,
        };
        let printer = DateTimePrinter::new().precision(Some(digits));
        serializer.serialize_str(&printer.timestamp_to_string(&time))
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let time: jiff::Timestamp = text.parse().map_err(de::Error::custom)?;
        let (mut seconds, mut nanos) = (time.as_second(), time.subsec_nanosecond());
        if nanos < 0 {
            seconds -= 1;
            nanos += 1_000_000_000;
        }
        Ok(Self { seconds, nanos })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(seconds: i64, nanos: i32) -> Result<String, String> {
        serde_json::to_string(&Timestamp { seconds, nanos }).map_err(|error| error.to_string())
    }

    #[test]
    fn text_ends_in_z_and_has_0_3_6_or_9_digits() {
        let cases = [
            (0, 0, "1970-01-01T00:00:00Z"),
            (1_767_225_600, 500_000_000, "2026-01-01T00:00:00.500Z"),
            (1_767_225_600, 1_000, "2026-01-01T00:00:00.000001Z"),
            (1_767_225_600, 123_456_789, "2026-01-01T00:00:00.123456789Z"),
            (-1, 250_000_000, "1969-12-31T23:59:59.250Z"),
            (-62_135_596_800, 0, "0001-01-01T00:00:00Z"),
            (253_402_207_199, 999_999_999, "9999-12-30T21:59:59.999999999Z"),
        ];
        for (seconds, nanos, text) in cases {
            let quoted = format!("\"{text}\"");
            assert_eq!(json(seconds, nanos).as_deref(), Ok(quoted.as_str()));
            let back: Timestamp = serde_json::from_str(&quoted).unwrap();
            assert_eq!((back.seconds, back.nanos), (seconds, nanos), "{text}");
        }
    }

    #[test]
    fn any_offset_is_read() {
        let time: Timestamp = serde_json::from_str("\"2026-01-01T09:00:00.5+09:00\"").unwrap();
        assert_eq!((time.seconds, time.nanos), (1_767_225_600, 500_000_000));
        assert!(serde_json::from_str::<Timestamp>("\"yesterday\"").is_err());
    }

    #[test]
    fn what_is_no_time_has_no_text() {
        for (seconds, nanos) in
            [(0, -1), (0, 1_000_000_000), (i64::MAX, 0), (i64::MIN, 0), (253_402_300_800, 0)]
        {
            assert!(json(seconds, nanos).is_err(), "{seconds} {nanos}");
        }
    }
}
