//! Settings of the poller.

use runtime::config::{ConfigError, Lookup};
use std::time::Duration;

/// Settings of the poller.
#[derive(Debug, Clone)]
pub struct Config {
    /// `POLLER_OVERDUE_SECONDS`: how late something must be before it counts as lost. Default 30.
    pub overdue: Duration,
    /// `DIGITS_WATCH_SECONDS`: time between two looks of the digits watch. Default 10.
    pub digits_watch: Duration,
}

impl Config {
    /// Reads them.
    ///
    /// # Errors
    /// [`ConfigError`] with the name of the variable.
    pub fn from_lookup(lookup: Lookup<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            overdue: lookup.seconds("POLLER_OVERDUE_SECONDS", 30)?,
            digits_watch: lookup.seconds("DIGITS_WATCH_SECONDS", 10)?,
        })
    }

    /// How late the watch's next look must be before the watch counts as lost. The steps believe
    /// it running for one interval: where that is the longer one, it holds here too.
    #[must_use]
    pub fn watch_overdue(&self) -> Duration {
        self.overdue.max(self.digits_watch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unset_means_the_documented_default() {
        let find = |_: &str| None;
        let config = Config::from_lookup(Lookup::new(&find)).unwrap();
        assert_eq!(config.overdue, Duration::from_secs(30));
        assert_eq!(config.digits_watch, Duration::from_secs(10));
        assert_eq!(config.watch_overdue(), Duration::from_secs(30));
    }

    #[test]
    fn a_slow_watch_is_given_its_interval() {
        let find = |name: &str| (name == "DIGITS_WATCH_SECONDS").then(|| "120".to_owned());
        let config = Config::from_lookup(Lookup::new(&find)).unwrap();
        assert_eq!(config.watch_overdue(), Duration::from_secs(120));
    }

    #[test]
    fn a_bad_value_is_named() {
        let find = |_: &str| Some("soon".to_owned());
        let error = Config::from_lookup(Lookup::new(&find)).unwrap_err().to_string();
        assert!(error.starts_with("POLLER_OVERDUE_SECONDS"), "{error}");
    }
}
