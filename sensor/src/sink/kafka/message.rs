//! A message as the spool keeps it: all it takes to send it again, octet for octet.
//!
//! ```text
//! version u8 | headers u8 | per header: name length u16, name, value length u16, value | key length u16 | key | value
//! ```
//!
//! Version 1 is a record, version 2 a change of the inventory.

/// What a message holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A record.
    Record,
    /// A change of the inventory.
    Change,
}

impl Kind {
    const fn version(self) -> u8 {
        match self {
            Self::Record => 1,
            Self::Change => 2,
        }
    }
}

/// A message read back. No `Debug`: it holds a record.
pub(super) struct Message<'a> {
    pub(super) kind: Kind,
    pub(super) headers: Vec<(&'a str, &'a [u8])>,
    pub(super) key: &'a [u8],
    pub(super) value: &'a [u8],
}

/// Puts a message into `out`; `false` when a part is too long for its length field.
pub(super) fn write(
    kind: Kind,
    headers: &[(&str, &str)],
    key: &[u8],
    value: &[u8],
    out: &mut Vec<u8>,
) -> bool {
    out.clear();
    let Ok(count) = u8::try_from(headers.len()) else { return false };
    out.extend_from_slice(&[kind.version(), count]);
    let parts = headers.iter().flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]);
    for part in parts.chain([key]) {
        let Ok(len) = u16::try_from(part.len()) else { return false };
        out.extend_from_slice(&len.to_be_bytes());
        out.extend_from_slice(part);
    }
    out.extend_from_slice(value);
    true
}

/// Reads a message back; `None` when it is none of this version.
pub(super) fn read(payload: &[u8]) -> Option<Message<'_>> {
    let ([version, count], mut rest) = payload.split_first_chunk::<2>()?;
    let kind = [Kind::Record, Kind::Change].into_iter().find(|kind| kind.version() == *version)?;
    let mut headers = Vec::with_capacity(usize::from(*count));
    for _ in 0..*count {
        let name = std::str::from_utf8(part(&mut rest)?).ok()?;
        headers.push((name, part(&mut rest)?));
    }
    Some(Message { kind, headers, key: part(&mut rest)?, value: rest })
}

fn part<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (len, after) = rest.split_first_chunk::<2>()?;
    let (part, after) = after.split_at_checked(u16::from_be_bytes(*len).into())?;
    *rest = after;
    Some(part)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_message_reads_back(key in "[a-z]{0,300}", value in any::<Vec<u8>>(), headers in 0..3_usize) {
            let headers = &[("content-type", "x"), ("", ""), ("n", "v")][..headers];
            let mut out = vec![9];
            prop_assert!(write(Kind::Change, headers, key.as_bytes(), &value, &mut out));
            let message = read(&out).unwrap();
            prop_assert_eq!((message.key, message.value), (key.as_bytes(), &value[..]));
            prop_assert_eq!(message.kind, Kind::Change);
            let want: Vec<_> = headers.iter().map(|(n, v)| (*n, v.as_bytes())).collect();
            prop_assert_eq!(message.headers, want);
        }

        #[test]
        fn any_octets_are_read(octets in any::<Vec<u8>>()) {
            let _read = read(&octets).is_some();
        }
    }

    #[test]
    fn a_key_too_long_is_refused() {
        assert!(!write(Kind::Record, &[], &[0; 70_000], b"", &mut Vec::new()));
    }
}
