//! Money in US cents.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An amount of money in US cents.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
#[serde(transparent)]
pub struct Cents(i64);

/// Why a price cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a price in dollars")]
pub struct InvalidPrice;

impl Cents {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// An amount from cents.
    #[must_use]
    pub const fn new(cents: i64) -> Self {
        Self(cents)
    }

    /// The amount in cents.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The sum, at most the largest amount.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, at least the smallest amount.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// Reads a decimal text in dollars, as Telnyx writes prices (`"1.00"`); a part of a cent
    /// counts as a whole one, so that a cap is never passed.
    ///
    /// # Errors
    /// [`InvalidPrice`] when the text is no plain non-negative decimal number.
    pub fn from_dollars(text: &str) -> Result<Self, InvalidPrice> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(fraction) {
            return Err(InvalidPrice);
        }
        let dollars: i64 = whole.parse().map_err(|_overflow| InvalidPrice)?;
        let padded: String = fraction.chars().chain("00".chars()).take(2).collect();
        let cents: i64 = padded.parse().map_err(|_invalid| InvalidPrice)?;
        let rest = fraction.bytes().skip(2).any(|byte| byte != b'0');
        dollars
            .checked_mul(100)
            .and_then(|sum| sum.checked_add(cents))
            .and_then(|sum| sum.checked_add(i64::from(rest)))
            .map(Self)
            .ok_or(InvalidPrice)
    }
}

impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, (self.0 % 100).abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_round_up_to_whole_cents() {
        assert_eq!(Cents::from_dollars("1.00"), Ok(Cents::new(100)));
        assert_eq!(Cents::from_dollars("1"), Ok(Cents::new(100)));
        assert_eq!(Cents::from_dollars("0.1"), Ok(Cents::new(10)));
        assert_eq!(Cents::from_dollars("0.105"), Ok(Cents::new(11)));
        assert_eq!(Cents::from_dollars("0.10000"), Ok(Cents::new(10)));
    }

    #[test]
    fn what_is_no_price_is_refused() {
        for text in ["", "-1", "1,00", "1.0x", ".5", "free", "99999999999999999999"] {
            assert_eq!(Cents::from_dollars(text), Err(InvalidPrice), "{text}");
        }
    }
}
