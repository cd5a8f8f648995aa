//! Options of a block: code, length, value padded to 4 bytes.
//!
//! Source: draft-ietf-opsawg-pcapng §3.5.

/// Options of `bytes` in order: code and value. Ends at `opt_endofopt`, and at the first one cut short.
pub(super) fn options(mut bytes: &[u8], big_endian: bool) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let &[c0, c1, l0, l1, ref rest @ ..] = bytes else { return None };
        let u16 = if big_endian { u16::from_be_bytes } else { u16::from_le_bytes };
        let (code, len) = (u16([c0, c1]), usize::from(u16([l0, l1])));
        let value = rest.get(..len)?;
        bytes = rest.get(len.next_multiple_of(4)..).unwrap_or_default();
        (code != 0).then_some((code, value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padded_and_ended() {
        let bytes = [0, 2, 0, 1, b'a', 0, 0, 0, 0, 9, 0, 1, 6, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0];
        let all: Vec<_> = options(&bytes, true).collect();
        assert_eq!(all, [(2, &b"a"[..]), (9, &[6][..])]);
        assert_eq!(options(&bytes[..5], true).count(), 1, "padding may be missing at the end");
        assert_eq!(options(&bytes[..4], true).count(), 0);
    }
}
