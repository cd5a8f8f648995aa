//! The chunked transfer coding.
//!
//! Source: [RFC 9112 §7.1](https://www.rfc-editor.org/rfc/rfc9112#section-7.1).
//!
//! Invariant: cutting the input anywhere changes nothing.

use super::super::Flags;

/// Longest chunk-size line, extensions included, in bytes.
const LINE_MAX: u32 = 16 << 10;

/// Where in a chunked body the stream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chunk {
    /// In a chunk-size line.
    Size { size: u64, digits: bool, part: Part, line: u32 },
    /// In a chunk's data, so many bytes before its end.
    Data { left: u64 },
    /// In the line end behind a chunk's data.
    DataEnd { cr: bool },
    /// In the trailer section.
    Trailer,
    /// Behind a loss that may have hidden sizes: the next chunk is looked for.
    Lost,
}

/// Part of a chunk-size line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The size.
    Digits,
    /// Whitespace behind it.
    Space,
    /// An extension.
    Extension,
    /// A CR was the last byte.
    Cr,
}

/// What a step found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// All input is used.
    More,
    /// So many bytes of data are next.
    Data(usize),
    /// The last chunk was passed: trailer fields, if any, and an empty line are next.
    Trailer,
    /// This is no chunk.
    Bad,
}

impl Chunk {
    /// At the first byte of a body.
    pub(super) const START: Self =
        Self::Size { size: 0, digits: false, part: Part::Digits, line: 0 };

    /// Goes on to the next data or the trailers; tells how many bytes that took. Data itself is taken by [`Self::take`].
    pub(super) fn step(&mut self, bytes: &[u8], flags: &mut Flags) -> (usize, Step) {
        let mut used = 0_usize;
        loop {
            let left = match *self {
                Self::Data { left } => left,
                Self::Trailer => return (used, Step::Trailer),
                Self::Lost => return (bytes.len(), Step::More),
                Self::Size { .. } | Self::DataEnd { .. } => 0,
            };
            let rest = bytes.get(used..).unwrap_or_default();
            let Some(&byte) = rest.first() else { return (used, Step::More) };
            if left > 0 {
                let len = usize::try_from(left).unwrap_or(usize::MAX).min(rest.len());
                return (used, Step::Data(len));
            }
            match self.byte(byte, flags) {
                Some(next) => *self = next,
                None => return (used, Step::Bad),
            }
            used = used.saturating_add(1);
        }
    }

    /// Passes over `len` bytes of data; `false` when that is more than the chunk has left.
    pub(super) fn take(&mut self, len: u64) -> bool {
        let Self::Data { left } = self else { return false };
        let Some(rest) = left.checked_sub(len) else { return false };
        *self = if rest == 0 { Self::DataEnd { cr: false } } else { Self::Data { left: rest } };
        true
    }

    /// The state behind one byte of a size line or a line end.
    fn byte(self, byte: u8, flags: &mut Flags) -> Option<Self> {
        match (self, byte) {
            (Self::DataEnd { cr: false }, b'\r') => Some(Self::DataEnd { cr: true }),
            (Self::DataEnd { cr }, b'\n') => {
                if !cr {
                    flags.insert(Flags::BARE_LF);
                }
                Some(Self::START)
            }
            (Self::Size { size, digits, part, line }, _) => {
                size_byte(size, digits, part, line, byte, flags)
            }
            _ => None,
        }
    }
}

/// Whether a segment begins with a chunk of a stream of events, or with the last chunk: peers send each event in a
/// chunk of its own.
pub(super) fn begins_event(bytes: &[u8]) -> bool {
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let (size, rest) = bytes.split_at_checked(digits).unwrap_or_default();
    let (Some(data), 1..=6) = (rest.strip_prefix(b"\r\n"), digits) else { return false };
    let size = std::str::from_utf8(size).ok().and_then(|size| usize::from_str_radix(size, 16).ok());
    let Some(size) = size else { return false };
    if size == 0 {
        return data == b"\r\n";
    }
    let field: [&[u8]; 5] = [b"data:", b"event:", b"id:", b"retry:", b":"];
    let named = field.iter().any(|name| data.starts_with(name));
    let behind = data.get(size..).unwrap_or_default();
    named && (behind.is_empty() || b"\r\n".starts_with(behind) || behind.starts_with(b"\r\n"))
}

fn size_byte(
    size: u64,
    digits: bool,
    part: Part,
    line: u32,
    byte: u8,
    flags: &mut Flags,
) -> Option<Chunk> {
    if line >= LINE_MAX {
        return None;
    }
    let line = line.saturating_add(1);
    let go = |part| Some(Chunk::Size { size, digits, part, line });
    match (part, byte) {
        (_, b'\n') if digits => {
            if part != Part::Cr {
                flags.insert(Flags::BARE_LF);
            }
            Some(if size == 0 { Chunk::Trailer } else { Chunk::Data { left: size } })
        }
        (Part::Digits, _) if byte.is_ascii_hexdigit() => {
            // `to_digit` of a hexadecimal digit is below 16.
            let digit = u64::from(char::from(byte).to_digit(16)?);
            let size = size.checked_mul(16)?.checked_add(digit)?;
            Some(Chunk::Size { size, digits: true, part, line })
        }
        // Leading whitespace is not in the grammar, but read by lenient peers.
        (Part::Digits, b' ' | b'\t') if !digits => {
            flags.insert(Flags::CHUNK_BAD);
            go(Part::Digits)
        }
        (_, _) if !digits => None,
        (Part::Digits | Part::Space, b' ' | b'\t') => go(Part::Space),
        (Part::Digits | Part::Space, b';') => {
            flags.insert(Flags::CHUNK_EXT);
            go(Part::Extension)
        }
        (Part::Digits | Part::Space | Part::Extension, b'\r') => go(Part::Cr),
        (Part::Extension, _) => go(Part::Extension),
        (Part::Digits | Part::Space | Part::Cr, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(pieces: &[&[u8]]) -> (Vec<u8>, Flags, bool, bool) {
        let (mut chunk, mut flags, mut out) = (Chunk::START, Flags::default(), Vec::new());
        for mut bytes in pieces.iter().copied() {
            loop {
                let (used, step) = chunk.step(bytes, &mut flags);
                bytes = &bytes[used..];
                match step {
                    Step::More => break,
                    Step::Data(len) => {
                        out.extend_from_slice(&bytes[..len]);
                        assert!(chunk.take(len as u64));
                        bytes = &bytes[len..];
                    }
                    Step::Trailer => return (out, flags, true, false),
                    Step::Bad => return (out, flags, false, true),
                }
            }
        }
        (out, flags, false, false)
    }

    #[test]
    fn rfc9112_7_1_chunks_wherever_they_are_cut() {
        let body = b"5\r\nHello\r\n00A;x=\"y\"\r\n, world!!!\r\n0\r\n";
        for cut in 0..body.len() {
            let (out, flags, ended, bad) = decode(&[&body[..cut], &body[cut..]]);
            assert_eq!(
                (out.as_slice(), flags, ended, bad),
                (&b"Hello, world!!!"[..], Flags::CHUNK_EXT, true, false)
            );
        }
    }

    #[test]
    fn rfc9112_7_1_bad_sizes() {
        for bad in [
            &b"x\r\n"[..],
            b"\r\n",
            b"5\r\nHello6\r\n",
            b"-1\r\n",
            b"0x5\r\n",
            b"10000000000000000\r\n",
            b"5 5\r\n",
        ] {
            assert!(decode(&[bad]).3, "{}", bad.escape_ascii());
        }
        assert!(!decode(&[b"FFFFFFFFFFFFFFFF\r\n"]).3);
        assert!(decode(&[&[b'0'; 20_000]]).3);
    }

    #[test]
    fn bare_lf_is_read_and_flagged() {
        let (out, flags, ended, _) = decode(&[b"1\na\n0\n"]);
        assert_eq!((out.as_slice(), flags, ended), (&b"a"[..], Flags::BARE_LF, true));
    }
}
