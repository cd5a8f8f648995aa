//! Seeded damage to captures: what mirrors, switches and late starts do to traffic.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use crate::pcap::{Capture, Packet};
use crate::{records, run};

/// A small deterministic generator (xorshift64*).
pub struct Random(u64);

impl Random {
    /// A generator that always gives the same numbers for the same seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// The next number, evenly from 0 to `below - 1`.
    pub fn below(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) % below.max(1)
    }

    /// Whether something that happens `per_mille` times in a thousand happens now.
    pub fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }
}

/// A damaged capture, with what is left of each original packet.
pub struct Damaged {
    /// The capture.
    pub capture: Capture,
    /// By original index: how many bytes of the packet are left; `None` if it is gone.
    pub left: Vec<Option<usize>>,
}

impl Damaged {
    /// Keeps the packets for which `keep` says so.
    pub fn keep(original: &Capture, mut keep: impl FnMut(usize, &Packet) -> bool) -> Self {
        let mut capture = Capture { link: original.link, packets: Vec::new() };
        let mut left = Vec::with_capacity(original.packets.len());
        for (i, packet) in original.packets.iter().enumerate() {
            let kept = keep(i, packet);
            left.push(kept.then_some(packet.data.len()));
            if kept {
                capture.packets.push(packet.clone());
            }
        }
        Self { capture, left }
    }

    /// Loses packets one by one.
    #[must_use]
    pub fn drop(original: &Capture, per_mille: u64, seed: u64) -> Self {
        let mut random = Random::new(seed);
        Self::keep(original, |_, _| !random.chance(per_mille))
    }

    /// Loses runs of 2 to 9 packets, as a full buffer does.
    #[must_use]
    pub fn bursts(original: &Capture, per_mille: u64, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let mut run = 0;
        Self::keep(original, |_, _| {
            if run == 0 && random.chance(per_mille) {
                run = 2 + random.below(8);
            }
            let kept = run == 0;
            run = run.saturating_sub(1);
            kept
        })
    }

    /// Cuts every packet to `snap` bytes.
    #[must_use]
    pub fn cut(original: &Capture, snap: usize) -> Self {
        let mut damaged = Self::keep(original, |_, _| true);
        for (packet, left) in damaged.capture.packets.iter_mut().zip(&mut damaged.left) {
            packet.data.truncate(snap);
            *left = Some(packet.data.len());
        }
        damaged
    }

    /// Delays packets by 1 to 5 places.
    #[must_use]
    pub fn reorder(mut self, per_mille: u64, seed: u64) -> Self {
        let mut random = Random::new(seed);
        self.place(|at, order| {
            order.push((
                if random.chance(per_mille) { at + 2 * (1 + random.below(5)) + 1 } else { at },
                false,
            ));
        });
        self
    }

    /// Repeats packets 1 to 6 places later.
    #[must_use]
    pub fn duplicate(mut self, per_mille: u64, seed: u64) -> Self {
        let mut random = Random::new(seed);
        self.place(|at, order| {
            order.push((at, false));
            if random.chance(per_mille) {
                order.push((at + 2 * (1 + random.below(6)) + 1, true));
            }
        });
        self
    }

    /// Lays the packets out anew by the places `places` gives for each (even numbers are the old places);
    /// capture times stay in order, as a capturing machine writes them.
    fn place(&mut self, mut places: impl FnMut(u64, &mut Vec<(u64, bool)>)) {
        let mut order: Vec<(u64, usize)> = Vec::new();
        let mut times: Vec<u64> = Vec::new();
        let mut buffer = Vec::new();
        for (i, packet) in self.capture.packets.iter().enumerate() {
            places(2 * i as u64, &mut buffer);
            for (place, added) in buffer.drain(..) {
                order.push((place, i));
                times.push(packet.time + if added { 1000 } else { 0 });
            }
        }
        order.sort_unstable();
        times.sort_unstable();
        let packets = order.iter().zip(times).map(|(&(_, i), time)| {
            let packet = &self.capture.packets[i];
            Packet { time, ..packet.clone() }
        });
        self.capture.packets = packets.collect();
    }

    /// Packets gone from the original.
    #[must_use]
    pub fn lost(&self) -> usize {
        self.left.iter().filter(|left| left.is_none()).count()
    }
}

/// The packets of a TCP stream that hold some of its bytes, as pieces: packet, and how much of it is needed.
pub type Needed = BTreeSet<(usize, usize)>;

impl Damaged {
    /// Whether everything needed is left.
    #[must_use]
    pub fn has(&self, needed: &Needed) -> bool {
        needed.iter().all(|&(packet, end)| self.left[packet].is_some_and(|left| left >= end))
    }
}

/// The records that apitap makes of a capture, with one worker and the key of the tests.
///
/// # Panics
///
/// If it fails.
#[must_use]
pub fn read_back(capture: &Capture) -> Vec<Value> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("input.pcap");
    capture.write(&file);
    let mut command = run::apitap();
    command
        .args(["read", "--output", "jsonl", "--threads", "1", "--key"])
        .arg(run::key())
        .arg(file);
    let run = run::finish(command, Duration::from_secs(120)).ok("apitap read");
    records::lines(&run.stdout)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn original() -> Capture {
        let packet = |i: u32| Packet {
            time: u64::from(i) * 10,
            original_len: 4,
            data: i.to_be_bytes().to_vec(),
        };
        Capture { link: 1, packets: (0..10_000).map(packet).collect() }
    }

    #[test]
    fn loss_is_as_asked_and_repeatable() {
        let original = original();
        let damaged = Damaged::drop(&original, 50, 7);
        assert!((400..600).contains(&damaged.lost()), "{}", damaged.lost());
        assert_eq!(damaged.lost() + damaged.capture.packets.len(), 10_000);
        assert_eq!(damaged.left, Damaged::drop(&original, 50, 7).left);
        assert_ne!(damaged.left, Damaged::drop(&original, 50, 8).left);
    }

    #[test]
    fn reordering_loses_nothing_and_keeps_times_in_order() {
        let damaged = Damaged::keep(&original(), |_, _| true).reorder(100, 1);
        assert!(damaged.capture.packets.is_sorted_by_key(|p| p.time));
        let mut data: Vec<_> = damaged.capture.packets.iter().map(|p| p.data.clone()).collect();
        assert!(!data.is_sorted());
        data.sort();
        assert_eq!(data, original().packets.into_iter().map(|p| p.data).collect::<Vec<_>>());
    }

    #[test]
    fn duplicates_come_after_their_originals() {
        let damaged = Damaged::keep(&original(), |_, _| true).duplicate(100, 1);
        let added = damaged.capture.packets.len() - 10_000;
        assert!((800..1200).contains(&added), "{added}");
        assert!(damaged.capture.packets.is_sorted_by_key(|p| p.time));
    }
}
