//! Settings of the sweeper.

use runtime::config::{self, ConfigError, Lookup};
use std::time::Duration;

/// Settings of the sweeper.
#[derive(Debug, Clone)]
pub struct Config {
    /// `GIVE_BACK_AFTER_DAYS`: how long a number must have been nobody's, its rest not counted,
    /// before it is given back to its carrier. Default 30.
    pub give_back_after: Duration,
    /// `FREE_NUMBER_LIMIT`: free numbers the account may hold. Default 10.
    pub free_numbers: u16,
    /// `COMPARES_WITH_PROVIDERS`: whether what VAPI and Telnyx hold is compared with the table.
    /// Default true.
    pub compares: bool,
    /// `POOL_MINIMUM`: free numbers that are kept whatever they cost. Default 5.
    pub pool_minimum: u64,
}

/// Seconds of a day.
const DAY_SECONDS: u64 = 24 * 3600;

impl Config {
    /// Reads them.
    ///
    /// # Errors
    /// [`ConfigError`] with the name of the variable.
    pub fn from_lookup(lookup: Lookup<'_>) -> Result<Self, ConfigError> {
        let days: u16 = lookup.number("GIVE_BACK_AFTER_DAYS", 30)?;
        Ok(Self {
            give_back_after: Duration::from_secs(u64::from(days) * DAY_SECONDS),
            free_numbers: config::limits(lookup)?.free_numbers,
            compares: lookup.number("COMPARES_WITH_PROVIDERS", true)?,
            pool_minimum: lookup.number("POOL_MINIMUM", 5)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unset_means_the_documented_default() {
        let find = |_: &str| None;
        let config = Config::from_lookup(Lookup::new(&find)).unwrap();
        assert_eq!(config.give_back_after, Duration::from_secs(30 * DAY_SECONDS));
        assert_eq!(config.pool_minimum, 5);
    }

    #[test]
    fn a_bad_value_is_named() {
        let find = |name: &str| (name == "POOL_MINIMUM").then(|| "-1".to_owned());
        let error = Config::from_lookup(Lookup::new(&find)).unwrap_err().to_string();
        assert!(error.starts_with("POOL_MINIMUM"), "{error}");
    }
}
