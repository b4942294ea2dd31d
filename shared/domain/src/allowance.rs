//! VAPI's free allowance as people read it: how much is used, how much is left, and when to warn.

use serde::{Deserialize, Serialize};

/// From which share of the allowance on its use is warned of, in percent of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "(u8, u8)", into = "(u8, u8)")]
pub struct Warnings {
    low: u8,
    used_up: u8,
}

/// Why two numbers are no thresholds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("two whole numbers of percent, 1 to 100, are expected, the first not above the second")]
pub struct InvalidWarnings;

impl Warnings {
    /// 80 and 100 percent, where nothing is set.
    pub const DEFAULT: Self = Self { low: 80, used_up: 100 };

    /// Thresholds in percent, 1 to 100, the first not above the second.
    ///
    /// # Errors
    /// [`InvalidWarnings`].
    pub const fn new(low: u8, used_up: u8) -> Result<Self, InvalidWarnings> {
        if low >= 1 && low <= used_up && used_up <= 100 {
            Ok(Self { low, used_up })
        } else {
            Err(InvalidWarnings)
        }
    }

    /// From when on the allowance is called low, in percent.
    #[must_use]
    pub const fn low(self) -> u8 {
        self.low
    }

    /// From when on it is called used up, in percent.
    #[must_use]
    pub const fn used_up(self) -> u8 {
        self.used_up
    }
}

impl Default for Warnings {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl TryFrom<(u8, u8)> for Warnings {
    type Error = InvalidWarnings;
    fn try_from((low, used_up): (u8, u8)) -> Result<Self, InvalidWarnings> {
        Self::new(low, used_up)
    }
}

impl From<Warnings> for (u8, u8) {
    fn from(warnings: Warnings) -> Self {
        (warnings.low, warnings.used_up)
    }
}

/// What is to be warned of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warning {
    /// Little is left.
    Low,
    /// Nothing is left, or as good as nothing.
    UsedUp,
}

impl Warning {
    /// The name in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::UsedUp => "used_up",
        }
    }
}

/// How much of the allowance is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Use {
    /// Free numbers held or being made.
    pub used: u16,
    /// Free numbers the account may hold.
    pub limit: u16,
}

impl Use {
    /// Free numbers that can still be made.
    #[must_use]
    pub const fn remaining(self) -> u16 {
        self.limit.saturating_sub(self.used)
    }

    /// The share that is used, in whole percent, rounded down; an allowance of nothing is used up.
    /// More than 100 where the limit was lowered below what is held.
    #[must_use]
    pub fn percent(self) -> u64 {
        let used = u64::from(self.used).saturating_mul(100);
        used.checked_div(u64::from(self.limit)).unwrap_or(100)
    }

    /// What is to be warned of, if anything.
    #[must_use]
    pub fn warning(self, from: Warnings) -> Option<Warning> {
        let percent = self.percent();
        if percent >= u64::from(from.used_up) {
            Some(Warning::UsedUp)
        } else if percent >= u64::from(from.low) {
            Some(Warning::Low)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_come_at_eighty_and_at_a_hundred_percent() {
        let warning = |used, limit| Use { used, limit }.warning(Warnings::DEFAULT);
        assert_eq!(warning(7, 10), None);
        assert_eq!(warning(8, 10), Some(Warning::Low));
        assert_eq!(warning(9, 10), Some(Warning::Low));
        assert_eq!(warning(10, 10), Some(Warning::UsedUp));
        assert_eq!(warning(11, 10), Some(Warning::UsedUp));
        assert_eq!(warning(0, 0), Some(Warning::UsedUp));
        let own = Warnings::new(50, 90).unwrap();
        assert_eq!(Use { used: 5, limit: 10 }.warning(own), Some(Warning::Low));
        assert_eq!(Use { used: 9, limit: 10 }.warning(own), Some(Warning::UsedUp));
    }

    #[test]
    fn what_is_left_and_the_share_are_whole_numbers() {
        let three = Use { used: 2, limit: 3 };
        assert_eq!((three.remaining(), three.percent()), (1, 66));
        let lowered = Use { used: 10, limit: 5 };
        assert_eq!((lowered.remaining(), lowered.percent()), (0, 200));
    }

    #[test]
    fn thresholds_are_checked_also_as_they_are_read() {
        assert!(Warnings::new(0, 100).is_err());
        assert!(Warnings::new(80, 101).is_err());
        assert!(Warnings::new(90, 80).is_err());
        assert!(serde_json::from_str::<Warnings>("[90,80]").is_err());
        let text = serde_json::to_string(&Warnings::DEFAULT).unwrap();
        assert_eq!(serde_json::from_str::<Warnings>(&text).unwrap(), Warnings::DEFAULT);
    }
}
