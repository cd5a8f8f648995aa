//! Connections by flow, and the slots later stages know them by.

use std::hash::{BuildHasher, Hasher};
use std::net::IpAddr;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::connection::Conn;
use super::wheel::NONE;
use crate::decap::Flow;

/// All connections. Those of one canonical flow are a list, newest first.
pub(super) struct Table {
    heads: HashTable<u32>,
    conns: Vec<Option<Box<Conn>>>,
    free: Vec<u32>,
    /// Of a seed that nobody knows: else whoever chooses addresses and ports could put many flows into one place.
    hasher: RandomState,
}

impl Table {
    pub(super) fn new() -> Self {
        let hasher = RandomState::default();
        Self { heads: HashTable::new(), conns: Vec::new(), free: Vec::new(), hasher }
    }

    pub(super) fn len(&self) -> usize {
        self.conns.len().saturating_sub(self.free.len())
    }

    /// Hash of a canonical flow.
    pub(super) fn hash(&self, flow: &Flow) -> u64 {
        hash(&self.hasher, flow)
    }

    /// The newest connection of a canonical flow, or `NONE`.
    pub(super) fn head(&self, hash: u64, flow: &Flow) -> u32 {
        let conns = &self.conns;
        self.heads
            .find(hash, |&at| get(conns, at).is_some_and(|conn| conn.is_of(flow)))
            .copied()
            .unwrap_or(NONE)
    }

    pub(super) fn get(&self, at: u32) -> Option<&Conn> {
        get(&self.conns, at)
    }

    pub(super) fn get_mut(&mut self, at: u32) -> Option<&mut Conn> {
        let at = usize::try_from(at).ok()?;
        self.conns.get_mut(at)?.as_deref_mut()
    }

    /// The connections of the list that starts at `head`.
    pub(super) fn list(&self, head: u32) -> impl Iterator<Item = (u32, &Conn)> {
        let mut at = head;
        std::iter::from_fn(move || {
            let here = at;
            let conn = self.get(here)?;
            at = conn.next;
            Some((here, conn))
        })
    }

    /// Every connection, in no order that means anything.
    pub(super) fn all(&self) -> impl Iterator<Item = (u32, &Conn)> {
        (0_u32..).zip(&self.conns).filter_map(|(at, conn)| Some((at, conn.as_deref()?)))
    }

    /// Puts a connection in front of those of its flow.
    pub(super) fn insert(&mut self, mut conn: Box<Conn>) -> u32 {
        let flow = conn.flow();
        let hash = self.hash(&flow);
        let at = self.free.pop().unwrap_or_else(|| {
            self.conns.push(None);
            u32::try_from(self.conns.len().saturating_sub(1)).unwrap_or(NONE)
        });
        let Self { heads, conns, hasher, .. } = self;
        match heads.find_mut(hash, |&at| get(conns, at).is_some_and(|conn| conn.is_of(&flow))) {
            Some(head) => conn.next = std::mem::replace(head, at),
            None => {
                heads.insert_unique(hash, at, |&at| {
                    get(conns, at).map_or(hash, |conn| self::hash(hasher, &conn.flow()))
                });
            }
        }
        if let Some(place) = usize::try_from(at).ok().and_then(|at| conns.get_mut(at)) {
            *place = Some(conn);
        }
        at
    }

    /// Takes a connection out.
    pub(super) fn remove(&mut self, at: u32) -> Option<Box<Conn>> {
        let place = usize::try_from(at).ok()?;
        let conn = self.get(at)?;
        let (flow, next) = (conn.flow(), conn.next);
        let hash = self.hash(&flow);
        let head = self.head(hash, &flow);
        if head == at {
            let conns = &self.conns;
            let found = self
                .heads
                .find_entry(hash, |&at| get(conns, at).is_some_and(|conn| conn.is_of(&flow)));
            if let Ok(mut entry) = found {
                if next == NONE {
                    entry.remove();
                } else {
                    *entry.get_mut() = next;
                }
            }
        } else {
            let before = self
                .list(head)
                .find(|(_, conn)| conn.next == at)
                .map_or(NONE, |(before, _)| before);
            if let Some(conn) = self.get_mut(before) {
                conn.next = next;
            }
        }
        self.free.push(at);
        self.conns.get_mut(place)?.take()
    }
}

fn get(conns: &[Option<Box<Conn>>], at: u32) -> Option<&Conn> {
    conns.get(usize::try_from(at).ok()?)?.as_deref()
}

fn hash(hasher: &RandomState, flow: &Flow) -> u64 {
    let mut hasher = hasher.build_hasher();
    hasher.write_u32(u32::from(flow.src.port) << 16 | u32::from(flow.dst.port));
    match (flow.src.ip, flow.dst.ip) {
        (IpAddr::V4(src), IpAddr::V4(dst)) => {
            hasher.write_u64(u64::from(src.to_bits()) << 32 | u64::from(dst.to_bits()));
        }
        (src, dst) => {
            for ip in [src, dst] {
                match ip {
                    IpAddr::V4(ip) => hasher.write_u32(ip.to_bits()),
                    IpAddr::V6(ip) => hasher.write_u128(ip.to_bits()),
                }
            }
        }
    }
    hasher.finish()
}

/// Slot numbers: dense, the one freed last is given first.
#[derive(Default)]
pub(super) struct Slots {
    free: Vec<u32>,
    given: u32,
}

impl Slots {
    pub(super) fn take(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            let slot = self.given;
            self.given = slot.saturating_add(1);
            slot
        })
    }

    pub(super) fn give(&mut self, slot: u32) {
        self.free.push(slot);
    }

    /// Slots in use.
    pub(super) fn used(&self) -> usize {
        usize::try_from(self.given).unwrap_or(usize::MAX).saturating_sub(self.free.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decap::Endpoint;

    #[test]
    fn places_of_flows_are_not_known_before() {
        let end = |last| Endpoint { ip: [192, 0, 2, last].into(), port: 443 };
        let flow = Flow { src: end(1), dst: end(2) };
        let hashes = [(); 4].map(|()| Table::new().hash(&flow));
        assert!(hashes.iter().any(|hash| *hash != hashes[0]));
    }
}
