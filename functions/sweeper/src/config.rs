//! Settings of the sweeper.

use domain::ledger::Caps;
use domain::source::Source;
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
    /// `COMPARES_WITH_PROVIDERS`: whether what VAPI, Telnyx and Twilio hold is compared with the table.
    /// Default true.
    pub compares: bool,
    /// `POOL_MINIMUM`: free numbers that are kept whatever they cost. Default 5.
    pub pool_minimum: u64,
    /// `POOL_TARGET`: numbers that are to be free, made ahead where fewer are free or on their way.
    /// Default 0: none are made. At most 50.
    pub pool_target: u16,
    /// The source order of organizations that set none.
    pub sources: Vec<Source>,
    /// The spending caps of organizations that set none.
    pub caps: Caps,
}

/// The most numbers that are kept ready: their works are read in one request.
const POOL_TARGET_MAX: u16 = 50;
/// Seconds of a day.
const DAY_SECONDS: u64 = 24 * 3600;

impl Config {
    /// Reads them.
    ///
    /// # Errors
    /// [`ConfigError`] with the name of the variable.
    pub fn from_lookup(lookup: Lookup<'_>) -> Result<Self, ConfigError> {
        let pool_target: u16 = lookup.number("POOL_TARGET", 0)?;
        if pool_target > POOL_TARGET_MAX {
            let (name, value) = ("POOL_TARGET", pool_target.to_string());
            return Err(ConfigError::Invalid { name, value, expected: "0 to 50 is expected" });
        }
        let days: u16 = lookup.number("GIVE_BACK_AFTER_DAYS", 30)?;
        Ok(Self {
            give_back_after: Duration::from_secs(u64::from(days) * DAY_SECONDS),
            free_numbers: config::limits(lookup)?.free_numbers,
            compares: lookup.number("COMPARES_WITH_PROVIDERS", true)?,
            pool_minimum: lookup.number("POOL_MINIMUM", 5)?,
            pool_target,
            sources: config::source_order(lookup)?,
            caps: config::caps(lookup)?,
        })
    }

    /// How many free numbers are kept, whatever they cost: what is made ahead is not given back.
    #[must_use]
    pub fn pool_kept(&self) -> u64 {
        self.pool_minimum.max(self.pool_target.into())
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
        assert_eq!((config.pool_target, config.pool_kept()), (0, 5));
    }

    #[test]
    fn neither_the_minimum_nor_the_target_is_given_back() {
        for (target, minimum, kept) in [(3, 5, 5), (10, 5, 10), (4, 0, 4)] {
            let find = |name: &str| match name {
                "POOL_TARGET" => Some(format!("{target}")),
                "POOL_MINIMUM" => Some(format!("{minimum}")),
                _ => None,
            };
            let config = Config::from_lookup(Lookup::new(&find)).unwrap();
            assert_eq!(config.pool_kept(), kept);
        }
    }

    #[test]
    fn a_bad_value_is_named() {
        for (bad, value) in [("POOL_MINIMUM", "-1"), ("POOL_TARGET", "51")] {
            let find = |name: &str| (name == bad).then(|| value.to_owned());
            let error = Config::from_lookup(Lookup::new(&find)).unwrap_err().to_string();
            assert!(error.starts_with(bad), "{error}");
        }
    }
}
