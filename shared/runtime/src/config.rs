//! Settings: read once at start from named variables, each with unit and default.
//!
//! A missing or bad value fails at start with the variable's name. Tests read from a map, never
//! from the process environment.

use domain::ledger::Caps;
use domain::money::Cents;
use domain::source::Source;
use domain::work::Limits;
use std::str::FromStr;
use std::time::Duration;

/// Why the settings cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A variable without default is not set.
    #[error("{0} is not set")]
    Missing(&'static str),
    /// A variable has a value that cannot be used.
    #[error("{name} is {value:?}: {expected}")]
    Invalid {
        /// The variable.
        name: &'static str,
        /// What stands there.
        value: String,
        /// What should.
        expected: &'static str,
    },
}

/// Looks variables up by name.
#[derive(Clone, Copy)]
pub struct Lookup<'a>(&'a dyn Fn(&str) -> Option<String>);

impl std::fmt::Debug for Lookup<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lookup")
    }
}

impl<'a> Lookup<'a> {
    /// Looks up through `find`.
    pub fn new(find: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self(find)
    }

    /// The variable, or `None` when it is not set or empty.
    #[must_use]
    pub fn optional(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.trim().is_empty())
    }

    /// The variable.
    ///
    /// # Errors
    /// [`ConfigError::Missing`].
    pub fn required(&self, name: &'static str) -> Result<String, ConfigError> {
        self.optional(name).ok_or(ConfigError::Missing(name))
    }

    /// The variable, or its default.
    #[must_use]
    pub fn text(&self, name: &str, default: &str) -> String {
        self.optional(name).unwrap_or_else(|| default.to_owned())
    }

    /// A whole number, or its default.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`].
    pub fn number<N: FromStr>(&self, name: &'static str, default: N) -> Result<N, ConfigError> {
        match self.optional(name) {
            None => Ok(default),
            Some(value) => value.trim().parse().map_err(|_invalid| ConfigError::Invalid {
                name,
                value,
                expected: "a whole number is expected",
            }),
        }
    }

    /// A duration in whole seconds, or its default.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`].
    pub fn seconds(&self, name: &'static str, default: u64) -> Result<Duration, ConfigError> {
        self.number(name, default).map(Duration::from_secs)
    }
}

/// The process environment, read through the one place that may.
#[must_use]
pub fn environment(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    let value = std::env::var(name);
    value.ok()
}

/// What every function has: where the table and the queue are, and how figures are named.
#[derive(Debug, Clone)]
pub struct Base {
    /// `TABLE_NAME`: the table.
    pub table_name: String,
    /// `QUEUE_URL`: the queue of the steps.
    pub queue_url: String,
    /// `STAGE`: the name of the deployment in figures; `dev` if unset.
    pub stage: String,
    /// `METRICS_NAMESPACE`: namespace of the figures; `Dialtone` if unset.
    pub metrics_namespace: String,
}

impl Base {
    /// Reads them.
    ///
    /// # Errors
    /// [`ConfigError`] with the name of the variable.
    pub fn from_lookup(lookup: Lookup<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            table_name: lookup.required("TABLE_NAME")?,
            queue_url: lookup.required("QUEUE_URL")?,
            stage: lookup.text("STAGE", "dev"),
            metrics_namespace: lookup.text("METRICS_NAMESPACE", "Dialtone"),
        })
    }
}

/// How the providers are reached.
#[derive(Debug, Clone)]
pub struct Providers {
    /// `VAPI_SECRET_ID`: the secret with `api_key` and `webhook_secret`.
    pub vapi_secret_id: String,
    /// `TELNYX_SECRET_ID`: the secret with `api_key` and `public_key`.
    pub telnyx_secret_id: String,
    /// `VAPI_BASE_URL`; VAPI's own if unset.
    pub vapi_base_url: String,
    /// `TELNYX_BASE_URL`, with `/v2`; Telnyx's own if unset.
    pub telnyx_base_url: String,
    /// `PUBLIC_BASE_URL`: where this deployment is reached from outside; webhooks go there.
    pub public_base_url: String,
    /// `VAPI_TELNYX_CREDENTIAL_ID`: which credential of VAPI to use; found by itself if unset.
    pub vapi_telnyx_credential_id: Option<domain::ids::CredentialId>,
    /// `TELNYX_MESSAGING_PROFILE_ID`: sent with every order; left out if unset.
    pub telnyx_messaging_profile_id: Option<String>,
}

impl Providers {
    /// No provider: for a function that calls none. A call would find no secret.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            vapi_secret_id: String::new(),
            telnyx_secret_id: String::new(),
            vapi_base_url: String::new(),
            telnyx_base_url: String::new(),
            public_base_url: String::new(),
            vapi_telnyx_credential_id: None,
            telnyx_messaging_profile_id: None,
        }
    }

    /// Reads them.
    ///
    /// # Errors
    /// [`ConfigError`] with the name of the variable.
    pub fn from_lookup(lookup: Lookup<'_>) -> Result<Self, ConfigError> {
        let credential = lookup
            .optional("VAPI_TELNYX_CREDENTIAL_ID")
            .map(|value| {
                value.parse().map_err(|_invalid| ConfigError::Invalid {
                    name: "VAPI_TELNYX_CREDENTIAL_ID",
                    value,
                    expected: "VAPI's id of a credential, a UUID, is expected",
                })
            })
            .transpose()?;
        Ok(Self {
            vapi_secret_id: lookup.required("VAPI_SECRET_ID")?,
            telnyx_secret_id: lookup.required("TELNYX_SECRET_ID")?,
            vapi_base_url: base_url(lookup, "VAPI_BASE_URL", "https://api.vapi.ai")?,
            telnyx_base_url: base_url(lookup, "TELNYX_BASE_URL", "https://api.telnyx.com/v2")?,
            public_base_url: base_url(lookup, "PUBLIC_BASE_URL", "http://localhost")?,
            vapi_telnyx_credential_id: credential,
            telnyx_messaging_profile_id: lookup.optional("TELNYX_MESSAGING_PROFILE_ID"),
        })
    }
}

fn base_url(lookup: Lookup<'_>, name: &'static str, default: &str) -> Result<String, ConfigError> {
    let value = lookup.text(name, default);
    if value.starts_with("https://") || value.starts_with("http://") {
        return Ok(value.trim_end_matches('/').to_owned());
    }
    Err(ConfigError::Invalid { name, value, expected: "an http or https address is expected" })
}

/// The source order of organizations that set none: `SOURCE_ORDER`, comma separated.
///
/// # Errors
/// [`ConfigError::Invalid`] for a name that is no source, or twice the same.
pub fn source_order(lookup: Lookup<'_>) -> Result<Vec<Source>, ConfigError> {
    let Some(value) = lookup.optional("SOURCE_ORDER") else {
        return Ok(Source::DEFAULT_ORDER.to_vec());
    };
    let sources: Option<Vec<Source>> =
        value.split(',').map(|name| Source::from_name(name.trim())).collect();
    let valid = sources.filter(|sources| Source::is_order(sources));
    valid.ok_or(ConfigError::Invalid {
        name: "SOURCE_ORDER",
        value,
        expected: "sources separated by commas, each once, manual last: vapi_free, telnyx, manual",
    })
}

/// Spending caps in US cents.
///
/// `CAP_DAY_ORGANIZATION_CENTS` (2000), `CAP_MONTH_ORGANIZATION_CENTS`
/// (10000), `CAP_DAY_OVERALL_CENTS` (10000), `CAP_MONTH_OVERALL_CENTS` (50000),
/// `CAP_NUMBER_MONTHLY_CENTS` (500).
///
/// # Errors
/// [`ConfigError::Invalid`].
pub fn caps(lookup: Lookup<'_>) -> Result<Caps, ConfigError> {
    let default = Caps::default();
    let cents = |name, default: Cents| {
        let cents: u32 = lookup.number(name, u32::try_from(default.get()).unwrap_or(0))?;
        Ok(Cents::new(i64::from(cents)))
    };
    Ok(Caps {
        organization_day: cents("CAP_DAY_ORGANIZATION_CENTS", default.organization_day)?,
        organization_month: cents("CAP_MONTH_ORGANIZATION_CENTS", default.organization_month)?,
        overall_day: cents("CAP_DAY_OVERALL_CENTS", default.overall_day)?,
        overall_month: cents("CAP_MONTH_OVERALL_CENTS", default.overall_month)?,
        number_monthly: cents("CAP_NUMBER_MONTHLY_CENTS", default.number_monthly)?,
    })
}

/// The state machine's limits.
///
/// `FREE_NUMBER_LIMIT` (10), `FREE_NUMBER_CLOSED_SECONDS` (86400),
/// `LOOKUP_COUNT` (3), `LOOKUP_WINDOW_SECONDS` (120), `DIGITS_LATE_SECONDS` (600),
/// `DIGITS_GIVE_UP_SECONDS` (86400).
///
/// # Errors
/// [`ConfigError::Invalid`].
pub fn limits(lookup: Lookup<'_>) -> Result<Limits, ConfigError> {
    let default = Limits::default();
    Ok(Limits {
        free_numbers: lookup.number("FREE_NUMBER_LIMIT", default.free_numbers)?,
        free_closed: lookup.seconds("FREE_NUMBER_CLOSED_SECONDS", default.free_closed.as_secs())?,
        lookups: lookup.number("LOOKUP_COUNT", default.lookups)?,
        lookup_window: lookup.seconds("LOOKUP_WINDOW_SECONDS", default.lookup_window.as_secs())?,
        digits_late: lookup.seconds("DIGITS_LATE_SECONDS", default.digits_late.as_secs())?,
        digits_give_up: lookup
            .seconds("DIGITS_GIVE_UP_SECONDS", default.digits_give_up.as_secs())?,
        ..default
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &'static str, value: &'static str) -> impl Fn(&str) -> Option<String> {
        move |asked| (asked == name).then(|| value.to_owned())
    }

    #[test]
    fn a_missing_variable_is_named() {
        let find = |_: &str| None;
        let error = Base::from_lookup(Lookup::new(&find)).unwrap_err();
        assert_eq!(error.to_string(), "TABLE_NAME is not set");
    }

    #[test]
    fn a_bad_value_is_named_with_what_is_expected() {
        let find = with("LOOKUP_COUNT", "many");
        let error = limits(Lookup::new(&find)).unwrap_err().to_string();
        assert_eq!(error, r#"LOOKUP_COUNT is "many": a whole number is expected"#);
        let find = with("SOURCE_ORDER", "telnyx,telnyx");
        assert!(source_order(Lookup::new(&find)).is_err());
        let find = with("VAPI_BASE_URL", "vapi.ai");
        assert!(base_url(Lookup::new(&find), "VAPI_BASE_URL", "").is_err());
    }

    #[test]
    fn unset_means_the_documented_default() {
        let find = |_: &str| None;
        assert_eq!(limits(Lookup::new(&find)), Ok(Limits::default()));
        assert_eq!(caps(Lookup::new(&find)), Ok(Caps::default()));
        assert_eq!(source_order(Lookup::new(&find)), Ok(Source::DEFAULT_ORDER.to_vec()));
    }
}
