//! Settings of the HTTP function.

use domain::ledger::Caps;
use domain::persona::LongestCall;
use domain::source::Source;
use runtime::config::{self, ConfigError, Lookup};
use std::time::Duration;

/// Names of the claims that tell who calls.
#[derive(Debug, Clone)]
pub struct Claims {
    /// `ORGANIZATION_CLAIM`; `custom:organization_id` if unset.
    pub organization: String,
    /// `BUSINESS_CLAIM`; `custom:business_id` if unset.
    pub business: String,
    /// `GROUPS_CLAIM`; `cognito:groups` if unset.
    pub groups: String,
    /// `OPERATOR_GROUP`: who is in it is an operator; `operators` if unset.
    pub operator_group: String,
}

/// Settings of the HTTP function.
#[derive(Debug, Clone)]
pub struct Config {
    /// Names of claims.
    pub claims: Claims,
    /// The source order of organizations that set none.
    pub sources: Vec<Source>,
    /// The spending caps of organizations that set none.
    pub caps: Caps,
    /// `QUARANTINE_DAYS`: how long a number rests where the organization set nothing. Default 30.
    pub quarantine_days: u16,
    /// `CALL_SECONDS_MAX`: the longest call a business may allow its assistant. Default 3600.
    pub longest_call: LongestCall,
    /// `DIGITS_WATCH_SECONDS`: how soon a number whose digits are watched may have news. Default 10.
    pub digits_watch: Duration,
    /// `STAGE`, for `/health`.
    pub stage: String,
}

impl Config {
    /// Reads them.
    ///
    /// # Errors
    /// [`ConfigError`] with the name of the variable.
    pub fn from_lookup(lookup: Lookup<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            claims: Claims {
                organization: lookup.text("ORGANIZATION_CLAIM", "custom:organization_id"),
                business: lookup.text("BUSINESS_CLAIM", "custom:business_id"),
                groups: lookup.text("GROUPS_CLAIM", "cognito:groups"),
                operator_group: lookup.text("OPERATOR_GROUP", "operators"),
            },
            sources: config::source_order(lookup)?,
            caps: config::caps(lookup)?,
            quarantine_days: lookup.number("QUARANTINE_DAYS", 30)?,
            longest_call: longest_call(lookup)?,
            digits_watch: lookup.seconds("DIGITS_WATCH_SECONDS", 10)?,
            stage: lookup.text("STAGE", "dev"),
        })
    }
}

fn longest_call(lookup: Lookup<'_>) -> Result<LongestCall, ConfigError> {
    let name = "CALL_SECONDS_MAX";
    let seconds = lookup.number(name, LongestCall::DEFAULT.seconds())?;
    LongestCall::from_seconds(seconds).ok_or_else(|| ConfigError::Invalid {
        name,
        value: seconds.to_string(),
        expected: "600 to 43200 seconds are expected",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_call_is_an_hour_or_what_is_set_within_limits() {
        let read = |value: Option<&'static str>| {
            let find = |name: &str| {
                let asked = name == "CALL_SECONDS_MAX";
                value.filter(|_| asked).map(str::to_owned)
            };
            Config::from_lookup(Lookup::new(&find)).map(|config| config.longest_call.seconds())
        };
        assert_eq!(read(None), Ok(3600));
        assert_eq!(read(Some("600")), Ok(600));
        for value in ["599", "43201", "an hour"] {
            let error = read(Some(value)).unwrap_err().to_string();
            assert!(error.starts_with(&format!("CALL_SECONDS_MAX is {value:?}")), "{error}");
        }
    }
}
