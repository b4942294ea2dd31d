//! Settings of every function that people call.

use runtime::config::{ConfigError, Lookup};
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

/// Settings of every function that people call.
#[derive(Debug, Clone)]
pub struct Edge {
    /// Names of claims.
    pub claims: Claims,
    /// `DIGITS_WATCH_SECONDS`: how soon a number whose digits are watched may have news. Default 10.
    pub digits_watch: Duration,
}

impl Edge {
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
            digits_watch: lookup.seconds("DIGITS_WATCH_SECONDS", 10)?,
        })
    }
}
