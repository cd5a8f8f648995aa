//! An inventory as a file: `apitap-inventory 1`, a line end, JSON compressed with Zstandard.

use std::io::{self, Read, Write};

use super::{Inventory, Limits};

/// How such a file begins.
pub const MAGIC: &[u8] = b"apitap-inventory 1\n";
/// Most that is read, uncompressed, in bytes.
const BYTES_MAX: u64 = 4 << 30;

/// Why a file is no inventory.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// It begins otherwise.
    #[error("it is no inventory of this version")]
    Version,
    /// It cannot be read, or ends early.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// What it holds is none.
    #[error("it is damaged (line {line}, column {column})")]
    Damaged {
        /// Where.
        line: usize,
        /// Where in the line.
        column: usize,
    },
}

impl Inventory {
    /// Writes it down.
    ///
    /// # Errors
    ///
    /// When `out` cannot be written.
    pub fn save(&self, mut out: impl Write) -> Result<(), StateError> {
        out.write_all(MAGIC)?;
        let mut packed = zstd::Encoder::new(io::BufWriter::new(out), 1)?;
        serde_json::to_writer(&mut packed, self).map_err(|error| StateError::Io(error.into()))?;
        packed.finish()?.flush()?;
        Ok(())
    }

    /// Reads it back, within `limits`.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is none.
    pub fn load(mut input: impl Read, limits: Limits) -> Result<Self, StateError> {
        let mut magic = [0; MAGIC.len()];
        input.read_exact(&mut magic)?;
        if magic != MAGIC {
            return Err(StateError::Version);
        }
        let unpacked = zstd::Decoder::new(input)?.take(BYTES_MAX);
        let found: Self =
            serde_json::from_reader(io::BufReader::new(unpacked)).map_err(|error| {
                // What is wrong with it might be told with its text.
                StateError::Damaged { line: error.line(), column: error.column() }
            })?;
        let mut inventory = Self::new(limits);
        inventory.merge(&found);
        Ok(inventory)
    }
}
