//! When each connection is looked at again: a wheel of lists, constant time for every change.
//!
//! Every connection is in it once. Data does not move it: it is looked at when its old time comes, and then
//! moved. So following a stream costs nothing here.

/// No connection.
pub(super) const NONE: u32 = u32::MAX;

const BUCKETS: u32 = 1 << BUCKET_BITS;
const BUCKET_BITS: u32 = 13;

/// Ticks it goes ahead.
const AROUND: u64 = 1 << BUCKET_BITS;

/// One tick is 2^26 nanoseconds, 67 milliseconds; the wheel goes nine minutes ahead.
const TICK_BITS: u32 = 26;

const NEVER: u64 = u64::MAX;

pub(super) struct Wheel {
    heads: Vec<u32>,
    /// One bit a bucket that is not empty.
    used: Vec<u64>,
    links: Vec<Link>,
    now: u64,
}

#[derive(Clone, Copy)]
struct Link {
    previous: u32,
    next: u32,
    /// `NEVER` when in no list.
    tick: u64,
}

impl Wheel {
    pub(super) fn new() -> Self {
        let buckets = index(BUCKETS);
        Self { heads: vec![NONE; buckets], used: vec![0; buckets / 64], links: Vec::new(), now: 0 }
    }

    /// Whether time has come to call [`Self::advance`].
    pub(super) fn is_behind(&self, clock: u64) -> bool {
        tick(clock) > self.now
    }

    /// Has `connection` looked at once `due` has passed, in place of when it was to be.
    pub(super) fn set(&mut self, connection: u32, due: u64) {
        self.remove(connection);
        let first = self.now.saturating_add(1);
        let last = self.now.saturating_add(AROUND - 1);
        let tick = tick(due).saturating_add(1).clamp(first, last);
        let at = index(connection);
        if self.links.len() <= at {
            self.links
                .resize(at.saturating_add(1), Link { previous: NONE, next: NONE, tick: NEVER });
        }
        let next = self.head(tick);
        if let Some(link) = self.links.get_mut(at) {
            *link = Link { previous: NONE, next, tick };
        }
        if let Some(link) = self.links.get_mut(index(next)) {
            link.previous = connection;
        }
        self.set_head(tick, connection);
    }

    /// The same, only if `due` is earlier than when it is to be looked at now.
    pub(super) fn set_sooner(&mut self, connection: u32, due: u64) {
        if self
            .links
            .get(index(connection))
            .is_some_and(|link| tick(due).saturating_add(1) < link.tick)
        {
            self.set(connection, due);
        }
    }

    /// The same, only if `due` is later; `false` if it is not.
    pub(super) fn set_later(&mut self, connection: u32, due: u64) -> bool {
        let later = self
            .links
            .get(index(connection))
            .is_some_and(|link| tick(due).saturating_add(1) > link.tick);
        if later {
            self.set(connection, due);
        }
        later
    }

    /// Takes `connection` out.
    pub(super) fn remove(&mut self, connection: u32) {
        let Some(link) = self.links.get_mut(index(connection)) else { return };
        let Link { previous, next, tick } = *link;
        if tick == NEVER {
            return;
        }
        link.tick = NEVER;
        if let Some(link) = self.links.get_mut(index(next)) {
            link.previous = previous;
        }
        match self.links.get_mut(index(previous)) {
            Some(link) => link.next = next,
            None => self.set_head(tick, next),
        }
    }

    /// Moves time to `clock`, and takes out into `due` every connection whose time has come.
    pub(super) fn advance(&mut self, clock: u64, due: &mut Vec<u32>) {
        let target = tick(clock);
        let passed = target.saturating_sub(self.now).min(AROUND);
        for step in 1..=passed {
            let tick = self.now.saturating_add(step);
            let mut at = self.head(tick);
            if at == NONE {
                continue;
            }
            while let Some(link) = self.links.get_mut(index(at)) {
                link.tick = NEVER;
                due.push(at);
                at = link.next;
            }
            self.set_head(tick, NONE);
        }
        self.now = self.now.max(target);
    }

    /// The connection to be looked at first.
    pub(super) fn first(&self) -> Option<u32> {
        let start = bucket(self.now.saturating_add(1));
        let words = BUCKETS / 64;
        for step in 0..=words {
            let word = (start / 64).wrapping_add(step) % words;
            let mut bits = self.used.get(index(word)).copied().unwrap_or(0);
            if step == 0 {
                bits &= u64::MAX << (start % 64);
            }
            if bits != 0 {
                let bucket = word.wrapping_mul(64).wrapping_add(bits.trailing_zeros());
                return self.heads.get(index(bucket)).copied().filter(|&head| head != NONE);
            }
        }
        None
    }

    fn head(&self, tick: u64) -> u32 {
        self.heads.get(index(bucket(tick))).copied().unwrap_or(NONE)
    }

    fn set_head(&mut self, tick: u64, connection: u32) {
        let bucket = index(bucket(tick));
        if let (Some(head), Some(bits)) =
            (self.heads.get_mut(bucket), self.used.get_mut(bucket / 64))
        {
            *head = connection;
            let bit = 1 << (bucket % 64);
            *bits = if connection == NONE { *bits & !bit } else { *bits | bit };
        }
    }
}

fn tick(clock: u64) -> u64 {
    clock >> TICK_BITS
}

fn bucket(tick: u64) -> u32 {
    u32::try_from(tick % AROUND).unwrap_or(0)
}

fn index(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICK: u64 = 1 << TICK_BITS;

    fn due(wheel: &mut Wheel, clock: u64) -> Vec<u32> {
        let mut due = Vec::new();
        wheel.advance(clock, &mut due);
        due
    }

    #[test]
    fn nothing_is_early_and_nothing_is_forgotten() {
        let mut wheel = Wheel::new();
        wheel.set(0, 5 * TICK);
        wheel.set(1, 5 * TICK + 1);
        wheel.set(2, u64::MAX);
        assert!(due(&mut wheel, 5 * TICK + 2).is_empty());
        assert_eq!(due(&mut wheel, 6 * TICK), [1, 0]);
        assert_eq!(wheel.first(), Some(2));
        assert_eq!(due(&mut wheel, 100_000 * TICK), [2], "clamped to the horizon, to be set anew");
        assert_eq!(wheel.first(), None);
    }

    /// Captures that begin in 1970 by one clock and go on in 1989 by another.
    #[test]
    fn decades_pass() {
        let mut wheel = Wheel::new();
        wheel.set(0, 5 * TICK);
        let late = 600_000_000_000_000_000;
        assert_eq!(due(&mut wheel, late), [0]);
        wheel.set(1, late + 5 * TICK);
        assert!(due(&mut wheel, late + 5 * TICK).is_empty());
        assert_eq!(due(&mut wheel, late + 7 * TICK), [1]);
    }

    #[test]
    fn changes_keep_the_lists_whole() {
        let mut wheel = Wheel::new();
        for connection in 0..4 {
            wheel.set(connection, 10 * TICK);
        }
        wheel.set_sooner(2, 20 * TICK);
        wheel.set_sooner(1, 3 * TICK);
        wheel.remove(3);
        wheel.remove(3);
        assert_eq!(wheel.first(), Some(1));
        assert_eq!(due(&mut wheel, 4 * TICK), [1]);
        wheel.set(0, 30 * TICK);
        assert_eq!(due(&mut wheel, 11 * TICK), [2]);
        assert_eq!(due(&mut wheel, 31 * TICK), [0]);
    }

    #[test]
    fn the_first_is_found_across_the_seam() {
        let mut wheel = Wheel::new();
        assert!(due(&mut wheel, 8190 * TICK).is_empty());
        wheel.set(7, 16_000 * TICK);
        assert_eq!(wheel.first(), Some(7));
        wheel.set(8, 8192 * TICK);
        assert_eq!(wheel.first(), Some(8));
    }
}
