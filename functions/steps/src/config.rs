//! Settings of the steps.

use domain::work::Limits;
use runtime::config::{self, ConfigError, Lookup};
use runtime::providers::CallPolicy;
use std::time::Duration;

/// Settings of the steps.
#[derive(Debug, Clone)]
pub struct Config {
    /// The state machine's limits.
    pub limits: Limits,
    /// `STEPS_TIMEOUT_SECONDS`: the function's timeout. Default 60.
    pub timeout: Duration,
    /// `LEASE_MARGIN_SECONDS`: how much longer than the timeout a lease lasts. Default 30.
    pub lease_margin: Duration,
    /// `DIGITS_WATCH_SECONDS`: time between two looks at VAPI's list. Default 10.
    pub digits_watch: Duration,
    /// `TABLE_NAME`: the table; one that was restored has another name.
    pub table_name: String,
    /// How providers are called: 10 s a try, at most a third of the timeout; reads 3 times.
    pub calls: CallPolicy,
}

/// Tries of a read.
const READ_TRIES: u32 = 3;
/// What a creating call must leave of the invocation beside its own deadline.
const CREATE_MARGIN: Duration = Duration::from_secs(5);
/// The same where the whole invocation is short: a sixth of it.
const CREATE_MARGIN_SHARE: u32 = 6;

impl Config {
    /// Reads them.
    ///
    /// # Errors
    /// [`ConfigError`] with the name of the variable.
    pub fn from_lookup(lookup: Lookup<'_>) -> Result<Self, ConfigError> {
        let timeout = lookup.seconds("STEPS_TIMEOUT_SECONDS", 60)?;
        let mut limits = config::limits(lookup)?;
        limits.call_deadline = limits.call_deadline.min(timeout / 3);
        Ok(Self {
            calls: CallPolicy {
                deadline: limits.call_deadline,
                read_tries: READ_TRIES,
                ends: None,
            },
            limits,
            timeout,
            lease_margin: lookup.seconds("LEASE_MARGIN_SECONDS", 30)?,
            digits_watch: lookup.seconds("DIGITS_WATCH_SECONDS", 10)?,
            table_name: lookup.text("TABLE_NAME", ""),
        })
    }

    /// How long a lease lasts: longer than the holder can live.
    #[must_use]
    pub fn lease(&self) -> Duration {
        self.timeout.saturating_add(self.lease_margin)
    }

    /// What of the invocation must be left before a creating call is sent, or a record begun.
    #[must_use]
    pub fn create_needs(&self) -> Duration {
        let margin = CREATE_MARGIN.min(self.timeout / CREATE_MARGIN_SHARE);
        self.calls.deadline.saturating_add(margin)
    }
}
