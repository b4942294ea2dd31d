//! Settings of the HTTP function.

use api::Edge;
use api::starting::Defaults;
use domain::ledger::Caps;
use domain::persona::LongestCall;
use domain::source::Source;
use runtime::config::{self, ConfigError, Lookup};

/// Settings of the HTTP function.
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
    /// `CALL_SECONDS_MAX`: the longest call a business may allow its assistant. Default 3600.
    pub longest_call: LongestCall,
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
            edge: Edge::from_lookup(lookup)?,
            sources: config::source_order(lookup)?,
            caps: config::caps(lookup)?,
            quarantine_days: lookup.number("QUARANTINE_DAYS", 30)?,
            longest_call: longest_call(lookup)?,
            stage: lookup.text("STAGE", "dev"),
        })
    }

    /// What holds where an organization set nothing.
    pub(crate) fn defaults(&self) -> Defaults<'_> {
        let Self { sources, caps, quarantine_days, .. } = self;
        Defaults { sources, caps: *caps, quarantine_days: *quarantine_days }
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
