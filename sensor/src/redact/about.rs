//! Values under names of secrets that are about a secret, and none themselves: when it was changed, whether it must be,
//! how many days are left.
//!
//! Name and value must both say so: a password under `password_update` is one.

use super::names::{Meaning, Name};
use super::policy::dates;

/// Whether a name ends with when, whether, how often or how long.
pub(super) fn name(flat: &[u8], starts: &[usize]) -> bool {
    let last = starts.last().and_then(|&at| flat.get(at..)).unwrap_or_default();
    let ends: [&[u8]; 37] = [
        b"at",
        b"on",
        b"date",
        b"time",
        b"timestamp",
        b"ts",
        b"updated",
        b"update",
        b"changed",
        b"change",
        b"modified",
        b"created",
        b"set",
        b"reset",
        b"rotated",
        b"rotation",
        b"expires",
        b"expiry",
        b"expiration",
        b"expired",
        b"until",
        b"since",
        b"days",
        b"age",
        b"length",
        b"count",
        b"attempts",
        b"retries",
        b"history",
        b"required",
        b"enabled",
        b"verified",
        b"valid",
        b"exists",
        b"dt",
        b"dttm",
        b"ymd",
    ];
    starts.len() > 1 && ends.contains(&last)
}

/// What a name like `last_password_update` says of this value: of a moment, of yes or no, and of a number too short for
/// any secret it says that it is none.
pub(super) fn value(name: Name, text: &[u8], year: u32) -> Name {
    let digits = text.iter().all(u8::is_ascii_digit);
    // Seconds and milliseconds since 1970, of this century.
    let moment = digits && matches!((text.len(), text.first()), (10 | 13, Some(b'1')));
    let meaning = match text {
        b"true" | b"false" | b"Y" | b"N" => Meaning::Flag,
        _ if digits && text.len() <= 2 => Meaning::Count,
        _ if moment || dates::day(text, false, year).is_some() => Meaning::Text,
        _ => return name,
    };
    Name { meaning, ..name }
}

#[cfg(test)]
mod tests {
    use crate::redact::judge::{Judge, Way};
    use crate::redact::{Config, Keys};
    use apitap_proto::v1::ValueType;

    #[test]
    fn what_is_about_a_secret_is_none() {
        use ValueType::{Boolean, Integer, String};
        let found = |name: &str, kind, text: &str| {
            let mut judge = Judge::new(&Keys::ephemeral().unwrap(), &Config::default());
            judge.year = 2026;
            let name = judge.names.look(name.as_bytes());
            judge.decide(name, kind, text.as_bytes()).found.map(|found| found.class)
        };
        for (name, kind, text) in [
            ("last_password_update", String, "2026-10-01T10:00:00Z"),
            ("passwordChangedAt", Integer, "1790000000"),
            ("password_changed_at", Integer, "1790000000123"),
            ("password_expiry_date", String, "2026-12-31"),
            ("pin_attempts", Integer, "3"),
            ("password_age_days", Integer, "90"),
            ("password_reset_required", String, "true"),
            ("passwordExpired", Boolean, "false"),
            ("password_set", String, "Y"),
        ] {
            assert_eq!(found(name, kind, text), None, "{name}");
        }
        for (name, kind, text) in [
            ("password", String, "2026-10-01"),
            ("password", Integer, "1790000000"),
            ("password_update", String, "hunter2"),
            ("password_update", String, "1990-01-01"),
            ("password_change", Integer, "123456"),
            ("pin_update", Integer, "1234"),
            ("cvv_set", Integer, "123"),
            ("otp_date", String, "20261001"),
            ("date_password", String, "2026-10-01"),
            ("password_hash", String, "true"),
        ] {
            assert!(found(name, kind, text).is_some(), "{name}");
        }
        let mut configured = Judge::new(
            &Keys::ephemeral().unwrap(),
            &toml::from_str::<Config>("drop_names = ['last_password_update']").unwrap(),
        );
        let name = configured.names.look(b"last_password_update");
        assert_eq!(configured.decide(name, String, b"2026-10-01").way, Way::Drop);
    }
}
