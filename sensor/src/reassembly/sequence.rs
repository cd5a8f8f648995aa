//! Sequence numbers modulo 2^32 as positions that never wrap.
//!
//! Source: [RFC 9293 §3.4](https://www.rfc-editor.org/rfc/rfc9293#section-3.4).

/// How far from the next expected byte a number may lie and still be taken at its word: 16 MiB, well above
/// the receive buffers that systems use. Farther, a second segment must agree.
pub(super) const WINDOW: u64 = 16 << 20;

/// How far from the next expected byte numbers may lie to recognise a connection by them: 1 MiB.
/// Two unrelated numbers both come this close once in four million.
pub(super) const NEAR: u64 = 1 << 20;

/// The sequence number of position `offset`.
pub(super) fn at(base: u32, offset: u64) -> u32 {
    base.wrapping_add(u32::try_from(offset & u64::from(u32::MAX)).unwrap_or(0))
}

/// The way from one number to another, the shorter way round.
pub(super) fn distance(from: u32, to: u32) -> i32 {
    to.wrapping_sub(from).cast_signed()
}

/// The position of `seq` that is nearest to `near`; `None` before position 0.
pub(super) fn position(base: u32, near: u64, seq: u32) -> Option<u64> {
    near.checked_add_signed(i64::from(distance(at(base, near), seq)))
}

/// Whether `seq` lies within `reach` of position `near`, on either side.
pub(super) fn within(base: u32, near: u64, seq: u32, reach: u64) -> bool {
    u64::from(distance(at(base, near), seq).unsigned_abs()) <= reach
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9293 §3.4: comparisons are modulo 2^32.
    #[test]
    fn positions_do_not_wrap() {
        let base = 0xffff_fff0;
        assert_eq!(position(base, 0, 0xffff_fff0), Some(0));
        assert_eq!(position(base, 0, 0x10), Some(0x20));
        assert_eq!(position(base, 0, 0xffff_ffef), None);
        assert_eq!(position(base, 1 << 32, 0xffff_ffef), Some((1 << 32) - 1));
        assert_eq!(position(7, 5 << 32, 6), Some((5 << 32) - 1));
        assert_eq!(at(base, (3 << 32) + 0x10), 0);
    }

    #[test]
    fn nearness_is_symmetric() {
        assert!(within(10, 0, 5, 5) && within(10, 0, 15, 5));
        assert!(!within(10, 0, 4, 5) && !within(10, 0, 16, 5));
        assert!(within(u32::MAX, 1, u32::MAX, 1));
    }
}
