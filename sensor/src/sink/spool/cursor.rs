//! The cursor: up to which sequence everything is acknowledged, kept in a small file.
//!
//! Two slots, a page apart, are written in turn and in place: a torn write spoils the older value at most, and a
//! full disk does not matter, as nothing is allocated. A slot is `magic 8 | turn u64 | sequence u64 | crc32c u32`.
//! Losing the cursor loses no record: segments that are there are then sent again.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

const MAGIC: &[u8; 8] = b"apitapC1";
const SLOT_LEN: usize = 28;
const SLOTS: [u64; 2] = [0, 4096];

/// An open cursor file.
pub(super) struct Cursor {
    file: File,
    /// Writes so far: the slot with the higher turn is the newer.
    turn: u64,
    seq: u64,
}

impl Cursor {
    /// Opens or makes the file at `path`.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let file = file.open(path)?;
        let [_, last] = SLOTS;
        let end = last.saturating_add(SLOT_LEN as u64);
        if file.metadata()?.len() < end {
            // Both slots take their place on the disk now, while there is some.
            for offset in SLOTS {
                let mut slot = [0; SLOT_LEN];
                let there = file.read_exact_at(&mut slot, offset).is_ok();
                file.write_all_at(if there { &slot } else { &[0; SLOT_LEN] }, offset)?;
            }
            file.sync_all()?;
        }
        let slots = SLOTS.iter().filter_map(|offset| {
            let mut slot = [0; SLOT_LEN];
            file.read_exact_at(&mut slot, *offset).ok()?;
            parse(&slot)
        });
        let (turn, seq) = slots.max().unwrap_or_default();
        Ok(Self { file, turn, seq })
    }

    /// The sequence up to which all is acknowledged; 0 for none.
    pub(super) const fn seq(&self) -> u64 {
        self.seq
    }

    /// Puts `seq` on the disk; it is there when this returns.
    pub(super) fn store(&mut self, seq: u64) -> io::Result<()> {
        let turn = self.turn.saturating_add(1);
        let [even, odd] = SLOTS;
        let offset = if turn.is_multiple_of(2) { even } else { odd };
        self.file.write_all_at(&slot(turn, seq), offset)?;
        self.file.sync_data()?;
        (self.turn, self.seq) = (turn, seq);
        Ok(())
    }
}

fn slot(turn: u64, seq: u64) -> [u8; SLOT_LEN] {
    let body = [&MAGIC[..], &turn.to_be_bytes(), &seq.to_be_bytes()].concat();
    let crc = crc32c::crc32c(&body).to_be_bytes();
    let mut slot = [0; SLOT_LEN];
    slot.iter_mut().zip(body.iter().chain(&crc)).for_each(|(to, octet)| *to = *octet);
    slot
}

/// Turn and sequence.
fn parse(slot: &[u8; SLOT_LEN]) -> Option<(u64, u64)> {
    let (body, crc) = slot.split_last_chunk::<4>()?;
    let (magic, body) = body.split_first_chunk::<8>()?;
    let (turn, body) = body.split_first_chunk::<8>()?;
    let seq = u64::from_be_bytes(*body.first_chunk::<8>()?);
    let turn = u64::from_be_bytes(*turn);
    let whole = magic == MAGIC && slot_crc(slot) == u32::from_be_bytes(*crc);
    whole.then_some((turn, seq))
}

fn slot_crc(slot: &[u8; SLOT_LEN]) -> u32 {
    slot.split_last_chunk::<4>().map_or(0, |(body, _)| crc32c::crc32c(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_stays() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("cursor");
        assert_eq!(Cursor::open(&path).unwrap().seq(), 0);
        for seq in [3, 9, 27] {
            Cursor::open(&path).unwrap().store(seq).unwrap();
            assert_eq!(Cursor::open(&path).unwrap().seq(), seq);
        }
        let mut cursor = Cursor::open(&path).unwrap();
        cursor.store(81).unwrap();
        cursor.store(243).unwrap();
        assert_eq!(Cursor::open(&path).unwrap().seq(), 243);
    }

    // Whichever octet of a write is lost, the value before it is still there.
    #[test]
    fn a_torn_write_leaves_the_value_before() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("cursor");
        for lost in 0..SLOT_LEN {
            let mut cursor = Cursor::open(&path).unwrap();
            cursor.store(5).unwrap();
            cursor.store(6).unwrap();
            let newest = if cursor.turn.is_multiple_of(2) { 0 } else { 4096 };
            let mut octets = std::fs::read(&path).unwrap();
            octets[newest + lost] ^= 0x40;
            std::fs::write(&path, octets).unwrap();
            assert_eq!(Cursor::open(&path).unwrap().seq(), 5);
        }
    }

    #[test]
    fn any_file_can_be_a_cursor() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("cursor");
        for content in [&b""[..], b"apitapC1", &[0xff; 5000]] {
            std::fs::write(&path, content).unwrap();
            assert_eq!(Cursor::open(&path).unwrap().seq(), 0);
        }
    }
}
