//! Lines of a stream, of bounded length.

use std::io::{self, BufRead};

/// Why there is no next line.
#[derive(Debug, thiserror::Error)]
pub(super) enum LineError {
    /// The stream failed.
    #[error("{0}")]
    Read(#[from] io::Error),
    /// The stream ended inside a line.
    #[error("the stream ended inside a line")]
    Cut,
    /// The line is longer than accepted.
    #[error("a line is longer than {limit} bytes")]
    TooLong {
        /// Longest line accepted, in bytes.
        limit: usize,
    },
}

/// Cuts a stream at its newlines.
pub(super) struct Lines<R> {
    reader: R,
    line: Vec<u8>,
    limit: usize,
}

impl<R: BufRead> Lines<R> {
    /// Lines of at most `limit` octets, without their newline.
    pub(super) const fn new(reader: R, limit: usize) -> Self {
        Self { reader, line: Vec::new(), limit }
    }

    /// The next line; `None` at the end of the stream.
    ///
    /// # Errors
    ///
    /// Any [`LineError`] ends the stream: what follows is not in step any more.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>, LineError> {
        self.line.clear();
        loop {
            let piece = match self.reader.fill_buf() {
                Ok(piece) => piece,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            if piece.is_empty() {
                return if self.line.is_empty() { Ok(None) } else { Err(LineError::Cut) };
            }
            let (part, used) = match memchr::memchr(b'\n', piece) {
                Some(at) => (piece.get(..at).unwrap_or_default(), at.saturating_add(1)),
                None => (piece, piece.len()),
            };
            let whole = used > part.len();
            if self.line.len().saturating_add(part.len()) > self.limit {
                return Err(LineError::TooLong { limit: self.limit });
            }
            self.line.extend_from_slice(part);
            self.reader.consume(used);
            if whole {
                return Ok(Some(&self.line));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8], piece: usize, limit: usize) -> (Vec<Vec<u8>>, Option<LineError>) {
        let mut lines = Lines::new(BufReader::with_capacity(piece, bytes), limit);
        let mut all = Vec::new();
        loop {
            match lines.next() {
                Ok(Some(line)) => all.push(line.to_vec()),
                Ok(None) => return (all, None),
                Err(error) => return (all, Some(error)),
            }
        }
    }

    #[test]
    fn a_line_is_cut_off_or_too_long() {
        let (lines, error) = read(b"one\ntwo", 2, 10);
        assert_eq!(lines, [b"one"]);
        assert!(matches!(error, Some(LineError::Cut)));
        let (lines, error) = read(b"1234\n12345\n", 3, 4);
        assert_eq!(lines, [b"1234"]);
        assert!(matches!(error, Some(LineError::TooLong { limit: 4 })));
    }

    proptest! {
        #[test]
        fn buffers_change_no_line(
            sent in prop::collection::vec("[a-z]{0,20}", 0..8),
            piece in 1..32_usize,
        ) {
            let wire: String = sent.iter().map(|line| format!("{line}\n")).collect();
            let (lines, error) = read(wire.as_bytes(), piece, 20);
            prop_assert!(error.is_none());
            let want: Vec<Vec<u8>> = sent.iter().map(|line| line.clone().into_bytes()).collect();
            prop_assert_eq!(lines, want);
        }
    }
}
