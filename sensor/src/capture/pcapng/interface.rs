//! Interfaces of a pcapng file: names, link types, clocks.

use super::options::options;
use crate::capture::LinkType;
use crate::time::Timestamp;

/// Longest interface name kept, in characters.
const NAME_CHARS_MAX: usize = 64;

const NANOS: u64 = 1_000_000_000;

/// An interface as the file describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Its name (`if_name`), at most 64 printable characters; empty when the file does not say.
    pub name: String,
    /// What its packets begin with.
    pub link: LinkType,
}

/// All interfaces of a file, and those of the current section by their local index.
#[derive(Default)]
pub(super) struct Interfaces {
    known: Vec<Interface>,
    /// For each local index, the id it last stood for.
    ids: Vec<u32>,
    section: Vec<Slot>,
}

/// What is needed of an interface for each of its packets.
pub(super) struct Slot {
    /// Index into the interfaces of the file.
    pub(super) id: u32,
    pub(super) link: LinkType,
    /// Longest capture, in bytes; 0 for no limit.
    pub(super) snap_len: u32,
    name: String,
    unit: Unit,
    offset_seconds: i64,
}

/// Length of one tick of a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// This many nanoseconds.
    Nanos(u64),
    /// A nanosecond divided by this.
    Fraction(u64),
    /// 2^-n seconds.
    Binary(u32),
}

impl Interfaces {
    /// Most interfaces of one file, and of one section.
    pub(super) const MAX: usize = 65_536;

    pub(super) fn known(&self) -> &[Interface] {
        &self.known
    }

    pub(super) fn start_section(&mut self) {
        self.section.clear();
    }

    #[inline]
    pub(super) fn slot(&self, local: u32) -> Option<&Slot> {
        self.section.get(usize::try_from(local).ok()?)
    }

    /// Adds the section's next interface; `false` when there are too many.
    pub(super) fn add(&mut self, mut slot: Slot) -> bool {
        let local = self.section.len();
        let same = |id: &u32| {
            let at = usize::try_from(*id).unwrap_or(usize::MAX);
            self.known
                .get(at)
                .is_some_and(|known| known.link == slot.link && known.name == slot.name)
        };
        if let Some(&id) = self.ids.get(local).filter(|id| same(id)) {
            slot.id = id;
            slot.name = String::new();
        } else {
            if self.known.len() >= Self::MAX || local >= Self::MAX {
                return false;
            }
            slot.id = u32::try_from(self.known.len()).unwrap_or(u32::MAX);
            self.known.push(Interface { name: std::mem::take(&mut slot.name), link: slot.link });
            match self.ids.get_mut(local) {
                Some(id) => *id = slot.id,
                None => self.ids.push(slot.id),
            }
        }
        self.section.push(slot);
        true
    }
}

impl Slot {
    /// Reads the options of an interface description.
    ///
    /// Source: draft-ietf-opsawg-pcapng §4.2.
    pub(super) fn new(link: LinkType, snap_len: u32, bytes: &[u8], big_endian: bool) -> Self {
        let mut slot = Self {
            id: 0,
            link,
            snap_len,
            name: String::new(),
            unit: Unit::MICROS,
            offset_seconds: 0,
        };
        for (code, value) in options(bytes, big_endian) {
            match (code, value) {
                (2, name) => slot.name = printable(name),
                (9, &[resolution, ..]) => slot.unit = Unit::new(resolution),
                (14, &[a, b, c, d, e, f, g, h]) => {
                    let seconds = [a, b, c, d, e, f, g, h];
                    slot.offset_seconds = if big_endian {
                        i64::from_be_bytes(seconds)
                    } else {
                        i64::from_le_bytes(seconds)
                    };
                }
                _ => {}
            }
        }
        slot
    }

    /// Time of a packet stamped `ticks`.
    #[inline]
    pub(super) fn time(&self, ticks: u64) -> Timestamp {
        let nanos = self.unit.nanos(ticks);
        let shift = self.offset_seconds.unsigned_abs().saturating_mul(NANOS);
        Timestamp::from_nanos(if self.offset_seconds < 0 {
            nanos.saturating_sub(shift)
        } else {
            nanos.saturating_add(shift)
        })
    }
}

impl Unit {
    const MICROS: Self = Self::Nanos(1000);

    /// Meaning of `if_tsresol`: 10^-n seconds, or 2^-n with the top bit set.
    fn new(resolution: u8) -> Self {
        let n = u32::from(resolution & 0x7f);
        if resolution & 0x80 != 0 {
            Self::Binary(n)
        } else if n <= 9 {
            Self::Nanos(10_u64.saturating_pow(9_u32.saturating_sub(n)))
        } else {
            // Saturates for 10^-29 and finer: no such clock counts up to a nanosecond in 64 bits.
            Self::Fraction(10_u64.saturating_pow(n.saturating_sub(9)))
        }
    }

    #[inline]
    fn nanos(self, ticks: u64) -> u64 {
        match self {
            Self::Nanos(n) => ticks.saturating_mul(n),
            Self::Fraction(n) => ticks.checked_div(n).unwrap_or(0),
            // The product is below 2^94.
            Self::Binary(n) => {
                let nanos = u128::from(ticks).saturating_mul(NANOS.into()) >> n;
                u64::try_from(nanos).unwrap_or(u64::MAX)
            }
        }
    }
}

/// At most [`NAME_CHARS_MAX`] characters of `bytes`, none of them a control character.
fn printable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.chars().filter(|c| !c.is_control()).take(NAME_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks() {
        // §4.2: "6" is microseconds, "0x83" is eighths of a second.
        assert_eq!(Unit::new(6), Unit::MICROS);
        assert_eq!(Unit::new(9).nanos(7), 7);
        assert_eq!(Unit::new(0).nanos(2), 2 * NANOS);
        assert_eq!(Unit::new(12).nanos(7_999), 7);
        assert_eq!(Unit::new(127).nanos(7), 0);
        assert_eq!(Unit::new(0x83).nanos(9), NANOS * 9 / 8);
        assert_eq!(Unit::new(0x80 + 32).nanos(3 << 31), NANOS * 3 / 2);
        assert_eq!(Unit::new(0x80).nanos(u64::MAX), u64::MAX);
        assert_eq!(Unit::new(0xff).nanos(u64::MAX), 0);
    }

    #[test]
    fn offsets() {
        let mut slot = Slot::new(LinkType::ETHERNET, 0, &[], true);
        slot.offset_seconds = -1;
        assert_eq!(slot.time(1_500_000).nanos(), NANOS / 2);
        assert_eq!(slot.time(0), Timestamp::ZERO);
        slot.offset_seconds = i64::MAX;
        assert_eq!(slot.time(1).nanos(), u64::MAX);
    }

    #[test]
    fn sections_share_interfaces() {
        let mut all = Interfaces::default();
        let named = |name: &str| {
            let mut slot = Slot::new(LinkType::ETHERNET, 0, &[], true);
            slot.name = name.to_owned();
            slot
        };
        assert!(all.add(named("a")) && all.add(named("b")));
        all.start_section();
        assert!(all.slot(0).is_none());
        assert!(all.add(named("a")) && all.add(named("c")));
        assert_eq!((0..2).map(|i| all.slot(i).unwrap().id).collect::<Vec<_>>(), [0, 2]);
        assert_eq!(all.known().len(), 3);
    }

    #[test]
    fn names_are_tame() {
        assert_eq!(printable(b"eth\x1b0\n"), "eth0");
        assert_eq!(printable(&[0xff; 100]).chars().count(), 64);
    }
}
