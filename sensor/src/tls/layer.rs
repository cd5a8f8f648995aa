//! The record layer: a stream of one side cut into records.
//!
//! ```text
//! | type: 1 octet | version: 2 octets | length: 2 octets | fragment: `length` octets |
//! ```
//!
//! Invariant: cutting the input anywhere changes nothing but the number of pieces of a fragment.
//!
//! Source: [RFC 8446 §5.1](https://www.rfc-editor.org/rfc/rfc8446#section-5.1), [RFC 5246 §6.2](https://www.rfc-editor.org/rfc/rfc5246#section-6.2).

/// Longest fragment that any version allows, with room for what encryption adds (RFC 5246 §6.2.3).
pub(super) const FRAGMENT_MAX: u16 = (1 << 14) + 2048;
/// Octets of a record's header.
pub(super) const HEADER: usize = 5;

/// `change_cipher_spec`: what follows is encrypted, up to TLS 1.2; nothing in TLS 1.3.
pub(super) const CHANGE_CIPHER_SPEC: u8 = 20;
/// `alert`.
pub(super) const ALERT: u8 = 21;
/// `handshake`.
pub(super) const HANDSHAKE: u8 = 22;
/// `application_data`; in TLS 1.3 everything that is encrypted.
pub(super) const APPLICATION_DATA: u8 = 23;

/// A record's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// Content type.
    pub(super) kind: u8,
    /// Version, as the record has it.
    pub(super) version: u16,
    /// Octets of the fragment.
    pub(super) len: u16,
}

impl Header {
    /// Reads a header; `None` when this is none.
    pub(super) fn parse(octets: [u8; HEADER]) -> Option<Self> {
        let [kind, major, minor, high, low] = octets;
        let len = u16::from_be_bytes([high, low]);
        // Only application data may be empty (RFC 8446 §5.1).
        let least = u16::from(kind != APPLICATION_DATA);
        let known = matches!(kind, CHANGE_CIPHER_SPEC..=APPLICATION_DATA);
        (known && major == 3 && minor <= 4 && (least..=FRAGMENT_MAX).contains(&len))
            .then_some(Self { kind, version: u16::from_be_bytes([major, minor]), len })
    }

    /// Whether the beginning of a stream may be the beginning of a header.
    pub(super) fn may_begin(bytes: &[u8]) -> bool {
        match bytes {
            [] => true,
            [kind] => (CHANGE_CIPHER_SPEC..=APPLICATION_DATA).contains(kind),
            [kind, major, rest @ ..] => {
                (CHANGE_CIPHER_SPEC..=APPLICATION_DATA).contains(kind)
                    && *major == 3
                    && rest.first().is_none_or(|minor| *minor <= 4)
            }
        }
    }
}

/// A piece of a record's fragment.
#[derive(Clone, Copy)]
pub(super) struct Piece<'a> {
    /// The record it is of.
    pub(super) header: Header,
    /// Its octets, lent.
    pub(super) bytes: &'a [u8],
    /// Whether it is the first of its record.
    pub(super) first: bool,
    /// Whether the record ends with it.
    pub(super) last: bool,
}

/// Cuts a stream into records. Holds nothing but a header that is not whole.
#[derive(Default)]
pub(super) struct Layer {
    held: [u8; HEADER],
    have: u8,
    /// The record at hand.
    header: Option<Header>,
    /// Octets of it that are still to come.
    left: u16,
}

/// What follows is no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoRecord;

impl Layer {
    /// Takes the next piece off `input`; `None` when all of it is taken.
    pub(super) fn next<'a>(&mut self, input: &mut &'a [u8]) -> Result<Option<Piece<'a>>, NoRecord> {
        let (header, first) = match self.header {
            Some(_) if input.is_empty() => return Ok(None),
            Some(header) => (header, false),
            None => match self.header(input)? {
                Some(header) => (header, true),
                None => return Ok(None),
            },
        };
        let len = input.len().min(self.left.into());
        let (bytes, rest) = input.split_at_checked(len).unwrap_or((input, &[]));
        *input = rest;
        self.left = self.left.saturating_sub(u16::try_from(len).unwrap_or(u16::MAX));
        let last = self.left == 0;
        self.header = (!last).then_some(header);
        Ok(Some(Piece { header, bytes, first, last }))
    }

    /// Completes a header.
    fn header(&mut self, input: &mut &[u8]) -> Result<Option<Header>, NoRecord> {
        while usize::from(self.have) < HEADER {
            let Some((&octet, rest)) = input.split_first() else { return Ok(None) };
            if let Some(slot) = self.held.get_mut(usize::from(self.have)) {
                *slot = octet;
            }
            *input = rest;
            self.have = self.have.saturating_add(1);
        }
        self.have = 0;
        let header = Header::parse(self.held).ok_or(NoRecord)?;
        self.left = header.len;
        Ok(Some(header))
    }

    /// Type of the record at hand.
    pub(super) fn kind(&self) -> Option<u8> {
        self.header.map(|header| header.kind)
    }

    /// Passes over `len` octets that were lost; `false` when the place in the stream is lost with them.
    pub(super) fn skip(&mut self, len: u64) -> bool {
        match u16::try_from(len) {
            Ok(len) if self.header.is_some() && len <= self.left => {
                self.left = self.left.saturating_sub(len);
                if self.left == 0 {
                    self.header = None;
                }
                true
            }
            _ => {
                *self = Self::default();
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Records of a stream cut into chunks: header and fragment of each.
    fn records(chunks: &[&[u8]]) -> (Vec<(Header, Vec<u8>, bool)>, bool) {
        let mut layer = Layer::default();
        let mut records: Vec<(Header, Vec<u8>, bool)> = Vec::new();
        for chunk in chunks {
            let mut input = *chunk;
            loop {
                match layer.next(&mut input) {
                    Err(NoRecord) => return (records, false),
                    Ok(None) => break,
                    Ok(Some(piece)) => {
                        if piece.first {
                            records.push((piece.header, Vec::new(), false));
                        }
                        let record = records.last_mut().unwrap();
                        assert_eq!(record.0, piece.header);
                        record.1.extend_from_slice(piece.bytes);
                        record.2 |= piece.last;
                    }
                }
            }
        }
        (records, true)
    }

    #[test]
    fn records_follow_one_another() {
        let bytes = [22, 3, 1, 0, 2, 7, 8, 23, 3, 3, 0, 0, 21, 3, 3, 0, 3, 9];
        let (records, fine) = records(&[&bytes]);
        let seen: Vec<_> = records.iter().map(|r| (r.0.kind, r.1.as_slice(), r.2)).collect();
        assert!(fine);
        assert_eq!(seen, [(22, &[7, 8][..], true), (23, &[], true), (21, &[9], false)]);
    }

    /// RFC 8446 §5.1: four types, a length that is bounded, and only application data may be empty.
    #[test]
    fn what_is_no_record_is_refused() {
        for octets in [
            [24, 3, 3, 0, 5],
            [22, 2, 0, 0, 5],
            [22, 3, 5, 0, 5],
            [23, 3, 3, 0x48, 1],
            [21, 3, 3, 0, 0],
            *b"GET /",
        ] {
            assert_eq!(Header::parse(octets), None, "{octets:?}");
        }
        assert!(Header::parse([23, 3, 3, 0x48, 0]).is_some());
    }

    #[test]
    fn loss_inside_a_fragment_is_passed_over() {
        let mut layer = Layer::default();
        let mut input = [23, 3, 3, 0, 9, 1].as_slice();
        while layer.next(&mut input).unwrap().is_some() {}
        assert!(layer.skip(8));
        let mut input = [22, 3, 3, 0, 1, 5].as_slice();
        assert_eq!(layer.next(&mut input).unwrap().unwrap().header.kind, 22);
        assert!(!layer.skip(1), "at a header, the place is lost");
    }

    proptest! {
        #[test]
        fn cutting_changes_nothing(
            parts in prop::collection::vec((20..24_u8, prop::collection::vec(any::<u8>(), 1..40)), 0..6),
            noise in prop::collection::vec(any::<u8>(), 0..8),
            size in 1..20_usize,
        ) {
            let mut bytes = Vec::new();
            for (kind, fragment) in &parts {
                bytes.extend([*kind, 3, 3, 0, u8::try_from(fragment.len()).unwrap()]);
                bytes.extend(fragment);
            }
            bytes.extend(noise);
            let chunks: Vec<&[u8]> = bytes.chunks(size).collect();
            prop_assert_eq!(records(&chunks), records(&[&bytes]));
        }
    }
}
