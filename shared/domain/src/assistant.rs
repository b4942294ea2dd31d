//! Assistants: who answers for a business.

use crate::ids::{AssistantId, BusinessId, NumberId, OrganizationId, VapiAssistantId, WorkId};
use crate::phone::E164;
use crate::source::Source;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The language an assistant speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    #[default]
    #[serde(alias = "en")]
    English,
    /// Spanish.
    #[serde(alias = "es")]
    Spanish,
    /// French.
    #[serde(alias = "fr")]
    French,
    /// Whatever the caller speaks.
    #[serde(alias = "multi")]
    Multilingual,
}

/// Characters VAPI allows in the `name` of an assistant.
pub const NAME_LENGTH_MAX: usize = 40;

/// The name of an assistant: the business's name, cut to what VAPI allows.
#[must_use]
pub fn assistant_name(business_name: &str) -> String {
    let clean: String = business_name.chars().filter(|c| !c.is_control()).collect();
    clean.trim().chars().take(NAME_LENGTH_MAX).collect()
}

/// The number an assistant answers on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignedNumber {
    /// Our id of it.
    pub id: NumberId,
    /// Its digits; `None` for a SIP address.
    pub digits: Option<E164>,
    /// Where it came from.
    pub source: Source,
    /// Since when it is the assistant's.
    pub assigned_at: Timestamp,
}

/// An assistant as our table has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assistant {
    /// Our id.
    pub id: AssistantId,
    /// The tenant.
    pub organization: OrganizationId,
    /// The customer it answers for.
    pub business: BusinessId,
    /// Its name.
    pub name: String,
    /// Its language.
    pub language: Language,
    /// VAPI's id, once it exists there.
    pub vapi: Option<VapiAssistantId>,
    /// The number it answers on.
    pub number: Option<AssignedNumber>,
    /// The latest provisioning for it.
    pub work: WorkId,
    /// When it was made.
    pub created_at: Timestamp,
}
