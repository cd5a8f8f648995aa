//! The rungs of the overload ladder, as stages see them.

/// How much is inspected. Each rung does less than the one before it, so that capture never waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
#[repr(u8)]
pub enum Rung {
    /// Everything.
    #[default]
    Full = 1,
    /// Large bodies only at their beginning, and responses of well-known endpoints not at all.
    LargeBodies = 2,
    /// No bodies.
    NoBodies = 3,
    /// No bodies, and new connections are ignored.
    NoConnections = 4,
}

impl Rung {
    /// Every rung, from the first up.
    pub const ALL: [Self; 4] = [Self::Full, Self::LargeBodies, Self::NoBodies, Self::NoConnections];

    /// Its number in records and metrics, 1 to 4.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Full => 1,
            Self::LargeBodies => 2,
            Self::NoBodies => 3,
            Self::NoConnections => 4,
        }
    }

    /// The rung of a number; what is out of range is the nearest.
    #[must_use]
    pub const fn of(number: u8) -> Self {
        match number {
            0 | 1 => Self::Full,
            2 => Self::LargeBodies,
            3 => Self::NoBodies,
            _ => Self::NoConnections,
        }
    }

    /// The next rung up, if there is one.
    #[must_use]
    pub const fn above(self) -> Self {
        Self::of(self.number().saturating_add(1))
    }

    /// The next rung down, if there is one.
    #[must_use]
    pub const fn below(self) -> Self {
        Self::of(self.number().saturating_sub(1))
    }

    /// What is left out on it, for logs.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Full => "full inspection",
            Self::LargeBodies => "large bodies cut, responses of well-known endpoints skipped",
            Self::NoBodies => "all bodies skipped",
            Self::NoConnections => "new connections ignored",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rungs_are_numbered_from_one_to_four() {
        let numbers = Rung::ALL.map(Rung::number);
        assert_eq!(numbers, [1, 2, 3, 4]);
        assert_eq!(numbers.map(Rung::of), Rung::ALL);
        assert_eq!((Rung::of(0), Rung::of(9)), (Rung::Full, Rung::NoConnections));
        assert_eq!(
            (Rung::Full.below(), Rung::NoConnections.above()),
            (Rung::Full, Rung::NoConnections)
        );
        assert!(Rung::Full < Rung::Full.above());
    }
}
