//! Settings of the operators' function.

use api::Edge;
use api::starting::Defaults;
use domain::ledger::Caps;
use domain::source::Source;
use runtime::config::{self, ConfigError, Lookup};

/// Settings of the operators' function.
#[derive(Debug, Clone)]
pub struct Config {
    /// What all functions that people call are set to.
    pub edge: Edge,
    /// The source order of organizations that set none.
    pub sources: Vec<Source>,
    /// The spending caps of organizations that set none.
    pub caps: Caps,
    /// `QUARANTINE_DAYS`: how long a number rests where the organization set nothing. Default 30.
    pub quarantine_days: u16,
    /// `FREE_NUMBER_LIMIT`: free numbers the account may hold. Default 10.
    pub free_numbers: u16,
    /// `SECRETS_PREFIX`: what the names of organizations' secrets begin with.
    pub secrets_prefix: String,
}

impl Config {
    /// Reads them.
    ///
    /// # Errors
    /// [`ConfigError`] with the name of the variable.
    pub fn from_lookup(lookup: Lookup<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            edge: Edge::from_lookup(lookup)?,
            sources: config::source_order(lookup)?,
            caps: config::caps(lookup)?,
            quarantine_days: lookup.number("QUARANTINE_DAYS", 30)?,
            free_numbers: config::limits(lookup)?.free_numbers,
            secrets_prefix: lookup.required("SECRETS_PREFIX")?,
        })
    }

    /// What holds where an organization set nothing.
    pub(crate) fn defaults(&self) -> Defaults<'_> {
        let Self { sources, caps, quarantine_days, .. } = self;
        Defaults { sources, caps: *caps, quarantine_days: *quarantine_days }
    }
}
