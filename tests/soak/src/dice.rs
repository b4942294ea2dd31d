//! Chance, from a seed. Processes and the machine have a will of their own: the same seed draws
//! the same, and does not run the same.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// A source of chance. Each part of the harness has its own, so that none moves the others'.
#[derive(Debug)]
pub(crate) struct Dice(StdRng);

impl Dice {
    /// The dice of one part of the harness.
    pub(crate) fn of(seed: u64, part: &str) -> Self {
        let mixed = part.bytes().fold(seed ^ 0x9e37_79b9_7f4a_7c15, |mixed, byte| {
            (mixed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(StdRng::seed_from_u64(mixed))
    }

    /// A number from 0 to below `sides`.
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0.random_range(0..sides.max(1))
    }

    /// Whether something happens that happens so often.
    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.roll(100) < percent
    }

    /// One of them; `None` of none.
    pub(crate) fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let place = self.roll(u64::try_from(all.len()).unwrap_or(u64::MAX));
        all.get(usize::try_from(place).unwrap_or(0))
    }

    /// A wait of that length on average, to the microsecond.
    pub(crate) fn wait(&mut self, mean: Duration) -> Duration {
        let micros = u64::try_from(mean.as_micros()).unwrap_or(u64::MAX / 2);
        Duration::from_micros(self.roll(micros.saturating_mul(2)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_and_part_draw_the_same() {
        let draw = |seed, part| {
            let mut dice = Dice::of(seed, part);
            (0..20).map(|_| dice.roll(1_000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(1, "killer"), draw(1, "killer"));
        assert_ne!(draw(1, "killer"), draw(2, "killer"));
        assert_ne!(draw(1, "killer"), draw(1, "weather"));
    }
}
