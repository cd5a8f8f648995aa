//! Integers of HPACK.
//!
//! Source: [RFC 7541 §5.1](https://www.rfc-editor.org/rfc/rfc7541#section-5.1).

use super::HpackError;

/// Reads an integer whose first octet is `first`, with a prefix of `bits` bits (1 to 8), and takes what follows
/// of it off `rest`. Zeros may follow it without end, as there are decoders that take them.
///
/// # Errors
///
/// - [`HpackError::Cut`] when `rest` ends inside it.
/// - [`HpackError::Integer`] when it is no number of 64 bits.
pub(super) fn read(first: u8, bits: u32, rest: &mut &[u8]) -> Result<usize, HpackError> {
    let mask = u8::MAX.checked_shr(8_u32.saturating_sub(bits)).unwrap_or(u8::MAX);
    let prefix = first & mask;
    let mut value = u64::from(prefix);
    if prefix < mask {
        return Ok(prefix.into());
    }
    let mut shift = 0_u32;
    loop {
        let (&octet, after) = rest.split_first().ok_or(HpackError::Cut)?;
        *rest = after;
        let digit = u64::from(octet & 0x7f);
        if digit != 0 {
            let more = digit.checked_shl(shift).filter(|more| more >> shift == digit);
            value = more.and_then(|more| value.checked_add(more)).ok_or(HpackError::Integer)?;
        }
        if octet & 0x80 == 0 {
            return usize::try_from(value).map_err(|_| HpackError::Integer);
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
        assert_eq!(all(&[0x1f, 0x80, 0x80, 0x80, 0x80], 5), Err(HpackError::Cut));
        let most = [0xff; 10];
        assert_eq!(all(&[&most[..], &[0x01]].concat(), 8), Err(HpackError::Integer));
        assert_eq!(all(&[&[0xff][..], &[0x80; 10], &[0x01]].concat(), 8), Err(HpackError::Integer));
        assert_eq!(all(&[0xff, 0xff, 0xff, 0xff, 0x7f], 8), Ok(((1 << 28) - 1 + 255, 0)));
    }

    // RFC 9113 §6.5.2: the size of a table may be any number of 32 bits.
    #[test]
    fn large_and_padded_integers_are_read() {
        let size = [0x3f, 0xe0, 0xff, 0xff, 0xff, 0x0f];
        assert_eq!(all(&size, 5), Ok((usize::try_from(u32::MAX).unwrap(), 0)));
        for zeros in [0, 1, 5, 20] {
            let padded = [&[0x7f, 0x81][..], &vec![0x80; zeros], &[0, 9]].concat();
            assert_eq!(all(&padded, 7), Ok((128, 1)), "{zeros}");
        }
    }
}
