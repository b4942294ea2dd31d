//! Settings of the webhooks.

use crate::not_assigned::NotAssigned;
use runtime::config::{ConfigError, Lookup};
use std::time::Duration;

/// Settings of the webhooks.
#[derive(Debug, Clone)]
pub struct Config {
    /// `NOT_ASSIGNED_TEXT`, `NOT_ASSIGNED_TEXT_SPANISH`, `NOT_ASSIGNED_TEXT_FRENCH`: what a caller
    /// of a number nobody answers hears. Default "This number is not yet assigned.", and the same.
    pub not_assigned: NotAssigned,
    /// `WEBHOOK_TOLERANCE_SECONDS`: how far the time in a signature may be from ours, both ways.
    /// Default 300.
    pub tolerance: Duration,
}

impl Config {
    /// Reads them.
    ///
    /// # Errors
    /// [`ConfigError`] with the name of the variable.
    pub fn from_lookup(lookup: Lookup<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            not_assigned: NotAssigned {
                english: lookup.text("NOT_ASSIGNED_TEXT", "This number is not yet assigned."),
                spanish: lookup
                    .text("NOT_ASSIGNED_TEXT_SPANISH", "Este número aún no está asignado."),
                french: lookup
                    .text("NOT_ASSIGNED_TEXT_FRENCH", "Ce numéro n'est pas encore attribué."),
            },
            tolerance: lookup.seconds("WEBHOOK_TOLERANCE_SECONDS", 300)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::assistant::Language;

    #[test]
    fn unset_means_the_documented_default() {
        let find = |_: &str| None;
        let config = Config::from_lookup(Lookup::new(&find)).unwrap();
        let said = |language| config.not_assigned.text(language).text.to_owned();
        assert_eq!(said(Language::Multilingual), "This number is not yet assigned.");
        assert_eq!(said(Language::Spanish), "Este número aún no está asignado.");
        assert_eq!(said(Language::French), "Ce numéro n'est pas encore attribué.");
        assert_eq!(config.tolerance, Duration::from_secs(300));
    }

    #[test]
    fn a_bad_value_is_named() {
        let find = |_: &str| Some("five minutes".to_owned());
        let error = Config::from_lookup(Lookup::new(&find)).unwrap_err().to_string();
        assert!(error.starts_with("WEBHOOK_TOLERANCE_SECONDS"), "{error}");
    }
}
