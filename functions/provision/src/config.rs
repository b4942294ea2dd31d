//! Settings of the HTTP function.

use domain::ledger::Caps;
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
            digits_watch: lookup.seconds("DIGITS_WATCH_SECONDS", 10)?,
            stage: lookup.text("STAGE", "dev"),
        })
    }
}
