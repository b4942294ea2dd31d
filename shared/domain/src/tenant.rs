//! Organizations and businesses, as far as provisioning needs them.

use crate::allowance::Warnings;
use crate::ids::OrganizationId;
use crate::ledger::Caps;
use crate::request::NumberType;
use crate::setup::AssistantServer;
use crate::source::Source;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

mod account;
mod business;
mod caps;
mod change;
mod order;

pub use account::{CREDENTIALS_LAND_WITHIN, CredentialKind, SecretChange, TwilioAccount};
pub use business::{ASSISTANTS_MAX, Business, Contact, TooManyAssistants};
pub use caps::OwnCaps;
pub use change::{BeingChanged, Change, Changed, SecretStep, Setting};
pub use order::{PhoneProvider, source_order};

/// What an organization set for itself; `None` means the deployment's default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// The platform's id.
    pub id: OrganizationId,
    /// Its own source order.
    #[serde(default)]
    pub sources: Option<Vec<Source>>,
    /// The provider it would rather have its numbers from, where it set no order of its own.
    #[serde(default)]
    pub phone_provider: Option<PhoneProvider>,
    /// Its own spending caps.
    #[serde(default)]
    pub caps: Option<OwnCaps>,
    /// The kind of line it gets where a request names none.
    #[serde(default)]
    pub number_type: Option<NumberType>,
    /// Its own quarantine, in days; 0 is allowed.
    #[serde(default)]
    pub quarantine_days: Option<u16>,
    /// When it is warned of the free allowance.
    #[serde(default)]
    pub allowance_warnings: Option<Warnings>,
    /// The server that hears of its assistants' calls, in place of ours.
    #[serde(default)]
    pub assistant_server: Option<AssistantServer>,
    /// Its own account at Twilio.
    #[serde(default)]
    pub twilio: Option<TwilioAccount>,
    /// Its credentials are being changed in the secret store, or somebody died while they were.
    #[serde(default)]
    pub secret_change: Option<SecretChange>,
    /// When its settings were changed last; a former version did not say it.
    #[serde(default)]
    pub updated_at: Option<Timestamp>,
}

impl Organization {
    /// An organization that has set nothing.
    #[must_use]
    pub const fn new(id: OrganizationId) -> Self {
        Self {
            id,
            sources: None,
            phone_provider: None,
            caps: None,
            number_type: None,
            quarantine_days: None,
            allowance_warnings: None,
            assistant_server: None,
            twilio: None,
            secret_change: None,
            updated_at: None,
        }
    }

    /// The spending caps that hold for it, given the deployment's.
    #[must_use]
    pub fn caps(&self, deployment: Caps) -> Caps {
        self.caps.map_or(deployment, |own| own.over(deployment))
    }
}

#[cfg(test)]
mod tests;
