//! Integers of HPACK.
//!
//! Source: [RFC 7541 §5.1](https://www.rfc-editor.org/rfc/rfc7541#section-5.1).

use super::HpackError;

/// Most octets behind the prefix: 28 bits, far above any length that is accepted.
const CONTINUATION_MAX: u32 = 4;

/// Reads an integer whose first octet is `first`, with a prefix of `bits` bits (1 to 8), and takes what follows
/// of it off `rest`.
///
/// # Errors
///
/// - [`HpackError::Cut`] when `rest` ends inside it.
/// - [`HpackError::Integer`] when it is longer than 28 bits.
pub(super) fn read(first: u8, bits: u32, rest: &mut &[u8]) -> Result<usize, HpackError> {
    let mask = u8::MAX.checked_shr(8_u32.saturating_sub(bits)).unwrap_or(u8::MAX);
    let prefix = first & mask;
    let mut value = usize::from(prefix);
    if prefix < mask {
        return Ok(value);
    }
    let mut shift = 0;
    loop {
        let (&octet, after) = rest.split_first().ok_or(HpackError::Cut)?;
        *rest = after;
        if shift >= 7 * CONTINUATION_MAX {
            return Err(HpackError::Integer);
        }
        value = value.saturating_add(usize::from(octet & 0x7f) << shift);
        if octet & 0x80 == 0 {
            return Ok(value);
        }
        shift = shift.saturating_add(7);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8], bits: u32) -> Result<(usize, usize), HpackError> {
        let (&first, mut rest) = bytes.split_first().unwrap();
        read(first, bits, &mut rest).map(|value| (value, rest.len()))
    }

    // RFC 7541 Appendix C.1.
    #[test]
    fn examples_of_the_standard() {
        assert_eq!(all(&[0x0a], 5), Ok((10, 0)));
        assert_eq!(all(&[0x1f, 0x9a, 0x0a, 9], 5), Ok((1337, 1)));
        assert_eq!(all(&[0x2a], 8), Ok((42, 0)));
    }

    #[test]
    fn bits_before_the_prefix_do_not_count() {
        assert_eq!(all(&[0xe0 | 3], 5), Ok((3, 0)));
        assert_eq!(all(&[0xff, 0x00], 7), Ok((127, 0)));
    }

    #[test]
    fn cut_and_endless_integers_are_errors() {
        assert_eq!(all(&[0x1f], 5), Err(HpackError::Cut));
        assert_eq!(all(&[0x1f, 0x80], 5), Err(HpackError::Cut));
        assert_eq!(all(&[0x1f, 0x80, 0x80, 0x80, 0x80, 0x01], 5), Err(HpackError::Integer));
        assert_eq!(all(&[0xff, 0xff, 0xff, 0xff, 0x7f], 8), Ok(((1 << 28) - 1 + 255, 0)));
    }
}
