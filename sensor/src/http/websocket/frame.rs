//! Frame headers.
//!
//! ```text
//! | FIN 1, RSV 3, opcode 4 | MASK 1, length 7 | length 0, 2 or 8 octets | key 0 or 4 |
//! ```
//!
//! Source: [RFC 6455 §5.2](https://www.rfc-editor.org/rfc/rfc6455#section-5.2).

use super::opcode;

/// Longest header.
pub(super) const HEADER_MAX: usize = 14;
/// Longest payload of a control frame (§5.5).
pub(super) const CONTROL_MAX: usize = 125;

/// The header of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// Whether the message ends with it.
    pub(super) fin: bool,
    /// Reserved bits: 4 for a compressed message (RFC 7692 §6).
    pub(super) reserved: u8,
    pub(super) opcode: u8,
    /// Masking key, if masked.
    pub(super) key: Option<[u8; 4]>,
    /// Octets of payload.
    pub(super) length: u64,
    /// Octets of the header itself.
    pub(super) size: usize,
    /// Whether the length took no more octets than it needs.
    pub(super) minimal: bool,
}

/// First reserved bit.
pub(super) const RSV1: u8 = 4;

impl Header {
    /// Reads the header that `bytes` begin with; `None` until it is whole.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (&[first, second], rest) = bytes.split_first_chunk()?;
        let (length, octets, minimal, rest) = match second & 0x7f {
            126 => {
                let (length, rest) = rest.split_first_chunk()?;
                let length = u64::from(u16::from_be_bytes(*length));
                (length, 4, length > 125, rest)
            }
            127 => {
                let (length, rest) = rest.split_first_chunk()?;
                let length = u64::from_be_bytes(*length);
                (length, 10, length > 0xffff, rest)
            }
            length => (length.into(), 2_usize, true, rest),
        };
        let masked = second & 0x80 != 0;
        let key = if masked { Some(*rest.first_chunk()?) } else { None };
        Some(Self {
            fin: first & 0x80 != 0,
            reserved: (first >> 4) & 7,
            opcode: first & 15,
            key,
            length,
            size: if masked { octets.saturating_add(4) } else { octets },
            minimal,
        })
    }

    /// Whether it belongs to the connection and not to a message (§5.5).
    pub(super) const fn is_control(&self) -> bool {
        self.opcode & 8 != 0
    }

    /// Whether frames with such a header exist at all: the opcode is defined, the length has its top bit clear.
    pub(super) const fn is_known(&self) -> bool {
        matches!(self.opcode, 0..=2 | 8..=10) && self.length >> 63 == 0
    }

    /// Whether a well-made peer sends it: also rules that can be broken without losing the way.
    pub(super) const fn is_proper(&self, masked: bool) -> bool {
        let control = self.fin && self.length <= 125 && self.reserved == 0;
        let reserved = self.reserved == 0
            || self.reserved == RSV1 && matches!(self.opcode, opcode::TEXT | opcode::BINARY);
        self.is_known()
            && self.minimal
            && reserved
            && self.key.is_some() == masked
            && (!self.is_control() || control)
    }
}

/// Appends `bytes` to `out` with the mask taken off; `at` is their position in the payload (§5.3).
pub(super) fn unmask(bytes: &[u8], key: Option<[u8; 4]>, at: u64, out: &mut Vec<u8>) {
    let Some(key) = key else { return out.extend_from_slice(bytes) };
    // The key, turned to where the position falls.
    let mut key = key;
    key.rotate_left(usize::try_from(at % 4).unwrap_or(0));
    let start = out.len();
    out.extend_from_slice(bytes);
    let [a, b, c, d] = key;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (chunks, rest) = out.get_mut(start..).unwrap_or_default().as_chunks_mut::<8>();
    for chunk in chunks {
        *chunk = (u64::from_ne_bytes(*chunk) ^ wide).to_ne_bytes();
    }
    for (octet, key) in rest.iter_mut().zip(key.iter().cycle()) {
        *octet ^= key;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // The examples of RFC 6455 §5.7.
    #[test]
    fn examples_of_the_rfc() {
        let header = Header::read(b"\x81\x05Hello").unwrap();
        assert_eq!((header.fin, header.opcode, header.length, header.size), (true, 1, 5, 2));
        let masked = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
        let header = Header::read(masked).unwrap();
        assert_eq!((header.key, header.size), (Some([0x37, 0xfa, 0x21, 0x3d]), 6));
        let mut out = Vec::new();
        unmask(&masked[6..], header.key, 0, &mut out);
        assert_eq!(out, b"Hello");
        let header = Header::read(b"\x82\x7e\x01\x00").unwrap();
        assert_eq!((header.length, header.size, header.minimal), (256, 4, true));
        let header = Header::read(b"\x82\x7f\0\0\0\0\0\x01\0\0").unwrap();
        assert_eq!((header.length, header.size, header.minimal), (65_536, 10, true));
        assert!(!Header::read(b"\x82\x7e\x00\x05").unwrap().minimal);
    }

    #[test]
    fn a_header_is_read_when_it_is_whole() {
        let whole = b"\x82\xff\0\0\0\0\0\x01\0\0abcd";
        for len in 0..whole.len() {
            assert_eq!(Header::read(&whole[..len]), None);
        }
        assert!(Header::read(whole).is_some());
    }

    #[test]
    fn what_no_peer_sends_is_not_proper() {
        for bytes in [
            &b"\x83\x05"[..],    // opcode 3
            b"\x91\x05",         // RSV3
            b"\xc0\x05",         // a continuation marked as compressed
            b"\x09\x05",         // a ping in fragments
            b"\x89\x7e\x00\xff", // a ping too long
            b"\x81\x7e\x00\x05", // a length in more octets than it needs
            b"\x81\x85\x01\x02\x03\x04",
        ] {
            assert!(!Header::read(bytes).unwrap().is_proper(false), "{bytes:02x?}");
        }
        assert!(Header::read(b"\xc1\x05").unwrap().is_proper(false));
    }

    proptest! {
        // The mask is taken off the same wherever the payload is cut.
        #[test]
        fn masks_go_on_over_cuts(bytes: Vec<u8>, key: [u8; 4], cut: prop::sample::Index) {
            let cut = cut.index(bytes.len() + 1);
            let (mut whole, mut parts) = (Vec::new(), Vec::new());
            unmask(&bytes, Some(key), 0, &mut whole);
            unmask(&bytes[..cut], Some(key), 0, &mut parts);
            unmask(&bytes[cut..], Some(key), cut as u64, &mut parts);
            prop_assert_eq!(&whole, &parts);
            for (i, (a, b)) in whole.iter().zip(&bytes).enumerate() {
                prop_assert_eq!(*a, b ^ key[i % 4]);
            }
        }
    }
}
