//! The overload ladder: when less is inspected, and when more again.
//!
//! Pure. Climbs one rung while there is pressure, comes down one when there has been none for a while.

use std::time::Duration;

use crate::rung::Rung;

/// Fill of a queue, or share of the memory limit, that is pressure.
const HOT_FILL: f64 = 0.75;
/// Fill of every queue below which there is none.
const COOL_FILL: f64 = 0.25;
/// Share of the memory limit that is pressure.
const HOT_MEMORY: f64 = 0.90;
/// Share of the memory limit below which there is none.
const COOL_MEMORY: f64 = 0.80;

/// What weighs on the sensor.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pressure {
    /// How full the fullest queue before a worker is, 0 to 1.
    pub queue: f64,
    /// Share of the memory limit in use; 0 without a limit.
    pub memory: f64,
    /// Packets lost since the last look: in the kernel's ring or before a full queue.
    pub lost: u64,
}

impl Pressure {
    fn is_hot(self) -> bool {
        self.queue >= HOT_FILL || self.memory >= HOT_MEMORY || self.lost > 0
    }

    fn is_cool(self) -> bool {
        self.queue <= COOL_FILL && self.memory <= COOL_MEMORY && self.lost == 0
    }
}

/// The ladder.
#[derive(Debug, Clone)]
pub struct Ladder {
    rung: Rung,
    climb_after: Duration,
    descend_after: Duration,
    /// How long the present pressure has lasted, or its absence.
    hot: Duration,
    cool: Duration,
    /// Rungs climbed.
    pub climbs: u64,
    /// Rungs come down.
    pub descents: u64,
    /// Time spent on each rung.
    pub spent: [Duration; 4],
}

impl Ladder {
    /// On the first rung. Climbs after `climb_after` of pressure, comes down after `descend_after` without.
    #[must_use]
    pub const fn new(climb_after: Duration, descend_after: Duration) -> Self {
        Self {
            rung: Rung::Full,
            climb_after,
            descend_after,
            hot: Duration::ZERO,
            cool: Duration::ZERO,
            climbs: 0,
            descents: 0,
            spent: [Duration::ZERO; 4],
        }
    }

    /// Where it stands.
    #[must_use]
    pub const fn rung(&self) -> Rung {
        self.rung
    }

    /// Takes what was measured `passed` after the last time; the new rung, if it changed.
    pub fn step(&mut self, passed: Duration, pressure: Pressure) -> Option<Rung> {
        let spent = self.spent.get_mut(usize::from(self.rung.number()).saturating_sub(1));
        if let Some(spent) = spent {
            *spent = spent.saturating_add(passed);
        }
        self.hot = if pressure.is_hot() { self.hot.saturating_add(passed) } else { Duration::ZERO };
        self.cool =
            if pressure.is_cool() { self.cool.saturating_add(passed) } else { Duration::ZERO };
        let to = if self.hot >= self.climb_after {
            self.rung.above()
        } else if self.cool >= self.descend_after {
            self.rung.below()
        } else {
            self.rung
        };
        if to == self.rung {
            return None;
        }
        match to > self.rung {
            true => self.climbs = self.climbs.saturating_add(1),
            false => self.descents = self.descents.saturating_add(1),
        }
        (self.hot, self.cool) = (Duration::ZERO, Duration::ZERO);
        self.rung = to;
        Some(to)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TICK: Duration = Duration::from_millis(100);
    const HOT: Pressure = Pressure { queue: 0.8, memory: 0.0, lost: 0 };
    const WARM: Pressure = Pressure { queue: 0.5, memory: 0.85, lost: 0 };
    const COOL: Pressure = Pressure { queue: 0.1, memory: 0.1, lost: 0 };

    fn ladder() -> Ladder {
        Ladder::new(TICK * 3, TICK * 10)
    }

    fn ticks(ladder: &mut Ladder, pressure: Pressure, n: u32) -> Vec<Rung> {
        (0..n).filter_map(|_| ladder.step(TICK, pressure)).collect()
    }

    #[test]
    fn it_climbs_under_pressure_and_comes_down_slower() {
        let mut ladder = ladder();
        assert_eq!(ticks(&mut ladder, HOT, 2), []);
        assert_eq!(
            ticks(&mut ladder, HOT, 30),
            [Rung::LargeBodies, Rung::NoBodies, Rung::NoConnections]
        );
        assert_eq!(ticks(&mut ladder, COOL, 9), []);
        assert_eq!(ticks(&mut ladder, COOL, 40), [Rung::NoBodies, Rung::LargeBodies, Rung::Full]);
        assert_eq!((ladder.climbs, ladder.descents), (3, 3));
        assert_eq!(ladder.spent.iter().sum::<Duration>(), TICK * 81);
    }

    #[test]
    fn moments_and_middling_pressure_change_nothing() {
        let mut ladder = ladder();
        for _ in 0..20 {
            assert_eq!(ticks(&mut ladder, HOT, 2), []);
            assert_eq!(ticks(&mut ladder, WARM, 1), []);
        }
        ticks(&mut ladder, HOT, 3);
        assert_eq!(ticks(&mut ladder, WARM, 1000), [], "neither up nor down");
    }

    #[test]
    fn lost_packets_and_memory_are_pressure() {
        for pressure in [Pressure { lost: 1, ..COOL }, Pressure { memory: 0.95, ..COOL }] {
            assert_eq!(ticks(&mut ladder(), pressure, 3), [Rung::LargeBodies]);
        }
    }

    proptest! {
        #[test]
        fn it_never_skips_a_rung(steps in prop::collection::vec((0.0..1.0, 0.0..1.2, 0_u64..2), 0..400)) {
            let mut ladder = ladder();
            let mut last = ladder.rung();
            for (queue, memory, lost) in steps {
                let now = ladder.step(TICK, Pressure { queue, memory, lost }).unwrap_or(last);
                prop_assert!(now == last || now == last.above() || now == last.below());
                prop_assert_eq!(now, ladder.rung());
                last = now;
            }
        }
    }
}
