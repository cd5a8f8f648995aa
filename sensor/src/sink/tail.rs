//! The end of a file of records that an earlier run wrote.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::os::unix::fs::FileExt as _;

/// How records stand in a file.
#[derive(Clone, Copy)]
pub(super) enum Records {
    /// Each ends with a line.
    Lines,
    /// Each behind its length: [`protobuf`](super::protobuf).
    Delimited,
}

/// What every encoded record begins with: its field 1, the id.
const FIRST: u8 = 0x0a;
/// Larger is no record, in bytes.
const SIZE_MAX: u64 = 64 << 20;

impl Records {
    /// Where the last whole record ends: what is behind it a crash or a power failure left.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or has something else in it.
    pub(super) fn end(self, file: &File) -> io::Result<u64> {
        let len = file.metadata()?.len();
        match self {
            Self::Lines => last_line(file, len),
            Self::Delimited => last_delimited(file, len),
        }
    }
}

fn last_line(file: &File, len: u64) -> io::Result<u64> {
    let mut chunk = [0; 4096];
    let mut end = len;
    while end > 0 {
        let start = end.saturating_sub(4096);
        let size = usize::try_from(end.saturating_sub(start)).unwrap_or_default();
        let chunk = chunk.get_mut(..size).unwrap_or_default();
        file.read_exact_at(chunk, start)?;
        if let Some(at) = chunk.iter().rposition(|octet| *octet == b'\n') {
            let behind = u64::try_from(at).unwrap_or_default().saturating_add(1);
            return Ok(start.saturating_add(behind));
        }
        end = start;
    }
    Ok(0)
}

fn last_delimited(file: &File, len: u64) -> io::Result<u64> {
    let mut reader = BufReader::with_capacity(64 * 1024, file);
    let mut end = 0_u64;
    loop {
        let Some((head, size)) = length(&mut reader)? else { return Ok(end) };
        if size == 0 {
            // Blocks that a power failure left empty.
            return if is_zero(reader)? { Ok(end) } else { Err(foreign(end)) };
        }
        let next = end.saturating_add(head).saturating_add(size);
        // Only what can be a record is one of which the rest is missing.
        if size > SIZE_MAX || reader.fill_buf()?.first().is_some_and(|first| *first != FIRST) {
            return Err(foreign(end));
        }
        if next > len {
            return Ok(end);
        }
        reader.seek_relative(size.try_into().unwrap_or(i64::MAX))?;
        end = next;
    }
}

/// The octets of a length, and the length; `None` at the end of the file.
fn length(reader: &mut impl io::BufRead) -> io::Result<Option<(u64, u64)>> {
    let mut size = 0_u64;
    for octets in 1..=10_u32 {
        let Some(&octet) = reader.fill_buf()?.first() else { return Ok(None) };
        reader.consume(1);
        let shift = octets.saturating_sub(1).saturating_mul(7);
        size |= u64::from(octet & 0x7f).checked_shl(shift).unwrap_or_default();
        if octet < 0x80 {
            return Ok(Some((octets.into(), size)));
        }
    }
    // No length is that long.
    Ok(Some((10, u64::MAX)))
}

fn is_zero(mut reader: impl io::BufRead) -> io::Result<bool> {
    loop {
        let chunk = reader.fill_buf()?;
        if chunk.is_empty() || chunk.iter().any(|octet| *octet != 0) {
            return Ok(chunk.is_empty());
        }
        let size = chunk.len();
        reader.consume(size);
    }
}

fn foreign(end: u64) -> io::Error {
    io::Error::other(format!("no record at byte {end}; move the file away"))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn end(records: Records, octets: &[u8]) -> Result<u64, String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(octets).unwrap();
        records.end(&file.reopen().unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn half_a_line_is_none() {
        let long = [&b"{}\n"[..], &[b'x'; 10_000]].concat();
        for (octets, want) in
            [(&b""[..], 0), (b"{}\n", 3), (b"{}\n{\"a", 3), (b"{", 0), (&long, 3), (b"a\n\0\0", 2)]
        {
            assert_eq!(end(Records::Lines, octets), Ok(want));
        }
    }

    #[test]
    fn half_a_record_is_none() {
        let record = [&[0xAC, 2, FIRST][..], &[7; 299]].concat();
        let two = record.repeat(2);
        for cut in 303..two.len() {
            assert_eq!(end(Records::Delimited, &two[..cut]), Ok(302), "{cut}");
        }
        assert_eq!(end(Records::Delimited, &two), Ok(604));
        assert_eq!(end(Records::Delimited, b""), Ok(0));
        let zeros = |after: &[u8]| [&two[..], &[0; 100_000], after].concat();
        assert_eq!(end(Records::Delimited, &zeros(b"")), Ok(604));
        let foreign = Err::<u64, _>("no record at byte 604; move the file away".to_owned());
        assert_eq!(end(Records::Delimited, &zeros(b"x")), foreign);
        assert_eq!(end(Records::Delimited, &[&two[..], b"\x01x"].concat()), foreign);
        assert_eq!(end(Records::Delimited, &[&two[..], b"\x7fx"].concat()), foreign);
        assert_eq!(end(Records::Delimited, &[&two[..], &[0xff; 12]].concat()), foreign);
        assert!(end(Records::Delimited, &b"{\"id\":1}\n".repeat(50)).is_err());
    }
}
