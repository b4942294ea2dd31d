//! A change of an organization's settings: what it makes of the row, and what is to be done beside.

use crate::allowance::Warnings;
use crate::ids::TwilioAccountSid;
use crate::request::NumberType;
use crate::setup::AssistantServer;
use crate::source::Source;
use crate::tenant::{Organization, OwnCaps, PhoneProvider, SecretChange, TwilioAccount};
use crate::time::Timestamp;

/// What is to become of one setting.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Setting<T> {
    /// It stays as it is.
    #[default]
    Keeps,
    /// It is as if it had never been set.
    Unset,
    /// It is this.
    Set(T),
}

impl<T> Setting<T> {
    /// Changes what is there; `true` if something was said of it.
    fn apply(self, to: &mut Option<T>) -> bool {
        match self {
            Self::Keeps => return false,
            Self::Unset => *to = None,
            Self::Set(value) => *to = Some(value),
        }
        true
    }
}

/// What somebody wants changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Change {
    /// The source order.
    pub sources: Setting<Vec<Source>>,
    /// The provider that is preferred.
    pub phone_provider: Setting<PhoneProvider>,
    /// All spending caps of its own.
    pub caps: Setting<OwnCaps>,
    /// The kind of line where a request names none.
    pub number_type: Setting<NumberType>,
    /// The quarantine, in days.
    pub quarantine_days: Setting<u16>,
    /// When it is warned of the free allowance.
    pub allowance_warnings: Setting<Warnings>,
    /// The server for its assistants' calls.
    pub assistant_server: Setting<AssistantServer>,
    /// Its account at Twilio, with new credentials.
    pub twilio: Setting<TwilioAccount>,
}

/// What is to be done with the organization's secret once the row is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretStep {
    /// Nothing.
    None,
    /// The new credentials are written.
    Write,
    /// It is emptied.
    Empty,
}

/// What a change makes of an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The row as it becomes.
    pub organization: Organization,
    /// The account that must be this organization's, or nobody's, and becomes its own.
    pub takes: Option<TwilioAccountSid>,
    /// What is to be done with the secret.
    pub secret: SecretStep,
    /// The settings something was said of, by their names in the API.
    pub names: Vec<&'static str>,
}

/// Somebody else may still be writing the organization's credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the credentials are being changed")]
pub struct BeingChanged;

impl Change {
    /// The organization with the change.
    ///
    /// An account that is left stays guarded as its own until its credentials are out of the
    /// secret store: then [`Organization::settled`] names it as free. Whoever writes the
    /// change has made sure that no number of ours is in it.
    ///
    /// # Errors
    /// [`BeingChanged`]: nothing at all is changed while credentials are on their way, so that
    /// those that were sent last are those that stay.
    pub fn of(self, current: Organization, now: Timestamp) -> Result<Changed, BeingChanged> {
        let before = current.secret_change.clone();
        if before.as_ref().is_some_and(|change| change.is_under_way(now)) {
            return Err(BeingChanged);
        }
        let mut new = Organization { updated_at: Some(now), ..current };
        let mut leaves = before.map(|change| change.leaves).unwrap_or_default();
        let left = new.twilio.as_ref().map(|account| account.account_sid.clone());
        let (takes, secret) = match &self.twilio {
            Setting::Keeps => (None, SecretStep::None),
            Setting::Unset if left.is_none() && new.secret_change.is_none() => {
                (None, SecretStep::None)
            }
            Setting::Unset => (None, SecretStep::Empty),
            Setting::Set(account) => (Some(account.account_sid.clone()), SecretStep::Write),
        };
        if secret != SecretStep::None {
            leaves.extend(left);
            leaves.retain(|account| Some(account) != takes.as_ref());
            new.secret_change = Some(SecretChange { since: now, leaves });
        }
        let said = [
            ("source_order", self.sources.apply(&mut new.sources)),
            ("phone_provider", self.phone_provider.apply(&mut new.phone_provider)),
            ("caps", self.caps.apply(&mut new.caps)),
            ("number_type", self.number_type.apply(&mut new.number_type)),
            ("quarantine_days", self.quarantine_days.apply(&mut new.quarantine_days)),
            ("allowance_warnings", self.allowance_warnings.apply(&mut new.allowance_warnings)),
            ("assistant_server", self.assistant_server.apply(&mut new.assistant_server)),
            ("twilio", self.twilio.apply(&mut new.twilio)),
        ];
        let names = said.into_iter().filter_map(|(name, said)| said.then_some(name)).collect();
        Ok(Changed { organization: new, takes, secret, names })
    }
}

impl Organization {
    /// The organization once its secret is written, and the accounts that are nobody's from then
    /// on.
    #[must_use]
    pub fn settled(self) -> (Self, Vec<TwilioAccountSid>) {
        let leaves = self.secret_change.map(|change| change.leaves).unwrap_or_default();
        (Self { secret_change: None, ..self }, leaves.into_iter().collect())
    }
}
