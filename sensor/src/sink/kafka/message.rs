//! A message as the spool keeps it: all it takes to send it again, octet for octet.
//!
//! ```text
//! version u8 = 1 | headers u8 | per header: name length u16, name, value length u16, value | key length u16 | key | value
//! ```

const VERSION: u8 = 1;

/// A message read back. No `Debug`: it holds a record.
pub(super) struct Message<'a> {
    pub(super) headers: Vec<(&'a str, &'a [u8])>,
    pub(super) key: &'a [u8],
    pub(super) value: &'a [u8],
}

/// Puts a message into `out`; `false` when a part is too long for its length field.
pub(super) fn write(headers: &[(&str, &str)], key: &[u8], value: &[u8], out: &mut Vec<u8>) -> bool {
    out.clear();
    let Ok(count) = u8::try_from(headers.len()) else { return false };
    out.extend_from_slice(&[VERSION, count]);
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
    let ([VERSION, count], mut rest) = payload.split_first_chunk::<2>()? else { return None };
    let mut headers = Vec::with_capacity(usize::from(*count));
    for _ in 0..*count {
        let name = std::str::from_utf8(part(&mut rest)?).ok()?;
        headers.push((name, part(&mut rest)?));
    }
    Some(Message { headers, key: part(&mut rest)?, value: rest })
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
            prop_assert!(write(headers, key.as_bytes(), &value, &mut out));
            let message = read(&out).unwrap();
            prop_assert_eq!((message.key, message.value), (key.as_bytes(), &value[..]));
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
        assert!(!write(&[], &[0; 70_000], b"", &mut Vec::new()));
    }
}
