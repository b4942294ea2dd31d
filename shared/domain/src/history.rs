//! What happened to a number, or in an organization: who had it, when, and why.

use crate::ids::{AssistantId, BusinessId, NumberId, OrganizationId, WorkId};
use serde::{Deserialize, Serialize};

/// What a line of a history tells beside its time and its event. Nothing of it is a secret, and no
/// line has a whole number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Line {
    /// Which number.
    pub number: Option<NumberId>,
    /// The provisioning by which it happened.
    pub work: Option<WorkId>,
    /// Whose it was.
    pub organization: Option<OrganizationId>,
    /// Whose it was within the organization.
    pub business: Option<BusinessId>,
    /// Who answered, or was to.
    pub assistant: Option<AssistantId>,
    /// The operator who did it, by the issuer's name.
    pub by: Option<String>,
    /// The settings that were changed, by name.
    pub changed: Vec<String>,
}
