//! Overwriting what held traffic before its memory serves for something else.
//!
//! Memory that is freed is overwritten by the program's allocator (`main.rs`); this is for buffers that stay.

use std::hint::black_box;

/// Overwrites a buffer's octets with zeros, and empties it. Its memory stays.
pub(crate) fn wipe(buffer: &mut Vec<u8>) {
    wipe_from(buffer, 0);
}

/// Cuts a buffer down to `len` octets, and overwrites those behind with zeros.
pub(crate) fn wipe_from(buffer: &mut Vec<u8>, len: usize) {
    if let Some(rest) = buffer.get_mut(len..) {
        rest.fill(0);
        // The compiler must take what was written for read.
        black_box(rest);
    }
    buffer.truncate(len);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_off_is_overwritten() {
        let mut buffer = b"kept, secret".to_vec();
        wipe_from(&mut buffer, 4);
        assert_eq!(buffer, b"kept");
        buffer.resize(12, b'-');
        buffer.truncate(4);
        let mut secret = b"kept, secret".to_vec();
        let start = secret.as_ptr();
        wipe(&mut secret);
        assert_eq!((secret.len(), secret.as_ptr()), (0, start), "its memory stays");
        wipe_from(&mut secret, 3);
        assert!(secret.is_empty());
    }
}
