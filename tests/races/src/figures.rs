//! What is printed of a race.

use crate::counted::Counts;
use std::time::{Duration, Instant};

/// Measures one race from its beginning.
#[derive(Debug)]
pub struct Figures {
    begun: Instant,
}

impl Default for Figures {
    fn default() -> Self {
        Self { begun: Instant::now() }
    }
}

impl Figures {
    /// Prints a line: what it was, the table's counts, the time it took.
    pub fn tell(&self, what: &str, counts: Counts) {
        let Counts { requests, transactions, refused, conflicts, failed } = counts;
        println!(
            "{what}; {requests} requests ({transactions} transactions, {refused} refused, \
             {conflicts} conflicts, {failed} unanswered), {:.2} s",
            self.took().as_secs_f64()
        );
    }

    /// How long it has taken.
    pub fn took(&self) -> Duration {
        self.begun.elapsed()
    }
}

/// The value that so many of a hundred do not exceed.
pub fn percentile(values: &mut [u32], hundredths: usize) -> u32 {
    values.sort_unstable();
    let place = (values.len() * hundredths).div_ceil(100).saturating_sub(1);
    values.get(place).copied().unwrap_or(0)
}
