//! HPACK: header blocks of one direction, decoded in order, from any point of a connection.
//!
//! Source: [RFC 7541](https://www.rfc-editor.org/rfc/rfc7541).
//!
//! Invariants:
//! - A field is told only if it is exactly what the encoder meant. What refers to the table from before the join,
//!   or from before a block that was lost, is counted as unknown (see [`table`]).
//! - A block is decoded to its end for its insertions, however little of it is told.

mod huffman;
mod integer;
mod statics;
mod table;

pub(in crate::http) use table::Budget;

use zeroize::Zeroizing;

use self::table::{Found, Table};
use crate::wipe::{wipe, wipe_from};

/// Why a block cannot be decoded. The encoder's table is unknown from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HpackError {
    /// The block ends inside a field.
    Cut,
    /// An integer is too long (§5.1).
    Integer,
    /// Huffman coding is broken (§5.2).
    Huffman,
    /// An index refers to nothing (§2.3.3).
    Index,
    /// A size update stands behind a field (§4.2).
    Update,
}

/// Largest buffer kept for the next block, in bytes.
pub(super) const KEPT_MAX: usize = 16 << 10;

/// Fields decoded, in one piece of memory that is used again.
///
/// No `Debug`: it holds raw traffic.
#[derive(Default)]
pub(super) struct Fields {
    text: Zeroizing<Vec<u8>>,
    /// Ends of name and value in `text`.
    ends: Vec<(usize, usize)>,
    /// Fields that were not told because they refer to what is not known.
    pub(super) unknown: u32,
    /// Whether the very first field is one of them.
    pub(super) first_unknown: bool,
    /// Whether fields were left out because of the limits.
    pub(super) cut: bool,
}

/// Limits on what is told of one block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Bytes of names and values.
    pub(super) bytes_max: usize,
    /// Fields.
    pub(super) fields_max: usize,
}

impl Fields {
    /// Names and values in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let mut start = 0;
        self.ends.iter().map(move |&(name, value)| {
            let field = (self.text.get(start..name), self.text.get(name..value));
            start = value;
            (field.0.unwrap_or_default(), field.1.unwrap_or_default())
        })
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Octets that it holds, and that it has room for.
    #[cfg(test)]
    pub(super) fn held(&self) -> [usize; 2] {
        [self.text.len(), self.text.capacity()]
    }

    /// Forgets all fields.
    pub(super) fn clear(&mut self) {
        if self.text.capacity() > KEPT_MAX {
            self.text = Zeroizing::default();
        }
        wipe(&mut self.text);
        self.ends.clear();
        (self.unknown, self.first_unknown, self.cut) = (0, false, false);
    }

    /// Ends the field that begins at `start` and has its value at `value`, or takes it back.
    fn end(&mut self, start: usize, value: usize, tell: bool, limits: Limits) {
        if !tell {
            self.first_unknown |= self.ends.is_empty() && self.unknown == 0;
            self.unknown = self.unknown.saturating_add(1);
            wipe_from(&mut self.text, start);
        } else if self.text.len() > limits.bytes_max || self.ends.len() >= limits.fields_max {
            self.cut = true;
            wipe_from(&mut self.text, start);
        } else {
            self.ends.push((value, self.text.len()));
        }
    }
}

/// Decodes the header blocks of one direction.
///
/// No `Debug`: it holds raw traffic.
pub(super) struct Decoder {
    table: Table,
}

/// What to do with the table after a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Index {
    Add,
    Leave,
}

impl Decoder {
    /// A decoder; `whole` when no block was missed.
    pub(super) fn new(whole: bool) -> Self {
        Self { table: Table::new(whole) }
    }

    /// A block, or more, was lost.
    pub(super) fn lose(&mut self, budget: &mut Budget<'_>) {
        self.table.lose(budget);
    }

    /// Gives back the memory of the table.
    pub(super) fn release(&mut self, budget: &mut Budget<'_>) {
        self.table.clear(budget);
    }

    /// Decodes a block into `out`, which is cleared before. On an error `out` holds what came before it.
    ///
    /// # Errors
    ///
    /// Any [`HpackError`]; the table is unknown then.
    pub(super) fn decode(
        &mut self,
        mut block: &[u8],
        out: &mut Fields,
        limits: Limits,
        budget: &mut Budget<'_>,
    ) -> Result<(), HpackError> {
        out.clear();
        let mut begun = false;
        while let Some((&first, rest)) = block.split_first() {
            block = rest;
            let step = if first & 0xe0 == 0x20 {
                self.update(first, &mut block, begun, budget)
            } else {
                begun = true;
                self.field(first, &mut block, out, limits, budget)
            };
            if let Err(error) = step {
                self.table.lose(budget);
                return Err(error);
            }
        }
        Ok(())
    }

    /// A size update (§6.3): only before the first field.
    fn update(
        &mut self,
        first: u8,
        block: &mut &[u8],
        begun: bool,
        budget: &mut Budget<'_>,
    ) -> Result<(), HpackError> {
        let limit = integer::read(first, 5, block)?;
        if begun {
            return Err(HpackError::Update);
        }
        self.table.resize(limit, budget);
        Ok(())
    }

    fn field(
        &mut self,
        first: u8,
        block: &mut &[u8],
        out: &mut Fields,
        limits: Limits,
        budget: &mut Budget<'_>,
    ) -> Result<(), HpackError> {
        let start = out.text.len();
        if first & 0x80 != 0 {
            // Indexed (§6.1).
            let index = integer::read(first, 7, block)?;
            let Found::Entry { name, value } = self.look(index)? else {
                return Err(HpackError::Index);
            };
            out.text.extend_from_slice(name.unwrap_or_default());
            let middle = out.text.len();
            out.text.extend_from_slice(value.unwrap_or_default());
            out.end(start, middle, name.is_some() && value.is_some(), limits);
            return Ok(());
        }
        // Literal, with the name indexed or literal (§6.2).
        let (bits, how) = if first & 0x40 != 0 { (6, Index::Add) } else { (4, Index::Leave) };
        let index = integer::read(first, bits, block)?;
        let named = if index == 0 {
            string(block, &mut out.text)?;
            true
        } else {
            let Found::Entry { name, .. } = self.look(index)? else {
                return Err(HpackError::Index);
            };
            out.text.extend_from_slice(name.unwrap_or_default());
            name.is_some()
        };
        let middle = out.text.len();
        string(block, &mut out.text)?;
        if how == Index::Add {
            let text = out.text.get(start..).unwrap_or_default();
            let (name, value) =
                text.split_at_checked(middle.saturating_sub(start)).unwrap_or_default();
            self.table.insert(named.then_some(name), Some(value), budget);
        }
        out.end(start, middle, named, limits);
        Ok(())
    }

    fn look(&self, index: usize) -> Result<Found<'_>, HpackError> {
        let index = index.checked_sub(1).ok_or(HpackError::Index)?;
        if let Some(&(name, value)) = statics::ENTRIES.get(index) {
            return Ok(Found::Entry { name: Some(name), value: Some(value) });
        }
        Ok(self.table.get(index.saturating_sub(statics::ENTRIES.len())))
    }
}

/// Appends a string literal (§5.2) to `out`.
fn string(block: &mut &[u8], out: &mut Vec<u8>) -> Result<(), HpackError> {
    let (&first, rest) = block.split_first().ok_or(HpackError::Cut)?;
    *block = rest;
    let len = integer::read(first, 7, block)?;
    let (text, rest) = block.split_at_checked(len).ok_or(HpackError::Cut)?;
    *block = rest;
    if first & 0x80 != 0 {
        return huffman::decode(text, out);
    }
    out.extend_from_slice(text);
    Ok(())
}

/// Whether a block is well-formed as far as can be told without a table, and begins with a pseudo-header field or
/// with what may be one.
pub(super) fn is_plausible(mut block: &[u8]) -> bool {
    let mut first_field = true;
    let mut scratch = Vec::new();
    while let Some((&first, rest)) = block.split_first() {
        block = rest;
        let (bits, literal) = match first {
            0x80.. => (7, false),
            0x40..=0x7f => (6, true),
            0x20..=0x3f => (5, false),
            0x00..=0x1f => (4, true),
        };
        let Ok(index) = integer::read(first, bits, &mut block) else { return false };
        if bits == 5 {
            continue;
        }
        // No table that is seen holds thousands of entries.
        if !literal && index == 0 || index > 4096 {
            return false;
        }
        scratch.clear();
        if literal && index == 0 && string(&mut block, &mut scratch).is_err() {
            return false;
        }
        let name = match index {
            0 => scratch.as_slice(),
            _ => statics::ENTRIES.get(index.saturating_sub(1)).map_or(&b":"[..], |entry| entry.0),
        };
        if first_field && !name.starts_with(b":")
            || name.is_empty()
            || !name.iter().all(|b| b.is_ascii_graphic())
        {
            return false;
        }
        first_field = false;
        scratch.clear();
        if literal && string(&mut block, &mut scratch).is_err() {
            return false;
        }
    }
    !first_field
}

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
