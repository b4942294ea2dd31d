//! Points in time, in milliseconds since 1970 UTC.

use serde::{Deserialize, Serialize};
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A point in time: milliseconds since 1970-01-01T00:00:00Z.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// A time from milliseconds since 1970 UTC.
    #[must_use]
    pub const fn from_millis(milliseconds: i64) -> Self {
        Self(milliseconds)
    }

    /// Milliseconds since 1970 UTC.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970 UTC.
    #[must_use]
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This time and `duration` later; the last representable time when that overflows.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(millis(duration)))
    }

    /// This time and `duration` earlier.
    #[must_use]
    pub fn before(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(millis(duration)))
    }

    /// How much later this is than `earlier`; zero when it is not later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// RFC 3339 in UTC, as the API shows it.
    #[must_use]
    pub fn rfc3339(self) -> String {
        self.date_time().format(&Rfc3339).unwrap_or_default()
    }

    /// The UTC day, `2026-11-20`.
    #[must_use]
    pub fn day(self) -> String {
        let date = self.date_time().date();
        format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
    }

    /// The UTC month, `2026-11`.
    #[must_use]
    pub fn month(self) -> String {
        let date = self.date_time().date();
        format!("{:04}-{:02}", date.year(), u8::from(date.month()))
    }

    fn date_time(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_and_a_month_are_utc() {
        let late = Timestamp::from_millis(1_767_225_599_999);
        assert_eq!(late.day(), "2025-12-31");
        assert_eq!(late.month(), "2025-12");
        assert_eq!(late.after(Duration::from_millis(1)).day(), "2026-01-01");
        assert_eq!(late.after(Duration::from_millis(1)).rfc3339(), "2026-01-01T00:00:00Z");
    }

    #[test]
    fn a_clock_that_ran_back_has_moved_by_nothing() {
        let now = Timestamp::from_millis(5_000);
        assert_eq!(now.before(Duration::from_secs(3)).since(now), Duration::ZERO);
    }
}
