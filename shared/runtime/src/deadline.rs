//! How much time an invocation has left.

use domain::time::Timestamp;
use std::time::Duration;

/// When the invocation ends.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Timestamp);

impl Deadline {
    /// The invocation ends at this time.
    #[must_use]
    pub const fn at(end: Timestamp) -> Self {
        Self(end)
    }

    /// From Lambda's own figure: milliseconds since 1970.
    #[must_use]
    pub fn from_epoch_millis(end: u64) -> Self {
        Self(Timestamp::from_millis(i64::try_from(end).unwrap_or(i64::MAX)))
    }

    /// What is left.
    #[must_use]
    pub fn left(self, now: Timestamp) -> Duration {
        self.0.since(now)
    }

    /// Whether at least so much is left.
    #[must_use]
    pub fn allows(self, needed: Duration, now: Timestamp) -> bool {
        self.left(now) >= needed
    }
}
