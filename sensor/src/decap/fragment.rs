//! IP fragments: held in bounded memory until their datagram is whole.
//!
//! Invariants:
//! - A byte, once held, is never replaced: the first copy wins (IPv4), or the datagram is lost (IPv6, RFC 5722).
//! - Bytes charged are bytes held; datagrams held are at most the limit.
//! - A datagram is given up by capture time, oldest first, or to make room.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::Duration;

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::walk::Part;
use super::{Config, Counts, Envelope};
use crate::time::Timestamp;

/// For how long a datagram already joined is remembered, so that the mirror's second copies of its
/// fragments are not taken for a new datagram. Shorter than any identification takes to come round.
const DUPLICATE_WINDOW: Duration = Duration::from_millis(50);
/// Most separate pieces of one datagram.
const PIECES_MAX: usize = 1024;
/// Longest datagram, in bytes.
const DATAGRAM_MAX: usize = 65_535;

/// What fragments of one datagram have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) envelope: Envelope,
    pub(crate) src: IpAddr,
    pub(crate) dst: IpAddr,
    pub(crate) protocol: u8,
    pub(crate) id: u32,
}

/// A fragment.
pub(crate) struct Piece<'a> {
    pub(crate) part: Part,
    pub(crate) data: &'a [u8],
}

/// What became of a fragment.
pub(crate) enum Joined {
    /// Its datagram is not whole yet, or lost, or was already joined.
    Held,
    /// It cannot be part of any datagram.
    Impossible,
    /// It was the last one missing.
    Whole {
        /// IP protocol number of the datagram's content.
        protocol: u8,
        /// The content.
        bytes: Vec<u8>,
    },
}

/// Datagrams being put together.
pub(crate) struct Fragments {
    slots: HashMap<Key, Datagram, RandomState>,
    /// Keys in order of arrival; those whose serial is not the slot's are stale.
    order: VecDeque<(Key, u64)>,
    /// The same for datagrams joined, in order of joining.
    done: VecDeque<(Key, u64)>,
    serial: u64,
    bytes: usize,
    bytes_max: usize,
    datagrams_max: usize,
    timeout: Duration,
}

struct Datagram {
    serial: u64,
    created: Timestamp,
    state: State,
}

enum State {
    Open(Parts),
    /// Given up; later fragments are not to make a new one of it.
    Refused,
    /// Joined at this time.
    Done(Timestamp),
}

impl Fragments {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            slots: HashMap::default(),
            order: VecDeque::new(),
            done: VecDeque::new(),
            serial: 0,
            bytes: 0,
            bytes_max: config.fragment_bytes_max.size(),
            datagrams_max: config.fragment_datagrams_max.size(),
            timeout: Duration::from_secs(config.fragment_seconds_max.get()),
        }
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds a fragment captured at `now`.
    pub(crate) fn push(
        &mut self,
        key: &Key,
        piece: &Piece<'_>,
        now: Timestamp,
        counts: &mut Counts,
    ) -> Joined {
        let Some(piece) = possible(key, piece) else { return Joined::Impossible };
        self.make_room(piece.data.len(), now, counts);
        self.forget_old(key, now, counts);
        let serial = &mut self.serial;
        let order = &mut self.order;
        let datagram = self.slots.entry(*key).or_insert_with(|| {
            *serial = serial.wrapping_add(1);
            order.push_back((*key, *serial));
            Datagram { serial: *serial, created: now, state: State::Open(Parts::default()) }
        });
        let parts = match &mut datagram.state {
            State::Open(parts) => parts,
            State::Refused => return Joined::Held,
            State::Done(_) => {
                counts.fragments_duplicate = counts.fragments_duplicate.wrapping_add(1);
                return Joined::Held;
            }
        };
        let before = parts.arena.len();
        let fit = parts.add(&piece, key.src.is_ipv6(), counts);
        self.bytes = self.bytes.saturating_sub(before).saturating_add(parts.arena.len());
        match fit {
            Fit::Waiting => Joined::Held,
            Fit::Refused => {
                counts.datagrams_refused = counts.datagrams_refused.wrapping_add(1);
                self.bytes = self.bytes.saturating_sub(parts.arena.len());
                datagram.state = State::Refused;
                Joined::Held
            }
            Fit::Whole => {
                counts.datagrams_joined = counts.datagrams_joined.wrapping_add(1);
                self.bytes = self.bytes.saturating_sub(parts.arena.len());
                let (protocol, bytes) = (parts.protocol, parts.join());
                datagram.state = State::Done(now);
                self.done.push_back((*key, datagram.serial));
                Joined::Whole { protocol, bytes }
            }
        }
    }

    /// Gives up everything, as timed out.
    pub(crate) fn finish(&mut self, counts: &mut Counts) {
        for (_, datagram) in self.slots.drain() {
            if matches!(datagram.state, State::Open(_)) {
                counts.datagrams_timed_out = counts.datagrams_timed_out.wrapping_add(1);
            }
        }
        self.order.clear();
        self.done.clear();
        self.bytes = 0;
    }

    /// Gives up what is too old, and then the oldest until `len` more bytes and one more datagram fit.
    fn make_room(&mut self, len: usize, now: Timestamp, counts: &mut Counts) {
        while let Some(&(key, serial)) = self.done.front() {
            let live = self.slots.get(&key).filter(|datagram| datagram.serial == serial);
            if live.is_some_and(|datagram| !self.is_old(datagram, now)) {
                break;
            }
            if live.is_some() {
                self.slots.remove(&key);
            }
            self.done.pop_front();
        }
        while let Some(&(key, serial)) = self.order.front() {
            let live = self.slots.get(&key).filter(|datagram| datagram.serial == serial);
            if let Some(datagram) = live {
                let full = self.bytes.saturating_add(len) > self.bytes_max
                    || self.slots.len() >= self.datagrams_max;
                let old = self.is_old(datagram, now);
                if !old && !full {
                    break;
                }
                self.remove(&key, old, counts);
            }
            self.order.pop_front();
        }
        // Datagrams forgotten out of turn leave their keys behind: never more of them than of live ones.
        if self.order.len() > self.slots.len().saturating_mul(2).saturating_add(16) {
            let slots = &self.slots;
            self.order.retain(|(key, serial)| {
                slots.get(key).is_some_and(|datagram| datagram.serial == *serial)
            });
        }
    }

    /// Forgets a datagram whose identification must have come round.
    fn forget_old(&mut self, key: &Key, now: Timestamp, counts: &mut Counts) {
        if self.slots.get(key).is_some_and(|datagram| self.is_old(datagram, now)) {
            self.remove(key, true, counts);
        }
    }

    fn is_old(&self, datagram: &Datagram, now: Timestamp) -> bool {
        match datagram.state {
            State::Open(_) | State::Refused => now.since(datagram.created) > self.timeout,
            State::Done(time) => now.since(time) > DUPLICATE_WINDOW,
        }
    }

    fn remove(&mut self, key: &Key, old: bool, counts: &mut Counts) {
        let Some(datagram) = self.slots.remove(key) else { return };
        if let State::Open(parts) = datagram.state {
            self.bytes = self.bytes.saturating_sub(parts.arena.len());
            let counter =
                if old { &mut counts.datagrams_timed_out } else { &mut counts.datagrams_evicted };
            *counter = counter.wrapping_add(1);
        }
    }
}

/// The fragment as hosts take it: where more follows, lengths are multiples of eight; IPv4 is cut to one, IPv6
/// refused. `None` for what no datagram can have.
fn possible<'a>(key: &Key, piece: &Piece<'a>) -> Option<Piece<'a>> {
    let odd = if piece.part.more { piece.data.len() & 7 } else { 0 };
    let data = piece.data.get(..piece.data.len().saturating_sub(odd))?;
    let fits = usize::from(piece.part.offset).saturating_add(data.len()) <= DATAGRAM_MAX;
    let refused = data.is_empty() || (odd != 0 && key.src.is_ipv6());
    (fits && !refused).then_some(Piece { part: piece.part, data })
}

/// What of a datagram has come.
#[derive(Default)]
struct Parts {
    /// Disjoint, in order of offset.
    spans: Vec<Span>,
    /// Bytes in order of arrival.
    arena: Vec<u8>,
    /// Length of the datagram, once its end was seen.
    total: Option<usize>,
    /// Protocol in the fragment at offset 0.
    protocol: u8,
}

/// Where bytes `offset..end` of a datagram begin in its arena.
#[derive(Clone, Copy)]
struct Span {
    offset: usize,
    end: usize,
    at: usize,
}

enum Fit {
    Waiting,
    Whole,
    Refused,
}

impl Parts {
    fn add(&mut self, piece: &Piece<'_>, strict: bool, counts: &mut Counts) -> Fit {
        let offset = usize::from(piece.part.offset);
        let end = offset.saturating_add(piece.data.len());
        let same = match self.overlap(offset, piece.data) {
            Overlap::None => false,
            Overlap::Same => {
                counts.fragments_duplicate = counts.fragments_duplicate.wrapping_add(1);
                true
            }
            Overlap::Differs => {
                counts.fragments_overlapping = counts.fragments_overlapping.wrapping_add(1);
                if strict {
                    return Fit::Refused;
                }
                false
            }
        };
        // Two ends, or bytes behind the end: someone lies.
        let total = if piece.part.more { self.total } else { Some(self.total.unwrap_or(end)) };
        let furthest = self.spans.last().map_or(end, |span| span.end.max(end));
        if total.is_some_and(|total| furthest > total || (!piece.part.more && end != total)) {
            return Fit::Refused;
        }
        self.total = total;
        if offset == 0 && !same {
            self.protocol = piece.part.protocol;
        }
        self.fill(offset, piece.data);
        let held = self.arena.len();
        match self.total {
            Some(total) if held == total => Fit::Whole,
            _ if self.spans.len() > PIECES_MAX => Fit::Refused,
            _ => Fit::Waiting,
        }
    }

    fn overlap(&self, offset: usize, data: &[u8]) -> Overlap {
        let end = offset.saturating_add(data.len());
        let mut covered = 0_usize;
        for span in self.touching(offset, end) {
            let (from, to) = (span.offset.max(offset), span.end.min(end));
            let new = data.get(from.saturating_sub(offset)..to.saturating_sub(offset));
            let at = span.at.saturating_add(from.saturating_sub(span.offset));
            let old = self.arena.get(at..at.saturating_add(to.saturating_sub(from)));
            if new != old {
                return Overlap::Differs;
            }
            covered = covered.saturating_add(to.saturating_sub(from));
        }
        match covered {
            0 => Overlap::None,
            _ if covered == data.len() => Overlap::Same,
            _ => Overlap::Differs,
        }
    }

    fn touching(&self, offset: usize, end: usize) -> impl Iterator<Item = &Span> {
        let first = self.spans.partition_point(|span| span.end <= offset);
        self.spans.get(first..).unwrap_or_default().iter().take_while(move |span| span.offset < end)
    }

    /// Puts the bytes of `data` where there are none yet.
    fn fill(&mut self, offset: usize, data: &[u8]) {
        let end = offset.saturating_add(data.len());
        let mut from = offset;
        let mut index = self.spans.partition_point(|span| span.end <= offset);
        while from < end {
            let next = self.spans.get(index).copied();
            let to = next.map_or(end, |span| span.offset.clamp(from, end));
            if let Some(hole) = data
                .get(from.saturating_sub(offset)..to.saturating_sub(offset))
                .filter(|h| !h.is_empty())
            {
                let span = Span { offset: from, end: to, at: self.arena.len() };
                self.arena.extend_from_slice(hole);
                self.spans.insert(index, span);
                index = index.saturating_add(1);
            }
            match next {
                Some(span) if span.end < end => from = span.end,
                _ => break,
            }
            index = index.saturating_add(1);
        }
    }

    /// The bytes in order of offset.
    fn join(&mut self) -> Vec<u8> {
        let arena = std::mem::take(&mut self.arena);
        if self.spans.iter().all(|span| span.offset == span.at) {
            return arena;
        }
        let mut bytes = Vec::with_capacity(arena.len());
        for span in &self.spans {
            let to = span.at.saturating_add(span.end.saturating_sub(span.offset));
            bytes.extend_from_slice(arena.get(span.at..to).unwrap_or_default());
        }
        bytes
    }
}

enum Overlap {
    None,
    Same,
    Differs,
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, Bench, Seen, cat, expected, ipv4_part, ipv6_part, tcp, udp};
    use super::super::{LayerKind, Outcome, Reason};
    use super::*;
    use crate::capture::LinkType;
    use proptest::prelude::*;

    /// A bench that takes fragments of TCP in IPv4.
    struct Pieces(Bench);

    impl Pieces {
        fn new() -> Self {
            Self(Bench::new(&Config::default()))
        }

        fn push(&mut self, packet: &[u8], millis: u64) -> Outcome {
            self.0.push(LinkType::RAW, millis, packet.len(), packet)
        }

        fn v4(&mut self, bytes: &[u8], from: usize, to: usize, millis: u64) -> Outcome {
            self.push(&ipv4_part(6, 5, (from, to < bytes.len()), &bytes[from..to]), millis)
        }

        fn v6(&mut self, bytes: &[u8], from: usize, to: usize) -> Outcome {
            self.push(&ipv6_part(6, 5, (from, to < bytes.len()), &bytes[from..to]), 0)
        }
    }

    /// 132 octets of TCP: 32 of header, 100 of payload.
    fn datagram() -> (Vec<u8>, Vec<u8>) {
        let payload: Vec<u8> = (0..100).collect();
        (tcp(&payload), payload)
    }

    fn whole(payload: &[u8]) -> Seen {
        Seen { mac: None, ..expected(payload, &[]) }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// RFC 791 §3.2: fragments come in any order, and more than once.
        #[test]
        fn order_and_repetition_do_not_matter(
            payload in proptest::collection::vec(any::<u8>(), 1..400),
            cuts in proptest::collection::btree_set(1..50_usize, 0..8),
            seed in any::<u64>(),
            six in any::<bool>(),
        ) {
            let bytes = tcp(&payload);
            let mut ends: Vec<usize> = cuts.into_iter().map(|cut| cut * 8).filter(|&cut| cut < bytes.len()).collect();
            ends.push(bytes.len());
            let mut parts: Vec<(usize, usize)> =
                ends.iter().scan(0, |from, &to| Some((std::mem::replace(from, to), to))).collect();
            prop_assume!(parts.len() > 1);
            let extra = parts[usize::try_from(seed % 7).unwrap() % parts.len()];
            parts.push(extra);
            let mut state = seed;
            parts.sort_by_key(|_| { state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1); state >> 33 });
            let mut pieces = Pieces::new();
            for (from, to) in parts {
                if six { pieces.v6(&bytes, from, to) } else { pieces.v4(&bytes, from, to, 0) };
            }
            prop_assert_eq!(pieces.0.seen.len(), 1);
            prop_assert_eq!(&pieces.0.seen[0].payload, &payload);
            prop_assert_eq!(pieces.0.counts().fragments_duplicate, 1);
            prop_assert_eq!(pieces.0.counts().datagrams_joined, 1);
            prop_assert_eq!(pieces.0.decap.held_bytes(), 0);
        }

        /// What is held never exceeds the limits, whatever comes.
        #[test]
        fn memory_is_bounded(fragments in proptest::collection::vec(
            (0..40_u16, 0..8191_usize, any::<bool>(), 1..200_usize), 0..300,
        )) {
            let config = Config {
                fragment_bytes_max: 0x1_0000.try_into().unwrap(),
                fragment_datagrams_max: 16.try_into().unwrap(),
                ..Config::default()
            };
            let mut pieces = Pieces(Bench::new(&config));
            for (id, offset, more, words) in fragments {
                pieces.push(&ipv4_part(17, id, (offset * 8, more), &vec![0; words * 8]), 0);
                let held = &pieces.0.decap.fragments;
                let sum: usize = held.slots.values().map(|d| match &d.state {
                    State::Open(parts) => parts.arena.len(),
                    State::Refused | State::Done(_) => 0,
                }).sum();
                prop_assert_eq!(held.bytes, sum);
                prop_assert!(held.bytes <= 0x1_0000 && held.slots.len() <= 16 && held.order.len() <= 48);
            }
        }
    }

    /// RFC 791 leaves overlaps open: the first copy wins, so that nobody can rewrite what was seen.
    #[test]
    fn ipv4_keeps_the_first_copy() {
        let (bytes, payload) = datagram();
        let mut other = bytes.clone();
        other[40..].fill(0xee);
        let mut pieces = Pieces::new();
        pieces.v4(&bytes, 40, 64, 0);
        pieces.v4(&other, 80, 96, 0);
        assert_eq!(pieces.v4(&other, 32, 104, 0), Outcome::Fragment);
        pieces.v4(&bytes, 0, 40, 0);
        pieces.v4(&bytes, 104, 132, 0);
        let mut want = payload;
        want[32..72].fill(0xee);
        assert_eq!(pieces.0.seen, [whole(&want)]);
        assert_eq!(pieces.0.counts().fragments_overlapping, 2);
    }

    /// RFC 5722 §4: overlapping fragments lose the datagram, and those still to come are dropped; RFC 8200
    /// §4.5: exact duplicates do not count.
    #[test]
    fn ipv6_refuses_overlaps() {
        let (bytes, _) = datagram();
        let mut pieces = Pieces::new();
        for (from, to) in [(0, 64), (0, 64), (56, 80), (64, 132), (0, 64)] {
            assert_eq!(pieces.v6(&bytes, from, to), Outcome::Fragment);
        }
        let counts = pieces.0.counts();
        assert_eq!(
            (counts.fragments_duplicate, counts.fragments_overlapping, counts.datagrams_refused),
            (1, 1, 1)
        );
        assert_eq!((pieces.0.seen.len(), pieces.0.decap.held_bytes()), (0, 0));
    }

    #[test]
    fn a_datagram_has_one_end() {
        let (bytes, _) = datagram();
        let mut pieces = Pieces::new();
        pieces.v4(&bytes, 64, 132, 0);
        pieces.push(&ipv4_part(6, 5, (160, false), &[0; 8]), 0);
        assert_eq!(pieces.v4(&bytes, 0, 64, 0), Outcome::Fragment);
        assert_eq!(pieces.0.counts().datagrams_refused, 1);
    }

    /// RFC 791 §3.1: parts but the last are multiples of eight octets; no datagram is longer than 65,535.
    #[test]
    fn impossible_fragments_are_refused() {
        let bad = Outcome::Malformed(Reason::Fragment);
        let mut pieces = Pieces::new();
        assert_eq!(pieces.push(&ipv4_part(6, 5, (0, true), &[0; 7]), 0), bad);
        assert_eq!(pieces.push(&ipv6_part(6, 5, (0, true), &[0; 15]), 0), bad);
        assert_eq!(pieces.push(&ipv4_part(6, 5, (8, false), &[]), 0), bad);
        assert_eq!(pieces.push(&ipv4_part(6, 5, (65_528, false), &[0; 8]), 0), bad);
        assert_eq!(pieces.push(&ipv4_part(6, 5, (65_528, false), &[0; 7]), 0), Outcome::Fragment);
    }

    /// Linux's way: else a sender could hide a request from the sensor in a fragment that hosts accept.
    #[test]
    fn odd_ipv4_lengths_are_cut_to_eights() {
        let (bytes, payload) = datagram();
        let mut pieces = Pieces::new();
        pieces.push(&ipv4_part(6, 5, (0, true), &bytes[..69]), 0);
        assert_eq!(pieces.v4(&bytes, 64, 132, 0), Outcome::Segment);
        assert_eq!(pieces.0.seen, [whole(&payload)]);
        assert_eq!(pieces.0.counts().fragments_overlapping, 0);
    }

    /// A fragment the capture cut cannot be joined.
    #[test]
    fn a_cut_fragment_is_truncated() {
        let packet = ipv4_part(6, 5, (0, true), &datagram().0[..64]);
        let mut bench = Bench::new(&Config::default());
        assert_eq!(bench.push(LinkType::RAW, 0, packet.len(), &packet[..50]), Outcome::Truncated);
    }

    #[test]
    fn identifications_come_round() {
        let (bytes, payload) = datagram();
        let mut pieces = Pieces::new();
        // Given up after 30 seconds: the second half belongs to another datagram.
        pieces.v4(&bytes, 0, 64, 0);
        assert_eq!(pieces.v4(&bytes, 64, 132, 30_001), Outcome::Fragment);
        assert_eq!(pieces.v4(&bytes, 0, 64, 30_002), Outcome::Segment);
        // The mirror's second copies are not a new datagram; the same id a moment later is.
        assert_eq!(pieces.v4(&bytes, 64, 132, 30_040), Outcome::Fragment);
        assert_eq!(pieces.v4(&bytes, 0, 64, 30_100), Outcome::Fragment);
        assert_eq!(pieces.v4(&bytes, 64, 132, 30_101), Outcome::Segment);
        assert_eq!(pieces.0.seen, [whole(&payload), whole(&payload)]);
        let counts = pieces.0.counts();
        assert_eq!(
            (counts.datagrams_timed_out, counts.fragments_duplicate, counts.ip_fragments),
            (1, 1, 6)
        );
        pieces.v4(&bytes, 64, 132, 30_200);
        pieces.0.decap.finish();
        assert_eq!((pieces.0.counts().datagrams_timed_out, pieces.0.decap.held_bytes()), (2, 0));
    }

    /// The same identification under two VLANs is two datagrams; fragments inside a fragmented tunnel join.
    #[test]
    fn envelopes_are_kept_apart() {
        let (bytes, payload) = datagram();
        let mut bench = Bench::new(&Config::default());
        let inner = [(1, 0, 64), (2, 64, 132), (1, 64, 132)];
        for (id, (tag, from, to)) in (100..).zip(inner) {
            let ip = ipv4_part(6, 5, (from, to < bytes.len()), &bytes[from..to]);
            let frame = testing::vlan(tag, &testing::ethernet(0x0800, &ip));
            let carrier = udp(1, 4789, &cat(&[&[8, 0, 0, 0, 0, 0, 9, 0], &frame]));
            for (from, to) in [(0, 40), (40, carrier.len())] {
                let part = ipv4_part(17, id, (from, to < carrier.len()), &carrier[from..to]);
                let packet = testing::ethernet(0x0800, &part);
                bench.push(LinkType::ETHERNET, 0, packet.len(), &packet);
            }
        }
        let layers = vec![(LayerKind::Vxlan, 9), (LayerKind::Vlan, 1)];
        assert_eq!(bench.seen, [Seen { layers, mac: Some(testing::MACS), ..whole(&payload) }]);
        assert_eq!(bench.counts().datagrams_joined, 4);
    }
}
