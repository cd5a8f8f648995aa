//! The form of a segment file: a header and frames. Pure.
//!
//! ```text
//! header (96 octets): magic 8 | key id 8 | salt 32 | number u64 | first sequence u64 | frames before u64 |
//!                     created u64 | key check 12 | crc32c u32
//! frame:              length u32 | crc32c u32 | sequence u64 | sealed payload: `length` octets
//! ```
//!
//! Numbers are big endian. The checksum of a frame covers its length, sequence and sealed payload: it tells a
//! torn or rotten frame from a whole one without any key. The seal (see [`super::cipher`]) tells a forged one.

/// Octets of a header.
pub(super) const HEADER_LEN: usize = 96;
/// Octets of a frame before its payload.
pub(super) const FRAME_LEN: usize = 16;
/// Octets of a key's name.
pub(super) const KID_LEN: usize = 8;
/// Octets of a salt.
pub(super) const SALT_LEN: usize = 32;
/// Octets by which the key of a segment is recognised.
pub(super) const CHECK_LEN: usize = 12;

const MAGIC: &[u8; 8] = b"apitapS1";
const CRC_LEN: usize = 4;

/// What a segment says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    /// Name of the spool key, zero padded.
    pub(super) kid: [u8; KID_LEN],
    /// What makes the segment's key its own.
    pub(super) salt: [u8; SALT_LEN],
    /// Position among the segments.
    pub(super) number: u64,
    /// No frame has a lower sequence.
    pub(super) first_seq: u64,
    /// Frames in all segments before this one, ever: neighbours tell how many a segment has.
    pub(super) frames_before: u64,
    /// When it was begun, in seconds since 1970.
    pub(super) created: u64,
    /// Recognises the key.
    pub(super) check: [u8; CHECK_LEN],
}

impl Header {
    /// The header's octets.
    pub(super) fn encode(&self) -> [u8; HEADER_LEN] {
        let mut octets = [0; HEADER_LEN];
        let mut rest = &mut octets[..];
        let parts: [&[u8]; 8] = [
            MAGIC,
            &self.kid,
            &self.salt,
            &self.number.to_be_bytes(),
            &self.first_seq.to_be_bytes(),
            &self.frames_before.to_be_bytes(),
            &self.created.to_be_bytes(),
            &self.check,
        ];
        for part in parts {
            put(&mut rest, part);
        }
        let body = octets.get(..HEADER_LEN.saturating_sub(CRC_LEN)).unwrap_or_default();
        let crc = crc32c::crc32c(body).to_be_bytes();
        if let Some(end) = octets.last_chunk_mut::<CRC_LEN>() {
            *end = crc;
        }
        octets
    }

    /// Reads a header; `None` when it is damaged, or none of this version.
    pub(super) fn parse(octets: &[u8; HEADER_LEN]) -> Option<Self> {
        let (body, crc) = octets.split_last_chunk::<CRC_LEN>()?;
        let mut rest = body;
        let whole = crc32c::crc32c(body).to_be_bytes() == *crc;
        if !whole || take::<8>(&mut rest)? != *MAGIC {
            return None;
        }
        Some(Self {
            kid: take(&mut rest)?,
            salt: take(&mut rest)?,
            number: u64::from_be_bytes(take(&mut rest)?),
            first_seq: u64::from_be_bytes(take(&mut rest)?),
            frames_before: u64::from_be_bytes(take(&mut rest)?),
            created: u64::from_be_bytes(take(&mut rest)?),
            check: take(&mut rest)?,
        })
    }
}

fn put(rest: &mut &mut [u8], part: &[u8]) {
    if let Some((to, after)) = std::mem::take(rest).split_at_mut_checked(part.len()) {
        to.copy_from_slice(part);
        *rest = after;
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(*taken)
}

/// What stands at the beginning of some octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// A whole frame, whose sealed payload follows its [`FRAME_LEN`] octets.
    Frame {
        /// Its sequence.
        seq: u64,
        /// Octets of the frame in all.
        len: usize,
    },
    /// The beginning of a frame of so many octets in all.
    Short(usize),
    /// No frame.
    Bad,
}

/// Looks for a frame at the beginning of `octets`.
pub(super) fn frame(octets: &[u8]) -> Found {
    let mut rest = octets;
    let (Some(len), Some(crc), Some(seq)) =
        (take::<4>(&mut rest), take::<4>(&mut rest), take::<8>(&mut rest))
    else {
        return Found::Short(FRAME_LEN);
    };
    // A hole in a file after a power failure reads as zeros: an empty payload is never written.
    let Some(sealed) = usize::try_from(u32::from_be_bytes(len)).ok().filter(|len| *len > 0) else {
        return Found::Bad;
    };
    let total = FRAME_LEN.saturating_add(sealed);
    match rest.get(..sealed) {
        None => Found::Short(total),
        Some(sealed) if checksum(len, seq, sealed).to_be_bytes() == crc => {
            Found::Frame { seq: u64::from_be_bytes(seq), len: total }
        }
        Some(_) => Found::Bad,
    }
}

/// Writes the head of the frame that is `octets`, whose sealed payload already stands in its place; `false`
/// when it is too long or too short for a frame.
pub(super) fn finish(octets: &mut [u8], seq: u64) -> bool {
    let Some((head, sealed)) = octets.split_first_chunk_mut::<FRAME_LEN>() else { return false };
    let Ok(len) = u32::try_from(sealed.len()) else { return false };
    let (len, seq) = (len.to_be_bytes(), seq.to_be_bytes());
    let crc = checksum(len, seq, sealed).to_be_bytes();
    let mut rest = &mut head[..];
    for part in [&len[..], &crc, &seq] {
        put(&mut rest, part);
    }
    true
}

fn checksum(len: [u8; 4], seq: [u8; 8], sealed: &[u8]) -> u32 {
    let head = crc32c::crc32c_append(crc32c::crc32c(&len), &seq);
    crc32c::crc32c_append(head, sealed)
}

/// What a walk over the frames of a segment found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Walk {
    /// Octets of whole frames in order, from the first.
    pub(super) len: u64,
    /// Frames.
    pub(super) frames: u64,
    /// Frames with a sequence above the one asked for.
    pub(super) newer: u64,
    /// Sequence of the last frame.
    pub(super) last_seq: Option<u64>,
}

impl Walk {
    /// Goes on over `octets`, which follow what was walked so far; how many were used, and whether the next
    /// is no frame. A frame whose sequence does not rise is none.
    pub(super) fn over(&mut self, octets: &[u8], newer_than: u64) -> (usize, Found) {
        let mut used = 0_usize;
        loop {
            let rest = octets.get(used..).unwrap_or_default();
            match frame(rest) {
                Found::Frame { seq, len } if self.last_seq.is_none_or(|last| seq > last) => {
                    used = used.saturating_add(len);
                    self.len = self.len.saturating_add(u64::try_from(len).unwrap_or(u64::MAX));
                    self.frames = self.frames.saturating_add(1);
                    self.newer = self.newer.saturating_add(u64::from(seq > newer_than));
                    self.last_seq = Some(seq);
                }
                Found::Frame { .. } => return (used, Found::Bad),
                stop => return (used, stop),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn header() -> Header {
        Header {
            kid: *b"k1\0\0\0\0\0\0",
            salt: [7; SALT_LEN],
            number: 3,
            first_seq: 1000,
            frames_before: 900,
            created: 1_800_000_000,
            check: [9; CHECK_LEN],
        }
    }

    fn frames(payloads: &[Vec<u8>]) -> Vec<u8> {
        let mut out = Vec::new();
        for (payload, seq) in payloads.iter().zip(1..) {
            let mut octets = vec![0; FRAME_LEN];
            octets.extend(payload);
            assert!(finish(&mut octets, seq));
            out.extend(octets);
        }
        out
    }

    #[test]
    fn a_header_reads_back() {
        assert_eq!(Header::parse(&header().encode()), Some(header()));
    }

    #[test]
    fn zeros_are_no_frame() {
        assert_eq!(frame(&[0; 64]), Found::Bad);
        assert_eq!(frame(&[0; 3]), Found::Short(FRAME_LEN));
    }

    #[test]
    fn a_sequence_that_falls_back_ends_the_walk() {
        let one = frames(&[vec![1; 5]]);
        let mut walk = Walk::default();
        assert_eq!(walk.over(&[one.clone(), one.clone()].concat(), 0), (one.len(), Found::Bad));
    }

    proptest! {
        #[test]
        fn any_flipped_bit_of_a_header_shows(bit in 0..HEADER_LEN * 8) {
            let mut octets = header().encode();
            octets[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(Header::parse(&octets), None);
        }

        // What stands before the cut is found, and nothing behind it.
        #[test]
        fn a_cut_loses_only_its_frame(payloads in vec(vec(any::<u8>(), 1..50), 1..10), at in any::<prop::sample::Index>()) {
            let whole = frames(&payloads);
            let cut = at.index(whole.len() + 1);
            let mut walk = Walk::default();
            let (used, _) = walk.over(&whole[..cut], 0);
            let mut end = 0;
            let fit = payloads.iter().take_while(|p| { end += FRAME_LEN + p.len(); end <= cut }).count();
            prop_assert_eq!(walk.frames, u64::try_from(fit).unwrap());
            prop_assert_eq!(used, payloads[..fit].iter().map(|p| FRAME_LEN + p.len()).sum::<usize>());
        }

        // No flip makes a frame that was not written.
        #[test]
        fn a_flipped_bit_ends_the_walk_at_its_frame(payloads in vec(vec(any::<u8>(), 1..50), 1..10), at in any::<prop::sample::Index>()) {
            let mut octets = frames(&payloads);
            let bit = at.index(octets.len() * 8);
            octets[bit / 8] ^= 1 << (bit % 8);
            let mut walk = Walk::default();
            walk.over(&octets, 0);
            let mut end = 0;
            let before = payloads.iter().take_while(|p| { end += FRAME_LEN + p.len(); end <= bit / 8 }).count();
            prop_assert_eq!(walk.frames, u64::try_from(before).unwrap());
        }

        #[test]
        fn any_octets_are_walked(octets in vec(any::<u8>(), 0..400)) {
            let mut walk = Walk::default();
            let (used, _) = walk.over(&octets, 0);
            prop_assert!(used <= octets.len());
        }
    }
}
