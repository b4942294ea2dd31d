//! Organizations and businesses, as far as provisioning needs them.

use crate::ids::{AssistantId, BusinessId, OrganizationId};
use crate::ledger::Caps;
use crate::setup::AssistantServer;
use crate::source::Source;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What an organization set for itself; `None` means the deployment's default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// The platform's id.
    pub id: OrganizationId,
    /// Its own source order.
    #[serde(default)]
    pub sources: Option<Vec<Source>>,
    /// Its own spending caps.
    #[serde(default)]
    pub caps: Option<Caps>,
    /// Its own quarantine, in days; 0 is allowed.
    #[serde(default)]
    pub quarantine_days: Option<u16>,
    /// The server that hears of its assistants' calls, in place of ours.
    #[serde(default)]
    pub assistant_server: Option<AssistantServer>,
}

/// A customer of an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Business {
    /// The platform's id.
    pub id: BusinessId,
    /// The tenant it belongs to.
    pub organization: OrganizationId,
    /// Its name.
    pub name: String,
    /// The assistant whose number is the business's number.
    pub primary: AssistantId,
    /// When it was first seen.
    pub created_at: Timestamp,
}
